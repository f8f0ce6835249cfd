"""cases.csv: one row is one case, with the levels of its strata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..files import unknown_name
from ..vocabulary import NOT_RECORDED, Case
from .card import CARD, Card, as_number
from .csv_rows import Problems, Table
from .rows import SHAPES, Header, Tables, ids_sound, path_stays_inside

LATERALITIES = ("L", "R", "B", "")


class CasesReader:
    """Fills ``Tables`` from cases.csv, noting problems."""

    def __init__(self, card: Card, tables: Tables, problems: Problems, header: Header | None) -> None:
        self.card, self.tables, self.problems, self.header = card, tables, problems, header
        self.known_strata: dict[tuple[str, ...], Mapping[str, str]] = {}  # by raw values: shared by equal cases
        self.exam_patients: dict[str, str] = {}
        self.without_patient: list[str] = []
        self.without_exam: list[str] = []

    def read(self, root: Path) -> None:
        """Take every row of ``root``/cases.csv."""
        table = Table(root / "cases.csv", SHAPES["cases.csv"], self.problems)
        for line, row in table.rows():
            if not self.tables.missing:
                self._look_at_columns(table.columns)
            self._take(row, line)
        if not self.tables.missing:
            self._look_at_columns(table.columns)
        if not self.tables.cases and not self.problems:
            self.problems.add("refset.no_cases", "cases.csv")
        # an empty patient_id or exam_id takes the case's own id, which must then name nothing else
        for key, own, stated in (
            ("refset.case_named_like_patient", self.without_patient, self.tables.stated_patients),
            ("refset.case_named_like_exam", self.without_exam, self.tables.stated_exams),
        ):
            for case_id in own:
                if case_id in stated:
                    self.problems.add(key, f"cases.csv:{self.tables.case_lines[case_id]}", found=case_id)

    def _look_at_columns(self, columns: Iterable[str]) -> None:
        self.tables.missing.update(dict.fromkeys(columns, 0))
        for name, stratum in self.card.strata.items():
            if stratum.column is not None and stratum.column not in self.tables.missing:
                self.problems.note(
                    unknown_name(
                        "refset.stratum_column_unknown", stratum.column, self.tables.missing, f"{CARD}: {name}"
                    )
                )

    def _take(self, row: Mapping[str, str], line: int) -> None:
        where, tables = f"cases.csv:{line}", self.tables
        case_id, patient_id, exam_id = row["case_id"], row["patient_id"], row.get("exam_id", "")
        if not ids_sound(self.problems, where, {"case_id": case_id}, (patient_id, exam_id)):
            return
        if case_id in tables.case_lines:
            self.problems.add("refset.case_doubled", where, found=case_id, line=tables.case_lines[case_id])
            return
        tables.case_lines[case_id] = line
        laterality = row.get("laterality", "")
        if laterality not in LATERALITIES:
            self.problems.add("refset.laterality", where, found=laterality)
        patient_id, exam_id = self._group(case_id, patient_id, exam_id, where)
        self._weight(row.get("sampling_weight", ""), case_id, where)
        files = self._files(row["files"], where)
        for column, cell in row.items():
            if not cell:
                tables.missing[column] += 1
        tables.cases.append(
            Case(
                case_id=case_id,
                patient_id=patient_id,
                exam_id=exam_id,
                laterality=laterality,
                files=files,
                strata=self._strata(row, files, where),
            )
        )

    def _group(self, case_id: str, patient_id: str, exam_id: str, where: str) -> tuple[str, str]:
        """The ids of the case's patient and exam, its own where none is stated."""
        if patient_id:
            patient_id = self.tables.stated_patients.setdefault(patient_id, patient_id)
        else:
            self.without_patient.append(case_id)
            patient_id = case_id
        if not exam_id:
            self.without_exam.append(case_id)
            return patient_id, case_id
        exam_id = self.tables.stated_exams.setdefault(exam_id, exam_id)
        other = self.exam_patients.setdefault(exam_id, patient_id)
        if other != patient_id:
            self.problems.add("refset.exam_of_two_patients", where, found=exam_id, patient=patient_id, other=other)
        return patient_id, exam_id

    def _files(self, cell: str, where: str) -> tuple[str, ...]:
        files = tuple(part.strip() for part in cell.split(";")) if cell else ()
        for file in files:
            if not path_stays_inside(file):
                self.problems.add("refset.path_outside", where, found=file)
        if len(files) > 1 and len(set(files)) < len(files):
            self.problems.add("refset.file_named_twice", where, found=cell)
        return files

    def _weight(self, text: str, case_id: str, where: str) -> None:
        if text:
            weight = as_number(text)
            if weight is None or weight <= 0:
                self.problems.add("refset.not_above_zero", where, column="sampling_weight", found=text)
            else:
                self.tables.sampling_weights[case_id] = weight

    def _strata(self, row: Mapping[str, str], files: tuple[str, ...], where: str) -> Mapping[str, str]:
        raw = self._raw(row, files)
        known = self.known_strata.get(raw)
        if known is not None:
            return known
        found: dict[str, str] = {}
        is_sound = True
        for (name, stratum), value in zip(self.card.strata.items(), raw, strict=True):
            level = stratum.level(value)
            if level is None:  # noted at each row
                self._not_a_level(name, value, where)
                is_sound = False
            found[name] = NOT_RECORDED if level is None else level
        if is_sound:
            self.known_strata[raw] = found
        return found

    def _raw(self, row: Mapping[str, str], files: tuple[str, ...]) -> tuple[str, ...]:
        """The value of each stratum as the table or the header of the case's files has it, "" for none."""
        attributes: Mapping[str, str] = {}
        if files and self.header is not None and any(stratum.column is None for stratum in self.card.strata.values()):
            attributes = self.header(files)
        return tuple(
            [
                attributes.get(stratum.dicom or "", "").strip()
                if stratum.column is None
                else row.get(stratum.column, "")
                for stratum in self.card.strata.values()
            ]
        )

    def _not_a_level(self, name: str, raw: str, where: str) -> None:
        """A keeper can correct a table or the card, but not what a machine wrote: such an age is not recorded."""
        stratum = self.card.strata[name]
        if stratum.edges is None:
            known = ", ".join(stratum.ordered_levels())
            self.problems.add("refset.stratum_value_unknown", where, name=name, found=raw, known=known)
        elif stratum.column is not None:
            self.problems.add("refset.not_a_number", where, column=stratum.column, found=raw)
