"""French sentences of the room `refset`."""

WORDS: dict[str, str] = {}
