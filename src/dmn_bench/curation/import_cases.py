"""DICOM objects of one study as cases of a set: what becomes a case, its minimal copy, and what its row says."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from ..errors import DmnBenchError
from ..files import plain_text
from ..hookspecs import Reader
from ..inputs.dicom_deidentify import known_term
from ..inputs.dicom_file import age_years, is_dicom
from ..inputs.dicom_series import series_files
from ..reference_set.identity import ObjectNames

SERIES_MODALITIES = frozenset({"CT", "MR", "PT", "NM"})  # a series of slices is one case; elsewhere each image is one
CELL_CHARACTERS = 64
SHORTEST_WORD = 3
PERSONS = (
    "PatientName",
    "PatientID",
    "OtherPatientIDs",
    "PatientBirthName",
    "PatientBirthDate",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "NameOfPhysiciansReadingStudy",
)
OLDEST = 90  # ages from here on are one, as few people are that old
COLUMNS = (
    "sex",
    "age_years",
    "manufacturer",
    "model",
    "view",
    "body_part",
    "study_quarter",
)
"""Strata that an import writes into cases.csv, since the minimal copies no longer say them."""

INSTEAD = {
    "PatientSex": "sex",
    "PatientAge": "age_years",
    "Manufacturer": "manufacturer",
    "ManufacturerModelName": "model",
    "StudyDate": "study_quarter",
}
"""The column that says what an attribute said that the minimal copies do not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCase:
    """What becomes one case: its objects in the order of their copies, the reader, and the header of the first."""

    sources: tuple[Path, ...]
    reader: Reader
    header: Mapping[str, str]
    is_series: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """A study sorted out: its cases, and how many objects were left out for which reason."""

    cases: tuple[FoundCase, ...]
    left_out: Mapping[str, int]  # "not_an_image", "burned_in", "unreadable", "other_modality"
    patients: frozenset[str] = frozenset()  # every PatientID that an object of the study states


def sorted_out(paths: Sequence[Path], readers: Sequence[Reader], *, modality: str, burned_in: bool = False) -> Sorted:
    """The cases among the objects of a study.

    ``modality``: of the set; objects of another one are left out, CR and DX count as one. ``burned_in``: objects that
    say they have text burnt into their pixels are taken too. A reader must recognise an object and find nothing wrong.
    What is no DICOM file is left out, whoever can read it: an archive sends none, and only the copy of a DICOM object
    is one object again.
    """
    left_out: dict[str, int] = defaultdict(int)
    single: list[FoundCase] = []
    series: dict[str, list[tuple[Path, Mapping[str, str], Reader]]] = defaultdict(list)
    patients: set[str] = set()
    for path in sorted(paths):
        reader = next((one for one in readers if one.recognises(path)), None) if is_dicom(path) else None
        header, reason = _looked_at(path, reader, modality, burned_in=burned_in)
        patients.add(header.get("PatientID", "").strip())
        if reason or reader is None:
            left_out[reason or "not_an_image"] += 1
            continue
        if header.get("Modality", "") in SERIES_MODALITIES:
            series[header.get("SeriesInstanceUID", "")].append((path, header, reader))
        else:
            single.append(FoundCase(sources=(path,), reader=reader, header=header, is_series=False))
    stacks = (
        FoundCase(sources=tuple(path for path, *_ in of), reader=of[0][2], header=of[0][1], is_series=True)
        for _, of in sorted(series.items())
    )
    return Sorted(cases=(*single, *stacks), left_out=dict(left_out), patients=frozenset(patients - {""}))


def _looked_at(path: Path, reader: Reader | None, modality: str, *, burned_in: bool) -> tuple[Mapping[str, str], str]:
    """The header of an object, and why it is no case of the set, "" if it is."""
    if reader is None:
        return {}, "not_an_image"
    try:
        header = reader.header(path)
        of = header.get("Modality", "")
        if reader.gives == "images" and not header.get("Rows"):
            return header, "not_an_image"
        if not _is_of(modality, of):
            return header, "other_modality"
        if header.get("BurnedInAnnotation") == "YES" and not burned_in:
            return header, "burned_in"
    except DmnBenchError:
        return {}, "unreadable"
    return header, ""


def _is_of(modality: str, found: str) -> bool:
    radiographs = {"CR", "DX"}
    return found == modality or {modality, found} <= radiographs


def copy_into(found: FoundCase, root: Path, case_id: str) -> tuple[str, tuple[ObjectNames, ...]]:
    """Write the minimal copies of a case, one for each DICOM object, below ``root/files``.

    Returns the entry of ``Case.files`` and the names of each object.

    Raises InputFileError if an object cannot be given, MachineError if the disk is full.
    """
    if found.is_series:
        source = _in_a_folder(found.sources)
        originals: Sequence[Path] = series_files(source)
    else:
        (source,) = originals = found.sources
    copies = found.reader.deidentified_copy(source, root / "files", case_id)
    entry = f"files/{case_id}" if found.is_series else f"files/{copies[0].name}"
    return entry, tuple(
        _names(found.reader.header(original), found.reader.header(copy), entry)
        for original, copy in zip(originals, copies, strict=True)
    )


def remove_copies(folder: Path, case_id: str) -> None:
    """Remove the copies of a case that is not entered: of an import that was cut short, or of one that failed."""
    folder.mkdir(exist_ok=True)
    for path in (folder / case_id, *folder.glob(f"{case_id}.*")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _in_a_folder(sources: Sequence[Path]) -> Path:
    """The slices of a series moved into a folder of their own, where the reader finds nothing else."""
    folder = sources[0].with_suffix(".series")
    folder.mkdir()
    for source in sources:
        source.rename(folder / source.name)
    return folder


def _names(original: Mapping[str, str], copy: Mapping[str, str], entry: str) -> ObjectNames:
    return ObjectNames(
        sop_instance_uid=original.get("SOPInstanceUID", ""),
        study_instance_uid=original.get("StudyInstanceUID", ""),
        frame_of_reference_uid=original.get("FrameOfReferenceUID", ""),
        file=entry,
        copy_sop_instance_uid=copy.get("SOPInstanceUID", ""),
    )


def strata_of(header: Mapping[str, str], persons: Sequence[str] = ()) -> Mapping[str, str]:
    """The cells of COLUMNS, "" where the header does not say; nobody is older than OLDEST, dates are quarters.

    ``persons``: what the file says of persons beside the header.
    """
    said = {word for text in (*persons, *(header.get(name, "") for name in PERSONS)) for word in _words(text)}
    years, studied = age_years(header), header.get("StudyDate", "")
    quarter = f"{studied[:4]}-Q{(int(studied[4:6]) + 2) // 3}" if studied[:6].isdigit() and len(studied) >= 6 else ""
    sex = header.get("PatientSex", "")
    return {
        "sex": sex if sex in ("F", "M", "O") else "",
        "age_years": "" if years is None else f"{min(years, OLDEST):g}",
        "manufacturer": _cell("Manufacturer", header, said),
        "model": _cell("ManufacturerModelName", header, said),
        "view": known_term(header, "ViewPosition"),
        "body_part": known_term(header, "BodyPartExamined"),
        "study_quarter": quarter,
    }


def laterality_of(header: Mapping[str, str]) -> str:
    """L, R, B or ""."""
    side = header.get("ImageLaterality") or header.get("Laterality") or ""
    return side if side in ("L", "R", "B") else ""


def _cell(keyword: str, header: Mapping[str, str], persons: Set[str]) -> str:
    """Free text of a header as a cell of a table: one line, nothing that a spreadsheet would run, nobody's name.

    "" where it shares a word of three letters or more with what the file says of ``persons``, accents or not.
    """
    text = plain_text(header.get(keyword, ""), CELL_CHARACTERS).strip().lstrip("=+-@\t ")
    return "" if persons & _words(text) else text


def _words(text: str) -> set[str]:
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(each))
    return {word for word in re.split(r"[\W_]+", plain) if len(word) >= SHORTEST_WORD}
