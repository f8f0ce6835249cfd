"""One program run to its end under our eyes: what it prints passes through, what it leaves running is ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
LOOK_EVERY_SECONDS = 0.2
TAIL_BYTES = 4000
SECONDS_TO_END = 5.0  # a process that sleeps in the kernel cannot be killed
SHOWN_CHARACTERS = 200


class ProgramError(Exception):
    """A program that could not be started, or was ended since it did what it must not."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended: exit code, below 0 the signal that killed it; the last line it printed."""

    code: int
    last_line: str

    def __str__(self) -> str:
        """For messages."""
        how = f"exited with code {self.code}" if self.code >= 0 else f"died with signal {-self.code}"
        return f"{how}; last line printed: {self.last_line}" if self.last_line else how


class Printed:
    """What a process prints while it runs: passed to our standard error by a thread of its own, the end kept."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        """``pipe``: the standard error of the process."""
        if pipe is None:
            raise ValueError("the program must be started with a pipe at its standard error")
        self._tail = bytearray()
        self._thread = threading.Thread(target=self._pass_on, args=(pipe,), name="printed", daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        """The last line so far; of a process that has ended the last of all."""
        self._thread.join(timeout=0.5)
        return _last_line(self._tail)

    def _pass_on(self, pipe: IO[bytes]) -> None:
        while piece := os.read(pipe.fileno(), 1 << 16):
            _keep(piece, self._tail)


def adopt_orphans() -> None:
    """Make processes that lose their parent below this one its children, so that ``run`` can end them."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    beyond: Callable[[], str] = lambda: "",
) -> Ended:
    """Run a command in ``folder`` until its own process ends; everything it has started is ended then.

    Its standard input is empty; what it prints goes to our standard error. ``beyond`` is asked while it runs and
    says what it must not have done: then it is ended. There is no time limit here: that is the supervisor's.
    Raises ProgramError if it cannot be started or was ended.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramError(f"{command[0]} cannot be started: {error.strerror}") from error
    try:
        return _watched(process, beyond)
    finally:
        end_all(process)
        if process.stdout is not None:
            process.stdout.close()


def end_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, its session's group and every other process below ours."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + SECONDS_TO_END
    while _has_children() and time.monotonic() < deadline:
        for descendant in _descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(descendant, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        time.sleep(0.002)


def _watched(process: subprocess.Popen[bytes], beyond: Callable[[], str]) -> Ended:
    if process.stdout is None:
        raise ValueError("the program must be started with a pipe")
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    tail = bytearray()
    looked = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while process.poll() is None:
            if selector.get_map():
                selector.select(0.02)
                if not _pass_on(pipe, tail):
                    selector.unregister(pipe)
            else:  # it has closed its output and goes on
                time.sleep(0.02)
            if time.monotonic() - looked > LOOK_EVERY_SECONDS:
                reason = beyond()
                if reason:
                    raise ProgramError(reason)
                looked = time.monotonic()
    _pass_on(pipe, tail)
    return Ended(code=process.returncode, last_line=_last_line(tail))


def _pass_on(pipe: int, tail: bytearray) -> bool:
    """What was printed to our standard error and to ``tail``; False at the end of it. At most 1 MiB at once."""
    for _ in range(16):
        try:
            piece = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return True
        if not piece:
            return False
        _keep(piece, tail)
    return True


def _keep(piece: bytes, tail: bytearray) -> None:
    tail += piece
    del tail[:-TAIL_BYTES]
    while piece:
        piece = piece[os.write(2, piece) :]


def _last_line(tail: bytearray) -> str:
    lines = [line.strip() for line in tail.decode("utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:SHOWN_CHARACTERS] if lines else ""


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _descendants(ancestor: int) -> set[int]:
    """Every process below ``ancestor`` at this moment, as far as /proc shows them."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                stat = Path(f"/proc/{entry.name}/stat").read_bytes()
                parent = int(stat.rpartition(b")")[2].split()[1])  # a name may hold blanks and brackets
                children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    to_follow = [ancestor]
    while to_follow:
        new = [child for child in children.get(to_follow.pop(), ()) if child not in found]
        found.update(new)
        to_follow += new
    return found
