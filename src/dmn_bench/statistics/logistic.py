"""Logistic regression by Newton's method: of many weightings of the same cells at once, and its covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from .clusters import patient_positions

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray

MOST_STEPS = 60
MOST_HALVINGS = 30
CONVERGED = 1e-8
"""Largest change of a coefficient in the last step: Newton's next error is about its square."""
SINGULAR = 1e-12
"""Determinant of the information, scaled to a unit diagonal, below which coefficients cannot be told apart."""


def logistic_fit(
    design: FloatArray, positives: FloatArray, negatives: FloatArray, offset: FloatArray | None = None
) -> FloatArray:
    """Maximum likelihood coefficients of logit P(positive) = offset + design · coefficients: [b, k].

    ``design`` [k, 1 or b, c]: k covariates at c cells, the same for all weightings or one for each. ``positives``,
    ``negatives`` [b, c]: weight of each class in each cell, not negative. ``offset`` [1 or b, c].
    NaN where there is no maximum: a class without weight, separated classes, covariates that cannot be told apart.
    Steps that would lower the likelihood are halved.

    >>> ones = np.ones((1, 1, 2))
    >>> logistic_fit(ones, np.array([[2.0, 1.0]]), np.array([[0.0, 1.0]])).round(4).tolist()  # ln(3 / 1)
    [[1.0986]]
    """
    b, c = positives.shape
    covariates = [np.broadcast_to(one, (b, c)) for one in design]
    base = np.zeros((1, c)) if offset is None else offset
    weight = positives + negatives
    found = np.zeros((b, len(covariates)))
    linear = base + np.zeros((b, c))
    likelihood = _log_likelihood(linear, positives, negatives)
    running = (positives.sum(axis=1) > 0) & (negatives.sum(axis=1) > 0)
    converged = np.zeros(b, dtype=bool)
    for _ in range(MOST_STEPS):
        step, regular = _newton_step(covariates, positives, weight, linear)
        running &= regular
        step[~running] = 0.0
        found, linear, likelihood = _climb(covariates, (positives, negatives), base, (found, linear, likelihood), step)
        arrived = running & (np.abs(step).max(axis=1) <= CONVERGED * (1 + np.abs(found).max(axis=1)))
        converged |= arrived
        running &= ~arrived
        if not running.any():
            break
    found[~converged] = np.nan
    return found


def logistic_covariance(
    design: FloatArray, residuals: FloatArray, information_weights: FloatArray, patients: IntArray | None
) -> FloatArray | None:
    """Covariance of fitted coefficients: inverse information, or the sandwich of patients where they are given.

    ``design`` [k, n], one entry per row; ``residuals`` [n]: weight × (outcome − fitted); ``information_weights`` [n]:
    weight × fitted × (1 − fitted). With ``patients`` [n]: J⁻¹ (K/(K−1) Σ u u′) J⁻¹, u the score summed over the rows of
    each of K patients, which holds for correlated rows and for sampling weights. None where J is singular.
    Reference: White 1982, Econometrica 50:1; Liang & Zeger 1986, Biometrika 73:13.

    >>> logistic_covariance(np.ones((1, 4)), np.zeros(4), np.full(4, 0.25), None).tolist()
    [[1.0]]
    """
    information = (design * information_weights) @ design.T
    scale = np.sqrt(np.diag(information))
    if not bool(np.all(scale > 0)) or np.linalg.det(information / np.outer(scale, scale)) < SINGULAR:
        return None
    inverse = np.asarray(np.linalg.inv(information), dtype=float)
    if patients is None:
        return inverse
    positions, n_patients = patient_positions(patients)
    if n_patients < 2:
        return None
    scores = np.stack([np.bincount(positions, weights=one * residuals, minlength=n_patients) for one in design])
    between = n_patients / (n_patients - 1) * (scores @ scores.T)
    return np.asarray(inverse @ between @ inverse, dtype=float)


def spline_knots(x: FloatArray, weight: FloatArray, quantiles: tuple[float, ...]) -> FloatArray:
    """Weighted quantiles of ``x`` [c] (ascending) for b weightings ``weight`` [b, c]: [b, q], of the inverse ECDF.

    >>> spline_knots(np.array([1.0, 2.0, 3.0]), np.array([[1.0, 1.0, 2.0]]), (0.25, 0.5, 0.75)).tolist()
    [[1.0, 2.0, 3.0]]
    """
    below = np.cumsum(weight, axis=1)
    total = below[:, -1:]
    # a share reached but for rounding is reached
    first = [(below < share * total * (1 - 1e-12)).sum(axis=1) for share in quantiles]
    return np.asarray(x[np.minimum(np.stack(first, axis=1), len(x) - 1)], dtype=float)


def spline_design(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Restricted cubic spline: 1, x and q − 2 cubic terms that are straight beyond the outer knots: [q, b, c].

    ``x`` [c], ``knots`` [b, q], ascending; a row of knots that are not all different gives NaN.
    Reference: Stone & Koo 1985; Harrell 2015, Regression Modeling Strategies, 2.4.5.

    >>> spline_design(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 1.0, 2.0]]))[2].tolist()
    [[0.0, 0.25, 1.5]]
    """
    x = x[None, :]
    b, q = knots.shape
    last, before = knots[:, -1:], knots[:, -2:-1]
    usable = (np.diff(knots, axis=1) > 0).all(axis=1, keepdims=True)
    gap = np.where(usable, last - before, np.nan)
    span = np.where(usable, last - knots[:, :1], np.nan) ** 2
    terms = [np.ones((b, x.shape[1])), np.broadcast_to(x, (b, x.shape[1]))]
    for j in range(q - 2):
        knot = knots[:, j : j + 1]
        term = _cube(x - knot) - _cube(x - before) * (last - knot) / gap + _cube(x - last) * (before - knot) / gap
        terms.append(term / span)
    return np.stack(terms)


def _cube(x: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(x, 0.0) ** 3, dtype=float)


def _newton_step(
    covariates: list[FloatArray], positives: FloatArray, weight: FloatArray, linear: FloatArray
) -> tuple[FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """The step of each weighting [b, k], and whether its information is regular [b]."""
    k = len(covariates)
    fitted = expit(linear)
    residual = positives - weight * fitted
    spread = weight * fitted * (1 - fitted)
    gradient = np.stack([np.einsum("bc,bc->b", residual, one) for one in covariates], axis=1)
    information = np.empty((len(positives), k, k))
    for i in range(k):
        part = spread * covariates[i]
        for j in range(i, k):
            information[:, i, j] = information[:, j, i] = np.einsum("bc,bc->b", part, covariates[j])
    scale = np.sqrt(np.einsum("bii->bi", information))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = information / (scale[:, :, None] * scale[:, None, :])
        regular = np.isfinite(scaled).all(axis=(1, 2))
        scaled[~regular] = np.eye(k)
        regular &= np.linalg.det(scaled) >= SINGULAR
        scaled[~regular] = np.eye(k)
        step = np.linalg.solve(scaled, (gradient / scale)[..., None])[..., 0] / scale
    step[~regular] = 0.0
    return step, regular


def _climb(
    covariates: list[FloatArray],
    outcomes: tuple[FloatArray, FloatArray],
    base: FloatArray,
    at: tuple[FloatArray, FloatArray, FloatArray],
    step: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients, linear predictors and log likelihoods after the step, halved where the likelihood would fall."""
    found, linear, likelihood = at
    positives, negatives = outcomes
    taken = step.copy()
    for _ in range(MOST_HALVINGS):
        moved = found + taken
        reached = base + sum(np.multiply(moved[:, i : i + 1], one) for i, one in enumerate(covariates))
        higher = _log_likelihood(reached, positives, negatives)
        worse = ~(higher >= likelihood - 1e-9 * np.abs(likelihood) - 1e-12)
        if not worse.any():
            break
        taken[worse] *= 0.5
    else:
        moved[worse], reached[worse], higher[worse] = found[worse], linear[worse], likelihood[worse]
    return moved, reached, higher


def _log_likelihood(linear: FloatArray, positives: FloatArray, negatives: FloatArray) -> FloatArray:
    miss = np.logaddexp(0.0, -linear)  # −ln P(positive); −ln P(negative) is this plus the linear predictor
    return np.asarray(-np.einsum("bc,bc->b", positives + negatives, miss) - np.einsum("bc,bc->b", negatives, linear))
