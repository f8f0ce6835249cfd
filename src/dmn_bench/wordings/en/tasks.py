"""English sentences of the room `tasks`."""

WORDS: dict[str, str] = {
    "tasks.number_out_of_range": (
        "the option “{option}” must lie above {low} and below {high}; it is {found}. Correct it."
    ),
    "tasks.reference_unknown": (
        "the reference of this unit should be one of {allowed}, indeterminate or unverified, and is “{found}”. "
        "Correct it in truth.csv, or choose the task that fits it."
    ),
    "tasks.no_reference_beats": (
        "a beats endpoint needs the reference annotations, the sampling rate and the length of every record. "
        "Give wfdb_annotator in the card of the reference set, and records as cases."
    ),
    "tasks.scale_unknown": "“{found}” is no known scale. Write one of these: {known}.",
    "tasks.scale_or_grades": (
        "A graded endpoint needs either scale, the name of one of {known}, or grades, the list of its own grades "
        "([0, 1, 2, 3], mildest first). Give one of the two."
    ),
    "tasks.grades_not_ascending": (
        "grades should list 2 to {most} whole numbers from 0 up in ascending order, mildest first; found [{found}]. "
        "Where a higher number means milder, number the grades anew."
    ),
    "tasks.scale_without_map": (
        "No map leads from the scale {found} to {scale}; those that leave no doubt are {known}. Have the grades "
        "translated by somebody who answers for it, or judge on the scale in which they are stated."
    ),
    "tasks.no_references": (
        "a referral endpoint needs what the reference set states of every finding, and got nothing. Run it through a "
        "protocol, or hand references to the task."
    ),
    "tasks.nothing_to_grade": (
        "positive_when of a referral endpoint should name at least one finding with its cut, such as dr: “>= 2”. "
        "Complete it."
    ),
    "tasks.scales_of_findings": (
        "scales of a referral endpoint should name the scale of every finding in positive_when ({expected}) and of no "
        "other; found {found}. Correct it."
    ),
    "tasks.grade_unknown": "the grade should be one of the scale ({known}); found {found}. Correct it.",
    "tasks.cut_unreadable": (
        "positive_when should be like “>= 2” and leave a grade on each side of the cut; found “{found}”. "
        "The grades of the scale are {grades}."
    ),
    "tasks.angle_without_order": "An angle has no highest or lowest value; found combine: {found}. Use combine: mean, or count each recording by itself.",
    "tasks.limit_not_positive": "{option} should be a number above 0; found {found}. Leave it out where there is none.",
    "tasks.critical_within_tolerance": (
        "An error is critical beyond {critical}, which lies within the tolerance of {tolerance}. State a critical "
        "difference of at least the tolerance."
    ),
    "tasks.reference_no_number": (
        "The reference should be a number, or indeterminate or unverified; found “{found}”. Correct it in truth.csv."
    ),
    "tasks.hit_rule": (
        "hit_rule should be exactly one of {known}, with a number above 0 (iou_at_least: 1 at most); found “{found}”."
    ),
    "tasks.lesion_without_geometry": (
        "the hit rule needs {needs} of every lesion. Complete lesions.csv, or choose a rule that fits its lesions."
    ),
    "tasks.lesion_image_unknown": (
        "the case has several images, and the lesion should name one of {known}; found “{found}”. "
        "Write the path in the column image of lesions.csv."
    ),
    "tasks.beat_option_out_of_range": (
        "{option} of a beats endpoint is {found}. learning_seconds is a number from 0, window_ms one above 0."
    ),
    "tasks.reference_beats_not_in_order": (
        "The reference annotations of {where} are not in order of time. Restore or repair the annotation file."
    ),
    "tasks.option_negative": "The option “{option}” should be a number from 0; found {found}. Correct it.",
    "tasks.no_rhythm": "The option “rhythm” names no rhythm. Write AFIB, VF, or labels of rhythm notes such as [VT, VFL].",
}
