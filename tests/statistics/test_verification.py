"""Correction for partial verification: a published example, by hand, by property and at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from dmn_bench.statistics.proportions import wilson
from dmn_bench.statistics.verification import VerifiedCalls, begg_greenes
from dmn_bench.vocabulary import NotEstimable


def test_the_published_scintigraphy_example():
    # Drum & Christacopoulos 1972, analysed by Begg & Greenes 1983: 429 positive scans, 263 verified, 231 diseased.
    found = begg_greenes(VerifiedCalls(429, 231, 32), VerifiedCalls(221, 27, 54))
    assert (found.verified_positive, found.verified_negative) == (pytest.approx(263 / 429), pytest.approx(81 / 221))
    se, sp = found.sensitivity.begg_greenes, found.specificity.begg_greenes
    assert (round(se.value, 2), round(sp.value, 2)) == (0.84, 0.74)
    assert found.sensitivity.naive == (231 / 258, wilson(231, 258))
    # Standard error of the sensitivity by the published formula: Se (1 − Se) √(N/(n₊n₋) + 32/(231·263) + 54/(27·81)).
    spread = math.sqrt(650 / (429 * 221) + 32 / (231 * 263) + 54 / (27 * 81))
    assert se.interval[:2] == pytest.approx(tuple(expit(logit(se.value) + z * spread) for z in (-1.959964, 1.959964)))
    spread = math.sqrt(650 / (429 * 221) + 27 / (54 * 81) + 231 / (32 * 263))
    assert sp.interval[:2] == pytest.approx(tuple(expit(logit(sp.value) + z * spread) for z in (-1.959964, 1.959964)))


def test_by_hand():
    # 100 positive calls, all verified, 80 diseased; 100 negative, 10 verified, 1 diseased: 80 of 90, 90 of 110.
    found = begg_greenes(VerifiedCalls(100, 80, 20), VerifiedCalls(100, 1, 9))
    assert found.sensitivity.begg_greenes.value == pytest.approx(8 / 9)
    assert found.sensitivity.naive.value == pytest.approx(80 / 81)
    assert found.specificity.begg_greenes.value == pytest.approx(9 / 11)
    assert found.specificity.naive.value == pytest.approx(9 / 29)


COUNT = st.integers(1, 200)


@given(COUNT, COUNT, COUNT, COUNT)
def test_with_everybody_verified_both_agree(s1, r1, s0, r0):
    found = begg_greenes(VerifiedCalls(s1 + r1, s1, r1), VerifiedCalls(s0 + r0, s0, r0))
    assert (found.verified_positive, found.verified_negative) == (1, 1)
    for corrected in (found.sensitivity, found.specificity):
        assert corrected.begg_greenes.value == pytest.approx(corrected.naive.value)
    # With everybody verified the variance is that of an ordinary logit: 1/TP + 1/FN.
    interval = found.sensitivity.begg_greenes.interval
    half = 1.959964 * math.sqrt(1 / s1 + 1 / s0)
    assert (logit(interval.high) - logit(interval.low)) / 2 == pytest.approx(half, rel=1e-4)


@given(COUNT, COUNT, COUNT, COUNT, st.integers(0, 500))
def test_unverified_negatives_lower_sensitivity_and_raise_specificity(s1, r1, s0, r0, unverified):
    full = begg_greenes(VerifiedCalls(s1 + r1, s1, r1), VerifiedCalls(s0 + r0, s0, r0))
    part = begg_greenes(VerifiedCalls(s1 + r1, s1, r1), VerifiedCalls(s0 + r0 + unverified, s0, r0))
    assert part.sensitivity.begg_greenes.value <= full.sensitivity.begg_greenes.value + 1e-12
    assert part.specificity.begg_greenes.value >= full.specificity.begg_greenes.value - 1e-12
    assert part.sensitivity.naive == full.sensitivity.naive


@given(st.tuples(*[st.integers(0, 30)] * 4).filter(lambda c: c[0] + c[1] and c[2] + c[3]), st.integers(0, 50))
def test_intervals_hold_the_estimate_whatever_the_cells(cells, unverified):
    s1, r1, s0, r0 = cells
    found = begg_greenes(VerifiedCalls(s1 + r1 + unverified, s1, r1), VerifiedCalls(s0 + r0 + unverified, s0, r0))
    for corrected, n in ((found.sensitivity, s1 + s0), (found.specificity, r1 + r0)):
        if n == 0:
            assert corrected.begg_greenes == corrected.naive == NotEstimable(reason="no_denominator")
            continue
        value, interval = corrected.begg_greenes
        assert 0 <= interval.low <= value <= interval.high <= 1
        assert interval.low < interval.high
        assert interval.method.endswith("half-added") == (0 in cells)


def test_results_without_a_reference_have_no_correction():
    found = begg_greenes(VerifiedCalls(50, 40, 10), VerifiedCalls(60, 0, 0))
    assert found.verified_negative == 0
    assert found.sensitivity.begg_greenes == NotEstimable(reason="unverified_call")
    assert found.sensitivity.naive.value == 1  # what verification of positives alone always shows
    nothing = begg_greenes(VerifiedCalls(0, 0, 0), VerifiedCalls(0, 0, 0))
    assert nothing.verified_positive == NotEstimable(reason="no_denominator")
    assert nothing.sensitivity.naive == NotEstimable(reason="no_denominator")


@pytest.mark.parametrize("wrong", [(5, 4, 2), (5, -1, 2), (-1, 0, 0)])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match="verified"):
        begg_greenes(VerifiedCalls(*wrong), VerifiedCalls(5, 1, 1))


@pytest.mark.slow
def test_the_corrected_interval_covers_where_the_naive_one_does_not():
    rng, sensitivity, specificity, held = np.random.default_rng(8), 0.8, 0.9, np.zeros(2)
    for _ in range(2_000):
        diseased = rng.random(600) < 0.3
        called = np.where(diseased, rng.random(600) < sensitivity, rng.random(600) > specificity)
        verified = rng.random(600) < np.where(called, 0.9, 0.3)
        calls = [
            VerifiedCalls(*(int(x.sum()) for x in (of, of & verified & diseased, of & verified & ~diseased)))
            for of in (called, ~called)
        ]
        found = begg_greenes(*calls).sensitivity
        held += [x.interval.low <= sensitivity <= x.interval.high for x in (found.begg_greenes, found.naive)]
    assert held[0] / 2_000 > 0.935
    assert held[1] / 2_000 < 0.2
