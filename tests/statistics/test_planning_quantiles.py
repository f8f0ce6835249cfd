"""Rules on quantiles as rules on counts: by hand, by the verdict itself count by count, and by simulation."""

import numpy as np
import pytest
from scipy.stats import binom

from dmn_bench.harness.deciding import verdict
from dmn_bench.statistics.planning_quantiles import (
    QuantileReach,
    fewest_for_quantile,
    quantile_chances,
    quantile_reach,
)
from dmn_bench.statistics.planning_verdicts import Goal
from dmn_bench.statistics.weighted_quantiles import quantile_limits
from dmn_bench.vocabulary import NotEstimable


def goal(direction="at_least", *, limit=0.9, confidence=0.95, minimum_n=1):
    return Goal(limit=limit, direction=direction, confidence=confidence, minimum_n=minimum_n)


@pytest.mark.parametrize(("share", "n"), [(0.5, 6), (0.25, 13), (0.75, 13), (0.1, 36), (0.9, 36)])
def test_the_fewest_cases_are_those_from_which_on_there_are_limits(share, n):
    """By hand for the median: 2·0.5⁵ > 0.05 >= 2·0.5⁶."""
    assert fewest_for_quantile(share, 0.95) == n
    ranks = np.arange(float(n))
    assert not isinstance(quantile_limits(ranks, np.arange(n), share, clustered=False), NotEstimable)
    assert isinstance(quantile_limits(ranks[1:], np.arange(n - 1), share, clustered=False), NotEstimable)


@pytest.mark.parametrize("n", [1, 5, 6, 20, 37, 60])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("direction", ["at_least", "at_most"])
@pytest.mark.parametrize("per_patient", [1, 2])
def test_the_counts_are_those_of_the_verdict_count_by_count(n, share, direction, per_patient):
    patients = np.arange(n) // per_patient
    clustered = per_patient > 1
    found = quantile_reach(patients, share, goal(direction), clustered=clustered)
    wrong_value, right_value = (0.5, 0.95) if direction == "at_least" else (0.95, 0.5)
    for right in range(n + 1):
        values = np.array([right_value] * right + [wrong_value] * (n - right))
        limits = quantile_limits(values, patients, share, clustered=clustered)
        said, _ = verdict(limits, limit=0.9, direction=direction)
        is_met = found.right_to_meet is not None and right >= found.right_to_meet
        is_failed = found.wrong_to_fail is not None and n - right >= found.wrong_to_fail
        assert said == ("met" if is_met else "not_met" if is_failed else "inconclusive")


def test_the_shares_have_the_power_that_is_asked_for():
    """Another program: the binomial tails of scipy.stats."""
    for n, share, power in [(20, 0.5, 0.8), (40, 0.25, 0.9), (100, 0.1, 0.8)]:
        found = quantile_reach(np.arange(n), share, goal(), clustered=False, power=power)
        assert binom.sf(found.right_to_meet - 1, n, found.met_from) == pytest.approx(power, abs=1e-9)
        assert binom.sf(found.wrong_to_fail - 1, n, 1 - found.not_met_up_to) == pytest.approx(power, abs=1e-9)


def test_the_chances_are_those_of_drawn_cases():
    rng = np.random.default_rng(20261122)
    found = quantile_reach(np.arange(30), 0.5, goal(), clustered=False)
    [chances] = quantile_chances(found, np.array([0.7]))
    drawn = [
        verdict(
            quantile_limits(np.where(rng.random(30) < 0.7, 0.95, 0.5), np.arange(30), 0.5, clustered=False),
            limit=0.9,
            direction="at_least",
        )[0]
        for _ in range(2000)
    ]
    assert drawn.count("met") / 2000 == pytest.approx(chances.met, abs=0.04)
    assert drawn.count("not_met") / 2000 == pytest.approx(chances.not_met, abs=0.04)
    assert sum(chances) == pytest.approx(1)


def test_no_verdict_below_the_minimum_of_the_protocol():
    found = quantile_reach(np.arange(8), 0.5, goal(minimum_n=10), clustered=False)
    assert found == QuantileReach(8, 10, None, None, None, None)
    assert [tuple(one) for one in quantile_chances(found, np.array([0.0, 1.0]))] == [(0.0, 0.0, 1.0)] * 2


def test_no_case_and_one_patient_alone_decide_nothing():
    assert quantile_reach(np.arange(0), 0.5, goal(), clustered=False)[2:] == (None, None, None, None)
    assert quantile_reach(np.zeros(20, dtype=int), 0.5, goal(), clustered=True)[2:] == (None, None, None, None)


def test_of_patients_with_several_cases_counts_are_known_and_shares_are_not():
    found = quantile_reach(np.arange(40) // 2, 0.5, goal(), clustered=True)
    alone = quantile_reach(np.arange(40), 0.5, goal(), clustered=False)
    assert found.right_to_meet > alone.right_to_meet
    assert found.met_from is found.not_met_up_to is None
