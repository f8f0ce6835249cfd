"""English sentences of the room `execution`."""

WORDS: dict[str, str] = {}
