"""French sentences of the room `report_why`: why a unit has no answer, as reports say it."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_why.no_output": "aucune sortie",
    "report_why.no_beats": "aucun battement",
    "report_why.no_episodes": "aucun épisode",
    "report_why.no_marks": "aucune marque",
    "report_why.place_not_finite": "une marque dont la position n’est pas un nombre fini",
    "report_why.no_extent": "une marque de taille négative, ou avec une largeur mais sans hauteur",
    "report_why.too_much": "des marques dont les contours sont plus longs que ceux d’une réponse ne peuvent l’être",
    "report_why.no_region": "une marque dont le contour ou le masque n’enferme aucune région",
    "report_why.other_grid": "un masque d’une autre taille que l’image",
    "report_why.no_such_measurement": "cette mesure manque dans la réponse",
    "report_why.no_grade": "aucun grade pour cette anomalie",
    "report_why.grade_unknown": "grade absent de l’échelle",
    "report_why.no_finding": "ni score ni étiquette pour cette anomalie",
    "report_why.no_case": "aucun cas dans l’unité",
    "report_why.no_statement": "aucun énoncé dans le fichier",
    "report_why.no_report": "aucun fichier ne contient de compte rendu",
    "report_why.class_twice": "une classe figure deux fois",
    "report_why.not_in_order": "battements non classés dans l’ordre du temps",
    "report_why.not_finite": "ce n’est pas un nombre fini",
    "report_why.two_answers": "deux réponses",
    "report_why.wrong_unit": "unité {found} au lieu de {expected}",
    "report_why.unmapped": "énoncés non reconnus : {listed}",
    "report_why.label": "épisode libellé {label}, qui n’est pas un code comme AFIB ou ST",
    "report_why.no_heartbeat": "aucun signe de vie pendant {seconds} s",
    "report_why.worker_died": "son processus est mort {n} fois",
    "report_why.raised": "le programme a levé {error}",
    "report_why.invalid": "sortie non valable : {why}",
    "report_why.expected": "attendu",
    "report_why.found": "trouvé",
    "report_why.other_side": "indique le côté {said}, alors que le cas est du côté {own}",
    "report_why.values_for_grades": "le modèle donne {n} valeurs, et l’échelle compte {most} grades",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
