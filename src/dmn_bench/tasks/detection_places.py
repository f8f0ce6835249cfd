"""Where in an image missed lesions and false positive marks are, for whoever draws them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..vocabulary import ErrorPlace, Mark
from .detection_rows import RowMaker, View, reaches, reference_of
from .mark_places import Places

if TYPE_CHECKING:
    from ..vocabulary import Lesion, Unit

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
                place = _place(view, kind, item, (max(ranks), rank), reference)
                why, value = _why(view, item)
                found.append(dataclasses.replace(place, why=why, why_value=value))
    return found


def place_listed(case_id: str, item: Lesion | Mark, score: float | None) -> ErrorPlace:
    """Where a listed error lies; it ranks by the size of a missed lesion, or by the score of a false mark."""
    is_mark = isinstance(item, Mark)
    rank = (0.0 if score is None else score) if is_mark else _size(item)
    return ErrorPlace(
        case_id=case_id,
        kind=FALSE if is_mark else MISSED,
        in_case=rank,
        here=rank,
        image=item.image,
        frame=item.frame,
        box=_box(item),
        sphere_mm=_sphere(item),
        about=getattr(item, "lesion_id", ""),
    )


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


def _why(view: View, item: Lesion | Mark) -> tuple[str, float | None]:
    """Why a lesion was missed or a mark is false, and the number that goes with it; "" where that is not known."""
    hits = view.matched.hits
    taken: list[Mark | Lesion]
    others: Sequence[Mark | Lesion]
    if isinstance(item, Mark):
        others = view.lesions
        taken = [lesion for lesion, hit in zip(view.lesions, hits, strict=True) if hit is not None]
    else:
        own = [hit for lesion, hit in zip(view.lesions, hits, strict=True) if lesion is item and hit is not None]
        if own:  # and it was not called
            return "below_the_point", own[0].score
        taken = [hit for hit in hits if hit is not None]
        others = [*view.matched.false_positives, *view.matched.second_hits, *taken]
    overlaps = [_overlap(item, other) for other in others if _may_meet(item, other)]
    known = [(overlap, other) for overlap, other in overlaps if overlap is not None and overlap >= 0]
    if not known:
        return ("", None) if any(overlap is None for overlap, _ in overlaps) else ("no_mark", None)
    overlap, nearest = max(known, key=lambda pair: pair[0])
    return "counts_for_another" if any(one is nearest for one in taken) else "misplaced", overlap


def _may_meet(one: Lesion | Mark, other: Lesion | Mark) -> bool:
    """Whether two may lie on the same image and frame."""
    pairs = ((one.image, other.image), (one.frame, other.frame))
    return all(a is None or b is None or a == b for a, b in pairs)


def _overlap(one: Lesion | Mark, other: Lesion | Mark) -> tuple[float | None, Lesion | Mark]:
    """The overlap (IoU) of the boxes of two, −1 where they lie apart, None where one has no place in pixels."""
    first, second = _box(one), _box(other)
    if first is None or second is None:
        return None, other
    (x, y, wide, high), (u, v, across, down) = first, second
    width, height = min(x + wide, u + across) - max(x, u), min(y + high, v + down) - max(y, v)
    least, have_extent = min(width, height), min(wide * high, across * down) > 0
    if least < 0 or (least == 0 and have_extent):
        return -1.0, other
    union = wide * high + across * down - width * height
    return width * height / union if union > 0 else 0.0, other


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
