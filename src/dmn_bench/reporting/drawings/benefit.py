"""Net benefit by threshold probability: the device with its intervals, acting on everybody, acting on nobody."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import svg

WIDTH, HEIGHT = 520.0, 300.0
LEFT, TOP = 80.0, 16.0
FEWEST_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class BenefitPlot:
    """What is drawn; all sequences [m] by ascending threshold probability (0–1)."""

    title: str
    description: str
    probabilities: Sequence[float]
    device: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    everybody: Sequence[tuple[float, float]]  # (threshold probability, net benefit)
    x_label: str
    y_label: str
    names: tuple[str, str, str]  # of the device, of acting on everybody, of acting on nobody
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]


def benefit_plot(plot: BenefitPlot) -> str:
    """The plot as SVG; what lies below the axis is cut off, as acting on everybody soon does."""
    most_x = max(plot.probabilities)
    ticks = _ticks(min(0.0, *plot.low), max(0.0, *plot.high, *(y for _, y in plot.everybody)))
    least, most = ticks[0], ticks[-1]

    def place(x: float, y: float) -> tuple[float, float]:
        inside = min(max(y, least), most)
        return LEFT + WIDTH * x / most_x, TOP + HEIGHT * (most - inside) / (most - least)

    parts = [svg.box(LEFT, TOP, WIDTH, HEIGHT, stroke=svg.SOFT)]
    for tick in ticks:
        _, y = place(0, tick)
        parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, colour="#e6eaee"))
        parts.append(svg.text(LEFT - 8, y + 4, plot.y_tick(tick), size=11, colour=svg.SOFT, anchor="end"))
    for x in plot.probabilities:
        across, _ = place(x, least)
        parts.append(svg.text(across, TOP + HEIGHT + 18, plot.x_tick(x), size=11, colour=svg.SOFT, anchor="middle"))
    parts.append(svg.line(*place(0, 0), *place(most_x, 0), colour=svg.INK, dashes="2 3"))
    shown = [(x, y) for x, y in plot.everybody if y >= least]
    parts.append(svg.polyline([place(x, y) for x, y in shown], colour=svg.MUTED))
    for x, low, high in zip(plot.probabilities, plot.low, plot.high, strict=True):
        parts.append(svg.line(*place(x, low), *place(x, high), colour=svg.ACCENT, width=1.5))
    points = [place(x, y) for x, y in zip(plot.probabilities, plot.device, strict=True)]
    parts.append(svg.polyline(points))
    parts.extend(svg.disc(x, y, 3.5) for x, y in points)
    parts.append(svg.text(LEFT + WIDTH / 2, TOP + HEIGHT + 42, plot.x_label, size=12.5, anchor="middle"))
    turned = svg.text(0, 0, plot.y_label, size=12.5, anchor="middle")
    parts.append(f'<g transform="translate(18 {TOP + HEIGHT / 2:.0f}) rotate(-90)">{turned}</g>')
    for index, (name, colour) in enumerate(zip(plot.names, (svg.ACCENT, svg.MUTED, svg.INK), strict=True)):
        y = TOP + HEIGHT + 64 + 18 * index
        parts.append(
            svg.line(LEFT, y - 4, LEFT + 28, y - 4, colour=colour, width=2, dashes="2 3" if index == 2 else "")
        )
        parts.append(svg.text(LEFT + 36, y, name, size=12))
    return svg.drawing(LEFT + WIDTH + 30, TOP + HEIGHT + 114, parts, title=plot.title, description=plot.description)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from below ``low`` to above ``high``."""
    rough = max(high - low, 1e-6) / FEWEST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, max(last, first + 1) + 1)]
