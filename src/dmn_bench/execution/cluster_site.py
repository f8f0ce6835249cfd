"""One run on one worker: posts with a warm child each, and files that must be those of the run."""

from __future__ import annotations

import contextlib
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import MachineError, Problem, ReferenceSetError
from ..files import sha256_of
from ..hookspecs import Reader
from ..inputs.requests import files_of
from ..vocabulary import Case, Origin, Request
from .cluster_messages import AskedCase, Batch, Order, SentFile, form_of, reply_of, write_files
from .launcher import isolation_in_force
from .loading import loader
from .outcome import Outcome
from .questions import Load, Questions
from .supervisor import Loaded, Supervisor, load
from .wire import StoppedError

IDLE_SECONDS = 60.0  # then a candidate's process is ended: the run may have been killed


def no_load(case: Case, scratch: Path) -> tuple[Request, Origin]:
    """Stands where every post puts a load of its own, from the folder that the files of its batch are in."""
    raise ValueError("each post loads from a folder of its own")


@dataclass(kw_only=True, eq=False)
class Site:
    """One run on this worker: its questions, and the posts that put them."""

    order: Order
    worker: str
    folder: Path
    readers: tuple[Reader, ...]
    receives: str
    questions: Questions
    on_empty: Callable[[Site], None]  # called when a post has ended by itself
    stop: threading.Event = field(default_factory=threading.Event)
    has_loaded: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)
    free: list[_Post] = field(default_factory=list)
    posts: set[_Post] = field(default_factory=set)
    users: int = 0  # batches at work; guarded by whoever keeps the sites

    def answered(self, batch: Batch, contents: memoryview) -> bytes:
        """The reply to a batch, put by a post that is free."""
        if batch.has_loaded:
            self.has_loaded.set()
        try:
            with self._post() as post, self._data(batch, contents) as root:
                return post.answered(batch, root)
        except StoppedError:
            return reply_of("stopped")

    def retire(self, post: _Post) -> bool:
        """Whether a post that has waited may end; the last one takes the site with it."""
        with self.turn:
            if post not in self.free:
                return False
            self.free.remove(post)
            self.posts.discard(post)
        self.on_empty(self)
        return True

    def close(self) -> None:
        """End all posts and remove all files."""
        self.stop.set()
        with self.turn:
            posts = list(self.posts)
        for post in posts:
            post.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _post(self) -> Iterator[_Post]:
        with self.turn:
            if self.stop.is_set():  # a post hired now would be closed by nobody
                raise StoppedError
            post = self.free.pop() if self.free else _Post(self)
            self.posts.add(post)
        try:
            yield post
        finally:
            with self.turn:
                self.free.append(post)

    @contextlib.contextmanager
    def _data(self, batch: Batch, contents: memoryview) -> Iterator[Path]:
        """Where the files of the set are: the shared folder, or one made from what came along."""
        if not self.order.files_are_sent:
            yield Path(self.order.set_folder)
            return
        folder = Path(tempfile.mkdtemp(prefix="set-", dir=self.folder))
        try:
            for case in batch.cases:
                contents = write_files(case.reads, contents, folder)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class _Post:
    """A thread with one child of the candidate: the child ends with the thread that started it, so both stay."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._jobs: queue.SimpleQueue[tuple[Batch, Path, Future[bytes]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="dmn-bench-post", daemon=True)
        self._thread.start()

    def answered(self, batch: Batch, root: Path) -> bytes:
        """The reply to a batch whose files are below ``root``; raises DmnBenchError with whatever ends the run."""
        reply: Future[bytes] = Future()
        self._jobs.put((batch, root, reply))
        return reply.result()

    def end(self) -> None:
        """End the child and wait for the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        site = self._site
        supervisor = Supervisor(
            questions=site.questions, folder=site.folder, stop=site.stop, has_loaded=site.has_loaded
        )
        with ThreadPoolExecutor(1, thread_name_prefix="dmn-bench-loader") as loaders:
            try:
                while True:
                    try:
                        job = self._jobs.get(timeout=IDLE_SECONDS)
                    except queue.Empty:
                        if site.retire(self):
                            return
                        continue
                    if job is None:
                        return
                    self._put(supervisor, loaders, *job)
            finally:
                supervisor.close()

    def _put(
        self, supervisor: Supervisor, loaders: ThreadPoolExecutor, batch: Batch, root: Path, reply: Future[bytes]
    ) -> None:
        outcomes: list[Outcome] = []
        site, start = self._site, time.monotonic()
        try:
            supervisor.questions = replace(site.questions, load=self._checked_load(batch, root))
            for together in _ahead(supervisor, loaders, batch):
                outcomes.extend(supervisor.outcomes(together, first_attempt=batch.first_attempt))
        except StoppedError:
            supervisor.close()
            reply.set_result(reply_of("stopped", outcomes))
        except BaseException as error:  # raised where the reply is waited for
            supervisor.close()
            reply.set_exception(error)
        else:
            loads = sum(seconds for outcome in outcomes for seconds in outcome.load_seconds)
            isolation = isolation_in_force(site.questions.program, site.questions.settings)
            seconds = max(0.0, time.monotonic() - start - loads)
            reply.set_result(reply_of("answered", outcomes, seconds=seconds, isolation=isolation))

    def _checked_load(self, batch: Batch, root: Path) -> Load:
        """Loads a case after a look at each of its files: another mount must not give other data."""
        site = self._site
        reads = {case.case_id: case.reads for case in batch.cases}
        load_it = loader(root, receives=site.receives, readers=site.readers, form=form_of(site.order.signals))

        def checked_load(case: Case, scratch: Path) -> tuple[Request, Origin]:
            _check_files(case, reads[case.case_id], root, site)
            return load_it(case, scratch)

        return checked_load


def _ahead(supervisor: Supervisor, loaders: ThreadPoolExecutor, batch: Batch) -> Iterator[list[Loaded]]:
    """The cases of a batch with their requests, as many as the candidate takes together.

    The next ones are loaded while the candidate answers.
    """
    n = supervisor.questions.program.batch
    coming: list[Future[Loaded]] = []
    try:
        for start in range(0, len(batch.cases) + n, n):
            current = coming
            coming = [
                loaders.submit(load, supervisor.questions, _case(case), supervisor.folder)
                for case in batch.cases[start : start + n]
            ]
            if current:
                yield [future.result() for future in current]
    finally:
        for future in coming:
            future.cancel()


def _case(asked: AskedCase) -> Case:
    """A case with what a request is made from; who the patient is and any stratum stay with the run."""
    name = asked.case_id
    return Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=asked.files, strata={})


def _check_files(case: Case, expected: Sequence[SentFile], root: Path, site: Site) -> None:
    """Raises MachineError unless the case reads exactly the files that the run names, with the same contents."""
    for file in expected:
        try:
            found = sha256_of(root / file.name)
        except OSError as error:
            found = error.strerror or str(error)
        if found != file.sha256:
            _refuse_data(site, file.name, found)
    try:
        order = site.order
        reads = set(files_of(case, root, site.readers, annotator=order.annotator, masks=order.masks))
    except ReferenceSetError:  # damaged as it is for the run: loading it says how
        return
    for name in sorted(reads - {file.name for file in expected}):
        _refuse_data(site, name, "a further file")


def _refuse_data(site: Site, name: str, found: str) -> None:
    facts = {"file": name, "found": found[:60], "folder": site.order.set_folder or "-"}
    raise MachineError(Problem(key="execution.cluster_other_data", where=site.worker, facts=facts))
