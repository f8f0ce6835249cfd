"""What is left of a damaged ledger: every row whose checksum holds, wherever in the files its page is found."""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import Fact, MachineError, Problem
from .ledger_file import beside, create, flush_folder, is_damage
from .ledger_rows import FORMAT, META, PAGE_BYTES, TABLES, Row, Seal, Table, Value

WAL_HEADER, FRAME_HEADER = 32, 24  # bytes; https://www.sqlite.org/fileformat2.html#the_write_ahead_log
INDEX_LEAF, INDEX_INTERIOR = 0x0A, 0x02  # a table without rowid is kept in pages of these two kinds
KEPT_ASIDE = ("", "-wal", "-journal")  # endings of the files that together are a database


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """What became of a damaged ledger: ``n_kept`` answers were sound; the damaged file lies at ``damaged``."""

    path: Path
    found: str
    n_kept: int
    damaged: Path

    def as_problem(self) -> Problem:
        """The same as a sentence to show."""
        facts: dict[str, Fact] = {"found": self.found, "n": self.n_kept, "damaged": str(self.damaged)}
        return Problem(key="execution.ledger_repaired", where=str(self.path), facts=facts)


def damage_of(path: Path, asked_sha256: str) -> str | None:
    """What is wrong with a ledger that nobody writes to, None if nothing is; the files stay as they are.

    The structure of the whole file is checked, then the checksum of every row.
    Raises MachineError if the file holds answers to other questions or has another format.
    """
    if not path.exists() or path.stat().st_size == 0:
        return "empty"
    try:
        with contextlib.closing(sqlite3.connect(address(path), uri=True, isolation_level=None)) as connection:
            meta = connection.execute("SELECT * FROM meta").fetchall()
            refuse_others(path, meta, asked_sha256)
            if not _is_ours(meta, asked_sha256):
                return "meta"
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                return found
            return _unsound_row(connection, Seal(asked_sha256))
    except UnicodeDecodeError as error:  # SQLite quoting what it found in the file
        return str(error)
    except sqlite3.DatabaseError as error:
        if is_damage(error) or "no such" in str(error):  # table
            return str(error)
        raise


def address(path: Path) -> str:
    """The URI that opens a database to look at it: nothing is written into its folder where that can be avoided.

    Without a write-ahead log or a journal nobody writes, and the file alone is all there is.
    """
    journals = [beside(path, ending) for ending in ("-wal", "-journal")]
    if any(each.exists() and each.stat().st_size for each in journals):
        return f"{path.resolve().as_uri()}?mode={'rw' if journals[1].exists() else 'ro'}"
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"


def refuse_others(path: Path, meta: Sequence[Sequence[Value]], asked_sha256: str) -> None:
    """Raises MachineError if the rows of META say another format or, with a checksum that holds, other questions."""
    said = {row[0]: row[1] for row in meta}
    found, asked = said.get("format"), said.get("asked_sha256")
    if isinstance(found, str) and found != FORMAT and re.fullmatch(r"dmn-bench/ledger/\d+", found):
        facts = {"expected": FORMAT, "found": found}
        raise MachineError(Problem(key="execution.ledger_of_other_format", where=str(path), facts=facts))
    sound = any(row[0] == "asked_sha256" and Seal(str(asked)).is_sound(META, row) for row in meta)
    if sound and asked != asked_sha256:
        facts = {"expected": asked_sha256, "found": str(asked)}
        raise MachineError(Problem(key="execution.ledger_of_other_questions", where=str(path), facts=facts))


def repair(path: Path, asked_sha256: str, found: str) -> Repair:
    """Make a new ledger of every sound row, keep the damaged one aside, and say so. To be called with the lock held.

    Two sound answers to one case that differ are both left out: the case is asked again.
    Raises MachineError if nothing in the file, nor its name, says which questions it answers.
    """
    seal = Seal(asked_sha256)
    _refuse_unknown(path, asked_sha256)
    repaired = beside(path, ".repaired")
    create(repaired, asked_sha256, sound_rows(path, seal))
    with contextlib.closing(sqlite3.connect(repaired)) as connection:
        n_kept = int(connection.execute("SELECT count(*) FROM answers WHERE status <> 'unreadable'").fetchone()[0])
    return Repair(path=path, found=found, n_kept=n_kept, damaged=finish_repair(path))


def finish_repair(path: Path) -> Path:
    """Put the repaired file in the place of the damaged one; a repair that was cut short here is finished the same way.

    The log goes first: SQLite would take it for that of the new file. Returns where the damaged file is.
    """
    aside = _free_name(path)
    for ending in reversed(KEPT_ASIDE):
        source = beside(path, ending)
        if source.exists():
            source.replace(beside(aside, ending))
    beside(path, "-shm").unlink(missing_ok=True)
    beside(path, ".repaired").replace(path)
    flush_folder(path.parent)
    return aside


def rows_of_the_log(path: Path, seal: Seal) -> list[tuple[Table, Row]]:
    """Every sound row in the write-ahead log, also behind a place where it is torn and SQLite stops reading it."""
    with _Pages(path) as pages:
        return list(dict.fromkeys(_rows(pages, pages.in_log(), seal)))


def copy_log_aside(path: Path) -> Path:
    """A copy of the write-ahead log beside the ledger, under the next free name for damaged files."""
    aside = _free_name(path)
    beside(aside, "-wal").write_bytes(beside(path, "-wal").read_bytes())
    return beside(aside, "-wal")


def sound_rows(path: Path, seal: Seal) -> Iterator[tuple[Table, Row]]:
    """Every row whose checksum holds, from every page that can be read; the same row may come more than once.

    Rows of a ledger are never changed or deleted, except that an ``unreadable`` one gives way: an old copy of a page
    holds nothing that is not true.
    """
    with _Pages(path) as pages:
        yield from _rows(pages, itertools.chain(pages.in_main(), pages.in_log()), seal)


def _is_ours(meta: Sequence[Sequence[Value]], asked_sha256: str) -> bool:
    seal = Seal(asked_sha256)
    expected = {("format", FORMAT), ("asked_sha256", asked_sha256)}
    sound = {(row[0], row[1]) for row in meta if seal.is_sound(META, row)}
    return expected <= sound and any(key == "begun" for key, _ in sound)


def _unsound_row(connection: sqlite3.Connection, seal: Seal) -> str | None:
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table.name}"):
            if not seal.is_sound(table, row):
                return f"{table.name}: {row[0]!r}"
    return None


def _refuse_unknown(path: Path, asked_sha256: str) -> None:
    """Raises MachineError if the file says other questions, or says none and its name does not either."""
    with _Pages(path) as pages:
        for values in pages.records(itertools.chain(pages.in_log(), pages.in_main())):
            if len(values) == len(META.columns) + 1 and values[0] == "asked_sha256":
                refuse_others(path, [values], asked_sha256)
                if Seal(asked_sha256).is_sound(META, values):
                    return
    if path.name != f"{asked_sha256}.sqlite":
        raise MachineError(Problem(key="execution.ledger_of_unknown_questions", where=str(path)))


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in itertools.count(1))
    return next(name for name in names if not any(beside(name, end).exists() for end in KEPT_ASIDE))


def _rows(pages: _Pages, images: Iterator[bytes], seal: Seal) -> Iterator[tuple[Table, Row]]:
    of_length = {len(table.columns) + 1: table for table in TABLES}
    for values in pages.records(images):
        table = of_length.get(len(values))
        if table is not None:
            # SQLite keeps a REAL that is a whole number as an integer.
            reals = [index for index, (_, kind) in enumerate(table.columns) if kind.startswith("REAL")]
            row = tuple(float(v) if i in reals and isinstance(v, int) else v for i, v in enumerate(values))
            if seal.is_sound(table, row):
                yield table, row


class _Pages:
    """The pages of a database and of its write-ahead log; nothing is believed that one says of another."""

    def __init__(self, path: Path) -> None:
        self._main = _opened(path)
        self._log = _opened(beside(path, "-wal"))
        self._n_main = _size(self._main, 0, PAGE_BYTES)
        self._frames, self._newest = _frames_of(self._log)

    def __enter__(self) -> _Pages:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._main, self._log):
            if stream is not None:
                stream.close()

    def in_main(self) -> Iterator[bytes]:
        """Every page of the main file but the first, which holds the schema alone."""
        return (self._page(number) for number in range(2, self._n_main + 1))

    def in_log(self) -> Iterator[bytes]:
        """Every page image of the log, but those of a transaction that was not ended."""
        return (self._frame(frame) for frame in self._frames)

    def records(self, images: Iterator[bytes]) -> Iterator[tuple[Value, ...]]:
        """The values of every cell that can be read, of some pages."""
        for image in images:
            for content in self._cells(image):
                with contextlib.suppress(ValueError, IndexError, OverflowError):  # a damaged cell may hold anything
                    yield _values(content)

    def _cells(self, page: bytes) -> Iterator[bytes]:
        if page[0] not in (INDEX_LEAF, INDEX_INTERIOR):
            return
        child = 4 if page[0] == INDEX_INTERIOR else 0
        first = 8 + child
        n_cells = min(int.from_bytes(page[3:5], "big"), (PAGE_BYTES - first) // 2)
        for place in range(first, first + 2 * n_cells, 2):
            start = int.from_bytes(page[place : place + 2], "big") + child
            if start + 2 > PAGE_BYTES:
                continue
            n_bytes, body = _varint(page, start)
            local = _n_local(n_bytes)
            if body + local > PAGE_BYTES or n_bytes > (self._n_main + len(self._frames)) * PAGE_BYTES:
                continue
            content = page[body : body + local]
            if n_bytes == local:
                yield content
                continue
            number = int.from_bytes(page[body + local : body + local + 4], "big")
            for is_newest in (True, False):
                yield content + self._overflow(number, n_bytes - local, is_newest=is_newest)

    def _overflow(self, number: int, n_bytes: int, *, is_newest: bool) -> bytes:
        """What follows on a chain of overflow pages, in their newest or in their checkpointed images."""
        pieces = []
        while n_bytes > 0 and number:
            frame = self._newest.get(number) if is_newest else None
            page = self._page(number) if frame is None else self._frame(frame)
            number = int.from_bytes(page[:4], "big")
            pieces.append(page[4 : 4 + n_bytes])
            n_bytes -= PAGE_BYTES - 4
        return b"".join(pieces)

    def _page(self, number: int) -> bytes:
        return _read(self._main, (number - 1) * PAGE_BYTES, PAGE_BYTES)

    def _frame(self, frame: int) -> bytes:
        return _read(self._log, WAL_HEADER + frame * (FRAME_HEADER + PAGE_BYTES) + FRAME_HEADER, PAGE_BYTES)


def _frames_of(log: BinaryIO | None) -> tuple[Sequence[int], Mapping[int, int]]:
    """The frames of a log to look at, and for each page the newest of them.

    Behind the frames of this log may lie those of an earlier one, which differ in their salt. A salt of zeros is that
    of a frame which SQLite completes when its transaction ends.
    """
    size = FRAME_HEADER + PAGE_BYTES
    n_frames = _size(log, WAL_HEADER, size)
    heads = [_read(log, WAL_HEADER + frame * size, FRAME_HEADER) for frame in range(n_frames)]
    salts = [head[8:16] for head in heads]
    said = _read(log, 16, 8)
    salt = said if said in salts else next(iter(salts), said)
    of_this_log = [frame for frame in range(n_frames) if salts[frame] == salt]
    last_commit = max((frame for frame in of_this_log if any(heads[frame][4:8])), default=-1)
    older = [frame for frame in range(n_frames) if salts[frame] not in (salt, bytes(8))]
    frames = [*older, *(frame for frame in of_this_log if frame <= last_commit)]
    return frames, {int.from_bytes(heads[frame][:4], "big"): frame for frame in frames}


def _opened(path: Path) -> BinaryIO | None:
    return path.open("rb") if path.exists() else None


def _size(stream: BinaryIO | None, header: int, piece: int) -> int:
    """How many pieces follow the header, the last one perhaps not whole."""
    return 0 if stream is None else max(0, -(-(stream.seek(0, 2) - header) // piece))


def _read(stream: BinaryIO | None, start: int, n_bytes: int) -> bytes:
    """A piece of a file, zeros where there is none or where the disk cannot read it."""
    if stream is None:
        return bytes(n_bytes)
    try:
        stream.seek(start)
        return stream.read(n_bytes).ljust(n_bytes, b"\0")
    except OSError:
        return bytes(n_bytes)


def _n_local(n_bytes: int) -> int:
    """How many bytes of an index cell lie on its own page: https://www.sqlite.org/fileformat2.html#b_tree_pages ."""
    most = (PAGE_BYTES - 12) * 64 // 255 - 23
    if n_bytes <= most:
        return n_bytes
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    wanted = least + (n_bytes - least) % (PAGE_BYTES - 4)
    return wanted if wanted <= most else least


def _varint(content: bytes, start: int) -> tuple[int, int]:
    """A variable-length integer and where it ends."""
    value = 0
    for place in range(start, start + 8):
        byte = content[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return value << 8 | content[start + 8], start + 9


def _values(content: bytes) -> tuple[Value, ...]:
    """The values of a record: https://www.sqlite.org/fileformat2.html#record_format . Raises ValueError, IndexError."""
    n_header, place = _varint(content, 0)
    body = n_header
    values: list[Value] = []
    while place < n_header:
        kind, place = _varint(content, place)
        value, body = _value(content, kind, body)
        values.append(value)
    return tuple(values)


_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def _value(content: bytes, kind: int, start: int) -> tuple[Value, int]:
    if kind == 0:
        return None, start
    if kind in (8, 9):
        return kind - 8, start
    if kind in _INTEGER_BYTES:
        end = start + _INTEGER_BYTES[kind]
        return int.from_bytes(content[start:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack(">d", content[start : start + 8].ljust(8, b"\0"))[0], start + 8
    end = start + (kind - 12) // 2
    if kind < 12 or end > len(content):
        raise ValueError(kind)
    piece = content[start:end]
    return (piece.decode("utf-8") if kind % 2 else piece), end
