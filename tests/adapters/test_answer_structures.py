"""Masks, contours and measurements of an answer: read strictly, kept without loss."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dmn_bench.adapters.answer_masks import array_of, runs_of
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.execution.answer_json import answer_from_json, answer_to_json
from dmn_bench.vocabulary import Contour, Mask, Measurement, Origin

ONE = Origin(
    case_id="c0", images={"image-1": "a.dcm"}, sop_instance_uids={"1.2": "a.dcm"}, image_sizes={"a.dcm": (4, 3)}
)
TWO = replace(ONE, images={"image-1": "a.dcm", "image-2": "b.dcm"})
INSIDE = np.array([[0, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]], dtype=np.uint8)


def answered(**parts):
    return {"status": "answered", **parts}


@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_a_mask_is_what_its_runs_say(inside):
    rows, columns = inside.shape
    mask = Mask(structure="heart", rows=rows, columns=columns, runs=runs_of(inside))
    assert np.array_equal(array_of(mask), inside)
    assert sum(mask.runs) == inside.size
    assert all(run > 0 for run in mask.runs[1:])


def test_runs_that_do_not_fill_the_image_are_no_mask():
    with pytest.raises(ValueError, match="runs of 3 pixels for 2 rows of 2"):
        array_of(Mask(structure="heart", rows=2, columns=2, runs=(1, 2)))


def test_masks_contours_and_measurements_are_read_and_survive_json():
    raw = answered(
        masks=[{"structure": "heart", "array": INSIDE}],
        contours=[
            {"structure": "lung", "points": [[0, 0], [3.5, 0], [3.5, 2]], "frame": 1},
            {"structure": "lung", "points_mm": np.array([[1.0, 2.0, 3.0]]), "instance": "1.2"},
        ],
        measurements={"qt_ms": 412, "diameter": {"value": 8.5, "unit": "mm"}},
    )
    answer = read_answer(raw, "c0", ONE)
    assert answer.masks == (Mask(structure="heart", rows=3, columns=4, runs=(1, 2, 5, 4)),)
    assert answer.contours[0] == Contour(structure="lung", points=((0, 0), (3.5, 0), (3.5, 2)), frame=1)
    assert answer.contours[1] == Contour(structure="lung", points_mm=((1, 2, 3),), instance="1.2")
    assert answer.measurements == {"qt_ms": Measurement(value=412), "diameter": Measurement(value=8.5, unit="mm")}
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


def test_no_masks_and_an_empty_list_of_masks_stay_two_things():
    none, empty = read_answer(answered(measurements={"x": 1}), "c0", ONE), read_answer(answered(masks=[]), "c0", ONE)
    assert (none.masks, empty.masks) == (None, ())
    assert answer_from_json(answer_to_json(empty)).masks == ()
    assert answer_from_json(answer_to_json(none)).masks is None


def test_of_several_images_a_structure_names_its_own():
    raw = answered(masks=[{"structure": "heart", "array": INSIDE, "image": "image-1"}])
    assert read_answer(raw, "c0", TWO).masks[0].image == "a.dcm"
    by_instance = answered(contours=[{"structure": "heart", "points": [[1, 1]], "instance": "1.2"}])
    assert read_answer(by_instance, "c0", TWO).contours[0].image == "a.dcm"


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"masks": [{"structure": "h", "array": INSIDE[:2]}]}, "masks[0].array: expected 3 rows and 4 columns, found"),
        ({"masks": [{"structure": "h", "array": INSIDE * 2}]}, "masks[0].array: expected nothing but 0 and 1"),
        ({"masks": [{"structure": "h", "array": INSIDE * np.nan}]}, "masks[0].array: expected nothing but 0 and 1"),
        ({"masks": [{"structure": "h", "array": [[0, 1]]}]}, "masks[0].array: expected an array [rows, columns]"),
        ({"masks": [{"array": INSIDE}]}, "masks[0].structure: expected text, found nothing"),
        ({"contours": [{"structure": "h"}]}, "contours[0]: expected points or points_mm, found neither"),
        ({"contours": [{"structure": "h", "points": [[1, 1]], "points_mm": [[1, 1, 1]]}]}, "found both"),
        ({"contours": [{"structure": "h", "points": []}]}, "contours[0].points: expected at least one point"),
        ({"contours": [{"structure": "h", "points": [[1, 1, 1]]}]}, "contours[0].points[0]: expected at most 2"),
        ({"contours": [{"structure": "h", "points": [[1]]}]}, "contours[0].points[0]: expected 2 numbers"),
        ({"contours": [{"structure": "h", "points_mm": [[1, 1, float("inf")]]}]}, "expected a finite number"),
        ({"contours": [{"structure": "h", "points": [[1, 1]], "instance": "9.9"}]}, "contours[0].instance: expected"),
        ({"measurements": {"qt": "412"}}, "measurements.qt: expected a finite number"),
        ({"measurements": {"qt": {"value": 412, "units": "ms"}}}, "measurements.qt key: expected 'unit'"),
        ({"measurements": {"qt": {"unit": "ms"}}}, "measurements.qt.value: expected a finite number, found nothing"),
    ],
)
def test_what_is_not_as_the_contract_says_fails_the_case_with_its_place(part, reason):
    answer = read_answer(answered(**part), "c0", ONE)
    assert answer.status == "failed"
    assert reason in answer.reason


def test_among_several_images_nobody_guesses():
    answer = read_answer(answered(masks=[{"structure": "h", "array": INSIDE}]), "c0", TWO)
    assert answer.reason == "masks[0].image: expected one of image-1, image-2, found none"


def test_a_slice_is_named_as_in_the_set_whatever_the_copy_was_called():
    asked = replace(ONE, sop_instance_uids={"2.25.7": "a.dcm", "1.2": "a.dcm"}, originals={"2.25.7": "1.2"})
    raw = answered(masks=[{"structure": "heart", "array": INSIDE, "instance": "2.25.7"}])
    assert read_answer(raw, "c0", asked).masks[0].instance == "1.2"
    raw = answered(masks=[{"structure": "heart", "array": INSIDE, "instance": "1.2"}])
    assert read_answer(raw, "c0", asked).masks[0].instance == "1.2"
