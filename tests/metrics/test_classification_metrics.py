"""Metrics of calls, ranks and availability: golden values, the edge table, and real outputs."""

import csv
import json
import math

import numpy as np
import pytest

from dmn_bench import strata
from dmn_bench.metrics.agreement import Kappa, QuadraticKappa
from dmn_bench.metrics.availability import FailureRate, Gradability, every_unit
from dmn_bench.metrics.classification import (
    F1,
    Accuracy,
    LocalNegativePredictiveValue,
    LocalPositivePredictiveValue,
    LocalPrevalence,
    NegativeLikelihoodRatio,
    NegativePredictiveValue,
    PositiveLikelihoodRatio,
    PositivePredictiveValue,
    Sensitivity,
    Specificity,
)
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.tasks.grading import Grading
from dmn_bench.vocabulary import NotEstimable

from ..shared_data import shared_data
from ..tasks.factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_unit,
    by_case,
    context,
    graded,
    scored,
    treating,
    unanswered,
)
from .examples import counted


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def interval(metric, judgements, rows=None, kind="interval"):
    columns = metric.columns(judgements)
    patients = judgements.units.patients[judgements.row_units]
    return getattr(metric, kind)(columns, patients, clustered=False, confidence=0.95)


@pytest.mark.parametrize("status", ["failed", "not_sent"])
def test_metrics_over_every_unit_know_the_class_of_a_unit_without_a_row(status):
    units = [a_unit("u1", "3"), a_unit("u2", "1"), a_unit("u3", "indeterminate")]
    task = Grading(finding=FINDING, scale="icdr", positive_when=">= 2")
    answers = by_case(*(unanswered(f"u{n}-case", status) for n in (1, 2, 3)))
    found = every_unit(task.judge(units, answers, context(units, EVALUABLE)))
    assert np.array_equal(found.units.diseased, [1, 0, np.nan], equal_nan=True)


class TestThreeByTwo:
    """TP 88, FN 7, lost 5 of the diseased; TN 155, FP 35, lost 10 of the healthy."""

    numbers = {"tp": 88, "fn": 7, "lost_positive": 5, "tn": 155, "fp": 35, "lost_negative": 10}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("analysis", "sensitivity", "specificity"),
        [(EVALUABLE, 0.9263, 0.8158), (ITD, 0.88, 0.775), (treating("positive"), 0.93, 0.775)],
    )
    def test_each_analysis_counts_the_lost_ones_as_declared(self, analysis, sensitivity, specificity):
        found = counted(analysis, **self.numbers)
        assert value(Sensitivity(), found) == pytest.approx(sensitivity, abs=5e-5)
        assert value(Specificity(), found) == pytest.approx(specificity, abs=5e-5)

    @pytest.mark.parametrize("analysis", [EVALUABLE, ITD, treating("positive")])
    def test_the_failure_rate_is_that_of_all_units_sent_under_every_analysis(self, analysis):
        found = every_unit(counted(analysis, **self.numbers))
        assert value(FailureRate(), found) == pytest.approx(0.05)
        assert value(Gradability(), found) == pytest.approx(0.95)

    def test_units_that_were_not_sent_are_no_failures(self):
        units = [a_unit(f"u{n}") for n in range(4)]
        states = ["failed", "not_sent", "unreadable", "indeterminate"]
        answers = by_case(*(unanswered(f"u{n}-case", state) for n, state in enumerate(states)))
        found = Classification(finding=FINDING).judge(units, answers, context(units))
        assert value(FailureRate(), every_unit(found)) == 0.5

    def test_predictive_values_and_accuracy_are_those_of_the_four_counts(self):
        found = counted(EVALUABLE, **self.numbers)
        assert value(PositivePredictiveValue(), found) == pytest.approx(88 / 123)
        assert value(NegativePredictiveValue(), found) == pytest.approx(155 / 162)
        assert value(Accuracy(), found) == pytest.approx(243 / 285)
        assert value(F1(), found) == pytest.approx(176 / (176 + 35 + 7))


class TestLocalValues:
    numbers = {"tp": 90, "fn": 10, "tn": 160, "fp": 40}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("prevalence", "ppv", "npv"),
        [
            (0.01, (0.0435, 0.0331, 0.0570), (0.9987, 0.9977, 0.9993)),
            (0.05, (0.1915, 0.1512, 0.2395), (0.9935, 0.9882, 0.9964)),
            (0.20, (0.5294, 0.4583, 0.5993), (0.9697, 0.9465, 0.9830)),
        ],
    )
    def test_predictive_values_at_a_local_prevalence(self, prevalence, ppv, npv):
        found = counted(**self.numbers)
        here = LocalPrevalence(value=prevalence)
        for metric, golden in (
            (LocalPositivePredictiveValue(local_prevalence=here), ppv),
            (LocalNegativePredictiveValue(local_prevalence=here), npv),
        ):
            limits = interval(metric, found)
            assert (value(metric, found), limits.low, limits.high) == pytest.approx(golden, abs=5e-5)

    def test_a_range_of_the_prevalence_widens_the_interval(self):
        found = counted(**self.numbers)
        sure = interval(LocalPositivePredictiveValue(local_prevalence=LocalPrevalence(value=0.2)), found)
        unsure = interval(
            LocalPositivePredictiveValue(local_prevalence=LocalPrevalence(value=0.2, low=0.1, high=0.3)), found
        )
        assert unsure.low < sure.low
        assert unsure.high > sure.high

    def test_without_a_prevalence_nothing_is_estimable(self):
        found = counted(**self.numbers)
        for metric in (LocalPositivePredictiveValue(), LocalNegativePredictiveValue()):
            assert math.isnan(value(metric, found))
            assert interval(metric, found) == NotEstimable(reason="no_local_prevalence")

    def test_likelihood_ratios_have_the_limits_of_simel(self):
        found = counted(**self.numbers)
        positive, negative = interval(PositiveLikelihoodRatio(), found), interval(NegativeLikelihoodRatio(), found)
        assert (value(PositiveLikelihoodRatio(), found), positive.low, positive.high) == pytest.approx(
            (4.5, 3.385, 5.983), abs=5e-4
        )
        assert (value(NegativeLikelihoodRatio(), found), negative.low, negative.high) == pytest.approx(
            (0.125, 0.0691, 0.2260), abs=5e-5
        )


def ranked(positives, negatives, patients=None):
    scores = [*positives, *negatives]
    units = [
        a_unit(
            f"u{n}",
            "positive" if n < len(positives) else "negative",
            patient_id=None if patients is None else patients[n],
        )
        for n in range(len(scores))
    ]
    answers = by_case(*(scored(unit.cases[0].case_id, score) for unit, score in zip(units, scores, strict=True)))
    return Classification(finding=FINDING).judge(units, answers, context(units, score_at_least=0.5))


class TestRocArea:
    found = ranked((0.9, 0.8, 0.75, 0.6, 0.55, 0.4), (0.7, 0.5, 0.45, 0.3, 0.2, 0.1))

    def test_area_and_limits_are_those_of_delong(self):
        limits = interval(RocArea(), self.found)
        assert value(RocArea(), self.found) == pytest.approx(0.861111, abs=5e-7)
        assert (limits.low, limits.high) == pytest.approx((0.49527, 0.97511), abs=1e-5)

    def test_all_tied_is_a_half(self):
        assert value(RocArea(), ranked((0.5, 0.5), (0.5, 0.5, 0.5))) == 0.5

    def test_rows_without_a_score_take_no_part(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "negative"), a_unit("u3", "negative")]
        answers = by_case(scored("u1-case", 0.9), scored("u2-case", 0.1), scored("u3-case", None, "negative"))
        found = Classification(finding=FINDING).judge(units, answers, context(units, EVALUABLE, score_at_least=0.5))
        assert value(RocArea(), found) == 1


ONE_CLASS = {"tp": 3, "fn": 2}


class TestEdges:
    """n = 0, n = 1, one class, all unanswered, all tied."""

    @pytest.mark.parametrize(
        "metric", [Sensitivity(), Specificity(), PositivePredictiveValue(), Accuracy(), RocArea(), F1()]
    )
    def test_nothing_counted_is_no_number(self, metric):
        assert math.isnan(value(metric, counted()))

    def test_no_healthy_unit_leaves_sensitivity_alone(self):
        found = counted(**ONE_CLASS)
        assert value(Sensitivity(), found) == pytest.approx(0.6)
        for metric in (Specificity(), RocArea(), PositiveLikelihoodRatio()):
            assert math.isnan(value(metric, found))
            assert isinstance(interval(metric, found), NotEstimable)

    def test_one_right_call_is_far_from_certain(self):
        limits = interval(Sensitivity(), counted(tp=1))
        assert (limits.low, limits.high) == (pytest.approx(0.2065, abs=5e-5), 1)

    def test_all_unanswered_is_all_wrong(self):
        found = counted(lost_positive=12, lost_negative=12)
        assert [value(metric, found) for metric in (Sensitivity(), Specificity(), RocArea())] == [0, 0, 0]
        assert value(FailureRate(), every_unit(found)) == 1

    def test_all_unanswered_and_set_apart_is_no_number(self):
        assert math.isnan(value(Sensitivity(), counted(EVALUABLE, lost_positive=12)))

    def test_acceptance_intervals_are_exact(self):
        limits = interval(Sensitivity(), counted(tp=45, fn=5), kind="acceptance_interval")
        assert (limits.low, limits.high) == pytest.approx((0.7819, 0.9667), abs=5e-5)

    def test_labels_alone_have_no_area(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "negative")]
        answers = by_case(scored("u1-case", None, "positive"), scored("u2-case", None, "negative"))
        found = Classification(finding=FINDING).judge(units, answers, context(units))
        assert interval(RocArea(), found) == NotEstimable(reason="no_scores")


@pytest.mark.parametrize(("metric", "weights"), [(QuadraticKappa(), "quadratic"), (Kappa(), None)])
def test_kappas_are_those_of_scikit_learn(metric, weights):
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(7)
    reference, answered = rng.integers(0, 5, 60), rng.integers(0, 5, 60)
    units = [a_unit(f"u{n}", str(grade)) for n, grade in enumerate(reference)]
    answers = by_case(*(graded(f"u{n}-case", int(grade)) for n, grade in enumerate(answered)))
    found = Grading(finding=FINDING, scale="icdr", positive_when=">= 2").judge(units, answers, context(units))
    assert value(metric, found) == pytest.approx(
        cohen_kappa_score(reference, answered, weights=weights, labels=range(5))
    )


def test_one_grade_alone_has_no_kappa():
    units = [a_unit(f"u{n}", "1") for n in range(12)]
    answers = by_case(*(graded(f"u{n}-case", 1) for n in range(12)))
    found = Grading(finding=FINDING, scale="icdr", positive_when=">= 2").judge(units, answers, context(units))
    assert math.isnan(value(QuadraticKappa(), found))


# ------------------------------------------------------------------------------------------------- real outputs


def test_the_areas_of_chexnet_by_sex_and_view_are_those_of_proc():
    folder = shared_data("imaging/ai_cxr_chexnet")
    expected = json.loads(shared_data("imaging/oracle_stratified.json").read_text())["cxr_chexnet"]
    with (folder / "vendor_predictions.csv").open() as stream:
        said = {
            row["Image Index"]: max(float(row["prob_Nodule"]), float(row["prob_Mass"]))
            for row in csv.DictReader(stream)
        }
    with (folder / "reference_nih.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["image"] in said]
    units = [
        a_unit(
            row["image"],
            "positive" if {"Nodule", "Mass"} & set(row["finding_labels"].split("|")) else "negative",
            patient_id=row["patient_id"],
            sex=row["sex"],
            view_position=row["view_position"],
        )
        for row in rows
    ]
    answers = by_case(*(scored(unit.cases[0].case_id, said[unit.unit_id]) for unit in units))
    found = Classification(finding=FINDING).judge(units, answers, context(units, score_at_least=0.5))
    area = RocArea()
    columns = area.columns(found)
    areas = {}
    for stratum, members in strata.split(found, units, ["sex", "view_position"]):
        kept = type(columns)(
            sums={name: column[members] for name, column in columns.sums.items()},
            ranked={name: column[members] for name, column in columns.ranked.items()},
            scores=columns.scores[members],
        )
        areas["all" if stratum is None else next(iter(stratum.values()))] = float(area.value(totals(kept))[0])
    wanted = {
        "all": expected["Nodule|Mass label, max(prob_Nodule,prob_Mass)"],
        **expected["sex"],
        **expected["view_position"],
    }
    assert {name: round(one, 9) for name, one in areas.items()} == {
        name: round(w["auc"][0], 9) for name, w in wanted.items()
    }


def test_the_grades_of_a_fundus_model_have_the_agreement_known_for_them():
    expected = json.loads(shared_data("imaging/models/expected_metrics.json").read_text())["dr_grade_mnv2"]
    with shared_data("imaging/models/expected_dr_grade_mnv2.csv").open() as stream:
        said = {
            row.pop("image").removesuffix(".jpg"): tuple(map(float, row.values())) for row in csv.DictReader(stream)
        }
    with shared_data("imaging/fundus_idrid/labels.csv").open() as stream:
        units = [a_unit(row["image"], row["retinopathy_grade"]) for row in csv.DictReader(stream)]
    answers = by_case(*(graded(unit.cases[0].case_id, None, said[unit.unit_id]) for unit in units))
    found = Grading(finding=FINDING, scale="icdr", positive_when=">= 2").judge(units, answers, context(units))
    assert value(QuadraticKappa(), found) == pytest.approx(expected["qwk"])
    assert value(Sensitivity(), found) == pytest.approx(expected["referable_sens"])
    assert value(Specificity(), found) == pytest.approx(expected["referable_spec"])
