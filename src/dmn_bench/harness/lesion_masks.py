"""Lesions whose region is a picture, given its pixels: a mask has the size of its image or is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..adapters.answer_masks import box_of_mask, runs_of
from ..errors import InputFileError, Problem, ReferenceSetError, collect
from ..inputs.header_index import HeaderIndex
from ..inputs.raster import stored_values
from ..reference_set import ReferenceSet
from ..reference_set.lesions_table import with_measured_levels
from ..vocabulary import Case, Lesion, Mask, Unit


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


def lesion_mask(path: Path, lesion: Lesion, where: str, size: tuple[int, int] | None) -> Mask | Problem:
    """The mask of a lesion from its picture, or what keeps it from being one.

    ``size``: columns and rows of its image where they are known.
    """
    facts: dict[str, str | int] = {"found": lesion.mask_file}
    if not path.is_file():
        return Problem(key="lesions.mask_file_missing", where=where, facts=facts)
    try:
        pages = stored_values(path)
    except InputFileError as error:
        reason = ", ".join(problem.key.rpartition(".")[2] for problem in error.problems)
        return Problem(key="lesions.mask_file_unreadable", where=where, facts={**facts, "error": reason})
    if len(pages) != 1 or pages[0].ndim != 2:
        return Problem(key="lesions.mask_file_frames", where=where, facts=facts)
    inside = pages[0] != 0
    rows, columns = inside.shape
    if size is not None and (columns, rows) != size:
        facts |= {"columns": columns, "rows": rows, "expected_columns": size[0], "expected_rows": size[1]}
        return Problem(key="lesions.mask_file_size", where=where, facts=facts)
    if not inside.any():
        return Problem(key="lesions.mask_file_empty", where=where, facts=facts)
    runs, image, frame = runs_of(inside), lesion.image, lesion.frame
    return Mask(structure=lesion.finding, rows=rows, columns=columns, runs=runs, image=image, frame=frame)


def _loaded(
    lesion: Lesion,
    case: Case,
    reference_set: ReferenceSet,
    sizes: Mapping[str, tuple[int, int]],
    problems: list[Problem],
) -> Lesion:
    path = lesion.image or next(iter(case.files), "")
    where = f"lesions.csv: {case.case_id}: {lesion.lesion_id}"
    mask = lesion_mask(reference_set.root / lesion.mask_file, lesion, where, sizes.get(path))
    if isinstance(mask, Problem):
        problems.append(mask)
        return lesion
    loaded = dataclasses.replace(lesion, mask=mask)
    if lesion.width is None:
        x, y, width, height = box_of_mask(mask)
        loaded = dataclasses.replace(loaded, x=x, y=y, width=width, height=height)
    return with_measured_levels(reference_set.card, loaded)
