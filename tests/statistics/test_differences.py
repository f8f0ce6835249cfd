"""Bias and limits of agreement: golden values, scipy's noncentral t, coverage, edges."""

import math

import numpy as np
import pytest

from dmn_bench.statistics.differences import bland_altman
from dmn_bench.vocabulary import NotEstimable

# Peak expiratory flow of 17 people by two meters, l/min: Bland & Altman 1986, Lancet 327:307, table 1, first readings.
LARGE = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0])
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0])


def test_the_published_example_is_reproduced():
    found = bland_altman(LARGE - MINI, np.arange(17), clustered=False)
    assert round(found.bias, 1) == -2.1
    assert round(found.standard_deviation, 1) == 38.8
    assert found.bias_interval[:2] == pytest.approx((-22.0, 17.8), abs=0.1)  # as printed, t with 16 degrees of freedom
    assert (found.lower, found.upper) == pytest.approx((-78.1, 73.9), abs=0.1)  # by 1.96, not the paper's 2


def test_limits_are_those_of_the_noncentral_t():
    nct = pytest.importorskip("scipy.stats").nct
    differences = LARGE - MINI
    found = bland_altman(differences, np.arange(17), clustered=False)
    shift = 1.959963985 * math.sqrt(17)
    theirs = [
        differences.mean() + nct.ppf(p, 16, shift) * differences.std(ddof=1) / math.sqrt(17) for p in (0.025, 0.975)
    ]
    assert found.upper_interval[:2] == pytest.approx(theirs, rel=1e-6)
    assert found.upper_interval.low - found.bias == pytest.approx(found.bias - found.lower_interval.high)


def test_turning_the_difference_turns_the_limits():
    patients = np.repeat(np.arange(9), [1, 2, 3, 1, 2, 2, 2, 2, 2])
    for clustered in (False, True):
        found, turned = (bland_altman(s * (LARGE - MINI), patients, clustered=clustered) for s in (1, -1))
        assert turned.bias == pytest.approx(-found.bias)
        assert turned.lower == pytest.approx(-found.upper)
        assert turned.lower_interval.low == pytest.approx(-found.upper_interval.high)


def test_one_difference_per_patient_is_not_clustered_whatever_is_said():
    found = bland_altman(LARGE - MINI, np.arange(17), clustered=True)
    assert found == bland_altman(LARGE - MINI, np.arange(17), clustered=False)


def test_repeated_measures_use_the_variance_between_and_within():
    # patient means 1 and 3 (variance 2), each of two values 1 apart from it (within 2): s² = 2 + (1 − ½)·2 = 3
    found = bland_altman(np.array([0.0, 2, 2, 4]), np.array([0, 0, 1, 1]), clustered=True)
    assert found.bias == 2
    assert found.standard_deviation == pytest.approx(math.sqrt(3))
    assert found.upper_interval.method == "zou-mover"


def test_the_edges_are_absences_with_a_reason():
    assert bland_altman(np.zeros(0), np.zeros(0, dtype=int), clustered=False).reason == "too_few"
    assert bland_altman(np.array([1.0, 2]), np.array([5, 5]), clustered=True).reason == "too_few"
    assert bland_altman(np.ones(4), np.arange(4), clustered=False) == NotEstimable(reason="degenerate")
    with pytest.raises(ValueError, match="finite"):
        bland_altman(np.array([1.0, np.nan]), np.arange(2), clustered=False)


@pytest.mark.slow
@pytest.mark.parametrize(("images", "n_patients"), [(1, 20), (3, 20), (3, 60)])
def test_limits_cover(images, n_patients):
    rng, repeats = np.random.default_rng(8), 3_000
    patients = np.repeat(np.arange(n_patients), images)
    limit, held, naive = 1.959963985 * math.sqrt(2), 0, 0
    for _ in range(repeats):
        values = rng.normal(size=n_patients)[patients] + rng.normal(size=len(patients))
        found = bland_altman(values, patients, clustered=images > 1)
        held += found.upper_interval.low <= limit <= found.upper_interval.high
        as_if = bland_altman(values, np.arange(len(values)), clustered=False)
        naive += as_if.upper_interval.low <= limit <= as_if.upper_interval.high
    assert held / repeats > 0.94
    assert images == 1 or naive / repeats < 0.9
