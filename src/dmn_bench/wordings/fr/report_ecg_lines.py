"""Mots français des lignes d’EC57 : chiffres de chaque enregistrement, globaux et moyens."""

from ..numbers import french_spaces

_WORDS: dict[str, str] = {
    "report_ecg_lines.caption.beats": (
        "Chiffres d’EC57 par enregistrement (%, erreur RR en ms, interruption d’analyse en s). Global : chaque battement pèse autant. "
        "Moyenne : celle des enregistrements qui ont ce chiffre. Un tiret : le chiffre n’est pas défini"
    ),
    "report_ecg_lines.caption.runs": (
        "Chiffres d’EC57 par enregistrement (%). Global : chaque salve pèse autant. Moyenne : celle des "
        "enregistrements qui ont ce chiffre. Un tiret : le chiffre n’est pas défini"
    ),
    "report_ecg_lines.caption.episodes": (
        "Chiffres d’EC57 par enregistrement (%). Global : chaque épisode pèse autant, et chaque seconde pour les durées "
        "et les charges. Moyenne : celle des enregistrements qui ont ce chiffre. Un tiret : le chiffre n’est pas défini"
    ),
    "report_ecg_lines.recording": "Enregistrement",
    "report_ecg_lines.gross": "Global",
    "report_ecg_lines.average": "Moyenne",
    "report_ecg_lines.qrs_sensitivity": "QRS Se",
    "report_ecg_lines.qrs_positive_predictivity": "QRS +P",
    "report_ecg_lines.veb_sensitivity": "ESV Se",
    "report_ecg_lines.veb_positive_predictivity": "ESV +P",
    "report_ecg_lines.veb_false_positive_rate": "ESV taux de FP",
    "report_ecg_lines.sveb_sensitivity": "ESSV Se",
    "report_ecg_lines.sveb_positive_predictivity": "ESSV +P",
    "report_ecg_lines.sveb_false_positive_rate": "ESSV taux de FP",
    "report_ecg_lines.beats_missed_in_shutdown": "Battements manqués, analyse interrompue",
    "report_ecg_lines.n_missed_in_shutdown": "N manqués, analyse interrompue",
    "report_ecg_lines.s_missed_in_shutdown": "S manqués, analyse interrompue",
    "report_ecg_lines.v_missed_in_shutdown": "V manqués, analyse interrompue",
    "report_ecg_lines.f_missed_in_shutdown": "F manqués, analyse interrompue",
    "report_ecg_lines.rr_interval_error": "Erreur RR (ms)",
    "report_ecg_lines.shutdown_seconds": "Interruption d’analyse (s)",
    "report_ecg_lines.ve_couplet_sensitivity": "V doublets Se",
    "report_ecg_lines.ve_couplet_positive_predictivity": "V doublets +P",
    "report_ecg_lines.ve_short_run_sensitivity": "V salves courtes Se",
    "report_ecg_lines.ve_short_run_positive_predictivity": "V salves courtes +P",
    "report_ecg_lines.ve_long_run_sensitivity": "V salves longues Se",
    "report_ecg_lines.ve_long_run_positive_predictivity": "V salves longues +P",
    "report_ecg_lines.sve_couplet_sensitivity": "SV doublets Se",
    "report_ecg_lines.sve_couplet_positive_predictivity": "SV doublets +P",
    "report_ecg_lines.sve_short_run_sensitivity": "SV salves courtes Se",
    "report_ecg_lines.sve_short_run_positive_predictivity": "SV salves courtes +P",
    "report_ecg_lines.sve_long_run_sensitivity": "SV salves longues Se",
    "report_ecg_lines.sve_long_run_positive_predictivity": "SV salves longues +P",
    "report_ecg_lines.episode_sensitivity": "Épisodes Se",
    "report_ecg_lines.episode_positive_predictivity": "Épisodes +P",
    "report_ecg_lines.duration_sensitivity": "Durée Se",
    "report_ecg_lines.duration_positive_predictivity": "Durée +P",
    "report_ecg_lines.reference_burden": "Charge, référence",
    "report_ecg_lines.device_burden": "Charge, dispositif",
}

WORDS: dict[str, str] = {key: french_spaces(text) for key, text in _WORDS.items()}
