"""The five demonstrations end to end: every verdict is there, and what was planned about it holds."""

import pytest

from dmn_bench.record import read_record

from ..demo_runs import demo_run

NAMES = ("fracture", "nodule", "fundus", "ecg", "contour")

# What docs/demo-sets.md tells the reader to expect.
EXPECTED = {
    ("fracture", "sensitivity", "example-fracture", None): "inconclusive",
    ("fracture", "sensitivity", "fracture-outputs", None): "met",
    ("fracture", "specificity", "example-fracture", None): "not_met",
    ("fracture", "specificity", "fracture-outputs", None): "inconclusive",
    ("fracture", "fair-by-sex", "example-fracture", "F"): "inconclusive",
    ("fracture", "fair-by-sex", "example-fracture", "M"): "inconclusive",
    ("fracture", "fair-by-sex", "fracture-outputs", "F"): "met",
    ("fracture", "fair-by-sex", "fracture-outputs", "M"): "met",
    ("nodule", "sensitivity", "example-nodule-outputs", None): "not_met",
    ("nodule", "specificity", "example-nodule-outputs", None): "met",
    ("nodule", "failures", "example-nodule-outputs", None): "inconclusive",
    ("fundus", "sensitivity", "example-fundus-onnx", None): "inconclusive",
    ("fundus", "specificity", "example-fundus-onnx", None): "met",
    ("ecg", "beats-found", "example-ecg", None): "met",
    ("ecg", "ventricular-found", "example-ecg", None): "inconclusive",
    ("ecg", "ventricular-right", "example-ecg", None): "inconclusive",
    ("contour", "agrees", "example-contour-outputs", "heart"): "met",
    ("contour", "agrees", "example-contour-outputs", "spinal_canal"): "inconclusive",
    ("contour", "agrees", "example-contour-outputs", "tumour"): "inconclusive",
    ("contour", "usable", "example-contour-outputs", "heart"): "met",
    ("contour", "usable", "example-contour-outputs", "spinal_canal"): "inconclusive",
    ("contour", "usable", "example-contour-outputs", "tumour"): "inconclusive",
}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return {name: read_record(demo_run(tmp_path_factory, f"{name}-demo") / "record.json") for name in NAMES}


def test_the_verdicts_are_those_that_the_documentation_announces(records):
    verdicts = {
        (name, row.id, row.candidate, None if row.stratum is None else " ".join(row.stratum.values())): row.verdict
        for name, record in records.items()
        for row in record.results.acceptance
    }
    assert verdicts == EXPECTED
    assert set(verdicts.values()) == {"met", "not_met", "inconclusive"}


def test_no_case_is_unreadable(records):
    assert sum(row.unreadable for record in records.values() for row in record.results.flow) == 0


def test_failures_doubts_and_refusals_are_counted(records):
    flow = [row for record in records.values() for row in record.results.flow]
    for state in ("failed", "indeterminate", "abstained"):
        assert sum(getattr(row, state) for row in flow) > 0, state


def estimate(record, endpoint, metric, candidate, stratum):
    (row,) = [
        row
        for row in record.results.estimates
        if (row.endpoint, row.metric, row.candidate, row.stratum) == (endpoint, metric, candidate, stratum)
        and row.analysis == "intention_to_diagnose"
    ]
    return row.value


def test_children_cost_the_fracture_detector_false_alarms(records):
    children, adults = (
        estimate(records["fracture"], "exam", "specificity", "example-fracture", {"age": age})
        for age in ("<18", "[18, 60)")
    )
    assert children < adults - 0.3


def test_the_patch_costs_the_beat_detector_false_ventricular_beats(records):
    patch, holter = (
        estimate(records["ecg"], "beats", "qrs_positive_predictivity", "example-ecg", {"recorder": recorder})
        for recorder in ("Example Patch C", "Example Holter A")
    )
    assert patch < holter - 0.02
