"""English sentences of the room `adapters`."""

WORDS: dict[str, str] = {
    "adapters.and_more": "and {n} more {n:#problem|problems} of these kinds.",
    "adapters.annotations_unknown": (
        "{n} annotation {n:#file names|files name} no record of the set: {found}. Check the set, the folder and the "
        "extension {annotator}."
    ),
    "adapters.annotations_none": (
        "no file of the folder {folder} ends in .{annotator} (endings found: {found}). Correct the option annotator or "
        "folder, or ask the vendor for the files."
    ),
    "adapters.annotator_name": (
        "annotator is the extension of the annotation files, letters and digits such as qrs; found {found}. Correct "
        "the option."
    ),
    "adapters.box_columns": (
        "marks need the columns {expected}, and some are missing. Name them under columns, or choose another form "
        "under boxes."
    ),
    "adapters.boxes_wrong": (
        "column {column}: expected a JSON list of [a, b, c, d] or [a, b, c, d, score], found {found}. Ask the vendor "
        "for a corrected file."
    ),
    "adapters.column_missing": (
        "the file has no column {found}; it has {known}. Correct the options columns, id or wide."
    ),
    "adapters.column_missing_nearest": (
        "the file has no column {found}. Was {nearest} meant? It has {known}. Correct the options columns, id or wide."
    ),
    "adapters.column_name": "columns has no entry {found}; it knows {known}. Correct the option.",
    "adapters.column_name_nearest": "columns has no entry {found}. Was {nearest} meant? It knows {known}.",
    "adapters.delimiter": "delimiter is one character, found {found}. Correct the option.",
    "adapters.encoding_unknown": "no text encoding is called {found}. Name one such as utf-8 or cp1252.",
    "adapters.entry_malformed": "entry is module:Class, found {found}. Correct it in the candidate's manifest.",
    "adapters.file_empty": "the file has no header line. Ask the vendor for the complete file.",
    "adapters.file_encoding": (
        "the file is not written in {encoding}: byte {found}. Name its encoding in the options, for example cp1252 "
        "or utf-16."
    ),
    "adapters.file_format": "the extension does not tell the format; known are {known}. Add the option file_format.",
    "adapters.file_malformed": (
        "the line cannot be read: {found}. Check the options file_format and delimiter, or ask the vendor for a "
        "corrected file."
    ),
    "adapters.file_missing": "the output file is not there. Put it in its place, or correct the option path.",
    "adapters.file_unreadable": "the file cannot be opened: {found}. Ask the vendor for a sound copy.",
    "adapters.finding_unknown": (
        "the finding {found} is neither mapped nor left out; known are {known}. Add it to findings or to "
        "ignore_findings."
    ),
    "adapters.half_character": (
        "the text {found} holds half of a character (a lone surrogate, shown as �), which cannot be written. Ask "
        "the vendor for a corrected file."
    ),
    "adapters.header_doubled": (
        "several columns have the same title: {found}. Ask the vendor for a file with distinct titles."
    ),
    "adapters.id_ambiguous": "the id {found} names several cases: {cases}. Choose another kind of id.",
    "adapters.id_blank": "the column {column} is empty: the row names no case. Ask the vendor for a corrected file.",
    "adapters.id_option": (
        "id is {{column, is, pad, strip_suffix}} with is one of {known}; found {found}. Correct the option."
    ),
    "adapters.ids_of_other_kind": (
        "{n} {n:#id names|ids name} no case of the set as {asked}: {found}. {of_kind} of them {of_kind:#is|are} known as "
        "{kind}. If the vendor did write those, say id: {{is: {kind}}}; nothing was scored."
    ),
    "adapters.ids_unknown": (
        "{n} {n:#id names|ids name} no case of the set: {found}. Check the option id, or the set that was sent; "
        "nothing was scored."
    ),
    "adapters.no_source_files": (
        "id: {{is: source_file}} stands for the hospital's file names, which the import of pictures or recordings writes into "
        "the column source_file of identity.csv, and the set has none; {n} {n:#id names|ids name} no case: {found}. Put the "
        "identity.csv of the import into the folder of the set, or choose another is."
    ),
    "adapters.image_size_unknown": (
        "boxes are shares of the image's size, and that size is not known here. Give the set its images, or take "
        "scores alone with score_from_marks: highest."
    ),
    "adapters.image_unknown": (
        "{found} is no image of case {case}. Expected a path, file name or SOP Instance UID of its files."
    ),
    "adapters.key_doubled": (
        "the line gives {found} more than once, and nothing says which is meant. Ask the vendor for a corrected file."
    ),
    "adapters.label_unknown": (
        "column {column}: the word {found} has no meaning here; known are {known}. Add it to labels."
    ),
    "adapters.label_unknown_nearest": (
        "column {column}: the word {found} has no meaning here. Was {nearest} meant? Known are {known}. Add it to "
        "labels."
    ),
    "adapters.label_word_twice": "labels gives the word {found} two meanings. Keep one.",
    "adapters.mark_without_image": (
        "case {case} has {n} images and the mark names none. Map the column image, or use SOP Instance UIDs as ids."
    ),
    "adapters.marks_without_score": (
        "score_from_marks: highest needs a score for every mark, and some have none. Map the column score."
    ),
    "adapters.missing_extra": (
        "reading this file needs {package}, which is not installed. Install the extra: pip install dmn-bench[{extra}]."
    ),
    "adapters.needs_marks": (
        "the option {option} is for files with marks, and this one has no column for their place. Map the columns of "
        "the marks, or leave the option out."
    ),
    "adapters.no_finding": (
        "the row names no finding. Map the column finding, or say with the option finding what the file is about."
    ),
    "adapters.no_folder": (
        "there is no folder {found}. Put the annotation files in their place, or correct the option folder."
    ),
    "adapters.no_interpreter": "there is no Python interpreter at {found}. Correct the option python.",
    "adapters.nothing_to_read": (
        "no column holds a score, label, grade, status or mark; the file has {found}. Name them under columns or wide."
    ),
    "adapters.number_not_whole": (
        "column {column}: expected a whole number from 0, found {found}. Check the option columns, or ask the vendor "
        "for a corrected file."
    ),
    "adapters.number_percent": (
        "column {column}: expected a plain number, found {found} with a percent sign. Ask the vendor for numbers "
        "without a unit; an operating point must be on the same scale."
    ),
    "adapters.number_wrong": (
        "column {column}: expected a number with decimal mark {decimal} and no thousands separator, found {found}. "
        "Check the option decimal, or ask the vendor for a corrected file."
    ),
    "adapters.onnx_beat_symbol": (
        "beats.symbols: {found} is no WFDB annotation code. Use one of {known}; N stands for any beat."
    ),
    "adapters.onnx_needs_signals": (
        "{option} is for recordings, and the description has no signals. Add signals, or remove the option."
    ),
    "adapters.onnx_no_further_options": "an ONNX candidate takes no further options, found {found}. Remove them.",
    "adapters.onnx_no_model": "there is no model file {found} here. Put it in its place, or correct the option model.",
    "adapters.onnx_no_output": (
        "the description says nothing of what the model gives back. Add output, episodes or beats."
    ),
    "adapters.onnx_number": "{option}: expected a number {expected}, found {found}. Correct the option.",
    "adapters.onnx_number_for_each_lead": (
        "{option}: expected one number, or {expected}, one for each lead; found {found}. Correct the option."
    ),
    "adapters.onnx_one_input": (
        "an ONNX candidate declares either input (an image) or signals (a recording). Give exactly one."
    ),
    "adapters.onnx_output_needs": "an output of kind {kind} needs the option {option}. Add it.",
    "adapters.onnx_size": "input.size is [rows, columns], both at least 1, found {found}. Correct the option.",
    "adapters.onnx_window_and_samples": (
        "signals.samples ({found}) and window both say how long the model's input is. Remove signals.samples."
    ),
    "adapters.onnx_window_any": (
        "window.combine: any goes with window.score_at_least, and nothing else does. Give both or neither."
    ),
    "adapters.onnx_window_combine": (
        "window.combine: {found} cannot join what an output of kind {kind} says of several windows. Choose another "
        "combine or kind."
    ),
    "adapters.onnx_window_length": "window says its length either in samples or in seconds. Give exactly one.",
    "adapters.onnx_window_size": (
        "window: a length of {found} and a step of {step} cannot be cut at {hz} Hz. Both must be whole numbers of "
        "samples from 1 to {most}, the step at most the length."
    ),
    "adapters.prefix_missing": "no column begins with {found}. Correct the option wide_prefix.",
    "adapters.row_width": (
        "expected {expected} cells as in the header, found {found}. Check the option delimiter, or ask the vendor "
        "for a corrected file."
    ),
    "adapters.score_without_marks": (
        "a case without a mark would score {limit}, above the lowest mark at {found}. Lower the option "
        "score_without_marks."
    ),
    "adapters.several_images": (
        "the file answers for several images of this case. Say combine_images: highest, or make each image a case."
    ),
    "adapters.sheet_unknown": "the workbook has no sheet {found}; it has {known}. Correct the option sheet.",
    "adapters.status_not_the_vendors": (
        "column {column}: the status {found} is not for a vendor to state. Map it to failed, or ask for a corrected "
        "file."
    ),
    "adapters.status_unknown": (
        "column {column}: the status {found} has no meaning here; known are {known}. Add it to statuses."
    ),
    "adapters.status_unknown_nearest": (
        "column {column}: the status {found} has no meaning here. Was {nearest} meant? Known are {known}. Add it to "
        "statuses."
    ),
    "adapters.grades_of_columns": (
        "grades should list a grade for each of the {n} columns of grade_scores, whole numbers from 0 up in ascending order; found [{found}]. Correct the option, or put the columns in that order."
    ),
    "adapters.onnx_grades": (
        "grades belongs to an output of kind grade: whole numbers from 0 up in ascending order, one for each element; found [{found}] at kind {kind}. Correct the option."
    ),
    "adapters.grade_word_unknown": 'column {column}: {found} is no grade (in {n} rows, the first is this one). Known are {known}. Add it to grade_words, with its grade or, where the unit was not graded, a status: `grade_words: {{"{found}": abstained}}`.',
    "adapters.side_unknown": 'column {column}: “{found}” is no side (in {n} rows, the first is this one). Known are {known}. Correct the file, or leave the column out with columns: {{laterality: ""}}.',
}
