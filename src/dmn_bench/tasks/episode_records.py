"""Records held against their own reference annotations: which of them count, and what of each is scored.

A record without an answer is scored as one in which the device found nothing, wherever its state is not set apart:
runs and episodes know no other reading of a non-answer.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import Problem, ProtocolError, ReferenceSetError, collect
from ..vocabulary import Judgements, Status
from .annotation_times import is_in_order, on_clock
from .beat_matching import Period
from .combining import NO_CASES, NO_OUTPUT, NOT_COUNTED_REFERENCES, unit_table, worst

if TYPE_CHECKING:
    from ..hookspecs import JudgingContext
    from ..vocabulary import Answer, Beats, Case, FloatArray, Unit

ANNOTATED = "annotated"
"""Reference of a unit whose truth is the annotation file of its records."""
STANDARD_LEARNING_SECONDS = 300.0
WINDOW_SECONDS = 0.15

Fault = Callable[["Answer"], str]
"""Why the content of an answer cannot be judged, "" if it can."""


class ScoredRecord(NamedTuple):
    """One record that counts. ``said``: the answer, None where there is none; ``unit``: its place among the units."""

    unit: int
    case: Case
    reference: Beats  # on the clock of the record
    period: Period
    said: Answer | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordsToScore:
    """The units of an endpoint as records with reference annotations.

    ``fault``: why an answered case cannot be judged all the same; it has failed then.
    """

    units: Sequence[Unit]
    answers: Mapping[str, Answer]
    context: JudgingContext
    fault: Fault
    learning_seconds: float

    def scored(self) -> list[ScoredRecord]:
        """Every record whose state the analysis does not set apart, in the order of the units.

        Raises ProtocolError when there are no reference annotations to load, ReferenceSetError if some are not in order
        of time.
        """
        return [
            self._record(index, case, status)
            for index, case, status in self._counted()
            if status == "answered" or self.context.analysis.treatment[status] != "apart"
        ]

    def answered(self) -> list[ScoredRecord]:
        """The answered records among them."""
        return [self._record(index, case, status) for index, case, status in self._counted() if status == "answered"]

    def judgements(
        self, task: str, row_units: Sequence[int], columns: Mapping[str, FloatArray], case_ids: Sequence[str]
    ) -> Judgements:
        """Judgements with these rows; ``case_ids``: of each row."""
        states = [[self._state(case) for case in unit.cases] for unit in self.units]
        statuses = [worst(status for status, _ in cases) for cases in states]
        reasons = [_reason(cases, status) for cases, status in zip(states, statuses, strict=True)]
        table = unit_table(self.units, self.context.patients, statuses, reasons)
        # What truth.csv says of a record is another question than its annotations.
        references = tuple(
            name if unit.reference in NOT_COUNTED_REFERENCES else ANNOTATED
            for unit, name in zip(self.units, table.references, strict=True)
        )
        return Judgements(
            task=task,
            units=dataclasses.replace(table, references=references),
            row_units=np.array(row_units, dtype=np.int64),
            columns=columns,
            row_strata={"case_id": tuple(case_ids)},
        )

    def _counted(self) -> list[tuple[int, Case, Status]]:
        return [
            (index, case, self._state(case)[0])
            for index, unit in enumerate(self.units)
            if unit.reference not in NOT_COUNTED_REFERENCES
            for case in unit.cases
        ]

    def _record(self, index: int, case: Case, status: Status) -> ScoredRecord:
        context = self.context
        if context.reference_beats is None or context.sampling_hz is None or context.n_samples is None:
            raise ProtocolError(Problem(key="tasks.no_reference_beats"))
        period = _period(context.sampling_hz(case), context.n_samples(case), self.learning_seconds)
        reference = context.reference_beats(case)
        if not is_in_order(reference):
            raise ReferenceSetError(Problem(key="tasks.reference_beats_not_in_order", where=case.case_id))
        said = self.answers[case.case_id] if status == "answered" else None
        return ScoredRecord(index, case, on_clock(reference, period.sampling_hz), period, said)

    def _state(self, case: Case) -> tuple[Status, str]:
        answer = self.answers.get(case.case_id)
        if answer is None:
            return "failed", NO_OUTPUT
        if answer.status != "answered":
            return answer.status, answer.reason
        fault = self.fault(answer)
        return ("failed", fault) if fault else ("answered", answer.reason)


def check_not_negative(**options: float) -> None:
    """Raise ProtocolError naming every option that is no number from 0 on."""
    collect(
        [
            Problem(key="tasks.option_negative", where=name, facts={"option": name, "found": value})
            for name, value in options.items()
            if not (math.isfinite(value) and value >= 0)
        ],
        ProtocolError,
    )


def _period(sampling_hz: float, n_samples: int, learning_seconds: float) -> Period:
    # A hair is added before cutting: 0.15 s of 200 Hz are 30 samples, whatever the binary fraction says.
    start, window = (math.floor(seconds * sampling_hz + 1e-9) for seconds in (learning_seconds, WINDOW_SECONDS))
    return Period(start, n_samples, window, sampling_hz)


def _reason(cases: Sequence[tuple[Status, str]], status: Status) -> str:
    if status == "answered":
        return ""
    return next((reason for found, reason in cases if found == status), NO_CASES)
