"""Boxes in the outputs of a model made into marks on the original image. Runs inside the child."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .onnx_description import Boxes, Output
from .onnx_input import Plane
from .onnx_values import Outputs, activated, named

Numbers = NDArray[np.float64]

MOST_COMPARED = 20_000
"""Boxes of one finding that are compared with each other."""


class _Rows(NamedTuple):
    """What the outputs say of each box: ``places`` [n, 4], ``scores`` and ``classes`` [n]."""

    places: Numbers
    scores: Numbers
    classes: Numbers


def marks_of(outputs: Outputs, described: Output, plane: Plane | None) -> list[dict[str, Any]]:
    """The boxes with a finding and a sufficient score, in px of the original image.

    Raises ValueError where the outputs are not as declared. A score that is no number is handed on, to be refused.
    """
    if plane is None or described.boxes is None:
        raise ValueError("marks need an image")
    boxes = described.boxes
    rows = _rows(outputs, described, boxes)
    marks = []
    for box, score, number in zip(*rows, strict=True):
        finding = boxes.findings.get(_whole(number), None) if boxes.findings else described.finding
        if finding is None or score < boxes.score_at_least:
            continue
        mark = {"finding": finding, "image": plane.image, "score": float(score), **_place(box, boxes, plane)}
        marks.append(mark if plane.frame is None else {**mark, "frame": plane.frame})
    return marks if boxes.overlap_at_most is None else _without_doubles(marks, boxes.overlap_at_most)


def _whole(number: float) -> int:
    if not float(number).is_integer():
        raise ValueError(f"the class number is {number:g}")
    return int(number)


def _rows(outputs: Outputs, described: Output, boxes: Boxes) -> _Rows:
    if boxes.boxes is None:
        return _of_table(_table(named(outputs, described.name), boxes), described, boxes)
    places = _by_box(named(outputs, boxes.boxes), boxes, 4)
    scores = np.ones(len(places)) if boxes.scores is None else _scores(outputs, boxes, len(places))
    if scores.ndim == 2:
        return _Rows(places, *_best(activated(scores, described.activation), boxes))
    classes = np.zeros(len(places)) if boxes.classes is None else _column(outputs, boxes.classes, len(places))
    return _Rows(places, scores if boxes.scores is None else _each(scores, described), classes)


def _scores(outputs: Outputs, boxes: Boxes, n: int) -> Numbers:
    """[n], or [n, classes] where there are several for each box and no output says which class it is."""
    found = np.asarray(named(outputs, boxes.scores), dtype=np.float64)
    if found.size == n or boxes.classes is not None or found.ndim < 2:
        return _column(outputs, str(boxes.scores), n)
    scores = _by_box(found, boxes, None)
    if len(scores) != n:
        raise ValueError(f"{n} boxes, and scores of shape {list(found.shape)}")
    return scores


def _table(values: NDArray[Any], boxes: Boxes) -> Numbers:
    """[boxes, columns]."""
    return _by_box(values, boxes, len(boxes.columns), is_least="classes" in boxes.columns)


def _by_box(values: NDArray[Any], boxes: Boxes, n_columns: int | None, *, is_least: bool = False) -> Numbers:
    """An output [boxes, columns], or by ``layout`` [columns, boxes], as rows; axes of one row may be beside.

    ``n_columns``: that it must have, any by None, these or more where it ``is_least``.
    Raises ValueError where it has another shape: rows of a batch are other images, and not more boxes of this one.
    """
    found, is_by_row = np.asarray(values, dtype=np.float64), boxes.layout != "columns"
    if found.ndim > 2 and len(found) == 1:
        found = found[0]
        while found.ndim > 2 and 1 in found.shape:
            found = found.squeeze(found.shape.index(1))
    if found.ndim == 1 and found.size in (0, n_columns):  # a single box, or none
        found = found.reshape(-1, n_columns or 1) if is_by_row else found.reshape(n_columns or 1, -1)
    if found.ndim != 2:
        raise ValueError(f"the output has shape {list(np.shape(values))}, which is no table of the boxes of one image")
    table = found if is_by_row else found.T
    if n_columns is not None and (table.shape[1] < n_columns or (table.shape[1] != n_columns and not is_least)):
        shape, is_said = (
            list(np.shape(values)),
            f"declared are {n_columns} columns of boxes in layout {boxes.layout or 'rows'}",
        )
        raise ValueError(f"the output has shape {shape}, {is_said}: {table.shape[1]} are there")
    return table


def _of_table(table: Numbers, described: Output, boxes: Boxes) -> _Rows:
    names = [name for name in boxes.columns if name != "classes"]
    before = boxes.columns.index("classes") if "classes" in boxes.columns else len(names)
    n_classes = table.shape[1] - len(names)
    places = {name: place + (n_classes if place >= before else 0) for place, name in enumerate(names)}
    found = table[:, [places[name] for name in ("box1", "box2", "box3", "box4")]]
    scores = _each(table[:, places["score"]], described) if "score" in places else np.ones(len(table))
    if "classes" in boxes.columns:
        best, classes = _best(activated(table[:, before : before + n_classes], described.activation), boxes)
        return _Rows(found, scores * best, classes)
    return _Rows(found, scores, table[:, places["class"]] if "class" in places else np.zeros(len(table)))


def _each(scores: Numbers, described: Output) -> Numbers:
    """Scores by themselves; a softmax is over classes, of which they are none."""
    return activated(scores, described.activation if described.activation == "sigmoid" else "none")


def _best(scores: Numbers, boxes: Boxes) -> tuple[Numbers, Numbers]:
    """The highest score of each box among the classes [n, classes] that have a finding, and that class."""
    wanted = sorted(boxes.findings)
    if not wanted or wanted[0] < 0 or wanted[-1] >= scores.shape[1]:
        raise ValueError(f"scores of {scores.shape[1]} classes, the description names findings for {wanted}")
    of_findings = scores[:, wanted]
    best = of_findings.argmax(axis=1)
    return of_findings[np.arange(len(best)), best], np.asarray(wanted, dtype=np.float64)[best]


def _column(outputs: Outputs, name: str, n: int) -> Numbers:
    """One number for each of the boxes. Raises ValueError where it has more or fewer."""
    found = np.asarray(named(outputs, name), dtype=np.float64)
    if found.size != n:
        raise ValueError(f"{n} boxes, and {name} of shape {list(found.shape)}")
    return found.reshape(-1)


def _place(box: Numbers, described: Boxes, plane: Plane) -> dict[str, float]:
    """A box of the model's input as x, y, width, height in px of the original image."""
    a, b, c, d = (float(each) for each in box)
    if described.unit == "normalised":
        a, b, c, d = a * plane.size[0], b * plane.size[1], c * plane.size[0], d * plane.size[1]
    if described.form == "xyxy":
        x, y, width, height = a, b, c - a, d - b
    elif described.form == "cxcywh":
        x, y, width, height = a - c / 2, b - d / 2, c, d
    else:
        x, y, width, height = a, b, c, d
    return {
        "x": (x - plane.offset[0]) / plane.stretch[0],
        "y": (y - plane.offset[1]) / plane.stretch[1],
        "width": width / plane.stretch[0],
        "height": height / plane.stretch[1],
    }


def _without_doubles(marks: list[dict[str, Any]], overlap_at_most: float) -> list[dict[str, Any]]:
    """Of marks of one finding that overlap more, the one with the higher score; of equal scores the first."""
    kept: list[int] = []
    for finding in dict.fromkeys(mark["finding"] for mark in marks):
        places = [place for place, mark in enumerate(marks) if mark["finding"] == finding]
        if len(places) > MOST_COMPARED:
            raise ValueError(f"{len(places)} boxes of {finding}, at most {MOST_COMPARED}: declare score_at_least")
        boxes = np.array([[marks[place][key] for key in ("x", "y", "width", "height")] for place in places])
        scores = np.array([marks[place]["score"] for place in places])
        kept += [places[each] for each in _suppressed(boxes, scores, overlap_at_most)]
    return [marks[place] for place in sorted(kept)]


def _suppressed(boxes: Numbers, scores: Numbers, overlap_at_most: float) -> list[int]:
    """Places of the boxes [n, 4] (x, y, width, height) that are kept."""
    waiting = np.argsort(-scores, kind="stable")
    kept = []
    while len(waiting):
        best, others = waiting[0], waiting[1:]
        kept.append(int(best))
        waiting = others[~(_overlaps(boxes[best], boxes[others]) > overlap_at_most)]
    return kept


def _overlaps(box: Numbers, others: Numbers) -> Numbers:
    """Intersection over union with each; 0 where neither has an area."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    both = np.clip(high - low, 0.0, None).prod(axis=1)
    either = box[2:].prod() + others[:, 2:].prod(axis=1) - both
    return np.asarray(np.divide(both, either, out=np.zeros(len(others)), where=either > 0))
