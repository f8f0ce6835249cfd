"""Macro averages: the mean over classes of a ratio or of an area, and its interval from sums by patient.

A class without a denominator (a ratio) or without both kinds of units (an area) has no value and is left out of the
mean; how many there are is for the caller to say.

The interval is that of the linearised mean: every row's influence on its class's value is added up by patient over all
classes, so that one patient who has several classes, or several records, counts once. A class in which the influence
says nothing of the uncertainty (one patient only, or a value of exactly 0 or 1) gets the variance v(1 − v)/m of its
value shrunk towards one half, v = (m·value + ½)/(m + 1), with m patients, or for an area the smaller number of patients
of either kind, an upper bound of the variance of an area. The limits are those of the logit of the mean.

References: DeLong et al. 1988, Biometrics 44:837, and Obuchowski 1997, Biometrics 53:567 (structural components summed
by patient); Birnbaum and Klose 1957, Ann Math Stat 28:933 (the bound A(1 − A)/min(m, n)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..vocabulary import Interval, NotEstimable
from .clusters import n_different, patient_positions
from .quantiles import normal_quantile
from .roc import ranked_area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..vocabulary import BoolArray, FloatArray, IntArray

METHOD = "macro-logit"


class MacroValue(NamedTuple):
    """A macro average with the variance of its estimate, and how many classes it is the mean of."""

    value: float
    variance: float
    n_classes: int
    n_left_out: int


def macro_ratio(numerators: FloatArray, denominators: FloatArray) -> FloatArray:
    """Mean over classes of numerator over denominator, for b weightings: [b], NaN where no class has a denominator.

    ``numerators``, ``denominators``: [b, classes].

    >>> macro_ratio(np.array([[1.0, 1.0, 0.0]]), np.array([[2.0, 1.0, 0.0]])).tolist()
    [0.75]
    """
    values = np.full(np.shape(denominators), np.nan)
    np.divide(numerators, denominators, out=values, where=denominators != 0)
    return _mean(values)


def disjoint_scores(scores: FloatArray, classes: IntArray) -> FloatArray:
    """Scores [n] (±inf allowed, no NaN) as class + a share below 1, in the same order within each class [n], ties kept.

    So several rankings stand on one axis, one after the other.

    >>> disjoint_scores(np.array([0.2, 0.7, -np.inf, 0.2]), np.array([0, 0, 1, 0])).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    found = np.empty(len(scores), dtype=np.float64)
    for rows, code in _rows_of_classes(np.asarray(classes)):
        distinct, place = np.unique(scores[rows], return_inverse=True)
        found[rows] = code + place / max(len(distinct), 1)
    return found


def macro_area(positives: FloatArray, negatives: FloatArray, scores: FloatArray) -> FloatArray:
    """Mean over classes of the area under the ROC curve, for b weightings: [b], NaN where no class has both kinds.

    ``positives``, ``negatives`` [b, c]: weights at the c distinct ``scores`` of ``disjoint_scores``, ascending.

    >>> scores = np.array([0.0, 0.5, 1.0, 1.5])
    >>> macro_area(np.array([[0.0, 1, 1, 0]]), np.array([[1.0, 0, 0, 1]]), scores).tolist()
    [0.5]
    """
    return _mean(_of_classes(positives, negatives, scores, ranked_area))


def macro_average_precision(positives: FloatArray, negatives: FloatArray, scores: FloatArray) -> FloatArray:
    """Mean over classes of the average precision, for b weightings: [b], NaN where no class has a positive.

    Average precision: Σ (recall gained at a score) × (precision from that score on), scores descending, ties together.
    Arguments as for ``macro_area``.

    >>> macro_average_precision(np.array([[0.0, 1.0, 1.0]]), np.array([[1.0, 1.0, 0.0]]), np.array([0, 0.3, 0.6]))
    array([0.83333333])
    """
    return _mean(_of_classes(positives, negatives, scores, _average_precision))


def _average_precision(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    found = np.cumsum(positives[:, ::-1], axis=1)
    called = found + np.cumsum(negatives[:, ::-1], axis=1)
    precision = np.divide(found, called, out=np.zeros_like(found, dtype=np.float64), where=called > 0)
    total = positives.sum(axis=1)
    gained = np.einsum("bc,bc->b", positives[:, ::-1], precision)
    area: FloatArray = np.divide(gained, total, out=np.full(len(total), np.nan), where=total > 0)
    return area


def macro_ratio_estimate(
    numerator: FloatArray, denominator: FloatArray, classes: IntArray, patients: IntArray
) -> MacroValue | NotEstimable:
    """Macro average of a ratio of sums and its variance, all arrays [n].

    ``NotEstimable``: ``no_denominator`` where no class has one, ``one_patient`` with fewer than two.
    """
    if n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    values, influences, floors, left_out = [], np.zeros(len(patients)), 0.0, 0
    for rows, _ in _rows_of_classes(np.asarray(classes)):
        total = float(denominator[rows].sum())
        if total <= 0:
            left_out += 1
            continue
        value = float(numerator[rows].sum()) / total
        counted = rows[denominator[rows] > 0]
        n_patients = n_different(patients[counted])
        values.append(value)
        if n_patients < 2 or not 0 < value < 1:
            floors += _shrunk_variance(value, n_patients)
        else:
            scale = math.sqrt(n_patients / (n_patients - 1)) / total
            influences[rows] = (numerator[rows] - value * denominator[rows]) * scale
    return _together(values, influences, floors, left_out, patients)


def macro_area_estimate(
    scores: FloatArray, positive: BoolArray, classes: IntArray, patients: IntArray
) -> MacroValue | NotEstimable:
    """Macro average of areas under the ROC curve and its variance, all arrays [n]; ``scores`` in any scale.

    Of one class and one row for each patient it is DeLong's area and variance.
    ``NotEstimable``: ``one_class`` where no class has both kinds, ``one_patient`` with fewer than two.
    """
    if n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    values, influences, floors, left_out = [], np.zeros(len(patients)), 0.0, 0
    for rows, _ in _rows_of_classes(np.asarray(classes)):
        above, below = rows[positive[rows]], rows[~positive[rows]]
        if not len(above) or not len(below):
            left_out += 1
            continue
        won_above, won_below = _placements(scores[above], scores[below])
        value = float(won_above.mean())
        n_above, n_below = n_different(patients[above]), n_different(patients[below])
        values.append(value)
        if min(n_above, n_below) < 2 or not 0 < value < 1:
            floors += _shrunk_variance(value, min(n_above, n_below))
        else:
            influences[above] = (won_above - value) * math.sqrt(n_above / (n_above - 1)) / len(above)
            influences[below] = (won_below - value) * math.sqrt(n_below / (n_below - 1)) / len(below)
    found = _together(values, influences, floors, left_out, patients)
    no_class = isinstance(found, NotEstimable) and found.reason == "no_denominator"
    return NotEstimable(reason="one_class") if no_class else found


def logit_interval(found: MacroValue, confidence: float) -> Interval:
    """Limits on the logit scale of a mean in 0–1; of exactly 0 or 1, round its value shrunk by half its variance.

    The interval always holds the value.
    """
    inside = min(max(found.value, 0.0), 1.0)
    centre = inside if 0 < inside < 1 else abs(inside - min(0.5, max(math.sqrt(found.variance) / 2, 1e-12)))
    half = normal_quantile(confidence) * math.sqrt(found.variance) / (centre * (1 - centre))
    at = math.log(centre / (1 - centre))
    low, high = 1 / (1 + math.exp(min(half - at, 700.0))), 1 / (1 + math.exp(min(-half - at, 700.0)))
    return Interval(min(low, found.value), max(high, found.value), METHOD)


# ------------------------------------------------------------------------------------------------------------ parts


def _rows_of_classes(classes: IntArray) -> Iterator[tuple[IntArray, int]]:
    """(rows, code) of each class present, ascending; the rows in their own order."""
    order = np.argsort(classes, kind="stable")
    codes, starts = np.unique(classes[order], return_index=True)
    for code, rows in zip(codes.tolist(), np.split(order, starts[1:]) if len(codes) else (), strict=True):
        yield rows, int(code)


def _of_classes(
    positives: FloatArray,
    negatives: FloatArray,
    scores: FloatArray,
    value: Callable[[FloatArray, FloatArray], FloatArray],
) -> FloatArray:
    """The value of each class: [b, classes], from the stretch of the axis that is its own."""
    codes = np.floor(scores).astype(np.int64)
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1)) if len(codes) else np.zeros(0, dtype=np.int64)
    found = np.full((len(positives), len(starts)), np.nan)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(codes)], strict=True)):
        found[:, number] = value(positives[:, start:end], negatives[:, start:end])
    return found


def _placements(above: FloatArray, below: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of each positive the share of negatives under it, of each negative the share of positives over it; ties half."""
    high, low = np.sort(above), np.sort(below)
    under = np.searchsorted(low, above, "left") + np.searchsorted(low, above, "right")
    over = np.searchsorted(high, below, "left") + np.searchsorted(high, below, "right")
    return under / (2 * len(low)), 1 - over / (2 * len(high))


def _shrunk_variance(value: float, n: int) -> float:
    shrunk = (n * value + 0.5) / (n + 1)
    return shrunk * (1 - shrunk) / n


def _together(
    values: list[float], influences: FloatArray, floors: float, left_out: int, patients: IntArray
) -> MacroValue | NotEstimable:
    n = len(values)
    if not n:
        return NotEstimable(reason="no_denominator")
    position, n_patients = patient_positions(patients)
    of_patients = np.bincount(position, weights=influences, minlength=n_patients)
    variance = (float(of_patients @ of_patients) + floors) / n**2
    return MacroValue(float(np.mean(values)), variance, n, left_out)


def _mean(values: FloatArray) -> FloatArray:
    """Mean along the classes of what is defined: [b]."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    found: FloatArray = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    return found
