"""The temporary folder of a run: removed at its end, and by the next run where this one was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..errors import MachineError, Problem
from ..files import working_in
from .locks import hold, is_held

PREFIX = "dmn-bench-"
LOCK = ".held"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder in the temporary folder of the system; what killed runs of this user left there is removed first.

    It may hold copies of images, which must not outlive the run. Raises MachineError if there is no room for it.
    """
    with working_in(Path(os.environ.get("TMPDIR", "/tmp"))):
        sweep(Path(tempfile.gettempdir()))
        folder, held = _new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.close()


def sweep(temporary: Path) -> None:
    """Remove the folders of runs that have ended without doing so themselves.

    A folder without its lock is left alone: a run may be making it just now, or it is nobody's.
    """
    for folder in temporary.glob(f"{PREFIX}*"):
        lock = folder / LOCK
        with contextlib.suppress(OSError, MachineError):
            if folder.stat().st_uid == os.getuid() and lock.is_file() and not is_held(lock):
                with hold(lock, _busy(folder)):  # nobody begins to work in what is being removed
                    shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> tuple[Path, IO[bytes]]:
    """A folder and its lock; another one where a run that sweeps came between the making of its lock and the taking."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with contextlib.suppress(MachineError):  # the other is removing it now
            held = hold(folder / LOCK, _busy(folder))
            if os.fstat(held.fileno()).st_nlink:
                return folder, held
            held.close()


def _busy(folder: Path) -> Problem:
    return Problem(key="files.cannot_work_in", where=str(folder), facts={"found": LOCK})
