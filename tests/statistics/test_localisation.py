"""FROC and AFROC against published golden values and an official script's numbers, and the honest edges."""

import csv
import json
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.statistics.localisation import afroc_area, afroc_curve, froc_curve, sensitivity_at
from dmn_bench.statistics.resampling import totals
from dmn_bench.vocabulary import Columns

from ..shared_data import shared_data


def at(hits, alarms, rate, *, lesions=None, images=10, interpolation="step"):
    hits, alarms = np.array([hits], dtype=float), np.array([alarms], dtype=float)
    n_lesions = np.array([hits.sum() if lesions is None else lesions], dtype=float)
    return float(sensitivity_at(hits, alarms, n_lesions, np.array([images]), rate, interpolation=interpolation)[0])


def test_a_device_whose_marks_all_carry_one_score_keeps_its_lesions():
    assert at([50], [5], 1.0, images=5) == 1.0
    assert at([50], [6], 1.0, images=5) == 0.0  # no threshold stays within the rate
    assert at([50], [6], 1.0, images=5, interpolation="linear") == pytest.approx(5 / 6)


def test_marks_beyond_the_last_change_nothing():
    for interpolation in ("step", "linear"):
        assert at([1, 1], [1, 0], 8.0, lesions=4, interpolation=interpolation) == 0.5


def test_hits_at_the_score_of_an_allowed_false_positive_count():
    assert at([1, 1], [3, 1], 0.1, images=10) == 0.5
    assert at([1, 1], [0, 29], 0.29, images=100) == 1  # 29 of 100 is not above 0.29, whatever binary says


def test_without_lesions_or_images_there_is_no_sensitivity():
    assert np.isnan(at([0], [3], 1.0))
    assert np.isnan(at([1], [3], 1.0, images=0))
    assert at([], [], 1.0, lesions=3) == 0.0
    with pytest.raises(ValueError, match="rate"):
        at([1], [1], 0)
    with pytest.raises(ValueError, match="lesion"):
        froc_curve(np.ones(1), np.ones(1), np.ones(1), n_lesions=0, n_images=1)


CELLS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)


@given(CELLS, st.floats(0.01, 4))
def test_sensitivity_is_read_off_the_curve(cells, rate):
    hits, alarms = np.array(cells, dtype=float).T
    lesions = hits.sum() + 1
    curve = froc_curve(hits, alarms, np.arange(len(cells), dtype=float), n_lesions=lesions, n_images=7)
    within = curve.false_positives_per_image <= rate
    assert at(hits, alarms, rate, lesions=lesions, images=7) == pytest.approx(curve.sensitivity[within].max())
    linear = np.interp(rate, curve.false_positives_per_image, curve.sensitivity)
    found = at(hits, alarms, rate, lesions=lesions, images=7, interpolation="linear")
    assert found == pytest.approx(linear)
    assert found >= at(hits, alarms, rate, lesions=lesions, images=7) - 1e-12


@given(st.lists(CELLS.filter(lambda c: len(c) > 2).map(lambda c: c[:3]), min_size=2, max_size=5))
def test_many_weightings_at_once_are_each_alone(rows):
    hits, alarms = np.moveaxis(np.array(rows, dtype=float), 2, 0)
    lesions, images = np.full(len(rows), 9.0), np.arange(1.0, len(rows) + 1)
    for interpolation in ("step", "linear"):
        together = sensitivity_at(hits, alarms, lesions, images, 0.5, interpolation=interpolation)
        alone = [
            at(h, a, 0.5, lesions=9, images=i, interpolation=interpolation)
            for h, a, i in zip(hits, alarms, images, strict=True)
        ]
        np.testing.assert_array_equal(together, alone)


def test_a_thinned_curve_keeps_its_ends():
    rng = np.random.default_rng(1)
    curve = froc_curve(
        rng.random(900), rng.random(900), np.sort(rng.random(900)), n_lesions=500, n_images=10, max_points=50
    )
    assert len(curve.thresholds) <= 50
    assert curve.false_positives_per_image[0] == 0
    assert curve.thresholds[0] is None
    assert curve.false_positives_per_image[-1] > 40


# ------------------------------------------------------------------------------------- reader data with golden values


def read(path, delimiter=","):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_afroc_areas_of_published_reader_data():
    truth = read(shared_data("imaging/metrics_jafroc/dataset01/truth.csv"))
    marks = read(shared_data("imaging/metrics_jafroc/dataset01/marks.csv"))
    oracle = json.loads(shared_data("imaging/metrics_jafroc/dataset01/oracle.json").read_text())["fom"]
    golden = {**oracle["ours_same_code"], **oracle["golden_rjafroc"]}
    lesions = {
        (row["case"], lesion): float(weight)
        for row in truth
        if int(row["n_lesions"])
        for lesion, weight in zip(row["lesion_ids"].split("|"), row["lesion_weights"].split("|"), strict=True)
    }
    normal = {row["case"] for row in truth if row["n_lesions"] == "0"}
    assert (len(normal), len({case for case, _ in lesions})) == (96, 89)
    for modality in range(2):
        for reader in range(5):
            rated, highest = dict.fromkeys(lesions, -np.inf), {row["case"]: -np.inf for row in truth}
            for mark in marks:
                if (mark["modality"], mark["reader"]) != (str(modality), str(reader)):
                    continue
                rating = float(mark["rating"])
                if mark["mark_type"] == "NL":
                    highest[mark["case"]] = max(highest[mark["case"]], rating)
                else:
                    rated[mark["case"], mark["lesion"]] = rating
            scores = np.array([*rated.values(), *highest.values()])
            none, all_cases = np.zeros(len(rated)), np.ones(len(highest))
            columns = Columns(
                sums={},
                ranked={
                    "lesions": np.r_[none + 1, all_cases * 0],
                    "weighted": np.r_[list(lesions.values()), all_cases * 0],
                    "normal": np.r_[none, [case in normal for case in highest]],
                    "all": np.r_[none, all_cases],
                },
                scores=scores,
            )
            found = totals(columns).ranked
            for name, lesion, negative in [
                ("AFROC", "lesions", "normal"),
                ("AFROC1", "lesions", "all"),
                ("wAFROC", "weighted", "normal"),
                ("wAFROC1", "weighted", "all"),
            ]:
                expected = golden[name][modality][reader]
                assert afroc_area(found[lesion], found[negative])[0] == pytest.approx(expected, abs=1e-12), name


# ------------------------------------------------------------------- a challenge's official script on real CAD output


def judged_as_luna16(folder):
    """Rows (score, hit, false positive) by the challenge's rule; written here, apart from the product's own."""
    scans = [int(line) for line in (folder / "seriesuids.csv").read_text().split()]
    by_scan = {name: defaultdict(list) for name in ("nodules", "excluded", "marks")}
    for name, file, delimiter in [
        ("nodules", "annotations.csv", ","),
        ("excluded", "annotations_excluded.csv", ","),
        ("marks", "vendor_candidates.tsv", "\t"),
    ]:
        for row in read(folder / file, delimiter):
            values = [float(row[key]) for key in row if key != "seriesuid"]
            by_scan[name][int(row["seriesuid"])].append(values)
    rows = []
    for scan in scans:
        marks = np.array(by_scan["marks"][scan], dtype=float).reshape(-1, 4)
        if len(marks) > 100:
            marks = marks[marks[:, 3] > np.sort(marks[:, 3])[-101]]
        free = np.ones(len(marks), dtype=bool)
        for is_nodule, regions in ((True, by_scan["nodules"][scan]), (False, by_scan["excluded"][scan])):
            for x, y, z, diameter in regions:
                radius = (diameter if diameter >= 0 else 10.0) / 2
                inside = ((marks[:, :3] - (x, y, z)) ** 2).sum(axis=1) < radius**2
                if is_nodule and inside.any():
                    rows.append((marks[inside, 3].max(), 1.0, 0.0))
                free &= ~inside
        rows += [(score, 0.0, 1.0) for score in marks[free, 3]]
    return np.array(rows).T, sum(len(v) for v in by_scan["nodules"].values()), len(scans)


def test_sensitivities_of_the_luna16_script_on_real_output():
    folder = shared_data("imaging/ai_ct_luna16_deeplung")
    oracle = json.loads((folder / "oracle_official_luna16.json").read_text())
    (scores, hits, alarms), n_nodules, n_scans = judged_as_luna16(folder)
    assert (hits.sum(), alarms.sum()) == (oracle["counts"]["True positives"], oracle["counts"]["False positives"])
    found = totals(Columns(sums={}, ranked={"hits": hits, "alarms": alarms}, scores=scores)).ranked
    sensitivities = [
        sensitivity_at(
            found["hits"],
            found["alarms"],
            np.array([n_nodules]),
            np.array([n_scans]),
            rate,
            interpolation="linear",
        )[0]
        for rate in oracle["fp_per_scan"]
    ]
    assert sensitivities == pytest.approx(oracle["sensitivity"], abs=1e-6)
    assert np.mean(sensitivities) == pytest.approx(oracle["mean"], abs=1e-6)


ratings = st.lists(st.sampled_from([-math.inf, 0.1, 0.4, 0.4, 0.7, math.inf]), min_size=1, max_size=12)


@given(ratings, ratings)
def test_the_area_beneath_the_afroc_curve_is_the_chance_that_a_lesion_is_rated_higher(lesions, cases):
    x, y = afroc_curve(np.array(lesions), np.array(cases))
    won = np.mean([(one > other) + 0.5 * (one == other) for one in lesions for other in cases])
    assert np.trapezoid(y, x) == pytest.approx(won)
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) >= 0).all()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)


@pytest.mark.parametrize(("lesions", "cases"), [([], [0.1]), ([0.1], []), ([], [])])
def test_without_lesions_or_normal_cases_there_is_no_afroc_curve(lesions, cases):
    with pytest.raises(ValueError, match="at least one lesion"):
        afroc_curve(np.array(lesions), np.array(cases))
