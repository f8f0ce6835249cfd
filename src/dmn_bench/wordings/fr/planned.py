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
    "planned.regions_of_boxes": (
        "iou_of: region du critère {endpoint} compare des contours, des masques, des cercles et des sphères, et chaque "
        "lésion de référence de {finding} est une boîte. Écrivez iou_of: box, ou donnez les régions dans lesions.csv."
    ),
    "planned.no_lesion_on_two_views": (
        "lesions: by_id du critère {endpoint} prend pour vues d’une même lésion les lesion_id égaux de plusieurs cas "
        "d’une unité ({unit}), et aucune lésion de {finding} n’est dans deux cas d’une unité. Donnez le même lesion_id "
        "aux vues d’une lésion dans lesions.csv, choisissez l’unité qui réunit les vues (exam, par exemple), ou retirez "
        "lesions: by_id."
    ),
    "planned.marks_unfit": (
        "la règle de correspondance {rule} du critère {endpoint} ne permet de comparer aucune des marques de {finding} du "
        "candidat {candidate} ({n} en tout) à une lésion de référence : les marques ont {found}, les lésions {expected}. "
        "Toute lésion serait manquée et toute marque fausse. Choisissez une règle qui convienne aux deux, ou faites "
        "livrer les places dans les termes des lésions."
    ),
}
