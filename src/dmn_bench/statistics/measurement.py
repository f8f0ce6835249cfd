"""Differences between two ways of measuring one quantity: their mean, their spread, and limits for both.

Differences are measured minus reference, in one unit. Rows of one patient are no independent evidence: every interval
sums the rows of a patient first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import nctdtrit

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_sums
from .quantiles import normal_quantile, t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

AGREEMENT = 0.95
"""Share of the differences between the two limits of agreement, if differences are normal."""


def mean_interval(
    values: FloatArray, weights: FloatArray, patients: IntArray, *, confidence: float
) -> Interval | NotEstimable:
    """Limits of the weighted mean of ``values`` [n]; ``weights`` [n] are at least 0, a row of weight 0 counts nowhere.

    Linearised by patient: t with K − 1 degrees of freedom for K patients. With one row for each patient and equal
    weights this is Student's interval of a mean.
    Reference: Cochran 1977, Sampling Techniques, section 11.8 (ratio of two cluster totals).

    >>> found = mean_interval(np.array([1.0, 2.0, 3.0]), np.ones(3), np.array([0, 1, 2]), confidence=0.95)
    >>> round(found.low, 4), round(found.high, 4)
    (-0.4841, 4.4841)
    """
    total = float(weights.sum())
    if total <= 0:
        return NotEstimable(reason="no_denominator")
    mean = float((values * weights).sum()) / total
    return _linearised(mean, (values - mean) * weights / total, weights, patients, confidence, "mean-t")


def limit_of_agreement(total: FloatArray, squares: FloatArray, n: FloatArray, side: int) -> FloatArray:
    """Mean + ``side`` × 1.96 × standard deviation (divisor n − 1) from sums [b] of differences and of their squares.

    ``side``: −1 for the lower limit, +1 for the upper. NaN where n is below 2. All differences of a set count alike,
    however many a patient has.
    Reference: Bland & Altman 1986, Lancet 327:307.

    >>> limit_of_agreement(np.array([6.0]), np.array([14.0]), np.array([3.0]), +1).round(4).tolist()
    [3.96]
    """
    found = np.full(np.shape(n), np.nan)
    enough = n >= 2
    mean = np.divide(total, n, out=np.zeros_like(found), where=enough)
    spread = np.maximum(squares - n * mean**2, 0.0)  # rounding may leave it a hair below 0
    variance = np.divide(spread, n - 1, out=np.zeros_like(found), where=enough)
    found[enough] = (mean + side * normal_quantile(AGREEMENT) * np.sqrt(variance))[enough]
    return found


def limit_interval(
    differences: FloatArray, patients: IntArray, side: int, *, clustered: bool, confidence: float
) -> Interval | NotEstimable:
    """Limits of a limit of agreement of ``differences`` [n], all finite.

    Independent differences: exact for normal ones, from the noncentral t distribution. Where patients have several:
    linearised by patient, t with K − 1 degrees of freedom.
    References: Carkeet 2015, Optom Vis Sci 92:e71 (exact); Bland & Altman 2007, J Biopharm Stat 17:571 (several
    differences of a subject).
    """
    n = len(differences)
    if n < 2:
        return NotEstimable(reason="one_value")
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    z = side * normal_quantile(AGREEMENT)
    if clustered:
        centred = differences - mean
        bent = np.zeros(n) if deviation == 0 else z * (centred**2 * n / (n - 1) - deviation**2) / (2 * deviation)
        return _linearised(mean + z * deviation, (centred + bent) / n, np.ones(n), patients, confidence, "agreement-t")
    alpha, noncentral = tail(confidence), z * math.sqrt(n)
    low, high = (float(nctdtrit(n - 1, noncentral, p)) for p in (alpha, 1 - alpha))
    return Interval(mean + low * deviation / math.sqrt(n), mean + high * deviation / math.sqrt(n), "agreement-exact")


def _linearised(
    value: float, influence: FloatArray, weights: FloatArray, patients: IntArray, confidence: float, method: str
) -> Interval | NotEstimable:
    counted = weights > 0
    by_patient = patient_sums(influence[counted], patients[counted])
    k = len(by_patient)
    if k < 2:
        return NotEstimable(reason="one_patient")
    half = t_quantile(k - 1, confidence) * math.sqrt(k / (k - 1) * float((by_patient**2).sum()))
    return Interval(value - half, value + half, method)
