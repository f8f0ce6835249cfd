"""Agreement of two or more readers, some readings missing: Fleiss' kappa, AC1, Krippendorff's alpha, ICC."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import fdtri

from ..vocabulary import Interval, NotEstimable
from .clusters import patient_sums
from .quantiles import t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

Level = Literal["nominal", "ordinal", "interval"]
MISSING = -1
"""Code of a reading that was not made."""


class Reliability(NamedTuple):
    """A coefficient of agreement (at most 1) with its standard error and the numbers it should be printed beside."""

    value: float
    standard_error: float
    observed_agreement: float  # mean share of pairs of readers that agree on a unit
    expected_agreement: float  # by chance, as the coefficient takes chance
    n_units: int  # read by at least two
    interval: Interval | NotEstimable


class IntraclassCorrelation(NamedTuple):
    """ICC(2,1) = ICC(A,1): absolute agreement of single readings, readers taken as a sample of readers."""

    value: float
    interval: Interval
    n_units: int
    n_readers: int


def reading_counts(ratings: IntArray, n_categories: int) -> FloatArray:
    """How many readers put each unit in each category: ``ratings`` [n, readers] of codes, −1 missing -> [n, q].

    >>> reading_counts(np.array([[0, 0, 1], [1, -1, -1]]), 2).tolist()
    [[2.0, 1.0], [0.0, 1.0]]
    """
    if ratings.size and not -1 <= int(ratings.min()) <= int(ratings.max()) < n_categories:
        raise ValueError(f"ratings are codes from 0 to {n_categories - 1}, or −1 for none")
    return np.stack([(ratings == code).sum(axis=1) for code in range(n_categories)], axis=1).astype(float)


def fleiss_kappa(
    counts: FloatArray, patients: IntArray | None = None, *, confidence: float = 0.95
) -> Reliability | NotEstimable:
    """Fleiss' kappa: chance is that of two readings drawn from the pool of all readings.

    ``counts`` [n, q]: readings of each unit by category; units may have been read by different numbers of readers;
    those read once count in the shares of the categories alone. ``patients`` [n]: codes; units of a patient may
    resemble each other. Standard error by linearisation over units, summed by patient; interval with t on K − 1, K the
    number of patients, cut at −1 and 1; method ``gwet-linearised-t``.
    ``NotEstimable``: ``fewer_than_two_readings`` for every unit, ``one_grade`` when one category alone was used. The
    interval: ``one_patient``; ``degenerate`` when the readers always agree.
    Raises ValueError for fewer than two categories or negative counts.
    Reference: Fleiss 1971, Psychol Bull 76:378; Gwet 2008, Br J Math Stat Psychol 61:29 (variance).

    >>> found = fleiss_kappa(np.array([[3.0, 0], [0, 3], [2, 1], [1, 2]]))
    >>> round(found.value, 4), round(found.observed_agreement, 4)
    (0.3333, 0.6667)
    """
    return _corrected(counts, patients, confidence, "fleiss")


def gwet_ac1_of_readers(
    counts: FloatArray, patients: IntArray | None = None, *, confidence: float = 0.95
) -> Reliability | NotEstimable:
    """Gwet's AC1 of two or more readers, with its standard error; does not collapse at low prevalence as kappa does.

    Arguments, interval and absences as for ``fleiss_kappa``; one category used by all is perfect agreement here.
    Reference: Gwet 2008, Br J Math Stat Psychol 61:29.

    >>> two = np.array([[2.0, 0]] * 40 + [[1, 1]] * 13 + [[0, 2]] * 47)
    >>> round(gwet_ac1_of_readers(two).value, 5)
    0.74127
    """
    return _corrected(counts, patients, confidence, "ac1")


def pabak_of_readers(
    counts: FloatArray, patients: IntArray | None = None, *, confidence: float = 0.95
) -> Reliability | NotEstimable:
    """Agreement against chance 1/categories, of two or more readers: PABAK, or Brennan and Prediger's coefficient.

    Arguments, interval and absences as for ``gwet_ac1_of_readers``.
    Reference: Brennan & Prediger 1981, Educ Psychol Meas 41:687.

    >>> two = np.array([[2.0, 0]] * 40 + [[1, 1]] * 13 + [[0, 2]] * 47)
    >>> round(pabak_of_readers(two).value, 5)
    0.74
    """
    return _corrected(counts, patients, confidence, "pabak")


def coincidences(counts: FloatArray) -> FloatArray:
    """Pairs of readings of the same unit by category, each unit weighing its readings: [n, q] -> [n, q, q].

    Additive over units, so that ``krippendorff_alpha`` of weighted totals is that of resampled patients. A unit read
    once has none.

    >>> coincidences(np.array([[2.0, 1.0], [0.0, 1.0]])).tolist()
    [[[1.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
    """
    counts = np.asarray(counts, dtype=float)
    pairs = np.einsum("ni,nj->nij", counts, counts)
    pairs[:, np.arange(counts.shape[1]), np.arange(counts.shape[1])] -= counts
    others = counts.sum(axis=1) - 1
    return np.asarray(np.where(others > 0, 1 / np.where(others > 0, others, 1), 0.0)[:, None, None] * pairs)


def krippendorff_alpha(totals: FloatArray, level: Level = "nominal", values: FloatArray | None = None) -> FloatArray:
    """Krippendorff's alpha for b weightings: summed ``coincidences`` [b, q, q] -> [b], NaN where undefined.

    ``level``: how far apart two categories are: ``nominal`` (different or not), ``ordinal`` (readings between them,
    both ends half), ``interval`` (squared difference of ``values`` [q], by default 0 … q−1). Categories ascending.
    Undefined without a unit read twice, or when one category alone was used.
    Reference: Krippendorff 2011, Computing Krippendorff's alpha-reliability; Hayes & Krippendorff 2007.

    >>> both = coincidences(np.array([[2.0, 0], [2, 0], [0, 2], [1, 1]])).sum(axis=0)
    >>> krippendorff_alpha(both[None]).round(4).tolist()
    [0.5333]
    """
    uses = totals.sum(axis=2)
    n = uses.sum(axis=1)
    apart = _apart(uses, level, values)
    observed = np.einsum("bij,bij->b", totals, apart)
    expected = np.einsum("bi,bij,bj->b", uses, apart, uses)
    found = np.full(len(totals), np.nan)
    np.divide(observed * (n - 1), expected, out=found, where=(expected > 0) & (n > 1))
    return 1 - found


def number_sums(values: FloatArray) -> FloatArray:
    """What each unit adds to interval alpha: ``values`` [n, readers], NaN missing -> [n, 4].

    Squared differences of its pairs, readings, their sum and the sum of their squares; 0 for a unit read once.

    >>> number_sums(np.array([[1.0, 3.0], [2.0, np.nan]])).tolist()
    [[8.0, 2.0, 4.0, 10.0], [0.0, 0.0, 0.0, 0.0]]
    """
    m = np.isfinite(values).sum(axis=1).astype(float)
    total, squares = np.nansum(values, axis=1), np.nansum(values**2, axis=1)
    apart = 2 * (m * squares - total**2) / np.maximum(m - 1, 1)
    return np.asarray(np.stack([apart, m, total, squares], axis=1) * (m >= 2)[:, None], dtype=float)


def krippendorff_alpha_of_numbers(totals: FloatArray) -> FloatArray:
    """Interval alpha for b weightings of summed ``number_sums`` [b, 4] -> [b], NaN where nothing varies.

    The same as ``krippendorff_alpha`` at level ``interval``, for numbers of which few are equal. Numbers should lie
    around 0, as sums of squares are subtracted.

    >>> values = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> krippendorff_alpha_of_numbers(number_sums(values).sum(axis=0)[None]).round(4).tolist()
    [0.5333]
    """
    apart, n, total, squares = totals.T
    expected = 2 * (n * squares - total**2)
    found = np.full(len(totals), np.nan)
    np.divide(apart * (n - 1), expected, out=found, where=expected > 1e-12 * n * squares)
    return 1 - found


def icc_agreement(values: FloatArray, *, confidence: float = 0.95) -> IntraclassCorrelation | NotEstimable:
    """ICC(2,1) of readings [n units, k readers], none missing: two-way random, absolute agreement, single reading.

    Interval by F quantiles with Satterthwaite's degrees of freedom (``mcgraw-wong-f``). Independent units are assumed.
    ``NotEstimable``: ``too_few`` below two units or readers, ``degenerate`` when nothing varies, or single readings
    agree perfectly. Raises ValueError for readings that are not finite.
    Reference: Shrout & Fleiss 1979, Psychol Bull 86:420; McGraw & Wong 1996, Psychol Methods 1:30.

    >>> judges = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> found = icc_agreement(judges)  # Shrout & Fleiss 1979, table 2
    >>> round(found.value, 4), round(found.interval.low, 3), round(found.interval.high, 3)
    (0.2898, 0.019, 0.761)
    """
    values = np.asarray(values, dtype=float)
    n, k = values.shape
    if not bool(np.isfinite(values).all()):
        raise ValueError("readings must be finite")
    if n < 2 or k < 2:
        return NotEstimable(reason="too_few", facts={"n": min(n, k), "minimum": 2})
    grand, of_unit, of_reader = values.mean(), values.mean(axis=1), values.mean(axis=0)
    between = k * float(((of_unit - grand) ** 2).sum()) / (n - 1)
    readers = n * float(((of_reader - grand) ** 2).sum()) / (k - 1)
    rest = float(((values - of_unit[:, None] - of_reader[None, :] + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    whole = between + (k - 1) * rest + k * (readers - rest) / n
    if whole <= 0 or rest + readers <= 1e-15 * between:
        return NotEstimable(reason="degenerate")
    icc = (between - rest) / whole
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    spread = (a * readers) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
    freedom = (a * readers + b * rest) ** 2 / spread
    upper = 1 - tail(confidence)
    against, favour = float(fdtri(n - 1, freedom, upper)), float(fdtri(freedom, n - 1, upper))
    noise = k * readers + (k * n - k - n) * rest
    low = n * (between - against * rest) / (against * noise + n * between)
    high = n * (favour * between - rest) / (noise + n * favour * between)
    return IntraclassCorrelation(icc, Interval(min(low, icc), max(high, icc), "mcgraw-wong-f", n), n, k)


def _corrected(
    counts: FloatArray, patients: IntArray | None, confidence: float, chance: Literal["fleiss", "ac1", "pabak"]
) -> Reliability | NotEstimable:
    """(observed − expected) / (1 − expected), its variance from what each unit adds (Gwet 2008, section 4)."""
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 2 or counts.shape[1] < 2 or not bool(np.all((counts >= 0) & np.isfinite(counts))):
        raise ValueError("counts of readings need two categories or more, and are finite and not negative")
    read = counts.sum(axis=1) > 0
    counts = counts[read]
    readings = counts.sum(axis=1)
    n, twice = len(counts), readings >= 2
    if not twice.any():
        return NotEstimable(reason="fewer_than_two_readings")
    agreed = np.zeros(n)
    agreed[twice] = (counts * (counts - 1)).sum(axis=1)[twice] / (readings * (readings - 1))[twice]
    observed = float(agreed[twice].mean())
    expected, of_unit = _chance(counts / readings[:, None], chance)
    if expected >= 1:
        return NotEstimable(reason="one_grade")
    value = (observed - expected) / (1 - expected)
    own = np.where(twice, n / twice.sum() * (agreed - expected) / (1 - expected), 0.0)
    own -= 2 * (1 - value) * (of_unit - expected) / (1 - expected)
    codes = np.arange(n) if patients is None else np.asarray(patients)[read]
    deviations = patient_sums(own - value, codes)
    k = len(deviations)
    error = math.sqrt(k / (k - 1) * float((deviations**2).sum())) / n if k > 1 else 0.0
    interval: Interval | NotEstimable
    if k < 2:
        interval = NotEstimable(reason="one_patient")
    elif error <= 1e-9:
        interval = NotEstimable(reason="degenerate")
    else:
        half = t_quantile(k - 1, confidence) * error
        interval = Interval(max(value - half, min(-1.0, value)), min(value + half, 1.0), "gwet-linearised-t", float(k))
    return Reliability(value, error, observed, expected, int(twice.sum()), interval)


def _chance(shares: FloatArray, chance: Literal["fleiss", "ac1", "pabak"]) -> tuple[float, FloatArray]:
    """Agreement expected by chance, and what each unit [n] adds to it."""
    use = shares.mean(axis=0)
    q = len(use)
    if chance == "fleiss":
        return float((use**2).sum()), shares @ use
    if chance == "ac1":
        return float((use * (1 - use)).sum()) / (q - 1), shares @ (1 - use) / (q - 1)
    return 1 / q, np.full(len(shares), 1 / q)


def _apart(uses: FloatArray, level: Level, values: FloatArray | None) -> FloatArray:
    """Squared distance of two categories for each weighting: [b, q, q]."""
    b, q = uses.shape
    if level == "nominal":
        return np.broadcast_to(1 - np.eye(q), (b, q, q))
    if level == "interval":
        at = np.arange(q, dtype=float) if values is None else np.asarray(values, dtype=float)
        return np.broadcast_to(np.subtract.outer(at, at) ** 2, (b, q, q))
    middle = np.cumsum(uses, axis=1) - uses / 2
    return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)
