"""A live detector that answers with masks and outlines, against lesions drawn as pictures: per lesion and per exam."""

import json

import numpy as np
import pytest
from PIL import Image

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ReferenceSetError
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.reference_set import lock
from dmn_bench.reporting.sections.reference import ReferenceSetSection
from dmn_bench.vocabulary import Grid

from . import small_run

CANDIDATE = """\
import numpy as np


class Candidate:
    def __init__(self, options):
        pass

    def answer(self, request):
        pixels = request["images"][0]["pixels"][:15]
        level = float(pixels.max()) / 255
        inside = np.zeros((16, 16), dtype=np.uint8)
        inside[:15] = pixels > 0
        about = {"finding": "square", "score": level}
        if not inside.any():
            return {"status": "answered", "marks": []}
        if level > 0.5:
            return {"status": "answered", "marks": [{**about, "mask": {"array": inside}}]}
        outline = [[4, 4], [9, 4], [9, 9], [4, 9]]
        circle = {**about, "x": 1, "y": 1, "diameter": 1}
        return {"status": "answered", "marks": [{**about, "outline": outline}, circle]}
"""
ENDPOINTS = """\
endpoints:
  - name: exam
    task: classification
    finding: square
    unit: exam
    case_score: highest_mark
    metrics: [sensitivity, specificity, auc]
  - name: lesion
    task: detection
    finding: square
    unit: case
    hit_rule: {iou_at_least: 0.99, iou_of: region}
    metrics: [lesion_sensitivity]
strata: [size]
statistics: {resamples: 200, seed: 7, minimum_n: {estimate: 1, imprecise_below: 2}}
execution: {seconds_per_case: 20}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The small run with a picture of each square, 25 px² or, of every third patient, cut to 20 px²."""
    path = small_run.write(tmp_path_factory.mktemp("marks"))
    root = path.parent / "set"
    (root / "masks").mkdir()
    lesions = ["case_id,lesion_id,finding,mask_file"]
    for patient in range(0, small_run.N_PATIENTS, 2):
        for exam in "ab":
            inside = np.zeros((16, 16), dtype=np.uint8)
            inside[4 : 8 if patient % 3 == 0 else 9, 4:9] = 255
            name = f"c{patient:02d}{exam}"
            Image.fromarray(inside).save(root / "masks" / f"{name}.png")
            lesions.append(f"{name},1,square,masks/{name}.png")
    (root / "lesions.csv").write_text("\n".join(lesions) + "\n", encoding="utf-8")
    card = root / "reference_set.yaml"
    cut = "lesion_strata: {size: {from: area_px, edges: [22]}}\n"
    card.write_text(card.read_text(encoding="utf-8") + cut, encoding="utf-8")
    (root / "LOCK.json").unlink()
    lock(root)
    (path.parent / "candidate" / "squares_live.py").write_text(CANDIDATE, encoding="utf-8")
    text = small_run.PROTOCOL.split("  - id: file")[0] + ENDPOINTS
    path.write_text(text, encoding="utf-8")
    return path


def run(path, name):
    return evaluate(path, RunOptions(run_dir=path.parent / name), catalogue=build_catalogue())


@pytest.fixture(scope="module")
def record(path):
    return run(path, "run")


def figures(record, metric):
    """Stratum -> (numerator, denominator, value) of the primary analysis."""
    return {
        None if row.stratum is None else row.stratum["size"]: (row.numerator, row.denominator, row.value)
        for row in record.results.estimates
        if row.metric == metric and row.analysis == "intention_to_diagnose"
    }


def test_exams_are_called_by_their_best_mark(record):
    # of 30 exams with a square those of patient 2 are black; of 30 without one those of patient 1 are bright
    assert figures(record, "sensitivity")[None] == (28, 30, 28 / 30)
    assert figures(record, "specificity")[None] == (28, 30, 28 / 30)
    # 200 over 50: right in 28 x 28 pairs, tied in 28 x 2; without a mark below all
    assert figures(record, "auc")[None][2] == pytest.approx((28 * 28 + 0.5 * 28 * 2) / 900)


def test_lesions_are_found_by_their_pixels_and_cut_by_the_size_of_their_pictures(record):
    found = figures(record, "lesion_sensitivity")
    # a picture of 20 of 25 pixels has an overlap of 0.8 with what the detector draws; patient 2 has no mark
    assert found == {None: (18, 30, 0.6), "<22": (0, 10, 0.0), ">=22": (18, 20, 0.9)}


def test_masks_and_outlines_are_kept_with_the_answers(record, path):
    (file,) = (path.parent / "run").glob("answers.*.jsonl")
    said = {row["case_id"]: row for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    (mask,) = said["c00a"]["marks"]
    assert mask["mask"]["runs"][:3] == [68, 5, 11]
    assert (mask["x"], mask["y"], mask["width"], mask["height"]) == (4.0, 4.0, 5.0, 5.0)
    outline, circle = said["c03a"]["marks"]
    assert outline["outline"] == [[4.0, 4.0], [9.0, 4.0], [9.0, 9.0], [4.0, 9.0]]
    assert circle["diameter"] == 1.0
    assert said["c02a"]["marks"] == []


def test_a_picture_of_another_size_than_its_image_stops_the_run(path):
    root = path.parent / "set"
    before = (root / "masks" / "c00a.png").read_bytes()
    try:
        Image.fromarray(np.full((8, 8), 255, dtype=np.uint8)).save(root / "masks" / "c00a.png")
        (root / "LOCK.json").unlink()
        lock(root)
        with pytest.raises(ReferenceSetError) as refused:
            run(path, "refused")
        assert [problem.key for problem in refused.value.problems] == ["lesions.mask_file_size"]
    finally:
        (root / "masks" / "c00a.png").write_bytes(before)


def test_the_record_and_the_report_count_the_lesions_of_each_level(record, path):
    rows = {
        (row.field, row.level): (row.n_lesions, row.n_cases, row.n_patients) for row in record.reference_set.lesions
    }
    assert rows == {("", ""): (30, 30, 15), ("size", "<22"): (10, 10, 5), ("size", ">=22"): (20, 20, 10)}
    assert record.reference_set.card["lesion_strata"]["size"]["from"] == "area_px"
    blocks = ReferenceSetSection().blocks(record.model_dump(mode="json"), "live", "en")
    (grid,) = [block for block in blocks if isinstance(block, Grid) and "Level" in block.header]
    assert [row[2:4] for row in grid.rows] == [("", "30"), ("under 22", "10"), ("22 and over", "20")]
