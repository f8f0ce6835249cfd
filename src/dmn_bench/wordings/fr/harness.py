"""French sentences of the room `harness`."""

WORDS: dict[str, str] = {}
