"""What beats and rhythms need: a slip of whoever wrote the protocol is said by its check, and charged to no device."""

import struct

import numpy as np
import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.harness import prepare
from dmn_bench.wordings import LANGUAGES, say_problem
from tests.inputs.factories import a_record

CARD = """\
format: dmn-bench/reference-set/1
id: beats
version: 1.0.0
title: {en: Beats}
modality: ECG
findings: [{name: af}, {name: qt_interval, unit: ms}]
sampling: consecutive
reference_standard: {method: drawn, readers: 2%s}
data_protection: {route: not_applicable}
"""
BEATS = struct.pack("<3H", 1 << 10 | 10, 5 << 10 | 190, 0)  # N at 10, V at 200
RHYTHM = struct.pack("<2H6s1H", 28 << 10 | 5, 63 << 10 | 6, b"(AFIB\0", 0)  # at 5, with its note
FILES = "{id: a, adapter: wfdb-annotations, options: {folder: out, annotator: %s}}"


def planned(folder, endpoint, *, candidate=FILES % "qrs", annotator="atr", files=("r0.atr", "r1.atr")):
    """The plan of an endpoint on two records, of which those named have annotations of beats, the first a rhythm."""
    root = folder / "set"
    for n in range(2):
        a_record(root, (np.arange(7200).reshape(3600, 2) % 90).astype("<i2"), name=f"r{n}", leads=("MLII", "V1"))
    for name in files:
        (root / name).write_bytes(RHYTHM if name.startswith("r0") else BEATS)
    (root / "cases.csv").write_text("case_id,patient_id,files\nr0,p0,r0.hea\nr1,p1,r1.hea\n")
    (root / "truth.csv").write_text("case_id,finding,value\nr0,af,positive\nr1,af,negative\n")
    stated = f", wfdb_annotator: {annotator}" if annotator else ""
    (root / "reference_set.yaml").write_text(CARD % stated, encoding="utf-8")
    reference_set.lock(root)
    (folder / "out").mkdir()
    for name in ("r0.qrs", "r1.qrs", "r1.lda", "notes"):
        (folder / "out" / name).write_bytes(BEATS)
    lines = (
        "format: dmn-bench/protocol/1",
        "id: p",
        "reference_set: set",
        f"candidates: [{candidate}]",
        f"endpoints: [{{name: e, {endpoint}}}]",
        "execution: {isolation: at-least-0}",
    )
    (folder / "p.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return prepare(folder / "p.yaml", catalogue=build_catalogue())


def refused(folder, endpoint, *, by=ProtocolError, **said):
    """The problems of a plan, which can be said in every language."""
    with pytest.raises(by) as caught:
        planned(folder, endpoint, **said)
    assert all(say_problem(problem, language) for problem in caught.value.problems for language in LANGUAGES)
    return caught.value.problems


OF_BEATS = "task: beats, unit: record, metrics: [qrs_sensitivity]"
OF_EPISODES = "task: episodes, unit: record, metrics: [episode_sensitivity]"
OF_RUNS = "task: runs, unit: record, metrics: [ve_couplet_sensitivity]"
OF_ST = "task: st_episodes, unit: record, metrics: [episode_sensitivity]"
OF_AF = "task: classification, finding: af, unit: case, metrics: [sensitivity]"


@pytest.mark.parametrize("endpoint", [OF_BEATS, OF_EPISODES, OF_RUNS, OF_ST])
def test_what_is_there_is_planned(tmp_path, endpoint):
    assert planned(tmp_path, endpoint, files=("r0.atr",)).endpoints[0].candidates == ("a",)


def test_a_folder_without_a_file_of_that_ending_is_no_delivery(tmp_path):
    (problem,) = refused(tmp_path, OF_BEATS, by=CandidateError, candidate=FILES % "lad")
    assert problem.key == "adapters.annotations_none"
    assert problem.facts == {"annotator": "lad", "folder": "out", "found": "lda, qrs"}
    assert "p.yaml:4:" in problem.where


def test_what_is_wrong_with_a_candidate_does_not_hide_what_is_wrong_with_the_protocol(tmp_path):
    found = refused(tmp_path, OF_BEATS + ", finding: aff", candidate=FILES % "lad")
    assert {problem.key for problem in found} == {"protocol.unknown_finding_nearest", "adapters.annotations_none"}


@pytest.mark.parametrize("endpoint", [OF_BEATS, OF_EPISODES, OF_RUNS, OF_ST])
@pytest.mark.parametrize(
    ("said", "key", "found"),
    [
        ({"annotator": ""}, "protocol.task_without_annotator", None),
        ({"annotator": "ref"}, "protocol.annotations_nowhere", "atr"),
        ({"files": ()}, "protocol.annotations_nowhere", "—"),
    ],
)
def test_beats_and_rhythms_need_reference_annotations(tmp_path, endpoint, said, key, found):
    (problem,) = refused(tmp_path, endpoint, **said)
    assert (problem.key, problem.facts.get("found")) == (key, found)


@pytest.mark.parametrize("annotator", ["", "atr"])
def test_files_of_beats_say_nothing_of_a_whole_recording(tmp_path, annotator):
    (problem,) = refused(tmp_path, OF_AF, annotator=annotator)
    assert problem.key == "protocol.beats_alone"
    assert problem.facts["adapter"] == "wfdb-annotations"


def test_an_endpoint_that_is_not_for_the_files_of_beats_leaves_them_alone(tmp_path):
    (tmp_path / "said.csv").write_text("case_id,finding,label\nr0,af,positive\n")
    other = "{id: b, adapter: predictions, options: {path: said.csv}}"
    run = planned(tmp_path, OF_AF + ", candidates: [b]", candidate=f"{FILES % 'qrs'}, {other}")
    assert [candidate.id for candidate in run.candidates] == ["a", "b"]


@pytest.mark.parametrize(
    ("rhythm", "key"),
    [
        ("FA", "protocol.rhythm_nowhere_nearest"),  # how it is called in French
        ("AF", "protocol.rhythm_nowhere_nearest"),
        ("AFIBB", "protocol.rhythm_nowhere"),
        ("[AFIB, Flimmern]", "protocol.rhythm_nowhere"),
    ],
)
def test_a_rhythm_that_nobody_knows_and_the_reference_does_not_name_is_a_slip(tmp_path, rhythm, key):
    (problem,) = refused(tmp_path, f"{OF_EPISODES}, rhythm: {rhythm}")
    assert (problem.key, problem.facts["known"]) == (key, "AFIB")
    assert "p.yaml:5:" in problem.where


@pytest.mark.parametrize("rhythm", ["AFIB", "(afib", "VF", "VT", "[AFIB, AFL]"])
def test_a_code_of_a_rhythm_may_be_asked_though_no_recording_has_it(tmp_path, rhythm):
    planned(tmp_path, f"{OF_EPISODES}, rhythm: {rhythm if rhythm[0] == '[' else repr(rhythm)}")


PACKAGE = "{id: a, package: it, signals: {leads: [%s]}}"


@pytest.fixture
def package(tmp_path):
    (tmp_path / "it").mkdir()
    manifest = "format: dmn-bench/candidate/1\nid: it\nadapter: python\nentry: it:It\nreceives: {signals: array}\n"
    (tmp_path / "it" / "candidate.yaml").write_text(manifest)
    (tmp_path / "it" / "it.py").write_text("class It:\n    pass\n")
    return tmp_path


@pytest.mark.parametrize("lead", ["II", "aVR", "avr", "MLIII", "lead-2"])
def test_a_lead_may_be_asked_that_no_recording_has(package, lead):
    planned(package, OF_BEATS, candidate=PACKAGE % lead)


@pytest.mark.parametrize(("lead", "nearest"), [("ML2", "MLII"), ("V0", "V1"), ("Nomfaux", "")])
def test_a_lead_that_nobody_knows_is_a_slip(package, lead, nearest):
    (problem,) = refused(package, OF_BEATS, candidate=PACKAGE % lead)
    assert problem.key == ("protocol.unknown_lead_nearest" if nearest else "protocol.unknown_lead")
    assert (problem.facts["found"], problem.facts["known"]) == (lead, "MLII, V1")
    assert nearest in problem.facts["nearest"]
