"""Boxes on FracAtlas through the whole job, against what pycocotools and faster-coco-eval made of the same files."""

import json

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import estimate, recipe, run

OVERLAPS = [round(0.5 + 0.05 * n, 2) for n in range(10)]


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/fracture_fracatlas")


@pytest.fixture(scope="module")
def record(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fracatlas")
    recipe("fracatlas").build(source, folder / "set", keep_cut=True)
    lock(folder / "set")
    example = source / "detector_example"
    truth = json.loads((example / "gt_coco.json").read_text(encoding="utf-8"))
    said = json.loads((example / "detections_coco.json").read_text(encoding="utf-8"))
    # COCO takes equal scores in the order of images and of its file: here that order is made one of scores
    ranked = sorted(sorted(said, key=lambda one: one["image_id"]), key=lambda one: -one["score"])
    found = [{**one, "score": one["score"] - 1e-6 * rank} for rank, one in enumerate(ranked)]
    (folder / "said.json").write_text(json.dumps(found), encoding="utf-8")
    # without the sizes: the publisher's table swaps those of some pictures, and would be refused
    names = [{"id": image["id"], "file_name": image["file_name"]} for image in truth["images"]]
    (folder / "images.json").write_text(json.dumps({"images": names}), encoding="utf-8")
    detector = {
        "id": "detector",
        "role": "device",
        "adapter": "coco-results",
        "options": {
            "path": "said.json",
            "images": "images.json",
            "categories": {"1": "fracture"},
            "no_marks": "negative",
            "id": {"is": "file_name"},
        },
    }
    metrics = ["map", {"name": "map", "interpolation": "all_points"}, "lesion_sensitivity", "wafroc",
               {"name": "lesion_sensitivity", "at_false_positives_per_image": [0.125, 0.25, 0.5, 1]}]  # fmt: skip
    endpoints = [
        {
            "name": f"at-{round(100 * overlap)}",
            "task": "detection",
            "finding": "fracture",
            "unit": "lesion",
            "hit_rule": {"iou_at_least": overlap},
            "metrics": metrics if overlap in (0.5, 0.75) else ["map", "lesion_sensitivity"],
        }
        for overlap in OVERLAPS
    ]
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "boxes",
        "purpose": {"need": "A technical test.", "intended_use": "Fractures."},
        "reference_set": "set",
        "candidates": [detector],
        "endpoints": endpoints,
        "statistics": {"resamples": 200},
    }
    return run(protocol, folder)


def test_average_precision_and_recall_are_those_of_the_programs(record, source):
    oracle = json.loads((source / "detector_example" / "oracle.json").read_text(encoding="utf-8"))
    # at the last no mark hits: 0 in every resample, which is told without an interval and so without a value
    precision = [_coco(record, f"at-{round(100 * overlap)}")["value"] or 0.0 for overlap in OVERLAPS]
    assert precision[-1] == 0 < precision[-2]
    assert precision[0] == pytest.approx(oracle["AP50"], abs=1e-12)
    assert precision[5] == pytest.approx(oracle["AP75"], abs=1e-12)
    assert sum(precision) / 10 == pytest.approx(oracle["AP"], abs=1e-12)
    assert sum(precision) / 10 == pytest.approx(oracle["faster_coco_eval"]["AP"], abs=1e-12)
    recall = [
        estimate(record, f"at-{round(100 * one)}", "lesion_sensitivity", parameters={})["value"] for one in OVERLAPS
    ]
    assert sum(recall) / 10 == pytest.approx(oracle["AR100"], abs=1e-12)


def test_several_rates_in_one_entry_are_several_estimates_with_intervals(record):
    rows = [
        row
        for row in record["results"]["estimates"]
        if (row["endpoint"], row["metric"], row["analysis"]) == ("at-50", "lesion_sensitivity", "intention_to_diagnose")
        and row["parameters"] and not row["stratum"]
    ]  # fmt: skip
    assert [row["parameters"]["at_false_positives_per_image"] for row in rows] == [0.125, 0.25, 0.5, 1]
    values = [row["value"] for row in rows]
    assert values == sorted(values)
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    whole = estimate(record, "at-50", "lesion_sensitivity", parameters={})["value"]
    assert 0 < values[0] <= values[-1] <= whole < 1


def test_both_curves_are_in_the_record(record):
    names = [curve["name"] for curve in record["results"]["curves"] if curve["endpoint"] == "at-50"]
    assert names == ["froc", "afroc"]


def _coco(record, endpoint):
    return estimate(record, endpoint, "map", parameters={})
