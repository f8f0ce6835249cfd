"""How well scores rank diseased units above healthy ones, whatever the operating point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..hookspecs import Metric, hookimpl
from ..vocabulary import Columns, Interval, NotEstimable

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Judgements, Scale, Totals


def ranked_columns(judgements: Judgements) -> Columns:
    """Diseased and healthy units [n] at their scores; rows without a score weigh nothing."""
    columns = judgements.columns
    ranked = columns["has_score"]
    diseased = columns["reference"] * ranked
    weights = {"diseased": diseased, "healthy": ranked - diseased}
    scores = np.where(ranked > 0, columns["score"], 0.0)
    return Columns(sums=weights, ranked=weights, scores=scores, own_n=("diseased", "healthy"))


@dataclass(frozen=True, kw_only=True)
class RocArea:
    """Chance that a diseased unit scores above a healthy one, ties counting half (Mann–Whitney).

    A non-answer counted as wrong ranks worst: a diseased one below every score, a healthy one above.
    """

    name: ClassVar[str] = "auc"
    tasks: ClassVar[tuple[str, ...]] = ("classification", "grading", "ungradable", "statements")
    scale: ClassVar[Scale] = "agreement"
    better: ClassVar[Literal["higher", "lower"]] = "higher"

    def columns(self, judgements: Judgements) -> Columns:
        """Diseased and healthy units at each score; rows without a score weigh nothing."""
        return ranked_columns(judgements)

    def value(self, totals: Totals) -> FloatArray:
        """The area for each weighting, NaN without one of the classes."""
        from ..statistics.roc import ranked_area

        return ranked_area(totals.ranked["diseased"], totals.ranked["healthy"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Logit limits of DeLong 1988, or of Obuchowski 1997 where a patient has several units."""
        from ..statistics.roc import roc_area_interval

        ranked = (columns.sums["diseased"] + columns.sums["healthy"]) > 0
        if columns.scores is None or not ranked.any():
            return NotEstimable(reason="no_scores")
        positive = columns.sums["diseased"][ranked] > 0
        return roc_area_interval(
            columns.scores[ranked], positive, patients[ranked], clustered=clustered, confidence=confidence
        )


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The metrics of this file."""
    return [RocArea]
