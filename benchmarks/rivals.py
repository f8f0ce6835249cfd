"""What other programs do for the same jobs, each called as its documentation says."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dmn_bench.statistics.paired_roc import paired_roc_areas
from dmn_bench.statistics.resampling import draw

SEED = 20_261_121
PROC = """
suppressMessages(library(pROC))
d <- read.csv(commandArgs(TRUE)[1])
run <- function() roc.test(roc(d$t, d$a, direction="<", levels=0:1, quiet=TRUE),
                           roc(d$t, d$b, direction="<", levels=0:1, quiet=TRUE), paired=TRUE, method="delong")
used <- min(sapply(1:3, function(i) sum(system.time(found <<- run())[1:2])))
cat(as.character(packageVersion("pROC")), used, format(c(found$estimate, found$statistic), digits=17))
"""


def largest(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(np.asarray(first) - np.asarray(second)).max())


def estimates(found: Any) -> np.ndarray:
    return np.array([[result.value for result in group] for group in found])


def sklearn_loop(cases: Any, resamples: int, ours: Any) -> tuple[None, str]:
    from sklearn.metrics import recall_score, roc_auc_score

    found = np.empty((resamples, len(cases.groups), 3))
    for number in range(resamples):
        counts = draw(int(cases.patients.max()) + 1, SEED, number)[cases.patients]
        for place, group in enumerate(cases.groups):
            rows = np.repeat(group, counts[group])
            truth, called = cases.positive[rows], cases.called[rows]
            found[number, place] = (
                roc_auc_score(truth, cases.scores[rows]),
                recall_score(truth, called),
                recall_score(truth, called, pos_label=False),
            )
    values = estimates(ours)
    limits = np.array([[result.interval[:2] for result in group] for group in ours])
    ends = np.stack((np.minimum(found.min(axis=0), values), np.maximum(found.max(axis=0), values)), axis=-1)
    return None, f"same draws: smallest and largest by {largest(ends, limits):.1g}"


def fairlearn_frame(cases: Any, resamples: int, ours: Any) -> tuple[None, str]:
    from fairlearn.metrics import MetricFrame
    from sklearn.metrics import recall_score, roc_auc_score

    def specificity(truth: np.ndarray, called: np.ndarray) -> float:
        return recall_score(truth, called > 1, pos_label=False)

    def sensitivity(truth: np.ndarray, called: np.ndarray) -> float:
        return recall_score(truth, called > 1)

    frame = MetricFrame(
        metrics={"auc": roc_auc_score, "sensitivity": sensitivity, "specificity": specificity},
        y_true=cases.positive,
        y_pred=cases.scores,
        sensitive_features=cases.stratum,
        n_boot=resamples,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    values = np.vstack((frame.overall.to_numpy(dtype=float), frame.by_group.to_numpy(dtype=float)))
    return None, f"draws cases, not patients; estimates differ by {largest(values, estimates(ours)):.1g}"


def pauc_test(data: Any) -> tuple[list[float], float]:
    import pauc

    truth = data.positive.astype(int)
    first, second = pauc.ROC(truth, data.first), pauc.ROC(truth, data.second)
    found = pauc.compare(first, second, method="delong", paired=True)
    said = re.search(r"Z = (\S+),", str(found))  # printed to four places
    return [float(first.auc), float(second.auc)], float(said[1]) if said else np.nan


def fast_delong(data: Any) -> tuple[np.ndarray, float]:
    from confidenceinterval.delong import fastDeLong

    order = np.argsort(~data.positive, kind="stable")
    scores = np.vstack((data.first, data.second))[:, order]
    areas, covariance = fastDeLong(scores, int(data.positive.sum()), None)
    contrast = np.array([1.0, -1.0])
    return areas, float((areas[0] - areas[1]) / np.sqrt(contrast @ covariance @ contrast))


def mlstatkit_test(data: Any) -> tuple[list[float], float]:
    from MLstatkit import Delong_test

    z, _, _, _, first, second, *_ = Delong_test(data.positive.astype(int), data.first, data.second)
    return [first, second], float(z)


def pystatsbio_test(data: Any) -> str:
    from pystatsbio.diagnostic import roc, roc_test

    truth = data.positive.astype(int)
    first, second = roc(truth, data.first), roc(truth, data.second)
    found = roc_test(first, second, predictor1=data.first, predictor2=data.second, response=truth)
    ours = paired_roc_areas(data.first, data.second, data.positive)
    return f"z by {abs(abs(float(found.statistic)) - abs(ours.z)):.1g}"


def proc_test(data: Any, areas: np.ndarray, z: float) -> tuple[str, str, float | None, str]:
    if not shutil.which("Rscript"):
        return "pROC in R", "not installed", None, ""
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder, "cases.csv"), Path(folder, "run.R")
        columns = np.column_stack((data.positive, data.first, data.second))
        np.savetxt(table, columns, delimiter=",", header="t,a,b", comments="", fmt=["%d", "%.17g", "%.17g"])
        script.write_text(PROC, encoding="utf-8")
        done = subprocess.run(["Rscript", str(script), str(table)], capture_output=True, text=True, check=False)
    if done.returncode:
        return "pROC in R", "not installed", None, ""
    version, used, first, second, found_z = done.stdout.split()
    difference = largest([float(first), float(second)], areas)
    return "pROC in R", version, float(used), f"areas by {difference:.1g}, z by {abs(abs(float(found_z)) - z):.1g}"


def luna_loop(scans: Any, resamples: int, ours: Any, rates: Sequence[float]) -> tuple[None, str]:
    """As the evaluation of LUNA16 goes: candidates of the drawn scans put together, a ROC curve, seven points read."""
    from sklearn.metrics import roc_curve

    rows = [np.flatnonzero(scans.scan == number) for number in range(scans.n)]
    found = np.empty(resamples)
    for number in range(resamples):
        drawn = np.repeat(np.arange(scans.n), draw(scans.n, SEED, number))
        chosen = np.concatenate([rows[scan] for scan in drawn])
        lesions, scores = scans.is_lesion[chosen], scans.scores[chosen]
        marked = np.isfinite(scores)
        false_share, found_share, _ = roc_curve(lesions[marked], scores[marked], drop_intermediate=False)
        rate = np.round(false_share * (~lesions).sum()) / scans.n
        sensitivity = found_share * (lesions & marked).sum() / lesions.sum()
        found[number] = np.interp(rates, rate, sensitivity).mean()
    ordered = np.sort(found)
    ends = ordered[[int(0.025 * (resamples - 1)), int(np.ceil(0.975 * (resamples - 1)))]]
    return None, f"same draws: limits by {largest(ends, ours.interval[:2]):.1g}"


def picai_bootstrap(scans: Any, resamples: int) -> tuple[None, str]:
    with contextlib.redirect_stdout(io.StringIO()):  # it greets
        from picai_eval.metrics import Metrics

    results: dict[str, list[tuple[int, float, float]]] = {str(number): [] for number in range(scans.n)}
    for scan, lesion, score in zip(scans.scan, scans.is_lesion, scans.scores, strict=True):
        results[str(scan)].append((int(lesion), float(score) if np.isfinite(score) else 0.0, float(lesion)))
    subjects = list(results)
    evaluated = Metrics(
        lesion_results=results,
        case_target={name: max((row[0] for row in results[name]), default=0) for name in subjects},
        case_pred={name: max((row[1] for row in results[name]), default=0.0) for name in subjects},
        case_weight=dict.fromkeys(subjects, 1.0),
        lesion_weight={name: [1.0] * len(results[name]) for name in subjects},
    )
    evaluated.bootstrap_score_ci(n_bootstraps=resamples, seed=1)
    return None, "another score: time only"
