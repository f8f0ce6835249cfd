"""Net benefit of acting on a probability: right alarms less false ones, weighed by the threshold that one acts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import FloatArray


class CalledCounts(NamedTuple):
    """Weights of the units at or above the threshold and of all units, by class, for b weightings: [b] each."""

    true_positives: FloatArray
    false_positives: FloatArray
    positives: FloatArray
    negatives: FloatArray


def net_benefit(counts: CalledCounts, threshold_probability: float, prevalence: float | None = None) -> FloatArray:
    """Net benefit of acting on units at or above the threshold, for b weightings: [b], NaN without units.

    TP/N − FP/N · p/(1 − p), p the threshold probability (above 0, below 1): in right alarms per unit. With
    ``prevalence`` π (0–1), for a set whose share of positives was chosen: Se·π − (1 − Sp)(1 − π) · p/(1 − p), NaN
    without one of the classes. The interval is that of resampled patients; there is no p-value.
    Raises ValueError unless 0 < p < 1 and 0 <= π <= 1.
    Reference: Vickers & Elkin 2006, Med Decis Making 26:565.

    >>> counts = CalledCounts(*(np.array([n]) for n in (90.0, 40.0, 100.0, 200.0)))
    >>> [net_benefit(counts, p).round(5).item() for p in (0.05, 0.10, 0.20)]
    [0.29298, 0.28519, 0.26667]
    >>> net_benefit(counts, 0.20, prevalence=1 / 3).round(5).item()
    0.26667
    """
    odds = _odds(threshold_probability)
    if prevalence is None:
        return _ratio(counts.true_positives - odds * counts.false_positives, counts.positives + counts.negatives)
    _check_share(prevalence)
    sensitivity = _ratio(counts.true_positives, counts.positives)
    alarms = _ratio(counts.false_positives, counts.negatives)
    return np.asarray(sensitivity * prevalence - alarms * (1 - prevalence) * odds, dtype=float)


def net_benefit_of_all(prevalence: float, threshold_probability: float) -> float:
    """Net benefit of acting on every unit: π − (1 − π) · p/(1 − p). That of acting on none is 0.

    Raises ValueError unless 0 < p < 1 and 0 <= π <= 1.

    >>> [round(net_benefit_of_all(1 / 3, p), 5) for p in (0.05, 0.10, 0.20)]
    [0.29825, 0.25926, 0.16667]
    """
    _check_share(prevalence)
    return prevalence - (1 - prevalence) * _odds(threshold_probability)


def _odds(threshold_probability: float) -> float:
    if not 0 < threshold_probability < 1:
        raise ValueError(f"a threshold probability lies above 0 and below 1, not {threshold_probability}")
    return threshold_probability / (1 - threshold_probability)


def _check_share(prevalence: float) -> None:
    if not 0 <= prevalence <= 1:
        raise ValueError(f"a prevalence lies between 0 and 1, not {prevalence}")


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    found = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=found, where=np.asarray(denominator) > 0)
    return found
