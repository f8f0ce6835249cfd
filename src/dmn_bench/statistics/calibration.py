"""Whether stated probabilities come true: calibration line, flexible curve and its index, Brier score, bins."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit

from ..vocabulary import Interval, NotEstimable
from .logistic import logistic_covariance, logistic_fit, spline_design, spline_knots
from .proportions import proportion_interval, wilson
from .quantiles import normal_quantile, t_quantile

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray

CLIP = 1e-6
"""Probabilities of 0 and 1 have no logit: they are moved inside by so much, unless told otherwise."""
KNOTS = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.50, 0.725, 0.95)}
"""Quantiles of the logits at which the spline of so many knots has them (Harrell 2015, table 2.3)."""


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """Probabilities and what came of them, one entry per unit.

    ``weights``: 1 for each unit, or the sampling weights of a set whose classes were chosen (``class_weights``).
    """

    probabilities: FloatArray  # [n], strictly inside 0–1 where a logit is taken: ``clipped``
    positive: BoolArray  # [n]
    patients: IntArray  # [n] codes
    weights: FloatArray | None = field(default=None)  # [n], above 0

    @property
    def weight(self) -> FloatArray:
        """The weights, 1 each where none are given."""
        return np.ones(len(self.probabilities)) if self.weights is None else self.weights

    @property
    def absence(self) -> NotEstimable | None:
        """Why no line can be fitted: one class only, or classes that some probability separates."""
        n_positive, n = int(self.positive.sum()), len(self.positive)
        if n_positive in (0, n):
            return NotEstimable(reason="one_class", facts={"n_positive": n_positive, "n_negative": n - n_positive})
        found, missed = self.probabilities[self.positive], self.probabilities[~self.positive]
        if found.min() >= missed.max() or missed.min() >= found.max():
            return NotEstimable(reason="separated")
        return None


class Brier(NamedTuple):
    """Mean squared error (0 is best), and the improvement on stating the prevalence for everybody (1 is best)."""

    value: float
    scaled: float  # NaN with one class only


class Coefficient(NamedTuple):
    """A coefficient with its standard error and interval on the logit scale."""

    value: float
    standard_error: float
    interval: Interval


class CalibrationCurve(NamedTuple):
    """Observed share by stated probability, all [m], with pointwise limits."""

    stated: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray


class Bin(NamedTuple):
    """Units of about the same stated probability; ``n`` units, limits of the observed share where there are any."""

    stated: float  # weighted mean
    observed: float
    interval: Interval | NotEstimable
    n: int


def clipped(probabilities: FloatArray, clip: float = CLIP) -> FloatArray:
    """Probabilities no nearer to 0 and 1 than ``clip`` (above 0, below ½).

    >>> clipped(np.array([0.0, 0.3, 1.0]), 0.01).tolist()
    [0.01, 0.3, 0.99]
    """
    if not 0 < clip < 0.5:
        raise ValueError(f"probabilities are clipped by a number above 0 and below ½, not {clip}")
    return np.asarray(np.clip(probabilities, clip, 1 - clip), dtype=float)


def class_weights(n_positive: float, n_negative: float, prevalence: float | None) -> tuple[float, float]:
    """Weights of positive and negative units that bring a set with a chosen share of positives to ``prevalence``.

    π/π_s and (1 − π)/(1 − π_s); 1 and 1 without a prevalence, or without one of the classes.

    >>> class_weights(50, 50, 0.2)
    (0.4, 1.6)
    """
    n = n_positive + n_negative
    if prevalence is None or n_positive <= 0 or n_negative <= 0:
        return 1.0, 1.0
    return prevalence * n / n_positive, (1 - prevalence) * n / n_negative


def brier(forecasts: Forecasts) -> Brier | NotEstimable:
    """Brier score Σw(p − y)²/Σw, and 1 − Brier/(π(1 − π)); probabilities may be 0 and 1.

    ``NotEstimable``: ``no_denominator``. Reference: Brier 1950, Mon Weather Rev 78:1; Steyerberg et al. 2010,
    Epidemiology 21:128 (scaled).

    >>> found = brier(Forecasts(
    ...     probabilities=np.array([0.9, 0.2]), positive=np.array([True, False]), patients=np.arange(2)))
    >>> round(found.value, 4), round(found.scaled, 4)
    (0.025, 0.9)
    """
    w, y = forecasts.weight, forecasts.positive.astype(float)
    if not len(w):
        return NotEstimable(reason="no_denominator")
    sums = (w * (forecasts.probabilities - y) ** 2).sum(), (w * y).sum(), w.sum()
    squared, diseased, total = (np.array([one]) for one in sums)
    return Brier(float(squared[0] / total[0]), float(scaled_brier(squared, diseased, total)[0]))


def scaled_brier(squared: FloatArray, positives: FloatArray, total: FloatArray) -> FloatArray:
    """1 − Brier/(π(1 − π)) for b weightings: sums of squared errors, of positives and of all weights, [b] each."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = positives / total
        found = 1 - squared / total / (share * (1 - share))
    return np.where((share > 0) & (share < 1), found, np.nan)


def intercepts(positives: FloatArray, negatives: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Calibration in the large for b weightings: a of logit P(y) = a + logit p, [b], NaN without one of the classes.

    ``positives``, ``negatives`` [b, c]: weight of each class at the c ``probabilities``, all inside 0–1. Above 0: the
    probabilities are too low on the whole. Reference: Cox 1958, Biometrika 45:562.

    >>> intercepts(np.array([[3.0]]), np.array([[1.0]]), np.array([0.5])).round(4).tolist()  # ln 3
    [1.0986]
    """
    ones = np.ones((1, 1, len(probabilities)))
    return logistic_fit(ones, positives, negatives, logit(probabilities)[None, :])[:, 0]


def slopes(positives: FloatArray, negatives: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Calibration slope for b weightings: b of logit P(y) = a + b·logit p, [b]. Below 1: too extreme.

    NaN without one of the classes, where a probability separates them, or where all probabilities are the same.

    >>> positives, negatives = np.array([[1.0, 3.0]]), np.array([[3.0, 1.0]])
    >>> slopes(positives, negatives, np.array([0.1, 0.9])).round(4).tolist()  # ln 3 / ln 9
    [0.5]
    """
    design = np.stack([np.ones(len(probabilities)), logit(probabilities)])[:, None, :]
    found = logistic_fit(design, positives, negatives)[:, 1]
    found[_separated(positives, negatives)] = np.nan
    return found


def intercept(forecasts: Forecasts, *, clustered: bool, confidence: float = 0.95) -> Coefficient | NotEstimable:
    """Calibration in the large with its Wald interval; ideal 0.

    Model-based standard error for independent unweighted units (``wald``); otherwise the sandwich by patient with
    Student's t on K − 1 degrees of freedom (``wald-patient-sandwich-t``).
    ``NotEstimable``: ``one_class``, ``one_patient`` when the sandwich has one patient only.
    """
    absent = forecasts.absence
    if absent is not None and absent.reason != "separated":
        return absent
    x = logit(forecasts.probabilities)
    return _coefficient(forecasts, np.ones((1, len(x))), x, clustered=clustered, confidence=confidence)


def slope(forecasts: Forecasts, *, clustered: bool, confidence: float = 0.95) -> Coefficient | NotEstimable:
    """Calibration slope with its Wald interval, as ``intercept``; ideal 1.

    ``NotEstimable`` also for ``separated``: some probability separates the classes, or all are the same.
    """
    absent = forecasts.absence
    if absent is not None:
        return absent
    x = logit(forecasts.probabilities)
    design = np.stack([np.ones(len(x)), x])
    return _coefficient(forecasts, design, np.zeros(len(x)), clustered=clustered, confidence=confidence)


def calibration_errors(
    positives: FloatArray,
    negatives: FloatArray,
    probabilities: FloatArray,
    *,
    percentile: float | None = None,
    knots: int = 3,
) -> FloatArray:
    """Integrated calibration index, or a percentile of the calibration error, for b weightings: [b].

    |p − ĉ(p)| averaged over the units (ICI), or its ``percentile`` (50: E50, 90: E90) of the inverse ECDF; ĉ is a
    logistic regression on a restricted cubic spline of logit p, its knots at quantiles of the same weighting. Arguments
    as for ``slopes``, probabilities ascending. NaN where the spline cannot be fitted: too few different probabilities,
    separated classes. Biased upwards in small samples, as no curve is found at its true place.
    Reference: Austin & Steyerberg 2019, Stat Med 38:4051.

    >>> p = np.linspace(0.1, 0.9, 9)
    >>> calibration_errors(100 * p[None], 100 * (1 - p[None]), p).round(6).tolist()
    [0.0]
    """
    weight = positives + negatives
    if not len(probabilities):
        return np.full(len(weight), np.nan)
    x = logit(probabilities)
    design = spline_design(x, spline_knots(x, weight, KNOTS[knots]))
    usable = np.isfinite(design).all(axis=(0, 2)) & (weight.sum(axis=1) > 0)
    design[:, ~usable] = 0.0
    fitted = logistic_fit(design, positives, negatives)
    fitted[_separated(positives, negatives)] = np.nan
    errors = np.abs(probabilities - expit(np.einsum("kbc,bk->bc", design, fitted)))
    if percentile is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.einsum("bc,bc->b", weight, errors) / weight.sum(axis=1), dtype=float)
    return _weighted_quantiles(errors, weight, percentile / 100)


def calibration_curve(
    forecasts: Forecasts, *, clustered: bool, confidence: float = 0.95, knots: int = 3, points: int = 61
) -> CalibrationCurve | NotEstimable:
    """The flexible calibration curve with its pointwise band, over the range of the stated probabilities.

    The fit of ``calibration_errors``; limits on the logit scale from its covariance, as for ``slope``.
    ``NotEstimable``: ``one_class``, ``separated``, ``too_few_probabilities`` where knots coincide or the spline cannot
    be fitted, ``one_patient``.
    """
    absent = forecasts.absence
    if absent is not None:
        return absent
    x, w = logit(forecasts.probabilities), forecasts.weight
    order = np.argsort(x, kind="stable")
    at = spline_knots(x[order], w[order][None, :], KNOTS[knots])
    design = spline_design(x, at)
    if not bool(np.isfinite(design).all()):
        return NotEstimable(reason="too_few_probabilities")
    positives = (w * forecasts.positive)[None, :]
    fitted = logistic_fit(design, positives, w[None, :] - positives)[0]
    if not bool(np.isfinite(fitted).all()):
        return NotEstimable(reason="too_few_probabilities")
    found = _covariance(forecasts, design[:, 0], fitted @ design[:, 0], clustered=clustered, confidence=confidence)
    if isinstance(found, NotEstimable):
        return found
    covariance, deviate, _ = found
    stated = np.linspace(forecasts.probabilities.min(), forecasts.probabilities.max(), points)
    grid = spline_design(logit(stated), at)[:, 0]
    centre = fitted @ grid
    half = deviate * np.sqrt(np.maximum(np.einsum("kc,kl,lc->c", grid, covariance, grid), 0.0))
    return CalibrationCurve(stated, expit(centre), expit(centre - half), expit(centre + half))


def calibration_bins(
    forecasts: Forecasts, *, clustered: bool, confidence: float = 0.95, bins: int = 10
) -> tuple[Bin, ...]:
    """Units in ``bins`` groups of about equal number by stated probability, with the share that came true.

    Equal probabilities are never split, so there may be fewer groups. Interval: Wilson, clustered or not; with
    sampling weights Wilson on the effective size. ``NotEstimable`` as ``proportion_interval``.

    >>> forecasts = Forecasts(probabilities=np.array([0.1, 0.1, 0.8, 0.9]),
    ...     positive=np.array([False, True, True, True]), patients=np.arange(4))
    >>> [(round(one.stated, 2), one.observed, one.n) for one in calibration_bins(forecasts, clustered=False, bins=2)]
    [(0.1, 0.5, 2), (0.85, 1.0, 2)]
    """
    p, w = forecasts.probabilities, forecasts.weight
    distinct, cell = np.unique(p, return_inverse=True)
    sizes = np.bincount(cell, minlength=len(distinct))
    middle = np.cumsum(sizes) - sizes / 2  # a probability goes where the middle of its units lies
    group = np.minimum((middle * bins / max(len(p), 1)).astype(int), bins - 1)[cell]
    found = []
    for one in np.unique(group):
        rows = group == one
        total = w[rows].sum()
        part = Forecasts(
            probabilities=p[rows],
            positive=forecasts.positive[rows],
            patients=forecasts.patients[rows],
            weights=None if forecasts.weights is None else w[rows],
        )
        interval = _share_interval(part, clustered=clustered, confidence=confidence)
        observed = float((w[rows] * part.positive).sum() / total)
        found.append(Bin(float((w[rows] * p[rows]).sum() / total), observed, interval, int(rows.sum())))
    return tuple(found)


def _separated(positives: FloatArray, negatives: FloatArray) -> BoolArray:
    """[b] whether some probability has all weight of one class at or above it and all of the other at or below."""
    if not positives.shape[1]:
        return np.ones(len(positives), dtype=bool)
    first = {name: np.argmax(one > 0, axis=1) for name, one in (("d", positives), ("h", negatives))}
    last = {
        name: one.shape[1] - 1 - np.argmax(one[:, ::-1] > 0, axis=1)
        for name, one in (("d", positives), ("h", negatives))
    }
    return np.asarray((first["d"] >= last["h"]) | (first["h"] >= last["d"]))


def _weighted_quantiles(values: FloatArray, weight: FloatArray, share: float) -> FloatArray:
    """Quantile of the inverse ECDF in each row of ``values`` [b, c]; NaN in a row that holds one."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    below = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1)
    first = (below < share * below[:, -1:] * (1 - 1e-12)).sum(axis=1)
    found = np.take_along_axis(ordered, np.minimum(first, values.shape[1] - 1)[:, None], axis=1)[:, 0]
    return np.where(np.isnan(values).any(axis=1), np.nan, found)


def _coefficient(
    forecasts: Forecasts, design: FloatArray, offset: FloatArray, *, clustered: bool, confidence: float
) -> Coefficient | NotEstimable:
    """The last coefficient of a fit with its Wald interval."""
    positives = (forecasts.weight * forecasts.positive)[None, :]
    negatives = forecasts.weight[None, :] - positives
    fitted = logistic_fit(design[:, None, :], positives, negatives, offset[None, :])[0]
    if not bool(np.isfinite(fitted).all()):
        return NotEstimable(reason="separated")
    linear = offset + fitted @ design
    found = _covariance(forecasts, design, linear, clustered=clustered, confidence=confidence)
    if isinstance(found, NotEstimable):
        return found
    covariance, deviate, method = found
    value, error = float(fitted[-1]), math.sqrt(max(float(covariance[-1, -1]), 0.0))
    if error == 0:
        return NotEstimable(reason="degenerate")
    return Coefficient(value, error, Interval(value - deviate * error, value + deviate * error, method))


def _covariance(
    forecasts: Forecasts, design: FloatArray, linear: FloatArray, *, clustered: bool, confidence: float
) -> tuple[FloatArray, float, str] | NotEstimable:
    """Covariance of the coefficients, the deviate of the interval and the name of the method."""
    fitted = expit(linear)
    w = forecasts.weight
    robust = clustered or forecasts.weights is not None
    n_patients = len(np.unique(forecasts.patients))
    if robust and n_patients < 2:
        return NotEstimable(reason="one_patient")
    residuals = w * (forecasts.positive - fitted)
    spread = w * fitted * (1 - fitted)
    found = logistic_covariance(design, residuals, spread, forecasts.patients if robust else None)
    if found is None:
        return NotEstimable(reason="separated")
    if robust:
        return found, t_quantile(n_patients - 1, confidence), "wald-patient-sandwich-t"
    return found, normal_quantile(confidence), "wald"


def _share_interval(forecasts: Forecasts, *, clustered: bool, confidence: float) -> Interval | NotEstimable:
    """Interval of the share of positives."""
    positive = forecasts.positive.astype(float)
    if forecasts.weights is None:
        ones = np.ones(len(positive))
        return proportion_interval(positive, ones, forecasts.patients, clustered=clustered, confidence=confidence)
    w = forecasts.weights
    share = float((w * positive).sum() / w.sum())
    units = np.unique(forecasts.patients, return_inverse=True)[1] if clustered else np.arange(len(w))
    k = int(units.max()) + 1
    if k < 2:
        return NotEstimable(reason="one_patient")
    of_unit = np.bincount(units, weights=w)
    copies = float(of_unit.sum() ** 2 / (of_unit**2).sum())  # Kish's size, a patient's units taken for copies
    deviations = np.bincount(units, weights=w * (positive - share))
    variance = k / (k - 1) * float((deviations**2).sum()) / float(w.sum()) ** 2
    size = copies if variance == 0 else min(share * (1 - share) / variance, float(len(w)))
    found = wilson(share * size, size, confidence, quantile=t_quantile(k - 1, confidence))
    return found._replace(method="weighted-wilson-t")
