"""The harness's end of the wire protocol ``dmn-bench/wire/1``: frames with a deadline, from a child nobody trusts."""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

import numpy as np

from ..files import MAX_REASON, plain_text
from ..vocabulary import Request

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BUFFER_BYTES = 512 * 1024 * 1024
STDERR_TAIL_BYTES = 20_000
MAX_DRAIN_BYTES = 4 * 1024 * 1024
PIPE_BYTES = 1024 * 1024  # what any user may have; in a pipe of the usual 64 KiB an image goes in fifty pieces
VIEWS_AT_ONCE = 64  # given to one call of writev; a system takes at least 16, Linux 1024
SECONDS_TO_DIE = 10.0  # from the end of a channel to that of its warden, which first ends whatever else there is
ITEM_TYPES = frozenset(("|b1", "|u1", "|i1", *(f"<{kind}{size}" for kind in "uif" for size in (2, 4, 8))))
LOOK_EVERY_SECONDS = 0.1  # how soon a death is seen when a grandchild keeps the pipe open


class ChildError(Exception):
    """The child did not answer as it should: it died, hung, broke the protocol or said so itself.

    ``reason`` and ``details`` (a traceback) are made fit to be kept and shown, whatever the child wrote in them.
    """

    def __init__(self, reason: str, details: str = "") -> None:
        self.reason = plain_text(reason, MAX_REASON)
        self.details = plain_text(details[-STDERR_TAIL_BYTES:], STDERR_TAIL_BYTES)
        super().__init__(self.reason)


class StoppedError(Exception):
    """The work was called off while waiting for the child."""


class Line:
    """Both pipes to one child and its standard error, of which the last 20 kB are kept.

    Not thread-safe: one thread supervises one child. ``stop`` ends any wait within a tenth of a second.
    """

    def __init__(self, process: subprocess.Popen[bytes], stop: Event) -> None:
        self._process = process
        self._stop = stop
        self._stderr = bytearray()
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("the child must be started with three pipes")
        self._to_child, self._from_child = process.stdin.fileno(), process.stdout.fileno()
        self._errors = process.stderr.fileno()
        for descriptor in (self._to_child, self._from_child, self._errors):
            os.set_blocking(descriptor, False)
        _widen(self._to_child)
        self._to_write, self._to_read, self._coming = select.poll(), select.poll(), select.poll()
        self._to_write.register(self._to_child, select.POLLOUT)
        for poll in (self._to_read, self._coming):
            poll.register(self._from_child, select.POLLIN)
        for poll in (self._to_write, self._to_read):
            poll.register(self._errors, select.POLLIN)
        self._quiet_seconds: float | None = None
        self._heard = time.monotonic()  # when the last byte came, or the last message was sent

    def send(self, message: Mapping[str, object], deadline: float) -> None:
        """Send one message before ``deadline`` (monotonic seconds). Raises ChildError, StoppedError."""
        self._write(frame_of(message), deadline)
        self._heard = time.monotonic()

    def receive(self, deadline: float, quiet_seconds: float | None = None) -> dict[str, Any]:
        """One message from the child before ``deadline``, arrays in place.

        ``quiet_seconds``: how long the child may send nothing at all, None for any time.
        Raises ChildError when the child dies, is quiet too long or sends what is not a frame, TimeoutError at the
        deadline, StoppedError when called off.
        """
        if self._stop.is_set():
            raise StoppedError
        self._quiet_seconds = quiet_seconds
        start = self._read(4, deadline).tobytes()
        (length,) = struct.unpack(">I", start)
        if length > MAX_HEADER_BYTES:
            raise ChildError(_no_header(start, length))
        try:
            text = str(self._read(length, deadline).data, "utf-8")
            header = json.loads(text, object_pairs_hook=_without_doubles)
            described = header.pop("buffers", [])
            sizes = [_size(each) for each in described]
            if sum(sizes) > MAX_BUFFER_BYTES:
                raise ChildError(f"answered with more than {MAX_BUFFER_BYTES} bytes of arrays")
            arrays = [_array(self._read(size, deadline), each) for size, each in zip(sizes, described, strict=True)]
            filled = _filled(header, arrays)
        except (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ChildError(f"broke the wire protocol: {type(error).__name__}: {error}") from error
        if not isinstance(filled, dict):
            raise ChildError(f"broke the wire protocol: a message is an object, found {type(filled).__name__}")
        return filled

    def has_more(self) -> bool:
        """Whether the child has sent something that was not received yet."""
        return any(event & select.POLLIN for _, event in self._coming.poll(0))

    def stderr_tail(self) -> str:
        """The last 20 kB that the child wrote to standard error or printed."""
        self._drain_stderr()
        return plain_text(self._stderr.decode("utf-8", errors="replace"), STDERR_TAIL_BYTES)

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _write(self, views: list[memoryview], deadline: float) -> None:
        while views:
            try:
                written = os.writev(self._to_child, views[:VIEWS_AT_ONCE])
            except BlockingIOError:
                self._wait(self._to_write, deadline)
                continue
            except BrokenPipeError as error:
                raise ChildError(self._epitaph()) from error
            while views and written >= len(views[0]):
                written -= len(views.pop(0))
            if written:
                views[0] = views[0][written:]

    def _read(self, size: int, deadline: float) -> np.ndarray[Any, np.dtype[np.uint8]]:
        data = np.empty(size, np.uint8)  # of what is announced and never sent no memory is taken
        view, filled = data.data, 0
        while filled < size:
            try:
                count = os.readv(self._from_child, [view[filled:]])
            except BlockingIOError:
                if self._process.poll() is not None and not self.has_more():  # and nobody is left to send any more
                    raise ChildError(self._epitaph()) from None
                self._wait(self._to_read, deadline)
                continue
            if not count:
                raise ChildError(self._epitaph())
            filled += count
            self._heard = time.monotonic()
        return data

    def _wait(self, poll: select.poll, deadline: float) -> None:
        """Until the pipe of ``poll`` is ready or a moment has passed; keeps standard error flowing meanwhile."""
        if self._stop.is_set():
            raise StoppedError
        now = time.monotonic()
        remaining = deadline - now
        if remaining <= 0:
            raise TimeoutError
        quiet = self._quiet_seconds
        if quiet is not None and poll is self._to_read and now - self._heard >= quiet:
            raise ChildError(f"no heartbeat for {quiet:g} s")
        ready = poll.poll(1000 * min(remaining, LOOK_EVERY_SECONDS))
        if any(descriptor == self._errors for descriptor, _ in ready):
            self._drain_stderr()

    def _drain_stderr(self) -> None:
        drained = 0
        while drained < MAX_DRAIN_BYTES:  # a child that floods its standard error cannot hold us here
            try:
                piece = os.read(self._errors, 1 << 16)
            except (BlockingIOError, ValueError, OSError):
                return
            if not piece:
                for poll in (self._to_write, self._to_read):  # it has closed it: nothing to wait for there
                    with contextlib.suppress(KeyError):
                        poll.unregister(self._errors)
                return
            drained += len(piece)
            self._stderr += piece
            del self._stderr[:-STDERR_TAIL_BYTES]

    def _epitaph(self) -> str:
        try:
            code = self._process.wait(timeout=SECONDS_TO_DIE)
        except subprocess.TimeoutExpired:
            return "closed its channel without an answer"
        return f"died with signal {-code}" if code < 0 else f"exited with code {code} without an answer"


def frame_of(message: Mapping[str, object]) -> list[memoryview]:
    """The frame of a message as views: what is in C order and little endian already is not copied.

    >>> b"".join(frame_of({"message": "stop"}))[4:]
    b'{"message": "stop", "buffers": []}'
    """
    buffers: list[np.ndarray[Any, Any]] = []
    header: dict[str, object] = {key: _emptied(value, buffers) for key, value in message.items()}
    header["buffers"] = [{"dtype": a.dtype.str, "shape": list(a.shape), "bytes": a.nbytes} for a in buffers]
    data = json.dumps(header).encode("utf-8")
    start = memoryview(struct.pack(">I", len(data)) + data)
    return [start, *(array.reshape(-1).view(np.uint8).data for array in buffers if array.size)]


def _no_header(start: bytes, length: int) -> str:
    """What is wrong with the first four bytes of a frame; text is always too large a number for a length."""
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        return (
            f"broke the wire protocol: a message begins with the text {start.decode('ascii')!r}; "
            "standard output is the channel, print to standard error instead"
        )
    return f"broke the wire protocol: header of {length} bytes, at most {MAX_HEADER_BYTES}"


def _widen(pipe: int) -> None:
    """Let a pipe hold more, where the system allows it; nothing depends on it but time."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # the user's share of pipe memory is used up
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def request_message(request: Request) -> dict[str, object]:
    """A request as the wire protocol carries it: see ``candidate_shim``.

    >>> request_message(Request(request_id="r1"))
    {'request_id': 'r1'}
    """
    message: dict[str, object] = {"request_id": request.request_id}
    if request.images:
        message["images"] = [
            {
                "name": image.name,
                "pixels": image.pixels,
                "photometric": image.photometric,
                "spacing_mm": image.spacing_mm,
                "spacing_source": image.spacing_source,
                "n_frames": image.n_frames,
                "modality": image.modality,
                "view": image.view,
                "laterality": image.laterality,
                "bits_stored": image.bits_stored,
            }
            for image in request.images
        ]
    if request.signals is not None:
        message["signals"] = request.signals.samples
        message["sampling_hz"] = request.signals.sampling_hz
        message["leads"] = list(request.signals.leads)
    if request.files:
        message["files"] = [str(path) for path in request.files]
    return message


def _emptied(value: object, buffers: list[np.ndarray[Any, Any]]) -> object:
    if value is None or isinstance(value, str | int | float):  # most of a message
        return value
    if isinstance(value, np.ndarray):
        buffers.append(np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")))
        return {"$buffer": len(buffers) - 1}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): _emptied(item, buffers) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_emptied(item, buffers) for item in value]
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises ValueError where it gives one key twice, since nothing says which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object gives the same key twice")
    return found


def _size(described: Mapping[str, Any]) -> int:
    size = int(described["bytes"])
    if size < 0:  # checked before they are added up: a negative one would hide a large one
        raise ValueError("negative length")
    return size


def _array(raw: np.ndarray[Any, np.dtype[np.uint8]], described: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    if described["dtype"] not in ITEM_TYPES:
        raise ValueError("array of another type than numbers or booleans")
    dtype = np.dtype(described["dtype"])
    shape = tuple(int(extent) for extent in described["shape"])
    if any(extent < 0 for extent in shape):
        raise ValueError(f"array of shape {shape}")
    array: np.ndarray[Any, Any] = raw.view(dtype)
    return array.reshape(shape)


def _filled(value: Any, arrays: Sequence[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$buffer"}:
            index = value["$buffer"]
            if not isinstance(index, int) or not 0 <= index < len(arrays):
                raise ValueError("reference to an array that was not sent")
            return arrays[index]
        return {key: _filled(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, arrays) for item in value]
    return value
