import threading
import time

import numpy as np
import pytest

from dmn_bench.execution import crew as crew_module
from dmn_bench.execution.crew import LocalCrew
from dmn_bench.execution.launcher import ExecutionSettings
from dmn_bench.execution.questions import Questions
from dmn_bench.vocabulary import Image, Origin, Request

from .kit import Run, cases, grey_request, until

MIB = 1 << 20


def a_crew(tmp_path, *, workers=None, load=grey_request, name="Good", options=None, **settings):
    program = Run(tmp_path, name, options=options or {}).program()
    settings = ExecutionSettings(**{"seconds_per_case": 60, **settings})
    return LocalCrew(Questions(program=program, load=load, settings=settings), workers)


def all_of(crew, n):
    try:
        return [outcome for batch in crew.outcomes(cases(n)) for outcome in batch]
    finally:
        crew.call_off()


def test_without_a_number_one_child_answers_first_and_then_as_many_work_as_there_are_processors(tmp_path, monkeypatch):
    monkeypatch.setattr(crew_module, "processors", lambda: 3)
    monkeypatch.setattr(crew_module, "available_memory_mb", lambda: float("inf"))

    def load(case, folder):
        """After the first, only when everybody is there to take one."""
        assert case.case_id == "c0" or until(lambda: len(at_work) == 3)
        return grey_request(case, folder)

    crew, at_work = a_crew(tmp_path, load=load), set()
    take = crew._take
    monkeypatch.setattr(crew, "_take", lambda: at_work.add(threading.get_ident()) or take())
    outcomes = crew.outcomes(cases(60))
    try:
        first = next(batch for batch in outcomes if batch)
        rest = [outcome for batch in outcomes for outcome in batch]
    finally:
        crew.call_off()
    assert crew.workers == 3
    assert sum(len(outcome.load_seconds) for outcome in (*first, *rest)) == 3
    assert len({o.asked.answer.case_id for o in (*first, *rest)}) == 60


@pytest.mark.parametrize(("free_children", "expected"), [(0, 1), (1.5, 2), (100, 4)])
def test_no_more_children_are_hired_than_memory_allows(tmp_path, monkeypatch, free_children, expected):
    """A child of the zoo takes some 30 MiB; so much is free that a given number of further ones fits."""
    alone = all_of(a_crew(tmp_path, workers=1), 1)[0].asked.peak_memory_mb
    free = free_children * alone / crew_module.SHARE_OF_MEMORY * 1.15
    monkeypatch.setattr(crew_module, "processors", lambda: 4)
    monkeypatch.setattr(crew_module, "available_memory_mb", lambda: free)
    crew = a_crew(tmp_path)
    assert len(all_of(crew, 40)) == 40
    assert crew.workers == expected


def test_threads_of_a_child_leave_fewer_processors_for_others(tmp_path, monkeypatch):
    monkeypatch.setattr(crew_module, "processors", lambda: 4)
    monkeypatch.setattr(crew_module, "available_memory_mb", lambda: float("inf"))
    crew = a_crew(tmp_path, threads=2)
    all_of(crew, 30)
    assert crew.workers == 2


def test_a_number_that_was_asked_for_is_kept_to(tmp_path, monkeypatch):
    monkeypatch.setattr(crew_module, "available_memory_mb", lambda: 0.0)
    crew = a_crew(tmp_path, workers=3)
    all_of(crew, 20)
    assert crew.workers == 3


def test_large_requests_wait_in_bounded_memory(tmp_path, monkeypatch):
    """Of requests of 8 MiB each, no more wait than fit into the bytes allowed, however slow the candidate is."""
    monkeypatch.setattr(crew_module, "AHEAD_BYTES", 16 * MIB)
    alive, most, lock = set(), [0], threading.RLock()  # one may go while another is counted

    class Counted(np.ndarray):
        def __del__(self):
            with lock:
                alive.discard(id(self))

    def load(case, folder):
        pixels = np.zeros(8 * MIB, np.uint8).reshape(2048, 4096).view(Counted)
        with lock:
            alive.add(id(pixels))
            most[0] = max(most[0], len(alive))
        image = Image(name="image-1", pixels=pixels, photometric="grey", bits_stored=8)
        origin = Origin(case_id=case.case_id, images={"image-1": "a.png"}, sop_instance_uids={})
        return Request(request_id=case.case_id, images=(image,)), origin

    assert len(all_of(a_crew(tmp_path, workers=4, load=load), 24)) == 24
    # four at the children, at most two ahead once the size is known, and those begun before it was
    assert most[0] <= 4 + 2 * 4


def test_children_wait_when_nobody_takes_their_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(crew_module, "BATCH_AT_MOST", 2)
    loaded = []

    def load(case, folder):
        loaded.append(case.case_id)
        return grey_request(case, folder)

    crew = a_crew(tmp_path, workers=1, load=load)
    outcomes = crew.outcomes(cases(200))
    try:
        first = next(batch for batch in outcomes if batch)
        assert until(crew._done.full)
        time.sleep(0.5)  # to go on, if it did
        n_loaded = len(loaded)  # handed over, waiting to be taken, at the child, ahead of it
        assert n_loaded <= len(first) + 4 + 1 + 1 + 2
        rest = [outcome for batch in outcomes for outcome in batch]
    finally:
        crew.call_off()
    assert len(first) + len(rest) == 200


def test_what_was_answered_while_being_called_off_is_not_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(crew_module, "BATCH_AT_MOST", 2)
    crew = a_crew(tmp_path, workers=2)
    outcomes = crew.outcomes(cases(100))
    taken = [o.asked.answer.case_id for o in next(batch for batch in outcomes if batch)]
    try:
        assert until(crew._done.full)
    finally:
        left = [o.asked.answer.case_id for o in crew.call_off()]
    assert len(left) >= 4  # those in the queue, and those that the children held
    assert len(set(taken) | set(left)) == len(taken) + len(left)


def test_the_first_answer_of_a_child_is_its_warm_up_and_every_answer_has_the_size_of_its_image(tmp_path):
    asked = [o.asked for o in all_of(a_crew(tmp_path, workers=1), 5)]
    assert [each.is_warm_up for each in asked] == [True, False, False, False, False]
    assert {each.n_pixels for each in asked} == {72}
    assert {each.record_seconds for each in asked} == {None}


def test_a_child_that_was_replaced_warms_up_again(tmp_path):
    asked = [o.asked for o in all_of(a_crew(tmp_path, workers=1, name="Segfaults", attempts=1), 6)]
    by_case = {each.answer.case_id: each for each in asked}
    assert by_case["c3"].answer.status == "failed"
    assert sum(each.is_warm_up for each in asked if each.seconds is not None) == 2
