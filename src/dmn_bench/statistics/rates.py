"""Events in time, and means over records: limits that stay honest where nothing, or everything, was counted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import gammaincinv

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_sums
from .proportions import wilson
from .quantiles import normal_quantile, t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


def rate_interval(
    events: FloatArray, time: FloatArray, patients: IntArray, *, confidence: float
) -> Interval | NotEstimable:
    """Limits of Σevents / Σtime, the events of a patient taken together.

    ``events``, ``time`` [n], at least 0; a row without time counts nowhere. The limits are those of a Poisson count as
    informative as what was counted: its variance, linearised by patient, is compared with that of independent events,
    with Student's t on K − 1 degrees of freedom for K patients, and never gives more events than there were. Without
    any event nothing can be said of how they cluster: the upper limit is that of independent events, and too low if
    they do. Units of ``effective_n``: events.
    References: Garwood 1936, Biometrika 28:437 (limits); Korn & Graubard 1998, Survey Methodology 24:193 (size).

    >>> import numpy as np
    >>> found = rate_interval(np.array([0.0, 0.0]), np.array([10.0, 20.0]), np.array([0, 1]), confidence=0.95)
    >>> found.low, round(found.high, 4)
    (0.0, 0.123)
    """
    counted = time > 0
    e, h = patient_sums(events[counted], patients[counted]), patient_sums(time[counted], patients[counted])
    total, hours, k = float(e.sum()), float(h.sum()), len(e)
    if hours <= 0:
        return NotEstimable(reason="no_denominator")
    if k < 2:
        return NotEstimable(reason="one_patient")
    alpha = tail(confidence)
    if total == 0:
        return Interval(0.0, float(gammaincinv(1, 1 - alpha)) / hours, "garwood", 0.0)
    rate = total / hours
    variance = k / (k - 1) * float(((e - rate * h) ** 2).sum())
    size = total if variance == 0 else min(total, total**2 / variance)
    size *= (normal_quantile(confidence) / t_quantile(k - 1, confidence)) ** 2
    low, high = float(gammaincinv(size, alpha)), float(gammaincinv(size + 1, 1 - alpha))
    return Interval(rate * low / size, rate * high / size, "garwood-patients", size)


def mean_share_interval(
    shares: FloatArray, weights: FloatArray, patients: IntArray, *, confidence: float
) -> Interval | NotEstimable:
    """Limits of the mean of shares [n] from 0 to 1, one for each record; ``weights`` [n], 0 where there is none.

    Wilson's, with Student's t on K − 1 degrees of freedom for K patients, for the number of yes-or-no units whose share
    would vary as the mean does (linearised by patient); K units where no share differs, as nothing is known of how they
    vary.
    References: Wilson 1927, J Am Stat Assoc 22:209; Rao & Scott 1992, Biometrics 48:577.

    >>> import numpy as np
    >>> same = mean_share_interval(np.ones(10), np.ones(10), np.arange(10), confidence=0.95)
    >>> round(same.low, 3), same.high
    (0.661, 1.0)
    """
    counted = weights > 0
    total = float(weights[counted].sum())
    if total <= 0:
        return NotEstimable(reason="no_denominator")
    mean = float((shares * weights)[counted].sum()) / total
    by_patient = patient_sums(((shares - mean) * weights / total)[counted], patients[counted])
    k = len(by_patient)
    if k < 2:
        return NotEstimable(reason="one_patient")
    variance = k / (k - 1) * float((by_patient**2).sum())
    mean = min(max(mean, 0.0), 1.0)
    size = mean * (1 - mean) / variance if variance > 0 and 0 < mean < 1 else float(k)
    if not math.isfinite(size):
        size = float(k)
    found = wilson(mean * size, size, confidence, quantile=t_quantile(k - 1, confidence))
    return Interval(found.low, found.high, "wilson-records-t", size)
