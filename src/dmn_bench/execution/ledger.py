"""The ledger: every answer on disk before it counts, so that a run that was cut short goes on where it stopped."""

from __future__ import annotations

import contextlib
import datetime
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Self

from ..errors import MachineError, Problem
from ..vocabulary import AskedAnswer
from .answer_json import answer_from_json, answer_to_json

FORMAT = "dmn-bench/ledger/1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    case_id TEXT PRIMARY KEY, status TEXT NOT NULL, answer TEXT NOT NULL, attempt INTEGER NOT NULL,
    seconds REAL, cpu_seconds REAL, peak_memory_mb REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failed_attempts (
    case_id TEXT NOT NULL, attempt INTEGER NOT NULL, reason TEXT NOT NULL, printed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS decoders (decoder TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loads (seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS begun (at TEXT NOT NULL);
"""
# An unreadable file was never put to the device: such a case is tried again and its row replaced.
UPSERT = """
INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET
    status = excluded.status, answer = excluded.answer, attempt = excluded.attempt, seconds = excluded.seconds,
    cpu_seconds = excluded.cpu_seconds, peak_memory_mb = excluded.peak_memory_mb
WHERE answers.status = 'unreadable'
"""


class Ledger:
    """Answers of one candidate to one set of questions, in an SQLite file; one writer, any number of readers.

    ``asked_sha256``: hash of what is asked (set, candidate, reader options). Everything ``record`` was given is on
    the disk when it returns. To be used in the thread that opened it.
    Raises MachineError if the file holds answers to other questions, another run is writing to it, it is damaged, or
    it cannot be written.
    """

    def __init__(self, path: Path, asked_sha256: str) -> None:
        self._path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._locked()
        try:
            with self._explained():
                self._connection = sqlite3.connect(path)
            try:
                with self._explained():
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

    def record(self, *asked: AskedAnswer) -> None:
        """Keep answers, all or none; durable on return. A case is answered once: a second answer is refused."""
        with self._explained(), self._connection:
            for each in asked:
                row = (
                    each.answer.case_id,
                    each.answer.status,
                    json.dumps(answer_to_json(each.answer), ensure_ascii=True, allow_nan=False),
                    each.attempt,
                    each.seconds,
                    each.cpu_seconds,
                    each.peak_memory_mb,
                )
                if self._connection.execute(UPSERT, row).rowcount != 1:
                    raise ValueError(f"case {each.answer.case_id} is in the ledger already")

    def record_failed_attempts(self, rows: Iterable[tuple[str, int, str, str]]) -> None:
        """Keep what went wrong before the answer: (case_id, attempt from 1, reason, last 20 kB printed)."""
        with self._explained(), self._connection:
            self._connection.executemany("INSERT INTO failed_attempts VALUES (?, ?, ?, ?)", rows)

    def record_decoders(self, decoders: Iterable[str]) -> None:
        """Keep the decoders that made the requests."""
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO decoders VALUES (?)", [(each,) for each in decoders])

    def record_load(self, seconds: float) -> None:
        """Keep the time one child took to load its model."""
        with self._explained(), self._connection:
            self._connection.execute("INSERT INTO loads VALUES (?)", (seconds,))

    def answers(self) -> Mapping[str, AskedAnswer]:
        """Everything recorded, by case_id, in the order of the ids."""
        with self._explained():
            rows = self._connection.execute("SELECT * FROM answers ORDER BY case_id").fetchall()
        return {
            case_id: AskedAnswer(
                answer=answer_from_json(json.loads(answer)),
                attempt=attempt,
                seconds=seconds,
                cpu_seconds=cpu_seconds,
                peak_memory_mb=peak_memory_mb,
            )
            for case_id, _, answer, attempt, seconds, cpu_seconds, peak_memory_mb in rows
        }

    def statuses(self) -> Mapping[str, str]:
        """The status of every case recorded, by case_id."""
        with self._explained():
            return dict(self._connection.execute("SELECT case_id, status FROM answers ORDER BY case_id"))

    def peak_memory_mb(self) -> float | None:
        """The highest memory of any child, in MiB; None when no child reported any."""
        with self._explained():
            peak: float | None = self._connection.execute("SELECT max(peak_memory_mb) FROM answers").fetchone()[0]
        return peak

    def failed_attempts(self) -> tuple[tuple[str, int, str, str], ...]:
        """(case_id, attempt, reason, printed) of every attempt that failed, by case."""
        with self._explained():
            rows = self._connection.execute("SELECT * FROM failed_attempts ORDER BY case_id, attempt").fetchall()
        return tuple(rows)

    def decoders(self) -> tuple[str, ...]:
        """Every decoder recorded, sorted."""
        with self._explained():
            return tuple(row[0] for row in self._connection.execute("SELECT decoder FROM decoders ORDER BY decoder"))

    def begun(self) -> str:
        """When this ledger was first opened, ISO 8601 in UTC: no answer in it is older."""
        with self._explained():
            return str(self._connection.execute("SELECT at FROM begun ORDER BY rowid").fetchone()[0])

    def load_seconds(self) -> tuple[float, ...]:
        """Load times of all children so far."""
        with self._explained():
            return tuple(row[0] for row in self._connection.execute("SELECT seconds FROM loads ORDER BY rowid"))

    def seal(self) -> None:
        """Bring everything into the one file and check it. Raises MachineError if the file is damaged."""
        with self._explained():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = self._connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise MachineError(Problem(key="execution.ledger_damaged", where=str(self._path), facts={"found": found}))

    def close(self) -> None:
        """Close the file and let another run have it."""
        self._connection.close()
        self._lock.close()

    def _prepare(self, asked_sha256: str) -> None:
        self._connection.execute(f"PRAGMA journal_mode = {_working_journal(self._path.parent)}")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        with self._connection:
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (FORMAT,))
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES ('asked_sha256', ?)", (asked_sha256,))
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            self._connection.execute("INSERT INTO begun SELECT ? WHERE NOT EXISTS (SELECT 1 FROM begun)", (now,))
        meta = dict(self._connection.execute("SELECT key, value FROM meta"))
        if meta != {"format": FORMAT, "asked_sha256": asked_sha256}:
            facts = {"expected": asked_sha256, "found": meta["asked_sha256"], "format": meta["format"]}
            raise MachineError(Problem(key="execution.ledger_of_other_questions", where=str(self._path), facts=facts))

    def _locked(self) -> IO[bytes]:
        with self._explained():
            lock = self._path.with_name(self._path.name + ".lock").open("ab")
            if sys.platform == "win32":
                return lock
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise MachineError(Problem(key="execution.ledger_busy", where=str(self._path))) from None
            return lock

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            key = "execution.ledger_damaged" if "malformed" in str(error) or "not a database" in str(error) else ""
            key = key or "execution.ledger_not_written"
            raise MachineError(Problem(key=key, where=str(self._path), facts={"found": str(error)})) from error
        except OSError as error:
            facts = {"found": error.strerror or str(error)}
            raise MachineError(
                Problem(key="execution.ledger_not_written", where=str(self._path), facts=facts)
            ) from error


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
