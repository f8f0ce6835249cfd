"""Two proportions on the same units, clustered by patient or not: difference, interval, exact test; several at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr, stdtr

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_sums
from .comparison import McNemar, mcnemar, tango_interval, tango_score
from .quantiles import t_quantile

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

LOG_2 = math.log(2)


class PairedShares(NamedTuple):
    """Two proportions on the same ``n`` units, ``difference`` = a − b, and how sure it is.

    ``only_a``: units that a alone has right, ``only_b`` likewise. ``test``: of no difference, exact and mid-p.
    ``degrees_of_freedom``: of Student's t in interval and margin test; None: the normal distribution.
    """

    share_a: float
    share_b: float
    difference: float
    both: int
    only_a: int
    only_b: int
    neither: int
    n: int
    n_patients: int
    test: McNemar
    interval: Interval
    design_effect: float
    degrees_of_freedom: int | None

    def beyond(self, null: float) -> float:
        """One-sided p-value of the true difference being ``null`` or less; it agrees with the interval.

        Tango's score statistic at ``null``, on effective counts where units are clustered: below half of
        1 − confidence just where the lower limit lies above ``null``.
        """
        d = self.design_effect
        score = tango_score(self.only_a / d, self.only_b / d, self.n / d, difference=null)
        if self.degrees_of_freedom is None:
            return float(ndtr(-score))
        return float(stdtr(self.degrees_of_freedom, -score))


class CochranQ(NamedTuple):
    """Test of several candidates being right equally often on the same units."""

    q: float
    degrees_of_freedom: int
    p: float


def paired_shares(
    right_a: FloatArray, right_b: FloatArray, patients: IntArray, *, clustered: bool, confidence: float = 0.95
) -> PairedShares | NotEstimable:
    """Difference of two proportions on the same units, honest about several units of one patient.

    ``right_a``, ``right_b`` [n]: 1 where the candidate is right on the unit, else 0 (for sensitivity: diseased units
    only). ``patients`` [n]: codes. ``clustered``: some patient of the whole set has two units.

    Not clustered: exact McNemar test and Tango's score interval. Clustered: ``clustered_mcnemar``, and Tango's
    interval on effective counts (all divided by the design effect of the difference, at least 1) with Student's t on
    K − 1 degrees of freedom for K patients; its method is ``tango-effective-t``. Where the units' differences show no
    spread (no discordant pair) the design effect is Σm²/Σm, as if the units of a patient were copies. Simulated
    coverage of nominal 95 %: see docs/comparisons.md.

    ``NotEstimable``: ``no_denominator`` without units, ``one_patient`` when clustered and K = 1.
    Raises ValueError unless every entry is 0 or 1.
    Reference: Tango 1998, Stat Med 17:891; Rao & Scott 1992, Biometrics 48:577; Obuchowski 1998, Stat Med 17:1495.

    >>> a, b = np.repeat([1.0, 1, 0, 0], [60, 12, 2, 26]), np.repeat([1.0, 0, 1, 0], [60, 12, 2, 26])
    >>> found = paired_shares(a, b, np.arange(100), clustered=False)
    >>> found.only_a, found.only_b, round(found.test.exact, 6), round(found.interval.low, 5)
    (12, 2, 0.012939, 0.031)
    """
    a, b = np.asarray(right_a, dtype=float), np.asarray(right_b, dtype=float)
    if a.shape != b.shape or not bool(np.all(((a == 0) | (a == 1)) & ((b == 0) | (b == 1)))):
        raise ValueError("both candidates need 0 or 1 for each unit")
    n, n_patients = len(a), len(np.unique(patients))
    if n == 0:
        return NotEstimable(reason="no_denominator")
    if clustered and n_patients < 2:
        return NotEstimable(reason="one_patient")
    both, only_a, only_b = (int(k) for k in (a @ b, a @ (1 - b), b @ (1 - a)))
    d, degrees = 1.0, None
    if clustered:
        d, degrees = paired_design_effect(a - b, patients), n_patients - 1
        quantile = t_quantile(degrees, confidence)
        interval = tango_interval(only_a / d, only_b / d, n / d, confidence=confidence, quantile=quantile)
        interval = interval._replace(method="tango-effective-t")
    else:
        interval = tango_interval(only_a, only_b, n, confidence=confidence)
    return PairedShares(
        share_a=float(a.mean()),
        share_b=float(b.mean()),
        difference=(only_a - only_b) / n,
        both=both,
        only_a=only_a,
        only_b=only_b,
        neither=n - both - only_a - only_b,
        n=n,
        n_patients=n_patients,
        test=clustered_mcnemar(a - b, patients) if clustered else mcnemar(only_a, only_b),
        interval=interval,
        design_effect=d,
        degrees_of_freedom=degrees,
    )


def paired_design_effect(differences: FloatArray, patients: IntArray) -> float:
    """Variance of the mean difference between patients over that of independent units, at least 1.

    ``differences`` [n]: 1 where a alone is right, −1 where b alone is, else 0. Where they show no spread: Σm²/Σm, m
    units of a patient, as if these were copies. Two patients at least are assumed.
    Reference: Rao & Scott 1992, Biometrics 48:577, for the difference as ratio estimator.

    >>> paired_design_effect(np.array([1.0, 1, 0, 0]), np.array([1, 1, 2, 2]))
    4.0
    """
    total, m = patient_sums(differences, patients), patient_sums(np.ones(len(differences)), patients)
    n, k = float(m.sum()), len(m)
    mean = float(total.sum()) / n
    independent = (float((differences**2).sum()) / n - mean**2) / n
    if independent <= 0 or not bool(np.any(differences)):
        return max(float((m**2).sum()) / n, 1.0)
    between = k / (k - 1) * float(((total - m * mean) ** 2).sum()) / n**2
    return max(between / independent, 1.0)


def clustered_mcnemar(differences: FloatArray, patients: IntArray) -> McNemar:
    """Exact and mid-p McNemar test when a patient has several units: whole patients change sides.

    ``differences`` [n]: 1, −1 or 0 as for ``paired_design_effect``. If the candidates are interchangeable, the sum of
    each patient's differences is as likely to have the other sign; the distribution of the total over all 2^K choices
    of signs is convolved exactly, nothing is drawn. With one unit per patient it is the exact McNemar test. Its
    normal approximation is Obuchowski's clustered McNemar statistic, (ΣD)²/ΣD².
    Reference: Obuchowski 1998, Stat Med 17:1495; Fisher's randomisation test of paired differences (Pitman 1937).

    >>> one_each = np.array([1.0] * 12 + [-1.0] * 2)
    >>> round(clustered_mcnemar(one_each, np.arange(14)).exact, 6)
    0.012939
    >>> clustered_mcnemar(np.ones(6), np.array([1, 1, 1, 2, 2, 2])).exact
    0.5
    """
    sums = np.abs(np.rint(patient_sums(differences, patients))).astype(np.int64)
    reach, observed = int(sums.sum()), abs(int(np.rint(np.sum(differences))))
    chance = np.ones(1)  # entry i: of the total 2i − reach so far
    for step, count in zip(*np.unique(sums[sums > 0], return_counts=True), strict=True):
        kept = np.arange(count + 1)  # how many patients of this sum keep their sign
        ways = np.zeros(int(step) * int(count) + 1)
        ways[:: int(step)] = np.exp(gammaln(count + 1) - gammaln(kept + 1) - gammaln(count - kept + 1) - count * LOG_2)
        chance = np.convolve(chance, ways)
    at = (observed + reach) // 2
    beyond, exactly = float(chance[at:].sum()), float(chance[at])
    return McNemar(min(1.0, 2 * beyond), min(1.0, 2 * beyond - exactly))


def cochrans_q(right: FloatArray) -> CochranQ | NotEstimable:
    """Whether several candidates are right equally often on the same independent units.

    ``right`` [n, candidates]: 1 or 0. With two candidates Q is McNemar's (b − c)²/(b + c). Units on which all agree
    do not matter; without others p = 1. ``NotEstimable``: ``fewer_than_two_candidates``.
    Reference: Cochran 1950, Biometrika 37:256.

    >>> found = cochrans_q(np.array([[1.0, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 1], [1, 1, 0]]))
    >>> round(found.q, 4), found.degrees_of_freedom, round(found.p, 4)
    (3.5, 2, 0.1738)
    """
    table = np.asarray(right, dtype=float)
    n_candidates = table.shape[1]
    if n_candidates < 2:
        return NotEstimable(reason="fewer_than_two_candidates")
    by_unit = table.sum(axis=1)
    spread = float((by_unit * (n_candidates - by_unit)).sum())
    if spread == 0:
        return CochranQ(0.0, n_candidates - 1, 1.0)
    by_candidate = table.sum(axis=0)
    q = n_candidates * (n_candidates - 1) * float(((by_candidate - by_candidate.mean()) ** 2).sum()) / spread
    return CochranQ(q, n_candidates - 1, float(chdtrc(n_candidates - 1, q)))


def permuted_cochran(right: FloatArray, patients: IntArray, *, draws: int, seed: int) -> float | NotEstimable:
    """p-value of several candidates being right equally often, permuting the candidates within whole patients.

    ``right`` [n, candidates]; the statistic is Cochran's sum of squares of the candidates' totals. All units of a
    patient go to the same candidate together, so clusters are respected. p = (1 + extreme draws) / (1 + draws).
    ``NotEstimable``: ``fewer_than_two_candidates``.
    Reference: Cochran 1950, Biometrika 37:256; Phipson & Smyth 2010, SAGMB 9:39.

    >>> right = np.array([[1.0, 0, 0]] * 12)
    >>> permuted_cochran(right, np.arange(12), draws=999, seed=1)
    0.001
    """
    table = np.asarray(right, dtype=float)
    if table.shape[1] < 2:
        return NotEstimable(reason="fewer_than_two_candidates")
    sums = np.stack([patient_sums(column, patients) for column in table.T], axis=1)
    middle = sums.sum() / sums.shape[1]

    def spread(of_patients: FloatArray) -> float:
        return float(((of_patients.sum(axis=0) - middle) ** 2).sum())

    rng = np.random.default_rng(seed)
    # Ties are decided by rounding alone, and must count as at least as extreme.
    observed = spread(sums) * (1 - 1e-9)
    extreme = sum(spread(rng.permuted(sums, axis=1)) >= observed for _ in range(draws))
    return (1 + extreme) / (1 + draws)
