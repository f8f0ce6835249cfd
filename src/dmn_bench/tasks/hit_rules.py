"""When a mark is on a lesion: boxes, regions and distances, in pixels or millimetres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ..errors import Problem, ProtocolError

if TYPE_CHECKING:
    from ..vocabulary import Lesion, Mark

LUNA16_DIAMETER_MM = 10.0
"""Diameter that the LUNA16 program gives a lesion whose own is negative, that is unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitRule:
    """When a mark is on a lesion: exactly one of the rules."""

    iou_at_least: float | None = None  # the boxes' intersection over union is at least this, above 0 to 1
    centre_in_region: bool = False  # the mark's centre lies in the lesion's box or sphere, its edge included
    distance_mm_at_most: float | None = None  # the centres are at most this far apart, above 0
    distance_px_at_most: float | None = None  # likewise in pixels of the image
    luna16: bool = False  # centre strictly within the sphere, and the further rules of the LUNA16 program

    def __post_init__(self) -> None:
        """Raises ProtocolError unless one rule is given, with a number in its range."""
        given = [(field.name, getattr(self, field.name)) for field in fields(self)]
        chosen = [(name, value) for name, value in given if value is not None and value is not False]
        most = 1.0 if self.iou_at_least is not None else math.inf
        if len(chosen) != 1 or not 0 < chosen[0][1] <= most:
            found = ", ".join(f"{name}: {value}" for name, value in chosen) or "–"
            known = ", ".join(name for name, _ in given)
            raise ProtocolError(Problem(key="tasks.hit_rule", facts={"found": found, "known": known}))

    @property
    def in_millimetres(self) -> bool:
        """Whether places are compared in patient coordinates, whatever image they were marked on."""
        return self.luna16 or self.distance_mm_at_most is not None

    @property
    def needs(self) -> str:
        """The columns of lesions.csv that the rule needs."""
        if self.luna16:
            return "x_mm, y_mm, z_mm, diameter_mm"
        if self.distance_mm_at_most is not None:
            return "x_mm, y_mm"
        if self.distance_px_at_most is not None:
            return "x, y"
        return "x, y, width, height" + (" / x_mm, y_mm, z_mm, diameter_mm" if self.centre_in_region else "")

    def fits(self, lesion: Lesion) -> bool:
        """Whether the lesion has what the rule needs."""
        has_sphere = None not in (lesion.x_mm, lesion.y_mm, lesion.z_mm, lesion.diameter_mm)
        if self.luna16:
            return has_sphere
        if self.distance_mm_at_most is not None:
            return None not in (lesion.x_mm, lesion.y_mm)
        if self.distance_px_at_most is not None:
            return _centre_px(lesion) is not None
        return _has_box(lesion) or (self.centre_in_region and has_sphere)

    def closeness(self, mark: Mark, lesion: Lesion) -> float | None:
        """How near a mark is to a lesion it hits, higher is nearer; None when it is no hit, or cannot be judged.

        Says nothing of images and frames.
        """
        if self.iou_at_least is not None:
            overlap = intersection_over_union(mark, lesion)
            return overlap if overlap >= self.iou_at_least else None
        if self.distance_px_at_most is not None:
            return _within(_distance(_centre_px(mark), _centre_px(lesion)), self.distance_px_at_most)
        if self.distance_mm_at_most is not None:
            return _within(_distance(_centre_mm(mark), _centre_mm(lesion)), self.distance_mm_at_most)
        if self.luna16:
            return _luna16_closeness(mark, lesion)
        return _in_region(mark, lesion)


def intersection_over_union(one: Mark | Lesion, other: Mark | Lesion) -> float:
    """Overlap of two boxes as a share of their union, 0 to 1; 0 where one of them is no box.

    >>> from dmn_bench.vocabulary import Mark
    >>> left = Mark(finding="f", x=0, y=0, width=2, height=1)
    >>> intersection_over_union(left, Mark(finding="f", x=1, y=0, width=2, height=1))
    0.3333333333333333
    """
    first, second = _box(one), _box(other)
    if first is None or second is None:
        return 0.0
    wide = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    high = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    union = first[2] * first[3] + second[2] * second[3] - shared
    return shared / union if union > 0 else 0.0


def _has_box(item: Mark | Lesion) -> bool:
    return _box(item) is not None


def _box(item: Mark | Lesion) -> tuple[float, float, float, float] | None:
    if item.x is None or item.y is None or item.width is None or item.height is None:
        return None
    return item.x, item.y, item.width, item.height


def _centre_px(item: Mark | Lesion) -> Sequence[float] | None:
    if item.x is None or item.y is None:
        return None
    return item.x + (item.width or 0.0) / 2, item.y + (item.height or 0.0) / 2


def _centre_mm(item: Mark | Lesion) -> Sequence[float] | None:
    if item.x_mm is None or item.y_mm is None:
        return None
    return (item.x_mm, item.y_mm) if item.z_mm is None else (item.x_mm, item.y_mm, item.z_mm)


def _distance(one: Sequence[float] | None, other: Sequence[float] | None) -> float | None:
    """Distance of two points of one number of dimensions, else None."""
    return None if one is None or other is None or len(one) != len(other) else math.dist(one, other)


def _within(distance: float | None, at_most: float) -> float | None:
    return -distance if distance is not None and distance <= at_most else None


def _in_region(mark: Mark, lesion: Lesion) -> float | None:
    box, centre = _box(lesion), _centre_px(mark)
    if box is not None and centre is not None:
        inside = 0 <= centre[0] - box[0] <= box[2] and 0 <= centre[1] - box[1] <= box[3]
        return -math.dist(centre, _centre_px(lesion) or centre) if inside else None
    if lesion.diameter_mm is None:
        return None
    return _within(_distance(_centre_mm(mark), _centre_mm(lesion)), lesion.diameter_mm / 2)


def _luna16_closeness(mark: Mark, lesion: Lesion) -> float | None:
    one, other = _centre_mm(mark), _centre_mm(lesion)
    if one is None or other is None or len(one) != len(other) or lesion.diameter_mm is None:
        return None
    diameter = lesion.diameter_mm if lesion.diameter_mm >= 0 else LUNA16_DIAMETER_MM
    # Squares are compared, as the program does: a mark on the sphere itself is no hit. As products they overflow to ∞.
    squared = sum((a - b) * (a - b) for a, b in zip(one, other, strict=True))
    return -squared if squared < (diameter / 2) ** 2 else None
