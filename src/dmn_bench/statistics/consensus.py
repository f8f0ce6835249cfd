"""Regions that several readers drew, made into one by counting votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray


def at_least(stack: BoolArray, k: int) -> BoolArray:
    """What ``k`` readers or more have inside: ``stack`` [readers, …] -> […].

    k = 1 is the union, k = the number of readers the intersection; of fewer than k readers nothing is inside.
    Raises ValueError unless k >= 1 and there is a reader.

    >>> at_least(np.array([[True, True, False], [False, True, False], [False, True, True]]), 2).tolist()
    [False, True, False]
    """
    if k < 1 or stack.ndim < 1 or not len(stack):
        raise ValueError(f"needs k >= 1 and a reader, not k = {k} of {stack.shape}")
    inside: BoolArray = np.count_nonzero(stack, axis=0) >= k
    return inside
