"""The stretches of a recording that are drawn, and what both sides mark in them; the rest is not kept in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..hookspecs import Reader, StreamingReader
from ..inputs.leads import neutral_leads
from ..inputs.requests import CaseFile, case_files
from ..pictures.ecg_marks import StripMark, StripSpan, rhythm_label
from ..pictures.ecg_strip import Side
from ..tasks.beat_labels import EscapeBeats, aami_class, beat_labels
from ..vocabulary import Beats, Case, Episode, Signals

NOT_ANALYSED = "~"
QUIET_S = 0.15  # the window of EC57: how far from the beats round it a mark without beats begins to count
OTHER_MARKS = frozenset("[]!~|x")  # no beats, but seen beside them: flutter, noise, artefact, blocked P wave


class Stretch(NamedTuple):
    """From ``start_s`` on and before ``end_s``, in seconds from the start of a recording."""

    start_s: float
    end_s: float


def pieces(case: Case, root: Path, readers: Sequence[Reader], stretches: Sequence[Stretch]) -> list[Signals]:
    """These stretches of the recording of a case, under neutral lead names; [] where its files hold no recording.

    Raises what reading raises. A stretch that goes beyond the end of the recording is cut.
    """
    recordings = [file for file in case_files(case, root, readers) if file.reader.gives == "signals"]
    if not recordings:
        return []
    found: list[list[np.ndarray]] = [[] for _ in stretches]
    at, hertz = 0, 1.0
    leads: tuple[str, ...] = ()
    with contextlib.closing(_blocks(recordings[0])) as blocks:
        for block in blocks:
            hertz, leads = block.sampling_hz, block.leads
            limits = [(round(one.start_s * hertz), round(one.end_s * hertz)) for one in stretches]
            for kept, (begin, end) in zip(found, limits, strict=True):
                part = block.samples[max(begin - at, 0) : max(end - at, 0)]
                if len(part):
                    kept.append(np.array(part))  # a copy: a view would keep the whole block
            at += len(block.samples)
            if at >= max(end for _, end in limits):
                break
    empty = np.zeros((0, len(leads)))
    return [
        Signals(samples=np.concatenate([empty, *kept]), sampling_hz=hertz, leads=neutral_leads(leads)) for kept in found
    ]


def _blocks(file: CaseFile) -> Generator[Signals, None, None]:
    if isinstance(file.reader, StreamingReader):
        yield from file.reader.blocks(file.path)
        return
    _, signals, _ = file.reader.read(file.path)
    if signals is not None:
        yield signals


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What one side says of a recording. ``hertz``: of its samples, unless ``beats`` have a rate of their own."""

    beats: Beats | None
    episodes: Sequence[Episode]
    hertz: float
    escape_beats: EscapeBeats

    def within(self, stretch: Stretch) -> Side:
        """The marks of a stretch; rhythms, episodes and time that was not analysed where they reach into it."""
        spans = [StripSpan(start_s=e.start_s, end_s=e.end_s, label=rhythm_label(e.label) or "·") for e in self.episodes]
        if self.beats is None:
            return Side(spans=_reaching(spans, stretch))
        seconds = np.asarray(self.beats.samples) / (self.beats.sampling_hz or self.hertz)
        here = np.flatnonzero((seconds >= stretch.start_s) & (seconds < stretch.end_s)).tolist()
        marks = [
            StripMark(at_s=float(seconds[at]), symbol=self.beats.symbols[at], beat_class=name or "")
            for at in here
            if (name := aami_class(self.beats.symbols[at], self.escape_beats)) or self.beats.symbols[at] in OTHER_MARKS
        ]
        quiet = self._not_analysed()
        spans = [*_without(self._rhythms(seconds), quiet), *spans, *quiet]
        return Side(marks=marks, spans=_reaching(spans, stretch), has_beats=True)

    def _not_analysed(self) -> list[StripSpan]:
        """The shutdowns of the side, as the comparison of beats takes them."""
        if self.beats is None or NOT_ANALYSED not in self.beats.symbols:
            return []
        hertz = self.beats.sampling_hz or self.hertz
        gaps = beat_labels(self.beats, round(QUIET_S * hertz), self.escape_beats).gaps
        return [
            StripSpan(start_s=gap.start / hertz, end_s=gap.end / hertz, label=NOT_ANALYSED)
            for gap in gaps
            if gap.kind == "shutdown" and gap.end > gap.start
        ]

    def _rhythms(self, seconds: np.ndarray) -> list[StripSpan]:
        """Stretches from one rhythm annotation to the next; notes that name no rhythm are left out."""
        if self.beats is None or not self.beats.notes:
            return []
        changes = [
            (float(seconds[at]), label)
            for at, (symbol, note) in enumerate(zip(self.beats.symbols, self.beats.notes, strict=True))
            if symbol == "+" and note.startswith("(") and (label := rhythm_label(note))
        ]
        ends = [*(start for start, _ in changes), float("inf")][1:]
        return [
            StripSpan(start_s=start, end_s=end, label=label) for (start, label), end in zip(changes, ends, strict=True)
        ]


def _without(spans: Sequence[StripSpan], holes: Sequence[StripSpan]) -> list[StripSpan]:
    """The spans where no hole is: what is left of one before, between and after holes."""
    left = list(spans)
    for hole in holes:
        pieces = [
            StripSpan(start_s=start, end_s=end, label=one.label)
            for one in left
            for start, end in ((one.start_s, min(one.end_s, hole.start_s)), (max(one.start_s, hole.end_s), one.end_s))
            if end > start
        ]
        left = pieces
    return left


def _reaching(spans: Sequence[StripSpan], stretch: Stretch) -> list[StripSpan]:
    return [one for one in spans if one.start_s < stretch.end_s and one.end_s > stretch.start_s]
