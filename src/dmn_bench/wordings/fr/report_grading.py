"""Phrases françaises de la pièce `report_grading` : grades comparés à la référence."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_grading.title": "Grades",
    "report_grading.scale": "Anomalie : {finding}. Unité : {unit}. Échelle : {scale} ({source}).",
    "report_grading.own_scale": (
        "Anomalie : {finding}. Unité : {unit}. Échelle du protocole, du plus léger au plus grave : {grades}."
    ),
    "report_grading.mapped": "Les grades donnés sur l’échelle « {scale} » y ont été reportés par une correspondance fixe.",
    "report_grading.same_grades": "Les grades sont ceux montrés au critère « {endpoint} » ; seul le seuil diffère.",
    "report_grading.matrix_title": "Grades selon la référence, critère « {endpoint} »",
    "report_grading.matrix_table": "Grades selon la référence (effectifs) : référence en lignes, dispositif en colonnes",
    "report_grading.matrix_caption": (
        "Référence en lignes, dispositif en colonnes : nombre d’unités et part de la ligne. Plus une case est foncée, "
        "plus sa part est grande ; les cases à cadre épais sont les accords."
    ),
    "report_grading.apart_caption": (
        "Les colonnes grises sont les unités auxquelles le dispositif n’a pas donné de grade."
    ),
    "report_grading.cut_caption": "La ligne en tirets montre le seuil : positif si {cut}.",
    "report_grading.matrix_description": "Unités ayant reçu leur grade de référence : {lines}.",
    "report_grading.matrix_line": "grade {grade}, {right} sur {n}",
    "report_grading.reference": "Référence",
    "report_grading.answer": "Dispositif",
    "report_grading.grade": "Grade de référence",
    "report_grading.by_grade_table": (
        "Chaque grade à part, analyse principale : part de ses unités auxquelles le dispositif donne ce grade même"
    ),
    "report_grading.agreement_table": "Accord avec la référence, analyse principale",
    "report_grading.kappa_note": (
        "Le kappa dépend de la fréquence de chaque grade : deux jeux donnent au même dispositif des kappas différents. "
        "Dans l’analyse principale, une unité sans grade compte comme le grade le plus éloigné de sa référence. Pour "
        "l’intervalle, toutes les unités d’un patient sont tirées ensemble."
    ),
    "report_grading.cuts_title": "Seuils",
    "report_grading.cuts_table": "Ce que chaque seuil fait des grades, analyse principale",
    "report_grading.positive_when": "Positif si",
    "report_grading.or": " ou ",
    "report_grading.ungradable_title": "Ce qui n’a pas reçu de grade",
    "report_grading.ungradable_table": "Grades donnés et images non interprétables, analyse principale",
    "report_grading.ungradable_sensitivity": "Non interprétables selon la référence et refusées par le dispositif",
    "report_grading.ungradable_specificity": "Interprétables selon la référence et non refusées par le dispositif",
    "report_grading.ungradable_primary": (
        "« Non interprétable » est un résultat du dispositif et jamais une raison d’écarter une unité : dans l’analyse "
        "principale il compte comme faux partout où la référence a un grade."
    ),
    "report_grading.as_used_positive": (
        "À l’usage, une unité que le dispositif refuse est adressée : elle compte comme appelée positive, et "
        "pour l’accord comme le grade positif le plus éloigné de sa référence."
    ),
    "report_grading.as_used_negative": (
        "À l’usage, une unité que le dispositif refuse n’est pas adressée : elle compte comme appelée négative, "
        "et pour l’accord comme le grade négatif le plus éloigné de sa référence."
    ),
    "report_grading.as_used_wrong": "À l’usage, une unité que le dispositif refuse compte comme fausse.",
    "report_grading.as_used_apart": (
        "À l’usage, une unité que le dispositif refuse est mise à part : le protocole laisse ouvert ce qu’elle devient."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
