"""How many runs of ectopic beats a device finds, after EC57: gross statistics and averages over records.

Gross: all runs weigh the same, and intervals treat the runs of a patient as a cluster. Average: the mean of the figures
of the records that have one; the patient bootstrap gives the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .record_means import MeanOfRecords
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import Judgements


class _RunShare(Share):
    """A figure of the task runs, [n] records."""

    tasks: ClassVar[tuple[str, ...]] = ("runs",)
    figure: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """Runs found over runs."""
        columns = judgements.columns
        return share_columns(columns[f"{self.figure}_numerator"], columns[f"{self.figure}_denominator"])


class _Average(MeanOfRecords):
    """Mean over the records that have the figure."""

    tasks: ClassVar[tuple[str, ...]] = ("runs",)


@dataclass(frozen=True, kw_only=True)
class VeCoupletSensitivity(_RunShare):
    """Share of the ventricular couplets of the reference that the device has."""

    name: ClassVar[str] = "ve_couplet_sensitivity"
    figure: ClassVar[str] = "ve_couplet_sensitivity"


@dataclass(frozen=True, kw_only=True)
class VeCoupletPositivePredictivity(_RunShare):
    """Share of the ventricular couplets of the device that the reference has."""

    name: ClassVar[str] = "ve_couplet_positive_predictivity"
    figure: ClassVar[str] = "ve_couplet_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class VeShortRunSensitivity(_RunShare):
    """Share of the ventricular short runs (3 to 5 beats) of the reference that the device has."""

    name: ClassVar[str] = "ve_short_run_sensitivity"
    figure: ClassVar[str] = "ve_short_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class VeShortRunPositivePredictivity(_RunShare):
    """Share of the ventricular short runs (3 to 5 beats) of the device that the reference has."""

    name: ClassVar[str] = "ve_short_run_positive_predictivity"
    figure: ClassVar[str] = "ve_short_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class VeLongRunSensitivity(_RunShare):
    """Share of the ventricular long runs (more than 5 beats) of the reference that the device has."""

    name: ClassVar[str] = "ve_long_run_sensitivity"
    figure: ClassVar[str] = "ve_long_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class VeLongRunPositivePredictivity(_RunShare):
    """Share of the ventricular long runs (more than 5 beats) of the device that the reference has."""

    name: ClassVar[str] = "ve_long_run_positive_predictivity"
    figure: ClassVar[str] = "ve_long_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class SveCoupletSensitivity(_RunShare):
    """Share of the supraventricular couplets of the reference that the device has."""

    name: ClassVar[str] = "sve_couplet_sensitivity"
    figure: ClassVar[str] = "sve_couplet_sensitivity"


@dataclass(frozen=True, kw_only=True)
class SveCoupletPositivePredictivity(_RunShare):
    """Share of the supraventricular couplets of the device that the reference has."""

    name: ClassVar[str] = "sve_couplet_positive_predictivity"
    figure: ClassVar[str] = "sve_couplet_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class SveShortRunSensitivity(_RunShare):
    """Share of the supraventricular short runs (3 to 5 beats) of the reference that the device has."""

    name: ClassVar[str] = "sve_short_run_sensitivity"
    figure: ClassVar[str] = "sve_short_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class SveShortRunPositivePredictivity(_RunShare):
    """Share of the supraventricular short runs (3 to 5 beats) of the device that the reference has."""

    name: ClassVar[str] = "sve_short_run_positive_predictivity"
    figure: ClassVar[str] = "sve_short_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class SveLongRunSensitivity(_RunShare):
    """Share of the supraventricular long runs (more than 5 beats) of the reference that the device has."""

    name: ClassVar[str] = "sve_long_run_sensitivity"
    figure: ClassVar[str] = "sve_long_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class SveLongRunPositivePredictivity(_RunShare):
    """Share of the supraventricular long runs (more than 5 beats) of the device that the reference has."""

    name: ClassVar[str] = "sve_long_run_positive_predictivity"
    figure: ClassVar[str] = "sve_long_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeCoupletSensitivity(_Average):
    """Mean over records: share of the ventricular couplets of the reference that the device has."""

    name: ClassVar[str] = "average_ve_couplet_sensitivity"
    figure: ClassVar[str] = "ve_couplet_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeCoupletPositivePredictivity(_Average):
    """Mean over records: share of the ventricular couplets of the device that the reference has."""

    name: ClassVar[str] = "average_ve_couplet_positive_predictivity"
    figure: ClassVar[str] = "ve_couplet_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeShortRunSensitivity(_Average):
    """Mean over records: share of the ventricular short runs of the reference that the device has."""

    name: ClassVar[str] = "average_ve_short_run_sensitivity"
    figure: ClassVar[str] = "ve_short_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeShortRunPositivePredictivity(_Average):
    """Mean over records: share of the ventricular short runs of the device that the reference has."""

    name: ClassVar[str] = "average_ve_short_run_positive_predictivity"
    figure: ClassVar[str] = "ve_short_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeLongRunSensitivity(_Average):
    """Mean over records: share of the ventricular long runs of the reference that the device has."""

    name: ClassVar[str] = "average_ve_long_run_sensitivity"
    figure: ClassVar[str] = "ve_long_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageVeLongRunPositivePredictivity(_Average):
    """Mean over records: share of the ventricular long runs of the device that the reference has."""

    name: ClassVar[str] = "average_ve_long_run_positive_predictivity"
    figure: ClassVar[str] = "ve_long_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveCoupletSensitivity(_Average):
    """Mean over records: share of the supraventricular couplets of the reference that the device has."""

    name: ClassVar[str] = "average_sve_couplet_sensitivity"
    figure: ClassVar[str] = "sve_couplet_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveCoupletPositivePredictivity(_Average):
    """Mean over records: share of the supraventricular couplets of the device that the reference has."""

    name: ClassVar[str] = "average_sve_couplet_positive_predictivity"
    figure: ClassVar[str] = "sve_couplet_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveShortRunSensitivity(_Average):
    """Mean over records: share of the supraventricular short runs of the reference that the device has."""

    name: ClassVar[str] = "average_sve_short_run_sensitivity"
    figure: ClassVar[str] = "sve_short_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveShortRunPositivePredictivity(_Average):
    """Mean over records: share of the supraventricular short runs of the device that the reference has."""

    name: ClassVar[str] = "average_sve_short_run_positive_predictivity"
    figure: ClassVar[str] = "sve_short_run_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveLongRunSensitivity(_Average):
    """Mean over records: share of the supraventricular long runs of the reference that the device has."""

    name: ClassVar[str] = "average_sve_long_run_sensitivity"
    figure: ClassVar[str] = "sve_long_run_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageSveLongRunPositivePredictivity(_Average):
    """Mean over records: share of the supraventricular long runs of the device that the reference has."""

    name: ClassVar[str] = "average_sve_long_run_positive_predictivity"
    figure: ClassVar[str] = "sve_long_run_positive_predictivity"


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        VeCoupletSensitivity,
        VeCoupletPositivePredictivity,
        VeShortRunSensitivity,
        VeShortRunPositivePredictivity,
        VeLongRunSensitivity,
        VeLongRunPositivePredictivity,
        SveCoupletSensitivity,
        SveCoupletPositivePredictivity,
        SveShortRunSensitivity,
        SveShortRunPositivePredictivity,
        SveLongRunSensitivity,
        SveLongRunPositivePredictivity,
        AverageVeCoupletSensitivity,
        AverageVeCoupletPositivePredictivity,
        AverageVeShortRunSensitivity,
        AverageVeShortRunPositivePredictivity,
        AverageVeLongRunSensitivity,
        AverageVeLongRunPositivePredictivity,
        AverageSveCoupletSensitivity,
        AverageSveCoupletPositivePredictivity,
        AverageSveShortRunSensitivity,
        AverageSveShortRunPositivePredictivity,
        AverageSveLongRunSensitivity,
        AverageSveLongRunPositivePredictivity,
    ]
