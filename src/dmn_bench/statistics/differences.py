"""Agreement of two measurements of the same thing: bias and limits of agreement, several pairs per patient or one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import chdtri, nctdtrit

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_positions
from .quantiles import normal_quantile, t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class LimitsOfAgreement(NamedTuple):
    """Mean difference and the range that holds 95 % of differences, each with its interval, in the unit measured."""

    bias: float
    bias_interval: Interval
    lower: float
    lower_interval: Interval
    upper: float
    upper_interval: Interval
    standard_deviation: float  # of a single difference
    n: int
    n_patients: int


def bland_altman(
    differences: FloatArray, patients: IntArray, *, clustered: bool, confidence: float = 0.95, held: float = 0.95
) -> LimitsOfAgreement | NotEstimable:
    """Bias and limits of agreement of ``differences`` [n] (device − reference), normal differences assumed.

    Not clustered: bias ± t·s/√n (``student-t``); limits bias ± z·s, z the normal deviate of ``held``, with exact
    intervals by the noncentral t (``carkeet-exact``). Clustered, several differences per patient around a value that
    differs between them: s² = between + within patients from a one-way analysis of variance of patient means, bias the
    mean of the patient means; limits by the method of variance estimates recovery (``zou-mover``).
    ``NotEstimable``: ``too_few`` below two patients, ``degenerate`` when all differences are the same.
    Raises ValueError for differences that are not finite.
    Reference: Bland & Altman 1999, Stat Methods Med Res 8:135; Carkeet 2015, Optom Vis Sci 92:e71; Zou 2013, Stat
    Methods Med Res 22:630.

    >>> found = bland_altman(np.array([1.0, 2, 3, 4, 5]), np.arange(5), clustered=False)
    >>> round(found.bias, 3), round(found.lower, 3), round(found.upper, 3), round(found.bias_interval.low, 3)
    (3.0, -0.099, 6.099, 1.037)
    """
    differences = np.asarray(differences, dtype=float)
    if not bool(np.isfinite(differences).all()):
        raise ValueError("differences must be finite")
    positions, n_patients = patient_positions(patients)
    if n_patients < 2:
        return NotEstimable(reason="too_few", facts={"n": n_patients, "minimum": 2})
    sizes = np.bincount(positions, minlength=n_patients)
    if float(np.ptp(differences)) <= 1e-12 * float(np.abs(differences).max()):
        return NotEstimable(reason="degenerate")
    if not clustered or int(sizes.max()) == 1:
        return _independent(differences, n_patients, confidence, held)
    return _repeated(differences, positions, sizes, confidence, held)


def _independent(differences: FloatArray, n_patients: int, confidence: float, held: float) -> LimitsOfAgreement:
    n = len(differences)
    bias, spread = float(differences.mean()), float(differences.std(ddof=1))
    half = t_quantile(n - 1, confidence) * spread / math.sqrt(n)
    z, alpha = normal_quantile(held), tail(confidence)
    near, far = (float(nctdtrit(n - 1, z * math.sqrt(n), p)) * spread / math.sqrt(n) for p in (alpha, 1 - alpha))
    exact = "carkeet-exact"
    return LimitsOfAgreement(
        bias,
        Interval(bias - half, bias + half, "student-t", n),
        bias - z * spread,
        Interval(bias - far, bias - near, exact, n),
        bias + z * spread,
        Interval(bias + near, bias + far, exact, n),
        spread,
        n,
        n_patients,
    )


def _repeated(
    differences: FloatArray, positions: IntArray, sizes: IntArray, confidence: float, held: float
) -> LimitsOfAgreement:
    n, k = len(differences), len(sizes)
    means = np.bincount(positions, weights=differences) / sizes
    bias, of_means = float(means.mean()), float(means.var(ddof=1))
    within = float(((differences - means[positions]) ** 2).sum()) / (n - k)
    inner = (1 - float((1 / sizes).mean())) * within  # 1 / harmonic mean of the sizes
    total = of_means + inner
    alpha, z = tail(confidence), normal_quantile(held)
    parts = ((of_means, k - 1), (inner, n - k))
    # chdtri(df, p) is the quantile with p above it
    down = math.sqrt(sum((part * (1 - df / float(chdtri(df, alpha)))) ** 2 for part, df in parts))
    up = math.sqrt(sum((part * (df / float(chdtri(df, 1 - alpha)) - 1)) ** 2 for part, df in parts))
    half = t_quantile(k - 1, confidence) * math.sqrt(of_means / k)
    spread = math.sqrt(total)
    near = math.hypot(half, z * (spread - math.sqrt(max(total - down, 0.0))))
    far = math.hypot(half, z * (math.sqrt(total + up) - spread))
    lower, upper, name = bias - z * spread, bias + z * spread, "zou-mover"
    return LimitsOfAgreement(
        bias,
        Interval(bias - half, bias + half, "student-t", k),
        lower,
        Interval(lower - far, lower + near, name, k),
        upper,
        Interval(upper - near, upper + far, name, k),
        spread,
        n,
        k,
    )
