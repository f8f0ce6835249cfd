"""Figures and rules that no answer whatever can decide: said before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Fact, Problem
from ..hookspecs import ComparingTask
from ..protocol import Protocol
from ..reference_set import ReferenceSet
from ..reference_set.lesion_spacings import SpacingOf
from ..tasks.measurement import MeasuredQuantity
from ..tasks.segmentation import Segmentation
from ..tasks.statements import Statements
from .planned_structures import compared_structures, without_spacing

if TYPE_CHECKING:
    from .estimating import PlannedMetric
    from .planning import PlannedEndpoint, PlannedRule

OF_FALSE_MARKS = ("false_positives_per_image", "false_positives_per_normal_image")
"""Metrics whose marks are on no lesion, so that no field of lesions cuts them."""
YES_OR_NO = ("positive", "negative")


class KnownSet(NamedTuple):
    """A reference set, and how far the pixels of its images are apart."""

    reference_set: ReferenceSet
    spacing_of: SpacingOf


def verdict_problems(
    protocol: Protocol,
    endpoints: Sequence[PlannedEndpoint],
    rules: Sequence[PlannedRule],
    known: KnownSet,
    where: Callable[..., str],
) -> list[Problem]:
    """What asks for a limit that the endpoint does not state, and every rule that can only end without a verdict.

    ``where``: the place of a part of the protocol.
    """
    reference_set = known.reference_set
    problems: list[Problem] = []
    for index, endpoint in enumerate(protocol.endpoints):
        planned = next((one for one in endpoints if one.entry is endpoint), None)
        if planned is None:
            continue
        own = [each for each in rules if each.rule.endpoint == endpoint.name]
        asked = [*planned.metrics, *(each.plan for each in own)]
        of_endpoint = where("endpoints", index)
        problems += _without_limit(planned, asked, reference_set, of_endpoint)
        for each in own:
            place = where("acceptance", protocol.acceptance.index(each.rule))
            problems += _undecidable(each, planned, reference_set, place)
        in_mm = [each for each in own if _needs_spacing(each.plan)]
        unmeasured = without_spacing(planned.task, reference_set, known.spacing_of) if in_mm else []
        problems += [
            Problem(
                key="planned.rule_without_spacing",
                where=where("acceptance", protocol.acceptance.index(each.rule)),
                facts={
                    "rule": each.rule.id,
                    "metric": each.plan.metric.name,
                    "endpoint": endpoint.name,
                    "n": len(unmeasured),
                    "case": unmeasured[0],
                },
            )
            for each in in_mm
            if unmeasured
        ]
    return problems


def _without_limit(
    endpoint: PlannedEndpoint, asked: Sequence[PlannedMetric], reference_set: ReferenceSet, where: str
) -> Iterator[Problem]:
    """Metrics that need a tolerance, or a critical error, that the endpoint does not state."""
    task, facts = endpoint.task, {"endpoint": endpoint.entry.name}
    if isinstance(task, Segmentation):
        metrics = dict.fromkeys(plan.metric.name for plan in asked if _needs_tolerance(plan))
        missing = [name for name in compared_structures(task, reference_set) if task.tolerance_of(name) is None]
        if metrics and missing:
            option = f"tolerance_{task.distances_in}"
            named = {"metrics": ", ".join(metrics), "option": option, "unit": task.distances_in}
            structures = {"structures": ", ".join(missing), "example": f"{{{missing[0]}: 2.0}}"}
            yield Problem(key="planned.no_tolerance", where=where, facts={**facts, **named, **structures})
    if isinstance(task, MeasuredQuantity):
        stated = {
            "within_tolerance": ("tolerance", task.tolerance is not None or task.tolerance_percent is not None),
            "critical_error_rate": ("critical", task.critical is not None),
        }
        for name in dict.fromkeys(plan.metric.name for plan in asked):
            option, is_stated = stated.get(name, ("", True))
            if not is_stated:
                yield Problem(key="planned.no_limit", where=where, facts={**facts, "metric": name, "option": option})


def _needs_tolerance(plan: PlannedMetric) -> bool:
    metric = plan.metric
    return bool(getattr(metric, "needs_tolerance", False)) or getattr(metric, "measure", None) == "nsd"


def _needs_spacing(plan: PlannedMetric) -> bool:
    metric = plan.metric
    return bool(getattr(metric, "needs_spacing", False)) or getattr(metric, "measure", None) in ("nsd", "hd95")


def _undecidable(
    each: PlannedRule, endpoint: PlannedEndpoint, reference_set: ReferenceSet, where: str
) -> Iterator[Problem]:
    """Why a rule can only end without a verdict, whatever is answered; nothing where it can be decided."""
    rule, plan = each.rule, each.plan
    field, questions = question_of(endpoint, reference_set)
    level = rule.each_level_of
    facts: dict[str, Fact] = {"rule": rule.id, "metric": plan.metric.name, "endpoint": endpoint.entry.name}
    facts |= {"field": field or str(level), "questions": ", ".join(questions)}
    of_lesions = level in reference_set.lesion_fields and level not in reference_set.card.strata
    if plan.unavailable is not None:
        yield Problem(key=f"planned.rule_{plan.unavailable.reason}", where=where, facts=facts)
    elif plan.counts_every_unit and level is not None and (level == field or of_lesions):
        yield Problem(key="planned.rule_of_whole_units", where=where, facts=facts)
    elif of_lesions and plan.metric.name in OF_FALSE_MARKS:
        yield Problem(key="planned.rule_of_no_lesion", where=where, facts={**facts, "field": str(level)})
    elif plan.pools_questions and level is not None and level == field:
        yield Problem(key="planned.rule_of_one_question", where=where, facts=facts)
    elif len(questions) > 1 and not plan.pools_questions and not plan.counts_every_unit and level != field:
        if _has_level_of_one_structure(endpoint, reference_set, level, questions):
            return
        key = (
            "planned.rule_over_structures"
            if isinstance(endpoint.task, ComparingTask)
            else "planned.rule_over_statements"
        )
        yield Problem(key=key, where=where, facts=facts)


def _has_level_of_one_structure(
    endpoint: PlannedEndpoint, reference_set: ReferenceSet, level: str | None, structures: Sequence[str]
) -> bool:
    """Whether at some level of a stratum the reference delineates a single structure, whose figure a rule decides."""
    if level not in reference_set.card.strata or not isinstance(endpoint.task, ComparingTask):
        return False
    of_case: dict[str, set[str]] = {}
    for row in reference_set.masks:
        if row.structure in structures:
            of_case.setdefault(row.case_id, set()).add(row.structure)
    of_level: dict[int, set[str]] = {}
    for unit, code in zip(endpoint.units, endpoint.levels.of(level).codes.tolist(), strict=True):
        of_level.setdefault(code, set()).update(*(of_case.get(case.case_id, ()) for case in unit.cases))
    return any(len(found) == 1 for found in of_level.values())


def question_of(endpoint: PlannedEndpoint, reference_set: ReferenceSet) -> tuple[str | None, tuple[str, ...]]:
    """The field that tells apart what an endpoint asks of a case, with its levels; (None, ()) for one thing."""
    task = endpoint.task
    if isinstance(task, ComparingTask):
        return "structure", compared_structures(task, reference_set)
    if isinstance(task, Statements):
        named = (*task.statements, *task.groups)
        return "statement", named or tuple(
            name
            for name in reference_set.card.finding_names
            if any(row.value in YES_OR_NO for row in reference_set.truth_by_finding.get(name, ()))
        )
    return None, ()
