"""A folder of result objects as the answers of a whole set: every case once, everything wrong listed together."""

import json
from dataclasses import replace

import pytest

from dmn_bench.adapters.dicom_answers import DicomRules
from dmn_bench.adapters.dicom_results import DicomResults
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import Answer, FindingAnswer, Mark
from dmn_bench.wordings import say_problem
from tests.inputs.factories import a_dataset, saved
from tests.inputs.result_factories import (
    IMAGE,
    KEY_OBJECTS,
    OTHER_IMAGE,
    SC,
    SR_TEXT,
    STUDY,
    a_cad,
    a_report,
    an_image,
    box,
    group,
    image,
    measurements,
    number,
    reference,
    text,
)  # fmt: skip

from .kit import keys, problem_keys


def a_case(case_id, uid, *, study=STUDY, laterality="", **known):
    found = keys(case_id, files=[f"{case_id}.dcm"], uids={uid: f"{case_id}.dcm"}, studies=[study],
                 sizes={f"{case_id}.dcm": (800, 1000)})  # fmt: skip
    instance = an_image(uid, name=f"{case_id}.dcm", study_instance_uid=study, **known)
    return replace(found, instances=(instance,), case=replace(found.case, laterality=laterality))


@pytest.fixture
def cases():
    return [a_case("first", IMAGE, study="1.1"), a_case("second", OTHER_IMAGE, study="1.2")]


@pytest.fixture
def answers(tmp_path):
    def asked(cases, *objects, **options):
        for place, dataset in enumerate(objects):
            saved(dataset, tmp_path / "results" / f"sub{place}" / "x")
        rules = {name: value for name, value in options.items() if name not in ("ignore_files", "cases_not_in_set")}
        others = {name: value for name, value in options.items() if name not in rules}
        adapter = DicomResults(folder="results", dicom=DicomRules(**rules), **others)
        return [each.answer for each in adapter.answers(cases, tmp_path)]

    return asked


def a_result(uid, value="0.5", *more, **attributes):
    return measurements(group(number(value), image(uid)), *more, **attributes)


def test_every_case_has_its_own_answer_in_the_order_of_the_set(answers, cases):
    found = answers(cases, a_result(OTHER_IMAGE, "0.2"), a_result(IMAGE, "0.1"))
    assert [(each.case_id, each.findings["nodule"].score) for each in found] == [("first", 0.1), ("second", 0.2)]


def test_a_case_without_an_object_has_no_output(answers, cases):
    found = answers(cases, a_result(IMAGE))
    assert [(each.status, each.reason) for each in found] == [("answered", ""), ("failed", "no output")]


def test_marks_are_in_the_names_of_the_set_and_none_means_looked_and_found_none(answers, cases):
    found = answers(cases, a_result(IMAGE, "0.9", group(number("0.8"), box(1, 2, 3, 4))), a_result(OTHER_IMAGE, "0.1"))
    assert found[0] == Answer(
        case_id="first",
        status="answered",
        findings={"nodule": FindingAnswer(score=0.9)},
        marks=(Mark(finding="nodule", x=1.0, y=2.0, width=3.0, height=4.0, score=0.8),),
    )
    assert found[1].marks == ()


def test_a_device_that_never_marks_says_nothing_of_marks(answers, cases):
    assert [each.marks for each in answers(cases, a_result(IMAGE), a_result(OTHER_IMAGE))] == [None, None]


def test_one_object_about_two_cases_answers_for_each(answers, cases):
    both = measurements(group(number("0.5"), image()), group(number("0.9"), image(OTHER_IMAGE)))
    assert [each.findings["nodule"].score for each in answers(cases, both)] == [0.5, 0.9]


def test_an_object_that_names_no_image_is_about_its_study(answers, cases):
    letter = a_report(text("DCM:111412", "Nodule 0.3"), root="LN:18748-4", sop_class=SR_TEXT, StudyInstanceUID="1.2")
    found = answers(cases, letter, text={"nodule": {"score": "Nodule ([0-9.]+)"}})
    assert [each.status for each in found] == ["failed", "answered"]
    assert found[1].findings["nodule"].score == 0.3


def test_objects_about_unknown_instances_stop_everything_and_are_listed(answers, cases):
    with pytest.raises(CandidateError) as caught:
        answers(cases, a_result(IMAGE), a_result("9.9.1"), a_result("9.9.2"))
    assert problem_keys(caught) == {"objects.instances_unknown"}
    assert [problem.facts["found"] for problem in caught.value.problems] == ["9.9.1", "9.9.2"]


def test_objects_about_unknown_instances_are_left_out_when_asked_for(answers, cases):
    found = answers(cases, a_result(IMAGE), a_result("9.9.1"), cases_not_in_set="ignore")
    assert [each.status for each in found] == ["answered", "failed"]


def test_an_object_about_a_known_and_an_unknown_instance_is_never_left_out(answers, cases):
    both = measurements(group(number("0.5"), image()), group(number("0.9"), image("9.9.1")))
    with pytest.raises(CandidateError):
        answers(cases, both, cases_not_in_set="ignore")


def test_an_object_of_an_unknown_study_is_listed(answers, cases):
    made = a_dataset(SC)
    made.StudyInstanceUID = "9.9"
    with pytest.raises(CandidateError) as caught:
        answers(cases, made)
    assert problem_keys(caught) == {"objects.instances_unknown"}


def test_two_objects_for_one_image_fail_that_case_alone(answers, cases):
    found = answers(cases, a_result(IMAGE, "0.1"), a_result(IMAGE, "0.2"), a_result(OTHER_IMAGE))
    assert [each.status for each in found] == ["failed", "answered"]
    assert found[0].reason.startswith("two answers")


def test_reasons_name_no_uid_of_the_hospital(answers, cases):
    twin = a_result(IMAGE, "0.2")
    first = a_result(IMAGE, "0.1")
    twin.SOPInstanceUID = twin.file_meta.MediaStorageSOPInstanceUID = first.SOPInstanceUID
    assert answers(cases, first, twin)[0].reason == "two objects that differ have the same UID (UID)"


def test_a_report_that_was_replaced_by_one_about_another_case_alone_does_not_count(answers, cases):
    old = measurements(group(number("0.5"), image()), group(number("0.9"), image(OTHER_IMAGE)))
    study, series = a_dataset(SR_TEXT), a_dataset(SR_TEXT)
    series.ReferencedSOPSequence, study.ReferencedSeriesSequence = [reference(old.SOPInstanceUID)], [series]
    new = a_result(OTHER_IMAGE, "0.2", PredecessorDocumentsSequence=[study])
    first, second = answers(cases, old, new)
    assert (first.status, first.reason[:20]) == ("failed", "a later report took ")
    assert second.findings["nodule"].score == 0.2


@pytest.mark.parametrize(("title", "counts"), [("DCM:113001", False), ("DCM:113037", False), ("DCM:113000", True)])
def test_an_object_that_a_rejection_note_names_does_not_count(answers, cases, title, counts):
    bad, good = a_result(IMAGE, "0.9"), a_result(OTHER_IMAGE, "0.1")
    named = image(bad.SOPInstanceUID, sop_class=bad.SOPClassUID)
    first, second = answers(cases, a_report(named, image(), root=title, sop_class=KEY_OBJECTS), bad, good)
    assert first.status == ("answered" if counts else "failed")
    assert ("a rejection note names it" in first.reason) != counts
    assert second.status == "answered"


def test_a_rejection_note_that_names_no_image_is_understood_too(answers, cases):
    bad, again = a_result(IMAGE, "0.9"), a_result(IMAGE, "0.2")
    note = a_report(image(bad.SOPInstanceUID, sop_class=bad.SOPClassUID), root="DCM:113039", sop_class=KEY_OBJECTS)
    assert answers(cases, bad, note, again)[0].findings["nodule"].score == 0.2


def test_the_side_that_the_set_states_goes_before_that_of_the_file(answers):
    from tests.inputs.result_factories import code

    left = measurements(group(number("0.5"), image(), code("SCT:272741003", "SCT:7771000")))
    assert answers([a_case("c", IMAGE, laterality="L")], left)[0].status == "answered"
    assert "the side L" in answers([a_case("c", IMAGE, laterality="R")], left)[0].reason


def test_codes_of_all_objects_without_a_name_are_listed_once(answers, cases):
    objects = [
        measurements(group(number("0.5"), image(uid), finding=f"99X:{word}"))
        for uid, word in ((IMAGE, "A"), (OTHER_IMAGE, "B"))
    ]
    with pytest.raises(CandidateError) as caught:
        answers(cases, *objects)
    (problem,) = caught.value.problems
    assert problem.facts == {"n": 2, "found": "99X:A (word), 99X:B (word)"}
    for language in ("en", "fr"):
        assert "99X:A" in say_problem(problem, language)


def test_a_missing_rule_stops_everything(answers, cases):
    with pytest.raises(CandidateError) as caught:
        answers(cases, a_cad())
    assert problem_keys(caught) == {"objects.all_clear"}


def test_files_that_are_no_objects_are_listed_or_left_out(answers, cases, tmp_path):
    saved(a_result(IMAGE), tmp_path / "results" / "a.dcm")
    (tmp_path / "results" / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "results" / ".hidden").write_text("hello", encoding="utf-8")
    with pytest.raises(CandidateError) as caught:
        answers(cases)
    assert [problem.where for problem in caught.value.problems] == ["results/notes.txt"]
    assert answers(cases, ignore_files=("*.txt",))[0].status == "answered"


def test_a_folder_that_is_missing_or_empty_is_an_error(answers, cases, tmp_path):
    with pytest.raises(CandidateError) as caught:
        answers(cases)
    assert problem_keys(caught) == {"objects.no_folder"}
    (tmp_path / "results").mkdir()
    with pytest.raises(CandidateError) as caught:
        answers(cases)
    assert problem_keys(caught) == {"objects.none"}


def test_the_identity_is_every_file_and_changes_with_it(tmp_path):
    path = saved(a_result(IMAGE), tmp_path / "results" / "deep" / "a.dcm")
    adapter = DicomResults(folder="results")
    before = adapter.identity(tmp_path)
    assert list(before) == ["results/deep/a.dcm"]
    path.write_bytes(path.read_bytes() + b"\0")
    assert adapter.identity(tmp_path) != before


def test_the_catalogue_makes_the_adapter_from_what_a_protocol_writes():
    options = {
        "folder": "out",
        "dicom": {
            "codes": {"99X:A": "nodule"},
            "reports": ["nodule"],
            "analysed_size": {"rows": 512, "columns": 512},
            "text": {"nodule": {"score": "([0-9.]+)", "score_unit": "%"}},
        },
    }
    adapter = build_catalogue().make("adapter", "dicom-results", **json.loads(json.dumps(options)))
    assert adapter.dicom.analysed_size.rows == 512
    assert adapter.dicom.text["nodule"].score_unit == "%"
