"""Differences between two ways of measuring one quantity: their mean, their spread, and limits for both.

Differences are measured minus reference, in one unit. Rows of one patient are no independent evidence: every interval
sums the rows of a patient first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri, nctdtrit

from ..vocabulary import Interval, NotEstimable
from .clusters import n_different, patient_sums
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
    ``NotEstimable``: ``degenerate`` where all values are equal, for then nothing shows how they vary.
    Reference: Cochran 1977, Sampling Techniques, section 11.8 (ratio of two cluster totals).

    >>> found = mean_interval(np.array([1.0, 2.0, 3.0]), np.ones(3), np.array([0, 1, 2]), confidence=0.95)
    >>> round(found.low, 4), round(found.high, 4)
    (-0.4841, 4.4841)
    """
    total = float(weights.sum())
    if total <= 0:
        return NotEstimable(reason="no_denominator")
    counted = weights > 0
    if n_different(patients[counted]) < 2:
        return NotEstimable(reason="one_patient")
    if np.ptp(values[counted]) == 0:
        return NotEstimable(reason="degenerate")
    mean = float((values * weights).sum()) / total
    return _linearised(mean, (values - mean) * weights / total, weights, patients, confidence)


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
    the limits of the mean (Student's t, linearised by patient) and of the standard deviation (chi-square with as many
    degrees of freedom as its variance, linearised by patient, stands for, K − 1 for K patients at most) put together by
    the method of variance estimates recovery. Simulated coverage of 95 % is 98 % and more with 1 to 11 differences of a
    patient. ``NotEstimable``: ``degenerate`` where all differences are equal.
    References: Carkeet 2015, Optom Vis Sci 92:e71 (exact); Zou 2013, Stat Methods Med Res 22:630 (several differences
    of a subject); Satterthwaite 1946, Biometrics Bull 2:110.
    """
    n = len(differences)
    if n < 2:
        return NotEstimable(reason="one_value")
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if clustered and n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    if np.ptp(differences) == 0:
        return NotEstimable(reason="degenerate")
    z, alpha = side * normal_quantile(AGREEMENT), tail(confidence)
    if clustered:
        return _recovered(differences, patients, z, confidence)
    noncentral = z * math.sqrt(n)
    low, high = (float(nctdtrit(n - 1, noncentral, p)) for p in (alpha, 1 - alpha))
    return Interval(mean + low * deviation / math.sqrt(n), mean + high * deviation / math.sqrt(n), "agreement-exact")


def _recovered(differences: FloatArray, patients: IntArray, z: float, confidence: float) -> Interval:
    n, alpha = len(differences), tail(confidence)
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    centred = differences - mean
    of_mean = patient_sums(centred / n, patients)
    of_variance = patient_sums((centred**2 * n / (n - 1) - variance) / n, patients)
    k = len(of_mean)
    half = t_quantile(k - 1, confidence) * math.sqrt(k / (k - 1) * float((of_mean**2).sum()))
    spread = k / (k - 1) * float((of_variance**2).sum())
    df = k - 1.0 if spread == 0 else min(2 * variance**2 / spread, k - 1.0)
    deviation = math.sqrt(variance)
    shorter, longer = (deviation * math.sqrt(df / float(chdtri(df, p))) for p in (alpha, 1 - alpha))
    inwards, outwards = abs(z) * (deviation - shorter), abs(z) * (longer - deviation)
    below, above = (inwards, outwards) if z > 0 else (outwards, inwards)
    limit = mean + z * deviation
    return Interval(limit - math.hypot(half, below), limit + math.hypot(half, above), "agreement-recovered")


def _linearised(
    value: float, influence: FloatArray, weights: FloatArray, patients: IntArray, confidence: float
) -> Interval:
    counted = weights > 0
    by_patient = patient_sums(influence[counted], patients[counted])
    k = len(by_patient)
    half = t_quantile(k - 1, confidence) * math.sqrt(k / (k - 1) * float((by_patient**2).sum()))
    return Interval(value - half, value + half, "mean-t")
