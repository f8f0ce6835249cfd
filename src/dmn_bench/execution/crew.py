"""The candidate's processes on this machine: read-ahead, as many children as asked for or as memory allows."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ..vocabulary import Case
from .launcher import isolation_in_force, refuse_other_systems
from .outcome import Outcome
from .questions import Questions
from .resources import MIB, available_memory_mb, processors
from .scratch import scratch_folder
from .supervisor import BATCH_BYTES, Loaded, Supervisor, load
from .wire import StoppedError

BATCH_AT_MOST = 64  # outcomes handed over, and so committed, together
WAIT_SECONDS = 0.1  # for the first outcome of a batch
AHEAD_BYTES = 1 << 30  # of decoded requests that wait for a child
AHEAD_PER_WORKER = 2
SHARE_OF_MEMORY = 0.8  # of what is available, for children


class LocalCrew:
    """An engine: threads that load requests ahead and supervise one child each.

    ``workers``: children at work together; None: as many as there are processors for ``settings.threads`` each, and
    as memory allows, which is known once the first child has answered. Requests that wait hold at most AHEAD_BYTES,
    but for one message each; outcomes that wait to be kept are bounded too, so that a slow disk slows the children
    down. A program that says how many children may work at once never has more.
    """

    def __init__(self, questions: Questions, workers: int | None) -> None:
        """Raises MachineError on another system than Linux."""
        refuse_other_systems()
        self._questions = questions
        self._stop = threading.Event()
        self._has_loaded = threading.Event()
        self._turn = threading.Lock()
        self._ahead: deque[Future[Loaded]] = deque()
        self._largest = 1  # bytes of the largest request so far
        self._decided = workers is not None
        most = workers or max(1, processors() // questions.settings.threads)
        self._most = min(most, questions.program.workers or most)
        self._supervising: list[Future[None]] = []
        self._done: queue.Queue[Outcome] = queue.Queue(maxsize=2 * BATCH_AT_MOST)
        self._late: deque[Outcome] = deque()  # answered while being called off
        self._closing = contextlib.ExitStack()
        self.isolation = isolation_in_force(questions.program, questions.settings)

    @property
    def workers(self) -> int:
        """Children that work, or worked, together."""
        return max(1, len(self._supervising))

    def outcomes(self, cases: Sequence[Case]) -> Iterator[list[Outcome]]:
        """Batches of outcomes as they come, empty ones while none does; raises what ended a worker early."""
        if not cases:
            return
        self._most = min(self._most, -(-len(cases) // self._questions.program.batch))
        self._next = iter(cases)
        self._folder = self._closing.enter_context(scratch_folder())
        self._threads = ThreadPoolExecutor(self._most, thread_name_prefix="supervisor")
        self._loaders = ThreadPoolExecutor(min(self._most, processors()), thread_name_prefix="loader")
        self._hire(self._most if self._decided else 1)
        while True:
            all_done = all(future.done() for future in self._supervising)
            batch = self._gathered()
            yield batch
            self._hire_what_fits(batch)
            for future in self._supervising:
                if future.done():
                    future.result()
            if all_done and not batch:
                return

    def call_off(self) -> list[Outcome]:
        """Stop loading, end the children, wait for the threads; what was answered and not yet handed over."""
        self._stop.set()
        with self._closing:
            if self._supervising:
                self._loaders.shutdown(wait=True, cancel_futures=True)
                self._threads.shutdown(wait=True, cancel_futures=True)
        left = list(self._late)
        with contextlib.suppress(queue.Empty):
            while True:
                left.append(self._done.get_nowait())
        return left

    def _hire(self, n: int) -> None:
        for _ in range(n):
            self._supervising.append(self._threads.submit(self._supervise))

    def _hire_what_fits(self, batch: Sequence[Outcome]) -> None:
        """More children, once, when the first has answered and it is known what one takes."""
        replied = [outcome.asked for outcome in batch if outcome.asked.seconds is not None]
        if self._decided or not replied:
            return
        self._decided = True
        child_mb = max((asked.peak_memory_mb or 0.0) for asked in replied)
        each_mb = child_mb + (1 + AHEAD_PER_WORKER) * self._largest / MIB
        more = self._most - len(self._supervising)
        self._hire(int(min(more, available_memory_mb() * SHARE_OF_MEMORY / each_mb)))

    def _gathered(self) -> list[Outcome]:
        batch: list[Outcome] = []
        with contextlib.suppress(queue.Empty):
            batch.append(self._done.get(timeout=WAIT_SECONDS))
            while len(batch) < BATCH_AT_MOST:
                batch.append(self._done.get_nowait())
        return batch

    def _take(self) -> list[Loaded]:
        """The next cases with their requests, as many as a child takes together, further ones being loaded."""
        with self._turn:
            batch = min(self._questions.program.batch, max(1, BATCH_BYTES // self._largest))
            wanted = max(batch, min(AHEAD_PER_WORKER * self.workers * batch, AHEAD_BYTES // self._largest))
            while len(self._ahead) < wanted and not self._stop.is_set():
                case = next(self._next, None)
                if case is None:
                    break
                self._ahead.append(self._loaders.submit(load, self._questions, case, self._folder))
            if self._stop.is_set():
                return []
            futures = [self._ahead.popleft() for _ in range(min(batch, len(self._ahead)))]
        taken = [future.result() for future in futures]
        self._largest = max(self._largest, *(loaded.n_bytes for loaded in taken)) if taken else self._largest
        return taken

    def _supervise(self) -> None:
        supervisor = Supervisor(
            questions=self._questions, folder=self._folder, stop=self._stop, has_loaded=self._has_loaded
        )
        try:
            while taken := self._take():
                for outcome in supervisor.outcomes(taken):
                    self._hand_over(outcome)
        except StoppedError:
            return
        except BaseException:
            self._stop.set()
            raise
        finally:
            supervisor.close()

    def _hand_over(self, outcome: Outcome) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(queue.Full):
                self._done.put(outcome, timeout=WAIT_SECONDS)
                return
        self._late.append(outcome)
