"""Episodes of a rhythm in an ECG record: those of the device against the reference's, by number and by time.

Columns of its judgements. The rows are of two kinds; what is not said of a kind is 0 there.

A row for each record (case):

* ``record``: 1; ``is_af``: 1 where the rhythm is atrial fibrillation; ``seconds`` of the test period,
  ``seconds_analysed`` of them: none of a record without an answer.
* ``reference_episodes``, ``found_episodes`` of them; ``device_episodes``, ``true_episodes`` of them.
* for each figure of ``FIGURES`` its ``…_numerator`` and ``…_denominator``; those of time are seconds.
* ``burdens``: 1 where the record has an answer and a test period; ``burden_error``: burden of the device − that of the
  reference in percentage points, and ``burden_absolute_error``, its size.

A row for each reference episode: ``episode``: 1; ``score``: seconds from its start to the first time of the device in
it, +∞ for one missed.

``row_strata`` holds the ``case_id`` of each row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import ErrorRow, Judgements, Table
from .binary import unanswered
from .episode_matching import clipped, delays, length, merged, overlaps, shared
from .episode_reading import (
    ATRIAL_FIBRILLATION,
    FIBRILLATION_NOTES,
    FLUTTER,
    VENTRICULAR_FIBRILLATION,
    Fibrillation,
    NoiseNotes,
    bracket_spans,
    episode_spans,
    fault_of,
    label_of,
    note_spans,
)
from .episode_records import (
    NOT_IN_ORDER,
    STANDARD_LEARNING_SECONDS,
    RecordsToScore,
    ScoredRecord,
    check_not_negative,
    figure_lines,
    is_in_order,
    on_clock,
)
from .error_places import stretches

if TYPE_CHECKING:
    from ..vocabulary import Answer, Beats, Curve, ErrorPlace, IntArray, Unit

NO_EPISODES = "no episodes"
FIGURES = (
    "episode_sensitivity",
    "episode_positive_predictivity",
    "duration_sensitivity",
    "duration_positive_predictivity",
    "reference_burden",
    "device_burden",
)
_PLAIN = ("record", "is_af", "seconds", "seconds_analysed", "reference_episodes", "found_episodes", "device_episodes")
COLUMN_NAMES = (
    *_PLAIN,
    "true_episodes",
    "burdens",
    "burden_error",
    "burden_absolute_error",
    "episode",
    "score",
    *(f"{figure}_{part}" for figure in FIGURES for part in ("numerator", "denominator")),
)


class _Sides(NamedTuple):
    """The episodes of both sides in the test period, and where what the device says is not counted."""

    reference: IntArray
    device: IntArray
    excused: IntArray

    @property
    def counted(self) -> IntArray:
        """Device episodes that are right or wrong: not wholly in excused time."""
        lengths = self.device[:, 1] - self.device[:, 0]
        return self.device[overlaps(self.device, self.reference) | (shared(self.device, self.excused) < lengths)]


@dataclass(frozen=True, kw_only=True)
class Episodes:
    """Episodes of a rhythm as the WFDB program epicmp compares them for ANSI/AAMI EC57: any overlap finds an episode.

    The device may answer by episodes, by rhythm notes or by [ and ]; its episodes that overlap or touch are one.
    """

    name: ClassVar[str] = "episodes"

    rhythm: str | tuple[str, ...] = ATRIAL_FIBRILLATION  # AFIB, VF, or labels of rhythm notes that count as one rhythm
    also_called: tuple[str, ...] = ()  # further labels by which the device names the rhythm
    flutter: Literal["ordinary", "excluded"] = "ordinary"  # excluded: device time in atrial flutter is not counted
    fibrillation: Fibrillation = "brackets"  # where VF is read: [ and ] as epicmp does, rhythm notes, or both
    noise_notes: NoiseNotes = "continue"  # what a rhythm note (NOISE does to the rhythm before it
    learning_seconds: float = STANDARD_LEARNING_SECONDS  # not scored at the start of a record, >= 0
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def __post_init__(self) -> None:
        """Raise ProtocolError if an option is out of range, or the rhythm has no label."""
        check_not_negative(learning_seconds=self.learning_seconds)
        if not self._labels or "" in self._labels:
            raise ProtocolError(Problem(key="tasks.no_rhythm", where="rhythm"))

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """Rows of each record whose state the analysis does not set apart.

        Raises ProtocolError when there are no reference annotations to load, ReferenceSetError if some are not in order
        of time.
        """
        records = self._records(units, answers, context)
        rows: list[Mapping[str, float]] = []
        row_units: list[int] = []
        case_ids: list[str] = []
        for record in records.scored():
            found = self._rows(record)
            rows += found
            row_units += [record.unit] * len(found)
            case_ids += [record.case.case_id] * len(found)
        columns = {name: np.array([row.get(name, 0.0) for row in rows], dtype=np.float64) for name in COLUMN_NAMES}
        return dataclasses.replace(records.judgements(self.name, row_units, columns, case_ids), unit="%")

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """Episodes and seconds of all records by side, then the lines of figures, gross, average and by record."""
        columns = judgements.columns
        totals = {name: float(column.sum()) for name, column in columns.items() if name != "score"}
        seconds = {side: totals[f"{side}_burden_numerator"] for side in ("reference", "device")}
        both = totals["duration_sensitivity_numerator"]
        is_record = columns["record"] > 0
        case_ids = [name for name, is_one in zip(judgements.row_strata["case_id"], is_record, strict=True) if is_one]
        of_records = {name: column[is_record] for name, column in columns.items()}
        return [
            _by_side(
                "episodes",
                (totals["found_episodes"], totals["reference_episodes"] - totals["found_episodes"]),
                (totals["true_episodes"], totals["device_episodes"] - totals["true_episodes"]),
            ),
            _by_side("episode_seconds", (both, seconds["reference"] - both), (both, seconds["device"] - both)),
            *figure_lines(of_records, FIGURES, case_ids),
        ]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Records the device gave no answer for, then records with missed or false episodes, worst first."""
        units, columns = judgements.units, judgements.columns
        found: list[tuple[float, ErrorRow]] = []
        for row in np.flatnonzero(columns["record"] > 0).tolist():
            unit = int(judgements.row_units[row])
            if units.statuses[unit] != "answered":
                continue
            for kind, all_of, right in _ERROR_KINDS:
                of, wrong = columns[all_of][row], columns[all_of][row] - columns[right][row]
                if wrong:
                    line = ErrorRow(
                        unit_id=units.unit_ids[unit], kind=kind, reference=f"{of:.0f}", answer=f"{wrong:.0f}"
                    )
                    found.append((-wrong, line))
        listed = sorted(found, key=lambda pair: (pair[0], pair[1].unit_id, pair[1].kind))
        return [*unanswered(units).values(), *(line for _, line in listed)]

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Where episodes of the answered records are missed or false: stretches of ten seconds round their starts."""
        found: list[ErrorPlace] = []
        for record in self._records(units, answers, context).answered():
            sides, hz = self._sides(record), record.period.sampling_hz
            for kind, spans, others in (
                ("episodes_missed", sides.reference, sides.device),
                ("episodes_false", sides.counted, sides.reference),
            ):
                starts = (spans[~overlaps(spans, others), 0] / hz).tolist()
                found += stretches(record.case.case_id, kind, starts, record_s=record.period.end / hz)
        return found

    def _records(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> RecordsToScore:
        return RecordsToScore(
            units=units, answers=answers, context=context, fault=_fault, learning_seconds=self.learning_seconds
        )

    def _rows(self, record: ScoredRecord) -> list[Mapping[str, float]]:
        sides, hz = self._sides(record), record.period.sampling_hz
        scores = delays(sides.reference, sides.device) / hz
        return [
            {**_counts(record, sides), "is_af": float(self._labels == {ATRIAL_FIBRILLATION})},
            *({"episode": 1.0, "score": score} for score in scores.tolist()),
        ]

    def _sides(self, record: ScoredRecord) -> _Sides:
        start, end = record.period.start, record.period.end
        reference = self._spans(record.reference, self._labels, end)
        excused = note_spans(record.reference, FLUTTER, end, self.noise_notes)
        if self.flutter == "ordinary":
            excused = merged([])
        sides = (reference, self._said(record), excused)
        return _Sides(*(clipped(spans, start, end) for spans in sides))

    @property
    def _labels(self) -> set[str]:
        if self.rhythm == VENTRICULAR_FIBRILLATION:
            return set(FIBRILLATION_NOTES)
        return {label_of(name) for name in ([self.rhythm] if isinstance(self.rhythm, str) else self.rhythm)}

    def _said(self, record: ScoredRecord) -> IntArray:
        labels = self._labels | {label_of(name) for name in self.also_called}
        if record.said is None:
            return merged([])
        if record.said.episodes is not None:
            return episode_spans(record.said.episodes, labels, record.period.sampling_hz)
        if record.said.beats is None:
            return merged([])
        return self._spans(on_clock(record.said.beats, record.period.sampling_hz), labels, record.period.end)

    def _spans(self, beats: Beats, labels: set[str], end: int) -> IntArray:
        source = self.fibrillation if self.rhythm == VENTRICULAR_FIBRILLATION else "notes"
        notes = merged([]) if source == "brackets" else note_spans(beats, labels, end, self.noise_notes)
        brackets = merged([]) if source == "notes" else bracket_spans(beats, end)
        return merged(np.concatenate((notes, brackets)))


_ERROR_KINDS = (
    ("episodes_missed", "reference_episodes", "found_episodes"),
    ("episodes_false", "device_episodes", "true_episodes"),
)


def _fault(answer: Answer) -> str:
    if answer.episodes is not None:
        return fault_of(answer.episodes)
    if answer.beats is None:
        return NO_EPISODES
    return "" if is_in_order(answer.beats) else NOT_IN_ORDER


def _counts(record: ScoredRecord, sides: _Sides) -> dict[str, float]:
    """The columns of a record."""
    hz, seconds = record.period.sampling_hz, record.period.seconds
    counted = sides.counted
    n_reference, n_found = len(sides.reference), int(overlaps(sides.reference, sides.device).sum())
    n_device, n_true = len(counted), int(overlaps(counted, sides.reference).sum())
    excused = int(shared(sides.device, sides.excused).sum())
    both = int(shared(sides.reference, sides.device).sum()) / hz
    in_reference, in_device = length(sides.reference) / hz, (length(sides.device) - excused) / hz
    pairs = {
        "episode_sensitivity": (n_found, n_reference),
        "episode_positive_predictivity": (n_true, n_device),
        "duration_sensitivity": (both, in_reference),
        "duration_positive_predictivity": (both, in_device),
        "reference_burden": (in_reference, seconds),
        "device_burden": (in_device, seconds if record.said is not None else 0.0),
    }
    is_given = record.said is not None and seconds > 0
    error = 100 * (in_device - in_reference) / seconds if is_given else 0.0
    return {
        "record": 1.0,
        "seconds": seconds,
        "seconds_analysed": seconds if record.said is not None else 0.0,
        "reference_episodes": n_reference,
        "found_episodes": n_found,
        "device_episodes": n_device,
        "true_episodes": n_true,
        "burdens": float(is_given),
        "burden_error": error,
        "burden_absolute_error": abs(error),
        **{f"{name}_numerator": float(pair[0]) for name, pair in pairs.items()},
        **{f"{name}_denominator": float(pair[1]) for name, pair in pairs.items()},
    }


def _by_side(name: str, reference: tuple[float, float], device: tuple[float, float]) -> Table:
    return Table(
        name=name,
        rows=("reference_side", "device_side"),
        columns=("on_both_sides", "on_one_side"),
        counts=(reference, device),
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [Episodes]
