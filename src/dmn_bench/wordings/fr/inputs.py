"""French sentences of the room `inputs`."""

WORDS: dict[str, str] = {
    # any file
    "inputs.path_outside": "un fichier du jeu doit se trouver dans son dossier ; ce chemin est absolu, remonte par .. "
    "ou sort par un lien. Copiez le fichier dans le dossier et corrigez cases.csv.",
    "inputs.file_missing": "le fichier nommé dans cases.csv n’existe pas. Restaurez-le ou corrigez son chemin.",
    "inputs.no_reader": "aucun lecteur ne reconnaît ce fichier ; les lecteurs installés sont : {readers}. "
    "Convertissez le fichier ou installez l’extension qui le lit.",
    "inputs.several_readers": "plusieurs lecteurs revendiquent ce fichier : {readers}. Retirez une des extensions.",
    "inputs.too_large": "le fichier demande plus de mémoire qu’aucune image ni aucun enregistrement du jeu n’en exige "
    "une fois décodé. Il est abîmé ou malveillant ; exportez-le de nouveau.",
    # DICOM
    "inputs.dicom_unreadable": "le fichier commence comme du DICOM mais ne peut pas être analysé. Il est abîmé ; "
    "exportez-le de nouveau.",
    "inputs.dicom_no_preamble": "un fichier DICOM commence par 128 octets puis les lettres DICM ; celui-ci non. "
    "Exportez-le de nouveau comme fichier DICOM (partie 10).",
    "inputs.dicom_no_transfer_syntax": "le fichier ne dit pas comment il est codé (Transfer Syntax UID absent). "
    "Exportez-le de nouveau comme fichier DICOM (partie 10).",
    "inputs.dicom_no_pixels": "une image était attendue ; cet objet DICOM ne contient pas de pixels. Retirez-le du cas "
    "ou indiquez l’image elle-même.",
    "inputs.dicom_bad_geometry": "les lignes, colonnes, images, échantillons ou bits manquent ou n’ont pas de sens. "
    "Le fichier est abîmé ; exportez-le de nouveau.",
    "inputs.dicom_no_decoder_planned": "les pixels sont comprimés d’une façon pour laquelle aucun décodeur n’est "
    "prévu. Exportez de nouveau le fichier sans compression ou en JPEG 2000, JPEG-LS, JPEG sans perte ou RLE.",
    "inputs.decoder_not_installed": "la syntaxe de transfert {syntax} est décodée par {package}, qui n’est pas "
    "installé ; aucun autre décodeur n’est essayé. Installez l’extra dmn-bench[{extra}].",
    "inputs.dicom_pixels_damaged": "les pixels sont tronqués ou abîmés : ils ne donnent pas l’image qu’annoncent les "
    "attributs. Exportez de nouveau le fichier.",
    "inputs.dicom_size_differs": "l’image comprimée et les attributs ne s’accordent pas sur sa taille. Le fichier est "
    "abîmé ou a été modifié ; exportez-le de nouveau.",
    "inputs.dicom_bad_lut": "une table de conversion, une valeur de mise à l’échelle ou une fenêtre de l’image est "
    "incompréhensible. Exportez de nouveau le fichier ou corrigez ces attributs.",
    "inputs.dicom_bad_window": "la largeur de la fenêtre doit être d’au moins 1 (supérieure à 0 pour LINEAR_EXACT et "
    "SIGMOID). Exportez de nouveau le fichier ou corrigez l’attribut.",
    "inputs.dicom_bad_spacing": "un espacement des pixels est indiqué mais ce ne sont pas deux nombres supérieurs à "
    "0 ; aucune distance ne peut être mesurée sur cette image. Exportez de nouveau le fichier si les distances "
    "importent.",
    "inputs.dicom_polarity_contradicts": "PhotometricInterpretation et PresentationLUTShape se contredisent sur ce "
    "qui est blanc ; le premier est suivi. Regardez l’image avant de la garder.",
    # series
    "inputs.series_empty": "une série de fichiers DICOM était attendue ; le dossier n’en contient aucun. Corrigez le "
    "chemin ou remplissez le dossier.",
    "inputs.series_mixed": "un dossier doit contenir une seule série d’images de même taille et de même direction ; "
    "celui-ci en contient plusieurs. Donnez à chaque série son dossier.",
    "inputs.series_doubled_slice": "deux coupes de la série sont au même endroit. Retirez les fichiers en double.",
    "inputs.series_no_position": "les coupes d’une série sont rangées selon leur position dans le patient ; dans ce "
    "fichier la position ou l’orientation manque. Exportez de nouveau la série.",
    "inputs.series_gap": "la distance entre deux coupes voisines est bien plus grande qu’entre les autres : une coupe "
    "manque sans doute. Exportez de nouveau la série.",
    # PNG, JPEG, TIFF
    "inputs.raster_damaged": (
        "l’image est tronquée ou abîmée. Restaurez-la depuis sa source ; rien n’est complété. Si la source est tronquée "
        "elle aussi, retirez le cas des tables du jeu et citez-le dans sampling.csv comme excluded, avec le motif."
    ),
    "inputs.raster_pages_differ": "les pages d’un TIFF deviennent les images d’une même suite et doivent avoir même "
    "taille et même nature ; ce n’est pas le cas. Enregistrez chaque page dans son fichier.",
    "inputs.raster_kind_unknown": "les pixels ne sont ni gris (8 ou 16 bits) ni en couleurs. Enregistrez l’image en "
    "gris ou en RVB.",
    "inputs.raster_zero_filled": "un programme de ce processus permet de compléter par des zéros les images tronquées "
    "(LOAD_TRUNCATED_IMAGES). Retirez l’extension qui l’active.",
    "inputs.mask_with_losses": "un masque était attendu ; cette image est un JPEG, qui invente des valeurs à chaque bord. Enregistrez le masque en PNG ou TIFF.",
    "inputs.mask_transparent": "un masque était attendu ; cette image est en partie transparente, et on ne peut dire si ses couleurs ou sa transparence comptent. Enregistrez-la en gris sans transparence.",
    "inputs.mask_colours": "un masque était attendu ; cette image a des couleurs qui ne sont pas grises. Enregistrez-la en gris ou avec une palette, une valeur par structure.",
    # NIfTI
    "inputs.nifti_damaged": "le fichier commence comme un NIfTI mais il est tronqué ou endommagé : il ne se décompresse pas ou son en-tête est incompréhensible. Exportez-le de nouveau.",
    "inputs.nifti_cut": "le fichier NIfTI contient moins de voxels que ne l’annonce son en-tête : il est tronqué. Restaurez-le.",
    "inputs.nifti_bad_geometry": "la taille du volume, sa place chez le patient ou le début de ses voxels n’ont pas de sens dans l’en-tête du fichier NIfTI. Il est endommagé ou hostile ; exportez-le de nouveau.",
    "inputs.nifti_not_one_volume": "un seul volume de deux ou trois dimensions était attendu ; ce fichier NIfTI en contient plusieurs (temps, canaux) ou une ligne. Enregistrez chaque volume dans son propre fichier.",
    "inputs.nifti_kind_unknown": "les voxels du fichier NIfTI ne sont pas des nombres réels d’au plus 64 bits (couleurs, nombres complexes). Enregistrez-le avec des nombres entiers ou à virgule flottante.",
    "inputs.nifti_no_place": "le fichier NIfTI ne dit pas où il se trouve chez le patient (sform_code et qform_code valent 0) : gauche et droite ne se distinguent pas. Convertissez-le de nouveau depuis sa source.",
    "inputs.nifti_sheared": "les axes du volume NIfTI ne sont pas à angle droit : ses voxels ne sont pas des pavés. Rééchantillonnez-le sur une grille orthogonale, ou donnez la série d’origine.",
    "inputs.nifti_not_finite": "le fichier NIfTI contient des voxels qui ne sont pas des nombres finis. Corrigez les valeurs et enregistrez-le de nouveau.",
    "inputs.nifti_two_places": "le sform et le qform du fichier NIfTI placent le volume à des endroits différents ; le sform est suivi. Les programmes qui suivent l’autre voient un autre endroit : accordez les deux.",
    "inputs.no_nibabel": "un fichier NIfTI est lu par nibabel, qui n’est pas installé. Installez l’extra dmn-bench[nifti].",
    # recordings
    "inputs.recording_too_long": "l’enregistrement est trop long pour tenir en mémoire d’un seul tenant. Déclarez "
    "que le candidat reçoit ses signaux en wfdb : il reçoit alors une copie du fichier, écrite morceau par morceau.",
    "inputs.unit_unknown": "l’unité d’un signal n’est pas une tension (nV, uV, mV ou V). Corrigez l’unité ou retirez "
    "ce signal de l’enregistrement.",
    "inputs.wfdb_bad_header": "l’en-tête de l’enregistrement ne suit pas le format WFDB : il faut le nom, le nombre de "
    "signaux, la fréquence d’échantillonnage et le nombre d’échantillons, puis une ligne par signal. Corrigez le "
    "fichier .hea.",
    "inputs.wfdb_file_outside": "l’en-tête nomme un fichier de signal hors de son propre dossier. Corrigez le fichier "
    ".hea.",
    "inputs.wfdb_format_unknown": "les signaux sont enregistrés dans un format que WFDB ne connaît pas (8, 16, 24, 32, "
    "61, 80, 160, 212, 310, 311, 508, 516, 524). Corrigez le fichier .hea.",
    "inputs.wfdb_other_leads": "un segment a d’autres dérivations que le premier de son enregistrement, ou des dérivations "
    "du même nom dans un autre ordre : rien ne dit lesquelles vont ensemble. Corrigez les noms dans les fichiers .hea.",
    "inputs.wfdb_several_rates": "les nombres d’échantillons par trame des signaux ne sont pas multiples les uns des "
    "autres, ou un segment n’a pas la fréquence de son enregistrement. Rééchantillonnez l’enregistrement.",
    "inputs.wfdb_not_calibrated": "un signal n’a pas de gain : ses millivolts sont inconnus. Inscrivez le gain dans le "
    "fichier .hea.",
    "inputs.wfdb_signal_file_missing": "un fichier de signal nommé dans l’en-tête n’existe pas à côté de lui. "
    "Restaurez-le.",
    "inputs.wfdb_samples_missing": "le fichier de signal contient moins d’échantillons que ne le dit l’en-tête : il "
    "est tronqué. Restaurez-le.",
    "inputs.wfdb_samples_surplus": "le fichier de signal contient plus d’échantillons que ne le dit l’en-tête : "
    "l’en-tête et les signaux ne vont pas ensemble. Restaurez les deux.",
    "inputs.wfdb_damaged": "les signaux de l’enregistrement ne peuvent pas être décodés. Restaurez l’enregistrement "
    "depuis sa source.",
    "inputs.wfdb_checksum_differs": "un signal diffère de la somme de contrôle de l’en-tête : l’un des deux a été "
    "modifié. Restaurez l’enregistrement depuis sa source.",
    "inputs.annotations_missing": "le fichier d’annotations de l’enregistrement n’existe pas. Restaurez-le ou corrigez "
    "le nom de l’annotateur.",
    "inputs.annotations_damaged": "le fichier d’annotations est incompréhensible. Restaurez-le depuis sa source.",
    "inputs.waveform_missing": "un ECG était attendu ; cet objet DICOM ne contient pas de tracé. Corrigez le chemin.",
    "inputs.waveform_cut": "le tracé contient moins d’échantillons que ne le disent les attributs : il est tronqué. "
    "Exportez-le de nouveau.",
    "inputs.waveform_damaged": "le tracé ou son étalonnage est incompréhensible. Exportez de nouveau le fichier.",
    "inputs.waveform_kind_unknown": "les échantillons du tracé sont d’un type qui n’est pas lu ici. Exportez de "
    "nouveau le fichier avec des échantillons de 16 bits signés, petit-boutistes.",
    # fichiers ECG des fabricants : XML et SCP-ECG
    "inputs.xml_damaged": "le fichier commence comme du XML mais est mal formé : il est tronqué ou endommagé. "
    "Exportez-le de nouveau.",
    "inputs.xml_forbidden": "le fichier XML déclare ses propres entités ou éléments, ce dont aucun ECG n’a besoin mais "
    "dont une attaque se sert. Exportez-le de nouveau ; s’il sort ainsi de l’appareil, ne l’ouvrez pas.",
    "inputs.xml_excessive": "le fichier XML est plus profondément imbriqué, ou compte plus d’éléments ou d’attributs, "
    "qu’aucun ECG. Il est endommagé ou hostile ; exportez-le de nouveau.",
    "inputs.ecg_waveform_missing": "un enregistrement du rythme était attendu ; le fichier n’en contient pas, ou sans "
    "échantillon. Exportez de nouveau le fichier avec ses tracés.",
    "inputs.ecg_rate_unknown": "le fichier n’indique aucune fréquence d’échantillonnage utilisable, supérieure à 0. "
    "Exportez-le de nouveau.",
    "inputs.ecg_scale_unknown": "une dérivation n’indique aucun pas en volts utilisable : ses millivolts sont inconnus. "
    "Exportez de nouveau le fichier.",
    "inputs.ecg_counts_differ": "le fichier annonce un autre nombre de dérivations, d’octets ou d’échantillons qu’il "
    "n’en contient. Il est tronqué ou a été modifié ; exportez-le de nouveau.",
    "inputs.ecg_lead_twice": "deux dérivations de l’enregistrement portent le même nom. Exportez de nouveau le fichier "
    "ou corrigez les noms.",
    "inputs.ecg_leads_overlap": "deux parties de l’enregistrement donnent des échantillons différents pour une même "
    "dérivation au même instant. Exportez de nouveau le fichier.",
    "inputs.ecg_samples_damaged": "les échantillons d’une dérivation ne peuvent pas être décodés. Le fichier est "
    "endommagé ; exportez-le de nouveau.",
    "inputs.ecg_checksum_differs": "une partie du fichier diffère de sa somme de contrôle : l’une des deux a été "
    "modifiée. Exportez de nouveau le fichier.",
    "inputs.ecg_compression_unknown": "les échantillons sont comprimés ou codés d’une façon qui n’est pas lue ici. "
    "Exportez de nouveau le fichier sans compression.",
    "inputs.scp_damaged": "les sections du fichier SCP-ECG sont introuvables ou incompréhensibles. Exportez-le de "
    "nouveau.",
    "inputs.scp_bimodal": "le fichier SCP-ECG garde moins d’échantillons entre les battements que pendant ceux-ci "
    "(compression bimodale), ce qui n’est pas lu ici. Exportez-le de nouveau sans cette compression.",
    # EDF, ISHNE, tableaux d'échantillons, ondes DICOM de plusieurs groupes
    "inputs.edf_bad_header": "l’en-tête du fichier EDF ne suit pas le format : tailles, limites ou fréquences manquent ou n’ont pas de sens. Exportez l’enregistrement à nouveau.",
    "inputs.edf_not_finished": "le fichier EDF indique que son enregistrement n’est pas terminé. Terminez l’enregistrement sur l’appareil et exportez-le à nouveau.",
    "inputs.edf_cut": "le fichier EDF contient moins d’échantillons que ne l’annonce son en-tête : il est tronqué. Restaurez-le.",
    "inputs.edf_surplus": "le fichier EDF contient plus d’octets que ne l’annonce son en-tête : en-tête et échantillons ne vont pas ensemble. Restaurez-le.",
    "inputs.edf_no_voltage": "un ECG était attendu ; le fichier EDF ne contient aucun signal en V, mV, uV ou nV qui puisse en être un. Corrigez le chemin, ou exportez l’ECG avec son unité.",
    "inputs.edf_several_rates": "les signaux ECG du fichier EDF n’ont pas la même fréquence d’échantillonnage. Exportez-les à une seule fréquence.",
    "inputs.edf_bad_times": "les instants des blocs de données du fichier EDF se contredisent, ou un EDF+C comporte des pauses. Exportez l’enregistrement à nouveau.",
    "inputs.ishne_bad_header": "l’en-tête du fichier ISHNE ne suit pas le format : positions, dérivations ou fréquence d’échantillonnage n’ont pas de sens. Exportez l’enregistrement à nouveau.",
    "inputs.ishne_cut": "le fichier ISHNE contient moins d’échantillons que ne l’annonce son en-tête : il est tronqué. Restaurez-le.",
    "inputs.ishne_surplus": "le fichier ISHNE contient plus d’échantillons que ne l’annonce son en-tête : en-tête et échantillons ne vont pas ensemble. Restaurez-le.",
    "inputs.ishne_not_calibrated": "une dérivation du fichier ISHNE n’a pas de résolution : ses millivolts sont inconnus. Exportez l’enregistrement avec son étalonnage.",
    "inputs.ishne_checksum_differs": "l’en-tête du fichier ISHNE ne correspond pas à sa somme de contrôle : il a été modifié après coup, ou par un programme qui ne la recalcule pas. Vérifiez ses dérivations et sa fréquence avant de le garder.",
    "inputs.csv_no_unit": "le tableau d’échantillons ne dit pas dans quelle unité ils sont. Écrivez une ligne `# unit: uV` (ou mV) en tête, ou l’unité derrière chaque nom de colonne, ou `unit` dans le fichier de même nom en .json ou .yaml.",
    "inputs.csv_no_rate": "le tableau d’échantillons ne dit pas sa fréquence d’échantillonnage. Écrivez une ligne `# sampling_hz: 500` en tête, ou ajoutez une colonne `time_s` ou `time_ms`, ou `sampling_hz` dans le fichier de même nom en .json ou .yaml.",
    "inputs.csv_time_without_unit": "la colonne de temps du tableau ne dit pas son unité. Nommez-la time_s ou time_ms.",
    "inputs.csv_uneven_time": "les instants du tableau ne sont pas réguliers : des échantillons manquent ou sont doublés. Exportez l’enregistrement à nouveau.",
    "inputs.csv_rate_contradicts": "la fréquence d’échantillonnage indiquée et la colonne de temps du tableau se contredisent. Corrigez l’une des deux.",
    "inputs.csv_bad_index": "la colonne des numéros d’échantillons n’avance pas de un en un. Des échantillons manquent ou sont doublés : exportez l’enregistrement à nouveau.",
    "inputs.csv_bad_number": "une cellule du tableau d’échantillons n’est pas un nombre. Écrivez les échantillons en chiffres, avec un seul point ou une seule virgule, et laissez la cellule vide là où un échantillon manque.",
    "inputs.csv_rows_differ": "les lignes du tableau n’ont pas toutes le même nombre de cellules, ou le tableau n’a pas autant de colonnes que de dérivations nommées. Exportez l’enregistrement à nouveau.",
    "inputs.csv_cut": "le tableau se termine au milieu d’une ligne, ou n’a pas le nombre de lignes indiqué dans `n_samples` : il est tronqué. Restaurez-le, ou terminez sa dernière ligne par une fin de ligne.",
    "inputs.csv_bad_facts": "une indication sur le tableau est inconnue ou n’a pas de sens. Sont connues sampling_hz, unit, leads, n_samples, sex (F ou M) et age_years ; chacune ne s’indique qu’une fois.",
    "inputs.waveform_groups_overlap": "plusieurs groupes de rythme de l’objet DICOM montrent une même dérivation au même moment. Exportez le fichier à nouveau avec un seul groupe de rythme, ou avec le décalage de chacun.",
    "inputs.waveform_several_rates": "les groupes de rythme de l’objet DICOM n’ont pas la même fréquence d’échantillonnage. Exportez le fichier à nouveau à une seule fréquence.",
    # a case as a whole
    "inputs.case_without_files": "le cas n’a aucun fichier : aucun candidat ne peut être interrogé à son sujet ; seuls "
    "des fichiers de sortie peuvent être évalués. Ajoutez ses fichiers à cases.csv.",
    "inputs.several_recordings": "un cas peut contenir un enregistrement ; celui-ci en contient plusieurs. Faites de "
    "chacun un cas.",
    "inputs.form_lead_absent": "le candidat a déclaré une dérivation que l’enregistrement n’a pas et qui ne se calcule "
    "pas à partir de I et II. Corrigez signals: leads, ou comptez ce refus comme celui du dispositif.",
    "inputs.form_too_short": "l’enregistrement est plus court que ce que le candidat a déclaré accepter. Corrigez "
    "signals: least_seconds, ou comptez ce refus comme celui du dispositif.",
    "inputs.form_too_long": "l’enregistrement est plus long que ce que le candidat a déclaré accepter. Corrigez "
    "signals: most_seconds, ou comptez ce refus comme celui du dispositif.",
    "inputs.form_invalid_samples": "l’enregistrement a des échantillons sans valeur, que le candidat a déclaré "
    "refuser. Corrigez signals: invalid, ou comptez ce refus comme celui du dispositif.",
    "inputs.form_rates": "la fréquence de l’enregistrement et celle que le candidat déclare n’ont pas de rapport de "
    "nombres entiers jusqu’à 100 000. Déclarez une fréquence qui en ait un.",
    "inputs.voltage_excessive": "l’enregistrement contient une tension de plus de 2 V, qu’aucun corps n’a. Corrigez "
    "son unité ou son gain.",
    "inputs.form_unknown": "un candidat peut recevoir array, dicom, wfdb ou file ; {found} n’en fait pas partie. "
    "Corrigez `receives` dans son manifeste.",
    "inputs.form_not_available": "le candidat reçoit {expected}, mais ce fichier est lu par {found}. Choisissez un "
    "candidat qui accepte ce type de fichier, ou convertissez le jeu.",
}
