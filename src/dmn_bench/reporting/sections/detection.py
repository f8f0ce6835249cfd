"""R13: detection as radiologists read it: counts, sensitivity at rates of false marks, FROC, AFROC, lesion strata."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ...hookspecs import hookimpl
from ...record import CurveRow, EstimateRow, Record, TableRow
from ...vocabulary import Block, Facts, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.curve import CurvePlot, MarkedPoint, curve_plot
from ..phrases import Phrases, phrases_of
from ..select import endpoint_plan, endpoints, finding_title, primary_analysis
from ..view import typed

DETECTION = "detection"
FROC, AFROC = "froc", "afroc"
DRAWN_HERE = (FROC, AFROC)
OF_DETECTION = ("marks",)
"""Tables of counts of the task, which this section shows."""
RARE = ("second_hit", "silent_image")  # not shown where there are none
CALLED = ("lesion", "false_positive")  # rows of which some are at the operating point
SENSITIVITY, FALSE_POSITIVES = "lesion_sensitivity", "false_positives_per_image"
OF_MARKS = (SENSITIVITY, FALSE_POSITIVES, "false_positives_per_normal_image", "cpm_luna16")
AREAS = ("afroc", "wafroc")
AT_FALSE_POSITIVES = "at_false_positives_per_image"
FALSE_POSITIVES_SHOWN = 8.0  # the FROC axis ends here, or earlier where the curve does
DOUBLING_FROM = 4  # rates such as ⅛, ¼, ½, 1 from which on their axis is logarithmic
SMALLEST_DOUBLING = -7  # 2**-7: an operating point below it lies on the edge of that axis
FRACTIONS: Mapping[float, str] = {0.0078125: "1/128", 0.015625: "1/64", 0.03125: "1/32", 0.0625: "1/16",
                                  0.125: "⅛", 0.25: "¼", 0.5: "½"}  # fmt: skip
AXIS_ENDS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)
HIT_RULES = ("iou_at_least", "centre_in_region", "distance_mm_at_most", "distance_px_at_most", "luna16")
CHOICES: Mapping[str, str] = {
    "matching": "by_score",
    "second_hits": "ignored",
    "lesions": "each",
    "no_marks": "negative",
}
"""Options of the task that are said in words, with the value that holds where the protocol names none."""


class DetectionSection:
    """What is particular to endpoints whose device points at lesions."""

    name: ClassVar[str] = "detection"
    order: ClassVar[int] = 115

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """Counts, rules, sensitivities, curve, areas, strata of lesions; () where nothing is located."""
        full = typed(record)
        phrases = phrases_of(full, language)
        parts: list[Block] = []
        for endpoint in endpoints(full):
            if _is_detection(full, endpoint):
                parts += _endpoint(full, endpoint, phrases)
        if not parts:
            return ()
        intro = Paragraph(text=phrases("report_detection.intro"))
        return [Heading(text=phrases("report_detection.title"), anchor="detection"), intro, *parts]


def _is_detection(record: Record, endpoint: str) -> bool:
    """Whether an endpoint points at places: by its task, or by a FROC curve that a task of an extension draws."""
    return bool(_curves(record, endpoint, FROC)) or endpoint_plan(record, endpoint).get("task") == DETECTION


def _curves(record: Record, endpoint: str, name: str) -> list[CurveRow]:
    return [curve for curve in record.results.curves if (curve.endpoint, curve.name) == (endpoint, name) and curve.x]


def _silent_images(record: Record, endpoint: str) -> float:
    """Images charged as one false positive each, because they have no answer."""
    tables = [table for table in record.results.tables if table.endpoint == endpoint and table.name in OF_DETECTION]
    return sum(counts[0] for table in tables for name, counts in zip(table.rows, table.counts, strict=True)
               if name == "silent_image")  # fmt: skip


def _endpoint(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    rows = [
        row
        for row in record.results.estimates
        if (row.endpoint, row.analysis) == (endpoint, primary_analysis(record)) and row.metric in (*OF_MARKS, *AREAS)
    ]
    whole = [row for row in rows if not row.stratum]
    return [
        Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3),
        *_counts(record, endpoint, phrases),
        *_rules(record, endpoint, phrases),
        *_sensitivities(whole, phrases),
        *[_froc(curve, whole, _silent_images(record, endpoint), phrases) for curve in _curves(record, endpoint, FROC)],
        *_areas(whole, phrases),
        *[_afroc(curve, whole, phrases) for curve in _curves(record, endpoint, AFROC)],
        *_by_lesion(record, rows, phrases),
    ]


# ------------------------------------------------------------------------------------------------------------ counts


def _counts(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """How much was looked at: lesions, marks, images, units; no sums, as they are unlike things."""
    lines: list[tuple[str, str, str]] = []
    for table in record.results.tables:
        if table.endpoint == endpoint and table.case_id is None and table.name in OF_DETECTION:
            lines += _counted(table, phrases)
    if not lines:
        return []
    columns = 3 if _has_point(record, endpoint) else 2  # what is at a point that nobody declared is said by nobody
    header = tuple(phrases(f"report_detection.{key}") for key in ("what", "in_all", "at_the_point")[:columns])
    rows = tuple(line[:columns] for line in lines)
    caption = phrases("report_detection.counts_table")
    return [Grid(header=header, rows=rows, caption=caption, numeric=(False, True, True)[:columns])]


def _has_point(record: Record, endpoint: str) -> bool:
    """Whether an operating point is declared for what the endpoint looks for."""
    finding = endpoint_plan(record, endpoint).get("finding")
    return any(finding in one.operating_points for one in record.candidates)


def _counted(table: TableRow, phrases: Phrases) -> list[tuple[str, str, str]]:
    at = {name: index for index, name in enumerate(table.columns)}
    return [
        (
            phrases.named("report_detection.row", name),
            phrases.whole(counts[at.get("all", 0)]),
            phrases.whole(counts[at["called"]]) if "called" in at and name in CALLED else "",
        )
        for name, counts in zip(table.rows, table.counts, strict=True)
        if counts[at.get("all", 0)] or name not in RARE
    ]


# ------------------------------------------------------------------------------------------------------------- rules


def _rules(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    """The options in force in words, whether the protocol wrote them or not."""
    plan = endpoint_plan(record, endpoint)
    rule = plan.get("hit_rule") or {}
    items = [
        (phrases("report_detection.finding"), finding_title(record, plan.get("finding"), phrases.language)),
        (phrases("report_detection.hit_rule"), _hit_rule(rule, phrases)),
    ]
    if not rule.get("luna16"):  # it matches marks in a way of its own
        chosen = {name: str(plan.get(name) or default) for name, default in CHOICES.items()}
        items += [
            (phrases(f"report_detection.option.{name}"), phrases.named(f"report_detection.{name}", value))
            for name, value in chosen.items()
        ]
    return [Facts(items=tuple(items))]


def _hit_rule(rule: Mapping[str, Any], phrases: Phrases) -> str:
    name = next((one for one in HIT_RULES if rule.get(one) not in (None, False)), "")
    if not name:
        return "–"
    of = str(rule.get("iou_of") or "box")
    key = f"report_detection.hit.{name}" if name != "iou_at_least" else f"report_detection.hit.iou_of_{of}"
    return phrases(key, value=phrases.option(rule[name]))


# ------------------------------------------------------------------------------------------------------ sensitivities


def _sensitivities(rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    """Lesion sensitivity at the operating point and at each rate, each with its interval."""
    shown = [row for row in rows if row.metric in OF_MARKS]
    if not shown:
        return []
    lines = tuple(
        (
            phrases.metric(row.metric, row.parameters),
            phrases.counts(row),
            phrases.estimate(row),
            phrases.interval(row),
            phrases.method(row.method),
            phrases.whole(row.n_patients),
        )
        for row in sorted(shown, key=_place)
    )
    level = phrases.confidence(next((row.confidence for row in shown if row.confidence is not None), None))
    header = (
        phrases("report_results.measure"),
        "x/n",
        phrases("report_results.observed"),
        phrases("report_results.interval", level=level),
        phrases("report_results.method"),
        phrases("report_results.patients"),
    )
    caption = phrases("report_detection.sensitivity_table")
    grid = Grid(header=header, rows=lines, caption=caption, numeric=(False, True, True, True, False, True))
    note = any(_rate(row) is not None for row in shown)
    return [grid, *([Paragraph(text=phrases("report_detection.rates_note"), tone="note")] if note else [])]


def _place(row: EstimateRow) -> tuple[bool, int, float]:
    """At the operating point first, then by rising rate."""
    rate = _rate(row)
    return rate is not None, 0 if rate is not None else OF_MARKS.index(row.metric), rate or 0.0


def _rate(row: EstimateRow) -> float | None:
    value = row.parameters.get(AT_FALSE_POSITIVES)
    is_rate = row.metric == SENSITIVITY and isinstance(value, int | float)
    return float(value) if is_rate else None  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------------- FROC


def _froc(curve: CurveRow, rows: Sequence[EstimateRow], n_silent: float, phrases: Phrases) -> Figure:
    rates = tuple(
        MarkedPoint(x=rate, y=row.value, label="", y_limits=_limits(row))
        for row in rows
        if (rate := _rate(row)) is not None and row.value is not None
    )
    point = _operating_point(rows, phrases)
    title = phrases("report_detection.froc_title", endpoint=curve.endpoint)
    least, most = _axis(curve, rates, point)
    said = ["report_detection.froc_description"]
    said += ["report_detection.froc_doubling"] if least else []
    said += ["report_detection.froc_point"] if point else []
    said += ["report_detection.froc_rates"] if rates else []
    beyond = [mark.x for mark in rates if mark.x > max(curve.x)]
    said += ["report_detection.froc_beyond"] if beyond else []
    said += ["report_detection.froc_silent"] if n_silent else []
    facts = {"most": phrases.option(round(max(curve.x), 2)), "rates": phrases.joined(map(phrases.option, beyond))}
    description = " ".join(
        phrases(key, **facts) if key == "report_detection.froc_beyond" else phrases(key) for key in said
    )
    plot = CurvePlot(
        title=title,
        description=description,
        x=curve.x,
        y=curve.y,
        low=curve.low,
        high=curve.high,
        x_label=phrases("report.metric.false_positives_per_image"),
        y_label=phrases("report.metric.lesion_sensitivity"),
        x_tick=lambda value: (FRACTIONS.get(value) if least else "") or numbers.plain(value, phrases.language, 2),
        y_tick=lambda value: numbers.plain(value, phrases.language),
        x_least=least,
        x_most=most,
        points=(*rates, *point),
        prolonged=bool(beyond),
    )
    return Figure(svg=curve_plot(plot), title=title, description=description, caption=description)


def _axis(curve: CurveRow, rates: Sequence[MarkedPoint], point: Sequence[MarkedPoint]) -> tuple[float, float]:
    """Where the axis starts and ends: at 0 and a round number, or, of rates that double, at powers of two."""
    shown = [mark.x for mark in (*rates, *point)]
    doubling = {mark.x for mark in rates}
    if len(doubling) >= DOUBLING_FROM and min(shown) > 0 and all(math.frexp(rate)[0] == 0.5 for rate in doubling):
        least, most = (math.log2(edge(shown)) for edge in (min, max))
        return 2.0 ** max(math.floor(least), SMALLEST_DOUBLING), 2.0 ** math.ceil(most)
    wanted = max(shown, default=0.0)
    return 0.0, _rounded(min(max(max(curve.x), wanted), max(FALSE_POSITIVES_SHOWN, wanted)))


def _rounded(most: float) -> float:
    """The end of an axis with five equal steps that read well, at or above the largest value shown.

    >>> [_rounded(value) for value in (0.0, 0.38, 0.5, 1.41, 8.0, 130.0)]
    [1.0, 0.4, 0.5, 1.5, 8.0, 150.0]
    """
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(end * power for end in AXIS_ENDS if end * power >= most * (1 - 1e-9))


def _afroc(curve: CurveRow, rows: Sequence[EstimateRow], phrases: Phrases) -> Figure:
    title = phrases("report_detection.afroc_title", endpoint=curve.endpoint)
    description = phrases("report_detection.afroc_description")
    if any(row.metric in AREAS for row in rows):
        description = f"{description} {phrases('report_detection.afroc_areas')}"
    plot = CurvePlot(
        title=title,
        description=description,
        x=curve.x,
        y=curve.y,
        x_label=phrases("report_detection.afroc_x"),
        y_label=phrases("report.metric.lesion_sensitivity"),
        x_tick=lambda value: numbers.plain(value, phrases.language),
        y_tick=lambda value: numbers.plain(value, phrases.language),
    )
    return Figure(svg=curve_plot(plot), title=title, description=description, caption=description)


def _operating_point(rows: Sequence[EstimateRow], phrases: Phrases) -> tuple[MarkedPoint, ...]:
    found = {row.metric: row for row in rows if _rate(row) is None}
    sensitivity, alarms = found.get(SENSITIVITY), found.get(FALSE_POSITIVES)
    if sensitivity is None or alarms is None or sensitivity.value is None or alarms.value is None:
        return ()
    return (
        MarkedPoint(
            x=alarms.value,
            y=sensitivity.value,
            label=phrases("report_results.operating_point"),
            x_limits=_limits(alarms),
            y_limits=_limits(sensitivity),
            is_square=True,
        ),
    )


def _limits(row: EstimateRow) -> tuple[float, float] | None:
    return None if row.low is None or row.high is None else (row.low, row.high)


# -------------------------------------------------------------------------------------------------------------- areas


def _areas(rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    """The areas by which marks are summed up in one number, each with what it means."""
    shown = sorted((row for row in rows if row.metric in AREAS), key=lambda row: AREAS.index(row.metric))
    no_froc_area = Paragraph(text=phrases("report_detection.no_froc_area"), tone="note")
    if not shown:
        return [no_froc_area]
    lines = tuple(
        (
            phrases.metric(row.metric, row.parameters),
            phrases.estimate(row),
            phrases.interval(row),
            phrases(f"report_detection.means.{row.metric}{'_all' if row.parameters.get('all_units') else ''}"),
        )
        for row in shown
    )
    level = phrases.confidence(next((row.confidence for row in shown if row.confidence is not None), None))
    header = (
        phrases("report_results.measure"),
        phrases("report_results.observed"),
        phrases("report_results.interval", level=level),
        phrases("report_detection.meaning"),
    )
    caption = phrases("report_detection.areas_table")
    return [Grid(header=header, rows=lines, caption=caption, numeric=(False, True, True, False)), no_froc_area]


# ------------------------------------------------------------------------------------------------------ lesion strata


def _by_lesion(record: Record, rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    """Lesion sensitivity by what is known of the lesions: size, place, displaced or not."""
    of_cases = record.reference_set.card.get("strata") or {}
    cut = [row for row in rows if row.metric == SENSITIVITY and row.stratum and len(row.stratum) == 1]
    fields = dict.fromkeys(field for row in cut for field in row.stratum or {} if field not in of_cases)
    blocks: list[Block] = []
    for field in fields:
        same = [row for row in cut if row.stratum and field in row.stratum]
        if same:
            blocks.append(_stratum_grid(field, same, phrases))
    if blocks:
        blocks.append(Paragraph(text=phrases("report_detection.strata_note"), tone="note"))
    return blocks


def _stratum_grid(field: str, rows: Sequence[EstimateRow], phrases: Phrases) -> Grid:
    rates = sorted({_rate(row) for row in rows}, key=lambda rate: (rate is not None, rate or 0.0))
    levels = dict.fromkeys((row.stratum or {})[field] for row in rows)
    lines: list[tuple[str, ...]] = []
    muted: list[int] = []
    for level in levels:
        at = {_rate(row): row for row in rows if (row.stratum or {})[field] == level}
        if all(row.value is None or row.imprecise for row in at.values()):
            muted.append(len(lines))
        sizes = (max(row.own_n for row in at.values()), min(row.n_patients for row in at.values()))
        cells = (phrases.cell(at[rate]) if rate in at else "–" for rate in rates)
        lines.append((phrases.level(level, field), *(phrases.whole(n) for n in sizes), *cells))
    header = (
        phrases.field(field),
        phrases("report_detection.lesions"),
        phrases("report_results.patients"),
        *(_rate_title(rate, phrases) for rate in rates),
    )
    level = phrases.confidence(next((row.confidence for row in rows if row.confidence is not None), None))
    caption = phrases("report_detection.strata_table", field=phrases.field(field), level=level)
    numeric = (False, *(True for _ in header[1:]))
    return Grid(header=header, rows=tuple(lines), caption=caption, numeric=numeric, muted=tuple(muted))


def _rate_title(rate: float | None, phrases: Phrases) -> str:
    if rate is None:
        return phrases("report_results.operating_point")
    return phrases(f"report.parameter.{AT_FALSE_POSITIVES}", value=phrases.option(rate), number=rate)


@hookimpl
def register_report_sections() -> list[type[DetectionSection]]:
    """Detection."""
    return [DetectionSection]
