"""The temporary folder of a run: removed at its end, and by the next run where this one was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import Problem
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
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        held = hold(folder / LOCK, Problem(key="files.cannot_work_in", where=str(folder), facts={"found": LOCK}))
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
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid() and lock.is_file() and not is_held(lock):
                shutil.rmtree(folder, ignore_errors=True)
