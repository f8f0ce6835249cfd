"""The marks of an answer: points, boxes, circles, outlines, masks, spheres and boxes in millimetres, read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..polygons import Outline, box_around, encloses
from ..vocabulary import Mark, Mask, Origin
from .answer_masks import box_of_mask, read_mask
from .answer_values import (
    InvalidError,
    image_path,
    image_size,
    name_of,
    number_of,
    object_of,
    points_of,
    sequence,
    whole_number,
)
from .mark_geometry import MAX_OUTLINE, OUTSIDE_PX

PIXEL_NUMBERS = ("x", "y", "width", "height", "diameter")
MM_NUMBERS = ("x_mm", "y_mm", "z_mm", "diameter_mm")
MARK_KEYS = ("finding", "image", "frame", *PIXEL_NUMBERS, "outline", "mask", *MM_NUMBERS, "size_mm", "score")
MAX_MARKS = 100_000
ABOVE_ZERO = ("width", "height", "diameter", "diameter_mm")
PLACE = (
    "x and y with or without width and height or a diameter, an outline, a mask, or x_mm, y_mm and z_mm with or "
    "without diameter_mm or size_mm"
)
_BOX = ("x", "y", "width", "height")
_FORMS_PX = frozenset(
    map(
        frozenset,
        (("x", "y"), _BOX, ("x", "y", "diameter"), *((*b, r) for r in ("outline", "mask") for b in ((), _BOX))),
    )
)
_CENTRE_MM = ("x_mm", "y_mm", "z_mm")
_FORMS_MM = frozenset(map(frozenset, (_CENTRE_MM, (*_CENTRE_MM, "diameter_mm"), (*_CENTRE_MM, "size_mm"))))


def read_marks(value: object, origin: Origin) -> tuple[Mark, ...] | None:
    """The marks of an answer in the set's own names; None where it says nothing of them. Raises InvalidError."""
    if value is None:
        return None
    listed = sequence(value, "marks", MAX_MARKS)
    return tuple(_mark(each, f"marks[{i}]", origin) for i, each in enumerate(listed))


def _mark(value: object, field: str, origin: Origin) -> Mark:
    raw = {key: part for key, part in object_of(value, field, MARK_KEYS).items() if part is not None}
    numbers = {
        key: number_of(raw[key], f"{field}.{key}") for key in (*PIXEL_NUMBERS, *MM_NUMBERS, "score") if key in raw
    }
    _check_forms(raw, field)
    _check_sizes(numbers, field)
    path = image_path(raw.get("image"), f"{field}.image", origin)
    frame = raw.get("frame")
    in_px = any(key in raw for key in ("x", "outline", "mask"))
    if path is None and len(origin.images) > 1 and in_px:
        raise InvalidError(f"{field}.image", "one of " + ", ".join(origin.images), "none")
    about: dict[str, Any] = {
        "finding": name_of(raw.get("finding"), f"{field}.finding"),
        "image": path if len(origin.images) > 1 else None,
        "frame": None if frame is None else whole_number(frame, f"{field}.frame", least=1),
    }
    size = image_size(path, origin)
    region = _region(raw, about, field, size)
    if region and "x" not in numbers:
        around = box_of_mask(region["mask"]) if "mask" in region else box_around(region["outline"])
        numbers.update(zip(_BOX, around, strict=True))
    place: dict[str, Any] = {**about, **numbers, **region}
    mark = Mark(**place, size_mm=_size_mm(raw, field))
    if size is not None:
        _check_inside(mark, size, field)
    return mark


def _check_forms(raw: Mapping[str, Any], field: str) -> None:
    """A place in pixels, or in millimetres, or both: each whole."""
    in_px = raw.keys() & {*PIXEL_NUMBERS, "outline", "mask"}
    in_mm = raw.keys() & {*MM_NUMBERS, "size_mm"}
    if (in_px and in_px not in _FORMS_PX) or (in_mm and in_mm not in _FORMS_MM) or not (in_px or in_mm):
        raise InvalidError(field, PLACE, ", ".join(sorted(in_px | in_mm)) or "no position")


def _check_sizes(numbers: Mapping[str, float], field: str) -> None:
    for key in ABOVE_ZERO:
        if numbers.get(key, 1.0) <= 0:
            raise InvalidError(f"{field}.{key}", "a number above 0", numbers[key])


def _region(
    raw: Mapping[str, Any], about: Mapping[str, Any], field: str, size: tuple[int, int] | None
) -> dict[str, Any]:
    """The outline or mask of a mark as fields of it."""
    if "outline" in raw:
        return {"outline": _outline(raw["outline"], f"{field}.outline")}
    if "mask" in raw:
        rows, columns, runs = read_mask(raw["mask"], f"{field}.mask", size)
        if len(runs) < 2:
            raise InvalidError(f"{field}.mask", "at least one pixel inside", "none")
        place = {"image": about["image"], "frame": about["frame"]}
        return {"mask": Mask(structure=about["finding"], rows=rows, columns=columns, runs=runs, **place)}
    return {}


def _outline(value: object, field: str) -> Outline:
    outline = tuple((x, y) for x, y in points_of(value, field, 2, MAX_OUTLINE))
    if len(outline) > 1 and outline[0] == outline[-1]:
        outline = outline[:-1]
    if not encloses(outline):
        raise InvalidError(field, "three points or more that enclose something", f"{len(outline)} that do not")
    return outline


def _size_mm(raw: Mapping[str, Any], field: str) -> tuple[float, float, float] | None:
    if "size_mm" not in raw:
        return None
    listed = sequence(raw["size_mm"], f"{field}.size_mm", 3)
    sizes = tuple(number_of(each, f"{field}.size_mm[{i}]") for i, each in enumerate(listed))
    if len(sizes) != 3 or min(sizes) <= 0:
        raise InvalidError(f"{field}.size_mm", "three numbers above 0", ", ".join(f"{size:g}" for size in sizes))
    return sizes[0], sizes[1], sizes[2]


def _check_inside(mark: Mark, size: tuple[int, int], field: str) -> None:
    """A place in pixels lies on its image; a circle may reach over its edge, its centre may not."""
    if mark.x is None or mark.y is None:
        return
    _check_span(mark.x, mark.x + (mark.width or 0.0), size[0], f"{field}.x")
    _check_span(mark.y, mark.y + (mark.height or 0.0), size[1], f"{field}.y")
    diagonal = math.hypot(*size)
    if mark.diameter is not None and mark.diameter > diagonal:
        raise InvalidError(f"{field}.diameter", f"at most the diagonal of the image, {diagonal:g} px", mark.diameter)
    if mark.outline:
        x, y, width, height = box_around(mark.outline)
        _check_span(x, x + width, size[0], f"{field}.outline")
        _check_span(y, y + height, size[1], f"{field}.outline")


def _check_span(low: float, high: float, size: int, field: str) -> None:
    if low < -OUTSIDE_PX or high > size + OUTSIDE_PX:
        span = f"{low:g} to {high:g}" if high > low else f"{low:g}"
        raise InvalidError(field, f"within the image, 0 to {size} px", span)
