"""What the report of one recording states, as rows of truth.csv; and what counts where two files of it have reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..tasks.measured_units import factor
from ..vocabulary import EcgReport, EcgStatement
from .ecg_labels import LABELLED, ONE_READER, TWO_READERS
from .ecg_options import EcgOptions
from .ecg_recording import Recording
from .ecg_tables import Row
from .ecg_truth import (
    ACCEPTED,
    CONFIRMED,
    LESS_PRECISE,
    NO_REPORT,
    NOT_CONFIRMED,
    NOT_MAPPED,
    NOT_MENTIONED,
    Wanted,
    confirmed_statements,
    machine_statements,
    same_statements,
    truth_of,
)

MEASURED = "measured by the machine"
CONTRADICTED = "two confirmed reports that do not say the same"
_NOBODY = (NO_REPORT, NOT_CONFIRMED)
_OF_REPORTS = frozenset(
    (
        *_NOBODY,
        CONFIRMED,
        ACCEPTED,
        NOT_MENTIONED,
        NOT_MAPPED,
        LESS_PRECISE,
        MEASURED,
        LABELLED,
        ONE_READER,
        TWO_READERS,
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What a report states. ``machine``: finding -> what the machine itself said; ``unmapped``: what nobody has told.

    ``incorporates``: "unchanged" where the confirmed statements are the machine's word for word, "edited" where they
    differ, "" where it made none or nobody confirmed them. ``is_open``: whether what is not mapped may be anything.
    """

    rows: tuple[Row, ...]
    incorporates: str
    machine: Mapping[str, str]
    unmapped: tuple[EcgStatement, ...]
    is_open: bool


def stated_of(
    recording: Recording, case_id: str, options: EcgOptions, wanted: Wanted, measured: Mapping[str, str]
) -> Stated:
    """The rows of a recording for the findings ``wanted`` and those ``measured`` (finding -> unit)."""
    meanings, report = options.meanings, recording.report
    confirmed, evidence = confirmed_statements(report, options.policy)
    own = recording.said.evidence if evidence == CONFIRMED else ""
    heard, machine = meanings.heard(confirmed), machine_statements(report)
    found = truth_of(heard, own or evidence, wanted, options.policy)
    rows = [_row(case_id, name, value, why) for name, (value, why) in found.items()]
    counts = evidence in (CONFIRMED, ACCEPTED) or bool(report.is_confirmed) or options.policy.accept_unconfirmed
    rows += [_measured(report, case_id, name, unit, "" if counts else evidence) for name, unit in measured.items()]
    incorporates = ""
    if machine and evidence in (CONFIRMED, ACCEPTED):
        incorporates = "unchanged" if same_statements(machine, confirmed) else "edited"
    of_machine = meanings.heard(machine)
    labels = wanted.labels(of_machine) if machine else {}
    said = {name: label or "negative" for name, label in labels.items() if label != "open"}
    return Stated(
        rows=tuple(rows),
        incorporates=incorporates,
        machine={name: label for name, label in said.items() if labels[name] or not of_machine.is_open},
        unmapped=(*heard.unmapped, *of_machine.unmapped),
        is_open=heard.is_open,
    )


def counts_before(there: Sequence[Row], second: Stated) -> bool:
    """Whether a second report of a recording is confirmed, or accepted, and the one of its rows ``there`` is less."""
    return _rank(second.rows) > _rank(there)


def take_over(there: Sequence[Row], second: Stated) -> None:
    """Let the rows of a case say what a report says that counts before its own. What a person wrote stays."""
    said = {row["finding"]: row for row in second.rows}
    was_accepted = _rank(there) > 0
    for row in there:
        is_own = row.get("evidence") in _OF_REPORTS and (was_accepted or row["value"] == "unverified")
        if is_own and row["finding"] in said:
            row.update(said[row["finding"]])


def contradictions(there: Sequence[Row], second: Stated) -> tuple[str, ...]:
    """The findings of which two reports that count alike do not say the same; their rows become ``unverified``.

    A statement that one of them lacks is a difference; a measurement is not.
    """
    said = {row["finding"]: row for row in second.rows}
    if not _rank(second.rows) == _rank(there) > 0:
        return ()
    found = []
    for row in there:
        other = said.get(row["finding"])
        if other is None or row.get("evidence") not in _OF_REPORTS or row["value"] == other["value"]:
            continue
        is_measured = MEASURED in (row["evidence"], other["evidence"])
        if not (is_measured and "unverified" in (row["value"], other["value"])):
            row.update(value="unverified", evidence=CONTRADICTED)
            found.append(row["finding"])
    return tuple(found)


def _rank(rows: Sequence[Row]) -> int:
    """Of the report that rows are from: 0 nobody vouches for it, 1 the keeper does, 2 it is confirmed."""
    found = {row.get("evidence", "") for row in rows} - {MEASURED}
    if not found or not found.isdisjoint(_NOBODY):
        return 0
    return 1 if ACCEPTED in found else 2


def _measured(report: EcgReport, case_id: str, name: str, unit: str, evidence: str) -> Row:
    """A measurement: its value where the report has it and counts. ``evidence``: "", or why it does not count."""
    found = report.measurements.get(name)
    ratio = None if found is None else factor(found.unit, unit)
    if evidence or found is None or ratio is None:
        return _row(case_id, name, "unverified", evidence or NOT_MENTIONED)
    return _row(case_id, name, f"{found.value * ratio:.12g}", MEASURED)


def _row(case_id: str, finding: str, value: str, evidence: str) -> Row:
    return {"case_id": case_id, "finding": finding, "value": value, "evidence": evidence}
