"""Episodes of ST deviation in an ECG record: the device's against the reference's, and the deviation at the extremum.

They are read from annotations with the symbol s, as in the European ST-T Database: the note "(ST0+" begins an episode
of elevation in signal 0, "AST0+200" is its extremum with 200 µV, "ST0+)" ends it.

Columns of its judgements beside those of ``tasks.episode_task``, in the rows of records: ``deviations``: found
reference episodes whose deviation both sides state; ``deviation_error``: sum over them of device − reference in µV,
``deviation_absolute_error`` of its size; ``deviations_close``: those at most 100 µV apart.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError
from ..hookspecs import Task, hookimpl
from .annotation_times import on_clock
from .episode_matching import clipped, length, merged, shared
from .episode_reading import episode_spans
from .episode_records import ScoredRecord
from .episode_task import Compared, EpisodeTask

if TYPE_CHECKING:
    from ..vocabulary import Beats, BoolArray, IntArray

ST_SYMBOL = "s"
LABEL = "ST"
CLOSE_UV = 100.0
"""Deviations farther apart than this at the extremum of an episode are flagged."""
SHARE_COVERED = 0.5
"""Share of an episode that the other side must cover to find it, where it does not cover its extremum."""

_NOTE = re.compile(r"(?P<what>[(A]?)ST(?P<lead>\d*)(?P<sign>\+{1,2}|-{1,2})(?P<value>\d*)(?P<end>\)?)")


class Extremum(NamedTuple):
    """The farthest point of an episode: when, in samples, and how far, in µV with its sign."""

    at: int
    deviation_uv: float


class Side(NamedTuple):
    """The episodes of one side as spans [k, 2] that are apart, and all extrema it states, ascending in time."""

    spans: IntArray
    extrema: Sequence[Extremum] = ()

    def extremum_in(self, start: int, end: int) -> Extremum | None:
        """The largest deviation stated in a stretch, either sign; None without one."""
        first = bisect_left(self.extrema, start, key=_time)
        inside = self.extrema[first : bisect_right(self.extrema, end, key=_time)]
        return max(inside, key=lambda one: abs(one.deviation_uv), default=None)


def st_side(beats: Beats, lead: int | None, end: int) -> Side:
    """What annotations say of ST episodes in one signal, or in all together for None; the last to ``end`` if not ended.

    Episodes of several signals that overlap or touch are one.
    """
    begun: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    extrema: list[Extremum] = []
    for sample, symbol, note in zip(np.asarray(beats.samples).tolist(), beats.symbols, beats.notes, strict=False):
        found = _NOTE.fullmatch(note.strip()) if symbol == ST_SYMBOL else None
        if found is None or (lead is not None and found["lead"] not in ("", str(lead))):
            continue
        if found["what"] == "(":
            begun.setdefault(found["lead"], sample)
        elif found["what"] == "A" and found["value"]:
            extrema.append(Extremum(sample, float(found["sign"][0] + found["value"])))
        elif found["end"] and found["lead"] in begun:
            spans.append((begun.pop(found["lead"]), sample))
    return Side(merged([*spans, *((start, end) for start in begun.values())]), extrema)


def covered(of: Side, other: Side) -> BoolArray:
    """Which episodes [k] the other side covers for at least half of their length, or at their extremum."""
    half = shared(of.spans, other.spans) >= SHARE_COVERED * (of.spans[:, 1] - of.spans[:, 0])
    peaks = [of.extremum_in(start, end) for start, end in of.spans.tolist()]
    at_peak = [peak is not None and _is_in(other.spans, peak.at) for peak in peaks]
    return np.asarray(half | np.array(at_peak, dtype=bool))


def deviations(reference: Side, device: Side, found: BoolArray) -> list[tuple[float, float]]:
    """(reference, device) deviation in µV of each found reference episode for which both sides state one.

    The device's is that of its episode with the largest part of the reference episode.
    """
    pairs: list[tuple[float, float]] = []
    for start, end in reference.spans[found].tolist():
        parts = np.minimum(device.spans[:, 1], end) - np.maximum(device.spans[:, 0], start)
        theirs = device.spans[int(np.argmax(parts))].tolist()
        sides = reference.extremum_in(start, end), device.extremum_in(*theirs)
        if sides[0] is not None and sides[1] is not None:
            pairs.append((sides[0].deviation_uv, sides[1].deviation_uv))
    return pairs


@dataclass(frozen=True, kw_only=True)
class StEpisodes(EpisodeTask):
    """Episodes of ST deviation: one is found where the other side covers half of it or its extremum.

    The device may answer by annotations as in the reference, or by episodes labelled ST, without a deviation then.
    """

    name: ClassVar[str] = "st_episodes"
    unit: ClassVar[str] = "uV"
    own_columns: ClassVar[tuple[str, ...]] = (
        "deviations",
        "deviation_error",
        "deviation_absolute_error",
        "deviations_close",
    )

    lead: int | None = None  # number of a signal in the record, from 0; null: the episodes of all signals together

    def __post_init__(self) -> None:
        """Raise ProtocolError if an option is out of range."""
        EpisodeTask.__post_init__(self)
        if self.lead is not None and self.lead < 0:
            facts: dict[str, str | int | float] = {"option": "lead", "found": self.lead}
            raise ProtocolError(Problem(key="tasks.option_negative", where="lead", facts=facts))

    def compared(self, record: ScoredRecord) -> Compared:
        """The episodes of a record."""
        reference, device = self._sides(record)
        return Compared(
            reference=reference.spans,
            device=device.spans,
            found=covered(reference, device),
            true=covered(device, reference),
            device_samples=length(device.spans),
        )

    def more(self, record: ScoredRecord) -> Mapping[str, float]:
        """The deviations that can be compared, and how far apart they are."""
        reference, device = self._sides(record)
        pairs = deviations(reference, device, covered(reference, device))
        errors = [theirs - mine for mine, theirs in pairs]
        return {
            "deviations": float(len(errors)),
            "deviation_error": sum(errors),
            "deviation_absolute_error": sum(map(abs, errors)),
            "deviations_close": float(sum(abs(error) <= CLOSE_UV for error in errors)),
        }

    def _sides(self, record: ScoredRecord) -> tuple[Side, Side]:
        start, end = record.period.start, record.period.end
        sides = st_side(record.reference, self.lead, end), self._said(record)
        reference, device = (side._replace(spans=clipped(side.spans, start, end)) for side in sides)
        return reference, device

    def _said(self, record: ScoredRecord) -> Side:
        hz = record.period.sampling_hz
        if record.said is None:
            return Side(merged([]))
        if record.said.episodes is not None:
            labels = {LABEL} if self.lead is None else {LABEL, f"{LABEL}{self.lead}"}
            if self.lead is None:
                labels |= {one.label for one in record.said.episodes if re.fullmatch(rf"{LABEL}\d+", one.label)}
            return Side(episode_spans(record.said.episodes, labels, hz))
        if record.said.beats is None:
            return Side(merged([]))
        return st_side(on_clock(record.said.beats, hz), self.lead, record.period.end)


def _time(extremum: Extremum) -> int:
    return extremum.at


def _is_in(spans: IntArray, time: int) -> bool:
    at = int(np.searchsorted(spans[:, 0], time, side="right")) - 1
    return at >= 0 and bool(time <= spans[at, 1])


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [StEpisodes]
