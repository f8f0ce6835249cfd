"""Grey and colour pixels as the bytes of a PNG file, for servers that take pictures."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2  # colour types


def png_bytes(pixels: NDArray[Any]) -> bytes:
    """A PNG of [rows, columns] (8 or 16 bits) or [rows, columns, 3] (8 bits); every value is kept as it is.

    Raises ValueError for anything else. Reference: ISO/IEC 15948, clauses 11.2 and 12.

    >>> png_bytes(np.zeros((2, 3), np.uint8))[:8] == SIGNATURE
    True
    """
    is_grey = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
    is_colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    if not (is_grey or is_colour) or not pixels.size:
        raise ValueError(f"an array of {pixels.dtype} {list(pixels.shape)} is no picture of 8 or 16 bits")
    rows, columns = pixels.shape[:2]
    lines = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">")).view(np.uint8).reshape(rows, -1)
    unfiltered = np.concatenate([np.zeros((rows, 1), np.uint8), lines], axis=1)  # each line begins with its filter, 0
    header = struct.pack(">IIBBBBB", columns, rows, 8 * pixels.dtype.itemsize, RGB if is_colour else GREY, 0, 0, 0)
    packed = zlib.compress(unfiltered.tobytes(), level=1)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
