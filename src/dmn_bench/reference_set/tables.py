"""Every table of a reference set: which row follows from which, and what no row may say."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ..files import unknown_name
from ..vocabulary import Case
from .card import Card, as_number
from .cases_table import CasesReader
from .csv_rows import Problems, Table
from .lesions_table import LesionReader
from .rows import (
    LABELS,
    SHAPES,
    Header,
    Level,
    MaskRow,
    Reading,
    SampledAs,
    SampledUnit,
    Tables,
    TruthRow,
    finding_known,
    ids_sound,
    path_stays_inside,
    value_allowed,
)

LEVELS: tuple[Level, ...] = get_args(Level)
SAMPLED_AS: tuple[SampledAs, ...] = get_args(SampledAs)


def read_tables(root: Path, card: Card, problems: Problems, header: Header | None) -> Tables:
    """The tables of the set in ``root``; what is wrong goes to ``problems`` and the row is left out."""
    tables = Tables()
    CasesReader(card, tables, problems, header).read(root)
    by_id = {case.case_id: case for case in tables.cases}
    lesions = LesionReader(card, tables, problems, by_id)
    for name, take in (
        ("truth.csv", _TruthReader(card, tables, problems, by_id)),
        ("lesions.csv", lesions),
        ("readings.csv", _ReadingReader(card, tables, problems)),
        ("masks.csv", _MaskReader(tables, problems)),
        ("sampling.csv", _SamplingReader(tables, problems)),
    ):
        if (root / name).exists():
            table = Table(root / name, SHAPES[name], problems)
            for line, row in table.rows():
                take(row, line, f"{name}:{line}")
            if take is lesions and table.columns:
                lesions.look_at_columns(table.columns)
    return tables


class _TruthReader:
    def __init__(self, card: Card, tables: Tables, problems: Problems, cases: Mapping[str, Case]) -> None:
        self.findings, self.tables, self.problems, self.cases = card.finding_names, tables, problems, cases
        self.seen: dict[tuple[str, str, str], int] = {}
        self.kinds: dict[str, tuple[str, int]] = {}  # finding -> "label" or "number", and the line that said so first

    def __call__(self, row: Mapping[str, str], line: int, where: str) -> None:
        subjects = [(level, row.get(f"{level}_id", "")) for level in LEVELS]
        stated = [(level, subject) for level, subject in subjects if subject]
        if len(stated) != 1:
            self.problems.add("refset.truth_names_one", where, found=len(stated))
            return
        level, subject = stated[0]
        finding, value = sys.intern(row["finding"]), sys.intern(row["value"])
        known = self._known(level, subject, where)
        if known is None or not finding_known(self.problems, finding, self.findings, where):
            return
        if not value_allowed(self.problems, value, where) or not self._one_kind(finding, value, line):
            return
        first = self.seen.setdefault((level, known, finding), line)
        if first != line:
            self.problems.add("refset.truth_doubled", where, subject=subject, finding=finding, line=first)
            return
        self.tables.truth.append(
            TruthRow(
                level=level,
                subject=known,
                finding=finding,
                value=value,
                evidence=sys.intern(row.get("evidence", "")),
                read_at=sys.intern(row.get("read_at", "")),
                line=line,
            )
        )

    def _known(self, level: Level, subject: str, where: str) -> str | None:
        """The id as cases.csv holds it in memory; None, and noted, where no case has it."""
        if level == "case":
            known = self.cases[subject].case_id if subject in self.cases else None
        else:
            stated = self.tables.stated_exams if level == "exam" else self.tables.stated_patients
            known = stated.get(subject)
        if known is None:
            self.problems.add(f"refset.truth_without_{level}", where, found=subject)
        return known

    def _one_kind(self, finding: str, value: str, line: int) -> bool:
        if value in ("indeterminate", "unverified"):
            return True
        kind = "label" if value in LABELS else "number"
        first, first_line = self.kinds.setdefault(finding, (kind, line))
        if kind != first:
            self.problems.add("refset.truth_mixes_kinds", f"truth.csv:{line}", finding=finding, line=first_line)
        return kind == first


class _ReadingReader:
    def __init__(self, card: Card, tables: Tables, problems: Problems) -> None:
        self.findings, self.tables, self.problems = card.finding_names, tables, problems
        self.seen: dict[tuple[str, str, str], int] = {}

    def __call__(self, row: Mapping[str, str], line: int, where: str) -> None:
        case_id, reader_id, finding, value = row["case_id"], row["reader_id"], row["finding"], row["value"]
        if not ids_sound(self.problems, where, {"case_id": case_id, "reader_id": reader_id}):
            return
        if case_id not in self.tables.case_lines:
            self.problems.add("refset.reading_without_case", where, found=case_id)
            return
        if not finding_known(self.problems, finding, self.findings, where):
            return
        if not value_allowed(self.problems, value, where):
            return
        first = self.seen.setdefault((case_id, reader_id, finding), line)
        if first != line:
            self.problems.add("refset.reading_doubled", where, case=case_id, reader=reader_id, line=first)
            return
        read_at = row.get("read_at", "")
        self.tables.readings.append(
            Reading(case_id=case_id, reader_id=reader_id, finding=finding, value=value, read_at=read_at)
        )


class _MaskReader:
    def __init__(self, tables: Tables, problems: Problems) -> None:
        self.tables, self.problems = tables, problems
        self.seen: dict[tuple[str, ...], int] = {}
        self.spelled: dict[str, str] = {}  # a structure in small letters -> as it was written first
        self.files_of = {case.case_id: case.files for case in tables.cases}
        self.images = {file for files in self.files_of.values() for file in files}

    def __call__(self, row: Mapping[str, str], line: int, where: str) -> None:
        case_id, structure, file, reader = row["case_id"], row["structure"], row["file"], row.get("reader", "")
        required = {"case_id": case_id, "structure": structure, "file": file}
        if not ids_sound(self.problems, where, required, (reader,)):
            return
        if case_id not in self.tables.case_lines:
            self.problems.add("refset.mask_without_case", where, found=case_id)
            return
        image = self._image(case_id, row.get("image", ""), where)
        first = self.seen.setdefault((case_id, image or "", structure, reader), line)
        spelled = self.spelled.setdefault(structure.casefold(), structure)
        if not path_stays_inside(file):
            self.problems.add("refset.path_outside", where, found=file)
        elif file in self.images:
            self.problems.add("masks.is_an_image", where, found=file)
        elif image is not None and first != line:
            whose = reader or "-"
            self.problems.add("masks.doubled_row", where, structure=structure, case=case_id, reader=whose, line=first)
        elif spelled != structure:
            self.problems.add("masks.spelled_twice", where, found=structure, other=spelled)
        elif image is not None:
            self._take(row, image, line, where)

    def _image(self, case_id: str, image: str, where: str) -> str | None:
        """The image that a mask is of, "" the only one of its case; None, and noted, where that is not known."""
        files = self.files_of.get(case_id, ())
        if image and image not in files:
            self.problems.note(unknown_name("masks.image_unknown", image, files, where))
            return None
        if not image and len(files) > 1:
            self.problems.add("masks.needs_image", where, case=case_id, n=len(files), known=", ".join(files))
            return None
        return image if len(files) > 1 else ""

    def _take(self, row: Mapping[str, str], image: str, line: int, where: str) -> None:
        value, at_least = (as_number(row.get(name, "") or "nan") for name in ("value", "at_least"))
        for name, number in (("value", value), ("at_least", at_least)):
            if row.get(name) and (number is None or (name == "value" and number != int(number))):
                self.problems.add("masks.not_a_value", where, column=name, found=row[name])
                return
        if value is not None and at_least is not None:
            self.problems.add("masks.value_or_at_least", where)
            return
        self.tables.masks.append(
            MaskRow(
                case_id=row["case_id"],
                structure=row["structure"],
                file=row["file"],
                reader=row.get("reader", ""),
                line=line,
                value=None if value is None else int(value),
                at_least=at_least,
                image=image,
            )
        )


class _SamplingReader:
    def __init__(self, tables: Tables, problems: Problems) -> None:
        self.tables, self.problems = tables, problems
        self.seen: dict[str, int] = {}

    def __call__(self, row: Mapping[str, str], line: int, where: str) -> None:
        unit_id, status, reason = row["unit_id"], row["status"], row.get("reason", "")
        if not ids_sound(self.problems, where, {"unit_id": unit_id}):
            return
        allowed: dict[str, SampledAs] = {each: each for each in SAMPLED_AS}
        first = self.seen.setdefault(unit_id, line)
        if first != line:
            self.problems.add("refset.sampling_doubled", where, found=unit_id, line=first)
        elif status not in allowed:
            self.problems.note(unknown_name("refset.sampling_status", status, allowed, where))
        elif status == "excluded" and not reason:
            self.problems.add("refset.exclusion_without_reason", where, found=unit_id)
        else:
            self.tables.sampling.append(SampledUnit(unit_id=unit_id, status=allowed[status], reason=reason))
