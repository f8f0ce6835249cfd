"""Agreement beyond chance of two gradings, from their confusion matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..vocabulary import Interval, NotEstimable
from .quantiles import normal_quantile

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

Weights = Literal["none", "linear", "quadratic"]


class Kappa(NamedTuple):
    """Kappa (−1 to 1) with its standard error and the numbers it should never be printed without."""

    value: float
    standard_error: float
    observed_agreement: float  # share of exact agreement
    expected_agreement: float  # share of exact agreement by chance alone
    n: float


def kappa_value(cells: FloatArray, *, weights: Weights = "quadratic") -> FloatArray:
    """(Weighted) kappa for b weightings at once: ``cells`` [b, grades, grades] -> [b], NaN where undefined.

    Undefined without units, or when both gradings use one and the same grade only.
    Reference: Cohen 1960, Educ Psychol Meas 20:37; Cohen 1968, Psychol Bull 70:213.

    >>> kappa_value(np.array([[[40.0, 5.0], [8.0, 47.0]]]), weights="none").round(5).tolist()
    [0.73896]
    """
    cells = np.asarray(cells, dtype=float)
    apart = 1 - _agreement(cells.shape[-1], weights)
    n = cells.sum(axis=(1, 2))
    observed = (cells * apart).sum(axis=(1, 2)) * n
    expected = np.einsum("bi,ij,bj->b", cells.sum(axis=2), apart, cells.sum(axis=1))
    beyond = np.full(len(cells), np.nan)
    np.divide(observed, expected, out=beyond, where=expected > 0)
    return 1 - beyond


def kappa(matrix: FloatArray, *, weights: Weights = "quadratic") -> Kappa | NotEstimable:
    """(Weighted) kappa of a confusion matrix [grades, grades] with the Fleiss–Cohen–Everitt standard error.

    Assumes independent units; with several per patient take the patient bootstrap of ``kappa_value``.
    ``NotEstimable``: ``no_denominator`` without units; ``one_grade`` when both gradings use one and the same grade.
    Raises ValueError unless the matrix is square, finite and without negative counts.
    Reference: Fleiss, Cohen & Everitt 1969, Psychol Bull 72:323.

    >>> found = kappa(np.array([[40.0, 5.0], [8.0, 47.0]]), weights="none")
    >>> round(found.value, 5), round(found.standard_error, 5)
    (0.73896, 0.0674)
    """
    shares, n = _shares(matrix)
    if n == 0:
        return NotEstimable(reason="no_denominator")
    w = _agreement(len(shares), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float((w * shares).sum()), float(rows @ w @ columns)
    if expected >= 1:
        return NotEstimable(reason="one_grade")
    value = (observed - expected) / (1 - expected)
    typical = (w @ columns)[:, None] + (w.T @ rows)[None, :]
    inner = float((shares * (w * (1 - expected) - typical * (1 - observed)) ** 2).sum())
    inner -= (observed * expected - 2 * expected + observed) ** 2
    error = math.sqrt(max(inner, 0.0) / n) / (1 - expected) ** 2
    return Kappa(value, error, float(np.trace(shares)), float(rows @ columns), n)


def kappa_interval(
    matrix: FloatArray, *, weights: Weights = "quadratic", confidence: float = 0.95
) -> Interval | NotEstimable:
    """Kappa ± z standard errors, cut at −1 and 1; method ``fleiss-cohen-everitt``.

    Absences as for ``kappa``, and ``degenerate`` where the standard error is 0 (perfect agreement): no certainty
    is claimed from a sample.

    >>> low, high, method, n = kappa_interval(np.array([[40.0, 5.0], [8.0, 47.0]]), weights="none")
    >>> round(low, 4), round(high, 4), method, n
    (0.6069, 0.8711, 'fleiss-cohen-everitt', 100.0)
    """
    found = kappa(matrix, weights=weights)
    if isinstance(found, NotEstimable):
        return found
    if found.standard_error <= 1e-9:
        return NotEstimable(reason="degenerate")
    half = normal_quantile(confidence) * found.standard_error
    return Interval(max(found.value - half, -1.0), min(found.value + half, 1.0), "fleiss-cohen-everitt", found.n)


def gwet_ac1(matrix: FloatArray) -> float | NotEstimable:
    """Gwet's AC1, which does not collapse at low prevalence as kappa does.

    ``NotEstimable``: ``no_denominator``. Raises ValueError as ``kappa``, and for fewer than two grades.
    Reference: Gwet 2008, Br J Math Stat Psychol 61:29.

    >>> round(gwet_ac1(np.array([[40.0, 5.0], [8.0, 47.0]])), 5)
    0.74127
    """
    shares, n = _shares(matrix)
    if n == 0:
        return NotEstimable(reason="no_denominator")
    use = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    expected = float((use * (1 - use)).sum()) / (_several(shares) - 1)
    return (float(np.trace(shares)) - expected) / (1 - expected)


def pabak(matrix: FloatArray) -> float | NotEstimable:
    """Prevalence- and bias-adjusted kappa: exact agreement against chance 1/grades.

    ``NotEstimable``: ``no_denominator``. Raises ValueError as ``kappa``, and for fewer than two grades.
    Reference: Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423.

    >>> round(pabak(np.array([[40.0, 5.0], [8.0, 47.0]])), 5)
    0.74
    """
    shares, n = _shares(matrix)
    if n == 0:
        return NotEstimable(reason="no_denominator")
    chance = 1 / _several(shares)
    return (float(np.trace(shares)) - chance) / (1 - chance)


def _agreement(n_grades: int, weights: Weights) -> FloatArray:
    """Weight of agreement between two grades: 1 on the diagonal, 0 for the farthest pair."""
    apart = np.abs(np.subtract.outer(np.arange(n_grades), np.arange(n_grades))).astype(float)
    farthest = max(n_grades - 1, 1)
    if weights == "none":
        return np.eye(n_grades)
    return 1 - (apart / farthest) ** (2 if weights == "quadratic" else 1)


def _shares(matrix: FloatArray) -> tuple[FloatArray, float]:
    counts = np.asarray(matrix, dtype=float)
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1]
    if not square or not bool(np.all((counts >= 0) & np.isfinite(counts))):
        raise ValueError("a confusion matrix is square, its counts finite and not negative")
    n = float(counts.sum())
    return (counts / n if n > 0 else counts), n


def _several(shares: FloatArray) -> int:
    if len(shares) < 2:
        raise ValueError("agreement needs at least two grades")
    return len(shares)
