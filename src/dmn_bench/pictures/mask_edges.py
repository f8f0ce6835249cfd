"""The edges of a mask as closed lines between its pixels, its holes too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

Corner = tuple[float, float]
EDGES_AT_MOST = 12_000  # of pixels; a mask with more is drawn coarser


def edges(mask: BoolArray) -> list[tuple[Corner, ...]]:
    """The corners (x, y) of each closed line between inside and outside, in px; [] of an empty mask.

    ``mask``: [rows, columns]; its outer edge counts as an edge. The inside lies to the right of a line that is
    followed, so that holes run the other way round. Pixels that touch at a corner alone are apart. A mask with very
    many edges is first made coarser: a block of pixels is inside where one of them is.

    >>> edges(np.array([[False, True], [False, True]]))
    [((1.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 2.0))]
    """
    step = 1
    coarse = mask
    while _count(coarse) > EDGES_AT_MOST:
        step *= 2
        rows, columns = (-size % step for size in mask.shape)
        padded = np.pad(mask, ((0, rows), (0, columns)))
        coarse = np.asarray(padded.reshape(padded.shape[0] // step, step, -1, step).any(axis=(1, 3)))
    high, wide = mask.shape
    return [tuple((min(x * step, float(wide)), min(y * step, float(high))) for x, y in line) for line in _lines(coarse)]


def _count(mask: BoolArray) -> int:
    padded = np.pad(mask, 1)
    return int((padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum())


Way = tuple[int, int]


def _lines(mask: BoolArray) -> Iterator[tuple[Corner, ...]]:
    onwards: dict[Way, list[Way]] = defaultdict(list)
    for begin, end in _steps(mask):
        onwards[begin].append(end)
    while any(onwards.values()):
        first = next(at for at, ways in onwards.items() if ways)
        line = [first, onwards[first].pop(0)]
        while (following := _next(onwards, line)) is not None:
            onwards[line[-1]].remove(following)
            line.append(following)
        for at in set(line):
            if not onwards[at]:
                del onwards[at]
        yield _without_straights(line[:-1])


def _next(onwards: Mapping[Way, Sequence[Way]], line: Sequence[Way]) -> Way | None:
    """The next corner; None where the line is closed.

    Where two ways lead on, the one that turns right: pixels that touch at a corner stay apart.
    """
    (before, at), ways = line[-2:], onwards[line[-1]]
    right = (at[0] - (at[1] - before[1]), at[1] + (at[0] - before[0]))
    if right in ways:
        return right
    return None if at == line[0] else ways[0]


def _steps(mask: BoolArray) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Each side of a pixel that lies between inside and outside, with the inside to the right of it."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    for row, column in np.argwhere(inside & ~padded[:-2, 1:-1]).tolist():
        yield (column, row), (column + 1, row)
    for row, column in np.argwhere(inside & ~padded[1:-1, 2:]).tolist():
        yield (column + 1, row), (column + 1, row + 1)
    for row, column in np.argwhere(inside & ~padded[2:, 1:-1]).tolist():
        yield (column + 1, row + 1), (column, row + 1)
    for row, column in np.argwhere(inside & ~padded[1:-1, :-2]).tolist():
        yield (column, row + 1), (column, row)


def _without_straights(line: list[tuple[int, int]]) -> tuple[Corner, ...]:
    """The corners where the line turns."""
    kept = [
        at
        for before, at, after in zip([line[-1], *line[:-1]], line, [*line[1:], line[0]], strict=True)
        if (at[0] - before[0], at[1] - before[1]) != (after[0] - at[0], after[1] - at[1])
    ]
    return tuple((float(x), float(y)) for x, y in kept)
