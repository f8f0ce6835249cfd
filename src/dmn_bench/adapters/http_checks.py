"""Everything that can be wrong with the description of a server before anybody asks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import Problem
from ..files import unknown_name
from .http_description import JsonMarks, JsonResponse
from .json_request import ID_IN_PATH, PLACEHOLDERS, placeholders
from .json_response import is_pointer
from .onnx_model import problems_of_output

if TYPE_CHECKING:
    from .http_device import HttpDevice

VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")
HEADER = re.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+")
OURS = ("authorization", "proxy-authorization", "cookie", "host", "content-length", "transfer-encoding")
MOST_MB = 512
N_NUMBERS = {"xy": 2, "xywh": 4, "xyxy": 4, "cxcywh": 4}


def secret_problems(device: HttpDevice) -> list[Problem]:
    """Of the token and of the headers, which must not hold one."""
    problems = []
    if device.token_variable is not None and not VARIABLE.fullmatch(device.token_variable):
        problems.append(Problem(key="http_device.token_variable", where=device.url))  # it may be the token itself
    if not HEADER.fullmatch(device.token_header):
        problems.append(Problem(key="http_device.token_header", where=device.url))
    headers = {} if device.request is None else device.request.headers
    for name, value in headers.items():
        if name.lower() in (*OURS, device.token_header.lower()):
            problems.append(Problem(key="http_device.header_ours", where=device.url, facts={"found": name}))
        elif not HEADER.fullmatch(name) or not (value.isascii() and value.isprintable()):
            problems.append(Problem(key="http_device.header_malformed", where=device.url))
    return problems


def limit_problems(device: HttpDevice) -> list[Problem]:
    """Of times and sizes."""
    limits: Mapping[str, tuple[float | None, float, float]] = {
        "seconds_to_connect": (device.seconds_to_connect, 0.01, 600),
        "seconds_to_be_ready": (device.seconds_to_be_ready, 0, 3600),
        "seconds_to_answer": (device.seconds_to_answer, 0.01, 86400),
        "retries": (device.retries, 0, 20),
        "batch": (device.batch, 1, 1024),
        "max_answer_mb": (device.max_answer_mb, 1, MOST_MB),
    }
    return [
        Problem(
            key="http_device.limit",
            where=device.url,
            facts={"option": name, "low": low, "high": high, "found": value},
        )
        for name, (value, low, high) in limits.items()
        if value is not None and not low <= value <= high
    ]


def open_inference_problems(device: HttpDevice) -> list[Problem]:
    """Of a server of the Open Inference Protocol."""
    problems = []
    for option in ("model", "output"):
        if not getattr(device, option):
            problems.append(_needed(device, option))
    if (device.input is None) == (device.signals is None):
        problems.append(Problem(key="http_device.one_input", where=device.url))
    for output in device.outputs():
        problems += problems_of_output(output, device.url)
    if device.batch > 1 and not device.batch_axis:
        problems.append(Problem(key="http_device.batch_without_axis", where=device.url))
    if device.metadata_sha256 is not None and not re.fullmatch("[0-9a-f]{64}", device.metadata_sha256):
        problems.append(Problem(key="http_device.metadata_sha256", where=device.url))
    return problems


def json_problems(device: HttpDevice) -> list[Problem]:
    """Of a server with a form of its own."""
    problems = [_needed(device, option) for option in ("request", "response") if getattr(device, option) is None]
    if device.batch > 1:
        facts = {"option": "batch", "form": device.form}
        problems.append(Problem(key="http_device.option_of_other_form", where=device.url, facts=facts))
    problems += [*_request_problems(device), *_path_problems(device)]
    if device.response is not None:
        problems += [*_pointer_problems(device), *_response_problems(device, device.response)]
    return problems


def _request_problems(device: HttpDevice) -> list[Problem]:
    request = device.request
    if request is None:
        return []
    found = list(placeholders(request.body))
    problems = [
        unknown_name("http_device.placeholder_unknown", f"${name}", [f"${each}" for each in PLACEHOLDERS], device.url)
        for name in found
        if name not in PLACEHOLDERS
    ]
    kinds = set(request.multipart.values())
    has_copies = bool(kinds & {"dicom", "wfdb"}) or any(name.endswith(".base64_dicom") for name in found)
    has_arrays = "png" in kinds or any(n != "request_id" and not n.endswith(".base64_dicom") for n in found)
    if (has_copies and has_arrays) or {"dicom", "wfdb"} <= kinds:
        problems.append(Problem(key="http_device.two_forms_of_input", where=device.url))
    if not has_copies and not has_arrays:
        problems.append(Problem(key="http_device.nothing_sent", where=device.url))
    if request.multipart and request.body is not None and not isinstance(request.body, Mapping):
        problems.append(Problem(key="http_device.fields_not_mapping", where=device.url))
    return problems


def _path_problems(device: HttpDevice) -> list[Problem]:
    paths: list[tuple[str, str, str]] = []
    if device.request is not None:
        paths.append(("request.path", device.request.path.replace(ID_IN_PATH, ""), ""))
    if device.poll is not None:
        paths.append(("poll.path", device.poll.path, "{id}"))
        if device.poll.result_path is not None:
            paths.append(("poll.result_path", device.poll.result_path, "{id}"))
    problems = []
    for option, path, needed in paths:
        rest = path.replace(needed, "") if needed else path
        if not path.startswith("/") or needed not in path or re.search(r"[\s{}#]|[^\x20-\x7e]", rest):
            facts = {"option": option, "found": path, "expected": needed or ID_IN_PATH}
            problems.append(Problem(key="http_device.path", where=device.url, facts=facts))
    return problems


def _response_problems(device: HttpDevice, response: JsonResponse) -> list[Problem]:
    problems = _says_nothing(device, response)
    marks = response.marks
    scores = [place.score for place in response.findings.values()] + ([marks.score] if marks is not None else [])
    if response.score_unit is None and any(score is not None for score in scores):
        problems.append(Problem(key="http_device.score_unit", where=device.url))
    if response.status is not None and not response.statuses:
        problems.append(_needed(device, "response.statuses"))
    if response.echo is not None and not _sends_id(device):
        problems.append(Problem(key="http_device.echo_not_sent", where=device.url))
    if marks is not None and _is_ambiguous(marks):
        problems.append(Problem(key="lesions.http_marks", where=device.url))
    elif marks is not None and marks.box and not isinstance(marks.box, str) and len(marks.box) != N_NUMBERS[marks.form]:
        facts = {"form": marks.form, "expected": N_NUMBERS[marks.form], "found": len(marks.box)}
        problems.append(Problem(key="http_device.box_pointers", where=device.url, facts=facts))
    return problems


def _is_ambiguous(marks: JsonMarks) -> bool:
    """Whether a mark would have no place, or two that contradict each other."""
    if marks.diameter is not None:
        return marks.form != "xy" or marks.unit != "px" or marks.outline is not None or not marks.box
    if marks.outline is not None:
        return bool(marks.box) and marks.form == "xy"
    return not marks.box


def _sends_id(device: HttpDevice) -> bool:
    request = device.request
    return request is None or "request_id" in placeholders(request.body) or ID_IN_PATH in request.path


def _says_nothing(device: HttpDevice, response: JsonResponse) -> list[Problem]:
    if not (response.findings or response.grades or response.measurements or response.marks):
        return [_needed(device, "response.findings")]
    return [
        _needed(device, f"response.{group}.{name}")
        for group in ("findings", "grades")
        for name, place in getattr(response, group).items()
        if all(pointer is None for pointer in vars(place).values())
    ]


def _pointer_problems(device: HttpDevice) -> list[Problem]:
    return [
        Problem(key="http_device.pointer", where=device.url, facts={"option": option, "found": pointer})
        for option, pointer in _pointers(device)
        if not is_pointer(pointer)
    ]


def _pointers(device: HttpDevice) -> Iterator[tuple[str, str]]:
    """(option, pointer) of every pointer in the description."""
    response, poll = device.response, device.poll
    if response is not None:
        named = {name: getattr(response, name) for name in ("status", "reason", "echo")}
        yield from ((f"response.{name}", pointer) for name, pointer in named.items() if pointer is not None)
        for group in ("findings", "grades"):
            for name, place in getattr(response, group).items():
                given = {key: pointer for key, pointer in vars(place).items() if pointer is not None}
                yield from ((f"response.{group}.{name}.{key}", pointer) for key, pointer in given.items())
        for name, measurement in response.measurements.items():
            yield f"response.measurements.{name}.value", measurement.value
        if response.marks is not None:
            yield from _pointers_of_marks(response.marks)
    if poll is not None:
        yield from (("poll.id", poll.id), ("poll.done.pointer", poll.done.pointer))
        if poll.failed is not None:
            yield "poll.failed.pointer", poll.failed.pointer


def _pointers_of_marks(marks: JsonMarks) -> Iterator[tuple[str, str]]:
    yield "response.marks.each", marks.each
    for pointer in (marks.box,) if isinstance(marks.box, str) else marks.box:
        yield "response.marks.box", pointer
    for name in ("score", "image", "frame", "diameter", "outline"):
        pointer = getattr(marks, name)
        if pointer is not None:
            yield f"response.marks.{name}", pointer
    if marks.finding.startswith("/"):
        yield "response.marks.finding", marks.finding


def _needed(device: HttpDevice, option: str) -> Problem:
    return Problem(key="http_device.needed", where=device.url, facts={"option": option, "form": device.form})
