"""Which rows of the record a section shows: endpoints in order, main estimates, estimates by stratum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..inputs.ecg_statements import titles
from ..record import EstimateRow, FlowRow, Record, Stratum
from ..wordings import LANGUAGES, words

PRIMARY = "intention_to_diagnose"
ANALYSES = ("intention_to_diagnose", "all_charged", "evaluable", "as_used")
DEPENDS_ON_PREVALENCE = frozenset({"accuracy", "f1", "ppv", "npv"})
NOT_IN_ENRICHED_SETS = frozenset({"ppv", "npv", "micro_ppv"})
TECHNICAL = frozenset({"map"})  # in the annex alone: no basis for a decision on care
OF_ONE_CUT = ("name", "positive_when", "metrics", "candidates", "combine")
"""What endpoints of one question may differ by; ``combine`` has several names of one rule, and may be left out."""
LAST = frozenset({"accuracy", "f1"})  # shown after all else: never a headline


def primary_analysis(record: Record) -> str:
    """The analysis that the protocol made primary."""
    return str(record.protocol.content.get("primary", PRIMARY))


def endpoints(record: Record) -> tuple[str, ...]:
    """Names of the endpoints with anything to show, in the order of the protocol, then of the record."""
    planned = [str(one.get("name", "")) for one in record.protocol.content.get("endpoints", [])]
    found = [row.endpoint for row in record.results.flow] + [row.endpoint for row in record.results.estimates]
    return tuple(dict.fromkeys([name for name in planned if name in found] + found))


def endpoint_plan(record: Record, endpoint: str) -> dict[str, Any]:
    """What the protocol says of an endpoint; {} when it says nothing."""
    for one in record.protocol.content.get("endpoints", []):
        if one.get("name") == endpoint:
            return dict(one)
    return {}


def first_of_question(record: Record, endpoint: str) -> str:
    """The first endpoint that asks the same of the same units and differs by its cut, or by its measures, alone."""
    plans = {name: endpoint_plan(record, name) for name in endpoints(record)}
    asked = {
        name: {key: one for key, one in plan.items() if key not in OF_ONE_CUT and one is not None}
        for name, plan in plans.items()
    }
    wanted = asked.get(endpoint)
    return next((name for name, one in asked.items() if one and one == wanted), endpoint)


def finding_title(record: Record, name: str | None, language: str) -> str:
    """The title of a finding or structure: on the card, else in the table of statements, else its name; "–": none."""
    if not name:
        return "–"
    return title_on_card(record.reference_set.card, name, language) or statement_title(name, language)


def title_on_card(card: Mapping[str, Any], name: str, language: str) -> str:
    """What the card of a set calls a structure or a finding; "" where it has no title for it."""
    stated = (card.get("structure_titles") or {}).get(name) or {}
    findings = (one.get("title") or {} for one in card.get("findings") or () if one.get("name") == name)
    return str(next((titles[language] for titles in (stated, *findings) if titles.get(language)), ""))


def statement_title(name: str, language: str) -> str:
    """What the table of statements calls a finding of twelve-lead records, or a measurement, else its name."""
    try:
        found = titles(name)
    except KeyError:
        known = next((one for one in LANGUAGES if one == language), "en")
        return words("report_ecg", known).get(f"report_ecg.measurement.{name}", name)
    return next((title for known, title in found.items() if known == language), name)


def is_enriched(record: Record) -> bool:
    """Whether cases were chosen by their reference, so that observed predictive values mean nothing."""
    return record.reference_set.card.get("sampling") == "enriched"


def flow_rows(record: Record, endpoint: str) -> list[FlowRow]:
    """The flow of an endpoint, one row for each reference value."""
    return [row for row in record.results.flow if row.endpoint == endpoint]


def metric_key(row: EstimateRow) -> tuple[str, str]:
    """What makes two rows the same metric: its name and its options."""
    return row.metric, repr(sorted(row.parameters.items()))


def shown_estimates(record: Record, endpoint: str, analysis: str | None = None) -> list[EstimateRow]:
    """Estimates that may be printed: all but technical ones, and observed predictive values of an enriched set."""
    hidden = TECHNICAL | (NOT_IN_ENRICHED_SETS if is_enriched(record) else frozenset())
    return [
        row
        for row in record.results.estimates
        if row.endpoint == endpoint and row.metric not in hidden and analysis in (None, row.analysis)
    ]


BY_STATEMENT = "several_questions"  # why a measure of rows that ask several questions has no value


def is_by_statement_only(row: EstimateRow) -> bool:
    """Whether the row has no value because its rows are of several statements, each of which has its own."""
    return row.not_estimable == BY_STATEMENT


def is_of_statement(row: EstimateRow) -> bool:
    """Whether the row is of one statement or structure alone: a section of its own shows it, one line for each."""
    return row.stratum is not None and tuple(row.stratum) in (("statement",), ("structure",))


STRUCTURE = "structure"


def is_of_structure(row: EstimateRow) -> bool:
    """Whether the row is of one structure alone, and of all its cases."""
    return row.stratum is not None and tuple(row.stratum) == (STRUCTURE,)


def structure_of(row: EstimateRow) -> str:
    """The structure that a row is about, "" for one of none."""
    return (row.stratum or {}).get(STRUCTURE, "")


def of_structures(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    """The rows that are of one structure alone, structure by structure in the order of the record."""
    found = [row for row in rows if is_of_structure(row)]
    places = {name: place for place, name in enumerate(dict.fromkeys(map(structure_of, found)))}
    return sorted(found, key=lambda row: places[structure_of(row)])


def first_measures(rows: Sequence[EstimateRow], n: int) -> list[EstimateRow]:
    """The rows of the first n measures of theirs."""
    keys = metrics_in(rows)[:n]
    return [row for row in rows if metric_key(row) in keys]


def pooled_first(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    """The rows with a value for all statements together, the averages of the statements first."""
    pooled = [row for row in rows if not is_by_statement_only(row)]
    if len(pooled) == len(rows):
        return pooled
    return sorted(pooled, key=lambda row: not row.metric.startswith("macro_"))


def overall(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    """Rows on the whole set, accuracy and F1 last."""
    whole = [row for row in rows if not row.stratum]
    return [row for row in whole if row.metric not in LAST] + [row for row in whole if row.metric in LAST]


def metrics_in(rows: Sequence[EstimateRow]) -> list[tuple[str, str]]:
    """Keys of the metrics of some rows, each once, in order."""
    return list(dict.fromkeys(metric_key(row) for row in rows))


def fields_of(stratum: Stratum) -> tuple[str, ...]:
    """The fields a stratum is cut by."""
    return tuple(stratum)


def value_of(record: Record, endpoint: str, metric: str, analysis: str) -> EstimateRow | None:
    """The estimate of a metric without options on the whole set, if there is one."""
    for row in record.results.estimates:
        if (row.endpoint, row.metric, row.analysis) == (endpoint, metric, analysis) and not row.stratum:
            return row
    return None
