"""English sentences of the room `onnx_places`: boxes and masks in the outputs of a model."""

WORDS: dict[str, str] = {
    "onnx_places.box_classes": (
        "the output has the shape {found}: in layout {layout} {n} {n:#class|classes} are left, and boxes.findings names "
        "class {expected}. Correct boxes.layout, boxes.columns or boxes.findings."
    ),
    "onnx_places.box_columns": (
        "the output has the shape {found}: in layout {layout} a box has {n} {n:#number|numbers}, and {expected} are "
        "declared. Correct boxes.layout (rows or columns) or boxes.columns, or the names of the outputs."
    ),
    "onnx_places.class_count": (
        "the output has the shape {found}: {n} {n:#class|classes}; masks.structures and masks.background name the classes "
        "{declared}. Name every class once, or correct masks.layout."
    ),
    "onnx_places.classes_need_findings": (
        "scores of several classes for each box need boxes.findings: which finding each class number is. Add it."
    ),
    "onnx_places.columns": (
        "boxes.columns names box1, box2, box3 and box4, each once, and at most one of class and classes; found {found}. "
        "Correct the option."
    ),
    "onnx_places.finite": "{option} must be a number. Correct the option.",
    "onnx_places.layout_of_classes": (
        "boxes.columns with classes takes all numbers of a box that are left as classes, so that boxes.layout must be stated: "
        "rows for an output [boxes, 4 + classes], columns for [4 + classes, boxes], as YOLOv8 and later are exported. Add it."
    ),
    "onnx_places.needs_image": (
        "an output of kind {kind} is about an image, and the description has signals. Declare input, or another kind."
    ),
    "onnx_places.no_mask_shape": (
        "the output has the shape {found}, which is no mask of the image: expected are {expected} axes, of batch, classes and "
        "pixels. Correct the name of the output, or input.volume."
    ),
    "onnx_places.no_structure": "an output of kind masks needs masks.structures: which classes each structure is. Add it.",
    "onnx_places.no_such_output": "the model file has no output {found}, it has {known}. Correct the name.",
    "onnx_places.numbers_only": (
        "pick: value says that the output holds class numbers, which nothing weighs or interpolates. Remove {option}."
    ),
    "onnx_places.other_kind": "{option} belongs to an output of kind {kind}, found at kind {found}. Remove it.",
    "onnx_places.several_images": (
        "the output has the shape {found}: boxes of several images at once, or further axes, and one image is put to the "
        "model. Correct the name of the output, or export the model for one image."
    ),
    "onnx_places.share": "{option}: expected a number from 0 to 1, found {found}. Correct the option.",
    "onnx_places.structure_classes": (
        "masks.structures: the classes of {structure} are whole numbers from 0 that are not background; found {found}. "
        "Correct the option."
    ),
}
