"""Phrases françaises de la trousse de l'éditeur : `plugin check`."""

WORDS: dict[str, str] = {
    "plugin_kit.help.check": (
        "Vérifier un paquet candidat comme le fera l’acheteur : chaque contrôle, ce qu’il a trouvé, comment y remédier."
    ),
    "plugin_kit.help.new": "Commencer un paquet candidat qui fonctionne : adaptateur, déclarations, cas, tests.",
    "plugin_kit.help.folder": "Dossier du paquet candidat, avec son candidate.yaml.",
    "plugin_kit.help.cases": "Un jeu de référence verrouillé à soumettre, au lieu des cas livrés avec le paquet.",
    "plugin_kit.help.out": "Où écrire les résultats ; par défaut plugin-check.json dans le paquet.",
    "plugin_kit.help.against": (
        "Un plugin-check.json : dire quels fichiers diffèrent de ceux qui ont été vérifiés, sans rien demander au produit."
    ),
    "plugin_kit.help.seconds": "Nombre de secondes après lequel un cas est considéré comme bloqué.",
    "plugin_kit.help.isolation": (
        "La protection la plus faible sous laquelle le code de l’éditeur est lancé : at-least-0 à at-least-3."
    ),
    "plugin_kit.help.new_folder": "Dossier à créer ; il ne doit pas exister, ou être vide.",
    "plugin_kit.help.adapter": "Comment le produit est interrogé : {names}. Demandé s’il n’est pas donné.",
    "plugin_kit.help.task": "Ce à quoi il répond : {names}.",
    "plugin_kit.help.finding": "L’anomalie qu’il recherche, telle que les rapports l’écriront.",
    "plugin_kit.ask.adapter": "Comment le produit est-il interrogé : {names}",
    "plugin_kit.ask.task": "À quoi répond-il : {names}",
    "plugin_kit.ask.finding": "Quelle anomalie recherche-t-il",
    "plugin_kit.column.check": "Contrôle",
    "plugin_kit.column.says": "Ce qui est contrôlé",
    "plugin_kit.column.outcome": "Résultat",
    "plugin_kit.column.figures": "Chiffres",
    "plugin_kit.outcome.passed": "réussi",
    "plugin_kit.outcome.failed": "ÉCHEC",
    "plugin_kit.outcome.not_applicable": "sans objet",
    "plugin_kit.title": "{candidate} : {adapter}",
    "plugin_kit.checking": "contrôle en cours : {check}",
    "plugin_kit.mend": "Pour y remédier : {text}",
    "plugin_kit.and_more": "… et {n} de plus.",
    "plugin_kit.isolation": "Protections en vigueur : {found}.",
    "plugin_kit.isolation_none": "aucun code de l’éditeur n’a été lancé",
    "plugin_kit.all_passed": "{passed} {passed:#contrôle réussi|contrôles réussis}, {absent} sans objet, aucun échec.",
    "plugin_kit.some_failed": (
        "{failed} {failed:#contrôle en échec|contrôles en échec}, {passed} {passed:#réussi|réussis}, {absent} sans objet."
    ),
    "plugin_kit.written": "Résultats : {path}. Livrez ce fichier avec le paquet.",
    "plugin_kit.written_failed": "Résultats : {path}. Corrigez ce qui a échoué et vérifiez de nouveau avant de livrer le paquet.",
    "plugin_kit.line": "{check} : {text}",
    "plugin_kit.made": (
        "Un paquet qui fonctionne se trouve dans {folder}. Essayez-le : dmn-bench plugin check {folder}. Mettez ensuite "
        "votre produit à sa place, pas à pas ; son README.md dit où."
    ),
    "plugin_kit.check_file_form": (
        "ce n’est pas un plugin-check.json lisible : {found}. Demandez celui qu’a écrit « dmn-bench plugin check »."
    ),
    "plugin_kit.check_file_changed": (
        "ce fichier a été modifié après que « dmn-bench plugin check » l’a écrit : son empreinte n’est pas celle de son "
        "contenu. Demandez l’original."
    ),
    "plugin_kit.unknown_tier": "il n’y a pas de protection « {found} » ; il y a : {known}.",
    "plugin_kit.same": "Les {n} fichiers de ce paquet sont ceux qui ont été vérifiés.",
    "plugin_kit.checked_then": (
        "Vérifié par la suite {suite} de dmn-bench {version} : {passed} {passed:#réussi|réussis}, {failed} en échec, "
        "{absent} sans objet."
    ),
    "plugin_kit.difference.added": "{file} : ajouté après la vérification.",
    "plugin_kit.difference.changed": "{file} : n’est pas le fichier qui a été vérifié.",
    "plugin_kit.difference.removed": "{file} : présent lors de la vérification, absent maintenant.",
    "plugin_kit.n_differences": (
        "{n} {n:#fichier diffère|fichiers diffèrent} de ce qui a été vérifié. Demandez à l’éditeur le paquet vérifié, "
        "ou vérifiez celui-ci."
    ),
    "plugin_kit.new_folder_not_empty": "le dossier n’est pas vide, et rien n’est écrasé. Nommez-en un autre.",
    "plugin_kit.new_adapter": "il n’y a pas de modèle pour l’adaptateur « {found} » ; il y en a pour : {known}.",
    "plugin_kit.new_task": "l’adaptateur {adapter} n’a pas de modèle pour « {found} » ; il y en a pour : {known}.",
    "plugin_kit.new_finding": (
        "l’anomalie « {found} » ne peut pas être utilisée : lettres, chiffres, « _ », « - » et « . », 64 au plus."
    ),
    "plugin_kit.case_without_files": (
        "des cas sans fichiers ne peuvent pas être soumis à un produit : {found}. Donnez un jeu dont les cas ont des "
        "fichiers."
    ),
    "plugin_kit.expected_form": (
        "expected.json n’a pas la forme {format} : un objet avec format, cases (cas → partie de réponse) et, si les nombres "
        "peuvent différer, une tolérance (tolerance) d’au moins 0. Corrigez-le."
    ),
    # -------------------------------------------------------------------------- ce que chaque contrôle regarde
    "plugin_kit.check.manifest": "candidate.yaml et device.yaml sont valides, et l’adaptateur accepte les options",
    "plugin_kit.check.declarations": "l’éditeur déclare le produit, son usage et ses besoins",
    "plugin_kit.check.loads": "le programme se charge, dans le temps qu’il déclare",
    "plugin_kit.check.answers": "chaque cas reçoit une réponse",
    "plugin_kit.check.valid_answers": "chaque réponse a la forme du contrat",
    "plugin_kit.check.expected_answers": "les cas livrés reçoivent les réponses énoncées dans expected.json",
    "plugin_kit.check.refusals": "ce qu’il dit refuser, il le refuse",
    "plugin_kit.check.declared_names": "les anomalies portent les noms déclarés",
    "plugin_kit.check.declared_scores": "les scores sont sur l’échelle déclarée, à défaut entre 0 et 1",
    "plugin_kit.check.same_answer_twice": "le même cas soumis deux fois reçoit la même réponse",
    "plugin_kit.check.same_answer_fresh": "un processus qui vient de démarrer donne les mêmes réponses",
    "plugin_kit.check.any_order": "un autre ordre donne les mêmes réponses",
    "plugin_kit.check.any_batch": "une demande à la fois donne les mêmes réponses que plusieurs ensemble",
    "plugin_kit.check.names_unread": "d’autres identifiants et noms de fichiers donnent les mêmes réponses",
    "plugin_kit.check.tags_unread": "les réponses ne tiennent pas aux attributs descriptifs, ou le paquet le déclare",
    "plugin_kit.check.hostile_input": "une entrée étrange ne le tue pas et ne le bloque pas",
    "plugin_kit.check.unpoisoned": "après une entrée étrange, un bon cas reçoit la même réponse qu’avant",
    "plugin_kit.check.memory": "il reste dans la mémoire qu’il déclare",
    "plugin_kit.check.time": "il reste dans le temps qu’il déclare pour un cas",
    "plugin_kit.check.network": "il n’a besoin d’aucune adresse qu’il ne déclare pas",
    # ------------------------------------------------------------------------------------- comment y remédier
    "plugin_kit.mend.manifest": (
        "corrigez les lignes citées ; « dmn-bench schema candidate » imprime la forme exacte."
    ),
    "plugin_kit.mend.declarations": (
        "nommez un device.yaml dans candidate.yaml (device: device.yaml) et remplissez-le ; « dmn-bench plugin new » en "
        "écrit un avec tous les champs."
    ),
    "plugin_kit.mend.loads": (
        "le message ci-dessus est celui du programme. Il est lancé sans réseau, dans un dossier vide, avec un environnement "
        "propre : livrez dans le paquet tous les fichiers dont il a besoin, et déclarez needs.seconds_to_load."
    ),
    "plugin_kit.mend.answers": (
        "un cas que le produit ne prend pas en charge va dans refuses/ ; un cas livré qui doit avoir un autre état le dit "
        "dans expected.json. Reproduisez l’échec d’après la raison donnée."
    ),
    "plugin_kit.mend.valid_answers": (
        "renvoyez ce que docs/candidates.md appelle une réponse : le champ, l’attendu et le trouvé sont cités. NaN et "
        "l’infini ne sont pas des scores."
    ),
    "plugin_kit.mend.expected_answers": (
        "soit le produit a changé et expected.json est à refaire, soit cette machine calcule autrement : augmentez alors "
        "sa tolérance, et dites-le."
    ),
    "plugin_kit.mend.refusals": (
        "renvoyez l’état rejected_input (ce type d’entrée n’est pas pris en charge) ou abstained (celle-ci n’est pas assez "
        "bonne) avec une raison, ou retirez le cas de refuses/."
    ),
    "plugin_kit.mend.declared_names": (
        "ajoutez le nom sous outputs dans device.yaml, ou traduisez-le sous findings dans candidate.yaml."
    ),
    "plugin_kit.mend.declared_scores": (
        "indiquez l’échelle sous outputs dans device.yaml : {{finding: …, scores: [minimum, maximum]}}."
    ),
    "plugin_kit.mend.same_answer_twice": (
        "fixez toutes les graines, utilisez des noyaux déterministes, et ne gardez rien d’une demande à l’autre : ni moyenne "
        "mobile, ni cache par position, ni couche en mode d’apprentissage."
    ),
    "plugin_kit.mend.same_answer_fresh": (
        "fixez toutes les graines au chargement ; n’utilisez ni l’heure, ni le numéro de processus, ni des fichiers "
        "d’exécutions antérieures."
    ),
    "plugin_kit.mend.any_order": (
        "une réponse ne peut dépendre que de sa propre demande : ne gardez rien des demandes précédentes."
    ),
    "plugin_kit.mend.any_batch": (
        "normalisez chaque demande pour elle-même ; les statistiques de lot et le remplissage au plus long changent les "
        "réponses."
    ),
    "plugin_kit.mend.names_unread": (
        "calculez à partir des pixels et des échantillons ; noms et UID sont aléatoires à chaque exécution, et ce qu’on en "
        "apprend n’est pas de la performance."
    ),
    "plugin_kit.mend.tags_unread": (
        "si le produit doit les lire, nommez-les dans device.yaml sous needs.descriptive_tags ; sinon, cherchez par où ils "
        "entrent."
    ),
    "plugin_kit.mend.hostile_input": (
        "vérifiez taille, type et étendue avant de calculer, et renvoyez rejected_input avec une raison ; une exception non "
        "traitée coûte un cas, un processus mort ou bloqué coûte davantage."
    ),
    "plugin_kit.mend.unpoisoned": "effacez ou reconstruisez tout ce qu’une demande refusée a laissé derrière elle.",
    "plugin_kit.mend.memory": (
        "libérez ce qu’une demande a alloué, ou déclarez la mémoire réellement nécessaire dans needs.memory_mb."
    ),
    "plugin_kit.mend.time": (
        "déclarez le temps que prend le cas le plus lent sur la machine la plus lente que vous prenez en charge."
    ),
    "plugin_kit.mend.network": (
        "inscrivez l’adresse dans device.yaml sous needs.hosts avec son but, et si des images y sont envoyées ; l’hôpital "
        "doit l’accorder."
    ),
    # ------------------------------------------------------------------------------------- ce qui a été trouvé
    "plugin_kit.found.nothing_declared": "il n’y a pas de device.yaml, ou il ne dit rien.",
    "plugin_kit.found.host_undeclared": "le programme doit atteindre {found}, que device.yaml ne déclare pas.",
    "plugin_kit.found.slow_to_load": "le chargement a pris {found} s, {declared} s sont déclarées.",
    "plugin_kit.found.unanswered": "{status} : {reason}",
    "plugin_kit.found.few_answered": (
        "{answered} des {n} cas du jeu ont une réponse, {refused} sont refusés ({case} : {status} : {reason}). Un produit qui refuse la "
        "plus grande part d’un jeu ne peut pas y être jugé : corrigez ce que déclare le paquet (signals, receives), ou "
        "prenez un jeu d’enregistrements ou d’images pour lesquels il est fait."
    ),
    "plugin_kit.found.expected_unknown": "expected.json énonce une réponse, mais ce cas n’existe pas.",
    "plugin_kit.found.not_expected": "{path} : énoncé {stated}, trouvé {found}",
    "plugin_kit.found.not_refused": "il devait être refusé, et a été : {status} ({reason})",
    "plugin_kit.found.undeclared_name": "l’anomalie « {found} » n’est pas déclarée ; sont déclarées : {known}.",
    "plugin_kit.found.score_off_scale": "{finding} a le score {found}, hors de l’intervalle de {low} à {high}.",
    "plugin_kit.found.differs": "les réponses diffèrent : {found}",
    "plugin_kit.found.differs_for": "les réponses diffèrent : {found} ({reason})",
    "plugin_kit.found.hostile_ended": "le processus est mort : {reason}",
    "plugin_kit.found.hostile_hung": "pas de réponse : {reason}",
    "plugin_kit.found.hostile_protocol": "{reason}",
    "plugin_kit.found.hostile_invalid": "la réponse n’a pas la forme du contrat : {reason}",
    "plugin_kit.found.memory": "un processus a occupé {found} Mio, {declared} Mio sont déclarés.",
    "plugin_kit.found.slow": (
        "{n} {n:#cas a duré|cas ont duré} plus que les {declared} s déclarées ; la plus longue réponse a pris {found} s."
    ),
    "plugin_kit.note.not_declared": "{n} {n:#champ|champs} de device.yaml sans déclaration : {found}.",
    "plugin_kit.note.network_open": (
        "rien n’empêchait ici le programme d’atteindre le réseau : ce contrôle ne prouve rien."
    ),
    "plugin_kit.note.host_images_yes": "nécessite {address} ({purpose}) : déclaré ; images sorties de la machine : oui.",
    "plugin_kit.note.host_images_no": "nécessite {address} ({purpose}) : déclaré ; images sorties de la machine : non.",
    "plugin_kit.note.host_images_unknown": (
        "nécessite {address} ({purpose}) : déclaré ; images sorties de la machine : non déclaré."
    ),
    "plugin_kit.note.tags_declared": "les réponses changent sans les attributs descriptifs, comme déclaré : {found}.",
    "plugin_kit.note.hostile_raised": "une erreur pour réponse, ce qui coûte le cas lors d’une exécution : {reason}",
    "plugin_kit.without.package": "le paquet ne peut pas être lu ; le premier contrôle dit pourquoi.",
    "plugin_kit.without.program": (
        "l’adaptateur {adapter} lit des fichiers de résultats : il n’y a pas de programme à interroger."
    ),
    "plugin_kit.without.load": "le programme ne se charge pas.",
    "plugin_kit.without.cases": (
        "le paquet ne livre pas de cas (dossier cases) ; ajoutez-en, ou donnez un jeu de référence par --cases."
    ),
    "plugin_kit.without.readable_cases": "les cas livrés ne peuvent pas être lus.",
    "plugin_kit.without.readable_results": "les fichiers de résultats ne peuvent pas être lus.",
    "plugin_kit.without.refuses": "le paquet ne livre pas de cas qu’il refuse (dossier refuses).",
    "plugin_kit.without.expected": "le paquet n’énonce pas de réponses (cases/expected.json).",
    "plugin_kit.without.answer": "aucun cas n’a reçu de réponse.",
    "plugin_kit.without.several_cases": "un seul cas n’a pas d’ordre ; livrez-en au moins deux.",
    "plugin_kit.without.batches": "le programme prend une demande à la fois.",
    "plugin_kit.without.names": (
        "le paquet ne déclare pas d’anomalies (outputs dans device.yaml) ; il a nommé : {found}."
    ),
    "plugin_kit.without.scores": "aucune réponse ne contenait de score.",
    "plugin_kit.without.measured_memory": "aucune mémoire n’a été mesurée : ce qui répond ne tourne pas dans un processus à nous.",
    "plugin_kit.without.measured_time": "aucune durée n’a été mesurée : le premier cas après le chargement est laissé de côté ; livrez-en deux ou plus.",
    "plugin_kit.without.memory_mb": "le paquet ne déclare pas de mémoire (needs.memory_mb).",
    "plugin_kit.without.seconds_per_case": "le paquet ne déclare pas de temps par cas (needs.seconds_per_case).",
    # ------------------------------------------------------------------------------------------ dans un rapport
    "plugin_kit.report.pre_test": "Vérifié avant la livraison (plugin-check.json)",
    "plugin_kit.report.absent": "pas de tel fichier dans le paquet",
    "plugin_kit.report.unreadable": "le fichier est illisible, ou a été modifié après avoir été écrit",
    "plugin_kit.report.matches": (
        "oui, et ses fichiers sont ceux qui ont été vérifiés : {passed} {passed:#réussi|réussis}, {failed} en échec, "
        "{not_applicable} sans objet (suite {suite} de dmn-bench {dmn_bench})"
    ),
    "plugin_kit.report.differs": (
        "un autre paquet a été vérifié : {n_differences} {n_differences:#fichier diffère|fichiers diffèrent} de ce qui a "
        "été vérifié alors ({passed} {passed:#réussi|réussis}, {failed} en échec, {not_applicable} sans objet ; suite "
        "{suite} de dmn-bench {dmn_bench})"
    ),
    "plugin_kit.report.images_sent": " ; des images y sont envoyées",
    "plugin_kit.report.images_not_sent": " ; aucune image n’y est envoyée",
    "plugin_kit.report.images_unknown": " ; envoi d’images : non déclaré",
    "plugin_kit.report.memory_mb": "Mémoire d’un processus au plus, Mio",
    "plugin_kit.report.seconds_per_case": "Secondes par cas au plus",
    "plugin_kit.report.seconds_to_load": "Secondes de chargement au plus",
    "plugin_kit.report.descriptive_tags": "Attributs descriptifs dont dépendent les réponses",
    # ----------------------------------------------------------------------------------------------- chiffres
    "plugin_kit.figure.n_fields": "{n:#champ|champs}",
    "plugin_kit.figure.n_not_declared": "{n:#non déclaré|non déclarés}",
    "plugin_kit.figure.n_cases": "cas",
    "plugin_kit.figure.n_unanswered": "sans réponse",
    "plugin_kit.figure.n_refused": "refusés",
    "plugin_kit.figure.n_answers": "{n:#réponse|réponses}",
    "plugin_kit.figure.n_invalid": "{n:#non valide|non valides}",
    "plugin_kit.figure.n_stated": "{n:#énoncée|énoncées}",
    "plugin_kit.figure.n_not_refused": "{n:#non refusé|non refusés}",
    "plugin_kit.figure.n_names": "{n:#nom|noms}",
    "plugin_kit.figure.n_scores": "{n:#score|scores}",
    "plugin_kit.figure.n_off_scale": "hors échelle",
    "plugin_kit.figure.n_compared": "{n:#comparée|comparées}",
    "plugin_kit.figure.n_different": "{n:#différente|différentes}",
    "plugin_kit.figure.n_kinds": "{n:#sorte|sortes}",
    "plugin_kit.figure.n_raised": "{n:#erreur|erreurs}",
    "plugin_kit.figure.n_hosts": "{n:#adresse|adresses}",
    "plugin_kit.figure.seconds_to_load": "s pour charger",
    "plugin_kit.figure.seconds_per_case": "s au plus",
    "plugin_kit.figure.peak_memory_mb": "Mio au plus",
}
