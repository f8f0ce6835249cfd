"""The file of a ledger: made whole or not at all, locked by its one writer, its errors explained."""

from __future__ import annotations

import contextlib
import datetime
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from ..errors import MachineError, Problem
from .ledger_rows import ANSWER, ANSWERS, FORMAT, META, PAGE_BYTES, TABLES, UPSERT, Row, Seal, Table
from .locks import hold, is_held

ROWS_AT_ONCE = 1000  # read in one piece
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file ends before its last page


def create(path: Path, asked_sha256: str, rows: Iterable[tuple[Table, Row]] = ()) -> frozenset[str]:
    """Make a ledger of sealed rows, whole or not at all, on the disk on return.

    Where no row says when the ledger was begun it is as old as its oldest row. A case with two answers that differ is
    left out. Returns these cases.
    """
    making = beside(path, ".making")
    for ending in ("", "-journal"):
        beside(making, ending).unlink(missing_ok=True)
    seal = Seal(asked_sha256)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with contextlib.closing(sqlite3.connect(making, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            connection.execute(table.schema)
        twice = frozenset(str(row[0]) for table, row in rows if not put(connection, table, row))
        connection.executemany("DELETE FROM answers WHERE case_id = ?", [(case_id,) for case_id in twice])
        oldest = connection.execute("SELECT min(kept_at) FROM answers").fetchone()[0]
        begun = now if oldest is None else datetime.datetime.fromisoformat(oldest).isoformat(timespec="seconds")
        for values in (("format", FORMAT), ("asked_sha256", asked_sha256), ("begun", begun)):
            connection.execute(META.insert, seal.sealed(META, values))
        connection.execute("COMMIT")
    making.replace(path)
    flush_folder(path.parent)
    return twice


def put(connection: sqlite3.Connection, table: Table, row: Row) -> bool:
    """Add a sealed row that is not there yet; False if the case has another answer, which stays.

    An ``unreadable`` row gives way to any other.
    """
    if table is not ANSWERS or row[1] == "unreadable":
        connection.execute(table.insert, row)
        return True
    if connection.execute(UPSERT, row).rowcount == 1:
        return True
    select = "SELECT answer FROM answers WHERE case_id = ?"
    return bool(connection.execute(select, row[:1]).fetchone()[0] == row[ANSWER])


def rows_of(connection: sqlite3.Connection, table: Table) -> Iterator[Row]:
    """All rows of a table by key, a piece at a time, so that more can be kept meanwhile; unchecked."""
    keys = ", ".join(name for name, _ in table.columns[: table.n_keys])
    marks = ", ".join("?" * table.n_keys)
    first = f"SELECT * FROM {table.name} ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
    further = f"SELECT * FROM {table.name} WHERE ({keys}) > ({marks}) ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
    last: Row = ()
    while True:
        rows: list[Row] = connection.execute(further if last else first, last).fetchall()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1][: table.n_keys]


def flush_folder(folder: Path) -> None:
    """Bring a folder's new names to the disk, where the system can do that."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def locked(path: Path) -> IO[bytes]:
    """The lock of a ledger's writer, held until it is closed. Raises MachineError if another process has it."""
    with explained(path):
        return hold(beside(path, ".lock"), Problem(key="execution.ledger_busy", where=str(path)))


def is_written(path: Path) -> bool:
    """Whether a process holds the lock of a ledger's writer now; False where the system has no such locks."""
    return is_held(beside(path, ".lock"))


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever SQLite or the system says against a ledger, as a MachineError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        key = "execution.ledger_damaged" if is_damage(error) else "execution.ledger_not_written"
        raise MachineError(Problem(key=key, where=str(path), facts={"found": str(error)})) from error
    except UnicodeDecodeError as error:  # SQLite quoting what it found in the file
        facts = {"found": str(error)}
        raise MachineError(Problem(key="execution.ledger_damaged", where=str(path), facts=facts)) from error
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="execution.ledger_not_written", where=str(path), facts=facts)) from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the content of the file is at fault, and not its folder, its rights or the disk."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return "Could not decode" in str(error)
    return code == SHORT_READ or code & 0xFF in DAMAGED


def beside(path: Path, ending: str) -> Path:
    """The file of the same name with an ending."""
    return path.with_name(path.name + ending)
