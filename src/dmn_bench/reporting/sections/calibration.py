"""R12: whether scores declared to be probabilities come true, and what acting on them is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import CurveRow, EstimateRow, Record
from ...vocabulary import Block, Figure, Grid, Heading, Paragraph
from ...wordings import numbers
from ..drawings.benefit import BenefitPlot, benefit_plot
from ..drawings.curve import CurvePlot, MarkedPoint, curve_plot
from ..phrases import Phrases, as_language
from ..select import endpoint_plan, endpoints, is_enriched, primary_analysis
from ..view import typed

METRICS = ("brier", "brier_scaled", "calibration_intercept", "calibration_slope", "ici")
BEST = {"brier": 0, "brier_scaled": 1, "calibration_intercept": 0, "calibration_slope": 1, "ici": 0}
CURVES = ("calibration", "calibration_bins", "net_benefit_of_all")
ENOUGH = 200  # of each class, for a curve that can be trusted
AT_PROBABILITY, DECLARED = "at_probability", "scores_are"
DEFAULT_KNOTS, DEFAULT_CLIP = 3, 1e-6


class Calibration:
    """Calibration and net benefit of each endpoint whose scores the protocol declares to be probabilities."""

    name: ClassVar[str] = "calibration"
    order: ClassVar[int] = 125

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """What was asked for, endpoint by endpoint; () when the protocol declares no probabilities."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        found: list[Block] = []
        for endpoint in endpoints(full):
            found.extend(_endpoint(full, endpoint, phrases))
        if not found:
            return ()
        title = Heading(text=phrases("report_calibration.title"), anchor="calibration")
        return [title, Paragraph(text=phrases("report_calibration.intro")), *found]


def _endpoint(record: Record, endpoint: str, phrases: Phrases) -> list[Block]:
    analysis = primary_analysis(record)
    whole = [
        row
        for row in record.results.estimates
        if row.endpoint == endpoint and row.analysis == analysis and not row.stratum
    ]
    measures = [row for row in whole if row.metric in METRICS]
    benefits = sorted(
        (row for row in whole if row.metric == "net_benefit" and AT_PROBABILITY in row.parameters),
        key=lambda row: float(row.parameters[AT_PROBABILITY]),
    )
    if not measures and not benefits:
        return []
    curves = [row for row in record.results.curves if row.endpoint == endpoint]
    blocks: list[Block] = [Heading(text=phrases("report.endpoint", endpoint=endpoint), level=3)]
    blocks.extend(_notes(record, endpoint, [*measures, *benefits], phrases))
    if measures:
        blocks.append(_measures(measures, phrases))
    bins = next((curve for curve in curves if curve.name == "calibration_bins"), None)
    if bins is not None and bins.x:
        line = next((curve for curve in curves if curve.name == "calibration"), None)
        blocks += [_figure(endpoint, line, bins, measures, phrases), _groups(bins, phrases)]
    if benefits:
        everybody = {curve.x[0]: curve.y[0] for curve in curves if curve.name == "net_benefit_of_all" and curve.x}
        blocks.extend(_benefit(endpoint, benefits, everybody, phrases))
    return blocks


def _notes(record: Record, endpoint: str, rows: Sequence[EstimateRow], phrases: Phrases) -> list[Block]:
    counted = max(rows, key=lambda row: row.n_units)
    facts = {
        "n": counted.n_units,
        "units": phrases.whole(counted.n_units),
        "positive": phrases.whole(counted.n_positive),
        "negative": phrases.whole(counted.n_negative),
    }
    notes: list[Block] = [Paragraph(text=phrases("report_calibration.counted", **facts), tone="note")]
    if counted.is_weighted:
        notes.append(Paragraph(text=phrases("report_calibration.sampled"), tone="note"))
    elif is_enriched(record):
        finding = endpoint_plan(record, endpoint).get("finding")
        declared = [
            one for one in record.reference_set.card.get("local_prevalence") or () if one.get("finding") == finding
        ]
        if declared:
            share = phrases.percent(float(declared[0]["value"]))
            notes.append(Paragraph(text=phrases("report_calibration.weighted", share=share), tone="note"))
        else:
            notes.append(Paragraph(text=phrases("report_calibration.not_weighted"), tone="warning"))
    if min(counted.n_positive, counted.n_negative) < ENOUGH:
        enough = phrases.whole(ENOUGH)
        notes.append(Paragraph(text=phrases("report_calibration.few", enough=enough), tone="note"))
    return notes


def _measures(rows: Sequence[EstimateRow], phrases: Phrases) -> Grid:
    lines = tuple(
        (
            phrases.metric(row.metric, {name: value for name, value in row.parameters.items() if name != DECLARED}),
            phrases.whole(BEST[row.metric]),
            _number(row, phrases),
            _limits(row, phrases),
            phrases.method(row.method),
        )
        for row in rows
    )
    return Grid(
        header=(
            phrases("report_results.measure"),
            phrases("report_calibration.best"),
            phrases("report_results.observed"),
            phrases("report_results.interval", level=phrases.confidence(_confidence(rows))),
            phrases("report_results.method"),
        ),
        rows=lines,
        caption=phrases("report_calibration.measures_table"),
        numeric=(False, True, True, True, False),
        muted=tuple(index for index, row in enumerate(rows) if row.value is None or row.imprecise),
    )


def _figure(
    endpoint: str, line: CurveRow | None, bins: CurveRow, measures: Sequence[EstimateRow], phrases: Phrases
) -> Figure:
    title = phrases("report_calibration.curve_title", endpoint=endpoint)
    description = phrases("report_calibration.curve_description", n=len(bins.x))
    points = tuple(
        MarkedPoint(x=x, y=y, label="", y_limits=(low, high))
        for x, y, low, high in zip(bins.x, bins.y, bins.low, bins.high, strict=True)
    )
    plot = CurvePlot(
        title=title,
        description=description,
        x=line.x if line else (),
        y=line.y if line else (),
        low=line.low if line else (),
        high=line.high if line else (),
        x_label=phrases("report_calibration.stated"),
        y_label=phrases("report_calibration.observed"),
        x_tick=lambda value: numbers.plain(value, phrases.language),
        y_tick=lambda value: numbers.plain(value, phrases.language),
        diagonal=True,
        points=points,
    )
    options = [row.parameters for row in measures if row.metric == "ici"]
    clips = [row.parameters["clip"] for row in measures if "clip" in row.parameters]
    clip = numbers.plain(float(clips[0]) if clips else DEFAULT_CLIP, phrases.language, 8)
    if line is None:
        how = phrases("report_calibration.no_curve")
    else:
        knots = int(options[0].get("knots", DEFAULT_KNOTS)) if options else DEFAULT_KNOTS
        how = phrases("report_calibration.curve_how", knots=phrases.whole(knots), clip=clip)
    return Figure(svg=curve_plot(plot), title=title, description=description, caption=f"{description} {how}")


def _groups(bins: CurveRow, phrases: Phrases) -> Grid:
    language = phrases.language
    lines = tuple(
        (
            phrases.percent(stated),
            phrases.whole(size),
            phrases.percent(observed),
            numbers.between(numbers.percent_number(low, language), numbers.percent_number(high, language), language),
        )
        for stated, size, observed, low, high in zip(bins.x, bins.sizes, bins.y, bins.low, bins.high, strict=True)
    )
    return Grid(
        header=(
            phrases("report_calibration.stated_mean"),
            phrases("report_results.units"),
            phrases("report_calibration.observed"),
            phrases("report_calibration.limits"),
        ),
        rows=lines,
        caption=phrases("report_calibration.groups_table"),
        numeric=(True,) * 4,
    )


def _benefit(
    endpoint: str, rows: Sequence[EstimateRow], everybody: Mapping[float, float], phrases: Phrases
) -> list[Block]:
    lines = []
    for row in rows:
        at = float(row.parameters[AT_PROBABILITY])
        of_all = "–" if at not in everybody else numbers.number(everybody[at], phrases.language, 3)
        lines.append((phrases.percent(at), _number(row, phrases), _limits(row, phrases), of_all, phrases.whole(0)))
    table = Grid(
        header=(
            phrases("report_calibration.threshold"),
            phrases("report_calibration.device"),
            phrases("report_results.interval", level=phrases.confidence(_confidence(rows))),
            phrases("report_calibration.everybody"),
            phrases("report_calibration.nobody"),
        ),
        rows=tuple(lines),
        caption=phrases("report_calibration.benefit_table"),
        numeric=(True,) * 5,
        muted=tuple(index for index, row in enumerate(rows) if row.value is None or row.imprecise),
    )
    explained = Paragraph(text=phrases("report_calibration.benefit_how"))
    drawn = [row for row in rows if row.value is not None and row.low is not None and row.high is not None]
    if len(drawn) < 2:
        return [explained, table]
    title = phrases("report_calibration.benefit_title", endpoint=endpoint)
    description = phrases("report_calibration.benefit_description")
    plot = BenefitPlot(
        title=title,
        description=description,
        probabilities=[float(row.parameters[AT_PROBABILITY]) for row in drawn],
        device=[row.value for row in drawn if row.value is not None],
        low=[row.low for row in drawn if row.low is not None],
        high=[row.high for row in drawn if row.high is not None],
        everybody=sorted(everybody.items()),
        x_label=phrases("report_calibration.threshold"),
        y_label=phrases("report.metric.net_benefit"),
        names=(
            phrases("report_calibration.device"),
            phrases("report_calibration.everybody"),
            phrases("report_calibration.nobody"),
        ),
        x_tick=lambda value: numbers.plain(value, phrases.language, 2),
        y_tick=lambda value: numbers.plain(value, phrases.language, 3),
    )
    return [explained, Figure(svg=benefit_plot(plot), title=title, description=description, caption=description), table]


def _number(row: EstimateRow, phrases: Phrases) -> str:
    if row.value is None:
        return phrases.not_estimable(row)
    return numbers.number(row.value, phrases.language, 3)


def _limits(row: EstimateRow, phrases: Phrases) -> str:
    if row.low is None or row.high is None:
        return "–"
    low, high = (numbers.number(one, phrases.language, 3) for one in (row.low, row.high))
    return numbers.between(low, high, phrases.language)


def _confidence(rows: Sequence[EstimateRow]) -> float | None:
    return next((row.confidence for row in rows if row.confidence is not None), None)


@hookimpl
def register_report_sections() -> list[type[Calibration]]:
    """Calibration and net benefit."""
    return [Calibration]
