"""Signal files of WFDB records: every format decoded block by block, so that a week of a recording fits in memory.

Reference: WFDB Applications Guide, signal(5). FLAC files (formats 508, 516, 524) are decoded by libsndfile.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .faults import fault, reading
from .wfdb_header import BITS_PER_SAMPLE, COMPRESSED, GAP, NO_FILE, SignalLine, WfdbHeader

if TYPE_CHECKING:
    from io import BufferedReader

    from numpy.typing import NDArray

    Samples = NDArray[np.int64]

NOT_THERE = int(np.iinfo(np.int64).min)
"""Stands for a sample that no file holds."""
FRAMES_PER_BLOCK = 1 << 16

_SPARE_BYTES = 3  # formats that pack samples fill up to a whole group
_WHOLE = {"8": ("i1", 0), "16": ("<i2", 0), "32": ("<i4", 0), "61": (">i2", 0), "80": ("u1", 128)}
_WHOLE |= {"160": ("<u2", 32_768)}
"""Formats of one number for each sample: its type, and what is taken from it."""
_BITS = {**BITS_PER_SAMPLE, "310": 10, "311": 10, "508": 8, "516": 16, "524": 24}
_FLAC_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}


def signal_blocks(hea: Path, header: WfdbHeader, n_frames: int) -> Iterator[list[Samples]]:
    """The ADC values of each signal, at most FRAMES_PER_BLOCK frames at a time, from the first frame on.

    A signal has ``per_frame`` values for each frame. What is to be shifted is, and NOT_THERE stands where a signal ends
    early. The files must be such as ``check_sizes`` accepts.
    Raises InputFileError where a file cannot be decoded.
    """
    with contextlib.ExitStack() as opened:
        files = {}
        with reading(hea, "wfdb_damaged"):
            for name, places in _by_file(header):
                lines = [header.signals[place] for place in places]
                files[name] = _SignalFile(opened, hea.with_name(name), lines, n_frames)
        for start in range(0, n_frames, FRAMES_PER_BLOCK):
            n = min(FRAMES_PER_BLOCK, n_frames - start)
            block = [np.full(n * line.per_frame, NOT_THERE, dtype=np.int64) for line in header.signals]
            with reading(hea, "wfdb_damaged"):
                for name, places in _by_file(header):
                    for place, values in zip(places, files[name].next_frames(n), strict=True):
                        block[place] = values
            yield block


def is_invalid(line: SignalLine, values: Samples) -> NDArray[np.bool_]:
    """Where a signal has no value: its format's mark of an invalid sample, or no sample at all."""
    missing: NDArray[np.bool_] = values == NOT_THERE
    if line.fmt not in ("8", NO_FILE):
        missing |= values == -(2 ** (int(_BITS[line.fmt]) - 1))
    return missing


def n_frames_of(hea: Path, header: WfdbHeader) -> int:
    """The length of a record with signals of its own: as written, else what its first signal file holds.

    Raises InputFileError where neither says it.
    """
    if header.n_frames is not None:
        return header.n_frames
    for name, places in _by_file(header):
        lines = [header.signals[place] for place in places]
        with reading(hea, "wfdb_bad_header"):
            return _n_stored(hea.with_name(name), lines) // sum(line.per_frame for line in lines)
    raise fault(hea, "wfdb_bad_header", found="record line")


def check_sizes(hea: Path, header: WfdbHeader, n_frames: int) -> None:
    """Raises InputFileError unless every signal file is there, in the folder of the header, and holds what it says."""
    for name, places in _by_file(header):
        lines = [header.signals[place] for place in places]
        file = hea.with_name(name)
        if not file.is_file():
            raise fault(hea, "wfdb_signal_file_missing", found=name)
        if file.resolve().parent != hea.resolve().parent:
            raise fault(hea, "wfdb_file_outside", found=name)
        if len({(line.fmt, line.byte_offset) for line in lines}) > 1:
            raise fault(hea, "wfdb_bad_header", found="signal lines")
        width = sum(line.per_frame for line in lines)
        least, most = n_frames * width, (n_frames + max(line.skew for line in lines)) * width
        if lines[0].fmt in COMPRESSED:
            with reading(hea, "wfdb_damaged"):
                size = _n_stored(file, lines)
            spare = 0
        else:
            size = file.stat().st_size - lines[0].byte_offset
            least, most, spare = _n_bytes(least, lines[0].fmt), _n_bytes(most, lines[0].fmt), _SPARE_BYTES
        if size < least:
            raise fault(hea, "wfdb_samples_missing", expected=least, found=size)
        if size > most + spare:
            raise fault(hea, "wfdb_samples_surplus", expected=most, found=size)


def files_named(header: WfdbHeader) -> tuple[str, ...]:
    """The signal files that a header names, each once."""
    return tuple(name for name, _ in _by_file(header))


def _by_file(header: WfdbHeader) -> list[tuple[str, list[int]]]:
    """Signal files with the places of their signals, in the order of the header."""
    found: dict[str, list[int]] = {}
    for place, line in enumerate(header.signals):
        if line.fmt != NO_FILE and line.file != GAP:
            found.setdefault(line.file, []).append(place)
    return list(found.items())


def _n_bytes(n_samples: int, fmt: str) -> int:
    """Bytes that so many samples take; the second sample of a group in format 310 reaches into its last byte."""
    if fmt in ("310", "311"):
        rest = {0: 0, 1: 2, 2: 4 if fmt == "310" else 3}[n_samples % 3]
        return n_samples // 3 * 4 + rest
    return math.ceil(n_samples * BITS_PER_SAMPLE[fmt] / 8)


def _n_stored(file: Path, lines: Sequence[SignalLine]) -> int:
    """Samples of all signals that a file holds."""
    fmt, offset = lines[0].fmt, lines[0].byte_offset
    if fmt not in COMPRESSED:
        return int((file.stat().st_size - offset) * 8 / BITS_PER_SAMPLE[fmt])
    import soundfile

    with soundfile.SoundFile(file) as stream:
        return (int(stream.frames) - offset) * int(stream.channels)


def _goes_on(file: Path, lines: Sequence[SignalLine], n_frames: int) -> bool:
    """Whether a file holds more than its record: frames for signals that are shifted, not what fills up a group."""
    size = _PACKED[lines[0].fmt][1] if lines[0].fmt in _PACKED else 1
    filled = -(-n_frames * sum(line.per_frame for line in lines) // size) * size
    return max(line.skew for line in lines) > 0 and _n_stored(file, lines) > filled


class _Source(Protocol):
    def take(self, n: int) -> Samples:
        """The next ``n`` samples of the file, fewer at its end, those of all signals one after the other."""
        ...


class _WholeNumbers:
    def __init__(self, stream: BufferedReader, fmt: str) -> None:
        self._stream = stream
        self._kind, self._zero = _WHOLE[fmt]

    def take(self, n: int) -> Samples:
        return np.fromfile(self._stream, dtype=self._kind, count=n).astype(np.int64) - self._zero


class _Groups:
    """Formats that pack some samples into some bytes."""

    def __init__(self, stream: BufferedReader, fmt: str) -> None:
        self._stream = stream
        self._n_bytes, self._n_samples, self._decoded = _PACKED[fmt]
        self._left: Samples = np.empty(0, dtype=np.int64)

    def take(self, n: int) -> Samples:
        n_groups = -(-max(n - len(self._left), 0) // self._n_samples)
        stored = np.fromfile(self._stream, dtype="u1", count=n_groups * self._n_bytes)
        stored = np.concatenate([stored, np.zeros(-len(stored) % self._n_bytes, dtype="u1")])
        found = np.concatenate([self._left, self._decoded(stored.reshape(-1, self._n_bytes).astype(np.int64))])
        self._left = found[n:]
        return found[:n]


class _Flac:
    """One channel for each signal; a frame of several samples of a signal is as many samples of its channel."""

    def __init__(self, opened: contextlib.ExitStack, file: Path, lines: Sequence[SignalLine]) -> None:
        import soundfile

        self._per_frame = lines[0].per_frame
        self._n_signals = len(lines)
        with file.open("rb") as stream:
            if stream.read(4) != b"fLaC":
                raise ValueError("not a FLAC file")
        self._stream = opened.enter_context(soundfile.SoundFile(file))
        self._bits = _FLAC_BITS[self._stream.subtype]
        if self._bits > _BITS[lines[0].fmt] or self._stream.channels != self._n_signals:
            raise ValueError("another number of bits or channels than the header says")
        if any(line.per_frame != self._per_frame for line in lines):
            raise ValueError("signals of different rates in one FLAC file")
        self._stream.seek(lines[0].byte_offset)

    def take(self, n: int) -> Samples:
        rows = self._stream.read(n // self._n_signals, dtype="int32", always_2d=True)
        values: Samples = rows.astype(np.int64) >> (32 - self._bits)
        return values.reshape(-1, self._per_frame, self._n_signals).transpose(0, 2, 1).reshape(-1)


class _SignalFile:
    """One file, read frame by frame."""

    def __init__(self, opened: contextlib.ExitStack, file: Path, lines: Sequence[SignalLine], n_frames: int) -> None:
        self._lines = lines
        self._source = _source(opened, file, lines)
        self._width = sum(line.per_frame for line in lines)
        self._ahead = max(line.skew for line in lines)
        self._left = n_frames + (self._ahead if _goes_on(file, lines, n_frames) else 0)  # frames to be read
        self._kept: Samples = np.empty((0, self._width), dtype=np.int64)
        self._last = [line.initial for line in lines]  # of signals stored as differences

    def next_frames(self, n: int) -> list[Samples]:
        """The next ``n`` frames of each signal."""
        wanted = n + self._ahead - len(self._kept)
        stored = self._source.take(min(wanted, self._left) * self._width)
        stored = stored[: len(stored) // self._width * self._width].reshape(-1, self._width)
        self._left -= len(stored)
        if self._lines[0].fmt == "8":
            self._add_up(stored)
        missing = np.full((wanted - len(stored), self._width), NOT_THERE, dtype=np.int64)
        frames = np.concatenate([self._kept, stored, missing])
        self._kept = frames[n:]
        edges = np.cumsum([0, *(line.per_frame for line in self._lines)])
        return [
            frames[line.skew : line.skew + n, edges[place] : edges[place + 1]].reshape(-1)
            for place, line in enumerate(self._lines)
        ]

    def _add_up(self, frames: Samples) -> None:
        """First differences become values, in place."""
        start = 0
        for place, line in enumerate(self._lines):
            part = frames[:, start : start + line.per_frame]
            values = part.reshape(-1).cumsum() + self._last[place]
            part[:] = values.reshape(part.shape)
            self._last[place] = int(values[-1]) if len(values) else self._last[place]
            start += line.per_frame


def _source(opened: contextlib.ExitStack, file: Path, lines: Sequence[SignalLine]) -> _Source:
    fmt = lines[0].fmt
    if fmt in COMPRESSED:
        return _Flac(opened, file, lines)
    stream = opened.enter_context(file.open("rb"))
    stream.seek(lines[0].byte_offset)
    return _WholeNumbers(stream, fmt) if fmt in _WHOLE else _Groups(stream, fmt)


def _signed(values: Samples, bits: int) -> Samples:
    """Two's complement of so many bits."""
    return (values ^ (1 << (bits - 1))) - (1 << (bits - 1))


def _of_24(stored: Samples) -> Samples:
    return _signed(stored[:, 0] | stored[:, 1] << 8 | stored[:, 2] << 16, 24)


def _of_212(stored: Samples) -> Samples:
    low, middle, high = stored.T
    return _signed(np.stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4], axis=1).reshape(-1), 12)


def _of_310(stored: Samples) -> Samples:
    first, second = stored[:, 0] | stored[:, 1] << 8, stored[:, 2] | stored[:, 3] << 8
    third = first >> 11 | second >> 11 << 5
    return _signed(np.stack([first >> 1 & 0x3FF, second >> 1 & 0x3FF, third], axis=1).reshape(-1), 10)


def _of_311(stored: Samples) -> Samples:
    word = stored[:, 0] | stored[:, 1] << 8 | stored[:, 2] << 16 | stored[:, 3] << 24
    return _signed(np.stack([word & 0x3FF, word >> 10 & 0x3FF, word >> 20 & 0x3FF], axis=1).reshape(-1), 10)


_PACKED: dict[str, tuple[int, int, Callable[[Samples], Samples]]] = {
    "24": (3, 1, _of_24),
    "212": (3, 2, _of_212),
    "310": (4, 3, _of_310),
    "311": (4, 3, _of_311),
}
"""Bytes of a group, its samples, and how the first become the second."""
