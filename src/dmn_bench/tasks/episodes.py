"""Episodes of a rhythm in an ECG record: those of the device against the reference's, by number and by time.

Columns of its judgements beside those of ``tasks.episode_task``, in the rows of records: ``is_af``: 1 where the rhythm
is atrial fibrillation; ``burdens``: 1 where the record has an answer and a test period; ``burden_error``: burden of the
device − that of the reference in percentage points, and ``burden_absolute_error``, its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ..errors import Problem, ProtocolError
from ..hookspecs import Task, hookimpl
from .annotation_times import on_clock
from .episode_matching import clipped, length, merged, overlaps, shared
from .episode_reading import (
    ALSO_CALLED,
    ATRIAL_FIBRILLATION,
    FIBRILLATION_NOTES,
    FLUTTER,
    VENTRICULAR_FIBRILLATION,
    Fibrillation,
    NoiseNotes,
    bracket_spans,
    episode_spans,
    label_of,
    note_spans,
)
from .episode_records import ScoredRecord
from .episode_task import FIGURES as FIGURES  # part of what this file offers
from .episode_task import Compared, EpisodeTask

if TYPE_CHECKING:
    from ..vocabulary import Beats, IntArray


@dataclass(frozen=True, kw_only=True)
class Episodes(EpisodeTask):
    """Episodes of a rhythm as the WFDB program epicmp compares them for ANSI/AAMI EC57: any overlap finds an episode.

    The device may answer by episodes, by rhythm notes or by [ and ]; its episodes that overlap or touch are one.
    """

    name: ClassVar[str] = "episodes"
    unit: ClassVar[str] = "%"
    own_columns: ClassVar[tuple[str, ...]] = ("is_af", "burdens", "burden_error", "burden_absolute_error")

    rhythm: str | tuple[str, ...] = ATRIAL_FIBRILLATION  # AFIB, VF, or labels of rhythm notes that count as one rhythm
    also_called: tuple[str, ...] = ()  # further labels by which the device names the rhythm
    flutter: Literal["ordinary", "excluded"] = "ordinary"  # excluded: device time in atrial flutter is not counted
    fibrillation: Fibrillation = "brackets"  # where VF is read: [ and ] as epicmp does, rhythm notes, or both
    noise_notes: NoiseNotes = "continue"  # what a rhythm note (NOISE does to the rhythm before it

    def __post_init__(self) -> None:
        """Raise ProtocolError if an option is out of range, or the rhythm has no label."""
        EpisodeTask.__post_init__(self)
        if not self._labels or "" in self._labels:
            raise ProtocolError(Problem(key="tasks.no_rhythm", where="rhythm"))

    def compared(self, record: ScoredRecord) -> Compared:
        """The episodes of a record; those of the device that lie in excused time alone are neither right nor wrong."""
        reference, device, excused = self._spans(record)
        lengths = device[:, 1] - device[:, 0]
        counted = device[overlaps(device, reference) | (shared(device, excused) < lengths)]
        return Compared(
            reference=reference,
            device=counted,
            found=overlaps(reference, counted),
            true=overlaps(counted, reference),
            device_samples=length(device) - int(shared(device, excused).sum()),
        )

    def more(self, record: ScoredRecord) -> Mapping[str, float]:
        """Whether it is atrial fibrillation, and the error of the burden."""
        sides, seconds = self.compared(record), record.period.seconds
        is_given = record.said is not None and seconds > 0
        difference = (sides.device_samples - length(sides.reference)) / record.period.sampling_hz
        error = 100 * difference / seconds if is_given else 0.0
        return {
            "is_af": float(self._labels == {ATRIAL_FIBRILLATION}),
            "burdens": float(is_given),
            "burden_error": error,
            "burden_absolute_error": abs(error),
        }

    def _spans(self, record: ScoredRecord) -> tuple[IntArray, IntArray, IntArray]:
        """Spans of the test period: the reference's, the device's, and where what the device says is not counted."""
        start, end = record.period.start, record.period.end
        reference = self._of_beats(record.reference, self._labels, end)
        excused = note_spans(record.reference, FLUTTER, end, self.noise_notes)
        if self.flutter == "ordinary":
            excused = merged([])
        said = self._said(record)
        return clipped(reference, start, end), clipped(said, start, end), clipped(excused, start, end)

    @property
    def _labels(self) -> set[str]:
        if self.rhythm == VENTRICULAR_FIBRILLATION:
            return set(FIBRILLATION_NOTES)
        return {label_of(name) for name in ([self.rhythm] if isinstance(self.rhythm, str) else self.rhythm)}

    @property
    def device_labels(self) -> set[str]:
        """The rhythm, what devices usually call it, and ``also_called``."""
        usual = {name for label in self._labels for name in ALSO_CALLED.get(label, ())}
        return self._labels | usual | {label_of(name) for name in self.also_called}

    def _said(self, record: ScoredRecord) -> IntArray:
        labels = self.device_labels
        if record.said is None:
            return merged([])
        if record.said.episodes is not None:
            return episode_spans(record.said.episodes, labels, record.period.sampling_hz)
        if record.said.beats is None:
            return merged([])
        return self._of_beats(on_clock(record.said.beats, record.period.sampling_hz), labels, record.period.end)

    def _of_beats(self, beats: Beats, labels: set[str], end: int) -> IntArray:
        source = self.fibrillation if self.rhythm == VENTRICULAR_FIBRILLATION else "notes"
        notes = merged([]) if source == "brackets" else note_spans(beats, labels, end, self.noise_notes)
        brackets = merged([]) if source == "notes" else bracket_spans(beats, end)
        return merged(np.concatenate((notes, brackets)))


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Episodes]
