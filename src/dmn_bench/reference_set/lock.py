"""The lock of a reference set: the sha256 of every file, written once and compared before every run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..errors import Problem, ReferenceSetError, collect
from ..files import sha256_of, sha256_of_json, write_atomically
from .card import read_card

LOCK = "LOCK.json"
LOCK_FORMAT = "dmn-bench/lock/1"
NEVER_LOCKED = frozenset({LOCK, "identity.csv", "looks.jsonl"})
LITTER = frozenset({"Thumbs.db", "desktop.ini"})  # what file managers leave behind; hidden files likewise
LOCK_BYTES_AT_MOST = 1 << 30

Lock = Mapping[str, object]


def compute_lock(root: Path) -> Lock:
    """What LOCK.json would say of the folder as it is: ``{"format", "id", "version", "files": {path: sha256}}``.

    Every file of the folder and its subfolders, by its path with "/", except LOCK.json, identity.csv and looks.jsonl
    at the top, hidden files and the litter of file managers. Files are hashed in parallel.
    Raises ReferenceSetError if the card or a file cannot be read, or a link leads out of the folder.
    """
    card = read_card(root)
    return {"format": LOCK_FORMAT, "id": card.id, "version": card.version, "files": hash_files(root)}


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


def verify(root: Path) -> str:
    """The sha256 of the set, once every file is found to be what the lock says.

    Raises ReferenceSetError with every changed, missing and added file, or if the set was never locked.
    """
    stated = read_lock(root)
    before, now = _files_of(stated), hash_files(root)
    problems = [Problem(key="refset.lock_missing_file", where=name) for name in sorted(before.keys() - now.keys())]
    problems += [Problem(key="refset.lock_added_file", where=name) for name in sorted(now.keys() - before.keys())]
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
    return sha256_of_json(stated)


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
    return {str(name): str(value) for name, value in files.items()} if isinstance(files, dict) else {}


def hash_files(root: Path) -> dict[str, str]:
    """Path -> sha256 of every file of the set; ``compute_lock`` says which they are, and what is raised."""
    problems: list[Problem] = []
    names = sorted(_names(root, problems))
    collect(problems, ReferenceSetError)

    def hashed(name: str) -> str | Problem:
        try:
            return sha256_of(root / name)
        except OSError as error:
            return Problem(key="files.cannot_read", where=name, facts={"found": error.strerror or str(error)})

    # threads, not processes: hashlib and file reading both release the interpreter
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        results = dict(zip(names, pool.map(hashed, names), strict=True))
    collect([found for found in results.values() if isinstance(found, Problem)], ReferenceSetError)
    return {name: found for name, found in results.items() if isinstance(found, str)}


def _names(root: Path, problems: list[Problem]) -> Iterator[str]:
    inside = root.resolve()

    def unreadable(error: OSError) -> None:
        facts = {"found": error.strerror or str(error)}
        problems.append(Problem(key="files.cannot_read", where=str(error.filename), facts=facts))

    for folder, subfolders, files in os.walk(root, onerror=unreadable):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in (*subfolders, *files):
            path = Path(folder) / name
            relative = path.relative_to(root).as_posix()
            if name.startswith(".") or name in LITTER or relative in NEVER_LOCKED:
                continue
            problem = _not_lockable(path, relative, inside)
            if problem is not None:
                problems.append(problem)
            elif name not in subfolders:
                yield relative


def _not_lockable(path: Path, relative: str, inside: Path) -> Problem | None:
    if any("\ud800" <= character <= "\udfff" for character in relative):  # a name that is not UTF-8 on disk
        where = relative.encode("utf-8", "backslashreplace").decode("utf-8")
        return Problem(key="refset.file_name_not_utf8", where=where)
    if path.is_symlink() and (path.is_dir() or not path.resolve().is_relative_to(inside)):
        return Problem(key="refset.link_outside", where=relative)
    if not path.is_dir() and not path.is_file():
        return Problem(key="refset.not_a_file", where=relative)
    return None
