"""Measurement reports: sides, measurements, emptiness, and several reports at once."""

import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, ResultError, answer_from_results
from dmn_bench.adapters.dicom_cases import CasesOfSet
from dmn_bench.inputs.result_objects import read_result
from tests.inputs.result_factories import (
    IMAGE,
    KEY_OBJECTS,
    MASS,
    NODULE,
    OTHER_IMAGE,
    a_cad,
    a_report,
    an_image,
    box,
    cad_finding,
    code,
    container,
    files,
    group,
    image,
    measurements,
    number,
    reference,
    text,
)


@pytest.mark.parametrize("old", [True, False])
def test_a_contradictory_side_fails_the_case(ask, reason, old):
    left = code("SRT:G-C171" if old else "SCT:272741003", "SRT:G-A101" if old else "SCT:7771000")
    site = code("SRT:G-C0E3" if old else "SCT:363698007", "SCT:39607008", left)
    report = measurements(group(number("0.5"), site))
    assert "the side L" in reason(report, known=(an_image(laterality="R"),))
    for side in ("L", "B", ""):
        assert ask(report, known=(an_image(laterality=side),))["findings"] == {"nodule": {"score": 0.5}}


def test_measurements_carry_their_units_and_names(ask, reason):
    report = measurements(group(number("0.5"), number("12.5", "mm", "SCT:103339001")))
    named = {"measurements": {"SCT:103339001": "long_axis"}}
    assert ask(report, **named)["measurements"] == {"long_axis": {"value": 12.5, "unit": "mm"}}
    assert ask(report)["measurements"] == {"SCT:103339001": {"value": 12.5, "unit": "mm"}}
    axis = number("9", "mm", "SCT:103339001")
    twice = measurements(group(axis, box(1, 1, 5, 5)), group(axis, box(50, 50, 5, 5)))
    assert "measurements" not in ask(twice)
    assert "several times: long_axis" in reason(twice, **named)


def test_a_derived_measurement_is_another_one_than_its_sibling(ask):
    uptake = [
        number(value, "g/ml", "DCM:126401", code("DCM:121401", f"SCT:{kind}")) for value, kind in (("6", 1), ("9", 2))
    ]
    found = ask(measurements(group(number("0.5"), *uptake)), measurements={"DCM:126401/SCT:2": "maximum"})
    assert found["measurements"]["maximum"] == {"value": 9.0, "unit": "g/ml"}
    assert found["measurements"]["DCM:126401/SCT:1"] == {"value": 6.0, "unit": "g/ml"}


def test_a_report_that_states_nothing_is_no_negative_unless_declared(ask, reason):
    empty = measurements(ContentDate="20260101", CurrentRequestedProcedureEvidenceSequence=_evidence(IMAGE))
    assert "no absence either" in reason(empty)
    rules = {"empty_report": "negative", "reports": ("nodule",)}
    assert ask(empty, **rules) == {"status": "answered", "findings": {"nodule": {"label": "negative"}}, "marks": []}


def test_two_reports_are_two_answers_unless_a_rule_says_which_counts(ask, reason):
    first = measurements(group(number("0.1"), image()), ContentDate="20260101")
    second = measurements(group(number("0.2"), image()), ContentDate="20260102")
    assert reason(first, second).startswith("two answers")
    assert ask(first, second, several="latest")["findings"]["nodule"]["score"] == 0.2
    assert ask(second, first, several="first")["findings"]["nodule"]["score"] == 0.1
    assert "same moment" in reason(
        first, measurements(group(number("0.3"), image()), ContentDate="20260101"), several="latest"
    )


def test_the_same_object_received_twice_is_one(ask):
    report = measurements(group(number("0.1"), image()))
    assert ask(report, report)["findings"]["nodule"]["score"] == 0.1


def test_two_objects_that_differ_must_not_share_a_uid(reason):
    first, second = measurements(group(number("0.1"), image())), measurements(group(number("0.2"), image()))
    second.SOPInstanceUID = second.file_meta.MediaStorageSOPInstanceUID = first.SOPInstanceUID
    assert "the same UID" in reason(first, second)


def test_a_report_that_speaks_of_another_case_alone_says_nothing_of_this_one(tmp_path):
    library = container("DCM:111028", image(), image(OTHER_IMAGE))
    report = a_report(library, container("DCM:126010", group(number("0.5"), box(1, 2, 3, 4))))
    (read,) = map(read_result, files(tmp_path, report))
    known = [[an_image()], [an_image(OTHER_IMAGE)]]
    with pytest.raises(ResultError, match="no absence either"):
        answer_from_results([read], known[1], DicomRules(), CasesOfSet(known), 1)


def test_reports_on_different_images_of_one_case_are_one_answer(ask):
    known = (an_image(), an_image(OTHER_IMAGE))
    first = measurements(group(number("0.1"), image(), finding=NODULE))
    second = measurements(group(number("0.2"), image(OTHER_IMAGE), finding=MASS))
    assert ask(first, second, known=known)["findings"] == {"nodule": {"score": 0.1}, "mass": {"score": 0.2}}


def test_a_root_report_that_refers_to_another_is_one_answer_with_it(ask):
    part = measurements(group(number("0.1"), image()))
    root = a_report(image(part.SOPInstanceUID, sop_class=part.SOPClassUID), image())
    assert ask(root, part)["findings"] == {"nodule": {"score": 0.1}}


def test_a_rejection_note_beside_the_objects_of_one_case_withdraws_what_it_names(ask, reason):
    bad, again = measurements(group(number("0.9"), image())), measurements(group(number("0.2"), image()))
    named = image(bad.SOPInstanceUID, sop_class=bad.SOPClassUID)
    note = a_report(named, root="DCM:113001", sop_class=KEY_OBJECTS)
    assert "a rejection note names it" in reason(bad, note)
    assert ask(bad, note, again)["findings"] == {"nodule": {"score": 0.2}}


@pytest.mark.parametrize(
    ("state", "option"),
    [({"CompletionFlag": "PARTIAL"}, "partial"), ({"PreliminaryFlag": "PRELIMINARY"}, "preliminary")],
)
@pytest.mark.parametrize("kind", ["measurements", "cad", "text"])
def test_a_report_that_is_not_complete_or_not_final_is_an_answer_only_when_declared(ask, reason, state, option, kind):
    report = {
        "measurements": lambda: measurements(group(number("0.9"), image()), **state),
        "cad": lambda: a_cad(cad_finding(NODULE, box(1, 2, 3, 4)), **state),
        "text": lambda: a_report(text("DCM:121071", "nodule"), image(), root="LN:18748-4", **state),
    }[kind]()
    rules = {"text": {"nodule": {"positive": "nodule"}}, "reports": ("nodule",)}
    assert f"the option {option}" in reason(report, **rules)
    assert "nodule" in ask(report, **rules, **{option: "answered"})["findings"]


@pytest.mark.parametrize("several", ["refuse", "latest", "first"])
def test_a_report_that_another_one_replaces_is_not_heard(ask, several):
    old = measurements(group(number("0.9"), box(1, 1, 50, 50)), ContentDate="20260101")
    new = measurements(group(number("0.2"), box(1, 1, 40, 50)), PredecessorDocumentsSequence=_evidence(old))
    for objects in ((old, new), (new, old)):
        assert [mark["score"] for mark in ask(*objects, several=several)["marks"]] == [0.2]


@pytest.mark.parametrize("missing", ["ContentTime", "ContentDate"])
def test_a_report_without_a_time_is_neither_the_latest_nor_the_first(reason, missing):
    first = measurements(group(number("0.9"), image()), **{missing: ""})
    second = measurements(group(number("0.1"), image()), ContentTime="000001")
    for several in ("latest", "first"):
        assert "a date or time is missing" in reason(first, second, several=several)


def test_the_latest_report_is_told_across_time_zones_if_both_name_theirs(ask, reason):
    late = measurements(group(number("0.9"), image()), ContentTime="120000", TimezoneOffsetFromUTC="+0000")
    early = measurements(group(number("0.1"), image()), ContentTime="123000", TimezoneOffsetFromUTC="+0200")
    assert ask(early, late, several="latest")["findings"] == {"nodule": {"score": 0.9}}
    assert ask(early, late, several="first")["findings"] == {"nodule": {"score": 0.1}}
    del early.TimezoneOffsetFromUTC
    assert "names no time zone" in reason(early, late, several="latest")


def test_the_same_moment_is_the_same_however_many_decimals_it_has(reason):
    first = measurements(group(number("0.9"), image()), ContentTime="120000")
    second = measurements(group(number("0.1"), image()), ContentTime="120000.000")
    assert "same moment" in reason(first, second, several="latest")


def test_a_report_that_refers_to_another_of_its_kind_and_image_is_its_rival(ask, reason):
    old = measurements(group(number("0.9"), box(1, 1, 50, 50)), ContentDate="20260101")
    link = image(old.SOPInstanceUID, sop_class=old.SOPClassUID)
    new = measurements(group(number("0.2"), box(1, 1, 40, 50)), link)
    assert reason(old, new).startswith("two answers")
    assert [mark["score"] for mark in ask(old, new, several="latest")["marks"]] == [0.2]
    assert [mark["score"] for mark in ask(old, new, several="first")["marks"]] == [0.9]


def _evidence(report_or_uid):
    study, series = a_report(), a_report()
    series.ReferencedSOPSequence = [reference(getattr(report_or_uid, "SOPInstanceUID", report_or_uid))]
    study.ReferencedSeriesSequence = [series]
    return [study]
