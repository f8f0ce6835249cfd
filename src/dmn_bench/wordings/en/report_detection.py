"""English sentences of the room `report_detection`: lesions found, marks put where nothing is."""

WORDS: dict[str, str] = {
    "report_detection.title": "Localisation of findings",
    "report_detection.intro": (
        "How many of the reference lesions the device pointed at, and how many marks it put where there is none. A case "
        "that was called right because of a mark in the wrong place counts here as a missed lesion and a false mark. "
        "Intervals take into account that lesions and images of one patient resemble each other."
    ),
    "report_detection.counts_table": "What was counted",
    "report_detection.what": "Counted",
    "report_detection.in_all": "in all",
    "report_detection.at_the_point": "at the operating point",
    "report_detection.row.lesion": "Reference lesions; at the operating point: those found",
    "report_detection.row.false_positive": "False positive marks",
    "report_detection.row.ignored": "Lesions to ignore: marks on them are neither hits nor false positives",
    "report_detection.row.second_hit": "Further marks on a lesion already found, not counted",
    "report_detection.row.image": "Images",
    "report_detection.row.by_PixelSpacing": "Lesions measured in mm by the PixelSpacing of their image",
    "report_detection.row.by_ImagerPixelSpacing": (
        "Lesions measured in mm at the detector (ImagerPixelSpacing): in the patient they are smaller"
    ),
    "report_detection.row.by_NominalScannedPixelSpacing": (
        "Lesions measured in mm on the film (NominalScannedPixelSpacing): in the patient they are smaller"
    ),
    "report_detection.row.by_file": "Lesions measured in mm by the spacing in the file of their image",
    "report_detection.row.silent_image": "Images without an answer, each charged with false positives",
    "report_detection.row.normal_image": "Images of units without a lesion",
    "report_detection.row.unit": "Units",
    "report_detection.row.normal": "Units without a lesion",
    "report_detection.finding": "Finding",
    "report_detection.hit_rule": "A mark is on a lesion when",
    "report_detection.hit.iou_of_box": "the boxes' intersection over union (IoU) is at least {value}",
    "report_detection.hit.iou_of_region": "the regions' intersection over union (IoU) is at least {value}",
    "report_detection.hit.centre_in_region": "the centre of the mark lies within the lesion, its edge included",
    "report_detection.hit.distance_mm_at_most": "the two centres are at most {value}\u202fmm apart",
    "report_detection.hit.distance_px_at_most": "the two centres are at most {value}\u202fpx apart",
    "report_detection.hit.luna16": (
        "the rule of the LUNA16 challenge says so: the centre strictly within the lesion's sphere, the best mark counts, "
        "further ones on a lesion are dropped, and of each scan the 100 best marks are looked at"
    ),
    "report_detection.option.matching": "Marks and lesions are paired",
    "report_detection.matching.by_score": "by falling score: each mark takes the nearest lesion that is still free",
    "report_detection.matching.optimal": "so that as many lesions as possible are found, one mark for one lesion",
    "report_detection.option.second_hits": "Further marks on a lesion already found",
    "report_detection.second_hits.ignored": "are not counted",
    "report_detection.second_hits.false_positive": "are false positives",
    "report_detection.option.lesions": "A lesion seen on several images",
    "report_detection.lesions.each": "counts once on each image",
    "report_detection.lesions.by_id": "counts once, and is found when it is found on any of them",
    "report_detection.option.no_marks": "An answer that says nothing of marks",
    "report_detection.no_marks.negative": "means that nothing was seen",
    "report_detection.no_marks.failed": "is a failure",
    "report_detection.sensitivity_table": "Lesions found, and the false marks that it costs",
    "report_detection.rates_note": (
        "At a rate of false positives the threshold is read from the curve of this very set, for the interval too: such a "
        "sensitivity compares devices. What the device does in use is shown by its operating point."
    ),
    "report_detection.froc_title": "FROC curve, endpoint “{endpoint}”.",
    "report_detection.froc_description": (
        "Share of the lesions found against false positive marks per image, over all thresholds of the score."
    ),
    "report_detection.froc_doubling": "The axis of false positives is logarithmic: each tick is twice the one before.",
    "report_detection.froc_point": "Square: the operating point of the protocol.",
    "report_detection.froc_rates": "Discs: the rates of the protocol. Bars: confidence intervals.",
    "report_detection.froc_beyond": (
        "The device never gives more than {most} false marks per image: what stands at {rates} is the value of its last "
        "mark (dashed), not a rate that it reaches."
    ),
    "report_detection.froc_silent": (
        "Images without an answer have each one false positive above every score, with which the curve begins, and at every threshold as many as the answered image with most of them."
    ),
    "report_detection.afroc_title": "AFROC curve, endpoint “{endpoint}”.",
    "report_detection.afroc_description": (
        "Share of the lesions found against the share of units without a lesion that have a false mark, over all "
        "thresholds of the score; between its last point and the upper right corner it runs straight."
    ),
    "report_detection.afroc_areas": (
        "Of the areas above, AFROC is the one under this curve, and weighted AFROC the one under the curve that weights "
        "its lesions; an area on all units has another horizontal axis."
    ),
    "report_detection.afroc_x": "Units without a lesion that have a false mark (share)",
    "report_detection.areas_table": "Areas under AFROC curves",
    "report_detection.meaning": "Meaning",
    "report_detection.means.afroc": (
        "Chance that a lesion is scored above the highest false mark of a unit without lesions; a lesion or a unit without "
        "a mark scores lowest."
    ),
    "report_detection.means.afroc_all": (
        "Chance that a lesion is scored above the highest false mark of any unit, with or without lesions; a lesion or a "
        "unit without a mark scores lowest."
    ),
    "report_detection.means.wafroc": (
        "Chance that a lesion is scored above the highest false mark of a unit without lesions, where the lesions of a unit "
        "share one weight: a unit with many lesions counts no more than one with a single lesion."
    ),
    "report_detection.means.wafroc_all": (
        "Chance that a lesion is scored above the highest false mark of any unit, where the lesions of a unit share one "
        "weight: a unit with many lesions counts no more than one with a single lesion."
    ),
    "report_detection.no_froc_area": (
        "The area under the FROC curve is never used: it has no upper limit, and it grows when a device adds marks that "
        "nobody would want."
    ),
    "report_detection.lesions": "Lesions",
    "report_detection.strata_table": "Lesion sensitivity by stratum of the lesions: {field}, with {level} confidence intervals",
    "report_detection.strata_note": (
        "False marks belong to no lesion: at a rate, those of the whole set hold for every stratum of lesions."
    ),
    "report_detection.errors_table": "Errors with their places, the worst first, with an empty column for the review",
    "report_detection.errors_note": (
        "Missed lesions come by size, the largest first, then false marks by score, the highest first. Centres in pixels count from the upper left corner of the image, to the right and down; those in millimetres are "
        "the patient’s coordinates of DICOM (x to the left, y to the back, z to the head)."
    ),
    "report_detection.error_lesion": "Lesion",
    "report_detection.error_image": "Where",
    "report_detection.error_image_number": "image {n}",
    "report_detection.error_frame": "frame {n}",
    "report_detection.error_centre": "Centre",
    "report_detection.error_size": "Size",
    "report_detection.centre_px": "x\u00a0{x}, y\u00a0{y}\u202fpx",
    "report_detection.centre_mm": "x\u00a0{x}, y\u00a0{y}, z\u00a0{z}\u202fmm",
    "report_detection.size_px": "{width}\u00a0×\u00a0{height}\u202fpx",
    "report_detection.size_mm": "⌀\u00a0{diameter}\u202fmm",
    "report_detection.technical_table": "Technical figures, no basis for a decision on care",
    "report_detection.technical_note": (
        "Mean average precision (mAP) serves to compare with the literature of computer vision. It averages over "
        "thresholds that nobody uses and says nothing of patients."
    ),
}
