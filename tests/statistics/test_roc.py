"""ROC areas against golden values, brute force, other programs on real output, and the honest edges."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dmn_bench.statistics.resampling import totals
from dmn_bench.statistics.roc import ranked_area, roc_area, roc_area_interval, roc_curve
from dmn_bench.vocabulary import Columns, Interval, NotEstimable

from ..shared_data import shared_data

GOLDEN_SCORES = np.array([0.9, 0.8, 0.75, 0.6, 0.55, 0.4, 0.7, 0.5, 0.45, 0.3, 0.2, 0.1])
GOLDEN_POSITIVE = np.arange(12) < 6


def brute_force(scores, positive):
    """DeLong by definition: the matrix of all pairs."""
    psi = np.sign(scores[positive][:, None] - scores[~positive][None, :])
    psi = np.where(np.isnan(psi), 0, psi) / 2 + 0.5
    v10, v01 = psi.mean(axis=1), psi.mean(axis=0)
    return psi.mean(), v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01)


def columns(scores, positive):
    return Columns(sums={}, ranked={"p": positive.astype(float), "n": 1.0 - positive}, scores=scores)


def ranked(scores, positive):
    found = totals(columns(scores, positive))
    return float(ranked_area(found.ranked["p"], found.ranked["n"])[0])


@pytest.mark.parametrize(
    ("patients", "variance"),
    [
        (None, 0.01265432),
        (np.arange(12), 0.01265432),
        (np.r_[np.arange(6), np.arange(6)], 0.00493827),
        (np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), 0.02006173),
    ],
)
def test_golden_areas_and_variances(patients, variance):
    found = roc_area(GOLDEN_SCORES, GOLDEN_POSITIVE, patients, clustered=patients is not None)
    assert found.area == pytest.approx(0.861111, abs=5e-7)
    assert found.variance == pytest.approx(variance, abs=5e-9)
    assert (found.n_positive, found.n_negative) == (6, 6)


def test_golden_interval_on_the_logit_scale():
    low, high, method, _ = roc_area_interval(GOLDEN_SCORES, GOLDEN_POSITIVE)
    assert (low, high, method) == (pytest.approx(0.49527, abs=6e-6), pytest.approx(0.97511, abs=6e-6), "delong-logit")
    clustered = roc_area_interval(GOLDEN_SCORES, GOLDEN_POSITIVE, np.arange(12), clustered=True)
    assert clustered == (pytest.approx(low), pytest.approx(high), "obuchowski-logit", None)


TIED = hnp.arrays(float, st.integers(4, 40), elements=st.sampled_from([-np.inf, 0.0, 0.25, 0.5, 2.0, np.inf]))


@given(TIED, st.randoms(use_true_random=False))
def test_the_fast_form_is_the_definition_with_ties_and_infinite_ranks(scores, chance):
    positive = np.array([chance.random() < 0.5 for _ in scores])
    positive[:4] = [True, True, False, False]
    finite = np.nan_to_num(scores, posinf=9, neginf=-9)  # the same ranks
    area, variance = brute_force(finite, positive)
    found = roc_area(scores, positive)
    assert found.area == pytest.approx(area, abs=1e-12)
    assert found.variance == pytest.approx(variance, abs=1e-12)
    assert ranked(scores, positive) == pytest.approx(area, abs=1e-12)


@given(TIED, st.randoms(use_true_random=False))
def test_order_is_irrelevant_and_the_interval_brackets_the_area(scores, chance):
    positive = np.arange(len(scores)) % 2 == 0
    patients = np.array([chance.randrange(6) for _ in scores])
    order = np.array(chance.sample(range(len(scores)), len(scores)))
    found = roc_area_interval(scores, positive, patients, clustered=True)
    again = roc_area_interval(scores[order], positive[order], patients[order], clustered=True)
    if isinstance(found, NotEstimable):
        assert again == found
        return
    assert again[:2] == pytest.approx(found[:2], abs=1e-9)
    assert 0 <= found.low <= ranked(scores, positive) + 1e-12
    assert ranked(scores, positive) - 1e-12 <= found.high <= 1
    assert found.low < found.high


def test_more_cases_narrow_the_interval():
    once = roc_area_interval(GOLDEN_SCORES, GOLDEN_POSITIVE)
    more = roc_area_interval(np.tile(GOLDEN_SCORES, 4), np.tile(GOLDEN_POSITIVE, 4))
    assert more.high - more.low < once.high - once.low


def test_perfect_separation_is_not_certainty():
    for n in (2, 10, 100):
        scores, positive = np.r_[np.ones(n), np.zeros(n + 3)], np.arange(2 * n + 3) < n
        low, high, method, pairs = roc_area_interval(scores, positive)
        assert (low, high, method, pairs) == (pytest.approx(0.025 ** (1 / n)), 1.0, "disjoint-pairs", n)
        reversed_low, reversed_high, _, _ = roc_area_interval(-scores, positive)
        assert (reversed_low, reversed_high) == (0.0, pytest.approx(1 - 0.025 ** (1 / n)))


def test_pairs_of_a_clustered_set_share_no_patient():
    scores, positive = np.r_[np.ones(6), np.zeros(6)], np.arange(12) < 6
    both_in_each = roc_area_interval(scores, positive, np.r_[np.arange(6), np.arange(6)], clustered=True)
    assert both_in_each.effective_n == 3  # six patients make three pairs
    two_each = roc_area_interval(scores, positive, np.repeat(np.arange(6), 2), clustered=True)
    assert two_each.effective_n == 3


def test_scores_that_never_differ_give_one_half_and_a_wide_interval():
    found = roc_area_interval(np.zeros(20), np.arange(20) < 10)
    assert found.low < 0.25
    assert found.high > 0.75


def test_the_edges_are_absences_with_a_reason():
    one_class = NotEstimable(reason="one_class", facts={"n_positive": 3, "n_negative": 0})
    for function in (roc_area, roc_area_interval, roc_curve):
        assert function(np.zeros(3), np.ones(3, bool)) == one_class
    assert roc_area(np.zeros(0), np.zeros(0, bool)).reason == "one_class"
    single = roc_area(np.array([1.0, 0, 0]), np.array([True, False, False]))
    assert single == NotEstimable(reason="too_few", facts={"n": 1, "minimum": 2})
    same = roc_area(
        np.array([1.0, 1, 0, 0]), np.array([True, True, False, False]), np.array([0, 0, 1, 1]), clustered=True
    )
    assert same.reason == "too_few"
    assert np.isnan(ranked_area(np.zeros((2, 3)), np.ones((2, 3)))).all()
    assert np.isnan(ranked_area(np.zeros((2, 0)), np.zeros((2, 0)))).all()
    with pytest.raises(ValueError, match="NaN"):
        roc_area(np.array([np.nan, 1]), np.array([True, False]))
    with pytest.raises(ValueError, match="patients"):
        roc_area(np.array([0.0, 1]), np.array([True, False]), clustered=True)


def test_the_curve_is_that_of_sklearn_and_holds_its_own_area():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    positive = rng.random(300) < 0.3
    scores = np.round(rng.normal(size=300) + positive, 1)
    curve = roc_curve(scores, positive)
    fpr, tpr, thresholds = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.fpr, fpr)
    np.testing.assert_allclose(curve.tpr, tpr)
    assert curve.thresholds[0] is None
    assert curve.thresholds[1:] == pytest.approx(tuple(thresholds[1:]))
    assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(roc_area(scores, positive).area)


def test_a_thinned_curve_keeps_its_ends():
    rng = np.random.default_rng(4)
    positive = rng.random(5000) < 0.5
    curve = roc_curve(rng.normal(size=5000), positive, max_points=200)
    assert len(curve.fpr) <= 200
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)


def test_an_unanswered_case_pulls_the_area_down_at_both_ends():
    scores = np.array([0.9, 0.8, 0.2, 0.1])
    positive = np.array([True, True, False, False])
    assert roc_area(scores, positive).area == 1
    assert roc_area(np.where([0, 1, 0, 0], -np.inf, scores), positive).area == 0.5
    assert roc_area(np.where([0, 0, 1, 0], np.inf, scores), positive).area == 0.5


# -------------------------------------------------------------------- areas and limits of another program, real output


def witnessed(found, witness):
    """The other program's limits are on the linear scale; where it did not cut them at 1 they give its variance."""
    area, low, _, high = witness
    assert found.area == pytest.approx(area, abs=1e-9)
    if area + (area - low) <= 1:
        assert found.variance == pytest.approx(((area - low) / 1.959963984540054) ** 2, rel=1e-6)
        assert high == pytest.approx(2 * area - low, abs=1e-9)


def read(path):
    pandas = pytest.importorskip("pandas")
    return pandas.read_csv(path)


def test_chexnet_areas_by_stratum_are_those_of_another_program():
    oracle = json.loads(shared_data("imaging/oracle_stratified.json").read_text())["cxr_chexnet"]
    truth = read(shared_data("imaging/ai_cxr_chexnet/reference_nih.csv"))
    answers = read(shared_data("imaging/ai_cxr_chexnet/vendor_predictions.csv"))
    joined = truth.merge(answers, left_on="image", right_on="Image Index", validate="one_to_one")
    found_in = [set(labels.split("|")) for labels in joined.finding_labels]
    nodule = np.array(["Nodule" in labels for labels in found_in])
    either = np.array([bool(labels & {"Nodule", "Mass"}) for labels in found_in])
    score = joined[["prob_Nodule", "prob_Mass"]].max(axis=1).to_numpy()
    witnessed(roc_area(joined.prob_Nodule.to_numpy(), nodule), oracle["Nodule label, prob_Nodule"]["auc"])
    witnessed(roc_area(score, either), oracle["Nodule|Mass label, max(prob_Nodule,prob_Mass)"]["auc"])
    for field in ("sex", "view_position"):
        for level, witness in oracle[field].items():
            rows = (joined[field] == level).to_numpy()
            found = roc_area(score[rows], either[rows])
            assert (found.n_positive, found.n_positive + found.n_negative) == (witness["pos"], witness["n"])
            witnessed(found, witness["auc"])


def test_fracture_areas_by_stratum_are_those_of_another_program_and_never_certain():
    oracle = json.loads(shared_data("imaging/oracle_stratified.json").read_text())["fracture_graz_yolov7"]
    cases = read(shared_data("imaging/ai_fracture_graz_yolov7/reference_cases.csv"))
    marks = read(shared_data("imaging/ai_fracture_graz_yolov7/vendor_detections.csv"))
    best = marks[marks["class"] == "fracture"].groupby("filestem").confidence.max()
    score = cases.filestem.map(best).fillna(0.0).to_numpy()
    positive = (cases.fracture_visible == 1).to_numpy()
    witnessed(roc_area(score, positive), oracle["all images"]["auc"])
    patients = cases.patient_id.to_numpy()
    for field, convert in (("gender", str), ("projection", int), ("device_manufacturer", str)):
        for level, witness in oracle[field].items():
            rows = (cases[field] == convert(level)).to_numpy()
            found = roc_area(score[rows], positive[rows])
            if witness["auc"] is None:
                assert found.reason == "one_class"
                continue
            witnessed(found, witness["auc"])
            interval = roc_area_interval(score[rows], positive[rows], patients[rows], clustered=True)
            assert isinstance(interval, Interval)
            assert interval.low < found.area  # even for the oblique views: 22 images, perfect separation
            assert interval.high <= 1
