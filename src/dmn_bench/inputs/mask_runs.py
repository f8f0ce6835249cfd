"""Pixels as runs outside and inside by turns, row by row: small enough to be kept, and exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..vocabulary import Mask

if TYPE_CHECKING:
    from ..vocabulary import BoolArray


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


def box_of_mask(mask: Mask) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around the pixels inside, of which there is at least one.

    >>> from dmn_bench.vocabulary import Mask
    >>> box_of_mask(Mask(structure="heart", rows=3, columns=4, runs=(5, 2, 5)))
    (1.0, 1.0, 2.0, 1.0)
    """
    return box_of_runs(mask.columns, mask.runs)


def box_of_runs(columns: int, runs: Sequence[int]) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around the pixels inside, without laying out the pixels."""
    ends = np.cumsum(np.asarray(runs, dtype=np.int64))
    first, last = ends[0::2][: len(runs) // 2], ends[1::2] - 1  # of each run inside, as places row by row
    top, bottom = int(first[0]) // columns, int(last[-1]) // columns
    wraps = first // columns != last // columns
    left = 0 if wraps.any() else int((first % columns).min())
    right = columns - 1 if wraps.any() else int((last % columns).max())
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)
