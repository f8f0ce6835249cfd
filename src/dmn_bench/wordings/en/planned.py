"""English sentences of the room `planned`: what the check of a protocol finds that only its set or its files tell."""

WORDS: dict[str, str] = {
    "planned.lesions_unfit": (
        "the hit rule {rule} of the endpoint {endpoint} needs {needs} of every lesion, and {n} of the {total} reference "
        "lesions have not: lesion {lesion} of case {case} is the first, then {others}. Complete these columns of "
        "lesions.csv, or choose a rule that every lesion fits: {fitting}."
    ),
    "planned.lesions_unfit_one": (
        "the hit rule {rule} of the endpoint {endpoint} needs {needs} of every lesion, and lesion {lesion} of case {case} "
        "({n} of {total}) has not. Complete these columns of lesions.csv, or choose a rule that every lesion fits: "
        "{fitting}."
    ),
    "planned.lesions_on_no_image": (
        "{n} of the {total} reference lesions of the endpoint {endpoint} are in a case of several images and name none of "
        "them: lesion {lesion} of case {case} is the first, then {others}. Found “{found}”, expected one of {known}. "
        "Write the path in the column image of lesions.csv."
    ),
    "planned.lesions_on_no_image_one": (
        "lesion {lesion} of case {case} ({n} of {total} of the endpoint {endpoint}) is in a case of several images and "
        "names none of them. Found “{found}”, expected one of {known}. Write the path in the column image of "
        "lesions.csv."
    ),
    "planned.matching_of_luna16": (
        "the hit rule luna16 of the endpoint {endpoint} has its own matching, so that matching: optimal would change "
        "nothing. Leave matching out, or choose another rule."
    ),
    "planned.marks_unfit": (
        "the hit rule {rule} of the endpoint {endpoint} cannot compare any of the {n} marks of {finding} by the candidate "
        "{candidate} with any reference lesion: the marks have {found}, the lesions {expected}. Every lesion would be "
        "missed and every mark false. Choose a rule that fits both, or have the places delivered in the terms of the "
        "lesions."
    ),
    "planned.no_tolerance": (
        "{metrics} of the endpoint {endpoint} needs the tolerance of each structure, and none is stated of: {structures}. "
        "Add {option} to the endpoint: a number in {unit} for all, or one by structure such as {example}."
    ),
    "planned.no_limit": (
        "{metric} of the endpoint {endpoint} needs {option}, which the endpoint does not state. Add it, or leave the "
        "metric out."
    ),
    "planned.rule_over_structures": (
        "the rule {rule} can never be decided: {metric} has a figure of each structure ({questions}) and none over all. "
        "Add each_level_of: {field} to the rule, and {field} to strata."
    ),
    "planned.rule_over_statements": (
        "the rule {rule} can never be decided: {metric} has a figure of each statement ({questions}) and none over all. "
        "Add each_level_of: {field} to the rule and {field} to strata, or name an average such as macro_sensitivity."
    ),
    "planned.rule_of_one_question": (
        "the rule {rule} can never be decided: {metric} is an average over the levels of {field}, and has no figure at one "
        "of them. Leave each_level_of: {field} out, or name a metric of one level."
    ),
    "planned.rule_of_whole_units": (
        "the rule {rule} can never be decided: {metric} counts whole units, which have no level of {field}. Leave "
        "each_level_of out, or name a field of the cases."
    ),
    "planned.rule_of_no_lesion": (
        "the rule {rule} can never be decided: {metric} counts false marks, which are on no lesion and have no level of "
        "{field}. Leave each_level_of out, or name a field of the cases."
    ),
    "planned.rule_without_spacing": (
        "the rule {rule} can never be decided: {metric} is measured in mm, and none of the {n} delineated cases, the first "
        "{case}, says how far the pixels of its image are apart. Give the endpoint {endpoint} distances_in: px and "
        "tolerance_px, export images that say it, or name dice."
    ),
    "planned.rule_enriched_set": (
        "the rule {rule} can never be decided: {metric} depends on how many cases are positive, and in this set they were "
        "chosen (sampling: enriched). Name a metric that does not, such as sensitivity or ppv_local."
    ),
    "planned.rule_no_local_prevalence": (
        "the rule {rule} can never be decided: {metric} needs the prevalence where the device will be used, and the card "
        "states none for the endpoint {endpoint}. Add local_prevalence to the card and lock the set anew, or name another "
        "metric."
    ),
    "planned.rule_prevalence_of_other_cut": (
        "the rule {rule} can never be decided: the local_prevalence of the card is that of another cut than "
        "positive_when of the endpoint {endpoint}, so that {metric} has no value. Add the prevalence of this cut to the "
        "card and lock the set anew, or name another metric."
    ),
    "planned.rule_prevalence_of_other_unit": (
        "the rule {rule} can never be decided: the local_prevalence of the card is counted in another unit than the "
        "endpoint {endpoint}, so that {metric} has no value. Add the prevalence in this unit to the card and lock the set "
        "anew, or name another metric."
    ),
    "planned.grades_of_output": (
        "candidate {candidate}: the output for {finding} has {n} values, which count as grades from 0, and the scale of "
        "endpoint {endpoint} has {most} grades ({scale}). List in its option {option} the grade of each value, mildest "
        "first, or have the endpoint judge the scale that the device has (answer_scale)."
    ),
    "planned.listed_grades_of_output": (
        "candidate {candidate}: the option {option} lists {most} grades ({listed}), and the output for {finding} has {n} "
        "values. List one grade for each value."
    ),
    "planned.title.quantiles": "Rules on a median or another quantile: how many cases decide them (with probability {power})",
    "planned.column.fewest": "Cases needed at all",
    "planned.column.right_to_meet": "Within the goal to be met",
    "planned.column.wrong_to_fail": "Beyond it to be not met",
    "planned.column.met_from": "Met if this share truly is within",
    "planned.axis.share": "True share of cases {goal}",
    "planned.say.too_few": (
        "{where}, {measure} {goal}: {n} {n:#case|cases} cannot decide this rule, whatever the device is worth; at least "
        "{fewest} are needed for its limits and for the minimum number of the protocol."
    ),
    "planned.say.counts": (
        "{where}, {measure} {goal}: of {n} cases {right} must be {goal} for the rule to be met; it is not met where {wrong} "
        "are not, and else inconclusive. Some patients have several cases, which count as copies of each other."
    ),
    "planned.say.counts_and_shares": (
        "{where}, {measure} {goal}: of {n} cases {right} must be {goal} for the rule to be met; it is not met where {wrong} "
        "are not, and else inconclusive. With probability {power} it is met if {met_from} of all such cases truly are "
        "{goal}, and not met if at most {not_met_up_to} are."
    ),
    "planned.nothing_to_draw": (
        "there is no curve to draw: patients with several cases leave the chances of a rule on a quantile open, or the cases "
        "are too few. Leave --out away; the table and the sentences say what is known."
    ),
}
