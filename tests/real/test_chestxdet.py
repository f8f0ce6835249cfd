"""Annotations of 3,025 chest radiographs without the pictures: boxes and outlines of the same findings fit."""

import json
from collections import Counter

import numpy as np
import pytest

from dmn_bench.tasks.outlines import filled
from tests.shared_data import shared_data

SIDE = 1024
KEYS = ("syms", "boxes", "polygons")


@pytest.fixture(scope="module")
def annotated():
    path = shared_data("imaging/cxr_chestxdet_annotations/ChestX_Det_train.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def overlaps(annotated):
    """Finding -> intersection over union of each box with the pixels of its outline, on every eighth picture."""
    found: dict[str, list[float]] = {}
    for picture in annotated[::8]:
        for name, (x1, y1, x2, y2), outline in zip(*(picture[key] for key in KEYS), strict=True):
            moved = tuple((x - x1 + 2, y - y1 + 2) for x, y in outline)  # a small grid round the box
            inside = filled(moved, y2 - y1 + 4, x2 - x1 + 4)
            boxed = np.zeros_like(inside)
            boxed[2:-2, 2:-2] = True
            found.setdefault(name, []).append(float((inside & boxed).sum() / (inside | boxed).sum()))
    return found


def test_every_finding_has_a_box_and_an_outline_on_the_picture(annotated):
    assert len(annotated) == 3025
    counts = Counter(name for picture in annotated for name in picture["syms"])
    assert len(counts) == 13
    for picture in annotated:
        assert len(picture["syms"]) == len(picture["boxes"]) == len(picture["polygons"])
        for (x1, y1, x2, y2), outline in zip(picture["boxes"], picture["polygons"], strict=True):
            assert 0 <= x1 < x2 <= SIDE
            assert 0 <= y1 < y2 <= SIDE
            assert len(outline) >= 3


def test_outlines_lie_in_their_boxes_and_reach_their_edges(annotated):
    beyond = [
        [*(np.min(outline, axis=0) - box[:2]), *(box[2:] - np.max(outline, axis=0))]
        for picture in annotated
        for box, outline in zip(picture["boxes"], picture["polygons"], strict=True)
    ]
    assert len(beyond) == 7905
    assert np.min(beyond) >= 0
    assert np.mean(np.max(beyond, axis=1) <= 1) > 0.98


def test_what_was_drawn_fills_its_box_as_its_shape_says(overlaps):
    """What a rule on regions takes from a device that draws boxes: an ellipse fills π/4 of its box."""
    shares = {name: float(np.median(of_finding)) for name, of_finding in overlaps.items()}
    for round_one in ("Cardiomegaly", "Mass"):
        assert shares[round_one] == pytest.approx(np.pi / 4, abs=0.06)
    assert shares["Pneumothorax"] < shares["Pleural Thickening"] < 0.4  # a rim
    assert all(0 < share < 1 for of_finding in overlaps.values() for share in of_finding)
