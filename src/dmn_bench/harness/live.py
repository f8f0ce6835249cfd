"""A candidate that answers now: its questions, who puts them, and the ledger that keeps what it said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..errors import CandidateError, Problem, ProtocolError, collect
from ..execution.asking import AskingSummary, Engine, ask
from ..execution.crew import LocalCrew
from ..execution.launcher import ExecutionSettings
from ..execution.ledger import Ledger
from ..execution.loading import loader
from ..execution.questions import Questions
from ..hookspecs import LiveAdapter
from ..vocabulary import AskedAnswer, Case
from .options import Progress, RunOptions
from .planned_candidates import Candidate
from .planning import Prepared
from .timing import Asking


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedLive:
    """Every answer in the ledger for the cases asked for, and how the asking went. ``begun``: no answer is older."""

    asked: Mapping[str, AskedAnswer]
    summary: AskingSummary
    asking: Asking
    begun: str


def ask_live(
    candidate: Candidate,
    prepared: Prepared,
    cases: Sequence[Case],
    options: RunOptions,
    on_progress: Callable[[Progress], None],
) -> AskedLive:
    """Ask about every case that the ledger has no answer for; the answers of all of them, new and old.

    Raises what ``ask`` and ``Ledger`` raise.
    """
    path, shard = ledger_path(candidate, prepared, options), None if options.shard is None else str(options.shard)
    with Ledger(path, _asked_sha256(candidate, prepared), shard=shard) as ledger:
        asked_for = {case.case_id for case in cases}
        statuses = [status for case_id, status in ledger.statuses().items() if case_id in asked_for]
        done, failed = sum(s != "unreadable" for s in statuses), statuses.count("failed")

        def tell(notice: Problem | None = None) -> None:
            on_progress(Progress(candidate=candidate.id, done=done, total=len(cases), failed=failed, notice=notice))

        def on_answer(asked: AskedAnswer) -> None:
            nonlocal done, failed
            done += 1
            failed += asked.answer.status == "failed"
            tell()

        tell(None if ledger.repaired is None else ledger.repaired.as_problem())
        engine = engine_for(candidate, prepared, options)
        summary = ask(cases, engine=engine, ledger=ledger, on_answer=on_answer)
        check_candidate(candidate)
        ledger.seal()
        everything = ledger.answers()
        return AskedLive(
            asked={case.case_id: everything[case.case_id] for case in cases},
            summary=summary,
            asking=Asking(
                load_seconds=summary.load_seconds,
                failed_attempts=ledger.failed_attempts(),
                n_asked=summary.n_asked,
                n_put=summary.n_put,
                n_kept=summary.n_kept,
                wall_seconds=summary.wall_seconds,
                workers=summary.workers,
                on_cluster=options.scheduler is not None,
                batch=cast("LiveAdapter", candidate.adapter).program(candidate.base, {}).batch,
            ),
            begun=ledger.begun(),
        )


def ask_again(
    candidate: Candidate, prepared: Prepared, cases: Sequence[Case], options: RunOptions, again: Again
) -> Mapping[str, AskedAnswer]:
    """One child of this machine asked about these cases, one after the other in the order given; kept apart.

    Raises what ``ask`` and ``Ledger`` raise.
    """
    sha256 = candidate.asked_sha256(prepared.reference_set.sha256, prepared.readers, probe=again.probe)
    with Ledger(options.answers_folder / f"{sha256}.sqlite", sha256) as ledger:
        questions = again.change(questions_for(candidate, prepared, options))
        engine = LocalCrew(questions, 1)
        ask(cases, engine=engine, ledger=ledger, on_answer=lambda _: again.on_answer(), in_given_order=True)
        ledger.seal()
        kept = ledger.answers()
    return {case.case_id: kept[case.case_id] for case in cases}


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """A further asking: its name, what it changes in the questions, and who hears of each answer."""

    probe: str
    change: Callable[[Questions], Questions]
    on_answer: Callable[[], None]


def ledger_path(candidate: Candidate, prepared: Prepared, options: RunOptions) -> Path:
    """The file that keeps the answers: named after what is asked, so that runs that ask the same share it."""
    return options.answers_folder / f"{_asked_sha256(candidate, prepared)}.sqlite"


def engine_for(candidate: Candidate, prepared: Prepared, options: RunOptions) -> Engine:
    """Who puts the questions: processes of this machine, or a cluster.

    Raises ProtocolError for a cluster where only so many clients may work at once.
    """
    if options.scheduler is None:
        return LocalCrew(questions_for(candidate, prepared, options), options.workers)
    if cast("LiveAdapter", candidate.adapter).program(candidate.base, {}).workers is not None:
        raise ProtocolError(Problem(key="pacs.not_on_a_cluster", where=candidate.id))
    from ..execution.cluster import Assignment, DaskCluster

    assignment = Assignment(
        adapter=candidate.adapter_name,
        options=candidate.options,
        candidate_folder=candidate.base,
        candidate_files=candidate.files,
        set_folder=prepared.reference_set.root,
        set_files=prepared.watch.locked,
        readers=prepared.readers,
        settings=settings_of(prepared, options),
        annotator=prepared.reference_set.card.reference_standard.wfdb_annotator,
        masks=prepared.reference_set.mask_files,
        signals=candidate.signals,
    )
    return DaskCluster(options.scheduler, assignment, send_files=options.send_files)


def questions_for(candidate: Candidate, prepared: Prepared, options: RunOptions) -> Questions:
    """What the candidate is asked, by the readers and limits of the run."""
    adapter = cast("LiveAdapter", candidate.adapter)
    return Questions(
        program=adapter.program(candidate.base, {}),
        load=loader(
            prepared.reference_set.root,
            receives=adapter.receives,
            readers=prepared.readers,
            watch=prepared.watch,
            form=candidate.signals,
        ),
        settings=settings_of(prepared, options),
        check_candidate=lambda: check_candidate(candidate),
    )


def check_candidate(candidate: Candidate) -> None:
    """Raises CandidateError naming every file of the candidate that is not what it was when the run began."""
    before = candidate.files
    try:
        now = candidate.adapter.identity(candidate.base)
        changed = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
    except OSError as error:  # a file has gone while they were read
        changed = [Path(str(error.filename)).name]
    problems = [Problem(key="harness.candidate_changed", where=f"{candidate.id}: {name}") for name in changed]
    collect(problems, CandidateError)


def settings_of(prepared: Prepared, options: RunOptions) -> ExecutionSettings:
    """How candidates are asked, from the protocol; the set, the run and the answers are kept from them."""
    said = prepared.protocol.execution
    return ExecutionSettings(
        attempts=said.attempts,
        seconds_per_case=said.seconds_per_case,
        threads=said.threads,
        memory_mb=said.memory_mb,
        processor_seconds_per_case=said.processor_seconds_per_case,
        network=tuple(said.network),
        least_tier=int(said.isolation.rpartition("-")[2]),
        off_limits=tuple(
            str(path.resolve()) for path in (prepared.reference_set.root, options.run_dir, options.answers_folder)
        ),
    )


def _asked_sha256(candidate: Candidate, prepared: Prepared) -> str:
    return candidate.asked_sha256(prepared.reference_set.sha256, prepared.readers)
