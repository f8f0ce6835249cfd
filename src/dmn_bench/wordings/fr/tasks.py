"""French sentences of the room `tasks`."""

WORDS: dict[str, str] = {
    "tasks.number_out_of_range": (
        "l’option « {option} » doit être supérieure à {low} et inférieure à {high} ; elle vaut {found}. Corrigez-la."
    ),
    "tasks.reference_unknown": (
        "la référence de cette unité devrait être l’une des valeurs {allowed}, indeterminate ou unverified, "
        "or elle vaut « {found} ». Corrigez-la dans truth.csv, ou choisissez la tâche qui lui correspond."
    ),
    "tasks.no_reference_beats": (
        "un critère sur les battements exige les annotations de référence, la fréquence d’échantillonnage et la durée "
        "de chaque enregistrement. Indiquez wfdb_annotator dans la fiche du jeu de référence, avec des "
        "enregistrements comme cas."
    ),
    "tasks.scale_unknown": "« {found} » n’est pas une échelle connue. Indiquez l’une de celles-ci : {known}.",
    "tasks.scale_or_grades": (
        "Un critère de gradation demande soit scale, le nom de l’une des échelles {known}, soit grades, la liste de ses propres "
        "grades ([0, 1, 2, 3], du plus léger au plus grave). Indiquez l’un des deux."
    ),
    "tasks.grades_not_ascending": (
        "grades doit énumérer de 2 à {most} nombres entiers à partir de 0, en ordre croissant, du plus léger au plus "
        "grave ; trouvé [{found}]. Si un nombre plus élevé signifie plus léger, renumérotez les grades."
    ),
    "tasks.scale_without_map": (
        "Aucune correspondance ne mène de l’échelle {found} à {scale} ; celles qui ne laissent aucun doute sont {known}. "
        "Faites traduire les grades par une personne qui en répond, ou jugez sur l’échelle dans laquelle ils sont donnés."
    ),
    "tasks.no_references": (
        "un critère d’adressage demande ce que le jeu de référence énonce de chaque anomalie et n’a rien reçu. "
        "Passez par un protocole, ou donnez references à la tâche."
    ),
    "tasks.nothing_to_grade": (
        "positive_when d’un critère d’adressage doit nommer au moins une anomalie avec son seuil, par exemple "
        "dr : « >= 2 ». Complétez-le."
    ),
    "tasks.scales_of_findings": (
        "scales d’un critère d’adressage doit nommer l’échelle de chaque anomalie de positive_when ({expected}) et "
        "d’aucune autre ; trouvé {found}. Corrigez."
    ),
    "tasks.grade_unknown": "le grade devrait être l’un de ceux de l’échelle ({known}) ; trouvé {found}. Corrigez-le.",
    "tasks.cut_unreadable": (
        "positive_when devrait s’écrire comme « >= 2 » et laisser un grade de chaque côté du seuil ; "
        "trouvé : « {found} ». Les grades de l’échelle sont {grades}."
    ),
    "tasks.angle_without_order": (
        "Un angle n’a ni plus grande ni plus petite valeur ; trouvé : combine: {found}. Utilisez combine: mean, ou "
        "comptez chaque enregistrement à part."
    ),
    "tasks.limit_not_positive": (
        "{option} devrait être un nombre supérieur à 0 ; trouvé : {found}. Retirez-le s’il n’y en a pas."
    ),
    "tasks.critical_within_tolerance": (
        "Une erreur est critique au-delà de {critical}, ce qui est dans la tolérance de {tolerance}. Indiquez un écart "
        "critique au moins égal à la tolérance."
    ),
    "tasks.reference_no_number": (
        "La référence devrait être un nombre, ou indeterminate ou unverified ; trouvé : « {found} ». "
        "Corrigez-la dans truth.csv."
    ),
    "tasks.hit_rule": (
        "hit_rule devrait être exactement l’une des règles {known}, avec un nombre supérieur à 0 "
        "(iou_at_least : 1 au plus) ; trouvé : « {found} »."
    ),
    "tasks.lesion_without_geometry": (
        "la règle de correspondance exige {needs} pour chaque lésion. Complétez lesions.csv, ou choisissez une règle "
        "adaptée à ses lésions."
    ),
    "tasks.lesion_image_unknown": (
        "le cas comporte plusieurs images et la lésion devrait désigner l’une d’elles ({known}) ; trouvé : « {found} ». "
        "Indiquez son chemin dans la colonne image de lesions.csv."
    ),
    "tasks.beat_option_out_of_range": (
        "{option} d’un critère sur les battements vaut {found}. learning_seconds est un nombre à partir de 0, "
        "window_ms un nombre supérieur à 0."
    ),
    "tasks.reference_beats_not_in_order": (
        "Les annotations de référence de {where} ne sont pas dans l’ordre du temps. Restaurez ou réparez le fichier "
        "d’annotations."
    ),
    "tasks.option_negative": "L’option « {option} » doit être un nombre à partir de 0 ; trouvé : {found}. Corrigez-la.",
    "tasks.no_rhythm": "L’option « rhythm » ne nomme aucun rythme. Indiquez AFIB, VF, ou des étiquettes de rythme telles que [VT, VFL].",
}
