"""What a candidate sent, read strictly into an Answer: anything else than the contract is a failed answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from ..files import MAX_REASON, plain_text
from ..vocabulary import (
    Answer,
    Beats,
    Contour,
    Episode,
    FindingAnswer,
    GradeAnswer,
    Label,
    Mask,
    Measurement,
    Origin,
    Status,
)
from .answer_marks import MAX_MARKS, read_marks
from .answer_masks import MASK_KEYS, read_mask
from .answer_values import (
    MAX_NAMES,
    InvalidError,
    each_named,
    image_path,
    image_size,
    name_of,
    number_of,
    object_of,
    one_of,
    points_of,
    sequence,
    text_of,
    whole_number,
)

SAID_BY_A_DEVICE: tuple[Status, ...] = ("answered", "indeterminate", "abstained", "rejected_input", "failed")
LABELS: tuple[Label, ...] = get_args(Label)
SIDES = ("L", "R", "B")
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
    "laterality",
)
BEAT_KEYS = ("sample", "symbol", "subtype", "note")
EPISODE_KEYS = ("start_s", "end_s", "label", "score")
BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?[]!x()ptu`'^|~+sT*D=\"@{}")  # WFDB annotation mnemonics
CONTOUR_KEYS = ("structure", "image", "frame", "instance", "points", "points_mm")
MAX_BEATS, MAX_POINTS = 5_000_000, 1_000_000
STRUCTURE_KEYS = ("structure", "image", "frame", "instance")


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
        return _answer(object_of(raw, "answer", ANSWER_KEYS), case_id, origin)
    except InvalidError as invalid:
        return Answer(case_id=case_id, status="failed", reason=plain_text(str(invalid), MAX_REASON))


def _answer(raw: Mapping[str, Any], case_id: str, origin: Origin) -> Answer:
    status = _status(raw.get("status"), "status")
    answer = Answer(
        case_id=case_id,
        status=status,
        reason=plain_text(text_of(raw.get("reason", ""), "reason"), MAX_REASON),
        findings=each_named(raw.get("findings"), "findings", _finding),
        grades=each_named(raw.get("grades"), "grades", _grade),
        marks=read_marks(raw.get("marks"), origin),
        beats=_beats(raw.get("beats"), origin.sampling_hz),
        episodes=_episodes(raw.get("episodes")),
        masks=_masks(raw.get("masks"), origin),
        contours=_contours(raw.get("contours"), origin),
        measurements=each_named(raw.get("measurements"), "measurements", _measurement),
        finding_statuses=_finding_statuses(raw.get("findings"), status),
        laterality="" if raw.get("laterality") in (None, "") else one_of(SIDES, raw["laterality"], "laterality"),
    )
    named = (answer.findings, answer.grades, answer.measurements)
    listed = (answer.marks, answer.beats, answer.episodes, answer.masks, answer.contours)
    if status == "answered" and not any(named) and all(part is None for part in listed):
        raise InvalidError(
            "answer",
            "a finding, grade, measurement or list of marks, beats, episodes, masks or contours",
            "none of them",
        )
    return answer


def _status(value: object, field: str) -> Status:
    return one_of(SAID_BY_A_DEVICE, value, field)


def _finding(value: object, field: str) -> FindingAnswer:
    raw = object_of(value, field, ("score", "label", "status"))
    score = raw.get("score")
    label = None if raw.get("label") is None else one_of(LABELS, raw["label"], f"{field}.label")
    if score is None and label is None and raw.get("status") in (None, "answered"):
        raise InvalidError(field, "a score or a label", "neither")
    return FindingAnswer(score=None if score is None else number_of(score, f"{field}.score"), label=label)


def _finding_statuses(value: object, of_case: Status) -> dict[str, Status]:
    if not isinstance(value, Mapping):
        return {}
    stated = {name: item["status"] for name, item in value.items() if item.get("status") is not None}
    read = {name: _status(status, f"findings.{name}.status") for name, status in stated.items()}
    return {name: status for name, status in read.items() if status != of_case}


def _grade(value: object, field: str) -> GradeAnswer:
    raw = object_of(value, field, ("grade", "scores"))
    grade, scores = raw.get("grade"), raw.get("scores")
    if grade is None and scores is None:
        raise InvalidError(field, "a grade or scores", "neither")
    if grade is not None:
        grade = whole_number(grade, f"{field}.grade", least=0)
    if scores is not None:
        listed = sequence(scores, f"{field}.scores", MAX_NAMES)
        scores = tuple(number_of(each, f"{field}.scores[{i}]") for i, each in enumerate(listed))
    return GradeAnswer(grade=grade, scores=scores)


def _beats(value: object, sampling_hz: float | None) -> Beats | None:
    if value is None:
        return None
    listed = sequence(value, "beats", MAX_BEATS)
    samples: list[int] = []
    symbols: list[str] = []
    subtypes: list[int] = []
    notes: list[str] = []
    for i, each in enumerate(listed):
        raw = object_of(each, f"beats[{i}]", BEAT_KEYS)
        sample = whole_number(raw.get("sample"), f"beats[{i}].sample", least=0)
        if samples and sample < samples[-1]:
            raise InvalidError(f"beats[{i}].sample", f"at least {samples[-1]}, in order of time", sample)
        symbol = raw.get("symbol")
        if not isinstance(symbol, str) or symbol not in BEAT_SYMBOLS:
            raise InvalidError(f"beats[{i}].symbol", "a WFDB annotation code such as N, S, V", symbol)
        samples.append(sample)
        symbols.append(symbol)
        subtypes.append(whole_number(raw.get("subtype", 0), f"beats[{i}].subtype", least=-128))
        notes.append(text_of(raw.get("note", ""), f"beats[{i}].note"))
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
    listed = sequence(value, "episodes", MAX_MARKS)
    return tuple(_episode(each, f"episodes[{i}]") for i, each in enumerate(listed))


def _episode(value: object, field: str) -> Episode:
    raw = object_of(value, field, EPISODE_KEYS)
    start, end = (number_of(raw.get(key), f"{field}.{key}") for key in ("start_s", "end_s"))
    if start < 0:
        raise InvalidError(f"{field}.start_s", "at least 0", start)
    if end <= start:
        raise InvalidError(f"{field}.end_s", f"after {start:g}", end)
    score = raw.get("score")
    return Episode(
        start_s=start,
        end_s=end,
        label=name_of(raw.get("label"), f"{field}.label"),
        score=None if score is None else number_of(score, f"{field}.score"),
    )


def _masks(value: object, origin: Origin) -> tuple[Mask, ...] | None:
    if value is None:
        return None
    listed = sequence(value, "masks", MAX_MARKS)
    return tuple(_mask(each, f"masks[{i}]", origin) for i, each in enumerate(listed))


def _mask(value: object, field: str, origin: Origin) -> Mask:
    raw = object_of(value, field, (*STRUCTURE_KEYS, *MASK_KEYS))
    pixels = {key: raw[key] for key in MASK_KEYS if key in raw}
    place = _place_of_structure(raw, field, origin)
    rows, columns, runs = read_mask(pixels, field, image_size(place["image"], origin))
    return Mask(rows=rows, columns=columns, runs=runs, **place)


def _contours(value: object, origin: Origin) -> tuple[Contour, ...] | None:
    if value is None:
        return None
    listed = sequence(value, "contours", MAX_MARKS)
    return tuple(_contour(each, f"contours[{i}]", origin) for i, each in enumerate(listed))


def _contour(value: object, field: str, origin: Origin) -> Contour:
    raw = object_of(value, field, CONTOUR_KEYS)
    place = _place_of_structure(raw, field, origin)
    if (raw.get("points") is None) == (raw.get("points_mm") is None):
        found = "neither" if raw.get("points") is None else "both"
        raise InvalidError(field, "points or points_mm", found)
    if raw.get("points") is not None:
        in_px = points_of(raw["points"], f"{field}.points", 2, MAX_POINTS)
        return Contour(**place, points=tuple((x, y) for x, y in in_px))
    in_mm = points_of(raw["points_mm"], f"{field}.points_mm", 3, MAX_POINTS)
    return Contour(**place, points_mm=tuple((x, y, z) for x, y, z in in_mm))


def _place_of_structure(raw: Mapping[str, Any], field: str, origin: Origin) -> dict[str, Any]:
    """The structure and where it is drawn: of several images one must be named."""
    path = image_path(raw.get("image"), f"{field}.image", origin)
    instance, frame = raw.get("instance"), raw.get("frame")
    if instance is not None:
        instance = name_of(instance, f"{field}.instance")
        if instance not in origin.sop_instance_uids:
            raise InvalidError(f"{field}.instance", "a SOP Instance UID of this request", instance)
        path = path or origin.sop_instance_uids[instance]
        instance = origin.originals.get(instance, instance)
    if path is None and len(origin.images) > 1:
        raise InvalidError(f"{field}.image", "one of " + ", ".join(origin.images), "none")
    return {
        "structure": name_of(raw.get("structure"), f"{field}.structure"),
        "image": path if len(origin.images) > 1 else None,
        "frame": None if frame is None else whole_number(frame, f"{field}.frame", least=1),
        "instance": instance,
    }


def _measurement(value: object, field: str) -> Measurement:
    if not isinstance(value, Mapping):
        return Measurement(value=number_of(value, field))
    raw = object_of(value, field, ("value", "unit"))
    unit = raw.get("unit")
    text = "" if unit is None else name_of(unit, f"{field}.unit")
    return Measurement(value=number_of(raw.get("value"), f"{field}.value"), unit=text)
