"""The protocol's acceptance rules, each quoted with its exact interval and one of three verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import AcceptanceRow
from ...vocabulary import Block, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import INFINITE, RELATIVE, Phrases, beside, limit_text, phrases_of, scale_of
from ..view import typed

EXACT_METHODS = ("clopper-pearson", "korn-graubard", "disjoint-pairs")


class Verdicts:
    """Every acceptance rule and its verdict."""

    name: ClassVar[str] = "verdicts"
    order: ClassVar[int] = 15

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """One line for each rule, then a table with the exact intervals."""
        full = typed(record)
        phrases = phrases_of(full, language)
        rows = full.results.acceptance
        blocks: list[Block] = [Heading(text=phrases("report_results.verdicts_title"), anchor="verdicts")]
        if not rows:
            return [*blocks, Paragraph(text=phrases("report_results.no_rules"))]
        blocks.append(Paragraph(text=phrases("report_results.verdicts_intro")))
        blocks.extend(Paragraph(text=sentence(row, phrases), tone=row.verdict) for row in rows)
        blocks.append(_table(rows, phrases))
        if any(row.verdict == "inconclusive" for row in rows):
            blocks.append(Paragraph(text=phrases("report_results.more_cases"), tone="note"))
        return blocks


def sentence(row: AcceptanceRow, phrases: Phrases) -> str:
    """A verdict with its rule, why, and the interval behind it."""
    return f"{phrases(f'report_results.verdict_{row.verdict}')}\n{quoted(row, phrases)}. {because(row, phrases)}"


def quoted(row: AcceptanceRow, phrases: Phrases) -> str:
    """The rule as the protocol states it."""
    return phrases(
        "report_results.rule",
        id=row.id,
        measure=phrases.metric(row.metric, row.parameters),
        endpoint=row.endpoint,
        stratum=phrases.stratum(row.stratum),
        direction=phrases(f"report_results.{row.direction}"),
        limit=limit_text(row, phrases),
    )


def because(row: AcceptanceRow, phrases: Phrases) -> str:
    """Why the verdict is what it is: the bound that decides, beside the limit."""
    if row.reason.endswith("too_few"):
        return phrases("report_results.because_too_few", n=phrases.whole(row.own_n))
    if row.method is None:
        return _without_interval(row, phrases)
    if row.reason == "silent_cases":
        return phrases("report_results.because_silent", interval=exact_interval(row, phrases))
    decides_low = row.reason == "interval_above" or (row.verdict == "inconclusive" and row.direction == "at_least")
    low, high = _bounds(row)
    bound, limit = beside(low if decides_low else high, row.limit, scale_of(row), phrases, row.own_n)
    side = row.reason.removeprefix("interval_")
    key = f"report_results.because_{side}" if side in ("above", "below") else "report_results.because_contains"
    if side in ("above", "below") and row.method not in EXACT_METHODS:
        key += "_not_exact"
    return phrases(
        key,
        bound=bound,
        limit=limit,
        interval=exact_interval(row, phrases),
        level=phrases.confidence(row.confidence),
        method=phrases.method(row.method),
        counts="" if row.numerator is None else f"{phrases.counts(row)}{phrases('report.semicolon')}",
    )


def exact_interval(row: AcceptanceRow, phrases: Phrases) -> str:
    """The rule's own interval, fine enough to be told from the limit."""
    if row.method is None:
        return "–"
    scale = scale_of(row)
    low, high = (beside(bound, row.limit, scale, phrases, row.own_n)[0] for bound in _bounds(row))
    sign = phrases("report.percent_sign") if scale in ("share", RELATIVE) else ""
    return numbers.between(low.removesuffix(sign), high.removesuffix(sign), phrases.language)


def _bounds(row: AcceptanceRow) -> tuple[float, float]:
    """The limits of a row that has a method: one that is not there is infinite."""
    return math.inf if row.low is None else row.low, math.inf if row.high is None else row.high


def _observed(row: AcceptanceRow, phrases: Phrases) -> str:
    if row.method is None:
        return "–"
    if row.value is None:
        return INFINITE
    return phrases.with_unit(phrases.value(row.value, scale_of(row), row.own_n), row)


def _without_interval(row: AcceptanceRow, phrases: Phrases) -> str:
    reason = row.reason.partition(":")[2] or row.reason
    return f"{phrases.reason(reason, {'n': row.own_n, **row.reason_facts})}."


def _table(rows: Sequence[AcceptanceRow], phrases: Phrases) -> Grid:
    return Grid(
        header=(
            phrases("report_results.rule_column"),
            phrases("report_results.verdict"),
            "x/n",
            phrases("report_results.observed"),
            phrases("report_results.exact_interval"),
            phrases("report_results.level"),
            phrases("report_results.method"),
        ),
        rows=tuple(
            (
                quoted(row, phrases),
                phrases(f"report.verdict.{row.verdict}"),
                phrases.counts(row),
                _observed(row, phrases),
                exact_interval(row, phrases),
                phrases.confidence(row.confidence),
                phrases.method(row.method),
            )
            for row in rows
        ),
        caption=phrases("report_results.verdicts_table"),
        numeric=(False, False, True, True, True, True, False),
    )


@hookimpl
def register_report_sections() -> list[type[Verdicts]]:
    """The verdicts."""
    return [Verdicts]
