"""Puts the generator of the demonstration sets on the import path."""

import sys
import warnings

from .places import SETS

if str(SETS) not in sys.path:
    sys.path.insert(0, str(SETS))

with warnings.catch_warnings():  # importing wfdb warns with recent versions of pandas
    warnings.simplefilter("ignore")
    import wfdb  # noqa: F401
