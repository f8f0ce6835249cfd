"""Ordinal grades, and the yes-or-no call that a cut of the scale makes of them.

Columns of its judgements: those of ``tasks.binary`` for the call, and

``reference_grade``  position in the scale, from 0
``answer_grade``     likewise; a non-answer counts as the grade farthest from the reference (among those of its side of
                     the cut, where the analysis reads it as a call), and so does a unit answered in spite of a view
                     that is charged as wrong: see ``Grading``
``own_grade``        the grade that the device itself gave the unit, −1 where it gave none
``n_grades``         length of the scale, in every row
``reference_value``  the reference as it is written on the scale that is judged: 35 for the ETDRS level 35
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import ErrorPlace, ErrorRow, Judgements, Status, Table
from .binary import (
    Outcome,
    binary_errors,
    binary_judgements,
    confusion_table,
    roc_curves,
    score_of_answered,
    unanswered,
)
from .combining import NO_CASES, WORST_LAST, check_references, unit_table, worst
from .grade_cuts import cut_of, grades_of, positions_on
from .grade_places import UNANSWERED, grade_places
from .grade_reading import Graded, GradeReader

if TYPE_CHECKING:
    from ..vocabulary import Analysis, Answer, Curve, Unit


@dataclass(frozen=True, kw_only=True)
class Grading:
    """Grades on an ordinal scale, called positive from a cut on: the referable ones.

    A unit has the highest grade of its cases: it is answered when the answered ones already make it positive, else it
    takes the worst non-answer of its cases. For ranking, a unit's score is the mean grade that its scores per grade
    give (Σ position × score / Σ score), or its grade where it has none.

    Counted as wrong, a case without an answer takes its unit's grade along, even where the others make the unit
    positive. Of two grades equally far the one on the other side of the set's mean reference counts. Not so the
    grades still possible, from the unit's own upwards: kappa divides by the disagreement that chance gives, and a
    grade a little too high can add more to that than to the disagreement seen, so that a lost answer would raise it.
    With the farthest of all, no lost answer raises a quadratic kappa of at least ½ on a scale of three or five grades.
    """

    name: ClassVar[str] = "grading"

    finding: str  # name of the finding in the reference set
    positive_when: str  # ">= 2" or "> 1": which grades are called positive
    scale: str | None = None  # one of tasks.scales
    grades: tuple[int, ...] | None = None  # or a scale of one's own: whole numbers, mildest first
    reference_scale: str | None = None  # that of the grades in truth.csv, where a map leads from it to ``scale``
    answer_scale: str | None = None  # likewise that of the device
    combine: Literal["worst", "highest", "any"] = "worst"  # three names of one rule: the highest grade counts

    def __post_init__(self) -> None:
        """Raises ProtocolError for no or an unknown scale, a cut that leaves no grade on one side, or a missing map."""
        grades = grades_of(self.scale, self.grades)
        cut_of(self.positive_when, grades)
        for stated_on in (self.reference_scale, self.answer_scale):
            positions_on(grades, self.scale, stated_on)

    @cached_property
    def _grades(self) -> tuple[int, ...]:
        return grades_of(self.scale, self.grades)

    @cached_property
    def _cut(self) -> int:
        """Position of the lowest positive grade."""
        return cut_of(self.positive_when, self._grades)

    @cached_property
    def _reader(self) -> GradeReader:
        return GradeReader(finding=self.finding, stated=positions_on(self._grades, self.scale, self.answer_scale))

    @property
    def known_grades(self) -> tuple[int, ...]:
        """The scale that is judged, mildest first."""
        return self._grades

    @property
    def answered_grades(self) -> Mapping[str, tuple[int, ...]]:
        """The grades that a device states of the finding, mildest first."""
        return {self.finding: self._reader.stated.grades}

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit whose reference is a grade and that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is no grade of the scale.
        """
        stated = positions_on(self._grades, self.scale, self.reference_scale)
        positions = {str(grade): position for grade, position in zip(stated.grades, stated.positions, strict=True)}
        check_references(units, tuple(positions))
        graded = [
            self._combined([self._reader.of_case(answers.get(case.case_id)) for case in unit.cases]) for unit in units
        ]
        table = unit_table(units, context.patients, [said.status for said in graded], [said.reason for said in graded])
        references = [positions.get(reference) for reference in table.references]
        table = dataclasses.replace(table, references=self._in_own_grades(table.references, references))
        known = [reference for reference in references if reference is not None]
        mean = sum(known) / max(len(known), 1)
        answered = [
            math.nan if reference is None else float(self._counted(said, reference, mean, context.analysis))
            for said, reference in zip(graded, references, strict=True)
        ]
        more = {
            "reference_grade": np.array([math.nan if p is None else float(p) for p in references]),
            "answer_grade": np.array(answered),
            "own_grade": np.array([-1.0 if said.position is None else float(said.position) for said in graded]),
            "n_grades": np.full(len(units), float(len(self._grades))),
            "reference_value": np.array([math.nan if p is None else float(self._grades[p]) for p in references]),
        }
        return binary_judgements(
            self.name,
            [self._outcome(said) for said in graded],
            [None if reference is None else reference >= self._cut for reference in references],
            table,
            context.analysis,
            more,
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Reference grades by what the device said, and the same after the cut."""
        names = tuple(str(grade) for grade in self._grades)
        columns = (*names, *WORST_LAST[1:])
        counts = np.zeros((len(names), len(columns)))
        said = dict(zip(judgements.row_units.tolist(), judgements.columns["own_grade"].tolist(), strict=True))
        for index, status in enumerate(judgements.units.statuses):
            reference = judgements.units.references[index]
            if reference in names:
                column = int(said[index]) if status == "answered" else columns.index(status)
                counts[names.index(reference), column] += 1
        grades = Table(name="grades", rows=names, columns=columns, counts=tuple(tuple(row) for row in counts.tolist()))
        positive = tuple(position >= self._cut for position in range(len(names)))
        return [grades, confusion_table(judgements, names, positive)]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """The ROC curve of the cut, when both classes are there."""
        return roc_curves(judgements)

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Wrong calls, other wrong grades ("grade_off_by_1" …) and the device's non-answers, in unit order."""
        units, columns = judgements.units, judgements.columns
        kinds = {error.unit_id: error.kind for error in binary_errors(judgements)}
        errors = dict(unanswered(units))
        for row, index in enumerate(judgements.row_units.tolist()):
            own = int(columns["own_grade"][row])
            off = abs(own - int(columns["reference_grade"][row]))
            if not off or not columns["own_call"][row]:
                continue
            errors[index] = ErrorRow(
                unit_id=units.unit_ids[index],
                kind=kinds.get(units.unit_ids[index], f"grade_off_by_{off}"),
                reference=units.references[index],
                answer=str(self._grades[own]),
                score=float(columns["score"][row]) if columns["own_score"][row] else None,
            )
        return [errors[index] for index in sorted(errors)]

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """The whole pictures of the answered units whose grade is wrong, those farthest off first among their kind."""
        judgements = self.judge(units, answers, context)
        kinds = {error.unit_id: error for error in self.errors(judgements)}
        found: list[ErrorPlace] = []
        for row, index in enumerate(judgements.row_units.tolist()):
            error = kinds.get(units[index].unit_id)
            if error is None or error.kind == UNANSWERED:
                continue
            reference = int(judgements.columns["reference_grade"][row])
            said = {case.case_id: self._reader.of_case(answers.get(case.case_id)) for case in units[index].cases}
            positions = {
                case_id: graded.position
                for case_id, graded in said.items()
                if graded.status == "answered" and graded.position is not None
            }
            found += grade_places(units[index], error, reference, positions)
        return found

    def _in_own_grades(self, stated: Sequence[str], positions: Sequence[int | None]) -> tuple[str, ...]:
        """The references as grades of the scale that is judged; what is no grade stays as it is."""
        pairs = zip(stated, positions, strict=True)
        return tuple(word if position is None else str(self._grades[position]) for word, position in pairs)

    def _combined(self, cases: Sequence[Graded]) -> Graded:
        if not cases:
            return Graded("unreadable", None, None, NO_CASES)
        answered = [case for case in cases if case.status == "answered"]
        highest = max((case.position for case in answered if case.position is not None), default=-1)
        is_positive = highest >= self._cut
        status: Status = "answered" if is_positive else worst(case.status for case in cases)
        if status == "answered":
            score, unranked = score_of_answered([self._outcome(case) for case in cases])
            silent = frozenset(case.status for case in cases if case.status != "answered")
            return Graded(status, highest, score, "", silent, unranked)
        scores = [case.score for case in cases if case.score is not None]
        reason = next(case.reason for case in cases if case.status == status)
        return Graded(status, None, max(scores) if len(scores) == len(cases) else None, reason)

    def _outcome(self, said: Graded) -> Outcome:
        call = None if said.position is None else said.position >= self._cut
        return Outcome(status=said.status, call=call, score=said.score, reason=said.reason, unranked=said.unranked)

    def _counted(self, said: Graded, reference: int, mean: float, analysis: Analysis) -> int:
        """The position that counts for agreement: the unit's own, or the farthest that its treatment allows.

        ``mean``: of the references of the set.
        """
        is_charged = any(analysis.treatment[status] == "wrong" for status in said.silent)
        if said.position is not None and not is_charged:
            return said.position
        treatment = "wrong" if is_charged else analysis.treatment[said.status]
        lowest = self._cut if treatment == "positive" else 0
        highest = self._cut - 1 if treatment == "negative" else len(self._grades) - 1
        if reference - lowest == highest - reference:
            return lowest if reference >= mean else highest
        return lowest if reference - lowest > highest - reference else highest


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Grading]
