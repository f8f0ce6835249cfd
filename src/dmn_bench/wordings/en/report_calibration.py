"""English sentences of the room `report_calibration`: calibration, net benefit, agreement of readers."""

WORDS: dict[str, str] = {
    "report_calibration.title": "Calibration and net benefit",
    "report_calibration.intro": (
        "The protocol declares the scores of these endpoints to be probabilities. Calibration asks whether they come "
        "true: of the cases given 20%, do about 20 in 100 have the finding? Net benefit asks what acting on them is worth."
    ),
    "report_calibration.counted": (
        "These numbers rest on the {units} {n:#unit|units} that the device answered with a score ({positive} with the "
        "finding, {negative} without), under every analysis alike: a unit without an answer has no probability. The flow "
        "of cases shows the others."
    ),
    "report_calibration.weighted": (
        "The set is enriched: units with and without the finding are weighted to the local prevalence of {share}, by the "
        "same weights in every stratum; net benefit is taken at that prevalence. Intervals leave the uncertainty of the "
        "prevalence out."
    ),
    "report_calibration.sampled": "Each unit weighs what its sampling weight says, in these numbers and in the curves.",
    "report_calibration.not_weighted": (
        "The set is enriched and no local prevalence is declared: calibration and net benefit cannot be estimated. "
        "Declare the local prevalence in the card of the set."
    ),
    "report_calibration.few": (
        "A calibration curve can be relied on from about {enough} units of each class; with fewer, its index is "
        "biased upwards."
    ),
    "report_calibration.best": "Best value",
    "report_calibration.measures_table": "How stated probabilities compare with what was observed",
    "report_calibration.curve_title": "Calibration curve, {endpoint}",
    "report_calibration.curve_description": (
        "Observed share by stated probability; the diagonal is perfect calibration. {n:#The point is one group|The points "
        "are groups} of about equal size, with {n:#its|their} intervals."
    ),
    "report_calibration.curve_how": (
        "The line with its band is a logistic regression on a restricted cubic spline of the logit with {knots} knots; "
        "probabilities nearer than {clip} to 0 or 1 were moved to that distance."
    ),
    "report_calibration.no_curve": (
        "No smooth curve: the index was not asked for, or there are too few different probabilities, or some probability "
        "separates both classes."
    ),
    "report_calibration.stated": "Stated probability",
    "report_calibration.stated_mean": "Mean stated probability",
    "report_calibration.observed": "Observed share",
    "report_calibration.limits": "Interval",
    "report_calibration.groups_table": "Groups of about equal size by stated probability",
    "report_calibration.benefit_title": "Net benefit, {endpoint}",
    "report_calibration.benefit_description": (
        "Net benefit by the probability from which one acts: the device with its intervals, acting on everybody, acting "
        "on nobody."
    ),
    "report_calibration.benefit_how": (
        "Net benefit is the share of right alarms, less that of false ones weighted by the odds of the probability from "
        "which one acts. It describes and is no test: the range of probabilities was fixed in the protocol, and which of "
        "them applies is a clinical choice. Where the device lies above both other lines, acting on it was worth most."
    ),
    "report_calibration.benefit_table": "Net benefit by threshold probability",
    "report_calibration.threshold": "Acting from a probability of",
    "report_calibration.device": "Acting on the device",
    "report_calibration.everybody": "Acting on everybody",
    "report_calibration.nobody": "Acting on nobody",
    "report_calibration.readings_table": "Cases that two readers or more read independently",
    "report_calibration.cases_of_patients": "{cases} ({patients} {n:#patient|patients})",
    "report_calibration.agreement_table": "Agreement of the readers with each other, before any consensus",
    "report_calibration.agreement_unknown": (
        "The set holds no case that two readers read independently: how far they agree is not known."
    ),
    "report_calibration.agreement_how": (
        "Agreement bounds what a device can reach against this reference. Kappa falls when a finding is rare, whatever "
        "the readers do: observed agreement and AC1 stand beside it."
    ),
    "report_calibration.coefficient_name": "Coefficient",
    "report_calibration.coefficient_value": "Value",
    "report_calibration.readers": "Readers",
    "report_calibration.cases_read": "Cases read twice or more",
    "report_calibration.observed_agreement": "Observed agreement",
    "report_calibration.positive_share": "Positive readings",
    "report_calibration.left_out": (
        "{finding}: {number} {n:#reading has|readings have} no place on the scale (doubt among grades, case not judged) "
        "and {n:#was|were} left out."
    ),
    "report_calibration.coefficient.kappa": "Cohen's kappa",
    "report_calibration.coefficient.kappa_quadratic": "Weighted kappa (quadratic)",
    "report_calibration.coefficient.fleiss_kappa": "Fleiss' kappa",
    "report_calibration.coefficient.krippendorff_alpha": "Krippendorff's alpha",
    "report_calibration.coefficient.ac1": "Gwet's AC1",
    "report_calibration.coefficient.pabak": "PABAK (chance 1 in the number of categories)",
    "report_calibration.coefficient.icc_2_1": "ICC(2,1), absolute agreement",
    "report_calibration.level.nominal": "categories",
    "report_calibration.level.ordinal": "ordered grades",
    "report_calibration.coefficient.lesion_agreement": "Lesions that both of two readers drew",
    "report_calibration.level.lesions": "lesions",
    "report_calibration.level.interval": "numbers",
}
