"""The forest plot: one line for each stratum, its estimate and interval on a common axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..text import shortened
from . import svg

WIDTH = 900.0
ROW = 24.0
NO_SPAN = 1e-9  # values closer together than this share one tick
TOP = 40.0
PLOT_LEFT, PLOT_RIGHT = 380.0, 690.0
LABEL_CHARACTERS, NOTE_CHARACTERS = 40, 28


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One line. ``value`` None: no estimate, and ``note`` says why. ``heading``: a field's name, without numbers."""

    label: str
    counts: str = ""
    estimate: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    heading: bool = False
    overall: bool = False
    imprecise: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ForestPlot:
    """What a forest plot shows. Values on the metric's own scale; ``tick`` writes one; ``limit``: a rule's limit."""

    title: str
    description: str
    rows: Sequence[ForestRow]
    tick: Callable[[float], str]
    bounded: bool  # a share or an agreement: nothing beyond 1
    columns: tuple[str, str, str]  # titles: stratum, counts, estimate
    limit: float | None = None
    limit_label: str = ""


def forest_plot(plot: ForestPlot) -> str:
    """The plot as SVG. Rows without an estimate keep their line and say why."""
    ticks = _ticks(plot)
    low, high = ticks[0], ticks[-1]

    def across(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return PLOT_LEFT + share * (PLOT_RIGHT - PLOT_LEFT)

    bottom = TOP + ROW * len(plot.rows) + 6
    parts = [_columns(plot), *_axis(plot, ticks, across, bottom)]
    for index, row in enumerate(plot.rows):
        parts.extend(_row(row, TOP + ROW * (index + 0.5), across))
    height = bottom + (46 if plot.limit is None else 64)
    return svg.drawing(WIDTH, height, parts, title=plot.title, description=plot.description)


def _columns(plot: ForestPlot) -> str:
    stratum, counts, estimate = plot.columns
    return "".join(
        (
            svg.text(8, 20, stratum, size=12, colour=svg.SOFT, bold=True),
            svg.text(PLOT_LEFT - 20, 20, counts, size=12, colour=svg.SOFT, bold=True, anchor="end"),
            svg.text(PLOT_RIGHT + 20, 20, estimate, size=12, colour=svg.SOFT, bold=True),
            svg.line(0, 30, WIDTH, 30, colour=svg.INK),
        )
    )


def _axis(plot: ForestPlot, ticks: Sequence[float], across: Callable[[float], float], bottom: float) -> list[str]:
    parts = [svg.line(PLOT_LEFT, bottom, PLOT_RIGHT, bottom, colour=svg.SOFT)]
    for tick in ticks:
        x = across(tick)
        parts.append(svg.line(x, 34, x, bottom, colour="#e6eaee"))
        parts.append(svg.line(x, bottom, x, bottom + 5, colour=svg.SOFT))
        parts.append(svg.text(x, bottom + 20, plot.tick(tick), size=11, colour=svg.SOFT, anchor="middle"))
    overall = next((row.value for row in plot.rows if row.overall and row.value is not None), None)
    if overall is not None:
        parts.append(svg.line(across(overall), 34, across(overall), bottom, colour=svg.ACCENT, dashes="2 4"))
    if plot.limit is not None:
        x = across(plot.limit)
        parts.append(svg.line(x, 34, x, bottom + 26, colour=svg.LIMIT, width=1.5, dashes="7 4"))
        parts.append(svg.text(x, bottom + 42, plot.limit_label, size=11, colour=svg.LIMIT, anchor="middle"))
    return parts


def _row(row: ForestRow, y: float, across: Callable[[float], float]) -> list[str]:
    baseline = y + 4.5
    if row.heading:
        return [svg.text(8, baseline, shortened(row.label, LABEL_CHARACTERS), bold=True)]
    bold = row.overall
    colour = svg.MUTED if row.value is None else svg.INK
    indent = 8 if row.overall else 22
    parts = [
        svg.text(indent, baseline, shortened(row.label, LABEL_CHARACTERS), bold=bold, colour=colour),
        svg.text(PLOT_LEFT - 20, baseline, row.counts, anchor="end", bold=bold, colour=colour),
    ]
    if row.value is None:
        parts.append(
            svg.text(PLOT_RIGHT + 20, baseline, shortened(row.note, NOTE_CHARACTERS), size=12, colour=svg.SOFT)
        )
        return parts
    parts.append(
        svg.text(PLOT_RIGHT + 20, baseline, row.estimate, bold=bold, colour=svg.SOFT if row.imprecise else svg.INK)
    )
    return parts + _mark(row, row.value, y, across)


def _mark(row: ForestRow, value: float, y: float, across: Callable[[float], float]) -> list[str]:
    x = across(value)
    colour = svg.MUTED if row.imprecise else svg.ACCENT
    if row.low is None or row.high is None:
        return [svg.disc(x, y, 4, fill=svg.PAPER, stroke=colour)]
    left, right = across(row.low), across(row.high)
    if row.overall:
        return [svg.polygon([(left, y), (x, y - 7), (right, y), (x, y + 7)], fill=svg.ACCENT)]
    whisker = [
        svg.line(left, y, right, y, colour=colour, width=1.6),
        svg.line(left, y - 4, left, y + 4, colour=colour, width=1.6),
        svg.line(right, y - 4, right, y + 4, colour=colour, width=1.6),
    ]
    # An open square says imprecise without colour.
    mark = svg.square(x, y, 9, fill=svg.PAPER if row.imprecise else colour, stroke=colour)
    return [*whisker, mark]


def _ticks(plot: ForestPlot) -> list[float]:
    drawn = [one for row in plot.rows for one in (row.value, row.low, row.high) if one is not None]
    if plot.limit is not None:
        drawn.append(plot.limit)
    lowest, highest = min(drawn, default=0.0), max(drawn, default=1.0)
    step = _step(highest - lowest)
    first = math.floor(round(lowest / step, 6)) * step
    last = math.ceil(round(highest / step, 6)) * step
    if plot.bounded:
        last = min(last, 1.0)
    if last - first < step:
        first, last = (first - step, last) if plot.bounded and last >= 1.0 else (first, first + step)
    count = round((last - first) / step)
    return [round(first + step * index, 9) for index in range(count + 1)]


def _step(span: float) -> float:
    if span < NO_SPAN:
        return 0.1
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw - 1e-12)
