"""What a compressed frame says of itself before it is decoded: its size, and the comments it carries."""

from __future__ import annotations

import struct
from typing import NamedTuple

JPEG_START, J2K_START, JP2_START = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n"
_JPEG_LS = 0xF7
_FRAME_MARKERS = frozenset({_JPEG_LS, *range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF0–15 and SOF55 (JPEG-LS)
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xDA)})  # no length follows
_SCAN, _END = 0xDA, 0xD9
# APP0 JFIF, APP8 colour transform of JPEG-LS, APP14 Adobe: these change how the pixels are understood.
_KEPT_APPLICATION = frozenset({0xE0, 0xE8, 0xEE})
_J2K_COMMENT, _J2K_TILE = 0x64, 0x90


class FrameHeader(NamedTuple):
    """What a coded frame declares."""

    process: str  # "jpeg-c0" … after the marker of the frame header, "jpeg-ls", "jpeg-2000"
    rows: int
    columns: int
    samples: int  # per pixel
    bits: int  # per sample


def frame_header(data: bytes) -> FrameHeader | None:
    """What a JPEG, JPEG-LS or JPEG 2000 codestream declares; None for a codestream of another kind.

    A decoder allocates by this and not by what the DICOM attributes say.
    Raises ValueError, IndexError or struct.error if the codestream ends before it says so.
    Reference: ISO/IEC 10918-1 B.2.2, 14495-1 C.2.2, 15444-1 A.5.1.
    """
    if data[:12] == JP2_START:
        data = data[data.index(J2K_START) :]
    if data[:4] == J2K_START:
        right, bottom, left, top = struct.unpack(">4I", data[8:24])
        samples, depth = struct.unpack(">HB", data[40:43])
        return FrameHeader("jpeg-2000", bottom - top, right - left, samples, (depth & 0x7F) + 1)
    if data[:2] != JPEG_START:
        return None
    for marker, begin, _ in _jpeg_segments(data):
        if marker in _FRAME_MARKERS:
            bits, rows, columns, samples = struct.unpack(">BHHB", data[begin + 4 : begin + 10])
            process = "jpeg-ls" if marker == _JPEG_LS else f"jpeg-{marker:x}"
            return FrameHeader(process, rows, columns, samples, bits)
    raise ValueError("a JPEG without a frame header")


def is_whole(data: bytes) -> bool:
    """Whether a JPEG reaches its end marker and a JPEG 2000 the end of its last tile: decoders fill up a cut one.

    True for codestreams of another kind. Many JPEG 2000 encoders leave the end marker out.
    Raises ValueError, IndexError or struct.error if not even the headers are whole.
    """
    if data[:12] == JP2_START:
        data = data[data.index(J2K_START) :]
    if data[:4] != J2K_START:
        return data[:2] != JPEG_START or data.rstrip(b"\0").endswith(b"\xff\xd9")
    at = _j2k_main_header(data)[-1][1]
    while data[at : at + 2] == b"\xff\x90":
        (length,) = struct.unpack(">I", data[at + 6 : at + 10])
        if length == 0:  # the last tile-part, up to the end marker
            return data.rstrip(b"\0").endswith(b"\xff\xd9")
        at += length
    return at <= len(data)


def without_comments(data: bytes) -> bytes:
    """The same codestream without comments and application segments, nor bytes after its end; pixels are unchanged.

    Of a JP2 file only the codestream is kept. Data of another kind are returned as they are.
    """
    if data[:12] == JP2_START:
        data = data[data.index(J2K_START) :]
    if data[:4] == J2K_START:
        return _j2k_without_comments(data)
    return _jpeg_without_comments(data) if data[:2] == JPEG_START else data


def _jpeg_segments(data: bytes) -> list[tuple[int, int, int]]:
    """(marker, begin, end) of each segment up to and with the first scan header."""
    segments, at = [], 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 2 > len(data) or data[at] != 0xFF:
            raise ValueError("a JPEG segment does not begin with a marker")
        marker = data[at + 1]
        end = at + 2 if marker in _BARE_MARKERS else at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        segments.append((marker, at, end))
        if marker in (_SCAN, _END):
            return segments
        at = end


def _jpeg_without_comments(data: bytes) -> bytes:
    segments = _jpeg_segments(data)
    kept = [data[begin:end] for marker, begin, end in segments if not _tells(marker)]
    end_of_image = data.rfind(b"\xff\xd9")
    rest = data[segments[-1][2] : end_of_image + 2 if end_of_image > 0 else len(data)]
    return JPEG_START + b"".join(kept) + rest


def _tells(marker: int) -> bool:
    return marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_APPLICATION)


def _j2k_without_comments(data: bytes) -> bytes:
    segments = _j2k_main_header(data)
    kept = [data[begin:end] for begin, end in segments if data[begin + 1] != _J2K_COMMENT]
    return data[:2] + b"".join(kept) + data[segments[-1][1] :]


def _j2k_main_header(data: bytes) -> list[tuple[int, int]]:
    """(begin, end) of each segment before the first tile."""
    segments, at = [], 2
    while data[at + 1] != _J2K_TILE:
        if data[at] != 0xFF:
            raise ValueError("a JPEG 2000 segment does not begin with a marker")
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        segments.append((at, end))
        at = end
    return segments
