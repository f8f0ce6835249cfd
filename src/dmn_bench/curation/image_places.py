"""Places that somebody drew, brought to the picture as it is shown: turned, cut to its edge, or refused."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..errors import Fact, Problem
from ..inputs.coco_runs import MaskError, one_outline
from ..inputs.drawn_pictures import Box, Drawn, DrawnPicture
from ..inputs.mask_runs import array_of
from ..inputs.picture_turns import UPRIGHT, stored_size, turned_box, turned_pixels, turned_points
from ..polygons import Outline, box_around, encloses
from ..tasks.outlines import filled
from ..vocabulary import Mask

if TYPE_CHECKING:
    from ..vocabulary import BoolArray

Pictures = Literal["stored", "upright"]
"""Whether what was drawn is on pictures as they are stored, or as their orientation mark shows them."""
MOST_POINTS = 2000  # of an outline in a line of lesions.csv; of more its pixels are kept
EDGE_PX = 1.0  # what is drawn may reach so far over the edge, and is cut to it
SAME_PX = 0.01


class Shown(NamedTuple):
    """A picture: columns and rows as it is shown, and its orientation mark (1: stored as shown)."""

    columns: int
    rows: int
    mark: int


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One thing drawn, in px of the picture as shown: a box, outline, mask [rows, columns], circle or point.

    None of these: a finding of the picture without a place.
    """

    drawn: Drawn
    box: Box | None = None
    outline: Outline = ()
    mask: BoolArray | None = None
    point: tuple[float, float] | None = None
    diameter: float | None = None

    def pixels(self, shown: Shown) -> BoolArray | None:
        """The pixels inside, [rows, columns]; None of a circle, a point, or what has no place."""
        if self.mask is not None:
            return self.mask
        outline = self.outline or (() if self.box is None else _corners(self.box))
        return filled(outline, shown.rows, shown.columns) if outline else None


@dataclass(kw_only=True)
class OnPicture:
    """What was drawn on one picture. ``counts``: cut (to the edge), twice (left out)."""

    placed: list[Placed] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class _BadError(ValueError):
    """Why something drawn cannot be on its picture: the key of a sentence, and facts."""

    def __init__(self, key: str, **facts: Fact) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


def on_picture(stated: Iterable[DrawnPicture], shown: Shown, pictures: Pictures | None) -> OnPicture:
    """What annotation files say of a picture, placed on it; ``pictures`` is asked for where it matters.

    What is there twice is taken once. Everything that cannot be placed is a fault of the whole picture.
    """
    found = OnPicture()
    seen: set[tuple[object, ...]] = set()
    for picture in stated:
        found.faults += picture.faults
        drawn = [each for each in picture.drawn if not each.faults]
        found.faults += [fault for each in picture.drawn for fault in each.faults]
        has_place = any(each.box or each.outlines or each.mask or each.point for each in drawn)
        problem = _unsuitable(picture, shown, pictures) if has_place else None
        if problem is not None:
            found.faults.append(problem)
            continue
        for each in drawn:
            if each.place in seen:
                found.counts["twice"] += 1
                continue
            seen.add(each.place)
            try:
                found.placed.append(_Placing(shown, pictures, found.counts).place(each))
            except _BadError as error:
                found.faults.append(Problem(key=f"annotations.{error.key}", where=each.where, facts=error.facts))
    return found


def _unsuitable(picture: DrawnPicture, shown: Shown, pictures: Pictures | None) -> Problem | None:
    """Why nothing drawn can be on this picture: its orientation, or its size."""
    if shown.mark != UPRIGHT and pictures is None:
        return Problem(key="annotations.turn_unstated", where=picture.where, facts={"found": shown.mark})
    columns, rows = _drawn_on(shown, pictures)
    if picture.size is None or picture.size == (columns, rows):
        return None
    facts = {"found": "{:g} x {:g}".format(*picture.size), "expected": f"{columns} x {rows}"}
    is_turned = shown.mark >= 5 and picture.size == (rows, columns)  # the first mark that swaps columns and rows
    key = "annotations.turned_size" if is_turned else "annotations.other_size"
    return Problem(key=key, where=picture.where, facts=facts)


def _drawn_on(shown: Shown, pictures: Pictures | None) -> tuple[int, int]:
    """Columns and rows of the picture that somebody drew on."""
    return stored_size(shown.mark if pictures == "stored" else UPRIGHT, (shown.columns, shown.rows))


class _Placing:
    """Places things on one picture."""

    def __init__(self, shown: Shown, pictures: Pictures | None, counts: Counter[str]) -> None:
        self._shown, self._counts = shown, counts
        self._size = _drawn_on(shown, pictures)
        self._turn = shown.mark if pictures == "stored" else UPRIGHT

    def place(self, drawn: Drawn) -> Placed:
        """One thing drawn. Raises _BadError."""
        scale = self._size if drawn.shares else (1, 1)
        box = None if drawn.box is None else self._box(drawn.box, scale)
        if drawn.mask is not None:
            mask = self._mask(drawn.mask)
            rows, columns = np.nonzero(mask)
            _check_together(box, [*zip(columns.tolist(), rows.tolist(), strict=True)])
            return Placed(drawn=drawn, box=box, mask=mask)
        if drawn.outlines:
            outlines = [self._outline(outline, scale) for outline in drawn.outlines]
            _check_together(box, [point for outline in outlines for point in outline])
            return self._of_outlines(drawn, box, outlines)
        if drawn.point is not None:
            point, radius = drawn.point, 0.0 if drawn.diameter is None else drawn.diameter / 2
            if drawn.diameter is not None and radius <= 0:
                raise _BadError("no_area", found=f"{drawn.diameter:g}")
            self._check((point,))
            if 2 * radius > math.hypot(*self._size):  # it may reach over the edge, and not be wider than the picture
                raise _BadError("outside", found=f"{2 * radius:g}", columns=self._size[0], rows=self._size[1])
            return Placed(drawn=drawn, point=self._turned((point,))[0], diameter=drawn.diameter)
        return Placed(drawn=drawn, box=box)

    def _of_outlines(self, drawn: Drawn, box: Box | None, outlines: Sequence[Outline]) -> Placed:
        """One region of several parts: an outline where that is exact, else the pixels of all."""
        try:
            outline = one_outline(outlines)
        except MaskError:
            outline = ()
        if outline and len(outline) <= MOST_POINTS:
            return Placed(drawn=drawn, box=box, outline=outline)
        self._counts["as_pixels"] += 1
        shape = (self._shown.rows, self._shown.columns)
        mask = np.logical_or.reduce([filled(each, *shape) for each in outlines])
        if not mask.any():
            raise _BadError("no_area", found=0)
        return Placed(drawn=drawn, mask=mask)

    def _box(self, box: Box, scale: tuple[float, float]) -> Box:
        x, y, width, height = box[0] * scale[0], box[1] * scale[1], box[2] * scale[0], box[3] * scale[1]
        if width <= 0 or height <= 0:
            raise _BadError("no_area", found=f"{width:g} x {height:g}")
        corners = self._cut(((x, y), (x + width, y + height)))
        if corners is not None:
            (x, y), (right, bottom) = corners
            width, height = right - x, bottom - y
            if width <= 0 or height <= 0:
                raise _BadError("no_area", found=f"{width:g} x {height:g}")
        return turned_box(self._turn, (x, y, width, height), self._size)

    def _outline(self, outline: Outline, scale: tuple[float, float]) -> Outline:
        points = tuple((x * scale[0], y * scale[1]) for x, y in outline)
        points = self._cut(points) or points
        if not encloses(points):
            raise _BadError("no_area", found=f"{len(points)}")
        return self._turned(points)

    def _cut(self, points: Outline) -> Outline | None:
        """Points cut to the edge, None where none passes it. Raises _BadError where one lies outside."""
        self._check(points)
        columns, rows = self._size
        cut = tuple((min(max(x, 0.0), columns), min(max(y, 0.0), rows)) for x, y in points)
        if cut == points:
            return None
        self._counts["cut"] += bool(np.abs(np.array(cut) - np.array(points)).max() > SAME_PX)
        return cut

    def _check(self, points: Outline) -> None:
        columns, rows = self._size
        if not all(-EDGE_PX <= x <= columns + EDGE_PX and -EDGE_PX <= y <= rows + EDGE_PX for x, y in points):
            found = " ".join(f"{value:g}" for value in box_around(points))
            raise _BadError("outside", found=found, columns=columns, rows=rows)

    def _turned(self, points: Outline) -> Outline:
        if self._turn == UPRIGHT:
            return points
        return tuple(turned_points(self._turn, points, self._size))

    def _mask(self, mask: tuple[int, int, tuple[int, ...]]) -> BoolArray:
        rows, columns, runs = mask
        if (columns, rows) != self._size:
            expected = "{} x {}".format(*self._size)
            raise _BadError("mask_size", found=f"{columns} x {rows}", expected=expected)
        return turned_pixels(self._turn, array_of(Mask(structure="", rows=rows, columns=columns, runs=runs)))


def _check_together(box: Box | None, points: Sequence[tuple[float, float]]) -> None:
    """Raise _BadError where a box lies apart from the points of the region that it is the box of."""
    if box is None or not points:
        return
    around = box_around(points)
    if any(
        one > other + size + EDGE_PX or other > one + length + EDGE_PX
        for one, length, other, size in zip(box[:2], box[2:], around[:2], around[2:], strict=True)
    ):
        said = [" ".join(f"{value:g}" for value in each) for each in (box, around)]
        raise _BadError("box_elsewhere", found=said[0], other=said[1])


def _corners(box: Box) -> Outline:
    x, y, width, height = box
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)
