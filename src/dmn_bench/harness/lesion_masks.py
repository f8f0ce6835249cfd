"""Lesions whose region is a picture, given its pixels: a mask has the size of its image or is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from ..curation.lesion_pictures import size_problem, volumes_in, with_mask
from ..errors import Problem, ReferenceSetError, collect
from ..inputs.header_index import HeaderIndex
from ..reference_set import Card, LesionRow, ReferenceSet
from ..reference_set.lesion_geometry import is_picture
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


def drawn_in(root: Path, headers: HeaderIndex) -> Callable[[Card, Case, LesionRow], Lesion | Problem]:
    """What opens the pictures of single readers while a set is loaded; see ``reference_set.load``."""
    return partial(_drawn, root, headers)


def _drawn(root: Path, headers: HeaderIndex, card: Card, case: Case, row: LesionRow) -> Lesion | Problem:
    if not is_picture(row.lesion.mask_file):
        return volumes_in(root, headers.readers)(card, case, row)
    keys = headers.keys_of_case(case) if case.files else None
    sizes = (keys.image_sizes if keys is not None else None) or {}
    image = row.lesion.image or next(iter(case.files), "")
    path = keys.sop_instance_uids.get(image, image) if keys is not None else image
    return with_mask(row.lesion, root, card, f"lesions.csv:{row.line}", sizes.get(path))


def _loaded(
    lesion: Lesion,
    case: Case,
    reference_set: ReferenceSet,
    sizes: Mapping[str, tuple[int, int]],
    problems: list[Problem],
) -> Lesion:
    path = lesion.image or next(iter(case.files), "")
    where = f"lesions.csv: {case.case_id}: {lesion.lesion_id}"
    size = sizes.get(path)
    if lesion.mask is None:
        found = with_mask(lesion, reference_set.root, reference_set.card, where, size)
    else:  # opened while the set was loaded
        mask = dataclasses.replace(lesion.mask, image=lesion.image, frame=lesion.frame)
        found = size_problem(mask, lesion.mask_file, where, size) or dataclasses.replace(lesion, mask=mask)
    if isinstance(found, Problem):
        problems.append(found)
        return lesion
    return found
