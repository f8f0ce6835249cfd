"""Beats of an ECG record: a test annotation file against the reference one, beat by beat, in AAMI classes.

Columns of its judgements, one row for each record (case): the counts of the beat table, "Nn", "Ns" … "Vo", "Ov", "Xn",
named by row and column of ``tasks.beat_matching``; for each figure of ``tasks.beat_figures`` its ``…_numerator`` and
``…_denominator``, and those of the sensitivities in each context of ``tasks.beat_contexts``
(``veb_sensitivity_isolated_numerator``); ``rr_interval_error_squares`` (ms²) and ``…_intervals``, the same of pairs
alone (``…_paired_squares``); ``heart_rate_error_total`` (/min) over ``…_minutes``; ``seconds`` scored (after the
learning period), ``seconds_not_analysed`` of them (all for a record without an answer, else the device's shutdowns),
``seconds_shutdown`` and ``seconds_shutdown_whole_record``. ``row_strata`` holds the ``case_id`` of each row.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError, ReferenceSetError, collect
from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Beats, Case, ErrorPlace, ErrorRow, Judgements, Status, Table
from .annotation_times import NOT_IN_ORDER, is_in_order, on_clock
from .beat_figures import CELLS, FIGURES, Style, figure_columns, lines
from .beat_labels import BeatLabels, EscapeBeats, beat_labels
from .beat_matching import COLUMNS, NO_BEATS_FOUND, ROWS, Excusing, Matched, Period, match
from .beat_places import beat_places
from .beat_record import COUNTED, counts_of
from .binary import unanswered
from .combining import NO_CASES, NO_OUTPUT, NOT_COUNTED_REFERENCES, unit_table, worst

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, FloatArray, Unit

NO_BEATS = "no beats"
STANDARD_WINDOW_MS, STANDARD_LEARNING_SECONDS = 150.0, 300.0
PACED_BEAT = "/"
ANNOTATED = "annotated"
"""Reference of a unit whose truth is the annotation file of its records."""

SECONDS = ("seconds", "seconds_not_analysed", "seconds_shutdown", "seconds_shutdown_whole_record")
COLUMN_NAMES = (*COUNTED, *SECONDS)


class _Loaders(NamedTuple):
    """What the harness lends to read the reference of a case."""

    beats: Callable[[Case], Beats]
    sampling_hz: Callable[[Case], float]
    n_samples: Callable[[Case], int]


@dataclass(frozen=True, kw_only=True)
class BeatByBeat:
    """Beat-by-beat comparison as the WFDB program bxb does it for ANSI/AAMI EC57: gross, average and by record.

    A record without an answer has every beat missed, wherever its state is not set apart: beats know no other reading
    of a non-answer.
    """

    name: ClassVar[str] = "beats"

    scoring: Style = "ec57"  # bxb: the lines of figures exactly as the C programs print them, with what they get wrong
    escape_beats: EscapeBeats = "S"  # class of j, e and n: S as bxb has it, N as most papers do
    learning_seconds: float = STANDARD_LEARNING_SECONDS  # not scored at the start of a record, >= 0
    window_ms: float = STANDARD_WINDOW_MS  # greatest distance of a pair, > 0
    fibrillation: Excusing = "reference"  # whose ventricular fibrillation excuses beats that one side has alone
    exclude_paced: bool = False  # leave records with paced reference beats out of every figure, as EC57 does
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def __post_init__(self) -> None:
        """Raise ProtocolError with every option out of range."""
        options = {"learning_seconds": self.learning_seconds >= 0, "window_ms": self.window_ms > 0}
        collect(
            [
                Problem(key="tasks.beat_option_out_of_range", facts={"option": name, "found": getattr(self, name)})
                for name, is_right in options.items()
                if not (is_right and math.isfinite(getattr(self, name)))
            ],
            ProtocolError,
        )

    @property
    def is_standard(self) -> bool:
        """Whether window, learning period and fibrillation are those of the standard."""
        return (self.window_ms, self.learning_seconds, self.fibrillation) == (
            STANDARD_WINDOW_MS,
            STANDARD_LEARNING_SECONDS,
            "reference",
        )

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each record whose state the analysis does not set apart.

        Raises ProtocolError when there are no reference annotations to load, ReferenceSetError if some are not in order
        of time.
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
                if status != "answered" and context.analysis.treatment[status] == "apart":
                    continue
                reference = _reference(loaders, case)
                if self.exclude_paced and PACED_BEAT in reference.symbols:
                    continue
                said = answers[case.case_id].beats if status == "answered" else None
                rows.append(self._row(loaders, case, reference, said))
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
        columns = {name: values[:, at] for at, name in enumerate(COLUMN_NAMES)}
        return Judgements(
            task=self.name,
            units=dataclasses.replace(table, references=references),
            row_units=np.array(row_units, dtype=np.int64),
            columns={**columns, **figure_columns(columns)},
            row_strata={"case_id": tuple(case_ids)},
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """The gross beat table and that of each record, then the lines of figures."""
        by_cell = np.array([judgements.columns[cell] for cell in CELLS]).reshape(len(CELLS), -1)
        name = self._table_name()
        each = [_table(name, by_cell[:, row], case_id) for row, case_id in enumerate(judgements.row_strata["case_id"])]
        return [_table(name, by_cell.sum(axis=1), None), *each, *lines(judgements, self.scoring)]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None: a beat has no score."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Records the device gave no answer for, then records with missed, extra or misnamed beats, worst first."""
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

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Where beats of the answered records are missed, extra or misnamed: stretches of ten seconds."""
        loaders = _loaders(context)
        found: list[ErrorPlace] = []
        for case in (case for unit in units if unit.reference not in NOT_COUNTED_REFERENCES for case in unit.cases):
            reference = _reference(loaders, case)
            is_out = self.exclude_paced and PACED_BEAT in reference.symbols
            if not is_out and _state(answers.get(case.case_id))[0] == "answered":
                period = self._period(loaders.sampling_hz(case), loaders.n_samples(case))
                matched = self._matched(reference, answers[case.case_id].beats, period)
                found += beat_places(case.case_id, matched, period)
        return found

    def _table_name(self) -> str:
        """The table's name says what it depends on: where escape beats go, and whether the rules are the standard's."""
        escape = "" if self.escape_beats == "S" else "_escape_n"
        return f"ec57_beats{escape}{'' if self.is_standard else '_nonstandard'}"

    def _row(self, loaders: _Loaders, case: Case, reference: Beats, said: Beats | None) -> tuple[float, ...]:
        period = self._period(loaders.sampling_hz(case), loaders.n_samples(case))
        matched = self._matched(reference, said, period)
        counted = counts_of(matched, period)
        if said is None:
            return (*counted, period.seconds, period.seconds, 0.0, 0.0)
        shut = matched.test.total("shutdown", period.start, period.end) / period.sampling_hz
        anywhere = matched.test.total("shutdown", 0, period.end) / period.sampling_hz
        return (*counted, period.seconds, shut, shut, anywhere)

    def _matched(self, reference: Beats, said: Beats | None, period: Period) -> Matched:
        test = NO_BEATS_FOUND if said is None else self._labels(said, period)
        return match(self._labels(reference, period), test, period, excusing=self.fibrillation)

    def _period(self, sampling_hz: float, n_samples: int) -> Period:
        # A hair is added before cutting: 0.15 s of 200 Hz are 30 samples, whatever the binary fraction says.
        start, window = (
            math.floor(seconds * sampling_hz + 1e-9) for seconds in (self.learning_seconds, self.window_ms / 1000)
        )
        return Period(start, n_samples, window, sampling_hz)

    def _labels(self, beats: Beats, period: Period) -> BeatLabels:
        own_hz = beats.sampling_hz or period.sampling_hz
        beats = _until(beats, (period.end + period.window) * (own_hz / period.sampling_hz))
        return beat_labels(on_clock(beats, period.sampling_hz), period.window, self.escape_beats)


_ERROR_KINDS = (
    ("beats_missed", [cell for cell in CELLS if cell[1] in "ox"], "NSVFQ"),
    ("beats_extra", [cell for cell in CELLS if cell[0] in "OX"], "NSVFQ"),
    ("veb_missed", [cell for cell in CELLS if cell[0] == "V" and cell[1] != "v"], "V"),
    ("veb_false", FIGURES["veb_false_positive_rate"].counted, "V"),
    ("sveb_missed", [cell for cell in CELLS if cell[0] == "S" and cell[1] != "s"], "S"),
    ("sveb_false", FIGURES["sveb_false_positive_rate"].counted, "S"),
)


def _loaders(context: JudgingContext) -> _Loaders:
    if context.reference_beats is None or context.sampling_hz is None or context.n_samples is None:
        raise ProtocolError(Problem(key="tasks.no_reference_beats"))
    return _Loaders(context.reference_beats, context.sampling_hz, context.n_samples)


def _reference(loaders: _Loaders, case: Case) -> Beats:
    beats = loaders.beats(case)
    if not is_in_order(beats):
        raise ReferenceSetError(Problem(key="tasks.reference_beats_not_in_order", where=case.case_id))
    return beats


def _until(beats: Beats, last: float) -> Beats:
    """The annotations up to a sample: what lies beyond the record's end can be near nothing in it."""
    n = int(np.searchsorted(beats.samples, last, side="right"))
    if n == len(beats.symbols):
        return beats
    return dataclasses.replace(
        beats,
        samples=beats.samples[:n],
        symbols=beats.symbols[:n],
        subtypes=beats.subtypes[:n],
        notes=beats.notes[:n],
    )


def _state(answer: Answer | None) -> tuple[Status, str]:
    if answer is None:
        return "failed", NO_OUTPUT
    if answer.status != "answered":
        return answer.status, answer.reason
    if answer.beats is None:
        return "failed", NO_BEATS
    return ("answered", answer.reason) if is_in_order(answer.beats) else ("failed", NOT_IN_ORDER)


def _reason(cases: Sequence[tuple[Status, str]], status: Status) -> str:
    if status == "answered":
        return ""
    return next((reason for found, reason in cases if found == status), NO_CASES)


def _table(name: str, cells: FloatArray, case_id: str | None) -> Table:
    by_name = dict(zip(CELLS, cells.tolist(), strict=True))
    return Table(
        name=name,
        rows=ROWS,
        columns=COLUMNS,
        counts=tuple(tuple(by_name.get(row + column, 0.0) for column in COLUMNS) for row in ROWS),
        case_id=case_id,
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [BeatByBeat]
