"""Output files as vendors send them, read into rows of cells: CSV, TSV, JSON Lines, XLSX, packed or not."""

from __future__ import annotations

import csv
import functools
import gzip
import itertools
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from ..errors import CandidateError, MachineError, Problem
from ..files import is_text, plain_text

Format = str
FORMATS = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FORMATS[".xlsx"] = "xlsx"
MAX_CELL_CHARACTERS = 10_000_000
MAX_UNPACKED_BYTES = 4 * 1024**3
DAMAGED_XLSX = (
    BadZipFile,
    LookupError,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    zlib.error,
    SyntaxError,  # of its XML
    RuntimeError,  # encrypted, or packed in a way that is not known
)
SHOWN_CHARACTERS = 60
SHOWN_PROBLEMS = 20  # of each kind; the rest is counted
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

Cell = str | int | float | list[object] | None
"""A cell as the file has it: text from CSV; numbers and lists too from JSON Lines and XLSX; None when empty."""


class Row(NamedTuple):
    """One row: the file and line where it is, and its cells in the order of the table's columns."""

    name: str
    line: int
    cells: tuple[Cell, ...]

    @property
    def where(self) -> str:
        """The place for messages: "a.csv:12"."""
        return f"{self.name}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file as rows, to be gone through once; ``columns`` as its header says, without blanks around."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[Row]


@dataclass
class Faults:
    """Problems met while reading, all kept in number and the first twenty of each kind in full."""

    _kept: list[Problem] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, key: str, where: str, **facts: str | int | float) -> None:
        """Note one problem, once."""
        problem = Problem(key=key, where=where, facts=facts)
        if problem in self._kept:
            return
        self._counts[key] += 1
        if self._counts[key] <= SHOWN_PROBLEMS:
            self._kept.append(problem)

    def note(self, problem: Problem) -> None:
        """Note a problem made elsewhere."""
        self.add(problem.key, problem.where, **problem.facts)

    def stop_if_any(self) -> None:
        """Raise CandidateError with everything noted."""
        if self._kept:
            shown = Counter({key: min(count, SHOWN_PROBLEMS) for key, count in self._counts.items()})
            hidden = (self._counts - shown).total()
            more = [Problem(key="adapters.and_more", facts={"n": hidden})] if hidden else []
            raise CandidateError(*self._kept, *more)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is written. ``form`` and ``delimiter`` None: by the file's extension."""

    form: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None


def read_table(path: Path, name: str, dialect: Dialect, faults: Faults) -> Table:
    """The rows of one file, called ``name`` in messages; what is wrong with single rows is noted in ``faults``.

    The rows of a CSV are made as they are taken, so that a million of them is never held as cells.
    Raises CandidateError if the file as a whole cannot be read (a malformed CSV: at the row), MachineError if an extra
    is missing.
    """
    if not path.is_file():
        raise CandidateError(Problem(key="adapters.file_missing", where=name))
    packed = path.suffix.lower() == ".gz"
    form = dialect.form or _form(path.with_suffix("") if packed else path, name)
    if form == "xlsx":
        header, rows = _from_xlsx(path, name, dialect.sheet)
    else:
        text = text_of(path, name, dialect.encoding)
        header, rows = _from_jsonl(text, name, faults) if form == "jsonl" else _from_csv(text, name, dialect, form)
    header = _whole(header, f"{name}:1", faults)
    columns = tuple(str(cell).strip() if cell is not None else "" for cell in header)
    doubled = sorted(column for column, count in Counter(columns).items() if count > 1 and column)
    if doubled:
        faults.add("adapters.header_doubled", f"{name}:1", found=", ".join(doubled))
    if not any(columns):
        raise CandidateError(Problem(key="adapters.file_empty", where=name))
    sound = _sound(rows, len(columns), faults)
    if form not in ("csv", "tsv"):  # what is in memory as cells already is looked at at once
        sound = iter([*sound])
    return Table(name=name, columns=columns, rows=sound)


def _sound(rows: Iterable[Row], n_columns: int, faults: Faults) -> Iterator[Row]:
    """The rows that are not empty and have a cell for each column."""
    for row in rows:
        if len(row.cells) != n_columns:
            faults.add("adapters.row_width", row.where, expected=n_columns, found=len(row.cells))
        elif any(cell is not None for cell in row.cells):
            if not all(cell is None or (isinstance(cell, str) and is_text(cell)) for cell in row.cells):
                row = row._replace(cells=_whole(row.cells, row.where, faults))
            yield row


def _whole(cells: Sequence[Cell], where: str, faults: Faults) -> tuple[Cell, ...]:
    """The cells, with every text that holds half of a character noted: it could not be written to any file."""
    for cell in cells:
        if isinstance(cell, str) and not is_text(cell):
            faults.add("adapters.half_character", where, found=plain_text(cell, SHOWN_CHARACTERS))
    return tuple(plain_text(cell, len(cell)) if isinstance(cell, str) and not is_text(cell) else cell for cell in cells)


def _form(path: Path, name: str) -> Format:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        known = ", ".join(sorted(FORMATS))
        raise CandidateError(Problem(key="adapters.file_format", where=name, facts={"known": known}))
    return form


def text_of(path: Path, name: str, encoding: str) -> str:
    """The text of a file, unpacked where it is a ``.gz`` one, without a byte order mark.

    Raises CandidateError if it cannot be read or is not written in ``encoding``, at its line.
    """
    try:
        raw = _unpacked(path, name) if path.suffix.lower() == ".gz" else path.read_bytes()
        text = raw.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except LookupError as error:
        raise CandidateError(Problem(key="adapters.encoding_unknown", where=name, facts={"found": encoding})) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        facts = {"encoding": encoding, "found": f"0x{error.object[error.start]:02x}"}
        raise CandidateError(Problem(key="adapters.file_encoding", where=f"{name}:{line}", facts=facts)) from error
    except (OSError, EOFError, UnicodeError, zlib.error) as error:  # UnicodeError: of codecs that name no byte
        facts = {"found": str(error)}
        raise CandidateError(Problem(key="adapters.file_unreadable", where=name, facts=facts)) from error
    return text


def _unpacked(path: Path, name: str) -> bytes:
    with gzip.open(path, "rb") as stream:
        raw = stream.read(MAX_UNPACKED_BYTES + 1)
    if len(raw) > MAX_UNPACKED_BYTES:
        facts = {"found": f"> {MAX_UNPACKED_BYTES} B"}
        raise CandidateError(Problem(key="adapters.file_unreadable", where=name, facts=facts))
    return raw


def _from_csv(text: str, name: str, dialect: Dialect, form: str) -> tuple[Sequence[Cell], Iterator[Row]]:
    delimiter = dialect.delimiter or ("\t" if form == "tsv" else ",")
    first = next(_csv_lines(text, name, delimiter), None)
    rows = (
        Row(name, line, tuple([cell.strip() or None for cell in cells]))
        for line, cells in itertools.islice(_csv_lines(text, name, delimiter), 1, None)
        if cells
    )
    return ([] if first is None else first[1]), rows


def _csv_lines(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(last line, cells) of every row."""
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader((line.group() for line in _LINE.finditer(text)), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        facts = {"found": str(error)}
        raise CandidateError(
            Problem(key="adapters.file_malformed", where=f"{name}:{reader.line_num}", facts=facts)
        ) from error
    finally:
        csv.field_size_limit(previous)


def _from_jsonl(text: str, name: str, faults: Faults) -> tuple[Sequence[Cell], Iterator[Row]]:
    records: list[tuple[int, dict[str, Cell]]] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        doubled: list[str] = []
        try:
            record = json.loads(line, object_pairs_hook=functools.partial(_noting_doubles, doubled))
        except (ValueError, RecursionError) as error:
            facts = {"found": str(error)}
            raise CandidateError(Problem(key="adapters.file_malformed", where=where, facts=facts)) from error
        if not isinstance(record, dict):
            facts = {"found": type(record).__name__}
            raise CandidateError(Problem(key="adapters.file_malformed", where=where, facts=facts))
        for key in doubled:
            faults.add("adapters.key_doubled", where, found=plain_text(key, SHOWN_CHARACTERS))
        records.append((number, {key: _json_cell(value) for key, value in record.items()}))
        columns.update(dict.fromkeys(record))
    return list(columns), (Row(name, number, tuple(map(record.get, columns))) for number, record in records)


def _noting_doubles(doubled: list[str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON, of which ``json`` alone would keep the last of two equal keys in silence."""
    doubled.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return dict(pairs)


def _json_cell(value: object) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | list):
        return value
    if value is None or isinstance(value, dict):
        return None if value is None else json.dumps(value)
    return str(value).strip() or None


def _from_xlsx(path: Path, name: str, sheet: str | None) -> tuple[Sequence[Cell], Iterator[Row]]:
    try:
        import openpyxl
    except ImportError as error:
        facts = {"extra": "xlsx", "package": "openpyxl"}
        raise MachineError(Problem(key="adapters.missing_extra", where=name, facts=facts)) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except DAMAGED_XLSX as error:
        facts = {"found": f"{type(error).__name__}: {error}"}
        raise CandidateError(Problem(key="adapters.file_unreadable", where=name, facts=facts)) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            facts = {"found": sheet, "known": ", ".join(book.sheetnames)}
            raise CandidateError(Problem(key="adapters.sheet_unknown", where=name, facts=facts))
        page = book[sheet] if sheet is not None else book.worksheets[0]
        lines = [[_xlsx_cell(value) for value in line] for line in page.iter_rows(values_only=True)]
    except DAMAGED_XLSX as error:
        facts = {"found": f"{type(error).__name__}: {error}"}
        raise CandidateError(Problem(key="adapters.file_unreadable", where=name, facts=facts)) from error
    finally:
        book.close()
    width = max((len(line) for line in lines), default=0)
    while width and all(len(line) < width or line[width - 1] is None for line in lines):
        width -= 1  # columns that were formatted and never filled
    padded = [(line + [None] * width)[:width] for line in lines]
    rows = (Row(name, number, tuple(line)) for number, line in enumerate(padded[1:], start=2))
    return (padded[0] if padded else []), rows


def _xlsx_cell(value: object) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    return None if value is None else str(value).strip() or None


def as_text(cell: Cell) -> str:
    """A cell as text; a whole number of a spreadsheet without its ".0".

    >>> as_text(84.0), as_text(" a "), as_text(None)
    ('84', 'a', '')
    """
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
