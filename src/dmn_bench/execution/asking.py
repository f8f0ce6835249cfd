"""Asking a candidate about every case that has no answer yet: retries, workers, read-ahead, interruption."""

from __future__ import annotations

import queue
import secrets
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CandidateError, InputFileError, Interrupted, Problem
from ..files import MAX_REASON, plain_text
from ..hookspecs import ChildProgram
from ..vocabulary import Answer, AskedAnswer, Case, Origin, Request
from .launcher import ExecutionSettings, isolation_in_force, refuse_other_systems
from .ledger import Ledger
from .validation import read_answer
from .wire import ChildError, StoppedError
from .worker import Child

COMMIT_AT_MOST = 64  # answers in one commit
COMMIT_WITHIN_SECONDS = 0.5
TRACEBACK_LINES = 6

Load = Callable[[Case, Path], tuple[Request, Origin]]


@dataclass(frozen=True, kw_only=True)
class AskingSummary:
    """How the asking went, over all runs that wrote to this ledger where not said otherwise.

    ``n_asked``: cases put to the candidate or found unreadable this time; ``n_kept``: those already in the ledger.
    ``load_seconds``: the shortest load of the model, None when no child was needed. ``peak_memory_mb``: the highest of
    any child. ``decoders``: everything that decoded an input. ``isolation``: what the children were kept from.
    """

    n_asked: int
    n_kept: int
    load_seconds: float | None
    peak_memory_mb: float | None
    decoders: tuple[str, ...]
    isolation: tuple[str, ...]


def ask(
    program: ChildProgram,
    cases: Sequence[Case],
    *,
    load: Load,
    ledger: Ledger,
    settings: ExecutionSettings,
    on_answer: Callable[[AskedAnswer], None],
) -> AskingSummary:
    """Ask the candidate about every case that the ledger holds no answer for.

    ``load(case, folder)`` makes the request, writing files a candidate may see into the empty ``folder``; it is
    called from other threads, in an order that is drawn anew each time, so that a candidate can learn nothing from
    the place of a case in the set. ``on_answer`` is called in this thread, after the answer is on disk. A case whose
    files cannot be read is ``unreadable``; a candidate that dies, hangs or answers nonsense costs that case alone,
    after ``settings.attempts`` tries on fresh children. Answers depend neither on the order nor on the number of
    workers.

    Raises CandidateError when the model cannot be loaded, Interrupted on Ctrl-C (the ledger keeps what was answered),
    MachineError on another system than Linux.
    """
    refuse_other_systems()
    kept = {case_id for case_id, status in ledger.statuses().items() if status != "unreadable"}
    waiting = in_drawn_order([case for case in cases if case.case_id not in kept])
    if waiting:
        with tempfile.TemporaryDirectory(prefix="dmn-bench-", ignore_cleanup_errors=True) as folder:
            crew = _Crew(program=program, load=load, settings=settings, folder=Path(folder), waiting=waiting)
            _keep_all(crew, ledger, on_answer)
    return AskingSummary(
        n_asked=len(waiting),
        n_kept=len(cases) - len(waiting),
        load_seconds=min(ledger.load_seconds(), default=None),
        peak_memory_mb=ledger.peak_memory_mb(),
        decoders=ledger.decoders(),
        isolation=isolation_in_force(settings),
    )


def in_drawn_order(cases: Sequence[Case]) -> list[Case]:
    """The cases as a draw from the system's randomness orders them; no result depends on it, so no record keeps it."""
    return secrets.SystemRandom().sample(cases, k=len(cases))


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    asked: AskedAnswer
    failed_attempts: tuple[tuple[str, int, str, str], ...] = ()
    decoders: tuple[str, ...] = ()
    loads: tuple[float, ...] = ()  # seconds of each child that was started for it


def _keep_all(crew: _Crew, ledger: Ledger, on_answer: Callable[[AskedAnswer], None]) -> None:
    n_answered, n_all = 0, len(crew.waiting)
    try:
        for batch in crew.outcomes():
            _keep(batch, ledger)
            n_answered += len(batch)
            for outcome in batch:
                on_answer(outcome.asked)
    except BaseException as ended:
        crew.call_off()
        left = crew.left_over()
        _keep(left, ledger)
        if not isinstance(ended, KeyboardInterrupt):
            raise
        facts = {"answered": n_answered + len(left), "all": n_all}
        raise Interrupted(Problem(key="execution.interrupted", facts=facts)) from None
    crew.call_off()


def _keep(batch: Sequence[_Outcome], ledger: Ledger) -> None:
    if not batch:
        return
    ledger.record_decoders({decoder for outcome in batch for decoder in outcome.decoders})
    ledger.record_failed_attempts(attempt for outcome in batch for attempt in outcome.failed_attempts)
    for seconds in (each for outcome in batch for each in outcome.loads):
        ledger.record_load(seconds)
    ledger.record(*(outcome.asked for outcome in batch))


@dataclass(kw_only=True)
class _Crew:
    """The threads that load requests and supervise children, and the queue on which outcomes come back."""

    program: ChildProgram
    load: Load
    settings: ExecutionSettings
    folder: Path
    waiting: Sequence[Case]
    stop: threading.Event = field(default_factory=threading.Event)
    done: queue.SimpleQueue[_Outcome] = field(default_factory=queue.SimpleQueue)
    has_loaded: bool = False  # some child has: a load that fails later is tried again

    def __post_init__(self) -> None:
        n_workers = min(self.settings.workers, len(self.waiting))
        self._workers = ThreadPoolExecutor(n_workers, thread_name_prefix="supervisor")
        self._loaders = ThreadPoolExecutor(n_workers, thread_name_prefix="loader")
        self._next = iter(self.waiting)
        self._ahead: deque[Future[_Loaded]] = deque()
        self._turn = threading.Lock()
        self._futures = [self._workers.submit(self._supervise) for _ in range(n_workers)]

    def outcomes(self) -> Iterator[list[_Outcome]]:
        """Batches of outcomes as they come, until every worker is done; raises what ended a worker early."""
        while True:
            all_done = all(future.done() for future in self._futures)
            batch = self._gathered()
            if batch:
                yield batch
            for future in self._futures:
                if future.done():
                    future.result()
            if all_done and not batch:
                return

    def call_off(self) -> None:
        """Stop loading, end the children, wait for the threads."""
        self.stop.set()
        self._loaders.shutdown(wait=True, cancel_futures=True)
        self._workers.shutdown(wait=True, cancel_futures=True)

    def left_over(self) -> list[_Outcome]:
        """What was answered and not yet yielded."""
        left = []
        while not self.done.empty():
            left.append(self.done.get())
        return left

    def _gathered(self) -> list[_Outcome]:
        batch: list[_Outcome] = []
        try:
            batch.append(self.done.get(timeout=COMMIT_WITHIN_SECONDS / 5))
            while len(batch) < COMMIT_AT_MOST:
                batch.append(self.done.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _take(self) -> _Loaded | None:
        """The next case with its request; keeps two loads per worker ahead."""
        with self._turn:
            while len(self._ahead) < 2 * self.settings.workers and not self.stop.is_set():
                case = next(self._next, None)
                if case is None:
                    break
                self._ahead.append(self._loaders.submit(self.loaded, case))
            if not self._ahead or self.stop.is_set():
                return None
            future = self._ahead.popleft()
        return future.result()

    def loaded(self, case: Case) -> _Loaded:
        """The request for a case in a new folder, or why there is none."""
        folder = Path(tempfile.mkdtemp(prefix="request-", dir=self.folder))  # its name tells nothing of the case
        try:
            request, origin = self.load(case, folder)
        except InputFileError as error:
            return _Loaded(case=case, folder=folder, reason=_as_reason(error))
        return _Loaded(case=case, folder=folder, request=request, origin=origin)

    def _supervise(self) -> None:
        supervisor = _Supervisor(crew=self)
        try:
            while (loaded := self._take()) is not None:
                self.done.put(supervisor.outcome(loaded))
        except StoppedError:
            return
        except BaseException:
            self.stop.set()
            raise
        finally:
            supervisor.close()


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    case: Case
    folder: Path
    request: Request | None = None
    origin: Origin | None = None
    reason: str = ""


@dataclass(kw_only=True)
class _Supervisor:
    """One thread's child: started when first needed, replaced after every failed attempt."""

    crew: _Crew
    child: Child | None = None
    loads: list[float] = field(default_factory=list)

    def outcome(self, loaded: _Loaded) -> _Outcome:
        case_id = loaded.case.case_id
        if loaded.request is None or loaded.origin is None:
            shutil.rmtree(loaded.folder, ignore_errors=True)
            answer = Answer(case_id=case_id, status="unreadable", reason=loaded.reason)
            return _Outcome(asked=AskedAnswer(answer=answer))
        request, origin = loaded.request, loaded.origin
        failures: list[tuple[str, int, str, str]] = []
        attempts = self.crew.settings.attempts
        for attempt in range(1, attempts + 1):
            asked, printed = self._attempt(request, origin, attempt)
            if asked.answer.status != "failed" or not printed.failed:
                break
            failures.append((case_id, attempt, asked.answer.reason, printed.text))
            self.close()
            if attempt < attempts and request.files:  # the candidate may have changed its copies
                shutil.rmtree(loaded.folder, ignore_errors=True)
                loaded = self.crew.loaded(loaded.case)
                if loaded.request is None or loaded.origin is None:
                    break  # it was readable when it was put to the device: the failure is the device's
                request, origin = loaded.request, loaded.origin
        shutil.rmtree(loaded.folder, ignore_errors=True)
        loads, self.loads = tuple(self.loads), []
        return _Outcome(asked=asked, failed_attempts=tuple(failures), decoders=origin.decoders, loads=loads)

    def close(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None

    def _attempt(self, request: Request, origin: Origin, attempt: int) -> tuple[AskedAnswer, _Printed]:
        child = self._ready_child()
        try:
            reply = child.ask(request)
        except ChildError as error:
            answer = Answer(case_id=origin.case_id, status="failed", reason=error.reason)
            return AskedAnswer(answer=answer, attempt=attempt), _Printed(failed=True, text=child.last_words())
        answer = read_answer(reply.answer, origin.case_id, origin)
        asked = AskedAnswer(
            answer=answer,
            attempt=attempt,
            seconds=reply.seconds,
            cpu_seconds=reply.cpu_seconds,
            peak_memory_mb=reply.peak_memory_mb,
        )
        status = reply.answer.get("status") if isinstance(reply.answer, dict) else None
        said_so_itself = isinstance(status, str) and status == "failed"
        failed = answer.status == "failed" and not said_so_itself
        return asked, _Printed(failed=failed, text=child.last_words() if failed else "")

    def _ready_child(self) -> Child:
        crew = self.crew
        for attempt in range(1, crew.settings.attempts + 1):
            if self.child is not None:
                return self.child
            self.child = Child(crew.program, crew.settings, folder=crew.folder, stop=crew.stop)
            try:
                self.loads.append(self.child.load())
                crew.has_loaded = True
            except ChildError as error:
                printed = self.child.last_words()
                self.close()
                if not crew.has_loaded or attempt == crew.settings.attempts:
                    raise _does_not_load(crew.program, error, printed) from error
        if self.child is None:
            raise ValueError("at least one attempt is needed")
        return self.child


@dataclass(frozen=True, kw_only=True)
class _Printed:
    failed: bool
    text: str


def _does_not_load(program: ChildProgram, error: ChildError, printed: str) -> CandidateError:
    details = error.details or printed
    last = [line.rstrip() for line in details.splitlines() if line.strip()][-TRACEBACK_LINES:]
    facts = {"found": error.reason, "details": " | ".join(line.strip() for line in last)}
    return CandidateError(Problem(key="execution.candidate_does_not_load", where=program.entry, facts=facts))


def _as_reason(error: InputFileError) -> str:
    """Problems as one short plain line: reports show a reason as it is."""
    lines = []
    for problem in error.problems:
        facts = ", ".join(f"{name} {value}" for name, value in problem.facts.items())
        lines.append(": ".join(part for part in (problem.key, problem.where, facts) if part))
    return plain_text("; ".join(lines), MAX_REASON)
