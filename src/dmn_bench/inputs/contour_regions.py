"""Closed lines drawn around one structure in one plane, made into one region with its holes.

Programs that draw the contours of a mask mostly draw them through the centres of its outermost pixels, so that a pixel
whose centre lies on a line, of an outer edge or of a hole, belongs to the structure.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

Fill = Callable[[Sequence[tuple[float, float]], int, int], "BoolArray"]
"""The pixels inside of one outline in px, in an image of so many rows and columns."""


def with_holes(regions: Sequence[BoolArray]) -> BoolArray:
    """One region of what several closed lines of a structure enclose: a line within another cuts a hole.

    ``regions``: at least one, all of one shape. A line that lies within an odd number of others is the edge of a hole,
    one within an even number that of an island; lines that only overlap, or are drawn twice, enclose together what each
    encloses. Where lines lie within each other or apart this is the exclusive-or of all.

    >>> ring = np.ones((3, 3), dtype=bool), np.pad(np.ones((1, 1), dtype=bool), 1)
    >>> with_holes(ring).astype(int).tolist()
    [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    """
    sizes = [int(region.sum()) for region in regions]
    largest_first = sorted(range(len(regions)), key=lambda place: -sizes[place])
    found = np.zeros_like(regions[0])
    for rank, place in enumerate(largest_first):
        region = regions[place]
        larger = [regions[other] for other in largest_first[:rank] if sizes[other] > sizes[place]]
        is_hole = sum(bool(other[region].all()) for other in larger) % 2 == 1
        found = found & ~region if is_hole else found | region
    return found


ON_LINE_PX = 1e-3
"""How near to a line a centre counts as on it: contours are written in millimetres with about this precision."""


def region_of_lines(
    outlines: Sequence[Sequence[tuple[float, float]]], rows: int, columns: int, fill: Fill
) -> BoolArray:
    """The pixels of one structure in one plane, [rows, columns]: what ``with_holes`` makes, and the lines themselves.

    ``outlines``: at least one, corners (x, y) in px.

    >>> corners = [(0.5, 0.5), (2.5, 0.5), (2.5, 1.5), (0.5, 1.5)]
    >>> region_of_lines([corners], 3, 4, lambda outline, rows, columns: np.zeros((rows, columns), dtype=bool)).tolist()
    [[True, True, True, False], [True, True, True, False], [False, False, False, False]]
    """
    region = with_holes([fill(outline, rows, columns) for outline in outlines])
    for outline in outlines:
        for start, end in itertools.pairwise((*outline, outline[0])):
            for row, first, last in _under(start, end):
                if 0 <= row < rows:
                    region[row, max(first, 0) : max(last + 1, 0)] = True
    return region


def _under(start: tuple[float, float], end: tuple[float, float]) -> Iterator[tuple[int, int, int]]:
    """The pixels whose centre lies on a stretch of line, as row, first and last column."""
    (x0, y0), (x1, y1) = sorted([(start[0] - 0.5, start[1] - 0.5), (end[0] - 0.5, end[1] - 0.5)], key=lambda at: at[1])
    for row in range(math.ceil(y0 - ON_LINE_PX), math.floor(y1 + ON_LINE_PX) + 1):
        if y1 - y0 < ON_LINE_PX:
            yield row, math.ceil(min(x0, x1) - ON_LINE_PX), math.floor(max(x0, x1) + ON_LINE_PX)
            continue
        x = x0 + min(max((row - y0) / (y1 - y0), 0.0), 1.0) * (x1 - x0)
        yield row, math.ceil(x - ON_LINE_PX), math.floor(x + ON_LINE_PX)  # empty where none is near
