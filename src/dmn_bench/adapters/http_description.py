"""What is declared about a server with JSON of its own: what is sent, and where in its reply the answer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .onnx_description import SignalInput
from .prediction_rules import DeviceStatus


@dataclass(frozen=True, kw_only=True)
class JsonRequest:
    """What is sent for one case. ``$name`` stands for a value of the request: see ``json_form.PLACEHOLDERS``."""

    path: str  # after the url: "/v1/analyse"; {request_id} stands for the id of the request
    method: Literal["POST", "PUT"] = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)  # further ones; never a secret
    body: object = None  # JSON with placeholders; with multipart: texts by the name of their field
    multipart: Mapping[str, Literal["dicom", "png", "wfdb"]] = field(default_factory=dict)  # field -> files sent in it
    png_levels: Literal["full_range", "as_is", "minmax"] | tuple[float, float] = "full_range"  # what becomes 0–255
    signals: SignalInput | None = None  # how a recording is prepared; null: as it is, in mV


@dataclass(frozen=True, kw_only=True)
class JsonFinding:
    """Where the reply says something of one finding: JSON pointers (RFC 6901) such as /result/probability."""

    score: str | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class JsonGrade:
    """Where the reply holds one grade: JSON pointers."""

    grade: str | None = None
    scores: str | None = None  # a list, one for each grade


@dataclass(frozen=True, kw_only=True)
class JsonMeasurement:
    """Where the reply holds one measurement, and its unit (UCUM) as the vendor declares it."""

    value: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class JsonMarks:
    """Where the reply lists marks. All pointers but ``each`` start at one entry of that list."""

    each: str  # of the list; a reply without it fails
    finding: str  # pointer to the vendor's word; or, without a slash in front, the finding of all of them
    box: str | tuple[str, ...]  # pointer to a list of numbers, or one for each number; () where there is an outline
    form: Literal["xywh", "xyxy", "cxcywh", "xy"]  # xy: a point, or with ``diameter`` the centre of a circle
    unit: Literal["px", "normalised"]  # of the image that was sent; shares of its width and height
    diameter: str | None = None  # pointer to a number, in px
    outline: str | None = None  # pointer to a list of [x, y], in ``unit``
    score: str | None = None
    image: str | None = None  # pointer to image-1, image-2 … or to a SOP Instance UID
    frame: str | None = None  # pointer to a number
    first_frame: Literal[0, 1] = 1  # how the vendor counts frames


@dataclass(frozen=True, kw_only=True)
class JsonResponse:
    """Where the answer is in the reply, and on which scale."""

    findings: Mapping[str, JsonFinding] = field(default_factory=dict)
    grades: Mapping[str, JsonGrade] = field(default_factory=dict)
    measurements: Mapping[str, JsonMeasurement] = field(default_factory=dict)
    marks: JsonMarks | None = None
    score_unit: Literal["fraction", "percent", "any"] | None = None  # needed with scores; checked, not converted
    higher_is: Literal["positive", "negative"] = "positive"  # negative: scores are multiplied by -1
    status: str | None = None  # pointer to the vendor's word for how it went
    statuses: Mapping[str, DeviceStatus] = field(default_factory=dict)  # the vendor's word -> our status
    reason: str | None = None  # pointer
    echo: str | None = None  # pointer to the id of the request, sent back


@dataclass(frozen=True, kw_only=True)
class PointerEquals:
    """A place in a reply and what must stand there: one value or one of several."""

    pointer: str
    equals: str | int | bool | tuple[str | int | bool, ...]


@dataclass(frozen=True, kw_only=True)
class Poll:
    """How the result of a server that answers later is fetched."""

    id: str  # pointer to the id of the job in the first reply
    path: str  # asked until it is done: "/jobs/{id}"
    done: PointerEquals
    failed: PointerEquals | None = None  # the case has failed then
    result_path: str | None = None  # where the result is once done; null: in the reply that said so
    every_seconds: float = 1.0
