"""Result objects as devices make them, as small as the standard allows; an argument takes what matters to a test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileDataset

from dmn_bench.hookspecs import KnownImage

from .factories import a_dataset, saved

STORAGE = "1.2.840.10008.5.1.4.1.1."
SR_3D, SR_ENHANCED, SR_COMPREHENSIVE, SR_TEXT = (f"{STORAGE}88.{n}" for n in ("34", "22", "33", "11"))
CHEST_CAD, MAMMOGRAPHY_CAD = f"{STORAGE}88.65", f"{STORAGE}88.50"
GSPS, SEG, LABELMAP, RTSTRUCT = (f"{STORAGE}{n}" for n in ("11.1", "66.4", "66.7", "481.3"))
SC, PDF, DISPLAY, KEY_OBJECTS, PARAMETRIC_MAP = (f"{STORAGE}{n}" for n in ("7", "104.1", "131", "88.59", "30"))
DX = f"{STORAGE}1.1.1"
IMAGE, OTHER_IMAGE, STUDY, SERIES, FRAME = "1.2.3.1", "1.2.3.2", "1.2.3.9", "1.2.3.8", "1.2.3.7"
NODULE, MASS = "SCT:27925004", "SCT:4147007"
UNITS = {"1": "no units", "%": "Percent", "mm": "mm"}


def an_image(uid: str = IMAGE, **known: object) -> KnownImage:
    facts = {"name": f"{uid}.dcm", "study_instance_uid": STUDY, "rows": 1000, "columns": 800, **known}
    return KnownImage(sop_instance_uid=uid, **facts)


def a_code(key: str, meaning: str = "word") -> Dataset:
    item = Dataset()
    item.CodingSchemeDesignator, _, item.CodeValue = key.partition(":")
    item.CodeMeaning = meaning
    return item


def an_item(
    value_type: str, concept: str = "", children: Sequence[Dataset] = (), relation: str = "CONTAINS"
) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, value_type
    if concept:
        item.ConceptNameCodeSequence = [a_code(concept)]
    if children:
        item.ContentSequence = list(children)
    return item


def container(concept: str, *children: Dataset, **options: str) -> Dataset:
    item = an_item("CONTAINER", concept, children, **options)
    item.ContinuityOfContent = "SEPARATE"
    return item


def code(concept: str, value: str, *children: Dataset, **options: str) -> Dataset:
    item = an_item("CODE", concept, children, **options)
    item.ConceptCodeSequence = [a_code(value)]
    return item


def text(concept: str, words: str) -> Dataset:
    item = an_item("TEXT", concept)
    item.TextValue = words
    return item


def number(value: str, unit: str = "1", concept: str = "DCM:122157", *children: Dataset) -> Dataset:
    item = an_item("NUM", concept, children)
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [a_code(f"UCUM:{unit}", UNITS.get(unit, unit))]
    item.MeasuredValueSequence = [measured]
    return item


def reference(uid: str = IMAGE, *, frames: Sequence[int] = (), sop_class: str = DX, segment: int = 0) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    if frames:
        item.ReferencedFrameNumber = list(frames)
    if segment:
        item.ReferencedSegmentNumber = segment
    return item


def image(uid: str = IMAGE, *, relation: str = "CONTAINS", concept: str = "", **reference_to: object) -> Dataset:
    item = an_item("IMAGE", concept, relation=relation)
    item.ReferencedSOPSequence = [reference(uid, **reference_to)]
    return item


def region(form: str, points: Sequence[float], on: str = IMAGE, *, concept: str = "DCM:111030", **options: object):
    item = an_item("SCOORD", concept, [image(on, relation="SELECTED FROM", **options)])
    item.GraphicType, item.GraphicData = form, list(points)
    return item


def region_mm(form: str, points: Sequence[float], frame_of_reference: str = FRAME) -> Dataset:
    item = an_item("SCOORD3D", "DCM:111030")
    item.GraphicType, item.GraphicData = form, list(points)
    item.ReferencedFrameOfReferenceUID = frame_of_reference
    return item


def box(x: float, y: float, width: float, height: float, on: str = IMAGE, **options: object) -> Dataset:
    right, bottom = x + width, y + height
    return region("POLYLINE", [x, y, right, y, right, bottom, x, bottom, x, y], on, **options)


def group(*items: Dataset, finding: str | None = NODULE) -> Dataset:
    return container("DCM:125007", *([] if finding is None else [code("DCM:121071", finding)]), *items)


def a_report(*children: Dataset, root: str = "DCM:126000", sop_class: str = SR_3D, **attributes: object) -> FileDataset:
    dataset = a_dataset(sop_class)
    dataset.StudyInstanceUID, dataset.Modality = STUDY, "SR"
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [a_code(root)]
    dataset.ContentDate, dataset.ContentTime = "20260102", "120000"
    if children:
        dataset.ContentSequence = list(children)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def measurements(*groups: Dataset, **attributes: object) -> FileDataset:
    """A measurement report (TID 1500)."""
    return a_report(container("DCM:126010", *groups), **attributes)


def cad_finding(finding: str = NODULE, *items: Dataset, intent: str = "DCM:111150") -> Dataset:
    return code("DCM:111059", finding, code("DCM:111056", intent, relation="HAS CONCEPT MOD"), *items)


def a_cad(*findings: Dataset, summary: str = "", detections: str = "DCM:111222", **options: str) -> FileDataset:
    """A CAD report (TID 4100) whose summary fits its findings unless it is given."""
    summary = summary or ("DCM:111242" if findings else "DCM:111241")
    impression = [container("DCM:111034", *findings, relation="INFERRED FROM")] if findings else []
    return a_report(
        container("DCM:111028", image()),
        code("DCM:111017", summary, *impression),
        code("DCM:111064", detections),
        **{"root": "DCM:112000", "sop_class": CHEST_CAD, **options},
    )


def graphic(form: str, points: Sequence[float], units: str = "PIXEL") -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = units, 2
    item.NumberOfGraphicPoints, item.GraphicType = len(points) // 2, form
    item.GraphicData, item.GraphicFilled = list(points), "N"
    return item


def annotation(*graphics: Dataset, words: str = "", on: str = IMAGE) -> Dataset:
    item = Dataset()
    item.ReferencedImageSequence = [reference(on)]
    item.GraphicObjectSequence = list(graphics)
    if words:
        said = Dataset()
        said.UnformattedTextValue = words
        item.TextObjectSequence = [said]
    return item


def a_presentation(*annotations: Dataset, area: Sequence[int] = (1, 1, 800, 1000), **attributes: object) -> FileDataset:
    dataset = a_dataset(GSPS)
    dataset.StudyInstanceUID = STUDY
    series, displayed = Dataset(), Dataset()
    series.ReferencedImageSequence = [reference()]
    displayed.DisplayedAreaTopLeftHandCorner, displayed.DisplayedAreaBottomRightHandCorner = (
        list(area[:2]),
        list(area[2:]),
    )
    dataset.ReferencedSeriesSequence = [series]
    dataset.DisplayedAreaSelectionSequence = [displayed]
    dataset.GraphicAnnotationSequence = list(annotations)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def a_segment(number: int, label: str = "one", finding: str = NODULE) -> Dataset:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, label
    item.SegmentedPropertyTypeCodeSequence = [a_code(finding)]
    return item


def a_segmentation(
    frames: np.ndarray,
    segments: Sequence[int],
    sources: Sequence[str | None],
    *,
    kind: str = "BINARY",
    positions: Sequence[Sequence[float]] | None = None,
    labels: Sequence[Dataset] | None = None,
) -> FileDataset:
    """``frames`` [n, rows, columns]: 0 and 1, of 255, or numbers of segments; with a segment and a source for each."""
    dataset = a_dataset(LABELMAP if kind == "LABELMAP" else SEG)
    dataset.StudyInstanceUID, dataset.FrameOfReferenceUID = STUDY, FRAME
    dataset.SegmentationType, dataset.SamplesPerPixel = kind, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns = frames.shape
    bits = 1 if kind == "BINARY" else 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    if kind == "FRACTIONAL":
        dataset.MaximumFractionalValue, dataset.SegmentationFractionalType = 255, "PROBABILITY"
    numbers = sorted({*segments, *(range(1, int(frames.max()) + 1) if kind == "LABELMAP" else ())})
    dataset.SegmentSequence = list(labels or [a_segment(number) for number in numbers])
    dataset.PerFrameFunctionalGroupsSequence = [
        _frame(number, source, None if positions is None else positions[i])
        for i, (number, source) in enumerate(zip(segments, sources, strict=True))
    ]
    data = np.packbits(frames.astype(np.uint8).ravel(), bitorder="little") if bits == 1 else frames.astype(np.uint8)
    dataset.add_new("PixelData", "OB", data.tobytes() + b"\0" * (len(data.tobytes()) % 2))
    return dataset


def _frame(segment: int, source: str | None, position: Sequence[float] | None) -> Dataset:
    item, identification = Dataset(), Dataset()
    identification.ReferencedSegmentNumber = segment
    item.SegmentIdentificationSequence = [identification]
    if source is not None:
        derivation = Dataset()
        derivation.SourceImageSequence = [reference(source)]
        item.DerivationImageSequence = [derivation]
    if position is not None:
        plane, orientation = Dataset(), Dataset()
        plane.ImagePositionPatient, orientation.ImageOrientationPatient = list(position), [1, 0, 0, 0, 1, 0]
        item.PlanePositionSequence, item.PlaneOrientationSequence = [plane], [orientation]
    return item


def a_structure_set(
    *structures: tuple[str, Sequence[tuple[str, Sequence[float], str | None]]], frame_of_reference: str = FRAME
) -> FileDataset:
    """``structures``: name, and contours of geometric type, numbers and the image that each names."""
    dataset = a_dataset(RTSTRUCT)
    dataset.StudyInstanceUID = STUDY
    dataset.StructureSetROISequence, dataset.ROIContourSequence = [], []
    for place, (name, contours) in enumerate(structures, start=1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = place, name, frame_of_reference
        drawn.ReferencedROINumber, drawn.ContourSequence = place, []
        for kind, numbers, uid in contours:
            contour = Dataset()
            contour.ContourGeometricType, contour.NumberOfContourPoints = kind, len(numbers) // 3
            contour.ContourData = [str(number) for number in numbers]
            if uid is not None:
                contour.ContourImageSequence = [reference(uid)]
            drawn.ContourSequence.append(contour)
        dataset.StructureSetROISequence.append(roi)
        dataset.ROIContourSequence.append(drawn)
    return dataset


def a_slice(place: int, **known: object) -> KnownImage:
    """One slice of a series of 4 x 6 pixels of 0.5 x 2 mm, 3 mm apart."""
    geometry = {
        "name": "series", "rows": 4, "columns": 6, "frame_of_reference_uid": FRAME, "spacing_mm": (2.0, 0.5),
        "position_mm": (10.0, 20.0, 3.0 * place), "orientation": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    }  # fmt: skip
    return an_image(f"1.2.3.1.{place}", **{**geometry, **known})


def files(folder: Path, *objects: FileDataset) -> list[Path]:
    return [saved(dataset, folder / f"{place}.dcm") for place, dataset in enumerate(objects)]
