"""Twelve-lead sets made by their recipes and run through the command line: truth of the headers, published figures."""

import csv
import gzip
import json

import numpy as np
import pytest

from dmn_bench.statistics.agreement import kappa_value
from dmn_bench.statistics.macro_area import disjoint_scores, macro_area
from tests.shared_data import shared_data

from .running import PRIMARY, built, estimate, protocol_of, rows_of, run


def published(name, width):
    """A published table of CODE-test: (row, column number) -> text."""
    with shared_data(f"ecg/vendor_outputs/code_test/{name}.csv").open(encoding="utf-8") as lines:
        return [row for row in csv.reader(lines) if len(row) == width]


CLASSES = {
    "1dAVb": "first_degree_av_block",
    "RBBB": "right_bundle_branch_block",
    "LBBB": "left_bundle_branch_block",
    "SB": "sinus_bradycardia",
    "AF": "atrial_fibrillation",
    "ST": "sinus_tachycardia",
}
READERS = {
    "DNN": "dnn",
    "cardio.": "cardiology_residents",
    "emerg.": "emergency_residents",
    "stud.": "medical_students",
    "Cert. cardiol. 1": "cardiologist1",
    "Certif. cardiol. 2": "cardiologist2",
}


@pytest.fixture(scope="module")
def code_test(tmp_path_factory):
    source, root = shared_data("ecg/vendor_outputs/code_test"), tmp_path_factory.mktemp("code")
    target = built("code_test", source, root / "set")
    protocol = protocol_of("code_test", source, target)
    several, *single = protocol["endpoints"]
    several["metrics"] = ["sensitivity", "specificity", "ppv", "macro_f1", "macro_sensitivity"]
    single = [{**endpoint, "metrics": ["f1"]} for endpoint in single]  # accuracy stands in the comparisons
    protocol["endpoints"] = [several, *single]
    protocol["strata"] = ["statement"]
    return run(protocol, root)


@pytest.mark.slow
def test_the_published_figures_of_code_test_are_found_for_each_class_and_reader(code_test):
    table = published("published_scores", 17)
    readers, metrics = table[1], {"Precision": "ppv", "Recall": "sensitivity", "Specificity": "specificity"}
    for row in table[2:]:
        for column, number in enumerate(row[1:], start=1):
            candidate, stratum = READERS[readers[column]], {"statement": CLASSES[row[0]]}
            name = table[0][column].partition(".")[0]
            if name == "F1 score":
                endpoint = CLASSES[row[0]].replace("_", "-")
                found = estimate(code_test, endpoint, "f1", candidate=candidate)
            else:
                found = estimate(code_test, "statements", metrics[name], stratum, candidate=candidate)
            if found["not_estimable"] != "degenerate":  # F1 of 1 has no interval, hence no number
                assert f"{found['value']:.3f}" == f"{float(number):.3f}", (row[0], candidate, name)


@pytest.mark.slow
def test_the_published_tests_of_mcnemar_follow_from_the_pairs_of_the_comparisons(code_test):
    from scipy.stats import chi2

    table, seen = published("published_mcnemar", 7), 0
    for row in table[1:]:
        first, _, second = row[0].partition(" vs ")
        for code, number in zip(table[0][1:], row[1:], strict=True):
            rows = [
                each
                for each in code_test["results"]["comparisons"]
                if each["endpoint"] == CLASSES[code].replace("_", "-")
                and (each["candidate"], each["against"]) == (READERS[first], READERS[second])
                and each["analysis"] == PRIMARY
            ]
            if rows:
                only_a, only_b = rows[0]["only_candidate"], rows[0]["only_against"]
                p = float(chi2.sf((only_a - only_b) ** 2 / max(only_a + only_b, 1), 1))
                assert f"{p:.3f}" == f"{float(number):.3f}", (row[0], code)
                seen += 1
    assert seen == 18


@pytest.mark.parametrize("name", ["published_kappa", "published_kappas_annotators_and_DNN"])
def test_the_published_kappas_are_those_of_the_calls(name):
    folder = shared_data("ecg/vendor_outputs/code_test")
    calls = {reader: rows_of(folder / f"labels_{file}.csv") for reader, file in READERS.items()}
    table = published(name, 7)
    for row in table[1:]:
        first, _, second = row[0].partition(" vs ")
        for code, number in zip(table[0][1:], row[1:], strict=True):
            pairs = zip(calls[first], calls[second], strict=True)
            cells = np.zeros((2, 2))
            for one, other in pairs:
                cells[int(one[code]), int(other[code])] += 1
            assert f"{float(kappa_value(cells[None])[0]):.3f}" == f"{float(number):.3f}", (row[0], code)


@pytest.mark.slow
def test_a_run_over_ptb_xl_gives_the_published_macro_area_and_that_of_each_statement(tmp_path):
    source = shared_data("ecg/vendor_outputs/ptbxl_xresnet1d101")
    target = built("ptbxl_fold10", source, tmp_path / "set")
    protocol = protocol_of("ptbxl_fold10", source, target)
    record = run({**protocol, "endpoints": protocol["endpoints"][:1]}, tmp_path)
    expected = json.loads(shared_data("ecg/oracle/vendor_outputs_expected.json").read_text(encoding="utf-8"))
    expected = expected["ptbxl/fold10"]
    found = estimate(record, "statements", "macro_auc")
    assert found["value"] == pytest.approx(expected["macro_auc"], abs=1e-12)
    assert f"{found['value']:.4f}" == "0.9254"
    assert found["low"] < expected["q05"] < expected["q95"] < found["high"]
    each = {
        row["stratum"]["statement"]: row
        for row in record["results"]["estimates"]
        if row["endpoint"] == "statements" and row["metric"] == "auc" and row["stratum"] and row["analysis"] == PRIMARY
    }
    assert len(each) == 71
    assert each["atrial_fibrillation"]["value"] == pytest.approx(expected["per_class"]["AFIB"]["auroc"], abs=1e-12)
    assert each["second_degree_av_block"]["not_estimable"] == "too_few"
    assert each["second_degree_av_block"]["own_n"] == expected["per_class"]["2AVB"]["n_pos"]


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    source, root = shared_data("ecg/cinc2021"), tmp_path_factory.mktemp("cinc")
    target = built("cinc2021", source, root / "set")
    protocol = protocol_of("cinc2021", source, target)
    folder = shared_data("ecg/oracle/challenges/outputs_noisy")
    protocol["candidates"][0]["options"]["folder"] = str(folder)
    protocol["strata"] = ["statement", "source"]
    return target, run(protocol, root)


def test_the_headers_of_real_records_are_the_truth_of_the_set(challenge):
    target, _ = challenge
    truth = rows_of(target / "truth.csv")
    assert len(truth) == 108 * 26
    positive = [row for row in truth if row["value"] == "positive"]
    assert sum(row["finding"] == "sinus_rhythm" for row in positive) == 30
    assert len({row["case_id"] for row in positive}) == 98


def test_a_run_over_the_real_records_gives_the_official_score_and_each_class_its_own_figure(challenge):
    _, record = challenge
    expected = json.loads(shared_data("ecg/oracle/challenges/scores.json").read_text(encoding="utf-8"))["2021/noisy"]
    found = estimate(record, "statements", "cinc2021_score")
    assert found["value"] == pytest.approx(expected["challenge_metric"], abs=1e-12)
    assert found["low"] < found["value"] < found["high"]
    assert (found["n_units"], found["n_positive"]) == (108, 0)
    assert estimate(record, "statements", "macro_auc")["value"] == pytest.approx(expected["auroc"], abs=1e-12)
    sinus = estimate(record, "statements", "sensitivity", {"statement": "sinus_rhythm"})
    assert (sinus["numerator"], sinus["denominator"], sinus["method"]) == (30, 30, "wilson")
    paced = estimate(record, "statements", "sensitivity", {"statement": "paced_rhythm"})
    assert (paced["not_estimable"], paced["own_n"]) == ("too_few", 1)
    nobody = estimate(record, "statements", "sensitivity", {"statement": "bundle_branch_block"})
    assert nobody["not_estimable"] == "no_denominator"
    whole = estimate(record, "statements", "sensitivity")
    assert whole["not_estimable"] == "several_questions"


def test_the_table_of_statements_adds_up_to_the_records_for_each(challenge):
    _, record = challenge
    (table,) = (t for t in record["results"]["tables"] if t["name"] == "statements" and t["endpoint"] == "statements")
    assert len(table["rows"]) == 26
    assert {sum(counts) for counts in table["counts"]} == {108}
    averaged = next(t for t in record["results"]["tables"] if t["name"] == "macro_classes")
    assert dict(zip(averaged["rows"], averaged["counts"], strict=True))["sensitivity"] == [24, 2]


def test_the_published_area_and_the_resamples_of_its_authors_are_found_in_seconds():
    folder = shared_data("ecg/vendor_outputs/ptbxl_xresnet1d101")
    truth, scores = (np.array(numbers(folder / name)) for name in ("labels.csv.gz", "scores_xresnet1d101.csv.gz"))
    n, k = truth.shape
    assert (n, k) == (2203, 71)
    classes = np.repeat(np.arange(k), n)
    places, at = np.unique(disjoint_scores(scores.T.ravel(), classes), return_inverse=True)
    positive = truth.T.ravel() > 0

    def area(counts):
        weights = np.tile(counts, k)
        above = np.bincount(at, weights=weights * positive, minlength=len(places))[None]
        below = np.bincount(at, weights=weights * ~positive, minlength=len(places))[None]
        return float(macro_area(above, below, places)[0])

    with (folder / "published_results.csv").open(encoding="utf-8") as lines:
        official = {row[0]: float(row[1]) for row in csv.reader(lines) if row[0]}
    assert area(np.ones(n)) == pytest.approx(official["point"], abs=2e-7)  # scores are kept with six digits
    with np.load(folder / "bootstrap_ids.npz") as drawn:
        resampled = [area(np.bincount(ids, minlength=n)) for ids in drawn["ids"]]
    assert len(resampled) == 100
    assert np.mean(resampled) == pytest.approx(official["mean"], abs=2e-7)
    assert np.percentile(resampled, [5, 95]) == pytest.approx([official["lower"], official["upper"]], abs=2e-7)


def numbers(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [[float(cell) for cell in row[1:]] for row in list(csv.reader(lines))[1:]]
