"""Results that name the hospital's own files, which an import copied under the names of the set."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dmn_bench.adapters.coco_results import CocoResults
from dmn_bench.adapters.grand_challenge import GrandChallenge
from dmn_bench.adapters.json_results import JsonResults
from dmn_bench.adapters.mask_files import MaskFiles
from dmn_bench.adapters.predictions import Predictions
from dmn_bench.adapters.yolo_text import YoloText
from dmn_bench.errors import CandidateError
from dmn_bench.harness.gathering import in_names_of_the_set
from dmn_bench.reference_set.identity import Identity, SourceFile

from ..set_factory import worded
from .kit import keys

BY_SOURCE = {"id": {"is": "source_file"}}
NAMES = ("ward/IMG471.jpg", "IMG472.jpg")
CASES = tuple(
    keys(f"c{n}", files=(f"c{n}.png",), sizes={f"c{n}.png": (200, 100)}, sources={name: f"c{n}.png"})
    for n, name in enumerate(NAMES, start=1)
)
SERIES = keys("c3", files=("files/c3",), sources={"ct/1.2.840": ""})
BOX = {"category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.5}


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def coco(tmp_path, **options):
    table = [{"id": n, "file_name": name, "width": 200, "height": 100} for n, name in enumerate(NAMES)]
    written(tmp_path / "images.json", {"images": options.pop("table", table)})
    written(tmp_path / "results.json", [{**BOX, "image_id": 0}, {**BOX, "image_id": 1}])
    return CocoResults(path="results.json", images="images.json", categories={"1": "fx"}, **options)


def yolo(tmp_path, **options):
    for name in ("IMG471", "IMG472"):
        written(tmp_path / f"labels/{name}.txt", "0 0.5 0.5 0.5 0.5 0.9")
    return YoloText(path="labels", classes={"0": "fx"}, **options)


def listed(tmp_path, **options):
    written(tmp_path / "r.json", [{"name": name, "boxes": [{"b": [1, 2, 3, 4], "s": 0.5}]} for name in NAMES])
    places = {"id_at": "name", "marks_at": "boxes", "box_at": ("b",), "mark_score_at": "s", "finding": "fx"}
    return JsonResults(path="r.json", **places, **options)


def jobs(tmp_path, **options):
    boxes = {"type": "Multiple points", "version": {"major": 1, "minor": 0}}
    points = [{"point": [3, 4, 0.5], "probability": 0.5}]
    job = {"status": "Succeeded", "outputs": [{"socket": {"slug": "found"}, "value": {**boxes, "points": points}}]}
    images = [{"inputs": [{"socket": {"slug": "i"}, "image": {"name": name}}]} for name in NAMES]
    written(tmp_path / "predictions.json", [{**job, **each, "pk": str(n)} for n, each in enumerate(images)])
    return GrandChallenge(path="predictions.json", coordinates="px", marks={"found": "fx"}, **options)


def table(tmp_path, **options):
    written(tmp_path / "p.csv", "case_id,finding,score,x,y\nIMG471,fx,0.5,3,4\nIMG472,fx,0.5,3,4\n")
    return Predictions(path="p.csv", **options)


@pytest.mark.parametrize("vendor", [coco, yolo, listed, jobs, table])
def test_marks_are_of_the_copies_of_the_files_that_are_named(tmp_path, vendor):
    found = [each.answer for each in vendor(tmp_path, **BY_SOURCE).answers(CASES, tmp_path)]
    assert [(answer.status, len(answer.marks)) for answer in found] == [("answered", 1)] * 2
    assert {mark.image for answer in found for mark in answer.marks} <= {None, "c1.png", "c2.png"}


@pytest.mark.parametrize("vendor", [coco, yolo, listed, jobs, table])
def test_names_of_the_hospital_alone_are_told_with_the_way_out(tmp_path, vendor):
    with pytest.raises(CandidateError) as caught:
        [*vendor(tmp_path).answers(CASES, tmp_path)]
    (problem,) = caught.value.problems
    assert (problem.key, problem.facts["kind"]) == ("adapters.ids_of_other_kind", "source_file")
    assert [key for _, key in worded(caught.value.problems)] == [problem.key]


def test_without_the_table_of_the_import_that_is_said(tmp_path):
    with pytest.raises(CandidateError) as caught:
        yolo(tmp_path, **BY_SOURCE).answers([keys("c1", files=("c1.png",))], tmp_path)
    assert [key for _, key in worded(caught.value.problems)] == ["adapters.no_source_files"]


def test_names_that_two_files_have_are_refused_and_their_paths_are_not(tmp_path):
    cases = [keys(name, files=(f"{name}.png",), sources={f"{name}/i.png": f"{name}.png"}) for name in ("a", "b")]
    written(tmp_path / "p.csv", "case_id,finding,score\na/i.png,fx,0.5\nb/i.png,fx,0.25\n")
    found = [each.answer for each in Predictions(path="p.csv", **BY_SOURCE).answers(cases, tmp_path)]
    assert [answer.findings["fx"].score for answer in found] == [0.5, 0.25]
    written(tmp_path / "p.csv", "case_id,finding,score\ni,fx,0.5\n")
    with pytest.raises(CandidateError) as caught:
        [*Predictions(path="p.csv", **BY_SOURCE).answers(cases, tmp_path)]
    assert [problem.key for problem in caught.value.problems] == ["adapters.id_ambiguous"]


def test_an_image_of_a_case_that_is_not_spoken_of_fails_the_case(tmp_path):
    two = keys("c1", files=("a.png", "b.png"), sizes=dict.fromkeys(("a.png", "b.png"), (10, 10)),
               sources={"IMG471.jpg": "a.png", "IMG472.jpg": "b.png"})  # fmt: skip
    adapter = yolo(tmp_path, **BY_SOURCE)
    whole = next(iter(adapter.answers([two], tmp_path))).answer
    assert {mark.image for mark in whole.marks} == {"a.png", "b.png"}
    (tmp_path / "labels/IMG472.txt").unlink()
    half = next(iter(adapter.answers([two], tmp_path))).answer
    assert (half.status, half.reason) == ("failed", "invalid output: no output for 1 of 2 images")


def test_boxes_of_hospital_files_as_stored_are_turned_by_the_mark_that_the_copy_lost(tmp_path):
    stored = [{"id": n, "file_name": name, "width": 100, "height": 200} for n, name in enumerate(NAMES)]
    turned = [replace(each, source_turns={each.case.files[0]: 6}) for each in CASES]
    adapter = coco(tmp_path, table=stored, pictures="stored", **BY_SOURCE)
    for each in adapter.answers(turned, tmp_path):
        (mark,) = each.answer.marks
        assert (mark.x, mark.y, mark.width, mark.height) == pytest.approx((140.0, 10.0, 40.0, 30.0))
    with pytest.raises(CandidateError) as caught:
        [*adapter.answers(CASES, tmp_path)]  # an import that kept no mark
    assert {key for _, key in worded(caught.value.problems)} == {"answers.turned_without_mark"}


def test_a_device_that_was_given_the_upright_copies_is_not_turned(tmp_path):
    copies = [{"id": n, "file_name": f"c{n + 1}.png", "width": 200, "height": 100} for n in range(2)]
    turned = [replace(each, source_turns={each.case.files[0]: 6}) for each in CASES]
    for each in coco(tmp_path, table=copies, pictures="stored").answers(turned, tmp_path):
        assert (each.answer.marks[0].x, each.answer.marks[0].y) == (10.0, 20.0)


def test_a_series_goes_by_the_name_of_its_folder(tmp_path):
    written(tmp_path / "p.csv", "case_id,finding,score\n1.2.840,fx,0.5\n")
    (answer,) = (each.answer for each in Predictions(path="p.csv", **BY_SOURCE).answers([SERIES], tmp_path))
    assert answer.findings["fx"].score == 0.5
    written(tmp_path / "p.csv", "case_id,finding,score\n1.2,fx,0.5\n")
    with pytest.raises(CandidateError):
        [*Predictions(path="p.csv", **BY_SOURCE).answers([SERIES], tmp_path)]


class TestMasks:
    @pytest.fixture
    def masks(self, tmp_path):
        (tmp_path / "m").mkdir()
        for name in ("IMG471", "IMG472"):
            Image.fromarray(np.eye(100, 200, dtype=np.uint8) * 255).save(tmp_path / f"m/{name}_fx.png")
        return MaskFiles(folder="m", pattern="{source_file}_{structure}.png")

    def test_the_pattern_that_would_fit_is_said(self, tmp_path, masks):
        with pytest.raises(CandidateError) as caught:
            replace(masks, pattern="{case_id}_{structure}.png").answers(CASES, tmp_path)
        (problem,) = caught.value.problems
        assert (problem.key, problem.facts["other"]) == ("masks.files_of_sources", "{source_file}_{structure}.png")
        worded(caught.value.problems)

    def test_without_the_table_of_the_import_that_is_said(self, tmp_path, masks):
        with pytest.raises(CandidateError) as caught:
            masks.answers([keys("c1", files=("c1.png",))], tmp_path)
        assert [key for _, key in worded(caught.value.problems)] == ["masks.no_source_files"]

    @pytest.mark.parametrize("pattern", ["{source_file}{case_id}", "{source_file}-{case_id}", "{source_file}-{image}"])
    def test_a_case_is_named_once(self, pattern):
        with pytest.raises(ValueError, match="pattern"):
            MaskFiles(folder="m", pattern=pattern)

    def test_no_name_of_the_hospital_is_recorded(self, tmp_path, masks):
        (name,) = masks.identity(tmp_path)
        assert name == "m"
        changed = dict(masks.identity(tmp_path))
        (tmp_path / "m/IMG471_fx.png").write_bytes(b"other")
        assert masks.identity(tmp_path) != changed


def test_no_name_of_the_hospital_is_recorded_of_texts(tmp_path):
    adapter = yolo(tmp_path, **BY_SOURCE, no_marks="negative", evaluated="seen.json")
    written(tmp_path / "seen.json", ["IMG471"])
    before = dict(adapter.identity(tmp_path))
    assert set(before) == {"labels", "seen.json"}
    written(tmp_path / "labels/IMG471.txt", "")
    assert {name for name in before if adapter.identity(tmp_path)[name] != before[name]} == {"labels"}


def test_no_reason_of_a_record_names_a_file_of_the_hospital(tmp_path):
    adapter = yolo(tmp_path, **BY_SOURCE)
    written(tmp_path / "labels/IMG471.txt", "0 0.5 0.5 0.5 0.5 0.9\n" * 2)
    answer = next(iter(adapter.answers(CASES, tmp_path))).answer
    assert "labels/IMG471.txt:2" in answer.reason
    of_case = (SourceFile("ward/IMG471.jpg", "c1.png"),)
    identity = Identity(study_instance_uids=(), accession_numbers=(), objects=(), sources=of_case)
    assert in_names_of_the_set(answer, identity).reason == answer.reason.replace("IMG471", "c1")
