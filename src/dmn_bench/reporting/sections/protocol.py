"""R4: what was asked, and when it was fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import Record
from ...vocabulary import CAUSED_BY, STATUSES, Block, Facts, Grid, Heading, Paragraph
from ...wordings import numbers
from ..phrases import Phrases, phrases_of
from ..planned import PLAN_KEYS, made_by_the_planner, planned_and_obtained
from ..select import finding_title
from ..view import typed
from .cover import protocol_date

PURPOSE = ("need", "intended_use", "comparator", "decided_by")
OF_EVERY_ENDPOINT = ("name", "task", "finding", "unit", "metrics", "candidates", "combine")


WITHOUT_CALLS = ("segmentation", "measurement")
"""Tasks whose answers are regions or values: what is not answered counts as wrong, or not at all."""


class ProtocolAsRun:
    """Purpose, endpoints, rules, strata, handling of non-answers, lock and amendments."""

    name: ClassVar[str] = "protocol"
    order: ClassVar[int] = 40

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """The protocol in words; what it leaves open is said to be open."""
        full = typed(record)
        phrases = phrases_of(full, language)
        content = full.protocol.content
        return [
            Heading(text=phrases("report_frame.protocol_title"), anchor="protocol"),
            Facts(items=_facts(full, phrases)),
            _endpoints(full, content, phrases),
            *_task_options(content, phrases),
            *_rules(content, phrases),
            *planned_and_obtained(full, phrases),
            _treatments(content, phrases),
            *_without_calls(content, phrases),
            *_amendments(full, phrases),
        ]


def _facts(record: Record, phrases: Phrases) -> tuple[tuple[str, str], ...]:
    content = record.protocol.content
    purpose = content.get("purpose") or {}
    statistics = content.get("statistics") or {}
    missing = phrases("report.not_recorded")
    items = [(phrases(f"report_frame.purpose_{name}"), str(purpose.get(name) or missing)) for name in PURPOSE]
    items.append((phrases("report_frame.protocol_fixed"), protocol_date(record, phrases)))
    items.append((phrases("report_frame.cover_protocol_hash"), record.protocol.sha256))
    primary = str(content.get("primary") or "intention_to_diagnose")
    items.append((phrases("report_frame.protocol_primary"), phrases.named("report.analysis", primary)))
    items.append((phrases("report_frame.protocol_strata"), _strata(content, phrases)))
    minimum = statistics.get("minimum_n") or {}
    if minimum:
        text = phrases(
            "report_frame.minimum_n",
            estimate=phrases.whole(minimum.get("estimate", 10)),
            imprecise=phrases.whole(minimum.get("imprecise_below", 30)),
        )
        items.append((phrases("report_frame.protocol_minimum"), text))
    items.append((phrases("report_frame.protocol_multiplicity"), str(statistics.get("multiplicity") or missing)))
    items.append((phrases("report_frame.protocol_plan"), _plan(content.get("plan") or {}, phrases)))
    return tuple(items)


def _strata(content: Mapping[str, Any], phrases: Phrases) -> str:
    cuts = [[one] if isinstance(one, str) else list(one) for one in content.get("strata") or ()]
    named = [" × ".join(phrases.field(str(field)) for field in cut) for cut in cuts]
    return ", ".join(named) or phrases("report_frame.none_planned")


def _plan(plan: Mapping[str, Any], phrases: Phrases) -> str:
    if not plan:
        return phrases("report_frame.no_plan")
    own = [f"{key}{phrases('report.colon')}{value}" for key, value in plan.items() if key not in PLAN_KEYS]
    return "\n".join([*own, *made_by_the_planner(plan, phrases)])


def _endpoints(record: Record, content: Mapping[str, Any], phrases: Phrases) -> Grid:
    rows = []
    for one in content.get("endpoints") or ():
        metrics = [_metric(metric, phrases) for metric in one.get("metrics") or ()]
        rows.append(
            (
                str(one.get("name", "")),
                phrases.named("report.task", str(one.get("task", ""))),
                finding_title(record, one.get("finding"), phrases.language),
                phrases.named("report.unit", str(one.get("unit", ""))),
                phrases.named("report_frame.combine", str(one.get("combine") or "–")),
                phrases.joined(metrics),
            )
        )
    keys = ("name", "task", "finding", "unit", "combine", "metrics")
    return Grid(
        header=tuple(phrases(f"report_frame.endpoint_{key}") for key in keys),
        rows=tuple(rows),
        caption=phrases("report_frame.endpoints_table"),
    )


def _metric(metric: object, phrases: Phrases) -> str:
    """A metric as the protocol writes it: its name, or a mapping of its name and options."""
    if not isinstance(metric, Mapping):
        return phrases.metric(str(metric))
    return phrases.metric(str(metric.get("name", "")), {key: one for key, one in metric.items() if key != "name"})


def _task_options(content: Mapping[str, Any], phrases: Phrases) -> list[Block]:
    """The options of the endpoints' tasks as the protocol writes them; those it leaves out have their default."""
    rows = tuple(
        (str(one.get("name", "")), key, _option(value, phrases))
        for one in content.get("endpoints") or ()
        for key, value in one.items()
        if key not in OF_EVERY_ENDPOINT and value not in (None, [], "")
    )
    if not rows:
        return []
    header = tuple(phrases(f"report_frame.{key}") for key in ("endpoint_name", "task_option", "task_option_value"))
    return [Grid(header=header, rows=rows, caption=phrases("report_frame.task_options_table"))]


def _option(value: object, phrases: Phrases) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}{phrases('report.colon')}{_option(one, phrases)}" for key, one in value.items())
    if isinstance(value, bool):
        return phrases("report.level.yes" if value else "report.level.no")
    if isinstance(value, int | float):
        return numbers.plain(float(value), phrases.language)
    return phrases.option(value)


def _rules(content: Mapping[str, Any], phrases: Phrases) -> list[Block]:
    rules = content.get("acceptance") or ()
    if not rules:
        return [Paragraph(text=phrases("report_results.no_rules"))]
    rows = []
    for rule in rules:
        metric = rule.get("metric") or ""
        direction = "at_least" if rule.get("at_least") is not None else "at_most"
        each = rule.get("each_level_of")
        scope = phrases("report_frame.each_level", field=phrases.field(each)) if each else phrases("report.whole_set")
        stated = numbers.plain(float(rule.get(direction) or 0), phrases.language)
        limit = f"{phrases(f'report_results.{direction}')} {stated}"
        rows.append((str(rule.get("id", "")), str(rule.get("endpoint", "")), _metric(metric, phrases), scope, limit))
    keys = ("rule", "endpoint", "measure", "scope", "limit")
    return [
        Grid(
            header=tuple(phrases(f"report_frame.rules_{key}") for key in keys),
            rows=tuple(rows),
            caption=phrases("report_frame.rules_table"),
        )
    ]


def _treatments(content: Mapping[str, Any], phrases: Phrases) -> Grid:
    as_used = content.get("as_used") or {}
    rows = []
    for status in STATUSES[1:]:
        charged = CAUSED_BY[status] == "device"
        rows.append(
            (
                phrases(f"report.status.{status}"),
                phrases(f"report.cause.{CAUSED_BY[status]}"),
                phrases("report_frame.treatment.wrong" if charged else "report_frame.treatment.apart"),
                phrases("report_frame.treatment.apart"),
                phrases.named("report_frame.treatment", str(as_used.get(status, "–"))),
            )
        )
    return Grid(
        header=(
            phrases("report_frame.treatment_status"),
            phrases("report_results.flow_caused_by"),
            *(phrases(f"report.analysis.{name}") for name in ("intention_to_diagnose", "evaluable", "as_used")),
        ),
        rows=tuple(rows),
        caption=phrases("report_frame.treatments_table"),
    )


def _without_calls(content: Mapping[str, Any], phrases: Phrases) -> list[Block]:
    """For which endpoints an unanswered unit cannot be read as a call, where the protocol has one read so."""
    read = {"positive", "negative"} & set(map(str, (content.get("as_used") or {}).values()))
    names = [str(one.get("name", "")) for one in content.get("endpoints") or () if one.get("task") in WITHOUT_CALLS]
    if not read or not names:
        return []
    return [Paragraph(text=phrases("report_frame.treatment_without_calls", listed=", ".join(names)), tone="note")]


def _amendments(record: Record, phrases: Phrases) -> list[Block]:
    if not record.protocol.amendments:
        return [Paragraph(text=phrases("report_frame.no_amendments"))]
    rows = tuple(
        (
            str(one.get("number", "")),
            numbers.moment(str(one.get("at", "")), phrases.language),
            str(one.get("reason", "")),
            str(one.get("sha256", "")),
        )
        for one in record.protocol.amendments
    )
    header = tuple(phrases(f"report_frame.amendment_{key}") for key in ("number", "at", "reason", "hash"))
    return [Grid(header=header, rows=rows, caption=phrases("report_frame.amendments_table"))]


@hookimpl
def register_report_sections() -> list[type[ProtocolAsRun]]:
    """The protocol as run."""
    return [ProtocolAsRun]
