"""Curves: a line of points in a square frame, with marked points and their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import svg

SIDE = 360.0
LEFT, TOP = 70.0, 16.0


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
    """What a curve shows. y runs from 0 to 1, x from 0 to ``x_most``."""

    title: str
    description: str
    x: Sequence[float]
    y: Sequence[float]
    x_label: str
    y_label: str
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    x_most: float = 1.0
    diagonal: bool = False
    points: Sequence[MarkedPoint] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    prolonged: bool = False  # whether a dashed level line leads from the last point on, where nothing was observed


def curve_plot(plot: CurvePlot) -> str:
    """The curve as SVG; points beyond ``x_most`` are cut off."""

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + SIDE * min(x / plot.x_most, 1.0), TOP + SIDE * (1 - y)

    parts = _frame(plot, place)
    seen = [index for index, x in enumerate(plot.x) if x <= plot.x_most]
    if plot.low and plot.high:
        upper = [place(plot.x[index], plot.high[index]) for index in seen]
        lower = [place(plot.x[index], plot.low[index]) for index in reversed(seen)]
        parts.append(svg.polygon(upper + lower, fill="#dbe7f3"))
    parts.append(svg.polyline([place(plot.x[index], plot.y[index]) for index in seen]))
    if plot.prolonged and seen:
        end, level = plot.x[seen[-1]], plot.y[seen[-1]]
        parts.append(svg.line(*place(end, level), *place(plot.x_most, level), colour=svg.MUTED, dashes="2 3"))
    for point in plot.points:
        parts.extend(_marked(point, place, plot.x_most))
    return svg.drawing(LEFT + SIDE + 40, TOP + SIDE + 60, parts, title=plot.title, description=plot.description)


def _frame(plot: CurvePlot, place: Callable[[float, float], tuple[float, float]]) -> list[str]:
    parts = [svg.box(LEFT, TOP, SIDE, SIDE, stroke=svg.SOFT)]
    for index in range(6):
        share = index / 5
        x, bottom = place(share * plot.x_most, 0.0)
        left, y = place(0.0, share)
        if 0 < index < 5:
            parts.append(svg.line(x, TOP, x, TOP + SIDE, colour="#e6eaee"))
            parts.append(svg.line(LEFT, y, LEFT + SIDE, y, colour="#e6eaee"))
        parts.append(
            svg.text(x, bottom + 18, plot.x_tick(share * plot.x_most), size=11, colour=svg.SOFT, anchor="middle")
        )
        parts.append(svg.text(left - 8, y + 4, plot.y_tick(share), size=11, colour=svg.SOFT, anchor="end"))
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
