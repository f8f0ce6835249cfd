"""English sentences of the room `statements`: tasks, metrics and files of ECG statements."""

WORDS: dict[str, str] = {
    "statements.doubled": "the statement “{found}” is listed twice. Write it once.",
    "statements.group_name": (
        "the group “{found}” has the name of a statement that is judged beside it. Give the group another name."
    ),
    "statements.group_empty": "the group “{found}” has no members. List the findings of which one suffices.",
    "statements.no_folder": "there is no folder {found}. Put the files in their place, or correct the option folder.",
    "statements.files_unknown": (
        "{n} {n:#file or case names|files or cases name} no record of the set: {found}. "
        "Check the set, the folder and the option record."
    ),
    "statements.files_doubled": "{n} {n:#record has|records have} two files: {found}. Keep one of them.",
    "statements.files_absent": (
        "{n} {n:#file is|files are} not in the folder: {found}. Put them there, or correct the table."
    ),
    "statements.source_of_several": (
        "{n} {n:#file name stands|file names stand} for several cases in the table: {found}. Say in a table with the "
        "columns case_id and file which file is whose."
    ),
    "statements.table_unreadable": (
        "the table should be a CSV file in UTF-8 with the columns case_id and file, or the identity.csv of an import "
        "of recordings (case_id and source_file). Correct it, or leave the option table out."
    ),
    "statements.classes_unknown": (
        "{n} {n:#class has|classes have} no finding: {found}. Name their findings in the option findings, or leave them "
        "out by ignore_findings."
    ),
    "statements.classes_number": (
        "{n} different classes are needed, and the option classes says: {found}. Name them all, in the order of the challenge."
    ),
    "statements.no_references": (
        "a statements endpoint needs what the reference set states of every finding, and got nothing. "
        "Run it through a protocol, or hand `references` to the task."
    ),
}
