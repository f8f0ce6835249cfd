"""The metric ``balanced_accuracy``: the mean of sensitivity and specificity, whatever the prevalence of the set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from dmn_bench.hookspecs import Metric, hookimpl
from dmn_bench.vocabulary import Columns

if TYPE_CHECKING:
    from dmn_bench.vocabulary import FloatArray, Judgements, Totals


@dataclass(frozen=True, kw_only=True)
class BalancedAccuracy:
    """Mean of sensitivity and specificity, 0 to 1; 0.5 is what guessing gives.

    Not estimable unless the set holds diseased and healthy units. Its interval is the patient bootstrap of the harness.
    Reference: Brodersen et al. 2010, ICPR, 3121-3124.
    """

    name: ClassVar[str] = "balanced_accuracy"
    tasks: ClassVar[tuple[str, ...]] = ("classification", "grading")
    scale: ClassVar[Literal["share"]] = "share"
    better: ClassVar[Literal["higher"]] = "higher"

    def columns(self, judgements: Judgements) -> Columns:
        """Four counts for each row: diseased, diseased and called; healthy, healthy and not called."""
        says = judgements.columns
        counts, diseased, called = says["has_call"], says["reference"], says["call"]
        sums = {
            "diseased": counts * diseased,
            "found": counts * diseased * called,
            "healthy": counts * (1 - diseased),
            "cleared": counts * (1 - diseased) * (1 - called),
        }
        return Columns(sums=sums, own_n=("diseased", "healthy"))  # the smaller of the two is its own n

    def value(self, totals: Totals) -> FloatArray:
        """Mean of the two shares for each weighting; NaN where one of them has no denominator."""
        sums = totals.sums
        return (_share(sums["found"], sums["diseased"]) + _share(sums["cleared"], sums["healthy"])) / 2


@hookimpl
def register_metrics() -> list[type[Metric]]:
    """The one metric of this extension."""
    return [BalancedAccuracy]


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    result = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=result, where=whole != 0)
    return result
