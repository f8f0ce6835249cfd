"""Lines over one axis in panels below each other: power by number of units, chances of a verdict by true value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from ..text import shortened
from . import svg

WIDTH, HEIGHT = 620.0, 260.0  # of the frame of one panel, px
LEFT, TOP, BELOW = 76.0, 66.0, 62.0
TITLE_CHARACTERS = 90
COLOURS = (svg.ACCENT, svg.LIMIT, svg.SOFT)
WIDTHS = (2.6, 2.0, 1.4)  # lines are told apart by width and by their words, not by colour alone
KEY_WIDTH = 190.0
GRID = "#e6eaee"


class Look(TypedDict):
    """How a line is drawn."""

    colour: str
    width: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its words and its points, x ascending."""

    label: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What one panel shows. y runs from 0 to ``y_most``, x from ``x_least`` to ``x_most``."""

    title: str
    lines: Sequence[Line]
    x_label: str
    y_label: str
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    x_least: float = 0.0
    x_most: float = 1.0
    y_most: float = 1.0
    across: float | None = None  # a horizontal dashed line: the power asked for
    down: float | None = None  # a vertical dashed line: the limit, the number needed
    down_label: str = ""


def panels(shown: Sequence[Panel], *, title: str, description: str) -> str:
    """The panels as one SVG, below each other."""
    step = TOP + HEIGHT + BELOW
    parts = [part for index, panel in enumerate(shown) for part in _panel(panel, index * step)]
    height = max(len(shown), 1) * step
    return svg.drawing(LEFT + WIDTH + 40, height, parts, title=title, description=description)


def _panel(panel: Panel, offset: float) -> list[str]:
    top = offset + TOP
    span = (panel.x_most - panel.x_least) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + WIDTH * (x - panel.x_least) / span, top + HEIGHT * (1 - y / panel.y_most)

    parts = [svg.text(LEFT, top - 42, shortened(panel.title, TITLE_CHARACTERS), bold=True), *_frame(panel, top, place)]
    if panel.across is not None:
        ends = place(panel.x_least, panel.across), place(panel.x_most, panel.across)
        parts.append(svg.line(*ends[0], *ends[1], colour=svg.MUTED, dashes="4 4"))
    if panel.down is not None:
        x, _ = place(panel.down, 0)
        parts.append(svg.line(x, top, x, top + HEIGHT, colour=svg.MUTED, dashes="4 4"))
        parts.append(svg.text(x, top - 5, panel.down_label, size=11, colour=svg.SOFT, anchor="middle"))
    for index, line in enumerate(panel.lines):
        points = [place(x, y) for x, y in zip(line.x, line.y, strict=True)]
        parts += [svg.polyline(points, **_look(index))] if points else []
        parts += _key(line.label, index, top - 22) if line.label else []
    return parts


def _frame(panel: Panel, top: float, place: Callable[[float, float], tuple[float, float]]) -> list[str]:
    parts = [svg.box(LEFT, top, WIDTH, HEIGHT, stroke=svg.SOFT)]
    for index in range(6):
        x_value = panel.x_least + (panel.x_most - panel.x_least) * index / 5
        y_value = panel.y_most * index / 5
        x, bottom = place(x_value, 0.0)
        left, y = place(panel.x_least, y_value)
        if 0 < index < 5:
            parts.append(svg.line(x, top, x, top + HEIGHT, colour=GRID))
            parts.append(svg.line(LEFT, y, LEFT + WIDTH, y, colour=GRID))
        parts.append(svg.text(x, bottom + 18, panel.x_tick(x_value), size=11, colour=svg.SOFT, anchor="middle"))
        parts.append(svg.text(left - 8, y + 4, panel.y_tick(y_value), size=11, colour=svg.SOFT, anchor="end"))
    parts.append(svg.text(LEFT + WIDTH / 2, top + HEIGHT + 42, panel.x_label, size=12.5, anchor="middle"))
    turned = svg.text(0, 0, panel.y_label, size=12.5, anchor="middle")
    parts.append(f'<g transform="translate(18 {top + HEIGHT / 2:.0f}) rotate(-90)">{turned}</g>')
    return parts


def _key(label: str, index: int, y: float) -> list[str]:
    """The words of a line beside a piece of it, above the frame."""
    x = LEFT + index * KEY_WIDTH
    return [svg.line(x, y - 4, x + 22, y - 4, **_look(index)), svg.text(x + 28, y, label, size=12)]


def _look(index: int) -> Look:
    return {"colour": COLOURS[index % len(COLOURS)], "width": WIDTHS[index % len(WIDTHS)]}
