"""Output files of real products load by options alone."""

import csv
import gzip
import json

import pytest

from dmn_bench.adapters.predictions import Predictions
from tests.shared_data import shared_data

from .kit import keys


def rows(path):
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines()))


def answers(adapter, cases, folder):
    return {asked.answer.case_id: asked.answer for asked in adapter.answers(cases, folder)}


def test_chest_radiograph_probabilities():
    folder = shared_data("imaging/ai_cxr_chexnet")
    vendor = {row["Image Index"]: row for row in rows(folder / "vendor_predictions.csv")}
    adapter = Predictions(
        path="vendor_predictions.csv",
        id={"column": "Image Index"},
        wide={"effusion": "prob_Effusion", "nodule_or_mass": ("prob_Nodule", "prob_Mass")},
    )
    found = answers(adapter, [keys(name) for name in vendor], folder)
    assert len(found) == 11_435
    assert {answer.status for answer in found.values()} == {"answered"}
    for name, row in vendor.items():
        assert found[name].findings["effusion"].score == float(row["prob_Effusion"])
        highest = max(float(row["prob_Nodule"]), float(row["prob_Mass"]))
        assert found[name].findings["nodule_or_mass"].score == highest


def graz(**options):
    return Predictions(
        path="vendor_detections.csv",
        id={"column": "filestem"},
        columns={
            "finding": "class",
            "score": "confidence",
            "x_centre": "xc",
            "y_centre": "yc",
            "width": "w",
            "height": "h",
        },
        boxes="cxcywh",
        box_unit="normalised",
        findings={"fracture": "fracture"},
        ignore_findings=(
            "boneanomaly",
            "bonelesion",
            "foreignbody",
            "metal",
            "periostealreaction",
            "pronatorsign",
            "softtissue",
            "text",
        ),
        listed_cases="all",
        **options,
    )


def test_wrist_detections_as_scores_without_image_sizes():
    folder = shared_data("imaging/ai_fracture_graz_yolov7")
    stems = [row["filestem"] for row in rows(folder / "reference_cases.csv")]
    best = {}
    for row in rows(folder / "vendor_detections.csv"):
        if row["class"] == "fracture":
            best[row["filestem"]] = max(best.get(row["filestem"], 0.0), float(row["confidence"]))
    found = answers(graz(score_from_marks="highest"), [keys(stem) for stem in stems], folder)
    assert len(found) == 4154
    assert {stem: answer.findings["fracture"].score for stem, answer in found.items()} == {
        stem: best.get(stem, 0.0) for stem in stems
    }


def test_wrist_detections_as_boxes_with_image_sizes():
    folder = shared_data("imaging/ai_fracture_graz_yolov7")
    stems = [row["filestem"] for row in rows(folder / "reference_cases.csv")]
    cases = [keys(stem, files=(f"{stem}.png",), sizes={f"{stem}.png": (400, 800)}) for stem in stems]
    found = answers(graz(), cases, folder)
    n_fractures = sum(row["class"] == "fracture" for row in rows(folder / "vendor_detections.csv"))
    assert sum(len(answer.marks) for answer in found.values()) == n_fractures
    mark = found["0029_0571570953_01_WRI-L1_M008"].marks[0]
    assert mark.width == pytest.approx(0.213089 * 400)
    assert mark.x + mark.width / 2 == pytest.approx(0.642536 * 400)
    assert mark.y + mark.height / 2 == pytest.approx(0.564062 * 800)


def test_lung_nodule_candidates_in_millimetres():
    folder = shared_data("imaging/ai_ct_luna16_deeplung")
    scans = (folder / "seriesuids.csv").read_text().split()
    adapter = Predictions(
        path="vendor_candidates.tsv",
        id={"column": "seriesuid", "pad": 5},
        columns={"x_mm": "coordX", "y_mm": "coordY", "z_mm": "coordZ", "score": "probability"},
        finding="nodule",
    )
    found = answers(adapter, [keys(scan) for scan in scans], folder)
    assert len(found) == 430
    assert sum(len(answer.marks) for answer in found.values()) == 26_659
    first = found["00084"].marks[0]
    assert (first.x_mm, first.y_mm, first.z_mm, first.score) == (118.7558366, 20.76562881, -155.6397781, 0.999939044)


@pytest.mark.parametrize(
    ("folder", "path", "reference", "n", "finding"),
    [
        ("ecg/vendor_outputs/code_test", "scores_model.csv", "gold_standard.csv", 827, "AF"),
        ("ecg/vendor_outputs/ptbxl_xresnet1d101", "scores_xresnet1d101.csv.gz", "labels.csv.gz", 2203, "AFIB"),
    ],
)
def test_ecg_scores(folder, path, reference, n, finding):
    base = shared_data(folder)
    adapter = Predictions(path=path, id={"column": "record_id"}, wide={finding: finding})
    found = answers(adapter, [keys(row["record_id"]) for row in rows(base / reference)], base)
    assert len(found) == n
    expected = {row["record_id"]: float(row[finding]) for row in rows(base / path)}
    assert {record: answer.findings[finding].score for record, answer in found.items()} == expected


def test_readers_labels_of_ecgs():
    base = shared_data("ecg/vendor_outputs/code_test")
    adapter = Predictions(
        path="labels_cardiologist1.csv",
        id={"column": "record_id"},
        wide={"AF": "AF"},
        wide_values="label",
        labels={"positive": ("1",), "negative": ("0",)},
    )
    found = answers(adapter, [keys(row["record_id"]) for row in rows(base / "gold_standard.csv")], base)
    n_positive = sum(row["AF"] == "1" for row in rows(base / "labels_cardiologist1.csv"))
    assert sum(answer.findings["AF"].label == "positive" for answer in found.values()) == n_positive > 0


def test_a_spreadsheet_export_with_decimal_commas_and_boxes_in_a_cell():
    folder = shared_data("imaging/ai_outputs")
    expected = json.loads((folder / "expected.json").read_text())
    expected = {name: said for name, said in expected.items() if "sop_instance_uid" in said}
    cases = [
        keys(name, files=(f"{name}.dcm",), uids={said["sop_instance_uid"]: f"{name}.dcm"}, studies=(said["study_uid"],))
        for name, said in expected.items()
    ]
    path = "vendorG_fhir_json_csv/results_semicolon_decimalcomma.csv"
    options = {"path": path, "delimiter": ";", "decimal": ",", "finding": "nodule"}
    columns = {"score": "nodule_score", "boxes": "boxes"}
    by_image = Predictions(**options, columns=columns, id={"column": "SOPInstanceUID", "is": "sop_instance_uid"})
    by_study = Predictions(**options, columns=columns, id={"column": "StudyInstanceUID", "is": "study_instance_uid"})
    found = answers(by_image, cases, folder)
    assert found == answers(by_study, cases, folder)
    for name, said in expected.items():
        assert found[name].findings["nodule"].score == said["image_level_probability"]
        boxes = [[mark.x, mark.y, mark.width, mark.height, mark.score] for mark in found[name].marks]
        assert boxes == said["boxes_xywh_prob"]


def test_the_wrong_set_is_noticed_at_once():
    folder = shared_data("imaging/ai_ct_luna16_deeplung")
    adapter = Predictions(
        path="vendor_candidates.tsv",
        id={"column": "seriesuid"},  # and no padding
        columns={"x_mm": "coordX", "y_mm": "coordY", "z_mm": "coordZ", "score": "probability"},
        finding="nodule",
        cases_not_in_set="ignore",
    )
    found = answers(adapter, [keys("00084")], folder)
    assert found["00084"].status == "failed"
