"""How a candidate's program is started and sealed: environment, folder, limits; and what was in force, in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import MachineError, Problem
from ..hookspecs import ChildProgram
from .gpu import lacks_gpu
from .isolation import is_exempt, machine, tier_for
from .isolation_files import SHIM, prefix_parts, warden_python
from .isolation_order import Means, order_for, words_for

__all__ = ["SEALED_START", "SHIM", "ExecutionSettings", "isolation_in_force", "refuse_other_systems", "start_child"]

SEALED_START = Path(__file__).with_name("sealed_start.py")
SECONDS_TO_PROBE = 20
PROBED = Path(__file__)  # a file that no candidate may read
PROBE = """\
import os, sys
try:
    os.close(os.open(sys.argv[1], os.O_RDONLY))
    sys.exit("a file outside could be read")
except OSError:
    pass
if sys.argv[2] == "1":
    if os.getppid() != 1:
        sys.exit("it has no process numbers of its own")
    if len([line for line in open("/proc/net/dev") if ":" in line]) != 1:
        sys.exit("it has no network of its own")
else:
    import socket
    try:
        socket.socket()
        sys.exit("a socket could be made")
    except OSError:
        pass
"""
OF_ENGINES = ("HOME", "PATH", "XDG_", "DOCKER_", "CONTAINER", "APPTAINER_", "SINGULARITY_", "USER", "LOGNAME")
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
    none). ``processor_seconds_per_case``: that each process of it may use for one request, its threads together, None
    for no limit but the wall time. ``seconds_to_load``: wall time to load the model. ``network``: "host:port" that the
    protocol grants. ``least_tier``: the weakest isolation under which a child may be started. ``off_limits``: files and
    folders that no candidate may read, wherever they lie (the set, the run, the answers): where tier 1 or 2 is in force
    they are.
    """

    attempts: int = 2
    seconds_per_case: float = 60.0
    threads: int = 1
    memory_mb: int | None = None
    processor_seconds_per_case: float | None = None
    seconds_to_load: float = 600.0
    network: tuple[str, ...] = ()
    least_tier: int = 0
    off_limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(self.attempts, self.threads) < 1 or min(self.seconds_per_case, self.seconds_to_load) <= 0:
            raise ValueError("attempts and threads are at least 1, times above 0")


def refuse_other_systems() -> None:
    """Raises MachineError where a vendor's program cannot be limited and supervised as on Linux."""
    if not sys.platform.startswith("linux"):
        raise MachineError(Problem(key="execution.linux_only", facts={"found": sys.platform}))


def isolation_in_force(program: ChildProgram, settings: ExecutionSettings) -> tuple[str, ...]:
    """What a child is and is not kept from, for ``observed``: words that reports put into sentences.

    Every word is of what ``start_child`` orders, and a child that cannot be sealed as ordered does not start.
    """
    words = words_for(program, _means(program), network=settings.network, memory_mb=settings.memory_mb)
    return words if settings.processor_seconds_per_case is None else (*words, "processor_time_limited")


def start_child(program: ChildProgram, folder: Path, settings: ExecutionSettings) -> subprocess.Popen[bytes]:
    """Start the program under the strongest seals of this machine, in its own session, with three pipes.

    ``folder`` becomes its working, home and temporary folder; of what lies beside it, it sees the folder ``requests``.
    The child is killed when the calling *thread* ends, so the thread that starts a child must be the one that
    supervises it. Raises MachineError if this machine isolates less than ``settings.least_tier``, or has no graphics
    processor for a program that needs one.
    """
    means = _means(program)
    if means.tier < settings.least_tier and not is_exempt(program):
        facts = {"found": means.tier, "asked": settings.least_tier}
        raise MachineError(Problem(key="execution.isolation_too_weak", where=program.entry, facts=facts))
    if lacks_gpu(program):
        raise MachineError(Problem(key="gpu_needs.none_here", facts={"candidate": program.entry}))
    order = order_for(
        program,
        folder.resolve(),
        means,
        network=settings.network,
        memory_mb=settings.memory_mb,
        hidden=tuple(Path(path) for path in settings.off_limits),
    )
    return subprocess.Popen(
        _warden(order),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        env=_environment(program, folder, settings, means),
        start_new_session=True,
    )


def probe(bubblewrap: str | None) -> str:
    """Try tier 2, by that bubblewrap, or tier 1 with a child that does nothing; why it does not work, "" if it does."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve() / "child"
        folder.mkdir()
        python = warden_python()
        program = ChildProgram(
            entry="probe",
            command=(python, "-I", "-S", "-c", PROBE, str(PROBED), "1" if bubblewrap else "0"),
            import_paths=(),
            options={},
            readable=tuple(part for part in prefix_parts(Path(python).parents[1]) if part.exists()),
        )
        means = Means(tier=2 if bubblewrap else 1, bubblewrap=bubblewrap)
        found = subprocess.run(
            _warden(order_for(program, folder, means)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            env=_environment(program, folder, ExecutionSettings(), means),
            start_new_session=True,
            check=False,
            timeout=SECONDS_TO_PROBE,
        )
    if found.returncode == 0:
        return ""
    lines = found.stderr.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {found.returncode}"


def _means(program: ChildProgram) -> Means:
    """What this machine has for the program."""
    found = machine()
    tier = tier_for(program, found)
    return Means(tier=tier, landlock_abi=found.landlock_abi, bubblewrap=found.bubblewrap, groups=found.groups)


def _warden(order: dict[str, Any]) -> list[str]:
    return [warden_python(), "-I", "-S", "-B", str(SEALED_START), json.dumps(order)]


def _environment(program: ChildProgram, folder: Path, settings: ExecutionSettings, means: Means) -> dict[str, str]:
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    clean.update(dict.fromkeys(("USER", "LOGNAME"), "candidate"))
    clean.update(dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), str(folder)))
    clean.update(dict.fromkeys(THREAD_VARIABLES, str(settings.threads)))
    if program.where == "elsewhere":  # our client ends a request itself before the time is over
        clean["DMN_BENCH_SECONDS_PER_CASE"] = str(settings.seconds_per_case)
    if means.tier == 1:  # by TCP, the only way that is left to ask for a name
        clean["RES_OPTIONS"] = "use-vc"
    if program.where == "container":
        clean.update({name: value for name, value in os.environ.items() if name.startswith(OF_ENGINES)})
    clean.update({name: os.environ[name] for name in program.environment if name in os.environ})
    return clean
