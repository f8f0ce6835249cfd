"""Closed outlines as numbers: the area of one, the box around it, whether it encloses anything."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

Outline = tuple[tuple[float, float], ...]
"""Corners (x, y), the last joined to the first."""


def area(outline: Sequence[tuple[float, float]]) -> float:
    """The area that a closed polygon encloses, in px², in whichever direction it runs; 0.0 of no corners.

    Reference: the shoelace formula. A polygon that crosses itself counts parts run round the other way as negative.

    >>> area(((0, 0), (4, 0), (4, 3))), area([(0, 0), (0, 2), (3, 2), (3, 0)])
    (6.0, 6.0)
    """
    pairs = itertools.pairwise((*outline, outline[0])) if outline else ()
    return abs(math.fsum(x * v - u * y for (x, y), (u, v) in pairs)) / 2


def box_around(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """x, y, width and height of the box around points, of which there is at least one.

    >>> box_around([(1.0, 2.0), (4.0, 2.5), (2.0, 8.0)])
    (1.0, 2.0, 3.0, 6.0)
    """
    x, y = [point[0] for point in points], [point[1] for point in points]
    return min(x), min(y), max(x) - min(x), max(y) - min(y)


def encloses(outline: Outline) -> bool:
    """Whether a closed line encloses anything: at least three points that do not lie on one straight line.

    >>> encloses(((0, 0), (4, 0), (4, 3))), encloses(((0, 0), (1, 1), (5, 5))), encloses(((2, 2), (2, 2), (2, 2)))
    (True, False, False)
    """
    if len(outline) < 3:
        return False
    x, y = outline[0]
    u, v = max(outline, key=lambda point: math.dist(point, outline[0]))
    return any((u - x) * (q - y) != (v - y) * (p - x) for p, q in outline)
