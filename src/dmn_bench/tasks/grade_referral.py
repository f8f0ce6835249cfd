"""Whether to refer, by the grades of several findings together: retinopathy from one cut on, oedema from another.

Columns of its judgements: those of ``tasks.binary``, without scores: grades of different findings have no common order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

from ..errors import Problem, ProtocolError
from ..hookspecs import JudgingContext, Task, hookimpl
from .binary import Outcome, binary_errors, binary_judgements, confusion_table
from .classification import combined_outcome
from .combining import NOT_COUNTED_REFERENCES, check_references, reference_of, unit_table
from .grade_cuts import cut_of, grades_of, positions_on
from .grade_reading import GradeReader

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, ErrorRow, Judgements, Table, Unit

_DISEASED = {"positive": True, "negative": False}
NOT_KNOWN = ("indeterminate", "unverified", "missing")  # the first that is met is what is said of a unit


@dataclass(frozen=True, kw_only=True)
class Referral:
    """Positive as soon as the grade of one finding reaches its own cut, negative when every grade stays below it.

    So of both sides. A unit whose stated grades all stay below their cuts and of which one is not stated has no
    reference. A unit of which the device calls none positive and leaves one unanswered takes the worst non-answer of
    its cases and findings, as a case of several views does.
    """

    name: ClassVar[str] = "referral"

    positive_when: Mapping[str, str]  # finding -> ">= 2" or "> 1"
    scales: Mapping[str, str | tuple[int, ...]]  # finding -> one of tasks.scales, or grades of one's own, mildest first
    combine: Literal["worst", "highest", "any"] = "worst"  # three names of one rule: one positive case is enough

    def __post_init__(self) -> None:
        """Raises ProtocolError without a finding, for a finding without a scale, or for a cut that cannot be read."""
        if not self.positive_when:
            raise ProtocolError(Problem(key="tasks.nothing_to_grade"))
        if set(self.scales) != set(self.positive_when):
            facts = {"expected": ", ".join(self.positive_when), "found": ", ".join(self.scales) or "—"}
            raise ProtocolError(Problem(key="tasks.scales_of_findings", facts=facts))
        for finding, cut in self.positive_when.items():
            cut_of(cut, self._grades(finding))

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings whose grades are judged."""
        return tuple(self.positive_when)

    @property
    def answered_grades(self) -> Mapping[str, tuple[int, ...]]:
        """The grades that a device states of each finding, mildest first."""
        return {reader.finding: reader.stated.grades for reader in self._readers}

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit with a reference of yes or no that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is no grade of its finding's scale.
        """
        outcomes = [combined_outcome(self._said(unit, answers)) for unit in units]
        table = unit_table(
            units, context.patients, [outcome.status for outcome in outcomes], [outcome.reason for outcome in outcomes]
        )
        table = dataclasses.replace(table, references=self._references(units, context))
        diseased = [_DISEASED.get(reference) for reference in table.references]
        return binary_judgements(self.name, outcomes, diseased, table, context.analysis)

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """The 2 × k table of reference against what the device said, whatever the analysis makes of it."""
        return [confusion_table(judgements, tuple(_DISEASED), tuple(_DISEASED.values()))]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None: grades of several findings have no common order."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """False negatives, false positives and the device's non-answers, in the order of the units."""
        return binary_errors(judgements)

    def _grades(self, finding: str) -> tuple[int, ...]:
        scale = self.scales[finding]
        return grades_of(scale, None) if isinstance(scale, str) else grades_of(None, scale)

    @cached_property
    def _cuts(self) -> Mapping[str, int]:
        return {finding: cut_of(cut, self._grades(finding)) for finding, cut in self.positive_when.items()}

    @cached_property
    def _readers(self) -> tuple[GradeReader, ...]:
        return tuple(
            GradeReader(finding=finding, stated=positions_on(self._grades(finding), None, None))
            for finding in self.positive_when
        )

    def _said(self, unit: Unit, answers: Mapping[str, Answer]) -> list[Outcome]:
        """What was said of each finding of each case."""
        found = []
        for case in unit.cases:
            for reader in self._readers:
                said = reader.of_case(answers.get(case.case_id))
                call = None if said.position is None else said.position >= self._cuts[reader.finding]
                found.append(Outcome(status=said.status, call=call, reason=said.reason))
        return found

    def _references(self, units: Sequence[Unit], context: JudgingContext) -> tuple[str, ...]:
        """Of each unit: positive, negative, or why it has no reference."""
        if context.references is None:
            raise ProtocolError(Problem(key="tasks.no_references"))
        stated: dict[str, list[str]] = {}  # finding -> of each unit
        for finding in self.positive_when:
            of_units = context.references(finding)
            here = [dataclasses.replace(unit, reference=of_units.get(unit.unit_id)) for unit in units]
            check_references(here, tuple(str(grade) for grade in self._grades(finding)))
            stated[finding] = [reference_of(unit) for unit in here]
        return tuple(
            self._together({finding: values[index] for finding, values in stated.items()})
            for index in range(len(units))
        )

    def _together(self, stated: Mapping[str, str]) -> str:
        """The reference of one unit from what is stated of each finding."""
        known = {finding: int(word) for finding, word in stated.items() if word not in NOT_COUNTED_REFERENCES}
        if any(self._grades(finding).index(grade) >= self._cuts[finding] for finding, grade in known.items()):
            return "positive"
        unknown = set(stated.values()) & set(NOT_COUNTED_REFERENCES)
        return next((word for word in NOT_KNOWN if word in unknown), "negative")


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Referral]
