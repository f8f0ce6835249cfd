"""Average precision: by hand, against pycocotools and faster-coco-eval, and by properties."""

import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.metrics import average_precision as metrics
from dmn_bench.metrics.average_precision import AveragePrecision
from dmn_bench.metrics.detection import LesionSensitivity
from dmn_bench.statistics.average_precision import average_precision
from dmn_bench.tasks import detection
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.vocabulary import Mark, Mask

from ..shared_data import shared_data
from ..tasks.factories import FINDING, a_box, a_case, a_lesion, a_unit, by_case, context, marked, unanswered
from .test_detection_metrics import value

WITNESS = Path(__file__).parents[1] / "witnesses" / "coco_detection.json"
BOTH = [AveragePrecision(), AveragePrecision(interpolation="all_points")]


def of(hits, alarms, lesions, interpolation="all_points"):
    sides = [np.array([side], dtype=float) for side in (hits, alarms)]
    return float(average_precision(*sides, np.array([float(lesions)]), interpolation=interpolation)[0])


def judged(lesions, marks, names, overlap, iou_of="box", second_hits="ignored"):
    """Of images by name: lesions and marks of each."""
    units = [
        a_unit(n, "positive" if any(not one.ignore for one in lesions[n]) else "negative", cases=(a_case(n),),
               lesions={n: tuple(lesions[n])})
        for n in names
    ]  # fmt: skip
    rule = HitRule(iou_at_least=overlap, iou_of=iou_of)
    task = Detection(finding=FINDING, hit_rule=rule, second_hits=second_hits)
    return task.judge(units, by_case(*(marked(n, *marks[n]) for n in names)), context(units))


class TestByHand:
    def test_kinds_are_those_of_the_task(self):
        for name in ("LESION", "FALSE_POSITIVE", "SILENT_IMAGE", "SECOND_HIT", "CHARGED"):
            assert getattr(metrics, name) == getattr(detection, name)

    def test_steps_have_the_highest_precision_to_their_right(self):
        # from the top: hit, false, false, hit, of two lesions: 1 up to a half, 2/4 beyond
        assert of([1, 0, 0, 1], [0, 1, 1, 0], 2) == pytest.approx(0.75)
        assert of([1, 0, 0, 1], [0, 1, 1, 0], 2, "coco") == pytest.approx((51 * 1 + 50 * 0.5) / 101)

    def test_marks_of_one_score_are_taken_together(self):
        assert of([1], [1], 1) == of([2], [2], 2) == pytest.approx(0.5)

    @pytest.mark.parametrize("interpolation", ["coco", "all_points"])
    def test_the_ends_of_the_scale(self, interpolation):
        assert of([3], [0], 3, interpolation) == 1
        assert of([0], [5], 3, interpolation) == 0
        assert of([], [], 3, interpolation) == 0
        assert math.isnan(of([], [4][:0], 0, interpolation))

    def test_lesions_never_found_take_from_the_whole(self):
        assert of([1], [0], 4) == pytest.approx(0.25)
        assert of([1], [0], 4, "coco") == pytest.approx(26 / 101)

    @pytest.mark.parametrize("metric", BOTH)
    def test_second_hits_are_false_positives_whatever_the_endpoint_says(self, metric):
        lesions, marks = {"u": [a_lesion()]}, {"u": [a_box(x=1, score=0.9), a_box(score=0.95)]}
        found = [
            value(metric, judged(lesions, marks, ["u"], 0.5, second_hits=s)) for s in ("ignored", "false_positive")
        ]
        assert found == [1, 1]
        lesions["v"], marks["v"] = [a_lesion()], [a_box(score=0.5)]
        found = [
            value(metric, judged(lesions, marks, ["u", "v"], 0.5, second_hits=s)) for s in ("ignored", "false_positive")
        ]
        assert found[0] == found[1] < 1

    @pytest.mark.parametrize("metric", BOTH)
    def test_marks_without_a_score_still_count(self, metric):
        names = [f"u{n}" for n in range(50)]
        found = judged({n: [a_lesion()] for n in names}, {n: [a_box()] for n in names}, names, 0.5)
        assert value(metric, found) == 1
        assert value(LesionSensitivity(at_false_positives_per_image=0.125), found) == 1
        assert value(LesionSensitivity(), found) == 1

    @pytest.mark.parametrize("metric", BOTH)
    def test_an_image_left_unanswered_is_a_false_positive_above_all(self, metric):
        units = [a_unit("u1", lesions={"u1-case": (a_lesion(),)}), a_unit("u2", "negative")]
        task = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5))
        answers = by_case(marked("u1-case", a_box(score=0.9)), unanswered("u2-case"))
        assert value(metric, task.judge(units, answers, context(units))) == pytest.approx(0.5)


@pytest.fixture(scope="module")
def fractures():
    """Boxes with jittered copies as detections, ties broken by the order in which COCO takes them."""
    folder = shared_data("imaging/fracture_fracatlas/detector_example")
    truth, said, oracle = (
        json.loads((folder / name).read_text()) for name in ("gt_coco.json", "detections_coco.json", "oracle.json")
    )
    lesions, marks = defaultdict(list), defaultdict(list)
    for one in truth["annotations"]:
        lesions[str(one["image_id"])].append(a_lesion(str(one["id"]), *one["bbox"]))
    by_image = sorted(said, key=lambda one: (one["image_id"], -one["score"]))
    for rank, one in enumerate(sorted(by_image, key=lambda one: -one["score"])):
        marks[str(one["image_id"])].append(a_box(*one["bbox"], score=one["score"] - 1e-6 * rank))
    return lesions, marks, [str(image["id"]) for image in truth["images"]], oracle


class TestOtherPrograms:
    @pytest.mark.parametrize(("kind", "iou_of"), [("bbox", "box"), ("segm", "region")])
    def test_discs_with_regions_to_ignore_are_scored_as_by_pycocotools(self, kind, iou_of):
        witness = json.loads(WITNESS.read_text(encoding="utf-8"))
        names = [str(n + 1) for n in range(witness["images"])]
        lesions, marks = defaultdict(list), defaultdict(list)
        for n, one in enumerate(witness["lesions"]):
            lesions[str(one["image"])].append(
                a_lesion(f"l{n}", *one["box"], mask=mask(one, witness), ignore=one["ignore"])
            )
        for one in witness["marks"]:
            x, y, width, height = one["box"]
            marks[str(one["image"])].append(
                Mark(finding=FINDING, x=x, y=y, width=width, height=height, mask=mask(one, witness), score=one["score"])
            )
        found = [judged(lesions, marks, names, overlap, iou_of) for overlap in witness["overlaps"]]
        precision = [value(AveragePrecision(), one) for one in found]
        assert precision == pytest.approx(witness[kind]["average_precision"], abs=1e-12)
        assert [value(LesionSensitivity(), one) for one in found] == pytest.approx(witness[kind]["recall"], abs=1e-12)
        assert len(set(precision)) == 3

    @pytest.mark.parametrize(("name", "overlap"), [("AP50", 0.5), ("AP75", 0.75)])
    def test_boxes_of_fractures_are_scored_as_by_pycocotools_and_faster_coco_eval(self, fractures, name, overlap):
        *given, oracle = fractures
        found = value(AveragePrecision(), judged(*given, overlap))
        assert found == pytest.approx(oracle[name], abs=1e-12)
        assert found == pytest.approx(oracle["faster_coco_eval"][name], abs=1e-12)

    def test_the_means_over_ten_overlaps_are_those_of_pycocotools(self, fractures):
        *given, oracle = fractures
        found = [judged(*given, overlap) for overlap in np.linspace(0.5, 0.95, 10)]
        assert np.mean([value(AveragePrecision(), one) for one in found]) == pytest.approx(oracle["AP"], abs=1e-12)
        assert np.mean([value(LesionSensitivity(), one) for one in found]) == pytest.approx(oracle["AR100"], abs=1e-12)


counts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8)


@given(counts, st.integers(0, 5), st.sampled_from(["coco", "all_points"]))
def test_it_is_a_share_and_one_more_false_positive_never_raises_it(drawn, missed, interpolation):
    hits, alarms = zip(*drawn, strict=True)
    lesions = sum(hits) + missed
    found = of(hits, alarms, lesions, interpolation)
    if lesions == 0:
        assert math.isnan(found)
        return
    assert 0 <= found <= 1 + 1e-12
    for place in range(len(alarms)):
        more = [n + (at == place) for at, n in enumerate(alarms)]
        assert of(hits, more, lesions, interpolation) <= found + 1e-12


@given(counts, st.integers(1, 4), st.sampled_from(["coco", "all_points"]))
def test_everything_twice_gives_the_same(drawn, times, interpolation):
    hits, alarms = (np.array(side) for side in zip(*drawn, strict=True))
    lesions = int(hits.sum()) + 1
    found = of(hits * times, alarms * times, lesions * times, interpolation)
    assert found == pytest.approx(of(hits, alarms, lesions, interpolation), abs=1e-9)


def mask(one, witness):
    return Mask(structure=FINDING, rows=witness["size"], columns=witness["size"], runs=tuple(one["runs"]))
