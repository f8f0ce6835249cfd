"""One supervised child: load its model, ask it one request or a batch, end it with everything it started."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from ..errors import MachineError, Problem
from ..files import MAX_REASON, plain_text
from ..hookspecs import ChildProgram
from ..vocabulary import Request
from .launcher import ExecutionSettings, start_child
from .sealed_start import SECONDS_TO_END_ALL, descendants, processes
from .wire import ChildError, Line, StoppedError, request_message

WIRE_VERSION = 1
LAST_WORDS_CHARACTERS = 200
HEARTBEATS_MISSED = 3  # so many times the promised interval without a byte, and a child is held to hang
LEAST_HEARTBEAT_SECONDS = 0.1
SIGNS_OF_LIFE_AT_ONCE = 100  # in one exchange, and so many more each second: a flood of them must not hold us
SIGNS_OF_LIFE_PER_SECOND = 50
REQUESTS_REMEMBERED = 1000  # whose late second answers are told from answers to nothing that was ever asked
MAX_REPEATS = 50  # kept of what one answer says that it sent again
SECONDS_FOR_THE_REST = 1.0  # of a message that was begun when all was answered
SECONDS_TO_STOP = 2.0  # for a child at rest to leave by itself
SECONDS_TO_SAY_STOP = 0.2
SECONDS_TO_END_ELSEWHERE = 30.0  # an engine may be slow to kill a container
SECONDS_TO_END_STRAYS = 2.0  # a process that sleeps in the kernel cannot be killed


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the child answered, not yet read, with what it cost."""

    answer: object
    seconds: float | None
    cpu_seconds: float | None
    peak_memory_mb: float | None
    repeats: tuple[str, ...] = ()  # why our client of a device elsewhere sent something again, for each time


class LateResult(NamedTuple):
    """A result that came when its request was over, or about none. ``kind``: same, other or stray."""

    request_id: str
    kind: str
    text: str


@dataclass(kw_only=True)
class Replies:
    """What became of the requests of one message, by request id.

    ``found``: one sound reply to each. ``spoiled``: why there is none of that request alone: an error, two answers.
    ``broken``: what ended the exchange early, or came after it; the child is of no further use then.
    """

    found: dict[str, Reply] = field(default_factory=dict)
    spoiled: dict[str, ChildError] = field(default_factory=dict)
    broken: ChildError | StoppedError | None = None
    late: list[LateResult] = field(default_factory=list)  # from a device elsewhere, not about what was asked

    def why_none(self, request_id: str) -> str:
        """Why there is no reply to a request."""
        return str(self.spoiled.get(request_id) or self.broken or "no answer")


class LateAnswerError(ChildError):
    """A child answered a request that it had answered before: whatever was asked since is not to blame."""


class Child:
    """A candidate's process. Raises ChildError whenever it does not do what was asked; then it must be closed."""

    def __init__(self, program: ChildProgram, settings: ExecutionSettings, *, folder: Path, stop: Event) -> None:
        """Start the process; ``folder``: where its private folder is made."""
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="child-", dir=folder))
        self._process = start_child(program, self._folder, settings)
        self._line = Line(self._process, stop)
        self._program = program
        self._quiet_seconds: float | None = None
        self._answered: deque[str] = deque(maxlen=REQUESTS_REMEMBERED)
        self._is_at_rest = False  # it has loaded, and owes nothing

    def load(self) -> float:
        """Have the model loaded; the seconds it took."""
        limit = self._settings.seconds_to_load
        message = {
            "message": "load",
            "wire": WIRE_VERSION,
            "entry": self._program.entry,
            "import_paths": [str(path) for path in self._program.import_paths],
            "options": self._program.options,
        }
        exchange = self._exchange(limit)
        exchange.send(message)
        ready = None
        while ready is None:
            ready = exchange.next()
        _refuse_error(ready)
        if (kind := _text(ready.get("message"))) != "ready":
            raise ChildError(f"broke the wire protocol: expected 'ready', found {kind!r}")
        if (promised := ready.get("heartbeat_seconds")) is not None:
            self._quiet_seconds = HEARTBEATS_MISSED * _heartbeat(promised)
        self._is_at_rest = True
        return _number(ready.get("seconds")) or 0.0

    def ask(self, request: Request) -> Reply:
        """The answer to one request within the time allowed for a case."""
        replies = self.ask_together([request])
        for problem in (replies.broken, *replies.spoiled.values()):
            if problem is not None:
                raise problem
        return replies.found[request.request_id]

    def ask_together(self, requests: Sequence[Request]) -> Replies:
        """What became of requests that are put in one message, within the time allowed for that many cases.

        Never raises ChildError. Each reply takes an equal share of the time that the child reports for all of them, and
        at most of the time that passed.
        """
        self._is_at_rest = False
        replies = Replies()
        if self._settings.processor_seconds_per_case is not None:
            self._grant_processor_time(self._settings.processor_seconds_per_case * len(requests))
        exchange = self._exchange(self._settings.seconds_per_case * len(requests))
        messages = [request_message(request) for request in requests]
        try:
            if len(messages) == 1:
                exchange.send({"message": "ask", "request": messages[0]})
            else:
                exchange.send({"message": "ask_batch", "requests": messages})
            self._gather(exchange, [request.request_id for request in requests], replies)
        except (ChildError, StoppedError) as error:
            replies.broken = error
            if len(requests) == 1:
                replies.found.clear()  # what came behind the only answer makes it doubtful
        self._is_at_rest = replies.broken is None
        self._answered.extend(request.request_id for request in requests)
        replies.found = _shared(replies.found, exchange.elapsed)
        return replies

    def _grant_processor_time(self, seconds: float) -> None:
        """Let each process below the warden use so much more of the processors, and no more: SIGXCPU ends it then.

        A process that it starts later begins with the limit of its parent. Raises MachineError if the system refuses.
        """
        import resource

        for process in descendants({self._process.pid}):
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # it has ended meanwhile
                limit = math.ceil(_processor_seconds(process) + seconds)
                try:
                    resource.prlimit(process, resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
                except (PermissionError, ValueError) as error:
                    raise MachineError(Problem(key="execution.processor_time_not_limited")) from error

    def _gather(self, exchange: _Exchange, wanted: Sequence[str], replies: Replies) -> None:
        """Take what comes until there is something for every request, and what has come behind it by then."""
        waiting = set(wanted)
        while waiting or self._line.has_more():
            message = exchange.next(self._quiet_seconds)
            if message is None:
                continue
            request_id = _text(message.get("request_id"))
            replies.late += _late_results(message.get("late_results"))
            if request_id not in waiting:
                replies.found.pop(request_id, None)
                raise self._not_wanted(message, request_id, is_second=request_id in wanted)
            waiting.remove(request_id)
            if not waiting:
                exchange.end_soon()
            try:
                _refuse_error(message)
                replies.found[request_id] = self._of_candidate(_reply(message))
            except ChildError as error:
                replies.spoiled[request_id] = error

    def _of_candidate(self, reply: Reply) -> Reply:
        """The reply without the cost of our own client, where that is all the child can measure."""
        if self._program.is_measured and self._program.where == "here":
            return reply
        return replace(reply, cpu_seconds=None, peak_memory_mb=None)

    def _not_wanted(self, message: Mapping[str, Any], request_id: str, *, is_second: bool) -> ChildError:
        """What is wrong with a message that answers none of the requests that wait for one."""
        if is_second:
            return ChildError("broke the wire protocol: two answers to one request")
        if request_id in self._answered:
            return LateAnswerError("broke the wire protocol: a second answer to an earlier request")
        try:
            _refuse_error(message)
            _reply(message)
        except ChildError as error:
            return error
        return ChildError("broke the wire protocol: an answer to another request")

    def _exchange(self, seconds: float) -> _Exchange:
        return _Exchange(self._line, seconds, self.last_words)

    def last_words(self) -> str:
        """The last 20 kB of what it printed."""
        return self._line.stderr_tail()

    def close(self) -> None:
        """End it with every process that it started, wherever that went, and remove its folder.

        A child at rest is told to stop and has a moment to leave by itself.
        """
        if self._is_at_rest:
            with contextlib.suppress(ChildError, StoppedError, TimeoutError, subprocess.TimeoutExpired):
                self._line.send({"message": "stop"}, time.monotonic() + SECONDS_TO_SAY_STOP)
                self._process.wait(timeout=SECONDS_TO_STOP)
        self._process.send_signal(signal.SIGTERM)  # to its warden, which ends what is below it
        self._process.send_signal(signal.SIGCONT)  # in case the vendor's code has stopped it
        try:
            self._process.wait(timeout=SECONDS_TO_END_ALL + 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _end_strays(self._folder)
        self._line.close()
        self._end_elsewhere()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end_elsewhere(self) -> None:
        """End what the child had a service of this machine start for it, where its program names a command for that."""
        command = [word.replace("{child}", self._folder.name) for word in self._program.afterwards]
        if command:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                nothing = subprocess.DEVNULL
                subprocess.run(  # it fails where nothing is left
                    command,
                    stdin=nothing,
                    stdout=nothing,
                    stderr=nothing,
                    timeout=SECONDS_TO_END_ELSEWHERE,
                    check=False,
                )


class _Exchange:
    """One message to a child and what comes back, within a limit of time that signs of life do not move."""

    def __init__(self, line: Line, seconds: float, last_words: Callable[[], str]) -> None:
        self._line, self._last_words = line, last_words
        self._start = time.monotonic()
        self._deadline = self._start + seconds
        self._too_late = f"timed out after {seconds:g} s"
        self._n_signs_of_life = 0

    @property
    def elapsed(self) -> float:
        """Seconds since its beginning."""
        return time.monotonic() - self._start

    def end_soon(self) -> None:
        """All was answered: whatever comes now breaks the protocol, and is not waited for."""
        self._deadline = min(self._deadline, time.monotonic() + SECONDS_FOR_THE_REST)
        self._too_late = "broke the wire protocol: part of a message behind the answer"

    def send(self, message: Mapping[str, object]) -> None:
        """Raises ChildError, StoppedError."""
        with self._told():
            self._line.send(message, self._deadline)

    def next(self, quiet_seconds: float | None = None) -> dict[str, Any] | None:
        """The next message, None for a sign of life. Raises ChildError, StoppedError."""
        with self._told():
            message = self._line.receive(self._deadline, quiet_seconds)
            if _text(message.get("message")) != "alive":
                return message
            self._n_signs_of_life += 1
            if time.monotonic() >= self._deadline:
                raise TimeoutError
            if self._n_signs_of_life > SIGNS_OF_LIFE_AT_ONCE + SIGNS_OF_LIFE_PER_SECOND * self.elapsed:
                found = f"{self._n_signs_of_life} signs of life in {self.elapsed:.1f} s"
                raise ChildError(f"broke the wire protocol: {found}")
            return None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Every failure as a ChildError, with the last line that the child printed."""
        try:
            yield
        except TimeoutError:
            raise ChildError(self._too_late) from None
        except ChildError as failure:
            lines = [line.strip() for line in self._last_words().splitlines() if line.strip()]
            if not lines:
                raise
            last = lines[-1][:LAST_WORDS_CHARACTERS]
            raise ChildError(f"{failure.reason}; last line printed: {last}") from failure


def _refuse_error(message: Mapping[str, Any]) -> None:
    """Raises ChildError if the message is an error of the vendor's code."""
    if _text(message.get("message")) == "error":
        raise ChildError(f"raised {_text(message.get('error'))}", _text(message.get("traceback")))


def _reply(message: Mapping[str, Any]) -> Reply:
    if (kind := _text(message.get("message"))) != "answer":
        raise ChildError(f"broke the wire protocol: expected 'answer', found {kind!r}")
    return Reply(
        answer=message.get("answer"),
        seconds=_number(message.get("seconds")),
        cpu_seconds=_number(message.get("cpu_seconds")),
        peak_memory_mb=_number(message.get("peak_memory_mb")),
        repeats=_repeats(message.get("repeats")),
    )


def _repeats(told: object) -> tuple[str, ...]:
    listed = told[:MAX_REPEATS] if isinstance(told, list) else []
    return tuple(plain_text(_text(reason), MAX_REASON) for reason in listed)


def _late_results(told: object) -> Iterator[LateResult]:
    for each in told[:MAX_REPEATS] if isinstance(told, list) else []:
        if isinstance(each, list) and len(each) == len(LateResult._fields):
            request_id, kind, text = map(_text, each)
            yield LateResult(request_id, kind, plain_text(text, MAX_REASON))


def _shared(replies: Mapping[str, Reply], elapsed: float) -> dict[str, Reply]:
    """The same replies, each with an equal share of the times of all."""
    if not replies:
        return {}
    seconds = [reply.seconds for reply in replies.values() if reply.seconds is not None]
    cpu_seconds = [reply.cpu_seconds for reply in replies.values() if reply.cpu_seconds is not None]
    n = len(replies)
    wall = min(sum(seconds), elapsed) if len(seconds) == n else elapsed
    cpu = sum(cpu_seconds) / n if len(cpu_seconds) == n else None
    return {name: replace(reply, seconds=wall / n, cpu_seconds=cpu) for name, reply in replies.items()}


def _heartbeat(promised: object) -> float:
    seconds = _number(promised)
    if seconds is None or seconds < LEAST_HEARTBEAT_SECONDS:
        raise ChildError(
            f"heartbeat_seconds: expected a number of at least {LEAST_HEARTBEAT_SECONDS:g}, found {promised!r:.50}"
        )
    return seconds


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max:
        return float(value)
    return None


def _text(value: object) -> str:
    """What should be text; of anything else its type, since a child may send an array wherever it likes."""
    return value if isinstance(value, str) else type(value).__name__


def _end_strays(folder: Path) -> None:
    """Kill what was started to work in ``folder``: a second net, for when the vendor's code killed its own warden."""
    mark = f"TMPDIR={folder}".encode()
    deadline = time.monotonic() + SECONDS_TO_END_STRAYS
    while time.monotonic() < deadline:
        strays = [process for process in processes() if mark in _environment(process)]
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


def _processor_seconds(process: int) -> float:
    """What a process has used of the processors so far, its threads together."""
    fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
