"""What sensitivity and specificity mean where the device will work: predictive values, likelihood ratios, counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit

from ..vocabulary import Interval, NotEstimable
from .quantiles import normal_quantile

if TYPE_CHECKING:
    from ..vocabulary import FloatArray


Sign = Literal["positive", "negative"]


class TwoClassCounts(NamedTuple):
    """Right calls of each class and the size of each class; effective (real) counts where units are clustered."""

    tp: float
    n_positive: float
    tn: float
    n_negative: float


class Prevalence(NamedTuple):
    """Share of diseased among those examined locally, with limits at the level of the interval asked, if known."""

    value: float
    low: float | None = None
    high: float | None = None


class NaturalFrequencies(NamedTuple):
    """Expected counts among ``per`` local patients, and false alarms for one true positive."""

    tp: float
    fn: float
    fp: float
    tn: float
    false_alarms_per_true_positive: float | NotEstimable


def ppv(sensitivity: FloatArray, specificity: FloatArray, prevalence: float) -> FloatArray:
    """Positive predictive value at a prevalence, elementwise; NaN where nothing would be called positive.

    >>> ppv(np.array([0.9]), np.array([0.8]), 0.05).round(4).tolist()
    [0.1915]
    """
    true_calls = np.asarray(sensitivity, dtype=float) * prevalence
    calls = true_calls + (1 - np.asarray(specificity, dtype=float)) * (1 - prevalence)
    return np.divide(true_calls, calls, out=np.full_like(calls, np.nan), where=calls > 0)


def npv(sensitivity: FloatArray, specificity: FloatArray, prevalence: float) -> FloatArray:
    """Negative predictive value at a prevalence, elementwise; NaN where nothing would be called negative.

    >>> npv(np.array([0.9]), np.array([0.8]), 0.05).round(4).tolist()
    [0.9935]
    """
    return ppv(specificity, sensitivity, 1 - prevalence)


def ppv_interval(
    counts: TwoClassCounts, prevalence: Prevalence, *, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Interval of the positive predictive value at a local prevalence.

    Logit interval of Mercaldo, Lau and Zhou: method ``mercaldo-logit``. Where sensitivity or specificity is 0 or 1 it
    is undefined; then ½ is added to each of the four cells (``mercaldo-logit-half-added``) and the interval widened to
    hold the unadjusted value. With limits of the prevalence their uncertainty is propagated: on the logit scale
    logit PPV = logit π + ln LR+ is a sum of independent parts, so each limit adds the distances of both parts as a
    root of squares (MOVER, Zou & Donner 2008); the method then ends in ``-uncertain-prevalence``.
    ``NotEstimable``: ``one_class``; ``no_positive_calls`` when neither class is ever called positive.
    Raises ValueError for impossible counts, or unless 0 < low <= prevalence <= high < 1.
    Reference: Mercaldo et al. 2007, Stat Med 26:2170; Zou & Donner 2008, Stat Med 27:1693.

    >>> low, high, method, _ = ppv_interval(TwoClassCounts(90, 100, 160, 200), Prevalence(0.05))
    >>> round(low, 4), round(high, 4), method
    (0.1512, 0.2395, 'mercaldo-logit')
    """
    _check(counts)
    _check_prevalence(prevalence)
    if counts.n_positive == 0 or counts.n_negative == 0:
        return NotEstimable(reason="one_class")
    if counts.tp == 0 and counts.tn == counts.n_negative:
        return NotEstimable(reason="no_positive_calls")
    value = float(ppv(np.array(_sensitivity(counts)), np.array(_specificity(counts)), prevalence.value))
    used, method = _with_halves(counts, "mercaldo-logit")
    se, sp = _sensitivity(used), _specificity(used)
    centre = math.log(se / (1 - sp))
    variance = (1 - se) / (se * used.n_positive) + sp / ((1 - sp) * used.n_negative)
    return _at_prevalence(centre, variance, prevalence, confidence, method, value)


def npv_interval(
    counts: TwoClassCounts, prevalence: Prevalence, *, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Interval of the negative predictive value at a local prevalence: ``ppv_interval`` with the classes exchanged.

    ``NotEstimable``: ``one_class``; ``no_negative_calls`` when neither class is ever called negative.

    >>> low, high, method, _ = npv_interval(TwoClassCounts(90, 100, 160, 200), Prevalence(0.05))
    >>> round(low, 4), round(high, 4), method
    (0.9882, 0.9964, 'mercaldo-logit')
    """
    _check_prevalence(prevalence)
    turned = TwoClassCounts(counts.tn, counts.n_negative, counts.tp, counts.n_positive)
    low = None if prevalence.high is None else 1 - prevalence.high
    high = None if prevalence.low is None else 1 - prevalence.low
    found = ppv_interval(turned, Prevalence(1 - prevalence.value, low, high), confidence=confidence)
    if isinstance(found, NotEstimable) and found.reason == "no_positive_calls":
        return NotEstimable(reason="no_negative_calls")
    return found


def lr_positive(tp: FloatArray, n_positive: FloatArray, tn: FloatArray, n_negative: FloatArray) -> FloatArray:
    """Likelihood ratio of a positive call, Se / (1 − Sp), elementwise; NaN where a class is empty.

    Where one of the four cells is 0, ½ is added to all four, as in ``lr_positive_interval``.

    >>> lr_positive(np.array([90.0]), np.array([100.0]), np.array([160.0]), np.array([200.0])).round(6).tolist()
    [4.5]
    """
    return _ratio(tp, n_positive, tn, n_negative, "positive")


def lr_negative(tp: FloatArray, n_positive: FloatArray, tn: FloatArray, n_negative: FloatArray) -> FloatArray:
    """Likelihood ratio of a negative call, (1 − Se) / Sp, elementwise; as ``lr_positive``.

    >>> lr_negative(np.array([90.0]), np.array([100.0]), np.array([160.0]), np.array([200.0])).round(6).tolist()
    [0.125]
    """
    return _ratio(tp, n_positive, tn, n_negative, "negative")


def lr_positive_interval(
    counts: TwoClassCounts, *, of: TwoClassCounts | None = None, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Interval of the likelihood ratio of a positive call, on the log scale.

    Method ``simel-log``; where one of the four cells is 0, ½ is added to all four and it is
    ``simel-log-half-added``: it then belongs to the value of ``lr_positive``, which adds the same. ``of``: the real
    counts, where ``counts`` are effective ones. A half weighs more among the fewer effective units, so then the
    interval is widened to hold the value that ``lr_positive`` makes of the real counts.
    ``NotEstimable``: ``one_class``. Raises ValueError for impossible counts.
    Reference: Simel, Samsa & Matchar 1991, J Clin Epidemiol 44:763.

    >>> low, high, method, _ = lr_positive_interval(TwoClassCounts(90, 100, 160, 200))
    >>> round(low, 3), round(high, 3), method
    (3.385, 5.983, 'simel-log')
    """
    return _ratio_interval(counts, counts if of is None else of, "positive", confidence)


def lr_negative_interval(
    counts: TwoClassCounts, *, of: TwoClassCounts | None = None, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Interval of the likelihood ratio of a negative call; as ``lr_positive_interval``.

    >>> low, high, method, _ = lr_negative_interval(TwoClassCounts(90, 100, 160, 200))
    >>> round(low, 4), round(high, 4), method
    (0.0691, 0.226, 'simel-log')
    """
    return _ratio_interval(counts, counts if of is None else of, "negative", confidence)


def natural_frequencies(
    sensitivity: float, specificity: float, prevalence: float, *, per: float = 1000
) -> NaturalFrequencies:
    """Expected counts among ``per`` local patients.

    ``false_alarms_per_true_positive`` is FP / TP, ``NotEstimable("no_true_positives")`` when TP is 0.
    Raises ValueError unless all shares lie between 0 and 1.

    >>> found = natural_frequencies(0.9, 0.8, 0.05)
    >>> round(found.tp), round(found.fn), round(found.fp), round(found.tn)
    (45, 5, 190, 760)
    >>> round(found.false_alarms_per_true_positive, 4)
    4.2222
    """
    if not all(0 <= share <= 1 for share in (sensitivity, specificity, prevalence)):
        raise ValueError("sensitivity, specificity and prevalence must lie between 0 and 1")
    tp, tn = sensitivity * prevalence * per, specificity * (1 - prevalence) * per
    fn, fp = (1 - sensitivity) * prevalence * per, (1 - specificity) * (1 - prevalence) * per
    alarms = fp / tp if tp > 0 else NotEstimable(reason="no_true_positives")
    return NaturalFrequencies(tp, fn, fp, tn, alarms)


def _at_prevalence(
    centre: float, variance: float, prevalence: Prevalence, confidence: float, method: str, value: float
) -> Interval:
    half = normal_quantile(confidence) * math.sqrt(variance)
    middle = float(logit(prevalence.value))
    down = 0.0 if prevalence.low is None else middle - float(logit(prevalence.low))
    up = 0.0 if prevalence.high is None else float(logit(prevalence.high)) - middle
    low = float(expit(middle + centre - math.hypot(half, down)))
    high = float(expit(middle + centre + math.hypot(half, up)))
    name = method if prevalence.low is None and prevalence.high is None else f"{method}-uncertain-prevalence"
    return Interval(min(low, value), max(high, value), name)


def _ratio(
    tp: FloatArray,
    n_positive: FloatArray,
    tn: FloatArray,
    n_negative: FloatArray,
    sign: Sign,
) -> FloatArray:
    tp, n_positive, tn, n_negative = (np.asarray(a, dtype=float) for a in (tp, n_positive, tn, n_negative))
    zero = (tp == 0) | (tn == 0) | (tp == n_positive) | (tn == n_negative)
    half = np.where(zero, 0.5, 0.0)
    se = (tp + half) / np.where(n_positive > 0, n_positive + 2 * half, np.nan)
    sp = (tn + half) / np.where(n_negative > 0, n_negative + 2 * half, np.nan)
    return np.asarray(se / (1 - sp) if sign == "positive" else (1 - se) / sp, dtype=float)


def _ratio_interval(
    counts: TwoClassCounts, of: TwoClassCounts, sign: Sign, confidence: float
) -> Interval | NotEstimable:
    _check(counts)
    _check(of)
    if counts.n_positive == 0 or counts.n_negative == 0:
        return NotEstimable(reason="one_class")
    used, method = _with_halves(counts, "simel-log")
    fn, fp = used.n_positive - used.tp, used.n_negative - used.tn
    if sign == "positive":
        ratio, seen = (used.tp / used.n_positive) / (fp / used.n_negative), 1 / used.tp + 1 / fp
    else:
        ratio, seen = (fn / used.n_positive) / (used.tn / used.n_negative), 1 / fn + 1 / used.tn
    half = normal_quantile(confidence) * math.sqrt(seen - 1 / used.n_positive - 1 / used.n_negative)
    tp, n_positive, tn, n_negative = np.array(of, dtype=float)
    value = float(_ratio(tp, n_positive, tn, n_negative, sign))
    return Interval(min(ratio * math.exp(-half), value), max(ratio * math.exp(half), value), method)


def _with_halves(counts: TwoClassCounts, method: str) -> tuple[TwoClassCounts, str]:
    """The counts, with ½ in each of the four cells and the method named so where a cell is empty."""
    tp, n_positive, tn, n_negative = counts
    if 0 < tp < n_positive and 0 < tn < n_negative:
        return counts, method
    return TwoClassCounts(tp + 0.5, n_positive + 1, tn + 0.5, n_negative + 1), f"{method}-half-added"


def _sensitivity(counts: TwoClassCounts) -> float:
    return counts.tp / counts.n_positive


def _specificity(counts: TwoClassCounts) -> float:
    return counts.tn / counts.n_negative


def _check(counts: TwoClassCounts) -> None:
    if not (0 <= counts.tp <= counts.n_positive and 0 <= counts.tn <= counts.n_negative):
        raise ValueError(f"right calls must lie between 0 and the size of their class: {counts}")


def _check_prevalence(prevalence: Prevalence) -> None:
    low = prevalence.value if prevalence.low is None else prevalence.low
    high = prevalence.value if prevalence.high is None else prevalence.high
    if not 0 < low <= prevalence.value <= high < 1:
        raise ValueError(f"a prevalence needs 0 < low <= value <= high < 1: {prevalence}")
