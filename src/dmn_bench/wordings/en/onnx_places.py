"""English sentences of the room `onnx_places`: boxes and masks in the outputs of a model."""

WORDS: dict[str, str] = {
    "onnx_places.classes_need_findings": (
        "scores of several classes for each box need boxes.findings: which finding each class number is. Add it."
    ),
    "onnx_places.columns": (
        "boxes.columns names box1, box2, box3 and box4, each once, and at most one of class and classes; found {found}. "
        "Correct the option."
    ),
    "onnx_places.finite": "{option} must be a number. Correct the option.",
    "onnx_places.needs_image": (
        "an output of kind {kind} is about an image, and the description has signals. Declare input, or another kind."
    ),
    "onnx_places.no_structure": "an output of kind masks needs masks.structures: which classes each structure is. Add it.",
    "onnx_places.numbers_only": (
        "pick: value says that the output holds class numbers, which nothing weighs or interpolates. Remove {option}."
    ),
    "onnx_places.other_kind": "{option} belongs to an output of kind {kind}, found at kind {found}. Remove it.",
    "onnx_places.share": "{option}: expected a number from 0 to 1, found {found}. Correct the option.",
    "onnx_places.structure_classes": (
        "masks.structures: the classes of {structure} are whole numbers from 0 that are not background; found {found}. "
        "Correct the option."
    ),
}
