"""What a protocol can find on its reference set, before anybody is asked: each rule and stratum with its cases."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from ..catalogue import Catalogue
from ..errors import Fact, Problem, ProtocolError, collect
from ..files import unknown_name
from ..hookspecs import ExactMetric
from ..inputs.header_index import HeaderIndex
from ..protocol import Protocol, Rule, read_protocol
from ..reference_set.lock import Verified
from ..reference_set.watch import Watch
from ..statistics.planning import units_for_goal
from ..statistics.planning_verdicts import CasesAtHand, Chances, Goal, Reach, cases_at_hand, reach, verdict_chances
from ..vocabulary import OperatingPoint
from .estimating import Group, Judged, is_clustered, rows_of
from .foreseeing_quantiles import ForeseenQuantile, foreseen_quantiles, is_quantile, stored_quantile
from .judging import Judge, analyses
from .planning import PlannedEndpoint, PlannedRule, Planner, Prepared
from .set_loading import format_readers, load_set

if TYPE_CHECKING:
    from ..reference_set import ReferenceSet
    from .planned_candidates import Candidate

COUNTED_BEFORE = frozenset(
    {"sensitivity", "specificity", "accuracy", "lesion_sensitivity", "failure_rate", "gradability"}
    | {"within_tolerance", "critical_error_rate", "acceptable_share", "exact_match"}
    | {"micro_sensitivity", "micro_specificity"}
    | {"qrs_sensitivity", "veb_sensitivity", "sveb_sensitivity", "episode_sensitivity", "af_episode_sensitivity"}
    | {f"{origin}_{run}_sensitivity" for origin in ("ve", "sve") for run in ("couplet", "short_run", "long_run")}
)
"""Shares whose denominator is fixed by the reference, whatever a device answers."""

TRUTHS_BESIDE = (-0.2, -0.1, -0.05, -0.025, 0.0, 0.025, 0.05, 0.075, 0.1, 0.15)  # from the limit, on the right side
HIGHEST_TRUTH = 0.99


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumptions:
    """What cannot be known before the answers. ``expected``: rule id ("*": every rule) -> the true value hoped for."""

    icc: float = 1.0  # of right and wrong within a patient; 1: units of a patient are copies
    power: float = 0.8
    truths: tuple[float, ...] = ()  # true values to look at; (): some round the limit of each rule
    expected: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One rule on the whole set or at one level of a field."""

    rule: Rule
    stratum: Mapping[str, str] | None
    judged_alone: bool  # False: a level of a rule over each level, with its simultaneous bound
    goal: Goal
    cases: CasesAtHand
    reach: Reach
    chances: tuple[tuple[float, Chances], ...] = ()  # by true value; () for strata that no rule judges
    expected: float | None = None
    needed_n: int | None = None  # units for the expected value and the power; None without one, or out of reach


@dataclass(frozen=True, kw_only=True, slots=True)
class Foresight:
    """A protocol with what each of its rules can find.

    ``left_out``: rules whose n depends on the answers, or whose metric has no value where they ask for it.
    """

    protocol: Protocol
    reference_set: ReferenceSet
    assumptions: Assumptions
    rules: tuple[Foreseen, ...]
    strata: tuple[Foreseen, ...]  # every planned stratum, judged alone by the limit of a rule on the whole set
    left_out: tuple[Rule, ...]
    quantiles: tuple[ForeseenQuantile, ...] = ()  # rules on a median or another quantile of the cases


@dataclass(frozen=True, kw_only=True, slots=True)
class _Nobody:
    """What judging needs of a candidate, for one that has answered nothing: every unit counts and none is right."""

    id: str = "nobody"
    operating_points: Mapping[str, OperatingPoint] = field(default_factory=dict)


def foresee(
    path: Path, assumptions: Assumptions, *, catalogue: Catalogue, reference_set: Path | None = None
) -> Foresight:
    """What the rules of a protocol can find on its cases. No candidate is made, opened or asked.

    ``reference_set``: another folder than the one the protocol names. The units are counted as a run would count them:
    judged in the primary analysis with every answer still missing, which counts as wrong and so stays in the
    denominator.
    Raises ProtocolError or ReferenceSetError with every problem of the protocol, the set or the assumptions.
    """
    catalogue.check_pending()
    protocol = read_protocol(path)
    _check_expected(assumptions, protocol)
    loaded = load_set(reference_set or path.parent / protocol.reference_set, catalogue)
    prepared = _questions(path, protocol, loaded, catalogue)
    endpoints, rules = prepared.endpoints, prepared.rules
    known = [each for each in rules if _is_counted_before(each)]
    ranked = [each for each in rules if is_quantile(each.plan)]
    asked_of = {each.rule.endpoint for each in (*known, *ranked)}
    judged = {e.entry.name: _judged(prepared, e) for e in endpoints if e.entry.name in asked_of}
    asked = [_Question(each, judged[each.rule.endpoint][each.plan.counts_every_unit], prepared) for each in known]
    found = [question for question in asked if question.groups]
    quantiles = {
        each.rule.id: foreseen_quantiles(each, question.groups, question.judged, prepared, assumptions.power)
        for each in ranked
        for question in [_Question(each, judged[each.rule.endpoint][0], prepared)]
    }
    planned = [question.planned for question in found] + [each for each in ranked if quantiles[each.rule.id]]
    return Foresight(
        protocol=protocol,
        reference_set=loaded,
        assumptions=assumptions,
        rules=tuple(one for question in found for one in question.as_judged(assumptions)),
        strata=tuple(one for question in found for one in question.strata_alone(assumptions)),
        left_out=tuple(each.rule for each in rules if each not in planned),
        quantiles=tuple(one for of_rule in quantiles.values() for one in of_rule),
    )


def plan_content(foresight: Foresight) -> dict[str, Any]:
    """The plan as the protocol stores it: assumptions and results, JSON-like, shares to four decimals.

    A value that there is none of (out of reach, not asked for) has no key.
    """
    said = foresight.assumptions
    card = foresight.reference_set.card
    return {
        "assumptions": {
            "power": said.power,
            "icc": said.icc,
            "expected": dict(said.expected),
            "reference_set": f"{card.id} {card.version}",
        },
        "rules": [_stored(one) for one in foresight.rules],
        "strata": [_stored(one) for one in foresight.strata],
        "left_out": [rule.id for rule in foresight.left_out],
        **({"quantiles": [stored_quantile(one) for one in foresight.quantiles]} if foresight.quantiles else {}),
    }


def _stored(one: Foreseen) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "rule": one.rule.id,
        "stratum": None if one.stratum is None else dict(one.stratum),
        "n_units": one.cases.n_units,
        "n_patients": one.cases.n_patients,
        "interval_n": round(one.cases.interval_n, 4),
        "expected": one.expected,
        "needed_n": one.needed_n,
        "met_from": _to_four(one.reach.met_from),
        "not_met_from": _to_four(one.reach.not_met_from),
        "chances": [
            {"truth": truth} | {name: round(chance, 4) for name, chance in chances._asdict().items()}
            for truth, chances in one.chances
        ],
    }
    return {key: value for key, value in stored.items() if value not in (None, [])}


def _to_four(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _questions(path: Path, protocol: Protocol, reference_set: ReferenceSet, catalogue: Catalogue) -> Prepared:
    """A run without candidates: what a vendor has yet to deliver is not looked for."""
    readers = format_readers(catalogue)
    headers = HeaderIndex(reference_set.root, readers, {})
    planner = Planner(
        path=path,
        protocol=protocol,
        catalogue=catalogue,
        reference_set=reference_set,
        headers=headers,
    )
    endpoints = [planner.endpoint(index, entry) for index, entry in enumerate(protocol.endpoints)]
    rules = [planner.rule(index, rule) for index, rule in enumerate(protocol.acceptance)]
    planner.check_whole(endpoints, rules)
    collect(planner.problems, ProtocolError)
    return Prepared(
        path=path,
        protocol=protocol,
        lock=None,
        reference_set=reference_set,
        readers=readers,
        candidates=(),
        endpoints=tuple(e for e in endpoints if e is not None),
        rules=tuple(r for r in rules if r is not None),
        comparisons=(),
        headers=headers,
        watch=Watch(reference_set.root, Verified(sha256=reference_set.sha256, files={}, locked={}, stamps={})),
    )


def _is_counted_before(each: PlannedRule) -> bool:
    metric = each.plan.metric
    return metric.name in COUNTED_BEFORE and isinstance(metric, ExactMetric) and each.plan.unavailable is None


def _judged(prepared: Prepared, endpoint: PlannedEndpoint) -> tuple[Judged, Judged]:
    # Judging reads the id and the operating points of a candidate; the rest of one does not exist yet.
    nobody = cast("Candidate", _Nobody())
    judge = Judge(prepared=prepared, endpoint=endpoint, candidate=nobody, answers={})
    primary = judge.judged(analyses(prepared.protocol, {})[0])
    return primary, judge.over_every_unit(primary)


@dataclass(frozen=True, slots=True)
class _Question:
    """One rule with the units it counts."""

    planned: PlannedRule
    judged: Judged
    prepared: Prepared

    @property
    def groups(self) -> list[Group]:
        """Those the rule judges: the whole set, or the levels of its field, where its metric has a value there."""
        field = self.planned.rule.each_level_of
        groups = self.judged.groups
        judged = groups[:1] if field is None else [g for g in groups[1:] if set(g.stratum or {}) == {field}]
        return [group for group in judged if self._has_value(group)]

    def _has_value(self, group: Group) -> bool:
        """Statements pooled have averages alone, and one statement has none."""
        if self.planned.plan.pools_questions:
            return self.judged.judgements.questions not in (group.stratum or {})
        return not self.judged.holds_several_questions(group.rows)

    def as_judged(self, assumptions: Assumptions) -> list[Foreseen]:
        """The rule as the harness judges it: on the whole set, or at each level with simultaneous bounds."""
        rule, settings = self.planned.rule, self.prepared.protocol.statistics
        if rule.each_level_of is None:
            return [self._foreseen(group, settings.confidence, assumptions) for group in self.groups]
        confidence = 1 - (1 - settings.confidence) / max(len(self.groups), 1)
        return [self._foreseen(group, confidence, assumptions) for group in self.groups]

    def strata_alone(self, assumptions: Assumptions) -> list[Foreseen]:
        """The rule's limit at every planned stratum, each looked at alone, for a rule on the whole set."""
        if self.planned.rule.each_level_of is not None:
            return []
        confidence = self.prepared.protocol.statistics.confidence
        found = [self._foreseen(g, confidence, assumptions) for g in self.judged.groups[1:] if self._has_value(g)]
        return [dataclasses.replace(one, chances=(), judged_alone=True) for one in found]

    def _foreseen(self, group: Group, confidence: float, assumptions: Assumptions) -> Foreseen:
        rule = self.planned.rule
        goal = Goal(
            limit=rule.limit,
            direction=rule.direction,
            confidence=confidence,
            minimum_n=self.prepared.protocol.statistics.minimum_n.estimate,
        )
        columns = self.planned.plan.metric.columns(self.judged.judgements)
        cases = cases_at_hand(
            rows_of(columns, group.rows).sums["denominator"],
            self.judged.patients[group.rows],
            clustered=is_clustered(self.judged, columns, group),
            icc=assumptions.icc,
        )
        expected = assumptions.expected.get(rule.id, assumptions.expected.get("*"))
        return Foreseen(
            rule=rule,
            stratum=None if group.stratum is None else dict(group.stratum),
            judged_alone=rule.each_level_of is None,
            goal=goal,
            cases=cases,
            reach=reach(cases, goal, power=assumptions.power),
            chances=tuple((t, verdict_chances(t, cases, goal)) for t in _truths(rule, expected, assumptions)),
            expected=expected,
            needed_n=None if expected is None else _needed(expected, cases, goal, assumptions.power),
        )


def _truths(rule: Rule, expected: float | None, assumptions: Assumptions) -> list[float]:
    """The true values to look at, ascending: those asked for, or some round the limit and the expected one."""
    if assumptions.truths:
        return sorted(set(assumptions.truths))
    side = 1 if rule.direction == "at_least" else -1
    beside = [round(rule.limit + side * step, 6) for step in TRUTHS_BESIDE]
    highest = max(HIGHEST_TRUTH, rule.limit)
    return sorted({t for t in beside if 0 <= t <= highest} | ({expected} if expected is not None else set()))


def _needed(expected: float, cases: CasesAtHand, goal: Goal, power: float) -> int | None:
    """Units for the goal, with as many per patient as now: the verdict takes units of a patient for copies."""
    if not 0 < goal.limit < 1 or not _is_right_side(expected, goal.limit, goal.direction):
        return None
    size = units_for_goal(expected, goal.limit, power=power, confidence=goal.confidence)
    if size is None:
        return None
    copies = cases.n_units / cases.interval_n if cases.interval_n else 1.0
    return max(int(-(-size.n * copies // 1)), goal.minimum_n)


def _is_right_side(value: float, limit: float, direction: Literal["at_least", "at_most"]) -> bool:
    return value > limit if direction == "at_least" else value < limit


def _check_expected(assumptions: Assumptions, protocol: Protocol) -> None:
    """Raises ProtocolError for an expected value of a rule that is not there or that lies on its wrong side."""
    known = [rule.id for rule in protocol.acceptance]
    problems = [
        unknown_name("plan.unknown_rule", name, known, "--expected")
        for name in assumptions.expected
        if name not in (*known, "*")
    ]
    for rule in protocol.acceptance:
        value = assumptions.expected.get(rule.id)
        if value is not None and not _is_right_side(value, rule.limit, rule.direction):
            facts: dict[str, Fact] = {"rule": rule.id, "limit": rule.limit, "found": value}
            problems.append(Problem(key=f"plan.expected_not_{rule.direction}", where="--expected", facts=facts))
    collect(problems, ProtocolError)
