"""French sentences of the report: flow, results, strata, verdicts, curves, errors."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_results.verdicts_title": "Règles d’acceptation du protocole",
    "report_results.verdicts_intro": (
        "Chaque règle est citée du protocole et lue sur son propre intervalle (exact quand la mesure en a un), non sur l’estimation. Elle est "
        "satisfaite quand tout l’intervalle est du bon côté de la limite, non satisfaite quand il est tout entier du mauvais "
        "côté, non concluante quand il contient la limite ou que l’effectif est insuffisant. Cet intervalle peut être "
        "plus large que celui des résultats, tiré des mêmes cas par une méthode moins prudente. La décision d’achat ne se prend "
        "pas ici."
    ),
    "report_results.no_rules": "Le protocole n’énonce aucune règle d’acceptation : ce rapport décrit, sans verdict.",
    "report_results.verdict_met": "Règle d’acceptation du protocole : satisfaite.",
    "report_results.verdict_not_met": "Règle d’acceptation du protocole : non satisfaite.",
    "report_results.verdict_inconclusive": "Règle d’acceptation du protocole : non concluante.",
    "report_results.rule": "Règle « {id} » : {measure}, critère « {endpoint} », {stratum}, {direction} {limit}",
    "report_results.at_least": "au moins",
    "report_results.at_most": "au plus",
    "report_results.because_above": (
        "Borne inférieure exacte {bound}, limite {limit} ({counts}intervalle à {level} {interval}, {method})."
    ),
    "report_results.because_below": (
        "Borne supérieure exacte {bound}, limite {limit} ({counts}intervalle à {level} {interval}, {method})."
    ),
    "report_results.because_above_not_exact": (
        "Borne inférieure {bound}, limite {limit} ({counts}intervalle à {level} {interval}, {method})."
    ),
    "report_results.because_below_not_exact": (
        "Borne supérieure {bound}, limite {limit} ({counts}intervalle à {level} {interval}, {method})."
    ),
    "report_results.because_contains": (
        "L’intervalle contient la limite fixée, {limit} ({counts}intervalle à {level} {interval}, {method})."
    ),
    "report_results.because_silent": "L’intervalle des réponses données, {interval}, respecte la limite, mais le dispositif a laissé des cas sans réponse, qui n’ont pas d’écart : rien n’est montré pour eux.",
    "report_results.because_too_few": "Effectif insuffisant (n = {n}) : aucune conclusion.",
    "report_results.more_cases": (
        "Une règle non concluante n’est ni satisfaite ni non satisfaite. Des cas supplémentaires ne peuvent en décider que "
        "comme seconde étape prévue au protocole, avec son niveau ajusté, sinon sur un nouveau jeu."
    ),
    "report_results.verdicts_table": "Règles, verdicts et leurs intervalles",
    "report_results.candidate": "Candidat",
    "report_results.limit_column": "Limite",
    "report_results.x_of_n": "x/n",
    "report_results.endpoint_column": "Critère",
    "report_results.no_answers": "Cas sans résultat évaluable, selon ce qu’il en est advenu",
    "report_results.rule_column": "Règle",
    "report_results.verdict": "Verdict",
    "report_results.exact_interval": "Intervalle de la règle",
    "report_results.level": "Confiance",
    "report_results.flow_title": "Flux des cas",
    "report_results.flow_intro": (
        "Chaque cas éligible figure dans une seule ligne des tableaux ci-dessous, avec l’auteur de son absence. Dans "
        "l’analyse principale, ce à quoi le dispositif n’a pas répondu compte contre lui ; ce que le site n’a pas envoyé ou "
        "que le programme d’essai n’a pas pu lire ne lui est pas imputé."
    ),
    "report_results.flow_figure": "Flux des cas, critère « {endpoint} ».",
    "report_results.flow_description": (
        "{eligible} éligibles, {included} inclus, {sent} envoyés, {processed} traités par le dispositif, {answered} avec un "
        "résultat évaluable ; {indeterminate} indéterminés, {abstained} abstentions, {rejected_input} refusés, {failed} "
        "échecs techniques, {not_sent} non envoyés, {unreadable} illisibles pour le programme d’essai."
    ),
    "report_results.flow_eligible": "Éligibles : {unit} (n = {n})",
    "report_results.flow_included": "Inclus : {unit} (n = {n})",
    "report_results.flow_sent": "Envoyés au dispositif (n = {n})",
    "report_results.flow_processed": "Traités par le dispositif (n = {n})",
    "report_results.flow_answered": "Résultats évaluables (n = {n})",
    "report_results.flow_excluded": "Exclus (n = {n})",
    "report_results.flow_not_sent": "Non envoyés, du fait du site (n = {n})",
    "report_results.flow_unreadable": "Illisibles pour le programme d’essai (n = {n})",
    "report_results.flow_no_answer": "Sans résultat évaluable, du fait du dispositif (n = {n})",
    "report_results.flow_step": "Étape",
    "report_results.flow_caused_by": "Du fait de",
    "report_results.flow_row_eligible": "Éligibles",
    "report_results.flow_row_excluded": "Exclus",
    "report_results.flow_row_included": "Inclus",
    "report_results.flow_row_sent": "Envoyés",
    "report_results.flow_table": "Flux par classe de référence (unité : {unit})",
    "report_results.flow_kept_out": (
        "Éligibles mais exclus du jeu avant l’essai, et absents des nombres ci-dessus (comptés en {unit}), par motif : "
        "{listed}."
    ),
    "report_results.flow_units": "unités de l’échantillonnage",
    "report_results.main_title": "Résultats principaux",
    "report_results.main_intro": (
        "Performance observée dans ces conditions, sur ce jeu, avec cette version. Les effectifs viennent d’abord ; chaque "
        "estimation est accompagnée de ses effectifs, de son intervalle de confiance et de sa méthode."
    ),
    "report_results.endpoint_described": "Tâche : {task}. Anomalie recherchée : {finding}. Unité comptée : {unit}.",
    "report_results.reference_by_answer": "Référence",
    "report_results.measure": "Mesure",
    "report_results.observed": "Observé",
    "report_results.interval": "IC {level}",
    "report_results.method": "Méthode de l’intervalle",
    "report_results.units": "Unités",
    "report_results.patients": "Patients",
    "report_results.primary_table": "Analyse principale : {analysis}",
    "report_results.side_by_side": "Les analyses côte à côte : valeur observée, IC {level}, x/n",
    "report_results.imprecise": "imprécis",
    "report_results.imprecise_note": "Les lignes grisées reposent sur peu de cas : imprécis.",
    "report_results.clustered_note": (
        "Certains patients ont plusieurs unités. Les intervalles marqués « grappes par patient » en tiennent compte ; les "
        "autres reposent sur une unité par patient."
    ),
    "report_results.more_measures": "… et {n} {n_number:#autre|autres} dans le rapport",
    "report_results.by_statement_only": (
        "{measures} : énoncé par énoncé, dans la partie sur les ECG, ou structure par structure, dans celle sur les "
        "structures ; pas par strate. Pour les avoir par strate, écrivez un critère de la tâche classification pour "
        "l’énoncé voulu, ou un critère avec la seule structure voulue."
    ),
    "report_results.macro_note": (
        "Une macro-moyenne donne le même poids à chaque énoncé, le plus rare compris : quelques enregistrements, ou une seule absence de réponse parmi eux, suffisent à élargir beaucoup son intervalle."
    ),
    "report_results.side": "Côté",
    "report_results.enriched_note": (
        "Le jeu est enrichi en cas : les valeurs prédictives observées seraient fausses en usage et ne sont pas imprimées ; "
        "seules le sont les valeurs recalculées à la prévalence locale déclarée."
    ),
    "report_results.enriched_beats": (
        "La valeur prédictive positive (+P) de battements, de salves ou d’épisodes est imprimée, comme le demande EC57 : "
        "elle vaut pour des enregistrements où ils sont aussi fréquents."
    ),
    "report_results.prevalence_note": (
        "L’exactitude, le F1 et les valeurs prédictives observées dépendent de la prévalence du jeu, ici {share} ({x}/{n})."
    ),
    "report_results.local_prevalence_note": (
        "Les valeurs à la prévalence locale supposent que la sensibilité et la spécificité ne varient pas avec la "
        "prévalence. Or elles varient : dans de grandes revues, la sensibilité augmente et la spécificité diminue quand la "
        "prévalence augmente."
    ),
    "report_results.strata_title": "Résultats par strate",
    "report_results.strata_intro": (
        "Analyse : {analysis}. Toutes les strates prévues sont imprimées, même vides ; une valeur manquante est une strate à "
        "part entière. En dessous de {minimum} au dénominateur, aucune estimation n’est imprimée ; en dessous de {imprecise}, "
        "elle est grisée et marquée imprécise. Les intervalles sont marginaux : ils ne sont pas élargis pour le nombre de "
        "strates."
    ),
    "report_results.stratum": "Strate",
    "report_results.positives": "Référence positive",
    "report_results.negatives": "Référence négative",
    "report_results.strata_table": "Par strate : {measures}",
    "report_results.forest_title": "{measure} par strate.",
    "report_results.forest_description": (
        "{measure} pour l’ensemble du jeu et par strate, avec intervalles de confiance ; {shown} strates sur {total} sont "
        "estimables. Les nombres sont dans le tableau qui suit."
    ),
    "report_results.forest_caption": (
        "Losange et pointillé : ensemble du jeu. Carrés pleins : strates ; carrés vides gris : imprécis. Tirets : limite "
        "d’une règle d’acceptation, s’il y en a une."
    ),
    "report_results.estimate_and_interval": "Observé, IC {level}",
    "report_results.limit_label": "limite de la règle : {limit}",
    "report_results.heterogeneity_table": "La mesure diffère-t-elle entre strates ?",
    "report_results.field": "Champ",
    "report_results.levels": "Strates",
    "report_results.test": "Test",
    "report_results.degrees_of_freedom": "ddl",
    "report_results.q": "Q",
    "report_results.p": "p",
    "report_results.i_squared": "I²",
    "report_results.p_holm": "p (Holm)",
    "report_results.heterogeneity_note": (
        "On ne parle d’une différence entre strates que si le p ajusté par Holm est petit. « Pas de différence démontrée » ne "
        "veut pas dire « pas de différence »."
    ),
    "report_results.curves_title": "Courbes",
    "report_results.curves_intro": (
        "Les courbes sont exploratoires : les verdicts reposent sur le seul point de fonctionnement du protocole, marqué sur "
        "la courbe."
    ),
    "report_results.roc_title": "Courbe ROC, critère « {endpoint} ».",
    "report_results.roc_description": "Sensibilité en fonction de 1 − spécificité, à tous les seuils ; {area}",
    "report_results.roc_area": "aire sous la courbe {value} {interval}.",
    "report_results.roc_area_not_asked": "le protocole ne demande pas l’aire sous la courbe.",
    "report_results.roc_no_area": "l’aire n’est pas estimable.",
    "report_results.roc_x": "1 − spécificité",
    "report_results.operating_point": "point de fonctionnement",
    "report_results.operating_point_caption": (
        "Marque : point de fonctionnement du protocole et ses intervalles de confiance, {analysis}."
    ),
    "report_results.no_operating_point_caption": "Aucun point de fonctionnement n’a pu être marqué.",
    "report_results.curve_title": "Courbe « {name} », critère « {endpoint} ».",
    "report_results.curve_description": "Courbe « {name} », {points} points.",
    "report_results.tables_title": "Effectifs détaillés",
    "report_results.tables_by_case": "{table} : par enregistrement, référence puis dispositif, sans les cases partout vides",
    "report_results.errors_title": "Erreurs à revoir par un clinicien",
    "report_results.errors_intro": (
        "Les identifiants sont propres au jeu de référence, et cette liste ne contient aucune image. La dernière "
        "colonne est destinée au clinicien qui revoit chaque erreur : elle se remplit à la main."
    ),
    "report_results.errors_as_at": (
        "{n} {n_number:#erreur figure|erreurs figurent} au critère « {endpoint} » et ne {n_number:#est pas répétée|sont pas répétées} "
        "ici : les deux critères ne diffèrent que par leur seuil ou leurs mesures."
    ),
    "report_results.errors_none": "Aucune erreur à revoir pour ce critère.",
    "report_results.errors_count": (
        "{n} {n_number:#erreur listée|erreurs listées} pour le critère « {endpoint} », par type : {kinds}."
    ),
    "report_results.errors_count_of_recordings": (
        "{n} {n_number:#ligne|lignes} pour le critère « {endpoint} », une par enregistrement et par type d’erreur : "
        "{kinds}."
    ),
    "report_results.errors_of_kind": "{kind} {n} ({recordings} {n_rows:#enregistrement|enregistrements})",
    "report_results.counted_missed": "{right} {n_right:#détection|détections}, {wrong} {n_wrong:#omission|omissions}",
    "report_results.counted_extra": "{wrong} en trop",
    "report_results.counted_false": "{wrong} à tort",
    "report_results.counted_false_of": "{n} {n_all:#détection|détections}, dont {wrong} à tort",
    "report_results.errors_left_out": (
        "{n} {n_number:#autre erreur est comptée mais non listée|autres erreurs sont comptées mais non listées}."
    ),
    "report_results.errors_table": "Erreurs, dans chaque type la pire d’abord, et une colonne vide pour la relecture",
    "report_results.error_unit": "Unité",
    "report_results.error_kind": "Type",
    "report_results.error_reference": "Référence",
    "report_results.error_answer": "Réponse",
    "report_results.error_score": "Score",
    "report_results.error_reason": "Motif",
    "report_results.error_review": "Gravité et commentaire (clinicien)",
    "report_results.error.false_negative": "faux négatif",
    "report_results.error.false_positive": "faux positif",
    "report_results.error.false_positive_mark": "marque faussement positive",
    "report_results.error.missed_lesion": "lésion manquée",
    "report_results.error.beats_missed": "battements manqués",
    "report_results.error.beats_extra": "battements en trop",
    "report_results.error.veb_missed": "extrasystoles ventriculaires manquées",
    "report_results.error.veb_false": "fausses extrasystoles ventriculaires",
    "report_results.error.sveb_missed": "extrasystoles supraventriculaires manquées",
    "report_results.error.sveb_false": "fausses extrasystoles supraventriculaires",
    "report_results.error.ve_runs_missed": "salves ventriculaires manquées",
    "report_results.error.ve_runs_false": "fausses salves ventriculaires",
    "report_results.error.sve_runs_missed": "salves supraventriculaires manquées",
    "report_results.error.sve_runs_false": "fausses salves supraventriculaires",
    "report_results.error.episodes_missed": "épisodes manqués",
    "report_results.error.episodes_false": "faux épisodes",
    "report_results.error.outside_tolerance": "hors tolérance",
    "report_results.error.critical_error": "erreur critique",
    "report_results.bland_altman_title": "Valeurs mesurées et valeurs de référence : {endpoint}",
    "report_results.bland_altman_x": "moyenne des deux ({unit})",
    "report_results.bland_altman_y": "mesurée − de référence ({unit})",
    "report_results.bland_altman_caption": (
        "Chaque point est une valeur rendue. Trait plein : biais ; tirets : limites d’agrément à 95 % ; pointillés : "
        "aucun écart. Biais {bias}, limites {lower} et {upper}."
    ),
    "report_results.grade_off": "écart de {n} {number:#grade|grades}",
    "report_results.error.missed_structure": "structure manquée",
    "report_results.error.invented_structure": "structure absente de la référence",
    "report_results.error.poor_overlap": "recouvrement le plus faible",
    "report_results.error.unanswered": "sans réponse",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
