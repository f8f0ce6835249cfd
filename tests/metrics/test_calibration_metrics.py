"""Metrics of declared probabilities: which units count, what they weigh, what is not estimable, conformance."""

import math

import numpy as np
import pytest
from scipy.special import expit

from dmn_bench.errors import ProtocolError
from dmn_bench.hookspecs import ClosedFormMetric, DrawnMetric, ExplainedMetric
from dmn_bench.metrics.calibration import (
    Brier,
    CalibrationError,
    CalibrationIntercept,
    CalibrationSlope,
    NetBenefit,
    ScaledBrier,
)
from dmn_bench.metrics.classification import LocalPrevalence, Sensitivity
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.testing import MetricChecks
from dmn_bench.vocabulary import NotEstimable

from ..tasks.factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_case,
    a_unit,
    by_case,
    context,
    scored,
    treating,
    unanswered,
)

DECLARED = {"scores_are": "probability"}
HERE = {"prevalence_if_enriched": LocalPrevalence(value=0.1, low=0.05, high=0.2)}
EVERY = [
    Brier(**DECLARED),
    ScaledBrier(**DECLARED),
    CalibrationIntercept(**DECLARED),
    CalibrationSlope(**DECLARED),
    CalibrationError(**DECLARED),
    CalibrationError(**DECLARED, at_percentile=90, knots=4),
    NetBenefit(**DECLARED, at_probability=0.3),
]
WEIGHTED = [type(metric)(**{**vars(metric), **HERE}) for metric in EVERY]


def judged(analysis=ITD, *, n=60, change=lambda n, score: score):
    """Units of ``n`` // 2 patients with probabilities that are right on the whole, some unanswered, some in doubt."""
    rng = np.random.default_rng(5)
    units, answers = [], []
    for number in range(n):
        score = float(expit(rng.normal(-0.3, 1.2)))
        reference = "positive" if rng.random() < score else "negative"
        units.append(a_unit(f"u{number}", reference, patient_id=f"p{number % (n // 2)}"))
        case_id = units[-1].cases[0].case_id
        status = {3: "indeterminate", 4: "failed"}.get(number % 10, "answered")
        answers.append(
            unanswered(case_id) if status == "failed" else scored(case_id, change(number, score), status=status)
        )
    task = Classification(finding=FINDING)
    return task.judge(units, by_case(*answers), context(units, analysis, score_at_least=0.5))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


class TestMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=[*EVERY, *WEIGHTED], ids=lambda metric: metric.name)
    def part(self, request):
        self.given = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return [judged(analysis) for analysis in (ITD, EVALUABLE, treating("positive"))]


@pytest.mark.parametrize("metric", [*EVERY, *WEIGHTED], ids=lambda metric: metric.name)
def test_only_answered_units_count_and_every_analysis_gives_the_same(metric):
    values = [value(metric, judged(analysis)) for analysis in (ITD, EVALUABLE, treating("positive"), treating("wrong"))]
    assert values == pytest.approx([values[0]] * 4)
    sums = metric.columns(judged()).sums
    counted = sums["units"] if "units" in sums else sums["diseased"] + sums["healthy"]
    assert counted.sum() == 48  # of 60, 6 failed and 6 in doubt


def test_an_answered_unit_with_a_lost_view_counts_with_what_was_stated_in_every_analysis():
    units = [
        a_unit(f"u{n}", "positive" if n % 3 else "negative", cases=(a_case(f"a{n}", f"p{n}"), a_case(f"b{n}", f"p{n}")))
        for n in range(12)
    ]
    answers = by_case(*(scored(f"a{n}", 0.9) for n in range(12)), *(unanswered(f"b{n}") for n in range(12)))
    found = [
        Classification(finding=FINDING).judge(units, answers, context(units, analysis, score_at_least=0.5))
        for analysis in (ITD, EVALUABLE)
    ]
    assert [value(Brier(**DECLARED), one) for one in found] == pytest.approx([(8 * 0.01 + 4 * 0.81) / 12] * 2)


def test_brier_score_and_net_benefit_by_hand():
    scores = {"u0": (0.9, "positive"), "u1": (0.6, "negative"), "u2": (0.2, "positive"), "u3": (0.1, "negative")}
    units = [a_unit(name, reference) for name, (_, reference) in scores.items()]
    answers = by_case(*(scored(f"{name}-case", score) for name, (score, _) in scores.items()))
    found = Classification(finding=FINDING).judge(units, answers, context(units, score_at_least=0.5))
    squared = 0.01, 0.36, 0.64, 0.01
    assert value(Brier(**DECLARED), found) == pytest.approx(sum(squared) / 4)
    assert value(ScaledBrier(**DECLARED), found) == pytest.approx(1 - sum(squared) / 4 / 0.25)
    assert value(NetBenefit(**DECLARED, at_probability=0.5), found) == pytest.approx(1 / 4 - 1 / 4)
    assert value(NetBenefit(**DECLARED, at_probability=0.2), found) == pytest.approx(2 / 4 - 1 / 4 / 4)
    # enriched: weights 0.2 and 1.8, which add up to the four units
    assert value(Brier(**DECLARED, **HERE), found) == pytest.approx((0.2 * 0.65 + 1.8 * 0.37) / 4)
    benefit = NetBenefit(**DECLARED, **HERE, at_probability=0.5)
    assert value(benefit, found) == pytest.approx(0.5 * 0.1 - 0.5 * 0.9)
    (everybody,) = benefit.curves(benefit.columns(found), np.arange(4), clustered=False, confidence=0.95)
    assert (everybody.name, everybody.x) == ("net_benefit_of_all", (0.5,))
    assert everybody.y == pytest.approx((0.1 - 0.9,))


def test_scores_that_are_no_probabilities_have_no_value_and_say_why():
    found = judged(change=lambda n, score: 100 * score if n == 0 else score)
    for metric in EVERY:
        assert math.isnan(value(metric, found))
        assert isinstance(metric, ExplainedMetric)
        assert metric.why_undefined(metric.columns(found)) == NotEstimable(reason="not_probabilities", facts={"n": 1.0})
        if isinstance(metric, DrawnMetric):
            patients = found.units.patients[found.row_units]
            assert metric.curves(metric.columns(found), patients, clustered=True, confidence=0.95) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n, score: 0.4, "separated"),
        (lambda n, score: 0.2 if score < 0.4 else 0.8, "too_few_probabilities"),
    ],
)
def test_probabilities_that_allow_no_curve_say_why(change, reason):
    metric, found = CalibrationError(**DECLARED), judged(change=change)
    assert math.isnan(value(metric, found))
    assert metric.why_undefined(metric.columns(found)).reason == reason
    curves = metric.curves(metric.columns(found), np.arange(len(found.row_units)), clustered=False, confidence=0.95)
    assert [curve.name for curve in curves] == ["calibration_bins"]


def test_probabilities_of_nought_and_one_are_clipped_where_a_logit_is_taken():
    found = judged(change=lambda n, score: {0: 0.0, 1: 1.0}.get(n, score))
    near, far = (value(CalibrationSlope(**DECLARED, clip=clip), found) for clip in (1e-2, 1e-6))
    assert math.isfinite(near)
    assert math.isfinite(far)
    assert near != far
    columns = CalibrationSlope(**DECLARED, clip=0.01).columns(found)
    assert 0.01 <= columns.scores.min() < columns.scores.max() <= 0.99


def test_class_weights_are_those_of_the_whole_set_in_every_stratum():
    metric, found = CalibrationIntercept(**DECLARED, **HERE), judged()
    n_positive = found.units.references.count("positive")
    weights = metric.columns(found).ranked
    assert sorted(set(weights["diseased"])) == pytest.approx([0.0, 0.1 * 60 / n_positive])
    assert sorted(set(weights["healthy"])) == pytest.approx([0.0, 0.9 * 60 / (60 - n_positive)])
    assert value(metric, found) < value(CalibrationIntercept(**DECLARED), found)


def test_the_flexible_curve_and_its_groups_are_drawn():
    metric, found = CalibrationError(**DECLARED), judged(n=200)
    patients = found.units.patients[found.row_units]
    line, bins = metric.curves(metric.columns(found), patients, clustered=True, confidence=0.95)
    assert (line.name, bins.name) == ("calibration", "calibration_bins")
    assert len(line.x) == len(line.low) == len(line.high) == 61
    assert sum(bins.sizes) == 160
    assert all(low <= y <= high for low, y, high in zip(line.low, line.y, line.high, strict=True))


def test_what_has_a_closed_form_is_known():
    closed = {metric.name for metric in EVERY if isinstance(metric, ClosedFormMetric)}
    assert closed == {"calibration_intercept", "calibration_slope"}
    assert not isinstance(Sensitivity(), DrawnMetric | ExplainedMetric)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NetBenefit(**DECLARED, at_probability=1.0),
        lambda: NetBenefit(**DECLARED, at_probability=0.0),
        lambda: CalibrationError(**DECLARED, at_percentile=100),
        lambda: CalibrationSlope(**DECLARED, clip=0.5),
    ],
)
def test_options_out_of_range_are_refused(make):
    with pytest.raises(ProtocolError) as caught:
        make()
    assert [problem.key for problem in caught.value.problems] == ["tasks.number_out_of_range"]


def test_nobody_takes_a_score_for_a_probability_unasked():
    with pytest.raises(TypeError, match="scores_are"):
        Brier()
