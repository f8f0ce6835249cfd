"""What a reader said of the cases of a set, as if a candidate had answered it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from ..protocol import Endpoint
from ..reference_set.card import as_number
from ..reference_set.consensus_values import NOT_READ
from ..reference_set.under_rule import readers_by_case
from ..vocabulary import Answer, FindingAnswer, GradeAnswer, Label, Lesion, Mark, Measurement, Status
from .other_reference import has_single_readers
from .planning import Prepared
from .unit_references import units_of

LABELS: Mapping[str, Label] = {"positive": "positive", "negative": "negative", "indeterminate": "indeterminate"}
_PLACE = tuple(field.name for field in fields(Mark) if field.name in {own.name for own in fields(Lesion)})


def reader_answers(prepared: Prepared, entry: Endpoint, reader: str) -> dict[str, Answer]:
    """The answers of one reader by case_id, of the cases that he read for the finding of an endpoint, or for all.

    A label is a label without a score, a number a grade or, of a finding with a unit, a measured value; his lesions are
    marks without scores. A doubt of a finding is the state ``indeterminate`` of it.
    """
    reference_set = prepared.reference_set
    findings = reference_set.card.finding_names if entry.finding is None else (entry.finding,)
    read: dict[str, set[str]] = {}
    for name in findings:
        for case, readers in readers_by_case(reference_set, name).items():
            if reader in readers:
                read.setdefault(case, set()).add(name)
    said = {
        (row.case_id, row.finding): row.value
        for name in findings
        for row in reference_set.readings_of[name]
        if row.reader_id == reader and row.value != NOT_READ
    }
    marks = _marks(prepared, entry, reader)
    units = {one.name: one.unit for one in reference_set.card.findings}
    return {
        case: _answer(
            case,
            {name: said[case, name] for name in findings if (case, name) in said},
            units,
            None if marks is None else marks.get(case, ()),
            measured_as=str(entry.task_options.get("measurement") or entry.finding or ""),
        )
        for case, names in read.items()
        if len(names) == len(findings)
    }


def _marks(prepared: Prepared, entry: Endpoint, reader: str) -> dict[str, tuple[Mark, ...]] | None:
    """What a reader drew, by case; None where no single reader drew anything of the finding."""
    rows = [row for row in prepared.reference_set.stated_lesions if row.lesion.finding == entry.finding]
    if not has_single_readers(rows):
        return None
    own = tuple(row for row in rows if row.reader == reader and not row.lesion.ignore)
    # as the reference of an endpoint, so that images are named by their paths there
    drawn = units_of(replace(prepared.reference_set, lesions=own), entry, prepared.headers)
    return {
        case: tuple(Mark(**{name: getattr(lesion, name) for name in _PLACE}) for lesion in lesions)
        for unit in drawn
        for case, lesions in unit.lesions.items()
    }


def _answer(
    case: str,
    said: Mapping[str, str],
    units: Mapping[str, str | None],
    marks: tuple[Mark, ...] | None,
    measured_as: str,
) -> Answer:
    """``measured_as``: what the endpoint calls the measurement of its finding."""
    labels = {name: LABELS[value] for name, value in said.items() if value in LABELS}
    numbers = {name: number for name, value in said.items() if (number := as_number(value)) is not None}
    statuses: dict[str, Status] = {name: "indeterminate" for name, label in labels.items() if label == "indeterminate"}
    return Answer(
        case_id=case,
        status="answered",
        findings={name: FindingAnswer(label=label) for name, label in labels.items()},
        grades={name: GradeAnswer(grade=int(n)) for name, n in numbers.items() if not units[name] and n.is_integer()},
        measurements={measured_as or name: Measurement(value=n, unit=units[name] or "") for name, n in numbers.items()},
        marks=marks,
        finding_statuses=statuses,
    )
