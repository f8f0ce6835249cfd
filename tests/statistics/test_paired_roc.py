"""Two areas on the same units: by hand, by R's pROC, by brute force, by property, at the edges, by simulation."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from dmn_bench.statistics.paired_roc import paired_roc_areas, placements
from dmn_bench.statistics.quantiles import normal_quantile
from dmn_bench.statistics.roc import roc_area
from dmn_bench.vocabulary import NotEstimable

WITNESSES = Path(__file__).parent.parent / "witnesses"
GOLDEN = np.array([0.9, 0.8, 0.75, 0.6, 0.55, 0.4, 0.7, 0.5, 0.45, 0.3, 0.2, 0.1])
GOLDEN_POSITIVE = np.arange(12) < 6
FLAT = np.zeros(12)  # an area of one half without variance: the difference then varies as the first area does


def rows(name):
    with (WITNESSES / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


SCORES = st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 1.0, 2.0, math.inf])


def scored():
    """Scores of two candidates with ties and non-answers, truths and patients of 4 to 30 units."""
    unit = st.tuples(SCORES, SCORES, st.booleans(), st.integers(0, 9))
    return st.lists(unit, min_size=4, max_size=30).map(lambda units: list(zip(*units, strict=True)))


def arrays(data):
    a, b, positive, patients = data
    return np.array(a), np.array(b), np.array(positive), np.array(patients, dtype=np.int64)


@pytest.mark.parametrize(
    ("patients", "variance"),
    [
        (None, 0.01265432),
        (np.arange(12), 0.01265432),
        (np.r_[np.arange(6), np.arange(6)], 0.00493827),
        (np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), 0.02006173),
    ],
)
def test_golden_variances_stand_beside_a_candidate_that_knows_nothing(patients, variance):
    found = paired_roc_areas(GOLDEN, FLAT, GOLDEN_POSITIVE, patients, clustered=patients is not None)
    assert (found.area_a, found.area_b) == (pytest.approx(0.861111, abs=5e-7), 0.5)
    assert found.variance == pytest.approx(variance, abs=5e-9)
    assert found.p == pytest.approx(2 * ndtr(-(found.difference / math.sqrt(variance))), rel=1e-4)


@pytest.mark.parametrize("expected", rows("paired_roc.csv"), ids=lambda row: row["set"])
def test_proc_gives_the_same_areas_variances_and_test(expected):
    of_set = [row for row in rows("paired_roc_scores.csv") if row["set"] == expected["set"]]
    a, b = (np.array([float(row[name]) for row in of_set]) for name in "ab")
    if expected["set"] == "unanswered":  # pROC was given finite numbers beyond all others
        a = np.where(np.abs(a) == 100, np.copysign(np.inf, a), a)
    found = paired_roc_areas(a, b, np.array([row["disease"] == "1" for row in of_set]))
    number = {name: float(value) for name, value in expected.items() if name != "set"}
    assert (found.area_a, found.area_b) == pytest.approx((number["area_a"], number["area_b"]), abs=1e-13)
    variance = number["variance_a"] + number["variance_b"] - 2 * number["covariance"]
    assert found.variance == pytest.approx(variance, rel=1e-10)
    assert (found.z, found.p) == pytest.approx((number["z"], number["p"]), rel=1e-10)


def by_definition(a, b, positive, patients):
    """Obuchowski's variance of a difference from her sums over clusters, pair by pair."""
    kernel = [np.sign(s[positive][:, None] - s[~positive][None, :]) / 2 + 0.5 for s in (a, b)]
    v10, v01 = kernel[0].mean(axis=1) - kernel[1].mean(axis=1), kernel[0].mean(axis=0) - kernel[1].mean(axis=0)
    difference, m, n = v10.mean(), positive.sum(), (~positive).sum()
    clusters = np.unique(patients)
    x = np.array([(v10[patients[positive] == k] - difference).sum() for k in clusters])
    y = np.array([(v01[patients[~positive] == k] - difference).sum() for k in clusters])
    i10, i01, i = len(np.unique(patients[positive])), len(np.unique(patients[~positive])), len(clusters)
    s10, s01 = i10 / ((i10 - 1) * m) * (x @ x), i01 / ((i01 - 1) * n) * (y @ y)
    return difference, s10 / m + s01 / n + 2 * i / (i - 1) * (x @ y) / (m * n)


@pytest.mark.parametrize("seed", range(5))
def test_clusters_by_the_definition(seed):
    rng = np.random.default_rng(seed)
    patients, positive = rng.integers(0, 12, 50), rng.random(50) < 0.4
    a, b = rng.integers(0, 6, 50).astype(float), rng.integers(0, 6, 50).astype(float)
    difference, variance = by_definition(a, b, positive, patients)
    found = paired_roc_areas(a, b, positive, patients, clustered=True)
    assert (found.difference, found.variance) == pytest.approx((difference, variance), abs=1e-14)
    assert found.interval.method == "obuchowski-paired"


def test_copies_of_every_unit_within_its_patient_add_nothing():
    rng = np.random.default_rng(1)
    a, b, positive = rng.normal(size=40), rng.normal(size=40), np.arange(40) % 2 == 0
    alone = paired_roc_areas(a, b, positive)
    twice = [np.repeat(values, 2) for values in (a, b, positive, np.arange(40))]
    copied = paired_roc_areas(*twice, clustered=True)
    blind = paired_roc_areas(*twice)
    assert (copied.variance, copied.p) == (pytest.approx(alone.variance), pytest.approx(alone.p))
    assert blind.variance < 0.6 * alone.variance


@given(scored())
def test_swapping_the_candidates_mirrors_everything(data):
    a, b, positive, patients = arrays(data)
    for clustered in (False, True):
        one = paired_roc_areas(a, b, positive, patients, clustered=clustered)
        other = paired_roc_areas(b, a, positive, patients, clustered=clustered)
        if isinstance(one, NotEstimable):
            assert one == other
            continue
        assert other.difference == -one.difference
        assert (other.variance, other.p) == (pytest.approx(one.variance), pytest.approx(one.p))
        assert other.interval[:2] == pytest.approx((-one.interval.high, -one.interval.low), abs=1e-9)
        assert one.interval.low <= one.difference + 1e-12
        assert one.difference - 1e-12 <= one.interval.high
        assert one.interval.low < one.interval.high
        assert 0 <= one.p <= 1


@given(scored(), st.randoms(use_true_random=False))
def test_neither_the_order_of_units_nor_the_scale_of_scores_matters(data, random):
    a, b, positive, patients = arrays(data)
    order = list(range(len(a)))
    random.shuffle(order)
    one = paired_roc_areas(a, b, positive, patients, clustered=True)
    other = paired_roc_areas(3 * a[order] - 1, np.arctan(b[order]), positive[order], patients[order], clustered=True)
    if isinstance(one, NotEstimable):
        assert one == other
    else:
        assert other.interval[:2] == pytest.approx(one.interval[:2], abs=1e-9)
        assert other.p == pytest.approx(one.p, abs=1e-9)


@given(scored())
def test_each_area_and_its_variance_are_those_of_one_candidate_alone(data):
    a, b, positive, patients = arrays(data)
    for clustered in (False, True):
        pair = paired_roc_areas(a, b, positive, patients, clustered=clustered)
        alone = roc_area(a, positive, patients, clustered=clustered)
        if isinstance(pair, NotEstimable):
            assert alone == pair
        else:
            assert (pair.area_a, pair.uncertainty.variance_a) == pytest.approx((alone.area, alone.variance))


@given(scored())
def test_identical_answers_differ_by_nothing_but_are_not_certain(data):
    a, _, positive, patients = arrays(data)
    found = paired_roc_areas(a, a, positive, patients)
    assume(not isinstance(found, NotEstimable))
    assert (found.difference, found.variance, found.z, found.p) == (0, 0, None, 1)
    assert -1 < found.interval.low < 0 < found.interval.high < 1
    assert found.interval.method == "disjoint-pairs"


def test_the_bound_of_identical_answers_by_hand():
    found = paired_roc_areas(GOLDEN, GOLDEN, GOLDEN_POSITIVE)
    by_hand = 1 - 0.025 ** (1 / 6)
    assert found.interval[:2] == pytest.approx((-by_hand, by_hand))
    assert found.beyond(-by_hand) == pytest.approx(0.025)  # six pairs, none of which tells them apart
    assert found.beyond(0.1) == 1


def test_perfect_separation_by_both_is_a_bound_and_by_one_an_interval():
    perfect, other = GOLDEN_POSITIVE.astype(float), GOLDEN
    both = paired_roc_areas(perfect, 2 * perfect, GOLDEN_POSITIVE)
    assert (both.area_a, both.area_b, both.z, both.interval.method) == (1, 1, None, "disjoint-pairs")
    one = paired_roc_areas(perfect, other, GOLDEN_POSITIVE)
    assert one.difference == pytest.approx(1 - 0.861111, abs=1e-6)
    assert one.interval.low < 0 < one.interval.high < 0.55  # that of 1 is no certainty either: six of six pairs
    opposite = paired_roc_areas(perfect, -perfect, GOLDEN_POSITIVE)
    assert (opposite.difference, opposite.z, opposite.interval.method) == (1, None, "disjoint-pairs-joined")
    assert 0.3 < opposite.interval.low < opposite.interval.high == 1
    assert 0 < opposite.p < 0.05
    assert paired_roc_areas(-perfect, perfect, GOLDEN_POSITIVE).p == pytest.approx(opposite.p)


@pytest.mark.parametrize(
    ("positive", "patients", "reason"),
    [
        ([True, True, True], None, "one_class"),
        ([False, False, False], None, "one_class"),
        ([], None, "one_class"),
        ([True, False, False], None, "too_few"),
        ([True, True, False, False], [1, 1, 2, 3], "too_few"),
    ],
)
def test_what_cannot_be_estimated_says_why(positive, patients, reason):
    scores = np.arange(len(positive), dtype=float)
    codes = None if patients is None else np.array(patients)
    found = paired_roc_areas(scores, scores, np.array(positive, dtype=bool), codes, clustered=codes is not None)
    assert found.reason == reason


def test_what_is_no_comparison_is_refused():
    scores, positive = np.array([1.0, 2.0, np.nan, 3.0]), np.array([True, True, False, False])
    with pytest.raises(ValueError, match="NaN"):
        paired_roc_areas(np.zeros(4), scores, positive)
    with pytest.raises(ValueError, match="each unit"):
        paired_roc_areas(np.zeros(3), np.zeros(4), positive)
    with pytest.raises(ValueError, match="patients"):
        paired_roc_areas(np.zeros(4), np.zeros(4), positive, clustered=True)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("seed", range(4))
def test_the_test_of_a_margin_agrees_with_the_interval(seed, confidence):
    rng = np.random.default_rng(seed)
    positive = np.arange(30) < 15
    a, b = rng.normal(size=30) + positive, rng.normal(size=30) + positive
    found = paired_roc_areas(a, b, positive, confidence=confidence)
    assert found.beyond(found.interval.low) == pytest.approx((1 - confidence) / 2, rel=1e-6)
    assert found.beyond(found.interval.low - 0.01) < (1 - confidence) / 2 < found.beyond(found.interval.low + 0.01)


def test_many_units_give_difference_plus_and_minus_z_standard_errors():
    rng = np.random.default_rng(3)
    positive = rng.random(20_000) < 0.3
    a, b = rng.normal(size=20_000) + positive, rng.normal(size=20_000) + 0.8 * positive
    found = paired_roc_areas(a, b, positive)
    half = normal_quantile(0.95) * math.sqrt(found.variance)
    assert found.interval[:2] == pytest.approx((found.difference - half, found.difference + half), abs=2e-5)


def test_placements_by_counting_pairs():
    scores, positive = np.array([1.0, 2, 2, 3, -np.inf, np.inf]), np.array([True, False, True, False, True, False])
    expected = [
        np.mean([(s > t) + 0.5 * (s == t) if p else (s < t) + 0.5 * (s == t) for t in scores[positive != p]])
        for s, p in zip(scores, positive, strict=True)
    ]
    assert placements(scores, positive).tolist() == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize(("area_a", "area_b"), [(0.8, 0.8), (0.97, 0.90), (0.90, 0.97), (0.99, 0.95)])
@pytest.mark.parametrize(("n", "shared"), [(10, 0.5), (30, 0.5), (50, 0.9)])
def test_each_limit_misses_no_more_often_than_it_says(area_a, area_b, n, shared):
    rng, repeats = np.random.default_rng(20261121), 1_500
    positive = np.arange(2 * n) < n
    too_high = too_low = wald = 0
    for _ in range(repeats):
        common = math.sqrt(shared) * rng.normal(size=2 * n)
        a, b = (
            common + math.sqrt(1 - shared) * rng.normal(size=2 * n) + positive * math.sqrt(2) * ndtri(area)
            for area in (area_a, area_b)
        )
        found = paired_roc_areas(a, b, positive)
        too_high += found.interval.low > area_a - area_b + 1e-12
        too_low += found.interval.high < area_a - area_b - 1e-12
        wald += abs(found.difference - (area_a - area_b)) > normal_quantile(0.95) * math.sqrt(found.variance)
    assert max(too_high, too_low) / repeats < 0.041
    assert (too_high + too_low) / repeats < 0.07
    if (area_a, n) == (0.97, 10):
        assert wald / repeats > 0.10  # what the interval is there to avoid, and the simulation must be able to see


@pytest.mark.slow
@pytest.mark.parametrize("within", [False, True], ids=["one class in a patient", "both classes in a patient"])
@pytest.mark.parametrize(("area_a", "area_b"), [(0.85, 0.85), (0.97, 0.93)])
def test_clustered_differences_cover_where_independent_ones_do_not(area_a, area_b, within):
    rng, repeats, n_patients = np.random.default_rng(20261121), 1_000, 40
    patients = np.repeat(np.arange(n_patients), 4)
    held = blind = 0

    def noise():
        return math.sqrt(0.8) * rng.normal(size=n_patients)[patients] + math.sqrt(0.2) * rng.normal(size=len(patients))

    for _ in range(repeats):
        positive = rng.random(len(patients)) < 0.5 if within else patients % 2 == 0
        common = noise()
        a, b = (
            math.sqrt(0.5) * common + math.sqrt(0.5) * noise() + positive * math.sqrt(2) * ndtri(area)
            for area in (area_a, area_b)
        )
        truth = area_a - area_b
        low, high, *_ = paired_roc_areas(a, b, positive, patients, clustered=True).interval
        held += low <= truth <= high
        low, high, *_ = paired_roc_areas(a, b, positive).interval
        blind += low <= truth <= high
    assert held / repeats >= 0.93
    if not within:
        assert blind / repeats < 0.90
