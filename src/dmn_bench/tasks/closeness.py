"""How near marks are to lesions under a hit rule, for many pairs at once: overlaps and distances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .pixel_spans import shared_pixels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..vocabulary import BoolArray, FloatArray, IntArray, Lesion, Mark
    from .hit_rules import HitRule
    from .mark_places import Places
    from .pixel_spans import Spans

LUNA16_DIAMETER_MM = 10.0
"""Diameter that the LUNA16 program gives a lesion whose own is negative, that is unknown."""


class Pairs:
    """Pairs of a mark and a lesion, [p], as their places in ``marks`` and ``lesions``.

    ``same_picture`` [p]: whether the two are on one image and frame, without which pixels tell nothing.
    ``ignored`` [p]: lesions to ignore; what it takes to be on them is less than to find a lesion (``closeness``).
    """

    def __init__(
        self, places: tuple[Places, Places], at: tuple[IntArray, IntArray], same_picture: BoolArray, ignored: BoolArray
    ) -> None:
        self.marks, self.lesions = places
        self.mark, self.lesion = at
        self.same_picture, self.ignored = same_picture, ignored

    def closeness(self, rule: HitRule) -> FloatArray:
        """How near each mark is to a lesion that it hits, higher is nearer; NaN where it hits none: [p].

        Pixels are compared where both sides have them, else millimetres; a distance in millimetres is that in pixels by
        the spacing of the lesion's image where the lesion has one, else that in the patient. On a lesion to ignore is
        also a mark of which the share asked for lies in it, however large it is, and one whose centre lies in it,
        however far its middle is.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if rule.luna16:
                return self._luna16()
            if rule.iou_at_least is not None:
                found = self.overlap(exact=rule.iou_of == "region", least=rule.iou_at_least)
                return np.where(found >= rule.iou_at_least, found, np.nan)
            if rule.centre_in_region:
                return self.in_region(in_px=True, in_mm=True)
            in_px = np.full(len(self.mark), rule.distance_px_at_most is not None)
            if rule.distance_px_at_most is not None:
                distance = self._distance_px()
            else:
                in_px |= ~np.isnan(self.lesions.spacing[self.lesion, 0])
                distance = np.where(in_px, self._distance_px_in_mm(), self._distance_mm())
            near = np.where(distance <= rule.distance_at_most, -distance, np.nan)
            for is_px, chosen in ((True, in_px), (False, ~in_px)):
                around = np.flatnonzero(self.ignored & np.isnan(near) & chosen)
                near[around] = self.some(around).in_region(in_px=is_px, in_mm=not is_px)
            return near

    def some(self, chosen: IntArray) -> Pairs:
        """The pairs at these places."""
        return Pairs(
            (self.marks, self.lesions),
            (self.mark[chosen], self.lesion[chosen]),
            self.same_picture[chosen],
            self.ignored[chosen],
        )

    # ------------------------------------------------------------------------------------------------ distances

    def _distance_px(self) -> FloatArray:
        apart = self.marks.px.centre[self.mark] - self.lesions.px.centre[self.lesion]
        return np.where(self.same_picture, np.hypot(apart[:, 0], apart[:, 1]), np.nan)

    def _distance_px_in_mm(self) -> FloatArray:
        """On one image and frame by its spacing, which need not be the same along rows and columns; else NaN."""
        apart = self.marks.px.centre[self.mark] - self.lesions.px.centre[self.lesion]
        apart = apart * self.lesions.spacing[self.lesion]
        return np.where(self.same_picture, np.hypot(apart[:, 0], apart[:, 1]), np.nan)

    def _apart_mm(self) -> FloatArray:
        """Along x, y and z [p, 3]; no distance along z where neither side has one."""
        one, other = self.marks.mm.centre[self.mark], self.lesions.mm.centre[self.lesion]
        apart = one - other
        apart[np.isnan(one[:, 2]) & np.isnan(other[:, 2]), 2] = 0.0
        return apart

    def _distance_mm(self) -> FloatArray:
        apart = self._apart_mm()
        return np.asarray(np.hypot(np.hypot(apart[:, 0], apart[:, 1]), apart[:, 2]), dtype=np.float64)

    def _luna16(self) -> FloatArray:
        diameter = self.lesions.mm.diameter
        radius = np.where(diameter >= 0, diameter, np.where(diameter < 0, LUNA16_DIAMETER_MM, np.nan)) / 2
        # squares are compared, as the program does: a mark on the sphere itself is no hit
        squared = (self._apart_mm() ** 2).sum(axis=1)
        return np.where(squared < radius[self.lesion] ** 2, -squared, np.nan)

    # ------------------------------------------------------------------------------------------- centre in region

    def in_region(self, *, in_px: bool, in_mm: bool) -> FloatArray:
        """Minus the distance of centres where that of the mark lies in the lesion, else NaN."""
        near = np.full(len(self.mark), np.nan)
        decided = np.zeros(len(self.mark), dtype=np.bool_)
        if in_px:
            box, centre = self.lesions.px.box[self.lesion], self.marks.px.centre[self.mark]
            decided = ~np.isnan(box[:, 0]) & ~np.isnan(centre[:, 0])
            # measured from the corner: boxes are stated by their size, and a sum of decimals would be rounded
            offset, size = centre - box[:, :2], self.lesions.px.size[self.lesion]
            inside = decided & self.same_picture & ((offset >= 0) & (offset <= size)).all(axis=1)
            for pair in np.flatnonzero(inside & self.lesions.px.has_region[self.lesion]):
                inside[pair] = _holds(self.lesions, int(self.lesion[pair]), *centre[pair].tolist())
            near[inside] = -self._distance_px()[inside]
        if in_mm and not decided.all():
            apart, half = np.abs(self._apart_mm()), self.lesions.mm.half[self.lesion]
            is_box = self.lesions.mm.is_box[self.lesion]
            distance = self._distance_mm()
            inside = ~decided & np.where(is_box, (apart <= half).all(axis=1), distance <= half[:, 0])
            near[inside] = -distance[inside]
        return near

    # -------------------------------------------------------------------------------------------------- overlaps

    def overlap(self, *, exact: bool, least: float = 0.0) -> FloatArray:
        """Shared part as a share of the union, of a lesion to ignore as a share of the mark; 0 where nothing is.

        Below ``least`` any number below it may stand.
        """
        one, other = self.marks.px.box[self.mark], self.lesions.px.box[self.lesion]
        in_px = ~np.isnan(one[:, 0]) & ~np.isnan(other[:, 0])
        found = np.zeros(len(self.mark))
        sides = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
        meeting = np.flatnonzero(in_px & self.same_picture & (sides > 0).all(axis=1))
        shared = sides[meeting, 0] * sides[meeting, 1]
        areas = [
            self.marks.px.size[self.mark[meeting]].prod(axis=1),
            self.lesions.px.size[self.lesion[meeting]].prod(axis=1),
        ]
        if exact:
            self._exact(meeting, sides, shared, areas, least)
        found[meeting] = _share(shared, areas, self.ignored[meeting])
        if not in_px.all():
            rest = np.flatnonzero(~in_px)
            found[rest] = self.some(rest).overlap_mm(exact=exact)
        return found

    def _exact(
        self, meeting: IntArray, sides: FloatArray, shared: FloatArray, areas: Sequence[FloatArray], least: float
    ) -> None:
        """Put what exact regions share, and their areas, in place of those of the boxes around them.

        Where regions of these areas in boxes that share so much cannot reach ``least``, that upper limit is left.
        """
        one, other = self.marks.px, self.lesions.px
        mark, lesion = self.mark[meeting], self.lesion[meeting]
        is_exact = one.has_region[mark] | other.has_region[lesion]
        radii = one.radius[mark], other.radius[lesion]
        of_circles = ~np.isnan(radii[0]) & ~np.isnan(radii[1])
        for place in np.flatnonzero(of_circles).tolist():
            distance = math.dist(one.centre[mark[place]], other.centre[lesion[place]])
            shared[place] = shared_by_circles(distance, float(radii[0][place]), float(radii[1][place]))
            areas[0][place], areas[1][place] = (math.pi * float(radius[place]) ** 2 for radius in radii)
        drawn = np.flatnonzero(is_exact & ~of_circles)
        areas[0][drawn], areas[1][drawn] = self.marks.areas(mark[drawn]), self.lesions.areas(lesion[drawn])
        # of a box with sides of n px and a part no more than n + 1 centres of pixels lie in a row or column
        most = np.minimum(np.minimum(areas[0], areas[1]), (sides[meeting] + 1).prod(axis=1))[drawn]
        shared[drawn] = most
        near = drawn[_share(most, [area[drawn] for area in areas], self.ignored[meeting[drawn]]) >= least]
        marks, lesions = mark[near].tolist(), lesion[near].tolist()
        spans = self.marks.spans(marks), self.lesions.spans(lesions)
        (ones, at_one), (others, at_other) = (_listed(*pair) for pair in zip(spans, (marks, lesions), strict=True))
        shared[near] = shared_pixels(ones, others, at_one, at_other)

    def overlap_mm(self, *, exact: bool) -> FloatArray:
        """As ``overlap``, in millimetres; a sphere and a box are compared as the boxes around them."""
        one, other = self.marks.mm.half[self.mark], self.lesions.mm.half[self.lesion]
        apart = self._apart_mm()
        sides = np.minimum(one, apart + other) - np.maximum(-one, apart - other)
        shared = np.clip(sides, 0, None).prod(axis=1)
        volumes = [(2 * half).prod(axis=1) for half in (one, other)]
        if exact:
            of_boxes = self.marks.mm.is_box[self.mark] | self.lesions.mm.is_box[self.lesion]
            balls = np.flatnonzero(~of_boxes)
            shared[balls] = shared_by_spheres(self._distance_mm()[balls], one[balls, 0], other[balls, 0])
            for volume, half in zip(volumes, (one, other), strict=True):
                volume[balls] = 4 / 3 * np.pi * half[balls, 0] ** 3
        return np.nan_to_num(_share(shared, volumes, self.ignored))


def shared_by_circles(distance: float, one: float, other: float) -> float:
    """Area that two circles of these radii share, their centres so far apart.

    >>> shared_by_circles(3.0, 1.0, 2.0), round(shared_by_circles(0.5, 1.0, 2.0), 4)
    (0.0, 3.1416)
    """
    if distance >= one + other:
        return 0.0
    if distance <= abs(one - other):
        return math.pi * min(one, other) ** 2
    # the distance of the chord from each centre, kept within the circle against rounding
    from_one = max(-one, min(one, (distance**2 + one**2 - other**2) / (2 * distance)))
    from_other = max(-other, min(other, distance - from_one))
    return _segment(one, from_one) + _segment(other, from_other)


def shared_by_spheres(distance: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Volume that two spheres of these radii share, their centres so far apart: [p] each.

    >>> two, one = np.array([2.0]), np.array([1.0])
    >>> shared_by_spheres(np.array([2.0]), two, two).round(4).tolist(), shared_by_spheres(two * 2, two, one).tolist()
    ([10.472], [0.0])
    """
    reach, smaller = one + other, np.minimum(one, other)
    lens = np.pi * (reach - distance) ** 2 / (12 * distance)
    lens = lens * (distance**2 + 2 * distance * reach - 3 * (one - other) ** 2)
    within = distance <= np.abs(one - other)
    return np.where(distance >= reach, 0.0, np.where(within, 4 / 3 * np.pi * smaller**3, lens))


def intersection_over_union(one: Mark | Lesion, other: Mark | Lesion) -> float:
    """Overlap of the boxes around two regions as a share of their union, 0 to 1; 0 where one of them is no region.

    >>> from dmn_bench.vocabulary import Mark
    >>> left = Mark(finding="f", x=0, y=0, width=2, height=1)
    >>> intersection_over_union(left, Mark(finding="f", x=1, y=0, width=2, height=1))
    0.3333333333333333
    """
    from .mark_places import Places

    zero, yes = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.bool_)
    pair = Pairs((Places([one]), Places([other])), (zero, zero), yes, ~yes)
    return float(pair.overlap(exact=False)[0])


def _segment(radius: float, from_centre: float) -> float:
    """Area of a circle beyond a chord, which lies so far from the centre, below 0 on its other side."""
    half = math.sqrt(max(radius**2 - from_centre**2, 0.0))
    return radius**2 * math.acos(from_centre / radius) - from_centre * half


def _share(shared: FloatArray, sizes: Sequence[FloatArray], of_mark: BoolArray) -> FloatArray:
    whole = np.where(of_mark, sizes[0], sizes[0] + sizes[1] - shared)
    return np.divide(shared, whole, out=np.zeros(len(shared)), where=whole > 0)


def _listed(spans: Mapping[int, Spans], asked: Sequence[int]) -> tuple[list[Spans], list[int]]:
    """The regions asked for, each once, and where each of those asked for stands among them."""
    place = {index: at for at, index in enumerate(dict.fromkeys(asked))}
    return [spans[index] for index in place], [place[index] for index in asked]


def _holds(lesions: Places, index: int, x: float, y: float) -> bool:
    from .outlines import contains
    from .pixel_spans import in_mask

    item = lesions.items[index]
    if item.outline:
        return contains(item.outline, x, y)
    if item.mask is not None:
        return in_mask(item.mask, x, y)
    return math.dist((x, y), lesions.px.centre[index].tolist()) <= float(lesions.px.radius[index])
