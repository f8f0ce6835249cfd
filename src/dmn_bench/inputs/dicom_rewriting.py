"""A DICOM image with other pixels in its place: for checks of what a device does with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputFileError
from .dicom_file import open_dicom
from .faults import fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

COPY_SUFFIX = ".dcm"  # of what ``deidentified_copy`` writes
OTHER_SIZE = 64  # px, of the stand-in for pixels that cannot be decoded here


def is_dicom_copy(path: Path) -> bool:
    """Whether a copy made for a candidate is DICOM: its name says so; the samples of a signal may begin as one does."""
    return path.suffix == COPY_SUFFIX


def with_pixels(path: Path, change: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
    """Replace the pixels of a DICOM file, in place and uncompressed; every other element stays.

    ``change`` is given the stored values, [rows, columns], [frames, rows, columns] or with three colours at the end,
    and returns others of any size; what describes their form is written anew.
    Raises InputFileError if the file is no image.
    """
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = open_dicom(path, pixels=True)
    if "Rows" not in dataset:
        raise fault(path, "dicom_no_pixels")
    changed = change(_stored(dataset))
    is_rgb = changed.shape[-1] == 3 and changed.ndim > 2
    n_frames = 1 if changed.ndim == 2 + is_rgb else changed.shape[0]
    rows, columns = changed.shape[-3:-1] if is_rgb else changed.shape[-2:]
    bits = 8 * changed.dtype.itemsize
    described = {
        "Rows": int(rows),
        "Columns": int(columns),
        "SamplesPerPixel": 3 if is_rgb else 1,
        "PhotometricInterpretation": "RGB" if is_rgb else "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(changed.dtype.kind == "i"),
        "NumberOfFrames": n_frames,
    }
    for keyword, value in described.items():
        setattr(dataset, keyword, value)
    if is_rgb:
        dataset.PlanarConfiguration = 0
    data = np.ascontiguousarray(changed, dtype=changed.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, implicit_vr=False, little_endian=True)


def _stored(dataset: Any) -> NDArray[Any]:
    try:
        return np.asarray(dataset.pixel_array)
    except (InputFileError, ValueError, RuntimeError, AttributeError, NotImplementedError):
        return np.zeros((OTHER_SIZE, OTHER_SIZE), dtype=np.uint16)  # its decoder is not installed: any pixels will do
