"""Beats of an ECG record: a test annotation file against the reference one, beat by beat, in AAMI classes.

Columns of its judgements, one row for each record (case): the counts of the beat table, "Nn", "Ns" … "Vo", "Ov", "Xn",
named by row and column of ``tasks.beat_matching``; ``seconds`` scored (after the learning period) and
``seconds_not_analysed`` of them (the whole for a record without an answer, else the device's own shutdowns).
``row_strata`` holds the ``case_id`` of each row.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Beats, Case, ErrorRow, Judgements, Status, Table
from .beat_matching import COLUMNS, ROWS, BeatLabels, beat_labels, match, missed_everywhere
from .binary import unanswered
from .combining import NO_CASES, NO_OUTPUT, NOT_COUNTED_REFERENCES, unit_table, worst

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, FloatArray, IntArray, Unit

NO_BEATS = "no beats"
WINDOW_PERCENT_OF_SECOND = 15
ANNOTATED = "annotated"
"""Reference of a unit whose truth is the annotation file of its records."""

CELLS = tuple(row + column for row in ROWS for column in COLUMNS if not (row in "OX" and column in "ox"))
COLUMN_NAMES = (*CELLS, "seconds", "seconds_not_analysed")


class _Period(NamedTuple):
    """What is scored of a record, in its samples: ``start`` to ``end`` inclusive, pairs at most ``window`` apart."""

    start: int
    end: int
    window: int
    sampling_hz: float


class _Loaders(NamedTuple):
    """What the harness lends to read the reference of a case."""

    beats: Callable[[Case], Beats]
    sampling_hz: Callable[[Case], float]
    n_samples: Callable[[Case], int]


@dataclass(frozen=True, kw_only=True)
class BeatByBeat:
    """Beat-by-beat comparison as the WFDB program bxb does it for ANSI/AAMI EC57, gross and by record.

    A record without an answer has every beat missed, wherever its state is not set apart: beats know no other reading
    of a non-answer.
    """

    name: ClassVar[str] = "beats"

    scoring: Literal["ec57"] = "ec57"  # pairs within 150 ms, AAMI classes
    escape_beats: Literal["S", "N"] = "S"  # class of j, e and n: S as bxb has it, N as most papers do
    learning_seconds: float = 300.0  # not scored at the start of a record, >= 0; the standard says 300
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each record whose state the analysis does not set apart.

        Raises ProtocolError when there are no reference annotations to load.
        """
        loaders = _loaders(context)
        states = [[_state(answers.get(case.case_id)) for case in unit.cases] for unit in units]
        rows: list[tuple[float, ...]] = []
        row_units: list[int] = []
        case_ids: list[str] = []
        for index, unit in enumerate(units):
            if unit.reference in NOT_COUNTED_REFERENCES:
                continue
            for case, (status, _) in zip(unit.cases, states[index], strict=True):
                if status == "answered" or context.analysis.treatment[status] != "apart":
                    said = answers[case.case_id].beats if status == "answered" else None
                    rows.append(self._row(loaders, case, said))
                    row_units.append(index)
                    case_ids.append(case.case_id)
        statuses = [worst(status for status, _ in cases) for cases in states]
        reasons = [_reason(cases, status) for cases, status in zip(states, statuses, strict=True)]
        table = unit_table(units, context.patients, statuses, reasons)
        # What truth.csv says of a record (its rhythm, say) is another question than its beats.
        references = tuple(
            name if unit.reference in NOT_COUNTED_REFERENCES else ANNOTATED
            for unit, name in zip(units, table.references, strict=True)
        )
        values = np.array(rows, dtype=np.float64).reshape(len(rows), len(COLUMN_NAMES))
        return Judgements(
            task=self.name,
            units=dataclasses.replace(table, references=references),
            row_units=np.array(row_units, dtype=np.int64),
            columns={name: values[:, at] for at, name in enumerate(COLUMN_NAMES)},
            row_strata={"case_id": tuple(case_ids)},
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """The gross beat table, then that of each record."""
        by_cell = np.array([judgements.columns[cell] for cell in CELLS]).reshape(len(CELLS), -1)
        gross = [_table(by_cell.sum(axis=1), None)]
        return gross + [
            _table(by_cell[:, row], case_id) for row, case_id in enumerate(judgements.row_strata["case_id"])
        ]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None: a beat has no score."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Records the device gave no answer for, then records with missed or extra beats, worst first."""
        units = judgements.units
        refused = list(unanswered(units).values())
        found: list[tuple[float, ErrorRow]] = []
        for row, unit in enumerate(judgements.row_units.tolist()):
            if units.statuses[unit] != "answered":
                continue
            for kind, cells, of_row in _ERROR_KINDS:
                wrong = sum(judgements.columns[cell][row] for cell in cells)
                total = sum(judgements.columns[cell][row] for cell in CELLS if cell[0] in of_row)
                if wrong:
                    line = ErrorRow(
                        unit_id=units.unit_ids[unit], kind=kind, reference=f"{total:.0f}", answer=f"{wrong:.0f}"
                    )
                    found.append((-wrong, line))
        return refused + [line for _, line in sorted(found, key=lambda pair: (pair[0], pair[1].unit_id, pair[1].kind))]

    def _row(self, loaders: _Loaders, case: Case, said: Beats | None) -> tuple[float, ...]:
        period = self._period(loaders.sampling_hz(case), loaders.n_samples(case))
        reference = self._labels(loaders.beats(case), period)
        seconds = max(period.end - period.start, 0) / period.sampling_hz
        if said is None:
            counts = missed_everywhere(reference, start=period.start, end=period.end)
            return (*_cells(counts), seconds, seconds)
        test = self._labels(said, period)
        counts = match(reference, test, start=period.start, end=period.end, window=period.window)
        return (*_cells(counts), seconds, _shutdown_samples(test, period) / period.sampling_hz)

    def _period(self, sampling_hz: float, n_samples: int) -> _Period:
        # A hair is added before cutting: 0.15 s of 200 Hz are 30 samples, whatever the binary fraction says.
        window = math.floor(WINDOW_PERCENT_OF_SECOND * sampling_hz / 100 + 1e-9)
        return _Period(math.floor(self.learning_seconds * sampling_hz + 1e-9), n_samples, window, sampling_hz)

    def _labels(self, beats: Beats, period: _Period) -> BeatLabels:
        own_hz = beats.sampling_hz or period.sampling_hz
        if own_hz != period.sampling_hz:
            scaled = np.rint(np.asarray(beats.samples) * (period.sampling_hz / own_hz)).astype(np.int64)
            beats = dataclasses.replace(beats, samples=scaled)
        return beat_labels(beats, period.window, self.escape_beats)


_ERROR_KINDS = (
    ("beats_missed", [cell for cell in CELLS if cell[1] in "ox"], "NSVFQ"),
    ("beats_extra", [cell for cell in CELLS if cell[0] in "OX"], "NSVFQ"),
    ("veb_missed", [cell for cell in CELLS if cell[0] == "V" and cell[1] != "v"], "V"),
    ("veb_false", ["Nv", "Sv", "Ov", "Xv"], "V"),
)


def _loaders(context: JudgingContext) -> _Loaders:
    if context.reference_beats is None or context.sampling_hz is None or context.n_samples is None:
        raise ProtocolError(Problem(key="tasks.no_reference_beats"))
    return _Loaders(context.reference_beats, context.sampling_hz, context.n_samples)


def _state(answer: Answer | None) -> tuple[Status, str]:
    if answer is None:
        return "failed", NO_OUTPUT
    if answer.status == "answered" and answer.beats is None:
        return "failed", NO_BEATS
    return answer.status, answer.reason


def _reason(cases: Sequence[tuple[Status, str]], status: Status) -> str:
    if status == "answered":
        return ""
    return next((reason for found, reason in cases if found == status), NO_CASES)


def _cells(counts: IntArray) -> tuple[float, ...]:
    return tuple(float(counts[ROWS.index(cell[0]), COLUMNS.index(cell[1])]) for cell in CELLS)


def _shutdown_samples(labels: BeatLabels, period: _Period) -> int:
    return sum(
        max(min(gap.end, period.end) - max(gap.start, period.start), 0) for gap in labels.gaps if gap.kind == "shutdown"
    )


def _table(cells: FloatArray, case_id: str | None) -> Table:
    by_name = dict(zip(CELLS, cells.tolist(), strict=True))
    return Table(
        name="ec57_beats",
        rows=ROWS,
        columns=COLUMNS,
        counts=tuple(tuple(by_name.get(row + column, 0.0) for column in COLUMNS) for row in ROWS),
        case_id=case_id,
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [BeatByBeat]
