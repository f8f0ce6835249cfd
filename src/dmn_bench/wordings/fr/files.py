"""French sentences of the room `files`."""

WORDS: dict[str, str] = {
    "files.cannot_write": "le fichier ne peut pas être écrit : {found}. Libérez de la place ou choisissez un autre dossier.",
}
