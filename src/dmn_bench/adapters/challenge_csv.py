"""Adapter ``challenge-csv``: the answer files of the PhysioNet challenges 2020 and 2021, one for each record.

Four lines: ``#`` and the record, the classes (SNOMED CT codes, several with ``|`` where they are scored as one), their
labels (0 or 1) and their scores.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from ..errors import CandidateError, Problem
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, hookimpl
from ..inputs.ecg_statements import code_names, table
from ..vocabulary import Answer, AskedAnswer, FindingAnswer, Status
from .record_files import NamedAfter, files_of_cases, identity_of, identity_of_table, in_table, listed

SUFFIXES = (".csv",)
MOST_BYTES = 1_000_000
LINES = 4
POSITIVE, NEGATIVE = ("1", "1.0", "true", "t"), ("0", "0.0", "false", "f")


class _Cell(NamedTuple):
    """What one column says: ``label`` None where it is neither yes nor no, ``score`` NaN where it is no number."""

    label: bool | None
    score: float


class _OutputError(Exception):
    """A file is not one of the form; its text is the reason."""


@dataclass(frozen=True, kw_only=True)
class ChallengeCsv:
    """Reads one file for every case, ``folder/RECORD.csv`` or as ``table`` says; without one it is ``failed``.

    ``strict`` takes a file at its word: a class without a column was not answered, and one whose label or score cannot
    be read has failed. ``challenge`` reads as the scoring programs do: an unreadable label is 0, a score that is not
    finite is 0, of two columns for one finding a label is yes if one is and the score is their mean, and every finding
    of the table with a SNOMED CT code that has no column is 0 with the score 0.
    """

    name: ClassVar[str] = "challenge-csv"

    folder: str  # where the files are, from the folder of the protocol or candidate
    record: NamedAfter = "file_name"  # RECORD: the case's file without extension, or its id
    table: str = ""  # CSV with the columns case_id and file, or identity.csv, where the files are called otherwise
    reading: Literal["strict", "challenge"] = "strict"  # see above
    findings: Mapping[str, str] = field(default_factory=dict)  # the file's class -> the set's finding, before the table
    ignore_findings: tuple[str, ...] = ()  # classes of the files that are left out

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """The answer on every case; see ``FileAdapter.answers``. A file that is not of the form has failed."""
        folder = base / self.folder
        if self.table:
            paths = in_table(cases, folder, base / self.table, self.table, suffixes=SUFFIXES)
        else:
            paths = files_of_cases(cases, folder, self.folder, named_after=self.record, suffixes=SUFFIXES)
        read = {case_id: self._columns(path) for case_id, path in paths.items()}
        self._refuse_unknown([columns for columns in read.values() if not isinstance(columns, str)])
        found = [self._answer(case_id, columns) for case_id, columns in read.items()]
        if self.reading == "challenge":
            everywhere = [name for name, finding in table().items() if finding.codes["SCT"]]
            found = [_completed(answer, everywhere) for answer in found]
        return [AskedAnswer(answer=answer) for answer in found]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file, and of the table."""
        return {**identity_of(base / self.folder, self.folder, SUFFIXES), **identity_of_table(base, self.table)}

    def _columns(self, path: Path | None) -> list[tuple[str, _Cell]] | str:
        """The columns of a file, or why there are none."""
        if path is None:
            return "no output"
        try:
            return _read(path)
        except _OutputError as error:
            return f"invalid output: {error}"

    def _refuse_unknown(self, read: Sequence[list[tuple[str, _Cell]]]) -> None:
        classes = {name for columns in read for name, _ in columns}
        unknown = sorted(name for name in classes if name not in self.ignore_findings and not self._findings(name))
        if unknown:
            facts: dict[str, str | int | float] = {"n": len(unknown), "found": listed(unknown)}
            raise CandidateError(Problem(key="statements.classes_unknown", where=self.folder, facts=facts))

    def _findings(self, name: str) -> tuple[str, ...]:
        """What a class means: of codes scored as one, those that are not left out."""
        if name in self.findings:
            return (self.findings[name],)
        codes = [code.strip() for code in name.split("|")]
        named = (self.findings.get(code) or next(iter(code_names("SCT", code)), "") for code in codes)
        return tuple(dict.fromkeys(filter(None, named)))

    def _answer(self, case_id: str, columns: list[tuple[str, _Cell]] | str) -> Answer:
        if isinstance(columns, str):
            return Answer(case_id=case_id, status="failed", reason=columns)
        if self.reading == "strict" and len({name for name, _ in columns}) < len(columns):
            return Answer(case_id=case_id, status="failed", reason="invalid output: a class stands twice")
        cells: dict[str, list[_Cell]] = {}
        for name, cell in columns:
            if name not in self.ignore_findings:
                for finding in self._findings(name):
                    cells.setdefault(finding, []).append(cell)
        said = {finding: self._said(of_finding) for finding, of_finding in cells.items()}
        statuses: dict[str, Status] = {finding: "failed" for finding, one in said.items() if one is None}
        return Answer(
            case_id=case_id,
            status="answered",
            findings={finding: one for finding, one in said.items() if one is not None},
            finding_statuses=statuses,
        )

    def _said(self, cells: Sequence[_Cell]) -> FindingAnswer | None:
        """What the columns of one finding say together; None where they cannot be read."""
        label = any(cell.label for cell in cells)
        scores = [cell.score for cell in cells]
        if self.reading == "challenge":
            known = [score for score in scores if not math.isnan(score)]
            mean = sum(known) / len(known) if known else 0.0
            score = mean if math.isfinite(mean) else 0.0
        elif any(cell.label is None or not math.isfinite(cell.score) for cell in cells):
            return None
        else:
            score = max(scores)
        return FindingAnswer(score=score, label="positive" if label else "negative")


def _read(path: Path) -> list[tuple[str, _Cell]]:
    """The columns of a file. Raises _OutputError if it is not of the form."""
    if path.stat().st_size > MOST_BYTES:
        raise _OutputError("the file is too large")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _OutputError("the file is no text") from None
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < LINES or not lines[0].startswith("#"):
        raise _OutputError("it should have a line with # and the record, then classes, labels and scores")
    if lines[0].lstrip("# ").strip() != path.stem:
        raise _OutputError("its first line names another record")
    try:
        classes, labels, scores = (next(csv.reader([line])) for line in lines[1:LINES])
    except csv.Error:
        raise _OutputError("its lines cannot be read") from None
    if not len(classes) == len(labels) == len(scores):
        raise _OutputError(f"{len(classes)} classes, {len(labels)} labels and {len(scores)} scores")
    cells = (_Cell(_label(label), _score(score)) for label, score in zip(labels, scores, strict=True))
    return [(name.strip(), cell) for name, cell in zip(classes, cells, strict=True) if name.strip()]


def _label(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in POSITIVE else False if word in NEGATIVE else None


def _score(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _completed(answer: Answer, everywhere: Iterable[str]) -> Answer:
    """An answered record with every finding: what its file leaves out is no, with the score 0."""
    if answer.status != "answered":
        return answer
    no = FindingAnswer(score=0.0, label="negative")
    return replace(answer, findings={**dict.fromkeys(everywhere, no), **answer.findings})


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of challenge files."""
    return [ChallengeCsv]
