"""Paired tests and intervals, gaps between strata, heterogeneity and Holm: golden values, witnesses, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.comparison import (
    heterogeneity,
    holm,
    mcnemar,
    newcombe_interval,
    permutation_heterogeneity,
    tango_interval,
)
from dmn_bench.statistics.quantiles import normal_quantile
from dmn_bench.vocabulary import NotEstimable


def test_golden_mcnemar():
    assert mcnemar(12, 2) == pytest.approx((0.012939, 0.007385), abs=5e-7)
    assert mcnemar(2, 12) == mcnemar(12, 2)
    assert mcnemar(0, 0) == (1, 1)
    with pytest.raises(ValueError, match="negative"):
        mcnemar(-1, 3)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mid_p_is_below_the_exact_p_and_both_are_probabilities(b, c):
    found = mcnemar(b, c)
    assert 0 <= found.mid_p <= found.exact <= 1


def test_statsmodels_gives_the_same_mcnemar():
    witness = pytest.importorskip("statsmodels.stats.contingency_tables").mcnemar
    for b, c in [(0, 5), (3, 3), (7, 20), (120, 80)]:
        assert mcnemar(b, c).exact == pytest.approx(witness([[9, b], [c, 9]], exact=True).pvalue, abs=1e-12)


@pytest.mark.parametrize(
    ("b", "c", "n", "limits"),
    [(12, 2, 100, (0.03100, 0.18188)), (0, 0, 30, (-0.113513, 0.113513)), (0, 0, 50, (-0.071348, 0.071348))],
)
def test_golden_tango(b, c, n, limits):
    assert tango_interval(b, c, n)[:2] == pytest.approx(limits, abs=6e-6)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_tango_brackets_turns_and_narrows(b, c, extra):
    n = b + c + extra
    found, turned, twice = tango_interval(b, c, n), tango_interval(c, b, n), tango_interval(2 * b, 2 * c, 2 * n)
    assert -1 <= found.low <= (b - c) / n <= found.high <= 1
    assert turned[:2] == pytest.approx((-found.high, -found.low), abs=1e-12)
    assert twice.high - twice.low < found.high - found.low


@pytest.mark.parametrize(("b", "c", "n"), [(12, 2, 100), (3, 9, 40), (20, 20, 60), (1, 0, 15)])
def test_tango_limits_solve_the_score_equation_at_the_constrained_maximum(b, c, n):
    optimise = pytest.importorskip("scipy.optimize").minimize_scalar
    for delta, sign in zip(tango_interval(b, c, n)[:2], (1, -1), strict=True):

        def unlikely(q, delta=delta):
            return -(b * np.log(q + delta) + c * np.log(q) + (n - b - c) * np.log(1 - 2 * q - delta))

        edges = (max(0, -delta) + 1e-12, (1 - delta) / 2 - 1e-12)
        q = optimise(unlikely, bounds=edges, method="bounded", options={"xatol": 1e-12}).x
        score = (b - c - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))
        assert score == pytest.approx(sign * normal_quantile(0.95), abs=1e-4)


def test_tango_at_the_ends_of_the_scale():
    assert tango_interval(5, 0, 5).high == pytest.approx(1)
    by_hand = 1.959963984540054**2 / 5  # the equation is (1 - delta) / (1 + delta) = z^2 / 5
    assert tango_interval(5, 0, 5).low == pytest.approx((1 - by_hand) / (1 + by_hand))
    for impossible in ((-1, 0, 5), (3, 3, 5), (0, 0, 0)):
        with pytest.raises(ValueError, match="discordant"):
            tango_interval(*impossible)


def test_golden_newcombe():
    assert newcombe_interval(45, 50, 28, 40)[:2] == pytest.approx((0.0353, 0.3643), abs=5e-5)
    assert newcombe_interval(56, 70, 48, 80)[:2] == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_statsmodels_gives_the_same_newcombe():
    witness = pytest.importorskip("statsmodels.stats.proportion").confint_proportions_2indep
    for k_a, n_a, k_b, n_b in [(0, 10, 5, 20), (10, 10, 0, 20), (56, 70, 48, 80)]:
        expected = witness(k_a, n_a, k_b, n_b, compare="diff", method="newcomb")
        assert newcombe_interval(k_a, n_a, k_b, n_b)[:2] == pytest.approx(expected, abs=1e-9)


def test_golden_heterogeneity():
    found = heterogeneity([45, 38, 28], [50, 50, 40])
    assert found.q == pytest.approx(5.3592, abs=5e-5)
    assert (found.degrees_of_freedom, found.p) == (2, pytest.approx(0.06859, abs=5e-6))
    assert found.i_squared == pytest.approx(0.6268, abs=5e-5)


def test_heterogeneity_of_the_edges():
    same = heterogeneity([8, 8], [10, 10])
    assert (same.q, same.p, same.i_squared) == (0, 1, 0)
    alike = heterogeneity([8, 9], [10, 10])
    assert 0 < alike.q < 1
    assert alike.i_squared == 0
    assert heterogeneity([5, 0], [5, 0]) == NotEstimable(reason="fewer_than_two_strata")
    assert heterogeneity([], []) == NotEstimable(reason="fewer_than_two_strata")
    assert heterogeneity([5, 0, 3], [5, 0, 9]).degrees_of_freedom == 1
    with pytest.raises(ValueError, match="stratum"):
        heterogeneity([3], [2])


def test_statsmodels_gives_the_same_holm():
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    rng = np.random.default_rng(2)
    for size in range(1, 12):
        p_values = np.round(rng.random(size) ** 3, 2)  # small ones, ties, sometimes 0
        np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1], atol=1e-12)
    assert len(holm([])) == 0


def test_holm_refuses_what_is_no_probability():
    with pytest.raises(ValueError, match="p-values"):
        holm([0.5, 1.2])
    with pytest.raises(ValueError, match="p-values"):
        holm([float("nan")])


def test_permuted_patients_agree_with_the_exact_test_of_a_table():
    from scipy.stats import fisher_exact

    hits = np.r_[np.ones(8), np.zeros(2), np.ones(3), np.zeros(7)]
    levels = np.repeat([0, 1], 10)
    p = permutation_heterogeneity(hits, np.ones(20), np.arange(20), levels, draws=20_000, seed=3)
    assert p == pytest.approx(fisher_exact([[8, 2], [3, 7]]).pvalue, abs=0.01)


def test_permutation_moves_whole_patients_so_copies_of_a_patient_prove_nothing():
    hits = np.repeat([1.0, 1, 0, 0], 10)
    patients = np.repeat([0, 1, 2, 3], 10)
    levels = np.repeat([0, 0, 1, 1], 10)
    p = permutation_heterogeneity(hits, np.ones(40), patients, levels, draws=2000, seed=3)
    assert p == pytest.approx(1 / 3, abs=0.05)  # 2 of the 6 ways to place four patients are as extreme


def test_permutation_at_the_edges():
    ones, patients = np.ones(4), np.arange(4)
    same = permutation_heterogeneity(ones, ones, patients, np.array([0, 0, 1, 1]), draws=50, seed=1)
    one_level = permutation_heterogeneity(ones, ones, patients, np.zeros(4, dtype=int), draws=50, seed=1)
    within = permutation_heterogeneity(ones, ones, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), draws=50, seed=1)
    nobody = permutation_heterogeneity(ones * 0, ones * 0, patients, np.array([0, 0, 1, 1]), draws=50, seed=1)
    assert same == 1.0
    assert one_level == NotEstimable(reason="fewer_than_two_strata")
    assert within == NotEstimable(reason="levels_within_patients")
    assert nobody == NotEstimable(reason="fewer_than_two_strata")


@pytest.mark.slow
def test_permutation_rejects_a_true_null_as_often_as_it_says():
    rng, rejected, repeats = np.random.default_rng(11), 0, 600
    patients, levels = np.repeat(np.arange(60), 3), np.repeat(np.arange(60) % 3, 3)
    for repeat in range(repeats):
        risk = np.repeat(rng.beta(0.9 * 1, 0.1 * 1, 60), 3)  # intracluster correlation 0.5
        hits = (rng.random(180) < risk).astype(float)
        rejected += permutation_heterogeneity(hits, np.ones(180), patients, levels, draws=199, seed=repeat) <= 0.05
    assert rejected / repeats < 0.08
