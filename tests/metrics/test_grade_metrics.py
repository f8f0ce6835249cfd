"""Metrics of grades: by hand, against scikit-learn and statsmodels, their edges, and that silence never pays."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dmn_bench.metrics.agreement import Kappa, LinearKappa, QuadraticKappa
from dmn_bench.metrics.classification import Sensitivity, Specificity
from dmn_bench.metrics.grades import ExactAgreement, GradeSensitivity, MeanGradeError, WithinOneGrade
from dmn_bench.statistics.resampling import resample, totals
from dmn_bench.tasks.grading import Grading
from dmn_bench.vocabulary import Columns, NotEstimable

from ..tasks.factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_case,
    a_unit,
    by_case,
    context,
    graded,
    treating,
    unanswered,
)

WITNESS = json.loads((Path(__file__).parents[1] / "witnesses" / "grades.json").read_text(encoding="utf-8"))
TASK = Grading(finding=FINDING, scale="icdr", positive_when=">= 2")
KAPPAS = (QuadraticKappa(), LinearKappa(), Kappa())
EXACT = (ExactAgreement(), WithinOneGrade(), *(GradeSensitivity(grade=grade) for grade in range(5)))
AS_USED = treating("positive")


def judged(pairs, analysis=ITD, task=TASK):
    """Judgements of units given as (reference, answer); an answer of None is an abstention."""
    units = [a_unit(f"u{n}", str(reference)) for n, (reference, _) in enumerate(pairs)]
    answers = [
        unanswered(f"u{n}-case", "abstained") if grade is None else graded(f"u{n}-case", grade)
        for n, (_, grade) in enumerate(pairs)
    ]
    return task.judge(units, by_case(*answers), context(units, analysis))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def counts(metric, judgements):
    sums = totals(metric.columns(judgements)).sums
    return float(sums["numerator"][0]), float(sums["denominator"][0])


# ---------------------------------------------------------------------------------------------------------- by hand

BY_HAND = [(0, 0), (0, 1), (1, 1), (2, 0), (2, 2), (3, 4), (4, 4), (4, None)]


def test_figures_counted_by_hand():
    found = judged(BY_HAND)
    assert counts(ExactAgreement(), found) == (4, 8)
    assert counts(WithinOneGrade(), found) == (6, 8)  # not the eye two grades off, and not the one without a grade
    assert [counts(GradeSensitivity(grade=grade), found) for grade in range(5)] == [
        (1, 2),
        (1, 1),
        (1, 2),
        (0, 1),
        (1, 2),
    ]
    assert value(MeanGradeError(), found) == (0 + 1 + 0 + 2 + 0 + 1 + 0 + 4) / 8


def test_only_answered_units_count_where_the_analysis_sets_the_others_apart():
    found = judged(BY_HAND, EVALUABLE)
    assert counts(GradeSensitivity(grade=4), found) == (1, 1)
    assert counts(ExactAgreement(), found) == (4, 7)
    assert value(MeanGradeError(), found) == pytest.approx(4 / 7)


def test_an_ungradable_eye_is_referred_as_used_but_never_given_a_grade():
    """With the highest cut the only positive grade is the reference itself, and still nobody graded the eye."""
    task = Grading(finding=FINDING, scale="icdr", positive_when=">= 4")
    found = judged([(4, None), (4, None), (0, None)], AS_USED, task)
    assert value(Sensitivity(), found) == 1
    assert value(Specificity(), found) == 0
    assert counts(GradeSensitivity(grade=4), found) == (0, 2)
    assert counts(ExactAgreement(), found) == (0, 3)
    assert counts(WithinOneGrade(), found) == (0, 3)


def test_quadratic_kappa_by_hand():
    # Two grades apart at most: weights 0, 1/4, 1. Disagreement seen 1 + 0.25 of 4; by chance by the margins.
    found = judged(
        [(0, 0), (1, 2), (2, 0), (2, 2)], task=Grading(finding=FINDING, grades=(0, 1, 2), positive_when="> 0")
    )
    seen = 1 + 0.25
    chance = (1 * 2 * 0 + 1 * 2 * 1 + 1 * 2 * 0.25 + 1 * 2 * 0.25 + 2 * 2 * 1 + 2 * 2 * 0) / 4
    assert value(QuadraticKappa(), found) == pytest.approx(1 - seen / chance)


# ------------------------------------------------------------------------------------------------------ other programs


@pytest.mark.parametrize("example", WITNESS["examples"], ids=lambda one: f"{one['n_grades']}-{len(one['reference'])}")
def test_scikit_learn_and_statsmodels_give_the_same_figures(example):
    task = Grading(finding=FINDING, grades=tuple(range(example["n_grades"])), positive_when=">= 1")
    found = judged(list(zip(example["reference"], example["answer"], strict=True)), task=task)
    expected = example["figures"]
    for metric in (*KAPPAS, ExactAgreement(), MeanGradeError()):
        assert value(metric, found) == pytest.approx(expected[metric.name], abs=1e-12)
    assert value(QuadraticKappa(), found) == pytest.approx(expected["kappa_quadratic_statsmodels"], abs=1e-12)
    assert value(LinearKappa(), found) == pytest.approx(expected["kappa_linear_statsmodels"], abs=1e-12)
    by_grade = [value(GradeSensitivity(grade=grade), found) for grade in range(example["n_grades"])]
    assert [None if math.isnan(one) else one for one in by_grade] == pytest.approx(expected["grade_sensitivity"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40))
def test_scikit_learn_gives_the_same_kappas_of_whatever_grades(pairs):
    from sklearn.metrics import cohen_kappa_score

    assume(len({grade for pair in pairs for grade in pair}) > 1)
    reference, answer = zip(*pairs, strict=True)
    found = judged(pairs)
    for metric, weights in zip(KAPPAS, ("quadratic", "linear", None), strict=True):
        expected = cohen_kappa_score(reference, answer, labels=range(5), weights=weights)
        assert value(metric, found) == pytest.approx(expected, abs=1e-9)


# -------------------------------------------------------------------------------------------------------------- edges


@pytest.mark.parametrize(
    ("pairs", "kappa", "exact"),
    [
        ([], math.nan, math.nan),
        ([(2, 2)], math.nan, 1),  # one unit: one grade on both sides
        ([(2, 3)], 0, 0),  # one unit, two grades: what chance gives
        ([(2, 2)] * 9, math.nan, 1),  # one grade only
        ([(2, 3)] * 9, 0, 0),
        ([(0, 2), (1, 2), (2, 2), (3, 2)], 0, 0.25),  # everybody given one grade
        ([(1, None), (3, None)], None, 0),  # all failed
    ],
)
def test_edges(pairs, kappa, exact):
    found = judged(pairs)
    assert value(ExactAgreement(), found) == pytest.approx(exact, nan_ok=True)
    for metric in KAPPAS:
        if kappa is not None:
            assert value(metric, found) == pytest.approx(kappa, abs=1e-12, nan_ok=True)
        else:
            assert value(metric, found) <= 0  # as far off as can be


def test_one_grade_on_both_sides_is_said_to_be_the_reason():
    metric = QuadraticKappa()
    assert metric.why_undefined(metric.columns(judged([(2, 2)] * 12))) == NotEstimable(reason="one_grade")


def test_all_failed_are_as_far_off_as_the_scale_allows():
    assert value(MeanGradeError(), judged([(0, None), (4, None), (1, None)])) == (4 + 4 + 3) / 3


def test_a_grade_that_nobody_has_has_no_sensitivity():
    assert math.isnan(value(GradeSensitivity(grade=3), judged([(0, 0), (4, 4)])))


# ----------------------------------------------------------------------------------------------------------- clusters


def test_the_interval_of_kappa_knows_that_eyes_come_in_pairs():
    """Two eyes with the same grades tell no more than one: the interval of pairs is that of as many patients."""
    rng = np.random.default_rng(5)
    reference = rng.integers(0, 5, 40)
    answer = np.clip(reference + rng.integers(-1, 2, 40), 0, 4)

    def width(eyes_of_a_patient, patient_of):
        units = [
            a_unit(f"u{n}.{eye}", str(grade), patient_id=patient_of(n, eye))
            for n, grade in enumerate(reference)
            for eye in range(eyes_of_a_patient)
        ]
        answers = [
            graded(f"u{n}.{eye}-case", int(grade)) for n, grade in enumerate(answer) for eye in range(eyes_of_a_patient)
        ]
        found = TASK.judge(units, by_case(*answers), context(units))
        metric = QuadraticKappa()
        [[result]] = resample(
            [(metric.columns(found), metric.value)],
            patients=found.units.patients[found.row_units],
            groups=[np.arange(len(found.row_units))],
            resamples=1000,
            seed=1,
            confidence=0.95,
        )
        return result.interval.high - result.interval.low

    one_eye = width(1, lambda n, eye: f"p{n}")
    pairs = width(2, lambda n, eye: f"p{n}")
    as_if_apart = width(2, lambda n, eye: f"p{n}.{eye}")
    assert pairs == pytest.approx(one_eye, rel=0.05)
    assert as_if_apart < 0.85 * pairs


CUTS = (-0.2, 0.4, 1.1, 1.7)  # of a latent severity, on both sides


def pairs_of_eyes(rng, n_patients):
    """(reference, answer) [patients, 2]: eyes of one patient are alike, and so are the errors of the device on them."""
    severity = 0.8 * rng.normal(size=(n_patients, 1)) + 0.6 * rng.normal(size=(n_patients, 2))
    error = 0.3 * rng.normal(size=(n_patients, 1)) + 0.3 * rng.normal(size=(n_patients, 2))
    return np.digitize(severity, CUTS), np.digitize(severity + error, CUTS)


def kappa_columns(reference, answer):
    one_hot = (reference.ravel() * 5 + answer.ravel())[:, None] == np.arange(25)
    sums = {f"{cell // 5}_{cell % 5}": one_hot[:, cell].astype(float) for cell in range(25)}
    return Columns(sums={**sums, "units": np.ones(reference.size)}, own_n=("units",))


@pytest.mark.slow
def test_the_interval_of_kappa_holds_the_truth_as_often_as_it_says():
    """Sixty patients with two eyes: 95 % are promised, and more than 90 % kept. Eyes taken as strangers keep less."""
    rng = np.random.default_rng(11)
    metric = QuadraticKappa()
    true = float(metric.value(totals(kappa_columns(*pairs_of_eyes(rng, 200_000))))[0])
    held = {"patients": 0, "eyes": 0}
    trials, n = 250, 60
    for trial in range(trials):
        columns = kappa_columns(*pairs_of_eyes(rng, n))
        for unit, codes in (("patients", np.repeat(np.arange(n), 2)), ("eyes", np.arange(2 * n))):
            [[found]] = resample(
                [(columns, metric.value)], patients=codes, groups=[np.arange(2 * n)], resamples=400, seed=trial,
                confidence=0.95,
            )  # fmt: skip
            held[unit] += found.interval.low <= true <= found.interval.high
    assert 0.90 <= held["patients"] / trials <= 0.985
    assert held["eyes"] < held["patients"]


# ------------------------------------------------------------------------------------------------- silence never pays

views = st.tuples(st.integers(0, 4), st.sampled_from(["answered"] * 5 + ["indeterminate", "failed", "not_sent"]))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.lists(views, min_size=1, max_size=3)), min_size=1, max_size=8),
    st.sampled_from(["icdr", "dme"]),
    st.sampled_from([ITD, treating("wrong")]),
    st.data(),
)
def test_a_lost_view_never_raises_a_figure_of_grades(drawn, scale, analysis, data):
    top = 4 if scale == "icdr" else 2
    task = Grading(finding=FINDING, scale=scale, positive_when=">= 2")
    units, answers = [], {}
    for n, (reference, said) in enumerate(drawn):
        names = [f"e{n}v{v}" for v in range(len(said))]
        units.append(a_unit(f"e{n}", str(min(reference, top)), cases=tuple(a_case(name, f"p{n}") for name in names)))
        answers |= {
            name: graded(name, min(grade, top), status=status)
            for name, (grade, status) in zip(names, said, strict=True)
        }
    answered = sorted(name for name, answer in answers.items() if answer.status == "answered")
    assume(answered)
    name = data.draw(st.sampled_from(answered))
    how = data.draw(st.sampled_from(["failed", "abstained", "rejected_input", "indeterminate"]))
    before, after = (
        task.judge(units, said, context(units, analysis))
        for said in (answers, {**answers, name: unanswered(name, how)})
    )
    # A unit of which the site never sent one view is set apart until the device fails on the other: then there are more
    # units, and their mean may be any.
    if len(before.row_units) == len(after.row_units):
        assert value(MeanGradeError(), after) >= value(MeanGradeError(), before) - 1e-12
    for metric in EXACT:
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or pair[1] <= pair[0] + 1e-12, metric
