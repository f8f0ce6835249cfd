"""A hospital's folder of ECGs becomes a set: de-identified copies, tables, truth from reports."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DmnBenchError, Problem, ReferenceSetError
from ..hookspecs import Reader, SeveralFilesReader
from ..inputs.faults import reading
from ..reference_set.card import CARD, Card, read_card
from ..reference_set.csv_rows import Problems
from ..vocabulary import Language
from .ecg_beside import Beside
from .ecg_card import Incorporated, declare
from .ecg_holter import HolterTable, match_rows
from .ecg_options import EcgOptions, EcgSummary, measured_of, refuse_misfits, wanted_of, with_hdf5
from .ecg_recording import Recording, copy_annotations, copy_into, looked_at
from .ecg_stated import MEASURED, Stated, contradictions, counts_before, stated_of, take_over
from .ecg_tables import UNREADABLE, EcgTables, Hospital
from .ecg_truth import Wanted, refuse_unknown
from .ecg_walk import (
    FILE_NAME_CHARACTERS,
    FoundFile,
    cell,
    files_below,
    name_in_table,
    reader_of,
    refuse_overlap,
    segments_in,
    shown,
)
from .import_cases import remove_copies
from .importing import alone, refuse_locked

TWICE = "the same recording as another"
SAVED_EVERY, SAVING_SHARE = 25, 20  # recordings; and saving takes no more than a twentieth of the time


def import_recordings(
    root: Path,
    folder: Path | None,
    options: EcgOptions,
    *,
    readers: Sequence[Reader],
    on_file: Callable[[int, int], None] = lambda *_: None,
) -> EcgSummary:
    """Enter the recordings below ``folder`` into the set in ``root``, which has a card; ``on_file``: (done, all files).

    Each recording is a case and an exam of its own, of the patient whom its file names. Tables that are there grow; a
    recording that identity.csv names is not read again, so an import that was cut short goes on. Without a folder only
    the report table is entered, for recordings that are there.
    Raises ReferenceSetError if the set is locked in its present version, a table cannot be read or the options do not
    fit the card, MachineError if another import into this set is at work.
    """
    if folder is not None:
        refuse_overlap(root, folder)
    with alone(root):
        card = read_card(root)
        refuse_locked(root, card.version)
        work = _Work.begun(root, folder, card, options, readers)
        try:
            if folder is not None:
                work.take_all(on_file)
            if options.holter is not None:
                work.take_holter(options.holter)
        finally:
            work.save(options.language)
        incorporated = work.incorporated()
        declare(root, incorporated)
        return work.summary(incorporated)


@dataclass(kw_only=True)
class _Work:
    """An import under way."""

    root: Path
    folder: Path
    card: Card
    options: EcgOptions
    wanted: Wanted
    readers: Sequence[Reader]
    tables: EcgTables
    beside: Beside
    problems: Problems = field(default_factory=Problems)
    notes: Problems = field(default_factory=Problems)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    left_behind: frozenset[str] = frozenset()  # names of files that lay in the set before, without their endings
    labelled: set[str] = field(default_factory=set)  # records of the collection's table that have a file

    @classmethod
    def begun(
        cls, root: Path, folder: Path | None, card: Card, options: EcgOptions, readers: Sequence[Reader]
    ) -> _Work:
        """The tables read and the options held against the card."""
        refuse_unknown(options.findings, card.finding_names)
        refuse_misfits(card, options)
        tables = EcgTables.read(root)
        wanted = wanted_of(options, card)
        work = cls(
            root=root,
            folder=Path() if folder is None else folder.resolve(),
            card=card,
            options=options,
            wanted=wanted,
            readers=with_hdf5(readers, options.collection),
            tables=tables,
            left_behind=frozenset(path.name.partition(".")[0] for path in (root / "files").glob("*")),
            beside=Beside.of(root, (row["case_id"] for row in tables.cases)),
        )
        for name in options.findings or card.finding_names:
            if folder is not None and name not in wanted.names and name not in measured_of(card, options):
                work.notes.add("ecg_import.finding_without_statements", CARD, found=name)
        return work

    # ------------------------------------------------------------------------------------------- the recordings

    def take_all(self, on_file: Callable[[int, int], None]) -> None:
        """Enter every recording of the folder, or those drawn."""
        n_files = sum(1 for _ in files_below(self.folder, Problems()))
        on_file(0, n_files)
        saved, since_saved, took = time.monotonic(), 0, 0.0
        for done, found in self._chosen():
            on_file(done, n_files)
            self._take(found)
            since_saved += 1
            if since_saved >= SAVED_EVERY and time.monotonic() - saved > took * SAVING_SHARE:
                began = time.monotonic()
                self.save(self.options.language)
                saved, since_saved, took = time.monotonic(), 0, time.monotonic() - began
        on_file(n_files, n_files)
        if self.options.collection is not None:
            named = {said.record for said in self.options.collection.rows.values()}
            self.counts["unlabelled"] = len(named - self.labelled)

    def _chosen(self) -> Iterator[tuple[int, FoundFile]]:
        """(Files looked at so far, recording) of those to enter."""
        if self.options.draw is None:
            yield from self._found()
            return
        every = list(self._found())
        if self.options.draw > len(every):
            facts: dict[str, str | int | float] = {"expected": self.options.draw, "found": len(every)}
            raise ReferenceSetError(Problem(key="ecg_import.too_few", where="--draw", facts=facts))
        chosen = set(random.Random(self.options.seed).sample(range(len(every)), self.options.draw))
        for place, (done, found) in enumerate(every):
            if place in chosen:
                yield done, found
            elif (key := (str(self.folder), found.name)) not in self.tables.done and key not in self.tables.units:
                self.tables.leave_out(Hospital(folder=key[0], file=key[1]), "not_drawn")
                self.left_out["not_drawn"] += 1

    def _found(self) -> Iterator[tuple[int, FoundFile]]:
        """Every recording of the folder; a file that belongs to another recording is none."""
        folder, parts = None, set[Path]()
        for done, path in enumerate(files_below(self.folder, self.problems), start=1):
            if path.parent != folder:
                folder, parts = path.parent, segments_in(path.parent)
            if path in parts or self._is_known(path):
                continue
            reader = reader_of(path, self.readers, shown(path, self.folder), self.problems)
            if reader is None:
                self.left_out["not_recordings"] += not _is_beside(path)
                continue
            if isinstance(reader, SeveralFilesReader):
                parts |= _parts(path, reader)
            yield done, FoundFile(path=path, name=name_in_table(path, self.folder), reader=reader)

    def _is_known(self, path: Path) -> bool:
        """Whether a file need not be opened: entered or left out for good. A draw is among all recordings."""
        if self.options.collection is not None and path.stem in self.options.collection.rows:
            self.labelled.add(self.options.collection.rows[path.stem].record)
        if self.options.draw is not None:
            return False
        is_known = (str(self.folder), name_in_table(path, self.folder)) in self.tables.done
        self.counts["known"] += is_known
        return is_known

    def _take(self, found: FoundFile) -> None:
        """Enter one recording, or note why not; nothing about one file ends the import."""
        names = Hospital(folder=str(self.folder), file=found.name)
        if (names.folder, names.file) in self.tables.done:
            self.counts["known"] += 1
            return
        try:
            annotations = self.options.annotations or self.card.reference_standard.wfdb_annotator or ""
            collection, site = self.options.collection, self._site(found)
            with reading(found.path, "waveform_damaged"):
                recording = looked_at(found, collection, annotations=annotations, site=site)
        except ReferenceSetError as error:
            self._unreadable(names, found, error)
            return
        names = _names(recording, names)
        other = self.tables.other_of(names)
        if other:
            self._take_twice(other, names, recording)
            self.tables.leave_out(names, "excluded", TWICE)
            self.left_out["twice"] += 1
            return
        self._enter(recording, names)

    def _enter(self, recording: Recording, names: Hospital) -> None:
        case_id, exam_id = self.tables.new_ids()
        if case_id in self.left_behind:  # by an import that was cut short
            remove_copies(self.root / "files", case_id)
        try:
            with reading(recording.found.path, "waveform_damaged"):
                entry = copy_into(recording, self.root, case_id)
                self._annotate(recording, entry)
        except ReferenceSetError as error:
            remove_copies(self.root / "files", case_id)
            self._unreadable(names, recording.found, error)
            return
        stated = self._stated(recording, case_id)
        self._note_beside(stated, case_id)
        if suspect := self.tables.suspect(names):
            where = shown(recording.found.path, self.folder)
            self.notes.add("ecg_import.perhaps_twice", where, other=suspect, first=self._source(suspect))
        case = {"case_id": case_id, "exam_id": exam_id, "laterality": "", "files": entry, **recording.columns}
        self.tables.enter(case, names, stated.rows, incorporates=stated.incorporates)
        self.counts["recordings"] += 1

    def _stated(self, recording: Recording, case_id: str) -> Stated:
        return stated_of(recording, case_id, self.options, self.wanted, measured_of(self.card, self.options))

    def _note_beside(self, stated: Stated, case_id: str) -> None:
        self.beside.note_unmapped(stated.unmapped)
        for name, label in stated.machine.items():
            self.beside.machine.setdefault((case_id, name), label)
        self.counts["open"] += stated.is_open

    def _annotate(self, recording: Recording, entry: str) -> None:
        annotator = self.card.reference_standard.wfdb_annotator
        if annotator is not None:
            self.counts["notes_dropped"] += copy_annotations(recording, self.root, entry, annotator)
            self.counts["without_annotations" if recording.beats is None else "annotated"] += 1

    def _site(self, found: FoundFile) -> str:
        """The hospital of a recording: the folder below the one imported, by its place among those seen."""
        if not self.options.hospitals:
            return ""
        name = cell(found.path.relative_to(self.folder).parts[0]) if found.path.parent != self.folder else "."
        return self.tables.site(cell(f"{self.folder}/{name}"))

    # --------------------------------------------------------------------------------------------- what went wrong

    def _unreadable(self, names: Hospital, found: FoundFile, error: ReferenceSetError) -> None:
        for problem in error.problems:
            where = shown(found.path, self.folder)
            self.problems.note(Problem(key=problem.key, where=where, facts=problem.facts))
        self.tables.leave_out(names, "excluded", UNREADABLE)
        self.left_out["unreadable"] += 1

    def _take_twice(self, other: str, names: Hospital, recording: Recording) -> None:
        """Leave out a file of a recording that is there, but not what its report says: see ``ecg_stated``."""
        where, first = shown(recording.found.path, self.folder), self._source(other)
        patient = self.tables.patient_of(other)
        if names.patient and patient and self.tables.patients.get(names.patient) != patient:
            self.notes.add("ecg_import.twice_two_patients", where, other=other, first=first)
            return
        stated, there = self._stated(recording, other), self.tables.truth_of(other)
        if counts_before(there, stated):
            take_over(there, stated)
            had_machine = any(case_id == other for case_id, _ in self.beside.machine)
            self.tables.note_incorporated(other, stated.incorporates or ("edited" if had_machine else ""))
            self._note_beside(stated, other)
            self.notes.add("ecg_import.twice_confirmed", where, other=other, first=first)
        elif findings := contradictions(there, stated):
            named = ", ".join(findings)
            self.problems.add("ecg_import.twice_contradicts", where, other=other, first=first, found=named)
        else:
            self.notes.add("ecg_import.twice", where, other=other, first=first)

    def _source(self, case_id: str) -> str:
        name = self.tables.source_of(case_id)
        return name if len(name) <= FILE_NAME_CHARACTERS else f"…{name[1 - FILE_NAME_CHARACTERS :]}"

    # ------------------------------------------------------------------------------------------------- the rest

    def take_holter(self, holter: HolterTable) -> None:
        """Enter what a report table states of the recordings of the set; what truth.csv states already stays."""
        stated = self.tables.stated()

        def take(case_id: str, finding: str, value: str, evidence: str) -> None:
            if (case_id, finding) in stated:
                self.counts["holter_stated"] += 1
                return
            row = {"case_id": case_id, "finding": finding, "value": value, "evidence": evidence}
            self.tables.truth.append(row)

        self.counts["holter"], unmatched = match_rows(holter, self.tables.sources(), take)
        for problem in (*holter.problems, *unmatched):
            self.problems.note(problem)
        if self.counts["holter_stated"]:
            self.notes.add("ecg_import.holter_stated", holter.name, n=self.counts["holter_stated"])

    def save(self, language: Language) -> None:
        """Write the files beside the set, and the tables, whose cases the next import will not read again.

        An import that is killed between them counts statements that nobody has mapped twice, and loses none.
        """
        self.beside.forget_cases(row["case_id"] for row in self.tables.cases)
        self.beside.write(language)
        self.tables.write(self.root)

    def incorporated(self) -> tuple[Incorporated, ...]:
        """What the truth of the set was made from that a machine had put out."""
        how = Counter(row.get("incorporates", "") for _, row in self.tables.sources())
        n = how["unchanged"] + how["edited"]
        measured = len({row["case_id"] for row in self.tables.truth if row.get("evidence") == MEASURED})
        found = [
            Incorporated(what="machine_statement", records=n, unchanged=how["unchanged"]),
            Incorporated(what="machine_measurement", records=measured, unchanged=measured),
        ]
        return tuple(each for each in found if each.records)

    def summary(self, incorporated: tuple[Incorporated, ...]) -> EcgSummary:
        """What was done, and what the set holds now."""
        truth: dict[str, Counter[str]] = {name: Counter() for name in self.card.finding_names}
        for row in self.tables.truth:
            is_label = row["value"] in ("positive", "negative", "indeterminate", "unverified")
            truth.setdefault(row["finding"], Counter())[row["value"] if is_label else "number"] += 1
        return EcgSummary(
            n_recordings=self.counts["recordings"],
            n_known=self.counts["known"],
            left_out=self.left_out,
            n_without_patient=sum(not row["patient_id"] for row in self.tables.cases),
            n_annotated=self.counts["annotated"],
            n_without_annotations=self.counts["without_annotations"],
            n_notes_dropped=self.counts["notes_dropped"],
            n_open=self.counts["open"],
            n_machine=len({case_id for case_id, _ in self.beside.machine}),
            n_unmapped=len(self.beside.unmapped),
            n_holter=self.counts["holter"],
            n_unlabelled=self.counts["unlabelled"],
            truth=truth,
            incorporated=incorporated,
            beside=self.beside.folder,
            notes=self.notes.all(),
            problems=self.problems.all(),
        )


def _is_beside(path: Path) -> bool:
    """Whether a file has the name of a recording beside it: its signals, its annotations, its report."""
    return any(path.with_suffix(ending).is_file() for ending in (".hea", ".ecg", ".edf") if ending != path.suffix)


def _parts(path: Path, reader: SeveralFilesReader) -> set[Path]:
    try:
        return {part for part in reader.files(path) if part != path}
    except (DmnBenchError, OSError):  # reading it will say what is wrong
        return set()


def _names(recording: Recording, names: Hospital) -> Hospital:
    header = recording.header
    return Hospital(
        folder=names.folder,
        file=names.file,
        patient=recording.patient,
        record=recording.record,
        moment=recording.moment,
        waveform=recording.waveform,
        study_uid=cell(header.get("StudyInstanceUID", "")),
        sop_uid=cell(header.get("SOPInstanceUID", "")),
        accession=cell(header.get("AccessionNumber", "")),
    )
