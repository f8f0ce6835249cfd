"""French sentences of the room `statements`: tasks, metrics and files of ECG statements."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "statements.doubled": "l’énoncé « {found} » figure deux fois. L’écrire une seule fois.",
    "statements.group_name": (
        "le groupe « {found} » porte le nom d’un énoncé jugé à côté de lui. Donner un autre nom au groupe."
    ),
    "statements.group_empty": "le groupe « {found} » n’a aucun membre. Énumérer les constats dont un seul suffit.",
    "statements.no_references": (
        "un critère « statements » a besoin de ce que le jeu de référence énonce de chaque constat, et n’a rien reçu. "
        "Le lancer par un protocole, ou remettre `references` à la tâche."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
