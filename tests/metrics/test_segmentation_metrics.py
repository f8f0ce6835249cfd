"""Figures of regions: their summaries by hand, their limits, and every way in which there is none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError
from dmn_bench.harness.estimating import Group, Judged, PlannedMetric, estimate_rows
from dmn_bench.metrics.segmentation import (
    AcceptableShare,
    AverageSurfaceDistance,
    Dice,
    HausdorffDistance95,
    IntersectionOverUnion,
    SurfaceDice,
    VolumeBias,
    VolumeError,
)
from dmn_bench.protocol import Statistics
from dmn_bench.statistics.order_statistics import quantile_interval
from dmn_bench.statistics.proportions import proportion_interval
from dmn_bench.statistics.resampling import totals
from dmn_bench.statistics.weighted_quantiles import quantile_limits, weighted_quantile
from dmn_bench.tasks.segmentation import Segmentation
from dmn_bench.vocabulary import Interval, NotEstimable

from ..tasks.factories import ITD, a_case, a_unit
from ..tasks.test_segmentation import a_pair, judged

LENGTH = 40
SETTINGS = {"resamples": 200, "minimum_n": {"estimate": 1, "imprecise_below": 5}}


def a_strip(cells, first=0):
    region = np.zeros((1, 3, LENGTH), dtype=bool)
    region[0, 1, first : first + cells] = True
    return region


def strips(*cells, reference=20, structure="heart", spacing=(1.0, 1.0, 1.0), task=None, patients=None):
    """One case for each number of cells that the device drew of the strip; None: it said nothing."""
    task = task or Segmentation(tolerance_mm=1.0)
    drawn = {
        f"u{n}-case": [a_pair(a_strip(reference), None if each is None else a_strip(each), structure, spacing)]
        for n, each in enumerate(cells)
    }
    names = patients or [f"p{n}" for n in range(len(cells))]
    units = [
        a_unit(f"u{n}", None, cases=(a_case(f"u{n}-case", name),))
        for n, name in zip(range(len(cells)), names, strict=True)
    ]
    return judged(task, drawn, units=units)[0]


def value(metric, found):
    return float(metric.value(totals(metric.columns(found)))[0])


def estimate(metric, found, patients=None, rows=None, **settings):
    rows = np.arange(len(found.row_units)) if rows is None else rows
    group = Group(stratum=None, rows=rows)
    whole = Judged(candidate="c", endpoint="e", analysis=ITD, judgements=found, groups=[group])
    plan = PlannedMetric(metric=metric, parameters={})
    return estimate_rows(whole, [plan], Statistics.model_validate({**SETTINGS, **settings}))[0]


def dice_of(cells, reference=20):
    return 2 * min(cells, reference) / (cells + reference)


def test_summaries_of_dice_are_quantiles_of_the_cases():
    found = strips(10, 20, 15, 5, 18)
    ordered = sorted(dice_of(cells) for cells in (10, 20, 15, 5, 18))
    assert value(Dice(), found) == ordered[2]
    assert value(Dice(summary="lower_quartile"), found) == ordered[1]
    assert value(Dice(summary="upper_quartile"), found) == ordered[3]
    assert value(Dice(summary="worst_decile"), found) == ordered[0]
    assert value(Dice(summary="mean"), found) == pytest.approx(sum(ordered) / 5)
    assert value(IntersectionOverUnion(), found) == pytest.approx(ordered[2] / (2 - ordered[2]))


def test_the_worst_decile_of_a_distance_is_its_upper_end():
    found = strips(*range(10, 20))
    assert value(HausdorffDistance95(summary="worst_decile"), found) == pytest.approx(8.5)
    assert value(HausdorffDistance95(), found) == pytest.approx(4.5)
    assert value(HausdorffDistance95(summary="mean"), found) == pytest.approx(4.5)


def test_volume_error_is_a_size_and_volume_bias_has_a_sign():
    found = strips(10, 15, 24, 30, 5)
    assert value(VolumeError(), found) == pytest.approx(0.5)
    assert value(VolumeBias(), found) == pytest.approx(-0.25)
    assert value(VolumeBias(summary="mean"), found) == pytest.approx((-0.5 - 0.25 + 0.2 + 0.5 - 0.75) / 5)


def test_an_unanswered_case_is_in_every_figure_but_the_bias():
    found = strips(20, 20, None)
    assert value(Dice(summary="mean"), found) == pytest.approx(2 / 3)
    assert value(AcceptableShare(measure="dice", limit=0.9), found) == pytest.approx(2 / 3)
    assert value(AcceptableShare(measure="nsd", limit=0.0), found) == pytest.approx(2 / 3)
    assert value(VolumeBias(), found) == 0
    assert math.isnan(value(VolumeError(summary="mean"), found))
    assert math.isnan(value(HausdorffDistance95(summary="mean"), found))
    assert value(HausdorffDistance95(), found) == 0


def test_a_figure_that_falls_on_infinite_distances_is_none_and_says_so():
    row = estimate(HausdorffDistance95(), strips(20, None, None, 10))
    assert (row.value, row.not_estimable) == (None, "segmentation_infinite")
    assert row.not_estimable_facts == {"n": 4, "infinite": 2}


def test_hd95_by_its_two_definitions():
    found = strips(10, 11, 12)
    assert value(HausdorffDistance95(definition="voxels"), found) != value(HausdorffDistance95(), found)


def test_a_missing_spacing_leaves_no_distance_but_overlap():
    found = strips(10, 15, 20, spacing=None)
    for metric in (
        HausdorffDistance95(),
        AverageSurfaceDistance(),
        SurfaceDice(),
        AcceptableShare(measure="hd95", limit=2),
    ):
        row = estimate(metric, found)
        assert (row.value, row.not_estimable) == (None, "segmentation_unmeasured")
        assert row.not_estimable_facts["missing"] == 3
    assert estimate(Dice(), found, minimum_n={"estimate": 1, "imprecise_below": 2}).not_estimable == "too_few"
    assert value(Dice(), found) == pytest.approx(dice_of(15))


def test_surface_dice_needs_a_tolerance_for_its_structure():
    found = strips(10, 15, task=Segmentation(tolerance_mm={"lung": 1.0}))
    assert estimate(SurfaceDice(), found).not_estimable == "segmentation_without_tolerance"
    share = estimate(AcceptableShare(measure="nsd", limit=0.5), found)
    assert share.not_estimable == "segmentation_without_tolerance"
    assert value(AcceptableShare(measure="dice", limit=0.7), found) == 0.5


def test_intervals_of_independent_cases_are_the_exact_ones_of_ordered_values():
    found = strips(*range(1, 31))
    row = estimate(Dice(), found)
    exact = quantile_interval(found.columns["dice"])
    assert (row.low, row.high, row.method) == (exact.low, exact.high, "order-statistics")
    assert row.low <= row.value <= row.high


def test_cases_of_the_same_patients_widen_the_interval():
    found = strips(*range(1, 31), patients=[f"p{n // 3}" for n in range(30)])
    row = estimate(Dice(), found)
    exact = quantile_interval(found.columns["dice"])
    assert row.method == "order-statistics-clustered"
    assert row.effective_n == 10
    assert row.low < exact.low <= exact.high < row.high


def test_the_interval_of_acceptable_cases_is_that_of_a_proportion():
    found = strips(*range(1, 31))
    metric = AcceptableShare(measure="dice", limit=0.8)
    row = estimate(metric, found)
    columns = metric.columns(found).sums
    expected = proportion_interval(
        columns["numerator"], columns["denominator"], np.arange(30), clustered=False, confidence=0.95
    )
    assert (row.low, row.high) == (expected.low, expected.high)
    assert (row.numerator, row.denominator) == (sum(dice_of(n) >= 0.8 for n in range(1, 31)), 30)


def test_a_case_on_the_limit_is_acceptable():
    assert value(AcceptableShare(measure="hd95", limit=0.3), strips(17, spacing=(1.0, 1.0, 0.1))) == 1
    assert value(AcceptableShare(measure="dice", limit=dice_of(10)), strips(10)) == 1


def test_nothing_one_case_and_one_patient_have_no_interval():
    assert estimate(Dice(), strips()).not_estimable == "no_denominator"
    assert estimate(Dice(), strips(20)).not_estimable == "too_few"
    assert estimate(Dice(), strips(20, 18, 17, 16, 15)).not_estimable == "too_few"
    assert estimate(HausdorffDistance95(), strips(*[None] * 10)).not_estimable == "segmentation_infinite"
    assert estimate(Dice(), strips(20, 10, 15, patients=["p"] * 3)).not_estimable == "one_patient"


@pytest.mark.parametrize(("cells", "dice"), [(20, 1.0), (None, 0.0), (10, 2 / 3)])
def test_cases_all_alike_have_the_limits_of_a_quantile_and_none_of_a_mean(cells, dice):
    """Ten values on one side of the median are rare whatever they are: a device that always fails is known to fail."""
    found = strips(*[cells] * 10)
    row = estimate(Dice(), found)
    assert (row.value, row.low, row.high) == pytest.approx((dice,) * 3)
    assert estimate(Dice(summary="mean"), found).not_estimable == "degenerate"
    assert estimate(Dice(), strips(*[cells] * 5)).not_estimable == "too_few"


def test_an_interval_that_reaches_infinite_values_is_none():
    row = estimate(HausdorffDistance95(), strips(*range(10, 18), None, None, None, None))
    assert row.not_estimable == "infinite_limit"


def test_sampling_weights_count_in_the_quantile_and_its_limits_are_resampled():
    found = strips(*range(5, 20))
    weights = np.where(np.arange(15) < 5, 10.0, 1.0)
    group = Group(stratum=None, rows=np.arange(15))
    weighted = Judged(candidate="c", endpoint="e", analysis=ITD, judgements=found, groups=[group], unit_weights=weights)
    row = estimate_rows(weighted, [PlannedMetric(metric=Dice(), parameters={})], Statistics.model_validate(SETTINGS))[0]
    assert row.value == pytest.approx((dice_of(7) + dice_of(8)) / 2)  # half of the weight of 60 lies up to 7 cells
    assert row.method.startswith("patient-bootstrap")
    assert row.low <= row.value <= row.high


def test_structures_are_not_pooled():
    task = Segmentation(tolerance_mm=1.0)
    pairs = {f"u{n}-case": [a_pair(a_strip(20), a_strip(10 + n), name) for name in ("heart", "lung")] for n in range(8)}
    found, *_ = judged(task, pairs)
    assert estimate(Dice(), found).not_estimable == "several_questions"
    hearts = np.flatnonzero([name == "heart" for name in found.row_strata["structure"]])
    row = estimate(Dice(), found, rows=hearts)
    assert (row.value, row.n_units, row.n_positive) == (pytest.approx((dice_of(13) + dice_of(14)) / 2), 8, 8)
    assert row.method == "order-statistics"


@pytest.mark.parametrize(
    "options", [("dice", 1.1), ("nsd", -0.1), ("hd95", -1.0), ("hd95", math.inf), ("dice", math.nan)]
)
def test_limits_that_no_case_can_have_are_refused(options):
    with pytest.raises(ProtocolError):
        AcceptableShare(measure=options[0], limit=options[1])


# ------------------------------------------------------------------------------------------------ weighted quantiles


def test_infinite_values_rank_beyond_all_others():
    weights = np.ones((1, 4))
    assert weighted_quantile(weights, np.array([1.0, 2, 3, math.inf]), 0.5).tolist() == [2.5]
    assert weighted_quantile(weights, np.array([1.0, 2, math.inf, math.inf]), 0.5).tolist() == [math.inf]
    assert weighted_quantile(weights, np.array([1.0, math.inf, math.inf, math.inf]), 0.5).tolist() == [math.inf]
    assert np.isnan(weighted_quantile(np.ones((2, 0)), np.zeros(0), 0.5)).all()


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3)), min_size=1, max_size=12),
    st.sampled_from([0.1, 0.25, 0.5]),
)
def test_a_weight_of_two_is_the_value_twice(drawn, share):
    ordered = sorted(drawn)
    values, weights = np.array([float(v) for v, _ in ordered]), np.array([[float(w) for _, w in ordered]])
    repeated = np.repeat(values, weights[0].astype(int))
    found = weighted_quantile(weights, values, share)[0]
    if len(repeated):
        assert found == weighted_quantile(np.ones((1, len(repeated))), repeated, share)[0]
        assert found == np.quantile(repeated, share, method="averaged_inverted_cdf")
    else:
        assert math.isnan(found)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9])
def test_limits_of_single_cases_are_those_of_the_binomial_distribution(share):
    for n in range(2, 70, 3):
        values, each = np.arange(float(n)), np.arange(n)
        alone, in_clusters = (quantile_limits(values, each, share, clustered=how) for how in (False, True))
        assert alone == quantile_interval(values, share)
        assert in_clusters == alone or in_clusters[:2] == alone[:2]  # but for the name of the method


def test_limits_refuse_a_share_that_is_none():
    with pytest.raises(ValueError, match="share"):
        quantile_limits(np.arange(9.0), np.arange(9), 1.0, clustered=False)
    assert quantile_limits(np.zeros(0), np.zeros(0, dtype=int), 0.5, clustered=False) == NotEstimable(
        reason="no_denominator"
    )


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_limits_cover_the_quantile_of_clustered_values(correlation):
    """60 patients with one to four cases each, normal values: the population's median and lower decile are known."""
    rng = np.random.default_rng(5)
    covered = {0.5: 0, 0.1: 0}
    truth = {0.5: 0.0, 0.1: -1.2815515655446004}
    runs = 600
    for _ in range(runs):
        patients = np.repeat(np.arange(60), rng.integers(1, 5, 60))
        own, shared = rng.normal(size=len(patients)), rng.normal(size=60)[patients]
        values = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
        for share in covered:
            found = quantile_limits(values, patients, share, clustered=True)
            assert isinstance(found, Interval)
            covered[share] += found.low <= truth[share] <= found.high
    assert min(covered.values()) / runs >= 0.93
