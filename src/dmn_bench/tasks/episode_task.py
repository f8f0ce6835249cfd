"""What tasks of episodes have in common: rows for records and for reference episodes, tables, errors and places.

Columns of their judgements. The rows are of two kinds; what is not said of a kind is 0 there.

A row for each record (case):

* ``record``: 1; ``seconds`` of the test period, ``seconds_analysed`` of them: none of a record without an answer.
* ``reference_episodes``, ``found_episodes`` of them; ``device_episodes``, ``true_episodes`` of them.
* for each figure of ``FIGURES`` its ``…_numerator`` and ``…_denominator``; those of time are seconds.

A row for each reference episode: ``episode``: 1; ``score``: seconds from its start to the first time of the device in
it, +∞ for one missed.

``row_strata`` holds the ``case_id`` of each row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from ..vocabulary import ErrorRow, Judgements, Table
from .annotation_times import NOT_IN_ORDER, is_in_order
from .binary import unanswered
from .episode_matching import delays, length, shared
from .episode_reading import fault_of
from .episode_records import STANDARD_LEARNING_SECONDS, RecordsToScore, ScoredRecord, check_not_negative
from .error_places import stretches
from .figure_lines import figure_lines

if TYPE_CHECKING:
    from ..hookspecs import JudgingContext
    from ..vocabulary import Answer, BoolArray, Curve, ErrorPlace, IntArray, Unit

NO_EPISODES = "no episodes"
FIGURES = (
    "episode_sensitivity",
    "episode_positive_predictivity",
    "duration_sensitivity",
    "duration_positive_predictivity",
    "reference_burden",
    "device_burden",
)
COUNTS = ("reference_episodes", "found_episodes", "device_episodes", "true_episodes")
COLUMN_NAMES = (
    "record",
    "seconds",
    "seconds_analysed",
    *COUNTS,
    "episode",
    "score",
    *(f"{figure}_{part}" for figure in FIGURES for part in ("numerator", "denominator")),
)


class Compared(NamedTuple):
    """The episodes of both sides in the test period of a record [k, 2], and which of them the other side confirms.

    ``device_samples``: of the device's episodes, as far as they count.
    """

    reference: IntArray
    device: IntArray
    found: BoolArray
    true: BoolArray
    device_samples: int


@dataclass(frozen=True, kw_only=True)
class EpisodeTask:
    """A task of episodes, but for what an episode is and what finds it."""

    name: ClassVar[str]
    unit: ClassVar[str]  # UCUM code of what its measured metrics are in
    own_columns: ClassVar[tuple[str, ...]] = ()  # beside COLUMN_NAMES

    learning_seconds: float = STANDARD_LEARNING_SECONDS  # not scored at the start of a record, >= 0
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def __post_init__(self) -> None:
        """Raise ProtocolError if an option is out of range."""
        check_not_negative(learning_seconds=self.learning_seconds)

    def compared(self, record: ScoredRecord) -> Compared:
        """The episodes of a record."""
        raise NotImplementedError

    @property
    def device_labels(self) -> Collection[str]:
        """Labels by which a device may name the episodes, beside codes in capitals."""
        return ()

    def fault(self, answer: Answer) -> str:
        """Why an answer cannot be judged, "" if it can: it says nothing of episodes, or what cannot be."""
        if answer.episodes is not None:
            return fault_of(answer.episodes, self.device_labels)
        if answer.beats is None:
            return NO_EPISODES
        return "" if is_in_order(answer.beats) else NOT_IN_ORDER

    def more(self, record: ScoredRecord) -> Mapping[str, float]:
        """``own_columns`` of a record."""
        return {}

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
        columns = {
            name: np.array([row.get(name, 0.0) for row in rows], dtype=np.float64)
            for name in (*COLUMN_NAMES, *self.own_columns)
        }
        return dataclasses.replace(records.judgements(self.name, row_units, columns, case_ids), unit=self.unit)

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
            sides, hz = self.compared(record), record.period.sampling_hz
            for kind, wrong in (
                ("episodes_missed", sides.reference[~sides.found]),
                ("episodes_false", sides.device[~sides.true]),
            ):
                starts = (wrong[:, 0] / hz).tolist()
                found += stretches(record.case.case_id, kind, starts, record_s=record.period.end / hz)
        return found

    def _records(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> RecordsToScore:
        return RecordsToScore(
            units=units, answers=answers, context=context, fault=self.fault, learning_seconds=self.learning_seconds
        )

    def _rows(self, record: ScoredRecord) -> list[Mapping[str, float]]:
        sides, hz = self.compared(record), record.period.sampling_hz
        waits = delays(sides.reference, sides.device) / hz
        return [
            {**_columns(record, sides), **self.more(record)},
            *({"episode": 1.0, "score": wait} for wait in waits.tolist()),
        ]


_ERROR_KINDS = (
    ("episodes_missed", "reference_episodes", "found_episodes"),
    ("episodes_false", "device_episodes", "true_episodes"),
)


def _columns(record: ScoredRecord, sides: Compared) -> dict[str, float]:
    hz, seconds = record.period.sampling_hz, record.period.seconds
    counts = dict(
        zip(COUNTS, (len(sides.reference), sides.found.sum(), len(sides.device), sides.true.sum()), strict=True)
    )
    analysed = seconds if record.said is not None else 0.0
    both = int(shared(sides.reference, sides.device).sum()) / hz
    in_reference, in_device = length(sides.reference) / hz, sides.device_samples / hz
    pairs = (
        (counts["found_episodes"], counts["reference_episodes"]),
        (counts["true_episodes"], counts["device_episodes"]),
        (both, in_reference),
        (both, in_device),
        (in_reference, seconds),
        (in_device, analysed),
    )
    return {
        "record": 1.0,
        "seconds": seconds,
        "seconds_analysed": analysed,
        **{name: float(count) for name, count in counts.items()},
        **{f"{name}_numerator": float(pair[0]) for name, pair in zip(FIGURES, pairs, strict=True)},
        **{f"{name}_denominator": float(pair[1]) for name, pair in zip(FIGURES, pairs, strict=True)},
    }


def _by_side(name: str, reference: tuple[float, float], device: tuple[float, float]) -> Table:
    return Table(
        name=name,
        rows=("reference_side", "device_side"),
        columns=("on_both_sides", "on_one_side"),
        counts=(reference, device),
    )
