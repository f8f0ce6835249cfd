"""A reference set of small radiographs in DICOM, protocols that name devices on the network, and what they answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.harness import RunOptions, evaluate
from tests.inputs.factories import an_image, saved
from tests.patience import PATIENCE
from tests.set_factory import a_set

LEVELS = tuple(range(10, 220, 20))
MODEL = """\
class Candidate:
    def __init__(self, options):
        pass

    def answer(self, request):
        score = round(float(request["images"][0]["pixels"].mean()) / 255, 6)
        return {"status": "answered", "findings": {"fracture": {"score": score}}, "marks": []}
"""


def a_picture_of(level: int) -> np.ndarray:
    pixels = np.full((48, 40), level, dtype=np.uint8)
    pixels[7:20, 5:30] += 31
    return pixels


def write_set(folder: Path, n: int) -> Path:
    """A set of n cases of one image each in ``folder``/set, and the package of the model in ``folder``/model."""
    rows, truth = ["case_id,patient_id,exam_id,laterality,files,sex,age_years"], ["case_id,finding,value"]
    for place, level in enumerate(LEVELS[:n]):
        saved(an_image(a_picture_of(level), PatientName="Doe^Jane"), folder / "set" / f"i{place}.dcm")
        rows.append(f"c{place},p{place},e{place},L,i{place}.dcm,F,40")
        truth.append(f"c{place},fracture,{'positive' if level > 100 else 'negative'}")
    a_set(folder / "set", cases=rows, truth=truth)
    reference_set.lock(folder / "set")
    package = folder / "model"
    package.mkdir()
    (package / "the_model.py").write_text(MODEL)
    (package / "candidate.yaml").write_text(
        "format: dmn-bench/candidate/1\nid: model\nadapter: python\nentry: the_model:Candidate\n"
        "receives: {image: array}\n"
    )
    return folder


def asked(
    folder: Path,
    candidates: dict[str, dict[str, object]],
    network: list[str],
    *,
    scheduler: str | None = None,
    **execution: object,
):
    """The record of a run of these candidates: id -> adapter and its options; "model" is the package."""
    entries = [
        {"id": name, **({"package": "model"} if name == "model" else described)}
        | {"operating_points": {"fracture": {"score_at_least": 0.5}}}
        for name, described in candidates.items()
    ]
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "network",
        "reference_set": "set",
        "candidates": entries,
        "endpoints": [
            {
                "name": "exam",
                "task": "classification",
                "finding": "fracture",
                "unit": "case",
                "metrics": ["sensitivity"],
            }
        ],
        "statistics": {"resamples": 200, "seed": 1},
        "execution": {"seconds_per_case": PATIENCE, "attempts": 1, "network": network, **execution},
    }
    path = folder / "network.yaml"
    path.write_text(json.dumps(protocol))  # JSON is YAML
    return evaluate(path, RunOptions(run_dir=folder / "run", scheduler=scheduler), catalogue=build_catalogue())


def answers(folder: Path, candidate: str) -> dict[str, dict]:
    """What a run kept of a candidate's answers, by case."""
    lines = (folder / "run" / f"answers.{candidate}.jsonl").read_text().splitlines()
    return {row["case_id"]: row for row in map(json.loads, lines) if "case_id" in row}
