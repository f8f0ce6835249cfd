"""English sentences of the room `ecg_import`."""

WORDS: dict[str, str] = {
    "ecg_import.incorporates_machine_statement": (
        "Incorporation: the reference of {records} {n:#record|records} was edited from the machine's own statement, and in "
        "{unchanged} of them ({share}) it was confirmed word for word. How far that machine agrees with this reference is "
        "not its performance."
    ),
}
