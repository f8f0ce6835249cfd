"""Phrases françaises de la pièce `report_calibration` : calibration, bénéfice net, accord des relecteurs."""

WORDS: dict[str, str] = {
    "report_calibration.title": "Calibration et bénéfice net",
    "report_calibration.intro": (
        "Le protocole déclare que les scores de ces critères sont des probabilités. La calibration demande si elles se "
        "vérifient : parmi les cas à 20 %, l’anomalie est-elle présente chez environ 20 sur 100 ? Le bénéfice net demande ce "
        "que vaut d’agir d’après elles."
    ),
    "report_calibration.counted": (
        "Effectif de ces nombres : {units} {n:#unité à laquelle|unités auxquelles} le dispositif a répondu par un score "
        "({positive} avec l’anomalie, {negative} sans), dans toutes les analyses : une unité sans réponse n’a pas de "
        "probabilité. Le flux des cas montre les autres."
    ),
    "report_calibration.weighted": (
        "Le jeu est enrichi : les unités avec et sans l’anomalie sont pondérées vers la prévalence locale de {share}, avec "
        "les mêmes poids dans chaque strate ; le bénéfice net est donné à cette prévalence. Les intervalles ne "
        "comprennent pas l’incertitude de la prévalence."
    ),
    "report_calibration.sampled": "Chaque unité pèse ce que dit son poids de sondage, dans ces nombres et dans les courbes.",
    "report_calibration.not_weighted": (
        "Le jeu est enrichi et aucune prévalence locale n’est déclarée : la calibration et le bénéfice net ne peuvent "
        "pas être estimés. Déclarez la prévalence locale dans la fiche du jeu."
    ),
    "report_calibration.few": (
        "Une courbe de calibration est fiable à partir d’environ {enough} unités de chaque classe ; en deçà, son "
        "indice est biaisé vers le haut."
    ),
    "report_calibration.best": "Valeur idéale",
    "report_calibration.measures_table": "Probabilités annoncées comparées à ce qui a été observé",
    "report_calibration.curve_title": "Courbe de calibration, {endpoint}",
    "report_calibration.curve_description": (
        "Part observée selon la probabilité annoncée ; la diagonale est la calibration parfaite. {n:#Le point est un "
        "groupe|Les points sont des groupes} d’effectifs à peu près égaux, avec {n:#son intervalle|leurs intervalles}."
    ),
    "report_calibration.curve_how": (
        "La ligne et sa bande sont une régression logistique sur une spline cubique restreinte du logit à {knots} nœuds ; "
        "les probabilités à moins de {clip} de 0 ou de 1 ont été ramenées à cette distance."
    ),
    "report_calibration.no_curve": (
        "Pas de courbe lisse : l’indice n’a pas été demandé, ou il y a trop peu de probabilités différentes, ou une "
        "probabilité sépare les deux classes."
    ),
    "report_calibration.stated": "Probabilité annoncée",
    "report_calibration.stated_mean": "Probabilité annoncée moyenne",
    "report_calibration.observed": "Part observée",
    "report_calibration.limits": "Intervalle",
    "report_calibration.groups_table": "Groupes d’effectifs à peu près égaux selon la probabilité annoncée",
    "report_calibration.benefit_title": "Bénéfice net, {endpoint}",
    "report_calibration.benefit_description": (
        "Bénéfice net selon la probabilité à partir de laquelle on agit : le dispositif avec ses intervalles, agir pour "
        "tous, n’agir pour personne."
    ),
    "report_calibration.benefit_how": (
        "Le bénéfice net est la part des alertes justes, moins celle des fausses pondérée par la cote de la probabilité à "
        "partir de laquelle on agit. Il décrit et n’est pas un test : le protocole a fixé l’intervalle des probabilités, "
        "et celle qui s’applique est un choix clinique. Là où le dispositif est au-dessus des deux autres "
        "lignes, agir d’après lui valait le plus."
    ),
    "report_calibration.benefit_table": "Bénéfice net selon la probabilité seuil",
    "report_calibration.threshold": "Agir à partir d’une probabilité de",
    "report_calibration.device": "Agir selon le dispositif",
    "report_calibration.everybody": "Agir pour tous",
    "report_calibration.nobody": "N’agir pour personne",
    "report_calibration.readings_table": "Les lectures : cas lus indépendamment par au moins deux relecteurs",
    "report_calibration.cases_of_patients": "{cases} ({patients} {n:#patient|patients})",
    "report_calibration.agreement_table": "Accord des relecteurs entre eux, avant tout consensus",
    "report_calibration.agreement_unknown": (
        "Le jeu ne contient aucun cas lu indépendamment par deux relecteurs : leur accord n’est pas connu."
    ),
    "report_calibration.agreement_how": (
        "L’accord des relecteurs borne ce qu’un dispositif peut atteindre face à cette référence. Le kappa baisse quand "
        "l’anomalie est rare, quoi que fassent les relecteurs : l’accord observé et l’AC1 figurent à côté."
    ),
    "report_calibration.coefficient_name": "Coefficient",
    "report_calibration.coefficient_value": "Valeur",
    "report_calibration.readers": "Relecteurs",
    "report_calibration.cases_read": "Cas lus au moins deux fois",
    "report_calibration.observed_agreement": "Accord observé",
    "report_calibration.positive_share": "Lectures positives",
    "report_calibration.left_out": (
        "{finding} : {number} {n:#lecture n’a|lectures n’ont} pas de place sur l’échelle (doute parmi des grades, cas non "
        "jugé) et {n:#a été écartée|ont été écartées}."
    ),
    "report_calibration.coefficient.kappa": "Kappa de Cohen",
    "report_calibration.coefficient.kappa_quadratic": "Kappa pondéré (quadratique)",
    "report_calibration.coefficient.fleiss_kappa": "Kappa de Fleiss",
    "report_calibration.coefficient.krippendorff_alpha": "Alpha de Krippendorff",
    "report_calibration.coefficient.ac1": "AC1 de Gwet",
    "report_calibration.coefficient.pabak": "PABAK (hasard : 1 sur le nombre de catégories)",
    "report_calibration.coefficient.icc_2_1": "ICC(2,1), accord absolu",
    "report_calibration.level.nominal": "catégories",
    "report_calibration.level.ordinal": "grades ordonnés",
    "report_calibration.coefficient.lesion_agreement": "Lésions dessinées par l’un et l’autre de deux relecteurs",
    "report_calibration.level.lesions": "lésions",
    "report_calibration.level.interval": "nombres",
}
