"""Tables of numbers as text: comments, column names, what stands between cells, and the numbers, read strictly."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .faults import fault, reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

Facts = Mapping[str, str]
Role = Literal["lead", "time", "index"]

_MOST_COLUMNS = 300
_MOST_COMMENTS = 100
_FACT = re.compile(r"^#\s*([a-z_]{2,20})\s*[:=]\s*(.{0,400}?)\s*$")
_UNIT = re.compile(r"^(.*?)[\s_]*[\[(]\s*([^\])]{1,8}?)\s*[\])]$")
_TIME = re.compile(r"^(?:time|t|temps|zeit)(?:[\s_]+(s|sec|seconds?|secondes?|ms))?$", re.IGNORECASE)
_INDEX = re.compile(r"^(?:sample|samples|sample_?number|index|n|#)$", re.IGNORECASE)
_POINT = re.compile(r"^\s*(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?|[nN][aA][nN])?\s*$")
_COMMA = re.compile(r"^\s*(?:[-+]?(?:\d+,?\d*|,\d+)(?:[eE][-+]?\d{1,3})?|[nN][aA][nN])?\s*$")
_CELLS = re.compile(rb"^[-+0-9.eEnNaA\t;, \r\n]*$")
"""Every byte that the rows of a table of numbers may hold."""


class Column(NamedTuple):
    """One column by its name: a lead, the time or the sample number, with the unit that the name states, or ""."""

    name: str
    role: Role
    unit: str


class Table(NamedTuple):
    """A table before its numbers."""

    facts: Facts  # of the comment lines; a fact stated twice is kept as "?"
    columns: tuple[Column, ...]  # () without a row of names
    delimiter: bytes
    has_comma: bool  # between whole and part
    rows: bytes
    n_rows: int
    n_columns: int
    is_numeric: bool  # whether the first rows are numbers
    ends_in_line_end: bool


def parse_table(content: bytes, *, is_start: bool) -> Table | None:
    r"""The parts of a table; None if it is none. ``is_start``: the content may end anywhere, its last line is left out.

    >>> found = parse_table(b"# unit: uV\ntime_s;II\n0;1,5\n0,01;2\n", is_start=False)
    >>> found.facts["unit"], found.columns[1].name, found.has_comma, found.n_rows
    ('uV', 'II', True, 2)
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in content[:4096]:
        return None
    if is_start and (end := content.rfind(b"\n")) >= 0:
        content = content[: end + 1]
    facts, rest = _comments(content)
    first, _, _ = rest.partition(b"\n")
    try:
        names = first.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return None
    delimiter = next((mark for mark in ";\t," if mark in names), ",")
    columns: tuple[Column, ...] = ()
    if names and not _is_row(names, delimiter):
        columns = tuple(_column(cell) for cell in names.split(delimiter))
        rest = rest.partition(b"\n")[2]
    second = rest.partition(b"\n")[0].decode("latin-1").rstrip("\r")
    n_columns = len(second.split(delimiter))
    if n_columns > _MOST_COLUMNS or (columns and len(columns) != n_columns):
        return None
    body = rest.rstrip()
    start = body[:4096].decode("latin-1").splitlines()
    return Table(
        facts=facts,
        columns=columns,
        delimiter=delimiter.encode(),
        has_comma=delimiter != "," and b"," in rest,
        rows=rest,
        n_rows=body.count(b"\n") + 1 if body else 0,
        n_columns=n_columns,
        is_numeric=bool(body) and all(_is_row(line, delimiter) for line in start[:-1] or start),
        ends_in_line_end=content.endswith(b"\n"),
    )


def read_numbers(table: Table, path: Path) -> NDArray[np.float64]:
    """The cells [rows, columns], NaN where one is empty.

    Raises InputFileError if a cell is no number or the rows differ in length.
    """
    if not table.n_rows or not _CELLS.match(table.rows):
        raise fault(path, "csv_bad_number")
    rows = table.rows
    if table.has_comma:
        if b"." in rows:
            raise fault(path, "csv_bad_number")
        rows = rows.replace(b",", b".")
    lines = [line.rstrip(b"\r") for line in rows.rstrip().split(b"\n")]
    if any(line.count(table.delimiter) != table.n_columns - 1 for line in lines):
        raise fault(path, "csv_rows_differ")
    mark = re.escape(table.delimiter)
    filled = re.sub(rb"(?m)(^|" + mark + rb")[ ]*(?=" + mark + rb"|$)", rb"\1nan", b"\n".join(lines))
    with reading(path, "csv_bad_number"):
        numbers: NDArray[np.float64] = np.loadtxt(
            io.BytesIO(filled), delimiter=table.delimiter.decode(), dtype=np.float64, ndmin=2, comments=None
        )
        if numbers.shape != (len(lines), table.n_columns) or np.isinf(numbers).any():
            raise ValueError("not every cell is a number")
    return numbers


def _comments(content: bytes) -> tuple[dict[str, str], bytes]:
    """The facts of the comment lines at the top, and what follows them."""
    facts: dict[str, str] = {}
    for _ in range(_MOST_COMMENTS):
        if not content.startswith(b"#"):
            break
        line, _, content = content.partition(b"\n")
        match = _FACT.match(line.decode("utf-8", errors="replace").rstrip("\r"))
        if match:
            facts[match[1]] = "?" if match[1] in facts else match[2]
    return facts, content


def _is_row(line: str, delimiter: str) -> bool:
    """Whether every cell of a line is a number or empty, and one at least is a number."""
    cell_form = _POINT if delimiter == "," else re.compile(f"{_POINT.pattern}|{_COMMA.pattern}")
    cells = line.rstrip("\r").split(delimiter)
    return any(cell.strip() for cell in cells) and all(cell_form.match(cell) for cell in cells)


def _column(cell: str) -> Column:
    written = cell.strip().strip('"').strip()
    match = _UNIT.match(written)
    name, unit = (match[1].strip(), match[2]) if match else (written, "")
    time = _TIME.match(name)
    if time:
        seconds = (unit or time[1] or "").lower()
        return Column(name, "time", "s" if seconds.startswith("s") else seconds)
    return Column(name, "index" if _INDEX.match(name) else "lead", unit)
