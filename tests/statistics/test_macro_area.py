"""Macro averages: by hand, by scikit-learn, by the jackknife, by properties, and on the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from dmn_bench.statistics.macro_area import (
    disjoint_scores,
    macro_area,
    macro_area_estimate,
    macro_average_precision,
    macro_interval,
    macro_ratio,
    macro_ratio_estimate,
)
from dmn_bench.statistics.roc import roc_area
from dmn_bench.vocabulary import NotEstimable


def on_axis(scores, positive, classes, weights=None):
    """Weights of both kinds at the distinct places of one axis: what a value function gets."""
    axis = disjoint_scores(scores, classes)
    places, at = np.unique(axis, return_inverse=True)
    weights = np.ones(len(scores)) if weights is None else weights
    above = np.bincount(at, weights=weights * positive, minlength=len(places))[None]
    below = np.bincount(at, weights=weights * ~positive, minlength=len(places))[None]
    return above, below, places


def an_example(seed, n=120, k=4, shift=1.0):
    rng = np.random.default_rng(seed)
    classes = np.repeat(np.arange(k), n)
    positive = rng.random(n * k) < np.repeat(rng.uniform(0.15, 0.5, k), n)
    scores = np.round(rng.normal(shift * positive, 1), 1)
    return scores, positive, classes, np.tile(np.arange(n), k)


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_of_areas_and_of_average_precisions_is_that_of_scikit_learn(seed):
    scores, positive, classes, _ = an_example(seed)
    truth, said = (each.reshape(4, -1).T for each in (positive, scores))
    assert macro_area(*on_axis(scores, positive, classes))[0] == pytest.approx(
        roc_auc_score(truth, said, average="macro"), abs=1e-12
    )
    assert macro_average_precision(*on_axis(scores, positive, classes))[0] == pytest.approx(
        average_precision_score(truth, said, average="macro"), abs=1e-12
    )


def test_the_mean_of_two_areas_by_hand():
    scores, classes = np.array([0.9, 0.1, 0.2, 0.5, 0.5]), np.array([0, 0, 7, 7, 7])
    positive = np.array([True, False, True, False, True])  # 1, and (0 + ½)/2
    assert macro_area(*on_axis(scores, positive, classes)).tolist() == [(1 + 0.25) / 2]
    found = macro_area_estimate(scores, positive, classes, np.arange(5))
    assert (found.value, found.n_classes, found.n_left_out) == ((1 + 0.25) / 2, 2, 0)


def test_of_one_class_and_one_row_for_each_patient_it_is_delongs_variance():
    scores, positive, classes, patients = an_example(1, k=1)
    found, alone = macro_area_estimate(scores, positive, classes, patients), roc_area(scores, positive)
    assert (found.value, found.variance) == pytest.approx((alone.area, alone.variance), rel=1e-12)


@pytest.mark.parametrize("of", ["area", "ratio"])
def test_the_variance_is_near_that_of_leaving_out_one_patient_at_a_time(of):
    scores, positive, classes, patients = an_example(2, n=150)
    called = scores > 0.5

    def value(keep):
        if of == "area":
            return macro_area(*on_axis(scores[keep], positive[keep], classes[keep]))[0]
        numerator, denominator = np.zeros(4), np.zeros(4)
        np.add.at(numerator, classes[keep], (positive & called)[keep])
        np.add.at(denominator, classes[keep], positive[keep])
        return macro_ratio(numerator[None], denominator[None])[0]

    left = np.array([value(patients != one) for one in range(150)])
    jackknife = 149 / 150 * float(((left - left.mean()) ** 2).sum())
    if of == "area":
        found = macro_area_estimate(scores, positive, classes, patients)
    else:
        found = macro_ratio_estimate((positive & called) * 1.0, positive * 1.0, classes, patients)
    assert found.value == pytest.approx(value(np.full(len(patients), fill_value=True)), abs=1e-12)
    assert found.variance == pytest.approx(jackknife, rel=0.05)


def test_a_mean_of_ratios_by_hand():
    numerator, denominator = np.array([1.0, 0, 1, 1]), np.array([1.0, 1, 1, 0])
    found = macro_ratio_estimate(numerator * denominator, denominator, np.array([0, 0, 1, 2]), np.arange(4))
    assert (found.value, found.n_classes, found.n_left_out) == (0.75, 2, 1)
    # class 0: two patients, each ½ from the mean: (2/1)·(¼² + ¼²); class 1: one patient, shrunk to ¾: ¾·¼/1
    assert found.variance == pytest.approx((2 * (0.25**2 + 0.25**2) + 0.75 * 0.25) / 4)


def test_patients_with_several_records_widen_the_interval_as_copies_do():
    scores, positive, classes, patients = an_example(3)
    once = macro_area_estimate(scores, positive, classes, patients)
    twice = [np.concatenate([each, each]) for each in (scores, positive, classes)]
    copied = macro_area_estimate(*twice, np.concatenate([patients, patients]))
    strangers = macro_area_estimate(*twice, np.concatenate([patients, patients + 1000]))
    assert copied.variance == pytest.approx(once.variance)
    assert strangers.variance == pytest.approx(once.variance / 2, rel=0.05)


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_the_interval_holds_the_value_and_order_is_irrelevant(seed, n, k):
    scores, positive, classes, patients = an_example(seed, n=n, k=k)
    found = macro_area_estimate(scores, positive, classes, patients)
    order = np.random.default_rng(seed).permutation(len(scores))
    again = macro_area_estimate(scores[order], positive[order], classes[order], patients[order])
    if isinstance(found, NotEstimable):
        assert found == again
        return
    assert (found.value, found.variance) == pytest.approx((again.value, again.variance))
    low, high, *_ = macro_interval(found, 0.95)
    assert 0 <= low <= found.value <= high <= 1
    narrow = macro_interval(found, 0.8)
    assert low <= narrow.low
    assert narrow.high <= high


@pytest.mark.parametrize(
    ("scores", "positive", "classes", "reason"),
    [
        ([], [], [], "one_patient"),
        ([1.0], [True], [0], "one_patient"),
        ([1.0, 2.0, 0.5], [True, True, True], [0, 0, 1], "one_class"),
    ],
)
def test_without_two_patients_or_two_kinds_there_is_no_number(scores, positive, classes, reason):
    arrays = np.array(scores, dtype=float), np.array(positive, dtype=bool), np.array(classes, dtype=np.int64)
    found = macro_area_estimate(*arrays, np.arange(len(scores)))
    assert found == NotEstimable(reason=reason)
    assert np.isnan(macro_area(*on_axis(*arrays))).all()


def test_perfect_and_tied_scores_are_not_certain():
    positive, classes, patients = np.arange(40) % 2 == 0, np.repeat([0, 1], 20), np.tile(np.arange(20), 2)
    perfect = macro_area_estimate(positive * 1.0, positive, classes, patients)
    assert perfect.value == 1
    low, high, method, _ = macro_interval(perfect, 0.95)
    assert low < 0.95
    assert (high, method) == (1, "macro-wilson")
    tied = macro_area_estimate(np.zeros(40), positive, classes, patients)
    assert tied.value == 0.5
    assert tied.variance > 0


def test_infinite_scores_rank_as_others():
    scores = np.array([-np.inf, 0.2, np.inf, 0.1])
    assert macro_area(*on_axis(scores, np.array([True, False, True, False]), np.zeros(4, dtype=np.int64)))[0] == 0.5
    assert disjoint_scores(scores, np.zeros(4, dtype=np.int64)).tolist() == [0, 0.5, 0.75, 0.25]


@pytest.mark.slow
def test_ninety_five_percent_intervals_hold_the_truth_about_that_often():
    rng = np.random.default_rng(8)
    share = np.array([0.25, 0.1, 0.05])
    truth = np.array([0.76024994, 0.76024994, 0.76024994])  # of N(1, 1) above N(0, 1)
    held = 0
    for _ in range(1500):
        n = 150
        common = rng.normal(0, 0.5, n)
        positive = rng.random((3, n)) < share[:, None]
        scores = positive + np.sqrt(0.75) * rng.normal(0, 1, (3, n)) + common
        found = macro_area_estimate(
            scores.ravel(), positive.ravel(), np.repeat(np.arange(3), n), np.tile(np.arange(n), 3)
        )
        low, high, *_ = macro_interval(found, 0.95)
        held += low <= truth.mean() <= high
    assert 0.93 <= held / 1500 <= 0.975
