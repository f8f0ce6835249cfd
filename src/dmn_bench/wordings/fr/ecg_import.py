"""French sentences of the room `ecg_import`."""

WORDS: dict[str, str] = {
    "ecg_import.incorporates_machine_statement": (
        "Incorporation : la référence de {records} {n:#enregistrement|enregistrements} a été corrigée à partir de l'énoncé de "
        "la machine ; {unchanged} ({share}) ont été validés mot pour mot. L'accord de cette machine avec cette "
        "référence n'est pas sa performance."
    ),
}
