"""Phrases françaises de la pièce `adapters_programs` : programmes et conteneurs."""

WORDS: dict[str, str] = {
    "adapters_programs.at_least_one": "{option} vaut au moins 1, or {found} est indiqué. Corrigez l'option.",
    "adapters_programs.command_place": (
        "la commande ne dit pas où placer {expected} : {found}. Mettez {expected} parmi ses mots."
    ),
    "adapters_programs.dicom_needs_dicom": (
        "results: dicom ne peut être rattaché aux images que si le candidat reçoit dicom, or il reçoit {found}. "
        "Mettez receives à dicom, ou results à json."
    ),
    "adapters_programs.dicom_unused": (
        "dicom dit comment lire des objets de résultats, or results n'est pas dicom. Retirez l'un des deux."
    ),
    "adapters_programs.exit_code": (
        "exit_statuses nomme des codes de sortie de 1 à 255, or {found} est indiqué. Corrigez l'option ; 0 veut "
        "toujours dire que la sortie est à lire."
    ),
    "adapters_programs.exit_code_of_batch": (
        "un code de sortie ne peut parler pour plusieurs cas : exit_statuses demande batch: 1. Retirez l'un des deux."
    ),
    "adapters_programs.no_file": "{found} n'est pas là. Remettez-le à sa place, ou corrigez l'option.",
    "adapters_programs.no_further_options": (
        "cet adaptateur n'a pas d'options pour une classe, or {found} est indiqué. Retirez-les."
    ),
    "adapters_programs.no_program": (
        "le programme {found} n'est pas là. Avec une barre oblique, il est cherché depuis le dossier du candidat, sans "
        "elle dans {known}. Corrigez le premier mot de command."
    ),
    "adapters_programs.not_executable": "{found} n'est pas exécutable. Rendez-le exécutable (chmod +x).",
}
