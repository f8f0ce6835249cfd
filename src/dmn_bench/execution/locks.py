"""One process at a time: a lock on a file, which the system lets go of when its holder ends, however that ends."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import IO

from ..errors import MachineError, Problem

WITHIN_SECONDS = 0.5  # whoever only looks holds a lock for an instant


def hold(lock: Path, busy: Problem) -> IO[bytes]:
    """The lock, held until it is closed; the file is made where there is none.

    Raises MachineError with ``busy`` if another process has it, OSError if the file cannot be opened.
    """
    stream = lock.open("a+b")
    if sys.platform == "win32":
        return stream
    import fcntl

    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            stream.close()
            raise MachineError(busy) from None
        return stream


def is_held(lock: Path) -> bool:
    """Whether a process holds this lock now. Looking takes it, shared, for an instant."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no lock, or it is not ours to look at
        return False
    return False
