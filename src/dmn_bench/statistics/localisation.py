"""Free-response curves: lesions found against false positives per image, and the (weighted) AFROC area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .roc import ranked_area, running_totals, thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..vocabulary import FloatArray, IntArray

NEXT_TO = 1e-9
"""Relative slack when a rate is compared with counts over images: 29 in 100 images is not above 0.29."""


class FrocCurve(NamedTuple):
    """Points from (0, 0) to the lowest mark; ``thresholds``: marks kept from this score, None above every mark."""

    false_positives_per_image: FloatArray
    sensitivity: FloatArray
    thresholds: tuple[float | None, ...]


def sensitivity_at(
    lesion_hits: FloatArray,
    false_positives: FloatArray,
    n_lesions: FloatArray,
    n_images: FloatArray,
    rate: float,
    *,
    interpolation: Literal["step", "linear"] = "step",
) -> FloatArray:
    """Lesion sensitivity at a fixed mean number of false positives per image, for b weightings at once.

    ``lesion_hits``, ``false_positives`` [b, c]: weight of lesions found and of false positive marks at each of the c
    distinct scores, ascending (``Totals.ranked``); a lesion counts once, at its best mark, and an unmarked lesion has
    weight 0 there but counts in ``n_lesions`` [b]. ``n_images`` [b]: all images, with or without lesions. ``rate`` > 0.
    ``step``: the sensitivity of the lowest threshold whose false positives do not exceed the rate; a device whose
    marks all carry one score and exceed it scores 0 there. ``linear``: between neighbouring points, as LUNA16 does.
    Beyond the last mark the curve stays where it is. Result [b], NaN without lesions or images.
    Raises ValueError unless rate > 0.
    Reference: Bunch et al. 1978, J Appl Photogr Eng 4:166; Setio et al. 2017, Med Image Anal 42:1 (linear).

    >>> hits, alarms = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0, 2.0, 0.0]])
    >>> two = np.array([2.0])
    >>> sensitivity_at(hits, alarms, two, two, 0.5).tolist(), sensitivity_at(hits, alarms, two, two, 1.0).tolist()
    ([0.5], [1.0])
    """
    [share] = sensitivities_at(lesion_hits, false_positives, n_lesions, n_images, [rate], interpolation=interpolation)
    return np.asarray(share, dtype=float)


def sensitivities_at(
    lesion_hits: FloatArray,
    false_positives: FloatArray,
    n_lesions: FloatArray,
    n_images: FloatArray,
    rates: Sequence[float],
    *,
    interpolation: Literal["step", "linear"] = "step",
) -> FloatArray:
    """``sensitivity_at`` for r rates at the price of little more than one: [r, b]. Weights may not be negative.

    >>> hits, alarms, two = np.array([[1.0, 0.0, 1.0]]), np.array([[0.0, 2.0, 0.0]]), np.array([2.0])
    >>> sensitivities_at(hits, alarms, two, two, [0.5, 1.0]).tolist()
    [[0.5], [1.0]]
    """
    for rate in rates:
        if not rate > 0:
            raise ValueError(f"the rate of false positives must be above 0, not {rate}")
    alarms, found = _from_the_top(false_positives), _from_the_top(lesion_hits)
    images, lesions = np.asarray(n_images, dtype=float), np.asarray(n_lesions, dtype=float)
    shares = np.full((len(rates), len(found)), np.nan)
    for share, rate in zip(shares, rates, strict=True):
        hits = _hits_within(found, alarms, rate * images, interpolation)
        np.divide(hits, lesions, out=share, where=(lesions > 0) & (images > 0))
    return shares


def afroc_area(lesion_ratings: FloatArray, highest_false_positives: FloatArray) -> FloatArray:
    """Area under the (weighted) AFROC curve for b weightings at once.

    ``lesion_ratings`` [b, c]: weight of the lesions rated at each distinct score, ascending, unmarked lesions at −inf;
    weight 1 for every lesion gives AFROC, weights that sum to 1 in every diseased case wAFROC.
    ``highest_false_positives`` [b, c]: weight of cases by the rating of their highest false positive, −inf without
    one; of normal cases only (AFROC, wAFROC) or of all cases (AFROC1, wAFROC1). The probability that a lesion is rated
    above the highest false positive of a case, ties one half, −inf against −inf included. NaN without lesions or cases.
    Reference: Chakraborty & Berbaum 2004, Med Phys 31:2313; Chakraborty & Zhai 2016, Med Phys 43:2548.

    >>> afroc_area(np.array([[1.0, 0.0, 1.0]]), np.array([[1.0, 1.0, 0.0]])).tolist()
    [0.625]
    """
    return ranked_area(lesion_ratings, highest_false_positives)


def froc_curve(
    lesion_hits: FloatArray,
    false_positives: FloatArray,
    scores: FloatArray,
    *,
    n_lesions: float,
    n_images: float,
    max_points: int | None = None,
) -> FrocCurve:
    """The empirical FROC curve from the weights at each distinct score [c], ascending; lesions without mark left out.

    ``max_points`` keeps that many points at most, evenly taken, both ends among them. The area under it is not a
    figure of merit: it has no end on the x axis.
    Raises ValueError unless there are lesions and images.

    >>> curve = froc_curve(np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.2, 0.9]), n_lesions=2, n_images=4)
    >>> curve.false_positives_per_image.tolist(), curve.sensitivity.tolist(), curve.thresholds
    ([0.0, 0.0, 0.25], [0.0, 0.5, 0.5], (None, 0.9, 0.2))
    """
    if not (n_lesions > 0 and n_images > 0):
        raise ValueError("a FROC curve needs at least one lesion and one image")
    alarms = _from_the_top(np.asarray(false_positives, dtype=float)[None])[0] / n_images
    found = _from_the_top(np.asarray(lesion_hits, dtype=float)[None])[0] / n_lesions
    kept = thinned(len(alarms), max_points)
    thresholds = np.concatenate(([np.inf], np.asarray(scores, dtype=float)[::-1]))[kept]
    worded = tuple(float(t) if math.isfinite(t) else None for t in thresholds)
    return FrocCurve(alarms[kept], found[kept], worded)


def afroc_curve(
    lesion_ratings: FloatArray, highest_false_positives: FloatArray, *, max_points: int | None = None
) -> tuple[FloatArray, FloatArray]:
    """The empirical AFROC curve: x, the share of cases with a false positive, and y, the share of lesions found.

    ``lesion_ratings`` [l]: of the best mark on each lesion, ``highest_false_positives`` [k]: of each normal case; −inf
    without a mark. At each rating what is rated so or higher is counted, from (0, 0); a straight line leads from the
    lowest to (1, 1), so that the area beneath is that of ``afroc_area``. ``max_points`` as in ``froc_curve``.
    Raises ValueError unless there are lesions and normal cases.

    >>> x, y = afroc_curve(np.array([0.9, -np.inf]), np.array([0.4, -np.inf]))
    >>> x.tolist(), y.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0])
    """
    if not (len(lesion_ratings) and len(highest_false_positives)):
        raise ValueError("an AFROC curve needs at least one lesion and one normal case")
    falling = np.unique(np.concatenate((lesion_ratings, highest_false_positives, [-np.inf])))[::-1]
    alarms, found = (
        np.concatenate(([0.0], (len(side) - np.searchsorted(np.sort(side), falling, side="left")) / len(side)))
        for side in (highest_false_positives, lesion_ratings)
    )
    kept = thinned(len(alarms), max_points)
    return alarms[kept], found[kept]


def _from_the_top(weights: FloatArray) -> FloatArray | IntArray:
    """Total weight at or above each threshold, from above every score downwards: [b, c] -> [b, c + 1]."""
    return running_totals(np.concatenate((np.zeros((len(weights), 1)), weights[:, ::-1]), axis=1))


def _hits_within(
    found: FloatArray | IntArray,
    alarms: FloatArray | IntArray,
    allowed: FloatArray,
    interpolation: Literal["step", "linear"],
) -> FloatArray:
    """Lesions found at the lowest threshold of which the false positives are allowed: [b]."""
    each = np.arange(len(found))
    last = _last_at_most(alarms, allowed * (1 + NEXT_TO))
    hits = found[each, last]
    if interpolation == "step":
        return np.asarray(hits, dtype=float)
    after = np.minimum(last + 1, found.shape[1] - 1)
    run = alarms[each, after] - alarms[each, last]
    share = np.divide(allowed - alarms[each, last], run, out=np.zeros(len(run)), where=run > 0)
    return np.asarray(hits + np.clip(share, 0.0, 1.0) * (found[each, after] - hits), dtype=float)


def _last_at_most(ascending: FloatArray | IntArray, bound: FloatArray) -> IntArray:
    """In each row [c] the last position of a number of at most ``bound`` [b]; the first is. By halving, all at once."""
    each = np.arange(len(ascending))
    low, high = np.zeros(len(ascending), dtype=np.int64), np.full(len(ascending), ascending.shape[1] - 1)
    for _ in range((ascending.shape[1] - 1).bit_length()):
        middle = (low + high + 1) // 2
        is_within = ascending[each, middle] <= bound
        low, high = np.where(is_within, middle, low), np.where(is_within, high, middle - 1)
    return low
