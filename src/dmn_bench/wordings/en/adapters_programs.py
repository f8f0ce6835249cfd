"""English sentences of the room `adapters_programs`: programs and containers."""

WORDS: dict[str, str] = {
    "adapters_programs.at_least_one": "{option} is at least 1, found {found}. Correct the option.",
    "adapters_programs.command_place": (
        "the command does not say where {expected} goes: {found}. Put {expected} among its words."
    ),
    "adapters_programs.dicom_needs_dicom": (
        "results: dicom can be matched to images only if the candidate receives dicom, found {found}. Set receives to "
        "dicom, or results to json."
    ),
    "adapters_programs.dicom_unused": "dicom says how result objects are read, and results is not dicom. Remove one.",
    "adapters_programs.exit_code": (
        "exit_statuses names exit codes from 1 to 255, found {found}. Correct the option; 0 always means that the "
        "output is to be read."
    ),
    "adapters_programs.exit_code_of_batch": (
        "an exit code cannot speak for several cases: exit_statuses needs batch: 1. Remove one of the two."
    ),
    "adapters_programs.no_file": "{found} is not there. Put it in its place, or correct the option.",
    "adapters_programs.no_further_options": "this adapter has no options for a class, found {found}. Remove them.",
    "adapters_programs.no_program": (
        "the program {found} is not there. With a slash it is looked for from the candidate's folder, without in "
        "{known}. Correct the first word of command."
    ),
    "adapters_programs.not_executable": "{found} may not be executed. Make it executable (chmod +x).",
}
