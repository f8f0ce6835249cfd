"""What a program left in its output folder, taken with suspicion: plain files alone, few and small enough."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

MIB = 1024 * 1024
NAMES_SHOWN = 4


class OutputError(Exception):
    """An output that cannot be taken: says where, what was expected and what was found."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of what lies in one output folder, folders within it included."""

    files: int
    megabytes: int

    def times(self, n: int) -> Limits:
        """The limits of ``n`` cases together."""
        return Limits(files=self.files * n, megabytes=self.megabytes * n)


def excess(folder: Path, limits: Limits) -> str:
    """How the folder is beyond its limits, "" when it is not; may be asked while a program writes there."""
    n_bytes = 0
    for n_files, (_, found) in enumerate(_entries(folder, ""), start=1):
        n_bytes += max(found.st_size, found.st_blocks * 512)  # a file with holes counts whole: it would be read whole
        if n_files > limits.files:
            return f"output folder: expected at most {limits.files} files and folders, found more"
        if n_bytes > limits.megabytes * MIB:
            return f"output folder: expected at most {limits.megabytes} MiB, found more"
    return ""


def files_in(folder: Path, limits: Limits) -> dict[str, Path]:
    """Every file below ``folder`` by its relative name with "/", sorted. The program that wrote them must have ended.

    Raises OutputError beyond the limits, and on anything but files and folders: links, pipes, sockets, devices.
    """
    reason = excess(folder, limits)
    if reason:
        raise OutputError(reason)
    found = {}
    for name, status in _entries(folder, ""):
        if stat.S_ISREG(status.st_mode):
            found[name] = folder / name
        elif not stat.S_ISDIR(status.st_mode):
            _refuse(name, status.st_mode)
    return dict(sorted(found.items()))


def read_file(path: Path, name: str, most_bytes: int) -> bytes:
    """The content of a file of the output, not through a link and without waiting for a pipe.

    Raises OutputError if it is no plain file, too long, or cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise OutputError(f"{shown(name)}: cannot be opened: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            _refuse(name, status.st_mode)
        if status.st_size > most_bytes:
            raise OutputError(f"{shown(name)}: expected at most {most_bytes} bytes, found {status.st_size}")
        return stream.read(most_bytes)


def remove(folder: Path) -> None:
    """Remove a folder with all in it, also where a program has forbidden that; or a file."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    folder.chmod(0o700)
    for path, folders, _ in os.walk(folder):  # from above: each is opened before it is looked into
        for each in (Path(path) / name for name in folders):
            if not each.is_symlink():
                with contextlib.suppress(OSError):
                    each.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def shown(name: str) -> str:
    """A file name that a stranger chose, for a message."""
    text = os.fsencode(name).decode("utf-8", errors="backslashreplace")
    return text if len(text) <= 60 else text[:59] + "…"


def listed(names: list[str]) -> str:
    """A few names for a message, with how many there are."""
    if not names:
        return "nothing"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(shown(name) for name in names[:NAMES_SHOWN]) + more


def top(folder: Path) -> str:
    """What lies in a folder, for a message."""
    return listed(sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir()))


def _entries(folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """(relative name, status) of everything below; links are not followed. A file may go while we look."""
    waiting = [prefix]
    while waiting:
        place = waiting.pop()
        try:
            entries = os.scandir(folder / place)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutputError(f"{shown(place) or 'output folder'}: cannot be listed: {error.strerror}") from error
        with entries:
            for entry in entries:
                name = f"{place}/{entry.name}" if place else entry.name
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield name, status
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(name)


def _refuse(name: str, mode: int) -> NoReturn:
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFDIR: "a folder",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    raise OutputError(f"{shown(name)}: expected a plain file, found {kinds.get(stat.S_IFMT(mode), 'something else')}")
