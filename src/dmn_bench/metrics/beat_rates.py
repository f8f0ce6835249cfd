"""Errors in time: RR intervals, heart rate, false ectopic beats an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .record_means import EventsInTime, rate_columns
from .shares import ratio

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals

SECONDS_IN_HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class RrIntervalError:
    """Root mean square error of RR intervals in milliseconds, over the intervals of all records.

    As bxb takes it, at every beat of the comparison: a missed or an extra beat is an error of a whole interval. A
    record without an answer has no intervals and no part in it.
    """

    name: ClassVar[str] = "rr_interval_error"
    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    scale: ClassVar[Scale] = "milliseconds"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    at: Literal["all_beats", "paired_beats"] = "all_beats"  # where intervals are compared; bxb: all_beats

    def columns(self, judgements: Judgements) -> Columns:
        """Squares of the errors (ms²) and the number of intervals."""
        kind = "" if self.at == "all_beats" else "paired_"
        columns = judgements.columns
        sums = {part: columns[f"rr_interval_error_{kind}{part}"] for part in ("squares", "intervals")}
        return Columns(sums=sums, own_n=("intervals",))

    def value(self, totals: Totals) -> FloatArray:
        """The root of the mean square for each weighting, NaN without intervals."""
        return np.asarray(np.sqrt(ratio(totals.sums["squares"], totals.sums["intervals"])))


@dataclass(frozen=True, kw_only=True)
class HeartRateError:
    """Mean size of the error of the heart rate in beats a minute: beats counted in each minute of the test period.

    Minutes in which the reference has a shutdown or fibrillation are left out. A record without an answer has the rate
    0: its error is the whole rate.
    """

    name: ClassVar[str] = "heart_rate_error"
    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    scale: ClassVar[Scale] = "count"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """Errors and the number of minutes."""
        columns = judgements.columns
        sums = {part: columns[f"heart_rate_error_{part}"] for part in ("total", "minutes")}
        return Columns(sums=sums, own_n=("minutes",))

    def value(self, totals: Totals) -> FloatArray:
        """The mean error for each weighting, NaN without a minute."""
        return ratio(totals.sums["total"], totals.sums["minutes"])


class _FalseInHour(EventsInTime):
    """False ectopic beats for each hour that the device analysed."""

    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    rate: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """False ectopic beats, over hours analysed; own n: the records with time analysed."""
        columns = judgements.columns
        hours = (columns["seconds"] - columns["seconds_not_analysed"]) / SECONDS_IN_HOUR
        return rate_columns(columns[f"{self.rate}_numerator"], hours)


@dataclass(frozen=True, kw_only=True)
class VebFalsePositivesPerHour(_FalseInHour):
    """Normal, supraventricular or no beats called ventricular, for each hour analysed."""

    name: ClassVar[str] = "veb_false_positives_per_hour"
    rate: ClassVar[str] = "veb_false_positive_rate"


@dataclass(frozen=True, kw_only=True)
class SvebFalsePositivesPerHour(_FalseInHour):
    """Normal, ventricular, fusion or no beats called supraventricular, for each hour analysed."""

    name: ClassVar[str] = "sveb_false_positives_per_hour"
    rate: ClassVar[str] = "sveb_false_positive_rate"


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [RrIntervalError, HeartRateError, VebFalsePositivesPerHour, SvebFalsePositivesPerHour]
