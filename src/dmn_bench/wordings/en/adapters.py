"""English sentences of the room `adapters`."""

WORDS: dict[str, str] = {}
