"""Masks as files: a NIfTI volume of 0 and 1 on the lattice of its series."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..vocabulary import BoolArray, FloatArray


def nifti_bytes(inside: BoolArray, affine: FloatArray) -> bytes:
    """A packed NIfTI-1 file of a region [planes, rows, columns].

    ``affine`` [4, 4]: index (column, row, plane) of a voxel to its place in mm (LPS). The axes of NIfTI run to the
    right, front and head of the patient, those of DICOM to the left and back.
    Reference: nifti1.h of the NIfTI Data Format Working Group.
    """
    n_planes, n_rows, n_columns = inside.shape
    to_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)  # sizeof_hdr
    struct.pack_into("<8h", header, 40, 3, n_columns, n_rows, n_planes, 1, 1, 1, 1)  # dim
    struct.pack_into("<hh", header, 70, 2, 8)  # datatype uint8, bits of a voxel
    struct.pack_into("<8f", header, 76, 1.0, *np.linalg.norm(to_ras[:3, :3], axis=0), 1.0, 1.0, 1.0, 1.0)  # pixdim
    struct.pack_into("<f", header, 108, 352.0)  # vox_offset
    struct.pack_into("<ff", header, 112, 1.0, 0.0)  # slope and intercept of the values
    header[123] = 2  # places are in mm
    struct.pack_into("<hh", header, 252, 0, 1)  # no qform; the sform is of the scanner
    struct.pack_into("<12f", header, 280, *to_ras[:3].ravel())  # srow_x, srow_y, srow_z
    header[344:348] = b"n+1\x00"
    return gzip.compress(bytes(header) + inside.astype(np.uint8).tobytes(), mtime=0)
