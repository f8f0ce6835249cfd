"""Many findings of one record at once, as the statements of an ECG report: one row for each unit and statement.

Columns of its judgements: those of ``tasks.binary`` for each statement, and

``statement``   position of the statement among those judged, from 0; its name is in ``row_strata["statement"]``
``is_primary``  1 for the statement that the set names first of the unit, see ``Statements.primary``
``unanswered``  1 where the device made no call on this statement
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Problem, ProtocolError, ReferenceSetError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Curve, ErrorRow, Judgements, Table
from .binary import Outcome, binary_judgements
from .classification import case_outcome, combined_outcome
from .combining import (
    DEVICE_NON_ANSWERS,
    MISSING_REFERENCE,
    NO_CASES,
    NOT_COUNTED_REFERENCES,
    unit_table,
    worst,
)

if TYPE_CHECKING:
    from ..vocabulary import Answer, BoolArray, FloatArray, ReferenceValue, Status, Unit, UnitTable

STATED = "stated"
"""Reference of a unit for which the set says yes or no to some statement."""
_KNOWN = ("positive", "negative", *NOT_COUNTED_REFERENCES)

Truth = Mapping[str, "ReferenceValue | None"]  # by unit_id


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """One statement that is judged: a finding, or a group of findings of which one suffices."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Which of many statements are true of a record. Columns of its judgements: see the head of this file.

    Without ``statements`` and ``groups`` all findings of the set are judged whose references are yes or no.

    A group is true of a record as soon as one of its members is. The device's call on it is positive as soon as that on
    one member is, each by its own operating point, and its score is the highest of its members'; an answer that names
    the group itself counts before those of its members.

    A device that calls some statements, or scores some, owes it for each that is judged: one that it never scores ranks
    worst. A record that it did not answer is wrong for every statement, by the analysis as in a classification. What an
    answered record says nothing of is by ``unmentioned``: ``failed``, like a record without an answer, for a device
    that answers each statement; ``negative`` for one that lists what it found (a report); it has no score then.
    """

    name: ClassVar[str] = "statements"
    row_fields: ClassVar[tuple[str, ...]] = ("statement",)

    statements: tuple[str, ...] = ()  # findings judged one by one
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> findings of which one suffices
    unmentioned: Literal["failed", "negative"] = "failed"  # what an answered record says nothing of
    primary: str = ""  # field of cases.csv that names the first statement of a record; "": the first that is true

    def __post_init__(self) -> None:
        """Raises ProtocolError for a doubled statement, or a group without members or with a statement's name."""
        problems = [
            Problem(key="statements.doubled", facts={"found": name})
            for name in sorted({name for name in self.statements if self.statements.count(name) > 1})
        ]
        problems += [
            Problem(key="statements.group_name", facts={"found": name})
            for name in self.groups
            if name in self.statements
        ]
        problems += [
            Problem(key="statements.group_empty", facts={"found": name})
            for name, members in self.groups.items()
            if not members
        ]
        collect(problems, ProtocolError)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings it judges, each once; () for all of the set."""
        members = (member for group in self.groups.values() for member in group)
        return tuple(dict.fromkeys((*self.statements, *members)))

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each statement and unit with a yes-or-no reference that the analysis does not set apart.

        Rows stand statement by statement. Raises ReferenceSetError for references that are no yes or no, ProtocolError
        without the references of the set.
        """
        truths = self._truths(context, units)
        questions = self._questions(truths)
        said = [[answers.get(case.case_id) for case in unit.cases] for unit in units]
        outcomes = _expecting([[self._outcome(cases, question, context) for cases in said] for question in questions])
        diseased = [
            [None if unit.reference in NOT_COUNTED_REFERENCES else _truth(truths, question, unit) for unit in units]
            for question in questions
        ]
        table = _table(units, outcomes, diseased, context)
        first = self._first(units, questions, diseased)
        parts = []
        for code in range(len(questions)):
            more = {
                "statement": np.full(len(units), float(code)),
                "is_primary": (first == code).astype(np.float64),
                "unanswered": np.array([one.status != "answered" or one.call is None for one in outcomes[code]], float),
            }
            parts.append(binary_judgements(self.name, outcomes[code], diseased[code], table, context.analysis, more))
        return _joined(self.name, table, [question.name for question in questions], parts)

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Of each statement how the units that have it and have it not were called; then what a macro average holds.

        Calls are the device's own: what it left unanswered is counted apart, whatever the analysis makes of it.
        """
        names = _names(judgements)
        rows = tuple(_counts(judgements, code) for code in range(len(names)))
        counts = Table(name="statements", rows=names, columns=COUNTED, counts=rows)
        return [counts, _classes(judgements, len(names))]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None: a curve belongs to one statement, and there are many."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """False calls of each statement, named as the reason, and the device's non-answers, in unit order."""
        units, columns = judgements.units, judgements.columns
        found: list[tuple[int, int, ErrorRow]] = []
        for index, status in enumerate(units.statuses):
            if status in DEVICE_NON_ANSWERS and units.references[index] == STATED:
                line = ErrorRow(
                    unit_id=units.unit_ids[index],
                    kind="unanswered",
                    reference=STATED,
                    answer=status,
                    reason=units.reasons[index],
                )
                found.append((index, -1, line))
        wrong = (columns["own_call"] > 0) & (columns["call"] != columns["reference"])
        for row in np.flatnonzero(wrong).tolist():
            called = bool(columns["call"][row])
            line = ErrorRow(
                unit_id=units.unit_ids[judgements.row_units[row]],
                kind="false_positive" if called else "false_negative",
                reference="negative" if called else "positive",
                answer="positive" if called else "negative",
                score=float(columns["score"][row]) if columns["own_score"][row] else None,
                reason=judgements.row_strata["statement"][row],
            )
            found.append((int(judgements.row_units[row]), int(columns["statement"][row]), line))
        return [line for _, _, line in sorted(found, key=lambda each: each[:2])]

    def _truths(self, context: JudgingContext, units: Sequence[Unit]) -> Mapping[str, Truth]:
        if context.references is None:
            raise ProtocolError(Problem(key="statements.no_references"))
        named = self.findings or context.findings
        truths = {name: context.references(name) for name in named}
        if not self.findings:  # a finding that is a grade or a number is no statement
            return {name: truth for name, truth in truths.items() if _is_yes_or_no(truth)}
        problems = [
            Problem(
                key="tasks.reference_unknown",
                where=f"{unit.unit_id}, {name}",
                facts={"found": str(truth.get(unit.unit_id)), "allowed": "positive, negative"},
            )
            for name, truth in truths.items()
            for unit in units
            if (truth.get(unit.unit_id) or MISSING_REFERENCE) not in _KNOWN
        ]
        collect(problems, ReferenceSetError)
        return truths

    def _questions(self, truths: Mapping[str, Truth]) -> tuple[_Question, ...]:
        alone = self.statements or (() if self.groups else tuple(truths))
        single = (_Question(name=name, members=(name,)) for name in alone)
        grouped = (_Question(name=name, members=tuple(members)) for name, members in self.groups.items())
        return (*single, *grouped)

    def _outcome(self, cases: Sequence[Answer | None], question: _Question, context: JudgingContext) -> Outcome:
        return combined_outcome([outcome for answer in cases for outcome in self._of_case(answer, question, context)])

    def _of_case(self, answer: Answer | None, question: _Question, context: JudgingContext) -> list[Outcome]:
        """The outcome of each member, or the one of the group itself where the answer names it."""
        names = question.members
        if answer is not None and question.name in answer.findings:
            names = (question.name,)
        found = []
        for name in names:
            if answer is None:
                found.append(case_outcome(None, name, None))
                continue
            is_silent = answer.status == "answered" and name not in answer.findings
            if is_silent and self.unmentioned == "negative" and name not in answer.finding_statuses:
                found.append(Outcome(status="answered", call=False))
            else:
                found.append(case_outcome(answer, name, context.operating_points.get(name)))
        return found

    def _first(
        self, units: Sequence[Unit], questions: Sequence[_Question], diseased: Sequence[Sequence[bool | None]]
    ) -> FloatArray:
        """[u] position of the first statement of each unit, −1 for none."""
        places = {question.name: code for code, question in enumerate(questions)}
        found = np.full(len(units), -1.0)
        for at, unit in enumerate(units):
            true = [code for code in range(len(questions)) if diseased[code][at]]
            named = unit.cases[0].strata.get(self.primary) if self.primary and unit.cases else None
            found[at] = places.get(named, -1) if named in places else (true[0] if true else -1)
        return found


COUNTED = (
    "true_positive",
    "false_negative",
    "unanswered_positive",
    "true_negative",
    "false_positive",
    "unanswered_negative",
)
"""Columns of the table of statements: the first three are the units that have it, the others those that have it not."""
_AVERAGED = ("sensitivity", "specificity", "auc")


def _names(judgements: Judgements) -> tuple[str, ...]:
    """The statements that have a row, in the order judged."""
    return tuple(dict.fromkeys(judgements.row_strata["statement"]))


def _counts(judgements: Judgements, place: int) -> tuple[float, ...]:
    name = _names(judgements)[place]
    rows = np.array([each == name for each in judgements.row_strata["statement"]], dtype=bool)
    own, call, ill = (judgements.columns[key][rows] > 0 for key in ("own_call", "call", "reference"))
    cells = (own & call & ill, own & ~call & ill, ~own & ill, own & ~call & ~ill, own & call & ~ill, ~own & ~ill)
    return tuple(float(cell.sum()) for cell in cells)


def _classes(judgements: Judgements, n: int) -> Table:
    """How many statements a macro average is the mean of, and how many have no value to average."""
    codes = judgements.columns["statement"].astype(np.int64)
    size = int(codes.max(initial=-1)) + 1
    ill, ranked = judgements.columns["reference"] > 0, judgements.columns["has_score"] > 0

    def having(rows: BoolArray) -> BoolArray:
        return np.asarray(np.bincount(codes[rows], minlength=size) > 0, dtype=bool)

    called = judgements.columns["has_call"] > 0
    averaged = {
        "sensitivity": having(called & ill),
        "specificity": having(called & ~ill),
        "auc": having(ranked & ill) & having(ranked & ~ill),
    }
    counts = tuple((float(averaged[name].sum()), float(n - averaged[name].sum())) for name in _AVERAGED)
    return Table(name="macro_classes", rows=_AVERAGED, columns=("averaged", "left_out"), counts=counts)


def _is_yes_or_no(truth: Truth) -> bool:
    stated = {value or MISSING_REFERENCE for value in truth.values()}
    return stated <= set(_KNOWN) and not stated.isdisjoint(("positive", "negative"))


def _truth(truths: Mapping[str, Truth], question: _Question, unit: Unit) -> bool | None:
    """Whether it is true of a unit; None where the set does not say yes or no."""
    stated = {truths[member].get(unit.unit_id) for member in question.members}
    if "positive" in stated:
        return True
    return False if stated == {"negative"} else None


def _table(
    units: Sequence[Unit],
    outcomes: Sequence[Sequence[Outcome]],
    diseased: Sequence[Sequence[bool | None]],
    context: JudgingContext,
) -> UnitTable:
    """One line for each unit: answered if some statement is, else the worst of what became of its statements."""
    states = [_state([column[at] for column in outcomes]) for at in range(len(units))]
    references = []
    for at, unit in enumerate(units):
        is_known = any(column[at] is not None for column in diseased)
        references.append(STATED if is_known else unit.reference or MISSING_REFERENCE)
    table = unit_table(units, context.patients, [status for status, _ in states], [reason for _, reason in states])
    return dataclasses.replace(
        table, references=tuple(references), diseased=np.full(len(units), np.nan, dtype=np.float64)
    )


def _expecting(outcomes: Sequence[Sequence[Outcome]]) -> list[list[Outcome]]:
    """The same outcomes by question: a device that calls or scores some statements owes it for each that is judged."""
    given = [one for column in outcomes for one in column if one.status == "answered"]
    expected: set[Literal["call", "score"]] = set()
    if any(one.call is not None for one in given):
        expected.add("call")
    if any(one.score is not None for one in given):
        expected.add("score")
    return [[dataclasses.replace(one, expected=frozenset(expected)) for one in column] for column in outcomes]


def _state(outcomes: Sequence[Outcome]) -> tuple[Status, str]:
    if any(outcome.status == "answered" for outcome in outcomes):
        return "answered", ""
    status = worst(outcome.status for outcome in outcomes)
    return status, next((outcome.reason for outcome in outcomes if outcome.status == status), NO_CASES)


def _joined(task: str, table: UnitTable, names: Sequence[str], parts: Sequence[Judgements]) -> Judgements:
    """The rows of all statements, one statement after the other."""
    columns: dict[str, FloatArray] = {}
    row_units = np.zeros(0, dtype=np.int64)
    if parts:
        columns = {key: np.concatenate([part.columns[key] for part in parts]) for key in parts[0].columns}
        row_units = np.concatenate([part.row_units for part in parts])
    of_rows = tuple(name for name, part in zip(names, parts, strict=True) for _ in range(len(part.row_units)))
    return Judgements(
        task=task,
        units=table,
        row_units=row_units,
        columns=columns,
        row_strata={"statement": of_rows},
        questions="statement",
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Statements]
