"""The files of a set as their readers see them: whether they can be read, what they say, which are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import InputFileError, MachineError, Problem, ReferenceSetError
from ..hookspecs import Reader, SeveralFilesReader
from ..inputs.requests import file_path, find_reader
from ..reference_set.lock import hash_files
from ..reference_set.rows import SHAPES, Tables
from ..vocabulary import Case
from .notes import Notes
from .opened_masks import OpenedMasks
from .repeated import Repeats

SHOWN_OF_A_FOLDER = 10  # files that are used by nothing
FACTS = (".json", ".yaml")
"""Endings of files beside a recording that state its rate or unit, and hold no sample."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One image or recording on disk. ``name``: its path in the set; ``header``: attributes by DICOM keyword."""

    name: str
    header: Mapping[str, str]
    gives: str  # "images" or "signals"

    def number(self, keyword: str) -> int | None:
        """A whole number of the header, None where it states none."""
        text = self.header.get(keyword, "").strip()
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One entry of ``Case.files`` opened: its parts (several for the folder of a series), or why it cannot be.

    ``beside``: further files of the set that reading it opens, by their path in the set.
    """

    parts: tuple[Part, ...] = ()
    beside: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class OpenedFiles:
    """Every file of the set, opened when first asked for and kept as facts."""

    def __init__(self, root: Path, readers: Sequence[Reader]) -> None:
        self.root = root
        self.readers = readers
        self._opened: dict[str, Opened] = {}

    def header_of_case(self, files: tuple[str, ...]) -> Mapping[str, str]:
        """Attributes of the first part of a case's first file; {} where it cannot be read."""
        parts = self.opened(files[0]).parts
        return parts[0].header if parts else {}

    def parts(self, case: Case) -> tuple[Part, ...]:
        """Every image or recording of a case that could be opened."""
        return tuple(part for written in case.files for part in self.opened(written).parts)

    def opened(self, written: str) -> Opened:
        """The facts of one entry of ``Case.files``."""
        if written not in self._opened:
            self._opened[written] = self._open(written)
        return self._opened[written]

    def look_at(self, tables: Tables, annotator: str | None, notes: Notes) -> None:
        """Note every file that is missing, unreadable, damaged, held twice or used by nobody.

        Annotations (files ending in ``.annotator``) may well be the same for two recordings, and so may facts that are
        stated beside them.
        """
        for case in tables.cases:
            for written in case.files:
                self._note(written, f"cases.csv:{tables.case_lines[case.case_id]}: {written}", notes)
        OpenedMasks(self.root, self.readers, notes).look_at(tables)
        try:
            hashes = hash_files(self.root)
        except ReferenceSetError as error:
            notes.errors.extend(error.problems)
        else:
            owners = _owners(tables, hashes)
            beside = frozenset(self._beside(tables))
            _note_unused(hashes, {*owners, *beside}, tables, notes)
            alike = () if annotator is None else (f".{annotator}",)
            stated = {name for name in beside if name.endswith(FACTS)}
            content = {
                name: digest for name, digest in hashes.items() if not name.endswith(alike) and name not in stated
            }
            _note_doubles(content, owners, tables, notes)

    def _beside(self, tables: Tables) -> Iterator[str]:
        """Files that belong to a recording without bearing its name: segments, signals, what is stated beside."""
        for case in tables.cases:
            for written in case.files:
                yield from self.opened(written).beside

    def _note(self, written: str, where: str, notes: Notes) -> None:
        opened = self.opened(written)
        for problems, into in ((opened.errors, notes.errors), (opened.warnings, notes.warnings)):
            for problem in problems:
                into.note(Problem(key=problem.key, where=where, facts=problem.facts))

    def _open(self, written: str) -> Opened:
        try:
            path = file_path(written, self.root)
            reader = find_reader(path, self.readers)
            errors, warnings = _problems_of(reader, path)
            parts = tuple(
                Part(name=name, header=reader.header(file), gives=reader.gives)
                for name, file in _members(written, path, reader)
            )
            beside = _files_beside(written, path, reader)
        except InputFileError as error:
            return Opened(errors=error.problems)
        except OSError as error:
            facts = {"found": error.strerror or str(error)}
            return Opened(errors=(Problem(key="files.cannot_read", where=written, facts=facts),))
        return Opened(parts=parts, beside=beside, errors=errors, warnings=warnings)


def _note_unused(names: Iterable[str], owners: Collection[str], tables: Tables, notes: Notes) -> None:
    masks = {mask.file for mask in tables.masks} | {row.lesion.mask_file for row in tables.lesions}
    unused: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if "/" in name and name not in owners and name not in masks:
            unused[name.rpartition("/")[0]].append(name)
        elif "/" not in name and name.endswith(".csv") and name not in SHAPES:
            notes.warnings.add("refset.table_unknown", name, known=", ".join(SHAPES))
    for folder, found in unused.items():
        if len(found) > SHOWN_OF_A_FOLDER:  # a series of slices, for one
            notes.warnings.add("refset.files_unused", folder, n=len(found), found=found[0])
            continue
        for name in found:
            notes.warnings.add("refset.file_unused", name)


def _note_doubles(hashes: Mapping[str, str], owners: Mapping[str, list[Case]], tables: Tables, notes: Notes) -> None:
    by_content: dict[str, list[str]] = defaultdict(list)
    for name, digest in hashes.items():
        if name in owners:
            by_content[digest].append(name)
    repeats = Repeats()
    for digest, names in by_content.items():
        cases = {case.case_id: case for name in names for case in owners[name]}
        if len(cases) > 1:
            facts = {"cases": ", ".join(sorted(cases)[:6]), "files": ", ".join(sorted(names)[:6])}
            where = f"cases.csv:{max(tables.case_lines[case_id] for case_id in cases)}"
            if len({case.patient_id for case in cases.values()}) > 1:
                key, into = "refset.same_content_two_patients", notes.errors
            else:
                key, into = "refset.same_content", notes.warnings
            repeats.meet(into, key, where, what=frozenset(cases), within=digest, **facts)
    repeats.tell()


def _problems_of(reader: Reader, path: Path) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What the reader refuses and what it lives with; ``read`` is asked again for the facts behind a refusal."""
    try:
        keys = reader.problems(path)
        refused: tuple[Problem, ...] = ()
        if keys:
            try:
                reader.read(path)
            except InputFileError as error:
                refused = error.problems
    except MachineError as error:  # a missing decoder says nothing about the file
        return (), error.problems
    known = {problem.key for problem in refused}
    return refused, tuple(Problem(key=key, where=str(path)) for key in keys if key not in known)


def _members(written: str, path: Path, reader: Reader) -> Iterator[tuple[str, Path]]:
    if not path.is_dir():
        yield written, path
        return
    for file in sorted(path.iterdir()):
        if file.is_file() and reader.recognises(file):
            yield f"{written.rstrip('/')}/{file.name}", file


def _files_beside(written: str, path: Path, reader: Reader) -> tuple[str, ...]:
    if path.is_dir() or not isinstance(reader, SeveralFilesReader):
        return ()
    try:
        files = reader.files(path)
    except InputFileError:  # that it cannot be read is noted where it is opened
        return ()
    folder = PurePosixPath(written).parent
    return tuple(str(folder / file.name) for file in files if file.parent == path.parent)


def _owners(tables: Tables, names: Mapping[str, str]) -> Mapping[str, list[Case]]:
    """File -> cases that it belongs to: named, in a named folder, or beside a named file with the same stem."""
    by_entry: dict[str, list[Case]] = defaultdict(list)
    for case in tables.cases:
        for written in case.files:
            by_entry[written.rstrip("/")].append(case)
            by_entry[str(PurePosixPath(written).with_suffix(""))].append(case)  # .dat and .atr of a .hea
    owners: dict[str, list[Case]] = {}
    for name in names:
        path = PurePosixPath(name)
        entries = (name, str(path.with_suffix("")), *(str(parent) for parent in path.parents))
        found = [case for entry in entries for case in by_entry.get(entry, ())]
        if found:
            owners[name] = found
    return owners
