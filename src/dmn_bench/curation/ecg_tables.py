"""The tables of a set while recordings are entered: cases, truth, sampling and identity, rows that were there kept."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ReferenceSetError, collect
from ..files import write_atomically
from ..reference_set import identity
from ..reference_set.csv_rows import Problems, Shape, Table
from ..reference_set.rows import SHAPES
from .importing import csv_text

Row = dict[str, str]
UNREADABLE = "the recording cannot be read"
NO_PICTURE, UNUSABLE = "the picture cannot be read", "what was drawn on it cannot be used"
UNLISTED = "no annotation file names it"
LOOKED_AT_AGAIN = frozenset({UNREADABLE, NO_PICTURE, UNUSABLE, UNLISTED})
"""The reasons for which a recording or picture is looked at again by the next import."""

SOURCE_COLUMNS = (
    "source_folder",
    "source_file",
    "source_record",
    "source_moment",
    "waveform",
    "source_hospital",
    "incorporates",
)
_CASES = ("case_id", "patient_id", "exam_id", "laterality", "files")
_TRUTH = ("case_id", "exam_id", "patient_id", "finding", "value", "evidence", "read_at")
_NUMBERED = re.compile(r"([cep])(\d{1,12})(?:-\d+)?")
_OURS = re.compile(r"[ce]\d{6,12}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hospital:
    """The hospital's names for one recording, as cells of identity.csv. ``patient``: with its site, "" if unknown.

    ``waveform``: what two files of one recording have in common. ``record``: its name in its collection.
    ``moment``: of whom, when and how long.
    """

    folder: str
    file: str
    patient: str = ""
    record: str = ""
    moment: str = ""
    waveform: str = ""
    study_uid: str = ""
    sop_uid: str = ""
    accession: str = ""


@dataclass(kw_only=True)
class EcgTables:
    """The rows of the tables, those that were there first."""

    cases: list[Row] = field(default_factory=list)
    truth: list[Row] = field(default_factory=list)
    sampling: dict[str, Row] = field(default_factory=dict)  # by unit
    identity: list[Row] = field(default_factory=list)
    columns: dict[str, dict[str, None]] = field(default_factory=dict)  # table -> its columns, in order
    done: set[tuple[str, str]] = field(default_factory=set)  # folder and file, entered or left out for good
    units: dict[tuple[str, str], str] = field(default_factory=dict)  # likewise -> unit, to look at again
    patients: dict[str, str] = field(default_factory=dict)  # the hospital's id -> ours
    waveforms: dict[str, str] = field(default_factory=dict)  # waveform -> case_id
    records: dict[str, str] = field(default_factory=dict)  # record -> case_id
    moments: dict[str, str] = field(default_factory=dict)  # moment -> case_id
    sources_of_cases: dict[str, Row] = field(default_factory=dict)  # case_id -> its row of identity.csv
    sites: dict[str, str] = field(default_factory=dict)  # folder of a hospital -> our name of it
    patients_of_cases: dict[str, str] = field(default_factory=dict)
    last: Counter[str] = field(default_factory=Counter)  # number given, by the letter of the id
    _truth_of_cases: dict[str, list[Row]] = field(default_factory=dict)
    _n_sorted: int = 0  # rows of truth that are in there

    @classmethod
    def read(cls, root: Path) -> EcgTables:
        """What the set has; rows of an import that was cut short are dropped. Raises ReferenceSetError."""
        problems = Problems()
        found = {name: _rows(root / name, shape, problems) for name, shape in _SHAPES.items()}
        collect(problems.all(), ReferenceSetError)
        cases = list(found["cases.csv"][0])
        known = {row["case_id"] for row in cases}
        exams = {row.get("exam_id", "") for row in cases}
        tables = cls(
            cases=cases,
            truth=[row for row in found["truth.csv"][0] if not _cut_short(row.get("case_id", ""), known)],
            sampling={
                row["unit_id"]: row
                for row in found["sampling.csv"][0]
                if not (row["status"] == "drawn" and _cut_short(row["unit_id"], exams))
            },
        )
        tables.columns = {
            "cases.csv": dict.fromkeys((*(found["cases.csv"][1] or _CASES), "exam_id")),
            "truth.csv": dict.fromkeys((*(found["truth.csv"][1] or _TRUTH), "case_id", "evidence")),
            "sampling.csv": dict.fromkeys((*found["sampling.csv"][1], "unit_id", "patient_id", "status", "reason")),
            identity.FILE: dict.fromkeys((*found[identity.FILE][1], *identity.COLUMNS, *SOURCE_COLUMNS)),
        }
        tables.patients_of_cases = {row["case_id"]: row["patient_id"] for row in cases}
        for row in (*tables.cases, *tables.sampling.values()):
            tables._note_numbers(row)
        by_id = {row["case_id"]: row for row in cases}
        for row in found[identity.FILE][0]:
            tables._note_identity(row, by_id)
        return tables

    def new_ids(self) -> tuple[str, str]:
        """A case and its exam."""
        number = max(self.last["c"], self.last["e"]) + 1
        self.last["c"] = self.last["e"] = number
        return f"c{number:06d}", f"e{number:06d}"

    def patient(self, hospital_id: str) -> str:
        """Our id of a patient, "" where the hospital states none: who that is, nobody knows."""
        if not hospital_id:
            return ""
        if hospital_id not in self.patients:
            self.last["p"] += 1
            self.patients[hospital_id] = f"p{self.last['p']:06d}"
        return self.patients[hospital_id]

    def site(self, hospital: str) -> str:
        """Our name of a hospital: s1, s2 … in the order in which they were seen."""
        return self.sites.setdefault(hospital, f"s{len(self.sites) + 1}")

    def enter(self, case: Row, names: Hospital, truth: Iterable[Row], *, incorporates: str = "") -> None:
        """Note one case with its identity and its truth; ``incorporates``: how far a machine's statement was edited."""
        exam_id, patient_id = case["exam_id"], self.patient(names.patient)
        self._forget(names)
        self.columns["cases.csv"].update(dict.fromkeys(case))
        self.cases.append({**case, "patient_id": patient_id})
        self.truth.extend(truth)
        hospital = next((name for name, site in self.sites.items() if site == case.get("site")), "")
        own = {"source_hospital": hospital, "incorporates": incorporates}
        self.identity.append({"case_id": case["case_id"], "file": case["files"], **_cells(names), **own})
        self.sources_of_cases[case["case_id"]] = self.identity[-1]
        self.patients_of_cases[case["case_id"]] = patient_id
        self.sampling[exam_id] = {"unit_id": exam_id, "patient_id": patient_id, "status": "drawn"}
        self.done.add((names.folder, names.file))
        self.waveforms.setdefault(names.waveform, case["case_id"])
        self.records.setdefault(names.record, case["case_id"])
        self.moments.setdefault(names.moment, case["case_id"])

    def leave_out(self, names: Hospital, status: str, reason: str = "") -> None:
        """Note a recording that is no case: ``excluded`` for a reason, or ``not_drawn``."""
        self._forget(names)
        _, unit = self.new_ids()
        patient_id = self.patients.get(names.patient, "")  # nobody gets an id for what is not in the set
        self.identity.append({"case_id": unit, **_cells(names)})
        self.sampling[unit] = {"unit_id": unit, "patient_id": patient_id, "status": status, "reason": reason}
        if status == "excluded" and reason not in LOOKED_AT_AGAIN:
            self.done.add((names.folder, names.file))
        else:
            self.units[names.folder, names.file] = unit

    def other_of(self, names: Hospital) -> str:
        """The case that holds the same recording, "" if none does."""
        of_record = self.records.get(names.record, "") if names.record else ""
        return of_record or (self.waveforms.get(names.waveform, "") if names.waveform else "")

    def patient_of(self, case_id: str) -> str:
        """Our id of the patient of a case, "" where nobody knows."""
        return self.patients_of_cases.get(case_id, "")

    def stated(self) -> set[tuple[str, str]]:
        """Case and finding of every row of truth.csv that is about a case."""
        return {(row["case_id"], row["finding"]) for row in self.truth if row.get("case_id")}

    def note_incorporated(self, case_id: str, incorporates: str) -> None:
        """Note how far the truth of a case is a machine's, where another file's report has taken its place."""
        if case_id in self.sources_of_cases:
            self.sources_of_cases[case_id]["incorporates"] = incorporates

    def suspect(self, names: Hospital) -> str:
        """A case of the same person, second and length, "" if there is none: perhaps the same, stored otherwise."""
        return self.moments.get(names.moment, "") if names.moment else ""

    def source_of(self, case_id: str) -> str:
        """The hospital's file that a case came from."""
        return self.sources_of_cases.get(case_id, {}).get("source_file", "").removeprefix("./")

    def truth_of(self, case_id: str) -> Sequence[Row]:
        """The rows of truth of a case, to be read or changed."""
        for row in itertools.islice(self.truth, self._n_sorted, None):
            self._truth_of_cases.setdefault(row.get("case_id", ""), []).append(row)
        self._n_sorted = len(self.truth)
        return self._truth_of_cases.get(case_id, [])

    def sources(self) -> Iterator[tuple[str, Row]]:
        """Every case that came from a file, with its row of identity.csv."""
        cases = {row["case_id"] for row in self.cases}
        return ((row["case_id"], row) for row in self.identity if row["case_id"] in cases and row.get("source_file"))

    def write(self, root: Path) -> None:
        """Write the four tables, identity first and cases last: a row of the others without its case is dropped."""
        rows: Mapping[str, Iterable[Row]] = {
            identity.FILE: self.identity,
            "sampling.csv": self.sampling.values(),
            "truth.csv": self.truth,
            "cases.csv": self.cases,
        }
        for name, of_table in rows.items():
            write_atomically(root / name, csv_text(self.columns[name], of_table))

    def _forget(self, names: Hospital) -> None:
        """Drop what was noted of a recording when it could not be read, or was not drawn."""
        unit = self.units.pop((names.folder, names.file), "")
        if unit:
            self.sampling.pop(unit, None)
            self.identity = [row for row in self.identity if row["case_id"] != unit]

    def _note_numbers(self, row: Row) -> None:
        for value in row.values():
            if match := _NUMBERED.fullmatch(value):
                self.last[match[1]] = max(self.last[match[1]], int(match[2]))

    def _note_identity(self, row: Row, cases: Mapping[str, Row]) -> None:
        """Take a row, unless its case was never entered: then an import was cut short and reads it again."""
        key = (row.get("source_folder", ""), row.get("source_file", ""))
        unit = row["case_id"]
        if unit in cases:
            self.done.add(key)
            if row.get("source_hospital") and cases[unit].get("site"):
                self.sites[row["source_hospital"]] = cases[unit]["site"]
            if row.get("hospital_patient_id") and cases[unit]["patient_id"]:
                self.patients[row["hospital_patient_id"]] = cases[unit]["patient_id"]
            self.waveforms.setdefault(row.get("waveform", ""), unit)
            self.records.setdefault(row.get("source_record", ""), unit)
            self.moments.setdefault(row.get("source_moment", ""), unit)
            self.sources_of_cases[unit] = row
        elif unit in self.sampling:
            sampled = self.sampling[unit]
            if sampled["status"] == "excluded" and sampled.get("reason") not in LOOKED_AT_AGAIN:
                self.done.add(key)
            else:
                self.units[key] = unit
        else:
            return
        self.identity.append(row)


_SHAPES: Mapping[str, Shape] = {
    **{name: SHAPES[name] for name in ("cases.csv", "truth.csv", "sampling.csv")},
    identity.FILE: identity.SHAPE,
}


def _rows(path: Path, shape: Shape, problems: Problems) -> tuple[list[Row], tuple[str, ...]]:
    if not path.exists():
        return [], ()
    table = Table(path, shape, problems)
    rows = [dict(row) for _, row in table.rows()]
    return rows, table.columns


def _cut_short(written: str, known: set[str]) -> bool:
    """Whether an import gave this id to a recording that it did not live to enter."""
    return _OURS.fullmatch(written) is not None and written not in known


def _cells(names: Hospital) -> Row:
    return {
        "hospital_patient_id": names.patient,
        "study_instance_uid": names.study_uid,
        "accession_number": names.accession,
        "sop_instance_uid": names.sop_uid,
        "source_folder": names.folder,
        "source_file": names.file,
        "source_record": names.record,
        "source_moment": names.moment,
        "waveform": names.waveform,
    }
