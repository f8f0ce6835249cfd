"""Segmentations: every frame as a mask of one segment, with the image or the plane that it lies on.

Binary and label map frames give masks; fractional ones give shares from 0 to 1. Reference: DICOM PS3.3 C.8.20.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .dicom_file import frame_value, open_dicom, parsing
from .dicom_pixels import stored_pixels
from .faults import MOST_DECODED_BYTES, fault
from .result_content import Plane, Reference, ResultObject, Structure
from .result_sr import code_of, reference_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

BACKGROUND = "DCM:125040"
MOST_SEGMENTS = 4096


def with_segments(plain: ResultObject, path: Path, *, apart: bool) -> ResultObject:
    """The object with a structure for each segment; its pixels are decoded here, or ``apart``.

    Raises InputFileError if it cannot be decoded, or its frames do not say which segment they show.
    """
    dataset = open_dicom(path, pixels=True)
    values = stored_pixels(dataset, path, apart=apart).values
    with parsing(path, "dicom_unreadable"):
        kind = str(dataset.get("SegmentationType") or "").strip()
        if kind not in ("BINARY", "FRACTIONAL", "LABELMAP") or values.ndim != 3:
            raise fault(path, "dicom_bad_geometry", found=kind or "-")
        segments = list(dataset.get("SegmentSequence") or ())
        numbers = {int(segment.SegmentNumber) for segment in segments}
        _check_size(values, kind, len(segments), path)
        planes: dict[int, list[Plane]] = {number: [] for number in numbers}
        for number, plane in _frames(dataset, values, kind, numbers):
            if number not in planes:
                raise fault(path, "dicom_bad_geometry", found="SegmentNumber")
            planes[number].append(plane)
        problem = _problem_of_shares(dataset, values) if kind == "FRACTIONAL" else ""
        structures = [_structure(segment, planes[int(segment.SegmentNumber)], problem) for segment in segments]
        listed = _listed(dataset)
    shown = [each for each in structures if each.code is None or each.code.key != BACKGROUND]
    used = tuple(dict.fromkeys(plane.image for each in shown for plane in each.planes if plane.image is not None))
    return replace(plain, structures=tuple(shown), images=used, evidence=(*plain.evidence, *listed))


def _check_size(values: NDArray[np.generic], kind: str, n_segments: int, path: Path) -> None:
    """Raises InputFileError if there are more segments than any segmentation has, or their masks are too large."""
    if n_segments > MOST_SEGMENTS:
        raise fault(path, "too_large", found=n_segments)
    n_bytes = values.size * (np.dtype(np.float32).itemsize if kind == "FRACTIONAL" else 1)
    if kind == "LABELMAP":  # a mask for every value of every frame
        n_bytes = sum(frame.size * len(np.unique(frame)) for frame in values)
    if n_bytes > MOST_DECODED_BYTES:
        raise fault(path, "too_large", found=n_bytes)


def _problem_of_shares(dataset: Dataset, values: NDArray[np.generic]) -> str:
    """Why the stored values are no shares: the one that stands for all of a pixel is not stated, or exceeded."""
    most = float(dataset.get("MaximumFractionalValue") or 0)
    found = float(values.max(initial=0))
    if most <= 0:
        return "a fractional segmentation does not state which value is the largest (Maximum Fractional Value)"
    return f"a fractional segmentation holds the value {found:g}, above its maximum of {most:g}" if found > most else ""


def _structure(segment: Dataset, planes: Sequence[Plane], problem: str) -> Structure:
    return Structure(
        name=str(segment.get("SegmentLabel") or "").strip(),
        number=int(segment.SegmentNumber),
        code=code_of(segment.get("SegmentedPropertyTypeCodeSequence")),
        planes=tuple(planes),
        problem=problem,
    )


def _frames(
    dataset: Dataset, values: NDArray[np.generic], kind: str, numbers: Collection[int]
) -> Iterator[tuple[int, Plane]]:
    """(segment, plane) of every frame that shows one; of a label map, of every segment in every frame.

    ``numbers``: of the segments; the value 0 of a label map that is none of them is background.
    """
    most = float(dataset.get("MaximumFractionalValue") or 1)  # without it the structures carry a problem
    for place, frame in enumerate(values):
        plane = _plane(dataset, place)
        if kind == "LABELMAP":
            for number in np.unique(frame).tolist():
                if number or number in numbers:
                    yield int(number), replace(plane, mask=frame == number)
        else:
            number = frame_value(dataset, place, "SegmentIdentificationSequence", "ReferencedSegmentNumber")
            mask = frame != 0 if kind == "BINARY" else np.asarray(frame, dtype=np.float32) / np.float32(most)
            yield int(str(number)), replace(plane, mask=mask)


def _plane(dataset: Dataset, frame: int) -> Plane:
    sources = _sources(dataset, frame)
    return Plane(
        image=sources[0] if len(sources) == 1 else None,
        position_mm=_numbers(frame_value(dataset, frame, "PlanePositionSequence", "ImagePositionPatient")),
        orientation=_numbers(frame_value(dataset, frame, "PlaneOrientationSequence", "ImageOrientationPatient")),
        frame_of_reference_uid=str(dataset.get("FrameOfReferenceUID") or "").strip(),
        spacing_mm=_numbers(frame_value(dataset, frame, "PixelMeasuresSequence", "PixelSpacing")),
    )


def _sources(dataset: Dataset, frame: int) -> list[Reference]:
    """The images that a frame was made from, each once."""
    derivations = frame_value(dataset, frame, "DerivationImageSequence", "SourceImageSequence")
    found = [reference_of(item) for item in derivations or ()]  # type: ignore[attr-defined]  # a sequence of items
    return list(dict.fromkeys(each for each in found if each is not None))


def _listed(dataset: Dataset) -> tuple[Reference, ...]:
    items = [
        *(dataset.get("SourceImageSequence") or ()),
        *(
            instance
            for series in dataset.get("ReferencedSeriesSequence") or ()
            for instance in series.get("ReferencedInstanceSequence") or ()
        ),
    ]
    return tuple(dict.fromkeys(each for each in map(reference_of, items) if each is not None))


def _numbers(value: object) -> tuple[float, ...] | None:
    return tuple(float(number) for number in value) if value is not None else None  # type: ignore[attr-defined]
