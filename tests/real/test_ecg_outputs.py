"""Output files of published ECG classifiers, read by options alone, against counts and areas computed elsewhere."""

import csv
import gzip
import json

import pytest

from dmn_bench.reference_set import lock
from tests.shared_data import shared_data

from .running import estimate, flow, rank_area, rows_of, run, write_rows

CARD = {
    "format": "dmn-bench/reference-set/1",
    "version": "1.0.0",
    "modality": "ECG",
    "sampling": "convenience",
    "public": True,
    "data_protection": {"route": "not_applicable"},
}


@pytest.fixture(scope="module")
def oracle():
    return json.loads(shared_data("ecg/oracle/vendor_outputs_expected.json").read_text(encoding="utf-8"))


def a_set(root, name, truth, columns, strata, readers):
    """A locked set without files: a row of ``truth`` for each recording, findings 0 or 1; ``columns`` by recording."""
    findings = [title for title in truth[0] if title != "record_id"]
    root.mkdir()
    card = {
        **CARD,
        "id": name,
        "title": {"en": name},
        "findings": [{"name": named(finding)} for finding in findings],
        "reference_standard": {"method": "consensus", "readers": readers},
        "strata": strata,
    }
    (root / "reference_set.yaml").write_text(json.dumps(card), encoding="utf-8")
    cases = [
        {"case_id": row["record_id"], "patient_id": "", "files": "", **columns.get(row["record_id"], {})}
        for row in truth
    ]
    write_rows(root / "cases.csv", cases)
    word = {"0": "negative", "1": "positive"}
    rows = [
        {"case_id": row["record_id"], "finding": named(finding), "value": word[row[finding]]}
        for row in truth
        for finding in findings
    ]
    write_rows(root / "truth.csv", rows)
    lock(root)
    return [(finding, named(finding)) for finding in findings]


def named(finding):
    """The vendor's class as a name that a card accepts."""
    return finding.replace("/", "_").replace("(", "_").replace(")", "").replace("?", "_q")


def a_protocol(name, candidates, findings, metrics, strata=()):
    return {
        "format": "dmn-bench/protocol/1",
        "id": name,
        "reference_set": "set",
        "candidates": candidates,
        "endpoints": [
            {"name": f"e-{place}", "task": "classification", "finding": finding, "unit": "case", "metrics": metrics}
            for place, (_, finding) in enumerate(findings)
        ],
        "strata": list(strata),
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 30}},
    }


@pytest.fixture(scope="module")
def code_test(tmp_path_factory):
    """(record, findings): the network's scores, its calls and those of five groups of people on 827 recordings."""
    source, folder = shared_data("ecg/vendor_outputs/code_test"), tmp_path_factory.mktemp("code")
    about = {
        row["record_id"]: {"sex": row["sex"], "age_years": row["age"]} for row in rows_of(source / "attributes.csv")
    }
    strata = {"sex": {"column": "sex"}, "age": {"column": "age_years", "edges": [40, 65]}}
    findings = a_set(folder / "set", "code-test", rows_of(source / "gold_standard.csv"), about, strata, 3)
    wide = {ours: theirs for theirs, ours in findings}
    columns = {"id": {"column": "record_id", "is": "case_id"}, "wide": wide}
    candidates = [
        {"id": "scores", "adapter": "predictions", "options": {"path": str(source / "scores_model.csv"), **columns}}
    ]
    for name in ("dnn", "cardiologist1", "cardiologist2", "cardiology_residents", "medical_students"):
        options = {"path": str(source / f"labels_{name}.csv"), **columns, "wide_values": "label"}
        labels = {"positive": ["1"], "negative": ["0"]}
        candidates.append({"id": name, "adapter": "predictions", "options": options, "labels": labels})
    calls = a_protocol(
        "code-test", candidates[1:], findings, ["sensitivity", "specificity", "ppv", "f1"], ["sex", "age"]
    )
    ranks = a_protocol("code-scores", candidates[:1], findings, ["auc"], ["sex", "age"])
    return run(calls, folder), run(ranks, folder), findings


def test_calls_of_the_network_and_of_people_are_counted_as_elsewhere(code_test, oracle):
    calls, _, findings = code_test
    for candidate in ("dnn", "cardiologist1", "cardiologist2", "cardiology_residents", "medical_students"):
        for place, (theirs, _) in enumerate(findings):
            expected = oracle[f"code_test/{candidate}"][theirs]
            hits = estimate(calls, f"e-{place}", "sensitivity", candidate=candidate)
            assert (hits["numerator"], hits["denominator"]) == (expected["tp"], expected["tp"] + expected["fn"])
            clear = estimate(calls, f"e-{place}", "specificity", candidate=candidate)
            assert (clear["numerator"], clear["denominator"]) == (expected["tn"], expected["tn"] + expected["fp"])
            f1 = estimate(calls, f"e-{place}", "f1", candidate=candidate)
            if expected["fp"] + expected["fn"]:
                assert f1["value"] == pytest.approx(expected["f1"], abs=1e-12)
            else:  # every resample of a perfect score is perfect: no interval, so no number
                assert f1["not_estimable"] == "degenerate"


def test_areas_of_the_networks_scores_are_those_computed_elsewhere(code_test, oracle):
    _, ranks, findings = code_test
    for place, (theirs, _) in enumerate(findings):
        found, expected = estimate(ranks, f"e-{place}", "auc"), oracle["code_test/model_auc"][theirs]
        assert found["value"] == pytest.approx(expected["auroc"], abs=1e-12), theirs
        assert found["n_positive"] == expected["n_pos"]


def test_every_recording_is_in_one_level_of_each_stratum(code_test):
    _, ranks, _ = code_test
    rows = [row for row in ranks["results"]["estimates"] if row["endpoint"] == "e-0" and row["metric"] == "auc"]
    for field in ("sex", "age"):
        of_field = [row for row in rows if row["stratum"] and list(row["stratum"]) == [field]]
        primary = [row["n_units"] for row in of_field if row["analysis"] == "intention_to_diagnose"]
        assert sum(primary) == 827


@pytest.mark.slow
def test_areas_of_71_statements_and_their_mean_are_the_published_ones(tmp_path, oracle):
    source = shared_data("ecg/vendor_outputs/ptbxl_xresnet1d101")
    with gzip.open(source / "labels.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        truth = list(csv.DictReader(stream))
    findings = a_set(tmp_path / "set", "ptbxl-fold10", truth, {}, {}, None)
    options = {
        "path": str(source / "scores_xresnet1d101.csv.gz"),
        "id": {"column": "record_id", "is": "case_id"},
        "wide": {ours: theirs for theirs, ours in findings},
    }
    device = {"id": "xresnet1d101", "adapter": "predictions", "options": options}
    record = run(a_protocol("ptbxl", [device], findings, ["auc"]), tmp_path)
    with gzip.open(source / "scores_xresnet1d101.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        scores = {row["record_id"]: row for row in csv.DictReader(stream)}
    expected = oracle["ptbxl/fold10"]
    areas = []
    for place, (theirs, _) in enumerate(findings):
        groups: dict[str, list[float]] = {"0": [], "1": []}
        for row in truth:
            groups[row[theirs]].append(float(scores[row["record_id"]][theirs]))
        area = rank_area(groups["1"], groups["0"])
        areas.append(area)
        found = estimate(record, f"e-{place}", "auc")
        if not found["not_estimable"]:
            assert found["value"] == pytest.approx(area, abs=1e-12), theirs
            assert found["n_positive"] == expected["per_class"][theirs]["n_pos"]
    assert sum(areas) / len(areas) == pytest.approx(expected["macro_auc"], abs=1e-9)
    assert flow(record, "e-0", "answered") == expected["n"] == 2203
