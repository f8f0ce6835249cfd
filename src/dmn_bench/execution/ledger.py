"""The ledger: every answer on disk before it counts, so that a run that was cut short goes on where it stopped."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from ..errors import MachineError, Problem
from ..vocabulary import AskedAnswer
from .ledger_file import beside, create, explained, locked, put, rows_of
from .ledger_repair import KEPT_ASIDE, Repair, copy_log_aside, damage_of, finish_repair, repair, rows_of_the_log
from .ledger_rows import (
    ANSWERS,
    DECODERS,
    FAILED_ATTEMPTS,
    ISOLATION,
    LOADS,
    META,
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

READERS_WITHIN_SECONDS = 60  # where there is no write-ahead log, whoever looks holds up a commit


class Ledger:
    """Answers of one candidate to one set of questions, in an SQLite file; one writer, any number of readers.

    ``asked_sha256``: hash of what is asked (set, candidate, reader options). Everything ``keep`` was given is on the
    disk when it returns. Every row carries a checksum and is checked whenever it is read. A damaged file is kept aside
    on opening and a new one made of its sound rows; ``repaired`` says so, else it is None. ``shard``: "k/n" where only
    a part of the cases is asked, noted for whoever looks. To be used in the thread that opened it.
    Raises MachineError if the file holds answers to other questions or has another format, another run is writing to
    it, it cannot be written, or damage comes to light later (the next opening repairs it).
    """

    def __init__(self, path: Path, asked_sha256: str, *, shard: str | None = None) -> None:
        self._path = path
        self._asked_sha256 = asked_sha256
        self._seal = Seal(asked_sha256)
        self.repaired: Repair | None = None
        self._noted: tuple[str, ...] = ()
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = locked(path)
        try:
            with explained(path):
                self._make_sound()
                self._connection = sqlite3.connect(path, isolation_level=None, timeout=READERS_WITHIN_SECONDS)
            try:
                with explained(self._path):
                    self._prepare(shard)
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

    def keep(self, outcomes: Iterable[Outcome], *, isolation: Iterable[str] = ()) -> None:
        """Keep what became of some cases, all or none; durable on return.

        ``isolation``: what the device was and was not kept from meanwhile, in words; those of all times are kept.
        Raises ValueError if one of them has an answer already that is not ``unreadable``: a case is answered once.
        """
        kept_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        words = tuple(isolation)
        new = () if words == self._noted else words
        with self.writing():
            for place, word in enumerate(new):
                noted = (f"{ISOLATION}{place:02d} {word}", word)
                self._connection.execute(META.insert, self._seal.sealed(META, noted))
            for outcome in outcomes:
                row = self._seal.sealed(ANSWERS, answer_row(outcome.asked, kept_at))
                if self._connection.execute(UPSERT, row).rowcount != 1:
                    raise ValueError(f"case {outcome.asked.answer.case_id} is in the ledger already")
                for table, values in rows_beside(outcome, kept_at):
                    self._connection.execute(table.insert, self._seal.sealed(table, values))
        self._noted = words or self._noted

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all that is put within is kept or nothing; on the disk on leaving."""
        with explained(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def put(self, table: Table, row: Row) -> bool:
        """Add a sealed row of another ledger of the same questions, within ``writing``; see ``ledger_file.put``."""
        with explained(self._path):
            return put(self._connection, table, row)

    def held(self, case_id: str) -> Row | None:
        """The row of a case's answer as it is in the file, None if there is none."""
        row: Row | None = self._connection.execute("SELECT * FROM answers WHERE case_id = ?", (case_id,)).fetchone()
        return row

    def make_older(self, begun: str) -> None:
        """Have the ledger begin no later than that, within ``writing``."""
        row = self._seal.sealed(META, ("begun", min(begun, self.begun())))
        self._connection.execute(META.insert.replace("IGNORE", "REPLACE"), row)

    def answers(self) -> Mapping[str, AskedAnswer]:
        """Everything kept, by case_id, in the order of the ids."""
        return {asked.answer.case_id: asked for asked in self.iterate_answers()}

    def iterate_answers(self) -> Iterator[AskedAnswer]:
        """Everything kept, in the order of the ids, in bounded memory; goes on while more is kept."""
        return (asked_answer(row) for row in self._sound_rows(ANSWERS))

    def statuses(self) -> Mapping[str, str]:
        """The status of every case kept, by case_id, in the order of the ids."""
        return {str(row[0]): str(row[1]) for row in self._sound_rows(ANSWERS)}

    def failed_attempts(self) -> tuple[FailedAttempt, ...]:
        """Every attempt that failed, by case and attempt."""
        return tuple(sorted(failed_attempt(row) for row in self._sound_rows(FAILED_ATTEMPTS)))

    def n_answers(self) -> int:
        """How many cases are done: all kept but the unreadable ones."""
        with explained(self._path):
            counted = self._connection.execute("SELECT count(*) FROM answers WHERE status <> 'unreadable'")
            return int(counted.fetchone()[0])

    def decoders(self) -> tuple[str, ...]:
        """Every decoder kept, sorted."""
        return tuple(str(row[0]) for row in self._sound_rows(DECODERS))

    def begun(self) -> str:
        """When this ledger was first opened, ISO 8601 in UTC: no answer in it is older."""
        return next(str(value) for key, value, _ in self._sound_rows(META) if key == "begun")

    def isolation(self) -> tuple[str, ...]:
        """What the device was and was not kept from whenever an answer was kept; where that differed, all of it."""
        rows = (row for row in self._sound_rows(META) if str(row[0]).startswith(ISOLATION))
        return tuple(dict.fromkeys(str(value) for _, value, _ in rows))

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

    def _make_sound(self) -> None:
        """A sound file in its place: the one that is there, a repaired one or a new one."""
        path, asked_sha256 = self._path, self._asked_sha256
        if beside(path, ".repaired").exists():  # a repair was cut short
            finish_repair(path)
        if not any(beside(path, ending).exists() for ending in KEPT_ASIDE):
            create(path, asked_sha256)
        found = damage_of(path, asked_sha256)
        if found is not None:
            self.repaired = repair(path, asked_sha256, found)

    def _prepare(self, shard: str | None) -> None:
        self._connection.execute(f"PRAGMA journal_mode = {_working_journal(self._path.parent)}")
        self._connection.execute("PRAGMA synchronous = FULL")
        missing = [each for each in rows_of_the_log(self._path, self._seal) if not self._holds(*each)]
        if missing:
            n_kept = sum(table is ANSWERS for table, _ in missing)
            aside = copy_log_aside(self._path)
            self.repaired = Repair(path=self._path, found="write-ahead log", n_kept=n_kept, damaged=aside)
        if shard is not None:
            missing.append((META, self._seal.sealed(META, (f"shard {shard}", shard))))
        with self.writing():
            for table, row in missing:
                put(self._connection, table, row)

    def _holds(self, table: Table, row: Row) -> bool:
        """Whether the row, or for a case any answer, is there already."""
        keys = " AND ".join(f"{name} = ?" for name, _ in table.columns[: table.n_keys])
        select = f"SELECT * FROM {table.name} WHERE {keys}"
        held: Row | None = self._connection.execute(select, row[: table.n_keys]).fetchone()
        return held is not None and (table is not ANSWERS or held[1] != "unreadable" or row[1] == "unreadable")

    def _sound_rows(self, table: Table) -> Iterator[Row]:
        """All rows by key, checked."""
        rows = rows_of(self._connection, table)
        while True:
            with explained(self._path):
                row = next(rows, None)
            if row is None:
                return
            if not self._seal.is_sound(table, row):
                raise self._damaged(f"{table.name}: {row[0]!r}")
            yield row

    def _damaged(self, found: str) -> MachineError:
        return MachineError(Problem(key="execution.ledger_damaged", where=str(self._path), facts={"found": found}))


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
