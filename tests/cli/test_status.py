"""How far a run is, beside a real process and after it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest

from dmn_bench import cli
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.outcome import FailedAttempt, Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, FindingAnswer

from ..harness import small_run

ASKED = "a" * 64


def run(capsys, *arguments):
    code = cli.call([str(each) for each in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def english(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


def row_of(out, candidate):
    (line,) = (line for line in out.splitlines() if line.strip().startswith(f"{candidate} "))
    return re.split(r"\s{2,}", line.strip())


def a_note(run_dir, ledger, *, shard=None, n_cases=6):
    run_dir.mkdir()
    noted = [{"id": "live", "ledger": str(ledger), "n_cases": n_cases}, {"id": "file", "ledger": None, "n_cases": 6}]
    note = {"format": "dmn-bench/run/1", "protocol": "/p q.yaml", "started": "s", "shard": shard, "candidates": noted}
    (run_dir / "run.json").write_text(json.dumps(note))


def some_answers(path, statuses):
    with Ledger(path, ASKED) as ledger:
        for i, status in enumerate(statuses):
            findings = {"f": FindingAnswer(score=0.5)} if status == "answered" else {}
            answer = Answer(case_id=f"c{i}", status=status, findings=findings)
            tries = (FailedAttempt(f"c{i}", 1, "died", ""),) if status == "failed" else ()
            ledger.keep([Outcome(asked=AskedAnswer(answer=answer), failed_attempts=tries)])


def test_an_interrupted_run_tells_each_status_and_the_command_that_goes_on(tmp_path, capsys):
    some_answers(tmp_path / "answers" / f"{ASKED}.sqlite", ["answered", "failed", "answered", "unreadable"])
    a_note(tmp_path / "run", tmp_path / "answers" / f"{ASKED}.sqlite")
    code, out, _ = run(capsys, "status", tmp_path / "run")
    assert code == 0
    assert "interrupted" in out
    assert row_of(out, "live")[:6] == ["live", "3 of 6", "2", "1", "1", "1"]
    assert "failed attempts" in out
    assert row_of(out, "file")[1] == "output file"
    command = shlex.split(out.rpartition("Next: ")[2])
    assert command == ["dmn-bench", "run", "/p q.yaml", "--out", str(tmp_path / "run"), "--resume"]
    code, out, _ = run(capsys, "status", tmp_path / "run", "--lang", "fr")
    assert "interrompue" in out
    assert row_of(out, "live")[1] == "3 sur 6"


def test_answers_that_lie_elsewhere_are_named_in_the_command(tmp_path, capsys):
    a_note(tmp_path / "run", tmp_path / "shared" / f"{ASKED}.sqlite")
    code, out, _ = run(capsys, "status", tmp_path / "run")
    assert code == 0
    assert row_of(out, "live")[1] == "0 of 6"
    assert shlex.split(out.rpartition("Next: ")[2])[-2:] == ["--answers", str(tmp_path / "shared")]


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [(["answered", "unreadable"], "is asked", "merge"), (["answered"], "interrupted", "--shard 2/3")],
)
def test_a_part_is_done_when_its_share_of_the_cases_is(tmp_path, capsys, statuses, state, words):
    ledger = tmp_path / "part" / "answers" / f"{ASKED}.sqlite"
    a_note(tmp_path / "part", "/another/machine/" + ledger.name, shard="2/3")
    some_answers(ledger, statuses)
    code, out, _ = run(capsys, "status", tmp_path / "part")
    assert code == 0
    assert "2/3" in out
    assert state in out
    assert words in out.rpartition("Next: ")[2]
    assert "1 of 2" in out


def test_a_finished_run_points_to_its_reports(tmp_path, capsys):
    path = small_run.write(tmp_path)
    assert run(capsys, "run", path, "--out", tmp_path / "run")[0] == 0
    code, out, _ = run(capsys, "status", tmp_path / "run", "--watch")
    assert code == 0
    assert "finished" in out
    assert row_of(out, "live")[1] == "60 of 60"
    assert out.rpartition("Next: ")[2].split() == ["dmn-bench", "report", str(tmp_path / "run")]


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    for folder in (tmp_path, tmp_path / "absent"):
        code, _, err = run(capsys, "status", folder)
        assert code == 2
        assert "run.json" in err


def test_a_note_that_is_damaged_is_refused(tmp_path, capsys):
    for content in ("", "[]", '{"format": "dmn-bench/run/9"}', '{"format": "dmn-bench/run/1"}'):
        (tmp_path / "run.json").write_text(content)
        code, _, err = run(capsys, "status", tmp_path)
        assert code == 2
        assert "--resume" in err


def test_a_run_at_work_is_seen_beside_it_and_a_killed_one_as_interrupted(tmp_path, capsys):
    path = small_run.write(tmp_path)
    candidate = tmp_path / "candidate"
    (module,) = candidate.glob("*.py")
    module.write_text(module.read_text().replace("    def answer(self, request):", SLOW, 1))
    words = [sys.executable, "-m", "dmn_bench", "run", str(path), "--out", str(tmp_path / "run"), "--workers", "1"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        out = ""
        deadline = time.monotonic() + 120
        while ("live" not in out or row_of(out, "live")[5] == "—") and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.2)
            if (tmp_path / "run" / ".lock").exists():
                _, out, _ = run(capsys, "status", tmp_path / "run")
        assert "at work" in out
        n_done = int(row_of(out, "live")[1].split()[0])
        assert 0 < n_done < 60
        assert any(cell.endswith("cases/s") for cell in row_of(out, "live"))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    _, out, _ = run(capsys, "status", tmp_path / "run")
    assert "interrupted" in out
    assert int(row_of(out, "live")[1].split()[0]) >= n_done


SLOW = """    def answer(self, request):
        import time
        time.sleep(0.5)
        return self.answer_now(request)

    def answer_now(self, request):"""
