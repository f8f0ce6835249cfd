"""When a mark is on a lesion: the rules that a protocol may name, and what each needs of a lesion."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from ..errors import Problem, ProtocolError
from .closeness import LUNA16_DIAMETER_MM, intersection_over_union

if TYPE_CHECKING:
    from ..vocabulary import Lesion

__all__ = ["LUNA16_DIAMETER_MM", "HitRule", "intersection_over_union"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HitRule:
    """When a mark is on a lesion: exactly one of the rules.

    Regions are boxes, circles, outlines and masks in pixels, spheres and boxes in millimetres; pixels are compared
    where both sides have them. The centre of a region is the middle of the box around it.
    """

    iou_at_least: float | None = None  # the regions' intersection over union is at least this, above 0 to 1
    iou_of: Literal["box", "region"] = "box"  # of the boxes around the regions, or of the regions themselves
    centre_in_region: bool = False  # the mark's centre lies in the lesion's region, its edge included
    # the centres are at most this far apart, above 0; those in pixels by the spacing of the image that both are on
    distance_mm_at_most: float | None = None
    distance_px_at_most: float | None = None  # likewise in pixels of the image
    luna16: bool = False  # centre strictly within the sphere, and the further rules of the LUNA16 program

    def __post_init__(self) -> None:
        """Raises ProtocolError unless one rule is given, with a number in its range."""
        given = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "iou_of"]
        chosen = [(name, value) for name, value in given if value is not None and value is not False]
        most = 1.0 if self.iou_at_least is not None else math.inf
        fits = self.iou_of == "box" or self.iou_at_least is not None
        if len(chosen) != 1 or not 0 < chosen[0][1] <= most or not fits:
            shown = chosen if fits else [("iou_of", self.iou_of), *chosen]
            found = ", ".join(f"{name}: {value}" for name, value in shown) or "–"
            known = ", ".join(name for name, _ in given)
            raise ProtocolError(Problem(key="tasks.hit_rule", facts={"found": found, "known": known}))

    @property
    def in_millimetres(self) -> bool:
        """Whether places in the patient are compared where there are any, whatever image they were marked on."""
        return self.luna16 or self.distance_mm_at_most is not None

    def compares_pixels(self, lesion: Lesion) -> bool:
        """Whether it is by pixels of its image that marks are compared with a lesion."""
        in_px = lesion.x is not None or bool(lesion.outline) or lesion.mask is not None
        return in_px and not self.luna16 and (self.distance_mm_at_most is None or lesion.x_mm is None)

    @property
    def distance_at_most(self) -> float:
        """Of the rules that measure a distance, in their own unit; ∞ for the others."""
        given = (self.distance_px_at_most, self.distance_mm_at_most)
        return next((limit for limit in given if limit is not None), math.inf)

    @property
    def needs(self) -> str:
        """The columns of lesions.csv that the rule needs."""
        if self.luna16:
            return "x_mm, y_mm, z_mm, diameter_mm"
        if self.distance_mm_at_most is not None:
            return "x_mm, y_mm / x, y + PixelSpacing"
        if self.distance_px_at_most is not None:
            return "x, y"
        return "x, y, width, height / x, y, diameter / outline / mask / x_mm, y_mm, z_mm, diameter_mm"

    def fits(self, lesion: Lesion) -> bool:
        """Whether the lesion has what the rule needs."""
        if self.luna16:
            return None not in (lesion.x_mm, lesion.y_mm, lesion.z_mm, lesion.diameter_mm)
        if self.distance_mm_at_most is not None:
            in_px = lesion.spacing_mm is not None and (_has_region_px(lesion) or None not in (lesion.x, lesion.y))
            return in_px or None not in (lesion.x_mm, lesion.y_mm)
        if self.distance_px_at_most is not None:
            return _has_region_px(lesion) or None not in (lesion.x, lesion.y)
        return _has_region_px(lesion) or _has_region_mm(lesion)


def _has_region_px(lesion: Lesion) -> bool:
    if lesion.outline or lesion.mask is not None:
        return True
    has_extent = (lesion.width or 0) > 0 < (lesion.height or 0) or (lesion.diameter or 0) > 0
    return has_extent and None not in (lesion.x, lesion.y)


def _has_region_mm(lesion: Lesion) -> bool:
    has_extent = (lesion.diameter_mm or 0) > 0 or (lesion.size_mm is not None and min(lesion.size_mm) > 0)
    return has_extent and None not in (lesion.x_mm, lesion.y_mm, lesion.z_mm)
