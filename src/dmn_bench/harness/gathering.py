"""Every case of the set with one answer per candidate: asked, read from files, or declared never sent by the site."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from ..errors import Problem, ProtocolError, collect
from ..execution.answer_json import answer_to_json
from ..execution.asking import AskingSummary
from ..files import canonical_json, write_atomically
from ..hookspecs import FileAdapter
from ..inputs.hospital_names import with_hospital_names
from ..reference_set.csv_rows import Problems, Shape, Table
from ..reference_set.identity import Identity, read_identity, without_source_names
from ..vocabulary import Answer, AskedAnswer, Case
from .live import ask_live
from .options import Progress, RunOptions
from .planned_candidates import Candidate
from .planned_grades import on_its_scales
from .planning import Prepared
from .timing import Asking


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The answers of one candidate, every case of the set in them, and how the asking went."""

    answers: Mapping[str, Answer]
    asked: Mapping[str, AskedAnswer]  # read from files: those of which more is known than the answer
    summary: AskingSummary | None  # None: read from files
    asking: Asking | None = None  # None: read from files
    begun: str = ""  # ISO 8601: no answer is older; "" when read from files, whose age nobody knows


def gather(
    candidate: Candidate, prepared: Prepared, options: RunOptions, on_progress: Callable[[Progress], None]
) -> Gathered:
    """One answer for every case of the set, in the set's own names, kept in the run's folder as JSON lines."""
    not_sent, sent = not_sent_cases(prepared), cases_to_ask(prepared, options)
    if candidate.is_live:
        gathered = _asked_live(candidate, prepared, sent, options, on_progress)
    else:
        gathered = _read_from_files(candidate, prepared)
        _refuse_answered(gathered, not_sent, candidate, prepared)
        failed = sum(a.status == "failed" for a in gathered.answers.values())
        on_progress(Progress(candidate=candidate.id, done=len(sent), total=len(sent), failed=failed))
    declared = {case_id: Answer(case_id=case_id, status="not_sent", reason=why) for case_id, why in not_sent.items()}
    answers = {
        case.case_id: declared.get(case.case_id)
        or on_its_scales(
            in_words_of_the_set(on_its_side(gathered.answers[case.case_id], case), candidate.findings),
            candidate,
            prepared.endpoints,
        )
        for case in prepared.reference_set.cases
    }
    lines = (f"{canonical_json(answer_to_json(answer))}\n" for answer in answers.values())
    write_atomically(options.run_dir / f"answers.{candidate.id}.jsonl", lines)
    return dataclasses.replace(gathered, answers=answers)


def gather_part(
    candidate: Candidate, prepared: Prepared, options: RunOptions, on_progress: Callable[[Progress], None]
) -> None:
    """Ask a live candidate about the cases of ``options.shard``; output files have nothing to ask."""
    if candidate.is_live:
        ask_live(candidate, prepared, cases_to_ask(prepared, options), options, on_progress)


def cases_to_ask(prepared: Prepared, options: RunOptions) -> tuple[Case, ...]:
    """The cases of the run, or of its part, but for those that the site declares it never sent."""
    not_sent = not_sent_cases(prepared)
    cases = prepared.reference_set.cases
    of_part = cases if options.shard is None else options.shard.of(cases)
    return tuple(case for case in of_part if case.case_id not in not_sent)


def drawn(cases: Sequence[Case], n: int, seed: int) -> tuple[Case, ...]:
    """``n`` of the cases, or all, drawn by the seed of the protocol and put in the order of the draw."""
    order = np.random.default_rng(seed).permutation(len(cases))
    return tuple(cases[place] for place in order[:n])


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
    live = ask_live(candidate, prepared, cases, options, on_progress)
    answers = {case_id: each.answer for case_id, each in live.asked.items()}
    return Gathered(answers=answers, asked=live.asked, summary=live.summary, asking=live.asking, begun=live.begun)


def answers_in_files(candidate: Candidate, prepared: Prepared) -> Mapping[str, Answer]:
    """What the files of a candidate say of each case of the set, in the set's own names; nothing is kept.

    Raises CandidateError with every problem of the files.
    """
    answers = _read_from_files(candidate, prepared).answers
    return {case_id: in_words_of_the_set(answer, candidate.findings) for case_id, answer in answers.items()}


def _read_from_files(candidate: Candidate, prepared: Prepared) -> Gathered:
    adapter = cast("FileAdapter", candidate.adapter)
    identity = read_identity(prepared.reference_set.root)
    keys = [
        with_hospital_names(each, identity[each.case.case_id]) if each.case.case_id in identity else each
        for each in prepared.headers.keys_of_cases(prepared.reference_set.cases)
    ]
    answers: dict[str, Answer] = {}
    asked: dict[str, AskedAnswer] = {}
    for each in adapter.answers(keys, candidate.base):
        answers[each.answer.case_id] = in_names_of_the_set(each.answer, identity.get(each.answer.case_id))
        if each.attempt > 1:  # of the others a file says no more than the answer
            asked[each.answer.case_id] = each
    return Gathered(answers=answers, asked=asked, summary=None)


def in_names_of_the_set(answer: Answer, identity: Identity | None) -> Answer:
    """The answer with the hospital's SOP Instance UIDs and file names replaced by the set's: no record holds them."""
    if identity is None:
        return answer
    if answer.reason:
        answer = dataclasses.replace(answer, reason=without_source_names(answer.reason, identity, answer.case_id))
    if not (answer.masks or answer.contours):
        return answer
    own = {names.sop_instance_uid: names.copy_sop_instance_uid or None for names in identity.objects}

    def named(instance: str | None) -> str | None:
        return own.get(instance, instance) if instance is not None else None

    masks, contours = answer.masks, answer.contours
    return dataclasses.replace(
        answer,
        masks=masks and tuple(dataclasses.replace(each, instance=named(each.instance)) for each in masks),
        contours=contours and tuple(dataclasses.replace(each, instance=named(each.instance)) for each in contours),
    )


def _refuse_answered(gathered: Gathered, not_sent: Mapping[str, str], candidate: Candidate, prepared: Prepared) -> None:
    """Raises ProtocolError naming every case that was answered although the site says it was never sent."""
    answered = sorted(case_id for case_id in not_sent if gathered.answers[case_id].status != "failed")
    if answered:
        facts: dict[str, str | int] = {"candidate": candidate.id, "n": len(answered)}
        facts["found"] = ", ".join(answered[:20])
        raise ProtocolError(
            Problem(key="harness.not_sent_answered", where=str(prepared.protocol.not_sent), facts=facts)
        )


def on_its_side(answer: Answer, case: Case) -> Answer:
    """The answer, or a failure where it says that it is of the other side than the case: the sides were mixed up.

    A side that one of the two leaves open, or both sides at once, contradicts nothing.
    """
    if {answer.laterality, case.laterality} != {"L", "R"}:
        return answer
    reason = f"laterality {answer.laterality} of a case that is {case.laterality}"
    return Answer(case_id=answer.case_id, status="failed", reason=reason, laterality=answer.laterality)


def in_words_of_the_set(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The vendor's words for findings replaced by the set's; two words for one finding are two answers: a failure."""
    if not names:
        return answer

    def ours(name: str) -> str:
        structure, at, image = name.partition(" @ ")  # of a structure on one of several images
        return names.get(name) or names.get(structure, structure) + at + image

    for said in (answer.findings, answer.grades, answer.finding_statuses):
        if len({ours(name) for name in said}) < len(said):
            return Answer(case_id=answer.case_id, status="failed", reason="two answers for one finding")
    marks = answer.marks
    if marks is not None:
        marks = tuple(dataclasses.replace(mark, finding=ours(mark.finding)) for mark in marks)
    masks, contours = answer.masks, answer.contours  # two words for one structure are two parts of it
    return dataclasses.replace(
        answer,
        findings={ours(name): said for name, said in answer.findings.items()},
        grades={ours(name): said for name, said in answer.grades.items()},
        finding_statuses={ours(name): status for name, status in answer.finding_statuses.items()},
        marks=marks,
        masks=masks and tuple(dataclasses.replace(mask, structure=ours(mask.structure)) for mask in masks),
        contours=contours and tuple(dataclasses.replace(each, structure=ours(each.structure)) for each in contours),
    )
