"""YOLOv7's published boxes on GRAZPEDWRI-DX against figures that pROC computed picture by picture."""

import json

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import answers, estimate, flow, protocol_of, rank_area, recipe, rows_of, run, write_rows

WITNESS_AGES = "age_of_witness"
"""The witness counted a child of 4.1 years among "5-9"; the recipe's own bands begin at the birthday."""
LEVELS = {
    "gender": ("sex", {"F": "F", "M": "M", "O": "other"}),
    "projection": ("projection", {"1": "frontal", "2": "lateral", "3": "oblique"}),
    "cast": ("cast", {"1.0": "yes", "missing": "no"}),
    "osteopenia": ("osteopenia", {"1.0": "yes", "missing": "no"}),
    "diagnosis_uncertain": ("diagnosis_uncertain", {"1.0": "yes", "missing": "no"}),
    "initial_exam": ("initial_exam", {"1.0": "yes", "missing": "no"}),
    "age_group": (WITNESS_AGES, {"0-4": "<4.05", "5-9": "[4.05, 9.05)", "10-14": "[9.05, 14.05)", "15+": ">=14.05"}),
    "device_manufacturer": ("manufacturer", {"Siemens": "Siemens", "Agfa": "Agfa"}),
}


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_fracture_graz_yolov7")


@pytest.fixture(scope="module")
def oracle():
    data = json.loads(shared_data("imaging/oracle_stratified.json").read_text(encoding="utf-8"))
    return data["fracture_graz_yolov7"]


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("graz")
    recipe("grazpedwri_yolov7").build(source, folder / "set")
    card = folder / "set" / "reference_set.yaml"
    bands = f"strata:\n  {WITNESS_AGES}: {{column: age_years, edges: [4.05, 9.05, 14.05]}}\n"
    card.write_text(card.read_text(encoding="utf-8").replace("strata:\n", bands), encoding="utf-8")
    lock(folder / "set")
    return folder


@pytest.fixture(scope="module")
def record(source, folder):
    protocol = protocol_of("grazpedwri_yolov7", source, folder / "set")
    return run({**protocol, "strata": [*protocol["strata"], WITNESS_AGES]}, folder)


def test_the_best_box_ranks_the_pictures_as_in_proc(record, oracle):
    area = estimate(record, "image", "auc")
    assert area["value"] == pytest.approx(oracle["all images"]["auc"][0], abs=1e-11)
    assert (area["n_units"], area["n_positive"], area["n_patients"]) == (4154, 2823, 1218)
    point = oracle["operating point conf>=0.5"]
    assert estimate(record, "image", "sensitivity")["value"] == pytest.approx(point["sens"], abs=1e-12)
    assert estimate(record, "image", "specificity")["value"] == pytest.approx(point["spec"], abs=1e-12)


def test_every_stratum_of_the_oracle_is_found_again(record, oracle):
    compared = 0
    for name, (field, levels) in LEVELS.items():
        for theirs, expected in oracle.get(name, {}).items():
            n_negative = expected["n"] - expected["pos"]
            shares = (("sensitivity", "sens", expected["pos"]), ("specificity", "spec", n_negative))
            for metric, key, n in (share for share in shares if share[1] in expected):
                found = estimate(record, "image", metric, {field: levels[theirs]})
                assert (found["own_n"] or 0) == n, (name, theirs, metric)
                if n >= 10:
                    assert found["value"] == pytest.approx(expected[key], abs=1e-12), (name, theirs, metric)
                else:  # the oracle gives a figure for two pictures; the minimum n of the protocol does not
                    assert found["not_estimable"] == ("too_few" if n else "no_denominator")
            area = estimate(record, "image", "auc", {field: levels[theirs]})
            if min(expected["pos"], n_negative) >= 10:
                assert area["value"] == pytest.approx(expected["auc"][0], abs=1e-11), (name, theirs)
                compared += 1
            else:
                assert area["not_estimable"], (name, theirs)
    assert compared == 15


def test_a_picture_without_a_box_is_negative_by_option_and_failed_without_it(source, folder, record):
    # every picture has a box of some class: a file of the fractures alone is what a fracture detector would deliver
    rows = [row for row in rows_of(source / "vendor_detections.csv") if row["class"] == "fracture"]
    without = {row["case_id"] for row in rows_of(folder / "set" / "cases.csv")} - {row["filestem"] for row in rows}
    assert len(without) > 1000
    protocol = {**protocol_of("grazpedwri_yolov7", source, folder / "set"), "strata": []}
    options = protocol["candidates"][0]["options"]
    options["path"] = str(write_rows(folder / "fractures.csv", rows))
    listed = run({**protocol, "id": "listed"}, folder)
    assert flow(listed, "image", "failed") == 0
    said = answers(folder, "listed", "yolov7")
    assert {said[case]["findings"]["fracture"]["score"] for case in without} == {0.0}
    area = estimate(record, "image", "auc")["value"]
    assert estimate(listed, "image", "auc")["value"] == area

    del options["listed_cases"]
    silent = run({**protocol, "id": "silent"}, folder)
    assert flow(silent, "image", "failed") == len(without)
    assert estimate(silent, "image", "failure_rate")["numerator"] == len(without)
    assert estimate(silent, "image", "auc")["value"] < area


@pytest.fixture(scope="module")
def exams(source, folder):
    """Exam -> (positive, best score of any picture, its strata where its pictures agree)."""
    best: dict[str, float] = {}
    for row in rows_of(source / "vendor_detections.csv"):
        if row["class"] == "fracture":
            best[row["filestem"]] = max(best.get(row["filestem"], 0.0), float(row["confidence"]))
    truth = {row["case_id"]: row["value"] == "positive" for row in rows_of(folder / "set" / "truth.csv")}
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(folder / "set" / "cases.csv"):
        found.setdefault(row["exam_id"], []).append(row)
    return [
        (
            any(truth[row["case_id"]] for row in rows),
            max(best.get(row["case_id"], 0.0) for row in rows),
            {field: rows[0][field] for field in ("cast", "manufacturer") if len({row[field] for row in rows}) == 1},
        )
        for rows in found.values()
    ]


def test_an_exam_takes_the_highest_of_its_pictures_and_is_positive_by_any_as_in_proc(record, oracle, exams):
    expected = oracle["exam level (max over images)"]
    area = estimate(record, "exam", "auc")
    assert area["value"] == pytest.approx(expected["auc"][0], abs=1e-11)
    assert (area["n_units"], area["n_positive"]) == (expected["n"], expected["pos"])
    diseased = [score for positive, score, _ in exams if positive]
    found = estimate(record, "exam", "sensitivity")
    assert (found["numerator"], found["denominator"]) == (sum(score >= 0.5 for score in diseased), len(diseased))
    low, high = expected["auc"][1], expected["auc"][3]
    assert area["high"] - area["low"] > high - low  # a child has several exams


@pytest.mark.parametrize(("field", "level"), [("cast", "yes"), ("cast", "no"), ("manufacturer", "Siemens")])
def test_exams_by_cast_and_make_have_the_figures_of_their_pictures(record, exams, field, level):
    of_level = [(positive, score) for positive, score, strata in exams if strata.get(field) == level]
    diseased, healthy = ([score for positive, score in of_level if positive == wanted] for wanted in (True, False))
    area = estimate(record, "exam", "auc", {field: level})
    if len(healthy) < 10:  # hardly a child without a fracture wears a cast
        assert (area["not_estimable"], area["own_n"]) == ("too_few", len(healthy))
    else:
        assert area["value"] == pytest.approx(rank_area(diseased, healthy), abs=1e-12)
    for metric, scores, right in (
        ("sensitivity", diseased, lambda score: score >= 0.5),
        ("specificity", healthy, lambda score: score < 0.5),
    ):
        found = estimate(record, "exam", metric, {field: level})
        assert (found["numerator"], found["denominator"]) == (sum(map(right, scores)), len(scores))


def test_the_text_files_of_the_model_make_the_same_table(source, tmp_path):
    (tmp_path / "yolo_txt").mkdir()
    for path in (source / "yolo_txt").glob("*.txt"):
        (tmp_path / "yolo_txt" / path.name).write_bytes(path.read_bytes())
    made = rows_of(recipe("grazpedwri_yolov7").gather_detections(tmp_path))
    stems = {row["filestem"] for row in made}
    expected = [row for row in rows_of(source / "vendor_detections.csv") if row["filestem"] in stems]
    assert len(stems) > 300
    assert sorted(tuple(row.values()) for row in made) == sorted(tuple(row.values()) for row in expected)
