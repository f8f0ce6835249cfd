"""English words of the lines of EC57: figures of every recording, gross and average."""

WORDS: dict[str, str] = {
    "report_ecg_lines.caption.beats": (
        "Figures of EC57 by recording (%, RR error in ms, shutdown in s). Gross: every beat weighs the same. Average: "
        "the mean of the recordings that have the figure. A dash: the figure is undefined"
    ),
    "report_ecg_lines.caption.runs": (
        "Figures of EC57 by recording (%). Gross: every run weighs the same. Average: the mean of the recordings that "
        "have the figure. A dash: the figure is undefined"
    ),
    "report_ecg_lines.caption.episodes": (
        "Figures of EC57 by recording (%). Gross: every episode weighs the same, and every second in durations and "
        "burdens. Average: the mean of the recordings that have the figure. A dash: the figure is undefined"
    ),
    "report_ecg_lines.recording": "Recording",
    "report_ecg_lines.gross": "Gross",
    "report_ecg_lines.average": "Average",
    "report_ecg_lines.qrs_sensitivity": "QRS Se",
    "report_ecg_lines.qrs_positive_predictivity": "QRS +P",
    "report_ecg_lines.veb_sensitivity": "VEB Se",
    "report_ecg_lines.veb_positive_predictivity": "VEB +P",
    "report_ecg_lines.veb_false_positive_rate": "VEB FPR",
    "report_ecg_lines.sveb_sensitivity": "SVEB Se",
    "report_ecg_lines.sveb_positive_predictivity": "SVEB +P",
    "report_ecg_lines.sveb_false_positive_rate": "SVEB FPR",
    "report_ecg_lines.beats_missed_in_shutdown": "Beats missed in shutdown",
    "report_ecg_lines.n_missed_in_shutdown": "N missed in shutdown",
    "report_ecg_lines.s_missed_in_shutdown": "S missed in shutdown",
    "report_ecg_lines.v_missed_in_shutdown": "V missed in shutdown",
    "report_ecg_lines.f_missed_in_shutdown": "F missed in shutdown",
    "report_ecg_lines.rr_interval_error": "RR error (ms)",
    "report_ecg_lines.shutdown_seconds": "Shutdown (s)",
    "report_ecg_lines.ve_couplet_sensitivity": "VE couplets Se",
    "report_ecg_lines.ve_couplet_positive_predictivity": "VE couplets +P",
    "report_ecg_lines.ve_short_run_sensitivity": "VE short runs Se",
    "report_ecg_lines.ve_short_run_positive_predictivity": "VE short runs +P",
    "report_ecg_lines.ve_long_run_sensitivity": "VE long runs Se",
    "report_ecg_lines.ve_long_run_positive_predictivity": "VE long runs +P",
    "report_ecg_lines.sve_couplet_sensitivity": "SVE couplets Se",
    "report_ecg_lines.sve_couplet_positive_predictivity": "SVE couplets +P",
    "report_ecg_lines.sve_short_run_sensitivity": "SVE short runs Se",
    "report_ecg_lines.sve_short_run_positive_predictivity": "SVE short runs +P",
    "report_ecg_lines.sve_long_run_sensitivity": "SVE long runs Se",
    "report_ecg_lines.sve_long_run_positive_predictivity": "SVE long runs +P",
    "report_ecg_lines.episode_sensitivity": "Episodes Se",
    "report_ecg_lines.episode_positive_predictivity": "Episodes +P",
    "report_ecg_lines.duration_sensitivity": "Duration Se",
    "report_ecg_lines.duration_positive_predictivity": "Duration +P",
    "report_ecg_lines.reference_burden": "Burden, reference",
    "report_ecg_lines.device_burden": "Burden, device",
}
