"""The run in a few lines for the terminal: verdicts, main estimates, failures."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import EstimateRow, Record
from ..vocabulary import Grid, Language
from .phrases import Phrases, limit_text, phrases_of
from .sections.verdicts import exact_interval
from .select import (
    LAST,
    finding_title,
    first_measures,
    is_of_structure,
    metric_key,
    of_structures,
    pooled_first,
    primary_analysis,
    structure_of,
)
from .structures import TABLE, structure_grid

HEADLINE_METRICS = 4  # of each endpoint; the failure rate comes on top
STRUCTURES = 8  # of each endpoint, with the first measure each


def summary_rows(record: Record, language: Language) -> list[Grid]:
    """Verdicts (if there are rules) and main estimates of every candidate, as tables of worded cells.

    This is the operator's own screen: it shows all candidates together, unlike a report.
    """
    phrases = phrases_of(record, language)
    grids = []
    if record.results.acceptance:
        grids.append(_verdicts(record, phrases))
    grids.append(_estimates(record, phrases))
    endpoints = dict.fromkeys((row.candidate, row.endpoint) for row in record.results.tables if row.name == TABLE)
    of_structures = structure_grid(record, list(endpoints), phrases, is_named=True)
    grids += [] if of_structures is None else [of_structures]
    if any(row.answered < row.included for row in record.results.flow):
        grids.append(_failures(record, phrases))
    return grids


def _verdicts(record: Record, phrases: Phrases) -> Grid:
    rows = tuple(
        (
            phrases(f"report.verdict.{row.verdict}"),
            row.candidate,
            row.id,
            phrases.metric(row.metric, row.parameters),
            phrases.stratum(row.stratum),
            f"{phrases(f'report_results.{row.direction}')} {limit_text(row, phrases)}",
            phrases.counts(row),
            exact_interval(row, phrases),
        )
        for row in record.results.acceptance
    )
    keys = ("verdict", "candidate", "rule_column", "measure", "stratum", "limit_column", "x_of_n", "exact_interval")
    return Grid(
        header=tuple(phrases(f"report_results.{key}") for key in keys),
        rows=rows,
        caption=phrases("report_results.verdicts_title"),
        numeric=(False, False, False, False, False, True, True, True),
    )


def _estimates(record: Record, phrases: Phrases) -> Grid:
    analysis = primary_analysis(record)
    places: dict[tuple[str, str], list[EstimateRow]] = {}
    for row in record.results.estimates:
        if (not row.stratum or is_of_structure(row)) and row.analysis == analysis:
            places.setdefault((row.candidate, row.endpoint), []).append(row)
    rows = tuple(line for place, same in places.items() for line in _of_endpoint(record, place, same, phrases))
    chosen = [row for same in places.values() for row in same]
    keys = ("candidate", "endpoint_column", "measure", "x_of_n", "observed")
    confidence = next((row.confidence for row in chosen if row.confidence is not None), None)
    return Grid(
        header=(
            *(phrases(f"report_results.{key}") for key in keys),
            phrases("report_results.interval", level=phrases.confidence(confidence)),
        ),
        rows=rows,
        caption=phrases("report_results.primary_table", analysis=phrases.named("report.analysis", analysis)),
        numeric=(False, False, False, True, True, True),
    )


def _of_endpoint(
    record: Record, place: tuple[str, str], rows: Sequence[EstimateRow], phrases: Phrases
) -> list[tuple[str, str, str, str, str, str]]:
    """The first measures of an endpoint and its failures, and how many more its report has.

    Of structures, which are never pooled, the first measure of each of the first, and no row of all of them.
    """
    by_structure = of_structures(rows)
    told = {metric_key(row) for row in by_structure}
    whole = [row for row in rows if not row.stratum and metric_key(row) not in told]
    first = [row for row in pooled_first(whole) if row.metric not in LAST and row.metric != "failure_rate"]
    chosen = first[:HEADLINE_METRICS] + first_measures(by_structure, 1)[:STRUCTURES]
    chosen += [row for row in whole if row.metric == "failure_rate"]
    lines = [
        (
            *place,
            _measure(record, row, phrases),
            phrases.counts(row),
            phrases.estimate(row),
            phrases.interval(row),
        )
        for row in chosen
    ]
    n_more = len(whole) + len(by_structure) - len(chosen)
    if n_more:
        more = phrases("report_results.more_measures", n=phrases.whole(n_more), n_number=n_more)
        lines.append((*place, more, "", "", ""))
    return lines


def _measure(record: Record, row: EstimateRow, phrases: Phrases) -> str:
    named = phrases.metric(row.metric, row.parameters)
    if not is_of_structure(row):
        return named
    return f"{finding_title(record, structure_of(row), phrases.language)}{phrases('report.colon')}{named}"


def _failures(record: Record, phrases: Phrases) -> Grid:
    statuses = ("indeterminate", "abstained", "rejected_input", "failed", "not_sent", "unreadable")
    places = dict.fromkeys((row.candidate, row.endpoint) for row in record.results.flow)
    rows = []
    for candidate, endpoint in places:
        same = [row for row in record.results.flow if (row.candidate, row.endpoint) == (candidate, endpoint)]
        lost = [sum(getattr(row, name) for row in same) for name in statuses]
        if any(lost):
            included = sum(row.included for row in same)
            rows.append((candidate, endpoint, phrases.whole(included), *(phrases.whole(n) for n in lost)))
    return Grid(
        header=(
            phrases("report_results.candidate"),
            phrases("report_results.endpoint_column"),
            phrases("report_results.flow_row_included"),
            *(phrases(f"report.answer.{name}") for name in statuses),
        ),
        rows=tuple(rows),
        caption=phrases("report_results.no_answers"),
        numeric=(False, False, *(True for _ in range(len(statuses) + 1))),
    )
