"""Two proportions on the same units: golden values, other programs, properties, edges, coverage with clusters."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from dmn_bench.statistics.comparison import mcnemar, tango_interval, tango_score
from dmn_bench.statistics.paired_proportions import (
    clustered_mcnemar,
    cochrans_q,
    paired_design_effect,
    paired_shares,
    permuted_cochran,
)
from dmn_bench.vocabulary import NotEstimable


def pairs(only_a, only_b, both=0, neither=0):
    """Answers of two candidates with these counts."""
    sizes = [both, only_a, only_b, neither]
    return np.repeat([1.0, 1, 0, 0], sizes), np.repeat([1.0, 0, 1, 0], sizes)


def answered():
    bits = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)
    return bits.map(lambda rows: np.array(rows, dtype=float).T)


def test_golden_difference():
    a, b = pairs(12, 2, both=60, neither=26)
    found = paired_shares(a, b, np.arange(100), clustered=False)
    assert (found.both, found.only_a, found.only_b, found.neither, found.n) == (60, 12, 2, 26, 100)
    assert (found.share_a, found.share_b, found.difference) == (0.72, 0.62, pytest.approx(0.10))
    assert (found.test.exact, found.test.mid_p) == pytest.approx((0.012939, 0.007385), abs=5e-7)
    assert found.interval[:2] == pytest.approx((0.03100, 0.18188), abs=5e-6)
    assert found.interval.method == "tango"


@pytest.mark.parametrize(("n", "limit"), [(30, 0.113513), (50, 0.071348)])
def test_golden_interval_without_discordant_pairs(n, limit):
    found = paired_shares(*pairs(0, 0, both=n), np.arange(n), clustered=False)
    assert found.interval[:2] == pytest.approx((-limit, limit), abs=5e-7)
    assert (found.difference, found.test.exact) == (0, 1)


def test_statsmodels_gives_the_same_tests():
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    rng = np.random.default_rng(5)
    for _ in range(10):
        right = (rng.random((60, 4)) < [0.9, 0.8, 0.7, 0.8]).astype(float)
        expected = tables.cochrans_q(right)
        found = cochrans_q(right)
        assert (found.q, found.p) == pytest.approx((expected.statistic, expected.pvalue))
        one = paired_shares(right[:, 0], right[:, 1], np.arange(60), clustered=False)
        table = [[one.both, one.only_a], [one.only_b, one.neither]]
        assert one.test.exact == pytest.approx(tables.mcnemar(table, exact=True).pvalue)
        plain = tables.mcnemar(table, exact=False, correction=False).statistic
        assert cochrans_q(right[:, :2]).q == pytest.approx(plain)
        assert tango_score(one.only_a, one.only_b, 60) ** 2 == pytest.approx(plain)


def test_one_unit_per_patient_is_the_exact_test_of_mcnemar():
    for b, c in [(12, 2), (0, 0), (5, 5), (0, 3), (1, 0), (200, 150)]:
        signs = np.r_[np.ones(b), -np.ones(c), np.zeros(4)]
        found = clustered_mcnemar(signs, np.arange(len(signs)))
        assert (found.exact, found.mid_p) == pytest.approx(tuple(mcnemar(b, c)), rel=1e-9)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_the_clustered_test_counts_every_choice_of_signs(sums):
    differences = np.array([math.copysign(1, s) for s in sums for _ in range(abs(s))])
    patients = np.array([k for k, s in enumerate(sums) for _ in range(abs(s))], dtype=np.int64)
    totals = [
        abs(sum(s * v for s, v in zip(sums, signs, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(sums))
    ]
    beyond = sum(t >= abs(sum(sums)) for t in totals) / len(totals)
    exactly = sum(t == abs(sum(sums)) for t in totals) / len(totals)
    found = clustered_mcnemar(differences, patients)
    assert found.exact == pytest.approx(min(1, beyond if sum(sums) else 1))
    assert found.mid_p == pytest.approx(beyond - exactly / 2 if sum(sums) else 1)


def test_the_clustered_test_tends_to_the_statistic_of_obuchowski():
    rng = np.random.default_rng(8)
    differences, patients = rng.choice([-1.0, 0, 1], 900, p=[0.13, 0.7, 0.17]), np.repeat(np.arange(300), 3)
    sums = differences.reshape(300, 3).sum(axis=1)
    chi_squared = sums.sum() ** 2 / (sums @ sums)
    p = math.erfc(math.sqrt(chi_squared / 2))
    assert clustered_mcnemar(differences, patients).mid_p == pytest.approx(p, abs=0.003)


def test_units_of_a_patient_that_always_agree_count_as_one():
    a, b = (np.repeat(side, 4) for side in pairs(6, 1, both=20, neither=3))
    patients = np.repeat(np.arange(30), 4)
    whole = paired_shares(a, b, patients, clustered=True)
    single = paired_shares(*pairs(6, 1, both=20, neither=3), np.arange(30), clustered=True)
    blind = paired_shares(a, b, np.arange(120), clustered=False)
    assert whole.design_effect == pytest.approx(4 * 30 / 29, rel=1e-6)
    assert whole.interval[:2] == pytest.approx(single.interval[:2])
    assert tuple(whole.test) == pytest.approx(tuple(mcnemar(6, 1)))
    assert tuple(single.test) == pytest.approx(tuple(mcnemar(6, 1)))
    assert blind.interval.low > whole.interval.low
    assert blind.test.exact < whole.test.exact


@given(answered(), st.booleans())
def test_swapping_the_candidates_mirrors_everything(rows, clustered):
    a, b, patients = rows
    one = paired_shares(a, b, patients, clustered=clustered)
    other = paired_shares(b, a, patients, clustered=clustered)
    if isinstance(one, NotEstimable):
        assert one == other
        return
    assert other.difference == -one.difference
    assert other.interval[:2] == pytest.approx((-one.interval.high, -one.interval.low), abs=1e-9)
    assert other.test.exact == pytest.approx(one.test.exact)
    assert -1 <= one.interval.low <= one.difference <= one.interval.high <= 1
    assert one.interval.low < one.interval.high
    assert one.both + one.only_a + one.only_b + one.neither == one.n == len(a)


@given(answered(), st.randoms(use_true_random=False))
def test_neither_the_order_of_units_nor_the_codes_of_patients_matter(rows, random):
    a, b, patients = rows
    order = list(range(len(a)))
    random.shuffle(order)
    one = paired_shares(a, b, patients, clustered=True)
    other = paired_shares(a[order], b[order], 100 - patients[order], clustered=True)
    if isinstance(one, NotEstimable):
        assert one == other
    else:
        assert other.interval[:2] == pytest.approx(one.interval[:2], abs=1e-9)
        assert other.test.exact == pytest.approx(one.test.exact)


@given(answered())
def test_identical_answers_differ_by_nothing_but_are_not_certain(rows):
    a, _, patients = rows
    found = paired_shares(a, a, patients, clustered=True)
    if not isinstance(found, NotEstimable):
        assert (found.difference, found.test.exact) == (0, 1)
        assert found.interval.low == pytest.approx(-found.interval.high)
        assert found.interval.low < -0.05


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("counts", [(12, 2, 60, 26), (0, 0, 40, 10), (3, 0, 30, 0), (1, 9, 30, 30)])
def test_the_test_of_a_margin_agrees_with_the_interval(counts, clustered):
    a, b = pairs(*counts)
    found = paired_shares(a, b, np.arange(len(a)) // 2, clustered=clustered)
    assert found.beyond(found.interval.low) == pytest.approx(0.025, rel=1e-5)
    assert found.beyond(found.interval.low - 0.01) < 0.025 < found.beyond(found.interval.low + 0.01)


def test_a_margin_by_hand():
    # (0, 0, n): T(-m) = sqrt(n m / (1 - m)), so 100 pairs without a discordant one stand 2.294 deviates from -0.05
    assert tango_score(0, 0, 100, difference=-0.05) == pytest.approx(math.sqrt(100 * 0.05 / 0.95))
    found = paired_shares(*pairs(0, 0, both=100), np.arange(100), clustered=False)
    assert found.beyond(-0.05) == pytest.approx(0.010893, abs=5e-6)


def test_the_score_at_the_ends():
    assert tango_score(0, 0, 10) == 0
    assert tango_score(10, 0, 10, difference=1.0) == 0
    assert tango_score(5, 0, 10, difference=1.0) < -1e6
    with pytest.raises(ValueError, match="discordant"):
        tango_score(3, 3, 5)
    low, high = tango_interval(12, 2, 100)[:2]
    assert tango_score(12, 2, 100, difference=low) == pytest.approx(1.959964, abs=1e-6)
    assert tango_score(12, 2, 100, difference=high) == pytest.approx(-1.959964, abs=1e-6)


def test_the_edges():
    nobody = np.array([])
    assert paired_shares(nobody, nobody, nobody, clustered=False) == NotEstimable(reason="no_denominator")
    one = np.ones(3)
    assert paired_shares(one, one, np.zeros(3), clustered=True) == NotEstimable(reason="one_patient")
    single = paired_shares(np.ones(1), np.zeros(1), np.zeros(1), clustered=False)
    assert (single.difference, single.test.exact) == (1, 1)
    assert single.interval.low < 0
    always = paired_shares(*pairs(20, 0), np.arange(20), clustered=True)
    assert (always.difference, always.interval.high) == (1, pytest.approx(1))
    assert 0.5 < always.interval.low < 0.9
    with pytest.raises(ValueError, match="0 or 1"):
        paired_shares(np.array([0.5]), np.array([1.0]), np.zeros(1), clustered=False)
    with pytest.raises(ValueError, match="0 or 1"):
        paired_shares(np.ones(2), np.ones(3), np.zeros(2), clustered=False)


def test_the_design_effect_is_never_below_one():
    opposed = np.tile([1.0, -1.0], 10)  # each patient's units cancel: a variance of 0 between patients
    assert paired_design_effect(opposed, np.repeat(np.arange(10), 2)) == 1
    assert paired_design_effect(np.zeros(6), np.repeat(np.arange(2), 3)) == 3


def test_golden_cochran_by_hand():
    # Totals 5, 3, 2 of 5 units; units with 2, 1, 3, 2, 2 right: Q = 3*2*(sum of squares 14/3) / (2+2+0+2+2) = 3.5
    found = cochrans_q(np.array([[1.0, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 1], [1, 1, 0]]))
    assert (found.q, found.degrees_of_freedom) == (pytest.approx(3.5), 2)
    assert found.p == pytest.approx(math.exp(-3.5 / 2))
    assert cochrans_q(np.ones((4, 3))).p == 1
    assert cochrans_q(np.ones((4, 1))) == NotEstimable(reason="fewer_than_two_candidates")
    assert permuted_cochran(np.ones((4, 1)), np.arange(4), draws=9, seed=1).reason == "fewer_than_two_candidates"


def test_permuted_candidates_agree_with_the_exact_clustered_test_of_two():
    rng = np.random.default_rng(4)
    right = (rng.random((60, 2)) < [0.85, 0.6]).astype(float)
    patients = np.repeat(np.arange(20), 3)
    exact = clustered_mcnemar(right[:, 0] - right[:, 1], patients).exact
    assert permuted_cochran(right, patients, draws=4000, seed=2) == pytest.approx(exact, abs=0.01)
    assert permuted_cochran(np.ones((6, 3)), np.arange(6), draws=50, seed=2) == 1


def clustered_answers(rng, n_patients, shares, correlation):
    """1 to 4 units for each patient; both candidates err together to some degree, within units and within patients."""
    patients = np.repeat(np.arange(n_patients), rng.integers(1, 5, n_patients))

    def two(size):
        return math.sqrt(0.5) * rng.normal(size=(size, 1)) + math.sqrt(0.5) * rng.normal(size=(size, 2))

    hidden = math.sqrt(correlation) * two(n_patients)[patients] + math.sqrt(1 - correlation) * two(len(patients))
    a, b = (hidden < ndtri(np.array(shares))).astype(float).T
    return a, b, patients


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [20, 50, 100])
@pytest.mark.parametrize("shares", [(0.85, 0.85), (0.95, 0.95), (0.95, 0.85), (0.90, 0.95)])
def test_clustered_differences_cover_where_independent_ones_do_not(shares, n_patients):
    rng, repeats, truth = np.random.default_rng(20261121), 1_000, shares[0] - shares[1]
    held = naive = too_high = rejected = 0
    for _ in range(repeats):
        a, b, patients = clustered_answers(rng, n_patients, shares, correlation=0.7)
        found = paired_shares(a, b, patients, clustered=True)
        blind = paired_shares(a, b, np.arange(len(a)), clustered=False).interval
        held += found.interval.low <= truth <= found.interval.high
        too_high += found.interval.low > truth
        naive += blind.low <= truth <= blind.high
        rejected += found.test.exact <= 0.05
    assert held / repeats >= 0.93
    assert too_high / repeats <= 0.045
    assert naive / repeats < (0.94 if n_patients == 20 else 0.92)
    if truth == 0:
        assert rejected / repeats <= 0.06


@pytest.mark.slow
def test_a_true_null_of_several_candidates_is_rejected_as_often_as_said():
    rng, repeats, rejected, blind = np.random.default_rng(9), 400, 0, 0
    patients = np.repeat(np.arange(40), 3)
    for repeat in range(repeats):
        # Each candidate errs on whole patients: three of a kind, interchangeable.
        right = (0.8 * rng.normal(size=(40, 3))[patients] + 0.6 * rng.normal(size=(120, 3)) < ndtri(0.85)).astype(float)
        rejected += permuted_cochran(right, patients, draws=199, seed=repeat) <= 0.05
        blind += cochrans_q(right).p <= 0.05
    assert rejected / repeats <= 0.08
    assert blind / repeats > 0.10  # clusters taken for independent units
