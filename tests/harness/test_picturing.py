"""Errors drawn after a run: the worst, without identity, hashed, again from the saved run, and only where wanted."""

import hashlib
import json
import warnings

import numpy as np
import pytest

from dmn_bench import cli, reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate, picturing
from dmn_bench.harness.picture_signals import Marks, Stretch, pieces
from dmn_bench.inputs.signal_copy import write_wfdb
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.pictures import paper
from dmn_bench.record import read_record
from dmn_bench.vocabulary import Beats, Case, Episode, Signals

from ..pictures.reading import traces, words
from ..reporting.strips import beating

with warnings.catch_warnings():  # of the library about its own use of another
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")
HZ = 100.0
SECONDS = 40
SECRET = "Nomtest, Prenomtest"
CARD = """\
format: dmn-bench/reference-set/1
id: strips
version: 1.0.0
title: {en: Strips, fr: Tracés}
modality: ECG
findings: [{name: af}]
sampling: convenience
reference_standard: {method: drawn, readers: 2, blinded_to_device: true, wfdb_annotator: atr}
data_protection: {route: not_applicable}
"""
PROTOCOL = """\
format: dmn-bench/protocol/1
id: strips
reference_set: set
candidates: [{id: vendor, adapter: wfdb-annotations, options: {folder: said, annotator: qrs}}]
endpoints:
  - {name: beats, task: beats, unit: beat, learning_seconds: 0, metrics: [qrs_sensitivity]}
statistics: {resamples: 200, seed: 7}
"""


def annotate(folder, name, ending, beats):
    """An annotation file of beats (second, symbol), with a note that names a person and one that names a rhythm."""
    marks = sorted([(0.0, "+", "(AFIB"), (0.2, '"', f"seen by {SECRET}"), *((at, name, "") for at, name in beats)])
    wfdb.wrann(
        name,
        ending,
        sample=np.array([round(at * HZ) for at, _, _ in marks]),
        symbol=[symbol for _, symbol, _ in marks],
        aux_note=[note for _, _, note in marks],
        write_dir=str(folder),
    )


@pytest.fixture
def folder(tmp_path):
    """Three records of forty beats: of c1 two beats are missed, of c2 twelve, of c3 none, but two are called V."""
    (tmp_path / "set" / "files").mkdir(parents=True)
    (tmp_path / "said").mkdir()
    signals = Signals(samples=beating(SECONDS, leads=2), sampling_hz=HZ, leads=("MLII", SECRET))
    every = [(at + 0.5, "N") for at in range(SECONDS)]
    said = {
        "c1": [one for one in every if one[0] not in (4.5, 30.5)],
        "c2": [one for one in every if not 10 < one[0] < 22],
        "c3": [(at, "V" if at in (7.5, 8.5) else name) for at, name in every],
    }
    for name, beats in said.items():
        write_wfdb(signals, tmp_path / "set" / "files", name)
        annotate(tmp_path / "set" / "files", name, "atr", every)
        annotate(tmp_path / "said", name, "qrs", beats)
    rows = ["case_id,patient_id,exam_id,laterality,files", *(f"{n},p{n},{n},,files/{n}.hea" for n in said)]
    (tmp_path / "set" / "cases.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    truth = ["case_id,finding,value", *(f"{name},af,negative" for name in said)]
    (tmp_path / "set" / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
    (tmp_path / "set" / "reference_set.yaml").write_text(CARD, encoding="utf-8")
    reference_set.lock(tmp_path / "set")
    return tmp_path


def run(folder, extra="", name="run"):
    path = folder / "strips.yaml"
    path.write_text(PROTOCOL + extra, encoding="utf-8")
    options = RunOptions(run_dir=folder / name, workers=1)
    return evaluate(path, options, catalogue=build_catalogue())


def shown(record):
    return [(one.error.kind, one.error.case_id, one.error.in_case, one.error.here) for one in record.results.figures]


def test_the_worst_errors_of_each_kind_are_drawn_the_worst_first(folder):
    record = run(folder)
    assert shown(record) == [
        ("beats_missed", "c2", 12, 10),
        ("beats_missed", "c1", 2, 1),
        ("beats_missed", "c1", 2, 1),  # what is left of c2 lies beside its first stretch
        ("veb_false", "c3", 2, 2),
    ]
    assert record.results.figures_left_out == {}


def test_a_picture_shows_the_stretch_and_both_sides(folder):
    record = run(folder)
    svg = (folder / "run" / record.results.figures[3].path).read_text(encoding="utf-8")
    error = record.results.figures[3].error
    assert error.start_s <= 7.5 < 8.5 < error.end_s
    assert error.end_s - error.start_s == 10
    assert words(svg).count("N") == 10 + 8
    assert words(svg).count("V") == 2
    assert "AFIB" in words(svg)
    first = traces(svg)[0][0]
    assert max(y for _, y in first) - min(y for _, y in first) == pytest.approx(10, abs=0.05)


def test_no_picture_holds_a_name(folder):
    record = run(folder)
    for one in record.results.figures:
        svg = (folder / "run" / one.path).read_text(encoding="utf-8")
        assert "Nomtest" not in svg
        assert "lead-2" in svg
        assert paper.is_drawing(svg)


def test_the_record_states_the_hash_of_every_picture_and_a_second_run_draws_the_same(folder):
    first, second = run(folder), run(folder, name="again")
    assert first.results_sha256 == second.results_sha256
    for one in first.results.figures:
        assert hashlib.sha256((folder / "run" / one.path).read_bytes()).hexdigest() == one.sha256


def test_none_is_drawn_where_the_protocol_wants_none(folder):
    record = run(folder, "pictures: {per_kind: 0}\n")
    assert record.results.figures == []
    assert not (folder / "run" / "figures").exists()


def test_a_recording_that_cannot_be_read_now_is_counted(folder, monkeypatch):
    def gone(*_):
        raise picturing.MachineError(picturing_problem())

    monkeypatch.setattr(picturing, "pieces", gone)
    record = run(folder)
    assert record.results.figures == []
    assert record.results.figures_left_out == {"vendor/unreadable": 4}


def picturing_problem():
    from dmn_bench.errors import Problem

    return Problem(key="files.cannot_read")


def test_what_does_not_fit_into_the_report_is_counted_and_the_worst_of_each_kind_stays(folder, monkeypatch):
    sizes = [len((folder / "run" / one.path).read_bytes()) for one in run(folder).results.figures]
    monkeypatch.setattr(picturing, "BYTES_AT_MOST", sizes[0] + sizes[3] + 10)
    record = run(folder, name="small")
    assert [one[:2] for one in shown(record)] == [("beats_missed", "c2"), ("veb_false", "c3")]
    assert record.results.figures_left_out == {"vendor/size": 2}


def report(folder, *options):
    assert cli.call(["--lang", "en", "report", str(folder / "run"), *options]) == 0
    return (folder / "run" / "report.vendor.en.html").read_text(encoding="utf-8")


def test_the_report_is_made_again_without_the_set(folder):
    run(folder)
    (folder / "set" / "cases.csv").unlink()
    html = report(folder)
    assert html.count('class="to-scale"') == 4
    assert "Case c2" in html


def test_a_report_without_pictures_says_so(folder):
    run(folder)
    html = report(folder, "--without-pictures")
    assert 'class="to-scale"' not in html
    assert "4 pictures were left out of this report on request" in html


def test_a_missing_or_altered_picture_is_said_and_not_shown(folder):
    record = run(folder)
    first, second = (folder / "run" / one.path for one in record.results.figures[:2])
    first.unlink()
    second.write_text(second.read_text(encoding="utf-8").replace(">N<", ">V<", 1), encoding="utf-8")
    html = report(folder)
    assert html.count('class="to-scale"') == 2
    assert "1 picture of the record is not in the folder of the run" in html
    assert "1 picture is not shown: the file is not the one" in html


def test_a_record_made_up_around_a_hostile_picture_brings_nothing_into_the_page(folder):
    record = run(folder)
    path = folder / "run" / record.results.figures[0].path
    path.write_text('<svg class="to-scale"><script>alert(1)</script></svg>', encoding="utf-8")
    content = json.loads((folder / "run" / "record.json").read_text(encoding="utf-8"))
    content["results"]["figures"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    content["results"]["figures"][1]["path"] = "../../outside.svg"
    from dmn_bench.files import sha256_of_json

    content["results_sha256"] = sha256_of_json(content["results"])
    (folder / "run" / "record.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_record(folder / "run" / "record.json").results.figures[1].path == "../../outside.svg"
    html = report(folder)
    assert "<script" not in html
    assert html.count('class="to-scale"') == 2


# --------------------------------------------------------------------------------------------- stretches and marks


def test_pieces_are_those_of_the_whole_recording(folder):
    reader, root = WfdbReader(), folder / "set"
    case = Case(case_id="c1", patient_id="p", exam_id="c1", laterality="", files=("files/c1.hea",), strata={})
    whole = reader.read(root / "files" / "c1.hea")[1].samples
    asked = [Stretch(3.0, 5.0), Stretch(0.0, 10.0), Stretch(35.0, 45.0), Stretch(50.0, 60.0)]
    found = [one.samples for one in pieces(case, root, [reader], asked)]
    expected = [whole[300:500], whole[:1000], whole[3500:], whole[5000:]]
    assert [one.shape for one in found] == [one.shape for one in expected]
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_a_reader_without_blocks_gives_the_same_pieces(folder):
    class Plain:
        name, gives = "plain", "signals"
        recognises, read = WfdbReader().recognises, WfdbReader().read

    case = Case(case_id="c1", patient_id="p", exam_id="c1", laterality="", files=("files/c1.hea",), strata={})
    asked = [Stretch(3.0, 5.0)]
    plain, streamed = (pieces(case, folder / "set", [one], asked)[0] for one in (Plain(), WfdbReader()))
    assert np.array_equal(plain.samples, streamed.samples)
    assert plain.leads == ("MLII", "lead-2")


def test_answers_at_another_rate_stand_at_their_time():
    beats = Beats(samples=np.array([500, 1500]), symbols=("N", "V"), sampling_hz=250.0)
    side = Marks(beats=beats, episodes=(), hertz=100.0, escape_beats="S").within(Stretch(0.0, 4.0))
    assert [(one.at_s, one.symbol) for one in side.marks] == [(2.0, "N")]


def test_escape_beats_have_the_class_that_the_protocol_chose():
    beats = Beats(samples=np.array([100]), symbols=("j",))
    sides = [Marks(beats=beats, episodes=(), hertz=100.0, escape_beats=one).within(Stretch(0, 4)) for one in "SN"]
    assert [side.marks[0].beat_class for side in sides] == ["S", "N"]


def test_episodes_that_reach_into_a_stretch_are_kept_and_a_strange_label_is_not():
    episodes = (
        Episode(start_s=0, end_s=5, label="AFIB"),
        Episode(start_s=3, end_s=9, label=f"of {SECRET}"),
        Episode(start_s=20, end_s=30, label="VT"),
    )
    side = Marks(beats=None, episodes=episodes, hertz=1.0, escape_beats="S").within(Stretch(4.0, 14.0))
    assert [one.label for one in side.spans] == ["AFIB", "·"]


def test_a_stretch_that_a_side_did_not_analyse_is_a_bar_and_no_rhythm_covers_it():
    beats = Beats(
        samples=np.array([50, 100, 300, 900, 1000]),
        symbols=("+", "N", "~", "~", "N"),
        subtypes=(0, 0, -1, 0, 0),
        notes=("(N", "", "", "", ""),
    )
    spans = Marks(beats=beats, episodes=(), hertz=100.0, escape_beats="S").within(Stretch(2.0, 9.5)).spans
    assert [(one.start_s, one.end_s, one.label) for one in spans] == [
        (0.5, 3.0, "N"),
        (9.0, float("inf"), "N"),
        (3.0, 9.0, "~"),
    ]
    drawn = Marks(beats=beats, episodes=(), hertz=100.0, escape_beats="S").within(Stretch(4.0, 8.0))
    assert [one.label for one in drawn.spans] == ["~"]
