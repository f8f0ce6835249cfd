"""A ledger looked at from outside, beside whoever writes to it: counts, pace, age."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import MachineError, Problem
from ..vocabulary import Status
from .ledger_file import beside, explained, is_damage, is_written
from .ledger_repair import address, refuse_others
from .ledger_rows import Row

RATE_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerView:
    """What a ledger holds at one moment. Counted, not checked row by row: to be shown, never to be scored.

    ``begun``, ``newest_kept_at``: ISO 8601 in UTC, the latter None when there is no answer. ``answers_per_second``:
    over the most recent minute in which answers came, None when that was one batch or none. ``shards``: the parts
    ("2/5") that were asked into this file; empty when it was asked as a whole.
    """

    path: Path
    asked_sha256: str
    statuses: Mapping[Status, int]
    n_failed_attempts: int
    begun: str
    newest_kept_at: str | None
    answers_per_second: float | None
    is_being_written: bool
    shards: tuple[str, ...] = ()

    @property
    def n_done(self) -> int:
        """Cases that will not be asked again: all but the unreadable ones."""
        return sum(n for status, n in self.statuses.items() if status != "unreadable")


def read_ledger(path: Path) -> LedgerView:
    """A look at a ledger, whoever writes to it, without a lock that could stop them and without a change to it.

    Raises MachineError if it is not there, is damaged, or has another format.
    """
    try:
        return _view(path)
    except MachineError:
        if not is_written(path):
            raise
        return _view(path)  # somebody began to write while the file was read alone


def _view(path: Path) -> LedgerView:
    is_being_written = is_written(path)
    with looked_at(path) as connection:
        meta = {str(row[0]): str(row[1]) for row in meta_of(connection, path)}
        statuses = connection.execute("SELECT status, count(*) FROM answers GROUP BY status").fetchall()
        n_failed = int(connection.execute("SELECT count(*) FROM failed_attempts").fetchone()[0])
        newest = connection.execute("SELECT max(kept_at) FROM answers").fetchone()[0]
        per_second = None if newest is None else _per_second(connection, newest)
    return LedgerView(
        path=path,
        asked_sha256=meta["asked_sha256"],
        statuses=dict(statuses),
        n_failed_attempts=n_failed,
        begun=meta["begun"],
        newest_kept_at=newest,
        answers_per_second=per_second,
        is_being_written=is_being_written,
        shards=tuple(sorted(value for key, value in meta.items() if key.startswith("shard "))),
    )


@contextlib.contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees the ledger as it is at this moment and writes nothing of it.

    A file that nobody writes is read alone. What a killed process left beside it is read where it lies, or, in a
    folder that cannot be written, in a copy. Raises MachineError if it cannot be read or is damaged.
    """
    with explained(path), contextlib.ExitStack() as stack:
        if not path.is_file():
            raise FileNotFoundError(2, "no such file")
        try:
            uri = f"{path.resolve().as_uri()}?mode=ro" if is_written(path) else address(path).replace("=rw", "=ro")
            connection = _one_moment(uri)
        except sqlite3.OperationalError as error:
            if is_damage(error):
                raise
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dmn-bench-look-")))
            for ending in ("", "-wal", "-journal"):
                if beside(path, ending).exists():
                    shutil.copyfile(beside(path, ending), folder / (path.name + ending))
            connection = _one_moment((folder / path.name).as_uri())
        stack.callback(connection.close)
        yield connection


def meta_of(connection: sqlite3.Connection, path: Path) -> Sequence[Row]:
    """The rows of META. Raises MachineError if the file is no ledger of this format."""
    try:
        rows = connection.execute("SELECT * FROM meta").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        raise _damaged(path, str(error)) from error
    said = {row[0]: row[1] for row in rows}
    refuse_others(path, rows, str(said.get("asked_sha256")))
    if not {"format", "asked_sha256", "begun"} <= said.keys():
        raise _damaged(path, "meta")
    return rows


def _damaged(path: Path, found: str) -> MachineError:
    return MachineError(Problem(key="execution.ledger_damaged", where=str(path), facts={"found": found}))


def _one_moment(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # only a read takes the moment
    except BaseException:
        connection.close()
        raise
    return connection


def _per_second(connection: sqlite3.Connection, newest: str) -> float | None:
    """Answers after the first batch of the minute, or after the batch before the last, over the time they took."""
    last = datetime.datetime.fromisoformat(newest)
    start = (last - datetime.timedelta(seconds=RATE_SECONDS)).isoformat(timespec="microseconds")
    first = connection.execute("SELECT min(kept_at) FROM answers WHERE kept_at >= ?", (start,)).fetchone()[0]
    if first == newest:
        first = connection.execute("SELECT max(kept_at) FROM answers WHERE kept_at < ?", (newest,)).fetchone()[0]
    if first is None:
        return None
    n_after = connection.execute("SELECT count(*) FROM answers WHERE kept_at > ?", (first,)).fetchone()[0]
    return float(n_after / (last - datetime.datetime.fromisoformat(first)).total_seconds())
