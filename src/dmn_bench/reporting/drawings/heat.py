"""Heat tables: counts with their share of the row, shaded by that share; what is no agreement stands apart in grey."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from ..text import shortened
from . import svg

LINE = 16.0  # between two lines of a title
WIDTH, LEFT, ROW, TOP = 900.0, 240.0, 46.0, 66.0
WIDEST_CELL, GAP, TOTAL = 92.0, 14.0, 64.0
LABEL_CHARACTERS, SHORT_CHARACTERS = 32, 15
GREY = svg.WASH
SHADES: Sequence[tuple[float, str, str]] = (
    (0.0, "#ffffff", svg.INK),
    (0.05, "#edf3f9", svg.INK),
    (0.2, "#d3e3f1", svg.INK),
    (0.4, "#aecbe5", svg.INK),
    (0.6, "#7fb0d6", svg.INK),
    (0.8, "#1f649c", "#ffffff"),
    (1.0, "#0b3f6f", "#ffffff"),
)
"""(largest share, fill, colour of the text) of one hue from light to dark, so that every eye sees the same order."""


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    """One cell: what is written in it, in two lines, and its share of the row, 0 to 1."""

    count: str
    share_text: str
    share: float


@dataclass(frozen=True, kw_only=True)
class HeatTable:
    """What is shown. The first ``n_agreeing`` columns have the names of the rows; the others stand apart.

    ``cut``: number of rows above the first positive one, drawn as a line across both directions; 0 for none.
    """

    title: str
    description: str
    corner: tuple[str, str]  # what rows and what columns are
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[HeatCell]]
    totals: Sequence[str]  # of each row
    total: str  # its title
    n_agreeing: int
    cut: int = 0


def heat_table(table: HeatTable) -> str:
    """The table as SVG; cells where both sides agree have a thick frame, and a dashed line shows the cut."""
    gap = GAP if len(table.columns) > table.n_agreeing else 0.0
    width = min((WIDTH - LEFT - TOTAL - gap) / len(table.columns), WIDEST_CELL)
    edges = [LEFT + width * index + (gap if index >= table.n_agreeing else 0.0) for index in range(len(table.columns))]
    right = edges[-1] + width
    bottom = TOP + ROW * len(table.rows)
    parts = [
        svg.text(8, TOP - 10, table.corner[0], size=12, colour=svg.SOFT, bold=True),
        svg.text(LEFT, 18, table.corner[1], size=12, colour=svg.SOFT, bold=True),
        svg.text(right + TOTAL - 8, TOP - 10, table.total, size=12, colour=svg.SOFT, bold=True, anchor="end"),
    ]
    for index, name in enumerate(table.columns):
        parts += _column_title(name, edges[index], width, lifted=index >= table.n_agreeing and index % 2 == 1)
    for row, name in enumerate(table.rows):
        y = TOP + ROW * row
        parts += _row_title(name, y)
        parts.append(svg.text(right + TOTAL - 8, y + ROW / 2 + 4.5, table.totals[row], anchor="end"))
        for column, cell in enumerate(table.cells[row]):
            parts += _cell(cell, (edges[column], y, width), is_apart=column >= table.n_agreeing)
    parts += [_frame(edges[index], TOP + ROW * index, width) for index in range(min(table.n_agreeing, len(table.rows)))]
    if 0 < table.cut < table.n_agreeing:
        x, y = edges[table.cut], TOP + ROW * table.cut
        parts.append(svg.line(x, TOP - 6, x, bottom + 6, colour=svg.LIMIT, width=2.5, dashes="7 4"))
        parts.append(svg.line(LEFT - 6, y, right + 6, y, colour=svg.LIMIT, width=2.5, dashes="7 4"))
    return svg.drawing(max(right + TOTAL, LEFT), bottom + 12, parts, title=table.title, description=table.description)


def _row_title(name: str, top: float) -> list[str]:
    """The title of a row on one line, or on two."""
    first, *rest = textwrap.wrap(name, LABEL_CHARACTERS) or [name]
    lines = [shortened(first, LABEL_CHARACTERS), *([shortened(" ".join(rest), LABEL_CHARACTERS)] if rest else [])]
    middle = top + ROW / 2 + 4.5 - LINE * (len(lines) - 1) / 2
    return [svg.text(8, middle + LINE * at, line) for at, line in enumerate(lines)]


def _column_title(name: str, left: float, width: float, *, lifted: bool) -> list[str]:
    """The title of a column; long ones stand on two heights by turns."""
    words = shortened(name, SHORT_CHARACTERS)
    height = TOP - 28 if lifted else TOP - 10
    return [svg.text(left + width / 2, height, words, size=11 if len(words) > 4 else 13, anchor="middle", bold=True)]


def _cell(cell: HeatCell, place: tuple[float, float, float], *, is_apart: bool) -> list[str]:
    left, top, width = place
    fill, ink = (GREY, svg.INK) if is_apart else shade(cell.share)
    middle = left + width / 2
    return [
        svg.box(left + 1, top + 1, width - 2, ROW - 2, fill=fill, stroke=svg.FAINT),
        svg.text(middle, top + 20, cell.count, anchor="middle", colour=ink, bold=True),
        svg.text(middle, top + 36, cell.share_text, anchor="middle", colour=ink, size=11),
    ]


def shade(share: float) -> tuple[str, str]:
    """Fill and colour of the text for a share from 0 to 1.

    >>> shade(0.0), shade(1.0)
    (('#ffffff', '#1c2733'), ('#0b3f6f', '#ffffff'))
    """
    return next(((fill, ink) for most, fill, ink in SHADES if share <= most), SHADES[-1][1:])


def _frame(left: float, top: float, width: float) -> str:
    corner = f'x="{left + 1.5:.1f}" y="{top + 1.5:.1f}" width="{width - 3:.1f}" height="{ROW - 3:.1f}"'
    return f'<rect {corner} rx="3" fill="none" stroke="{svg.INK}" stroke-width="2.2"/>'
