"""Several sites from their counts alone: which pooling the number of sites allows, and the random-effects mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import expit

from ..vocabulary import Interval, NotEstimable
from .proportions import wilson
from .quantiles import t_quantile

if TYPE_CHECKING:
    from ..vocabulary import FloatArray
    from .bivariate import Bivariate

FEWEST_FOR_A_MEAN = 5
"""With fewer sites the spread between them is a guess: each is shown with the range, and no summary."""
FEWEST_FOR_BOTH_TOGETHER = 10
"""With fewer the correlation of sensitivity and specificity between sites is not identified."""

Rule = Literal["no_pooling", "range", "univariate", "bivariate"]


class SiteCounts(NamedTuple):
    """Calls of one device version at one operating point at one site; no answer counts as a wrong call."""

    tp: int
    fn: int
    tn: int
    fp: int
    unanswered_positive: int = 0
    unanswered_negative: int = 0

    @property
    def n_positive(self) -> int:
        """All diseased units sent."""
        return self.tp + self.fn + self.unanswered_positive

    @property
    def n_negative(self) -> int:
        """All healthy units sent."""
        return self.tn + self.fp + self.unanswered_negative


class SiteShare(NamedTuple):
    """One line of a forest plot: k of n with its own Wilson interval."""

    k: int
    n: int
    value: float | NotEstimable
    interval: Interval | NotEstimable


class PooledShare(NamedTuple):
    """Share at the typical site, limits of it, and limits of the share to expect at a further site."""

    value: float
    interval: Interval
    prediction: Interval
    between_sd: float  # of the sites' true shares, logit scale
    i_squared: float | NotEstimable  # share of the spread between sites that is beyond chance, 0–1
    n_sites: int


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One proportion over the sites."""

    sites: tuple[SiteShare, ...]  # in the order given
    lowest: float | NotEstimable
    highest: float | NotEstimable
    pooled: PooledShare | NotEstimable


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """What the sites show together. Predictive values are not pooled: prevalence differs between sites."""

    rule: Rule  # what was done; the number of sites alone may have asked for more, see ``together``
    sensitivity: Measure
    specificity: Measure
    together: Bivariate | NotEstimable
    n_sites: int


def pool(sites: Sequence[SiteCounts], *, confidence: float = 0.95) -> Pooled | NotEstimable:
    """Sensitivity and specificity over sites, by as strong a model as their number k carries.

    k = 1: nothing is pooled. 2–4: the sites and their range. 5–9: ``random_effects`` of each. 10 and more: both
    together (``bivariate.fit``), or ``random_effects`` of each where that fit is singular, ``together`` saying so. A
    site without a diseased (healthy) unit does not count for sensitivity (specificity). Counts are never added up over
    sites: with a spread of 0.6 on the logit scale the interval of the sum holds the truth in 6 of 10 cases only.

    The sites must have tested one version at one operating point. ``NotEstimable``: ``no_denominator`` without sites;
    inside, ``too_few_sites`` where the number does not allow it and ``singular_fit``.
    Raises ValueError for negative counts.
    Reference: Chu & Cole 2006, J Clin Epidemiol 59:1331; Röver et al. 2015, BMC Med Res Methodol 15:99.

    >>> found = pool([SiteCounts(45, 5, 80, 20), SiteCounts(38, 7, 90, 10)])
    >>> found.rule, round(found.sensitivity.lowest, 4), found.sensitivity.highest, found.sensitivity.pooled.reason
    ('range', 0.8444, 0.9, 'too_few_sites')
    """
    if any(count < 0 for site in sites for count in site):
        raise ValueError("counts cannot be negative")
    if not sites:
        return NotEstimable(reason="no_denominator")
    sensitivity = _measure([(site.tp, site.n_positive) for site in sites], confidence)
    specificity = _measure([(site.tn, site.n_negative) for site in sites], confidence)
    together = _together(sites, confidence)
    rule: Rule = "no_pooling" if len(sites) == 1 else "range"
    if not isinstance(together, NotEstimable):
        rule = "bivariate"
    elif any(isinstance(measure.pooled, PooledShare) for measure in (sensitivity, specificity)):
        rule = "univariate"
    return Pooled(rule=rule, sensitivity=sensitivity, specificity=specificity, together=together, n_sites=len(sites))


def random_effects(
    counts: Sequence[float], sizes: Sequence[float], *, confidence: float = 0.95
) -> PooledShare | NotEstimable:
    """The share of the typical site: DerSimonian–Laird on logits, modified Hartung–Knapp interval, prediction interval.

    ``counts`` of ``sizes`` units at k sites; sites of size 0 are left out. ½ is added to both cells of a site that has
    an empty one, and the method then ends in ``-half-added``. The variance is multiplied by max(1, q), q the weighted
    mean square around the mean, and t has k − 1 degrees of freedom: never narrower than without the factor. Prediction:
    t with k − 2 degrees of freedom on the between-site variance and that of the mean.
    Methods: ``dersimonian-laird-hartung-knapp``, ``prediction-t``. ``NotEstimable``: ``too_few_sites`` below 3 sites.
    The k-rule of ``pool`` asks for 5. Raises ValueError unless 0 <= count <= size.
    Reference: DerSimonian & Laird 1986, Control Clin Trials 7:177; Röver et al. 2015, BMC Med Res Methodol 15:99;
    Higgins et al. 2009, JRSS A 172:137 (prediction).

    >>> found = random_effects([45, 38, 52, 28, 61], [50, 45, 55, 40, 70])
    >>> round(found.value, 4), round(found.between_sd, 4), [round(x, 4) for x in found.interval[:2]]
    (0.8601, 0.5668, [0.7165, 0.9374])
    """
    x, n = np.asarray(counts, dtype=float), np.asarray(sizes, dtype=float)
    if x.shape != n.shape or not bool(np.all((x >= 0) & (x <= n))):
        raise ValueError("every site needs 0 <= count <= size")
    x, n = x[n > 0], n[n > 0]
    k = len(n)
    if k < 3:
        return NotEstimable(reason="too_few_sites", facts={"n": k, "minimum": 3})
    added = 0.5 * ((x == 0) | (x == n))
    hits, misses = x + added, n - x + added
    y, variance = np.log(hits / misses), 1 / hits + 1 / misses
    between, q = _dersimonian_laird(y, variance)
    weight = 1 / (variance + between)
    centre = float((weight * y).sum() / weight.sum())
    spread = float((weight * (y - centre) ** 2).sum()) / (k - 1)
    error = math.sqrt(max(1.0, spread) / float(weight.sum()))
    ending = "-half-added" if bool(added.any()) else ""
    around = math.hypot(error, math.sqrt(between))
    return PooledShare(
        value=float(expit(centre)),
        interval=on_logits(
            centre, error * t_quantile(k - 1, confidence), "dersimonian-laird-hartung-knapp" + ending, k
        ),
        prediction=on_logits(centre, around * t_quantile(k - 2, confidence), "prediction-t" + ending, k),
        between_sd=math.sqrt(between),
        i_squared=max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0,
        n_sites=k,
    )


def on_logits(centre: float, half: float, method: str, n_sites: int) -> Interval:
    """Limits centre ± half of a logit as shares; ``effective_n`` is the number of sites.

    >>> low, high, method, n = on_logits(0.0, math.log(4), "t", 5)
    >>> round(low, 6), round(high, 6), method, n
    (0.2, 0.8, 't', 5)
    """
    return Interval(float(expit(centre - half)), float(expit(centre + half)), method, n_sites)


def _dersimonian_laird(y: FloatArray, variance: FloatArray) -> tuple[float, float]:
    """Between-site variance by the method of moments, and Cochran's Q."""
    weight = 1 / variance
    q = float((weight * (y - (weight * y).sum() / weight.sum()) ** 2).sum())
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    return max(0.0, (q - (len(y) - 1)) / scale), q


def _measure(counts: Sequence[tuple[int, int]], confidence: float) -> Measure:
    nothing = NotEstimable(reason="no_denominator")
    sites = tuple(
        SiteShare(k, n, k / n, wilson(k, n, confidence)) if n > 0 else SiteShare(k, n, nothing, nothing)
        for k, n in counts
    )
    shares = [k / n for k, n in counts if n > 0]
    pooled = (
        random_effects([k for k, _ in counts], [n for _, n in counts], confidence=confidence)
        if len(shares) >= FEWEST_FOR_A_MEAN
        else NotEstimable(reason="too_few_sites", facts={"n": len(shares), "minimum": FEWEST_FOR_A_MEAN})
    )
    return Measure(
        sites=sites,
        lowest=min(shares) if shares else nothing,
        highest=max(shares) if shares else nothing,
        pooled=pooled,
    )


def _together(sites: Sequence[SiteCounts], confidence: float) -> Bivariate | NotEstimable:
    both = [site for site in sites if site.n_positive > 0 and site.n_negative > 0]
    if len(both) < FEWEST_FOR_BOTH_TOGETHER:
        return NotEstimable(reason="too_few_sites", facts={"n": len(both), "minimum": FEWEST_FOR_BOTH_TOGETHER})
    from .bivariate import fit  # brings scipy.optimize, which most runs never need

    positive = np.array([[site.tp, site.n_positive] for site in both])
    negative = np.array([[site.tn, site.n_negative] for site in both])
    return fit(positive, negative, confidence=confidence)
