"""Whole runs on sets of a few rows without files, answered by an output file: the cheapest complete run there is."""

import csv
import io
import json

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate

CARD = """\
format: dmn-bench/reference-set/1
id: tiny
version: 1.0.0
title: {en: Tiny}
modality: DX
findings: [{name: f}]
sampling: consecutive
local_prevalence: [{finding: f, value: 0.2, low: 0.1, high: 0.3, source: invented}]
reference_standard: {method: drawn}
strata:
  sex: {column: sex}
data_protection: {route: not_applicable}
"""
SCORED = {
    "name": "e",
    "task": "classification",
    "finding": "f",
    "unit": "exam",
    "metrics": [
        *("sensitivity", "specificity", "accuracy", "auc"),
        *("lr_positive", "lr_negative", "ppv_local", "npv_local"),
    ],
}
GRADED = {
    "name": "e",
    "task": "grading",
    "finding": "f",
    "unit": "exam",
    "scale": "icdr",
    "positive_when": ">= 2",
    "metrics": ["kappa_quadratic", "sensitivity", "specificity", "auc", "gradability"],
}
MARKED = {
    "name": "e",
    "task": "detection",
    "finding": "f",
    "unit": "lesion",
    "hit_rule": {"iou_at_least": 0.5},
    "metrics": [
        {"name": "lesion_sensitivity", "at_false_positives_per_image": [0.5, 2]},
        "lesion_sensitivity",
        "wafroc",
    ],
}


def case(case_id, patient, truth, *, exam=None, sex="F"):
    """One case; ``truth`` is stated of its exam."""
    return {"case_id": case_id, "patient_id": patient, "exam_id": exam or case_id, "truth": truth, "sex": sex}


def as_csv(rows, columns):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def answered(case_id, score):
    return {"case_id": case_id, "finding": "f", "score": score}


def run(folder, cases, answers, *, endpoint=SCORED, lesions=(), **more):
    """The results of a whole run as plain data. ``answers``: rows of the output file. ``more``: protocol keys."""
    root = folder / "set"
    root.mkdir(parents=True)
    (root / "reference_set.yaml").write_text(more.pop("card", CARD), encoding="utf-8")
    rows = [{**c, "laterality": "", "files": ""} for c in cases]
    columns = ["case_id", "patient_id", "exam_id", "laterality", "files", "sex"]
    (root / "cases.csv").write_text(as_csv(rows, columns), encoding="utf-8")
    by_exam = {c["exam_id"]: c["truth"] for c in cases if c["truth"] is not None}
    truth = [{"exam_id": e, "finding": "f", "value": v} for e, v in by_exam.items()]
    (root / "truth.csv").write_text(as_csv(truth, ["exam_id", "finding", "value"]), encoding="utf-8")
    if lesions:
        shape = ["case_id", "lesion_id", "finding", "x", "y", "width", "height"]
        (root / "lesions.csv").write_text(as_csv(lesions, shape), encoding="utf-8")
    names = list(dict.fromkeys(name for row in answers for name in row)) or ["case_id", "finding", "score"]
    (folder / "answers.csv").write_text(as_csv(answers, names), encoding="utf-8")
    reference_set.lock(root)
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "tiny",
        "reference_set": "set",
        "candidates": [
            {
                "id": "file",
                "adapter": "predictions",
                "options": {"path": "answers.csv", **more.pop("options", {})},
                "labels": {"positive": ["p"], "negative": ["n"], "indeterminate": ["d"]},
                "operating_points": more.pop("points", {"f": {"score_at_least": 0.5}}),
            }
        ],
        "endpoints": [endpoint],
        "strata": ["sex"],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
        **more,
    }
    path = folder / "tiny.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")  # JSON is YAML
    record = evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue())
    return record.results.model_dump(mode="json")


def by_key(results, fields=("value", "low", "high", "not_estimable", "n_units")):
    """(metric, parameters, analysis, stratum) -> the fields of its estimate."""
    return {
        (e["metric"], str(e["parameters"]), e["analysis"], str(e["stratum"])): {f: e[f] for f in fields}
        for e in results["estimates"]
    }


def value(results, metric, analysis="intention_to_diagnose", stratum=None):
    """The value of an estimate over everything or one stratum, None where there is none."""
    [found] = [
        e for e in results["estimates"] if (e["metric"], e["analysis"], e["stratum"]) == (metric, analysis, stratum)
    ][:1]
    return found["value"]
