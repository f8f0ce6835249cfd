"""Tables that others have written, of collections and of report programs: read as they are, by their column names."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from ..errors import Problem, ReferenceSetError

MOST_BYTES = 1 << 30


def foreign_rows(path: Path) -> tuple[tuple[str, ...], list[tuple[int, Mapping[str, str]]]]:
    """Column names, and (line, cells by column) of each row that is not empty; cells are stripped.

    CSV with commas, or with semicolons or tabs where the first line has more of them; UTF-8, else Windows-1252. Cells
    beyond the last column are left out, cells that a row lacks are empty.
    Raises ReferenceSetError if the file cannot be read, or two columns have one name.
    """
    lines = _text(path).splitlines(keepends=True)
    first = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=max(",;\t", key=first.count))
    try:
        columns = tuple(cell.strip() for cell in next(reader, ()))
        if not columns or len(set(columns)) < len(columns):
            raise ReferenceSetError(Problem(key="ecg_import.table_columns", where=f"{path.name}:1"))
        rows: list[tuple[int, Mapping[str, str]]] = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                stripped = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
                rows.append((reader.line_num, dict(zip(columns, stripped, strict=False))))
    except csv.Error as error:
        facts = {"found": str(error)}
        raise ReferenceSetError(Problem(key="refset.csv_syntax", where=path.name, facts=facts)) from None
    return columns, rows


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReferenceSetError(Problem(key="ecg_import.table_too_large", where=path.name))
        content = path.read_bytes()
    except OSError as error:
        facts = {"found": error.strerror or str(error)}
        raise ReferenceSetError(Problem(key="files.cannot_read", where=str(path), facts=facts)) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
