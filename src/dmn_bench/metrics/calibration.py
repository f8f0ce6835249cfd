"""Whether scores declared to be probabilities come true, and what acting on them is worth.

Every metric of this file needs the option ``scores_are: probability``: whoever writes the protocol states that the
score is one, as nothing in the answers shows it. They count units that the device answered with a score, under every
analysis alike, since a non-answer has no probability. Where the share of positives in the set was chosen, units weigh
what brings it to the local prevalence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Fact, Problem, ProtocolError
from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Curve, Interval, NotEstimable
from .classification import LocalPrevalence
from .shares import ratio

if TYPE_CHECKING:
    from ..statistics.calibration import Forecasts
    from ..vocabulary import FloatArray, IntArray, Judgements, Scale, Totals


def _check(option: str, value: float, low: float, high: float) -> None:
    """Raises ProtocolError unless the number lies between both limits, themselves left out."""
    if not low < value < high:
        facts: dict[str, Fact] = {"option": option, "found": value, "low": low, "high": high}
        raise ProtocolError(Problem(key="tasks.number_out_of_range", facts=facts))


@dataclass(frozen=True, kw_only=True)
class _OfProbabilities:
    """What the metrics of probabilities share: which rows count, what they weigh, and when nothing can be said."""

    tasks: ClassVar[tuple[str, ...]] = ("classification",)
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    scale: ClassVar[Scale] = "ratio"

    scores_are: Literal["probability"]  # what whoever writes the protocol states; there is no default
    prevalence_if_enriched: LocalPrevalence | None = None  # from the card; the harness fills it in for enriched sets

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """Scores that are no probabilities, classes that some score separates, or too few different scores."""
        n_outside = float(columns.sums["outside"].sum())
        if n_outside:
            return NotEstimable(reason="not_probabilities", facts={"n": n_outside})
        return NotEstimable(reason="undefined")

    def _rows(self, judgements: Judgements) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """(diseased, healthy, probability, outside), [n] each; a row that takes no part is 0 in all."""
        columns = judgements.columns
        counts, score = columns["has_stated"], columns["stated"]
        diseased = columns["reference"] * counts
        outside = np.asarray((score < 0) | (score > 1), dtype=np.float64)
        return diseased, counts - diseased, np.clip(score, 0.0, 1.0), outside

    def _class_weights(self, judgements: Judgements) -> tuple[float, float]:
        """Weight of a diseased and of a healthy unit: from the whole set, answered or not, so strata share them."""
        from ..statistics.calibration import class_weights

        references = judgements.units.references
        prevalence = None if self.prevalence_if_enriched is None else self.prevalence_if_enriched.value
        return class_weights(references.count("positive"), references.count("negative"), prevalence)

    def _only_probabilities(self, totals: Totals, values: FloatArray) -> FloatArray:
        return np.where(totals.sums["outside"] > 0, np.nan, values)


@dataclass(frozen=True, kw_only=True)
class Brier(_OfProbabilities):
    """Mean squared distance of the probabilities from what came true: 0 is best. Depends on the prevalence.

    Reference: Brier 1950, Mon Weather Rev 78:1.
    """

    name: ClassVar[str] = "brier"

    def columns(self, judgements: Judgements) -> Columns:
        """Squared errors and weights of the answered units."""
        diseased, healthy, probability, outside = self._rows(judgements)
        of_diseased, of_healthy = self._class_weights(judgements)
        weight = of_diseased * diseased + of_healthy * healthy
        sums = {
            "units": diseased + healthy,
            "outside": outside,
            "squared": weight * (probability - diseased) ** 2,
            "positives": of_diseased * diseased,
            "weight": weight,
        }
        return Columns(sums=sums, own_n=("units",))

    def value(self, totals: Totals) -> FloatArray:
        """The score for each weighting, NaN without units."""
        return self._only_probabilities(totals, ratio(totals.sums["squared"], totals.sums["weight"]))


@dataclass(frozen=True, kw_only=True)
class ScaledBrier(Brier):
    """Brier score against that of stating the prevalence for everybody: 1 is best, 0 is no use, below 0 harmful.

    Reference: Steyerberg et al. 2010, Epidemiology 21:128.
    """

    name: ClassVar[str] = "brier_scaled"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def value(self, totals: Totals) -> FloatArray:
        """The scaled score for each weighting, NaN without one of the classes."""
        from ..statistics.calibration import scaled_brier

        sums = totals.sums
        return self._only_probabilities(totals, scaled_brier(sums["squared"], sums["positives"], sums["weight"]))


@dataclass(frozen=True, kw_only=True)
class _OfLogits(_OfProbabilities):
    """What the metrics share that are fitted on the logit of the probability."""

    clip: float = 1e-6  # probabilities nearer than this to 0 or 1 are moved to it; above 0, below 0.5

    def __post_init__(self) -> None:
        """Raises ProtocolError for a clip outside its range."""
        _check("clip", self.clip, 0.0, 0.5)

    def columns(self, judgements: Judgements) -> Columns:
        """Weights of answered diseased and healthy units at each probability."""
        diseased, healthy, probability, outside = self._rows(judgements)
        of_diseased, of_healthy = self._class_weights(judgements)
        inside = np.clip(np.where(diseased + healthy > 0, probability, 0.5), self.clip, 1 - self.clip)
        return Columns(
            sums={"diseased": diseased, "healthy": healthy, "outside": outside},
            ranked={"diseased": of_diseased * diseased, "healthy": of_healthy * healthy},
            scores=inside,
            own_n=("diseased", "healthy"),
        )

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """As for all metrics of probabilities, and that some probability separates the classes."""
        found = super().why_undefined(columns)
        if found.reason == "undefined":
            return self._forecasts(columns, np.arange(len(columns.sums["diseased"]))).absence or found
        return found

    def curves(self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float) -> Sequence[Curve]:
        """Observed share in up to ten groups of equal size, with limits: ``calibration_bins``, for () without units."""
        from ..statistics.calibration import calibration_bins

        if columns.sums["outside"].any() or not columns.sums["diseased"].any():
            return ()
        found = calibration_bins(self._forecasts(columns, patients), clustered=clustered, confidence=confidence)
        bins = [one for one in found if isinstance(one.interval, Interval)]
        curve = Curve(
            name="calibration_bins",
            x=tuple(one.stated for one in bins),
            y=tuple(one.observed for one in bins),
            low=tuple(one.interval.low for one in bins if isinstance(one.interval, Interval)),
            high=tuple(one.interval.high for one in bins if isinstance(one.interval, Interval)),
            sizes=tuple(one.n for one in bins),
        )
        return (curve,)

    def _forecasts(self, columns: Columns, patients: IntArray) -> Forecasts:
        """The rows that count, for functions of single rows."""
        from ..statistics.calibration import Forecasts

        weight = columns.ranked["diseased"] + columns.ranked["healthy"]
        rows = weight > 0
        scores = np.zeros(0) if columns.scores is None else columns.scores[rows]
        plain = bool(np.all(weight[rows] == 1))
        return Forecasts(
            probabilities=scores,
            positive=columns.sums["diseased"][rows] > 0,
            patients=patients[rows],
            weights=None if plain else weight[rows],
        )


@dataclass(frozen=True, kw_only=True)
class CalibrationIntercept(_OfLogits):
    """Calibration in the large: by how much, on the logit scale, probabilities are too low on the whole; 0 is best.

    The intercept of a logistic regression with the logit of the probability as offset. Above 0 the device states too
    little risk, below 0 too much. Reference: Cox 1958, Biometrika 45:562; Van Calster et al. 2019, BMC Med 17:230.
    """

    name: ClassVar[str] = "calibration_intercept"
    target: ClassVar[float] = 0.0

    def value(self, totals: Totals) -> FloatArray:
        """The intercept for each weighting, NaN without one of the classes."""
        from ..statistics.calibration import intercepts

        if totals.scores is None or not len(totals.scores):
            return np.full(len(totals.sums["outside"]), np.nan)
        found = intercepts(totals.ranked["diseased"], totals.ranked["healthy"], totals.scores)
        return self._only_probabilities(totals, found)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Wald limits; by the sandwich of patients where they have several units, or units are weighted."""
        from ..statistics.calibration import intercept

        found = intercept(self._forecasts(columns, patients), clustered=clustered, confidence=confidence)
        return found if isinstance(found, NotEstimable) else found.interval


@dataclass(frozen=True, kw_only=True)
class CalibrationSlope(_OfLogits):
    """Whether probabilities are spread right: the slope of a logistic regression on their logit; 1 is best.

    Below 1 they are too extreme, above 1 too timid. Reference: as for ``calibration_intercept``.
    """

    name: ClassVar[str] = "calibration_slope"
    target: ClassVar[float] = 1.0
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def value(self, totals: Totals) -> FloatArray:
        """The slope for each weighting, NaN where classes are separated or all probabilities are the same."""
        from ..statistics.calibration import slopes

        if totals.scores is None or not len(totals.scores):
            return np.full(len(totals.sums["outside"]), np.nan)
        found = slopes(totals.ranked["diseased"], totals.ranked["healthy"], totals.scores)
        return self._only_probabilities(totals, found)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """As for ``calibration_intercept``."""
        from ..statistics.calibration import slope

        found = slope(self._forecasts(columns, patients), clustered=clustered, confidence=confidence)
        return found if isinstance(found, NotEstimable) else found.interval


@dataclass(frozen=True, kw_only=True)
class CalibrationError(_OfLogits):
    """Integrated calibration index: mean distance of the probabilities from the flexible calibration curve; 0 is best.

    The curve is a logistic regression on a restricted cubic spline of the logit. The patient bootstrap gives the
    interval. Biased upwards in small samples, as no fitted curve lies at its true place.
    Reference: Austin and Steyerberg 2019, Stat Med 38:4051.
    """

    name: ClassVar[str] = "ici"

    at_percentile: float | None = None  # of the distances instead of their mean: 50 for E50, 90 for E90
    knots: Literal[3, 4, 5] = 3  # of the spline

    def __post_init__(self) -> None:
        """Raises ProtocolError for a clip or a percentile outside its range."""
        super().__post_init__()
        if self.at_percentile is not None:
            _check("at_percentile", self.at_percentile, 0.0, 100.0)

    def value(self, totals: Totals) -> FloatArray:
        """The index for each weighting, NaN where the curve cannot be fitted."""
        from ..statistics.calibration import calibration_errors

        scores = np.zeros(0) if totals.scores is None else totals.scores
        found = calibration_errors(
            totals.ranked["diseased"],
            totals.ranked["healthy"],
            scores,
            percentile=self.at_percentile,
            knots=self.knots,
        )
        return self._only_probabilities(totals, found)

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """As for the slope; else there are too few different probabilities for a curve."""
        found = super().why_undefined(columns)
        return NotEstimable(reason="too_few_probabilities") if found.reason == "undefined" else found

    def curves(self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float) -> Sequence[Curve]:
        """The flexible curve with its pointwise band, ``calibration``, and the groups."""
        from ..statistics.calibration import calibration_curve

        bins = super().curves(columns, patients, clustered=clustered, confidence=confidence)
        if not bins:
            return ()
        forecasts = self._forecasts(columns, patients)
        found = calibration_curve(forecasts, clustered=clustered, confidence=confidence, knots=self.knots)
        if isinstance(found, NotEstimable):
            return bins
        x, y, low, high = (tuple(part.tolist()) for part in found)
        return (Curve(name="calibration", x=x, y=y, low=low, high=high), *bins)


@dataclass(frozen=True, kw_only=True)
class NetBenefit(_OfProbabilities):
    """Right alarms per unit less false ones, weighed by the odds of the probability from which one acts.

    In an enriched set at the local prevalence π: Se·π − (1 − Sp)(1 − π)·odds, π in every stratum alike. Acting on none
    is worth 0. Reference: Vickers and Elkin 2006, Med Decis Making 26:565.
    """

    name: ClassVar[str] = "net_benefit"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    at_probability: float  # from which one acts, above 0, below 1: as many false alarms as one case is worth say it

    def __post_init__(self) -> None:
        """Raises ProtocolError for a probability outside its range."""
        _check("at_probability", self.at_probability, 0.0, 1.0)

    def columns(self, judgements: Judgements) -> Columns:
        """Answered units of each class, and those at or above the probability."""
        diseased, healthy, probability, outside = self._rows(judgements)
        above = np.asarray(probability >= self.at_probability, dtype=np.float64)
        sums = {
            "true_positives": diseased * above,
            "false_positives": healthy * above,
            "diseased": diseased,
            "healthy": healthy,
            "outside": outside,
        }
        return Columns(sums=sums, own_n=("diseased", "healthy"))

    def value(self, totals: Totals) -> FloatArray:
        """Net benefit for each weighting, NaN without units."""
        from ..statistics.net_benefit import CalledCounts, net_benefit

        names = ("true_positives", "false_positives", "diseased", "healthy")
        counts = CalledCounts(*(totals.sums[name] for name in names))
        return self._only_probabilities(totals, net_benefit(counts, self.at_probability, self._prevalence))

    def curves(self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float) -> Sequence[Curve]:
        """One point of ``net_benefit_of_all``: what acting on everybody is worth at this probability."""
        from ..statistics.net_benefit import net_benefit_of_all

        n_diseased, n_healthy = (float(columns.sums[name].sum()) for name in ("diseased", "healthy"))
        if columns.sums["outside"].any() or n_diseased + n_healthy == 0:
            return ()
        share = n_diseased / (n_diseased + n_healthy) if self._prevalence is None else self._prevalence
        of_all = net_benefit_of_all(share, self.at_probability)
        return (Curve(name="net_benefit_of_all", x=(self.at_probability,), y=(of_all,)),)

    @property
    def _prevalence(self) -> float | None:
        return None if self.prevalence_if_enriched is None else self.prevalence_if_enriched.value


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [Brier, ScaledBrier, CalibrationIntercept, CalibrationSlope, CalibrationError, NetBenefit]
