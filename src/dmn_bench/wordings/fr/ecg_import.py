"""French sentences of the room `ecg_import`: recordings of a folder that become cases of a reference set."""

WORDS: dict[str, str] = {
    "ecg_import.incorporates_machine_statement": (
        "Incorporation : la référence de {records} {n:#enregistrement|enregistrements} a été corrigée à partir de l’énoncé de "
        "la machine ; {unchanged} ({share}) ont été validés mot pour mot. L’accord de cette machine avec cette "
        "référence n’est pas sa performance."
    ),
    "ecg_import.incorporates_machine_measurement": (
        "Incorporation : les valeurs mesurées de {records} {n:#enregistrement|enregistrements} sont celles de la machine, "
        "{unchanged} ({share}) telles qu’elle les a imprimées. L’accord de cette machine avec elles n’est pas sa performance."
    ),
    # ---------------------------------------------------------------------------------------------------- options
    "ecg_import.help.files": (
        "Dossier d’ECG ou d’images à importer, avec ses sous-dossiers : ce qui est de la modalité du jeu devient un cas."
    ),
    "ecg_import.help.finding": (
        "Anomalie de la fiche à importer ; par défaut toutes. Peut être donnée plusieurs fois."
    ),
    "ecg_import.help.unmentioned": (
        "Ce que vaut une anomalie qu’un compte rendu validé ne mentionne pas, ou qui n’est pas dessinée sur une image "
        "annotée : unverified, ou negative si vous en répondez."
    ),
    "ecg_import.help.accept_unconfirmed": (
        "Tenir aussi pour vrais les énoncés des comptes rendus qu’aucun médecin n’a signés."
    ),
    "ecg_import.help.statements": (
        "CSV (text,finding,label) du sens de vos propres énoncés ; finding vide : rien de ce qui est cherché."
    ),
    "ecg_import.help.measurements": (
        "Prendre les valeurs mesurées des comptes rendus validés pour les anomalies de la fiche qui ont une unité "
        "(pr_interval, ...)."
    ),
    "ecg_import.help.table": (
        "Table d’une collection : ptbxl_database.csv de PTB-XL, ou metadata.csv de SPH. Pour des images : CSV "
        "(file,patient,exam, laterality et colonnes de strates)."
    ),
    "ecg_import.help.likelihood": (
        "À partir de quelle vraisemblance (0 à 100) un énoncé de PTB-XL est certain ; en dessous, douteux."
    ),
    "ecg_import.help.hospitals": (
        "Les dossiers situés directement sous --files sont des hôpitaux, chacun avec ses propres numéros de patients."
    ),
    "ecg_import.help.holter_table": (
        "CSV de comptes rendus Holter, une ligne par enregistrement, quand aucun battement n’est annoté."
    ),
    "ecg_import.help.holter_columns": "CSV (column,finding,unit) de ce que disent les colonnes de --holter-table.",
    "ecg_import.files_or_archive": (
        "--files importe depuis un dossier ; retirez les options d’une archive, ou bien --files."
    ),
    "ecg_import.needs_files": ("{found} dit comment importer un dossier. Nommez le dossier : --files."),
    "ecg_import.holter_needs_both": (
        "une table de comptes rendus et le sens de ses colonnes vont ensemble. Donnez les deux."
    ),
    # ------------------------------------------------------------------------------------------------- what is wrong
    "ecg_import.no_folder": "ce dossier n’existe pas. Nommez le dossier des enregistrements.",
    "ecg_import.folder_in_set": (
        "le dossier des enregistrements et celui du jeu sont l’un dans l’autre. Placez le jeu ailleurs : il contient des "
        "copies sans identité, le dossier non."
    ),
    "ecg_import.not_ecg": (
        "la modalité du jeu est {found}, et les enregistrements sont des ECG. Importez dans un jeu de modalité ECG."
    ),
    "ecg_import.finding_unknown": "la fiche n’a pas d’anomalie « {found} » ; elle a : {known}.",
    "ecg_import.finding_without_statements": (
        "aucun énoncé ne correspond à l’anomalie « {found} » : sa vérité reste à écrire. La documentation donne les noms "
        "auxquels des énoncés correspondent ; --statements ajoute vos propres textes."
    ),
    "ecg_import.no_annotator": (
        "les annotations sont copiées sous le nom que la fiche leur donne, et elle n’en donne pas. Remplissez "
        "wfdb_annotator de reference_standard."
    ),
    "ecg_import.no_measured_finding": (
        "aucune anomalie de la fiche n’a d’unité. Donnez la leur à celles qui sont des mesures : {{name: pr_interval, unit: ms}}."
    ),
    "ecg_import.too_few": ("{expected} enregistrements étaient à tirer, et le dossier en a {found}. Tirez-en moins."),
    "ecg_import.link": "c’est un lien, et les liens ne sont pas suivis. Copiez dans le dossier ce vers quoi il pointe.",
    "ecg_import.no_h5py": ("le paquet h5py, qui lit ce fichier, n’est pas installé. Installez dmn-bench[ecg-formats]."),
    "ecg_import.not_twelve_leads": (
        "un tableau « ecg » de douze dérivations en nombres à virgule flottante était attendu, et il n’y en a pas. Le "
        "fichier n’est pas de cette collection."
    ),
    "ecg_import.table_unknown": (
        "les colonnes de PTB-XL (ecg_id, patient_id, scp_codes, filename_lr, filename_hr) ou de SPH (ECG_ID, AHA_Code, "
        "Patient_ID) étaient attendues ; ni les unes ni les autres n’y sont. Nommez la table même de la collection."
    ),
    "ecg_import.table_columns": "la première ligne doit nommer les colonnes, chacune d’un nom à elle.",
    "ecg_import.table_too_large": "la table dépasse 1 Gio. Réduisez-la aux lignes à importer.",
    "ecg_import.bad_likelihoods": (
        "des énoncés avec des vraisemblances de 0 à 100 étaient attendus, comme {{'NORM': 100.0}} ; trouvé : « {found} »."
    ),
    "ecg_import.bad_aha_code": "des codes AHA comme 50+346 étaient attendus ; trouvé : « {found} ».",
    "ecg_import.meaning_label": "la valeur est « {found} » ; positive, indeterminate ou rien étaient attendus.",
    "ecg_import.meaning_unknown": (
        "« {found} » n’est ni une anomalie de la fiche, ni un nom auquel des énoncés correspondent. Corrigez-le, ou laissez "
        "finding vide si le texte ne dit rien des anomalies."
    ),
    "ecg_import.meaning_twice": "le même texte figure à la ligne {line} avec la même anomalie. Gardez l’un des deux.",
    "ecg_import.twice": "c’est le même enregistrement que {other} ({first}) ; il a été laissé de côté.",
    "ecg_import.twice_confirmed": (
        "c’est le même enregistrement que {other} ({first}), et son compte rendu passe avant celui qui y est, que personne "
        "n’a signé : la vérité de {other} est la sienne. Le fichier lui-même a été laissé de côté."
    ),
    "ecg_import.twice_contradicts": (
        "c’est le même enregistrement que {other} ({first}), et les deux comptes rendus signés ne disent pas la même chose "
        "de {found}, désormais non vérifié. Cherchez lequel compte, et écrivez dans truth.csv ce qu’il dit."
    ),
    "ecg_import.twice_two_patients": (
        "c’est le même enregistrement que {other} ({first}), sous le numéro d’un autre patient. Il a été laissé de côté : "
        "cherchez de qui il est."
    ),
    "ecg_import.perhaps_twice": (
        "{other} ({first}) est du même patient, de la même seconde et de la même durée, avec d’autres échantillons. Les deux "
        "sont inscrits : cherchez s’il s’agit d’un seul enregistrement stocké deux fois, et retirez-en un si c’est le cas."
    ),
    # --------------------------------------------------------------------------------------------------- report table
    "ecg_import.holter_no_column": "la table de comptes rendus n’a pas de colonne « {found} » ; elle a : {known}.",
    "ecg_import.holter_no_unit": (
        "l’anomalie « {found} » n’a pas d’unité dans la fiche. Donnez-lui la sienne, comme {{name: longest_pause, unit: s}}, "
        "ou écrivez yes_no si la colonne dit oui ou non."
    ),
    "ecg_import.holter_other_unit": (
        "la colonne est en {found}, et la fiche exprime l’anomalie en {expected} : cela ne va pas ensemble."
    ),
    "ecg_import.holter_finding_twice": (
        "une colonne ci-dessus dit déjà l’anomalie « {found} ». Gardez l’une des deux."
    ),
    "ecg_import.holter_one_key": (
        "une colonne et une seule doit dire de quel enregistrement est une ligne. Nommez-la file (nom du fichier de "
        "l’enregistrement) ou patient (numéro de l’hôpital) dans la colonne finding."
    ),
    "ecg_import.holter_names_nothing": "la ligne ne nomme aucun enregistrement : sa colonne « {column} » est vide.",
    "ecg_import.holter_twice": "la ligne {line} est du même enregistrement. Gardez l’une des deux.",
    "ecg_import.holter_not_a_number": (
        "colonne « {column} » : un nombre en {unit} ou une durée comme 1 h 23 min ou 2,4 s étaient attendus ; trouvé : "
        "« {found} ». Rien n’a été inscrit."
    ),
    "ecg_import.holter_ambiguous": (
        "colonne « {column} » : « {found} » peut être un millier ou avoir trois décimales. Dites quel signe la table met "
        "avant les décimales, par une ligne du fichier des colonnes : *,decimal,comma (virgule) ou *,decimal,point. Rien "
        "n’a été inscrit."
    ),
    "ecg_import.holter_impossible": (
        "colonne « {column} » en {unit} : « {found} » ne se peut pas, car durées, fréquences et comptes ne sont jamais "
        "négatifs, ni les parts au-dessus de 100 %. Corrigez-le. Rien n’a été inscrit."
    ),
    "ecg_import.holter_decimal": (
        "le signe qui précède les décimales était attendu une fois, comme *,decimal,comma ou *,decimal,point ; trouvé : "
        "« {found} »."
    ),
    "ecg_import.holter_not_yes_no": (
        "colonne « {column} » : oui ou non, yes ou no étaient attendus ; trouvé : « {found} ». Rien n’a été inscrit."
    ),
    "ecg_import.holter_no_recording": "le jeu n’a pas d’enregistrement de ce nom. Rien n’a été inscrit pour la ligne.",
    "ecg_import.holter_several": ("{n} enregistrements du jeu ont ce nom. Rien n’a été inscrit pour la ligne."),
    "ecg_import.holter_stated": (
        "{n} {n:#valeur n’a pas été inscrite|valeurs n’ont pas été inscrites} : truth.csv le dit déjà."
    ),
    # ------------------------------------------------------------------------------------------------------- the end
    "ecg_import.done": (
        "{recordings} {recordings:#enregistrement inscrit|enregistrements inscrits} dans {folder} ; {known} y "
        "{known:#était|étaient} déjà."
    ),
    "ecg_import.left_out.unreadable": (
        "{n} {n:#enregistrement laissé|enregistrements laissés} de côté : illisible, voir plus haut ; la même commande "
        "réessaie."
    ),
    "ecg_import.left_out.twice": (
        "{n} {n:#enregistrement laissé|enregistrements laissés} de côté : le même qu’un autre, voir plus haut."
    ),
    "ecg_import.left_out.not_drawn": (
        "{n} {n:#enregistrement n’a pas été tiré|enregistrements n’ont pas été tirés}, comme le dit sampling.csv."
    ),
    "ecg_import.left_out.not_recordings": (
        "{n} {n:#fichier n’est pas un enregistrement connu|fichiers ne sont pas des enregistrements connus} d’un lecteur."
    ),
    "ecg_import.without_patient": (
        "{n} {n:#cas n’a|cas n’ont} pas de numéro de patient : chacun compte pour un patient, et chaque rapport le dira."
    ),
    "ecg_import.annotated": (
        "Annotations de référence copiées pour {n} {n:#enregistrement|enregistrements} ; {without} sans ; {dropped} notes "
        "omises, car elles peuvent contenir des noms."
    ),
    "ecg_import.truth": (
        "{finding} : {positive} positifs, {negative} négatifs, {indeterminate} indéterminés, {unverified} non vérifiés"
    ),
    "ecg_import.truth_numbers": "{finding} : {n} {n:#valeur|valeurs}, {unverified} non vérifiées",
    "ecg_import.open": (
        "{n} {n:#compte rendu contient|comptes rendus contiennent} un énoncé dont personne n’a dit le sens : ce qu’ils ne "
        "mentionnent pas y reste non vérifié."
    ),
    "ecg_import.unmapped": "{n} {n:#énoncé|énoncés} {n:#non reconnu, avec son nombre|non reconnus, avec leurs nombres}, dans {folder}.",
    "ecg_import.machine": (
        "Ce que la machine elle-même a dit de {n} {n:#enregistrement|enregistrements} est dans {folder} ; README.txt y dit "
        "comment un protocole s’y compare."
    ),
    "ecg_import.incorporated": (
        "Noté dans la fiche : {records} {records:#enregistrement validé|enregistrements validés} à partir de l’énoncé de "
        "la machine, {unchanged} mot pour mot. L’accord avec cette machine n’est pas sa performance."
    ),
    "ecg_import.incorporated_measurement": (
        "Noté dans la fiche : les valeurs mesurées de {records} {records:#enregistrement|enregistrements} sont celles de la "
        "machine."
    ),
    "ecg_import.holter": "Chiffres de la table de comptes rendus inscrits pour {n} {n:#enregistrement|enregistrements}.",
    "ecg_import.unlabelled": (
        "{n} {n:#ligne|lignes} de la table de la collection {n:#n’a|n’ont} pas de fichier dans le dossier."
    ),
    "ecg_import.next": (
        "Ensuite : lire truth.csv et ce qui a été laissé de côté, dmn-bench refset check {folder}, dmn-bench refset lock "
        "{folder}."
    ),
    "ecg_import.beside_readme": (
        "Écrit par l’import d’ECG ; ne fait pas partie du jeu de référence, et n’y entre jamais.\n"
        "\n"
        "machine_statements.csv : ce que la machine elle-même a dit, par cas et par anomalie. Pour y comparer un dispositif,\n"
        "nommez-le dans le protocole :\n"
        "\n"
        "  - id: cart\n"
        "    role: comparator\n"
        "    adapter: predictions\n"
        "    options: {{path: {path}}}\n"
        "\n"
        "Là où la vérité a été corrigée à partir de cet énoncé même (incorporates, dans la fiche), leur accord n’est pas une\n"
        "performance. Un cas sans ligne n’a pas d’énoncé de machine, ou seulement des énoncés dont personne n’a dit le sens.\n"
        "\n"
        "unmapped_statements.csv : énoncés dont personne n’a dit le sens, avec le nombre de fichiers où ils figurent.\n"
        "confidential_unmapped_statements.csv : de même, pour les textes dont des mots peuvent être des noms. À garder comme\n"
        "identity.csv. Écrivez leur sens dans un fichier (text,finding,label) et importez un nouveau jeu avec --statements."
    ),
}
