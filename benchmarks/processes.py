"""A command run to its end as a process on stated processors: wall and processor time, and memory where watched."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

LOOK_EVERY_SECONDS = 0.05
SHOWN_OF_A_FAILURE = 3_000  # characters


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What a command took, with everything that it started. Memory is 0 where nobody watched."""

    wall: float
    cpu: float
    printed: str
    peak_mib: float
    children_peak_mib: float  # of the largest process below it


def finished(command: Sequence[str], processors: Sequence[int], *, watch: bool = False) -> Finished:
    """Run a command; one that fails ends the benchmark with what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said, tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        start = perf_counter()
        process = subprocess.Popen(
            command,
            stdout=said,
            stderr=told,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, processors),
        )
        with _watching(process.pid if watch else 0) as peaks:
            _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        told.seek(0)
        if process.returncode:
            sys.exit(f"failed with {process.returncode}: {' '.join(command)}\n{told.read()[-SHOWN_OF_A_FAILURE:]}")
        return Finished(
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            printed=said.read(),
            peak_mib=peaks.pop(process.pid, 0.0),
            children_peak_mib=max(peaks.values(), default=0.0),
        )


@contextlib.contextmanager
def _watching(process: int) -> Iterator[dict[int, float]]:
    """The highest resident memory so far of a process and of all below it, by number, in MiB."""
    peaks: dict[int, float] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY_SECONDS):
            for each in (process, *below(process)):
                peaks[each] = max(peaks.get(each, 0.0), _peak_mib(each))

    watcher = threading.Thread(target=look) if process else None
    if watcher is not None:
        watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        if watcher is not None:
            watcher.join()


def below(process: int) -> Iterator[int]:
    """The numbers of all processes that a process has started, and of theirs."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (thread / "children").read_text(encoding="ascii").split()):
                yield child
                yield from below(child)


def processor_seconds(process: int) -> float:
    """What a process of one thread has used so far."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    return 0.0


def _peak_mib(process: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
