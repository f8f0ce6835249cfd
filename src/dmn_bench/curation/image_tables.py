"""The tables of a set while pictures are entered: those of every import, and lesions, masks and readings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..files import write_atomically
from ..reference_set.csv_rows import Problems, Table
from ..reference_set.identity import FILE, ObjectNames
from ..reference_set.lesion_geometry import GEOMETRY
from ..reference_set.rows import SHAPES
from .ecg_foreign import foreign_rows
from .ecg_tables import EcgTables, Hospital
from .ecg_walk import cell
from .image_rows import OURS, Rows
from .importing import csv_text

Row = dict[str, str]
_PLACE = (*("finding", "ignore", "mask_file"), *GEOMETRY)
READERS, UNMAPPED = "readers.csv", "unmapped_categories.csv"
_BESIDE = {READERS: ("reader", "stated_as"), UNMAPPED: ("category", "drawn", "pictures")}
_OWN: Mapping[str, tuple[str, ...]] = {
    "lesions.csv": ("case_id", "lesion_id", "finding"),
    "masks.csv": ("case_id", "structure", "file", "reader"),
    "readings.csv": ("case_id", "reader_id", "finding", "value"),
}


@dataclass(kw_only=True)
class ImageTables:
    """The rows of the tables, those that were there first. ``beside``: the folder of what is never in the set."""

    base: EcgTables
    beside: Path
    own: dict[str, list[Row]] = field(default_factory=dict)
    columns: dict[str, dict[str, None]] = field(default_factory=dict)
    exams: dict[str, str] = field(default_factory=dict)  # the hospital's exam -> ours
    cases: dict[tuple[str, str], str] = field(default_factory=dict)  # folder and file -> case_id
    readers: dict[str, str] = field(default_factory=dict)  # as an annotation file calls a reader -> our name
    drawn: set[tuple[str, str]] = field(default_factory=set)  # case and reader of what was entered
    rows_of_cases: dict[str, Row] = field(default_factory=dict)  # of the cases that were there
    unmapped: dict[str, tuple[int, int]] = field(default_factory=dict)  # category -> things drawn, pictures
    _there: dict[tuple[str, str, str], list[Row]] = field(default_factory=dict)  # table, case, reader: what was there
    _unmapped_on: dict[str, set[str]] = field(default_factory=dict)  # category -> cases
    _readings: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # case, reader -> finding -> value

    @classmethod
    def read(cls, root: Path) -> ImageTables:
        """What the set has. Raises ReferenceSetError with every row that cannot be read."""
        base, resolved = EcgTables.read(root), root.resolve()
        known = {row["case_id"]: row for row in base.cases}
        tables = cls(base=base, beside=resolved.with_name(f"{resolved.name}-import"), rows_of_cases=known)
        problems = Problems()
        for name, needed in _OWN.items():
            rows, columns = _rows(root / name, name, problems)
            tables.own[name] = [row for row in rows if row["case_id"] in known]
            tables.columns[name] = dict.fromkeys((*columns, *needed))
        collect(problems.all(), ReferenceSetError)
        for name, rows in tables.own.items():
            column = "reader_id" if name == "readings.csv" else "reader"
            for row in rows:
                tables.drawn.add((row["case_id"], row.get(column, "")))
                tables._there.setdefault((name, row["case_id"], row.get(column, "")), []).append(row)
        for row in tables.own["readings.csv"]:
            tables._readings.setdefault((row["case_id"], row["reader_id"]), {})[row["finding"]] = row["value"]
        for case_id, source in base.sources():
            tables.cases[source.get("source_folder", ""), source.get("source_file", "")] = case_id
            if source.get("source_record"):
                tables.exams[source["source_record"]] = known[case_id].get("exam_id", "")
        for said in _beside_rows(tables.beside / READERS):
            tables.readers[said.get("stated_as", "")] = said.get("reader", "")
        return tables

    def reader(self, stated_as: str) -> str:
        """Our name (reader1, reader2 …) of a reader of an annotation file, whose own may be a person's."""
        if not stated_as:
            return ""
        if cell(stated_as) not in self.readers:
            used = {*self.readers.values(), *(reader for _, reader in self.drawn)}
            ours = (f"reader{number}" for number in itertools.count(1))
            self.readers[cell(stated_as)] = next(name for name in ours if name not in used)
        return self.readers[cell(stated_as)]

    def reader_called(self, name: str) -> str:
        """Our name of the reader of a whole file; a name that the set itself has stays."""
        own = {*self.readers.values(), *(reader for _, reader in self.drawn)}
        return name if name in own and name not in self.readers else self.reader(name)

    def new_ids(self, exam: str) -> tuple[str, str]:
        """A case, and its exam: a new one unless the hospital's is known."""
        case_id, exam_id = self.base.new_ids()
        return case_id, self.exams.setdefault(exam, exam_id) if exam else exam_id

    def has_drawn(self, case_id: str, reader: str) -> bool:
        """Whether something of this reader was entered for a case: it is not entered twice."""
        return (case_id, reader) in self.drawn

    def enter(self, case: Row, names: Hospital, objects: Sequence[ObjectNames], *, turn: str = "") -> None:
        """Note one case with its identity, of DICOM one row for each object. ``turn``: the mark its copy lost."""
        self.base.enter(case, names, ())
        if turn:
            self.base.identity[-1]["source_turn"] = turn
            self.base.columns[FILE].setdefault("source_turn")
        if any(each.sop_instance_uid for each in objects):
            row = self.base.identity.pop()
            self.base.identity.extend({**row, **each._asdict()} for each in objects)
        self.cases[names.folder, names.file] = case["case_id"]

    def add(self, rows: Rows, case_id: str, reader: str) -> Iterable[Problem]:
        """Take in what was drawn on a case; findings of which truth.csv says something else are problems."""
        for name, new in (("lesions.csv", rows.lesions), ("masks.csv", rows.masks)):
            self.own[name].extend(new)
            self.columns[name].update(dict.fromkeys(key for row in new for key in row))
        if rows.lesions or rows.masks or (reader and rows.values):
            self.drawn.add((case_id, reader))
        for category, n in rows.unmapped.items():
            on = self._unmapped_on.setdefault(category, set())
            on.add(case_id)
            self.unmapped[category] = (self.unmapped.get(category, (0, 0))[0] + n, len(on))
        if reader:
            stated = self._readings.setdefault((case_id, reader), {})
            for finding, (value, _) in rows.values.items():
                if finding not in stated:
                    stated[finding] = value
                    row = {"case_id": case_id, "reader_id": reader, "finding": finding, "value": value}
                    self.own["readings.csv"].append(row)
            return ()
        return self._truth(rows, case_id)

    def values(self, case_id: str, reader: str) -> Mapping[str, str]:
        """What is stated of a case: finding -> value, of a reader or ("") as its truth."""
        if reader:
            return self._readings.get((case_id, reader), {})
        return {row["finding"]: row["value"] for row in self.base.truth_of(case_id)}

    def missing(self, root: Path, rows: Rows, case_id: str, reader: str) -> int:
        """In how much the set, which has something of a reader on a case, differs from what that reader drew there."""
        lesions = [
            {name: row[name] for name in _PLACE if row.get(name)}
            for row in self._there.get(("lesions.csv", case_id, reader), ())
            if row["finding"] in rows.values
        ]
        new = [{name: row[name] for name in _PLACE if row.get(name)} for row in rows.lesions]
        masks = [(row["structure"], row["file"]) for row in self._there.get(("masks.csv", case_id, reader), ())]
        files = {row.get("mask_file") for row in lesions} | {file for _, file in masks}
        values = self.values(case_id, reader)
        return (
            max(sum(each not in lesions for each in new), sum(each not in new for each in lesions))
            + sum((row["structure"], row["file"]) not in masks for row in rows.masks)
            + sum(name in files and not _is_content(root / name, content) for name, content in rows.files.items())
            + sum(
                finding not in values or value not in (values[finding], "unverified")
                for finding, (value, _) in rows.values.items()
            )
        )

    def stays(self, case_id: str, reader: str, wanted: Mapping[str, tuple[str, str]]) -> bool:
        """Whether a case that was there says of a finding something else than is wanted."""
        values = self.values(case_id, reader)
        is_other = (values.get(finding) != value for finding, (value, _) in wanted.items() if value == "negative")
        return any(is_other) or any(finding not in values for finding in wanted)

    def is_other(self, case_id: str, columns: Mapping[str, str], patient: str, exam: str) -> bool:
        """Whether a case that was there has other columns, or is of another patient or exam of the hospital."""
        row = self.rows_of_cases[case_id]
        of = [(patient, self.base.patients, "patient_id"), (exam, self.exams, "exam_id")]
        is_moved = any(name and known.get(name) != row.get(column, "") for name, known, column in of)
        return is_moved or any(row.get(name, "") != value for name, value in columns.items())

    def _truth(self, rows: Rows, case_id: str) -> list[Problem]:
        there = {row["finding"]: row for row in self.base.truth_of(case_id)}
        problems: list[Problem] = []
        for finding, (value, evidence) in rows.values.items():
            row = there.get(finding)
            if row is None:
                self.base.truth.append({"case_id": case_id, "finding": finding, "value": value, "evidence": evidence})
            elif row["value"] == "unverified" and row.get("evidence") in OURS:
                row.update(value=value, evidence=evidence)
            elif row["value"] != value and value != "unverified":
                facts = {"case": case_id, "finding": finding, "found": row["value"], "expected": value}
                problems.append(Problem(key="annotations.truth_differs", where="truth.csv", facts=facts))
        return problems

    def write(self, root: Path) -> None:
        """Write the tables, what names cases before cases.csv; and the files beside the set."""
        for name, rows in self.own.items():
            if rows or (root / name).exists():
                write_atomically(root / name, csv_text(self.columns[name], rows))
        self.base.write(root)
        if self.readers or self.unmapped:
            self.beside.mkdir(exist_ok=True)
        if self.readers:
            readers = [{"reader": ours, "stated_as": theirs} for theirs, ours in self.readers.items()]
            write_atomically(self.beside / READERS, csv_text(_BESIDE[READERS], readers))
        if self.unmapped:
            unmapped = [
                {"category": cell(category), "drawn": str(drawn), "pictures": str(pictures)}
                for category, (drawn, pictures) in sorted(self.unmapped.items())
            ]
            write_atomically(self.beside / UNMAPPED, csv_text(_BESIDE[UNMAPPED], unmapped))


def _is_content(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _rows(path: Path, name: str, problems: Problems) -> tuple[list[Row], tuple[str, ...]]:
    if not path.exists():
        return [], ()
    table = Table(path, SHAPES[name], problems)
    rows = [dict(row) for _, row in table.rows()]
    return rows, table.columns


def _beside_rows(path: Path) -> list[Mapping[str, str]]:
    return [row for _, row in foreign_rows(path)[1]] if path.is_file() else []
