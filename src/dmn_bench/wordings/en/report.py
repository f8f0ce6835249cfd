"""English sentences of the room `report`."""

WORDS: dict[str, str] = {}
