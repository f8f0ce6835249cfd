"""A hospital's folder, file by file: what in it is a recording, in an order that does not depend on the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..errors import DmnBenchError, Problem, ReferenceSetError
from ..files import path_as_text
from ..hookspecs import Reader
from ..reference_set.csv_rows import Problems

_SEVERAL = re.compile(rb"^[\w.-]+/\d+[ \t]+\d+")  # the record line of a record of several segments
_LINE_BYTES, _HEADER_BYTES = 400, 1 << 20
FILE_NAME_CHARACTERS = 160  # of a name that a message shows


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A file of the folder. ``name``: its path from the folder, as a cell of a table may hold it."""

    path: Path
    name: str
    reader: Reader


def refuse_overlap(root: Path, folder: Path) -> None:
    """Raise ReferenceSetError unless ``folder`` is one, and neither lies in the other."""
    if not folder.is_dir():
        raise ReferenceSetError(Problem(key="ecg_import.no_folder", where=str(folder)))
    a, b = root.resolve(), folder.resolve()
    if a.is_relative_to(b) or b.is_relative_to(a):
        raise ReferenceSetError(Problem(key="ecg_import.folder_in_set", where=str(folder)))


def files_below(folder: Path, problems: Problems) -> Iterator[Path]:
    """Every plain file below the folder, by name within each folder, files before the folders beside them.

    Hidden ones are passed over; links and what cannot be opened are noted. No more than the names of one folder at
    each depth are held at once.
    """
    open_folders: list[Iterator[str]] = [iter((str(folder),))]
    while open_folders:
        path = next(open_folders[-1], None)
        if path is None:
            open_folders.pop()
            continue
        files, folders = _entries(path, folder, problems)
        yield from map(Path, files)
        open_folders.append(iter(folders))


def _entries(path: str, top: Path, problems: Problems) -> tuple[list[str], list[str]]:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(path) as found:
            for entry in found:
                if entry.name.startswith("."):
                    continue
                if entry.is_symlink():
                    problems.add("ecg_import.link", shown(Path(entry.path), top))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    files.append(entry.path)
    except OSError as error:
        problems.add("files.cannot_read", shown(Path(path), top), found=error.strerror or "")
    return sorted(files), sorted(folders)


def reader_of(path: Path, readers: Sequence[Reader], where: str, problems: Problems) -> Reader | None:
    """The reader of recordings that recognises the file; None if none does, noted if several do or it cannot be opened.

    Of a WFDB record the header is the recording.
    """
    try:
        found = [
            reader
            for reader in readers
            if reader.gives == "signals"
            and (reader.name != "wfdb" or path.suffix == ".hea")
            and reader.recognises(path)
        ]
    except DmnBenchError as error:
        for problem in error.problems:
            problems.note(Problem(key=problem.key, where=where, facts=problem.facts))
        return None
    except OSError as error:
        problems.add("files.cannot_read", where, found=error.strerror or "")
        return None
    if len(found) > 1:
        problems.add("inputs.several_readers", where, readers=", ".join(sorted(each.name for each in found)))
        return None
    return found[0] if found else None


def segments_in(folder: Path) -> set[Path]:
    """The headers in a folder that are segments of a WFDB record there, whose name may come before theirs or after."""
    found: set[Path] = set()
    for hea in folder.glob("*.hea"):
        try:
            with hea.open("rb") as stream:
                start = stream.read(_LINE_BYTES)
                if not any(_SEVERAL.match(line) for line in start.splitlines()):
                    continue
                lines = (start + stream.read(_HEADER_BYTES)).decode("utf-8", errors="replace").splitlines()
        except OSError:  # whoever reads the recording will say so
            continue
        names = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")][1:]
        found |= {folder / f"{name}.hea" for name in names if "/" not in name and name != "~"}
    return found


def name_in_table(path: PurePath, folder: PurePath) -> str:
    r"""A file's path from the folder, so that a row of identity.csv can hold it, whatever it is made of.

    >>> name_in_table(PurePath("/in/=a\nb /c.xml"), PurePath("/in"))
    './=a\\nb /c.xml'
    """
    return cell("./" + path_as_text(path.relative_to(folder)).replace("\\", "\\\\"))


def cell(text: str) -> str:
    r"""A hospital's text as a cell that is read back as it was written: no control character, formula or outer blank.

    >>> cell("=1+1"), cell(" 7\t"), cell("a\n")
    ('\\x3d1+1', '\\x207\\t', 'a\\n')
    """
    plain = "".join(
        each if each.isprintable() else each.encode("unicode_escape", "surrogatepass").decode("ascii") for each in text
    )
    starts = plain[:1] in ("=", "@", " ") or (plain[:1] in ("+", "-") and plain[1:2] not in tuple("0123456789."))
    ends = plain.endswith(" ") and len(plain) > 1
    first = f"\\x{ord(plain[0]):02x}{plain[1:]}" if starts else plain
    return f"{first[:-1]}\\x20" if ends else first


def shown(path: Path, folder: Path) -> str:
    """A file's path from the folder as a message shows it."""
    name = name_in_table(path, folder)[2:] or "."
    return name if len(name) <= FILE_NAME_CHARACTERS else f"…{name[1 - FILE_NAME_CHARACTERS :]}"
