"""Estimates said in plain sentences: of 1,000 local units, of a cut of grades, of lesions shown and false marks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..record import EstimateRow, Record
from ..reference_set.prevalence import lowest_positive, prevalence_for
from ..tasks.scales import SCALES
from ..vocabulary import NotEstimable
from .phrases import Phrases
from .select import endpoint_plan, finding_title, overall, shown_estimates, value_of

PER = 1000
OF_A_CUT = ("sensitivity", "specificity", "exact_agreement")
MEAN_OF_RATES, RATE = "cpm_luna16", "at_false_positives_per_image"
OF_MARKS = ("lesion_sensitivity", "false_positives_per_image", "false_positives_per_normal_image")


def natural_frequencies(record: Record, endpoint: str, analysis: str, phrases: Phrases) -> str:
    """Sensitivity and specificity said again per 1,000 units at the local prevalence of the same cut; "" without any.

    Another unit for stored estimates, not a new one: counts of the sick add up, and so do those of the others.
    Where a prevalence of the finding is declared, but of another cut or unit, that is said.
    """
    plan = endpoint_plan(record, endpoint)
    sensitivity, specificity = (value_of(record, endpoint, name, analysis) for name in ("sensitivity", "specificity"))
    if sensitivity is None or specificity is None or sensitivity.value is None or specificity.value is None:
        return ""
    prevalence = prevalence_for(record.reference_set.card.get("local_prevalence") or (), plan)
    if isinstance(prevalence, NotEstimable):
        reason = prevalence.reason
        return "" if reason == "no_local_prevalence" else phrases(f"report_plain.{reason}", endpoint=endpoint)
    sick = round(PER * float(prevalence["value"]))
    found = round(sick * sensitivity.value)
    cleared = round((PER - sick) * specificity.value)
    return phrases(
        "report_plain.frequencies",
        per=phrases.whole(PER),
        unit=phrases.named("report.unit", str(plan.get("unit") or "case")),
        what=_what(record, plan, phrases),
        share=phrases.percent(float(prevalence["value"])),
        source=str(prevalence.get("source") or phrases("report.not_recorded")),
        sick=phrases.whole(sick),
        found=phrases.whole(found),
        missed=phrases.whole(sick - found),
        missed_low=phrases.whole(_times(sick, sensitivity.high)),
        missed_high=phrases.whole(_times(sick, sensitivity.low)),
        healthy=phrases.whole(PER - sick),
        alarms=phrases.whole(PER - sick - cleared),
        alarms_low=phrases.whole(_times(PER - sick, specificity.high)),
        alarms_high=phrases.whole(_times(PER - sick, specificity.low)),
    )


def _times(n: int, share_right: float | None) -> int:
    return round(n * (1 - share_right)) if share_right is not None else n


def _what(record: Record, plan: Mapping[str, Any], phrases: Phrases) -> str:
    """The finding, from which grade on where there is a cut."""
    finding = finding_title(record, plan.get("finding"), phrases.language)
    grade = lowest_positive(plan.get("positive_when"))
    if grade is None:
        return phrases("report_plain.finding", finding=finding)
    return phrases("report_plain.finding_from_grade", finding=finding, grade=phrases.whole(grade))


def plain_lines(record: Record, endpoint: str, analysis: str, phrases: Phrases) -> list[str]:
    """What an endpoint of grades, of referral or of marks observed, a line each; [] for another, or without any."""
    plan = endpoint_plan(record, endpoint)
    is_of_marks = plan.get("task") == "detection"
    unit = "lesion" if is_of_marks else str(plan.get("unit") or "case")
    lines = [
        _valued(row, phrases) if row.parameters or row.metric == MEAN_OF_RATES else _counted(row, unit, phrases)
        for row in plain_rows(record, endpoint, analysis)
    ]
    return lines if is_of_marks or not lines else [_cut(record, plan, phrases), *lines]


def plain_rows(record: Record, endpoint: str, analysis: str) -> list[EstimateRow]:
    """The estimates that ``plain_lines`` says."""
    task = endpoint_plan(record, endpoint).get("task")
    shown = overall(shown_estimates(record, endpoint, analysis))
    rows = [row for row in shown if not row.parameters]
    if task == "detection":
        return [*_among(rows, OF_MARKS), *_at_rates(shown)]
    return _among(rows, OF_A_CUT) if task in ("grading", "referral") else []


def _at_rates(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    """The mean sensitivity at seven rates where the protocol asks for it, and the sensitivity at the rate nearest 1."""
    means = [row for row in rows if row.metric == MEAN_OF_RATES]
    rates = [row for row in rows if row.metric == OF_MARKS[0] and isinstance(row.parameters.get(RATE), int | float)]
    nearest = sorted(rates, key=lambda row: abs(math.log(row.parameters[RATE])))[:1] if means else []
    return [*means[:1], *nearest]


def _valued(row: EstimateRow, phrases: Phrases) -> str:
    """One estimate that counts nothing, with its interval; without a value by the reason."""
    name = f"{phrases.metric(row.metric, row.parameters)}{phrases('report.colon')}"
    if row.value is None:
        return f"{name}{phrases.estimate(row)}"
    level, interval = phrases.confidence(row.confidence), phrases.interval(row)
    return name + phrases("report_plain.value", value=phrases.estimate(row), level=level, interval=interval)


def _among(rows: Sequence[EstimateRow], metrics: Sequence[str]) -> list[EstimateRow]:
    return sorted((row for row in rows if row.metric in metrics), key=lambda row: metrics.index(row.metric))


def _counted(row: EstimateRow, unit: str, phrases: Phrases) -> str:
    """One estimate as a count of units; one that is weighted or has no value by its number or the reason alone."""
    if row.value is None or row.numerator is None or row.denominator is None or row.is_weighted:
        return f"{phrases.metric(row.metric)}{phrases('report.colon')}{phrases.cell(row)}".replace("\n", " ")
    return phrases(
        f"report_plain.{row.metric}",
        x=phrases.whole(row.numerator),
        n=phrases.whole(row.denominator),
        missed=phrases.whole(row.denominator - row.numerator),
        n_x=row.numerator,
        n_missed=row.denominator - row.numerator,
        unit=phrases.named("report.unit", unit),
        value=phrases.estimate(row),
        level=phrases.confidence(row.confidence),
        interval=phrases.interval(row),
    )


def _cut(record: Record, plan: Mapping[str, Any], phrases: Phrases) -> str:
    """From which grade on a unit is positive: of one finding, or of several, any of which is enough."""
    asked = plan.get("positive_when")
    if isinstance(asked, Mapping):
        pieces = [_what(record, {"finding": name, "positive_when": cut}, phrases) for name, cut in asked.items()]
        return phrases("report_plain.any_cut", cuts=phrases("report_plain.or").join(pieces))
    grade = lowest_positive(asked)
    scale = SCALES.get(str(plan.get("scale") or ""))
    title = None if scale is None or grade is None else scale.grades.get(grade)
    named = "–" if grade is None else phrases.whole(grade)
    if title is not None:
        named = phrases("report_plain.named_grade", grade=named, title=getattr(title, phrases.language))
    return phrases("report_plain.cut", grade=named)
