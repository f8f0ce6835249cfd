"""French sentences of the room `catalogue`."""

WORDS: dict[str, str] = {
    "catalogue.unknown_part": ("aucune partie « {found} » ({kind:@}) ; noms connus : {known}. Corrigez le nom."),
    "catalogue.unknown_part_nearest": (
        "aucune partie « {found} » ({kind:@}) ; vouliez-vous dire « {nearest} » ? Noms connus : {known}."
    ),
    "catalogue.unknown_option": (
        "« {name} » ({kind:@} de {provider}) n’a pas d’option « {option} » ; ses options : {known}. "
        "Corrigez-la ou supprimez-la."
    ),
    "catalogue.unknown_option_nearest": (
        "« {name} » ({kind:@} de {provider}) n’a pas d’option « {option} » ; vouliez-vous dire "
        "« {nearest} » ? Ses options : {known}."
    ),
    "catalogue.missing_option": (
        "« {name} » ({kind:@} de {provider}) a besoin de l’option « {option} ». Ajoutez-la, avec cette "
        "valeur : {expected:@}."
    ),
    "catalogue.option_type": (
        "l’option « {option} » de « {name} » ({kind:@} de {provider}) attend {expected:@} ; "
        "valeur trouvée : {found}. Corrigez-la."
    ),
    "catalogue.option_value": (
        "les options de « {name} » ({kind:@} de {provider}) sont refusées à « {option} » : {reason}. "
        "Corrigez la valeur."
    ),
    "catalogue.unresolved_type": (
        "les types des options de « {name} » ({kind:@} de {provider}) ne peuvent pas être résolus : "
        "{found}. L’auteur de l’extension doit les importer à l’exécution, et pas seulement pour la vérification des "
        "types."
    ),
    "catalogue.import_failed": (
        "« {module} » de l’extension {provider} ne peut pas être importé : {reason}. Réparez ou retirez l’extension."
    ),
    "catalogue.imported_elsewhere": (
        "« {module} » de l’extension {provider} devait être importé depuis ce dossier, mais un autre module du même "
        "nom passe avant lui : {found}. Renommez le module, ou désinstallez l’autre."
    ),
    "catalogue.pyproject_unreadable": "le fichier ne peut pas être lu : {found}. Corrigez-le.",
    "catalogue.no_extension": (
        "aucune extension trouvée ici : ni ce dossier, ni un dossier placé directement en dessous, n’a de "
        "pyproject.toml avec un point d’entrée du groupe « {group} ». Corrigez le dossier, ou ajoutez le point "
        "d’entrée."
    ),
    "catalogue.both_doors": (
        "ce paquet est à la fois un candidat ({file}) et une extension : le code à évaluer s’exécuterait à côté de la "
        "référence. Séparez-le en deux paquets."
    ),
    "catalogue.unknown_hook": (
        "l’extension {provider} utilise le point d’accroche « {found} », qui n’existe pas ; points d’accroche : "
        "{known}. Corrigez le nom."
    ),
    "catalogue.unknown_hook_nearest": (
        "l’extension {provider} utilise le point d’accroche « {found} », qui n’existe pas ; vouliez-vous dire "
        "« {nearest} » ? Points d’accroche : {known}."
    ),
    "catalogue.unmarked_hook": (
        "la fonction « {hook} » de l’extension {provider} ressemble à un point d’accroche, mais n’est pas marquée "
        "comme tel. Placez @hookimpl devant elle, ou renommez-la."
    ),
    "catalogue.no_hooks": (
        "l’extension {provider} n’utilise aucun point d’accroche. Utilisez au moins l’un de ceux-ci : {known}."
    ),
    "catalogue.hook_failed": (
        "le point d’accroche « {hook} » de l’extension {provider} a échoué : {reason}. Réparez ou retirez l’extension."
    ),
    "catalogue.hook_refused": (
        "les points d’accroche de l’extension {provider} n’ont pas la forme attendue : {reason}. Un point d’accroche "
        "ne prend aucun argument et renvoie une liste."
    ),
    "catalogue.hook_not_a_list": (
        "le point d’accroche « {hook} » de l’extension {provider} doit renvoyer une liste ; il renvoie {found}. "
        "Corrigez-le."
    ),
    "catalogue.part_not_a_class": (
        "l’extension {provider} enregistre {found} comme {kind:@} ; une classe était attendue. "
        "Renvoyez la classe elle-même."
    ),
    "catalogue.part_without_name": (
        "« {found} » ({kind:@}) de l’extension {provider} n’a pas de nom, ou un nom qui n’est pas de "
        "la forme « a-z 0-9 _ . - ». Donnez à la classe un attribut « name »."
    ),
    "catalogue.part_without_doc": (
        "« {found} » ({kind:@}) de l’extension {provider} n’a pas de docstring. Dites en une phrase ce que c’est."
    ),
    "catalogue.part_incomplete": (
        "il manque à « {found} » ({kind:@}) de l’extension {provider} : {missing}. Ajoutez ce que "
        "demande la page des points d’accroche."
    ),
    "catalogue.doubled_part": (
        "deux fournisseurs enregistrent une partie ({kind:@}) du nom de « {name} » : {first} et {second}. "
        "Retirez-en un, ou renommez son composant."
    ),
    "catalogue.doubled_candidate": (
        "deux paquets candidats ont l’identifiant « {name} » : {first} et {second}. Changez celui de l’un d’eux."
    ),
    "catalogue.no_manifest": (
        "aucun paquet candidat trouvé ici : il n’y a pas de fichier {file}. Corrigez le dossier, ou écrivez le "
        "manifeste."
    ),
    "catalogue.no_device_file": (
        "le manifeste désigne « {file} » comme description du dispositif, mais son dossier ne contient pas ce "
        "fichier. Corrigez le nom, ou ajoutez le fichier."
    ),
    "catalogue.kind.adapter": "adaptateur",
    "catalogue.kind.task": "tâche",
    "catalogue.kind.metric": "mesure",
    "catalogue.kind.reader": "lecteur de fichiers",
    "catalogue.kind.report_section": "section de rapport",
    "catalogue.form.text": "du texte",
    "catalogue.form.whole_number": "un nombre entier",
    "catalogue.form.number": "un nombre",
    "catalogue.form.yes_or_no": "true (oui) ou false (non)",
    "catalogue.form.nothing": "null (laissé ouvert)",
    "catalogue.form.path": "un chemin",
    "catalogue.form.any": "une valeur",
    "catalogue.form.or": "ou",
    "catalogue.form.list": "une liste ({items})",
    "catalogue.form.mapping": "une table ({items})",
    "catalogue.form.fields": "une table avec {items}",
}
