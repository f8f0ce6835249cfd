"""R12: ROC curves with the operating point of the protocol, and the curves of other tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ...hookspecs import hookimpl
from ...record import CurveRow, EstimateRow, Record
from ...vocabulary import Block, Figure, Heading, Paragraph
from ...wordings import numbers
from ..drawings.curve import CurvePlot, MarkedPoint, curve_plot
from ..drawings.differences import DifferencePlot, difference_plot
from ..phrases import Phrases, as_language
from ..select import primary_analysis, value_of
from ..view import typed
from .calibration import CURVES as OF_CALIBRATION
from .detection import DRAWN_HERE
from .segmentation import is_spread

OF_OTHER_SECTIONS = (*OF_CALIBRATION, *DRAWN_HERE)


class Curves:
    """One figure for each curve of the record."""

    name: ClassVar[str] = "curves"
    order: ClassVar[int] = 120

    def blocks(self, record: Mapping[str, object], candidate: str, language: str) -> Sequence[Block]:
        """The curves; () when the record has none."""
        phrases = Phrases(as_language(language))
        full = typed(record)
        known = [curve for curve in full.results.curves if curve.x and curve.name not in OF_OTHER_SECTIONS]
        curves = [curve for curve in known if not is_spread(curve)]
        if not curves:
            return ()
        drawn: list[Block] = []
        for curve in curves:
            maker = {"roc": _roc, "bland_altman": _bland_altman}.get(curve.name, _other)
            drawn.append(maker(full, curve, phrases))
        return [
            Heading(text=phrases("report_results.curves_title"), anchor="curves"),
            Paragraph(text=phrases("report_results.curves_intro")),
            *drawn,
        ]


def _roc(record: Record, curve: CurveRow, phrases: Phrases) -> Figure:
    analysis = primary_analysis(record)
    area = value_of(record, curve.endpoint, "auc", analysis)
    if area is not None and area.value is not None:
        text = phrases("report_results.roc_area", value=phrases.estimate(area), interval=phrases.interval(area))
    else:
        text = phrases("report_results.roc_area_not_asked" if area is None else "report_results.roc_no_area")
    point = _roc_point(record, curve.endpoint, analysis, phrases)
    title = phrases("report_results.roc_title", endpoint=curve.endpoint)
    description = phrases("report_results.roc_description", area=text)
    key = "operating_point_caption" if point else "no_operating_point_caption"
    plot = CurvePlot(
        title=title,
        description=description,
        x=curve.x,
        y=curve.y,
        low=curve.low,
        high=curve.high,
        x_label=phrases("report_results.roc_x"),
        y_label=phrases("report.metric.sensitivity"),
        x_tick=lambda value: numbers.plain(value, phrases.language),
        y_tick=lambda value: numbers.plain(value, phrases.language),
        diagonal=True,
        points=point,
    )
    named = phrases(f"report_results.{key}", analysis=phrases.named("report.analysis", analysis).lower())
    return Figure(svg=curve_plot(plot), title=title, description=description, caption=f"{description} {named}")


def _roc_point(record: Record, endpoint: str, analysis: str, phrases: Phrases) -> tuple[MarkedPoint, ...]:
    sensitivity, specificity = (value_of(record, endpoint, name, analysis) for name in ("sensitivity", "specificity"))
    if sensitivity is None or specificity is None or sensitivity.value is None or specificity.value is None:
        return ()
    false = _limits(specificity)
    return (
        MarkedPoint(
            x=1 - specificity.value,
            y=sensitivity.value,
            label=phrases("report_results.operating_point"),
            x_limits=None if false is None else (1 - false[1], 1 - false[0]),
            y_limits=_limits(sensitivity),
        ),
    )


def _limits(row: EstimateRow) -> tuple[float, float] | None:
    return None if row.low is None or row.high is None else (row.low, row.high)


def _bland_altman(record: Record, curve: CurveRow, phrases: Phrases) -> Figure:
    rows = [
        row
        for row in record.results.estimates
        if (row.endpoint, row.analysis) == (curve.endpoint, primary_analysis(record)) and not row.stratum
    ]
    bias = next((row for row in rows if row.metric == "bias"), None)
    limits = {row.parameters.get("limit"): row for row in rows if row.metric == "limits_of_agreement"}
    lower, upper = limits.get("lower"), limits.get("upper")
    unit = next((row.measured_in for row in rows if row.measured_in), "")
    title = phrases("report_results.bland_altman_title", endpoint=curve.endpoint)
    said = {name: "–" if row is None else phrases.estimate(row) for name, row in
            (("bias", bias), ("lower", lower), ("upper", upper))}  # fmt: skip
    caption = phrases("report_results.bland_altman_caption", **said)
    plot = DifferencePlot(
        title=title,
        description=caption,
        x=curve.x,
        y=curve.y,
        x_label=phrases("report_results.bland_altman_x", unit=unit),
        y_label=phrases("report_results.bland_altman_y", unit=unit),
        tick=lambda value: numbers.plain(value, phrases.language, 2),
        bias=None if bias is None else bias.value,
        limits=tuple(row.value for row in (lower, upper) if row is not None and row.value is not None),
    )
    return Figure(svg=difference_plot(plot), title=title, description=caption, caption=caption)


def _other(record: Record, curve: CurveRow, phrases: Phrases) -> Figure:
    title = phrases("report_results.curve_title", name=curve.name, endpoint=curve.endpoint)
    description = phrases("report_results.curve_description", name=curve.name, points=phrases.whole(len(curve.x)))
    plot = CurvePlot(
        title=title,
        description=description,
        x=curve.x,
        y=curve.y,
        x_label="x",
        y_label="y",
        x_tick=lambda value: numbers.plain(value, phrases.language, 2),
        y_tick=lambda value: numbers.plain(value, phrases.language, 2),
        x_most=max(curve.x) or 1.0,
    )
    return Figure(svg=curve_plot(plot), title=title, description=description)


@hookimpl
def register_report_sections() -> list[type[Curves]]:
    """Curves."""
    return [Curves]
