"""The lock of a reference set: the sha256 of every file, written once and compared before every run."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..files import is_text, sha256_of_json, write_atomically
from .card import read_card
from .hashing import OnBytes, hashes

LOCK = "LOCK.json"
LOCK_FORMAT = "dmn-bench/lock/1"
NEVER_LOCKED = frozenset({LOCK, "identity.csv", "looks.jsonl"})
LITTER = frozenset({"Thumbs.db", "desktop.ini"})  # what file managers leave behind; hidden files likewise
LOCK_BYTES_AT_MOST = 1 << 30

Lock = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A set whose files were just found to be what its lock says."""

    sha256: str  # of what LOCK.json says
    files: Mapping[str, str]  # path -> sha256, those that were hashed just now
    locked: Mapping[str, str]  # path -> sha256, as the lock says, of every file of the set


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
    before = _files_of(stated)
    if names is not None:
        asked = set(names)
        before = {name: value for name, value in before.items() if "/" not in name or name in asked}
    now = hash_files(root, None if names is None else before.keys(), on_bytes=on_bytes)
    locked = _files_of(stated)
    problems = [Problem(key="refset.lock_missing_file", where=name) for name in sorted(before.keys() - now.keys())]
    problems += [Problem(key="refset.lock_added_file", where=name) for name in sorted(now.keys() - locked.keys())]
    problems += [
        Problem(
            key="refset.lock_changed_file",
            where=name,
            facts={"found": now[name][:12], "expected": before[name][:12]},
        )
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    ]
    collect(problems, ReferenceSetError)
    return Verified(sha256=sha256_of_json(stated), files=before, locked=locked)


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


def hash_files(root: Path, names: Collection[str] | None = None, *, on_bytes: OnBytes | None = None) -> dict[str, str]:
    """Path -> sha256 of every file of the set; ``compute_lock`` says which they are, and what is raised.

    ``names``: hash only these; the others have "" for their sha256.
    """
    problems: list[Problem] = []
    found = sorted(_files(root, problems))
    collect(problems, ReferenceSetError)
    asked = found if names is None else [(name, size) for name, size in found if name in names]
    results = dict.fromkeys((name for name, _ in found), "")
    for name, result in hashes(root, asked, on_bytes):
        if isinstance(result, str):
            results[name] = result
        else:
            facts = {"found": result.strerror or str(result)}
            problems.append(Problem(key="files.cannot_read", where=name, facts=facts))
    collect(problems, ReferenceSetError)
    return results


def _files(root: Path, problems: list[Problem]) -> Iterator[tuple[str, int]]:
    """(path with "/", bytes) of every file to be locked; what may not lie in a set goes to ``problems``."""
    inside = os.path.realpath(root)
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
                yield relative, _size(entry)


def _entries(folder: Path, problems: list[Problem]) -> list[os.DirEntry[str]]:
    """What lies in a folder, hidden things left out."""
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        problems.append(Problem(key="files.cannot_read", where=str(error.filename), facts=facts))
        return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:  # whoever reads it will say so
        return 0


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
