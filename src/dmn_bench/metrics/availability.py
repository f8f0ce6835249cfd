"""How often a device gives an answer at all, over every unit that was sent to it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Status
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import Columns, FloatArray, Judgements

_EVERY_TASK = (
    "classification",
    "grading",
    "referral",
    "ungradable",
    "detection",
    "segmentation",
    "beats",
    "measurement",
    "statements",
    "runs",
    "episodes",
    "st_episodes",
)


def every_unit(judgements: Judgements) -> Judgements:
    """The same units with one row for each of them, whatever became of it and whatever its reference.

    What the metrics of this file must be given: in other judgements a unit that the analysis sets apart has no row.
    They say so by ``counts_every_unit``.
    """
    rows = np.arange(len(judgements.units.unit_ids), dtype=np.int64)
    return dataclasses.replace(judgements, row_units=rows, columns={}, row_strata={}, questions="", row_marks=())


def _has_status(judgements: Judgements, statuses: tuple[Status, ...]) -> FloatArray:
    found = np.array([status in statuses for status in judgements.units.statuses], dtype=np.float64)
    return found[judgements.row_units]


@dataclass(frozen=True, kw_only=True)
class FailureRate(Share):
    """Share of the units sent for which the device gave no result: it abstained, refused the input or failed.

    A doubt is a result and is no failure here; the flow of cases shows each state apart.
    """

    name: ClassVar[str] = "failure_rate"
    tasks: ClassVar[tuple[str, ...]] = _EVERY_TASK
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    counts_every_unit: ClassVar[bool] = True

    counted: tuple[Status, ...] = ("abstained", "rejected_input", "failed")  # the states that count as no result

    def columns(self, judgements: Judgements) -> Columns:
        """Units without a result over units sent, of judgements made by ``every_unit``."""
        sent = 1 - _has_status(judgements, ("not_sent", "unreadable"))
        return share_columns(_has_status(judgements, tuple(self.counted)) * sent, sent)


@dataclass(frozen=True, kw_only=True)
class Gradability(Share):
    """Share of the units sent that the device answered: its imageability rate."""

    name: ClassVar[str] = "gradability"
    tasks: ClassVar[tuple[str, ...]] = _EVERY_TASK
    counts_every_unit: ClassVar[bool] = True

    def columns(self, judgements: Judgements) -> Columns:
        """Units answered over units sent, of judgements made by ``every_unit``."""
        sent = 1 - _has_status(judgements, ("not_sent", "unreadable"))
        return share_columns(_has_status(judgements, ("answered",)), sent)


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [FailureRate, Gradability]
