"""Rows of a ledger: the tables, what goes into their columns, and the checksum that every row ends in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..vocabulary import AskedAnswer
from .answer_json import answer_from_json, answer_to_json
from .outcome import FailedAttempt, Outcome

FORMAT = "dmn-bench/ledger/2"
PAGE_BYTES = 4096  # of every ledger, so that the pages of a damaged one can be found without its header

_canonical = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table: its columns with their types, the key first, the checksum (a BLOB of 32 bytes) last and unnamed."""

    name: str
    columns: tuple[tuple[str, str], ...]
    n_keys: int = 1

    @property
    def schema(self) -> str:
        """The statement that makes the table. Without rowid: the row is where its key is, and nowhere else."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        keys = ", ".join(name for name, _ in self.columns[: self.n_keys])
        return f"CREATE TABLE {self.name} ({columns}, checksum BLOB NOT NULL, PRIMARY KEY ({keys})) WITHOUT ROWID"

    @property
    def insert(self) -> str:
        """The statement that adds a row, checksum included, unless its key is there."""
        return f"INSERT OR IGNORE INTO {self.name} VALUES ({', '.join('?' * (len(self.columns) + 1))})"


META = Table(name="meta", columns=(("key", "TEXT NOT NULL"), ("value", "TEXT NOT NULL")))
ISOLATION = "isolation "  # begins the key of a row in META: a word of what the device was or was not kept from
ANSWERS = Table(
    name="answers",
    columns=(
        ("case_id", "TEXT NOT NULL"),
        ("status", "TEXT NOT NULL"),
        ("attempt", "INTEGER NOT NULL"),
        ("kept_at", "TEXT NOT NULL"),
        ("seconds", "REAL"),
        ("cpu_seconds", "REAL"),
        ("peak_memory_mb", "REAL"),
        ("is_warm_up", "INTEGER NOT NULL"),
        ("n_pixels", "INTEGER"),
        ("record_seconds", "REAL"),
        ("answer", "TEXT NOT NULL"),
    ),
)
FAILED_ATTEMPTS = Table(
    name="failed_attempts",
    columns=(
        ("case_id", "TEXT NOT NULL"),
        ("kept_at", "TEXT NOT NULL"),
        ("place", "INTEGER NOT NULL"),
        ("attempt", "INTEGER NOT NULL"),
        ("reason", "TEXT NOT NULL"),
        ("printed", "TEXT NOT NULL"),
    ),
    n_keys=3,
)
LOADS = Table(
    name="loads",
    columns=(
        ("case_id", "TEXT NOT NULL"),
        ("kept_at", "TEXT NOT NULL"),
        ("place", "INTEGER NOT NULL"),
        ("seconds", "REAL NOT NULL"),
    ),
    n_keys=3,
)
DECODERS = Table(name="decoders", columns=(("decoder", "TEXT NOT NULL"),))
TABLES = (META, ANSWERS, FAILED_ATTEMPTS, LOADS, DECODERS)

ANSWER = len(ANSWERS.columns) - 1  # index of the answer in a row

# An unreadable file was never put to the device: such a case is tried again and its row replaced.
UPSERT = (
    ANSWERS.insert.replace("INSERT OR IGNORE", "INSERT")
    + " ON CONFLICT (case_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*(name for name, _ in ANSWERS.columns[1:]), "checksum"))
    + " WHERE answers.status = 'unreadable'"
)


class Seal:
    """The checksums of the rows of one ledger: SHA-256 over what was asked, the table and the content of all columns.

    What was asked is in it, so that a page of another ledger that ends up in this file is none of ours.
    """

    def __init__(self, asked_sha256: str) -> None:
        self._begun = {
            table.name: hashlib.sha256(f"{FORMAT}\n{asked_sha256}\n{table.name}\n".encode()) for table in TABLES
        }

    def sealed(self, table: Table, values: Sequence[Value]) -> Row:
        """The row with its checksum. Raises ValueError on NaN or infinity."""
        return (*values, self._checksum(table, values))

    def is_sound(self, table: Table, row: Sequence[Value]) -> bool:
        """Whether the checksum at the end of a row is that of the rest."""
        if len(row) != len(table.columns) + 1:
            return False
        try:
            return self._checksum(table, row[:-1]) == row[-1]
        except (TypeError, ValueError):  # a damaged row may hold anything
            return False

    def _checksum(self, table: Table, values: Sequence[Value]) -> bytes:
        digest = self._begun[table.name].copy()
        digest.update(_canonical(values).encode("ascii"))
        return digest.digest()


def answer_row(asked: AskedAnswer, kept_at: str) -> Row:
    """The columns of ANSWERS without the checksum."""
    return (
        asked.answer.case_id,
        asked.answer.status,
        asked.attempt,
        kept_at,
        _real(asked.seconds),
        _real(asked.cpu_seconds),
        _real(asked.peak_memory_mb),
        int(asked.is_warm_up),
        asked.n_pixels,
        _real(asked.record_seconds),
        json.dumps(answer_to_json(asked.answer), ensure_ascii=True, allow_nan=False),
    )


def asked_answer(row: Sequence[Value]) -> AskedAnswer:
    """The answer in a sound row of ANSWERS."""
    _, _, attempt, _, seconds, cpu_seconds, peak_memory_mb, is_warm_up, n_pixels, record_seconds, answer, *_ = row
    return AskedAnswer(
        answer=answer_from_json(json.loads(str(answer))),
        attempt=attempt,  # type: ignore[arg-type]
        seconds=seconds,  # type: ignore[arg-type]
        cpu_seconds=cpu_seconds,  # type: ignore[arg-type]
        peak_memory_mb=peak_memory_mb,  # type: ignore[arg-type]
        is_warm_up=bool(is_warm_up),
        n_pixels=n_pixels,  # type: ignore[arg-type]
        record_seconds=record_seconds,  # type: ignore[arg-type]
    )


def rows_beside(outcome: Outcome, kept_at: str) -> Iterator[tuple[Table, Row]]:
    """What comes with an answer: the tries before it, the loads it needed, its decoders; without checksums."""
    case_id = outcome.asked.answer.case_id
    for place, failed in enumerate(outcome.failed_attempts):
        yield FAILED_ATTEMPTS, (failed.case_id, kept_at, place, failed.attempt, failed.reason, failed.printed)
    for place, seconds in enumerate(outcome.load_seconds):
        yield LOADS, (case_id, kept_at, place, float(seconds))
    for decoder in outcome.decoders:
        yield DECODERS, (decoder,)


def failed_attempt(row: Sequence[Value]) -> FailedAttempt:
    """The try in a sound row of FAILED_ATTEMPTS."""
    case_id, _, _, attempt, reason, printed, *_ = row
    return FailedAttempt(case_id, attempt, reason, printed)  # type: ignore[arg-type]


def _real(number: float | None) -> float | None:
    return None if number is None else float(number)
