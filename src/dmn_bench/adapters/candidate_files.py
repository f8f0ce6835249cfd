"""Which files make up a candidate that is a program: its package, and what else it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..catalogue.packages import package_files
from ..files import path_as_text, sha256_of

MANIFEST = "candidate.yaml"


def package_folder(base: Path) -> Path | None:
    """The folder of the candidate's package; None where the protocol names a program that has none.

    Without a package ``base`` is the folder of the protocol, which may hold anything: truth, too.
    """
    return base.resolve() if (base / MANIFEST).is_file() else None


def hashes(base: Path, named: Sequence[Path]) -> Mapping[str, str]:
    """sha256 of every file of the package and of ``named`` files and folders (from ``base``), by name.

    What lies in ``base`` has its relative name, anything else its absolute one. Caches and virtual environments are
    left out.
    """
    folder = package_folder(base)
    return hashes_of(base, (() if folder is None else (folder,)) + tuple(named))


def hashes_of(base: Path, named: Sequence[Path]) -> Mapping[str, str]:
    """``hashes`` of ``named`` alone."""
    found: dict[Path, None] = {}
    for path in named:
        place = (base / path).resolve()
        found.update(dict.fromkeys(package_files(place) if place.is_dir() else [place]))
    root = base.resolve()
    names = {(path.relative_to(root) if path.is_relative_to(root) else path): path for path in found}
    return {path_as_text(name): sha256_of(path) for name, path in sorted(names.items())}
