"""How many beats a detector finds and names rightly: gross statistics of the EC57 beat table.

All beats weigh the same. Intervals treat the beats of a patient as a cluster, even with one record per patient: the
beats of one heart resemble each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import Columns, FloatArray, Judgements

_BEATS = "NSVFQ"
_CALLS = "nsvfq"


def _cells(rows: str, columns: str) -> Sequence[str]:
    return [row + column for row in rows for column in columns]


def _counted(judgements: Judgements, cells: Sequence[str]) -> FloatArray:
    return np.asarray(np.sum([judgements.columns[cell] for cell in cells], axis=0), dtype=np.float64)


class _BeatShare(Share):
    """Share of beats in some cells of the table among those in these and others, [n] records."""

    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    right: ClassVar[Sequence[str]]
    wrong: ClassVar[Sequence[str]]

    def columns(self, judgements: Judgements) -> Columns:
        """Beats of the cells that count for it, over these and those that count against it."""
        numerator = _counted(judgements, self.right)
        return share_columns(numerator, numerator + _counted(judgements, self.wrong))


@dataclass(frozen=True, kw_only=True)
class QrsSensitivity(_BeatShare):
    """Share of reference beats that the device found, whatever it called them."""

    name: ClassVar[str] = "qrs_sensitivity"
    right: ClassVar[Sequence[str]] = _cells(_BEATS, _CALLS)
    wrong: ClassVar[Sequence[str]] = _cells(_BEATS, "ox")


@dataclass(frozen=True, kw_only=True)
class QrsPositivePredictivity(_BeatShare):
    """Share of the device's beats that are beats of the reference."""

    name: ClassVar[str] = "qrs_positive_predictivity"
    right: ClassVar[Sequence[str]] = _cells(_BEATS, _CALLS)
    wrong: ClassVar[Sequence[str]] = _cells("OX", _CALLS)


@dataclass(frozen=True, kw_only=True)
class VebSensitivity(_BeatShare):
    """Share of ventricular ectopic beats called so."""

    name: ClassVar[str] = "veb_sensitivity"
    right: ClassVar[Sequence[str]] = ("Vv",)
    wrong: ClassVar[Sequence[str]] = _cells("V", "nsfqox")


@dataclass(frozen=True, kw_only=True)
class VebPositivePredictivity(_BeatShare):
    """Share of right ones among beats called ventricular; a fusion or unclassifiable beat called so is no error."""

    name: ClassVar[str] = "veb_positive_predictivity"
    right: ClassVar[Sequence[str]] = ("Vv",)
    wrong: ClassVar[Sequence[str]] = _cells("NSOX", "v")


@dataclass(frozen=True, kw_only=True)
class VebFalsePositiveRate(_BeatShare):
    """Share called ventricular among found or extra beats that are not.

    Fusion and unclassifiable beats called so are left out of both counts.
    """

    name: ClassVar[str] = "veb_false_positive_rate"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    right: ClassVar[Sequence[str]] = _cells("NSOX", "v")
    wrong: ClassVar[Sequence[str]] = _cells("NSFQOX", "nsfq")


@dataclass(frozen=True, kw_only=True)
class SvebSensitivity(_BeatShare):
    """Share of supraventricular ectopic beats called so."""

    name: ClassVar[str] = "sveb_sensitivity"
    right: ClassVar[Sequence[str]] = ("Ss",)
    wrong: ClassVar[Sequence[str]] = _cells("S", "nvfqox")


@dataclass(frozen=True, kw_only=True)
class SvebPositivePredictivity(_BeatShare):
    """Share of right ones among beats called supraventricular; an unclassifiable beat called so is no error.

    A fusion beat called so is one, as bxb prints it for a record; the summary program sumstats leaves it out.
    """

    name: ClassVar[str] = "sveb_positive_predictivity"
    right: ClassVar[Sequence[str]] = ("Ss",)
    wrong: ClassVar[Sequence[str]] = _cells("NVFOX", "s")


@dataclass(frozen=True, kw_only=True)
class TimeNotAnalysed(Share):
    """Share of the recorded seconds that the device did not analyse: records without an answer, and its shutdowns."""

    name: ClassVar[str] = "time_not_analysed"
    tasks: ClassVar[tuple[str, ...]] = ("beats",)
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """Seconds not analysed over seconds in the test period."""
        return share_columns(judgements.columns["seconds_not_analysed"], judgements.columns["seconds"])


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        QrsSensitivity,
        QrsPositivePredictivity,
        VebSensitivity,
        VebPositivePredictivity,
        VebFalsePositiveRate,
        SvebSensitivity,
        SvebPositivePredictivity,
        TimeNotAnalysed,
    ]
