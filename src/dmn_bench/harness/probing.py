"""Probes of a device's behaviour: cases of the run asked again, and whether what it says depends on how it is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..execution.questions import Questions
from ..execution.variations import differences, largest_score_difference, renamed, stripped
from ..hookspecs import LiveAdapter
from ..protocol.shape import ProbeName
from ..record import ProbeRow
from ..tasks.classification import case_outcome
from ..vocabulary import Answer, Case, OperatingPoint
from .gathering import Gathered, cases_to_ask, drawn, in_words_of_the_set
from .live import Again, ask_again
from .options import Progress, RunOptions
from .planned_candidates import Candidate
from .planning import Prepared

CASES_LISTED = 20
NOT_COMPARED = ("unreadable", "not_sent")  # nobody asked the device
FIRST = "same"  # the asking that the others are compared with


def probe_rows(
    prepared: Prepared,
    gathered: Mapping[str, Gathered],
    options: RunOptions,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> list[ProbeRow]:
    """Every probe that the protocol asks for, for every candidate that is asked live, in the order of the protocol.

    One fresh process is asked about the drawn cases one after the other, in an order that is always the same;
    ``repeatability`` compares these answers with those of the run. Each further probe asks one more fresh process and
    compares with the first: in the opposite order (``order``), one case at a time where it is asked in batches
    (``batch``), under other names (``identifiers``), without what describes an image (``descriptors``).
    Answers are kept like those of the run: a run that is resumed asks nothing twice. Raises what asking raises.
    """
    said = prepared.protocol.probes
    if not said.kinds:
        return []
    cases = drawn(cases_to_ask(prepared, options), said.cases, prepared.protocol.statistics.seed)
    return [
        row
        for candidate in prepared.candidates
        if candidate.is_live
        for row in _Prober(candidate, prepared, options, on_progress, cases).rows(gathered[candidate.id])
    ]


@dataclass(frozen=True)
class _Prober:
    candidate: Candidate
    prepared: Prepared
    options: RunOptions
    on_progress: Callable[[Progress], None]
    cases: Sequence[Case]

    def rows(self, gathered: Gathered) -> list[ProbeRow]:
        of_run = {case.case_id: gathered.answers[case.case_id] for case in self.cases}
        first = self._asked(FIRST, lambda questions: questions)
        return [self._row(kind, of_run, first) for kind in self.prepared.protocol.probes.kinds]

    def _row(self, kind: ProbeName, of_run: Mapping[str, Answer], first: Mapping[str, Answer]) -> ProbeRow:
        if kind == "repeatability":
            return self._compared(kind, of_run, first)
        if kind == "order":
            return self._compared(kind, first, self._asked(kind, lambda questions: questions, reverse=True))
        if kind == "identifiers":
            return self._compared(kind, first, self._asked(kind, _with(load=renamed)))
        if kind == "descriptors":
            return self._compared(kind, first, self._asked(kind, _with(load=stripped)))
        if self._takes_batches():
            return self._compared(kind, first, self._asked(kind, _one_by_one))
        return ProbeRow(candidate=self.candidate.id, probe=kind, not_applicable="one_at_a_time")

    def _takes_batches(self) -> bool:
        return cast("LiveAdapter", self.candidate.adapter).program(self.candidate.base, {}).batch > 1

    def _asked(
        self, name: str, change: Callable[[Questions], Questions], *, reverse: bool = False
    ) -> Mapping[str, Answer]:
        done = 0

        def on_answer() -> None:
            nonlocal done
            done += 1
            self.on_progress(
                Progress(candidate=f"{self.candidate.id}/{name}", done=done, total=len(self.cases), failed=0)
            )

        cases = tuple(reversed(self.cases)) if reverse else self.cases
        again = Again(probe=name, change=change, on_answer=on_answer)
        asked = ask_again(self.candidate, self.prepared, cases, self.options, again)
        return {case_id: in_words_of_the_set(each.answer, self.candidate.findings) for case_id, each in asked.items()}

    def _compared(self, kind: ProbeName, first: Mapping[str, Answer], second: Mapping[str, Answer]) -> ProbeRow:
        tolerance = self.prepared.protocol.probes.tolerance
        pairs = [(first[case.case_id], second[case.case_id]) for case in self.cases]
        pairs = [pair for pair in pairs if not any(answer.status in NOT_COMPARED for answer in pair)]
        lines = {one.case_id: differences(one, other, tolerance) for one, other in pairs}
        different = [case_id for case_id, found in lines.items() if found]
        scores = [score for pair in pairs if (score := largest_score_difference(*pair)) is not None]
        return ProbeRow(
            candidate=self.candidate.id,
            probe=kind,
            n_cases=len(pairs),
            n_different=len(different),
            n_calls_changed=_calls_changed(pairs, self.candidate.operating_points),
            largest_score_difference=max(scores, default=None),
            tolerance=tolerance,
            cases=different[:CASES_LISTED],
            first_difference=lines[different[0]][0] if different else "",
        )


def _with(*, load: Callable[..., object]) -> Callable[[Questions], Questions]:
    return lambda questions: dataclasses.replace(questions, load=load(questions.load))  # type: ignore[arg-type]


def _one_by_one(questions: Questions) -> Questions:
    return dataclasses.replace(questions, program=dataclasses.replace(questions.program, batch=1))


def _calls_changed(pairs: Sequence[tuple[Answer, Answer]], points: Mapping[str, OperatingPoint]) -> int | None:
    """Cases of which some finding is called otherwise the second time; None if nobody calls anything."""
    changed, compared = 0, False
    for one, other in pairs:
        of_case = False
        for finding in {*one.findings, *other.findings}:
            calls = [case_outcome(answer, finding, points.get(finding)) for answer in (one, other)]
            compared = compared or any(call.call is not None for call in calls)
            of_case = of_case or (calls[0].status, calls[0].call) != (calls[1].status, calls[1].call)
        changed += of_case
    return changed if compared else None
