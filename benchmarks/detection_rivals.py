"""What other programs do with marks and lesions, each called as its documentation says and at its own best settings."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable
from typing import Any

import numpy as np

OVERLAP = 0.5


def quietly(work: Callable[[], Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return work()


def coco_average(classes: tuple[Any, Any], dataset: Any, detections: Any, kind: str) -> Callable[[], float]:
    """Average precision at one overlap, all sizes; files are read and indexed before."""
    coco, judge = classes

    def prepared() -> tuple[Any, Any]:
        truth = coco()
        truth.dataset = copy.deepcopy(dataset)
        truth.createIndex()
        return truth, truth.loadRes(copy.deepcopy(detections))

    truth, said = quietly(prepared)

    def work() -> float:
        judged = judge(truth, said, kind)
        judged.params.iouThrs = np.array([OVERLAP])
        judged.params.areaRng, judged.params.areaRngLbl = [[0, 1e10]], ["all"]
        judged.params.maxDets = [100]
        judged.evaluate()
        judged.accumulate()
        return float(judged.eval["precision"][0, :, 0, 0, 0].mean())

    return lambda: quietly(work)


def pycocotools() -> tuple[Any, Any]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return COCO, COCOeval


def faster_coco_eval() -> tuple[Any, Any]:
    from faster_coco_eval import COCO, COCOeval_faster

    return COCO, COCOeval_faster


def coco_froc_curve(dataset: Any, detections: Any) -> list[tuple[float, float]]:
    """Its FROC curve of 50 points, without the drawing: false positives per image and sensitivity."""
    from coco_froc_analysis.froc.froc_curve import calc_scores, froc_point

    found: dict[int, list[float]] = {}
    alarms: dict[int, list[float]] = {}
    for score in np.linspace(0.0, 1.0, 50, endpoint=False):
        stats = froc_point(dataset, detections, score, True, OVERLAP)
        found, alarms = calc_scores(stats, found, alarms)
    return list(zip(alarms[1], found[1], strict=True))


def monai_curve(scans: Any, rates: Any) -> float:
    from monai.metrics import compute_froc_curve_data, compute_froc_score

    marked = np.isfinite(scans.scores)
    alarms, hits = scans.scores[marked & ~scans.is_lesion], scans.scores[marked & scans.is_lesion]
    # its thresholds leave out the lowest score, whatever it is
    rate, sensitivity = compute_froc_curve_data(alarms, hits, int(scans.is_lesion.sum()), scans.n)
    return float(compute_froc_score(rate, sensitivity, tuple(rates)))


def picai_metrics(scans: Any) -> Any:
    from picai_eval.metrics import Metrics

    results: dict[str, list[tuple[int, float, float]]] = {str(number): [] for number in range(scans.n)}
    for scan, lesion, score in zip(scans.scan, scans.is_lesion, scans.scores, strict=True):
        results[str(scan)].append((int(lesion), float(score) if np.isfinite(score) else 0.0, float(lesion)))
    subjects = list(results)
    return Metrics(
        lesion_results=results,
        case_target={name: max((row[0] for row in results[name]), default=0) for name in subjects},
        case_pred={name: max((row[1] for row in results[name]), default=0.0) for name in subjects},
        case_weight=dict.fromkeys(subjects, 1.0),
        lesion_weight={name: [1.0] * len(results[name]) for name in subjects},
    )


def picai_curve(metrics: Any) -> tuple[Any, Any]:
    metrics.thresholds = None
    counts = metrics.calculate_counts()
    return counts["FP"] / metrics.num_cases, counts["TP"] / metrics.num_lesions
