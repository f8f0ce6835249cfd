"""Yes-or-no findings: what an answer, a unit and a state count as."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ReferenceSetError
from dmn_bench.tasks.classification import Classification, case_outcome, combined_outcome, needs_operating_point
from dmn_bench.tasks.combining import WORST_LAST, worst
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import STATUSES, Answer, FindingAnswer, OperatingPoint

from .factories import (
    EVALUABLE,
    FINDING,
    ITD,
    NON_ANSWERS,
    a_case,
    a_unit,
    by_case,
    column,
    context,
    scored,
    treating,
    unanswered,
)

TASK = Classification(finding=FINDING)
POINT = OperatingPoint(score_at_least=0.5, doubt_from=0.3)


def judge(units, answers, analysis=ITD, **point):
    return TASK.judge(units, answers, context(units, analysis, **point))


class TestClassificationConforms(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        two_views = a_unit("u1", "positive", cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [two_views, *(a_unit(f"u{n}", "positive" if n % 2 else "negative") for n in range(2, 8))]

    def answer(self, case):
        return scored(case.case_id, score=0.1 * (len(case.case_id) + ord(case.case_id[1]) % 7), label="positive")


@pytest.mark.parametrize(
    ("score", "status", "call"),
    [(0.7, "answered", True), (0.5, "answered", True), (0.3, "indeterminate", None), (0.29, "answered", False)],
)
def test_the_operating_point_makes_the_call_and_its_limits_belong_to_the_upper_side(score, status, call):
    found = case_outcome(scored("c1", score), FINDING, POINT)
    assert (found.status, found.call, found.score) == (status, call, score)


def test_the_operating_point_of_the_protocol_goes_before_the_label_of_the_device():
    assert case_outcome(scored("c1", 0.7, "negative"), FINDING, POINT).call is True


def test_a_label_of_doubt_is_a_doubt_whatever_the_score_and_keeps_it():
    found = case_outcome(scored("c1", 0.9, "indeterminate"), FINDING, POINT)
    assert (found.status, found.call, found.score) == ("indeterminate", None, 0.9)


def test_labels_alone_make_calls_without_scores():
    assert [case_outcome(scored("c1", None, label), FINDING, None).call for label in ("positive", "negative")] == [
        True,
        False,
    ]


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_a_failure(score):
    found = case_outcome(scored("c1", score), FINDING, POINT)
    assert (found.status, found.reason) == ("failed", "score not finite")


def test_an_answer_on_another_finding_is_a_failure_for_this_one():
    answer = Answer(case_id="c1", status="answered", findings={"nodule": FindingAnswer(score=0.9)})
    assert case_outcome(answer, FINDING, POINT).reason == "no score or label for the finding"


def test_the_status_of_the_finding_goes_before_that_of_the_case():
    answer = replace(scored("c1", 0.9), finding_statuses={FINDING: "abstained"})
    assert case_outcome(answer, FINDING, POINT).status == "abstained"


def test_a_score_without_label_needs_an_operating_point():
    assert needs_operating_point([scored("c1", 0.9), scored("c2", 0.1, "negative")], FINDING)
    assert not needs_operating_point([scored("c2", 0.1, "negative"), unanswered("c3")], FINDING)


class TestUnitsOfSeveralCases:
    def combined(self, *answers):
        return combined_outcome([case_outcome(answer, FINDING, POINT) for answer in answers])

    def test_one_positive_view_makes_the_exam_positive_whatever_became_of_the_other(self):
        found = self.combined(scored("c1", 0.6), unanswered("c2"))
        assert (found.status, found.call, found.score) == ("answered", True, 0.6)

    def test_a_negative_view_does_not_make_up_for_an_unanswered_one(self):
        found = self.combined(scored("c1", 0.1), unanswered("c2", "abstained", "too dark"))
        assert (found.status, found.call, found.score, found.reason) == ("abstained", None, None, "too dark")

    def test_the_score_is_the_highest_of_the_views(self):
        assert self.combined(scored("c1", 0.1), scored("c2", 0.2)).score == 0.2

    def test_a_doubt_beside_a_negative_view_is_a_doubt_with_the_highest_score(self):
        found = self.combined(scored("c1", 0.1), scored("c2", 0.4))
        assert (found.status, found.score) == ("indeterminate", 0.4)

    def test_a_doubt_without_score_leaves_the_unit_without_one(self):
        assert self.combined(scored("c1", 0.1), scored("c2", None, "indeterminate")).score is None

    def test_what_the_device_did_is_worse_than_what_it_had_no_part_in(self):
        assert worst(["not_sent", "indeterminate", "answered"]) == "indeterminate"
        assert set(WORST_LAST) == set(STATUSES)

    def test_a_unit_without_cases_was_never_asked(self):
        assert combined_outcome([]).status == "unreadable"


class TestIntentionToDiagnose:
    def test_an_unanswered_unit_is_called_wrong_and_ranks_worst(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "negative"), a_unit("u3", "positive")]
        found = judge(
            units, by_case(unanswered("u1-case"), unanswered("u2-case"), scored("u3-case", 0.9)), score_at_least=0.5
        )
        assert column(found, "call") == [0, 1, 1]
        assert column(found, "score") == [-math.inf, math.inf, 0.9]
        assert column(found, "own_call") == [0, 0, 1]

    def test_a_doubt_with_a_score_is_a_wrong_call_and_keeps_its_rank(self):
        units = [a_unit("u1", "positive")]
        found = judge(units, by_case(scored("u1-case", 0.4)), score_at_least=0.5, doubt_from=0.3)
        assert (column(found, "call"), column(found, "score")) == ([0], [0.4])

    @pytest.mark.parametrize(
        ("reference", "status", "rank"),
        [
            ("negative", "failed", math.inf),
            ("negative", "not_sent", 0.6),
            ("positive", "failed", 0.6),
            ("positive", "not_sent", 0.6),
        ],
    )
    def test_a_positive_exam_with_a_lost_view_is_answered_and_ranks_at_its_worst(self, reference, status, rank):
        units = [a_unit("u1", reference, cases=(a_case("c1", "p"), a_case("c2", "p")))]
        found = judge(units, by_case(scored("c1", 0.6), unanswered("c2", status)), score_at_least=0.5)
        assert (found.units.statuses, column(found, "call"), column(found, "score")) == (("answered",), [1], [rank])
        assert column(found, "own_score") == [float(math.isfinite(rank))]

    def test_a_case_that_was_not_sent_is_not_charged_to_the_device(self):
        units = [a_unit("u1", "positive")]
        found = judge(units, by_case(unanswered("u1-case", "not_sent")), score_at_least=0.5)
        assert len(found.row_units) == 0
        assert found.units.statuses == ("not_sent",)

    def test_a_case_missing_from_the_answers_has_failed(self):
        found = judge([a_unit("u1", "positive")], {}, score_at_least=0.5)
        assert (found.units.statuses, found.units.reasons) == (("failed",), ("no output",))


@pytest.mark.parametrize("reference", ["positive", "negative"])
@pytest.mark.parametrize(("treatment", "call", "rank"), [("positive", 1, math.inf), ("negative", 0, -math.inf)])
def test_as_used_reads_a_non_answer_as_the_call_declared(reference, treatment, call, rank):
    units = [a_unit("u1", reference), a_unit("u2", "positive"), a_unit("u3", reference)]
    answers = by_case(
        unanswered("u1-case", "abstained"), scored("u2-case", 0.9), scored("u3-case", 0.4, status="abstained")
    )
    found = judge(units, answers, treating("wrong", abstained=treatment), score_at_least=0.5)
    assert column(found, "call") == [call, 1, call]
    assert column(found, "score") == [rank, 0.9, 0.4]


class TestScoresAndCallsThatAreLacking:
    def test_scores_alone_without_an_operating_point_take_no_part_in_calls(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "negative")]
        found = judge(units, by_case(scored("u1-case", 0.9), unanswered("u2-case")))
        assert (column(found, "has_call"), column(found, "has_score")) == ([0, 0], [1, 1])

    def test_labels_alone_take_no_part_in_ranking(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "negative")]
        found = judge(units, by_case(scored("u1-case", None, "positive"), unanswered("u2-case")))
        assert (column(found, "has_call"), column(found, "has_score")) == ([1, 1], [0, 0])

    def test_where_nothing_was_answered_all_rows_still_count_as_wrong(self):
        found = judge([a_unit("u1", "positive")], by_case(unanswered("u1-case")))
        assert (column(found, "has_call"), column(found, "has_score")) == ([1], [1])

    def test_one_label_without_score_among_scores_ranks_worst(self):
        units = [a_unit("u1", "positive"), a_unit("u2", "positive")]
        answers = by_case(scored("u1-case", 0.9, "positive"), scored("u2-case", None, "positive"))
        assert column(judge(units, answers), "score") == [0.9, -math.inf]
        assert column(judge(units, answers, EVALUABLE), "has_score") == [1, 0]


def test_an_unknown_reference_names_every_unit_concerned():
    units = [a_unit("u1", "maybe"), a_unit("u2", "positive"), a_unit("u3", "2")]
    with pytest.raises(ReferenceSetError) as raised:
        judge(units, {}, score_at_least=0.5)
    assert [problem.where for problem in raised.value.problems] == ["u1", "u3"]


def test_the_table_counts_what_was_said_and_not_what_the_analysis_makes_of_it():
    units = [a_unit(f"u{n}", "positive" if n < 3 else "negative") for n in range(5)]
    answers = by_case(
        scored("u0-case", 0.9),
        scored("u1-case", 0.1),
        unanswered("u2-case", "abstained"),
        scored("u3-case", 0.9),
        unanswered("u4-case", "failed"),
    )
    tables = [TASK.tables(judge(units, answers, analysis, score_at_least=0.5))[0] for analysis in (ITD, EVALUABLE)]
    assert tables[0] == tables[1]
    counted = {
        (row, name): count
        for row, line in zip(tables[0].rows, tables[0].counts, strict=True)
        for name, count in zip(tables[0].columns, line, strict=True)
        if count
    }
    assert counted == {
        ("positive", "positive"): 1,
        ("positive", "negative"): 1,
        ("positive", "abstained"): 1,
        ("negative", "positive"): 1,
        ("negative", "failed"): 1,
    }


def test_errors_list_wrong_calls_and_the_devices_own_non_answers():
    units = [a_unit(f"u{n}", reference) for n, reference in enumerate(["positive", "negative", "positive", "negative"])]
    answers = by_case(
        scored("u0-case", 0.1),
        scored("u1-case", 0.9),
        unanswered("u2-case", "failed", "crash"),
        unanswered("u3-case", "not_sent"),
    )
    found = [(e.unit_id, e.kind, e.answer, e.score) for e in TASK.errors(judge(units, answers, score_at_least=0.5))]
    assert found == [
        ("u0", "false_negative", "negative", 0.1),
        ("u1", "false_positive", "positive", 0.9),
        ("u2", "unanswered", "failed", None),
    ]


def test_the_curve_shows_where_unanswered_units_rank():
    units = [a_unit("u0", "positive"), a_unit("u1", "positive"), a_unit("u2", "negative"), a_unit("u3", "negative")]
    answers = by_case(scored("u0-case", 0.9), unanswered("u1-case"), scored("u2-case", 0.2), unanswered("u3-case"))
    (curve,) = TASK.curves(judge(units, answers, score_at_least=0.5))
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert max(y for x, y in zip(curve.x, curve.y, strict=True) if x < 1) == 0.5
    assert curve.thresholds == (None, None, 0.9, 0.2, None)


statuses = st.sampled_from(STATUSES)
said = st.builds(
    lambda status, score, label: (status, score, label),
    statuses,
    st.none() | st.floats(0, 1),
    st.none() | st.sampled_from(["positive", "negative", "indeterminate"]),
)


@given(st.lists(st.tuples(st.sampled_from(["positive", "negative"]), said), min_size=1, max_size=12))
def test_intention_to_diagnose_never_favours_silence(rows):
    """Answering a case rightly can only help: no state of an answer counts for more than the right call."""
    units = [a_unit(f"u{n}", reference) for n, (reference, _) in enumerate(rows)]
    answers = by_case(*(scored(f"u{n}-case", s, lab, status) for n, (_, (status, s, lab)) in enumerate(rows)))
    found = judge(units, answers, treating("wrong"), score_at_least=0.5)
    for row, unit in enumerate(found.row_units):
        if found.units.statuses[unit] in NON_ANSWERS and found.columns["has_call"][row]:
            assert found.columns["call"][row] != found.columns["reference"][row]
