"""A share against the signal-to-noise ratio, one line for each kind of noise, with its intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import svg

WIDTH, HEIGHT = 460.0, 260.0  # of the frame, px
LEFT, TOP = 70.0, 16.0
KEY_STEP = 20.0
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")  # Okabe and Ito's, told apart by shape too
GRID = "#e6eaee"
NUDGE = 3.0  # px between the lines at one ratio, so that their intervals do not hide each other


@dataclass(frozen=True, kw_only=True)
class NoiseLine:
    """One kind of noise: ``x`` in dB; ``y``, ``low`` and ``high`` of the same length from 0 to 1."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class NoisePlot:
    """What is drawn: the lines, and ``clean``, the value without noise, across. x grows from left to right."""

    title: str
    description: str
    lines: Sequence[NoiseLine]
    clean: float | None
    x_label: str
    y_label: str
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]


def noise_plot(plot: NoisePlot) -> str:
    """The lines as SVG; a line without a point has its words in the key alone."""
    at = sorted({x for line in plot.lines for x in line.x}) or [0.0]
    low, high = at[0], at[-1] if at[-1] > at[0] else at[0] + 1

    def place(x: float, y: float) -> tuple[float, float]:
        inside = 0.05 + 0.9 * (x - low) / (high - low)
        return LEFT + WIDTH * inside, TOP + HEIGHT * (1 - y)

    parts = [svg.box(LEFT, TOP, WIDTH, HEIGHT, stroke=svg.SOFT)]
    for index in range(6):
        _, y = place(low, index / 5)
        parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, colour=GRID))
        parts.append(svg.text(LEFT - 8, y + 4, plot.y_tick(index / 5), size=11, colour=svg.SOFT, anchor="end"))
    for x in at:
        parts.append(
            svg.text(place(x, 0)[0], TOP + HEIGHT + 18, plot.x_tick(x), size=11, colour=svg.SOFT, anchor="middle")
        )
    if plot.clean is not None:
        y = place(low, plot.clean)[1]
        parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, colour=svg.INK, dashes="6 4"))
    for index, line in enumerate(plot.lines):
        parts += _line(line, index, len(plot.lines), place)
    parts.append(svg.text(LEFT + WIDTH / 2, TOP + HEIGHT + 44, plot.x_label, size=12.5, anchor="middle"))
    turned = svg.text(0, 0, plot.y_label, size=12.5, anchor="middle")
    parts.append(f'<g transform="translate(18 {TOP + HEIGHT / 2:.0f}) rotate(-90)">{turned}</g>')
    height = TOP + HEIGHT + 66 + KEY_STEP * len(plot.lines)
    return svg.drawing(LEFT + WIDTH + 40, height, parts, title=plot.title, description=plot.description)


def _line(line: NoiseLine, index: int, n: int, place: Callable[[float, float], tuple[float, float]]) -> list[str]:
    colour, nudge = COLOURS[index % len(COLOURS)], NUDGE * (index - (n - 1) / 2)

    def nudged(x: float, y: float) -> tuple[float, float]:
        left, top = place(x, y)
        return left + nudge, top

    points = [nudged(x, y) for x, y in zip(line.x, line.y, strict=True)]
    parts = [
        svg.line(*nudged(x, low), *nudged(x, high), colour=colour)
        for x, low, high in zip(line.x, line.low, line.high, strict=True)
    ]
    parts += [svg.polyline(points, colour=colour)] if points else []
    parts += [_mark(x, y, index, colour) for x, y in points]
    down = TOP + HEIGHT + 66 + KEY_STEP * index
    return [*parts, _mark(LEFT + 6, down - 4, index, colour), svg.text(LEFT + 20, down, line.label, size=12)]


def _mark(x: float, y: float, index: int, colour: str) -> str:
    """Each line has a shape of its own: disc, square, open disc, open square, small disc."""
    shape = index % 5
    if shape in (0, 4):
        return svg.disc(x, y, 4 if shape == 0 else 2.5, fill=colour)
    if shape == 1:
        return svg.square(x, y, 7, fill=colour)
    if shape == 2:
        return svg.disc(x, y, 4, fill=svg.PAPER, stroke=colour)
    return svg.square(x, y, 7, fill=svg.PAPER, stroke=colour)
