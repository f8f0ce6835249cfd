"""Right calls, likelihood ratios and predictive values of a yes-or-no finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Interval, NotEstimable
from .shares import Share, ratio, share_columns

if TYPE_CHECKING:
    from ..statistics.predictive import TwoClassCounts
    from ..vocabulary import FloatArray, IntArray, Judgements, Scale, Totals

_TASKS = ("classification", "grading", "referral", "ungradable", "statements")


def called(judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(takes part, diseased, called positive), [n] each of 0 and 1; the last two are 0 where the row takes no part."""
    columns = judgements.columns
    counts = columns["has_call"]
    return counts, columns["reference"] * counts, columns["call"] * counts


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Share):
    """Share of diseased units called positive."""

    name: ClassVar[str] = "sensitivity"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """True positives over diseased units."""
        _, diseased, positive = called(judgements)
        return share_columns(diseased * positive, diseased)


@dataclass(frozen=True, kw_only=True)
class Specificity(Share):
    """Share of healthy units called negative."""

    name: ClassVar[str] = "specificity"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """True negatives over healthy units."""
        counts, diseased, positive = called(judgements)
        return share_columns((counts - diseased) * (counts - positive), counts - diseased)


@dataclass(frozen=True, kw_only=True)
class PositivePredictiveValue(Share):
    """Share of diseased among units called positive, as observed: means nothing on a set with chosen prevalence."""

    name: ClassVar[str] = "ppv"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """True positives over positive calls."""
        _, diseased, positive = called(judgements)
        return share_columns(diseased * positive, positive)


@dataclass(frozen=True, kw_only=True)
class NegativePredictiveValue(Share):
    """Share of healthy among units called negative, as observed: means nothing on a set with chosen prevalence."""

    name: ClassVar[str] = "npv"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """True negatives over negative calls."""
        counts, diseased, positive = called(judgements)
        return share_columns((counts - diseased) * (counts - positive), counts - positive)


@dataclass(frozen=True, kw_only=True)
class Accuracy(Share):
    """Share of right calls; depends on the prevalence of the set, so never a headline."""

    name: ClassVar[str] = "accuracy"
    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """Right calls over units."""
        counts, diseased, positive = called(judgements)
        right = diseased * positive + (counts - diseased) * (counts - positive)
        return share_columns(right, counts)


@dataclass(frozen=True, kw_only=True)
class F1:
    """Harmonic mean of sensitivity and predictive value, 2TP / (2TP + FP + FN); depends on prevalence."""

    name: ClassVar[str] = "f1"
    tasks: ClassVar[tuple[str, ...]] = _TASKS
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def columns(self, judgements: Judgements) -> Columns:
        """True positives, diseased units (its own n) and positive calls."""
        _, diseased, positive = called(judgements)
        return Columns(
            sums={"true_positive": diseased * positive, "diseased": diseased, "called": positive}, own_n=("diseased",)
        )

    def value(self, totals: Totals) -> FloatArray:
        """F1 for each weighting, NaN where there is neither disease nor a positive call."""
        sums = totals.sums
        return ratio(2 * sums["true_positive"], sums["diseased"] + sums["called"])


_SUMS = ("true_positive", "diseased", "true_negative", "healthy")  # in the order of TwoClassCounts


class _TwoRates:
    """What is made of sensitivity and specificity together: right calls and size of each class as columns."""

    tasks: ClassVar[tuple[str, ...]] = _TASKS

    def columns(self, judgements: Judgements) -> Columns:
        """Diseased and healthy units, and the right calls among each."""
        counts, diseased, positive = called(judgements)
        healthy = counts - diseased
        sums = {
            "true_positive": diseased * positive,
            "diseased": diseased,
            "true_negative": healthy * (1 - positive),
            "healthy": healthy,
        }
        return Columns(sums=sums, own_n=("diseased", "healthy"))


def _whole(columns: Columns) -> TwoClassCounts:
    """The counts that the value is made of."""
    from ..statistics.predictive import TwoClassCounts

    return TwoClassCounts(*(float(columns.sums[name].sum()) for name in _SUMS))


def _counts(
    columns: Columns, patients: IntArray, *, clustered: bool
) -> tuple[float, float, float, float] | NotEstimable:
    """(true positives, diseased, true negatives, healthy) as effective counts, where a patient has several units."""
    from ..statistics.proportions import effective_count

    sums = columns.sums
    found = effective_count(sums["true_positive"], sums["diseased"], patients, clustered=clustered)
    cleared = effective_count(sums["true_negative"], sums["healthy"], patients, clustered=clustered)
    for side in (found, cleared):
        if isinstance(side, NotEstimable):
            return NotEstimable(reason="one_class") if side.reason == "no_denominator" else side
    return (*found, *cleared)  # type: ignore[misc]  # both are counts here


@dataclass(frozen=True, kw_only=True)
class PositiveLikelihoodRatio(_TwoRates):
    """Sensitivity / (1 − specificity): how many times a positive call multiplies the odds of disease.

    Where one of the four counts is 0, ½ is added to each, in the value and in its interval.
    """

    name: ClassVar[str] = "lr_positive"
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def value(self, totals: Totals) -> FloatArray:
        """The ratio for each weighting, NaN without one of the classes."""
        from ..statistics.predictive import lr_positive

        return lr_positive(*_of_totals(totals))

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits of Simel 1991 on the logarithm, on effective counts where a patient has several units."""
        from ..statistics.predictive import TwoClassCounts, lr_positive_interval

        counts = _counts(columns, patients, clustered=clustered)
        if isinstance(counts, NotEstimable):
            return counts
        return lr_positive_interval(TwoClassCounts(*counts), of=_whole(columns), confidence=confidence)


@dataclass(frozen=True, kw_only=True)
class NegativeLikelihoodRatio(_TwoRates):
    """(1 − sensitivity) / specificity: how many times a negative call multiplies the odds of disease.

    Where one of the four counts is 0, ½ is added to each, in the value and in its interval.
    """

    name: ClassVar[str] = "lr_negative"
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def value(self, totals: Totals) -> FloatArray:
        """The ratio for each weighting, NaN without one of the classes."""
        from ..statistics.predictive import lr_negative

        return lr_negative(*_of_totals(totals))

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits of Simel 1991 on the logarithm, on effective counts where a patient has several units."""
        from ..statistics.predictive import TwoClassCounts, lr_negative_interval

        counts = _counts(columns, patients, clustered=clustered)
        if isinstance(counts, NotEstimable):
            return counts
        return lr_negative_interval(TwoClassCounts(*counts), of=_whole(columns), confidence=confidence)


def _of_totals(totals: Totals) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    sums = totals.sums
    return sums["true_positive"], sums["diseased"], sums["true_negative"], sums["healthy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalPrevalence:
    """Share of diseased among the patients here, with the range it may lie in: 0 < low <= value <= high < 1."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class LocalPositivePredictiveValue(_TwoRates):
    """PPV = Se·π / (Se·π + (1 − Sp)(1 − π)) at the prevalence π of the place where the device would be used."""

    name: ClassVar[str] = "ppv_local"
    tasks: ClassVar[tuple[str, ...]] = ("classification", "grading")
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    local_prevalence: LocalPrevalence | None = None  # from the card of the set; without it nothing is estimable

    def value(self, totals: Totals) -> FloatArray:
        """PPV for each weighting, NaN without a prevalence, without one of the classes or without a positive call."""
        from ..statistics.predictive import ppv

        found, diseased, cleared, healthy = _of_totals(totals)
        prevalence = self.local_prevalence.value if self.local_prevalence else np.nan
        return ppv(ratio(found, diseased), ratio(cleared, healthy), prevalence)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Logit limits of Mercaldo, Lau and Zhou 2007, wider for the declared range of the prevalence."""
        from ..statistics.predictive import Prevalence, TwoClassCounts, ppv_interval

        counts = _counts(columns, patients, clustered=clustered)
        if self.local_prevalence is None:
            return NotEstimable(reason="no_local_prevalence")
        if isinstance(counts, NotEstimable):
            return counts
        here = self.local_prevalence
        return ppv_interval(TwoClassCounts(*counts), Prevalence(here.value, here.low, here.high), confidence=confidence)


@dataclass(frozen=True, kw_only=True)
class LocalNegativePredictiveValue(_TwoRates):
    """NPV = Sp(1 − π) / (Sp(1 − π) + (1 − Se)π) at the prevalence π of the place where the device would be used."""

    name: ClassVar[str] = "npv_local"
    tasks: ClassVar[tuple[str, ...]] = ("classification", "grading")
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    local_prevalence: LocalPrevalence | None = None  # from the card of the set; without it nothing is estimable

    def value(self, totals: Totals) -> FloatArray:
        """NPV for each weighting, NaN without a prevalence, without one of the classes or without a negative call."""
        from ..statistics.predictive import npv

        found, diseased, cleared, healthy = _of_totals(totals)
        prevalence = self.local_prevalence.value if self.local_prevalence else np.nan
        return npv(ratio(found, diseased), ratio(cleared, healthy), prevalence)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Logit limits of Mercaldo, Lau and Zhou 2007, wider for the declared range of the prevalence."""
        from ..statistics.predictive import Prevalence, TwoClassCounts, npv_interval

        counts = _counts(columns, patients, clustered=clustered)
        if self.local_prevalence is None:
            return NotEstimable(reason="no_local_prevalence")
        if isinstance(counts, NotEstimable):
            return counts
        here = self.local_prevalence
        return npv_interval(TwoClassCounts(*counts), Prevalence(here.value, here.low, here.high), confidence=confidence)


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        Sensitivity,
        Specificity,
        PositivePredictiveValue,
        NegativePredictiveValue,
        Accuracy,
        F1,
        PositiveLikelihoodRatio,
        NegativeLikelihoodRatio,
        LocalPositivePredictiveValue,
        LocalNegativePredictiveValue,
    ]
