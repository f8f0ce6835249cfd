"""ONNX files on real pictures, described by options alone, against what ONNX Runtime gave for the same files."""

import json

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import answers, built, estimate, flow, protocol_of, rank_area, rows_of, run, write_rows

CUT = "IMG0004258"
TURNED = "IMG0000428"  # carries an orientation mark; the expected scores were made of the picture as it lies on disk


@pytest.fixture(scope="module")
def models():
    return shared_data("imaging/models")


@pytest.fixture(scope="module")
def metrics(models):
    return json.loads((models / "expected_metrics.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fractures(models, tmp_path_factory):
    """(folder, record) of the fracture model on FracAtlas, the cut picture kept."""
    source, folder = shared_data("imaging/fracture_fracatlas"), tmp_path_factory.mktemp("fracatlas")
    built("fracatlas", source, folder / "set", keep_cut=True)
    return folder, run(protocol_of("fracatlas", source, folder / "set", models), folder)


@pytest.fixture(scope="module")
def fundus(models, tmp_path_factory):
    """(folder, record) of the grading model on IDRiD."""
    source, folder = shared_data("imaging/fundus_idrid"), tmp_path_factory.mktemp("idrid")
    built("idrid", source, folder / "set")
    return folder, run(protocol_of("idrid", source, folder / "set", models), folder)


def test_scores_of_radiographs_are_those_of_onnx_runtime(models, fractures):
    said = answers(fractures[0], "fracatlas", "fracture-mnv2")
    expected = {
        row["image"].removesuffix(".jpg"): row["out0"] for row in rows_of(models / "expected_fracture_mnv2.csv")
    }
    compared = {name: float(text) for name, text in expected.items() if name not in (CUT, TURNED)}
    assert len(compared) == 128
    assert {name: said[name]["findings"]["fracture"]["score"] for name in compared} == pytest.approx(compared, abs=1e-5)


def test_a_picture_with_an_orientation_mark_is_given_upright(models, fractures):
    onnxruntime, pillow = pytest.importorskip("onnxruntime"), pytest.importorskip("PIL.Image")
    import numpy as np
    from PIL import ImageOps

    with pillow.open(fractures[0] / "set" / "files" / f"{TURNED}.jpg") as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB").resize((224, 224), pillow.Resampling.BILINEAR)
    session = onnxruntime.InferenceSession(str(models / "fracture_mnv2.onnx"), providers=["CPUExecutionProvider"])
    tensor = np.asarray(upright, dtype=np.float32)[np.newaxis] / 127.5 - 1
    score = float(session.run(None, {session.get_inputs()[0].name: tensor})[0].ravel()[0])
    said = answers(fractures[0], "fracatlas", "fracture-mnv2")[TURNED]["findings"]["fracture"]["score"]
    assert said == pytest.approx(score, abs=1e-5)


def test_a_picture_that_is_cut_is_unreadable_and_not_the_devices_fault(fractures):
    folder, record = fractures
    assert flow(record, "image", "eligible") == 130
    assert flow(record, "image", "unreadable") == 1
    assert flow(record, "image", "answered") == 129
    assert answers(folder, "fracatlas", "fracture-mnv2")[CUT]["status"] == "unreadable"
    failures = estimate(record, "image", "failure_rate")
    assert (failures["numerator"], failures["denominator"]) == (0, 129)
    charged = estimate(record, "image", "specificity", analysis="all_charged")
    spared = estimate(record, "image", "specificity")
    assert (charged["numerator"], charged["denominator"]) == (spared["numerator"], spared["denominator"] + 1)


def test_the_area_on_radiographs_is_that_of_the_scores(models, fractures, metrics):
    folder, record = fractures
    truth = {row["case_id"]: row["value"] for row in rows_of(folder / "set" / "truth.csv")}
    scores = {row["image"].removesuffix(".jpg"): row["out0"] for row in rows_of(models / "expected_fracture_mnv2.csv")}
    as_on_disk = {name: float(text) for name, text in scores.items() if name != CUT}

    def area(given):
        groups = {
            value: [score for name, score in given.items() if truth[name] == value] for value in set(truth.values())
        }
        return rank_area(groups["positive"], groups["negative"])

    assert area(as_on_disk) == pytest.approx(metrics["fracture_mnv2"]["auc"], abs=1e-12)
    upright = answers(folder, "fracatlas", "fracture-mnv2")[TURNED]["findings"]["fracture"]["score"]
    found = estimate(record, "image", "auc")
    assert found["value"] == pytest.approx(area({**as_on_disk, TURNED: upright}), abs=1e-12)
    assert (found["n_positive"], found["n_negative"]) == (60, 69)
    assert "patients_unknown" in record["results"]["banners"]


def test_the_recipe_leaves_the_cut_picture_out_and_says_so(tmp_path):
    built("fracatlas", shared_data("imaging/fracture_fracatlas"), tmp_path / "set")
    excluded = [row for row in rows_of(tmp_path / "set" / "sampling.csv") if row["status"] == "excluded"]
    assert [row["unit_id"] for row in excluded] == [CUT]
    assert len(rows_of(tmp_path / "set" / "cases.csv")) == 129
    assert len(rows_of(tmp_path / "set" / "lesions.csv")) == 75


def test_grades_are_those_of_onnx_runtime(models, fundus):
    said = answers(fundus[0], "idrid", "dr-grade-mnv2")
    for row in rows_of(models / "expected_dr_grade_mnv2.csv"):
        grade = said[row["image"].removesuffix(".jpg")]["grades"]["dr"]
        expected = [float(row[f"out{number}"]) for number in range(5)]
        assert grade["scores"] == pytest.approx(expected, abs=1e-5)
        assert grade["grade"] == expected.index(max(expected))


def test_kappa_and_the_referable_cut_are_as_expected(fundus, metrics):
    record, expected = fundus[1], metrics["dr_grade_mnv2"]
    kappa = estimate(record, "grade", "kappa_quadratic")
    assert kappa["value"] == pytest.approx(expected["qwk"], abs=1e-12)
    assert kappa["low"] < kappa["value"] < kappa["high"]
    for endpoint in ("grade", "referable"):
        assert estimate(record, endpoint, "auc")["value"] == pytest.approx(expected["referable_auc"], abs=1e-12)
        found = estimate(record, endpoint, "sensitivity")
        assert found["value"] == pytest.approx(expected["referable_sens"], abs=1e-12)
        assert (found["numerator"], found["denominator"]) == (20, 21)
        assert estimate(record, endpoint, "specificity")["value"] == pytest.approx(
            expected["referable_spec"], abs=1e-12
        )


CHESTS = {
    "format": "dmn-bench/reference-set/1",
    "id": "chests",
    "version": "1.0.0",
    "title": {"en": "Fifty-two chest radiographs of NIH ChestX-ray14"},
    "modality": "DX",
    "findings": [{"name": "nodule_or_mass"}],
    "sampling": "convenience",
    "reference_standard": {"method": "text mining of one radiologist's report", "wfdb_annotator": None},
    "public": True,
    "data_protection": {"route": "not_applicable"},
}


@pytest.fixture(scope="module")
def chests(models, tmp_path_factory):
    """(folder, record) of the nodule model on the pictures of NIH ChestX-ray14 that are at hand."""
    source, folder = shared_data("imaging/cxr_nih"), tmp_path_factory.mktemp("chests")
    (folder / "set" / "files").mkdir(parents=True)
    rows = rows_of(source / "labels.csv")
    for row in rows:
        (folder / "set" / "files" / row["image"]).write_bytes((source / "images" / row["image"]).read_bytes())
    names = {row["image"]: row["image"].removesuffix(".png") for row in rows}
    cases = [
        {"case_id": names[row["image"]], "patient_id": row["patient_id"], "files": f"files/{row['image']}"}
        for row in rows
    ]
    values = ("negative", "positive")
    truth = [
        {
            "case_id": names[row["image"]],
            "finding": "nodule_or_mass",
            "value": values[bool({"Nodule", "Mass"} & set(row["finding_labels"].split("|")))],
        }
        for row in rows
    ]
    (folder / "set" / "reference_set.yaml").write_text(json.dumps(CHESTS), encoding="utf-8")
    write_rows(folder / "set" / "cases.csv", cases)
    write_rows(folder / "set" / "truth.csv", truth)
    lock(folder / "set")
    like = protocol_of("fracatlas", source, folder / "set", models)
    options = {
        **like["candidates"][0]["options"],
        "model": str(models / "cxr_nodule_mnv2.onnx"),
        "output": {"kind": "score", "finding": "nodule_or_mass"},
    }
    endpoint = {"name": "image", "task": "classification", "finding": "nodule_or_mass", "metrics": ["auc"]}
    changes = {
        "id": "chests",
        "candidates": [{"id": "nodule-mnv2", "role": "device", "adapter": "onnx", "options": options}],
        "endpoints": [endpoint],
        "strata": [],
    }
    return folder, run({**like, **changes}, folder)


def test_scores_and_area_of_chests_are_those_of_onnx_runtime(models, chests, metrics):
    folder, record = chests
    said = answers(folder, "chests", "nodule-mnv2")
    expected = {
        row["image"].removesuffix(".png"): float(row["out0"])
        for row in rows_of(models / "expected_cxr_nodule_mnv2.csv")
    }
    assert len(expected) == 52
    assert {name: said[name]["findings"]["nodule_or_mass"]["score"] for name in expected} == pytest.approx(
        expected, abs=1e-5
    )
    area = estimate(record, "image", "auc")
    assert area["value"] == pytest.approx(metrics["cxr_nodule_mnv2"]["auc_nodule_or_mass"], abs=1e-12)
