"""MIT-BIH records: annotation files scored as the WFDB program bxb does, and a real detector asked for its own."""

import re
import sys

import numpy as np
import pytest

from tests.shared_data import shared_data

from . import running
from .running import REPOSITORY, answers, built, flow, protocol_of, run

ROWS = "NSVFQOX"
FIGURES = {
    "qrs_sensitivity": "QRS sensitivity",
    "qrs_positive_predictivity": "QRS positive predictivity",
    "veb_sensitivity": "VEB sensitivity",
    "veb_positive_predictivity": "VEB positive predictivity",
    "sveb_sensitivity": "SVEB sensitivity",
    "sveb_positive_predictivity": "SVEB positive predictivity",
}
LIVE = ("102", "106", "119")  # paced, and two with many ventricular beats


def estimate(record, endpoint, metric, stratum=None, **asked):
    """The estimate over all beats, unless beats in one place are asked for."""
    return running.estimate(record, endpoint, metric, stratum, **{"parameters": {}, **asked})


@pytest.fixture(scope="module")
def source():
    return shared_data("ecg/mitdb")


@pytest.fixture(scope="module")
def wfdb():
    return shared_data("ecg/oracle/wfdb")


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mitdb")
    built("mitdb", source, folder / "set")
    return folder


@pytest.fixture(scope="module")
def record(source, wfdb, folder):
    """Three annotators of every record: beats without names, named beats, and a reference that was tampered with."""
    protocol = protocol_of("mitdb", source, folder / "set")
    options = [{"folder": str(wfdb / "annotators"), "annotator": name} for name in ("gqr", "lda", "prt")]
    devices = [{"id": each["annotator"], "adapter": "wfdb-annotations", "options": each} for each in options]
    return run({**protocol, "candidates": devices}, folder)


def printed(path):
    """The table that bxb prints of one record, 7 × 7, with what it leaves blank as 0."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = {row: re.search(rf"^ {row} \|(.*)$", "\n".join(lines), re.MULTILINE) for row in ROWS}
    return [[float(n) for n in [*cells[row][1].split(), "0", "0"][:7]] for row in ROWS]


@pytest.mark.parametrize("annotator", ["gqr", "lda", "prt"])
def test_every_table_is_the_one_that_bxb_prints(record, wfdb, annotator):
    of_device = [row for row in record["results"]["tables"] if row["candidate"] == annotator]
    tables = {row["case_id"]: row["counts"] for row in of_device if row["name"] == "ec57_beats"}
    printed_tables = {path.stem: printed(path) for path in (wfdb / annotator / "bxb_S").glob("*.txt")}
    assert len(printed_tables) == 23
    assert {case: tables[case] for case in printed_tables} == printed_tables
    assert tables[None] == np.sum(list(printed_tables.values()), axis=0).tolist()


@pytest.mark.parametrize("annotator", ["gqr", "lda", "prt"])
def test_gross_figures_are_the_sums_of_what_bxb_prints(record, wfdb, annotator):
    # sumstats is no witness here: its lines hold fusion and unclassifiable beats called S together, and leave out both
    texts = [path.read_text(encoding="utf-8") for path in (wfdb / annotator / "bxb_S").glob("*.txt")]
    for name, words in FIGURES.items():
        pairs = [re.search(rf"^ *{words}: .*\((\d+)/(\d+)\)", text, re.MULTILINE) for text in texts]
        right, total = (sum(int(pair[place]) for pair in pairs) for place in (1, 2))
        found = estimate(record, "beats", name, candidate=annotator)
        if total < 10:
            assert found["not_estimable"], name
        else:
            assert (found["numerator"], found["denominator"]) == (right, total), name


@pytest.mark.parametrize("annotator", ["gqr", "lda", "prt"])
def test_qrs_and_ventricular_figures_are_those_that_sumstats_prints(record, wfdb, annotator):
    lines = (wfdb / annotator / "bxb.sum.txt").read_text(encoding="utf-8").splitlines()
    gross = next(line.split()[1:5] for line in lines if line.startswith("Gross"))
    for name, text in zip(FIGURES, gross, strict=False):
        found = estimate(record, "beats", name, candidate=annotator)
        if text == "-":
            assert found["not_estimable"], name
        else:
            assert round(100 * found["value"], 2) == pytest.approx(float(text), abs=1e-9), name


AVERAGES = {name: f"average_{name}" for name in ("qrs_sensitivity", "qrs_positive_predictivity", "veb_sensitivity")}


@pytest.mark.parametrize("annotator", ["gqr", "lda", "prt"])
def test_average_figures_are_those_that_sumstats_prints_with_an_interval_by_patient(record, wfdb, annotator):
    lines = (wfdb / annotator / "bxb.sum.txt").read_text(encoding="utf-8").splitlines()
    average = next(line.split()[1:] for line in lines if line.startswith("Average"))
    for name, text in zip(AVERAGES.values(), average, strict=False):
        found = estimate(record, "beats", name, candidate=annotator)
        assert round(100 * found["value"], 2) == pytest.approx(float(text), abs=1e-9), name
        assert found["low"] <= found["value"] < found["high"], name
        assert found["method"] == "wilson-records-t", name
    error = estimate(record, "beats", "average_rr_interval_error", candidate=annotator)
    assert round(error["value"], 2) == pytest.approx(float(average[-1]), abs=0.011)


def test_ectopic_beats_are_told_apart_by_where_they_stand(record):
    places = [
        estimate(record, "beats", "veb_sensitivity", candidate="lda", parameters={"among": among})
        for among in ("isolated", "first_of_run", "later_in_run")
    ]
    whole = estimate(record, "beats", "veb_sensitivity", candidate="lda")
    assert sum(one["denominator"] for one in places) == whole["denominator"] == 3217
    assert sum(one["numerator"] for one in places) == whole["numerator"]


def test_patients_and_strata_are_those_of_the_headers(record):
    found = estimate(record, "beats", "qrs_sensitivity", candidate="gqr")
    assert (found["n_units"], found["n_patients"], found["denominator"]) == (23, 23, 44284)
    paced = estimate(record, "beats", "qrs_sensitivity", {"paced": "yes"}, candidate="gqr")
    assert (paced["numerator"], paced["denominator"]) == (1821, 1821)  # of record 102, says bxb
    women = estimate(record, "beats", "qrs_sensitivity", {"sex": "F"}, candidate="gqr")
    men = estimate(record, "beats", "qrs_sensitivity", {"sex": "M"}, candidate="gqr")
    assert women["denominator"] + men["denominator"] == 44284


def test_the_interval_knows_that_beats_of_one_heart_resemble_each_other(record):
    found = estimate(record, "beats", "veb_sensitivity", candidate="lda")
    naive = 2 * 1.96 * (found["value"] * (1 - found["value"]) / found["denominator"]) ** 0.5
    assert found["high"] - found["low"] > 3 * naive


def test_a_record_without_annotations_is_a_failure_with_every_beat_missed(source, wfdb, folder, tmp_path, record):
    for path in (wfdb / "annotators").glob("*.gqr"):
        if path.stem != "119":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    options = {"folder": str(tmp_path), "annotator": "gqr"}
    device = {"id": "gqr", "adapter": "wfdb-annotations", "options": options}
    protocol = {**protocol_of("mitdb", source, folder / "set"), "id": "silent", "candidates": [device], "strata": []}
    silent = run(protocol, folder)
    assert flow(silent, "beats", "failed") == 1
    before, after = (estimate(each, "beats", "qrs_sensitivity", candidate="gqr") for each in (record, silent))
    assert after["denominator"] == before["denominator"]
    assert before["numerator"] - after["numerator"] == 1297 + 364  # the beats of record 119, says bxb
    assert estimate(silent, "beats", "time_not_analysed")["value"] == pytest.approx(1 / 23)


def detector_run(source, folder, names):
    """The set of some records with the detector of the repository as candidate, asked in its sealed child."""
    picked = folder / "public"
    picked.mkdir()
    for name in names:
        for end in ("hea", "dat", "atr"):
            (picked / f"{name}.{end}").write_bytes((source / f"{name}.{end}").read_bytes())
    built("mitdb", picked, folder / "set")
    return run(protocol_of("mitdb", picked, folder / "set"), folder)


def check_answers(source, folder, names):
    """The beats that came back are those that the detector finds in the signals as another library reads them."""
    reader = pytest.importorskip("wfdb")
    sys.path.insert(0, str(REPOSITORY / "plugins" / "example-ecg"))
    try:
        from example_ecg import Candidate
    finally:
        sys.path.pop(0)
    said = answers(folder, "mitdb", "example-ecg")
    for name in names:
        signals = reader.rdrecord(str(source / name)).p_signal
        expected = Candidate({"lead": 0}).answer({"signals": signals, "sampling_hz": 360.0})["beats"]
        assert said[name]["beats"]["samples"] == [beat["sample"] for beat in expected], name
        assert list(said[name]["beats"]["symbols"]) == [beat["symbol"] for beat in expected], name


@pytest.mark.slow
def test_a_real_detector_is_asked_for_whole_records(source, tmp_path):
    record = detector_run(source, tmp_path, LIVE)
    assert flow(record, "beats", "answered") == len(LIVE)
    found = estimate(record, "beats", "qrs_sensitivity")
    assert found["value"] > 0.98
    assert found["denominator"] == 1821 + 1696 + 1661  # N, S, V, F and Q of the three, says bxb
    check_answers(source, tmp_path, LIVE[1:2])


@pytest.mark.slow
def test_the_real_detector_on_every_record(source, tmp_path):
    names = sorted(path.stem for path in source.glob("*.hea"))
    record = detector_run(source, tmp_path, names)
    assert flow(record, "beats", "answered") == len(names) == 23
    assert estimate(record, "beats", "qrs_sensitivity")["value"] > 0.99
    assert estimate(record, "beats", "qrs_positive_predictivity")["value"] > 0.85
    assert estimate(record, "beats", "veb_sensitivity")["denominator"] == 3217
    # 44,195 of 44,284 beats, but of 23 patients: the clustered exact interval takes the beats of a heart for one
    rule = record["results"]["acceptance"][0]
    assert (rule["verdict"], rule["method"]) == ("inconclusive", "korn-graubard")
    assert rule["low"] < rule["limit"] < rule["value"]
