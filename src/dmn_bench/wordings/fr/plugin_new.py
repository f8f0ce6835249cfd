"""Phrases françaises du paquet qu'écrit `plugin new` : commentaires de ses fichiers, et son README."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "plugin_new.code_top": (
        "Un produit pour commencer : il mesure la rugosité d’une image ou la pente d’un signal. Mettez le vôtre ici."
    ),
    "plugin_new.code_class": "Créé une fois, dans un processus isolé ; puis interrogé cas par cas.",
    "plugin_new.code_load": "Chargez le modèle ici, une fois. Les options sont celles de candidate.yaml.",
    "plugin_new.code_answer": "La réponse à une demande ; la forme des deux est dans docs/candidates.md.",
    "plugin_new.code_request": "Le dossier d’entrée contient une demande, celui de sortie doit contenir une réponse.",
    "plugin_new.code_replace": "Remplacez à partir d’ici : tout ce qui précède dit ce qui est refusé, et pourquoi.",
    "plugin_new.code_refused": "Une entrée pour laquelle le produit n’est pas fait : le dire, avec une raison ; ne jamais deviner.",
    "plugin_new.code_server": "Une adresse, une question, une réponse.",
    "plugin_new.code_test": "Les contrôles que fait l’acheteur, un par un : python -m pytest",
    "plugin_new.must_run": (
        "Quelque chose doit tourner pendant le contrôle : README.md dit exactement quoi, et comment le mettre en marche."
    ),
    "plugin_new.source": "notice d’utilisation, page …",
    "plugin_new.candidate_top": (
        "Comment dmn-bench interroge ce produit. Ce fichier est lu comme du texte ; rien de votre code n’est importé pour cela."
    ),
    "plugin_new.candidate_python": (
        "Une classe en Python simple, importée seulement dans un processus isolé. python : chemin d’un autre interpréteur, "
        "depuis ce dossier. receives : array (décodé), dicom ou wfdb (fichiers désidentifiés)."
    ),
    "plugin_new.candidate_command": (
        "Un programme lancé pour chaque cas : {{input}} et {{output}} sont ses dossiers, {{candidate}} est celui-ci."
    ),
    "plugin_new.candidate_wire": "Un programme lancé une fois, qui parle le protocole filaire : docs/wire-protocol.md.",
    "plugin_new.candidate_onnx": "Un fichier ONNX, avec ce qu’il attend et ce que signifie sa sortie.",
    "plugin_new.candidate_http": "Un serveur déjà en marche : lancez-le par python server.py.",
    "plugin_new.candidate_container": (
        "Une image présente sur cette machine : docker build -t NOM . la construit (ou podman). allow_tag sert à vos propres "
        "essais : livrez-la par son empreinte, que montre docker images --digests, et sans allow_tag "
        "(docs/command-and-container.md)."
    ),
    "plugin_new.candidate_dicom_node": (
        "Un nœud DICOM déjà en marche : où il est, comment il s’appelle, et où il envoie ses résultats. Il doit connaître "
        "our_ae_title à cette machine et listen_port. finding : l’anomalie d’un résultat qui n’en nomme pas."
    ),
    "plugin_new.candidate_dicomweb": (
        "Un service DICOMweb déjà en marche : il prend l’étude par STOW-RS, et ses résultats sont demandés par QIDO-RS. "
        "modalities : des résultats. finding : l’anomalie d’un résultat qui n’en nomme pas."
    ),
    "plugin_new.candidate_predictions": "Un tableau de résultats : une ligne par cas et par anomalie.",
    "plugin_new.candidate_points": (
        "À partir de quel score un cas est positif, et à partir duquel douteux (doubt_from) : comme le dit la notice."
    ),
    "plugin_new.candidate_findings": "Votre mot pour une anomalie : le mot de l’hôpital, quand ils diffèrent.",
    "plugin_new.candidate_device": "Ce que vous déclarez du produit : le fichier suivant.",
    "plugin_new.device_top": (
        "Ce que l’éditeur déclare du produit. Les rapports impriment chaque champ : null s’imprime « non déclaré ». Un "
        "texte s’écrit tel quel, ou sous la forme {{value: …, source: …}} avec la page qui le dit."
    ),
    "plugin_new.device_identity": "De quel produit il s’agit, dans les termes de son étiquette.",
    "plugin_new.device_intended_use": "La destination, mot pour mot d’après la notice, avec sa page.",
    "plugin_new.device_claims": (
        "Les performances que vous publiez : une liste de {{metric, finding, value, low, high, confidence, population, "
        "source}}, les parts de 0 à 1."
    ),
    "plugin_new.device_training_data": "Cinq questions sur les données d’entraînement. Écrivez « aucune » si c’est la réponse.",
    "plugin_new.device_needs": "Ce dont le produit a besoin. L’hôpital l’accorde, ou l’exécution ne commence pas.",
    "plugin_new.device_outputs": (
        "Chaque anomalie à laquelle il répond, dans vos mots, avec le plus petit et le plus grand score possibles."
    ),
    "plugin_new.field.identity.manufacturer": "fabricant légal",
    "plugin_new.field.identity.authorised_representative": "mandataire dans l’Union, s’il y en a un",
    "plugin_new.field.identity.trade_name": "nom commercial",
    "plugin_new.field.identity.version": "version, telle que sur l’étiquette",
    "plugin_new.field.identity.build": "build ou commit de cette livraison précise",
    "plugin_new.field.identity.basic_udi_di": "IUD-ID de base",
    "plugin_new.field.identity.udi_di": "IUD-ID",
    "plugin_new.field.identity.udi_pi": "IUD-IP",
    "plugin_new.field.identity.ce_class": "classe du dispositif",
    "plugin_new.field.identity.legal_basis": "règlement ou directive du marquage",
    "plugin_new.field.identity.certificate": "numéro du certificat",
    "plugin_new.field.identity.certificate_expires": "date de fin de validité",
    "plugin_new.field.identity.notified_body": "organisme notifié, avec son numéro",
    "plugin_new.field.identity.eudamed_id": "identifiant dans EUDAMED",
    "plugin_new.field.intended_use.purpose": "destination, mot pour mot",
    "plugin_new.field.intended_use.ifu_page": "page de la notice d’utilisation",
    "plugin_new.field.intended_use.contra_indications": "ce pour quoi il ne doit pas servir : âges, incidences, appareils, états",
    "plugin_new.field.intended_use.operating_point": "point de fonctionnement, et qui peut le changer",
    "plugin_new.field.training_data.data_sets": "1 : tous les jeux ayant servi à l’entraîner ou à le régler, publics compris",
    "plugin_new.field.training_data.data_from_this_hospital": "2 : toute donnée de cet hôpital ou de son groupe",
    "plugin_new.field.training_data.access_to_this_reference_set": "3 : tout accès antérieur à ce jeu de référence",
    "plugin_new.field.training_data.overlap_of_patients_or_period": "4 : les mêmes patients, ou la même période",
    "plugin_new.field.training_data.pretrained_components": "5 : les parties préentraînées, et sur quoi elles l’ont été",
    "plugin_new.field.needs.gpu": "true s’il faut un processeur graphique",
    "plugin_new.field.needs.hosts": (
        'chaque adresse à atteindre : [{{address: "hôte:port", purpose: "serveur de licences", images: false}}] ; '
        "images : si des images y sont envoyées"
    ),
    "plugin_new.field.needs.inputs": "ce qu’on peut lui donner : modalité, incidences, tailles, fréquence d’échantillonnage",
    "plugin_new.field.needs.memory_mb": (
        "mémoire d’un processus au plus, en Mio ; « dmn-bench plugin check » imprime ce qui a été occupé"
    ),
    "plugin_new.field.needs.seconds_per_case": "secondes par cas au plus, sur la machine la plus lente prise en charge",
    "plugin_new.field.needs.seconds_to_load": "secondes de chargement au plus",
    "plugin_new.field.needs.descriptive_tags": (
        "attributs descriptifs dont dépendent les réponses : view, laterality, modality … ; [] si aucun"
    ),
    "plugin_new.host_purpose": "le produit lui-même, sur cette machine",
    "plugin_new.readme": """\
# {name}

Un paquet candidat de dmn-bench qui fonctionne tel quel : mettez votre produit à la place de l’exemple, pas à pas, et vérifiez
après chaque pas.

| fichier | dit |
|---|---|
| `candidate.yaml` | comment le produit est interrogé |
| `device.yaml` | ce que vous déclarez : produit, destination, allégations, données d’entraînement, besoins |
| `{product}` | le produit ; l’exemple ne mesure que quelque chose de simple |
| `cases/` | quelques cas que vous livrez, et dans `cases/expected.json` les réponses attendues |
| `refuses/` | des cas que le produit doit refuser |
| `tests/` | les mêmes contrôles dans votre pytest |

1. `dmn-bench plugin check .` fait les contrôles que fait l’acheteur, et dit comment remédier à ce qui échoue.
2. Remplacez `{product}`, puis les cas (aucune donnée de patient : dessinez-les, ou prenez un fantôme) et
   `cases/expected.json`.
3. Remplissez `device.yaml`. Ce qui reste `null` s’imprime « non déclaré » dans chaque rapport.
4. Livrez le dossier avec le `plugin-check.json` que le contrôle a écrit : il est lié à chaque fichier, de sorte que l’acheteur
   voit par `dmn-bench plugin check . --against plugin-check.json` que ce qui a été vérifié est ce qui a été livré.

""",
    "plugin_new.readme_python": (
        "`product.py` contient une classe `Candidate`. Elle n’importe rien de dmn-bench et peut tourner sous un autre Python."
    ),
    "plugin_new.readme_command": "`product.py` est lancé pour chaque cas avec deux dossiers. Tout autre programme peut le remplacer.",
    "plugin_new.readme_wire": (
        "`product.py` est lancé une fois et parle le protocole filaire sur ses entrée et sortie standard. Tout autre langage "
        "peut le remplacer."
    ),
    "plugin_new.readme_onnx": (
        "`model.onnx` est exécuté par ONNX Runtime ; `candidate.yaml` dit comment son entrée est préparée et ce que signifie "
        "sa sortie."
    ),
    "plugin_new.readme_http": "`server.py` doit être en marche pendant le contrôle : `python server.py`.",
    "plugin_new.readme_container": (
        "L’image doit être sur cette machine pendant le contrôle, et le service du moteur doit tourner : "
        "`docker build -t {name}:latest .` (ou `podman build`). `product.py` y parle le protocole filaire ; tout autre langage "
        "peut le remplacer."
    ),
    "plugin_new.readme_dicom_node": (
        "un nœud DICOM à `{address}` du titre d’AE `DEVICE`, qui répond au C-ECHO, prend des radiographies (DX) par C-STORE et "
        "envoie un compte rendu (SR) sur chaque étude au titre d’AE `DMNBENCH` au port 11113 de cette machine"
    ),
    "plugin_new.readme_dicomweb": (
        "un service DICOMweb à `http://{address}/dicom-web` qui prend des radiographies (DX) par STOW-RS et a un compte rendu "
        "(SR) sur chaque étude, trouvé par QIDO-RS"
    ),
    "plugin_new.readme_elsewhere": """\
# {name}

Un paquet candidat de dmn-bench pour un dispositif qui est ailleurs : rien du dispositif n’est dans ce dossier. Il dit où est
le dispositif et comment il est interrogé ; le contrôle commence quand le dispositif est en marche.

| fichier | dit |
|---|---|
| `candidate.yaml` | où est le dispositif, et comment il est interrogé |
| `device.yaml` | ce que vous déclarez : produit, destination, allégations, données d’entraînement, besoins |
| `cases/` | des radiographies inventées, qui sont envoyées au dispositif |
| `tests/` | les mêmes contrôles dans votre pytest |

1. Mettez le dispositif en marche, ou corrigez `candidate.yaml` et `needs.hosts` de `device.yaml`. Tels quels, ils attendent
   {device}.
2. `dmn-bench plugin check .` fait les contrôles que fait l’acheteur, et dit comment remédier à ce qui échoue. Tant que
   personne ne répond à cette adresse, le contrôle `loads` échoue et le dit.
3. Remplacez les cas par d’autres, pour lesquels votre dispositif est fait (aucune donnée de patient : dessinez-les, ou prenez
   un fantôme), énoncez les réponses attendues dans `cases/expected.json`, et mettez dans `refuses/` des cas qu’il doit refuser.
4. Remplissez `device.yaml`. Ce qui reste `null` s’imprime « non déclaré » dans chaque rapport.
5. Livrez le dossier avec le `plugin-check.json` que le contrôle a écrit.
""",
    "plugin_new.readme_predictions": "`results.csv` contient des résultats calculés ailleurs ; rien du produit ne s’exécute ici.",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
