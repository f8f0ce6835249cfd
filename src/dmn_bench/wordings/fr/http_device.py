"""French sentences of the adapter `http`."""

WORDS: dict[str, str] = {
    "http_device.batch_without_axis": (
        "batch dépasse 1 et batch_axis vaut false : des cas envoyés ensemble demandent un axe. Mettez batch à 1."
    ),
    "http_device.box_pointers": (
        "response.marks.box : {expected} pointeurs attendus pour la forme {form}, {found} trouvés. Corrigez l’option."
    ),
    "http_device.certificates_unused": (
        "{option} concerne https, alors que l’url commence par http. Corrigez l’url ou retirez l’option."
    ),
    "http_device.echo_not_sent": (
        "response.echo compare l’identifiant de la requête, qui n’est pas envoyé. Mettez $request_id dans "
        "request.body, ou {{request_id}} dans request.path."
    ),
    "http_device.fields_not_mapping": (
        "avec multipart, request.body associe des noms de champs à des textes. Corrigez l’option."
    ),
    "http_device.header_malformed": (
        "request.headers : un nom ou une valeur contient des caractères interdits dans un en-tête. Corrigez-le."
    ),
    "http_device.header_ours": (
        "request.headers ne peut pas fixer {found} : le programme l’écrit lui-même. Pour un jeton, nommez sous "
        "token_variable la variable d’environnement qui le contient."
    ),
    "http_device.key_alone": ("client_key va avec client_certificate, qui manque. Donnez les deux, ou aucun des deux."),
    "http_device.limit": "{option} est un nombre de {low} à {high}, trouvé {found}. Corrigez l’option.",
    "http_device.metadata_sha256": (
        "metadata_sha256 compte 64 caractères 0-9 et a-f. Copiez-le du message d’une exécution qui en a un faux, ou "
        "retirez-le."
    ),
    "http_device.missing_extra": (
        "interroger un serveur demande {package}, qui n’est pas installé. Installez l’extra : pip install "
        "'dmn-bench[{extra}]'."
    ),
    "http_device.needed": "{option} est nécessaire pour la forme {form}. Ajoutez l’option.",
    "http_device.no_file": "{option} : le fichier {found} n’existe pas. Mettez-le en place ou corrigez l’option.",
    "http_device.no_further_options": "un serveur ne prend pas d’autres options, trouvé {found}. Retirez-les.",
    "http_device.nothing_sent": (
        "rien du cas n’est envoyé : request.body n’a aucun symbole tel que $image.base64_png ou $signals, et il n’y "
        "a pas de multipart. Ajoutez-en un."
    ),
    "http_device.one_input": (
        "un serveur de forme open-inference déclare soit input (une image), soit signals (un enregistrement). Donnez "
        "exactement l’un des deux."
    ),
    "http_device.option_of_other_form": (
        "{option} n’a pas de sens pour la forme {form}. Retirez l’option ou corrigez la forme."
    ),
    "http_device.path": (
        "{option} : un chemin qui commence par / est attendu, sans autres accolades que {expected} ; trouvé {found}. "
        "Corrigez l’option."
    ),
    "http_device.placeholder_unknown": (
        "request.body contient {found}, qui ne désigne rien ; sont connus {known}. Un texte qui commence par $ "
        "s’écrit $$."
    ),
    "http_device.placeholder_unknown_nearest": (
        "request.body contient {found}, qui ne désigne rien. Vouliez-vous dire {nearest} ? Sont connus {known}. Un "
        "texte qui commence par $ s’écrit $$."
    ),
    "http_device.pointer": (
        "{option} : un pointeur JSON tel que /result/0/score est attendu, trouvé {found}. Corrigez l’option."
    ),
    "http_device.score_unit": (
        "response.score_unit manque : dites si les scores sont une fraction (fraction, de 0 à 1), un pourcentage "
        "(percent, de 0 à 100) ou un nombre quelconque (any). L’unité est vérifiée, jamais devinée."
    ),
    "http_device.token_header": (
        "token_header est le nom d’un en-tête : lettres, chiffres et -. Corrigez l’option ; un jeton n’y figure jamais."
    ),
    "http_device.token_variable": (
        "token_variable est le nom d’une variable d’environnement : lettres, chiffres et _. Le jeton lui-même ne "
        "figure jamais dans un fichier : mettez-le dans cette variable."
    ),
    "http_device.two_forms_of_input": (
        "la requête demande des valeurs décodées et des copies de fichiers, ou des fichiers DICOM et WFDB, alors "
        "qu’un cas est donné sous une seule forme. Choisissez des copies DICOM, des copies WFDB, ou des images et "
        "signaux décodés."
    ),
    "http_device.unencrypted": (
        "l’url est en http et {host} est une autre machine : des images de patients traverseraient le réseau là où "
        "chacun, en chemin, peut les lire et les modifier. Utilisez https. Si la liaison est protégée autrement et "
        "que votre délégué à la protection des données l’accepte, ajoutez allow_unencrypted: true."
    ),
    "http_device.url": (
        "url : http:// ou https:// attendu, un hôte, éventuellement un port et un chemin, sans utilisateur, mot de "
        "passe, ? ni # ; trouvé {found}. Corrigez l’option ; un jeton va dans l’environnement (token_variable)."
    ),
}
