"""Runs a vendor's container through its engine: our own code, instantiated by the shim in a supervised child."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .container_engines import (
    ContainerOrder,
    EngineName,
    Mount,
    engine_arguments,
    health_arguments,
    leftovers_arguments,
    removal_arguments,
)
from .container_wire import EarlierFaultError, Wire, WireError
from .exchange_folder import FOLDER_MODE, copied_files, open_to_read
from .exchange_output import OutputError, remove
from .exchange_runner import INPUT, OUTPUT, Exchange, exchanged
from .watched_program import Ended, Printed, run

NAME_PREFIX = "dmn-bench-"
SECONDS_FOR_ENGINE = 60.0  # to say how it is, and to end a container
OF_THE_ENGINE = {
    125: "the engine could not start the container",
    126: "the program of the image may not be executed",
    127: "the image has no such program",
    137: "killed from outside, as for too much memory",
}


class EngineError(Exception):
    """The engine is not as it must be on this machine; says what to do."""


class ContainerRunner:
    """Answers requests by a container, as ``Container.program`` describes it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Ask the engine how it is, end what an earlier run left, and in mode ``wire`` load the model."""
        self._engine: EngineName = options["engine"]
        self._options = options
        self._exchange = Exchange(**options["exchange"])
        self._place = Path.cwd()
        self._environment = _environment(self._engine, options["environment"])
        mounts = tuple(Mount(**mount) for mount in options["mounts"])
        threads = sorted(name for name in os.environ if name.endswith("_THREADS"))
        self._order = ContainerOrder(
            **{**options["order"], "command": tuple(options["order"]["command"])},
            name=f"{NAME_PREFIX}{self._place.name}",
            owner=owner_of(os.getpid()),
            mounts=mounts,
            environment=(*threads, *options["environment"]),
        )
        self._check_engine()
        self._end_leftovers()
        self._wire = self._begun() if options["speaks"] == "wire" else None

    def answer(self, request: Mapping[str, Any]) -> Any:
        """The answer of the program in the container. Raises what was wrong with it."""
        (answer,) = self.answer_batch([request])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def answer_batch(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        """For each request the answer of the program in the container, or what was wrong with that one."""
        if self._wire is None:
            return exchanged(requests, self._exchange, start=self._start, place=self._place)
        copied = [self._with_copies(request) for request in requests]
        try:
            with self._told_why():
                return self._asked(self._wire, copied)
        finally:
            for request in copied:
                remove(self._place / INPUT / request["request_id"])

    # ------------------------------------------------------------------------------------------------ folder in, out

    def _start(self, work: Path, beyond: Callable[[], str]) -> Ended:
        mounts = (
            Mount(source=str(work / INPUT), target=f"/{INPUT}"),
            Mount(source=str(work / OUTPUT), target=f"/{OUTPUT}", writable=True),
        )
        order = replace(self._order, mounts=(*mounts, *self._order.mounts))
        ended = None
        try:
            ended = run(self._arguments(order), folder=work, environment=self._environment, beyond=beyond)
        finally:
            if ended is None or ended.code != 0:
                self._end_container()
        if ended.code in OF_THE_ENGINE and str(ended.code) not in (self._exchange.exit_statuses or {}):
            raise OutputError(_explained(str(ended)))
        return ended

    # -------------------------------------------------------------------------------------------------- over the wire

    def _begun(self) -> Wire:
        """A container with its model loaded; it sees /input alone, where copies of files are put."""
        (self._place / INPUT).mkdir(exist_ok=True)
        (self._place / INPUT).chmod(FOLDER_MODE)
        mounts = (Mount(source=str(self._place / INPUT), target=f"/{INPUT}"), *self._order.mounts)
        order = replace(self._order, mounts=mounts, is_interactive=True)
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            self._arguments(order), stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=self._environment
        )
        wire = Wire(process)
        self._printed = Printed(process.stderr)
        with self._told_why():
            wire.load(self._options["entry"], self._options["class_options"])
        return wire

    @contextlib.contextmanager
    def _told_why(self) -> Iterator[None]:
        """Every failure of the container with what its exit code means and the last line that it printed."""
        try:
            yield
        except WireError as error:
            last = self._printed.last_line()
            reason = _explained(str(error)) + (f"; last line printed: {last}" if last else "")
            raise WireError(reason) from error

    def _asked(self, wire: Wire, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        try:
            return wire.ask(requests)
        except EarlierFaultError as error:  # this case is put to a fresh container
            sys.stderr.write(f"{error}; the container is started again\n")
            self._end_container()
            self._wire = self._begun()
            return self._wire.ask(requests)

    def _with_copies(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request with its files where the container sees them."""
        if "files" not in request:
            return dict(request)
        folder = self._place / INPUT / request["request_id"]
        folder.mkdir()
        files = [f"/{INPUT}/{folder.name}/{name}" for name in copied_files(request["files"], folder)]
        open_to_read(folder)
        return {**request, "files": files}

    # ----------------------------------------------------------------------------------------------------- the engine

    def _arguments(self, order: ContainerOrder) -> tuple[str, ...]:
        unfit = [mount.source for mount in order.mounts if "," in mount.source or ":" in mount.source]
        if unfit:
            raise EngineError(f"a folder whose name holds a comma or colon cannot be mounted: {unfit[0]}")
        return engine_arguments(self._engine, order)

    def _check_engine(self) -> None:
        """Raises EngineError where it does not answer, has not got the image, or could not keep to the limits."""
        said = self._told(health_arguments(self._engine, self._order.program))
        if said.returncode != 0:
            raise EngineError(
                f"{self._engine} does not answer ({_last_line(said)}). Start its service, allow this user to use it "
                "(docker: group docker, or rootless), or choose another engine"
            )
        words = said.stdout.decode(errors="replace").split()
        if not self._keeps_limits(words):
            raise EngineError(
                f"{self._engine} cannot limit memory, processes or processors on this machine (it says: "
                f"{' '.join(words)}). Use control groups version 2, or set memory_mb, processes and cpus to null, "
                "which the report then says"
            )
        if self._engine == "apptainer":
            return
        order = self._order
        found = self._told((order.program, "image", "inspect", "--format={{.Id}}", order.image))
        if found.returncode != 0:
            raise EngineError(
                f"{self._engine} has no image {order.image} ({_last_line(found)}). Load it first ({self._engine} load "
                f"or {self._engine} pull); nothing is fetched during a run"
            )

    def _keeps_limits(self, words: Sequence[str]) -> bool:
        """Whether the engine keeps to the limits of the order; ``words``: what it says, see ``health_arguments``."""
        asked = [limit is not None for limit in (self._order.memory_mb, self._order.processes, self._order.cpus)]
        if self._engine == "docker":
            return all(word == "true" for word, is_asked in zip(words, asked, strict=False) if is_asked)
        return self._engine == "apptainer" or list(words) != ["v1", "true"] or not any(asked)

    def _end_leftovers(self) -> None:
        """End containers of processes of this machine that are gone: runs that were killed."""
        if self._engine == "apptainer":  # it leaves nothing running that is not below us
            return
        said = self._told(leftovers_arguments(self._engine, self._order.program))
        for line in said.stdout.decode(errors="replace").splitlines():
            name, _, owner = line.strip().partition(" ")
            if name.startswith(NAME_PREFIX) and is_gone(owner):
                self._told(removal_arguments(self._order.program, name))

    def _end_container(self) -> None:
        if self._engine != "apptainer":
            self._told(removal_arguments(self._order.program, self._order.name))

    def _told(self, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self._environment,
                timeout=SECONDS_FOR_ENGINE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"{command[0]} {command[1]}: {error}") from error


def owner_of(process: int) -> str:
    """Which process of which machine started a container: host, process and when that began.

    A number of a process is used again; its beginning tells them apart.
    """
    return f"{socket.gethostname()}/{process}/{_began(process)}"


def is_gone(owner: str) -> bool:
    """Whether the process that a label names was of this machine and has ended."""
    host, _, rest = owner.partition("/")
    process, _, began = rest.partition("/")
    return host == socket.gethostname() and process.isdecimal() and _began(int(process)) != began


def _began(process: int) -> str:
    """When a process began, in ticks since the machine did; "" where there is none."""
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_bytes()
        return stat.rpartition(b")")[2].split()[19].decode()  # the 22nd field; a name may hold blanks and brackets
    return ""


def _environment(engine: EngineName, handed_over: Sequence[str]) -> dict[str, str]:
    """The engine's environment: ours, with the user's true home, where rootless engines keep their images."""
    environment = {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    if engine == "apptainer":
        names = [*handed_over, *(name for name in os.environ if name.endswith("_THREADS"))]
        environment.update({f"APPTAINERENV_{name}": os.environ[name] for name in names if name in os.environ})
    return environment


def _explained(reason: str) -> str:
    """A reason with what the exit code means where an engine gives it."""
    for code, meaning in OF_THE_ENGINE.items():
        said = f"exited with code {code}"
        if reason == said or reason.startswith(f"{said};"):
            return reason.replace(said, f"{said} ({meaning})", 1)
    return reason


def _last_line(said: subprocess.CompletedProcess[bytes]) -> str:
    lines = [line for line in (said.stderr or said.stdout).decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else f"exit code {said.returncode}"
