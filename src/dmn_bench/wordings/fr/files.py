"""French sentences of the room `files`."""

WORDS: dict[str, str] = {
    "files.cannot_write": (
        "le fichier ne peut pas être écrit : {found}. Libérez de la place ou choisissez un autre dossier."
    ),
    "files.cannot_work_in": "rien ne peut être écrit ni démarré ici : {found}. Libérez de la place, ou indiquez dans TMPDIR un autre dossier pour les fichiers temporaires.",
    "files.not_shipped": "le dossier « {found} » livré avec dmn-bench est absent. Réinstallez dmn-bench.",
    "files.cannot_read": (
        "le fichier ne peut pas être lu : {found}. Vérifiez qu’il existe et que vous avez le droit de le lire."
    ),
    "files.not_utf8": "le fichier n’est pas en UTF-8 à partir d’ici. Enregistrez-le de nouveau en UTF-8.",
    "files.yaml_syntax": "ce n’est pas du YAML valide : {found}. Corrigez cette ligne ou celle qui la précède.",
    "files.yaml_too_long": "le fichier dépasse {limit} octets. Mettez les longues listes dans un tableau CSV.",
    "files.yaml_too_deep": "les listes et les clés sont imbriquées sur plus de {limit} niveaux. Simplifiez le fichier.",
    "files.yaml_one_document": (
        "un seul document sans directive %YAML était attendu ici. Supprimez la directive, ou ce qui suit la ligne "
        "« --- »."
    ),
    "files.yaml_alias": (
        "l’ancre ou l’alias « {found} » n’est pas accepté. Écrivez la valeur en toutes lettres là où elle sert."
    ),
    "files.yaml_empty": "le fichier est vide. Remplissez-le, ou recréez-le avec la commande qui écrit un modèle.",
    "files.yaml_tag": "l’étiquette YAML « {found} » n’est pas acceptée. Écrivez la valeur sans étiquette.",
    "files.yaml_key": "une clé doit être un texte simple. Écrivez-la en un mot suivi de deux-points.",
    "files.yaml_doubled_key": "la clé « {found} » figure ici pour la deuxième fois. N’en gardez qu’une.",
    "files.yaml_value": (
        "« {found} » ne peut pas servir de valeur. Écrivez un nombre fini, ou mettez le texte entre guillemets."
    ),
    "files.key_missing": "la clé « {found} » manque. Ajoutez-la.",
    "files.key_unknown": (
        "la clé « {found} » n’est pas connue ici ; clés connues : {known}. Corrigez-la ou supprimez-la."
    ),
    "files.key_unknown_nearest": (
        "la clé « {found} » n’est pas connue ici ; vouliez-vous écrire « {nearest} » ? Clés connues : {known}."
    ),
    "files.value_not_allowed": "« {key} » vaut {found} ; valeurs permises : {known}. Choisissez l’une d’elles.",
    "files.value_empty": "« {key} » est vide. Donnez-lui une valeur, ou retirez la clé si elle est facultative.",
    "files.value_wrong": "« {key} » vaut {found}, ce qui n’est pas accepté ({reason}). Corrigez la valeur.",
    "files.must_be_above": "« {key} » vaut {found} ; la valeur doit être supérieure à {limit}.",
    "files.must_be_at_least": "« {key} » vaut {found} ; la valeur doit être d’au moins {limit}.",
    "files.must_be_below": "« {key} » vaut {found} ; la valeur doit être inférieure à {limit}.",
    "files.must_be_at_most": "« {key} » vaut {found} ; la valeur doit être d’au plus {limit}.",
    "files.too_few_entries": "« {key} » compte trop peu d’éléments ; donnez-en au moins {limit}.",
    "files.too_many_entries": "« {key} » compte trop d’éléments ; donnez-en au plus {limit}.",
    "files.text_too_short": "« {key} » vaut {found} ; écrivez au moins {limit} {limit:#caractère|caractères}.",
    "files.text_too_long": "« {key} » est trop long ; écrivez au plus {limit} {limit:#caractère|caractères}.",
    "files.text_form": "« {key} » vaut {found}, qui n’a pas la forme attendue ({limit}). Corrigez la valeur.",
    "files.expected_text": "« {key} » vaut {found} ; un texte était attendu. Mettez la valeur entre guillemets.",
    "files.expected_whole_number": "« {key} » vaut {found} ; un nombre entier était attendu.",
    "files.expected_number": "« {key} » vaut {found} ; un nombre était attendu.",
    "files.expected_yes_no": "« {key} » vaut {found} ; true (oui) ou false (non) était attendu.",
    "files.expected_list": (
        "« {key} » vaut {found} ; une liste était attendue. Écrivez-la entre crochets, ou avec un tiret par élément."
    ),
    "files.expected_mapping": (
        "« {key} » vaut {found} ; des clés avec leurs valeurs étaient attendues. Écrivez « clé: valeur », une par "
        "ligne."
    ),
    "files.expected_date": (
        "« {key} » vaut {found} ; une date était attendue, sous la forme année-mois-jour, comme 2026-01-31."
    ),
}
