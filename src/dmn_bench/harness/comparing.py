"""Two candidates on the same units: pairs joined by unit, the paired method of each metric, claims decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ..protocol import Statistics
from ..record import ComparisonRow, OverallTest
from ..statistics import paired_proportions, resampling
from ..statistics.comparison import holm
from ..statistics.paired_roc import paired_roc_areas
from ..vocabulary import Columns, Interval, NotEstimable, Totals
from .estimating import Judged, PlannedMetric, is_clustered, limits_of, rows_of, unit_of
from .pairing import Analysed, Pair, matched, paired, positions, units_counted, units_in_analysis
from .planning import PlannedComparison

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

PAIRED_SHARES = ("sensitivity", "specificity", "accuracy", "failure_rate", "gradability")
"""Metrics that are right or wrong on each unit, the same units for every candidate."""
PAIRED_AREAS = ("auc",)
DRAWS = 2000  # of the permutation test over several candidates

Verdict = Literal["shown", "not_shown", "inconclusive"]


class Found(NamedTuple):
    """The difference of a pair with its interval; ``p`` belongs to the claim."""

    value_a: float
    value_b: float
    difference: float
    interval: Interval
    test: str | None
    p: float | None
    counts: Mapping[str, Any]


def comparison_rows(
    planned: Sequence[PlannedComparison], analysed: Mapping[tuple[str, str], Analysed], settings: Statistics
) -> list[ComparisonRow]:
    """Every comparison of the protocol in its order: the primary analysis with its verdict, then the evaluable one.

    The declared comparisons are one family. With Holm, those that have a p-value share out their part of the error by
    Holm's method; one that has an interval alone (bootstrap) gets its part by Bonferroni, 1 − (1 − confidence)/m.
    """
    primary, beside = [], []
    shared = len(planned) if settings.multiplicity == "holm" else 1
    for asked in planned:
        at = asked.comparison.endpoint
        a, b = analysed[asked.comparison.candidate, at], analysed[asked.comparison.against, at]
        first = paired(asked.plan, a.primary_of(asked.plan), b.primary_of(asked.plan))
        primary.append(_row(asked, first, settings, bootstrap_confidence=1 - (1 - settings.confidence) / shared))
        both = None if asked.plan.counts_every_unit else paired(asked.plan, a.evaluable, b.evaluable)
        beside.append(None if both is None else _row(asked, both, settings, bootstrap_confidence=settings.confidence))
    primary = _with_overall_tests(planned, analysed, primary, settings)
    decided = [_decided(row, 1 - settings.confidence) for row in adjusted(primary, settings)]
    return [row for pair in zip(decided, beside, strict=True) for row in pair if row is not None]


def adjusted(rows: Sequence[ComparisonRow], settings: Statistics) -> list[ComparisonRow]:
    """The same rows with Holm's p-values over those that have one; what is not estimable counts as p = 1.

    With m comparisons, k of them with a p-value, these share k/m of the error; the rest is spent in the intervals of
    the others.
    """
    if settings.multiplicity != "holm":
        return list(rows)
    tested = [row for row in rows if row.p is not None or row.not_estimable is not None]
    values = holm([1.0 if row.p is None else row.p for row in tested]) * len(rows) / max(len(tested), 1)
    found = {id(row): min(1.0, float(p)) for row, p in zip(tested, values, strict=True) if row.p is not None}
    return [row.model_copy(update={"p_holm": found.get(id(row))}) for row in rows]


def claim_verdict(row: ComparisonRow, alpha: float) -> tuple[Verdict, str]:
    """Whether a claim is shown: by the whole interval, and by the test where there is one, after adjustment.

    Non-inferior: the interval lies above −margin; superior: above 0 (for a metric of which less is better, mirrored);
    difference: 0 lies outside. A claim is *not shown* when the interval lies wholly on the wrong side, or when a
    difference is not demonstrated; *inconclusive* when the interval holds the limit, or there is none.
    """
    if row.low is None or row.high is None:
        return "inconclusive", f"not_estimable:{row.not_estimable}"
    low, high = (row.low, row.high) if row.better == "higher" else (-row.high, -row.low)
    limit = -(row.margin or 0.0) if row.claim == "non-inferior" else 0.0
    open_verdict: Verdict = "not_shown" if row.claim == "difference" else "inconclusive"
    above, below = low > limit, high < limit
    if not above and not below:
        return open_verdict, "interval_contains_limit"
    side = "interval_above" if above else "interval_below"
    if below and row.claim != "difference":
        return "not_shown", side
    p = row.p if row.p_holm is None else row.p_holm
    return ("shown", side) if p is None or p <= alpha else (open_verdict, "p_above")


def difference_row(asked: PlannedComparison, a: Judged, b: Judged, settings: Statistics) -> ComparisonRow:
    """The difference of two judgements of the same units with its interval, by the paired method of the metric."""
    return _row(asked, paired(asked.plan, a, b), settings, bootstrap_confidence=settings.confidence)


# ------------------------------------------------------------------------------------------------------ one pair


def _row(asked: PlannedComparison, pair: Pair, settings: Statistics, *, bootstrap_confidence: float) -> ComparisonRow:
    comparison, metric = asked.comparison, asked.plan.metric
    columns = metric.columns(pair.a.judgements), metric.columns(pair.b.judgements)
    parts = rows_of(columns[0], pair.rows_a), rows_of(columns[1], pair.rows_b)
    clustered = is_clustered(pair.a, columns[0]) or is_clustered(pair.b, columns[1])
    is_paired = metric.name in PAIRED_SHARES + PAIRED_AREAS
    units = units_counted(pair, parts, in_both=is_paired)
    own_n = min((min(float(part.sums[name].sum()) for name in part.own_n) for part in parts), default=0.0)
    if is_paired:
        own_n = min(own_n, units["n_units"])
    found: Found | NotEstimable
    unavailable = _unavailable(asked, pair)
    if unavailable is not None:
        found = unavailable
    elif metric.name in PAIRED_AREAS and not units["n_units"]:
        found = NotEstimable(reason="no_scores")
    elif own_n <= 0:
        found = NotEstimable(reason="no_denominator" if len(parts[0].own_n) == 1 else "one_class")
    elif own_n < settings.minimum_n.estimate:
        found = NotEstimable(reason="too_few", facts={"n": own_n, "minimum": settings.minimum_n.estimate})
    elif metric.name in PAIRED_SHARES:
        found = _shares(asked, pair, parts, clustered=clustered, confidence=settings.confidence)
    elif metric.name in PAIRED_AREAS:
        found = _areas(asked, pair, parts, clustered=clustered, confidence=settings.confidence)
    else:
        found = _resampled(pair, parts, settings, bootstrap_confidence)
    return ComparisonRow(
        endpoint=comparison.endpoint,
        metric=metric.name,
        parameters=dict(asked.plan.parameters),
        candidate=comparison.candidate,
        against=comparison.against,
        analysis="evaluable" if pair.a.analysis.name == "evaluable" else "intention_to_diagnose",
        scale=metric.scale,
        measured_in=unit_of(metric, pair.a.judgements),
        better=metric.better,
        claim=comparison.claim,
        margin=comparison.margin,
        confidence=settings.confidence if is_paired else bootstrap_confidence,
        own_n=own_n,
        n_left_out=pair.n_left_out,
        **units,
        **_numbers(found),
    )


def _unavailable(asked: PlannedComparison, pair: Pair) -> NotEstimable | None:
    """Why the metric may not be computed here, whatever the numbers."""
    if asked.plan.unavailable is None and not asked.plan.pools_questions:
        several = pair.a.holds_several_questions(pair.rows_a)
        return NotEstimable(reason="several_questions") if several else None
    return asked.plan.unavailable


def _shares(
    asked: PlannedComparison, pair: Pair, parts: tuple[Columns, Columns], *, clustered: bool, confidence: float
) -> Found | NotEstimable:
    right_a, right_b, patients = matched(pair, parts)
    found = paired_proportions.paired_shares(right_a, right_b, patients, clustered=clustered, confidence=confidence)
    if isinstance(found, NotEstimable):
        return found
    p, test = found.test.exact, "mcnemar-patients-exact" if clustered else "mcnemar-exact"
    if asked.comparison.claim == "non-inferior":
        better = found
        if asked.plan.metric.better == "lower":
            turned = paired_proportions.paired_shares(right_b, right_a, patients, clustered=clustered)
            better = found if isinstance(turned, NotEstimable) else turned
        p = min(1.0, 2 * better.beyond(-(asked.comparison.margin or 0.0)))
        test = "tango-margin-effective-t" if clustered else "tango-margin"
    counts = {
        "both": found.both,
        "only_candidate": found.only_a,
        "only_against": found.only_b,
        "neither": found.neither,
    }
    return Found(found.share_a, found.share_b, found.difference, found.interval, test, p, counts)


def _areas(
    asked: PlannedComparison, pair: Pair, parts: tuple[Columns, Columns], *, clustered: bool, confidence: float
) -> Found | NotEstimable:
    if parts[0].scores is None or parts[1].scores is None:
        return NotEstimable(reason="no_scores")
    rows_a, rows_b = positions(pair, parts, "diseased", "healthy")
    positive = parts[0].sums["diseased"][rows_a] > 0
    found = paired_roc_areas(
        parts[0].scores[rows_a],
        parts[1].scores[rows_b],
        positive,
        pair.a.patients[pair.rows_a][rows_a],
        clustered=clustered,
        confidence=confidence,
    )
    if isinstance(found, NotEstimable):
        return found
    p, test = found.p, "obuchowski-z" if clustered else "delong-z"
    if found.z is None:
        test = "disjoint-pairs"
    if asked.comparison.claim == "non-inferior":
        p, test = min(1.0, 2 * found.beyond(-(asked.comparison.margin or 0.0))), "area-margin"
    return Found(found.area_a, found.area_b, found.difference, found.interval, test, p, {})


def _resampled(
    pair: Pair, parts: tuple[Columns, Columns], settings: Statistics, confidence: float
) -> Found | NotEstimable:
    """The difference of any metric by the patient bootstrap: both candidates on the same draws of patients."""
    metric = pair.plan.metric
    stacked = _stacked(*parts)

    def difference(totals: Totals) -> FloatArray:
        values: FloatArray = metric.value(_half(totals, "a")) - metric.value(_half(totals, "b"))
        return values

    patients = np.concatenate((pair.a.patients[pair.rows_a], pair.b.patients[pair.rows_b]))
    [[found]] = resampling.resample(
        [(stacked, difference)],
        patients=patients,
        groups=[np.arange(len(patients))],
        resamples=settings.resamples,
        seed=settings.seed,
        confidence=confidence,
    )
    interval = limits_of(found)
    if isinstance(interval, NotEstimable) or isinstance(found, NotEstimable):
        return interval if isinstance(interval, NotEstimable) else NotEstimable(reason="undefined")
    whole = resampling.totals(stacked)
    value_a, value_b = (float(metric.value(_half(whole, side))[0]) for side in "ab")
    return Found(value_a, value_b, found.value, interval, None, None, {})


def _stacked(a: Columns, b: Columns) -> Columns:
    """The rows of a above those of b, each in columns of its own, 0 on the rows of the other."""
    n_a, n_b = (len(next(iter(part.sums.values()))) for part in (a, b))
    blank_a, blank_b = np.zeros(n_a), np.zeros(n_b)

    def side(of_a: Mapping[str, FloatArray], of_b: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        found = {f"a.{name}": np.concatenate((values, blank_b)) for name, values in of_a.items()}
        return found | {f"b.{name}": np.concatenate((blank_a, values)) for name, values in of_b.items()}

    scores = None if a.scores is None or b.scores is None else np.concatenate((a.scores, b.scores))
    return replace(a, sums=side(a.sums, b.sums), ranked=side(a.ranked, b.ranked), scores=scores)


def _half(totals: Totals, side: str) -> Totals:
    """The totals of one candidate out of stacked ones."""
    prefix = f"{side}."

    def own(of: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        return {name.removeprefix(prefix): values for name, values in of.items() if name.startswith(prefix)}

    return Totals(sums=own(totals.sums), ranked=own(totals.ranked), scores=totals.scores)


def _numbers(found: Found | NotEstimable) -> dict[str, Any]:
    if isinstance(found, NotEstimable):
        return {"not_estimable": found.reason, "not_estimable_facts": dict(found.facts)}
    return {
        "value_a": found.value_a,
        "value_b": found.value_b,
        "difference": found.difference,
        "low": found.interval.low,
        "high": found.interval.high,
        "method": found.interval.method,
        "effective_n": found.interval.effective_n,
        "test": found.test,
        "p": found.p,
        **found.counts,
    }


# ------------------------------------------------------------------------------------------------ several at once


def _with_overall_tests(
    planned: Sequence[PlannedComparison],
    analysed: Mapping[tuple[str, str], Analysed],
    rows: Sequence[ComparisonRow],
    settings: Statistics,
) -> list[ComparisonRow]:
    """The same rows; those of one share against one comparator carry the test over all candidates named in them."""
    families: dict[tuple[str, str, str, str], list[int]] = {}
    for index, row in enumerate(rows):
        if row.metric in PAIRED_SHARES:
            key = row.endpoint, row.metric, repr(sorted(row.parameters.items())), row.against
            families.setdefault(key, []).append(index)
    found = list(rows)
    for indices in families.values():
        plan, first = planned[indices[0]].plan, rows[indices[0]]
        names = list(dict.fromkeys([first.against, *(rows[index].candidate for index in indices)]))
        if len(names) < 3:
            continue
        test = _overall(plan, names, [analysed[name, first.endpoint].primary_of(plan) for name in names], settings)
        for index in indices if test is not None else ():
            found[index] = rows[index].model_copy(update={"overall": test})
    return found


def _overall(
    plan: PlannedMetric, names: Sequence[str], judged: Sequence[Judged], settings: Statistics
) -> OverallTest | None:
    """Cochran's Q over the units that count for every candidate; permuted patients where clustered."""
    if any(one.judgements.questions for one in judged):
        return None
    columns = [plan.metric.columns(one.judgements) for one in judged]
    right: list[dict[str, float]] = []
    for one, each in zip(judged, columns, strict=True):
        ids, kept = one.judgements.units.unit_ids, units_in_analysis(one)
        named = (ids[unit] for unit in one.judgements.row_units.tolist())
        sums = zip(named, each.sums["numerator"].tolist(), each.sums["denominator"].tolist(), strict=True)
        right.append({unit: hit for unit, hit, counts in sums if counts > 0 and unit in kept})
    units = [unit for unit in right[0] if all(unit in one for one in right)]
    if len(units) < settings.minimum_n.estimate:
        return None
    table = np.array([[one[unit] for one in right] for unit in units])
    n = len(units)
    if any(is_clustered(one, each) for one, each in zip(judged, columns, strict=True)):
        first = judged[0].judgements.units
        of_unit = dict(zip(first.unit_ids, first.patients.tolist(), strict=True))
        patients = np.array([of_unit[unit] for unit in units], dtype=np.int64)
        p = paired_proportions.permuted_cochran(table, patients, draws=DRAWS, seed=settings.seed)
        if isinstance(p, NotEstimable):
            return None
        return OverallTest(candidates=list(names), method="patient-permutation", p=p, n_units=n)
    q = paired_proportions.cochrans_q(table)
    if isinstance(q, NotEstimable):
        return None
    degrees = q.degrees_of_freedom
    return OverallTest(candidates=list(names), method="cochran-q", q=q.q, degrees_of_freedom=degrees, p=q.p, n_units=n)


def _decided(row: ComparisonRow, alpha: float) -> ComparisonRow:
    verdict, reason = claim_verdict(row, alpha)
    return row.model_copy(update={"verdict": verdict, "reason": reason})
