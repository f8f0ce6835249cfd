"""Lesions whose region is a picture, given its pixels: a mask has the size of its image or is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from ..curation.lesion_pictures import with_mask
from ..errors import Problem, ReferenceSetError, collect
from ..inputs.header_index import HeaderIndex
from ..reference_set import ReferenceSet
from ..vocabulary import Case, Lesion, Unit


def with_masks(units: Sequence[Unit], reference_set: ReferenceSet, headers: HeaderIndex) -> tuple[Unit, ...]:
    """The same units; where a lesion names a picture of its region, it has the pixels and the box around them.

    Its images are known by their paths already. No file is opened where no lesion names a picture.
    Raises ReferenceSetError naming every picture that is missing, unreadable, empty, of several pages or colours, or of
    another size than its image.
    """
    problems: list[Problem] = []
    found = []
    for unit in units:
        lesions = dict(unit.lesions)
        for case in unit.cases:
            of_case = unit.lesions.get(case.case_id, ())
            if any(lesion.mask_file for lesion in of_case):
                sizes = headers.keys_of_case(case).image_sizes or {} if case.files else {}
                lesions[case.case_id] = tuple(
                    _loaded(lesion, case, reference_set, sizes, problems) if lesion.mask_file else lesion
                    for lesion in of_case
                )
        found.append(unit if lesions == dict(unit.lesions) else dataclasses.replace(unit, lesions=lesions))
    collect(problems, ReferenceSetError)
    return tuple(found)


def _loaded(
    lesion: Lesion,
    case: Case,
    reference_set: ReferenceSet,
    sizes: Mapping[str, tuple[int, int]],
    problems: list[Problem],
) -> Lesion:
    path = lesion.image or next(iter(case.files), "")
    where = f"lesions.csv: {case.case_id}: {lesion.lesion_id}"
    found = with_mask(lesion, reference_set.root, reference_set.card, where, sizes.get(path))
    if isinstance(found, Problem):
        problems.append(found)
        return lesion
    return found
