"""English sentences of the room `report_grading`: grades against the reference."""

WORDS: dict[str, str] = {
    "report_grading.title": "Grades",
    "report_grading.scale": "Finding: {finding}. Unit: {unit}. Scale: {scale} ({source}).",
    "report_grading.own_scale": ("Finding: {finding}. Unit: {unit}. Scale of the protocol, mildest first: {grades}."),
    "report_grading.mapped": "Grades stated on the scale “{scale}” were carried over to it by a fixed map.",
    "report_grading.same_grades": "The grades are those shown at the endpoint “{endpoint}”; only the cut differs.",
    "report_grading.matrix_title": "Grades by reference, endpoint “{endpoint}”",
    "report_grading.matrix_table": "Grades by reference (counts): reference in rows, device in columns",
    "report_grading.matrix_caption": (
        "Reference in rows, device in columns: number of units and share of the row. The darker a cell, the larger its "
        "share; cells with a thick frame are agreement."
    ),
    "report_grading.apart_caption": "Grey columns are units to which the device gave no grade.",
    "report_grading.cut_caption": "The dashed line shows the cut: positive when {cut}.",
    "report_grading.matrix_description": "Units given their reference grade: {lines}.",
    "report_grading.matrix_line": "grade {grade}, {right} of {n}",
    "report_grading.reference": "Reference",
    "report_grading.answer": "Device",
    "report_grading.grade": "Reference grade",
    "report_grading.by_grade_table": (
        "Each grade by itself, primary analysis: share of its units that the device gives that very grade"
    ),
    "report_grading.agreement_table": "Agreement with the reference, primary analysis",
    "report_grading.kappa_note": (
        "Kappa depends on how often each grade occurs, so that two sets give the same device different kappas. In the "
        "primary analysis a unit without a grade counts as the grade farthest from its reference. For the interval all "
        "units of a patient are drawn together."
    ),
    "report_grading.cuts_title": "Cuts",
    "report_grading.cuts_table": "What each cut makes of the grades, primary analysis",
    "report_grading.positive_when": "Positive when",
    "report_grading.or": " or ",
    "report_grading.ungradable_title": "What could not be graded",
    "report_grading.ungradable_table": "Grades given, and pictures that cannot be graded, primary analysis",
    "report_grading.ungradable_sensitivity": "Ungradable by the reference, and declined by the device",
    "report_grading.ungradable_specificity": "Gradable by the reference, and not declined by the device",
    "report_grading.ungradable_primary": (
        "“Ungradable” is a result of the device and never a reason to leave a unit out: in the primary analysis it counts "
        "as wrong wherever the reference has a grade."
    ),
    "report_grading.as_used_positive": (
        "As used, a unit that the device declines to grade is referred: it counts as called positive, and for agreement "
        "as the positive grade farthest from its reference."
    ),
    "report_grading.as_used_negative": (
        "As used, a unit that the device declines to grade is not referred: it counts as called negative, and for "
        "agreement as the negative grade farthest from its reference."
    ),
    "report_grading.as_used_wrong": "As used, a unit that the device declines to grade counts as wrong.",
    "report_grading.as_used_apart": (
        "As used, a unit that the device declines to grade is set apart: the protocol leaves open what becomes of it."
    ),
}
