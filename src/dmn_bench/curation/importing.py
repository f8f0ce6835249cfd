"""Studies of an archive become cases of a set: fetched, copied minimally, entered into the tables."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputFileError, MachineError, Problem, ReferenceSetError, collect
from ..execution.locks import hold
from ..files import write_atomically
from ..hookspecs import Reader
from ..reference_set import identity
from ..reference_set.card import read_card
from ..reference_set.csv_rows import Problems, Shape, Table
from ..reference_set.lock import LOCK, read_lock
from ..reference_set.rows import SHAPES
from .archives import Archive, Found
from .import_cases import COLUMNS, FoundCase, copy_into, laterality_of, remove_copies, sorted_out, strata_of
from .selecting import Selection

SCRATCH = Path(".dmn-bench") / "import"  # in the set: never locked, as confidential as the files
TABLES = ("cases.csv", "truth.csv", "sampling.csv", identity.FILE)
SAVED_EVERY = 25  # studies
NO_CASE, BURNED_IN = "no object of the modality", "text burnt into the pixels"
NUMBERED = re.compile(r"[cep](\d+)")
Row = dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSummary:
    """What an import did. ``n_known``: studies that were in the set already. ``left_out``: objects, by reason.

    ``without_cases``: studies of which no object became a case. ``problems``: studies that could not be fetched or
    read; the next import asks for them again.
    """

    n_studies: int
    n_cases: int
    n_known: int
    left_out: Mapping[str, int]
    without_cases: int
    problems: tuple[Problem, ...]


def import_studies(
    root: Path,
    archive: Archive,
    selection: Selection,
    *,
    readers: Sequence[Reader],
    burned_in: bool = False,
    on_study: Callable[[int, int], None] = lambda *_: None,
) -> ImportSummary:
    """Fetch studies into the set in ``root``, which has a card; ``on_study`` is told (done, all).

    Each image becomes a case, of CT, MR, PT and NM each series; a study is an exam. Files are minimal copies under new
    UIDs; what strata need goes into columns of cases.csv, hospital identifiers into identity.csv alone. Tables that are
    there grow. A study that identity.csv names is not fetched again, so an import that was cut short goes on.
    Raises ReferenceSetError if the set is locked in its present version or a table cannot be read, MachineError if
    another import into this set is at work.
    """
    with alone(root):
        return _imported(root, archive, selection, readers, burned_in=burned_in, on_study=on_study)


def left_behind(root: Path) -> tuple[Path, ...]:
    """What an import that was killed has left in a set: original objects, or half of a table with hospital names."""
    scratch = root / SCRATCH
    halves = (path for name in TABLES for path in root.glob(f".{name}.*"))
    return (*sorted(halves), *((scratch,) if scratch.exists() else ()))


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """One import at a time; what a dead one left is removed. Raises MachineError if another one is at work."""
    folder = (root / SCRATCH).parent
    folder.mkdir(exist_ok=True)
    with hold(folder / "import.lock", Problem(key="pacs_import.another_import", where=str(root))):
        try:
            for path in left_behind(root):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            (root / SCRATCH).mkdir()
            yield
        finally:
            shutil.rmtree(root / SCRATCH, ignore_errors=True)


def _imported(
    root: Path,
    archive: Archive,
    selection: Selection,
    readers: Sequence[Reader],
    *,
    burned_in: bool,
    on_study: Callable[[int, int], None],
) -> ImportSummary:
    card = read_card(root)
    refuse_locked(root, card.version)
    work = _Import(
        root=root,
        tables=_Tables.read(root),
        readers=readers,
        modality=card.modality,
        burned_in=burned_in,
    )
    known = work.tables.done - (work.tables.burned_in if burned_in else set())
    wanted = [study for study in selection.drawn if study["StudyInstanceUID"] not in known]
    try:
        for place, study in enumerate(wanted):
            on_study(place, len(wanted))
            work.fetch(archive, study)
            if (place + 1) % SAVED_EVERY == 0:
                work.tables.write(root)
        on_study(len(wanted), len(wanted))
    finally:
        work.tables.enter_not_drawn(selection.not_drawn)
        work.tables.write(root)
    return ImportSummary(
        n_studies=work.n_studies,
        n_cases=work.n_cases,
        n_known=len(selection.drawn) - len(wanted),
        left_out=dict(work.left_out),
        without_cases=work.n_without_cases,
        problems=tuple(work.problems),
    )


def refuse_locked(root: Path, version: str) -> None:
    """Raise ReferenceSetError if the set is locked in this version: nothing may be added to it."""
    if (root / LOCK).exists() and read_lock(root).get("version") == version:
        raise ReferenceSetError(Problem(key="pacs_import.set_is_locked", where=str(root), facts={"found": version}))


@dataclass(kw_only=True)
class _Import:
    """An import under way."""

    root: Path
    tables: _Tables
    readers: Sequence[Reader]
    modality: str
    burned_in: bool
    n_studies: int = 0
    n_cases: int = 0
    n_without_cases: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def fetch(self, archive: Archive, study: Found) -> None:
        """Fetch a study and enter its cases; one that cannot be fetched is noted, for another time."""
        with tempfile.TemporaryDirectory(dir=self.root / SCRATCH) as scratch:
            try:
                paths = archive.retrieve(study["StudyInstanceUID"], Path(scratch))
            except (MachineError, InputFileError) as error:
                self.problems.extend(error.problems)
                return
            found = sorted_out(paths, self.readers, modality=self.modality, burned_in=self.burned_in)
            if len({*found.patients, *_stated(study)}) > 1:
                self.problems.append(Problem(key="pacs_import.several_patients", where=archive.name))
                return
            self.left_out.update(found.left_out)
            n_new = self._enter(study, found.cases, found.left_out)
        self.n_studies += 1
        self.n_cases += n_new
        self.n_without_cases += n_new == 0

    def _enter(self, study: Found, cases: Sequence[FoundCase], left_out: Collection[str]) -> int:
        """Copy the cases of a study and note their rows; how many there are."""
        hospital = {
            "hospital_patient_id": _said(study, cases, "PatientID"),
            "accession_number": _said(study, cases, "AccessionNumber"),
            "study_instance_uid": study["StudyInstanceUID"],
        }
        exam_id = self.tables.unit_of(study)
        entered: list[tuple[Row, list[Row]]] = []
        for number, case in enumerate(cases, start=1):
            case_id = f"{exam_id.replace('e', 'c', 1)}-{number}"
            remove_copies(self.root / "files", case_id)
            try:
                entry, names = copy_into(case, self.root, case_id)
            except InputFileError as error:
                self.problems.extend(error.problems)
                self.left_out["unreadable"] += 1
                remove_copies(self.root / "files", case_id)
                continue
            row = {"case_id": case_id, "exam_id": exam_id, "files": entry, "laterality": laterality_of(case.header)}
            of_objects = [{**hospital, "case_id": case_id, **each._asdict()} for each in names]
            entered.append(({**row, **strata_of(case.header)}, of_objects))
        if entered:
            self.tables.enter(exam_id, hospital, entered)
        else:
            self.tables.exclude(exam_id, hospital, BURNED_IN if "burned_in" in left_out else NO_CASE)
        return len(entered)


def _stated(study: Found) -> set[str]:
    """The patient that the archive names for a study, if it does."""
    return {patient for patient in (study.get("PatientID", "").strip(),) if patient}


def _said(study: Found, cases: Sequence[FoundCase], keyword: str) -> str:
    """What the archive says of a study, else what its first object says."""
    said = (study.get(keyword, ""), *(case.header.get(keyword, "") for case in cases))
    return next((text for each in said if (text := each.strip())), "")


@dataclass(kw_only=True)
class _Tables:
    """The rows of cases.csv, sampling.csv and identity.csv, those that were there first.

    A study without a case has a row in identity.csv too, under its unit of sampling.csv: it is not fetched twice.
    """

    cases: list[Row] = field(default_factory=list)
    sampling: dict[str, Row] = field(default_factory=dict)  # by unit
    identity: list[Row] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)  # of cases.csv, in order
    done: set[str] = field(default_factory=set)  # studies, by the hospital's UID
    burned_in: set[str] = field(default_factory=set)  # of these, those left out for that alone
    units: dict[str, str] = field(default_factory=dict)  # study -> unit
    patients: dict[str, str] = field(default_factory=dict)  # the hospital's id -> ours
    last: Counter[str] = field(default_factory=Counter)  # number given, by the letter of the id

    @classmethod
    def read(cls, root: Path) -> _Tables:
        """What the set has. Raises ReferenceSetError with every row that cannot be read."""
        problems = Problems()

        def rows(name: str, shape: Shape) -> tuple[list[Row], tuple[str, ...]]:
            if not (root / name).exists():
                return [], ()
            table = Table(root / name, shape, problems)
            return [dict(row) for _, row in table.rows()], table.columns

        cases, columns = rows("cases.csv", SHAPES["cases.csv"])
        sampling, _ = rows("sampling.csv", SHAPES["sampling.csv"])
        known, _ = rows(identity.FILE, identity.SHAPE)
        collect(problems.all(), ReferenceSetError)
        exams = {row.get("exam_id", "") for row in cases}
        cut_short = [row for row in sampling if row["status"] == "drawn" and _is_ours(row["unit_id"], exams)]
        tables = cls(cases=cases, sampling={row["unit_id"]: row for row in sampling if row not in cut_short})
        default = ("case_id", "patient_id", "exam_id", "laterality", "files")
        tables.columns = dict.fromkeys((*(columns or default), *COLUMNS))
        for value in (value for row in (*cases, *tables.sampling.values()) for value in row.values()):
            tables._note_number(value)
        by_id = {case["case_id"]: case for case in cases}
        for row in known:
            tables._note_identity(row, by_id)
        return tables

    def next_unit(self) -> str:
        """An id for one more study."""
        self.last["e"] = max(self.last["e"], self.last["c"]) + 1
        return f"e{self.last['e']:06d}"

    def unit_of(self, study: Found) -> str:
        """The unit of a study: a new one, or that under which it was entered as eligible."""
        return self.units.get(study["StudyInstanceUID"]) or self.next_unit()

    def enter(self, exam_id: str, hospital: Mapping[str, str], entered: Iterable[tuple[Row, list[Row]]]) -> None:
        """Note the cases of a study."""
        patient_id = self._patient(hospital["hospital_patient_id"])
        self._forget(exam_id)
        for row, names in entered:
            self.cases.append({**row, "patient_id": patient_id})
            self.identity.extend(names)
        self.sampling[exam_id] = {"unit_id": exam_id, "patient_id": patient_id, "status": "drawn"}
        self.done.add(hospital["study_instance_uid"])

    def exclude(self, exam_id: str, hospital: Mapping[str, str], reason: str) -> None:
        """Note a study that gave no case."""
        self._forget(exam_id)
        self.identity.append({"case_id": exam_id, **hospital})
        self.sampling[exam_id] = {"unit_id": exam_id, "status": "excluded", "reason": reason}
        self.done.add(hospital["study_instance_uid"])

    def enter_not_drawn(self, studies: Iterable[Found]) -> None:
        """Note the studies that were eligible and not drawn; they may be drawn another time."""
        for study in studies:
            uid = study["StudyInstanceUID"]
            if uid not in self.units and uid not in self.done:
                self.units[uid] = unit = self.next_unit()
                self.identity.append({"case_id": unit, "study_instance_uid": uid})
                self.sampling[unit] = {"unit_id": unit, "status": "not_drawn"}

    def _forget(self, unit: str) -> None:
        """Drop what was noted of a unit when it was eligible only."""
        if unit in self.sampling:
            self.identity = [row for row in self.identity if row["case_id"] != unit]

    def _patient(self, hospital_id: str) -> str:
        """Our id of a patient; without a hospital's id everybody is somebody else."""
        if hospital_id and hospital_id in self.patients:
            return self.patients[hospital_id]
        self.last["p"] += 1
        patient_id = f"p{self.last['p']:06d}"
        if hospital_id:
            self.patients[hospital_id] = patient_id
        return patient_id

    def _note_number(self, value: str) -> None:
        if match := NUMBERED.match(value):
            self.last[value[0]] = max(self.last[value[0]], int(match[1]))

    def _note_identity(self, row: Row, cases: Mapping[str, Row]) -> None:
        """Take a row, unless its case was never entered: then an import was cut short and fetches it again."""
        study = row.get("study_instance_uid", "")
        if row["case_id"] in cases:
            self.done.add(study)
            if row.get("hospital_patient_id"):
                self.patients[row["hospital_patient_id"]] = cases[row["case_id"]]["patient_id"]
        elif row["case_id"] in self.sampling:
            self.units[study] = row["case_id"]
            if self.sampling[row["case_id"]]["status"] == "excluded":
                self.done.add(study)
            if self.sampling[row["case_id"]].get("reason") == BURNED_IN:
                self.burned_in.add(study)
        else:
            return
        self.identity.append(row)

    def write(self, root: Path) -> None:
        """Write the three tables, identity first: a case without its identity could not be matched."""
        extra = dict.fromkeys(name for row in self.identity for name in row)
        write_atomically(root / identity.FILE, csv_text(dict.fromkeys((*identity.COLUMNS, *extra)), self.identity))
        sampled = dict.fromkeys(("unit_id", "patient_id", "status", "reason", *_keys(self.sampling.values())))
        write_atomically(root / "sampling.csv", csv_text(sampled, self.sampling.values()))
        write_atomically(root / "cases.csv", csv_text(self.columns, self.cases))


def _is_ours(unit: str, exams: Collection[str]) -> bool:
    """Whether an import gave this id to a study whose cases it did not live to enter."""
    return re.fullmatch(r"e\d{6}", unit) is not None and unit not in exams


def _keys(rows: Iterable[Row]) -> Iterable[str]:
    return (name for row in rows for name in row)


def csv_text(columns: Iterable[str], rows: Iterable[Row]) -> str:
    """A table of a set with these columns; what a row does not say is left empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
