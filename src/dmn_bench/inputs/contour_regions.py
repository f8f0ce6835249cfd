"""Closed lines drawn around one structure in one plane, made into one region with its holes.

Programs that draw the contours of a mask mostly draw them through the centres of its outermost pixels, so that a pixel
whose centre lies on a line, of an outer edge or of a hole, belongs to the structure.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .voxel_grids import refused

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray

Outline = Sequence[tuple[float, float]]
"""Corners (x, y) in px, (0, 0) the outer corner of the first pixel."""

Fill = Callable[[Outline, int, int], "BoolArray"]
"""The pixels inside of one outline in px, in an image of so many rows and columns."""

MOST_LINES = 10_000
"""Closed lines of one structure in one plane."""

MOST_STEPS = 2
"""Pixels that the lines of a structure pass in one plane, for each of its pixels: even a chequerboard has no more."""

MOST_COVERED = 32
"""Times that the boxes around the lines of a structure may cover its plane."""

FEW = 1 << 20
"""Pixels allowed beyond these, since small planes are quickly done."""

ON_LINE_PX = 1e-3
"""How near to a line a centre counts as on it: contours are written in millimetres with about this precision."""

_STEPS_AT_ONCE = 1 << 20


class Piece(NamedTuple):
    """What one line encloses: the pixels of its box, and where that begins."""

    top: int
    left: int
    inside: BoolArray

    @property
    def box(self) -> tuple[slice, slice]:
        """Its rows and columns of the plane."""
        rows, columns = self.inside.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)


def with_holes(pieces: Sequence[Piece], rows: int, columns: int) -> BoolArray:
    """One region [rows, columns] of what closed lines of a structure enclose: a line within another cuts a hole.

    The level of a line is 0, or one more than the least level that larger lines have all over it: a line of an odd
    level is the edge of a hole, one of an even level that of an island. Lines that only overlap, or are drawn twice,
    are of one level and enclose together what each encloses. Where lines lie within each other or apart this is the
    exclusive-or of all.

    >>> ring = Piece(0, 0, np.ones((3, 3), dtype=bool)), Piece(1, 1, np.ones((1, 1), dtype=bool))
    >>> with_holes(ring, 3, 3).astype(int).tolist()
    [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    """
    found = np.zeros((rows, columns), dtype=np.bool_)
    levels = np.full((rows, columns), -1, dtype=np.int16)  # the highest of the lines around a pixel
    sized = [(int(piece.inside.sum()), piece) for piece in pieces]
    largest_first = sorted((each for each in sized if each[0]), key=lambda each: -each[0])
    for _, alike in itertools.groupby(largest_first, key=lambda each: each[0]):
        same = [piece for _, piece in alike]  # none of these lies within another
        drawn = [(piece, int(levels[piece.box][piece.inside].min()) + 1) for piece in same]
        for piece, level in drawn:
            np.maximum(levels[piece.box], level, out=levels[piece.box], where=piece.inside)
            found[piece.box][piece.inside] = level % 2 == 0
    return found


def enclosed(outlines: Sequence[Outline], rows: int, columns: int, fill: Fill, where: Path | str) -> BoolArray:
    """The pixels of one structure in one plane, [rows, columns]: what ``with_holes`` makes of its lines.

    Raises InputFileError about ``where`` if there are more or longer lines than any structure has.
    """
    _check(outlines, rows, columns, where)
    pieces = [_piece(outline, rows, columns, fill) for outline in outlines]
    return with_holes(pieces, rows, columns)


def region_of_lines(outlines: Sequence[Outline], rows: int, columns: int, fill: Fill, where: Path | str) -> BoolArray:
    """The pixels of one structure in one plane, [rows, columns]: what its lines enclose, and the lines themselves.

    Raises InputFileError as ``enclosed`` does.

    >>> corners = [(0.5, 0.5), (2.5, 0.5), (2.5, 1.5), (0.5, 1.5)]
    >>> nothing = lambda outline, rows, columns: np.zeros((rows, columns), dtype=bool)
    >>> region_of_lines([corners], 3, 4, nothing, "").tolist()
    [[True, True, True, False], [True, True, True, False], [False, False, False, False]]
    """
    region = enclosed(outlines, rows, columns, fill, where)
    for edges in _parts(outlines):
        row, first, last = _under(edges)
        is_seen = (row >= 0) & (row < rows)
        row, first, last = row[is_seen], np.maximum(first[is_seen], 0), np.minimum(last[is_seen], columns - 1)
        at, column = _counted(np.maximum(last - first + 1, 0))
        region[row[at], first[at] + column] = True
    return region


def _check(outlines: Sequence[Outline], rows: int, columns: int, where: Path | str) -> None:
    """Raises InputFileError if the work of filling these lines is not bounded by the size of their plane."""
    if len(outlines) > MOST_LINES:
        raise refused(where, "too_many_lines", found=len(outlines), most=MOST_LINES)
    steps, covered = 0.0, 0
    for outline in outlines:
        corners = np.array(outline, dtype=np.float64).reshape(-1, 2)
        steps += len(corners) + float(np.abs(corners - np.roll(corners, -1, axis=0)).sum())
        top, left, bottom, right = _box(corners, rows, columns)
        covered += (bottom - top) * (right - left)
    for found, times in ((steps, MOST_STEPS), (covered, MOST_COVERED)):
        if not found <= times * rows * columns + FEW:
            raise refused(where, "lines_too_long", found=f"{found:.3g}", most=f"{times * rows * columns + FEW:.3g}")


def _piece(outline: Outline, rows: int, columns: int, fill: Fill) -> Piece:
    """What a line encloses, in its box.

    Its place is moved by whole pixels and only down its columns, which no number is rounded by: lines that share an
    edge still share no pixel.
    """
    top, left, bottom, right = _box(np.array(outline, dtype=np.float64).reshape(-1, 2), rows, columns)
    filled = fill([(x, y - top) for x, y in outline], bottom - top, right)
    return Piece(top, left, np.ascontiguousarray(filled[:, left:]))


def _box(corners: FloatArray, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of the pixels of a plane that a line may enclose."""
    if not len(corners):
        return 0, 0, 0, 0
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    top, left = (min(max(math.floor(low), 0), most) for low, most in ((y0, rows), (x0, columns)))
    return top, left, max(min(math.ceil(y1), rows), top), max(min(math.ceil(x1), columns), left)


def _parts(outlines: Sequence[Outline]) -> Iterator[FloatArray]:
    """The edges of all lines, [n, 2, 2], their upper end first: as many at once as pass a number of pixels."""
    closed = [np.array(outline, dtype=np.float64).reshape(-1, 2) for outline in outlines]
    edges = np.concatenate([np.stack((corners, np.roll(corners, -1, axis=0)), axis=1) for corners in closed])
    edges = np.where((edges[:, 0, 1] <= edges[:, 1, 1])[:, None, None], edges, edges[:, ::-1])
    before = np.cumsum(np.abs(edges[:, 1] - edges[:, 0]).sum(axis=1) + 1)
    yield from (part for part in np.split(edges, np.flatnonzero(np.diff(before // _STEPS_AT_ONCE)) + 1) if len(part))


def _under(edges: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """The pixels whose centre lies on edges: row, first and last column; the last before the first where none is."""
    (x0, y0), (x1, y1) = (edges[:, 0] - 0.5).T, (edges[:, 1] - 0.5).T
    top = np.ceil(y0 - ON_LINE_PX).astype(np.int64)
    at, row = _counted(np.floor(y1 + ON_LINE_PX).astype(np.int64) - top + 1)
    row = row + top[at]
    high = (y1 - y0)[at]
    is_flat = high < ON_LINE_PX
    share = np.clip((row - y0[at]) / np.where(is_flat, 1.0, high), 0.0, 1.0)
    x = x0[at] + share * (x1 - x0)[at]
    low, far = (np.where(is_flat, end(x0, x1)[at], x) for end in (np.minimum, np.maximum))
    return row, np.ceil(low - ON_LINE_PX).astype(np.int64), np.floor(far + ON_LINE_PX).astype(np.int64)


def _counted(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For counts 2, 0, 3: whose each one is, 0 0 2 2 2, and its number there, 0 1 0 1 2."""
    counts = np.maximum(counts, 0)
    whose = np.repeat(np.arange(len(counts)), counts)
    return whose, np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
