"""A child that promises signs of life is ended when they cease; those that come give it no further time."""

import os
import threading
import time
from types import SimpleNamespace

import pytest

from dmn_bench.candidate_shim import Channel, frame_of, read_frame
from dmn_bench.errors import CandidateError
from dmn_bench.execution import wire, worker

from .kit import Run, short_for


def a_run(tmp_path, name, **more):
    return Run(tmp_path, name, module="beating", workers=1, **more)


@pytest.fixture
def time_passes_with_beats(monkeypatch):
    """A clock that goes on by half a second at each sign of life alone, and tells how many there were."""
    heard = []
    told = worker._Exchange.next

    def next_message(exchange, quiet_seconds=None):
        message = told(exchange, quiet_seconds)
        if message is None:
            heard.append(exchange)
        return message

    monkeypatch.setattr(worker._Exchange, "next", next_message)
    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=lambda: 0.5 * len(heard)))
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: 0.5 * len(heard), sleep=time.sleep))
    return heard


@pytest.mark.parametrize("name", ["Beats", "BeatsByItself", "BeatsWhileItLoads"])
def test_a_child_that_beats_may_take_its_time(tmp_path, time_passes_with_beats, name):
    run = a_run(tmp_path, name, n=2)
    run.ask()
    assert len(time_passes_with_beats) >= 2 * 5  # 2.5 s of that clock for each case, silence ends one after 0.6 s
    assert run.scores() == {0: 0.0, 1: 1.0}
    assert run.failed_attempts == ()


@pytest.mark.parametrize("batch", [1, 4])
def test_a_child_that_falls_silent_is_ended_long_before_its_time_is_over(tmp_path, batch):
    run = a_run(tmp_path, "Stops", n=4, batch=batch, settings={"seconds_per_case": 600})
    begin = time.monotonic()
    with short_for(3):
        run.ask()
    assert time.monotonic() - begin < 300
    assert run.scores() == {0: 0.0, 1: 1.0, 2: 2.0}
    assert run.reasons()[3].startswith("no heartbeat for 0.6 s")


def test_signs_of_life_give_no_further_time(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "HEARTBEATS_MISSED", 1000)  # they may be late
    run = a_run(tmp_path, "HangsBeating", n=4, settings={"seconds_per_case": 1.5})
    with short_for(3):
        run.ask()
    assert run.scores() == {0: 0.0, 1: 1.0, 2: 2.0}
    assert run.reasons()[3].startswith("timed out after 1.5 s")


def test_a_sign_of_life_tears_no_frame(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "HEARTBEATS_MISSED", 1000)  # they may be late
    run = a_run(tmp_path, "AnswersAtLength", n=8)
    run.ask()
    assert run.scores() == {i: float(i) for i in range(8)}
    assert run.failed_attempts == ()


@pytest.mark.parametrize(
    ("name", "found"), [("PromisesNonsense", "raised TypeError"), ("PromisesTooMuch", "heartbeat_")]
)
def test_a_promise_that_cannot_be_kept_is_an_error_of_the_candidate(tmp_path, name, found):
    with pytest.raises(CandidateError) as caught:
        a_run(tmp_path, name, n=1).ask()
    assert caught.value.problems[0].facts["found"].startswith(found)


def test_whatever_threads_send_arrives_frame_by_frame():
    reading, writing = os.pipe()
    channel = Channel(writing)
    sent = [frame_of({"message": "answer", "by": thread, "text": "x" * 200_000}) for thread in range(4)]
    threads = [
        threading.Thread(target=lambda pieces=pieces: [channel.send(pieces) for _ in range(10)]) for pieces in sent
    ]
    for thread in threads:
        thread.start()
    with os.fdopen(reading, "rb") as stream:
        found = [read_frame(stream)["by"] for _ in range(40)]
    for thread in threads:
        thread.join()
    os.close(writing)
    assert sorted(found) == sorted(list(range(4)) * 10)
