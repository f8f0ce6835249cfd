"""One file that a device sent back: which kind of object it is, what it refers to, and what it says.

Kinds are told by SOP class and, among structured reports, by content; never by file name or series description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..hookspecs import KnownImage
from .dicom_file import is_dicom, open_dicom, parsing
from .faults import fault
from .known_images import known_images
from .result_codes import ALGORITHM_NAME, ALGORITHM_VERSION, CAD_REPORTS, REJECTIONS
from .result_content import Reference, ResultKind, ResultObject
from .result_measurements import has_measurement_groups, measurement_statements
from .result_sr import Item, code_of, content_tree, reference_of, references_below, refuse_cut

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["KnownImage", "is_directory", "known_images", "read_result"]

MOST_BYTES = 1 << 30
"""Of one result object."""

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_NUMBERS: Mapping[ResultKind, tuple[str, ...]] = {
    "graphics": ("11.1", "11.2", "11.3", "11.4"),
    "segmentation": ("66.4", "66.7"),
    "contours": ("481.3",),
    "picture": ("7", "7.1", "7.2", "7.3", "7.4", "77.1.4", "77.1.4.1"),
    "document": ("104.1", "104.2", "104.3", "104.4", "104.5"),
    "display": ("131",),
    "references": ("88.59",),
    "parametric_map": ("30", "66.5"),  # and surfaces: neither is read
}
KINDS: Mapping[str, ResultKind] = {
    f"{_STORAGE}{number}": kind for kind, numbers in _NUMBERS.items() for number in numbers
}
REPORTS = f"{_STORAGE}88."
NO_FINDINGS_IN_THEM = tuple(f"{REPORTS}{number}" for number in ("40", "67", "68", "73", "74", "75"))  # logs, dose
EVIDENCE = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
PREDECESSORS = ("PredecessorDocumentsSequence",)
DIRECTORY = "1.2.840.10008.1.3.10"


def is_directory(path: Path) -> bool:
    """Whether the file is a DICOMDIR, which lists other files and says nothing."""
    from pydicom.filereader import read_file_meta_info

    if not is_dicom(path):
        return False
    with parsing(path, "dicom_unreadable"):
        return str(read_file_meta_info(path).get("MediaStorageSOPClassUID", "")) == DIRECTORY


def read_result(path: Path, *, apart: bool = False) -> ResultObject:
    """What one file says.

    ``apart``: compressed pixels are decoded in a process of their own; for a process that is not itself sealed.
    Raises InputFileError if it is no DICOM file, cannot be read as what it claims to be, or is larger than any result.
    """
    if path.stat().st_size > MOST_BYTES:
        raise fault(path, "too_large")
    dataset = open_dicom(path, pixels=False)
    with parsing(path, "dicom_unreadable"):
        refuse_cut(dataset, path)
        sop_class = str(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or "")
        written, is_utc = _written(dataset)
        plain = ResultObject(
            kind=KINDS.get(sop_class, "image" if "Rows" in dataset else "other"),
            sop_class=sop_class,
            sop_instance_uid=str(dataset.get("SOPInstanceUID") or ""),
            study_instance_uid=str(dataset.get("StudyInstanceUID") or ""),
            written=written,
            is_utc=is_utc,
            evidence=_listed(dataset, EVIDENCE),
            replaces=tuple(each.uid for each in _listed(dataset, PREDECESSORS)),
        )
        if sop_class.startswith(REPORTS) and sop_class not in (*KINDS, *NO_FINDINGS_IN_THEM):
            return _report(_with_problem(plain, dataset, "ContentSequence"), dataset, content_tree(dataset, path))
        if plain.kind == "segmentation":
            from .result_segmentation import with_segments

            return with_segments(plain, path, apart=apart)
        read = _READERS.get(plain.kind)
        return read(plain, dataset, path) if read else plain


def _report(plain: ResultObject, dataset: Dataset, root: Item) -> ResultObject:
    algorithms = _algorithms(root)
    references = references_below(root, root)
    images = tuple(each for each in references if not _is_result(each.sop_class))
    objects = tuple(each for each in references if _is_result(each.sop_class))
    plain = replace(
        plain,
        algorithms=algorithms,
        images=images,
        objects=objects,
        is_partial=_says(dataset, "CompletionFlag", "PARTIAL"),
        is_preliminary=_says(dataset, "PreliminaryFlag", "PRELIMINARY"),
    )
    texts = tuple(item.text for item in root.walk() if item.value_type == "TEXT" and item.text)
    if root.concept is not None and root.concept.key in CAD_REPORTS:
        from .result_cad import cad_statements, completion_of

        return replace(plain, kind="cad", statements=cad_statements(root), completion=completion_of(root))
    if has_measurement_groups(root) or root.asks("DCM:126000"):
        return replace(plain, kind="measurements", statements=measurement_statements(root), texts=texts)
    return replace(plain, kind="text", texts=texts)


def _says(dataset: Dataset, keyword: str, word: str) -> bool:
    """Whether a report says this of its own state. Reference: DICOM PS3.3 C.17.2."""
    return str(dataset.get(keyword) or "").strip().upper() == word


def _with_problem(plain: ResultObject, dataset: Dataset, keyword: str) -> ResultObject:
    """An object cut right before the element that says everything would look as if it said nothing."""
    return plain if keyword in dataset else replace(plain, problems=(f"it has no {keyword}",))


def _graphics(plain: ResultObject, dataset: Dataset, path: Path) -> ResultObject:
    from .result_graphics import graphic_statements

    return graphic_statements(plain, dataset)


def _contours(plain: ResultObject, dataset: Dataset, path: Path) -> ResultObject:
    from .result_contours import with_contours

    return with_contours(_with_problem(plain, dataset, "ROIContourSequence"), dataset)


def _pointing(plain: ResultObject, dataset: Dataset, path: Path) -> ResultObject:
    """Objects that say nothing themselves: what they refer to, wherever it stands."""
    found = _all_references(dataset)
    title = code_of(dataset.get("ConceptNameCodeSequence"))
    rejected = found if title is not None and title.key in REJECTIONS else ()
    return replace(
        plain,
        rejects=tuple(each.uid for each in rejected),
        images=tuple(each for each in found if not _is_result(each.sop_class)),
        objects=tuple(each for each in found if _is_result(each.sop_class)),
    )


_READERS: Mapping[ResultKind, Callable[[ResultObject, Dataset, Path], ResultObject]] = {
    "graphics": _graphics,
    "contours": _contours,
    "picture": _pointing,
    "document": _pointing,
    "display": _pointing,
    "references": _pointing,
    "parametric_map": _pointing,
    "image": _pointing,
}


def _is_result(sop_class: str) -> bool:
    is_picture = KINDS.get(sop_class) == "picture"  # what is analysed may itself be a secondary capture
    return sop_class.startswith(REPORTS) or (sop_class in KINDS and not is_picture)


def _algorithms(root: Item) -> tuple[str, ...]:
    """Every algorithm with its version, as far as they stand beside each other."""
    found: dict[str, None] = {}
    for item in root.walk():
        names = [child.text for child in item.children if child.asks(ALGORITHM_NAME)]
        versions = [child.text for child in item.children if child.asks(ALGORITHM_VERSION)]
        if names:
            found[" ".join([names[0], *versions[:1]])] = None
    return tuple(found)


def _written(dataset: Dataset) -> tuple[str, bool]:
    """Date and time of the content as digits that sort, and whether they are in universal time.

    "" if no moment is stated, or only its date, which would be taken for midnight.
    """
    for moment in ("Content", "StructureSet", "PresentationCreation", "InstanceCreation"):
        date = str(dataset.get(f"{moment}Date") or "").strip()
        time = str(dataset.get(f"{moment}Time") or "").strip()
        if date:
            return _moment(date, time, str(dataset.get("TimezoneOffsetFromUTC") or "").strip())
    return "", False


def _moment(date: str, time: str, offset: str) -> tuple[str, bool]:
    whole, _, fraction = time.partition(".")
    try:
        found = datetime.strptime(f"{date}{whole:0<6}{fraction:0<6}", "%Y%m%d%H%M%S%f")
        zone = datetime.strptime(offset, "%z").utcoffset() if offset else None
    except ValueError:
        return "", False
    if not whole:
        return "", False
    return f"{found - (zone or timedelta()):%Y%m%d%H%M%S%f}", zone is not None


def _listed(dataset: Dataset, keywords: Sequence[str]) -> tuple[Reference, ...]:
    """The instances in sequences of studies, series and instances."""
    found = [
        reference_of(instance)
        for keyword in keywords
        for study in dataset.get(keyword) or ()
        for series in study.get("ReferencedSeriesSequence") or ()
        for instance in series.get("ReferencedSOPSequence") or ()
    ]
    return tuple(each for each in found if each is not None)


def _all_references(dataset: Dataset) -> tuple[Reference, ...]:
    """Every instance that a data set names, in whatever sequence."""
    found: dict[Reference, None] = {}
    for element in dataset.iterall():
        if element.VR == "SQ":
            found.update(dict.fromkeys(each for each in map(reference_of, element.value) if each is not None))
    return tuple(found)
