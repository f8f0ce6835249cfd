"""Phrases françaises de la pièce `report_timing` : temps et ressources du dispositif."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_timing.title": "Temps et ressources",
    "report_timing.intro": (
        "Mesures faites sur la machine de cette exécution : une autre machine donne d’autres nombres. Elles ne font pas "
        "partie des résultats, aucune règle d’acceptation ne les regarde, et une seconde exécution ne les répétera pas."
    ),
    "report_timing.shared": (
        "{workers} processus y travaillaient en même temps et se la partageaient : un seul peut être plus rapide."
    ),
    "report_timing.on_cluster": (
        "Les machines d’une grappe de calcul ont répondu aux demandes. Rien n’est enregistré d’elles, et des temps de "
        "machines différentes sont mêlés ici."
    ),
    "report_timing.from_files": (
        "Aucun temps mesuré : les réponses viennent de fichiers. Ce que coûte un cas ne se mesure que sur un dispositif "
        "que l’on interroge."
    ),
    "report_timing.not_timed": (
        "{count} {n:#réponse n’a|réponses n’ont} pas de temps ({counts}) et ne {n:#figure|figurent} dans aucun de ces "
        "nombres."
    ),
    "report_timing.cut_off": (
        "Une demande interrompue par la limite de temps l’avait épuisée : un dispositif qui échoue ainsi paraît plus "
        "rapide qu’il n’est. Lisez ces nombres avec ces effectifs et avec les tentatives en échec ci-dessous."
    ),
    "report_timing.interval": "IC {level} de la médiane",
    "report_timing.warm_up_only": (
        "Seules des premières demandes après chargement ont été chronométrées : il n’y a pas de nombre pour les cas qui "
        "les suivent."
    ),
    "report_timing.kept": (
        "{count} {n:#réponse était là|réponses étaient là} avant cette exécution, avec {n:#son temps|leurs temps} : "
        "peut-être d’un autre jour ou d’une autre machine."
    ),
    "report_timing.table": "Temps et mémoire du dispositif",
    "report_timing.quantity": "Grandeur",
    "report_timing.load_seconds": "Chargement du modèle",
    "report_timing.warm_up_seconds": "Première demande après chargement (mise en route)",
    "report_timing.seconds_per_case": "Temps par cas, hors mise en route",
    "report_timing.cpu_seconds_per_case": "Temps de processeur par cas, hors mise en route",
    "report_timing.peak_memory_mb": "Pic de mémoire du processus",
    "report_timing.n": "n",
    "report_timing.smallest": "Minimum",
    "report_timing.median": "Médiane",
    "report_timing.p95": "95e centile",
    "report_timing.largest": "Maximum",
    "report_timing.total": "Total",
    "report_timing.n_warm_up": "Mises en route",
    "report_timing.n_not_timed": "Sans temps",
    "report_timing.cpu_median": "Temps de processeur, médiane",
    "report_timing.memory_largest": "Pic de mémoire",
    "report_timing.megabytes": "Mio",
    "report_timing.image_size": "Taille des images",
    "report_timing.recording_length": "Durée de l’enregistrement",
    "report_timing.table_image_size": (
        "Temps par cas selon les pixels de toutes les images du cas ; effectifs seuls en deçà de {minimum} demandes "
        "chronométrées"
    ),
    "report_timing.table_recording_length": (
        "Temps par cas selon la durée de l’enregistrement ; effectifs seuls en deçà de {minimum} demandes chronométrées"
    ),
    "report_timing.figure_image_size": "Temps par cas selon la taille des images",
    "report_timing.figure_recording_length": "Temps par cas selon la durée de l’enregistrement",
    "report_timing.figure_description": (
        "Axe logarithmique. La ligne va du temps le plus court au plus long, la boîte contient la moitié centrale, la "
        "barre est la médiane et le losange le 95e centile."
    ),
    "report_timing.all": "Tous les cas",
    "report_timing.class.below_1_megapixel": "moins de 1 mégapixel",
    "report_timing.class.1_to_4_megapixels": "de 1 à moins de 4 mégapixels",
    "report_timing.class.4_to_16_megapixels": "de 4 à moins de 16 mégapixels",
    "report_timing.class.16_to_64_megapixels": "de 16 à moins de 64 mégapixels",
    "report_timing.class.64_megapixels_or_more": "64 mégapixels ou plus",
    "report_timing.class.up_to_15_s": "jusqu’à 15 s",
    "report_timing.class.up_to_1_min": "plus de 15 s, jusqu’à 1 min",
    "report_timing.class.up_to_10_min": "plus de 1 min, jusqu’à 10 min",
    "report_timing.class.up_to_1_h": "plus de 10 min, jusqu’à 1 h",
    "report_timing.class.up_to_24_h": "plus de 1 h, jusqu’à 24 h",
    "report_timing.class.above_24_h": "plus de 24 h",
    "report_timing.how": (
        "Un temps est celui d’une demande dans le processus du candidat, tel que mesuré là, sans la lecture des "
        "fichiers ; si le dispositif est ailleurs, celui de notre propre client, trajet aller et retour compris. Les centiles sont interpolés linéairement entre les valeurs ordonnées ; le 95e en demande 20. "
        "L’intervalle à {level} d’une médiane est exact pour toute distribution, si les demandes sont indépendantes. La "
        "mémoire est le maximum que le processus avait occupé depuis son démarrage, mise en route comprise."
    ),
    "report_timing.processor": "Processeur",
    "report_timing.workers": "Processus au travail ensemble",
    "report_timing.threads": "Fils d’exécution accordés à chacun",
    "report_timing.batch": "Cas soumis ensemble au plus ; chacun reçoit une part égale de la durée de son lot",
    "report_timing.asked": "Cas traités dans cette exécution",
    "report_timing.wall": "Durée de l’interrogation, démarrage et chargement compris",
    "report_timing.rate": "Cas soumis au dispositif par heure dans cette exécution",
    "report_timing.failed_attempts": "Tentatives en échec, sur toutes les exécutions qui ont interrogé",
    "report_timing.no_failed_attempt": "aucune",
    "report_timing.kind.timed_out": "limite de temps atteinte",
    "report_timing.kind.raised": "erreur levée",
    "report_timing.kind.ended": "processus terminé",
    "report_timing.kind.broke_protocol": "protocole d’échange rompu",
    "report_timing.kind.silent": "aucun signe de vie",
    "report_timing.kind.in_batch": "sans réponse dans un lot, interrogé de nouveau seul",
    "report_timing.kind.worker_lost": "machine de la grappe de calcul perdue",
    "report_timing.kind.sent_again": "requête refusée par le serveur du dispositif et renvoyée",
    "report_timing.kind.late_and_unlike": "le dispositif a envoyé un autre résultat pour un cas qui avait déjà sa réponse, et ce résultat dit autre chose ou n’a pas pu être lu ; le premier est retenu : réglez complete_when pour que tout soit attendu",
    "report_timing.kind.late_result": "le dispositif a envoyé un autre résultat pour un cas déjà clos, ce qui n’y change rien",
    "report_timing.kind.set_aside": "le dispositif a envoyé un résultat qui ne concerne aucun cas demandé par ce processus, pendant l’attente d’un autre cas",
    "report_timing.kind.invalid_answer": "réponse non valide",
}
WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
