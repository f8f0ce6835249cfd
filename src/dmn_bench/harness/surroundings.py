"""The machine and the software of a run, for ``observed``: no name of a person, a host or a path."""

from __future__ import annotations

import os
import platform
from typing import Any

from ..execution.resources import processors
from ..execution.software import installed


def machine() -> dict[str, Any]:
    """Kind of machine, processors that the run may use, and memory."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "processors": processors(),
        "memory_mb": _memory_mb(),
        "python": platform.python_version(),
    }


def software() -> dict[str, str]:
    """Version of every installed distribution that can change a number."""
    return installed("scipy", "scikit-learn")


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as stream:  # noqa: PTH123 - not a path of the user's
            for line in stream:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def _memory_mb() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)
    except (ValueError, OSError, AttributeError):
        return None
