"""Phrases françaises de la pièce `objects` : résultats livrés en objets DICOM."""

WORDS: dict[str, str] = {
    "objects.all_clear": (
        "un objet déclare que rien n’a été trouvé, sans dire ce qui était cherché. Énumérez sous l’option reports "
        "les anomalies que le dispositif recherche."
    ),
    "objects.codes_unknown": (
        "{n} {n:#code d’anomalie n’a|codes d’anomalies n’ont} pas de nom ici : {found}. {n:#Associez-le|Associez-les} "
        "à une anomalie sous l’option codes, ou {n:#citez-le|citez-les} sous ignore_codes."
    ),
    "objects.finding_needed": (
        "quelque chose est marqué ou affirmé sans code d’anomalie. Dites avec l’option finding de quoi il s’agit."
    ),
    "objects.fractional": (
        "une segmentation contient des fractions au lieu d’un intérieur et d’un extérieur. Dites avec l’option "
        "fractional_at_least à partir de quelle fraction un pixel est à l’intérieur."
    ),
    "objects.instances_unknown": (
        "l’objet porte sur {n} {n:#instance|instances} que le jeu ne contient pas : {found}. Vérifiez le jeu ou le "
        "dossier, ou écrivez cases_not_in_set: ignore ; rien n’a été évalué."
    ),
    "objects.lesion_scores": (
        "{n} groupes d’un compte rendu suivent une même lésion de coupe en coupe, et leurs scores diffèrent. Écrivez "
        "combine_images: highest, ou faites indiquer par le dispositif un seul score pour la lésion."
    ),
    "objects.marks_twice": (
        "des objets de deux sortes marquent le même cas, {first} et {second}, et leurs marques compteraient deux "
        "fois. Nommez sous l’option objects la sorte qui compte."
    ),
    "objects.no_folder": (
        "il n’y a pas de dossier {found}. Mettez les objets à leur place, ou corrigez l’option folder."
    ),
    "objects.none": (
        "le dossier ne contient aucun objet DICOM. Mettez les objets à leur place, ou corrigez l’option folder."
    ),
    "objects.not_dicom": (
        "le fichier n’est pas un objet DICOM. Retirez-le du dossier, ou nommez sous ignore_files les fichiers qui ne "
        "sont pas des résultats."
    ),
    "objects.numbers_unnamed": (
        "de l’anomalie {finding}, un objet n’indique que des nombres qui n’ont pas de nom ici : {found}. Nommez sous "
        "l’option probability_codes celui qui est le score, ou sous measurements ceux qui sont des mesures."
    ),
    "objects.questions_unknown": (
        "{n} {n:#question reçoit|questions reçoivent} pour réponse un mot de présence ou d’absence, et ce que cela dit "
        "de l’anomalie n’est pas connu : {found}. {n:#Citez-la|Citez-les} sous l’option ignore_questions si "
        "{n:#elle demande|elles demandent} autre chose que la présence de l’anomalie ; sinon, faites poser la question au "
        "fabricant de la manière prévue par la norme."
    ),
    "objects.several_images": (
        "des objets répondent pour plusieurs images d’un même cas au sujet de {finding}. Écrivez combine_images: "
        "highest, ou faites de chaque image un cas."
    ),
    "objects.structures_unnamed": (
        "{n} {n:#structure délimitée n’a|structures délimitées n’ont} ni code ni nom connu ici : {found}. "
        "{n:#Associez-la|Associez-les} à une structure ou une anomalie du jeu dans l’option dicom : {{structures: {{mot: "
        "nom}}}}, même si c’est le même mot, ou {n:#citez-la|citez-les} là sous ignore_structures."
    ),
}
