"""Marks as circles, outlines, masks, spheres and boxes in millimetres: read strictly, kept without loss."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dmn_bench.adapters.answer_masks import array_of, box_of_mask, box_of_runs, runs_of
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.execution.answer_json import answer_from_json, answer_to_json
from dmn_bench.execution.cluster_messages import AskedCase, Batch, read_reply, reply_of
from dmn_bench.execution.outcome import Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, Mask, Origin

ONE = Origin(case_id="c0", images={"image-1": "a.png"}, sop_instance_uids={}, image_sizes={"a.png": (4, 3)})
TWO = replace(ONE, images={"image-1": "a.png", "image-2": "b.png"})
INSIDE = np.array([[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]], dtype=np.uint8)
IN_MM = {"x_mm": 1.0, "y_mm": -2.0, "z_mm": 3.5}


def read(*marks, origin=ONE):
    return read_answer({"status": "answered", "marks": [{"finding": "f", **mark} for mark in marks]}, "c0", origin)


def the_mark(mark, origin=ONE):
    answer = read(mark, origin=origin)
    assert answer.status == "answered", answer.reason
    return answer.marks[0]


def test_a_circle_has_its_centre_and_its_diameter_and_no_box():
    mark = the_mark({"x": 2, "y": 1, "diameter": 1.5})
    assert (mark.x, mark.y, mark.diameter, mark.width) == (2.0, 1.0, 1.5, None)


def test_an_outline_is_kept_with_the_box_round_it_and_without_its_repeated_end():
    mark = the_mark({"outline": [[1, 0], [3, 0.5], [2, 2.5], [1, 0]], "score": 0.5})
    assert mark.outline == ((1.0, 0.0), (3.0, 0.5), (2.0, 2.5))
    assert (mark.x, mark.y, mark.width, mark.height) == (1.0, 0.0, 2.0, 2.5)
    assert the_mark({"outline": np.array([[1, 0], [3, 0.5], [2, 2.5]])}).outline == mark.outline


def test_a_box_that_is_stated_beside_a_region_is_kept():
    mark = the_mark({"outline": [[1, 0], [3, 0.5], [2, 2.5]], "x": 1, "y": 0, "width": 3, "height": 3})
    assert (mark.x, mark.y, mark.width, mark.height) == (1.0, 0.0, 3.0, 3.0)


@pytest.mark.parametrize(
    "sent", [INSIDE, {"array": INSIDE.astype(bool)}, {"rows": 3, "columns": 4, "runs": [1, 2, 3, 1, 5]}]
)
def test_a_mask_is_kept_as_runs_with_the_box_round_its_pixels(sent):
    mark = the_mark({"mask": sent, "image": "image-1", "frame": 1}, origin=TWO)
    place = {"image": "a.png", "frame": 1}
    assert mark.mask == Mask(structure="f", rows=3, columns=4, runs=(1, 2, 3, 1, 5), **place)
    assert (mark.x, mark.y, mark.width, mark.height) == (1.0, 0.0, 2.0, 2.0)
    assert np.array_equal(array_of(mark.mask), INSIDE)


def test_runs_are_taken_for_masks_of_structures_too():
    raw = {"status": "answered", "masks": [{"structure": "heart", "rows": 3, "columns": 4, "runs": [12]}]}
    assert read_answer(raw, "c0", ONE).masks == (Mask(structure="heart", rows=3, columns=4, runs=(12,)),)


def test_spheres_and_boxes_in_millimetres_are_kept_beside_a_place_in_pixels():
    assert the_mark({**IN_MM, "diameter_mm": 8}).diameter_mm == 8.0
    both = the_mark({**IN_MM, "size_mm": [1, 2, 3], "x": 1, "y": 1})
    assert (both.size_mm, both.x, both.z_mm) == ((1.0, 2.0, 3.0), 1.0, 3.5)


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ({"x": 1, "y": 1, "score": math.nan}, "marks[0].score: expected a finite number, found nan"),
        ({"x": 1, "y": 1, "score": -math.inf}, "marks[0].score: expected a finite number, found -inf"),
        ({"x": 1, "y": 1, "width": -1, "height": 1}, "marks[0].width: expected a number above 0, found -1"),
        ({"x": 1, "y": 1, "diameter": 0}, "marks[0].diameter: expected a number above 0, found 0"),
        ({"x": 1, "y": 1, "diameter": 6}, "marks[0].diameter: expected at most the diagonal of the image, 5 px"),
        ({"x": 1, "y": 1, "diameter": 1, "width": 1, "height": 1}, "marks[0]: expected x and y with or without"),
        ({"diameter": 1}, "marks[0]: expected x and y with or without"),
        ({"outline": [[0, 0], [1, 1]]}, "marks[0].outline: expected three points or more that enclose something"),
        ({"outline": [[0, 0], [1, 1], [2, 2]]}, "marks[0].outline: expected three points or more"),
        ({"outline": [[0, 0], [1, 1], [2]]}, "marks[0].outline[2]: expected 2 numbers"),
        ({"outline": [[0, 0], [1, 1], [2, math.inf]]}, "marks[0].outline[2]: expected a finite number"),
        ({"outline": [[0, 0]] * 10**6}, "marks[0].outline: expected at most 10000 entries, found 1000000"),
        ({"outline": np.zeros((10**6, 2))}, "marks[0].outline: expected at most 10000 entries, found 10001"),
        ({"outline": [[0, 0], [9, 0], [9, 2]]}, "marks[0].x: expected within the image, 0 to 4 px, found 0 to 9"),
        ({"outline": "1 2 3 4 5 6"}, "marks[0].outline: expected a list, found 1 2 3 4 5 6"),
        ({"outline": [[0, 0], [3, 0], [3, 2]], "mask": INSIDE}, "marks[0]: expected x and y with or without"),
        ({"outline": [[0, 0], [3, 0], [3, 2]], "x": 1}, "marks[0]: expected x and y with or without"),
        ({"mask": INSIDE[:2]}, "marks[0].mask.array: expected 3 rows and 4 columns, found 2 and 4"),
        ({"mask": INSIDE * 2}, "marks[0].mask.array: expected nothing but 0 and 1"),
        ({"mask": INSIDE * 0}, "marks[0].mask: expected at least one pixel inside, found none"),
        ({"mask": INSIDE.tolist()}, "marks[0].mask: expected an object, found a list of 3"),
        ({"mask": {"array": INSIDE.tolist()}}, "marks[0].mask.array: expected an array [rows, columns]"),
        ({"mask": {"rows": 3, "columns": 4, "runs": [1, 2]}}, "marks[0].mask.runs: expected 12 pixels in all, found 3"),
        ({"mask": {"rows": 3, "columns": 4, "runs": [1, 0, 11]}}, "marks[0].mask.runs[1]: expected a whole number"),
        ({"mask": {"rows": 3, "columns": 4, "runs": [1, -2, 13]}}, "marks[0].mask.runs[1]: expected a whole number"),
        ({"mask": {"rows": 4, "columns": 3, "runs": [1, 2, 9]}}, "marks[0].mask.rows: expected 3 rows and 4 columns"),
        ({"mask": {"rows": 10**6, "columns": 10**6, "runs": [1]}}, "marks[0].mask: expected at most 268435456 pixels"),
        (
            {"mask": {"rows": 3, "columns": 4, "runs": [12], "array": INSIDE}},
            "marks[0].mask: expected an array or runs",
        ),
        ({**IN_MM, "diameter_mm": -1}, "marks[0].diameter_mm: expected a number above 0, found -1"),
        ({**IN_MM, "size_mm": [1, 2]}, "marks[0].size_mm: expected three numbers above 0, found 1, 2"),
        ({**IN_MM, "size_mm": [1, 0, 2]}, "marks[0].size_mm: expected three numbers above 0, found 1, 0, 2"),
        ({**IN_MM, "size_mm": [1, 1, 2], "diameter_mm": 3}, "marks[0]: expected x and y with or without"),
        ({"x_mm": 1, "y_mm": 2, "diameter_mm": 3}, "marks[0]: expected x and y with or without"),
    ],
)
def test_what_is_no_place_fails_the_case_and_says_why(mark, reason):
    answer = read(mark)
    assert answer.status == "failed"
    assert answer.reason.startswith(reason)


def test_of_several_images_a_region_names_its_own():
    assert read({"outline": [[0, 0], [3, 0], [3, 2]]}, origin=TWO).reason.startswith("marks[0].image: expected one of")
    assert read({"mask": INSIDE}, origin=TWO).reason.startswith("marks[0].image: expected one of")
    assert the_mark({**IN_MM, "diameter_mm": 8}, origin=TWO).image is None


def test_marks_of_every_form_survive_the_ledger_and_the_way_from_a_worker():
    answer = read(
        {"x": 2, "y": 1, "diameter": 1.5, "score": 0.25},
        {"outline": [[1, 0], [3, 0.5], [2, 2.5]]},
        {"mask": INSIDE, "frame": 1},
        {**IN_MM, "size_mm": [1, 2, 3]},
        {**IN_MM, "diameter_mm": 8},
    )
    assert answer.status == "answered"
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer
    batch = Batch(key="b", cases=(AskedCase(case_id="c0", files=(), reads=()),))
    (found,) = read_reply(reply_of("answered", [Outcome(asked=AskedAnswer(answer=answer))])).read(batch)
    assert found.asked.answer == answer


def test_a_mark_of_before_is_written_as_before():
    answer = read({"x": 2, "y": 1, "width": 1, "height": 1, "score": 0.5})
    expected = {"finding": "f", "x": 2.0, "y": 1.0, "width": 1.0, "height": 1.0, "score": 0.5}
    assert answer_to_json(answer)["marks"] == [expected]


@given(arrays.arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))).filter(lambda inside: inside.any()))
def test_the_box_round_runs_is_the_box_round_the_pixels(inside):
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    expected = (columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
    assert box_of_runs(inside.shape[1], runs_of(inside)) == expected
    mask = Mask(structure="f", rows=inside.shape[0], columns=inside.shape[1], runs=runs_of(inside))
    assert box_of_mask(mask) == expected


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["rows", "runs", "array"]), inner),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(["outline", "mask", "size_mm", "diameter", "x", "y"], anything))
)
def test_whatever_a_mark_is_it_is_read_or_refused(mark):
    answer = read(mark)
    assert isinstance(answer, Answer)
    assert (answer.status == "failed") == bool(answer.reason)
