"""What is counted of one record: the columns of its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .beat_contexts import CONTEXTS, contexts
from .beat_figures import CELLS
from .beat_intervals import interval_errors, rate_errors
from .beat_labels import CLASSES
from .beat_matching import COLUMNS, ROWS

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, IntArray
    from .beat_matching import Matched, Period

OF_CONTEXT: Mapping[str, str] = {"qrs_sensitivity": "", "veb_sensitivity": "V", "sveb_sensitivity": "S"}
"""Figures counted by context, with the class of beats they are about, "" for all."""

CONTEXT_COLUMNS = tuple(
    f"{figure}_{context}_{part}"
    for figure in OF_CONTEXT
    for context in CONTEXTS
    for part in ("numerator", "denominator")
)
INTERVAL_COLUMNS = tuple(
    f"rr_interval_error_{part}" for part in ("squares", "intervals", "paired_squares", "paired_intervals")
)
RATE_COLUMNS = ("heart_rate_error_total", "heart_rate_error_minutes")
COUNTED = (*CELLS, *INTERVAL_COLUMNS, *RATE_COLUMNS, *CONTEXT_COLUMNS)
"""Columns that ``counts_of`` gives, in this order."""


def counts_of(matched: Matched, period: Period) -> tuple[float, ...]:
    """Everything counted of one record, in the order of COUNTED."""
    table = matched.counts()
    cells = [table[ROWS.index(cell[0]), COLUMNS.index(cell[1])] for cell in CELLS]
    everywhere = interval_errors(matched, period.sampling_hz)
    paired = interval_errors(matched, period.sampling_hz, paired_only=True)
    rates = rate_errors(matched.reference, matched.test, period)
    return tuple(map(float, (*cells, *everywhere, *paired, *rates, *_by_context(matched, period))))


def _by_context(matched: Matched, period: Period) -> list[int]:
    steps, reference = matched.walked, matched.reference
    found, same = steps.pairs[:, 0], reference.classes[steps.pairs[:, 0]] == matched.test.classes[steps.pairs[:, 1]]
    missed = steps.missed[~matched.missed_excused, 0]
    standing = contexts(reference, period)
    numbers: list[int] = []
    for name in OF_CONTEXT.values():
        is_meant = np.ones(len(reference.times), dtype=bool) if not name else reference.classes == CLASSES.index(name)
        right = found if not name else found[same]
        for context in CONTEXTS:
            meant = is_meant & standing[context]
            numbers += [_n(meant, right), _n(meant, found) + _n(meant, missed)]
    return numbers


def _n(meant: BoolArray, places: IntArray) -> int:
    return int(meant[places].sum())
