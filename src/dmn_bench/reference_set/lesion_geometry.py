"""Where a lesion is, from the cells of lesions.csv: which columns belong together, and what none of them may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..polygons import Outline, box_around, encloses
from .card import as_number
from .csv_rows import Problems
from .rows import path_stays_inside

PIXEL_NUMBERS = ("x", "y", "width", "height", "diameter")
SIZES_MM = ("width_mm", "height_mm", "depth_mm")
MM_NUMBERS = ("x_mm", "y_mm", "z_mm", "diameter_mm", *SIZES_MM)
REGIONS = ("outline", "mask_file")
GEOMETRY = (*PIXEL_NUMBERS, *MM_NUMBERS, *REGIONS)
ABOVE_ZERO = ("width", "height", "diameter", "diameter_mm", *SIZES_MM)
OUTLINE_POINTS_AT_MOST = 10_000
PICTURE_SUFFIXES = (".png", ".tif", ".tiff")
MASK_SUFFIXES = (*PICTURE_SUFFIXES, ".nii", ".nii.gz", ".dcm")

_PIXEL_FORMS = frozenset(
    frozenset(form)
    for form in (
        ("x", "y"),
        ("x", "y", "width", "height"),
        ("x", "y", "diameter"),
        *((*box, region) for region in REGIONS for box in ((), ("x", "y", "width", "height"))),
    )
)
_CENTRE_MM = ("x_mm", "y_mm", "z_mm")
_MM_FORMS = frozenset(frozenset((*_CENTRE_MM, *size)) for size in ((), ("diameter_mm",), SIZES_MM))


def lesion_geometry(row: Mapping[str, str], where: str, problems: Problems) -> dict[str, Any]:
    """The geometry of a row as fields of ``Lesion``; every fault goes to ``problems``.

    The box around an outline is filled in where the row states none.
    """
    numbers = {name: _number(row, name, where, problems) for name in (*PIXEL_NUMBERS, *MM_NUMBERS)}
    given = {name for name in GEOMETRY if row.get(name)}
    _check_forms(given, where, problems)
    for name in ABOVE_ZERO:
        size = numbers[name]
        if size is not None and size <= 0:
            problems.add("refset.not_above_zero", where, column=name, found=size)
    outline = _outline(row.get("outline", ""), where, problems)
    if outline and numbers["width"] is None:
        numbers.update(zip(("x", "y", "width", "height"), box_around(outline), strict=True))
    sizes = tuple(size for name in SIZES_MM if (size := numbers.pop(name)) is not None)
    return {
        **numbers,
        "outline": outline,
        "mask_file": _mask_file(row.get("mask_file", ""), where, problems),
        "size_mm": sizes if len(sizes) == len(SIZES_MM) else None,
    }


def is_picture(mask_file: str) -> bool:
    """Whether the file of a mask is a picture, whose pixels need no image to be placed."""
    return mask_file.lower().endswith(PICTURE_SUFFIXES)


def _check_forms(given: set[str], where: str, problems: Problems) -> None:
    in_px, in_mm = given & {*PIXEL_NUMBERS, *REGIONS}, given & set(MM_NUMBERS)
    wrong_px, wrong_mm = in_px and in_px not in _PIXEL_FORMS, in_mm and in_mm not in _MM_FORMS
    if wrong_px or wrong_mm or not given:
        problems.add("lesions.geometry", where, found=", ".join(name for name in GEOMETRY if name in given) or "—")


def _number(row: Mapping[str, str], name: str, where: str, problems: Problems) -> float | None:
    text = row.get(name, "")
    number = as_number(text) if text else None
    if text and number is None:
        problems.add("refset.not_a_number", where, column=name, found=text)
    return number


def _outline(text: str, where: str, problems: Problems) -> Outline:
    if not text:
        return ()
    words = text.split()
    numbers = [number for word in words if (number := as_number(word)) is not None]
    if len(numbers) < len(words):
        wrong = next(word for word in words if as_number(word) is None)
        problems.add("lesions.outline_number", where, found=wrong[:60])
    elif len(numbers) % 2 or not 6 <= len(numbers) <= 2 * OUTLINE_POINTS_AT_MOST:
        problems.add("lesions.outline_points", where, found=len(numbers), limit=2 * OUTLINE_POINTS_AT_MOST)
    else:
        outline = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        if encloses(outline):
            return outline
        problems.add("lesions.outline_empty", where, found=text[:60])
    return ()


def _mask_file(text: str, where: str, problems: Problems) -> str:
    if text and not path_stays_inside(text):
        problems.add("refset.path_outside", where, found=text)
    elif text and not text.lower().endswith(MASK_SUFFIXES):
        problems.add("lesions.mask_file_kind", where, found=text, known=", ".join(MASK_SUFFIXES))
    return text
