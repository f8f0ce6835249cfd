"""Where millimetres of a patient lie in the images of a case: the nearest slice of a series, and pixels in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..hookspecs import KnownImage, VoxelGrid
from ..pictures.image_marks import Corner, circle, rectangle
from ..vocabulary import Lesion, Mark

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

_LEAST_SPACING_MM = 1e-6


class Seen(NamedTuple):
    """What is drawn of a mark in one image, in px: closed outlines, or a point, or neither."""

    outlines: tuple[tuple[Corner, ...], ...]
    point: Corner | None


NOTHING = Seen((), None)


class Place(NamedTuple):
    """A point in px of a slice, and how far from that slice it lies in mm."""

    x: float
    y: float
    away_mm: float


@dataclass(frozen=True, kw_only=True)
class ImagePlane:
    """One slice in the patient: the middle of its first pixel, its directions, its spacing (row, column) in mm."""

    position_mm: FloatArray
    along_row: FloatArray
    along_column: FloatArray
    spacing_mm: tuple[float, float]

    @property
    def normal(self) -> FloatArray:
        """The direction in which slices of a series follow each other."""
        found: FloatArray = np.cross(self.along_row, self.along_column)
        return found

    def place(self, point_mm: Sequence[float]) -> Place:
        """Where a point of the patient (LPS) lies; (0, 0) is the outer corner of the first pixel."""
        from_first = np.asarray(point_mm, dtype=np.float64) - self.position_mm
        return Place(
            x=float(from_first @ self.along_row) / self.spacing_mm[1] + 0.5,
            y=float(from_first @ self.along_column) / self.spacing_mm[0] + 0.5,
            away_mm=float(from_first @ self.normal),
        )


def planes(instances: Sequence[KnownImage]) -> tuple[ImagePlane, ...]:
    """The slices of one entry of ``Case.files`` in the order of its frames; () where one of them states no place.

    Slices ascend along their normal, as the reader of a series sorts them. A file of several frames states none.
    """
    found = [plane for one in instances if (plane := _plane(one)) is not None]
    if not found or len(found) < len(instances):
        return ()
    normal = found[0].normal
    return tuple(sorted(found, key=lambda plane: float(plane.position_mm @ normal)))


def _plane(known: KnownImage) -> ImagePlane | None:
    if known.position_mm is None or known.orientation is None or known.spacing_mm is None or known.n_frames > 1:
        return None
    if min(known.spacing_mm) < _LEAST_SPACING_MM:
        return None
    return ImagePlane(
        position_mm=np.array(known.position_mm),
        along_row=np.array(known.orientation[:3]),
        along_column=np.array(known.orientation[3:]),
        spacing_mm=(known.spacing_mm[0], known.spacing_mm[1]),
    )


def planes_of_grid(grid: VoxelGrid) -> tuple[ImagePlane, ...]:
    """The planes of the voxels of a case, in order; () where one of them states no place, or the grid no directions."""
    places = [plane.position_mm for plane in grid.planes if plane.position_mm is not None]
    if grid.orientation is None or grid.pixel_mm is None or len(places) < len(grid.planes):
        return ()
    if min(grid.pixel_mm) < _LEAST_SPACING_MM:
        return ()
    along_row, along_column = np.array(grid.orientation[:3]), np.array(grid.orientation[3:])
    return tuple(
        ImagePlane(
            position_mm=np.array(place), along_row=along_row, along_column=along_column, spacing_mm=grid.pixel_mm
        )
        for place in places
    )


def nearest(slices: Sequence[ImagePlane], point_mm: Sequence[float]) -> int | None:
    """The frame, from 1, of the slice that lies nearest to a point of the patient; None without slices."""
    away = [abs(plane.place(point_mm).away_mm) for plane in slices]
    return 1 + int(np.argmin(away)) if away else None


def centre_mm(item: Lesion | Mark) -> tuple[float, float, float] | None:
    """The middle of what is stated in millimetres."""
    if item.x_mm is None or item.y_mm is None or item.z_mm is None:
        return None
    return item.x_mm, item.y_mm, item.z_mm


def cut(plane: ImagePlane, item: Lesion | Mark, reach_mm: float) -> Seen:
    """What one slice shows of a sphere, or of a box along the axes of the patient; nothing of what lies elsewhere.

    What has no size, or one that makes no sense, is a point, seen in slices up to ``reach_mm`` from it.
    """
    centre = centre_mm(item)
    if centre is None or not np.isfinite(centre).all():
        return NOTHING
    place = plane.place(centre)
    is_near = abs(place.away_mm) <= reach_mm
    if item.size_mm is not None and np.isfinite(item.size_mm).all() and min(item.size_mm) > 0:
        return _cut_of_box(plane, place, np.array(item.size_mm) / 2, reach_mm)
    diameter = item.diameter_mm
    squared = -1.0 if diameter is None or not 0 < diameter < 1e6 else (diameter / 2) ** 2 - place.away_mm**2
    if squared <= 0:
        return Seen((), (place.x, place.y)) if is_near else NOTHING
    radius = float(np.sqrt(squared))
    return Seen((circle(place.x, place.y, radius / plane.spacing_mm[1], radius / plane.spacing_mm[0]),), None)


def _cut_of_box(plane: ImagePlane, place: Place, half: FloatArray, reach_mm: float) -> Seen:
    """The box around what a slice shows of a box: exact where the slice lies along the axes of the patient."""
    thick, wide, high = (float(np.abs(way) @ half) for way in (plane.normal, plane.along_row, plane.along_column))
    if abs(place.away_mm) > max(thick, reach_mm):
        return NOTHING
    right, down = wide / plane.spacing_mm[1], high / plane.spacing_mm[0]
    return Seen((rectangle(place.x - right, place.y - down, 2 * right, 2 * down),), None)


def reach(slices: Sequence[ImagePlane]) -> float:
    """How far from a slice something still is nearest to it: half a step between slices, or half a pixel of one."""
    if len(slices) < 2:
        return max(slices[0].spacing_mm) / 2 if slices else 0.0
    along = [float(plane.position_mm @ slices[0].normal) for plane in slices]
    return float(np.max(np.diff(along))) / 2
