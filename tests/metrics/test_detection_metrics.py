"""Free-response metrics: by hand, and against LUNA16, RJafroc and pycocotools."""

import copy
import csv
import json
import math
import pickle
from collections import defaultdict

import numpy as np
import pytest

from dmn_bench.hookspecs import ClosedFormMetric
from dmn_bench.metrics.detection import (
    LUNA16_RATES,
    AfrocArea,
    FalsePositivesPerImage,
    FalsePositivesPerNormalImage,
    LesionSensitivity,
    Luna16Mean,
    WeightedAfrocArea,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.tasks import detection
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.vocabulary import Answer, Lesion, Mark

from ..shared_data import shared_data
from ..tasks.factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_box,
    a_case,
    a_lesion,
    a_unit,
    by_case,
    context,
    marked,
    unanswered,
)

TASK = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5))


def value(metric, judgements):
    return float(metric.value(totals(metric.columns(judgements)))[0])


def judge(units, answers, analysis=ITD, task=TASK, **point):
    return task.judge(units, answers, context(units, analysis, **point))


def small(analysis=ITD, **point):
    """Two lesions at 0.9 and unmarked, one of a unit left unanswered; false positives 0.6 and 0.3; four units."""
    units = [
        a_unit("u1", "positive", lesions={"u1-case": (a_lesion("l1"), a_lesion("l2", x=50))}),
        a_unit("u2", "positive", lesions={"u2-case": (a_lesion("l3"),)}),
        a_unit("u3", "negative"),
        a_unit("u4", "negative"),
    ]
    answers = by_case(
        marked("u1-case", a_box(score=0.9), a_box(x=100, score=0.3)),
        unanswered("u2-case"),
        marked("u3-case", a_box(score=0.6)),
        marked("u4-case"),
    )
    return judge(units, answers, analysis, **point)


class TestByHand:
    def test_kinds_are_those_of_the_task(self):
        from dmn_bench.metrics import detection as metrics

        for name in (
            "LESION",
            "FALSE_POSITIVE",
            "UNIT",
            "SILENT_IMAGE",
            "CHARGED",
        ):  # of average precision: its own test
            assert getattr(metrics, name) == getattr(detection, name)

    @pytest.mark.parametrize(("analysis", "share"), [(ITD, 1 / 3), (EVALUABLE, 1 / 2)])
    def test_sensitivity_at_the_operating_point(self, analysis, share):
        assert value(LesionSensitivity(), small(analysis, score_at_least=0.5)) == pytest.approx(share)

    def test_a_higher_operating_point_finds_less(self):
        assert value(LesionSensitivity(), small(score_at_least=0.95)) == 0

    @pytest.mark.parametrize(
        ("analysis", "point", "rate"),
        [(ITD, 0.5, 2 / 4), (ITD, 0.2, 3 / 4), (ITD, 0.95, 1 / 4), (EVALUABLE, 0.5, 1 / 3)],
    )
    def test_an_unanswered_image_counts_one_false_positive(self, analysis, point, rate):
        assert value(FalsePositivesPerImage(), small(analysis, score_at_least=point)) == pytest.approx(rate)

    @pytest.mark.parametrize(
        ("analysis", "point", "rate"), [(ITD, 0.5, 1 / 2), (ITD, 0.2, 1 / 2), (ITD, 0.95, 0), (EVALUABLE, 0.5, 1 / 2)]
    )
    def test_of_normal_units_the_false_positives_of_diseased_ones_do_not_count(self, analysis, point, rate):
        assert value(FalsePositivesPerNormalImage(), small(analysis, score_at_least=point)) == pytest.approx(rate)

    def test_an_unanswered_normal_image_counts_one(self):
        found = judge([a_unit("u1", "negative"), a_unit("u2", "negative")], by_case(marked("u1-case")))
        assert value(FalsePositivesPerNormalImage(), found) == pytest.approx(1 / 2)

    @pytest.mark.parametrize(
        ("analysis", "rate", "share"), [(ITD, 0.2, 0), (ITD, 0.25, 1 / 3), (EVALUABLE, 0.1, 1 / 2)]
    )
    def test_at_a_rate_the_threshold_comes_from_the_curve_where_an_unanswered_image_is_a_false_positive(
        self, analysis, rate, share
    ):
        found = small(analysis, score_at_least=0.95)
        assert value(LesionSensitivity(at_false_positives_per_image=rate), found) == pytest.approx(share)

    def test_the_luna16_mean_charges_an_unanswered_scan_likewise(self):
        # One of four scans: nothing up to 1/8, then the lesion at 0.9 alone, as straight lines give it.
        assert value(Luna16Mean(), small()) == pytest.approx(6 / 7 * 1 / 3)
        assert value(Luna16Mean(), small(EVALUABLE)) == pytest.approx(1 / 2)

    def test_afroc_sets_lesions_against_normal_units(self):
        # Lesions 0.9, −∞, −∞ against 0.6 and −∞: 2 wins, 2 losses, 2 ties of 6.
        assert value(AfrocArea(), small()) == pytest.approx((2 + 2 * 0.5) / 6)

    def test_wafroc_lets_the_lesions_of_a_unit_share_its_weight(self):
        # Unit 1: ½·(1 + 1) + ½·(0 + ½); unit 2: 0 + ½; over 2 units and 2 comparisons.
        assert value(WeightedAfrocArea(), small()) == pytest.approx((1 + 0.25 + 0.5) / 4)

    def test_an_unanswered_normal_unit_loses_against_every_lesion(self):
        units = [a_unit("u1", "positive", lesions={"u1-case": (a_lesion(),)}), a_unit("u2", "negative")]
        answers = by_case(marked("u1-case", a_box(score=0.9)), unanswered("u2-case"))
        assert value(AfrocArea(), judge(units, answers)) == 0

    def test_without_lesions_or_normal_units_there_is_no_area(self):
        units = [a_unit("u1", "negative")]
        assert math.isnan(value(AfrocArea(), judge(units, by_case(marked("u1-case")))))


class TestTwoFormsOfLesionSensitivity:
    at_point, at_rate = LesionSensitivity(), LesionSensitivity(at_false_positives_per_image=0.5)

    def test_only_the_share_at_the_operating_point_has_closed_form_intervals(self):
        assert isinstance(self.at_point, ClosedFormMetric)
        assert not isinstance(self.at_rate, ClosedFormMetric)

    @pytest.mark.parametrize("metric", [at_point, at_rate])
    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda metric: pickle.loads(pickle.dumps(metric))])
    def test_a_copy_stays_what_it_is(self, metric, copied):
        assert copied(metric) == metric
        assert type(copied(metric)) is type(metric)


# ------------------------------------------------------------------------------------------------ other programs


@pytest.fixture(scope="module")
def luna16():
    """The real output of a nodule detector on 430 scans, judged under the rules of the challenge."""
    folder = shared_data("imaging/ai_ct_luna16_deeplung")
    lesions, marks = defaultdict(list), defaultdict(list)
    for name, ignore in (("annotations.csv", False), ("annotations_excluded.csv", True)):
        with (folder / name).open() as stream:
            for n, row in enumerate(csv.DictReader(stream)):
                x, y, z, diameter = (float(row[key]) for key in ("coordX", "coordY", "coordZ", "diameter_mm"))
                lesions[row["seriesuid"]].append(
                    Lesion(lesion_id=f"{name}{n}", finding=FINDING, image=None, frame=None, x_mm=x, y_mm=y, z_mm=z,
                           diameter_mm=diameter, ignore=ignore)
                )  # fmt: skip
    with (folder / "vendor_candidates.tsv").open() as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            x, y, z, score = (float(row[key]) for key in ("coordX", "coordY", "coordZ", "probability"))
            marks[row["seriesuid"].zfill(5)].append(Mark(finding=FINDING, x_mm=x, y_mm=y, z_mm=z, score=score))
    scans = (folder / "seriesuids.csv").read_text().split()
    units = []
    for scan in scans:
        is_positive = any(not lesion.ignore for lesion in lesions[scan])
        reference = "positive" if is_positive else "negative"
        units.append(a_unit(scan, reference, cases=(a_case(scan),), lesions={scan: tuple(lesions[scan])}))
    answers = {scan: Answer(case_id=scan, status="answered", marks=tuple(marks[scan])) for scan in scans}
    found = judge(units, answers, task=Detection(finding=FINDING, hit_rule=HitRule(luna16=True)))
    return found, json.loads((folder / "oracle_official_luna16.json").read_text())


class TestLuna16:
    def test_the_sensitivities_are_those_of_the_official_program(self, luna16):
        found, official = luna16
        ours = [
            value(LesionSensitivity(at_false_positives_per_image=rate, interpolation="linear"), found)
            for rate in LUNA16_RATES
        ]
        assert ours == pytest.approx(official["sensitivity"], abs=1e-9)
        assert value(Luna16Mean(), found) == pytest.approx(official["mean"], abs=1e-9)

    def test_the_counts_are_those_of_the_official_program(self, luna16):
        found, official = luna16
        (table,) = TASK.tables(found)
        counts = official["counts"]
        assert table.counts[0] == (counts["Total number of nodules"], counts["True positives"])
        assert table.counts[1][0] == counts["False positives"]


@pytest.fixture(scope="module")
def jafroc():
    """Marks of two modalities by five readers, as judgements of each, and the figures for them."""
    folder = shared_data("imaging/metrics_jafroc/dataset01")
    with (folder / "truth.csv").open() as stream:
        truth = list(csv.DictReader(stream))
    with (folder / "marks.csv").open() as stream:
        readings = defaultdict(lambda: defaultdict(list))
        for row in csv.DictReader(stream):
            if not row["rating"]:
                continue
            x = 100.0 * int(row["lesion"]) if row["mark_type"] == "LL" else 5000.0
            readings[int(row["modality"]), int(row["reader"])][row["case"]].append(
                a_box(x=x, score=float(row["rating"]))
            )
    units = []
    for row in truth:
        ids, weights = row["lesion_ids"].split("|"), row["lesion_weights"].split("|")
        lesions = tuple(
            a_lesion(one, x=100.0 * int(one), weight=float(weight))
            for one, weight in zip(ids, weights, strict=True)
            if one
        )
        reference = "positive" if lesions else "negative"
        units.append(a_unit(row["case"], reference, cases=(a_case(row["case"]),), lesions={row["case"]: lesions}))
    judged = [
        [judge(units, by_case(*(marked(row["case"], *readings[m, r][row["case"]]) for row in truth))) for r in range(5)]
        for m in range(2)
    ]
    return judged, json.loads((folder / "oracle.json").read_text())["fom"]


@pytest.mark.parametrize(
    ("source", "name", "metric"),
    [
        ("golden_rjafroc", "AFROC1", AfrocArea(all_units=True)),
        ("golden_rjafroc", "wAFROC1", WeightedAfrocArea(all_units=True)),
        ("golden_rjafroc", "MaxLLF", LesionSensitivity()),
        ("golden_rjafroc", "MaxNLF", FalsePositivesPerNormalImage()),
        ("ours_same_code", "AFROC", AfrocArea()),
        ("ours_same_code", "wAFROC", WeightedAfrocArea()),
    ],
)
def test_the_figures_of_ten_readings_are_those_of_rjafroc(jafroc, source, name, metric):
    judged, figures = jafroc
    found = [[value(metric, one) for one in of_modality] for of_modality in judged]
    assert np.array(found) == pytest.approx(np.array(figures[source][name]), abs=1e-12)


def test_the_area_beneath_the_afroc_curve_is_the_area(jafroc):
    for one in jafroc[0][0]:
        _, curve = TASK.curves(one)
        assert curve.name == "afroc"
        assert np.trapezoid(curve.y, curve.x) == pytest.approx(value(AfrocArea(), one), abs=1e-12)
