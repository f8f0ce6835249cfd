"""The files of a candidate package: those that it consists of, and those that its program never gets to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .manifests import MANIFEST

PLUGIN_CHECK = "plugin-check.json"
LEFT_OUT = frozenset({"__pycache__", ".git", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
"""Folders that are no part of what a vendor delivers: caches, histories, virtual environments."""
NOT_FOR_THE_PROGRAM = ("cases", "refuses", PLUGIN_CHECK)
"""What lies in a package for whoever checks it: a program that saw it could tell a check from a run."""


def package_files(folder: Path) -> Iterator[Path]:
    """The files of a package in order of their paths; folders that are links are not followed.

    Left out are the folders of ``LEFT_OUT``, and the ``plugin-check.json`` at the top, which is about all the others.
    """
    return (path for path in _files(folder) if path != folder / PLUGIN_CHECK)


def unseen(folder: Path) -> tuple[Path, ...]:
    """What no program of the package may read: what its hash leaves out, and what is there to check it.

    A file that may be exchanged without a trace must not change an answer. A virtual environment stays to be seen if
    the program is run by its interpreter: whoever hides these excepts it. () for a folder that is no package.
    """
    if not (folder / MANIFEST).is_file():
        return ()
    for_others = (folder / name for name in NOT_FOR_THE_PROGRAM)
    return (*(path for path in for_others if path.exists()), *_left_out(folder))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in LEFT_OUT and not path.is_symlink():
                yield from _files(path)
        elif path.is_file():
            yield path


def _left_out(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name in LEFT_OUT:
                yield path
            else:
                yield from _left_out(path)
