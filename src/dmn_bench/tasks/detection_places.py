"""Where in an image missed lesions and false positive marks are, for whoever draws them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..vocabulary import ErrorPlace
from .detection_rows import RowMaker, View, reaches, reference_of
from .mark_places import Places

if TYPE_CHECKING:
    from ..vocabulary import Lesion, Mark, Unit

MISSED, FALSE = "missed_lesion", "false_positive_mark"


def error_places(maker: RowMaker, units: Sequence[Unit], views: Sequence[Sequence[View]]) -> list[ErrorPlace]:
    """The lesions missed and the false positives called at the operating point, in the answered cases of units.

    Missed lesions are ranked by their size, the side of a square of their area or their diameter; false positives by
    how far their score lies above the operating point, or by the score where there is none. A case is ranked by its
    worst. A lesion missed on all of several views is shown on each.
    """
    found = []
    for unit, of_unit in zip(units, views, strict=True):
        reference = reference_of(unit)
        for view, kind, items in _wrong(maker, of_unit):
            ranks = [_size(item) if kind == MISSED else _above(maker, item) for item in items]
            for item, rank in zip(items, ranks, strict=True):
                found.append(_place(view, kind, item, (max(ranks), rank), reference))
    return found


def _wrong(maker: RowMaker, views: Sequence[View]) -> Iterator[tuple[View, str, Sequence[Lesion | Mark]]]:
    missed: dict[str, list[Lesion]] = {}
    for row, seen in maker.lesion_rows(views):
        for view, lesion in seen if not row.called else ():
            missed.setdefault(view.case.case_id, []).append(lesion)
    for view in views:
        if view.status == "answered":
            point = maker.context.operating_point
            yield view, MISSED, missed.get(view.case.case_id, [])
            yield view, FALSE, [mark for mark in view.matched.false_positives if reaches(mark, point)]


def _place(view: View, kind: str, item: Lesion | Mark, ranks: tuple[float, float], reference: str) -> ErrorPlace:
    is_missed = kind == MISSED
    return ErrorPlace(
        case_id=view.case.case_id,
        kind=kind,
        in_case=ranks[0],
        here=ranks[1],
        image=item.image,
        frame=item.frame,
        box=_box(item),
        sphere_mm=_sphere(item),
        about=getattr(item, "lesion_id", ""),
        reference=reference,
        answer="negative" if is_missed else "positive",
    )


def _box(item: Lesion | Mark) -> tuple[float, float, float, float] | None:
    """The box around a region in pixels; of a point, one without extent."""
    px = Places([item]).px
    (left, top, *_), (width, height) = px.box[0].tolist(), px.size[0].tolist()
    if not math.isnan(left):
        return left, top, width, height
    x, y = px.centre[0].tolist()
    return None if math.isnan(x) else (x, y, 0.0, 0.0)


def _sphere(item: Lesion | Mark) -> tuple[float, float, float, float] | None:
    if item.x_mm is None or item.y_mm is None or item.z_mm is None:
        return None
    diameter = max(item.size_mm) if item.size_mm is not None else item.diameter_mm or 0.0
    return item.x_mm, item.y_mm, item.z_mm, diameter


def _size(lesion: Lesion | Mark) -> float:
    box = _box(lesion)
    if box is not None and box[2] * box[3] > 0:
        return math.sqrt(box[2] * box[3])
    if lesion.size_mm is not None:
        return max(lesion.size_mm)
    return lesion.diameter_mm or 0.0


def _above(maker: RowMaker, mark: Lesion | Mark) -> float:
    point, score = maker.context.operating_point, getattr(mark, "score", None)
    if score is None:
        return 0.0
    return float(score) - (point.score_at_least if point is not None else 0.0)
