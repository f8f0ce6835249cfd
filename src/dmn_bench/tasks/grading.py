"""Ordinal grades, and the yes-or-no call that a cut of the scale makes of them.

Columns of its judgements: those of ``tasks.binary`` for the call, and

``reference_grade``  position in the scale, from 0
``answer_grade``     likewise; a non-answer counts as the grade farthest from the reference (among those of its side of
                     the cut, where the analysis reads it as a call), and so does a unit answered in spite of a view
                     that is charged as wrong: see ``Grading``
``own_grade``        the grade that the device itself gave the unit, −1 where it gave none
``n_grades``         length of the scale, in every row
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import ErrorRow, Judgements, Status, Table
from .binary import (
    Outcome,
    binary_errors,
    binary_judgements,
    confusion_table,
    roc_curves,
    score_of_answered,
    unanswered,
)
from .combining import NO_CASES, NO_OUTPUT, WORST_LAST, check_references, unit_table, worst
from .scales import SCALES

if TYPE_CHECKING:
    from ..vocabulary import Analysis, Answer, Curve, GradeAnswer, Unit

NO_GRADE = "no grade for the finding"
GRADE_UNKNOWN = "grade not on the scale"
_CUT = re.compile(r"\s*(>=|>)\s*(-?\d+)\s*")


class _Graded(NamedTuple):
    """What was said of one case or unit; ``position`` and ``score`` None where no grade was given.

    Of an answered unit ``silent`` are the states of its other cases, ``unranked`` of those without a score.
    """

    status: Status
    position: int | None
    score: float | None
    reason: str
    silent: frozenset[Status] = frozenset()
    unranked: frozenset[Status] = frozenset()


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
    scale: str  # one of tasks.scales
    positive_when: str  # ">= 2" or "> 1": which grades are called positive
    combine: Literal["worst", "highest", "any"] = "worst"  # three names of one rule: the highest grade counts

    def __post_init__(self) -> None:
        """Raises ProtocolError for an unknown scale, or a cut that is unreadable or leaves no grade on one side."""
        grades = SCALES.get(self.scale)
        if grades is None:
            known = ", ".join(SCALES)
            raise ProtocolError(Problem(key="tasks.scale_unknown", facts={"found": self.scale, "known": known}))
        problem = Problem(
            key="tasks.cut_unreadable",
            facts={"found": self.positive_when, "grades": ", ".join(str(grade) for grade in grades)},
        )
        collect([] if _CUT.fullmatch(self.positive_when) and 0 < self._cut < len(grades) else [problem], ProtocolError)

    @property
    def _grades(self) -> tuple[int, ...]:
        return SCALES[self.scale]

    @property
    def _cut(self) -> int:
        """Position of the lowest positive grade; 0 when the cut cannot be read."""
        found = _CUT.fullmatch(self.positive_when)
        if found is None:
            return 0
        lowest = int(found[2]) + (found[1] == ">")
        return sum(grade < lowest for grade in self._grades)

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each unit whose reference is a grade and that the analysis does not set apart.

        Raises ReferenceSetError naming every unit whose reference is no grade of the scale.
        """
        positions = {str(grade): position for position, grade in enumerate(self._grades)}
        check_references(units, tuple(positions))
        graded = [self._combined([self._of_case(answers.get(case.case_id)) for case in unit.cases]) for unit in units]
        table = unit_table(units, context.patients, [said.status for said in graded], [said.reason for said in graded])
        references = [positions.get(reference) for reference in table.references]
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

    def _of_case(self, answer: Answer | None) -> _Graded:
        if answer is None:
            return _Graded("failed", None, None, NO_OUTPUT)
        status = answer.finding_statuses.get(self.finding, answer.status)
        said = answer.grades.get(self.finding)
        if said is None or (said.grade is None and said.scores is None):
            if status == "answered":
                return _Graded("failed", None, None, NO_GRADE)
            return _Graded(status, None, None, answer.reason)
        position, score = self._read(said)
        if position is None:
            return _Graded("failed", None, None, GRADE_UNKNOWN)
        return _Graded(status, position, score, "" if status == "answered" else answer.reason)

    def _read(self, said: GradeAnswer) -> tuple[int | None, float | None]:
        """Position and score; the position None where the grade, or the scores alone, do not fit the scale.

        Scores without a grade give the grade of the highest, the more severe of a tie.
        """
        mean, likeliest = _of_scores(said.scores, len(self._grades))
        if said.grade is not None:
            position = self._grades.index(said.grade) if said.grade in self._grades else None
        else:
            position = likeliest
        return position, float(position) if mean is None and position is not None else mean

    def _combined(self, cases: Sequence[_Graded]) -> _Graded:
        if not cases:
            return _Graded("unreadable", None, None, NO_CASES)
        answered = [case for case in cases if case.status == "answered"]
        highest = max((case.position for case in answered if case.position is not None), default=-1)
        is_positive = highest >= self._cut
        status: Status = "answered" if is_positive else worst(case.status for case in cases)
        if status == "answered":
            score, unranked = score_of_answered([self._outcome(case) for case in cases])
            silent = frozenset(case.status for case in cases if case.status != "answered")
            return _Graded(status, highest, score, "", silent, unranked)
        scores = [case.score for case in cases if case.score is not None]
        reason = next(case.reason for case in cases if case.status == status)
        return _Graded(status, None, max(scores) if len(scores) == len(cases) else None, reason)

    def _outcome(self, said: _Graded) -> Outcome:
        call = None if said.position is None else said.position >= self._cut
        return Outcome(status=said.status, call=call, score=said.score, reason=said.reason, unranked=said.unranked)

    def _counted(self, said: _Graded, reference: int, mean: float, analysis: Analysis) -> int:
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


def _of_scores(scores: tuple[float, ...] | None, n_grades: int) -> tuple[float | None, int | None]:
    """(mean position, position of the highest score); None twice unless there is one usable score per grade."""
    if scores is None or len(scores) != n_grades or not all(math.isfinite(s) and s >= 0 for s in scores):
        return None, None
    if not any(scores):
        return None, None
    shares = [score / max(scores) for score in scores]  # a sum of the largest floats would overflow
    mean = sum(position * share for position, share in enumerate(shares)) / sum(shares)
    return mean, max(range(n_grades), key=lambda position: (scores[position], position))


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Grading]
