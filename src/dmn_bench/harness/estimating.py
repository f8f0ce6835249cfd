"""From judgements to estimates: groups × metrics × analyses, the minimum-n rule, no number without interval and n."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..hookspecs import ClosedFormMetric, ExplainedMetric, Metric
from ..protocol import Statistics
from ..record import EstimateRow
from ..statistics import resampling
from ..statistics.clusters import n_different
from ..strata import EVERY_LEVEL
from ..vocabulary import Analysis, Columns, Interval, Judgements, NotEstimable

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray


WHOLE_UNITS = "records"
"""A column of this name says that a metric of several questions counts whole units, not answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMetric:
    """A metric as the protocol asks for it: the part, and its options as written (they name the estimate)."""

    metric: Metric
    parameters: Mapping[str, Any]
    unavailable: NotEstimable | None = None  # why it may not be computed on this set, if so

    @property
    def counts_every_unit(self) -> bool:
        """Whether it is a metric of availability: over every unit, in the primary analysis alone."""
        return bool(getattr(self.metric, "counts_every_unit", False))

    @property
    def pools_questions(self) -> bool:
        """Whether it sums up the answers to several questions of one unit, as a macro average does."""
        return bool(getattr(self.metric, "pools_questions", False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One stratum of one table of judgements: its rows."""

    stratum: Mapping[str, str] | None
    rows: IntArray


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One candidate at one endpoint under one analysis, cut into groups; the first group is the whole."""

    candidate: str
    endpoint: str
    analysis: Analysis
    judgements: Judgements
    groups: Sequence[Group]
    unit_weights: FloatArray | None = None  # [u] sampling weights; None: every unit stands for itself alone
    cuts_questions: bool = False  # whether the planned fields are cut within each question

    @cached_property
    def patients(self) -> IntArray:
        """Patient code of each row."""
        codes: IntArray = self.judgements.units.patients[self.judgements.row_units]
        return codes

    @cached_property
    def several_units(self) -> bool:
        """Whether some patient has two units."""
        patients = self.judgements.units.patients
        return patients.size > n_different(patients)

    @cached_property
    def diseased(self) -> FloatArray:
        """[u] 1 for a positive unit, 0 for a negative one, NaN for neither."""
        return diseased_units(self.judgements)

    @cached_property
    def unanswered(self) -> BoolArray:
        """[u] whether a unit has no answer."""
        return np.array([status != "answered" for status in self.judgements.units.statuses], dtype=bool)

    @cached_property
    def weights(self) -> FloatArray | None:
        """Sampling weight of each row, None where there are none."""
        return None if self.unit_weights is None else self.unit_weights[self.judgements.row_units]

    def has_own_level(self, group: Group) -> BoolArray | None:
        """[n] whether each row has a level of its own in every field of rows that cuts the group; None without such.

        An image or a false mark has none where lesions are cut by their size: it counts at every level.
        """
        rows = self.judgements.row_strata
        fields = [name for name in group.stratum or {} if name in rows and name != self.judgements.questions]
        if not fields:
            return None
        found: BoolArray = np.all([[level != EVERY_LEVEL for level in rows[name]] for name in fields], axis=0)
        return found

    def holds_several_questions(self, rows: IntArray) -> bool:
        """Whether these rows answer different questions of their units."""
        name = self.judgements.questions
        if not name:
            return False
        of_rows = self.judgements.row_strata[name]
        return len({of_rows[row] for row in rows.tolist()}) > 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A metric on a group: the value, or why there is none; its interval is not here yet."""

    columns: Columns  # of the group's rows only, times their sampling weights
    counted: Columns  # the same without weights: what was really seen
    patients: IntArray
    own_n: float
    numerator: float | None
    denominator: float | None
    value: float | NotEstimable


def estimate_rows(judged: Judged, planned: Sequence[PlannedMetric], settings: Statistics) -> list[EstimateRow]:
    """Every planned metric on every group of one table of judgements, in the order planned.

    A metric with a closed-form interval uses it; the others share one pass of the patient bootstrap. Where cases have
    sampling weights every value is weighted, every interval is that of clusters, and a ranked metric is resampled;
    counts stay those of the cases seen.
    """
    columns = [plan.metric.columns(judged.judgements) for plan in planned]
    resampled = _resampled(judged, planned, columns, settings)
    rows = []
    for m, plan in enumerate(planned):
        for g, group in enumerate(judged.groups):
            if plan.pools_questions and judged.judgements.questions in (group.stratum or {}):
                continue  # a macro average of one statement is no average
            clustered = is_clustered(judged, columns[m], group)
            found = measure(judged, plan, group, whole=columns[m], minimum_n=settings.minimum_n.estimate)
            interval: Interval | NotEstimable
            if isinstance(found.value, NotEstimable):
                interval = found.value
            elif isinstance(plan.metric, ClosedFormMetric) and (g, m) not in resampled:
                interval = plan.metric.interval(
                    found.columns, found.patients, clustered=clustered, confidence=settings.confidence
                )
            else:
                interval = resampled[g, m]
            rows.append(_row(judged, plan, group, found, interval, settings))
    return rows


def measure(judged: Judged, plan: PlannedMetric, group: Group, *, whole: Columns, minimum_n: int) -> Measured:
    """The value of a metric on a group, its own n, and why it may not be shown if so. ``whole``: of all rows."""
    counted = rows_of(whole, group.rows)
    columns = counted if judged.weights is None else weighted(counted, judged.weights[group.rows])
    totals = resampling.totals(counted)
    own_n = min((float(totals.sums[name][0]) for name in columns.own_n), default=0.0)
    of_value = totals if columns is counted else resampling.totals(columns)
    value = float(plan.metric.value(of_value)[0]) if group.rows.size else math.nan
    return Measured(
        columns=columns,
        counted=counted,
        patients=judged.patients[group.rows],
        own_n=own_n,
        numerator=_total(totals.sums, "numerator"),
        denominator=_total(totals.sums, "denominator"),
        value=_of_no_level(judged, plan, group, whole) or _shown(plan, value, counted, own_n, minimum_n),
    )


def _of_no_level(judged: Judged, plan: PlannedMetric, group: Group, whole: Columns) -> NotEstimable | None:
    """Why a metric has no meaning on a group: its rows answer several questions, or are of no level of their own."""
    if not plan.pools_questions and judged.holds_several_questions(group.rows):
        return NotEstimable(reason="several_questions")
    of_level, counting = judged.has_own_level(group), _adds(whole)
    if of_level is not None and counting.any() and not (counting & of_level).any():
        return NotEstimable(reason="of_no_lesion")
    return None


def _adds(columns: Columns) -> BoolArray:
    """Whether each row adds to the denominator, of a metric without one to anything."""
    denominator = columns.sums.get("denominator")
    added = [*columns.sums.values(), *columns.ranked.values()] if denominator is None else [denominator]
    found: BoolArray = np.any([values != 0 for values in added], axis=0)
    return found


def is_clustered(judged: Judged, columns: Columns, group: Group | None = None) -> bool:
    """Whether some patient of the whole set has two units, counts twice in the denominator, or has a weight.

    Of units with several questions it is asked of the rows of the group: one statement is judged once in each.
    """
    if judged.weights is not None:
        return True
    if judged.several_units:
        return True
    counted, patients = columns.sums.get("denominator"), judged.patients
    if judged.judgements.questions:
        if group is None or counted is None:
            return group is None or n_different(patients[group.rows]) < group.rows.size
        counted, patients = counted[group.rows], patients[group.rows]
    if counted is None or not counted.size:
        return False
    return bool(np.bincount(patients, weights=counted).max() > 1)


def rows_of(columns: Columns, rows: IntArray) -> Columns:
    """The same columns for some of the rows."""
    scores = None if columns.scores is None else columns.scores[rows]
    return replace(
        columns,
        sums={name: values[rows] for name, values in columns.sums.items()},
        ranked={name: values[rows] for name, values in columns.ranked.items()},
        scores=scores,
    )


def weighted(columns: Columns, weights: FloatArray) -> Columns:
    """The same columns, every row times its weight."""
    return replace(
        columns,
        sums={name: values * weights for name, values in columns.sums.items()},
        ranked={name: values * weights for name, values in columns.ranked.items()},
    )


def has_closed_form(judged: Judged, metric: Metric, columns: Columns) -> bool:
    """Whether the metric's own formula gives the interval: of weighted ranks no formula here does."""
    return isinstance(metric, ClosedFormMetric) and (judged.weights is None or columns.scores is None)


def _total(sums: Mapping[str, FloatArray], name: str) -> float | None:
    return float(sums[name][0]) if name in sums else None


def _shown(plan: PlannedMetric, value: float, columns: Columns, own_n: float, minimum_n: int) -> float | NotEstimable:
    if plan.unavailable is not None:
        return plan.unavailable
    if own_n <= 0:
        return NotEstimable(reason="no_denominator" if len(columns.own_n) == 1 else "one_class")
    if own_n < minimum_n:
        return NotEstimable(reason="too_few", facts={"n": own_n, "minimum": minimum_n})
    if not math.isfinite(value):
        if isinstance(plan.metric, ExplainedMetric):
            return plan.metric.why_undefined(columns)
        return NotEstimable(reason="undefined")
    return value


def _resampled(
    judged: Judged, planned: Sequence[PlannedMetric], columns: Sequence[Columns], settings: Statistics
) -> dict[tuple[int, int], Interval | NotEstimable]:
    wanted = [m for m, plan in enumerate(planned) if not has_closed_form(judged, plan.metric, columns[m])]
    if not wanted:
        return {}
    intervals = resampling.resample(
        [(columns[m], planned[m].metric.value) for m in wanted],
        patients=judged.patients,
        groups=[group.rows for group in judged.groups],
        resamples=settings.resamples,
        seed=settings.seed,
        confidence=settings.confidence,
        weights=judged.weights,
    )
    return {(g, m): limits_of(intervals[g][w]) for g in range(len(judged.groups)) for w, m in enumerate(wanted)}


def limits_of(found: resampling.ResampledInterval | NotEstimable) -> Interval | NotEstimable:
    """The interval of a bootstrap, or why there is none."""
    return found if isinstance(found, NotEstimable) else found.interval


def _row(
    judged: Judged,
    plan: PlannedMetric,
    group: Group,
    found: Measured,
    interval: Interval | NotEstimable,
    settings: Statistics,
) -> EstimateRow:
    return EstimateRow(
        candidate=judged.candidate,
        endpoint=judged.endpoint,
        metric=plan.metric.name,
        parameters=dict(plan.parameters),
        analysis=judged.analysis.name,
        stratum=None if group.stratum is None else dict(group.stratum),
        scale=plan.metric.scale,
        measured_in=unit_of(plan.metric, judged.judgements),
        better=plan.metric.better,
        numerator=found.numerator,
        denominator=found.denominator,
        own_n=found.own_n,
        is_weighted=judged.weights is not None,
        design_effect=_design_effect(found, interval),
        imprecise=not isinstance(found.value, NotEstimable) and found.own_n < settings.minimum_n.imprecise_below,
        **counts(judged, group, found.counted),
        **value_and_limits(found.value, interval, settings.confidence),
    )


def _design_effect(found: Measured, interval: Interval | NotEstimable) -> float | None:
    """How many units count for one: the denominator over the effective size behind the interval."""
    if isinstance(found.value, NotEstimable) or isinstance(interval, NotEstimable) or not interval.effective_n:
        return None
    return None if found.denominator is None else found.denominator / interval.effective_n


def value_and_limits(
    value: float | NotEstimable, interval: Interval | NotEstimable, confidence: float
) -> dict[str, Any]:
    """The fields of an estimate that hold its number, or the reason for having none. Never a number alone."""
    for absent in (value, interval):
        if isinstance(absent, NotEstimable):
            return {"not_estimable": absent.reason, "not_estimable_facts": dict(absent.facts)}
    if not isinstance(interval, Interval) or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return {"not_estimable": "infinite_limit"}
    return {
        "value": value,
        "low": interval.low,
        "high": interval.high,
        "confidence": confidence,
        "method": interval.method,
        "effective_n": interval.effective_n,
    }


def counts(judged: Judged, group: Group, columns: Columns) -> dict[str, Any]:
    """How many units and patients count in an estimate, by reference, and how many of them have no answer.

    A unit counts when one of its rows adds to the denominator (for sensitivity, the diseased ones), and for a metric
    without one when it adds to anything (at a rate of false positives, every image). At a level of lesions those units
    count that have a lesion of the level. ``columns``: of the group's rows.
    """
    adds, of_level = _adds(columns), judged.has_own_level(group)
    if of_level is not None:
        adds = adds & of_level[group.rows]
    table = judged.judgements.units
    counted = np.zeros(len(table.unit_ids), dtype=bool)
    counted[judged.judgements.row_units[group.rows[adds]]] = True
    if judged.judgements.questions:
        return _counts_of_rows(judged, group.rows[adds], counted, whole=WHOLE_UNITS in columns.sums)
    diseased = judged.diseased[counted]
    return {
        "n_units": int(counted.sum()),
        "n_patients": n_different(table.patients[counted]),
        "n_positive": int((diseased == 1).sum()),
        "n_negative": int((diseased == 0).sum()),
        "n_unanswered": int((counted & judged.unanswered).sum()),
    }


def _counts_of_rows(judged: Judged, rows: IntArray, counted: BoolArray, *, whole: bool) -> dict[str, Any]:
    """The same where units have several questions: each answer counts by the reference of its own question.

    ``whole``: a figure of whole units, which is of neither kind of reference.
    """
    columns, table = judged.judgements.columns, judged.judgements.units
    reference = np.full(rows.size, np.nan) if whole else columns["reference"][rows]
    silent = (counted & judged.unanswered) if whole else columns["unanswered"][rows] > 0
    return {
        "n_units": int(counted.sum()),
        "n_patients": n_different(table.patients[counted]),
        "n_positive": int((reference > 0).sum()),
        "n_negative": int((reference == 0).sum()),
        "n_unanswered": int(silent.sum()),
    }


def unit_of(metric: Metric, judgements: Judgements) -> str:
    """The unit that a metric's values are in, "" for one without a unit."""
    return judgements.unit if metric.scale == "measured" else ""


def diseased_units(judgements: Judgements) -> FloatArray:
    """[u] 1 for a positive unit, 0 for a negative one, NaN for neither; a grade is positive by the task's own cut."""
    if judgements.units.diseased is not None:
        return judgements.units.diseased
    known = {"positive": 1.0, "negative": 0.0}
    return np.array([known.get(reference, np.nan) for reference in judgements.units.references], dtype=np.float64)
