"""Asking a candidate about every case that has no answer yet; every answer is on disk before anybody hears of it."""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

from ..errors import Interrupted, Problem
from ..vocabulary import AskedAnswer, Case
from .ledger import Ledger
from .outcome import Outcome


class Engine(Protocol):
    """Who puts the cases to the candidate: processes of this machine, or a cluster."""

    @property
    def workers(self) -> int:
        """How many cases are asked at the same time."""
        ...

    @property
    def isolation(self) -> tuple[str, ...]:
        """What the candidate's processes were and were not kept from."""
        ...

    def outcomes(self, cases: Sequence[Case]) -> Iterator[list[Outcome]]:
        """Batches of outcomes as they come, in any order, every case once; an empty one at least each second."""
        ...

    def call_off(self) -> list[Outcome]:
        """End everything that was started; what was answered and not yet handed over. Called once, at the end."""
        ...


@dataclass(frozen=True, kw_only=True)
class AskingSummary:
    """How the asking went.

    ``n_asked``: cases taken up this time; ``n_put``: those of them that the candidate was asked about, the others being
    unreadable or not to be had in the form that it declares; ``n_kept``: those already in the ledger.
    ``wall_seconds``: of this asking, 0 when nobody was asked. ``load_seconds``: of every child that loaded the model,
    over all runs that wrote to this ledger; so are ``decoders`` (everything that decoded an input). ``isolation``: what
    the children were and were not kept from, likewise.
    """

    n_asked: int
    n_put: int
    n_kept: int
    wall_seconds: float
    workers: int
    load_seconds: tuple[float, ...]
    decoders: tuple[str, ...]
    isolation: tuple[str, ...]


def ask(
    cases: Sequence[Case],
    *,
    engine: Engine,
    ledger: Ledger,
    on_answer: Callable[[AskedAnswer], None],
    in_given_order: bool = False,
) -> AskingSummary:
    """Ask the candidate about every case that the ledger holds no answer for.

    Cases are asked in an order that is drawn anew each time, so that a candidate can learn nothing from the place of
    a case in the set; ``in_given_order`` keeps it. ``on_answer`` is called in this thread, after the answer is on disk.
    A case whose files could not be read is tried again. Answers depend neither on the order nor on the engine nor on
    the number of workers.

    Raises CandidateError when the model cannot be loaded, Interrupted on Ctrl-C (the ledger keeps what was answered),
    MachineError when the engine is lost.
    """
    kept = {case_id for case_id, status in ledger.statuses().items() if status != "unreadable"}
    missing = [case for case in cases if case.case_id not in kept]
    waiting = missing if in_given_order else in_drawn_order(missing)
    start = time.monotonic()
    n_put = _keep_all(engine, waiting, ledger, on_answer) if waiting else 0
    return AskingSummary(
        n_asked=len(waiting),
        n_put=n_put,
        n_kept=len(cases) - len(waiting),
        wall_seconds=time.monotonic() - start if waiting else 0.0,
        workers=engine.workers,
        load_seconds=ledger.load_seconds(),
        decoders=ledger.decoders(),
        isolation=ledger.isolation(),
    )


def in_drawn_order(cases: Sequence[Case]) -> list[Case]:
    """The cases as a draw from the system's randomness orders them; no result depends on it, so no record keeps it."""
    return secrets.SystemRandom().sample(cases, k=len(cases))


def _keep_all(engine: Engine, waiting: Sequence[Case], ledger: Ledger, on_answer: Callable[[AskedAnswer], None]) -> int:
    """Keep every outcome as it comes; how many of them were put to the candidate."""
    n_put = 0
    with stop_noted() as stop:
        try:
            for batch in engine.outcomes(waiting):
                if batch:
                    ledger.keep(batch, isolation=engine.isolation)
                for outcome in batch:
                    n_put += _was_put(outcome.asked)
                    on_answer(outcome.asked)
                if stop.is_asked:
                    break
        finally:
            stop.is_being_done = True
            late = engine.call_off()
            ledger.keep(late, isolation=engine.isolation if late else ())
    if stop.is_asked:
        statuses = ledger.statuses()
        n_answered = sum(case.case_id in statuses for case in waiting)
        raise Interrupted(Problem(key="execution.interrupted", facts={"answered": n_answered, "all": len(waiting)}))
    return n_put


def _was_put(asked: AskedAnswer) -> bool:
    """Whether a request was made and put: a refusal without a time is ours, of a form that cannot be had."""
    return asked.seconds is not None or asked.answer.status not in ("unreadable", "rejected_input")


@dataclass(kw_only=True)
class Stop:
    """Whether the user asked to stop, and whether that is under way."""

    is_asked: bool = False
    is_being_done: bool = False


@contextlib.contextmanager
def stop_noted() -> Iterator[Stop]:
    """Ctrl-C and SIGTERM are noted instead of raised, so that no answer is lost between the child and the ledger.

    A second one, before the first was heeded, is raised as KeyboardInterrupt. Elsewhere than in the main thread no
    signal arrives.
    """
    stop = Stop()

    def note(number: int, _: FrameType | None) -> None:
        if stop.is_asked and not stop.is_being_done:
            raise KeyboardInterrupt
        stop.is_asked = True

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
