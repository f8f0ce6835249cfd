"""Shares: what every metric that is one numerator over one denominator has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..vocabulary import Columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Interval, NotEstimable, Scale, Totals


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Quotient of two arrays of one shape, NaN where the denominator is 0."""
    result = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def share_columns(numerator: FloatArray, denominator: FloatArray) -> Columns:
    """Columns of a share, [n] each; ``numerator`` counts at most ``denominator`` in each row."""
    return Columns(sums={"numerator": numerator, "denominator": denominator})


class Share:
    """A share of counted things: its value, its interval and its exact interval for verdicts.

    Interval: Wilson, or Rao–Scott with t where a patient has several units; acceptance: Clopper–Pearson, or its
    clustered form (``statistics.proportions``).
    """

    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def value(self, totals: Totals) -> FloatArray:
        """Numerator over denominator for each weighting, NaN where nothing is counted."""
        return ratio(totals.sums["numerator"], totals.sums["denominator"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Confidence interval of the share."""
        from ..statistics.proportions import proportion_interval

        sums = columns.sums
        return proportion_interval(
            sums["numerator"], sums["denominator"], patients, clustered=clustered, confidence=confidence
        )

    def acceptance_interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Interval with guaranteed coverage, for verdicts."""
        from ..statistics.proportions import acceptance_interval

        sums = columns.sums
        return acceptance_interval(
            sums["numerator"], sums["denominator"], patients, clustered=clustered, confidence=confidence
        )
