"""Intervals between beats and heart rate: how far the test's are from the reference's.

No interval is taken across a shutdown or fibrillation of the same file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, IntArray
    from .beat_labels import BeatLabels
    from .beat_matching import Matched, Period

RATE_WINDOW_SECONDS = 60


class SquaredErrors(NamedTuple):
    """Sum of squared errors, and how many there are."""

    total: float
    n: int


class AbsoluteErrors(NamedTuple):
    """Sum of the sizes of errors, and how many there are."""

    total: float
    n: int


def interval_errors(matched: Matched, sampling_hz: float, *, paired_only: bool = False) -> SquaredErrors:
    """Errors of RR intervals in ms²: at each step of the walk, the interval before either beat that stands there.

    So bxb takes them at pairs, at missed and at extra beats alike: a missed beat is compared with the test beat that
    stood next. ``paired_only``: at pairs alone.
    """
    steps = matched.walked
    both = steps.pairs if paired_only else np.concatenate([steps.pairs, steps.missed, steps.extra])
    reference, has_reference = _before(matched.reference, both[:, 0])
    test, has_test = _before(matched.test, both[:, 1])
    errors = (reference - test)[has_reference & has_test]
    in_samples = int(np.sum(errors * errors))  # of whole numbers: the same on every processor, in every order
    return SquaredErrors(in_samples * (1000.0 / sampling_hz) ** 2, len(errors))


def intervals(labels: BeatLabels) -> tuple[IntArray, BoolArray]:
    """Samples since the beat before [n]; whether there is one with no gap in between [n]."""
    known = np.ones(len(labels.times), dtype=bool)
    known[:1] = False
    after_gap = np.array([gap.seen_at for gap in labels.gaps if gap.seen_at < len(known)], dtype=np.int64)
    known[after_gap] = False
    return np.diff(labels.times, prepend=labels.times[:1]), known


def rate_errors(reference: BeatLabels, test: BeatLabels, period: Period) -> AbsoluteErrors:
    """Errors of the heart rate in beats a minute: beats of each whole minute of the period, counted on either side.

    A minute that a shutdown or fibrillation of the reference touches is left out.
    """
    width = round(RATE_WINDOW_SECONDS * period.sampling_hz)
    n_windows = max(period.end - period.start, 0) // width
    begins = period.start + width * np.arange(n_windows)
    counted = np.ones(n_windows, dtype=bool)
    for gap in reference.gaps:
        counted &= (gap.end < begins) | (gap.start >= begins + width)
    edges = period.start + width * np.arange(n_windows + 1)
    beats = [np.diff(np.searchsorted(side.times, edges)) for side in (reference, test)]
    errors = np.abs(beats[0] - beats[1])[counted] * (60.0 / RATE_WINDOW_SECONDS)
    return AbsoluteErrors(float(errors.sum()), len(errors))


def _before(labels: BeatLabels, places: IntArray) -> tuple[IntArray, BoolArray]:
    """The interval before each place, and whether there is one; there is none past the last beat."""
    lengths, known = intervals(labels)
    at = np.minimum(places, len(known))
    return np.append(lengths, 0)[at], np.append(known, False)[at]
