"""The run in a few lines for the terminal: verdicts, main estimates, failures."""

from __future__ import annotations

from ..record import EstimateRow, Record
from ..vocabulary import Grid, Language
from .phrases import Phrases, limit_text
from .sections.verdicts import exact_interval
from .select import LAST, primary_analysis

HEADLINE_METRICS = 4  # of each endpoint; the failure rate comes on top


def summary_rows(record: Record, language: Language) -> list[Grid]:
    """Verdicts (if there are rules) and main estimates of every candidate, as tables of worded cells.

    This is the operator's own screen: it shows all candidates together, unlike a report.
    """
    phrases = Phrases(language)
    grids = []
    if record.results.acceptance:
        grids.append(_verdicts(record, phrases))
    grids.append(_estimates(record, phrases))
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
    chosen: list[EstimateRow] = []
    seen: dict[tuple[str, str], int] = {}
    for row in record.results.estimates:
        if row.stratum or row.analysis != analysis or row.metric in LAST:
            continue
        place = (row.candidate, row.endpoint)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= HEADLINE_METRICS or row.metric == "failure_rate":
            chosen.append(row)
    rows = tuple(
        (
            row.candidate,
            row.endpoint,
            phrases.metric(row.metric, row.parameters),
            phrases.counts(row),
            phrases.estimate(row),
            phrases.interval(row),
        )
        for row in chosen
    )
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
