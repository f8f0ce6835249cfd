"""Writes axial slices as CT images, and lines drawn on them as radiotherapy structure sets, as legal DICOM files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RLELossless, RTStructureSetStorage

from . import thoraxes
from .drawing import Array
from .radiographs import IMPLEMENTATION_UID, uid

Lines = Mapping[str, Sequence[tuple[int, Array]]]
"""Structure -> (number of the slice from 0, corners [n, 2] in mm) of each closed line; () for one that is not there."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What the headers of one series say. ``sex`` and ``age_years`` may be unknown ("" and None)."""

    set_id: str
    patient_id: str
    exam_id: str
    sex: str
    age_years: int | None
    manufacturer: str
    model: str
    date: str  # YYYYMMDD


def write_slice(path: Path, values: NDArray[np.int16], scan: Scan, number: int) -> None:
    """Write slice ``number`` (from 0) in Hounsfield units; the same arguments give the same bytes."""
    image = _dataset(scan, str(CTImageStorage), image_uid(scan, number))
    image.Modality, image.SeriesInstanceUID = "CT", uid(scan.set_id, "series", scan.exam_id)
    image.SeriesNumber, image.InstanceNumber = 1, number + 1
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.KVP, image.SliceThickness, image.AcquisitionNumber = 120, thoraxes.STEP_MM, 1
    left, top = thoraxes.corner_mm()
    image.ImagePositionPatient = [left, top, thoraxes.planes_mm()[number]]
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.PixelSpacing = [thoraxes.SPACING_MM, thoraxes.SPACING_MM]
    image.FrameOfReferenceUID, image.PositionReferenceIndicator = uid(scan.set_id, "frame", scan.exam_id), ""
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = -1024, 1, "HU"
    image.WindowCenter, image.WindowWidth = 40, 400
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns = values.shape
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
    image.BurnedInAnnotation, image.LossyImageCompression = "NO", "00"
    image.PixelData = np.clip(values.astype(np.int32) + 1024, 0, 4095).astype("<u2").tobytes()
    image["PixelData"].VR = "OW"
    image.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    image.save_as(path, enforce_file_format=True)


def write_structures(path: Path, lines: Lines, scan: Scan, author: str) -> None:
    """Write what ``author`` drew on a series; a structure without lines is there, with nothing drawn."""
    drawn = _dataset(scan, str(RTStructureSetStorage), uid(scan.set_id, "structures", scan.exam_id, author))
    drawn.Modality, drawn.SeriesInstanceUID = "RTSTRUCT", uid(scan.set_id, "drawn", scan.exam_id, author)
    drawn.SeriesNumber, drawn.InstanceNumber, drawn.OperatorsName = 2, 1, ""
    drawn.StructureSetLabel, drawn.StructureSetDate, drawn.StructureSetTime = author, scan.date, "130000"
    drawn.ApprovalStatus = "UNAPPROVED"
    frame = uid(scan.set_id, "frame", scan.exam_id)
    drawn.ReferencedFrameOfReferenceSequence = Items([_referenced_series(scan, frame)])
    regions, outlines, observed = [], [], []
    for number, (name, of_name) in enumerate(lines.items(), start=1):
        region, outline, seen = Dataset(), Dataset(), Dataset()
        region.ROINumber, region.ReferencedFrameOfReferenceUID = number, frame
        region.ROIName, region.ROIGenerationAlgorithm = name, ""
        outline.ReferencedROINumber = number
        if of_name:
            outline.ContourSequence = Items([_contour(scan, at, corners) for at, corners in of_name])
        seen.ObservationNumber, seen.ReferencedROINumber = number, number
        seen.RTROIInterpretedType, seen.ROIInterpreter = "", ""
        regions.append(region)
        outlines.append(outline)
        observed.append(seen)
    drawn.StructureSetROISequence, drawn.ROIContourSequence = Items(regions), Items(outlines)
    drawn.RTROIObservationsSequence = Items(observed)
    drawn.save_as(path, enforce_file_format=True)


def image_uid(scan: Scan, number: int) -> str:
    """SOP Instance UID of a slice, from 0."""
    return uid(scan.set_id, "image", scan.exam_id, str(number))


def _dataset(scan: Scan, sop_class: str, instance: str) -> Dataset:
    content = Dataset()
    content.file_meta = FileMetaDataset()
    content.file_meta.MediaStorageSOPClassUID = content.SOPClassUID = sop_class
    content.file_meta.MediaStorageSOPInstanceUID = content.SOPInstanceUID = instance
    content.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content.file_meta.ImplementationClassUID = IMPLEMENTATION_UID
    content.file_meta.ImplementationVersionName = "DMNBENCH_DEMO"
    content.PatientName, content.PatientBirthDate, content.PatientID = "", "", scan.patient_id
    content.PatientSex = scan.sex
    if scan.age_years is not None:
        content.PatientAge = f"{scan.age_years:03d}Y"
    content.StudyInstanceUID = uid(scan.set_id, "study", scan.exam_id)
    content.StudyDate = content.SeriesDate = content.ContentDate = scan.date
    content.StudyTime = content.ContentTime = "120000"
    content.StudyID, content.ReferringPhysicianName = "1", ""
    content.AccessionNumber = f"{scan.set_id[:3].upper()}{scan.exam_id}"
    content.Manufacturer, content.ManufacturerModelName = scan.manufacturer, scan.model
    content.PatientIdentityRemoved = "YES"
    content.DeidentificationMethod = "Synthetic: no person was examined"
    return content


def _referenced_series(scan: Scan, frame: str) -> Dataset:
    series, study, of_frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = uid(scan.set_id, "series", scan.exam_id)
    series.ContourImageSequence = Items([_image(scan, number) for number in range(thoraxes.SLICES)])
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = (
        "1.2.840.10008.3.1.2.3.1",
        uid(scan.set_id, "study", scan.exam_id),
    )
    study.RTReferencedSeriesSequence = Items([series])
    of_frame.FrameOfReferenceUID, of_frame.RTReferencedStudySequence = frame, Items([study])
    return of_frame


def _contour(scan: Scan, number: int, corners: Array) -> Dataset:
    line, z_mm = Dataset(), thoraxes.planes_mm()[number]
    line.ContourImageSequence = Items([_image(scan, number)])
    line.ContourGeometricType, line.NumberOfContourPoints = "CLOSED_PLANAR", len(corners)
    line.ContourData = [f"{at:.1f}" for x, y in corners.tolist() for at in (x, y, z_mm)]
    return line


def _image(scan: Scan, number: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = str(CTImageStorage), image_uid(scan, number)
    return item
