"""Figures of graded units by scikit-learn and statsmodels: run it to write grades.json anew.

Needs statsmodels, which the tests do not. References and answers are drawn from a seed; some grades never occur.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
from sklearn.metrics import accuracy_score, cohen_kappa_score, mean_absolute_error, recall_score
from statsmodels.stats.inter_rater import cohens_kappa

DRAWN = ((3, 20, 3), (5, 60, 5), (5, 40, 3), (12, 150, 12), (12, 30, 7))  # grades, units, grades that occur


def figures(reference, answer, n_grades):
    labels = list(range(n_grades))
    table = np.zeros((n_grades, n_grades))
    np.add.at(table, (reference, answer), 1)
    by_grade = recall_score(reference, answer, labels=labels, average=None, zero_division=np.nan)
    return {
        "kappa": cohen_kappa_score(reference, answer, labels=labels),
        "kappa_linear": cohen_kappa_score(reference, answer, labels=labels, weights="linear"),
        "kappa_quadratic": cohen_kappa_score(reference, answer, labels=labels, weights="quadratic"),
        "kappa_quadratic_statsmodels": float(cohens_kappa(table, wt="quadratic").kappa),
        "kappa_linear_statsmodels": float(cohens_kappa(table, wt="linear").kappa),
        "exact_agreement": accuracy_score(reference, answer),
        "mean_grade_error": mean_absolute_error(reference, answer),
        "grade_sensitivity": [None if np.isnan(one) else float(one) for one in by_grade],
    }


def drawn(n_grades, n, occurring, rng):
    reference = rng.integers(0, occurring, n)
    answer = np.clip(reference + rng.choice([-2, -1, 0, 0, 0, 0, 1, 2], n), 0, occurring - 1)
    found = figures(reference, answer, n_grades)
    return {"n_grades": n_grades, "reference": reference.tolist(), "answer": answer.tolist(), "figures": found}


def main():
    rng = np.random.default_rng(20261122)
    content = {
        "by": f"scikit-learn {sklearn.__version__}, statsmodels {statsmodels.__version__}",
        "examples": [drawn(n_grades, n, occurring, rng) for n_grades, n, occurring in DRAWN],
    }
    target = Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
