"""The one resampling engine: patients drawn with replacement, every metric of every stratum from the same draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from ..vocabulary import Columns, Interval, NotEstimable, Totals
from .clusters import patient_positions
from .quantiles import tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, ValueFunction

LARGEST_BLOCK = 500_000
"""Numbers in the largest temporary array of a block: bounds memory, never changes a result."""
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


def totals(columns: Columns, weights: FloatArray | None = None) -> Totals:
    """Weighted totals of the columns of n rows, for b weightings of the rows at once.

    ``weights`` [b, n]; None: every row once, b = 1. Ranked columns are totalled at each of the distinct scores of the
    rows, ascending, −inf and +inf included.

    >>> scores = np.array([2.0, 1, 2])
    >>> columns = Columns(sums={"hits": np.array([1.0, 0, 1])}, ranked={"marks": np.ones(3)}, scores=scores)
    >>> found = totals(columns)
    >>> found.sums["hits"].tolist(), found.ranked["marks"].tolist(), found.scores.tolist()
    ([2.0], [[1.0, 2.0]], [1.0, 2.0])
    """
    n_rows = _n_rows(columns)
    kernel = _Kernel.of(columns, np.arange(n_rows), np.arange(n_rows), n_rows)
    return kernel.totals(np.ones((1, n_rows)) if weights is None else np.asarray(weights, dtype=float))


def draw(n_patients: int, seed: int, resample: int) -> IntArray:
    """How often each of ``n_patients`` is drawn in the resample of that number: [n_patients], sum n_patients.

    Each resample has its own stream, so results depend on neither blocks nor workers, and the first 1 000 of 2 000
    resamples are those of a run with 1 000.

    >>> int(draw(10, seed=1, resample=0).sum())
    10
    """
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(resample,))))
    return np.bincount(stream.integers(0, n_patients, size=n_patients), minlength=n_patients)


def resample(  # noqa: PLR0913 - the plan of a bootstrap is these seven facts
    metrics: Sequence[tuple[Columns, ValueFunction]],
    *,
    patients: IntArray,
    groups: Sequence[IntArray],
    resamples: int,
    seed: int,
    confidence: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
) -> list[list[ResampledInterval | NotEstimable]]:
    """Bootstrap intervals of every metric in every group: ``result[group][metric]``.

    ``patients`` [n]: patient code of each row; all columns have n rows. ``groups``: row positions of each stratum
    (usually all rows first). A value function gets [b] weightings and returns [b], NaN where it is undefined.

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
    Raises ValueError for fewer than 1 resample, rows that do not match, or a confidence outside 0–1.
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
    if any(_n_rows(columns) != len(patients) for columns, _ in metrics):
        raise ValueError("all columns need one entry for each row of patients")
    position, n_patients = patient_positions(patients)
    prepared = [_Group.of(metrics, position, rows) for rows in groups]
    replicates = [np.full((len(metrics), resamples), np.nan) for _ in groups]
    for numbers in _blocks(resamples, n_patients):
        counts = np.stack([draw(n_patients, seed, r) for r in numbers]).astype(float)
        for group, values in zip(prepared, replicates, strict=True):
            values[:, numbers.start : numbers.stop] = group.values(np.take(counts, group.patients, axis=1))
    return [group.intervals(values, confidence, method) for group, values in zip(prepared, replicates, strict=True)]


@dataclass(frozen=True, kw_only=True)
class _Kernel:
    """One set of columns in one group, laid out for totals by patient weight."""

    sum_names: tuple[str, ...]
    by_patient: FloatArray  # [sums, k]
    scores: FloatArray | None  # [c] distinct, ascending
    ranked: dict[str, _Entries]

    @classmethod
    def of(cls, columns: Columns, rows: IntArray, position: IntArray, n_patients: int) -> _Kernel:
        by_patient = np.zeros((len(columns.sums), n_patients))
        for index, values in enumerate(columns.sums.values()):
            by_patient[index] = np.bincount(position, weights=values[rows], minlength=n_patients)
        if columns.scores is None:
            return cls(sum_names=tuple(columns.sums), by_patient=by_patient, scores=None, ranked={})
        scores, cell = np.unique(columns.scores[rows], return_inverse=True)
        ranked = {
            name: _Entries.of(values[rows], cell, position, len(scores)) for name, values in columns.ranked.items()
        }
        return cls(sum_names=tuple(columns.sums), by_patient=by_patient, scores=scores, ranked=ranked)

    def totals(self, counts: FloatArray) -> Totals:
        """``counts`` [b, k]: weight of each patient."""
        # einsum adds in a fixed order; a BLAS product may not, and the last digits must not depend on the block.
        summed = np.einsum("bk,sk->sb", counts, self.by_patient)
        return Totals(
            sums=dict(zip(self.sum_names, summed, strict=True)),
            ranked={name: entries.totals(counts) for name, entries in self.ranked.items()},
            scores=self.scores,
        )

    @property
    def width(self) -> int:
        return 1 if self.scores is None else len(self.scores)


@dataclass(frozen=True, kw_only=True)
class _Entries:
    """The rows of one ranked column that carry weight, sorted by score cell."""

    patient: IntArray  # [e]
    weight: FloatArray | None  # [e]; None: all 1
    cells: IntArray  # [occupied] cell numbers, ascending
    starts: IntArray  # [occupied] where the entries of a cell begin
    n_cells: int

    @classmethod
    def of(cls, values: FloatArray, cell: IntArray, position: IntArray, n_cells: int) -> _Entries:
        carrying = np.flatnonzero(values)
        order = carrying[np.lexsort((position[carrying], cell[carrying]))]
        weight = values[order]
        cells, starts = np.unique(cell[order], return_index=True)
        return cls(
            patient=position[order],
            weight=None if bool(np.all(weight == 1)) else weight,
            cells=cells,
            starts=starts.astype(np.int64),
            n_cells=n_cells,
        )

    def totals(self, counts: FloatArray) -> FloatArray:
        found = np.zeros((len(counts), self.n_cells))
        if len(self.patient):
            drawn = np.take(counts, self.patient, axis=1)
            if self.weight is not None:
                drawn *= self.weight
            alone = len(self.cells) == len(self.patient)
            found[:, self.cells] = drawn if alone else np.add.reduceat(drawn, self.starts, axis=1)
        return found


@dataclass(frozen=True, kw_only=True)
class _Group:
    """One stratum: its patients, and its metrics by the columns they share."""

    patients: IntArray  # [k] positions in the whole set
    n_metrics: int
    kernels: tuple[tuple[_Kernel, tuple[tuple[int, ValueFunction], ...]], ...]

    @classmethod
    def of(cls, metrics: Sequence[tuple[Columns, ValueFunction]], position: IntArray, rows: IntArray) -> _Group:
        own, local = np.unique(position[rows], return_inverse=True)
        sharing: dict[int, list[int]] = {}
        for index, (columns, _) in enumerate(metrics):
            sharing.setdefault(id(columns), []).append(index)
        kernels = tuple(
            (
                _Kernel.of(metrics[indices[0]][0], rows, local, len(own)),
                tuple((index, metrics[index][1]) for index in indices),
            )
            for indices in sharing.values()
        )
        return cls(patients=own, n_metrics=len(metrics), kernels=kernels)

    def values(self, counts: FloatArray) -> FloatArray:
        """Every metric for each weighting of the group's patients: ``counts`` [b, k] -> [metrics, b]."""
        found = np.full((self.n_metrics, len(counts)), np.nan)
        for kernel, metrics in self.kernels:
            for part in _blocks(len(counts), kernel.width):
                sums = kernel.totals(counts[part.start : part.stop])
                with np.errstate(divide="ignore", invalid="ignore"):
                    for index, value in metrics:
                        found[index, part.start : part.stop] = value(sums)
        return found

    def left_out(self) -> FloatArray:
        """Every metric with one patient left out: [metrics, k]."""
        k = len(self.patients)
        found = np.empty((self.n_metrics, k))
        for part in _blocks(k, k):
            counts = np.ones((len(part), k))
            counts[np.arange(len(part)), np.asarray(part)] = 0.0
            found[:, part.start : part.stop] = self.values(counts)
        return found

    def intervals(
        self, replicates: FloatArray, confidence: float, method: Literal["bca", "percentile"]
    ) -> list[ResampledInterval | NotEstimable]:
        k = len(self.patients)
        estimates = self.values(np.ones((1, k)))[:, 0]
        without = self.left_out() if method == "bca" and 2 <= k <= MOST_PATIENTS_FOR_BCA else None
        return [
            _interval(
                float(estimates[index]), replicates[index], None if without is None else without[index], k, confidence
            )
            for index in range(self.n_metrics)
        ]


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


def _blocks(length: int, width: int) -> Iterator[range]:
    step = max(1, LARGEST_BLOCK // max(width, 1))
    for start in range(0, length, step):
        yield range(start, min(start + step, length))


def _n_rows(columns: Columns) -> int:
    lengths = {len(values) for values in (*columns.sums.values(), *columns.ranked.values())}
    if columns.scores is not None:
        lengths.add(len(columns.scores))
    if len(lengths) != 1:
        raise ValueError(f"columns must all have the same number of rows, not {sorted(lengths)}")
    return lengths.pop()
