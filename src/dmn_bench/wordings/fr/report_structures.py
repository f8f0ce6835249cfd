"""French sentences of the room `report_structures`: delineated structures in the general parts of a report."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_structures.how": (
        "Chaque structure à part. Dice : ce que les deux contours ont en commun, de 0 (rien) à 1 (identiques). Dice de "
        "surface : la part des deux surfaces qui se trouve à moins de la tolérance de l’autre. Médian : la moitié des cas "
        "fait au moins aussi bien"
    ),
    "report_structures.line": "{structure} ({counted}) : {said}",
    "report_structures.counted.cases": "{n} cas",
    "report_structures.counted.images": "{n} {n_number:#image|images}",
    "report_structures.value": "{value} (IC {level} {interval})",
    "report_structures.dice": "Dice médian {value}",
    "report_structures.nsd": "Dice de surface médian, à {tolerance} près : {value}",
    "report_structures.two_by_two": (
        "deux à deux, {measure} : relecteurs entre eux {readers}, dispositif avec chacun d’eux {device}"
    ),
    "report_structures.readers": "relecteurs entre eux, {measure} : {readers}",
    "report_structures.of_two.dice": "Dice médian",
    "report_structures.of_two.nsd": "Dice de surface médian",
    "report_structures.readers_column": "Deux à deux, {measure} : relecteurs entre eux",
    "report_structures.device_column": "Deux à deux, {measure} : dispositif avec chaque relecteur",
    "report_structures.missed": "structure manquée dans {counted}",
    "report_structures.invented": "structure dessinée dans {counted} où la référence n’en a pas",
    "report_structures.unanswered": "aucun contour rendu dans {counted}",
    "report_structures.more": "{n} {n_number:#autre structure|autres structures}",
    "report_structures.where": "Toutes les mesures de chaque structure sont dans la partie sur la délimitation de structures",
    "report_structures.not_together": (
        "{measures} : structure par structure seulement, dans la partie sur la délimitation de structures. Pour les avoir "
        "aussi par strate, ajoutez structure aux strates du protocole"
    ),
    "report_structures.partly_answered": (
        "Le dispositif a répondu pour l’ensemble des {sent} {unit}, mais sans rendre toutes les structures (critère "
        "« {endpoint} »)."
    ),
    "report_structures.undelivered": "Aucun contour rendu : {listed}.",
    "report_structures.undelivered_of": "{structure}, {n} des {counted}",
    "report_structures.error": "Ce qui ne va pas",
    "report_structures.error.unanswered": "aucun contour rendu",
    "report_structures.error.missed_structure": "manquée",
    "report_structures.error.invented_structure": "absente de la référence",
    "report_structures.error.poor_overlap": "parmi les plus faibles recouvrements de la structure",
    "report_structures.of_reference": "Référence",
    "report_structures.of_device": "Dispositif",
    "report_structures.nothing": "rien",
    "report_structures.errors_table": "Structures à revoir ; Dice du cas entier, de 0 à 1",
    "report_structures.table": "Structure par structure : médianes, et ce qui manque",
    "report_structures.median_dice": "Dice médian",
    "report_structures.median_nsd": "Dice de surface médian",
    "report_structures.n_missed": "Manquée",
    "report_structures.n_invented": "Dispositif seul",
    "report_structures.n_unanswered": "Aucun contour rendu",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
