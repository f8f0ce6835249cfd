"""Curves: a line of points in a square frame, with marked points and their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from . import svg

SIDE = 360.0
LEFT, TOP = 70.0, 16.0
STEPS_OF_DOUBLING = 16  # a straight line between points far apart is bent on a logarithmic axis


@dataclass(frozen=True, kw_only=True)
class MarkedPoint:
    """A point worth marking with its intervals where known, and its words."""

    x: float
    y: float
    label: str
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    is_square: bool = False  # told apart by its shape from the others


@dataclass(frozen=True, kw_only=True)
class CurvePlot:
    """What a curve shows. y runs from 0 to 1, x from 0 to ``x_most``.

    ``x_least`` above 0: the axis is logarithmic, starts there and has a tick at each doubling up to ``x_most``.
    """

    title: str
    description: str
    x: Sequence[float]
    y: Sequence[float]
    x_label: str
    y_label: str
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    x_most: float = 1.0
    x_least: float = 0.0
    diagonal: bool = False
    points: Sequence[MarkedPoint] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    prolonged: bool = False  # whether a dashed level line leads from the last point on, where nothing was observed


def curve_plot(plot: CurvePlot) -> str:
    """The curve as SVG; points beyond the axis are cut off."""

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + SIDE * min(_share(plot, x), 1.0), TOP + SIDE * (1 - y)

    parts = _frame(plot, place)
    if plot.low and plot.high:
        upper, lower = ([place(*point) for point in _seen(plot, edge)] for edge in (plot.high, plot.low))
        parts.append(svg.polygon(upper + lower[::-1], fill="#dbe7f3"))
    seen = list(_seen(plot, plot.y))
    parts.append(svg.polyline([place(*point) for point in seen]))
    if plot.prolonged and seen:
        end, level = seen[-1]
        parts.append(svg.line(*place(end, level), *place(plot.x_most, level), colour=svg.MUTED, dashes="2 3"))
    for point in plot.points:
        parts.extend(_marked(point, place, plot.x_most))
    return svg.drawing(LEFT + SIDE + 40, TOP + SIDE + 60, parts, title=plot.title, description=plot.description)


def _share(plot: CurvePlot, x: float) -> float:
    """How far along the axis x lies: 0 at its start, 1 at its end."""
    if not plot.x_least:
        return x / plot.x_most
    return math.log2(max(x, plot.x_least) / plot.x_least) / math.log2(plot.x_most / plot.x_least)


def _seen(plot: CurvePlot, heights: Sequence[float]) -> Iterator[tuple[float, float]]:
    """The points of a line that lie on the axis; on a logarithmic one also those that bend what is straight between."""
    points = list(zip(plot.x, heights, strict=True))
    if not plot.x_least:
        yield from (point for point in points if point[0] <= plot.x_most)
        return
    doublings = round(math.log2(plot.x_most / plot.x_least))
    steps = [plot.x_least * 2 ** (step / STEPS_OF_DOUBLING) for step in range(doublings * STEPS_OF_DOUBLING + 1)]
    for at, (x, y) in enumerate(points):
        if plot.x_least <= x <= plot.x_most:
            yield x, y
        if at + 1 < len(points):
            right, height = points[at + 1]
            yield from ((step, y + (height - y) * (step - x) / (right - x)) for step in steps if x < step < right)


def _ticks(plot: CurvePlot) -> list[float]:
    if not plot.x_least:
        return [plot.x_most * index / 5 for index in range(6)]
    return [plot.x_least * 2**step for step in range(round(math.log2(plot.x_most / plot.x_least)) + 1)]


def _frame(plot: CurvePlot, place: Callable[[float, float], tuple[float, float]]) -> list[str]:
    parts = [svg.box(LEFT, TOP, SIDE, SIDE, stroke=svg.SOFT)]
    ticks = _ticks(plot)
    for index, tick in enumerate(ticks):
        x, bottom = place(tick, 0.0)
        if 0 < index < len(ticks) - 1:
            parts.append(svg.line(x, TOP, x, TOP + SIDE, colour="#e6eaee"))
        parts.append(svg.text(x, bottom + 18, plot.x_tick(tick), size=11, colour=svg.SOFT, anchor="middle"))
    for index in range(6):
        left, y = place(ticks[0], index / 5)
        if 0 < index < 5:
            parts.append(svg.line(LEFT, y, LEFT + SIDE, y, colour="#e6eaee"))
        parts.append(svg.text(left - 8, y + 4, plot.y_tick(index / 5), size=11, colour=svg.SOFT, anchor="end"))
    if plot.diagonal:
        parts.append(svg.line(*place(0, 0), *place(plot.x_most, 1), colour=svg.MUTED, dashes="4 4"))
    parts.append(svg.text(LEFT + SIDE / 2, TOP + SIDE + 44, plot.x_label, size=12.5, anchor="middle"))
    turned = svg.text(0, 0, plot.y_label, size=12.5, anchor="middle")
    parts.append(f'<g transform="translate(18 {TOP + SIDE / 2:.0f}) rotate(-90)">{turned}</g>')
    return parts


def _marked(point: MarkedPoint, place: Callable[[float, float], tuple[float, float]], x_most: float) -> list[str]:
    if point.x > x_most:
        return []
    x, y = place(point.x, point.y)
    parts = []
    if point.x_limits is not None:
        (left, _), (right, _) = (place(limit, point.y) for limit in point.x_limits)
        parts.append(svg.line(left, y, right, y, colour=svg.LIMIT, width=1.5))
    if point.y_limits is not None:
        (_, bottom), (_, top) = (place(point.x, limit) for limit in point.y_limits)
        parts.append(svg.line(x, bottom, x, top, colour=svg.LIMIT, width=1.5))
    if point.is_square:
        parts.append(svg.square(x, y, 11, fill=svg.LIMIT, stroke=svg.PAPER))
    else:
        parts.append(svg.disc(x, y, 5, fill=svg.LIMIT, stroke=svg.PAPER))
    if point.label:
        on_left = x > LEFT + SIDE * 0.6
        parts.append(
            svg.text(
                x + (-10 if on_left else 10),
                y + 20,
                point.label,
                size=12,
                colour=svg.LIMIT,
                anchor="end" if on_left else "start",
            )
        )
    return parts
