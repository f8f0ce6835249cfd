"""The beats of two files held against each other as ANSI/AAMI EC57 asks: which are found, missed, extra, and in what.

The rows and columns of the table are those of the WFDB program bxb.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .beat_labels import CLASSES, BeatLabels
from .beat_walk import Walked, walk

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, IntArray

ROWS = (*CLASSES, "O", "X")
"""Rows of the table: reference class; O an extra test beat; X one inside a reference shutdown."""
COLUMNS = ("n", "s", "v", "f", "q", "o", "x")
"""Columns of the table: test class; o a missed beat; x one inside a test shutdown."""
OTHER, IN_SHUTDOWN = len(CLASSES), len(CLASSES) + 1  # places of O, X, o and x

NO_BEATS_FOUND = BeatLabels(times=np.zeros(0, dtype=np.int64), classes=np.zeros(0, dtype=np.int64))
"""The side of a device that says nothing."""

Excusing = Literal["reference", "either"]
"""Whose fibrillation excuses a beat that the other side has alone: the reference's, as in bxb, or that of either."""


class Period(NamedTuple):
    """What is scored of a record, in its samples: ``start`` to ``end`` inclusive, pairs at most ``window`` apart."""

    start: int
    end: int
    window: int
    sampling_hz: float

    @property
    def seconds(self) -> float:
        """Length, 0 for a record that ends before the period begins."""
        return max(self.end - self.start, 0) / self.sampling_hz


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """Two sides with what became of their beats. Of missed [m] and extra [e] beats: in a shutdown, or not counted."""

    reference: BeatLabels
    test: BeatLabels
    walked: Walked
    missed_in_shutdown: BoolArray
    missed_excused: BoolArray
    extra_in_shutdown: BoolArray
    extra_excused: BoolArray

    def counts(self) -> IntArray:
        """Counts [7, 7] of ROWS × COLUMNS."""
        ref, test, steps = self.reference.classes, self.test.classes, self.walked
        missed_as = np.where(self.missed_in_shutdown, IN_SHUTDOWN, OTHER)[~self.missed_excused]
        extra_as = np.where(self.extra_in_shutdown, IN_SHUTDOWN, OTHER)[~self.extra_excused]
        rows = (ref[steps.pairs[:, 0]], ref[steps.missed[~self.missed_excused, 0]], extra_as)
        columns = (test[steps.pairs[:, 1]], missed_as, test[steps.extra[~self.extra_excused, 1]])
        cells = np.concatenate(rows) * len(COLUMNS) + np.concatenate(columns)
        return np.bincount(cells, minlength=len(ROWS) * len(COLUMNS)).reshape(len(ROWS), len(COLUMNS))


def match(reference: BeatLabels, test: BeatLabels, period: Period, *, excusing: Excusing = "reference") -> Matched:
    """Pair the beats of the period and say of the others why they are alone.

    An extra beat inside the reference's fibrillation is not counted; one inside its shutdown is a row of its own.
    A missed beat inside a shutdown of the test is a column of its own. ``excusing`` "either": a missed beat inside
    the test's fibrillation is not counted either.
    """
    steps = walk(reference.times, test.times, start=period.start, end=period.end, window=period.window)
    at_missed, read_test = reference.times[steps.missed[:, 0]], steps.missed[:, 1] + 2  # the walk reads one ahead
    at_extra, read_reference = test.times[steps.extra[:, 1]], steps.extra[:, 0] + 2
    in_fibrillation = test.in_gap("fibrillation", at_missed, read_test)
    return Matched(
        reference=reference,
        test=test,
        walked=steps,
        # where both overlap, fibrillation is looked at first
        missed_in_shutdown=test.in_gap("shutdown", at_missed, read_test) & ~in_fibrillation,
        missed_excused=in_fibrillation & (excusing == "either"),
        extra_in_shutdown=reference.in_gap("shutdown", at_extra, read_reference),
        extra_excused=reference.in_gap("fibrillation", at_extra, read_reference),
    )
