"""Phrases françaises de la salle `signal_strata` : ce que sont les enregistrements, en colonnes de cases.csv."""

WORDS: dict[str, str] = {
    "signal_strata.help.command": "Inscrire dans cases.csv la fréquence, la durée, les dérivations, la fréquence cardiaque, le rythme, la stimulation et la qualité du signal de chaque enregistrement.",
    "signal_strata.help.again": "Décrire à nouveau les enregistrements déjà décrits.",
    "signal_strata.set_is_locked": "la version {found} du jeu est verrouillée, et de nouvelles colonnes la changeraient. Augmentez d’abord la version dans la fiche.",
    "signal_strata.done": "{n} {n:#enregistrement décrit|enregistrements décrits} dans {path} ; {known} {known:#l’était|l’étaient} déjà, {other} {other:#cas n’a|cas n’ont} pas d’enregistrement.",
    "signal_strata.not_read": "{n} {n:#enregistrement n’a|enregistrements n’ont} pas été {n:#décrit|décrits}. Corrigez ce qui est nommé ci-dessus et relancez la commande : elle reprend par ceux-là.",
    "signal_strata.card": "Pour découper les résultats selon ces colonnes, ajoutez à reference_set.yaml (les bornes peuvent être déplacées) :",
}
