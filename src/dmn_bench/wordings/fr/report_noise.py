"""French sentences of the room `report_noise`: the noise stress test."""

WORDS: dict[str, str] = {
    "report_noise.title": "Épreuve de bruit",
    "report_noise.intro": (
        "Des enregistrements tirés de ceux de l’essai ont été soumis de nouveau au dispositif, un bruit généré étant "
        "ajouté à chaque dérivation : {clean}\u202fs sans bruit, puis alternativement {noise}\u202fs avec et "
        "{pause}\u202fs sans bruit. Le rapport signal sur bruit est celui du programme nst de WFDB, que nomme EC57. Les "
        "chiffres portent sur toute la période d’essai, pauses comprises. Le bruit est généré et non enregistré : ils "
        "comparent des dispositifs et des rapports, et ne prédisent pas ce que fait un dispositif dans le bruit d’un "
        "service."
    ),
    "report_noise.not_done": (
        "Aucune épreuve de bruit\u202f: des fichiers de sortie sont jugés, et ce qui les a écrits ne peut pas être interrogé sur des enregistrements bruités."
    ),
    "report_noise.without_value": "Mesures sans valeur dans cette épreuve",
    "report_noise.recordings": "{count} {n:#enregistrement|enregistrements} (patients : {patients}). Aucune règle d’acceptation ne porte sur cette section.",
    "report_noise.figure_title": "{metric} selon le bruit",
    "report_noise.figure_description": (
        "Une ligne par sorte de bruit, avec des intervalles par patient ; le trait en tirets est la valeur sans bruit."
    ),
    "report_noise.ratio": "rapport signal sur bruit (dB)",
    "report_noise.kind": "Bruit",
    "report_noise.clean": "aucun",
    "report_noise.kind.baseline_wander": "dérive de la ligne de base",
    "report_noise.kind.muscle": "musculaire",
    "report_noise.kind.electrode_motion": "mouvement d’électrode",
    "report_noise.kind.mains": "secteur, 50\u202fHz",
}
