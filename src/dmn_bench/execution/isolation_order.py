"""What the warden of one child is ordered to do, and the same in words for the report: made from one description."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..hookspecs import ChildProgram
from .isolation_files import PROC, REQUESTS, Files, command_of, files_for
from .isolation_namespaces import command as bubblewrap_command
from .isolation_namespaces import data_files, first_process, memory_folders
from .landlock import ABI_OF_SCOPES, ABI_OF_TCP
from .relay import is_address, is_this_machine, split

MAX_FILE_BYTES = 4 * 1024**3
MAX_FOLDER_BYTES = 8 * 1024**3
SHARE_OF_DISK = 0.5  # of what is free, for the folder of a child
MAX_PROCESSES = 512  # threads count
MAX_OPEN_FILES = 4096
PORT_OF_NAMES = 53


@dataclass(frozen=True, kw_only=True)
class Means:
    """What is used for one child: the tier, and what of the machine serves it."""

    tier: Literal[0, 1, 2, 3]
    landlock_abi: int = 0
    bubblewrap: str | None = None
    groups: Path | None = None


def granted_to(program: ChildProgram, network: Sequence[str]) -> tuple[str, ...]:
    """The hosts that a program needs and the protocol grants, as host:port."""
    return tuple(host for host in program.hosts if host in network)


def order_for(
    program: ChildProgram,
    folder: Path,
    means: Means,
    *,
    network: Sequence[str] = (),
    memory_mb: int | None = None,
    hidden: Sequence[Path] = (),
) -> dict[str, Any]:
    """The order for ``sealed_start``; see there. ``hidden``: files and folders that the child must not see."""
    order: dict[str, Any] = {
        "supervisor": os.getpid(),
        "limits": _limits(memory_mb),
        "command": command_of(program),
        "drop": program.where != "container",
        "engine": program.where == "container",
        "folder": str(folder),
        "folder_bytes": int(min(MAX_FOLDER_BYTES, SHARE_OF_DISK * shutil.disk_usage(folder).free)),
    }
    if means.groups is not None:
        order.update(group=str(means.groups / "dmn-bench"), processes=MAX_PROCESSES)
    if means.tier in (0, 3):
        return order
    (folder.parent / REQUESTS).mkdir(exist_ok=True)
    files = files_for(program, folder, hidden=hidden)
    granted = granted_to(program, network)
    order["seal"] = _shut(program, files, granted) if means.tier == 1 else _shut_inside(files)
    if means.tier == 2:
        order["namespaces"] = {
            "command": bubblewrap_command(str(means.bubblewrap), program, files, granted),
            "python": first_process(),
            "hosts": list(granted),
            "data": data_files(granted, folder),
        }
    return order


def words_for(
    program: ChildProgram, means: Means, *, network: Sequence[str] = (), memory_mb: int | None = None
) -> tuple[str, ...]:
    """What a child started by the same means is and is not kept from: words of ``report_frame.isolation``."""
    words = [f"tier-{means.tier}"]
    if program.where == "elsewhere":
        words.append("device_elsewhere")
    words += ["own_process", "private_folder", "time_limited"]
    if program.where != "container":  # an engine may need privileges to map its users
        words.append("no_new_privileges")
    words.append("environment_of_engine" if program.where == "container" else "clean_environment")
    words.append("memory_limited" if memory_mb else "memory_not_limited")
    is_bound = means.groups is not None or os.geteuid() != 0  # the ordinary limit does not bind root
    words.append("processes_limited" if is_bound else "processes_not_limited")
    words.append("folder_limited")
    if program.where == "container":
        return (*words, *program.engine_protections)
    if means.tier == 0:
        words += ["files_not_blocked", "network_not_blocked", "other_processes_not_blocked"]
    elif means.tier == 1:
        words += ["files_limited", _network_word(program, means, network), "system_calls_limited"]
        words.append("other_processes_blocked" if means.landlock_abi >= ABI_OF_SCOPES else "signals_not_blocked")
    else:
        words += ["files_hidden", "network_hosts_granted" if granted_to(program, network) else "network_blocked"]
        words += ["system_calls_limited", "other_processes_hidden"]
    if program.gpu:
        words.append("gpu_devices_open")
    if program.environment:
        words.append("variables_handed_over")
    return (*words, *_host_words(program, granted_to(program, network)))


def _host_words(program: ChildProgram, granted: Sequence[str]) -> list[str]:
    """For each granted host a word, a colon and the host: whether images leave this machine."""
    kind = "images_sent" if program.where == "elsewhere" else "host_granted"
    return [f"{kind}{'_here' if is_this_machine(split(host)[0]) else ''}:{host}" for host in granted]


def _network_word(program: ChildProgram, means: Means, network: Sequence[str]) -> str:
    if not granted_to(program, network) and not program.listens:
        return "network_blocked"
    return "network_ports_granted" if means.landlock_abi >= ABI_OF_TCP else "network_not_blocked"


def _shut(program: ChildProgram, files: Files, granted: Sequence[str]) -> dict[str, Any]:
    """The seal of tier 1: Landlock names all that is left."""
    readable, listable = files.expanded()
    places = [split(host) for host in granted]
    ports = {port for _, port in places}
    if any(not is_address(host) for host, _ in places):
        ports.add(PORT_OF_NAMES)
    client = "internet" if program.where == "elsewhere" else "tcp"
    return {
        "readable": _texts((*readable, *PROC)),
        "listable": _texts(listable),
        "writable": _texts((*files.writable, *files.devices)),
        "connects": sorted(ports),
        "binds": sorted(program.listens),
        "sockets": client if ports or program.listens else "none",
        "own_proc": True,
    }


def _shut_inside(files: Files) -> dict[str, Any]:
    """The seal within namespaces, where only what is left exists: nothing of it can be written."""
    inside = (Path("/proc"), *(Path(name) for name in data_files((), files.writable[0])))
    return {
        "readable": _texts((*files.readable, *files.named, *inside)),
        "listable": ["/"],
        "writable": _texts((*files.writable, *files.devices, *memory_folders())),
        "connects": None,
        "binds": None,
        "sockets": "private",
        "own_proc": False,
    }


def _texts(paths: Sequence[Path]) -> list[str]:
    return [str(path) for path in dict.fromkeys(paths)]


def _limits(memory_mb: int | None) -> dict[str, int]:
    limits = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": MAX_FILE_BYTES, "RLIMIT_NOFILE": MAX_OPEN_FILES}
    if memory_mb is not None:
        limits["RLIMIT_AS"] = memory_mb * 1024 * 1024
    if os.geteuid() != 0:  # the limit does not bind root
        limits["RLIMIT_NPROC"] = _threads_of_this_user() + MAX_PROCESSES
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
