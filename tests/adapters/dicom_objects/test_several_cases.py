"""Objects about several cases of a set: what names no image of one alone is given to none of them."""

import numpy as np
import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, ResultError, answer_from_results
from dmn_bench.adapters.dicom_cases import CasesOfSet
from dmn_bench.inputs.result_objects import read_result
from tests.inputs.result_factories import (
    CHEST_CAD,
    IMAGE,
    MASS,
    OTHER_IMAGE,
    a_cad,
    a_report,
    a_segmentation,
    a_slice,
    a_structure_set,
    an_image,
    box,
    code,
    container,
    files,
    group,
    image,
    measurements,
    number,
    reference,
    region_mm,
    text,
)

UNCLEAR = "it does not say which of 2 cases"
LEFT = code("SCT:272741003", "SCT:7771000")
APART = ([an_image()], [an_image(OTHER_IMAGE)])
SIDED = ([an_image(laterality="L")], [an_image(OTHER_IMAGE, laterality="R")])
SHARED = ([an_image()], [an_image()])


@pytest.fixture
def each(tmp_path):
    """What objects say of every case: the answer, or why there is none."""

    def asked(*objects, cases=APART, **rules):
        read = [read_result(path) for path in files(tmp_path, *objects)]
        found = []
        for place, known in enumerate(cases):
            try:
                found.append(answer_from_results(read, known, DicomRules(**rules), CasesOfSet(cases), place))
            except ResultError as error:
                found.append(error.reason)
        return found

    return asked


def refused(answers):
    return [isinstance(answer, str) and UNCLEAR in answer for answer in answers]


def findings(answers):
    return [answer if isinstance(answer, str) else answer["findings"] for answer in answers]


@pytest.mark.parametrize("said", [number("0.9"), code("DCM:111413", "SCT:2667000"), region_mm("POINT", [1, 2, 3])])
def test_a_statement_without_an_image_in_a_report_about_two_cases_is_given_to_neither(each, said):
    on_each = [group(number("0.1"), image(uid), finding=MASS) for uid in (IMAGE, OTHER_IMAGE)]
    assert refused(each(measurements(group(said), *on_each))) == [True, True]


def test_a_statement_without_an_image_may_be_about_what_is_only_listed_as_evidence(each):
    study, series = a_report(), a_report()
    series.ReferencedSOPSequence = [reference(), reference(OTHER_IMAGE)]
    study.ReferencedSeriesSequence = [series]
    on_one = group(number("0.1"), image(), finding=MASS)
    report = measurements(group(number("0.9")), on_one, CurrentRequestedProcedureEvidenceSequence=[study])
    assert UNCLEAR in each(report)[0]


def test_a_report_without_images_of_a_study_that_is_two_cases_is_given_to_neither(each):
    assert refused(each(measurements(group(number("0.9"))))) == [True, True]


def test_a_statement_on_the_images_of_two_cases_is_given_to_neither(each):
    assert refused(each(measurements(group(number("0.9"), image(), image(OTHER_IMAGE))))) == [True, True]


def test_a_statement_without_an_image_is_about_the_one_case_of_its_side(each):
    left, right = each(measurements(group(number("0.9"), LEFT)), cases=SIDED)
    assert left["findings"] == {"nodule": {"score": 0.9}}
    assert "states no finding" in right


def test_a_side_that_no_case_or_more_than_one_may_have_tells_nothing(each):
    report = measurements(group(number("0.9"), LEFT))
    assert refused(each(report, cases=APART)) == [True, True]
    assert refused(each(report, cases=(SIDED[1], [an_image(laterality="R")]))) == [True, True]


def test_a_drawn_statement_is_about_the_case_of_the_image_that_it_is_drawn_on(each):
    drawn = group(number("0.9"), box(1, 2, 3, 4), image(), image(OTHER_IMAGE))
    first, second = each(measurements(drawn))
    assert len(first["marks"]) == 1
    assert "states no finding" in second


def test_a_segment_is_about_the_case_of_the_image_that_it_lies_on(each):
    mask = np.zeros((1, 1000, 800))
    mask[0, 100:150, 200:220] = 1
    made = a_segmentation(mask, [1], [IMAGE])
    pointing = image(made.SOPInstanceUID, concept="DCM:121191", sop_class=made.SOPClassUID, segment=1)
    other = group(number("0.1"), image(OTHER_IMAGE))
    library = container("DCM:111028", image(), image(OTHER_IMAGE))
    report = a_report(library, container("DCM:126010", group(number("0.5"), pointing), other))
    first, second = each(report, made)
    assert [mark["score"] for mark in first["marks"]] == [0.5]
    assert UNCLEAR in second  # the segment did not come for it


def test_sentences_about_two_cases_are_read_for_neither(each):
    letter = a_report(text("DCM:121071", "nodule 90%"), image(), image(OTHER_IMAGE), root="LN:18748-4")
    rule = {"nodule": {"score": "([0-9]+)%", "score_unit": "%"}}
    assert refused(each(letter, text=rule)) == [True, True]


def test_an_all_clear_is_for_the_images_that_it_lists_and_for_no_study_of_several_cases(each):
    library = container("DCM:111028", image(), image(OTHER_IMAGE))
    clear = [code("DCM:111017", "DCM:111241"), code("DCM:111064", "DCM:111222")]
    cad = {"root": "DCM:112000", "sop_class": CHEST_CAD}
    negative = {"nodule": {"label": "negative"}}
    assert findings(each(a_report(library, *clear, **cad), reports=("nodule",))) == [negative, negative]
    assert refused(each(a_report(*clear, **cad), reports=("nodule",))) == [True, True]
    assert findings(each(a_cad(), reports=("nodule",)))[0] == negative


def test_an_empty_report_is_for_no_study_of_several_cases(each):
    rules = {"empty_report": "negative", "reports": ("nodule",)}
    assert refused(each(measurements(), **rules)) == [True, True]


def test_an_image_that_is_two_cases_answers_for_neither_without_a_side(each):
    assert refused(each(measurements(group(number("0.9"), image())), cases=SHARED)) == [True, True]
    both = ([an_image(laterality="L")], [an_image(laterality="R")])
    left, right = each(measurements(group(number("0.9"), image(), LEFT)), cases=both)
    assert left["findings"] == {"nodule": {"score": 0.9}}
    assert "states no finding" in right


def test_planes_that_name_no_image_are_given_to_no_case_of_several(each):
    square = (10.0, 20.0, 3.0, 11.0, 20.0, 3.0, 11.0, 22.0, 3.0)
    unnamed = a_structure_set(("GTV", [("CLOSED_PLANAR", square, None)]))
    twins = ([a_slice(1)], [a_slice(1)])
    assert refused(each(unnamed, cases=twins, finding="nodule")) == [True, True]
    assert refused(each(a_segmentation(np.ones((1, 4, 6)), [1], ["1.2.3.1.1"]), cases=twins)) == [True, True]
