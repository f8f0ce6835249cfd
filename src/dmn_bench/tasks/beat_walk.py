"""Which test beat belongs to which reference beat: the walk of the WFDB program bxb, that ANSI/AAMI EC57 refers to.

Where a reference beat and a test beat have only each other within the window, the walk can but pair them, and a beat
without any is left over: only the crowds, stretches where more lie close, are walked beat by beat. Times are sample
indices from 0 of one common clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .beat_labels import NEVER

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, IntArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Walked:
    """What became of the beats of the period: places in the times of reference and test, [k, 2] each, in any order.

    ``pairs``: the two beats. ``missed``: the reference beat, and the test beat that stood next when it was given up.
    ``extra``: the reference beat that stood next, and the test beat.
    """

    pairs: IntArray
    missed: IntArray
    extra: IntArray


class _Crowd(NamedTuple):
    """Beats that lie close, as ranges of places: reference from ``i`` to before ``i_end``, test from ``j``."""

    i: int
    i_end: int
    j: int
    j_end: int


def walk(reference: IntArray, test: IntArray, *, start: int, end: int, window: int) -> Walked:
    """Pair beats at ascending times [n] and [m], from ``start`` to ``end`` (samples, both inclusive).

    ``window``: the greatest distance of a pair, in samples, inclusive. With T, T' the current and the next reference
    beat and t, t' those of the test, t before T and near enough, they are a pair when T − t < |T − t'| or
    |T' − t'| < |T − t'|; else t is extra. With t not before T: when t − T < |t − T'| or |t' − T'| < |t − T'|; else T
    is missed.

    >>> walk(np.array([1000]), np.array([960, 1010]), start=0, end=2000, window=54).pairs.tolist()
    [[0, 1]]
    """
    first = np.array(_first_beats(reference, test, start, window))
    reference, test = reference[first[0] :], test[first[1] :]
    pairs, near = _undisputed(reference, test, window)
    crowds = _crowds(reference, test, np.flatnonzero(near & ~_among(pairs[:, 0], len(reference))), window)
    lonely_tests = ~_among(pairs[:, 1], len(test))
    found: tuple[list[tuple[int, int]], ...] = ([], [], [])
    for crowd in crowds:
        lonely_tests[crowd.j : crowd.j_end] = False
        _walk_crowd(reference, test, crowd, window, found)
    lone, lone_test = np.flatnonzero(~near), np.flatnonzero(lonely_tests)
    missed = np.column_stack([lone, np.searchsorted(test, reference[lone])])
    extra = np.column_stack([np.searchsorted(reference, test[lone_test]), lone_test])
    pairs, missed, extra = (_with(steps, more) for steps, more in zip((pairs, missed, extra), found, strict=True))
    if max(_last(reference), _last(test)) > end:  # a pair counts when one of its two does
        pairs = pairs[np.minimum(reference[pairs[:, 0]], test[pairs[:, 1]]) <= end]
        missed, extra = missed[reference[missed[:, 0]] <= end], extra[test[extra[:, 1]] <= end]
    if first.any():
        pairs, missed, extra = pairs + first, missed + first, extra + first
    return Walked(pairs=pairs, missed=missed, extra=extra)


def _undisputed(reference: IntArray, test: IntArray, window: int) -> tuple[IntArray, BoolArray]:
    """Pairs of beats with only each other within the window [p, 2]; whether a reference beat has any near it [n]."""
    after = np.searchsorted(test, reference)
    tests = np.concatenate([[-NEVER, -NEVER], test, [NEVER, NEVER]])  # test k is at k + 2; take is the faster index
    second_before, before, behind, second_behind = (tests[at:].take(after) for at in range(4))
    is_before, is_after = reference - before <= window, behind - reference <= window
    is_one = is_before ^ is_after
    is_one &= (reference - second_before > window) & (second_behind - reference > window)
    mine, of_mine = after - is_before, np.where(is_before, before, behind)
    others = np.concatenate([[-NEVER], reference, [NEVER]])
    is_one &= (of_mine - others[:-2] > window) & (others[2:] - of_mine > window)
    places = np.flatnonzero(is_one)
    return np.column_stack([places, mine.take(places)]), is_before | is_after


def _crowds(reference: IntArray, test: IntArray, places: IntArray, window: int) -> list[_Crowd]:
    """Groups of the reference beats at ``places`` that have test beats in common, with all test beats near them."""
    if not places.size:
        return []
    low = np.searchsorted(test, reference[places] - window, side="left")
    high = np.searchsorted(test, reference[places] + window, side="right")
    begins = np.flatnonzero(np.concatenate([[True], low[1:] >= high[:-1]]))
    ends = np.concatenate([begins[1:], [places.size]]) - 1
    ranges = np.column_stack([places[begins], places[ends] + 1, low[begins], high[ends]])
    return [_Crowd(*row) for row in ranges.tolist()]


def _walk_crowd(
    reference: IntArray, test: IntArray, crowd: _Crowd, window: int, found: Sequence[list[tuple[int, int]]]
) -> None:
    """Walk one crowd, adding its steps to ``found``: pairs, missed, extra. What lies beyond it changes no choice."""
    pairs, missed, extra = found
    times = [*reference[crowd.i : crowd.i_end].tolist(), NEVER, NEVER]
    others = [*test[crowd.j : crowd.j_end].tolist(), NEVER, NEVER]
    i = j = 0
    while i < crowd.i_end - crowd.i or j < crowd.j_end - crowd.j:
        step = (crowd.i + i, crowd.j + j)
        ref, other = times[i], others[j]
        apart = abs(ref - other)
        rival = abs(ref - others[j + 1]) if other < ref else abs(other - times[i + 1])
        if apart <= window and (apart < rival or abs(times[i + 1] - others[j + 1]) < rival):
            pairs.append(step)
            i, j = i + 1, j + 1
        elif other < ref:
            extra.append(step)
            j += 1
        else:
            missed.append(step)
            i += 1


def _first_beats(reference: IntArray, test: IntArray, start: int, window: int) -> tuple[int, int]:
    """Places of the beats with which the walk begins, after the learning period that ends at ``start``.

    The last test beat of the learning period may still pair with the first reference beat after it; a test beat just
    after it that lies farther from that reference beat than its follower belongs to the learning period.
    """
    i, j = int(np.searchsorted(reference, start)), int(np.searchsorted(test, start))
    first = _time(reference, i)
    if j > 0 and first - _time(test, j - 1) <= min(window, abs(first - _time(test, j)) - 1):
        return i, j - 1
    if start > 0 and _time(test, j) - start <= window and abs(first - _time(test, j)) > abs(first - _time(test, j + 1)):
        return i, j + 1
    return i, j


def _time(times: IntArray, at: int) -> int:
    return int(times[at]) if at < len(times) else NEVER


def _among(places: IntArray, n: int) -> BoolArray:
    found = np.zeros(n, dtype=bool)
    found[places] = True
    return found


def _last(times: IntArray) -> int:
    return int(times[-1]) if len(times) else -NEVER


def _with(steps: IntArray, more: list[tuple[int, int]]) -> IntArray:
    return np.concatenate([steps, np.array(more, dtype=np.int64)]) if more else steps
