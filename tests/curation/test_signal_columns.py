import csv
import warnings

import numpy as np
import pytest

from dmn_bench import cli
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation import signal_columns
from dmn_bench.curation.signal_columns import add_signal_columns, card_lines
from dmn_bench.errors import MachineError, Problem
from dmn_bench.inputs.signal_quality import COLUMNS
from dmn_bench.reference_set import load, lock

from ..inputs.ecg_factories import an_edf, an_ishne
from ..inputs.factories import a_picture, a_record
from ..set_factory import a_set, card_with, problems_of, worded

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")
CARD = card_with(
    modality="ECG", strata="{}", reference_standard="{method: consensus, wfdb_annotator: atr}", findings="[{name: af}]"
)
READERS = build_catalogue().make_all("reader")
NOISE = np.random.default_rng(6).integers(-2000, 2000, (3600, 2))


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "set"
    cases = (
        "case_id,patient_id,files,sex",
        "c1,p1,files/r01.hea,F",
        "c2,p2,files/a.edf,M",
        "c3,p3,files/b.ecg,",
        "c4,p4,files/c.png,F",
        "c5,p5,,F",
    )
    a_set(folder, card=CARD, cases=cases, truth=("case_id,finding,value", "c1,af,positive"))
    a_record(folder / "files", NOISE.astype(np.int16))
    wfdb.wrann(
        "r01",
        "atr",
        np.array([10, 360, 720, 1080]),
        ["+", "N", "/", "N"],
        aux_note=["(AFIB", "", "", ""],
        write_dir=str(folder / "files"),
    )
    an_edf(folder / "files" / "a.edf", NOISE[:3500].reshape(14, 500))
    an_ishne(folder / "files" / "b.ecg", NOISE, pacemaker=3)
    a_picture(folder / "files" / "c.png", np.zeros((4, 4), dtype=np.uint8))
    return folder


def rows(folder):
    with (folder / "cases.csv").open(newline="", encoding="utf-8") as stream:
        return {row["case_id"]: row for row in csv.DictReader(stream)}


def test_recordings_of_every_format_are_described_and_other_cases_left_alone(root):
    seen = []
    summary = add_signal_columns(root, readers=READERS, on_case=lambda done, total: seen.append((done, total)))
    assert (summary.n_described, summary.n_known, summary.n_other, summary.problems) == (3, 0, 2, ())
    assert seen[-1] == (5, 5)
    assert summary.filled == COLUMNS
    found = rows(root)
    assert [found["c1"][column] for column in COLUMNS[:-1]] == ["360", "10", "MLII,V1", "60", "AFIB", "yes"]
    assert [found["c2"][column] for column in COLUMNS[:-1]] == ["250", "14", "II,V1", "", "", ""]
    assert [found["c3"][column] for column in COLUMNS[:-1]] == ["200", "18", "II,V1", "", "", "yes"]
    assert [found["c4"][column] for column in COLUMNS] == [""] * 7
    assert found["c2"]["sex"] == "M"
    assert 0 <= float(found["c1"]["signal_quality"]) < 0.2
    (root / "reference_set.yaml").write_text(CARD.replace("strata: {}", card_lines(summary.filled)))
    levels = {case.case_id: case.strata for case in load(root).cases}
    assert levels["c1"]["heart_rate"] == "[50, 100)"
    assert levels["c1"]["signal_quality"] == "<0.5"
    assert levels["c5"]["lead_set"] == "not recorded"


def test_what_was_described_is_not_read_again_unless_asked(root):
    add_signal_columns(root, readers=READERS)
    before = (root / "cases.csv").read_text().replace("AFIB", "SVTA")
    (root / "cases.csv").write_text(before)
    summary = add_signal_columns(root, readers=READERS)
    assert (summary.n_described, summary.n_known) == (0, 3)
    assert (root / "cases.csv").read_text() == before
    assert add_signal_columns(root, readers=READERS, again=True).n_described == 3
    assert rows(root)["c1"]["rhythm"] == "AFIB"


def test_what_cannot_be_read_is_named_and_read_when_it_is_mended(root):
    whole = (root / "files" / "a.edf").read_bytes()
    (root / "files" / "a.edf").write_bytes(whole[:-9])
    (root / "files" / "r01.atr").write_bytes(b"damaged annotations")
    (root / "files" / "b.ecg").unlink()
    summary = add_signal_columns(root, readers=READERS)
    assert sorted(key for _, key in worded(summary.problems)) == [
        "inputs.annotations_damaged",
        "inputs.edf_cut",
        "inputs.file_missing",
    ]
    assert {problem.facts["case"] for problem in summary.problems} == {"c1", "c2", "c3"}
    assert "recording_hz" not in rows(root)["c2"]  # nothing was entered, so nothing was written
    (root / "files" / "a.edf").write_bytes(whole)
    assert add_signal_columns(root, readers=READERS).n_described == 1
    assert rows(root)["c2"]["recording_hz"] == "250"


def test_what_is_done_is_kept_when_the_work_is_stopped(root, monkeypatch):
    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_signal_columns(root, readers=READERS, on_case=stop)
    assert [case for case, row in rows(root).items() if row["recording_hz"]] == ["c1", "c2"]
    assert add_signal_columns(root, readers=READERS).n_described == 1


def test_the_table_is_saved_now_and_then(root, monkeypatch):
    monkeypatch.setattr(signal_columns, "SAVED_EVERY", 1)
    described = []
    add_signal_columns(
        root,
        readers=READERS,
        on_case=lambda *_: described.append(sum(bool(r.get("lead_set")) for r in rows(root).values())),
    )
    assert described == [1, 2, 3, 3, 3]


def test_a_trouble_of_the_machine_stops_the_work(root, monkeypatch):
    def full(*_):
        raise MachineError(Problem(key="files.cannot_write", facts={"found": "disk full"}))

    monkeypatch.setattr(signal_columns, "annotations_of", full)
    with pytest.raises(MachineError):
        add_signal_columns(root, readers=READERS)


def test_without_annotations_in_the_card_beats_are_not_looked_for(root):
    (root / "reference_set.yaml").write_text(CARD.replace(", wfdb_annotator: atr", ""))
    add_signal_columns(root, readers=READERS)
    assert (rows(root)["c1"]["rhythm"], rows(root)["c1"]["recording_hz"]) == ("", "360")


def test_two_recordings_in_a_case_are_refused(root):
    table = (root / "cases.csv").read_text().replace("files/a.edf", "files/a.edf;files/b.ecg")
    (root / "cases.csv").write_text(table)
    assert [key for _, key in worded(add_signal_columns(root, readers=READERS).problems)] == [
        "inputs.several_recordings"
    ]


def test_a_locked_version_is_not_changed(root):
    lock(root)
    before = (root / "cases.csv").read_bytes()
    assert problems_of(lambda: add_signal_columns(root, readers=READERS)) == [
        (str(root), "signal_strata.set_is_locked")
    ]
    assert (root / "cases.csv").read_bytes() == before
    (root / "reference_set.yaml").write_text(CARD.replace("1.0.0", "1.1.0"))
    assert add_signal_columns(root, readers=READERS).n_described == 3


@pytest.mark.parametrize(("language", "word"), [("en", "3 recordings described"), ("fr", "3 enregistrements décrits")])
def test_the_command_enters_columns_and_prints_the_lines_for_the_card(root, capsys, language, word):
    assert cli.call(["refset", "describe-signals", str(root), "--lang", language]) == 0
    out = capsys.readouterr().out
    assert word in out
    assert "  signal_quality: {column: signal_quality, edges: [0.5, 0.8]}" in out
    (root / "files" / "b.ecg").unlink()
    assert cli.call(["refset", "describe-signals", str(root), "--again", "--lang", language]) == 2
    assert "b.ecg" in capsys.readouterr().err
