"""Closed outlines as numbers: the area of one, the box around it, whether it encloses anything."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence

Outline = tuple[tuple[float, float], ...]
"""Corners (x, y), the last joined to the first."""


def area(outline: Sequence[tuple[float, float]]) -> float:
    """The area of what a closed outline encloses by the even-odd rule, as ``filled`` fills it, in px².

    In whichever direction it or its parts run: parts joined by a line to and fro, loops of one that crosses itself.
    Reference: of an outline that does not cross itself the shoelace formula; else the width inside, between the heights
    of all corners summed over trapezoids.

    >>> area(((0, 0), (4, 0), (4, 3))), area([(0, 0), (0, 2), (3, 2), (3, 0)]), area([(0, 0), (2, 2), (2, 0), (0, 2)])
    (6.0, 6.0, 2.0)
    """
    if len(outline) < 3:
        return 0.0
    shoelace = abs(math.fsum(x * v - u * y for (x, y), (u, v) in itertools.pairwise((*outline, outline[0])))) / 2
    if len(outline) == 3:
        return shoelace
    inside = _even_odd(outline)
    return shoelace if math.isclose(shoelace, inside, rel_tol=1e-9) else inside


def _even_odd(outline: Sequence[tuple[float, float]]) -> float:
    """The area by the even-odd rule, of slabs between the heights of neighbouring corners."""
    left, top = outline[0]
    corners = [(y - top, x - left) for x, y in outline]  # near 0, where numbers are finest
    edges = sorted((min(pair), max(pair)) for pair in itertools.pairwise((*corners, corners[0])) if pair[0] != pair[1])
    heights = sorted({y for y, _ in corners})
    slabs: list[float] = []
    active: list[tuple[tuple[float, float], tuple[float, float]]] = []
    started = 0
    for above, below in itertools.pairwise(heights):
        active = [edge for edge in active if edge[1][0] > above]
        while started < len(edges) and edges[started][0][0] <= above:
            if edges[started][1][0] > above:  # not a level one
                active.append(edges[started])
            started += 1
        slabs.append((below - above) * _width([(_at(edge, above), _at(edge, below)) for edge in active]))
    return math.fsum(slabs)


def _at(edge: tuple[tuple[float, float], tuple[float, float]], height: float) -> float:
    """Where an edge (upper, lower end as height and place) is at a height; at an end exactly there."""
    (upper, x), (lower, u) = edge
    return u if height == lower else x + (u - x) * ((height - upper) / (lower - upper))


def _width(edges: Sequence[tuple[float, float]]) -> float:
    """The mean width inside of a slab, which each edge crosses from its upper place to its lower one.

    From the left every other edge is where the inside begins. Two that cross exchange their ranks there.
    """
    crossed: list[list[float]] = [[] for _ in edges]  # shares of the height at which an edge crosses another
    ordered = sorted(edges)
    below: list[tuple[float, int]] = []  # of the edges so far
    for rank, (x, u) in enumerate(ordered):
        at = bisect.bisect_right(below, (u, rank))
        for other_u, other in below[at:]:
            apart = x - ordered[other][0]
            share = apart / (apart + (other_u - u))
            crossed[rank].append(share)
            crossed[other].append(share)
        below.insert(at, (u, rank))
    parts: list[float] = []
    for rank, (x, u) in enumerate(ordered):
        sign = 1 if rank % 2 else -1
        for start, end in itertools.pairwise((0.0, *sorted(crossed[rank]), 1.0)):
            parts.append(sign * (end - start) * (x + (u - x) * (start + end) / 2))
            sign = -sign
    return math.fsum(parts)


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
