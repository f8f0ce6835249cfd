"""French sentences of the room `harness`."""

WORDS: dict[str, str] = {
    "harness.no_record": "le résultat enregistré d’une exécution était attendu ici ; trouvé : {found}. Donnez le dossier d’une "
    "exécution terminée.",
    "harness.record_changed": "les résultats ne correspondent pas à l’empreinte écrite avec eux : le fichier a été modifié après "
    "l’exécution. Restaurez-le, ou exécutez de nouveau le protocole.",
    "harness.already_a_run": "le dossier contient déjà une exécution terminée. Choisissez un autre dossier avec --out.",
    "harness.nothing_to_resume": "il n’y a aucune exécution à reprendre dans ce dossier. Lancez sans --resume, ou nommez son "
    "dossier avec --out.",
    "harness.another_run": "une autre exécution travaille dans ce dossier. Attendez sa fin, ou choisissez un autre dossier avec "
    "--out.",
    "harness.not_sent_unknown": "{found!r} n’est pas un cas du jeu de référence. Corrigez l’identifiant ou supprimez la ligne.",
    "harness.not_sent_answered": "le site déclare jamais envoyé(s) {n} cas auxquels {candidate} a répondu : {found}. Corrigez ce fichier.",
    "harness.lesion_image_unknown": "la lésion {lesion} nomme l’image {found}, qui n’est ni un fichier ni un SOP Instance UID de son cas. Corrigez la colonne image.",
    "harness.lesion_needs_frame": "la lésion {lesion} se trouve sur une image d’une série ({found}). Donnez son rang dans la série dans la colonne frame, à partir de 1, ou sa position en mm.",
    "harness.candidate_changed": "le fichier a changé depuis le début de l’exécution : deux dispositifs seraient mêlés dans un même résultat. Rétablissez-le et continuez avec --resume, ou évaluez le candidat modifié dans un nouveau dossier.",
    "harness.run_of_another_protocol": "le dossier contient l’exécution terminée d’un autre protocole, ou de celui-ci avant sa modification. Choisissez un autre dossier avec --out.",
}
