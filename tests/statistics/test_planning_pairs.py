"""Paired sample sizes: Tango's interval as witness, exact enumeration, other programs, properties, edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dmn_bench.statistics.comparison import mcnemar, tango_interval
from dmn_bench.statistics.planning_pairs import (
    SIMULATIONS,
    Discordance,
    is_non_inferior,
    non_inferiority_power,
    units_for_non_inferiority,
    units_for_superiority,
)


def enumerated_power(n, assumed, margin):
    """Every pair of discordant counts with its probability: no chance in it."""
    b, c = np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0))
    possible = b + c <= n
    b, c = b[possible], c[possible]
    weight = stats.multinomial.pmf(np.stack([b, c, n - b - c], axis=1), n, [*assumed, 1 - sum(assumed)])
    return float(weight[is_non_inferior(b, c, n, margin)].sum())


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200), st.floats(0.01, 0.3))
def test_non_inferior_is_what_tangos_interval_says(b, c, concordant, margin):
    n = b + c + concordant
    if n == 0:
        return
    low = tango_interval(b, c, n).low
    if abs(low + margin) > 1e-9:
        assert bool(is_non_inferior(np.array([b * 1.0]), np.array([c * 1.0]), n, margin)[0]) == (low > -margin)


def test_without_discordant_pairs_the_published_limit_decides():
    # Tango's lower limit for (0, 0, 50) is -0.071348
    none = np.zeros(1)
    assert not is_non_inferior(none, none, 50, 0.0713)[0]
    assert is_non_inferior(none, none, 50, 0.0714)[0]


@pytest.mark.parametrize(
    ("n", "assumed", "margin"),
    [(200, Discordance(0.05, 0.05), 0.05), (341, Discordance(0.05, 0.05), 0.05), (150, Discordance(0.1, 0.06), 0.04)],
)
def test_simulated_power_is_the_enumerated_one(n, assumed, margin):
    exact = enumerated_power(n, assumed, margin)
    error = np.sqrt(exact * (1 - exact) / SIMULATIONS)
    assert non_inferiority_power(n, assumed, margin, seed=11) == pytest.approx(exact, abs=4 * error)


def test_the_size_found_has_the_power_by_enumeration():
    found = units_for_non_inferiority(Discordance(0.05, 0.05), 0.05, seed=1)
    assert enumerated_power(found.n, Discordance(0.05, 0.05), 0.05) == pytest.approx(0.8, abs=0.015)
    assert found.power_error < 0.004


def test_the_same_seed_gives_the_same_size_and_another_nearly_so():
    sizes = [units_for_non_inferiority(Discordance(0.06, 0.04), 0.05, seed=seed).n for seed in (1, 1, 2)]
    assert sizes[0] == sizes[1]
    assert sizes[2] == pytest.approx(sizes[0], rel=0.06)


def test_at_the_margin_the_error_is_the_nominal_one():
    # truly worse by the margin: shown non-inferior in 2.5 % of studies
    exact = enumerated_power(300, Discordance(0.05, 0.10), 0.05)
    assert 0.015 < exact < 0.03


def test_more_discordance_or_a_smaller_margin_needs_more_pairs():
    base = units_for_non_inferiority(Discordance(0.05, 0.05), 0.06, seed=1).n
    assert units_for_non_inferiority(Discordance(0.10, 0.10), 0.06, seed=1).n > base
    assert units_for_non_inferiority(Discordance(0.05, 0.05), 0.04, seed=1).n > base


def test_a_candidate_worse_than_the_margin_is_never_shown_non_inferior():
    assert units_for_non_inferiority(Discordance(0.02, 0.07), 0.05, seed=1) is None
    assert units_for_non_inferiority(Discordance(0.02, 0.0699), 0.05, seed=1, simulations=200) is None


def test_connor_by_hand():
    # psi 0.2, delta 0.1: (1.959964·0.447214 + 0.841621·0.435890)²/0.01 = 154.1
    assert units_for_superiority(Discordance(0.15, 0.05)) == 155
    assert units_for_superiority(Discordance(0.05, 0.15)) == 155


def test_connor_gives_about_its_power_to_mcnemars_test():
    assumed, n = Discordance(0.15, 0.05), 155
    drawn = np.random.default_rng(2).multinomial(n, [*assumed, 0.8], size=2000)
    significant = [mcnemar(int(b), int(c)).mid_p < 0.05 for b, c, _ in drawn]
    assert np.mean(significant) == pytest.approx(0.8, abs=0.04)


@settings(max_examples=50)
@given(st.floats(0.02, 0.4), st.floats(0.0, 0.4), st.sampled_from([0.3, 0.5, 0.8, 0.9]))
def test_superiority_needs_more_pairs_for_more_power(only_new, only_reference, power):
    if abs(only_new - only_reference) < 1e-3:
        return
    assumed = Discordance(only_new, only_reference)
    assert units_for_superiority(assumed, power=power) <= units_for_superiority(assumed, power=power + 0.05)


@pytest.mark.parametrize(
    "call",
    [
        lambda: units_for_superiority(Discordance(0.1, 0.1)),
        lambda: units_for_superiority(Discordance(-0.1, 0.1)),
        lambda: units_for_superiority(Discordance(0.6, 0.5)),
        lambda: units_for_superiority(Discordance(0.2, 0.1), power=0.0),
        lambda: units_for_non_inferiority(Discordance(0.1, 0.1), 0.0, seed=1),
        lambda: non_inferiority_power(0, Discordance(0.1, 0.1), 0.05, seed=1),
        lambda: non_inferiority_power(10, Discordance(0.1, 0.1), 1.0, seed=1),
        lambda: non_inferiority_power(10, Discordance(0.1, 0.1), 0.05, seed=1, simulations=0),
    ],
)
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()
