"""French sentences of the room `execution`."""

WORDS: dict[str, str] = {
    "execution.candidate_does_not_load": (
        "le modèle du candidat n'a pas pu être chargé : {found}. Aucun cas ne lui est imputé. Dernières lignes : "
        "{details}. Corrigez le paquet du candidat ou adressez-vous à son éditeur."
    ),
    "execution.interrupted": (
        "arrêt après {answered} {answered:#cas|cas} sur {all} ; les réponses déjà reçues sont conservées."
    ),
    "execution.ledger_busy": (
        "une autre exécution écrit dans ce fichier de réponses. Attendez qu'elle soit finie, ou choisissez un autre "
        "dossier."
    ),
    "execution.ledger_damaged": (
        "le fichier de réponses est endommagé : {found}. Restaurez-le depuis une copie, ou déplacez-le et interrogez "
        "de nouveau le candidat."
    ),
    "execution.ledger_not_written": (
        "le fichier de réponses ne peut être ni lu ni écrit : {found}. Libérez de la place, vérifiez les droits sur "
        "le dossier, ou choisissez-en un autre."
    ),
    "execution.ledger_of_other_questions": (
        "ce fichier contient les réponses à d'autres questions : attendu {expected}, trouvé {found} ({format}). "
        "Choisissez un autre dossier pour les réponses, ou lancez le protocole auquel elles appartiennent."
    ),
    "execution.linux_only": (
        "exécuter le programme d'un candidat demande l'isolation de Linux, or ce système est {found}. Testez-le sur "
        "ses fichiers de sortie (adaptateur predictions), ou exécutez sous Linux."
    ),
}
