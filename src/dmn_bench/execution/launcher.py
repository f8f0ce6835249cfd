"""How a candidate's program is started and sealed: environment, folder, limits; and what was in force, in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import MachineError, Problem
from ..hookspecs import ChildProgram

SHIM = Path(__file__).parents[1] / "candidate_shim.py"
SEALED_START = Path(__file__).with_name("sealed_start.py")
MAX_FILE_BYTES = 4 * 1024**3
SPARE_PROCESSES = 512
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


@dataclass(frozen=True, kw_only=True)
class ExecutionSettings:
    """How a candidate is asked, from the protocol.

    ``attempts``: for each case, at least 1. ``seconds_per_case``: wall time of one request. ``threads``: of the
    candidate's numerical libraries. ``memory_mb``: address space of a child in MiB, None for no limit (CUDA needs
    none). ``seconds_to_load``: wall time to load the model. ``network``: "host:port" that the protocol grants.
    ``least_tier``: the weakest isolation under which a child may be started.
    """

    attempts: int = 2
    seconds_per_case: float = 60.0
    threads: int = 1
    memory_mb: int | None = None
    seconds_to_load: float = 600.0
    network: tuple[str, ...] = ()
    least_tier: int = 0

    def __post_init__(self) -> None:
        if min(self.attempts, self.threads) < 1 or min(self.seconds_per_case, self.seconds_to_load) <= 0:
            raise ValueError("attempts and threads are at least 1, times above 0")


def refuse_other_systems() -> None:
    """Raises MachineError where a vendor's program cannot be limited and supervised as on Linux."""
    if not sys.platform.startswith("linux"):
        raise MachineError(Problem(key="execution.linux_only", facts={"found": sys.platform}))


def isolation_in_force(program: ChildProgram, settings: ExecutionSettings) -> tuple[str, ...]:
    """What a child is and is not kept from, for ``observed``: words that reports put into sentences."""
    return (
        "tier-0",
        "own_process",
        "clean_environment",
        "private_folder",
        "no_new_privileges",
        "time_limited",
        "memory_limited" if settings.memory_mb else "memory_not_limited",
        "processes_not_limited" if os.geteuid() == 0 else "processes_limited",  # the limit does not bind root
        "network_not_blocked",
        "files_not_blocked",
    )


def start_child(program: ChildProgram, folder: Path, settings: ExecutionSettings) -> subprocess.Popen[bytes]:
    """Start the program's command, or the shim under its interpreter, in its own session, with three pipes.

    ``folder`` becomes its working, home and temporary folder. The child is killed when the calling *thread* ends, so
    the thread that starts a child must be the one that supervises it.
    """
    interpreter = program.python or sys.executable
    order = {
        "supervisor": os.getpid(),
        "limits": _limits(settings),
        "command": list(program.command) or [interpreter, "-I", "-B", "-u", str(SHIM)],
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", str(SEALED_START), json.dumps(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        env=_environment(folder, settings),
        start_new_session=True,
    )


def _environment(folder: Path, settings: ExecutionSettings) -> dict[str, str]:
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    clean.update(dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), str(folder)))
    clean.update(dict.fromkeys(THREAD_VARIABLES, str(settings.threads)))
    return clean


def _limits(settings: ExecutionSettings) -> dict[str, int]:
    limits = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": MAX_FILE_BYTES}
    if settings.memory_mb is not None:
        limits["RLIMIT_AS"] = settings.memory_mb * 1024 * 1024
    if os.geteuid() != 0:  # the limit does not bind root
        limits["RLIMIT_NPROC"] = _threads_of_this_user() + SPARE_PROCESSES
    return limits


def _threads_of_this_user() -> int:
    """The limit counts every thread of the user, not only the child's."""
    user, threads = os.getuid(), 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if process.stat().st_uid == user:
                    threads += sum(1 for _ in (process / "task").iterdir())
            except OSError:  # it has ended meanwhile
                continue
    return threads
