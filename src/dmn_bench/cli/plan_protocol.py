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
    from ..harness.foreseeing_quantiles import ForeseenQuantile
    from ..reporting.plan import PlannedLine
    from ..reporting.plan_quantiles import QuantileLine

EVERY_RULE = "*"
CURVE_POINTS = 201


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
    from ..reporting.plan_quantiles import quantile_panel, quantile_sentence, quantiles_grid

    found = foresee(path, assumptions, catalogue=build_catalogue(), reference_set=reference_set)
    phrases = Phrases(language)
    if not found.rules and not found.quantiles:
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
    ranked = [_ranked(one, assumptions.power) for one in found.quantiles]
    sentences += [f"{line.rule}{phrases('report.colon')}{quantile_sentence(line, language)}" for line in ranked]
    grids = [plan.rules_grid(rules, language), plan.chances_grid(rules, language)] if rules else []
    if ranked:
        grids.append(quantiles_grid(ranked, language))
    if strata:
        grids.append(plan.strata_grid(strata, language))
    made = Made(
        subtitle=f"{found.protocol.id}, {found.reference_set.card.id} {found.reference_set.card.version}",
        grids=grids,
        sentences=sentences,
        panels=[
            *(plan.chances_panel(line, language) for line in rules),
            *(quantile_panel(line, language) for line in ranked if line.curve),
        ],
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


def _ranked(one: ForeseenQuantile, power: float) -> QuantileLine:
    from numpy import linspace

    from ..reporting.plan_quantiles import QuantileLine
    from ..statistics.planning_quantiles import quantile_chances

    shares = linspace(0.0, 1.0, CURVE_POINTS)
    is_drawn = one.reach.right_to_meet is not None and not one.is_clustered
    return QuantileLine(
        rule=one.rule.id,
        metric=one.rule.metric.name,
        parameters=one.rule.metric.options,
        stratum=one.stratum,
        goal=one.goal,
        reach=one.reach,
        n_patients=one.n_patients,
        power=power,
        curve=list(zip(shares.tolist(), quantile_chances(one.reach, shares), strict=True)) if is_drawn else (),
    )
