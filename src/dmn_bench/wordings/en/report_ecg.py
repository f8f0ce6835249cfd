"""English sentences of the room `report_ecg`: what cardiologists read of a test on recordings of the heart."""

WORDS: dict[str, str] = {
    "report_ecg.title": "ECG results in detail",
    "report_ecg.intro": (
        "Beat by beat, recording by recording, then gross and average, as ANSI/AAMI EC57 (IEC 60601-2-47) "
        "asks: in the gross statistics every beat counts equally, in the average every recording. "
        "Intervals, by patient, are among the main results."
    ),
    "report_ecg.option.scoring": "Rules",
    "report_ecg.option.escape_beats": "Escape beats (j, e, n)",
    "report_ecg.option.learning_seconds": "Learning period at the start of each recording, not scored",
    "report_ecg.value.scoring.ec57": "ANSI/AAMI EC57, as the WFDB program bxb applies it",
    "report_ecg.value.escape_beats.S": "supraventricular (S), as in bxb",
    "report_ecg.value.escape_beats.N": "normal (N), as in de Chazal 2004 and most papers; bxb counts them as S",
    "report_ecg.seconds": "{n} s",
    "report_ecg.milliseconds": "{n} ms",
    "report_ecg.non_standard": "{value} – non-standard: the standard says {standard}",
    "report_ecg.yes": "yes",
    "report_ecg.no": "no",
    "report_ecg.reference": "Reference",
    "report_ecg.columns_legend": (
        "Columns: n normal, s supraventricular ectopic, v ventricular ectopic, f fusion, q unclassifiable "
        "or paced, o missed, x missed inside a stretch that the device did not analyse."
    ),
    "report_ecg.row.O": "extra: no beat in the reference",
    "report_ecg.row.X": "extra, where the reference could not be read",
    "report_ecg.class.N": "normal beat, or with bundle branch block",
    "report_ecg.class.S": "supraventricular ectopic beat",
    "report_ecg.class.V": "ventricular ectopic beat",
    "report_ecg.class.F": "fusion of ventricular and normal beat",
    "report_ecg.class.Q": "paced or unclassifiable beat",
    "report_ecg.figures_legend": (
        "Se: sensitivity; +P: positive predictivity; FPR: false positive rate; VEB, SVEB: ventricular and "
        "supraventricular ectopic beats."
    ),
    "report_ecg.forest_title": "Figures by class of beat",
    "report_ecg.forest_caption": "Gross figures with their intervals by patient, in the primary analysis.",
    "report_ecg.forest_description": "One line for each figure: its value, its interval and the counts behind it.",
    "report_ecg.statements_table": "By statement: n and prevalence first, rare ones included",
    "report_ecg.statement": "Statement",
    "report_ecg.positives": "Present",
    "report_ecg.negatives": "Absent",
    "report_ecg.prevalence": "Prevalence",
    "report_ecg.statements_forest": "{measure} by statement",
    "report_ecg.statements_rare": (
        "A statement with too few recordings keeps its line and its n; no average stands in for it."
    ),
    "report_ecg.measurement.heart_rate": "Heart rate",
    "report_ecg.measurement.pr_interval": "PR interval",
    "report_ecg.measurement.qrs_duration": "QRS duration",
    "report_ecg.measurement.qt_interval": "QT interval",
    "report_ecg.measurement.qtc_interval": "Corrected QT interval",
    "report_ecg.measurement.p_axis": "P axis",
    "report_ecg.measurement.qrs_axis": "QRS axis",
    "report_ecg.measurement.t_axis": "T axis",
    "report_ecg.measurement.af_burden": "Burden of atrial fibrillation",
    "report_ecg.measurement.longest_pause": "Longest pause",
    "report_ecg.legend_table": "Marks beside the strips",
    "report_ecg.sign": "Mark",
    "report_ecg.meaning": "Meaning",
    "report_ecg.sign.sides": "R, D",
    "report_ecg.sign.letters": "L, R, A, a, J, V …",
    "report_ecg.sign.others": "|, x, [, ], !",
    "report_ecg.sign.shutdown": "~",
    "report_ecg.sign.rhythms": "bar: AFIB, VT …",
    "report_ecg.sign_means.letters": (
        "WFDB symbols of beats: L, R, B bundle branch block; A, a, J, S supraventricular ectopic (atrial, aberrated, junctional, other); j, e, n escape; V, r ventricular ectopic (r: R on T); E ventricular escape; F, f fusion; / paced; Q, ? unclassifiable"
    ),
    "report_ecg.sign_means.others": (
        "| an artefact that looks like a QRS; x blocked P wave; [ and ] start and end of ventricular flutter or fibrillation; ! a wave of ventricular flutter"
    ),
    "report_ecg.sign_means.shutdown": (
        "change of signal quality; the bar marked ~ is a stretch that this side says it did not analyse"
    ),
    "report_ecg.sign_means.rhythms": (
        "rhythm, by the codes of WFDB: N sinus, AFIB and AFL atrial fibrillation and flutter, SVTA supraventricular tachyarrhythmia, VT ventricular tachycardia, VFL ventricular flutter, IVR idioventricular, NOD junctional, B and T ventricular bigeminy and trigeminy, AB atrial bigeminy, BII second degree block, PREX pre-excitation, SBR sinus bradycardia, P paced"
    ),
    "report_ecg.sign.frame": "frame",
    "report_ecg.sign.ring": "dashed ring",
    "report_ecg.sign.band": "band between dashes",
    "report_ecg.sign.gap": "hatched grey",
    "report_ecg.sign.arrow": "triangle at the edge",
    "report_ecg.sign_means.sides": (
        "reference above the strip, device below it; each mark with the symbol of its annotation"
    ),
    "report_ecg.sign_means.frame": "mark that is part of the error",
    "report_ecg.sign_means.ring": "no mark of this side at the place of the error",
    "report_ecg.sign_means.band": "place of the error",
    "report_ecg.sign_means.gap": "no valid samples in this lead",
    "report_ecg.sign_means.arrow": "the signal goes beyond the paper",
    "report_ecg.option.window_ms": "Largest distance of a pair of beats",
    "report_ecg.option.fibrillation": "Beats that one side has alone are excused in ventricular fibrillation marked by",
    "report_ecg.option.exclude_paced": "Recordings with paced beats left out",
    "report_ecg.value.scoring.bxb": (
        "lines of figures as the C programs bxb and sumstats print them, with what they get wrong"
    ),
    "report_ecg.value.fibrillation.reference": "the reference",
    "report_ecg.value.fibrillation.either": "the reference or the device",
    "report_ecg.strips_title": "Errors on ECG paper",
    "report_ecg.strips_patients": (
        "These pictures show what was recorded of patients. They carry the case id of the set and no "
        "name, date or other identity; still, keep and pass on this report as you would the recordings. A "
        "report without them is made by “dmn-bench report --without-pictures”."
    ),
    "report_ecg.strips_rule": (
        "For each kind of error at most {n} recordings, the worst first: those with the most errors of "
        "the kind, and in each the ten seconds with the most. Of a wrong call the recording is shown from "
        "its beginning (its first ten seconds), those first whose score is farthest from the right "
        "answer. A recording is shown twice only when no other is left; equal ones are ordered by a draw "
        "from the seed {seed} of the protocol."
    ),
    "report_ecg.strips_scale": (
        "Scale: 25 mm for a second, 10 mm for a millivolt; the pulse at the left is 1 mV for 0.2 s. Paper "
        "printed at 100% is to scale. Each lead is drawn round its median."
    ),
    "report_ecg.strip_of_time": "Case {case}, {start} to {end}: {kind}",
    "report_ecg.strip_of_case": "Case {case}: {kind}",
    "report_ecg.strip_counts": "{in_case} in this recording, {here} in this strip.",
    "report_ecg.strip_said": "{reference}; {answer}.",
    "report_ecg.strip_description": "Leads: {leads}. {caption}",
    "report_ecg.strips_unreadable": (
        "{n} {number:#picture was|pictures were} not drawn: the recording could not be read when pictures were made."
    ),
    "report_ecg.strips_size": (
        "{n} further {number:#picture was|pictures were} left out so that the report stays of a size to be sent."
    ),
    "report_ecg.strips_missing": (
        "{n} {number:#picture of the record is|pictures of the record are} not in the folder of the run "
        "and cannot be shown. Restore the folder “figures” beside record.json, or make the run again."
    ),
    "report_ecg.strips_altered": (
        "{n} {number:#picture is|pictures are} not shown: the file is not the one that the record states, "
        "by its SHA-256. Restore it, or make the run again."
    ),
    "report_ecg.strips_left_out": (
        "{n} {number:#picture was|pictures were} left out of this report on request; they stay in the "
        "folder of the run."
    ),
}
