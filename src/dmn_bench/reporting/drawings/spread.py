"""Strips of spread: smallest, quartiles, median, 95th percentile and largest of a time, one line for each group."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..text import shortened
from . import svg
from .rows_of_strips import LABEL_CHARACTERS, PLOT_LEFT, PLOT_RIGHT, ROW, TOP, WIDTH, frame

LEAST = 1e-6  # a logarithmic axis has no 0: what is below is drawn here


@dataclass(frozen=True, kw_only=True)
class SpreadRow:
    """One line, all values on one scale, at least 0; ``counts`` stands before the plot. ``p95`` None: not drawn."""

    label: str
    counts: str
    smallest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    largest: float
    p95: float | None = None
    bold: bool = False


@dataclass(frozen=True, kw_only=True)
class SpreadPlot:
    """What is shown, on a logarithmic axis whose ticks ``tick`` writes; ``columns``: titles of labels and counts."""

    title: str
    description: str
    rows: Sequence[SpreadRow]
    tick: Callable[[float], str]
    columns: tuple[str, str]


def spread_plot(plot: SpreadPlot) -> str:
    """The strips as SVG: a thin line from smallest to largest, a box between the quartiles, a bar at the median."""
    ticks = _ticks(plot.rows)
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])

    def across(value: float) -> float:
        share = (math.log10(max(value, LEAST)) - low) / (high - low)
        return PLOT_LEFT + min(max(share, 0.0), 1.0) * (PLOT_RIGHT - PLOT_LEFT)

    bottom = TOP + ROW * len(plot.rows) + 6
    parts = frame(plot.columns, [(across(value), plot.tick(value)) for value in ticks], bottom)
    for index, row in enumerate(plot.rows):
        parts.extend(_row(row, TOP + ROW * (index + 0.5), across))
    return svg.drawing(WIDTH, bottom + 34, parts, title=plot.title, description=plot.description)


def _row(row: SpreadRow, y: float, across: Callable[[float], float]) -> list[str]:
    left, right = across(row.lower_quartile), across(row.upper_quartile)
    ends = across(row.smallest), across(row.largest)
    parts = [
        svg.text(8, y + 4.5, shortened(row.label, LABEL_CHARACTERS), bold=row.bold),
        svg.text(PLOT_LEFT - 20, y + 4.5, row.counts, anchor="end", bold=row.bold),
        svg.line(*(ends[0], y), *(ends[1], y), colour=svg.ACCENT, width=1.2),
        *(svg.line(x, y - 4, x, y + 4, colour=svg.ACCENT, width=1.2) for x in ends),
        svg.box(left, y - 8, right - left, 16, fill=svg.WASH, stroke=svg.ACCENT),
        svg.line(across(row.median), y - 10, across(row.median), y + 10, colour=svg.ACCENT, width=3),
    ]
    if row.p95 is not None:
        x = across(row.p95)
        parts.append(svg.polygon([(x - 5, y), (x, y - 6), (x + 5, y), (x, y + 6)], fill=svg.LIMIT))
    return parts


def _ticks(rows: Sequence[SpreadRow]) -> list[float]:
    """Steps of 1, 2 and 5 round what is drawn, of 1 alone beyond three powers of ten; at least two of them."""
    smallest = max(min((row.smallest for row in rows), default=1.0), LEAST)
    largest = max(max((row.largest for row in rows), default=1.0), smallest)
    powers = range(math.floor(math.log10(smallest)), math.ceil(math.log10(largest)) + 2)
    factors = (1,) if largest / smallest > 1000 else (1, 2, 5)
    steps = [float(f"{factor}e{power}") for power in powers for factor in factors]
    first = max((index for index, step in enumerate(steps) if step <= smallest), default=0)
    last = next((index for index, step in enumerate(steps) if step >= largest and index > first), len(steps) - 1)
    return steps[first : last + 1]
