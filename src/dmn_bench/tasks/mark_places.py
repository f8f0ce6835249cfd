"""Where marks and lesions are, as numbers for many of them at once: in pixels and in millimetres."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import pixel_spans
from .outlines import FARTHEST_PX
from .pixel_spans import Spans

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, Lesion, Mark

    Item = Mark | Lesion

NOT_FINITE = "a place is not finite"
NO_EXTENT = "a size below 0 or incomplete"
NO_REGION = "an outline or mask that encloses no region"
OTHER_GRID = "a mask of another size than the image"
REASONS = (NOT_FINITE, NO_EXTENT, NO_REGION, OTHER_GRID)
"""Why marks cannot be judged: short and fixed, as those of the adapters."""

MOST_ROWS_CROSSED = 10_000_000
"""Rows of pixels that all edges of one outline may cross together: far more than an outline of any real image does."""

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
        has_region = ~np.isnan(radius)
        for index, item in enumerate(self.items):
            if item.outline or item.mask is not None:
                has_region[index], radius[index] = True, np.nan
                if not is_box[index]:
                    box[index] = _box_around(item)
                    size[index] = box[index, 2:] - box[index, :2]
                    centre[index] = box[index, :2] + size[index] / 2
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

    def spans(self, index: int) -> Spans:
        """The pixels of one item that has a box or a region in pixels."""
        if index not in self._spans:
            item = self.items[index]
            left, top, right, bottom = self.px.box[index].tolist()
            if item.outline:
                found = pixel_spans.of_outline(item.outline)
            elif item.mask is not None:
                found = pixel_spans.of_mask(item.mask)
            elif self.px.has_region[index]:
                x, y = self.px.centre[index].tolist()
                found = pixel_spans.of_circle(x, y, float(self.px.radius[index]))
            else:
                found = pixel_spans.of_outline(((left, top), (right, top), (right, bottom), (left, bottom)))
            self._spans[index] = found
        return self._spans[index]


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
        if size <= 0 or sum(runs) != size or min(runs) < 0 or not any(runs[1::2]):
            yield NO_REGION


def _faults_of_outline(outline: Sequence[tuple[float, float]]) -> Iterator[str]:
    corners = np.array(outline, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(corners).all():
        yield NOT_FINITE
        return
    rows_crossed = np.abs(np.diff(corners[:, 1], append=corners[:1, 1])).sum()
    if len(corners) < 3 or np.abs(corners).max() > FARTHEST_PX or rows_crossed > MOST_ROWS_CROSSED:
        yield NO_REGION


def _box_around(item: Item) -> FloatArray:
    if item.mask is None or item.outline:
        corners = np.array(item.outline, dtype=np.float64)
        return np.concatenate((corners.min(axis=0), corners.max(axis=0)))
    return np.array(pixel_spans.box_around_mask(item.mask) or (math.nan,) * 4)
