"""The primary result again, with the reference that other rules make of the same readings. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..record import ReferenceRuleRow
from ..reference_set import ConsensusRule, under_rule
from ..vocabulary import Answer, Unit
from .gathering import Gathered
from .judging import OUT_OF_REFERENCE
from .other_reference import Focus, FocusedJudge, estimates, focuses, of_answers, primary, why_not, with_reference
from .planned_candidates import Candidate
from .planning import PlannedEndpoint, Prepared


def rule_rows(prepared: Prepared, gathered: Mapping[str, Gathered]) -> list[ReferenceRuleRow]:
    """Every metric of every endpoint and candidate under the rule of the set and under each that the protocol names.

    The same answers, on the whole set, in the primary analysis; [] where the protocol names no rule.
    """
    if not prepared.protocol.reference_rules:
        return []
    own = prepared.reference_set.card.reference_standard.consensus
    asked = [ConsensusRule(rule=each.rule, at_least=each.at_least) for each in prepared.protocol.reference_rules]
    others = [rule for rule in asked if (rule.rule, rule.at_least) != (own.rule, own.at_least)]
    runs = [(rule, with_reference(prepared, under_rule(prepared.reference_set, rule))) for rule in (own, *others)]
    return [
        row
        for focus in focuses(prepared)
        for candidate in prepared.candidates
        if candidate.id in focus.endpoint.candidates
        for rule, under in runs
        for row in _rows(_Asked(prepared, candidate, gathered[candidate.id].answers, focus), rule, under)
    ]


class _Asked(NamedTuple):
    """One candidate at one endpoint, or at one structure of it."""

    prepared: Prepared
    candidate: Candidate
    answers: Mapping[str, Answer]
    focus: Focus


def _rows(asked: _Asked, rule: ConsensusRule, under: Prepared) -> Iterator[ReferenceRuleRow]:
    own = asked.prepared.reference_set.card.reference_standard.consensus
    endpoint = asked.focus.endpoint
    row = ReferenceRuleRow(
        candidate=asked.candidate.id,
        endpoint=endpoint.entry.name,
        rule=rule.rule,
        at_least=rule.at_least,
        is_of_run=(rule.rule, rule.at_least) == (own.rule, own.at_least),
    )
    why = None if row.is_of_run else why_not(asked.prepared.reference_set, rule, asked.focus)
    if why is not None:
        yield row.model_copy(update={"not_applicable": why})
        return
    there = next(one for one in under.endpoints if one.entry.name == endpoint.entry.name)
    judge = FocusedJudge(
        prepared=under,
        endpoint=there,
        candidate=asked.candidate,
        answers=asked.answers,
        structure=asked.focus.structure,
    )
    counts = {} if asked.focus.structure is not None else _changes(endpoint, there)
    for found in estimates(primary(judge), of_answers(there), under, asked.focus.structure):
        yield row.model_copy(update={"estimate": found, **counts})


def _changes(of_run: PlannedEndpoint, of_rule: PlannedEndpoint) -> dict[str, int]:
    """Units whose reference, value or number of lesions, is another; and those that have none any more."""
    pairs = [(_reference(a), _reference(b)) for a, b in zip(of_run.units, of_rule.units, strict=True)]
    return {
        "n_changed": sum(a != b for a, b in pairs),
        "n_without": sum(a[0] not in OUT_OF_REFERENCE and b[0] in OUT_OF_REFERENCE for a, b in pairs),
    }


def _reference(unit: Unit) -> tuple[str, int]:
    n_lesions = sum(not lesion.ignore for lesions in unit.lesions.values() for lesion in lesions)
    return unit.reference or ("positive" if n_lesions else "missing"), n_lesions
