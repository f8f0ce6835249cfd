"""The engine that puts the questions through Dask: batches out to workers, outcomes back to the one ledger."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import DmnBenchError, MachineError, Problem, ReferenceSetError
from ..files import sha256_of_json
from ..hookspecs import Reader
from ..inputs.requests import files_of
from ..vocabulary import Case, SignalForm
from .cluster_address import check_address, check_encrypted, connected
from .cluster_batches import BATCHES_PER_THREAD, Portion, Waiting
from .cluster_messages import AskedCase, Batch, Order, Package, SentFile, form_json, is_inside, packed, read_reply
from .cluster_worker import answer_batch, end_run, stop_run, versions_here
from .launcher import ExecutionSettings
from .outcome import Outcome

if TYPE_CHECKING:
    from distributed import Client, Event, Future

NO_WORKER_SECONDS = 60.0
LOOK_SECONDS = 1.0  # how often the workers are counted
GATHER_SECONDS = 30.0
CALL_OFF_SECONDS = 10.0
SENT_BYTES = 32 << 20  # files of one batch, where they are sent along
VAIN_AT_MOST = 20  # batches in a row that were lost before anybody began them


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Whom the workers ask, about what, and how.

    ``options``: of the adapter. ``candidate_folder``: where its relative paths start. ``candidate_files``: what
    ``identity`` says, path -> sha256. ``set_files``: the lock of the set, path -> sha256. ``annotator``: the
    ending of reference annotations, ``masks``: files with reference masks: what holds truth stays here. ``signals``:
    how the candidate wants recordings, None for as they are.
    """

    adapter: str
    options: Mapping[str, Any]
    candidate_folder: Path
    candidate_files: Mapping[str, str]
    set_folder: Path
    set_files: Mapping[str, str]
    readers: tuple[Reader, ...]
    settings: ExecutionSettings
    annotator: str | None = None
    masks: frozenset[str] = frozenset()
    signals: SignalForm | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Flight:
    portion: Portion
    batch: Batch
    future: Future[Any]
    data: object  # keeps files that were sent along with the cluster


class DaskCluster:
    """An engine: the workers of a Dask scheduler, each with the same supervised child as on this machine.

    A batch is put at most once: when its worker is lost, its cases are asked again one by one, as a further attempt.
    Workers may come and go. Nothing but JSON and the bytes of files travels, apart from what Dask says to itself.
    ``send_files``: the workers have no folder in common with this machine, and get what they need with each batch.
    """

    def __init__(self, address: str, assignment: Assignment, *, send_files: bool = False) -> None:
        """Connects to nobody yet. Raises ProtocolError for an address that others could listen to."""
        check_address(address)
        self._address = address
        self._assignment = assignment
        self._send_files = send_files
        self._run = secrets.token_hex(8)
        self._flights: dict[str, _Flight] = {}
        self._landed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._client: Client | None = None
        self._package: Future[Any] | None = None
        self._threads = self._most = self._n_batches = self._in_vain = 0
        self._seen_at = self._looked_at = 0.0
        self._has_loaded = False
        self._isolation: dict[str, None] = {}

    @property
    def workers(self) -> int:
        """Threads of workers, each with a child of its own: the most there were."""
        return max(1, self._most)

    @property
    def isolation(self) -> tuple[str, ...]:
        """What the children were and were not kept from on the machines of the workers; where they differ, both.

        Empty until a worker has answered.
        """
        return tuple(self._isolation)

    def outcomes(self, cases: Sequence[Case]) -> Iterator[list[Outcome]]:
        """Batches of outcomes as they come, and an empty one now and then, when it may be called off.

        Raises MachineError when there is no worker, a worker has other software, another candidate or other data, or
        the scheduler is lost; whatever a worker refuses otherwise.
        """
        if not cases:
            return
        self._client = connected(self._address)
        self._seen_at = time.monotonic()
        self._waiting = Waiting(cases, attempts=self._assignment.settings.attempts)
        while self._waiting or self._flights:
            self._count_workers()
            self._submit_what_fits()
            outcomes: list[Outcome] = []
            with contextlib.suppress(queue.Empty), self._scheduler_at_hand():
                outcomes = self._outcomes_of(self._landed.get(timeout=LOOK_SECONDS))
            yield outcomes

    def call_off(self) -> list[Outcome]:
        """Stop the workers, let them say what was answered until now, end the children and leave the cluster."""
        if self._client is None:
            return []
        left: list[Outcome] = []
        if self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError, CancelledError):
                if self._flights:
                    self._client.run(stop_run, self._run, on_error="ignore")
                    left = self._landed_until(time.monotonic() + CALL_OFF_SECONDS)
                    self._client.cancel([flight.future for flight in self._flights.values()])
                self._client.run(end_run, self._run, on_error="ignore")
        self._flights.clear()
        self._package = None
        with contextlib.suppress(OSError, TimeoutError):
            self._client.close(timeout=CALL_OFF_SECONDS)
        self._client = None
        return left

    # -------------------------------------------------------------------------------------------------- batches out

    def _submit_what_fits(self) -> None:
        while len(self._flights) < BATCHES_PER_THREAD * self._threads:
            portion = self._waiting.next(self._threads, weigh=self._weight, at_most=SENT_BYTES)
            if portion is None:
                return
            self._submit(portion)

    def _submit(self, portion: Portion) -> None:
        self._n_batches += 1
        key = f"dmn-bench-{self._run}-{self._n_batches}"
        batch = Batch(
            key=key,
            cases=tuple(self._asked_case(case) for case in portion.cases),
            first_attempt=portion.first_attempt,
            has_loaded=self._has_loaded,
        )
        client = self._connection()
        with self._scheduler_at_hand():
            data: Any = packed(batch)
            if self._send_files:
                data = client.scatter(packed(batch, self._contents(batch)), hash=False)
            words = (self._order, data, self._sent_package())
            future = client.submit(answer_batch, *words, key=key, pure=False, retries=0)
        self._flights[key] = _Flight(portion=portion, batch=batch, future=future, data=data)
        future.add_done_callback(lambda _: self._landed.put(key))

    def _sent_package(self) -> Future[Any] | None:
        """The candidate's files, once for each worker; sent again when every worker that had them is gone."""
        if not self._send_files:
            return None
        if self._package is None or self._package.status != "finished":
            folder, names = self._assignment.candidate_folder, sorted(self._assignment.candidate_files)
            outside = [
                Problem(key="execution.cluster_name_outside", where=name) for name in names if not is_inside(name)
            ]
            if outside:
                raise MachineError(*outside)
            contents = [(folder / name).read_bytes() for name in names]
            files = tuple(
                SentFile(
                    name=name,
                    sha256=self._assignment.candidate_files[name],
                    n_bytes=len(content),
                    executable=os.access(folder / name, os.X_OK),
                )
                for name, content in zip(names, contents, strict=True)
            )
            self._package = self._connection().scatter(packed(Package(files=files), contents), hash=False)
        return self._package

    @cached_property
    def _order(self) -> bytes:
        assignment = self._assignment
        settings = {f.name: getattr(assignment.settings, f.name) for f in dataclasses.fields(ExecutionSettings)}
        settings = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
        if self._send_files:  # these folders are not theirs to know
            settings["off_limits"] = []
        readers = {
            reader.name: {f.name: getattr(reader, f.name) for f in _fields(reader) if f.init}
            for reader in assignment.readers
        }
        order = Order(
            run=self._run,
            adapter=assignment.adapter,
            options=dict(assignment.options),
            candidate_folder="" if self._send_files else str(assignment.candidate_folder.resolve()),
            candidate_sha256=sha256_of_json(dict(assignment.candidate_files)),
            set_folder="" if self._send_files else str(assignment.set_folder.resolve()),
            readers=readers,
            settings=settings,
            versions=dict(versions_here(tuple(readers), assignment.adapter)),
            files_are_sent=self._send_files,
            annotator=assignment.annotator,
            masks=tuple(sorted(assignment.masks)),
            signals=form_json(assignment.signals),
        )
        return order.model_dump_json().encode()

    def _asked_case(self, case: Case) -> AskedCase:
        root, known, readers = self._assignment.set_folder, self._assignment.set_files, self._assignment.readers
        annotator, masks = self._assignment.annotator, self._assignment.masks
        try:
            names = list(files_of(case, root, readers, annotator=annotator, masks=masks))
        except ReferenceSetError:  # damaged: a worker says how, from all that may belong to it
            starts = tuple(f"{written}{sign}" for written in case.files for sign in "./")
            names = [name for name in known if name in case.files or name.startswith(starts)]
            names = [name for name in names if name not in masks and PurePosixPath(name).suffix != f".{annotator}"]
        unlocked = [Problem(key="refset.lock_added_file", where=name) for name in names if name not in known]
        if unlocked:
            raise ReferenceSetError(*unlocked)
        reads = tuple(
            SentFile(name=name, sha256=known[name], n_bytes=(root / name).stat().st_size if self._send_files else None)
            for name in names
        )
        return AskedCase(case_id=case.case_id, files=case.files, reads=reads)

    def _contents(self, batch: Batch) -> Iterator[bytes]:
        for case in batch.cases:
            for file in case.reads:
                yield (self._assignment.set_folder / file.name).read_bytes()

    def _weight(self, case: Case) -> int:
        """Bytes that travel with a case."""
        if not self._send_files:
            return 0
        return sum(file.n_bytes or 0 for file in self._asked_case(case).reads)

    # ------------------------------------------------------------------------------------------------ outcomes back

    def _outcomes_of(self, key: str) -> list[Outcome]:
        flight = self._flights.pop(key)
        content = self._reply(flight)
        reply = None if content is None else read_reply(content)
        if reply is None or reply.kind == "lost":
            return self._lost(flight)
        outcomes = reply.read(flight.batch)
        self._mark(flight.batch.begun_mark).clear()
        self._in_vain = 0
        self._has_loaded = True
        self._isolation.update(dict.fromkeys(reply.isolation))
        return self._waiting.answered(flight.portion, outcomes, reply.seconds)

    def _reply(self, flight: _Flight) -> object:
        """What the worker sent; None when it, or the result, was lost."""
        from distributed import KilledWorker

        error: BaseException | None = None
        try:
            if flight.future.status == "finished":
                return flight.future.result(timeout=GATHER_SECONDS)
            if flight.future.status == "error":
                error = flight.future.exception(timeout=GATHER_SECONDS)
        except (TimeoutError, OSError, CancelledError, KilledWorker):
            return None
        if error is None or isinstance(error, KilledWorker | CancelledError):
            return None
        facts = {"found": f"{type(error).__name__}: {error}"[:300]}
        raise MachineError(Problem(key="execution.cluster_worker_failed", where=self._address, facts=facts)) from error

    def _lost(self, flight: _Flight) -> list[Outcome]:
        """What to do about a batch without a reply: by the marks that its worker left on the scheduler."""
        batch, portion = flight.batch, flight.portion
        was_begun, was_done = self._mark(batch.begun_mark).is_set(), self._mark(batch.done_mark).is_set()
        if was_begun and not was_done:
            self._in_vain = 0
            return self._waiting.lost(portion)
        self._in_vain += 1
        if self._in_vain > VAIN_AT_MOST:
            facts = {"times": self._in_vain}
            raise MachineError(Problem(key="execution.cluster_workers_die", where=self._address, facts=facts))
        self._waiting.put_back(portion)
        return []

    def _mark(self, name: str) -> Event:
        from distributed import Event

        return Event(name, client=self._connection())

    def _landed_until(self, deadline: float) -> list[Outcome]:
        """What the batches in flight say by a deadline; what is wrong with one is not asked any more."""
        outcomes: list[Outcome] = []
        while self._flights and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                key = self._landed.get(timeout=max(0.0, deadline - time.monotonic()))
                with contextlib.suppress(DmnBenchError):
                    outcomes += self._outcomes_of(key)
        return outcomes

    # -------------------------------------------------------------------------------------------------- the cluster

    def _connection(self) -> Client:
        if self._client is None or self._client.status != "running":
            raise self._gone("-")
        return self._client

    def _count_workers(self) -> None:
        """Look now and then how many there are. Raises MachineError when there was none for a minute."""
        now = time.monotonic()
        if self._threads and now - self._looked_at < LOOK_SECONDS:
            return
        with self._scheduler_at_hand():
            threads = self._connection().nthreads()
        for address in threads:  # a scheduler on this machine may have workers on others
            check_encrypted(address)
        self._threads = sum(threads.values())
        self._looked_at = now
        self._most = max(self._most, self._threads)
        if self._threads:
            self._seen_at = now
        elif now - self._seen_at > NO_WORKER_SECONDS:
            facts = {"seconds": int(NO_WORKER_SECONDS)}
            raise MachineError(Problem(key="execution.cluster_no_workers", where=self._address, facts=facts))

    @contextlib.contextmanager
    def _scheduler_at_hand(self) -> Iterator[None]:
        """Raises MachineError when the scheduler does not answer."""
        try:
            yield
        except (OSError, TimeoutError, CancelledError) as error:
            raise self._gone(str(error) or type(error).__name__) from error

    def _gone(self, found: str) -> MachineError:
        facts = {"found": found[:200]}
        return MachineError(Problem(key="execution.cluster_lost", where=self._address, facts=facts))


def _fields(part: object) -> Sequence[dataclasses.Field[Any]]:
    return dataclasses.fields(part) if dataclasses.is_dataclass(part) and not isinstance(part, type) else ()
