"""Which test beat belongs to which reference beat: the walk of the WFDB program bxb, that ANSI/AAMI EC57 refers to.

Times are sample indices from 0 of one common clock. Annotations between [ and ] (ventricular flutter or fibrillation)
are skipped in the file that holds them only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import Beats, IntArray

CLASSES = ("N", "S", "V", "F", "Q")
ROWS = (*CLASSES, "O", "X")
"""Rows of the table: reference class; O an extra test beat; X one inside a reference shutdown."""
COLUMNS = ("n", "s", "v", "f", "q", "o", "x")
"""Columns of the table: test class; o a missed beat; x one inside a test shutdown."""

_SYMBOLS: Mapping[str, str] = {"N": "NLRB", "S": "JAaS", "V": "VrE", "F": "F", "Q": "Q/f?"}
_ESCAPE_BEATS = "jen"
_LOST_BITS = 0x30  # of the subtype of ~: neither signal is readable
_NEVER = 1 << 60  # later than any beat


class Gap(NamedTuple):
    """A stretch without beat labels: ``seen_at`` is the number of beats read before it in its file."""

    kind: Literal["shutdown", "fibrillation"]
    start: int
    end: int
    seen_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BeatLabels:
    """One side's beats as the walk reads them: ``times`` [n] ascending, ``classes`` [n] of CLASSES, and the gaps."""

    times: Sequence[int]
    classes: Sequence[str]
    gaps: Sequence[Gap]

    def time(self, index: int) -> int:
        """When the beat of an index is; past the last one, never."""
        return self.times[index] if index < len(self.times) else _NEVER

    def gap_at(self, time: int, read: int) -> str | None:
        """The kind of the gap that holds a time, among the two latest met when ``read`` beats had been read."""
        met = [gap for gap in self.gaps if gap.seen_at < read]
        for kind in ("fibrillation", "shutdown"):
            if any(gap.start <= time <= gap.end for gap in [gap for gap in met if gap.kind == kind][-2:]):
                return kind
        return None


def aami_class(symbol: str, escape_beats: Literal["S", "N"]) -> str | None:
    """The AAMI class of a WFDB annotation symbol, None when it is no beat.

    ``escape_beats``: where j, e and n go; bxb counts them as S, most papers count them as N.

    >>> aami_class("j", "S"), aami_class("j", "N"), aami_class("/", "S"), aami_class("+", "S")
    ('S', 'N', 'Q', None)
    """
    if symbol in _ESCAPE_BEATS:
        return escape_beats
    return next((name for name, symbols in _SYMBOLS.items() if symbol in symbols), None)


def beat_labels(beats: Beats, window: int, escape_beats: Literal["S", "N"]) -> BeatLabels:
    """The beats of one file with their gaps. ``window``: samples, as for ``match``.

    A shutdown begins at a ~ with both signals marked unreadable. When another ~ follows at once, it lasts until the
    first that marks a signal readable. Otherwise the mark stands for the whole stretch without labels around it: from
    one window after the last beat or ] to one window before the next annotation.
    """
    samples, symbols = [int(sample) for sample in beats.samples], beats.symbols
    both_lost = [_lost(beats, at) for at in range(len(samples))]
    times: list[int] = []
    classes: list[str] = []
    gaps: list[Gap] = []
    quiet_from, at = 0, 0
    while at < len(samples):
        begin, symbol = samples[at], symbols[at]
        name = aami_class(symbol, escape_beats)
        if name is not None:
            times.append(begin)
            classes.append(name)
            quiet_from = begin + window
        elif symbol == "[":
            at = _first(at + 1, len(samples), lambda k: symbols[k] == "]")
            quiet_from = _time(samples, at) + window
            gaps.append(Gap("fibrillation", begin, _time(samples, at), len(times)))
        elif both_lost[at] and symbols[at + 1 : at + 2] == ("~",):
            at = _first(at + 1, len(samples), lambda k: symbols[k] == "~" and not both_lost[k])
            gaps.append(Gap("shutdown", begin, _time(samples, at), len(times)))
        elif both_lost[at]:
            gaps.append(Gap("shutdown", quiet_from, _time(samples, at + 1) - window, len(times)))
        at += 1
    return BeatLabels(times=times, classes=classes, gaps=gaps)


def _lost(beats: Beats, at: int) -> bool:
    """Whether an annotation says that both signals are unreadable from here on."""
    return beats.symbols[at] == "~" and bool(beats.subtypes) and beats.subtypes[at] & _LOST_BITS == _LOST_BITS


def _first(begin: int, end: int, holds: Callable[[int], bool]) -> int:
    return next((at for at in range(begin, end) if holds(at)), end)


def _time(samples: Sequence[int], at: int) -> int:
    return samples[at] if at < len(samples) else _NEVER


def match(reference: BeatLabels, test: BeatLabels, *, start: int, end: int, window: int) -> IntArray:
    """Counts [7, 7] of ROWS × COLUMNS from ``start`` to ``end`` (samples, both inclusive).

    ``window``: the greatest distance of a pair, in samples, inclusive. A pair is made when the other candidate for
    either of the two is farther: see the module for the source of the rule.
    """
    counts = np.zeros((len(ROWS), len(COLUMNS)), dtype=np.int64)
    i, j = _first_beats(reference, test, start, window)
    while True:
        ref, next_ref = reference.time(i), reference.time(i + 1)
        found, next_found = test.time(j), test.time(j + 1)
        if min(ref, found) > end:
            return counts
        apart = abs(ref - found)
        rival = abs(ref - next_found) if found < ref else abs(found - next_ref)
        if apart <= window and (apart < rival or abs(next_ref - next_found) < rival):
            counts[ROWS.index(reference.classes[i]), COLUMNS.index(test.classes[j].lower())] += 1
            i, j = i + 1, j + 1
        elif found < ref:
            gap = reference.gap_at(found, i + 2)
            if gap != "fibrillation":
                counts[ROWS.index("X" if gap else "O"), COLUMNS.index(test.classes[j].lower())] += 1
            j += 1
        else:
            in_shutdown = test.gap_at(ref, j + 2) == "shutdown"
            counts[ROWS.index(reference.classes[i]), COLUMNS.index("x" if in_shutdown else "o")] += 1
            i += 1


def missed_everywhere(reference: BeatLabels, *, start: int, end: int) -> IntArray:
    """Counts [7, 7] of a record nobody analysed: every reference beat of the test period missed."""
    counts = np.zeros((len(ROWS), len(COLUMNS)), dtype=np.int64)
    for time, name in zip(reference.times, reference.classes, strict=True):
        counts[ROWS.index(name), COLUMNS.index("o")] += start <= time <= end
    return counts


def _first_beats(reference: BeatLabels, test: BeatLabels, start: int, window: int) -> tuple[int, int]:
    """Indices of the beats with which the walk begins, after the learning period that ends at ``start``.

    The last test beat of the learning period may still pair with the first reference beat after it; a test beat just
    after it that lies farther from that reference beat than its follower belongs to the learning period.
    """
    i, j = int(np.searchsorted(reference.times, start)), int(np.searchsorted(test.times, start))
    first = reference.time(i)
    if j > 0 and first - test.time(j - 1) <= min(window, abs(first - test.time(j)) - 1):
        return i, j - 1
    if start > 0 and test.time(j) - start <= window and abs(first - test.time(j)) > abs(first - test.time(j + 1)):
        return i, j + 1
    return i, j
