"""A vendor's own JSON, described by places."""

import json

import pytest

from dmn_bench.adapters.json_results import JsonResults
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import FindingAnswer

from .kit import keys

SIZES = {"a.dcm": (200, 100), "b.dcm": (200, 100)}
CASES = (keys("c1", files=("a.dcm",), sizes=SIZES), keys("c2", files=("b.dcm",), sizes=SIZES))
MARK = {"label": "Nodule", "score": 0.6, "bbox": {"x1": 10, "y1": 20, "x2": 40, "y2": 60}}
PLACES = {
    "id_at": "case.name",
    "finding": "nodule",
    "score_at": "result.score",
    "marks_at": "found",
    "mark_finding_at": "label",
    "mark_score_at": "score",
    "box_at": ("bbox.x1", "bbox.y1", "bbox.x2", "bbox.y2"),
    "boxes": "xyxy",
    "findings": {"Nodule": "nodule"},
}


def entry(name="c1", **changes):
    made = {"case": {"name": name}, "result": {"score": 0.75}, "found": [MARK], **changes}
    return {key: value for key, value in made.items() if value is not None}


@pytest.fixture
def read(tmp_path):
    def read_them(content, cases=CASES, **options):
        (tmp_path / "r.json").write_text(content if isinstance(content, str) else json.dumps(content))
        adapter = JsonResults(path="r.json", **{**PLACES, **options})
        found = [each.answer for each in adapter.answers(cases, tmp_path)]
        assert [answer.case_id for answer in found] == [each.case.case_id for each in cases]
        return {answer.case_id: answer for answer in found}

    return read_them


def problems(read, content, **options):
    with pytest.raises(CandidateError) as caught:
        read(content, **options)
    return {(problem.key, problem.where) for problem in caught.value.problems}


def test_scores_and_marks_are_found_at_their_places(read):
    found = read([entry()])
    assert found["c1"].findings == {"nodule": FindingAnswer(score=0.75)}
    (mark,) = found["c1"].marks
    assert (mark.finding, mark.x, mark.y, mark.width, mark.height, mark.score) == ("nodule", 10, 20, 30, 40, 0.6)
    assert found["c2"].reason == "no output"


def test_an_empty_list_of_marks_was_looked_at_and_a_missing_one_was_not(read):
    found = read([entry(found=[]), entry("c2", found=None)])
    assert (found["c1"].marks, found["c2"].marks) == ((), None)
    assert found["c2"].findings["nodule"].score == 0.75
    assert read([entry(found=None)], no_marks="negative")["c1"].marks == ()
    only_marks = {"score_at": None, "finding": None}
    assert read([entry(found=None)], **only_marks)["c1"].reason == "no output"
    assert read([entry(found=[])], **only_marks)["c1"].marks == ()


def test_boxes_may_be_lists_and_shares(read):
    marks = [{"label": "Nodule", "box": [0.05, 0.2, 0.15, 0.4]}]
    options = {"box_at": ("box",), "boxes": "xywh", "box_unit": "normalised"}
    (mark,) = read([entry(found=marks)], **options)["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height, mark.score) == pytest.approx((10, 20, 30, 40, None))


def test_labels_and_statuses_are_words_of_a_table(read):
    options = {"score_at": None, "label_at": "call", "status_at": "state", "reason_at": "why"}
    words = {"labels": {"positive": ("true",), "negative": ("false",)}, "statuses": {"7": "rejected_input"}}
    found = read([entry(call=True), entry("c2", state=7, why="lateral view", found=None)], **options, **words)
    assert found["c1"].findings["nodule"].label == "positive"
    assert (found["c2"].status, found["c2"].reason) == ("rejected_input", "lateral view")


def test_the_list_of_entries_may_lie_deeper(read):
    assert read({"data": {"items": [entry()]}}, entries_at="data.items")["c1"].status == "answered"
    assert ("answers.expected_list", "r.json#/data/items") in problems(read, {"data": {}}, entries_at="data.items")


def test_two_entries_of_one_case_are_two_answers(read):
    assert read([entry(), entry()])["c1"].reason == "two answers"


@pytest.mark.parametrize(
    ("changes", "key", "place"),
    [
        ({"case": None}, "answers.no_id", "#/0/case/name"),
        ({"result": {"score": "high"}}, "answers.expected_number", "#/0/result/score"),
        ({"result": {"score": 75}}, "answers.score_outside", "#/0"),
        ({"found": 3}, "answers.expected_list", "#/0/found"),
        ({"found": [{**MARK, "label": "Mass"}]}, "adapters.finding_unknown", "#/0/found/0"),
        ({"found": [{**MARK, "label": None}]}, "adapters.no_finding", "#/0/found/0"),
        ({"found": [{**MARK, "bbox": {"x1": 1}}]}, "answers.expected_number", "#/0/found/0/bbox/y1"),
    ],
)
def test_what_is_misread_is_listed_with_its_place(read, changes, key, place):
    assert (key, f"r.json{place}") in problems(read, [entry(**changes)])


def test_a_box_outside_its_image_fails_the_case_alone(read):
    marks = [{**MARK, "bbox": {"x1": 10, "y1": 20, "x2": 400, "y2": 60}}]
    found = read([entry(found=marks), entry("c2")])
    assert found["c1"].reason.startswith("invalid output: a mark outside its image")
    assert found["c2"].status == "answered"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"score_at": None, "marks_at": None, "box_at": ()}, "answers.nothing_mapped"),
        ({"finding": None}, "answers.nothing_mapped"),
        ({"box_at": ("a", "b")}, "answers.box_at"),
        ({"marks_at": None}, "answers.box_at"),
        ({"marks_at": None, "box_at": (), "no_marks": "negative"}, "answers.no_marks_needs_list"),
    ],
)
def test_options_that_contradict_each_other_are_refused(read, options, key):
    assert key in {found for found, _ in problems(read, [entry()], **options)}
