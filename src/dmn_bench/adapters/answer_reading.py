"""What a candidate sent, read strictly into an Answer: anything else than the contract is a failed answer."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeVar, get_args

import numpy as np

from ..files import MAX_NAME, MAX_REASON, is_text, plain_text
from ..vocabulary import (
    Answer,
    Beats,
    Contour,
    Episode,
    FindingAnswer,
    GradeAnswer,
    Label,
    Mark,
    Mask,
    Measurement,
    Origin,
    Status,
)
from .answer_masks import runs_of

SAID_BY_A_DEVICE: tuple[Status, ...] = ("answered", "indeterminate", "abstained", "rejected_input", "failed")
LABELS: tuple[Label, ...] = get_args(Label)
ANSWER_KEYS = (
    "status",
    "reason",
    "findings",
    "grades",
    "marks",
    "beats",
    "episodes",
    "masks",
    "contours",
    "measurements",
)
BEAT_KEYS = ("sample", "symbol", "subtype", "note")
EPISODE_KEYS = ("start_s", "end_s", "label", "score")
MARK_KEYS = ("finding", "image", "frame", "x", "y", "width", "height", "x_mm", "y_mm", "z_mm", "score")
BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?[]!x()ptu`'^|~+sT*D=\"@{}")  # WFDB annotation mnemonics
OUTSIDE_PX = 1.0  # a mark may reach this far over the edge of its image
MASK_KEYS = ("structure", "image", "frame", "instance", "array")
CONTOUR_KEYS = ("structure", "image", "frame", "instance", "points", "points_mm")
MAX_NAMES, MAX_MARKS, MAX_BEATS, MAX_POINTS = 1_000, 100_000, 5_000_000, 1_000_000
SHOWN_CHARACTERS = 60

Part = TypeVar("Part")
Word = TypeVar("Word", bound=str)


class _InvalidError(ValueError):
    """One thing that is not as the contract says."""

    def __init__(self, field: str, expected: str, found: object) -> None:
        super().__init__(f"{field}: expected {expected}, found {_shown(found)}")


def read_answer(raw: object, case_id: str, origin: Origin) -> Answer:
    """The answer in ``raw`` (what a candidate returned), in the set's own names; never raises.

    What is not as the contract says makes the status ``failed``, with a reason that names the field, what was
    expected and what was found.

    >>> origin = Origin(case_id="c1", images={"image-1": "a.png"}, sop_instance_uids={})
    >>> read_answer({"status": "answered", "findings": {"fracture": {"score": 0.87}}}, "c1", origin).findings
    {'fracture': FindingAnswer(score=0.87, label=None)}
    >>> read_answer({"status": "answered", "findings": {"fracture": {"score": True}}}, "c1", origin).reason
    'findings.fracture.score: expected a finite number, found True'
    """
    try:
        return _answer(_object(raw, "answer", ANSWER_KEYS), case_id, origin)
    except _InvalidError as invalid:
        return Answer(case_id=case_id, status="failed", reason=plain_text(str(invalid), MAX_REASON))


def _answer(raw: Mapping[str, Any], case_id: str, origin: Origin) -> Answer:
    status = _status(raw.get("status"), "status")
    answer = Answer(
        case_id=case_id,
        status=status,
        reason=plain_text(_text(raw.get("reason", ""), "reason"), MAX_REASON),
        findings=_named(raw.get("findings"), "findings", _finding),
        grades=_named(raw.get("grades"), "grades", _grade),
        marks=_marks(raw.get("marks"), origin),
        beats=_beats(raw.get("beats"), origin.sampling_hz),
        episodes=_episodes(raw.get("episodes")),
        masks=_masks(raw.get("masks"), origin),
        contours=_contours(raw.get("contours"), origin),
        measurements=_named(raw.get("measurements"), "measurements", _measurement),
        finding_statuses=_finding_statuses(raw.get("findings"), status),
    )
    named = (answer.findings, answer.grades, answer.measurements)
    listed = (answer.marks, answer.beats, answer.episodes, answer.masks, answer.contours)
    if status == "answered" and not any(named) and all(part is None for part in listed):
        raise _InvalidError(
            "answer",
            "a finding, grade, measurement or list of marks, beats, episodes, masks or contours",
            "none of them",
        )
    return answer


def _status(value: object, field: str) -> Status:
    return _one_of(SAID_BY_A_DEVICE, value, field)


def _one_of(words: Sequence[Word], value: object, field: str) -> Word:
    for word in words:
        if isinstance(value, str) and value == word:
            return word
    raise _InvalidError(field, " | ".join(words), value)


def _named(value: object, field: str, read: Callable[[object, str], Part]) -> dict[str, Part]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _InvalidError(field, "an object of names", value)
    if len(value) > MAX_NAMES:
        raise _InvalidError(field, f"at most {MAX_NAMES} names", len(value))
    return {_name(name, field): read(item, f"{field}.{name}") for name, item in value.items()}


def _finding(value: object, field: str) -> FindingAnswer:
    raw = _object(value, field, ("score", "label", "status"))
    score = raw.get("score")
    label = None if raw.get("label") is None else _one_of(LABELS, raw["label"], f"{field}.label")
    if score is None and label is None and raw.get("status") in (None, "answered"):
        raise _InvalidError(field, "a score or a label", "neither")
    return FindingAnswer(score=None if score is None else _number(score, f"{field}.score"), label=label)


def _finding_statuses(value: object, of_case: Status) -> dict[str, Status]:
    if not isinstance(value, Mapping):
        return {}
    stated = {name: item["status"] for name, item in value.items() if item.get("status") is not None}
    read = {name: _status(status, f"findings.{name}.status") for name, status in stated.items()}
    return {name: status for name, status in read.items() if status != of_case}


def _grade(value: object, field: str) -> GradeAnswer:
    raw = _object(value, field, ("grade", "scores"))
    grade, scores = raw.get("grade"), raw.get("scores")
    if grade is None and scores is None:
        raise _InvalidError(field, "a grade or scores", "neither")
    if grade is not None:
        grade = _whole_number(grade, f"{field}.grade", least=0)
    if scores is not None:
        listed = _sequence(scores, f"{field}.scores", MAX_NAMES)
        scores = tuple(_number(each, f"{field}.scores[{i}]") for i, each in enumerate(listed))
    return GradeAnswer(grade=grade, scores=scores)


def _marks(value: object, origin: Origin) -> tuple[Mark, ...] | None:
    if value is None:
        return None
    listed = _sequence(value, "marks", MAX_MARKS)
    return tuple(_mark(each, f"marks[{i}]", origin) for i, each in enumerate(listed))


def _mark(value: object, field: str, origin: Origin) -> Mark:
    raw = _object(value, field, MARK_KEYS)
    numbers = {
        key: _number(raw[key], f"{field}.{key}")
        for key in ("x", "y", "width", "height", "x_mm", "y_mm", "z_mm", "score")
        if raw.get(key) is not None
    }
    _check_place(numbers, field)
    path = _image_path(raw.get("image"), f"{field}.image", origin)
    frame = raw.get("frame")
    mark = Mark(
        finding=_name(raw.get("finding"), f"{field}.finding"),
        image=path if len(origin.images) > 1 else None,
        frame=None if frame is None else _whole_number(frame, f"{field}.frame", least=1),
        **numbers,
    )
    if path is None and len(origin.images) > 1 and mark.x is not None:
        raise _InvalidError(f"{field}.image", "one of " + ", ".join(origin.images), "none")
    size = origin.image_sizes.get(path or next(iter(origin.images.values()), ""))
    if size is not None and mark.x is not None and mark.y is not None:
        _check_inside(mark.x, mark.width or 0.0, size[0], f"{field}.x")
        _check_inside(mark.y, mark.height or 0.0, size[1], f"{field}.y")
    return mark


def _check_place(numbers: Mapping[str, float], field: str) -> None:
    """A box or a point in pixels, or a point in millimetres: whole or not at all."""
    in_px = {"x", "y"} <= numbers.keys()
    in_mm = {"x_mm", "y_mm", "z_mm"} <= numbers.keys()
    place_keys = numbers.keys() - {"score"}
    expected = "x and y with or without width and height, or x_mm, y_mm and z_mm"
    if not in_px and not in_mm:
        raise _InvalidError(field, expected, ", ".join(sorted(place_keys)) or "no position")
    stray = place_keys & ({"x_mm", "y_mm", "z_mm"} if not in_mm else set())
    stray |= place_keys & ({"x", "y", "width", "height"} if not in_px else set())
    if stray or ("width" in numbers) != ("height" in numbers):
        raise _InvalidError(field, expected, ", ".join(sorted(place_keys)))
    for key in ("width", "height"):
        if numbers.get(key, 1.0) <= 0:
            raise _InvalidError(f"{field}.{key}", "a number above 0", numbers[key])


def _check_inside(start: float, extent: float, size: int, field: str) -> None:
    if start < -OUTSIDE_PX or start + extent > size + OUTSIDE_PX:
        span = f"{start:g} to {start + extent:g}" if extent else f"{start:g}"
        raise _InvalidError(field, f"within the image, 0 to {size} px", span)


def _image_path(value: object, field: str, origin: Origin) -> str | None:
    """The set's name of an image: from its neutral name, that name as a file, or a SOP Instance UID."""
    if value is None:
        return None
    name = _name(value, field)
    for key in (name, PurePosixPath(name).stem):
        if key in origin.images:
            return origin.images[key]
    if name in origin.sop_instance_uids:
        return origin.sop_instance_uids[name]
    raise _InvalidError(field, "one of " + (", ".join(origin.images) or "no images"), value)


def _beats(value: object, sampling_hz: float | None) -> Beats | None:
    if value is None:
        return None
    listed = _sequence(value, "beats", MAX_BEATS)
    samples: list[int] = []
    symbols: list[str] = []
    subtypes: list[int] = []
    notes: list[str] = []
    for i, each in enumerate(listed):
        raw = _object(each, f"beats[{i}]", BEAT_KEYS)
        sample = _whole_number(raw.get("sample"), f"beats[{i}].sample", least=0)
        if samples and sample < samples[-1]:
            raise _InvalidError(f"beats[{i}].sample", f"at least {samples[-1]}, in order of time", sample)
        symbol = raw.get("symbol")
        if not isinstance(symbol, str) or symbol not in BEAT_SYMBOLS:
            raise _InvalidError(f"beats[{i}].symbol", "a WFDB annotation code such as N, S, V", symbol)
        samples.append(sample)
        symbols.append(symbol)
        subtypes.append(_whole_number(raw.get("subtype", 0), f"beats[{i}].subtype", least=-128))
        notes.append(_text(raw.get("note", ""), f"beats[{i}].note"))
    return Beats(
        samples=np.asarray(samples, dtype=np.int64),
        symbols=tuple(symbols),
        subtypes=tuple(subtypes) if any(subtypes) else (),
        notes=tuple(notes) if any(notes) else (),
        sampling_hz=sampling_hz,
    )


def _episodes(value: object) -> tuple[Episode, ...] | None:
    if value is None:
        return None
    listed = _sequence(value, "episodes", MAX_MARKS)
    return tuple(_episode(each, f"episodes[{i}]") for i, each in enumerate(listed))


def _episode(value: object, field: str) -> Episode:
    raw = _object(value, field, EPISODE_KEYS)
    start, end = (_number(raw.get(key), f"{field}.{key}") for key in ("start_s", "end_s"))
    if start < 0:
        raise _InvalidError(f"{field}.start_s", "at least 0", start)
    if end <= start:
        raise _InvalidError(f"{field}.end_s", f"after {start:g}", end)
    score = raw.get("score")
    return Episode(
        start_s=start,
        end_s=end,
        label=_name(raw.get("label"), f"{field}.label"),
        score=None if score is None else _number(score, f"{field}.score"),
    )


def _masks(value: object, origin: Origin) -> tuple[Mask, ...] | None:
    if value is None:
        return None
    listed = _sequence(value, "masks", MAX_MARKS)
    return tuple(_mask(each, f"masks[{i}]", origin) for i, each in enumerate(listed))


def _mask(value: object, field: str, origin: Origin) -> Mask:
    raw = _object(value, field, MASK_KEYS)
    array = raw.get("array")
    if not isinstance(array, np.ndarray) or array.ndim != 2 or not array.size:
        raise _InvalidError(f"{field}.array", "an array [rows, columns]", array)
    if not np.isin(array, (0, 1)).all():
        raise _InvalidError(f"{field}.array", "nothing but 0 and 1", "other values")
    place = _place_of_structure(raw, field, origin)
    size = origin.image_sizes.get(place["image"] or next(iter(origin.images.values()), ""))
    if size is not None and array.shape != (size[1], size[0]):
        raise _InvalidError(f"{field}.array", f"{size[1]} rows and {size[0]} columns", list(array.shape))
    return Mask(rows=array.shape[0], columns=array.shape[1], runs=runs_of(array.astype(bool)), **place)


def _contours(value: object, origin: Origin) -> tuple[Contour, ...] | None:
    if value is None:
        return None
    listed = _sequence(value, "contours", MAX_MARKS)
    return tuple(_contour(each, f"contours[{i}]", origin) for i, each in enumerate(listed))


def _contour(value: object, field: str, origin: Origin) -> Contour:
    raw = _object(value, field, CONTOUR_KEYS)
    place = _place_of_structure(raw, field, origin)
    if (raw.get("points") is None) == (raw.get("points_mm") is None):
        found = "neither" if raw.get("points") is None else "both"
        raise _InvalidError(field, "points or points_mm", found)
    if raw.get("points") is not None:
        in_px = _points(raw["points"], f"{field}.points", 2)
        return Contour(**place, points=tuple((x, y) for x, y in in_px))
    in_mm = _points(raw["points_mm"], f"{field}.points_mm", 3)
    return Contour(**place, points_mm=tuple((x, y, z) for x, y, z in in_mm))


def _points(value: object, field: str, size: int) -> tuple[tuple[float, ...], ...]:
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = value[: MAX_POINTS + 1].tolist()
    listed = _sequence(value, field, MAX_POINTS)
    if not listed:
        raise _InvalidError(field, "at least one point", "none")
    found = []
    for i, each in enumerate(listed):
        point = _sequence(each, f"{field}[{i}]", size)
        if len(point) != size:
            raise _InvalidError(f"{field}[{i}]", f"{size} numbers", f"{len(point)}")
        found.append(tuple(_number(number, f"{field}[{i}]") for number in point))
    return tuple(found)


def _place_of_structure(raw: Mapping[str, Any], field: str, origin: Origin) -> dict[str, Any]:
    """The structure and where it is drawn: of several images one must be named."""
    path = _image_path(raw.get("image"), f"{field}.image", origin)
    instance, frame = raw.get("instance"), raw.get("frame")
    if instance is not None:
        instance = _name(instance, f"{field}.instance")
        if instance not in origin.sop_instance_uids:
            raise _InvalidError(f"{field}.instance", "a SOP Instance UID of this request", instance)
        path = path or origin.sop_instance_uids[instance]
        instance = origin.originals.get(instance, instance)
    if path is None and len(origin.images) > 1:
        raise _InvalidError(f"{field}.image", "one of " + ", ".join(origin.images), "none")
    return {
        "structure": _name(raw.get("structure"), f"{field}.structure"),
        "image": path if len(origin.images) > 1 else None,
        "frame": None if frame is None else _whole_number(frame, f"{field}.frame", least=1),
        "instance": instance,
    }


def _measurement(value: object, field: str) -> Measurement:
    if not isinstance(value, Mapping):
        return Measurement(value=_number(value, field))
    raw = _object(value, field, ("value", "unit"))
    unit = raw.get("unit")
    text = "" if unit is None else _name(unit, f"{field}.unit")
    return Measurement(value=_number(raw.get("value"), f"{field}.value"), unit=text)


def _object(value: object, field: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _InvalidError(field, "an object", value)
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(str(key)[:MAX_NAME], known, n=1)
            expected = f"{near[0]!r}" if near else " | ".join(known)
            raise _InvalidError(f"{field} key", expected, key)
    return value


def _sequence(value: object, field: str, most: int) -> Sequence[Any]:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value[: most + 1].tolist()  # not all of it: half a gigabyte of bytes would become many of objects
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _InvalidError(field, "a list", value)
    if len(value) > most:
        raise _InvalidError(field, f"at most {most} entries", len(value))
    return value


def _number(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _InvalidError(field, "a finite number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _InvalidError(field, "a finite number", value)
    return number


def _whole_number(value: object, field: str, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**53:
        raise _InvalidError(field, f"a whole number from {least}", value)
    return value


def _name(value: object, field: str) -> str:
    text = _text(value, field)
    if not 1 <= len(text) <= MAX_NAME:
        raise _InvalidError(field, f"a name of 1 to {MAX_NAME} characters", value)
    if not is_text(text):  # replaced, two names could become one
        raise _InvalidError(field, "a name of whole characters", value)
    return text


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise _InvalidError(field, "text", value)
    return value


def _shown(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} {list(value.shape)}"
    if isinstance(value, Mapping | list | tuple):
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)}"
    if value is None:
        return "nothing"
    try:
        text = value if isinstance(value, str) else str(value)
    except ValueError:  # an integer of thousands of digits refuses to be printed
        return f"a very long {type(value).__name__}"
    return plain_text(text, SHOWN_CHARACTERS + 1)
