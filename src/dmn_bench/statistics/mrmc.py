"""Several readers on the same cases: modalities compared by Obuchowski–Rockette, and a device against its readers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from ..vocabulary import Interval, NotEstimable
from .quantiles import normal_quantile, t_quantile

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray
    from .reader_values import ReaderValues

Sample = Literal["random", "fixed"]
"""``random``: a sample of a population that the result speaks of; ``fixed``: the result speaks of these alone."""

NO_VARIANCE = 1e-15
"""A variance below it is rounding: figures of merit lie between 0 and 1."""


class Covariances(NamedTuple):
    """Means of the covariance of figures of merit; 0 where there is no such pair."""

    error: float  # variance of one reader with one modality
    cov1: float  # same reader, two modalities
    cov2: float  # two readers, same modality
    cov3: float  # two readers, two modalities


class Overall(NamedTuple):
    """Test of all modalities being equal: F, or χ² where the second degrees of freedom are infinite."""

    statistic: float
    degrees_of_freedom: tuple[float, float]
    p: float


class Effect(NamedTuple):
    """A mean or a difference with its standard error; ``p`` is of its being 0 and is None for a mean."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float  # math.inf: normal
    interval: Interval
    p: float | None


@dataclass(frozen=True, kw_only=True)
class ReaderStudy:
    """Modalities over readers: absences are typed; with one modality there is nothing to compare."""

    covariances: Covariances
    reader_variance: float | NotEstimable  # components for planning; estimates that may be negative
    interaction_variance: float | NotEstimable
    overall: Overall | NotEstimable
    differences: tuple[tuple[int, int, Effect], ...]  # modalities a < b, value of a less value of b
    means: tuple[Effect | NotEstimable, ...]  # of each modality, from its own data only


def reader_study(
    found: ReaderValues, *, readers: Sample = "random", cases: Sample = "random", confidence: float = 0.95
) -> ReaderStudy | NotEstimable:
    """Modalities compared over readers and cases by Obuchowski–Rockette with Hillis' degrees of freedom.

    Random readers and cases: F = MS(T)/d, d = MS(TR) + max(J(Cov2 − Cov3), 0), with I − 1 and
    d²(I − 1)(J − 1)/MS(TR)² degrees of freedom; a difference has the variance 2d/J. Fixed readers: χ² and z on
    Var − Cov1 + (J − 1) max(Cov2 − Cov3, 0). Fixed cases: the analysis of variance of the values. Means of a modality
    come from its own readers alone. Limits are cut at 0 and 1, of differences at −1 and 1.
    Methods: ``obuchowski-rockette-hillis``, ``obuchowski-rockette-z``, ``reader-anova``.

    ``NotEstimable``: ``too_few`` with one random reader. Inside: ``fewer_than_two_strata`` is no modality to compare,
    ``degenerate`` no variance at all.
    Raises ValueError when readers and cases are both fixed, or for a confidence outside 0–1.
    Reference: Obuchowski & Rockette 1995, Commun Stat Simul Comput 24:285; Hillis 2007, Stat Med 26:596.

    >>> from dmn_bench.statistics.reader_values import ReaderValues
    >>> values = np.array([[0.8, 0.9], [0.7, 0.7]])
    >>> covariance = 0.001 * np.ones((2, 2, 2, 2)) + 0.002 * np.eye(4).reshape(2, 2, 2, 2)
    >>> study = reader_study(
    ...     ReaderValues(values=values, covariance=covariance, method="delong", n_patients=40))
    >>> [round(x, 4) for x in study.covariances], round(study.overall.statistic, 4), study.overall.degrees_of_freedom
    ([0.003, 0.001, 0.001, 0.001], 9.0, (1.0, 1.0))
    """
    if readers == "fixed" and cases == "fixed":
        raise ValueError("readers and cases cannot both be fixed: nothing would be left to chance")
    n_modalities, n_readers = found.values.shape
    if readers == "random" and n_readers < 2:
        return NotEstimable(reason="too_few", facts={"n": n_readers, "minimum": 2})
    of = covariances(found.covariance)
    squares = _mean_squares(found.values)
    several = n_modalities > 1 and n_readers > 1
    absent = NotEstimable(reason="too_few", facts={"n": min(n_modalities, n_readers), "minimum": 2})
    shared = max(of.cov2 - of.cov3, 0.0)
    reader_variance = (squares.readers - squares.interaction) / n_modalities - of.cov1 + of.cov3
    interaction = squares.interaction - of.error + of.cov1 + shared
    overall, differences = _comparison(found.values, (readers, cases), of, squares, confidence)
    return ReaderStudy(
        covariances=of,
        reader_variance=reader_variance if several else absent,
        interaction_variance=interaction if several else absent,
        overall=overall,
        differences=differences,
        means=tuple(
            _mean(found.values[i], found.covariance[i, :, i, :], readers, cases, confidence=confidence)
            for i in range(n_modalities)
        ),
    )


def device_against_readers(
    found: ReaderValues,
    *,
    device: int = -1,
    readers: Sample = "random",
    cases: Sample = "random",
    confidence: float = 0.95,
) -> Effect | NotEstimable:
    """Mean of the readers less a device that read the same cases once: the single-modality random-reader analysis.

    ``found``: one modality [1, J + 1]; ``device`` is the column of the device. The J differences θ_j − θ_device are
    taken as figures of merit of one modality: their covariance holds the chance of the cases in the device too.
    ``NotEstimable``: ``too_few`` with one random reader, ``degenerate`` without variance.
    Raises ValueError unless there is one modality and a reader, or when readers and cases are both fixed.
    Reference: Hillis 2007, Stat Med 26:596 (one modality); Chakraborty 2017, Observer Performance Methods, ch. 22.

    >>> from dmn_bench.statistics.reader_values import ReaderValues
    >>> covariance = (0.001 * np.ones((3, 3)) + 0.002 * np.eye(3)).reshape(1, 3, 1, 3)
    >>> values = ReaderValues(
    ...     values=np.array([[0.8, 0.9, 0.95]]), covariance=covariance, method="delong", n_patients=40)
    >>> effect = device_against_readers(values)
    >>> round(effect.estimate, 4), round(effect.standard_error**2, 6), round(effect.degrees_of_freedom, 4)
    (-0.1, 0.0045, 3.24)
    """
    if found.values.shape[0] != 1 or found.values.shape[1] < 2:
        raise ValueError("one modality with a device and at least one reader is needed")
    if readers == "fixed" and cases == "fixed":
        raise ValueError("readers and cases cannot both be fixed: nothing would be left to chance")
    values, covariance = found.values[0], found.covariance[0, :, 0, :]
    contrast = np.delete(np.eye(len(values)), device, axis=0)
    contrast[:, device] -= 1
    return _mean(
        contrast @ values, contrast @ covariance @ contrast.T, readers, cases, confidence=confidence, difference=True
    )


def covariances(covariance: FloatArray) -> Covariances:
    """Means of a covariance [i, j, i, j] by what two figures of merit share.

    >>> covariances(np.arange(16.0).reshape(2, 2, 2, 2))
    Covariances(error=7.5, cov1=7.5, cov2=7.5, cov3=7.5)
    """
    n_modalities, n_readers = covariance.shape[:2]
    same_modality = np.eye(n_modalities, dtype=bool)[:, None, :, None]
    same_reader = np.eye(n_readers, dtype=bool)[None, :, None, :]

    def mean(chosen: BoolArray) -> float:
        picked = covariance[np.broadcast_to(chosen, covariance.shape)]
        return float(picked.mean()) if len(picked) else 0.0

    return Covariances(
        mean(same_modality & same_reader),
        mean(~same_modality & same_reader),
        mean(same_modality & ~same_reader),
        mean(~same_modality & ~same_reader),
    )


class _MeanSquares(NamedTuple):
    modalities: float
    readers: float
    interaction: float


def _mean_squares(values: FloatArray) -> _MeanSquares:
    i, j = values.shape
    by_modality, by_reader, grand = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - by_modality[:, None] - by_reader[None, :] + grand
    return _MeanSquares(
        j * float(((by_modality - grand) ** 2).sum()) / max(i - 1, 1),
        i * float(((by_reader - grand) ** 2).sum()) / max(j - 1, 1),
        float((rest**2).sum()) / max((i - 1) * (j - 1), 1),
    )


def _comparison(
    values: FloatArray, sampled: tuple[Sample, Sample], of: Covariances, squares: _MeanSquares, confidence: float
) -> tuple[Overall | NotEstimable, tuple[tuple[int, int, Effect], ...]]:
    i, j = values.shape
    if i < 2:
        return NotEstimable(reason="fewer_than_two_strata"), ()
    spread, df, method = _error_term(sampled, of, squares, (i - 1) * (j - 1), j)
    if spread <= NO_VARIANCE:
        return NotEstimable(reason="degenerate"), ()
    ratio = squares.modalities / spread
    statistic = ratio if math.isfinite(df) else (i - 1) * ratio
    p = float(fdtrc(i - 1, df, ratio)) if math.isfinite(df) else float(chdtrc(i - 1, statistic))
    means, error = values.mean(axis=1), math.sqrt(2 * spread / j)
    differences = tuple(
        (a, b, _effect(float(means[a] - means[b]), error, df, method, confidence=confidence, difference=True))
        for a in range(i)
        for b in range(a + 1, i)
    )
    return Overall(statistic, (float(i - 1), df), p), differences


def _error_term(
    sampled: tuple[Sample, Sample], of: Covariances, squares: _MeanSquares, df: int, n_readers: int
) -> tuple[float, float, str]:
    """What MS(T) is compared with, its degrees of freedom and the name of the method."""
    shared = max(of.cov2 - of.cov3, 0.0)
    if sampled[0] == "fixed":
        return of.error - of.cov1 + (n_readers - 1) * shared, math.inf, "obuchowski-rockette-z"
    if sampled[1] == "fixed":
        return squares.interaction, float(df), "reader-anova"
    spread = squares.interaction + n_readers * shared
    found = spread**2 * df / squares.interaction**2 if squares.interaction > NO_VARIANCE else math.inf
    return spread, found, "obuchowski-rockette-hillis"


def _mean(
    values: FloatArray,
    covariance: FloatArray,
    readers: Sample,
    cases: Sample,
    *,
    confidence: float,
    difference: bool = False,
) -> Effect | NotEstimable:
    """Mean over the readers of one modality: ``values`` [j], ``covariance`` [j, j]."""
    of, j = covariances(covariance[None, :, None, :]), len(values)
    if readers == "random" and j < 2:
        return NotEstimable(reason="too_few", facts={"n": j, "minimum": 2})
    between = float(values.var(ddof=1)) if j > 1 else 0.0
    if readers == "fixed":
        spread, df, method = of.error + (j - 1) * max(of.cov2, 0.0), math.inf, "obuchowski-rockette-z"
    elif cases == "fixed":
        spread, df, method = between, j - 1.0, "reader-anova"
    else:
        spread, method = between + j * max(of.cov2, 0.0), "obuchowski-rockette-hillis"
        df = spread**2 * (j - 1) / between**2 if between > NO_VARIANCE else math.inf
    if spread <= NO_VARIANCE:
        return NotEstimable(reason="degenerate")
    estimate, error = float(values.mean()), math.sqrt(spread / j)
    return _effect(estimate, error, df, method, confidence=confidence, difference=difference)


def _effect(estimate: float, error: float, df: float, method: str, *, confidence: float, difference: bool) -> Effect:
    quantile = t_quantile(df, confidence) if math.isfinite(df) else normal_quantile(confidence)
    low = max(estimate - quantile * error, -1.0 if difference else 0.0)
    high = min(estimate + quantile * error, 1.0)
    t = -abs(estimate) / error
    p = 2 * float(stdtr(df, t) if math.isfinite(df) else ndtr(t))
    return Effect(estimate, error, df, Interval(low, high, method), p if difference else None)
