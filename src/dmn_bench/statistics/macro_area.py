"""Macro averages: the mean over classes of a ratio or of an area, and its interval from sums by patient.

A class without a denominator (a ratio) or without both kinds of units (an area) has no value and is left out of the
mean; how many there are is for the caller to say.

The interval is that of the linearised mean: every row's influence on its class's value is added up by patient over all
classes, so that one patient who has several classes, or several records, counts once. A class in which the influence
says nothing of the uncertainty (one patient only, a value of exactly 0 or 1, all scores tied) gets the variance
v(1 − v)/m of its value shrunk towards one half, v = (m·value + ½)/(m + 1), with m patients, or for an area the smaller
number of patients of either kind: an upper bound of the variance of an area. The limits are Wilson's for the effective
number of units that has this variance, with Student's t of as many degrees of freedom as the patients give who make up
the variance, (Σu²)²/Σu⁴ − 1 of the sums u by patient: a rare class is a matter of a few of them (Satterthwaite 1946,
Biometrics Bull 2:110, where bounds take part).

References: DeLong et al. 1988, Biometrics 44:837, and Obuchowski 1997, Biometrics 53:567 (structural components summed
by patient); Birnbaum and Klose 1957, Ann Math Stat 28:933 (the bound A(1 − A)/min(m, n)); Wilson 1927, JASA 22:209.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..vocabulary import Interval, NotEstimable
from .clusters import n_different, patient_positions
from .proportions import wilson
from .quantiles import t_quantile
from .roc import ranked_area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..vocabulary import BoolArray, FloatArray, IntArray

METHOD = "macro-wilson"
MOST_DEGREES = 1e6
ROUNDING = 1e-12
"""Influences below it are those of scores that are all tied."""


class MacroValue(NamedTuple):
    """A macro average with the variance of its estimate, and how many classes it is the mean of.

    ``shrunk``: the same with the values of classes that say nothing of their own uncertainty shrunk; inside 0–1.
    ``degrees``: of freedom of the variance, at least 1.
    """

    value: float
    variance: float
    shrunk: float
    degrees: float
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

    ``NotEstimable``: ``no_denominator`` where no class has one, ``one_patient`` with fewer than two, ``degenerate``
    where the errors of the classes cancel out.
    """
    if n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    mean = _Mean(patients)
    for rows, _ in _rows_of_classes(np.asarray(classes)):
        total = float(denominator[rows].sum())
        if total <= 0:
            mean.n_left_out += 1
            continue
        value = float(numerator[rows].sum()) / total
        n_patients = n_different(patients[rows[denominator[rows] > 0]])
        influences = (numerator[rows] - value * denominator[rows]) / total
        mean.add(value, rows, influences * math.sqrt(n_patients / max(n_patients - 1, 1)), n_patients)
    return mean.estimate()


def macro_area_estimate(
    scores: FloatArray, positive: BoolArray, classes: IntArray, patients: IntArray
) -> MacroValue | NotEstimable:
    """Macro average of areas under the ROC curve and its variance, all arrays [n]; ``scores`` in any scale.

    Of one class and one row for each patient it is DeLong's area and variance.
    ``NotEstimable``: ``one_class`` where no class has both kinds, ``one_patient`` with fewer than two, ``degenerate``.
    """
    if n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    mean = _Mean(patients)
    for rows, _ in _rows_of_classes(np.asarray(classes)):
        above, below = rows[positive[rows]], rows[~positive[rows]]
        if not len(above) or not len(below):
            mean.n_left_out += 1
            continue
        won_above, won_below = _placements(scores[above], scores[below])
        value = float(won_above.mean())
        n_above, n_below = n_different(patients[above]), n_different(patients[below])
        influences = np.concatenate(
            [
                (won_above - value) * math.sqrt(n_above / max(n_above - 1, 1)) / len(above),
                (won_below - value) * math.sqrt(n_below / max(n_below - 1, 1)) / len(below),
            ]
        )
        mean.add(value, np.concatenate([above, below]), influences, min(n_above, n_below))
    found = mean.estimate()
    no_class = isinstance(found, NotEstimable) and found.reason == "no_denominator"
    return NotEstimable(reason="one_class") if no_class else found


def macro_interval(found: MacroValue, confidence: float) -> Interval:
    """Wilson's limits for the effective number of units that gives the shrunk mean this variance, with Student's t.

    >>> low, high, method, n = macro_interval(MacroValue(0.9, 0.0009, 0.9, 1e9, 3, 0), 0.95)
    >>> round(low, 4), round(high, 4), round(n, 6)
    (0.8256, 0.9448, 100.0)
    """
    n = found.shrunk * (1 - found.shrunk) / found.variance
    quantile = t_quantile(min(found.degrees, MOST_DEGREES), confidence)
    return wilson(found.value * n, n, confidence, quantile=quantile)._replace(method=METHOD, effective_n=n)


# ------------------------------------------------------------------------------------------------------------ parts


def _rows_of_classes(classes: IntArray) -> Iterator[tuple[IntArray, int]]:
    """(rows, code) of each class present, ascending; the rows in their own order."""
    order = np.argsort(classes, kind="stable")
    codes, starts = np.unique(classes[order], return_index=True)
    for code, rows in zip(codes.tolist(), np.split(order, starts[1:]) if len(codes) else [], strict=True):
        yield rows, int(code)


def _of_classes(
    positives: FloatArray,
    negatives: FloatArray,
    scores: FloatArray,
    value: Callable[[FloatArray, FloatArray], FloatArray],
) -> FloatArray:
    """The value of each class: [b, classes], from the stretch of the axis that is its own."""
    codes = np.floor(scores).astype(np.int64)
    if not len(codes):
        return np.full((len(positives), 0), np.nan)
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))
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


class _Mean:
    """Adds up classes: their values, their rows' influences, and variances where the influences say nothing."""

    def __init__(self, patients: IntArray) -> None:
        self.patients = patients
        self.values: list[float] = []
        self.shrunk: list[float] = []
        self.influences = np.zeros(len(patients))
        self.floors = 0.0
        self.n_left_out = 0

    def add(self, value: float, rows: IntArray, influences: FloatArray, n_patients: int) -> None:
        """A class of ``n_patients`` with its value and what each of its rows adds to the error of it."""
        says_nothing = n_patients < 2 or not 0 < value < 1 or not float(np.abs(influences).max()) > ROUNDING
        shrunk = (n_patients * value + 0.5) / (n_patients + 1) if says_nothing else value
        self.values.append(value)
        self.shrunk.append(shrunk)
        if says_nothing:
            self.floors += shrunk * (1 - shrunk) / n_patients
        else:
            self.influences[rows] = influences

    def estimate(self) -> MacroValue | NotEstimable:
        """The mean of the classes and its variance."""
        n = len(self.values)
        if not n:
            return NotEstimable(reason="no_denominator")
        position, n_patients = patient_positions(self.patients)
        squares = np.bincount(position, weights=self.influences, minlength=n_patients) ** 2
        linear, fourth = float(squares.sum()), float(squares @ squares)
        total = linear + self.floors
        if total <= 0:
            return NotEstimable(reason="degenerate")
        degrees = math.inf
        if linear > 0:  # Satterthwaite 1946: the bounds of classes that say nothing are known, not estimated
            own = max(linear**2 / fourth - 1, 1.0)
            degrees = total**2 / linear**2 * own
        return MacroValue(
            value=float(np.mean(self.values)),
            variance=total / n**2,
            shrunk=float(np.mean(self.shrunk)),
            degrees=degrees,
            n_classes=n,
            n_left_out=self.n_left_out,
        )


def _mean(values: FloatArray) -> FloatArray:
    """Mean along the classes of what is defined: [b]."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    found: FloatArray = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    return found
