"""Outputs of an ONNX model made into an answer of the contract, as their description says. Runs inside the child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .onnx_description import Output, Windows
from .onnx_input import Plane
from .onnx_marks import marks_of
from .onnx_masks import masks_of, without_needless
from .onnx_values import Outputs as Outputs
from .onnx_values import activated as activated
from .onnx_values import named as named

LABELS_BY_GRAVITY = ("negative", "indeterminate", "positive")


def read_outputs(outputs: Outputs, described: Sequence[Output], plane: Plane | None) -> dict[str, Any]:
    """One run of the model as {"findings", "grades", "marks", "masks"}.

    Raises ValueError where an output is not as declared.
    """
    answer: dict[str, Any] = {}
    for output in described:
        if output.kind == "marks":
            answer.setdefault("marks", []).extend(marks_of(outputs, output, plane))
        elif output.kind == "masks":
            answer.setdefault("masks", []).extend(masks_of(outputs, output, plane))
        elif output.kind == "grade":
            answer.setdefault("grades", {})[output.finding] = _grade(_values(outputs, output), output)
        else:
            answer.setdefault("findings", {}).update(_findings(_values(outputs, output), output))
    return answer


def combined(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Answers for several images or frames as one: highest score, gravest label, highest grade, all marks and masks."""
    whole: dict[str, Any] = {key: value for key, value in answers[0].items()}
    for other in answers[1:]:
        for name, finding in other.get("findings", {}).items():
            whole["findings"][name] = max(whole["findings"][name], finding, key=_gravity)
        for name, grade in other.get("grades", {}).items():
            whole["grades"][name] = max(whole["grades"][name], grade, key=lambda each: each["grade"])
        for key in ("marks", "masks"):
            if key in other:
                whole[key] = [*whole[key], *other[key]]
    if "masks" in whole:
        whole["masks"] = without_needless(whole["masks"])
    return whole


class Joined:
    """What is said of the windows of one recording, joined as they come."""

    def __init__(self, window: Windows) -> None:
        self._window = window
        self._answer: dict[str, Any] | None = None
        self._n = 0

    def add(self, answer: Mapping[str, Any]) -> None:
        """What was said of one window."""
        self._n += 1
        if self._answer is None:
            self._answer = {key: value for key, value in answer.items()}
        elif self._window.combine == "mean":
            for name, finding in answer.get("findings", {}).items():
                self._answer["findings"][name] = {"score": self._answer["findings"][name]["score"] + finding["score"]}
        else:
            self._answer = combined([self._answer, answer])

    def found(self) -> dict[str, Any]:
        """The answer for the recording."""
        answer = self._answer or {}
        findings = answer.get("findings", {})
        if self._window.combine == "mean":
            answer["findings"] = {name: {"score": finding["score"] / self._n} for name, finding in findings.items()}
        elif self._window.combine == "any" and self._window.score_at_least is not None:
            least = self._window.score_at_least
            answer["findings"] = {
                name: {**finding, "label": "positive" if finding["score"] >= least else "negative"}
                for name, finding in findings.items()
            }
        return answer


def _gravity(finding: Mapping[str, Any]) -> float:
    return LABELS_BY_GRAVITY.index(finding["label"]) if "label" in finding else float(finding["score"])


def _values(outputs: Outputs, described: Output) -> NDArray[np.float64]:
    values = np.asarray(named(outputs, described.name), dtype=np.float64).reshape(-1)
    return activated(values, described.activation)


def _findings(values: NDArray[np.float64], described: Output) -> dict[str, dict[str, Any]]:
    if described.kind == "scores":
        return {name: {"score": _element(values, index)} for name, index in _placed(values, described.findings)}
    name = described.finding or ""
    if described.kind == "score":
        return {name: {"score": _element(values, described.index)}}
    number = _picked(values, described)
    for label, numbers in described.labels.items():
        if number in numbers:
            return {name: {"label": label}}
    raise ValueError(f"class {number} has no label")


def _placed(
    values: NDArray[np.float64], findings: Mapping[str, int | tuple[int, ...]] | Sequence[str]
) -> Iterable[tuple[str, int | Sequence[int]]]:
    """Each finding with its element; names alone stand for all elements in their order."""
    if isinstance(findings, Mapping):
        return findings.items()
    if len(findings) != len(values):
        raise ValueError(f"the output has {len(values)} elements, the description names {len(findings)}")
    return [(name, place) for place, name in enumerate(findings)]


def _element(values: NDArray[np.float64], index: int | Sequence[int] | None) -> float:
    if index is None:
        if len(values) != 1:
            raise ValueError(f"the output has {len(values)} elements: declare the index")
        return float(values[0])
    places = [index] if isinstance(index, int) else list(index)
    if max(places) >= len(values) or min(places) < 0:
        raise ValueError(f"the output has {len(values)} elements, none at index {places}")
    return float(values[places].sum())


def _picked(values: NDArray[np.float64], described: Output) -> int:
    if described.pick == "argmax":
        if not np.isfinite(values).all():
            raise ValueError("the output is not finite")
        return int(values.argmax())
    number = _element(values, None)
    if not number.is_integer():
        raise ValueError(f"the class number is {number}")
    return int(number)


def _grade(values: NDArray[np.float64], described: Output) -> dict[str, Any]:
    place, grades = _picked(values, described), described.grades
    if grades and described.pick == "argmax" and len(values) != len(grades):
        raise ValueError(f"the output has {len(values)} elements, the description lists {len(grades)} grades")
    if grades and not 0 <= place < len(grades):
        raise ValueError(f"class {place} has no grade")
    grade: dict[str, Any] = {"grade": grades[place] if grades else place}
    if described.pick == "argmax":
        grade["scores"] = [float(each) for each in values]
    return grade
