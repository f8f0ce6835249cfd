"""Outputs made for grand-challenge.org: likelihoods, boxes and points, in lists of jobs and in folders."""

import json

import pytest

from dmn_bench.adapters.grand_challenge import GrandChallenge
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import FindingAnswer

from .kit import keys

SIZES = {"a.mha": (200, 100), "b.mha": (200, 100)}
CASES = (keys("c1", files=("a.mha",), sizes=SIZES), keys("c2", files=("b.mha",), sizes=SIZES))
VERSION = {"major": 1, "minor": 0}
BOX = {"corners": [[10, 20, 0], [40, 20, 0], [40, 60, 0], [10, 60, 0]], "probability": 0.75, "name": "lesion 1"}
BOXES = {"type": "Multiple 2D bounding boxes", "boxes": [BOX], "version": VERSION}
POINTS = {"type": "Multiple points", "points": [{"point": [1.5, -2.5, 30.0], "probability": 0.5}], "version": VERSION}
SCORES, MARKS = {"likelihood": "nodule"}, {"lesions": "nodule"}


def job(image, outputs, *, word="socket", status="Succeeded", pk="j1"):
    return {
        "pk": pk,
        "status": status,
        "inputs": [{word: {"slug": "x-ray"}, "image": {"name": image}}, {word: {"slug": "age"}, "value": 40}],
        "outputs": [
            {word: {"slug": slug, "relative_path": f"{slug}.json"}, "value": value} for slug, value in outputs.items()
        ],
    }


@pytest.fixture
def read(tmp_path):
    def read_them(jobs, cases=CASES, **options):
        options = {"coordinates": "px", "scores": SCORES, "marks": MARKS, **options}
        if jobs is not None:
            (tmp_path / "predictions.json").write_text(jobs if isinstance(jobs, str) else json.dumps(jobs))
        adapter = GrandChallenge(path=options.pop("path", "predictions.json"), **options)
        found = [each.answer for each in adapter.answers(cases, tmp_path)]
        assert [answer.case_id for answer in found] == [each.case.case_id for each in cases]
        return {answer.case_id: answer for answer in found}

    return read_them


def write(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))


def problems(read, jobs, **options):
    with pytest.raises(CandidateError) as caught:
        read(jobs, **options)
    return {(problem.key, problem.where) for problem in caught.value.problems}


@pytest.mark.parametrize("word", ["socket", "interface"])
def test_a_list_of_jobs_gives_scores_and_boxes(read, word):
    found = read([job("a.mha", {"likelihood": 0.8, "lesions": BOXES}, word=word)])
    assert found["c1"].findings == {"nodule": FindingAnswer(score=0.8)}
    (mark,) = found["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height, mark.score) == (10.0, 20.0, 30.0, 40.0, 0.75)
    assert (found["c2"].status, found["c2"].reason) == ("failed", "no output")


def test_outputs_may_lie_in_the_folders_of_the_jobs(read, tmp_path):
    jobs = [job("a.mha", {"likelihood": None, "lesions": None}, pk="j1")]
    write(tmp_path, {"j1/output/likelihood.json": 0.25, "j1/output/lesions.json": BOXES, "other.json": 1})
    found = read(jobs)
    assert (found["c1"].findings["nodule"].score, len(found["c1"].marks)) == (0.25, 1)
    adapter = GrandChallenge(path="predictions.json", coordinates="px", scores=SCORES, marks=MARKS)
    assert set(adapter.identity(tmp_path)) == {
        "predictions.json",
        "j1/output/likelihood.json",
        "j1/output/lesions.json",
    }


def test_a_folder_for_each_case_is_read_too(read, tmp_path):
    write(tmp_path, {"out/c1/output/likelihood.json": 0.25, "out/c1/output/lesions.json": BOXES})
    write(tmp_path, {"out/c2/likelihood.json": 0.5, "out/c2/lesions.json": {**BOXES, "boxes": []}})
    found = read(None, path="out", id={"is": "case_id"})
    assert [answer.findings["nodule"].score for answer in found.values()] == [0.25, 0.5]
    assert [len(answer.marks) for answer in found.values()] == [1, 0]
    write(tmp_path, {"out/c9/likelihood.json": 0.25})
    assert ("adapters.ids_unknown", "out/c9") in problems(read, None, path="out", id={"is": "case_id"})


def test_a_missing_output_is_a_failure_unless_it_is_declared_to_say_that_nothing_was_found(read):
    jobs = [job("a.mha", {"likelihood": 0.8}), job("b.mha", {"lesions": BOXES})]
    found = read(jobs)
    assert (found["c1"].status, found["c1"].marks) == ("answered", None)  # the score stands, nothing is said of marks
    assert (found["c2"].status, len(found["c2"].marks)) == ("answered", 1)
    assert read([job("a.mha", {})])["c1"].reason == "no output"
    two = read(jobs, marks={"lesions": "nodule", "masses": "mass"})
    assert two["c2"].finding_statuses == {"mass": "failed"}
    lenient = read(jobs, no_marks="negative")
    assert (lenient["c1"].status, lenient["c1"].marks, lenient["c1"].finding_statuses) == ("answered", (), {})


def test_a_job_that_failed_is_a_failed_case_and_two_jobs_are_two_answers(read):
    found = read([job("a.mha", {}, status="Failed"), job("b.mha", {"likelihood": 1}), job("b.mha", {"likelihood": 0})])
    assert (found["c1"].status, found["c1"].reason) == ("failed", "job Failed")
    assert found["c2"].reason == "invalid output: two answers: two jobs for b.mha"


def test_the_same_output_twice_in_one_job_is_two_answers(read):
    one = job("a.mha", {"likelihood": 0.8, "lesions": BOXES})
    one["outputs"].append(one["outputs"][0])
    assert read([one])["c1"].reason.startswith("invalid output: two answers: the output likelihood")


# ------------------------------------------------------------------------------------------------- coordinates


def test_points_and_boxes_in_millimetres_are_points_of_the_patient(read):
    found = read([job("a.mha", {"likelihood": 0.8, "lesions": POINTS})], coordinates="mm")
    (mark,) = found["c1"].marks
    assert (mark.x_mm, mark.y_mm, mark.z_mm, mark.x, mark.score) == (1.5, -2.5, 30.0, None, 0.5)
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": BOXES})], coordinates="mm")["c1"].marks
    assert (mark.x_mm, mark.y_mm, mark.z_mm) == (25.0, 40.0, 0.0)


def test_millimetres_of_an_image_are_px_times_a_declared_spacing(read):
    jobs = [job("a.mha", {"likelihood": 0.8, "lesions": BOXES})]
    (mark,) = read(jobs, coordinates="image_mm", spacing_mm=(0.5, 2.0))["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height) == (20.0, 10.0, 60.0, 20.0)
    assert ("answers.spacing_option", "predictions.json") in problems(read, jobs, coordinates="image_mm")
    assert ("answers.spacing_option", "predictions.json") in problems(read, jobs, spacing_mm=(1.0, 1.0))
    wrong = {"coordinates": "image_mm", "spacing_mm": (0.0, 1.0)}
    assert ("answers.spacing_option", "predictions.json") in problems(read, jobs, **wrong)


def test_centres_of_pixels_are_half_a_pixel_from_their_corners_and_slices_are_frames(read):
    jobs = [job("a.mha", {"likelihood": 0.8, "lesions": {**POINTS, "points": [{"point": [5, 6, 3]}]}})]
    (mark,) = read(jobs, pixel_origin="centre", third="frame_from_0")["c1"].marks
    assert (mark.x, mark.y, mark.frame, mark.score) == (5.5, 6.5, 4, None)
    (mark,) = read(jobs, third="frame_from_1")["c1"].marks
    assert (mark.x, mark.frame) == (5.0, 3)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"corners": [[0, 0, 0], [5, 1, 0], [6, 6, 0], [1, 5, 0]]}, {}),
        ({"corners": [[0, 0, 0], [5, 0, 0], [5, 5, 0]]}, {}),
        ({"corners": [[0, 0], [5, 0, 0], [5, 5, 0], [0, 5, 0]]}, {}),
        ({"corners": [[0, 0, 0], [500, 0, 0], [500, 5, 0], [0, 5, 0]]}, {}),
        ({"corners": [[0, 0, 0.5], [5, 0, 0.5], [5, 5, 0.5], [0, 5, 0.5]]}, {"third": "frame_from_0"}),
        ({"corners": [[0, 0, 0], [5, 0, 0], [5, 5, 1], [0, 5, 1]]}, {"third": "frame_from_0"}),
        ({"corners": [[0, 0], [5, 0], [5, 5], [0, 5]]}, {"coordinates": "mm"}),
    ],
)
def test_what_is_no_box_fails_the_case_alone(read, change, options):
    broken = {**BOXES, "boxes": [{**BOX, **change}]}
    fine = {"type": "Point", "point": [1, 2, 3], "version": VERSION}
    found = read(
        [job("a.mha", {"likelihood": 0.8, "lesions": broken}), job("b.mha", {"likelihood": 0.8, "lesions": fine})],
        **options,
    )
    assert found["c1"].reason.startswith("invalid output: a ")
    assert found["c2"].status == "answered"


def test_numbers_that_are_none_fail_the_case_alone(read):
    text = json.dumps([job("a.mha", {"likelihood": 0.8, "lesions": BOXES})])
    assert read(text.replace("0.75", "NaN"))["c1"].status == "failed"
    assert read(text.replace("[10, 20, 0]", "[Infinity, 20, 0]"))["c1"].reason.startswith("invalid output: a place")


# ------------------------------------------------------------------------------------------- what stops everything


@pytest.mark.parametrize(
    ("outputs", "key", "place"),
    [
        ({"likelihood": "0.8"}, "answers.expected_number", "#/0/outputs/0/value"),
        ({"likelihood": [0.8]}, "answers.expected_number", "#/0/outputs/0/value"),
        ({"likelihood": 80}, "answers.score_outside", "#/0/outputs/0/value"),
        (
            {"lesions": {**BOXES, "version": {"major": 2}}},
            "answers.version_unknown",
            "#/0/outputs/0/value/version/major",
        ),
        ({"lesions": {**BOXES, "version": None}}, "answers.version_unknown", "#/0/outputs/0/value/version/major"),
        ({"lesions": {**BOXES, "type": "Multiple angles"}}, "answers.type_unknown", "#/0/outputs/0/value"),
        ({"lesions": [1, 2]}, "answers.type_unknown", "#/0/outputs/0/value"),
        ({"lesions": {"type": "Point", "version": VERSION}}, "answers.expected_list", "#/0/outputs/0/value/point"),
        ({"lesions": {**BOXES, "boxes": None}}, "answers.expected_list", "#/0/outputs/0/value/boxes"),
        (
            {"lesions": {**BOXES, "boxes": [{**BOX, "corners": [[1, 2, 3, 4]] * 4}]}},
            "answers.expected_numbers",
            "#/0/outputs/0/value/boxes/0/corners/0",
        ),
    ],
)
def test_what_is_misread_is_listed_with_its_place(read, outputs, key, place):
    assert (key, f"predictions.json{place}") in problems(read, [job("a.mha", outputs)])


def test_the_image_that_names_the_case_must_be_plain(read):
    two = job("a.mha", {"likelihood": 0.8})
    two["inputs"].append({"socket": {"slug": "prior"}, "image": {"name": "b.mha"}})
    assert ("answers.job_image", "predictions.json#/0") in problems(read, [two])
    assert read([two], image_input="x-ray")["c1"].findings["nodule"].score == 0.8
    assert ("answers.job_image", "predictions.json#/0") in problems(read, [two], image_input="ct")


def test_a_path_that_leads_out_of_the_folder_is_not_followed(read, tmp_path):
    one = job("a.mha", {"likelihood": None, "lesions": BOXES})
    one["outputs"][0]["socket"]["relative_path"] = "../../../secret.json"
    write(tmp_path.parent, {"secret.json": 0.9})
    assert "nodule" not in read([one])["c1"].findings


def test_options_that_contradict_each_other_are_refused(read):
    jobs = [job("a.mha", {"likelihood": 0.8})]
    assert ("answers.nothing_mapped", "predictions.json") in problems(read, jobs, scores={}, marks={})
    assert ("answers.slug_twice", "predictions.json") in problems(read, jobs, marks={"likelihood": "nodule"})
    assert ("answers.no_marks_needs_list", "predictions.json") in problems(read, jobs, marks={}, no_marks="negative")


PATH = [[10, 20, 3], [40, 20.5, 3], [30, 60, 3], [10, 20, 3]]
POLYGON = {"seed_point": [1, 2, 3], "path_points": PATH, "sub_type": "brush", "groups": [], "probability": 0.25}
ELLIPSE = {"major_axis": [[10, 50, 0], [50, 50, 0]], "minor_axis": [[30, 40, 0], [30, 60, 0]], "probability": 0.5}


def of_type(kind, **content):
    return {"type": kind, "version": VERSION, **content}


@pytest.mark.parametrize(
    "lesions", [of_type("Polygon", **POLYGON), of_type("Multiple polygons", polygons=[{**POLYGON, "name": "a"}])]
)
def test_polygons_are_outlines_with_the_box_round_them(read, lesions):
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": lesions})], third="frame_from_0")["c1"].marks
    assert mark.outline == ((10.0, 20.0), (40.0, 20.5), (30.0, 60.0))
    assert (mark.x, mark.y, mark.width, mark.height, mark.score, mark.frame) == (10.0, 20.0, 30.0, 40.0, 0.25, 4)


def test_polygons_are_scaled_like_boxes(read):
    options = {"coordinates": "image_mm", "spacing_mm": (0.5, 0.25), "pixel_origin": "centre"}
    lesions = of_type("Polygon", **{**POLYGON, "path_points": [[10, 10, 0], [40, 10, 0], [40, 20, 0]]})
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": lesions})], **options)["c1"].marks
    assert mark.outline == ((20.5, 40.5), (80.5, 40.5), (80.5, 80.5))
    assert (mark.x, mark.y, mark.width, mark.height) == (20.5, 40.5, 60.0, 40.0)


def test_ellipses_are_outlines_whose_box_is_that_of_their_axes(read):
    lesions = of_type("Multiple ellipses", ellipses=[ELLIPSE])
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": lesions})])["c1"].marks
    assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((10.0, 40.0, 40.0, 20.0))
    assert all(((x - 30) / 20) ** 2 + ((y - 50) / 10) ** 2 == pytest.approx(1) for x, y in mark.outline)


def test_a_polygon_in_millimetres_is_the_middle_of_its_extent(read):
    points = [[0, 0, 10], [8, 0, 10], [8, 4, 12]]
    lesions = of_type("Polygon", **{**POLYGON, "path_points": points})
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": lesions})], coordinates="mm")["c1"].marks
    assert ((mark.x_mm, mark.y_mm, mark.z_mm), mark.size_mm, mark.outline) == ((4.0, 2.0, 11.0), (8.0, 4.0, 2.0), ())
    flat = of_type("Polygon", **{**POLYGON, "path_points": [[x, y, 10] for x, y, _ in points]})
    (mark,) = read([job("a.mha", {"likelihood": 0.8, "lesions": flat})], coordinates="mm")["c1"].marks
    assert (mark.z_mm, mark.size_mm) == (10.0, None)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([[1, 1, 0], [2, 2, 0]], "a polygon of 2 points"),
        ([[1, 1, 0], [2, 2, 0], [3, 3, 0]], "an outline that encloses nothing"),
        ([[1, 1, 0], [2, 2], [3, 1, 0]], "a place of points with two numbers and with three"),
        ([[1, 1, 0], [250, 2, 0], [3, 1, 0]], "a mark outside its image of 200 by 100 px"),
        ([[1, 1, 0], [float("nan"), 2, 0], [3, 1, 0]], "a place with a number that is none"),
        ([[1, 1, 0]] * 10_002, "a polygon of 10002 points"),
    ],
)
def test_a_polygon_that_is_none_fails_the_case_alone(read, points, reason):
    lesions = of_type("Polygon", **{**POLYGON, "path_points": points})
    answer = read([job("a.mha", {"likelihood": 0.8, "lesions": lesions})])["c1"]
    assert answer.status == "failed"
    assert answer.reason.startswith(f"invalid output: {reason}")
