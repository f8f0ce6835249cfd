"""Metrics of episodes: shares, averages, burden, time to detection, false episodes; and what every metric must hold."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError
from dmn_bench.metrics import episodes as episode_metrics
from dmn_bench.metrics.episodes import (
    AfDurationSensitivity,
    AfEpisodePositivePredictivity,
    AfEpisodeSensitivity,
    AverageDurationSensitivity,
    BurdenAbsoluteError,
    BurdenBias,
    DurationPositivePredictivity,
    DurationSensitivity,
    EpisodePositivePredictivity,
    EpisodeSensitivity,
    FalseEpisodesPerDay,
    FalseEpisodesPerHour,
    TimeToDetection,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.episodes import Episodes
from dmn_bench.testing import MetricChecks
from dmn_bench.vocabulary import Answer, Beats, Episode, Interval, NotEstimable

from ..tasks.factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

METRICS = [
    *(cls() for cls in episode_metrics.register_metrics() if "episodes" in cls.tasks),
    TimeToDetection(quantile=0.25),
    TimeToDetection(over="found_episodes"),
]
AF = ((10, 30), (50, 60))


def reference_of(spans):
    marks = [mark for start, end in spans for mark in ((start, "(AFIB"), (end, "(N"))]
    return Beats(
        samples=np.array([second * 100 for second, _ in marks], dtype=np.int64),
        symbols=("+",) * len(marks),
        notes=tuple(note for _, note in marks),
    )


def judged(analysis=ITD, reference=AF, task=None, seconds=3600, **said):
    """Judgements of one record for each case; None: no answer, else spans in seconds."""
    units = [a_unit(name, None, cases=(a_case(name, f"p{place}"),)) for place, name in enumerate(said)]
    answers = [
        unanswered(name)
        if spans is None
        else Answer(
            case_id=name,
            status="answered",
            episodes=tuple(Episode(start_s=start, end_s=end, label="AFIB") for start, end in spans),
        )
        for name, spans in said.items()
    ]
    lent = context(
        units,
        analysis,
        reference_beats=lambda _: reference_of(reference),
        sampling_hz=lambda _: 100.0,
        n_samples=lambda _: seconds * 100,
    )
    return (task or Episodes(learning_seconds=0)).judge(units, by_case(*answers), lent)


@cache
def examples():
    rng = np.random.default_rng(8)
    reference = [(100 * n, 100 * n + 40) for n in range(1, 12)]
    said = {}
    for case in range(18):
        kept = [span for span in reference if rng.random() < 0.9]
        moved = [(start + float(rng.integers(0, 12)), end + float(rng.integers(0, 12))) for start, end in kept]
        said[f"c{case}"] = [*moved, *([(3000.0, 3050.0 + case)] if rng.random() < 0.6 else [])]
    return [judged(analysis, reference, **said, lost=None) for analysis in (ITD, EVALUABLE)]


class TestMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=METRICS, ids=repr)
    def part(self, request):
        self.given = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return examples()


def value(metric, judgements, weights=None):
    return float(metric.value(totals(metric.columns(judgements), weights))[0])


def test_shares_count_episodes_and_seconds_of_all_records():
    found = judged(a=[(10, 20), (70, 80)], b=[(0, 100)])
    assert value(EpisodeSensitivity(), found) == 3 / 4
    assert value(EpisodePositivePredictivity(), found) == 2 / 3
    assert value(DurationSensitivity(), found) == pytest.approx((10 + 30) / 60)
    assert value(DurationPositivePredictivity(), found) == pytest.approx((10 + 30) / (20 + 100))
    assert value(AverageDurationSensitivity(), found) == pytest.approx((10 / 30 + 1) / 2)


def test_figures_of_atrial_fibrillation_are_those_of_that_rhythm_alone():
    found = judged(a=[(10, 20)])
    assert value(AfEpisodeSensitivity(), found) == value(EpisodeSensitivity(), found) == 0.5
    assert value(AfDurationSensitivity(), found) == value(DurationSensitivity(), found)
    other = judged(a=[(10, 20)], task=Episodes(rhythm=("AFIB", "AFL"), learning_seconds=0))
    assert value(EpisodeSensitivity(), other) == 0.5
    assert np.isnan(value(AfEpisodeSensitivity(), other))
    assert np.isnan(value(AfEpisodePositivePredictivity(), other))


def test_few_episodes_are_few_however_long_they_are():
    columns = DurationSensitivity().columns(judged(a=[(10, 20)]))
    assert [float(columns.sums[name].sum()) for name in columns.own_n] == [2.0]


def test_burden_is_compared_in_percentage_points_over_answered_records():
    found = judged(seconds=100, a=[(10, 60)], b=[(10, 30)], c=None)
    assert value(BurdenBias(), found) == pytest.approx((20 - 10) / 2)
    assert value(BurdenAbsoluteError(), found) == pytest.approx((20 + 10) / 2)
    assert found.unit == "%"
    columns = BurdenBias().columns(found)
    limits = BurdenBias().interval(columns, found.units.patients[found.row_units], clustered=False, confidence=0.95)
    assert isinstance(limits, Interval)
    assert limits.low < 5 < limits.high
    assert limits[:2] == (-100, 100)  # 5 ± 12.7062 × 15, and no burden is more wrong than that
    found = judged(seconds=1000, a=[(10, 60)], b=[(10, 30)], c=None)
    patients = found.units.patients[found.row_units]
    limits = BurdenBias().interval(BurdenBias().columns(found), patients, clustered=False, confidence=0.95)
    assert isinstance(limits, Interval)
    assert limits.high == pytest.approx(0.5 + 12.7062 * 1.5, rel=1e-4)  # t with one degree of freedom; SE = 1.5


def test_the_limits_of_burden_know_what_is_possible_and_when_there_is_no_spread():
    def limits(metric, judgements):
        patients = judgements.units.patients[judgements.row_units]
        return metric.interval(metric.columns(judgements), patients, clustered=False, confidence=0.95)

    spread = judged(seconds=100, a=[(10, 60)], b=[(10, 30)], c=[(10, 30), (50, 61)])
    assert limits(BurdenAbsoluteError(), spread).low == 0
    assert limits(BurdenBias(), spread).low < 0
    same = judged(a=list(AF), b=list(AF), c=list(AF))
    assert limits(BurdenBias(), same) == NotEstimable(reason="degenerate")
    assert limits(BurdenBias(), judged(a=list(AF))).reason == "one_patient"
    assert limits(BurdenBias(), judged(a=None)).reason == "no_denominator"


@pytest.mark.parametrize(
    ("metric", "seconds"),
    [
        (TimeToDetection(), 5.0),  # of 0, 2, 4, 6, 8 and one missed: between 4 and 6
        (TimeToDetection(quantile=0.25), 2.0),
        (TimeToDetection(over="found_episodes"), 4.0),
        (TimeToDetection(quantile=0.8), 8.0),
    ],
)
def test_time_to_detection_is_a_quantile_of_episodes_a_missed_one_the_latest(metric, seconds):
    reference = [(100 * n, 100 * n + 20) for n in range(1, 7)]
    said = [(100 * n + 2 * (n - 1), 100 * n + 15) for n in range(1, 6)]
    assert value(metric, judged(reference=reference, a=said)) == seconds


def test_time_to_detection_has_no_number_where_too_many_are_missed():
    found = judged(a=[(12, 20)], b=[], c=None)
    assert np.isnan(value(TimeToDetection(), found))
    assert TimeToDetection().why_undefined(TimeToDetection().columns(found)) == NotEstimable(
        reason="episodes_missed", facts={"n": 6, "missed": 5}
    )
    assert value(TimeToDetection(over="found_episodes"), found) == 2.0
    with pytest.raises(ProtocolError, match="number_out_of_range"):
        TimeToDetection(quantile=1.0)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=9), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_the_weighted_median_is_that_of_so_many_copies(waits, copies):
    weights = np.array(copies[: len(waits)], dtype=float)
    reference = [(100 * n, 100 * n + 20) for n in range(1, len(waits) + 1)]
    found = judged(reference=reference, a=[(100 * n + w, 100 * n + 20) for n, w in enumerate(waits, start=1)])
    drawn = [wait for wait, times in zip(waits, copies, strict=False) for _ in range(times)]
    got = value(TimeToDetection(), found, np.concatenate(([1.0], weights))[None])
    assert got == np.median(drawn) if drawn else np.isnan(got)


def test_false_episodes_are_counted_over_the_time_that_the_device_analysed():
    found = judged(seconds=1800, a=[(10, 20), (70, 80), (90, 95)], b=[], c=None)
    assert value(FalseEpisodesPerHour(), found) == 2 / 1.0
    assert value(FalseEpisodesPerDay(), found) == pytest.approx(48)


def test_a_lost_answer_never_pays():
    kept, lost = judged(a=[], b=list(AF)), judged(a=None, b=list(AF))
    for metric in (EpisodeSensitivity(), DurationSensitivity(), AverageDurationSensitivity(), TimeToDetection()):
        assert value(metric, lost) == pytest.approx(value(metric, kept), nan_ok=True)
