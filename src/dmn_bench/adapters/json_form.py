"""A case put to a server by JSON of its own: sent, waited for, read. Runs in the child."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .http_description import JsonRequest, JsonResponse, Poll
from .http_exchange import Exchange, Message, Refused, ServerError, checked, shown
from .json_request import message, size_of
from .json_response import ResponseReader, Size, at, holds
from .onnx_input import NotSuitable
from .open_inference import read_json

if TYPE_CHECKING:
    from .http_device import HttpDevice

JOB_ID = re.compile("(?!\\.\\.?$)[A-Za-z0-9._~-]{1,200}")  # nothing that could lead to another path


class JsonForm:
    """Asks a server as ``HttpDevice`` describes it."""

    def __init__(self, device: HttpDevice, exchange: Exchange) -> None:
        self._device = device
        self._exchange = exchange
        self._request = device.request or JsonRequest(path="")
        self._reader = ResponseReader(
            device.response or JsonResponse(), device.labels, device.findings, device.ignore_findings
        )

    def answers(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One answer for each request, in their order."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            to_send = message(request, self._request)
            document = self._asked(to_send)
            return self._reader.answer(document, request["request_id"], lambda: _sizes(request))
        except (NotSuitable, Refused) as refused:
            return {"status": "rejected_input", "reason": str(refused)}
        except ServerError as error:
            if not error.is_answered and self._device.resend_after_timeout:
                raise
            return {"status": "failed", "reason": str(error)}

    def _asked(self, to_send: Message) -> Any:
        document = read_json(checked(self._exchange(to_send), self._device.rejects).body)
        return document if self._device.poll is None else self._polled(document, self._device.poll)

    def _polled(self, document: Any, poll: Poll) -> Any:
        """The result of a job, once it is done. Raises ServerError when it fails or the time is over."""
        job = at(document, poll.id)
        text = str(job) if isinstance(job, int) and not isinstance(job, bool) else job
        if not isinstance(text, str) or not JOB_ID.fullmatch(text):
            raise ServerError(f"{poll.id} is {shown(job)}, which is no id of a job")
        while True:
            found = read_json(checked(self._exchange(Message(path=poll.path.replace("{id}", text)))).body)
            if holds(found, poll.done):
                break
            if poll.failed is not None and holds(found, poll.failed):
                raise ServerError(f"the server says that the job has failed: {poll.failed.pointer}")
            if self._exchange.seconds_left() <= poll.every_seconds:
                raise ServerError("the job was not done within the time for a case")
            time.sleep(poll.every_seconds)
        if poll.result_path is None:
            return found
        return read_json(checked(self._exchange(Message(path=poll.result_path.replace("{id}", text)))).body)


def _sizes(request: Mapping[str, Any]) -> dict[str, Size]:
    """Rows and columns of every image of a request, by its neutral name."""
    if request.get("images"):
        return {image["name"]: size_of(image) for image in request["images"]}
    from ..inputs.dicom_image import DicomImageReader

    sizes = {}
    for path in map(Path, request.get("files") or ()):
        header = DicomImageReader().header(path)
        sizes[path.stem] = (int(header["Rows"]), int(header["Columns"]))
    return sizes
