"""The shapes of outputs that an ONNX file declares, read from the file itself: no model is loaded or run.

ONNX files are protocol buffers; a field is a number, a kind and a value. The few fields needed here are of
``ModelProto`` and what it holds, in onnx.proto of the ONNX standard, version 1.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

MODEL_GRAPH, GRAPH_OUTPUT, VALUE_NAME, VALUE_TYPE, TYPE_TENSOR, TENSOR_SHAPE, SHAPE_DIM = 7, 12, 1, 2, 1, 2, 1
DIM_VALUE = 1
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MOST_FIELDS = 10_000_000  # of one message: far more than any model has

Shape = tuple[int | None, ...]
"""Sizes along each axis, None where the model takes any."""


def output_shapes(path: Path) -> Mapping[str, Shape | None]:
    """Shape of each output by its name, in the model's order; None for one whose number of axes is not declared.

    {} for a file that is no ONNX model, or a damaged one: whoever loads it says so.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return dict(_outputs(content))
    except (OSError, ValueError, IndexError):
        return {}


def values_of(shape: Shape | None, *, by_window: bool) -> int | None:
    """How many values an output of this shape has for one request; None where only the model tells.

    The first of several axes counts requests or, ``by_window``, windows that are looked at one by one.

    >>> values_of((None, 5), by_window=False), values_of((1, 5), by_window=False), values_of((5,), by_window=False)
    (5, 5, 5)
    >>> values_of((None, None), by_window=False), values_of((32, 5), by_window=True)
    (None, 5)
    """
    if not shape:
        return None
    first, *others = shape
    sizes = list(shape) if not others else [1 if first is None or by_window else first, *others]
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def _outputs(content: mmap.mmap) -> Iterator[tuple[str, Shape | None]]:
    for low, high in _messages(content, 0, len(content), MODEL_GRAPH):
        for start, end in _messages(content, low, high, GRAPH_OUTPUT):
            names = [content[a:b] for a, b in _messages(content, start, end, VALUE_NAME)]
            yield b"".join(names).decode("utf-8"), _shape(content, start, end)


def _shape(content: mmap.mmap, low: int, high: int) -> Shape | None:
    spans = [(low, high)]
    for number in (VALUE_TYPE, TYPE_TENSOR, TENSOR_SHAPE):
        spans = [found for span in spans for found in _messages(content, *span, number)]
    if not spans:
        return None
    return tuple(_size(content, *dim) for span in spans for dim in _messages(content, *span, SHAPE_DIM))


def _size(content: mmap.mmap, low: int, high: int) -> int | None:
    stated = [value for number, kind, value, _ in _fields(content, low, high) if (number, kind) == (DIM_VALUE, VARINT)]
    return stated[-1] if stated and 0 < stated[-1] < 1 << 63 else None


def _messages(content: mmap.mmap, low: int, high: int, number: int) -> Iterator[tuple[int, int]]:
    """Where the messages or texts of one field lie."""
    for found, kind, start, end in _fields(content, low, high):
        if found == number and kind == BYTES:
            yield start, end


def _fields(content: mmap.mmap, low: int, high: int) -> Iterator[tuple[int, int, int, int]]:
    """(number, kind, start, end) of each field of a message; of a varint its value and where it ends.

    Raises ValueError where the message does not end where it should.
    """
    for _ in range(MOST_FIELDS):
        if low >= high:
            break
        tag, low = _varint(content, low)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, low = _varint(content, low)
            yield number, kind, value, low
            continue
        if kind == BYTES:
            size, low = _varint(content, low)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise ValueError("a group or no field")
        if low + size > high:
            raise ValueError("a field beyond its message")
        yield number, kind, low, low + size
        low += size
    if low != high:
        raise ValueError("a message that does not end where it should")


def _varint(content: mmap.mmap, at: int) -> tuple[int, int]:
    """The number at a place, and the place after it. Raises IndexError at the end, ValueError beyond 64 bits."""
    value = 0
    for shift in range(0, 64, 7):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")
