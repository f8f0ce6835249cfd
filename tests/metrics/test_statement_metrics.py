"""Macro and micro averages of statements: values by scikit-learn, what they say they are, silence, edges."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from dmn_bench.metrics import challenges as scores
from dmn_bench.metrics import statements as sums
from dmn_bench.metrics.classification import Sensitivity
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.statements import Statements
from dmn_bench.testing import MetricChecks
from dmn_bench.vocabulary import NotEstimable

from ..tasks.factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, treating, unanswered
from ..tasks.test_statements import said, stating

NAMES = (*scores.challenge_weights("cinc2021_weights.csv").names[:5], "sinus_rhythm", "premature_atrial_complex")
CPSC = scores.Cpsc2018F1().classes
CHALLENGE = tuple(
    dict.fromkeys(
        name for year in ("2021", "2020") for name in scores.challenge_weights(f"cinc{year}_weights.csv").names
    )
)
CINC2017 = scores.Cinc2017F1().classes


def random_answers(names, *, n=80, lost=True, seed=0, alone=False):
    """(truth [n, k], calls, scores, units, answers); ``alone``: one true statement for each record."""
    rng = np.random.default_rng(seed)
    k = len(names)
    truth = np.eye(k, dtype=bool)[rng.integers(0, k, n)] if alone else rng.random((n, k)) < 0.3
    said_score = np.round(rng.normal(truth, 0.8), 2)
    calls = said_score > 0.5
    units, answers = [], []
    for row in range(n):
        units.append(a_unit(f"r{row}", None, cases=(a_case(f"r{row}", f"p{row % 60}"),)))
        words = {
            name: (float(said_score[row, at]), "positive" if calls[row, at] else "negative")
            for at, name in enumerate(names)
        }
        answers.append(unanswered(f"r{row}") if lost and row % 17 == 3 else said(f"r{row}", **words))
    return truth, calls, said_score, units, answers


def judged(names, truth, units, answers, analysis=ITD):
    values = {
        f"r{row}": {name: "positive" if line[at] else "negative" for at, name in enumerate(names)}
        for row, line in enumerate(truth)
    }
    given = dataclasses.replace(context(units, analysis), references=stating(values))
    return Statements(statements=tuple(names)).judge(units, by_case(*answers), given)


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


@cache
def of_many(names, alone=False):
    truth, _, _, units, answers = random_answers(names, alone=alone)
    return [judged(names, truth, units, answers, each) for each in (ITD, EVALUABLE, treating("positive"))]


EVERY = [
    *((metric(), NAMES, False) for metric in (
        sums.MicroSensitivity, sums.MicroSpecificity, sums.MicroPositivePredictiveValue, sums.MicroF1, sums.ExactMatch,
        sums.MacroSensitivity, sums.MacroSpecificity, sums.MacroF1, sums.MacroRocArea, sums.MacroAveragePrecision,
        scores.Cinc2020FBeta, scores.Cinc2020GBeta,
    )),
    *((metric(), CHALLENGE, False) for metric in (scores.Cinc2021Score, scores.Cinc2020Score)),
    (scores.Cinc2017F1(), CINC2017, True),
    (scores.Cinc2017F1(mean_of="four"), CINC2017, True),
    *((scores.Cpsc2018F1(part=part), CPSC, True) for part in ("all", "af", "block", "premature", "st")),
]  # fmt: skip


class TestStatementMetricsConform(MetricChecks):
    @pytest.fixture(autouse=True, params=EVERY, ids=lambda each: f"{each[0].name}-{getattr(each[0], 'part', '')}")
    def part(self, request):
        self.given, self.names, self.alone = request.param

    def metric(self):
        return self.given

    def judgements(self):
        return of_many(self.names, self.alone)


def test_the_values_are_those_of_scikit_learn():
    truth, calls, said_score, units, answers = random_answers(NAMES, lost=False)
    found = judged(NAMES, truth, units, answers)
    expected = {
        sums.MacroSensitivity(): recall_score(truth, calls, average="macro"),
        sums.MacroF1(): f1_score(truth, calls, average="macro"),
        sums.MacroRocArea(): roc_auc_score(truth, said_score, average="macro"),
        sums.MacroSpecificity(): recall_score(~truth, ~calls, average="macro"),
        sums.MicroSensitivity(): recall_score(truth, calls, average="micro"),
        sums.MicroPositivePredictiveValue(): precision_score(truth, calls, average="micro"),
        sums.MicroF1(): f1_score(truth, calls, average="micro"),
        sums.ExactMatch(): accuracy_score(truth, calls),
    }
    for metric, number in expected.items():
        assert value(metric, found) == pytest.approx(number, abs=1e-12), metric.name


def test_averages_say_what_they_are_by_their_name():
    for metric, _, _ in EVERY:
        assert metric.name.startswith(("macro_", "micro_", "cinc", "cpsc", "exact_match"))
        assert metric.tasks == ("statements",)
        assert metric.pools_questions


def test_a_statement_that_no_record_has_is_left_out_and_not_zero():
    truth = np.array([[True, False], [False, False], [True, False]])
    units = [a_unit(f"r{row}", None, cases=(a_case(f"r{row}"),)) for row in range(3)]
    answers = [said(f"r{row}", a=(0.9, "positive"), b=(0.1, "negative")) for row in range(3)]
    found = judged(("a", "b"), truth, units, answers)
    assert value(sums.MacroSensitivity(), found) == 1
    assert value(sums.MacroRocArea(), found) == 0.5
    assert value(sums.MacroSpecificity(), found) == 0.5


@pytest.mark.parametrize("metric", [each[0] for each in EVERY if each[1] is NAMES], ids=lambda metric: metric.name)
def test_a_lost_answer_never_pays(metric):
    truth, _, _, units, answers = random_answers(NAMES, lost=False, seed=5, n=30)
    complete = value(metric, judged(NAMES, truth, units, answers))
    for row in range(30):
        if all(truth[row] == [each.label == "positive" for each in answers[row].findings.values()]):
            lost = [*answers[:row], unanswered(f"r{row}"), *answers[row + 1 :]]
            assert value(metric, judged(NAMES, truth, units, lost)) <= complete + 1e-12


@pytest.mark.parametrize("metric", [sums.MacroSensitivity(), sums.MacroRocArea(), sums.MicroF1()], ids=lambda m: m.name)
def test_without_a_record_there_is_no_number(metric):
    empty = judged(NAMES, np.zeros((0, len(NAMES)), dtype=bool), [], [])
    columns = metric.columns(
        dataclasses.replace(empty, columns={name: np.zeros(0) for name in of_many(NAMES)[0].columns})
    )
    assert np.isnan(metric.value(totals(columns))).all()
    if hasattr(metric, "interval"):
        found = metric.interval(columns, np.zeros(0, dtype=np.int64), clustered=False, confidence=0.95)
        assert isinstance(found, NotEstimable)


def test_the_pooled_sensitivity_is_that_of_all_pairs():
    first = of_many(NAMES)[0]
    assert value(sums.MicroSensitivity(), first) == value(Sensitivity(), first)
