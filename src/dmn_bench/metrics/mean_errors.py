"""What metrics of measured differences have in common: their mean over the values that were given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..vocabulary import Columns, NotEstimable
from .shares import ratio

if TYPE_CHECKING:
    from ..vocabulary import FloatArray, IntArray, Interval, Scale, Totals


class MeanOfErrors:
    """The mean of differences. Columns: ``sum`` of the differences of a row, ``values``: how many there are.

    ``lowest``, ``highest``: no mean can lie beyond, and so no limit of one does.
    """

    scale: ClassVar[Scale] = "measured"
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    lowest: ClassVar[float] = -math.inf
    highest: ClassVar[float] = math.inf

    def value(self, totals: Totals) -> FloatArray:
        """The mean for each weighting, NaN without a value."""
        return ratio(totals.sums["sum"], totals.sums["values"])

    def interval(
        self, columns: Columns, patients: IntArray, *, clustered: bool, confidence: float
    ) -> Interval | NotEstimable:
        """Student's limits of the mean, of patients where one has several values; none where all are equal."""
        from ..statistics.measurement import mean_interval

        weights = columns.sums["values"]
        values = np.nan_to_num(ratio(columns.sums["sum"], weights))
        found = mean_interval(values, weights, patients, confidence=confidence)
        if isinstance(found, NotEstimable):
            return found
        return found._replace(low=max(found.low, self.lowest), high=min(found.high, self.highest))
