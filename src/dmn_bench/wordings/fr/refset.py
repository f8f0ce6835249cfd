"""French sentences of the room `refset`."""

WORDS: dict[str, str] = {
    "refset.csv_empty": "le tableau est vide. Écrivez les noms de ses colonnes sur la première ligne.",
    "refset.csv_semicolon": (
        "les colonnes sont séparées par des points-virgules ; des virgules sont attendues. Enregistrez de nouveau "
        "le tableau en CSV avec des virgules."
    ),
    "refset.csv_syntax": (
        "la ligne n’est pas du CSV valide ({found}). Vérifiez les guillemets de cette ligne et de celles qui la "
        "précèdent."
    ),
    "refset.csv_row_length": (
        "{expected} cellules étaient attendues, comme sur la première ligne ; il y en a {found}. Mettez entre "
        "guillemets un texte qui contient une virgule."
    ),
    "refset.csv_column_name": (
        "la colonne {column} n’a pas de nom utilisable. Donnez-lui un nom court qui ne commence pas par =, +, - ou @."
    ),
    "refset.csv_column_doubled": "la colonne « {found} » figure deux fois. N’en gardez qu’une.",
    "refset.csv_column_missing": "la colonne « {found} » manque. Ajoutez-la à la première ligne.",
    "refset.csv_column_unknown": (
        "la colonne « {found} » n’est pas connue dans ce tableau ; colonnes connues : {known}. Corrigez-la ou "
        "supprimez-la."
    ),
    "refset.csv_column_unknown_nearest": (
        "la colonne « {found} » n’est pas connue dans ce tableau ; vouliez-vous écrire « {nearest} » ? Colonnes "
        "connues : {known}. Corrigez-la, ou donnez-lui un nom qui ne prête pas à confusion."
    ),
    "refset.csv_formula": (
        "la cellule de la colonne « {column} » commence comme une formule de tableur (=, +, - ou @). Écrivez un "
        "texte simple ou un nombre."
    ),
    "refset.csv_line_too_long": (
        "la ligne est plus longue que ne doit l’être une ligne de tableau. Vérifiez les guillemets et les fins de "
        "ligne."
    ),
    "refset.csv_control_character": (
        "la ligne contient un caractère de contrôle. Supprimez-le, ou enregistrez de nouveau le tableau en texte "
        "simple, en UTF-8."
    ),
    "refset.more_problems": (
        "et {n} {n:#autre problème|autres problèmes} de ces tableaux, non {n:#détaillé|détaillés}. Corrigez ceux "
        "qui précèdent et vérifiez de nouveau."
    ),
    "refset.id_missing": "la cellule de la colonne « {column} » est vide. Écrivez un identifiant.",
    "refset.id_form": (
        "« {found} » n’est pas un identifiant : au plus {limit} caractères imprimables sur une seule ligne étaient "
        "attendus. Corrigez-le."
    ),
    "refset.not_a_number": (
        "« {found} » dans la colonne « {column} » n’est pas un nombre. Écrivez des chiffres avec un point décimal, "
        "ou laissez la cellule vide."
    ),
    "refset.not_above_zero": (
        "« {found} » dans la colonne « {column} » doit être un nombre supérieur à 0. Corrigez-le, ou laissez la "
        "cellule vide."
    ),
    "refset.yes_or_no": (
        "« {found} » dans la colonne « {column} » n’est ni oui ni non. Écrivez 1 ou 0, ou laissez la cellule vide."
    ),
    "refset.value_unknown": (
        "la valeur « {found} » n’est pas permise ; valeurs attendues : {known}, un grade ou un nombre. Corrigez-la."
    ),
    "refset.value_unknown_nearest": (
        "la valeur « {found} » n’est pas permise ; vouliez-vous écrire « {nearest} » ? Valeurs attendues : "
        "{known}, un grade ou un nombre."
    ),
    "refset.finding_unknown": (
        "l’anomalie « {found} » ne figure pas dans la fiche ; anomalies de la fiche : {known}. Corrigez-la, ou "
        "ajoutez-la à la fiche."
    ),
    "refset.finding_unknown_nearest": (
        "l’anomalie « {found} » ne figure pas dans la fiche ; vouliez-vous écrire « {nearest} » ? Anomalies de la "
        "fiche : {known}."
    ),
    "refset.no_cases": "le tableau ne contient aucun cas. Écrivez une ligne par image ou enregistrement à lire.",
    "refset.case_doubled": (
        "le cas « {found} » figure déjà à la ligne {line}. Un cas a une seule ligne ; supprimez ou renommez l’une "
        "des deux."
    ),
    "refset.laterality": "la latéralité est « {found} » ; valeurs attendues : L, R, B ou rien. Corrigez-la.",
    "refset.exam_of_two_patients": (
        "l’examen « {found} » est attribué aux patients « {patient} » et « {other} ». Un examen n’a qu’un patient "
        "; corrigez le patient ou renommez l’examen."
    ),
    "refset.case_named_like_patient": (
        "le cas « {found} » n’a pas de patient_id et compterait comme le patient « {found} », qui est celui d’une "
        "autre ligne. Remplissez le patient_id ou renommez le cas."
    ),
    "refset.case_named_like_exam": (
        "le cas « {found} » n’a pas d’exam_id et compterait comme l’examen « {found} », qui est celui d’une autre "
        "ligne. Remplissez l’exam_id ou renommez le cas."
    ),
    "refset.path_outside": (
        "« {found} » n’est pas un chemin à l’intérieur du dossier du jeu. Écrivez-le par rapport à ce dossier, "
        "avec « / », sans « .. », sans partie cachée ni absolue."
    ),
    "refset.file_named_twice": (
        "les fichiers « {found} » nomment deux fois le même fichier. Nommez chaque fichier une seule fois."
    ),
    "refset.stratum_value_unknown": (
        "« {found} » n’est pas un niveau de la strate « {name} » ; la fiche indique : {known}. Corrigez la valeur "
        "ou la fiche."
    ),
    "refset.stratum_column_unknown": (
        "cette strate est tirée de la colonne « {found} », que cases.csv ne contient pas ; colonnes présentes : "
        "{known}. Corrigez la fiche ou ajoutez la colonne."
    ),
    "refset.stratum_column_unknown_nearest": (
        "cette strate est tirée de la colonne « {found} », que cases.csv ne contient pas ; vouliez-vous écrire « "
        "{nearest} » ? Colonnes présentes : {known}."
    ),
    "refset.truth_names_one": (
        "un seul identifiant parmi case_id, exam_id et patient_id était attendu ; il y en a {found}. Gardez celui "
        "pour lequel la référence a été établie."
    ),
    "refset.truth_without_case": "le cas « {found} » n’est pas dans cases.csv. Corrigez le case_id, ou ajoutez le cas.",
    "refset.truth_without_exam": (
        "aucune ligne de cases.csv n’a l’exam_id « {found} ». Corrigez-le, ou indiquez la référence par case_id."
    ),
    "refset.truth_without_patient": (
        "aucune ligne de cases.csv n’a le patient_id « {found} ». Corrigez-le, ou indiquez la référence par case_id."
    ),
    "refset.truth_doubled": (
        "la référence de « {subject} » pour « {finding} » figure déjà à la ligne {line}. N’en gardez qu’une."
    ),
    "refset.truth_mixes_kinds": (
        "la référence de « {finding} » mêle positif ou négatif et des grades ou des nombres (voir ligne {line}). "
        "N’utilisez qu’une forme, ou deux anomalies."
    ),
    "refset.truth_contradicts": (
        "« {found} » est positif pour « {finding} », mais « {whole} », dont il fait partie, est déclaré négatif à "
        "la ligne {line}. Corrigez l’une des deux lignes."
    ),
    "refset.cases_without_truth": (
        "pour « {finding} », rien n’est indiqué pour {n} cas ; ils compteront comme manquants. Indiquez une "
        "valeur, « unverified » si personne n’a vérifié."
    ),
    "refset.lesion_without_case": (
        "le cas « {found} » n’est pas dans cases.csv. Corrigez le case_id, ou ajoutez le cas."
    ),
    "refset.lesion_doubled": (
        "la lésion « {found} » du cas « {case} » figure déjà à la ligne {line}. Donnez à chaque lésion d’un cas "
        "son propre lesion_id."
    ),
    "refset.lesion_image_unknown": (
        "« {found} » n’est pas une image du cas « {case} ». Écrivez un chemin tel que dans la colonne files, ou le "
        "SOP Instance UID de l’une de ses images."
    ),
    "refset.lesion_image_missing": (
        "la lésion « {found} » n’indique pas d’image, et le cas « {case} » en a {n}. Remplissez la colonne image."
    ),
    "refset.lesion_without_image": (
        "la lésion « {found} » est donnée en pixels, mais le cas « {case} » n’a pas d’image. Corrigez le case_id "
        "ou supprimez la ligne."
    ),
    "refset.lesion_frame": (
        "le numéro d’image (frame) est « {found} » ; un nombre entier à partir de 1 était attendu. Corrigez-le, ou "
        "laissez la cellule vide."
    ),
    "refset.lesion_frame_outside": (
        "le numéro d’image (frame) est {found}, mais le fichier du cas « {case} » compte {n} {n:#image|images}. "
        "Corrigez-le."
    ),
    "refset.lesion_without_frame": (
        "la lésion « {found} » n’indique pas de numéro d’image (frame), et son fichier en compte {n}. Remplissez "
        "la colonne frame."
    ),
    "refset.lesion_outside_image": (
        "la lésion « {found} » du cas « {case} » sort de son image de {columns} × {rows} pixels. x et y sont le "
        "coin supérieur gauche, à partir de 0 ; corrigez les nombres."
    ),
    "refset.lesions_without_consensus": (
        "le cas « {case} » a été annoté par « {reader} » et par « {other} », et aucune ligne n’est le consensus. "
        "Ajoutez des lignes dont le relecteur (reader) est vide ou « consensus »."
    ),
    "refset.lesion_of_negative_case": (
        "la lésion « {found} » est dans le cas « {case} », négatif pour « {finding} ». Corrigez la référence, "
        "supprimez la lésion, ou marquez-la comme ignorée."
    ),
    "refset.positive_without_lesion": (
        "pour « {finding} », {n} {n:#positif n’a|positifs n’ont} aucune lésion, dont : {found}. S’il n’y avait pas "
        "lieu de les localiser, dites-le dans la fiche ; sinon ajoutez les lésions."
    ),
    "refset.reading_without_case": (
        "le cas « {found} » n’est pas dans cases.csv. Corrigez le case_id, ou ajoutez le cas."
    ),
    "refset.reading_doubled": (
        "la lecture de « {case} » par « {reader} » pour cette anomalie figure déjà à la ligne {line}. N’en gardez "
        "qu’une ; une seconde lecture demande un reader_id distinct."
    ),
    "refset.mask_without_case": "le cas « {found} » n’est pas dans cases.csv. Corrigez le case_id, ou ajoutez le cas.",
    "refset.mask_file_missing": (
        "le fichier « {found} » n’existe pas. Mettez-le dans le dossier du jeu, ou corrigez le nom."
    ),
    "refset.sampling_doubled": "l’unité « {found} » figure déjà à la ligne {line}. Gardez une ligne par unité.",
    "refset.sampling_status": "le statut « {found} » n’est pas connu ; valeurs attendues : {known}. Corrigez-le.",
    "refset.sampling_status_nearest": (
        "le statut « {found} » n’est pas connu ; vouliez-vous écrire « {nearest} » ? Valeurs attendues : {known}."
    ),
    "refset.exclusion_without_reason": (
        "l’unité « {found} » est exclue sans motif. Écrivez le motif ; le flux des cas l’imprime."
    ),
    "refset.drawn_not_in_set": (
        "l’unité « {found} » est tirée au sort, mais aucun cas, examen ou patient de cases.csv ne porte ce nom. "
        "Corrigez l’unit_id, ou ajoutez ses cas."
    ),
    "refset.not_drawn_in_set": (
        "l’unité « {found} » est exclue ou non tirée au sort, mais cases.csv la contient. Corrigez le statut, ou "
        "retirez ses cas."
    ),
    "refset.more_unchanged_than_records": (
        "incorporates dit que {found} enregistrements sur {records} ont été validés mot pour mot. Corrigez les deux "
        "nombres."
    ),
    "refset.prevalence_bounds": (
        "la prévalence locale de « {found} » est en dehors de ses propres bornes low et high. Corrigez les trois "
        "nombres."
    ),
    "refset.prevalence_of_unknown_finding": (
        "une prévalence locale est donnée pour « {found} », qui n’est pas une anomalie de la fiche ({known}). "
        "Corrigez le nom."
    ),
    "refset.prevalence_doubled": (
        "deux prévalences locales sont données pour « {found} ». N’en gardez qu’une, ou dites par positive_when ou unit de "
        "quoi chacune est la part."
    ),
    "refset.finding_doubled": "l’anomalie « {found} » est nommée deux fois. N’en gardez qu’une.",
    "refset.stratum_source": (
        "une strate vient soit d’une colonne de cases.csv, soit d’un mot-clé DICOM. Écrivez « column » ou « dicom "
        "», pas les deux."
    ),
    "refset.stratum_edges_and_levels": (
        "une strate a soit des bornes (edges), soit des niveaux (levels). Supprimez l’un des deux."
    ),
    "refset.stratum_unit": (
        "la strate a l’unité {found} et pas d’edges : des valeurs qui ne sont pas des nombres n’ont pas d’unité. Retirez "
        "l’unité, ou ajoutez edges."
    ),
    "refset.stratum_level_title": (
        "un titre est donné à {found}, qui n’est pas un niveau de cette strate. Ses niveaux sont {known}. Corrigez la clé "
        "sous level_titles, ou retirez-la."
    ),
    "refset.stratum_edges_ascend": (
        "les bornes (edges) doivent être croissantes, chaque nombre au-dessus du précédent. Triez-les."
    ),
    "refset.data_protection_decided": (
        "la voie « {found} » demande le nom de la personne qui a décidé et la date. Remplissez decided_by et date."
    ),
    "refset.review_by_nobody": (
        "images_without_burned_in_text est attesté par une personne. Écrivez son nom dans reviewed_by, ou retirez cette clé."
    ),
    "refset.review_missing": (
        "aucun examen du risque de ré-identification n’est consigné. Remplissez reidentification_review, ou "
        "demandez au délégué à la protection des données."
    ),
    "refset.review_overdue": (
        "l’examen du risque de ré-identification était dû le {found}. Refaites-le et écrivez les nouvelles dates."
    ),
    "refset.patient_in_two_ids": (
        "les patients « {patient} » et « {other} » partagent une même valeur de {source} ({n} cas de « {other} ») : une "
        "personne semble avoir deux identifiants. Donnez le même patient_id à tous les cas d’une personne."
    ),
    "refset.same_content_two_patients": (
        "les fichiers {files} ({n} {n:#contenu|contenus} en tout) ont le même contenu mais appartiennent à des cas de deux patients ({cases}). "
        "Corrigez le patient_id, ou retirez le doublon."
    ),
    "refset.same_content": (
        "les fichiers {files} ({n} {n:#contenu|contenus} en tout) ont le même contenu et appartiennent à plusieurs cas ({cases}). Retirez le doublon, "
        "sauf s’il est voulu."
    ),
    "refset.image_in_two_cases": (
        "{n} {n:#image|images} du cas « {case} » {n:#a|ont} le SOP Instance UID d’une image du cas « {found} ». Retirez le "
        "doublon : les réponses ne pourraient être distinguées."
    ),
    "refset.side_differs": (
        "cases.csv indique {found}, {n} {n:#fichier|fichiers} du cas ({file}) {n:#indique|indiquent} {expected}. Vérifiez le côté et corrigez."
    ),
    "refset.patient_differs": (
        "le patient « {patient} » a « {found} » ici et « {other} » plus haut dans la strate « {name} ». Deux "
        "personnes sous un même identifiant, ou une faute de saisie ; vérifiez."
    ),
    "refset.age_out_of_range": (
        "« {found} » dans la colonne « {column} » n’est pas un âge en années entre 0 et {limit}. Corrigez-le, ou "
        "laissez la cellule vide."
    ),
    "refset.annotations_nowhere": (
        "la fiche indique wfdb_annotator : {annotator}, et aucun des {n} enregistrements n’a de fichier en "
        ".{annotator} à côté de lui (extensions trouvées : {found}). Ajoutez les fichiers d’annotations ou corrigez "
        "l’extension ; si le jeu n’a ni battements ni rythmes annotés (énoncés et mesures n’en ont pas), supprimez la clé."
    ),
    "refset.annotations_missing": (
        "l’enregistrement « {found} » n’a pas d’annotations de référence : le fichier en .{annotator} manque à "
        "côté de lui. Ajoutez-le, ou corrigez wfdb_annotator dans la fiche, ou supprimez cette clé si le jeu n’a pas de "
        "battements annotés."
    ),
    "refset.identity_without_case": (
        "le cas « {found} » n’est pas dans cases.csv. Corrigez le case_id, ou supprimez la ligne."
    ),
    "refset.file_unused": "aucun cas ni masque n’utilise ce fichier. Retirez-le, ou nommez-le dans cases.csv.",
    "refset.files_unused": (
        "aucun cas ni masque n’utilise {n} fichiers de ce dossier ({found} …). Retirez-les, ou nommez le dossier dans "
        "cases.csv."
    ),
    "refset.table_unknown": (
        "ce n’est pas un tableau d’un jeu de référence et il n’est pas lu ; les tableaux sont : {known}. "
        "Renommez-le ou retirez-le."
    ),
    "refset.not_locked": "le jeu n’a jamais été verrouillé. Vérifiez-le, puis figez-le avec : dmn-bench refset lock",
    "refset.lock_malformed": (
        "ce n’est pas le verrou d’un jeu de référence. Restaurez le fichier, ou supprimez-le et verrouillez de "
        "nouveau le jeu."
    ),
    "refset.lock_missing_file": (
        "le verrou cite ce fichier et il a disparu. Restaurez-le, ou verrouillez une nouvelle version du jeu."
    ),
    "refset.lock_added_file": (
        "ce fichier n’est pas dans le verrou. Retirez-le, ou verrouillez une nouvelle version du jeu."
    ),
    "refset.lock_changed_file": (
        "son sha256 commence par {found}, le verrou indique {expected}. Le fichier a changé depuis que le jeu a "
        "été figé ; restaurez-le, ou verrouillez une nouvelle version."
    ),
    "refset.version_locked": (
        "la version {found} est déjà verrouillée avec un autre contenu. Augmentez la version dans la fiche, puis "
        "verrouillez de nouveau."
    ),
    "refset.file_name_not_utf8": "le nom de ce fichier n’est pas en UTF-8. Renommez-le.",
    "refset.link_outside": (
        "c’est un lien vers l’extérieur du jeu, ou vers un dossier. Mettez les fichiers eux-mêmes dans le jeu."
    ),
    "refset.not_a_file": "ce n’est ni un fichier ni un dossier. Retirez-le.",
    "refset.unit_unknown": "l’unité « {found} » n’est pas connue ; unités connues : {known}. Choisissez l’une d’elles.",
    "refset.unit_unknown_nearest": (
        "l’unité « {found} » n’est pas connue ; vouliez-vous écrire « {nearest} » ? Unités connues : {known}."
    ),
    "refset.eye_without_side": (
        "l’unité est l’œil, et la latéralité de ce cas n’est ni L ni R. Remplissez-la, ou choisissez une autre unité."
    ),
    "refset.new_folder_not_empty": "le dossier n’est pas vide. Choisissez un nouveau dossier ; rien n’a été écrit.",
    "refset.new_name": (
        "« {found} » ne peut pas nommer une anomalie. Utilisez des lettres sans accent, des chiffres, des points, "
        "des tirets et des tirets bas, 64 au plus."
    ),
    "refset.new_no_finding": (
        "aucune anomalie n’est nommée. Nommez au moins ce qui est recherché, ou dites --structures-only pour un jeu de "
        "masques seuls."
    ),
    "refset.new_structures_and_findings": (
        "un jeu de structures seules n’a pas d’anomalie. Retirez --finding, ou --structures-only."
    ),
    "refset.nothing_to_state": (
        "la fiche n’a pas d’anomalie, et masks.csv pas de structure : le jeu n’énonce rien. Ajoutez une anomalie, ou des "
        "masques."
    ),
    "refset.new_modality": (
        "« {found} » n’est pas une modalité. Écrivez un code de modalité DICOM en majuscules (DX, CT, MG, OP…), ou ECG."
    ),
    "refset.template_top": (
        "La fiche d’un jeu de référence. Remplissez ce qui est vide, puis lancez : dmn-bench refset check"
    ),
    "refset.template_id": "Un nom court sans espace, et une version que vous augmentez à chaque changement du jeu.",
    "refset.template_title": "Le titre, dans une langue ou dans les deux : {{en: …, fr: …}}",
    "refset.template_modality": "Code de modalité DICOM (CR, DX, MG, CT, OP…), ou ECG.",
    "refset.template_findings": (
        "Ce qui est recherché, tel que nommé dans truth.csv. Un code de terminologie peut suivre : code: "
        '"SCT:125605004"'
    ),
    "refset.template_no_findings": (
        "Aucune : le jeu n’a que des masques de structures, dans masks.csv, et se passe de truth.csv."
    ),
    "refset.template_sampling": (
        "Comment les cas ont été recrutés : consecutive (consécutifs), random (tirés au sort), enriched (enrichis) "
        "ou convenience (de convenance).\nLes exclusions vont dans sampling.csv."
    ),
    "refset.template_prevalence": (
        "Part des patients porteurs de l’anomalie là où le dispositif servira (0 à 1), ses bornes et sa source ; pour une "
        'anomalie à grades, le seuil compté, positive_when: ">= 2", et pour des yeux ou des examens unit: eye ou exam.'
    ),
    "refset.template_standard": (
        "Comment la référence a été établie : méthode, règle de consensus, nombre de relecteurs, en aveugle du "
        "dispositif ou non (true ou false)."
    ),
    "refset.template_annotator": (
        "seulement si des fichiers d’annotations sont à côté des enregistrements (r001.atr à côté de r001.hea)"
    ),
    "refset.template_strata": (
        "Ce selon quoi les résultats sont découpés : une colonne de cases.csv ou un mot-clé DICOM ; edges découpe "
        "les nombres, levels énumère les valeurs permises."
    ),
    "refset.template_public": (
        "true si un industriel a pu voir ces cas : le jeu est alors un essai technique, jamais une validation locale."
    ),
    "refset.template_protection": (
        "La voie juridique, décidée par une personne : etude_interne, mr004, eds ou not_applicable. La date "
        "s’écrit 2026-01-31."
    ),
    "refset.template_review": (
        "Le dernier examen du risque de ré-identification ; supprimez le # une fois qu’il est fait."
    ),
    "refset.describe_cases": "Cas",
    "refset.describe_exams": "Examens",
    "refset.describe_patients": "Patients",
    "refset.describe_patients_with_several": "Patients avec plusieurs cas",
    "refset.describe_finding": "Anomalie",
    "refset.describe_unit": "Compté par",
    "refset.describe_reference": "Référence",
    "refset.describe_prevalence": "Prévalence dans le jeu",
    "refset.describe_interval": "Intervalle de confiance à 95 %",
    "refset.describe_field": "Strate",
    "refset.describe_level": "Niveau",
    "refset.patients_unknown": (
        "{n} des {cases} cas n’{n:#a|ont} pas de patient_id et {n:#compte|comptent} chacun pour un patient : "
        "s’ils viennent des mêmes personnes, tous les intervalles sont trop étroits. Remplissez la colonne."
    ),
    "refset.describe_column": "Colonne",
    "refset.describe_empty": "Cellules vides",
    "refset.describe_unit_case": "cas",
    "refset.describe_unit_exam": "examen",
    "refset.describe_unit_patient": "patient",
    "refset.describe_positive": "positifs",
    "refset.describe_negative": "négatifs",
    "refset.describe_indeterminate": "indéterminés",
    "refset.describe_unverified": "non vérifiés",
    "refset.describe_missing": "manquants",
    "refset.describe_stated": "avec une valeur",
    "refset.describe_not_recorded": "non renseigné",
    "refset.not_locked_with_errors": "le jeu comporte des erreurs et n’a pas été verrouillé. Corrigez-les, puis verrouillez-le.",
}
