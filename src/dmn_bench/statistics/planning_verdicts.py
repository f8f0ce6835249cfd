"""What a rule can find on the cases at hand: the chance of each verdict, and the smallest difference it can show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv

from .clusters import patient_sums
from .quantiles import tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class CasesAtHand(NamedTuple):
    """How many units a rule counts, and what they are worth to its interval and to chance."""

    n_units: int
    n_patients: int
    interval_n: float  # what the acceptance interval takes them for: units of a patient as copies
    sampling_n: int  # what chance takes them for, by the stated ICC: a whole number, rounded down
    is_clustered: bool


class Chances(NamedTuple):
    """Probability of each verdict; they add to 1."""

    met: float
    not_met: float
    inconclusive: float


class Reach(NamedTuple):
    """True values from which on a verdict is likely; None: no true value makes it likely with these cases."""

    met_from: float | None  # this or better (higher for at_least, lower for at_most)
    not_met_from: float | None  # this or worse


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """An acceptance rule as numbers. ``confidence``: of its interval, adjusted where levels are judged together."""

    limit: float
    direction: Literal["at_least", "at_most"] = "at_least"
    confidence: float = 0.95
    minimum_n: int = 1  # fewer units: inconclusive whatever they say


def cases_at_hand(denominators: FloatArray, patients: IntArray, *, clustered: bool, icc: float = 1.0) -> CasesAtHand:
    """The relevant units of a rule and their worth. Both arrays [n]; ``clustered`` as for ``acceptance_interval``.

    With m_i units of patient i and d = Σm²/Σm, the acceptance interval is that of n/d units; chance is approximated by
    n/(1 + (d − 1)·icc) independent units, which is the exact variance of a share with one intra-patient correlation.
    Raises ValueError unless 0 <= icc <= 1 and no denominator is negative.
    Reference: Kish 1965, Survey Sampling; Korn & Graubard 1998, Survey Methodology 24:193.

    >>> cases_at_hand(np.ones(4), np.array([1, 1, 2, 2]), clustered=True, icc=0.5)
    CasesAtHand(n_units=4, n_patients=2, interval_n=2.0, sampling_n=2, is_clustered=True)
    """
    if not 0 <= icc <= 1:
        raise ValueError(f"icc must lie between 0 and 1, not {icc}")
    counted = np.asarray(denominators, dtype=float)
    if bool(np.any(counted < 0)):
        raise ValueError("denominators cannot be negative")
    m = patient_sums(counted, patients)
    m = m[m > 0]
    n = float(m.sum())
    with_clusters = clustered or bool(np.any(counted > 1))
    d = max(float((m**2).sum()) / n, 1.0) if with_clusters and n else 1.0
    return CasesAtHand(round(n), len(m), n / d, math.floor(n / (1 + (d - 1) * icc) + 1e-9), with_clusters)


def verdict_chances(truth: float, cases: CasesAtHand, goal: Goal) -> Chances:
    """Probability of met, not met and inconclusive if the true share is ``truth``.

    Binomial sums over every count, each judged by the acceptance interval and the minimum n of the harness; exact where
    no patient has two units, else exact for the approximation that ``cases_at_hand`` names.
    Raises ValueError unless 0 <= truth <= 1.

    >>> cases = CasesAtHand(84, 84, 84.0, 84, False)
    >>> [round(p, 3) for p in verdict_chances(0.95, cases, Goal(limit=0.85))]
    [0.873, 0.0, 0.127]
    """
    if not 0 <= truth <= 1:
        raise ValueError(f"a true share must lie between 0 and 1, not {truth}")
    above_from, below_to = _decisive_counts(cases, goal)
    n = cases.sampling_n
    above = 0.0 if above_from is None else float(bdtrc(above_from - 1, n, truth)) if above_from else 1.0
    below = 0.0 if below_to is None else float(bdtr(below_to, n, truth))
    met, not_met = (above, below) if goal.direction == "at_least" else (below, above)
    return Chances(met, not_met, max(0.0, 1 - met - not_met))


def verdict_curve(cases: CasesAtHand, goal: Goal, *, points: int = 101) -> tuple[tuple[float, Chances], ...]:
    """``verdict_chances`` at evenly spaced true values from 0 to 1, for a drawing.

    >>> [truth for truth, _ in verdict_curve(CasesAtHand(9, 9, 9.0, 9, False), Goal(limit=0.5), points=3)]
    [0.0, 0.5, 1.0]
    """
    truths = np.linspace(0.0, 1.0, points).round(12).tolist()
    return tuple((truth, verdict_chances(truth, cases, goal)) for truth in truths)


def reach(cases: CasesAtHand, goal: Goal, *, power: float = 0.8) -> Reach:
    """From which true value on the rule is met, or not met, with probability ``power``: the least it can show.

    Inverts the binomial sums of ``verdict_chances`` by the beta distribution.
    Raises ValueError unless 0 < power < 1.

    >>> met, not_met = reach(CasesAtHand(84, 84, 84.0, 84, False), Goal(limit=0.85))
    >>> round(met, 3), round(not_met, 3)
    (0.943, 0.727)
    """
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, not {power}")
    above_from, below_to = _decisive_counts(cases, goal)
    n = cases.sampling_n
    # at the ends every count decides, and the beta distribution has no parameters
    above = _inverse(above_from, n - (above_from or 0) + 1, power, at_end=0.0)
    below = _inverse(None if below_to is None else below_to + 1, n - (below_to or 0), 1 - power, at_end=1.0)
    return Reach(above, below) if goal.direction == "at_least" else Reach(below, above)


def _inverse(a: int | None, b: int, share: float, *, at_end: float) -> float | None:
    if a is None:
        return None
    return float(betaincinv(a, b, share)) if a > 0 and b > 0 else at_end


@lru_cache(maxsize=256)  # asked for every true value of a curve
def _decisive_counts(cases: CasesAtHand, goal: Goal) -> tuple[int | None, int | None]:
    """The fewest right units whose interval lies above the limit, the most whose interval lies below; None: none does.

    The limit itself is on the right side, as in the verdict of the harness.
    """
    n = cases.sampling_n
    if n < 1 or cases.n_units < goal.minimum_n or (cases.is_clustered and cases.n_patients < 2):
        return None, None
    counts = np.arange(n + 1, dtype=float)
    scale = cases.interval_n / n
    k, n_interval, alpha = counts * scale, cases.interval_n, tail(goal.confidence)
    low, high = np.zeros(n + 1), np.ones(n + 1)
    # the last count is n_interval but for rounding: its upper limit is 1, and no parameter may be 0 or below
    low[1:] = betaincinv(k[1:], np.maximum(n_interval - k[1:], 0.0) + 1, alpha)
    high[:-1] = betaincinv(k[:-1] + 1, n_interval - k[:-1], 1 - alpha)
    at_least = goal.direction == "at_least"
    above = np.flatnonzero(low >= goal.limit if at_least else low > goal.limit)
    below = np.flatnonzero(high < goal.limit if at_least else high <= goal.limit)
    return (int(above[0]) if above.size else None), (int(below[-1]) if below.size else None)
