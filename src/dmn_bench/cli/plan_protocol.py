"""What the cases of a protocol can and cannot show, worded as tables, sentences and curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, ProtocolError
from ..vocabulary import Language
from .plan_options import Made, Typed

if TYPE_CHECKING:
    from ..harness.foreseeing import Assumptions, Foreseen
    from ..reporting.plan import PlannedLine

EVERY_RULE = "*"


def assumed(said: Mapping[str, Any]) -> Assumptions:
    """The assumptions from what was typed.

    Raises ProtocolError with every option that is wrong.
    """
    from ..harness.foreseeing import Assumptions

    typed = Typed()
    typed.out(said["out"])
    found = Assumptions(
        icc=typed.share("--icc", said["icc"], ends=True),
        power=typed.share("--power", said["power"]),
        truths=tuple(typed.share("--true", text, ends=True) for text in said["true"]),
        expected=typed.named_shares("--expected", said["expected"], name_alone=EVERY_RULE),
    )
    typed.check()
    return found


def protocol_plan(
    path: Path, assumptions: Assumptions, reference_set: Path | None, language: Language
) -> tuple[Made, dict[str, Any]]:
    """What is shown of a protocol, and the plan as the protocol stores it.

    Raises ProtocolError if no rule of the protocol can be planned; ProtocolError or ReferenceSetError as ``foresee``.
    """
    from ..catalogue import build_catalogue
    from ..harness.foreseeing import foresee, plan_content
    from ..reporting import plan
    from ..reporting.phrases import Phrases

    found = foresee(path, assumptions, catalogue=build_catalogue(), reference_set=reference_set)
    phrases = Phrases(language)
    if not found.rules:
        facts = {"found": ", ".join(rule.id for rule in found.left_out) or "–"}
        raise ProtocolError(Problem(key="plan.no_rules", where=str(path), facts=facts))
    rules = [_line(one, assumptions.power) for one in found.rules]
    strata = [_line(one, assumptions.power) for one in found.strata]
    sentences = [f"{line.rule}{phrases('report.colon')}{one}" for line in rules for one in _two(line, language)]
    if any(line.cases.is_clustered for line in rules):
        icc = plan.share_text(assumptions.icc, language)
        sentences.append(phrases("plan.say.clusters", icc=icc))
    if found.left_out:
        sentences.append(phrases("plan.say.left_out", listed=", ".join(rule.id for rule in found.left_out)))
    grids = [plan.rules_grid(rules, language), plan.chances_grid(rules, language)]
    if strata:
        grids.append(plan.strata_grid(strata, language))
    made = Made(
        subtitle=f"{found.protocol.id}, {found.reference_set.card.id} {found.reference_set.card.version}",
        grids=grids,
        sentences=sentences,
        panels=[plan.chances_panel(line, language) for line in rules],
    )
    return made, plan_content(found)


def _two(line: PlannedLine, language: Language) -> tuple[str, str]:
    from ..reporting.plan import rule_sentences

    return rule_sentences(line, language)


def _line(one: Foreseen, power: float) -> PlannedLine:
    from ..reporting.plan import PlannedLine
    from ..statistics.planning_verdicts import verdict_curve

    return PlannedLine(
        rule=one.rule.id,
        metric=one.rule.metric.name,
        parameters=one.rule.metric.options,
        stratum=one.stratum,
        goal=one.goal,
        cases=one.cases,
        reach=one.reach,
        power=power,
        chances=one.chances,
        curve=verdict_curve(one.cases, one.goal) if one.chances else (),
        expected=one.expected,
        needed_n=one.needed_n,
    )
