"""English sentences of the room `inputs`."""

WORDS: dict[str, str] = {}
