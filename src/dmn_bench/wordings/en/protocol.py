"""English sentences of the room `protocol`."""

WORDS: dict[str, str] = {}
