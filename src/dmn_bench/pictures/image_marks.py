"""What both sides mark in an image, and how it is drawn: told apart by line as well as by colour, on any ground.

The reference is a solid dark blue line in a white one, the device a dashed light orange line in a black one, what is
to be ignored a dotted white line in a black one. The colours are those of Okabe and Ito; light and dark, solid and
dashed stay apart in grey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from markupsafe import escape

from . import paper

Corner = tuple[float, float]
Side = Literal["reference", "ignored", "device"]

LINE_MM, HALO_MM = 0.55, 1.15
FINE_MM, FINE_HALO_MM = 0.4, 0.8  # of outlines of regions, which lie close to each other
CROSS_MM = 2.2  # half the arms of the cross of a point
CORNER_MM = 3.5  # length of the corners round the error
LETTER_MM = 3.0
_FAR_MM = 1000.0  # lines are cut here: what lies beyond is out of sight


class Style(NamedTuple):
    """Colours of a line and of the wider one under it, and the dashes of the former."""

    line: str
    halo: str
    dashes: str


STYLES: dict[Side, Style] = {
    "reference": Style("#0072B2", "#ffffff", ""),
    "device": Style("#E69F00", "#000000", "2 1.2"),
    "ignored": Style("#ffffff", "#000000", "0.1 1.3"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageMark:
    """One mark of one side in px: closed ``outlines``, or where there are none the ``point``; ``label`` beside it."""

    side: Side
    outlines: tuple[tuple[Corner, ...], ...] = ()
    point: Corner | None = None
    label: str = ""
    is_fine: bool = False

    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom edge; None where nothing is drawn."""
        corners = [corner for outline in self.outlines for corner in outline]
        if not corners and self.point is not None:
            corners = [self.point]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return (min(xs), min(ys), max(xs), max(ys)) if corners else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """Where a part of an image lies on the drawing: mm of its edges, and the px that they show."""

    left: float
    top: float
    width: float
    height: float
    first_column: float
    first_row: float
    columns: float
    rows: float

    def place(self, corner: Corner) -> Corner:
        """A corner in px as mm on the drawing, not farther out than ``_FAR_MM``."""
        x = self.left + (corner[0] - self.first_column) / self.columns * self.width
        y = self.top + (corner[1] - self.first_row) / self.rows * self.height
        return min(max(x, -_FAR_MM), _FAR_MM), min(max(y, -_FAR_MM), _FAR_MM)

    def shows(self, mark: ImageMark) -> bool:
        """Whether some of a mark may lie in it."""
        box = mark.box()
        return (
            box is not None
            and box[0] < self.first_column + self.columns
            and box[2] > self.first_column
            and box[1] < self.first_row + self.rows
            and box[3] > self.first_row
        )


def circle(x: float, y: float, radius_x: float, radius_y: float) -> tuple[Corner, ...]:
    """A circle, or on pixels that are not square an ellipse, as corners in px."""
    angles = [2 * math.pi * k / 48 for k in range(48)]
    return tuple((x + radius_x * math.cos(angle), y + radius_y * math.sin(angle)) for angle in angles)


def rectangle(x: float, y: float, width: float, height: float) -> tuple[Corner, ...]:
    """The corners of a box in px."""
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


class Lines(NamedTuple):
    """A path twice: the halo, to be drawn below the lines of all marks, and the line itself."""

    halo: str
    line: str


def drawn(mark: ImageMark, panel: Panel) -> Lines:
    """The lines of a mark."""
    if mark.outlines:
        path = "".join(_closed([panel.place(corner) for corner in outline]) for outline in mark.outlines)
    elif mark.point is not None:
        x, y = (paper.mm(one) for one in panel.place(mark.point))
        path = f"M{x} {y}m-{CROSS_MM} 0h{2 * CROSS_MM}m-{CROSS_MM}-{CROSS_MM}v{2 * CROSS_MM}"
    else:
        return Lines("", "")
    return _lines(path, STYLES[mark.side], is_fine=mark.is_fine)


def two_lines(path: str, style: Style) -> str:
    """A path twice: the halo, and the line over it."""
    return "".join(_lines(path, style, is_fine=False))


def _lines(path: str, style: Style, *, is_fine: bool) -> Lines:
    wide, narrow = (FINE_HALO_MM, FINE_MM) if is_fine else (HALO_MM, LINE_MM)
    dashes = f' stroke-dasharray="{style.dashes}"' if style.dashes else ""
    caps = ' stroke-linecap="round"' if style == STYLES["ignored"] else ""
    common = f'<path d="{path}" fill="none" stroke-linejoin="round"'
    return Lines(
        f'{common} stroke="{style.halo}" stroke-width="{wide}"/>',
        f'{common} stroke="{style.line}" stroke-width="{narrow}"{dashes}{caps}/>',
    )


def labels(marks: Sequence[ImageMark], panel: Panel) -> list[str]:
    """The labels of these marks within the panel: of the reference above left, of the device below right of a mark."""
    parts, taken = [], list[Corner]()
    for mark in marks:
        box = mark.box()
        if box is None or not mark.label:
            continue
        (left, top), (right, bottom) = panel.place(box[:2]), panel.place(box[2:])
        if mark.outlines == ():
            left, top, right, bottom = left - CROSS_MM, top - CROSS_MM, right + CROSS_MM, bottom + CROSS_MM
        of_device = mark.side == "device"
        wide = 0.62 * LETTER_MM * len(mark.label)
        x = right if of_device else left
        y = bottom + LETTER_MM + 0.3 if of_device else top - 1.0
        x = min(max(x - (wide if of_device else 0), panel.left + 0.8), panel.left + panel.width - wide - 0.8)
        y = _free(x, min(max(y, panel.top + LETTER_MM + 0.5), panel.top + panel.height - 1.2), taken)
        taken.append((x, y))
        parts.append(words(x, y, mark.label, STYLES[mark.side]))
    return parts


def _free(x: float, y: float, taken: Sequence[Corner]) -> float:
    """A height near this one where no other label lies."""
    steps = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0)
    heights = [y + step * (LETTER_MM + 0.4) for step in steps]
    return next(
        (one for one in heights if not any(abs(x - a) < 9 and abs(one - b) < LETTER_MM + 0.3 for a, b in taken)), y
    )


def words(x: float, y: float, said: str, style: Style) -> str:
    """A short label in the colour of its side, with a halo; escaped, cut, without what cannot be seen."""
    line, halo = (style.halo, style.line) if style == STYLES["reference"] else (style.line, style.halo)
    where = f'x="{paper.mm(x)}" y="{paper.mm(y)}" font-size="{LETTER_MM}" font-weight="700"'
    plain = escape(paper.harmless(said))
    return (
        f'<text {where} fill="{halo}" stroke="{halo}" stroke-width="0.9" stroke-linejoin="round">{plain}</text>'
        f'<text {where} fill="{line}" stroke="none">{plain}</text>'
    )


def corners(box: tuple[float, float, float, float], panel: Panel) -> str:
    """Four corners a little outside of the error. ``box``: left, top, width and height in px."""
    left, top = panel.place(box[:2])
    right, bottom = panel.place((box[0] + box[2], box[1] + box[3]))
    left, top, right, bottom = left - 2.2, top - 2.2, right + 2.2, bottom + 2.2
    c = CORNER_MM
    pieces = [
        (left, top + c, left, top, left + c, top),
        (right - c, top, right, top, right, top + c),
        (right, bottom - c, right, bottom, right - c, bottom),
        (left + c, bottom, left, bottom, left, bottom - c),
    ]
    path = "".join("M{} {}L{} {}L{} {}".format(*(paper.mm(one) for one in piece)) for piece in pieces)
    return two_lines(path, Style("#ffffff", "#000000", ""))


def _closed(points: Sequence[Corner]) -> str:
    return "M" + "L".join(f"{paper.mm(x)} {paper.mm(y)}" for x, y in points) + "z"
