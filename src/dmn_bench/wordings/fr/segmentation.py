"""French sentences of the room `segmentation`: what is wrong with an endpoint that compares regions."""

WORDS: dict[str, str] = {
    "segmentation.doubled": "structures nomme deux fois {found}. Nommez chaque structure une seule fois.",
    "segmentation.tolerance_unit": (
        "{found} n’est pas dans l’unité des distances ({unit}). Indiquez {expected}, ou changez distances_in."
    ),
    "segmentation.tolerance": "{option} doit être un nombre d’au moins 0, trouvé : {found}. Corrigez-le.",
    "segmentation.tolerance_of_none": (
        "{option} nomme {found}, qui n’est pas une structure de ce critère ({known}). Corrigez le nom, ou ajoutez-le à "
        "structures."
    ),
    "segmentation.no_regions": (
        "Ce critère compare des régions, et il n’y en a pas. Ajoutez masks.csv au jeu de référence."
    ),
    "segmentation.limit": (
        "{option} de {measure} vaut {found}. Il va de 0 à 1 pour dice et nsd ; pour hd95, c’est une distance d’au moins "
        "0. Corrigez-le."
    ),
}
