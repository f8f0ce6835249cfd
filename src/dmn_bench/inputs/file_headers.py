"""The header of one file at a time, as few facts as are asked for; many files by processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import InputFileError
from ..hookspecs import Reader
from .dicom_ecg import DicomEcgReader
from .dicom_image import DicomImageReader
from .edf import EdfReader
from .hl7_aecg import Hl7AecgReader
from .ishne import IshneReader
from .muse_xml import MuseXmlReader
from .nifti import NiftiReader
from .philips_xml import PhilipsXmlReader
from .raster import RasterReader
from .requests import find_reader
from .scp_ecg import ScpEcgReader

INDEXED: tuple[Reader, ...] = (
    DicomImageReader(),
    DicomEcgReader(),
    RasterReader(),
    NiftiReader(),
    EdfReader(),
    IshneReader(),
    Hl7AecgReader(),
    MuseXmlReader(),
    PhilipsXmlReader(),
    ScpEcgReader(),
)
"""Readers whose header follows from the bytes of one file alone; a WFDB record has several."""

FILES_PER_BATCH = 64
BYTES_PER_BATCH = 8_000  # of names: with two batches under way no pipe is ever full
BATCHES_AHEAD = 2
_PROGRAM = "from dmn_bench.inputs.file_headers import main; main()"


class FileHeader(NamedTuple):
    """The reader of a file and, by keyword, what its header says of the keywords that were asked for."""

    reader: str
    header: Mapping[str, str]


Found = Sequence[tuple[str, FileHeader | None]]
"""Names with their headers; None for a file that cannot be read."""


def header_of_file(path: Path, keywords: Sequence[str]) -> FileHeader | None:
    """The header of one file by one of ``INDEXED``; None if it cannot be read."""
    try:
        reader = find_reader(path, INDEXED)
        header = reader.header(path)
        return FileHeader(reader.name, {keyword: header[keyword] for keyword in keywords if keyword in header})
    except (InputFileError, OSError):
        return None


def header_from_json(text: str | bytes) -> FileHeader | None:
    """What ``json.dumps`` made of a FileHeader; None if it is anything else."""
    try:
        reader, header = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(header, dict) or not all(isinstance(value, str) for value in header.values()):
        return None
    return FileHeader(reader, header) if reader in [each.name for each in INDEXED] else None


def headers_here(root: Path, names: Iterable[str], keywords: Sequence[str]) -> Generator[Found, None, None]:
    """The headers of files, read in this process, batch by batch in the order given."""
    for batch in _batches(names):
        yield [(name, header_of_file(root / name, keywords)) for name in batch]


def headers_apart(root: Path, names: Iterable[str], keywords: Sequence[str]) -> Generator[Found, None, None]:
    """The same in any order, read by one process for each processor: parsing holds the interpreter, threads wait.

    Files over which a process dies count as unreadable here. Closing the iterator, or Ctrl-C, ends the processes.
    """
    asked = json.dumps([str(root.absolute()), list(keywords)])
    helpers = [_Helper(asked) for _ in range(os.cpu_count() or 1)]
    try:
        batches = _batches(names)
        for place, batch in enumerate(batches):
            alive = [helper for helper in helpers if helper.is_alive]
            if not alive:
                yield from headers_here(root, batch, keywords)
                continue
            helper = alive[place % len(alive)]
            if len(helper.asked) >= BATCHES_AHEAD:
                yield helper.answer()
            helper.ask(batch)
        for helper in helpers:
            while helper.asked:
                yield helper.answer()
    finally:
        for helper in helpers:
            helper.stop()


class _Helper:
    """One process. Over its standard input it is told root and keywords, then one JSON line for each batch."""

    def __init__(self, asked: str) -> None:
        self.asked: deque[Sequence[str]] = deque()
        self.is_alive = True
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, and we end it
        )
        self._write(asked)

    def ask(self, batch: Sequence[str]) -> None:
        self.asked.append(batch)
        self._write(json.dumps(batch))

    def answer(self) -> Found:
        """The answer to the oldest batch; None for each of its files if the process died."""
        batch = self.asked.popleft()
        outlet = self._process.stdout
        line = outlet.readline() if outlet is not None and self.is_alive else b""
        try:
            return [(name, header_from_json(text)) for name, text in zip(batch, json.loads(line), strict=True)]
        except ValueError:  # nothing, or half a line
            self.is_alive = False
            return [(name, None) for name in batch]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, line: str) -> None:
        inlet = self._process.stdin
        try:
            if inlet is not None:
                inlet.write(line.encode() + b"\n")
                inlet.flush()
        except OSError:
            self.is_alive = False


def main() -> None:
    """The process of a helper: serves until its input ends."""
    root, keywords = json.loads(sys.stdin.buffer.readline())
    for line in sys.stdin.buffer:
        found = [json.dumps(header_of_file(Path(root, name), keywords)) for name in json.loads(line)]
        sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")
        sys.stdout.buffer.flush()


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    n_bytes = 0
    for name in names:
        batch.append(name)
        n_bytes += 6 * len(name)  # as JSON, at most
        if len(batch) >= FILES_PER_BATCH or n_bytes >= BYTES_PER_BATCH:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch
