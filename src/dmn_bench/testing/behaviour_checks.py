"""Checks of how a candidate behaves: the same question has the same answer, whatever came before and beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..errors import Problem
from ..execution.variations import differences
from ..vocabulary import Answer
from .answer_checks import result
from .sessions import how_it_failed
from .suite import NotApplicable, Result, Suite

SHOWN_DIFFERENCES = 3
UNUSABLE = ("failed", "unreadable")
UNCLEAN = ("ended", "hung", "protocol", "invalid")
Pairs = Iterable[tuple[str, Answer, Answer]]


def same_answer_twice(suite: Suite) -> Result:
    """The same process gives the same answer to the same case again."""
    return _same("same_answer_twice", suite, ((name, one, two) for name, one, two, _ in suite.same_order()))


def same_answer_fresh(suite: Suite) -> Result:
    """A process that has just begun gives the same answers."""
    return _same("same_answer_fresh", suite, ((name, one, fresh) for name, one, _, fresh in suite.same_order()))


def any_order(suite: Suite) -> Result:
    """The cases from last to first have the same answers."""
    if len(suite.few) < 2:
        raise NotApplicable("several_cases")
    return _same("any_order", suite, _paired(suite, lambda name: suite.reversed.answer(name)))


def any_batch(suite: Suite) -> Result:
    """One request at a time has the same answers as several at once."""
    if suite.program.batch == 1:
        raise NotApplicable("batches")
    return _same("any_batch", suite, _paired(suite, lambda name: suite.one_by_one.answer(name)))


def names_unread(suite: Suite) -> Result:
    """Other identifiers and file names have the same answers."""
    return _same("names_unread", suite, _paired(suite, lambda name: suite.fresh.answer(f"{name} (renamed)")))


def tags_unread(suite: Suite) -> Result:
    """Without descriptive tags the answers are the same, or the package declares which tags it reads."""
    pairs = _paired(suite, lambda name: suite.fresh.answer(f"{name} (stripped)"))
    found = _same("tags_unread", suite, pairs)
    declared = suite.package.manifest.device.needs.descriptive_tags
    if found.outcome == "passed" or not declared:
        return found
    note = Problem(key="plugin_kit.note.tags_declared", facts={"found": ", ".join(declared)})
    return Result(id="tags_unread", outcome="passed", notes=(note, *found.problems), evidence=found.evidence)


def hostile_input(suite: Suite) -> Result:
    """Strange input has a status for an answer, or an error that the program survives; it never hangs or dies."""
    session = suite.hostile
    problems, notes = [], []
    for kind in suite.hostile_kinds:
        answer = session.answer(f"hostile {kind}")
        how = how_it_failed(answer) if answer.status == "failed" else ""
        facts = {"kind": kind, "status": answer.status, "reason": answer.reason or "—"}
        if how in UNCLEAN:
            problems.append(Problem(key=f"plugin_kit.found.hostile_{how}", where=kind, facts=facts))
        elif how == "raised":
            notes.append(Problem(key="plugin_kit.note.hostile_raised", where=kind, facts=facts))
    found = result("hostile_input", problems, n_kinds=len(suite.hostile_kinds), n_raised=len(notes))
    return Result(
        id=found.id, outcome=found.outcome, problems=found.problems, notes=tuple(notes), evidence=found.evidence
    )


def unpoisoned(suite: Suite) -> Result:
    """After strange input a good case has the answer that it had before."""
    first = suite.first.answer(suite.good_case.case_id)
    pairs = ((kind, first, suite.hostile.answer(f"after {kind}")) for kind in suite.hostile_kinds)
    return _same("unpoisoned", suite, pairs)


def memory(suite: Suite) -> Result:
    """No process held more memory than the package declares, while it answered cases."""
    session = suite.first
    peak = max((o.asked.peak_memory_mb or 0.0 for o in session.outcomes.values()), default=0.0)
    if not peak and not _has_answered(suite):
        raise NotApplicable("answer")
    if not peak:
        raise NotApplicable("measured_memory")
    declared = suite.package.manifest.device.needs.memory_mb
    if declared is None:
        raise NotApplicable("memory_mb", observed={"peak_memory_mb": peak})
    problems = []
    if peak > declared:
        problems.append(Problem(key="plugin_kit.found.memory", facts={"found": round(peak), "declared": declared}))
    return result("memory", problems, observed={"peak_memory_mb": peak}, n_answers=len(session.outcomes))


def time(suite: Suite) -> Result:
    """No case took longer than the package declares; the first after loading is left out."""
    outcomes = [outcome.asked for outcome in suite.first.outcomes.values()]
    seconds = [asked.seconds for asked in outcomes if asked.seconds is not None and not asked.is_warm_up]
    hung = sum(how_it_failed(each.answer) == "hung" for each in outcomes if each.answer.status == "failed")
    if not seconds and not hung and not _has_answered(suite):
        raise NotApplicable("answer")
    if not seconds and not hung:
        raise NotApplicable("measured_time")
    longest = max(seconds, default=0.0)
    declared = suite.package.manifest.device.needs.seconds_per_case
    if declared is None:
        raise NotApplicable("seconds_per_case", observed={"seconds_per_case": longest})
    slow = sum(each > declared for each in seconds) + hung
    problems = []
    if slow:
        facts = {"n": slow, "found": round(longest, 3), "declared": declared}
        problems.append(Problem(key="plugin_kit.found.slow", facts=facts))
    return result("time", problems, observed={"seconds_per_case": longest}, n_answers=len(outcomes))


def _has_answered(suite: Suite) -> bool:
    """Whether any case was answered; where all were refused before they were put, nothing was measured."""
    return any(outcome.asked.answer.status == "answered" for outcome in suite.first.outcomes.values())


def _paired(suite: Suite, other: Callable[[str], Answer]) -> Pairs:
    return ((case.case_id, suite.first.answer(case.case_id), other(case.case_id)) for case in suite.few)


def _same(check: str, suite: Suite, pairs: Pairs) -> Result:
    """Passed where both answers of every pair agree within the package's tolerance."""
    tolerance = suite.tolerance
    problems, n_pairs = [], 0
    for name, one, two in pairs:
        if one.status in UNUSABLE:  # that two failures are alike says nothing of the device
            continue
        n_pairs += 1
        unlike = differences(one, two, tolerance)
        if unlike:
            shown = "; ".join(unlike[:SHOWN_DIFFERENCES])
            key = "plugin_kit.found.differs_for" if two.reason else "plugin_kit.found.differs"
            facts = {"found": shown, **({"reason": two.reason} if two.reason else {})}
            problems.append(Problem(key=key, where=name, facts=facts))
    if not n_pairs:
        raise NotApplicable("answer")
    return result(check, problems, n_compared=n_pairs, n_different=len(problems))
