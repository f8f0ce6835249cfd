"""Denials of a finding: none of them, in whatever words, leaves the finding standing as present."""

import pytest

from tests.inputs.result_factories import (
    NODULE,
    a_cad,
    a_report,
    box,
    cad_finding,
    code,
    container,
    group,
    image,
    measurements,
    number,
)

ABSENCE, PRESENT, YES, NO = "SCT:272519000", "SCT:52101004", "SCT:373066001", "SCT:373067005"
CONTEXT, ASSESSMENT, NO_EVIDENCE, KNOWN_ABSENT = "SCT:408729009", "DCM:111413", "SCT:41647002", "SCT:410516002"


@pytest.mark.parametrize("answer", [YES, NO, PRESENT, ABSENCE])
def test_a_question_of_absence_is_never_read_as_presence(reason, answer):
    assert "whether its finding is there cannot be told" in reason(measurements(group(code(ABSENCE, answer), image())))


@pytest.mark.parametrize(
    ("question", "answer"),
    [(ASSESSMENT, NO_EVIDENCE), (CONTEXT, NO_EVIDENCE), ("SCT:260411009", "99X:NONE"), (PRESENT, NO), (YES, NO)],
)
def test_an_answer_of_presence_that_is_not_known_fails_whatever_else_is_said(reason, question, answer):
    for said in (box(1, 1, 5, 5), number("0.9"), image()):
        report = measurements(group(code(question, answer), said))
        assert f"cannot be told from {question} = {answer} (word)" in reason(report)


def test_a_finding_whose_context_is_known_absent_is_negative_and_is_not_drawn(ask, reason):
    absent = code(CONTEXT, KNOWN_ABSENT)
    assert ask(measurements(group(absent)))["findings"] == {"nodule": {"label": "negative"}}
    found = ask(measurements(group(absent, number("0.01"))))["findings"]
    assert found == {"nodule": {"score": 0.01, "label": "negative"}}
    assert "calls absent" in reason(measurements(group(absent, box(1, 1, 5, 5))))


@pytest.mark.parametrize(
    "place",
    [
        lambda denied: number("0.9", "1", "DCM:122157", denied),
        lambda denied: container("99X:DETAILS", number("0.9"), denied),
        lambda denied: code("SCT:363698007", "SCT:39607008", denied),
    ],
)
def test_a_denial_beneath_another_item_of_the_group_is_not_passed_over(reason, place):
    report = measurements(group(number("0.8"), place(code("99X:STATE", ABSENCE, relation="HAS CONCEPT MOD"))))
    assert "ignore_questions" in reason(report)


def test_an_assessment_that_says_nothing_of_presence_can_be_left_out_when_declared(ask, reason):
    report = measurements(group(code(ASSESSMENT, "99X:CATEGORY-2"), number("0.3")))
    assert "99X:CATEGORY-2" in reason(report)
    assert ask(report, ignore_questions=(ASSESSMENT,))["findings"] == {"nodule": {"score": 0.3}}


def test_a_qualitative_evaluation_of_a_finding_in_unknown_words_fails_and_any_other_says_nothing(ask, reason):
    def evaluated(*said):
        return a_report(container("UMLS:C0034375", *said), container("DCM:126010", group(number("0.3"))))

    assert f"{NODULE} = {NO_EVIDENCE}" in reason(evaluated(code(NODULE, NO_EVIDENCE)))
    assert ask(evaluated(code("99X:SHAPE", "99X:ROUND")))["findings"] == {"nodule": {"score": 0.3}}


def test_an_assessment_in_unknown_words_outside_the_groups_fails(reason):
    stated = container("DCM:126010", group(box(1, 1, 5, 5)))
    assert NO_EVIDENCE in reason(a_report(stated, code(ASSESSMENT, NO_EVIDENCE)))


def test_a_cad_finding_that_is_denied_is_no_mark(reason):
    denied = cad_finding(NODULE, code(CONTEXT, KNOWN_ABSENT), box(1, 1, 5, 5))
    assert "cannot be told" in reason(a_cad(denied))
