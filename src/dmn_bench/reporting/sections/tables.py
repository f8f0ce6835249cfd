"""R13: count tables of the tasks beyond the contingency table: grades, beats, by recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import TableRow
from ...vocabulary import Block, Grid, Heading
from ..figure_lines import is_lines, lines_grids
from ..phrases import Phrases, as_language
from ..view import typed
from .detection import OF_DETECTION
from .results import CONFUSION_TABLES, counts_grid
from .segmentation import OF_SEGMENTATION

COLUMNS_IN_A_TABLE = 14
EC57 = "ec57_"
GRADES = "grades"  # shown by its own section
OF_ECGS = ("episodes", "episode_seconds", "statements", "macro_classes")


class TaskTables:
    """Detailed counts."""

    name: ClassVar[str] = "tables"
    order: ClassVar[int] = 130

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Gross tables first, then one line for each recording; () when there is none."""
        phrases = Phrases(as_language(language))
        tables = [
            table
            for table in typed(record).results.tables
            if (table.case_id or table.name not in CONFUSION_TABLES)
            and not is_of_ecgs(table)
            and table.name not in (*OF_DETECTION, *OF_SEGMENTATION, GRADES)
        ]
        if not tables:
            return ()
        blocks: list[Block] = [Heading(text=phrases("report_results.tables_title"), anchor="tables")]
        endpoints = dict.fromkeys(table.endpoint for table in tables)
        for endpoint in endpoints:
            blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
            same = [table for table in tables if table.endpoint == endpoint and not is_lines(table)]
            figures = [table for table in tables if table.endpoint == endpoint and is_lines(table)]
            blocks.extend(counts_grid(table, phrases) for table in same if table.case_id is None)
            blocks.extend(by_case([table for table in same if table.case_id is not None], phrases))
            blocks.extend(lines_grids(figures, phrases))
        return blocks


def is_of_ecgs(table: TableRow) -> bool:
    """Whether the section on ECGs shows it."""
    return table.name.startswith(EC57) or table.name in OF_ECGS


def by_case(tables: Sequence[TableRow], phrases: Phrases) -> list[Grid]:
    """One line for each recording, as EC57 asks: every cell that is not empty in all of them is a column."""
    grids = []
    for name in dict.fromkeys(table.name for table in tables):
        same = [table for table in tables if table.name == name]
        lines = {str(table.case_id): _cells(table) for table in same}
        names = dict.fromkeys(cell for cells in lines.values() for cell in cells)
        filled = [cell for cell in names if any(cells.get(cell) for cells in lines.values())]
        n_pieces = max(-(-len(filled) // COLUMNS_IN_A_TABLE), 1)
        width = max(-(-len(filled) // n_pieces), 1)  # about as many columns in each table
        for start in range(0, len(filled), width):
            piece = filled[start : start + width]
            rows = tuple(
                (case, *(phrases.whole(cells.get(cell, 0)) for cell in piece)) for case, cells in lines.items()
            )
            caption = phrases("report_results.tables_by_case", table=phrases.named("report.table", name))
            header = (phrases("report_results.error_unit"), *piece)
            grids.append(Grid(header=header, rows=rows, caption=caption, numeric=(False, *(True for _ in piece))))
    return grids


def _cells(table: TableRow) -> dict[str, float]:
    """Counts by the names of row and column put together: "Nv" is a normal beat called ventricular."""
    return {
        f"{row}{column}" if len(row) == len(column) == 1 else f"{row} · {column}": count
        for row, counts in zip(table.rows, table.counts, strict=True)
        for column, count in zip(table.columns, counts, strict=True)
    }


@hookimpl
def register_report_sections() -> list[type[TaskTables]]:
    """Detailed counts."""
    return [TaskTables]
