"""French sentences of the room `cli`."""

WORDS: dict[str, str] = {
    "cli.done": "Terminé.",
}
