"""Marks of one row of an output file: boxes, points, circles and outlines in px, points and spheres in mm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..hookspecs import CaseKeys
from ..polygons import Outline, box_around, encloses
from ..vocabulary import Mark
from .mark_geometry import OUTSIDE_PX
from .prediction_cells import MAX_NUMBERS, Cells
from .prediction_layout import Layout
from .prediction_tables import Faults, Row


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """What a row draws beside a box or point, on an image of columns and rows where they are known."""

    where: str
    size: tuple[int, int] | None
    diameter: float | None = None
    outline: Outline = ()


@dataclass(frozen=True, kw_only=True)
class MarkReader:
    """Reads marks as one file has them. ``sizes_needed``: a normalised box without an image size is a problem.

    Otherwise such a mark keeps its finding and score and loses its place.
    """

    layout: Layout
    cells: Cells
    boxes: str
    normalised: bool
    sizes_needed: bool
    sign: float
    faults: Faults

    def marks(self, row: Row, keys: CaseKeys, image: str | None, finding: str | None) -> list[Mark]:
        """The marks of a row, [] when it has none.

        Raises NotFinite and ValueError where the vendor's own numbers cannot be a mark.
        """
        if not self.layout.has_marks:
            return []
        places, scores = self._places(row)
        outline, in_mm = self._outline(row), self._in_mm(row)
        if not places and in_mm is None and outline is None:
            return []
        if finding is None:
            self.faults.add("adapters.no_finding", row.where)
            return []
        about: dict[str, Any] = {"finding": finding, "image": self._named(keys, image), "frame": self._frame(row)}
        if in_mm is not None:
            return [Mark(**about, **in_mm, score=self._score(row))]
        if image is None and len(keys.case.files) > 1:
            self.faults.add("adapters.mark_without_image", row.where, case=keys.case.case_id, n=len(keys.case.files))
            return []
        path = image if image is not None else next(iter(keys.case.files), "")
        drawn = _Drawn(where=row.where, size=(keys.image_sizes or {}).get(path), diameter=self._diameter(row))
        if outline is not None:
            if places and len(places[0]) != 4:
                raise ValueError("an outline beside a point")
            drawn = replace(drawn, outline=outline)
            places, scores = places or [()], scores or [self._score(row)]
        made = [
            self._mark(place, drawn, {**about, "score": score}) for place, score in zip(places, scores, strict=True)
        ]
        return [mark for mark in made if mark is not None]

    def _places(self, row: Row) -> tuple[list[tuple[float, ...]], list[float | None]]:
        """The four (or two) numbers of every box or point as written, and its score."""
        place = self.layout.named.get("boxes")
        if place is not None:
            listed = self.cells.boxes(row.cells[place], row.where, self.layout.titles[place]) or []
            return [box[:4] for box in listed], [self.sign * box[4] if len(box) == 5 else None for box in listed]
        filled = [place for place in self.layout.box if not self.cells.is_empty(row.cells[place])]
        if not filled:
            return [], []
        numbers = [self.cells.number(row.cells[place], row.where, self.layout.titles[place]) for place in filled]
        if len(filled) not in (2, 4) or filled != list(self.layout.box)[: len(filled)]:
            raise ValueError("a mark with a part of its numbers")
        if any(number is None for number in numbers):  # noted already
            return [], []
        return [tuple(number for number in numbers if number is not None)], [self._score(row)]

    def _in_mm(self, row: Row) -> Mapping[str, Any] | None:
        """A point in millimetres, with the diameter or the sizes around it."""
        numbers = self._numbers_of(row, ("x_mm", "y_mm", "z_mm"))
        size = self._numbers_of(row, ("width_mm", "height_mm", "depth_mm"))
        diameter = self._numbers_of(row, ("diameter_mm",))
        if numbers is None:
            return None
        if len(numbers) != 3 or (size is not None and len(size) != 3) or (size and diameter):
            raise ValueError("a mark with a part of its numbers")
        for number in (*(size or ()), *(diameter or ())):
            _check_above_zero(number, "mm")
        found: dict[str, Any] = dict(zip(("x_mm", "y_mm", "z_mm"), numbers, strict=True))
        if diameter is not None:
            found["diameter_mm"] = diameter[0]
        return found if size is None else {**found, "size_mm": size}

    def _numbers_of(self, row: Row, names: Sequence[str]) -> tuple[float, ...] | None:
        """The numbers of the filled cells among some columns, None when all are empty."""
        places = [self.layout.named[name] for name in names if name in self.layout.named]
        filled = [place for place in places if not self.cells.is_empty(row.cells[place])]
        numbers = [self.cells.number(row.cells[place], row.where, self.layout.titles[place]) for place in filled]
        return tuple(number for number in numbers if number is not None) if filled else None

    def _diameter(self, row: Row) -> float | None:
        numbers = self._numbers_of(row, ("diameter",))
        if not numbers:
            return None
        _check_above_zero(numbers[0], "px")
        if self.normalised:
            self.faults.add("lesions.diameter_normalised", row.where)
            return None
        return numbers[0]

    def _outline(self, row: Row) -> Outline | None:
        """The outline as written; None where there is none."""
        place = self.layout.named.get("outline")
        if place is None or self.cells.is_empty(row.cells[place]):
            return None
        numbers = self.cells.outline(row.cells[place], row.where, self.layout.titles[place])
        if numbers is None:
            return None
        if len(numbers) % 2 or not 6 <= len(numbers) <= MAX_NUMBERS:
            raise ValueError(f"an outline of {len(numbers)} numbers, 6 to {MAX_NUMBERS} by twos were expected")
        outline = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        outline = outline[:-1] if outline[0] == outline[-1] else outline
        if not encloses(outline):
            raise ValueError("an outline that encloses nothing")
        return outline

    def _score(self, row: Row) -> float | None:
        place = self.layout.named.get("score")
        if place is None:
            return None
        number = self.cells.number(row.cells[place], row.where, self.layout.titles[place])
        return None if number is None else self.sign * number

    def _frame(self, row: Row) -> int | None:
        place = self.layout.named.get("frame")
        if place is None:
            return None
        frame = self.cells.whole_number(row.cells[place], row.where, self.layout.titles[place])
        if frame == 0:
            raise ValueError("a mark on frame 0, frames start at 1")
        return frame

    def _named(self, keys: CaseKeys, image: str | None) -> str | None:
        """An image is named only where a case has several."""
        return image if len(keys.case.files) != 1 else None

    def _mark(self, place: Sequence[float], drawn: _Drawn, about: Mapping[str, Any]) -> Mark | None:
        """One box, point, circle or outline; no place: the box round the outline.

        ``about``: the finding, image, frame and score.
        """
        size = drawn.size
        if self.normalised and size is None:
            if self.sizes_needed:
                self.faults.add("adapters.image_size_unknown", drawn.where)
                return None
            return Mark(**about)
        across, down = size if self.normalised and size is not None else (1, 1)
        outline = tuple((x * across, y * down) for x, y in drawn.outline)
        if place:
            x, y, width, height = _as_xywh(place, self.boxes)
            x, y = x * across, y * down
            width, height = (None, None) if width is None or height is None else (width * across, height * down)
        else:
            x, y, width, height = box_around(outline)
        if width is not None and height is not None and (width <= 0 or height <= 0):
            raise ValueError(f"a mark of {width:g} by {height:g}")
        if drawn.diameter is not None and width is not None:
            self.faults.add("lesions.diameter_beside_box", drawn.where)
        if size is not None:
            _check_inside((x, y, width or 0.0, height or 0.0), outline, size)
        return Mark(**about, x=x, y=y, width=width, height=height, outline=outline, diameter=drawn.diameter)


def _check_above_zero(number: float, unit: str) -> None:
    if number <= 0:
        raise ValueError(f"a mark of {number:g} {unit}")


def _check_inside(box: tuple[float, float, float, float], outline: Outline, size: tuple[int, int]) -> None:
    for x, y, width, height in (box, *([box_around(outline)] if outline else [])):
        if not (_inside(x, width, size[0]) and _inside(y, height, size[1])):
            raise ValueError(f"a mark outside its image of {size[0]} by {size[1]} px")


def _as_xywh(place: Sequence[float], form: str) -> tuple[float, float, float | None, float | None]:
    if len(place) == 2:
        return place[0], place[1], None, None
    a, b, c, d = place
    if form == "xyxy":
        return a, b, c - a, d - b
    if form == "cxcywh":
        return a - c / 2, b - d / 2, c, d
    return a, b, c, d


def _inside(start: float, extent: float, size: int) -> bool:
    return start >= -OUTSIDE_PX and start + extent <= size + OUTSIDE_PX
