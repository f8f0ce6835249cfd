import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.execution.answer_json import answer_from_json, answer_to_json
from dmn_bench.vocabulary import FindingAnswer, GradeAnswer, Mark
from tests.execution.kit import an_origin

TWO = {"image-1": "front.png", "image-2": "side.png"}


def read(raw, **origin):
    return read_answer(raw, "c1", an_origin("c1", **origin))


def answered(**content):
    return {"status": "answered", **content}


def a_mark(**fields):
    return answered(marks=[{"finding": "fracture", "x": 1, "y": 2, **fields}])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "answer: expected an object, found nothing"),
        ([], "answer: expected an object, found a list of 0"),
        ({}, "status: expected answered | indeterminate | abstained | rejected_input | failed, found nothing"),
        ({"status": "ok"}, "status: expected"),
        ({"status": ["answered"]}, "status: expected"),
        ({"status": "not_sent"}, "status: expected"),
        (
            {"status": "answered"},
            "answer: expected a finding, grade, measurement or list of marks, beats, episodes, masks or contours",
        ),
        (answered(findings={}), "answer: expected a finding"),
        (answered(finding={"fracture": {"score": 1}}), "answer key: expected 'findings', found finding"),
        (answered(findings=[]), "findings: expected an object of names, found a list of 0"),
        (answered(findings={"fracture": 0.5}), "findings.fracture: expected an object, found 0.5"),
        (answered(findings={"fracture": {"score": "0.5"}}), "findings.fracture.score: expected a finite number"),
        (answered(findings={"fracture": {"score": True}}), "findings.fracture.score: expected a finite number"),
        (answered(findings={"fracture": {"score": math.inf}}), "findings.fracture.score: expected a finite number"),
        (answered(findings={"fracture": {"score": 10**400}}), "findings.fracture.score: expected a finite number"),
        (answered(findings={"fracture": {}}), "findings.fracture: expected a score or a label, found neither"),
        (answered(findings={"fracture": {"label": "yes"}}), "findings.fracture.label: expected positive | negative"),
        (answered(findings={"fracture": {"skore": 1}}), "findings.fracture key: expected 'score', found skore"),
        (answered(findings={"": {"score": 1}}), "findings: expected a name of 1 to 200 characters"),
        (answered(findings={3: {"score": 1}}), "findings: expected text, found 3"),
        (answered(findings={"a": {"score": 1, "status": "unreadable"}}), "findings.a.status: expected answered"),
        (answered(grades={"dr": {"grade": 2.0}}), "grades.dr.grade: expected a whole number from 0, found 2.0"),
        (answered(grades={"dr": {"grade": -1}}), "grades.dr.grade: expected a whole number from 0, found -1"),
        (answered(grades={"dr": {"grade": True}}), "grades.dr.grade: expected a whole number from 0, found True"),
        (answered(grades={"dr": {"scores": [0.1, math.nan]}}), "grades.dr.scores[1]: expected a finite number"),
        (answered(marks={"finding": "a"}), "marks: expected a list, found an object of 1"),
        (answered(marks="none"), "marks: expected a list, found none"),
        (a_mark(finding=None), "marks[0].finding: expected text, found nothing"),
        (a_mark(width=4), "marks[0]: expected x and y with or without width and height"),
        (a_mark(width=-4, height=3), "marks[0].width: expected a number above 0, found -4"),
        (a_mark(width=0, height=3), "marks[0].width: expected a number above 0, found 0"),
        (a_mark(x_mm=1), "marks[0]: expected x and y"),
        (a_mark(frame=0), "marks[0].frame: expected a whole number from 1, found 0"),
        (a_mark(image="image-9"), "marks[0].image: expected one of image-1, found image-9"),
        (a_mark(label="a"), "marks[0] key: expected"),
        (answered(beats=[{"sample": 5, "symbol": "N"}, {"sample": 4, "symbol": "N"}]), "beats[1].sample: expected at"),
        (answered(beats=[{"sample": 5.5, "symbol": "N"}]), "beats[0].sample: expected a whole number"),
        (answered(beats=[{"sample": -5, "symbol": "N"}]), "beats[0].sample: expected a whole number"),
        (answered(beats=[{"sample": 5, "symbol": "normal"}]), "beats[0].symbol: expected a WFDB annotation code"),
        (answered(beats=[{"sample": 5, "symbol": ""}]), "beats[0].symbol: expected a WFDB annotation code"),
        (answered(beats=[[5, "N"]]), "beats[0]: expected an object"),
        ({"status": "abstained", "reason": 5}, "reason: expected text, found 5"),
        (answered(marks=[], reason="\ud800" * 3, findings={"a": {"score": []}}), "findings.a.score: expected a finite"),
    ],
)
def test_garbage_fails_with_a_reason(raw, reason):
    answer = read(raw)
    assert answer.status == "failed"
    assert answer.reason.startswith(reason)


def test_what_the_contract_shows_is_read():
    raw = {
        "status": "answered",
        "findings": {"fracture": {"score": 0.87}, "effusion": {"label": "indeterminate"}},
        "grades": {"dr": {"grade": 2, "scores": np.array([0.1, 0.2, 0.7])}},
        "marks": [{"finding": "fracture", "image": "image-2", "x": 1, "y": 2.5, "width": 3, "height": 4, "score": 1}],
        "beats": [{"sample": 5, "symbol": "N"}, {"sample": 5, "symbol": "~"}],
    }
    answer = read(raw, images=TWO, sizes={"side.png": (10, 10)})
    assert answer.status == "answered"
    assert answer.findings == {
        "fracture": FindingAnswer(score=0.87),
        "effusion": FindingAnswer(label="indeterminate"),
    }
    assert answer.grades == {"dr": GradeAnswer(grade=2, scores=(0.1, 0.2, 0.7))}
    assert answer.marks == (Mark(finding="fracture", image="side.png", x=1.0, y=2.5, width=3.0, height=4.0, score=1.0),)
    assert answer.beats.samples.tolist() == [5, 5]


@pytest.mark.parametrize("status", ["indeterminate", "abstained", "rejected_input", "failed"])
def test_a_device_may_decline(status):
    answer = read({"status": status, "reason": "too dark"})
    assert (answer.status, answer.reason) == (status, "too dark")


def test_a_doubt_keeps_its_score():
    assert read({"status": "indeterminate", "findings": {"a": {"score": 0.4}}}).findings["a"].score == 0.4


def test_one_finding_may_have_a_status_of_its_own():
    answer = read(answered(findings={"a": {"score": 1}, "b": {"status": "abstained"}}))
    assert answer.finding_statuses == {"b": "abstained"}


def test_looked_and_found_none_is_an_answer():
    assert read(answered(marks=[])).marks == ()


@pytest.mark.parametrize("name", ["image-1", "image-1.dcm", "1.2.3", None])
def test_a_case_with_one_image_names_none(name):
    (mark,) = read(a_mark(image=name), uids={"1.2.3": "a.png"}).marks
    assert mark.image is None


@pytest.mark.parametrize("name", ["image-2", "image-2.png", "1.2.3"])
def test_an_image_is_named_as_in_the_set(name):
    (mark,) = read(a_mark(image=name), images=TWO, uids={"1.2.3": "side.png"}).marks
    assert mark.image == "side.png"


def test_a_mark_must_name_one_of_several_images():
    assert read(a_mark(), images=TWO).reason == "marks[0].image: expected one of image-1, image-2, found none"


def test_a_mark_in_millimetres_names_no_image():
    (mark,) = read(answered(marks=[{"finding": "a", "x_mm": 1, "y_mm": 2, "z_mm": 3}]), images=TWO).marks
    assert (mark.x_mm, mark.y_mm, mark.z_mm) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("fields", "is_inside"),
    [
        ({"x": -1, "y": 0}, True),
        ({"x": -1.01, "y": 0}, False),
        ({"x": 0, "y": 51}, True),
        ({"x": 0, "y": 51.5}, False),
        ({"x": 90, "y": 0, "width": 11, "height": 50}, True),
        ({"x": 90, "y": 0, "width": 11.5, "height": 50}, False),
    ],
)
def test_a_mark_may_leave_its_image_by_one_pixel_at_most(fields, is_inside):
    answer = read(a_mark(**fields), sizes={"a.png": (100, 50)})
    assert (answer.status == "answered") is is_inside


def test_a_lone_surrogate_can_be_written_to_disk():
    answer = read({"status": "abstained", "reason": "\ud800"})
    assert answer.reason.encode("utf-8")


@pytest.mark.parametrize(
    "raw",
    [
        {"status": np.array([1, 2])},
        {"status": np.array(["answered"])},
        answered(findings={"a": {"label": np.array([1, 2])}}),
        answered(findings={"a": {"score": 1, "status": np.array([1, 2])}}),
        answered(findings={"a": {"score": np.array([1.0, 2.0])}}),
        answered(findings={"a": np.zeros(2)}),
        answered(findings=np.zeros(2)),
        answered(grades={"a": {"grade": np.array([1, 2])}}),
        answered(grades={"a": {"scores": np.zeros((2, 2))}}),
        answered(marks=np.zeros((2, 2))),
        answered(marks=np.zeros(2)),
        answered(beats=np.zeros(2)),
        answered(beats=[{"sample": np.array([1, 2]), "symbol": "N"}]),
        answered(beats=[{"sample": 1, "symbol": np.array(["N", "N"])}]),
        a_mark(finding=np.zeros(2)),
        a_mark(image=np.zeros(2)),
        a_mark(frame=np.zeros(2)),
        a_mark(x=np.zeros(2)),
        {"status": "abstained", "reason": np.zeros(2)},
        np.zeros(2),
    ],
)
def test_an_array_where_none_belongs_is_a_failure(raw):
    answer = read(raw)
    assert answer.status == "failed"
    assert "expected" in answer.reason


@pytest.mark.parametrize(
    "raw",
    [
        answered(findings={"\ud800": {"score": 1}, "?": {"score": 0}}),
        answered(findings={"\ud800": {"skore": 1}}),
        answered(grades={"\ud800": {"grade": 1}}),
        answered(**{"\ud800": 1}),
        a_mark(finding="\ud800"),
        a_mark(image="\ud800"),
        {"status": "\ud800"},
        answered(beats=[{"sample": 1, "symbol": "\ud800"}]),
    ],
)
def test_half_a_character_in_a_name_is_a_failure_with_a_reason_that_can_be_kept(raw):
    answer = read(raw)
    assert answer.status == "failed"
    assert answer.reason.encode("utf-8")


def test_control_characters_of_a_reason_reach_no_terminal():
    assert read({"status": "abstained", "reason": "too\x1b[2J dark\r\n"}).reason == "too�[2J dark\n"


def test_a_reason_is_cut():
    assert len(read({"status": "abstained", "reason": "A" * 100_000}).reason) == 2000


@pytest.mark.parametrize("raw", [answered(**{"k" * 20_000_000: 1}), answered(findings={"a": {"k" * 20_000_000: 1}})])
def test_a_key_of_twenty_megabytes_is_refused_at_once(raw):
    begin = time.process_time()
    assert read(raw).reason.endswith("…")
    assert time.process_time() - begin < 1


def test_a_long_array_is_refused_before_it_becomes_objects():
    begin = time.process_time()
    assert read(answered(marks=np.zeros(200_000_000, np.uint8))).reason.startswith("marks: expected at most")
    assert time.process_time() - begin < 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["status", "findings", "marks", "x", "y", "finding", "score", "a"]), inner)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(
    anything
    | st.fixed_dictionaries(
        {"status": st.just("answered")},
        optional=dict.fromkeys(["findings", "grades", "marks", "beats", "reason", "masks"], anything),
    )
)
def test_whatever_comes_is_an_answer_that_can_be_kept(raw):
    answer = read(raw)
    assert answer.status in {"answered", "indeterminate", "abstained", "rejected_input", "failed"}
    assert answer.status != "failed" or answer.reason or raw == {"status": "failed"}
    if answer.beats is None:
        assert answer_from_json(answer_to_json(answer)) == answer


def test_episodes_and_rhythm_notes_are_kept_and_an_impossible_one_fails_the_answer():
    said = read(
        {
            "status": "answered",
            "beats": [{"sample": 5, "symbol": "+", "note": "(AFIB"}, {"sample": 9, "symbol": "~", "subtype": 51}],
            "episodes": [{"start_s": 1, "end_s": 4.5, "label": "AFIB"}],
        }
    )
    assert said.beats.notes == ("(AFIB", "")
    assert said.beats.subtypes == (0, 51)
    assert (said.episodes[0].start_s, said.episodes[0].end_s, said.episodes[0].label) == (1.0, 4.5, "AFIB")
    for start, end in ((-1, 2), (3, 3), (4, 2)):
        one = {"start_s": start, "end_s": end, "label": "AFIB"}
        assert read({"status": "answered", "episodes": [one]}).status == "failed"
