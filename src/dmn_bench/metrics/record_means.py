"""What metrics of recordings have in common: the mean of their figures, and events in the time analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..vocabulary import Columns
from .shares import ratio

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Interval, Judgements, NotEstimable, Scale, Totals


class MeanOfRecords:
    """Average statistic of EC57: the mean of a figure over the records that have it, each of the same weight.

    ``figure``: name of the columns ``…_numerator`` and ``…_denominator`` of the task. Limits: Wilson's for the number
    of patients' worth of evidence (``statistics.rates.mean_share_interval``).
    """

    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    figure: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """``total``: the figure of each record, 0 where it is undefined; ``records``: 1 where it is defined."""
        columns = judgements.columns
        return mean_columns(ratio(columns[f"{self.figure}_numerator"], columns[f"{self.figure}_denominator"]))

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no record has the figure."""
        return ratio(totals.sums["total"], totals.sums["records"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits of the mean, the records of a patient taken together."""
        from ..statistics.rates import mean_share_interval

        records = columns.sums["records"]
        shares = np.nan_to_num(ratio(columns.sums["total"], records))
        return mean_share_interval(shares, records, patients, confidence=confidence)


class EventsInTime:
    """Events for a length of time that the device analysed.

    Columns: ``numerator`` events over ``denominator`` units of time. Limits: ``statistics.rates.rate_interval``, also
    where there was no event at all.
    """

    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def value(self, totals: Totals) -> FloatArray:
        """The rate for each weighting, NaN without time."""
        return ratio(totals.sums["numerator"], totals.sums["denominator"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits of the rate, the events of a patient taken together.

        Sampling weights are scaled to a mean of 1: a record stands for others, and is no more than one record.
        """
        from ..statistics.rates import rate_interval

        records = columns.sums["records"]
        n, weight = np.count_nonzero(records), float(records.sum())
        scale = n / weight if weight > 0 else 1.0
        events, time = (scale * columns.sums[name] for name in ("numerator", "denominator"))
        return rate_interval(events, time, patients, confidence=confidence)


def mean_columns(figures: FloatArray) -> Columns:
    """Columns of a mean of figures [n], NaN for a record that has none; own n: the records that have one."""
    defined = ~np.isnan(figures)
    sums = {"total": np.where(defined, figures, 0.0), "records": defined.astype(np.float64)}
    return Columns(sums=sums, own_n=("records",))


def rate_columns(events: FloatArray, time: FloatArray) -> Columns:
    """Columns of a rate, [n] each; own n: the records with time analysed."""
    sums = {"numerator": events, "denominator": time, "records": (time > 0).astype(np.float64)}
    return Columns(sums=sums, own_n=("records",))
