"""Bodies of the Open Inference Protocol v2 over HTTP, with the binary tensor extension: bytes in, tensors out.

Reference: KServe, Open Inference Protocol (REST) and its extension for binary tensors, as Triton publishes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files import sha256_of_json
from .http_exchange import ServerError, no_constant, only_once, shown

ITEM_TYPES = {
    "BOOL": "|b1",
    **{f"UINT{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
    **{f"INT{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    "BF16": "<u2",  # the upper half of a float32
}
DATATYPES = {"float32": "FP32", "float16": "FP16", "float64": "FP64", "uint8": "UINT8"}
BINARY_ONLY = ("FP16", "BF16")  # no JSON form in the protocol
MAX_AXES = 16


class TensorInfo(NamedTuple):
    """One input or output as a model's metadata declare it; -1: any extent."""

    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a server says of itself and of one model; ``sha256`` is of all of it."""

    server: str
    extensions: tuple[str, ...]  # of the protocol, that the server has
    versions: tuple[str, ...]
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """The reply to one inference; an output of text (BYTES) is None."""

    id: str | None
    model_name: str | None
    model_version: str | None
    outputs: Mapping[str, NDArray[Any] | None]


def read_json(body: bytes) -> Any:
    """A whole document of JSON. Raises ServerError."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=only_once, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        start = shown(body[:60].decode("utf-8", errors="replace"))
        raise ServerError(f"the reply is no JSON ({error}); it begins {start!r}") from None


def read_metadata(of_server: Any, of_model: Any, model: str) -> Metadata:
    """The two metadata replies. Raises ServerError where they are not as the protocol says."""
    server, found = _object(of_server, "the server's metadata"), _object(of_model, "the model's metadata")
    if found.get("name") != model:
        raise ServerError(f"the server's metadata are of model {shown(found.get('name'))}, asked for {model}")
    both = {"server": server, "model": found}
    return Metadata(
        server=f"{shown(server.get('name', ''))} {shown(server.get('version', ''))}".strip(),
        extensions=tuple(str(each) for each in _list(server.get("extensions") or [], "extensions")),
        versions=tuple(str(each) for each in _list(found.get("versions") or [], "versions")),
        inputs=_described(found, "inputs"),
        outputs=_described(found, "outputs"),
        sha256=sha256_of_json(both),
    )


def _described(metadata: Mapping[str, Any], key: str) -> dict[str, TensorInfo]:
    found = {}
    for each in _list(metadata.get(key) or [], key):
        described = _object(each, f"an entry of {key}")
        shape = tuple(_whole(extent, "shape", least=-1) for extent in _list(described.get("shape"), "shape"))
        found[str(described.get("name"))] = TensorInfo(str(described.get("datatype")), shape)
    return found


def request_body(
    request_id: str, name: str, tensor: NDArray[Any], datatype: str, *, outputs: Sequence[str], binary: bool
) -> tuple[bytes, int | None]:
    """The body of an inference request of one tensor, and the length of its JSON part where tensors follow it.

    ``outputs``: names asked for; none: all. ``datatype``: of ITEM_TYPES; for BF16 the tensor is float32 and each
    value becomes the nearest one that BF16 has, ties to even.
    """
    described: dict[str, Any] = {"name": name, "shape": list(tensor.shape), "datatype": datatype}
    request: dict[str, Any] = {"id": request_id, "inputs": [described]}
    if outputs:
        request["outputs"] = [{"name": each, "parameters": {"binary_data": binary}} for each in outputs]
    elif binary:
        request["parameters"] = {"binary_data_output": True}
    if not binary:
        described["data"] = tensor.reshape(-1).tolist()
        return json.dumps(request, allow_nan=False).encode(), None
    items = _bf16(tensor) if datatype == "BF16" else tensor.astype(ITEM_TYPES[datatype], copy=False)
    raw = np.ascontiguousarray(items).reshape(-1).view(np.uint8).data
    described["parameters"] = {"binary_data_size": raw.nbytes}
    header = json.dumps(request).encode()
    return b"".join((header, raw)), len(header)


def _bf16(tensor: NDArray[Any]) -> NDArray[np.uint16]:
    bits = np.ascontiguousarray(tensor, dtype="<f4").view("<u4")
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded >> np.uint32(16)).astype("<u2")


def read_reply(body: bytes, header_length: str | None) -> Inferred:
    """The reply to an inference. ``header_length``: as its header Inference-Header-Content-Length says, or None.

    Raises ServerError where a byte is missing or too much, a shape is not that of its data, or a name comes twice.
    """
    length = len(body)
    if header_length is not None:
        if not (header_length.isascii() and header_length.isdigit()) or int(header_length) > len(body):
            raise ServerError(f"Inference-Header-Content-Length is {shown(header_length)} of {len(body)} bytes")
        length = int(header_length)
    document = _object(read_json(body[:length]), "the reply")
    if "outputs" not in document:
        raise ServerError(f"the reply has no outputs; error: {shown(document.get('error'))}")
    outputs: dict[str, NDArray[Any] | None] = {}
    place = length
    for each in _list(document["outputs"], "outputs"):
        described = _object(each, "an output")
        name = described.get("name")
        if not isinstance(name, str) or name in outputs:
            raise ServerError(f"two outputs, or one without a name: {shown(name)}")
        size = _binary_size(described)
        raw = None if size is None else body[place : place + size]
        if raw is not None and len(raw) != size:
            raise ServerError(f"output {shown(name)}: {len(raw)} bytes of {size}")
        outputs[name] = _tensor(described, shown(name), raw)
        place += size or 0
    if place != len(body):
        raise ServerError(f"{len(body) - place} bytes follow the outputs")
    named = {key: _text(document.get(key), key) for key in ("id", "model_name", "model_version")}
    return Inferred(**named, outputs=outputs)


def _binary_size(described: Mapping[str, Any]) -> int | None:
    parameters = described.get("parameters")
    size = parameters.get("binary_data_size") if isinstance(parameters, Mapping) else None
    return None if size is None else _whole(size, "binary_data_size")


def _tensor(described: Mapping[str, Any], name: str, raw: bytes | None) -> NDArray[Any] | None:
    datatype = described.get("datatype")
    if datatype == "BYTES":
        return None
    if datatype not in ITEM_TYPES:
        raise ServerError(f"output {name}: datatype {shown(datatype)} is none of the protocol")
    shape = tuple(_whole(extent, "shape") for extent in _list(described.get("shape"), "shape"))
    if len(shape) > MAX_AXES:
        raise ServerError(f"output {name}: {len(shape)} axes")
    items = _from_json(described.get("data"), datatype, name) if raw is None else _from_bytes(raw, datatype, name)
    if items.size != math.prod(shape):
        raise ServerError(f"output {name}: {items.size} elements, shape {list(shape)}")
    return items.reshape(shape)


def _from_bytes(raw: bytes, datatype: str, name: str) -> NDArray[Any]:
    dtype = np.dtype(ITEM_TYPES[datatype])
    if len(raw) % dtype.itemsize:
        raise ServerError(f"output {name}: {len(raw)} bytes are no whole number of {datatype}")
    items = np.frombuffer(raw, dtype=dtype)
    return (items.astype("<u4") << np.uint32(16)).view("<f4") if datatype == "BF16" else items


def _from_json(data: object, datatype: str, name: str) -> NDArray[Any]:
    dtype = np.dtype("<f4" if datatype == "BF16" else ITEM_TYPES[datatype])
    try:
        found = np.asarray(_list(data, f"the data of output {name}"))
    except ValueError:
        raise ServerError(f"output {name}: its lists are of unequal lengths") from None
    if found.size and found.dtype.kind not in {"b": "b", "u": "iu", "i": "iu", "f": "iuf"}[dtype.kind]:
        raise ServerError(f"output {name}: its data are not all {datatype}")
    with np.errstate(over="ignore"):
        items = found.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(items, found):
        raise ServerError(f"output {name}: a number is outside {datatype}")
    return items


def fits(shape: Iterable[int | None], declared: Sequence[int]) -> bool:
    """Whether a shape (None: any extent) may be one that metadata declare (-1: any extent).

    >>> fits((1, 3, None, None), (-1, 3, 224, 224)), fits((1, 3), (-1, 3, 224, 224))
    (True, False)
    """
    found = tuple(shape)
    pairs = zip(found, declared, strict=False)
    return len(found) == len(declared) and all(a is None or b == -1 or a == b for a, b in pairs)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ServerError(f"{what}: expected an object, found {shown(value)}")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ServerError(f"{what}: expected a list, found {shown(value)}")
    return value


def _whole(value: object, what: str, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**40:
        raise ServerError(f"{what}: expected a whole number from {least}, found {shown(value)}")
    return value


def _text(value: object, what: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ServerError(f"{what}: expected text, found {shown(value)}")
    return value
