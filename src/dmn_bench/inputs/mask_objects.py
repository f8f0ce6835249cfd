"""Segmentations and structure sets onto the grid of a case: every plane on the slice that it was drawn on.

Reference: DICOM PS3.3 C.8.20, C.8.8.6.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..hookspecs import VoxelGrid
from .contour_regions import Fill, region_of_lines
from .nifti_file import SAME_PLACE
from .result_content import Plane, Reference, ResultObject, Structure
from .voxel_grids import normal_of, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..vocabulary import BoolArray, FloatArray

SAME_PLANE_MM = 0.1  # of a single plane; of several, SAME_PLACE of the distance between them
SAME_DIRECTION = 1e-3
SAME_SPACING = 1e-3  # of it
OUTSIDE_PX = 1.0  # a contour may reach this far over the edge of its image
_SHOWN = 20

Outline = tuple[tuple[float, float], ...]


def structure_of(found: Sequence[Structure], wanted: str, where: Path | str, *, number: int | None = None) -> Structure:
    """The structure of that name, in small or capital letters; else the only one. ``number``: of the segment instead.

    Raises InputFileError if there is none, several of that name, or several and none of that name.
    """
    if number is not None:
        chosen = [each for each in found if each.number == number]
    else:
        chosen = [each for each in found if each.name.casefold() == wanted.casefold()]
        chosen = chosen or (list(found) if len(found) == 1 else [])
    if len(chosen) != 1:
        key = "structure_doubled" if chosen else "structure_unknown"
        known = ", ".join(each.name or "-" for each in found[:_SHOWN]) or "-"
        raise refused(where, key, structure=wanted if number is None else str(number), found=known)
    if chosen[0].problem:
        raise refused(where, "structure_unusable", structure=wanted, found=chosen[0].problem)
    return chosen[0]


def on_this_image(
    structure: Structure, grid: VoxelGrid, result: ResultObject, elsewhere: Collection[str], where: Path | str
) -> Structure:
    """The structure of an object without its planes on other images of the case.

    ``elsewhere``: the SOP Instance UIDs of those. Raises InputFileError if it is drawn on others alone and the object
    does not name this one: nobody says that it was looked for here.
    """
    planes = tuple(plane for plane in structure.planes if plane.image is None or plane.image.uid not in elsewhere)
    if structure.planes and not planes and not is_about(result, grid):
        raise refused(where, "other_image", structure=structure.name, found=grid.image)
    return replace(structure, planes=planes, points_mm=() if structure.planes else structure.points_mm)


def is_about(result: ResultObject, grid: VoxelGrid) -> bool:
    """Whether an object names an image of the grid: as one that it draws on, or that it was made from."""
    return not {plane.instance for plane in grid.planes}.isdisjoint(uids_of(result))


def uids_of(result: ResultObject) -> tuple[str, ...]:
    """The SOP Instance UIDs of the images that an object draws on or was made from."""
    return tuple(dict.fromkeys(image.uid for image in (*result.images, *result.evidence)))


def region_of_segment(structure: Structure, grid: VoxelGrid, where: Path | str, at_least: float | None) -> BoolArray:
    """A segment on the grid, [planes, rows, columns]; a plane without a frame is empty.

    ``at_least``: from which share on a pixel of a fractional segmentation is inside.
    Raises InputFileError if a frame lies on no plane of the grid, or its pixels are others.
    """
    region = np.zeros(grid.shape, dtype=bool)
    for plane in structure.planes:
        mask = plane.mask
        if mask is None:
            continue
        if mask.dtype != bool and at_least is None:
            raise refused(where, "shares")
        inside = mask.astype(bool) if at_least is None else reaching(mask, at_least)
        if not inside.any():
            continue
        if inside.shape != (grid.rows, grid.columns):
            raise refused(where, "other_size", found=_size(inside.shape), expected=_size((grid.rows, grid.columns)))
        region[plane_index(plane, grid, where)] |= inside
    return region


def reaching(values: NDArray[np.generic], at_least: float) -> BoolArray:
    """Where values are at least so large; shares in no more than single precision, in which they are mostly stored.

    >>> reaching(np.array([0.1, 0.7, 0.9], dtype=np.float32), 0.7).tolist(), reaching(np.array([1, 2]), 1.5).tolist()
    ([False, True, True], [False, True])
    """
    if values.dtype.kind != "f":
        return np.asarray(values.astype(np.float64, copy=False) >= at_least)
    kind = values.dtype if values.dtype.itemsize < np.dtype(np.float32).itemsize else np.dtype(np.float32)
    with np.errstate(over="ignore"):
        return np.asarray(values.astype(kind, copy=False) >= kind.type(at_least))


def region_of_contours(structure: Structure, grid: VoxelGrid, where: Path | str, fill: Fill) -> BoolArray:
    """A drawn structure on the grid, [planes, rows, columns]. Raises InputFileError as ``outlines_of`` does."""
    region = np.zeros(grid.shape, dtype=bool)
    for place, outlines in outlines_of(structure, grid, where).items():
        region[place] = region_of_lines(outlines, grid.rows, grid.columns, fill, where)
    return region


def outlines_of(structure: Structure, grid: VoxelGrid, where: Path | str) -> Mapping[int, Sequence[Outline]]:
    """The closed lines of a structure in px, by the index of their plane in the grid.

    Raises InputFileError if the structure is but points, or a line lies on no plane, between two, or off the image.
    """
    if structure.points_mm and not structure.planes:
        raise refused(where, "points_only", structure=structure.name)
    found: dict[int, list[Outline]] = {}
    for plane in structure.planes:
        place = plane_index(plane, grid, where)
        found.setdefault(place, []).append(in_px(plane.points_mm, grid, place, where))
    return found


def in_px(points_mm: Sequence[Sequence[float]], grid: VoxelGrid, place: int, where: Path | str) -> Outline:
    """Points in mm (LPS) as px of one plane of the grid, (0, 0) the outer corner of its first pixel.

    Raises InputFileError if the plane has no place in the patient, or a point lies outside of the image.
    """
    position = grid.planes[place].position_mm
    if position is None or grid.orientation is None or grid.pixel_mm is None:
        raise refused(where, "no_place")
    moved = np.asarray(points_mm, dtype=np.float64).reshape(-1, 3) - position
    x = moved @ np.array(grid.orientation[:3]) / grid.pixel_mm[1] + 0.5
    y = moved @ np.array(grid.orientation[3:]) / grid.pixel_mm[0] + 0.5
    low, high = min(x.min(), y.min()), max(float(x.max()) - grid.columns, float(y.max()) - grid.rows)
    if not (low >= -OUTSIDE_PX and high <= OUTSIDE_PX):
        raise refused(where, "contour_outside", expected=_size((grid.rows, grid.columns)))
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def plane_index(plane: Plane, grid: VoxelGrid, where: Path | str) -> int:
    """The index of the plane of the grid on which a frame or a contour lies: by the image it names, or its place.

    Raises InputFileError if that is unknown, ambiguous, or what it says of itself contradicts its image.
    """
    theirs, ours = plane.frame_of_reference_uid, grid.frame_of_reference_uid
    if theirs and ours and theirs != ours:
        raise refused(where, "other_frame_of_reference")
    named = None if plane.image is None else _named(plane.image, grid, where)
    _check_pixels(plane, grid, where)
    there = _places(plane, grid)
    if named is None:
        if there is None:
            raise refused(where, "no_place")
        if len(there) != 1:
            raise refused(where, "between_planes" if not there else "on_several_planes")
        return there[0]
    if there is not None and named not in there:
        raise refused(where, "elsewhere")
    return named


def _named(image: Reference, grid: VoxelGrid, where: Path | str) -> int | None:
    """The plane of a named image; None where it has several frames and none of them is named."""
    found = [index for index, plane in enumerate(grid.planes) if plane.instance == image.uid]
    if not found:
        raise refused(where, "other_series")
    if len(found) == 1:
        return found[0]
    if len(image.frames) != 1 or image.frames[0] > len(found):
        return None
    return found[image.frames[0] - 1]


def _check_pixels(plane: Plane, grid: VoxelGrid, where: Path | str) -> None:
    both = (plane.orientation, grid.orientation)
    if both[0] is not None and both[1] is not None and math.dist(both[0], both[1]) > SAME_DIRECTION:
        raise refused(where, "other_orientation")
    if plane.spacing_mm is None or grid.pixel_mm is None:
        return
    pairs = zip(plane.spacing_mm, grid.pixel_mm, strict=False)
    if len(plane.spacing_mm) != 2 or not all(math.isclose(ours, its, rel_tol=SAME_SPACING) for ours, its in pairs):
        found, expected = (" x ".join(f"{each:g}" for each in of) for of in (plane.spacing_mm, grid.pixel_mm))
        raise refused(where, "other_spacing", found=found, expected=expected)


def _places(plane: Plane, grid: VoxelGrid) -> list[int] | None:
    """The planes of the grid that lie where this one does; None where either does not say where it lies."""
    points = [plane.position_mm] if plane.position_mm is not None else list(plane.points_mm)
    positions = [each.position_mm for each in grid.planes]
    if grid.orientation is None or not points or any(position is None for position in positions):
        return None
    normal = normal_of(grid.orientation)
    depths = np.array(positions, dtype=np.float64) @ normal
    tolerance = SAME_PLANE_MM if len(depths) == 1 else SAME_PLACE * _least_step(depths)
    found = np.array(points, dtype=np.float64)
    apart = np.abs(found @ normal - depths[:, None]).max(axis=1)
    if plane.position_mm is not None:  # its first pixel lies on that of the image too
        sideways = np.linalg.norm(found[0] - np.array(positions, dtype=np.float64), axis=1)
        apart = np.maximum(apart, np.where(sideways <= _half_pixel(grid), 0.0, np.inf))
    return [int(index) for index in np.flatnonzero(apart <= tolerance)]


def _least_step(depths: FloatArray) -> float:
    steps = np.diff(np.sort(depths))
    return float(steps[steps > 0].min(initial=np.inf)) if (steps > 0).any() else SAME_PLANE_MM / SAME_PLACE


def _half_pixel(grid: VoxelGrid) -> float:
    return SAME_PLANE_MM if grid.pixel_mm is None else max(SAME_PLANE_MM, SAME_PLACE * max(grid.pixel_mm))


def _size(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def structures_of(result: ResultObject, where: Path | str) -> Sequence[Structure]:
    """What an object delineates. Raises InputFileError if it is neither a segmentation nor a structure set."""
    if result.kind not in ("segmentation", "contours"):
        raise refused(where, "not_a_mask")
    if result.problems:
        raise refused(where, "structure_unusable", structure="-", found=result.problems[0])
    return result.structures
