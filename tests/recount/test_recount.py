"""Every number of whole runs is counted a second time by code that shares nothing with the program's arithmetic."""

import json
import math

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from tests.demo_runs import CONFIGS, demo_run
from tests.harness import small_run

from . import counting
from .counting import Count, key_of

DEMOS = ("fracture-demo", "nodule-demo", "fundus-demo", "ecg-demo")
NOT_RECOUNTED = {
    **dict.fromkeys(
        ("ec57_beats", "ec57_beats_nonstandard", "ec57_lines", "ec57_average"),
        "the matching of beats is held against bxb elsewhere; metrics and limits are recounted from it",
    ),
    "marks": "counts at the operating point of a table that holds no estimate",
}
FIELDS = ("value", "low", "high", "not_estimable", "own_n", "numerator", "denominator", "method")
COUNTS = ("n_units", "n_patients", "n_positive", "n_negative", "n_unanswered")
KNOWN_COUNTS = {"gradability": "units by class are 0 in a grading: see test_defects"}


@pytest.fixture(scope="module", params=[*DEMOS, "small"])
def counted(request, tmp_path_factory):
    """(record as JSON, the same counted again)."""
    if request.param == "small":
        folder = tmp_path_factory.mktemp(request.param)
        protocol, run = small_run.write(folder), folder / "run"
        evaluate(protocol, RunOptions(run_dir=run), catalogue=build_catalogue())
    else:
        protocol, run = CONFIGS / f"{request.param}.yaml", demo_run(tmp_path_factory, request.param)
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    return record, Count(protocol, run, record)


def same(found, expected):
    if isinstance(found, float) and isinstance(expected, (int, float)):
        return math.isclose(found, expected, rel_tol=1e-7, abs_tol=1e-9)
    return found == expected


def differences(found, expected, fields):
    return {f: (found[f], expected[f]) for f in fields if f in expected and not same(found[f], expected[f])}


def test_every_estimate_of_a_run_is_found_again(counted):
    record, count = counted
    rows = {key_of(row): row for row in record["results"]["estimates"]}
    assert len(rows) == len(record["results"]["estimates"])
    assert {key for key in rows if key[2] not in counting.NOT_RECOUNTED} == set(count.estimates)
    wrong = {}
    for key in count.estimates:
        row = rows[key]
        fields = FIELDS if key[2] in KNOWN_COUNTS else FIELDS + COUNTS
        expected = count.estimates[key]
        if expected["not_estimable"]:
            expected = {**expected, "method": None}
        found = differences(row, expected, fields)
        if found:
            wrong[key] = found
    assert not wrong, f"{len(wrong)} of {len(rows)}: {dict(list(wrong.items())[:5])}"


def test_every_estimate_lies_within_its_limits(counted):
    record, _ = counted
    shown = [row for row in record["results"]["estimates"] if row["value"] is not None]
    assert shown
    assert [row for row in shown if not row["low"] <= row["value"] <= row["high"]] == []


def test_the_flow_is_found_again(counted):
    record, count = counted
    rows = {(r["candidate"], r["endpoint"], r["reference"]): r for r in record["results"]["flow"]}
    assert set(rows) == set(count.flow)
    assert {k: d for k, r in rows.items() if (d := differences(r, count.flow[k], count.flow[k]))} == {}


def test_the_verdicts_are_found_again(counted):
    record, count = counted
    stratum = lambda r: None if r["stratum"] is None else tuple(sorted(r["stratum"].items()))  # noqa: E731
    rows = {(r["id"], r["candidate"], stratum(r)): r for r in record["results"]["acceptance"]}
    assert set(rows) == set(count.acceptance)
    assert {k: d for k, r in rows.items() if (d := differences(r, count.acceptance[k], count.acceptance[k]))} == {}


def test_the_tests_of_heterogeneity_are_found_again(counted):
    record, count = counted
    rows = {
        (r["candidate"], r["endpoint"], r["metric"], tuple(sorted(r["parameters"].items())), r["field"]): r
        for r in record["results"]["heterogeneity"]
    }
    assert set(rows) == set(count.tests)
    assert {k: d for k, r in rows.items() if (d := differences(r, count.tests[k], count.tests[k]))} == {}


def test_the_tables_are_found_again(counted):
    record, count = counted
    tables = {(t["candidate"], t["endpoint"], t["name"]): t for t in record["results"]["tables"] if not t["case_id"]}
    assert {key for key in tables if key[2] not in NOT_RECOUNTED} == set(count.tables)
    for key, (columns, counts) in count.tables.items():
        assert (tables[key]["columns"], tables[key]["counts"]) == (columns, counts)
