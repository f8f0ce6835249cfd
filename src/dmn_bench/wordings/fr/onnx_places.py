"""French sentences of the room `onnx_places`: boxes and masks in the outputs of a model."""

WORDS: dict[str, str] = {
    "onnx_places.box_classes": (
        "la sortie a la forme {found} : avec layout {layout}, il reste {n} {n:#classe|classes}, et boxes.findings nomme la "
        "classe {expected}. Corrigez boxes.layout, boxes.columns ou boxes.findings."
    ),
    "onnx_places.box_columns": (
        "la sortie a la forme {found} : avec layout {layout}, une boîte a {n} {n:#nombre|nombres}, et {expected} sont "
        "déclarés. Corrigez boxes.layout (rows ou columns) ou boxes.columns, ou le nom des sorties."
    ),
    "onnx_places.class_count": (
        "la sortie a la forme {found} : {n} {n:#classe|classes} ; masks.structures et masks.background nomment les classes "
        "{declared}. Nommez chaque classe une fois, ou corrigez masks.layout."
    ),
    "onnx_places.classes_need_findings": (
        "des scores de plusieurs classes par boîte demandent boxes.findings : à quelle anomalie correspond chaque "
        "numéro de classe. Ajoutez-le."
    ),
    "onnx_places.columns": (
        "boxes.columns nomme box1, box2, box3 et box4, une fois chacune, et au plus l’une de class et classes ; trouvé "
        "{found}. Corrigez l’option."
    ),
    "onnx_places.finite": "{option} doit être un nombre. Corrigez l’option.",
    "onnx_places.layout_of_classes": (
        "boxes.columns avec classes prend pour des classes tous les autres nombres d’une boîte ; boxes.layout doit donc être "
        "indiqué : rows pour une sortie [boîtes, 4 + classes], columns pour [4 + classes, boîtes], comme à l’export de YOLOv8 "
        "et suivants. Ajoutez-le."
    ),
    "onnx_places.needs_image": (
        "une sortie de type {kind} concerne une image, et la description a signals. Déclarez input, ou un autre type."
    ),
    "onnx_places.no_mask_shape": (
        "la sortie a la forme {found}, qui n’est pas un masque de l’image : {expected} axes sont attendus, pour le lot, les "
        "classes et les pixels. Corrigez le nom de la sortie, ou input.volume."
    ),
    "onnx_places.no_structure": (
        "une sortie de type masks demande masks.structures : quelles classes forment chaque structure. Ajoutez-le."
    ),
    "onnx_places.no_such_output": ("le fichier du modèle n’a pas de sortie {found}, il a {known}. Corrigez le nom."),
    "onnx_places.numbers_only": (
        "pick : value dit que la sortie contient des numéros de classe, que rien ne pondère ni n’interpole. Retirez "
        "{option}."
    ),
    "onnx_places.other_kind": (
        "{option} va avec une sortie de type {kind}, trouvé avec le type {found}. Retirez cette option."
    ),
    "onnx_places.several_images": (
        "la sortie a la forme {found} : des boîtes de plusieurs images à la fois, ou des axes de plus, alors qu’une seule "
        "image est soumise au modèle. Corrigez le nom de la sortie, ou exportez le modèle pour une image."
    ),
    "onnx_places.share": "{option} : attendu un nombre de 0 à 1, trouvé {found}. Corrigez l’option.",
    "onnx_places.structure_classes": (
        "masks.structures : les classes de {structure} sont des entiers à partir de 0 qui ne sont pas le fond ; trouvé "
        "{found}. Corrigez l’option."
    ),
}
