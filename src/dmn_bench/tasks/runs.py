"""Runs of ectopic beats of an ECG record: couplets, short and long runs of the device against the reference's.

Columns of its judgements, one row for each record (case), for each origin ("ve", ventricular; "sve", supraventricular):

* ``ve_reference_2_3``: couplets of the reference where the longest run of the device has 3 beats; 0 is none, 6 is more
  than 5. ``ve_device_2_3``: runs of 3 beats of the device where the longest run of the reference is a couplet.
* for each figure of ``FIGURES`` (``ve_couplet_sensitivity`` …) its ``…_numerator`` and ``…_denominator``.

``row_strata`` holds the ``case_id`` of each row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..hookspecs import JudgingContext, Task, hookimpl
from ..vocabulary import Beats, ErrorRow, Judgements, Table
from .annotation_times import NOT_IN_ORDER, is_in_order, on_clock
from .beat_labels import EscapeBeats
from .binary import unanswered
from .episode_records import STANDARD_LEARNING_SECONDS, RecordsToScore, ScoredRecord, check_not_negative
from .error_places import stretches
from .figure_lines import figure_lines
from .run_matching import (
    KIND_BEGINS,
    LONG,
    N_LENGTHS,
    ORIGINS,
    Origin,
    RunMarks,
    Scoring,
    found_runs,
    run_counts,
    run_marks,
)

if TYPE_CHECKING:
    from ..vocabulary import Answer, Curve, ErrorPlace, FloatArray, Unit

NO_BEATS = "no beats"
LENGTHS = (*(str(length) for length in range(LONG)), f">{LONG - 1}")
"""Rows and columns of the tables: run lengths."""
Side = Literal["reference", "device"]
SIDES: tuple[Side, ...] = ("reference", "device")
"""Whose runs are counted: the reference's for sensitivity, the device's for positive predictivity."""
KINDS: Mapping[str, tuple[int, int]] = {"couplet": (2, 2), "short_run": (3, LONG - 1), "long_run": (LONG, LONG)}
"""Shortest and longest length of each kind of run."""
MATRICES: Mapping[Side, str] = {"reference": "sensitivity", "device": "positive_predictivity"}


class Figure(NamedTuple):
    """A share of the runs of a kind of one side: those where the other side has a run of the kind, or longer."""

    origin: Origin
    side: Side
    shortest: int
    longest: int


FIGURES: Mapping[str, Figure] = {
    f"{origin}_{kind}_{MATRICES[side]}": Figure(origin, side, *lengths)
    for origin in ORIGINS
    for kind, lengths in KINDS.items()
    for side in SIDES
}


@dataclass(frozen=True, kw_only=True)
class RunByRun:
    """Run-by-run comparison as the WFDB program rxr does it for ANSI/AAMI EC57: gross, average and by record."""

    name: ClassVar[str] = "runs"

    scoring: Scoring = "rxr"  # corrected: a rhythm that was under way when the test period began is found like others
    escape_beats: EscapeBeats = "S"  # class of j, e and n: S as rxr has it, N as most papers do
    learning_seconds: float = STANDARD_LEARNING_SECONDS  # not scored at the start of a record, >= 0
    finding: str = ""  # name of the finding of the endpoint, where it has one

    def __post_init__(self) -> None:
        """Raise ProtocolError if an option is out of range."""
        check_not_negative(learning_seconds=self.learning_seconds)

    def judge(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> Judgements:
        """One row for each record whose state the analysis does not set apart.

        Raises ProtocolError when there are no reference annotations to load, ReferenceSetError if some are not in order
        of time.
        """
        records = self._records(units, answers, context)
        scored = records.scored()
        counts = np.array([[self._counts(record, origin) for origin in ORIGINS] for record in scored])
        counts = counts.reshape(len(scored), len(ORIGINS), len(SIDES), N_LENGTHS, N_LENGTHS).astype(np.float64)
        return records.judgements(
            self.name, [record.unit for record in scored], _columns(counts), [r.case.case_id for r in scored]
        )

    def tables(self, judgements: Judgements) -> Sequence[Table]:
        """The tables of run lengths of all records, then the lines of figures, gross, average and by record."""
        matrices = [_matrix(judgements, origin, side) for origin in ORIGINS for side in SIDES]
        return [*matrices, *figure_lines(judgements.columns, tuple(FIGURES), judgements.row_strata["case_id"])]

    def curves(self, judgements: Judgements) -> Sequence[Curve]:
        """None: a run has no score."""
        return ()

    def errors(self, judgements: Judgements) -> Sequence[ErrorRow]:
        """Records the device gave no answer for, then records with missed or false runs, worst first."""
        units = judgements.units
        found: list[tuple[float, ErrorRow]] = []
        for row, unit in enumerate(judgements.row_units.tolist()):
            if units.statuses[unit] != "answered":
                continue
            for kind, figures in _ERROR_KINDS.items():
                right, of = (
                    sum(float(judgements.columns[f"{name}_{part}"][row]) for name in figures)
                    for part in ("numerator", "denominator")
                )
                if right < of:
                    wrong = f"{of - right:.0f}"
                    line = ErrorRow(unit_id=units.unit_ids[unit], kind=kind, reference=f"{of:.0f}", answer=wrong)
                    found.append((right - of, line))
        listed = sorted(found, key=lambda pair: (pair[0], pair[1].unit_id, pair[1].kind))
        return [*unanswered(units).values(), *(line for _, line in listed)]

    def places(
        self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext
    ) -> Sequence[ErrorPlace]:
        """Where runs of the answered records are missed or false: stretches of ten seconds round their first beats."""
        found: list[ErrorPlace] = []
        for record in self._records(units, answers, context).answered():
            hz = record.period.sampling_hz
            for origin in ORIGINS:
                sides = self._sides(record, origin)
                for kind, defining, other in (("missed", sides[0], sides[1]), ("false", sides[1], sides[0])):
                    runs = found_runs(defining, other, record.period.window, self.scoring)
                    moments = [one.run.start / hz for one in runs if one.run.length > 1 and one.is_missed]
                    name = f"{origin}_runs_{kind}"
                    found += stretches(record.case.case_id, name, moments, record_s=record.period.end / hz)
        return found

    def _records(self, units: Sequence[Unit], answers: Mapping[str, Answer], context: JudgingContext) -> RecordsToScore:
        return RecordsToScore(
            units=units, answers=answers, context=context, fault=_fault, learning_seconds=self.learning_seconds
        )

    def _counts(self, record: ScoredRecord, origin: Origin) -> FloatArray:
        reference, test = self._sides(record, origin)
        return np.stack(run_counts(reference, test, record.period.window, self.scoring)).astype(np.float64)

    def _sides(self, record: ScoredRecord, origin: Origin) -> tuple[RunMarks, RunMarks]:
        said = None if record.said is None else record.said.beats
        test = _NOTHING if said is None else on_clock(said, record.period.sampling_hz)
        reference = run_marks(record.reference, origin, record.period, self.escape_beats)
        return reference, run_marks(test, origin, record.period, self.escape_beats)


_NOTHING = Beats(samples=np.zeros(0, dtype=np.int64), symbols=())

_ERROR_KINDS: Mapping[str, Sequence[str]] = {
    f"{origin}_runs_{kind}": [name for name, one in FIGURES.items() if (one.origin, one.side) == (origin, side)]
    for origin in ORIGINS
    for side, kind in (("reference", "missed"), ("device", "false"))
}


def _fault(answer: Answer) -> str:
    if answer.beats is None:
        return NO_BEATS
    return "" if is_in_order(answer.beats) else NOT_IN_ORDER


def _columns(counts: FloatArray) -> dict[str, FloatArray]:
    """Columns from counts [n, origin, side, reference length, device length]."""
    columns = {
        f"{origin}_{side}_{row}_{column}": counts[:, o, s, row, column]
        for o, origin in enumerate(ORIGINS)
        for s, side in enumerate(SIDES)
        for row in range(N_LENGTHS)
        for column in range(N_LENGTHS)
    }
    for name, figure in FIGURES.items():
        matrix = counts[:, ORIGINS.index(figure.origin), SIDES.index(figure.side)]
        if figure.side == "device":
            matrix = matrix.swapaxes(1, 2)
        of_kind = matrix[:, figure.shortest : figure.longest + 1]
        columns[f"{name}_numerator"] = of_kind[:, :, KIND_BEGINS[figure.shortest] :].sum(axis=(1, 2))
        columns[f"{name}_denominator"] = of_kind.sum(axis=(1, 2))
    return columns


def _matrix(judgements: Judgements, origin: Origin, side: Side) -> Table:
    sums = {name: float(column.sum()) for name, column in judgements.columns.items()}
    return Table(
        name=f"ec57_{origin}_runs_{MATRICES[side]}",
        rows=LENGTHS,
        columns=LENGTHS,
        counts=tuple(
            tuple(sums[f"{origin}_{side}_{row}_{column}"] for column in range(N_LENGTHS)) for row in range(N_LENGTHS)
        ),
    )


@hookimpl
def register_tasks() -> list[type[Task]]:
    """The tasks of this file."""
    return [RunByRun]
