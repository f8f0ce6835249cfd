"""English sentences of the room `statements`: tasks, metrics and files of ECG statements."""

WORDS: dict[str, str] = {
    "statements.doubled": "the statement “{found}” is listed twice. Write it once.",
    "statements.group_name": (
        "the group “{found}” has the name of a statement that is judged beside it. Give the group another name."
    ),
    "statements.group_empty": "the group “{found}” has no members. List the findings of which one suffices.",
    "statements.no_references": (
        "a statements endpoint needs what the reference set states of every finding, and got nothing. "
        "Run it through a protocol, or hand `references` to the task."
    ),
}
