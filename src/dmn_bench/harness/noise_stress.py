"""The noise stress test: recordings asked again with noise added, and what becomes of the metrics of beats."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Problem, ProtocolError, collect
from ..execution.noise import LEAST_NORMAL_BEATS, NoiseKind, NoiseStress, can_be_stressed, noisy
from ..execution.questions import Questions
from ..hookspecs import JudgingContext
from ..record import NoiseRow
from ..vocabulary import Answer, Case
from .estimating import estimate_rows
from .gathering import Gathered, cases_to_ask, drawn, in_words_of_the_set
from .judging import Judge, analyses
from .live import Again, ask_again
from .options import Progress, RunOptions
from .planned_candidates import Candidate
from .planning import PlannedEndpoint, Prepared

STRESSED_TASKS = ("beats",)


def check_noise_stress(prepared: Prepared, options: RunOptions) -> None:
    """Raises ProtocolError where the protocol asks for noise and has no endpoint of beats, or no recording for it."""
    if prepared.protocol.noise_stress.kinds:
        _drawn(prepared, options, _endpoints(prepared)[0])


def noise_rows(
    prepared: Prepared,
    gathered: Mapping[str, Gathered],
    options: RunOptions,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> list[NoiseRow]:
    """Every metric of every endpoint of beats, for every candidate that is asked live, without noise and with each.

    The same drawn recordings are asked at every kind and ratio, by a fresh process for each; those without enough
    normal beats to measure the signal by are not drawn. Answers are kept like those of the run. Raises what
    ``check_noise_stress`` and asking raise.
    """
    if not prepared.protocol.noise_stress.kinds:
        return []
    endpoints = _endpoints(prepared)
    cases = _drawn(prepared, options, endpoints[0])
    return [
        row
        for candidate in prepared.candidates
        if candidate.is_live
        for row in _Stresser(candidate, prepared, options, on_progress, cases, _reader(prepared, endpoints[0])).rows(
            [endpoint for endpoint in endpoints if candidate.id in endpoint.candidates], gathered[candidate.id]
        )
    ]


@dataclass(frozen=True)
class _Stresser:
    candidate: Candidate
    prepared: Prepared
    options: RunOptions
    on_progress: Callable[[Progress], None]
    cases: Sequence[Case]
    context: JudgingContext

    def rows(self, endpoints: Sequence[PlannedEndpoint], gathered: Gathered) -> list[NoiseRow]:
        if not endpoints:
            return []
        as_recorded = {case.case_id: gathered.answers[case.case_id] for case in self.cases}
        found = self._measured(endpoints, as_recorded, "", None)
        for kind in self.prepared.protocol.noise_stress.kinds:
            for snr_db in self.prepared.protocol.noise_stress.snr_db:
                found += self._measured(endpoints, self._asked(kind, snr_db), kind, snr_db)
        return found

    def _asked(self, kind: NoiseKind, snr_db: float) -> Mapping[str, Answer]:
        said, done = self.prepared.protocol.noise_stress, 0
        name = f"noise/{kind}/{snr_db:g}/{said.clean_seconds:g}/{said.noise_seconds:g}/{said.pause_seconds:g}"
        beats, hertz = self.context.reference_beats, self.context.sampling_hz
        if beats is None or hertz is None:
            raise TypeError("beats are judged by reference annotations")
        stress = NoiseStress(
            kind=kind,
            snr_db=snr_db,
            seed=self.prepared.protocol.statistics.seed,
            clean_s=said.clean_seconds,
            noise_s=said.noise_seconds,
            pause_s=said.pause_seconds,
            beats=beats,
            sampling_hz=hertz,
        )

        def change(questions: Questions) -> Questions:
            return dataclasses.replace(questions, load=noisy(questions.load, stress))

        def on_answer() -> None:
            nonlocal done
            done += 1
            shown = f"{self.candidate.id}/{kind} {snr_db:g} dB"
            self.on_progress(Progress(candidate=shown, done=done, total=len(self.cases), failed=0))

        again = Again(probe=f"{name}/{stress.seed}", change=change, on_answer=on_answer)
        asked = ask_again(self.candidate, self.prepared, self.cases, self.options, again)
        return {case_id: in_words_of_the_set(each.answer, self.candidate.findings) for case_id, each in asked.items()}

    def _measured(
        self, endpoints: Iterable[PlannedEndpoint], answers: Mapping[str, Answer], kind: str, snr_db: float | None
    ) -> list[NoiseRow]:
        """Every metric of the primary analysis on the stressed recordings alone."""
        rows = []
        for endpoint in endpoints:
            units = tuple(unit for unit in endpoint.units if all(case.case_id in answers for case in unit.cases))
            judge = Judge(
                prepared=self.prepared,
                endpoint=dataclasses.replace(endpoint, units=units),
                candidate=self.candidate,
                answers=answers,
            )
            judged = judge.judged(analyses(self.prepared.protocol, {})[0])
            whole = dataclasses.replace(judged, groups=judged.groups[:1])
            plans = [plan for plan in endpoint.metrics if not plan.counts_every_unit]
            for row in estimate_rows(whole, plans, self.prepared.protocol.statistics):
                rows.append(
                    NoiseRow(
                        candidate=row.candidate,
                        endpoint=row.endpoint,
                        metric=row.metric,
                        parameters=row.parameters,
                        kind=kind,
                        snr_db=snr_db,
                        scale=row.scale,
                        better=row.better,
                        value=row.value,
                        low=row.low,
                        high=row.high,
                        method=row.method,
                        not_estimable=row.not_estimable,
                        own_n=row.own_n,
                        n_cases=len(units),
                        n_patients=row.n_patients,
                        n_unanswered=row.n_unanswered,
                    )
                )
        return rows


def _endpoints(prepared: Prepared) -> list[PlannedEndpoint]:
    found = [endpoint for endpoint in prepared.endpoints if endpoint.task.name in STRESSED_TASKS]
    collect([] if found else [Problem(key="protocol.noise_without_beats", where=_where(prepared))], ProtocolError)
    return found


def _drawn(prepared: Prepared, options: RunOptions, endpoint: PlannedEndpoint) -> tuple[Case, ...]:
    beats = _reader(prepared, endpoint).reference_beats
    usable = [case for case in cases_to_ask(prepared, options) if beats is not None and can_be_stressed(beats(case))]
    facts = {"least": LEAST_NORMAL_BEATS}
    problem = Problem(key="protocol.noise_without_recordings", where=_where(prepared), facts=facts)
    collect([] if usable else [problem], ProtocolError)
    return drawn(usable, prepared.protocol.noise_stress.cases, prepared.protocol.statistics.seed)


def _where(prepared: Prepared) -> str:
    return f"{prepared.path.name}: noise_stress"


def _reader(prepared: Prepared, endpoint: PlannedEndpoint) -> JudgingContext:
    """What reads reference annotations: the same for every candidate."""
    judge = Judge(prepared=prepared, endpoint=endpoint, candidate=prepared.candidates[0], answers={})
    return judge.context(analyses(prepared.protocol, {})[0])
