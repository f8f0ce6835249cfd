"""French sentences of the room `execution`."""

WORDS: dict[str, str] = {}
