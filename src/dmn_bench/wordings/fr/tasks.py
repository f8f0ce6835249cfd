"""French sentences of the room `tasks`."""

WORDS: dict[str, str] = {}
