"""Adapter ``ecg-statements``: what a device wrote into ECG files of its own, as findings and measurements.

The files are those that a reader with a report knows: GE MUSE XML, HL7 aECG, SCP-ECG, Philips XML, DICOM ECG. What the
statements mean is in the table of ``inputs.ecg_statements``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, cast

from ..catalogue import build_catalogue
from ..errors import InputFileError
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter, Reader, ReportingReader, hookimpl
from ..inputs.ecg_statements import all_understood, is_known_code, is_known_text
from ..vocabulary import Answer, AskedAnswer, EcgReport, EcgStatement, FindingAnswer, Label
from .record_files import NamedAfter, files_of_cases, identity_of, identity_of_table, in_table

MOST_SHOWN = 10
"""Statements without a plain finding that the reason of an answer lists."""


def installed_readers() -> Sequence[Reader]:
    """Every installed reader, with its default options."""
    return cast("tuple[Reader, ...]", build_catalogue().make_all("reader"))


@dataclass(frozen=True, kw_only=True)
class EcgStatements:
    """Reads one file for every case, named after its record or named in ``table``; without one it is ``failed``.

    A statement that is certain is a positive finding, one with a doubt an indeterminate one; what no statement states
    is not said: a ``statements`` endpoint with ``unmentioned: negative`` reads it as no. A finding that is named beside
    words that nobody knows has failed. Statements that are not understood are counted in the reason of the answer,
    which repeats known words and codes alone; a file that has none with a finding has failed.
    """

    name: ClassVar[str] = "ecg-statements"

    folder: str  # where the files are, from the folder of the protocol or candidate
    record: NamedAfter = "file_name"  # files are called after the case's own file, or after its id
    table: str = ""  # CSV with the columns case_id and file, or identity.csv, where the files are called otherwise
    statements_of: Literal["machine", "confirmed", "all"] = "machine"  # all: whoever made them
    findings: Mapping[str, str] = field(default_factory=dict)  # a code or text of the device -> the set's finding

    def answers(self, cases: Sequence[CaseKeys], base: Path) -> Iterable[AskedAnswer]:
        """The answer on every case; see ``FileAdapter.answers``. A file that cannot be read has failed."""
        folder, readers = base / self.folder, installed_readers()
        if self.table:
            paths = in_table(cases, folder, base / self.table, self.table)
        else:
            paths = files_of_cases(cases, folder, self.folder, named_after=self.record, suffixes=())
        return [AskedAnswer(answer=self._answer(case_id, path, readers)) for case_id, path in paths.items()]

    def identity(self, base: Path) -> Mapping[str, str]:
        """sha256 of every file, and of the table."""
        return {**identity_of(base / self.folder, self.folder, ()), **identity_of_table(base, self.table)}

    def _answer(self, case_id: str, path: Path | None, readers: Sequence[Reader]) -> Answer:
        if path is None:
            return Answer(case_id=case_id, status="failed", reason="no output")
        reader = next((each for each in readers if each.gives == "signals" and each.recognises(path)), None)
        if not isinstance(reader, ReportingReader):
            return Answer(case_id=case_id, status="failed", reason="invalid output: no file with a report")
        try:
            report = reader.report(path)
        except InputFileError as error:
            keys = ", ".join(problem.key for problem in error.problems)
            return Answer(case_id=case_id, status="failed", reason=f"invalid output: {keys}")
        return self._of_report(case_id, report)

    def _of_report(self, case_id: str, report: EcgReport) -> Answer:
        counted = [statement for statement in report.statements if self._counts(statement)]
        stated: dict[str, Label] = {}
        named: set[str] = set()  # findings of statements that do not say plainly what of them
        denied: set[str] = set()
        unmapped: list[EcgStatement] = []
        for statement, understood in zip(counted, all_understood(counted), strict=True):
            own = self.findings.get(statement.code) or self.findings.get(statement.text.strip())
            found: tuple[tuple[str, Label], ...] = ((own, "positive"),) if own else understood.findings
            if not own:
                named.update(understood.unclear)
                denied.update(understood.denied)
                if not found or not understood.is_whole:
                    unmapped.append(statement)
            for name, label in found:
                stated[name] = "positive" if "positive" in (label, stated.get(name)) else "indeterminate"
        stated.update(dict.fromkeys(stated.keys() & denied, "indeterminate"))
        reason = _not_understood(unmapped)
        if not stated:
            return Answer(
                case_id=case_id,
                status="failed",
                reason=reason or "no statement in the file",
                measurements=report.measurements,
            )
        return Answer(
            case_id=case_id,
            status="answered",
            reason=reason,
            findings={name: FindingAnswer(label=label) for name, label in stated.items()},
            finding_statuses=dict.fromkeys(sorted(named - stated.keys()), "failed"),
            measurements=report.measurements,
        )

    def _counts(self, statement: EcgStatement) -> bool:
        if self.statements_of == "all":
            return True
        return statement.source == self.statements_of or (
            self.statements_of == "machine" and statement.source == "unknown"
        )


def _not_understood(statements: Sequence[EcgStatement]) -> str:
    """How many statements are not understood, and those of known words: free text of a hospital may hold a name."""
    if not statements:
        return ""
    texts = [" ".join(each.text.split()) for each in statements if each.text.strip() and is_known_text(each.text)]
    codes = [each.code for each in statements if not each.text.strip() and is_known_code(each.scheme, each.code)]
    plain = [*texts, *codes]
    shown = "; ".join(plain[:MOST_SHOWN]) + ("; …" if len(plain) > MOST_SHOWN else "")
    plural = "s" if len(statements) > 1 else ""
    return f"{len(statements)} statement{plural} without a plain finding" + (f": {shown}" if shown else "")


@hookimpl
def register_adapters() -> list[type[LiveAdapter] | type[FileAdapter]]:
    """The adapter of ECG files with statements."""
    return [EcgStatements]
