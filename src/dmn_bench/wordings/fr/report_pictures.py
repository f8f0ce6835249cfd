"""French sentences of the room `report_pictures`: errors shown in images, with the marks of both sides."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_pictures.title": "Erreurs dans les images",
    "report_pictures.patients": (
        "Ces images montrent des patients. Elles portent l’identifiant de cas du jeu de référence et ni nom, ni date, "
        "ni autre élément d’identité ; conservez et transmettez pourtant ce rapport comme les images elles-mêmes. "
        "« dmn-bench report --without-pictures » fait un rapport sans elles."
    ),
    "report_pictures.rule": (
        "Pour chaque type d’erreur, et pour chaque structure, au plus {n} {number:#image|images}, la pire d’abord : pour les lésions manquées, la plus grande ; "
        "pour les structures, le recouvrement le plus faible ; pour les réponses et les marques fausses, celles dont le "
        "dispositif était le plus certain ; pour les grades, les plus éloignés. Une image n’est montrée deux fois que "
        "s’il n’en reste pas d’autre ; les ex æquo sont ordonnés par un tirage issu de la graine {seed} du protocole. "
        "Elles sont choisies pour être regardées et ne disent pas si une erreur est fréquente. Elles ne servent pas au "
        "diagnostic."
    ),
    "report_pictures.legend": "Marques dans les images",
    "report_pictures.sign": "Marque",
    "report_pictures.meaning": "Sens",
    "report_pictures.sign.reference": "trait plein, R (bleu)",
    "report_pictures.sign_means.reference": "référence : où est la lésion ou la structure, selon ses relecteurs",
    "report_pictures.sign.device": "tirets, D (orange)",
    "report_pictures.sign_means.device": "dispositif : ce qu’il a marqué, avec son score s’il en donne un",
    "report_pictures.sign.ignored": "pointillé (blanc)",
    "report_pictures.sign_means.ignored": (
        "référence : endroit où une marque ne compte ni pour ni contre le dispositif"
    ),
    "report_pictures.sign.cross": "croix",
    "report_pictures.sign_means.cross": "de même, pour un endroit sans étendue",
    "report_pictures.sign.corners": "quatre coins (blancs)",
    "report_pictures.sign_means.corners": "l’erreur dont il s’agit",
    "report_pictures.sign.overview": "petite image",
    "report_pictures.sign_means.overview": "l’image entière ; le rectangle est ce que montre la grande image",
    "report_pictures.sign.bar": "barre blanche",
    "report_pictures.sign_means.bar": "échelle, là où la distance entre les pixels est connue",
    "report_pictures.of_case": "Cas {case} : {kind}",
    "report_pictures.of_lesion": "Cas {case}, lésion {lesion} : {kind}",
    "report_pictures.of_case_about": "Cas {case}, {about} : {kind}",
    "report_pictures.said": "{reference} ; {answer}.",
    "report_pictures.said_values": "Référence : {reference} ; dispositif : {answer}.",
    "report_pictures.not_given": "Le dispositif n’a rendu aucun contour de cette structure : seul celui de la référence est dessiné.",
    "report_pictures.dice": "Coefficient de Dice {dice} sur le cas entier ; montré là où le plus de pixels diffèrent ; l’un des deux peut n’y avoir rien dessiné.",
    "report_pictures.file": "Image {n} du cas.",
    "report_pictures.frame": "Coupe ou image {n} de la série.",
    "report_pictures.too_high": "{kind}, trop haut",
    "report_pictures.too_low": "{kind}, trop bas",
    "report_pictures.size_px.missed_lesion": "La lésion mesure {width} × {height} pixels (largeur × hauteur).",
    "report_pictures.size_mm.missed_lesion": "La lésion mesure {width} × {height} mm (largeur × hauteur ; {columns} × {rows} pixels).",
    "report_pictures.size_px.false_positive_mark": "La marque mesure {width} × {height} pixels (largeur × hauteur).",
    "report_pictures.size_mm.false_positive_mark": "La marque mesure {width} × {height} mm (largeur × hauteur ; {columns} × {rows} pixels).",
    "report_pictures.size_px.error": "L’endroit en cause mesure {width} × {height} pixels (largeur × hauteur).",
    "report_pictures.size_mm.error": "L’endroit en cause mesure {width} × {height} mm (largeur × hauteur ; {columns} × {rows} pixels).",
    "report_pictures.why.missed_lesion.no_mark": "Aucune marque du dispositif ne la touche.",
    "report_pictures.why.missed_lesion.below_the_point": "Une marque s’y trouve, de score {value}, sous le point de fonctionnement.",
    "report_pictures.why.missed_lesion.misplaced": "Une marque la touche sans l’atteindre selon la règle du protocole ; leurs boîtes se recouvrent de {value} (IoU).",
    "report_pictures.why.missed_lesion.counts_for_another": "Une marque la touche et compte pour une autre lésion ; leurs boîtes se recouvrent de {value} (IoU).",
    "report_pictures.why.false_positive_mark.no_mark": "Aucune lésion ne la touche.",
    "report_pictures.why.false_positive_mark.misplaced": "Une lésion la touche, qu’elle n’atteint pas selon la règle du protocole ; leurs boîtes se recouvrent de {value} (IoU).",
    "report_pictures.why.false_positive_mark.counts_for_another": "Elle touche une lésion pour laquelle une autre marque compte ; leurs boîtes se recouvrent de {value} (IoU).",
    "report_pictures.window.as_stored": "Niveaux de gris ou couleurs tels qu’enregistrés.",
    "report_pictures.window.file": "Fenêtre du fichier : {low} en noir, {high} en blanc.",
    "report_pictures.window.lung": "Fenêtre pulmonaire : {low} en noir, {high} en blanc.",
    "report_pictures.window.bone": "Fenêtre osseuse : {low} en noir, {high} en blanc.",
    "report_pictures.window.soft": "Fenêtre des tissus mous : {low} en noir, {high} en blanc.",
    "report_pictures.window.spread": (
        "Le fichier n’indique pas de fenêtre : {low} en noir et {high} en blanc, 0,5 % des valeurs sont au-delà de "
        "chaque côté."
    ),
    "report_pictures.spacing.PixelSpacing": "Échelle selon PixelSpacing.",
    "report_pictures.spacing.ImagerPixelSpacing": (
        "Échelle au détecteur (ImagerPixelSpacing) : ce qui est dans le patient est plus petit."
    ),
    "report_pictures.spacing.NominalScannedPixelSpacing": (
        "Échelle sur le film (NominalScannedPixelSpacing) : ce qui est dans le patient est plus petit."
    ),
    "report_pictures.spacing.file": "Échelle selon le fichier.",
    "report_pictures.spacing.declared": "Échelle déclarée par le jeu de référence.",
    "report_pictures.outside": "L’endroit de l’erreur est hors de l’image ; l’image entière est montrée.",
    "report_pictures.reduced": (
        "Image entière, réduite au point que des mots incrustés ne se lisent guère : rien n’atteste qu’il n’y en a pas."
    ),
    "report_pictures.more_marks": (
        "{n} {number:#autre marque|autres marques} du dispositif dans cette partie de l’image "
        "{number:#n’est pas tracée|ne sont pas tracées}."
    ),
    "report_pictures.shown_at": (
        "Les images du critère « {endpoint} » ne sont pas répétées : les deux critères ne diffèrent que par leur seuil ou leurs mesures."
    ),
    "report_pictures.description": "Une image avec les marques de la référence et du dispositif. {caption}",
    "report_pictures.remark.image_unreadable": (
        "{n} {number:#image n’a pas été tracée|images n’ont pas été tracées} : l’image, ou la coupe où se trouve "
        "l’erreur, n’était pas lisible au moment de faire les images."
    ),
    "report_pictures.remark.image_burned_in": (
        "{n} {number:#image n’a pas été tracée|images n’ont pas été tracées} : un nom peut y être incrusté, ou un visage "
        "visible. Le fichier le dit, ou il est d’une sorte où c’est habituel (échographie, capture secondaire) et "
        "n’atteste pas le contraire (BurnedInAnnotation NO)."
    ),
    "report_pictures.remark.no_image": (
        "{n} {number:#image n’a pas été tracée|images n’ont pas été tracées} : le cas n’a pas de fichier d’image dans "
        "le jeu de référence."
    ),
    "report_pictures.remark.image_size": (
        "{n} {number:#autre image a été laissée|autres images ont été laissées} de côté pour que le "
        "rapport garde une taille qui se transmet."
    ),
    "report_pictures.remark.missing": (
        "{n} {number:#image du résultat enregistré n’est pas|images du résultat enregistré ne sont "
        "pas} dans le dossier de l’essai et ne {number:#peut être montrée|peuvent être montrées}. "
        "Remettez le dossier « figures » à côté de record.json, ou refaites l’essai."
    ),
    "report_pictures.remark.altered": (
        "{n} {number:#image n’est pas montrée|images ne sont pas montrées} : le fichier n’est pas "
        "celui que le résultat enregistré désigne par son empreinte SHA-256. Remettez-le, ou refaites "
        "l’essai."
    ),
    "report_pictures.remark.left_out": (
        "{n} {number:#image a été laissée|images ont été laissées} hors de ce rapport à la demande ; "
        "{number:#elle reste|elles restent} dans le dossier de l’essai."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
