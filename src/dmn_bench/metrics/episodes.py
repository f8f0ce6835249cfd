"""Episodes of a rhythm: how many are found, how much of their time, how soon, and what the device says beside them.

Gross: all episodes, or all seconds, weigh the same, and intervals treat those of a patient as a cluster. Average: the
mean of the figures of the records that have one; the patient bootstrap gives the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Fact, Problem, ProtocolError
from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, NotEstimable
from .mean_errors import MeanOfErrors
from .record_means import EventsInTime, MeanOfRecords, rate_columns
from .shares import Share, share_columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Interval, Judgements, Scale, Totals

SECONDS_IN_HOUR = 3600.0
_EPISODE_TASKS = ("episodes", "st_episodes")


class _EpisodeShare(Share):
    """A figure of the task episodes. ``counted``: the column that says how many things are behind it."""

    tasks: ClassVar[tuple[str, ...]] = _EPISODE_TASKS
    figure: ClassVar[str]
    counted: ClassVar[str]
    only_af: ClassVar[bool] = False

    def columns(self, judgements: Judgements) -> Columns:
        """Numerator and denominator of the figure, and the episodes behind it."""
        columns = judgements.columns
        counts = columns["is_af"] if self.only_af else columns["record"]
        names = (f"{self.figure}_numerator", f"{self.figure}_denominator", self.counted)
        numerator, denominator, episodes = (columns[name] * counts for name in names)
        sums = share_columns(numerator, denominator).sums
        return Columns(sums={**sums, "episodes": episodes}, own_n=("episodes",))


@dataclass(frozen=True, kw_only=True)
class EpisodeSensitivity(_EpisodeShare):
    """Share of the reference episodes that the device overlaps."""

    name: ClassVar[str] = "episode_sensitivity"
    figure: ClassVar[str] = "episode_sensitivity"
    counted: ClassVar[str] = "reference_episodes"


@dataclass(frozen=True, kw_only=True)
class EpisodePositivePredictivity(_EpisodeShare):
    """Share of the device's episodes that overlap one of the reference."""

    name: ClassVar[str] = "episode_positive_predictivity"
    figure: ClassVar[str] = "episode_positive_predictivity"
    counted: ClassVar[str] = "device_episodes"


@dataclass(frozen=True, kw_only=True)
class DurationSensitivity(_EpisodeShare):
    """Share of the time of the reference episodes that the device's cover."""

    name: ClassVar[str] = "duration_sensitivity"
    figure: ClassVar[str] = "duration_sensitivity"
    counted: ClassVar[str] = "reference_episodes"


@dataclass(frozen=True, kw_only=True)
class DurationPositivePredictivity(_EpisodeShare):
    """Share of the time of the device's episodes that the reference's cover."""

    name: ClassVar[str] = "duration_positive_predictivity"
    figure: ClassVar[str] = "duration_positive_predictivity"
    counted: ClassVar[str] = "device_episodes"


@dataclass(frozen=True, kw_only=True)
class AfEpisodeSensitivity(EpisodeSensitivity):
    """``episode_sensitivity`` of atrial fibrillation; undefined for another rhythm."""

    name: ClassVar[str] = "af_episode_sensitivity"
    tasks: ClassVar[tuple[str, ...]] = ("episodes",)
    only_af: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AfEpisodePositivePredictivity(EpisodePositivePredictivity):
    """``episode_positive_predictivity`` of atrial fibrillation; undefined for another rhythm."""

    name: ClassVar[str] = "af_episode_positive_predictivity"
    tasks: ClassVar[tuple[str, ...]] = ("episodes",)
    only_af: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AfDurationSensitivity(DurationSensitivity):
    """``duration_sensitivity`` of atrial fibrillation; undefined for another rhythm."""

    name: ClassVar[str] = "af_duration_sensitivity"
    tasks: ClassVar[tuple[str, ...]] = ("episodes",)
    only_af: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AfDurationPositivePredictivity(DurationPositivePredictivity):
    """``duration_positive_predictivity`` of atrial fibrillation; undefined for another rhythm."""

    name: ClassVar[str] = "af_duration_positive_predictivity"
    tasks: ClassVar[tuple[str, ...]] = ("episodes",)
    only_af: ClassVar[bool] = True


class _Average(MeanOfRecords):
    """Mean over the records that have the figure."""

    tasks: ClassVar[tuple[str, ...]] = _EPISODE_TASKS


@dataclass(frozen=True, kw_only=True)
class AverageEpisodeSensitivity(_Average):
    """Mean over records with reference episodes of the share found."""

    name: ClassVar[str] = "average_episode_sensitivity"
    figure: ClassVar[str] = "episode_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageEpisodePositivePredictivity(_Average):
    """Mean over records with device episodes of the share that is right."""

    name: ClassVar[str] = "average_episode_positive_predictivity"
    figure: ClassVar[str] = "episode_positive_predictivity"


@dataclass(frozen=True, kw_only=True)
class AverageDurationSensitivity(_Average):
    """Mean over records with reference episodes of the share of their time found."""

    name: ClassVar[str] = "average_duration_sensitivity"
    figure: ClassVar[str] = "duration_sensitivity"


@dataclass(frozen=True, kw_only=True)
class AverageDurationPositivePredictivity(_Average):
    """Mean over records with device episodes of the share of their time that is right."""

    name: ClassVar[str] = "average_duration_positive_predictivity"
    figure: ClassVar[str] = "duration_positive_predictivity"


class _MeanError(MeanOfErrors):
    """The mean of the errors of things measured on both sides: ``counted`` of them in each record."""

    tasks: ClassVar[tuple[str, ...]] = ("episodes",)
    column: ClassVar[str]
    counted: ClassVar[str]

    def columns(self, judgements: Judgements) -> Columns:
        """Sums of errors, and how many there are."""
        columns = judgements.columns
        return Columns(sums={"sum": columns[self.column], "values": columns[self.counted]}, own_n=("values",))


@dataclass(frozen=True, kw_only=True)
class BurdenBias(_MeanError):
    """Mean over answered records of the device's burden − the reference's, in percentage points of the test period."""

    name: ClassVar[str] = "burden_bias"
    target: ClassVar[float] = 0.0
    column: ClassVar[str] = "burden_error"
    counted: ClassVar[str] = "burdens"
    lowest: ClassVar[float] = -100.0
    highest: ClassVar[float] = 100.0


@dataclass(frozen=True, kw_only=True)
class BurdenAbsoluteError(_MeanError):
    """Mean over answered records of the size of the error of the burden, in percentage points of the test period."""

    name: ClassVar[str] = "burden_absolute_error"
    column: ClassVar[str] = "burden_absolute_error"
    counted: ClassVar[str] = "burdens"
    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 100.0


@dataclass(frozen=True, kw_only=True)
class StDeviationBias(_MeanError):
    """Mean of the device's ST deviation − the reference's at the extremum of found episodes, in µV."""

    name: ClassVar[str] = "st_deviation_bias"
    target: ClassVar[float] = 0.0
    tasks: ClassVar[tuple[str, ...]] = ("st_episodes",)
    column: ClassVar[str] = "deviation_error"
    counted: ClassVar[str] = "deviations"


@dataclass(frozen=True, kw_only=True)
class StDeviationAbsoluteError(_MeanError):
    """Mean size of the error of the ST deviation at the extremum of found episodes, in µV."""

    name: ClassVar[str] = "st_deviation_absolute_error"
    tasks: ClassVar[tuple[str, ...]] = ("st_episodes",)
    column: ClassVar[str] = "deviation_absolute_error"
    counted: ClassVar[str] = "deviations"
    lowest: ClassVar[float] = 0.0


@dataclass(frozen=True, kw_only=True)
class StDeviationWithin100Uv(Share):
    """Share of the found episodes whose ST deviation the device states at most 100 µV off."""

    name: ClassVar[str] = "st_deviation_within_100_uv"
    tasks: ClassVar[tuple[str, ...]] = ("st_episodes",)

    def columns(self, judgements: Judgements) -> Columns:
        """Deviations close to the reference's over deviations compared."""
        return share_columns(judgements.columns["deviations_close"], judgements.columns["deviations"])


@dataclass(frozen=True, kw_only=True)
class TimeToDetection:
    """Seconds from the start of a reference episode to the first time of the device in it: a quantile over episodes.

    Over all episodes a missed one is later than any other, so that a device cannot be fast by missing the hard ones;
    where too many are missed there is no number.
    """

    name: ClassVar[str] = "time_to_detection"
    tasks: ClassVar[tuple[str, ...]] = _EPISODE_TASKS
    scale: ClassVar[Scale] = "seconds"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    why_infinite: ClassVar[str] = "episodes_missed"

    quantile: float = 0.5  # of the episodes, above 0 and below 1; 0.5 is the median
    over: Literal["all_episodes", "found_episodes"] = "all_episodes"  # whether missed episodes count

    def __post_init__(self) -> None:
        """Raise ProtocolError if the quantile is out of range."""
        if not 0 < self.quantile < 1:
            facts: dict[str, Fact] = {"option": "quantile", "low": 0, "high": 1, "found": self.quantile}
            raise ProtocolError(Problem(key="tasks.number_out_of_range", where="time_to_detection", facts=facts))

    def columns(self, judgements: Judgements) -> Columns:
        """Episodes by the seconds to their detection."""
        columns = judgements.columns
        seconds = columns["score"]
        counted = columns["episode"] * (np.isfinite(seconds) if self.over == "found_episodes" else 1.0)
        scores = np.where(counted > 0, seconds, 0.0)
        return Columns(sums={"episodes": counted}, ranked={"episodes": counted}, scores=scores, own_n=("episodes",))

    def value(self, totals: Totals) -> FloatArray:
        """The quantile for each weighting, NaN without episodes or where it falls on missed ones.

        Between two episodes where the share is met exactly: their mean.
        """
        weights, seconds = totals.ranked["episodes"], totals.scores
        if seconds is None or not weights.shape[1]:
            return np.full(weights.shape[0], np.nan)
        reached, wanted = np.cumsum(weights, axis=1), self.quantile * totals.sums["episodes"][:, None]
        hair = 1e-9 * np.maximum(wanted, 1.0)
        last = len(seconds) - 1
        lower = np.minimum((reached < wanted - hair).sum(axis=1), last)
        upper = np.minimum((reached <= wanted + hair).sum(axis=1), last)
        found = (seconds[lower] + seconds[upper]) / 2
        defined = (totals.sums["episodes"] > 0) & np.isfinite(found)
        return np.where(defined, found, np.nan)

    def acceptance_interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits from the ordered times, infinite where they fall on missed episodes."""
        from ..statistics.clusters import n_different
        from ..statistics.weighted_quantiles import quantile_limits

        counted = columns.sums["episodes"] > 0
        seconds = np.zeros(0) if columns.scores is None else columns.scores[counted]
        whose = patients[counted]
        several = clustered or n_different(whose) < len(whose)
        return quantile_limits(seconds, whose, self.quantile, clustered=several, confidence=confidence)

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """Too many episodes are missed for this quantile to be a time."""
        scores = np.zeros(0) if columns.scores is None else columns.scores
        missed = int((columns.sums["episodes"] * ~np.isfinite(scores)).sum())
        return NotEstimable(
            reason=self.why_infinite, facts={"n": int(columns.sums["episodes"].sum()), "missed": missed}
        )


class _FalseEpisodes(EventsInTime):
    """Device episodes that overlap none of the reference, for a length of time that the device analysed."""

    tasks: ClassVar[tuple[str, ...]] = _EPISODE_TASKS
    hours: ClassVar[float]

    def columns(self, judgements: Judgements) -> Columns:
        """False episodes, over time analysed; own n: the records with such time."""
        columns = judgements.columns
        time = columns["seconds_analysed"] / (self.hours * SECONDS_IN_HOUR)
        return rate_columns(columns["device_episodes"] - columns["true_episodes"], time)


@dataclass(frozen=True, kw_only=True)
class FalseEpisodesPerHour(_FalseEpisodes):
    """False episodes for each hour analysed."""

    name: ClassVar[str] = "false_episodes_per_hour"
    hours: ClassVar[float] = 1.0


@dataclass(frozen=True, kw_only=True)
class FalseEpisodesPerDay(_FalseEpisodes):
    """False episodes for each 24 hours analysed."""

    name: ClassVar[str] = "false_episodes_per_day"
    hours: ClassVar[float] = 24.0


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        EpisodeSensitivity,
        EpisodePositivePredictivity,
        DurationSensitivity,
        DurationPositivePredictivity,
        AfEpisodeSensitivity,
        AfEpisodePositivePredictivity,
        AfDurationSensitivity,
        AfDurationPositivePredictivity,
        AverageEpisodeSensitivity,
        AverageEpisodePositivePredictivity,
        AverageDurationSensitivity,
        AverageDurationPositivePredictivity,
        BurdenBias,
        BurdenAbsoluteError,
        StDeviationBias,
        StDeviationAbsoluteError,
        StDeviationWithin100Uv,
        TimeToDetection,
        FalseEpisodesPerHour,
        FalseEpisodesPerDay,
    ]
