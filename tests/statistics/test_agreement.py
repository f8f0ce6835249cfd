"""Kappa and its relatives against golden values, statsmodels and sklearn, and the honest edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dmn_bench.statistics.agreement import gwet_ac1, kappa, kappa_interval, kappa_value, pabak
from dmn_bench.vocabulary import NotEstimable

GOLDEN = np.array([[40.0, 5.0], [8.0, 47.0]])
MATRICES = hnp.arrays(float, st.integers(2, 5).map(lambda k: (k, k)), elements=st.integers(0, 20).map(float))
SCHEMES = [("none", None), ("linear", "linear"), ("quadratic", "quadratic")]


def test_golden_values():
    found = kappa(GOLDEN, weights="none")
    assert found.value == pytest.approx(0.73896, abs=5e-6)
    assert found.standard_error == pytest.approx(0.06740, abs=5e-6)
    assert (found.observed_agreement, found.n) == (0.87, 100)
    assert kappa_interval(GOLDEN, weights="none")[:2] == pytest.approx((0.6069, 0.8711), abs=5e-5)
    assert gwet_ac1(GOLDEN) == pytest.approx(0.74127, abs=5e-6)
    assert pabak(GOLDEN) == pytest.approx(0.74)


@pytest.mark.parametrize(("weights", "theirs"), SCHEMES)
def test_statsmodels_gives_the_same_kappa_and_standard_error(weights, theirs):
    cohens_kappa = pytest.importorskip("statsmodels.stats.inter_rater").cohens_kappa
    rng = np.random.default_rng(12)
    for grades in (2, 3, 5):
        matrix = rng.integers(0, 30, (grades, grades)) + 20.0 * np.eye(grades)
        witness = cohens_kappa(matrix, wt=theirs)
        found = kappa(matrix, weights=weights)
        assert found.value == pytest.approx(witness.kappa, abs=1e-12)
        assert found.standard_error == pytest.approx(witness.std_kappa, abs=1e-12)


@pytest.mark.parametrize(("weights", "theirs"), SCHEMES)
def test_sklearn_gives_the_same_kappa(weights, theirs):
    cohen_kappa_score = pytest.importorskip("sklearn.metrics").cohen_kappa_score
    rng = np.random.default_rng(13)
    first, second = rng.integers(0, 5, (2, 200))
    matrix = np.zeros((5, 5))
    np.add.at(matrix, (first, second), 1)
    assert kappa(matrix, weights=weights).value == pytest.approx(cohen_kappa_score(first, second, weights=theirs))


@given(MATRICES, st.sampled_from(["none", "linear", "quadratic"]))
def test_value_of_weightings_is_the_value_of_the_matrix_and_is_symmetric(matrix, weights):
    found, turned = kappa(matrix, weights=weights), kappa(matrix.T, weights=weights)
    many = kappa_value(np.stack([matrix, 3 * matrix]), weights=weights)
    if isinstance(found, NotEstimable):
        assert turned == found
        assert np.isnan(many).all()
        return
    assert many == pytest.approx([found.value, found.value])
    assert turned.value == pytest.approx(found.value)
    assert turned.standard_error == pytest.approx(found.standard_error, abs=1e-7)
    interval = kappa_interval(matrix, weights=weights)
    if not isinstance(interval, NotEstimable):
        assert -1 <= interval.low < found.value < interval.high <= 1 or found.value in (interval.low, interval.high)


def test_twice_the_data_narrow_the_interval():
    once, twice = kappa_interval(GOLDEN), kappa_interval(2 * GOLDEN)
    assert twice.high - twice.low == pytest.approx((once.high - once.low) / np.sqrt(2))


def test_a_far_miss_weighs_more_than_a_near_one():
    near = np.diag([10.0, 10, 10])
    far = near.copy()
    near[0, 1] = far[0, 2] = 5
    assert kappa(far).value < kappa(near).value
    assert kappa(far, weights="none").observed_agreement == kappa(near, weights="none").observed_agreement


def test_the_edges_are_absences_with_a_reason():
    for function in (kappa, kappa_interval, gwet_ac1, pabak):
        assert function(np.zeros((3, 3))) == NotEstimable(reason="no_denominator")
    assert kappa(np.diag([9.0, 0])) == NotEstimable(reason="one_grade")
    assert kappa_interval(np.diag([9.0, 0])) == NotEstimable(reason="one_grade")
    assert kappa(np.diag([9.0, 4])).value == 1
    assert kappa_interval(np.diag([9.0, 4])) == NotEstimable(reason="degenerate")
    for matrix in (np.ones((2, 3)), np.array([[1.0, -1], [0, 1]]), np.array([[np.nan, 1], [0, 1]])):
        with pytest.raises(ValueError, match="square"):
            kappa(matrix)
    with pytest.raises(ValueError, match="two grades"):
        pabak(np.ones((1, 1)))
