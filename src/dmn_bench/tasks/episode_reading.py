"""Where a rhythm is: from rhythm notes, from [ and ], and from the episodes of an answer, as spans in samples.

A rhythm note is the text of a + annotation that begins with a parenthesis: "(AFIB" says that atrial fibrillation begins
there and lasts until the next rhythm note or the end of the record.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from .episode_matching import merged

if TYPE_CHECKING:
    from ..vocabulary import Beats, Episode, IntArray

ATRIAL_FIBRILLATION, VENTRICULAR_FIBRILLATION = "AFIB", "VF"
FIBRILLATION_NOTES = ("VF", "VFIB", "VFL")
"""How collections spell ventricular flutter and fibrillation."""
FLUTTER = ("AFL",)
NOISE = "NOISE"
ALSO_CALLED = {ATRIAL_FIBRILLATION: ("AF", "FA", "A-FIB")}
"""What devices call a rhythm beside its code."""
FARTHEST = 2.0**53
"""Samples beyond any recording, that a number still counts one by one."""

Fibrillation = Literal["brackets", "notes", "both"]
NoiseNotes = Literal["continue", "end"]


_CODE = re.compile(r"[A-Z][A-Z0-9]{0,5}")


def _codes(episodes: Sequence[Episode]) -> set[str]:
    return {label for each in episodes if _CODE.fullmatch(label := label_of(each.label))}


def label_of(text: str) -> str:
    """The label of a rhythm note or of an episode, in capitals and without its parenthesis.

    >>> label_of("(AFIB"), label_of(" vt "), label_of("(N)")
    ('AFIB', 'VT', 'N')
    """
    return text.strip().lstrip("(").rstrip(")").strip().upper()


def note_spans(beats: Beats, labels: Collection[str], end: int, noise: NoiseNotes) -> IntArray:
    """Where the rhythm is one of ``labels``, to ``end`` at most for the last.

    ``noise``: what a note (NOISE does: the rhythm continues, or it ends as by any other note.
    """
    marks = [
        (sample, label_of(note))
        for sample, symbol, note in zip(np.asarray(beats.samples).tolist(), beats.symbols, beats.notes, strict=False)
        if symbol == "+" and note.startswith("(")
    ]
    if noise == "continue":
        marks = [(sample, label) for sample, label in marks if label != NOISE]
    ends = [sample for sample, _ in marks[1:]] + [end]
    return merged([(begin, stop) for (begin, label), stop in zip(marks, ends, strict=False) if label in labels])


def bracket_spans(beats: Beats, end: int) -> IntArray:
    """Ventricular flutter or fibrillation between [ and ], to ``end`` where it is not closed."""
    spans: list[tuple[int, int]] = []
    begun: int | None = None
    for sample, symbol in zip(np.asarray(beats.samples).tolist(), beats.symbols, strict=True):
        if symbol == "[" and begun is None:
            begun = sample
        elif symbol == "]" and begun is not None:
            spans.append((begun, sample))
            begun = None
    return merged(spans if begun is None else [*spans, (begun, end)])


def episode_spans(episodes: Sequence[Episode], labels: Collection[str], sampling_hz: float) -> IntArray:
    """The episodes of an answer that carry one of ``labels``, overlapping and touching ones as one."""
    times = [(each.start_s, each.end_s) for each in episodes if label_of(each.label) in labels]
    samples = np.rint(np.array(times, dtype=np.float64).reshape(-1, 2) * sampling_hz)
    return merged(np.clip(samples, -FARTHEST, FARTHEST).astype(np.int64))


def fault_of(episodes: Sequence[Episode], known: Collection[str]) -> str:
    """Why episodes cannot be read, "" if they can; one without length is none.

    A label that looks like no code ("Atrial fibrillation") and is none of ``known`` is not passed over: the device may
    have found what is looked for, and called it otherwise.
    """
    unknown = sorted({label_of(each.label) for each in episodes} - _codes(episodes) - set(known))
    if unknown:
        return f"episode labelled {unknown[0]!r}, which is no code such as AFIB or ST"
    if not all(math.isfinite(episode.start_s) and math.isfinite(episode.end_s) for episode in episodes):
        return "time of an episode not finite"
    return "episode ends before it begins" if any(each.end_s < each.start_s for each in episodes) else ""
