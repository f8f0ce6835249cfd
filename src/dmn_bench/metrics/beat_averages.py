"""Average statistics of EC57: the mean of the figures of the records, where each record weighs the same.

A record in which a figure is undefined (no ventricular beat, say) has no part in its average. The patient bootstrap
gives the interval: the records of a patient come and go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .shares import ratio

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals


class _Average:
    """Mean over the records that have the figure."""

    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    figure: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """``total``: the figure of each record, 0 where it is undefined; ``records``: 1 where it is defined."""
        numerator = judgements.columns[f"{self.figure}_numerator"]
        denominator = judgements.columns[f"{self.figure}_denominator"]
        return _mean_columns(ratio(numerator, denominator))

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no record has the figure."""
        return ratio(totals.sums["total"], totals.sums["records"])


def _mean_columns(figures: FloatArray) -> Columns:
    defined = ~np.isnan(figures)
    sums = {"total": np.where(defined, figures, 0.0), "records": defined.astype(np.float64)}
    return Columns(sums=sums, own_n=("records",))


@dataclass(frozen=True, kw_only=True)
class AverageQrsSensitivity(_Average):
    """Mean over records of the share of beats found."""

    name: ClassVar[str] = "average_qrs_sensitivity"
    figure: ClassVar[str] = "qrs_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageQrsPositivePredictivity(_Average):
    """Mean over records of the share of the device's beats that are beats."""

    name: ClassVar[str] = "average_qrs_positive_predictivity"
    figure: ClassVar[str] = "qrs_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageVebSensitivity(_Average):
    """Mean over records with ventricular ectopic beats of the share called so."""

    name: ClassVar[str] = "average_veb_sensitivity"
    figure: ClassVar[str] = "veb_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageVebPositivePredictivity(_Average):
    """Mean over records with beats called ventricular of the share that are."""

    name: ClassVar[str] = "average_veb_positive_predictivity"
    figure: ClassVar[str] = "veb_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageVebFalsePositiveRate(_Average):
    """Mean over records of the share called ventricular among beats that are not."""

    name: ClassVar[str] = "average_veb_false_positive_rate"
    figure: ClassVar[str] = "veb_false_positive_rate"
    better: ClassVar[Literal["higher", "lower"]] = "lower"


@dataclass(frozen=True, kw_only=True)
class AverageSvebSensitivity(_Average):
    """Mean over records with supraventricular ectopic beats of the share called so."""

    name: ClassVar[str] = "average_sveb_sensitivity"
    figure: ClassVar[str] = "sveb_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageSvebPositivePredictivity(_Average):
    """Mean over records with beats called supraventricular of the share that are."""

    name: ClassVar[str] = "average_sveb_positive_predictivity"
    figure: ClassVar[str] = "sveb_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageRrIntervalError(_Average):
    """Mean over records of the root mean square error of RR intervals, in milliseconds."""

    name: ClassVar[str] = "average_rr_interval_error"
    scale: ClassVar[Scale] = "milliseconds"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """``total``: the error of each record, 0 without an interval; ``records``: 1 where there is one."""
        squares = judgements.columns["rr_interval_error_squares"]
        return _mean_columns(np.sqrt(ratio(squares, judgements.columns["rr_interval_error_intervals"])))


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        AverageQrsSensitivity,
        AverageQrsPositivePredictivity,
        AverageVebSensitivity,
        AverageVebPositivePredictivity,
        AverageVebFalsePositiveRate,
        AverageSvebSensitivity,
        AverageSvebPositivePredictivity,
        AverageRrIntervalError,
    ]
