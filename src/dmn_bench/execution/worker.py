"""One supervised child: load its model, ask it one request at a time, end it with everything it started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from ..hookspecs import ChildProgram
from ..vocabulary import Request
from .launcher import ExecutionSettings, start_child
from .sealed_start import SECONDS_TO_END_ALL, processes
from .wire import ChildError, Line, request_message

LAST_WORDS_CHARACTERS = 200
SECONDS_TO_END_STRAYS = 2.0  # a process that sleeps in the kernel cannot be killed


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the child answered, not yet read, with what it cost."""

    answer: object
    seconds: float
    cpu_seconds: float | None
    peak_memory_mb: float | None


class Child:
    """A candidate's process. Raises ChildError whenever it does not do what was asked; then it must be closed."""

    def __init__(self, program: ChildProgram, settings: ExecutionSettings, *, folder: Path, stop: Event) -> None:
        """Start the process; ``folder``: where its private folder is made."""
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="child-", dir=folder))
        self._process = start_child(program, self._folder, settings)
        self._line = Line(self._process, stop)
        self._program = program

    def load(self) -> float:
        """Have the model loaded; the seconds it took."""
        limit = self._settings.seconds_to_load
        message = {
            "message": "load",
            "wire": 1,
            "entry": self._program.entry,
            "import_paths": [str(path) for path in self._program.import_paths],
            "options": self._program.options,
        }
        reply = self._exchange(message, limit, "ready")
        return _number(reply.get("seconds")) or 0.0

    def ask(self, request: Request) -> Reply:
        """The answer to one request within the time allowed for a case."""
        start = time.monotonic()
        message = {"message": "ask", "request": request_message(request)}
        reply = self._exchange(message, self._settings.seconds_per_case, "answer")
        if _text(reply.get("request_id")) != request.request_id:
            raise ChildError("broke the wire protocol: an answer to another request")
        elapsed = time.monotonic() - start
        seconds = _number(reply.get("seconds"))
        return Reply(
            answer=reply.get("answer"),
            seconds=elapsed if seconds is None else min(seconds, elapsed),
            cpu_seconds=_number(reply.get("cpu_seconds")),
            peak_memory_mb=_number(reply.get("peak_memory_mb")),
        )

    def last_words(self) -> str:
        """The last 20 kB of what it printed."""
        return self._line.stderr_tail()

    def close(self) -> None:
        """End it with every process that it started, wherever that went, and remove its folder."""
        self._process.send_signal(signal.SIGTERM)  # to its warden, which ends what is below it
        self._process.send_signal(signal.SIGCONT)  # in case the vendor's code has stopped it
        try:
            self._process.wait(timeout=SECONDS_TO_END_ALL + 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _end_strays(self._folder)
        self._line.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _exchange(self, message: Mapping[str, object], seconds: float, expected: str) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        try:
            self._line.send(message, deadline)
            reply = self._line.receive(deadline)
        except TimeoutError:
            raise ChildError(f"timed out after {seconds:g} s") from None
        except ChildError as failure:
            raise ChildError(self._with_last_words(failure.reason)) from failure
        kind = _text(reply.get("message"))
        if kind == "error":
            raise ChildError(f"raised {_text(reply.get('error'))}", _text(reply.get("traceback")))
        if kind != expected:
            raise ChildError(f"broke the wire protocol: expected {expected!r}, found {kind!r}")
        return reply

    def _with_last_words(self, reason: str) -> str:
        lines = [line.strip() for line in self.last_words().splitlines() if line.strip()]
        return f"{reason}; last line printed: {lines[-1][:LAST_WORDS_CHARACTERS]}" if lines else reason


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max:
        return float(value)
    return None


def _text(value: object) -> str:
    """What should be text; of anything else its type, since a child may send an array wherever it likes."""
    return value if isinstance(value, str) else type(value).__name__


def _end_strays(folder: Path) -> None:
    """Kill what still has ``folder`` as its home: a second net, for when the vendor's code killed its own warden."""
    home = f"HOME={folder}".encode()
    deadline = time.monotonic() + SECONDS_TO_END_STRAYS
    while time.monotonic() < deadline:
        strays = [process for process in processes() if home in _environment(process)]
        for process in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        if not strays:
            return
        time.sleep(0.01)


def _environment(process: int) -> list[bytes]:
    """What the process was started with; nothing where it has ended or may not be looked at."""
    try:
        return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
