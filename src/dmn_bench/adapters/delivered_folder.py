"""A folder that a vendor delivered: which of its files are to be read."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path

from ..errors import CandidateError, Problem
from ..files import path_as_text


def files_in(base: Path, folder: str, ignored: Sequence[str], *, no_folder: str) -> list[tuple[str, Path]]:
    """Every file of a folder and its subfolders that is to be read, by its path in the folder, in order.

    Left out are files that ``ignored`` patterns match by name, hidden ones, and links to what lies elsewhere.
    ``no_folder``: key of the wordings for a folder that does not exist.
    Raises CandidateError where it does not.
    """
    root = base / folder
    if not root.is_dir():
        raise CandidateError(Problem(key=no_folder, where=str(base), facts={"found": folder}))
    inside = root.resolve()
    found = []
    for path in sorted(root.rglob("*")):
        below = path.relative_to(root)
        is_hidden = any(part.startswith(".") for part in below.parts)
        is_ignored = any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored)
        if path.is_file() and not is_hidden and not is_ignored and path.resolve().is_relative_to(inside):
            found.append((path_as_text(below), path))
    return found
