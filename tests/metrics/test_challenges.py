"""The scores of the challenges by hand: points of pairs, one class for each record, who is charged with an error."""

import dataclasses
import math

import numpy as np
import pytest

from dmn_bench.errors import ProtocolError
from dmn_bench.inputs.ecg_statements import all_names, code_names
from dmn_bench.metrics.challenges import (
    INACTIVE,
    Cinc2017F1,
    Cinc2020FBeta,
    Cinc2020GBeta,
    Cinc2020Score,
    Cinc2021Score,
    Cpsc2018F1,
    challenge_weights,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.statements import Statements

from ..tasks.factories import ITD, a_case, a_unit, by_case, context, unanswered
from ..tasks.test_statements import judged as judge
from ..tasks.test_statements import said, stating

AF, FLUTTER, SINUS = "atrial_fibrillation", "atrial_flutter", INACTIVE
TABLES = ("cinc2020_weights.csv", "cinc2021_weights.csv")


def judged(names, *records, analysis=ITD, primary=()):
    """``records``: (true statements, called statements or None for no answer) of each."""
    units, answers, truth = [], [], {}
    for n, (true, called) in enumerate(records):
        name = f"r{n}"
        field = {"first": primary[n]} if primary else {}
        units.append(a_unit(name, None, cases=(a_case(name, **field),)))
        truth[name] = {each: "positive" if each in true else "negative" for each in names}
        if called is None:
            answers.append(unanswered(name))
        else:
            scores = dict.fromkeys(called, 1.0) if not isinstance(called, dict) else called
            words = {each: (scores.get(each, 0.0), "positive" if each in scores else "negative") for each in names}
            answers.append(said(name, **words))
    given = dataclasses.replace(context(units, analysis), references=stating(truth))
    return Statements(statements=tuple(names), primary="first" if primary else "").judge(
        units, by_case(*answers), given
    )


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


@pytest.mark.parametrize("table", TABLES)
def test_weights_are_symmetric_of_known_findings_and_full_for_the_statement_itself(table):
    weights = challenge_weights(table)
    assert len(weights.names) == {"cinc2020_weights.csv": 24, "cinc2021_weights.csv": 26}[table]
    assert (weights.values == weights.values.T).all()
    assert (np.diag(weights.values) == 1).all()
    assert weights.values.min() > 0
    assert set(weights.names) <= set(all_names())
    for name, codes in zip(weights.names, weights.codes, strict=True):
        assert {code_names("SCT", code) for code in codes} == {(name,)}


@pytest.mark.parametrize("metric", [Cinc2020Score(), Cinc2021Score()], ids=lambda metric: metric.name)
def test_truth_is_one_and_always_sinus_rhythm_is_zero(metric):
    names = challenge_weights(metric.table).names
    true = [(AF,), (SINUS,), (FLUTTER, "sinus_bradycardia")]
    assert value(metric, judged(names, *((each, each) for each in true))) == pytest.approx(1)
    assert value(metric, judged(names, *((each, (SINUS,)) for each in true))) == pytest.approx(0)


def test_the_points_of_a_pair_by_hand():
    names = challenge_weights("cinc2021_weights.csv").names
    found = judged(names, ((AF,), (AF, FLUTTER)))
    # (1 + 0.5)/2 of the answer, 0.25 of always sinus rhythm (over two statements: 0.125), 1 of the truth
    assert value(Cinc2021Score(), found) == pytest.approx((0.75 - 0.125) / (1 - 0.125))


def test_a_record_without_an_answer_earns_nothing():
    names = challenge_weights("cinc2021_weights.csv").names
    found = judged(names, ((AF,), None))
    assert value(Cinc2021Score(), found) == pytest.approx((0 - 0.125) / (1 - 0.125))


def test_an_unanswered_statement_earns_no_more_than_a_false_call():
    names = challenge_weights("cinc2021_weights.csv").names
    weights = challenge_weights("cinc2021_weights.csv").values
    pvc, af, sinus = (names.index(name) for name in ("premature_ventricular_complex", AF, SINUS))
    [answer] = [
        said(
            "r0",
            **{
                each: (float(each in (AF, names[pvc])), "positive" if each in (AF, names[pvc]) else "negative")
                for each in names
            },
        )
    ]
    lost = dataclasses.replace(
        answer, findings={name: one for name, one in answer.findings.items() if name != names[pvc]}
    )
    truth = {"r0": {name: "positive" if name == AF else "negative" for name in names}}
    task = Statements(statements=names)
    called, unanswered_one = (value(Cinc2021Score(), judge(task, truth, [each])) for each in (answer, lost))
    inactive = weights[af, sinus] / 2
    assert called == pytest.approx(((1 + weights[af, pvc]) / 2 - inactive) / (1 - inactive))
    assert unanswered_one == pytest.approx((1 / 2 - inactive) / (1 - inactive))
    only = dataclasses.replace(answer, findings={AF: answer.findings[AF]})
    assert value(Cinc2021Score(), judge(task, truth, [only])) == pytest.approx((1 / 26 - inactive) / (1 - inactive))


@pytest.mark.parametrize("make", [Cinc2020FBeta, Cinc2020GBeta])
@pytest.mark.parametrize("beta", [0, -1, math.nan, math.inf, 1e200])
def test_a_beta_that_is_no_weight_is_refused(make, beta):
    with pytest.raises(ProtocolError):
        make(beta=beta)


@pytest.mark.parametrize("make", [Cinc2017F1, Cpsc2018F1])
@pytest.mark.parametrize("classes", [(), ("a",), ("a",) * 4, ("a",) * 9, tuple("abcdefghijk")])
def test_classes_of_another_number_than_the_challenge_has_are_refused(make, classes):
    with pytest.raises(ProtocolError):
        make(classes=classes)


def test_where_truth_is_sinus_rhythm_everywhere_there_is_no_score_and_a_reason():
    found = judged(challenge_weights("cinc2021_weights.csv").names, ((SINUS,), (SINUS,)))
    columns = Cinc2021Score().columns(found)
    assert np.isnan(Cinc2021Score().value(totals(columns))).all()
    assert Cinc2021Score().why_undefined(columns).reason == "nothing_to_gain"


@pytest.mark.parametrize("metric", [Cinc2020Score(), Cinc2021Score()], ids=lambda metric: metric.name)
def test_a_part_of_the_statements_has_no_score_of_the_challenge(metric):
    names = challenge_weights(metric.table).names
    found = judged([name for name in names if name != FLUTTER], ([AF], [AF]), ([SINUS], [SINUS]))
    columns = metric.columns(found)
    assert np.isnan(metric.value(totals(columns))).all()
    why = metric.why_undefined(columns)
    assert (why.reason, why.facts) == ("statements_left_out", {"n": 1})


def test_beta_measures_weigh_a_record_by_its_statements():
    names = ("a", "b")
    found = judged(names, (("a", "b"), ("a",)), (("b",), ("b",)), (("a",), ("b",)))
    # a: TP ½, FN 1; b: TP 1, FP 1, FN ½
    f_a, f_b = 5 * 0.5 / (5 * 0.5 + 4 * 1), 5 * 1 / (5 * 1 + 1 + 4 * 0.5)
    g_a, g_b = 0.5 / (0.5 + 2 * 1), 1 / (1 + 1 + 2 * 0.5)
    assert value(Cinc2020FBeta(), found) == pytest.approx((f_a + f_b) / 2)
    assert value(Cinc2020GBeta(), found) == pytest.approx((g_a + g_b) / 2)
    assert value(Cinc2020FBeta(beta=1), found) == pytest.approx((1 / 2 + 2 / (2 + 1 + 0.5)) / 2)


NORMAL, AFIB, OTHER, NOISY = Cinc2017F1().classes


def test_the_score_of_2017_leaves_noisy_out_or_counts_it_as_a_fourth():
    found = judged(
        Cinc2017F1().classes,
        ((NORMAL,), (NORMAL,)), ((NORMAL,), (AFIB,)), ((AFIB,), (AFIB,)), ((OTHER,), (OTHER,)), ((NOISY,), None),
        ((OTHER,), None),
    )  # fmt: skip
    # called: normal 1 + 2 lost, AF 2 + 2 lost, other 1 + 1 lost, noisy 1 lost; a lost one is never right
    normal, af, other, noisy = 2 / (2 + 3), 2 / (1 + 4), 2 / (2 + 2), 0
    assert value(Cinc2017F1(), found) == pytest.approx((normal + af + other) / 3)
    assert value(Cinc2017F1(mean_of="four"), found) == pytest.approx((normal + af + other + noisy) / 4)


def test_of_several_calls_the_one_with_the_highest_score_is_said():
    found = judged(Cinc2017F1().classes, ((NORMAL,), {NORMAL: 0.9, AFIB: 0.8}), ((AFIB,), {AFIB: 0.7, NORMAL: 0.6}),
                   ((OTHER,), {OTHER: 0.1}))  # fmt: skip
    assert value(Cinc2017F1(), found) == 1


def test_a_class_of_the_mean_without_a_record_leaves_no_score():
    found = judged(Cinc2017F1().classes, ((NORMAL,), (NORMAL,)))
    columns = Cinc2017F1().columns(found)
    assert np.isnan(Cinc2017F1().value(totals(columns))).all()
    assert Cinc2017F1().why_undefined(columns).reason == "class_without_record"


def test_an_answer_of_2018_is_right_as_any_of_the_statements_and_else_charged_to_the_first():
    classes = Cpsc2018F1().classes
    normal, af, first_degree, _, rbbb, *_ = classes
    records = [
        ((af, rbbb), (rbbb,)),  # right as the second
        ((af, rbbb), (normal,)),  # wrong: charged to the first, which the set says is RBBB
        ((af,), (af,)),
        ((normal,), (normal,)),
        ((first_degree,), None),  # wrong, nothing said: counts as called in every other class
    ]
    found = judged(classes, *records, primary=("", rbbb, "", "", ""))
    assert value(Cpsc2018F1(part="af"), found) == pytest.approx(2 * 1 / (1 + 2))
    # blocks together: agreed RBBB once; true RBBB twice and I-AVB once; called RBBB once, and LBBB and RBBB as lost
    assert value(Cpsc2018F1(part="block"), found) == pytest.approx(2 * 1 / (3 + 3))
    by_order = judged(classes, *records)
    assert value(Cpsc2018F1(part="af"), by_order) == pytest.approx(2 * 1 / (2 + 2))


def test_the_mean_of_2018_is_over_nine_classes():
    classes = Cpsc2018F1().classes
    found = judged(classes, *(((name,), (name,)) for name in classes[:8]), ((classes[8],), (classes[0],)))
    assert value(Cpsc2018F1(), found) == pytest.approx((7 * 1 + 2 / 3 + 0) / 9)
    assert value(Cpsc2018F1(part="premature"), found) == 1
    assert value(Cpsc2018F1(part="st"), found) == pytest.approx(2 / 3)
