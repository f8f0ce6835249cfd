"""English sentences of the room `ecg_import`: recordings of a folder that become cases of a reference set."""

WORDS: dict[str, str] = {
    "ecg_import.incorporates_machine_statement": (
        "Incorporation: the reference of {records} {n:#record|records} was edited from the machine's own statement, and in "
        "{unchanged} of them ({share}) it was confirmed word for word. How far that machine agrees with this reference is "
        "not its performance."
    ),
    "ecg_import.incorporates_machine_measurement": (
        "Incorporation: the measured values of {records} {n:#record|records} are the machine's own, {unchanged} of them "
        "({share}) as it printed them. How far that machine agrees with them is not its performance."
    ),
    # ---------------------------------------------------------------------------------------------------- options
    "ecg_import.help.files": (
        "Folder of ECGs or pictures to import, with its subfolders: what in it is of the set's modality becomes a case."
    ),
    "ecg_import.help.finding": ("Finding of the card to import; by default all of them. May be given several times."),
    "ecg_import.help.unmentioned": (
        "What a finding is that a confirmed report does not mention, or that is not drawn on an annotated picture: "
        "unverified, or negative if you vouch for it."
    ),
    "ecg_import.help.accept_unconfirmed": "Take the statements of reports that no physician has signed for true as well.",
    "ecg_import.help.statements": (
        "CSV (text,finding,label) of what statements of your own mean; an empty finding: nothing that is looked for."
    ),
    "ecg_import.help.measurements": (
        "Take the measured values of confirmed reports for findings of the card that have a unit (pr_interval, ...)."
    ),
    "ecg_import.help.table": (
        "Table of a collection: ptbxl_database.csv of PTB-XL, or metadata.csv of SPH. Of pictures: CSV (file,patient,exam, "
        "laterality and columns of strata)."
    ),
    "ecg_import.help.likelihood": "From which likelihood on (0 to 100) a statement of PTB-XL is certain; below, doubtful.",
    "ecg_import.help.hospitals": "The folders directly below --files are hospitals, each with patient ids of its own.",
    "ecg_import.help.holter_table": "CSV of Holter reports, one row for each recording, where no beat is annotated.",
    "ecg_import.help.holter_columns": "CSV (column,finding,unit) of what the columns of --holter-table state.",
    "ecg_import.files_or_archive": "--files imports from a folder; take the options of an archive away, or --files.",
    "ecg_import.needs_files": "{found} says how a folder is imported. Name the folder: --files.",
    "ecg_import.holter_needs_both": "a report table and the meaning of its columns belong together. Give both.",
    # ------------------------------------------------------------------------------------------------- what is wrong
    "ecg_import.no_folder": "there is no such folder. Name the folder of the recordings or pictures.",
    "ecg_import.folder_in_set": (
        "the folder of the files and that of the set lie in each other. Keep the set elsewhere: it holds copies "
        "without identity, and the folder does not."
    ),
    "ecg_import.not_ecg": "the modality of the set is {found}, and recordings are ECG. Import into a set of modality ECG.",
    "ecg_import.finding_unknown": "the card has no finding “{found}”; it has: {known}.",
    "ecg_import.finding_without_statements": (
        "no statement is mapped to the finding “{found}”: its truth stays to be written. Names that statements are "
        "mapped to are listed in the documentation; --statements maps texts of your own."
    ),
    "ecg_import.no_annotator": (
        "annotations are copied under the name that the card gives them, and it gives none. Fill in wfdb_annotator of "
        "reference_standard."
    ),
    "ecg_import.no_measured_finding": (
        "no finding of the card has a unit. Give those that are measurements theirs: {{name: pr_interval, unit: ms}}."
    ),
    "ecg_import.too_few": "{expected} recordings were to be drawn, and the folder has {found}. Draw fewer.",
    "ecg_import.link": "it is a link, and links are not followed. Copy what it points to into the folder.",
    "ecg_import.no_h5py": "the package h5py is not installed, and it reads this file. Install dmn-bench[ecg-formats].",
    "ecg_import.not_twelve_leads": (
        "expected a dataset “ecg” of twelve leads of floating-point numbers, and there is none. The file is not one of "
        "the collection."
    ),
    "ecg_import.table_unknown": (
        "expected the columns of PTB-XL (ecg_id, patient_id, scp_codes, filename_lr, filename_hr) or of SPH (ECG_ID, "
        "AHA_Code, Patient_ID); found neither. Name the table of the collection itself."
    ),
    "ecg_import.table_columns": "the first line must name the columns, each by a name of its own.",
    "ecg_import.table_too_large": "the table is larger than 1 GiB. Cut it to the rows that are imported.",
    "ecg_import.bad_likelihoods": (
        "expected statements with likelihoods from 0 to 100, as in {{'NORM': 100.0}}, found “{found}”."
    ),
    "ecg_import.bad_aha_code": "expected AHA codes such as 50+346, found “{found}”.",
    "ecg_import.meaning_label": "the label is “{found}”; expected positive, indeterminate, or nothing.",
    "ecg_import.meaning_unknown": (
        "“{found}” is neither a finding of the card nor one that statements are mapped to. Correct it, or leave the "
        "finding empty if the text says nothing of findings."
    ),
    "ecg_import.meaning_twice": "the same text stands in line {line} with the same finding. Keep one of them.",
    "ecg_import.twice": "it is the same recording as {other} ({first}) and was left out.",
    "ecg_import.twice_confirmed": (
        "it is the same recording as {other} ({first}), and its report counts before the one there, which nobody has "
        "signed: the truth of {other} is this report's. The file itself was left out."
    ),
    "ecg_import.twice_contradicts": (
        "it is the same recording as {other} ({first}), and the two signed reports do not say the same of {found}: this is "
        "unverified now. Find out which report counts, and write what it says into truth.csv."
    ),
    "ecg_import.twice_two_patients": (
        "it is the same recording as {other} ({first}), under the id of another patient. It was left out: find out whose it "
        "is."
    ),
    "ecg_import.perhaps_twice": (
        "{other} ({first}) is of the same patient, second and length, with other samples. Both were entered: find out "
        "whether they are one recording stored twice, and take one of them out if so."
    ),
    # --------------------------------------------------------------------------------------------------- report table
    "ecg_import.holter_no_column": "the report table has no column “{found}”; it has: {known}.",
    "ecg_import.holter_no_unit": (
        "the finding “{found}” has no unit in the card. Give it one, as in {{name: longest_pause, unit: s}}, or write "
        "yes_no if the column says yes or no."
    ),
    "ecg_import.holter_other_unit": "the column is in {found}, and the card states the finding in {expected}: these do not fit.",
    "ecg_import.holter_finding_twice": "the finding “{found}” is stated by a column above already. Keep one of them.",
    "ecg_import.holter_one_key": (
        "exactly one column must say of which recording a row is. Call it file (the name of the recording's file) or "
        "patient (the hospital's id) in the column finding."
    ),
    "ecg_import.holter_names_nothing": "the row names no recording: its column “{column}” is empty.",
    "ecg_import.holter_twice": "line {line} is of the same recording. Keep one of them.",
    "ecg_import.holter_not_a_number": (
        "column “{column}”: expected a number in {unit}, or a duration such as 1 h 23 min or 2,4 s; found “{found}”. "
        "Nothing was entered for it."
    ),
    "ecg_import.holter_ambiguous": (
        "column “{column}”: “{found}” may be a thousand or have three decimals. Say which sign the table puts before "
        "decimals, by a row of the file of the columns: *,decimal,comma or *,decimal,point. Nothing was entered for it."
    ),
    "ecg_import.holter_impossible": (
        "column “{column}” in {unit}: “{found}” cannot be, for durations, rates and counts are not below 0 and shares not "
        "above 100 %. Correct it. Nothing was entered for it."
    ),
    "ecg_import.holter_decimal": (
        "which sign stands before decimals was expected once, as *,decimal,comma or *,decimal,point; found “{found}”."
    ),
    "ecg_import.holter_not_yes_no": "column “{column}”: expected oui or non, yes or no; found “{found}”. Nothing was entered for it.",
    "ecg_import.holter_no_recording": "the set has no recording of this name. Nothing was entered for the row.",
    "ecg_import.holter_several": "{n} recordings of the set have this name. Nothing was entered for the row.",
    "ecg_import.holter_stated": "{n} {n:#value was|values were} not entered: truth.csv states them already.",
    # ------------------------------------------------------------------------------------------------------- the end
    "ecg_import.done": (
        "{recordings} {recordings:#recording|recordings} entered into {folder}; {known} {known:#was|were} there already."
    ),
    "ecg_import.left_out.unreadable": (
        "{n} {n:#recording was|recordings were} left out: not readable, see above; the same command tries again."
    ),
    "ecg_import.left_out.twice": "{n} {n:#recording was|recordings were} left out: the same as another, see above.",
    "ecg_import.left_out.not_drawn": "{n} {n:#recording was|recordings were} not drawn, and stand so in sampling.csv.",
    "ecg_import.left_out.not_recordings": "{n} {n:#file is no recording|files are no recordings} that a reader knows.",
    "ecg_import.without_patient": (
        "{n} {n:#case has|cases have} no patient id: each counts as its own patient, and every report will say so."
    ),
    "ecg_import.annotated": (
        "Reference annotations copied for {n} {n:#recording|recordings}; {without} without; {dropped} notes left out, as "
        "they may hold names."
    ),
    "ecg_import.truth": (
        "{finding}: {positive} positive, {negative} negative, {indeterminate} indeterminate, {unverified} unverified"
    ),
    "ecg_import.truth_numbers": "{finding}: {n} {n:#value|values}, {unverified} unverified",
    "ecg_import.open": (
        "{n} {n:#report holds|reports hold} a statement that nobody has mapped: what they do not mention stays "
        "unverified there."
    ),
    "ecg_import.unmapped": "{n} {n:#statement|statements} without a meaning are listed with their counts in {folder}.",
    "ecg_import.machine": (
        "What the machine itself stated of {n} {n:#recording|recordings} is in {folder}; README.txt there says how a "
        "protocol compares with it."
    ),
    "ecg_import.incorporated": (
        "Noted in the card: {records} {records:#record was|records were} confirmed from the machine's statement, "
        "{unchanged} word for word. Agreement with that machine is not its performance."
    ),
    "ecg_import.incorporated_measurement": (
        "Noted in the card: the measured values of {records} {records:#record|records} are the machine's own."
    ),
    "ecg_import.holter": "Figures of the report table entered for {n} {n:#recording|recordings}.",
    "ecg_import.unlabelled": "{n} {n:#row|rows} of the collection's table {n:#has|have} no file in the folder.",
    "ecg_import.next": (
        "Next: look at truth.csv and at what was left out, dmn-bench refset check {folder}, dmn-bench refset lock {folder}."
    ),
    "ecg_import.beside_readme": (
        "Written by the import of ECGs; no part of the reference set, and never in it.\n"
        "\n"
        "machine_statements.csv: what the machine itself stated, by case and finding. To hold a device against it, name\n"
        "it in the protocol:\n"
        "\n"
        "  - id: cart\n"
        "    role: comparator\n"
        "    adapter: predictions\n"
        "    options: {{path: {path}}}\n"
        "\n"
        "Where the truth was edited from this very statement (incorporates, in the card), its agreement with the truth is\n"
        "not its performance. A case without rows has no statement of a machine, or only statements nobody has mapped.\n"
        "\n"
        "unmapped_statements.csv: statements whose meaning nobody has told, with the number of files that have them.\n"
        "confidential_unmapped_statements.csv: likewise, of texts with words that may be names. Keep it as you keep\n"
        "identity.csv. Write what they mean into a file (text,finding,label) and import a new set with --statements."
    ),
}
