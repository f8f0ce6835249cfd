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
    "report_frame.banner.reidentification_overdue": "La révision du risque de ré-identification est en retard.",
    "report_frame.banner.amended": "Le protocole a été amendé après son verrouillage ; les amendements sont listés.",
    "report_frame.banner.isolation_weak": "Le dispositif a tourné avec des protections plus faibles que la norme.",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
