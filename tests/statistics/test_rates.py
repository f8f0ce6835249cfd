"""Rates in time and means over records: by hand, against SciPy, by simulation, and where nothing was counted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dmn_bench.statistics.proportions import wilson
from dmn_bench.statistics.rates import mean_share_interval, rate_interval
from dmn_bench.vocabulary import NotEstimable


def of_patients(n):
    return np.arange(n)


def test_no_event_in_a_hundred_hours_is_at_most_the_limit_of_poisson():
    found = rate_interval(np.zeros(5), np.full(5, 20.0), of_patients(5), confidence=0.95)
    assert found.low == 0
    assert found.high == pytest.approx(-math.log(0.025) / 100)
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 100)


def test_evenly_spread_events_have_garwoods_limits_of_their_student_size():
    found = rate_interval(np.full(400, 2.0), np.full(400, 1.0), of_patients(400), confidence=0.95)
    size = 800 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 399)) ** 2
    low, high = stats.chi2.ppf(0.025, 2 * size) / 2, stats.chi2.ppf(0.975, 2 * (size + 1)) / 2
    assert (found.low, found.high) == pytest.approx((2 * low / size, 2 * high / size))
    assert found.effective_n == pytest.approx(size)


def test_events_of_one_patient_say_less_than_events_of_many():
    many = rate_interval(np.full(20, 5.0), np.full(20, 10.0), of_patients(20), confidence=0.95)
    one = rate_interval(np.array([100.0] + [0.0] * 19), np.full(20, 10.0), of_patients(20), confidence=0.95)
    assert one.low < many.low < 0.5 < many.high < one.high


def test_a_patient_cut_into_records_counts_once():
    whole = rate_interval(np.array([4.0, 1.0, 0.0]), np.array([8.0, 6.0, 4.0]), of_patients(3), confidence=0.9)
    cut = rate_interval(
        np.array([1.0, 3.0, 1.0, 0.0]), np.array([5.0, 3.0, 6.0, 4.0]), np.array([0, 0, 1, 2]), confidence=0.9
    )
    assert cut[:2] == pytest.approx(whole[:2])


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.1, 50)), min_size=2, max_size=30))
def test_the_limits_hold_the_rate(rows):
    events, hours = np.array([float(e) for e, _ in rows]), np.array([h for _, h in rows])
    found = rate_interval(events, hours, of_patients(len(rows)), confidence=0.95)
    assert 0 <= found.low <= events.sum() / hours.sum() <= found.high


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "shape", "least"), [(0.05, None, 0.95), (0.5, 2.0, 0.92), (5.0, 2.0, 0.91)])
def test_limits_of_a_rate_cover_it(rate, shape, least):
    rng, k, runs = np.random.default_rng(7), 20, 1500
    hits = 0
    for _ in range(runs):
        hours = rng.uniform(1, 24, k)
        own = rate if shape is None else rng.gamma(shape, rate / shape, k)
        found = rate_interval(rng.poisson(own * hours).astype(float), hours, of_patients(k), confidence=0.95)
        hits += found.low <= rate <= found.high
    assert hits / runs > least


def test_shares_that_do_not_differ_are_as_many_units_as_patients():
    for share in (0.0, 0.5, 1.0):
        found = mean_share_interval(np.full(12, share), np.ones(12), of_patients(12), confidence=0.95)
        expected = wilson(12 * share, 12, 0.95, quantile=stats.t.ppf(0.975, 11))
        assert found[:2] == pytest.approx(expected[:2])


def test_yes_or_no_records_give_the_size_of_their_patients():
    shares = np.array([1.0] * 15 + [0.0] * 5)
    found = mean_share_interval(shares, np.ones(20), of_patients(20), confidence=0.95)
    assert found.effective_n == pytest.approx(19)  # n − 1: the variance is estimated from the same records


def test_a_record_twice_is_no_more_evidence():
    shares = np.array([0.9, 0.7, 1.0, 0.4])
    once = mean_share_interval(shares, np.ones(4), of_patients(4), confidence=0.95)
    twice = mean_share_interval(np.repeat(shares, 2), np.ones(8), np.repeat(of_patients(4), 2), confidence=0.95)
    assert twice[:2] == pytest.approx(once[:2])


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), [(99.0, 1.0), (9.5, 0.5), (2.0, 1.0)])
def test_limits_of_a_mean_share_cover_it(a, b):
    rng, k, runs = np.random.default_rng(8), 23, 1500
    hits = 0
    for _ in range(runs):
        found = mean_share_interval(rng.beta(a, b, k), np.ones(k), of_patients(k), confidence=0.95)
        hits += found.low <= a / (a + b) <= found.high
    assert hits / runs > 0.91


def test_the_edges_have_reasons():
    nothing, none = np.zeros(0), of_patients(0)
    assert rate_interval(nothing, nothing, none, confidence=0.95) == NotEstimable(reason="no_denominator")
    assert rate_interval(np.ones(2), np.zeros(2), of_patients(2), confidence=0.95).reason == "no_denominator"
    assert rate_interval(np.ones(2), np.ones(2), np.zeros(2, dtype=int), confidence=0.95).reason == "one_patient"
    assert mean_share_interval(nothing, nothing, none, confidence=0.95).reason == "no_denominator"
    assert mean_share_interval(np.ones(1), np.ones(1), of_patients(1), confidence=0.95).reason == "one_patient"
