"""Referral by the grades of several findings, and pictures that cannot be graded."""

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.metrics.classification import Accuracy, Sensitivity, Specificity
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks.grade_quality import Ungradable
from dmn_bench.tasks.grade_referral import Referral
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, FindingAnswer, GradeAnswer

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, column, context, treating, unanswered

REFERRAL = Referral(positive_when={"dr": ">= 2", "dme": ">= 1"}, scales={"dr": "icdr", "dme": (0, 1, 2)})
UNGRADABLE = Ungradable(finding="ungradable", graded="dr")


def said(case_id, dr=None, dme=None, status="answered", **statuses):
    stated = {"dr": dr, "dme": dme}
    grades = {name: GradeAnswer(grade=grade) for name, grade in stated.items() if grade is not None}
    return Answer(case_id=case_id, status=status, grades=grades, finding_statuses=statuses)


def stating(units, dr, dme):
    """Units with their references of the two findings as the harness hands them over."""
    ids = [unit.unit_id for unit in units]
    truth = {"dr": dict(zip(ids, dr, strict=True)), "dme": dict(zip(ids, dme, strict=True))}
    return lambda finding: truth[finding]


def referred(dr, dme, answers, analysis=ITD):
    units = [a_unit(f"u{n}", None) for n in range(len(dr))]
    given = context(units, analysis, references=stating(units, dr, dme))
    return REFERRAL.judge(units, by_case(*answers), given)


class TestReferralConforms(TaskChecks):
    def task(self):
        return REFERRAL

    def units(self):
        both = a_unit("u1", None, cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [both, *(a_unit(f"u{n}", None) for n in range(2, 7))]

    def answer(self, case):
        return said(case.case_id, ord(case.case_id[1]) % 5, ord(case.case_id[1]) % 3)

    def context(self, analysis):
        units = self.units()
        grades = [str(n % 5) for n in range(len(units))]
        truth = stating(units, grades, ["0"] * len(units))
        return dataclasses.replace(super().context(analysis), references=truth)

    def test_doubtful_references_make_no_rows(self):
        """A finding of which nothing certain is stated leaves the unit out, unless another makes it positive."""
        found = referred(["0", "0", "3"], ["indeterminate", "unverified", "indeterminate"], [])
        assert found.units.references == ("indeterminate", "unverified", "positive")
        assert found.row_units.tolist() == [2]


class TestUngradableConforms(TaskChecks):
    answering_states = ("abstained",)

    def task(self):
        return UNGRADABLE

    def units(self):
        both = a_unit("u1", "positive", cases=(a_case("c1", "p1"), a_case("c2", "p1")))
        return [both, *(a_unit(f"u{n}", "negative") for n in range(2, 7))]

    def answer(self, case):
        return said(case.case_id, 1)


@pytest.mark.parametrize(
    ("dr", "dme", "expected"),
    [("0", "0", "negative"), ("1", "1", "positive"), ("2", "0", "positive"), ("4", "2", "positive"),
     ("2", None, "positive"), ("1", None, "missing"), ("unverified", "0", "unverified"), (None, "2", "positive")],
)  # fmt: skip
def test_the_reference_is_positive_as_soon_as_one_finding_reaches_its_cut(dr, dme, expected):
    assert referred([dr], [dme], []).units.references == (expected,)


@pytest.mark.parametrize(
    ("answer", "status", "call"),
    [
        (said("u0-case", 1, 0), "answered", 0),
        (said("u0-case", 2, 0), "answered", 1),
        (said("u0-case", 0, 1), "answered", 1),
        (said("u0-case", 3), "answered", 1),  # enough without the other finding
        (
            said("u0-case", 1),
            "failed",
            1,
        ),  # not enough: the other finding may be positive; charged against a healthy eye
        (said("u0-case", 1, dme="abstained"), "failed", 1),
        (said("u0-case", 1, 7), "failed", 1),
        (unanswered("u0-case", "abstained"), "abstained", 1),
    ],
)
def test_a_finding_left_out_is_no_negative(answer, status, call):
    found = referred(["0"], ["0"], [answer])
    assert (found.units.statuses, column(found, "call")) == ((status,), [call])


def test_a_declined_finding_keeps_its_state():
    answer = said("u0-case", 1, dme=None, status="answered")
    answer = dataclasses.replace(answer, finding_statuses={"dme": "abstained"})
    assert referred(["0"], ["0"], [answer]).units.statuses == ("abstained",)


def test_grades_of_several_findings_rank_nobody():
    found = referred(["0", "4"], ["0", "0"], [said("u0-case", 0, 0), said("u1-case", 4, 0)])
    assert column(found, "has_score") == [0, 0]
    assert list(REFERRAL.curves(found)) == []


def test_the_table_and_the_errors_of_a_referral_are_of_calls():
    answers = [said("u0-case", 3, 0), said("u1-case", 1, 0), said("u2-case", 1, 0)]
    found = referred(["0", "3", "1"], ["0", "0", "0"], answers)
    [table] = REFERRAL.tables(found)
    assert table.counts[0][:2] == (0, 1)
    assert table.counts[1][:2] == (1, 1)
    assert [(e.unit_id, e.kind) for e in REFERRAL.errors(found)] == [("u0", "false_positive"), ("u1", "false_negative")]


def test_a_reference_that_is_no_grade_of_its_finding_is_refused():
    with pytest.raises(ReferenceSetError, match="u0"):
        referred(["0"], ["3"], [])


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"positive_when": {}, "scales": {}}, "nothing_to_grade"),
        ({"positive_when": {"dr": ">= 2"}, "scales": {}}, "scales_of_findings"),
        ({"positive_when": {"dr": ">= 2"}, "scales": {"dr": "icdr", "dme": "dme"}}, "scales_of_findings"),
        ({"positive_when": {"dr": ">= 5"}, "scales": {"dr": "icdr"}}, "cut_unreadable"),
        ({"positive_when": {"dr": ">= 2"}, "scales": {"dr": "icdrs"}}, "scale_unknown"),
        ({"positive_when": {"dr": ">= 2"}, "scales": {"dr": (2, 1)}}, "grades_not_ascending"),
    ],
)
def test_options_of_a_referral_that_make_no_sense_are_refused(options, key):
    with pytest.raises(ProtocolError, match=key):
        Referral(**options)


def test_without_the_references_of_the_set_there_is_no_referral():
    units = [a_unit("u0", None)]
    with pytest.raises(ProtocolError, match="no_references"):
        REFERRAL.judge(units, {}, context(units))


# -------------------------------------------------------------------------------------------------------- ungradable


def quality(references, answers, analysis=ITD, task=UNGRADABLE, **more):
    units = [a_unit(f"u{n}", reference) for n, reference in enumerate(references)]
    return task.judge(units, by_case(*answers), context(units, analysis, **more))


@pytest.mark.parametrize(
    ("answer", "status", "call"),
    [
        (said("u0-case", 2), "answered", 0),
        (unanswered("u0-case", "abstained"), "answered", 1),
        (unanswered("u0-case", "rejected_input"), "rejected_input", 0),
        (unanswered("u0-case", "failed"), "failed", 0),
        (said("u0-case"), "failed", 0),  # answered, and no grade
    ],
)
def test_declining_says_ungradable_and_a_crash_does_not(answer, status, call):
    found = quality(["positive"], [answer])
    assert (found.units.statuses, column(found, "call")) == ((status,), [call])


def test_a_device_that_speaks_of_gradability_is_taken_at_its_word():
    def speaking(label, status="answered"):
        return Answer(case_id="u0-case", status=status, findings={"ungradable": FindingAnswer(label=label)})

    for answer, call in [(speaking("positive"), 1), (speaking("negative"), 0), (speaking("positive", "abstained"), 1)]:
        found = quality(["positive"], [answer])
        assert (found.units.statuses, column(found, "call")) == (("answered",), [call])


def test_a_score_of_doubt_needs_the_operating_point_of_the_protocol():
    answers = [
        Answer(case_id=f"u{n}-case", status="answered", findings={"ungradable": FindingAnswer(score=score)})
        for n, score in enumerate([0.9, 0.2])
    ]
    found = quality(["positive", "negative"], answers, score_at_least=0.5)
    assert column(found, "call") == [1, 0]
    assert column(found, "stated") == [0.9, 0.2]
    assert len(UNGRADABLE.curves(found)) == 1


def test_other_states_can_be_said_to_decline():
    task = Ungradable(finding="ungradable", graded="dr", said_by=("abstained", "rejected_input"))
    found = quality(["positive"], [unanswered("u0-case", "rejected_input")], task=task)
    assert (found.units.statuses, column(found, "call")) == (("answered",), [1])


def test_a_device_that_declines_everything_finds_all_and_clears_none():
    answers = [unanswered(f"u{n}-case", "abstained") for n in range(4)]
    for analysis in (ITD, EVALUABLE, treating("positive")):
        found = quality(["positive", "negative", "positive", "negative"], answers, analysis)
        assert column(found, "call") == [1, 1, 1, 1]
        assert column(found, "reference") == [1, 0, 1, 0]
    assert [error.kind for error in UNGRADABLE.errors(found)] == ["false_positive", "false_positive"]


# -------------------------------------------------------------------------------------------------- silence never pays

findings = st.tuples(st.sampled_from([None, 0, 1, 2, 3, 4]), st.sampled_from([None, 0, 1, 2]))
eyes = st.tuples(st.integers(0, 4), st.integers(0, 2), st.lists(findings, min_size=1, max_size=2))


@settings(max_examples=300)
@given(st.lists(eyes, min_size=1, max_size=6), st.data())
def test_a_lost_view_or_finding_never_raises_a_share_of_right_referrals(drawn, data):
    units, answers = [], {}
    for n, (_, _, views) in enumerate(drawn):
        names = [f"u{n}v{v}" for v in range(len(views))]
        units.append(a_unit(f"u{n}", None, cases=tuple(a_case(name, f"p{n}") for name in names)))
        answers |= {name: said(name, *grades) for name, grades in zip(names, views, strict=True)}
    truth = stating(units, [str(dr) for dr, _, _ in drawn], [str(dme) for _, dme, _ in drawn])
    name = data.draw(st.sampled_from(sorted(answers)))
    how = data.draw(st.sampled_from(["failed", "abstained", "dr", "dme"]))
    kept = {finding: grade for finding, grade in answers[name].grades.items() if finding != how}
    lost = dataclasses.replace(answers[name], grades=kept) if how in ("dr", "dme") else unanswered(name, how)
    before, after = (
        REFERRAL.judge(units, given_answers, context(units, ITD, references=truth))
        for given_answers in (answers, {**answers, name: lost})
    )
    for metric in (Sensitivity(), Specificity(), Accuracy()):
        pair = [float(metric.value(totals(metric.columns(judged)))[0]) for judged in (before, after)]
        assert math.isnan(pair[0]) or pair[1] <= pair[0] + 1e-12, metric.name
