"""Agreement of segmented regions, summed up over cases: a quantile (the median unless asked otherwise) or the mean.

Regions of several structures are never pooled: every figure is one of a structure. A case without an answer counts as
the worst value there is, which is 0 of an overlap and infinite of a distance; a quantile that falls on infinite values,
or a mean with one, is no number. ``quantile_limits`` gives the interval of a quantile, Student's t that of a mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Fact, Problem, ProtocolError
from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Interval, NotEstimable
from .shares import Share, ratio

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Judgements, Scale, Totals

Summary = Literal["median", "lower_quartile", "upper_quartile", "worst_decile", "mean"]
SHARES = {"median": 0.5, "lower_quartile": 0.25, "upper_quartile": 0.75}
DECILE = 0.1
OF_SEGMENTATION = ("segmentation",)
ROUNDING = 1e-9  # by which a value may miss a limit and still be on it


class _Summary:
    """One column of the judgements, summed up over the cases of a structure.

    ``column``: its name. ``far``: the column that is 1 where the value is infinite, "" where it never is; ``only``: the
    column that is 1 where the value counts, "" for every row. ``needs_spacing``, ``needs_tolerance``: whether a case
    measured without leaves no figure. ``lowest``, ``highest``: no value lies beyond.
    """

    tasks: ClassVar[tuple[str, ...]] = OF_SEGMENTATION
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    far: ClassVar[str] = ""
    why_infinite: ClassVar[str] = "segmentation_infinite"
    needs_spacing: ClassVar[bool] = False
    needs_tolerance: ClassVar[bool] = False
    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0

    summary: Summary

    def _values(self, judgements: Judgements) -> tuple[FloatArray, FloatArray]:
        """[n] the values, and [n] 1 for those that count."""
        raise NotImplementedError

    def columns(self, judgements: Judgements) -> Columns:
        """Cases by their value; infinite and unmeasured ones are counted beside."""
        values, counted = self._values(judgements)
        columns = judgements.columns
        unmeasured = counted * (1 - columns["is_measured"]) * self.needs_spacing
        without_tolerance = counted * (1 - columns["has_tolerance"]) * self.needs_tolerance
        infinite = counted * np.isinf(values)
        sums = {
            "cases": counted,
            "sum": np.where(np.isinf(values), 0.0, values) * counted,
            "infinite": infinite,
            "unmeasured": unmeasured,
            "without_tolerance": without_tolerance,
        }
        if self.summary == "mean":
            return Columns(sums=sums, own_n=("cases",))
        scores = np.where(counted > 0, values, 0.0)
        return Columns(sums=sums, ranked={"cases": counted}, scores=scores, own_n=("cases",))

    def value(self, totals: Totals) -> FloatArray:
        """The summary for each weighting; NaN without cases, where it is infinite, or where some were not measured."""
        from ..statistics.weighted_quantiles import weighted_quantile

        sums = totals.sums
        is_whole = (sums["unmeasured"] == 0) & (sums["without_tolerance"] == 0)
        if self.summary == "mean":
            found = np.where(sums["infinite"] > 0, np.nan, ratio(sums["sum"], sums["cases"]))
        else:
            scores = np.zeros(0) if totals.scores is None else totals.scores
            found = weighted_quantile(totals.ranked["cases"], scores, self._share)
        return np.where(is_whole & np.isfinite(found), found, np.nan)

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Limits from ordered values, exact for independent ones; of a mean Student's, by patient.

        The upper limit of a quantile, or both, may be infinite; a mean of which a case is infinite has no limits.
        """
        from ..statistics.measurement import mean_interval
        from ..statistics.weighted_quantiles import quantile_limits

        sums = columns.sums
        counted = sums["cases"] > 0
        if columns.scores is not None:
            return quantile_limits(
                columns.scores[counted], patients[counted], self._share, clustered=clustered, confidence=confidence
            )
        if sums["infinite"].any():
            return self.why_undefined(columns)
        values = np.nan_to_num(ratio(sums["sum"], sums["cases"]))
        found = mean_interval(values, sums["cases"], patients, confidence=confidence)
        if isinstance(found, NotEstimable):
            return found
        return found._replace(low=max(found.low, self.lowest), high=min(found.high, self.highest))

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """No tolerance, no spacing, or too many cases without a finite value."""
        n = int(columns.sums["cases"].sum())
        for reason in ("without_tolerance", "unmeasured"):
            if columns.sums[reason].any():
                facts = {"n": n, "missing": int(columns.sums[reason].sum())}
                return NotEstimable(reason=f"segmentation_{reason}", facts=facts)
        far = int(columns.sums["infinite"].sum())
        return NotEstimable(reason=self.why_infinite, facts={"n": n, "infinite": far})

    @property
    def quantile_of_cases(self) -> float | None:
        """Which quantile of the cases it is; None of a mean."""
        return None if self.summary == "mean" else self._share

    @property
    def _share(self) -> float:
        if self.summary == "worst_decile":
            return DECILE if self.better == "higher" else 1 - DECILE
        return SHARES[self.summary]


class _OfColumn(_Summary):
    """A measure that every case has: of one without an answer it is the worst."""

    column: ClassVar[str]

    def _values(self, judgements: Judgements) -> tuple[FloatArray, FloatArray]:
        values = judgements.columns[self.column]
        if self.far:
            values = np.where(judgements.columns[self.far] > 0, math.inf, values)
        return values, np.ones(len(values))


@dataclass(frozen=True, kw_only=True)
class Dice(_OfColumn):
    """Dice coefficient: voxels in both regions over the mean of those in each."""

    name: ClassVar[str] = "dice"
    column: ClassVar[str] = "dice"

    summary: Summary = "median"


@dataclass(frozen=True, kw_only=True)
class IntersectionOverUnion(_OfColumn):
    """Voxels in both regions over those in either (Jaccard)."""

    name: ClassVar[str] = "iou"
    column: ClassVar[str] = "iou"

    summary: Summary = "median"


@dataclass(frozen=True, kw_only=True)
class SurfaceDice(_OfColumn):
    """Normalised surface Dice: share of both surfaces within the tolerance of the structure of the other."""

    name: ClassVar[str] = "nsd"
    column: ClassVar[str] = "nsd"
    needs_spacing: ClassVar[bool] = True
    needs_tolerance: ClassVar[bool] = True

    summary: Summary = "median"


class _Distance(_OfColumn):
    """A distance between surfaces, in the unit of the endpoint."""

    scale: ClassVar[Scale] = "measured"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    far: ClassVar[str] = "is_far"
    needs_spacing: ClassVar[bool] = True
    highest: ClassVar[float] = math.inf


@dataclass(frozen=True, kw_only=True)
class HausdorffDistance95(_Distance):
    """HD95. Programs differ in what they call so: the definition is part of the figure.

    ``surface_elements``: for each direction the distance within which 95 % of the surface lies, by size of element; the
    greater of both (Nikolov et al. 2021). ``voxels``: the 95th percentile of the distances of the outermost voxels of
    both regions together, each counted once (MedPy).
    """

    name: ClassVar[str] = "hd95"

    summary: Summary = "median"
    definition: Literal["surface_elements", "voxels"] = "surface_elements"

    @property
    def column(self) -> str:  # type: ignore[override]
        """The column of the definition."""
        return "hd95" if self.definition == "surface_elements" else "hd95_voxels"


@dataclass(frozen=True, kw_only=True)
class AverageSurfaceDistance(_Distance):
    """Average symmetric surface distance: the mean over both surfaces together, by size of element."""

    name: ClassVar[str] = "assd"
    column: ClassVar[str] = "assd"

    summary: Summary = "median"


@dataclass(frozen=True, kw_only=True)
class VolumeError(_Summary):
    """Size of the volume's error over the reference's volume: 0.1 is 10 % too large or too small.

    Without an answer it is infinite, not 1: a device cannot better a volume that is far too large by saying nothing.
    """

    name: ClassVar[str] = "volume_error"
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    highest: ClassVar[float] = math.inf

    summary: Summary = "median"

    def _values(self, judgements: Judgements) -> tuple[FloatArray, FloatArray]:
        columns = judgements.columns
        size = np.where(columns["volume_is_far"] > 0, math.inf, np.abs(columns["volume_error"]))
        return size, np.ones(len(size))


@dataclass(frozen=True, kw_only=True)
class VolumeBias(_Summary):
    """(Volume − the reference's) over the reference's, of the regions that were given: below 0 too small on the whole.

    A region where the reference has none is infinitely too large.
    """

    name: ClassVar[str] = "volume_bias"
    target: ClassVar[float] = 0.0
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    lowest: ClassVar[float] = -1.0
    highest: ClassVar[float] = math.inf

    summary: Summary = "median"

    def _values(self, judgements: Judgements) -> tuple[FloatArray, FloatArray]:
        columns = judgements.columns
        given = 1 - columns["unanswered"]
        bias = np.where(columns["volume_is_far"] * given > 0, math.inf, columns["volume_error"])
        return bias, given


@dataclass(frozen=True, kw_only=True)
class AcceptableShare(Share):
    """Share of cases that are good enough: Dice or surface Dice at least at a limit, HD95 at most.

    A case without an answer is not.
    """

    name: ClassVar[str] = "acceptable_share"
    tasks: ClassVar[tuple[str, ...]] = OF_SEGMENTATION

    measure: Literal["dice", "nsd", "hd95"]
    limit: float  # 0–1 of dice and nsd, in the unit of the endpoint and >= 0 of hd95

    def __post_init__(self) -> None:
        """Raise ProtocolError if the limit is no value of the measure."""
        highest = math.inf if self.measure == "hd95" else 1.0
        if not (math.isfinite(self.limit) and 0 <= self.limit <= highest):
            facts: dict[str, Fact] = {"option": "limit", "measure": self.measure, "found": self.limit}
            raise ProtocolError(Problem(key="segmentation.limit", where=self.name, facts=facts))

    def columns(self, judgements: Judgements) -> Columns:
        """Cases that are good enough over all cases; those that could not be measured beside."""
        columns = judgements.columns
        values, every = columns[self.measure], np.ones(len(judgements.row_units))
        if self.measure == "hd95":
            good = (columns["is_far"] == 0) & (values <= self.limit * (1 + ROUNDING))
        else:
            good = (columns["unanswered"] == 0) & (values >= self.limit - ROUNDING)
        unmeasured = every - columns["is_measured"] if self.measure != "dice" else every * 0
        without_tolerance = every - columns["has_tolerance"] if self.measure == "nsd" else every * 0
        lost = (unmeasured > 0) | (without_tolerance > 0)
        sums = {
            "numerator": (good & ~lost).astype(np.float64),
            "denominator": every,
            "unmeasured": unmeasured,
            "without_tolerance": without_tolerance,
        }
        return Columns(sums=sums)

    def value(self, totals: Totals) -> FloatArray:
        """The share for each weighting; NaN without cases, or where some were not measured."""
        sums = totals.sums
        is_whole = (sums["unmeasured"] == 0) & (sums["without_tolerance"] == 0)
        return np.where(is_whole, ratio(sums["numerator"], sums["denominator"]), np.nan)

    def why_undefined(self, columns: Columns) -> NotEstimable:
        """No tolerance, or no spacing."""
        reason = "without_tolerance" if columns.sums["without_tolerance"].any() else "unmeasured"
        n, missing = len(columns.sums["denominator"]), int(columns.sums[reason].sum())
        return NotEstimable(reason=f"segmentation_{reason}", facts={"n": n, "missing": missing})


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        Dice,
        IntersectionOverUnion,
        SurfaceDice,
        HausdorffDistance95,
        AverageSurfaceDistance,
        VolumeError,
        VolumeBias,
        AcceptableShare,
    ]
