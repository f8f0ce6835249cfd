"""The ledger: every answer on disk before it counts, so that a run that was cut short goes on where it stopped."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Self

from ..errors import MachineError, Problem
from ..vocabulary import AskedAnswer
from .ledger_rows import (
    ANSWERS,
    DECODERS,
    FAILED_ATTEMPTS,
    FORMAT,
    LOADS,
    META,
    PAGE_BYTES,
    TABLES,
    UPSERT,
    Row,
    Seal,
    Table,
    answer_row,
    asked_answer,
    failed_attempt,
    rows_beside,
)
from .outcome import FailedAttempt, Outcome

ROWS_AT_ONCE = 1000  # read in one piece
LOCK_WITHIN_SECONDS = 0.5  # whoever only looks whether somebody writes holds the lock for an instant
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file ends before its last page


class Ledger:
    """Answers of one candidate to one set of questions, in an SQLite file; one writer, any number of readers.

    ``asked_sha256``: hash of what is asked (set, candidate, reader options). Everything ``keep`` was given is on the
    disk when it returns. Every row carries a checksum and is checked whenever it is read. To be used in the thread
    that opened it.
    Raises MachineError if the file holds answers to other questions, another run is writing to it, it is damaged, or
    it cannot be written.
    """

    def __init__(self, path: Path, asked_sha256: str) -> None:
        self._path = path
        self._seal = Seal(asked_sha256)
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = locked(path)
        try:
            with explained(path):
                if not path.exists():
                    create(path, asked_sha256, [])
                self._connection = sqlite3.connect(path, isolation_level=None)
            try:
                with explained(path):
                    self._prepare(asked_sha256)
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep(self, outcomes: Iterable[Outcome]) -> None:
        """Keep what became of some cases, all or none; durable on return.

        Raises ValueError if one of them has an answer already that is not ``unreadable``: a case is answered once.
        """
        kept_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        with self._writing():
            for outcome in outcomes:
                row = self._seal.sealed(ANSWERS, answer_row(outcome.asked, kept_at))
                if self._connection.execute(UPSERT, row).rowcount != 1:
                    raise ValueError(f"case {outcome.asked.answer.case_id} is in the ledger already")
                for table, values in rows_beside(outcome, kept_at):
                    self._connection.execute(table.insert, self._seal.sealed(table, values))

    def answers(self) -> Mapping[str, AskedAnswer]:
        """Everything kept, by case_id, in the order of the ids."""
        return {asked.answer.case_id: asked for asked in self.iterate_answers()}

    def iterate_answers(self) -> Iterator[AskedAnswer]:
        """Everything kept, in the order of the ids, in bounded memory; goes on while more is kept."""
        return (asked_answer(row) for row in self._sound_rows(ANSWERS))

    def statuses(self) -> Mapping[str, str]:
        """The status of every case kept, by case_id, in the order of the ids."""
        return {str(row[0]): str(row[1]) for row in self._sound_rows(ANSWERS)}

    def peak_memory_mb(self) -> float | None:
        """The highest memory of any child, in MiB; None when no child reported any."""
        with explained(self._path):
            peak: float | None = self._connection.execute("SELECT max(peak_memory_mb) FROM answers").fetchone()[0]
        return peak

    def failed_attempts(self) -> tuple[FailedAttempt, ...]:
        """Every attempt that failed, by case and attempt."""
        return tuple(sorted(failed_attempt(row) for row in self._sound_rows(FAILED_ATTEMPTS)))

    def n_failed_attempts(self) -> int:
        """How many attempts failed."""
        with explained(self._path):
            return int(self._connection.execute("SELECT count(*) FROM failed_attempts").fetchone()[0])

    def decoders(self) -> tuple[str, ...]:
        """Every decoder kept, sorted."""
        return tuple(str(row[0]) for row in self._sound_rows(DECODERS))

    def begun(self) -> str:
        """When this ledger was first opened, ISO 8601 in UTC: no answer in it is older."""
        return next(str(value) for key, value, _ in self._sound_rows(META) if key == "begun")

    def load_seconds(self) -> tuple[float, ...]:
        """Load times of all children so far, by the time they were kept."""
        rows = sorted(self._sound_rows(LOADS), key=lambda row: (str(row[1]), str(row[0]), row[2]))
        return tuple(float(row[3]) for row in rows)  # type: ignore[arg-type]

    def seal(self) -> None:
        """Bring everything into the one file and check it. Raises MachineError if the file is damaged."""
        with explained(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = self._connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise self._damaged(str(found))

    def close(self) -> None:
        """Close the file and let another run have it."""
        self._connection.close()
        self._lock.close()

    def _prepare(self, asked_sha256: str) -> None:
        meta = dict(self._connection.execute("SELECT key, value FROM meta"))
        if (meta.get("format"), meta.get("asked_sha256")) != (FORMAT, asked_sha256):
            facts = {"expected": asked_sha256, "found": meta["asked_sha256"], "format": meta["format"]}
            raise MachineError(Problem(key="execution.ledger_of_other_questions", where=str(self._path), facts=facts))
        self._connection.execute(f"PRAGMA journal_mode = {_working_journal(self._path.parent)}")
        self._connection.execute("PRAGMA synchronous = FULL")

    def _sound_rows(self, table: Table) -> Iterator[Row]:
        """All rows by key, checked, a piece at a time."""
        keys = ", ".join(name for name, _ in table.columns[: table.n_keys])
        marks = ", ".join("?" * table.n_keys)
        first = f"SELECT * FROM {table.name} ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
        further = f"SELECT * FROM {table.name} WHERE ({keys}) > ({marks}) ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
        last: Row = ()
        while True:
            with explained(self._path):
                rows: list[Row] = self._connection.execute(further if last else first, last).fetchall()
            for row in rows:
                if not self._seal.is_sound(table, row):
                    raise self._damaged(f"{table.name}: {row[0]}")
                yield row
            if len(rows) < ROWS_AT_ONCE:
                return
            last = rows[-1][: table.n_keys]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with explained(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _damaged(self, found: str) -> MachineError:
        return MachineError(Problem(key="execution.ledger_damaged", where=str(self._path), facts={"found": found}))


def create(path: Path, asked_sha256: str, rows: Iterable[tuple[Table, Row]]) -> None:
    """Make a ledger of sealed rows, whole or not at all, and put it on the disk."""
    making = path.with_name(path.name + ".making")
    making.unlink(missing_ok=True)
    seal = Seal(asked_sha256)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with contextlib.closing(sqlite3.connect(making, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            connection.execute(table.schema)
        for table, row in rows:
            connection.execute(table.insert, row)
        for values in (("format", FORMAT), ("asked_sha256", asked_sha256), ("begun", now)):
            connection.execute(META.insert, seal.sealed(META, values))
        connection.execute("COMMIT")
    making.replace(path)


def locked(path: Path) -> IO[bytes]:
    """The lock of a ledger's writer, held until it is closed. Raises MachineError if another process has it."""
    with explained(path):
        lock = path.with_name(path.name + ".lock").open("a+b")
    if sys.platform == "win32":
        return lock
    import fcntl

    deadline = time.monotonic() + LOCK_WITHIN_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            lock.close()
            raise MachineError(Problem(key="execution.ledger_busy", where=str(path))) from None
        return lock


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever SQLite or the system says against a ledger, as a MachineError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        key = "execution.ledger_damaged" if is_damage(error) else "execution.ledger_not_written"
        raise MachineError(Problem(key=key, where=str(path), facts={"found": str(error)})) from error
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise MachineError(Problem(key="execution.ledger_not_written", where=str(path), facts=facts)) from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the content of the file is at fault, and not its folder, its rights or the disk."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return "Could not decode" in str(error)
    return code == SHORT_READ or code & 0xFF in DAMAGED


def _working_journal(folder: Path) -> str:
    """``WAL`` where a throw-away database in the folder can be written that way, else ``DELETE``.

    On network file systems WAL may be reported as set and fail at the first write.
    """
    with tempfile.TemporaryDirectory(prefix=".journal-probe-", dir=folder) as probe:
        connection = sqlite3.connect(Path(probe) / "probe.sqlite")
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            connection.execute("CREATE TABLE probe (x)")
            connection.execute("INSERT INTO probe VALUES (1)")
            connection.commit()
        except sqlite3.OperationalError:
            return "DELETE"
        finally:
            connection.close()
    return "WAL" if mode.lower() == "wal" else "DELETE"
