"""What is installed and what works on this machine, as rows for ``dmn-bench doctor``: looked at, and tried."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Literal

from ..errors import Fact

DISTRIBUTION = "dmn-bench"
FOR_DEVELOPERS = ("test", "bench", "dev", "docs", "lint")
GIB = 1 << 30
OF_A_SERVICE = ("docker", "podman")  # say with info whether they work
SECONDS_OF_ENGINE = 20
LEAST_FREE_BYTES = GIB  # in the temporary folder, for the copies of requests

Status = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row: what was looked at, how it is, what was found.

    ``name``: of a package or extra, "" where ``key`` names it. ``key``: of the room ``doctor``: its label and, ending
    in ``.mend``, what to do when it is not ok. ``broken``: no run can work. ``title``: ``name`` in words.
    ``free_bytes``: of memory or of a disk, shown behind ``found``.
    """

    group: str
    key: str
    status: Status
    found: str
    name: str = ""
    title: str = ""
    free_bytes: int | None = None
    facts: dict[str, Fact] = field(default_factory=dict)


def findings(folder: Path) -> tuple[Finding, ...]:
    """Everything, group by group. ``folder``: where runs would be written."""
    return (*_software(), *_extras(), *_decoders(), *_isolation(), *_machine(), *_folder(folder))


def _software() -> Iterator[Finding]:
    yield _row("software", "ours", "ok", _version(DISTRIBUTION) or "-")
    yield _row("software", "python", "ok", platform.python_version())
    for name, needed in sorted(_requirements().items()):
        if not needed:
            version = _version(name)
            yield Finding(
                group="software",
                key="package",
                status="ok" if version else "broken",
                found=version or "-",
                name=name,
                facts={"name": name},
            )


def _extras() -> Iterator[Finding]:
    extras: dict[str, list[str]] = {}
    for name, needed in _requirements().items():
        for extra in needed:
            extras.setdefault(extra, []).append(name)
    if not extras:  # an installation from a folder, of an older version
        yield _row("extras", "no_extras", "missing", _version(DISTRIBUTION) or "-")
    for extra, names in sorted(extras.items()):
        if extra in FOR_DEVELOPERS:
            continue
        lacking = sorted(name for name in names if not _version(name))
        have = ", ".join(f"{name} {_version(name)}" for name in sorted(names) if name not in lacking)
        yield Finding(
            group="extras",
            key="extra",
            status="missing" if lacking else "ok",
            found=have or "-",
            name=extra,
            facts={"extra": extra, "lacking": ", ".join(lacking)},
        )


def _decoders() -> Iterator[Finding]:
    from ..inputs.dicom_pixels import DECODERS, syntax_name

    for syntax, decoder in DECODERS.items():
        version = _version(decoder.package)
        yield Finding(
            group="decoders",
            key="decoder",
            status="ok" if version else "missing",
            found=f"{decoder.package} {version}" if version else "-",
            name=syntax,
            title=syntax_name(syntax),
            facts={"extra": decoder.extra},
        )


def _isolation() -> Iterator[Finding]:
    from ..execution import landlock
    from ..execution.isolation import machine, most_tier

    if not sys.platform.startswith("linux"):
        yield _row("isolation", "linux", "missing", sys.platform)
        return
    found = machine()
    yield _row("isolation", "tier", "ok" if found.tier else "missing", str(min(found.tier, most_tier())))
    version = found.landlock_abi
    enough = version >= landlock.ABI_OF_SCOPES
    yield _row("isolation", "landlock", "ok" if enough else "missing", str(version), abi=landlock.ABI_OF_SCOPES)
    yield _row("isolation", "seccomp", "ok" if found.has_seccomp else "missing", platform.machine())
    if not found.sealed:
        yield _row("isolation", "sealed", "missing", found.why_not.get(1, "-"))
    bubblewrap = found.bubblewrap_version or "-"
    yield _row("isolation", "bubblewrap", "ok" if found.bubblewrap else "missing", bubblewrap)
    if found.bubblewrap:
        status: Status = "ok" if found.namespaced else "missing"
        yield _row("isolation", "namespaces", status, found.why_not.get(2, found.bubblewrap))
    is_bound = os.geteuid() != 0 or found.groups is not None
    place = "RLIMIT_NPROC" if os.geteuid() != 0 else str(found.groups or "-")
    yield _row("isolation", "processes", "ok" if is_bound else "missing", place)
    if not found.engines:
        yield _row("isolation", "engines", "missing", "-")
    for engine in found.engines:
        failure = _failure_of(engine)
        status = "missing" if failure else "ok"
        facts: dict[str, Fact] = {"name": engine, "found": failure}
        yield Finding(group="isolation", key="engine", status=status, found="-", name=engine, facts=facts)


def _failure_of(engine: str) -> str:
    """What keeps a container engine from working, "" if nothing: a command may be there without its service."""
    question = "info" if engine in OF_A_SERVICE else "version"
    try:
        done = subprocess.run(
            [shutil.which(engine) or engine, question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS_OF_ENGINE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{SECONDS_OF_ENGINE} s"
    except OSError as error:
        return error.strerror or type(error).__name__
    said = done.stderr.decode("utf-8", "replace").split("\n")
    if not done.returncode:
        return ""
    return next((line.strip()[:200].rstrip(" .?") for line in said if line.strip()), str(done.returncode))


def _machine() -> Iterator[Finding]:
    from ..execution.gpu import gpu_devices
    from ..execution.resources import available_memory_mb, processors

    yield _row("machine", "processors", "ok", str(processors()))
    devices = gpu_devices()
    yield _row("machine", "gpu", "ok" if devices else "missing", ", ".join(devices) or "-")
    memory = int(available_memory_mb() * (1 << 20))
    yield Finding(group="machine", key="memory", status="ok", found="", free_bytes=memory)
    temporary = Path(tempfile.gettempdir())
    try:
        with tempfile.NamedTemporaryFile(dir=temporary) as trial:
            trial.write(b"x")
        free = shutil.disk_usage(temporary).free
    except OSError as error:
        yield _row("machine", "temporary", "broken", f"{temporary}: {error.strerror}")
        return
    status: Status = "ok" if free >= LEAST_FREE_BYTES else "missing"
    yield _place("machine", "temporary", status, temporary, free)


def _folder(folder: Path) -> Iterator[Finding]:
    """Whether answers and headers can be kept here: a database, and one whose reader and writer work at once."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".dmn-bench-doctor-") as made:
            free = shutil.disk_usage(made).free
            mode = _journal_of(Path(made) / "trial.sqlite")
    except (OSError, sqlite3.Error) as error:
        yield _row("folder", "writable", "missing", f"{folder}: {error}")
        return
    yield _place("folder", "writable", "ok", folder, free)
    yield _row("folder", "ledger", "ok" if mode == "wal" else "missing", mode)


def _journal_of(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("CREATE TABLE trial (value)")
        connection.execute("INSERT INTO trial VALUES (1)")
        connection.commit()
    finally:
        connection.close()
    return str(mode)


def _place(group: str, key: str, status: Status, place: Path, free: int) -> Finding:
    return Finding(group=group, key=key, status=status, found=str(place), free_bytes=free, facts={"found": str(place)})


def _row(group: str, key: str, status: Status, found: str, **facts: Fact) -> Finding:
    return Finding(group=group, key=key, status=status, found=found, facts={"found": found, **facts})


def _requirements() -> dict[str, tuple[str, ...]]:
    """Distribution that ours needs -> the extras that need it, () for what is always needed."""
    found: dict[str, set[str]] = {}
    for line in metadata.requires(DISTRIBUTION) or ():
        name = re.split(r"[\s\[<>=!~;(]", line, maxsplit=1)[0]
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        if name != DISTRIBUTION:
            found.setdefault(name, set()).add(extra[1] if extra else "")
    return {name: () if "" in extras else tuple(sorted(extras)) for name, extras in found.items()}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
