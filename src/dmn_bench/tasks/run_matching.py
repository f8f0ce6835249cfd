"""Runs of ectopic beats of one file and the longest run that the other file has there, as the WFDB program rxr has it.

Times are sample indices from 0 of one common clock. A run is one of consecutive ventricular ("ve": V and F) or
supraventricular ("sve": S) beats, cut at ``LONG`` beats. Two rhythms count as a long run by themselves:

* ventricular flutter or fibrillation, for "ve": from [ or a rhythm note (VF… on;
* atrial fibrillation or flutter, for "sve": from a rhythm note (AF… on. It also makes N beats S, until the next note.

Such a rhythm lasts until ], another rhythm note or a shutdown. While it lasts, every run that the other file has in it
finds a long run here, although the beats between other beats make runs of their own length.

The rules are those that the manuals of rxr and ANSI/AAMI EC57 state, and where these are silent those that its output
shows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .beat_labels import EscapeBeats, aami_class

if TYPE_CHECKING:
    from ..vocabulary import Beats, IntArray
    from .beat_matching import Period

Origin = Literal["ve", "sve"]
Scoring = Literal["rxr", "corrected"]

ORIGINS: tuple[Origin, ...] = ("ve", "sve")
LONG = 6
"""A run of so many beats or more is long; longer ones are not told apart."""
N_LENGTHS = LONG + 1
KIND_BEGINS = (0, 1, 2, 3, 3, 3, LONG)
"""By run length, the smallest length of its kind: single, couplet, short (3 to 5), long."""

_MEMBERS: Mapping[Origin, str] = {"ve": "VF", "sve": "S"}
_RHYTHMS: Mapping[Origin, str] = {"ve": "(VF", "sve": "(AF"}
_LOST_BITS = 0x30  # of the subtype of ~: neither signal is readable
_BEAT, _OTHER, _RHYTHM_BEGINS, _RHYTHM_ENDS, _SHUTDOWN = range(5)


class Run(NamedTuple):
    """One run: its first and last sample, both inclusive, and its length, at most ``LONG``."""

    start: int
    end: int
    length: int


class _Mark(NamedTuple):
    """What one annotation means for runs, and whether a rhythm that counts as a long run is under way after it."""

    time: int
    kind: int
    is_under_way: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RunMarks:
    """One file as far as its runs go: ``marks`` of the test period, ascending, and their ``times``.

    ``before``: marks of the last window before the period. ``start``: of the period. ``is_under_way``: whether a
    rhythm that counts as a long run was, when it began.
    """

    marks: Sequence[_Mark]
    times: Sequence[int]
    before: Sequence[_Mark]
    start: int
    is_under_way: bool

    def runs(self) -> list[Run]:
        """The runs of the test period, in order; one that was under way when it began is cut there."""
        begun = [_Mark(self.start, _RHYTHM_BEGINS, True)] if self.is_under_way else []
        return _runs([*begun, *self.marks])

    def longest(self, first: int, last: int, scoring: Scoring) -> int:
        """Length of the longest run from ``first`` to ``last`` (samples, inclusive), 0 without one.

        "rxr": of a rhythm that was under way when the test period began, a window that begins before the period knows
        only whether it is still under way at its own end; if not, it finds nothing. So a file held against itself may
        miss its own first long run. "corrected": such a rhythm is a long run like any other.
        """
        begin, end = bisect_left(self.times, first), bisect_right(self.times, last)
        inside = self.marks[begin:end]
        if any(mark.kind == _RHYTHM_BEGINS for mark in inside):
            return LONG
        if first > self.start:
            is_under_way = self.marks[begin - 1].is_under_way if begin else self.is_under_way
            if is_under_way:
                return LONG
        elif self.is_under_way and last >= self.start:
            lasts = inside[-1].is_under_way if inside else True
            return LONG if lasts or scoring == "corrected" else 0
        early = [mark for mark in self.before if mark.time >= first]
        return max((run.length for run in _runs([*early, *inside])), default=0)


def run_marks(beats: Beats, origin: Origin, period: Period, escape_beats: EscapeBeats) -> RunMarks:
    """What a file says of the runs of an origin. ``escape_beats``: the class of j, e and n.

    Annotations between [ and ] are passed over.
    """
    reader = _Reader(origin, escape_beats)
    no_text, no_number = ("",) * len(beats.symbols), (0,) * len(beats.symbols)
    samples = np.asarray(beats.samples).tolist()
    marks: list[_Mark] = []
    before: list[_Mark] = []
    is_under_way = False
    for sample, symbol, note, subtype in zip(
        samples, beats.symbols, beats.notes or no_text, beats.subtypes or no_number, strict=True
    ):
        if sample > period.end:
            break
        kind = reader.kind(symbol, note, subtype)
        if sample < period.start:
            is_under_way = reader.is_under_way
        if kind is not None and sample >= period.start:
            marks.append(_Mark(sample, kind, reader.is_under_way))
        elif kind is not None and sample >= period.start - period.window:
            before.append(_Mark(sample, kind, False))
    times = [mark.time for mark in marks]
    return RunMarks(marks=marks, times=times, before=before, start=period.start, is_under_way=is_under_way)


class Found(NamedTuple):
    """A run of one file and the length of the longest run that the other has there, 0 without one."""

    run: Run
    there: int

    @property
    def is_missed(self) -> bool:
        """Whether the other file has no run of the kind there, or longer.

        >>> Found(Run(0, 900, 5), 3).is_missed, Found(Run(0, 900, 6), 5).is_missed
        (False, True)
        """
        return self.there < KIND_BEGINS[self.run.length]


def found_runs(defining: RunMarks, other: RunMarks, window: int, scoring: Scoring) -> list[Found]:
    """Every run of a file with the longest one of the other within ``window`` samples of it."""
    return [Found(run, other.longest(run.start - window, run.end + window, scoring)) for run in defining.runs()]


def run_counts(reference: RunMarks, test: RunMarks, window: int, scoring: Scoring) -> tuple[IntArray, IntArray]:
    """Two tables [7, 7] of run lengths, reference in rows and test in columns.

    In the first the reference says where runs are (sensitivity), in the second the test (positive predictivity).
    """
    of_reference = np.zeros((N_LENGTHS, N_LENGTHS), dtype=np.int64)
    of_test = np.zeros((N_LENGTHS, N_LENGTHS), dtype=np.int64)
    for run, there in found_runs(reference, test, window, scoring):
        of_reference[run.length, there] += 1
    for run, there in found_runs(test, reference, window, scoring):
        of_test[there, run.length] += 1
    return of_reference, of_test


class _Reader:
    """Reads the annotations of one file in order and keeps what lasts from one to the next."""

    def __init__(self, origin: Origin, escape_beats: EscapeBeats) -> None:
        self.origin = origin
        self.is_under_way = False  # a rhythm that counts as a long run
        self._is_atrial = False  # N beats are S
        self._in_brackets = False
        self._class_of = cache(partial(aami_class, escape_beats=escape_beats))

    def kind(self, symbol: str, note: str, subtype: int) -> int | None:
        """What an annotation means, None where it means nothing for runs."""
        if self._in_brackets and symbol != "]":
            return None
        if symbol in "[]":
            return self._bracket(symbol)
        if symbol == "+":
            return self._rhythm(note)
        if symbol == "~" and subtype & _LOST_BITS == _LOST_BITS:
            self.is_under_way = False
            return _SHUTDOWN
        name = self._class_of(symbol)
        if name is None:
            return None
        if name == "N" and self._is_atrial:
            name = "S"
        return _BEAT if name in _MEMBERS[self.origin] else _OTHER

    def _bracket(self, symbol: str) -> int | None:
        self._in_brackets = symbol == "["
        if self.origin == "sve":
            return _OTHER if self._in_brackets else None
        self.is_under_way = self._in_brackets
        return _RHYTHM_BEGINS if self._in_brackets else _RHYTHM_ENDS

    def _rhythm(self, note: str) -> int | None:
        if not note.startswith("("):
            return None
        was = self.is_under_way
        self.is_under_way = note.startswith(_RHYTHMS[self.origin])
        self._is_atrial = self.origin == "sve" and self.is_under_way
        if self.is_under_way:
            return None if was else _RHYTHM_BEGINS
        return _RHYTHM_ENDS


def _runs(marks: Sequence[_Mark]) -> list[Run]:
    """The runs among some marks in order."""
    found: list[Run] = []
    run: Run | None = None
    for mark in marks:
        if mark.kind == _BEAT:
            run = Run(mark.time, mark.time, 1) if run is None else _longer(run, mark.time)
        elif mark.kind == _RHYTHM_BEGINS:
            found += [] if run is None else [run]
            run = Run(mark.time, mark.time, LONG)
        elif mark.kind in (_OTHER, _SHUTDOWN):
            found += [] if run is None else [run]
            run = None
    return found if run is None else [*found, run]


def _longer(run: Run, time: int) -> Run:
    return Run(run.start, time, min(run.length + 1, LONG))
