"""What travels to a cluster and back, and which cases go together: no Dask needed."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import CandidateError, MachineError, Problem, ProtocolError
from dmn_bench.execution import cluster_batches
from dmn_bench.execution.cluster_address import check_address, check_encrypted
from dmn_bench.execution.cluster_batches import Waiting
from dmn_bench.execution.cluster_messages import (
    AskedCase,
    Batch,
    SentFile,
    packed,
    read_reply,
    refusal,
    reply_of,
    unpacked,
    write_files,
)
from dmn_bench.execution.outcome import FailedAttempt, Outcome
from dmn_bench.vocabulary import Answer, AskedAnswer, Beats, FindingAnswer, GradeAnswer, Mark

from .kit import cases

BATCH = Batch(key="k", cases=tuple(AskedCase(case_id=f"c{i}", files=("a.png",), reads=()) for i in range(2)))
RICH = Answer(
    case_id="c0",
    status="answered",
    reason="é < & >",
    findings={"fracture": FindingAnswer(score=0.1 + 0.2), "cyst": FindingAnswer(label="indeterminate")},
    grades={"dr": GradeAnswer(grade=2, scores=(0.1, 0.9))},
    marks=(Mark(finding="fracture", image="a.png", frame=1, x=1.5, y=2.0, width=3.0, height=4.0, score=0.25),),
    beats=Beats(samples=np.array([3, 70], np.int64), symbols=("N", "V"), subtypes=(0, 1), notes=("", "x")),
    finding_statuses={"cyst": "indeterminate"},
)


def an_outcome(case_id="c0", *, answer=None, **timing):
    answer = answer or Answer(case_id=case_id, status="answered", findings={"fracture": FindingAnswer(score=0.5)})
    return Outcome(asked=AskedAnswer(answer=answer, **timing))


def test_what_is_noted_of_an_earlier_case_comes_back_as_of_that_case():
    late = FailedAttempt("c1", 1, "late result: SR 1.2.3", "")
    outcome = dataclasses.replace(an_outcome("c0"), failed_attempts=(late,))
    other = an_outcome("c1")
    assert read_reply(reply_of("answered", [outcome, other])).read(BATCH) == [outcome, other]


def test_an_outcome_comes_back_as_it_was():
    outcome = Outcome(
        asked=AskedAnswer(
            answer=RICH,
            attempt=2,
            seconds=0.1,
            cpu_seconds=0.2,
            peak_memory_mb=3.5,
            is_warm_up=True,
            n_pixels=12,
            record_seconds=10.0,
        ),
        failed_attempts=(FailedAttempt("c0", 1, "died with signal 9", "last words"),),
        decoders=("PNG pillow 12",),
        load_seconds=(0.5, 0.25),
    )
    other = an_outcome("c1", answer=Answer(case_id="c1", status="unreadable", reason="inputs.truncated"))
    content = reply_of("answered", [outcome, other], seconds=1.5, isolation=("tier-0",))
    reply = read_reply(content)
    back = reply.read(BATCH)
    assert (reply.seconds, reply.isolation) == (1.5, ("tier-0",))
    assert back[1] == other
    samples = back[0].asked.answer.beats.samples
    assert (samples.dtype, samples.tolist()) == (np.dtype(np.int64), [3, 70])
    beats = dataclasses.replace(back[0].asked.answer.beats, samples=RICH.beats.samples)
    answer = dataclasses.replace(back[0].asked.answer, beats=beats)
    assert dataclasses.replace(back[0], asked=dataclasses.replace(back[0].asked, answer=answer)) == outcome


def test_nothing_said_of_marks_is_not_an_empty_list_of_marks():
    silent, none = (Answer(case_id=f"c{i}", status="answered", marks=marks) for i, marks in enumerate((None, ())))
    back = read_reply(reply_of("answered", [an_outcome(answer=silent), an_outcome(answer=none)])).read(BATCH)
    assert [outcome.asked.answer.marks for outcome in back] == [None, ()]


def changed(**changes):
    """The reply to one case with something of its outcome replaced, at a path with dots."""
    content = json.loads(reply_of("answered", [an_outcome()]))
    for path, value in changes.items():
        *places, last = path.split("__")
        place = content["outcomes"][0]
        for name in places:
            place = place[name]
        place[last] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04K\x01.",
        b"[]",
        b'{"kind": "answered", "outcomes": 3}',
        b'{"kind": "answered", "further": 3}',
        changed(attempt=0),
        changed(attempt="1"),
        changed(seconds=-1),
        changed(seconds=float("nan")),
        changed(answer__status="not_sent"),
        changed(answer__status="positive"),
        changed(answer__findings={"fracture": {"score": "0.5"}}),
        changed(answer__findings={"fracture": {"score": float("inf")}}),
        changed(answer__findings={"fracture": {"label": "yes"}}),
        changed(answer__marks=[{"x": 1.0}]),
        changed(answer__beats={"samples": [0.5], "symbols": ["N"]}),
        changed(failed_attempts=[{"attempt": 1, "reason": 3, "printed": ""}]),
        "text",
        {"kind": "answered"},
        None,
    ],
)
def test_what_is_no_reply_is_refused(content):
    with pytest.raises(MachineError) as raised:
        read_reply(content)
    assert raised.value.problems[0].key == "execution.cluster_reply"


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("answered", ["c0"]), ("answered", ["c0", "c0"]), ("answered", ["c0", "c2"]), ("stopped", ["c7"])],
)
def test_a_reply_is_about_the_cases_that_were_asked_each_once(kind, asked):
    reply = read_reply(reply_of(kind, [an_outcome(case_id) for case_id in asked]))
    with pytest.raises(MachineError):
        reply.read(BATCH)


def test_a_batch_that_was_called_off_may_leave_cases_out():
    assert len(read_reply(reply_of("stopped", [an_outcome("c1")])).read(BATCH)) == 1


def test_a_refusal_raises_the_same_problems_for_the_same_person():
    error = CandidateError(Problem(key="execution.candidate_does_not_load", where="m:C", facts={"found": "x", "n": 2}))
    with pytest.raises(CandidateError) as raised:
        read_reply(refusal(error)).read(BATCH)
    assert raised.value.problems == error.problems


def test_the_name_of_an_error_cannot_name_anything_else():
    content = json.loads(refusal(MachineError(Problem(key="execution.linux_only"))))
    for name in ("SystemExit", "Problem", "collect", "__import__"):
        with pytest.raises(MachineError):
            read_reply(json.dumps({**content, "error": name}).encode()).read(BATCH)


def a_file(name, content=b"12345"):
    return SentFile(name=name, sha256="", n_bytes=len(content))


def test_files_arrive_as_they_were_sent(tmp_path):
    files = [a_file("a/b.png", b"ab"), a_file("c.png", b""), a_file("a/b.png", b"ab"), a_file("d", b"d")]
    batch = Batch(key="k", cases=(AskedCase(case_id="c", files=("a/b.png",), reads=tuple(files)),))
    head, contents = unpacked(packed(batch, [b"ab", b"", b"ab", b"d"]))
    assert Batch.model_validate_json(head) == batch
    assert bytes(write_files(files, contents, tmp_path)) == b""
    found = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"a/b.png": b"ab", "c.png": b"", "d": b"d"}


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", "", "a\\b", "c:a", "a\0b", "."])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(MachineError):
        write_files([a_file(name)], memoryview(b"12345"), inner)
    assert list(tmp_path.rglob("*")) == [inner]


def test_files_that_end_too_soon_are_refused(tmp_path):
    with pytest.raises(MachineError):
        write_files([a_file("a")], memoryview(b"123"), tmp_path)


# ---------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("address", ["tls://10.0.0.5:8786", "tls://host.example.org:8786", "tcp://127.0.0.1:8786"])
@pytest.mark.parametrize("check", [check_address, check_encrypted])
def test_an_address_that_nobody_can_listen_to(check, address):
    check(address)


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.5:8786", "tcp://0.0.0.0:8786", "tcp://head-node:8786", "tcp://127.0.0.1.example.org:8786"],
)
@pytest.mark.parametrize("check", [check_address, check_encrypted])
def test_an_address_that_others_can_listen_to_is_refused(check, address):
    with pytest.raises(ProtocolError) as raised:
        check(address)
    (problem,) = raised.value.problems
    assert problem.key == "execution.cluster_not_encrypted"
    assert problem.facts["tls"] == address.replace("tcp", "tls")


@pytest.mark.parametrize(
    "address",
    ["", "8786", "10.0.0.5:8786", "http://127.0.0.1:8786", "tls://host", "tls://host:port", "inproc://1/2", "tls://:1"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ProtocolError) as raised:
        check_address(address)
    assert raised.value.problems[0].key == "execution.cluster_address"


# ------------------------------------------------------------------------------------------------------ batches


def outcomes_of(portion):
    return [an_outcome(case.case_id) for case in portion.cases]


def drained(waiting, *, threads=2, seconds=0.02):
    """Sizes of all portions when every case takes so many seconds and none is lost."""
    sizes = []
    while (portion := waiting.next(threads, weigh=lambda case: 0, at_most=0)) is not None:
        sizes.append(len(portion.cases))
        waiting.answered(portion, outcomes_of(portion), seconds * len(portion.cases))
    return sizes


def test_batches_grow_to_a_second_of_work_and_shrink_towards_the_end():
    sizes = drained(Waiting(cases(1000), attempts=2))
    assert sum(sizes) == 1000
    assert sizes[:6] == [1, 2, 4, 8, 16, 32]
    assert max(sizes) == 50
    assert sizes[-3] < 20


def test_slow_cases_go_alone_and_instant_ones_at_most_256_together():
    assert set(drained(Waiting(cases(20), attempts=2), seconds=7.0)) == {1}
    assert max(drained(Waiting(cases(5000), attempts=2), seconds=0.0)) == 256


def test_heavy_cases_travel_in_smaller_batches():
    waiting = Waiting(cases(40), attempts=2)
    drained_sizes = []
    while (portion := waiting.next(1, weigh=lambda case: 100 if case.case_id == "c9" else 30, at_most=90)) is not None:
        drained_sizes.append(len(portion.cases))
        waiting.answered(portion, outcomes_of(portion), 0.0)
    assert sum(drained_sizes) == 40
    assert max(drained_sizes) == 3


def test_a_lost_batch_is_put_again_case_by_case():
    waiting = Waiting(cases(8), attempts=2)
    for _ in range(2):
        portion = waiting.next(1, weigh=lambda case: 0, at_most=0)
        waiting.answered(portion, outcomes_of(portion), 0.001)
    lost = waiting.next(1, weigh=lambda case: 0, at_most=0)
    assert len(lost.cases) > 1
    assert waiting.lost(lost) == []
    for case in lost.cases:
        again = waiting.next(1, weigh=lambda case: 0, at_most=0)
        assert (again.cases, again.first_attempt) == ((case,), 2)
        (outcome,) = waiting.answered(again, [an_outcome(case.case_id, attempt=2)], 0.001)
        assert outcome.failed_attempts == (FailedAttempt(case.case_id, 1, cluster_batches.LOST_REASON, ""),)


@pytest.mark.parametrize(("attempts", "tries"), [(1, 2), (2, 2), (3, 3)])
def test_a_case_that_loses_every_worker_fails_after_its_tries_one_of_them_alone_at_least(attempts, tries):
    waiting = Waiting(cases(1), attempts=attempts)
    ended = []
    for attempt in range(1, tries + 1):
        portion = waiting.next(4, weigh=lambda case: 0, at_most=0)
        assert (portion.first_attempt, portion.is_alone) == (attempt, attempt > 1)
        assert ended == []
        ended += waiting.lost(portion)
    (outcome,) = ended
    assert (outcome.asked.answer.status, outcome.asked.attempt) == ("failed", tries)
    assert outcome.asked.answer.reason == f"its worker died {tries} times"
    assert [failed.attempt for failed in outcome.failed_attempts] == list(range(1, tries + 1))
    assert len(waiting) == 0


def test_an_answer_that_was_lost_after_it_was_given_counts_against_nobody():
    waiting = Waiting(cases(1), attempts=2)
    waiting.lost(waiting.next(1, weigh=lambda case: 0, at_most=0))
    for _ in range(5):
        alone = waiting.next(1, weigh=lambda case: 0, at_most=0)
        assert alone.first_attempt == 2
        waiting.put_back(alone)
    (outcome,) = waiting.answered(waiting.next(1, weigh=lambda case: 0, at_most=0), [an_outcome(attempt=2)], 0.1)
    assert [failed.attempt for failed in outcome.failed_attempts] == [1]


@given(st.lists(st.sampled_from(["answered", "lost", "vain"]), max_size=60), st.integers(1, 5), st.integers(1, 3))
def test_every_case_ends_exactly_once_whatever_is_lost(fates, threads, attempts):
    waiting, ended = Waiting(cases(25), attempts=attempts), []
    fates = iter(fates)
    while (portion := waiting.next(threads, weigh=lambda case: 1, at_most=7)) is not None:
        fate = next(fates, "answered")
        if fate == "answered":
            ended += waiting.answered(portion, outcomes_of(portion), 0.01)
        elif fate == "lost":
            ended += waiting.lost(portion)
        else:
            waiting.put_back(portion)
    assert sorted(outcome.asked.answer.case_id for outcome in ended) == sorted(case.case_id for case in cases(25))
