"""Phrases françaises de la pièce `report_probes` : le comportement du dispositif interrogé de nouveau."""

from ..numbers import french_spaces

_WHERE = "Première différence, telle que le dispositif l’a dite : {first}. Cas : {cases}."

_WORDS: dict[str, str] = {
    "report_probes.title": "Comportement à une nouvelle interrogation",
    "report_probes.intro": (
        "Des cas tirés au sort parmi ceux de l’exécution ont été soumis de nouveau au dispositif, dans des processus "
        "neufs, avec les mêmes pixels et les mêmes signaux. Un dispositif apte à l’usage donne la même réponse au même "
        "cas. Aucune règle d’acceptation ne regarde ce tableau ; un clinicien et l’éditeur le devraient."
    ),
    "report_probes.column.probe": "Épreuve",
    "report_probes.column.asked": "Comment il a été interrogé",
    "report_probes.column.compared": "Cas comparés",
    "report_probes.column.different": "Réponse autre",
    "report_probes.column.calls": "Décision autre",
    "report_probes.column.score": "Plus grand écart d’un score",
    "report_probes.probe.repeatability": "Répétabilité",
    "report_probes.probe.order": "Ordre",
    "report_probes.probe.batch": "Lots",
    "report_probes.probe.identifiers": "Identifiants",
    "report_probes.probe.descriptors": "Descriptions",
    "report_probes.asked.repeatability": "les mêmes cas encore une fois, comparés à l’exécution",
    "report_probes.asked.order": "dans l’ordre inverse",
    "report_probes.asked.batch": "un cas à la fois au lieu de lots",
    "report_probes.asked.identifiers": "sous d’autres noms de demandes, d’images et de fichiers, et d’autres UID",
    "report_probes.asked.descriptors": (
        "sans ce que le fichier dit de l’image (incidence, côté, région du corps, modalité…)"
    ),
    "report_probes.not_applicable.one_at_a_time": "non interrogé : le dispositif prend de toute façon un cas à la fois",
    "report_probes.all_the_same": "Aucune réponse n’a changé au-delà de la tolérance que le protocole admet.",
    "report_probes.changed.repeatability": (
        "Sur {all} réponses, {count} {n:#a|ont} changé la seconde fois : les résultats de "
        "cette exécution sont un tirage parmi d’autres, dont aucun intervalle ne tient compte ici. " + _WHERE
    ),
    "report_probes.changed.order": (
        "Sur {all} réponses, {count} {n:#dépend|dépendent} de l’ordre des cas : le dispositif garde "
        "quelque chose d’un patient au suivant. " + _WHERE
    ),
    "report_probes.changed.batch": (
        "Sur {all} réponses, {count} {n:#dépend|dépendent} des autres cas d’un lot. " + _WHERE
    ),
    "report_probes.changed.identifiers": (
        "Sur {all} réponses, {count} {n:#dépend|dépendent} de noms qui ne disent rien de l’état du "
        "patient. Le dispositif reconnaît peut-être des cas qu’il a déjà vus. " + _WHERE
    ),
    "report_probes.changed.descriptors": (
        "Sur {all} réponses, {count} {n:#dépend|dépendent} de ce que le fichier dit de l’image en "
        "dehors de ses pixels. Là où ces attributs manquent ou sont faux, attendez-vous à d’autres réponses. " + _WHERE
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
