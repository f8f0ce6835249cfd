"""How large a lesion is, measured on its geometry: numbers for strata of size.

In pixels a region is the mask, else the outline, else the circle, else the box of a lesion. In millimetres it is the
sphere or the box around its centre, else the region in pixels by the spacing of its image, where that is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

from ..polygons import area
from ..vocabulary import Lesion

LesionMeasure = Literal[
    "area_px", "equivalent_diameter_px", "box_longest_px", "equivalent_diameter_mm", "box_longest_mm"
]
"""``area_px``: of the region, in px². ``equivalent_diameter_px``: of the circle of the same area. ``box_longest_px``:
the longer side of the box around the region. ``equivalent_diameter_mm``: of the sphere, or the one of the volume of the
box; of a region in pixels the circle of the same area. ``box_longest_mm``: the longest side of the box, or the diameter
of the sphere."""


def lesion_size(lesion: Lesion, measure: LesionMeasure) -> float | None:
    """The number of a measure; None where the geometry of the lesion does not give it.

    >>> box = Lesion(lesion_id="1", finding="f", image=None, frame=None, x=0, y=0, width=30, height=40)
    >>> lesion_size(box, "area_px"), lesion_size(box, "box_longest_px"), lesion_size(box, "box_longest_mm")
    (1200, 40, None)
    >>> from dataclasses import replace
    >>> lesion_size(replace(box, spacing_mm=(0.5, 0.75)), "box_longest_mm")
    22.5
    """
    return _MEASURES[measure](lesion)


def _area_px(lesion: Lesion) -> float | None:
    if lesion.mask is not None:
        return float(sum(lesion.mask.runs[1::2]))
    if lesion.mask_file:  # not loaded yet: the box around it is not its area
        return None
    if lesion.outline:
        return area(lesion.outline)
    if lesion.diameter is not None:
        return math.pi * lesion.diameter**2 / 4
    return None if lesion.width is None or lesion.height is None else lesion.width * lesion.height


def _equivalent_diameter_px(lesion: Lesion) -> float | None:
    if lesion.diameter is not None:
        return lesion.diameter
    area = _area_px(lesion)
    return None if area is None else 2 * math.sqrt(area / math.pi)


def _box_longest_px(lesion: Lesion) -> float | None:
    if lesion.diameter is not None:
        return lesion.diameter
    return None if lesion.width is None or lesion.height is None else max(lesion.width, lesion.height)


def _equivalent_diameter_mm(lesion: Lesion) -> float | None:
    if lesion.diameter_mm is not None:
        return lesion.diameter_mm
    if lesion.size_mm is not None:
        return float((6 * math.prod(lesion.size_mm) / math.pi) ** (1 / 3))
    pixels = _area_px(lesion)
    if pixels is None or lesion.spacing_mm is None:
        return None
    return 2 * math.sqrt(pixels * math.prod(lesion.spacing_mm) / math.pi)


def _box_longest_mm(lesion: Lesion) -> float | None:
    if lesion.size_mm is not None or lesion.diameter_mm is not None:
        return lesion.diameter_mm if lesion.size_mm is None else max(lesion.size_mm)
    sides = (lesion.height, lesion.width) if lesion.diameter is None else (lesion.diameter, lesion.diameter)
    if lesion.spacing_mm is None or sides[0] is None or sides[1] is None:
        return None
    return max(sides[0] * lesion.spacing_mm[0], sides[1] * lesion.spacing_mm[1])


_MEASURES: Mapping[LesionMeasure, Callable[[Lesion], float | None]] = {
    "area_px": _area_px,
    "equivalent_diameter_px": _equivalent_diameter_px,
    "box_longest_px": _box_longest_px,
    "equivalent_diameter_mm": _equivalent_diameter_mm,
    "box_longest_mm": _box_longest_mm,
}
