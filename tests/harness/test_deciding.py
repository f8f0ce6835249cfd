"""Verdicts follow the exact interval and nothing else."""

import dataclasses
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from dmn_bench.harness.deciding import RuleInput, decide, verdict
from dmn_bench.harness.estimating import PlannedMetric
from dmn_bench.metrics.classification import Sensitivity
from dmn_bench.metrics.episodes import TimeToDetection
from dmn_bench.metrics.segmentation import HausdorffDistance95
from dmn_bench.protocol import MetricEntry, Rule, Statistics
from dmn_bench.record import AcceptanceRow
from dmn_bench.statistics.proportions import clopper_pearson
from dmn_bench.vocabulary import Interval, NotEstimable

from .factories import SENSITIVITY, judged


def decided(asked, *, at_least=None, at_most=None, each_level_of=None):
    rule = Rule(
        id="se",
        endpoint="exam",
        metric=MetricEntry(name="sensitivity"),
        at_least=at_least,
        at_most=at_most,
        each_level_of=each_level_of,
    )
    return decide(RuleInput(rule=rule, judged=asked, plan=SENSITIVITY), Statistics())


def test_a_rule_is_met_when_the_exact_lower_limit_reaches_it():
    (row,) = decided(judged(hits=190, misses=10), at_least=0.90)
    assert row.verdict == "met"
    assert (row.low, row.high) == pytest.approx((0.9100, 0.9758), abs=5e-5)
    assert row.method == "clopper-pearson"


def test_a_rule_is_not_met_when_the_whole_interval_lies_below():
    (row,) = decided(judged(hits=45, misses=5), at_least=0.97)
    assert (row.verdict, row.reason) == ("not_met", "interval_below")


def test_a_rule_is_inconclusive_when_the_interval_holds_the_limit_though_the_estimate_is_above():
    (row,) = decided(judged(hits=90, misses=10), at_least=0.85)
    assert (row.value, row.verdict) == (0.9, "inconclusive")
    assert row.low == pytest.approx(0.824, abs=5e-4)


def test_below_the_minimum_n_a_rule_is_inconclusive_even_when_all_are_right():
    (row,) = decided(judged(hits=9, misses=0), at_least=0.1)
    assert (row.verdict, row.reason, row.value) == ("inconclusive", "too_few", None)


def test_levels_share_the_error_so_that_their_intervals_are_wider_than_single_ones():
    rows = decided(judged(hits=60, misses=4, sexes=(["F", "M"] * 32)), at_least=0.7, each_level_of="sex")
    assert [row.stratum for row in rows] == [{"sex": "F"}, {"sex": "M"}]
    for row in rows:
        assert row.confidence == pytest.approx(0.975)
        assert row.low == pytest.approx(clopper_pearson(row.numerator, row.denominator, 0.975).low)


def test_clustered_patients_widen_the_interval_of_a_rule():
    (single,) = decided(judged(hits=90, misses=10), at_least=0.8)
    (clustered,) = decided(judged(hits=90, misses=10, n_per_patient=2), at_least=0.8)
    assert clustered.method == "korn-graubard"
    assert clustered.low < single.low


@pytest.mark.parametrize(
    ("low", "high", "direction", "expected"),
    [
        (0.85, 0.95, "at_least", "met"),
        (0.84, 0.86, "at_least", "inconclusive"),
        (0.80, 0.85, "at_least", "inconclusive"),
        (0.80, 0.8499, "at_least", "not_met"),
        (0.80, 0.85, "at_most", "met"),
        (0.85, 0.95, "at_most", "inconclusive"),
        (0.8501, 0.95, "at_most", "not_met"),
    ],
)
def test_the_limit_itself_is_on_the_right_side(low, high, direction, expected):
    assert verdict(Interval(low, high, "exact"), limit=0.85, direction=direction)[0] == expected


@dataclass(frozen=True, kw_only=True)
class CalledTooOften(Sensitivity):
    """A figure that is best at one value."""

    target: ClassVar[float] = 0.9


@pytest.mark.parametrize(("n_silent", "expected"), [(0, "met"), (1, "inconclusive")])
def test_what_is_best_at_one_value_is_never_shown_while_answers_are_missing(n_silent, expected):
    found = judged(hits=190, misses=10)
    units = found.judgements.units
    statuses = ("failed",) * n_silent + units.statuses[n_silent:]
    judgements = dataclasses.replace(found.judgements, units=dataclasses.replace(units, statuses=statuses))
    silent = dataclasses.replace(found, judgements=judgements)
    for metric, verdicts in ((CalledTooOften(), expected), (Sensitivity(), "met")):
        rule = Rule(id="r", endpoint="exam", metric=MetricEntry(name="sensitivity"), at_least=0.90)
        plan = PlannedMetric(metric=metric, parameters={})
        (row,) = decide(RuleInput(rule=rule, judged=silent, plan=plan), Statistics())
        assert row.verdict == verdicts
        assert (row.reason == "silent_cases") == (verdicts == "inconclusive")


def times_to_detection(seconds, *, episodes_of_a_patient=1):
    """One row for each episode; inf where it was missed."""
    found = judged(hits=len(seconds), misses=0, n_per_patient=episodes_of_a_patient)
    columns = {"score": np.array(seconds, dtype=np.float64), "episode": np.ones(len(seconds))}
    return dataclasses.replace(found, judgements=dataclasses.replace(found.judgements, columns=columns))


def distances(millimetres, *, metric):
    """One row for each case of one structure; inf where nothing was delivered."""
    found = judged(hits=len(millimetres), misses=0)
    values = np.array(millimetres, dtype=np.float64)
    missed = np.isinf(values)
    columns = {
        "hd95": np.where(missed, 0.0, values),
        "is_far": missed.astype(float),
        **{name: np.ones(len(values)) for name in ("is_measured", "has_tolerance")},
    }
    judgements = dataclasses.replace(found.judgements, task="segmentation", columns=columns)
    return RuleInput(
        rule=Rule(id="far", endpoint="exam", metric=MetricEntry(name="hd95"), at_most=3.0),
        judged=dataclasses.replace(found, judgements=judgements),
        plan=PlannedMetric(metric=metric, parameters={}),
    )


@pytest.mark.parametrize(
    ("n_missed", "millimetres", "verdict_of_all", "low"),
    [
        (0, 1.0, "met", 1.0),
        (5, 1.0, "met", 1.0),  # of 20 the 6th and the 15th: neither is missed
        (6, 1.0, "inconclusive", 1.0),
        (14, 1.0, "inconclusive", 1.0),
        (15, 1.0, "not_met", None),  # both are
        (20, 1.0, "not_met", None),
        (0, 5.0, "not_met", 5.0),
        (6, 5.0, "not_met", 5.0),
        (14, 5.0, "not_met", 5.0),
    ],
)
def test_what_is_infinitely_far_is_the_worst_there_is_and_saying_nothing_opens_no_verdict(
    n_missed, millimetres, verdict_of_all, low
):
    asked = distances([math.inf] * n_missed + [millimetres] * (20 - n_missed), metric=HausdorffDistance95())
    (row,) = decide(asked, Statistics())
    assert (row.verdict, row.low) == (verdict_of_all, low)
    assert row.method == "order-statistics"
    assert row.value == (millimetres if n_missed < 10 else None)
    assert (row.high is None) == (n_missed >= 6)
    assert AcceptanceRow.model_validate_json(row.model_dump_json()) == row


def test_a_mean_over_an_infinite_case_is_undecided_and_says_of_how_many():
    asked = distances([math.inf] * 2 + [1.0] * 18, metric=HausdorffDistance95(summary="mean"))
    (row,) = decide(asked, Statistics())
    assert (row.verdict, row.reason, row.method) == ("inconclusive", "segmentation_infinite", None)
    assert row.reason_facts == {"n": 20, "infinite": 2}


def test_a_rule_that_has_an_interval_is_written_as_before():
    (row,) = decided(judged(hits=190, misses=10), at_least=0.90)
    assert "reason_facts" not in row.model_dump(mode="json")


@pytest.mark.parametrize(
    ("missed", "expected", "bounds"),
    [(0, "met", (2.0, 2.0)), (6, "inconclusive", (2.0, None)), (15, "not_met", (None, None))],
)
def test_a_detection_that_never_comes_is_later_than_any(missed, expected, bounds):
    rule = Rule(id="soon", endpoint="exam", metric=MetricEntry(name="time_to_detection"), at_most=10)
    asked = RuleInput(
        rule=rule,
        judged=times_to_detection([math.inf] * missed + [2.0] * (20 - missed)),
        plan=PlannedMetric(metric=TimeToDetection(), parameters={}),
    )
    (row,) = decide(asked, Statistics())
    assert (row.verdict, (row.low, row.high)) == (expected, bounds)


def test_episodes_of_one_patient_count_as_fewer():
    rule = Rule(id="soon", endpoint="exam", metric=MetricEntry(name="time_to_detection"), at_most=10)
    limits = []
    for each in (1, 2):
        asked = RuleInput(
            rule=rule,
            judged=times_to_detection(np.arange(1.0, 21.0), episodes_of_a_patient=each),
            plan=PlannedMetric(metric=TimeToDetection(), parameters={}),
        )
        (row,) = decide(asked, Statistics())
        limits.append((row.low, row.high, row.method))
    assert limits == [(6.0, 15.0, "order-statistics"), (3.0, 18.0, "order-statistics-clustered")]


def test_no_interval_is_never_met():
    assert verdict(NotEstimable(reason="one_class"), limit=0.0, direction="at_least") == ("inconclusive", "one_class")
