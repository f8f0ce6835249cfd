"""How many units a comparison on the same cases needs: superiority in closed form, non-inferiority by simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .quantiles import normal_quantile

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray

SIMULATIONS = 20_000  # simulated studies for each n: the power is known to ± 0.6 points
PAIRS_AT_MOST = 200_000


class Discordance(NamedTuple):
    """What must be assumed of the pairs: the shares that only one of both gets right; their sum is at most 1."""

    only_new: float
    only_reference: float


class PairedSize(NamedTuple):
    """Pairs with the simulated power there and its Monte-Carlo error (one standard error)."""

    n: int
    power: float
    power_error: float


def units_for_superiority(assumed: Discordance, *, power: float = 0.8, confidence: float = 0.95) -> int:
    """Pairs for which McNemar's test shows that the new one is better (or worse), about.

    n = (z√ψ + z_β√(ψ − δ²))²/δ² with ψ the discordant share and δ the difference; two-sided at 1 − confidence.
    Raises ValueError for shares that are no shares, without a difference, or unless 0 < power < 1.
    Reference: Connor 1987, Biometrics 43:207.

    >>> units_for_superiority(Discordance(0.15, 0.05))
    155
    """
    _check(assumed, power)
    difference, discordant = assumed.only_new - assumed.only_reference, sum(assumed)
    if difference == 0:
        raise ValueError("without a difference no number of pairs shows one")
    z, z_power = normal_quantile(confidence), _one_sided(power)
    root = z * math.sqrt(discordant) + z_power * math.sqrt(discordant - difference**2)
    return math.ceil(root**2 / difference**2 - 1e-9)


def non_inferiority_power(
    n: int,
    assumed: Discordance,
    margin: float,
    *,
    seed: int,
    simulations: int = SIMULATIONS,
    confidence: float = 0.95,
) -> float:
    """Share of simulated studies of n pairs in which Tango's lower limit of new − reference lies above −margin.

    The two-sided interval at ``confidence`` is a one-sided test at half its complement. The limit lies above −margin
    exactly where Tango's statistic at −margin exceeds the normal deviate, so no limit is searched for. The draws depend
    on (seed, n) alone.
    Raises ValueError for shares that are no shares, unless 0 < margin < 1, and for n or simulations below 1.
    Reference: Tango 1998, Stat Med 17:891.

    >>> round(non_inferiority_power(300, Discordance(0.05, 0.05), 0.05, seed=1), 2)
    0.74
    """
    _check(assumed, 0.5, margin)
    if n < 1 or simulations < 1:
        raise ValueError("a simulation needs n and simulations of at least 1")
    rng = np.random.default_rng([seed, n])
    shares = [*assumed, max(0.0, 1 - sum(assumed))]
    drawn = rng.multinomial(n, shares, size=simulations)
    only_new, only_reference = drawn[:, 0].astype(float), drawn[:, 1].astype(float)
    return float(np.mean(is_non_inferior(only_new, only_reference, n, margin, confidence=confidence)))


def is_non_inferior(
    only_new: FloatArray, only_reference: FloatArray, n: float, margin: float, *, confidence: float = 0.95
) -> BoolArray:
    """Whether Tango's lower limit of (only_new − only_reference)/n lies above −margin, for arrays of counts.

    >>> is_non_inferior(np.array([12.0, 2.0]), np.array([2.0, 12.0]), 100, 0.05).tolist()
    [True, False]
    """
    b, c, delta = only_new, only_reference, -margin
    linear = -b - c + (2 * n - b + c) * delta
    constant = -c * delta * (1 - delta)
    q = (np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)
    spread = np.sqrt(np.maximum(n * (2 * q + delta * (1 - delta)), 0.0))
    found: BoolArray = b - c - n * delta > normal_quantile(confidence) * spread
    return found


def units_for_non_inferiority(
    assumed: Discordance,
    margin: float,
    *,
    seed: int,
    power: float = 0.8,
    simulations: int = SIMULATIONS,
    confidence: float = 0.95,
) -> PairedSize | None:
    """Pairs for which non-inferiority within ``margin`` is shown with probability ``power``, by simulation.

    Bisection over n of the simulated power, which rises but for Monte-Carlo error and the small saw of discrete counts:
    the n found may be a few pairs off. None: not reached with ``PAIRS_AT_MOST``, or never, since the assumed difference
    lies at or below −margin.
    Raises ValueError as ``non_inferiority_power``, and unless 0 < power < 1.

    >>> units_for_non_inferiority(Discordance(0.02, 0.10), 0.05, seed=1) is None
    True
    """
    _check(assumed, power, margin)
    if assumed.only_new - assumed.only_reference <= -margin:
        return None

    def reached(n: int) -> float:
        return non_inferiority_power(n, assumed, margin, seed=seed, simulations=simulations, confidence=confidence)

    high = 8
    while reached(high) < power:
        high *= 2
        if high > PAIRS_AT_MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    found = reached(high)
    return PairedSize(high, found, math.sqrt(found * (1 - found) / simulations))


def _one_sided(power: float) -> float:
    """Normal deviate below which lies ``power``."""
    return normal_quantile(2 * power - 1) if power > 0.5 else -normal_quantile(1 - 2 * power) if power < 0.5 else 0.0


def _check(assumed: Discordance, power: float, margin: float = 0.5) -> None:
    if min(assumed) < 0 or sum(assumed) > 1:
        raise ValueError("the shares of discordant pairs must not be negative, and together at most 1")
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, not {power}")
    if not 0 < margin < 1:
        raise ValueError(f"the margin must lie between 0 and 1, not {margin}")
