"""Phrases françaises de la pièce `pacs_import` : les examens d'un PACS qui deviennent des cas d'un jeu de référence."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "pacs_import.help.import": (
        "Inscrire les ECG ou images d’un dossier (--files), ou des examens cherchés dans un PACS (--dicomweb, "
        "--dicom-node), dans un jeu de référence en copies minimales, sans identifiant."
    ),
    "pacs_import.help.dicomweb": "Adresse du service DICOMweb de l’archive.",
    "pacs_import.help.dicom_node": (
        "L’archive comme nœud DICOM ; elle doit connaître notre titre d’entité (AE), notre adresse et notre port."
    ),
    "pacs_import.help.our_ae": "Notre titre d’entité (AE), tel que l’archive le connaît.",
    "pacs_import.help.listen_port": "Port auquel l’archive peut nous envoyer des objets (C-MOVE).",
    "pacs_import.help.listen_at": (
        "Adresse à laquelle nous écoutons ; par défaut cette machine seule, si l’archive s’y trouve."
    ),
    "pacs_import.help.list": (
        "CSV d’un examen par ligne : study_instance_uid, accession_number, ou patient_id et study_date."
    ),
    "pacs_import.help.query": (
        "Ce que les examens ont en commun, en mot-clé DICOM et valeur : ModalitiesInStudy=DX, "
        "StudyDate=20250101-20250331. Peut être répété."
    ),
    "pacs_import.help.draw": (
        "Tirer au sort autant d’examens parmi ceux que la requête trouve ; les autres sont notés comme non tirés."
    ),
    "pacs_import.help.seed": "Du tirage : les mêmes examens et la même graine donnent le même tirage.",
    "pacs_import.help.burned_in": "Prendre aussi les images qui disent porter du texte incrusté dans leurs pixels.",
    "pacs_import.help.token_variable": "Nom de la variable d’environnement qui contient le jeton de l’archive.",
    "pacs_import.help.ca_file": "Certificats (PEM) à reconnaître, si celui de l’archive est propre à l’hôpital.",
    "pacs_import.help.allow_plain_http": "Laisser les images voyager sans chiffrement jusqu’à cette machine.",
    "pacs_import.done": (
        "{studies} {studies:#examen récupéré|examens récupérés}, {cases} {cases:#cas inscrit|cas inscrits} dans "
        "{folder} ; {known} {known:#examen y était|examens y étaient} déjà. Ensuite : dmn-bench refset check {folder}"
    ),
    "pacs_import.left_out.not_an_image": ("{n} {n:#objet écarté|objets écartés} : ni image ni enregistrement."),
    "pacs_import.left_out.other_modality": ("{n} {n:#objet écarté|objets écartés} : d’une autre modalité que le jeu."),
    "pacs_import.left_out.burned_in": (
        "{n} {n:#image écartée|images écartées} : le fichier dit que du texte est incrusté dans les pixels. Regardez "
        "les pixels, puis --burned-in les prend."
    ),
    "pacs_import.left_out.unreadable": "{n} {n:#objet écarté|objets écartés} : illisible, voir ci-dessus.",
    "pacs_import.without_cases": (
        "{n} {n:#examen n’a|examens n’ont} donné aucun cas et {n:#est noté exclu|sont notés exclus} dans sampling.csv."
    ),
    "pacs_import.again": (
        "La même commande redemande ce qui n’a pas pu être récupéré ; le reste n’est pas récupéré deux fois."
    ),
    "pacs_import.what_from_where": (
        "dites d’où viennent les cas : d’un dossier d’ECG ou d’images, --files ; ou d’un PACS, --dicomweb ou --dicom-node, et "
        "lesquels de ses examens, --list ou --query : un de chaque."
    ),
    "pacs_import.bad_node": "attendu : AETITLE@hôte:port ; trouvé : « {found} ».",
    "pacs_import.bad_query": "attendu : Motclé=valeur, chaque mot-clé une fois ; trouvé : {found}.",
    "pacs_import.set_is_locked": (
        "la version {found} du jeu est verrouillée, et un import la changerait. Augmentez d’abord la version dans la "
        "fiche."
    ),
    "pacs_import.line_names_nothing": (
        "la ligne ne nomme aucun examen. Remplissez au moins une des colonnes {known}, sans caractère générique."
    ),
    "pacs_import.no_study": "{archive} n’a pas cet examen. Corrigez la ligne ou supprimez-la.",
    "pacs_import.several_studies": (
        "{n} examens de {archive} répondent à la ligne. Nommez le bon par son study_instance_uid."
    ),
    "pacs_import.study_twice": "la ligne nomme un examen qui figure déjà plus haut. Supprimez l’une des deux.",
    "pacs_import.nothing_found": "l’archive ne trouve aucun examen. Élargissez la requête.",
    "pacs_import.too_few": (
        "{expected} examens sont à tirer, et l’archive en trouve {found}. Tirez-en moins, ou élargissez la requête."
    ),
    "pacs_import.several_patients": "un examen contient des objets de plusieurs patients, d’après leur PatientID. Il n’a pas été inscrit : faites-le corriger dans l’archive.",
    "pacs_import.another_import": "un autre import dans ce jeu est en cours. Attendez qu’il se termine.",
    "pacs_import.left_behind": "un import interrompu de force a laissé ici des objets originaux ou des identifiants de l’hôpital. Le prochain import les supprime ; ou supprimez-les.",
    "pacs_import.draw_from_a_list": "une liste est importée telle quelle. Retirez --draw, ou employez --query.",
    "pacs_import.unknown_keyword": "{found} n’est pas un mot-clé DICOM, et une archive l’ignorerait sans rien dire : tout répondrait à la requête. Écrivez-le comme ModalitiesInStudy, StudyDate, PatientSex.",
    "pacs_import.no_listen_port": "une archive envoie à un port qu’elle connaît. Donnez celui qui y est inscrit pour notre titre d’application, 11112 par exemple.",
    "pacs_import.incomplete": (
        "l’archive dit avoir envoyé {expected} objets, et {found} sont arrivés. L’examen n’a pas été inscrit."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
