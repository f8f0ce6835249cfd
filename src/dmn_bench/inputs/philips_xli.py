"""The compression of Philips ECG files named XLI: LZW with codes of 10 bits over second differences.

Layout after the description of the Sierra ECG tools project (its wiki): for each lead 8 bytes of header (size of the
packed data, a number of no use here, the first correction), then the packed data. Unpacked, the first half are the high
bytes of 16-bit values, the second half their low bytes. Reference of LZW: Welch 1984, Computer 17(6):8.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<ihh")
_CODE_BITS = 10
_LAST_CODE = (1 << _CODE_BITS) - 2  # codes beyond it end the data
_BIAS = 64  # of every correction but the first


def unpacked_leads(data: bytes, n_samples: int, n_leads: int) -> NDArray[np.int64]:
    """The values [n_samples, n_leads] of the first chunks in ``data``, one for each lead.

    Carts store 16 channels whatever they use: chunks after those of the leads must be whole and are left aside.
    Raises ValueError if there are fewer chunks, one is cut, or holds another number of samples: never more memory is
    used than these need.
    """
    leads: list[NDArray[np.int64]] = []
    place = 0
    while place < len(data):
        if len(data) - place < _HEADER.size:
            raise ValueError("a lead is cut")
        size, _, start = _HEADER.unpack_from(data, place)
        place += _HEADER.size
        if not 0 < size <= len(data) - place:
            raise ValueError("a lead is cut")
        if len(leads) < n_leads:
            leads.append(_lead(unpacked(data[place : place + size], 2 * n_samples), start))
        place += size
    if len(leads) < n_leads:
        raise ValueError("fewer leads than stated")
    return np.stack(leads, axis=1)


def unpacked(packed: bytes, n_bytes: int) -> bytes:
    """The ``n_bytes`` that LZW codes of 10 bits, the highest bit first, stand for.

    Raises ValueError if they stand for another number of bytes or a code comes before its time.

    >>> unpacked(bytes([0b00010000, 0b01_010000, 0b0000_0000]), 3)  # codes 65, 256 and four bits that fill up
    b'AAA'
    """
    strings = [bytes([code]) for code in range(256)]
    found = bytearray()
    before = b""
    for code in _codes(packed):
        if code > len(strings) or (code == len(strings) and not before):
            raise ValueError("a code that stands for nothing yet")
        string = strings[code] if code < len(strings) else before + before[:1]
        if before and len(strings) <= _LAST_CODE:
            strings.append(before + string[:1])
        found += string
        before = string
        if len(found) > n_bytes:
            raise ValueError("more bytes than stated")
    if len(found) < n_bytes:
        raise ValueError("fewer bytes than stated")
    return bytes(found)


def _codes(packed: bytes) -> list[int]:
    """Codes up to the one that ends them; bits that make no whole code fill the last byte."""
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
    n_codes = len(bits) // _CODE_BITS
    powers = 1 << np.arange(_CODE_BITS - 1, -1, -1)
    codes = bits[: n_codes * _CODE_BITS].reshape(n_codes, _CODE_BITS) @ powers
    ends = np.flatnonzero(codes > _LAST_CODE)
    found: list[int] = codes[: ends[0] if len(ends) else n_codes].tolist()
    return found


def _lead(raw: bytes, start: int) -> NDArray[np.int64]:
    """Values from their second differences, in 16-bit arithmetic as the device used it."""
    halves = np.frombuffer(raw, dtype=np.uint8).reshape(2, -1).astype(np.int64)
    stored = _as_16_bits(halves[0] << 8 | halves[1])
    values = stored.copy()
    if len(stored) > 2:
        # x[i] = 2 x[i-1] - x[i-2] - c[i], where c[2] is the header's and c[i] is what stands before i, less the bias
        corrections = np.concatenate(([start], stored[2:-1] - _BIAS))
        slopes = stored[1] - stored[0] - np.cumsum(corrections)
        values[2:] = stored[1] + np.cumsum(slopes)
    return _as_16_bits(values)


def _as_16_bits(values: NDArray[np.int64]) -> NDArray[np.int64]:
    wrapped: NDArray[np.int64] = (values + 2**15) % 2**16 - 2**15
    return wrapped
