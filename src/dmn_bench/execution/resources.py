"""Processors and memory that this process may use, container limits counted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CGROUP_LIMITS = (  # limit and use in bytes: version 2, version 1
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
MIB = 1 << 20


def processors() -> int:
    """Processors that this process may run on, at least 1."""
    if sys.platform.startswith("linux"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory_mb(root: Path = Path("/")) -> float:
    """Memory that can be taken without swapping, in MiB: what the kernel estimates, or less where a container ends.

    ``root``: where ``proc`` and ``sys`` are. Infinity where the system tells nothing.
    """
    free = [_available(root / "proc/meminfo")]
    for limit, used in CGROUP_LIMITS:
        most, now = _number(root / limit.lstrip("/")), _number(root / used.lstrip("/"))
        if most is not None and now is not None:
            free.append(max(0.0, (most - now) / MIB))
    return min(free)


def _available(path: Path) -> float:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return float("inf")
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return float(rest.split()[0]) / 1024
    return float("inf")


def _number(path: Path) -> int | None:
    """The number in a file; None where there is none, or a word ("max")."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
