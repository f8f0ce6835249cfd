"""Lines of figures of EC57: each record, all together (gross) and the mean of the records (average)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..vocabulary import Table

if TYPE_CHECKING:
    from ..vocabulary import FloatArray

LINES, AVERAGE = "ec57_lines", "ec57_average"
SUMMARISED = ("numerator", "denominator")


def figure_lines(columns: Mapping[str, FloatArray], figures: Sequence[str], case_ids: Sequence[str]) -> list[Table]:
    """The line of figures of all records together, the average, and the line of each record.

    A figure is ``…_numerator`` over ``…_denominator`` of ``columns``, undefined where that is 0; the average is the
    mean over the records that have it.
    """
    pairs = {name: np.stack([columns[f"{name}_{part}"] for part in SUMMARISED]) for name in figures}
    return [
        figure_line(LINES, {name: pair.sum(axis=1) for name, pair in pairs.items()}, None),
        figure_line(AVERAGE, {name: average(pair) for name, pair in pairs.items()}, None),
        *(
            figure_line(LINES, {name: pair[:, row] for name, pair in pairs.items()}, case_id)
            for row, case_id in enumerate(case_ids)
        ),
    ]


def average(pair: FloatArray) -> FloatArray:
    """Sum and number of the figures of the records that have one; ``pair``: numerators and denominators, [2, n]."""
    defined = pair[1] > 0
    return np.array([math.fsum((pair[0][defined] / pair[1][defined]).tolist()), float(defined.sum())])


def figure_line(name: str, figures: Mapping[str, FloatArray], case_id: str | None) -> Table:
    """One line; ``figures``: name -> numerator and denominator."""
    return Table(
        name=name,
        rows=tuple(figures),
        columns=SUMMARISED,
        counts=tuple((float(pair[0]), float(pair[1])) for pair in figures.values()),
        case_id=case_id,
    )
