"""Whether the tables of a set agree with each other and with what the files say of themselves."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..adapters.answer_masks import box_of_mask
from ..errors import Fact, InputFileError, Problem
from ..inputs.recordings import endings_beside, has_annotations
from ..polygons import box_around
from ..reference_set import Card, LesionRow, identity
from ..reference_set.card import CARD, as_number
from ..reference_set.csv_rows import Problems, Table
from ..reference_set.lesion_geometry import is_picture
from ..reference_set.rows import SHAPES, Tables
from ..vocabulary import NOT_RECORDED, Case, Lesion
from .lesion_pictures import with_mask
from .notes import Notes
from .opened_files import OpenedFiles, Part
from .repeated import Repeats

OLDEST_YEARS = 120
UNLIKE_PX = 2.0  # boxes are written in whole pixels, and drawn around a region with some room
EDGE_PX = 0.01  # a box converted from millimetres may pass the edge by a rounding
_AGE_COLUMN = re.compile(r"(^|_)age(_years?)?$", re.IGNORECASE)


def note_disagreements(
    root: Path, card: Card, tables: Tables, lesions: Sequence[LesionRow], files: OpenedFiles, notes: Notes
) -> None:
    """Note what no single row shows: contradictions of truth, lesions outside images, a patient under two ids."""
    cases = {case.case_id: case for case in tables.cases}
    _truth(tables, notes)
    if card.reference_standard is not None and card.reference_standard.consensus.is_computed:
        _set_aside(tables, notes)
    else:
        _lesions_and_truth(tables, lesions, cases, notes)
    drawn = [_drawn(row, root, card, cases[row.case_id], files, notes) for row in tables.lesions]
    for row in drawn:
        if row.lesion.mask is not None and not is_picture(row.lesion.mask_file):
            continue  # it was opened on the voxels of its image
        _lesion_in_image(row, cases[row.case_id], files, notes)
    _unmeasured(card, [row.lesion for row in drawn], notes)
    _identifiers(tables, files, notes)
    _identity_table(root, cases, {unit.unit_id for unit in tables.sampling}, notes)
    _people(card, tables, notes)
    _ages(root, notes)
    _annotations(root, card, tables, files, notes)
    _sampling(tables, notes)


def _truth(tables: Tables, notes: Notes) -> None:
    """A negative whole with a positive part (one of the two is wrong), and cases of which nothing is said."""
    parts = _cases_by_subject(tables)
    negative: dict[tuple[str, str], tuple[str, int]] = {}  # (finding, case_id) -> the whole stated negative, its line
    covered: dict[str, set[str]] = defaultdict(set)
    for row in tables.truth:
        covered[row.finding] |= parts[row.level, row.subject]
        if row.value == "negative" and row.level != "case":
            negative.update({(row.finding, case): (row.subject, row.line) for case in parts[row.level, row.subject]})
    for row in tables.truth:
        if row.value == "positive" and row.level != "patient":
            # the statement on a patient covers every case of an exam, so that a positive exam contradicts it too
            wholes = {
                negative[row.finding, case] for case in parts[row.level, row.subject] if (row.finding, case) in negative
            }
            for whole, line in sorted(wholes):
                facts: dict[str, Fact] = {"found": row.subject, "whole": whole, "finding": row.finding, "line": line}
                notes.errors.add("refset.truth_contradicts", f"truth.csv:{row.line}", **facts)
    for finding, known in covered.items():
        if len(known) < len(tables.cases):
            n_without = len(tables.cases) - len(known)
            notes.warnings.add("refset.cases_without_truth", "truth.csv", finding=finding, n=n_without)


def _set_aside(tables: Tables, notes: Notes) -> None:
    """Findings of which truth.csv states what the rule of the card computes of readings instead."""
    read = {row.finding for row in tables.readings} | {row.lesion.finding for row in tables.lesions if row.reader}
    for finding in dict.fromkeys(row.finding for row in tables.truth if row.finding in read):
        notes.warnings.add("consensus.truth_set_aside", "truth.csv", finding=finding)


def _cases_by_subject(tables: Tables) -> Mapping[tuple[str, str], set[str]]:
    parts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for case in tables.cases:
        for level, subject in (("case", case.case_id), ("exam", case.exam_id), ("patient", case.patient_id)):
            parts[level, subject].add(case.case_id)
    return parts


def _lesions_and_truth(tables: Tables, lesions: Sequence[LesionRow], cases: Mapping[str, Case], notes: Notes) -> None:
    stated: dict[tuple[str, str, str], str] = {(r.level, r.subject, r.finding): r.value for r in tables.truth}
    marked: set[tuple[str, str]] = set()  # (finding, case, exam or patient id), a positive of which needs a lesion
    for row in lesions:
        case, finding = cases[row.case_id], row.lesion.finding
        marked |= {(finding, subject) for subject in (case.case_id, case.exam_id, case.patient_id)}
        above = (("case", case.case_id), ("exam", case.exam_id), ("patient", case.patient_id))
        value = next(
            (stated[level, subject, finding] for level, subject in above if (level, subject, finding) in stated), None
        )
        if value == "negative" and not row.lesion.ignore:
            facts = {"found": row.lesion.lesion_id, "case": row.case_id, "finding": finding}
            notes.errors.add("refset.lesion_of_negative_case", f"lesions.csv:{row.line}", **facts)
    for finding in sorted({finding for finding, _ in marked}):
        bare = [
            r
            for r in tables.truth
            if r.finding == finding and r.value == "positive" and (finding, r.subject) not in marked
        ]
        if bare:
            found, where = ", ".join(row.subject for row in bare[:6]), f"truth.csv:{bare[0].line}"
            notes.warnings.add("refset.positive_without_lesion", where, finding=finding, n=len(bare), found=found)


def _drawn(row: LesionRow, root: Path, card: Card, case: Case, files: OpenedFiles, notes: Notes) -> LesionRow:
    """The row with the pixels of its picture; a picture that is no mask of its image is noted."""
    lesion, where = row.lesion, f"lesions.csv:{row.line}"
    if lesion.mask_file and lesion.mask is None and is_picture(lesion.mask_file):
        image = _image_of(lesion, [part for part in files.parts(case) if part.gives == "images"])
        columns, rows = (None, None) if image is None else (image.number("Columns"), image.number("Rows"))
        size = None if columns is None or rows is None else (columns, rows)
        found = with_mask(lesion, root, card, where, size)
        if isinstance(found, Problem):
            notes.errors.note(found)
            return row
        lesion = found
    apart = _apart(lesion)
    if apart > UNLIKE_PX:
        notes.warnings.add("lesions.box_unlike_region", where, found=lesion.lesion_id, apart=round(apart, 1))
    return replace(row, lesion=lesion)


def _apart(lesion: Lesion) -> float:
    """How far the stated box of a region is from the one around it, in px; 0 where there is only one of them."""
    if not lesion.outline and lesion.mask is None:
        return 0.0
    x, y, width, height = box_of_mask(lesion.mask) if lesion.mask is not None else box_around(lesion.outline)
    stated = (lesion.x or 0.0, lesion.y or 0.0, lesion.width or 0.0, lesion.height or 0.0)
    ends = ((x, stated[0]), (y, stated[1]), (x + width, stated[0] + stated[2]), (y + height, stated[1] + stated[3]))
    return max(abs(one - other) for one, other in ends)


def _image_of(lesion: Lesion, images: Sequence[Part]) -> Part | None:
    """The image of a lesion; None where it is not clear which."""
    if lesion.image is None:
        return images[0] if len(images) == 1 else None
    return _named(lesion.image, images)


def _lesion_in_image(row: LesionRow, case: Case, files: OpenedFiles, notes: Notes) -> None:
    lesion, where = row.lesion, f"lesions.csv:{row.line}"
    parts = files.parts(case)
    if lesion.x is None or not parts or any(files.opened(written).errors for written in case.files):
        return  # a place in millimetres needs no image; a file that cannot be opened is noted already
    images = [part for part in parts if part.gives == "images"]
    if not images:
        notes.errors.add("refset.lesion_without_image", where, found=lesion.lesion_id, case=case.case_id)
        return
    if lesion.image is None and len(images) > 1:
        notes.errors.add("refset.lesion_image_missing", where, found=lesion.lesion_id, case=case.case_id, n=len(images))
        return
    image = _image_of(lesion, images)
    if image is None:
        notes.errors.add("refset.lesion_image_unknown", where, found=lesion.image or "", case=case.case_id)
        return
    columns, rows, frames = image.number("Columns"), image.number("Rows"), image.number("NumberOfFrames") or 1
    if columns is not None and rows is not None and not _inside(lesion, columns, rows):
        size = {"columns": columns, "rows": rows}
        notes.errors.add("refset.lesion_outside_image", where, found=lesion.lesion_id, case=case.case_id, **size)
    if lesion.frame is not None and lesion.frame > frames:
        notes.errors.add("refset.lesion_frame_outside", where, found=lesion.frame, case=case.case_id, n=frames)
    if lesion.frame is None and frames > 1:
        notes.warnings.add("refset.lesion_without_frame", where, found=lesion.lesion_id, n=frames)


def _named(image: str, images: Iterable[Part]) -> Part | None:
    return next((part for part in images if image in (part.name, part.header.get("SOPInstanceUID"))), None)


def _inside(lesion: Lesion, columns: int, rows: int) -> bool:
    """Whether the box, the outline and the centre of a circle lie on the image; a circle may reach over its edge."""
    boxes = [(lesion.x or 0.0, lesion.y or 0.0, lesion.width or 0.0, lesion.height or 0.0)]
    if lesion.outline:
        boxes.append(box_around(lesion.outline))
    is_too_wide = lesion.diameter is not None and lesion.diameter > math.hypot(columns, rows)
    return not is_too_wide and all(
        min(x, y) >= -EDGE_PX and x + width <= columns + EDGE_PX and y + height <= rows + EDGE_PX
        for x, y, width, height in boxes
    )


def _identifiers(tables: Tables, files: OpenedFiles, notes: Notes) -> None:
    """Identifiers in the files: an image in two cases, a study or a DICOM patient in two patients, a wrong side."""
    seen: dict[tuple[str, str], Case] = {}
    repeats = Repeats()
    for case in tables.cases:
        where = f"cases.csv:{tables.case_lines[case.case_id]}"
        for part in files.parts(case):
            _one_image(part, case, where, seen, repeats, notes)
    repeats.tell()


def _one_image(
    part: Part, case: Case, where: str, seen: dict[tuple[str, str], Case], repeats: Repeats, notes: Notes
) -> None:
    uid = part.header.get("SOPInstanceUID", "")
    first = seen.setdefault(("SOPInstanceUID", uid), case)
    if uid and first.case_id != case.case_id:
        facts = {"found": first.case_id, "case": case.case_id}
        key, pair = "refset.image_in_two_cases", (first.case_id, case.case_id)
        repeats.meet(notes.errors, key, where, what=pair, within=part.name, **facts)
    for keyword, into in (("StudyInstanceUID", notes.errors), ("PatientID", notes.warnings)):
        value = part.header.get(keyword, "").strip()
        first = seen.setdefault((keyword, value), case)
        if value and first.patient_id != case.patient_id:
            _patient_in_two_ids(repeats, into, where, keyword, (first, case))
    side = part.header.get("ImageLaterality") or part.header.get("Laterality") or ""
    if {side, case.laterality} == {"L", "R"}:
        facts = {"found": case.laterality, "expected": side, "file": part.name}
        repeats.meet(notes.warnings, "refset.side_differs", where, what=case.case_id, within=part.name, **facts)


def _patient_in_two_ids(repeats: Repeats, into: Problems, where: str, source: str, cases: tuple[Case, Case]) -> None:
    """One value in two patients: told once for each two patients, with the number of cases of the second."""
    first, second = (case.patient_id for case in cases)
    facts = {"source": source, "patient": first, "other": second}
    what, within = (source, first, second), cases[1].case_id
    repeats.meet(into, "refset.patient_in_two_ids", where, what=what, within=within, **facts)


def _identity_table(root: Path, cases: Mapping[str, Case], units: Collection[str], notes: Notes) -> None:
    """identity.csv: one hospital patient or study under two patient ids. Its values are never repeated."""
    if not (root / "identity.csv").exists():
        return
    seen: dict[tuple[str, str], Case] = {}
    repeats = Repeats()
    for line, row in Table(root / "identity.csv", identity.SHAPE, notes.errors).rows():
        case, where = cases.get(row["case_id"]), f"identity.csv:{line}"
        if case is None:
            if row["case_id"] not in units:  # a study that gave no case is named by its unit
                notes.errors.add("refset.identity_without_case", where, found=row["case_id"])
            continue
        for column in ("hospital_patient_id", "study_instance_uid", "sop_instance_uid"):
            value = row.get(column, "")
            first = seen.setdefault((column, value), case)
            if value and first.patient_id != case.patient_id:
                _patient_in_two_ids(repeats, notes.errors, where, column, (first, case))
    repeats.tell()


def _unmeasured(card: Card, lesions: Sequence[Lesion], notes: Notes) -> None:
    """Strata cut from a measure that no lesion has: in mm of boxes in px, for one."""
    for name, stratum in card.lesion_strata.items() if lesions else ():
        if not stratum.measure:
            continue
        where = f"{CARD}: lesion_strata: {name}"
        without = [one for one in lesions if one.strata.get(name, NOT_RECORDED) == NOT_RECORDED]
        if len(without) == len(lesions):
            notes.warnings.add("lesions.stratum_unmeasured", where, found=stratum.measure)
        elif without:
            n, total, first = len(without), len(lesions), without[0].lesion_id
            key, found = "lesions.stratum_not_everywhere", stratum.measure
            notes.warnings.add(key, where, found=found, n=n, total=total, lesion=first)


def _people(card: Card, tables: Tables, notes: Notes) -> None:
    """One patient with two sexes or two dates of birth may be two patients under one id; without ids nobody knows."""
    if n := tables.missing.get("patient_id", 0):
        notes.warnings.add("refset.patients_unknown", "cases.csv", n=n, cases=len(tables.cases))
    fixed = [
        name
        for name, stratum in card.strata.items()
        if re.search("sex|birth", stratum.column or stratum.dicom or "", re.IGNORECASE)
    ]
    first: dict[tuple[str, str], str] = {}
    for case in tables.cases:
        for name in fixed:
            level = case.strata[name]
            if level != NOT_RECORDED and first.setdefault((case.patient_id, name), level) != level:
                facts = {"patient": case.patient_id, "name": name, "found": level}
                facts["other"] = first[case.patient_id, name]
                where = f"cases.csv:{tables.case_lines[case.case_id]}"
                notes.warnings.add("refset.patient_differs", where, **facts)


def _ages(root: Path, notes: Notes) -> None:
    already_noted = Problems()
    table = Table(root / "cases.csv", SHAPES["cases.csv"], already_noted)
    for line, row in table.rows():
        for column, cell in row.items():
            if _AGE_COLUMN.search(column):
                years = as_number(cell)
                if years is not None and not 0 <= years <= OLDEST_YEARS:
                    where = f"cases.csv:{line}"
                    notes.errors.add("refset.age_out_of_range", where, column=column, found=cell, limit=OLDEST_YEARS)


def _annotations(root: Path, card: Card, tables: Tables, files: OpenedFiles, notes: Notes) -> None:
    """The reference annotations that the card names lie beside each record; said once where none has any."""
    annotator = card.reference_standard.wfdb_annotator if card.findings else None
    if annotator is None:
        return
    recordings = [(case, written) for case in tables.cases for written in case.files]
    without = [(case, written) for case, written in recordings if not _is_annotated(root / written, annotator, files)]
    if without and len(without) == len(recordings) > 1:
        found = ", ".join(sorted({ending for _, written in recordings for ending in endings_beside(root / written)}))
        notes.errors.add("refset.annotations_nowhere", CARD, n=len(without), annotator=annotator, found=found or "—")
        return
    for case, written in without:
        where = f"cases.csv:{tables.case_lines[case.case_id]}"
        notes.errors.add("refset.annotations_missing", where, found=written, annotator=annotator)


def _is_annotated(path: Path, annotator: str, files: OpenedFiles) -> bool:
    try:
        return has_annotations(path, annotator, files.readers)
    except InputFileError:  # that it cannot be read is noted where it is opened
        return True


def _sampling(tables: Tables, notes: Notes) -> None:
    """Drawn units are in the set, excluded and undrawn ones are not."""
    known = {subject for _, subject in _cases_by_subject(tables)}
    for unit in tables.sampling:
        if unit.status == "drawn" and unit.unit_id not in known:
            notes.errors.add("refset.drawn_not_in_set", "sampling.csv", found=unit.unit_id)
        if unit.status != "drawn" and unit.unit_id in known:
            notes.errors.add("refset.not_drawn_in_set", "sampling.csv", found=unit.unit_id)
