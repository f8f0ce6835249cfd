"""A part of an image round an error, with both sides' marks, a scale bar, and the whole image small beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import image_marks as marking
from . import paper
from .png import png_uri

if TYPE_CHECKING:
    from .grey_range import Bytes, GreyRange, Plane
    from .image_marks import ImageMark, Panel

MAIN_MM, SMALL_MM, GAP_MM = 84.0, 40.0, 3.0  # longest sides of the panels, and between them
MAIN_PX, SMALL_PX = 400, 160
COLOUR_PX = 320  # in place of MAIN_PX: colours take three times as much
LEAST_REDUCED = 4  # times that a whole image is reduced at least where words may be burned into it
EDGE_SHARE = 0.08  # of such an image that a part of it leaves out on each side, unless the error lies there
MARKS_AT_MOST = 12  # of the device, besides that of the error
BARS_MM = (1, 2, 5, 10, 20, 50, 100, 200)

Box = tuple[float, float, float, float]  # px: x, y, width, height


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One image, or one frame of it, and what is marked in it.

    ``plane``: [rows, columns] or [rows, columns, 3]. ``box``: where the error is, None for the whole image.
    ``has_corners``: whether the error is that place alone, so that it is framed. ``spacing_mm``: (row, column).
    ``is_clean``: whether somebody states that no words are burned into it.
    """

    plane: Plane
    grey: GreyRange
    marks: Sequence[ImageMark] = ()
    box: Box | None = None
    has_corners: bool = False
    spacing_mm: tuple[float, float] | None = None
    is_clean: bool = False


class Thumb(NamedTuple):
    """The drawing, and what a caption must say of it."""

    svg: str
    bar_mm: float | None
    is_reduced: bool
    is_outside: bool
    n_left_out: int
    signs: tuple[str, ...]


class _Part(NamedTuple):
    """A part of an image in whole px, and how many of these across and down become one of the picture."""

    column: int
    row: int
    columns: int
    rows: int
    across: int
    down: int


def thumb(scene: Scene, *, title: str, description: str) -> Thumb:
    """The drawing of a scene: the part round its box with the whole beside it, or the whole alone."""
    rows, columns = scene.plane.shape[:2]
    spacing_mm = _usable(scene.spacing_mm)
    box = scene.box if scene.box is not None and _is_inside(scene.box, rows, columns) else None
    whole = _whole(rows, columns, SMALL_PX, is_clean=scene.is_clean)
    most_px = MAIN_PX if scene.plane.ndim == 2 else COLOUR_PX
    if box is None:
        part = _whole(rows, columns, most_px, is_clean=True) if scene.is_clean else whole
        longest = MAIN_MM if scene.is_clean else max(SMALL_MM, MAIN_MM * max(whole.columns, whole.rows) / MAIN_PX)
    else:
        part, longest = _around(box, scene, most_px), MAIN_MM
    panel = _panel(part, spacing_mm, longest, left=0.0)
    shown, n_left_out = _in_sight(scene.marks, panel)
    marks = [marking.drawn(one, panel) for one in shown]
    parts = [_pixels(scene, part, panel), *(one.halo for one in marks), *(one.line for one in marks)]
    signs = [one.side for one in shown] + ["cross"] * any(not one.outlines for one in shown)
    if box is not None and scene.has_corners:
        parts.append(marking.corners(box, panel))
        signs.append("corners")
    parts += marking.labels(shown, panel)
    bar_mm = _bar_mm(panel, spacing_mm)
    if bar_mm is not None and spacing_mm is not None:
        parts.append(_bar(panel, bar_mm, bar_mm / spacing_mm[1]))
        signs.append("bar")
    beside = None
    if box is not None and (part.columns < 0.9 * columns or part.rows < 0.9 * rows):
        beside = _panel(whole, spacing_mm, SMALL_MM, left=panel.width + GAP_MM)
    width = panel.width if beside is None else beside.left + beside.width
    height = panel.height if beside is None else max(panel.height, beside.height)
    parts.append(_mat(panel, width, height))
    if beside is not None:
        parts += [_pixels(scene, whole, beside), _rectangle(part, beside)]
        signs.append("overview")
    return Thumb(
        svg=_drawing(width, height, parts, title=title, description=description),
        bar_mm=bar_mm,
        is_reduced=box is None and not scene.is_clean,
        is_outside=scene.box is not None and box is None,
        n_left_out=n_left_out,
        signs=tuple(sorted(set(signs))),
    )


def _usable(spacing_mm: tuple[float, float] | None) -> tuple[float, float] | None:
    """A spacing that can be one of pixels, else None."""
    return spacing_mm if spacing_mm is not None and all(1e-6 < one < 1e3 for one in spacing_mm) else None


def _is_inside(box: Box, rows: int, columns: int) -> bool:
    """Whether some of a box is in the image: one that is not finite is not, one without width or height may be."""
    x, y, width, height = box
    return all(map(math.isfinite, box)) and x < columns and y < rows and x + width > 0 and y + height > 0


def _whole(rows: int, columns: int, most_px: int, *, is_clean: bool) -> _Part:
    step = max(math.ceil(max(rows, columns) / most_px), 1 if is_clean else LEAST_REDUCED)
    return _part((0, columns), (0, rows), step)


def _part(across: tuple[int, int], down: tuple[int, int], step: int) -> _Part:
    """A part by first px and number of px along each axis, less what is left of them by blocks of ``step``."""
    (column, columns), (row, rows) = across, down
    wide, high = min(step, columns), min(step, rows)
    return _Part(column, row, columns // wide * wide, rows // high * high, wide, high)


def _around(box: Box, scene: Scene, most_px: int) -> _Part:
    """A square part three times as wide as the error, and wide enough to see where in the image it lies."""
    rows, columns = scene.plane.shape[:2]
    side = math.ceil(max(3 * box[2], 3 * box[3], 0.12 * max(rows, columns), 48))
    across = _stretch(box[0], box[2], side, columns, is_clean=scene.is_clean)
    down = _stretch(box[1], box[3], side, rows, is_clean=scene.is_clean)
    return _part(across, down, math.ceil(max(across[1], down[1]) / most_px))


def _stretch(start: float, length: float, side: int, size: int, *, is_clean: bool) -> tuple[int, int]:
    """First px and number of px along one axis: ``side`` round the middle of the error, moved into the image."""
    edge = 0 if is_clean else math.ceil(EDGE_SHARE * size)
    low = max(min(edge, math.floor(start)), 0)
    high = min(max(size - edge, math.ceil(start + length)), size)
    count = min(side, high - low)
    first = min(max(math.floor(start + length / 2 - count / 2), low), high - count)
    return first, count


def _panel(part: _Part, spacing_mm: tuple[float, float] | None, longest: float, *, left: float) -> Panel:
    down, across = spacing_mm or (1.0, 1.0)
    wide, high = part.columns * across, part.rows * down
    scale = longest / max(wide, high)
    return marking.Panel(
        left=left,
        top=0.0,
        width=wide * scale,
        height=high * scale,
        first_column=part.column,
        first_row=part.row,
        columns=part.columns,
        rows=part.rows,
    )


def _pixels(scene: Scene, part: _Part, panel: Panel) -> str:
    plane = scene.plane[part.row : part.row + part.rows, part.column : part.column + part.columns]
    found = _reduced(scene.grey.bytes_of(plane), part.across, part.down)
    where = f'x="{paper.mm(panel.left)}" y="{paper.mm(panel.top)}" width="{paper.mm(panel.width)}"'
    return f'<image {where} height="{paper.mm(panel.height)}" preserveAspectRatio="none" href="{png_uri(found)}"/>'


def _reduced(values: Bytes, across: int, down: int) -> Bytes:
    """Each block of ``down`` rows by ``across`` columns as its mean, rounded. The size is a multiple of both."""
    if across == down == 1:
        return np.ascontiguousarray(values)
    high, wide = values.shape[0] // down, values.shape[1] // across
    sums = values.reshape(high, down, wide, across, *values.shape[2:]).sum(axis=(1, 3), dtype=np.uint64)
    found: Bytes = ((sums + across * down // 2) // (across * down)).astype(np.uint8)
    return found


def _in_sight(marks: Sequence[ImageMark], panel: Panel) -> tuple[list[ImageMark], int]:
    """The marks that the panel shows, the reference first, of the device those that come first; how many are left."""
    seen = [one for one in marks if panel.shows(one)]
    of_device = [one for one in seen if one.side == "device"]
    others = [one for one in seen if one.side != "device"]
    return [*others, *of_device[:MARKS_AT_MOST]], max(len(of_device) - MARKS_AT_MOST, 0)


def _bar_mm(panel: Panel, spacing_mm: tuple[float, float] | None) -> float | None:
    """The longest bar that is at most a third of the panel; None without a spacing, or where all are too long."""
    if spacing_mm is None:
        return None
    wide_mm = panel.columns * spacing_mm[1]
    return next((float(bar) for bar in reversed(BARS_MM) if bar <= wide_mm / 3), None)


def _bar(panel: Panel, bar_mm: float, columns: float) -> str:
    long = columns / panel.columns * panel.width
    x, y = panel.left + panel.width - 3.0 - long, panel.top + panel.height - 3.5
    path = f"M{paper.mm(x)} {paper.mm(y - 1)}v2m0-1h{paper.mm(long)}m0-1v2"
    style = marking.Style("#ffffff", "#000000", "")
    label = f"{bar_mm:g} mm"
    at = x + long / 2 - 0.3 * marking.LETTER_MM * len(label)
    at = min(at, panel.left + panel.width - 0.62 * marking.LETTER_MM * len(label) - 1)
    return marking.two_lines(path, style) + marking.words(at, y - 1.8, label, style)


def _mat(panel: Panel, width: float, height: float) -> str:
    """White over all that lies outside of a panel: marks end at its edge."""
    far = 1100
    outer = f"M-{far}-{far}H{far}V{far}H-{far}z"
    left, top = paper.mm(panel.left), paper.mm(panel.top)
    inner = f"M{left} {top}v{paper.mm(panel.height)}h{paper.mm(panel.width)}v-{paper.mm(panel.height)}z"
    return f'<path d="{outer}{inner}" fill="{paper.PAPER}" stroke="none"/>'


def _rectangle(part: _Part, panel: Panel) -> str:
    """On the whole image, the part that is shown large."""
    x, y = panel.place((part.column, part.row))
    u, v = panel.place((part.column + part.columns, part.row + part.rows))
    x, y = max(x, panel.left + 0.3), max(y, panel.top + 0.3)
    u, v = min(u, panel.left + panel.width - 0.3), min(v, panel.top + panel.height - 0.3)
    path = f"M{paper.mm(x)} {paper.mm(y)}H{paper.mm(u)}V{paper.mm(v)}H{paper.mm(x)}z"
    return (
        f'<path d="{path}" fill="none" stroke="#000000" stroke-width="0.9"/>'
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="0.4"/>'
    )


def _drawing(width: float, height: float, parts: Sequence[str], *, title: str, description: str) -> str:
    """A whole SVG like those of ``paper``, but to no scale."""
    svg = paper.drawing(width, height, parts, title=title, description=description)
    return svg.replace(' class="to-scale"', ' class="thumbnail"', 1)
