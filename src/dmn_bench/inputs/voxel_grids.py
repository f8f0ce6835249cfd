"""The grid of voxels of a case: its planes in order, their places in the patient, and how far voxels are apart.

Planes are at one distance where each lies within SAME_PLACE of a step of where even steps would put it, and straight
behind the first. Where a slice is missing they are not, and the case has no spacing: no distance is made up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import Fact, InputFileError, Problem
from ..hookspecs import GridPlane, Reader, VoxelGrid
from .dicom_file import frame_value, open_dicom, parsing
from .dicom_image import pixel_spacing
from .dicom_pixels import geometry
from .dicom_series import series_files
from .faults import MOST_DECODED_BYTES, fault
from .nifti_file import SAME_PLACE, open_nifti
from .requests import CaseFile, case_files

if TYPE_CHECKING:
    from pydicom import Dataset

    from ..vocabulary import Case, FloatArray

_MEASURES = ("PixelMeasuresSequence", "PixelSpacing")


def case_grid(case: Case, root: Path, readers: Sequence[Reader], image: str | None = None) -> VoxelGrid:
    """The grid of the one image or series of a case; ``image``: of that one of its files.

    Raises InputFileError if the case has no image, or several and none is named, or its image cannot be read.
    """
    if image is not None:
        case = replace(case, files=tuple(file for file in case.files if file == image))
    images = [file for file in case_files(case, root, readers) if file.reader.gives == "images"]
    if len(images) != 1:
        raise refused(case.case_id, "not_one_image", found=len(images))
    grid = _grid_of(images[0])
    if math.prod(grid.shape) > MOST_DECODED_BYTES:
        raise fault(images[0].path, "too_large", found=math.prod(grid.shape))
    return grid


def refused(where: str | Path, key: str, **facts: Fact) -> InputFileError:
    """One thing wrong with a mask or with the grid it belongs on, ready to be raised."""
    return InputFileError(Problem(key=f"masks.{key}", where=str(where), facts=facts))


def affine_of(grid: VoxelGrid) -> FloatArray | None:
    """[4, 4]: index (column, row, plane) of a voxel to the place of its centre in mm (LPS); None without a lattice."""
    if not grid.is_lattice or grid.orientation is None or grid.pixel_mm is None:
        return None
    first, last = (np.array(grid.planes[end].position_mm) for end in (0, -1))
    step = (last - first) / (len(grid.planes) - 1) if len(grid.planes) > 1 else normal_of(grid.orientation)
    along_row, down_column = np.array(grid.orientation[:3]), np.array(grid.orientation[3:])
    found = np.eye(4)
    found[:3] = np.column_stack([along_row * grid.pixel_mm[1], down_column * grid.pixel_mm[0], step, first])
    return found


def normal_of(orientation: Sequence[float]) -> FloatArray:
    """The direction across a plane, of length 1."""
    across = np.cross(orientation[:3], orientation[3:])
    return np.asarray(across / np.linalg.norm(across), dtype=np.float64)


def _grid_of(file: CaseFile) -> VoxelGrid:
    if file.reader.name == "dicom-image":
        return _of_series(file) if file.path.is_dir() else _of_dicom(file)
    if file.reader.name == "nifti":
        return _of_nifti(file)
    header = file.reader.header(file.path)
    return _of_header(file, header)


def _of_header(file: CaseFile, header: Mapping[str, str]) -> VoxelGrid:
    """Of a picture: a grid without any place or distance."""
    stated = (header.get("NumberOfFrames", "1"), header.get("Rows", ""), header.get("Columns", ""))
    if not all(text.isdecimal() and 0 < len(text) < 10 and int(text) for text in stated):
        raise refused(file.written, "size_unknown")
    frames, rows, columns = map(int, stated)
    return VoxelGrid(
        image=file.written, rows=rows, columns=columns, planes=_numbered(frames), why_no_spacing="not_stated"
    )


def _of_nifti(file: CaseFile) -> VoxelGrid:
    volume = open_nifti(file.path)
    planes, rows, columns = volume.shape
    axes = volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)
    positions = [volume.affine[:3] @ (0.0, 0.0, float(plane), 1.0) for plane in range(planes)]
    spacing = volume.spacing_mm
    return VoxelGrid(
        image=file.written,
        rows=rows,
        columns=columns,
        planes=tuple(
            replace(plane, position_mm=tuple(float(x) for x in place))
            for plane, place in zip(_numbered(planes), positions, strict=True)
        ),
        orientation=tuple(float(x) for x in (*axes[:, 0], *axes[:, 1])),
        pixel_mm=spacing[1:],
        spacing_mm=spacing,
        spacing_source="file",
        is_lattice=True,
    )


def _of_series(file: CaseFile) -> VoxelGrid:
    files = series_files(file.path)
    found = [_slice(path) for path in files]
    planes = tuple(
        replace(plane, instance=one.instance, position_mm=one.position_mm)
        for plane, one in zip(_numbered(len(found)), found, strict=True)
    )
    if len(files) == 1:
        return _of_dicom(CaseFile(file.written, files[0], file.reader))
    dataset = open_dicom(files[0], pixels=False)
    return _placed(_plain(file, dataset, planes), dataset, found[0])


def _of_dicom(file: CaseFile) -> VoxelGrid:
    dataset = open_dicom(file.path, pixels=False)
    with parsing(file.path, "dicom_bad_geometry"):
        n_frames = geometry(dataset, file.path).frames
        uid = str(dataset.get("SOPInstanceUID") or "")
        frames = [_frame(dataset, frame) for frame in range(n_frames)]
    planes = tuple(
        replace(plane, instance=uid, position_mm=one.position_mm)
        for plane, one in zip(_numbered(n_frames), frames, strict=True)
    )
    grid = _plain(file, dataset, planes)
    if any(one[1:] != frames[0][1:] for one in frames):  # frames turned against each other, or of several sizes
        return replace(grid, why_no_spacing="planes_not_even")
    return _placed(grid, dataset, frames[0])


class _Place(NamedTuple):
    """What one slice or frame says of its place; None where it says nothing that can be used."""

    position_mm: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    pixel_mm: tuple[float, float] | None
    instance: str = ""


def _slice(path: Path) -> _Place:
    dataset = open_dicom(path, pixels=False)
    with parsing(path, "dicom_bad_geometry"):
        return _frame(dataset, 0)._replace(instance=str(dataset.get("SOPInstanceUID") or ""))


def _frame(dataset: Dataset, frame: int) -> _Place:
    position = _numbers(frame_value(dataset, frame, "PlanePositionSequence", "ImagePositionPatient"), 3)
    orientation = _numbers(frame_value(dataset, frame, "PlaneOrientationSequence", "ImageOrientationPatient"), 6)
    pixel = _numbers(frame_value(dataset, frame, *_MEASURES), 2)
    if orientation is not None and not _is_square(orientation):
        orientation = None
    usable = pixel is not None and min(pixel) > 0
    return _Place(position, orientation, (pixel[0], pixel[1]) if pixel is not None and usable else None)


def _plain(file: CaseFile, dataset: Dataset, planes: tuple[GridPlane, ...]) -> VoxelGrid:
    size = geometry(dataset, file.path)
    return VoxelGrid(
        image=file.written,
        rows=size.rows,
        columns=size.columns,
        planes=planes,
        frame_of_reference_uid=str(dataset.get("FrameOfReferenceUID") or "").strip(),
    )


def _placed(grid: VoxelGrid, dataset: Dataset, first: _Place) -> VoxelGrid:
    """The grid with its place and its spacing, or why it has none."""
    in_plane, source = pixel_spacing(dataset)
    is_placed = first.orientation is not None and all(plane.position_mm is not None for plane in grid.planes)
    if is_placed and first.pixel_mm is not None:
        grid = replace(grid, orientation=first.orientation, pixel_mm=first.pixel_mm)
        grid = replace(grid, is_lattice=_is_even(grid))
    if in_plane is None:
        stated = any(dataset.get(word) for word in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"))
        return replace(grid, why_no_spacing="not_positive" if stated else "not_stated")
    if len(grid.planes) == 1:
        return replace(grid, spacing_mm=(1.0, *in_plane), spacing_source=source)
    if not is_placed:
        return replace(grid, why_no_spacing="planes_without_position")
    if not grid.is_lattice:
        return replace(grid, why_no_spacing="planes_not_even")
    first_mm, last_mm = (np.array(grid.planes[end].position_mm) for end in (0, -1))
    step = float(np.linalg.norm(last_mm - first_mm)) / (len(grid.planes) - 1)
    return replace(grid, spacing_mm=(step, *in_plane), spacing_source=source)


def _is_even(grid: VoxelGrid) -> bool:
    """Whether the planes lie straight behind each other at one distance."""
    if len(grid.planes) == 1:
        return True
    orientation, pixel_mm = grid.orientation or (), grid.pixel_mm or (0.0, 0.0)
    places = np.array([plane.position_mm for plane in grid.planes])
    moved = places - places[0]
    normal = normal_of(orientation)
    along = moved @ normal
    step = float(along[-1]) / (len(places) - 1)
    if abs(step) < 1e-6:
        return False
    uneven = np.abs(along - step * np.arange(len(places))).max() > SAME_PLACE * abs(step)
    sideways = np.abs(moved - np.outer(along, normal)).max() > SAME_PLACE * min(pixel_mm)
    return not (uneven or sideways)


def _is_square(orientation: Sequence[float]) -> bool:
    """Whether the two directions have length 1 and are at a right angle, as far as they are written."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    lengths = abs(float(row @ row) - 1), abs(float(column @ column) - 1), abs(float(row @ column))
    return max(lengths) < 1e-2


def _numbered(count: int) -> tuple[GridPlane, ...]:
    """Planes that know their number alone; of a single one there is nothing to number."""
    return (GridPlane(),) if count == 1 else tuple(GridPlane(frame=number) for number in range(1, count + 1))


def _numbers(value: object, count: int) -> tuple[float, ...] | None:
    try:
        found = tuple(float(number) for number in value)  # type: ignore[attr-defined]  # a multiple value of the library
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None
