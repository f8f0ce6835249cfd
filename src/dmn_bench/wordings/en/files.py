"""English sentences of the room `files`."""

WORDS: dict[str, str] = {
    "files.cannot_write": "the file cannot be written: {found}. Free some space or choose another folder.",
    "files.cannot_work_in": "nothing can be written or started here: {found}. Free some space, or name another folder for temporary files in TMPDIR.",
    "files.not_shipped": "the folder “{found}” that comes with dmn-bench is missing. Install dmn-bench again.",
    "files.cannot_read": "the file cannot be read: {found}. Check that it exists and that you may read it.",
    "files.not_utf8": "the file is not in UTF-8 from this place on. Save it again as UTF-8.",
    "files.yaml_syntax": "this is not valid YAML: {found}. Correct the line, or the one above it.",
    "files.yaml_too_long": "the file is longer than {limit} bytes. Put long lists into a CSV table.",
    "files.yaml_too_deep": "the lists and mappings are nested more than {limit} deep. Simplify the file.",
    "files.yaml_one_document": (
        "one document without a %YAML directive was expected here. Delete the directive, or what follows the line "
        "“---”."
    ),
    "files.yaml_alias": "the anchor or alias “{found}” is not accepted. Write the value out where it is needed.",
    "files.yaml_empty": "the file is empty. Fill it in, or make a new one with the command that writes a template.",
    "files.yaml_tag": "the tag “{found}” is not accepted. Write the value without a tag.",
    "files.yaml_key": "a key must be a single text. Write it as one word followed by a colon.",
    "files.yaml_doubled_key": "the key “{found}” stands here for the second time. Keep one of the two.",
    "files.yaml_value": (
        "“{found}” cannot be used as a value. Write a finite number, or put the text in quotation marks."
    ),
    "files.key_missing": "the key “{found}” is missing. Add it.",
    "files.key_unknown": "the key “{found}” is not known here; known are: {known}. Correct or delete it.",
    "files.key_unknown_nearest": "the key “{found}” is not known here; did you mean “{nearest}”? Known are: {known}.",
    "files.value_not_allowed": "“{key}” is {found}; allowed are: {known}. Choose one of these.",
    "files.value_empty": "“{key}” is empty. Fill it in, or leave the key out if it is optional.",
    "files.value_wrong": "“{key}” is {found}, which is not accepted ({reason}). Correct it.",
    "files.must_be_above": "“{key}” is {found}; it must be above {limit}.",
    "files.must_be_at_least": "“{key}” is {found}; it must be at least {limit}.",
    "files.must_be_below": "“{key}” is {found}; it must be below {limit}.",
    "files.must_be_at_most": "“{key}” is {found}; it must be at most {limit}.",
    "files.too_few_entries": "“{key}” has too few entries; give at least {limit}.",
    "files.too_many_entries": "“{key}” has too many entries; give at most {limit}.",
    "files.text_too_short": "“{key}” is {found}; write at least {limit} {limit:#character|characters}.",
    "files.text_too_long": "“{key}” is too long; write at most {limit} {limit:#character|characters}.",
    "files.text_form": "“{key}” is {found}, which has not the expected form ({limit}). Correct it.",
    "files.expected_text": "“{key}” is {found}; a text was expected. Put the value in quotation marks.",
    "files.expected_whole_number": "“{key}” is {found}; a whole number was expected.",
    "files.expected_number": "“{key}” is {found}; a number was expected.",
    "files.expected_yes_no": "“{key}” is {found}; true or false was expected.",
    "files.expected_list": (
        "“{key}” is {found}; a list was expected. Write it in square brackets or with one dash for each entry."
    ),
    "files.expected_mapping": "“{key}” is {found}; keys with values were expected. Write “key: value”, one to a line.",
    "files.expected_date": "“{key}” is {found}; a date was expected, written year-month-day, as in 2026-01-31.",
}
