"""The flow of cases as STARD draws it: a column of steps, and beside it who left and why."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from ..text import shortened
from . import svg

WIDTH = 900.0
STEP_LEFT, STEP_WIDTH = 20.0, 380.0
SIDE_LEFT, SIDE_WIDTH = 460.0, 420.0
LINE = 18.0
PADDING = 12.0
GAP = 26.0
STEP_CHARACTERS, SIDE_CHARACTERS = 54, 58


@dataclass(frozen=True, kw_only=True)
class FlowStep:
    """One step: its title with the count, a line on the reference classes, and those who leave after it."""

    title: str
    lines: Sequence[str] = ()
    side_title: str = ""
    side_lines: Sequence[str] = ()


def flow_diagram(steps: Sequence[FlowStep], *, title: str, description: str) -> str:
    """The steps from top to bottom, joined by arrows."""
    steps = [_wrapped(step) for step in steps]
    parts: list[str] = []
    y = 10.0
    for index, step in enumerate(steps):
        height = _height(step.lines)
        parts.append(_box(STEP_LEFT, y, STEP_WIDTH, step.title, step.lines, STEP_CHARACTERS))
        middle = STEP_LEFT + STEP_WIDTH / 2
        if index == len(steps) - 1:
            y += height
            break
        side = _height(step.side_lines) if step.side_title else 0.0
        drop = max(GAP, side + 12)
        parts.append(_arrow_down(middle, y + height, y + height + drop))
        if step.side_title:
            top = y + height + (drop - side) / 2
            parts.append(svg.line(middle, top + side / 2, SIDE_LEFT - 6, top + side / 2, colour=svg.SOFT))
            parts.append(_arrow_head_right(SIDE_LEFT, top + side / 2))
            parts.append(_box(SIDE_LEFT, top, SIDE_WIDTH, step.side_title, step.side_lines, SIDE_CHARACTERS, side=True))
        y += height + drop
    return svg.drawing(WIDTH, y + 10, parts, title=title, description=description)


def _wrapped(step: FlowStep) -> FlowStep:
    """The same step with long lines broken to the width of their box."""

    def broken(lines: Sequence[str], most: int) -> tuple[str, ...]:
        return tuple(piece for line in lines for piece in textwrap.wrap(line, most, subsequent_indent="\u2003"))

    return FlowStep(
        title=step.title,
        lines=broken(step.lines, STEP_CHARACTERS),
        side_title=step.side_title,
        side_lines=broken(step.side_lines, SIDE_CHARACTERS),
    )


def _height(lines: Sequence[str]) -> float:
    return 2 * PADDING + LINE * (1 + len(lines)) - 4


def _box(  # noqa: PLR0913 - a box is its place and its words
    x: float, y: float, width: float, title: str, lines: Sequence[str], most: int, *, side: bool = False
) -> str:
    fill, stroke = (svg.WASH, svg.FAINT) if side else (svg.PAPER, svg.INK)
    parts = [svg.box(x, y, width, _height(lines), fill=fill, stroke=stroke)]
    baseline = y + PADDING + 11
    parts.append(svg.text(x + PADDING, baseline, shortened(title, most), bold=True))
    for number, words in enumerate(lines, start=1):
        parts.append(
            svg.text(x + PADDING, baseline + LINE * number, shortened(words, most), size=12.5, colour=svg.SOFT)
        )
    return "".join(parts)


def _arrow_down(x: float, top: float, bottom: float) -> str:
    head = svg.polygon([(x - 5, bottom - 8), (x + 5, bottom - 8), (x, bottom)], fill=svg.SOFT)
    return svg.line(x, top, x, bottom - 8, colour=svg.SOFT) + head


def _arrow_head_right(x: float, y: float) -> str:
    return svg.polygon([(x - 8, y - 5), (x - 8, y + 5), (x, y)], fill=svg.SOFT)
