"""Phrases françaises de la pièce `adapters_programs` : programmes et conteneurs."""

WORDS: dict[str, str] = {
    "adapters_programs.above_nought": (
        "{option} est supérieur à 0, ou null pour aucune limite ; trouvé : {found}. Corrigez l’option."
    ),
    "adapters_programs.at_least_one": "{option} vaut au moins 1, or {found} est indiqué. Corrigez l’option.",
    "adapters_programs.command_place": (
        "la commande ne dit pas où placer {expected} : {found}. Mettez {expected} parmi ses mots."
    ),
    "adapters_programs.dicom_needs_dicom": (
        "results: dicom ne peut être rattaché aux images que si le candidat reçoit dicom, or il reçoit {found}. "
        "Mettez receives à dicom, ou results à json."
    ),
    "adapters_programs.dicom_unused": (
        "dicom dit comment lire des objets de résultats, or results n’est pas dicom. Retirez l’un des deux."
    ),
    "adapters_programs.engine_elsewhere": (
        "DOCKER_HOST vaut {found}, une autre machine : les images quitteraient celle-ci et les dossiers ne "
        "pourraient être montés. Utilisez un moteur de cette machine (unix://…)."
    ),
    "adapters_programs.exit_code": (
        "exit_statuses nomme des codes de sortie de 1 à 255, or {found} est indiqué. Corrigez l’option ; 0 veut "
        "toujours dire que la sortie est à lire."
    ),
    "adapters_programs.exit_code_of_batch": (
        "un code de sortie ne peut parler pour plusieurs cas : exit_statuses demande batch: 1. Retirez l’un des deux."
    ),
    "adapters_programs.folder_only": (
        "les options {found} concernent des dossiers, or ce conteneur parle le protocole filaire. Retirez-les, ou"
        " mettez speaks à folder."
    ),
    "adapters_programs.hosts_need_network": (
        "un moteur de conteneurs ne peut restreindre un conteneur à {found}. Faites créer par le site un réseau "
        "du moteur qui n’atteint que ces hôtes et nommez-le dans network ; ou retirez hosts."
    ),
    "adapters_programs.image": (
        "{found} n’est pas le nom d’une image. Donnez nom@sha256:…, sha256:…, ou un fichier .sif."
    ),
    "adapters_programs.image_by_tag": (
        "l’image {found} est nommée par une étiquette, derrière laquelle une autre image peut se trouver demain. "
        "Nommez-la par son empreinte (nom@sha256:…, ou sha256:… comme l’affiche image inspect), ou mettez "
        "allow_tag à true, ce que le rapport dira."
    ),
    "adapters_programs.image_digest": (
        "l’empreinte de l’image {found} n’est pas sha256: suivi de 64 chiffres de 0 à 9 et de a à f. Donnez-la en "
        "entier, comme l’affiche image inspect."
    ),
    "adapters_programs.mount": (
        "mounts nomme des chemins absolus du conteneur autres que /input, /output et /tmp ; trouvé : {found}. "
        "Corrigez l’option."
    ),
    "adapters_programs.network": (
        "network nomme un réseau que le site a créé et restreint ; trouvé : {found}. Donnez son nom dans le "
        "moteur ; Apptainer n’en a pas."
    ),
    "adapters_programs.network_needs_hosts": (
        "le conteneur reçoit le réseau {found} et ne déclare aucun hôte. Indiquez dans hosts ce qu’il doit "
        "atteindre, pour que le protocole puisse l’accorder."
    ),
    "adapters_programs.no_engine": (
        "aucun moteur de conteneurs n’a été trouvé : cherché {found} ; installés : {known}. Installez-en un, ou "
        "corrigez engine ou engine_path."
    ),
    "adapters_programs.no_file": "{found} n’est pas là. Remettez-le à sa place, ou corrigez l’option.",
    "adapters_programs.no_further_options": (
        "cet adaptateur n’a pas d’options pour une classe, or {found} est indiqué. Retirez-les."
    ),
    "adapters_programs.no_program": (
        "le programme {found} n’est pas là. Avec une barre oblique, il est cherché depuis le dossier du candidat,"
        " sans elle dans {known}. Corrigez le premier mot de command."
    ),
    "adapters_programs.not_executable": "{found} n’est pas exécutable. Rendez-le exécutable (chmod +x).",
    "adapters_programs.sif_needed": (
        "Apptainer prend un fichier .sif, or {found} est indiqué. Construisez-le une fois (apptainer build "
        "NOM.sif docker-archive:FICHIER) et nommez ce fichier."
    ),
    "adapters_programs.sif_of_apptainer": (
        "{found} est une image pour Apptainer, or engine vaut {engine}. Mettez engine à apptainer ou auto."
    ),
    "adapters_programs.user": "user est uid:gid en chiffres ; trouvé : {found}. Corrigez l’option.",
}
