"""Matching marks to lesions, and curves of marks, beside other programs: a Markdown table, in processor seconds.

python benchmarks/detection.py [--quick]

Each job and its rivals run in this one process, one after the other, on one core; nobody's time includes reading files.
A rival that is not installed has a row that says so. A slow result is a result: the exit code is 0 whatever the times.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})
# Not this folder: its statistics.py would be found before the standard library's.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import argparse  # noqa: E402
import platform  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from importlib import metadata  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks import detection_rivals as rivals  # noqa: E402
from benchmarks import statistics as house  # noqa: E402
from benchmarks.detection_rivals import OVERLAP  # noqa: E402
from benchmarks.rivals import SEED, luna_loop, picai_bootstrap  # noqa: E402
from benchmarks.statistics import OURS, RATES, Scans, Table  # noqa: E402
from dmn_bench.statistics.average_precision import average_precision  # noqa: E402
from dmn_bench.statistics.localisation import froc_curve, sensitivities_at  # noqa: E402
from dmn_bench.tasks.hit_rules import HitRule  # noqa: E402
from dmn_bench.tasks.mark_matching import CaseMarks, match_cases  # noqa: E402
from dmn_bench.vocabulary import Case, Lesion, Mark, Mask  # noqa: E402

SIZE = 512  # of every image, px
TIMES = 7  # a job of milliseconds runs so often; the best counts


@dataclass(frozen=True, kw_only=True)
class Images:
    """The same lesions and marks as ours and as COCO has them."""

    cases: list[CaseMarks]
    dataset: dict[str, Any]
    detections: list[dict[str, Any]]

    @classmethod
    def of(cls, n: int, *, masks: bool) -> Images:
        """About two lesions and six marks on each image; every score is another."""
        rng = np.random.default_rng(SEED)
        lesions: list[list[Lesion]] = [[] for _ in range(n)]
        marks: list[list[Mark]] = [[] for _ in range(n)]
        annotations, detections = [], []
        for image in range(n):
            discs = [(*rng.uniform(40, SIZE - 40, 2), rng.uniform(8, 30)) for _ in range(int(rng.poisson(2)))]
            near = [(x + rng.normal(0, 5), y + rng.normal(0, 5), r * rng.uniform(0.8, 1.2)) for x, y, r in discs]
            marked = [disc for disc in near if rng.random() < 0.8]
            far = [(*rng.uniform(40, SIZE - 40, 2), rng.uniform(8, 30)) for _ in range(int(rng.poisson(4)))]
            for disc in discs:
                place, entry = geometry(*disc, masks=masks)
                number = len(annotations) + 1
                lesions[image].append(Lesion(lesion_id=str(number), finding="f", image=None, frame=None, **place))
                area = entry["bbox"][2] * entry["bbox"][3]
                annotations.append({**entry, "id": number, "image_id": image, "area": area, "iscrowd": 0})
            for disc, score in zip(marked + far, rng.random(len(marked) + len(far)).tolist(), strict=True):
                place, entry = geometry(*disc, masks=masks)
                marks[image].append(Mark(finding="f", score=score, **place))
                detections.append({**entry, "image_id": image, "score": score})
        images = [{"id": image, "width": SIZE, "height": SIZE, "file_name": f"{image}.png"} for image in range(n)]
        categories = [{"id": 1, "name": "f"}]
        return cls(
            cases=[CaseMarks(case=case(image), lesions=lesions[image], marks=marks[image]) for image in range(n)],
            dataset={"info": {}, "images": images, "annotations": annotations, "categories": categories},
            detections=detections,
        )

    def average(self, rule: HitRule) -> float:
        """Matching and average precision, as COCO's two steps."""
        found = match_cases(self.cases, rule)
        scores = np.array([mark.score for one in self.cases for mark in one.marks], dtype=float)
        is_hit = np.zeros(len(scores), dtype=bool)
        is_hit[found.found_by[found.found_by >= 0]] = True
        order = np.argsort(scores)
        hits = is_hit[order].astype(float)
        return float(average_precision(hits[None], 1 - hits[None], np.array([float(len(found.found_by))]))[0])

    def curve(self, rule: HitRule) -> Any:
        """Matching and the FROC curve at every score."""
        found = match_cases(self.cases, rule)
        scores = np.array([mark.score for one in self.cases for mark in one.marks], dtype=float)
        is_hit = np.zeros(len(scores), dtype=bool)
        is_hit[found.found_by[found.found_by >= 0]] = True
        order = np.argsort(scores)
        hits = is_hit[order].astype(float)
        n = {"n_lesions": float(len(found.found_by)), "n_images": float(len(self.cases))}
        return froc_curve(hits, 1 - hits, scores[order], **n)


def case(number: int) -> Case:
    name = str(number)
    return Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=(f"{name}.png",), strata={})


def geometry(x: float, y: float, radius: float, *, masks: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """A disc as ours and as COCO has it: its box, or its pixels."""
    box = [float(value) for value in (x - radius, y - radius, 2 * radius, 2 * radius)]
    entry: dict[str, Any] = {"bbox": box, "category_id": 1}
    if not masks:
        return dict(zip(("x", "y", "width", "height"), box, strict=True)), entry
    from pycocotools import mask as coding

    rows, columns = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    pixels = np.hypot(columns - x, rows - y) <= radius
    edges = np.flatnonzero(np.diff(pixels.ravel())) + 1
    runs = tuple(np.diff(np.concatenate(([0], edges, [pixels.size]))).tolist())
    code = coding.encode(np.asfortranarray(pixels.astype(np.uint8)))
    mask = Mask(structure="f", rows=SIZE, columns=SIZE, runs=runs)
    around = [float(value) for value in coding.toBbox(code)]
    place = {"mask": mask, **dict(zip(("x", "y", "width", "height"), around, strict=True))}
    return place, {**entry, "bbox": around, "segmentation": code}


def against(found: float, ours: float) -> tuple[float, str]:
    return found, f"average precision by {abs(found - ours):.1g}"


def matching(n: int, *, masks: bool) -> Table:
    images = Images.of(n, masks=masks)
    n_marks = sum(len(one.marks) for one in images.cases)
    kind, rule = (
        ("segm", HitRule(iou_at_least=OVERLAP, iou_of="region")) if masks else ("bbox", HitRule(iou_at_least=OVERLAP))
    )
    what = "masks" if masks else "boxes"
    table = Table(
        what, f"{n_marks:,} {what} on {n:,} images: matching and average precision at an overlap of {OVERLAP}"
    )
    ours = table.run(OURS, "dmn-bench", lambda: (images.average(rule), ""))
    for name, package, classes in (
        ("pycocotools", "pycocotools", rivals.pycocotools),
        ("faster-coco-eval", "faster-coco-eval", rivals.faster_coco_eval),
    ):
        try:
            work = rivals.coco_average(classes(), images.dataset, images.detections, kind)
        except ImportError:
            table.add(name, "not installed", None, "")
            continue
        table.run(name, package, lambda work=work: against(work(), ours))
    return table


def curve_of_boxes(n: int) -> Table:
    images, rule = Images.of(n, masks=False), HitRule(iou_at_least=OVERLAP)
    table = Table("FROC of boxes", f"the same boxes on {n:,} images: matching and the FROC curve")
    ours = table.run(f"{OURS}, at every score", "dmn-bench", lambda: (images.curve(rule), ""))

    def theirs() -> tuple[Any, str]:
        points = rivals.coco_froc_curve(images.dataset, images.detections)
        # its lowest point keeps every mark
        return points, f"sensitivity of all marks by {abs(points[0][1] - ours.sensitivity[-1]):.1g} (counts far marks)"

    table.run("coco-froc-analysis, 50 scores", "coco-froc-analysis", theirs)
    return table


def curve_of_scans(n: int) -> Table:
    scans = Scans.of(n)
    marked = np.isfinite(scans.scores)
    table = Table("FROC curve", f"one curve of {n:,} scans with {int(marked.sum()):,} candidates already matched")
    lesions, images = np.array([float(scans.is_lesion.sum())]), np.array([float(scans.n)])

    def ours() -> tuple[Any, str]:
        scores, place = np.unique(scans.scores[marked], return_inverse=True)
        hits, alarms = (
            np.bincount(place, weights=side[marked], minlength=len(scores))
            for side in (scans.is_lesion, ~scans.is_lesion)
        )
        curve = froc_curve(hits, alarms, scores, n_lesions=float(lesions[0]), n_images=float(images[0]))
        return (curve, sensitivities_at(hits[None], alarms[None], lesions, images, RATES, interpolation="linear")), ""

    curve, at_rates = table.run(f"{OURS}, curve and seven points", "dmn-bench", ours)

    def monai() -> tuple[float, str]:
        score = rivals.monai_curve(scans, RATES)
        return score, f"mean of the seven points by {abs(score - float(at_rates.mean())):.1g}"

    def picai(metrics: Any) -> tuple[Any, str]:
        rate, share = rivals.picai_curve(metrics)
        # it has a point for unmarked lesions at 0, where all are found
        apart = np.interp(rate[:-1], curve.false_positives_per_image, curve.sensitivity)
        return (
            share,
            f"sensitivity by {np.abs(apart - share[:-1])[np.isin(rate[:-1], rate[1:]) == 0].max(initial=0):.1g}",
        )

    try:
        metrics = rivals.quietly(lambda: rivals.picai_metrics(scans))
        table.run("picai_eval, curve", "picai_eval", lambda: picai(metrics))
    except ImportError:
        table.add("picai_eval, curve", "not installed", None, "")
    table.run("MONAI, curve and seven points", "monai", monai)
    return table


def bootstrap(n: int, resamples: int) -> Table:
    scans = Scans.of(n)
    table = Table("FROC bootstrap", f"{resamples} resamples of {n:,} scans, seven points of the curve each")
    limits = table.run(f"{OURS}, percentile", "dmn-bench", lambda: (scans.interval(resamples, "percentile"), ""))
    table.run("loop as LUNA16's", "numpy", lambda: luna_loop(scans, resamples, limits, RATES))
    half = resamples // 2
    table.run("picai_eval, AUROC and AP", "picai_eval", lambda: picai_bootstrap(scans, half), share=half / resamples)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small jobs, to see that it runs")
    is_quick = parser.parse_args().quick
    house.TIMED = 2 if is_quick else TIMES
    images, scans, resamples = (40, 100, 20) if is_quick else (300, 1_000, 200)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {metadata.version('scipy')}, one core\n")
    tables = [matching(images, masks=False), curve_of_boxes(images)]
    try:
        tables.append(matching(images, masks=True))
    except ImportError:
        print("- masks: needs pycocotools to make them")
    tables += [curve_of_scans(scans), bootstrap(scans, resamples)]
    for table in tables:
        print(f"- {table.job}: {table.text}")
    print("\n| job | contestant | version | CPU s | × ours | agreement with ours | scaled |")
    print("|---|---|---|---:|---:|---|---|")
    for table in tables:
        table.printed()


if __name__ == "__main__":
    main()
