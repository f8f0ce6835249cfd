"""A request of ours written into a vendor's JSON or multipart form: placeholders and what they stand for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from .http_description import JsonRequest
from .http_exchange import Message
from .onnx_description import ImageInput
from .onnx_input import NotSuitable, levelled, recording
from .picture_png import png_bytes

OF_AN_IMAGE = {  # placeholder after "$image." -> the key of the image it stands for
    **{name: name for name in ("pixels", "photometric", "spacing_mm", "n_frames", "modality", "view", "laterality")},
    **{name: name for name in ("bits_stored", "rows", "columns", "base64_png", "base64_dicom")},
}
OF_A_RECORDING = ("signals", "leads", "sampling_hz")
PLACEHOLDERS = (
    "request_id",
    *OF_A_RECORDING,
    *(f"{group}.{name}" for group in ("image", "images") for name in OF_AN_IMAGE),
)
ID_IN_PATH = "{request_id}"


def placeholders(template: object) -> Iterator[str]:
    """Every placeholder in a template, without its ``$``; ``$$`` begins a text with one ``$``.

    >>> list(placeholders({"id": "$request_id", "tags": ["$$5", "x"], "image": {"data": "$image.base64_png"}}))
    ['request_id', 'image.base64_png']
    """
    if isinstance(template, str) and template.startswith("$") and not template.startswith("$$"):
        yield template[1:]
    elif isinstance(template, Mapping):
        for item in template.values():
            yield from placeholders(item)
    elif isinstance(template, Sequence) and not isinstance(template, str):
        for item in template:
            yield from placeholders(item)


def receives(described: JsonRequest) -> str:
    """Which form of the input the templates need: ``array``, ``dicom`` or ``wfdb``."""
    kinds = set(described.multipart.values())
    if "wfdb" in kinds:
        return "wfdb"
    has_dicom = any(name.endswith(".base64_dicom") for name in placeholders(described.body))
    return "dicom" if "dicom" in kinds or has_dicom else "array"


def message(request: Mapping[str, Any], described: JsonRequest) -> Message:
    """What is sent for one request. Raises NotSuitable where the request has not what a placeholder stands for."""
    path = described.path.replace(ID_IN_PATH, quote(str(request["request_id"]), safe=""))
    body = _filled(described.body, request, described)
    if not described.multipart:
        content = json.dumps(body, allow_nan=False).encode()
        headers = {"Content-Type": "application/json", **described.headers}
        return Message(path=path, method=described.method, headers=headers, body=content)
    files = tuple(
        (field, name, content)
        for field, kind in described.multipart.items()
        for name, content in _files(kind, request, described)
    )
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in (body or {}).items()}
    return Message(path=path, method=described.method, headers=described.headers, files=files, fields=texts)


def _filled(template: Any, request: Mapping[str, Any], described: JsonRequest) -> Any:
    if isinstance(template, str):
        if template.startswith("$$"):
            return template[1:]
        return _value(template[1:], request, described) if template.startswith("$") else template
    if isinstance(template, Mapping):
        return {str(key): _filled(item, request, described) for key, item in template.items()}
    if isinstance(template, Sequence):
        return [_filled(item, request, described) for item in template]
    return template


def _value(name: str, request: Mapping[str, Any], described: JsonRequest) -> Any:
    if name == "request_id":
        return request["request_id"]
    if name in OF_A_RECORDING:
        return _of_recording(name, request, described)
    group, _, attribute = name.partition(".")
    found = [_of_image(attribute, image, described) for image in _images(request, attribute)]
    if group == "images":
        return found
    if len(found) != 1:
        raise NotSuitable(f"the request holds {len(found)} images, the server takes one")
    return found[0]


def _images(request: Mapping[str, Any], attribute: str) -> Sequence[Any]:
    found = request.get("files") if attribute == "base64_dicom" else request.get("images")
    if not found:
        raise NotSuitable("the request holds no image")
    return list(found)


def _of_image(attribute: str, image: Any, described: JsonRequest) -> Any:
    if attribute == "base64_dicom":
        return base64.b64encode(Path(image).read_bytes()).decode()
    if attribute == "base64_png":
        return base64.b64encode(_png(image, described)).decode()
    if attribute == "pixels":
        return np.asarray(image["pixels"]).tolist()
    if attribute in ("rows", "columns"):
        rows, columns = size_of(image)
        return rows if attribute == "rows" else columns
    return image.get(attribute)


def size_of(image: Mapping[str, Any]) -> tuple[int, int]:
    """Rows and columns of an image of a request."""
    shape = np.asarray(image["pixels"]).shape
    if image.get("photometric") == "rgb":
        shape = shape[:-1]
    return int(shape[-2]), int(shape[-1])


def _png(image: Mapping[str, Any], described: JsonRequest) -> bytes:
    pixels = np.asarray(image["pixels"])
    if image.get("n_frames", 1) > 1:
        raise NotSuitable("a picture holds one frame, the image has several")
    levels = levelled(pixels, image.get("bits_stored"), ImageInput(levels=described.png_levels))
    try:
        return png_bytes(levels)
    except ValueError as error:
        raise NotSuitable(str(error)) from None


def _of_recording(name: str, request: Mapping[str, Any], described: JsonRequest) -> Any:
    if "signals" not in request:
        raise NotSuitable("the request holds no signals")
    prepared = described.signals
    if name == "leads":
        return list(request["leads"] if prepared is None else prepared.leads)
    if name == "sampling_hz":
        return float(request["sampling_hz"] if prepared is None else prepared.sampling_hz)
    samples = np.asarray(request["signals"]) if prepared is None else recording(request, prepared)[0]
    if not np.isfinite(samples).all():  # JSON has no word for it
        raise NotSuitable(f"{np.count_nonzero(~np.isfinite(samples))} samples are marked invalid")
    return samples.tolist()


def _files(kind: str, request: Mapping[str, Any], described: JsonRequest) -> list[tuple[str, bytes]]:
    """(neutral name, content) of every file of this kind that the request gives."""
    if kind == "png":
        return [(f"{image['name']}.png", _png(image, described)) for image in _images(request, "base64_png")]
    paths = [Path(path) for path in request.get("files") or ()]
    if not paths:
        raise NotSuitable("the request holds no file")
    return [(path.name, path.read_bytes()) for path in paths]
