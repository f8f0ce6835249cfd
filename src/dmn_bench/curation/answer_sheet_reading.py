"""Sheets that typists filled in, read back: every row that was asked, once, or every reason why not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DmnBenchError, Problem, ProtocolError, collect
from ..files import sha256_of_json
from ..wordings import LANGUAGES
from . import workbook
from .answer_sheet import ABOUT, FORMAT, RESULTS, Asked, Question, Result, title_of, words_of

Mark = tuple[float, ...]
_SEPARATED = re.compile(r"[\s]+")
SHOWN = 20
MAX_ABOUT = 32_000
LIMITS = {"fraction": 1.0, "percent": 100.0}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What one typist read from one result. ``marks``: x, y, width, height in px, with or without a score."""

    result: Result | None = None
    score: float | None = None
    marks: tuple[Mark, ...] | None = None
    remark: str = ""

    @property
    def said(self) -> tuple[object, ...]:
        """What two typists must agree on."""
        return (self.result, self.score, self.marks)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One workbook read back. ``about``: what it says of itself; ``typed``: by (case, finding), every one asked."""

    path: Path
    asked: Asked
    about: Mapping[str, Any]
    typed: Mapping[tuple[str, str], Typed]

    @property
    def sha256(self) -> str:
        """Hash of what was typed."""
        return sha256_of_json(
            [
                [*key, typed.result, typed.score, None if typed.marks is None else [list(m) for m in typed.marks]]
                for key, typed in sorted(self.typed.items())
            ]
        )


def read_sheet(path: Path) -> Sheet:
    """A workbook of ``answers sheet`` or ``answers check``, filled in.

    Raises ProtocolError with every problem: another kind of file, changed or removed or doubled rows, cells without an
    answer or with one that cannot be read; MachineError if openpyxl is not installed.
    """
    book = workbook.open_workbook(path)
    asked, about = _about(book, path.name)
    is_settling = about["kind"] == "differences"
    wanted = {(q.case_id, q.finding) for q in asked.questions}
    if is_settling:
        wanted = {(str(case_id), str(finding)) for case_id, finding in about["open"]}
    prefix = "settled_" if is_settling else ""
    sheet = _answers_sheet(book, path.name)
    problems: list[Problem] = []
    typed: dict[tuple[str, str], Typed] = {}
    for line, cells in workbook.rows_by_title(sheet, _titles(asked, prefix), path.name, asked.identifiers):
        reader = _RowReader(f"{path.name}:{line}", cells, prefix, problems)
        key = (reader.text("case_id", own=False), reader.text("finding", own=False))
        if key not in wanted:
            problems.append(_of_row("answers.row_not_asked", reader.where, key))
        elif key in typed:
            problems.append(_of_row("answers.row_doubled", reader.where, key))
        else:
            typed[key] = reader.typed(asked)
    missing = sorted(wanted - set(typed))
    if missing:
        found = ", ".join(f"{case} ({finding})" for case, finding in missing[:SHOWN])
        problems.append(Problem(key="answers.rows_missing", where=path.name, facts={"n": len(missing), "found": found}))
    collect(problems, ProtocolError)
    return Sheet(path=path, asked=asked, about=about, typed=typed)


class _RowReader:
    """One row of a sheet; what is wrong with its cells is noted."""

    def __init__(self, where: str, cells: Mapping[str, Any], prefix: str, problems: list[Problem]) -> None:
        self.where, self._cells, self._prefix, self._problems = where, cells, prefix, problems

    def text(self, column: str, *, own: bool = True) -> str:
        """The text of a cell, "" where it is empty or, with a problem noted, unreadable."""
        cell = self._cells.get(f"{self._prefix}{column}" if own else column)
        try:
            return "" if cell is None else workbook.text_of_cell(cell)
        except workbook.CellError as error:
            self._note(error.problem_key, column, error.found)
            return ""

    def typed(self, asked: Asked) -> Typed:
        """What was typed; a row without an answer is a problem."""
        n_before = len(self._problems)
        result, score = self._result(), self._score(asked)
        marks = self._marks() if asked.marks else None
        if len(self._problems) == n_before and result is None and score is None:
            self._problems.append(Problem(key="answers.row_empty", where=self.where))
        if result in ("not_shown", "unreadable") and (score is not None or marks):
            self._note("answers.row_contradicts", "result", words_of("en")[result])
        return Typed(result=result, score=score, marks=marks, remark=self.text("remark"))

    def _result(self) -> Result | None:
        text = self.text("result")
        if not text:
            return None
        for result in RESULTS:
            if text.casefold() in {words_of(language)[result].casefold() for language in LANGUAGES}:
                return result
        self._note("answers.cell_result", "result", text)
        return None

    def _score(self, asked: Asked) -> float | None:
        cell = self._cells.get(f"{self._prefix}score")
        limit = LIMITS.get(asked.score_unit)
        try:
            score = None if cell is None else workbook.number_of_cell(cell, limit=limit)
        except workbook.CellError as error:
            self._note(error.problem_key, "score", error.found)
            return None
        if score is not None and limit is not None and not 0 <= score <= limit:
            self._note("answers.cell_outside", "score", f"{score:g}", limit=limit)
        return score

    def _marks(self) -> tuple[Mark, ...] | None:
        """Marks written as "x y width height" or "x y width height score", with ";" between."""
        text = self.text("marks")
        marks: list[Mark] = []
        for part in filter(None, (part.strip() for part in text.split(";"))):
            words = _SEPARATED.split(part)
            if len(words) not in (4, 5) or not all(re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", word) for word in words):
                self._note("answers.cell_marks", "marks", part)
                return None
            marks.append(tuple(float(word.replace(",", ".")) for word in words))
        return tuple(sorted(marks))

    def _note(self, key: str, column: str, found: object, **facts: float) -> None:
        said: dict[str, str | int | float] = {"column": column, "found": str(found), **facts}
        self._problems.append(Problem(key=key, where=self.where, facts=said))


def _about(book: Any, where: str) -> tuple[Asked, Mapping[str, Any]]:
    """What the hidden sheet says, and what was asked, proved by its hash."""
    refused = ProtocolError(Problem(key="answers.not_our_sheet", where=where))
    if ABOUT not in book.sheetnames:
        raise refused
    rows = [[_plain(value) for value in row] for row in book[ABOUT].iter_rows(values_only=True)]
    try:
        about = json.loads(rows[0][0][:MAX_ABOUT])
        if about["format"] != FORMAT or about["kind"] not in ("typist", "differences"):
            raise refused
        n = 2 + len(about["identifiers"])
        asked = Asked(
            reference_set=str(about["reference_set"]),
            candidate=str(about["candidate"]),
            questions=tuple(
                Question(case_id=row[0], finding=row[1], identifiers=tuple(row[2:n])) for row in _padded(rows[1:], n)
            ),
            identifiers=tuple(about["identifiers"]),
            score_unit=about["score_unit"],
            marks=bool(about["marks"]),
            typists=int(about["typists"]),
        )
    except DmnBenchError:
        raise
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise refused from error
    if asked.sha256 != about["asked"]:
        raise ProtocolError(Problem(key="answers.sheet_changed", where=where))
    return asked, about


def _answers_sheet(book: Any, where: str) -> Any:
    """The sheet that was filled in, also when somebody renamed it: the one whose titles are ours."""
    ours = {title_of(column, language) for column in ("case_id",) for language in LANGUAGES}
    found = [sheet for sheet in book.worksheets if sheet.title != ABOUT and ours & {cell.value for cell in sheet[1]}]
    if len(found) != 1:
        raise ProtocolError(Problem(key="answers.no_answers_tab", where=where, facts={"n": len(found)}))
    return found[0]


def _titles(asked: Asked, prefix: str) -> Mapping[str, str]:
    """Every title that the columns may have, in any language -> our column."""
    columns: list[str] = list(asked.columns)
    if prefix:
        inner = [column for column in asked.columns if column not in ("case_id", "finding", *asked.identifiers)]
        columns = ["case_id", *asked.identifiers, "finding"]
        columns += [f"{number}:{column}" for number in (1, 2) for column in inner]
        columns += [f"{prefix}{column}" for column in inner]
    return {title_of(column, language): column for column in columns for language in LANGUAGES}


def _padded(rows: Sequence[Sequence[str]], n: int) -> Iterator[list[str]]:
    for row in rows:
        if any(row):
            yield [*row, *[""] * n][: max(n, 2)]


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _of_row(key: str, where: str, row: tuple[str, str]) -> Problem:
    return Problem(key=key, where=where, facts={"case": row[0] or "—", "finding": row[1] or "—"})
