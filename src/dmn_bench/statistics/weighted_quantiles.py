"""Quantiles of weighted values for many weightings at once, and their limits where a patient has several values.

Values may be infinite: what was not found, or could not be reached, ranks beyond everything else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc

from ..vocabulary import Interval, NotEstimable
from .clusters import n_different
from .quantiles import tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

HAIR = 1e-9
"""Share of a weight by which a running sum may miss it and still have reached it."""


def weighted_quantile(weights: FloatArray, values: FloatArray, share: float) -> FloatArray:
    """The quantile ``share`` (0 < share < 1) of ``values`` [c], ascending, for each row of ``weights`` [b, c].

    The smallest value up to which that share of the weight lies; between two values where it is met exactly: their
    mean, which is infinite if one of them is. NaN where all weights are 0.
    Raises ValueError unless 0 < share < 1.
    Reference: Hyndman & Freedman 1996, Am Stat 50:361, definition 2 (of equal weights).

    >>> weights = np.array([[1.0, 1, 1, 1], [1, 1, 3, 0], [0, 0, 0, 0]])
    >>> weighted_quantile(weights, np.array([1.0, 2, 4, 8]), 0.5).tolist()
    [3.0, 4.0, nan]
    """
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    total = weights.sum(axis=1)
    if not len(values):
        return np.full(len(weights), np.nan)
    reached, wanted = np.cumsum(weights, axis=1), share * total[:, None]
    hair = HAIR * np.maximum(wanted, 1.0)
    last = len(values) - 1
    lower = np.minimum((reached < wanted - hair).sum(axis=1), last)
    upper = np.minimum((reached <= wanted + hair).sum(axis=1), last)
    both = np.isinf(values[lower]) & np.isinf(values[upper])  # −∞ and ∞ have no mean; the lower one stands for it
    found = np.where(both, values[lower], (np.where(both, 0.0, values[lower]) + np.where(both, 0.0, values[upper])) / 2)
    return np.where(total > 0, found, np.nan)


def quantile_limits(
    values: FloatArray, patients: IntArray, share: float, *, clustered: bool, confidence: float = 0.95
) -> Interval | NotEstimable:
    """Two-sided limits of the quantile ``share`` (0 < share < 1) of the population that ``values`` [n] come from.

    Independent values: two of the ordered ones, counted exactly by the binomial distribution, as ``quantile_interval``
    does. Where a patient has several: the same in its continuous form with n/d values instead of n, d = Σm²/Σm for
    patients with m values each, which takes the values of a patient to be alike (the form of Korn & Graubard 1998, Surv
    Methodol 24:193, as for proportions). Coverage is at least ``confidence``, more where values are tied: both limits
    may be one value. They are infinite where values are.
    ``NotEstimable``: ``no_denominator``, ``too_few`` where even the extremes do not cover it, ``one_patient``.

    >>> quantile_limits(np.arange(1.0, 21.0), np.arange(20), 0.5, clustered=False)
    Interval(low=6.0, high=15.0, method='order-statistics', effective_n=20.0)
    >>> quantile_limits(np.arange(1.0, 21.0), np.arange(20) // 2, 0.5, clustered=True)
    Interval(low=3.0, high=18.0, method='order-statistics-clustered', effective_n=10.0)
    """
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    outside, n = tail(confidence), len(values)
    if not n:
        return NotEstimable(reason="no_denominator")
    if clustered and n_different(patients) < 2:
        return NotEstimable(reason="one_patient")
    effective = _effective(patients) if clustered else float(n)
    step = effective / n  # of the ranks, where n values count as fewer
    rank = np.arange(1, n + 1)
    too_high = 1 - betainc((rank - 1) * step + 1, effective - (rank - 1) * step, share)  # P(B <= rank − 1)
    too_low = betainc(rank * step, effective - rank * step + 1, share)  # P(B >= rank)
    lower, upper = np.flatnonzero(too_high <= outside), np.flatnonzero(too_low <= outside)
    if not len(lower) or not len(upper):
        return NotEstimable(reason="too_few", facts={"n": n, "minimum": _fewest(share, outside)})
    ordered = np.sort(values)
    method = "order-statistics-clustered" if clustered else "order-statistics"
    return Interval(float(ordered[lower[-1]]), float(ordered[upper[0]]), method, effective)


def _effective(patients: IntArray) -> float:
    """How many values count, if those of a patient are alike."""
    sizes = np.unique(patients, return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes.astype(np.float64) ** 2).sum())


def _fewest(share: float, outside: float) -> int:
    """The smallest n of which every value may lie on one side of the quantile with a chance of at most ``outside``."""
    return math.ceil(math.log(outside) / math.log(max(share, 1 - share)))
