"""The one resampling engine: patients drawn with replacement, every metric of every stratum from the same draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from ..vocabulary import Columns, Interval, NotEstimable, Totals, ValueFunction
from .area_weighting import AreaByWeights
from .clusters import patient_positions
from .quantiles import tail
from .roc import RankedArea
from .weighting import ColumnTotals, Weightings, blocks, n_rows
from .weighting import totals as totals  # part of what this file offers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..vocabulary import FloatArray, IntArray

Measure = tuple[Columns, ValueFunction]

LARGEST_BLOCK = 100_000_000
"""Counts of patients held at once, of 2 bytes each: bounds memory, never changes a result."""
AT_ONCE = 32
"""Resamples counted in one go: 32 counts of 2 bytes fill a line of the processor's memory."""
MOST_INVALID = 0.05
"""Share of resamples in which a metric may be undefined before no interval is given."""
ROUNDING = 1e-12
"""Relative difference below which two replicates are the same number."""
MOST_PATIENTS_FOR_BCA = 2_000
"""Above it the acceleration of BCa costs as much as the resamples and is next to nothing: percentile limits instead."""


class ResampledInterval(NamedTuple):
    """An estimate with limits from resampled patients; of ``n_resamples`` drawn, ``n_invalid`` left it undefined."""

    value: float
    interval: Interval
    n_resamples: int
    n_invalid: int


def draw(n_patients: int, seed: int, resample: int) -> IntArray:
    """How often each of ``n_patients`` is drawn in the resample of that number: [n_patients], sum n_patients.

    Each resample has its own stream, so results depend on neither blocks nor workers, and the first 1 000 of 2 000
    resamples are those of a run with 1 000.

    >>> int(draw(10, seed=1, resample=0).sum())
    10
    """
    return np.bincount(_stream(seed, resample).integers(0, n_patients, size=n_patients), minlength=n_patients)


def resample(  # noqa: PLR0913 - the plan of a bootstrap is these facts
    metrics: Sequence[Measure],
    *,
    patients: IntArray,
    groups: Sequence[IntArray],
    resamples: int,
    seed: int,
    confidence: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
    weights: FloatArray | None = None,
) -> list[list[ResampledInterval | NotEstimable]]:
    """Bootstrap intervals of every metric in every group: ``result[group][metric]``.

    ``patients`` [n]: patient code of each row; all columns have n rows. ``groups``: row positions of each stratum
    (usually all rows first). A value function gets [b] weightings and returns [b], NaN where it is undefined; a
    ``RankedArea`` gives the same numbers as a function of its own for the area would, many times faster.
    ``weights`` [n]: sampling weight of each row, by which all its columns are multiplied, at least 0; None: all 1.

    One draw of as many patients as there are serves all groups and metrics: a patient comes with all rows, in every
    stratum. So what was random in recruiting stays random: the denominators of a stratum vary as they would in a new
    sample, strata and metrics are paired within a resample, and adding a stratum changes no other number. Strata of
    equal size hold different patients and so never share counts by accident. A resample in which a stratum is empty
    or a metric undefined is invalid for that metric alone.

    BCa limits need leave-one-patient-out values; with more than ``MOST_PATIENTS_FOR_BCA`` patients in a group, or
    where one of them is undefined, the limits are percentile and ``Interval.method`` says so. The interval is widened
    to hold the estimate where a skewed distribution would leave it outside. Ends are order statistics, not
    interpolated. Never [1, 1]: without spread there is no interval.

    ``NotEstimable``: ``undefined`` for the estimate itself, ``one_patient`` with fewer than two in the group,
    ``too_many_invalid_resamples`` above ``MOST_INVALID``, ``degenerate`` without spread, ``infinite_limit``.
    Raises ValueError for fewer than 1 resample, rows that do not match, a weight that is negative or not finite, or a
    confidence outside 0–1.
    Reference: Efron 1987, JASA 82:171 (BCa); Field & Welsh 2007, JRSS B 69:369 (cluster bootstrap).

    >>> rate = lambda t: t.sums["numerator"] / t.sums["denominator"]
    >>> columns = Columns(sums={"numerator": np.array([1.0, 1, 0, 1, 1, 0]), "denominator": np.ones(6)})
    >>> [[found]] = resample(
    ...     [(columns, rate)], patients=np.arange(6), groups=[np.arange(6)], resamples=2000, seed=1)
    >>> round(found.value, 3), found.interval.method, found.interval.low < found.value < found.interval.high
    (0.667, 'patient-bootstrap-bca', True)
    """
    tail(confidence)
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    if any(n_rows(columns) != len(patients) for columns, _ in metrics):
        raise ValueError("all columns need one entry for each row of patients")
    if weights is not None:
        if len(weights) != len(patients) or not bool((np.isfinite(weights) & (weights >= 0)).all()):
            raise ValueError("weights must be one finite number of at least 0 for each row of patients")
        metrics = _weighted(metrics, weights)
    position, n_patients = patient_positions(patients)
    prepared = [_Group.of(metrics, position, n_patients, rows) for rows in groups]
    replicates = [np.full((len(metrics), resamples), np.nan) for _ in groups]
    for numbers in blocks(resamples if n_patients else 0, LARGEST_BLOCK // max(1, n_patients)):
        drawn = _weightings(n_patients, seed, numbers)
        for group, values in zip(prepared, replicates, strict=True):
            values[:, numbers.start : numbers.stop] = group.values(drawn)
    return [group.intervals(values, confidence, method) for group, values in zip(prepared, replicates, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Group:
    """One stratum: its patients, its areas, and its other metrics by the columns they share."""

    patients: IntArray  # [k] positions in the whole set
    n_patients: int  # in the whole set
    n_metrics: int
    areas: tuple[tuple[int, AreaByWeights], ...]
    others: tuple[tuple[ColumnTotals, tuple[tuple[int, ValueFunction], ...]], ...]

    @classmethod
    def of(cls, metrics: Sequence[Measure], position: IntArray, n_patients: int, rows: IntArray) -> _Group:
        areas = []
        sharing: dict[int, list[int]] = {}
        for index, (columns, value) in enumerate(metrics):
            if isinstance(value, RankedArea):
                areas.append((index, AreaByWeights.of(columns, value, rows, position, n_patients)))
            else:
                sharing.setdefault(id(columns), []).append(index)
        others = tuple(
            (
                ColumnTotals.of(metrics[indices[0]][0], rows, position, n_patients),
                tuple((index, metrics[index][1]) for index in indices),
            )
            for indices in sharing.values()
        )
        return cls(
            patients=np.unique(position[rows]),
            n_patients=n_patients,
            n_metrics=len(metrics),
            areas=tuple(areas),
            others=others,
        )

    def values(self, weightings: Weightings) -> FloatArray:
        """Every metric for each weighting of the patients: [metrics, b]."""
        found = np.full((self.n_metrics, weightings.number), np.nan)
        for index, area in self.areas:
            found[index] = area.values(weightings)
        for columns, metrics in self.others:
            for part in columns.blocks(weightings.number):
                _fill(found, part, columns.totals(weightings.some(part)), metrics)
        return found

    def estimates(self) -> FloatArray:
        """Every metric with every patient once: [metrics]."""
        found = np.full((self.n_metrics, 1), np.nan)
        for index, area in self.areas:
            found[index] = area.estimate()
        for columns, metrics in self.others:
            _fill(found, range(1), columns.totals(Weightings.once(self.n_patients)), metrics)
        return found[:, 0]

    def without_each(self) -> FloatArray:
        """Every metric with one patient left out: [metrics, k]."""
        found = np.full((self.n_metrics, len(self.patients)), np.nan)
        for index, area in self.areas:
            found[index] = area.without_each(self.patients)
        for columns, metrics in self.others:
            for part, sums in columns.without_each(self.patients, self.n_patients):
                _fill(found, part, sums, metrics)
        return found

    def intervals(
        self, replicates: FloatArray, confidence: float, method: Literal["bca", "percentile"]
    ) -> list[ResampledInterval | NotEstimable]:
        k = len(self.patients)
        estimates = self.estimates()
        without = self.without_each() if method == "bca" and 2 <= k <= MOST_PATIENTS_FOR_BCA else None
        return [
            _interval(
                float(estimates[index]), replicates[index], None if without is None else without[index], k, confidence
            )
            for index in range(self.n_metrics)
        ]


def _fill(found: FloatArray, part: range, sums: Totals, metrics: Sequence[tuple[int, ValueFunction]]) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        for index, value in metrics:
            found[index, part.start : part.stop] = value(sums)


def _weightings(n_patients: int, seed: int, resamples: range) -> Weightings:
    """The draws of those resamples, as ``draw`` makes them."""
    counts = np.empty((n_patients, len(resamples)), dtype=np.int16)
    for part in blocks(len(resamples), AT_ONCE):
        counts[:, part.start : part.stop] = _drawn(n_patients, seed, resamples[part.start : part.stop]).T
    return Weightings.of(counts)


def _drawn(n_patients: int, seed: int, resamples: range) -> NDArray[np.int16]:
    from scipy.sparse import csr_array

    drawn = np.empty((len(resamples), n_patients), dtype=np.uint32)
    for row, resample in zip(drawn, resamples, strict=True):
        row[:] = _stream(seed, resample).integers(0, n_patients, size=n_patients, dtype=np.uint32)
    # A sparse table adds up what falls on one place, which counts twice as fast as bincount.
    ones = np.ones(drawn.size, dtype=np.int16)
    bounds = np.arange(0, drawn.size + 1, n_patients, dtype=np.int32)
    return csr_array((ones, drawn.ravel().view(np.int32), bounds), shape=drawn.shape).toarray()


def _stream(seed: int, resample: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(resample,))))


def _weighted(metrics: Sequence[Measure], weights: FloatArray) -> list[Measure]:
    """The metrics with every column multiplied by the weight of its row; columns that were shared stay shared."""
    weighted: dict[int, Columns] = {}
    for columns, _ in metrics:
        if id(columns) not in weighted:
            weighted[id(columns)] = replace(
                columns,
                sums={name: values * weights for name, values in columns.sums.items()},
                ranked={name: values * weights for name, values in columns.ranked.items()},
            )
    return [(weighted[id(columns)], value) for columns, value in metrics]


def _interval(
    value: float, replicates: FloatArray, left_out: FloatArray | None, n_patients: int, confidence: float
) -> ResampledInterval | NotEstimable:
    if math.isnan(value):
        return NotEstimable(reason="undefined")
    if n_patients < 2:
        return NotEstimable(reason="one_patient")
    valid = np.sort(replicates[~np.isnan(replicates)])
    n_invalid = len(replicates) - len(valid)
    if n_invalid > MOST_INVALID * len(replicates):
        facts = {"invalid": n_invalid, "resamples": len(replicates)}
        return NotEstimable(reason="too_many_invalid_resamples", facts=facts)
    scale = float(np.abs(valid[[0, -1]]).max())
    if math.isfinite(scale) and valid[-1] - valid[0] <= ROUNDING * scale:
        return NotEstimable(reason="degenerate")
    alpha = tail(confidence)
    ends = None if left_out is None else _bca_tails(value, valid, left_out, alpha)
    method = "patient-bootstrap-percentile" if ends is None else "patient-bootstrap-bca"
    lower, upper = ends or (alpha, 1 - alpha)
    low = min(value, float(valid[math.floor(lower * (len(valid) - 1))]))
    high = max(value, float(valid[math.ceil(upper * (len(valid) - 1))]))
    if math.isinf(low) or math.isinf(high):
        return NotEstimable(reason="infinite_limit")
    return ResampledInterval(value, Interval(low, high, method), len(replicates), n_invalid)


def _bca_tails(value: float, ordered: FloatArray, left_out: FloatArray, alpha: float) -> tuple[float, float] | None:
    """Which quantiles of the replicates are the BCa limits, or None where BCa is not defined."""
    if not bool(np.isfinite(left_out).all()):
        return None
    near = ROUNDING * abs(value)  # replicates equal to the estimate but for rounding are ties
    below = np.searchsorted(ordered, value - near, "left") + np.searchsorted(ordered, value + near, "right")
    share = below / (2 * len(ordered))
    deviation = left_out.mean() - left_out
    spread = float((deviation**2).sum())
    if not 0 < share < 1 or spread == 0:
        return None
    bias = float(ndtri(share))
    acceleration = float((deviation**3).sum()) / (6 * spread**1.5)
    found = []
    for z in (float(ndtri(alpha)), float(ndtri(1 - alpha))):
        slope = 1 - acceleration * (bias + z)
        if slope <= 0:
            return None
        found.append(float(ndtr(bias + (bias + z) / slope)))
    return found[0], found[1]
