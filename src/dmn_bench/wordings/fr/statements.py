"""French sentences of the room `statements`: tasks, metrics and files of ECG statements."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "statements.doubled": "l’énoncé « {found} » figure deux fois. L’écrire une seule fois.",
    "statements.group_name": (
        "le groupe « {found} » porte le nom d’un énoncé jugé à côté de lui. Donner un autre nom au groupe."
    ),
    "statements.group_empty": "le groupe « {found} » n’a aucun membre. Énumérer les constats dont un seul suffit.",
    "statements.no_folder": (
        "il n’y a pas de dossier {found}. Mettre les fichiers à leur place, ou corriger l’option folder."
    ),
    "statements.files_unknown": (
        "{n} {n:#fichier ou cas ne désigne|fichiers ou cas ne désignent} aucun enregistrement du jeu : {found}. "
        "Vérifier le jeu, le dossier et l’option record."
    ),
    "statements.files_doubled": "{n} {n:#enregistrement a|enregistrements ont} deux fichiers : {found}. N’en garder qu’un.",
    "statements.files_absent": (
        "{n} {n:#fichier n’est|fichiers ne sont} pas dans le dossier : {found}. Les y mettre, ou corriger la table."
    ),
    "statements.source_of_several": (
        "{n} {n:#nom de fichier désigne|noms de fichier désignent} plusieurs cas dans la table : {found}. Dire dans une "
        "table avec les colonnes case_id et file à qui est chaque fichier."
    ),
    "statements.table_unreadable": (
        "la table devrait être un fichier CSV en UTF-8 avec les colonnes case_id et file, ou le identity.csv d’un "
        "import d’enregistrements (case_id et source_file). La corriger, ou omettre l’option table."
    ),
    "statements.classes_unknown": (
        "{n} {n:#classe est|classes sont} sans constat : {found}. Nommer leurs constats dans l’option findings, ou les "
        "laisser de côté par ignore_findings."
    ),
    "statements.classes_number": (
        "il faut {n} classes différentes, et l’option classes dit : {found}. Nommez-les toutes, dans l’ordre du concours."
    ),
    "statements.no_references": (
        "un critère « statements » a besoin de ce que le jeu de référence énonce de chaque constat, et n’a rien reçu. "
        "Le lancer par un protocole, ou remettre `references` à la tâche."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
