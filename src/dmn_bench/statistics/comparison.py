"""Differences between candidates on the same cases, between strata, and several tests at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import bdtr, chdtrc, gammaln

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_positions
from .proportions import wilson
from .quantiles import normal_quantile

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class McNemar(NamedTuple):
    """Two-sided p-values of the test of equal proportions on the same units."""

    exact: float
    mid_p: float


class Heterogeneity(NamedTuple):
    """Test of one proportion being the same in all strata; ``i_squared``: share of the spread beyond chance."""

    q: float
    degrees_of_freedom: int
    p: float
    i_squared: float


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """Exact and mid-p McNemar test from the discordant pairs; independent pairs are assumed.

    ``only_first``: units that the first alone gets right; ``only_second`` likewise. Without discordant pairs p = 1.
    Raises ValueError for negative counts.
    Reference: McNemar 1947, Psychometrika 12:153; Fagerland et al. 2013, BMC Med Res Methodol 13:91 (mid-p).

    >>> found = mcnemar(12, 2)
    >>> round(found.exact, 6), round(found.mid_p, 6)
    (0.012939, 0.007385)
    """
    if only_first < 0 or only_second < 0:
        raise ValueError("counts of discordant pairs cannot be negative")
    n, fewer = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return McNemar(1.0, 1.0)
    at_most = float(bdtr(fewer, n, 0.5))
    exactly = math.exp(float(gammaln(n + 1) - gammaln(fewer + 1) - gammaln(n - fewer + 1)) - n * math.log(2))
    return McNemar(min(1.0, 2 * at_most), min(1.0, 2 * at_most - exactly))


def tango_interval(
    only_first: float, only_second: float, n: float, *, confidence: float = 0.95, quantile: float | None = None
) -> Interval:
    """Score interval of the difference of two proportions on the same n units: (only_first − only_second) / n.

    Works with no discordant pairs. Independent units are assumed; effective counts may be given, and ``quantile`` in
    place of the normal deviate of ``confidence``, as for few clusters (Student's t).
    Raises ValueError unless the counts are not negative and together at most n > 0.
    Reference: Tango 1998, Stat Med 17:891.

    >>> low, high, method, _ = tango_interval(12, 2, 100)
    >>> round(low, 5), round(high, 5), method
    (0.031, 0.18188, 'tango')
    """
    _check_pairs(only_first, only_second, n)
    z = normal_quantile(confidence) if quantile is None else quantile
    difference = (only_first - only_second) / n

    def beyond(delta: float, sign: float) -> float:
        distance, spread = _tango_distance(only_first, only_second, n, delta)
        return distance - sign * z * spread

    low = _crossing(lambda d: beyond(d, 1.0), -1.0, difference)
    high = _crossing(lambda d: beyond(d, -1.0), difference, 1.0)
    return Interval(low, high, "tango", n)


def tango_score(only_first: float, only_second: float, n: float, *, difference: float = 0.0) -> float:
    """Score statistic of the true difference being ``difference`` (−1 to 1): a standard normal deviate if it is.

    ``tango_interval`` holds just the differences whose statistic lies within ±z. With ``difference`` 0 it is
    McNemar's, (b − c)/√(b + c). Positive when the observed difference is the greater one; ±inf where a difference is
    impossible. Counts as for ``tango_interval``.
    Reference: Tango 1998, Stat Med 17:891.

    >>> round(tango_score(12, 2, 100), 4), round((12 - 2) / 14**0.5, 4)
    (2.6726, 2.6726)
    """
    _check_pairs(only_first, only_second, n)
    distance, spread = _tango_distance(only_first, only_second, n, difference)
    if distance == 0:
        return 0.0
    return distance / spread if spread > 0 else math.copysign(math.inf, distance)


def newcombe_interval(k_a: float, n_a: float, k_b: float, n_b: float, *, confidence: float = 0.95) -> Interval:
    """Interval of the difference k_a/n_a − k_b/n_b of two independent proportions (Newcombe's method 10).

    Counts may be effective where units are clustered. ``effective_n`` is the smaller of both.
    Raises ValueError as ``wilson``.
    Reference: Newcombe 1998, Stat Med 17:873, method 10.

    >>> low, high, method, _ = newcombe_interval(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4), method
    (0.0524, 0.3339, 'newcombe-10')
    """
    a, b = wilson(k_a, n_a, confidence), wilson(k_b, n_b, confidence)
    p_a, p_b = k_a / n_a, k_b / n_b
    low = p_a - p_b - math.hypot(p_a - a.low, b.high - p_b)
    high = p_a - p_b + math.hypot(a.high - p_a, p_b - b.low)
    return Interval(low, high, "newcombe-10", min(n_a, n_b))


def heterogeneity(counts: Sequence[float], sizes: Sequence[float]) -> Heterogeneity | NotEstimable:
    """Q test on logits of a proportion being the same in k strata, ½ added to every cell, and I².

    ``counts`` of ``sizes`` units in each stratum; effective counts where units are clustered (plain ones reject a true
    null three times too often). Strata without units are left out. ``NotEstimable``: ``fewer_than_two_strata``.
    Raises ValueError unless 0 <= count <= size.
    Reference: Cochran 1954, Biometrics 10:101; Higgins & Thompson 2002, Stat Med 21:1539.

    >>> found = heterogeneity([45, 38, 28], [50, 50, 40])
    >>> round(found.q, 4), found.degrees_of_freedom, round(found.p, 5), round(found.i_squared, 4)
    (5.3592, 2, 0.06859, 0.6268)
    """
    x, n = np.asarray(counts, dtype=float), np.asarray(sizes, dtype=float)
    if x.shape != n.shape or not bool(np.all((x >= 0) & (x <= n))):
        raise ValueError("every stratum needs 0 <= count <= size")
    x, n = x[n > 0], n[n > 0]
    if len(n) < 2:
        return NotEstimable(reason="fewer_than_two_strata")
    y = np.log((x + 0.5) / (n - x + 0.5))
    weight = 1 / (1 / (x + 0.5) + 1 / (n - x + 0.5))
    q = float((weight * (y - (weight * y).sum() / weight.sum()) ** 2).sum())
    df = len(n) - 1
    return Heterogeneity(q, df, float(chdtrc(df, q)), max(0.0, (q - df) / q) if q > 0 else 0.0)


def permutation_heterogeneity(
    numerators: FloatArray, denominators: FloatArray, patients: IntArray, levels: IntArray, *, draws: int, seed: int
) -> float | NotEstimable:
    """p-value of a proportion being the same at every level, by permuting whole patients over the levels.

    For small or clustered cells, where Q's χ² is not to be trusted. All arrays [n]: a row adds ``numerators`` of
    ``denominators`` units of its patient at its level (codes). The statistic is Pearson's χ² of the k × 2 table; a
    patient carries all units to the level drawn for him. p = (1 + draws at least as extreme) / (1 + draws).

    ``NotEstimable``: ``fewer_than_two_strata`` with units; ``levels_within_patients`` when a patient has units at
    several levels, so that his level cannot be drawn.
    Reference: Phipson & Smyth 2010, SAGMB 9:39 (p of random permutations is never 0).

    >>> hits = np.array([1.0] * 12 + [0.0] * 12)
    >>> p = permutation_heterogeneity(
    ...     hits, np.ones(24), np.arange(24), np.repeat([0, 1], 12), draws=999, seed=1)
    >>> p
    0.001
    """
    rows = denominators > 0
    positions, n_patients = patient_positions(patients[rows])
    codes, level = np.unique(levels[rows], return_inverse=True)
    if len(codes) < 2:
        return NotEstimable(reason="fewer_than_two_strata")
    of_patient = np.zeros(n_patients, dtype=np.int64)
    of_patient[positions] = level
    if bool(np.any(of_patient[positions] != level)):
        return NotEstimable(reason="levels_within_patients")
    hits = np.bincount(positions, weights=numerators[rows], minlength=n_patients)
    sizes = np.bincount(positions, weights=denominators[rows], minlength=n_patients)
    share = hits.sum() / sizes.sum()
    if not 0 < share < 1:
        return 1.0

    def chi_squared(drawn: IntArray) -> float:
        k = np.bincount(drawn, weights=hits, minlength=len(codes))
        n = np.bincount(drawn, weights=sizes, minlength=len(codes))
        return float(((k - n * share) ** 2 / n).sum() / (share * (1 - share)))

    rng = np.random.default_rng(seed)
    # Ties are decided by rounding alone, and must count as at least as extreme.
    observed = chi_squared(of_patient) * (1 - 1e-9)
    extreme = sum(chi_squared(rng.permutation(of_patient)) >= observed for _ in range(draws))
    return (1 + extreme) / (1 + draws)


def holm(p_values: Sequence[float]) -> FloatArray:
    """Holm's adjusted p-values, in the order given.

    Raises ValueError for a p-value outside 0–1.
    Reference: Holm 1979, Scand J Stat 6:65.

    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    if not bool(np.all((p >= 0) & (p <= 1))):
        raise ValueError("p-values must lie between 0 and 1")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def _crossing(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that does not rise between ``low`` and ``high`` crosses 0, to the last bits."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def _check_pairs(only_first: float, only_second: float, n: float) -> None:
    if only_first < 0 or only_second < 0 or not n > 0 or only_first + only_second > n * (1 + 1e-12):
        raise ValueError("discordant pairs must not be negative, and together at most n > 0")


def _tango_distance(only_first: float, only_second: float, n: float, delta: float) -> tuple[float, float]:
    """How far the observed count difference is from n·delta, and its standard error at the constrained maximum."""
    b = -only_first - only_second + (2 * n - only_first + only_second) * delta
    c = -only_second * delta * (1 - delta)
    q = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    spread = n * (2 * q + delta * (1 - delta))
    return only_first - only_second - n * delta, math.sqrt(max(spread, 0.0))
