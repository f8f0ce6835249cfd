"""Whether the structures that an endpoint compares are delineated in the set."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Problem
from ..files import unknown_name
from ..hookspecs import ComparingTask
from ..reference_set import ReferenceSet
from ..reference_set.lesion_spacings import SpacingOf
from ..tasks.segmentation import Segmentation

CROSSED_AT_MOST = 40
"""With more structures than these the planned fields are not cut within each of them."""


def compared_structures(task: ComparingTask, reference_set: ReferenceSet) -> tuple[str, ...]:
    """The structures that an endpoint is about: those it names in its order, else all that the set delineates."""
    return task.compared_structures or tuple(sorted({row.structure for row in reference_set.masks}))


def without_spacing(task: object, reference_set: ReferenceSet, spacing_of: SpacingOf) -> list[str]:
    """The delineated cases of a task that measures in mm, if the images of none of them say how far pixels are apart.

    Nothing in mm can be measured then. [] where some image says it, and of a task that does not measure in mm; images
    are opened, each by its header, until one says it.
    """
    if not isinstance(task, Segmentation) or task.distances_in != "mm":
        return []
    asked = compared_structures(task, reference_set)
    cases = {case.case_id: case for case in reference_set.cases}
    drawn = dict.fromkeys((row.case_id, row.image or None) for row in reference_set.masks if row.structure in asked)
    if any(spacing_of(cases[case_id], image) is not None for case_id, image in drawn):
        return []
    return list(dict.fromkeys(case_id for case_id, _ in drawn))


def with_structures(
    fields: Sequence[str | Sequence[str]], question: str, structures: Sequence[str]
) -> list[str | Sequence[str]]:
    """The planned fields, the structures and, where they are not too many, each field within each structure.

    ``question``: the field of the structures. Of one structure the fields alone are its strata already.

    >>> with_structures(["sex", ["sex", "age"]], "structure", ("heart", "lung"))
    ['sex', ['sex', 'age'], 'structure', ['structure', 'sex'], ['structure', 'sex', 'age']]
    >>> with_structures(["sex"], "structure", ("heart",))
    ['sex']
    """
    if len(structures) < 2:
        return list(fields)
    found = list(fields)
    names = [(planned,) if isinstance(planned, str) else tuple(planned) for planned in fields]
    wanted = [(question, *each) for each in names if question not in each] if len(structures) <= CROSSED_AT_MOST else []
    for each in ((question,), *wanted):
        if not any(set(each) == set(known) for known in names):
            found.append(each[0] if len(each) == 1 else list(each))
    return found


def structure_problems(task: object, reference_set: ReferenceSet, where: str) -> list[Problem]:
    """What is wrong with the structures of a task that compares regions; [] of another task."""
    if not isinstance(task, ComparingTask):
        return []
    known = tuple(dict.fromkeys(row.structure for row in reference_set.masks))
    if not known:
        return [Problem(key="masks.none", where=where)]
    asked = task.compared_structures
    return [unknown_name("masks.structure_of_no_mask", name, known, where) for name in asked if name not in known]
