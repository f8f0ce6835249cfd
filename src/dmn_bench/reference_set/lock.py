"""The lock of a reference set: the sha256 of every file, written once and compared before every run."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import Problem, ReferenceSetError, collect
from ..files import is_text, sha256_of_json, write_atomically
from .card import read_card
from .hashing import OnBytes, hashes

LOCK = "LOCK.json"
LOCK_FORMAT = "dmn-bench/lock/1"
NEVER_LOCKED = frozenset({LOCK, "identity.csv", "looks.jsonl"})
LITTER = frozenset({"Thumbs.db", "desktop.ini"})  # what file managers leave behind; hidden files likewise
LOCK_BYTES_AT_MOST = 1 << 30
STAMP_AFTER_NS = 2_000_000_000

Lock = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A set whose files were just found to be what its lock says."""

    sha256: str  # of what LOCK.json says
    files: Mapping[str, str]  # path -> sha256, those that were hashed just now
    locked: Mapping[str, str]  # path -> sha256, as the lock says, of every file of the set
    stamps: Mapping[str, int]  # path -> ``stamp`` of the file when it was hashed; absent where it says nothing


def compute_lock(root: Path, *, on_bytes: OnBytes | None = None) -> Lock:
    """What LOCK.json would say of the folder as it is: ``{"format", "id", "version", "files": {path: sha256}}``.

    Every file of the folder and its subfolders, by its path with "/", except LOCK.json, identity.csv and looks.jsonl
    at the top, hidden files and the litter of file managers. Files are hashed in parallel.
    Raises ReferenceSetError if the card or a file cannot be read, or a link leads out of the folder.
    """
    card = read_card(root)
    files = hash_files(root, on_bytes=on_bytes)
    return {"format": LOCK_FORMAT, "id": card.id, "version": card.version, "files": files}


def lock(root: Path) -> Path:
    """Freeze the set: write LOCK.json and return its path.

    Raises ReferenceSetError as ``compute_lock`` does, and if the same version was locked with other content.
    """
    path, now = root / LOCK, compute_lock(root)
    if path.exists():
        before = read_lock(root)
        if before["version"] == now["version"] and before["files"] != now["files"]:
            raise ReferenceSetError(
                Problem(key="refset.version_locked", where=LOCK, facts={"found": str(now["version"])})
            )
    write_atomically(path, json.dumps(now, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return path


def verify(root: Path, names: Collection[str] | None = None, *, on_bytes: OnBytes | None = None) -> str:
    """The sha256 of the set, once every file is found to be what the lock says; see ``verified``."""
    return verified(root, names, on_bytes=on_bytes).sha256


def verified(root: Path, names: Collection[str] | None = None, *, on_bytes: OnBytes | None = None) -> Verified:
    """The set, once every file is found to be what the lock says.

    ``names``: hash only these files, and every file that lies beside the card (card and tables); the others may have
    changed or be missing, but none may have been added. ``on_bytes`` is told how far the hashing is.
    Raises ReferenceSetError with every changed, missing and added file, or if the set was never locked.
    """
    stated = read_lock(root)
    locked = _files_of(stated)
    expected = locked
    if names is not None:
        asked = set(names)
        expected = {name: value for name, value in locked.items() if "/" not in name or name in asked}
    found = files_of_set(root)
    now = _hashed(root, [file for file in found if names is None or file.name in expected], on_bytes)
    here = {file.name for file in found}
    collect(differences(expected, now, added=here - locked.keys(), missing=expected.keys() - here), ReferenceSetError)
    stamps = {file.name: file.stamp for file in found if file.stamp and file.name in now}
    return Verified(sha256=sha256_of_json(stated), files=expected, locked=locked, stamps=stamps)


def differences(
    expected: Mapping[str, str], now: Mapping[str, str], *, added: Collection[str] = (), missing: Collection[str] = ()
) -> list[Problem]:
    """What is wrong with files that should have ``expected`` hashes and have those of ``now``."""
    changed = sorted(name for name in now.keys() & expected.keys() if now[name] != expected[name])
    return [
        *(Problem(key="refset.lock_missing_file", where=name) for name in sorted(missing)),
        *(Problem(key="refset.lock_added_file", where=name) for name in sorted(added)),
        *(
            Problem(
                key="refset.lock_changed_file",
                where=name,
                facts={"found": now[name][:12], "expected": expected[name][:12]},
            )
            for name in changed
        ),
    ]


def read_lock(root: Path) -> Lock:
    """What LOCK.json says. Raises ReferenceSetError if there is none or it is not a lock."""
    path = root / LOCK
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ReferenceSetError(Problem(key="refset.not_locked", where=LOCK)) from None
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise ReferenceSetError(Problem(key="files.cannot_read", where=LOCK, facts=facts)) from error
    try:
        found = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        found = None
    if not _is_lock(found):
        raise ReferenceSetError(Problem(key="refset.lock_malformed", where=LOCK))
    return dict(found)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _is_lock(found: object) -> bool:
    if not isinstance(found, dict) or found.keys() != {"format", "id", "version", "files"}:
        return False
    files = found["files"]
    return (
        found["format"] == LOCK_FORMAT
        and isinstance(found["id"], str)
        and isinstance(found["version"], str)
        and isinstance(files, dict)
        and all(isinstance(value, str) for value in files.values())
    )


def _files_of(stated: Lock) -> Mapping[str, str]:
    files = stated["files"]
    return files if isinstance(files, dict) else {}


def hash_files(root: Path, *, on_bytes: OnBytes | None = None) -> dict[str, str]:
    """Path -> sha256 of every file of the set; ``compute_lock`` says which they are, and what is raised."""
    return _hashed(root, files_of_set(root), on_bytes)


def _hashed(root: Path, files: Sequence[FoundFile], on_bytes: OnBytes | None) -> dict[str, str]:
    problems: list[Problem] = []
    results: dict[str, str] = {}
    for name, result in hashes(root, [(file.name, file.size) for file in files], on_bytes):
        if isinstance(result, str):
            results[name] = result
        else:
            facts = {"found": result.strerror or str(result)}
            problems.append(Problem(key="files.cannot_read", where=name, facts=facts))
    collect(problems, ReferenceSetError)
    return results


class FoundFile(NamedTuple):
    """A file of the set: its path with "/", its size in bytes, and its ``stamp``."""

    name: str
    size: int
    stamp: int


def files_of_set(root: Path) -> list[FoundFile]:
    """Every file to be locked, by name. Raises ReferenceSetError for what may not lie in a set."""
    problems: list[Problem] = []
    found = sorted(_files(root, problems))
    collect(problems, ReferenceSetError)
    return found


def stamp(status: os.stat_result, now_ns: int) -> int:
    """A number that changes whenever the content of a file does; 0 where it would say nothing.

    It is made of what the system notes of the file: its place on the disk, size, and the times of its last change,
    of which the one that nobody can set is never the same twice, unless two changes fall into one tick of the clock:
    so a file that was changed within the two seconds before ``now_ns`` has none.
    """
    if status.st_ctime_ns > now_ns - STAMP_AFTER_NS:
        return 0
    return hash((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


def _files(root: Path, problems: list[Problem]) -> Iterator[FoundFile]:
    """Every file to be locked; what may not lie in a set goes to ``problems``."""
    inside, now_ns = os.path.realpath(root), time.time_ns()
    folders = [""]  # relative, each ending in "/" but the first
    while folders:
        folder = folders.pop()
        for entry in _entries(root / folder, problems):
            relative = folder + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder:
                folders.append(f"{relative}/")
            if entry.name in LITTER or relative in NEVER_LOCKED:
                continue
            problem = _not_lockable(entry, relative, inside)
            if problem is not None:
                problems.append(problem)
            elif not is_folder:
                yield _found(entry, relative, now_ns)


def _entries(folder: Path, problems: list[Problem]) -> list[os.DirEntry[str]]:
    """What lies in a folder, hidden things left out."""
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        problems.append(Problem(key="files.cannot_read", where=str(error.filename), facts=facts))
        return []


def _found(entry: os.DirEntry[str], relative: str, now_ns: int) -> FoundFile:
    try:
        status = entry.stat()
    except OSError:  # whoever reads it will say so
        return FoundFile(relative, 0, 0)
    return FoundFile(relative, status.st_size, stamp(status, now_ns))


def _not_lockable(entry: os.DirEntry[str], relative: str, inside: str) -> Problem | None:
    if not is_text(relative):  # a name that is not UTF-8 on disk
        where = relative.encode("utf-8", "backslashreplace").decode("utf-8")
        return Problem(key="refset.file_name_not_utf8", where=where)
    path = Path(entry.path) if entry.is_symlink() else entry  # a link may lead in circles, which only Path takes
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        is_inside = target == inside or target.startswith(inside.rstrip(os.sep) + os.sep)
        if path.is_dir() or not is_inside:
            return Problem(key="refset.link_outside", where=relative)
    if not path.is_dir() and not path.is_file():
        return Problem(key="refset.not_a_file", where=relative)
    return None
