"""Where the generator of the demonstration sets lies, put on the import path once."""

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETS = ROOT / "reference_sets"
PLUGINS = ROOT / "plugins"
CONFIGS = ROOT / "configs"

if str(SETS) not in sys.path:
    sys.path.insert(0, str(SETS))

with warnings.catch_warnings():  # importing wfdb warns with recent versions of pandas
    warnings.simplefilter("ignore")
    import wfdb  # noqa: F401
