"""English sentences of the room `execution`."""

WORDS: dict[str, str] = {
    "execution.candidate_does_not_load": (
        "the candidate's model could not be loaded: it {found}. No case was held against it. Last lines: {details}. "
        "Correct the candidate package, or ask its vendor."
    ),
    "execution.interrupted": (
        "stopped after {answered} of {all} {all:#case|cases}; the answers so far are kept."
    ),
    "execution.ledger_busy": (
        "another run is writing to this file of answers. Wait until it has ended, or choose another folder."
    ),
    "execution.ledger_damaged": (
        "the file of answers is damaged: {found}. Restore it from a copy, or move it away and ask the candidate again."
    ),
    "execution.ledger_not_written": (
        "the file of answers cannot be read or written: {found}. Free some space, check the rights on the folder, or "
        "choose another one."
    ),
    "execution.ledger_of_other_questions": (
        "this file holds answers to other questions: expected {expected}, found {found} ({format}). Choose another "
        "folder for the answers, or run the protocol that they belong to."
    ),
    "execution.linux_only": (
        "running a candidate's program needs the isolation of Linux, and this system is {found}. Test it from its "
        "output files (adapter predictions), or run on Linux."
    ),
}
