"""What was drawn on the voxels of a series: LIDC's outlines by slice, segmentations and structure sets of DICOM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InputFileError, Problem
from ..hookspecs import Reader, VoxelGrid
from ..inputs.drawn_pictures import word
from ..inputs.lidc_annotations import SMALL, LidcReading, Line, Marked, pixels_within
from ..inputs.mask_objects import region_of_contours, region_of_segment, structures_of
from ..inputs.result_content import ResultObject, Structure
from ..inputs.result_objects import read_result
from ..inputs.voxel_grids import affine_of, case_grid
from ..tasks.outlines import filled
from ..vocabulary import Case
from .image_pictures import Picture, uids_of
from .image_said import Region, Said, ball, sphere

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray

SMALL_MM = 3.0  # of a nodule that readers marked without an outline: it is smaller


class Grid(NamedTuple):
    """The voxels of a series as the hospital has it. ``affine`` None: of a picture, or not evenly spaced."""

    voxels: VoxelGrid
    affine: FloatArray | None


@dataclass(kw_only=True)
class OnVolume:
    """What was drawn on one case, by reader ("" where the file names none), and what is wrong with it."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def grid_of(folder: Path, written: str, readers: Sequence[Reader]) -> Grid:
    """The grid of the file or folder ``written`` in a folder. Raises InputFileError."""
    case = Case(case_id="import", patient_id="import", exam_id="import", laterality="", strata={}, files=(written,))
    voxels = case_grid(case, folder, readers)
    return Grid(voxels, affine_of(voxels) if len(voxels.planes) > 1 else None)


def of_lidc(reading: LidcReading, grid: Grid) -> OnVolume:
    """What every reader marked on the slices that are there; what lies on others is counted."""
    found = OnVolume()
    if grid.affine is None:
        found.faults.append(Problem(key="annotations.no_lattice", where=reading.where))
        return found
    planes = {plane.instance: index for index, plane in enumerate(grid.voxels.planes)}
    for reader, marked in reading.readers.items():
        own = found.said.setdefault(reader, [])
        for each in marked:
            there = {planes[uid]: lines for uid, lines in each.slices.items() if uid in planes}
            found.counts["slices_missing"] += len(each.slices) - len(there)
            if not there:
                found.counts["not_there"] += 1
                continue
            try:
                own.append(_lidc_said(each, there, grid, grid.affine, f"{reading.where}: {reader}: {each.id}"))
            except ValueError:
                size = {"columns": grid.voxels.columns, "rows": grid.voxels.rows}
                where = f"{reading.where}: {reader}: {each.id}"
                found.faults.append(Problem(key="annotations.outside", where=where, facts={"found": each.id, **size}))
    return found


def _lidc_said(marked: Marked, there: dict[int, tuple[Line, ...]], grid: Grid, affine: FloatArray, where: str) -> Said:
    if all(len(line.points) == 1 for lines in there.values() for line in lines):
        places = [(x, y, plane) for plane, lines in there.items() for line in lines for x, y in line.points]
        middle = np.asarray(places, dtype=np.float64).mean(axis=0)
        cells = ball(middle, affine, SMALL_MM)
        if marked.category != SMALL:  # a place alone, of no size that anybody stated
            cells = {name: value for name, value in cells.items() if name != "diameter_mm"}
        return Said(category=marked.category, where=where, id=marked.id, cells=cells, attributes=marked.attributes)

    def region() -> BoolArray:
        inside = np.zeros(grid.voxels.shape, dtype=bool)
        for plane, lines in there.items():
            inside[plane] = pixels_within(lines, grid.voxels.rows, grid.voxels.columns)
        return inside

    return _of_region(marked.category, where, marked.id, region, affine, marked.attributes)


def _of_region(
    category: str,
    where: str,
    own_id: str,
    region: Region,
    affine: FloatArray | None,
    told: Mapping[str, str] | None = None,
) -> Said:
    """A region of voxels as a sphere of its volume, of a picture as its pixels; of one without voxels no place."""
    inside = region()
    attributes = {} if told is None else told
    if inside is None or not inside.any():
        return Said(category=category, where=where, id=own_id, has_place=False, region=region, attributes=attributes)
    cells = {} if affine is None else sphere(inside, affine)
    return Said(category=category, where=where, id=own_id, cells=cells, region=region, attributes=attributes)


@dataclass(frozen=True, kw_only=True)
class DrawnObject:
    """A segmentation or structure set. ``where``: its name for messages; ``uids``: of the images that it names."""

    where: str
    result: ResultObject
    structures: tuple[Structure, ...]
    uids: frozenset[str]
    frames: frozenset[str]  # frames of reference

    def is_of(self, picture: Picture, uids: Callable[[Picture], frozenset[str]]) -> bool:
        """Whether it was drawn on a picture: by the images it names, else by frame of reference within a study."""
        if self.uids:
            return bool(self.uids & uids(picture))
        same_study = picture.stated.get("StudyInstanceUID") == self.result.study_instance_uid
        return same_study and picture.stated.get("FrameOfReferenceUID", "-") in self.frames


def read_objects(files: Iterable[tuple[Path, str]]) -> tuple[list[DrawnObject], list[Problem]]:
    """The objects that can be read, and what is wrong with the others."""
    found: list[DrawnObject] = []
    problems: list[Problem] = []
    for path, name in files:
        try:
            result = read_result(path, apart=True)
            structures = tuple(structures_of(result, name))
        except InputFileError as error:
            problems += [Problem(key=each.key, where=name, facts=each.facts) for each in error.problems]
            continue
        planes = [plane for each in structures for plane in each.planes]
        named = {plane.image.uid for plane in planes if plane.image is not None}
        frames = {each.frame_of_reference_uid for each in structures}
        frames |= {plane.frame_of_reference_uid for plane in planes}
        uids = frozenset(named | {image.uid for image in result.images})
        found.append(
            DrawnObject(where=name, result=result, structures=structures, uids=uids, frames=frozenset(frames - {""}))
        )
    return found, problems


def pictures_of(objects: Sequence[DrawnObject], pictures: Sequence[Picture]) -> dict[str, list[DrawnObject]]:
    """The objects of each picture, by its name; one of no picture, or of several, is in none."""
    known: dict[str, frozenset[str]] = {}

    def uids(picture: Picture) -> frozenset[str]:
        if picture.name not in known:
            known[picture.name] = uids_of(picture)
        return known[picture.name]

    found: dict[str, list[DrawnObject]] = {}
    for each in objects:
        of = [picture for picture in pictures if each.is_of(picture, uids)]
        if len(of) == 1:
            found.setdefault(of[0].name, []).append(each)
    return found


def of_objects(objects: Sequence[DrawnObject], grid: Grid, wanted: Callable[[str], bool]) -> OnVolume:
    """The structures of objects on a grid; those that are not ``wanted`` are named and not laid out."""
    found = OnVolume()
    own = found.said.setdefault("", [])
    if grid.affine is None and len(grid.voxels.planes) > 1:
        found.faults.append(Problem(key="annotations.no_lattice", where=objects[0].where))
        return found
    first: dict[str, str] = {}
    for each in objects:
        for number, structure in enumerate(each.structures, start=1):
            name = word(structure.name) or str(number)
            where = f"{each.where}: {name}"
            if not wanted(name):
                own.append(Said(category=name, where=where, has_place=False))
                continue
            if first.setdefault(name, each.where) != each.where:
                facts = {"found": name, "other": first[name]}
                found.faults.append(Problem(key="annotations.structure_twice", where=each.where, facts=facts))
                continue
            try:
                inside = _laid_out(each, structure, grid.voxels)
            except InputFileError as error:
                found.faults += [Problem(key=it.key, where=where, facts=it.facts) for it in error.problems]
                continue
            said = _of_region(name, where, str(number), partial(_itself, inside), grid.affine)
            own.append(said if inside.any() else replace(said, says_nothing=True))  # looked for, and not found
    return found


def _itself(inside: BoolArray) -> BoolArray:
    return inside


def _laid_out(drawn: DrawnObject, structure: Structure, grid: VoxelGrid) -> BoolArray:
    if structure.problem:
        facts = {"structure": structure.name, "found": structure.problem}
        raise InputFileError(Problem(key="masks.structure_unusable", where=drawn.where, facts=facts))
    if drawn.result.kind == "contours":
        return region_of_contours(structure, grid, drawn.where, filled)
    return region_of_segment(structure, grid, drawn.where, None)
