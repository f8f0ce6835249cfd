"""`dmn-bench run`: workers, parts, interruption. Processes are real where a signal is sent."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dmn_bench.cli import call
from dmn_bench.execution.isolation import MOST_TIER
from tests.execution.kit import until
from tests.harness import small_run


def said(capsys, *words):
    code = call(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("workers", ["0", "-1", "two", "1.5", "²"])
def test_workers_are_a_number_from_one_or_auto(tmp_path, capsys, workers):
    code, _, err = said(capsys, "run", str(tmp_path / "p.yaml"), "--workers", workers)
    assert code == 2
    assert repr(workers) in err
    assert "auto" in err


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/", "/2", "a/b", "-1/2", "1/2/3"])
def test_a_shard_is_a_part_of_a_number_of_parts(tmp_path, capsys, shard):
    code, _, err = said(capsys, "run", str(tmp_path / "p.yaml"), "--shard", shard)
    assert code == 2
    assert repr(shard) in err
    assert "2/5" in err


def test_parts_are_asked_apart_and_nothing_is_scored(tmp_path, capsys):
    path = small_run.write(tmp_path)
    whole = tmp_path / "whole"
    assert said(capsys, "run", str(path), "--out", str(whole))[0] == 0
    for k in (1, 2, 3):
        code, out, _ = said(capsys, "run", str(path), "--shard", f"{k}/3", "--out", str(tmp_path / f"part-{k}"))
        assert code == 0
        assert "merge" in out
        assert not (tmp_path / f"part-{k}" / "record.json").exists()
        note = json.loads((tmp_path / f"part-{k}" / "run.json").read_text())
        assert note["shard"] == f"{k}/3"
    parts = [str(tmp_path / f"part-{k}") for k in (3, 1, 2)]
    code, out, err = said(capsys, "merge", *parts, "--into", str(tmp_path / "joined"))
    assert code == 0, err
    calls = tmp_path / "joined-run"
    assert said(capsys, "run", str(path), "--answers", str(tmp_path / "joined"), "--out", str(calls))[0] == 0
    first, second = (json.loads((folder / "record.json").read_text()) for folder in (whole, calls))
    assert first["results_sha256"] == second["results_sha256"]
    assert first["results"] == second["results"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("language", "words"), [("en", "To go on: "), ("fr", "Pour continuer : ")])
def test_a_run_that_is_stopped_says_how_to_go_on_and_the_command_does(tmp_path, monkeypatch, sent, language, words):
    monkeypatch.setenv(MOST_TIER, "0")  # a sealed candidate would not see whether it is to wait
    path = small_run.write(tmp_path)
    small_run.unsealed(path)
    path.write_text(path.read_text().replace("seconds_per_case: 20", "seconds_per_case: 600"))
    hold = small_run.held(tmp_path)
    out = tmp_path / "run"
    command = [sys.executable, "-m", "dmn_bench", "--lang", language, "run", str(path), "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_for_an_answer(tmp_path / "answers")
            process.send_signal(sent)
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    hold.unlink()
    assert process.returncode == 4, err
    (line,) = [line for line in err.splitlines() if line.startswith(words)]
    again = line.removeprefix(words).split()
    assert again[:2] == ["dmn-bench", "run"]
    assert again[-1] == "--resume"
    assert call(again[1:]) == 0
    assert (out / "record.json").exists()


def wait_for_an_answer(folder):
    from dmn_bench.execution.ledger_view import read_ledger

    assert until(lambda: any(read_ledger(ledger).n_done for ledger in folder.glob("*.sqlite")))


def test_the_note_of_a_run_tells_where_the_answers_go(tmp_path, capsys):
    path = small_run.write(tmp_path)
    assert said(capsys, "run", str(path), "--out", str(tmp_path / "run"))[0] == 0
    note = json.loads((tmp_path / "run" / "run.json").read_text())
    assert note["format"] == "dmn-bench/run/1"
    assert note["shard"] is None
    live, file = note["candidates"]
    assert (live["id"], live["n_cases"]) == ("live", 60)
    assert Path(live["ledger"]).parent == tmp_path / "answers"
    assert (file["id"], file["ledger"]) == ("file", None)


def test_a_run_stopped_while_its_reports_were_written_gets_them_by_resuming(tmp_path, capsys):
    path = small_run.write(tmp_path)
    out = tmp_path / "run"
    assert said(capsys, "run", str(path), "--out", str(out))[0] == 0
    record = (out / "record.json").read_bytes()
    for report in out.glob("report.*"):
        report.unlink()
    assert said(capsys, "run", str(path), "--out", str(out), "--resume")[0] == 0
    assert len(list(out.glob("report.*.html"))) == 4
    assert (out / "record.json").read_bytes() == record


def test_a_finished_run_is_not_resumed_with_a_changed_protocol(tmp_path, capsys):
    path = small_run.write(tmp_path)
    assert said(capsys, "run", str(path), "--out", str(tmp_path / "run"))[0] == 0
    path.write_text(path.read_text().replace("at_least: 0.5", "at_least: 0.4"))
    code, _, err = said(capsys, "run", str(path), "--out", str(tmp_path / "run"), "--resume")
    assert code == 2
    assert "protocol" in err


def test_a_candidate_that_is_changed_while_it_is_asked_ends_the_run_before_its_new_code_is(
    tmp_path, capsys, monkeypatch
):
    """The child that dies at patient 2 is replaced by one that would load other code."""
    monkeypatch.setenv(MOST_TIER, "0")  # a sealed one cannot write there
    path = small_run.write(tmp_path)
    small_run.unsealed(path)
    code = tmp_path / "candidate" / "squares_live.py"
    before = code.read_text()
    changing = before.replace(
        "if level < 0.02:",
        f"if level < 0.02:\n            open({str(code)!r}, 'a').write('# changed\\n')",
    )
    code.write_text(changing)
    exit_code, _, err = said(capsys, "run", str(path), "--out", str(tmp_path / "run"), "--workers", "1")
    assert exit_code == 3
    assert "squares_live.py" in err
    code.write_text(changing)
    exit_code, _, err = said(capsys, "run", str(path), "--out", str(tmp_path / "run"), "--workers", "1", "--resume")
    assert exit_code == 3  # it does so again


def test_a_temporary_folder_without_room_is_named(tmp_path, capsys, monkeypatch):
    path = small_run.write(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    code, _, err = said(capsys, "run", str(path), "--out", str(tmp_path / "run"))
    assert code == 5
    assert str(tmp_path / "gone") in err
    assert "TMPDIR" in err
    monkeypatch.undo()
    assert said(capsys, "run", str(path), "--out", str(tmp_path / "run"), "--resume")[0] == 0


def test_a_part_is_refused_for_a_changed_file_of_its_own_or_a_table_but_not_for_one_of_another_part(tmp_path, capsys):
    """Case c00a is the first row and belongs to part 1, c00b to part 2."""
    path = small_run.write(tmp_path)
    files = tmp_path / "set" / "files"
    (files / "c00b.png").write_bytes((files / "c01a.png").read_bytes())
    assert said(capsys, "run", str(path), "--shard", "1/2", "--out", str(tmp_path / "one"))[0] == 0
    code, _, err = said(capsys, "run", str(path), "--shard", "2/2", "--out", str(tmp_path / "two"))
    assert code == 2
    assert "c00b.png" in err
    code, _, err = said(capsys, "run", str(path), "--out", str(tmp_path / "all"))
    assert code == 2
    assert "c00b.png" in err
    with (tmp_path / "set" / "truth.csv").open("a") as truth:
        truth.write("\n")
    code, _, err = said(capsys, "run", str(path), "--shard", "1/2", "--out", str(tmp_path / "three"))
    assert code == 2
    assert "truth.csv" in err
