"""French sentences of the room `report_plain`: estimates in plain words."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_plain.frequencies": (
        "Sur {per} {unit} de notre service, {sick} auraient {what} (prévalence locale {share}, source : {source}). Avec la "
        "sensibilité et la spécificité observées ici, le dispositif en signalerait {found} sur {sick} et en manquerait "
        "{missed} (entre {missed_low} et {missed_high}, intervalle à 95 %) ; parmi les {healthy} autres, il en signalerait "
        "{alarms} à tort (entre {alarms_low} et {alarms_high}). Les cas sans réponse sont comptés faux."
    ),
    "report_plain.finding": "l’anomalie « {finding} »",
    "report_plain.finding_from_grade": "l’anomalie « {finding} » de grade {grade} ou plus",
    "report_plain.prevalence_of_other_cut": (
        "Critère « {endpoint} » : le jeu déclare une prévalence locale de cette anomalie, mais pas à ce seuil. Ce que les "
        "chiffres observés voudraient dire pour 1 000 unités n’est donc pas dit."
    ),
    "report_plain.prevalence_of_other_unit": (
        "Critère « {endpoint} » : le jeu déclare une prévalence locale de cette anomalie, mais pour une autre unité. Ce que "
        "les chiffres observés voudraient dire pour 1 000 unités n’est donc pas dit."
    ),
    "report_plain.or": " ou ",
    "report_plain.value": "{value} (IC {level} {interval})",
    "report_plain.cut": "Seuil : positif à partir du grade {grade}",
    "report_plain.any_cut": "Seuil : positif avec {cuts}",
    "report_plain.named_grade": "{grade} ({title})",
    "report_plain.sensitivity": (
        "Référence positive : sur {n} {unit}, {x} {n_x:#signalé|signalés}, {missed} "
        "{n_missed:#non signalé|non signalés} ou sans réponse (sensibilité {value} ; IC {level} {interval})"
    ),
    "report_plain.specificity": (
        "Référence négative : sur {n} {unit}, {x} {n_x:#non signalé|non signalés}, {missed} "
        "{n_missed:#signalé|signalés} à tort ou sans réponse (spécificité {value} ; IC {level} {interval})"
    ),
    "report_plain.exact_agreement": (
        "Sur {n} {unit}, {x} {n_x:#a|ont} reçu exactement le grade de la référence ({value} ; IC {level} {interval})"
    ),
    "report_plain.lesion_sensitivity": (
        "Le dispositif a montré {x} des {n} {unit} ; {missed} {n_missed:#n’a pas été montrée|n’ont pas été montrées} (sensibilité par lésion {value} ; IC "
        "{level} {interval})"
    ),
    "report_plain.false_positives_per_image": (
        "Fausses marques : {x} sur {n} images, soit {value} par image (IC {level} {interval})"
    ),
    "report_plain.false_positives_per_normal_image": (
        "Fausses marques sur les images d’unités normales : {x} sur {n} images, soit {value} par image (IC {level} {interval})"
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
