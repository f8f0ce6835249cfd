import sqlite3
import threading

import pytest

from dmn_bench.errors import MachineError
from dmn_bench.execution import ledger as ledger_module
from dmn_bench.execution.ledger import Ledger
from dmn_bench.execution.merging import merge_ledgers
from dmn_bench.execution.outcome import FailedAttempt, Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, FindingAnswer


def asked(case_id="c1", *, status="answered", score=0.5):
    findings = {"fracture": FindingAnswer(score=score)} if status == "answered" else {}
    answer = Answer(case_id=case_id, status=status, findings=findings, reason="" if findings else "why")
    return AskedAnswer(answer=answer, attempt=2, seconds=0.25, cpu_seconds=0.2, peak_memory_mb=100.5)


def outcome(*given, **other):
    return Outcome(asked=asked(*given, **other))


def keys(caught):
    return [problem.key for problem in caught.value.problems]


def test_what_is_recorded_is_read_back_whole(tmp_path):
    path = tmp_path / "deep" / "ledger.sqlite"
    with Ledger(path, "h") as ledger:
        tries = (FailedAttempt("c2", 1, "died", "words"),)
        whole = Outcome(asked=asked("c2"), failed_attempts=tries, decoders=("b", "a", "b"), load_seconds=(1.5,))
        ledger.keep([whole, outcome("c1", status="failed")])
    with Ledger(path, "h") as ledger:
        assert ledger.answers() == {"c1": asked("c1", status="failed"), "c2": asked("c2")}
        assert list(ledger.answers()) == ["c1", "c2"]
        assert ledger.statuses() == {"c1": "failed", "c2": "answered"}
        assert ledger.decoders() == ("a", "b")
        assert ledger.load_seconds() == (1.5,)
        assert ledger.failed_attempts() == (("c2", 1, "died", "words"),)


def test_answers_to_other_questions_are_refused(tmp_path):
    Ledger(tmp_path / "l", "one").close()
    with pytest.raises(MachineError) as caught:
        Ledger(tmp_path / "l", "two")
    assert keys(caught) == ["execution.ledger_of_other_questions"]
    Ledger(tmp_path / "l", "one").close()  # and left as it was


def test_a_case_is_answered_once(tmp_path):
    with Ledger(tmp_path / "l", "h") as ledger:
        ledger.keep([outcome("c1")])
        with pytest.raises(ValueError, match="c1"):
            ledger.keep([outcome("c2"), outcome("c1", score=0.9)])
        assert list(ledger.answers()) == ["c1"]  # all or none
        assert ledger.answers()["c1"].answer.findings["fracture"].score == 0.5


def test_a_case_that_could_not_be_read_may_be_answered_later(tmp_path):
    with Ledger(tmp_path / "l", "h") as ledger:
        ledger.keep([outcome("c1", status="unreadable")])
        ledger.keep([outcome("c1")])
        assert ledger.answers()["c1"] == asked("c1")


def test_two_runs_do_not_share_a_ledger(tmp_path):
    with Ledger(tmp_path / "l", "h"), pytest.raises(MachineError) as caught:
        Ledger(tmp_path / "l", "h")
    assert keys(caught) == ["execution.ledger_busy"]


def test_a_reader_beside_the_writer_sees_what_is_recorded(tmp_path):
    with Ledger(tmp_path / "l", "h") as ledger:
        ledger.keep([outcome("c1")])
        reader = sqlite3.connect(tmp_path / "l")
        assert reader.execute("SELECT count(*) FROM answers").fetchone() == (1,)
        reader.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be taken for one" * 50, b"SQLite format 3\0" * 99]
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path, content):
    (tmp_path / "l").write_bytes(content)
    with pytest.raises(MachineError):
        Ledger(tmp_path / "l", "h")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError) as caught:
        Ledger(tmp_path / "file" / "l", "h")
    assert keys(caught) == ["execution.ledger_not_written"]


def test_without_write_ahead_logging_the_ledger_still_works(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_module, "_working_journal", lambda _: "DELETE")
    with Ledger(tmp_path / "l", "h") as ledger:
        ledger.keep([outcome("c1")])
        ledger.seal()
    assert not (tmp_path / "l-wal").exists()
    with Ledger(tmp_path / "l", "h") as ledger:
        assert list(ledger.answers()) == ["c1"]


def test_a_full_disk_is_told_and_keeps_what_was_recorded(tmp_path):
    with Ledger(tmp_path / "l", "h") as ledger:
        ledger.keep([outcome("c0")])
        pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(MachineError) as caught:
            ledger.keep(outcome(f"c{i}") for i in range(1, 5000))
        assert keys(caught) == ["execution.ledger_not_written"]
        assert list(ledger.answers()) == ["c0"]


def test_every_thread_of_a_crew_leaves_the_ledger_to_the_one_that_opened_it(tmp_path):
    caught = []
    with Ledger(tmp_path / "l", "h") as ledger:

        def intrude():
            try:
                ledger.keep([outcome("c1")])
            except MachineError as error:
                caught.append(error)

        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_protections_are_kept_with_the_answers_in_their_order_and_those_of_other_times_beside_them(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, "asked") as ledger:
        assert ledger.isolation() == ()
        ledger.keep([outcome("c1")], isolation=("tier-1", "network_blocked"))
        ledger.keep([outcome("c2")], isolation=("tier-1", "network_blocked"))
        assert ledger.isolation() == ("tier-1", "network_blocked")
    with Ledger(path, "asked") as ledger:
        ledger.keep([outcome("c3")], isolation=("tier-0", "network_not_blocked"))
        assert set(ledger.isolation()) == {"tier-0", "tier-1", "network_blocked", "network_not_blocked"}
    merge_ledgers([path], tmp_path / "joined")
    with Ledger(tmp_path / "joined" / "asked.sqlite", "asked") as joined, Ledger(path, "asked") as ledger:
        assert joined.isolation() == ledger.isolation()
