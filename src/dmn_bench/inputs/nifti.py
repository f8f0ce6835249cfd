"""Reader `nifti`: volumes as .nii or .nii.gz files, in the order of an axial DICOM series."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from ..files import write_atomically
from ..hookspecs import Reader, hookimpl
from ..vocabulary import Image, Signals
from .faults import fault, keys_of, reading
from .nifti_file import GZIP_MAGIC, NiftiVolume, is_nifti, nibabel, open_nifti
from .packages import package_version


@dataclass(frozen=True, kw_only=True)
class NiftiReader:
    """NIfTI-1 and NIfTI-2 in one file, packed with gzip or not: one volume, its planes being the frames of an image."""

    name: ClassVar[str] = "nifti"
    gives: ClassVar[Literal["images", "signals"]] = "images"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as one does; a header with its voxels in another file is none."""
        return path.is_file() and is_nifti(path)

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses; and of what it lives with: two places for one volume."""
        keys = list(keys_of(lambda: self.read(path)))
        return keys if keys or not open_nifti(path).two_places else ["inputs.nifti_two_places"]

    def header(self, path: Path) -> Mapping[str, str]:
        """Size, spacing, and nothing of the texts that the file may hold."""
        volume = open_nifti(path)
        planes, rows, columns = volume.shape
        between_planes, between_rows, between_columns = volume.spacing_mm
        return {
            "Rows": str(rows),
            "Columns": str(columns),
            "NumberOfFrames": str(planes),
            "PixelSpacing": f"{between_rows:.9g}\\{between_columns:.9g}",
            "SpacingBetweenSlices": f"{between_planes:.9g}",
        }

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """One grey image [planes, rows, columns]: columns to the left of the patient, rows to the back, planes up.

        Values as stored; float64 where the file states a slope and an intercept. Of one plane: [rows, columns].
        Raises InputFileError as ``open_nifti`` does, and where the file is cut; MachineError without nibabel.
        """
        volume = open_nifti(path)
        values = volume.values()
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise fault(path, "nifti_not_finite")
        _, between_rows, between_columns = volume.spacing_mm
        image = Image(
            name="image-1",
            pixels=values[0] if len(values) == 1 else values,
            photometric="grey",
            spacing_mm=(between_rows, between_columns),
            spacing_source="file",
            n_frames=len(values),
            bits_stored=8 * volume.header.get_data_dtype().itemsize,
        )
        return (image,), None, (f"NIfTI nibabel {package_version('nibabel')}",)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """``name``.nii, or ``name``.nii.gz of a packed file: the volume in our order, and where it lies.

        Descriptions, file names, intents and extensions, which may name persons, are left behind.
        """
        volume = open_nifti(path)
        stored = volume.stored()
        whole = _packed_header(volume, stored.dtype) + stored.transpose(2, 1, 0).tobytes(order="F")
        with path.open("rb") as stream:
            is_packed = stream.read(2) == GZIP_MAGIC
        target = folder / f"{name}.nii{'.gz' if is_packed else ''}"
        write_atomically(target, gzip.compress(whole, mtime=0) if is_packed else whole)
        return (target,)


def _packed_header(volume: NiftiVolume, kind: np.dtype[Any]) -> bytes:
    """A new header with nothing but size, kind, scale and place, and the four bytes that say: no extensions."""
    library = nibabel(volume.path)
    with reading(volume.path, "nifti_bad_geometry"):
        header = type(volume.header)()
        planes, rows, columns = volume.shape
        header.set_data_dtype(kind)
        header.set_data_shape((columns, rows, planes))
        affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine
        header.set_qform(affine, code=1)
        header.set_sform(affine, code=1)
        header.set_xyzt_units("mm")
        header.set_slope_inter(*volume.header.get_slope_inter())
        is_second = isinstance(header, library.Nifti2Header)
        header["magic"] = header.single_magic
        header["vox_offset"] = 544 if is_second else 352
        return bytes(header.binaryblock) + b"\0\0\0\0"


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [NiftiReader]
