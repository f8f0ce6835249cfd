"""French sentences of the room `adapters`."""

WORDS: dict[str, str] = {
    "adapters.and_more": "et {n} {n:#autre problème|autres problèmes} de ces types.",
    "adapters.annotations_unknown": (
        "{n} {n:#fichier d’annotations ne nomme|fichiers d’annotations ne nomment} aucun enregistrement du jeu : "
        "{found}. Vérifiez le jeu, le dossier et l’extension {annotator}."
    ),
    "adapters.annotations_none": (
        "aucun fichier du dossier {folder} n’a l’extension .{annotator} (extensions trouvées : {found}). Corrigez "
        "l’option annotator ou folder, ou demandez les fichiers à l’éditeur."
    ),
    "adapters.annotator_name": (
        "annotator est l’extension des fichiers d’annotations, en lettres et chiffres comme qrs ; trouvé {found}. "
        "Corrigez l’option."
    ),
    "adapters.box_columns": (
        "les marques demandent les colonnes {expected}, et certaines manquent. Nommez-les sous columns, ou "
        "choisissez une autre forme sous boxes."
    ),
    "adapters.boxes_wrong": (
        "colonne {column} : attendu une liste JSON de [a, b, c, d] ou [a, b, c, d, score], trouvé {found}. Demandez "
        "à l’éditeur un fichier corrigé."
    ),
    "adapters.column_missing": (
        "le fichier n’a pas de colonne {found} ; il a {known}. Corrigez les options columns, id ou wide."
    ),
    "adapters.column_missing_nearest": (
        "le fichier n’a pas de colonne {found}. Vouliez-vous dire {nearest} ? Il a {known}. Corrigez les options "
        "columns, id ou wide."
    ),
    "adapters.column_name": "columns n’a pas d’entrée {found} ; les entrées connues sont {known}. Corrigez l’option.",
    "adapters.column_name_nearest": (
        "columns n’a pas d’entrée {found}. Vouliez-vous dire {nearest} ? Les entrées connues sont {known}."
    ),
    "adapters.delimiter": "delimiter est un seul caractère, trouvé {found}. Corrigez l’option.",
    "adapters.encoding_unknown": "aucun encodage de texte ne s’appelle {found}. Nommez-en un, comme utf-8 ou cp1252.",
    "adapters.entry_malformed": (
        "entry s’écrit module:Classe, trouvé {found}. Corrigez-le dans le manifeste du candidat."
    ),
    "adapters.file_empty": "le fichier n’a pas de ligne d’en-tête. Demandez à l’éditeur le fichier complet.",
    "adapters.file_encoding": (
        "le fichier n’est pas écrit en {encoding} : octet {found}. Nommez son encodage dans les options, par exemple "
        "cp1252 ou utf-16."
    ),
    "adapters.file_format": (
        "l’extension ne dit pas le format ; les extensions connues sont {known}. Ajoutez l’option file_format."
    ),
    "adapters.file_malformed": (
        "la ligne ne peut pas être lue : {found}. Vérifiez les options file_format et delimiter, ou demandez à "
        "l’éditeur un fichier corrigé."
    ),
    "adapters.file_missing": "le fichier de sortie n’est pas là. Mettez-le à sa place, ou corrigez l’option path.",
    "adapters.file_unreadable": "le fichier ne peut pas être ouvert : {found}. Demandez à l’éditeur une copie intacte.",
    "adapters.finding_unknown": (
        "l’anomalie {found} n’est ni traduite ni écartée ; sont connues {known}. Ajoutez-la à findings ou à "
        "ignore_findings."
    ),
    "adapters.half_character": (
        "le texte {found} contient une moitié de caractère (surrogate isolé, montré par �), qui ne peut pas être "
        "écrite. Demandez à l’éditeur un fichier corrigé."
    ),
    "adapters.header_doubled": (
        "plusieurs colonnes ont le même titre : {found}. Demandez à l’éditeur un fichier aux titres distincts."
    ),
    "adapters.id_ambiguous": (
        "l’identifiant {found} désigne plusieurs cas : {cases}. Choisissez un autre type d’identifiant."
    ),
    "adapters.id_blank": (
        "la colonne {column} est vide : la ligne ne désigne aucun cas. Demandez à l’éditeur un fichier corrigé."
    ),
    "adapters.id_option": (
        "id s’écrit {{column, is, pad, strip_suffix}}, is étant l’un de {known} ; trouvé {found}. Corrigez l’option."
    ),
    "adapters.ids_of_other_kind": (
        "{n} {n:#identifiant ne désigne|identifiants ne désignent} aucun cas du jeu en tant que {asked} : {found}. {of_kind} "
        "{of_kind:#d’entre eux est connu|d’entre eux sont connus} en tant que {kind}. Si c’est bien ce que le fournisseur a "
        "écrit, dites id: {{is: {kind}}} ; rien n’a été évalué."
    ),
    "adapters.ids_unknown": (
        "{n} {n:#identifiant ne désigne|identifiants ne désignent} aucun cas du jeu : {found}. Vérifiez l’option id, "
        "ou le jeu envoyé ; rien n’a été évalué."
    ),
    "adapters.no_source_files": (
        "id: {{is: source_file}} désigne les noms de fichiers de l’hôpital, que l’import d’images ou d’enregistrements écrit "
        "dans la colonne source_file de identity.csv, et le jeu n’en a pas ; {n} {n:#identifiant ne désigne|identifiants ne "
        "désignent} aucun cas : {found}. Placez le identity.csv de l’import dans le dossier du jeu, ou choisissez un autre is."
    ),
    "adapters.image_size_unknown": (
        "les boîtes sont des fractions de la taille de l’image, qui n’est pas connue ici. Donnez au jeu ses images, "
        "ou ne prenez que les scores avec score_from_marks: highest."
    ),
    "adapters.image_unknown": (
        "{found} n’est pas une image du cas {case}. Attendu : un chemin, un nom de fichier ou un SOP Instance UID de "
        "ses fichiers."
    ),
    "adapters.key_doubled": (
        "la ligne donne {found} plusieurs fois, et rien ne dit laquelle vaut. Demandez à l’éditeur un fichier corrigé."
    ),
    "adapters.label_unknown": (
        "colonne {column} : le mot {found} n’a pas de sens ici ; sont connus {known}. Ajoutez-le à labels."
    ),
    "adapters.label_unknown_nearest": (
        "colonne {column} : le mot {found} n’a pas de sens ici. Vouliez-vous dire {nearest} ? Sont connus {known}. "
        "Ajoutez-le à labels."
    ),
    "adapters.label_word_twice": "labels donne deux sens au mot {found}. Gardez-en un.",
    "adapters.mark_without_image": (
        "le cas {case} a {n} images et la marque n’en nomme aucune. Indiquez la colonne image, ou prenez les SOP "
        "Instance UID comme identifiants."
    ),
    "adapters.marks_without_score": (
        "score_from_marks: highest demande un score pour chaque marque, et certaines n’en ont pas. Indiquez la "
        "colonne score."
    ),
    "adapters.missing_extra": (
        "lire ce fichier demande {package}, qui n’est pas installé. Installez l’option : pip install "
        "dmn-bench[{extra}]."
    ),
    "adapters.needs_marks": (
        "l’option {option} concerne les fichiers de marques, et celui-ci n’a pas de colonne pour leur position. "
        "Indiquez les colonnes des marques, ou retirez l’option."
    ),
    "adapters.no_finding": (
        "la ligne ne nomme aucune anomalie. Indiquez la colonne finding, ou dites avec l’option finding de quoi "
        "parle le fichier."
    ),
    "adapters.no_folder": (
        "il n’y a pas de dossier {found}. Mettez les fichiers d’annotations à leur place, ou corrigez l’option folder."
    ),
    "adapters.no_interpreter": "il n’y a pas d’interpréteur Python à {found}. Corrigez l’option python.",
    "adapters.nothing_to_read": (
        "aucune colonne ne contient de score, étiquette, grade, statut ou marque ; le fichier a {found}. Nommez-les "
        "sous columns ou wide."
    ),
    "adapters.number_not_whole": (
        "colonne {column} : attendu un nombre entier à partir de 0, trouvé {found}. Vérifiez l’option columns, ou "
        "demandez à l’éditeur un fichier corrigé."
    ),
    "adapters.number_percent": (
        "colonne {column} : attendu un nombre simple, trouvé {found} avec un signe pour cent. Demandez à l’éditeur "
        "des nombres sans unité ; le seuil doit être sur la même échelle."
    ),
    "adapters.number_wrong": (
        "colonne {column} : attendu un nombre à séparateur décimal {decimal}, sans séparateur de milliers, trouvé "
        "{found}. Vérifiez l’option decimal, ou demandez à l’éditeur un fichier corrigé."
    ),
    "adapters.onnx_beat_symbol": (
        "beats.symbols : {found} n’est pas un code d’annotation WFDB. Utilisez l’un de {known} ; N désigne un battement "
        "quelconque."
    ),
    "adapters.onnx_needs_signals": (
        "{option} concerne les enregistrements, et la description n’a pas de signals. Ajoutez signals, ou retirez "
        "l’option."
    ),
    "adapters.onnx_no_further_options": "un candidat ONNX ne prend pas d’autres options, trouvé {found}. Retirez-les.",
    "adapters.onnx_no_model": (
        "il n’y a pas ici de fichier de modèle {found}. Mettez-le à sa place, ou corrigez l’option model."
    ),
    "adapters.onnx_no_output": (
        "la description ne dit rien de ce que le modèle renvoie. Ajoutez output, episodes ou beats."
    ),
    "adapters.onnx_number": "{option} : attendu un nombre {expected}, trouvé {found}. Corrigez l’option.",
    "adapters.onnx_number_for_each_lead": (
        "{option} : attendu un seul nombre, ou {expected}, un par dérivation ; trouvé {found}. Corrigez l’option."
    ),
    "adapters.onnx_one_input": (
        "un candidat ONNX déclare soit input (une image), soit signals (un enregistrement). Donnez-en exactement un."
    ),
    "adapters.onnx_output_needs": "une sortie de type {kind} demande l’option {option}. Ajoutez-la.",
    "adapters.onnx_size": "input.size est [lignes, colonnes], au moins 1 chacune, trouvé {found}. Corrigez l’option.",
    "adapters.onnx_window_and_samples": (
        "signals.samples ({found}) et window disent tous deux la longueur de l’entrée du modèle. Retirez signals.samples."
    ),
    "adapters.onnx_window_any": (
        "window.combine : any va avec window.score_at_least, et rien d’autre ne va avec. Donnez les deux ou aucun."
    ),
    "adapters.onnx_window_combine": (
        "window.combine : {found} ne peut pas réunir ce qu’une sortie de type {kind} dit de plusieurs fenêtres. "
        "Choisissez un autre combine ou un autre type."
    ),
    "adapters.onnx_window_length": (
        "window dit sa longueur soit en échantillons (samples), soit en secondes (seconds). Donnez exactement l’un des deux."
    ),
    "adapters.onnx_window_size": (
        "window : une longueur de {found} et un pas de {step} ne peuvent pas être découpés à {hz} Hz. Les deux doivent "
        "être des nombres entiers d’échantillons de 1 à {most}, le pas au plus égal à la longueur."
    ),
    "adapters.prefix_missing": "aucune colonne ne commence par {found}. Corrigez l’option wide_prefix.",
    "adapters.row_width": (
        "attendu {expected} cellules comme dans l’en-tête, trouvé {found}. Vérifiez l’option delimiter, ou demandez "
        "à l’éditeur un fichier corrigé."
    ),
    "adapters.score_without_marks": (
        "un cas sans marque aurait le score {limit}, au-dessus de la marque la plus basse à {found}. Abaissez "
        "l’option score_without_marks."
    ),
    "adapters.several_images": (
        "le fichier répond pour plusieurs images de ce cas. Indiquez combine_images: highest, ou faites de chaque "
        "image un cas."
    ),
    "adapters.sheet_unknown": "le classeur n’a pas de feuille {found} ; il a {known}. Corrigez l’option sheet.",
    "adapters.status_not_the_vendors": (
        "colonne {column} : le statut {found} n’est pas de ceux qu’un éditeur peut déclarer. Traduisez-le en failed, "
        "ou demandez un fichier corrigé."
    ),
    "adapters.status_unknown": (
        "colonne {column} : le statut {found} n’a pas de sens ici ; sont connus {known}. Ajoutez-le à statuses."
    ),
    "adapters.status_unknown_nearest": (
        "colonne {column} : le statut {found} n’a pas de sens ici. Vouliez-vous dire {nearest} ? Sont connus "
        "{known}. Ajoutez-le à statuses."
    ),
    "adapters.grades_of_columns": (
        "grades devrait lister un grade pour chacune des {n} colonnes de grade_scores, des entiers à partir de 0 en ordre croissant ; trouvé [{found}]. Corrigez l’option, ou mettez les colonnes dans cet ordre."
    ),
    "adapters.onnx_grades": (
        "grades va avec une sortie de type grade : des entiers à partir de 0 en ordre croissant, un pour chaque élément ; trouvé [{found}] avec le type {kind}. Corrigez l’option."
    ),
    "adapters.grade_word_unknown": 'colonne {column} : {found} n’est pas un grade (lignes concernées : {n}, dont celle-ci en premier). Sont connus {known}. Ajoutez-le à grade_words, avec son grade ou, si l’unité n’a pas été gradée, un statut : `grade_words: {{"{found}": abstained}}`.',
    "adapters.side_unknown": 'colonne {column} : « {found} » n’est pas un côté (lignes concernées : {n}, dont celle-ci en premier). Sont connus {known}. Corrigez le fichier, ou ignorez la colonne par columns: {{laterality: ""}}.',
}
