"""Bland–Altman plot: differences of two ways of measuring against their mean, with bias and limits of agreement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import svg

WIDTH, HEIGHT = 420.0, 300.0
LEFT, TOP = 80.0, 16.0
MARGIN = 0.05  # of each axis, left free around the points
TICKS = 5


@dataclass(frozen=True, kw_only=True)
class DifferencePlot:
    """What the plot shows: ``x`` means and ``y`` differences of the same length, at least 1; one unit for all."""

    title: str
    description: str
    x: Sequence[float]
    y: Sequence[float]
    x_label: str
    y_label: str
    tick: Callable[[float], str]
    bias: float | None = None
    limits: Sequence[float] = ()


def difference_plot(plot: DifferencePlot) -> str:
    """The plot as SVG; no difference (0) and every line drawn are always within the frame."""
    x_low, x_high = _span(plot.x)
    lines = [*plot.limits, *([] if plot.bias is None else [plot.bias])]
    y_low, y_high = _span([*plot.y, *lines, 0.0])

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + WIDTH * (x - x_low) / (x_high - x_low), TOP + HEIGHT * (y_high - y) / (y_high - y_low)

    def across(y: float, dashes: str, colour: str) -> str:
        return svg.line(*place(x_low, y), *place(x_high, y), colour=colour, dashes=dashes)

    parts = [svg.box(LEFT, TOP, WIDTH, HEIGHT, stroke=svg.SOFT)]
    for index in range(TICKS + 1):
        x, y = (low + (high - low) * index / TICKS for low, high in ((x_low, x_high), (y_low, y_high)))
        at_x, bottom = place(x, y_low)
        left, at_y = place(x_low, y)
        parts.append(svg.text(at_x, bottom + 18, plot.tick(x), size=11, colour=svg.SOFT, anchor="middle"))
        parts.append(svg.text(left - 8, at_y + 4, plot.tick(y), size=11, colour=svg.SOFT, anchor="end"))
    parts.append(across(0.0, "1 4", svg.MUTED))
    parts += [svg.disc(*place(x, y), 2.2) for x, y in zip(plot.x, plot.y, strict=True)]
    parts += [across(limit, "6 4", svg.INK) for limit in plot.limits]
    if plot.bias is not None:
        parts.append(across(plot.bias, "", svg.INK))
    parts.append(svg.text(LEFT + WIDTH / 2, TOP + HEIGHT + 44, plot.x_label, size=12.5, anchor="middle"))
    turned = svg.text(0, 0, plot.y_label, size=12.5, anchor="middle")
    parts.append(f'<g transform="translate(18 {TOP + HEIGHT / 2:.0f}) rotate(-90)">{turned}</g>')
    return svg.drawing(LEFT + WIDTH + 40, TOP + HEIGHT + 60, parts, title=plot.title, description=plot.description)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high <= low:
        return low - 1, high + 1
    free = MARGIN * (high - low)
    return low - free, high + free
