"""Where a reference beat stands: alone, at the head of a run or within one, after a pause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .beat_intervals import intervals
from .beat_labels import CLASSES, BeatLabels

if TYPE_CHECKING:
    from ..vocabulary import BoolArray
    from .beat_matching import Period

CONTEXTS = ("isolated", "first_of_run", "later_in_run", "after_pause")
PAUSE = 1.5  # times the mean interval

_KIND_OF_CLASS = np.array([{"V": 1, "F": 1, "S": 2}.get(name, 0) for name in CLASSES])


def contexts(labels: BeatLabels, period: Period) -> Mapping[str, BoolArray]:
    """By context, whether each beat [n] stands in it.

    A run: ectopic beats of one kind in a row, V and F being of one kind, S of the other, without a shutdown or
    fibrillation in between. ``isolated``: an ectopic beat without another of its kind beside it. ``after_pause``: the
    interval before it is longer than 1.5 times the mean interval of the period.
    """
    lengths, known = intervals(labels)
    kinds = _KIND_OF_CLASS[labels.classes]
    follows = known & (kinds > 0)
    follows[1:] &= kinds[1:] == kinds[:-1]
    goes_on = np.append(follows[1:], False)
    inside = known & (labels.times >= period.start) & (labels.times <= period.end)
    mean = lengths[inside].mean() if inside.any() else np.inf
    return {
        "isolated": (kinds > 0) & ~follows & ~goes_on,
        "first_of_run": (kinds > 0) & ~follows & goes_on,
        "later_in_run": follows,
        "after_pause": known & (lengths > PAUSE * mean),
    }
