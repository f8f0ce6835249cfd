"""The minimal DICOM copy that a device may see: an allow-list, everything else is left behind.

A data element is copied only if it is listed here and its value is of the listed kind: numbers, or one of a closed
list of terms. So no name, date, comment, private element, overlay or free text can pass; UIDs are new and random, and
so are the numbers of the patient and of the examination, which devices and archives keep their cases apart by.
Pixel data keep their compression; comments inside compressed frames and bytes after the last frame are dropped.
Reference: DICOM PS3.15 Annex E (Basic Application Level Confidentiality Profile), CID 7050.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import write_atomically
from .codestream import without_comments
from .dicom_file import open_dicom, parsing
from .dicom_pixels import DECODERS, Geometry, coded_frames, geometry
from .faults import fault
from .new_uids import NewUids, current_uids, new_uid

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

_NUMBERS = (
    # image pixel
    "SamplesPerPixel PlanarConfiguration NumberOfFrames Rows Columns BitsAllocated BitsStored HighBit "
    "PixelRepresentation PixelAspectRatio SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue "
    "PixelPaddingRangeLimit RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor "
    "BluePaletteColorLookupTableDescriptor "
    # grey values
    "RescaleIntercept RescaleSlope WindowCenter WindowWidth LUTDescriptor LossyImageCompressionRatio "
    # geometry
    "PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing EstimatedRadiographicMagnificationFactor "
    "DistanceSourceToDetector DistanceSourceToPatient ImagePositionPatient ImageOrientationPatient SliceThickness "
    "SpacingBetweenSlices SliceLocation InstanceNumber KVP "
    # waveforms
    "NumberOfWaveformChannels NumberOfWaveformSamples SamplingFrequency WaveformBitsAllocated WaveformBitsStored "
    "ChannelSensitivity ChannelSensitivityCorrectionFactor ChannelBaseline ChannelSampleSkew "
    "ChannelTimeSkew"
)
NUMBERS = frozenset(_NUMBERS.split())
"""Elements whose value is numbers alone (VR DS, IS, US, SS, FD, FL, UL …)."""

_SIDES = "L R B U"
_BODY_PARTS = (
    "ABDOMEN ANKLE ARM BREAST CALCANEUS CHEST CLAVICLE COCCYX CSPINE ELBOW EXTREMITY EYE FEMUR FINGER FOOT FOREARM "
    "HAND HEAD HEART HIP HUMERUS JAW KNEE LEG LSPINE NECK PATELLA PELVIS RADIUS RETINA RIB SCAPULA SHOULDER SKULL "
    "SPINE SSPINE STERNUM THORAX THUMB THYMUS TIBIA TOE TSPINE ULNA WHOLEBODY WRIST ZYGOMA"
)
TERMS: Mapping[str, frozenset[str]] = {
    keyword: frozenset(terms.split())
    for keyword, terms in {
        "Modality": "CR CT DX ECG HD IO MG MR NM OCT OP OPT OT PT PX RF RG SC SEG SM US XA XC",
        "PhotometricInterpretation": "MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_ICT YBR_RCT",
        "PresentationLUTShape": "IDENTITY INVERSE",
        "PresentationIntentType": "FOR_PRESENTATION FOR_PROCESSING",
        "PixelIntensityRelationship": "LIN LOG DISP",
        "VOILUTFunction": "LINEAR LINEAR_EXACT SIGMOID",
        "RescaleType": "HU US OD MGML Z_EFF ED EDW HU_MOD PCT",
        "LossyImageCompression": "00 01",
        "BurnedInAnnotation": "YES NO",
        "Laterality": _SIDES,
        "ImageLaterality": _SIDES,
        "ViewPosition": "AP PA LL RL RLD LLD RLO LLO CC MLO ML LM LMO XCCL XCCM XCC FB SIO ISO LAT OBL",
        "BodyPartExamined": _BODY_PARTS,
        "MultiplexGroupLabel": "RHYTHM",
        "WaveformOriginality": "ORIGINAL DERIVED",
        "WaveformSampleInterpretation": "SB UB SS US SL UL",
    }.items()
}
"""Elements whose value must be one of these terms (blanks written as underscores)."""

TERMS_WITH_BLANKS = frozenset({"PresentationIntentType", "PhotometricInterpretation"})
_SEQUENCES = (
    "ModalityLUTSequence VOILUTSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence "
    "PixelMeasuresSequence PlanePositionSequence PlaneOrientationSequence PixelValueTransformationSequence "
    "FrameVOILUTSequence"
)
SEQUENCES = frozenset(_SEQUENCES.split())
"""Sequences whose items are copied by the same rules."""

_PALETTES = tuple(f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue"))
TABLES = frozenset({"LUTData", *_PALETTES})
"""Look-up tables, cut to the length that their descriptor states."""

LISTED = NUMBERS | SEQUENCES | TABLES | frozenset(TERMS)

VIEW_CODES: Mapping[str, tuple[str, str, str]] = {
    "399162004": ("399162004", "SCT", "cranio-caudal"),
    "R-10242": ("R-10242", "SRT", "cranio-caudal"),
    "399368009": ("399368009", "SCT", "medio-lateral oblique"),
    "R-10226": ("R-10226", "SRT", "medio-lateral oblique"),
}
"""The standard views of mammography, which often state their view by code alone (CID 4014)."""

_EMPTY = "PatientBirthDate PatientSex StudyDate StudyTime ReferringPhysicianName SeriesNumber"
EMPTY = tuple(_EMPTY.split())
"""Type 2 elements that a legal file must have and may leave empty; ``place_in_study`` fills the others."""

PROFILE = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113103", "Clean Graphics Option"),
    ("113105", "Clean Descriptors Option"),
)
"""What was done, by CID 7050. Burnt-in text is not looked for, so Clean Pixel Data (113101) is not claimed."""

_NUMBER = re.compile(r"^[ ]*[-+]?[0-9.]+([eE][-+]?[0-9]+)?[ ]*$")
_ORIENTATION = re.compile(r"^[APRLHF]{1,3}$")
_IMAGE_TYPE = (frozenset({"ORIGINAL", "DERIVED"}), frozenset({"PRIMARY", "SECONDARY"}))


def minimal_image(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Write the minimal copy of each source, all in the study being written (see ``new_uids``).

    Raises InputFileError if a source cannot be read as an image, MachineError if a target cannot be written.
    """
    uids, apart = current_uids(), new_uid()
    for source, target in zip(sources, targets, strict=True):
        original = open_dicom(source, pixels=True)
        size = geometry(original, source)
        if "PixelData" not in original:
            raise fault(source, "dicom_no_pixels")
        if str(original.file_meta.TransferSyntaxUID) not in DECODERS:
            raise fault(source, "dicom_no_decoder_planned", found=str(original.file_meta.TransferSyntaxUID))
        with parsing(source, "dicom_pixels_damaged"):
            copy = minimal_dataset(original)
            copy.add_new("PixelData", _pixel_vr(original), _pixel_data(original, size))
            copy["PixelData"].is_undefined_length = original.file_meta.TransferSyntaxUID.is_encapsulated
            place_in_study(copy, original, uids, apart)
            copy.FrameOfReferenceUID = uids.of("frame", str(original.get("FrameOfReferenceUID") or ""), apart)
        write_dataset(copy, original, target)


def place_in_study(copy: Dataset, original: Dataset, uids: NewUids, apart: str) -> None:
    """Give a copy its new patient and study, and its place in a new series; ``apart``: of what states no series.

    Every request is a patient of its own: a device that looks for earlier examinations of a patient finds none.
    """
    copy.PatientID, copy.PatientName = uids.patient, f"{uids.patient}^"  # a family name alone ends in a caret
    copy.AccessionNumber = copy.StudyID = uids.examination
    copy.StudyInstanceUID = uids.study
    copy.SeriesInstanceUID = uids.of("series", str(original.get("SeriesInstanceUID") or ""), apart)
    copy.InstanceNumber = uids.next_number(copy.SeriesInstanceUID)


def minimal_dataset(original: Dataset) -> Dataset:
    """The allowed elements of a data set, with the marks of de-identification and empty required ones; no pixels."""
    copy = allowed_elements(original)
    for keyword in EMPTY:
        setattr(copy, keyword, "")
    image_type = list(original.get("ImageType") or ())[:2]
    if len(image_type) == 2 and all(value in terms for value, terms in zip(image_type, _IMAGE_TYPE, strict=True)):
        copy.ImageType = image_type
    orientation = list(original.get("PatientOrientation") or ())
    if len(orientation) == 2 and all(_ORIENTATION.match(str(value)) for value in orientation):
        copy.PatientOrientation = orientation
    for item in original.get("ViewCodeSequence") or ():
        view = VIEW_CODES.get(str(item.get("CodeValue", "")))
        if view is not None:
            copy.ViewCodeSequence = [coded(*view)]
    copy.PatientIdentityRemoved = "YES"
    copy.DeidentificationMethodCodeSequence = [coded(value, "DCM", meaning) for value, meaning in PROFILE]
    return copy


_DESCRIPTIONS = (
    "ImageType PatientOrientation ViewCodeSequence ViewPosition Laterality ImageLaterality BodyPartExamined "
    "PresentationIntentType PixelIntensityRelationship BurnedInAnnotation LossyImageCompression "
    "LossyImageCompressionRatio KVP DistanceSourceToDetector DistanceSourceToPatient"
)
DESCRIPTORS = tuple(_DESCRIPTIONS.split())
"""What a copy says of its image beside pixels, grey values and geometry. The modality stays: a file must have one."""


def remove_descriptors(copy: Path) -> None:
    """Take the DESCRIPTORS out of a minimal copy, in place; its UIDs and pixels stay as they are."""
    from pydicom.filewriter import dcmwrite

    dataset = open_dicom(copy, pixels=True)
    with parsing(copy, "dicom_unreadable"):
        for keyword in DESCRIPTORS:
            if keyword in dataset:
                delattr(dataset, keyword)
        stream = io.BytesIO()
        dcmwrite(stream, dataset, enforce_file_format=True)
    write_atomically(copy, stream.getvalue())


def write_dataset(copy: Dataset, original: FileDataset, target: Path) -> None:
    """Write a minimal data set as a DICOM file of the original's SOP class and transfer syntax, under a new UID."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.filewriter import dcmwrite

    with parsing(target, "dicom_unreadable"):
        sop_class = str(original.get("SOPClassUID", ""))
        copy.SOPClassUID = sop_class if re.fullmatch(r"1\.2\.840\.10008\.5\.[0-9.]{1,48}", sop_class) else SECONDARY
        copy.SOPInstanceUID = new_uid()
        copy.file_meta = FileMetaDataset()
        copy.file_meta.TransferSyntaxUID = original.file_meta.TransferSyntaxUID
        copy.file_meta.MediaStorageSOPClassUID = copy.SOPClassUID
        copy.file_meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
        stream = io.BytesIO()
        dcmwrite(stream, copy, enforce_file_format=True)
    write_atomically(target, stream.getvalue())


SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture: the class of a copy whose original names a private class."""


def allowed_elements(original: Dataset) -> Dataset:
    """The listed elements of a data set or of an item; private ones and all others stay behind."""
    from pydicom import Dataset
    from pydicom.datadict import keyword_for_tag

    copy = Dataset()
    for tag in list(original.keys()):
        keyword = keyword_for_tag(tag)
        if keyword not in LISTED:  # not even parsed
            continue
        element = original[tag]
        if keyword in SEQUENCES:
            setattr(copy, keyword, [allowed_elements(item) for item in element.value])
        elif keyword in TABLES:
            _copy_table(original, keyword, copy)
        elif (keyword in NUMBERS and _is_number(element.value)) or (
            keyword in TERMS and _is_term(keyword, element.value)
        ):
            copy.add(element)
    return copy


def _is_number(value: object) -> bool:
    if isinstance(value, (str, bytes)) or value is None:
        return isinstance(value, str) and bool(_NUMBER.match(value))
    if isinstance(value, (int, float)):
        return bool(_NUMBER.match(getattr(value, "original_string", None) or str(value)))
    several = list(value)  # type: ignore[call-overload]
    return bool(several) and all(_is_number(one) for one in several)


def known_term(header: Mapping[str, str], keyword: str) -> str:
    """The value of an attribute if it is one of the listed terms, else ""."""
    value = header.get(keyword, "")
    return value if _is_term(keyword, value) else ""


def _is_term(keyword: str, value: object) -> bool:
    text = str(value)
    if keyword == "PhotometricInterpretation" and text == "PALETTE COLOR":
        return True
    return (text.replace(" ", "_") if keyword in TERMS_WITH_BLANKS else text) in TERMS[keyword]


def _copy_table(original: Dataset, keyword: str, copy: Dataset) -> None:
    descriptor = original.get(keyword.replace("Data", "Descriptor"))
    if descriptor is None:
        return
    count = int(descriptor[0]) or 65536
    data = original[keyword].value
    if isinstance(data, bytes):
        width = 1 if len(data) < 2 * count else 2
        data = data[: count * width + (count * width) % 2]
    else:
        data = list(data)[:count]
    copy.add_new(keyword, original[keyword].VR, data)


def _pixel_data(original: Dataset, size: Geometry) -> bytes:
    from pydicom.encaps import encapsulate

    if original.file_meta.TransferSyntaxUID.is_encapsulated:
        frames = coded_frames(original, size.frames)
        if len(frames) < size.frames:
            raise ValueError("fewer frames than stated")
        return encapsulate([without_comments(frame) for frame in frames])
    n_bits = size.frames * size.rows * size.columns * size.samples * size.bits_allocated
    if original.PhotometricInterpretation == "YBR_FULL_422":
        n_bits = n_bits // 3 * 2
    n_bytes = (n_bits + 7) // 8
    if len(original.PixelData) < n_bytes:
        raise ValueError("fewer bytes of pixel data than rows and columns require")
    # With the byte that fills the last word: in big endian files it is not the last one.
    data = bytes(original.PixelData[: n_bytes + n_bytes % 2])
    if size.bits_allocated == 16 and size.bits_stored < 16:
        data = _without_unused_bits(data, original, 16 - size.bits_stored)
    return data + b"\0" * (len(data) % 2)


def _without_unused_bits(data: bytes, original: Dataset, n_unused: int) -> bytes:
    """16-bit words whose unused high bits repeat the sign, or are 0: old files keep overlays there."""
    order = "<" if original.file_meta.TransferSyntaxUID.is_little_endian else ">"
    kind = "i2" if int(original.get("PixelRepresentation") or 0) else "u2"
    words = np.frombuffer(data, dtype=order + kind)
    cleared: bytes = ((words << n_unused) >> n_unused).astype(order + kind).tobytes()
    return cleared


def _pixel_vr(original: Dataset) -> str:
    if original.file_meta.TransferSyntaxUID.is_encapsulated:
        return "OB"
    stated = str(original["PixelData"].VR)
    return stated if stated in ("OB", "OW") else "OW"


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence."""
    from pydicom import Dataset

    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code
