"""French sentences of the room `pacs`."""

WORDS: dict[str, str] = {
    "pacs.limit": "{option} doit être compris entre {low} et {high} ; trouvé : {found}. Corrigez-le dans candidate.yaml ou dans le protocole.",
    "pacs.no_further_options": "un dispositif atteint par le réseau ne prend pas d’autres options ; trouvé : {found}. Supprimez-les.",
    "pacs.no_listen_port": "le dispositif envoie ses résultats à un de nos ports, et aucun n’est nommé. Donnez listen_port et enregistrez-le sur le dispositif.",
    "pacs.no_file": "{option} nomme un fichier qui n’existe pas : {found}. Corrigez le chemin, qui part du dossier du candidat.",
    "pacs.ae_title": "{option} doit être un titre d’entité : 1 à 16 caractères ASCII imprimables, sans barre oblique inverse ; trouvé : {found}.",
    "pacs.needed": "l’option {option} est nécessaire ici et elle manque. Donnez-la.",
    "pacs.token_variable": "token_variable doit être le nom d’une variable d’environnement (lettres, chiffres, tirets bas), jamais le jeton lui-même. Ce qui a été trouvé n’est pas répété ici.",
    "pacs.not_on_a_cluster": "un dispositif qui envoie ses résultats à un seul port d’une seule machine ne peut pas être interrogé par une grappe. Lancez-le sans --scheduler, ou lisez ses résultats dans une archive DICOMweb.",
}
