"""Sensitivity and specificity over many sites at once: the bivariate model with exact binomial likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, fdtri, log_expit, logsumexp

from ..vocabulary import NotEstimable
from .pooling import PooledShare, on_logits
from .quantiles import t_quantile, tail

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

SMALLEST_SD = 0.02
"""Below it the sites do not differ, and the correlation of their differences means nothing."""
LARGEST_CORRELATION = 0.99
NODES = 7
"""Quadrature points in each direction; from 5 on the estimates change in the fourth digit only."""
NEWTON_STEPS = 30


@dataclass(frozen=True, kw_only=True)
class Bivariate:
    """Logits of sensitivity and specificity over sites: normal with ``centre`` and ``between``; shares beside it."""

    sensitivity: PooledShare
    specificity: PooledShare
    correlation: float  # of both between sites, logit scale
    centre: FloatArray  # [2] logits
    covariance: FloatArray  # [2, 2] of the estimated centre
    between: FloatArray  # [2, 2] of the sites' true logits
    log_likelihood: float
    n_sites: int


def fit(
    positive: FloatArray, negative: FloatArray, *, confidence: float = 0.95, nodes: int = NODES
) -> Bivariate | NotEstimable:
    """The bivariate random-effects model by maximum likelihood, binomial within sites: no ½ is ever added.

    ``positive`` [k, 2]: right calls of, and number of, diseased units at each site; ``negative`` [k, 2] the same of
    healthy ones. The normal distribution between sites is integrated by adaptive Gauss–Hermite quadrature with
    ``nodes``² points (1: Laplace). Limits use the observed information and t with k − 2 degrees of freedom, as the
    regions of Harbord et al. do. Method: ``bivariate-binomial``.
    ``NotEstimable``: ``too_few_sites`` below 5 sites; ``singular_fit`` when a standard deviation is (next to) 0, the
    correlation ±1, or the information matrix is not positive definite.
    Raises ValueError unless 0 <= right calls <= number.
    Reference: Chu & Cole 2006, J Clin Epidemiol 59:1331; Harbord et al. 2007, Biostatistics 8:239.

    >>> diseased = np.array([[45, 50], [38, 45], [52, 55], [28, 40], [61, 70], [33, 35]])
    >>> healthy = np.array([[90, 100], [66, 90], [60, 70], [92, 95], [66, 80], [52, 70]])
    >>> found = fit(diseased, healthy)
    >>> round(found.sensitivity.value, 3), round(found.specificity.value, 3), round(found.correlation, 2)
    (0.879, 0.858, -0.9)
    """
    from scipy.optimize import minimize

    counts = np.stack((np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)), axis=2)
    right, n = counts[:, 0], counts[:, 1]
    if not bool(np.all((right >= 0) & (right <= n))):
        raise ValueError("every site needs 0 <= right calls <= number")
    k = len(n)
    if k < 5:
        return NotEstimable(reason="too_few_sites", facts={"n": k, "minimum": 5})

    def loss(parameters: FloatArray) -> float:
        return -_log_likelihood(parameters, right, n, nodes)

    typical = np.log((right.sum(axis=0) + 0.5) / ((n - right).sum(axis=0) + 0.5))
    start = np.concatenate((typical, [math.log(0.5), math.log(0.5), 0.0]))
    limits = [(-20, 20), (-20, 20), (-6, 3), (-6, 3), (-4, 4)]
    found = minimize(loss, start, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-13, "gtol": 1e-6})
    estimate = np.asarray(found.x, dtype=float)
    sd, correlation = np.exp(estimate[2:4]), math.tanh(estimate[4])
    if float(sd.min()) < SMALLEST_SD or abs(correlation) > LARGEST_CORRELATION:
        return NotEstimable(reason="singular_fit", facts={"n": k})
    information = _hessian(loss, estimate)
    if float(np.linalg.eigvalsh(information).min()) <= 1e-8:
        return NotEstimable(reason="singular_fit", facts={"n": k})
    covariance = np.asarray(np.linalg.inv(information)[:2, :2], dtype=float)
    between = np.outer(sd, sd) * np.array([[1.0, correlation], [correlation, 1.0]])
    shares = [
        _share(float(estimate[m]), float(covariance[m, m]), float(between[m, m]), k, confidence) for m in range(2)
    ]
    return Bivariate(
        sensitivity=shares[0],
        specificity=shares[1],
        correlation=correlation,
        centre=estimate[:2],
        covariance=covariance,
        between=between,
        log_likelihood=-float(found.fun),
        n_sites=k,
    )


def region(
    found: Bivariate, *, prediction: bool = False, confidence: float = 0.95, points: int = 100
) -> tuple[FloatArray, FloatArray]:
    """Boundary of the region of (sensitivity, specificity): of the typical site, or of a further site to expect.

    ``points`` of each, the last joins the first. An ellipse on logits with radius² = 2 F(2, k − 2).
    Reference: Harbord et al. 2007, Biostatistics 8:239.

    >>> share = PooledShare(0.5, on_logits(0, 1, "", 20), on_logits(0, 1, "", 20), 1.0, 0.0, 20)
    >>> flat = Bivariate(
    ...     sensitivity=share, specificity=share, correlation=0.0, centre=np.zeros(2), covariance=np.eye(2),
    ...     between=np.eye(2), log_likelihood=0.0, n_sites=20)
    >>> sensitivity, specificity = region(flat, points=5)
    >>> sensitivity.round(4).tolist(), specificity.round(4).tolist()
    ([0.935, 0.5, 0.065, 0.5, 0.935], [0.5, 0.935, 0.5, 0.065, 0.5])
    """
    spread = found.covariance + found.between if prediction else found.covariance
    radius = math.sqrt(2 * float(fdtri(2, found.n_sites - 2, 1 - 2 * tail(confidence))))
    angle = np.linspace(0, 2 * math.pi, points)
    around = np.linalg.cholesky(spread) @ np.stack((np.cos(angle), np.sin(angle)))
    boundary = expit(found.centre[:, None] + radius * around)
    return boundary[0], boundary[1]


def _share(centre: float, variance: float, between: float, k: int, confidence: float) -> PooledShare:
    quantile = t_quantile(k - 2, confidence)
    return PooledShare(
        value=float(expit(centre)),
        interval=on_logits(centre, quantile * math.sqrt(variance), "bivariate-binomial", k),
        prediction=on_logits(centre, quantile * math.sqrt(variance + between), "bivariate-binomial-prediction", k),
        between_sd=math.sqrt(between),
        i_squared=NotEstimable(reason="undefined"),
        n_sites=k,
    )


def _log_likelihood(parameters: FloatArray, right: FloatArray, n: FloatArray, nodes: int) -> float:
    """Sum over sites of log ∫ binomial(right | n, expit(μ + L u)) φ(u) du, without the binomial coefficients.

    ``parameters``: two means, two log standard deviations, artanh of the correlation; u is standard normal.
    """
    sd, correlation = np.exp(parameters[2:4]), math.tanh(float(parameters[4]))
    factor = np.array([[sd[0], 0.0], [sd[1] * correlation, sd[1] * math.sqrt(1 - correlation**2)]])
    mode, root = _modes(parameters[:2], factor, right, n)
    abscissa, weight = np.polynomial.hermite.hermgauss(nodes)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(abscissa, abscissa, indexing="ij")])
    log_weight = np.log(np.outer(weight, weight).ravel()) + (grid**2).sum(axis=0)
    u = mode[:, :, None] + math.sqrt(2) * np.einsum("kab,bq->kaq", root, grid)
    eta = parameters[:2][None, :, None] + np.einsum("ab,kbq->kaq", factor, u)
    inside = (right[:, :, None] * eta + n[:, :, None] * log_expit(-eta)).sum(axis=1) - 0.5 * (u**2).sum(axis=1)
    scale = np.log(root[:, 0, 0] * root[:, 1, 1])
    return float((logsumexp(inside + log_weight, axis=1) + scale).sum() - len(n) * math.log(math.pi))


def _modes(centre: FloatArray, factor: FloatArray, right: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where each site's integrand is highest [k, 2], and the Cholesky factor of its inverse curvature [k, 2, 2]."""
    u = np.zeros((len(n), 2))
    for _ in range(NEWTON_STEPS):
        share = expit(centre + u @ factor.T)
        slope = (right - n * share) @ factor - u
        curvature = np.einsum("ba,kb,bc->kac", factor, n * share * (1 - share), factor) + np.eye(2)
        step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
        # The integrand is log-concave, but a full step may overshoot where a site is all right or all wrong.
        u = u + step / np.maximum(1.0, np.abs(step).max(axis=1, keepdims=True))
        if float(np.abs(step).max()) < 1e-10:
            break
    return u, np.linalg.cholesky(np.linalg.inv(curvature))


def _hessian(function: Callable[[FloatArray], float], at: FloatArray, step: float = 1e-3) -> FloatArray:
    """Second derivatives by central differences."""
    size = len(at)
    moves = np.eye(size) * step
    found = np.empty((size, size))
    for a in range(size):
        for b in range(a, size):
            corners = (
                function(at + moves[a] + moves[b])
                - function(at + moves[a] - moves[b])
                - function(at - moves[a] + moves[b])
                + function(at - moves[a] - moves[b])
            )
            found[a, b] = found[b, a] = corners / (4 * step**2)
    return found
