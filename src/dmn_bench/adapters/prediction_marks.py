"""Marks of one row of an output file: the vendor's box form and unit made into x, y, width, height in px."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..hookspecs import CaseKeys
from ..vocabulary import Mark
from .prediction_cells import Cells
from .prediction_layout import Layout
from .prediction_tables import Faults, Row

OUTSIDE_PX = 1.0  # a mark may reach this far over the edge of its image, as in a live answer


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
        in_mm = self._in_mm(row)
        if not places and in_mm is None:
            return []
        if finding is None:
            self.faults.add("adapters.no_finding", row.where)
            return []
        about: dict[str, Any] = {"finding": finding, "image": self._named(keys, image), "frame": self._frame(row)}
        if in_mm is not None:
            x, y, z = in_mm
            score = self._score(row)
            return [Mark(**about, x_mm=x, y_mm=y, z_mm=z, score=score)]
        if image is None and len(keys.case.files) > 1:
            self.faults.add("adapters.mark_without_image", row.where, case=keys.case.case_id, n=len(keys.case.files))
            return []
        path = image if image is not None else next(iter(keys.case.files), "")
        size = (keys.image_sizes or {}).get(path)
        made = [self._mark(place, score, size, about, row) for place, score in zip(places, scores, strict=True)]
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

    def _in_mm(self, row: Row) -> tuple[float, float, float] | None:
        places = [self.layout.named[key] for key in ("x_mm", "y_mm", "z_mm") if key in self.layout.named]
        filled = [place for place in places if not self.cells.is_empty(row.cells[place])]
        if len(filled) == 0:
            return None
        numbers = [self.cells.number(row.cells[place], row.where, self.layout.titles[place]) for place in filled]
        if len(filled) != 3:
            raise ValueError("a mark with a part of its numbers")
        found = tuple(number for number in numbers if number is not None)
        return (found[0], found[1], found[2]) if len(found) == 3 else None

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

    def _mark(
        self,
        place: Sequence[float],
        score: float | None,
        size: tuple[int, int] | None,
        about: Mapping[str, Any],
        row: Row,
    ) -> Mark | None:
        """One box or point; ``about``: the finding, image and frame of the row."""
        if self.normalised and size is None:
            if self.sizes_needed:
                self.faults.add("adapters.image_size_unknown", row.where)
                return None
            return Mark(**about, score=score)
        x, y, width, height = _as_xywh(place, self.boxes)
        if self.normalised and size is not None:
            x, y = x * size[0], y * size[1]
            width, height = (None, None) if width is None or height is None else (width * size[0], height * size[1])
        if width is not None and height is not None and (width <= 0 or height <= 0):
            raise ValueError(f"a mark of {width:g} by {height:g}")
        if size is not None and not (_inside(x, width or 0.0, size[0]) and _inside(y, height or 0.0, size[1])):
            raise ValueError(f"a mark outside its image of {size[0]} by {size[1]} px")
        return Mark(**about, x=x, y=y, width=width, height=height, score=score)


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
