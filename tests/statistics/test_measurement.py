"""Bias and limits of agreement: by hand, against SciPy's distributions, by simulation, and at the edges."""

import math

import numpy as np
import pytest
from scipy import stats

from dmn_bench.statistics.measurement import limit_interval, limit_of_agreement, mean_interval
from dmn_bench.vocabulary import NotEstimable

Z = stats.norm.ppf(0.975)


def alone(n):
    return np.arange(n)


def test_the_mean_of_independent_values_has_students_interval():
    values = np.random.default_rng(3).normal(2, 5, 17)
    ours = mean_interval(values, np.ones(17), alone(17), confidence=0.9)
    theirs = stats.t.interval(0.9, 16, values.mean(), stats.sem(values))
    assert ours[:2] == pytest.approx(theirs, rel=1e-12)


def test_a_patient_whose_value_is_repeated_counts_once():
    values = np.array([1.0, 4.0, 2.0, 9.0])
    once = mean_interval(values, np.ones(4), alone(4), confidence=0.95)
    often = mean_interval(np.repeat(values, 3), np.ones(12), np.repeat(alone(4), 3), confidence=0.95)
    assert often[:2] == pytest.approx(once[:2])


def test_a_weight_of_two_is_the_same_patient_seen_twice():
    values, patients = np.array([1.0, 4.0, 2.0]), alone(3)
    weighted = mean_interval(values, np.array([2.0, 1.0, 1.0]), patients, confidence=0.95)
    repeated = mean_interval(np.array([1.0, 1.0, 4.0, 2.0]), np.ones(4), np.array([0, 0, 1, 2]), confidence=0.95)
    assert weighted[:2] == pytest.approx(repeated[:2])


def test_limits_of_agreement_by_hand():
    d = np.array([-4.0, 0.0, 1.0, 3.0])  # mean 0; squares sum to 26, so that the deviation is sqrt(26 / 3)
    for side in (-1, 1):
        found = limit_of_agreement(np.array([d.sum()]), np.array([(d**2).sum()]), np.array([4.0]), side)
        assert found[0] == pytest.approx(side * 1.959963985 * math.sqrt(26 / 3))


def test_the_exact_limits_are_those_of_the_noncentral_t_distribution():
    d = np.random.default_rng(5).normal(1, 3, 25)
    found = limit_interval(d, alone(25), 1, clustered=False, confidence=0.95)
    expected = d.mean() + d.std(ddof=1) / 5 * stats.nct.ppf([0.025, 0.975], 24, Z * 5)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)


def test_both_limits_mirror_each_other_when_the_differences_change_their_sign():
    d = np.random.default_rng(6).gamma(2, 1, 30)
    for clustered in (False, True):
        low = limit_interval(d, alone(30), -1, clustered=clustered, confidence=0.95)
        high = limit_interval(-d, alone(30), 1, clustered=clustered, confidence=0.95)
        assert (low.low, low.high) == pytest.approx((-high.high, -high.low))


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "least"), [([1] * 40, 0.93), ([4] * 30, 0.94), ([1, 2, 5, 11] * 5, 0.94)])
def test_limits_cover_the_true_limit_of_agreement(sizes, least):
    rng, runs, several = np.random.default_rng(len(sizes)), 1500, max(sizes) > 1
    patients = np.repeat(alone(len(sizes)), sizes)
    true = Z * (5.0 if several else 3.0)
    hits = 0
    for _ in range(runs):
        shared = rng.normal(0, 4, len(sizes))[patients] if several else 0
        found = limit_interval(
            shared + rng.normal(0, 3, len(patients)), patients, 1, clustered=several, confidence=0.95
        )
        hits += found.low <= true <= found.high
    assert hits / runs > least


def test_the_edges_have_reasons_and_no_number():
    assert mean_interval(np.array([]), np.array([]), alone(0), confidence=0.95) == NotEstimable(reason="no_denominator")
    assert mean_interval(np.ones(3), np.zeros(3), alone(3), confidence=0.95) == NotEstimable(reason="no_denominator")
    together = np.zeros(3, dtype=int)
    assert mean_interval(np.arange(3.0), np.ones(3), together, confidence=0.95) == NotEstimable(reason="one_patient")
    assert limit_interval(np.ones(1), alone(1), 1, clustered=False, confidence=0.95) == NotEstimable(reason="one_value")
    equal = NotEstimable(reason="degenerate")
    assert mean_interval(np.full(4, 2.0), np.ones(4), alone(4), confidence=0.95) == equal
    for clustered in (False, True):
        assert limit_interval(np.full(4, 2.0), alone(4), 1, clustered=clustered, confidence=0.95) == equal
    one = limit_interval(np.arange(4.0), np.zeros(4, dtype=int), 1, clustered=True, confidence=0.95)
    assert one == NotEstimable(reason="one_patient")
    assert np.isnan(limit_of_agreement(np.array([1.0]), np.array([1.0]), np.array([1.0]), 1)).all()
