"""One delivered file for each record: which case it belongs to, and what is wrong with a folder of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import Literal

from ..errors import CandidateError, Problem
from ..files import path_as_text, sha256_of
from ..hookspecs import CaseKeys

NamedAfter = Literal["file_name", "case_id"]
SHOWN_IDS = 20


def files_of_cases(
    cases: Sequence[CaseKeys],
    folder: Path,
    shown: str,
    *,
    named_after: NamedAfter,
    suffixes: Sequence[str],
) -> Mapping[str, Path | None]:
    """The file of each case by case_id, None where there is none.

    A file is named after the record: the case's first file without its extension, or its id. ``shown``: the folder as
    the protocol writes it. ``suffixes``: of the files that count, in small letters; () for all but hidden ones.

    Raises CandidateError if the folder is missing, if files name no case of the set, or if two files name one case.
    """
    found: dict[str, list[Path]] = {}
    for path in delivered(folder, shown, suffixes):
        found.setdefault(path.stem, []).append(path)
    names = {keys.case.case_id: record_name(keys, named_after) for keys in cases}
    unknown = sorted(set(found) - set(names.values()))
    doubled = sorted(name for name, paths in found.items() if len(paths) > 1)
    if unknown or doubled:
        raise CandidateError(
            *_named("statements.files_unknown", shown, unknown), *_named("statements.files_doubled", shown, doubled)
        )
    return {case_id: found[name][0] if name in found else None for case_id, name in names.items()}


def delivered(folder: Path, shown: str, suffixes: Sequence[str]) -> list[Path]:
    """The files of a folder that count, by name. Raises CandidateError if the folder is missing."""
    if not folder.is_dir():
        raise CandidateError(Problem(key="statements.no_folder", where=shown, facts={"found": shown}))
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and (not suffixes or path.suffix.lower() in suffixes)
    )


def identity_of(folder: Path, shown: str, suffixes: Sequence[str]) -> Mapping[str, str]:
    """sha256 of every file of a folder that counts, by its path as the protocol writes the folder."""
    return {
        f"{shown}/{path_as_text(PurePath(path.name))}": sha256_of(path) for path in delivered(folder, shown, suffixes)
    }


def identity_of_table(base: Path, table: str) -> Mapping[str, str]:
    """sha256 of a table by its path as the protocol writes it; empty without one, or where it is missing."""
    return {table: sha256_of(base / table)} if table and (base / table).is_file() else {}


def record_name(keys: CaseKeys, named_after: NamedAfter) -> str:
    """What a case's record is called: its first file without extension, or its id."""
    if named_after == "case_id" or not keys.case.files:
        return keys.case.case_id
    return PurePosixPath(keys.case.files[0]).stem


def listed(names: Sequence[str]) -> str:
    """Some names for a message, not more than a reader can take in."""
    shown = ", ".join(path_as_text(PurePath(name)) for name in names[:SHOWN_IDS])
    return shown + (", …" if len(names) > SHOWN_IDS else "")


def _named(key: str, where: str, names: Sequence[str]) -> list[Problem]:
    return [Problem(key=key, where=where, facts={"n": len(names), "found": listed(names)})] if names else []


def in_table(
    cases: Sequence[CaseKeys], folder: Path, table: Path, shown: str, *, suffixes: Sequence[str] = ()
) -> Mapping[str, Path | None]:
    """The file of each case that a CSV names (columns ``case_id`` and ``file``), None where it names none.

    Of a CSV with ``source_file`` in place of ``file``, which is the set's own identity.csv, the files are named after
    the hospital's: they have its name, with whatever ending. ``suffixes``: as ``files_of_cases`` has them.
    Raises CandidateError for a table that is missing or lacks a column, cases that the set does not hold or that stand
    twice, and files that are not there or lie outside the folder; for identity.csv as ``files_of_cases`` does, and for
    a file whose name several cases have.
    """
    try:
        rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise CandidateError(Problem(key="statements.table_unreadable", where=shown)) from None
    columns = set(rows[0]) if rows else set()
    if {"case_id", "source_file"} <= columns and "file" not in columns:
        return _named_by_hospital(cases, delivered(folder, folder.name, suffixes), rows, shown)
    if not {"case_id", "file"} <= columns:
        raise CandidateError(Problem(key="statements.table_unreadable", where=shown))
    known = {keys.case.case_id for keys in cases}
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(str(row["case_id"]), []).append(str(row["file"]))
    inside = folder.resolve()
    paths = {case_id: folder / files[0] for case_id, files in named.items()}
    absent = sorted(
        named[case_id][0]
        for case_id, path in paths.items()
        if not path.is_file() or not path.resolve().is_relative_to(inside)
    )
    problems = [
        *_named("statements.files_unknown", shown, sorted(set(named) - known)),
        *_named("statements.files_doubled", shown, sorted(name for name, files in named.items() if len(files) > 1)),
        *_named("statements.files_absent", shown, absent),
    ]
    if problems:
        raise CandidateError(*problems)
    return {keys.case.case_id: paths.get(keys.case.case_id) for keys in cases}


def _named_by_hospital(
    cases: Sequence[CaseKeys], files: Sequence[Path], rows: Sequence[Mapping[str, str]], shown: str
) -> Mapping[str, Path | None]:
    found: dict[str, list[Path]] = {}
    for path in files:
        found.setdefault(path.stem, []).append(path)
    known = {keys.case.case_id for keys in cases}
    named: dict[str, set[str]] = {}
    for row in rows:
        if row["case_id"] in known and row["source_file"]:
            named.setdefault(PurePosixPath(row["source_file"]).stem, set()).add(row["case_id"])
    of_case: dict[str, list[Path]] = {}
    for name, paths in found.items():
        for case_id in named.get(name, ()):
            of_case.setdefault(case_id, []).extend(paths)
    problems = [
        *_named("statements.files_unknown", shown, sorted(set(found) - set(named))),
        *_named(
            "statements.files_doubled", shown, sorted(case_id for case_id, paths in of_case.items() if len(paths) > 1)
        ),
        *_named("statements.source_of_several", shown, sorted(name for name in found if len(named.get(name, ())) > 1)),
    ]
    if problems:
        raise CandidateError(*problems)
    return {keys.case.case_id: next(iter(of_case.get(keys.case.case_id, ())), None) for keys in cases}
