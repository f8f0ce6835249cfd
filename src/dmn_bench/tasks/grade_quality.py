"""Whether a picture can be graded at all: the reference says so, the device by declining or by a finding of its own.

Columns of its judgements: those of ``tasks.binary``; positive means that it cannot be graded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Status
from .binary import Outcome, binary_errors, binary_judgements, confusion_table, roc_curves
from .classification import case_outcome, combined_outcome
from .combining import NO_OUTPUT, check_references, unit_table
from .grade_reading import NO_GRADE

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, ErrorRow, Judgements, OperatingPoint, Table, Unit

_DISEASED = {"positive": True, "negative": False}
Declined = Literal["indeterminate", "abstained", "rejected_input"]


@dataclass(frozen=True, kw_only=True)
class Ungradable:
    """What the device does with pictures that the reference calls ungradable, and with those that it calls gradable.

    A device that says something of ``finding`` itself is taken at its word. Otherwise one of the states ``said_by``
    says that the case cannot be graded, and a result for ``graded`` that it can: each of the two is an answer to this
    question. Any other state is a non-answer, so that a crash on a bad picture is no right call. A unit is ungradable
    as soon as one of its cases is, on both sides.
    """

    name: ClassVar[str] = "ungradable"

    finding: str  # of the reference set: positive where the picture cannot be graded
    graded: str  # the finding whose grade or label the device gives, or declines to give
    said_by: tuple[Declined, ...] = ("abstained",)  # the states by which the device says that it cannot grade
    combine: Literal["any", "highest", "worst"] = "any"  # three names of one rule, for a yes-or-no finding

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit with a positive or negative reference that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is none of the words for this task.
        """
        check_references(units, tuple(_DISEASED))
        outcomes = [
            combined_outcome([self._of_case(answers.get(case.case_id), context.operating_point) for case in unit.cases])
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
        """The ROC curve, when the device scores its doubt and both classes are there."""
        return roc_curves(judgements)

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Ungradable pictures that were graded, gradable ones that were not, and non-answers, in unit order."""
        return binary_errors(judgements)

    def _of_case(self, answer: Answer | None, operating_point: OperatingPoint | None) -> Outcome:
        if answer is None:
            return Outcome(status="failed", reason=NO_OUTPUT)
        status: Status = answer.finding_statuses.get(self.graded, answer.status)
        has_said = status == "answered" or status in self.said_by
        if has_said and self.finding in answer.findings:
            told = dataclasses.replace(answer, status="answered", finding_statuses={})
            return case_outcome(told, self.finding, operating_point)
        if status == "answered":
            is_given = self.graded in answer.grades or self.graded in answer.findings
            return Outcome(status="answered", call=False) if is_given else Outcome(status="failed", reason=NO_GRADE)
        if status in self.said_by:
            return Outcome(status="answered", call=True, reason=answer.reason)
        return Outcome(status=status, reason=answer.reason)


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Ungradable]
