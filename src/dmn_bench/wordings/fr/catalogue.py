"""French sentences of the room `catalogue`."""

WORDS: dict[str, str] = {}
