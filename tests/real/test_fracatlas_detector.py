"""SYNTHETIC detections (shaken copies of the real boxes, no model) on FracAtlas against figures of pycocotools."""

import json

import numpy as np
import pytest

from dmn_bench.reference_set import load
from dmn_bench.tasks.outlines import filled
from tests.shared_data import shared_data

from .running import built, estimate, protocol_of, run

CUT = 0.4995  # half, less than the scores are moved apart by
OVERLAPS = tuple(round(0.5 + step / 20, 2) for step in range(10))
AREAS = {"<1024": (0, 1024), "[1024, 9216)": (1024, 9216), ">=9216": (9216, np.inf)}


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/fracture_fracatlas")


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    built("fracatlas", source, folder / "set", keep_cut=True)
    return folder


@pytest.fixture(scope="module")
def record(source, folder):
    """One endpoint for each overlap that COCO averages over, and what a radiologist asks."""
    protocol = protocol_of("fracatlas", source, folder / "set")
    example = source / "detector_example"
    listed = json.loads((example / "gt_coco.json").read_text(encoding="utf-8"))["images"]
    # The published table states the size of one picture as it lies on disk, before its orientation mark turns it
    names = [{"id": image["id"], "file_name": image["file_name"]} for image in listed]
    (folder / "images.json").write_text(json.dumps({"images": names}), encoding="utf-8")
    said = json.loads((example / "detections_coco.json").read_text(encoding="utf-8"))
    (folder / "detections.json").write_text(json.dumps(in_order_of_coco(said)), encoding="utf-8")
    device = {
        "id": "synthetic",
        "role": "device",
        "adapter": "coco-results",
        "options": {
            "path": "detections.json",
            "images": "images.json",
            "categories": {1: "fracture"},
            "no_marks": "negative",
        },
        "operating_points": {"fracture": {"score_at_least": CUT, "source": "a round number"}},
    }
    task = {"task": "detection", "finding": "fracture", "unit": "lesion"}
    every = [
        {**task, "name": f"iou{overlap}", "hit_rule": {"iou_at_least": overlap}, "metrics": ["map"]}
        for overlap in OVERLAPS
    ]
    asked = [
        "lesion_sensitivity",
        "false_positives_per_image",
        {"name": "lesion_sensitivity", "at_false_positives_per_image": 0.5},
    ]
    clinical = [
        {**task, "name": "box", "hit_rule": {"iou_at_least": 0.3}, "metrics": asked},
        {**task, "name": "region", "hit_rule": {"iou_at_least": 0.3, "iou_of": "region"}, "metrics": asked},
        {**task, "name": "centre", "hit_rule": {"centre_in_region": True}, "metrics": asked},
    ]
    changes = {"id": "detector", "candidates": [device], "endpoints": [*every, *clinical], "strata": ["area"]}
    return run({**protocol, **changes}, folder)


def in_order_of_coco(said):
    """The same detections without equal scores: COCO takes those by their place in the file, we at once."""
    places = sorted(range(len(said)), key=lambda at: (said[at]["image_id"], at))
    return [{**said[at], "score": said[at]["score"] - 1e-7 * rank} for rank, at in enumerate(places)]


@pytest.fixture(scope="module")
def boxes(source):
    """Picture -> (its boxes, its detections with scores), both as x, y, width and height."""
    truth, said = (
        json.loads((source / "detector_example" / name).read_text(encoding="utf-8"))
        for name in ("gt_coco.json", "detections_coco.json")
    )
    return {
        image["id"]: (
            [each["bbox"] for each in truth["annotations"] if each["image_id"] == image["id"]],
            [(*each["bbox"], each["score"]) for each in said if each["image_id"] == image["id"]],
        )
        for image in truth["images"]
    }


def test_average_precision_at_every_overlap_is_that_of_pycocotools(source, record):
    oracle = json.loads((source / "detector_example" / "oracle.json").read_text(encoding="utf-8"))
    rows = {overlap: estimate(record, f"iou{overlap}", "map") for overlap in OVERLAPS}
    none_hit = rows.pop(0.95)  # 0 for pycocotools; 0 in every resample has no interval, so that we give no figure
    assert (none_hit["value"], none_hit["not_estimable"]) == (None, "degenerate")
    found = {overlap: row["value"] for overlap, row in rows.items()}
    assert found[0.5] == pytest.approx(oracle["AP50"], abs=1e-9)
    assert found[0.75] == pytest.approx(oracle["AP75"], abs=1e-9)
    assert sum(found.values()) / len(OVERLAPS) == pytest.approx(oracle["AP"], abs=1e-9)


def test_fractures_found_are_those_counted_box_by_box(record, boxes):
    found = false = total = 0
    for lesions, marks in boxes.values():
        free = list(range(len(lesions)))
        total += len(lesions)
        for *box, score in sorted(marks, key=lambda mark: -mark[4]):
            over = {at: overlap(box, lesions[at]) for at in range(len(lesions))}
            best = max(free, key=lambda at: over[at], default=None)
            if best is not None and over[best] >= 0.3:
                free.remove(best)
                found += score >= CUT
            elif all(value < 0.3 for value in over.values()):
                false += score >= CUT
    sensitivity = estimate(record, "box", "lesion_sensitivity", parameters={})
    assert (sensitivity["numerator"], sensitivity["denominator"]) == (found, total) == (found, 75)
    alarms = estimate(record, "box", "false_positives_per_image")
    assert (alarms["numerator"], alarms["denominator"]) == (false, 130)
    by_area = [estimate(record, "box", "lesion_sensitivity", {"area": level}, parameters={}) for level in AREAS]
    assert sum(row["own_n"] for row in by_area) == 75


def overlap(a, b):
    sides = [max(0.0, min(a[at] + a[at + 2], b[at] + b[at + 2]) - max(a[at], b[at])) for at in (0, 1)]
    shared = sides[0] * sides[1]
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def test_sizes_of_fractures_are_the_areas_of_their_outlines_in_coco(source, folder, record):
    truth = json.loads((source / "detector_example" / "gt_coco.json").read_text(encoding="utf-8"))
    areas = np.array([each["area"] for each in truth["annotations"]])
    for level, (least, below) in AREAS.items():
        row = estimate(record, "region", "lesion_sensitivity", {"area": level}, parameters={})
        assert row["own_n"] == ((areas >= least) & (areas < below)).sum(), level
    names = {image["id"]: image["file_name"].rpartition(".")[0] for image in truth["images"]}
    lesions = [(row.case_id, row.lesion.outline, row.lesion) for row in load(folder / "set").lesions]
    assert len(lesions) == len(truth["annotations"]) == 75
    for each in truth["annotations"]:
        box = next(
            [one.x, one.y, one.width, one.height]
            for case, outline, one in lesions
            if case == names[each["image_id"]] and np.ravel(outline).tolist() == each["segmentation"][0]
        )
        assert box == pytest.approx(each["bbox"], abs=1e-9)


def test_a_box_covers_more_than_the_fracture_drawn_in_it(record, folder):
    """So that a rule on regions is harder to meet with boxes, and a rule on centres easier."""
    for row in load(folder / "set").lesions:
        x, y = np.transpose(row.lesion.outline)
        rows, columns = int(np.ceil(y.max())) + 1, int(np.ceil(x.max())) + 1
        assert filled(row.lesion.outline, rows, columns).sum() <= row.lesion.width * row.lesion.height + 1
    values = {
        name: estimate(record, name, "lesion_sensitivity", parameters={})["value"]
        for name in ("box", "region", "centre")
    }
    assert values["region"] < values["box"] < values["centre"]
