"""What a worker of a cluster is told to do: answer a batch, stop, end. Each run has one site on each worker."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ..catalogue import build_catalogue
from ..errors import CandidateError, DmnBenchError, Fact, MachineError, Problem
from ..files import sha256_of_json
from ..hookspecs import LiveAdapter, Reader
from .cluster_messages import Batch, Order, Package, refusal, reply_of, unpacked, write_files
from .cluster_site import Site, no_load
from .launcher import ExecutionSettings, refuse_other_systems
from .questions import Questions
from .software import installed

ABSENT = "not installed"


def answer_batch(order: bytes, batch: bytes, package: bytes | None = None) -> bytes:
    """Put the cases of a batch to the candidate; a ``Reply``. The one task that is given to the cluster.

    ``order``: an ``Order`` as JSON. ``batch``: a ``Batch`` with the contents of its files where they are sent.
    ``package``: the candidate's files where they are sent. The batch is put at most once: when a worker was lost with
    it, whoever gets it next says so instead. A case that was with a worker that died is put while no other is at work
    in this process, so that what it does to the process it does to itself.
    """
    try:
        head, contents = unpacked(batch)
        asked = Batch.model_validate_json(head)
        with _site(order, package) as site:
            if site is None:
                return reply_of("stopped")
            with _PLACES.taken(alone=asked.is_alone):
                if _was_set(asked.begun_mark):
                    return reply_of("lost")
                reply = site.answered(asked, contents)
                if asked.is_alone:
                    _was_set(asked.done_mark)
                return reply
    except DmnBenchError as error:
        return refusal(error)


async def stop_run(run: str) -> None:
    """Call the batches of a run off: they reply with what was answered until now."""
    await asyncio.to_thread(_stop, run)


async def end_run(run: str) -> None:
    """End the candidate's processes of a run on this worker and remove its files."""
    await asyncio.to_thread(_end, run)


def versions_here(readers: Sequence[str], adapter: str) -> Mapping[str, str]:
    """Version of Python and of every distribution that can change a request or an answer, extensions among them."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", **installed()}
    catalogue = build_catalogue()
    for kind, names in (("reader", readers), ("adapter", (adapter,))):
        for name in names:
            provider = catalogue.provider(kind, name)
            found[provider.name] = provider.version
    return found


def _was_set(name: str) -> bool:
    """Whether a mark stood on the scheduler; from now on it stands."""
    from distributed import Event, get_client

    mark = Event(name, client=get_client())
    if mark.is_set():
        return True
    mark.set()
    return False


class _Places:
    """Batches at work in this process: any number together, or one alone."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._n_at_work = 0
        self._n_wait_alone = 0

    @contextlib.contextmanager
    def taken(self, *, alone: bool) -> Iterator[None]:
        """Wait until there is a place; those who wait to be alone go first."""
        with self._turn:
            self._n_wait_alone += alone
            self._turn.wait_for(lambda: self._n_at_work == 0 if alone else not self._n_wait_alone)
            self._n_at_work += 1
        try:
            yield
        finally:
            with self._turn:
                self._n_at_work -= 1
                self._n_wait_alone -= alone
                self._turn.notify_all()


_PLACES = _Places()
_SITES: dict[str, Site] = {}  # by run
_STOPPED: set[str] = set()
_SITES_TURN = threading.Lock()


def _stop(run: str) -> None:
    with _SITES_TURN:
        _STOPPED.add(run)
        site = _SITES.get(run)
    if site is not None:
        site.stop.set()


def _end(run: str) -> None:
    _stop(run)
    with _SITES_TURN:
        site = _SITES.pop(run, None)
    if site is not None:
        site.close()


@contextlib.contextmanager
def _site(order: bytes, package: bytes | None) -> Iterator[Site | None]:
    """The site of the run, made when its first batch comes; None when the run was called off."""
    said = Order.model_validate_json(order)
    with _SITES_TURN:
        if said.run not in _STOPPED and said.run not in _SITES:
            _SITES[said.run] = _new_site(said, package)
        site = _SITES.get(said.run)
        if site is not None:
            site.users += 1
    try:
        yield site
    finally:
        if site is not None:
            with _SITES_TURN:
                site.users -= 1


def _forget_if_empty(site: Site) -> None:
    with _SITES_TURN:
        if not site.posts and not site.users and _SITES.get(site.order.run) is site:
            del _SITES[site.order.run]
            shutil.rmtree(site.folder, ignore_errors=True)


def _new_site(order: Order, package: bytes | None) -> Site:
    from distributed import get_worker

    refuse_other_systems()
    worker = get_worker()
    name = str(worker.name)
    # in the folder of the worker, which Dask clears away after a worker that was killed
    folder = Path(tempfile.mkdtemp(prefix="dmn-bench-", dir=worker.local_directory))
    try:
        _check_versions(order, name)
        base = Path(order.candidate_folder)
        if package is not None:
            base = folder / "candidate"
            head, contents = unpacked(package)
            write_files(Package.model_validate_json(head).files, contents, base)
        catalogue = build_catalogue()
        adapter = cast("LiveAdapter", catalogue.make("adapter", order.adapter, **order.options))
        _check_candidate(adapter, base, order, name)
        readers = tuple(
            cast("Reader", catalogue.make("reader", each, **options)) for each, options in order.readers.items()
        )
        said = cast("dict[str, Any]", order.settings)
        tupled = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        settings = ExecutionSettings(**{**said, **tupled})
        questions = Questions(
            program=adapter.program(base, {}),
            load=no_load,
            settings=settings,
            check_candidate=lambda: _check_candidate(adapter, base, order, name),
        )
        return Site(
            order=order,
            worker=name,
            folder=folder,
            readers=readers,
            receives=adapter.receives,
            on_empty=_forget_if_empty,
            questions=questions,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check_versions(order: Order, worker: str) -> None:
    here = versions_here(tuple(order.readers), order.adapter)
    differing = [
        f"{name} {here.get(name, ABSENT)} ({order.versions.get(name, ABSENT)})"
        for name in sorted(here.keys() | order.versions.keys())
        if here.get(name, ABSENT) != order.versions.get(name, ABSENT)
    ]
    if differing:
        facts = {"found": ", ".join(differing)}
        raise MachineError(Problem(key="execution.cluster_other_software", where=worker, facts=facts))


def _check_candidate(adapter: LiveAdapter, base: Path, order: Order, worker: str) -> None:
    try:
        found = dict(adapter.identity(base)) if base.is_dir() else {}
    except (CandidateError, OSError):
        found = {}
    if sha256_of_json(found) != order.candidate_sha256:
        facts: dict[str, Fact] = {"folder": str(base), "n": len(found)}
        raise MachineError(Problem(key="execution.cluster_other_candidate", where=worker, facts=facts))
