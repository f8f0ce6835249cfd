"""CheXNet's published probabilities on NIH ChestX-ray14 against areas that pROC computed."""

import json
import math

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import attempted, built, estimate, flow, protocol_of, rank_area, recipe, rows_of, run, write_rows

USED = ("Nodule", "nodule_or_mass", "nodule_or_mass_adjudicated")  # the other labels only cost time
AGES = {"<40": "<40", "40-64": "[40, 65)", ">=65": ">=65"}
Z = 1.959963984540054


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_cxr_chexnet")


@pytest.fixture(scope="module")
def oracle():
    return json.loads(shared_data("imaging/oracle_stratified.json").read_text(encoding="utf-8"))["cxr_chexnet"]


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("chexnet")
    recipe("nih_chexnet").build(source, folder / "set")
    truth = folder / "set" / "truth.csv"
    write_rows(truth, [row for row in rows_of(truth) if row["finding"] in USED])
    lock(folder / "set")
    return folder


def lean(source, folder, *names, **changes):
    """The recipe's protocol with some of its endpoints."""
    protocol = protocol_of("nih_chexnet", source, folder / "set")
    endpoints = [each for each in protocol["endpoints"] if each["name"] in names]
    return {**protocol, "endpoints": endpoints, **changes}


@pytest.fixture(scope="module")
def record(source, folder):
    return run(lean(source, folder, "nodule", "nodule_or_mass", "adjudicated", id="chexnet"), folder)


def test_areas_are_those_of_proc(record, oracle):
    nodule = estimate(record, "nodule", "auc")
    assert nodule["value"] == pytest.approx(oracle["Nodule label, prob_Nodule"]["auc"][0], abs=1e-11)
    assert (nodule["n_positive"], nodule["n_units"], nodule["n_patients"]) == (665, 11435, 3141)
    either = estimate(record, "nodule_or_mass", "auc")
    assert either["value"] == pytest.approx(
        oracle["Nodule|Mass label, max(prob_Nodule,prob_Mass)"]["auc"][0], abs=1e-11
    )


def test_areas_by_sex_view_and_age_are_those_of_proc(record, oracle):
    for name, field in (("sex", "sex"), ("view_position", "view_position"), ("age_group", "age")):
        for level, expected in oracle[name].items():
            found = estimate(record, "nodule_or_mass", "auc", {field: AGES.get(level, level)})
            assert found["value"] == pytest.approx(expected["auc"][0], abs=1e-11), (name, level)
            assert (found["n_units"], found["n_positive"]) == (expected["n"], expected["pos"])


def test_pictures_without_an_adjudicated_label_stay_out_of_its_area(record, oracle):
    found, expected = estimate(record, "adjudicated", "auc"), oracle["adjudicated nodule_or_mass (Google 2019)"]
    assert found["value"] == pytest.approx(expected["auc"][0], abs=1e-11)
    assert (found["n_units"], found["n_positive"]) == (expected["n"], expected["pos"])
    assert flow(record, "adjudicated", "eligible", reference="missing") == 11435 - 486


def test_intervals_by_patient_are_wider_than_those_of_proc_that_takes_pictures_for_patients(record, oracle):
    for endpoint, name in (
        ("nodule", "Nodule label, prob_Nodule"),
        ("nodule_or_mass", "Nodule|Mass label, max(prob_Nodule,prob_Mass)"),
    ):
        found, (low, _, high) = estimate(record, endpoint, "auc"), oracle[name]["auc"][1:]
        assert found["high"] - found["low"] > 1.15 * (high - low)


def test_with_each_picture_its_own_patient_the_variance_is_that_of_proc(source, folder, tmp_path, oracle):
    cases = [{**row, "patient_id": ""} for row in rows_of(folder / "set" / "cases.csv")]
    (tmp_path / "set").mkdir()
    for name in ("reference_set.yaml", "truth.csv"):
        (tmp_path / "set" / name).write_bytes((folder / "set" / name).read_bytes())
    write_rows(tmp_path / "set" / "cases.csv", cases)
    lock(tmp_path / "set")
    record = run(lean(source, tmp_path, "nodule_or_mass", id="single", strata=[]), tmp_path)
    found = estimate(record, "nodule_or_mass", "auc")
    _, low, area, high = oracle["Nodule|Mass label, max(prob_Nodule,prob_Mass)"]["auc"]
    logit = [math.log(p / (1 - p)) for p in (found["low"], found["high"])]
    error = (logit[1] - logit[0]) / (2 * Z) * area * (1 - area)  # by the delta method, as the interval was made
    assert found["method"] == "delong-logit"
    assert error == pytest.approx((high - low) / (2 * Z), rel=1e-4)
    assert "patients_unknown" in record["results"]["banners"]


def test_removed_rows_are_failures_and_lower_the_area_exactly_as_worst_ranks_do(source, folder, tmp_path):
    rows = rows_of(source / "vendor_predictions.csv")
    removed = {row["Image Index"] for row in rows[::200]}
    kept = write_rows(tmp_path / "kept.csv", [row for row in rows if row["Image Index"] not in removed])
    protocol = lean(source, folder, "nodule_or_mass", id="removed", strata=[])
    protocol["candidates"][0]["options"]["path"] = str(kept)
    record = run(protocol, folder)

    truth = {
        row["case_id"]: row["value"]
        for row in rows_of(folder / "set" / "truth.csv")
        if row["finding"] == "nodule_or_mass"
    }
    scores: dict[str, list[float]] = {"positive": [], "negative": []}
    for row in rows:
        value = truth[row["Image Index"]]
        score = max(float(row["prob_Nodule"]), float(row["prob_Mass"]))
        worst = -math.inf if value == "positive" else math.inf
        scores[value].append(worst if row["Image Index"] in removed else score)
    found = estimate(record, "nodule_or_mass", "auc")
    assert found["value"] == pytest.approx(rank_area(scores["positive"], scores["negative"]), abs=1e-12)
    assert found["n_units"] == 11435
    assert flow(record, "nodule_or_mass", "failed") == len(removed) == 58
    assert found["value"] < estimate(record, "nodule_or_mass", "auc", analysis="evaluable")["value"]


def test_a_row_for_a_picture_that_the_set_does_not_hold_stops_the_run(source, folder, tmp_path, capsys):
    rows = rows_of(source / "vendor_predictions.csv")
    stranger = write_rows(tmp_path / "more.csv", [*rows, {**rows[0], "Image Index": "99999999_000.png"}])
    protocol = lean(source, folder, "nodule", id="stranger", strata=[])
    protocol["candidates"][0]["options"]["path"] = str(stranger)
    code, record = attempted(protocol, folder)
    assert (code, record) == (3, {})
    assert "99999999_000.png" in capsys.readouterr().err


@pytest.mark.slow
def test_all_fourteen_labels_run_by_the_recipes_own_protocol(source, tmp_path):
    folder = tmp_path
    built("nih_chexnet", source, folder / "set")
    record = run(protocol_of("nih_chexnet", source, folder / "set"), folder)
    truth: dict[str, dict[str, str]] = {}
    for row in rows_of(folder / "set" / "truth.csv"):
        truth.setdefault(row["finding"], {})[row["case_id"]] = row["value"]
    predictions = rows_of(source / "vendor_predictions.csv")
    for finding in sorted(set(truth) - {"nodule_or_mass", "nodule_or_mass_adjudicated"}):
        scores: dict[str, list[float]] = {"positive": [], "negative": []}
        for row in predictions:
            scores[truth[finding][row["Image Index"]]].append(float(row[f"prob_{finding}"]))
        expected = rank_area(scores["positive"], scores["negative"])
        assert estimate(record, finding.lower(), "auc")["value"] == pytest.approx(expected, abs=1e-12), finding
