"""Stretches of time held against others: spans [k, 2] of start and end in samples, sorted and apart from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray, IntArray


def merged(spans: Sequence[tuple[int, int]] | IntArray) -> IntArray:
    """The same time as spans that are sorted and apart: overlapping and touching ones become one, empty ones none.

    >>> merged([(50, 60), (0, 10), (10, 20), (5, 8), (70, 70)]).tolist()
    [[0, 20], [50, 60]]
    """
    given = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
    given = given[given[:, 1] > given[:, 0]]
    if not len(given):
        return given
    given = given[np.argsort(given[:, 0], kind="stable")]
    reach = np.maximum.accumulate(given[:, 1])
    first = np.flatnonzero(np.concatenate(([True], given[1:, 0] > reach[:-1])))
    last = np.concatenate((first[1:] - 1, [len(given) - 1]))
    return np.stack((given[first, 0], reach[last]), axis=1)


def clipped(spans: IntArray, start: int, end: int) -> IntArray:
    """The part of each span from ``start`` to ``end``; those without one are left out."""
    return merged(np.clip(spans, start, max(start, end)))


def length(spans: IntArray) -> int:
    """Samples in all."""
    return int((spans[:, 1] - spans[:, 0]).sum())


def shared(spans: IntArray, others: IntArray) -> IntArray:
    """Samples of each span [k] that lie in others.

    >>> shared(merged([(0, 10), (20, 30)]), merged([(5, 22), (28, 40)])).tolist()
    [5, 4]
    """
    return _before(others, spans[:, 1]) - _before(others, spans[:, 0])


def overlaps(spans: IntArray, others: IntArray) -> BoolArray:
    """Whether each span [k] shares any time with others."""
    return np.asarray(shared(spans, others) > 0)


def delays(spans: IntArray, others: IntArray) -> FloatArray:
    """Samples from the start of each span [k] to the first time of others in it, +∞ where there is none.

    >>> delays(merged([(0, 10), (20, 30), (40, 50)]), merged([(5, 22), (60, 70)])).tolist()
    [5.0, 0.0, inf]
    """
    if not len(others):
        return np.full(len(spans), np.inf)
    following = np.searchsorted(others[:, 1], spans[:, 0], side="right")
    begins = others[np.minimum(following, len(others) - 1), 0]
    found = np.maximum(begins - spans[:, 0], 0).astype(np.float64)
    return np.where(overlaps(spans, others), found, np.inf)


def _before(spans: IntArray, times: IntArray) -> IntArray:
    """Samples of spans that lie before each time [k]."""
    totals = np.concatenate(([0], np.cumsum(spans[:, 1] - spans[:, 0])))
    begun = np.searchsorted(spans[:, 0], times, side="left")
    ends = np.concatenate(([0], spans[:, 1]))
    return np.asarray(totals[begun] - np.maximum(np.where(begun > 0, ends[begun] - times, 0), 0), dtype=np.int64)
