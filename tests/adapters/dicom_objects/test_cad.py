"""CAD reports."""

import pytest

from dmn_bench.adapters.dicom_answers import ResultError
from tests.inputs.result_factories import (
    MAMMOGRAPHY_CAD,
    NODULE,
    a_cad,
    a_report,
    box,
    cad_finding,
    code,
    number,
    region,
)

from .kit import mark


def test_a_cad_finding_is_a_mark_and_a_positive_label(ask):
    found = cad_finding(NODULE, number("76", "%", "DCM:111012"), region("POINT", [25, 40], concept="DCM:111010"),
                        box(10, 20, 30, 40, concept="DCM:111041"))  # fmt: skip
    assert ask(a_cad(found), reports=("nodule", "mass")) == {
        "status": "answered",
        "findings": {"nodule": {"label": "positive"}, "mass": {"label": "negative"}},
        "marks": [{"finding": "nodule", "x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0, "score": 0.76}],
    }


def test_a_centre_alone_is_a_point(ask):
    assert mark(ask(a_cad(cad_finding(NODULE, region("POINT", [25, 40], concept="DCM:111010"))))) == {
        "x": 25.0,
        "y": 40.0,
    }


def test_an_explicit_all_clear_is_a_negative_for_what_was_looked_for(ask, reason):
    assert ask(a_cad(), reports=("nodule",))["findings"] == {"nodule": {"label": "negative"}}
    assert "option reports" in reason(a_cad())


@pytest.mark.parametrize(
    ("summary", "detections", "words"),
    [
        ("DCM:111245", "DCM:111224", "no algorithm succeeded"),
        ("DCM:111243", "DCM:111223", "not all algorithms succeeded"),
        ("DCM:111241", "DCM:111224", "no algorithm succeeded"),
        ("DCM:111241", "DCM:111225", "no algorithm succeeded"),
        ("DCM:111241", "DCM:111223", "not all algorithms succeeded"),
        ("DCM:999999", "DCM:111222", "does not say whether"),
    ],
)
def test_a_cad_report_of_a_failure_is_no_negative(reason, summary, detections, words):
    assert words in reason(a_cad(summary=summary, detections=detections), reports=("nodule",))


def test_a_partial_success_with_findings_is_an_answer_only_when_declared(ask, reason):
    report = a_cad(cad_finding(NODULE, box(1, 2, 3, 4)), summary="DCM:111244", detections="DCM:111223")
    assert "option partial" in reason(report)
    answer = ask(report, partial="answered", reports=("nodule", "mass"))
    assert answer["findings"] == {"nodule": {"label": "positive"}}  # of masses it says nothing


def test_an_all_clear_that_reports_a_finding_fails(reason):
    assert "and reports one" in reason(a_cad(cad_finding(NODULE, box(1, 2, 3, 4)), summary="DCM:111241"))


def test_the_rendering_intents_that_count_are_declared(ask):
    report = a_cad(
        cad_finding(NODULE, number("90", "%"), box(1, 2, 3, 4)),
        cad_finding(NODULE, number("40", "%"), box(11, 2, 3, 4), intent="DCM:111151"),
        cad_finding("99X:UNKNOWN", number("10", "%"), box(21, 2, 3, 4), intent="DCM:111152"),
    )
    assert [each["score"] for each in ask(report)["marks"]] == [0.9]
    assert [each["score"] for each in ask(report, rendering=("required", "optional"))["marks"]] == [0.9, 0.4]


def test_a_cad_report_scores_by_its_marks_when_declared(ask, reason):
    report = a_cad(cad_finding(NODULE, number("90", "%"), box(1, 2, 3, 4)))
    rules = {"score_from_marks": "highest", "reports": ("nodule", "mass"), "score_without_marks": 0.0}
    found = ask(report, **rules)["findings"]
    assert found == {"nodule": {"score": 0.9, "label": "positive"}, "mass": {"score": 0.0, "label": "negative"}}
    assert "below score_without_marks" in reason(report, **{**rules, "score_without_marks": 0.95})
    assert "needs a score" in reason(a_cad(cad_finding(NODULE, box(1, 2, 3, 4))), **rules)


def test_breast_findings_inside_others_are_not_counted_again(ask):
    inner = cad_finding("SCT:129770007", region("POINT", [12, 22], concept="DCM:111010"))
    cluster = cad_finding("SCT:129769006", box(10, 20, 30, 40, concept="DCM:111041"), inner)
    feature = code(
        "DCM:111015", "SCT:129769006", code("DCM:111056", "DCM:111150"), number("55", "%", "DCM:111012"), cluster
    )
    report = a_cad(feature, root="DCM:111036", sop_class=MAMMOGRAPHY_CAD)
    answer = ask(report)
    assert [(each["finding"], each["score"]) for each in answer["marks"]] == [("calcification_cluster", 0.55)]


def test_an_image_named_by_its_place_in_the_report_is_found(ask):
    centre = region("POINT", [25, 40], concept="DCM:111010")
    by_place = a_report().__class__("", {})
    by_place.RelationshipType, by_place.ReferencedContentItemIdentifier = "SELECTED FROM", [1, 1, 1]
    centre.ContentSequence = [by_place]
    assert mark(ask(a_cad(cad_finding(NODULE, centre)))) == {"x": 25.0, "y": 40.0}
    by_place.ReferencedContentItemIdentifier = [1, 9, 9]
    with pytest.raises(ResultError, match="drawn on no image"):
        ask(a_cad(cad_finding(NODULE, centre)))


def test_a_finding_drawn_nowhere_fails(reason):
    assert "drawn nowhere" in reason(a_cad(cad_finding(NODULE, number("90", "%"))))
