"""Predictive values, likelihood ratios and natural frequencies: golden values, edges, uncertain prevalence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.predictive import (
    Prevalence,
    TwoClassCounts,
    lr_negative,
    lr_negative_interval,
    lr_positive,
    lr_positive_interval,
    natural_frequencies,
    npv,
    npv_interval,
    ppv,
    ppv_interval,
)
from dmn_bench.vocabulary import NotEstimable

GOLDEN_COUNTS = TwoClassCounts(90, 100, 160, 200)
GOLDEN = [
    (0.01, 0.0435, (0.0331, 0.0570), 0.9987, (0.9977, 0.9993)),
    (0.05, 0.1915, (0.1512, 0.2395), 0.9935, (0.9882, 0.9964)),
    (0.20, 0.5294, (0.4583, 0.5993), 0.9697, (0.9465, 0.9830)),
]


@pytest.mark.parametrize(("prevalence", "positive", "positive_limits", "negative", "negative_limits"), GOLDEN)
def test_golden_predictive_values(prevalence, positive, positive_limits, negative, negative_limits):
    assert ppv(np.array(0.9), np.array(0.8), prevalence) == pytest.approx(positive, abs=5e-5)
    assert npv(np.array(0.9), np.array(0.8), prevalence) == pytest.approx(negative, abs=5e-5)
    assert ppv_interval(GOLDEN_COUNTS, Prevalence(prevalence))[:2] == pytest.approx(positive_limits, abs=5e-5)
    assert npv_interval(GOLDEN_COUNTS, Prevalence(prevalence))[:2] == pytest.approx(negative_limits, abs=5e-5)


def test_golden_likelihood_ratios():
    assert lr_positive_interval(GOLDEN_COUNTS)[:2] == pytest.approx((3.385, 5.983), abs=5e-4)
    assert lr_negative_interval(GOLDEN_COUNTS)[:2] == pytest.approx((0.0691, 0.2260), abs=5e-5)
    assert lr_positive(*np.array(GOLDEN_COUNTS)) == pytest.approx(4.5)
    assert lr_negative(*np.array(GOLDEN_COUNTS)) == pytest.approx(0.125)


def test_uncertainty_of_the_prevalence_is_that_of_a_simulation():
    rng = np.random.default_rng(6)
    draws = 400_000
    # Beta draws of all three shares; 12 of 240 local exams were positive.
    se, sp, pi = rng.beta(90, 10, draws), rng.beta(160, 40, draws), rng.beta(12, 228, draws)
    low, high = np.quantile(pi, [0.025, 0.975])
    found = ppv_interval(GOLDEN_COUNTS, Prevalence(0.05, low, high))
    simulated = np.quantile(se * pi / (se * pi + (1 - sp) * (1 - pi)), [0.025, 0.975])
    assert found[:2] == pytest.approx(simulated, abs=0.01)
    assert found.method == "mercaldo-logit-uncertain-prevalence"
    negative = npv_interval(GOLDEN_COUNTS, Prevalence(0.05, low, high))
    simulated = np.quantile(sp * (1 - pi) / (sp * (1 - pi) + (1 - se) * pi), [0.025, 0.975])
    assert negative[:2] == pytest.approx(simulated, abs=0.001)


@pytest.mark.parametrize(
    "counts",
    [(20, 20, 30, 40), (0, 20, 30, 40), (15, 20, 40, 40), (15, 20, 0, 40), (20, 20, 40, 40), (0.0, 3.5, 1.5, 7.2)],
)
def test_a_share_of_0_or_1_is_said_in_the_method_and_the_value_is_inside(counts):
    counts = TwoClassCounts(*counts)
    se, sp = np.array(counts.tp / counts.n_positive), np.array(counts.tn / counts.n_negative)
    for value, interval in ((ppv, ppv_interval), (npv, npv_interval)):
        found = interval(counts, Prevalence(0.1))
        assert found.method == "mercaldo-logit-half-added"
        assert found.low <= float(value(se, sp, 0.1)) <= found.high
        assert 0 <= found.low < found.high <= 1
    for value, interval in ((lr_positive, lr_positive_interval), (lr_negative, lr_negative_interval)):
        found = interval(counts)
        assert found.method == "simel-log-half-added"
        assert 0 < found.low < float(value(*np.array(counts))) < found.high < math.inf


def test_the_edges_are_absences_with_a_reason():
    for interval in (lr_positive_interval, lr_negative_interval):
        assert interval(TwoClassCounts(0, 0, 3, 4)) == NotEstimable(reason="one_class")
    for interval in (ppv_interval, npv_interval):
        assert interval(TwoClassCounts(3, 4, 0, 0), Prevalence(0.1)) == NotEstimable(reason="one_class")
    never, always = TwoClassCounts(0, 5, 9, 9), TwoClassCounts(5, 5, 0, 9)
    assert ppv_interval(never, Prevalence(0.1)) == NotEstimable(reason="no_positive_calls")
    assert npv_interval(always, Prevalence(0.1)) == NotEstimable(reason="no_negative_calls")
    assert np.isnan(ppv(np.array([0.0]), np.array([1.0]), 0.1)).all()
    assert np.isnan(lr_positive(np.zeros(1), np.zeros(1), np.ones(1), np.full(1, 2.0))).all()
    assert natural_frequencies(0, 0.9, 0.1).false_alarms_per_true_positive == NotEstimable(reason="no_true_positives")


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="right calls"):
        ppv_interval(TwoClassCounts(5, 4, 1, 2), Prevalence(0.1))
    for prevalence in (Prevalence(0), Prevalence(1), Prevalence(0.1, 0.2, 0.3), Prevalence(0.1, 0.05, 0.09)):
        with pytest.raises(ValueError, match="prevalence"):
            npv_interval(GOLDEN_COUNTS, prevalence)
    with pytest.raises(ValueError, match="between 0 and 1"):
        natural_frequencies(1.2, 0.5, 0.1)


def test_natural_frequencies_add_up_to_the_patients():
    found = natural_frequencies(0.87, 0.93, 0.042)
    assert sum(found[:4]) == pytest.approx(1000)
    assert found.tp + found.fn == pytest.approx(42)
    assert found.false_alarms_per_true_positive == pytest.approx(found.fp / found.tp)


CLUSTERS = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=12)


@given(CLUSTERS, st.floats(1, 60))
def test_a_likelihood_ratio_lies_within_its_limits_whatever_the_effective_counts(patients, design_effect):
    """Patients with some right and some wrong calls each; the classes shrink to effective counts by one factor."""
    right, wrong = ([sum(p[k] for p in patients if p[0] == disease) for disease in (True, False)] for k in (1, 2))
    whole = TwoClassCounts(right[0], right[0] + wrong[0], right[1], right[1] + wrong[1])
    fewer = TwoClassCounts(*(count / design_effect for count in whole))
    for value, interval in ((lr_positive, lr_positive_interval), (lr_negative, lr_negative_interval)):
        found = interval(fewer, of=whole)
        if whole.n_positive and whole.n_negative:
            assert 0 < found.low <= float(value(*np.array(whole))) <= found.high < math.inf
            assert found.low < found.high
        else:
            assert found == NotEstimable(reason="one_class")


def test_only_an_empty_cell_of_clustered_counts_widens_the_limits():
    whole, empty = TwoClassCounts(90, 100, 160, 200), TwoClassCounts(120, 120, 80, 120)
    tenth, few = TwoClassCounts(9, 10, 16, 20), TwoClassCounts(2, 2, 4 / 3, 2)
    assert lr_positive_interval(tenth, of=whole)[:2] == pytest.approx(lr_positive_interval(tenth)[:2], rel=1e-12)
    # One half among 121 lies below all that one half among 3 can reach.
    value = (0.5 / 121) / (80.5 / 121)
    low, high, method, _ = lr_negative_interval(few, of=empty)
    assert (low, method) == (pytest.approx(value, rel=1e-12), "simel-log-half-added")
    assert high == lr_negative_interval(few).high
    assert lr_negative_interval(few).low > value


SHARES = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))


@given(SHARES, st.floats(0.001, 0.999))
def test_intervals_bracket_their_value_and_more_data_narrow_them(cells, prevalence):
    tp, fn, fp, tn = cells
    counts, more = (
        TwoClassCounts(tp, tp + fn, tn, tn + fp),
        TwoClassCounts(*(4.0 * c for c in (tp, tp + fn, tn, tn + fp))),
    )
    se, sp = np.array(tp / (tp + fn)), np.array(tn / (tn + fp))
    for value, interval in ((ppv, ppv_interval), (npv, npv_interval)):
        found, narrower = interval(counts, Prevalence(prevalence)), interval(more, Prevalence(prevalence))
        assert found.low < float(value(se, sp, prevalence)) < found.high
        assert narrower.high - narrower.low < found.high - found.low
        wider = interval(counts, Prevalence(prevalence, prevalence * 0.9, 1 - (1 - prevalence) * 0.9))
        assert wider.low < found.low < found.high < wider.high
    for value, interval in ((lr_positive, lr_positive_interval), (lr_negative, lr_negative_interval)):
        found, narrower = interval(counts), interval(more)
        assert found.low < float(value(*np.array(counts))) < found.high
        assert found.low < narrower.low < narrower.high < found.high
