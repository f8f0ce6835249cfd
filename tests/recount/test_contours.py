"""The shipped contours counted a second time: filled pixel by pixel from the files, and compared by another program."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate

from . import recount as rc
from .counting_regions import Count

ROOT = Path(__file__).parents[2]
METRICS = [
    "dice",
    {"name": "dice", "summary": "mean"},
    {"name": "dice", "summary": "worst_decile"},
    "volume_error",
    {"name": "volume_error", "summary": "lower_quartile"},
    "volume_bias",
    {"name": "volume_bias", "summary": "mean"},
    {"name": "acceptable_share", "measure": "dice", "limit": 0.85},
    "failure_rate",
]
ANALYSES = {"intention_to_diagnose": True, "evaluable": False}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """(the record of the shipped contours, what was counted again); surface Dice has other witnesses."""
    folder = tmp_path_factory.mktemp("contours")
    protocol = YAML(typ="safe").load((ROOT / "configs" / "contour-demo.yaml").read_text(encoding="utf-8"))
    protocol["reference_set"] = (ROOT / "reference_sets" / "contour-demo").as_posix()
    protocol["candidates"][0]["package"] = (ROOT / "plugins" / "example-contour-outputs").as_posix()
    protocol["endpoints"][0]["metrics"] = METRICS
    protocol["acceptance"] = []
    protocol["statistics"]["resamples"] = 200  # of readers beside the device, which are not counted again
    protocol["pictures"] = {"per_kind": 0}
    path = folder / "protocol.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(protocol, stream)
    evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue())
    record = json.loads((folder / "run" / "record.json").read_text(encoding="utf-8"))
    sets = ROOT / "plugins" / "example-contour-outputs" / "structure_sets"
    return record, Count(protocol, ROOT / "reference_sets" / "contour-demo", sets)


def rows_of(record):
    return [
        row
        for row in record["results"]["estimates"]
        if row["analysis"] in ANALYSES and "structure" in (row["stratum"] or {}) and row["metric"] != "failure_rate"
    ]


def test_every_figure_of_every_structure_and_level_is_found_again(counted):
    record, count = counted
    rows = rows_of(record)
    assert {row["stratum"]["structure"] for row in rows} == {"heart", "spinal_canal", "tumour"}
    assert len(rows) >= 2 * 3 * (len(METRICS) - 1) * 6  # in two analyses, on the whole and at the levels
    wrong = []
    for row in rows:
        found = count.of(row["stratum"], with_failed=ANALYSES[row["analysis"]])
        given = [one for one in found if one[3]] if row["metric"] == "volume_bias" else found
        if row["own_n"] != len(given):
            wrong.append((row["metric"], row["stratum"], row["own_n"], len(given)))
        if row["not_estimable"] is not None:
            assert row["value"] is None
            if row["not_estimable"] == "segmentation_infinite":
                assert count.value(row["metric"], row["parameters"], found) is None
            continue
        expected = count.value(row["metric"], row["parameters"], found)
        if row["value"] != pytest.approx(expected, rel=1e-9, abs=1e-12):
            wrong.append((row["metric"], row["parameters"], row["stratum"], row["value"], expected))
    assert wrong == []


def test_enough_of_them_have_a_value(counted):
    record, _ = counted
    named = {(row["metric"], row["stratum"]["structure"]) for row in rows_of(record) if row["value"] is not None}
    metrics = ("dice", "volume_error", "volume_bias", "acceptable_share")
    structures = ("heart", "spinal_canal", "tumour")
    assert named >= {(metric, structure) for metric in metrics for structure in structures} - {
        ("volume_bias", "tumour")
    }


def test_shares_of_acceptable_cases_have_their_counts_and_their_interval(counted):
    record, count = counted
    shares = [row for row in rows_of(record) if row["metric"] == "acceptable_share" and row["value"] is not None]
    assert shares
    for row in shares:
        found = count.of(row["stratum"], with_failed=ANALYSES[row["analysis"]])
        good = [float(dice >= row["parameters"]["limit"] - 1e-12) for _, dice, _, _ in found]
        patients = [count.folder.patients[case["patient_id"]] for case, *_ in found]
        assert (row["numerator"], row["denominator"]) == (sum(good), len(good))
        low, high, _, _ = rc.share_interval(good, [1.0] * len(good), patients, clustered=True, level=0.95)
        assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-7)


def test_the_table_of_structures_is_found_again(counted):
    record, count = counted
    [table] = [table for table in record["results"]["tables"] if table["name"] == "structures"]
    unanswered = table["columns"].index("unanswered")
    for structure, counts in zip(table["rows"], table["counts"], strict=True):
        found = count.of({"structure": structure})
        assert sum(counts[:5]) == len(found)
        assert counts[unanswered] == sum(not answered for *_, answered in found) == 1
