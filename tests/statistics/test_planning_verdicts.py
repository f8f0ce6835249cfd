"""Chances of the three verdicts: R, brute force over the harness' own verdict, simulation with clusters, edges."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dmn_bench.harness.deciding import verdict
from dmn_bench.statistics.planning import goal_power
from dmn_bench.statistics.planning_verdicts import CasesAtHand, Goal, Reach, cases_at_hand, reach, verdict_chances
from dmn_bench.statistics.proportions import acceptance_interval

WITNESS = Path(__file__).parents[1] / "witnesses" / "planning.csv"
with WITNESS.open(encoding="utf-8") as stream:
    ROWS = [row for row in csv.DictReader(stream) if row["kind"] in ("met", "not_met")]


def independent(n):
    return CasesAtHand(n, n, float(n), n, False)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row.values()))
def test_chances_agree_with_r(row):
    goal = Goal(limit=float(row["c"]), confidence=float(row["d"]))
    chances = verdict_chances(float(row["b"]), independent(int(row["a"])), goal)
    assert getattr(chances, row["kind"]) == pytest.approx(float(row["value"]), rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.floats(0, 1, allow_subnormal=False).filter(lambda p: p == 0 or p > 1e-300),  # where SciPy's own masses overflow
    st.sampled_from([0.0, 0.05, 0.5, 0.8, 0.85, 0.9, 1.0]),
    st.sampled_from(["at_least", "at_most"]),
    st.sampled_from([0.8, 0.95, 0.9875]),
)
def test_chances_are_those_of_the_harness_verdict_count_by_count(n, truth, limit, direction, confidence):
    by_verdict = {"met": 0.0, "not_met": 0.0, "inconclusive": 0.0}
    for k in range(n + 1):
        hits = np.array([1.0] * k + [0.0] * (n - k))
        interval = acceptance_interval(hits, np.ones(n), np.arange(n), clustered=False, confidence=confidence)
        by_verdict[verdict(interval, limit=limit, direction=direction)[0]] += stats.binom.pmf(k, n, truth)
    found = verdict_chances(truth, independent(n), Goal(limit=limit, direction=direction, confidence=confidence))
    assert found._asdict() == pytest.approx(by_verdict, abs=1e-9)


@given(st.integers(2, 120), st.floats(0.05, 0.95), st.floats(0.01, 0.99))
def test_met_is_the_power_for_the_goal(n, goal, truth):
    if truth <= goal:
        return
    met = verdict_chances(truth, independent(n), Goal(limit=goal)).met
    assert met == pytest.approx(goal_power(np.array([n]), truth, goal)[0], abs=1e-9)


@given(st.integers(1, 200), st.floats(0.02, 0.98), st.sampled_from(["at_least", "at_most"]), st.floats(0.5, 0.95))
def test_the_reach_has_just_the_power(n, limit, direction, power):
    goal = Goal(limit=limit, direction=direction)
    found = reach(independent(n), goal, power=power)
    for value, name in zip(found, ("met", "not_met"), strict=True):
        if value is not None:
            assert getattr(verdict_chances(value, independent(n), goal), name) == pytest.approx(power, abs=1e-6)


@given(st.integers(1, 80), st.floats(0.05, 0.95))
def test_the_two_directions_mirror_each_other(n, limit):
    at_least, at_most = (Goal(limit=limit), Goal(limit=limit, direction="at_most"))
    up, down = reach(independent(n), at_least), reach(independent(n), at_most)
    assert (up.met_from is None) == (down.not_met_from is None)
    if up.met_from is not None:
        assert up.met_from == pytest.approx(down.not_met_from)


@given(st.integers(5, 100))
def test_more_cases_reach_closer_to_the_goal_but_for_the_saw(n):
    goal = Goal(limit=0.8)
    near, far = reach(independent(4 * n), goal), reach(independent(n), goal)
    assert near.not_met_from is not None
    if far.met_from is not None:
        assert near.met_from < far.met_from
    if far.not_met_from is not None:
        assert near.not_met_from > far.not_met_from


def test_too_few_cases_are_inconclusive_whatever_the_truth():
    goal = Goal(limit=0.5, minimum_n=10)
    assert verdict_chances(1.0, independent(9), goal) == (0.0, 0.0, 1.0)
    assert reach(independent(9), goal) == Reach(None, None)
    assert verdict_chances(1.0, independent(10), goal).met == 1.0
    assert verdict_chances(0.9, independent(0), Goal(limit=0.5)) == (0.0, 0.0, 1.0)


def test_limits_at_the_ends_are_decided_as_the_harness_decides_them():
    assert verdict_chances(0.3, independent(20), Goal(limit=0.0)) == (1.0, 0.0, 0.0)
    assert reach(independent(20), Goal(limit=0.0)).met_from == 0.0
    assert reach(independent(20), Goal(limit=1.0, direction="at_most")).met_from == 1.0
    assert reach(independent(20), Goal(limit=1.0)).met_from is None


def test_units_of_a_patient_are_copies_to_the_interval_and_what_the_icc_says_to_chance():
    patients = np.repeat(np.arange(50), 2)
    assert cases_at_hand(np.ones(100), patients, clustered=True, icc=0.0)[:4] == (100, 50, 50.0, 100)
    assert cases_at_hand(np.ones(100), patients, clustered=True, icc=1.0)[:4] == (100, 50, 50.0, 50)
    assert cases_at_hand(np.ones(100), patients, clustered=True, icc=0.5)[:4] == (100, 50, 50.0, 66)
    assert cases_at_hand(np.ones(100), np.arange(100), clustered=False, icc=1.0)[:4] == (100, 100, 100.0, 100)
    # by hand: sizes 1 and 3: Σm²/Σm = 10/4
    assert cases_at_hand(np.ones(4), np.array([0, 1, 1, 1]), clustered=True).interval_n == pytest.approx(1.6)


def test_rows_that_count_several_things_are_clusters_and_one_patient_decides_nothing():
    beats = cases_at_hand(np.array([100.0, 80.0]), np.array([0, 1]), clustered=False)
    assert beats.is_clustered
    assert beats.interval_n == pytest.approx(180**2 / (100**2 + 80**2))
    one = cases_at_hand(np.ones(30), np.zeros(30, dtype=int), clustered=True)
    assert verdict_chances(0.99, one, Goal(limit=0.1)) == (0.0, 0.0, 1.0)


def test_units_that_do_not_count_do_not_matter():
    counted = cases_at_hand(np.array([1.0, 0.0, 1.0]), np.array([0, 1, 2]), clustered=True)
    assert counted == cases_at_hand(np.ones(2), np.array([0, 2]), clustered=True)
    assert cases_at_hand(np.zeros(3), np.arange(3), clustered=True)[:4] == (0, 0, 0.0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("icc", [0.0, 0.3, 1.0])
def test_simulated_clusters_find_their_verdicts_about_as_often_as_foreseen(icc):
    """Beta-binomial patients with 1 to 3 units; the acceptance interval of the harness on each simulated set."""
    rng = np.random.default_rng(8)
    sizes = np.tile([1, 2, 3], 30)
    patients = np.repeat(np.arange(len(sizes)), sizes)
    truth, goal = 0.95, Goal(limit=0.85)
    met = 0
    for _ in range(1500):
        if icc == 0:
            share = np.full(len(sizes), truth)
        elif icc == 1:
            share = rng.binomial(1, truth, len(sizes)).astype(float)
        else:
            share = rng.beta(truth * (1 / icc - 1), (1 - truth) * (1 / icc - 1), len(sizes))
        hits = (rng.random(len(patients)) < share[patients]).astype(float)
        interval = acceptance_interval(hits, np.ones(len(patients)), patients, clustered=True)
        met += verdict(interval, limit=goal.limit, direction="at_least")[0] == "met"
    cases = cases_at_hand(np.ones(len(patients)), patients, clustered=True, icc=icc)
    assert met / 1500 == pytest.approx(verdict_chances(truth, cases, goal).met, abs=0.08)


@pytest.mark.parametrize(
    "call",
    [
        lambda: verdict_chances(1.5, independent(10), Goal(limit=0.5)),
        lambda: reach(independent(10), Goal(limit=0.5), power=1.0),
        lambda: cases_at_hand(np.ones(2), np.arange(2), clustered=True, icc=-0.1),
        lambda: cases_at_hand(np.array([-1.0]), np.arange(1), clustered=True),
    ],
)
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()
