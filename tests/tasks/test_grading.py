"""Ordinal grades: units, cuts, and what a non-answer counts as."""

import math

import pytest

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.tasks.grading import Grading
from dmn_bench.testing import TaskChecks

from .factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_case,
    a_unit,
    by_case,
    column,
    context,
    graded,
    scored,
    treating,
    unanswered,
)

TASK = Grading(finding=FINDING, scale="icdr", positive_when=">= 2")


def judge(units, answers, analysis=ITD):
    return TASK.judge(units, answers, context(units, analysis))


class TestGradingConforms(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        two_eyes = a_unit("u1", "3", cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [two_eyes, *(a_unit(f"u{n}", str(n % 5)) for n in range(2, 9))]

    def answer(self, case):
        return graded(case.case_id, ord(case.case_id[1]) % 5)


@pytest.mark.parametrize(("reference", "counted"), [("0", 4), ("1", 4), ("2", 0), ("3", 0), ("4", 0)])
def test_a_non_answer_is_the_farthest_grade_and_a_wrong_call(reference, counted):
    found = judge([a_unit("u1", reference)], by_case(unanswered("u1-case", "abstained")))
    assert column(found, "answer_grade") == [counted]
    assert column(found, "call")[0] != column(found, "reference")[0]


@pytest.mark.parametrize(
    ("treatment", "reference", "counted"),
    [("positive", "0", 4), ("positive", "4", 2), ("negative", "4", 0), ("negative", "0", 1), ("positive", "3", 2)],
)
def test_a_non_answer_read_as_a_call_is_the_farthest_grade_of_that_call(treatment, reference, counted):
    found = judge([a_unit("u1", reference)], by_case(unanswered("u1-case")), treating(treatment))
    assert column(found, "answer_grade") == [counted]
    assert column(found, "call") == [float(treatment == "positive")]


def test_the_worse_eye_grades_the_patient():
    units = [a_unit("u1", "3", cases=(a_case("left", "p"), a_case("right", "p")))]
    assert column(judge(units, by_case(graded("left", 1), graded("right", 3))), "answer_grade") == [3]


def test_a_referable_eye_answers_for_the_patient_and_a_healthy_one_does_not():
    units = [a_unit("u1", "3", cases=(a_case("left", "p"), a_case("right", "p")))]
    assert judge(units, by_case(graded("left", 2), unanswered("right"))).units.statuses == ("answered",)
    assert judge(units, by_case(graded("left", 1), unanswered("right", "abstained"))).units.statuses == ("abstained",)


def test_scores_per_grade_rank_by_their_mean_and_stand_in_for_a_grade():
    units = [a_unit("u1", "3"), a_unit("u2", "3")]
    answers = by_case(graded("u1-case", 3, (0, 0, 0.2, 0.8, 0)), graded("u2-case", None, (0.1, 0.0, 0.0, 0.4, 0.4)))
    found = judge(units, answers)
    assert column(found, "score") == pytest.approx([2.8, 2.8 / 0.9])
    assert column(found, "answer_grade") == [3, 4]


def test_the_largest_scores_there_are_have_a_mean_grade():
    found = judge([a_unit("u1", "3")], by_case(graded("u1-case", 3, (0, 0, 1e308, 1e308, 1e308))))
    assert column(found, "score") == [3.0]


@pytest.mark.parametrize(
    "answer",
    [graded("u1-case", 7), graded("u1-case", None, (0.5, 0.5)), graded("u1-case", None, (math.nan,) * 5)],
)
def test_a_grade_that_does_not_fit_the_scale_is_a_failure(answer):
    found = judge([a_unit("u1", "3")], by_case(answer))
    assert (found.units.statuses, found.units.reasons) == (("failed",), ("grade not on the scale",))


def test_a_finding_score_is_no_grade():
    assert judge([a_unit("u1", "3")], by_case(scored("u1-case", 0.9))).units.reasons == ("no grade for the finding",)


def test_tables_have_the_grades_and_the_non_answers():
    units = [a_unit("u1", "3"), a_unit("u2", "0"), a_unit("u3", "1")]
    answers = by_case(graded("u1-case", 2), unanswered("u2-case", "abstained"), graded("u3-case", 1))
    grades, confusion = TASK.tables(judge(units, answers, EVALUABLE))
    assert grades.counts[3][2] == grades.counts[1][1] == 1
    assert grades.counts[0][grades.columns.index("abstained")] == 1
    assert sum(sum(line) for line in grades.counts) == sum(sum(line) for line in confusion.counts) == 3


def test_errors_tell_wrong_calls_from_other_wrong_grades():
    units = [a_unit(f"u{n}", reference) for n, reference in enumerate("3304")]
    answers = by_case(*(graded(f"u{n}-case", grade) for n, grade in enumerate([1, 2, 3, 4])))
    found = [(error.unit_id, error.kind, error.answer) for error in TASK.errors(judge(units, answers))]
    assert found == [("u0", "false_negative", "1"), ("u1", "grade_off_by_1", "2"), ("u2", "false_positive", "3")]


@pytest.mark.parametrize("cut", [">= 0", "> 4", ">= 5", "2", "< 3", ""])
def test_a_cut_that_leaves_no_grade_on_one_side_is_refused(cut):
    with pytest.raises(ProtocolError, match=r"tasks\.cut_unreadable"):
        Grading(finding=FINDING, scale="icdr", positive_when=cut)


def test_an_unknown_scale_is_refused_with_the_known_ones():
    with pytest.raises(ProtocolError, match="icdr"):
        Grading(finding=FINDING, scale="icd", positive_when=">= 2")


def test_a_reference_outside_the_scale_is_refused():
    with pytest.raises(ReferenceSetError, match="u1"):
        judge([a_unit("u1", "5")], {})


# ---------------------------------------------------------------------------------------------------- where errors are


def places(units, answers):
    found = TASK.places(units, answers, context(units))
    return sorted((place.case_id, place.kind, place.in_case, place.reference, place.answer) for place in found)


def test_every_answered_picture_of_an_eye_graded_too_low_may_show_what_was_missed():
    units = [a_unit("u1", "4", cases=(a_case("disc", "p"), a_case("macula", "p"), a_case("blurred", "p")))]
    answers = by_case(graded("disc", 2), graded("macula", 1), unanswered("blurred"))
    assert places(units, answers) == [
        ("disc", "grade_off_by_2", 2.0, "4", "2"),
        ("macula", "grade_off_by_2", 3.0, "4", "2"),
    ]


def test_of_an_eye_graded_too_high_the_pictures_that_were_are_shown():
    units = [a_unit("u1", "1", cases=(a_case("disc", "p"), a_case("macula", "p")))]
    answers = by_case(graded("disc", 4), graded("macula", 1))
    assert places(units, answers) == [("disc", "false_positive", 3.0, "1", "4")]


def test_the_farthest_grade_ranks_first_whatever_the_order():
    units = [a_unit(f"u{n}", "0") for n in range(4)]
    answers = by_case(*(graded(f"u{n}-case", grade) for n, grade in enumerate([2, 4, 3, 0])))
    ranked = sorted(TASK.places(units, answers, context(units)), key=lambda place: -place.in_case)
    assert [place.case_id for place in ranked] == ["u1-case", "u2-case", "u0-case"]
    assert all(place.box is None and place.image is None for place in ranked)


def test_every_image_of_a_case_with_several_is_a_place():
    units = [a_unit("u1", "4", cases=(a_case("c", files=("a.jpg", "b.jpg")),))]
    assert [place.image for place in TASK.places(units, by_case(graded("c", 0)), context(units))] == ["a.jpg", "b.jpg"]


def test_right_grades_and_silence_have_no_place():
    units = [a_unit("u1", "4"), a_unit("u2", "0"), a_unit("u3", "indeterminate")]
    assert places(units, by_case(graded("u1-case", 4), unanswered("u2-case"), graded("u3-case", 2))) == []


# ----------------------------------------------------------------------------------------------------- eyes of a person


def test_the_worse_eye_is_the_grade_of_the_patient_on_both_sides():
    eyes = (a_case("left", "p"), a_case("right", "p"))
    units = [a_unit("p", "3", cases=eyes)]
    assert column(judge(units, by_case(graded("left", 0), graded("right", 4))), "own_grade") == [4]
    lost = judge(units, by_case(graded("left", 1), unanswered("right", "abstained")))
    assert (lost.units.statuses, column(lost, "answer_grade")) == (("abstained",), [0])


@pytest.mark.parametrize("grade", [0, 1, 2, 3, 4])
def test_an_ungradable_eye_is_referred_as_used_whatever_its_grade(grade):
    used = treating("positive")
    found = judge([a_unit("u1", str(grade))], by_case(unanswered("u1-case", "abstained")), used)
    assert column(found, "call") == [1]
    assert column(found, "own_grade") == [-1]
    assert column(found, "answer_grade")[0] >= 2
