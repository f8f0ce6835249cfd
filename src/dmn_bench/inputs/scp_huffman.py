"""The Huffman coding and the differences of SCP-ECG (sections 2, 5 and 6).

Reference: EN 1064 (ISO 11073-91064), section 2 and its default table.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_TABLE = 19999  # stands where the number of tables would
_CODE = struct.Struct("<BBBhI")
_MOST_TABLES, _MOST_CODES = 64, 4096
_LONGEST_PREFIX = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What one prefix means: a value with ``n_extra`` further bits added to it, or a switch to table ``base``."""

    base: int
    n_extra: int = 0
    is_switch: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Codes by length and bits of their prefix, the first bit highest."""

    codes: Mapping[tuple[int, int], Code]
    lengths: tuple[int, ...]  # ascending


def default_table() -> Table:
    """The table of the standard: 0 is one bit 0; a magnitude of 1 to 8 is as many bits 1, a 0 and the sign.

    Ten bits, 1111111110 or 1111111111, announce a value of 8 or 16 bits as it is.
    """
    codes = {(1, 0): Code(base=0)}
    for magnitude in range(1, 9):
        ones = (1 << magnitude) - 1
        codes[magnitude + 2, ones << 2] = Code(base=magnitude)
        codes[magnitude + 2, ones << 2 | 1] = Code(base=-magnitude)
    codes[10, 0b1111111110] = Code(base=0, n_extra=8)
    codes[10, 0b1111111111] = Code(base=0, n_extra=16)
    return _table(codes)


def tables_of(body: bytes) -> Sequence[Table]:
    """The tables of section 2. Raises ValueError if they make no sense, struct.error if they are cut."""
    (count,) = struct.unpack_from("<H", body)
    if count == DEFAULT_TABLE:
        return (default_table(),)
    if not 1 <= count <= _MOST_TABLES:
        raise ValueError("no tables or too many")
    tables: list[Table] = []
    place = 2
    for _ in range(count):
        (n_codes,) = struct.unpack_from("<H", body, place)
        place += 2
        if not 1 <= n_codes <= _MOST_CODES:
            raise ValueError("no codes or too many")
        codes: dict[tuple[int, int], Code] = {}
        for _ in range(n_codes):
            n_prefix, n_all, mode, base, bits = _CODE.unpack_from(body, place)
            place += _CODE.size
            if (
                not 1 <= n_prefix <= _LONGEST_PREFIX
                or not 0 <= n_all - n_prefix <= _LONGEST_PREFIX
                or mode not in (0, 1)
            ):
                raise ValueError("a code that makes no sense")
            codes[n_prefix, _reversed(bits, n_prefix)] = Code(base=base, n_extra=n_all - n_prefix, is_switch=mode == 0)
        tables.append(_table(codes))
    return tuple(tables)


def decoded(data: bytes, count: int, tables: Sequence[Table]) -> NDArray[np.int64]:
    """``count`` values of a stream of bits, the highest bit of each byte first; what follows them fills up.

    Raises ValueError if the data end before, or a code or table is unknown.
    """
    if count > 8 * len(data):  # the shortest code is one bit
        raise ValueError("more samples than bits")
    values = np.empty(count, dtype=np.int64)
    table, window, n_held, place, found = tables[0], 0, 0, 0, 0
    while found < count:
        if n_held < 2 * _LONGEST_PREFIX:
            more = data[place : place + 8]
            window = window << (8 * len(more)) | int.from_bytes(more, "big")
            place, n_held = place + len(more), n_held + 8 * len(more)
        code, n_held = _next(table, window, n_held)
        if code.is_switch:
            if not 1 <= code.base <= len(tables):
                raise ValueError("a switch to an unknown table")
            table = tables[code.base - 1]
        else:
            n_held -= code.n_extra
            if n_held < 0:
                raise ValueError("the data are cut")
            values[found] = code.base + _signed(window >> n_held, code.n_extra)
            found += 1
        window &= (1 << n_held) - 1
    return values


def undifferenced(values: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Values from their first or second differences, in 16-bit arithmetic; order 0 leaves them.

    The first value (the first two) stand as they are.

    >>> undifferenced(np.array([5, 6, 1, 0]), 2).tolist()
    [5, 6, 8, 10]
    """
    if order == 0:
        return values
    if order == 1:
        found = np.cumsum(values)
    elif order == 2:
        slopes = values.copy()
        slopes[1:2] -= values[:1]
        found = np.concatenate((values[:1], values[:1] + np.cumsum(np.cumsum(slopes[1:]))))
    else:
        raise ValueError("differences of an unknown order")
    wrapped: NDArray[np.int64] = (found + 2**15) % 2**16 - 2**15
    return wrapped


def _table(codes: Mapping[tuple[int, int], Code]) -> Table:
    return Table(codes=codes, lengths=tuple(sorted({length for length, _ in codes})))


def _reversed(bits: int, length: int) -> int:
    """The file holds the first bit of a prefix in the lowest place."""
    return int(f"{bits & ((1 << length) - 1):0{length}b}"[::-1], 2)


def _next(table: Table, window: int, n_held: int) -> tuple[Code, int]:
    """The code that the held bits begin with, and how many bits are left."""
    for length in table.lengths:
        if length > n_held:
            break
        code = table.codes.get((length, window >> (n_held - length)))
        if code is not None:
            return code, n_held - length
    raise ValueError("the data are cut or hold an unknown code")


def _signed(bits: int, length: int) -> int:
    value = bits & ((1 << length) - 1)
    return value - (1 << length) if length and value >> (length - 1) else value
