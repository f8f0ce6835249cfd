"""Pixels as PNG: what another program reads back, the same bytes everywhere, and nothing beside the pixels."""

import base64
import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dmn_bench.pictures.png import MOST_PIXELS, URI_START, holds_pixels_alone, png, png_uri


def read_back(content):
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return np.array(picture), picture


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from(["noise", "flat", "slope", "steep", "one"]),
    st.integers(0, 2**32 - 1),
)
def test_another_program_reads_the_same_pixels(rows, columns, is_colour, kind, seed):
    rng = np.random.default_rng(seed)
    shape = (rows, columns, 3) if is_colour else (rows, columns)
    pixels = {
        "noise": lambda: rng.integers(0, 256, shape),
        "flat": lambda: np.full(shape, seed % 256),
        "slope": lambda: np.indices(shape)[0] + np.indices(shape)[1],
        "steep": lambda: np.minimum(rng.geometric(0.4, shape) ** 3, 255),  # frequencies far apart: long codes
        "one": lambda: (np.indices(shape).sum(axis=0) == 0) * 255,
    }[kind]()
    pixels = pixels.astype(np.uint8)
    found, picture = read_back(png(pixels))
    assert np.array_equal(found, pixels)
    assert picture.info == {}
    assert holds_pixels_alone(png_uri(pixels))


def test_a_code_is_never_longer_than_fifteen_bits():
    counts = [1, 1]
    while len(counts) < 24:
        counts.append(counts[-1] + counts[-2])  # of Fibonacci: the deepest tree
    values = np.repeat(np.arange(24), counts).astype(np.uint8)
    pixels = np.cumsum(values, dtype=np.uint8)[: len(values) // 200 * 200].reshape(-1, 200)
    assert np.array_equal(read_back(png(pixels))[0], pixels)


def test_the_same_picture_gives_these_bytes_wherever_it_is_made():
    pixels = (np.indices((31, 17)).sum(axis=0) * 7 % 256).astype(np.uint8)
    assert hashlib.sha256(png(pixels)).hexdigest() == (
        "8061c29296c254ff94d8ba902c38a545449690a766c7cee4208f64a1617fe37f"
    )


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def a_png(*, rows=2, columns=3, depth=8, colour=0, interlaced=0, raw=None, tail=b"", between=b"", after=b"", level=9):
    raw = bytes((1 + columns) * rows) if raw is None else raw
    header = struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, interlaced)
    data = zlib.compress(raw, level) + tail
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + between + chunk(b"IDAT", data) + chunk(b"IEND", b"") + after


def uri(content):
    return URI_START + base64.b64encode(content).decode()


def test_the_plain_one_of_these_tests_is_taken():
    assert holds_pixels_alone(uri(a_png()))


@pytest.mark.parametrize(
    "content",
    [
        a_png(between=chunk(b"tEXt", b"Comment\0Somebody")),
        a_png(between=chunk(b"eXIf", b"MM")),
        a_png(between=chunk(b"PLTE", b"abc")),
        a_png(after=b"Somebody"),
        a_png(after=chunk(b"IEND", b"")),
        a_png(tail=b"Somebody"),
        a_png(raw=bytes(9)),
        a_png(raw=bytes(7)),
        a_png(raw=bytes([5] + [0] * 7)),
        a_png(depth=16),
        a_png(colour=3),
        a_png(colour=6),
        a_png(interlaced=1),
        a_png(rows=0, raw=b"x"),
        a_png(rows=2000, columns=2000, raw=b"x"),
        a_png().replace(b"IDAT", b"IDAs"),
        a_png()[:-1],
        a_png()[:20],
        a_png()[8:],
        b"",
        b"\xff\xd8\xff\xe0JFIF",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    ],
)
def test_anything_but_pixels_is_refused(content):
    assert not holds_pixels_alone(uri(content))


def test_a_picture_that_would_inflate_beyond_its_size_is_not_inflated():
    bomb = a_png(raw=bytes(50_000_000))
    assert not holds_pixels_alone(uri(bomb))
    assert MOST_PIXELS < 50_000_000


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://example.org/a.png",
        "javascript:alert(1)",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,PHN2Zy8+",
        URI_START,
        URI_START + "no base 64",
        uri(a_png()).replace("png", "jpeg", 1),
        uri(a_png()).upper(),
        " " + uri(a_png()),
        uri(a_png()) + "\n",
        uri(a_png()) + "#x",
    ],
)
def test_any_other_address_is_refused(address):
    assert not holds_pixels_alone(address)
