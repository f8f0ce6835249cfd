"""French sentences of the room `execution`."""

WORDS: dict[str, str] = {
    "execution.processor_time_not_limited": "le temps de processeur du dispositif ne peut pas être limité sur ce système. Retirez processor_seconds_per_case du protocole, ou exécutez-le ailleurs.",
    "execution.no_signal_strength": "aucune dérivation n’a assez de battements normaux pour mesurer la force du signal : aucun bruit ne peut être ajouté. Retirez l’enregistrement de l’épreuve de bruit.",
    "execution.device_not_reached": "le dispositif distant ne peut pas être interrogé : {found}. Aucun cas ne lui a été imputé. Assurez-vous qu’il fonctionne et qu’il est joignable d’ici, puis reprenez avec --resume.",
    "execution.candidate_does_not_load": (
        "le modèle du candidat n’a pas pu être chargé : {found}. Aucun cas ne lui est imputé. Dernières lignes : "
        "{details}. Corrigez le paquet du candidat ou adressez-vous à son éditeur."
    ),
    "execution.cluster_address": (
        "l’adresse de l’ordonnanceur s’écrit tls://HÔTE:PORT, ou tcp://127.0.0.1:PORT s’il est sur cet ordinateur ; "
        "trouvé : {found}. Corrigez-la : l’ordonnanceur affiche son adresse au démarrage."
    ),
    "execution.cluster_extra_missing": (
        "une grappe demande Dask, qui n’est pas installé. Installez l’option ici et sur chaque machine de travail : "
        "pip install '{extra}'."
    ),
    "execution.cluster_lost": (
        "l’ordonnanceur de la grappe est perdu ({found}) ; les réponses déjà reçues sont conservées. Redémarrez-le "
        "avec ses machines de travail, puis relancez la même commande avec --resume."
    ),
    "execution.cluster_name_outside": (
        "ce fichier est en dehors du dossier du candidat, ou son nom ne pourrait être gardé sur un autre ordinateur :"
        " il ne peut être envoyé à une machine de travail. Déplacez-le ou renommez-le, ou utilisez un dossier partagé"
        " au lieu de --send-files."
    ),
    "execution.cluster_no_workers": (
        "aucune machine de travail n’est reliée à l’ordonnanceur depuis {seconds} {seconds:#seconde|secondes} ; les "
        "réponses déjà reçues sont conservées. Démarrez-en, lisez leurs journaux si elles ne restent pas, puis "
        "relancez la même commande avec --resume."
    ),
    "execution.cluster_not_encrypted": (
        "{found} enverrait des données de patients sur un réseau sans chiffrement. Donnez des certificats à "
        "l’ordonnanceur et aux machines de travail et utilisez {tls} ; docs/cluster.md montre comment."
    ),
    "execution.cluster_other_candidate": (
        "cette machine de travail a d’autres fichiers du candidat dans {folder} ({n:#fichier trouvé|fichiers trouvés}"
        " : {n}). Donnez-lui le même dossier au même chemin, ou utilisez --send-files."
    ),
    "execution.cluster_other_data": (
        "cette machine de travail a autre chose pour {file} dans {folder} : {found}. Donnez-lui le même jeu de "
        "référence au même chemin, ou utilisez --send-files."
    ),
    "execution.cluster_other_software": (
        "cette machine de travail a d’autres logiciels que cet ordinateur : {found} (ceux d’ici entre parenthèses). "
        "Installez les mêmes versions, pour que chaque cas soit lu et traité de la même façon."
    ),
    "execution.cluster_reply": (
        "une machine de travail a envoyé autre chose qu’une réponse : {found}. Vérifiez que toutes ont la même "
        "version de dmn-bench et que personne d’autre n’utilise cet ordonnanceur."
    ),
    "execution.cluster_tls": (
        "la connexion chiffrée ne peut être établie : {found}. Indiquez les certificats dans la configuration de Dask"
        " (distributed.comm.tls) ; docs/cluster.md montre comment."
    ),
    "execution.cluster_unreachable": (
        "aucun ordonnanceur ne répond ici : {found}. Vérifiez l’adresse, les certificats et que l’ordonnanceur "
        "fonctionne."
    ),
    "execution.cluster_worker_failed": (
        "une machine de travail n’a pas pu faire sa part : {found}. Vérifiez que dmn-bench y est installé, dans la "
        "même version ; les réponses déjà reçues sont conservées."
    ),
    "execution.cluster_workers_die": (
        "les machines de travail meurent avant d’avoir rien demandé ({times} fois de suite) ; les réponses déjà "
        "reçues sont conservées. Lisez leurs journaux : une limite de mémoire ou de temps de la grappe en est la "
        "cause habituelle. Relancez ensuite la même commande avec --resume."
    ),
    "execution.interrupted": (
        "arrêt après {answered} {answered:#cas|cas} sur {all} ; les réponses déjà reçues sont conservées."
    ),
    "execution.ledger_busy": (
        "une autre exécution écrit dans ce fichier de réponses. Attendez qu’elle soit finie puis relancez la même "
        "commande, ou choisissez un autre dossier de réponses avec --answers."
    ),
    "execution.ledger_damaged": (
        "le fichier de réponses est endommagé : {found}. Relancez la même commande avec --resume : le fichier est mis "
        "de côté, toutes ses réponses intactes sont gardées, et seules les autres sont redemandées."
    ),
    "execution.ledger_not_written": (
        "le fichier de réponses ne peut être ni lu ni écrit : {found}. Libérez de la place, vérifiez les droits sur "
        "le dossier, ou choisissez-en un autre."
    ),
    "execution.ledger_of_other_questions": (
        "ce fichier contient les réponses à d’autres questions : attendu {expected}, trouvé {found}. "
        "Choisissez un autre dossier pour les réponses, ou lancez le protocole auquel elles appartiennent."
    ),
    "execution.ledger_of_other_format": (
        "ce fichier de réponses est au format {found}, et cette version de dmn-bench écrit {expected}. Utilisez la "
        "version qui l’a écrit, ou choisissez un autre dossier pour les réponses."
    ),
    "execution.ledger_of_unknown_questions": (
        "ce fichier devrait contenir des réponses, mais rien dans son contenu ni dans son nom ne dit à quelles "
        "questions. Il a été laissé tel quel. Déplacez-le, ou choisissez un autre dossier pour les réponses."
    ),
    "execution.ledger_repaired": (
        "le fichier de réponses était endommagé ({found}). {n} {n:#réponse intacte est conservée|réponses intactes "
        "sont conservées} ; ce qui manque est redemandé. Le fichier endommagé est gardé sous {damaged}."
    ),
    "execution.merge_contradiction": (
        "{n} {n:#cas a reçu|cas ont reçu} des réponses différentes dans deux parts ; rien n’a été écrit : {found}. "
        "Cherchez quelle part a interrogé le bon dispositif, et réunissez sans l’autre."
    ),
    "execution.merge_no_ledger": (
        "aucun fichier de réponses à cet endroit. Donnez le dossier d’une part (il contient run.json et answers/), "
        "ou un fichier de réponses."
    ),
    "execution.merge_part_damaged": (
        "cette part est endommagée : {found}. Rien n’a été écrit. Relancez cette part avec --resume, qui la "
        "répare, puis réunissez."
    ),
    "execution.note_unreadable": (
        "la note de l’exécution est illisible : {found}, attendu {expected}. Relancez la même commande avec --resume, "
        "qui l’écrit de nouveau."
    ),
    "execution.isolation_too_weak": (
        "le protocole demande un isolement de niveau {asked} au moins, et cette machine peut exécuter le candidat au "
        "niveau {found}. Lancez dmn-bench doctor ici pour voir ce qui manque, ou exécutez sur une autre machine."
    ),
    "execution.linux_only": (
        "exécuter le programme d’un candidat demande l’isolation de Linux, or ce système est {found}. Testez-le sur "
        "ses fichiers de sortie (adaptateur predictions), ou exécutez sous Linux."
    ),
}
