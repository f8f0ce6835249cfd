"""An answer as JSON and back, without loss: for the ledger and for answers.jsonl."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..vocabulary import Answer, Beats, Contour, Episode, FindingAnswer, GradeAnswer, Mark, Mask, Measurement

POINTS = ("points", "points_mm", "outline")  # of a contour one of them is empty, and a mark mostly has none


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """An answer as plain JSON values; what is empty or absent is left out.

    >>> answer_to_json(Answer(case_id="c1", status="answered", findings={"fracture": FindingAnswer(score=0.5)}))
    {'case_id': 'c1', 'status': 'answered', 'findings': {'fracture': {'score': 0.5}}}
    """
    content: dict[str, Any] = {"case_id": answer.case_id, "status": answer.status}
    if answer.reason:
        content["reason"] = answer.reason
    named: dict[str, Mapping[str, Any]] = {
        "findings": answer.findings,
        "grades": answer.grades,
        "measurements": answer.measurements,
    }
    content.update({key: {name: _present(each) for name, each in part.items()} for key, part in named.items() if part})
    listed: dict[str, tuple[Any, ...] | None] = {
        "marks": answer.marks,
        "masks": answer.masks,
        "contours": answer.contours,
        "episodes": answer.episodes,
    }
    content.update({key: [_present(each) for each in part] for key, part in listed.items() if part is not None})
    if answer.beats is not None:
        content["beats"] = _beats_to_json(answer.beats)
    if answer.laterality:
        content["laterality"] = answer.laterality
    if answer.finding_statuses:
        content["finding_statuses"] = dict(answer.finding_statuses)
    return content


def answer_from_json(content: Mapping[str, Any]) -> Answer:
    """The answer that ``answer_to_json`` was given.

    >>> answer_from_json({"case_id": "c1", "status": "failed", "reason": "no output"}).reason
    'no output'
    """
    marks, beats = content.get("marks"), content.get("beats")
    masks, contours, episodes = content.get("masks"), content.get("contours"), content.get("episodes")
    return Answer(
        case_id=content["case_id"],
        status=content["status"],
        reason=content.get("reason", ""),
        findings={name: FindingAnswer(**fields) for name, fields in content.get("findings", {}).items()},
        grades={name: _grade(fields) for name, fields in content.get("grades", {}).items()},
        marks=None if marks is None else tuple(_mark(fields) for fields in marks),
        beats=None if beats is None else _beats(beats),
        episodes=None if episodes is None else tuple(Episode(**fields) for fields in episodes),
        masks=None if masks is None else tuple(_mask(fields) for fields in masks),
        contours=None if contours is None else tuple(_contour(fields) for fields in contours),
        measurements={name: Measurement(**fields) for name, fields in content.get("measurements", {}).items()},
        finding_statuses=dict(content.get("finding_statuses", {})),
        laterality=content.get("laterality", ""),
    )


def _present(record: FindingAnswer | GradeAnswer | Mark | Mask | Contour | Measurement | Episode) -> dict[str, Any]:
    values = ((each.name, getattr(record, each.name)) for each in dataclasses.fields(record))
    said = ((name, value) for name, value in values if value is not None and not (name in POINTS and value == ()))
    return {name: _plain(value) for name, value in said}


def _plain(value: object) -> object:
    if isinstance(value, Mask):
        return _present(value)
    return list(value) if isinstance(value, tuple) else value


def _grade(fields: Mapping[str, Any]) -> GradeAnswer:
    scores = fields.get("scores")
    return GradeAnswer(grade=fields.get("grade"), scores=None if scores is None else tuple(scores))


def _mark(fields: Mapping[str, Any]) -> Mark:
    if not fields.keys() & {"outline", "mask", "size_mm"}:
        return Mark(**fields)
    mask, size = fields.get("mask"), fields.get("size_mm")
    region = {
        "outline": tuple((x, y) for x, y in fields.get("outline", ())),
        "mask": None if mask is None else _mask(mask),
        "size_mm": None if size is None else tuple(size),
    }
    return Mark(**{**fields, **region})


def _mask(fields: Mapping[str, Any]) -> Mask:
    return Mask(**{**fields, "runs": tuple(fields["runs"])})


def _contour(fields: Mapping[str, Any]) -> Contour:
    points = {name: tuple(tuple(point) for point in fields.get(name, ())) for name in ("points", "points_mm")}
    return Contour(**{**fields, **points})


def _beats_to_json(beats: Beats) -> dict[str, Any]:
    content: dict[str, Any] = {"samples": beats.samples.tolist(), "symbols": list(beats.symbols)}
    if beats.subtypes:
        content["subtypes"] = list(beats.subtypes)
    if beats.notes:
        content["notes"] = list(beats.notes)
    if beats.sampling_hz is not None:
        content["sampling_hz"] = beats.sampling_hz
    return content


def _beats(content: Mapping[str, Any]) -> Beats:
    return Beats(
        samples=np.asarray(content["samples"], dtype=np.int64),
        symbols=tuple(content["symbols"]),
        subtypes=tuple(content.get("subtypes", ())),
        notes=tuple(content.get("notes", ())),
        sampling_hz=content.get("sampling_hz"),
    )
