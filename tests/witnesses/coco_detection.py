"""Makes coco_detection.json: needs pycocotools 2.0.11, not for the tests.

Run in an environment of its own: ``python tests/witnesses/coco_detection.py``. Discs at random as lesions, moved and
resized as detections, some lesions crowds (regions to ignore); every score is another, as COCO takes equal ones by
their order in the file.
"""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coding
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIZE, IMAGES = 48, 30
OVERLAPS = (0.3, 0.5, 0.75)
rng = np.random.default_rng(17)


def disc(x, y, radius):
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    return (np.hypot(columns - x, rows - y) <= radius).astype(np.uint8)


def runs(pixels):
    flat = pixels.ravel().astype(bool)
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return [0, *lengths] if flat[0] else lengths


def entry(pixels, **more):
    code = coding.encode(np.asfortranarray(pixels))
    box = coding.toBbox(code).tolist()
    return {"segmentation": {"size": [SIZE, SIZE], "counts": code["counts"].decode()}, "bbox": box, **more}


truth, said, lesions, marks = [], [], [], []
for image in range(1, IMAGES + 1):
    for _ in range(int(rng.integers(0, 4))):
        x, y, radius = rng.uniform(8, 40), rng.uniform(8, 40), rng.uniform(3, 8)
        pixels, crowd = disc(x, y, radius), int(rng.random() < 0.2)
        truth.append(
            entry(pixels, id=len(truth) + 1, image_id=image, category_id=1, iscrowd=crowd, area=int(pixels.sum()))
        )
        lesions.append({"image": image, "box": truth[-1]["bbox"], "runs": runs(pixels), "ignore": bool(crowd)})
        for _ in range(int(rng.integers(0, 3))):
            near = disc(x + rng.normal(0, 1.5), y + rng.normal(0, 1.5), radius * rng.uniform(0.6, 1.2))
            said.append(entry(near, image_id=image, category_id=1))
            marks.append({"image": image, "box": said[-1]["bbox"], "runs": runs(near)})
    for _ in range(int(rng.integers(0, 2))):
        far = disc(rng.uniform(4, 44), rng.uniform(4, 44), rng.uniform(2, 6))
        said.append(entry(far, image_id=image, category_id=1))
        marks.append({"image": image, "box": said[-1]["bbox"], "runs": runs(far)})
scores = ((rng.permutation(len(said)) + 1) / (len(said) + 1)).tolist()
for one, mark, score in zip(said, marks, scores, strict=True):
    one["score"] = mark["score"] = score

found = {}
with contextlib.redirect_stdout(io.StringIO()):
    reference = COCO()
    reference.dataset = {
        "info": {},
        "images": [{"id": n, "width": SIZE, "height": SIZE} for n in range(1, IMAGES + 1)],
        "annotations": truth,
        "categories": [{"id": 1, "name": "lesion"}],
    }
    reference.createIndex()
    for kind in ("bbox", "segm"):
        given = [{k: v for k, v in one.items() if kind == "segm" or k != "segmentation"} for one in said]
        judged = COCOeval(reference, reference.loadRes(given), kind)
        judged.params.iouThrs = np.array(OVERLAPS)
        judged.evaluate()
        judged.accumulate()
        found[kind] = {
            "average_precision": judged.eval["precision"][:, :, 0, 0, 2].mean(axis=1).tolist(),
            "recall": judged.eval["recall"][:, 0, 0, 2].tolist(),
        }
Path(__file__).with_suffix(".json").write_text(
    json.dumps({"size": SIZE, "images": IMAGES, "overlaps": OVERLAPS, "lesions": lesions, "marks": marks, **found})
    + "\n",
    encoding="utf-8",
)
