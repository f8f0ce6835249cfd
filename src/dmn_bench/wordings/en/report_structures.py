"""English sentences of the room `report_structures`: delineated structures in the general parts of a report."""

WORDS: dict[str, str] = {
    "report_structures.how": (
        "Each structure by itself. Dice: how far both contours cover the same, from 0 (nowhere) to 1 (identical). Surface "
        "Dice: the share of both surfaces that lies within the tolerance of the other. Median: half of the cases are at "
        "least as good"
    ),
    "report_structures.line": "{structure} ({counted}): {said}",
    "report_structures.counted.cases": "{n} {n_number:#case|cases}",
    "report_structures.counted.images": "{n} {n_number:#image|images}",
    "report_structures.value": "{value} ({level} CI {interval})",
    "report_structures.dice": "median Dice {value}",
    "report_structures.nsd": "median surface Dice within {tolerance}: {value}",
    "report_structures.two_by_two": (
        "two by two, {measure}: readers with each other {readers}, the device with each of them {device}"
    ),
    "report_structures.readers": "readers with each other, {measure}: {readers}",
    "report_structures.of_two.dice": "median Dice",
    "report_structures.of_two.nsd": "median surface Dice",
    "report_structures.readers_column": "Two by two, {measure}: readers with each other",
    "report_structures.device_column": "Two by two, {measure}: device with each reader",
    "report_structures.missed": "missed in {counted}",
    "report_structures.invented": "drawn though the reference has none in {counted}",
    "report_structures.unanswered": "no contour given in {counted}",
    "report_structures.more": "{n} further {n_number:#structure|structures}",
    "report_structures.where": "All measures of each structure are in the section on delineated structures",
    "report_structures.not_together": (
        "{measures}: by structure only, in the section on delineated structures. To have them by stratum too, add structure "
        "to the strata of the protocol"
    ),
    "report_structures.partly_answered": (
        "The device answered in all {sent} {unit}, but did not give every structure (endpoint “{endpoint}”)."
    ),
    "report_structures.undelivered": "No contour given: {listed}.",
    "report_structures.undelivered_of": "{structure}, {n} of {counted}",
    "report_structures.error": "What is wrong",
    "report_structures.error.unanswered": "no contour given",
    "report_structures.error.missed_structure": "missed",
    "report_structures.error.invented_structure": "the reference has none",
    "report_structures.error.poor_overlap": "among the least overlaps of the structure",
    "report_structures.of_reference": "Reference",
    "report_structures.of_device": "Device",
    "report_structures.nothing": "nothing",
    "report_structures.errors_table": "Structures to review; Dice of the whole case, from 0 to 1",
    "report_structures.table": "Structure by structure: medians, and what is missing",
    "report_structures.median_dice": "Median Dice",
    "report_structures.median_nsd": "Median surface Dice",
    "report_structures.n_missed": "Missed",
    "report_structures.n_invented": "Device alone",
    "report_structures.n_unanswered": "No contour given",
}
