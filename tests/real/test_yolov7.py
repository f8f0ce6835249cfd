"""YOLOv7's published boxes on GRAZPEDWRI-DX against figures that pROC computed picture by picture."""

import json

import pytest

from tests.shared_data import shared_data

from .running import answers, built, estimate, flow, protocol_of, recipe, rows_of, run, write_rows

LEVELS = {
    "gender": ("sex", {"F": "F", "M": "M", "O": "other"}),
    "projection": ("projection", {"1": "frontal", "2": "lateral", "3": "oblique"}),
    "cast": ("cast", {"1.0": "yes", "missing": "no"}),
    "osteopenia": ("osteopenia", {"1.0": "yes", "missing": "no"}),
    "diagnosis_uncertain": ("diagnosis_uncertain", {"1.0": "yes", "missing": "no"}),
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
    built("grazpedwri_yolov7", source, folder / "set")
    return folder


@pytest.fixture(scope="module")
def record(source, folder):
    return run(protocol_of("grazpedwri_yolov7", source, folder / "set"), folder)


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
            for metric, key, n in (("sensitivity", "sens", expected["pos"]), ("specificity", "spec", n_negative)):
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
    assert compared >= 8


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


def test_an_exam_takes_the_highest_of_its_pictures(source, folder, record):
    best: dict[str, float] = {}
    for row in rows_of(source / "vendor_detections.csv"):
        if row["class"] == "fracture":
            best[row["filestem"]] = max(best.get(row["filestem"], 0.0), float(row["confidence"]))
    truth = {row["case_id"]: row["value"] == "positive" for row in rows_of(folder / "set" / "truth.csv")}
    exams: dict[str, list[str]] = {}
    for row in rows_of(folder / "set" / "cases.csv"):
        exams.setdefault(row["exam_id"], []).append(row["case_id"])
    diseased = [cases for cases in exams.values() if any(truth[case] for case in cases)]
    found = estimate(record, "exam", "sensitivity")
    hits = sum(any(best.get(case, 0.0) >= 0.5 for case in cases) for cases in diseased)
    assert (found["numerator"], found["denominator"]) == (hits, len(diseased))


def test_the_text_files_of_the_model_make_the_same_table(source, tmp_path):
    (tmp_path / "yolo_txt").mkdir()
    for path in (source / "yolo_txt").glob("*.txt"):
        (tmp_path / "yolo_txt" / path.name).write_bytes(path.read_bytes())
    made = rows_of(recipe("grazpedwri_yolov7").gather_detections(tmp_path))
    stems = {row["filestem"] for row in made}
    expected = [row for row in rows_of(source / "vendor_detections.csv") if row["filestem"] in stems]
    assert len(stems) > 300
    assert sorted(tuple(row.values()) for row in made) == sorted(tuple(row.values()) for row in expected)
