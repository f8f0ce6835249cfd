"""One finding, present or not: how answers, operating points and several cases become one call and one score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import FindingAnswer
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
    from ..vocabulary import Answer, Curve, ErrorRow, Judgements, Mark, OperatingPoint, Table, Unit

_DISEASED = {"positive": True, "negative": False}
_SILENT = Outcome(status="failed", reason=NO_OUTPUT)
NO_MARKS = "no marks"


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Whether a finding is present. Columns of its judgements: see ``tasks.binary``.

    A unit is positive as soon as one of its cases is, whatever became of the others; else it takes the worst non-answer
    of its cases; else it is negative. Its score is the highest of its cases'; where one of them is charged to the
    device see ``tasks.binary``.

    By ``case_score: highest_mark`` what is said of a case are its marks of the finding, and nothing else: see
    ``outcome_of_marks``.
    """

    name: ClassVar[str] = "classification"

    finding: str  # name of the finding in the reference set
    combine: Literal["any", "highest", "worst"] = "highest"  # three names of one rule, for a yes-or-no finding
    case_score: Literal["own", "highest_mark"] = "own"  # of the finding itself, or of the best of its marks
    no_marks: Literal["failed", "negative"] = "failed"  # by highest_mark: an answer that says nothing of marks

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit with a positive or negative reference that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is none of the words for this task.
        """
        check_references(units, tuple(_DISEASED))
        said = self._outcomes([case.case_id for unit in units for case in unit.cases], answers, context.operating_point)
        outcomes = [combined_outcome([said[case.case_id] for case in unit.cases]) for unit in units]
        table = unit_table(
            units, context.patients, [outcome.status for outcome in outcomes], [outcome.reason for outcome in outcomes]
        )
        diseased = [_DISEASED.get(reference) for reference in table.references]
        return binary_judgements(self.name, outcomes, diseased, table, context.analysis)

    def needs_operating_point(self, answers: Iterable[Answer]) -> bool:
        """Whether some answer has a score and no call of its own: without an operating point nothing is called."""
        if self.case_score == "own":
            return needs_operating_point(answers, self.finding)
        return any(
            mark.score is not None
            for answer in answers
            if answer.finding_statuses.get(self.finding, answer.status) == "answered"
            for mark in marks_of(answer, self.finding)
        )

    def _outcomes(
        self, case_ids: Sequence[str], answers: Mapping[str, Answer], point: OperatingPoint | None
    ) -> Mapping[str, Outcome]:
        if self.case_score == "own":
            return {each: case_outcome(answers.get(each), self.finding, point) for each in case_ids}
        said = [answer for each in case_ids if (answer := answers.get(each)) is not None]
        ranks = any(mark.score is not None for answer in said for mark in marks_of(answer, self.finding))
        no_marks = Outcome(status="answered", call=False, score=-math.inf if ranks else None)
        silent = no_marks if self.no_marks == "negative" else Outcome(status="failed", reason=NO_MARKS)
        return {
            each: outcome_of_marks(answers.get(each), self.finding, point, no_marks=no_marks, silent=silent)
            for each in case_ids
        }

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


def marks_of(answer: Answer, finding: str) -> Sequence[Mark]:
    """The marks of a finding, () where there are none or nothing is said of marks."""
    return [mark for mark in answer.marks or () if mark.finding == finding]


def outcome_of_marks(
    answer: Answer | None, finding: str, operating_point: OperatingPoint | None, *, no_marks: Outcome, silent: Outcome
) -> Outcome:
    """What the marks of one case say of a finding.

    Its score is the highest among its marks, cut by the operating point as a score of the case would be. A mark without
    a score is a positive call, and what it scores is not known: the case is charged for that like a unit with a view
    without a score. ``no_marks``: of a case that was looked at and has no mark; ``silent``: of an answer that says
    nothing of marks. A score that is not finite makes the case failed.
    """
    if answer is None:
        return _SILENT
    status = answer.finding_statuses.get(finding, answer.status)
    marks = marks_of(answer, finding)
    scores = [mark.score for mark in marks if mark.score is not None]
    if not all(map(math.isfinite, scores)):
        return Outcome(status="failed", reason=NOT_FINITE)
    highest, is_whole = max(scores, default=None), len(scores) == len(marks)
    if status != "answered":
        return Outcome(status=status, score=highest if is_whole else None, reason=answer.reason)
    if not marks:
        return silent if answer.marks is None else no_marks
    if is_whole:
        return _called(FindingAnswer(score=highest), operating_point, answer.reason)
    return Outcome(status="answered", call=True, score=highest, unranked=frozenset({"failed"}))


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
