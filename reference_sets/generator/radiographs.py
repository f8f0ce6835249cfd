"""Writes a picture as a legal DICOM file: Digital X-Ray Image Storage, for presentation, run-length coded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, RLELossless, generate_uid

from .devices import XrayDevice

IMPLEMENTATION_UID = "2.25.190417263380215977410283651028473910"

# SNOMED CT codes of the anatomic regions and of the views (DICOM context groups 4009 and 4010).
REGIONS = {"WRIST": ("74670003", "Wrist joint"), "ANKLE": ("70258002", "Ankle joint"), "CHEST": ("816094009", "Chest")}
VIEWS = {
    "PA": ("272479007", "postero-anterior"),
    "AP": ("399348003", "antero-posterior"),
    "LL": ("399173006", "left lateral"),
}


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """What the header says of one image beside the device. ``sex`` and ``age_years`` may be unknown ("" and None)."""

    set_id: str
    patient_id: str
    exam_id: str
    image_id: str
    sex: str
    age_years: int | None
    region: str  # WRIST | ANKLE | CHEST
    view: str  # PA | AP | LL
    laterality: str  # L | R | U
    date: str  # YYYYMMDD
    detector_spacing_mm: float
    device_recorded: bool = True


def uid(*words: str) -> str:
    """The same UID for the same words, now and on any machine."""
    return str(generate_uid(prefix="2.25.", entropy_srcs=["dmn-bench demonstration", *words]))


def write(path: Path, values: NDArray[np.uint16], exposure: Exposure, device: XrayDevice) -> None:
    """Write one image; the folder exists. The same arguments give the same bytes."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    image.file_meta.MediaStorageSOPInstanceUID = uid(exposure.set_id, "image", exposure.image_id)
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.ImplementationClassUID = IMPLEMENTATION_UID
    image.file_meta.ImplementationVersionName = "DMNBENCH_DEMO"
    _who_and_when(image, exposure)
    _equipment(image, exposure, device)
    _geometry(image, exposure, device)
    _pixels(image, values, device)
    image.save_as(path, enforce_file_format=True)


def _who_and_when(image: Dataset, exposure: Exposure) -> None:
    image.SOPClassUID = DigitalXRayImageStorageForPresentation
    image.SOPInstanceUID = uid(exposure.set_id, "image", exposure.image_id)
    image.StudyInstanceUID = uid(exposure.set_id, "study", exposure.exam_id)
    image.SeriesInstanceUID = uid(exposure.set_id, "series", exposure.image_id)
    image.PatientName, image.PatientBirthDate = "", ""
    image.PatientID = exposure.patient_id
    image.PatientSex = exposure.sex
    if exposure.age_years is not None:
        image.PatientAge = f"{exposure.age_years:03d}Y"
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = exposure.date
    image.StudyTime = image.ContentTime = "120000"
    image.AccessionNumber = f"{exposure.set_id[:3].upper()}{exposure.exam_id}"
    image.StudyID, image.ReferringPhysicianName = "1", ""
    image.SeriesNumber, image.InstanceNumber = 1, 1
    image.InstitutionName = ""
    image.PatientIdentityRemoved = "YES"
    image.DeidentificationMethod = "Synthetic: no person was examined"


def _equipment(image: Dataset, exposure: Exposure, device: XrayDevice) -> None:
    image.Modality = "DX"
    image.PresentationIntentType = "FOR PRESENTATION"
    image.Manufacturer = device.manufacturer if exposure.device_recorded else ""
    if exposure.device_recorded:
        image.ManufacturerModelName = device.model
        image.SoftwareVersions = "1.0"
    image.PositionerType = ""
    image.DetectorType = "DIRECT"
    image.ImagerPixelSpacing = [exposure.detector_spacing_mm] * 2
    if device.magnification is not None:
        image.PixelSpacing = [round(exposure.detector_spacing_mm / device.magnification, 4)] * 2
        image.PixelSpacingCalibrationType = "GEOMETRY"
        image.PixelSpacingCalibrationDescription = "Magnification of the examination table"
    image.KVP = 55 if exposure.region != "CHEST" else 120


def _geometry(image: Dataset, exposure: Exposure, device: XrayDevice) -> None:
    image.BodyPartExamined = exposure.region
    image.ViewPosition = exposure.view
    image.ImageLaterality = exposure.laterality
    image.PatientOrientation = ["A", "F"] if exposure.view == "LL" else ["L", "F"]
    image.AnatomicRegionSequence = Sequence([_code(REGIONS[exposure.region])])
    view = _code(VIEWS[exposure.view])
    view.ViewModifierCodeSequence = Sequence([])
    image.ViewCodeSequence = Sequence([view])
    image.AcquisitionContextSequence = Sequence([])
    image.ImageType = ["ORIGINAL", "PRIMARY", ""]
    image.PixelIntensityRelationship = "LOG"
    image.PixelIntensityRelationshipSign = 1 if device.inverted else -1
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = 0, 1, "US"
    image.PresentationLUTShape = "INVERSE" if device.inverted else "IDENTITY"
    image.LossyImageCompression = "00"
    image.BurnedInAnnotation = "NO"


def _pixels(image: Dataset, values: NDArray[np.uint16], device: XrayDevice) -> None:
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME1" if device.inverted else "MONOCHROME2"
    image.Rows, image.Columns = values.shape
    allocated = 8 if device.bits_stored <= 8 else 16
    image.BitsAllocated, image.BitsStored, image.HighBit = allocated, device.bits_stored, device.bits_stored - 1
    image.PixelRepresentation = 0
    image.WindowCenter, image.WindowWidth = 2 ** (device.bits_stored - 1), 2**device.bits_stored
    image.WindowCenterWidthExplanation = "NORMAL"
    image.PixelData = np.ascontiguousarray(values.astype("u1" if allocated == 8 else "<u2")).tobytes()
    image["PixelData"].VR = "OB" if allocated == 8 else "OW"
    # The instance keeps its UID: run-length coding loses nothing, and the UID was never given to other bytes.
    image.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)


def _code(pair: tuple[str, str]) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = pair[0], "SCT", pair[1]
    return item
