"""Cases that are scored by the best of their marks."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dmn_bench.metrics.classification import Accuracy, Sensitivity, Specificity
from dmn_bench.metrics.ranking import RocArea
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.classification import Classification
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer

from .factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_box,
    a_case,
    a_unit,
    by_case,
    column,
    context,
    marked,
    scored,
    treating,
    unanswered,
)

TASK = Classification(finding=FINDING, case_score="highest_mark")
SILENT_IS_NEGATIVE = replace(TASK, no_marks="negative")
SLACK = 1e-12
INF = math.inf


def box(score=None):
    return a_box(score=score)


def judge(answers, references, analysis=ITD, task=TASK, **point):
    units = [
        a_unit(answer.case_id, reference, cases=(a_case(answer.case_id, f"p{answer.case_id}"),))
        for answer, reference in zip(answers, references, strict=True)
    ]
    return task.judge(units, by_case(*answers), context(units, analysis, **{"score_at_least": 0.5, **point}))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


class TestHighestMarkConforms(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        two_views = a_unit("u1", "positive", cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [two_views, *(a_unit(f"u{n}", "positive" if n % 2 else "negative") for n in range(2, 8))]

    def answer(self, case):
        return marked(case.case_id, box(0.1 * (ord(case.case_id[1]) % 7)), box(0.05))


def test_the_score_of_a_case_is_that_of_its_best_mark_and_decides_the_call():
    other = replace(box(0.99), finding="another")
    answers = [marked("a", box(0.2), box(0.7), other), marked("b", box(0.4)), marked("c", box(0.3)), marked("d")]
    found = judge(answers, ["positive", "negative", "positive", "negative"], doubt_from=0.35)
    assert column(found, "score") == [0.7, 0.4, 0.3, -INF]  # a doubt keeps its score
    assert (column(found, "own_call"), column(found, "call")) == ([1, 0, 1, 1], [1, 1, 0, 0])
    assert found.units.statuses == ("answered", "indeterminate", "answered", "answered")


def test_what_the_answer_says_of_the_finding_itself_is_not_looked_at():
    own = replace(marked("a", box(0.2)), findings=scored("a", 0.9, "positive").findings)
    assert column(judge([own], ["negative"]), "score") == [0.2]
    assert column(judge([own], ["negative"], task=replace(TASK, case_score="own")), "score") == [0.9]


def test_no_mark_is_a_negative_call_at_the_lowest_rank_and_states_no_score():
    found = judge([marked("a", box(-3.0)), marked("b"), marked("c", box(-2.0))], ["negative", "positive", "positive"])
    assert column(found, "score") == [-3.0, -INF, -2.0]
    assert (column(found, "has_stated"), column(found, "stated")) == ([1, 0, 1], [-3.0, 0.0, -2.0])
    assert value(RocArea(), found) == 0.5
    errors = TASK.errors(found)
    assert {(row.unit_id, row.kind, row.score) for row in errors} == {
        ("b", "false_negative", None),
        ("c", "false_negative", -2.0),
    }


@pytest.mark.parametrize(("task", "status"), [(TASK, "failed"), (SILENT_IS_NEGATIVE, "answered")])
def test_an_answer_that_says_nothing_of_marks_is_what_the_protocol_says(task, status):
    silent = Answer(case_id="b", status="answered")
    found = judge([marked("a", box(0.6)), silent], ["positive", "negative"], task=task)
    assert found.units.statuses == ("answered", status)
    assert column(found, "score") == [0.6, INF if status == "failed" else -INF]
    assert found.units.reasons[1] == ("no marks" if status == "failed" else "")


def test_a_mark_without_a_score_is_called_and_charged_where_others_are_ranked():
    answers = [
        marked(name, *marks) for name, marks in zip("abcd", ([box()], [box()], [box(0.1), box()], []), strict=True)
    ]
    found = judge(answers, ["positive", "negative", "negative", "negative"])
    assert column(found, "call") == [1, 1, 1, 0]
    assert column(found, "score") == [-INF, INF, INF, -INF]
    diseased = judge([marked("a", box(0.1), box()), marked("b", box(0.9))], ["positive", "negative"])
    assert column(diseased, "score") == [0.1, 0.9]


def test_marks_without_any_score_make_calls_and_no_ranking():
    found = judge([marked("a", box()), marked("b"), marked("c", box())], ["positive", "negative", "negative"])
    assert column(found, "has_score") == [0, 0, 0]
    assert (value(Sensitivity(), found), value(Specificity(), found)) == (1.0, 0.5)
    assert math.isnan(value(RocArea(), found))


@pytest.mark.parametrize("score", [math.nan, INF, -INF])
def test_a_score_that_is_not_finite_is_a_failure(score):
    found = judge([marked("a", box(0.2), box(score)), marked("b", box(0.1))], ["negative", "positive"])
    assert found.units.statuses[0] == "failed"
    assert column(found, "score") == [INF, 0.1]


def test_an_exam_takes_the_highest_of_its_views_and_is_charged_for_a_lost_one():
    units = [a_unit(name, reference, cases=(a_case(f"{name}1", name), a_case(f"{name}2", name))) for name, reference in
             (("p", "positive"), ("n", "negative"), ("q", "positive"), ("m", "negative"))]  # fmt: skip
    answers = by_case(
        marked("p1"), marked("p2", box(0.8)), marked("n1", box(0.3)), marked("n2"),
        marked("q1", box(0.2)), unanswered("q2"), marked("m1", box(0.2)), marked("m2", box()),
    )  # fmt: skip
    found = TASK.judge(units, answers, context(units, ITD, score_at_least=0.5))
    assert column(found, "score") == [0.8, 0.3, -INF, INF]
    assert column(found, "call") == [1, 0, 0, 1]


def test_scored_marks_need_an_operating_point_and_marks_without_score_do_not():
    assert TASK.needs_operating_point([marked("a"), marked("b", box(0.1))])
    assert not TASK.needs_operating_point([marked("a"), marked("b", box()), scored("c", 0.5)])
    assert not TASK.needs_operating_point([marked("b", box(0.1), status="failed")])
    assert replace(TASK, case_score="own").needs_operating_point([scored("c", 0.5)])


marks_of_a_view = st.lists(st.sampled_from([None, 0.1, 0.35, 0.45, 0.6, 0.8]), max_size=3)
views = st.one_of(
    marks_of_a_view.map(lambda scores: lambda name: marked(name, *map(box, scores))),
    marks_of_a_view.map(lambda scores: lambda name: marked(name, *map(box, scores))),
    st.sampled_from(["failed", "abstained", "not_sent", "indeterminate"]).map(
        lambda status: lambda name: unanswered(name, status)
    ),
    marks_of_a_view.map(lambda scores: lambda name: marked(name, *map(box, scores), status="indeterminate")),
)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["positive", "negative"]), st.lists(views, min_size=1, max_size=3)),
        min_size=2,
        max_size=8,
    ),
    st.sampled_from([ITD, treating("wrong")]),
    st.sampled_from(["failed", "abstained", "rejected_input", "indeterminate", "no output"]),
    st.sampled_from([TASK, SILENT_IS_NEGATIVE]),
    st.data(),
)
def test_a_lost_view_never_raises_the_area_or_a_share_of_right_calls(drawn, analysis, how, task, data):
    units, answers = [], {}
    for n, (reference, said) in enumerate(drawn):
        names = [f"e{n}v{v}" for v in range(len(said))]
        units.append(a_unit(f"e{n}", reference, cases=tuple(a_case(name, f"p{n}") for name in names)))
        answers |= {name: make(name) for name, make in zip(names, said, strict=True)}
    answered = sorted(name for name, answer in answers.items() if answer.status == "answered")
    assume(answered)
    name = data.draw(st.sampled_from(answered))
    lost = {key: answer for key, answer in answers.items() if key != name}
    if how != "no output":
        lost[name] = unanswered(name, how)
    before, after = (
        task.judge(units, said, context(units, analysis, score_at_least=0.5, doubt_from=0.3))
        for said in (answers, lost)
    )
    for metric in (RocArea(), Sensitivity(), Specificity(), Accuracy()):
        pair = value(metric, before), value(metric, after)
        assert math.isnan(pair[0]) or math.isnan(pair[1]) or pair[1] <= pair[0] + SLACK


def test_silence_is_set_apart_where_the_analysis_sets_it_apart():
    silent = Answer(case_id="b", status="answered")
    found = judge(
        [marked("a", box(0.6)), silent, marked("c", box(0.1))], ["positive", "negative", "negative"], EVALUABLE
    )
    assert found.row_units.tolist() == [0, 2]
