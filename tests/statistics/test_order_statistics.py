"""Quantiles and their distribution-free limits: by hand, by R, by property, at the edges."""

import csv
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.order_statistics import quantile_interval, sample_quantile
from dmn_bench.vocabulary import Interval, NotEstimable

WITNESS = Path(__file__).parents[1] / "witnesses" / "order_statistics.csv"
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=80).map(np.array)


@pytest.mark.parametrize(
    ("n", "lower", "upper"), [(6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (20, 6, 15), (25, 8, 18)]
)
def test_the_ranks_of_the_median_are_those_of_the_printed_tables(n, lower, upper):
    """Two-sided 95 % limits of a median; n = 6: 1 − 2/64 = 0.969, n = 9: 1 − 2 · 10/512 = 0.961."""
    assert quantile_interval(np.arange(1.0, n + 1)) == Interval(lower, upper, "order-statistics", n)


@pytest.mark.parametrize(
    "row", list(csv.DictReader(WITNESS.read_text().splitlines())), ids=lambda row: f"{row['n']}-{row['share']}"
)
def test_quantile_and_limits_are_those_of_r(row):
    n, share, confidence = int(row["n"]), float(row["share"]), float(row["confidence"])
    values = (np.arange(1, n + 1) * 37 % 1009) / 7
    assert sample_quantile(values, share) == pytest.approx(float(row["quantile"]), rel=1e-12)
    found = quantile_interval(values, share, confidence)
    if row["low"] == "NA":
        assert isinstance(found, NotEstimable)
    else:
        assert (found.low, found.high) == pytest.approx((float(row["low"]), float(row["high"])), rel=1e-12)


def chance(n, lower, upper, share):
    """P(the population's quantile lies between the ordered values ``lower`` and ``upper``), added up term by term."""
    return math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(lower, upper))


@given(st.integers(6, 200), st.sampled_from([0.25, 0.5, 0.9]), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_coverage_is_at_least_what_is_said_and_one_rank_less_would_break_the_promise(n, share, confidence):
    found = quantile_interval(np.arange(1.0, n + 1), share, confidence)
    if isinstance(found, NotEstimable):
        assert max(share, 1 - share) ** n > (1 - confidence) / 2
        assert found.facts["minimum"] > n
        return
    lower, upper = int(found.low), int(found.high)
    each = (1 - confidence) / 2 + 1e-12
    assert chance(n, lower, upper, share) >= confidence - 1e-12
    assert chance(n, 0, lower, share) <= each < chance(n, 0, lower + 1, share) + 2e-12
    assert chance(n, upper, n + 1, share) <= each < chance(n, upper - 1, n + 1, share) + 2e-12


@given(VALUES, st.randoms(use_true_random=False))
def test_order_is_irrelevant_and_the_limits_are_values_that_bracket_the_median(values, random):
    found = quantile_interval(values)
    shuffled = values.tolist()
    random.shuffle(shuffled)
    assert quantile_interval(np.array(shuffled)) == found
    assert found.low in values
    assert found.high in values
    assert found.low <= sample_quantile(values, 0.5) <= found.high


@given(VALUES)
def test_a_higher_confidence_is_never_narrower(values):
    nested = [quantile_interval(values, 0.5, confidence) for confidence in (0.5, 0.8, 0.9, 0.95)]
    assert all(wide.low <= narrow.low <= narrow.high <= wide.high for narrow, wide in pairwise(nested))


@pytest.mark.parametrize("n", range(6))
def test_with_fewer_than_six_values_a_median_has_no_95_percent_limits(n):
    assert quantile_interval(np.arange(float(n))) == NotEstimable(reason="too_few", facts={"n": n, "minimum": 6})


@pytest.mark.parametrize(("share", "confidence", "fewest"), [(0.5, 0.95, 6), (0.5, 0.99, 8), (0.95, 0.95, 72)])
def test_the_fewest_values_named_are_enough_and_one_less_is_not(share, confidence, fewest):
    assert quantile_interval(np.arange(fewest - 1.0), share, confidence).facts["minimum"] == fewest
    assert isinstance(quantile_interval(np.arange(float(fewest)), share, confidence), Interval)


def test_tied_values_give_one_point():
    assert quantile_interval(np.full(40, 2.5)) == Interval(2.5, 2.5, "order-statistics", 40)
    assert sample_quantile(np.full(40, 2.5), 0.95) == 2.5
    assert sample_quantile(np.array([7.0]), 0.95) == 7.0


def test_a_million_values_take_no_time_to_speak_of():
    found = quantile_interval(np.arange(1_000_000.0))
    half = 1.959964 * math.sqrt(1_000_000) / 2
    assert (found.low, found.high) == pytest.approx((500_000 - half, 500_000 + half), abs=2)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf]])
def test_a_quantile_of_nothing_or_of_what_is_no_number_is_refused(values):
    with pytest.raises(ValueError, match="finite"):
        sample_quantile(np.array(values), 0.5)


def test_shares_and_confidences_outside_their_range_are_refused():
    values = np.arange(30.0)
    for share in (0.0, 1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="share"):
            quantile_interval(values, share)
    for confidence in (0.0, 1.0):
        with pytest.raises(ValueError, match="confidence"):
            quantile_interval(values, 0.5, confidence)
    with pytest.raises(ValueError, match="share"):
        sample_quantile(values, 1.1)
    with pytest.raises(ValueError, match="finite"):
        quantile_interval(np.array([1.0, math.nan]))
