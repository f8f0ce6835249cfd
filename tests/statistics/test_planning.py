"""Sample sizes for a width and for a goal: golden numbers, other programs, brute force, properties, edges."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dmn_bench.statistics import planning
from dmn_bench.statistics.proportions import clopper_pearson, wilson

WITNESS = Path(__file__).parents[1] / "witnesses" / "planning.csv"


def witnessed(*kinds):
    with WITNESS.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] in kinds]
    assert rows
    return [(row["kind"], *(float(row[name]) for name in ("a", "b", "c", "d", "value"))) for row in rows]


@pytest.mark.parametrize(
    ("share", "by_wilson", "by_buderer"),
    [
        (0.80, (682, 245, 60), (683, 246, 62)),
        (0.90, (388, 141, 37), (385, 139, 35)),
        (0.95, (215, 83, 25), (203, 73, 19)),
    ],
)
def test_units_for_a_width_are_those_of_the_requirements(share, by_wilson, by_buderer):
    widths = (0.03, 0.05, 0.10)
    assert tuple(planning.units_for_width(share, w) for w in widths) == by_wilson
    assert tuple(planning.buderer(share, w) for w in widths) == by_buderer


@pytest.mark.parametrize(
    ("truth", "goal", "stays", "touched"),
    [
        (0.95, 0.85, 84, 75),
        (0.95, 0.90, 255, 231),
        (0.92, 0.85, 185, 169),
        (0.90, 0.80, 113, 107),
        (0.97, 0.90, 114, 100),
    ],
)
def test_units_for_a_goal_are_those_of_the_requirements(truth, goal, stays, touched):
    found = planning.units_for_goal(truth, goal)
    assert (found.n, found.first_touch) == (stays, touched)
    assert found.power >= 0.8
    mirrored = planning.units_for_goal(round(1 - truth, 9), round(1 - goal, 9))
    assert (mirrored.n, mirrored.first_touch) == (stays, touched)


def test_five_points_at_a_prevalence_of_five_percent_need_2820_exams():
    wilsons, buderers = planning.units_for_width(0.9, 0.05), planning.buderer(0.9, 0.05)
    assert planning.recruit(wilsons, share_of_exams=0.05).exams == 2820
    assert planning.recruit(buderers, share_of_exams=0.05).exams == 2780


@pytest.mark.parametrize("row", witnessed("goal_stays", "goal_touched"), ids=str)
def test_units_for_a_goal_agree_with_r(row):
    kind, truth, goal, power, level, value = row
    found = planning.units_for_goal(truth, goal, power=power, confidence=level)
    assert (found.n if kind == "goal_stays" else found.first_touch) == value


@pytest.mark.parametrize("row", witnessed("buderer_exams"), ids=str)
def test_buderer_agrees_with_epir_before_rounding(row):
    _, share, half, prevalence, level, exams = row
    assert planning.buderer(share, half, confidence=level) == math.ceil(exams * prevalence)


def test_a_width_agrees_with_statsmodels():
    proportion = pytest.importorskip("statsmodels.stats.proportion", reason="statsmodels is not installed")
    for share in (0.5, 0.8, 0.95):
        for half in (0.02, 0.05, 0.1):
            n = planning.units_for_width(share, half)
            widths = [np.ptp(proportion.proportion_confint(share * m, m, method="wilson")) / 2 for m in (n - 1, n)]
            assert widths[1] <= half < widths[0]
            assert planning.buderer(share, half) == math.ceil(
                proportion.samplesize_confint_proportion(share, half, method="normal") - 1e-9
            )


@given(st.floats(0.01, 0.99), st.floats(0.004, 0.45), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_width_is_reached_at_n_and_not_before(share, half, level):
    n = planning.units_for_width(share, half, confidence=level)
    assert planning.half_width(share, n, confidence=level) <= half * (1 + 1e-8)
    assert n == 1 or planning.half_width(share, n - 1, confidence=level) > half * (1 - 1e-8)


@given(st.floats(0.05, 0.95), st.integers(2, 400))
def test_the_half_width_is_that_of_wilsons_interval(share, n):
    low, high, _, _ = wilson(share * n, n)
    assert planning.half_width(share, n) == pytest.approx((high - low) / 2, abs=1e-12)


@given(st.floats(0.02, 0.98), st.floats(0.01, 0.2))
def test_fewer_units_are_needed_for_a_wider_interval(share, half):
    assert planning.units_for_width(share, half * 2) <= planning.units_for_width(share, half)


def brute_power(n, truth, goal, level):
    """Every count with its own interval: no search, no monotony assumed."""
    intervals = [clopper_pearson(k, n, level) for k in range(n + 1)]
    right = [i.low >= goal if truth > goal else i.high <= goal for i in intervals]
    return float(stats.binom.pmf(np.arange(n + 1), n, truth)[right].sum())


@given(st.integers(1, 90), st.floats(0.03, 0.97), st.floats(0.03, 0.97), st.sampled_from([0.8, 0.95, 0.99]))
def test_power_for_a_goal_is_that_of_brute_force(n, truth, goal, level):
    if abs(truth - goal) < 1e-6:
        return
    assert planning.goal_power(np.array([n]), truth, goal, confidence=level)[0] == pytest.approx(
        brute_power(n, truth, goal, level), abs=1e-9
    )


def test_power_is_a_saw_between_jumps_and_stays_from_n_on():
    sizes = np.arange(1, 2000)
    power = planning.goal_power(sizes, 0.95, 0.90)
    assert (np.diff(power) < -1e-12).any()
    n = planning.units_for_goal(0.95, 0.90).n
    assert (power[n - 1 :] >= 0.8).all()
    assert power[n - 2] < 0.8


@given(st.floats(0.6, 0.99), st.floats(0.03, 0.3), st.sampled_from([0.5, 0.8, 0.9]))
def test_more_power_needs_more_units(truth, gap, power):
    goal = truth - gap
    less, more = (planning.units_for_goal(truth, goal, power=p) for p in (power, min(power + 0.05, 0.95)))
    assert less.first_touch <= less.n <= more.n


def test_the_bound_of_the_search_holds():
    for truth, goal in ((0.95, 0.85), (0.6, 0.4), (0.99, 0.9), (0.2, 0.5), (0.93, 0.9), (1.0, 0.5), (0.01, 0.02)):
        last = planning._safe_from(truth, goal, 0.8, 0.025)
        assert last < 20_000
        assert (planning.goal_power(np.arange(last, last + 3000), truth, goal) >= 0.8).all()


def test_a_goal_next_to_the_truth_is_out_of_reach():
    assert planning.units_for_goal(0.9, 0.9001) is None


@pytest.mark.slow
def test_simulated_verdicts_have_the_planned_power():
    rng = np.random.default_rng(3)
    n = planning.units_for_goal(0.92, 0.85).n
    hits = rng.binomial(n, 0.92, size=20_000)
    met = np.array([clopper_pearson(k, n).low >= 0.85 for k in range(n + 1)])[hits]
    expected = planning.goal_power(np.array([n]), 0.92, 0.85)[0]
    assert met.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 20_000))


def test_roc_variance_is_that_of_the_published_formula_by_hand():
    # area 0.75: Q1 = 0.6, Q2 = 1.125/1.75 = 0.642857; one unit of each class: 0.1875
    assert planning.roc_variance(0.75, 1, 1) == pytest.approx(0.1875)
    by_hand = (0.1875 + 9 * (0.6 - 0.5625) + 19 * (1.125 / 1.75 - 0.5625)) / 200
    assert planning.roc_variance(0.75, 10, 20) == pytest.approx(by_hand)


def test_roc_variance_is_that_of_exponential_scores():
    rng = np.random.default_rng(5)
    positive, negative = rng.exponential(9.0, (4000, 40)), rng.exponential(1.0, (4000, 60))
    areas = (positive[:, :, None] > negative[:, None, :]).mean(axis=(1, 2))
    assert areas.mean() == pytest.approx(0.9, abs=0.003)
    assert areas.var() == pytest.approx(planning.roc_variance(0.9, 40, 60), rel=0.08)


@given(st.floats(0.55, 0.98), st.floats(0.02, 0.2), st.floats(0.2, 20))
def test_the_roc_width_is_reached_at_n_and_not_before(area, half, ratio):
    positive, negative = planning.units_for_roc_width(area, half, negatives_per_positive=ratio)
    wanted = (half / 1.959964) ** 2
    assert planning.roc_variance(area, positive, negative) <= wanted * (1 + 1e-6)
    if positive > 1:
        fewer = max(1, math.ceil((positive - 1) * ratio * (1 - 1e-9)))
        assert planning.roc_variance(area, positive - 1, fewer) > wanted * (1 - 1e-6)


@given(st.integers(1, 5000), st.floats(1, 10), st.floats(0, 1), st.floats(0, 0.9), st.floats(0.001, 1))
def test_recruiting_never_shrinks_a_number_and_leaves_enough(n, units, icc, unanswered, share):
    found = planning.recruit(n, units_per_patient=units, icc=icc, share_unanswered=unanswered, share_of_exams=share)
    assert found.independent == n <= found.units <= found.with_unanswered <= found.exams
    left = found.exams * share * (1 - unanswered) / (1 + (units - 1) * icc)
    assert left >= n * (1 - 1e-6)


def test_independent_units_are_left_as_they_are():
    assert planning.recruit(84) == (84, 84, 84, None)
    assert planning.recruit(84, units_per_patient=3, icc=0.0).units == 84
    assert planning.recruit(84, units_per_patient=3, icc=1.0).units == 252


@pytest.mark.parametrize(
    "call",
    [
        lambda: planning.units_for_width(0.0, 0.05),
        lambda: planning.units_for_width(1.0, 0.05),
        lambda: planning.units_for_width(0.9, 0.0),
        lambda: planning.units_for_width(0.9, 0.5),
        lambda: planning.units_for_width(math.nan, 0.05),
        lambda: planning.buderer(0.9, -0.1),
        lambda: planning.half_width(0.9, 0),
        lambda: planning.half_width(1.1, 10),
        lambda: planning.units_for_goal(0.9, 0.9),
        lambda: planning.units_for_goal(0.9, 0.0),
        lambda: planning.units_for_goal(0.9, 0.8, power=1.0),
        lambda: planning.units_for_goal(0.9, 0.8, confidence=1.0),
        lambda: planning.goal_power(np.array([10]), 1.2, 0.8),
        lambda: planning.roc_variance(0.9, 0, 10),
        lambda: planning.roc_variance(1.0, 10, 10),
        lambda: planning.units_for_roc_width(0.9, 0.05, negatives_per_positive=0),
        lambda: planning.recruit(0),
        lambda: planning.recruit(10, units_per_patient=0.5),
        lambda: planning.recruit(10, icc=1.5),
        lambda: planning.recruit(10, share_unanswered=1.0),
        lambda: planning.recruit(10, share_of_exams=0.0),
        lambda: planning.recruit_for_strata(10, {"a": 0.0}),
        lambda: planning.units_for_calibration(0.0),
    ],
)
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()


def test_truths_at_the_ends_are_planned_for():
    assert planning.units_for_goal(1.0, 0.85).n == 23  # 0.025^(1/22) = 0.8456 < 0.85 <= 0.025^(1/23) = 0.8518
    assert planning.units_for_goal(0.0, 0.15).n == 23
