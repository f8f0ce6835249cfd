"""The conformance suite run from end to end: every check in order, and the file that says what came of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from ..catalogue.plugin_check import Check, Checked, CheckedCases, CheckedHost, Seen, hashes, package_hashes, seal
from ..errors import Problem
from ..execution.software import installed
from ..files import sha256_of_json
from ..harness.surroundings import machine
from . import answer_checks, behaviour_checks, package_checks
from .package import CASES
from .suite import SUITE, NotApplicable, Result, Suite

CHECKS: Mapping[str, Callable[[Suite], Result]] = {
    "manifest": package_checks.manifest,
    "declarations": package_checks.declarations,
    "loads": answer_checks.loads,
    "answers": answer_checks.answers,
    "valid_answers": answer_checks.valid_answers,
    "expected_answers": answer_checks.expected_answers,
    "refusals": answer_checks.refusals,
    "declared_names": answer_checks.declared_names,
    "declared_scores": answer_checks.declared_scores,
    "same_answer_twice": behaviour_checks.same_answer_twice,
    "same_answer_fresh": behaviour_checks.same_answer_fresh,
    "any_order": behaviour_checks.any_order,
    "any_batch": behaviour_checks.any_batch,
    "names_unread": behaviour_checks.names_unread,
    "tags_unread": behaviour_checks.tags_unread,
    "hostile_input": behaviour_checks.hostile_input,
    "unpoisoned": behaviour_checks.unpoisoned,
    "memory": behaviour_checks.memory,
    "time": behaviour_checks.time,
    "network": package_checks.network,
}
"""Every check by its id, in the order in which they are made and printed."""


def run_check(check: str, suite: Suite) -> Result:
    """One check by its id; what it cannot look at makes it not applicable, with the reason.

    Raises MachineError when no child can be started as asked, ReferenceSetError when the set given cannot be used.
    """
    try:
        return CHECKS[check](suite)
    except NotApplicable as absent:
        return Result(id=check, outcome="not_applicable", notes=(absent.problem,), observed=absent.observed)


def run_checks(suite: Suite, on_result: Callable[[Result], None] = lambda _: None) -> tuple[Result, ...]:
    """Every check in order; ``on_result`` hears of each as soon as it is made. Raises as ``run_check`` does."""
    results = []
    for check in CHECKS:
        results.append(run_check(check, suite))
        on_result(results[-1])
    return tuple(results)


def as_checked(suite: Suite, results: tuple[Result, ...]) -> Checked:
    """What ``plugin-check.json`` says of the results, bound to the files of the package.

    Raises CandidateError if there is no manifest to bind it to.
    """
    package, needs = suite.package, suite.manifest.device.needs
    hosts = {host.address: host for host in needs.hosts or ()}
    checked = Checked(
        candidate=suite.manifest.id,
        adapter=suite.manifest.adapter,
        suite=SUITE,
        dmn_bench=version("dmn-bench"),
        package=package_hashes(suite.folder),
        model=hashes(package.identity),
        cases=_cases(suite),
        isolation=list(suite.isolation),
        hosts=[
            CheckedHost(address=host.address, purpose=host.purpose, images=_sent(suite, host.address, host.images))
            for host in hosts.values()
        ],
        not_declared=list(package_checks.not_declared(suite.manifest.device)),
        checks=[_check(result) for result in results],
        passed=all(result.outcome != "failed" for result in results),
        observed=_observed(results),
    )
    return seal(checked)


def _cases(suite: Suite) -> CheckedCases:
    try:
        cases = suite.cases
    except NotApplicable:
        return CheckedCases(source="shipped", id=CASES, n=0, sha256=sha256_of_json({}))
    return CheckedCases(
        source="shipped" if cases.is_shipped else "reference_set", id=cases.id, n=len(cases.cases), sha256=cases.sha256
    )


def _sent(suite: Suite, address: str, declared: bool | None) -> bool | None:
    program = suite.package.program
    if program is None:
        return declared
    return {"yes": True, "no": False}.get(package_checks.images_sent(program, address, declared))


def _check(result: Result) -> Check:
    return Check(
        id=result.id,
        outcome=result.outcome,
        evidence=dict(result.evidence),
        problems=[_seen(problem) for problem in result.problems],
        notes=[_seen(note) for note in result.notes],
    )


def _seen(problem: Problem) -> Seen:
    return Seen(key=problem.key, where=problem.where, facts=dict(problem.facts))


def _observed(results: tuple[Result, ...]) -> dict[str, Any]:
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "software": installed(),
        "figures": {result.id: dict(result.observed) for result in results if result.observed},
    }
