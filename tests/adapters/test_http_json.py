"""A server with JSON of its own: what it is sent, where the answer is, what it may say, and jobs that take time."""

import base64
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dmn_bench.adapters.http_description import JsonFinding, JsonRequest, JsonResponse
from dmn_bench.adapters.http_exchange import ServerError
from dmn_bench.adapters.json_request import message
from dmn_bench.adapters.json_response import ResponseReader, at
from dmn_bench.adapters.open_inference import read_json
from dmn_bench.adapters.picture_png import png_bytes
from dmn_bench.inputs.dicom_image import DicomImageReader
from tests.patience import SHORT

from .http_kit import TOO_LATE, a_request, a_runner, an_image, as_json, served

REQUEST = {"path": "/v1/analyse", "body": {"id": "$request_id", "image": "$image.base64_png"}}
RESPONSE = {"findings": {"fracture": {"score": "/result/p", "label": "/result/word"}}, "score_unit": "fraction"}
OPTIONS = {
    "form": "json",
    "request": REQUEST,
    "response": RESPONSE,
    "labels": {"positive": ["ja"], "negative": ["nein"]},
}
GREY = an_image(np.arange(16, dtype=np.uint8).reshape(4, 4))


def asked_with(reply, case=None, **options):
    """The answer where the server replies so, and what it was asked."""
    with served(lambda asked, handler: reply if isinstance(reply, tuple) else as_json(reply)) as server:
        answer = a_runner(url=server.url, **{**OPTIONS, **options}).answer(case or a_request(GREY))
    return answer, server.asked


def read(document, *, labels=None, **described):
    return ResponseReader(JsonResponse(**described), labels or {}, {}).answer(document, "r1", dict)


# -------------------------------------------------------------------------------------------------------- requests


def test_a_case_is_sent_and_answered():
    answer, asked = asked_with({"result": {"p": 0.87, "word": "ja"}})
    assert answer == {"status": "answered", "findings": {"fracture": {"score": 0.87, "label": "positive"}}}
    assert (asked[0].method, asked[0].path) == ("POST", "/v1/analyse")
    assert asked[0].json()["id"] == "r1"
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(asked[0].json()["image"]))))
    assert np.array_equal(picture, GREY["pixels"])


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("$request_id", "r1"),
        ("$image.rows", 4),
        ("$image.columns", 4),
        ("$image.pixels", GREY["pixels"].tolist()),
        ("$image.modality", "DX"),
        ("$image.spacing_mm", None),
        ("$images.photometric", ["grey"]),
        ("$$request_id", "$request_id"),
        ("request_id", "request_id"),
        (5, 5),
        (None, None),
        ([{"a": "$image.rows"}], [{"a": 4}]),
    ],
)
def test_placeholders_stand_for_values_of_the_request(placeholder, value):
    sent = message(a_request(GREY), JsonRequest(path="/a/{request_id}", body={"x": placeholder}))
    assert json.loads(sent.body) == {"x": value}
    assert sent.path == "/a/r1"


@pytest.mark.parametrize(
    "pixels",
    [
        np.arange(12, dtype=np.uint8).reshape(3, 4),
        np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000,
        np.arange(36, dtype=np.uint8).reshape(3, 4, 3),
    ],
)
def test_a_picture_is_what_another_program_reads(pixels):
    picture = Image.open(io.BytesIO(png_bytes(pixels)))
    assert np.array_equal(np.asarray(picture), pixels)


@given(st.integers(1, 9), st.integers(1, 9), st.randoms(use_true_random=False))
def test_pictures_of_any_size_come_back(rows, columns, random):
    pixels = np.array([[random.randrange(65536) for _ in range(columns)] for _ in range(rows)], np.uint16)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(pixels)))), pixels)


def test_levels_of_pictures_are_as_declared():
    image = an_image(np.array([[0, 4095]], np.uint16), bits_stored=12)
    for levels, expected in (("full_range", [0, 255]), ("as_is", [0, 4095]), ([0, 8190], [0, 128])):
        sent = message(a_request(image), JsonRequest(path="/", body="$image.base64_png", png_levels=levels))
        assert np.asarray(Image.open(io.BytesIO(base64.b64decode(json.loads(sent.body))))).tolist() == [expected]


def test_a_recording_is_sent_in_mv_and_never_with_gaps():
    request = {
        "request_id": "r",
        "signals": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "sampling_hz": 500.0,
        "leads": ["I", "II"],
    }
    body = {"s": "$signals", "f": "$sampling_hz", "l": "$leads"}
    options = {
        "request": {"path": "/e", "body": body},
        "response": {"findings": {"af": {"score": "/p"}}, "score_unit": "fraction"},
    }
    answer, asked = asked_with({"p": 0.1}, request, labels={}, **options)
    assert asked[0].json() == {"s": [[1, 2], [3, 4]], "f": 500, "l": ["I", "II"]}
    assert answer["findings"]["af"] == {"score": 0.1}
    gap = {**request, "signals": np.array([[1.0, np.nan]])}
    answer, asked = asked_with({"p": 0.1}, gap, labels={}, **options)
    assert answer == {"status": "rejected_input", "reason": "1 samples are marked invalid"}
    assert not asked


def test_files_are_sent_as_parts_of_a_form_under_neutral_names(tmp_path):
    path = tmp_path / "image-1.dcm"
    path.write_bytes(b"not read here")
    request = {"path": "/upload", "multipart": {"study": "dicom"}, "body": {"id": "$request_id", "n": 3}}
    answer, asked = asked_with(
        {"result": {"p": 0.5, "word": "nein"}}, {"request_id": "r1", "files": [str(path)]}, request=request
    )
    assert answer["status"] == "answered"
    content_type = asked[0].headers["content-type"]
    boundary = content_type.partition("boundary=")[2].encode()
    parts = [part.strip(b"\r\n") for part in asked[0].body.split(b"--" + boundary)[1:-1]]
    assert [part.partition(b"\r\n\r\n")[2] for part in parts] == [b"r1", b"3", b"not read here"]
    assert b'name="study"; filename="image-1.dcm"' in parts[2]


def test_a_copy_is_sent_whole_within_json(tmp_path):
    path = tmp_path / "image-1.dcm"
    path.write_bytes(bytes(range(256)))
    sent = message({"request_id": "r", "files": [str(path)]}, JsonRequest(path="/", body=["$image.base64_dicom"]))
    assert base64.b64decode(json.loads(sent.body)[0]) == bytes(range(256))


@pytest.mark.parametrize(
    ("request_of", "reason"),
    [
        (a_request(), "holds no image"),
        (a_request(GREY, GREY), "holds 2 images, the server takes one"),
        (a_request(an_image(np.zeros((2, 4, 4), np.uint8), n_frames=2, photometric="grey")), "has several"),
        (a_request(an_image(np.zeros((4, 4), np.int16))), "is not known"),
    ],
)
def test_what_the_server_cannot_take_is_rejected_and_not_sent(request_of, reason):
    answer, asked = asked_with({}, request_of)
    assert answer["status"] == "rejected_input"
    assert reason in answer["reason"]
    assert not asked


# --------------------------------------------------------------------------------------------------------- replies


RFC_6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", RFC_6901), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3),
     ("/g|h", 4), ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8)],
)  # fmt: skip
def test_pointers_lead_where_the_standard_says(pointer, value):
    assert at(RFC_6901, pointer) == value


@pytest.mark.parametrize("pointer", ["/fo", "/foo/2", "/foo/-1", "/foo/00", "/foo/-", "/foo/0/1", "/foo/٠", "/foo/1e0"])
def test_a_pointer_to_nothing_is_an_error(pointer):
    with pytest.raises(ServerError, match="has nothing at"):
        at(RFC_6901, pointer)


@pytest.mark.parametrize(
    ("unit", "score", "is_sound"),
    [("fraction", 0.87, True), ("fraction", 1, True), ("fraction", 87, False), ("fraction", -0.1, False),
     ("percent", 87, True), ("percent", 0.87, True), ("percent", 100.5, False), ("any", -7.5, True),
     ("any", "0.87", False), ("any", True, False), ("any", None, False), ("any", [0.8], False),
     ("any", 10**301, False)],
)  # fmt: skip
def test_a_score_is_checked_against_its_unit_and_never_converted(unit, score, is_sound):
    described = {"findings": {"f": JsonFinding(score="/s")}, "score_unit": unit}
    if is_sound:
        assert read({"s": score}, **described)["findings"]["f"]["score"] == score
    else:
        with pytest.raises(ServerError, match="/s"):
            read({"s": score}, **described)


def test_scores_that_fall_with_disease_are_turned_round():
    described = {"findings": {"f": JsonFinding(score="/s")}, "score_unit": "percent", "higher_is": "negative"}
    assert read({"s": 30}, **described)["findings"]["f"]["score"] == -30


@pytest.mark.parametrize(
    ("word", "label"), [("ja", "positive"), (True, "positive"), (1, "positive"), (False, "negative"), ("JA", None)]
)
def test_words_have_the_declared_meaning_and_no_other(word, label):
    labels = {"positive": ("ja", "true", "1"), "negative": ("false",)}
    described = {"findings": {"f": JsonFinding(label="/w")}, "labels": labels}
    if label is not None:
        assert read({"w": word}, **described)["findings"]["f"]["label"] == label
    else:
        with pytest.raises(ServerError, match="which has no meaning here; known are ja, true, 1, false"):
            read({"w": word}, **described)


def test_an_echo_of_another_id_fails_the_case():
    response = {**RESPONSE, "echo": "/id"}
    sound = {"result": {"p": 0.5, "word": "ja"}}
    assert asked_with({**sound, "id": "r1"}, response=response)[0]["status"] == "answered"
    for wrong in ({"id": "r2"}, {"id": None}, {}):
        answer, _ = asked_with({**sound, **wrong}, response=response)
        assert answer["status"] == "failed"


def test_a_status_and_its_reason_are_read_before_anything_else():
    response = {**RESPONSE, "status": "/state", "statuses": {"OK": "answered", "BLUR": "abstained"}, "reason": "/why"}
    answer, _ = asked_with({"state": "BLUR", "why": "motion"}, response=response)
    assert answer == {"status": "abstained", "reason": "motion"}
    assert asked_with({"state": "LOST"}, response=response)[0]["status"] == "failed"
    answer, _ = asked_with({"state": "OK", "why": None, "result": {"p": 0.5, "word": "ja"}}, response=response)
    assert (answer["status"], answer["reason"]) == ("answered", "")


MARKS = {"each": "/boxes", "finding": "/class", "box": "/box", "form": "xyxy", "unit": "normalised", "score": "/p"}


def marks_of(boxes, **more):
    response = {"score_unit": "fraction", "marks": {**MARKS, **more}}
    findings = {"F": "fracture"}
    options = {"response": response, "labels": {}, "findings": findings, "ignore_findings": ["metal"]}
    image = an_image(np.zeros((100, 200), np.uint8))
    return asked_with({"boxes": boxes}, a_request(image), **options)[0]


@pytest.mark.parametrize(
    ("form", "box", "place"),
    [
        ("xyxy", [0.1, 0.2, 0.3, 0.5], (20, 20, 40, 30)),
        ("xywh", [0.1, 0.2, 0.2, 0.3], (20, 20, 40, 30)),
        ("cxcywh", [0.2, 0.35, 0.2, 0.3], (20, 20, 40, 30)),
    ],
)
def test_boxes_of_every_form_become_pixels_of_the_image_sent(form, box, place):
    (mark,) = marks_of([{"class": "F", "p": 0.9, "box": box}, {"class": "metal"}], form=form)["marks"]
    assert tuple(mark[key] for key in ("x", "y", "width", "height")) == pytest.approx(place)
    assert (mark["finding"], mark["score"]) == ("fracture", 0.9)


def test_boxes_in_pixels_by_single_pointers_and_points():
    box = ["/a", "/b", "/c", "/d"]
    (mark,) = marks_of([{"class": "F", "p": 1, "a": 5, "b": 6, "c": 15, "d": 8}], box=box, unit="px")["marks"]
    assert (mark["x"], mark["y"], mark["width"], mark["height"]) == (5, 6, 10, 2)
    (point,) = marks_of([{"class": "F", "p": 1, "box": [0.5, 0.5]}], form="xy")["marks"]
    assert (point["x"], point["y"]) == (100, 50)
    assert "width" not in point


def test_frames_are_counted_as_declared_and_no_marks_are_no_failure():
    (mark,) = marks_of([{"class": "F", "p": 1, "box": [0, 0, 1, 1], "z": 0}], frame="/z", first_frame=0)["marks"]
    assert mark["frame"] == 1
    assert marks_of([])["marks"] == []


@pytest.mark.parametrize(
    "boxes",
    [None, {"class": "F"}, ["F"], [{"class": "other", "p": 1, "box": [0, 0, 1, 1]}],
     [{"class": "F", "p": 1, "box": [0, 0, 1]}],
     [{"class": "F", "p": 87, "box": [0, 0, 1, 1]}], [{"class": "F", "p": 1, "box": [0, 0, 1, "1"]}]],
)  # fmt: skip
def test_marks_that_are_not_as_described_fail_the_case(boxes):
    assert marks_of(boxes)["status"] == "failed"


def test_shares_of_a_dicom_image_are_of_the_size_in_its_header(tmp_path, monkeypatch):
    monkeypatch.setattr(DicomImageReader, "header", lambda self, path: {"Rows": "50", "Columns": "20"})
    path = tmp_path / "image-1.dcm"
    path.write_bytes(b"x")
    answer, _ = asked_with(
        {"boxes": [{"box": [0.5, 0.5, 0.5, 0.5]}]},
        {"request_id": "r", "files": [str(path)]},
        request={"path": "/a", "multipart": {"f": "dicom"}},
        response={
            "marks": {"each": "/boxes", "finding": "fracture", "box": "/box", "form": "xywh", "unit": "normalised"}
        },
        labels={},
    )
    assert answer["marks"] == [{"finding": "fracture", "x": 10, "y": 25, "width": 10, "height": 25}]


def test_grades_and_measurements_are_read():
    response = {
        "grades": {"density": {"grade": "/g", "scores": "/each"}},
        "measurements": {"volume": {"value": "/v", "unit": "mL"}},
    }
    reply = {"g": 2, "each": [0.1, 0.2, 0.7, 0], "v": 12.5}
    answer, _ = asked_with(reply, response=response, labels={})
    assert answer["grades"] == {"density": {"grade": 2, "scores": [0.1, 0.2, 0.7, 0.0]}}
    assert answer["measurements"] == {"volume": {"value": 12.5, "unit": "mL"}}
    assert asked_with({**reply, "g": 2.5}, response=response, labels={})[0]["status"] == "failed"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>busy</html>", "no JSON"),
        (b'{"a": 1, "a": 2}', "gives 'a' twice"),
        (b'{"a": 1}{"a": 2}', "Extra data"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b"\xff\xfe", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON"),
    ],
)
def test_what_is_no_json_is_told_by_its_beginning(body, reason):
    with pytest.raises(ServerError, match=reason):
        read_json(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_any_reply_is_read_or_refused(document):
    described = {"findings": {"f": JsonFinding(score="/s", label="/w")}, "score_unit": "fraction", "echo": "/id"}
    with pytest.raises(ServerError):
        read(document, **described)


# ------------------------------------------------------------------------------------------------------------ jobs


POLL = {"id": "/job", "path": "/jobs/{id}", "done": {"pointer": "/state", "equals": "done"}, "every_seconds": 0.01}


def jobs(n_waits, *, job="j-1", state="done", result=None):
    left = [n_waits]

    def answer(asked, handler):
        if asked.method == "POST":
            return as_json({"job": job}, 202)
        if asked.path.endswith("/result"):
            return as_json({"result": {"p": 0.5, "word": "ja"}})
        left[0] -= 1
        return as_json({"state": "busy"} if left[0] >= 0 else {"state": state, **(result or {})})

    return answer


@pytest.mark.parametrize("has_own_path", [True, False])
def test_a_job_is_asked_for_until_it_is_done(has_own_path):
    poll = {**POLL, **({"result_path": "/jobs/{id}/result"} if has_own_path else {})}
    result = None if has_own_path else {"result": {"p": 0.5, "word": "ja"}}
    with served(jobs(3, result=result)) as server:
        answer = a_runner(url=server.url, **OPTIONS, poll=poll).answer(a_request(GREY))
    assert answer["status"] == "answered"
    assert [asked.path for asked in server.asked[1:]] == ["/jobs/j-1"] * 4 + ["/jobs/j-1/result"] * has_own_path


def test_a_job_that_fails_or_never_ends_fails_its_case():
    failed = {**POLL, "failed": {"pointer": "/state", "equals": ["error", "gone"]}}
    with served(jobs(1, state="gone")) as server:
        answer = a_runner(url=server.url, **OPTIONS, poll=failed).answer(a_request(GREY))
    assert answer == {"status": "failed", "reason": "the server says that the job has failed: /state"}
    with served(jobs(10**6)) as server:
        answer = a_runner(url=server.url, **OPTIONS, poll=POLL, seconds_to_answer=SHORT).answer(a_request(GREY))
    assert answer["status"] == "failed"
    assert any(why in answer["reason"] for why in (*TOO_LATE, "the job was not done within the time for a case"))


@pytest.mark.parametrize("job", ["..", ".", "../admin", "a/b", "", "a b", "j\r\nX: 1", "x" * 300, None, True, {"a": 1}])
def test_an_id_of_a_job_leads_nowhere_else(job):
    with served(jobs(0, job=job)) as server:
        answer = a_runner(url=server.url, **OPTIONS, poll=POLL).answer(a_request(GREY))
    assert answer["status"] == "failed"
    assert len(server.asked) == 1


@pytest.mark.parametrize("equals", [True, 1, "done", ["x", True]])
def test_true_is_not_one(equals):
    poll = {**POLL, "done": {"pointer": "/state", "equals": equals}}
    state = True if isinstance(equals, list) else equals
    with served(jobs(0, state=state, result={"result": {"p": 0.5, "word": "ja"}})) as server:
        runner = a_runner(url=server.url, **OPTIONS, poll=poll)
        assert runner.answer(a_request(GREY))["status"] == "answered"
    other = 1 if state is True else True
    with served(jobs(0, state=other, result={"result": {"p": 0.5, "word": "ja"}})) as server:
        runner = a_runner(url=server.url, **OPTIONS, poll=poll, seconds_to_answer=SHORT)
        assert runner.answer(a_request(GREY))["status"] == "failed"
