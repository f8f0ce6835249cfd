"""What is shown of segmented structures beside the estimates: counts, spread over the cases, and the worst of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.weighted_quantiles import weighted_quantile

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, Judgements

TABLE_COLUMNS = ("agreeing_or_not", "both_empty", "missed", "invented", "unanswered", "left_out", "missing")
"""Columns of the table of structures; the first five add up to the cases that count."""
SPREAD_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
WORST_SHARE = 0.1
"""Of the cases of a structure that both sides delineate, those with least Dice are listed for review: one at least."""


def of_structure(judgements: Judgements, structure: str) -> BoolArray:
    """[n] the rows of one structure."""
    return np.array([name == structure for name in judgements.row_strata["structure"]], dtype=bool)


def structures_of(judgements: Judgements) -> tuple[str, ...]:
    """The structures that have a row, in the order judged."""
    return tuple(dict.fromkeys(judgements.row_strata["structure"]))


def structure_counts(judgements: Judgements) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]]:
    """Names of the structures, and for each the counts of ``TABLE_COLUMNS``."""
    names, columns = structures_of(judgements), judgements.columns
    counts = []
    for name in names:
        rows = of_structure(judgements, name)
        apart = [float(columns[key][rows].sum()) for key in ("is_both_empty", "is_missed", "is_invented", "unanswered")]
        constants = [float(columns[key][rows][0]) for key in ("left_out_cases", "missing_cases")]
        counts.append((float(rows.sum()) - sum(apart), *apart, *constants))
    return names, tuple(counts)


def spread_of(judgements: Judgements) -> Iterator[tuple[str, str, int, tuple[float, ...]]]:
    """Measure, structure, number of cases and the quantiles ``SPREAD_SHARES`` of it, for Dice and surface Dice.

    Surface Dice of a structure only where it has a tolerance and all its cases could be measured.
    """
    columns = judgements.columns
    for measure in ("dice", "nsd"):
        for name in structures_of(judgements):
            rows = of_structure(judgements, name)
            can_be = (columns["is_measured"] > 0) & (columns["has_tolerance"] > 0)
            if measure == "dice" or bool(can_be[rows].all()):
                values = columns[measure][rows]
                yield measure, name, len(values), tuple(_quantile(values, share) for share in SPREAD_SHARES)


def worst_rows(judgements: Judgements) -> list[tuple[str, int]]:
    """Kind and row of every missed and invented structure, then of the regions with least Dice, structure by structure.

    Of a structure it is the tenth of the cases that both sides delineate, rounded up, ties by order; none of Dice 1.
    """
    columns = judgements.columns
    found = [("missed_structure", int(row)) for row in np.flatnonzero(columns["is_missed"] > 0)]
    found += [("invented_structure", int(row)) for row in np.flatnonzero(columns["is_invented"] > 0)]
    both = (columns["unanswered"] == 0) & (columns["is_far"] == 0) & (columns["is_both_empty"] == 0)
    for name in structures_of(judgements):
        rows = np.flatnonzero(of_structure(judgements, name) & both)
        rows = rows[np.argsort(columns["dice"][rows], kind="stable")][: math.ceil(WORST_SHARE * len(rows))]
        found += [("poor_overlap", int(row)) for row in rows if columns["dice"][row] < 1]
    return found


def _quantile(values: FloatArray, share: float) -> float:
    if share in (0.0, 1.0):
        return float(values.min() if share == 0.0 else values.max())
    ordered = np.sort(values)
    return float(weighted_quantile(np.ones((1, len(ordered))), ordered, share)[0])
