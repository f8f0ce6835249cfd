"""Segments and contours as masks and lines on the images of a case, each plane checked against its image."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..hookspecs import KnownImage
from .dicom_places import Place, Point, centre_mm, check_line_inside, in_image, in_patient
from .dicom_rules import DicomRules, ResultError, RuleNeeded
from .finding_codes import finding_of

if TYPE_CHECKING:
    from ..inputs.result_content import Plane, Structure
    from ..vocabulary import BoolArray

SAME_PLANE_MM = 0.1  # positions are written with few decimals; slices are much farther apart
SAME_DIRECTION = 1e-3
SAME_SPACING = 1e-3  # of it


def structure_name(structure: Structure, rules: DicomRules) -> str | None:
    """The set's name of a structure, None when it is left out; call ``refuse_unnamed`` first."""
    if structure.name in rules.structures:
        return rules.structures[structure.name]
    if structure.name in rules.ignore_structures:
        return None
    if structure.code is not None:
        return finding_of(structure.code.key, rules)
    return rules.finding


def refuse_unnamed(structures: Sequence[Structure], rules: DicomRules) -> None:
    """Raise RuleNeeded with the names of all structures that have neither a code nor a name of ours."""
    named = {*rules.structures, *rules.ignore_structures}
    unnamed = sorted({each.name or "-" for each in structures if each.code is None and each.name not in named})
    if unnamed and rules.finding is None:
        raise RuleNeeded("objects.structures_unnamed", n=len(unnamed), found=", ".join(unnamed))


def masks_of(structure: Structure, name: str, place: Place, rules: DicomRules) -> Iterator[dict[str, Any]]:
    """Every plane of a segment as an entry of ``masks``; planes without a pixel inside are left out.

    A segment without any pixel is one entry with nothing inside, where the size of an image is known: looked for, and
    not found.
    """
    is_empty = True
    for plane in structure.planes:
        inside = _inside(plane, rules)
        if inside.any():
            is_empty = False
            image, frame = image_of(plane, place)
            if (image.rows, image.columns) not in ((None, None), inside.shape):
                found = f"{inside.shape[0]} x {inside.shape[1]}"
                raise ResultError(
                    f"a mask has {found} pixels, and its image {image.rows} x {image.columns}: masks are not resized"
                )
            yield {"structure": name, **_where(image, frame, place), "array": inside.astype(np.uint8)}
    if is_empty:
        yield from nothing_inside(name, place)


def nothing_inside(name: str, place: Place) -> Iterator[dict[str, Any]]:
    """A structure that was looked for and not found, as an entry of ``masks``; nothing where no size is known."""
    for image in place.by_uid.values():
        if image.rows and image.columns:
            frame = 1 if image.n_frames > 1 else None
            array = np.zeros((image.rows, image.columns), dtype=np.uint8)
            yield {"structure": name, **_where(image, frame, place), "array": array}
            return


def contours_of(structure: Structure, name: str, place: Place) -> Iterator[dict[str, Any]]:
    """Every closed line of a structure as an entry of ``contours``."""
    for plane in structure.planes:
        image, frame = image_of(plane, place)
        if image.position_mm is not None and image.orientation is not None and image.spacing_mm is not None:
            check_line_inside([in_image(image, point) for point in plane.points_mm], image)
        yield {
            "structure": name,
            **_where(image, frame, place),
            "points_mm": [list(point) for point in plane.points_mm],
        }


def place_of_segment(structure: Structure, place: Place, rules: DicomRules) -> dict[str, object]:
    """Where a segment lies, as the keys of a mark: the pixels of its only plane, or the centre of its extent in mm."""
    if structure.problem:
        raise ResultError(structure.problem)
    shown = [(plane, _inside(plane, rules)) for plane in structure.planes]
    shown = [(plane, inside) for plane, inside in shown if inside.any()]
    if not shown:
        raise ResultError(f"the segment {structure.name} is empty")
    corners: list[Point] = []
    for plane, inside in shown:
        image, frame = image_of(plane, place)
        left, top, right, bottom = _extent(inside)
        if len(shown) == 1 and not place.is_series(image):
            where = {**place.named(image), **({} if frame is None else {"frame": frame})}
            _check_size(image, inside)
            box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
            return {**where, **box, "mask": {"array": inside.astype(np.uint8)}}
        ends = ((left, top), (right, top), (left, bottom), (right, bottom))
        corners += [in_patient(image, corner) for corner in ends]
    return centre_mm(corners)


def _check_size(image: KnownImage, inside: BoolArray) -> None:
    if (image.rows, image.columns) not in ((None, None), inside.shape):
        found = f"{inside.shape[0]} x {inside.shape[1]}"
        raise ResultError(
            f"a mask has {found} pixels, and its image {image.rows} x {image.columns}: masks are not resized"
        )


def image_of(plane: Plane, place: Place) -> tuple[KnownImage, int | None]:
    """The image, and its frame where it has several, on which a plane lies.

    Raises ResultError if that is unknown, or the plane lies elsewhere than its image.
    """
    if plane.image is not None:
        image, frame = place.on_image(plane.image)
        if not (_is_on(plane, image) if frame is None else _share_frame_of_reference(plane, image)):
            raise ResultError("a plane refers to an image and lies elsewhere than it")
        _check_spacing(plane, image)
        return image, frame
    found = [image for image in place.by_uid.values() if image.n_frames == 1 and _lies_on(plane, image)]
    if len({(image.name, image.position_mm) for image in found}) != 1:
        raise ResultError(f"a plane names no image, and {len(found)} images lie where it does")
    _check_spacing(plane, found[0])
    return found[0], None


def _check_spacing(plane: Plane, image: KnownImage) -> None:
    """Raise ResultError if both state how far apart their pixels are, and differ: the pixels are not the same."""
    if plane.spacing_mm is None or image.spacing_mm is None:
        return
    pairs = zip(plane.spacing_mm, image.spacing_mm, strict=False)
    if len(plane.spacing_mm) != 2 or not all(math.isclose(ours, its, rel_tol=SAME_SPACING) for ours, its in pairs):
        found, expected = (" x ".join(f"{each:g}" for each in of.spacing_mm or ()) for of in (plane, image))
        raise ResultError(f"a mask has pixels of {found} mm, and its image of {expected} mm: masks are not resized")


def _share_frame_of_reference(plane: Plane, image: KnownImage) -> bool:
    return len({plane.frame_of_reference_uid, image.frame_of_reference_uid} - {""}) < 2


def _lies_on(plane: Plane, image: KnownImage) -> bool:
    """Whether the geometry alone says that the plane is the image's."""
    if not plane.frame_of_reference_uid or image.position_mm is None or image.orientation is None:
        return False
    if plane.position_mm is None and not plane.points_mm:
        return False
    return _is_on(plane, image)


def _is_on(plane: Plane, image: KnownImage) -> bool:
    """Whether nothing that both state speaks against it."""
    if image.position_mm is None or image.orientation is None:  # a projection: its frame of reference says nothing
        return True
    if not _share_frame_of_reference(plane, image):
        return False
    if plane.position_mm is not None and math.dist(plane.position_mm, image.position_mm) > SAME_PLANE_MM:
        return False
    if plane.orientation is not None and math.dist(plane.orientation, image.orientation) > SAME_DIRECTION:
        return False
    normal = np.cross(image.orientation[:3], image.orientation[3:])
    apart = (np.asarray(plane.points_mm, dtype=float).reshape(-1, 3) - image.position_mm) @ normal
    return bool((np.abs(apart) <= SAME_PLANE_MM).all())


def _inside(plane: Plane, rules: DicomRules) -> BoolArray:
    mask = plane.mask
    if mask is None:
        raise ResultError("a plane has no mask")
    if mask.dtype == bool:
        return mask.astype(bool, copy=False)
    if rules.fractional_at_least is None:
        raise RuleNeeded("objects.fractional")
    return np.asarray(mask >= rules.fractional_at_least)


def _extent(inside: BoolArray) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _where(image: KnownImage, frame: int | None, place: Place) -> dict[str, Any]:
    uid = image.sop_instance_uid
    return {**place.named(image), **({} if frame is None else {"frame": frame}), "instance": uid}
