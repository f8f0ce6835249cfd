"""Acceptance rules applied: exact intervals, three verdicts, simultaneous bounds over the levels of a field."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from ..hookspecs import ClosedFormMetric, ExactMetric, TargetMetric, UnboundedMetric
from ..protocol import Rule, Statistics
from ..record import AcceptanceRow
from ..statistics import resampling
from ..vocabulary import Interval, NotEstimable
from .estimating import Group, Judged, Measured, PlannedMetric, is_clustered, limits_of, measure, unit_of

Verdict = Literal["met", "not_met", "inconclusive"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleInput:
    """A rule with the primary analysis of one candidate and the metric it names."""

    rule: Rule
    judged: Judged
    plan: PlannedMetric


def decide(asked: RuleInput, settings: Statistics) -> list[AcceptanceRow]:
    """One row for a rule on the whole set; for ``each_level_of`` one for each level of the field.

    Rules over the levels of a field use simultaneous bounds: 1 − confidence is shared between the levels (Bonferroni).
    """
    field = asked.rule.each_level_of
    if field is None:
        return [_decided(asked, asked.judged.groups[0], settings, settings.confidence)]
    groups = [g for g in asked.judged.groups if g.stratum is not None and set(g.stratum) == {field}]
    confidence = 1 - (1 - settings.confidence) / max(len(groups), 1)
    return [_decided(asked, group, settings, confidence) for group in groups]


def verdict(interval: Interval | NotEstimable, *, limit: float, direction: str) -> tuple[Verdict, str]:
    """The verdict of an interval against a limit, with its reason.

    Met when the interval lies wholly on the right side (the limit itself is right), not met when wholly on the wrong
    side, inconclusive otherwise and where there is no interval.

    >>> verdict(Interval(0.85, 0.95, "clopper-pearson"), limit=0.85, direction="at_least")
    ('met', 'interval_above')
    """
    if isinstance(interval, NotEstimable):
        return "inconclusive", interval.reason
    if direction == "at_least":
        above, below = interval.low >= limit, interval.high < limit
    else:
        above, below = interval.low > limit, interval.high <= limit
    if above or below:
        is_met = above == (direction == "at_least")
        return ("met" if is_met else "not_met"), ("interval_above" if above else "interval_below")
    return "inconclusive", "interval_contains_limit"


def acceptance_interval(
    asked: RuleInput, group: Group, found: Measured, settings: Statistics, confidence: float
) -> Interval | NotEstimable:
    """The exact interval of a metric where it has one, else its own closed form, else the patient bootstrap."""
    metric = asked.plan.metric
    whole = metric.columns(asked.judged.judgements)
    clustered = is_clustered(asked.judged, whole, group)
    of_formula = asked.judged.weights is None or whole.scores is None
    if isinstance(metric, ExactMetric) and of_formula:
        return metric.acceptance_interval(found.columns, found.patients, clustered=clustered, confidence=confidence)
    if isinstance(metric, ClosedFormMetric) and of_formula:
        return metric.interval(found.columns, found.patients, clustered=clustered, confidence=confidence)
    intervals = resampling.resample(
        [(whole, metric.value)],
        patients=asked.judged.patients,
        groups=[group.rows],
        resamples=settings.resamples,
        seed=settings.seed,
        confidence=confidence,
        weights=asked.judged.weights,
    )
    return limits_of(intervals[0][0])


def _decided(asked: RuleInput, group: Group, settings: Statistics, confidence: float) -> AcceptanceRow:
    rule = asked.rule
    whole = asked.plan.metric.columns(asked.judged.judgements)
    found = measure(asked.judged, asked.plan, group, whole=whole, minimum_n=settings.minimum_n.estimate)
    interval: Interval | NotEstimable
    if isinstance(found.value, NotEstimable) and not _is_infinite(asked.plan, found.value):
        interval = found.value
    else:
        interval = acceptance_interval(asked, group, found, settings, confidence)
    decision, reason = verdict(interval, limit=rule.limit, direction=rule.direction)
    if decision == "met" and isinstance(asked.plan.metric, TargetMetric) and _is_silent_somewhere(asked.judged, group):
        decision, reason = "inconclusive", "silent_cases"
    return AcceptanceRow(
        id=rule.id,
        candidate=asked.judged.candidate,
        endpoint=asked.judged.endpoint,
        metric=asked.plan.metric.name,
        parameters=dict(asked.plan.parameters),
        stratum=None if group.stratum is None else dict(group.stratum),
        direction=rule.direction,
        limit=rule.limit,
        scale=asked.plan.metric.scale,
        measured_in=unit_of(asked.plan.metric, asked.judged.judgements),
        confidence=confidence,
        numerator=found.numerator,
        denominator=found.denominator,
        own_n=found.own_n,
        verdict=decision,
        reason=reason,
        reason_facts=dict(interval.facts) if isinstance(interval, NotEstimable) else {},
        **_number(found.value, interval),
    )


def _is_infinite(plan: PlannedMetric, value: NotEstimable) -> bool:
    """Whether there is no value because it is infinite; of a bias, with a wrong on both sides, that decides nothing."""
    metric = plan.metric
    if isinstance(metric, TargetMetric) or not isinstance(metric, UnboundedMetric):
        return False
    return value.reason == metric.why_infinite


def _is_silent_somewhere(judged: Judged, group: Group) -> bool:
    """Whether an answer is missing in a group: a bias is of the answers given, and says nothing of those not given."""
    of_units = judged.unanswered[judged.judgements.row_units[group.rows]]
    of_rows = judged.judgements.columns.get("unanswered")
    return bool(of_units.any() or (of_rows is not None and of_rows[group.rows].any()))


def _number(value: float | NotEstimable, interval: Interval | NotEstimable) -> dict[str, Any]:
    """The fields of a rule that hold its numbers; of an infinite one there is no field."""
    if isinstance(interval, NotEstimable):
        return {}
    numbers = {"value": value, "low": interval.low, "high": interval.high}
    finite = {key: one for key, one in numbers.items() if not isinstance(one, NotEstimable) and math.isfinite(one)}
    return {**finite, "method": interval.method}
