"""French sentences of the room `catalogue`."""

WORDS: dict[str, str] = {
    "catalogue.unknown_part": ("aucun composant « {found} » de type {kind} ; noms connus : {known}. Corrigez le nom."),
    "catalogue.unknown_part_nearest": (
        "aucun composant « {found} » de type {kind} ; vouliez-vous dire « {nearest} » ? Noms connus : {known}."
    ),
    "catalogue.unknown_option": (
        "le composant « {name} » de type {kind} ({provider}) n’a pas d’option « {option} » ; ses options : {known}. "
        "Corrigez-la ou supprimez-la."
    ),
    "catalogue.unknown_option_nearest": (
        "le composant « {name} » de type {kind} ({provider}) n’a pas d’option « {option} » ; vouliez-vous dire "
        "« {nearest} » ? Ses options : {known}."
    ),
    "catalogue.missing_option": (
        "le composant « {name} » de type {kind} ({provider}) a besoin de l’option « {option} ». Ajoutez-la, avec une "
        "valeur de la forme {expected}."
    ),
    "catalogue.option_type": (
        "l’option « {option} » du composant « {name} » de type {kind} ({provider}) doit être de la forme {expected} ; "
        "valeur trouvée : {found}. Corrigez-la."
    ),
    "catalogue.option_value": (
        "les options du composant « {name} » de type {kind} ({provider}) sont refusées à « {option} » : {reason}. "
        "Corrigez la valeur."
    ),
    "catalogue.unresolved_type": (
        "les types des options du composant « {name} » de type {kind} ({provider}) ne peuvent pas être résolus : "
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
        "l’extension {provider} enregistre {found} comme composant de type {kind} ; une classe était attendue. "
        "Renvoyez la classe elle-même."
    ),
    "catalogue.part_without_name": (
        "le composant « {found} » de type {kind} de l’extension {provider} n’a pas de nom, ou un nom qui n’est pas de "
        "la forme « a-z 0-9 _ . - ». Donnez à la classe un attribut « name »."
    ),
    "catalogue.part_without_doc": (
        "le composant « {found} » de type {kind} de l’extension {provider} n’a pas de docstring. Dites en une phrase "
        "ce que c’est."
    ),
    "catalogue.part_incomplete": (
        "il manque au composant « {found} » de type {kind} de l’extension {provider} : {missing}. Ajoutez ce que "
        "demande la page des points d’accroche."
    ),
    "catalogue.doubled_part": (
        "deux fournisseurs enregistrent un composant de type {kind} nommé « {name} » : {first} et {second}. "
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
}
