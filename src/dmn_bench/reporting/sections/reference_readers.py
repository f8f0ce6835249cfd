"""R6 and R10: the device beside the readers of the set, and the result under other rules for the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from ...hookspecs import hookimpl
from ...record import EstimateRow, ReaderRow, Record, ReferenceRuleRow
from ...vocabulary import Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.forest import ForestPlot, ForestRow, forest_plot
from ..forest_rows import forest_row
from ..phrases import Phrases, as_language
from ..view import typed

NONE = "–"
DRAWN = ("share", "agreement")  # scales that end at 1


class _What(NamedTuple):
    """One endpoint, or one structure of it."""

    endpoint: str
    structure: str

    def title(self) -> str:
        """As it stands above a table."""
        return self.endpoint + (f", {self.structure}" if self.structure else "")


class ReferenceReaders:
    """What readers reach, what the device reaches beside them, and how much the rule for the reference matters."""

    name: ClassVar[str] = "reference_readers"
    order: ClassVar[int] = 112

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Ceiling, pairs of readers and other rules, endpoint by endpoint; () where no two people read the cases."""
        phrases, full = Phrases(as_language(language)), typed(record)
        readers = [row for row in full.results.readers if row.candidate in ("", candidate)]
        rules = [row for row in full.results.reference_rules if row.candidate == candidate]
        if not readers and not rules:
            return ()
        blocks: list[Block] = [
            Heading(text=phrases("report_readers.title"), anchor="readers"),
            Paragraph(text=phrases("report_readers.intro")),
            Facts(items=_facts(full, readers, phrases)),
        ]
        left_out = [row for row in readers if not row.against]
        if left_out:
            blocks.append(Paragraph(text=phrases("report_readers.ceiling_how"), tone="note"))
        for what in _each(left_out):
            blocks += _ceiling([row for row in left_out if _of(row) == what], what, phrases)
        if any(row.n_others == 1 for row in left_out):
            blocks.append(Paragraph(text=phrases("report_readers.ppa"), tone="note"))
        pairs = [row for row in readers if row.against]
        if pairs:
            blocks.append(Paragraph(text=phrases("report_readers.pairs_how"), tone="note"))
        blocks += [_pairs([row for row in pairs if _of(row) == what], what, phrases) for what in _each(pairs)]
        return [*blocks, *_rules(rules, phrases)]


def _facts(record: Record, readers: Sequence[ReaderRow], phrases: Phrases) -> tuple[tuple[str, str], ...]:
    consensus = (record.reference_set.card.get("reference_standard") or {}).get("consensus") or {}
    names = list(dict.fromkeys(row.reader for row in readers if row.reader))
    rule = _rule(str(consensus.get("rule", "adjudicated")), consensus.get("at_least"), phrases)
    facts = [(phrases("report_readers.rule"), rule)]
    return tuple(facts + ([(phrases("report_readers.readers"), ", ".join(names))] if names else []))


def _rule(rule: str, at_least: int | None, phrases: Phrases) -> str:
    if at_least is not None:
        return phrases("report_readers.rule.at_least", n=at_least)
    return phrases.named("report_readers.rule", rule)


def _of(row: ReaderRow) -> _What:
    return _What(row.endpoint, (row.estimate.stratum or {}).get("structure", ""))


def _each(rows: Sequence[ReaderRow]) -> list[_What]:
    return list(dict.fromkeys(_of(row) for row in rows))


def _key(row: EstimateRow) -> tuple[str, str]:
    return row.metric, repr(sorted(row.parameters.items()))


def _measured(row: EstimateRow | None, phrases: Phrases) -> str:
    if row is None:
        return NONE
    return phrases.briefly(row) if row.value is None else f"{phrases.estimate(row)} {phrases.interval(row)}"


def _difference(row: ReaderRow | None, phrases: Phrases) -> str:
    """In points of percent for shares."""
    if row is None or row.difference is None or row.low is None or row.high is None:
        return NONE
    times, decimals = (100.0, 1) if row.estimate.scale == "share" else (1.0, 3)
    value, low, high = (
        numbers.number(one * times, phrases.language, decimals) for one in (row.difference, row.low, row.high)
    )
    return f"{value} {numbers.between(low, high, phrases.language)}"


# ------------------------------------------------------------------------------------------------- reader and device


def _ceiling(rows: Sequence[ReaderRow], what: _What, phrases: Phrases) -> list[Block]:
    own = [row for row in rows if not row.candidate]
    device = {(row.reader, _key(row.estimate)): row for row in rows if row.candidate}
    lines = []
    keys = list(dict.fromkeys(_key(row.estimate) for row in own))
    for row in sorted(own, key=lambda row: keys.index(_key(row.estimate))):
        beside = device.get((row.reader, _key(row.estimate)))
        lines.append(
            (
                phrases.metric(row.estimate.metric, row.estimate.parameters),
                row.reader,
                phrases.whole(row.n_units),
                _measured(row.estimate, phrases),
                _measured(None if beside is None else beside.estimate, phrases),
                _difference(beside, phrases),
            )
        )
    header = ("measure", "reader", "units", "of_reader", "of_device", "difference")
    grid = Grid(
        header=tuple(phrases(f"report_readers.{key}") for key in header),
        rows=tuple(lines),
        caption=phrases("report_readers.ceiling_table", endpoint=what.title()),
        numeric=(False, False, True, True, True, True),
    )
    return [grid, *_forest(own, device, phrases)]


def _forest(
    own: Sequence[ReaderRow], device: Mapping[tuple[str, tuple[str, str]], ReaderRow], phrases: Phrases
) -> list[Block]:
    """The first measure that ends at 1 and has two values: readers and device, one below the other."""
    for key in dict.fromkeys(_key(row.estimate) for row in own if row.estimate.scale in DRAWN):
        same = [row for row in own if _key(row.estimate) == key]
        if sum(row.estimate.value is not None for row in same) < 2:
            continue
        lines: list[ForestRow] = []
        for row in same:
            lines.append(forest_row(row.estimate, phrases("report_readers.forest_reader", reader=row.reader), phrases))
            beside = device.get((row.reader, key))
            if beside is not None:
                lines.append(forest_row(beside.estimate, phrases("report_readers.forest_device"), phrases))
        return [_plot(same[0].estimate, lines, phrases)]
    return []


def _plot(row: EstimateRow, lines: Sequence[ForestRow], phrases: Phrases) -> Figure:
    measure = phrases.metric(row.metric, row.parameters)
    title = phrases("report_readers.forest_title", measure=measure)
    description = phrases("report_readers.forest_description")
    is_share = row.scale == "share"
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
            phrases("report_results.estimate_and_interval", level=phrases.confidence(row.confidence)),
        ),
    )
    return Figure(svg=forest_plot(plot), title=title, description=description, caption=f"{title}. {description}")


# --------------------------------------------------------------------------------------------------- readers in pairs


def _pairs(rows: Sequence[ReaderRow], what: _What, phrases: Phrases) -> Grid:
    keys = list(dict.fromkeys(_key(row.estimate) for row in rows))
    lines = []
    for row in sorted(rows, key=lambda row: (keys.index(_key(row.estimate)), bool(row.candidate))):
        between = (
            phrases("report_readers.device_with", reader=row.against)
            if row.candidate
            else phrases("report_readers.pair_of", one=row.reader, other=row.against)
        )
        measure = phrases.metric(row.estimate.metric, row.estimate.parameters)
        lines.append(
            (measure, between, phrases.whole(row.n_units), _spread(row, phrases), _measured(row.estimate, phrases))
        )
    return Grid(
        header=(
            *(phrases(f"report_readers.{key}") for key in ("measure", "pair", "units", "spread")),
            phrases("report_results.estimate_and_interval", level=_level(rows, phrases)),
        ),
        rows=tuple(lines),
        caption=phrases("report_readers.pairs_table", endpoint=what.title()),
        numeric=(False, False, True, True, True),
    )


def _spread(row: ReaderRow, phrases: Phrases) -> str:
    """The least, the middle and the greatest of single cases."""
    found = [one for one in (row.smallest, row.middle, row.largest) if one is not None]
    return " · ".join(numbers.number(one, phrases.language, 3) for one in found) or NONE


def _level(rows: Sequence[ReaderRow], phrases: Phrases) -> str:
    return phrases.confidence(next((r.estimate.confidence for r in rows if r.estimate.confidence is not None), None))


# ------------------------------------------------------------------------------------------------------- other rules


def _rules(rows: Sequence[ReferenceRuleRow], phrases: Phrases) -> list[Block]:
    if not rows:
        return []
    blocks: list[Block] = [Paragraph(text=phrases("report_readers.rules_how"), tone="note")]
    if any(row.rule == "staple" and row.estimate is not None for row in rows):
        blocks.append(Paragraph(text=phrases("report_readers.staple"), tone="note"))
    for endpoint in dict.fromkeys(row.endpoint for row in rows):
        blocks.append(_rules_grid([row for row in rows if row.endpoint == endpoint], endpoint, phrases))
    return blocks


def _rules_grid(rows: Sequence[ReferenceRuleRow], endpoint: str, phrases: Phrases) -> Grid:
    """Measure by measure, the rules one below the other; a rule that makes no reference once, at the end."""
    measured = [(row, row.estimate) for row in rows if row.estimate is not None]
    keys = list(dict.fromkeys((_key(found), repr(found.stratum)) for _, found in measured))
    measured = sorted(measured, key=lambda pair: keys.index((_key(pair[1]), repr(pair[1].stratum))))
    lines = [
        (
            _measure(found, phrases),
            _named(row, phrases),
            _measured(found, phrases),
            phrases.whole(found.n_units),
            NONE if row.n_changed is None else phrases.whole(row.n_changed),
            phrases.whole(row.n_without),
        )
        for row, found in measured
    ]
    absent = dict.fromkeys((_named(row, phrases), row.not_applicable) for row in rows if row.not_applicable)
    for rule, why in absent:
        lines.append((NONE, rule, phrases.named("report_readers.not_applicable", str(why)), NONE, NONE, NONE))
    header = ("measure", "rule_column", "of_device", "units", "changed", "without")
    return Grid(
        header=tuple(phrases(f"report_readers.{key}") for key in header),
        rows=tuple(lines),
        caption=phrases("report_readers.rules_table", endpoint=endpoint),
        numeric=(False, False, True, True, True, True),
    )


def _measure(row: EstimateRow, phrases: Phrases) -> str:
    named = phrases.metric(row.metric, row.parameters)
    return f"{named} ({row.stratum['structure']})" if row.stratum and "structure" in row.stratum else named


def _named(row: ReferenceRuleRow, phrases: Phrases) -> str:
    rule = _rule(row.rule, row.at_least, phrases)
    return phrases("report_readers.of_run", rule=rule) if row.is_of_run else rule


@hookimpl
def register_report_sections() -> list[type[ReferenceReaders]]:
    """The device beside the readers."""
    return [ReferenceReaders]
