"""One finding, present or not: how answers, operating points and several cases become one call and one score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..hookspecs import JudgingContext, Task, hookimpl
from .binary import Outcome, binary_errors, binary_judgements, confusion_table, roc_curves, score_of_answered
from .combining import (
    NO_CASES,
    NO_FINDING_ANSWER,
    NO_OUTPUT,
    NOT_FINITE,
    check_references,
    unit_table,
    worst,
)

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, ErrorRow, FindingAnswer, Judgements, OperatingPoint, Table, Unit

_DISEASED = {"positive": True, "negative": False}
_SILENT = Outcome(status="failed", reason=NO_OUTPUT)


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Whether a finding is present. Columns of its judgements: see ``tasks.binary``.

    A unit is positive as soon as one of its cases is, whatever became of the others; else it takes the worst non-answer
    of its cases; else it is negative. Its score is the highest of its cases'; where one of them is charged to the
    device see ``tasks.binary``.
    """

    name: ClassVar[str] = "classification"

    finding: str  # name of the finding in the reference set
    combine: Literal["any", "highest", "worst"] = "highest"  # three names of one rule, for a yes-or-no finding

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit with a positive or negative reference that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is none of the words for this task.
        """
        check_references(units, tuple(_DISEASED))
        outcomes = [
            combined_outcome(
                [case_outcome(answers.get(case.case_id), self.finding, context.operating_point) for case in unit.cases]
            )
            for unit in units
        ]
        table = unit_table(
            units, context.patients, [outcome.status for outcome in outcomes], [outcome.reason for outcome in outcomes]
        )
        diseased = [_DISEASED.get(reference) for reference in table.references]
        return binary_judgements(self.name, outcomes, diseased, table, context.analysis)

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """The 2 × k table of reference against what the device said, whatever the analysis makes of it."""
        return [confusion_table(judgements, tuple(_DISEASED), tuple(_DISEASED.values()))]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The ROC curve, when there are scores and both classes."""
        return roc_curves(judgements)

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """False negatives, false positives and the device's non-answers, in the order of the units."""
        return binary_errors(judgements)


def needs_operating_point(answers: Iterable[Answer], finding: str) -> bool:
    """Whether some answer on the finding is a score without a label: without an operating point it is no call.

    The harness asks this before it judges, and raises ProtocolError when a metric of calls is wanted.
    """
    return any(
        said is not None and said.score is not None and said.label is None
        for answer in answers
        if answer.finding_statuses.get(finding, answer.status) == "answered"
        for said in (answer.findings.get(finding),)
    )


def case_outcome(answer: Answer | None, finding: str, operating_point: OperatingPoint | None) -> Outcome:
    """What one case's answer says of a finding.

    A label of doubt is always a doubt. Otherwise the operating point of the protocol decides where there is a score,
    and the device's label where there is none or no operating point. An answered case that says nothing of the finding,
    or gives a score that is not finite, has failed.
    """
    if answer is None:
        return _SILENT
    status = answer.finding_statuses.get(finding, answer.status)
    said = answer.findings.get(finding)
    if said is not None and said.score is not None and not math.isfinite(said.score):
        return Outcome(status="failed", reason=NOT_FINITE)
    if status != "answered":
        return Outcome(status=status, score=said.score if said else None, reason=answer.reason)
    if said is None or (said.score is None and said.label is None):
        return Outcome(status="failed", reason=NO_FINDING_ANSWER)
    return _called(said, operating_point, answer.reason)


def _called(said: FindingAnswer, operating_point: OperatingPoint | None, reason: str) -> Outcome:
    if said.label == "indeterminate":
        return Outcome(status="indeterminate", score=said.score, reason=reason)
    if said.score is None or operating_point is None:
        call = None if said.label is None else said.label == "positive"
        return Outcome(status="answered", call=call, score=said.score)
    if said.score >= operating_point.score_at_least:
        return Outcome(status="answered", call=True, score=said.score)
    if operating_point.doubt_from is not None and said.score >= operating_point.doubt_from:
        return Outcome(status="indeterminate", score=said.score, reason=reason)
    return Outcome(status="answered", call=False, score=said.score)


def combined_outcome(cases: Sequence[Outcome]) -> Outcome:
    """The outcome of a unit from those of its cases; of no case, ``unreadable``.

    An answered unit has the highest score of its answered and doubtful cases, another one that of all its cases when
    all have one.
    """
    if not cases:
        return Outcome(status="unreadable", reason=NO_CASES)
    if len(cases) == 1 and (cases[0].status != "answered" or cases[0].score is not None):
        return cases[0]
    answered = [case for case in cases if case.status == "answered"]
    is_positive = any(case.call for case in answered)
    status = "answered" if is_positive else worst(case.status for case in cases)
    if status == "answered":
        call = True if is_positive else (None if any(case.call is None for case in answered) else False)
        score, unranked = score_of_answered(cases)
        return Outcome(status=status, call=call, score=score, unranked=unranked)
    reason = next(case.reason for case in cases if case.status == status)
    scores = [case.score for case in cases if case.score is not None]
    return Outcome(status=status, score=max(scores) if len(scores) == len(cases) else None, reason=reason)


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Classification]
