"""Real folders become sets that are checked, locked and run: hospital formats, challenges, PTB-XL, SPH, MIT-BIH."""

from collections import Counter

import numpy as np
import pytest

from dmn_bench import cli
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.ecg_labels import read_collection
from dmn_bench.curation.ecg_options import EcgOptions
from dmn_bench.curation.ecg_truth import Policy
from dmn_bench.inputs.wfdb_record import WfdbReader, read_annotations
from dmn_bench.reference_set import load, lock
from tests.curation.ecg_kit import NEGATIVE, a_card, imported, rows, texts_of, truth
from tests.shared_data import shared_data

from .running import estimate, run

AF, MI, SINUS = "atrial_fibrillation", "MI", "sinus_rhythm"
ACCEPTING = Policy(unmentioned="negative", accept_unconfirmed=True)


def counts(root, finding):
    return Counter(value for (_, name), (value, _) in truth(root).items() if name == finding)


def by_source(root):
    """File name without folder and ending -> case_id."""
    found = {}
    for row in rows(root / "identity.csv"):
        found[row["source_file"].rpartition("/")[2].rpartition(".")[0]] = row["case_id"]
    return found


def locked_and_run(root, finding, *, perfect, more=()):
    """The record of a run of a table of answers, through check, lock and run of the command line."""
    assert cli.call(["refset", "check", str(root)]) == 0
    assert cli.call(["refset", "lock", str(root)]) == 0
    answers = root.with_name("answers.csv")
    lines = [f"{case},{finding},{label}" for case, label in perfect.items()]
    answers.write_text("\n".join(["case_id,finding,label", *lines]) + "\n", encoding="utf-8")
    device = {"id": "device", "adapter": "predictions", "options": {"path": str(answers)}}
    return run(
        {
            "format": "dmn-bench/protocol/1",
            "id": "imported",
            "purpose": {"need": "a", "intended_use": "b", "comparator": "c", "decided_by": "d"},
            "reference_set": str(root),
            "candidates": [device, *more],
            "endpoints": [
                {
                    "name": "e",
                    "task": "classification",
                    "finding": finding,
                    "unit": "case",
                    "metrics": ["sensitivity", "specificity"],
                }
            ],
            "primary": "intention_to_diagnose",
            "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 2}},
        },
        root.parent,
    )


def test_files_of_every_maker(tmp_path):
    source = shared_data("ecg/formats")
    root = a_card(tmp_path / "set", "{name: sinus_rhythm}", "{name: MI}", "{name: pr_interval, unit: ms}")
    found = imported(root, source, EcgOptions(policy=ACCEPTING, measurements=True))
    assert (found.n_recordings, found.problems) == (8, ())
    cases = by_source(root)
    # the SCP file and one of the aECG files hold the waveform of another aECG file, under another patient's id
    left = {name for name, case in cases.items() if case.startswith("e")}
    assert left == {"hl7_Example_aECG", "ecgtoolkit_Example"}
    assert {problem.key for problem in found.notes} == {"ecg_import.twice_two_patients"}
    columns = {row["case_id"]: row for row in rows(root / "cases.csv")}
    dicom = columns[cases["pydicom_waveform_ecg"]]
    assert (dicom["sex"], dicom["age_years"], dicom["recording_hz"], dicom["lead_set"]) == ("F", "42", "1000", "12")
    for name in ("braveheart_example1", "braveheart_example2"):  # stripped of who they are of
        assert columns[cases[name]]["patient_id"] == ""
    assert truth(root)[cases["sierra_129DYPRG_1_03"], MI][0] == "positive"
    assert truth(root)[cases["fda_subject1_0"], "pr_interval"][0] == "148"
    right = {case: value for (case, name), (value, _) in truth(root).items() if name == MI and value != "unverified"}
    cart = {"id": "cart", "role": "comparator", "adapter": "predictions"}
    cart["options"] = {"path": str(found.beside / "machine_statements.csv")}
    record = locked_and_run(root, MI, perfect=right, more=[cart])
    assert estimate(record, "e", "sensitivity", candidate="cart")["numerator"] == 1
    (root / "identity.csv").unlink()
    for name in ("CLARK", "Clark", "SBJ-123", "25060897140", "1112010721168bdc"):
        assert name not in texts_of(root), name


def test_measured_values_are_scored_in_the_unit_of_the_card(tmp_path):
    source = shared_data("ecg/formats")
    root = a_card(tmp_path / "set", "{name: pr_interval, unit: ms}")
    imported(root, source, EcgOptions(policy=ACCEPTING, measurements=True))
    files = [row for row in rows(root / "identity.csv") if row["case_id"].startswith("c")]
    table = tmp_path / "files.csv"
    lines = [f"{row['case_id']},{row['source_file']}" for row in files]
    table.write_text("\n".join(["case_id,file", *lines]) + "\n", encoding="utf-8")
    cart = {"id": "cart", "role": "comparator", "adapter": "ecg-statements"}
    cart["options"] = {"folder": str(source), "table": str(table), "statements_of": "all"}
    endpoint = {"name": "e", "task": "measurement", "finding": "pr_interval", "unit": "case"}
    endpoint["metrics"] = ["bias", "within_tolerance"]
    endpoint |= {"unit_of_values": "ms", "tolerance": 10}
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "measured",
        "purpose": {"need": "a", "intended_use": "b", "comparator": "c", "decided_by": "d"},
        "reference_set": str(root),
        "candidates": [cart],
        "endpoints": [endpoint],
        "primary": "intention_to_diagnose",
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 2}},
    }
    lock(root)
    record = run(protocol, tmp_path)
    # They are the cart's own values: no difference anywhere, so that nothing shows how differences vary.
    assert estimate(record, "e", "bias", candidate="cart")["not_estimable"] == "degenerate"
    within = estimate(record, "e", "within_tolerance", candidate="cart", analysis="evaluable")
    assert within["numerator"] == within["denominator"] == 4
    values = record["reference_set"]["composition"][0]["references"]["pr_interval"]
    assert values == {"stated": 7, "unverified": 1}
    incorporated = record["reference_set"]["card"]["reference_standard"]["incorporates"]
    assert {each["what"]: each["records"] for each in incorporated}["machine_measurement"] == 7


def test_samples_of_the_copies_are_those_of_the_files(tmp_path):
    source = shared_data("ecg/formats")
    root = a_card(tmp_path / "set")
    imported(root, source)
    readers = build_catalogue().make_all("reader")
    cases = {row["case_id"]: root / row["files"] for row in rows(root / "cases.csv")}
    n_compared = 0
    for row in rows(root / "identity.csv"):
        if row["case_id"] not in cases:
            continue
        original = source / row["source_file"]
        [before] = [reader.read(original)[1] for reader in readers if reader.recognises(original)]
        copy = cases[row["case_id"]]
        [after] = [reader.read(copy)[1] for reader in readers if reader.recognises(copy)]
        assert before.leads == after.leads
        assert np.allclose(before.samples, after.samples, atol=1e-6, equal_nan=True)
        n_compared += 1
    assert n_compared == 8


def test_challenge_headers(tmp_path):
    root = a_card(tmp_path / "set")
    found = imported(root, shared_data("ecg/cinc2021"))
    assert (found.n_recordings, found.problems, found.n_without_patient) == (108, (), 108)
    assert counts(root, AF) == {"positive": 8, "negative": 100}
    assert counts(root, SINUS) == {"positive": 30, "negative": 78}
    ages = {row["case_id"]: row["age_years"] for row in rows(root / "cases.csv")}
    assert (ages[by_source(root)["E00001"]], ages[by_source(root)["E00007"]]) == ("", "65")  # NaN is no age
    right = {case: value for (case, name), (value, _) in truth(root).items() if name == AF}
    record = locked_and_run(root, AF, perfect=right)
    assert estimate(record, "e", "sensitivity", candidate="device")["numerator"] == 8
    assert estimate(record, "e", "specificity", candidate="device")["denominator"] == 100
    assert "patients_unknown" in record["results"]["banners"]


def test_ptb_xl_with_its_table(tmp_path):
    source = shared_data("ecg/ptbxl")
    root = a_card(tmp_path / "set")
    collection = read_collection(source / "ptbxl_database.csv", likelihood_at_least=50)
    options = EcgOptions(policy=Policy(unmentioned="negative"), collection=collection)
    found = imported(root, source, options)
    # 24 recordings are there at 500 Hz as well, and two pairs of the table hold the same samples
    assert (found.n_recordings, found.left_out["twice"], found.n_unlabelled) == (256, 26, 0)
    same = [row["source_record"] for row in rows(root / "identity.csv") if row["case_id"].startswith("e")]
    assert {"ptb-xl/144", "ptb-xl/457"} <= set(same)
    assert counts(root, AF) == {"positive": 7, "negative": 249}
    assert counts(root, MI)["indeterminate"] > 0
    reference = load(root)
    assert reference.patients_known
    assert len({case.patient_id for case in reference.cases}) == len(
        {row["hospital_patient_id"] for row in rows(root / "identity.csv") if row["case_id"].startswith("c")}
    )
    cases = rows(root / "cases.csv")
    assert {row["strat_fold"] for row in cases} == {str(fold) for fold in range(1, 11)}
    assert {row["paced"] for row in cases} == {"", "yes"}
    right = {case: value for (case, name), (value, _) in truth(root).items() if name == AF}
    record = locked_and_run(root, AF, perfect=right)
    assert estimate(record, "e", "sensitivity", candidate="device")["value"] == 1


def test_sph_with_its_table(tmp_path):
    pytest.importorskip("h5py")
    source = shared_data("ecg/sph")
    root = a_card(tmp_path / "set", "{name: sinus_bradycardia}", "{name: sinus_rhythm}")
    collection = read_collection(source / "metadata.csv", likelihood_at_least=50)
    found = imported(root, source, EcgOptions(policy=Policy(unmentioned="negative"), collection=collection))
    assert (found.n_recordings, found.problems) == (5, ())
    assert counts(root, "sinus_bradycardia") == {"positive": 1, "negative": 4}
    assert counts(root, "sinus_rhythm") == {"unverified": 4, "negative": 1}  # a normal ECG does not say its rhythm
    ages = {row["case_id"]: (row["sex"], row["age_years"]) for row in rows(root / "cases.csv")}
    assert ages[by_source(root)["SPH00010"]] == ("F", "32")


def test_mit_bih_with_its_annotations(tmp_path):
    source = shared_data("ecg/mitdb")
    root = a_card(tmp_path / "set", standard="wfdb_annotator: atr")
    found = imported(root, source, NEGATIVE)
    assert (found.n_recordings, found.n_annotated, found.problems) == (23, 23, ())
    for name, case in by_source(root).items():
        before = read_annotations(source / f"{name}.hea", "atr")
        after = read_annotations(root / "files" / f"{case}.hea", "atr")
        assert np.array_equal(before.samples, after.samples)
        assert (before.symbols, before.subtypes, before.notes) == (after.symbols, after.subtypes, after.notes)
    name, case = "101", by_source(root)["101"]
    before, after = (WfdbReader().read(path)[1] for path in (source / f"{name}.hea", root / "files" / f"{case}.hea"))
    assert np.array_equal(before.samples, after.samples)
    rhythms = {row["case_id"]: (row["sex"], row["paced"]) for row in rows(root / "cases.csv")}
    assert rhythms[by_source(root)["102"]] == ("F", "yes")
    assert cli.call(["refset", "check", str(root)]) == 0
