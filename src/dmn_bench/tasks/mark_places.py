"""Where marks and lesions are, as numbers for many of them at once: in pixels and in millimetres."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import pixel_spans
from .outlines import FARTHEST_PX
from .pixel_spans import Spans

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray, Lesion, Mark

    Item = Mark | Lesion

NOT_FINITE = "a place is not finite"
NO_EXTENT = "a size below 0 or incomplete"
NO_REGION = "an outline or mask that encloses no region"
OTHER_GRID = "a mask of another size than the image"
TOO_MUCH = "outlines that cross more rows of pixels than those of one answer may"
REASONS = (NOT_FINITE, NO_EXTENT, NO_REGION, OTHER_GRID, TOO_MUCH)
"""Why marks cannot be judged: short and fixed, as those of the adapters."""

MOST_ROWS_CROSSED = 1_000_000
"""Rows of pixels that all edges of one outline may cross together: far more than an outline of any real image does."""

MOST_ROWS_OF_ANSWER = 5_000_000
"""Those that all outlines and circles of one answer may cross together."""

MOST_PIXELS = 1 << 34
"""Of a mask."""

_PX = attrgetter("x", "y", "width", "height", "diameter")
_MM = attrgetter("x_mm", "y_mm", "z_mm", "diameter_mm")


class InPixels(NamedTuple):
    """Places in pixels, one row for each mark or lesion.

    ``box`` [n, 4]: left, top, right, bottom of the box around it, NaN for a point. ``size`` [n, 2]: its width and
    height, as stated where they are. ``centre`` [n, 2]: its middle, or the point.

    ``radius`` [n]: of a circle, else NaN. ``has_region`` [n]: circles, outlines and masks, whose pixels are not those
    of the box.
    """

    box: FloatArray
    size: FloatArray
    centre: FloatArray
    radius: FloatArray
    has_region: BoolArray


class InMillimetres(NamedTuple):
    """Places in millimetres, one row for each mark or lesion.

    ``centre`` [n, 3], z NaN where only x and y are stated. ``half`` [n, 3]: from there to the sides of the box around
    it, NaN for a point. ``diameter`` [n]: as stated. ``is_box`` [n]: a box and no sphere.
    """

    centre: FloatArray
    half: FloatArray
    diameter: FloatArray
    is_box: BoolArray


class Places:
    """Marks or lesions with their places, each worked out once and when it is first asked for."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self._spans: dict[int, Spans] = {}
        self._areas: dict[int, int] = {}

    @cached_property
    def px(self) -> InPixels:
        """In pixels, all NaN where an item has no place there."""
        values = np.array([_PX(item) for item in self.items], dtype=np.float64).reshape(-1, 5)
        _, _, width, height, diameter = values.T
        is_box = ~np.isnan(width) & ~np.isnan(height)
        size = np.where(is_box[:, None], values[:, 2:4], diameter[:, None])
        corner = values[:, :2] - np.where(is_box | np.isnan(diameter), 0.0, diameter / 2)[:, None]
        with np.errstate(over="ignore"):
            box = np.hstack((corner, corner + size))
        box[np.isnan(size[:, 0])] = np.nan
        centre = values[:, :2] + np.where(is_box[:, None], values[:, 2:4] / 2, 0.0)
        radius = np.where(is_box, np.nan, diameter / 2)
        shaped = [index for index, item in enumerate(self.items) if item.outline or item.mask is not None]
        radius[shaped] = np.nan
        has_region = ~np.isnan(radius)
        has_region[shaped] = True
        unstated = [index for index in shaped if not is_box[index]]
        box[unstated] = _boxes_around([self.items[index] for index in unstated])
        size[unstated] = box[unstated, 2:] - box[unstated, :2]
        centre[unstated] = box[unstated, :2] + size[unstated] / 2
        return InPixels(box, size, centre, radius, has_region)

    @cached_property
    def mm(self) -> InMillimetres:
        """In millimetres, all NaN where an item has no place there."""
        values = np.array([_MM(item) for item in self.items], dtype=np.float64).reshape(-1, 4)
        half = np.repeat(values[:, 3:] / 2, 3, axis=1)
        is_box = np.array([item.size_mm is not None for item in self.items], dtype=np.bool_)
        for index, item in enumerate(self.items):
            if item.size_mm is not None:
                half[index] = np.array(item.size_mm) / 2
        return InMillimetres(values[:, :3], half, values[:, 3], is_box)

    @cached_property
    def spacing(self) -> FloatArray:
        """Millimetres between columns and between rows of the image of each lesion, [n, 2]; NaN where not known."""
        stated = [getattr(item, "spacing_mm", None) or (math.nan, math.nan) for item in self.items]
        return np.array(stated, dtype=np.float64).reshape(-1, 2)[:, ::-1]

    def spans(self, index: Iterable[int]) -> dict[int, Spans]:
        """The pixels of items that have a box or a region in pixels, by their places."""
        missing = [one for one in dict.fromkeys(index) if one not in self._spans]
        masks = {one: mask for one in missing if (mask := self.items[one].mask) and not self.items[one].outline}
        self._spans |= zip(masks, pixel_spans.of_masks(list(masks.values())), strict=True)
        self._spans |= {one: self._drawn(one) for one in missing if one not in masks}
        return self._spans

    def areas(self, index: IntArray) -> FloatArray:
        """How many pixels items have that have a box or a region in pixels: one number for each place asked for."""
        places = index.tolist()
        for one in places:
            if one not in self._areas:
                mask = self.items[one].mask
                is_mask = mask is not None and not self.items[one].outline
                self._areas[one] = sum(mask.runs[1::2]) if mask and is_mask else self.spans([one])[one].area
        return np.array([self._areas[one] for one in places], dtype=np.float64)

    def _drawn(self, index: int) -> Spans:
        """The pixels of an outline, a circle or a box; none of one so high that it overlaps nothing to speak of."""
        outline = self.items[index].outline
        if outline:
            return pixel_spans.of_outline(outline)
        left, top, right, bottom = self.px.box[index].tolist()
        if not bottom - top <= MOST_ROWS_CROSSED:
            return pixel_spans.of_outline(())
        if self.px.has_region[index]:
            x, y = self.px.centre[index].tolist()
            return pixel_spans.of_circle(x, y, float(self.px.radius[index]))
        left, right = (min(max(edge, -FARTHEST_PX), FARTHEST_PX) for edge in (left, right))
        return pixel_spans.of_outline(((left, top), (right, top), (right, bottom), (left, bottom)))


def faults(items: Sequence[Item]) -> dict[int, str]:
    """Which marks or lesions cannot be compared with others, by their place, and why: a constant of REASONS."""
    flat = [number for item in items for number in (*_PX(item), *_MM(item))]
    numbers = np.array(flat, dtype=np.float64).reshape(-1, 9)
    found: dict[int, str] = {}
    if np.isinf(numbers).any() or np.isnan(numbers).sum() != flat.count(None):
        found |= {place // 9: NOT_FINITE for place, n in enumerate(flat) if n is not None and not math.isfinite(n)}
    sizes = numbers[:, 2:5]
    wrong = (sizes < 0).any(axis=1) | (np.isnan(sizes[:, 0]) != np.isnan(sizes[:, 1]))
    found |= dict.fromkeys(np.flatnonzero(wrong).tolist(), NO_EXTENT)
    for index, item in enumerate(items):
        if item.size_mm is not None or item.outline or item.mask is not None:
            fault = next(_faults_of_region(item), None)
            if fault is not None:
                found[index] = fault
    return found


def _faults_of_region(item: Item) -> Iterator[str]:
    if item.size_mm is not None:
        if not all(map(math.isfinite, item.size_mm)):
            yield NOT_FINITE
        elif min(item.size_mm) < 0:
            yield NO_EXTENT
    if item.outline:
        yield from _faults_of_outline(item.outline)
    if item.mask is not None:
        runs, size = item.mask.runs, item.mask.rows * item.mask.columns
        if not 0 < size <= MOST_PIXELS or sum(runs) != size or min(runs) < 0 or not any(runs[1::2]):
            yield NO_REGION


def _faults_of_outline(outline: Sequence[tuple[float, float]]) -> Iterator[str]:
    corners = np.array(outline, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(corners).all():
        yield NOT_FINITE
        return
    if len(corners) < 3 or np.abs(corners).max() > FARTHEST_PX or _rows_crossed(corners) > MOST_ROWS_CROSSED:
        yield NO_REGION


def is_too_much(marks: Sequence[Mark]) -> bool:
    """Whether the outlines and circles of one answer, none of them faulty, cross more rows of pixels than they may.

    >>> from dmn_bench.vocabulary import Mark
    >>> circle = Mark(finding="a", x=0.0, y=0.0, diameter=400_000.0)
    >>> is_too_much([circle] * 6), is_too_much([circle] * 7)
    (False, True)
    """
    outlines = sum(_rows_crossed(np.array(mark.outline, dtype=np.float64)) for mark in marks if mark.outline)
    diameters = [mark.diameter for mark in marks if mark.diameter is not None]
    circles = sum(diameter for diameter in diameters if diameter <= MOST_ROWS_CROSSED)  # larger ones are not drawn
    return outlines + 2 * circles > MOST_ROWS_OF_ANSWER


def _rows_crossed(corners: FloatArray) -> float:
    return float(np.abs(np.diff(corners[:, 1], append=corners[:1, 1])).sum())


def _boxes_around(items: Sequence[Item]) -> FloatArray:
    """The boxes around outlines and masks, [n, 4]."""
    boxes = np.full((len(items), 4), np.nan)
    masks = {index: item.mask for index, item in enumerate(items) if item.mask is not None and not item.outline}
    boxes[list(masks)] = pixel_spans.boxes_around_masks(list(masks.values()))
    for index, item in enumerate(items):
        if item.outline:
            corners = np.array(item.outline, dtype=np.float64)
            boxes[index] = np.concatenate((corners.min(axis=0), corners.max(axis=0)))
    return boxes
