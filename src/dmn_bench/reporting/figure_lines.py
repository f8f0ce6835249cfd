"""Lines of figures that a task gives as numerators and denominators: one of each recording, one of all, the average."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import TableRow
from ..tasks.figure_lines import AVERAGE, SUMMARISED
from ..vocabulary import Grid
from ..wordings import numbers
from .phrases import Phrases

MILLISECONDS, SECONDS = "rr_interval_error", "shutdown_seconds"
FIGURES_IN_A_TABLE = 9
UNDEFINED = "–"
_COUNTED = (("_couplet_", "runs"), ("_run_", "runs"), ("episode_", "episodes"), ("duration_", "episodes"))


def is_lines(table: TableRow) -> bool:
    """Whether a table holds figures and no counts by row and column."""
    return tuple(table.columns) == SUMMARISED


def lines_grids(tables: Sequence[TableRow], phrases: Phrases) -> list[Grid]:
    """The lines of one endpoint, recordings first and what sums them up last; a figure without cases is a dash."""
    ordered = sorted(tables, key=lambda table: (table.case_id is None, table.name == AVERAGE))
    names = list(dict.fromkeys(name for table in ordered for name in table.rows))
    lines = [(_title(table, phrases), _figures(table, phrases)) for table in ordered]
    return [
        Grid(
            header=(phrases("report_ecg_lines.recording"), *(phrases(f"report_ecg_lines.{name}") for name in piece)),
            rows=tuple((title, *(figures.get(name, UNDEFINED) for name in piece)) for title, figures in lines),
            caption=phrases(f"report_ecg_lines.caption.{_counted(names)}"),
            numeric=(False, *(True for _ in piece)),
        )
        for piece in (names[at : at + FIGURES_IN_A_TABLE] for at in range(0, len(names), FIGURES_IN_A_TABLE))
    ]


def _counted(names: Sequence[str]) -> str:
    """What the figures of these names count: beats, runs or episodes."""
    return next((what for part, what in _COUNTED if any(part in name for name in names)), "beats")


def _title(table: TableRow, phrases: Phrases) -> str:
    if table.case_id is not None:
        return table.case_id
    return phrases("report_ecg_lines.average" if table.name == AVERAGE else "report_ecg_lines.gross")


def _figures(table: TableRow, phrases: Phrases) -> dict[str, str]:
    return {
        name: _written(name, float(counted), float(of), phrases)
        for name, (counted, of) in zip(table.rows, table.counts, strict=True)
        if of
    }


def _written(name: str, counted: float, of: float, phrases: Phrases) -> str:
    if name == MILLISECONDS:
        return numbers.number(counted / of, phrases.language, 2)
    if name == SECONDS:
        return numbers.number(counted / of, phrases.language, 0)
    return numbers.percent_number(counted / of, phrases.language, 2)
