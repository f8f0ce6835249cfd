"""How much surface lies between the voxels of a 2×2 or 2×2×2 neighbourhood: lengths and areas by its pattern.

The surface is that of marching cubes (Lorensen & Cline 1987, Computer Graphics 21:163): it cuts each edge between the
centre of a voxel inside and one outside in the middle. Corners that touch over an edge of the neighbourhood have one
piece of surface in common, corners that only touch across a diagonal have one each; where more corners are inside than
outside, the corners outside are taken instead, so that a region and its complement have the same surface. A piece with
more than three corners is cut into triangles so that their areas are largest in cubic voxels, whatever the spacing:
this gives the areas of Nikolov et al. 2021 (JMIR 23:e26151), whose surface elements are the ones in use.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

Corner = tuple[int, ...]  # 0 or 1 along each axis
Cut = tuple[Corner, Corner]  # the edge between a corner inside and one outside, the lesser corner first
Triangle = tuple[int, int, int]

FULL_2D, FULL_3D = 15, 255
"""Codes of neighbourhoods that are wholly inside; wholly outside is 0."""


def weight(corner: Corner) -> int:
    """What a corner inside adds to the code of its neighbourhood; the corner at the origin adds most.

    >>> weight((0, 0, 0)), weight((0, 0, 1)), weight((1, 1, 1)), weight((0, 1))
    (128, 64, 1, 4)
    """
    place = sum(bit << at for at, bit in enumerate(reversed(corner)))
    return 1 << ((1 << len(corner)) - 1 - place)


def element_sizes(spacing: Sequence[float]) -> FloatArray:
    """Length [16] or area [256] of the surface in a neighbourhood, by its code, for spacings along two or three axes.

    Raises ValueError unless there are two or three spacings, all above 0 and finite.

    >>> element_sizes((2.0, 1.0))[[0, 1, 3, 6]].round(3).tolist()  # none, a corner, a side along axis 1, two corners
    [0.0, 1.118, 1.0, 2.236]
    >>> element_sizes((1.0, 1.0, 1.0))[[1, 15]].round(3).tolist()  # a corner, half of the neighbourhood
    [0.217, 1.0]
    """
    sides = np.asarray(spacing, dtype=np.float64)
    if sides.shape not in ((2,), (3,)) or not bool((np.isfinite(sides) & (sides > 0)).all()):
        raise ValueError(f"two or three spacings above 0 are needed, not {spacing}")
    # What lies along axis 0 in a plane is as long as the spacing there; a surface across it has the other two spacings.
    scales = sides if len(sides) == 2 else sides.prod() / sides
    code, vectors = _elements(len(sides))
    sizes = np.bincount(code, weights=np.sqrt(((vectors * scales) ** 2).sum(axis=1)), minlength=1 << (1 << len(sides)))
    return np.asarray(sizes, dtype=np.float64)


@cache
def _elements(n_axes: int) -> tuple[IntArray, FloatArray]:
    """Code and vector of every flat element: of a line its run along each axis, of a triangle its area across each."""
    codes, vectors = [], []
    for inside in _patterns(n_axes):
        code = sum(weight(corner) for corner in inside)
        for vector in _pattern_vectors(inside, n_axes):
            codes.append(code)
            vectors.append(vector)
    return np.array(codes, dtype=np.int64), np.array(vectors)


def _patterns(n_axes: int) -> Iterator[frozenset[Corner]]:
    corners = list(itertools.product((0, 1), repeat=n_axes))
    for n in range(1, len(corners)):
        yield from (frozenset(chosen) for chosen in itertools.combinations(corners, n))


def _pattern_vectors(inside: frozenset[Corner], n_axes: int) -> Iterator[FloatArray]:
    corners = frozenset(itertools.product((0, 1), repeat=n_axes))
    fewer = inside if 2 * len(inside) <= len(corners) else corners - inside
    for part in _touching(fewer):
        if n_axes == 2:
            first, second = (_middle(cut) for cut in sorted(_cuts(part)))
            yield np.abs(second - first)
        else:
            yield from _largest_triangles([_middle(cut) for cut in _outline(part)])


def _touching(corners: frozenset[Corner]) -> Iterator[frozenset[Corner]]:
    """The corners in groups that hold together over edges."""
    left = set(corners)
    while left:
        group, new = set[Corner](), {left.pop()}
        while new:
            group |= new
            new = {other for corner in new for other in _beside(corner)} & left
            left -= new
        yield frozenset(group)


def _beside(corner: Corner) -> list[Corner]:
    return [tuple(bit ^ (at == axis) for at, bit in enumerate(corner)) for axis in range(len(corner))]


def _cuts(part: frozenset[Corner]) -> set[Cut]:
    return {_cut(corner, other) for corner in part for other in _beside(corner) if other not in part}


def _cut(one: Corner, other: Corner) -> Cut:
    return (one, other) if one < other else (other, one)


def _middle(cut: Cut) -> FloatArray:
    middle: FloatArray = np.array(cut, dtype=np.float64).mean(axis=0)
    return middle


def _outline(part: frozenset[Corner]) -> list[Cut]:
    """The cuts round a group of corners, in the order in which its surface joins them across the six faces."""
    joined: dict[Cut, list[Cut]] = {cut: [] for cut in _cuts(part)}
    for axis, side in itertools.product(range(3), (0, 1)):
        one, two = (at for at in range(3) if at != axis)
        ring = []
        for first, second in ((0, 0), (0, 1), (1, 1), (1, 0)):
            place = {axis: side, one: first, two: second}
            ring.append((place[0], place[1], place[2]))
        for begin, end in _lines_on(ring, part):
            joined[begin].append(end)
            joined[end].append(begin)
    outline = [min(joined)]
    while len(outline) < len(joined):
        outline.append(next(cut for cut in joined[outline[-1]] if cut not in outline))
    return outline


def _lines_on(ring: Sequence[Corner], part: frozenset[Corner]) -> list[tuple[Cut, Cut]]:
    """Where the surface crosses a face: a line cuts off each run of corners inside, of one corner or two."""
    runs = []
    for at, corner in enumerate(ring):
        before, after, last = ring[at - 1], ring[(at + 1) % 4], ring[(at + 2) % 4]
        if corner in part and before not in part:
            if after not in part:
                runs.append((_cut(before, corner), _cut(corner, after)))
            elif last not in part:
                runs.append((_cut(before, corner), _cut(after, last)))
            else:  # three corners: the fourth alone is cut off
                runs.append((_cut(before, corner), _cut(last, before)))
    return runs


def _largest_triangles(points: Sequence[FloatArray]) -> list[FloatArray]:
    """The area vectors of the triangles of a closed outline, cut so that they are largest."""

    def vectors(triangles: Sequence[Triangle]) -> list[FloatArray]:
        return [np.abs(np.cross(points[b] - points[a], points[c] - points[a])) / 2 for a, b, c in triangles]

    def total(triangles: Sequence[Triangle]) -> float:
        return float(sum(np.linalg.norm(vector) for vector in vectors(triangles)))

    return vectors(max(_triangulations(tuple(range(len(points)))), key=total))


def _triangulations(corners: tuple[int, ...]) -> Iterator[list[Triangle]]:
    if len(corners) < 3:
        yield []
        return
    first, last = corners[0], corners[-1]
    for at in range(1, len(corners) - 1):
        for left in _triangulations(corners[: at + 1]):
            for right in _triangulations(corners[at:]):
                yield [(first, corners[at], last), *left, *right]
