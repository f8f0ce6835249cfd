"""What the annotations of one side mean for the beat comparison: AAMI classes, shutdowns and fibrillation.

Times are sample indices from 0 of one common clock. Annotations between [ and ] (ventricular flutter or fibrillation)
are skipped in the file that holds them only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import Beats, BoolArray, IntArray

CLASSES = ("N", "S", "V", "F", "Q")
EscapeBeats = Literal["S", "N"]
GapKind = Literal["shutdown", "fibrillation"]

NEVER = 1 << 60
"""Later than any beat."""

_SYMBOLS: Mapping[str, str] = {"N": "NLRB", "S": "JAaS", "V": "VrE", "F": "F", "Q": "Q/f?"}
_ESCAPE_BEATS = "jen"
_LOST_BITS = 0x30  # of the subtype of ~: neither signal is readable
_NO_BEAT = -1
_LATEST = 2  # so many gaps of a kind are remembered, as in bxb


class Gap(NamedTuple):
    """A stretch without beat labels: ``seen_at`` is the number of beats read before it in its file."""

    kind: GapKind
    start: int
    end: int
    seen_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BeatLabels:
    """One side's beats as the walk reads them: ``times`` [n] ascending, ``classes`` [n] places in CLASSES, the gaps."""

    times: IntArray
    classes: IntArray
    gaps: Sequence[Gap] = ()

    def in_gap(self, kind: GapKind, times: IntArray, read: IntArray) -> BoolArray:
        """Whether each time [k] lies in a gap of the kind, among the two latest met when ``read`` [k] beats were read.

        The ends of a gap belong to it.
        """
        gaps = [gap for gap in self.gaps if gap.kind == kind]
        if not gaps or not times.size:
            return np.zeros(times.shape, dtype=bool)
        starts, ends, seen = (
            np.array(column, dtype=np.int64) for column in zip(*(gap[1:] for gap in gaps), strict=True)
        )
        met = np.searchsorted(seen, read, side="left")
        inside = np.zeros(times.shape, dtype=bool)
        for back in range(1, _LATEST + 1):
            at = np.maximum(met - back, 0)
            inside |= (met >= back) & (starts[at] <= times) & (times <= ends[at])
        return inside

    def total(self, kind: GapKind, start: int, end: int) -> int:
        """Samples of all gaps of a kind that lie between ``start`` and ``end``."""
        gaps = (gap for gap in self.gaps if gap.kind == kind)
        return sum(max(min(gap.end, end) - max(gap.start, start), 0) for gap in gaps)


def aami_class(symbol: str, escape_beats: EscapeBeats) -> str | None:
    """The AAMI class of a WFDB annotation symbol, None when it is no beat.

    ``escape_beats``: where j, e and n go; bxb counts them as S, most papers count them as N.

    >>> aami_class("j", "S"), aami_class("j", "N"), aami_class("/", "S"), aami_class("+", "S")
    ('S', 'N', 'Q', None)
    """
    if len(symbol) != 1:
        return None
    if symbol in _ESCAPE_BEATS:
        return escape_beats
    return next((name for name, symbols in _SYMBOLS.items() if symbol in symbols), None)


def beat_labels(beats: Beats, window: int, escape_beats: EscapeBeats) -> BeatLabels:
    """The beats of one file with their gaps. ``window``: samples, as for ``match``.

    A shutdown begins at a ~ with both signals marked unreadable. When another ~ follows at once, it lasts until the
    first that marks a signal readable. Otherwise the mark stands for the whole stretch without labels around it: from
    one window after the last beat or ] to one window before the next annotation.
    """
    samples = np.asarray(beats.samples, dtype=np.int64)
    classes = _CLASS_OF[escape_beats][_codes(beats.symbols)]
    is_beat = classes != _NO_BEAT
    gaps = _gaps(beats, samples, is_beat, window)
    return BeatLabels(times=samples[is_beat], classes=classes[is_beat], gaps=gaps)


def _class_table(escape_beats: EscapeBeats) -> IntArray:
    found = [aami_class(chr(code), escape_beats) for code in range(256)]
    return np.array([_NO_BEAT if name is None else CLASSES.index(name) for name in found], dtype=np.int64)


_CLASS_OF: Mapping[EscapeBeats, IntArray] = {"S": _class_table("S"), "N": _class_table("N")}


def _codes(symbols: Sequence[str]) -> IntArray:
    """The Latin-1 code of each symbol, 0 for one that is not a single such character."""
    joined = "\n".join(symbols)
    if joined.isascii():
        text = np.frombuffer(joined.encode("ascii"), dtype=np.uint8)
        names, between = text[::2], text[1::2]
        newline = ord("\n")
        if len(names) == len(symbols) and bool((between == newline).all() and (names != newline).all()):
            return names.astype(np.int64)
    return np.array([ord(s) if len(s) == 1 and s <= "\xff" else 0 for s in symbols], dtype=np.int64)


def _gaps(beats: Beats, samples: IntArray, is_beat: BoolArray, window: int) -> Sequence[Gap]:
    """The gaps of a file in order; beats inside one are struck off ``is_beat``."""
    marks = [at for at, symbol in enumerate(beats.symbols) if symbol in ("[", "~")] if _has_marks(beats) else []
    gaps: list[Gap] = []
    found: list[tuple[GapKind, int, int, int]] = []
    done, quiet_after = 0, 0  # annotations before ``done`` are dealt with; the time after which no label is known
    for at in marks:
        if at < done:
            continue
        is_lost = beats.symbols[at] == "~"
        if is_lost and not _lost(beats, at):
            continue
        earlier = done + np.flatnonzero(is_beat[done:at])
        if earlier.size:
            quiet_after = int(samples[earlier[-1]]) + window
        done = at + 1
        begin = int(samples[at])
        if not is_lost:
            last = _first(beats, at + 1, "]")
            quiet_after = _time(samples, last) + window
            found.append(("fibrillation", begin, _time(samples, last), at))
        elif beats.symbols[at + 1 : at + 2] == ("~",):
            last = _first_readable(beats, at + 1)
            found.append(("shutdown", begin, _time(samples, last), at))
        else:
            found.append(("shutdown", quiet_after, _time(samples, at + 1) - window, at))
            continue
        is_beat[at : last + 1] = False
        done = last + 1
    read = np.concatenate(([0], np.cumsum(is_beat)))
    gaps.extend(Gap(kind, begin, end, int(read[at])) for kind, begin, end, at in found)
    return gaps


def _has_marks(beats: Beats) -> bool:
    return "[" in beats.symbols or "~" in beats.symbols


def _lost(beats: Beats, at: int) -> bool:
    """Whether an annotation says that both signals are unreadable from here on."""
    return beats.symbols[at] == "~" and bool(beats.subtypes) and beats.subtypes[at] & _LOST_BITS == _LOST_BITS


def _first(beats: Beats, begin: int, symbol: str) -> int:
    try:
        return beats.symbols.index(symbol, begin)
    except ValueError:
        return len(beats.symbols)


def _first_readable(beats: Beats, begin: int) -> int:
    at = _first(beats, begin, "~")
    while at < len(beats.symbols) and _lost(beats, at):
        at = _first(beats, at + 1, "~")
    return at


def _time(samples: IntArray, at: int) -> int:
    return int(samples[at]) if at < len(samples) else NEVER
