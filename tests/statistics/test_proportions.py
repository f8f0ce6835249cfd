"""Intervals of one proportion against golden values, other programs and their own properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.proportions import (
    EffectiveCount,
    acceptance_interval,
    clopper_pearson,
    design_effect,
    effective_count,
    one_sided_upper,
    proportion_interval,
    ratio_of_counts,
    wilson,
)
from dmn_bench.vocabulary import Interval, NotEstimable

GOLDEN = [
    (45, 50, (0.7864, 0.9565), (0.7819, 0.9667)),
    (0, 30, (0, 0.1135), (0, 0.1157)),
    (30, 30, (0.8865, 1), (0.8843, 1)),
    (18, 20, (0.6990, 0.9721), (0.6830, 0.9877)),
    (190, 200, (0.9104, 0.9726), (0.9100, 0.9758)),
]
CLUSTERED_GOLDEN = [(45, 50, (0.7813, 0.9577)), (30, 30, (0.8776, 1)), (18, 20, (0.6751, 0.9750))]


def units(k, n):
    """k right of n units, one for each patient."""
    return np.r_[np.ones(k), np.zeros(n - k)], np.ones(n), np.arange(n)


def limits(found):
    assert isinstance(found, Interval)
    return found.low, found.high


@pytest.mark.parametrize(("k", "n", "display", "acceptance"), GOLDEN)
def test_golden_values_of_independent_units(k, n, display, acceptance):
    assert limits(wilson(k, n)) == pytest.approx(display, abs=5e-5)
    assert limits(clopper_pearson(k, n)) == pytest.approx(acceptance, abs=5e-5)
    assert limits(proportion_interval(*units(k, n), clustered=False)) == pytest.approx(display, abs=5e-5)
    assert limits(acceptance_interval(*units(k, n), clustered=False)) == pytest.approx(acceptance, abs=5e-5)


@pytest.mark.parametrize(("k", "n", "golden"), CLUSTERED_GOLDEN)
def test_golden_values_of_a_stratum_with_one_unit_per_patient_in_a_clustered_set(k, n, golden):
    found = proportion_interval(*units(k, n), clustered=True)
    assert limits(found) == pytest.approx(golden, abs=5e-5)
    assert found.method == "rao-scott-wilson-t"


@pytest.mark.parametrize("n", [1, 2, 7, 50, 1000])
def test_scipy_gives_the_same_limits(n):
    binomtest = pytest.importorskip("scipy.stats").binomtest
    for k in {0, 1, n // 2, n - 1, n}:
        witness = binomtest(k, n)
        assert limits(wilson(k, n)) == pytest.approx(tuple(witness.proportion_ci(method="wilson")), abs=1e-9)
        assert limits(clopper_pearson(k, n)) == pytest.approx(tuple(witness.proportion_ci(method="exact")), abs=1e-9)
        one_sided = binomtest(k, n, alternative="less").proportion_ci(method="exact").high
        assert one_sided_upper(k, n) == pytest.approx(one_sided, abs=1e-9)


def test_the_clustered_variance_is_the_sandwich_of_statsmodels():
    glm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    patients = np.repeat(np.arange(40), rng.integers(1, 6, 40))
    right = (rng.random(len(patients)) < rng.beta(3, 1, 40)[patients]).astype(float)
    share, n = right.mean(), len(right)
    fitted = glm.GLM(right, np.ones((n, 1)), family=glm.families.Gaussian()).fit(
        cov_type="cluster", cov_kwds={"groups": patients, "use_correction": False}
    )
    variance = float(fitted.cov_params()[0, 0]) * 40 / 39
    expected = max(variance * n / (share * (1 - share)), 1)
    assert design_effect(right, np.ones(n), patients) == pytest.approx(expected, rel=1e-10)


def test_copies_of_a_unit_add_nothing_but_the_price_of_an_estimated_variance():
    right, ones, patients = units(45, 50)
    once = proportion_interval(right, ones, patients, clustered=True)
    thrice = proportion_interval(np.repeat(right, 3), np.ones(150), np.repeat(patients, 3), clustered=True)
    assert limits(thrice) == pytest.approx(limits(once), abs=1e-12)
    assert thrice.effective_n == pytest.approx(49)


def test_all_right_or_all_wrong_counts_patients_not_images():
    patients = np.repeat(np.arange(10), 4)
    for value in (0.0, 1.0):
        found = proportion_interval(np.full(40, value), np.ones(40), patients, clustered=True)
        assert found.effective_n == 10
        strict = acceptance_interval(np.full(40, value), np.ones(40), patients, clustered=True)
        assert limits(strict) == pytest.approx(limits(clopper_pearson(10 * value, 10)))
        assert strict.method == "korn-graubard"


def test_counts_in_rows_are_the_same_as_rows_of_one():
    patients = np.array([0, 0, 0, 1, 1, 2, 3, 3])
    right = np.array([1.0, 1, 0, 1, 1, 0, 1, 0])
    by_unit = ratio_of_counts(right, np.ones(8), patients)
    by_record = ratio_of_counts(np.array([2.0, 2, 0, 1]), np.array([3.0, 2, 1, 2]), np.arange(4))
    assert limits(by_record) == pytest.approx(limits(by_unit), abs=1e-12)


def test_beats_of_one_record_are_clustered_even_when_nobody_says_so():
    hits, beats, patients = np.array([90.0, 70, 99]), np.array([100.0, 100, 100]), np.arange(3)
    assert proportion_interval(hits, beats, patients, clustered=False) == ratio_of_counts(hits, beats, patients)
    assert acceptance_interval(hits, beats, patients, clustered=False).method == "korn-graubard"


def test_effective_counts_keep_the_proportion_and_shrink_n():
    right, patients = np.array([1.0, 1, 1, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2])
    assert effective_count(right, np.ones(6), patients, clustered=False) == EffectiveCount(3, 6)
    k, n = effective_count(right, np.ones(6), patients, clustered=True)
    assert k / n == pytest.approx(0.5)
    assert n < 6


def test_rows_that_do_not_matter_do_not_make_a_patient():
    right, relevant = np.array([1.0, 0, 0]), np.array([1.0, 1, 0])
    assert effective_count(right, relevant, np.array([0, 0, 1]), clustered=True) == NotEstimable(reason="one_patient")


@pytest.mark.parametrize("interval", [proportion_interval, acceptance_interval])
def test_the_edges_are_absences_with_a_reason(interval):
    nothing = np.zeros(0)
    no_rows = interval(nothing, nothing, np.zeros(0, dtype=int), clustered=False)
    assert no_rows == NotEstimable(reason="no_denominator")
    assert interval(np.zeros(3), np.zeros(3), np.arange(3), clustered=True) == NotEstimable(reason="no_denominator")
    assert interval(np.ones(3), np.ones(3), np.zeros(3, int), clustered=True) == NotEstimable(reason="one_patient")
    one = interval(np.ones(1), np.ones(1), np.zeros(1, int), clustered=False)
    assert 0 < one.low < 0.3
    assert one.high == 1


def test_impossible_input_is_refused():
    for k, n in [(1, 0), (-1, 5), (6, 5), (math.nan, 5)]:
        with pytest.raises(ValueError, match="must"):
            wilson(k, n)
        with pytest.raises(ValueError, match="must"):
            clopper_pearson(k, n)
    with pytest.raises(ValueError, match="confidence"):
        wilson(1, 2, 95)
    with pytest.raises(ValueError, match="numerator"):
        proportion_interval(np.array([2.0]), np.array([1.0]), np.array([0]), clustered=False)
    with pytest.raises(ValueError, match="two patients"):
        design_effect(np.ones(2), np.ones(2), np.zeros(2, int))


ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=40)


@given(ROWS, st.booleans(), st.randoms(use_true_random=False))
def test_order_is_irrelevant_and_intervals_bracket_the_value(rows, clustered, chance):
    rows = [(min(a, b), max(a, b), p) for a, b, p in rows]
    shuffled = chance.sample(rows, len(rows))
    for interval in (proportion_interval, acceptance_interval):
        found, again = (
            interval(x.astype(float), m.astype(float), p, clustered=clustered)
            for x, m, p in (np.array(rows).T, np.array(shuffled).T)
        )
        if isinstance(found, NotEstimable):
            assert again == found
            continue
        assert limits(again) == pytest.approx(limits(found), abs=1e-9)
        x, m, _ = np.array(rows).T
        assert 0 <= found.low <= x.sum() / m.sum() + 1e-12
        assert x.sum() / m.sum() - 1e-12 <= found.high <= 1


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([wilson, clopper_pearson]))
def test_twice_the_data_narrow_the_interval(k, n, interval):
    k = min(k, n)
    once, twice = interval(k, n), interval(2 * k, 2 * n)
    assert twice.high - twice.low < once.high - once.low


@given(st.integers(1, 40), st.integers(0, 40))
def test_the_exact_interval_is_never_narrower_at_a_boundary_than_the_display_one(n, k):
    k = min(k, n)
    exact = clopper_pearson(k, n)
    assert exact.low <= k / n <= exact.high
    assert one_sided_upper(k, n) <= exact.high
