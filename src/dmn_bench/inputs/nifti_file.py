"""NIfTI files: one volume, its values, and where its voxels lie in the patient.

The axes of a file are brought into the order of an axial DICOM series: columns advance to the left of the patient, rows
to the back, planes to the head, as nearly as the axes of the volume allow; so whoever stored it in another order means
the same pixels by the same numbers. Reference: https://nifti.nimh.nih.gov, nifti1.h, nifti2.h.
"""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import MachineError, Problem
from .faults import LIBRARY_FAULTS, MOST_DECODED_BYTES, fault, reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..vocabulary import FloatArray

GZIP_MAGIC = b"\x1f\x8b"
SIZES = {348: 348, 540: 540}
MOST_VOLUME_OFFSET = 16 << 20  # header and extensions; what is longer was not made by a scanner or a converter
MOST_TRAILING = 1 << 20
SAME_PLACE = 0.1  # of a voxel: how far two descriptions of one place may differ
SQUARE = 1e-3  # the largest cosine between two axes at a right angle
_MM_PER_UNIT = {"mm": 1.0, "meter": 1000.0, "micron": 0.001, "unknown": 1.0}
_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])  # from the right-anterior-superior coordinates of NIfTI


@dataclass(frozen=True, kw_only=True)
class NiftiVolume:
    """The lattice of a file, its axes in our order, and how to get at its values.

    ``shape``: planes, rows, columns. ``affine`` [4, 4]: index (column, row, plane) of a voxel to the place of its
    centre in mm (LPS).
    """

    path: Path
    shape: tuple[int, int, int]
    affine: FloatArray
    header: Any  # nibabel's
    order: tuple[int, int, int]  # the stored axis that became columns, rows, planes
    flipped: tuple[bool, bool, bool]  # likewise
    two_places: bool  # sform and qform both hold and say different things; the sform counts

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Between planes, rows and columns."""
        lengths = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(lengths[2]), float(lengths[1]), float(lengths[0])

    def stored(self) -> NDArray[np.generic]:
        """The values as they are in the file, [planes, rows, columns], not scaled.

        Raises InputFileError if the file holds fewer bytes than its header says, or is damaged.
        """
        kind = self.header.get_data_dtype()
        count = int(np.prod(self.shape, dtype=np.int64))
        with reading(self.path, "nifti_damaged"), opened(self.path) as stream:
            stream.seek(int(self.header["vox_offset"]))
            raw = stream.read(count * kind.itemsize)
            if len(raw) != count * kind.itemsize:
                raise fault(self.path, "nifti_cut", expected=count * kind.itemsize, found=len(raw))
            if len(stream.read(MOST_TRAILING + 1)) > MOST_TRAILING:  # to its end, where gzip has its checksum
                raise fault(self.path, "nifti_damaged", found="trailing bytes")
            by_axis = np.ndarray([int(n) for n in self.header["dim"][1:4]], dtype=kind, buffer=raw, order="F")
        values = by_axis.transpose(self.order[::-1])
        for axis, is_flipped in enumerate(self.flipped[::-1]):
            values = np.flip(values, axis) if is_flipped else values
        return np.ascontiguousarray(values).astype(kind.newbyteorder("="), copy=False)

    def values(self) -> NDArray[np.generic]:
        """The values that the file means: those stored, or float64 where it states a slope and an intercept.

        Raises InputFileError as ``stored`` does, and if they are no real numbers.
        """
        stored = self.stored()
        slope, intercept = self.header.get_slope_inter()
        if not _is_scaled(self.header):
            return stored
        found = stored.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # who reads it looks for numbers that are not finite
            found *= float(slope)
            found += float(intercept or 0.0)
        return found


def _is_scaled(header: Any) -> bool:
    """Whether the file states a slope and an intercept that change its values."""
    slope, intercept = header.get_slope_inter()
    return slope not in (None, 1.0) or intercept not in (None, 0.0)


def is_nifti(path: Path) -> bool:
    """Whether the file begins as a NIfTI file with its voxels in it does, packed or not."""
    try:
        with opened(path) as stream:
            start = stream.read(352)
    except (OSError, EOFError, ValueError, zlib.error):
        return False
    return _size_of_header(start) is not None


def open_nifti(path: Path) -> NiftiVolume:
    """The volume of a file; its values are read later.

    Raises InputFileError if the file is cut or damaged, holds no single volume of real numbers, does not say where it
    lies in the patient, or is larger than any; MachineError if the package nibabel is not installed.
    """
    header = _header(path)
    dims = [int(n) for n in header["dim"]]
    axes = dims[1 : dims[0] + 1]
    if not 1 <= dims[0] <= 7 or min(axes) < 1:
        raise fault(path, "nifti_bad_geometry", found=str(axes))
    if len(axes) < 2 or any(n > 1 for n in axes[3:]):
        raise fault(path, "nifti_not_one_volume", found=" x ".join(map(str, axes)))
    size = (axes[0], axes[1], axes[2] if len(axes) > 2 else 1)
    header["dim"][1:4] = size
    kind = header.get_data_dtype()
    if kind.kind not in "iuf" or kind.itemsize > 8:
        raise fault(path, "nifti_kind_unknown", found=str(kind))
    n_bytes = size[0] * size[1] * size[2] * (8 if _is_scaled(header) else max(kind.itemsize, 1))
    if n_bytes > MOST_DECODED_BYTES:
        raise fault(path, "too_large", found=n_bytes)
    stored_affine, two_places = _place(header, size, path)
    order, flipped = _axial_order(stored_affine[:3, :3])
    shape = (size[order[2]], size[order[1]], size[order[0]])
    affine = stored_affine @ _reordering(order, flipped, size)
    return NiftiVolume(
        path=path, shape=shape, affine=affine, header=header, order=order, flipped=flipped, two_places=two_places
    )


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is packed."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        if not is_packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield stream  # type: ignore[misc]  # it reads and seeks as a file does


def nibabel(path: Path) -> Any:
    """The library. Raises MachineError if it is not installed."""
    try:
        return importlib.import_module("nibabel.nifti2")
    except ImportError:
        raise MachineError(Problem(key="inputs.no_nibabel", where=str(path))) from None


def _faults() -> tuple[type[Exception], ...]:
    """What the library raises on headers that make no sense: the common kinds, and one of its own."""
    return (*LIBRARY_FAULTS, importlib.import_module("nibabel.spatialimages").HeaderDataError)


def _size_of_header(start: bytes) -> int | None:
    """348 or 540, of a file that begins so; None if it is another."""
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        size = int.from_bytes(start[:4], order)
        if (size == 348 and start[344:348] == b"n+1\0") or (size == 540 and start[4:12] == b"n+2\0\r\n\x1a\n"):
            return size
    return None


def _header(path: Path) -> Any:
    """The fixed part of the header. Extensions are not read: they are as long as they like, and may name persons."""
    library = nibabel(path)
    with reading(path, "nifti_damaged", _faults()), opened(path) as stream:
        block = stream.read(540)
        size = _size_of_header(block)
        if size is None or len(block) < size:
            raise fault(path, "nifti_damaged", found="no header")
        kind = library.Nifti2Header if size == 540 else library.Nifti1Header
        header = kind(block[:size], check=False)  # which would print what it repairs
        if not size <= int(header["vox_offset"]) <= MOST_VOLUME_OFFSET:
            raise fault(path, "nifti_bad_geometry", found=f"vox_offset {float(header['vox_offset']):g}")
        header.get_data_dtype()
        header.get_slope_inter()
    return header


def _place(header: Any, size: tuple[int, int, int], path: Path) -> tuple[FloatArray, bool]:
    """Stored index to mm (LPS): of the sform, or else the qform; and whether the two contradict each other."""
    with reading(path, "nifti_bad_geometry", _faults()):
        unit = _MM_PER_UNIT[header.get_xyzt_units()[0]]
        forms = [
            form for form in (header.get_sform(coded=True)[0], header.get_qform(coded=True)[0]) if form is not None
        ]
    if not forms:
        raise fault(path, "nifti_no_place")
    found = [_TO_LPS @ np.diag([unit, unit, unit, 1.0]) @ np.asarray(form, dtype=np.float64) for form in forms]
    axes = found[0][:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(found[0]).all() or not (lengths > 0).all():
        raise fault(path, "nifti_bad_geometry", found="affine")
    cosines = (axes / lengths).T @ (axes / lengths)
    if float(np.abs(cosines - np.eye(3)).max()) > SQUARE:
        raise fault(path, "nifti_sheared")
    corners = corners_of(size)
    apart = [np.abs((form @ corners - found[0] @ corners)[:3]).max() for form in found]
    return found[0], not all(distance <= SAME_PLACE * lengths.min() for distance in apart)


def corners_of(size: tuple[int, int, int]) -> FloatArray:
    """The indices of the eight corner voxels of a volume, [4, 8], with a last row of ones."""
    ends = np.indices((2, 2, 2), dtype=np.float64).reshape(3, 8) * (np.array(size, dtype=np.float64)[:, None] - 1)
    return np.vstack([ends, np.ones(8)])


def _axial_order(axes: FloatArray) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """The stored axes nearest to left, back and head, each once, and whether each runs the other way."""
    library = importlib.import_module("nibabel.orientations")
    square = np.eye(4)
    square[:3, :3] = axes
    found = library.io_orientation(square)  # of each stored axis: the axis it is nearest to, and its sign
    order = [int(np.flatnonzero(found[:, 0] == axis)[0]) for axis in range(3)]
    flipped = [bool(found[stored, 1] < 0) for stored in order]
    return (order[0], order[1], order[2]), (flipped[0], flipped[1], flipped[2])


def _reordering(
    order: tuple[int, int, int], flipped: tuple[bool, bool, bool], size: tuple[int, int, int]
) -> FloatArray:
    """Index (column, row, plane) in our order to the index as stored, [4, 4]."""
    found = np.zeros((4, 4))
    found[3, 3] = 1.0
    for axis, (stored, is_flipped) in enumerate(zip(order, flipped, strict=True)):
        found[stored, axis] = -1.0 if is_flipped else 1.0
        found[stored, 3] = size[stored] - 1.0 if is_flipped else 0.0
    return found
