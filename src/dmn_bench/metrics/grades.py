"""How often the grade itself is right, by grade and near enough, and how many grades it is off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .shares import Share, ratio, share_columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals

_TASKS = ("grading",)


def _within(judgements: Judgements, most: int) -> FloatArray:
    """[n] 1 where the device's own grade counts and is at most so many grades away; a non-answer never is."""
    columns = judgements.columns
    own = columns["own_grade"]
    is_own = (own >= 0) & (own == columns["answer_grade"])
    return np.asarray(is_own & (np.abs(own - columns["reference_grade"]) <= most), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class GradeSensitivity(Share):
    """Share of the units of one reference grade that the device gives that very grade."""

    name: ClassVar[str] = "grade_sensitivity"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    grade: int  # as it is written on the scale of the endpoint

    def columns(self, judgements: Judgements) -> Columns:
        """Units given the grade over units of the grade."""
        of_grade = np.asarray(judgements.columns["reference_value"] == self.grade, dtype=np.float64)
        return share_columns(of_grade * _within(judgements, 0), of_grade)


@dataclass(frozen=True, kw_only=True)
class ExactAgreement(Share):
    """Share of units given their reference grade: what kappa corrects for chance, and should be read beside it."""

    name: ClassVar[str] = "exact_agreement"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """Units given their grade over units."""
        return share_columns(_within(judgements, 0), np.ones(len(judgements.row_units)))


@dataclass(frozen=True, kw_only=True)
class WithinOneGrade(Share):
    """Share of units given their reference grade or one of its neighbours on the scale."""

    name: ClassVar[str] = "within_one_grade"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """Units at most one grade off over units."""
        return share_columns(_within(judgements, 1), np.ones(len(judgements.row_units)))


@dataclass(frozen=True, kw_only=True)
class MeanGradeError:
    """Mean distance of the grade that counts from the reference, in steps of the scale, in either direction.

    A non-answer counted as wrong is as far off as the scale allows. The patient bootstrap gives the interval.
    """

    name: ClassVar[str] = "mean_grade_error"
    tasks: ClassVar[tuple[str, ...]] = _TASKS
    scale: ClassVar[Scale] = "count"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """Steps between the two grades, and units."""
        columns = judgements.columns
        steps = np.abs(columns["answer_grade"] - columns["reference_grade"])
        return Columns(sums={"steps": steps, "units": np.ones(len(judgements.row_units))}, own_n=("units",))

    def value(self, totals: Totals) -> FloatArray:
        """Steps a unit for each weighting, NaN without units."""
        return ratio(totals.sums["steps"], totals.sums["units"])


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [GradeSensitivity, ExactAgreement, WithinOneGrade, MeanGradeError]
