"""LIDC-IDRI: chest CT as DICOM with the four readers' outlines of nodules, as its XML files hold them."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pydicom
from building import RecipeError, begin, command, label, place_file, write_table

from dmn_bench.inputs.lidc_annotations import enclosed
from dmn_bench.inputs.mask_writing import nifti_bytes

NAME = "lidc"
NAMESPACE = "{http://www.nih.gov}"
NODULE = "nodule"
SMALL_MM = 3.0  # the readers marked the place of smaller nodules, not their outline
UNEVEN_MM = 0.01  # positions of slices are stated in tenths or hundredths of a mm
TAGS = ("SOPInstanceUID", "Modality", "PatientID", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
        "Rows", "Columns")  # fmt: skip
LESIONS = ("case_id", "lesion_id", "finding", "x_mm", "y_mm", "z_mm", "diameter_mm", "ignore", "reader", "slices")


class Roi(NamedTuple):
    """One closed line of one reader on one slice: its pixels (column, row) from 0, and whether it bounds a hole."""

    points: tuple[tuple[int, int], ...]
    is_hole: bool


Nodule = Mapping[str, tuple[Roi, ...]]  # SOP Instance UID of the slice -> lines on it; one point: smaller than 3 mm


class Scan(NamedTuple):
    """The slices of one CT in the order of their planes, as far as they are there, and what was drawn on them."""

    case_id: str
    patient_id: str
    files: tuple[Path, ...]
    instances: tuple[str, ...]  # SOP Instance UIDs, as the files
    lattice: np.ndarray  # [4, 4]: index (column, row, slice) of a voxel to its place in mm (LPS)
    rows: int
    columns: int
    readings: Mapping[str, Mapping[str, Nodule]]


def build(source: Path, target: Path, *, with_outline: bool = False) -> None:
    """One case for each folder with a CT and its XML; masks, lesions and readings of every reader.

    A mask holds all nodules of 3 mm and more of a reader, without the line itself as LIDC's readers meant it, or
    ``with_outline``. Nodules of less than 3 mm are lesions to ignore. What is on slices that are not there is left out.
    Raises RecipeError if there is no such folder, or the slices of one are not at even distances.
    """
    scans = _scans(source)
    if not scans:
        raise RecipeError(f"{source} has no folder with a CT as *.dcm and the *.xml of its readers beside it.")
    begin(NAME, target)
    cases, lesions, readings, masks = [], [], [], []
    for scan in scans:
        for path in scan.files:
            place_file(path, target / "files" / scan.case_id / path.name)
        cases.append({"case_id": scan.case_id, "patient_id": scan.patient_id, "files": f"files/{scan.case_id}"})
        for reader, nodules in scan.readings.items():
            drawn = {name: _voxels(scan, nodule, with_outline=with_outline) for name, nodule in nodules.items()}
            whole = np.logical_or.reduce([_volume(scan), *drawn.values()])
            name = f"masks/{scan.case_id}.{reader}.nii.gz"
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(nifti_bytes(whole, scan.lattice))
            masks.append({"case_id": scan.case_id, "structure": NODULE, "file": name, "reader": reader})
            found = [row for each in nodules if (row := _lesion(scan, each, nodules[each], drawn[each])) is not None]
            lesions += [{**row, "case_id": scan.case_id, "finding": NODULE, "reader": reader} for row in found]
            value = label(bool(whole.any()))
            readings.append({"case_id": scan.case_id, "reader_id": reader, "finding": NODULE, "value": value})
    write_table(target / "cases.csv", ("case_id", "patient_id", "exam_id", "laterality", "files"), cases)
    write_table(target / "truth.csv", ("case_id", "finding", "value"), ())
    write_table(target / "readings.csv", ("case_id", "reader_id", "finding", "value"), readings)
    write_table(target / "lesions.csv", LESIONS, lesions)
    write_table(target / "masks.csv", ("case_id", "structure", "file", "reader"), masks)


def readers_of(path: Path) -> dict[str, dict[str, Nodule]]:
    """What each reader drew in the last reading: reader -> nodule -> slice -> lines.

    Readers are named ``reader1`` to ``reader4`` by their order in the file: LIDC does not tell who read, nor that the
    first reader of two scans is one person. Nodules keep each reader's own names, which say nothing of the others'.
    A nodule of less than 3 mm has a single point; marks on what is no nodule are left out. A reader who drew nothing
    is there with no nodule.

    Raises RecipeError if the file is no XML of LIDC's, or lacks a coordinate.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise RecipeError(f"{path.name} cannot be read as XML: {error}. Fetch the file again.") from error
    sessions = root.findall(f"{NAMESPACE}readingSession")
    if not sessions:
        raise RecipeError(f"{path.name} has no readingSession: it is not a reading of LIDC-IDRI.")
    return {f"reader{number}": _nodules(session, path) for number, session in enumerate(sessions, start=1)}


def pixels(rois: Sequence[Roi], rows: int, columns: int, *, with_outline: bool) -> np.ndarray:
    """What the lines on one slice enclose: bool [rows, columns], holes taken out.

    ``with_outline``: whether the pixels of a line belong to what it bounds. LIDC's readers drew the line on the first
    pixels outside the nodule (so False is what they meant), and around a hole on the first pixels of the nodule; many
    programs fill the line itself as well.
    Raises RecipeError if a point lies outside the slice.

    >>> square = Roi(points=((1, 1), (3, 1), (3, 3), (1, 3)), is_hole=False)
    >>> int(pixels([square], 5, 5, with_outline=True).sum()), int(pixels([square], 5, 5, with_outline=False).sum())
    (9, 1)
    """
    inside = np.zeros((rows, columns), dtype=bool)
    for roi in sorted(rois, key=lambda roi: roi.is_hole):
        try:
            region = enclosed(roi.points, rows, columns, with_outline=with_outline)
        except ValueError as error:
            raise RecipeError(f"{error}. Fetch the file again.") from None
        inside = inside & ~region if roi.is_hole else inside | region
    return inside


def _nodules(session: ElementTree.Element, path: Path) -> dict[str, Nodule]:
    nodules: dict[str, Nodule] = {}
    for number, nodule in enumerate(session.findall(f"{NAMESPACE}unblindedReadNodule"), start=1):
        slices: dict[str, tuple[Roi, ...]] = {}
        for roi in nodule.findall(f"{NAMESPACE}roi"):
            instance = _text(roi, "imageSOP_UID", path)
            edges = roi.findall(f"{NAMESPACE}edgeMap")
            points = tuple((_number(edge, "xCoord", path), _number(edge, "yCoord", path)) for edge in edges)
            is_hole = _text(roi, "inclusion", path).upper() == "FALSE"
            slices[instance] = (*slices.get(instance, ()), Roi(points=points, is_hole=is_hole))
        name = _text(nodule, "noduleID", path)
        nodules[name if name not in nodules else f"{name} ({number})"] = slices
    return nodules


def _text(element: ElementTree.Element, tag: str, path: Path) -> str:
    found = element.findtext(f"{NAMESPACE}{tag}")
    if found is None or not found.strip():
        raise RecipeError(f"{path.name} lacks {tag} in a {element.tag.removeprefix(NAMESPACE)}. Fetch the file again.")
    return found.strip()


def _number(element: ElementTree.Element, tag: str, path: Path) -> int:
    text = _text(element, tag, path)
    if not text.lstrip("-").isdigit():
        raise RecipeError(f"{path.name}: {tag} is {text!r}, not a whole number. Fetch the file again.")
    return int(text)


def _scans(source: Path) -> list[Scan]:
    found: list[Scan] = []
    for folder in sorted({path.parent for path in source.rglob("*.xml")}):
        slices = {path: pydicom.dcmread(path, specific_tags=[*TAGS]) for path in sorted(folder.glob("*.dcm"))}
        if slices and all(each.Modality == "CT" for each in slices.values()):
            found.append(_scan(folder, slices, [scan.patient_id for scan in found]))
    return found


def _scan(folder: Path, slices: Mapping[Path, pydicom.Dataset], before: Sequence[str]) -> Scan:
    first = next(iter(slices.values()))
    along_row, down_column = np.array(first.ImageOrientationPatient, dtype=float).reshape(2, 3)
    across = np.cross(along_row, down_column)
    paths = sorted(slices, key=lambda path: float(np.dot(across, slices[path].ImagePositionPatient)))
    places = np.array([slices[path].ImagePositionPatient for path in paths], dtype=float)
    steps = np.diff(places, axis=0)
    if len(steps) and np.abs(steps - steps.mean(axis=0)).max() > UNEVEN_MM:
        raise RecipeError(f"{folder}: the slices are not at even distances. Fetch the whole series again.")
    lattice = np.eye(4)
    step = steps.mean(axis=0) if len(steps) else across
    between_rows, between_columns = (float(each) for each in first.PixelSpacing)
    lattice[:3] = np.column_stack([along_row * between_columns, down_column * between_rows, step, places[0]])
    patient = str(first.PatientID)
    number = before.count(patient) + 1
    return Scan(
        case_id=patient if number == 1 else f"{patient}-{number}",
        patient_id=patient,
        files=tuple(paths),
        instances=tuple(slices[path].SOPInstanceUID for path in paths),
        lattice=lattice,
        rows=int(first.Rows),
        columns=int(first.Columns),
        readings=readers_of(next(iter(sorted(folder.glob("*.xml"))))),
    )


def _volume(scan: Scan) -> np.ndarray:
    """Nothing inside yet: bool [slices, rows, columns]."""
    return np.zeros((len(scan.files), scan.rows, scan.columns), dtype=bool)


def _voxels(scan: Scan, nodule: Nodule, *, with_outline: bool) -> np.ndarray:
    inside = _volume(scan)
    for at, rois in _on_slices(scan, nodule):
        if not _is_small(nodule):
            inside[at] = pixels(rois, scan.rows, scan.columns, with_outline=with_outline)
    return inside


def _on_slices(scan: Scan, nodule: Nodule) -> Iterator[tuple[int, tuple[Roi, ...]]]:
    for instance, rois in nodule.items():
        if instance in scan.instances:
            yield scan.instances.index(instance), rois


def _is_small(nodule: Nodule) -> bool:
    """Whether the reader marked a place alone."""
    return all(len(roi.points) == 1 for rois in nodule.values() for roi in rois)


def _lesion(scan: Scan, name: str, nodule: Nodule, inside: np.ndarray) -> dict[str, str] | None:
    """The sphere of the same volume round the middle of what was drawn; None where it is on no slice that is there."""
    if _is_small(nodule):
        places = [(x, y, at) for at, rois in _on_slices(scan, nodule) for roi in rois for x, y in roi.points]
        diameter_mm = SMALL_MM
    else:
        places = [(x, y, z) for z, y, x in np.argwhere(inside)]
        voxel_mm3 = abs(float(np.linalg.det(scan.lattice[:3, :3])))
        diameter_mm = (6 * len(places) * voxel_mm3 / np.pi) ** (1 / 3)
    if not places:
        return None
    middle = scan.lattice @ [*np.mean(places, axis=0), 1.0]
    return {
        "lesion_id": name,
        **{axis: f"{value:.2f}" for axis, value in zip(("x_mm", "y_mm", "z_mm"), middle[:3], strict=True)},
        "diameter_mm": f"{diameter_mm:.2f}",
        "ignore": "yes" if _is_small(nodule) else "no",
        "slices": str(len({z for _, _, z in places})),
    }


if __name__ == "__main__":
    sys.exit(command(NAME, build))
