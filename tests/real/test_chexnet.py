"""CheXNet's published probabilities on NIH ChestX-ray14 against areas that pROC computed."""

import json
import math

import pytest
from ruamel.yaml import YAML

from dmn_bench.reference_set import load, lock
from tests.shared_data import shared_data

from .running import attempted, built, estimate, flow, protocol_of, rank_area, recipe, rows_of, run, write_rows

EITHER = "nodule_or_mass"
AGES = {"<40": "<40", "40-64": "[40, 65)", ">=65": ">=65"}
FEW = 2000  # pictures of the tests on files that lack rows or have too many
Z = 1.959963984540054


@pytest.fixture(scope="module")
def source():
    return shared_data("imaging/ai_cxr_chexnet")


@pytest.fixture(scope="module")
def oracle():
    return json.loads(shared_data("imaging/oracle_stratified.json").read_text(encoding="utf-8"))["cxr_chexnet"]


@pytest.fixture(scope="module")
def whole(source, tmp_path_factory):
    """(folder, record) of the recipe's own set and protocol: one run for all that is asked of all pictures."""
    folder = tmp_path_factory.mktemp("chexnet")
    built("nih_chexnet", source, folder / "set")
    return folder, run(protocol_of("nih_chexnet", source, folder / "set"), folder)


@pytest.fixture(scope="module")
def record(whole):
    return whole[1]


@pytest.fixture(scope="module")
def scores(source, whole):
    """Finding -> value -> scores of the pictures that have it, as the file gives them."""
    truth: dict[str, dict[str, str]] = {}
    for row in rows_of(whole[0] / "set" / "truth.csv"):
        truth.setdefault(row["finding"], {})[row["case_id"]] = row["value"]
    options = protocol_of("nih_chexnet", source, whole[0] / "set")["candidates"][0]["options"]
    found: dict[str, dict[str, list[float]]] = {name: {"positive": [], "negative": []} for name in options["wide"]}
    for row in rows_of(source / "vendor_predictions.csv"):
        for name, columns in options["wide"].items():
            if (value := truth[name].get(row["Image Index"])) is not None:
                columns = columns if isinstance(columns, list) else [columns]
                found[name][value].append(max(float(row[column]) for column in columns))
    return found


def of_one_finding(source, folder, cases=None, **changes):
    """(protocol, case ids) of a set of one finding and of its first ``cases`` pictures; ``changes``: of columns."""
    recipe("nih_chexnet").build(source, folder / "set")
    kept = rows_of(folder / "set" / "cases.csv")[:cases]
    write_rows(folder / "set" / "cases.csv", [{**row, **changes} for row in kept])
    ids = {row["case_id"] for row in kept}
    truth = folder / "set" / "truth.csv"
    write_rows(truth, [row for row in rows_of(truth) if row["finding"] == EITHER and row["case_id"] in ids])
    (folder / "set" / "lesions.csv").unlink()
    yaml, path = YAML(typ="safe"), folder / "set" / "reference_set.yaml"
    card = {**yaml.load(path.read_text(encoding="utf-8")), "findings": [{"name": EITHER}]}
    path.write_text(json.dumps(card), encoding="utf-8")
    lock(folder / "set")
    protocol = protocol_of("nih_chexnet", source, folder / "set")
    endpoints = [each for each in protocol["endpoints"] if each["name"] == EITHER]
    device = protocol["candidates"][0]
    options = {**device["options"], "wide": {EITHER: device["options"]["wide"][EITHER]}}
    device = {**device, "options": options}
    return {**protocol, "candidates": [device], "endpoints": endpoints, "strata": []}, ids


def from_rows(protocol, rows, path, **changes):
    """The protocol with its candidate reading other rows."""
    device = protocol["candidates"][0]
    options = {**device["options"], "path": str(write_rows(path, rows))}
    return {**protocol, "candidates": [{**device, "options": options}], **changes}


def test_areas_are_those_of_proc(record, oracle):
    nodule = estimate(record, "nodule", "auc")
    assert nodule["value"] == pytest.approx(oracle["Nodule label, prob_Nodule"]["auc"][0], abs=1e-11)
    assert (nodule["n_positive"], nodule["n_units"], nodule["n_patients"]) == (665, 11435, 3141)
    either = estimate(record, EITHER, "auc")
    assert either["value"] == pytest.approx(
        oracle["Nodule|Mass label, max(prob_Nodule,prob_Mass)"]["auc"][0], abs=1e-11
    )


def test_areas_by_sex_view_and_age_are_those_of_proc(record, oracle):
    for name, field in (("sex", "sex"), ("view_position", "view_position"), ("age_group", "age")):
        for level, expected in oracle[name].items():
            found = estimate(record, EITHER, "auc", {field: AGES.get(level, level)})
            assert found["value"] == pytest.approx(expected["auc"][0], abs=1e-11), (name, level)
            assert (found["n_units"], found["n_positive"]) == (expected["n"], expected["pos"])


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        ("adjudicated", "adjudicated nodule_or_mass (Google 2019)"),
        ("same_pictures", "same images, NIH report-mined label"),
    ],
)
def test_the_486_pictures_that_radiologists_adjudicated_have_the_areas_of_proc_under_either_label(
    record, oracle, endpoint, name
):
    found, expected = estimate(record, endpoint, "auc"), oracle[name]
    assert found["value"] == pytest.approx(expected["auc"][0], abs=1e-11)
    assert (found["n_units"], found["n_positive"]) == (expected["n"], expected["pos"])
    assert flow(record, endpoint, "eligible", reference="missing") == 11435 - 486


def test_intervals_by_patient_are_wider_than_those_of_proc_that_takes_pictures_for_patients(record, oracle):
    for endpoint, name in (
        ("nodule", "Nodule label, prob_Nodule"),
        (EITHER, "Nodule|Mass label, max(prob_Nodule,prob_Mass)"),
    ):
        found, (low, _, high) = estimate(record, endpoint, "auc"), oracle[name]["auc"][1:]
        assert found["high"] - found["low"] > 1.15 * (high - low)


def test_all_fourteen_areas_are_those_of_the_scores_and_near_those_of_the_authors(record, scores, source):
    published = {row["label"]: float(row["auc"]) for row in rows_of(source / "published_aucs_full_test_set.csv")}
    assert len(published) == 14
    for finding, theirs in published.items():
        found = estimate(record, finding.lower(), "auc")
        expected = rank_area(scores[finding]["positive"], scores[finding]["negative"])
        assert found["value"] == pytest.approx(expected, abs=1e-12), finding
        # The authors' figures are of more pictures than these
        assert found["value"] == pytest.approx(theirs, abs=0.025), finding
        assert found["low"] < theirs < found["high"], finding


def test_a_pneumothorax_that_radiologists_adjudicated_is_ranked_by_its_own_column(record, scores):
    found, of = estimate(record, "pneumothorax_adjudicated", "auc"), scores["pneumothorax_adjudicated"]
    assert found["value"] == pytest.approx(rank_area(of["positive"], of["negative"]), abs=1e-12)
    assert (found["n_positive"], found["n_negative"]) == (25, 461)


def test_the_boxes_of_the_publishers_are_lesions_of_pictures_with_the_label(whole):
    loaded = load(whole[0] / "set")
    assert len(loaded.lesions) == 109
    positive = {(row.subject, row.finding) for row in loaded.truth if row.value == "positive"}
    assert all((row.case_id, row.lesion.finding) in positive for row in loaded.lesions)
    for row in loaded.lesions:
        lesion = row.lesion
        assert 0 <= lesion.x < lesion.x + lesion.width <= 1024
        assert 0 <= lesion.y < lesion.y + lesion.height <= 1024


def test_with_each_picture_its_own_patient_the_variance_is_that_of_proc(source, tmp_path, oracle):
    protocol, _ = of_one_finding(source, tmp_path, patient_id="")
    record = run({**protocol, "id": "single"}, tmp_path)
    found = estimate(record, EITHER, "auc")
    _, low, area, high = oracle["Nodule|Mass label, max(prob_Nodule,prob_Mass)"]["auc"]
    logit = [math.log(p / (1 - p)) for p in (found["low"], found["high"])]
    error = (logit[1] - logit[0]) / (2 * Z) * area * (1 - area)  # by the delta method, as the interval was made
    assert found["method"] == "delong-logit"
    assert error == pytest.approx((high - low) / (2 * Z), rel=1e-4)
    assert "patients_unknown" in record["results"]["banners"]


@pytest.fixture(scope="module")
def few(source, tmp_path_factory):
    """(folder, protocol, rows of the predictions) of the first pictures."""
    folder = tmp_path_factory.mktemp("few")
    protocol, ids = of_one_finding(source, folder, FEW)
    return folder, protocol, [row for row in rows_of(source / "vendor_predictions.csv") if row["Image Index"] in ids]


def test_removed_rows_are_failures_and_lower_the_area_exactly_as_worst_ranks_do(few):
    folder, protocol, rows = few
    removed = {row["Image Index"] for row in rows[::40]}
    kept = [row for row in rows if row["Image Index"] not in removed]
    record = run(from_rows(protocol, kept, folder / "kept.csv", id="removed"), folder)

    truth = {row["case_id"]: row["value"] for row in rows_of(folder / "set" / "truth.csv")}
    scores: dict[str, list[float]] = {"positive": [], "negative": []}
    for row in rows:
        value = truth[row["Image Index"]]
        score = max(float(row["prob_Nodule"]), float(row["prob_Mass"]))
        worst = -math.inf if value == "positive" else math.inf
        scores[value].append(worst if row["Image Index"] in removed else score)
    found = estimate(record, EITHER, "auc")
    assert found["value"] == pytest.approx(rank_area(scores["positive"], scores["negative"]), abs=1e-12)
    assert found["n_units"] == FEW
    assert flow(record, EITHER, "failed") == len(removed) == 50
    assert found["value"] < estimate(record, EITHER, "auc", analysis="evaluable")["value"]


def test_a_row_for_a_picture_that_the_set_does_not_hold_stops_the_run(few, capsys):
    folder, protocol, rows = few
    stranger = [*rows, {**rows[0], "Image Index": "99999999_000.png"}]
    code, record = attempted(from_rows(protocol, stranger, folder / "more.csv", id="stranger"), folder)
    assert (code, record) == (3, {})
    assert "99999999_000.png" in capsys.readouterr().err
