"""Average precision: what challenges of object detection rank by, here for a technical annex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, Judgements, Scale, Totals

LESION, FALSE_POSITIVE, SILENT_IMAGE, SECOND_HIT, CHARGED = (
    0.0,
    1.0,
    3.0,
    4.0,
    5.0,
)  # the column ``kind`` of the task detection


@dataclass(frozen=True, kw_only=True)
class AveragePrecision:
    """Area under precision against recall at the hit rule of the endpoint, every mark counted one by one.

    Second hits are false positives here, whatever the endpoint makes of them, as in COCO. It depends on the share of
    diseased cases in the set and rewards what no reader sees, marks of very low scores; it has no place in a verdict on
    a device. An image charged as unanswered has false positives as in ``lesion_sensitivity``.

    Reference: Lin et al. 2014, ECCV 740.
    """

    name: ClassVar[str] = "map"
    tasks: ClassVar[tuple[str, ...]] = ("detection",)
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    interpolation: Literal["coco", "all_points"] = "coco"  # at 101 recalls, or the area beneath all steps

    def columns(self, judgements: Judgements) -> Columns:
        """Lesions, and hits and all other marks at each score."""
        columns = judgements.columns
        lesions = np.asarray(columns["kind"] == LESION, dtype=np.float64)
        hits = lesions * np.isfinite(columns["score"])
        others = np.isin(columns["kind"], (FALSE_POSITIVE, SILENT_IMAGE, SECOND_HIT, CHARGED)).astype(np.float64)
        return Columns(
            sums={"lesions": lesions},
            ranked={"hits": hits, "others": others},
            scores=np.where(hits + others > 0, columns["score"], 0.0),
            own_n=("lesions",),
        )

    def value(self, totals: Totals) -> FloatArray:
        """Average precision for each weighting, NaN without lesions."""
        from ..statistics.average_precision import average_precision

        return average_precision(
            totals.ranked["hits"], totals.ranked["others"], totals.sums["lesions"], interpolation=self.interpolation
        )


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [AveragePrecision]
