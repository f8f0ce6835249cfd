"""How many units an answer needs: for the width of an interval, for a goal, and from units to patients recruited."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import bdtrc, rel_entr

from .quantiles import normal_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

CALIBRATION_EVENTS = 200  # events, and as many non-events: Van Calster et al. 2016, J Clin Epidemiol 74:167
UNITS_AT_MOST = 1_000_000  # a goal that needs a longer search is too close to the truth to be planned for
_EXACT = 1e-9  # what rounding may add to a whole number before it is rounded up


class GoalSize(NamedTuple):
    """Units for a goal: ``n`` from which on the power stays, ``first_touch`` where it is reached for the first time."""

    n: int
    first_touch: int
    power: float  # at ``n``


class Recruitment(NamedTuple):
    """From independent units to exams: each number contains the one before it."""

    independent: int
    units: int  # with several units per patient
    with_unanswered: int  # and the expected non-answers
    exams: int | None  # and one class being a share of all exams; None: the share was not stated


def units_for_width(share: float, half_width: float, *, confidence: float = 0.95) -> int:
    """Independent units for which Wilson's interval, at the expected share, is at most ± ``half_width`` wide.

    The width at the expected count: single samples give wider and narrower ones, so the width is reached on average.
    Closed form of z/(1 + z²/n)·√(pq/n + z²/4n²) = w, which falls strictly with n.
    Raises ValueError unless 0 < share < 1, 0 < half_width < 0.5 and 0 < confidence < 1.
    Reference: Wilson 1927, JASA 22:209 (the interval).

    >>> [units_for_width(0.8, w) for w in (0.03, 0.05, 0.10)]
    [682, 245, 60]
    """
    _check_width(share, half_width)
    z, spread, w = normal_quantile(confidence), share * (1 - share), half_width
    root = math.sqrt(spread**2 + w**2 * (1 - 4 * spread))
    return max(1, _up(z**2 / (2 * w**2) * (spread - 2 * w**2 + root)))


def half_width(share: float, n: float, *, confidence: float = 0.95) -> float:
    """Half the width of Wilson's interval at the expected share of n independent units.

    Raises ValueError unless 0 <= share <= 1 and n > 0.

    >>> round(half_width(0.8, 245), 4)
    0.0499
    """
    if not 0 <= share <= 1 or not n > 0:
        raise ValueError("a width needs a share between 0 and 1 and n above 0")
    z = normal_quantile(confidence)
    return z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))


def buderer(share: float, half_width: float, *, confidence: float = 0.95) -> int:
    """Independent units by the usual normal formula z²p(1 − p)/w²: shown beside, too small near 0 and 1.

    Raises ValueError as ``units_for_width``.
    Reference: Buderer 1996, Acad Emerg Med 3:895.

    >>> [buderer(0.8, w) for w in (0.03, 0.05, 0.10)]
    [683, 246, 62]
    """
    _check_width(share, half_width)
    return max(1, _up(normal_quantile(confidence) ** 2 * share * (1 - share) / half_width**2))


def roc_variance(area: float, n_positive: float, n_negative: float) -> float:
    """Variance of the area under the ROC curve if scores were exponential: an approximation for planning only.

    Raises ValueError unless 0 < area < 1 and both classes have a unit.
    Reference: Hanley & McNeil 1982, Radiology 143:29.

    >>> round(roc_variance(0.9, 50, 100), 6)
    0.000942
    """
    if not 0 < area < 1 or min(n_positive, n_negative) < 1:
        raise ValueError("the variance needs 0 < area < 1 and a unit in each class")
    two_positive, two_negative = area / (2 - area), 2 * area**2 / (1 + area)
    return (
        area * (1 - area) + (n_positive - 1) * (two_positive - area**2) + (n_negative - 1) * (two_negative - area**2)
    ) / (n_positive * n_negative)


def units_for_roc_width(
    area: float, half_width: float, *, negatives_per_positive: float = 1.0, confidence: float = 0.95
) -> tuple[int, int]:
    """Diseased and healthy units for which an expected area is known to ± ``half_width``, about.

    Raises ValueError unless 0 < area < 1, 0 < half_width < 0.5 and the ratio is positive.
    Reference: Hanley & McNeil 1982, Radiology 143:29: a planning approximation, the analysis uses DeLong.

    >>> units_for_roc_width(0.9, 0.05, negatives_per_positive=2.0)
    (73, 146)
    """
    _check_width(area, half_width)
    if not 0 < negatives_per_positive < math.inf:
        raise ValueError("the number of healthy units for one diseased must be positive")
    wanted = (half_width / normal_quantile(confidence)) ** 2

    def is_enough(n: int) -> bool:
        return roc_variance(area, n, _negatives(n, negatives_per_positive)) <= wanted

    n = _smallest(is_enough)
    return n, _negatives(n, negatives_per_positive)


def goal_power(n: IntArray, truth: float, goal: float, *, confidence: float = 0.95) -> FloatArray:
    """Probability, for each n, that the exact interval lies wholly on the true side of the goal.

    Clopper–Pearson's lower limit at or above the goal for a truth above it, the upper limit at or below it for a truth
    below; binomial sums, no approximation.
    Raises ValueError unless truth and goal lie between 0 and 1 and differ.
    Reference: Clopper & Pearson 1934, Biometrika 26:404.

    >>> goal_power(np.array([83, 84]), 0.95, 0.85).round(3).tolist()
    [0.765, 0.873]
    """
    if not (0 <= truth <= 1 and 0 < goal < 1) or truth == goal:
        raise ValueError("truth and goal must lie between 0 and 1, and differ")
    if truth < goal:
        truth, goal = 1 - truth, 1 - goal
    sizes = np.asarray(n, dtype=np.int64)
    needed = _right_needed(sizes, goal, tail(confidence))
    found = np.where(needed > sizes, 0.0, bdtrc(needed - 1, sizes, truth))
    return np.asarray(found, dtype=float)


def units_for_goal(truth: float, goal: float, *, power: float = 0.8, confidence: float = 0.95) -> GoalSize | None:
    """Independent units for which a rule with this goal is met with probability ``power``, and for every n beyond.

    The power of an exact interval is a saw: it is first touched at a smaller n and lost again a few units later. Every
    n is looked at up to a bound beyond which Chernoff's inequality keeps the power. None: goal and truth are so close
    that more than ``UNITS_AT_MOST`` units would have to be looked at.
    Raises ValueError as ``goal_power``, and unless 0 < power < 1.
    Reference: Chernick & Liu 2002, Am Stat 56:149 (the saw of exact power); Chernoff 1952, Ann Math Stat
    23:493 (the bound).

    >>> units_for_goal(0.95, 0.85)[:2], units_for_goal(0.90, 0.80)[:2]
    ((84, 75), (113, 107))
    """
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, not {power}")
    if truth == goal:
        raise ValueError("truth and goal must differ")
    last = _safe_from(truth, goal, power, tail(confidence))
    if last > UNITS_AT_MOST:
        return None
    sizes = np.arange(1, last + 1, dtype=np.int64)
    reached = goal_power(sizes, truth, goal, confidence=confidence)
    enough = reached >= power
    below = np.flatnonzero(~enough)
    n = int(sizes[below[-1]]) + 1 if below.size else 1
    return GoalSize(n, int(sizes[np.argmax(enough)]), float(reached[n - 1]))


def recruit(
    independent: int,
    *,
    units_per_patient: float = 1.0,
    icc: float = 0.0,
    share_unanswered: float = 0.0,
    share_of_exams: float | None = None,
) -> Recruitment:
    """What must be collected so that ``independent`` units' worth of information is left.

    ``units_per_patient``: mean number of relevant units, at least 1. ``icc``: correlation of right and wrong within a
    patient, 0–1. ``share_unanswered``: expected share without an answer, below 1. ``share_of_exams``: the prevalence
    for diseased units, 1 − prevalence for healthy ones. Each step rounds up.
    Raises ValueError for a number out of its range.
    Reference: Kish 1965, Survey Sampling, 1 + (m̄ − 1)·ICC; Buderer 1996, Acad Emerg Med 3:895 (division by prevalence).

    >>> recruit(141, share_of_exams=0.05)
    Recruitment(independent=141, units=141, with_unanswered=141, exams=2820)
    >>> recruit(100, units_per_patient=2, icc=0.5, share_unanswered=0.05, share_of_exams=0.2)
    Recruitment(independent=100, units=150, with_unanswered=158, exams=790)
    """
    if independent < 1 or not units_per_patient >= 1 or not 0 <= icc <= 1 or not 0 <= share_unanswered < 1:
        raise ValueError("recruiting needs n >= 1, units per patient >= 1, 0 <= icc <= 1 and 0 <= unanswered < 1")
    if share_of_exams is not None and not 0 < share_of_exams <= 1:
        raise ValueError("the share of exams must lie between 0 and 1")
    units = _up(independent * (1 + (units_per_patient - 1) * icc))
    answered = _up(units / (1 - share_unanswered))
    exams = None if share_of_exams is None else _up(answered / share_of_exams)
    return Recruitment(independent, units, answered, exams)


def recruit_for_strata(n: int, shares: Mapping[str, float]) -> Mapping[str, int]:
    """How many must be collected in all so that each stratum holds ``n`` of them, on average, by its expected share.

    Raises ValueError for a share that is not above 0 and at most 1.

    >>> dict(recruit_for_strata(141, {"children": 0.25, "adults": 0.75}))
    {'children': 564, 'adults': 188}
    """
    if any(not 0 < share <= 1 for share in shares.values()):
        raise ValueError("the share of a stratum must be above 0 and at most 1")
    return {name: _up(n / share) for name, share in shares.items()}


def units_for_calibration(prevalence: float) -> int:
    """Units for a flexible calibration curve: a rule of thumb of 200 events and 200 non-events.

    Raises ValueError unless 0 < prevalence < 1.
    Reference: Van Calster et al. 2016, J Clin Epidemiol 74:167.

    >>> units_for_calibration(0.1), units_for_calibration(0.5)
    (2000, 400)
    """
    if not 0 < prevalence < 1:
        raise ValueError(f"prevalence must lie between 0 and 1, not {prevalence}")
    return _up(CALIBRATION_EVENTS / min(prevalence, 1 - prevalence))


def _check_width(share: float, half: float) -> None:
    if not 0 < share < 1 or not 0 < half < 0.5:
        raise ValueError("the expected value must lie between 0 and 1, the half-width between 0 and 0.5")


def _up(value: float) -> int:
    """Rounded up, forgiving what division added to a whole number."""
    return math.ceil(value * (1 - _EXACT))


def _negatives(n_positive: int, ratio: float) -> int:
    return max(1, _up(n_positive * ratio))


def _smallest(is_enough: Callable[[int], bool]) -> int:
    """The smallest n >= 1 for which a condition holds that holds for every n beyond."""
    high = 1
    while not is_enough(high):
        high *= 2
    low = high // 2  # not enough, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _right_needed(sizes: IntArray, goal: float, alpha: float) -> IntArray:
    """The fewest right units of each size whose exact lower limit reaches the goal; size + 1 where none does.

    The lower limit of k of n reaches the goal when P(X >= k | n, goal) <= alpha; both fall with k.
    """
    low, high = np.zeros_like(sizes), sizes + 1
    while bool(np.any(high - low > 1)):
        middle = (low + high) // 2
        enough = bdtrc(middle - 1, sizes, goal) <= alpha
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high


def _safe_from(truth: float, goal: float, power: float, alpha: float) -> int:
    """A size from which on Chernoff's inequality alone gives the power; ``UNITS_AT_MOST`` + 1 where none below does.

    With D the relative entropy of two shares and x > goal where n·D(x‖goal) = ln(1/α), at most ⌈nx⌉ right units are
    needed, and fewer are found with probability exp(−n·D(x‖truth)) at most; x falls and the exponent rises with n.
    """
    if truth < goal:
        truth, goal = 1 - truth, 1 - goal

    def is_safe(n: int) -> bool:
        if n > UNITS_AT_MOST:
            return True
        low, high = goal, truth
        if n * _entropy(high, goal) <= -math.log(alpha):
            return False
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if n * _entropy(middle, goal) >= -math.log(alpha) else (middle, high)
        return n * _entropy(high, truth) >= -math.log(1 - power)

    return min(_smallest(is_safe), UNITS_AT_MOST + 1)


def _entropy(share: float, of: float) -> float:
    return float(rel_entr(share, of) + rel_entr(1 - share, 1 - of))
