"""Intervals of one proportion: independent or clustered by patient, for estimates and for verdicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betaincinv

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_sums
from .quantiles import normal_quantile, t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class EffectiveCount(NamedTuple):
    """A proportion as k of n independent units that carry the same information; both may be fractions."""

    k: float
    n: float


def wilson(k: float, n: float, confidence: float = 0.95, *, quantile: float | None = None) -> Interval:
    """Two-sided Wilson score interval for k of n independent units.

    ``k`` and ``n`` may be effective (real) counts. ``quantile`` replaces the normal deviate of ``confidence``, as
    for few clusters (Student's t). Assumes independent units; for several units per patient see
    ``proportion_interval``.
    Raises ValueError unless n > 0, 0 <= k <= n and 0 < confidence < 1.
    Reference: Wilson 1927, JASA 22:209; Newcombe 1998, Stat Med 17:857.

    >>> low, high, method, n = wilson(45, 50)
    >>> round(low, 4), round(high, 4), method, n
    (0.7864, 0.9565, 'wilson', 50)
    """
    _check(k, n)
    z = normal_quantile(confidence) if quantile is None else quantile
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the limit is 0 or 1 by algebra; rounding must not print 1e-18.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high, "wilson", n)


def clopper_pearson(k: float, n: float, confidence: float = 0.95) -> Interval:
    """Two-sided exact (Clopper–Pearson) interval for k of n independent units: coverage is at least ``confidence``.

    For real k and n it is the continuous form by the beta distribution (Korn & Graubard 1998).
    Raises ValueError unless n > 0, 0 <= k <= n and 0 < confidence < 1.
    Reference: Clopper & Pearson 1934, Biometrika 26:404.

    >>> low, high, method, _ = clopper_pearson(45, 50)
    >>> round(low, 4), round(high, 4), method
    (0.7819, 0.9667, 'clopper-pearson')
    """
    _check(k, n)
    alpha = tail(confidence)
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, alpha))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - alpha))
    return Interval(low, high, "clopper-pearson", n)


def one_sided_upper(k: float, n: float, confidence: float = 0.95) -> float:
    """Exact one-sided upper bound of a rate of critical errors, k seen in n independent units.

    Raises ValueError unless n > 0, 0 <= k <= n and 0 < confidence < 1.
    Reference: Clopper & Pearson 1934; for k = 0 it is 1 − (1 − confidence)^(1/n).

    >>> round(one_sided_upper(0, 30), 6), round(1 - 0.05 ** (1 / 30), 6)
    (0.095034, 0.095034)
    """
    _check(k, n)
    tail(confidence)
    return 1.0 if k == n else float(betaincinv(k + 1, n - k, confidence))


def design_effect(numerators: FloatArray, denominators: FloatArray, patients: IntArray) -> float:
    """How many clustered units are worth one independent unit, at least 1.

    All arguments [n], one entry per row; rows may carry counts above 1, rows with denominator 0 do not matter. The
    variance of the ratio between patients over its binomial variance; where all units are right or all wrong it is
    Σm²/Σm (m = units of a patient), as if units of one patient were copies.
    Raises ValueError if fewer than two patients have a relevant unit, or 0 <= numerator <= denominator fails.
    Reference: Rao & Scott 1992, Biometrics 48:577.

    >>> design_effect(np.array([1.0, 1, 0, 0]), np.ones(4), np.array([1, 1, 2, 2]))
    4.0
    >>> design_effect(np.ones(4), np.ones(4), np.array([1, 1, 2, 2]))
    2.0
    """
    x, m = _by_patient(numerators, denominators, patients)
    n_patients = len(m)
    if n_patients < 2:
        raise ValueError("a design effect needs two patients with a relevant unit")
    n, k = float(m.sum()), float(x.sum())
    if k == 0 or k == n:
        return _copies(m)
    share = k / n
    variance = n_patients / (n_patients - 1) * float(((x - m * share) ** 2).sum()) / n**2
    return max(variance * n / (share * (1 - share)), 1.0)


def effective_count(
    numerators: FloatArray, denominators: FloatArray, patients: IntArray, *, clustered: bool
) -> EffectiveCount | NotEstimable:
    """The proportion as effective counts, for formulas that expect independent units (predictive values, gaps, Q).

    Arguments as for ``proportion_interval``; plain counts where nothing is clustered.

    >>> effective_count(np.array([1.0, 1, 0, 0]), np.ones(4), np.array([1, 1, 2, 2]), clustered=True)
    EffectiveCount(k=0.5, n=1.0)
    """
    x, m = _by_patient(numerators, denominators, patients)
    absent = _absence(m, clustered=_has_clusters(denominators, clustered))
    if absent is not None:
        return absent
    k, n = float(x.sum()), float(m.sum())
    d = design_effect(numerators, denominators, patients) if _has_clusters(denominators, clustered) else 1.0
    return EffectiveCount(k / d, n / d)


def proportion_interval(
    numerators: FloatArray, denominators: FloatArray, patients: IntArray, *, clustered: bool, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Display interval of Σnumerators / Σdenominators, honest about several units of one patient.

    ``numerators``, ``denominators``, ``patients`` [n], one entry per row; a row is relevant when its denominator is
    above 0. ``clustered``: some patient of the whole set (not only of this stratum) has two units; a row that counts
    several things at once (beats of a record) is clustered whatever the flag says. Not clustered: Wilson. Clustered:
    Wilson on the Rao–Scott effective size with Student's t on K−1 degrees of freedom, K patients with a relevant
    unit. ``NotEstimable``: ``no_denominator`` without a relevant unit, ``one_patient`` when clustered and K = 1.
    Raises ValueError unless 0 <= numerator <= denominator in every row.
    Reference: Rao & Scott 1992, Biometrics 48:577; Wilson 1927.

    >>> right = np.array([1.0] * 45 + [0.0] * 5)
    >>> low, high, method, n = proportion_interval(right, np.ones(50), np.arange(50), clustered=True)
    >>> round(low, 4), round(high, 4), method, round(n, 6)
    (0.7813, 0.9577, 'rao-scott-wilson-t', 49.0)
    """
    effective = effective_count(numerators, denominators, patients, clustered=clustered)
    if isinstance(effective, NotEstimable):
        return effective
    if not _has_clusters(denominators, clustered):
        return wilson(effective.k, effective.n, confidence)
    n_patients = len(_by_patient(numerators, denominators, patients)[1])
    found = wilson(effective.k, effective.n, confidence, quantile=t_quantile(n_patients - 1, confidence))
    return found._replace(method="rao-scott-wilson-t")


def acceptance_interval(
    numerators: FloatArray, denominators: FloatArray, patients: IntArray, *, clustered: bool, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Interval for verdicts, its coverage never below ``confidence``: wider than ``proportion_interval``.

    Arguments and absences as for ``proportion_interval``. Not clustered: Clopper–Pearson. Clustered: its continuous
    form on n/d units with d = Σm²/Σm, the design effect if units of a patient were copies of each other: an estimated
    design effect covers too little with few patients and few errors. Simulated coverage is above 98 % with 1 to 4 units
    per patient; only where one patient holds half of all units and they are copies does it touch the nominal level
    (94.6 % with 20 patients and a share of 0.95), the misses lying below the truth.
    Reference: Clopper & Pearson 1934; Korn & Graubard 1998, Survey Methodology 24:193.

    >>> low, high, method, _ = acceptance_interval(np.ones(30), np.ones(30), np.arange(30), clustered=False)
    >>> round(low, 4), high, method
    (0.8843, 1.0, 'clopper-pearson')
    """
    x, m = _by_patient(numerators, denominators, patients)
    with_clusters = _has_clusters(denominators, clustered)
    absent = _absence(m, clustered=with_clusters)
    if absent is not None:
        return absent
    k, n = float(x.sum()), float(m.sum())
    if not with_clusters:
        return clopper_pearson(k, n, confidence)
    d = _copies(m)
    return clopper_pearson(k / d, n / d, confidence)._replace(method="korn-graubard")


def ratio_of_counts(
    numerators: FloatArray, denominators: FloatArray, patients: IntArray, *, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Display interval of a proportion of things counted several to a row: beats of a record, marks of an exam.

    ``proportion_interval`` with clusters, whatever the counts: one record per patient still holds beats that resemble
    each other. Numerators may not exceed denominators; a rate such as false positives per image needs resampling.

    >>> low, high, method, _ = ratio_of_counts(np.array([90.0, 70, 99]), np.array([100.0, 100, 100]), np.arange(3))
    >>> round(low, 3), round(high, 3), method
    (0.351, 0.987, 'rao-scott-wilson-t')
    """
    return proportion_interval(numerators, denominators, patients, clustered=True, confidence=confidence)


def _check(k: float, n: float) -> None:
    if not n > 0:
        raise ValueError(f"n must be above 0, not {n}")
    if not 0 <= k <= n:
        raise ValueError(f"k must lie between 0 and n = {n}, not {k}")


def _by_patient(numerators: FloatArray, denominators: FloatArray, patients: IntArray) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of each patient with a relevant unit."""
    x, m = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if not bool(np.all((x >= 0) & (x <= m) & np.isfinite(m))):
        raise ValueError("every row needs 0 <= numerator <= denominator")
    x, m = patient_sums(x, patients), patient_sums(m, patients)
    return x[m > 0], m[m > 0]


def _has_clusters(denominators: FloatArray, clustered: bool) -> bool:
    return clustered or bool(np.any(np.asarray(denominators) > 1))


def _absence(m: FloatArray, *, clustered: bool) -> NotEstimable | None:
    if len(m) == 0:
        return NotEstimable(reason="no_denominator")
    if clustered and len(m) == 1:
        return NotEstimable(reason="one_patient")
    return None


def _copies(m: FloatArray) -> float:
    """Design effect Σm²/Σm when the m units of a patient are copies of each other."""
    return max(float((m**2).sum() / m.sum()), 1.0)
