"""Readers of numbers and grades beside the device, by hand."""

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.reference_set import lock
from dmn_bench.statistics.agreement import kappa

from ..set_factory import a_set

N_CASES = 40
SHIFT = {"r1": 4, "r2": 0, "r3": -2}
CARD = """\
format: dmn-bench/reference-set/1
id: values
version: 1.0.0
title: {en: Values}
modality: ECG
findings: [{name: qt, unit: ms}, {name: dr}]
sampling: consecutive
reference_standard: {method: reading, consensus: {rule: majority}}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: values
reference_set: set
candidates:
  - {id: device, adapter: predictions, options: {path: answers.csv}}
endpoints:
  - {name: qt, task: measurement, finding: qt, unit_of_values: ms, metrics: [bias]}
  - {name: dr, task: grading, finding: dr, scale: icdr, positive_when: ">= 2", metrics: [kappa_quadratic, sensitivity]}
statistics: {resamples: 200, seed: 3}
"""


def measured(case, reader):
    return 380 + 2 * case + SHIFT[reader] * (case % 3)


def grade(case, reader):
    return min(4, case % 5 + (reader == "r3" and case % 4 == 0))


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("values")
    names = [f"c{case:02}" for case in range(N_CASES)]
    readings = [f"{name},{who},qt,{measured(case, who)}" for case, name in enumerate(names) for who in SHIFT]
    readings += [f"{name},{who},dr,{grade(case, who)}" for case, name in enumerate(names) for who in SHIFT]
    a_set(
        folder / "set",
        card=CARD,
        cases=["case_id,patient_id,files", *(f"{name},{name}," for name in names)],
        truth=["case_id,finding,value"],
        readings=["case_id,reader_id,finding,value", *readings],
    )
    lock(folder / "set")
    answers = [f"{name},qt,{390 + 2 * case}," for case, name in enumerate(names)]
    answers += [f"{name},dr,,{case % 5}" for case, name in enumerate(names)]
    (folder / "answers.csv").write_text("\n".join(["case_id,finding,value,grade", *answers]) + "\n", encoding="utf-8")
    path = folder / "values.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue()).results.readers


def row(readers, metric, reader, candidate=""):
    [found] = [r for r in readers if (r.estimate.metric, r.reader, r.candidate) == (metric, reader, candidate)]
    return found


@pytest.mark.parametrize("reader", list(SHIFT))
def test_a_measured_value_is_compared_with_the_mean_of_the_other_two(readers, reader):
    others = [np.mean([measured(case, who) for who in SHIFT if who != reader]) for case in range(N_CASES)]
    own = np.mean([measured(case, reader) - other for case, other in enumerate(others)])
    device = np.mean([390 + 2 * case - other for case, other in enumerate(others)])
    assert row(readers, "bias", reader).estimate.value == pytest.approx(own)
    assert row(readers, "bias", reader, "device").estimate.value == pytest.approx(device)


def test_a_grade_is_compared_with_the_graver_of_two(readers):
    matrix = [[0.0] * 5 for _ in range(5)]
    for case in range(N_CASES):
        matrix[max(grade(case, "r2"), grade(case, "r3"))][grade(case, "r1")] += 1
    expected = kappa(np.array(matrix), weights="quadratic").value
    assert row(readers, "kappa_quadratic", "r1").estimate.value == pytest.approx(expected)
    assert row(readers, "kappa_quadratic", "r1", "device").estimate.value == pytest.approx(expected)  # it says the same
    found = row(readers, "sensitivity", "r3").estimate
    positive = [case for case in range(N_CASES) if grade(case, "r1") >= 2]
    assert (found.numerator, found.denominator) == (len(positive), len(positive))
