"""English sentences of the room `planned`: what the check of a protocol finds that only its set or its files tell."""

WORDS: dict[str, str] = {
    "planned.lesions_unfit": (
        "the hit rule {rule} of the endpoint {endpoint} needs {needs} of every lesion, and {n} of the {total} reference "
        "lesions have not: lesion {lesion} of case {case} is the first, then {others}. Complete these columns of "
        "lesions.csv, or choose a rule that every lesion fits: {fitting}."
    ),
    "planned.lesions_unfit_one": (
        "the hit rule {rule} of the endpoint {endpoint} needs {needs} of every lesion, and lesion {lesion} of case {case} "
        "({n} of {total}) has not. Complete these columns of lesions.csv, or choose a rule that every lesion fits: "
        "{fitting}."
    ),
    "planned.lesions_on_no_image": (
        "{n} of the {total} reference lesions of the endpoint {endpoint} are in a case of several images and name none of "
        "them: lesion {lesion} of case {case} is the first, then {others}. Found “{found}”, expected one of {known}. "
        "Write the path in the column image of lesions.csv."
    ),
    "planned.lesions_on_no_image_one": (
        "lesion {lesion} of case {case} ({n} of {total} of the endpoint {endpoint}) is in a case of several images and "
        "names none of them. Found “{found}”, expected one of {known}. Write the path in the column image of "
        "lesions.csv."
    ),
    "planned.matching_of_luna16": (
        "the hit rule luna16 of the endpoint {endpoint} has its own matching, so that matching: optimal would change "
        "nothing. Leave matching out, or choose another rule."
    ),
    "planned.regions_of_boxes": (
        "iou_of: region of the endpoint {endpoint} compares outlines, masks, circles and spheres, and every reference "
        "lesion of {finding} is a box. Write iou_of: box, or give lesions.csv the regions."
    ),
    "planned.no_lesion_on_two_views": (
        "lesions: by_id of the endpoint {endpoint} takes equal lesion_ids in several cases of one {unit} for views of one "
        "lesion, and no lesion of {finding} is in two cases of one {unit}. Give views of one lesion the same lesion_id in "
        "lesions.csv, choose the unit that holds the views (exam, say), or leave lesions: by_id out."
    ),
    "planned.marks_unfit": (
        "the hit rule {rule} of the endpoint {endpoint} cannot compare any of the {n} marks of {finding} by the candidate "
        "{candidate} with any reference lesion: the marks have {found}, the lesions {expected}. Every lesion would be "
        "missed and every mark false. Choose a rule that fits both, or have the places delivered in the terms of the "
        "lesions."
    ),
}
