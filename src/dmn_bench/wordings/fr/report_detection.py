"""Phrases françaises de la pièce `report_detection` : lésions retrouvées, marques posées là où il n'y a rien."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_detection.title": "Localisation des anomalies",
    "report_detection.intro": (
        "Combien de lésions de référence le dispositif a montrées, et combien de marques il a posées là où il n’y en a "
        "pas. Un cas bien classé grâce à une marque mal placée compte ici pour une lésion manquée et une fausse marque. "
        "Les intervalles tiennent compte de la ressemblance des lésions et des images d’un même patient."
    ),
    "report_detection.counts_table": "Ce qui a été compté",
    "report_detection.what": "Compté",
    "report_detection.in_all": "en tout",
    "report_detection.at_the_point": "au point de fonctionnement",
    "report_detection.row.lesion": "Lésions de référence ; au point de fonctionnement : celles retrouvées",
    "report_detection.row.false_positive": "Marques faussement positives",
    "report_detection.row.ignored": (
        "Lésions à ignorer : les marques posées dessus ne sont ni des succès ni des faux positifs"
    ),
    "report_detection.row.second_hit": "Autres marques sur une lésion déjà retrouvée, non comptées",
    "report_detection.row.image": "Images",
    "report_detection.row.by_PixelSpacing": "Lésions mesurées en mm d’après le PixelSpacing de leur image",
    "report_detection.row.by_ImagerPixelSpacing": (
        "Lésions mesurées en mm au niveau du détecteur (ImagerPixelSpacing) : elles sont plus petites dans le patient"
    ),
    "report_detection.row.by_NominalScannedPixelSpacing": (
        "Lésions mesurées en mm sur le film (NominalScannedPixelSpacing) : elles sont plus petites dans le patient"
    ),
    "report_detection.row.by_file": (
        "Lésions mesurées en mm d’après l’espacement inscrit dans le fichier de leur image"
    ),
    "report_detection.row.silent_image": "Images sans réponse, comptées chacune avec des faux positifs",
    "report_detection.row.normal_image": "Images d’unités sans lésion",
    "report_detection.row.unit": "Unités",
    "report_detection.row.normal": "Unités sans lésion",
    "report_detection.finding": "Anomalie recherchée",
    "report_detection.hit_rule": "Une marque est sur une lésion quand",
    "report_detection.hit.iou_of_box": "l’intersection sur l’union (IoU) des boîtes est d’au moins {value}",
    "report_detection.hit.iou_of_region": "l’intersection sur l’union (IoU) des régions est d’au moins {value}",
    "report_detection.hit.centre_in_region": "le centre de la marque est dans la lésion, bord compris",
    "report_detection.hit.distance_mm_at_most": "les deux centres sont à {value}\u202fmm au plus l’un de l’autre",
    "report_detection.hit.distance_px_at_most": "les deux centres sont à {value}\u202fpx au plus l’un de l’autre",
    "report_detection.hit.luna16": (
        "la règle du concours LUNA16 le dit : le centre strictement dans la sphère de la lésion, la meilleure marque "
        "compte, les autres sur une lésion sont écartées, et de chaque examen on regarde les 100 meilleures marques"
    ),
    "report_detection.option.matching": "Marques et lésions sont appariées",
    "report_detection.matching.by_score": (
        "par score décroissant : chaque marque prend la lésion la plus proche encore libre"
    ),
    "report_detection.matching.optimal": (
        "de façon à retrouver le plus de lésions possible, une marque pour une lésion"
    ),
    "report_detection.option.second_hits": "Les autres marques sur une lésion déjà retrouvée",
    "report_detection.second_hits.ignored": "ne sont pas comptées",
    "report_detection.second_hits.false_positive": "sont des faux positifs",
    "report_detection.option.lesions": "Une lésion vue sur plusieurs images",
    "report_detection.lesions.each": "compte une fois sur chaque image",
    "report_detection.lesions.by_id": "compte une fois, et est retrouvée dès qu’elle l’est sur l’une d’elles",
    "report_detection.option.no_marks": "Une réponse qui ne dit rien des marques",
    "report_detection.no_marks.negative": "signifie que rien n’a été vu",
    "report_detection.no_marks.failed": "est un échec",
    "report_detection.sensitivity_table": "Lésions retrouvées, et les fausses marques que cela coûte",
    "report_detection.rates_note": (
        "À un taux de faux positifs donné, le seuil est lu sur la courbe de ce jeu même, pour l’intervalle aussi : une "
        "telle sensibilité compare des dispositifs. Ce que fait le dispositif en usage, son point de fonctionnement le "
        "montre."
    ),
    "report_detection.froc_title": "Courbe FROC, critère « {endpoint} ».",
    "report_detection.froc_description": (
        "Part des lésions retrouvées en fonction des marques faussement positives par image, sur tous les seuils du score."
    ),
    "report_detection.froc_doubling": "L’axe des faux positifs est logarithmique : chaque graduation vaut le double de la précédente.",
    "report_detection.froc_point": "Carré : le point de fonctionnement du protocole.",
    "report_detection.froc_rates": "Disques : les taux du protocole. Barres : intervalles de confiance.",
    "report_detection.froc_beyond": (
        "Le dispositif ne donne jamais plus de {most} fausse marque par image : ce qui figure à {rates} est la valeur de sa "
        "dernière marque (tirets), non un taux qu’il atteint."
    ),
    "report_detection.froc_silent": (
        "Les images sans réponse ont chacune un faux positif au-dessus de tous les scores, par lequel la courbe commence, "
        "et à chaque seuil autant que l’image répondue qui en a le plus."
    ),
    "report_detection.afroc_title": "Courbe AFROC, critère « {endpoint} ».",
    "report_detection.afroc_description": (
        "Part des lésions retrouvées en fonction de la part des unités sans lésion qui ont une fausse marque, sur tous les "
        "seuils du score ; entre son dernier point et le coin supérieur droit la courbe est droite."
    ),
    "report_detection.afroc_areas": (
        "Parmi les aires ci-dessus, AFROC est celle sous cette courbe, et AFROC pondérée celle sous la courbe qui pondère "
        "ses lésions ; une aire sur toutes les unités a un autre axe horizontal."
    ),
    "report_detection.afroc_x": "Unités sans lésion ayant une fausse marque (part)",
    "report_detection.areas_table": "Aires sous les courbes AFROC",
    "report_detection.meaning": "Signification",
    "report_detection.means.afroc": (
        "Probabilité qu’une lésion ait un score supérieur à la plus haute fausse marque d’une unité sans lésion ; une "
        "lésion ou une unité sans marque a le score le plus bas."
    ),
    "report_detection.means.afroc_all": (
        "Probabilité qu’une lésion ait un score supérieur à la plus haute fausse marque d’une unité quelconque, avec ou "
        "sans lésion ; une lésion ou une unité sans marque a le score le plus bas."
    ),
    "report_detection.means.wafroc": (
        "Probabilité qu’une lésion ait un score supérieur à la plus haute fausse marque d’une unité sans lésion, les lésions "
        "d’une unité se partageant un seul poids : une unité à plusieurs lésions ne compte pas plus qu’une autre."
    ),
    "report_detection.means.wafroc_all": (
        "Probabilité qu’une lésion ait un score supérieur à la plus haute fausse marque d’une unité quelconque, les lésions "
        "d’une unité se partageant un seul poids : une unité à plusieurs lésions ne compte pas plus qu’une autre."
    ),
    "report_detection.no_froc_area": (
        "L’aire sous la courbe FROC n’est jamais utilisée : elle n’a pas de borne supérieure, et elle croît quand un "
        "dispositif ajoute des marques dont personne ne voudrait."
    ),
    "report_detection.lesions": "Lésions",
    "report_detection.strata_table": "Sensibilité des lésions par strate des lésions : {field}, avec intervalles de confiance à {level}",
    "report_detection.strata_note": (
        "Les fausses marques n’appartiennent à aucune lésion : à un taux donné, celles du jeu entier valent pour chaque "
        "strate de lésions."
    ),
    "report_detection.errors_table": "Erreurs avec leur place, la pire d’abord, et une colonne vide pour la relecture",
    "report_detection.errors_note": (
        "Viennent d’abord les lésions manquées par taille, la plus grande en tête, puis les fausses marques par score, le "
        "plus élevé en tête. Les centres en pixels se comptent du coin supérieur gauche de l’image, vers la droite "
        "et vers le bas ; ceux en millimètres sont les coordonnées DICOM du patient (x vers la gauche, y vers l’arrière, "
        "z vers la tête)."
    ),
    "report_detection.error_lesion": "Lésion",
    "report_detection.error_image": "Où",
    "report_detection.error_image_number": "image {n}",
    "report_detection.error_frame": "coupe {n}",
    "report_detection.error_centre": "Centre",
    "report_detection.error_size": "Taille",
    "report_detection.centre_px": "x\u00a0{x} ; y\u00a0{y}\u202fpx",
    "report_detection.centre_mm": "x\u00a0{x} ; y\u00a0{y} ; z\u00a0{z}\u202fmm",
    "report_detection.size_px": "{width}\u00a0×\u00a0{height}\u202fpx",
    "report_detection.size_mm": "⌀\u00a0{diameter}\u202fmm",
    "report_detection.technical_table": "Chiffres techniques, sans valeur pour une décision de soins",
    "report_detection.technical_note": (
        "La moyenne des précisions moyennes (mAP) sert à comparer avec la littérature de vision par ordinateur. Elle "
        "moyenne des seuils que personne n’utilise et ne dit rien des patients."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
