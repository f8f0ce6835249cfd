"""Regions of any shape as stretches of pixels, row by row: areas and overlaps without drawing an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .outlines import crossings

if TYPE_CHECKING:
    from ..vocabulary import IntArray, Mask

_ROW = 1 << 31
"""Distance of one row to the next in the numbering of pixels: the pixel in row r and column c has r · _ROW + c."""


class Spans(NamedTuple):
    """A region as stretches of pixels in the order of their numbers; no two of them touch the same pixel.

    ``starts``, ``ends``: [n], the first pixel of a stretch and the one after its last.
    """

    starts: IntArray
    ends: IntArray

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int((self.ends - self.starts).sum())


def of_outline(outline: Sequence[tuple[float, float]]) -> Spans:
    """The pixels whose centre lies inside a closed outline, as ``outlines.filled`` has them, on an endless image.

    >>> of_outline([(0, 0), (3, 0), (3, 2), (0, 2)]).area
    6
    """
    row, column = crossings(np.array(outline, dtype=np.float64).reshape(-1, 2))
    numbers = np.sort(row * _ROW + column)
    starts, ends = numbers[::2], numbers[1::2]
    filled = ends > starts
    return Spans(starts[filled], ends[filled])


def of_circle(x: float, y: float, radius: float) -> Spans:
    """The pixels whose centre is at most ``radius`` px from a point.

    >>> of_circle(1.5, 1.5, 1.0).area
    5
    """
    rows = np.arange(math.ceil(y - radius - 0.5), math.floor(y + radius - 0.5) + 1)
    half = np.sqrt(np.maximum(radius**2 - (rows + 0.5 - y) ** 2, 0.0))
    first = np.ceil(x - half - 0.5).astype(np.int64)
    after = np.floor(x + half - 0.5).astype(np.int64) + 1
    filled = after > first
    return Spans(*(rows[filled] * _ROW + columns[filled] for columns in (first, after)))


def of_mask(mask: Mask) -> Spans:
    """The pixels inside a mask.

    >>> from dmn_bench.vocabulary import Mask
    >>> of_mask(Mask(structure="s", rows=2, columns=3, runs=(1, 3, 2))).area
    3
    """
    starts, ends = _inside_runs(mask)
    rows_touched = (ends - 1) // mask.columns - starts // mask.columns + 1
    run = np.repeat(np.arange(len(starts)), rows_touched)
    nth = np.arange(len(run)) - np.repeat(np.cumsum(rows_touched) - rows_touched, rows_touched)
    row = starts[run] // mask.columns + nth
    first = np.maximum(starts[run] - row * mask.columns, 0)
    after = np.minimum(ends[run] - row * mask.columns, mask.columns)
    return Spans(row * _ROW + first, row * _ROW + after)


def shared_pixels(one: Spans, other: Spans) -> int:
    """Number of pixels that are in both regions.

    >>> shared_pixels(of_outline([(0, 0), (3, 0), (3, 2), (0, 2)]), of_outline([(1, 0), (4, 0), (4, 1), (1, 1)]))
    2
    """
    if not len(one.starts) or not len(other.starts):
        return 0
    return int((_pixels_before(one, other.ends) - _pixels_before(one, other.starts)).sum())


def box_around_mask(mask: Mask) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom edge of the box around the pixels inside; None where none is inside."""
    starts, ends = _inside_runs(mask)
    if not len(starts):
        return None
    last = ends - 1
    over_rows = starts // mask.columns != last // mask.columns
    left = np.where(over_rows, 0, starts % mask.columns).min()
    right = np.where(over_rows, mask.columns - 1, last % mask.columns).max()
    return float(left), float(starts[0] // mask.columns), float(right + 1), float(last[-1] // mask.columns + 1)


def in_mask(mask: Mask, x: float, y: float) -> bool:
    """Whether the pixel that holds a point is inside; a point between two pixels belongs to the right or lower one."""
    if not (0 <= x < mask.columns and 0 <= y < mask.rows):
        return False
    number = math.floor(y) * mask.columns + math.floor(x)
    # of the edges of runs, those up to the pixel: outside and inside by turns
    return bool(np.searchsorted(np.cumsum(mask.runs), number, side="right") % 2)


def _inside_runs(mask: Mask) -> tuple[IntArray, IntArray]:
    edges = np.cumsum(np.asarray(mask.runs, dtype=np.int64))
    starts, ends = edges[0:-1:2], edges[1::2]
    filled = ends > starts
    return starts[filled], ends[filled]


def _pixels_before(region: Spans, numbers: IntArray) -> IntArray:
    """How many pixels of a region come before each number."""
    lengths = region.ends - region.starts
    before = np.cumsum(lengths) - lengths
    at = np.searchsorted(region.starts, numbers, side="right") - 1
    within = np.clip(numbers - region.starts[at], 0, lengths[at])
    return np.where(at < 0, 0, before[at] + within)
