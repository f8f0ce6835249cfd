"""Which files of a folder make one DICOM series, and in which order."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .dicom_file import is_dicom, open_dicom, parsing
from .faults import fault

_SAME_KEYWORDS = ("SeriesInstanceUID", "Rows", "Columns", "PhotometricInterpretation", "PixelSpacing", "BitsStored")
_SAME_DIRECTION = 1e-3  # direction cosines are written with four decimals or more
_GAP = 1.5  # a step between slices this many times the median one: a slice is missing


class _Slice(NamedTuple):
    along_normal_mm: float
    path: Path


def series_files(folder: Path) -> tuple[Path, ...]:
    """The DICOM files of a folder, ascending along the slice normal; hidden files and other kinds are left aside.

    Hidden files are no part of a locked set.

    Raises InputFileError if there is none, if they belong to several series or geometries, if a position is missing
    or if two slices lie at the same place.
    """
    visible = (file for file in folder.iterdir() if not file.name.startswith("."))
    files = sorted(file for file in visible if file.is_file() and is_dicom(file))
    if not files:
        raise fault(folder, "series_empty")
    if len(files) == 1:
        return (files[0],)
    slices = _slices(folder, files)
    if any(b.along_normal_mm - a.along_normal_mm < 1e-3 for a, b in itertools.pairwise(slices)):
        raise fault(folder, "series_doubled_slice")
    return tuple(one.path for one in slices)


def series_gap(files: tuple[Path, ...]) -> bool:
    """Whether a step between neighbouring slices is much larger than the median one."""
    if len(files) < 3:
        return False
    steps = np.diff([one.along_normal_mm for one in _slices(files[0].parent, list(files))])
    return bool(steps.max() > _GAP * np.median(steps))


def _slices(folder: Path, files: list[Path]) -> list[_Slice]:
    slices, first, normal, directions = [], None, np.zeros(3), np.zeros(6)
    for file in files:
        dataset = open_dicom(file, pixels=False)
        with parsing(file, "series_no_position"):
            here = np.array([float(number) for number in dataset.ImageOrientationPatient])
            position = np.array([float(number) for number in dataset.ImagePositionPatient])
            same = tuple(str(dataset.get(keyword, "")) for keyword in _SAME_KEYWORDS)
            if first is None:
                first, directions, normal = same, here, np.cross(here[:3], here[3:])
            slices.append(_Slice(float(position @ normal), file))
            differs = same != first or float(np.abs(here - directions).max()) > _SAME_DIRECTION
        if differs:
            raise fault(folder, "series_mixed", found=file.name)
    return sorted(slices)
