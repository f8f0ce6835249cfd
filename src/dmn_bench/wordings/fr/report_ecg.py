"""French sentences of the room `report_ecg`: what cardiologists read of a test on recordings of the heart."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_ecg.title": "Résultats ECG en détail",
    "report_ecg.intro": (
        "Battement par battement, enregistrement par enregistrement, puis global et moyen, comme le "
        "demande ANSI/AAMI EC57 (IEC 60601-2-47) : dans les statistiques globales, chaque battement "
        "compte autant ; dans les moyennes, chaque enregistrement. Les intervalles, par patient, "
        "figurent parmi les résultats principaux."
    ),
    "report_ecg.option.scoring": "Règles",
    "report_ecg.option.escape_beats": "Battements d’échappement (j, e, n)",
    "report_ecg.option.learning_seconds": "Période d’apprentissage au début de chaque enregistrement, non évaluée",
    "report_ecg.value.scoring.ec57": "ANSI/AAMI EC57, comme l’applique le programme bxb de WFDB",
    "report_ecg.value.escape_beats.S": "supraventriculaires (S), comme dans bxb",
    "report_ecg.value.escape_beats.N": (
        "normaux (N), comme chez de Chazal 2004 et dans la plupart des articles ; bxb les compte comme S"
    ),
    "report_ecg.seconds": "{n} s",
    "report_ecg.milliseconds": "{n} ms",
    "report_ecg.non_standard": "{value} – hors norme : la norme dit {standard}",
    "report_ecg.yes": "oui",
    "report_ecg.no": "non",
    "report_ecg.reference": "Référence",
    "report_ecg.columns_legend": (
        "Colonnes : n normal, s extrasystole supraventriculaire, v extrasystole ventriculaire, f "
        "fusion, q inclassable ou stimulé, o manqué, x manqué dans une période que le dispositif n’a "
        "pas analysée."
    ),
    "report_ecg.row.O": "en trop : aucun battement dans la référence",
    "report_ecg.row.X": "en trop, là où la référence n’était pas lisible",
    "report_ecg.class.N": "battement normal, ou avec bloc de branche",
    "report_ecg.class.S": "extrasystole supraventriculaire",
    "report_ecg.class.V": "extrasystole ventriculaire",
    "report_ecg.class.F": "fusion d’un battement ventriculaire et d’un battement normal",
    "report_ecg.class.Q": "battement stimulé ou inclassable",
    "report_ecg.figures_legend": (
        "Se : sensibilité ; +P : valeur prédictive positive ; FP : faux positifs ; ESV, ESSV : "
        "extrasystoles ventriculaires et supraventriculaires."
    ),
    "report_ecg.forest_title": "Mesures par classe de battement",
    "report_ecg.forest_caption": "Mesures globales avec leurs intervalles par patient, dans l’analyse principale.",
    "report_ecg.forest_description": (
        "Une ligne pour chaque mesure : sa valeur, son intervalle et les effectifs dont elle est tirée."
    ),
    "report_ecg.statements_table": "Par énoncé : n et prévalence d’abord, énoncés rares compris",
    "report_ecg.statement": "Énoncé",
    "report_ecg.positives": "Présent",
    "report_ecg.negatives": "Absent",
    "report_ecg.prevalence": "Prévalence",
    "report_ecg.statements_forest": "{measure} par énoncé",
    "report_ecg.statements_rare": (
        "Un énoncé qui a trop peu d’enregistrements garde sa ligne et son n ; aucune moyenne ne le remplace."
    ),
    "report_ecg.measurement.heart_rate": "Fréquence cardiaque",
    "report_ecg.measurement.pr_interval": "Intervalle PR",
    "report_ecg.measurement.qrs_duration": "Durée du QRS",
    "report_ecg.measurement.qt_interval": "Intervalle QT",
    "report_ecg.measurement.qtc_interval": "Intervalle QT corrigé",
    "report_ecg.measurement.p_axis": "Axe de l’onde P",
    "report_ecg.measurement.qrs_axis": "Axe du QRS",
    "report_ecg.measurement.t_axis": "Axe de l’onde T",
    "report_ecg.measurement.af_burden": "Charge en fibrillation auriculaire",
    "report_ecg.measurement.longest_pause": "Pause la plus longue",
    "report_ecg.legend_table": "Marques à côté des tracés",
    "report_ecg.sign": "Marque",
    "report_ecg.meaning": "Sens",
    "report_ecg.sign.sides": "R, D",
    "report_ecg.sign.letters": "L, R, A, a, J, V …",
    "report_ecg.sign.others": "|, x, [, ], !",
    "report_ecg.sign.shutdown": "~",
    "report_ecg.sign.rhythms": "barre : AFIB, VT …",
    "report_ecg.sign_means.letters": (
        "symboles WFDB des battements : L, R, B bloc de branche ; A, a, J, S extrasystole supraventriculaire (auriculaire, aberrante, jonctionnelle, autre) ; j, e, n échappement ; V, r extrasystole ventriculaire (r : R sur T) ; E échappement ventriculaire ; F, f fusion ; / stimulé ; Q, ? inclassable"
    ),
    "report_ecg.sign_means.others": (
        "| aspect de QRS dû à un artéfact ; x onde P bloquée ; [ et ] début et fin d’un flutter ou d’une fibrillation ventriculaires ; ! onde de flutter ventriculaire"
    ),
    "report_ecg.sign_means.shutdown": (
        "changement de la qualité du signal ; la barre marquée ~ est une période que ce côté déclare n’avoir pas analysée"
    ),
    "report_ecg.sign_means.rhythms": (
        "rythme, par les codes WFDB : N sinusal, AFIB et AFL fibrillation et flutter auriculaires, SVTA tachyarythmie supraventriculaire, VT tachycardie ventriculaire, VFL flutter ventriculaire, IVR idioventriculaire, NOD jonctionnel, B et T bigéminisme et trigéminisme ventriculaires, AB bigéminisme auriculaire, BII bloc du deuxième degré, PREX préexcitation, SBR bradycardie sinusale, P stimulé"
    ),
    "report_ecg.sign.frame": "cadre",
    "report_ecg.sign.ring": "anneau en pointillé",
    "report_ecg.sign.band": "bande entre tirets",
    "report_ecg.sign.gap": "gris hachuré",
    "report_ecg.sign.arrow": "triangle au bord",
    "report_ecg.sign_means.sides": (
        "référence au-dessus du tracé, dispositif au-dessous ; chaque marque avec le symbole de son annotation"
    ),
    "report_ecg.sign_means.frame": "marque qui fait partie de l’erreur",
    "report_ecg.sign_means.ring": "aucune marque de ce côté à l’endroit de l’erreur",
    "report_ecg.sign_means.band": "endroit de l’erreur",
    "report_ecg.sign_means.gap": "pas d’échantillon valable dans cette dérivation",
    "report_ecg.sign_means.arrow": "le signal dépasse le papier",
    "report_ecg.option.window_ms": "Fenêtre d’appariement de deux battements",
    "report_ecg.option.fibrillation": "Battements isolés excusés dans la fibrillation ventriculaire marquée par",
    "report_ecg.option.exclude_paced": "Enregistrements avec battements stimulés laissés de côté",
    "report_ecg.value.scoring.bxb": (
        "lignes de mesures telles que les programmes C bxb et sumstats les impriment, avec leurs erreurs"
    ),
    "report_ecg.value.fibrillation.reference": "la référence",
    "report_ecg.value.fibrillation.either": "la référence ou le dispositif",
    "report_ecg.strips_title": "Erreurs sur papier ECG",
    "report_ecg.strips_patients": (
        "Ces images montrent ce qui a été enregistré chez des patients. Elles portent l’identifiant "
        "de cas du jeu de référence et ni nom, ni date, ni autre élément d’identité ; conservez et "
        "transmettez pourtant ce rapport comme les enregistrements eux-mêmes. « dmn-bench report "
        "--without-pictures » fait un rapport sans elles."
    ),
    "report_ecg.strips_rule": (
        "Pour chaque type d’erreur, au plus {n} {number:#enregistrement|enregistrements}, le pire d’abord : ceux qui ont le "
        "plus d’erreurs de ce type, et dans chacun les dix secondes qui en ont le plus. Pour une "
        "réponse fausse, tout l’enregistrement est montré (ses dix premières secondes), à commencer "
        "par les scores les plus éloignés de la bonne réponse. Un enregistrement n’est montré deux "
        "fois que s’il n’en reste pas d’autre ; les ex æquo sont ordonnés par un tirage issu de la "
        "graine {seed} du protocole."
    ),
    "report_ecg.strips_scale": (
        "Échelle : 25 mm par seconde, 10 mm par millivolt ; l’impulsion à gauche vaut 1 mV pendant "
        "0,2 s. Imprimé à 100 %, le papier est à l’échelle. Chaque dérivation est tracée autour de sa "
        "médiane."
    ),
    "report_ecg.strip_of_time": "Cas {case}, de {start} à {end} : {kind}",
    "report_ecg.strip_of_case": "Cas {case} : {kind}",
    "report_ecg.strip_counts": "{in_case} dans cet enregistrement, {here} dans ce tracé.",
    "report_ecg.strip_said": "{reference} ; {answer}.",
    "report_ecg.strip_description": "Dérivations : {leads}. {caption}",
    "report_ecg.strips_unreadable": (
        "{n} {number:#image n’a pas été tracée|images n’ont pas été tracées} : l’enregistrement "
        "n’était pas lisible au moment de faire les images."
    ),
    "report_ecg.strips_size": (
        "{n} {number:#autre image a été laissée|autres images ont été laissées} de côté pour que le "
        "rapport garde une taille qui se transmet."
    ),
    "report_ecg.strips_missing": (
        "{n} {number:#image du résultat enregistré n’est pas|images du résultat enregistré ne sont "
        "pas} dans le dossier de l’essai et ne {number:#peut être montrée|peuvent être montrées}. "
        "Remettez le dossier « figures » à côté de record.json, ou refaites l’essai."
    ),
    "report_ecg.strips_altered": (
        "{n} {number:#image n’est pas montrée|images ne sont pas montrées} : le fichier n’est pas "
        "celui que le résultat enregistré désigne par son empreinte SHA-256. Remettez-le, ou refaites "
        "l’essai."
    ),
    "report_ecg.strips_left_out": (
        "{n} {number:#image a été laissée|images ont été laissées} hors de ce rapport à la demande ; "
        "{number:#elle reste|elles restent} dans le dossier de l’essai."
    ),
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
