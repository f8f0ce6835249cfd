"""Phrases françaises sur la place des lésions et des marques, et sur les strates de lésions."""

from __future__ import annotations

WORDS = {
    "lesions.geometry": (
        "ces colonnes ne vont pas ensemble : {found}. En pixels, une lésion a x et y, avec width et height, ou avec "
        "diameter, ou sans rien d’autre ; ou bien outline ou mask_file, avec ou sans le cadre x, y, width et height. En "
        "millimètres, elle a x_mm, y_mm et z_mm, avec diameter_mm, ou avec width_mm, height_mm et depth_mm, ou sans "
        "rien d’autre. Complétez la ligne, ou videz les autres cellules."
    ),
    "lesions.outline_number": (
        "« {found} » dans la colonne « outline » n’est pas un nombre. Écrivez x1 y1 x2 y2 … en pixels, avec un point "
        "décimal et une espace entre les nombres."
    ),
    "lesions.outline_points": (
        "le contour a {found} {found:#nombre|nombres} ; x et y d’au moins trois points étaient attendus, et au plus "
        "{limit} nombres. Corrigez-le."
    ),
    "lesions.outline_empty": (
        "le contour « {found} » n’entoure rien : ses points sont sur une même droite. Redessinez la lésion, ou donnez "
        "un point ou un cadre."
    ),
    "lesions.mask_file_kind": (
        "« {found} » n’est pas l’image d’une lésion : un fichier en {known} était attendu. Convertissez-le."
    ),
    "lesions.mask_file_missing": (
        "l’image « {found} » de cette lésion n’est pas dans le jeu. Ajoutez-la, ou corrigez son nom."
    ),
    "lesions.mask_file_unreadable": ("l’image « {found} » de cette lésion est illisible ({error}). Remplacez-la."),
    "lesions.mask_file_frames": (
        "l’image « {found} » de cette lésion a plusieurs pages ou des couleurs ; une seule page grise était attendue. "
        "Enregistrez-la ainsi."
    ),
    "lesions.mask_file_size": (
        "l’image « {found} » de cette lésion fait {columns} × {rows} pixels, et le cliché {expected_columns} × "
        "{expected_rows}. Un masque n’est jamais redimensionné : enregistrez-le à la taille du cliché."
    ),
    "lesions.mask_file_empty": (
        "l’image « {found} » n’a aucun pixel à l’intérieur, si bien que la lésion n’est nulle part. Supprimez la ligne, "
        "ou remplacez l’image."
    ),
    "lesions.mask_file_planes": (
        "une lésion se trouve sur un seul plan de son image, la trame que dit sa ligne ou la seule qui a un pixel dedans ; "
        "le masque a des pixels sur {n} (trame {found}), la ligne dit {frame}. Donnez à chaque plan une ligne, avec son masque."
    ),
    "lesions.readers_picture": (
        "l’image « {found} » d’une lésion du cas {case} n’a pas été ouverte : impossible de savoir si les relecteurs "
        "de ce cas ont dessiné la même lésion. Chargez le jeu avec ses images, ou indiquez le cadre de la lésion "
        "dans x, y, width et height."
    ),
    "lesions.readers_units": (
        "le relecteur {reader} place cette lésion du cas {case} en pixels et le relecteur {other} (ligne {line}) en "
        "millimètres, ou l’inverse : ce ne pourra jamais être la même lésion. Indiquez les deux dans la même "
        "unité, ou dans les deux unités."
    ),
    "lesions.readers_images": (
        "le relecteur {reader} désigne l’image de cette lésion du cas {case} par son chemin et le relecteur {other} "
        "(ligne {line}) par son SOP Instance UID, ou l’inverse : ce ne pourra jamais être la même lésion. Désignez "
        "les images d’une seule façon."
    ),
    "lesions.left_open": (
        "le cas « {case} » est positif pour « {finding} » et le relecteur {reader} y a dessiné une lésion, mais il "
        "n’a aucune ligne de consensus alors que d’autres cas en ont : ses lésions seraient perdues, et les "
        "marques qui les trouvent seraient fausses. Ajoutez des lignes dont le relecteur (reader) est vide ou « "
        "consensus » pour chaque cas positif, même là où les relecteurs étaient d’accord ; ou laissez la fiche "
        "calculer la référence (consensus: {{rule: majority}})."
    ),
    "lesions.box_unlike_region": (
        "le cadre de la lésion « {found} » n’est pas celui qui entoure sa région : ils diffèrent jusqu’à {apart} pixels. "
        "Videz les cellules x, y, width et height, et le cadre sera tiré de la région."
    ),
    "lesions.diameter_normalised": (
        "un diamètre n’a pas de sens en part d’une image : sa largeur et sa hauteur en donneraient deux. Donnez "
        'les cercles en pixels, ou écartez la colonne par columns: {{diameter: ""}}.'
    ),
    "lesions.diameter_beside_box": (
        "une marque a un cadre ou un contour, et un diamètre en plus : c’est un emplacement de trop. Si la "
        'colonne est une autre mesure, écartez-la par columns: {{diameter: ""}}.'
    ),
    "lesions.outline_wrong": (
        "« {found} » dans la colonne « {column} » n’est pas un contour. Attendu : x1 y1 x2 y2 … séparés par des "
        "espaces, ou une liste de [x, y]."
    ),
    "lesions.http_marks": (
        "response.marks ne donne pas d’emplacement à une marque, ou lui en donne deux. Attendu : un cadre ; ou un point "
        "(form: xy), avec ou sans diamètre en px ; ou un contour, avec un cadre ou avec box: []. Corrigez les options."
    ),
    "lesions.column_unknown": (
        "cette strate vient de la colonne « {found} », que lesions.csv n’a pas ; elle a : {known}. Corrigez la fiche ou "
        "ajoutez la colonne."
    ),
    "lesions.column_unknown_nearest": (
        "cette strate vient de la colonne « {found} », que lesions.csv n’a pas ; vouliez-vous dire « {nearest} » ? Elle "
        "a : {known}."
    ),
    "lesions.column_hidden": (
        "la strate « {found} » ne vient pas de la colonne de ce nom dans lesions.csv, si bien que deux choses portent un "
        "même nom. Renommez la strate ou la colonne."
    ),
    "lesions.stratum_source": (
        "une strate de lésions vient soit d’une colonne de lesions.csv, soit d’une mesure. Écrivez « column » ou "
        "« from », pas les deux."
    ),
    "lesions.stratum_edges": (
        "la mesure « {found} » est un nombre : il faut des bornes (edges) pour en faire des niveaux. Ajoutez edges."
    ),
    "lesions.stratum_unmeasured": (
        "aucune lésion n’a la mesure « {found} » : toutes sont « non renseigné ». Les mm demandent des places en "
        "millimètres (x_mm …) ou une image qui dit la distance entre ses pixels (PixelSpacing), les pixels des places "
        "en pixels. Tirez la strate d’une autre mesure, ou indiquez les places ainsi."
    ),
    "lesions.stratum_not_everywhere": (
        "{n} {n:#lésion|lésions} sur {total}, dont {lesion} en premier, {n:#n’a|n’ont} pas la mesure « {found} » et {n:#est|sont} « non renseigné » : "
        "leur image ne dit pas la distance entre ses pixels, ou un point n’a pas de taille. Rien n’est supposé pour elles."
    ),
    "lesions.stratum_twice": (
        "« {found} » est à la fois une strate de cas et une strate de lésions. Renommez l’une des deux."
    ),
    "lesions.describe_caption": "Lésions de référence, et celles de chaque niveau de leurs propres strates",
    "lesions.describe_all": "toutes",
    "lesions.describe_finding": "Anomalie",
    "lesions.describe_field": "Champ des lésions",
    "lesions.describe_level": "Niveau",
    "lesions.describe_lesions": "Lésions",
    "lesions.describe_ignored": "dont à ignorer",
    "lesions.describe_cases": "Cas",
    "lesions.describe_patients": "Patients",
}
