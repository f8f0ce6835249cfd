"""How a candidate wants its recordings: planned, hashed, applied; what cannot be had is counted as its refusal."""

import json

import numpy as np
import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import ProtocolError
from dmn_bench.execution.cluster_messages import form_json, form_of
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.variations import renamed, stripped
from dmn_bench.harness import evaluate, prepare
from dmn_bench.harness.live import engine_for, questions_for
from dmn_bench.harness.options import RunOptions
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import SignalForm
from tests.execution.cluster_kit import Cluster
from tests.inputs.factories import a_record

CARD = """\
format: dmn-bench/reference-set/1
id: beats
version: 1.0.0
title: {en: Beats, fr: Battements}
modality: ECG
findings: [{name: pause}]
sampling: consecutive
reference_standard: {method: drawn, readers: 2, blinded_to_device: true}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: beats
reference_set: set
candidates:
  - {id: live, package: candidate%s}
endpoints:
  - {name: exam, task: classification, finding: pause, unit: case, metrics: [sensitivity]}
statistics: {resamples: 200, seed: 7}
execution: {seconds_per_case: 20, isolation: at-least-0}
"""
MANIFEST = "format: dmn-bench/candidate/1\nid: live\nadapter: python\nentry: it:Candidate\nreceives: {signals: %s}\n%s"
CANDIDATE = """\
class Candidate:
    def __init__(self, options):
        pass

    def answer(self, request):
        if "files" in request:
            first = open(request["files"][0]).read().splitlines()
            hz, leads = float(first[0].split()[2]), [line.split()[-1] for line in first[1:]]
        else:
            hz, leads = float(request["sampling_hz"]), list(request["leads"])
        beats = [{"sample": round(hz), "symbol": "N"}]
        return {"status": "answered", "reason": " ".join(leads), "beats": beats}
"""
RECORDS = {"whole": (("I", "II"), 3600), "other": (("V1", "V2"), 3600), "short": (("I", "II"), 100)}


@pytest.fixture
def folder(tmp_path):
    rows, truth = ["case_id,patient_id,files"], ["case_id,finding,value"]
    for name, (leads, n) in RECORDS.items():
        a_record(tmp_path / "set", (np.arange(n * 2) % 50).reshape(n, 2).astype("<i2"), name=name, leads=leads)
        rows.append(f"{name},{name},{name}.hea")
        truth.append(f"{name},pause,negative")
    (tmp_path / "set" / "cases.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "set" / "truth.csv").write_text("\n".join(truth) + "\n")
    (tmp_path / "set" / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    (tmp_path / "candidate").mkdir()
    (tmp_path / "candidate" / "it.py").write_text(CANDIDATE)
    reference_set.lock(tmp_path / "set")
    return tmp_path


def prepared(folder, *, receives="array", of_package="", of_protocol=""):
    (folder / "candidate" / "candidate.yaml").write_text(MANIFEST % (receives, of_package))
    (folder / "p.yaml").write_text(PROTOCOL % of_protocol, encoding="utf-8")
    return prepare(folder / "p.yaml", catalogue=build_catalogue())


def answers(folder, run, monkeypatch):
    monkeypatch.setenv("DMN_BENCH_MOST_TIER", "0")
    questions = questions_for(run.candidates[0], run, RunOptions(run_dir=folder / "run"))
    engine = LocalCrew(questions, 1)
    try:
        found = [outcome.asked for batch in engine.outcomes(list(run.reference_set.cases)) for outcome in batch]
    finally:
        engine.call_off()
    return {asked.answer.case_id: asked for asked in found}


FORM = "signals: {leads: [aVF, II], sampling_hz: 250, least_seconds: 1}"


@pytest.mark.parametrize("receives", ["array", "wfdb"])
def test_recordings_come_as_declared_and_what_cannot_be_had_is_the_devices_refusal(folder, monkeypatch, receives):
    found = answers(folder, prepared(folder, receives=receives, of_package=FORM), monkeypatch)
    assert {name: asked.answer.status for name, asked in found.items()} == {
        "whole": "answered",
        "other": "rejected_input",
        "short": "rejected_input",
    }
    assert found["whole"].answer.reason == "aVF II"
    beats = found["whole"].answer.beats
    assert (beats.samples.tolist(), beats.sampling_hz) == ([250], 250.0)
    assert found["other"].answer.reason.startswith("inputs.form_lead_absent")
    assert found["short"].answer.reason.startswith("inputs.form_too_short")
    assert found["short"].seconds is None  # nobody asked


def test_recordings_that_cannot_be_had_as_declared_are_not_counted_as_put_to_the_device(folder, tmp_path):
    prepared(folder, of_package=FORM)
    record = evaluate(folder / "p.yaml", RunOptions(run_dir=tmp_path / "out", workers=1), catalogue=build_catalogue())
    (row,) = record.observed.timing
    assert (row.n_asked, row.not_timed) == (3, {"rejected_input": 2})
    assert row.cases_per_hour == pytest.approx(3600 / row.wall_seconds)  # one of the three


@pytest.mark.parametrize("receives", ["array", "wfdb"])
def test_without_a_form_recordings_come_as_recorded(folder, monkeypatch, receives):
    found = answers(folder, prepared(folder, receives=receives), monkeypatch)
    assert {asked.answer.status for asked in found.values()} == {"answered"}
    assert {name: asked.answer.reason for name, asked in found.items()} == {
        "whole": "I II",
        "other": "V1 V2",
        "short": "I II",
    }
    assert found["whole"].answer.beats.sampling_hz is None


def test_what_the_protocol_says_goes_before_what_the_package_says(folder):
    run = prepared(folder, of_package=FORM, of_protocol=", signals: {sampling_hz: 500}")
    assert run.candidates[0].signals == SignalForm(sampling_hz=500)


def test_another_form_is_another_question(folder):
    hashes = set()
    for said in ("", FORM, FORM.replace("250", "500"), "signals: {invalid: refuse}"):
        run = prepared(folder, of_package=said)
        hashes.add(run.candidates[0].asked_sha256(run.reference_set.sha256, run.readers))
    assert len(hashes) == 4


def test_a_protocol_without_the_key_has_the_hash_that_it_had(folder):
    run = prepared(folder)
    assert "signals" not in json.dumps(run.candidates[0].conditions)
    before = run.protocol.sha256
    assert prepared(folder, of_protocol=", signals: null").protocol.sha256 == before
    assert prepared(folder, of_protocol=", signals: {unit: uV}").protocol.sha256 != before


def test_a_candidate_of_dicom_copies_cannot_declare_a_form(folder):
    with pytest.raises(ProtocolError) as caught:
        prepared(folder, receives="dicom", of_package=FORM)
    (problem,) = caught.value.problems
    assert (problem.key, problem.facts["receives"]) == ("protocol.signals_of_copies", "dicom")


def test_a_candidate_of_output_files_cannot_declare_a_form(folder):
    (folder / "answers.csv").write_text("case_id,score\n")
    text = PROTOCOL.replace("package: candidate%s", "adapter: predictions, options: {path: answers.csv}, signals: {}")
    (folder / "p.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        prepare(folder / "p.yaml", catalogue=build_catalogue())
    assert "protocol.signals_unused" in [problem.key for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("least_seconds: 3, most_seconds: 2", "protocol.signal_lengths"),
        ("sampling_hz: 0", "files.must_be_above"),
        ("unit: V", "files.value_not_allowed"),
        ("lead: [I]", "files.key_unknown"),
        ("leads: I", "files."),
        ("leads: ['Prenomtest Nomfaux']", "files."),
    ],
)
def test_a_form_that_is_none_is_refused_at_its_place(folder, said, key):
    with pytest.raises(ProtocolError) as caught:
        prepared(folder, of_protocol=f", signals: {{{said}}}")
    (problem,) = caught.value.problems
    assert problem.key.startswith(key)
    assert problem.where.startswith("p.yaml:5:")


@pytest.mark.slow
def test_workers_of_a_cluster_give_recordings_of_segments_in_the_declared_form(folder, monkeypatch):
    pytest.importorskip("distributed")
    hea = folder / "set" / "short.hea"
    hea.rename(folder / "set" / "part.hea")
    (folder / "set" / "part.hea").write_text((folder / "set" / "part.hea").read_text().replace("short 2", "part 2"))
    hea.write_text("short/3 2 360 3700\npart 100\n~ 3500\npart 100\n")
    card = folder / "set" / "reference_set.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("1.0.0", "1.0.1"), encoding="utf-8")
    reference_set.lock(folder / "set")
    monkeypatch.setenv("DMN_BENCH_MOST_TIER", "0")
    run = prepared(folder, of_package=FORM)
    with Cluster(folder / "cluster", workers=1) as cluster:
        options = RunOptions(run_dir=folder / "run", scheduler=cluster.address, send_files=True)
        engine = engine_for(run.candidates[0], run, options)
        try:
            cases = list(run.reference_set.cases)
            found = [one.asked.answer for batch in engine.outcomes(cases) for one in batch]
        finally:
            engine.call_off()
    said = {answer.case_id: answer for answer in found}
    assert {name: answer.status for name, answer in said.items()} == {
        "whole": "answered",
        "other": "rejected_input",
        "short": "answered",
    }
    assert said["short"].reason == "aVF II"
    assert said["short"].beats.sampling_hz == 250.0
    assert said["other"].reason.startswith("inputs.form_lead_absent")


@pytest.mark.parametrize("receives", ["array", "wfdb"])
@pytest.mark.parametrize("vary", [renamed, stripped])
def test_a_probe_of_names_asks_about_the_same_signals(folder, receives, vary):
    run = prepared(folder, receives=receives, of_package=FORM)
    load = questions_for(run.candidates[0], run, RunOptions(run_dir=folder / "run")).load
    case = run.reference_set.cases[0]
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (request, origin), (again, other) = load(case, folder / "a"), vary(load)(case, folder / "b")
    assert origin.sampling_hz == other.sampling_hz == 250.0
    first, second = (each.signals or WfdbReader().read(each.files[0])[1] for each in (request, again))
    assert np.array_equal(first.samples, second.samples)
    assert first.leads == second.leads
    assert ([file.name for file in request.files] == [file.name for file in again.files]) == (
        vary is stripped or receives == "array"
    )


def test_a_form_travels_to_the_workers_of_a_cluster():
    form = SignalForm(leads=("I", "aVR"), sampling_hz=250.0, least_seconds=1.0, invalid="refuse")
    assert form_of(json.loads(json.dumps(form_json(form)))) == form
    assert form_of(form_json(None)) is None
