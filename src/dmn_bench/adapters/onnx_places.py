"""Whether what is declared of boxes and masks in an output can be done."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..errors import Fact, Problem
from .onnx_description import Boxes, Masks, Output

Faults = Iterator[tuple[str, dict[str, Fact]]]
CORNERS = ("box1", "box2", "box3", "box4")


def problems_of_places(output: Output, where: str) -> list[Problem]:
    """Every option of ``boxes`` and ``masks`` that cannot be honoured."""
    found = [*_of_kind(output)]
    if output.boxes is not None:
        found += _of_boxes(output.boxes, output.activation)
    if output.masks is not None:
        found += _of_masks(output, output.masks)
    return [Problem(key=f"onnx_places.{key}", where=where, facts=facts) for key, facts in found]


def _of_kind(output: Output) -> Faults:
    for kind, part in (("marks", output.boxes), ("masks", output.masks)):
        if part is not None and output.kind != kind:
            yield "other_kind", {"option": "boxes" if kind == "marks" else "masks", "kind": kind, "found": output.kind}


def _of_boxes(boxes: Boxes, activation: str) -> Faults:
    of_table = boxes.boxes is None
    if of_table and (len(set(boxes.columns)) < len(boxes.columns) or not set(CORNERS) <= set(boxes.columns)):
        yield "columns", {"found": ", ".join(boxes.columns)}
    if of_table and {"class", "classes"} <= set(boxes.columns):
        yield "columns", {"found": ", ".join(boxes.columns)}
    if not boxes.findings and ((of_table and "classes" in boxes.columns) or (activation == "softmax")):
        yield "classes_need_findings", {}
    if boxes.overlap_at_most is not None:
        yield from _share("boxes.overlap_at_most", boxes.overlap_at_most)
    if math.isnan(boxes.score_at_least):
        yield "finite", {"option": "boxes.score_at_least"}


def _of_masks(output: Output, masks: Masks) -> Faults:
    background = set(masks.background or ())
    if not masks.structures:
        yield "no_structure", {}
    for structure, declared in masks.structures.items():
        classes = {declared} if isinstance(declared, int) else set(declared)
        if not classes or min(classes) < 0 or classes & background:
            shown = ", ".join(str(number) for number in sorted(classes)) or "–"
            yield "structure_classes", {"structure": structure, "found": shown}
    if output.pick == "value":
        unused = {
            "activation": output.activation != "none",
            "score_at_least": masks.score_at_least is not None,
            "back: linear": masks.back == "linear",
        }
        for option, is_given in unused.items():
            if is_given:
                yield "numbers_only", {"option": option}
    if masks.score_at_least is not None and not math.isfinite(masks.score_at_least):
        yield "finite", {"option": "score_at_least"}


def _share(option: str, value: float) -> Faults:
    if not 0 <= value <= 1:
        yield "share", {"option": option, "found": value}
