"""Damage that is told, repairs that are cut short, a second process, a full disk, a folder that cannot be written."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from dmn_bench.errors import MachineError
from dmn_bench.execution import ledger_repair
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.ledger_file import beside
from dmn_bench.execution.ledger_view import read_ledger
from dmn_bench.execution.outcome import Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, FindingAnswer
from dmn_bench.wordings import LANGUAGES, say_problem

ASKED, OTHER = "a" * 64, "b" * 64


def outcome(case_id, score=0.5):
    answer = Answer(case_id=case_id, status="answered", findings={"fracture": FindingAnswer(score=score)})
    return Outcome(asked=AskedAnswer(answer=answer, seconds=1.0))


def a_ledger(path, n=500, asked=ASKED):
    with Ledger(path, asked) as ledger:
        ledger.keep(outcome(f"c{i:04}") for i in range(n))
    return path


def problem_of(caught):
    (problem,) = caught.value.problems
    assert all(say_problem(problem, language) for language in LANGUAGES)
    return problem


def overwrite(path, start, content):
    raw = bytearray(path.read_bytes())
    raw[start : start + len(content)] = content
    path.write_bytes(raw)


def in_another_process(script, *arguments, **options):
    """A Python process with the names of this module that ran to its end."""
    before = "import os, resource, sys\nfrom pathlib import Path\nfrom tests.execution.test_ledger_faults import *\n"
    return subprocess.run(
        [sys.executable, "-c", before + textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
        **options,
    )


def test_a_repair_says_what_was_kept_and_keeps_the_damaged_file(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite")
    overwrite(path, 0, bytes(100))
    damaged = path.read_bytes()
    with Ledger(path, ASKED) as ledger:
        assert len(ledger.answers()) == ledger.repaired.n_kept == 500
        assert ledger.repaired.damaged == tmp_path / f"{ASKED}.sqlite.damaged-1"
        assert ledger.repaired.damaged.read_bytes() == damaged
        for language in LANGUAGES:
            assert "500" in say_problem(ledger.repaired.as_problem(), language)
    overwrite(path, 0, bytes(100))
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired.damaged.name.endswith(".damaged-2")
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is None


def test_damage_while_a_run_works_says_to_run_again_which_repairs_it(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite")
    with Ledger(path, ASKED) as ledger:
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE answers SET answer = replace(answer, '0.5', '0.9') WHERE case_id = 'c0007'")
        with pytest.raises(MachineError) as caught:
            ledger.statuses()
    problem = problem_of(caught)
    assert problem.key == "execution.ledger_damaged"
    assert "--resume" in say_problem(problem, "en")
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired.n_kept == len(ledger.answers()) == 499
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is None


def test_a_changed_row_is_found_on_opening_and_only_its_case_is_asked_again(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite")
    path.write_bytes(path.read_bytes().replace(b'{"score": 0.5}', b'{"score": 0.9}', 1))
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired.n_kept == len(ledger.answers()) == 499


@pytest.mark.parametrize("table", ["failed_attempts", "loads", "decoders", "meta"])
def test_every_table_is_checked_when_it_is_read(tmp_path, table):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite", 2)
    with Ledger(path, ASKED) as ledger:
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            n_values = len(other.execute(f"PRAGMA table_info({table})").fetchall())
            values = ["x", "x", 1, 1, "x", "x"][: n_values - 1]
            if table == "meta":
                other.execute("UPDATE meta SET value = '1999-01-01' WHERE key = 'begun'")
            else:
                other.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * n_values)})", [*values, bytes(32)])
        readers = {
            "failed_attempts": ledger.failed_attempts,
            "loads": ledger.load_seconds,
            "decoders": ledger.decoders,
            "meta": ledger.begun,
        }
        with pytest.raises(MachineError) as caught:
            readers[table]()
    assert problem_of(caught).key == "execution.ledger_damaged"
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired.n_kept == 2
        assert readers_of_all(ledger) == ((), (), ())
        assert not ledger.begun().startswith("1999")


def readers_of_all(ledger):
    return ledger.failed_attempts(), ledger.load_seconds(), ledger.decoders()


def test_rows_of_other_questions_are_none_of_ours(tmp_path):
    ours, theirs = a_ledger(tmp_path / f"{ASKED}.sqlite", 1), a_ledger(tmp_path / f"{OTHER}.sqlite", 500, asked=OTHER)
    raw = theirs.read_bytes()
    with ours.open("ab") as stream:
        stream.write(raw[4096:])
    overwrite(ours, 0, bytes(16))
    with Ledger(ours, ASKED) as ledger:
        assert list(ledger.answers()) == ["c0000"]


def test_a_damaged_ledger_of_other_questions_is_refused_and_left(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite", asked=OTHER)
    overwrite(path, 0, bytes(100))
    before = path.read_bytes()
    with pytest.raises(MachineError) as caught:
        Ledger(path, ASKED)
    assert problem_of(caught).key == "execution.ledger_of_other_questions"
    assert path.read_bytes() == before


@pytest.mark.parametrize(("name", "is_known"), [(f"{ASKED}.sqlite", True), ("answers.sqlite", False)])
def test_a_ledger_that_does_not_say_its_questions_is_known_by_its_name_alone(tmp_path, name, is_known):
    path = a_ledger(tmp_path / name)
    path.write_bytes(path.read_bytes().replace(b"asked_sha256", b"asked_sha000"))
    if is_known:
        with Ledger(path, ASKED) as ledger:
            assert ledger.repaired.n_kept == 500
        return
    with pytest.raises(MachineError) as caught:
        Ledger(path, ASKED)
    assert problem_of(caught).key == "execution.ledger_of_unknown_questions"


def test_the_first_format_is_refused(tmp_path):
    path = tmp_path / f"{ASKED}.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)", [("format", "dmn-bench/ledger/1"), ("asked_sha256", ASKED)]
    )
    connection.commit()
    connection.close()
    for attempt in (lambda: Ledger(path, ASKED), lambda: read_ledger(path)):
        with pytest.raises(MachineError) as caught:
            attempt()
        assert problem_of(caught).key == "execution.ledger_of_other_format"


@pytest.mark.parametrize("n_moves", [0, 1, 2, 3])
def test_a_repair_that_is_cut_short_is_finished_by_the_next_opening(tmp_path, monkeypatch, n_moves):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite")
    overwrite(path, 0, bytes(100))
    beside(path, "-wal").write_bytes(b"no log")
    moves = []
    replace = Path.replace

    def cut_short(source, target):
        if beside(path, ".repaired").exists():
            moves.append(target)
            if len(moves) > n_moves:
                raise KeyboardInterrupt
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", cut_short)
    if n_moves < 3:
        with pytest.raises(KeyboardInterrupt):
            Ledger(path, ASKED)
    monkeypatch.undo()
    with Ledger(path, ASKED) as ledger:
        assert len(ledger.answers()) == 500
    assert not beside(path, ".repaired").exists()
    assert any(each.read_bytes()[:100] == bytes(100) for each in tmp_path.glob("*.damaged-?"))


def test_what_a_torn_log_still_holds_is_put_back_and_told(tmp_path):
    work = tmp_path / "work" / f"{ASKED}.sqlite"
    path = tmp_path / work.name
    with Ledger(work, ASKED) as ledger:
        for i in range(50):
            ledger.keep([outcome(f"c{i:04}")])
        for ending in ("", "-wal"):
            beside(path, ending).write_bytes(beside(work, ending).read_bytes())
    overwrite(beside(path, "-wal"), 32 + 24 + 2000, b"\xff" * 3)  # in the first frame: SQLite drops all that follows
    with Ledger(path, ASKED) as ledger:
        assert len(ledger.answers()) == ledger.repaired.n_kept == 50
        assert ledger.repaired.damaged.name.endswith(".damaged-1-wal")
        assert ledger.repaired.damaged.exists()


def test_two_sound_answers_to_one_case_are_both_left_out(tmp_path, monkeypatch):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite", 2)
    other = tmp_path / "other" / path.name
    with Ledger(other, ASKED) as ledger:
        ledger.keep([outcome("c0000", score=0.9)])
    with path.open("ab") as stream:
        stream.write(other.read_bytes()[4096:])
    overwrite(path, 0, bytes(100))
    with Ledger(path, ASKED) as ledger:
        assert list(ledger.answers()) == ["c0001"]


def test_a_second_process_is_refused_and_told_what_to_do_while_readers_are_not(tmp_path):
    path = tmp_path / f"{ASKED}.sqlite"
    with Ledger(path, ASKED) as ledger:
        ledger.keep([outcome("c0000")])
        second = in_another_process(
            """
            try:
                Ledger(Path(sys.argv[1]), ASKED)
            except MachineError as error:
                print(error.problems[0].key, say_problem(error.problems[0], "fr"))
            view = read_ledger(Path(sys.argv[1]))
            print(view.n_done, view.is_being_written)
            """,
            path,
        )
        ledger.keep([outcome("c0001")])  # and the first one is not disturbed
    first, last = second.stdout.strip().splitlines()
    assert first.startswith("execution.ledger_busy")
    assert "Attendez" in first
    assert last == "1 True"
    assert not read_ledger(path).is_being_written


def test_a_process_that_only_looks_stops_no_writer(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite", 1)
    script = "print(1, flush=True)\nwhile True: read_ledger(Path(sys.argv[1]))"
    before = "import sys\nfrom pathlib import Path\nfrom tests.execution.test_ledger_faults import *\n"
    looker = subprocess.Popen(
        [sys.executable, "-c", before + script, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    looker.stdout.readline()
    try:
        for i in range(50):
            with Ledger(path, ASKED) as ledger:
                ledger.keep([outcome(f"d{i}")])
        assert looker.poll() is None
    finally:
        looker.kill()
        looker.wait()
        looker.stdout.close()
    assert read_ledger(path).n_done == 51


def test_what_a_killed_process_acknowledged_is_there(tmp_path):
    path = tmp_path / f"{ASKED}.sqlite"
    script = """
    ledger = Ledger(Path(sys.argv[1]), ASKED)
    for i in range(10**6):
        ledger.keep([outcome(f"c{i:07}")])
        print(i, flush=True)
        if i == 300:
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = in_another_process(script, path)
    assert killed.returncode == -signal.SIGKILL
    assert read_ledger(path).n_done == 301  # beside its log, with nobody at work
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is None
        assert len(ledger.answers()) == 301


def test_a_disk_that_is_full_is_told_and_all_that_was_acknowledged_stays(tmp_path):
    path = tmp_path / f"{ASKED}.sqlite"
    script = """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))  # no file may grow beyond, as on a full disk
    ledger = Ledger(Path(sys.argv[1]), ASKED)
    try:
        for i in range(10**6):
            ledger.keep(outcome(f"c{i:05}-{j:02}") for j in range(64))
            print(i, flush=True)
    except MachineError as error:
        print(error.problems[0].key)
    """
    *acknowledged, told = in_another_process(script, path).stdout.split()
    assert told == "execution.ledger_not_written"
    assert len(acknowledged) > 3
    with Ledger(path, ASKED) as ledger:
        assert len(ledger.answers()) == 64 * len(acknowledged)
        assert ledger.repaired is None


@pytest.mark.skipif(sys.platform == "win32", reason="rights of a folder are another matter there")
def test_a_folder_that_cannot_be_written_is_told_and_can_still_be_looked_at():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = a_ledger(folder / "answers" / f"{ASKED}.sqlite", 3)
        for each in (folder, path.parent):
            each.chmod(0o555)
        script = """
        if os.geteuid() == 0:
            os.setuid(65534)
        for open_it in (Ledger, lambda path, asked: print(read_ledger(path).n_done)):
            try:
                open_it(Path(sys.argv[1]), ASKED)
            except MachineError as error:
                print(error.problems[0].key)
        """
        done = in_another_process(script, path, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        for each in (folder, path.parent):
            each.chmod(0o755)
        assert done.stdout.split() == ["execution.ledger_not_written", "3"]


def test_a_look_changes_no_file_and_makes_none(tmp_path):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite", 3)
    before = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()}
    assert read_ledger(path).n_done == 3
    assert {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()} == before


def test_a_hot_journal_is_looked_at_in_a_copy(tmp_path, monkeypatch):
    work = tmp_path / "work" / f"{ASKED}.sqlite"
    monkeypatch.setattr("dmn_bench.execution.ledger._working_journal", lambda _: "DELETE")
    a_ledger(work, 300)
    connection = sqlite3.connect(work, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.execute("UPDATE answers SET status = 'failed'")  # spills to the file before it is committed
    path = tmp_path / work.name
    for ending in ("", "-journal"):
        beside(path, ending).write_bytes(beside(work, ending).read_bytes())
    connection.execute("ROLLBACK")
    connection.close()
    view = read_ledger(path)
    assert view.statuses == {"answered": 300}
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is None
        assert set(ledger.statuses().values()) == {"answered"}


def test_pace_age_and_shard_are_told(tmp_path, monkeypatch):
    path = tmp_path / f"{ASKED}.sqlite"
    with Ledger(path, ASKED, shard="2/5") as ledger:
        assert (read_ledger(path).newest_kept_at, read_ledger(path).answers_per_second) == (None, None)
        ledger.keep([outcome("c1")])
        assert read_ledger(path).answers_per_second is None
        ledger.keep([outcome("c2"), outcome("c3")])
    view = read_ledger(path)
    assert view.shards == ("2/5",)
    assert view.answers_per_second > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", view.newest_kept_at)
    assert (view.asked_sha256, view.statuses, view.n_failed_attempts) == (ASKED, {"answered": 3}, 0)


def test_a_page_that_the_disk_cannot_read_costs_what_is_on_it_alone(tmp_path, monkeypatch):
    path = a_ledger(tmp_path / f"{ASKED}.sqlite")
    overwrite(path, 0, bytes(100))
    read = ledger_repair._read

    def bad_sector(stream, start, n_bytes):
        return bytes(n_bytes) if start == 10 * 4096 else read(stream, start, n_bytes)

    monkeypatch.setattr(ledger_repair, "_read", bad_sector)
    with Ledger(path, ASKED) as ledger:
        assert 450 < len(ledger.answers()) < 500


def test_what_a_process_had_not_acknowledged_when_it_was_killed_is_not_put_back(tmp_path):
    path = tmp_path / f"{ASKED}.sqlite"
    script = """
    ledger = Ledger(Path(sys.argv[1]), ASKED)
    ledger.keep([outcome("c0")])
    ledger._connection.execute("PRAGMA cache_size = 1")  # so that pages reach the log before the end
    def endless():
        for i in range(2000):
            yield outcome(f"d{i:05}")
        os.kill(os.getpid(), signal.SIGKILL)
    ledger.keep(endless())
    """
    assert in_another_process(script, path).returncode == -signal.SIGKILL
    assert beside(path, "-wal").stat().st_size > 100_000
    with Ledger(path, ASKED) as ledger:
        assert ledger.repaired is None
        assert list(ledger.answers()) == ["c0"]
