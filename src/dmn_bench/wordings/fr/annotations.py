"""French sentences of the room `annotations`: pictures with annotation files that become cases of a reference set."""

WORDS: dict[str, str] = {
    # ---------------------------------------------------------------------------------------------------- options
    "annotations.help.annotations": (
        "Pour des images : fichier ou dossier d’annotations (COCO, Pascal VOC, YOLO, labelme, CVAT, CSV, ChestX-Det, "
        "LIDC-IDRI, segmentations et contours DICOM). Pour des ECG : extension des fichiers d’annotations à côté des "
        "enregistrements."
    ),
    "annotations.help.format": "Format de --annotations, quand un dossier en contient plusieurs : {known}.",
    "annotations.help.categories": (
        "CSV (category,finding,use) du sens des catégories d’annotations ; use : lesion, ignore, structure, nothing ou "
        "left-out."
    ),
    "annotations.help.pictures": (
        "Sur quoi les annotations ont été dessinées, quand des images portent une marque d’orientation : stored (telles "
        "que le fichier les contient) ou upright (telles que la marque les montre)."
    ),
    "annotations.help.corners": (
        "Ce que sont les deux coins d’une boîte : edges (ses bords), ou son premier et son dernier pixel, comptés à partir "
        "de 0 ou de 1."
    ),
    "annotations.help.columns": "CSV (column,is) du sens des colonnes d’un CSV de boîtes.",
    "annotations.help.names": "Noms des classes de fichiers YOLO, un par ligne, ou fichier YAML avec la clé names.",
    "annotations.help.reader": "Qui a dessiné toutes ces annotations ; sans elle, elles sont la référence même.",
    "annotations.help.unlisted": (
        "Ce que valent les anomalies d’une image qu’aucun fichier d’annotations ne nomme ; left-out : elle ne devient pas "
        "un cas."
    ),
    "annotations.is_ecg": "le jeu est d’ECG, et l’import est d’images. Commencez un jeu d’une autre modalité.",
    "annotations.only_of_images": "{found} concerne des images, et la modalité du jeu est {modality}. Retirez l’option.",
    "annotations.only_of_ecg": "{found} concerne des ECG, et la modalité du jeu est {modality}. Retirez l’option.",
    "annotations.needs_annotations": "{found} dit comment lire des annotations. Nommez-les : --annotations.",
    # --------------------------------------------------------------------------------------- files that cannot be read
    "annotations.no_annotations": "ce fichier ou ce dossier n’existe pas. Nommez les annotations.",
    "annotations.no_format": (
        "aucun fichier d’un format connu n’a été trouvé ; les formats sont {known}. Nommez les annotations, ou --format."
    ),
    "annotations.none_of_format": "aucun fichier du format {found} n’a été trouvé. Nommez les annotations elles-mêmes.",
    "annotations.several_formats": (
        "il y a des fichiers de plusieurs formats ({found}), et un seul est la référence. Dites lequel : --format."
    ),
    "annotations.corners_unstated": (
        "les boîtes de {form} sont entre deux coins, que les programmes comptent de trois façons. Dites laquelle : "
        "--corners edges, pixels-from-0 ou pixels-from-1 (comme Pascal VOC l’a défini)."
    ),
    "annotations.names_unstated": (
        "les fichiers YOLO désignent les classes par des numéros. Donnez leurs noms : --names, ou l’un de {known} à côté."
    ),
    "annotations.columns_unstated": "les colonnes ne sont d’aucune forme connue. Dites ce qu’elles sont : --columns.",
    "annotations.too_large": "le fichier dépasse {limit} Mio. Coupez-le en plusieurs.",
    "annotations.not_utf8": "le fichier n’est pas en UTF-8. Enregistrez-le en UTF-8.",
    "annotations.json_malformed": "ce n’est pas du JSON valide : {found}. Le fichier est peut-être coupé ; exportez-le à nouveau.",
    "annotations.key_doubled": (
        "la clé {found} est donnée plusieurs fois, et rien ne dit laquelle vaut. Exportez le fichier à nouveau."
    ),
    "annotations.half_character": (
        "le texte {found} contient une moitié de caractère (montrée par �). Exportez le fichier à nouveau."
    ),
    "annotations.expected_list": "une liste était attendue, trouvé {found}. Exportez le fichier à nouveau.",
    "annotations.expected_number": "un nombre était attendu, trouvé {found}. Exportez le fichier à nouveau.",
    "annotations.expected_numbers": "{expected} nombres étaient attendus, trouvé {found}. Exportez le fichier à nouveau.",
    "annotations.expected_object": "un objet était attendu, trouvé {found}. Exportez le fichier à nouveau.",
    "annotations.expected_text": "un texte était attendu, trouvé {found}. Exportez le fichier à nouveau.",
    "annotations.not_coco": (
        "images, annotations et categories de COCO étaient attendus. Un fichier de résultats n’en a pas ; nommez les "
        "annotations."
    ),
    "annotations.not_voc": "un fichier XML de Pascal VOC (annotation) était attendu, trouvé {found}.",
    "annotations.not_labelme": "un fichier JSON de labelme avec la liste shapes était attendu.",
    "annotations.not_cvat": (
        "un fichier XML de CVAT pour images (annotations sans track) était attendu. Exportez-le comme « CVAT for images "
        "1.1 »."
    ),
    "annotations.not_chestxdet": "une liste d’images avec syms, boxes et polygons était attendue.",
    "annotations.not_lidc": "un fichier XML de LIDC-IDRI avec readingSession était attendu, trouvé {found}.",
    "annotations.flag_value": "la marque « {found} » de l’image n’est ni true ni false. Corrigez-la.",
    "annotations.group_shape": (
        "cette forme est dans un groupe, et seuls des polygones et des rectangles peuvent être les parties d’une même région. "
        "Redessinez la région ainsi, ou retirez les formes du groupe."
    ),
    "annotations.bad_names": (
        "un nom par classe était attendu, aucun deux fois et aucune ligne vide entre eux. Corrigez la liste."
    ),
    "annotations.image_doubled": "l’identifiant de l’image, « {found} », est vide ou figure deux fois. Exportez le fichier à nouveau.",
    "annotations.category_doubled": (
        "l’identifiant de la catégorie, « {found} », est vide ou figure deux fois. Exportez le fichier à nouveau."
    ),
    "annotations.image_unknown": (
        "l’annotation est de l’image {found}, que le fichier n’énumère pas. Exportez le fichier à nouveau."
    ),
    "annotations.category_unknown": (
        "l’annotation est de la catégorie {found}, que le fichier n’énumère pas. Exportez le fichier à nouveau."
    ),
    "annotations.image_without_name": "l’image n’a pas de nom. Exportez le fichier à nouveau.",
    # ------------------------------------------------------------------------------------------------ things drawn
    "annotations.without_category": "il n’y a pas de catégorie. Donnez-en une.",
    "annotations.without_place": "il n’y a pas de place lisible. Redessinez-la.",
    "annotations.not_finite": "une coordonnée n’est pas un nombre. Redessinez.",
    "annotations.bad_mask": "le masque ou le polygone ne peut pas servir : {found}. Redessinez-le.",
    "annotations.shape_unknown": "« {found} » n’entoure rien ; les formes connues sont {known}. Redessinez avec l’une d’elles.",
    "annotations.lists_differ": (
        "syms, boxes et polygons n’ont pas la même longueur : rien ne dit ce qui va ensemble."
    ),
    "annotations.class_unknown": "la classe « {found} » n’a pas de nom ; il y en a {n}. Corrigez-la, ou donnez les bons --names.",
    "annotations.confidence": (
        "la ligne finit par une confiance : ce sont les résultats d’un modèle, non une référence. Nommez les étiquettes."
    ),
    "annotations.line_width": (
        "class cx cy width height était attendu, ou class et trois points ou plus ; trouvé {found} mots."
    ),
    "annotations.found_word": "1 (trouvé) ou 0 (non) était attendu, trouvé « {found} ».",
    "annotations.found_and_not": "la ligne dit que rien n’a été trouvé, et porte une boîte. Corrigez l’un des deux.",
    "annotations.nothing_and_drawn": (
        "un relecteur dit que rien n’a été trouvé et a dessiné une anomalie sur la même image. Corrigez l’un des deux."
    ),
    "annotations.no_area": "ce qui a été dessiné n’a pas de surface ({found}). Redessinez-le.",
    "annotations.outside": (
        "ce qui a été dessiné ({found}) est hors de son image de {columns} sur {rows} px. Redessinez-le."
    ),
    "annotations.mask_size": "le masque est de {found} px, son image de {expected}. Un masque n’est jamais redimensionné ; redessinez-le.",
    "annotations.turn_unstated": (
        "l’image porte une marque d’orientation (EXIF {found}), et rien ne dit si l’on a dessiné sur elle telle que le "
        "fichier la contient ou telle qu’elle est montrée. Vérifiez et dites-le : --pictures stored ou --pictures upright."
    ),
    "annotations.turned_size": (
        "les annotations disent {found} px, l’image en a {expected} : on a dessiné de l’autre côté de sa marque "
        "d’orientation. Revoyez --pictures ; rien n’est étiré."
    ),
    "annotations.other_size": (
        "les annotations disent {found} px, l’image en a {expected}. Nommez les images sur lesquelles on a dessiné ; rien "
        "n’est redimensionné."
    ),
    "annotations.picture_twice": (
        "l’image est annotée deux fois, ici et dans {other}. Gardez l’une, ou importez un relecteur après l’autre avec "
        "--reader."
    ),
    "annotations.read_twice": "la série est lue deux fois, ici et dans {other}. Gardez l’une des deux lectures.",
    "annotations.other_folder": (
        "aucune image ne se trouve là où le dit « {found} » ; une image de ce nom est {other}. Donnez à --files le dossier "
        "dont partent les noms, ou corrigez-les ; rien n’a été inscrit pour lui."
    ),
    "annotations.already_drawn": (
        "le cas {case} a déjà des annotations de ce relecteur, qui restent ; celles lues maintenant en diffèrent par {n} "
        "{n:#lésion, masque ou valeur|lésions, masques ou valeurs}. Importez ce qui est juste dans un nouveau jeu, tout d’un "
        "relecteur à la fois."
    ),
    "annotations.reader_unstated": "d’autres lignes nomment leur relecteur, celle-ci aucun. Dites qui a dessiné.",
    "annotations.reader_twice": "les annotations disent elles-mêmes qui a dessiné. Retirez --reader.",
    "annotations.name_ambiguous": "{n} images portent le nom « {found} ». Écrivez-le avec son dossier.",
    "annotations.names_differ": (
        "le fichier et le nom qu’il contient ({found}) désignent des images différentes. Corrigez l’un des deux ; rien n’a "
        "été inscrit pour lui."
    ),
    "annotations.several_pages": (
        "le fichier contient plusieurs pages, et rien ne dit sur laquelle on a dessiné. Enregistrez chaque page à part."
    ),
    "annotations.no_lattice": (
        "les coupes ne se suivent pas à distance égale : il en manque peut-être. Récupérez toute la série."
    ),
    "annotations.structure_twice": (
        "la structure « {found} » a été dessinée ici et dans {other}. Importez un relecteur après l’autre avec --reader."
    ),
    "annotations.structure_ignored": (
        "la structure « {found} » a été dessinée ici comme région à ignorer (crowd, difficult), et un masque n’en a pas. "
        "Dessinez-la elle-même, ou laissez la catégorie de côté."
    ),
    "annotations.box_elsewhere": (
        "la boîte ({found}) est à part de la région ({other}) dessinée avec elle. Corrigez l’une des deux."
    ),
    "annotations.picture_damaged": (
        "l’image est coupée ou endommagée ; rien n’est complété, et elle figure dans sampling.csv comme excluded. Restaurez-la "
        "depuis sa source ; la même commande réessaie."
    ),
    "annotations.structure_without_region": (
        "la structure « {found} » a été dessinée par un point ou un cercle, ou est dite de toute l’image. Dessinez son contour."
    ),
    "annotations.truth_differs": (
        "{case} : truth.csv dit « {found} » de « {finding} », et les annotations disent « {expected} ». Ce qui y était "
        "reste ; cherchez ce qui est juste."
    ),
    "annotations.too_few": "{expected} examens étaient à tirer au sort, et le dossier en a {found}. Tirez-en moins.",
    "annotations.unlisted_of_readers": (
        "plusieurs relecteurs ont dessiné, et rien ne dit lequel a vu les images qu’aucun fichier ne nomme. Retirez "
        "--unlisted."
    ),
    # -------------------------------------------------------------------------------------------------- tables
    "annotations.use_unknown": "l’usage est « {found} » ; l’un de {known} était attendu.",
    "annotations.finding_unknown": "la fiche n’a pas d’anomalie « {found} » ; elle a : {known}.",
    "annotations.structure_name": (
        "« {found} » ne désigne pas une structure : 1 à {limit} caractères sur une ligne. Corrigez-le."
    ),
    "annotations.use_without_finding": "l’usage {use} n’a pas d’anomalie, trouvé « {found} ». Laissez finding vide.",
    "annotations.category_twice": (
        "la catégorie figure à la ligne {line} avec un sens qui contredit celui-ci. Gardez l’une des deux lignes."
    ),
    "annotations.column_word": "« {found} » n’est pas le sens d’une colonne ; l’un de {known} était attendu.",
    "annotations.column_twice": "la colonne « {found} », ou son sens, figure deux fois. N’en gardez qu’une.",
    "annotations.table_file": "le fichier « {found} » est vide ou figure deux fois. Corrigez le tableau.",
    "annotations.table_side": "la latéralité est « {found} » ; L, R, B, ou OG, OD, ODG, ou rien était attendu.",
    "annotations.table_no_picture": "le dossier n’a pas d’image « {found} ». Corrigez le tableau.",
    # ------------------------------------------------------------------------------------------------------ the end
    "annotations.done": (
        "{pictures} {pictures:#image inscrite|images inscrites} dans {folder}, avec {lesions} "
        "{lesions:#lésion|lésions} et {masks} {masks:#masque|masques} ; {known} y {known:#était|étaient} déjà."
    ),
    "annotations.read_as": "Annotations lues comme {found}.",
    "annotations.left_out.not_an_image": (
        "{n} {n:#fichier n’est pas une image connue|fichiers ne sont pas des images connues} d’un lecteur."
    ),
    "annotations.left_out.other_modality": (
        "{n} {n:#objet laissé|objets laissés} de côté : d’une autre modalité que le jeu."
    ),
    "annotations.left_out.burned_in": (
        "{n} {n:#image laissée|images laissées} de côté : le fichier dit que du texte est incrusté dans les pixels. "
        "Regardez les pixels, puis --burned-in les prend."
    ),
    "annotations.left_out.unreadable": (
        "{n} {n:#image laissée|images laissées} de côté : illisible, voir plus haut ; la même commande réessaie."
    ),
    "annotations.left_out.unusable": (
        "{n} {n:#image laissée|images laissées} de côté : ce qui a été dessiné dessus ne peut pas servir, voir plus haut ; "
        "la même commande réessaie."
    ),
    "annotations.left_out.unlisted": (
        "{n} {n:#image laissée|images laissées} de côté : aucun fichier d’annotations ne {n:#la|les} nomme."
    ),
    "annotations.left_out.not_drawn": (
        "{n} {n:#image n’a pas été tirée|images n’ont pas été tirées}, comme le dit sampling.csv."
    ),
    "annotations.not_images": "Pas des images : {found}",
    "annotations.unlisted_open": (
        "{n} {n:#image n’est nommée|images ne sont nommées} par aucun fichier d’annotations ; aucune annotation ne pouvant "
        "énoncer une anomalie, truth.csv n’en dit rien."
    ),
    "annotations.unlisted_unplaced": (
        "{n} {n:#image n’est nommée|images ne sont nommées} par aucun fichier d’annotations : les anomalies y sont non "
        "vérifiées, et non négatives, tant que quelque chose a été dessiné dont l’image n’est pas ici."
    ),
    "annotations.value.negative": "négatives",
    "annotations.value.unverified": "non vérifiées",
    "annotations.stayed": (
        "{n} {n:#image qui était déjà là n’est nommée|images qui étaient déjà là ne sont nommées} par aucun fichier "
        "d’annotations : ce qui avait été inscrit reste, et --unlisted n’y change rien. Pour en dire autre chose, importez "
        "dans un nouveau jeu."
    ),
    "annotations.table_stayed": (
        "{n} cas qui {n:#était|étaient} déjà là {n:#garde son|gardent leur} patient, {n:#son|leur} examen et {n:#ses|leurs} "
        "colonnes, dont --table dit autre chose. Importez dans un nouveau jeu."
    ),
    "annotations.stratum_lost": (
        "La strate {stratum} lit {keyword} dans les fichiers, que les copies n’ont plus ; cases.csv l’a. Écrivez {stratum} : "
        "{{column: {column}}} dans la fiche."
    ),
    "annotations.next": (
        "Ensuite : lire ce qui a été laissé de côté, dmn-bench refset check {folder}, dmn-bench refset lock {folder}."
    ),
    "annotations.unfound": "Aucun fichier d’annotations n’a les catégories de --categories qui s’appellent : {found}",
    "annotations.unlisted": (
        "{n} {n:#image n’est nommée|images ne sont nommées} par aucun fichier d’annotations : les anomalies y sont {value}."
    ),
    "annotations.added_to": "Des annotations ont été ajoutées à {n} cas qui {n:#était|étaient} déjà là.",
    "annotations.twice": "{n} {n:#dessin figurait|dessins figuraient} deux fois à l’identique, et {n:#n’a|n’ont} été {n:#inscrit|inscrits} qu’une fois.",
    "annotations.cut": (
        "{n} {n:#contour ou boîte dépassait|contours ou boîtes dépassaient} le bord d’un pixel au plus, et {n:#y a été "
        "coupé|y ont été coupés}."
    ),
    "annotations.as_pixels": (
        "{n} {n:#région|régions} de plusieurs parties qui se recouvrent, ou de très nombreux points, {n:#est devenue une "
        "image|sont devenues des images}."
    ),
    "annotations.slices_missing": (
        "{n} {n:#coupe dessinée par des relecteurs n’est|coupes dessinées par des relecteurs ne sont} pas dans le dossier."
    ),
    "annotations.not_there": (
        "{n} {n:#marque est|marques sont} entièrement sur des coupes absentes du dossier, et {n:#a été laissée|ont été "
        "laissées} de côté."
    ),
    "annotations.unnamed": (
        "{n} {n:#annotation nomme une image|annotations nomment des images} que le dossier n’a pas : {found}"
    ),
    "annotations.unmapped": (
        "La catégorie « {found} » n’a pas de sens : {n} {n:#dessin|dessins} sur {pictures} {pictures:#image|images}, non "
        "{n:#inscrit|inscrits} ; les anomalies qui n’y ont pas été dessinées restent non vérifiées. Dites ce qu’elle veut "
        "dire : --categories, dans un nouveau jeu."
    ),
    "annotations.unmapped_structures": (
        "La catégorie « {found} » n’a pas de sens : {n} {n:#dessin|dessins} sur {pictures} {pictures:#image|images}, non "
        "{n:#inscrit|inscrits}. Dites ce qu’elle veut dire : --categories, dans un nouveau jeu."
    ),
    "annotations.unmapped_more": "{n} autres catégories sans sens sont dans {folder}.",
    "annotations.truth": (
        "{finding} : {positive} {positive:#positif|positifs}, {negative} {negative:#négatif|négatifs}, {indeterminate} "
        "{indeterminate:#indéterminé|indéterminés}, {unverified} {unverified:#non vérifié|non vérifiés}"
    ),
    "annotations.readings": (
        "{finding}, lectures : {positive} {positive:#positive|positives}, {negative} {negative:#négative|négatives}, "
        "{indeterminate} {indeterminate:#indéterminée|indéterminées}, {unverified} {unverified:#non vérifiée|non vérifiées}"
    ),
    "annotations.readers": (
        "Les relecteurs s’appellent {found} ; qui ils sont se trouve dans {folder}, à garder comme identity.csv."
    ),
}
