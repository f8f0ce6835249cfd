"""R11: every planned stratum, those empty, missing or small included, as a table and a forest plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import AcceptanceRow, EstimateRow, HeterogeneityRow, Record
from ...vocabulary import Block, Figure, Grid, Heading, Language, Paragraph
from ...wordings import numbers
from ..drawings.forest import ForestPlot, ForestRow, forest_plot
from ..forest_rows import forest_row
from ..phrases import RELATIVE, Phrases, limit_text, phrases_of, scale_of
from ..select import (
    LAST,
    STRUCTURE,
    endpoints,
    fields_of,
    finding_title,
    is_by_statement_only,
    is_of_statement,
    is_of_structure,
    metric_key,
    metrics_in,
    overall,
    primary_analysis,
    shown_estimates,
    structure_of,
)
from ..structures import structures
from ..view import typed

METRICS_IN_A_TABLE = 3
SIZES = ("n_patients", "n_units")
SIZES_BY_CLASS = ("n_patients", "n_positive", "n_negative")
SIZE_TITLES = {
    "n_patients": "patients",
    "n_units": "units",
    "n_positive": "positives",
    "n_negative": "negatives",
}
ONLY_OF_Q = ("q", "degrees_of_freedom", "i_squared")  # columns that permuted patients leave empty
FOREST_PLOTS = 2  # for the first measures of an endpoint, and for every measure with a rule
OF_NO_LESION = "of_no_lesion"  # why a figure of false marks has no value at a level of lesions
STRUCTURES_DRAWN = 8  # of an endpoint; the others have tables alone


class Strata:
    """Results by stratum in the primary analysis."""

    name: ClassVar[str] = "strata"
    order: ClassVar[int] = 110

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Forest plots, tables and heterogeneity for each endpoint; () when no strata were planned."""
        full = typed(record)
        phrases = phrases_of(full, language)
        analysis = primary_analysis(full)
        blocks: list[Block] = []
        for endpoint in endpoints(full):
            cut = [row for row in shown_estimates(full, endpoint, analysis) if not is_of_statement(row)]
            rows = [row for row in cut if not is_by_statement_only(row) and not structure_of(row)]
            drawn = [row for row in rows if row.not_estimable != OF_NO_LESION]
            if any(row.stratum for row in cut):
                blocks.append(Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3))
                blocks.extend(_figures(full, drawn, phrases) if drawn else ())
                blocks.extend(_tables(rows, phrases))
                blocks.extend(_elsewhere(cut, phrases, of_structures=bool(structures(full, endpoint))))
                blocks.extend(_heterogeneity(full, endpoint, analysis, phrases))
                blocks.extend(_by_structure(full, shown_estimates(full, endpoint, analysis), phrases))
        if not blocks:
            return ()
        minimum = full.protocol.content.get("statistics", {}).get("minimum_n", {})
        intro = phrases(
            "report_results.strata_intro",
            analysis=phrases.named("report.analysis", analysis),
            minimum=phrases.whole(minimum.get("estimate", 10)),
            imprecise=phrases.whole(minimum.get("imprecise_below", 30)),
        )
        return [Heading(text=phrases("report_results.strata_title"), anchor="strata"), Paragraph(text=intro), *blocks]


def _by_structure(record: Record, rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    """For each structure that strata are cut within: the whole of it, and its strata."""
    names = dict.fromkeys(structure_of(row) for row in rows if structure_of(row) and not is_of_structure(row))
    blocks: list[Block] = []
    for place, name in enumerate(names):
        of_one = [_without_structure(row) for row in rows if structure_of(row) == name]
        blocks.append(Heading(text=finding_title(record, name, phrases.language), level=4))
        blocks += _figures(record, of_one, phrases, at_most=1) if place < STRUCTURES_DRAWN else []
        blocks += _tables(of_one, phrases)
    return blocks


def _without_structure(row: EstimateRow) -> EstimateRow:
    """The row as one of its structure alone, whose whole has no stratum."""
    rest = {field: level for field, level in (row.stratum or {}).items() if field != STRUCTURE}
    return row.model_copy(update={"stratum": rest or None})


def _elsewhere(rows: Sequence[EstimateRow], phrases: Phrases, *, of_structures: bool) -> list[Block]:
    """Which measures have a value for single statements or structures alone, and how to have them by stratum."""
    found = {metric_key(row) for row in rows if structure_of(row)}  # shown structure by structure
    pooled = [row for row in rows if is_by_statement_only(row) and metric_key(row) not in found]
    names = dict.fromkeys(phrases.metric(row.metric, row.parameters) for row in pooled)
    if not names:
        return []
    key = "report_structures.not_together" if of_structures else "report_results.by_statement_only"
    return [Paragraph(text=phrases(key, measures=", ".join(names)), tone="note")]


def _grouped(rows: Sequence[EstimateRow]) -> dict[tuple[str, ...], dict[tuple[str, ...], list[EstimateRow]]]:
    """Rows by the fields of their stratum, then by its levels, in the order of the record."""
    groups: dict[tuple[str, ...], dict[tuple[str, ...], list[EstimateRow]]] = {}
    for row in rows:
        if row.stratum:
            levels = groups.setdefault(fields_of(row.stratum), {})
            levels.setdefault(tuple(row.stratum.values()), []).append(row)
    return groups


def _group_title(fields: Sequence[str], phrases: Phrases) -> str:
    return " × ".join(phrases.field(name) for name in fields)


def _level_title(fields: Sequence[str], levels: Sequence[str], phrases: Phrases) -> str:
    return " × ".join(phrases.level(level, field) for field, level in zip(fields, levels, strict=True))


# ------------------------------------------------------------------------------------------------------------ tables


def _tables(rows: Sequence[EstimateRow], phrases: Phrases) -> list[Grid]:
    keys = [key for key in metrics_in([row for row in rows if row.stratum]) if key[0] not in LAST]
    pieces = [keys[start : start + METRICS_IN_A_TABLE] for start in range(0, len(keys), METRICS_IN_A_TABLE)]
    return [_table(rows, piece, phrases) for piece in pieces]


def _table(rows: Sequence[EstimateRow], keys: Sequence[tuple[str, str]], phrases: Phrases) -> Grid:
    shown = [row for row in rows if metric_key(row) in keys]
    names = {metric_key(row): phrases.metric(row.metric, row.parameters) for row in shown}
    by_class = any(row.n_positive for row in shown) and any(row.n_negative for row in shown)
    sizes = SIZES_BY_CLASS if by_class else SIZES
    columns = 1 + len(sizes) + len(keys)
    lines: list[tuple[str, ...]] = []
    muted: list[int] = []

    def add(label: str, same: Sequence[EstimateRow]) -> None:
        by_key = {metric_key(row): row for row in same}
        cells = [phrases.cell(by_key[key]) if key in by_key else "–" for key in keys]
        if all(row.value is None or row.imprecise for row in same):
            muted.append(len(lines))
        lines.append((label, *_sizes(same, sizes, phrases), *cells))

    add(phrases("report.whole_set"), overall(shown))
    for fields, levels in _grouped(shown).items():
        lines.append((_group_title(fields, phrases), *("" for _ in range(columns - 1))))
        for level, same in levels.items():
            add(_level_title(fields, level, phrases), same)
    return Grid(
        header=(
            phrases("report_results.stratum"),
            *(phrases(f"report_results.{SIZE_TITLES[name]}") for name in sizes),
            *(names[key] for key in keys),
        ),
        rows=tuple(lines),
        caption=phrases("report_results.strata_table", measures=", ".join(names[key] for key in keys)),
        numeric=(False, *(True for _ in range(columns - 1))),
        muted=tuple(muted),
    )


def _sizes(same: Sequence[EstimateRow], sizes: Sequence[str], phrases: Phrases) -> tuple[str, ...]:
    """Sizes of a stratum: the largest that any of its measures looked at."""
    return tuple(phrases.whole(max(getattr(row, name) for row in same)) if same else "–" for name in sizes)


# ------------------------------------------------------------------------------------------------------------ figures


def _figures(
    record: Record, rows: Sequence[EstimateRow], phrases: Phrases, at_most: int = FOREST_PLOTS
) -> list[Figure]:
    """``at_most``: measures that are drawn beside those with a rule."""
    endpoint = rows[0].endpoint
    rules = {
        (rule.metric, repr(sorted(rule.parameters.items()))): rule
        for rule in reversed(record.results.acceptance)
        if rule.endpoint == endpoint
    }
    keys = [key for key in metrics_in(rows) if key[0] not in LAST]
    chosen = [key for index, key in enumerate(keys) if index < at_most or key in rules]
    drawn = []
    for key in chosen:
        same = [row for row in rows if metric_key(row) == key]
        if sum(1 for row in same if row.stratum and row.value is not None) >= 2:
            drawn.append(_forest(same, rules.get(key), phrases))
    return drawn


def _forest(rows: Sequence[EstimateRow], rule: AcceptanceRow | None, phrases: Phrases) -> Figure:
    first = rows[0]
    lines = [forest_row(row, phrases("report.whole_set"), phrases, whole=True) for row in rows if not row.stratum]
    for fields, levels in _grouped(rows).items():
        lines.append(ForestRow(label=_group_title(fields, phrases), heading=True))
        lines.extend(
            forest_row(same[0], _level_title(fields, level, phrases), phrases) for level, same in levels.items()
        )
    name = phrases.metric(first.metric, first.parameters)
    title = phrases("report_results.forest_title", measure=name)
    estimable = sum(1 for row in rows if row.stratum and row.value is not None)
    total = sum(1 for row in rows if row.stratum)
    description = phrases("report_results.forest_description", measure=name, shown=estimable, total=total)
    language = phrases.language
    plot = ForestPlot(
        title=title,
        description=description,
        rows=lines,
        tick=(lambda value: _percent_tick(value, language))
        if scale_of(first) in ("share", RELATIVE)
        else (lambda value: _tick(value, language)),
        bounded=first.scale in ("share", "agreement"),
        columns=(
            phrases("report_results.stratum"),
            "x/n",
            phrases("report_results.estimate_and_interval", level=phrases.confidence(first.confidence)),
        ),
        limit=rule.limit if rule else None,
        limit_label=phrases("report_results.limit_label", limit=limit_text(rule, phrases)) if rule else "",
    )
    caption = phrases("report_results.forest_caption")
    return Figure(svg=forest_plot(plot), title=title, description=description, caption=caption)


def _percent_tick(value: float, language: Language) -> str:
    return numbers.percent(value, language, 0 if abs(value * 100 - round(value * 100)) < 1e-6 else 1)


def _tick(value: float, language: Language) -> str:
    return numbers.number(value, language, 0 if float(value).is_integer() else 2)


# ------------------------------------------------------------------------------------------------------ heterogeneity


def _heterogeneity(record: Record, endpoint: str, analysis: str, phrases: Phrases) -> list[Block]:
    rows = [row for row in record.results.heterogeneity if row.endpoint == endpoint and row.analysis == analysis]
    if not rows:
        return []
    keys = ("measure", "field", "levels", "test", "q", "degrees_of_freedom", "p", "p_holm", "i_squared")
    lines = [_heterogeneity_row(record, row, phrases) for row in rows]
    used = [place for place, key in enumerate(keys) if key not in ONLY_OF_Q or {line[place] for line in lines} != {"–"}]
    numeric = (False, False, True, False, True, True, True, True, True)
    grid = Grid(
        header=tuple(phrases(f"report_results.{keys[place]}") for place in used),
        rows=tuple(tuple(line[place] for place in used) for line in lines),
        caption=phrases("report_results.heterogeneity_table"),
        numeric=tuple(numeric[place] for place in used),
        muted=tuple(index for index, row in enumerate(rows) if row.p is None),
    )
    return [grid, Paragraph(text=phrases("report_results.heterogeneity_note"), tone="note")]


def _heterogeneity_row(record: Record, row: HeterogeneityRow, phrases: Phrases) -> tuple[str, ...]:
    language = phrases.language
    within = (row.within or {}).get(STRUCTURE)
    field, structure = phrases.field(row.field), within and finding_title(record, within, language)
    test = (
        phrases.method(row.method) if row.p is not None else phrases.reason(row.not_estimable or "not_applicable", {})
    )
    return (
        phrases.metric(row.metric, row.parameters),
        field if structure is None else f"{structure}{phrases('report.colon')}{field}",
        phrases.whole(len(row.levels)),
        test,
        "–" if row.q is None else numbers.number(row.q, language, 2),
        "–" if row.degrees_of_freedom is None else phrases.whole(row.degrees_of_freedom),
        "–" if row.p is None else numbers.p_value(row.p, language),
        "–" if row.p_holm is None else numbers.p_value(row.p_holm, language),
        "–" if row.i_squared is None else phrases.percent(row.i_squared, 0),
    )


@hookimpl
def register_report_sections() -> list[type[Strata]]:
    """Results by stratum."""
    return [Strata]
