"""A vendor's JSON read into an answer of the contract: by pointers, on the declared scale, nothing guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from ..vocabulary import Label
from .http_description import JsonMarks, JsonResponse, PointerEquals
from .http_exchange import ServerError, shown

Size = tuple[int, int]  # rows, columns
STATUSES_WITH_FINDINGS = ("answered", "indeterminate")
LABELS: tuple[Label, ...] = get_args(Label)
HIGHEST = {"fraction": 1.0, "percent": 100.0}
_INDEX = re.compile("0|[1-9][0-9]*")
_ABSENT = object()


def at(document: Any, pointer: str) -> Any:
    """What stands at a JSON pointer. Raises ServerError where there is nothing. Reference: RFC 6901.

    >>> at({"a": [{"b/c": 5}]}, "/a/0/b~1c"), at(7, "")
    (5, 7)
    """
    found = _found(document, pointer)
    if found is _ABSENT:
        raise ServerError(f"the reply has nothing at {pointer}")
    return found


def _found(document: Any, pointer: str) -> Any:
    place = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping):
            place = place.get(name, _ABSENT)
        elif isinstance(place, list) and _INDEX.fullmatch(name) and len(name) < 10 and int(name) < len(place):
            place = place[int(name)]
        else:
            return _ABSENT
    return place


def is_pointer(text: str) -> bool:
    """Whether a text is a JSON pointer.

    >>> is_pointer("/a/b"), is_pointer(""), is_pointer("a/b"), is_pointer("/~2")
    (True, True, False, False)
    """
    return (text == "" or text.startswith("/")) and re.search("~(?![01])", text) is None


def holds(document: Any, condition: PointerEquals) -> bool:
    """Whether the reply has the value there; true and 1 are two values."""
    found = _found(document, condition.pointer)
    wanted = condition.equals if isinstance(condition.equals, tuple) else (condition.equals,)
    return any(type(found) is type(each) and found == each for each in wanted)


class ResponseReader:
    """Reads replies as they are described, with the vendor's words for labels and findings."""

    def __init__(
        self,
        described: JsonResponse,
        labels: Mapping[Label, Sequence[str]],
        findings: Mapping[str, str],
        ignored: Sequence[str] = (),
    ) -> None:
        """``findings``: the vendor's word -> ours; none: the vendor uses ours. ``ignored``: words of marks left out."""
        self._described = described
        by_word: dict[str, str] = {word: label for label, words in labels.items() for word in words}
        self._labels = by_word or {label: label for label in LABELS}
        self._findings = findings
        self._ignored = frozenset(ignored)

    def answer(self, document: Any, request_id: str, sizes: Callable[[], Mapping[str, Size]]) -> dict[str, Any]:
        """The answer in a reply; ``sizes``: rows and columns of the images that were sent, in order, by name.

        Raises ServerError where the reply is not as described.
        """
        described = self._described
        if described.echo is not None and at(document, described.echo) != request_id:
            raise ServerError(f"an answer to another request: {described.echo} is not the id that was sent")
        answer: dict[str, Any] = {"status": self._status(document)}
        if described.reason is not None:
            reason = _found(document, described.reason)
            answer["reason"] = shown(reason) if reason is not _ABSENT and reason is not None else ""
        if answer["status"] not in STATUSES_WITH_FINDINGS:
            return answer
        answer["findings"] = {name: self._finding(document, name) for name in described.findings}
        if described.grades:
            answer["grades"] = {name: self._grade(document, name) for name in described.grades}
        if described.measurements:
            answer["measurements"] = {
                name: {"value": _number(document, place.value), **({"unit": place.unit} if place.unit else {})}
                for name, place in described.measurements.items()
            }
        if described.marks is not None:
            answer["marks"] = self._marks(document, described.marks, sizes)
        return answer

    def _status(self, document: Any) -> str:
        if self._described.status is None:
            return "answered"
        return _meaning(at(document, self._described.status), self._described.statuses, self._described.status)

    def _finding(self, document: Any, name: str) -> dict[str, Any]:
        described = self._described.findings[name]
        found: dict[str, Any] = {}
        if described.score is not None:
            found["score"] = self._score(document, described.score)
        if described.label is not None:
            found["label"] = _meaning(at(document, described.label), self._labels, described.label)
        return found

    def _score(self, document: Any, pointer: str) -> float:
        score = _number(document, pointer)
        highest = HIGHEST.get(self._described.score_unit or "any", math.inf)
        if highest < math.inf and not 0.0 <= score <= highest:
            raise ServerError(f"{pointer} is {score:g}, which is no {self._described.score_unit} (0 to {highest:g})")
        return score if self._described.higher_is == "positive" else -score

    def _grade(self, document: Any, name: str) -> dict[str, Any]:
        described = self._described.grades[name]
        found: dict[str, Any] = {}
        if described.grade is not None:
            found["grade"] = _whole(document, described.grade)
        if described.scores is not None:
            listed = at(document, described.scores)
            if not isinstance(listed, list):
                raise ServerError(f"{described.scores}: expected a list, found {shown(listed)}")
            found["scores"] = [_number(listed, f"/{place}") for place in range(len(listed))]
        return found

    def _marks(self, document: Any, marks: JsonMarks, sizes: Callable[[], Mapping[str, Size]]) -> list[dict[str, Any]]:
        listed = at(document, marks.each)
        if not isinstance(listed, list):
            raise ServerError(f"{marks.each}: expected a list, found {shown(listed)}")
        found = []
        for entry in listed:
            finding = self._finding_of(entry, marks.finding)
            if finding is None:
                continue
            mark: dict[str, Any] = {"finding": finding}
            if marks.image is not None:
                mark["image"] = at(entry, marks.image)
            if marks.frame is not None:
                mark["frame"] = _whole(entry, marks.frame) + 1 - marks.first_frame
            if marks.score is not None:
                mark["score"] = self._score(entry, marks.score)
            found.append({**mark, **_place(entry, marks, mark.get("image"), sizes)})
        return found

    def _finding_of(self, entry: Any, named: str) -> str | None:
        """None for a finding that is left out."""
        if not named.startswith("/"):
            return named
        word = at(entry, named)
        if isinstance(word, str) and word in self._ignored:
            return None
        if not self._findings and isinstance(word, str):
            return word
        return _meaning(word, self._findings, named)


def _meaning(word: Any, known: Mapping[str, str], pointer: str) -> str:
    """Our word for the vendor's: text, a whole number, true or false."""
    text = {True: "true", False: "false"}[word] if isinstance(word, bool) else word
    text = str(text) if isinstance(text, int) else text
    if not isinstance(text, str) or text not in known:
        raise ServerError(f"{pointer} is {shown(word)}, which has no meaning here; known are {', '.join(known)}")
    return known[text]


def _number(document: Any, pointer: str) -> float:
    found = at(document, pointer)
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > 1e300:
        raise ServerError(f"{pointer}: expected a number, found {shown(found)}")
    return float(found)


def _whole(document: Any, pointer: str) -> int:
    found = at(document, pointer)
    if isinstance(found, bool) or not isinstance(found, int):
        raise ServerError(f"{pointer}: expected a whole number, found {shown(found)}")
    return found


def _place(entry: Any, marks: JsonMarks, image: object, sizes: Callable[[], Mapping[str, Size]]) -> dict[str, Any]:
    """Where an entry is, in px of the image that was sent: a box, a point, a circle, an outline."""
    place: dict[str, Any] = {} if not marks.box else _box(entry, marks, image, sizes)
    if marks.diameter is not None:
        place["diameter"] = _number(entry, marks.diameter)
    if marks.outline is not None:
        place["outline"] = _outline(entry, marks, image, sizes)
    return place


def _box(entry: Any, marks: JsonMarks, image: object, sizes: Callable[[], Mapping[str, Size]]) -> dict[str, float]:
    """A box or point of an entry as x, y, width, height in px of the image that was sent."""
    if isinstance(marks.box, str):
        listed = at(entry, marks.box)
        n = len(listed) if isinstance(listed, list) else 0
        numbers = [_number(listed, f"/{place}") for place in range(n)]
    else:
        numbers = [_number(entry, pointer) for pointer in marks.box]
    if len(numbers) != (2 if marks.form == "xy" else 4):
        raise ServerError(f"{marks.each}: a place of {len(numbers)} numbers, form {marks.form}")
    if marks.unit == "normalised":
        rows, columns = _size(image, sizes())
        numbers = [number * (rows if axis % 2 else columns) for axis, number in enumerate(numbers)]
    if marks.form == "xy":
        return {"x": numbers[0], "y": numbers[1]}
    a, b, c, d = numbers
    x, y, width, height = {
        "xywh": (a, b, c, d),
        "xyxy": (a, b, c - a, d - b),
        "cxcywh": (a - c / 2, b - d / 2, c, d),
    }[marks.form]
    return {"x": x, "y": y, "width": width, "height": height}


def _outline(entry: Any, marks: JsonMarks, image: object, sizes: Callable[[], Mapping[str, Size]]) -> list[list[float]]:
    """An outline of an entry in px of the image that was sent."""
    listed = at(entry, marks.outline or "")
    if not isinstance(listed, list) or not all(isinstance(point, list) and len(point) == 2 for point in listed):
        raise ServerError(f"{marks.outline}: expected a list of [x, y], found {shown(listed)}")
    rows, columns = _size(image, sizes()) if marks.unit == "normalised" else (1, 1)
    return [[_number(point, "/0") * columns, _number(point, "/1") * rows] for point in listed]


def _size(image: object, sizes: Mapping[str, Size]) -> Size:
    if image is None and len(sizes) == 1:
        return next(iter(sizes.values()))
    if not isinstance(image, str) or image not in sizes:
        raise ServerError(f"a place as shares of image {shown(image)}; the images are {', '.join(sizes)}")
    return sizes[image]
