"""French sentences of the report's end: limits, what it does not say, evidence, provenance."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_closing.limits_title": "Limites et risques de biais",
    "report_closing.limits_intro": (
        "Chaque ligne figure ici à cause d’un fait enregistré de cette exécution. Une limite qu’aucun fait ne révèle n’est pas "
        "listée : la liste ne prouve pas qu’il n’y en a pas d’autres."
    ),
    "report_closing.limits_table": "Limites déclenchées par les faits de cette exécution",
    "report_closing.limits_domain": "Domaine",
    "report_closing.limits_limit": "Limite",
    "report_closing.limits_fact": "Fait",
    "report_closing.domain_patients": "Choix des patients",
    "report_closing.domain_index_test": "Dispositif et protocole",
    "report_closing.domain_reference": "Référence",
    "report_closing.domain_flow": "Flux des cas",
    "report_closing.domain_leakage": "Fuite de données et réemploi",
    "report_closing.domain_domain_shift": "Transposition à l’usage",
    "report_closing.limit_sampling": "Biais de sélection ou de spectre : les cas peuvent ne pas ressembler à ceux du service.",
    "report_closing.fact_sampling": "Échantillonnage : {sampling}.",
    "report_closing.limit_small_strata": "La performance est inconnue ou imprécise dans des strates.",
    "report_closing.fact_small_strata": "{weak} des {total} estimations par strate sont absentes ou imprécises.",
    "report_closing.limit_missing_levels": "Des valeurs de strate manquent : des strates peuvent être incomplètes.",
    "report_closing.fact_missing_levels": "Cas sans valeur : {listed}.",
    "report_closing.limit_patients_unknown": "Les intervalles peuvent être trop étroits.",
    "report_closing.fact_patients_unknown": "Des cas n’ont pas d’identifiant de patient.",
    "report_closing.limit_protocol_lock": "Les règles ont pu être choisies après avoir vu des résultats.",
    "report_closing.fact_protocol_lock": "Protocole : {state}.",
    "report_closing.late_lock": "verrouillé alors que des réponses existaient",
    "report_closing.limit_looks": (
        "Surajustement adaptatif : interroger plusieurs fois le même jeu embellit le meilleur résultat."
    ),
    "report_closing.fact_looks": "Ce jeu a été interrogé {n} fois pour cet éditeur.",
    "report_closing.limit_readers": (
        "Référence faible : les erreurs d’un seul relecteur passent pour des erreurs du dispositif."
    ),
    "report_closing.fact_readers": "Relecteurs : {readers}.",
    "report_closing.limit_blinding": "Biais d’incorporation : la référence peut suivre le dispositif.",
    "report_closing.fact_blinding": "Relecteurs en aveugle du dispositif : {blinded}.",
    "report_closing.limit_incorporation": "Incorporation : la référence a été corrigée à partir de l’énoncé de la machine, et le suit.",
    "report_closing.fact_incorporation": "Validés mot pour mot tels que la machine les avait écrits : {unchanged} enregistrements sur {records}.",
    "report_closing.limit_unverified": "Biais de vérification possible : des unités n’ont pas de référence utilisable.",
    "report_closing.fact_unverified": (
        "{n} {number:#unité|unités} dont la référence est indéterminée, non vérifiée ou absente, tous critères confondus."
    ),
    "report_closing.limit_non_answers": (
        "Les résultats dépendent de la façon de compter les absences de réponse : lire les analyses côte à côte."
    ),
    "report_closing.fact_non_answers": "{n} sur {sent} sans résultat évaluable, tous critères confondus.",
    "report_closing.limit_site_losses": "Des cas ne sont jamais parvenus au dispositif.",
    "report_closing.fact_site_losses": "{not_sent} non envoyés par le site, {unreadable} illisibles pour le programme d’essai.",
    "report_closing.limit_public_set": "Le dispositif a pu être entraîné sur ces cas.",
    "report_closing.fact_public_set": "Le jeu est déclaré public.",
    "report_closing.limit_undeclared_training": "Une fuite de données ne peut être exclue.",
    "report_closing.fact_undeclared_training": (
        "{silent} des {asked} questions sur les données d’apprentissage sont sans réponse."
    ),
    "report_closing.limit_one_set": (
        "On ne sait rien d’autres appareils, sites, populations ou versions, ni de la situation réelle d’utilisation."
    ),
    "report_closing.fact_one_set": "Un seul jeu ({set}), exécuté sur des données conservées, hors situation réelle.",
    "report_closing.not_said_title": "Ce que ce rapport ne dit pas",
    "report_closing.fixed_certification": "Il n’est pas une certification et n’y mène pas.",
    "report_closing.fixed_has": (
        "Il n’est pas une évaluation de la HAS et ne dit pas qu’un critère de la HAS est satisfait."
    ),
    "report_closing.fixed_ce": (
        "Il n’est pas une évaluation de conformité. Le marquage CE est déclaré par le fabricant et non vérifié par l’outil."
    ),
    "report_closing.fixed_benefit": (
        "Il ne conclut rien sur le bénéfice pour le patient, le temps de lecture ou l’organisation : seulement sur l’accord "
        "avec une référence."
    ),
    "report_closing.fixed_prediction": (
        "Il ne prédit rien pour d’autres versions du logiciel, d’autres appareils, d’autres sites ou d’autres populations."
    ),
    "report_closing.fixed_ranking": (
        "Il ne donne ni note ni rang, et ne contient aucun nombre d’un autre candidat. La décision appartient aux personnes."
    ),
    "report_closing.evidence_title": "Liste de preuves",
    "report_closing.fixed_evidence_intro": (
        "Éléments pouvant alimenter le dossier du critère 3.4-05 ; l’appréciation appartient à l’établissement et aux "
        "experts-visiteurs. La liste n’affiche ni taux de remplissage ni résultat global."
    ),
    "report_closing.evidence_statuses": (
        "ALIMENTÉ : un résultat de cette exécution y répond. PARTIEL : il y aide, une personne complète. HUMAIN : rien de "
        "calculé, la case reste vide jusqu’à ce qu’une personne la remplisse ; ce qu’elle y met n’est pas vérifié par l’outil. "
        "Cette exécution a eu lieu hors situation réelle d’utilisation."
    ),
    "report_closing.elements_table": "Critère 3.4-05 (version {version})",
    "report_closing.topics_table": "Sujets à trancher avant l’achat",
    "report_closing.evidence_column": "Élément",
    "report_closing.evidence_status": "Statut",
    "report_closing.evidence_by": "Alimenté par, ou manque",
    "report_closing.evidence_owner": "Complété par (nom, date)",
    "report_closing.evidence_fed": "ALIMENTÉ",
    "report_closing.evidence_partly": "PARTIEL",
    "report_closing.evidence_human": "HUMAIN",
    "report_closing.evidence_blank": "………………………",
    "report_closing.element_G1a": "Cartographie de l’ensemble des DMN à usage professionnel",
    "report_closing.element_G1a_by": "Identification du produit testé ; la cartographie complète est humaine",
    "report_closing.element_G1b": "Analyse des risques et de l’impact (transmission de données, réutilisation par l’industriel)",
    "report_closing.element_G1b_by": (
        "Réseau accordé, déclarations de l’éditeur, échecs, cas manqués pour 1 000 ; l’analyse est humaine"
    ),
    "report_closing.element_G2": "Organisation de l’acquisition avec les services compétents",
    "report_closing.element_G2_by": (
        "Le protocole et le rapport signé montrent qu’une étape existe ; rôles et comptes rendus sont humains"
    ),
    "report_closing.element_G3": "Formation des utilisateurs (performances, conditions d’usage, limites)",
    "report_closing.element_G3_by": "Résultats par strate et limites comme support ; la présence est humaine",
    "report_closing.element_G4": "Contrôle qualité et contrôle humain en situation réelle d’utilisation",
    "report_closing.element_G4_by": "Valeurs observées comme point de départ, hors situation réelle ; le processus est humain",
    "report_closing.element_G5": "Déclaration des dysfonctionnements",
    "report_closing.element_G5_by": "La liste des échecs peut être jointe",
    "report_closing.element_P1": "Information de la personne, avertie de l’interprétation",
    "report_closing.element_P1_by": "Rien de calculé",
    "report_closing.topic_performance": "Performance observée localement",
    "report_closing.topic_performance_by": "Résultats principaux et par strate ; la littérature est humaine",
    "report_closing.topic_limits": "Limites, échecs, populations non couvertes",
    "report_closing.topic_limits_by": "Strates, erreurs, limites",
    "report_closing.topic_intended": "Destination, indications, utilisateurs",
    "report_closing.topic_intended_by": "Déclaré en regard du testé ; l’appréciation est humaine",
    "report_closing.topic_training_data": "Données de développement et d’apprentissage",
    "report_closing.topic_training_data_by": "Déclarations de l’éditeur ; « non déclaré » est visible",
    "report_closing.topic_risks": "Risques et contrôle humain",
    "report_closing.topic_risks_by": "Cas manqués, fausses alertes, abstentions ; la gouvernance est humaine",
    "report_closing.topic_benefit": "Bénéfice clinique",
    "report_closing.topic_benefit_by": "Aucune conclusion de cette exécution",
    "report_closing.topic_organisation": "Impact organisationnel et environnemental",
    "report_closing.topic_organisation_by": "Les temps par cas peuvent être joints",
    "report_closing.topic_cost": "Coût et modèle économique",
    "report_closing.topic_cost_by": "Rien de calculé",
    "report_closing.topic_integration": "Intégration, interopérabilité, sécurité",
    "report_closing.topic_integration_by": "Formats, réseau et matériel requis peuvent être joints",
    "report_closing.topic_data_protection": "Protection des données, hébergement",
    "report_closing.topic_data_protection_by": "Voie inscrite par une personne dans la fiche du jeu",
    "report_closing.annex_title": "Annexe technique",
    "report_closing.annex_intro": (
        "Tous les nombres de ce rapport viennent d’un seul résultat enregistré. Le même protocole, le même jeu, les mêmes "
        "réponses et la même graine donnent les mêmes résultats, octet pour octet."
    ),
    "report_closing.annex_run": "Exécution",
    "report_closing.annex_format": "Format du résultat enregistré",
    "report_closing.annex_results_hash": "Empreinte des résultats (SHA-256)",
    "report_closing.annex_protocol_hash": "Empreinte du protocole (SHA-256)",
    "report_closing.annex_set_hash": "Empreinte du jeu (SHA-256)",
    "report_closing.annex_seed": "Graine des tirages",
    "report_closing.annex_resamples": "Ré-échantillons (bootstrap)",
    "report_closing.annex_confidence": "Niveau de confiance",
    "report_closing.annex_multiplicity": "Ajustement pour tests multiples",
    "report_closing.annex_methods": "Méthodes d’intervalle utilisées",
    "report_closing.annex_reference": "Référence bibliographique",
    "report_closing.software_table": "Logiciels",
    "report_closing.software_name": "Nom",
    "report_closing.software_value": "Version",
    "report_closing.files_table": "Fichiers du candidat",
    "report_closing.files_name": "Fichier",
    "report_closing.files_value": "SHA-256",
    "report_closing.figures_table": "Figures jointes au résultat enregistré",
    "report_closing.figures_name": "Fichier",
    "report_closing.figures_value": "SHA-256",
    "report_closing.extensions_table": "Extensions utilisées, en plus de ce que livre dmn-bench",
    "report_closing.extensions_name": "Extension",
    "report_closing.no_extensions": "Aucune extension utilisée : toutes les parties sont livrées avec dmn-bench.",
    "report_closing.cite.wilson": "Wilson 1927, J Am Stat Assoc 22:209",
    "report_closing.cite.clopper-pearson": "Clopper & Pearson 1934, Biometrika 26:404",
    "report_closing.cite.rao-scott-wilson-t": "Rao & Scott 1992, Biometrics 48:577 ; Wilson 1927",
    "report_closing.cite.korn-graubard": "Korn & Graubard 1998, Survey Methodology 24:193",
    "report_closing.cite.delong-logit": "DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837",
    "report_closing.cite.obuchowski-logit": "Obuchowski 1997, Biometrics 53:567",
    "report_closing.cite.mercaldo-logit": "Mercaldo, Lau & Zhou 2007, Stat Med 26:2170",
    "report_closing.cite.simel-log": "Simel, Samsa & Matchar 1991, J Clin Epidemiol 44:763",
    "report_closing.cite.garwood": "Garwood 1936, Biometrika 28:437",
    "report_closing.cite.mean-t": "Cochran 1977, Sampling Techniques, 11.8",
    "report_closing.cite.agreement-exact": "Carkeet 2015, Optom Vis Sci 92:e71",
    "report_closing.cite.agreement-recovered": "Zou 2013, Stat Methods Med Res 22:630",
    "report_closing.cite.fleiss-cohen-everitt": "Fleiss, Cohen & Everitt 1969, Psychol Bull 72:323",
    "report_closing.cite.newcombe-10": "Newcombe 1998, Stat Med 17:873",
    "report_closing.cite.patient-bootstrap-bca": "Efron 1987, J Am Stat Assoc 82:171",
    "report_closing.cite.patient-bootstrap-percentile": "Efron & Tibshirani 1993, An Introduction to the Bootstrap",
    "report_closing.cite.patient-permutation": "Phipson & Smyth 2010, SAGMB 9:39",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
