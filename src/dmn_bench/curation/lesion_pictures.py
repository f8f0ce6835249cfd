"""Lesions whose region is a picture: its pixels, and what keeps a picture from being the mask of a lesion."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..adapters.answer_masks import box_of_mask, runs_of
from ..errors import Fact, InputFileError, Problem
from ..inputs.raster import stored_values
from ..reference_set import Card
from ..reference_set.lesions_table import with_measured_levels
from ..vocabulary import Lesion, Mask


def with_mask(lesion: Lesion, root: Path, card: Card, where: str, size: tuple[int, int] | None) -> Lesion | Problem:
    """A lesion with the pixels of its picture, the box around them, and its levels of size; or what is wrong with it.

    ``root``: the folder of the set. ``where``: the lesion, for messages. ``size``: columns and rows of its image where
    they are known; a mask of another size is refused, never resized.
    """
    path = root / lesion.mask_file
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
    runs, image, frame = runs_of(inside), lesion.image, lesion.frame
    mask = Mask(structure=lesion.finding, rows=rows, columns=columns, runs=runs, image=image, frame=frame)
    wrong = size_problem(mask, lesion.mask_file, where, size)
    if wrong is not None:
        return wrong
    if not inside.any():
        return Problem(key="lesions.mask_file_empty", where=where, facts=facts)
    if lesion.width is None:
        x, y, width, height = box_of_mask(mask)
        lesion = dataclasses.replace(lesion, x=x, y=y, width=width, height=height)
    return with_measured_levels(card, dataclasses.replace(lesion, mask=mask))


def size_problem(mask: Mask, file: str, where: str, size: tuple[int, int] | None) -> Problem | None:
    """What is wrong with a mask of another size than its image; ``size``: columns and rows, None: not known."""
    if size is None or (mask.columns, mask.rows) == size:
        return None
    facts: dict[str, Fact] = {"found": file, "columns": mask.columns, "rows": mask.rows}
    facts |= {"expected_columns": size[0], "expected_rows": size[1]}
    return Problem(key="lesions.mask_file_size", where=where, facts=facts)
