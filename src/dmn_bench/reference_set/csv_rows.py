"""Strict reading of the CSV tables of a set: rows as dictionaries, every fault with its file and line."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fact, Problem
from ..files import unknown_name

if TYPE_CHECKING:
    from _csv import Reader as CsvReader  # its only name in the standard library

LINE_CHARACTERS_AT_MOST = 100_000
PROBLEMS_AT_MOST = 1000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAYBE_FORMULA = re.compile(r"""(?:^|,)["'\s]*[=@+\-\t]""")  # cheap look at a line; the cells are looked at only then
_FORMULA = re.compile(r"[=@\t]|[+-](?![\d.])")  # what a spreadsheet would run when the table is opened in it


class Problems(list[Problem]):
    """Problems as they are found; beyond the first thousand they are only counted."""

    n_more = 0

    def add(self, key: str, where: str, **facts: Fact) -> None:
        """Note one problem."""
        self.note(Problem(key=key, where=where, facts=facts))

    def note(self, problem: Problem) -> None:
        """Note one problem."""
        if len(self) < PROBLEMS_AT_MOST:
            self.append(problem)
        else:
            self.n_more += 1

    def all(self) -> tuple[Problem, ...]:
        """The problems, the last saying how many more there are."""
        more = [Problem(key="refset.more_problems", facts={"n": self.n_more})] if self.n_more else []
        return (*self, *more)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The columns of a table. ``extra``: whether further columns are allowed (strata)."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    extra: bool = False


class Table:
    """One CSV table, read row by row; what is wrong goes to ``problems`` and the row is left out."""

    def __init__(self, path: Path, shape: Shape, problems: Problems) -> None:
        self.path = path
        self.shape = shape
        self.problems = problems
        self.columns: tuple[str, ...] = ()
        self._suspicious = False

    def rows(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """(line, cells by column) for every sound row; the line is the row's last, from 1. Cells are stripped."""
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as stream:
                reader = csv.reader(self._lines(stream.readline), strict=True)
                if self._header(reader):
                    yield from self._body(reader)
        except UnicodeDecodeError:
            self._problem("files.not_utf8", self._undecodable_line())
        except _LineError as error:
            self._problem(error.key, error.line)
        except csv.Error as error:
            self._problem("refset.csv_syntax", reader.line_num, found=str(error))
        except OSError as error:
            self._problem("files.cannot_read", None, found=error.strerror or str(error))

    def _header(self, reader: CsvReader) -> bool:
        header = tuple(cell.strip() for cell in next(iter(reader), ()))
        if not header:
            self._problem("refset.csv_empty", 1)
            return False
        if len(header) == 1 and ";" in header[0]:
            self._problem("refset.csv_semicolon", 1)
            return False
        n_before = len(self.problems)
        for index, column in enumerate(header):
            self._column(index, column, header)
        for column in self.shape.required:
            if column not in header:
                self._problem("refset.csv_column_missing", 1, found=column)
        self.columns = header
        return len(self.problems) == n_before

    def _column(self, index: int, column: str, header: tuple[str, ...]) -> None:
        known = (*self.shape.required, *self.shape.optional)
        # a further column is a stratum, unless it is a slip of the pen: "widht" would otherwise be lost without a word
        is_allowed = self.shape.extra and not difflib.get_close_matches(column, known, 1, 0.85)
        if not column or len(column) > 200 or _FORMULA.match(column):
            self._problem("refset.csv_column_name", 1, column=index + 1)
        elif column in header[:index]:
            self._problem("refset.csv_column_doubled", 1, found=column)
        elif column not in known and not is_allowed:
            self.problems.note(unknown_name("refset.csv_column_unknown", column, known, f"{self.path.name}:1"))

    def _body(self, reader: CsvReader) -> Iterator[tuple[int, Mapping[str, str]]]:
        columns, n_columns = self.columns, len(self.columns)
        for row in reader:
            if len(row) != n_columns:
                if row and not (len(row) == 1 and not row[0].strip()):
                    self._problem("refset.csv_row_length", reader.line_num, found=len(row), expected=n_columns)
                continue
            cells = [cell.strip() for cell in row]
            if self._suspicious:
                self._suspicious = False
                formula = next(
                    (column for column, cell in zip(columns, cells, strict=True) if _FORMULA.match(cell)), ""
                )
                if formula:
                    self._problem("refset.csv_formula", reader.line_num, column=formula)
                    continue
            yield reader.line_num, dict(zip(columns, cells, strict=True))

    def _lines(self, readline: Callable[[int], str]) -> Iterator[str]:
        number = 0
        while line := readline(LINE_CHARACTERS_AT_MOST):
            number += 1
            if len(line) == LINE_CHARACTERS_AT_MOST and not line.endswith("\n"):
                raise _LineError("refset.csv_line_too_long", number)
            if _CONTROL.search(line):
                raise _LineError("refset.csv_control_character", number)
            if _MAYBE_FORMULA.search(line):
                self._suspicious = True
            yield line

    def _problem(self, key: str, line: int | None, **facts: Fact) -> None:
        self.problems.add(key, self.path.name if line is None else f"{self.path.name}:{max(line, 1)}", **facts)

    def _undecodable_line(self) -> int:
        with self.path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return number
        return 1


class _LineError(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line
