"""What rules on a median, a quartile or a worst decile can find on the cases of a set, before anybody is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..protocol import Rule
from ..statistics.planning_quantiles import QuantileReach, quantile_reach
from ..statistics.planning_verdicts import Goal
from .estimating import Group, Judged, PlannedMetric, is_clustered

if TYPE_CHECKING:
    from .planning import PlannedRule, Prepared


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeseenQuantile:
    """One rule on a quantile, on the whole set or at one level of a field."""

    rule: Rule
    stratum: Mapping[str, str] | None
    share: float  # which quantile
    goal: Goal
    n_patients: int
    is_clustered: bool
    reach: QuantileReach


def is_quantile(plan: PlannedMetric) -> bool:
    """Whether a metric is a quantile of the cases that the reference names."""
    return getattr(plan.metric, "quantile_of_cases", None) is not None and plan.unavailable is None


def foreseen_quantiles(
    planned: PlannedRule, groups: Sequence[Group], judged: Judged, prepared: Prepared, power: float
) -> list[ForeseenQuantile]:
    """The rule in every group that it judges; [] where the cases have weights, or are counted by their answers."""
    rule, metric = planned.rule, planned.plan.metric
    columns = metric.columns(judged.judgements)
    counted = columns.sums["cases"]
    if judged.unit_weights is not None or not counted.size or not (counted > 0).all():
        return []
    settings = prepared.protocol.statistics
    shared_by = 1 if rule.each_level_of is None else max(len(groups), 1)
    confidence = 1 - (1 - settings.confidence) / shared_by
    share = float(getattr(metric, "quantile_of_cases", math.nan))
    found = []
    for group in groups:
        patients = judged.patients[group.rows]
        clustered = is_clustered(judged, columns, group)
        goal = Goal(
            limit=rule.limit,
            direction=rule.direction,
            confidence=confidence,
            minimum_n=settings.minimum_n.estimate,
        )
        reach = quantile_reach(patients, share, goal, clustered=clustered, power=power)
        found.append(
            ForeseenQuantile(
                rule=rule,
                stratum=None if group.stratum is None else dict(group.stratum),
                share=share,
                goal=goal,
                n_patients=len(set(patients.tolist())),
                is_clustered=clustered,
                reach=reach,
            )
        )
    return found


def stored_quantile(one: ForeseenQuantile) -> dict[str, Any]:
    """As the protocol stores it: what there is none of has no key, shares to four decimals."""
    reach = one.reach
    stored = {
        "rule": one.rule.id,
        "stratum": None if one.stratum is None else dict(one.stratum),
        "quantile": one.share,
        "n_units": reach.n,
        "n_patients": one.n_patients,
        "fewest": reach.fewest,
        "right_to_meet": reach.right_to_meet,
        "wrong_to_fail": reach.wrong_to_fail,
        "met_from": None if reach.met_from is None else round(reach.met_from, 4),
        "not_met_up_to": None if reach.not_met_up_to is None else round(reach.not_met_up_to, 4),
    }
    return {key: value for key, value in stored.items() if value is not None}
