"""French sentences of the room `report_segmentation`: how well delineated regions agree."""

WORDS: dict[str, str] = {
    "report_segmentation.title": "Délimitation de structures",
    "report_segmentation.intro": (
        "Chaque structure de chaque cas que la référence délimite compte une fois ; si un cas a plusieurs images, chaque "
        "image compte ici pour un cas. Un cas sans réponse, et une structure "
        "absente d’une réponse, comptent comme le pire : recouvrement 0, distance infinie. Les structures ne sont jamais "
        "mises en commun : chacune a ses propres chiffres."
    ),
    "report_segmentation.caution": (
        "Les indices de recouvrement et de distance sont mal corrélés à ce qui compte pour les soins : ils disent de "
        "combien deux contours diffèrent, non si l’écart change une dose, un diagnostic ou un traitement. À erreur égale, "
        "une petite structure perd plus de Dice qu’une grande. L’accord de plusieurs relecteurs entre eux est le plafond "
        "auquel se comparer ; les pires cas sont à regarder."
    ),
    "report_segmentation.tolerance": "Tolérance du Dice de surface (NSD)",
    "report_segmentation.no_tolerance": "aucune indiquée : pas de Dice de surface",
    "report_segmentation.hd95.surface_elements": (
        "par éléments de surface : dans chaque sens, la distance sous laquelle se trouvent 95\u202f% de la surface, selon "
        "la taille des éléments, et la plus grande des deux (Nikolov et al. 2021)"
    ),
    "report_segmentation.hd95.voxels": (
        "par voxels : le 95e percentile des distances des voxels du bord des deux régions ensemble (comme MedPy)"
    ),
    "report_segmentation.distances": "Distances",
    "report_segmentation.distances.mm": (
        "en millimètres, selon l’espacement indiqué par les images ; aucune là où une image n’en indique pas"
    ),
    "report_segmentation.distances.px": "en pixels : chaque pas entre pixels et entre plans compte pour 1",
    "report_segmentation.empty": "Deux régions vides",
    "report_segmentation.empty.1": "accord : Dice et Dice de surface 1, distance 0, erreur de volume 0",
    "report_segmentation.empty.left_out": "non comptées",
    "report_segmentation.unmentioned": "Structure dont une réponse ne dit rien",
    "report_segmentation.unmentioned.failed": "sans réponse : le pire",
    "report_segmentation.unmentioned.empty": "une région vide : le dispositif énumère ce qu’il trouve",
    "report_segmentation.cases": "cas",
    "report_segmentation.images": "images",
    "report_segmentation.empty_volumes": (
        "{structure} : vide des deux côtés dans {counted} : comptés 0\u202f% dans les erreurs et biais de volume, qui en sont "
        "plus proches de 0."
    ),
    "report_segmentation.least": "minimum",
    "report_segmentation.worst_decile": "pire décile",
    "report_segmentation.lower_quartile": "premier quartile",
    "report_segmentation.median": "médiane",
    "report_segmentation.upper_quartile": "troisième quartile",
    "report_segmentation.greatest": "maximum",
    "report_segmentation.spread": "{measure}, dispersion sur les cas : {endpoint}",
    "report_segmentation.spread_description": (
        "Une ligne par structure : de la plus petite à la plus grande valeur, une boîte entre les quartiles, une barre à "
        "la médiane, un losange au pire décile. Les cas sans réponse y sont, avec 0."
    ),
    "report_segmentation.figures_table": "Chiffres de chaque structure, analyse principale : médianes sur les cas sauf autre mention",
    "report_segmentation.not_by_structure": (
        "Le protocole ne demande pas de chiffres par structure. Ajoutez structure à ses strates pour avoir des intervalles "
        "et des règles pour chacune."
    ),
    "report_segmentation.more_in_section": (
        "De nombreuses structures, seule la première mesure des premières figure ici ; toutes sont dans la partie sur les "
        "structures."
    ),
}
