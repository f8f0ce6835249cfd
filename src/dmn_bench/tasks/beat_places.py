"""Where the beats of two files differ in a record, by kind of error, for whoever draws them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .beat_labels import CLASSES
from .error_places import stretches

if TYPE_CHECKING:
    from ..vocabulary import ErrorPlace, IntArray
    from .beat_matching import Matched, Period

NO_BEAT = len(CLASSES)  # place of the class of a side that has no beat

_S, _V, _F = (CLASSES.index(name) for name in "SVF")
_CALLED_V_WRONGLY = (CLASSES.index("N"), _S, NO_BEAT)
_CALLED_S_WRONGLY = (CLASSES.index("N"), _V, _F, NO_BEAT)


def beat_places(case_id: str, matched: Matched, period: Period) -> list[ErrorPlace]:
    """The stretches of a record that hold errors of each kind, those kinds whose beats the figures of EC57 count.

    Kinds: ``beats_missed``, ``beats_extra``, ``veb_missed`` (also when the beat is found and called otherwise),
    ``veb_false``, ``sveb_missed``, ``sveb_false``.
    """
    differing = differences(matched)
    record_s = period.end / period.sampling_hz
    return [
        place
        for kind, samples in _by_kind(differing)
        for place in stretches(case_id, kind, (samples / period.sampling_hz).tolist(), record_s=record_s)
    ]


def differences(matched: Matched) -> IntArray:
    """Beats that one side has alone or that the sides name differently: [k, 3], sample, reference class, test class.

    Classes are places in CLASSES, NO_BEAT where a side has none. Ascending in time. What is excused is left out.
    """
    reference, test, steps = matched.reference, matched.test, matched.walked
    missed = steps.missed[~matched.missed_excused, 0]
    extra = steps.extra[~matched.extra_excused, 1]
    of_pairs = reference.classes[steps.pairs[:, 0]], test.classes[steps.pairs[:, 1]]
    rows = np.concatenate(
        [
            np.column_stack([reference.times[steps.pairs[:, 0]], *of_pairs])[of_pairs[0] != of_pairs[1]],
            np.column_stack([reference.times[missed], reference.classes[missed], np.full(len(missed), NO_BEAT)]),
            np.column_stack([test.times[extra], np.full(len(extra), NO_BEAT), test.classes[extra]]),
        ]
    ).astype(np.int64)
    return rows[np.argsort(rows[:, 0], kind="stable")]


def _by_kind(differing: IntArray) -> Iterator[tuple[str, IntArray]]:
    """A fusion or unclassifiable beat called V is no error, nor is an unclassifiable one called S, as in EC57."""
    at, stated, said = differing.T
    chosen = {
        "beats_missed": said == NO_BEAT,
        "beats_extra": stated == NO_BEAT,
        "veb_missed": stated == _V,
        "veb_false": (said == _V) & np.isin(stated, _CALLED_V_WRONGLY),
        "sveb_missed": stated == _S,
        "sveb_false": (said == _S) & np.isin(stated, _CALLED_S_WRONGLY),
    }
    for kind, rows in chosen.items():
        if rows.any():
            yield kind, at[rows]
