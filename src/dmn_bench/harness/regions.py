"""The regions of both sides on the voxels of a case, one structure of one image at a time.

A case of several images is asked for image by image, each as ``reference_set.case_images.images_of`` gives it. A
structure that an answer delineates and that cannot be placed there has failed, with a reason: it is never left out.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..adapters.answer_masks import array_of
from ..errors import InputFileError
from ..hookspecs import Reader, VoxelGrid
from ..inputs.contour_regions import enclosed, region_of_lines
from ..inputs.mask_files import Inside, MaskFile, open_mask
from ..inputs.mask_objects import OUTSIDE_PX, in_px, plane_index
from ..inputs.result_content import Plane, Reference
from ..inputs.voxel_grids import case_grid
from ..reference_set import ConsensusRule, MaskRow, ReferenceSet
from ..reference_set.consensus import ADJUDICATED_READERS
from ..tasks.outlines import filled
from ..vocabulary import Answer, Case, Contour, Mask, RegionPair
from ..wordings import say_problem
from .consensus_masks import consensus_region
from .kept_regions import KeptRegions

if TYPE_CHECKING:
    from pathlib import Path

    from ..vocabulary import BoolArray


class RegionError(Exception):
    """Why a structure of an answer cannot be placed on the voxels of its case; in English, as reasons are."""


class Regions:
    """The delineated structures of a reference set, opened when they are asked for.

    ``kept``: what was opened for other ``Regions`` of the same run, and where this one keeps what it opens.
    """

    def __init__(self, reference_set: ReferenceSet, readers: Sequence[Reader], kept: KeptRegions | None = None) -> None:
        self._set, self._readers = reference_set, readers
        self._kept = KeptRegions() if kept is None else kept
        self._shared: MaskFile | None = None
        self._files = {case.case_id: case.files for case in reference_set.cases}
        self._rows: dict[tuple[str, str], dict[str, dict[str, MaskRow]]] = defaultdict(lambda: defaultdict(dict))
        for row in reference_set.masks:
            self._rows[row.case_id, row.image][row.structure][row.reader] = row

    def structures(self, case: Case) -> tuple[str, ...]:
        """Those that masks.csv names for an image, by any reader."""
        return tuple(self._rows_of(case))

    def readers_of(self, case: Case, structure: str) -> tuple[str, ...]:
        """Who delineated a structure of an image, as in masks.csv, "" where it does not say."""
        return tuple(self._rows_of(case).get(structure, ()))

    def image(self, case: Case) -> str:
        """Which of the images of its case this is; "" where that has one."""
        return case.files[0] if len(self._files.get(case.case_id, ())) > 1 and len(case.files) == 1 else ""

    def _rows_of(self, case: Case) -> Mapping[str, Mapping[str, MaskRow]]:
        return self._rows.get((case.case_id, self.image(case)), {})

    def grid(self, case: Case) -> VoxelGrid:
        """The voxels of an image. Raises InputFileError if it is not one image, or cannot be read."""
        root = self._set.root
        return self._kept.grid((root, case.case_id, case.files), lambda: case_grid(case, root, self._readers))

    def reader_region(self, case: Case, structure: str, reader: str) -> BoolArray | None:
        """What one reader delineated, [planes, rows, columns]; None where masks.csv has no such row.

        Raises InputFileError if the file cannot be read or lies on other voxels.
        """
        if reader not in self.readers_of(case, structure):
            return None
        row = self._rows_of(case)[structure][reader]
        found = self._kept.region(self._key(row))
        return self._opened(case, row) if found is None else found

    def _key(self, row: MaskRow) -> tuple[object, ...]:
        return (self._set.root, row.case_id, row.image, row.structure, row.file, row.value, row.at_least)

    def _opened(self, case: Case, wanted: MaskRow) -> BoolArray:
        """The region of one row; those of other rows in the same file are kept for when they are asked for."""
        where, path = f"masks.csv:{wanted.line}: {wanted.file}", self._set.root / wanted.file
        opened, grid = self._mask(path, where, case), self.grid(case)
        elsewhere = self._elsewhere(case) if opened.kind == "object" else ()
        region = _region(opened, wanted, grid, elsewhere)
        self._kept.put(self._key(wanted), region)
        for of_structure in self._rows_of(case).values():
            for row in of_structure.values():
                if row.file == wanted.file and row is not wanted:
                    with contextlib.suppress(InputFileError):  # raised when that row is asked for
                        self._kept.put(self._key(row), _region(opened, row, grid, elsewhere))
        return region

    def _mask(self, path: Path, where: str, case: Case) -> MaskFile:
        """The file opened; an object about several images of a case is read once for all of them."""
        if self._shared is not None and self._shared.path == path and self.image(case):
            return dataclasses.replace(self._shared, where=where)
        self._shared = None  # let go of the one before this one is read
        opened = open_mask(path, where)
        self._shared = opened if opened.kind == "object" and self.image(case) else None
        return opened

    def _elsewhere(self, case: Case) -> frozenset[str]:
        """The instances of the other images of a case; of those that cannot be read none is known."""
        found: set[str] = set()
        for file in self._files.get(case.case_id, ()) if self.image(case) else ():
            with contextlib.suppress(InputFileError):  # said where that image is asked for
                other = self.grid(dataclasses.replace(case, files=(file,)))
                found.update(plane.instance for plane in other.planes if file != case.files[0])
        return frozenset(found - {""})

    def reference_region(self, case: Case, structure: str, rule: ConsensusRule | None = None) -> BoolArray | None:
        """The reference by ``rule``, that of the card without one; None where it says nothing of the structure.

        Raises InputFileError as ``reader_region`` does, MachineError if a package is missing that the rule needs.
        """
        rule = rule or self._set.card.reference_standard.consensus
        wanted = self.readers_of(case, structure)
        if not rule.is_computed and len(wanted) > 1:  # single readings do not count: they need not be opened
            wanted = tuple(reader for reader in wanted if reader in ADJUDICATED_READERS)
        found = {reader: self.reader_region(case, structure, reader) for reader in wanted}
        return consensus_region({reader: one for reader, one in found.items() if one is not None}, rule)

    def answered_region(self, case: Case, answer: Answer, structure: str) -> BoolArray | None:
        """What an answer delineates, [planes, rows, columns]; None where it says nothing of the structure on the image.

        An answer with an empty list of masks or contours, and no other, looked for everything and found nothing. Names
        are the same in small and capital letters. Several masks of a structure on one plane count together.
        Raises RegionError if it cannot be placed, InputFileError if the image of the case cannot be read.
        """
        masks = [mask for mask in answer.masks or () if self._is_of(mask, structure, case)]
        contours = [contour for contour in answer.contours or () if self._is_of(contour, structure, case)]
        if masks and contours:
            raise RegionError(f"{structure}: both masks and contours")
        is_empty = not answer.masks and not answer.contours and (answer.masks, answer.contours) != (None, None)
        if not masks and not contours and not is_empty:
            return None
        grid = self.grid(case)
        try:
            return _of_contours(contours, grid) if contours else _of_masks(masks, grid)
        except RegionError as error:
            raise RegionError(f"{structure}: {error}") from error
        except InputFileError as error:
            said = " ".join(say_problem(problem, "en") for problem in error.problems)
            raise RegionError(f"{structure}: {said}") from error

    def _is_of(self, drawn: Mask | Contour, structure: str, case: Case) -> bool:
        """Whether a mask or contour is one of the structure on this image; see ``_is_on_image`` for what is raised."""
        if not _is_same(drawn.structure, structure):
            return False
        image = self.image(case)
        return not image or self._is_on_image(drawn, image, case)

    def _is_on_image(self, drawn: Mask | Contour, image: str, case: Case) -> bool:
        """Whether something drawn lies on one of the several images of a case.

        Raises RegionError if it names none, or one that is none of them.
        """
        files = self._files[case.case_id]
        if drawn.image is not None:
            if drawn.image not in files:
                raise RegionError(f"{drawn.structure}: on the image {drawn.image}, which is none of the case")
            return drawn.image == image
        if drawn.instance is None:
            raise RegionError(f"{drawn.structure}: it does not say on which of {len(files)} images it lies")
        if any(plane.instance == drawn.instance for plane in self.grid(case).planes):
            return True
        if drawn.instance not in self._elsewhere(case):
            raise RegionError(f"{drawn.structure}: it names an instance that is none of the images")
        return False

    def pairs(
        self, case: Case, answer: Answer | None, structures: Iterable[str], failed: dict[str, str] | None = None
    ) -> Iterator[RegionPair]:
        """Both sides of each of these structures that the reference says something of, one after the other.

        ``failed`` takes the reason of each that the answer gives and that cannot be placed, which is no empty one.
        Raises InputFileError as ``reference_region`` does.
        """
        for structure in structures:
            reference = self.reference_region(case, structure)
            if reference is None:
                continue
            answered = None
            try:
                answered = None if answer is None else self.answered_region(case, answer, structure)
            except RegionError as error:
                if failed is not None:
                    failed[structure] = str(error)
            grid = self.grid(case)
            yield RegionPair(
                structure=structure,
                reference=reference,
                answered=answered,
                spacing_mm=grid.spacing_mm,
                spacing_source=grid.spacing_source,
            )


def _region(opened: MaskFile, row: MaskRow, grid: VoxelGrid, elsewhere: Collection[str]) -> BoolArray:
    inside = Inside(value=row.value, at_least=row.at_least)
    return opened.region(row.structure, grid, inside, filled, elsewhere)


def _is_same(theirs: str, ours: str) -> bool:
    return theirs == ours or theirs.casefold() == ours.casefold()


def _of_masks(masks: Sequence[Mask], grid: VoxelGrid) -> BoolArray:
    region = np.zeros(grid.shape, dtype=bool)
    for mask in masks:
        if (mask.rows, mask.columns) != (grid.rows, grid.columns):
            raise RegionError(f"a mask of {mask.rows} x {mask.columns} on an image of {grid.rows} x {grid.columns}")
        try:
            region[_index(mask, grid)] |= array_of(mask)
        except ValueError as error:
            raise RegionError(f"a mask of {error}") from error
    return region


def _of_contours(contours: Sequence[Contour], grid: VoxelGrid) -> BoolArray:
    in_planes: dict[int, list[Contour]] = defaultdict(list)
    for contour in contours:
        in_planes[_index(contour, grid)].append(contour)
    region = np.zeros(grid.shape, dtype=bool)
    for place, drawn in in_planes.items():
        in_mm = [in_px(each.points_mm, grid, place, "answer") for each in drawn if each.points_mm]
        if in_mm and len(in_mm) < len(drawn):
            raise RegionError("contours in px and in mm on one plane")
        if in_mm:
            region[place] = region_of_lines(in_mm, grid.rows, grid.columns, filled, "answer")
        else:
            in_image = [_in_image(each, grid) for each in drawn]
            region[place] = enclosed(in_image, grid.rows, grid.columns, filled, "answer")
    return region


def _in_image(contour: Contour, grid: VoxelGrid) -> Sequence[tuple[float, float]]:
    """The corners of a contour in px. Raises RegionError if they lie off its image."""
    points = np.array(contour.points, dtype=np.float64).reshape(-1, 2)
    edges = np.array([grid.columns, grid.rows]) + OUTSIDE_PX
    if not ((points >= -OUTSIDE_PX) & (points <= edges)).all():
        raise RegionError(f"a contour reaches out of its image of {grid.rows} x {grid.columns}")
    return contour.points


def _index(drawn: Mask | Contour, grid: VoxelGrid) -> int:
    """The index of the plane that a mask or contour lies on. Raises RegionError if it does not say, or is another's."""
    if drawn.image is not None and drawn.image != grid.image:
        raise RegionError(f"on the image {drawn.image}, and the delineated one is {grid.image}")
    n_planes = len(grid.planes)
    if isinstance(drawn, Contour) and drawn.points_mm and (drawn.instance is not None or drawn.frame is None):
        frames = () if drawn.frame is None else (drawn.frame,)
        named = None if drawn.instance is None else Reference(uid=drawn.instance, frames=frames)
        return plane_index(Plane(image=named, points_mm=drawn.points_mm), grid, "answer")
    if drawn.instance is not None:
        return _of_instance(drawn, grid)
    if drawn.frame is None and n_planes > 1:
        raise RegionError(f"it does not say on which of {n_planes} planes it lies (frame or instance)")
    if drawn.frame is not None and not 1 <= drawn.frame <= n_planes:
        raise RegionError(f"on frame {drawn.frame} of an image with {n_planes}")
    return (drawn.frame or 1) - 1


def _of_instance(drawn: Mask | Contour, grid: VoxelGrid) -> int:
    found = [index for index, plane in enumerate(grid.planes) if plane.instance == drawn.instance]
    if not found:
        raise RegionError("it names an instance that is none of the image")
    if len(found) == 1:
        if drawn.frame not in (None, 1, found[0] + 1):
            raise RegionError(f"on frame {drawn.frame} of an instance with one")
        return found[0]
    if drawn.frame is None or not 1 <= drawn.frame <= len(found):
        raise RegionError(f"it does not say on which of {len(found)} frames it lies")
    return found[drawn.frame - 1]
