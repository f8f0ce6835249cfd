"""English sentences of the room `report_plain`: estimates in plain words."""

WORDS: dict[str, str] = {
    "report_plain.frequencies": (
        "Among {per} local {unit}, {sick} would have {what} (local prevalence {share}, source: {source}). With the "
        "sensitivity and specificity observed here, the device would flag {found} of these {sick} and miss {missed} "
        "(between {missed_low} and {missed_high}, 95% interval); of the {healthy} others it would flag {alarms} wrongly "
        "(between {alarms_low} and {alarms_high}). Cases without an answer are counted as wrong."
    ),
    "report_plain.finding": "the finding “{finding}”",
    "report_plain.finding_from_grade": "the finding “{finding}” of grade {grade} or above",
    "report_plain.prevalence_of_other_cut": (
        "Endpoint “{endpoint}”: the set declares a local prevalence of this finding, but not of this cut. What the "
        "observed figures would mean among 1,000 units is therefore not said."
    ),
    "report_plain.prevalence_of_other_unit": (
        "Endpoint “{endpoint}”: the set declares a local prevalence of this finding, but of another unit. What the "
        "observed figures would mean among 1,000 units is therefore not said."
    ),
    "report_plain.or": " or ",
    "report_plain.value": "{value} ({level} CI {interval})",
    "report_plain.cut": "Cut: positive from grade {grade} on",
    "report_plain.any_cut": "Cut: positive with {cuts}",
    "report_plain.named_grade": "{grade} ({title})",
    "report_plain.sensitivity": (
        "Of the {unit} that are positive by the reference, {x} of {n} {n_x:#was|were} flagged and {missed} {n_missed:#was|were} not flagged or not "
        "answered (sensitivity {value}; {level} CI {interval})"
    ),
    "report_plain.specificity": (
        "Of the {unit} that are negative by the reference, {x} of {n} {n_x:#was|were} not flagged and {missed} {n_missed:#was|were} flagged wrongly or "
        "not answered (specificity {value}; {level} CI {interval})"
    ),
    "report_plain.exact_agreement": (
        "Exactly the grade of the reference was given to {x} of {n} {unit} ({value}; {level} CI {interval})"
    ),
    "report_plain.lesion_sensitivity": (
        "The device showed {x} of the {n} {unit}; {missed} {n_missed:#was|were} not shown (sensitivity by lesion {value}; {level} CI "
        "{interval})"
    ),
    "report_plain.false_positives_per_image": (
        "False marks: {x} on {n} images, {value} per image ({level} CI {interval})"
    ),
    "report_plain.false_positives_per_normal_image": (
        "False marks on images of normal units: {x} on {n} images, {value} per image ({level} CI {interval})"
    ),
}
