"""Right, near and distant grades counted a second time, one unit after the other."""

import numpy as np

from . import recount as rc

SHARES = ("grade_sensitivity", "exact_agreement", "within_one_grade")


def share(metric, options, row):
    """(numerator, denominator) of one unit: only a grade that the device itself gave, and that counts, can be right."""
    unit, reference = row["unit"], row["reference_grade"]
    if metric == "grade_sensitivity" and reference != options["grade"]:
        return 0.0, 0.0
    own = unit["grade"]
    if own is None or own != row["answer_grade"]:
        return 0.0, 1.0
    return float(abs(own - reference) <= (metric == "within_one_grade")), 1.0


def mean_error(rows, weights, at, level):
    """(mean distance in steps, its interval by the same draws of patients)."""
    sums = np.zeros((len(at), 2))
    for row in rows:
        sums[at[row["unit"]["patient"]]] += (abs(row["reference_grade"] - row["answer_grade"]), 1)

    def mean(w):
        steps, units = (w @ sums).T
        with np.errstate(invalid="ignore"):
            return steps / units

    return float(mean(np.ones((1, len(at))))[0]), rc.bca(mean, weights, level)
