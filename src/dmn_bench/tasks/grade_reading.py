"""What an answer says of one graded finding, as a position on the scale that is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..vocabulary import Status
from .combining import NO_OUTPUT

if TYPE_CHECKING:
    from ..vocabulary import Answer, GradeAnswer
    from .grade_cuts import Positions

NO_GRADE = "no grade for the finding"
GRADE_UNKNOWN = "grade not on the scale"


class Graded(NamedTuple):
    """What was said of one case or unit; ``position`` and ``score`` None where no grade was given.

    Of an answered unit ``silent`` are the states of its other cases, ``unranked`` of those without a score.
    """

    status: Status
    position: int | None
    score: float | None
    reason: str
    silent: frozenset[Status] = frozenset()
    unranked: frozenset[Status] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeReader:
    """Reads the grade of a finding. ``stated``: the grades that the device gives, and where they stand."""

    finding: str
    stated: Positions

    def of_case(self, answer: Answer | None) -> Graded:
        """The grade of one case; an answered case without one, or with one that is not on the scale, has failed."""
        if answer is None:
            return Graded("failed", None, None, NO_OUTPUT)
        status = answer.finding_statuses.get(self.finding, answer.status)
        said = answer.grades.get(self.finding)
        if said is None or (said.grade is None and said.scores is None):
            if status == "answered":
                return Graded("failed", None, None, NO_GRADE)
            return Graded(status, None, None, answer.reason)
        position, score = self._read(said)
        if position is None:
            return Graded("failed", None, None, GRADE_UNKNOWN)
        return Graded(status, position, score, "" if status == "answered" else answer.reason)

    def _read(self, said: GradeAnswer) -> tuple[int | None, float | None]:
        """Position and score; the position None where the grade, or the scores alone, do not fit the scale.

        Scores without a grade give the grade of the highest, the more severe of a tie.
        """
        mean, likeliest = _of_scores(said.scores, self.stated.positions)
        position = likeliest if said.grade is None else self.stated.of(said.grade)
        return position, float(position) if mean is None and position is not None else mean


def _of_scores(scores: tuple[float, ...] | None, positions: Sequence[int]) -> tuple[float | None, int | None]:
    """(mean position, position of the highest score); None twice unless there is one usable score per grade.

    Where several grades of the device stand at one position, their scores add up there.
    """
    if scores is None or len(scores) != len(positions) or not all(math.isfinite(s) and s >= 0 for s in scores):
        return None, None
    if not any(scores):
        return None, None
    shares = [score / max(scores) for score in scores]  # a sum of the largest floats would overflow
    mean = sum(position * share for position, share in zip(positions, shares, strict=True)) / sum(shares)
    together: dict[int, float] = {}
    for position, score in zip(positions, scores, strict=True):
        together[position] = together.get(position, 0.0) + score
    return mean, max(together, key=lambda position: (together[position], position))
