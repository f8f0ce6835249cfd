"""Sentences, pictures, documents, presentation states, and the rules themselves."""

import dataclasses
import json

import numpy as np
import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, RuleNeeded, TextRule
from dmn_bench.adapters.dicom_rules import Size
from tests.inputs.factories import a_dataset
from tests.inputs.result_factories import (
    IMAGE,
    KEY_OBJECTS,
    OTHER_IMAGE,
    PARAMETRIC_MAP,
    PDF,
    SC,
    SR_TEXT,
    STUDY,
    a_presentation,
    a_report,
    a_segmentation,
    an_image,
    annotation,
    box,
    graphic,
    group,
    image,
    measurements,
    number,
    reference,
    text,
)

from .kit import mark


def a_letter(*sentences):
    return a_report(*(text("DCM:111412", each) for each in sentences), root="LN:18748-4", sop_class=SR_TEXT)


RULE = TextRule(score=r"Probability: ([0-9.]+)%", score_unit="%", positive="suspected", negative="No nodule")


def test_sentences_are_never_guessed(reason):
    assert reason(a_letter("Nodule. Probability: 75.8%.")).startswith("needs transcription")


def test_sentences_are_read_by_a_declared_rule(ask, reason):
    rules = {"text": {"nodule": RULE}}
    said = ask(a_letter("Lung nodule suspected. Probability: 75.8%."), **rules)
    assert said["findings"] == {"nodule": {"label": "positive", "score": 0.758}}
    assert "marks" not in said
    assert "says nothing of nodule" in reason(a_letter("The image is too dark."), **rules)
    assert "positive and negative" in reason(a_letter("No nodule. Nodule suspected."), **rules)
    assert "2 scores" in reason(a_letter("Probability: 1%. Probability: 2%."), **rules)
    assert "within 0 and 100" in reason(a_letter("Probability: 758%."), **rules)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"score": "("}, "no regular expression"), ({"score": "[0-9]+"}, "one group"), ({"positive": "*"}, "no regular")],
)
def test_a_rule_for_sentences_must_be_a_regular_expression(wrong, words):
    with pytest.raises(ValueError, match=words):
        TextRule(**wrong)


@pytest.mark.parametrize(("sop_class", "words"), [(SC, "a picture"), (PDF, "a document")])
def test_pictures_and_documents_need_transcription(reason, sop_class, words):
    made = a_dataset(sop_class)
    made.StudyInstanceUID = STUDY
    assert words in reason(made)
    assert "answers sheet" in reason(made)


def test_a_picture_beside_a_report_changes_nothing(ask):
    made = a_dataset(SC)
    made.StudyInstanceUID = STUDY
    assert ask(made, measurements(group(number("0.5"))))["findings"] == {"nodule": {"score": 0.5}}


def test_a_parametric_map_and_a_mere_list_of_images_are_refused(reason):
    heat = a_dataset(PARAMETRIC_MAP)
    heat.StudyInstanceUID = STUDY
    assert "a parametric map or surface came back" in reason(heat)
    keys = a_report(image(), root="DCM:113000", sop_class=KEY_OBJECTS)
    assert "say nothing by themselves" in reason(keys)


def test_nothing_at_all_or_only_what_was_sent_is_no_output(reason):
    assert reason() == "no output"
    echo = a_dataset("1.2.840.10008.5.1.4.1.1.1.1")
    echo.SOPInstanceUID = echo.file_meta.MediaStorageSOPInstanceUID = IMAGE
    echo.StudyInstanceUID = STUDY
    assert reason(echo) == "no object refers to an image of the case"


def test_an_object_of_another_study_is_no_answer(reason):
    other = a_letter("Nodule suspected.")
    other.StudyInstanceUID = "9.9"
    assert reason(other, text={"nodule": RULE}) == "no object refers to an image of the case"


def test_graphics_in_pixels_are_marks_of_the_declared_finding(ask, reason):
    drawn = a_presentation(
        annotation(graphic("POLYLINE", [10, 20, 40, 20, 40, 60, 10, 60, 10, 20]), words="Nodule 0.76")
    )
    assert "option finding" in reason(drawn)
    assert ask(drawn, finding="nodule")["marks"] == [
        {"finding": "nodule", "x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0}
    ]
    rules = {"text": {"nodule": TextRule(score="Nodule ([0-9.]+)"), "mass": TextRule(score="Mass ([0-9.]+)")}}
    assert ask(drawn, **rules)["marks"][0]["score"] == 0.76


def test_text_that_fits_no_rule_or_two_fails(reason):
    drawn = a_presentation(annotation(graphic("POINT", [5, 5]), words="Nodule 0.76"))
    assert "fits 0" in reason(drawn, text={"mass": TextRule(score="Mass ([0-9.]+)")})
    assert "fits 2" in reason(drawn, text={"a": TextRule(score="([0-9.]+)"), "b": TextRule(positive="Nodule")})


def test_graphics_in_display_units_are_converted_where_the_area_tells_how(ask, reason):
    drawn = annotation(graphic("POLYLINE", [0, 0, 0.5, 0, 0.5, 0.25, 0, 0.25, 0, 0], "DISPLAY"))
    rules = {"finding": "nodule"}
    assert mark(ask(a_presentation(drawn), **rules)) == {"x": 0.0, "y": 0.0, "width": 400.0, "height": 250.0}
    part = a_presentation(drawn, area=(101, 201, 300, 400))
    assert mark(ask(part, **rules)) == {"x": 100.0, "y": 200.0, "width": 100.0, "height": 50.0}
    for turned in ({"ImageRotation": 90}, {"ImageHorizontalFlip": "Y"}, {"DisplayedAreaSelectionSequence": []}):
        assert "DISPLAY units" in reason(a_presentation(drawn, **turned), **rules)


def test_a_graphic_for_several_images_or_none_fails(reason):
    drawn = annotation(graphic("POINT", [5, 5]))
    drawn.ReferencedImageSequence = [*drawn.ReferencedImageSequence, reference(OTHER_IMAGE)]
    known = (an_image(), an_image(OTHER_IMAGE))
    assert "for 2 images" in reason(a_presentation(drawn), finding="nodule", known=known)
    compound = annotation()
    compound.CompoundGraphicSequence = [graphic("POINT", [5, 5])]
    assert "compound graphic" in reason(a_presentation(compound), finding="nodule")


def test_marks_of_a_report_and_of_a_presentation_state_do_not_count_twice(ask, reason):
    both = (measurements(group(number("0.5"), box(1, 2, 3, 4))), a_presentation(annotation(graphic("POINT", [2, 4]))))
    rules = {"finding": "nodule"}
    assert "would count twice" in reason(*both, **rules)
    assert len(ask(*both, **rules, objects=("measurements",))["marks"]) == 1


def test_a_missing_rule_is_told_from_a_failed_case(ask):
    with pytest.raises(RuleNeeded) as caught:
        ask(measurements(group(number("0.5"), finding="99X:A")))
    assert caught.value.problem.key == "objects.codes_unknown"


def test_rules_come_back_from_json_as_they_were():
    rules = DicomRules(reports=("a",), text={"a": RULE}, analysed_size=Size(rows=1, columns=2), codes={"SCT:1": "a"})
    assert DicomRules(**json.loads(json.dumps(dataclasses.asdict(rules)))) == rules


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"codes": {"27925004": "nodule"}}, "SCHEME:value"),
        ({"codes": {"SCT:1": "a"}, "ignore_codes": ("SCT:1",)}, "mapped and ignored"),
        ({"analysed_size": {"rows": 0, "columns": 5}}, "at least 1"),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        DicomRules(**wrong)


def test_the_place_of_a_finding_may_be_a_segment(ask, reason):
    mask = np.zeros((1, 1000, 800))
    mask[0, 100:150, 200:220] = 1
    segmentation = a_segmentation(mask, [1], [IMAGE])
    pointing = image(segmentation.SOPInstanceUID, concept="DCM:121191", sop_class=segmentation.SOPClassUID, segment=1)
    report = measurements(group(number("0.5"), pointing, image()))
    answer = ask(report, segmentation)
    drawn = mark(answer)
    assert np.array_equal(drawn.pop("mask")["array"], mask[0])
    assert drawn == {"x": 200.0, "y": 100.0, "width": 20.0, "height": 50.0}
    assert [int(each["array"].sum()) for each in answer["masks"]] == [1000]
    assert "0 came" in reason(report)
