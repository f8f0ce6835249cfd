"""Strips of overlap: least, worst decile, quartiles, median and greatest of a share from 0 to 1, one line for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..text import shortened
from . import svg
from .rows_of_strips import LABEL_CHARACTERS, PLOT_LEFT, PLOT_RIGHT, ROW, TOP, WIDTH, frame

TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True)
class OverlapRow:
    """One line, all values from 0 to 1; ``counts`` stands before the plot."""

    label: str
    counts: str
    least: float
    worst_decile: float
    lower_quartile: float
    median: float
    upper_quartile: float
    greatest: float


@dataclass(frozen=True, kw_only=True)
class OverlapPlot:
    """What is shown; ``tick`` writes the numbers of the axis; ``columns``: titles of labels and counts."""

    title: str
    description: str
    rows: Sequence[OverlapRow]
    tick: Callable[[float], str]
    columns: tuple[str, str]


def overlap_plot(plot: OverlapPlot) -> str:
    """The strips as SVG: a line from least to greatest, a box between the quartiles, a bar, a diamond.

    The bar is the median, the diamond the worst decile: told apart by shape, not by colour.
    """
    bottom = TOP + ROW * len(plot.rows) + 6
    parts = frame(plot.columns, [(_across(value), plot.tick(value)) for value in TICKS], bottom)
    for index, row in enumerate(plot.rows):
        parts.extend(_row(row, TOP + ROW * (index + 0.5)))
    return svg.drawing(WIDTH, bottom + 34, parts, title=plot.title, description=plot.description)


def _across(value: float) -> float:
    return PLOT_LEFT + min(max(value, 0.0), 1.0) * (PLOT_RIGHT - PLOT_LEFT)


def _row(row: OverlapRow, y: float) -> list[str]:
    left, right = _across(row.lower_quartile), _across(row.upper_quartile)
    ends, decile, median = (_across(row.least), _across(row.greatest)), _across(row.worst_decile), _across(row.median)
    return [
        svg.text(8, y + 4.5, shortened(row.label, LABEL_CHARACTERS)),
        svg.text(PLOT_LEFT - 20, y + 4.5, row.counts, anchor="end"),
        svg.line(ends[0], y, ends[1], y, colour=svg.ACCENT, width=1.2),
        *(svg.line(x, y - 4, x, y + 4, colour=svg.ACCENT, width=1.2) for x in ends),
        svg.box(left, y - 8, right - left, 16, fill=svg.WASH, stroke=svg.ACCENT),
        svg.line(median, y - 10, median, y + 10, colour=svg.ACCENT, width=3),
        svg.polygon([(decile - 5, y), (decile, y - 6), (decile + 5, y), (decile, y + 6)], fill=svg.LIMIT),
    ]
