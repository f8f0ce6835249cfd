"""One estimate as a row of a forest plot: its counts, its interval in words, or why there is none."""

from __future__ import annotations

from ..record import EstimateRow
from .drawings.forest import ForestRow
from .phrases import Phrases


def forest_row(row: EstimateRow, label: str, phrases: Phrases, *, whole: bool = False) -> ForestRow:
    """The row of an estimate; ``whole``: of the whole set, drawn apart from those of its strata."""
    counts = "" if row.numerator is None or not row.denominator else phrases.counts(row)
    if row.value is None:
        return ForestRow(label=label, counts=counts, note=phrases.briefly(row), overall=whole)
    return ForestRow(
        label=label,
        counts=counts,
        estimate=f"{phrases.estimate(row)} {phrases.interval(row)}",
        value=row.value,
        low=row.low,
        high=row.high,
        overall=whole,
        imprecise=row.imprecise,
    )
