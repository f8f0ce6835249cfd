"""Polygons and masks of public sets as lesions and as marks: parsed without loss, and scored by their regions."""

import csv
import json
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from dmn_bench.adapters.coco_results import CocoResults
from dmn_bench.adapters.yolo_text import YoloText
from dmn_bench.hookspecs import CaseKeys
from dmn_bench.polygons import area
from dmn_bench.reference_set import load, lock
from dmn_bench.reference_set.lesion_sizes import lesion_size
from dmn_bench.vocabulary import Case
from tests.set_factory import a_set, card_with
from tests.shared_data import shared_data

from .running import estimate, run

FRACATLAS = "imaging/fracture_fracatlas/annotations"
SMALL, LARGE = 32**2, 96**2  # px², as COCO cuts


@pytest.fixture(scope="module")
def coco():
    """image_id -> (file name, size, its annotations)."""
    content = json.loads(shared_data(f"{FRACATLAS}/coco_fracture_masks.json").read_text(encoding="utf-8"))
    images = {each["id"]: (each["file_name"], (each["width"], each["height"]), []) for each in content["images"]}
    for each in content["annotations"]:
        images[each["image_id"]][2].append(each)
    return images


def keys_of(name, size):
    case = Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=(name,), strata={})
    return CaseKeys(case=case, sop_instance_uids={}, image_sizes={name: size})


def points(polygon):
    return tuple(zip(polygon[::2], polygon[1::2], strict=True))


def test_every_polygon_and_box_of_chestx_det_becomes_a_lesion_as_it_was_drawn(tmp_path):
    path = shared_data("imaging/cxr_chestxdet_annotations/ChestX_Det_train.json")
    images = json.loads(path.read_text(encoding="utf-8"))
    cases, truth, lesions, expected = ["case_id,patient_id,files"], ["case_id,finding,value"], [], {}
    for image in images:
        case = image["file_name"].removesuffix(".png")
        cases.append(f"{case},{case},")
        truth.append(f"{case},abnormality,{'positive' if image['syms'] else 'negative'}")
        for n, (kind, box, polygon) in enumerate(zip(image["syms"], image["boxes"], image["polygons"], strict=True)):
            left, top, right, bottom = box
            outline = " ".join(repr(number) for point in polygon for number in point)
            lesions.append(f"{case},{n},abnormality,{left},{top},{right - left},{bottom - top},{outline},{kind}")
            expected[case, str(n)] = (tuple(map(tuple, polygon)), tuple(box), kind)
    card = card_with(
        findings="[{name: abnormality}]",
        strata="{}",
        lesion_strata="{kind: {column: kind}, size: {from: area_px, edges: [1024, 9216]}}",
    )
    header = "case_id,lesion_id,finding,x,y,width,height,outline,kind"
    loaded = load(a_set(tmp_path, card=card, cases=cases, truth=truth, lesions=[header, *lesions]))
    assert (len(loaded.cases), len(loaded.lesions)) == (3025, 7905)
    for row in loaded.lesions:
        found, (outline, box, kind) = row.lesion, expected[row.case_id, row.lesion.lesion_id]
        assert (found.outline, found.strata["kind"]) == (outline, kind)
        assert (found.x, found.y, found.x + found.width, found.y + found.height) == box
    assert max(len(row.lesion.outline) for row in loaded.lesions) == 958
    sizes = Counter(row.lesion.strata["size"] for row in loaded.lesions)
    areas = [area(outline) for outline, _, _ in expected.values()]
    assert sizes == Counter("<1024" if a < SMALL else "[1024, 9216)" if a < LARGE else ">=9216" for a in areas)


def test_polygons_of_a_coco_file_are_the_outlines_of_marks(coco, tmp_path):
    results = [
        {**each, "image_id": name, "category_id": "fractured", "score": 0.5}
        for name, _, annotations in coco.values()
        for each in annotations
    ]
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    adapter = CocoResults(
        path="results.json", categories={"fractured": "fracture"}, id={"is": "file_name"}, segmentations="regions"
    )
    keys = [keys_of(name, size) for name, size, _ in coco.values()]
    found = {each.answer.case_id: each.answer for each in adapter.answers(keys, tmp_path)}
    n_marks = 0
    for name, _, annotations in coco.values():
        for mark, each in zip(found[name].marks, annotations, strict=True):
            assert mark.outline == points(each["segmentation"][0])
            assert (mark.x, mark.y, mark.width, mark.height) == tuple(each["bbox"])
            assert area(mark.outline) == pytest.approx(each["area"], rel=1e-9)
            n_marks += 1
    assert (n_marks, len(found)) == (75, 60)


def test_masks_of_a_coco_file_are_the_masks_of_marks(coco, tmp_path):
    pycocotools = pytest.importorskip("pycocotools.mask")
    results, areas = [], []
    for name, (columns, rows), annotations in coco.values():
        for each in annotations:
            packed = pycocotools.merge(pycocotools.frPyObjects(each["segmentation"], rows, columns))
            segmentation = {"size": [rows, columns], "counts": packed["counts"].decode("ascii")}
            results.append({"image_id": name, "category_id": 1, "score": 0.5, "segmentation": segmentation})
            areas.append((int(pycocotools.area(packed)), tuple(pycocotools.toBbox(packed).tolist())))
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    adapter = CocoResults(path="results.json", categories={"1": "f"}, id={"is": "file_name"}, segmentations="regions")
    keys = [keys_of(name, size) for name, size, _ in coco.values()]
    marks = [mark for each in adapter.answers(keys, tmp_path) for mark in each.answer.marks]
    found = [(sum(mark.mask.runs[1::2]), (mark.x, mark.y, mark.width, mark.height)) for mark in marks]
    assert found == areas


def test_boxes_of_yolo_and_of_pascal_voc_are_those_round_the_polygons(coco, tmp_path):
    folder = shared_data(FRACATLAS)
    keys = [keys_of(name, size) for name, size, _ in coco.values()]
    options = {"classes": {"0": "f"}, "confidence": "none"}
    boxes = YoloText(path=str(folder / "yolo"), cases_not_in_set="ignore", **options).answers(keys, tmp_path)
    (tmp_path / "labels").mkdir()
    for name, (columns, rows), annotations in coco.values():
        lines = [
            "0 " + " ".join(f"{x / columns!r} {y / rows!r}" for x, y in points(each["segmentation"][0]))
            for each in annotations
        ]
        (tmp_path / "labels" / f"{name.removesuffix('.jpg')}.txt").write_text("\n".join(lines), encoding="utf-8")
    drawn = YoloText(path="labels", polygons="outlines", **options).answers(keys, tmp_path)
    compared = 0
    for one, other, (name, _, annotations) in zip(boxes, drawn, coco.values(), strict=True):
        voc = ET.parse(folder / "pascal_voc" / f"{name.removesuffix('.jpg')}.xml").getroot()
        corners = [[int(part.text) for part in each] for each in voc.iter("bndbox")]
        assert len(one.answer.marks) == len(other.answer.marks) == len(annotations) == len(corners)
        for box, outline, each in zip(one.answer.marks, other.answer.marks, annotations, strict=True):
            expected = pytest.approx(each["bbox"], abs=1.0)
            assert [outline.x, outline.y, outline.width, outline.height] == pytest.approx(each["bbox"], abs=1e-6)
            assert [number for point in outline.outline for number in point] == pytest.approx(each["segmentation"][0])
            nearest = min(
                one.answer.marks, key=lambda mark: abs(mark.x - each["bbox"][0]) + abs(mark.y - each["bbox"][1])
            )
            assert [nearest.x, nearest.y, nearest.width, nearest.height] == expected
            left, top, right, bottom = min(corners, key=lambda at: abs(at[0] - each["bbox"][0]))
            assert box.outline == ()
            assert [left, top, right - left, bottom - top] == pytest.approx(each["bbox"], abs=2.0)
            compared += 1
    assert compared == 75


def test_outlines_are_scored_against_outlines_by_size(coco, tmp_path):
    cases, truth, lesions, rows = ["case_id,patient_id,files"], ["case_id,finding,value"], [], []
    kept = Counter()
    for name, _, annotations in coco.values():
        cases.append(f"{name},{name},")
        truth.append(f"{name},fracture,positive")
        for n, each in enumerate(annotations):
            outline = points(each["segmentation"][0])
            text = " ".join(f"{x!r} {y!r}" for x, y in outline)
            lesions.append(f"{name},{n},fracture,{text}")
            level = "<1024" if area(outline) < SMALL else "[1024, 9216)"
            level = ">=9216" if area(outline) >= LARGE else level
            is_marked = len(lesions) % 3 != 0
            kept[level, is_marked] += 1
            if is_marked:
                rows.append((name, "fracture", 0.5, text))
    card = card_with(strata="{}", lesion_strata="{size: {from: area_px, edges: [1024, 9216]}}")
    header = "case_id,lesion_id,finding,outline"
    a_set(tmp_path / "set", card=card, cases=cases, truth=truth, lesions=[header, *lesions])
    lock(tmp_path / "set")
    with (tmp_path / "marks.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("case_id", "finding", "score", "outline"), *rows])
    candidate = {"id": "a", "role": "device", "adapter": "predictions"}
    candidate["options"] = {"path": "marks.csv", "listed_cases": "all"}
    candidate["operating_points"] = {"fracture": {"score_at_least": 0.5, "source": "as marked"}}
    rule = {"iou_at_least": 0.9, "iou_of": "region"}
    endpoint = {"name": "lesion", "task": "detection", "finding": "fracture", "unit": "case", "hit_rule": rule}
    endpoint["metrics"] = ["lesion_sensitivity"]
    record = run(
        {
            "format": "dmn-bench/protocol/1",
            "id": "regions",
            "reference_set": "set",
            "candidates": [candidate],
            "endpoints": [endpoint],
            "strata": ["size"],
            "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 2}},
        },
        tmp_path,
    )
    whole = estimate(record, "lesion", "lesion_sensitivity")
    assert (whole["numerator"], whole["denominator"]) == (50, 75)
    met = [row["stratum"]["size"] for row in record["results"]["estimates"] if row["stratum"]]
    levels = list(dict.fromkeys(met))
    assert levels == [level for level in ("<1024", "[1024, 9216)", ">=9216") if kept[level, True] + kept[level, False]]
    for level in levels:
        found = estimate(record, "lesion", "lesion_sensitivity", {"size": level})
        assert (found["numerator"], found["denominator"]) == (
            kept[level, True],
            kept[level, True] + kept[level, False],
        )
    areas = [lesion_size(row.lesion, "area_px") for row in load(tmp_path / "set").lesions]
    stated = [each["area"] for _, _, annotations in coco.values() for each in annotations]
    assert areas == pytest.approx(stated, rel=1e-9)
