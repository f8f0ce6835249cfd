"""Small DICOM images for a fresh package: the fewest elements of a radiograph, in Explicit VR Little Endian.

Reference: DICOM PS3.5 section 7.1 (data elements), PS3.10 section 7.1 (file meta information).
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from ..files import sha256_of_json

RADIOGRAPH = "1.2.840.10008.5.1.4.1.1.1.1"  # Digital X-Ray Image Storage - For Presentation
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
IMPLEMENTATION = "2.25.302149380711450278133087236580112540277"
LONG = ("OB", "OW")  # their length has 32 bits


def dicom_bytes(pixels: NDArray[np.uint8], name: str) -> bytes:
    """A grey image of 8 bits [rows, columns] as a DICOM file of a made-up patient; its UIDs follow from ``name``."""
    rows, columns = pixels.shape
    instance, study, series = (_uid(name, level) for level in ("instance", "study", "series"))
    dataset = b"".join(
        [
            _text(0x0008, 0x0016, "UI", RADIOGRAPH),
            _text(0x0008, 0x0018, "UI", instance),
            _text(0x0008, 0x0020, "DA", "20200101"),
            _text(0x0008, 0x0030, "TM", "120000"),
            _text(0x0008, 0x0050, "SH", ""),
            _text(0x0008, 0x0060, "CS", "DX"),
            _text(0x0010, 0x0010, "PN", "PHANTOM"),
            _text(0x0010, 0x0020, "LO", name),
            _text(0x0010, 0x0030, "DA", ""),
            _text(0x0010, 0x0040, "CS", "O"),
            _text(0x0020, 0x000D, "UI", study),
            _text(0x0020, 0x000E, "UI", series),
            _text(0x0020, 0x0010, "SH", name),
            _text(0x0020, 0x0011, "IS", "1"),
            _text(0x0020, 0x0013, "IS", "1"),
            _number(0x0028, 0x0002, 1),
            _text(0x0028, 0x0004, "CS", "MONOCHROME2"),
            _number(0x0028, 0x0010, rows),
            _number(0x0028, 0x0011, columns),
            _number(0x0028, 0x0100, 8),  # bits allocated, bits stored, the highest of them; no sign
            _number(0x0028, 0x0101, 8),
            _number(0x0028, 0x0102, 7),
            _number(0x0028, 0x0103, 0),
            _text(0x0028, 0x0301, "CS", "NO"),  # no words in the image
            _element(0x7FE0, 0x0010, "OB", pixels.tobytes(), b"\0"),
        ]
    )
    meta = b"".join(
        [
            _element(0x0002, 0x0001, "OB", b"\0\1", b"\0"),
            _text(0x0002, 0x0002, "UI", RADIOGRAPH),
            _text(0x0002, 0x0003, "UI", instance),
            _text(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN),
            _text(0x0002, 0x0012, "UI", IMPLEMENTATION),
        ]
    )
    length = _element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta)), b"\0")
    return bytes(128) + b"DICM" + length + meta + dataset


def _uid(name: str, level: str) -> str:
    return f"2.25.{int(sha256_of_json([name, level])[:32], 16)}"


def _text(group: int, element: int, kind: str, text: str) -> bytes:
    return _element(group, element, kind, text.encode("ascii"), b"\0" if kind == "UI" else b" ")


def _number(group: int, element: int, value: int) -> bytes:
    return _element(group, element, "US", struct.pack("<H", value), b"\0")


def _element(group: int, element: int, kind: str, value: bytes, padding: bytes) -> bytes:
    """Tag, value representation, length and value, which is of an even length."""
    value += padding * (len(value) % 2)
    length = struct.pack("<2xI" if kind in LONG else "<H", len(value))
    return struct.pack("<HH", group, element) + kind.encode("ascii") + length + value
