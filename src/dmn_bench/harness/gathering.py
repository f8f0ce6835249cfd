"""Every case of the set with one answer per candidate: asked, read from files, or declared never sent by the site."""

from __future__ import annotations

import dataclasses
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..errors import InputFileError, Problem, ProtocolError, collect
from ..execution.answer_json import answer_to_json
from ..execution.asking import AskingSummary, ask
from ..execution.launcher import ExecutionSettings
from ..execution.ledger import Ledger
from ..files import canonical_json, write_atomically
from ..hookspecs import CaseKeys, FileAdapter, LiveAdapter
from ..inputs.requests import case_keys, load_case
from ..reference_set.csv_rows import Problems, Shape, Table
from ..vocabulary import Answer, AskedAnswer, Case, Origin, Request
from .planning import Candidate, Prepared
from .timing import Asking


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the asking of one candidate is."""

    candidate: str
    done: int
    total: int
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The answers of one candidate, every case of the set in them, and how the asking went."""

    answers: Mapping[str, Answer]
    asked: Mapping[str, AskedAnswer]
    summary: AskingSummary | None  # None: read from files
    asking: Asking | None = None  # None: read from files
    begun: str = ""  # ISO 8601: no answer is older; "" when read from files, whose age nobody knows


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """Where a run is kept and how many processes work for it; nothing here changes a result."""

    run_dir: Path
    answers_dir: Path | None = None  # None: ``answers`` beside the run
    workers: int = 1
    resume: bool = False


def gather(
    candidate: Candidate, prepared: Prepared, options: RunOptions, on_progress: Callable[[Progress], None]
) -> Gathered:
    """One answer for every case of the set, in the set's own names, kept in the run's folder as JSON lines."""
    not_sent = not_sent_cases(prepared)
    sent = tuple(case for case in prepared.reference_set.cases if case.case_id not in not_sent)
    if candidate.is_live:
        gathered = _asked_live(candidate, prepared, sent, options, on_progress)
    else:
        gathered = _read_from_files(candidate, prepared)
        _refuse_answered(gathered, not_sent, candidate, prepared)
        failed = sum(a.status == "failed" for a in gathered.answers.values())
        on_progress(Progress(candidate=candidate.id, done=len(sent), total=len(sent), failed=failed))
    renamed = {case_id: _renamed(answer, candidate.findings) for case_id, answer in gathered.answers.items()}
    declared = {case_id: Answer(case_id=case_id, status="not_sent", reason=why) for case_id, why in not_sent.items()}
    answers = {case.case_id: {**renamed, **declared}[case.case_id] for case in prepared.reference_set.cases}
    lines = (canonical_json(answer_to_json(answer)) for answer in answers.values())
    write_atomically(options.run_dir / f"answers.{candidate.id}.jsonl", "".join(f"{line}\n" for line in lines))
    return dataclasses.replace(gathered, answers=answers)


def not_sent_cases(prepared: Prepared) -> Mapping[str, str]:
    """Cases that the site declares it never sent, from its own file of case_id and reason.

    Raises ProtocolError with every line that is wrong or names no case of the set.
    """
    if prepared.protocol.not_sent is None:
        return {}
    path = prepared.path.parent / prepared.protocol.not_sent
    problems = Problems()
    known = {case.case_id for case in prepared.reference_set.cases}
    found: dict[str, str] = {}
    for line, row in Table(path, Shape(required=("case_id", "reason")), problems).rows():
        if row["case_id"] not in known:
            problems.add("harness.not_sent_unknown", f"{path.name}:{line}", found=row["case_id"])
        found[row["case_id"]] = row["reason"]
    collect(problems.all(), ProtocolError)
    return found


def _asked_live(
    candidate: Candidate,
    prepared: Prepared,
    cases: tuple[Case, ...],
    options: RunOptions,
    on_progress: Callable[[Progress], None],
) -> Gathered:
    adapter = cast("LiveAdapter", candidate.adapter)
    root, readers = prepared.reference_set.root, prepared.readers
    asked_sha256 = candidate.asked_sha256(prepared.reference_set.sha256, readers)
    folder = options.answers_dir or options.run_dir.parent / "answers"

    def load(case: Case, scratch: Path) -> tuple[Request, Origin]:
        request_id = secrets.token_hex(8)
        receives = adapter.receives
        try:
            return load_case(case, root, receives=receives, readers=readers, request_id=request_id, scratch=scratch)
        except InputFileError as error:
            raise _within_the_set(error, root) from error

    with Ledger(folder / f"{asked_sha256}.sqlite", asked_sha256) as ledger:
        kept = ledger.answers()
        counts = {"done": len(kept), "failed": sum(a.answer.status == "failed" for a in kept.values())}

        def on_answer(asked: AskedAnswer) -> None:
            counts["done"] += 1
            counts["failed"] += asked.answer.status == "failed"
            on_progress(Progress(candidate=candidate.id, total=len(cases), **counts))

        on_progress(Progress(candidate=candidate.id, total=len(cases), **counts))
        start = time.monotonic()
        summary = ask(
            adapter.program(candidate.base, {}),
            cases,
            load=load,
            ledger=ledger,
            settings=settings_of(prepared, options),
            on_answer=on_answer,
        )
        asking = Asking(
            load_seconds=ledger.load_seconds(),
            failed_attempts=ledger.failed_attempts(),
            n_asked=summary.n_asked,
            n_kept=summary.n_kept,
            wall_seconds=time.monotonic() - start,
            workers=options.workers,
        )
        everything, begun = ledger.answers(), ledger.begun()
    asked = {case.case_id: everything[case.case_id] for case in cases}
    answers = {case_id: each.answer for case_id, each in asked.items()}
    return Gathered(answers=answers, asked=asked, summary=summary, asking=asking, begun=begun)


def _within_the_set(error: InputFileError, root: Path) -> InputFileError:
    """The same problems at places of the set: a path of this machine has no business in an answer."""
    paths = (str(root) + os.sep, str(root.resolve()) + os.sep)
    problems = []
    for problem in error.problems:
        where = problem.where
        for path in paths:
            where = where.removeprefix(path)
        problems.append(dataclasses.replace(problem, where=where))
    return InputFileError(*problems)


def settings_of(prepared: Prepared, options: RunOptions) -> ExecutionSettings:
    """How candidates are asked, from the protocol and the options of the command."""
    said = prepared.protocol.execution
    return ExecutionSettings(
        attempts=said.attempts,
        seconds_per_case=said.seconds_per_case,
        threads=said.threads,
        workers=options.workers,
        memory_mb=said.memory_mb,
    )


def _read_from_files(candidate: Candidate, prepared: Prepared) -> Gathered:
    adapter = cast("FileAdapter", candidate.adapter)
    keys = [_keys(case, prepared) for case in prepared.reference_set.cases]
    asked = {each.answer.case_id: each for each in adapter.answers(keys, candidate.base)}
    return Gathered(answers={i: a.answer for i, a in asked.items()}, asked=asked, summary=None)


def _keys(case: Case, prepared: Prepared) -> CaseKeys:
    """The names of a case; by its own id alone when its files cannot be read, for the vendor may have read them."""
    try:
        return case_keys(case, prepared.reference_set.root, prepared.readers)
    except InputFileError:
        return CaseKeys(case=case, sop_instance_uids={})


def _refuse_answered(gathered: Gathered, not_sent: Mapping[str, str], candidate: Candidate, prepared: Prepared) -> None:
    """Raises ProtocolError naming every case that was answered although the site says it was never sent."""
    answered = sorted(case_id for case_id in not_sent if gathered.answers[case_id].status != "failed")
    if answered:
        facts: dict[str, str | int] = {"candidate": candidate.id, "n": len(answered)}
        facts["found"] = ", ".join(answered[:20])
        raise ProtocolError(
            Problem(key="harness.not_sent_answered", where=str(prepared.protocol.not_sent), facts=facts)
        )


def _renamed(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The vendor's words for findings replaced by the set's; two words for one finding are two answers: a failure."""
    if not names:
        return answer

    def ours(name: str) -> str:
        return names.get(name, name)

    for said in (answer.findings, answer.grades, answer.finding_statuses):
        if len({ours(name) for name in said}) < len(said):
            return Answer(case_id=answer.case_id, status="failed", reason="two answers for one finding")
    marks = answer.marks
    if marks is not None:
        marks = tuple(dataclasses.replace(mark, finding=ours(mark.finding)) for mark in marks)
    return dataclasses.replace(
        answer,
        findings={ours(name): said for name, said in answer.findings.items()},
        grades={ours(name): said for name, said in answer.grades.items()},
        finding_statuses={ours(name): status for name, status in answer.finding_statuses.items()},
        marks=marks,
    )
