"""Average statistics of EC57: the mean of the figures of the records, where each record weighs the same.

A record in which a figure is undefined (no ventricular beat, say) has no part in its average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .record_means import MeanOfRecords, mean_columns
from .shares import ratio

if TYPE_CHECKING:
    from ..vocabulary import Columns, FloatArray, Judgements, Scale, Totals


class _Average(MeanOfRecords):
    """Mean over the records that have the figure."""

    tasks: ClassVar[tuple[str, ...]] = ("beats",)


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
class AverageRrIntervalError:
    """Mean over records of the root mean square error of RR intervals, in milliseconds."""

    name: ClassVar[str] = "average_rr_interval_error"
    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    scale: ClassVar[Scale] = "milliseconds"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """``total``: the error of each record, 0 without an interval; ``records``: 1 where there is one."""
        squares = judgements.columns["rr_interval_error_squares"]
        return mean_columns(np.sqrt(ratio(squares, judgements.columns["rr_interval_error_intervals"])))

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN where no record has an interval."""
        return ratio(totals.sums["total"], totals.sums["records"])


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
