"""Agreement of several readers against golden values, three other programs, by property, and at the edges."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dmn_bench.statistics.agreement import gwet_ac1, pabak
from dmn_bench.statistics.reliability import (
    coincidences,
    fleiss_kappa,
    gwet_ac1_of_readers,
    icc_agreement,
    krippendorff_alpha,
    pabak_of_readers,
    reading_counts,
)
from dmn_bench.vocabulary import NotEstimable

WITNESS = json.loads((Path(__file__).parent.parent / "witnesses" / "agreement.json").read_text(encoding="utf-8"))
RATINGS = np.array(WITNESS["ratings"])
COUNTS = reading_counts(RATINGS, 4)
COEFFICIENTS = {"fleiss": fleiss_kappa, "ac1": gwet_ac1_of_readers, "pabak": pabak_of_readers}
READINGS = hnp.arrays(np.int64, st.tuples(st.integers(2, 12), st.integers(2, 4)), elements=st.integers(-1, 2))


def alpha(counts, level="nominal"):
    return float(krippendorff_alpha(coincidences(counts).sum(axis=0)[None], level)[0])


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_irrcac_gives_the_same_coefficients_standard_errors_and_limits(name):
    theirs, found = WITNESS[name], COEFFICIENTS[name](COUNTS)
    assert found.value == pytest.approx(theirs["value"], abs=1e-9)
    assert found.standard_error == pytest.approx(theirs["se"], abs=1e-9)
    assert found.interval[:2] == pytest.approx((theirs["low"], theirs["high"]), abs=1e-9)
    assert (found.observed_agreement, found.expected_agreement) == pytest.approx((theirs["pa"], theirs["pe"]))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_krippendorff_gives_the_same_alpha_with_missing_readings(level):
    assert alpha(COUNTS, level) == pytest.approx(WITNESS["alpha"][level], abs=1e-12)


def test_statsmodels_gives_the_same_fleiss_kappa():
    theirs = pytest.importorskip("statsmodels.stats.inter_rater").fleiss_kappa
    counts = reading_counts(np.random.default_rng(3).integers(0, 3, (30, 5)), 3)
    assert fleiss_kappa(counts).value == pytest.approx(theirs(counts))


def test_pingouin_gives_the_same_intraclass_correlation():
    theirs, found = WITNESS["icc"], icc_agreement(np.array(WITNESS["measured"]))
    assert found.value == pytest.approx(theirs["value"], abs=1e-12)
    assert [round(limit, theirs["places"]) for limit in found.interval[:2]] == theirs["interval"]


def test_golden_values_of_two_readers():
    matrix = np.array([[40.0, 5.0], [8.0, 47.0]])
    counts = np.repeat([[2.0, 0], [1, 1], [0, 2]], [40, 13, 47], axis=0)
    found = gwet_ac1_of_readers(counts)
    assert found.value == pytest.approx(gwet_ac1(matrix))
    assert found.value == pytest.approx(0.74127, abs=5e-6)
    assert pabak_of_readers(counts).value == pytest.approx(pabak(matrix))
    assert found.observed_agreement == 0.87
    assert found.interval.low < found.value < found.interval.high


def test_kappa_collapses_at_low_prevalence_where_ac1_does_not():
    counts = np.repeat([[2.0, 0], [1, 1]], [95, 5], axis=0)
    assert fleiss_kappa(counts).value < 0
    assert gwet_ac1_of_readers(counts).value > 0.94


def test_units_that_copy_each_other_widen_the_interval():
    once = gwet_ac1_of_readers(COUNTS)
    copies, patients = np.repeat(COUNTS, 3, axis=0), np.repeat(np.arange(len(COUNTS)), 3)
    clustered, naive = gwet_ac1_of_readers(copies, patients), gwet_ac1_of_readers(copies)
    assert clustered.value == pytest.approx(once.value)
    assert clustered.standard_error == pytest.approx(once.standard_error, rel=0.02)
    assert naive.standard_error < 0.65 * once.standard_error


@given(READINGS)
def test_order_of_units_and_readers_is_irrelevant(ratings):
    turned = ratings[::-1, ::-1]
    for coefficient in COEFFICIENTS.values():
        first, second = (coefficient(reading_counts(one, 3)) for one in (ratings, turned))
        if isinstance(first, NotEstimable):
            assert first == second
            continue
        assert first.value == pytest.approx(second.value)
        assert first.value <= 1 + 1e-12
        if not isinstance(first.interval, NotEstimable):
            assert first.interval.low <= first.value <= first.interval.high
    for level in ("nominal", "ordinal", "interval"):
        a, b = (alpha(reading_counts(one, 3), level) for one in (ratings, turned))
        assert a == pytest.approx(b, nan_ok=True)
        assert math.isnan(a) or a <= 1 + 1e-12


@given(READINGS)
def test_a_shift_of_all_values_leaves_alpha_alone_and_weights_are_repeats(ratings):
    pairs = coincidences(reading_counts(ratings, 3))
    plain = krippendorff_alpha(pairs.sum(axis=0)[None], "interval")
    shifted = krippendorff_alpha(pairs.sum(axis=0)[None], "interval", np.arange(3) * 2.0 + 7)
    assert plain == pytest.approx(shifted, nan_ok=True)
    weights = np.arange(len(pairs)) % 3
    weighted = krippendorff_alpha(np.einsum("n,nij->ij", weights, pairs)[None], "ordinal")
    repeated = krippendorff_alpha(np.repeat(pairs, weights, axis=0).sum(axis=0)[None], "ordinal")
    assert weighted == pytest.approx(repeated, nan_ok=True)


def test_the_edges_are_absences_with_a_reason():
    once, same = np.array([[1.0, 0], [0, 1]]), np.array([[2.0, 0], [2, 0]])
    for coefficient in COEFFICIENTS.values():
        assert coefficient(np.zeros((0, 2))) == NotEstimable(reason="fewer_than_two_readings")
        assert coefficient(once) == NotEstimable(reason="fewer_than_two_readings")
        assert coefficient(np.array([[2.0, 0], [0, 2]]), np.zeros(2)).interval == NotEstimable(reason="one_patient")
        assert coefficient(np.array([[2.0, 0], [0, 2]])).interval == NotEstimable(reason="degenerate")
        with pytest.raises(ValueError, match="two categories"):
            coefficient(np.ones((3, 1)))
    assert fleiss_kappa(same) == NotEstimable(reason="one_grade")
    assert gwet_ac1_of_readers(same).value == 1
    assert math.isnan(alpha(same))
    assert math.isnan(alpha(once))
    assert alpha(np.array([[2.0, 0], [0, 2]])) == 1
    with pytest.raises(ValueError, match="codes from 0 to 1"):
        reading_counts(np.array([[2]]), 2)


def test_intraclass_correlation_at_the_edges():
    values = np.array(WITNESS["measured"])
    assert icc_agreement(values[:1]).reason == "too_few"
    assert icc_agreement(values[:, :1]).reason == "too_few"
    assert icc_agreement(np.ones((4, 2))) == NotEstimable(reason="degenerate")
    assert icc_agreement(np.repeat(values[:, :1], 2, axis=1)) == NotEstimable(reason="degenerate")
    with pytest.raises(ValueError, match="finite"):
        icc_agreement(np.array([[np.nan, 1], [2, 3]]))
    biased = values + np.array([0, 0, 5.0])
    assert icc_agreement(biased).value < icc_agreement(values).value  # absolute agreement, not consistency


@pytest.mark.slow
def test_intervals_of_coefficients_cover():
    rng, repeats, held = np.random.default_rng(11), 1_500, np.zeros(2)
    share, sensitivity = 0.15, 0.9

    def draw(n):
        truth = rng.random(n) < share
        said = np.where(rng.random((3, n)) < sensitivity, truth, ~truth)
        return reading_counts(said.T.astype(np.int64), 2)

    whole = draw(400_000)
    truths = fleiss_kappa(whole).value, gwet_ac1_of_readers(whole).value
    for _ in range(repeats):
        counts = draw(120)
        for index, coefficient in enumerate((fleiss_kappa, gwet_ac1_of_readers)):
            interval = coefficient(counts).interval
            held[index] += interval.low <= truths[index] <= interval.high
    assert (held / repeats > 0.93).all()
