"""French sentences of the room `planned`: what the check of a protocol finds that only its set or its files tell."""

WORDS: dict[str, str] = {
    "planned.lesions_unfit": (
        "la règle de correspondance {rule} du critère {endpoint} exige {needs} pour chaque lésion, et {n} des {total} "
        "lésions de référence ne les ont pas : la lésion {lesion} du cas {case} est la première, puis {others}. "
        "Complétez ces colonnes de lesions.csv, ou choisissez une règle qui convienne à toutes les lésions : {fitting}."
    ),
    "planned.lesions_unfit_one": (
        "la règle de correspondance {rule} du critère {endpoint} exige {needs} pour chaque lésion, et la lésion {lesion} "
        "du cas {case} ({n} sur {total}) ne les a pas. Complétez ces colonnes de lesions.csv, ou choisissez une règle qui "
        "convienne à toutes les lésions : {fitting}."
    ),
    "planned.lesions_on_no_image": (
        "{n} des {total} lésions de référence du critère {endpoint} sont dans un cas de plusieurs images et n’en nomment "
        "aucune : la lésion {lesion} du cas {case} est la première, puis {others}. Trouvé : « {found} » ; attendu : l’une "
        "de {known}. Indiquez le chemin dans la colonne image de lesions.csv."
    ),
    "planned.lesions_on_no_image_one": (
        "la lésion {lesion} du cas {case} ({n} sur {total} du critère {endpoint}) est dans un cas de plusieurs images et "
        "n’en nomme aucune. Trouvé : « {found} » ; attendu : l’une de {known}. Indiquez le chemin dans la colonne image "
        "de lesions.csv."
    ),
    "planned.matching_of_luna16": (
        "la règle de correspondance luna16 du critère {endpoint} a son propre appariement : matching: optimal n’y "
        "changerait rien. Retirez matching, ou choisissez une autre règle."
    ),
    "planned.marks_unfit": (
        "la règle de correspondance {rule} du critère {endpoint} ne permet de comparer aucune des marques de {finding} du "
        "candidat {candidate} ({n} en tout) à une lésion de référence : les marques ont {found}, les lésions {expected}. "
        "Toute lésion serait manquée et toute marque fausse. Choisissez une règle qui convienne aux deux, ou faites "
        "livrer les places dans les termes des lésions."
    ),
    "planned.no_tolerance": (
        "{metrics} du critère {endpoint} exige une tolérance pour chaque structure, et aucune n’est indiquée pour : "
        "{structures}. Ajoutez {option} au critère : un nombre en {unit} pour toutes, ou un par structure, par exemple "
        "{example}."
    ),
    "planned.no_limit": (
        "{metric} du critère {endpoint} exige {option}, que le critère n’indique pas. Ajoutez-le, ou retirez la mesure."
    ),
    "planned.rule_over_structures": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} a une valeur pour chaque structure ({questions}) et "
        "aucune pour l’ensemble. Ajoutez each_level_of: {field} à la règle, et {field} à strata."
    ),
    "planned.rule_over_statements": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} a une valeur pour chaque énoncé ({questions}) et "
        "aucune pour l’ensemble. Ajoutez each_level_of: {field} à la règle et {field} à strata, ou nommez une moyenne "
        "comme macro_sensitivity."
    ),
    "planned.rule_of_one_question": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} est une moyenne sur les niveaux de {field}, et n’a pas "
        "de valeur pour l’un d’eux. Retirez each_level_of: {field}, ou nommez une mesure d’un seul niveau."
    ),
    "planned.rule_of_whole_units": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} compte des unités entières, qui n’ont pas de niveau de "
        "{field}. Retirez each_level_of, ou nommez un champ des cas."
    ),
    "planned.rule_of_no_lesion": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} compte les fausses marques, qui ne sont sur aucune "
        "lésion et n’ont pas de niveau de {field}. Retirez each_level_of, ou nommez un champ des cas."
    ),
    "planned.rule_without_spacing": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} se mesure en mm, et aucun des {n} cas délimités, dont "
        "{case} en premier, ne dit la distance entre les pixels de son image. Donnez au critère {endpoint} distances_in: px "
        "et tolerance_px, exportez des images qui la disent, ou nommez dice."
    ),
    "planned.rule_enriched_set": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} dépend de la part de cas positifs, et dans ce jeu ils "
        "ont été choisis (sampling: enriched). Nommez une mesure qui n’en dépend pas, comme sensitivity ou ppv_local."
    ),
    "planned.rule_no_local_prevalence": (
        "la règle {rule} ne pourra jamais être tranchée : {metric} exige la prévalence du lieu d’utilisation, et la fiche "
        "n’en donne aucune pour le critère {endpoint}. Ajoutez local_prevalence à la fiche et verrouillez le jeu de "
        "nouveau, ou nommez une autre mesure."
    ),
    "planned.rule_prevalence_of_other_cut": (
        "la règle {rule} ne pourra jamais être tranchée : la local_prevalence de la fiche est celle d’un autre seuil que "
        "positive_when du critère {endpoint}, de sorte que {metric} n’a pas de valeur. Ajoutez à la fiche la prévalence "
        "de ce seuil et verrouillez le jeu de nouveau, ou nommez une autre mesure."
    ),
    "planned.rule_prevalence_of_other_unit": (
        "la règle {rule} ne pourra jamais être tranchée : la local_prevalence de la fiche est comptée dans une autre unité "
        "que le critère {endpoint}, de sorte que {metric} n’a pas de valeur. Ajoutez à la fiche la prévalence dans cette "
        "unité et verrouillez le jeu de nouveau, ou nommez une autre mesure."
    ),
    "planned.grades_of_output": (
        "candidat {candidate} : la sortie pour {finding} a {n} valeurs, comptées comme grades à partir de 0, et l’échelle "
        "du critère {endpoint} a {most} grades ({scale}). Listez dans son option {option} le grade de chaque valeur, du "
        "plus léger au plus grave, ou indiquez au critère l’échelle du dispositif (answer_scale)."
    ),
    "planned.listed_grades_of_output": (
        "candidat {candidate} : l’option {option} liste {most} grades ({listed}), et la sortie pour {finding} a {n} "
        "valeurs. Listez un grade pour chaque valeur."
    ),
    "planned.title.quantiles": "Règles sur une médiane ou un autre quantile : combien de cas en décident (avec une probabilité de {power})",
    "planned.column.fewest": "Cas nécessaires au moins",
    "planned.column.right_to_meet": "Dans l’objectif pour qu’elle soit remplie",
    "planned.column.wrong_to_fail": "Hors de lui pour qu’elle ne le soit pas",
    "planned.column.met_from": "Remplie si cette part y est vraiment",
    "planned.axis.share": "Part vraie des cas qui donnent {goal}",
    "planned.say.too_few": (
        "{where}, {measure} {goal} : {n} cas ne peuvent pas décider de cette règle, quelle que soit la valeur du dispositif ; "
        "il en faut au moins {fewest} pour ses limites et pour l’effectif minimal du protocole."
    ),
    "planned.say.counts": (
        "{where}, {measure} {goal} : sur {n} cas, {right} doivent donner {goal} pour que la règle soit remplie ; elle n’est pas "
        "remplie si {wrong} ne le donnent pas, et sinon non concluante. Certains patients ont plusieurs cas, qui comptent comme "
        "des copies l’un de l’autre."
    ),
    "planned.say.counts_and_shares": (
        "{where}, {measure} {goal} : sur {n} cas, {right} doivent donner {goal} pour que la règle soit remplie ; elle n’est pas "
        "remplie si {wrong} ne le donnent pas, et sinon non concluante. Avec une probabilité de {power}, elle est remplie si "
        "{met_from} des cas de ce genre donnent vraiment {goal}, et non remplie si {not_met_up_to} au plus le font."
    ),
    "planned.nothing_to_draw": (
        "il n’y a pas de courbe à tracer : des patients qui ont plusieurs cas laissent ouvertes les probabilités d’une règle "
        "sur un quantile, ou les cas sont trop peu nombreux. Retirez --out ; le tableau et les phrases disent ce que l’on sait."
    ),
}
