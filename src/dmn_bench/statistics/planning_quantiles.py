"""What rules on a quantile (a median, a worst decile) can find on so many cases: counts of cases, and their chances.

A rule on a quantile is a rule on a count: the limits of a quantile are two of the ordered values, so that the verdict
is known as soon as one knows how many values lie on the right side of the rule's limit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv

from ..vocabulary import Interval
from .planning_verdicts import Chances, Goal
from .quantiles import tail
from .weighted_quantiles import quantile_limits

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray


class QuantileReach(NamedTuple):
    """What n cases can find. A share is of the cases whose true value lies on the right side of the limit.

    ``right_to_meet``: so many on the right side meet the rule. ``wrong_to_fail``: so many on the wrong side fail it.
    ``met_from``, ``not_met_up_to``: the true share from which on the rule is met, and up to which it is not met, with
    the power asked for. None: no number of cases on that side decides it, no share reaches the power, or patients have
    several cases, of which nobody knows how alike they are.
    """

    n: int
    fewest: int  # cases from which on the quantile has limits, or a figure at all
    right_to_meet: int | None
    wrong_to_fail: int | None
    met_from: float | None
    not_met_up_to: float | None


def fewest_for_quantile(share: float, confidence: float) -> int:
    """The smallest number of independent cases for two-sided limits of the quantile ``share`` (0 < share < 1).

    Of fewer every value may lie on one side of it with a larger chance than the limits may miss.

    >>> [fewest_for_quantile(share, 0.95) for share in (0.5, 0.25, 0.1)]
    [6, 13, 36]
    """
    return math.ceil(math.log(tail(confidence)) / math.log(max(share, 1 - share)))


def quantile_reach(
    patients: IntArray, share: float, goal: Goal, *, clustered: bool, power: float = 0.8
) -> QuantileReach:
    """What a rule on the quantile ``share`` can find on cases of these patients [n].

    The counts are those of the verdict's own limits, ``quantile_limits``, whatever the limit of the goal; the shares
    are exact binomial tails, for independent cases alone.

    >>> goal = Goal(limit=0.9, direction="at_least", confidence=0.95, minimum_n=1)
    >>> quantile_reach(np.arange(20), 0.5, goal, clustered=False)[:4]
    (20, 6, 15, 15)
    >>> quantile_reach(np.arange(5), 0.5, goal, clustered=False)[2:]
    (None, None, None, None)
    """
    n, fewest = len(patients), max(fewest_for_quantile(share, goal.confidence), goal.minimum_n)
    ranks = np.arange(1.0, n + 1)
    limits = quantile_limits(ranks, patients, share, clustered=clustered, confidence=goal.confidence)
    if not isinstance(limits, Interval) or n < goal.minimum_n:
        return QuantileReach(n, fewest, None, None, None, None)
    above, below = (
        n - int(limits.low) + 1,
        int(limits.high),
    )  # beyond the lower and within the upper limit, themselves in
    right, wrong = (above, below) if goal.direction == "at_least" else (below, above)
    if clustered:
        return QuantileReach(n, fewest, right, wrong, None, None)
    return QuantileReach(n, fewest, right, wrong, _from(n, right, power), 1 - _from(n, wrong, power))


def quantile_chances(reach: QuantileReach, shares: FloatArray) -> list[Chances]:
    """The chance of each verdict where these true shares of independent cases lie on the right side of the limit.

    >>> reach = QuantileReach(10, 6, 9, 9, None, None)
    >>> [tuple(round(one, 3) for one in chances) for chances in quantile_chances(reach, np.array([0.5, 1.0]))]
    [(0.011, 0.011, 0.979), (1.0, 0.0, 0.0)]
    """
    n, right, wrong = reach.n, reach.right_to_meet, reach.wrong_to_fail
    met = np.zeros(len(shares)) if right is None else bdtrc(right - 1, n, shares)
    not_met = np.zeros(len(shares)) if wrong is None else bdtr(n - wrong, n, shares)
    return [Chances(float(a), float(b), float(1 - a - b)) for a, b in zip(met, not_met, strict=True)]


def _from(n: int, count: int, power: float) -> float:
    """The smallest true share of which at least ``count`` of n cases are seen with probability ``power``.

    >>> round(_from(20, 15, 0.8), 4)
    0.7987
    """
    return float(betaincinv(count, n - count + 1, power))
