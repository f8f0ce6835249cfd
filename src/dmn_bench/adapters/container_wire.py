"""Our end of the wire protocol with a program in a container: frames from a stranger, read with suspicion."""

from __future__ import annotations

import json
import select
import struct
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np

from ..candidate_shim import frame_of

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BUFFER_BYTES = 512 * 1024 * 1024
WIRE_VERSION = 1
ITEM_TYPES = frozenset(("|b1", "|u1", "|i1", *(f"<{kind}{size}" for kind in "uif" for size in (2, 4, 8))))


class WireError(Exception):
    """The program in the container ended, or sent what it must not; the container is of no further use."""


class EarlierFaultError(WireError):
    """The container is of no further use for what it did after an earlier answer: what is asked now is not to blame."""


class CandidateSaidError(Exception):
    """The program in the container says that it failed."""


class Wire:
    """Requests to one process and its answers. There is no time limit here: that is the supervisor's."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """``process``: with pipes at its standard input and output, the latter without a buffer."""
        if process.stdin is None or process.stdout is None:
            raise ValueError("the program must be started with two pipes")
        self._process = process
        self._to: IO[bytes] = process.stdin
        self._from: IO[bytes] = process.stdout
        self._answered: set[str] = set()
        self._ahead = b""  # read already, of the next message
        self._has_ended = False

    def load(self, entry: str, options: Mapping[str, object]) -> None:
        """Have the model loaded. Raises WireError, CandidateSaidError."""
        self._send({"message": "load", "wire": WIRE_VERSION, "entry": entry, "import_paths": [], "options": options})
        reply = self._receive()
        _refuse_error(reply)
        if reply.get("message") != "ready":
            raise WireError(f"broke the wire protocol: expected 'ready', found {_short(reply.get('message'))}")

    def ask(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        """For each request its answer, or the CandidateSaidError it got instead. Raises WireError."""
        if self._has_more():
            self._refuse_unasked(self._receive())
        if self._has_ended and self._answered:
            raise EarlierFaultError(self._epitaph())
        if len(requests) == 1:
            self._send({"message": "ask", "request": requests[0]})
        else:
            self._send({"message": "ask_batch", "requests": list(requests)})
        asked = [request["request_id"] for request in requests]
        found: dict[str, Any] = {}
        while len(found) < len(asked) or self._has_more():
            reply = self._receive()
            request_id = reply.get("request_id")
            if reply.get("message") == "error" and request_id is None:
                _refuse_error(reply)
            if not isinstance(request_id, str) or request_id not in asked or request_id in found:
                self._refuse_unasked(reply, among=asked)
            found[str(request_id)] = _answer(reply)
        self._answered.update(asked)
        return [found[request_id] for request_id in asked]

    def _refuse_unasked(self, reply: Mapping[str, Any], among: Sequence[str] = ()) -> None:
        request_id = reply.get("request_id")
        if request_id in among:
            raise WireError("broke the wire protocol: two answers to one request")
        if isinstance(request_id, str) and request_id in self._answered:
            raise EarlierFaultError("broke the wire protocol: a second answer to an earlier request")
        expected = f"expected an answer to {', '.join(among)}" if among else "expected nothing before the next request"
        raise WireError(f"broke the wire protocol: {expected}, found one to {_short(request_id)}")

    def _has_more(self) -> bool:
        """Whether more than an end of the channel has come; does not wait."""
        if not self._ahead and not self._has_ended and select.select([self._from], [], [], 0)[0]:
            self._ahead = self._from.read(1 << 16)
            self._has_ended = not self._ahead
        return bool(self._ahead)

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            for view in frame_of(message):  # type: ignore[no-untyped-call]
                self._to.write(view)
            self._to.flush()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WireError(self._epitaph()) from error

    def _receive(self) -> dict[str, Any]:
        """The next message that is more than a sign of life."""
        while True:
            (length,) = struct.unpack(">I", self._read(4))
            if length > MAX_HEADER_BYTES:
                raise WireError(f"broke the wire protocol: header of {length} bytes, at most {MAX_HEADER_BYTES}")
            try:
                header = json.loads(bytes(self._read(length)).decode("utf-8"))
                arrays = [self._array(each) for each in _described(header)]
                message = _filled(header, arrays)
            except (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                raise WireError(f"broke the wire protocol: {type(error).__name__}: {error}") from error
            if message.get("message") != "alive":
                return dict(message)

    def _array(self, described: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        if described["dtype"] not in ITEM_TYPES:
            raise ValueError("array of another type than numbers or booleans")
        shape = tuple(int(extent) for extent in described["shape"])
        return np.frombuffer(self._read(int(described["bytes"])), dtype=described["dtype"]).reshape(shape)

    def _read(self, size: int) -> bytearray:
        data = bytearray(self._ahead[:size])
        self._ahead = self._ahead[size:]
        while len(data) < size:
            piece = self._from.read(min(size - len(data), 1 << 20))
            if not piece:
                raise WireError(self._epitaph())
            data += piece
        return data

    def _epitaph(self) -> str:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "the container closed its channel without an answer"
        return f"died with signal {-code}" if code < 0 else f"exited with code {code}"


def _answer(reply: Mapping[str, Any]) -> Any:
    if reply.get("message") == "error":
        return CandidateSaidError(_short(reply.get("error"), 500))
    if reply.get("message") != "answer":
        raise WireError(f"broke the wire protocol: expected 'answer', found {_short(reply.get('message'))}")
    return reply.get("answer")


def _refuse_error(reply: Mapping[str, Any]) -> None:
    if reply.get("message") == "error":
        raise CandidateSaidError(_short(reply.get("error"), 500))


def _described(header: dict[str, Any]) -> list[Mapping[str, Any]]:
    described = list(header.pop("buffers", []))
    sizes = [int(each["bytes"]) for each in described]
    if min(sizes, default=0) < 0 or sum(sizes) > MAX_BUFFER_BYTES:
        raise ValueError(f"arrays of more than {MAX_BUFFER_BYTES} bytes")
    return described


def _filled(value: Any, arrays: Sequence[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$buffer"}:
            return arrays[value["$buffer"]]
        return {key: _filled(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, arrays) for item in value]
    return value


def _short(value: object, most: int = 60) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= most else text[: most - 1] + "…"
