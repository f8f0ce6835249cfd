"""The machine and the software of a run, for ``observed``: no name of a person, a host or a path."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

DISTRIBUTIONS = (
    "dmn-bench",
    "numpy",
    "scipy",
    "pydicom",
    "wfdb",
    "onnxruntime",
    "scikit-learn",
    "pillow",
    "pylibjpeg",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "pylibjpeg-libjpeg",
    "pyjpegls",
    "python-gdcm",
)


def machine() -> dict[str, Any]:
    """Kind of machine, processors and memory."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "processors": os.cpu_count() or 1,
        "memory_mb": _memory_mb(),
        "python": platform.python_version(),
    }


def software() -> dict[str, str]:
    """Version of every installed distribution that can change a number."""
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


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
