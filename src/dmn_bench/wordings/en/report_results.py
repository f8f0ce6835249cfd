"""English sentences of the report: flow, results, strata, verdicts, curves, errors."""

WORDS: dict[str, str] = {
    "report_results.verdicts_title": "Acceptance rules of the protocol",
    "report_results.verdicts_intro": (
        "Each rule is quoted from the protocol and read on its own interval (exact where the measure has one), not on the estimate. A rule is met when "
        "the whole interval lies on the right side of the limit, not met when it lies wholly on the wrong side, and "
        "inconclusive when it contains the limit or the sample is too small. This interval may be wider than that of the "
        "results, which a less cautious method makes of the same cases. The decision to buy is not made here."
    ),
    "report_results.no_rules": "The protocol states no acceptance rule: this report describes and gives no verdict.",
    "report_results.verdict_met": "Protocol acceptance rule: met.",
    "report_results.verdict_not_met": "Protocol acceptance rule: not met.",
    "report_results.verdict_inconclusive": "Protocol acceptance rule: inconclusive.",
    "report_results.rule": "Rule “{id}”: {measure}, endpoint “{endpoint}”, {stratum}, {direction} {limit}",
    "report_results.at_least": "at least",
    "report_results.at_most": "at most",
    "report_results.because_above": (
        "Exact lower bound {bound}, limit {limit} ({counts}{level} interval {interval}, {method})."
    ),
    "report_results.because_below": (
        "Exact upper bound {bound}, limit {limit} ({counts}{level} interval {interval}, {method})."
    ),
    "report_results.because_above_not_exact": (
        "Lower bound {bound}, limit {limit} ({counts}{level} interval {interval}, {method})."
    ),
    "report_results.because_below_not_exact": (
        "Upper bound {bound}, limit {limit} ({counts}{level} interval {interval}, {method})."
    ),
    "report_results.because_contains": (
        "The interval contains the limit {limit} ({counts}{level} interval {interval}, {method})."
    ),
    "report_results.because_silent": "The interval of the answers given, {interval}, meets the limit, but the device left cases without an answer, and they have no such difference: nothing is shown for them.",
    "report_results.because_too_few": "Insufficient sample (n = {n}): no conclusion.",
    "report_results.more_cases": (
        "An inconclusive rule is neither met nor not met. More cases may decide it only as a second stage declared in the "
        "protocol with its adjusted level, otherwise on a new set."
    ),
    "report_results.verdicts_table": "Rules, verdicts and their intervals",
    "report_results.candidate": "Candidate",
    "report_results.limit_column": "Limit",
    "report_results.x_of_n": "x/n",
    "report_results.endpoint_column": "Endpoint",
    "report_results.no_answers": "Cases without an evaluable result, by what became of them",
    "report_results.rule_column": "Rule",
    "report_results.verdict": "Verdict",
    "report_results.exact_interval": "Interval of the rule",
    "report_results.level": "Confidence",
    "report_results.flow_title": "Flow of cases",
    "report_results.flow_intro": (
        "Every eligible case is in exactly one line of the tables below, with who caused its absence. In the primary "
        "analysis what the device did not answer counts against it; what the site did not send or the test program could "
        "not read does not."
    ),
    "report_results.flow_figure": "Flow of cases, endpoint “{endpoint}”.",
    "report_results.flow_description": (
        "{eligible} eligible, {included} included, {sent} sent, {processed} processed by the device, {answered} with an "
        "evaluable result; {indeterminate} indeterminate, {abstained} abstentions, {rejected_input} refused, {failed} "
        "technical failures, {not_sent} not sent, {unreadable} unreadable by the test program."
    ),
    "report_results.flow_eligible": "Eligible {unit} (n = {n})",
    "report_results.flow_included": "Included {unit} (n = {n})",
    "report_results.flow_sent": "Sent to the device (n = {n})",
    "report_results.flow_processed": "Processed by the device (n = {n})",
    "report_results.flow_answered": "Evaluable results (n = {n})",
    "report_results.flow_excluded": "Excluded (n = {n})",
    "report_results.flow_not_sent": "Not sent, by the site (n = {n})",
    "report_results.flow_unreadable": "Unreadable by the test program (n = {n})",
    "report_results.flow_no_answer": "No evaluable result, by the device (n = {n})",
    "report_results.flow_step": "Step",
    "report_results.flow_caused_by": "Caused by",
    "report_results.flow_row_eligible": "Eligible",
    "report_results.flow_row_excluded": "Excluded",
    "report_results.flow_row_included": "Included",
    "report_results.flow_row_sent": "Sent",
    "report_results.flow_table": "Flow per reference class (unit: {unit})",
    "report_results.flow_kept_out": (
        "Eligible but excluded from the set before the test, and not in the numbers above (counted in {unit}), by reason: "
        "{listed}."
    ),
    "report_results.flow_units": "sampling units",
    "report_results.main_title": "Main results",
    "report_results.main_intro": (
        "Performance observed under these conditions, on this set, with this version. Counts come first; each estimate "
        "stands with its counts, its confidence interval and its method."
    ),
    "report_results.endpoint_described": "Task: {task}. Finding: {finding}. Counted by: {unit}.",
    "report_results.reference_by_answer": "Reference",
    "report_results.measure": "Measure",
    "report_results.observed": "Observed",
    "report_results.interval": "{level} CI",
    "report_results.method": "Method of the interval",
    "report_results.units": "Units",
    "report_results.patients": "Patients",
    "report_results.primary_table": "Primary analysis: {analysis}",
    "report_results.side_by_side": "The analyses side by side: observed value, {level} CI, x/n",
    "report_results.imprecise": "imprecise",
    "report_results.imprecise_note": "Greyed lines rest on few cases: imprecise.",
    "report_results.clustered_note": (
        "Some patients have several units. Intervals marked “clustered by patient” take this into account; others rest on "
        "one unit per patient."
    ),
    "report_results.more_measures": "… and {n} more in the report",
    "report_results.by_statement_only": (
        "{measures}: one statement or structure at a time, in the section on ECGs or on structures; not by stratum. To have "
        "them by stratum, write an endpoint of the task classification for that statement, or one with that structure alone."
    ),
    "report_results.macro_note": (
        "A macro average gives each statement the same weight, the rarest included: a few recordings, or a single missing answer among them, are enough to widen its interval a lot."
    ),
    "report_results.side": "Side",
    "report_results.enriched_note": (
        "Cases were enriched: predictive values observed in the set would be wrong in use and are not printed; only values "
        "recomputed at the declared local prevalence are."
    ),
    "report_results.enriched_beats": (
        "Positive predictivity (+P) of beats, runs or episodes is printed, as EC57 asks: it holds for recordings in which "
        "they are as frequent."
    ),
    "report_results.prevalence_note": (
        "Accuracy, F1 and observed predictive values depend on the prevalence in the set, here {share} ({x}/{n})."
    ),
    "report_results.local_prevalence_note": (
        "Values at local prevalence assume that sensitivity and specificity do not move with prevalence. They do: in large "
        "reviews sensitivity rises and specificity falls as prevalence rises."
    ),
    "report_results.strata_title": "Results by stratum",
    "report_results.strata_intro": (
        "Analysis: {analysis}. Every planned stratum is printed, empty ones included; a missing value is a stratum of its "
        "own. Below {minimum} in the denominator no estimate is printed; below {imprecise} it is greyed and marked "
        "imprecise. Intervals are marginal: they are not widened for the number of strata."
    ),
    "report_results.stratum": "Stratum",
    "report_results.positives": "Reference positive",
    "report_results.negatives": "Reference negative",
    "report_results.strata_table": "By stratum: {measures}",
    "report_results.forest_title": "{measure} by stratum.",
    "report_results.forest_description": (
        "{measure} for the whole set and by stratum, with confidence intervals; {shown} of {total} strata can be estimated. "
        "The numbers are in the table that follows."
    ),
    "report_results.forest_caption": (
        "Diamond and dotted line: whole set. Filled squares: strata; open grey squares: imprecise. Dashed line: limit of an "
        "acceptance rule, where there is one."
    ),
    "report_results.estimate_and_interval": "Observed, {level} CI",
    "report_results.limit_label": "limit of the rule: {limit}",
    "report_results.heterogeneity_table": "Does the measure differ between strata?",
    "report_results.field": "Field",
    "report_results.levels": "Strata",
    "report_results.test": "Test",
    "report_results.degrees_of_freedom": "df",
    "report_results.q": "Q",
    "report_results.p": "p",
    "report_results.i_squared": "I²",
    "report_results.p_holm": "p (Holm)",
    "report_results.heterogeneity_note": (
        "A difference between strata may be spoken of only where the Holm-adjusted p is small. “No difference shown” is not "
        "“no difference”."
    ),
    "report_results.curves_title": "Curves",
    "report_results.curves_intro": (
        "Curves are exploratory: the verdicts rest on the operating point of the protocol alone, marked on the curve."
    ),
    "report_results.roc_title": "ROC curve, endpoint “{endpoint}”.",
    "report_results.roc_description": "Sensitivity against 1 − specificity over all thresholds; {area}",
    "report_results.roc_area": "area under the curve {value} {interval}.",
    "report_results.roc_area_not_asked": "the protocol does not ask for the area under it.",
    "report_results.roc_no_area": "the area is not estimable.",
    "report_results.roc_x": "1 − specificity",
    "report_results.operating_point": "operating point",
    "report_results.operating_point_caption": (
        "Mark: operating point of the protocol with its confidence intervals, {analysis}."
    ),
    "report_results.no_operating_point_caption": "No operating point could be marked.",
    "report_results.curve_title": "Curve “{name}”, endpoint “{endpoint}”.",
    "report_results.curve_description": "Curve “{name}” with {points} points.",
    "report_results.tables_title": "Detailed counts",
    "report_results.tables_by_case": "{table}: by recording, reference then device, cells that are empty everywhere left out",
    "report_results.errors_title": "Errors for clinical review",
    "report_results.errors_intro": (
        "Identifiers are local to the reference set, and this list holds no image. The last column is for the "
        "clinician who reviews each error: it is filled by hand."
    ),
    "report_results.errors_as_at": (
        "{n} {n_number:#error is|errors are} listed at endpoint “{endpoint}” and not repeated here: the two differ by their cut or "
        "their measures alone."
    ),
    "report_results.errors_none": "No error to review for this endpoint.",
    "report_results.errors_count": "{n} {n_number:#error|errors} listed for endpoint “{endpoint}”, by kind: {kinds}.",
    "report_results.errors_count_of_recordings": (
        "{n} {n_number:#line|lines} for endpoint “{endpoint}”, one for each recording and kind of error: {kinds}."
    ),
    "report_results.errors_of_kind": "{kind} {n} ({recordings} {n_rows:#recording|recordings})",
    "report_results.counted_missed": "{right} found, {wrong} missed",
    "report_results.counted_extra": "{wrong} too many",
    "report_results.counted_false": "{wrong} false",
    "report_results.counted_false_of": "{n} given, {wrong} of them false",
    "report_results.errors_left_out": "{n} more {n_number:#error is|errors are} counted but not listed.",
    "report_results.errors_table": "Errors, within each kind the worst first, with an empty column for the review",
    "report_results.error_unit": "Unit",
    "report_results.error_kind": "Kind",
    "report_results.error_reference": "Reference",
    "report_results.error_answer": "Answer",
    "report_results.error_score": "Score",
    "report_results.error_reason": "Reason",
    "report_results.error_review": "Severity and comment (clinician)",
    "report_results.error.false_negative": "false negative",
    "report_results.error.false_positive": "false positive",
    "report_results.error.false_positive_mark": "false positive mark",
    "report_results.error.missed_lesion": "missed lesion",
    "report_results.error.beats_missed": "missed beats",
    "report_results.error.beats_extra": "extra beats",
    "report_results.error.veb_missed": "missed ventricular ectopic beats",
    "report_results.error.veb_false": "false ventricular ectopic beats",
    "report_results.error.sveb_missed": "missed supraventricular ectopic beats",
    "report_results.error.sveb_false": "false supraventricular ectopic beats",
    "report_results.error.ve_runs_missed": "missed ventricular runs",
    "report_results.error.ve_runs_false": "false ventricular runs",
    "report_results.error.sve_runs_missed": "missed supraventricular runs",
    "report_results.error.sve_runs_false": "false supraventricular runs",
    "report_results.error.episodes_missed": "missed episodes",
    "report_results.error.episodes_false": "false episodes",
    "report_results.error.outside_tolerance": "outside the tolerance",
    "report_results.error.critical_error": "critical error",
    "report_results.bland_altman_title": "Measured and stated values: {endpoint}",
    "report_results.bland_altman_x": "mean of both ({unit})",
    "report_results.bland_altman_y": "measured − stated ({unit})",
    "report_results.bland_altman_caption": (
        "Each point is one value given. Full line: bias; dashed lines: 95 % limits of agreement; dotted line: no "
        "difference. Bias {bias}, limits {lower} and {upper}."
    ),
    "report_results.grade_off": "grade off by {n}",
    "report_results.error.missed_structure": "missed structure",
    "report_results.error.invented_structure": "structure that the reference does not have",
    "report_results.error.poor_overlap": "least overlap",
    "report_results.error.unanswered": "no answer",
}
