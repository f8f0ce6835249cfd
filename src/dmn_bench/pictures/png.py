"""Pixels as PNG: nothing in the file but pixels, and on every machine the same bytes for the same picture.

The bytes are part of the results of a run. Compressors of different versions give different bytes, so that ours is
written out here: rows filtered, then coded by Huffman alone. Reference: ISO/IEC 15948 (PNG), RFC 1950, RFC 1951.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import itertools
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

MOST_PIXELS = 1_000_000  # of a picture in a page; ours are far smaller
URI_START = "data:image/png;base64,"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3}  # by colour type: grey, RGB
_END_OF_BLOCK = 256
_MOST_BITS = 15


def png(pixels: Bytes) -> bytes:
    """A picture [rows, columns] in grey, or [rows, columns, 3] in RGB, with at least one pixel, as PNG."""
    rows, columns = pixels.shape[:2]
    colour = 2 if pixels.ndim == 3 else 0
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    raw = _filtered(pixels.reshape(rows, -1), _CHANNELS[colour])
    stream = b"\x78\x01" + _deflated(raw) + struct.pack(">I", zlib.adler32(raw))
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", stream) + _chunk(b"IEND", b"")


def png_uri(pixels: Bytes) -> str:
    """A picture as an address that holds it."""
    return URI_START + base64.b64encode(png(pixels)).decode("ascii")


def holds_pixels_alone(uri: str) -> bool:
    """Whether an address is a PNG as this module writes it: header, pixels and end, whole, and not a byte beside.

    >>> holds_pixels_alone(png_uri(np.zeros((2, 3), dtype=np.uint8)))
    True
    >>> holds_pixels_alone("https://example.org/a.png")
    False
    """
    if not uri.startswith(URI_START):
        return False
    try:
        content = base64.b64decode(uri.removeprefix(URI_START), validate=True)
        pieces = _pieces(content)
        if [name for name, _ in pieces] != [b"IHDR", b"IDAT", b"IEND"] or pieces[2][1]:
            return False
        columns, rows, depth, colour, *methods = struct.unpack(">IIBBBBB", pieces[0][1])
    except (binascii.Error, ValueError, struct.error):
        return False
    if depth != 8 or colour not in _CHANNELS or any(methods) or not 0 < rows * columns <= MOST_PIXELS:
        return False
    return _is_whole(pieces[1][1], rows, 1 + columns * _CHANNELS[colour])


def _is_whole(stream: bytes, rows: int, row_bytes: int) -> bool:
    """Whether a compressed stream is so many rows, each with a known filter, and nothing follows it."""
    inflating = zlib.decompressobj()
    try:
        raw = inflating.decompress(stream, rows * row_bytes + 1)
    except zlib.error:
        return False
    if len(raw) != rows * row_bytes or not inflating.eof or inflating.unused_data:
        return False
    return max(raw[::row_bytes]) <= 4


def _pieces(content: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG by name, in order. Raises ValueError if it is none, struct.error if it is cut."""
    if not content.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    found, at = [], len(_SIGNATURE)
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        if struct.unpack_from(">I", content, at + 8 + size) != (zlib.crc32(name + data),):
            raise ValueError("a chunk that is not what its sum says")
        found.append((name, data))
        at += 12 + size
    return found


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _filtered(values: Bytes, channels: int) -> bytes:
    """Each row as its differences from its neighbours, by whichever of the filters leaves the least."""
    here = values.astype(np.int16)
    left = np.pad(here, ((0, 0), (channels, 0)))[:, : here.shape[1]]
    above = np.pad(here, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(above, ((0, 0), (channels, 0)))[:, : here.shape[1]]
    predicted = [np.zeros_like(here), left, above, (left + above) // 2, _paeth(left, above, corner)]
    residuals = [(here - one).astype(np.uint8) for one in predicted]
    costs = np.stack([np.abs(one.view(np.int8).astype(np.int64)).sum(axis=1) for one in residuals])
    best = np.argmin(costs, axis=0)  # the first of equals
    rows = np.stack(residuals)[best, np.arange(len(best))]
    return np.column_stack([best.astype(np.uint8), rows]).tobytes()


def _paeth(left: NDArray[np.int16], above: NDArray[np.int16], corner: NDArray[np.int16]) -> NDArray[np.int16]:
    guess = left + above - corner
    to_left, to_above, to_corner = (np.abs(guess - one) for one in (left, above, corner))
    nearest = np.where(to_above <= to_corner, above, corner)
    chosen: NDArray[np.int16] = np.where((to_left <= to_above) & (to_left <= to_corner), left, nearest)
    return chosen


def _deflated(raw: bytes) -> bytes:
    """One block with a Huffman code of its own and no repeats. ``raw``: not empty."""
    symbols = np.append(np.frombuffer(raw, dtype=np.uint8).astype(np.int64), _END_OF_BLOCK)
    lengths = _code_lengths(np.bincount(symbols, minlength=_END_OF_BLOCK + 1).tolist())
    codes = _codes(lengths)
    # the last block, dynamic; 257 literals, 1 distance, 19 lengths of lengths
    head = [1, 0, 1, *[0] * 5, *[0] * 5, *_bits(15, 4)]
    # the lengths themselves are coded in four bits each, which makes 0 to 15 their own codes; 16, 17, 18 are not used
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
    head += itertools.chain.from_iterable(_bits(0 if length > 15 else 4, 3) for length in order)
    for length in (*lengths, 0):  # a Huffman code goes highest bit first
        head += reversed(_bits(length, 4))
    body = _packed(np.asarray(codes)[symbols], np.asarray(lengths)[symbols])
    return np.packbits(np.concatenate([np.array(head, dtype=np.uint8), body]), bitorder="little").tobytes()


def _packed(codes: NDArray[np.int64], lengths: NDArray[np.int64]) -> Bytes:
    """The bits of each code, highest first, one after the other."""
    starts = np.cumsum(lengths) - lengths
    bits = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for place in range(int(lengths.max())):
        longer = lengths > place
        bits[starts[longer] + place] = (codes[longer] >> (lengths[longer] - 1 - place)) & 1
    return bits


def _bits(number: int, count: int) -> list[int]:
    return [number >> place & 1 for place in range(count)]


def _code_lengths(counts: Sequence[int]) -> list[int]:
    """Lengths of a Huffman code of at most 15 bits for at least two symbols; 0 for a symbol that does not occur."""
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]]
        heap = [(count, symbol, (symbol,)) for symbol, count in enumerate(counts) if count]
        heapq.heapify(heap)
        lengths = [0] * len(counts)
        while len(heap) > 1:
            first, second = heapq.heappop(heap), heapq.heappop(heap)
            together = first[2] + second[2]
            for symbol in together:
                lengths[symbol] += 1
            heapq.heappush(heap, (first[0] + second[0], min(first[1], second[1]), together))
        if max(lengths) <= _MOST_BITS:
            return lengths
        counts = [(count + 1) // 2 for count in counts]  # nearer to each other: a flatter tree


def _codes(lengths: Sequence[int]) -> list[int]:
    """The code of each symbol. Reference: RFC 1951, 3.2.2."""
    codes = [0] * len(lengths)
    code = 0
    for length in range(1, _MOST_BITS + 1):
        code <<= 1
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = code
                code += 1
    return codes
