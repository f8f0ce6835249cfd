"""One delivered mask file as the masks and contours of an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..hookspecs import CaseKeys, KnownImage, VoxelGrid
from ..vocabulary import Contour, Mask
from .answer_masks import masks_of

if TYPE_CHECKING:
    from ..inputs.mask_files import MaskFile
    from ..inputs.result_content import ResultObject
    from ..vocabulary import BoolArray


class UnnamedError(ValueError):
    """A structure or a value of a file that nothing gives a name."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How the structures of a file are called.

    ``structures``: the vendor's word -> the set's; ``values``: of a label map; ``only``: what a file that names nothing
    holds.
    """

    structures: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    values: Mapping[int, str] = field(default_factory=dict)
    only: str = ""
    at_least: float | None = None

    def ours(self, word: str) -> str:
        """The set's name of a structure; the vendor's word where nothing is declared for any. Raises UnnamedError."""
        if word in self.structures:
            return self.structures[word]
        if self.structures:
            raise UnnamedError(word)
        return word

    def all_of(self, word: str) -> tuple[str, ...]:
        """What a file holds whose path names ``word``; () where only the file itself could tell."""
        if word:
            return (self.ours(word),)
        if self.only:
            return (self.only,)
        return tuple(dict.fromkeys((*self.values.values(), *self.structures.values())))


def drawn_in(
    file: MaskFile, word: str, grid: VoxelGrid, keys: CaseKeys, naming: Naming
) -> tuple[list[Mask], list[Contour]]:
    """The masks and contours of a file on one image, by the set's names. ``word``: the structure its path names, or "".

    Of an object about several images of a case those on the image of ``grid``.
    A structure without a voxel has one mask with nothing inside: it was looked for and not found.
    Raises InputFileError where it lies on other voxels than those of ``grid``, UnnamedError for what has no name.
    """
    if file.kind == "object":
        return _of_object(file, word, grid, keys, naming)
    if naming.values:
        file.check_lattice(grid)  # before the values of a volume are unpacked
        unnamed = [value for value in file.values if value not in naming.values]
        if unnamed:
            raise UnnamedError(", ".join(f"{value:g}" for value in unnamed[:10]))
        of_value = [(name, _region(file, name, grid, value=value)) for value, name in naming.values.items()]
        return [mask for name, region in of_value for mask in masks_of(region, grid, name)], []
    name = naming.ours(word) if word else naming.only
    return masks_of(_region(file, name, grid, at_least=naming.at_least), grid, name), []


def _of_object(
    file: MaskFile, word: str, grid: VoxelGrid, keys: CaseKeys, naming: Naming
) -> tuple[list[Mask], list[Contour]]:
    from ..inputs.mask_objects import on_this_image, outlines_of, structure_of, structures_of

    if file.result is None:
        return [], []
    elsewhere, named = _on_other_images(grid, keys), _as_named_by(file.result, grid, keys)
    masks: list[Mask] = []
    contours: list[Contour] = []
    found = structures_of(file.result, file.where)
    for each in found:
        if each.name in naming.ignored:
            continue
        one = structure_of(found, each.name, file.where)  # refuses what is doubled or cannot be used
        name = naming.ours(word) if word else naming.ours(each.name)
        if not word and len(found) == 1 and naming.only and not naming.structures:
            name = naming.only
        if file.result.kind == "segmentation":
            region = _region(file, each.name, named, at_least=naming.at_least, elsewhere=elsewhere)
            masks += masks_of(region, grid, name)
            continue
        if elsewhere:
            one = on_this_image(one, named, file.result, elsewhere, file.where)
        outlines_of(one, named, file.where)  # every line lies on a slice of the case
        if not one.planes:
            masks += masks_of(np.zeros(grid.shape, dtype=bool), grid, name)
        on_planes = _on_planes(one.planes, named, grid, file.where)
        contours += [replace(plane, structure=name, points_mm=points_mm) for plane, points_mm in on_planes]
    return masks, contours


def _on_planes(
    planes: Sequence[object], named: VoxelGrid, grid: VoxelGrid, where: str
) -> list[tuple[Contour, tuple[tuple[float, float, float], ...]]]:
    from ..inputs.mask_objects import plane_index
    from ..inputs.result_content import Plane

    found = []
    for plane in planes:
        if isinstance(plane, Plane):
            ours = grid.planes[plane_index(plane, named, where)]
            points = tuple((float(x), float(y), float(z)) for x, y, z in plane.points_mm)
            found.append((Contour(structure="", frame=ours.frame, instance=ours.instance or None), points))
    return found


def is_on(file: MaskFile, grid: VoxelGrid, keys: CaseKeys) -> bool:
    """Whether a file is about one image of a case of several: an object where it names it, any other by its path."""
    from ..inputs.mask_objects import is_about

    return file.result is None or is_about(file.result, _as_named_by(file.result, grid, keys))


def _as_named_by(result: ResultObject, grid: VoxelGrid, keys: CaseKeys) -> VoxelGrid:
    from ..inputs.mask_objects import uids_of

    known = keys.instances
    if len(keys.case.files) > 1:
        known = tuple(one for one in known if one.name == grid.image)
        return as_vendor_names(grid, known, uids_of(result))
    return as_vendor_names(grid, known, [image.uid for image in result.images])


def _on_other_images(grid: VoxelGrid, keys: CaseKeys) -> frozenset[str]:
    """The SOP Instance UIDs of the other images of a case of several, by any name."""
    if len(keys.case.files) < 2:
        return frozenset()
    uids = {uid for uid, path in keys.sop_instance_uids.items() if path != grid.image}
    return frozenset(uids | {one.sop_instance_uid for one in keys.instances if one.name != grid.image})


def _region(
    file: MaskFile,
    name: str,
    grid: VoxelGrid,
    *,
    value: int | None = None,
    at_least: float | None = None,
    elsewhere: Collection[str] = (),
) -> BoolArray:
    from ..inputs.mask_files import Inside

    def no_contours(outline: Sequence[tuple[float, float]], rows: int, columns: int) -> BoolArray:
        raise UnnamedError(name)  # contours never come here

    return file.region(name, grid, Inside(value=value, at_least=at_least), no_contours, elsewhere)


def as_vendor_names(grid: VoxelGrid, known: Sequence[KnownImage], used: Sequence[str]) -> VoxelGrid:
    """The grid under the UIDs that an object uses: those of the set's files, or those that a hospital gave them.

    ``known``: every instance of the case by either name, at the same place under both.
    """
    own = {plane.instance for plane in grid.planes}
    theirs = [image for image in known if image.sop_instance_uid in used and image.sop_instance_uid not in own]
    if not theirs or own & set(used):
        return grid
    by_place = {image.position_mm: image for image in theirs}
    planes = tuple(
        replace(plane, instance=by_place[plane.position_mm].sop_instance_uid)
        if plane.position_mm in by_place
        else replace(plane, instance=theirs[0].sop_instance_uid)
        if len(own) == 1 and len(theirs) == 1
        else plane
        for plane in grid.planes
    )
    return replace(grid, planes=planes, frame_of_reference_uid=theirs[0].frame_of_reference_uid)
