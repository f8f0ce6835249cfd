"""A case put to a server of the Open Inference Protocol v2, described as for ``onnx``. Runs in the child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from .http_exchange import Exchange, Message, Refused, ServerError, checked
from .onnx_description import ImageInput, Output, SignalInput
from .onnx_input import NotSuitable, Plane, image_planes, recording
from .onnx_output import combined, read_outputs
from .open_inference import (
    BINARY_ONLY,
    DATATYPES,
    Inferred,
    Metadata,
    fits,
    read_json,
    read_metadata,
    read_reply,
    request_body,
)

if TYPE_CHECKING:
    from .http_device import HttpDevice

Tensors = Mapping[str, NDArray[Any]]
BINARY = "binary_tensor_data"  # the extension as a server's metadata name it
HEADER_LENGTH = "Inference-Header-Content-Length"


class Prepared(NamedTuple):
    """One tensor to send, and the image that it was made from."""

    request: int  # its place among the requests of a batch
    tensor: NDArray[Any]
    plane: Plane | None


class OpenInferenceForm:
    """Asks one model of a server; holds what the server said of it when it was loaded."""

    def __init__(self, device: HttpDevice, exchange: Exchange) -> None:
        """Read the metadata and compare them with the description. Raises ServerError."""
        self._device = device
        self._exchange = exchange
        self._outputs: Sequence[Output] = device.outputs()
        self._path = f"/v2/models/{quote(device.model or '', safe='')}"
        if device.version is not None:
            self._path += f"/versions/{quote(device.version, safe='')}"
        metadata = self._metadata()
        if device.data == "binary" and BINARY not in metadata.extensions:
            raise ServerError(f"the server {metadata.server} takes no binary tensors: declare data: json")
        self._described: ImageInput | SignalInput = _described(device)
        self._input = _one_name("input", self._described.name, tuple(metadata.inputs))
        self._datatype = _datatype(device, metadata, self._input, self._described)
        self._asked = tuple(dict.fromkeys(_asked_names(self._outputs, tuple(metadata.outputs))))
        self._answers_with = metadata.outputs
        self._version: str | None = device.version
        _check_shapes(device, metadata, self._input, self._described)
        _check_outputs(metadata, self._asked)

    def answers(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One answer for each request, in their order; a request that costs an answer does not cost the others."""
        answers: list[dict[str, Any]] = [{} for _ in requests]
        found: list[list[dict[str, Any]]] = [[] for _ in requests]
        prepared: list[Prepared] = []
        for place, request in enumerate(requests):
            try:
                prepared += self._prepared(place, request)
            except NotSuitable as reason:
                answers[place] = {"status": "rejected_input", "reason": str(reason)}
        for chunk in _chunks(prepared, self._device.batch):
            for each, answer in zip(chunk, self._chunk(requests, chunk), strict=True):
                if "status" in answer:
                    answers[each.request] = answers[each.request] or answer
                found[each.request].append(answer)
        return [answer or {"status": "answered", **combined(found[i])} for i, answer in enumerate(answers)]

    def _metadata(self) -> Metadata:
        of_server = read_json(checked(self._exchange(Message(path="/v2"))).body)
        of_model = read_json(checked(self._exchange(Message(path=self._path))).body)
        metadata = read_metadata(of_server, of_model, self._device.model or "")
        pinned = self._device.metadata_sha256
        if pinned is not None and pinned != metadata.sha256:
            raise ServerError(
                f"the server is not the one declared: sha256 of its metadata is {metadata.sha256}, "
                f"metadata_sha256 is {pinned} (server {metadata.server})"
            )
        if self._device.version is not None and metadata.versions and self._device.version not in metadata.versions:
            raise ServerError(f"the server has versions {', '.join(metadata.versions)}, not {self._device.version}")
        return metadata

    def _prepared(self, place: int, request: Mapping[str, Any]) -> list[Prepared]:
        if isinstance(self._described, ImageInput):
            planes = image_planes(request, self._described)
            return [Prepared(place, plane.tensor, plane) for plane in planes]
        return [Prepared(place, recording(request, self._described), None)]

    def _chunk(self, requests: Sequence[Mapping[str, Any]], chunk: Sequence[Prepared]) -> list[dict[str, Any]]:
        """The answers for tensors sent together; asked one by one where together they got no usable reply."""
        try:
            ids = [str(requests[each.request]["request_id"]) for each in chunk]
            rows = self._inferred(ids[0], [each.tensor for each in chunk])
            return [
                read_outputs(_finite(row), self._outputs, each.plane) for row, each in zip(rows, chunk, strict=True)
            ]
        except Refused as refused:
            failed = {"status": "rejected_input", "reason": str(refused)}
        except ServerError as error:
            if not error.is_answered and self._device.resend_after_timeout:
                raise
            failed = {"status": "failed", "reason": str(error)}
            if not error.is_answered:
                return [failed] * len(chunk)
        except ValueError as error:
            failed = {"status": "failed", "reason": f"the outputs are not as declared: {error}"}
        if len(chunk) == 1:
            return [failed]
        return [answer for each in chunk for answer in self._chunk(requests, [each])]

    def _inferred(self, request_id: str, tensors: Sequence[NDArray[Any]]) -> list[Tensors]:
        """The outputs for each tensor."""
        together = tensors[0] if len(tensors) == 1 else np.concatenate(tensors)
        if not self._device.batch_axis:
            together = together[0]
        is_binary = self._device.data == "binary"
        body, length = request_body(
            request_id, self._input, together, self._datatype, outputs=self._asked, binary=is_binary
        )
        headers = {"Content-Type": "application/json"}
        if length is not None:
            headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(length)}
        message = Message(path=f"{self._path}/infer", method="POST", headers=headers, body=body)
        reply = checked(self._exchange(message), self._device.rejects)
        inferred = read_reply(reply.body, reply.headers.get(HEADER_LENGTH.lower()))
        self._check_reply(inferred, request_id)
        return self._rows(inferred, len(tensors))

    def _check_reply(self, inferred: Inferred, request_id: str) -> None:
        """Raises ServerError if it answers another request, or comes from another model than so far."""
        if inferred.id is not None and inferred.id != request_id:
            raise ServerError("an answer to another request: its id is not ours")
        if inferred.model_name is not None and inferred.model_name != self._device.model:
            raise ServerError(f"an answer of another model: {inferred.model_name}")
        if inferred.model_version is not None and self._version not in (None, inferred.model_version):
            raise ServerError(f"an answer of version {inferred.model_version}, the first was of {self._version}")
        self._version = self._version or inferred.model_version

    def _rows(self, inferred: Inferred, n: int) -> list[Tensors]:
        """The outputs that were asked for, one mapping for each of the n tensors sent."""
        names = self._asked or _all_of(inferred)
        found: dict[str, NDArray[Any]] = {}
        for name in names:
            tensor = inferred.outputs.get(name)
            if name not in inferred.outputs:
                raise ServerError(f"the reply has no output {name}, it has {', '.join(inferred.outputs) or 'none'}")
            if tensor is None:
                raise ServerError(f"output {name} is text (BYTES), which no kind of output reads")
            declared = self._answers_with.get(name)
            if declared is not None and not fits(tensor.shape, declared.shape):
                raise ServerError(f"output {name} has shape {list(tensor.shape)}, declared {list(declared.shape)}")
            if n > 1 and (tensor.ndim == 0 or len(tensor) != n):
                raise ServerError(f"output {name} has shape {list(tensor.shape)} for a batch of {n}")
            found[name] = tensor
        if n == 1:
            return [found]
        return [{name: tensor[place : place + 1] for name, tensor in found.items()} for place in range(n)]


def _described(device: HttpDevice) -> ImageInput | SignalInput:
    described = device.input or device.signals
    if described is None:
        raise ServerError("neither input nor signals is declared")
    return described


def _one_name(what: str, declared: str | None, found: tuple[str, ...]) -> str:
    if declared is None and len(found) == 1:
        return found[0]
    if declared is None or (found and declared not in found):
        raise ServerError(f"the model's {what}s are {', '.join(found) or 'not told'}: name one, found {declared}")
    return declared


def _asked_names(outputs: Sequence[Output], known: tuple[str, ...]) -> list[str]:
    """The outputs that the description reads; [] for the only one of a server that tells none."""
    names: list[str] = []
    for output in outputs:
        boxes = output.boxes
        if boxes is not None and boxes.boxes is not None:
            names += [name for name in (boxes.boxes, boxes.scores, boxes.classes) if name is not None]
        elif output.name is not None:
            names.append(output.name)
        elif known:
            names.append(known[0])
    return names


def _all_of(inferred: Inferred) -> tuple[str, ...]:
    if len(inferred.outputs) != 1:
        raise ServerError(f"the reply has the outputs {', '.join(inferred.outputs) or 'none'}: name the one to read")
    return tuple(inferred.outputs)


def _datatype(device: HttpDevice, metadata: Metadata, name: str, described: ImageInput | SignalInput) -> str:
    ours = DATATYPES[described.dtype]
    theirs = metadata.inputs[name].datatype if name in metadata.inputs else ours
    if theirs == "BF16" and ours == "FP32":  # NumPy has no BF16: it is declared as float32 and rounded on sending
        ours = theirs
    if theirs != ours:
        raise ServerError(f"input {name} takes {theirs}, declared dtype {described.dtype} ({ours})")
    if device.data == "json" and ours in BINARY_ONLY:
        raise ServerError(f"input {name} takes {ours}, which has no form in JSON: declare data: binary")
    return ours


def _check_shapes(device: HttpDevice, metadata: Metadata, name: str, described: ImageInput | SignalInput) -> None:
    if name not in metadata.inputs:
        return
    shape = _expected(described)
    found = (None, *shape) if device.batch_axis else shape
    declared = metadata.inputs[name].shape
    if not fits(found, declared):
        ours = ["any" if extent is None else extent for extent in found]
        raise ServerError(f"input {name} takes shape {list(declared)}, the description gives {ours}")
    if device.batch_axis and device.batch > 1 and declared[0] not in (-1, device.batch):
        raise ServerError(f"input {name} takes shape {list(declared)}: no batches of {device.batch}")


def _expected(described: ImageInput | SignalInput) -> tuple[int | None, ...]:
    """The shape without the batch axis; None where it depends on the case."""
    if isinstance(described, SignalInput):
        in_time, leads = described.samples, len(described.leads)
        return (leads, in_time) if described.layout == "leads_samples" else (in_time, leads)
    rows, columns = described.size or (None, None)
    channels = 1 if described.channels == "grey" else 3
    of_image = (None, rows, columns) if described.volume else (rows, columns)
    return (*of_image, channels) if described.layout == "nhwc" else (channels, *of_image)


def _check_outputs(metadata: Metadata, asked: Sequence[str]) -> None:
    for name in asked:
        if metadata.outputs and name not in metadata.outputs:
            raise ServerError(f"the model has no output {name}, it has {', '.join(metadata.outputs)}")
        if metadata.outputs and metadata.outputs[name].datatype == "BYTES":
            raise ServerError(f"output {name} is text (BYTES), which no kind of output reads")


def _finite(outputs: Tensors) -> Tensors:
    for name, tensor in outputs.items():
        n_not = 0 if tensor.dtype.kind != "f" else int(np.count_nonzero(~np.isfinite(tensor)))
        if n_not:
            raise ServerError(f"output {name}: {n_not} of {tensor.size} elements are not finite")
    return outputs


def _chunks(prepared: Sequence[Prepared], at_most: int) -> list[list[Prepared]]:
    """Neighbours of one shape, as many as go into one message."""
    chunks: list[list[Prepared]] = []
    for each in prepared:
        last = chunks[-1] if chunks else []
        if last and len(last) < at_most and last[0].tensor.shape == each.tensor.shape:
            last.append(each)
        else:
            chunks.append([each])
    return chunks
