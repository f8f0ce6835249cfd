"""R1: the run in a few plain sentences, with natural frequencies, what failed, what was not tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import EstimateRow, Record
from ...vocabulary import SEVERAL_VALUES, Block, Heading, Paragraph
from ..declared import product_name, the_candidate
from ..phrases import Phrases, phrases_of
from ..plain_figures import natural_frequencies, plain_lines, plain_rows
from ..select import (
    LAST,
    STRUCTURE,
    endpoints,
    first_measures,
    flow_rows,
    is_by_statement_only,
    is_of_statement,
    metric_key,
    overall,
    pooled_first,
    primary_analysis,
    shown_estimates,
    value_of,
)
from ..structures import structure_lines, undelivered
from ..view import typed

NAMED_STRATA = 8
LACKING = ("too_few", "no_denominator", "one_class", "one_patient")  # reasons that more cases would take away
NO_RESULT = ("indeterminate", "abstained", "rejected_input", "failed")
_HEADLINES = 2
_STATEMENTS = 4
_OF_RULES = 6


class Summary:
    """The plain-language summary."""

    name: ClassVar[str] = "summary"
    order: ClassVar[int] = 10

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Sentences of the wording bank, filled with numbers of the record."""
        full = typed(record)
        phrases = phrases_of(full, language)
        product = product_name(the_candidate(full, candidate), candidate)
        refset = full.reference_set
        sentences = [
            phrases(
                "report_frame.summary_what",
                product=product,
                set=f"{refset.id} {refset.version}",
                cases=phrases.whole(refset.n_cases),
                n_cases=refset.n_cases,
                patients=phrases.whole(refset.n_patients),
                n_patients=refset.n_patients,
            )
        ]
        blocks: list[Block] = [Heading(text=phrases("report_frame.summary_title"), anchor="summary")]
        blocks.extend(Paragraph(text=sentence) for sentence in sentences)
        for endpoint in endpoints(full):
            blocks.extend(Paragraph(text=sentence) for sentence in _endpoint(full, endpoint, phrases))
        blocks.extend(
            Paragraph(text=sentence) for sentence in (_verdicts(full, phrases), _untested(full, phrases)) if sentence
        )
        blocks.append(Paragraph(text=phrases("report_frame.summary_human"), tone="note"))
        return blocks


def _endpoint(record: Record, endpoint: str, phrases: Phrases) -> list[str]:
    analysis = primary_analysis(record)
    rows = [row for row in overall(shown_estimates(record, endpoint, analysis)) if row.metric not in LAST]
    headlines = [row for row in pooled_first(rows) if row.metric != "failure_rate"][:_HEADLINES]
    structures = structure_lines(record, endpoint, phrases)
    said = structures or plain_lines(record, endpoint, analysis, phrases)
    said = said or [observed_text(row, phrases) for row in headlines]
    if not structures:
        told = plain_rows(record, endpoint, analysis) or headlines
        said += [observed_text(row, phrases) for row in _of_rules(record, endpoint, rows, told)]
    if not structures and any(is_by_statement_only(row) for row in rows):
        said += _by_statement(record, endpoint, phrases, few=bool(said))
    observed = "\n".join(f"{one}." for one in said)
    sentences = []
    if observed:
        sentences.append(phrases("report_frame.summary_observed", endpoint=endpoint, observed=observed))
    frequencies = natural_frequencies(record, endpoint, analysis, phrases)
    if frequencies:
        sentences.append(frequencies)
    lacking = undelivered(record, endpoint, phrases)
    sentences += [_no_answers(record, endpoint, phrases, is_partly=bool(lacking)), lacking]
    return [sentence for sentence in sentences if sentence]


def _of_rules(
    record: Record, endpoint: str, rows: Sequence[EstimateRow], told: Sequence[EstimateRow]
) -> list[EstimateRow]:
    """The measures on the whole set that rules of the protocol are about, and that are not told yet."""
    asked = {
        (rule.metric, repr(sorted(rule.parameters.items())))
        for rule in record.results.acceptance
        if rule.endpoint == endpoint and rule.metric != "failure_rate"  # which has a sentence of its own
    }
    known = {metric_key(row) for row in told}
    return [
        row
        for row in rows
        if metric_key(row) in asked - known and row.value is not None and not is_by_statement_only(row)
    ][:_OF_RULES]


def _by_statement(record: Record, endpoint: str, phrases: Phrases, *, few: bool) -> list[str]:
    """The first measure of the first statements, where nothing is said of all together, and where the others stand."""
    shown = shown_estimates(record, endpoint, primary_analysis(record))
    rows = [row for row in shown if is_of_statement(row)]
    first = first_measures(rows, 1)[: 0 if few else _STATEMENTS]
    lines = [f"{phrases.level(*_level(row))}{phrases('report.colon')}{observed_text(row, phrases)}" for row in first]
    return [*lines, phrases("report_frame.summary_by_statement")] if rows else lines


def _level(row: EstimateRow) -> tuple[str, str]:
    ((field, level),) = (row.stratum or {}).items()
    return level, field


def observed_text(row: EstimateRow, phrases: Phrases) -> str:
    """An estimate in running text: "Sensibilité observée 90,0 % (90/100 ; IC 95 % [82,6 ; 94,5], Wilson)"."""
    name = phrases.metric(row.metric, row.parameters)
    if row.value is None:
        return f"{name}{phrases('report.colon')}{phrases.estimate(row)}"
    key = "report_frame.observed_share" if row.numerator is not None else "report_frame.observed_value"
    return phrases(
        key,
        measure=name,
        value=phrases.estimate(row),
        counts=phrases.counts(row),
        level=phrases.confidence(row.confidence),
        interval=phrases.interval(row),
        method=phrases.method(row.method),
    )


def _no_answers(record: Record, endpoint: str, phrases: Phrases, *, is_partly: bool) -> str:
    """``is_partly``: an answered case may lack a structure."""
    rows = flow_rows(record, endpoint)
    sent = sum(row.sent - row.unreadable for row in rows)
    answered = sum(row.answered for row in rows)
    if not sent:
        return ""
    failures = value_of(record, endpoint, "failure_rate", primary_analysis(record))
    failures = failures if failures is not None and failures.value is not None else None
    all_answered = "report_structures.partly_answered" if is_partly else "report_frame.summary_all_answered"
    key = all_answered if answered == sent else "report_frame.summary_no_answers"
    unit = phrases.named("report.unit", rows[0].unit)
    without = {status: sum(getattr(row, status) for row in rows) for status in NO_RESULT}
    why = phrases.joined(
        f"{phrases(f'report.answer.{status}')}{phrases('report.colon')}{phrases.whole(n)}"
        for status, n in without.items()
        if n
    )
    facts = {"n": phrases.whole(sent - answered), "sent": phrases.whole(sent), "unit": unit, "endpoint": endpoint}
    sentences = [phrases(key, **facts, **({"why": why} if answered != sent else {}))]
    if failures is not None:
        sentences.append(f"{observed_text(failures, phrases)}.")
        if without["indeterminate"] and failures.numerator == sent - answered - without["indeterminate"]:
            sentences.append(phrases("report_frame.summary_doubts"))
    out = sum(sum(row.excluded.values()) for row in rows)
    if out:
        is_in_rate = failures is not None and (failures.denominator or 0) > sent
        key = (
            "report_frame.summary_without_reference_in_rate" if is_in_rate else "report_frame.summary_without_reference"
        )
        eligible = phrases.whole(sum(row.eligible for row in rows))
        sentences.append(phrases(key, n=phrases.whole(out), n_number=out, unit=unit, of=eligible))
    return " ".join(sentences)


def _verdicts(record: Record, phrases: Phrases) -> str:
    rows = record.results.acceptance
    if not rows:
        return phrases("report_results.no_rules")
    counts = {
        verdict: sum(1 for row in rows if row.verdict == verdict) for verdict in ("met", "not_met", "inconclusive")
    }
    return phrases(
        "report_frame.summary_verdicts",
        total=phrases.whole(len(rows)),
        **{name: phrases.whole(count) for name, count in counts.items()},
        **{f"n_{name}": count for name, count in counts.items()},
        n_total=len(rows),
    )


def _untested(record: Record, phrases: Phrases) -> str:
    """Levels without any value for lack of cases; units of several levels at once are no population of their own."""
    analysis = primary_analysis(record)
    silent: dict[str, bool] = {}
    for row in record.results.estimates:
        stratum = {field: level for field, level in (row.stratum or {}).items() if field != STRUCTURE}
        stratum = stratum or row.stratum or {}  # a field within structures is tested where some structure is
        is_counted = row.value is not None or row.not_estimable in LACKING
        if len(stratum) == 1 and row.analysis == analysis and is_counted and SEVERAL_VALUES not in stratum.values():
            name = phrases.stratum(stratum)
            silent[name] = silent.get(name, True) and row.value is None
    names = [name for name, is_silent in silent.items() if is_silent]
    if not names:
        return ""
    listed = phrases.joined(names[:NAMED_STRATA])
    key = "report_frame.summary_untested_more" if len(names) > NAMED_STRATA else "report_frame.summary_untested"
    return phrases(key, listed=listed, more=phrases.whole(max(len(names) - NAMED_STRATA, 0)))


@hookimpl
def register_report_sections() -> list[type[Summary]]:
    """The plain-language summary."""
    return [Summary]
