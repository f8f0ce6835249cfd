"""No number without its interval and n; small numbers are withheld; counts come from the set."""

import dataclasses

import numpy as np
import pytest

from dmn_bench.harness.estimating import PlannedMetric, estimate_rows, limits_of, rows_of, value_and_limits
from dmn_bench.protocol import Statistics
from dmn_bench.statistics.resampling import ResampledInterval
from dmn_bench.vocabulary import Columns, Interval, NotEstimable

from .factories import SENSITIVITY, judged


def only(rows):
    (row,) = rows
    return row


def test_golden_wilson_interval_reaches_the_record():
    row = only(estimate_rows(judged(hits=45, misses=5), [SENSITIVITY], Statistics()))
    assert (row.numerator, row.denominator, row.value, row.method) == (45, 50, 0.9, "wilson")
    assert (row.low, row.high) == pytest.approx((0.7864, 0.9565), abs=5e-5)


def test_two_units_of_one_patient_make_every_interval_clustered():
    row = only(estimate_rows(judged(hits=45, misses=5, n_per_patient=2), [SENSITIVITY], Statistics()))
    assert row.method == "rao-scott-wilson-t"
    assert (row.n_units, row.n_patients) == (50, 25)


def test_below_ten_there_is_no_estimate_and_below_thirty_it_is_imprecise():
    settings = Statistics()
    nine = only(estimate_rows(judged(hits=8, misses=1), [SENSITIVITY], settings))
    ten = only(estimate_rows(judged(hits=8, misses=2), [SENSITIVITY], settings))
    thirty = only(estimate_rows(judged(hits=28, misses=2), [SENSITIVITY], settings))
    assert (nine.value, nine.low, nine.not_estimable) == (None, None, "too_few")
    assert nine.not_estimable_facts == {"n": 9, "minimum": 10}
    assert (ten.value, ten.imprecise) == (0.8, True)
    assert thirty.imprecise is False


def test_an_empty_stratum_is_a_row_that_says_so():
    asked = judged(hits=20, misses=0, sexes=["F"] * 20)
    empty = asked.groups[1].__class__(stratum={"sex": "M"}, rows=np.array([], dtype=np.int64))
    asked = asked.__class__(
        candidate="a",
        endpoint="exam",
        analysis=asked.analysis,
        judgements=asked.judgements,
        groups=[*asked.groups, empty],
    )
    rows = estimate_rows(asked, [SENSITIVITY], Statistics())
    assert [row.not_estimable for row in rows] == [None, None, "no_denominator"]
    assert (rows[2].n_units, rows[2].own_n) == (0, 0)


def test_a_metric_that_the_set_forbids_has_a_reason_and_no_number():
    plan = PlannedMetric(metric=SENSITIVITY.metric, parameters={}, unavailable=NotEstimable(reason="enriched_set"))
    row = only(estimate_rows(judged(hits=45, misses=5), [plan], Statistics()))
    assert (row.value, row.not_estimable) == (None, "enriched_set")


def test_a_value_without_an_interval_is_not_shown():
    assert value_and_limits(0.9, NotEstimable(reason="degenerate"), 0.95)["not_estimable"] == "degenerate"
    assert "value" not in value_and_limits(0.9, Interval(0.1, float("inf"), "x"), 0.95)


def test_a_resampled_interval_keeps_its_limits_and_an_absent_one_its_reason():
    interval = Interval(0.1, 0.2, "patient-bootstrap-bca")
    assert limits_of(ResampledInterval(0.15, interval, 200, 0)) == interval
    assert limits_of(NotEstimable(reason="one_patient")).reason == "one_patient"


def test_rows_of_keeps_sums_ranks_and_scores_together():
    columns = Columns(
        sums={"n": np.array([1.0, 2.0, 3.0])},
        ranked={"hit": np.array([0.0, 1.0, 1.0])},
        scores=np.array([0.3, 0.2, 0.1]),
    )
    taken = rows_of(columns, np.array([2, 0]))
    assert taken.sums["n"].tolist() == [3.0, 1.0]
    assert taken.ranked["hit"].tolist() == [1.0, 0.0]
    assert taken.scores.tolist() == [0.1, 0.3]


def with_weights(asked, weights):
    return dataclasses.replace(asked, unit_weights=np.asarray(weights, dtype=float))


def test_equal_sampling_weights_change_no_value_and_make_clusters_of_single_units():
    plain = only(estimate_rows(judged(hits=45, misses=5), [SENSITIVITY], Statistics()))
    same = only(estimate_rows(with_weights(judged(hits=45, misses=5), [3.0] * 50), [SENSITIVITY], Statistics()))
    assert (same.value, same.numerator, same.denominator, same.own_n) == (plain.value, 45, 50, 50)
    assert same.is_weighted
    assert not plain.is_weighted
    assert (same.low, same.high) == pytest.approx((0.7813, 0.9577), abs=5e-5)  # one unit per patient, t with 49 df


def test_a_weighted_share_is_that_of_the_population_drawn_from():
    weights = [1.0] * 45 + [9.0] * 5  # the misses stand for many more
    row = only(estimate_rows(with_weights(judged(hits=45, misses=5), weights), [SENSITIVITY], Statistics()))
    assert row.value == pytest.approx(45 / 90)
    assert (row.numerator, row.denominator) == (45, 50)
    assert row.low < 0.5 < row.high
    assert row.effective_n < 50
    assert row.design_effect == pytest.approx(50 / row.effective_n)


def test_weighted_limits_agree_with_the_sandwich_of_another_program():
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(4)
    hits, weights = (rng.random(60) < 0.8).astype(float), rng.uniform(1, 5, 60)
    order = np.argsort(-hits, kind="stable")
    asked = with_weights(judged(hits=int(hits.sum()), misses=int(60 - hits.sum())), weights[order])
    row = only(estimate_rows(asked, [SENSITIVITY], Statistics()))
    fit = sm.WLS(hits[order], np.ones(60), weights=weights[order]).fit(cov_type="HC0")
    variance = float(fit.cov_params()[0, 0]) * 60 / 59
    assert row.value == pytest.approx(float(fit.params[0]))
    assert row.effective_n == pytest.approx(row.value * (1 - row.value) / variance)


def test_a_ranked_metric_of_weighted_units_is_resampled_with_its_weights():
    from dmn_bench.metrics.ranking import RocArea

    asked = judged(hits=20, misses=20)
    columns = dict(asked.judgements.columns)
    columns["reference"] = np.r_[np.ones(20), np.zeros(20)]
    columns["score"] = np.r_[np.linspace(0.3, 1, 20), np.linspace(0, 0.7, 20)]
    asked = dataclasses.replace(asked, judgements=dataclasses.replace(asked.judgements, columns=columns))
    plan = PlannedMetric(metric=RocArea(), parameters={})
    plain = only(estimate_rows(asked, [plan], Statistics(resamples=400)))
    weights = np.r_[np.ones(20), np.full(10, 9.0), np.ones(10)]  # the low-scoring healthy stand for many
    row = only(estimate_rows(with_weights(asked, weights), [plan], Statistics(resamples=400)))
    assert plain.method == "delong-logit"
    assert row.method.startswith("patient-bootstrap")
    assert row.value > plain.value
    assert row.low < row.value < row.high
