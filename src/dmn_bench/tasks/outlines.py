"""Closed outlines as pixels: the pixels whose centre an outline encloses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray

FARTHEST_PX = 1e9
"""Corners farther out than this are refused: beyond it a crossing is no longer exact to a part of a pixel."""

_CROSSINGS_AT_ONCE = 1 << 20


def filled(outline: Sequence[tuple[float, float]], rows: int, columns: int) -> BoolArray:
    """The pixels of an image of ``rows`` by ``columns`` whose centre lies inside a closed outline: [rows, columns].

    ``outline``: corners (x, y) in px, (0, 0) being the outer top left corner of the first pixel, in either direction,
    the last joined to the first. The centre of the pixel in column c and row r is (c + 0.5, r + 0.5); it is inside by
    the even-odd rule. A centre exactly on an edge belongs to the outline to its right or below it, so that outlines
    which share an edge share no pixel and leave none out. What lies outside of the image is cut off; an outline of
    fewer than three corners encloses nothing.
    Raises ValueError if a corner is not finite or lies more than FARTHEST_PX away.

    >>> filled([(0, 0), (3, 0), (3, 2), (0, 2)], 2, 4).astype(int).tolist()
    [[1, 1, 1, 0], [1, 1, 1, 0]]
    >>> filled([(0.5, 0.5), (2.5, 0.5), (0.5, 2.5)], 3, 3).astype(int).tolist()
    [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    corners = np.array(outline, dtype=np.float64).reshape(-1, 2)
    if not (np.abs(corners) <= FARTHEST_PX).all():
        raise ValueError("the corners of an outline must be finite and near the image")
    # one column more, for crossings to the right of the image; counts wrap at 256, which keeps even and odd
    counts = np.zeros((rows, columns + 1), dtype=np.uint8)
    if len(corners) > 2 and rows > 0 and columns > 0:
        edges = _from_above(corners)
        first, after = (np.clip(row, 0, rows) for row in _rows_of(edges))
        for some in _parts(after - first):
            row, column = _of_edges(edges[some], first[some], after[some])
            np.add.at(counts, (row, np.clip(column, 0, columns)), 1)
    return np.asarray(np.bitwise_xor.accumulate(counts & 1, axis=1)[:, :columns], dtype=np.bool_)


def contains(outline: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a point lies inside an outline by the even-odd rule, or on its edge.

    >>> [contains([(0, 0), (3, 0), (3, 2), (0, 2)], x, 1.0) for x in (-0.1, 0.0, 1.5, 3.0, 3.1)]
    [False, True, True, True, False]
    """
    inside = False
    for (x0, y0), (x1, y1) in zip(outline, (*outline[1:], *outline[:1]), strict=True):
        side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        if side == 0 and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1):
            return True
        if (y0 <= y) != (y1 <= y):
            inside ^= (side > 0) == (y1 > y0)
    return inside


def crossings(corners: FloatArray) -> tuple[IntArray, IntArray]:
    """Where the edges of a closed outline cross the lines through the centres of the rows of an endless image.

    ``corners`` [n, 2]: x and y. Result [k] each: the row, and the first column whose centre is not left of the
    crossing; in any order, an even number in every row.
    """
    edges = _from_above(corners)
    return _of_edges(edges, *_rows_of(edges))


def _from_above(corners: FloatArray) -> FloatArray:
    """Edges [n, 2, 2] as their upper and their lower end, so that outlines see a shared edge at the same places."""
    ends = np.stack((corners, np.roll(corners, -1, axis=0)), axis=1)
    downwards = ends[:, 0, 1] <= ends[:, 1, 1]
    return np.where(downwards[:, None, None], ends, ends[:, ::-1])


def _rows_of(edges: FloatArray) -> tuple[IntArray, IntArray]:
    """The first row whose centre each edge crosses, and the one after the last."""
    first, after = np.ceil(edges[:, :, 1] - 0.5).astype(np.int64).T
    return first, after


def _of_edges(edges: FloatArray, first: IntArray, after: IntArray) -> tuple[IntArray, IntArray]:
    counts = after - first
    edge = np.repeat(np.arange(len(edges)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    upper, lower = edges[edge, 0], edges[edge, 1]
    share = (row + 0.5 - upper[:, 1]) / (lower[:, 1] - upper[:, 1])
    x = upper[:, 0] + share * (lower[:, 0] - upper[:, 0])
    return row, np.ceil(x - 0.5).astype(np.int64)


def _parts(counts: IntArray) -> Iterator[slice]:
    """Stretches of edges with no more crossings than fit in memory at once."""
    before = np.cumsum(counts) - counts
    cuts = np.searchsorted(before, np.arange(0, int(counts.sum()) + 1, _CROSSINGS_AT_ONCE)).tolist()
    for start, stop in zip(cuts, (*cuts[1:], len(counts)), strict=True):
        if stop > start:
            yield slice(start, stop)
