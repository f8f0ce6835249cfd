"""Readers and device side by side, as lines of tables: which measures come first, and how cells are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from ..record import EstimateRow, ReaderRow, Record, ReferenceRuleRow
from ..vocabulary import Grid, Paragraph
from ..wordings import numbers, words
from .phrases import RELATIVE, Phrases, scale_of
from .select import endpoint_plan, finding_title, metric_key

NONE = "–"
STRUCTURE = "structure"
FIRST = 2  # measures of an endpoint that stand in the section; all others are in the annex

Key = tuple[str, str]
Row = ReaderRow | ReferenceRuleRow


def first_keys(rows: Iterable[EstimateRow]) -> list[Key]:
    """The first measure of an endpoint and the next one of another name, as ``select.metric_key`` names them."""
    found: dict[str, Key] = {}
    for row in rows:
        found.setdefault(row.metric, metric_key(row))
    return list(found.values())[:FIRST]


def structure_of(row: EstimateRow) -> str:
    """The structure that a row is of, "" where it is of none."""
    return (row.stratum or {}).get(STRUCTURE, "")


def in_order(rows: Sequence[ReaderRow]) -> list[ReaderRow]:
    """Measure by measure and in it structure by structure, each in the order in which it first comes."""
    keys = list(dict.fromkeys(metric_key(row.estimate) for row in rows))
    structures = list(dict.fromkeys(structure_of(row.estimate) for row in rows))
    return sorted(
        rows, key=lambda row: (keys.index(metric_key(row.estimate)), structures.index(structure_of(row.estimate)))
    )


def needs_more_than_half(row: ReaderRow, task: str) -> int | None:
    """How many of the other readers must agree, where the rule then asks for more than the middle one of them.

    More than half of two is both: of regions and lesions then only what all share is left, and of grades the graver of
    the two in the middle. None where no such rule is at work, or where a case without agreement is left out.

    >>> of = lambda n: ReaderRow.model_construct(rule="majority", at_least=None, n_others=n)
    >>> [needs_more_than_half(of(n), "segmentation") for n in (1, 2, 3, 4)]
    [None, 2, None, 3]
    """
    if task not in ("segmentation", "detection", "grading") or (task == "grading" and row.rule != "majority"):
        return None
    votes = {"majority": row.n_others // 2 + 1, "at_least": row.at_least}.get(row.rule)
    return votes if votes is not None and 2 * votes > row.n_others + 1 else None


def task_of(record: Record, endpoint: str, rows: Sequence[ReaderRow]) -> str:
    """The task of an endpoint by the protocol; rows of structures are of regions whoever compared them."""
    return (
        "segmentation"
        if any(structure_of(row.estimate) for row in rows)
        else str(endpoint_plan(record, endpoint).get("task", ""))
    )


# --------------------------------------------------------------------------------------------------------------- cells


def measured(row: EstimateRow | None, phrases: Phrases) -> str:
    """A value with its interval, or in a few words why there is none."""
    if row is None:
        return NONE
    return phrases.briefly(row) if row.value is None else f"{phrases.estimate(row)} {phrases.interval(row)}"


def difference(row: ReaderRow | None, phrases: Phrases) -> str:
    """Device less reader with its interval and unit, shares in points; else in a few words why there is none."""
    if row is None:
        return NONE
    if row.difference is None or row.low is None or row.high is None:
        return brief(row.not_estimable, row.estimate, phrases)
    value, low, high = (_apart(one, row.estimate, phrases) for one in (row.difference, row.low, row.high))
    between = numbers.between(low, high, phrases.language)
    if scale_of(row.estimate) in ("share", RELATIVE):
        return f"{value}\u202f{phrases('report.points')} {between}"
    return f"{phrases.with_unit(value, row.estimate)} {between}"


def _apart(value: float, row: EstimateRow, phrases: Phrases) -> str:
    if scale_of(row) in ("share", RELATIVE):
        return numbers.number(100 * value, phrases.language, 1)
    return numbers.number(value, phrases.language, 3 if row.scale == "agreement" else 2)


def brief(reason: str | None, row: EstimateRow, phrases: Phrases) -> str:
    """A reason in a few words, or a dash where the record has none."""
    if reason is None:
        return NONE
    known = words("report", phrases.language).get(f"report.brief.{reason}")
    return known.format(n=phrases.whole(row.own_n)) if known else phrases("report.brief.other")


def rule_name(rule: str, at_least: int | None, phrases: Phrases) -> str:
    """A rule for the reference in words."""
    if at_least is not None:
        return phrases("report_readers.rule.at_least", n=at_least)
    return phrases.named("report_readers.rule", rule)


def title_of(record: Record, structure: str, phrases: Phrases) -> str:
    """A structure by the title of its finding on the card."""
    return finding_title(record, structure, phrases.language) if structure else ""


# -------------------------------------------------------------------------------------------------------------- tables


def ceiling(record: Record, rows: Sequence[ReaderRow], caption: str, phrases: Phrases) -> Grid:
    """One line for each measure, structure and reader: he, the device beside him, and the difference."""
    device = {(row.reader, _what(row)): row for row in rows if row.candidate}
    own = in_order([row for row in rows if not row.candidate])
    has_structures = any(structure_of(row.estimate) for row in own)
    lines = []
    for row in own:
        beside = device.get((row.reader, _what(row)))
        lines.append(
            (
                phrases.metric(row.estimate.metric, row.estimate.parameters),
                *([title_of(record, structure_of(row.estimate), phrases)] if has_structures else []),
                row.reader,
                _units(row, beside, phrases),
                measured(row.estimate, phrases),
                measured(None if beside is None else beside.estimate, phrases),
                difference(beside, phrases),
            )
        )
    header = ("reader", "units", "of_reader", "of_device", "difference")
    front = (phrases("report_readers.measure"), *([phrases.field(STRUCTURE)] if has_structures else []))
    return Grid(
        header=(*front, *(phrases(f"report_readers.{key}") for key in header)),
        rows=tuple(lines),
        caption=caption,
        numeric=(*(False for _ in front), False, True, True, True, True),
    )


def _units(row: ReaderRow, beside: ReaderRow | None, phrases: Phrases) -> str:
    """How many units a reader was measured on; those of the device too where it left some without a value."""
    n, own = phrases.whole(row.n_units), row.estimate
    if beside is None or own.numerator is not None or beside.estimate.own_n >= own.own_n:
        return n
    return phrases("report_readers.units_of_device", n=n, device=phrases.whole(beside.estimate.own_n))


def pairs(record: Record, rows: Sequence[ReaderRow], caption: str, phrases: Phrases) -> Grid:
    """One line for each measure and structure: readers with each other, and the device with each reader."""
    found: dict[tuple[str, Key], list[ReaderRow]] = {}
    for row in in_order(rows):
        found.setdefault(_what(row), []).append(row)
    lines = []
    for (structure, _), same in found.items():
        between = [row.estimate for row in same if not row.candidate]
        lines.append(
            (
                phrases.metric(same[0].estimate.metric, same[0].estimate.parameters),
                title_of(record, structure, phrases) or NONE,
                phrases.whole(len(between)),
                _from_to(between, phrases),
                _from_to([row.estimate for row in same if row.candidate], phrases),
            )
        )
    header = ("n_pairs", "between_readers", "device_with_each")
    return Grid(
        header=(
            phrases("report_readers.measure"),
            phrases.field(STRUCTURE),
            *(phrases(f"report_readers.{key}") for key in header),
        ),
        rows=tuple(lines),
        caption=caption,
        numeric=(False, False, True, True, True),
    )


def in_a_line(record: Record, rows: Sequence[ReaderRow], phrases: Phrases) -> list[Paragraph]:
    """For each structure one line: readers with each other, and the device with each, the middle pair and the range."""
    lines = []
    for structure in dict.fromkeys(structure_of(row.estimate) for row in rows):
        said = []
        for key in dict.fromkeys(metric_key(row.estimate) for row in rows):
            same = [row for row in rows if _what(row) == (structure, key)]
            between, device = ([row.estimate for row in same if bool(row.candidate) is of] for of in (False, True))
            if any(row.value is not None for row in between):
                measure = phrases.metric(between[0].metric, between[0].parameters)
                told = {"readers": _middle(between, phrases), "device": _middle(device, phrases)}
                said.append(phrases("report_readers.in_a_line", measure=measure, **told))
        if said:
            title = title_of(record, structure, phrases)
            lines.append(f"{title}{phrases('report.colon')}{phrases.joined(said)}.")
    return [Paragraph(text="\n".join(lines))] if lines else []


def _middle(rows: Sequence[EstimateRow], phrases: Phrases) -> str:
    """The median of several values with the least and the greatest of them; one alone as it is."""
    known = [row for row in rows if row.value is not None]
    if len(known) < 2:
        return phrases.estimate(known[0]) if known else NONE
    middle, low, high = (pick([row.value or 0.0 for row in known]) for pick in (median, min, max))
    texts = [phrases.estimate(known[0].model_copy(update={"value": value})) for value in (middle, low, high)]
    return phrases("report_readers.middle", middle=texts[0], low=texts[1], high=texts[2])


def rules(record: Record, rows: Sequence[ReferenceRuleRow], caption: str, phrases: Phrases) -> Grid:
    """Measure by measure, the rules one below the other; a rule that makes no reference once, at the end."""
    told = [(row, row.estimate) for row in rows if row.estimate is not None]
    keys = list(dict.fromkeys((metric_key(found), structure_of(found)) for _, found in told))
    told = sorted(told, key=lambda pair: keys.index((metric_key(pair[1]), structure_of(pair[1]))))
    counts = any(row.n_changed is not None for row, _ in told)
    lines = [
        (
            _with_structure(record, found, phrases),
            _of_run(row, phrases),
            measured(found, phrases),
            phrases.whole(found.n_units),
            *(_counts(row, phrases) if counts else ()),
        )
        for row, found in told
    ]
    absent = dict.fromkeys((_of_run(row, phrases), str(row.not_applicable)) for row in rows if row.not_applicable)
    rest = (NONE,) * (3 if counts else 1)
    lines += [(NONE, rule, phrases.named("report_readers.not_applicable", why), *rest) for rule, why in absent]
    header = ("measure", "rule_column", "of_device", "units", *(("changed", "without") if counts else ()))
    return Grid(
        header=tuple(phrases(f"report_readers.{key}") for key in header),
        rows=tuple(lines),
        caption=caption,
        numeric=(False, False, *(True for _ in header[2:])),
    )


def _what(row: ReaderRow) -> tuple[str, Key]:
    return structure_of(row.estimate), metric_key(row.estimate)


def _from_to(rows: Sequence[EstimateRow], phrases: Phrases) -> str:
    """The least and the greatest of several values, one alone with its interval."""
    known = sorted((row for row in rows if row.value is not None), key=lambda row: row.value or 0.0)
    if not known:
        return measured(rows[0] if rows else None, phrases)
    if len(rows) == 1:
        return measured(rows[0], phrases)
    return phrases("report_readers.from_to", low=phrases.estimate(known[0]), high=phrases.estimate(known[-1]))


def _with_structure(record: Record, row: EstimateRow, phrases: Phrases) -> str:
    named = phrases.metric(row.metric, row.parameters)
    structure = title_of(record, structure_of(row), phrases)
    return f"{named} – {structure}" if structure else named


def _counts(row: ReferenceRuleRow, phrases: Phrases) -> tuple[str, str]:
    return (
        NONE if row.n_changed is None else phrases.whole(row.n_changed),
        NONE if row.n_changed is None else phrases.whole(row.n_without),
    )


def _of_run(row: ReferenceRuleRow, phrases: Phrases) -> str:
    rule = rule_name(row.rule, row.at_least, phrases)
    return phrases("report_readers.of_run", rule=rule) if row.is_of_run else rule
