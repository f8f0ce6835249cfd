"""Several cases in one message: no answer depends on it, and what breaks costs exactly the case that breaks."""

import time

import pytest

from dmn_bench.errors import InputFileError, Problem
from dmn_bench.execution import worker
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.isolation import MOST_TIER
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.outcome import FailedAttempt
from dmn_bench.execution.questions import Questions
from dmn_bench.hookspecs import ChildProgram
from dmn_bench.vocabulary import Origin, Request

from .kit import PATIENT_SECONDS, Run, SpeakerRun, cases, grey_request, short_for, until

N = 7
SOUND = {i: float(i) for i in range(N)}
WITHOUT_C3 = {i: float(i) for i in range(N) if i != 3}

FAULTS = {  # manner of the speaker -> what the reason of its failed case holds
    "half_a_frame_then_hangs": "timed out after",
    "half_a_frame_then_exits": "exited with code 0 without an answer",
    "half_a_length": "exited with code 0 without an answer",
    "header_too_long": "broke the wire protocol: header of 2130706432 bytes",
    "negative_size": "broke the wire protocol: ValueError: negative length",
    "buffers_not_sent": "timed out after",
    "two_answers": "broke the wire protocol: two answers to one request",
    "two_answers_the_same": "broke the wire protocol: two answers to one request",
    "many_answers": "broke the wire protocol: two answers to one request",
    "wrong_id": "broke the wire protocol: an answer to another request",
    "no_id": "broke the wire protocol: an answer to another request",
    "error_without_id": "raised all is lost",
    "error": "raised it is lost",
    "nothing": "timed out after",
    "exits_well": "exited with code 0 without an answer",
    "dances": "broke the wire protocol: expected 'answer', found 'dance'",
    "is_ready_again": "broke the wire protocol: expected 'answer', found 'ready'",
    "floods_with_signs_of_life": "signs of life in",
    "no_json": "broke the wire protocol: JSONDecodeError",
    "not_an_object": "broke the wire protocol",
    "nan": "findings.fracture.score: expected a finite number, found nan",
    "same_key_twice": "an object gives the same key twice",
    "deep": "broke the wire protocol: RecursionError",
    "prints": "begins with the text 'Case'; standard output is the channel",
    "prints_behind": "begins with the text 'Case'; standard output is the channel",
    "one_byte_behind": "broke the wire protocol: part of a message behind the answer",
    "stops_itself": "timed out after",
    "falls_silent": "no heartbeat for 0.6 s",
    "beats_and_hangs": "timed out after",
}
BEHIND = ("prints_behind", "one_byte_behind")  # what follows a sound answer


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize(("manner", "reason"), FAULTS.items())
def test_a_break_of_the_protocol_costs_exactly_one_case(tmp_path, monkeypatch, manner, reason, batch):
    seconds = 0.3 if "timed out" in reason else PATIENT_SECONDS
    if manner == "beats_and_hangs":  # its signs of life may be late
        monkeypatch.setattr(worker, "HEARTBEATS_MISSED", 1000)
    run = SpeakerRun(tmp_path, manner, n=N, batch=batch, workers=1, settings={"seconds_per_case": seconds})
    with short_for(3):
        run.ask()
    if batch > 1 and manner in BEHIND:  # everybody was answered soundly or asked again; only the child is replaced
        assert run.scores() == SOUND
        return
    assert run.scores() == WITHOUT_C3
    assert list(run.reasons()) == [3]
    assert reason in run.reasons()[3]
    assert run.answers["c3"].attempt == 2
    assert {asked.answer.case_id: asked.attempt for asked in run.heard if asked.attempt not in (1, 2)} == {}


@pytest.mark.parametrize("batch", [1, 4])
def test_an_answer_before_anything_was_asked_costs_nobody(tmp_path, batch):
    run = SpeakerRun(tmp_path, "answers_unasked", n=N, batch=batch, workers=1)
    run.ask()
    assert run.scores() == SOUND
    assert {failed.reason.partition("broke")[2] for failed in run.failed_attempts} == {
        " the wire protocol: an answer to another request"
    }
    assert len(run.failed_attempts) == batch


@pytest.mark.parametrize(("batch", "attempts"), [(1, 1), (1, 2), (4, 1)])
def test_a_second_answer_that_comes_late_is_no_failure_of_the_case_asked_since(tmp_path, batch, attempts):
    run = SpeakerRun(tmp_path, "second_answer_later", n=N, batch=batch, workers=1, settings={"attempts": attempts})
    run.ask()
    assert run.scores() == SOUND


@pytest.mark.parametrize("manner", ["backwards", "at_the_end"])
def test_answers_come_in_any_order(tmp_path, manner):
    run = SpeakerRun(tmp_path, manner, n=N, batch=4, workers=1)
    run.ask()
    assert run.scores() == SOUND
    assert run.failed_attempts == ()


def test_a_child_that_speaks_and_stays_after_stop_does_not_hold_the_run(tmp_path):
    run = SpeakerRun(tmp_path, "speaks_after_stop", n=4, workers=1)
    run.ask()
    assert run.statuses() == ["answered"] * 4


def test_a_last_try_is_given_even_where_one_attempt_is_allowed(tmp_path):
    run = SpeakerRun(tmp_path, "wrong_id", n=N, batch=N, workers=1, settings={"attempts": 1})
    run.ask()
    assert run.scores() == WITHOUT_C3
    assert run.answers["c3"].attempt == 2


@pytest.mark.parametrize(
    "name",
    ["Segfaults", "ExitsHard", "Raises", "ReturnsText", "ReturnsNan", "WritesToChannel", "DiesBehindAFork", "Hangs"],
)
def test_answers_do_not_depend_on_the_batch(tmp_path, name):
    found = []
    for batch in (1, 4):
        (folder := tmp_path / str(batch)).mkdir()
        settings = {"seconds_per_case": 0.3} if name == "Hangs" else {}
        run = Run(folder, name, n=10, batch=batch, settings=settings)
        with short_for(3):
            run.ask()
        found.append({case_id: asked.answer for case_id, asked in run.answers.items()})
        assert [status for status in run.statuses() if status != "answered"] == ["failed"]
    assert found[0] == found[1]


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_a_class_that_answers_batches_is_asked_for_them(tmp_path, batch):
    run = Run(tmp_path, "Together", module="batched", n=20, batch=batch, workers=1)
    run.ask()
    assert run.scores() == {i: float(i) for i in range(20)}
    sizes = [int(line) for line in (tmp_path / "counter").read_text().split()]
    assert max(sizes) == batch
    assert sum(sizes) == 20


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("TogetherRaises", "raised RuntimeError: not this one"),
        ("TogetherDies", "exited with code 9"),
        ("TogetherLosesOne", "raised ValueError: "),
        ("TogetherGivesADict", "raised TypeError: answer_batch returns a list of answers, found dict"),
        ("TogetherGivesAnException", "raised RuntimeError: not this one"),
        ("TogetherGivesAnObject", "raised TypeError: Object of type object is not JSON serializable"),
        ("TogetherGivesNonsense", "answer: expected an object, found positive"),
    ],
)
def test_a_batch_that_goes_wrong_as_a_whole_costs_the_case_to_blame(tmp_path, name, reason):
    run = Run(tmp_path, name, module="batched", n=N, batch=4, workers=1)
    run.ask()
    assert run.scores() == WITHOUT_C3
    assert run.reasons()[3].startswith(reason)


def test_what_failed_in_a_batch_is_kept_with_its_size(tmp_path):
    run = SpeakerRun(tmp_path, "wrong_id", n=4, batch=4, workers=1)
    run.ask()
    failed = [attempt for attempt in run.failed_attempts if attempt.case_id == "c3"]
    assert [(each.attempt, each.reason.partition(":")[0]) for each in failed] == [
        (1, "in a batch of 4"),
        (2, "broke the wire protocol"),
    ]
    assert isinstance(failed[0], FailedAttempt)


def test_every_case_of_a_batch_has_an_equal_share_of_its_time(tmp_path):
    run = SpeakerRun(tmp_path, "at_the_end", n=8, batch=4, workers=1)  # it says an hour for each
    run.ask()
    seconds = [asked.seconds for asked in run.heard]
    assert all(each < PATIENT_SECONDS for each in seconds)  # never more than passed outside
    assert seconds[0] == seconds[1] == seconds[2] == seconds[3]
    assert [asked.is_warm_up for asked in run.heard] == [True] * 4 + [False] * 4


def test_the_limit_of_time_is_that_of_all_cases_of_a_batch(tmp_path):
    run = Run(tmp_path, "Hangs", n=4, batch=4, workers=1, settings={"seconds_per_case": 0.4})
    begin = time.monotonic()
    with short_for(3):
        run.ask()
    assert time.monotonic() - begin > 4 * 0.4 + 0.4  # all of it is given, then that of one which is asked alone
    assert run.statuses() == ["answered"] * 3 + ["failed"]
    first, last = (attempt.reason for attempt in run.failed_attempts if attempt.case_id == "c3")
    assert (first, last) == ("in a batch of 4: timed out after 1.6 s", "timed out after 0.4 s")


def test_a_program_says_how_many_children_may_work(tmp_path):
    run = Run(tmp_path, "Good", n=30, workers=4)
    program = run.program()
    object.__setattr__(program, "workers", 1)
    run.program = lambda: program
    assert run.ask().workers == 1
    assert ChildProgram(entry="a:B", import_paths=(), options={}).batch == 1


def test_requests_go_into_one_message_up_to_their_number_and_their_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("dmn_bench.execution.supervisor.BATCH_BYTES", 3 * 8 * 9 * 2)
    run = Run(tmp_path, "Together", module="batched", n=10, batch=8, workers=1)
    run.ask()
    assert run.scores() == {i: float(i) for i in range(10)}
    sizes = [int(line) for line in (tmp_path / "counter").read_text().split()]
    assert sorted(sizes) == [2, 2, 3, 3]  # of the first eight, and the two that were left


def test_a_case_that_cannot_be_read_leaves_the_others_of_its_batch_together(tmp_path):
    def load(case, folder):
        if case.case_id == "c2":
            raise InputFileError(Problem(key="inputs.truncated", where="a.dcm"))
        return grey_request(case, folder)

    run = Run(tmp_path, "Together", module="batched", n=4, batch=4, workers=1, load=load)
    run.ask()
    assert run.statuses() == ["answered", "answered", "unreadable", "answered"]
    assert (tmp_path / "counter").read_text().split() == ["3"]


def test_a_batch_that_breaks_gives_each_of_its_cases_fresh_copies(tmp_path):
    loads = []

    def load(case, folder):
        loads.append(case.case_id)
        path = folder / "image-1.dcm"
        path.write_text(case.case_id[1:])
        request = Request(request_id=f"r-{case.case_id}", files=(path,))
        return request, Origin(case_id=case.case_id, images={}, sop_instance_uids={})

    run = Run(tmp_path, "SpoilsItsCopies", module="batched", n=4, batch=4, workers=1, load=load)
    run.ask()
    assert run.scores() == {i: float(i) for i in range(4)}
    assert sorted(loads) == sorted(2 * [f"c{i}" for i in range(4)])
    assert {asked.attempt for asked in run.heard} == {2}


def test_what_was_answered_in_a_batch_is_kept_when_the_run_is_called_off(tmp_path, monkeypatch):
    monkeypatch.setenv(MOST_TIER, "0")  # the candidate makes a file where the test sees it
    heard, reply = [], worker._reply
    monkeypatch.setattr(worker, "_reply", lambda message: heard.append(message) or reply(message))
    run = Run(tmp_path, "HangsAfterTwo", module="batched", n=4, batch=4, workers=1)
    settings = ExecutionSettings(seconds_per_case=600)
    crew = LocalCrew(Questions(program=run.program(), load=grey_request, settings=settings), 1)
    outcomes = crew.outcomes(cases(4))
    try:
        assert until(lambda: next(outcomes) == [] and (tmp_path / "counter").exists() and len(heard) == 2)
    finally:
        left = crew.call_off()
    assert [outcome.asked.answer.status for outcome in left] == ["answered"] * 2
