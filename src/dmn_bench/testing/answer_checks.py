"""Checks of the answers themselves: that there are some, that they are valid, and that they are as declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import Fact, Problem
from ..execution.answer_json import answer_to_json
from ..vocabulary import Answer
from .package import declared_findings, named_findings, unlike, without_id
from .sessions import how_it_failed
from .suite import NotApplicable, Result, Suite

LISTED_AT_MOST = 20
INVALID = ("invalid", "protocol")
NO_CASES = "cases"
REFUSALS = ("rejected_input", "abstained")


def loads(suite: Suite) -> Result:
    """The program loads, within the time that it declares."""
    suite.program  # noqa: B018 - output files load nothing
    try:
        session = suite.first
    except NotApplicable:
        if suite.load_failure is None:
            raise
        return Result(id="loads", outcome="failed", problems=suite.load_failure.problems)
    seconds = [each for outcome in session.outcomes.values() for each in outcome.load_seconds]
    slowest = max(seconds, default=0.0)
    declared = suite.package.manifest.device.needs.seconds_to_load
    problems = []
    if declared is not None and slowest > declared:
        facts = {"found": round(slowest, 3), "declared": declared}
        problems.append(Problem(key="plugin_kit.found.slow_to_load", facts=facts))
    return result("loads", problems, observed={"seconds_to_load": slowest})


def answers(suite: Suite) -> Result:
    """Every case is answered: of the shipped ones each but those that expected.json says are not.

    Of a reference set, cases may be refused, as those of any hospital may be; most of them have to be answered.
    """
    try:
        found = suite.answers
    except NotApplicable as absent:
        failure = suite.cases_failure or suite.results_failure
        wrong = failure.problems if failure else (absent.problem,)
        if failure is None and (absent.key != NO_CASES or suite.package.program is None):
            raise
        return Result(id="answers", outcome="failed", problems=wrong)  # nothing asked is nothing proved
    stated = suite.expected.answers if suite.expected else {}
    problems = []
    for case_id, answer in found.items():
        may_refuse = not suite.cases.is_shipped or stated.get(case_id, {}).get("status", "answered") != "answered"
        if answer.status in ("failed", "unreadable") or (answer.status != "answered" and not may_refuse):
            problems.append(unanswered(answer))
    n_unanswered = len(problems)
    refused = [answer for answer in found.values() if answer.status in REFUSALS]
    n_answered = sum(answer.status == "answered" for answer in found.values())
    if not suite.cases.is_shipped and refused and 2 * n_answered < len(found):
        facts: dict[str, Fact] = {"answered": n_answered, "n": len(found), "refused": len(refused)}
        facts |= {"case": refused[0].case_id, "status": refused[0].status, "reason": refused[0].reason or "—"}
        problems.insert(0, Problem(key="plugin_kit.found.few_answered", facts=facts))
    made = result("answers", problems, n_cases=len(found), n_unanswered=n_unanswered)
    if suite.cases.is_shipped and not refused:
        return made
    return replace(made, evidence={**made.evidence, "n_refused": len(refused)})


def valid_answers(suite: Suite) -> Result:
    """Whatever it returned was an answer as the contract says, in every session."""
    sessions = (suite.first, suite.fresh, suite.reversed)
    every = [outcome.asked.answer for session in sessions for outcome in session.outcomes.values()]
    returned = [answer for answer in every if answer.status != "failed" or how_it_failed(answer) in INVALID]
    wrong = [unanswered(answer) for answer in returned if answer.status == "failed"]
    if not returned:
        raise NotApplicable("answer")
    return result("valid_answers", wrong, n_answers=len(returned), n_invalid=len(wrong))


def expected_answers(suite: Suite) -> Result:
    """Shipped cases are answered as expected.json states."""
    if suite.expected is None:
        raise NotApplicable("expected")
    problems = []
    for case_id, stated in suite.expected.answers.items():
        if case_id not in suite.answers:
            problems.append(Problem(key="plugin_kit.found.expected_unknown", where=case_id))
            continue
        found = without_id(answer_to_json(suite.answers[case_id]))
        problems += [
            Problem(
                key="plugin_kit.found.not_expected", where=case_id, facts={"path": path, "stated": one, "found": two}
            )
            for path, one, two in unlike(stated, found, suite.expected.tolerance)
        ]
    return result("expected_answers", problems, n_stated=len(suite.expected.answers))


def refusals(suite: Suite) -> Result:
    """What it says it refuses it refuses, with a status that says so and a reason."""
    session = suite.refused
    problems = []
    for case_id, outcome in session.outcomes.items():
        answer = outcome.asked.answer
        if answer.status not in REFUSALS:
            facts = {"status": answer.status, "reason": answer.reason or "—"}
            problems.append(Problem(key="plugin_kit.found.not_refused", where=case_id, facts=facts))
    return result("refusals", problems, n_cases=len(session.outcomes), n_not_refused=len(problems))


def declared_names(suite: Suite) -> Result:
    """Every finding it names is one that it declares."""
    declared = declared_findings(suite.package)
    answered = [answer for answer in suite.answers.values() if answer.status not in ("failed", "unreadable")]
    if not answered:
        raise NotApplicable("answer")
    found = {name for answer in answered for name in named_findings(answer)}
    if not declared:
        raise NotApplicable("names", found=", ".join(sorted(found)) or "—")
    known = ", ".join(sorted(declared))
    problems = [
        Problem(key="plugin_kit.found.undeclared_name", facts={"found": name, "known": known})
        for name in sorted(found - declared)
    ]
    return result("declared_names", problems, n_names=len(found))


def declared_scores(suite: Suite) -> Result:
    """Scores lie on the scale that the package declares, else between 0 and 1."""
    outputs = suite.package.manifest.device.outputs or ()
    scales = {output.finding: output.scores for output in outputs if output.scores is not None}
    tolerance = suite.tolerance
    problems, n_scores = [], 0
    for case_id, answer in suite.answers.items():
        for finding, score in _scores(answer):
            low, high = scales.get(finding, (0.0, 1.0))
            n_scores += 1
            if not low - tolerance <= score <= high + tolerance:  # a sum of single-precision shares may be 1.0000001
                facts: dict[str, str | float] = {"finding": finding, "found": score, "low": low, "high": high}
                problems.append(Problem(key="plugin_kit.found.score_off_scale", where=case_id, facts=facts))
    if not n_scores:
        raise NotApplicable("scores")
    return result("declared_scores", problems, n_scores=n_scores, n_off_scale=len(problems))


def result(
    check: str, problems: list[Problem], *, observed: Mapping[str, float] | None = None, **evidence: int
) -> Result:
    """Passed where nothing is wrong; of many problems the first are listed, all are counted."""
    return Result(
        id=check,
        outcome="failed" if problems else "passed",
        problems=tuple(problems[:LISTED_AT_MOST]),
        evidence=evidence,
        observed=observed or {},
    )


def unanswered(answer: Answer) -> Problem:
    """A case without a usable answer, with what was said instead."""
    facts = {"status": answer.status, "reason": answer.reason or "—"}
    return Problem(key="plugin_kit.found.unanswered", where=answer.case_id, facts=facts)


def _scores(answer: Answer) -> list[tuple[str, float]]:
    found = [(name, said.score) for name, said in answer.findings.items() if said.score is not None]
    return found + [(mark.finding, mark.score) for mark in answer.marks or () if mark.score is not None]
