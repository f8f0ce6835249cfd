"""French sentences of the report's front: cover, summary, device, protocol, reference set, execution."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_frame.title": "Rapport de mesure locale de performance",
    "report_frame.contents": "Sommaire",
    "report_frame.footer": "Exécution {run} · protocole {protocol} · jeu {set} · résultats {sha256}",
    "report_frame.status": "Statut : {status}",
    "report_frame.status_public": "test technique (jeu public)",
    "report_frame.status_local": "validation locale rétrospective",
    "report_frame.status_no_ce": "recherche, dispositif sans marquage CE déclaré",
    "report_frame.fixed_not_a_certification": (
        "Mesure locale de performance, avant acquisition. Ne constitue ni une certification, ni une évaluation de la HAS, ni "
        "une évaluation de conformité (marquage CE), ni une investigation clinique."
    ),
    "report_frame.never_locked": "non verrouillé",
    "report_frame.locked_before": "verrouillé le {date}, avant la première réponse",
    "report_frame.locked_after": "verrouillé le {date}, alors que des réponses existaient",
    "report_frame.cover_product": "Produit testé",
    "report_frame.cover_manufacturer": "Fabricant",
    "report_frame.cover_candidate": "Candidat dans cette exécution",
    "report_frame.cover_set": "Jeu de référence",
    "report_frame.cover_set_hash": "Empreinte du jeu (SHA-256)",
    "report_frame.cover_protocol": "Protocole",
    "report_frame.cover_protocol_hash": "Empreinte du protocole (SHA-256)",
    "report_frame.cover_run": "Exécution",
    "report_frame.cover_operator": "Exécuté par",
    "report_frame.cover_level": "Niveau de preuve",
    "report_frame.cover_limits": "Limites en une ligne",
    "report_frame.cover_report_hash": "Empreinte des résultats (SHA-256)",
    "report_frame.efficacy_level": "niveau 2 : exactitude diagnostique, étude rétrospective",
    "report_frame.one_line_limits": (
        "observé sur ce jeu, avec cette version, hors situation réelle d'utilisation ; ne dit rien d'autres versions, "
        "appareils, sites ou populations"
    ),
    "report_frame.signature_clinician": "Responsable clinique (nom, date, signature)",
    "report_frame.signature_buyer": "Achats (nom, date, signature)",
    "report_frame.signature_blank": "………………………………………………",
    "report_frame.banner.patients_unknown": (
        "Patients inconnus : des cas n'ont pas d'identifiant de patient et ont été comptés chacun comme un patient. Les "
        "intervalles peuvent être trop étroits."
    ),
    "report_frame.banner.not_locked": (
        "Protocole non verrouillé avant les réponses : rien ne prouve que ses règles ont été écrites avant d'avoir vu les "
        "résultats."
    ),
    "report_frame.banner.public_set": (
        "Jeu public : le dispositif a pu être entraîné dessus. C'est un test technique, jamais une validation locale."
    ),
    "report_frame.banner.set_not_locked": "Jeu de référence non verrouillé : rien ne prouve qu'il n'a pas changé.",
    "report_frame.banner.single_reader": "Référence faible : un seul relecteur.",
    "report_frame.banner.weak_reference": (
        "Référence faible : un seul relecteur, ou étiquettes tirées des comptes rendus."
    ),
    "report_frame.banner.not_blinded": (
        "Incorporation : les relecteurs de la référence n'étaient pas en aveugle du dispositif ; la concordance peut être "
        "surestimée."
    ),
    "report_frame.banner.enriched": "Jeu enrichi en cas : la prévalence du jeu n'est pas celle du service.",
    "report_frame.banner.convenience": "Échantillon de convenance : les cas peuvent ne pas ressembler à ceux du service.",
    "report_frame.banner.reidentification_overdue": "La révision du risque de ré-identification est en retard.",
    "report_frame.banner.amended": "Le protocole a été amendé après son verrouillage ; les amendements sont listés.",
    "report_frame.banner.isolation_weak": "Le dispositif a tourné avec des protections plus faibles que la norme.",
    "report_frame.summary_title": "Synthèse en clair",
    "report_frame.summary_what": (
        "{product} a été mesuré sur le jeu de référence {set} : {cases} cas de {patients} {n_patients:#patient|patients}. Ce "
        "qui suit est la performance observée dans ces conditions, sur ce jeu, avec cette version."
    ),
    "report_frame.summary_observed": "Critère « {endpoint} »\n{observed}",
    "report_frame.observed_share": "{measure} : valeur observée {value} ({counts} ; IC {level} {interval}, {method})",
    "report_frame.observed_value": "{measure} : valeur observée {value} (IC {level} {interval}, {method})",
    "report_frame.summary_frequencies": (
        "Sur {per} patients de notre service, {sick} auraient le signe « {finding} » (prévalence locale {share}, source : "
        "{source}). Avec la sensibilité et la spécificité observées ici, le dispositif en signalerait {found} sur {sick} et en "
        "manquerait {missed} (entre {missed_low} et {missed_high}, intervalle à 95 %) ; parmi les {healthy} autres, il en "
        "signalerait {alarms} à tort (entre {alarms_low} et {alarms_high}). Les cas sans réponse sont comptés faux."
    ),
    "report_frame.summary_no_answers": (
        "Le dispositif n'a pas donné de résultat évaluable pour {n} des {sent} {unit} qui lui ont été soumis (critère "
        "« {endpoint} »)."
    ),
    "report_frame.summary_all_answered": (
        "Le dispositif a donné un résultat évaluable pour l'ensemble des {sent} {unit} (critère « {endpoint} »)."
    ),
    "report_frame.summary_verdicts": (
        "Règles d'acceptation du protocole ({total} au total) : {met} {n_met:#satisfaite|satisfaites}, {not_met} non "
        "{n_not_met:#satisfaite|satisfaites}, {inconclusive} non {n_inconclusive:#concluante|concluantes}."
    ),
    "report_frame.summary_untested": "Performance inconnue, faute de cas, chez : {listed}.",
    "report_frame.summary_untested_more": "Performance inconnue, faute de cas, chez : {listed}, et {more} autres.",
    "report_frame.summary_human": (
        "Il reste à une personne de revoir les erreurs listées plus bas, de juger si les cas testés ressemblent à ceux du "
        "service, et de décider. Aucune conclusion sur le bénéfice pour le patient, le temps de lecture ou l'organisation."
    ),
    "report_frame.device_title": "Identification du dispositif",
    "report_frame.fixed_declared_not_verified": (
        "Le marquage CE et toutes les autres valeurs de ce tableau sont déclarés par le fabricant et non vérifiés par l'outil."
    ),
    "report_frame.device_table": "Ce que le fabricant déclare",
    "report_frame.declared_field": "Champ",
    "report_frame.declared_value": "Valeur déclarée",
    "report_frame.declared_source": "Source",
    "report_frame.vendor_words": (
        "Les textes du fabricant ci-dessus emploient des mots que ce rapport n'emploie pas : {words}. Ce sont des "
        "déclarations, non des constats."
    ),
    "report_frame.identity_manufacturer": "Fabricant",
    "report_frame.identity_authorised_representative": "Mandataire",
    "report_frame.identity_trade_name": "Nom commercial",
    "report_frame.identity_version": "Version du logiciel",
    "report_frame.identity_build": "Numéro de compilation",
    "report_frame.identity_basic_udi_di": "IUD-ID de base",
    "report_frame.identity_udi_di": "IUD-ID",
    "report_frame.identity_udi_pi": "IUD-IP",
    "report_frame.identity_ce_class": "Classe CE",
    "report_frame.identity_legal_basis": "Base légale (RDM 2017/745 ou 93/42/CEE)",
    "report_frame.identity_certificate": "Numéro de certificat",
    "report_frame.identity_notified_body": "Organisme notifié",
    "report_frame.identity_certificate_expires": "Certificat valable jusqu'au",
    "report_frame.identity_eudamed_id": "Identifiant EUDAMED",
    "report_frame.intended_use_purpose": "Destination (texte de la notice)",
    "report_frame.intended_use_ifu_page": "Page de la notice d'utilisation",
    "report_frame.intended_use_contra_indications": "Contre-indications",
    "report_frame.intended_use_operating_point": "Point de fonctionnement",
    "report_frame.needs_inputs": "Exigences sur les entrées",
    "report_frame.needs_gpu": "Processeur graphique nécessaire",
    "report_frame.needs_hosts": "Hôtes du réseau nécessaires",
    "report_frame.no_claims": "Performance déclarée : non déclaré.",
    "report_frame.claims_table": "Performance déclarée par le fabricant, à comparer à l'observé ; sans verdict",
    "report_frame.claim_measure": "Mesure",
    "report_frame.claim_finding": "Signe",
    "report_frame.claim_value": "Déclaré",
    "report_frame.claim_population": "Population",
    "report_frame.device_as_run": "Ce qui a été exécuté",
    "report_frame.run_id": "Candidat",
    "report_frame.run_role": "Rôle",
    "report_frame.role.device": "dispositif testé",
    "report_frame.role.comparator": "comparateur",
    "report_frame.role.previous_version": "version précédente",
    "report_frame.run_adapter": "Mode d'interrogation",
    "report_frame.run_hash": "Empreinte du candidat et de la façon de l'interroger (SHA-256)",
    "report_frame.run_operating_point": "Point de fonctionnement pour « {finding} »",
    "report_frame.run_no_operating_point": "Point de fonctionnement du protocole",
    "report_frame.point_positive": "positif à partir d'un score de {score}",
    "report_frame.point_doubt": ", doute à partir de {score}",
    "report_frame.point_source": "source",
    "report_frame.intended_title": "Usage prévu et usage testé",
    "report_frame.intended_intro": (
        "La dernière colonne est remplie par une personne : dans l'usage prévu, partiel, ou hors usage prévu."
    ),
    "report_frame.intended_table": "L'usage prévu en regard de ce qui a été testé",
    "report_frame.intended_row": "Aspect",
    "report_frame.intended_declared": "Déclaré par le fabricant",
    "report_frame.intended_tested": "Testé ici",
    "report_frame.intended_judged": "Appréciation (à la main)",
    "report_frame.intended_blank": "☐ dans l'usage\n☐ partiel\n☐ hors usage",
    "report_frame.intended_indication": "Indication et place dans le parcours",
    "report_frame.intended_population": "Population (contre-indications)",
    "report_frame.intended_modality": "Entrée et modalité",
    "report_frame.intended_output": "Sortie utilisée",
    "report_frame.intended_endpoints": "Critères : {listed}",
    "report_frame.protocol_title": "Protocole",
    "report_frame.purpose_need": "Besoin",
    "report_frame.purpose_intended_use": "Usage testé",
    "report_frame.purpose_comparator": "Comparateur",
    "report_frame.purpose_decided_by": "Décidé par",
    "report_frame.protocol_fixed": "Fixé",
    "report_frame.protocol_primary": "Analyse principale",
    "report_frame.protocol_strata": "Strates prévues",
    "report_frame.protocol_minimum": "Effectif minimal",
    "report_frame.protocol_multiplicity": "Comparaisons multiples",
    "report_frame.protocol_plan": "Effectif prévu",
    "report_frame.none_planned": "aucune prévue",
    "report_frame.no_plan": "non prévu",
    "report_frame.minimum_n": "pas d'estimation si n < {estimate}, imprécis si n < {imprecise}",
    "report_frame.endpoints_table": "Critères",
    "report_frame.endpoint_name": "Critère",
    "report_frame.endpoint_task": "Tâche",
    "report_frame.endpoint_finding": "Signe",
    "report_frame.endpoint_unit": "Unité",
    "report_frame.endpoint_combine": "Réponses combinées par",
    "report_frame.endpoint_metrics": "Mesures",
    "report_frame.combine.any": "au moins une positive",
    "report_frame.combine.highest": "la plus élevée",
    "report_frame.combine.worst": "la pire",
    "report_frame.rules_table": "Règles d'acceptation, telles qu'écrites au protocole",
    "report_frame.rules_rule": "Règle",
    "report_frame.rules_endpoint": "Critère",
    "report_frame.rules_measure": "Mesure",
    "report_frame.rules_scope": "Où",
    "report_frame.rules_limit": "Limite (part de 0 à 1)",
    "report_frame.each_level": "chaque niveau de {field}, bornes simultanées",
    "report_frame.treatments_table": "Ce que chaque analyse fait d'un cas sans résultat évaluable",
    "report_frame.treatment_status": "Ce qui s'est passé",
    "report_frame.treatment.wrong": "compté faux",
    "report_frame.treatment.apart": "mis à part",
    "report_frame.treatment.positive": "lu positif",
    "report_frame.treatment.negative": "lu négatif",
    "report_frame.no_amendments": "Aucun amendement, aucun écart enregistré.",
    "report_frame.amendments_table": "Amendements après le verrouillage",
    "report_frame.amendment_number": "N°",
    "report_frame.amendment_at": "Date",
    "report_frame.amendment_reason": "Motif",
    "report_frame.amendment_hash": "Empreinte (SHA-256)",
    "report_frame.set_title": "Jeu de référence local",
    "report_frame.set_id": "Jeu",
    "report_frame.set_hash": "Empreinte (SHA-256)",
    "report_frame.set_locked": "Verrouillé",
    "report_frame.set_public": "Jeu public",
    "report_frame.set_modality": "Modalité",
    "report_frame.set_findings": "Signes recherchés",
    "report_frame.set_sampling": "Échantillonnage",
    "report_frame.set_sizes": "Effectifs",
    "report_frame.set_prevalence": "Prévalence locale déclarée",
    "report_frame.set_protection": "Voie de protection des données",
    "report_frame.set_review": "Révision de la ré-identification",
    "report_frame.set_sizes_text": (
        "{cases} cas, {exams} {n_exams:#examen|examens}, {patients} {n_patients:#patient|patients}"
    ),
    "report_frame.set_patients_unknown": "des patients sont inconnus ; leurs cas comptent chacun pour un patient",
    "report_frame.set_review_text": "{date} ({method}), prochaine échéance le {due}",
    "report_frame.set_pseudonymised": "Données pseudonymisées : elles ne sont pas anonymes.",
    "report_frame.sampling.consecutive": "consécutif",
    "report_frame.sampling.random": "aléatoire",
    "report_frame.sampling.enriched": "enrichi en cas positifs",
    "report_frame.sampling.convenience": "de convenance",
    "report_frame.route.etude_interne": "étude interne",
    "report_frame.route.mr004": "MR-004",
    "report_frame.route.eds": "entrepôt de données de santé",
    "report_frame.route.not_applicable": "sans objet",
    "report_frame.cases": "Cas",
    "report_frame.composition_table": "Composition du jeu ; les colonnes de référence comptent des cas",
    "report_frame.standard_title": "Référence",
    "report_frame.standard_method": "Méthode",
    "report_frame.standard_rule": "Règle",
    "report_frame.standard_readers": "Relecteurs",
    "report_frame.standard_blinded": "En aveugle du dispositif",
    "report_frame.standard_annotator": "Fichiers d'annotation",
    "report_frame.standard_relative": (
        "La sensibilité et la spécificité sont relatives à cette référence : là où elle se trompe, elles sont fausses aussi."
    ),
    "report_frame.declarations_title": "Déclarations de l'éditeur sur les données d'apprentissage",
    "report_frame.declarations_intro": (
        "Cinq questions fermées. Sans réponse, la ligne porte « non déclaré » ; une réponse n'est pas vérifiée par l'outil."
    ),
    "report_frame.declarations_table": "Données d'apprentissage et accès antérieurs",
    "report_frame.training_data_data_sets": "1. Tous les jeux d'apprentissage et de réglage, publics compris",
    "report_frame.training_data_data_from_this_hospital": "2. Données de cet établissement ou de son groupe",
    "report_frame.training_data_access_to_this_reference_set": "3. Accès antérieur à ce jeu de référence",
    "report_frame.training_data_overlap_of_patients_or_period": "4. Recouvrement de patients ou de période",
    "report_frame.training_data_pretrained_components": "5. Composants pré-entraînés et leurs données",
    "report_frame.looks": "Ce jeu a été interrogé {n} fois pour cet éditeur.",
    "report_frame.right_of_reply": "Droit de réponse de l'éditeur (texte daté, joint sans modification)",
    "report_frame.execution_title": "Exécution",
    "report_frame.execution_machine": "Machine",
    "report_frame.execution_isolation": "Protections effectivement en place",
    "report_frame.execution_asked": "Protections demandées",
    "report_frame.execution_network": "Réseau accordé par le protocole",
    "report_frame.network_none": "aucun",
    "report_frame.execution_limit": "Temps limite par cas",
    "report_frame.execution_threads": "Fils d'exécution",
    "report_frame.execution_started": "Début",
    "report_frame.execution_finished": "Fin",
    "report_frame.execution_decoders": "Décodeurs d'images utilisés",
    "report_frame.machine.system": "système",
    "report_frame.machine.release": "version",
    "report_frame.machine.architecture": "architecture",
    "report_frame.machine.processor": "processeur",
    "report_frame.machine.processors": "nombre de processeurs",
    "report_frame.machine.memory_mb": "mémoire (Mo)",
    "report_frame.machine.python": "Python",
    "report_frame.repeated": "{n} {number:#cas a été redemandé|cas ont été redemandés} après un premier échec.",
    "report_frame.isolation.tier-0": "niveau 0 : un processus surveillé",
    "report_frame.isolation.own_process": "processus et session à part",
    "report_frame.isolation.clean_environment": "rien de l'environnement de l'utilisateur",
    "report_frame.isolation.private_folder": "dossier de travail privé",
    "report_frame.isolation.no_new_privileges": "aucun nouveau privilège",
    "report_frame.isolation.time_limited": "temps limité pour chaque cas",
    "report_frame.isolation.memory_limited": "mémoire limitée",
    "report_frame.isolation.memory_not_limited": "mémoire NON limitée",
    "report_frame.isolation.processes_limited": "nombre de processus limité",
    "report_frame.isolation.processes_not_limited": "nombre de processus NON limité",
    "report_frame.isolation.network_not_blocked": "réseau NON bloqué",
    "report_frame.isolation.files_not_blocked": "lecture d'autres fichiers NON bloquée",
    "report_frame.isolation_no_code": "aucune n'est nécessaire : aucun code du candidat n'a été exécuté",
    "report_frame.banner.unreadable_cases": "Certains cas n'ont pas pu être lus par le programme d'essai : ils sont comptés à part et ne sont pas imputés au dispositif.",
    "report_frame.banner.weighted": "Les cas ont été tirés avec des chances inégales : valeurs et intervalles sont pondérés par les poids de sondage du jeu ; les effectifs sont ceux des cas vus.",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
