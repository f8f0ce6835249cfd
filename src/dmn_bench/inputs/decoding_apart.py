"""Decoding in a process of its own: for a decoder that ends its process, or fills up silently, on a damaged file.

One helper is kept for each of our processes and asked by file path; when it dies, the file is refused and the next one
gets a new helper. Over its standard input it receives one JSON line for each file; it answers with one JSON line, then
the pixels.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import InputFileError
from .faults import fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS_PER_FILE = 300
_PROGRAM = "from dmn_bench.inputs.decoding_apart import main; main()"
_HARMLESS = b"Warning"  # notes of the decoder on the file's form begin so; what it says of damage does not


class Decoded(NamedTuple):
    """What the decoder gave."""

    values: NDArray[np.generic]
    photometric: str


class _Helper:
    def __init__(self) -> None:
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        atexit.register(self.stop)

    def stop(self) -> None:
        if self.owner != os.getpid():  # a forked copy of us: the helper belongs to the original
            return
        atexit.unregister(self.stop)
        self.process.kill()
        self.process.communicate()

    def ask(self, path: Path, plugin: str) -> Decoded | None:
        """None when it refuses the file. Raises OSError or ValueError when it died over it."""
        inlet, outlet = self.process.stdin, self.process.stdout
        if inlet is None or outlet is None:
            raise OSError("the helper has no pipes")
        watch = threading.Timer(SECONDS_PER_FILE, self.process.kill)
        watch.start()
        try:
            inlet.write(json.dumps({"path": str(path.absolute()), "plugin": plugin}).encode() + b"\n")
            inlet.flush()
            answer = json.loads(outlet.readline() or b"")
            if answer["refused"]:
                return None
            data = outlet.read(answer["bytes"])
        finally:
            watch.cancel()
        values = np.frombuffer(bytearray(data), dtype=answer["dtype"]).reshape(answer["shape"])
        return Decoded(values, answer["photometric"])


_lock = threading.Lock()
_helpers: list[_Helper] = []  # at most one


def decode_apart(path: Path, plugin: str) -> Decoded:
    """All frames of a DICOM file, decoded by pydicom with ``plugin`` in the helper process.

    Raises InputFileError if the decoder refuses the file, complains about it, dies over it or needs too long.
    """
    with _lock:
        if _helpers and (_helpers[0].owner != os.getpid() or _helpers[0].process.poll() is not None):
            _helpers.pop().stop()
        if not _helpers:
            _helpers.append(_Helper())
        try:
            decoded = _helpers[0].ask(path, plugin)
        except (OSError, ValueError) as error:
            _helpers.pop().stop()
            raise fault(path, "dicom_pixels_damaged", found="the decoder crashed") from error
    if decoded is None:
        raise fault(path, "dicom_pixels_damaged", found="the decoder complained")
    return decoded


def main() -> None:
    """The helper: serves until its input ends."""
    with os.fdopen(os.dup(1), "wb") as outlet, tempfile.TemporaryFile() as complaints:
        os.dup2(complaints.fileno(), 1)
        os.dup2(complaints.fileno(), 2)
        for line in sys.stdin.buffer:
            _answer(json.loads(line), outlet, complaints)


def _answer(request: dict[str, str], outlet: IO[bytes], complaints: IO[bytes]) -> None:
    from .dicom_file import open_dicom
    from .dicom_pixels import decoded_frames

    complaints.seek(0)
    complaints.truncate()
    try:
        path = Path(request["path"])
        values, photometric = decoded_frames(open_dicom(path, pixels=True), request["plugin"], path)
    except InputFileError:
        values, photometric = np.empty(0), ""
    complaints.seek(0)
    said = [line for line in complaints.read().splitlines() if line.strip() and not line.startswith(_HARMLESS)]
    answer = {"refused": bool(said) or not photometric, "photometric": photometric, "bytes": values.nbytes}
    outlet.write(json.dumps(answer | {"dtype": values.dtype.str, "shape": values.shape}).encode() + b"\n")
    if not answer["refused"]:
        outlet.write(np.ascontiguousarray(values).tobytes())
    outlet.flush()
