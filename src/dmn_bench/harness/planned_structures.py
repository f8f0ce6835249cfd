"""Whether the structures that an endpoint compares are delineated in the set."""

from __future__ import annotations

from ..errors import Problem
from ..files import unknown_name
from ..hookspecs import ComparingTask
from ..reference_set import ReferenceSet


def structure_problems(task: object, reference_set: ReferenceSet, where: str) -> list[Problem]:
    """What is wrong with the structures of a task that compares regions; [] of another task."""
    if not isinstance(task, ComparingTask):
        return []
    known = tuple(dict.fromkeys(row.structure for row in reference_set.masks))
    if not known:
        return [Problem(key="masks.none", where=where)]
    asked = task.compared_structures
    return [unknown_name("masks.structure_of_no_mask", name, known, where) for name in asked if name not in known]
