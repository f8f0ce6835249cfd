"""English sentences of the room `files`."""

WORDS: dict[str, str] = {
    "files.cannot_write": "the file cannot be written: {found}. Free some space or choose another folder.",
}
