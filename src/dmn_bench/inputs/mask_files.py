"""Files with delineated structures, by either side: PNG, TIFF, NIfTI, DICOM segmentation and RT structure set.

A mask lies on the voxels of its image or it is refused: nothing is resized, resampled or shifted. A NIfTI file may
store the same lattice with its axes in another order or direction: it is turned.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..hookspecs import VoxelGrid
from .contour_regions import Fill
from .dicom_file import is_dicom
from .faults import fault
from .mask_objects import on_this_image, reaching, region_of_contours, region_of_segment, structure_of, structures_of
from .nifti_file import SAME_PLACE, NiftiVolume, corners_of, is_nifti, open_nifti
from .raster import RasterReader, stored_values
from .result_objects import read_result
from .voxel_grids import affine_of, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..vocabulary import BoolArray, FloatArray
    from .result_content import ResultObject

MaskKind = Literal["picture", "nifti", "object"]


@dataclass(frozen=True, kw_only=True)
class Inside:
    """Which values of a mask are inside: all but 0, only ``value``, or those from ``at_least`` on.

    Of a DICOM segmentation ``value`` is the number of the segment, and ``at_least`` a share of a fractional one.
    """

    value: int | None = None
    at_least: float | None = None

    def of(self, values: NDArray[np.generic], where: Path | str) -> BoolArray:
        """Where the values are inside. Raises InputFileError if they are shares and nothing says from which on."""
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise refused(where, "not_finite")
        if self.at_least is not None:
            return reaching(values, self.at_least)
        if values.dtype.kind == "f" and np.not_equal(values, np.rint(values)).any():
            raise refused(where, "shares")
        return np.asarray(values != 0 if self.value is None else values == self.value)


NOT_ZERO = Inside()


@dataclass(frozen=True, kw_only=True)
class MaskFile:
    """A file that delineates structures, read once for all of them."""

    path: Path
    where: str  # what messages call it
    kind: MaskKind
    pages: NDArray[np.generic] | None = None  # of a picture: [pages, rows, columns]
    volume: NiftiVolume | None = None  # its voxels are read when they are asked for
    result: ResultObject | None = None

    @cached_property
    def voxels(self) -> NDArray[np.generic] | None:
        """Those of a volume. Raises InputFileError if the file is cut or damaged."""
        return None if self.volume is None else self.volume.values()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the structures that the file itself names; () of a picture or a volume."""
        return () if self.result is None else tuple(each.name for each in structures_of(self.result, self.where))

    @property
    def values(self) -> tuple[float, ...]:
        """The different values other than 0, ascending; () of an object, whose structures have names."""
        values = self.voxels if self.pages is None else self.pages
        return () if values is None else tuple(float(value) for value in np.unique(values) if value != 0)

    def check_lattice(self, grid: VoxelGrid) -> None:
        """Raises InputFileError if a volume has other voxels than the grid: known before any of them is unpacked."""
        if self.volume is not None:
            _axes_on(self.volume, grid, self.where)

    def region(
        self, structure: str, grid: VoxelGrid, inside: Inside, fill: Fill, elsewhere: Collection[str] = ()
    ) -> BoolArray:
        """A structure on the grid of its image: [planes, rows, columns].

        ``elsewhere``: SOP Instance UIDs of the other images of the case, on which an object may delineate it too.
        Raises InputFileError if the mask lies on other voxels than the grid, or the structure cannot be told.
        """
        if self.result is not None:
            found = structures_of(self.result, self.where)
            chosen = structure_of(found, structure, self.where, number=inside.value)
            if elsewhere:
                chosen = on_this_image(chosen, grid, self.result, elsewhere, self.where)
            if self.result.kind == "contours":
                return region_of_contours(chosen, grid, self.where, fill)
            return region_of_segment(chosen, grid, self.where, inside.at_least)
        if self.volume is not None:
            axes = _axes_on(self.volume, grid, self.where)
            voxels = np.zeros((0, 0, 0)) if self.voxels is None else self.voxels
            return inside.of(_turned(voxels, axes), self.where)
        pages = self.pages if self.pages is not None else np.zeros((0, 0, 0))
        if pages.shape != grid.shape:
            raise refused(self.where, "other_size", found=_size(pages.shape), expected=_size(grid.shape))
        return inside.of(pages, self.where)


def open_mask(path: Path, where: str) -> MaskFile:
    """The mask in a file; of a volume its header.

    Raises InputFileError if it is of none of these formats, cut, damaged or larger than any; MachineError if a package
    is missing that its format needs.
    """
    if not path.is_file():
        raise refused(where, "file_missing")
    if is_nifti(path):
        return MaskFile(path=path, where=where, kind="nifti", volume=open_nifti(path))
    if RasterReader().recognises(path):
        pages = stored_values(path)
        if any(page.shape != pages[0].shape for page in pages):
            raise fault(path, "raster_pages_differ")
        return MaskFile(path=path, where=where, kind="picture", pages=np.stack(pages))
    if is_dicom(path):
        result = read_result(path, apart=True)
        structures_of(result, where)
        return MaskFile(path=path, where=where, kind="object", result=result)
    raise refused(where, "no_format")


def _axes_on(volume: NiftiVolume, grid: VoxelGrid, where: str) -> FloatArray:
    """The turn [3, 3] from the axes of a volume to those of the grid, whose lattice must be the same, or is refused."""
    ours = affine_of(grid)
    if ours is None:
        raise refused(where, "volume_needs_place")
    size = (volume.shape[2], volume.shape[1], volume.shape[0])
    shape = (grid.columns, grid.rows, len(grid.planes))
    moved = np.linalg.inv(ours) @ volume.affine  # its index -> ours
    if len(grid.planes) == 1:  # a single plane does not say how thick it is
        moved[2, :3] /= np.abs(moved[2, :3]).max() or 1.0
    axes = np.round(moved[:3, :3])
    is_turn = bool((np.abs(axes).sum(axis=0) == 1).all() and (np.abs(axes).sum(axis=1) == 1).all())
    corners = (moved @ corners_of(size))[:3]
    ends = np.stack([corners.min(axis=1), corners.max(axis=1)])
    expected = np.array([(0.0, 0.0, 0.0), tuple(n - 1.0 for n in shape)])
    exact = _exact(axes, moved, size)
    same = is_turn and np.abs(ends - expected).max() <= SAME_PLACE and np.abs(corners - exact).max() <= SAME_PLACE
    if not same:
        raise refused(where, "other_lattice", found=_described(volume.affine, size), expected=_described(ours, shape))
    return np.asarray(axes, dtype=np.float64)


def _turned(voxels: NDArray[np.generic], axes: FloatArray) -> NDArray[np.generic]:
    """The voxels of a volume as [planes, rows, columns] of the grid."""
    stored = [int(np.flatnonzero(axes[axis])[0]) for axis in range(3)]  # of each axis of ours, theirs
    by_axis = voxels.transpose(2, 1, 0).transpose(stored)
    for axis in range(3):
        by_axis = np.flip(by_axis, axis) if axes[axis, stored[axis]] < 0 else by_axis
    return by_axis.transpose(2, 1, 0)


def _exact(axes: FloatArray, moved: FloatArray, size: tuple[int, int, int]) -> FloatArray:
    """Where the corners would lie if the axes were turned by right angles exactly."""
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = axes, np.round(moved[:3, 3])
    return (whole @ corners_of(size))[:3]


def _described(affine: FloatArray, size: tuple[int, int, int]) -> str:
    """A lattice in words: numbers of voxels, their size in mm, and the place of the first."""
    lengths = " x ".join(f"{length:.4g}" for length in np.linalg.norm(affine[:3, :3], axis=0))
    place = ", ".join(f"{float(x):.2f}" for x in affine[:3, 3])
    return f"{_size(size)} ({lengths} mm, LPS {place})"


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
