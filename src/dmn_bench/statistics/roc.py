"""Area under the ROC curve, its variance with and without clusters, its interval and the curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_positions
from .proportions import clopper_pearson
from .quantiles import normal_quantile

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray, Totals


class RocArea(NamedTuple):
    """Area under the ROC curve (0–1) with the variance of its estimate."""

    area: float
    variance: float
    n_positive: int
    n_negative: int


class RocCurve(NamedTuple):
    """Points from (0, 0) to (1, 1); ``thresholds``: positive from this score, None where it is not a finite score."""

    fpr: FloatArray
    tpr: FloatArray
    thresholds: tuple[float | None, ...]


@dataclass(frozen=True)
class RankedArea:
    """The value function of the area under the ROC curve: of two ranked columns, by name, the first above the second.

    A function of its own that calls ``ranked_area`` gives the same numbers; this one the resampling engine knows, and
    computes without a table of every score.

    >>> from dmn_bench.statistics.resampling import totals
    >>> from dmn_bench.vocabulary import Columns
    >>> ranked = {"diseased": np.array([0.0, 1, 1]), "healthy": np.array([1.0, 0, 0])}
    >>> RankedArea("diseased", "healthy")(totals(Columns(sums={}, ranked=ranked, scores=np.array([1.0, 1, 2]))))
    array([0.75])
    """

    positives: str
    negatives: str

    def __call__(self, totals: Totals) -> FloatArray:
        """[b] areas, NaN where a class has no weight."""
        return ranked_area(totals.ranked[self.positives], totals.ranked[self.negatives])


def roc_area(
    scores: FloatArray, positive: BoolArray, patients: IntArray | None = None, *, clustered: bool = False
) -> RocArea | NotEstimable:
    """Area under the ROC curve and its variance: DeLong, or Obuchowski when units are clustered by patient.

    ``scores`` [n]: higher means more likely positive; −inf and +inf are ranks like others (unanswered cases), ties
    count one half. ``positive`` [n]: the truth. ``patients`` [n]: needed when ``clustered``. O(n log n).
    ``NotEstimable``: ``one_class`` when a class is empty, ``too_few`` when a class has one unit, or units of one
    patient only (the area exists, its variance does not).
    Raises ValueError for NaN scores, or clusters without patients.
    Reference: DeLong et al. 1988, Biometrics 44:837; Obuchowski 1997, Biometrics 53:567.

    >>> found = roc_area(np.array([0.9, 0.4, 0.5, 0.1]), np.array([True, True, False, False]))
    >>> found.area, found.variance, found.n_positive, found.n_negative
    (0.75, 0.125, 2, 2)
    """
    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    if bool(np.isnan(scores).any()):
        raise ValueError("scores may be infinite but not NaN")
    if clustered and patients is None:
        raise ValueError("clusters need the patients of the rows")
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if n_positive == 0 or n_negative == 0:
        return NotEstimable(reason="one_class", facts={"n_positive": n_positive, "n_negative": n_negative})
    placement = _placements(scores, positive)
    area = float(placement[positive].mean())
    if not clustered or patients is None:
        patients = np.arange(len(scores))
    fewest = min(len(np.unique(patients[positive])), len(np.unique(patients[~positive])))
    if fewest < 2:
        return NotEstimable(reason="too_few", facts={"n": fewest, "minimum": 2})
    return RocArea(area, _variance(placement, positive, patients, area), n_positive, n_negative)


def roc_area_interval(
    scores: FloatArray,
    positive: BoolArray,
    patients: IntArray | None = None,
    *,
    clustered: bool = False,
    confidence: float = 0.95,
) -> Interval | NotEstimable:
    """Interval of the area on the logit scale; a bound from disjoint pairs where the variance is 0.

    Arguments and absences as for ``roc_area``. Methods: ``delong-logit``, ``obuchowski-logit``, ``disjoint-pairs``.

    Perfect separation (area 1 or 0) or all scores tied make the variance 0, which is not certainty. Take m disjoint
    pairs of a positive and a negative, no patient in two pairs: they are independent and each is concordant with
    probability at most the area A, so P(sample area = 1) <= A^m. Hence the Clopper–Pearson limit for m of m pairs,
    (tail)^(1/m), is a valid lower bound whatever the distribution of scores; likewise for area 0. ``effective_n`` is
    then m. In between (all tied) the same interval for A·m of m pairs is conservative, as the area over all pairs
    varies no more than that over m disjoint ones (Hoeffding 1963, JASA 58:13, section 5).

    >>> scores, positive = np.array([0.9, 0.8, 0.7, 0.3, 0.2, 0.1]), np.array([True] * 3 + [False] * 3)
    >>> low, high, method, m = roc_area_interval(scores, positive)
    >>> round(low, 4), high, method, m
    (0.2924, 1.0, 'disjoint-pairs', 3)
    """
    found = roc_area(scores, positive, patients, clustered=clustered)
    if isinstance(found, NotEstimable):
        return found
    area = found.area
    if not 0 < area < 1 or found.variance <= 1e-15:
        used = patients if clustered and patients is not None else np.arange(len(positive))
        pairs = _disjoint_pairs(np.asarray(positive, dtype=bool), used)
        return clopper_pearson(area * pairs, pairs, confidence)._replace(method="disjoint-pairs")
    centre = math.log(area / (1 - area))
    half = normal_quantile(confidence) * math.sqrt(found.variance) / (area * (1 - area))
    method = "obuchowski-logit" if clustered else "delong-logit"
    return Interval(_expit(centre - half), _expit(centre + half), method)


def ranked_area(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    """Area under the ROC curve for b weightings at once, from totals at each distinct score.

    ``positives``, ``negatives`` [b, c]: weight of each class at the c distinct scores, ascending (``Totals.ranked``).
    Result [b]: Σ P(positive above negative) + ½ P(tie); NaN where a class has no weight.

    >>> ranked_area(np.array([[0.0, 1.0, 1.0]]), np.array([[2.0, 1.0, 0.0]])).round(4).tolist()
    [0.9167]
    """
    up_to = running_totals(negatives)
    n_negative = up_to[:, -1] if up_to.shape[1] else np.zeros(len(up_to))
    below = up_to - 0.5 * negatives
    won = np.einsum("bc,bc->b", positives, below)
    pairs = positives.sum(axis=1) * n_negative
    area = np.full(len(won), np.nan)
    np.divide(won, pairs, out=area, where=pairs > 0)
    return area


def running_totals(weights: FloatArray) -> FloatArray | IntArray:
    """Cumulative sums along each row [b, c], as whole numbers where all weights are: the same, several times faster.

    >>> running_totals(np.array([[1.0, 0.0, 2.0]])).tolist(), running_totals(np.array([[0.5, 0.25]])).tolist()
    ([[1, 1, 3]], [[0.5, 0.75]])
    """
    whole = weights.astype(np.int64)
    if bool((whole == weights).all()):
        return np.asarray(np.cumsum(whole, axis=1), dtype=np.int64)
    return np.asarray(np.cumsum(weights, axis=1), dtype=np.float64)


def roc_curve(scores: FloatArray, positive: BoolArray, *, max_points: int | None = None) -> RocCurve | NotEstimable:
    """The empirical ROC curve: one point for each distinct score, from (0, 0) above every score to (1, 1).

    ``scores`` [n] (±inf allowed), ``positive`` [n]. ``max_points`` (>= 2) keeps that many points at most, evenly taken,
    both ends among them. ``NotEstimable``: ``one_class``.

    >>> curve = roc_curve(np.array([0.9, 0.4, 0.4, -np.inf]), np.array([True, True, False, False]))
    >>> curve.fpr.tolist(), curve.tpr.tolist(), curve.thresholds
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0], (None, 0.9, 0.4, None))
    """
    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    if bool(np.isnan(scores).any()):
        raise ValueError("scores may be infinite but not NaN")
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if n_positive == 0 or n_negative == 0:
        return NotEstimable(reason="one_class", facts={"n_positive": n_positive, "n_negative": n_negative})
    distinct, cell = np.unique(scores, return_inverse=True)
    hits = np.bincount(cell, weights=positive, minlength=len(distinct))[::-1].cumsum()
    alarms = np.bincount(cell, weights=~positive, minlength=len(distinct))[::-1].cumsum()
    kept = thinned(len(distinct) + 1, max_points)
    thresholds = np.concatenate(([np.inf], distinct[::-1]))[kept]
    return RocCurve(
        np.concatenate(([0.0], alarms / n_negative))[kept],
        np.concatenate(([0.0], hits / n_positive))[kept],
        tuple(float(t) if math.isfinite(t) else None for t in thresholds),
    )


def thinned(n_points: int, max_points: int | None) -> IntArray:
    """Positions of at most ``max_points`` of ``n_points`` points, evenly taken, first and last among them.

    >>> thinned(9, 3).tolist(), thinned(3, None).tolist()
    ([0, 4, 8], [0, 1, 2])
    """
    if max_points is None or n_points <= max_points:
        return np.arange(n_points)
    return np.unique(np.linspace(0, n_points - 1, max(max_points, 2)).round().astype(np.int64))


def _placements(scores: FloatArray, positive: BoolArray) -> FloatArray:
    """For each unit the share of the other class that it ranks on the right side of, ties one half (DeLong's V)."""
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    placement = np.empty(len(scores))
    placement[positive] = _share_below(scores[positive], below)
    placement[~positive] = 1 - _share_below(scores[~positive], above)
    return placement


def _share_below(values: FloatArray, ordered: FloatArray) -> FloatArray:
    twice = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(twice / (2 * len(ordered)), dtype=float)


def _variance(placement: FloatArray, positive: BoolArray, patients: IntArray, area: float) -> float:
    """Obuchowski's variance; with one unit per patient it is DeLong's."""
    where, n_patients = patient_positions(patients)
    deviation = placement - area
    x = np.bincount(where[positive], weights=deviation[positive], minlength=n_patients)
    y = np.bincount(where[~positive], weights=deviation[~positive], minlength=n_patients)
    with_positive = len(np.unique(where[positive]))
    with_negative = len(np.unique(where[~positive]))
    m, n = int(positive.sum()), int((~positive).sum())
    s10 = with_positive / ((with_positive - 1) * m) * float(x @ x)
    s01 = with_negative / ((with_negative - 1) * n) * float(y @ y)
    s11 = n_patients / (n_patients - 1) * float(x @ y)
    return max(s10 / m + s01 / n + 2 * s11 / (m * n), 0.0)


def _disjoint_pairs(positive: BoolArray, patients: IntArray) -> int:
    """Most pairs of a positive and a negative unit such that no patient is in two of them, nor twice in one."""
    with_positive, with_negative = np.unique(patients[positive]), np.unique(patients[~positive])
    return min(len(with_positive), len(with_negative), len(np.unique(patients)) // 2)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
