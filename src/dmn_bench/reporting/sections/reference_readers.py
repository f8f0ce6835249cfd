"""R6 and R10: the device beside the readers of the set, and the result under other rules for the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import ReaderRow, Record, ReferenceRuleRow
from ...reference_set.consensus import LEAST_OVERLAP
from ...vocabulary import Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..beside_readers import (
    NONE,
    brief,
    ceiling,
    first_keys,
    in_a_line,
    in_order,
    measured,
    needs_more_than_half,
    pairs,
    rule_name,
    rules,
    structure_of,
    task_of,
    title_of,
)
from ..drawings.forest import ForestPlot, ForestRow, forest_plot
from ..forest_rows import forest_row
from ..phrases import RELATIVE, Phrases, as_language, scale_of
from ..select import metric_key
from ..view import typed

DRAWN = ("share", "agreement")  # scales that end at 1
MOST_DRAWN = 40  # lines of one drawing; what has more is in the table alone


class ReferenceReaders:
    """What readers reach, what the device reaches beside them, and how much the rule for the reference matters."""

    name: ClassVar[str] = "reference_readers"
    order: ClassVar[int] = 123

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Two measures of each endpoint, all others in the annex; () where no two people read the cases."""
        phrases, full = Phrases(as_language(language)), typed(record)
        readers, by_rule = _rows(full, candidate)
        if not readers and not by_rule:
            return ()
        blocks: list[Block] = [
            Heading(text=phrases("report_readers.title"), anchor="readers"),
            Paragraph(text=phrases("report_readers.intro")),
            Facts(items=_facts(full, readers, phrases)),
        ]
        left_out = [row for row in readers if not row.against]
        if left_out:
            blocks.append(Paragraph(text=phrases("report_readers.ceiling_how"), tone="note"))
        if any(row.n_others == 1 for row in left_out):
            blocks.append(Paragraph(text=phrases("report_readers.ppa"), tone="note"))
        if by_rule:
            blocks.append(Paragraph(text=phrases("report_readers.rules_how"), tone="note"))
        if any(row.rule == "staple" and row.estimate is not None for row in by_rule):
            blocks.append(Paragraph(text=phrases("report_readers.staple"), tone="note"))
        for endpoint in _endpoints(readers, by_rule):
            blocks += _endpoint(
                full,
                [row for row in readers if row.endpoint == endpoint],
                [row for row in by_rule if row.endpoint == endpoint],
                phrases,
            )
        return blocks


class ReferenceReadersAnnex:
    """What the section on readers leaves out."""

    name: ClassVar[str] = "reference_readers_annex"
    order: ClassVar[int] = 201

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Every other measure as tables, and the single cases of every two readers; () where nothing is left."""
        phrases, full = Phrases(as_language(language)), typed(record)
        readers, by_rule = _rows(full, candidate)
        tables: list[Block] = []
        for endpoint in _endpoints(readers, by_rule):
            of = [row for row in readers if row.endpoint == endpoint]
            under = [row for row in by_rule if row.endpoint == endpoint]
            shown = _shown(of, under)
            others = [row for row in of if metric_key(row.estimate) not in shown]
            told = [row for row in under if row.estimate is not None and metric_key(row.estimate) not in shown]
            made = _tables(full, others, told, endpoint, phrases)
            tables += [*made.values(), *_single_cases(full, [row for row in of if row.against], endpoint, phrases)]
        if not tables:
            return ()
        return [Heading(text=phrases("report_readers.annex_title"), level=3), *tables]


def _rows(record: Record, candidate: str) -> tuple[list[ReaderRow], list[ReferenceRuleRow]]:
    """What the record says of the readers, of this candidate beside them, and of it under other rules."""
    return (
        [row for row in record.results.readers if row.candidate in ("", candidate)],
        [row for row in record.results.reference_rules if row.candidate == candidate],
    )


def _endpoints(readers: Sequence[ReaderRow], by_rule: Sequence[ReferenceRuleRow]) -> list[str]:
    return list(dict.fromkeys([*(row.endpoint for row in readers), *(row.endpoint for row in by_rule)]))


def _facts(record: Record, readers: Sequence[ReaderRow], phrases: Phrases) -> tuple[tuple[str, str], ...]:
    consensus = (record.reference_set.card.get("reference_standard") or {}).get("consensus") or {}
    names = list(dict.fromkeys(row.reader for row in readers if row.reader))
    rule = rule_name(str(consensus.get("rule", "adjudicated")), consensus.get("at_least"), phrases)
    facts = [(phrases("report_readers.rule"), rule)]
    if any(task_of(record, row.endpoint, ()) == "detection" for row in readers):
        least = phrases.option(float(consensus.get("same_from_overlap") or LEAST_OVERLAP))
        facts.append((phrases("report_readers.same_lesion"), phrases("report_readers.same_from", overlap=least)))
    return tuple(facts + ([(phrases("report_readers.readers"), ", ".join(names))] if names else []))


def _shown(readers: Sequence[ReaderRow], by_rule: Sequence[ReferenceRuleRow]) -> list[tuple[str, str]]:
    """The measures of an endpoint that stand in the section."""
    of_readers = [row.estimate for row in readers]
    return first_keys(of_readers or [row.estimate for row in by_rule if row.estimate is not None])


def _endpoint(
    record: Record, readers: Sequence[ReaderRow], by_rule: Sequence[ReferenceRuleRow], phrases: Phrases
) -> list[Block]:
    endpoint = _endpoints(readers, by_rule)[0]
    shown = _shown(readers, by_rule)
    told = [row for row in readers if metric_key(row.estimate) in shown]
    under = [row for row in by_rule if row.estimate is None or metric_key(row.estimate) in shown]
    tables = _tables(record, told, under, endpoint, phrases)
    left_out = [row for row in told if not row.against]
    blocks: list[Block] = [Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3)]
    if readers and _without_values(readers):
        reason = next((brief(row.estimate.not_estimable, row.estimate, phrases) for row in readers), NONE)
        blocks.append(Paragraph(text=phrases("report_readers.no_value", reason=reason), tone="note"))
    if "pairs" in tables:
        blocks += in_a_line(record, [row for row in told if row.against], phrases)
        blocks += [tables["pairs"], Paragraph(text=phrases("report_readers.pairs_how"), tone="note")]
    if "ceiling" in tables:
        strict = _strict(left_out, task_of(record, endpoint, readers), phrases)
        blocks += [*strict, tables["ceiling"], *_forest(record, left_out, phrases)]
    return [*blocks, *([tables["rules"]] if "rules" in tables else [])]


def _tables(
    record: Record,
    readers: Sequence[ReaderRow],
    by_rule: Sequence[ReferenceRuleRow],
    endpoint: str,
    phrases: Phrases,
) -> dict[str, Grid]:
    """Those tables that have a line."""
    readers = () if _without_values(readers) else readers
    left_out, paired = [row for row in readers if not row.against], [row for row in readers if row.against]

    def caption(key: str) -> str:
        return phrases(f"report_readers.{key}_table", endpoint=endpoint)

    found = {}
    if paired:
        found["pairs"] = pairs(record, paired, caption("pairs"), phrases)
    if left_out:
        found["ceiling"] = ceiling(record, left_out, caption("ceiling"), phrases)
    if by_rule:
        found["rules"] = rules(record, by_rule, caption("rules"), phrases)
    return found


def _without_values(readers: Sequence[ReaderRow]) -> bool:
    """Whether nothing can be said of any reader: a line for each would say so again and again."""
    return all(row.estimate.value is None for row in readers)


def _strict(rows: Sequence[ReaderRow], task: str, phrases: Phrases) -> list[Block]:
    """A warning where an even number of others makes the reference smaller, or graver, than any one of them means."""
    for row in rows:
        votes = needs_more_than_half(row, task)
        if votes is not None:
            facts = {"votes": votes, "n": row.n_others}
            return [Paragraph(text=phrases(f"report_readers.strict.{task}", **facts), tone="warning")]
    return []


# ------------------------------------------------------------------------------------------------------------- drawing


def _forest(record: Record, rows: Sequence[ReaderRow], phrases: Phrases) -> list[Block]:
    """The first measure that ends at 1 and has two values: readers and device, one below the other."""
    for key in dict.fromkeys(metric_key(row.estimate) for row in rows if row.estimate.scale in DRAWN):
        same = [row for row in rows if metric_key(row.estimate) == key]
        if sum(row.estimate.value is not None for row in same if not row.candidate) < 2:
            continue
        lines = _lines(record, same, phrases)
        return [_plot(same[0], lines, phrases)] if len(lines) <= MOST_DRAWN else []
    return []


def _lines(record: Record, rows: Sequence[ReaderRow], phrases: Phrases) -> list[ForestRow]:
    device = {(row.reader, structure_of(row.estimate)): row for row in rows if row.candidate}
    lines = []
    for row in in_order([row for row in rows if not row.candidate]):
        structure = structure_of(row.estimate)
        named = phrases("report_readers.forest_reader", reader=row.reader)
        title = title_of(record, structure, phrases)
        lines.append(forest_row(row.estimate, f"{title}{phrases('report.colon')}{named}" if title else named, phrases))
        beside = device.get((row.reader, structure))
        if beside is not None:
            lines.append(forest_row(beside.estimate, phrases("report_readers.forest_device"), phrases))
    return lines


def _plot(row: ReaderRow, lines: Sequence[ForestRow], phrases: Phrases) -> Figure:
    measure = phrases.metric(row.estimate.metric, row.estimate.parameters)
    title = phrases("report_readers.forest_title", measure=measure)
    description = phrases("report_readers.forest_description")
    is_share = scale_of(row.estimate) in ("share", RELATIVE)
    plot = ForestPlot(
        title=title,
        description=description,
        rows=lines,
        tick=lambda value: (
            numbers.percent(value, phrases.language, 0) if is_share else numbers.number(value, phrases.language, 2)
        ),
        bounded=True,
        columns=(
            phrases("report_readers.reader"),
            "x/n",
            phrases("report_results.estimate_and_interval", level=phrases.confidence(row.estimate.confidence)),
        ),
    )
    return Figure(svg=forest_plot(plot), title=title, description=description, caption=f"{title}. {description}")


# -------------------------------------------------------------------------------------------------------- single cases


def _single_cases(record: Record, rows: Sequence[ReaderRow], endpoint: str, phrases: Phrases) -> list[Block]:
    """Every two readers, and the device with each: the value of an overlap, and how far single cases spread."""
    spread = [row for row in rows if row.middle is not None and not row.estimate.parameters]
    if not spread:
        return []
    lines = []
    for row in in_order(spread):
        names = {"one": row.reader, "other": row.against}
        device = phrases("report_readers.device_with", reader=row.against)
        lines.append(
            (
                phrases.metric(row.estimate.metric, row.estimate.parameters),
                title_of(record, structure_of(row.estimate), phrases) or NONE,
                device if row.candidate else phrases("report_readers.pair_of", **names),
                phrases.whole(row.n_units),
                _spread(row, phrases),
                measured(row.estimate, phrases),
            )
        )
    level = phrases.confidence(next((row.estimate.confidence for row in spread if row.estimate.confidence), None))
    grid = Grid(
        header=(
            phrases("report_readers.measure"),
            phrases.field("structure"),
            *(phrases(f"report_readers.{key}") for key in ("pair", "units", "spread")),
            phrases("report_results.estimate_and_interval", level=level),
        ),
        rows=tuple(lines),
        caption=phrases("report_readers.single_cases_table", endpoint=endpoint),
        numeric=(False, False, False, True, True, True),
    )
    return [grid]


def _spread(row: ReaderRow, phrases: Phrases) -> str:
    """The least, the middle and the greatest of single cases."""
    found = [one for one in (row.smallest, row.middle, row.largest) if one is not None]
    return " · ".join(numbers.number(one, phrases.language, 3) for one in found) or NONE


@hookimpl
def register_report_sections() -> list[type[ReferenceReaders] | type[ReferenceReadersAnnex]]:
    """The device beside the readers, and every measure of that in the annex."""
    return [ReferenceReaders, ReferenceReadersAnnex]
