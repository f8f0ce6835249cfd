"""The resampling engine: who can be drawn, what depends on what, and the intervals that come out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.statistics import resampling
from dmn_bench.statistics.resampling import ResampledInterval, draw, resample, totals
from dmn_bench.statistics.roc import ranked_area, roc_area
from dmn_bench.vocabulary import Columns, NotEstimable


def share(found):
    return found.sums["numerator"] / found.sums["denominator"]


def area(found):
    return ranked_area(found.ranked["positive"], found.ranked["negative"])


def share_columns(numerators, denominators=None):
    numerators = np.asarray(numerators, dtype=float)
    return Columns(
        sums={
            "numerator": numerators,
            "denominator": np.ones(len(numerators)) if denominators is None else np.asarray(denominators, dtype=float),
        }
    )


def area_columns(scores, positive):
    positive = np.asarray(positive, dtype=float)
    return Columns(sums={}, ranked={"positive": positive, "negative": 1 - positive}, scores=np.asarray(scores, float))


def one(columns, value, patients=None, **plan):
    n = len(next(iter({**columns.sums, **columns.ranked}.values())))
    patients = np.arange(n) if patients is None else patients
    plan = {"resamples": 400, "seed": 1, "groups": [np.arange(n)], **plan}
    return resample([(columns, value)], patients=patients, **plan)[0][0]


@pytest.fixture
def a_set():
    """120 rows of 50 patients with scores, ties among them, and an uneven measure in each row."""
    rng = np.random.default_rng(11)
    patients = np.r_[np.arange(50), rng.integers(0, 50, 70)]
    positive = rng.random(120) < 0.4
    scores = np.round(rng.normal(size=120) + positive, 1)
    measures = rng.lognormal(size=120)
    metrics = [
        (area_columns(scores, positive), area),
        (share_columns(measures * positive, positive), share),
        (share_columns(measures), share),
    ]
    groups = [np.arange(120), np.flatnonzero(patients < 20), np.flatnonzero(patients >= 20)]
    return {"metrics": metrics, "patients": patients, "groups": groups, "resamples": 300, "seed": 7}


# --------------------------------------------------------------------------------------------------------- totals


def test_totals_are_those_of_the_definition():
    rng = np.random.default_rng(2)
    scores = rng.choice([-np.inf, 0.0, 1.0, np.inf], 30)
    column, weights = rng.normal(size=30), rng.integers(0, 4, (5, 30)).astype(float)
    found = totals(Columns(sums={"a": column}, ranked={"a": column}, scores=scores), weights)
    np.testing.assert_allclose(found.sums["a"], weights @ column)
    assert found.scores.tolist() == sorted(set(scores))
    for index, score in enumerate(found.scores):
        np.testing.assert_allclose(found.ranked["a"][:, index], weights[:, scores == score] @ column[scores == score])


def test_totals_without_weights_count_every_row_once_and_nothing_is_nothing():
    found = totals(share_columns([1, 0, 1]))
    assert (found.sums["numerator"].tolist(), found.sums["denominator"].tolist()) == ([2], [3])
    empty = totals(Columns(sums={"a": np.zeros(0)}, ranked={"a": np.zeros(0)}, scores=np.zeros(0)))
    assert empty.sums["a"].tolist() == [0]
    assert empty.ranked["a"].shape == (1, 0)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same number of rows"):
        totals(Columns(sums={"a": np.ones(2), "b": np.ones(3)}))
    with pytest.raises(ValueError, match="each row of patients"):
        resample([(share_columns([1, 0]), share)], patients=np.arange(3), groups=[], resamples=1, seed=0)


# ---------------------------------------------------------------------------------------------------------- draws


@given(st.integers(1, 60), st.integers(0, 2**32))
@settings(max_examples=25)
def test_every_patient_can_be_drawn_the_last_one_too(n_patients, seed):
    drawn = sum(draw(n_patients, seed, r) for r in range(60))
    assert (drawn > 0).all()  # left out 60 times in a row: e^-60
    assert drawn.sum() == 60 * n_patients


def test_patients_are_drawn_alike():
    drawn = np.array([draw(20, 3, r) for r in range(4000)])
    assert abs(drawn.mean(axis=0) - 1).max() < 5 * math.sqrt(0.95 / 4000)
    assert drawn.var(axis=0).mean() == pytest.approx(0.95, rel=0.03)


def test_a_resample_depends_on_seed_and_number_only():
    assert (draw(30, 5, 17) == draw(30, 5, 17)).all()
    assert (draw(30, 5, 17) != draw(30, 5, 18)).any()
    assert (draw(30, 5, 17) != draw(30, 6, 17)).any()


@pytest.mark.parametrize("largest_block", [1, 97, 5_000])
def test_blocks_change_no_bit_of_any_number(a_set, monkeypatch, largest_block):
    whole = resample(**a_set)
    monkeypatch.setattr(resampling, "LARGEST_BLOCK", largest_block)
    assert resample(**a_set) == whole


def test_another_stratum_or_metric_changes_no_other_number(a_set):
    whole = resample(**a_set)
    fewer = resample(**{**a_set, "groups": a_set["groups"][2:], "metrics": a_set["metrics"][1:]})
    assert fewer[0] == whole[2][1:]


def test_metrics_that_share_columns_get_the_same_numbers_as_alone(a_set):
    columns = a_set["metrics"][0][0]
    shared = resample(**{**a_set, "metrics": [(columns, area), (columns, lambda t: 1 - area(t))]})
    assert shared[0][0] == resample(**a_set)[0][0]
    assert shared[0][1].interval.low == pytest.approx(1 - shared[0][0].interval.high)


def test_strata_of_equal_size_do_not_share_their_draws():
    rng = np.random.default_rng(9)
    measures = np.tile(rng.lognormal(size=30), 2)
    halves = [np.arange(30), np.arange(30, 60)]
    first, second = resample(
        [(share_columns(measures), share)], patients=np.arange(60), groups=halves, resamples=500, seed=4
    )
    assert first[0].value == second[0].value
    assert first[0].interval != second[0].interval


def test_the_denominator_of_a_stratum_varies():
    seen = []

    def spy(found):
        seen.append(found.sums["denominator"])
        return share(found)

    one(share_columns([1, 0] * 20), spy, groups=[np.arange(10)], method="percentile")
    sizes = np.concatenate(seen)
    assert sizes.std() == pytest.approx(math.sqrt(10 * 0.75), rel=0.15)


def test_a_patient_comes_with_all_rows(a_set):
    patients, metrics = a_set["patients"], a_set["metrics"]
    twice = [
        (
            Columns(
                sums={name: np.tile(values, 2) for name, values in columns.sums.items()},
                ranked={name: np.tile(values, 2) for name, values in columns.ranked.items()},
                scores=None if columns.scores is None else np.tile(columns.scores, 2),
            ),
            value,
        )
        for columns, value in metrics
    ]
    plan = {"groups": [np.arange(120)], "resamples": 300, "seed": 7}
    once = resample(metrics, patients=patients, **plan)[0]
    doubled = resample(twice, patients=np.tile(patients, 2), **{**plan, "groups": [np.arange(240)]})[0]
    for a, b in zip(once, doubled, strict=True):
        assert b.interval[:2] == pytest.approx(a.interval[:2], abs=1e-12)


# ------------------------------------------------------------------------------------------------------ intervals


@given(st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_the_order_of_rows_is_irrelevant_and_the_interval_brackets_the_value(chance):
    order = np.array(chance.sample(range(40), 40))
    rng = np.random.default_rng(chance.randrange(1000))
    patients, positive = rng.integers(0, 15, 40), np.arange(40) % 3 == 0
    scores = np.round(rng.normal(size=40) + positive, 1)
    found = one(area_columns(scores, positive), area, patients)
    again = one(area_columns(scores[order], positive[order]), area, patients[order])
    assert again.interval[:2] == pytest.approx(found.interval[:2], abs=1e-12)
    assert found.interval.low <= found.value <= found.interval.high
    assert found.value == pytest.approx(roc_area(scores, positive).area)


def test_more_patients_narrow_the_interval():
    right = [1, 1, 0, 1, 0, 1, 1, 1, 0, 1]
    few, many = one(share_columns(right * 2), share), one(share_columns(right * 20), share)
    assert many.interval.high - many.interval.low < 0.5 * (few.interval.high - few.interval.low)


def spread_of(found):
    mean = found.sums["numerator"] / found.sums["denominator"]
    return found.sums["squares"] / found.sums["denominator"] - mean**2


@pytest.mark.parametrize(("method", "name"), [("bca", "BCa"), ("percentile", "percentile")])
@pytest.mark.parametrize(("value", "statistic"), [(share, np.mean), (spread_of, np.var)])
def test_scipy_gives_nearly_the_same_limits_of_a_skewed_or_biased_statistic(method, name, value, statistic):
    bootstrap = pytest.importorskip("scipy.stats").bootstrap
    data = np.random.default_rng(8).gamma(2.0, size=16)
    columns = Columns(sums={"numerator": data, "squares": data**2, "denominator": np.ones(16)})
    ours = one(columns, value, resamples=20_000, method=method)
    witness = bootstrap((data,), statistic, n_resamples=20_000, method=name, rng=np.random.default_rng(1))
    width = ours.interval.high - ours.interval.low
    assert ours.value == pytest.approx(statistic(data))
    assert ours.interval.method == f"patient-bootstrap-{method}"
    assert ours.interval.low == pytest.approx(witness.confidence_interval.low, abs=0.02 * width)
    assert ours.interval.high == pytest.approx(witness.confidence_interval.high, abs=0.02 * width)


def test_bca_tails_by_hand():
    # 60 % of the replicates below: bias 0.253347. Deviations 1/4, 1/4, 1/4, -3/4: acceleration -0.375 / (6 * 0.75^1.5).
    ordered, left_out = np.arange(1000.0), np.array([0.0, 0.0, 0.0, 1.0])
    low, high = resampling._bca_tails(599.5, ordered, left_out, 0.025)
    assert (low, high) == (pytest.approx(0.03684, abs=1e-5), pytest.approx(0.98115, abs=1e-5))
    tied = resampling._bca_tails(500.0, np.repeat([400.0, 500.0, 600.0], [300, 600, 100]), left_out, 0.025)
    assert tied == (pytest.approx(low), pytest.approx(high))  # 300 below and half of 600


def test_above_the_limit_the_method_is_percentile_and_says_so(monkeypatch):
    monkeypatch.setattr(resampling, "MOST_PATIENTS_FOR_BCA", 9)
    assert one(share_columns([1, 0] * 5), share).interval.method == "patient-bootstrap-percentile"
    assert one(share_columns([1, 0, 1] * 3), share).interval.method == "patient-bootstrap-bca"


def test_a_resample_without_the_class_is_invalid_for_the_area_alone():
    positive = np.arange(40) < 4
    scores = np.r_[np.linspace(0, 1, 4), np.linspace(0, 0.9, 36)]
    found = one(area_columns(scores, positive), area, resamples=2000)
    assert isinstance(found, ResampledInterval)
    assert 0 < found.n_invalid < 100  # (36/40)^40 = 1.5 % hold no positive
    assert one(share_columns(scores), share, resamples=2000).n_invalid == 0


def test_too_many_invalid_resamples_give_no_interval():
    found = one(area_columns(np.arange(30.0), np.arange(30) < 2), area)
    assert found.reason == "too_many_invalid_resamples"
    assert found.facts["resamples"] == 400
    assert 20 < found.facts["invalid"] < 100  # about e^-2


def test_the_edges_are_absences_with_a_reason():
    assert one(share_columns(np.ones(20)), share) == NotEstimable(reason="degenerate")
    assert one(share_columns(np.full(20, 0.1)), share) == NotEstimable(reason="degenerate")  # equal but for rounding
    assert one(share_columns([1.0, 0.0]), share, np.zeros(2, int)) == NotEstimable(reason="one_patient")
    assert one(share_columns([1.0]), share) == NotEstimable(reason="one_patient")
    assert one(share_columns(np.zeros(9), np.zeros(9)), share) == NotEstimable(reason="undefined")
    assert one(share_columns([1.0, 0.0]), share, groups=[np.arange(0)]) == NotEstimable(reason="undefined")
    assert one(area_columns(np.zeros(9), np.ones(9)), area) == NotEstimable(reason="undefined")
    assert one(area_columns(np.zeros(20), np.arange(20) % 2), area) == NotEstimable(reason="degenerate")
    one_sided = one(
        share_columns(np.ones(20), np.r_[np.zeros(4), np.ones(16)]), lambda t: 1 / (t.sums["denominator"] > 13)
    )
    assert one_sided == NotEstimable(reason="infinite_limit")


def test_impossible_plans_are_refused():
    with pytest.raises(ValueError, match="resamples"):
        one(share_columns([1, 0]), share, resamples=0)
    with pytest.raises(ValueError, match="confidence"):
        one(share_columns([1, 0]), share, confidence=95)
