"""What drawings of one strip for each line have in common: their measures, titles and axis."""

from __future__ import annotations

from collections.abc import Sequence

from . import svg

WIDTH, ROW, TOP = 900.0, 34.0, 40.0
PLOT_LEFT, PLOT_RIGHT = 300.0, 860.0
LABEL_CHARACTERS = 34
GRID = "#e6eaee"


def frame(columns: tuple[str, str], ticks: Sequence[tuple[float, str]], bottom: float) -> list[str]:
    """The titles of labels and counts, and the axis at ``bottom`` with its ticks: where across, and the text."""
    parts = [
        svg.text(8, 20, columns[0], size=12, colour=svg.SOFT, bold=True),
        svg.text(PLOT_LEFT - 20, 20, columns[1], size=12, colour=svg.SOFT, bold=True, anchor="end"),
        svg.line(0, 30, WIDTH, 30),
        svg.line(PLOT_LEFT, bottom, PLOT_RIGHT, bottom, colour=svg.SOFT),
    ]
    for x, text in ticks:
        parts.append(svg.line(x, 34, x, bottom, colour=GRID))
        parts.append(svg.line(x, bottom, x, bottom + 5, colour=svg.SOFT))
        parts.append(svg.text(x, bottom + 20, text, size=11, colour=svg.SOFT, anchor="middle"))
    return parts
