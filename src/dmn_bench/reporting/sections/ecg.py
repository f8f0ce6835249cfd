"""R12: ECG results as cardiologists read them: EC57 by recording, gross and average; statements by n and prevalence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import EstimateRow, Record, TableRow
from ...tasks.beat_figures import FIGURES
from ...tasks.beat_matching import COLUMNS, ROWS
from ...tasks.beats import STANDARD_LEARNING_SECONDS, STANDARD_WINDOW_MS, BeatByBeat
from ...vocabulary import Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.forest import ForestPlot, ForestRow, forest_plot
from ..figure_lines import is_lines, lines_grids
from ..forest_rows import forest_row
from ..phrases import Phrases, as_language
from ..select import endpoint_plan, endpoints, finding_title, overall, primary_analysis, shown_estimates
from ..view import typed
from .results import counts_grid
from .tables import by_case, is_of_ecgs

BEATS_TABLE, BEATS = "ec57_beats", "beats"
STATEMENT = "statement"
OF_STATEMENTS = ("sensitivity", "specificity", "auc", "f1", "ppv", "npv")
MEASURES_IN_A_TABLE = 4
FORESTS = ("sensitivity", "specificity")
STANDARD: Mapping[str, float | str | bool] = {
    "learning_seconds": STANDARD_LEARNING_SECONDS,
    "window_ms": STANDARD_WINDOW_MS,
    "fibrillation": "reference",
}
UNITS = {"learning_seconds": "report_ecg.seconds", "window_ms": "report_ecg.milliseconds"}


class Ecg:
    """What is particular to tests on ECGs."""

    name: ClassVar[str] = "ecg"
    order: ClassVar[int] = 125

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Options, matrix, lines and classes of each endpoint; () for a record without ECG results."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        parts: list[Block] = []
        for endpoint in endpoints(full):
            found = [*_statements(full, endpoint, phrases), *_counted(full, endpoint, phrases)]
            if found:
                parts += [Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3), *found]
        return [Heading(text=phrases("report_ecg.title"), anchor="ecg"), *parts] if parts else ()


# ------------------------------------------------------------------------------------------------------------- beats


def _counted(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    tables = [table for table in record.results.tables if table.endpoint == endpoint and is_of_ecgs(table)]
    if not tables:
        return []
    counts = [table for table in tables if not is_lines(table)]
    matrices = [table for table in counts if table.name.startswith(BEATS_TABLE)]
    others = [table for table in counts if table not in matrices]
    blocks: list[Block] = []
    if matrices:
        blocks += [Paragraph(text=phrases("report_ecg.intro")), *_options(record, endpoint, phrases)]
    for table in (one for one in matrices if one.case_id is None):
        blocks += [_matrix(table, phrases), Paragraph(text=phrases("report_ecg.columns_legend"), tone="note")]
    blocks += lines_grids([table for table in tables if is_lines(table)], phrases)
    if matrices and any(is_lines(table) for table in tables):
        blocks.append(Paragraph(text=phrases("report_ecg.figures_legend"), tone="note"))
    blocks += _forest_of_figures(record, endpoint, phrases)
    blocks += [counts_grid(table, phrases) for table in others if table.case_id is None]
    blocks += by_case([table for table in counts if table.case_id is not None], phrases)
    return blocks


def _options(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """Every option of the beats task as it was in force; what departs from the standard says so."""
    plan = endpoint_plan(record, endpoint)
    if plan.get("task") != BEATS:
        return []
    items = []
    for option in dataclasses.fields(BeatByBeat):
        if option.name == "finding":
            continue
        value = plan.get(option.name, option.default)
        text = _option(option.name, value, phrases)
        standard = STANDARD.get(option.name, value)
        if value != standard:
            said = {"value": text, "standard": _option(option.name, standard, phrases)}
            text = phrases("report_ecg.non_standard", **said)
        items.append((phrases.named("report_ecg.option", option.name), text))
    return [Facts(items=tuple(items))]


def _option(name: str, value: object, phrases: Phrases) -> str:
    if isinstance(value, bool):
        return phrases("report_ecg.yes" if value else "report_ecg.no")
    if isinstance(value, int | float):
        text = numbers.plain(float(value), phrases.language)
        return phrases(UNITS[name], n=text) if name in UNITS else text
    known = phrases.named(f"report_ecg.value.{name}", str(value))
    return known if known != value else str(value)


def _matrix(table: TableRow, phrases: Phrases) -> Grid:
    """The whole class-by-class matrix, with each row's class in words and its sum."""
    rows = tuple(
        (
            f"{name}  {_row_name(name, phrases)}",
            *(_cell(name, column, count, phrases) for column, count in zip(table.columns, counts, strict=True)),
            phrases.whole(sum(counts)),
        )
        for name, counts in zip(table.rows, table.counts, strict=True)
    )
    sums = [sum(counts[at] for counts in table.counts) for at in range(len(table.columns))]
    total = (phrases("report.total"), *(phrases.whole(n) for n in (*sums, sum(sums))))
    return Grid(
        header=(phrases("report_ecg.reference"), *table.columns, phrases("report.total")),
        rows=(*rows, total),
        caption=phrases.named("report.table", table.name),
        numeric=(False, *(True for _ in table.columns), True),
    )


def _row_name(name: str, phrases: Phrases) -> str:
    if name not in ROWS:
        return ""
    return phrases(f"report_ecg.row.{name}" if name in "OX" else f"report_ecg.class.{name}")


def _cell(row: str, column: str, count: float, phrases: Phrases) -> str:
    """A count; nothing is where neither side has a beat."""
    return "" if row in "OX" and column in COLUMNS[-2:] and not count else phrases.whole(count)


def _forest_of_figures(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    rows = overall(shown_estimates(record, endpoint, primary_analysis(record)))
    shares = [row for row in rows if row.metric in FIGURES and not row.parameters]
    if sum(row.value is not None for row in shares) < 2:
        return []
    lines = [forest_row(row, phrases.named("report_ecg_lines", row.metric), phrases) for row in shares]
    title, description = phrases("report_ecg.forest_title"), phrases("report_ecg.forest_description")
    return [_forest(title, description, phrases("report_ecg.forest_caption"), lines, shares, phrases)]


# -------------------------------------------------------------------------------------------------------- statements


def _statements(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """One line for each statement: n and prevalence, then the measures, and a forest plot of the first two."""
    rows = shown_estimates(record, endpoint, primary_analysis(record))
    of_each = [row for row in rows if row.stratum is not None and tuple(row.stratum) == (STATEMENT,)]
    names = list(dict.fromkeys(str((row.stratum or {})[STATEMENT]) for row in of_each))
    if not names:
        return []
    measures = list(dict.fromkeys(row.metric for row in of_each))
    ordered = [name for name in OF_STATEMENTS if name in measures]
    ordered += [name for name in measures if name not in ordered]
    titles = _titles(record, names, phrases)
    blocks: list[Block] = [Paragraph(text=phrases("report_ecg.statements_rare"))]
    for at in range(0, len(ordered), MEASURES_IN_A_TABLE):
        blocks.append(_statements_grid(of_each, titles, ordered[at : at + MEASURES_IN_A_TABLE], phrases))
    for measure in FORESTS:
        same = [row for row in of_each if row.metric == measure]
        if sum(row.value is not None for row in same) >= 2:
            blocks.append(_forest_of_statements(measure, same, titles, phrases))
    return blocks


def _titles(record: Record, names: Sequence[str], phrases: Phrases) -> dict[str, str]:
    """What each statement is called."""
    return {name: finding_title(record, name, phrases.language) for name in names}


def _statements_grid(
    rows: Sequence[EstimateRow], titles: Mapping[str, str], measures: Sequence[str], phrases: Phrases
) -> Grid:
    lines: list[tuple[str, ...]] = []
    muted: list[int] = []
    for name, title in titles.items():
        same = {row.metric: row for row in rows if (row.stratum or {})[STATEMENT] == name}
        n_positive = max(row.n_positive for row in same.values())
        n_negative = max(row.n_negative for row in same.values())
        n = n_positive + n_negative
        if all(row.value is None or row.imprecise for row in same.values()):
            muted.append(len(lines))
        cells = [_measured(same[one], phrases) if one in same else "–" for one in measures]
        share = phrases.percent(n_positive / n) if n else "–"
        lines.append((title, phrases.whole(n_positive), phrases.whole(n_negative), share, *cells))
    keys = ("statement", "positives", "negatives", "prevalence")
    return Grid(
        header=(*(phrases(f"report_ecg.{key}") for key in keys), *(phrases.metric(one) for one in measures)),
        rows=tuple(lines),
        caption=phrases("report_ecg.statements_table"),
        numeric=(False, *(True for _ in range(3 + len(measures)))),
        muted=tuple(muted),
    )


def _measured(row: EstimateRow, phrases: Phrases) -> str:
    counts = [] if row.numerator is None or not row.denominator else [phrases.counts(row)]
    shown = [phrases.briefly(row)] if row.value is None else [phrases.estimate(row), phrases.interval(row)]
    return "\n".join([*shown, *counts])


def _forest_of_statements(
    measure: str, rows: Sequence[EstimateRow], titles: Mapping[str, str], phrases: Phrases
) -> Figure:
    lines = [forest_row(row, titles[str((row.stratum or {})[STATEMENT])], phrases) for row in rows]
    title = phrases("report_ecg.statements_forest", measure=phrases.metric(measure))
    return _forest(title, phrases("report_ecg.forest_description"), "", lines, rows, phrases)


# ------------------------------------------------------------------------------------------------------------ forests


def _forest(
    title: str,
    description: str,
    caption: str,
    lines: Sequence[ForestRow],
    rows: Sequence[EstimateRow],
    phrases: Phrases,
) -> Figure:
    level = next((row.confidence for row in rows if row.confidence is not None), None)
    plot = ForestPlot(
        title=title,
        description=description,
        rows=lines,
        tick=lambda value: numbers.percent(value, phrases.language, 0),
        bounded=True,
        columns=(
            "",
            "x/n",
            phrases("report_results.estimate_and_interval", level=phrases.confidence(level)),
        ),
    )
    return Figure(svg=forest_plot(plot), title=title, description=description, caption=caption)


@hookimpl
def register_report_sections() -> list[type[Ecg]]:
    """ECG results."""
    return [Ecg]
