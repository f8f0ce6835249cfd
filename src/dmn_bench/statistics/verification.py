"""Sensitivity and specificity where not everybody got the reference test: naive, and corrected for who did."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import expit, logit

from ..vocabulary import Interval, NotEstimable
from .proportions import wilson
from .quantiles import normal_quantile


class VerifiedCalls(NamedTuple):
    """Units with one result of the test under study: all of them, and those with a reference, by its outcome."""

    tested: int
    diseased: int
    healthy: int

    @property
    def verified(self) -> int:
        """Units with a reference."""
        return self.diseased + self.healthy


class Share(NamedTuple):
    """An estimate with its interval."""

    value: float
    interval: Interval


class Corrected(NamedTuple):
    """One measure with and without correction, to be printed side by side."""

    naive: Share | NotEstimable
    begg_greenes: Share | NotEstimable


class Verification(NamedTuple):
    """Share verified by test result, and both measures; absent where nothing was tested."""

    verified_positive: float | NotEstimable
    verified_negative: float | NotEstimable
    sensitivity: Corrected
    specificity: Corrected


def begg_greenes(positive: VerifiedCalls, negative: VerifiedCalls, *, confidence: float = 0.95) -> Verification:
    """Sensitivity and specificity corrected for verification that depends on the test result, beside the naive ones.

    ``positive``, ``negative``: the units called positive and negative. With P(D | T) from the verified ones of each
    call, Se = n₊P(D|+) / (n₊P(D|+) + n₋P(D|−)), Sp likewise. Intervals on the logit scale, method
    ``begg-greenes-logit``: var logit Se = N/(n₊n₋) + r₊/(s₊(s₊ + r₊)) + r₋/(s₋(s₋ + r₋)), s diseased and r healthy of
    the verified, N = n₊ + n₋. Where one of the four is 0, ½ is added to each for the interval
    (``begg-greenes-logit-half-added``), which is widened to hold the estimate. Naive: Wilson on the verified alone.

    Assumes that, given the test result, the verified are like the others, and independent units; where the clinician
    also chose by symptoms the correction is not enough.
    ``NotEstimable``: ``no_denominator`` for a share of nothing; ``unverified_call`` when units with a result have no
    reference at all, or a result never occurred.
    Raises ValueError for negative counts or more verified than tested.
    Reference: Begg & Greenes 1983, Biometrics 39:207.

    >>> found = begg_greenes(VerifiedCalls(429, 231, 32), VerifiedCalls(221, 27, 54))
    >>> round(found.sensitivity.naive.value, 3), round(found.sensitivity.begg_greenes.value, 3)
    (0.895, 0.836)
    >>> round(found.specificity.naive.value, 3), round(found.specificity.begg_greenes.value, 3)
    (0.628, 0.738)
    """
    for calls in (positive, negative):
        if min(calls) < 0 or calls.verified > calls.tested:
            raise ValueError("counts are not negative, and no more units are verified than tested")
    return Verification(
        _share_verified(positive),
        _share_verified(negative),
        Corrected(_naive(positive.diseased, negative.diseased, confidence), _corrected(positive, negative, confidence)),
        Corrected(
            _naive(negative.healthy, positive.healthy, confidence),
            _corrected(_exchanged(negative), _exchanged(positive), confidence),
        ),
    )


def _share_verified(calls: VerifiedCalls) -> float | NotEstimable:
    return calls.verified / calls.tested if calls.tested else NotEstimable(reason="no_denominator")


def _naive(right: int, wrong: int, confidence: float) -> Share | NotEstimable:
    n = right + wrong
    return Share(right / n, wilson(right, n, confidence)) if n else NotEstimable(reason="no_denominator")


def _exchanged(calls: VerifiedCalls) -> VerifiedCalls:
    """Healthy for diseased: specificity is the sensitivity of the opposite question."""
    return VerifiedCalls(calls.tested, calls.healthy, calls.diseased)


def _corrected(right: VerifiedCalls, wrong: VerifiedCalls, confidence: float) -> Share | NotEstimable:
    """Share of the diseased who are called ``right``."""
    if not (right.verified and wrong.verified):
        return NotEstimable(reason="unverified_call")
    found = right.tested * right.diseased / right.verified
    missed = wrong.tested * wrong.diseased / wrong.verified
    if found + missed == 0:
        return NotEstimable(reason="no_denominator")
    value = found / (found + missed)
    empty = 0 in (right.diseased, right.healthy, wrong.diseased, wrong.healthy)
    add, method = (0.5, "begg-greenes-logit-half-added") if empty else (0.0, "begg-greenes-logit")
    s1, r1, s0, r0 = (x + add for x in (right.diseased, right.healthy, wrong.diseased, wrong.healthy))
    centre = float(
        logit(s1 / (s1 + r1) * right.tested / (s1 / (s1 + r1) * right.tested + s0 / (s0 + r0) * wrong.tested))
    )
    variance = 1 / right.tested + 1 / wrong.tested + r1 / (s1 * (s1 + r1)) + r0 / (s0 * (s0 + r0))
    half = normal_quantile(confidence) * math.sqrt(variance)
    low, high = min(float(expit(centre - half)), value), max(float(expit(centre + half)), value)
    return Share(value, Interval(low, high, method))
