"""Lesions whose region is a picture: its pixels, and what keeps a picture from being the mask of a lesion."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ..adapters.answer_masks import box_of_mask, runs_of
from ..errors import Fact, InputFileError, Problem, ReferenceSetError
from ..hookspecs import Reader, VoxelGrid
from ..inputs.mask_files import NOT_ZERO, open_mask
from ..inputs.raster import stored_values
from ..inputs.requests import case_keys
from ..inputs.voxel_grids import case_grid
from ..reference_set import Card, LesionRow
from ..reference_set.lesion_places import Drawn
from ..reference_set.lesions_table import with_measured_levels
from ..tasks.outlines import filled
from ..vocabulary import Case, Lesion, Mask

_SHOWN = 10


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
    return with_measured_levels(card, dataclasses.replace(_boxed(lesion, mask), mask=mask))


def _boxed(lesion: Lesion, mask: Mask) -> Lesion:
    """The lesion with the box around its mask, where it states none."""
    if lesion.width is not None:
        return lesion
    x, y, width, height = box_of_mask(mask)
    return dataclasses.replace(lesion, x=x, y=y, width=width, height=height)


def volumes_in(root: Path, readers: Sequence[Reader]) -> Drawn:
    """What opens the masks of lesions that are volumes or DICOM objects; see ``load_volumes``."""
    return partial(_on_voxels, root, readers)


def _on_voxels(root: Path, readers: Sequence[Reader], card: Card, case: Case, row: LesionRow) -> Lesion | Problem:
    """A lesion with the pixels of its mask on the one plane that it lies on; or what is wrong with the mask.

    Of an object with several structures it is that of the lesion's id, else that of its finding.
    """
    lesion, where = row.lesion, f"lesions.csv:{row.line}: {row.lesion.mask_file}"
    try:
        opened = open_mask(root / lesion.mask_file, where)
        grid = case_grid(case, root, readers, _file_of(lesion, case, root, readers))
        is_named = lesion.lesion_id.casefold() in {name.casefold() for name in opened.names}
        name = lesion.lesion_id if is_named else lesion.finding
        region = opened.region(name, grid, NOT_ZERO, filled, _elsewhere(grid, case, root, readers))
    except ReferenceSetError as error:
        return Problem(key=error.problems[0].key, where=where, facts=error.problems[0].facts)
    planes = np.flatnonzero(region.any(axis=(1, 2))).tolist()
    if not planes:
        return Problem(key="lesions.mask_file_empty", where=where, facts={"found": lesion.mask_file})
    if len(planes) > 1 or lesion.frame not in (None, planes[0] + 1):
        found = ", ".join(str(plane + 1) for plane in planes[:_SHOWN])
        facts: dict[str, Fact] = {"n": len(planes), "found": found, "frame": lesion.frame or "–"}
        return Problem(key="lesions.mask_file_planes", where=where, facts=facts)
    frame = planes[0] + 1 if len(grid.planes) > 1 else None
    mask = Mask(
        structure=lesion.finding,
        rows=grid.rows,
        columns=grid.columns,
        runs=runs_of(region[planes[0]]),
        image=lesion.image,
        frame=frame,
    )
    return with_measured_levels(card, dataclasses.replace(_boxed(lesion, mask), mask=mask, frame=frame))


def _file_of(lesion: Lesion, case: Case, root: Path, readers: Sequence[Reader]) -> str | None:
    """The entry of ``Case.files`` that a lesion is on; None: the only one."""
    if lesion.image is None:
        return None
    of_folder = [file for file in case.files if lesion.image.startswith(f"{file.rstrip('/')}/")]
    if lesion.image in case.files or of_folder:
        return lesion.image if lesion.image in case.files else of_folder[0]
    return case_keys(case, root, readers).sop_instance_uids.get(lesion.image, lesion.image)


def _elsewhere(grid: VoxelGrid, case: Case, root: Path, readers: Sequence[Reader]) -> frozenset[str]:
    """The instances of the other images of a case of several."""
    if len(case.files) < 2:
        return frozenset()
    paths = case_keys(case, root, readers).sop_instance_uids
    return frozenset(uid for uid, path in paths.items() if path != grid.image)


def size_problem(mask: Mask, file: str, where: str, size: tuple[int, int] | None) -> Problem | None:
    """What is wrong with a mask of another size than its image; ``size``: columns and rows, None: not known."""
    if size is None or (mask.columns, mask.rows) == size:
        return None
    facts: dict[str, Fact] = {"found": file, "columns": mask.columns, "rows": mask.rows}
    facts |= {"expected_columns": size[0], "expected_rows": size[1]}
    return Problem(key="lesions.mask_file_size", where=where, facts=facts)
