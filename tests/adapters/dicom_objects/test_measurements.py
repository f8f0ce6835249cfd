"""Measurement reports: places, probabilities and codes."""

import math

import numpy as np
import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, answer_from_results
from dmn_bench.adapters.dicom_cases import CasesOfSet
from dmn_bench.adapters.dicom_rules import Size
from dmn_bench.inputs.result_objects import read_result
from tests.inputs.result_factories import (
    FRAME,
    IMAGE,
    MASS,
    NODULE,
    OTHER_IMAGE,
    SR_COMPREHENSIVE,
    SR_ENHANCED,
    a_report,
    a_slice,
    an_image,
    box,
    code,
    container,
    files,
    group,
    image,
    measurements,
    number,
    region,
    region_mm,
)

from .kit import mark


@pytest.mark.parametrize("sop_class", ["1.2.840.10008.5.1.4.1.1.88.34", SR_ENHANCED, SR_COMPREHENSIVE])
def test_a_box_with_a_probability_and_an_image_level_group_become_a_mark_and_a_finding(ask, sop_class):
    report = measurements(
        group(number("0.87"), box(10, 20, 30, 40)), group(number("0.91"), image()), sop_class=sop_class
    )
    assert ask(report) == {
        "status": "answered",
        "findings": {"nodule": {"score": 0.91}},
        "marks": [{"finding": "nodule", "x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0, "score": 0.87}],
    }


@pytest.mark.parametrize(
    ("value", "unit", "concept", "score"),
    [
        ("0.87", "1", "DCM:122157", 0.87),
        ("87", "%", "DCM:122157", 0.87),
        ("2.8", "%", "DCM:111012", 0.028),
        ("0.5", "%", "DCM:111012", 0.005),
        ("1", "1", "DCM:111047", 1.0),
        ("0.9", "1", "DCM:111012", 0.9),
    ],
)
def test_probabilities_are_converted_by_their_unit_whatever_they_are_called(ask, value, unit, concept, score):
    assert ask(measurements(group(number(value, unit, concept))))["findings"]["nodule"]["score"] == score


@pytest.mark.parametrize(
    ("value", "unit"), [("87", "1"), ("1.01", "1"), ("-0.1", "1"), ("101", "%"), ("0.5", "mm"), ("0.5", "{score}")]
)
def test_a_probability_of_another_unit_or_range_fails(reason, value, unit):
    assert "a probability" in reason(measurements(group(number(value, unit))))


def test_two_probabilities_of_one_finding_fail_unless_it_is_declared_which_counts(ask, reason):
    report = measurements(group(number("0.2"), number("60", "%", "DCM:111047")))
    assert "2 probabilities" in reason(report)
    assert ask(report, probability_codes=("DCM:111047",))["findings"]["nodule"] == {"score": 0.6}


def test_lower_scores_for_ill_patients_are_turned_round_only_when_declared(ask):
    report = measurements(group(number("0.2")))
    assert ask(report, higher_is="negative")["findings"]["nodule"] == {"score": -0.2}


@pytest.mark.parametrize(
    ("form", "points", "place"),
    [
        ("POINT", [5.5, 6.5], {"x": 5.5, "y": 6.5}),
        ("CIRCLE", [50, 60, 53, 64], {"x": 50.0, "y": 60.0, "diameter": 10.0}),
        ("POLYLINE", [1, 2, 11, 2, 11, 32, 1, 32, 1, 2], {"x": 1.0, "y": 2.0, "width": 10.0, "height": 30.0}),
        ("POLYLINE", [1, 2, 11, 5, 6, 32], {"x": 1.0, "y": 2.0, "width": 10.0, "height": 30.0}),
        ("MULTIPOINT", [1, 2, 11, 5, 6, 32], {"x": 1.0, "y": 2.0, "width": 10.0, "height": 30.0}),
        ("MULTIPOINT", [1, 2, 1, 2], {"x": 1.0, "y": 2.0}),
    ],
)
def test_a_point_a_circle_and_a_box_stay_that_and_loose_points_are_their_smallest_box(ask, form, points, place):
    assert mark(ask(measurements(group(region(form, points))))) == place


def test_the_box_of_a_turned_ellipse_is_the_one_that_its_outline_touches(ask):
    half, turn = (40.0, 15.0), math.radians(30)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    ends = [200 + s * half[0] * along[i] for s in (-1, 1) for i in (0, 1)]
    ends += [200 + s * half[1] * across[i] for s in (-1, 1) for i in (0, 1)]
    found = mark(ask(measurements(group(region("ELLIPSE", ends)))))
    corners = np.array(found["outline"]) - 200
    on_it = (corners @ along / half[0]) ** 2 + (corners @ across / half[1]) ** 2
    assert on_it == pytest.approx(1.0, abs=1e-4)
    around = np.linspace(0, 2 * math.pi, 100_000)
    for i, (start, extent) in enumerate((("x", "width"), ("y", "height"))):
        outline = 200 + half[0] * np.cos(around) * along[i] + half[1] * np.sin(around) * across[i]
        assert found[start] == pytest.approx(outline.min(), abs=1e-4)
        assert found[extent] == pytest.approx(np.ptp(outline), abs=1e-4)


def test_a_closed_line_that_is_no_box_is_an_outline_and_also_a_contour(ask):
    answer = ask(measurements(group(region("POLYLINE", [10, 10, 30, 12, 25, 40, 10, 10]))))
    box = {"x": 10.0, "y": 10.0, "width": 20.0, "height": 30.0}
    assert mark(answer) == {**box, "outline": [[10, 10], [30, 12], [25, 40]]}
    (line,) = answer["contours"]
    assert (line["structure"], line["instance"], line["points"]) == ("nodule", IMAGE, [[10, 10], [30, 12], [25, 40]])


@pytest.mark.parametrize(
    ("form", "points"),
    [
        ("POLYLINE", [5, 5, 50, 5]),
        ("CIRCLE", [5, 5]),
        ("ELLIPSE", [1, 1, 2, 2]),
        ("CIRCLE", [5, 5, 5, 5]),
        ("POLYLINE", [5, 5, 10, 10, 20, 20, 5, 5]),
        ("SPIRAL", [1, 1]),
    ],
)
def test_a_shape_that_encloses_nothing_or_has_other_points_fails(reason, form, points):
    assert reason(measurements(group(region(form, points))))


def test_a_region_outside_its_image_fails_and_says_that_perhaps_it_was_resized(reason):
    assert "perhaps the device analysed a resized image" in reason(measurements(group(box(700, 20, 103, 40))))


def test_a_region_may_reach_one_pixel_over_the_edge(ask):
    assert mark(ask(measurements(group(box(-1, 20, 802, 40)))))["width"] == 802


def test_pixels_of_a_resized_image_are_scaled_back_when_its_size_is_declared(ask, reason):
    report = measurements(group(box(100, 100, 50, 25)))
    rules = {"analysed_size": Size(rows=500, columns=200)}
    assert mark(ask(report, **rules)) == {"x": 400.0, "y": 200.0, "width": 200.0, "height": 50.0}
    assert "no circle" in reason(measurements(group(region("CIRCLE", [50, 50, 60, 50]))), **rules)
    assert "beyond" in reason(measurements(group(box(190, 100, 50, 25))), **rules)


def test_a_region_on_two_images_or_none_is_unclear(reason):
    known = (an_image(), an_image(OTHER_IMAGE))
    drawn = box(1, 2, 3, 4)
    drawn.ContentSequence = [image(), image(OTHER_IMAGE)]
    assert "on no image or several" in reason(measurements(group(drawn)), known=known)
    del drawn.ContentSequence
    assert "on no image or several" in reason(measurements(group(drawn), group(number("0.1"), image())), known=known)


def test_regions_on_whole_slides_are_not_read(reason):
    slide = "1.2.840.10008.5.1.4.1.1.77.1.6"
    assert "no known form, or on no image" in reason(measurements(group(box(1, 2, 3, 4, sop_class=slide))))


def test_frames_are_checked_against_the_image(ask, reason):
    tomosynthesis = (an_image(n_frames=40),)
    assert mark(ask(measurements(group(box(1, 2, 3, 4, frames=[7]))), known=tomosynthesis))["frame"] == 7
    assert "frame 41" in reason(measurements(group(box(1, 2, 3, 4, frames=[41]))), known=tomosynthesis)
    assert "found none" in reason(measurements(group(box(1, 2, 3, 4))), known=tomosynthesis)
    assert "found 7, 8" in reason(measurements(group(box(1, 2, 3, 4, frames=[7, 8]))), known=tomosynthesis)
    assert "frame 2" in reason(measurements(group(box(1, 2, 3, 4, frames=[2]))))
    assert "frame" not in mark(ask(measurements(group(box(1, 2, 3, 4, frames=[1])))))


def test_a_region_in_millimetres_needs_the_frame_of_reference_of_an_image(ask, reason):
    known = (an_image(frame_of_reference_uid=FRAME),)
    point = measurements(group(number("0.5"), region_mm("POINT", [1, 2, 3]), image()))
    assert mark(ask(point, known=known)) == {"x_mm": 1.0, "y_mm": 2.0, "z_mm": 3.0}
    ball = group(region_mm("ELLIPSOID", [0, 0, 0, 10, 0, 0, 5, -4, 0, 5, 4, 0, 5, 0, -3, 5, 0, 3]), image())
    centre = {"x_mm": 5.0, "y_mm": 0.0, "z_mm": 0.0}
    assert mark(ask(measurements(ball), known=known)) == {**centre, "size_mm": [10.0, 8.0, 6.0]}
    sphere = group(region_mm("ELLIPSOID", [0, 0, 0, 10, 0, 0, 5, -3, -4, 5, 3, 4, 5, 4, -3, 5, -4, 3]), image())
    assert mark(ask(measurements(sphere), known=known)) == {**centre, "diameter_mm": 10.0}
    turned = group(region_mm("ELLIPSOID", [0, 0, 0, 10, 0, 0, 5, -6, -8, 5, 6, 8, 5, 4, -3, 5, -4, 3]), image())
    found = mark(ask(measurements(turned), known=known))["size_mm"]
    assert found == pytest.approx([10.0, 2 * math.hypot(6, 4), 2 * math.hypot(8, 3)])
    flat = group(region_mm("ELLIPSOID", [0, 0, 0, 10, 0, 0, 5, -4, 0, 5, 4, 0, 5, 0, 0, 5, 0, 0]), image())
    assert "encloses nothing" in reason(measurements(flat), known=known)
    other = measurements(group(region_mm("POINT", [1, 2, 3], "9.9"), image()))
    assert "frame of reference 9.9" in reason(other, known=known)


def test_a_region_on_a_slice_of_a_series_is_a_place_in_the_patient(ask):
    series = tuple(a_slice(place) for place in range(3))
    report = measurements(group(box(1, 1, 2, 2, "1.2.3.1.2")))
    # the centre of the box is (2, 2) px: 1.5 columns of 0.5 mm and 1.5 rows of 2 mm from the centre of the first pixel
    assert mark(ask(report, known=series)) == {"x_mm": 10.75, "y_mm": 23.0, "z_mm": 6.0}
    volume = measurements(group(*(box(1, 1, 2, 2, f"1.2.3.1.{place}") for place in range(3))))
    assert mark(ask(volume, known=series)) == {"x_mm": 10.75, "y_mm": 23.0, "z_mm": 3.0}


def test_several_regions_on_one_slice_or_several_points_are_not_one_finding(reason):
    series = tuple(a_slice(place) for place in range(3))
    apart = measurements(group(box(1, 1, 1, 1, "1.2.3.1.2"), box(3, 3, 1, 1, "1.2.3.1.2")))
    points = measurements(group(region_mm("POINT", [1, 2, 3]), region_mm("POINT", [9, 9, 9]), image("1.2.3.1.2")))
    for report in (apart, points):
        assert "not the planes of one volume" in reason(report, known=series)


def test_several_regions_on_one_radiograph_are_not_one_finding(reason):
    assert "several regions" in reason(measurements(group(box(1, 1, 5, 5), box(50, 50, 5, 5))))


def test_an_unknown_instance_fails_the_case(reason):
    report = measurements(group(number("0.5"), image()), group(box(1, 1, 5, 5, "9.9.9")))
    assert "unknown instance 9.9.9" in reason(report)


def test_what_concerns_another_image_of_the_set_is_left_to_its_case(tmp_path):
    report = measurements(group(number("0.5"), image()), group(number("0.9"), image(OTHER_IMAGE)))
    (read,) = map(read_result, files(tmp_path, report))
    both = [[an_image(uid)] for uid in (IMAGE, OTHER_IMAGE)]
    cases = CasesOfSet(both)
    scores = [
        answer_from_results([read], known, DicomRules(), cases, place)["findings"]["nodule"]["score"]
        for place, known in enumerate(both)
    ]
    assert scores == [0.5, 0.9]


def test_unknown_codes_are_listed_together_and_can_be_mapped_or_left_out(ask, reason):
    report = measurements(group(number("0.5"), finding="99X:A"), group(number("0.6"), finding="99X:B"))
    assert "99X:A (word), 99X:B (word)" in reason(report)
    answer = ask(report, codes={"99X:A": "nodule"}, ignore_codes=("99X:B",))
    assert answer["findings"] == {"nodule": {"score": 0.5}}


def test_old_snomed_codes_are_the_new_ones(ask):
    report = measurements(group(number("0.5"), finding="SRT:M-03010"))
    assert ask(report)["findings"] == {"nodule": {"score": 0.5}}
    assert ask(report, codes={"SRT:M-03010": "spot"})["findings"] == {"spot": {"score": 0.5}}


def test_the_candidates_own_codes_go_before_the_shipped_ones(ask):
    report = measurements(group(number("0.5")))
    assert ask(report, codes={NODULE: "lung_lesion"})["findings"] == {"lung_lesion": {"score": 0.5}}


@pytest.mark.parametrize(
    ("concept", "value", "label"),
    [
        ("DCM:111413", "SCT:52101004", "positive"),
        ("DCM:111413", "SCT:2667000", "negative"),
        ("SCT:705057003", "SCT:272519000", "negative"),
        ("DCM:121071", "SCT:373572006", "negative"),
        ("DCM:111413", "SRT:R-4089B", "negative"),
        ("SCT:260411009", "SCT:82334004", "indeterminate"),
    ],
)
def test_a_word_of_presence_or_absence_is_a_label(ask, concept, value, label):
    assert ask(measurements(group(code(concept, value))))["findings"] == {"nodule": {"label": label}}


def test_an_absence_may_modify_the_finding_itself(ask):
    absent = code("SCT:705057003", "SCT:272519000", relation="HAS CONCEPT MOD")
    stated = container("DCM:125007", code("DCM:121071", NODULE, absent))
    assert ask(measurements(stated))["findings"] == {"nodule": {"label": "negative"}}


def test_a_no_to_another_question_is_no_absence_of_the_finding_once_that_is_declared(ask, reason):
    report = measurements(group(number("0.9"), code("99X:CALCIFIED", "SCT:272519000")))
    assert "99X:CALCIFIED = SCT:272519000 (word). List it under the option ignore_questions" in reason(report)
    assert ask(report, ignore_questions=("99X:CALCIFIED",))["findings"] == {"nodule": {"score": 0.9}}


def test_a_finding_called_both_or_drawn_though_absent_fails(reason):
    both = group(code("DCM:111413", "SCT:52101004"), code("SCT:705057003", "SCT:272519000"))
    assert "both present and absent" in reason(measurements(both))
    assert "calls absent" in reason(measurements(group(code("DCM:111413", "SCT:2667000"), box(1, 1, 5, 5))))


def test_qualitative_evaluations_are_findings_with_a_label(ask):
    report = a_report(container("UMLS:C0034375", code(NODULE, "SCT:373573001"), code(MASS, "SCT:373572006")), group())
    answer = ask(a_report(*report.ContentSequence[:1], container("DCM:126010", group(number("0.3"), finding="99X:Q"))),
                 ignore_codes=("99X:Q",))  # fmt: skip
    assert answer["findings"] == {"nodule": {"label": "positive"}, "mass": {"label": "negative"}}


def test_an_overall_assessment_outside_groups_needs_to_know_its_finding(ask, reason):
    report = a_report(code("DCM:111413", "SCT:2667000"))
    assert "option finding" in reason(report)
    assert ask(report, finding="nodule")["findings"] == {"nodule": {"label": "negative"}}


def test_a_finding_stated_twice_fails(reason):
    assert "two answers: nodule" in reason(measurements(group(number("0.5")), group(number("0.6"))))


def test_findings_of_several_images_of_one_case_need_a_rule(ask, reason):
    known = (an_image(), an_image(OTHER_IMAGE))
    report = measurements(group(number("0.5"), image()), group(number("0.6"), image(OTHER_IMAGE)))
    assert "combine_images" in reason(report, known=known)
    assert ask(report, known=known, combine_images="highest")["findings"] == {"nodule": {"score": 0.6}}


def test_marks_of_a_case_with_several_images_name_theirs(ask):
    known = (an_image(), an_image(OTHER_IMAGE))
    said = ask(measurements(group(box(1, 2, 3, 4, OTHER_IMAGE))), known=known, silent_images="accepted")
    assert mark(said)["image"] == f"{OTHER_IMAGE}.dcm"


def test_a_report_about_one_of_two_images_is_no_answer_for_the_other(ask, reason):
    known = (an_image(), an_image(OTHER_IMAGE))
    about_one = measurements(group(number("0.02"), image()))
    assert "no output for 1 of 2 images" in reason(about_one, known=known)
    assert ask(about_one, known=known, silent_images="accepted")["findings"] == {"nodule": {"score": 0.02}}
    about_none = measurements(group(number("0.02")))
    assert ask(about_none, known=known)["findings"] == {"nodule": {"score": 0.02}}


def test_the_score_of_one_image_and_the_label_of_another_are_not_made_into_one(reason):
    known = (an_image(), an_image(OTHER_IMAGE))
    report = measurements(group(code("DCM:111413", "SCT:2667000"), image()), group(number("0.9"), image(OTHER_IMAGE)))
    assert "cannot be made into one" in reason(report, known=known, combine_images="highest")


def test_a_nested_group_takes_what_it_leaves_out_from_the_group_around_it(ask):
    inner = container("DCM:125007", number("0.7"), box(1, 2, 3, 4))
    answer = ask(measurements(group(inner, finding=MASS)))
    assert answer["marks"] == [{"finding": "mass", "x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0, "score": 0.7}]


def test_a_group_that_only_names_a_finding_or_several_fails(reason):
    assert "without a probability" in reason(measurements(group()))
    assert "several findings" in reason(measurements(group(code("DCM:121071", MASS), number("0.5"))))


def test_a_finding_with_an_unknown_number_alone_is_no_all_clear(ask, reason):
    report = measurements(group(number("0.9", "1", "99V:SCORE"), image()))
    assert "nothing but numbers that have no name here: 99V:SCORE" in reason(report)
    assert ask(report, probability_codes=("99V:SCORE",))["findings"] == {"nodule": {"score": 0.9}}
    named = ask(report, measurements={"99V:SCORE": "grade"})
    assert named == {"status": "answered", "measurements": {"grade": {"value": 0.9, "unit": "1"}}}


def test_a_group_of_measurements_without_a_finding_has_not_looked_for_marks(ask):
    assert "marks" not in ask(measurements(group(number("12", "mm", "SCT:103339001"), image(), finding=None)))


def test_a_measured_line_is_not_the_place_of_the_finding(reason):
    line = number("12", "mm", "SCT:103339001", region("POLYLINE", [1, 1, 9, 9]))
    assert "without saying that this is the place" in reason(measurements(group(number("0.5"), line)))
