"""How many beats a detector finds and names rightly: gross statistics of the EC57 beat table.

All beats weigh the same. Intervals treat the beats of a patient as a cluster, even with one record per patient: the
beats of one heart resemble each other. Which cells of the table a figure counts: ``tasks.beat_figures``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..hookspecs import Metric, hookimpl
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import Columns, Judgements

Among = Literal["all", "isolated", "first_of_run", "later_in_run", "after_pause"]
"""Which reference beats: all; ectopic beats alone, at the head of a run of their kind, or later in it; those after a
pause of more than 1.5 times the mean interval."""


class _BeatShare(Share):
    """Share of beats in some cells of the table among those in these and others, [n] records."""

    name: ClassVar[str]
    tasks: ClassVar[tuple[str, ...]] = ("beats",)

    def columns(self, judgements: Judgements) -> Columns:
        """Beats of the cells that count for it, over these and those that count against it."""
        return share_columns(
            judgements.columns[f"{self.name}_numerator"], judgements.columns[f"{self.name}_denominator"]
        )


@dataclass(frozen=True, kw_only=True)
class _Sensitivity(Share):
    """Share of reference beats that were found, of all or of those in one place."""

    name: ClassVar[str]
    tasks: ClassVar[tuple[str, ...]] = ("beats",)

    among: Among = "all"  # of which reference beats

    def columns(self, judgements: Judgements) -> Columns:
        """Beats found over beats."""
        name = self.name if self.among == "all" else f"{self.name}_{self.among}"
        return share_columns(judgements.columns[f"{name}_numerator"], judgements.columns[f"{name}_denominator"])


@dataclass(frozen=True, kw_only=True)
class QrsSensitivity(_Sensitivity):
    """Share of reference beats that the device found, whatever it called them."""

    name: ClassVar[str] = "qrs_sensitivity"


@dataclass(frozen=True, kw_only=True)
class QrsPositivePredictivity(_BeatShare):
    """Share of the device's beats that are beats of the reference."""

    name: ClassVar[str] = "qrs_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class VebSensitivity(_Sensitivity):
    """Share of ventricular ectopic beats called so."""

    name: ClassVar[str] = "veb_sensitivity"


@dataclass(frozen=True, kw_only=True)
class VebPositivePredictivity(_BeatShare):
    """Share of right ones among beats called ventricular; a fusion or unclassifiable beat called so is no error."""

    name: ClassVar[str] = "veb_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class VebFalsePositiveRate(_BeatShare):
    """Share called ventricular among found or extra beats that are not.

    Fusion and unclassifiable beats called so are left out of both counts.
    """

    name: ClassVar[str] = "veb_false_positive_rate"
    better: ClassVar[Literal["higher", "lower"]] = "lower"


@dataclass(frozen=True, kw_only=True)
class SvebSensitivity(_Sensitivity):
    """Share of supraventricular ectopic beats called so."""

    name: ClassVar[str] = "sveb_sensitivity"


@dataclass(frozen=True, kw_only=True)
class SvebPositivePredictivity(_BeatShare):
    """Share of right ones among beats called supraventricular; an unclassifiable beat called so is no error.

    A fusion beat called so is one, as bxb prints it for a record; the summary program sumstats leaves it out.
    """

    name: ClassVar[str] = "sveb_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class SvebFalsePositiveRate(_BeatShare):
    """Share called supraventricular among found or extra beats that are not.

    Unclassifiable beats called so are left out of both counts. The C programs have no such figure: it follows the rule
    of ventricular beats, with the errors that count against positive predictivity.
    """

    name: ClassVar[str] = "sveb_false_positive_rate"
    better: ClassVar[Literal["higher", "lower"]] = "lower"


@dataclass(frozen=True, kw_only=True)
class BeatsMissedInShutdown(_BeatShare):
    """Share of reference beats that fall into a stretch the device itself marked as unreadable."""

    name: ClassVar[str] = "beats_missed_in_shutdown"
    better: ClassVar[Literal["higher", "lower"]] = "lower"


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
        SvebFalsePositiveRate,
        BeatsMissedInShutdown,
        TimeNotAnalysed,
    ]
