"""Sums over the statements of a record: macro averages (each statement equal), micro averages (each answer equal).

A macro average is the mean over the statements for which the measure is defined; the others are left out, and the table
``macro_classes`` says how many. It says nothing of a rare statement, whose own figure stands in the stratum
``statement``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Interval, NotEstimable, Scale
from .classification import F1, PositivePredictiveValue, Sensitivity, Specificity, called
from .ranking import ranked_columns
from .shares import Share

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Judgements, Totals

TASKS = ("statements",)


@dataclass(frozen=True, kw_only=True)
class MicroSensitivity(Sensitivity):
    """Share of all true statements, of whatever kind, that were called positive."""

    name: ClassVar[str] = "micro_sensitivity"
    tasks: ClassVar[tuple[str, ...]] = TASKS
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class MicroSpecificity(Specificity):
    """Share of all false statements, of whatever kind, that were called negative."""

    name: ClassVar[str] = "micro_specificity"
    tasks: ClassVar[tuple[str, ...]] = TASKS
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class MicroPositivePredictiveValue(PositivePredictiveValue):
    """Share of true ones among all statements called positive, of whatever kind."""

    name: ClassVar[str] = "micro_ppv"
    tasks: ClassVar[tuple[str, ...]] = TASKS
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class MicroF1(F1):
    """F1 of all statements together, of whatever kind."""

    name: ClassVar[str] = "micro_f1"
    tasks: ClassVar[tuple[str, ...]] = TASKS
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class ExactMatch(Share):
    """Share of records of which every statement was called right; what the challenges call accuracy."""

    name: ClassVar[str] = "exact_match"
    tasks: ClassVar[tuple[str, ...]] = TASKS
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True

    def columns(self, judgements: Judgements) -> Columns:
        """Records without a wrong call over records, on the first row of each record."""
        counts, diseased, positive = called(judgements)
        wrong = counts * (diseased != positive)
        n_wrong = np.bincount(judgements.row_units, weights=wrong, minlength=len(judgements.units.unit_ids))
        first = first_rows(judgements, counts)
        right = first * (n_wrong[judgements.row_units] == 0)
        return Columns(sums={"numerator": right, "denominator": first, "records": first})


class MacroRatio:
    """The mean over statements of a ratio of counts; ``_parts`` gives numerator, denominator and the own n."""

    tasks: ClassVar[tuple[str, ...]] = TASKS
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    pools_questions: ClassVar[bool] = True
    needs_calls: ClassVar[bool] = True

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        raise NotImplementedError

    def columns(self, judgements: Judgements) -> Columns:
        """Both sides of the ratio by statement, which takes the place of a score; what counts as own n."""
        above, below, own = self._parts(judgements)
        ranked = {"above": above, "below": below}
        return Columns(
            sums={**ranked, "counted": own}, ranked=ranked, scores=judgements.columns["statement"], own_n=("counted",)
        )

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no statement has a denominator."""
        from ..statistics.macro_area import macro_ratio

        return macro_ratio(totals.ranked["above"], totals.ranked["below"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Wilson limits of the mean, linearised by patient (``statistics.macro_area``)."""
        from ..statistics.macro_area import macro_interval, macro_ratio_estimate

        if columns.scores is None:
            return NotEstimable(reason="no_scores")
        found = macro_ratio_estimate(
            columns.sums["above"], columns.sums["below"], columns.scores.astype(np.int64), patients
        )
        return found if isinstance(found, NotEstimable) else macro_interval(found, confidence)


@dataclass(frozen=True, kw_only=True)
class MacroSensitivity(MacroRatio):
    """Mean over statements of the sensitivity; statements that no record has are left out."""

    name: ClassVar[str] = "macro_sensitivity"

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        _, diseased, positive = called(judgements)
        return diseased * positive, diseased, diseased


@dataclass(frozen=True, kw_only=True)
class MacroSpecificity(MacroRatio):
    """Mean over statements of the specificity; statements that every record has are left out."""

    name: ClassVar[str] = "macro_specificity"

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        counts, diseased, positive = called(judgements)
        healthy = counts - diseased
        return healthy * (1 - positive), healthy, healthy


@dataclass(frozen=True, kw_only=True)
class MacroF1(MacroRatio):
    """Mean over statements of F1; left out are those that no record has and that were never called."""

    name: ClassVar[str] = "macro_f1"

    def _parts(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
        _, diseased, positive = called(judgements)
        return 2 * diseased * positive, diseased + positive, diseased


class _MacroRanked:
    """The mean over statements of a measure of ranking: scores are compared within a statement only."""

    tasks: ClassVar[tuple[str, ...]] = TASKS
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    pools_questions: ClassVar[bool] = True

    def columns(self, judgements: Judgements) -> Columns:
        """Rows with and without their statement at each score, the statements one after the other on one axis."""
        from ..statistics.macro_area import disjoint_scores

        found = ranked_columns(judgements)
        scores = np.zeros(0) if found.scores is None else found.scores
        return replace(found, scores=disjoint_scores(scores, judgements.columns["statement"].astype(np.int64)))


@dataclass(frozen=True, kw_only=True)
class MacroRocArea(_MacroRanked):
    """Mean over statements of the area under the ROC curve; left out are those that none or all records have."""

    name: ClassVar[str] = "macro_auc"

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no statement has both kinds of records."""
        from ..statistics.macro_area import macro_area

        if totals.scores is None:
            return np.full(len(totals.sums["diseased"]), np.nan)
        return macro_area(totals.ranked["diseased"], totals.ranked["healthy"], totals.scores)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Wilson limits of the mean, structural components added up by patient (``statistics.macro_area``)."""
        from ..statistics.macro_area import macro_area_estimate, macro_interval

        rows = np.flatnonzero((columns.sums["diseased"] + columns.sums["healthy"]) > 0)
        if columns.scores is None or not len(rows):
            return NotEstimable(reason="no_scores")
        scores = columns.scores[rows]
        classes = np.floor(scores).astype(np.int64)
        found = macro_area_estimate(scores, columns.sums["diseased"][rows] > 0, classes, patients[rows])
        return found if isinstance(found, NotEstimable) else macro_interval(found, confidence)


@dataclass(frozen=True, kw_only=True)
class MacroAveragePrecision(_MacroRanked):
    """Mean over statements of the average precision; statements that no record has are left out.

    Depends on how common each statement is.
    """

    name: ClassVar[str] = "macro_average_precision"

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no record has a statement."""
        from ..statistics.macro_area import macro_average_precision

        if totals.scores is None:
            return np.full(len(totals.sums["diseased"]), np.nan)
        return macro_average_precision(totals.ranked["diseased"], totals.ranked["healthy"], totals.scores)


def first_rows(judgements: Judgements, counted: FloatArray) -> FloatArray:
    """[n] 1 on the first of the rows of each unit that count, else 0: where a figure of the whole record stands."""
    rows = np.flatnonzero(counted)
    _, first = np.unique(judgements.row_units[rows], return_index=True)
    found = np.zeros(len(judgements.row_units), dtype=np.float64)
    found[rows[first]] = 1.0
    return found


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        MicroSensitivity,
        MicroSpecificity,
        MicroPositivePredictiveValue,
        MicroF1,
        ExactMatch,
        MacroSensitivity,
        MacroSpecificity,
        MacroF1,
        MacroRocArea,
        MacroAveragePrecision,
    ]
