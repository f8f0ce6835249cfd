"""Lesions found against marks put where nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns
from .shares import Share, ratio, share_columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals

LESION, FALSE_POSITIVE, UNIT, SILENT_IMAGE, CHARGED = 0.0, 1.0, 2.0, 3.0, 5.0  # ``kind`` of the task detection
LUNA16_RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def _are(judgements: Judgements, kind: float) -> FloatArray:
    return np.asarray(judgements.columns["kind"] == kind, dtype=np.float64)


def _alarms(judgements: Judgements) -> FloatArray:
    """False positive marks, and those that the images left unanswered are charged with."""
    return np.isin(judgements.columns["kind"], (FALSE_POSITIVE, SILENT_IMAGE, CHARGED)).astype(np.float64)


def _free_response(judgements: Judgements) -> Columns:
    """Lesions, images, and lesions hit and false positives at each score: what a FROC curve is made of."""
    columns = judgements.columns
    lesions, alarms = _are(judgements, LESION), _alarms(judgements)
    marked = lesions * np.isfinite(columns["score"])
    return Columns(
        sums={"lesions": lesions, "images": columns["images"]},
        ranked={"hits": marked, "false_positives": alarms},
        scores=np.where(marked + alarms > 0, columns["score"], 0.0),
        own_n=("lesions",),
    )


def _sensitivity_at(totals: Totals, rate: float, interpolation: Literal["step", "linear"]) -> FloatArray:
    from ..statistics.localisation import sensitivity_at

    return sensitivity_at(
        totals.ranked["hits"],
        totals.ranked["false_positives"],
        totals.sums["lesions"],
        totals.sums["images"],
        rate,
        interpolation=interpolation,
    )


@dataclass(frozen=True, kw_only=True)
class LesionSensitivity:
    """Share of lesions found: at a fixed rate of false positives per image, or at the operating point.

    At a rate the threshold is read from the curve of the set itself, for every resample anew, so the patient bootstrap
    gives the interval; at the operating point it is a plain share with the intervals of one. An image charged as
    unanswered has one false positive above every score, and at every threshold as many as the answered image with most
    of them: silence can never raise the share above that of the answered images.
    """

    name: ClassVar[str] = "lesion_sensitivity"
    tasks: ClassVar[tuple[str, ...]] = ("detection",)
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    at_false_positives_per_image: float | None = None  # mean over all images, above 0; null: at the operating point
    interpolation: Literal["step", "linear"] = "step"  # between thresholds: the lower point, or a straight line

    def __new__(cls, **options: Any) -> LesionSensitivity:
        """The share at the operating point has closed-form intervals, the one at a rate has not: two classes."""
        at_point = cls is LesionSensitivity and options.get("at_false_positives_per_image") is None
        return object.__new__(_LesionSensitivityAtPoint if at_point else cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        """What a copy is made with, so that it stays of its class."""
        return (), dict(vars(self))

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions, images, and hits and false positives by score."""
        return _free_response(judgements)

    def value(self, totals: Totals) -> FloatArray:
        """Sensitivity for each weighting, NaN without lesions or images."""
        if self.at_false_positives_per_image is None:
            return ratio(totals.sums["numerator"], totals.sums["denominator"])
        return _sensitivity_at(totals, self.at_false_positives_per_image, self.interpolation)


class _LesionSensitivityAtPoint(Share, LesionSensitivity):
    """Share of lesions found at the operating point."""

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions called over lesions."""
        lesions = _are(judgements, LESION)
        return share_columns(lesions * judgements.columns["called"], lesions)


@dataclass(frozen=True, kw_only=True)
class FalsePositivesPerImage:
    """Mean number of false positive marks per image at the operating point, images with and without lesions.

    An image charged as unanswered counts as many as the answered image with most of them, and one at least.
    """

    name: ClassVar[str] = "false_positives_per_image"
    tasks: ClassVar[tuple[str, ...]] = ("detection",)
    scale: ClassVar[Scale] = "ratio"
    better: ClassVar[Literal["higher", "lower"]] = "lower"

    def columns(self, judgements: Judgements) -> Columns:
        """False positives called over images."""
        alarms = _alarms(judgements) * judgements.columns["called"]
        return share_columns(alarms, judgements.columns["images"])

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN without images."""
        return ratio(totals.sums["numerator"], totals.sums["denominator"])


@dataclass(frozen=True, kw_only=True)
class FalsePositivesPerNormalImage(FalsePositivesPerImage):
    """Mean number of false positive marks per image of normal units at the operating point.

    A normal unit has a negative reference and no lesion but ones to ignore. An image charged as unanswered counts as
    many as the answered image with most of them, and one at least.
    """

    name: ClassVar[str] = "false_positives_per_normal_image"

    def columns(self, judgements: Judgements) -> Columns:
        """False positives called over images, both of normal units."""
        normal = judgements.columns["normal"]
        alarms = _alarms(judgements) * judgements.columns["called"]
        return share_columns(alarms * normal, judgements.columns["images"] * normal)


@dataclass(frozen=True, kw_only=True)
class AfrocArea:
    """Chance that a lesion is rated above the highest false positive of a normal unit, ties counting half.

    Every lesion weighs the same. A lesion without a mark rates −∞, as does a unit without a false positive: against
    each other they tie. Reference: Chakraborty and Berbaum 2004, Med Phys 31:2313.
    """

    name: ClassVar[str] = "afroc"
    tasks: ClassVar[tuple[str, ...]] = ("detection",)
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    all_units: bool = False  # compare with the false positives of diseased units too: AFROC1

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions and units by rating."""
        return self._columns(judgements, _are(judgements, LESION))

    def value(self, totals: Totals) -> FloatArray:
        """The area for each weighting, NaN without lesions or units to compare with."""
        from ..statistics.localisation import afroc_area

        return afroc_area(totals.ranked["lesions"], totals.ranked["compared"])

    def _columns(self, judgements: Judgements, weights: FloatArray) -> Columns:
        columns = judgements.columns
        compared = _are(judgements, UNIT) * (1.0 if self.all_units else columns["normal"])
        return Columns(
            sums={"lesions": _are(judgements, LESION), "compared": compared},
            ranked={"lesions": weights, "compared": compared},
            scores=np.where(weights + compared > 0, columns["score"], 0.0),
            own_n=("lesions", "compared"),
        )


@dataclass(frozen=True, kw_only=True)
class WeightedAfrocArea(AfrocArea):
    """As ``afroc``, but the lesions of a unit share a weight of one, so units with many lesions do not dominate.

    Reference: Chakraborty and Zhai 2016, Med Phys 43:2548.
    """

    name: ClassVar[str] = "wafroc"

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions by rating with their weights, and units by rating."""
        return self._columns(judgements, judgements.columns["weight"])


@dataclass(frozen=True, kw_only=True)
class Luna16Mean:
    """Mean lesion sensitivity at ⅛, ¼, ½, 1, 2, 4 and 8 false positives per scan, straight lines between thresholds.

    A scan charged as unanswered has false positives as in ``lesion_sensitivity``.

    Reference: Setio et al. 2017, Med Image Anal 42:1.
    """

    name: ClassVar[str] = "cpm_luna16"
    tasks: ClassVar[tuple[str, ...]] = ("detection",)
    scale: ClassVar[Scale] = "share"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions, images, and hits and false positives by score."""
        return _free_response(judgements)

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN without lesions or images."""
        each = [_sensitivity_at(totals, rate, "linear") for rate in LUNA16_RATES]
        return np.asarray(np.mean(each, axis=0), dtype=np.float64)


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [
        LesionSensitivity,
        FalsePositivesPerImage,
        FalsePositivesPerNormalImage,
        AfrocArea,
        WeightedAfrocArea,
        Luna16Mean,
    ]
