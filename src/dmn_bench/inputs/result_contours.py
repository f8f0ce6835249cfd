"""Radiotherapy structure sets: closed planar contours in millimetres, each with the slice that it names.

Numbers longer than their value representation allows are read: common software writes them.
Reference: DICOM PS3.3 C.8.8.5, C.8.8.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .result_content import Plane, Reference, ResultObject, Structure
from .result_sr import code_of, points_of, reference_of

if TYPE_CHECKING:
    from pydicom import Dataset


def with_contours(plain: ResultObject, dataset: Dataset) -> ResultObject:
    """The object with a structure for each region of interest; call it inside ``parsing``."""
    drawn = {_number(item, "ReferencedROINumber"): item for item in dataset.get("ROIContourSequence") or ()}
    codes = {
        _number(item, "ReferencedROINumber"): code_of(item.get("RTROIIdentificationCodeSequence"))
        for item in dataset.get("RTROIObservationsSequence") or ()
    }
    structures = []
    for roi in dataset.get("StructureSetROISequence") or ():
        number = _number(roi, "ROINumber")
        structure = Structure(
            name=str(roi.get("ROIName") or "").strip(),
            code=codes.get(number),
            frame_of_reference_uid=str(roi.get("ReferencedFrameOfReferenceUID") or "").strip(),
        )
        contours = drawn[number].get("ContourSequence") or () if number in drawn else ()
        structures.append(_drawn(structure, contours))
    images = _listed_images(dataset)
    return replace(plain, structures=tuple(structures), images=images or _used_images(structures))


def _drawn(structure: Structure, contours: Sequence[Dataset]) -> Structure:
    planes: list[Plane] = []
    single: list[tuple[float, ...]] = []
    for contour in contours:
        points = points_of(contour.get("ContourData"), 3)
        kind = str(contour.get("ContourGeometricType") or "").strip().upper()
        if not points:
            return replace(structure, problem=f"a contour of {structure.name} has no readable points")
        if kind == "POINT":
            single += points
        elif kind == "CLOSED_PLANAR":
            images = [each for each in map(reference_of, contour.get("ContourImageSequence") or ()) if each is not None]
            image = images[0] if len(images) == 1 else None
            planes.append(Plane(image=image, points_mm=points, frame_of_reference_uid=structure.frame_of_reference_uid))
        else:
            return replace(structure, problem=f"a contour of {structure.name} is of the kind {kind or 'none'}")
    return replace(structure, planes=tuple(planes), points_mm=tuple(single))


def _listed_images(dataset: Dataset) -> tuple[Reference, ...]:
    found = [
        reference_of(image)
        for frame in dataset.get("ReferencedFrameOfReferenceSequence") or ()
        for study in frame.get("RTReferencedStudySequence") or ()
        for series in study.get("RTReferencedSeriesSequence") or ()
        for image in series.get("ContourImageSequence") or ()
    ]
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _used_images(structures: Sequence[Structure]) -> tuple[Reference, ...]:
    found = (plane.image for structure in structures for plane in structure.planes)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _number(item: Dataset, keyword: str) -> int | None:
    value = item.get(keyword)
    return None if value is None else int(value)
