"""Shapes of marks, whatever file they come from: boxes around them, limits, and ellipses as outlines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..polygons import Outline

OUTSIDE_PX = 1.0  # a mark may reach this far over the edge of its image
MAX_OUTLINE = 10_000  # points of one outline
ELLIPSE_CORNERS = 180


def is_upright_box(outline: Sequence[Sequence[float]]) -> bool:
    """Whether an outline is the four corners of a box that stands upright, in the order of walking round it.

    >>> is_upright_box([(0, 0), (4, 0), (4, 3), (0, 3)]), is_upright_box([(0, 0), (4, 3), (4, 0), (0, 3)])
    (True, False)
    """
    if len(outline) != 4 or len({point[0] for point in outline}) != 2 or len({point[1] for point in outline}) != 2:
        return False
    return all((a[0] == b[0]) != (a[1] == b[1]) for a, b in zip(outline, [*outline[1:], outline[0]], strict=True))


def ellipse_outline(ends: Sequence[Sequence[float]]) -> Outline:
    """An ellipse as a polygon of 180 corners on it; ``ends``: of its one axis, then of the other, in px.

    The polygon misses 0.02 % of the ellipse's area.

    >>> corners = ellipse_outline([(0.0, 5.0), (20.0, 5.0), (10.0, 0.0), (10.0, 10.0)])
    >>> corners[0], [round(number, 9) for number in corners[45]]
    ((20.0, 5.0), [10.0, 10.0])
    """
    x, y = (sum(end[axis] for end in ends) / 4 for axis in (0, 1))
    a, b = (
        [(ends[last][axis] - ends[last - 1][axis]) / 2 for axis in (0, 1)] for last in (1, 3)
    )  # half axes as vectors
    turns = [2 * math.pi * corner / ELLIPSE_CORNERS for corner in range(ELLIPSE_CORNERS)]
    return tuple(
        (x + a[0] * math.cos(turn) + b[0] * math.sin(turn), y + a[1] * math.cos(turn) + b[1] * math.sin(turn))
        for turn in turns
    )
