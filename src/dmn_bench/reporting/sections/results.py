"""R10: counts first, then each measure with x/n, value, interval, method and n, in every analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import EstimateRow, Record, TableRow
from ...vocabulary import Block, Grid, Heading, Paragraph
from ..phrases import Phrases, as_language
from ..select import (
    ANALYSES,
    DEPENDS_ON_PREVALENCE,
    endpoint_plan,
    endpoints,
    finding_title,
    first_measures,
    is_by_statement_only,
    is_enriched,
    is_of_structure,
    metric_key,
    of_structures,
    overall,
    primary_analysis,
    shown_estimates,
    statement_title,
    structure_of,
)
from ..structures import structure_grid
from ..view import typed

STRUCTURE_ROWS = 30
"""Lines of structures in a table here: with more, the first measure of each of the first."""
CONFUSION_TABLES = ("confusion", "confusion_matrix", "contingency")
NOT_ADDED = {
    "episodes": "report_results.side",
    "episode_seconds": "report_results.side",
    "macro_classes": "report_results.measure",
}
"""Tables whose rows do not add up: both sides of the same episodes, or several measures; and what their rows are."""


class MainResults:
    """The main results of every endpoint."""

    name: ClassVar[str] = "results"
    order: ClassVar[int] = 100

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Counts, the primary analysis in full, then the analyses side by side."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        blocks: list[Block] = [
            Heading(text=phrases("report_results.main_title"), anchor="results"),
            Paragraph(text=phrases("report_results.main_intro")),
        ]
        if is_enriched(full):
            blocks.append(Paragraph(text=phrases("report_results.enriched_note"), tone="note"))
            if any(row.metric.endswith("positive_predictivity") for row in full.results.estimates):
                blocks.append(Paragraph(text=phrases("report_results.enriched_beats"), tone="note"))
        for endpoint in endpoints(full):
            blocks.extend(_endpoint(full, endpoint, phrases))
        return blocks


def counts_grid(table: TableRow, phrases: Phrases) -> Grid:
    """A count table of a task with its totals."""

    def value_name(name: str) -> str:
        worded = phrases.named("report.reference", name)
        return statement_title(name, phrases.language) if worded == name else worded

    def answer_name(name: str) -> str:
        return phrases.named("report.answer", name)

    rows = [
        (value_name(name), *(phrases.whole(n) for n in counts), phrases.whole(sum(counts)))
        for name, counts in zip(table.rows, table.counts, strict=True)
    ]
    if table.name not in NOT_ADDED:
        totals = [sum(counts[index] for counts in table.counts) for index in range(len(table.columns))]
        rows.append((phrases("report.total"), *(phrases.whole(n) for n in totals), phrases.whole(sum(totals))))
    return Grid(
        header=(
            phrases(NOT_ADDED.get(table.name, "report_results.reference_by_answer")),
            *map(answer_name, table.columns),
            phrases("report.total"),
        ),
        rows=tuple(rows),
        caption=phrases.named("report.table", table.name),
        numeric=(False, *(True for _ in table.columns), True),
    )


def _endpoint(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    shown = shown_estimates(record, endpoint)
    primary = primary_analysis(record)
    blocks: list[Block] = [Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3)]
    blocks.extend(_described(record, endpoint, phrases))
    blocks.extend(
        counts_grid(table, phrases)
        for table in record.results.tables
        if table.endpoint == endpoint and table.case_id is None and table.name in CONFUSION_TABLES
    )
    by_structure = structure_grid(record, [("", endpoint)], phrases)
    blocks.extend([] if by_structure is None else [by_structure])
    listed = [
        row for row in _listed(shown, primary) if by_structure is None or not is_by_statement_only(row)
    ]  # what has no value over all structures stands in the table of structures
    main = [row for row in listed if row.analysis == primary]
    titles = {id(row): _title(record, row, phrases) for row in listed}
    if main:
        blocks.append(_in_full(main, primary, titles, phrases))
    analyses = [name for name in ANALYSES if any(row.analysis == name and not row.stratum for row in shown)]
    if len(analyses) > 1 and not all(is_by_statement_only(row) for row in listed):
        pooled = [row for row in listed if not is_by_statement_only(row)]
        order = sorted(analyses, key=lambda name: name != primary)
        blocks.append(_side_by_side(pooled, order, titles, phrases))
    if len(listed) < len(_listed(shown, primary, at_most=None)):
        blocks.append(Paragraph(text=phrases("report_segmentation.more_in_section"), tone="note"))
    blocks.extend(_notes(main, phrases))
    return blocks


def _listed(shown: Sequence[EstimateRow], primary: str, at_most: int | None = STRUCTURE_ROWS) -> list[EstimateRow]:
    """The rows of a table here: on the whole set, and for what is never pooled those of each structure.

    ``at_most``: lines of structures for an analysis.
    """
    by_structure = of_structures(shown)
    if not by_structure:
        return overall(shown)
    if at_most is not None and sum(row.analysis == primary for row in by_structure) > at_most:
        by_structure = first_measures(by_structure, 1)
        names = list(dict.fromkeys(map(structure_of, by_structure)))[:at_most]
        by_structure = [row for row in by_structure if structure_of(row) in names]
    return [*by_structure, *(row for row in overall(shown) if not is_by_statement_only(row))]


def _title(record: Record, row: EstimateRow, phrases: Phrases) -> str:
    named = phrases.metric(row.metric, row.parameters)
    if not is_of_structure(row):
        return named
    return f"{finding_title(record, structure_of(row), phrases.language)}{phrases('report.colon')}{named}"


def _described(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    plan = endpoint_plan(record, endpoint)
    if not plan:
        return []
    text = phrases(
        "report_results.endpoint_described",
        task=phrases.named("report.task", str(plan.get("task", ""))),
        finding=finding_title(record, plan.get("finding"), phrases.language),
        unit=phrases.named("report.unit", str(plan.get("unit", ""))),
    )
    return [Paragraph(text=text)]


def _in_full(rows: Sequence[EstimateRow], analysis: str, titles: Mapping[int, str], phrases: Phrases) -> Grid:
    lines = tuple(
        (
            titles[id(row)],
            phrases.counts(row),
            phrases.estimate(row),
            phrases.interval(row),
            phrases.method(row.method),
            phrases.whole(row.n_units),
            phrases.whole(row.n_patients),
        )
        for row in rows
    )
    return Grid(
        header=(
            phrases("report_results.measure"),
            "x/n",
            phrases("report_results.observed"),
            phrases("report_results.interval", level=phrases.confidence(_confidence(rows))),
            phrases("report_results.method"),
            phrases("report_results.units"),
            phrases("report_results.patients"),
        ),
        rows=lines,
        caption=phrases("report_results.primary_table", analysis=phrases.named("report.analysis", analysis)),
        numeric=(False, True, True, True, False, True, True),
        muted=tuple(index for index, row in enumerate(rows) if row.value is None or row.imprecise),
    )


def _side_by_side(
    rows: Sequence[EstimateRow], analyses: Sequence[str], titles: Mapping[int, str], phrases: Phrases
) -> Grid:
    found: dict[tuple[str, tuple[str, str]], dict[str, EstimateRow]] = {}
    for row in rows:
        found.setdefault((structure_of(row), metric_key(row)), {})[row.analysis] = row
    lines = []
    for same in found.values():
        cells = [_cell(same[name], phrases) if name in same else "–" for name in analyses]
        lines.append((titles[id(next(iter(same.values())))], *cells))
    return Grid(
        header=(phrases("report_results.measure"), *(phrases.named("report.analysis", name) for name in analyses)),
        rows=tuple(lines),
        caption=phrases("report_results.side_by_side", level=phrases.confidence(_confidence(rows))),
        numeric=(False, *(True for _ in analyses)),
    )


def _cell(row: EstimateRow, phrases: Phrases) -> str:
    if row.value is None:
        return phrases.estimate(row)
    lines = [phrases.estimate(row), phrases.interval(row)]
    if row.numerator is not None:
        lines.append(phrases.counts(row))
    return "\n".join(lines)


def _confidence(rows: Sequence[EstimateRow]) -> float | None:
    return next((row.confidence for row in rows if row.confidence is not None), None)


def _notes(rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    notes: list[Block] = []
    if any(row.imprecise for row in rows):
        notes.append(Paragraph(text=phrases("report_results.imprecise_note"), tone="note"))
    if any(row.n_units > row.n_patients for row in rows):
        notes.append(Paragraph(text=phrases("report_results.clustered_note"), tone="note"))
    if any(row.metric in DEPENDS_ON_PREVALENCE for row in rows):
        positive, total = max(
            ((row.n_positive, row.n_positive + row.n_negative) for row in rows), key=lambda pair: pair[1]
        )
        share = phrases.percent(positive / total) if total else "–"
        text = phrases("report_results.prevalence_note", share=share, x=phrases.whole(positive), n=phrases.whole(total))
        notes.append(Paragraph(text=text, tone="note"))
    if any(row.metric.startswith("macro_") and row.value is not None for row in rows):
        notes.append(Paragraph(text=phrases("report_results.macro_note"), tone="note"))
    if any(row.metric in ("ppv_local", "npv_local") and row.value is not None for row in rows):
        notes.append(Paragraph(text=phrases("report_results.local_prevalence_note"), tone="warning"))
    return notes


@hookimpl
def register_report_sections() -> list[type[MainResults]]:
    """The main results."""
    return [MainResults]
