"""English sentences of the room `report_probes`: how the device behaves when it is asked again."""

_WHERE = "First difference, as the device said it: {first}. {n:#Case|Cases}: {cases}."

WORDS: dict[str, str] = {
    "report_probes.title": "Behaviour when asked again",
    "report_probes.intro": (
        "Cases drawn from those of the run were put to the device again, in fresh processes, with the same pixels and "
        "signals. A device that is fit for use gives the same answer to the same case. No acceptance rule looks at this "
        "table; a clinician and the vendor should."
    ),
    "report_probes.column.probe": "Probe",
    "report_probes.column.asked": "How it was asked",
    "report_probes.column.compared": "Cases compared",
    "report_probes.column.different": "Other answer",
    "report_probes.column.calls": "Other call",
    "report_probes.column.score": "Largest change of a score",
    "report_probes.probe.repeatability": "Repeatability",
    "report_probes.probe.order": "Order",
    "report_probes.probe.batch": "Batches",
    "report_probes.probe.identifiers": "Identifiers",
    "report_probes.probe.descriptors": "Descriptions",
    "report_probes.asked.repeatability": "the same cases once more, compared with the run",
    "report_probes.asked.order": "in the opposite order",
    "report_probes.asked.batch": "one at a time instead of in batches",
    "report_probes.asked.identifiers": "under other names of requests, images and files, and other UIDs",
    "report_probes.asked.descriptors": "without what the file says of the image (view, side, body part, modality …)",
    "report_probes.not_applicable.one_at_a_time": "not asked: the device takes one case at a time anyway",
    "report_probes.all_the_same": "No answer changed beyond the tolerance that the protocol allows.",
    "report_probes.changed.repeatability": (
        "Of {all} answers {count} {n:#was|were} not the same the second time: the results of this run are one draw among "
        "several, which no interval here accounts for. " + _WHERE
    ),
    "report_probes.changed.order": (
        "Of {all} answers {count} {n:#depends|depend} on the order of the cases: the device carries something over from one patient "
        "to the next. " + _WHERE
    ),
    "report_probes.changed.batch": "Of {all} answers {count} {n:#depends|depend} on the other cases of a batch. "
    + _WHERE,
    "report_probes.changed.identifiers": (
        "Of {all} answers {count} {n:#depends|depend} on names that say nothing of the patient's state. The device may recognise "
        "cases that it has seen before. " + _WHERE
    ),
    "report_probes.changed.descriptors": (
        "Of {all} answers {count} {n:#depends|depend} on what the file says of the image beside its pixels. Where such attributes "
        "are missing or wrong, expect other answers. " + _WHERE
    ),
}
