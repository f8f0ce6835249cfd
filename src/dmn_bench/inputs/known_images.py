"""What a result object may say of an image, and we can check: its size, frames, plane and frame of reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..hookspecs import KnownImage

IMAGE_KEYWORDS = (
    "SOPInstanceUID",
    "StudyInstanceUID",
    "Columns",
    "Rows",
    "NumberOfFrames",
    "FrameOfReferenceUID",
    "ImageLaterality",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
)
"""What a KnownImage is made of."""


def known_image(name: str, header: Mapping[str, str]) -> KnownImage:
    r"""The instance that a header describes, under the name that answers use for it.

    >>> found = known_image("a.dcm", {"SOPInstanceUID": "1.2", "Rows": "4", "PixelSpacing": r"0.5\0.25"})
    >>> found.rows, found.columns, found.n_frames, found.spacing_mm
    (4, None, 1, (0.5, 0.25))
    """
    side = header.get("ImageLaterality", "")
    return KnownImage(
        name=name,
        sop_instance_uid=header.get("SOPInstanceUID", ""),
        study_instance_uid=header.get("StudyInstanceUID", ""),
        rows=_count(header.get("Rows", "")),
        columns=_count(header.get("Columns", "")),
        n_frames=_count(header.get("NumberOfFrames", "")) or 1,
        frame_of_reference_uid=header.get("FrameOfReferenceUID", ""),
        laterality=side if side in ("L", "R", "B") else "",
        position_mm=_numbers(header.get("ImagePositionPatient", ""), 3),
        orientation=_numbers(header.get("ImageOrientationPatient", ""), 6),
        spacing_mm=_numbers(header.get("PixelSpacing", ""), 2),
    )


def known_images(paths: Sequence[Path], names: Sequence[str]) -> tuple[KnownImage, ...]:
    """The instances in the DICOM files of a request; ``names``: what an answer calls each, in the same order.

    Raises InputFileError if a file cannot be read, ValueError if there is not one name for each path.
    """
    from .dicom_file import DicomHeader, open_dicom

    pairs = zip(paths, names, strict=True)
    return tuple(known_image(name, DicomHeader(open_dicom(path, pixels=False), path)) for path, name in pairs)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _numbers(text: str, count: int) -> tuple[float, ...] | None:
    try:
        found = tuple(float(part) for part in text.split("\\"))
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None
