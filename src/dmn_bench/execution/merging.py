"""Parts of a run joined: ledgers of the same questions become one, or nothing is written."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Fact, MachineError, Problem, ProtocolError, collect
from .ledger import Ledger
from .ledger_file import beside, rows_of
from .ledger_rows import ANSWERS, DECODERS, FAILED_ATTEMPTS, ISOLATION, LOADS, META, Row, Seal, Table
from .ledger_view import looked_at, meta_of
from .run_note import read_note

CASES_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedPart:
    """What one ledger gave. ``n_answers``: in it, without unreadable cases; ``n_new``: of these, not there before."""

    path: Path
    n_answers: int
    n_new: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedLedger:
    """One set of questions: the joined ledger, ``n_answers`` in it now without unreadable cases, and its parts."""

    asked_sha256: str
    path: Path
    n_answers: int
    parts: tuple[MergedPart, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeSummary:
    """What was joined, by what was asked."""

    ledgers: tuple[MergedLedger, ...]


def merge_ledgers(parts: Sequence[Path], into: Path) -> MergeSummary:
    """Join ledgers by their questions into ``into/<asked sha256>.sqlite``; a ledger that is there grows.

    ``parts``: folders of runs, folders of ledgers, or ledgers. Of a case answered alike in two parts the first is
    kept; an unreadable case gives way to an answer. Merging again changes nothing. Only reading is done in the parts.
    Raises ProtocolError, and nothing is written, if a part holds no ledger or two parts answer a case differently;
    MachineError if a part is damaged or the folder cannot be written.
    """
    found = _by_questions(parts)
    is_new_folder = not into.exists()
    targets = {asked: into / f"{asked}.sqlite" for asked in found}
    new = [path for path in targets.values() if not path.exists()]
    try:
        return MergeSummary(ledgers=_joined(found, targets, new))
    except BaseException:
        for path in new:
            for ending in ("", "-wal", "-shm", "-journal", ".lock"):
                beside(path, ending).unlink(missing_ok=True)
        if is_new_folder and into.exists():
            with contextlib.suppress(OSError):  # something else was put there meanwhile
                into.rmdir()
        raise


def ledgers_of(part: Path) -> tuple[Path, ...]:
    """The ledgers of a part: the file itself, those in ``answers`` of a run's folder, or those its note names."""
    if part.is_file():
        return (part,)
    for folder in (part / "answers", part):
        if found := tuple(sorted(folder.glob("*.sqlite"))):
            return found
    note = read_note(part)
    named = [] if note is None else [each.ledger for each in note.candidates]
    return tuple(path for path in named if path is not None and path.is_file())


def _by_questions(parts: Sequence[Path]) -> Mapping[str, Sequence[Path]]:
    problems = [Problem(key="execution.merge_no_ledger", where=str(part)) for part in parts if not ledgers_of(part)]
    collect(problems, ProtocolError)
    found: dict[str, list[Path]] = defaultdict(list)
    seen: set[Path] = set()
    for path in itertools.chain.from_iterable(map(ledgers_of, parts)):
        if path.resolve() not in seen:
            seen.add(path.resolve())
            with _of_a_part(path), looked_at(path) as connection:
                said = {row[0]: row[1] for row in meta_of(connection, path)}
            found[str(said["asked_sha256"])].append(path)
    return found


def _joined(
    found: Mapping[str, Sequence[Path]], targets: Mapping[str, Path], new: Sequence[Path]
) -> tuple[MergedLedger, ...]:
    """Every target in a transaction of its own, all kept only when nothing in any of them is contradicted."""
    problems, joined = [], []
    with contextlib.ExitStack() as stack:
        for asked, paths in found.items():
            target = targets[asked]
            ledger = stack.enter_context(Ledger(target, asked))
            stack.enter_context(ledger.writing())
            others = [path for path in paths if path.resolve() != target.resolve()]
            differing: dict[str, None] = {}  # a set that keeps its order
            given = tuple(_add(path, ledger, asked, differing) for path in others)
            if differing:
                problems.append(_contradiction(list(differing), [*others, *([target] if target not in new else [])]))
            n_answers = ledger.n_answers()
            joined.append(MergedLedger(asked_sha256=asked, path=target, n_answers=n_answers, parts=given))
        collect(problems, ProtocolError)
    return tuple(joined)


def _add(path: Path, ledger: Ledger, asked: str, differing: dict[str, None]) -> MergedPart:
    n_before, n_answers = ledger.n_answers(), 0
    with _of_a_part(path), looked_at(path) as connection:
        part = _Part(path=path, seal=Seal(asked), connection=connection)
        for row in part.rows(ANSWERS):
            n_answers += row[1] != "unreadable"
            if not ledger.put(ANSWERS, row):
                differing[str(row[0])] = None
        _add_the_rest(part, ledger)
    return MergedPart(path=path, n_answers=n_answers, n_new=ledger.n_answers() - n_before)


def _add_the_rest(part: _Part, ledger: Ledger) -> None:
    for row in part.rows(META):
        if row[0] == "begun":
            ledger.make_older(str(row[1]))
        elif str(row[0]).startswith(ISOLATION):
            ledger.put(META, row)
    for row in part.rows(LOADS):
        ledger.put(LOADS, row)
    for row in part.rows(DECODERS):
        ledger.put(DECODERS, row)
    for row in part.rows(FAILED_ATTEMPTS):
        if part.answer(str(row[0])) == ledger.held(str(row[0])):  # the tries before the answer that was kept
            ledger.put(FAILED_ATTEMPTS, row)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One ledger that is read."""

    path: Path
    seal: Seal
    connection: sqlite3.Connection

    def rows(self, table: Table) -> Iterator[Row]:
        """All rows, checked. Raises MachineError at the first that is not sound."""
        for row in rows_of(self.connection, table):
            if not self.seal.is_sound(table, row):
                raise _damaged_part(self.path, f"{table.name}: {row[0]!r}")
            yield row

    def answer(self, case_id: str) -> Row | None:
        """The row of a case's answer."""
        row: Row | None = self.connection.execute("SELECT * FROM answers WHERE case_id = ?", (case_id,)).fetchone()
        return row


def _contradiction(differing: Sequence[str], paths: Sequence[Path]) -> Problem:
    """Which cases have two answers, and in which parts."""
    holders: dict[str, list[str]] = {case_id: [] for case_id in differing[:CASES_SHOWN]}
    for path in paths:
        with looked_at(path) as connection:
            for case_id, holding in holders.items():
                if connection.execute("SELECT 1 FROM answers WHERE case_id = ?", (case_id,)).fetchone():
                    holding.append(str(path))
    shown = "; ".join(f"{case_id} ({', '.join(holding)})" for case_id, holding in holders.items())
    facts: dict[str, Fact] = {"n": len(differing), "found": shown + ("; …" if len(differing) > CASES_SHOWN else "")}
    return Problem(key="execution.merge_contradiction", facts=facts)


@contextlib.contextmanager
def _of_a_part(path: Path) -> Iterator[None]:
    """Damage of a part, said with what to do about it; only its own run repairs it."""
    try:
        yield
    except MachineError as error:
        problem = error.problems[0]
        if problem.key == "execution.ledger_damaged" and problem.where == str(path):
            raise _damaged_part(path, str(problem.facts["found"])) from error
        raise


def _damaged_part(path: Path, found: str) -> MachineError:
    return MachineError(Problem(key="execution.merge_part_damaged", where=str(path), facts={"found": found}))
