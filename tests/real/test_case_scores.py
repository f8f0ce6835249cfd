"""YOLOv7's published boxes as marks: cases and exams scored by the best of them, against what pROC computed."""

import json

import pytest

from tests.shared_data import shared_data

from .running import built, estimate, protocol_of, rows_of, run, write_rows


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_fracture_graz_yolov7")


@pytest.fixture(scope="module")
def oracle():
    data = json.loads(shared_data("imaging/oracle_stratified.json").read_text(encoding="utf-8"))
    return data["fracture_graz_yolov7"]


@pytest.fixture(scope="module")
def records(source, tmp_path_factory):
    """The run with the score of the adapter, and the same with that of the task."""
    folder = tmp_path_factory.mktemp("graz-marks")
    built("grazpedwri_yolov7", source, folder / "set")
    protocol = {**protocol_of("grazpedwri_yolov7", source, folder / "set"), "strata": ["cast", "manufacturer"]}
    by_adapter = run({**protocol, "id": "by-adapter"}, folder)
    # The set has no pictures, so that shares of them have no place in px; for scores any unit of the places will do.
    options = {**protocol["candidates"][0]["options"], "box_unit": "px"}
    del options["score_from_marks"]
    fractures = [row for row in rows_of(source / "vendor_detections.csv") if row["class"] == "fracture"]
    options["path"] = str(write_rows(folder / "fractures.csv", fractures))
    protocol["candidates"] = [{**protocol["candidates"][0], "options": options}]
    protocol["endpoints"] = [{**endpoint, "case_score": "highest_mark"} for endpoint in protocol["endpoints"]]
    return by_adapter, run({**protocol, "id": "by-task"}, folder)


def test_the_best_mark_ranks_pictures_and_exams_as_in_proc(records, oracle):
    _, by_task = records
    area = estimate(by_task, "image", "auc")
    assert area["value"] == pytest.approx(oracle["all images"]["auc"][0], abs=1e-11)
    assert (area["n_units"], area["n_patients"]) == (4154, 1218)
    exam = estimate(by_task, "exam", "auc")
    assert exam["value"] == pytest.approx(oracle["exam level (max over images)"]["auc"][0], abs=1e-11)


def test_every_figure_is_that_of_the_score_that_the_adapter_makes_of_the_marks(records):
    compared = 0
    for endpoint, metrics in (("image", ("auc", "sensitivity", "specificity")), ("exam", ("auc", "sensitivity"))):
        for stratum in (None, {"cast": "yes"}, {"cast": "no"}, {"manufacturer": "Siemens"}):
            for metric in metrics:
                one, other = (estimate(record, endpoint, metric, stratum) for record in records)
                assert one.get("value") == other.get("value"), (endpoint, metric, stratum)
                compared += one.get("value") is not None
    assert compared >= 15
