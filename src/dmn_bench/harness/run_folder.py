"""The folder of a run: one process at a time, and a note for whoever looks into it while the run is under way."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from ..errors import MachineError, Problem, ProtocolError
from ..execution.locks import hold
from ..files import write_atomically
from .live import ledger_path
from .options import RunOptions
from .planning import Prepared

RECORD = "record.json"
NOTE = "run.json"
NOTE_FORMAT = "dmn-bench/run/1"
LOCK = ".lock"


@contextlib.contextmanager
def own_folder(options: RunOptions) -> Iterator[None]:
    """The folder of the run, for this process alone.

    Raises ProtocolError if it holds a finished run, or nothing to resume; MachineError if another run works in it or
    it cannot be made.
    """
    _refuse_finished(options)
    if options.resume and not options.run_dir.is_dir():
        raise ProtocolError(Problem(key="harness.nothing_to_resume", where=str(options.run_dir)))
    try:
        options.run_dir.mkdir(parents=True, exist_ok=True)
        lock = hold(options.run_dir / LOCK, Problem(key="harness.another_run", where=str(options.run_dir)))
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="files.cannot_write", where=str(options.run_dir), facts=facts)) from error
    with lock:
        _refuse_finished(options)  # whoever held the lock until now may have finished
        yield


def _refuse_finished(options: RunOptions) -> None:
    if (options.run_dir / RECORD).exists():
        raise ProtocolError(Problem(key="harness.already_a_run", where=str(options.run_dir)))


def write_note(prepared: Prepared, options: RunOptions, started: str, n_to_ask: int) -> None:
    """Say what is being run and where its answers go, as ``run.json``; ``n_to_ask``: the cases of this run or part."""
    note = {
        "format": NOTE_FORMAT,
        "protocol": str(prepared.path.absolute()),
        "started": started,
        "shard": None if options.shard is None else str(options.shard),
        "candidates": [
            {
                "id": candidate.id,
                "ledger": str(ledger_path(candidate, prepared, options).absolute()) if candidate.is_live else None,
                "n_cases": len(prepared.reference_set.cases),
                "n_to_ask": n_to_ask,
            }
            for candidate in prepared.candidates
        ],
    }
    write_atomically(options.run_dir / NOTE, json.dumps(note, indent=1, ensure_ascii=False) + "\n")
