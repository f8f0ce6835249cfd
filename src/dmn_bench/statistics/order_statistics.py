"""Quantiles of a sample, and their intervals from its ordered values: nothing is assumed of the distribution."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, bdtrc

from ..vocabulary import Interval, NotEstimable
from .quantiles import tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray


def sample_quantile(values: FloatArray, share: float) -> float:
    """The quantile ``share`` (0–1) of ``values``, straight between ordered values: position share × (n − 1) from 0.

    Raises ValueError unless 0 <= share <= 1 and there is at least one value, all finite.
    Reference: Hyndman & Freedman 1996, Am Stat 50:361, definition 7 (the default of NumPy and R).

    >>> sample_quantile(np.array([4.0, 1.0, 2.0, 8.0]), 0.5), sample_quantile(np.array([0.0, 10.0]), 0.95)
    (3.0, 9.5)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    if not len(values) or not np.isfinite(values).all():
        raise ValueError("a quantile needs at least one value, and finite ones")
    return float(np.quantile(values, share))


def quantile_interval(values: FloatArray, share: float = 0.5, confidence: float = 0.95) -> Interval | NotEstimable:
    """Two-sided limits of the quantile ``share`` (0 < share < 1) of the population that ``values`` were drawn from.

    The limits are two of the ordered values, the narrowest whose chance of lying on the wrong side is at most half of
    1 − ``confidence`` each, counted exactly by the binomial distribution: coverage is at least ``confidence`` for any
    distribution, more where values are tied. Assumes independent draws.
    NotEstimable("too_few") where even the extremes of n values do not cover it: n < 6 for the median at 0.95.
    Raises ValueError unless 0 < share < 1, 0 < confidence < 1 and all values are finite.
    Reference: Conover 1999, Practical Nonparametric Statistics, 3rd ed., section 3.2; David & Nagaraja 2003, 7.1.

    >>> quantile_interval(np.arange(1.0, 21.0))  # P(6 <= B(20, 1/2) <= 14) = 0.9586
    Interval(low=6.0, high=15.0, method='order-statistics', effective_n=20)
    >>> quantile_interval(np.arange(5.0))
    NotEstimable(reason='too_few', facts={'n': 5, 'minimum': 6})
    """
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    if not np.isfinite(values).all():
        raise ValueError("a quantile needs finite values")
    outside, n = tail(confidence), len(values)
    # ``lower`` values and ``n - upper`` values may be passed over at the ends; ranks count from 1.
    lower = bisect_right(range(n + 1), outside, key=lambda k: float(bdtr(k, n, share)))
    upper = bisect_left(range(n + 1), -outside, key=lambda k: -float(bdtrc(k, n, share))) + 1
    if lower < 1 or upper > n:
        return NotEstimable(reason="too_few", facts={"n": n, "minimum": _fewest(share, outside)})
    ordered = np.partition(values, (lower - 1, upper - 1))
    return Interval(float(ordered[lower - 1]), float(ordered[upper - 1]), "order-statistics", n)


def _fewest(share: float, outside: float) -> int:
    """The smallest n of which every value may lie on one side of the quantile with a chance of at most ``outside``."""
    return math.ceil(math.log(outside) / math.log(max(share, 1 - share)))
