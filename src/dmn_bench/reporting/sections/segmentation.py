"""R13: segmentation as radiotherapists and radiologists read it: counts, spread and figures by structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import CurveRow, EstimateRow, Record
from ...vocabulary import Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.overlap import OverlapPlot, OverlapRow, overlap_plot
from ..phrases import Phrases, as_language
from ..select import (
    STRUCTURE,
    endpoint_plan,
    endpoints,
    finding_title,
    of_structures,
    primary_analysis,
    shown_estimates,
    structure_of,
)
from ..structures import counted, counted_as, structures
from ..view import typed

SEGMENTATION = "segmentation"
OF_SEGMENTATION = ("structures",)
"""Tables of counts of the task, which this section shows."""
SPREAD = "_spread/"
"""In the names of the task's curves between the measure and the structure; this section shows them."""
MEASURES = ("dice", "nsd")
OF_VOLUMES = ("volume_error", "volume_bias")
EMPTY = "both_empty"
"""The column of the table of structures that counts agreement on nothing."""
QUANTILES = {"least": 0.0, "worst_decile": 0.1, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
GREATEST = 1.0
DECIMALS = 3
LEAST_N = 10  # cases of a structure below which no spread is shown, where the protocol names no other


class SegmentationSection:
    """What is particular to endpoints whose device delineates structures."""

    name: ClassVar[str] = "segmentation"
    order: ClassVar[int] = 117

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Definitions, counts, spread and figures of each structure; () where nothing is delineated."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        parts: list[Block] = []
        for endpoint in endpoints(full):
            if endpoint_plan(full, endpoint).get("task") == SEGMENTATION or _curves(full, endpoint):
                parts += _endpoint(full, endpoint, phrases)
        if not parts:
            return ()
        return [
            Heading(text=phrases("report_segmentation.title"), anchor="segmentation"),
            Paragraph(text=phrases("report_segmentation.intro")),
            Paragraph(text=phrases("report_segmentation.caution"), tone="note"),
            *parts,
        ]


def is_spread(curve: CurveRow) -> bool:
    """Whether a curve is the spread of a measure over the cases of a structure."""
    return SPREAD in curve.name


def _endpoint(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    return [
        Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3),
        Facts(items=tuple(_definitions(record, endpoint, phrases))),
        *_counts(record, endpoint, phrases),
        *(block for measure in MEASURES for block in _spread(record, endpoint, measure, phrases)),
        *_figures(record, endpoint, phrases),
    ]


# ------------------------------------------------------------------------------------------------------- definitions


def _definitions(record: Record, endpoint: str, phrases: Phrases) -> list[tuple[str, str]]:
    """How regions were compared, whether the protocol wrote it or not."""
    plan = endpoint_plan(record, endpoint)
    unit = str(plan.get("distances_in") or "mm")
    definitions = {
        str(row.parameters.get("definition") or "surface_elements")
        for row in record.results.estimates
        if row.endpoint == endpoint and row.metric == "hd95"
    }
    hd95 = phrases.joined([phrases(f"report_segmentation.hd95.{name}") for name in sorted(definitions)])
    stated = plan.get(f"tolerance_{unit}")
    if isinstance(stated, Mapping):
        stated = {finding_title(record, name, phrases.language): value for name, value in stated.items()}
    return [
        (phrases("report_segmentation.tolerance"), _tolerance(stated, unit, phrases)),
        *([(phrases.metric("hd95"), hd95)] if definitions else []),
        (phrases("report_segmentation.distances"), phrases(f"report_segmentation.distances.{unit}")),
        (phrases("report_segmentation.empty"), phrases(f"report_segmentation.empty.{plan.get('both_empty') or '1'}")),
        (
            phrases("report_segmentation.unmentioned"),
            phrases(f"report_segmentation.unmentioned.{plan.get('unmentioned') or 'failed'}"),
        ),
    ]


def _tolerance(stated: Any, unit: str, phrases: Phrases) -> str:
    def written(value: Any) -> str:
        return f"{phrases.option(value)}\u202f{unit}"

    if stated is None:
        return phrases("report_segmentation.no_tolerance")
    if not isinstance(stated, Mapping):
        return written(stated)
    return phrases.joined([f"{name}{phrases('report.colon')}{written(value)}" for name, value in stated.items()])


# ------------------------------------------------------------------------------------------------------------ counts


def _counts(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """For each structure what became of the cases; no sums, since structures share their cases."""
    found: list[Block] = []
    for table in record.results.tables:
        if table.endpoint != endpoint or table.name not in OF_SEGMENTATION:
            continue
        titles = (finding_title(record, name, phrases.language) for name in table.rows)
        rows = tuple((name, *map(phrases.whole, counts)) for name, counts in zip(titles, table.counts, strict=True))
        header = (phrases.field(STRUCTURE), *(phrases.named("report.answer", name) for name in table.columns))
        numeric = (False, *(True for _ in table.columns))
        caption = phrases.named("report.table", table.name)
        found.append(Grid(header=header, rows=rows, caption=caption, numeric=numeric))
    return found


# ------------------------------------------------------------------------------------------------------------ spread


def _curves(record: Record, endpoint: str, measure: str = "") -> list[CurveRow]:
    start = f"{measure}{SPREAD}" if measure else SPREAD
    return [one for one in record.results.curves if one.endpoint == endpoint and start in one.name and one.y]


def _spread(record: Record, endpoint: str, measure: str, phrases: Phrases) -> list[Block]:
    """A table and a drawing of the quantiles of each structure."""
    curves = _curves(record, endpoint, measure)
    if not curves:
        return []
    least = int(record.protocol.content.get("statistics", {}).get("minimum_n", {}).get("estimate", LEAST_N))
    title = phrases("report_segmentation.spread", measure=phrases.metric(measure), endpoint=endpoint)
    header = (
        phrases.field(STRUCTURE),
        phrases(f"report_segmentation.{counted_as(record, endpoint)}"),
        *(phrases(f"report_segmentation.{name}") for name in (*QUANTILES, "greatest")),
    )
    grid = Grid(
        header=header,
        rows=tuple(_spread_line(record, curve, least, phrases) for curve in curves),
        caption=title,
        numeric=(False, *(True for _ in header[1:])),
    )
    drawn = [curve for curve in curves if _n(curve) >= least]
    if not drawn:
        return [grid]
    description = phrases("report_segmentation.spread_description")
    plot = OverlapPlot(
        title=title,
        description=description,
        rows=[_strip(record, curve, phrases) for curve in drawn],
        tick=lambda value: numbers.number(value, phrases.language, 1),
        columns=(phrases.field(STRUCTURE), phrases(f"report_segmentation.{counted_as(record, endpoint)}")),
    )
    return [grid, Figure(svg=overlap_plot(plot), title=title, description=description, caption=description)]


def _structure(curve: CurveRow) -> str:
    return curve.name.partition(SPREAD)[2]


def _n(curve: CurveRow) -> int:
    return int(curve.sizes[0]) if curve.sizes else 0


def _values(curve: CurveRow) -> dict[str, float]:
    at = dict(zip(curve.x, curve.y, strict=True))
    return {name: at.get(share, 0.0) for name, share in {**QUANTILES, "greatest": GREATEST}.items()}


def _spread_line(record: Record, curve: CurveRow, least: int, phrases: Phrases) -> tuple[str, ...]:
    """The quantiles of a structure; none with fewer cases than an estimate needs."""
    title = finding_title(record, _structure(curve), phrases.language)
    if _n(curve) < least:
        return (title, phrases.whole(_n(curve)), *("–" for _ in _values(curve)))
    written = (numbers.number(value, phrases.language, DECIMALS) for value in _values(curve).values())
    return (title, phrases.whole(_n(curve)), *written)


def _strip(record: Record, curve: CurveRow, phrases: Phrases) -> OverlapRow:
    title = finding_title(record, _structure(curve), phrases.language)
    return OverlapRow(label=title, counts=phrases.whole(_n(curve)), **_values(curve))


# ----------------------------------------------------------------------------------------------------------- figures


def _figures(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """The planned figures of each structure with their intervals; a note where the protocol does not ask for them."""
    ordered = of_structures(shown_estimates(record, endpoint, primary_analysis(record)))
    if not ordered:
        several = len({_structure(curve) for curve in _curves(record, endpoint)}) > 1
        return [Paragraph(text=phrases("report_segmentation.not_by_structure"), tone="note")] if several else []
    level = phrases.confidence(next((row.confidence for row in ordered if row.confidence is not None), None))
    header = (
        phrases.field(STRUCTURE),
        phrases("report_results.measure"),
        "x/n",
        phrases("report_results.observed"),
        phrases("report_results.interval", level=level),
        phrases("report_results.method"),
        phrases(f"report_segmentation.{counted_as(record, endpoint)}"),
        phrases("report_results.patients"),
    )
    return [
        Grid(
            header=header,
            rows=tuple(_figure_line(record, row, phrases) for row in ordered),
            caption=phrases("report_segmentation.figures_table"),
            numeric=(False, False, True, True, True, False, True, True),
            muted=tuple(at for at, row in enumerate(ordered) if row.value is None or row.imprecise),
        ),
        *_empty_volumes(record, endpoint, ordered, phrases),
    ]


def _empty_volumes(record: Record, endpoint: str, rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    """Of which structures cases without any region are in a figure of volumes, and how many."""
    measured = {structure_of(row) for row in rows if row.metric in OF_VOLUMES and row.value is not None}
    kind = counted_as(record, endpoint)
    lines = [
        phrases(
            "report_segmentation.empty_volumes",
            structure=finding_title(record, one.name, phrases.language),
            counted=counted(one.counts[EMPTY], kind, phrases),
        )
        for one in structures(record, endpoint)
        if one.name in measured and one.counts.get(EMPTY)
    ]
    return [Paragraph(text="\n".join(lines), tone="note")] if lines else []


def _figure_line(record: Record, row: EstimateRow, phrases: Phrases) -> tuple[str, ...]:
    return (
        finding_title(record, structure_of(row), phrases.language),
        phrases.metric(row.metric, row.parameters),
        phrases.counts(row),
        phrases.estimate(row),
        phrases.interval(row),
        phrases.method(row.method),
        phrases.whole(row.own_n),
        phrases.whole(row.n_patients),
    )


@hookimpl
def register_report_sections() -> list[type[SegmentationSection]]:
    """Segmentation."""
    return [SegmentationSection]
