"""Circles, outlines, masks and sizes in millimetres in files: tables, COCO, YOLO, a vendor's own JSON, HTTP replies."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.adapters.answer_masks import array_of
from dmn_bench.adapters.coco_masks import MaskError, one_outline
from dmn_bench.adapters.coco_results import CocoResults
from dmn_bench.adapters.http_description import JsonMarks, JsonResponse
from dmn_bench.adapters.http_exchange import ServerError
from dmn_bench.adapters.json_response import ResponseReader
from dmn_bench.adapters.json_results import JsonResults
from dmn_bench.adapters.predictions import Predictions
from dmn_bench.adapters.yolo_text import YoloText
from dmn_bench.errors import CandidateError
from dmn_bench.tasks.outlines import filled
from dmn_bench.wordings import LANGUAGES, say_problem

from .kit import keys

SIZES = {"a.png": (200, 100)}
ONE = (keys("c1", files=("a.png",), sizes=SIZES),)
TRIANGLE = [[10, 20], [40, 20], [40, 60.5]]
FLAT = [10, 20, 40, 20, 40, 60.5]
CORNERS = ((10.0, 20.0), (40.0, 20.0), (40.0, 60.5))
AROUND = (10.0, 20.0, 30.0, 40.5)


def box(mark):
    return mark.x, mark.y, mark.width, mark.height


def answer_of(adapter, folder, cases=ONE):
    (found,) = adapter.answers(cases, folder)
    return found.answer


@pytest.fixture
def table(tmp_path):
    def read(text, *, name="out.csv", cases=ONE, **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return answer_of(Predictions(path=name, **options), tmp_path, cases)

    return read


def keys_of(call):
    with pytest.raises(CandidateError) as caught:
        call()
    for problem in caught.value.problems:
        assert all(say_problem(problem, language) for language in LANGUAGES)
    return {problem.key for problem in caught.value.problems}


# ------------------------------------------------------------------------------------------------------------ tables


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("10 20 40 20 40 60.5", {}),
        ("10 20 40 20 40 60.5 10 20", {}),
        ('"[[10, 20], [40, 20], [40, 60.5]]"', {}),
        ('"[10, 20, 40, 20, 40, 60.5]"', {}),
        ("0.05 0.2 0.2 0.2 0.2 0.605", {"box_unit": "normalised"}),
    ],
)
def test_a_table_gives_outlines_with_the_box_round_them(table, cell, options):
    (mark,) = table(f"case_id,finding,score,outline\nc1,f,0.5,{cell}\n", **options).marks
    assert np.array(mark.outline) == pytest.approx(np.array(CORNERS))
    assert (box(mark), mark.score) == (pytest.approx(AROUND), 0.5)


def test_json_lines_give_outlines_and_a_decimal_comma_is_read(table):
    line = json.dumps({"case_id": "c1", "finding": "f", "outline": TRIANGLE})
    assert table(line + "\n", name="out.jsonl").marks[0].outline == CORNERS
    text = "case_id;finding;outline\nc1;f;10 20 40 20 40 60,5\n"
    assert table(text, delimiter=";", decimal=",").marks[0].outline == CORNERS


def test_a_box_beside_an_outline_is_kept(table):
    (mark,) = table("case_id,finding,x,y,width,height,outline\nc1,f,9,19,32,43,10 20 40 20 40 60.5\n").marks
    assert (box(mark), mark.outline) == ((9.0, 19.0, 32.0, 43.0), CORNERS)


def test_a_table_gives_circles_spheres_and_boxes_in_millimetres(table):
    (circle,) = table("case_id,finding,x,y,diameter\nc1,f,10,20,8\n").marks
    assert (box(circle), circle.diameter) == ((10.0, 20.0, None, None), 8.0)
    (sphere,) = table("case_id,finding,x_mm,y_mm,z_mm,diameter_mm,score\nc1,f,1,2,3,8,0.5\n").marks
    assert (sphere.z_mm, sphere.diameter_mm, sphere.score) == (3.0, 8.0, 0.5)
    (cuboid,) = table("case_id,finding,x_mm,y_mm,z_mm,width_mm,height_mm,depth_mm\nc1,f,1,2,3,4,5,6\n").marks
    assert cuboid.size_mm == (4.0, 5.0, 6.0)


@pytest.mark.parametrize(
    ("header", "cells", "reason"),
    [
        ("outline", "10 20 40 20", "an outline of 4 numbers"),
        ("outline", "10 20 40 20 50", "an outline of 5 numbers"),
        ("outline", "10 10 20 20 30 30", "an outline that encloses nothing"),
        ("outline", "10 10 20 nan 30 30", "a mark with nan"),
        ("outline", '"[[10, 20], [40, 20], [NaN, 60]]"', "a mark with"),
        ("outline", "10 10 250 20 30 30", "a mark outside its image of 200 by 100 px"),
        ("outline", " ".join(["1 2"] * 1_000_000), "an outline of 2000000 numbers"),
        ("x,y,outline", "1,2,10 20 40 20 40 60", "an outline beside a point"),
        ("x,y,diameter", "10,20,0", "a mark of 0 px"),
        ("x,y,diameter", "10,20,-1", "a mark of -1 px"),
        ("x,y,diameter", "10,20,inf", "a mark with inf"),
        ("x,y,width,height,score", "10,20,-5,5,1", "a mark of -5 by 5"),
        ("x,y,width,height,score", "10,20,5,5,nan", "a mark with nan"),
        ("x_mm,y_mm,z_mm,diameter_mm", "1,2,3,-4", "a mark of -4 mm"),
        ("x_mm,y_mm,z_mm,width_mm", "1,2,3,4", "a mark with a part of its numbers"),
        (
            "x_mm,y_mm,z_mm,diameter_mm,width_mm,height_mm,depth_mm",
            "1,2,3,4,5,6,7",
            "a mark with a part of its numbers",
        ),
    ],
)
def test_what_is_no_place_in_a_table_fails_the_case_alone(table, header, cells, reason):
    answer = table(f"case_id,finding,{header}\nc1,f,{cells}\n")
    assert answer.status == "failed"
    assert answer.reason.startswith(f"invalid output: {reason}")


def test_columns_that_mean_something_else_stop_the_reading_until_they_are_left_out(table):
    text = "case_id,finding,x,y,width,height,diameter\nc1,f,1,2,3,4,5\n"
    assert keys_of(lambda: table(text)) == {"lesions.diameter_beside_box"}
    assert box(table(text, columns={"diameter": ""}).marks[0]) == (1.0, 2.0, 3.0, 4.0)
    text = "case_id,finding,x,y,diameter\nc1,f,0.1,0.2,0.3\n"
    assert keys_of(lambda: table(text, box_unit="normalised")) == {"lesions.diameter_normalised"}
    text = "case_id,finding,outline\nc1,f,[oval]\n"
    assert keys_of(lambda: table(text)) == {"lesions.outline_wrong"}


# -------------------------------------------------------------------------------------------------------------- COCO

RESULT = {"image_id": "a.png", "category_id": 7, "score": 0.75}
WHOLE = {"size": [100, 200], "counts": [2010, 20, 80, 20, 17870]}  # columns 20 and 21, rows 10 to 29


@pytest.fixture
def coco(tmp_path):
    def read(*results, **options):
        (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
        options = {"categories": {"7": "f"}, "id": {"is": "file_name"}, "segmentations": "regions", **options}
        return answer_of(CocoResults(path="results.json", **options), tmp_path)

    return read


def test_a_coco_polygon_is_the_outline_of_its_mark(coco):
    answer = coco({**RESULT, "segmentation": [FLAT]}, {**RESULT, "segmentation": [FLAT], "bbox": [9, 19, 32, 43]})
    first, second = answer.marks
    assert (first.outline, box(first), first.score) == (CORNERS, AROUND, 0.75)
    assert (second.outline, box(second)) == (CORNERS, (9.0, 19.0, 32.0, 43.0))
    assert (answer.masks, answer.contours) == (None, None)


def test_a_coco_mask_is_the_mask_of_its_mark(coco):
    (mark,) = coco({**RESULT, "segmentation": WHOLE}).marks
    inside = array_of(mark.mask)
    assert (inside.shape, inside.sum(), mark.mask.structure) == ((100, 200), 40, "f")
    assert inside[10:30, 20:22].all()
    assert box(mark) == (20.0, 10.0, 2.0, 20.0)


def test_outlines_of_a_resized_image_are_brought_back_like_boxes(coco):
    (mark,) = coco({**RESULT, "segmentation": [[5, 10, 20, 10, 20, 30.25]]}, analysed_size=(100, 50)).marks
    assert np.array(mark.outline) == pytest.approx(np.array(CORNERS))
    assert box(mark) == pytest.approx(AROUND)


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ([[1, 1, 2, 2, 3, 3]], "a polygon that encloses nothing"),
        ([[1, 1, 2, 2]], "a polygon of 4 numbers"),
        ([], "a segmentation without points"),
        ([[1, 1, 250, 2, 3, 3]], "a mark outside its image"),
        ([FLAT, FLAT], "a segmentation of several polygons whose boxes overlap"),
        ({"size": [50, 100], "counts": [0, 5000]}, "a mask of 100 by 50 px on an image of 200 by 100 px"),
        ({"size": [100, 200], "counts": [20000]}, "an empty mask"),
        ({"size": [100, 200], "counts": [1, 2, 3]}, "a mask whose counts do not add up"),
    ],
)
def test_a_segmentation_that_is_no_region_fails_the_case_alone(coco, segmentation, reason):
    answer = coco({**RESULT, "segmentation": segmentation})
    assert answer.status == "failed"
    assert answer.reason.startswith(f"invalid output: {reason}")


@given(st.lists(st.sampled_from([((0, 0), (4, 0), (4, 3)), ((1, 1), (5, 1), (5, 5), (1, 5))]), min_size=1, max_size=4))
def test_parts_of_a_region_joined_into_one_outline_enclose_what_they_enclosed(shapes):
    parts = [tuple((x + 8 * n, y + 7 * (n % 2)) for x, y in shape) for n, shape in enumerate(shapes)]
    expected = np.any([filled(part, 16, 40) for part in parts], axis=0)
    assert np.array_equal(filled(one_outline(parts), 16, 40), expected)


def test_parts_that_overlap_are_not_joined():
    with pytest.raises(MaskError, match="overlap"):
        one_outline([((0, 0), (4, 0), (4, 4)), ((2, 2), (6, 2), (6, 6))])
    assert len(one_outline([((0, 0), (4, 0), (4, 4)), ((4, 0), (8, 0), (8, 4))])) == 8  # they touch


# -------------------------------------------------------------------------------------------------- YOLO, JSON, HTTP


def test_yolo_polygons_are_outlines_where_that_is_asked_for(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.05 0.2 0.2 0.2 0.2 0.605 0.9\n0 0.5 0.5 0.1 0.2 0.8\n")
    answer = answer_of(YoloText(path="labels", classes={"0": "f"}, polygons="outlines"), tmp_path)
    drawn, plain = answer.marks
    assert np.array(drawn.outline) == pytest.approx(np.array(CORNERS))
    assert (box(drawn), drawn.score, plain.outline) == (pytest.approx(AROUND), 0.9, ())
    assert answer.contours is None
    (tmp_path / "labels" / "a.txt").write_text("0 0.05 0.2 0.2 0.2 1.2 0.605 0.9\n")
    answer = answer_of(YoloText(path="labels", classes={"0": "f"}, polygons="outlines"), tmp_path)
    assert answer.reason.startswith("invalid output: a mark outside its image")


@pytest.mark.parametrize(
    ("options", "mark", "expected"),
    [
        ({"outline_at": "line"}, {"line": TRIANGLE}, (CORNERS, AROUND, None)),
        ({"outline_at": "line"}, {"line": FLAT}, (CORNERS, AROUND, None)),
        (
            {"outline_at": "line", "box_at": ("b",)},
            {"line": FLAT, "b": [9, 19, 32, 43]},
            (CORNERS, (9, 19, 32, 43), None),
        ),
        ({"box_at": ("x", "y"), "diameter_at": "d"}, {"x": 1, "y": 2, "d": 3}, ((), (1, 2, None, None), 3.0)),
    ],
)
def test_a_vendors_own_json_gives_outlines_and_circles(tmp_path, options, mark, expected):
    (tmp_path / "r.json").write_text(json.dumps([{"id": "c1", "found": [mark]}]))
    adapter = JsonResults(path="r.json", id_at="id", finding="f", marks_at="found", **options)
    (found,) = answer_of(adapter, tmp_path).marks
    assert (found.outline, box(found), found.diameter) == expected


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"box_at": ("x", "y")},
        {"box_at": ("x", "y"), "diameter_at": "d", "outline_at": "line"},
        {"diameter_at": "d"},
        {"box_at": ("x", "y", "w"), "outline_at": "line"},
    ],
)
def test_places_of_json_that_are_none_or_two_are_refused(tmp_path, options):
    (tmp_path / "r.json").write_text("[]")
    adapter = JsonResults(path="r.json", id_at="id", finding="f", marks_at="found", **options)
    assert "answers.box_at" in keys_of(lambda: answer_of(adapter, tmp_path))


def replied(entry, **marks):
    described = JsonMarks(**{"each": "/found", "finding": "f", "box": (), "form": "xywh", "unit": "px", **marks})
    reader = ResponseReader(JsonResponse(marks=described), {}, {})
    return reader.answer({"found": [entry]}, "r1", lambda: {"image-1": (100, 200)})["marks"][0]


def test_a_reply_gives_outlines_and_circles():
    assert replied({"o": TRIANGLE}, outline="/o")["outline"] == [[10.0, 20.0], [40.0, 20.0], [40.0, 60.5]]
    shares = [[x / 200, y / 100] for x, y in TRIANGLE]
    assert replied({"o": shares}, outline="/o", unit="normalised")["outline"] == pytest.approx(np.array(TRIANGLE))
    circle = replied({"at": [1, 2], "d": 3}, box="/at", form="xy", diameter="/d")
    assert circle == {"finding": "f", "x": 1.0, "y": 2.0, "diameter": 3.0}
    for wrong in ("text", [[1, 2, 3]], [1, 2], [["a", "b"]]):
        with pytest.raises(ServerError):
            replied({"o": wrong}, outline="/o")
