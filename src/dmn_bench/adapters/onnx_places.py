"""Whether what is declared of boxes and masks in an output can be done."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..errors import Fact, Problem
from .onnx_description import Boxes, Masks, Output
from .onnx_shapes import Shape

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


def problems_with_file(
    output: Output, shapes: Mapping[str, Shape | None], where: str, *, volume: bool
) -> list[Problem]:
    """What of an output the file contradicts, by the outputs that it declares; nothing where it declares none."""
    found = [*_of_names(output, shapes)] if shapes else []
    if shapes and output.masks is not None and not found:
        shape = shapes[output.name] if output.name is not None else next(iter(shapes.values()))
        found += [] if shape is None else _of_shape(output, output.masks, shape, 3 if volume else 2)
    if shapes and output.boxes is not None and not found:
        name = output.boxes.boxes or output.name
        shape = shapes[name] if name is not None else next(iter(shapes.values()))
        found += [] if shape is None else _of_box_shape(output.boxes, shape)
    return [Problem(key=f"onnx_places.{key}", where=where, facts=facts) for key, facts in found]


def _of_names(output: Output, shapes: Mapping[str, Shape | None]) -> Faults:
    boxes = output.boxes
    names = (output.name,) if boxes is None or boxes.boxes is None else (boxes.boxes, boxes.scores, boxes.classes)
    for name in names:
        if name is not None and name not in shapes:
            yield "no_such_output", {"found": name, "known": ", ".join(shapes)}


def _of_shape(output: Output, masks: Masks, shape: Shape, n_axes: int) -> Faults:
    """``n_axes``: of the image, beside which there are one for the classes and one for the batch, or neither."""
    is_number = output.pick == "value"
    shown = ", ".join("?" if size is None else str(size) for size in shape)
    if not n_axes + (not is_number) <= len(shape) <= n_axes + 2:
        yield "no_mask_shape", {"found": f"[{shown}]", "expected": n_axes + 2}
        return
    place = len(shape) - n_axes - 1 if masks.layout == "channels_first" else -1
    n_classes = None if is_number else shape[place]
    declared = known_classes(masks)
    if n_classes is not None and declared != list(range(n_classes)):
        yield "class_count", {"found": f"[{shown}]", "n": n_classes, "declared": ", ".join(map(str, declared))}


def _of_box_shape(boxes: Boxes, shape: Shape) -> Faults:
    """Boxes [boxes, columns] or [columns, boxes], before which stand axes of one row."""
    of_table = boxes.boxes is None
    n_columns = len(boxes.columns) if of_table else 4
    shown = f"[{', '.join('?' if size is None else str(size) for size in shape)}]"
    sizes = _of_one_image(shape)
    if len(sizes) > 2:
        if None not in sizes:
            yield "several_images", {"found": shown}
        return
    layout = boxes.layout or "rows"
    found = sizes[-1 if layout == "rows" else -2] if len(sizes) > 1 else None
    if found is None:
        return
    facts: dict[str, Fact] = {"found": shown, "layout": layout, "n": found, "expected": n_columns}
    if not of_table or "classes" not in boxes.columns:
        if found != n_columns:
            yield "box_columns", facts
        return
    n_classes, highest = found - n_columns + 1, max(boxes.findings, default=0)
    if n_classes <= highest:
        yield "box_classes", {**facts, "n": max(n_classes, 0), "expected": highest}


def _of_one_image(shape: Shape) -> Shape:
    """Without the axis of one image before the others, and then without those of one row, as far as two are left."""
    sizes = list(shape)
    if len(sizes) > 2 and sizes[0] in (None, 1):
        del sizes[0]
        while len(sizes) > 2 and 1 in sizes:
            sizes.remove(1)
    return tuple(sizes)


def known_classes(masks: Masks) -> list[int]:
    """The class numbers that are declared, of structures and background, in ascending order."""
    drawn = {number for numbers in masks.structures.values() for number in numbers_of(numbers)}
    return sorted(drawn | ({0} if masks.background is None else set(masks.background)))


def numbers_of(classes: int | Sequence[int]) -> tuple[int, ...]:
    """The class numbers of a structure."""
    return (classes,) if isinstance(classes, int) else tuple(classes)


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
    if of_table and "classes" in boxes.columns and boxes.layout is None:
        yield "layout_of_classes", {}
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
