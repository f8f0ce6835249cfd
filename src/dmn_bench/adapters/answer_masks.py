"""Masks as runs of pixels: small enough to be kept with an answer, and exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, Mask


def runs_of(inside: BoolArray) -> tuple[int, ...]:
    """Lengths of the runs outside and inside by turns, row by row, the first outside; see ``Mask``.

    ``inside``: [rows, columns]. ``array_of`` gives it back.

    >>> runs_of(np.array([[False, True], [True, False]]))
    (1, 2, 1)
    >>> runs_of(np.array([[True, True]]))
    (0, 2)
    """
    flat = np.concatenate(([False], np.asarray(inside, dtype=bool).ravel()))
    starts = np.flatnonzero(flat[1:] != flat[:-1])
    return tuple(int(n) for n in np.diff(np.concatenate(([0], starts, [flat.size - 1]))))


def array_of(mask: Mask) -> BoolArray:
    """The pixels of a mask, [rows, columns]. Raises ValueError if its runs do not add up to its size.

    >>> from dmn_bench.vocabulary import Mask
    >>> array_of(Mask(structure="heart", rows=2, columns=2, runs=(1, 2, 1))).astype(int).tolist()
    [[0, 1], [1, 0]]
    """
    if sum(mask.runs) != mask.rows * mask.columns:
        raise ValueError(f"runs of {sum(mask.runs)} pixels for {mask.rows} rows of {mask.columns}")
    is_inside = np.arange(len(mask.runs)) % 2 == 1
    return np.repeat(is_inside, mask.runs).reshape(mask.rows, mask.columns)
