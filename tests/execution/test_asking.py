import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from dmn_bench.errors import CandidateError, InputFileError, Interrupted, Problem
from dmn_bench.execution import asking
from dmn_bench.vocabulary import Origin, Request

from .kit import Run, a_case, grey_request, short_for, until

BAD_MANNERS = {  # candidate of the zoo -> what the reason of its failed case begins with
    "Segfaults": "died with signal 11",
    "Hangs": "timed out after 0.5 s",
    "HangsBusy": "timed out after 0.5 s",
    "Exits": "raised SystemExit: 3",
    "ExitsHard": "exited with code 7",
    "Raises": "raised RuntimeError: the model is unhappy",
    "RaisesUnprintable": "raised Nasty",
    "ReturnsText": "answer: expected an object, found positive",
    "ReturnsObject": "raised TypeError",
    "ReturnsNan": "findings.fracture.score: expected a finite number, found nan",
    "ReturnsLoop": "raised RecursionError",
    "ReturnsHuge": "raised ValueError: an answer of 100000",
    "ReturnsManyMarks": "marks: expected at most 100000 entries, found 100001",
    "ReturnsTextArray": "raised TypeError: an array of",
    "WritesToChannel": "broke the wire protocol",
    "ClosesEverything": "exited with code 1",
    "DiesBehindAFork": "exited with code 9",
}


@pytest.fixture
def in_order(monkeypatch):
    """Cases are asked as they stand in the set, for a test that says after which one something happens."""
    monkeypatch.setattr(asking, "in_drawn_order", list)


@pytest.mark.parametrize(("name", "reason"), BAD_MANNERS.items())
def test_bad_manners_cost_exactly_one_case(tmp_path, name, reason):
    run = Run(tmp_path, name, settings={"seconds_per_case": 0.5} if "timed out" in reason else {})
    with short_for(3):
        run.ask()
    assert run.statuses() == ["answered"] * 3 + ["failed"] + ["answered"] * 2
    assert run.answers["c3"].answer.reason.startswith(reason)
    assert run.answers["c3"].attempt == 2
    assert run.scores() == {0: 0.0, 1: 1.0, 2: 2.0, 4: 4.0, 5: 5.0}
    assert [row[:2] for row in run.failed_attempts] == [("c3", 1), ("c3", 2)]


@pytest.mark.parametrize(
    "name", ["Good", "Prints", "ClosesSmallDescriptors", "LeavesThreads", "Forks", "ChangesItsInput"]
)
def test_odd_but_working_candidates_lose_nothing(tmp_path, name):
    run = Run(tmp_path, name)
    summary = run.ask()
    assert run.scores() == {i: float(i) for i in range(6)}
    assert sorted(asked.answer.case_id for asked in run.heard) == [f"c{i}" for i in range(6)]
    assert summary.n_asked == 6
    assert summary.decoders == ("raster 1.0",)
    assert summary.load_seconds
    assert all(
        5 < asked.peak_memory_mb < 200 for asked in run.heard
    )  # its own, not that of the process that started it


def test_a_second_attempt_can_succeed(tmp_path):
    run = Run(tmp_path, "ExitsHard", options={"times": 1})
    run.ask()
    assert run.statuses() == ["answered"] * 6
    assert run.answers["c3"].attempt == 2
    assert len(run.failed_attempts) == 1


def test_the_number_of_workers_changes_no_answer(tmp_path):
    found = []
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        run = Run(folder, "Raises", n=20, workers=workers)
        run.ask()
        found.append({case_id: asked.answer for case_id, asked in run.answers.items()})
    assert found[0] == found[1]


def test_nothing_the_candidate_started_outlives_it(tmp_path):
    run = Run(tmp_path, "LeavesProcesses", n=2)
    run.ask()
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert until(lambda: not any(_is_running(pid) for pid in pids))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("LeavesDaemons", ""),
        ("LeavesDaemonsAndDies", "exited with code 7 without an answer"),
        ("LeavesDaemonsAndHangs", "timed out after 0.5 s"),
        ("KillsItsWarden", "died with signal 9"),
        ("StopsItsWarden", ""),
    ],
)
def test_no_daemon_of_a_candidate_outlives_it(tmp_path, name, reason):
    run = Run(tmp_path, name, n=2, settings={"attempts": 1, **({"seconds_per_case": 0.5} if "timed" in reason else {})})
    run.ask()
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(_is_running(pid) for pid in pids)  # at once: they ended before the asking did
    assert {asked.answer.reason for asked in run.answers.values()} == {reason}


def test_a_candidate_leads_a_session_that_its_warden_is_not_in(tmp_path):
    run = Run(tmp_path, "LooksAround", n=1)
    run.ask()
    assert json.loads(run.answers["c0"].answer.reason)["session"]


def test_cases_are_asked_in_an_order_of_chance(tmp_path):
    asked = []

    def load(case, folder):
        asked.append(case.case_id)
        return grey_request(case, folder)

    Run(tmp_path, "Good", n=20, load=load, workers=1).ask()
    assert sorted(asked) == sorted(f"c{i}" for i in range(20))
    assert asked != [f"c{i}" for i in range(20)]  # by chance once in 10^18 times
    draws = {
        tuple(case.case_id for case in asking.in_drawn_order([a_case(f"c{i}") for i in range(3)])) for _ in range(500)
    }
    assert len(draws) == 6  # every order there is


ANSWER = '"message": "answer", "request_id": "REQUEST", "answer": {"status": "abstained"}'


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f'{{{ANSWER}, "seconds": 1{"0" * 400}}}', "abstained"),
        (f'{{{ANSWER}, "cpu_seconds": [1], "peak_memory_mb": -1}}', "abstained"),
        (f'{{{ANSWER}, "answer": {{"status": "abstained", "reason": "b"}}}}', "failed"),
        ('{"message": "answer", "request_id": ["REQUEST"], "answer": {"status": "abstained"}}', "failed"),
        ('{"message": ["answer"], "request_id": "REQUEST", "answer": {"status": "abstained"}}', "failed"),
        ('{"message": "error", "error": {"a": "\\ud800"}, "traceback": ["\\ud800"]}', "failed"),
        ('{"message": "error", "error": "\\ud800' + "x" * 100_000 + '"}', "failed"),
        ('{"message": "\\ud800' + "x" * 100_000 + '"}', "failed"),
    ],
)
def test_whatever_a_child_says_costs_one_case_at_most(tmp_path, header, status):
    run = Run(tmp_path, "SpeaksForItself", n=5, options={"header": header}, workers=1)
    run.ask()
    assert run.statuses() == ["answered", "answered", "answered", status, "answered"]
    reason = run.answers["c3"].answer.reason
    assert reason.encode("utf-8") == reason.encode("utf-8", errors="replace")
    assert len(reason) <= 2000


def test_what_a_candidate_leaves_beside_its_copies_stops_nothing(tmp_path):
    def load(case, folder):
        path = folder / "image-1.dcm"
        path.write_text("12.5")
        request = Request(request_id="r", files=(path,))
        return request, Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    run = Run(tmp_path, "LocksItsCopies", n=1, load=load)
    run.ask()
    assert run.scores() == {0: 12.5}


def test_a_file_that_vanishes_after_a_failure_does_not_excuse_the_failure(tmp_path):
    loads = []

    def load(case, folder):
        loads.append(case.case_id)
        if len(loads) > 1:
            raise InputFileError(Problem(key="inputs.truncated", where="a.dcm"))
        path = folder / "image-1.dcm"
        path.write_text("12.5")
        request = Request(request_id="r", files=(path,))
        return request, Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    run = Run(tmp_path, "ReadsFiles", n=1, load=load)
    run.ask()
    assert run.statuses() == ["failed"]


def test_why_a_file_is_unreadable_is_told_in_text_that_can_be_kept(tmp_path):
    def load(case, folder):
        raise InputFileError(Problem(key="inputs.truncated", where="\udcff.dcm", facts={"found": "x" * 5000}))

    run = Run(tmp_path, "Good", n=1, load=load)
    run.ask()
    reason = run.answers["c0"].answer.reason
    assert reason.startswith("inputs.truncated: �.dcm")
    assert len(reason) == 2000


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_candidate_sees_little_of_its_surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    run = Run(tmp_path, "LooksAround", n=1, settings={"threads": 3})
    run.ask()
    seen = json.loads(run.answers["c0"].answer.reason)
    assert "SECRET_TOKEN" not in seen["environment"]
    assert seen["environment"]["OMP_NUM_THREADS"] == "3"
    assert seen["environment"]["HOME"] == seen["cwd"] != str(Path.cwd())
    assert not Path(seen["cwd"]).exists()  # its private folder is gone
    assert seen["core"] == [0, 0]
    assert seen["session"]
    assert seen["keys"] == ["images", "request_id"]
    assert seen["request_id"] == "r-0"
    assert "patient_id" not in seen["image_keys"]


def test_a_candidate_that_cannot_load_is_an_error_and_fails_no_case(tmp_path):
    run = Run(tmp_path, "FailsToLoad")
    with pytest.raises(CandidateError) as caught:
        run.ask()
    (problem,) = caught.value.problems
    assert problem.key == "execution.candidate_does_not_load"
    assert problem.facts["found"] == "raised OSError: weights.bin is missing"
    assert "zoo.py" in problem.facts["details"]
    assert run.heard == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ExitsOnLoad", "exited with code 5 without an answer; last line printed: no licence"),
        ("Missing", "raised AttributeError"),
        ("SlowToLoad", "timed out after 0.5 s"),
    ],
)
def test_every_way_not_to_load_is_told(tmp_path, name, found):
    run = Run(
        tmp_path, name, options={"seconds": 30}, settings={"seconds_to_load": 0.5 if name == "SlowToLoad" else 60}
    )
    with pytest.raises(CandidateError) as caught:
        run.ask()
    assert caught.value.problems[0].facts["found"].startswith(found)


def test_a_load_that_fails_later_stops_the_asking_and_keeps_the_answers(tmp_path):
    run = Run(tmp_path, "LoadsOnce", workers=1)
    with pytest.raises(CandidateError):
        run.ask()


def test_an_interpreter_that_is_none_is_a_candidate_error(tmp_path):
    run = Run(tmp_path, "Good")
    program = run.program()
    object.__setattr__(program, "python", "/nonexistent/python")
    run.program = lambda: program
    with pytest.raises(CandidateError):
        run.ask()


def test_an_unreadable_file_is_not_the_devices_fault_and_is_tried_again_later(tmp_path):
    def load(case, folder):
        if case.case_id == "c2":
            raise InputFileError(Problem(key="inputs.truncated", where="a.dcm", facts={"expected": 10, "found": 4}))
        return grey_request(case, folder)

    run = Run(tmp_path, "Good", load=load)
    run.ask()
    assert run.answers["c2"].answer.status == "unreadable"
    assert run.answers["c2"].answer.reason == "inputs.truncated: a.dcm: expected 10, found 4"
    again = Run(tmp_path, "Good")
    summary = again.ask()
    assert (summary.n_asked, summary.n_kept) == (1, 5)
    assert again.statuses() == ["answered"] * 6


def test_when_nothing_can_be_read_no_candidate_is_started(tmp_path):
    def load(case, folder):
        raise InputFileError(Problem(key="inputs.unknown_format"))

    summary = Run(tmp_path, "FailsToLoad", load=load).ask()
    assert summary.load_seconds == ()


def test_what_is_in_the_ledger_is_not_asked_again(tmp_path):
    Run(tmp_path, "Good", n=4).ask()
    again = Run(tmp_path, "Good", n=6)
    summary = again.ask()
    assert (summary.n_asked, summary.n_kept) == (2, 4)
    assert sorted(asked.answer.case_id for asked in again.heard) == ["c4", "c5"]


def test_a_retry_gets_fresh_copies_of_its_files(tmp_path):
    def load(case, folder):
        path = folder / "image-1.dcm"
        path.write_text("12.5")
        request = Request(request_id="r", files=(path,))
        return request, Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    run = Run(tmp_path, "ReadsFiles", n=1, load=load)
    run.ask()
    assert run.scores() == {0: 12.5}
    assert run.answers["c0"].attempt == 2


def test_memory_over_the_limit_fails_the_case(tmp_path):
    run = Run(tmp_path, "Allocates", settings={"memory_mb": 2048})
    summary = run.ask()
    assert run.answers["c3"].answer.reason.startswith("raised MemoryError")
    assert "memory_limited" in summary.isolation


def test_an_interruption_ends_the_children_and_keeps_the_answers(tmp_path, in_order):
    over = threading.Event()

    def interrupt():
        if until(lambda: over.is_set() or (tmp_path / "counter").exists()) and not over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    options = {"at": 4, "times": 9}  # it notes when it hangs
    run = Run(tmp_path, "Hangs", options=options, workers=1, settings={"seconds_per_case": 300})
    thread = threading.Thread(target=interrupt)
    thread.start()
    begin = time.monotonic()
    try:
        with pytest.raises(Interrupted) as caught:
            run.ask()
    finally:
        over.set()
        thread.join()
    assert time.monotonic() - begin < 200
    assert caught.value.problems[0].facts == {"answered": 4, "all": 6}
    again = Run(tmp_path, "Good")
    assert again.ask().n_kept == 4
    assert again.scores() == {i: float(i) for i in range(6)}


def test_a_bug_of_ours_while_loading_is_raised_and_answers_so_far_are_kept(tmp_path, in_order):
    def load(case, folder):
        if case.case_id == "c3":
            raise ZeroDivisionError
        return grey_request(case, folder)

    with pytest.raises(ZeroDivisionError):
        Run(tmp_path, "Good", load=load, workers=1).ask()
    assert Run(tmp_path, "Good").ask().n_kept == 3


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Run(Path(), "Good", settings={"attempts": 0}).ask()


def test_isolation_says_what_is_not_blocked(tmp_path):
    isolation = Run(tmp_path, "Good", n=1).ask().isolation
    assert isolation[0] == "tier-0"
    assert {"network_not_blocked", "files_not_blocked", "memory_not_limited"} <= set(isolation)


def test_no_case_needs_no_child(tmp_path):
    assert Run(tmp_path, "FailsToLoad", n=0).ask().n_asked == 0
    assert a_case().case_id == "c0"
