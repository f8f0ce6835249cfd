"""XLSX workbooks that people fill in: written with locked cells and drop-downs, opened again with distrust."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..adapters.prediction_tables import DAMAGED_XLSX
from ..errors import MachineError, Problem, ProtocolError
from ..files import plain_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

EXTRA = {"extra": "xlsx", "package": "openpyxl"}
MAX_UNPACKED_BYTES = 200 << 20
MAX_ROWS = 200_000
MAX_TEXT = 2_000
AS_TYPED = "@"  # text: no spreadsheet makes a date of 1.5, or 0.85 of 85%, without a word
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1,234: a thousand and more, or one and a bit


class CellError(ValueError):
    """A cell that holds something else than was asked for; ``key``: of the wordings."""

    def __init__(self, key: str, found: object) -> None:
        super().__init__(key)
        self.problem_key = key
        self.found = plain_text(str(found), 60)


def new_workbook() -> Workbook:
    """An empty workbook. Raises MachineError if openpyxl is not installed."""
    return _openpyxl().Workbook()


def open_workbook(path: Path) -> Workbook:
    """The workbook of a file, formulas as they were typed.

    Raises ProtocolError if it is not there, is no XLSX, is damaged, unpacks to too much, or holds macros; MachineError
    if openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    where = path.name
    if not path.is_file():
        raise ProtocolError(Problem(key="answers.sheet_missing", where=str(path)))
    try:
        content = BytesIO(path.read_bytes())  # openpyxl leaves a damaged file open
        with zipfile.ZipFile(content) as packed:
            infos = packed.infolist()
        names = {info.filename.lower() for info in infos}
        if path.suffix.lower() != ".xlsx" or any("vbaproject" in name or "macrosheets" in name for name in names):
            raise ProtocolError(Problem(key="answers.sheet_macros", where=where, facts={"found": path.suffix}))
        if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
            raise ProtocolError(Problem(key="answers.sheet_too_large", where=where))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what openpyxl leaves out: styles, extensions
            return openpyxl.load_workbook(content, keep_links=False)
    except DAMAGED_XLSX as error:
        facts = {"found": f"{type(error).__name__}: {plain_text(str(error), 200)}"}
        raise ProtocolError(Problem(key="answers.sheet_unreadable", where=where, facts=facts)) from error


def write_text(cell: Cell[Any], text: str) -> None:
    """Write a text that no spreadsheet takes for a formula, a number or a date."""
    cell.value = plain_text(text, MAX_TEXT)
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(_BEGINS_A_FORMULA):
        cell.quotePrefix = True


def harmless(text: str) -> str:
    """A text for a CSV file that a spreadsheet may open: no formula begins in it.

    >>> harmless("=1+1"), harmless("blurred")
    ("'=1+1", 'blurred')
    """
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def text_of_cell(cell: Cell[Any]) -> str:
    """What a person typed, as text. Raises CellError for a formula, an error value or a date."""
    value = cell.value
    if (
        cell.data_type == "f"
        or (isinstance(value, str) and value.startswith("="))
        or isinstance(value, _formula_types())
    ):
        raise CellError("answers.cell_formula", value)
    if cell.data_type == "e":
        raise CellError("answers.cell_error", value)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        raise CellError("answers.cell_date", value)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain_text(str(value).strip(), MAX_TEXT)


def number_of_cell(cell: Cell[Any], *, limit: float | None) -> float | None:
    """The number that a person typed, None where nothing is; a comma may stand for the decimal point.

    ``limit``: the largest that is meant; without one, what may be a thousand and more is a number that reads in two
    ways. Raises CellError for that and for anything else: a share with its percent sign, a date that a spreadsheet made
    of a number.
    """
    text = text_of_cell(cell)
    if not text:
        return None
    if "%" in text or "%" in (cell.number_format or ""):
        raise CellError("answers.cell_percent", text)
    if isinstance(cell.value, bool):
        raise CellError("answers.cell_not_a_number", text)
    if isinstance(cell.value, int | float):
        return float(cell.value)
    if limit is None and _GROUPED.fullmatch(text):
        raise CellError("answers.cell_ambiguous", text)
    if not _PLAIN_NUMBER.fullmatch(text):
        raise CellError("answers.cell_not_a_number", text)
    return float(text.replace(",", "."))


def rows_by_title(
    sheet: Any, titles: Mapping[str, str], where: str, optional: Sequence[str]
) -> list[tuple[int, Mapping[str, Any]]]:
    """(row number from 1, our column -> cell) of every row below the titles that is not empty.

    ``titles``: a title of any language -> our column. Raises ProtocolError if a column is missing, unknown or there
    twice, or the sheet is too long.
    """
    found = [str(cell.value).strip() if cell.value is not None else "" for cell in sheet[1]]
    columns = [titles.get(title) for title in found]
    wrong = [title for title, column in zip(found, columns, strict=True) if column is None and title]
    missing = sorted({*titles.values()} - {*columns} - {*optional})
    doubled = sorted({column for column in columns if column is not None and columns.count(column) > 1})
    if sheet.max_row > MAX_ROWS:
        raise ProtocolError(Problem(key="answers.sheet_too_large", where=where))
    if wrong or missing or doubled:
        facts = {"found": ", ".join([*wrong, *doubled]) or "—", "expected": ", ".join(missing) or "—"}
        raise ProtocolError(Problem(key="answers.sheet_titles", where=where, facts=facts))
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for line, cells in enumerate(sheet.iter_rows(min_row=2), start=2):
        by_column = {column: cell for column, cell in zip(columns, cells, strict=False) if column is not None}
        if any(cell.value is not None for cell in by_column.values()):
            rows.append((line, by_column))
    return rows


def _formula_types() -> tuple[type, ...]:
    from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

    return (ArrayFormula, DataTableFormula)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise MachineError(Problem(key="answers.missing_extra", facts=EXTRA)) from error
    return openpyxl
