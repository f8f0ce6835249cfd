"""The order of steps of a run, once: verify, ask, judge, estimate, decide, record."""

from __future__ import annotations

import contextlib
import datetime
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from ..catalogue import Catalogue
from ..errors import MachineError, Problem, ProtocolError
from ..record import Record, read_record, results_sha256, write_record
from ..reference_set import verify
from .gathering import Progress, RunOptions, gather
from .planning import Prepared, load_set, prepare
from .recording import banners, candidate_part, observed_part, protocol_part, reference_set_part
from .scoring import check_references, results_of

__all__ = ["Prepared", "Progress", "RunOptions", "evaluate", "load_set", "prepare"]

RECORD = "record.json"


def evaluate(
    protocol_path: Path,
    options: RunOptions,
    *,
    catalogue: Catalogue,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Record:
    """Run a protocol and write ``record.json`` and the answers into the folder of the run.

    The same protocol, set, answers and seed give the same ``results``, byte for byte; scoring never asks a device that
    has answered already. ``on_progress`` is called in this thread.

    Raises ProtocolError, ReferenceSetError, CandidateError, ExtensionError, MachineError, or Interrupted (then the
    answers so far are kept and the same call goes on).
    """
    started = _now()
    with _own_folder(options):
        prepared = prepare(protocol_path, catalogue=catalogue)
        check_references(prepared)
        gathered = {c.id: gather(c, prepared, options, on_progress) for c in prepared.candidates}
        # A candidate may have written to the set while it ran, and some of the truth is read only now.
        verify(prepared.reference_set.root)
        results = results_of(prepared, gathered)
        results.banners.extend(banners(prepared, gathered))
        record = Record(
            run_id=secrets.token_hex(8),
            protocol=protocol_part(prepared, gathered, started),
            reference_set=reference_set_part(prepared),
            candidates=[candidate_part(candidate, prepared) for candidate in prepared.candidates],
            results=results,
            results_sha256=results_sha256(results),
            observed=observed_part(prepared, gathered, started=started, finished=_now(), catalogue=catalogue),
        )
        write_record(record, options.run_dir / RECORD)
        # Read back, so that whoever makes a document now sees just what whoever makes it later will.
        return read_record(options.run_dir / RECORD)


@contextlib.contextmanager
def _own_folder(options: RunOptions) -> Iterator[None]:
    """The folder of the run, for this process alone.

    Raises ProtocolError if it holds a finished run; MachineError if another run works in it or it cannot be made.
    """
    import fcntl

    if (options.run_dir / RECORD).exists():
        raise ProtocolError(Problem(key="harness.already_a_run", where=str(options.run_dir)))
    if options.resume and not options.run_dir.is_dir():
        raise ProtocolError(Problem(key="harness.nothing_to_resume", where=str(options.run_dir)))
    try:
        options.run_dir.mkdir(parents=True, exist_ok=True)
        lock = (options.run_dir / ".lock").open("ab")
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="files.cannot_write", where=str(options.run_dir), facts=facts)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MachineError(Problem(key="harness.another_run", where=str(options.run_dir))) from None
        yield
    (options.run_dir / ".lock").unlink(missing_ok=True)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
