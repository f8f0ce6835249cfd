"""YOLO's text files: an empty one says that nothing was found, a missing one says nothing."""

import json

import pytest

from dmn_bench.adapters.yolo_text import YoloText
from dmn_bench.errors import CandidateError

from .kit import keys

SIZES = {"x/a.png": (200, 100), "x/b.png": (200, 100), "x/c.png": (200, 100)}
CASES = tuple(keys(f"c{i}", files=(f"x/{name}.png",), sizes=SIZES) for i, name in enumerate("abc", start=1))
LINE = "0 0.5 0.5 0.2 0.4 0.75\n"


@pytest.fixture
def read(tmp_path):
    def read_them(files, cases=CASES, *, names=None, evaluated=None, **options):
        options = {"classes": {"0": "fracture"}, **options}
        folder = tmp_path / "labels"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        if names is not None:
            (folder / "classes.txt").write_text(names)
            options["class_names"] = "labels/classes.txt"
        if evaluated is not None:
            (tmp_path / "seen.json").write_text(json.dumps(evaluated))
            options |= {"evaluated": "seen.json", "no_marks": "negative"}
        adapter = YoloText(path="labels", **options)
        found = [each.answer for each in adapter.answers(cases, tmp_path)]
        assert [answer.case_id for answer in found] == [each.case.case_id for each in cases]
        read = {f"labels/{name}" for name in files if name.endswith(".txt")}
        assert set(adapter.identity(tmp_path)) >= read
        return {answer.case_id: answer for answer in found}

    return read_them


def problems(read, files, **options):
    with pytest.raises(CandidateError) as caught:
        read(files, **options)
    return {(problem.key, problem.where) for problem in caught.value.problems}


def test_lines_are_boxes_in_shares_of_the_image(read):
    (mark,) = read({"a.txt": LINE})["c1"].marks
    assert (mark.finding, mark.image, mark.score) == ("fracture", None, 0.75)
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((80, 30, 40, 40))


def test_an_empty_file_was_looked_at_and_a_missing_one_was_not(read):
    found = read({"a.txt": LINE, "b.txt": "\n \n"})
    assert [(a.status, a.reason) for a in found.values()] == [
        ("answered", ""),
        ("answered", ""),
        ("failed", "no output"),
    ]
    assert found["c2"].marks == ()


def test_a_missing_file_of_an_image_that_was_processed_says_that_nothing_was_found(read):
    found = read({"a.txt": LINE}, evaluated=["a", "x/b.png"], score_from_marks="highest")
    assert [a.status for a in found.values()] == ["answered", "answered", "failed"]
    assert (len(found["c1"].marks), found["c2"].marks) == (1, ())
    assert (found["c1"].findings["fracture"].score, found["c2"].findings["fracture"].score) == (0.75, 0.0)


def test_a_line_that_is_there_twice_is_two_answers(read):
    found = read({"a.txt": LINE * 2, "b.txt": LINE + "0 0.5 0.5 0.2 0.4 0.7\n"})
    assert found["c1"].reason == "invalid output: two answers: a line that is there twice (labels/a.txt:2)"
    assert len(found["c2"].marks) == 2


def test_two_files_for_one_image_are_two_answers(read):
    assert read({"a.txt": LINE, "a.TXT": ""})["c1"].reason == "two answers"


def test_one_of_two_images_without_a_file_fails_the_case(read):
    cases = [keys("c1", files=("x/a.png", "x/b.png"), sizes=SIZES)]
    assert read({"a.txt": LINE}, cases)["c1"].reason == "invalid output: no output for 1 of 2 images"
    both = read({"a.txt": LINE, "b.txt": ""}, cases)["c1"]
    assert [mark.image for mark in both.marks] == ["x/a.png"]


def test_classes_may_be_named_by_a_file(read):
    found = read(
        {"a.txt": "1 0.5 0.5 0.2 0.4 0.75\n0 0.5 0.5 0.2 0.4 0.75\n"},
        names="metal\nbroken\n",
        classes={"broken": "fracture"},
        ignore_classes=("metal",),
    )
    assert [mark.finding for mark in found["c1"].marks] == ["fracture"]


def test_labels_without_confidence_are_declared(read):
    (mark,) = read({"a.txt": "0 0.5 0.5 0.2 0.4\n"}, confidence="none")["c1"].marks
    assert mark.score is None
    assert ("answers.line_width", "labels/a.txt:1") in problems(read, {"a.txt": "0 0.5 0.5 0.2 0.4\n"})
    assert ("answers.line_width", "labels/a.txt:1") in problems(read, {"a.txt": LINE}, confidence="none")


def test_polygons_become_contours_and_the_box_round_them(read):
    line = "0 0.1 0.1 0.5 0.1 0.5 0.6 0.8\n"
    answer = read({"a.txt": line}, polygons="contours")["c1"]
    (mark,) = answer.marks
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((20, 10, 80, 50))
    assert mark.score == 0.8
    (contour,) = answer.contours
    assert [pytest.approx(point) for point in contour.points] == [(20, 10), (100, 10), (100, 60)]
    assert ("answers.polygon_refused", "labels/a.txt:1") in problems(read, {"a.txt": line})
    outside = read({"a.txt": "0 0.1 0.1 1.5 0.1 0.5 0.6 0.8\n"}, polygons="contours")["c1"]
    assert outside.reason.startswith("invalid output: a polygon outside")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("0 0.5 0.5 0.2", "answers.line_width"),
        ("0", "answers.line_width"),
        ("0 0.5 0.5 0.2 0.4 0,75", "answers.line_not_numbers"),
        ("0 0.5 0.5 0.2 0.4 high", "answers.line_not_numbers"),
        ("0.93 0.5 0.5 0.2 0.4 0.5", "answers.class_not_whole"),
        ("fracture 0.5 0.5 0.2 0.4 0.5", "answers.class_not_whole"),
        ("-1 0.5 0.5 0.2 0.4 0.5", "answers.class_not_whole"),
        ("3 0.5 0.5 0.2 0.4 0.5", "adapters.finding_unknown"),
        ("0 0.5 0.5 0.2 0.4 75", "answers.score_outside"),
    ],
)
def test_what_is_misread_is_listed_with_its_line(read, line, key):
    assert (key, "labels/a.txt:2") in problems(read, {"a.txt": f"{LINE}{line}\n"})


@pytest.mark.parametrize(
    "line", ["0 0.5 0.5 nan 0.4 0.7", "0 0.5 0.5 0.2 0.4 inf", "0 0.95 0.5 0.3 0.4 0.7", "0 0.5 0.5 0 0 0.7"]
)
def test_what_is_no_box_fails_the_case_alone(read, line):
    found = read({"a.txt": line, "b.txt": LINE})
    assert found["c1"].reason.startswith("invalid output: a mark")
    assert "labels/a.txt:1" in found["c1"].reason
    assert found["c2"].status == "answered"


def test_files_for_unknown_images_and_undecodable_ones_stop_the_reading(read):
    assert ("adapters.ids_unknown", "labels/zz.txt") in problems(read, {"a.txt": LINE, "zz.txt": LINE})
    assert ("adapters.file_encoding", "labels/a.txt:1") in problems(read, {"a.txt": LINE.encode("utf-16")})


def test_two_images_of_one_name_are_told_apart_by_nobody(read):
    cases = [keys("c1", files=("p/a.png",), sizes={"p/a.png": (9, 9)}), keys("c2", files=("q/a.png",))]
    assert ("adapters.id_ambiguous", "labels/a.txt") in problems(read, {"a.txt": LINE}, cases=cases)


def test_a_size_that_nobody_knows_is_a_problem_unless_scores_alone_are_asked_for(read):
    cases = [keys("c1", files=("x/a.png",))]
    assert ("adapters.image_size_unknown", "labels/a.txt:1") in problems(read, {"a.txt": LINE}, cases=cases)
    assert read({"a.txt": LINE}, cases, score_from_marks="highest")["c1"].findings["fracture"].score == 0.75


def test_a_class_beyond_the_names_and_a_doubled_name_are_problems(read):
    assert ("answers.class_without_name", "labels/a.txt:1") in problems(
        read, {"a.txt": "2 0.5 0.5 0.2 0.4 0.7"}, names="a\nb\n"
    )
    assert ("answers.class_doubled", "labels/classes.txt") in problems(read, {"a.txt": LINE}, names="a\na\n")


def test_options_that_contradict_each_other_are_refused(read, tmp_path):
    assert ("answers.nothing_mapped", "labels") in problems(read, {"a.txt": LINE}, classes={})
    assert ("answers.no_marks_needs_list", "labels") in problems(read, {"a.txt": LINE}, no_marks="negative")
    with pytest.raises(CandidateError) as caught:
        YoloText(path="nowhere", classes={"0": "f"}).identity(tmp_path)
    assert [problem.key for problem in caught.value.problems] == ["answers.no_folder"]
