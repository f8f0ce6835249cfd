"""English sentences of the room `demo`."""

WORDS: dict[str, str] = {}
