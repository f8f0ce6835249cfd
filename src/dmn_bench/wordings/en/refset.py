"""English sentences of the room `refset`."""

WORDS: dict[str, str] = {
    "refset.csv_empty": "the table is empty. Write its column names into the first line.",
    "refset.csv_semicolon": (
        "the columns are separated by semicolons; commas are expected. Save the table again as CSV with commas."
    ),
    "refset.csv_syntax": (
        "the line is not valid CSV ({found}). Check the quotation marks of this line and of those above."
    ),
    "refset.csv_row_length": (
        "{expected} cells were expected, as in the first line; {found} were found. Put a text that holds a comma "
        "in quotation marks."
    ),
    "refset.csv_column_name": (
        "column {column} has no usable name. Give it a short name that does not begin with =, +, - or @."
    ),
    "refset.csv_column_doubled": "the column “{found}” stands here twice. Keep one of the two.",
    "refset.csv_column_missing": "the column “{found}” is missing. Add it to the first line.",
    "refset.csv_column_unknown": (
        "the column “{found}” is not known in this table; known are: {known}. Correct or delete it."
    ),
    "refset.csv_column_unknown_nearest": (
        "the column “{found}” is not known in this table; did you mean “{nearest}”? Known are: {known}. Correct "
        "it, or give it a name that cannot be confused."
    ),
    "refset.csv_formula": (
        "the cell of the column “{column}” begins like a spreadsheet formula (=, +, - or @). Write plain text or a "
        "number."
    ),
    "refset.csv_line_too_long": (
        "the line is longer than any line of a table should be. Check the quotation marks and the line ends."
    ),
    "refset.csv_control_character": (
        "the line holds a control character. Delete it, or save the table again as plain text in UTF-8."
    ),
    "refset.more_problems": (
        "and {n} more {n:#problem|problems} of these tables, not listed. Correct those above and check again."
    ),
    "refset.id_missing": "the cell of the column “{column}” is empty. Write an identifier.",
    "refset.id_form": (
        "“{found}” is no identifier: at most {limit} printable characters on one line were expected. Correct it."
    ),
    "refset.not_a_number": (
        "“{found}” in the column “{column}” is not a number. Write digits with a decimal point, or leave the cell "
        "empty."
    ),
    "refset.not_above_zero": (
        "“{found}” in the column “{column}” must be a number above 0. Correct it, or leave the cell empty."
    ),
    "refset.yes_or_no": (
        "“{found}” in the column “{column}” is neither yes nor no. Write 1 or 0, or leave the cell empty."
    ),
    "refset.value_unknown": "the value “{found}” is not allowed; expected: {known}, a grade or a number. Correct it.",
    "refset.value_unknown_nearest": (
        "the value “{found}” is not allowed; did you mean “{nearest}”? Expected: {known}, a grade or a number."
    ),
    "refset.finding_unknown": (
        "the finding “{found}” is not in the card; its findings are: {known}. Correct it, or add it to the card."
    ),
    "refset.finding_unknown_nearest": (
        "the finding “{found}” is not in the card; did you mean “{nearest}”? Its findings are: {known}."
    ),
    "refset.no_cases": "the table holds no case. Write one row for each image or recording to be read.",
    "refset.case_doubled": (
        "the case “{found}” already stands in line {line}. A case has one row; delete or rename one of the two."
    ),
    "refset.laterality": "the laterality is “{found}”; expected: L, R, B or nothing. Correct it.",
    "refset.exam_of_two_patients": (
        "the exam “{found}” belongs to the patients “{patient}” and “{other}”. An exam has one patient; correct "
        "the patient or rename the exam."
    ),
    "refset.case_named_like_patient": (
        "the case “{found}” has no patient_id and would count as the patient “{found}”, who is another row's. Fill "
        "in the patient_id or rename the case."
    ),
    "refset.case_named_like_exam": (
        "the case “{found}” has no exam_id and would count as the exam “{found}”, which is another row's. Fill in "
        "the exam_id or rename the case."
    ),
    "refset.path_outside": (
        "“{found}” is not a path inside the folder of the set. Write it relative to that folder with “/”, without "
        "“..”, hidden or absolute parts."
    ),
    "refset.file_named_twice": "the files “{found}” name one file twice. Name each file once.",
    "refset.stratum_value_unknown": (
        "“{found}” is not a level of the stratum “{name}”; the card lists: {known}. Correct the value or the card."
    ),
    "refset.stratum_column_unknown": (
        "this stratum is taken from the column “{found}”, which cases.csv does not have; it has: {known}. Correct "
        "the card or add the column."
    ),
    "refset.stratum_column_unknown_nearest": (
        "this stratum is taken from the column “{found}”, which cases.csv does not have; did you mean “{nearest}”? "
        "It has: {known}."
    ),
    "refset.truth_names_one": (
        "exactly one of case_id, exam_id and patient_id was expected; {found} were found. Keep the one that the "
        "truth was stated for."
    ),
    "refset.truth_without_case": "the case “{found}” is not in cases.csv. Correct the case_id, or add the case.",
    "refset.truth_without_exam": (
        "no row of cases.csv has the exam_id “{found}”. Correct it, or state the truth by case_id."
    ),
    "refset.truth_without_patient": (
        "no row of cases.csv has the patient_id “{found}”. Correct it, or state the truth by case_id."
    ),
    "refset.truth_doubled": (
        "the truth of “{subject}” for “{finding}” already stands in line {line}. Keep one of the two."
    ),
    "refset.truth_mixes_kinds": (
        "the truth of “{finding}” mixes positive or negative with grades or numbers (see line {line}). Use one "
        "kind, or two findings."
    ),
    "refset.truth_contradicts": (
        "“{found}” is positive for “{finding}”, but “{whole}”, which it belongs to, is stated negative in line "
        "{line}. Correct one of the two."
    ),
    "refset.cases_without_truth": (
        "for “{finding}” nothing is stated for {n} {n:#case|cases}; in a run they count as missing. State a value, "
        "“unverified” if nobody verified it."
    ),
    "refset.lesion_without_case": "the case “{found}” is not in cases.csv. Correct the case_id, or add the case.",
    "refset.lesion_doubled": (
        "the lesion “{found}” of the case “{case}” already stands in line {line}. Give each lesion of a case its "
        "own lesion_id."
    ),
    "refset.lesion_image_unknown": (
        "“{found}” is not an image of the case “{case}”. Write a path as in the column files, or a SOP Instance "
        "UID of one of its images."
    ),
    "refset.lesion_image_missing": (
        "the lesion “{found}” names no image, and the case “{case}” has {n}. Fill in the column image."
    ),
    "refset.lesion_without_image": (
        "the lesion “{found}” is given in pixels, but the case “{case}” has no image. Correct the case_id or "
        "delete the row."
    ),
    "refset.lesion_frame": (
        "the frame is “{found}”; a whole number from 1 was expected. Correct it, or leave the cell empty."
    ),
    "refset.lesion_frame_outside": (
        "the frame is {found}, but the image of the case “{case}” has {n} {n:#frame|frames}. Correct it."
    ),
    "refset.lesion_without_frame": (
        "the lesion “{found}” names no frame, and its image has {n}. Fill in the column frame."
    ),
    "refset.lesion_outside_image": (
        "the lesion “{found}” of the case “{case}” leaves its image of {columns} × {rows} pixels. x and y are the "
        "upper left corner, from 0; correct the numbers."
    ),
    "refset.lesions_without_consensus": (
        "the case “{case}” was drawn by “{reader}” and by “{other}”, and no row is the consensus. Add rows whose "
        "reader is empty or “consensus”."
    ),
    "refset.lesion_of_negative_case": (
        "the lesion “{found}” lies in the case “{case}”, which is negative for “{finding}”. Correct the truth, "
        "delete the lesion, or mark it as ignored."
    ),
    "refset.positive_without_lesion": (
        "for “{finding}” {n} {n:#positive has|positives have} no lesion, among them: {found}. If they were not to "
        "be located, say so in the card; else add the lesions."
    ),
    "refset.reading_without_case": "the case “{found}” is not in cases.csv. Correct the case_id, or add the case.",
    "refset.reading_doubled": (
        "the reading of “{case}” by “{reader}” for this finding already stands in line {line}. Keep one; a second "
        "reading needs a reader_id of its own."
    ),
    "refset.mask_without_case": "the case “{found}” is not in cases.csv. Correct the case_id, or add the case.",
    "refset.mask_file_missing": (
        "the file “{found}” does not exist. Put it into the folder of the set, or correct the name."
    ),
    "refset.sampling_doubled": "the unit “{found}” already stands in line {line}. Keep one row for each unit.",
    "refset.sampling_status": "the status “{found}” is not known; expected: {known}. Correct it.",
    "refset.sampling_status_nearest": "the status “{found}” is not known; did you mean “{nearest}”? Expected: {known}.",
    "refset.exclusion_without_reason": (
        "the unit “{found}” is excluded without a reason. Write the reason; the flow of cases prints it."
    ),
    "refset.drawn_not_in_set": (
        "the unit “{found}” is drawn, but no case, exam or patient of cases.csv is called so. Correct the unit_id, "
        "or add its cases."
    ),
    "refset.not_drawn_in_set": (
        "the unit “{found}” is not drawn or is excluded, but cases.csv holds it. Correct the status, or take its "
        "cases out."
    ),
    "refset.more_unchanged_than_records": (
        "incorporates says that {found} of {records} records were confirmed word for word. Correct the two numbers."
    ),
    "refset.prevalence_bounds": (
        "the local prevalence of “{found}” lies outside its own low and high. Correct the three numbers."
    ),
    "refset.prevalence_of_unknown_finding": (
        "a local prevalence is given for “{found}”, which is no finding of the card ({known}). Correct the name."
    ),
    "refset.prevalence_doubled": (
        "two local prevalences are given for “{found}”. Keep one, or say with positive_when or unit what each is of."
    ),
    "refset.finding_doubled": "the finding “{found}” is named twice. Keep one.",
    "refset.stratum_source": (
        "a stratum has either a column of cases.csv or a DICOM keyword. Write one of “column” and “dicom”."
    ),
    "refset.stratum_edges_and_levels": "a stratum has either edges or levels. Delete one of the two.",
    "refset.stratum_unit": (
        "the stratum has the unit {found} and no edges: values that are no numbers have no unit. Remove the unit, or add "
        "edges."
    ),
    "refset.stratum_level_title": (
        "a title is given for {found}, which is no level of this stratum. Its levels are {known}. Correct the key under "
        "level_titles, or remove it."
    ),
    "refset.stratum_edges_ascend": "the edges must ascend, each number above the one before. Sort them.",
    "refset.data_protection_decided": (
        "the route “{found}” needs the name of who decided and the date. Fill in decided_by and date."
    ),
    "refset.review_by_nobody": (
        "images_without_burned_in_text is attested by a person. Write their name in reviewed_by, or leave it out."
    ),
    "refset.review_missing": (
        "no review of re-identification is recorded. Fill in reidentification_review, or ask the data protection "
        "officer."
    ),
    "refset.review_overdue": "the review of re-identification was due on {found}. Repeat it and write the new dates.",
    "refset.patient_in_two_ids": (
        "the patients “{patient}” and “{other}” share one value of {source} ({n} {n:#case|cases} of “{other}”): one person "
        "seems to have two ids. "
        "Give all cases of a person the same patient_id."
    ),
    "refset.same_content_two_patients": (
        "the files {files} ({n} {n:#content|contents} in all) have the same content but belong to cases of two patients ({cases}). Correct the "
        "patient_id, or remove the double."
    ),
    "refset.same_content": (
        "the files {files} ({n} {n:#content|contents} in all) have the same content and belong to several cases ({cases}). Remove the double, unless "
        "it is meant."
    ),
    "refset.image_in_two_cases": (
        "{n} {n:#image|images} of the case “{case}” {n:#has|have} the SOP Instance UID of an image of the case “{found}”. "
        "Remove the double: answers could not be told apart."
    ),
    "refset.side_differs": (
        "cases.csv says {found}, {n} {n:#file|files} of the case ({file}) {n:#says|say} {expected}. Find out which side it is and correct it."
    ),
    "refset.patient_differs": (
        "the patient “{patient}” has “{found}” here and “{other}” before in the stratum “{name}”. Two persons "
        "under one id, or a slip; check."
    ),
    "refset.age_out_of_range": (
        "“{found}” in the column “{column}” is not an age in years between 0 and {limit}. Correct it, or leave the "
        "cell empty."
    ),
    "refset.annotations_nowhere": (
        "the card says wfdb_annotator: {annotator}, and none of the {n} recordings has a file ending in .{annotator} "
        "beside it (endings found: {found}). Add the annotation files or correct the ending; where the set has no "
        "annotated beats or rhythms (statements and measurements have none), delete the key."
    ),
    "refset.annotations_missing": (
        "the record “{found}” has no reference annotations: the file ending in .{annotator} is missing beside it. "
        "Add it, or correct wfdb_annotator in the card, or delete that key if the set has no annotated beats."
    ),
    "refset.identity_without_case": "the case “{found}” is not in cases.csv. Correct the case_id, or delete the row.",
    "refset.file_unused": "no case and no mask uses this file. Remove it, or name it in cases.csv.",
    "refset.files_unused": (
        "no case and no mask uses {n} files of this folder ({found} …). Remove them, or name the folder in cases.csv."
    ),
    "refset.table_unknown": (
        "this is no table of a reference set and is not read; the tables are: {known}. Rename or remove it."
    ),
    "refset.not_locked": "the set was never locked. Check it, then freeze it with: dmn-bench refset lock",
    "refset.lock_malformed": (
        "this is not the lock of a reference set. Restore the file, or delete it and lock the set again."
    ),
    "refset.lock_missing_file": (
        "the lock names this file and it is gone. Restore it, or lock a new version of the set."
    ),
    "refset.lock_added_file": "this file is not in the lock. Take it out, or lock a new version of the set.",
    "refset.lock_changed_file": (
        "its sha256 begins with {found}, the lock says {expected}. The file has changed since the set was frozen; "
        "restore it, or lock a new version."
    ),
    "refset.version_locked": (
        "version {found} is already locked with other content. Raise the version in the card, then lock again."
    ),
    "refset.file_name_not_utf8": "the name of this file is not in UTF-8. Rename it.",
    "refset.link_outside": "this is a link out of the set, or to a folder. Put the files themselves into the set.",
    "refset.not_a_file": "this is neither a file nor a folder. Remove it.",
    "refset.unit_unknown": "the unit “{found}” is not known; known are: {known}. Choose one of these.",
    "refset.unit_unknown_nearest": "the unit “{found}” is not known; did you mean “{nearest}”? Known are: {known}.",
    "refset.eye_without_side": (
        "the unit is the eye, and this case has neither L nor R as its laterality. Fill it in, or choose another unit."
    ),
    "refset.new_folder_not_empty": "the folder is not empty. Choose a new folder; nothing was written.",
    "refset.new_name": (
        "“{found}” cannot name a finding. Use letters, digits, dots, hyphens and underscores, at most 64."
    ),
    "refset.new_no_finding": (
        "no finding was named. Name at least one thing that is looked for, or say --structures-only for a set of masks alone."
    ),
    "refset.new_structures_and_findings": (
        "a set of structures alone has no finding. Take --finding away, or --structures-only."
    ),
    "refset.nothing_to_state": (
        "the card has no finding, and masks.csv no structure: the set states nothing. Add a finding, or masks."
    ),
    "refset.new_modality": (
        "“{found}” is no modality. Write a DICOM modality code in capitals (DX, CT, MG, OP …), or ECG."
    ),
    "refset.template_top": "The card of a reference set. Fill in what is empty, then run: dmn-bench refset check",
    "refset.template_id": "A short name without blanks, and a version that you raise whenever the set changes.",
    "refset.template_title": "The title, in one or both languages: {{en: …, fr: …}}",
    "refset.template_modality": "DICOM modality code (CR, DX, MG, CT, OP …), or ECG.",
    "refset.template_findings": (
        'What is looked for, as named in truth.csv. A terminology code may follow: code: "SCT:125605004"'
    ),
    "refset.template_no_findings": (
        "None: the set has masks of structures alone, in masks.csv, and needs no truth.csv."
    ),
    "refset.template_sampling": (
        "How the cases came in: consecutive, random, enriched or convenience. Exclusions go into sampling.csv."
    ),
    "refset.template_prevalence": (
        "Share of patients with the finding where the device will be used (0 to 1), its bounds and its source; of a graded "
        'finding the cut that was counted, positive_when: ">= 2", and of eyes or exams unit: eye or exam.'
    ),
    "refset.template_standard": (
        "How the truth was made: method, rule of consensus, number of readers, whether they were blinded to the "
        "device (true or false)."
    ),
    "refset.template_annotator": "only where annotation files lie beside the recordings (r001.atr beside r001.hea)",
    "refset.template_strata": (
        "What the results are cut by: a column of cases.csv or a DICOM keyword; edges cut numbers, levels list the "
        "values allowed."
    ),
    "refset.template_public": (
        "true if a vendor may have seen these cases: the set is then a technical test, never a local validation."
    ),
    "refset.template_protection": (
        "The legal route, decided by a person: etude_interne, mr004, eds or not_applicable. The date is written "
        "2026-01-31."
    ),
    "refset.template_review": "The last review of the risk of re-identification; delete the # once it was done.",
    "refset.describe_cases": "Cases",
    "refset.describe_exams": "Exams",
    "refset.describe_patients": "Patients",
    "refset.describe_patients_with_several": "Patients with several cases",
    "refset.describe_finding": "Finding",
    "refset.describe_unit": "Counted by",
    "refset.describe_reference": "Reference",
    "refset.describe_prevalence": "Prevalence in the set",
    "refset.describe_interval": "95% confidence interval",
    "refset.describe_field": "Stratum",
    "refset.describe_level": "Level",
    "refset.patients_unknown": (
        "{n} of {cases} cases {n:#has|have} no patient_id and {n:#counts|count} as {n:#a patient|patients} of "
        "{n:#its|their} own: if they are of the same people, every interval is too narrow. Fill in the column."
    ),
    "refset.describe_column": "Column",
    "refset.describe_empty": "Empty cells",
    "refset.describe_unit_case": "case",
    "refset.describe_unit_exam": "exam",
    "refset.describe_unit_patient": "patient",
    "refset.describe_positive": "positive",
    "refset.describe_negative": "negative",
    "refset.describe_indeterminate": "indeterminate",
    "refset.describe_unverified": "unverified",
    "refset.describe_missing": "missing",
    "refset.describe_stated": "with a value",
    "refset.describe_not_recorded": "not recorded",
    "refset.not_locked_with_errors": "the set has errors and was not locked. Correct them and lock it then.",
}
