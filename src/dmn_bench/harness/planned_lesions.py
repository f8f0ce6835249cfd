"""Whether the lesions of a set have what the hit rule of an endpoint compares, before anybody is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ..errors import Fact, Problem
from ..protocol import Endpoint
from ..tasks.detection import Detection
from ..tasks.hit_rules import HitRule
from ..vocabulary import Unit

NAMED = 3  # further lesions that a problem names
KINDS = (
    ("iou_at_least", HitRule(iou_at_least=0.5)),
    ("centre_in_region", HitRule(centre_in_region=True)),
    ("distance_px_at_most", HitRule(distance_px_at_most=1.0)),
    ("distance_mm_at_most", HitRule(distance_mm_at_most=1.0)),
    ("luna16", HitRule(luna16=True)),
)
"""One rule of each kind, to say which of them would fit."""


def lesion_problems(task: object, entry: Endpoint, units: Sequence[Unit], where: Callable[[str], str]) -> list[Problem]:
    """What keeps marks from ever being on the lesions of a detection endpoint, and a matching that LUNA16 has not.

    ``where``: the place of an option of the endpoint. [] of another task.
    """
    if not isinstance(task, Detection):
        return []
    total = sum(len(of_case) for unit in units for of_case in unit.lesions.values())
    problems = _unfit(task, entry, units, total, where("hit_rule"))
    if task.hit_rule.luna16 and task.matching == "optimal":
        facts: dict[str, Fact] = {"endpoint": entry.name}
        problems.append(Problem(key="planned.matching_of_luna16", where=where("matching"), facts=facts))
    return problems


def rule_name(rule: HitRule) -> str:
    """The key of the protocol that states a rule.

    >>> rule_name(HitRule(luna16=True)), rule_name(HitRule(iou_at_least=0.2))
    ('luna16', 'iou_at_least')
    """
    return next(name for name, kind in KINDS if (getattr(rule, name) or False) and getattr(kind, name))


def _unfit(task: Detection, entry: Endpoint, units: Sequence[Unit], total: int, where: str) -> list[Problem]:
    """One problem of each kind, with the number of lesions and the first of them."""
    found = task.lesions_unfit(units)
    problems = []
    for key in Counter(problem.key for _, _, problem in found):
        of_kind = [(case, lesion, problem) for case, lesion, problem in found if problem.key == key]
        case, lesion, problem = of_kind[0]
        facts: dict[str, Fact] = {
            **problem.facts,
            "endpoint": entry.name,
            "rule": rule_name(task.hit_rule),
            "fitting": ", ".join(_fitting(units)) or "—",
            "n": len(of_kind),
            "total": total,
            "lesion": lesion.lesion_id,
            "case": case.case_id,
            "others": ", ".join(f"{c.case_id} ({x.lesion_id})" for c, x, _ in of_kind[1 : 1 + NAMED]) or "—",
        }
        room = {"tasks.lesion_without_geometry": "lesions_unfit", "tasks.lesion_image_unknown": "lesions_on_no_image"}
        key = f"planned.{room[key]}_one" if len(of_kind) == 1 else f"planned.{room[key]}"
        problems.append(Problem(key=key, where=where, facts=facts))
    return problems


def _fitting(units: Sequence[Unit]) -> list[str]:
    """The kinds of rules that every lesion fits."""
    lesions = [lesion for unit in units for of_case in unit.lesions.values() for lesion in of_case]
    return [name for name, kind in KINDS if all(kind.fits(lesion) for lesion in lesions)]
