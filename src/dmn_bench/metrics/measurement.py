"""How far measured values are from the stated ones: bias, limits of agreement, shares within tolerance.

Bias, error and limits of agreement are those of the values that were given, in the unit of the endpoint; the shares
count every unit of the analysis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Interval, NotEstimable
from .mean_errors import MeanOfErrors
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Judgements, Scale, Totals


HALF_TURN = 180.0  # degrees: differences of angles are taken the short way round


class _MeanOfDifferences(MeanOfErrors):
    """The mean of a column over the values that were given. Column beside: ``degrees``, 1 for the value of an angle."""

    tasks: ClassVar[tuple[str, ...]] = ("measurement",)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Student's limits, cut where no mean can lie: below 0 of sizes, beyond half a turn of angles."""
        found = super().interval(columns, patients, clustered=clustered, confidence=confidence)
        if isinstance(found, NotEstimable) or not columns.sums["degrees"].any():
            return found
        return found._replace(low=max(found.low, -HALF_TURN), high=min(found.high, HALF_TURN))


@dataclass(frozen=True, kw_only=True)
class Bias(_MeanOfDifferences):
    """Mean of measured − stated: above 0 the device measures too much on the whole."""

    name: ClassVar[str] = "bias"
    target: ClassVar[float] = 0.0

    def columns(self, judgements: Judgements) -> Columns:
        """Differences, and how many there are."""
        return _of_values(judgements, judgements.columns["difference"])


@dataclass(frozen=True, kw_only=True)
class MeanAbsoluteError(_MeanOfDifferences):
    """Mean size of the differences, whatever their sign."""

    name: ClassVar[str] = "mean_absolute_error"
    lowest: ClassVar[float] = 0.0

    def columns(self, judgements: Judgements) -> Columns:
        """Sizes of the differences, and how many there are."""
        return _of_values(judgements, np.abs(judgements.columns["difference"]))


@dataclass(frozen=True, kw_only=True)
class LimitsOfAgreement:
    """Mean difference ± 1.96 standard deviations: between both lie 95 % of the differences, if they are normal.

    One metric for each of the two limits. Reference: Bland & Altman 1986, Lancet 327:307.
    """

    name: ClassVar[str] = "limits_of_agreement"
    target: ClassVar[float] = 0.0
    tasks: ClassVar[tuple[str, ...]] = ("measurement",)
    scale: ClassVar[Scale] = "measured"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    limit: Literal["lower", "upper"]

    @property
    def _side(self) -> int:
        return -1 if self.limit == "lower" else 1

    def columns(self, judgements: Judgements) -> Columns:
        """Differences, their squares, and how many there are."""
        difference = judgements.columns["difference"]
        found = _of_values(judgements, difference)
        return Columns(sums={**found.sums, "squares": difference**2}, own_n=found.own_n)

    def value(self, totals: Totals) -> FloatArray:
        """The limit for each weighting, NaN with fewer than two values."""
        from ..statistics.measurement import limit_of_agreement

        sums = totals.sums
        return limit_of_agreement(sums["sum"], sums["squares"], sums["values"], self._side)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Exact limits for normal differences (Carkeet 2015); linearised by patient where one has several."""
        from ..statistics.measurement import limit_interval

        given = columns.sums["values"] > 0
        weights = columns.sums["values"][given]
        if not bool(np.all(weights == 1)):  # sampling weights: the moments are weighted, no formula here is
            return NotEstimable(reason="weighted_limits")
        return limit_interval(
            columns.sums["sum"][given], patients[given], self._side, clustered=clustered, confidence=confidence
        )


class _ShareOfUnits(Share):
    """A share of the units of the analysis, where the protocol states the limit that it needs."""

    tasks: ClassVar[tuple[str, ...]] = ("measurement",)
    counted: ClassVar[str]
    needs: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """Units counted over all units; nothing over nothing without the limit."""
        stated = judgements.columns[self.needs]
        return share_columns(judgements.columns[self.counted] * stated, stated)


@dataclass(frozen=True, kw_only=True)
class WithinTolerance(_ShareOfUnits):
    """Share of units measured within the tolerance of the endpoint."""

    name: ClassVar[str] = "within_tolerance"
    counted: ClassVar[str] = "within"
    needs: ClassVar[str] = "has_tolerance"


@dataclass(frozen=True, kw_only=True)
class CriticalErrorRate(_ShareOfUnits):
    """Share of units with a critical error. None in n units shows less than about 3/n, not none."""

    name: ClassVar[str] = "critical_error_rate"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    counted: ClassVar[str] = "is_critical"
    needs: ClassVar[str] = "has_critical"


def _of_values(judgements: Judgements, values: FloatArray) -> Columns:
    given = judgements.columns["has_value"]
    degrees = given * (judgements.unit == "deg")
    return Columns(sums={"sum": values, "values": given, "degrees": degrees}, own_n=("values",))


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [Bias, MeanAbsoluteError, LimitsOfAgreement, WithinTolerance, CriticalErrorRate]
