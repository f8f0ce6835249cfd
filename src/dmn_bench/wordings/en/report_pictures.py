"""English sentences of the room `report_pictures`: errors shown in images, with the marks of both sides."""

WORDS: dict[str, str] = {
    "report_pictures.title": "Errors in images",
    "report_pictures.patients": (
        "These pictures show patients. They carry the case id of the set and no name, date or other "
        "identity; still, keep and pass on this report as you would the images. A report without them is "
        "made by “dmn-bench report --without-pictures”."
    ),
    "report_pictures.rule": (
        "For each kind of error, and of each structure, at most {n} pictures, the worst first: the largest of missed lesions, the least "
        "overlap of structures, of wrong calls and marks those that the device was surest of, of grades those "
        "farthest off. An image is shown twice only when no other is left; equal ones are ordered by a draw from the "
        "seed {seed} of the protocol. They are chosen to be looked at, and say nothing of how frequent an error is. "
        "They are not for diagnosis."
    ),
    "report_pictures.legend": "Marks in the pictures",
    "report_pictures.sign": "Sign",
    "report_pictures.meaning": "Meaning",
    "report_pictures.sign.reference": "solid line, R (blue)",
    "report_pictures.sign_means.reference": "reference: where the lesion or structure is, by its readers",
    "report_pictures.sign.device": "dashed line, D (orange)",
    "report_pictures.sign_means.device": "device: what it marked, with its score where it gave one",
    "report_pictures.sign.ignored": "dotted line (white)",
    "report_pictures.sign_means.ignored": "reference: a place where marks count neither for nor against the device",
    "report_pictures.sign.cross": "cross",
    "report_pictures.sign_means.cross": "the same for a place without extent",
    "report_pictures.sign.corners": "four corners (white)",
    "report_pictures.sign_means.corners": "the error that the picture is about",
    "report_pictures.sign.overview": "small picture",
    "report_pictures.sign_means.overview": "the whole image; the rectangle is what the large picture shows",
    "report_pictures.sign.bar": "white bar",
    "report_pictures.sign_means.bar": "scale, where the distance between pixels is known",
    "report_pictures.of_case": "Case {case}: {kind}",
    "report_pictures.of_lesion": "Case {case}, lesion {lesion}: {kind}",
    "report_pictures.of_case_about": "Case {case}, {about}: {kind}",
    "report_pictures.said": "{reference}; {answer}.",
    "report_pictures.said_values": "Reference: {reference}; device: {answer}.",
    "report_pictures.not_given": "The device gave no contour of this structure: only that of the reference is drawn.",
    "report_pictures.dice": "Dice coefficient {dice} in the whole case; shown where most pixels differ; one of the two may have drawn nothing there.",
    "report_pictures.file": "Image {n} of the case.",
    "report_pictures.frame": "Slice or frame {n}.",
    "report_pictures.too_high": "{kind}, too high",
    "report_pictures.too_low": "{kind}, too low",
    "report_pictures.size_px.missed_lesion": "The lesion is {width} × {height} pixels wide and high.",
    "report_pictures.size_mm.missed_lesion": "The lesion is {width} × {height} mm wide and high ({columns} × {rows} pixels).",
    "report_pictures.size_px.false_positive_mark": "The mark is {width} × {height} pixels wide and high.",
    "report_pictures.size_mm.false_positive_mark": "The mark is {width} × {height} mm wide and high ({columns} × {rows} pixels).",
    "report_pictures.size_px.error": "What is wrong is {width} × {height} pixels wide and high.",
    "report_pictures.size_mm.error": "What is wrong is {width} × {height} mm wide and high ({columns} × {rows} pixels).",
    "report_pictures.why.missed_lesion.no_mark": "No mark of the device touches it.",
    "report_pictures.why.missed_lesion.below_the_point": "A mark is on it, with the score {value}, below the operating point.",
    "report_pictures.why.missed_lesion.misplaced": "A mark touches it and is no hit by the rule of the protocol; their boxes overlap by {value} (IoU).",
    "report_pictures.why.missed_lesion.counts_for_another": "A mark touches it and counts for another lesion; their boxes overlap by {value} (IoU).",
    "report_pictures.why.false_positive_mark.no_mark": "No lesion touches it.",
    "report_pictures.why.false_positive_mark.misplaced": "A lesion touches it, which it does not hit by the rule of the protocol; their boxes overlap by {value} (IoU).",
    "report_pictures.why.false_positive_mark.counts_for_another": "It touches a lesion for which another mark counts; their boxes overlap by {value} (IoU).",
    "report_pictures.window.as_stored": "Shown as stored.",
    "report_pictures.window.file": "Shown in the window of the file: {low} black, {high} white.",
    "report_pictures.window.lung": "Shown in a lung window: {low} black, {high} white.",
    "report_pictures.window.bone": "Shown in a bone window: {low} black, {high} white.",
    "report_pictures.window.soft": "Shown in a soft tissue window: {low} black, {high} white.",
    "report_pictures.window.spread": (
        "The file names no window: {low} is black and {high} white, 0.5% of the values lie beyond each."
    ),
    "report_pictures.spacing.PixelSpacing": "Scale by PixelSpacing.",
    "report_pictures.spacing.ImagerPixelSpacing": (
        "Scale at the detector (ImagerPixelSpacing): what lies in the patient is smaller."
    ),
    "report_pictures.spacing.NominalScannedPixelSpacing": (
        "Scale on the film (NominalScannedPixelSpacing): what lies in the patient is smaller."
    ),
    "report_pictures.spacing.file": "Scale by the file.",
    "report_pictures.spacing.declared": "Scale as the reference set declares it.",
    "report_pictures.outside": "The place of the error lies outside the image; the whole image is shown.",
    "report_pictures.reduced": (
        "The whole image, reduced so far that words burned into it can hardly be read: nobody states that there are none."
    ),
    "report_pictures.more_marks": (
        "{n} further {number:#mark|marks} of the device in this part of the image {number:#is|are} not drawn."
    ),
    "report_pictures.shown_at": (
        "Pictures of endpoint “{endpoint}” are not repeated: the two endpoints differ by their cut or their measures alone."
    ),
    "report_pictures.description": "An image with the marks of the reference and of the device. {caption}",
    "report_pictures.remark.image_unreadable": (
        "{n} {number:#picture was|pictures were} not drawn: the image, or the slice that an error is on, could not be "
        "read when pictures were made."
    ),
    "report_pictures.remark.image_burned_in": (
        "{n} {number:#picture was|pictures were} not drawn: names may be burned into the image, or a face be seen. "
        "Its file says so, or it is of a kind where that is usual (ultrasound, secondary capture) and does not say "
        "that there are none (BurnedInAnnotation NO)."
    ),
    "report_pictures.remark.no_image": (
        "{n} {number:#picture was|pictures were} not drawn: the case has no image file in the reference set."
    ),
    "report_pictures.remark.image_size": (
        "{n} further {number:#picture was|pictures were} left out so that the report stays of a size to be sent."
    ),
    "report_pictures.remark.missing": (
        "{n} {number:#picture of the record is|pictures of the record are} not in the folder of the run "
        "and cannot be shown. Restore the folder “figures” beside record.json, or make the run again."
    ),
    "report_pictures.remark.altered": (
        "{n} {number:#picture is|pictures are} not shown: the file is not the one that the record states, "
        "by its SHA-256. Restore it, or make the run again."
    ),
    "report_pictures.remark.left_out": (
        "{n} {number:#picture was|pictures were} left out of this report on request; they stay in the "
        "folder of the run."
    ),
}
