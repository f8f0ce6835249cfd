"""Regions of any shape as stretches of pixels, row by row: areas and overlaps without drawing an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .outlines import crossings

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Mask

_ROW = 1 << 31
"""Distance of one row to the next in the numbering of pixels: the pixel in row r and column c has r · _ROW + c."""

_NONE = np.zeros(0, dtype=np.int64)


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
    return of_masks([mask])[0]


def of_masks(masks: Sequence[Mask]) -> list[Spans]:
    """``of_mask`` of many masks at the price of little more than one."""
    runs = _inside_runs(masks)
    first_row, last_row = runs.starts // runs.columns, (runs.ends - 1) // runs.columns
    rows_touched = last_row - first_row + 1
    run = np.repeat(np.arange(len(rows_touched)), rows_touched)
    nth = np.arange(len(run)) - np.repeat(np.cumsum(rows_touched) - rows_touched, rows_touched)
    row, columns = first_row[run] + nth, runs.columns[run]
    starts = row * _ROW + np.maximum(runs.starts[run] - row * columns, 0)
    ends = row * _ROW + np.minimum(runs.ends[run] - row * columns, columns)
    cuts = np.searchsorted(runs.mask[run], np.arange(len(masks) + 1)).tolist()
    return [Spans(starts[here:there], ends[here:there]) for here, there in pairwise(cuts)]


def shared_pixels(
    ones: Sequence[Spans], others: Sequence[Spans], one: IntArray | Sequence[int], other: IntArray | Sequence[int]
) -> IntArray:
    """Number of pixels that are in both regions of each pair; pairs are places in ``ones`` and ``others``, [p] each.

    >>> wide, tall = of_outline([(0, 0), (3, 0), (3, 2), (0, 2)]), of_outline([(1, 0), (4, 0), (4, 1), (1, 1)])
    >>> shared_pixels([wide], [wide, tall], [0, 0], [0, 1]).tolist()
    [6, 2]
    """
    lengths = np.array([len(region.starts) for region in others], dtype=np.int64)
    first = np.cumsum(lengths) - lengths
    starts, ends = (
        (np.concatenate([_NONE, *sides]) for sides in zip(*others, strict=True)) if others else (_NONE, _NONE)
    )
    if not len(starts) or not len(one):
        return np.zeros(len(one), dtype=np.int64)
    before = np.cumsum(ends - starts) - (ends - starts)
    # a span is found by its region and by the place of its start among all starts
    known = np.sort(starts)
    keys = np.repeat(np.arange(len(others)), lengths) * (len(known) + 1) + np.searchsorted(known, starts, side="right")
    counts = np.array([len(ones[region].starts) for region in one], dtype=np.int64)
    pair = np.repeat(np.arange(len(one)), counts)
    region = np.asarray(other, dtype=np.int64)[pair]

    def pixels_before(numbers: IntArray) -> IntArray:
        """How many pixels of the other region of each pair come before each number."""
        asked = region * (len(known) + 1) + np.searchsorted(known, numbers, side="right")
        at = np.searchsorted(keys, asked, side="right") - 1
        within = np.clip(numbers - starts[at], 0, ends[at] - starts[at])
        return np.where(at < first[region], 0, before[at] + within - before[np.minimum(first[region], len(before) - 1)])

    theirs = [np.concatenate([_NONE, *(ones[region][side] for region in one)]) for side in (0, 1)]
    found = pixels_before(theirs[1]) - pixels_before(theirs[0])
    return np.bincount(pair, weights=found, minlength=len(one)).astype(np.int64)


def boxes_around_masks(masks: Sequence[Mask]) -> FloatArray:
    """Left, top, right and bottom edge of the box around the pixels inside each mask; NaN where none is: [n, 4].

    >>> from dmn_bench.vocabulary import Mask
    >>> boxes_around_masks([Mask(structure="s", rows=2, columns=3, runs=(1, 1, 4))]).tolist()
    [[1.0, 0.0, 2.0, 1.0]]
    """
    runs = _inside_runs(masks)
    (first_row, first), (last_row, last) = (divmod(edge, runs.columns) for edge in (runs.starts, runs.ends - 1))
    over_rows = first_row != last_row
    sides = (
        np.where(over_rows, 0, first),
        first_row,
        -np.where(over_rows, runs.columns, last + 1),
        -(last_row + 1),
    )
    boxes = np.full((len(masks), 4), np.inf)
    for at, side in enumerate(sides):
        np.minimum.at(boxes[:, at], runs.mask, side)
    boxes[:, 2:] *= -1
    boxes[~np.isfinite(boxes[:, 0])] = np.nan
    return boxes


def in_mask(mask: Mask, x: float, y: float) -> bool:
    """Whether the pixel that holds a point is inside; a point between two pixels belongs to the right or lower one."""
    if not (0 <= x < mask.columns and 0 <= y < mask.rows):
        return False
    number = math.floor(y) * mask.columns + math.floor(x)
    # of the edges of runs, those up to the pixel: outside and inside by turns
    return bool(np.searchsorted(np.cumsum(mask.runs), number, side="right") % 2)


class _Runs(NamedTuple):
    """Runs of pixels inside masks, in their order.

    ``starts``, ``ends``: the first pixel and the one after the last, counted through the mask. ``mask``: its place.
    ``columns``: how many the mask has.
    """

    starts: IntArray
    ends: IntArray
    mask: IntArray
    columns: IntArray


def _inside_runs(masks: Sequence[Mask]) -> _Runs:
    lengths = np.array([len(mask.runs) for mask in masks], dtype=np.int64)
    runs = np.fromiter(chain.from_iterable(mask.runs for mask in masks), dtype=np.int64, count=int(lengths.sum()))
    first = np.cumsum(lengths) - lengths
    mask = np.repeat(np.arange(len(masks)), lengths)
    edges = np.cumsum(runs)
    before = np.concatenate(([0], edges))[first]  # pixels of the masks before
    inside = ((np.arange(len(runs)) - first[mask]) % 2 == 1) & (runs > 0)
    of = mask[inside]
    ends = edges[inside] - before[of]
    columns = np.array([mask.columns for mask in masks], dtype=np.int64)
    return _Runs(ends - runs[inside], ends, of, columns[of])
