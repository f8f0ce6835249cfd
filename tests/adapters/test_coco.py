"""COCO results: boxes, masks, polygons, and what a results file cannot say."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.adapters.answer_masks import array_of
from dmn_bench.adapters.coco_masks import MaskError, mask_runs, unpacked
from dmn_bench.adapters.coco_results import CocoResults
from dmn_bench.adapters.prediction_tables import Faults
from dmn_bench.adapters.result_json import Node
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import FindingAnswer, Mark

from .kit import keys, problem_keys

SIZES = {"a.png": (200, 100), "b.png": (200, 100), "c.png": (200, 100)}
CASES = tuple(keys(f"c{i}", files=(f"{name}.png",), sizes=SIZES) for i, name in enumerate("abc", start=1))
IMAGES = {"images": [{"id": i, "file_name": f"{name}.png"} for i, name in enumerate("abc", start=1)]}
BOX = {"image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40], "score": 0.75}


@pytest.fixture
def read(tmp_path):
    def read_them(results, cases=CASES, *, images=IMAGES, evaluated=None, **options):
        options = {"categories": {"7": "fracture"}, **options}
        files = {"results.json": results, "images.json": images, "evaluated.json": evaluated}
        for name, content in files.items():
            if content is not None:
                text = content if isinstance(content, str | bytes) else json.dumps(content)
                (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        if images is not None:
            options["images"] = "images.json"
        if evaluated is not None:
            options["evaluated"] = "evaluated.json"
        adapter = CocoResults(path="results.json", **options)
        found = [each.answer for each in adapter.answers(cases, tmp_path)]
        assert [answer.case_id for answer in found] == [each.case.case_id for each in cases]
        assert set(adapter.identity(tmp_path)) == {name for name, content in files.items() if content is not None}
        return {answer.case_id: answer for answer in found}

    return read_them


def problems(read, results, **options):
    with pytest.raises(CandidateError) as caught:
        read(results, **options)
    return {(problem.key, problem.where) for problem in caught.value.problems}


# -------------------------------------------------------------------------------------------------------- boxes


@pytest.mark.parametrize("size", [(100, 200), (50, 100), (75, 150)])
@pytest.mark.parametrize("options", [{}, {"analysed_size": "images"}])
def test_a_table_of_the_image_before_it_was_turned_is_never_stretched_to_it(read, size, options):
    images = {"images": [{**IMAGES["images"][0], "width": size[0], "height": size[1]}, *IMAGES["images"][1:]]}
    found = problems(read, [BOX, {**BOX, "score": 0.1}], images=images, **options)
    assert found == {("answers.turned_size", "images.json#/images/0")}
    with pytest.raises(CandidateError) as caught:
        read([BOX, {**BOX, "score": 0.1}], images=images, **options)
    assert len(caught.value.problems) == 1  # one image, however many boxes


TURNED = tuple(replace(each, picture_turns={each.case.files[0]: 6}) for each in CASES)  # stored as 100 x 200
STORED = {"images": [{**each, "width": 100, "height": 200} for each in IMAGES["images"]]}


@pytest.mark.parametrize(
    ("bbox", "images", "options"),
    [
        ([10, 20, 30, 40], STORED, {}),
        ([10, 20, 30, 40], IMAGES, {}),
        ([5, 10, 15, 20], {"images": [{**each, "width": 50, "height": 100} for each in IMAGES["images"]]},
         {"analysed_size": "images"}),
        ([0.1, 0.1, 0.3, 0.2], IMAGES, {"box_unit": "normalised"}),
    ],
)  # fmt: skip
def test_boxes_of_pictures_as_stored_are_turned_with_them(read, bbox, images, options):
    mark = read([{**BOX, "bbox": bbox}], TURNED, images=images, pictures="stored", **options)["c1"].marks[0]
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((140.0, 10.0, 40.0, 30.0))
    upright = read([BOX], CASES, pictures="stored")["c1"].marks[0]
    assert (upright.x, upright.y, upright.width, upright.height) == (10.0, 20.0, 30.0, 40.0)


def test_outlines_and_masks_of_pictures_as_stored_are_turned_with_them(read):
    square = [10, 20, 40, 20, 40, 60, 10, 60]
    drawn = {"image_id": 1, "category_id": 7, "segmentation": [square], "score": 0.5}
    mark = read([drawn], TURNED, images=STORED, pictures="stored", segmentations="regions")["c1"].marks[0]
    assert set(mark.outline) == {(180.0, 10.0), (180.0, 40.0), (140.0, 40.0), (140.0, 10.0)}
    found = read([drawn], TURNED, images=STORED, pictures="stored", segmentations="masks")["c1"]
    assert set(found.contours[0].points) == set(mark.outline)
    runs = {
        **drawn,
        "segmentation": {"size": [200, 100], "counts": [0, 3, 19997]},
    }  # three pixels down a column
    mask = read([runs], TURNED, images=STORED, pictures="stored", segmentations="masks")["c1"].masks[0]
    assert (mask.rows, mask.columns) == (100, 200)
    assert np.argwhere(array_of(mask)).tolist() == [[0, 197], [0, 198], [0, 199]]
    marked = read([runs], TURNED, images=STORED, pictures="stored", segmentations="regions")["c1"].marks[0]
    assert (marked.mask.runs, marked.x, marked.width) == (mask.runs, 197.0, 3.0)


def test_every_image_stretched_to_one_upright_size_is_stated_as_that_size(read):
    images = {"images": [{**each, "width": 100, "height": 200} for each in IMAGES["images"]]}
    mark = read([BOX], images=images, analysed_size=(100, 200))["c1"].marks[0]
    assert (mark.x, mark.y, mark.width, mark.height) == (20.0, 10.0, 60.0, 20.0)


def test_a_contour_of_the_image_before_it_was_turned_stops_the_reading(read):
    images = {"images": [{**IMAGES["images"][0], "width": 100, "height": 200}, *IMAGES["images"][1:]]}
    drawn = {"image_id": 1, "category_id": 7, "segmentation": [[5, 5, 50, 5, 50, 50]]}
    found = problems(read, [drawn], images=images, segmentations="masks")
    assert found == {("answers.turned_size", "images.json#/images/0")}


def test_boxes_are_marks_of_their_images_and_silence_is_a_failure(read):
    found = read([BOX, {**BOX, "bbox": [0, 0, 5, 5], "score": 0.1}])
    assert found["c1"].marks == (
        Mark(finding="fracture", x=10.0, y=20.0, width=30.0, height=40.0, score=0.75),
        Mark(finding="fracture", x=0.0, y=0.0, width=5.0, height=5.0, score=0.1),
    )
    assert (found["c2"].status, found["c2"].reason, found["c2"].marks) == ("failed", "no output", None)


def test_an_image_that_was_processed_and_has_no_mark_was_found_negative_only_when_somebody_says_so(read):
    by_table = read([BOX], no_marks="negative")
    assert [(a.status, a.marks is not None and len(a.marks)) for a in by_table.values()] == [
        ("answered", 1),
        ("answered", 0),
        ("answered", 0),
    ]
    by_list = read([BOX], no_marks="negative", evaluated=[1, 3])
    assert [a.status for a in by_list.values()] == ["answered", "failed", "answered"]
    assert by_list["c3"].marks == ()
    by_file = read([BOX], no_marks="negative", evaluated={"images": IMAGES["images"][:2]})
    assert [a.status for a in by_file.values()] == ["answered", "answered", "failed"]


def test_the_score_of_a_case_can_be_that_of_its_best_mark(read):
    found = read([BOX, {**BOX, "score": 0.9}], no_marks="negative", score_from_marks="highest")
    assert found["c1"].findings == {"fracture": FindingAnswer(score=0.9)}
    assert found["c2"].findings == {"fracture": FindingAnswer(score=0.0)}


def test_ids_may_be_those_of_the_set_without_a_table(read):
    cases = [keys("c1", files=("a.png",), uids={"1.2.3": "a.png"}), keys("c2", files=("b.png",))]
    by_uid = read([{**BOX, "image_id": "1.2.3"}], cases, images=None, id={"is": "sop_instance_uid"})
    assert [a.status for a in by_uid.values()] == ["answered", "failed"]
    by_number = read([{**BOX, "image_id": 7}], [keys("0007")], images=None, id={"pad": 4})
    assert by_number["0007"].status == "answered"


def test_results_may_stand_in_an_object_as_annotations(read):
    assert read({"annotations": [BOX]})["c1"].status == "answered"


def test_an_image_that_the_files_are_silent_about_fails_its_case(read):
    cases = [keys("c1", files=("a.png", "b.png"), sizes=SIZES)]
    found = read([BOX], cases, images={"images": IMAGES["images"][:2]})
    assert (found["c1"].status, found["c1"].reason) == ("failed", "invalid output: no output for 1 of 2 images")
    both = read([BOX], cases, images={"images": IMAGES["images"][:2]}, no_marks="negative")
    assert [mark.image for mark in both["c1"].marks] == ["a.png"]


# ------------------------------------------------------------------------------------------------- coordinates


@pytest.mark.parametrize(
    ("box", "options"),
    [
        ([10, 20, 30, 40], {}),
        ([0.05, 0.2, 0.15, 0.4], {"box_unit": "normalised"}),
        ([5, 10, 15, 20], {"analysed_size": (100, 50)}),
        ([5, 10, 15, 20], {"analysed_size": "images"}),
    ],
)
def test_boxes_of_any_declared_frame_come_to_px_of_the_original(read, box, options):
    images = {"images": [{**IMAGES["images"][0], "width": 100, "height": 50}]}
    if options.get("analysed_size") != "images":
        images = IMAGES
    (mark,) = read([{**BOX, "bbox": box}], images=images, **options)["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((10, 20, 30, 40))


def test_a_table_with_another_size_than_the_image_stops_the_reading(read):
    images = {"images": [{**IMAGES["images"][0], "width": 100, "height": 50}]}
    assert problems(read, [BOX], images=images) == {("answers.other_size", "images.json#/images/0")}


@pytest.mark.parametrize("box", [[190, 20, 30, 40], [-5, 0, 10, 10], [10, 10, 0, 5], [10, 10, -3, 5]])
def test_a_box_outside_its_image_or_without_extent_fails_the_case_alone(read, box):
    found = read([{**BOX, "bbox": box}, {**BOX, "image_id": 2}])
    assert found["c1"].status == "failed"
    assert found["c1"].reason.startswith("invalid output: a mark ")
    assert "results.json#/0" in found["c1"].reason
    assert found["c2"].status == "answered"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 500])
def test_a_number_that_is_none_fails_the_case_alone(read, number):
    text = f'[{{"image_id": 1, "category_id": 7, "bbox": [1, 2, {number}, 4], "score": 0.5}}]'
    assert read(text)["c1"].reason.startswith("invalid output")
    text = f'[{{"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4], "score": {number}}}]'
    assert read(text)["c1"].status == "failed"


# ------------------------------------------------------------------------------------------- what stops everything


@pytest.mark.parametrize(
    ("result", "key", "place"),
    [
        ({**BOX, "image_id": 99}, "answers.image_not_in_table", "#/1/image_id"),
        ({**BOX, "category_id": 8}, "adapters.finding_unknown", "#/1"),
        ({**BOX, "category_id": None}, "answers.no_category", "#/1/category_id"),
        ({**BOX, "image_id": True}, "answers.expected_text", "#/1/image_id"),
        ({**BOX, "bbox": [1, 2, 3]}, "answers.expected_numbers", "#/1/bbox"),
        ({**BOX, "bbox": [1, 2, 3, "4"]}, "answers.expected_number", "#/1/bbox/3"),
        ({**BOX, "bbox": {"x": 1}}, "answers.expected_list", "#/1/bbox"),
        ({**BOX, "bbox": None}, "answers.no_box", "#/1"),
        ({**BOX, "score": True}, "answers.expected_number", "#/1/score"),
        ({**BOX, "score": 1.5}, "answers.score_outside", "#/1"),
        ({**BOX, "segmentation": [[0, 0, 1, 0, 1, 1]]}, "answers.segmentation_refused", "#/1"),
        (3, "answers.expected_object", "#/1"),
    ],
)
def test_what_is_misread_is_listed_with_its_place_and_nothing_is_scored(read, result, key, place):
    assert (key, f"results.json{place}") in problems(read, [BOX, result])


def test_every_unknown_id_is_listed_together(read):
    with pytest.raises(CandidateError) as caught:
        read([{**BOX, "image_id": name} for name in ("x.png", "a.png", "y.png")], images=None, id={"is": "file_name"})
    (problem,) = caught.value.problems
    assert (problem.key, problem.facts["n"], problem.facts["found"]) == ("adapters.ids_unknown", 2, "x.png, y.png")
    ignored = read(
        [{**BOX, "image_id": name} for name in ("x.png", "a.png")],
        images=None,
        id={"is": "file_name"},
        cases_not_in_set="ignore",
    )
    assert ignored["c1"].status == "answered"


def test_scores_of_another_scale_or_direction_are_declared(read):
    (mark,) = read([{**BOX, "score": 75}], score_unit="percent")["c1"].marks
    assert mark.score == 75.0
    (mark,) = read([{**BOX, "score": -3.5}], score_unit="any", higher_is="negative")["c1"].marks
    assert mark.score == 3.5


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"categories": {}}, "answers.nothing_mapped"),
        ({"no_marks": "negative", "images": None}, "answers.no_marks_needs_list"),
        ({"evaluated": [1]}, "answers.evaluated_unused"),
        ({"analysed_size": "images", "images": None}, "answers.analysed_size_needs_images"),
        ({"analysed_size": (5, 5), "box_unit": "normalised"}, "answers.analysed_size_normalised"),
        ({"analysed_size": (5, 0)}, "answers.analysed_size_wrong"),
        ({"id": {"is": "name"}}, "answers.id_option"),
        ({"id": {"column": "x"}}, "answers.id_option"),
    ],
)
def test_options_that_contradict_each_other_are_refused(read, options, key):
    assert key in {found for found, _ in problems(read, [BOX], **options)}


# ------------------------------------------------------------------------------------------------ hostile files


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ('[{"image_id": 1,\n "category_id": 7', "answers.json_malformed", "results.json:2:18"),
        ("", "answers.json_malformed", "results.json:1:1"),
        ("[" * 100_000, "answers.json_malformed", "results.json"),
        ('[{"image_id": 1, "image_id": 2}]', "answers.key_doubled", "results.json#/0"),
        (json.dumps([BOX]).encode("utf-16"), "adapters.file_encoding", "results.json:1"),
        (b'[{"image_id": "\xe9"}]', "adapters.file_encoding", "results.json:1"),
        ('[{"image_id": 1, "category_id": "\\ud800"}]', "answers.half_character", "results.json#/0/category_id"),
        ('{"annotations": {"a": 1}}', "answers.expected_list", "results.json#/annotations"),
    ],
)
def test_a_hostile_file_ends_in_a_message_with_its_place(read, text, key, place):
    assert (key, place) in problems(read, text)


def test_a_byte_order_mark_and_other_encodings_are_read_when_they_are_named(read):
    assert read("\ufeff" + json.dumps([BOX]))["c1"].status == "answered"
    both = {"encoding": "utf-16", "images": None, "id": {"is": "file_name"}}
    text = json.dumps([{**BOX, "image_id": "a"}]).encode("utf-16")
    assert read(text, **both)["c1"].status == "answered"


def test_a_file_that_is_not_there_is_named(tmp_path):
    adapter = CocoResults(path="none.json", categories={"7": "fracture"})
    for call in (lambda: list(adapter.answers(CASES, tmp_path)), lambda: adapter.identity(tmp_path)):
        with pytest.raises(CandidateError) as caught:
            call()
        assert problem_keys(caught) == {"adapters.file_missing"}


def test_a_table_that_names_an_image_twice_or_not_at_all_stops_the_reading(read):
    twice = {"images": [*IMAGES["images"], IMAGES["images"][0]]}
    assert ("answers.image_doubled", "images.json#/images/3") in problems(read, [BOX], images=twice)
    assert ("answers.image_incomplete", "images.json#/images/0") in problems(
        read, [BOX], images={"images": [{"id": 1}]}
    )
    assert ("answers.no_images_table", "images.json") in problems(read, [BOX], images={})
    assert ("answers.image_doubled", "evaluated.json#/1") in problems(
        read, [BOX], evaluated=[1, 1], no_marks="negative"
    )


# -------------------------------------------------------------------------------------------------------- masks


def node(value):
    return Node(value=value, file="r.json", pointer="", faults=Faults())


def test_run_lengths_are_those_that_pycocotools_wrote():
    witness = json.loads((Path(__file__).parents[1] / "witnesses" / "coco_rle.json").read_text())
    assert len(witness["masks"]) == 8
    for said in witness["masks"]:
        expected = np.zeros(said["size"], dtype=int)
        for index, row in enumerate(said.get("rows", ())):
            expected[index] = [int(bit) for bit in row]
        for top, bottom, left, right, value in said.get("blocks", ()):
            expected[top:bottom, left:right] = value
        rows, columns, runs = mask_runs(node({"size": said["size"], "counts": said["counts"]}))
        assert np.array_equal(np.repeat(np.arange(len(runs)) % 2, runs).reshape(rows, columns), expected)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_run_lengths_are_those_of_pycocotools(data):
    mask_api = pytest.importorskip("pycocotools.mask", reason="the witness pycocotools is not installed")
    rows, columns = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    bits = data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    array = np.array(bits, dtype=np.uint8).reshape(rows, columns)
    packed = mask_api.encode(np.asfortranarray(array))
    text = packed["counts"].decode("ascii")
    counts = unpacked(text)
    flat = array.ravel(order="F")
    assert np.repeat(np.arange(len(counts)) % 2, counts).tolist() == flat.tolist()
    for written in (text, counts):
        found = mask_runs(node({"size": [rows, columns], "counts": written}))
        inside = np.repeat(np.arange(len(found[2])) % 2, found[2]).reshape(found[0], found[1])
        assert inside.tolist() == array.tolist()


def test_large_run_lengths_are_those_of_pycocotools():
    mask_api = pytest.importorskip("pycocotools.mask", reason="the witness pycocotools is not installed")
    array = np.zeros((1500, 1200), dtype=np.uint8)
    array[200:1400, 37:1100] = 1
    array[700:705, 500:900] = 0
    text = mask_api.encode(np.asfortranarray(array))["counts"].decode("ascii")
    rows, columns, runs = mask_runs(node({"size": [1500, 1200], "counts": text}))
    assert np.array_equal(np.repeat(np.arange(len(runs)) % 2, runs).reshape(rows, columns), array)


MASK = {"image_id": 1, "category_id": 7, "segmentation": {"size": [100, 200], "counts": [205, 10, 19785]}, "score": 0.5}


def test_masks_are_read_by_columns_and_say_no_marks(read):
    found = read([MASK], segmentations="masks", no_marks="negative")
    (mask,) = found["c1"].masks
    inside = array_of(mask)
    assert (mask.structure, mask.rows, mask.columns, mask.image) == ("fracture", 100, 200, None)
    assert [int(each) for each in np.flatnonzero(inside.any(axis=0))] == [2]  # 205 = 2 columns of 100 and 5 rows
    assert [int(each) for each in np.flatnonzero(inside[:, 2])] == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert found["c1"].marks is None
    assert (found["c2"].status, found["c2"].masks) == ("answered", ())


def test_polygons_become_contours(read):
    found = read([{**MASK, "segmentation": [[1, 2, 30, 2, 30, 40.5], [5, 5, 6, 5, 6, 6]]}], segmentations="masks")
    assert [contour.points for contour in found["c1"].contours] == [
        ((1.0, 2.0), (30.0, 2.0), (30.0, 40.5)),
        ((5.0, 5.0), (6.0, 5.0), (6.0, 6.0)),
    ]


def test_the_box_round_a_mask_can_stand_for_it(read):
    (mark,) = read([MASK], segmentations="boxes")["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height, mark.score) == (2.0, 5.0, 1.0, 10.0, 0.5)
    polygon = {**MASK, "segmentation": [[1, 2, 30, 2, 30, 40.5]]}
    (mark,) = read([polygon], segmentations="boxes", box_unit="normalised")["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((1.0, 2.0, 29.0, 38.5))


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [100, 200], "counts": [1, 2]},
        {"size": [100, 200], "counts": [205, -10, 19805]},
        {"size": [100], "counts": [205]},
        {"size": [0, 5], "counts": [0]},
        {"size": [10**9, 10**9], "counts": [10**18]},
        {"size": [100, 200], "counts": "\x00"},
        {"size": [100, 200], "counts": "oooooooooooo"},
        {"size": [100, 200], "counts": "`"},
        {"size": [50, 100], "counts": [5000]},
        {"counts": [205]},
        [[1, 2, 3]],
        [[1, 2, 500, 2, 5, 5]],
    ],
)
def test_a_mask_that_is_none_fails_the_case_alone(read, segmentation):
    found = read([{**MASK, "segmentation": segmentation}, {**MASK, "image_id": 2}], segmentations="masks")
    assert found["c1"].reason.startswith("invalid output: a ")
    assert found["c2"].status == "answered"


def test_text_that_is_no_mask_is_refused():
    for text in ("`", "oooooooo", "\x7f", "é"):
        with pytest.raises(MaskError):
            unpacked(text)


# ----------------------------------------------------------------------------------------------------- doubles


def test_a_result_that_is_there_twice_is_two_answers(read):
    again = {"score": 0.75, **BOX, "id": 9, "bbox": [10, 20, 30, 40]}
    found = read([BOX, {**BOX, "image_id": 2}, again])
    assert found["c1"].reason == "invalid output: two answers: a result that is there twice (results.json#/2)"
    assert found["c2"].status == "answered"


def test_two_results_that_differ_are_two_marks(read):
    other_finding = {"7": "fracture", "8": "nodule"}
    found = read([BOX, {**BOX, "score": 0.5}, {**BOX, "category_id": 8}], categories=other_finding)
    assert len(found["c1"].marks) == 3


def test_two_ids_of_one_image_are_a_problem(read):
    images = {"images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "a"}]}
    results = [BOX, {**BOX, "image_id": 2, "score": 0.5}]
    assert problems(read, results, images=images) == {("answers.image_of_two_ids", "results.json#/1")}
    by_name = [{**BOX, "image_id": "a.png"}, {**BOX, "image_id": "a"}]
    found = problems(read, by_name, images=None, id={"is": "file_name"})
    assert found == {("answers.image_of_two_ids", "results.json#/1")}


def test_two_ids_of_one_image_that_was_processed_are_a_problem(read):
    images = {"images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "a"}]}
    found = problems(read, [], images=images, no_marks="negative")
    assert found == {("answers.image_of_two_ids", "images.json#/images/1")}


def test_two_images_of_one_case_have_an_id_each(read):
    cases = (keys("c1", files=("a.png", "b.png"), sizes=SIZES),)
    images = {"images": [{"id": i, "file_name": f"{name}.png"} for i, name in enumerate("ab", start=1)]}
    found = read([BOX, {**BOX, "image_id": 2}], cases, images=images)
    assert [mark.image for mark in found["c1"].marks] == ["a.png", "b.png"]
