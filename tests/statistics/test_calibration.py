"""Calibration against golden values, statsmodels, sklearn and patsy, by property, by simulation, and at the edges."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from dmn_bench.statistics.calibration import (
    Forecasts,
    brier,
    calibration_bins,
    calibration_curve,
    calibration_errors,
    class_weights,
    clipped,
    intercept,
    intercepts,
    slope,
    slopes,
)
from dmn_bench.statistics.logistic import logistic_fit, spline_design, spline_knots
from dmn_bench.vocabulary import Interval, NotEstimable


def drawn(n, *, shift=0.0, stretch=1.0, seed=0, images=1, shared=0.0):
    """Forecasts of n patients with ``images`` units each; the truth has logit shift + stretch · logit p."""
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(n), images)
    x = rng.normal(-0.5, 1.5, n)[patients] if shared else rng.normal(-0.5, 1.5, n * images)
    own = shared * rng.normal(size=n)[patients]
    positive = rng.random(n * images) < expit(shift + stretch * x + own)
    return Forecasts(probabilities=expit(x), positive=positive, patients=patients)


def cells(forecasts, weights=None):
    """Positives and negatives [b, c] at each row, as weighted totals are."""
    order = np.argsort(forecasts.probabilities)
    w = np.ones((1, len(order))) if weights is None else weights[:, order]
    y = forecasts.positive[order]
    return w * y, w * ~y, forecasts.probabilities[order]


def glm(forecasts, design, offset, **fit):
    api = pytest.importorskip("statsmodels.api")
    family = api.families.Binomial()
    weights = {} if forecasts.weights is None else {"freq_weights": forecasts.weights}
    model = api.GLM(forecasts.positive.astype(float), design, family=family, offset=offset, **weights)
    return model.fit(tol=1e-12, **fit)


def test_statsmodels_gives_the_same_intercept_slope_and_standard_errors():
    forecasts = drawn(300, shift=0.4, stretch=0.7)
    x, ones = logit(forecasts.probabilities), np.ones((300, 1))
    line, level = glm(forecasts, np.column_stack([ones, x]), None), glm(forecasts, ones, x)
    found, large = slope(forecasts, clustered=False), intercept(forecasts, clustered=False)
    assert (found.value, found.standard_error) == pytest.approx((line.params[1], line.bse[1]), rel=1e-7)
    assert (large.value, large.standard_error) == pytest.approx((level.params[0], level.bse[0]), rel=1e-7)
    assert found.interval[:2] == pytest.approx(line.conf_int()[1], rel=1e-6)
    assert found.interval.method == "wald"


def test_statsmodels_gives_the_same_sandwich_of_patients():
    forecasts = drawn(80, images=3, shared=1.0, seed=4)
    design = np.column_stack([np.ones(240), logit(forecasts.probabilities)])
    theirs = glm(
        forecasts, design, None, cov_type="cluster", cov_kwds={"groups": forecasts.patients, "use_correction": False}
    )
    found = slope(forecasts, clustered=True)
    assert found.standard_error == pytest.approx(theirs.bse[1] * math.sqrt(80 / 79), rel=1e-6)
    assert found.interval.method == "wald-patient-sandwich-t"


def test_many_weightings_at_once_are_each_alone_and_are_repeats_of_rows():
    forecasts = drawn(120, seed=2)
    weights = np.random.default_rng(1).integers(0, 4, (6, 120)).astype(float)
    for function in (intercepts, slopes, calibration_errors):
        together = function(*cells(forecasts, weights))
        alone = [float(function(*cells(forecasts, one[None]))[0]) for one in weights]
        assert together == pytest.approx(alone, rel=1e-9)
    times = weights[0].astype(int)
    repeated = Forecasts(
        probabilities=np.repeat(forecasts.probabilities, times),
        positive=np.repeat(forecasts.positive, times),
        patients=np.arange(times.sum()),
    )
    assert slopes(*cells(forecasts, weights))[0] == pytest.approx(slope(repeated, clustered=False).value)
    assert calibration_errors(*cells(forecasts, weights))[0] == pytest.approx(calibration_errors(*cells(repeated))[0])


def test_sklearn_gives_the_same_brier_score():
    brier_score_loss = pytest.importorskip("sklearn.metrics").brier_score_loss
    forecasts = drawn(200)
    found = brier(forecasts)
    assert found.value == pytest.approx(brier_score_loss(forecasts.positive, forecasts.probabilities))
    share = forecasts.positive.mean()
    assert found.scaled == pytest.approx(1 - found.value / (share * (1 - share)))


@pytest.mark.parametrize("knots", [3, 4, 5])
def test_patsy_spans_the_same_curves(knots):
    patsy = pytest.importorskip("patsy")
    forecasts = drawn(400, shift=0.3, stretch=0.6, seed=9)
    x = logit(forecasts.probabilities)
    quantiles = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}[knots]
    at = np.quantile(x, np.array(quantiles) - 1e-9, method="inverted_cdf")  # 0.275 · 400 is 110 but for rounding
    assert spline_knots(np.sort(x), np.ones((1, 400)), quantiles)[0] == pytest.approx(at)
    basis = patsy.dmatrix(
        "cr(x, knots=inner, lower_bound=low, upper_bound=high) - 1",
        {"x": np.clip(x, at[0], at[-1]), "inner": at[1:-1], "low": at[0], "high": at[-1]},
    )
    inside = (x >= at[0]) & (x <= at[-1])  # patsy is flat beyond its bounds here, ours is straight
    ours = spline_design(x, at[None])[:, 0, inside].T
    projected, *_ = np.linalg.lstsq(np.asarray(basis)[inside], ours, rcond=None)
    assert np.asarray(basis)[inside] @ projected == pytest.approx(ours, abs=1e-8)


def test_the_spline_is_straight_beyond_its_outer_knots_and_smooth_at_the_inner_ones():
    at = np.array([[0.0, 1.0, 2.5, 4.0]])
    far = spline_design(np.array([5.0, 6.0, 7.0, 8.0]), at)[:, 0]
    assert np.diff(far, n=2, axis=1) == pytest.approx(0, abs=1e-9)
    assert (spline_design(np.array([-3.0, -1.0]), at)[2:] == 0).all()


def test_perfect_forecasts_have_no_error_and_known_ones_have_theirs():
    p = np.linspace(0.02, 0.98, 49)
    assert calibration_errors(1e6 * p[None], 1e6 * (1 - p[None]), p) == pytest.approx([0], abs=1e-9)
    assert intercepts(1e6 * p[None], 1e6 * (1 - p[None]), p) == pytest.approx([0], abs=1e-9)
    assert slopes(1e6 * p[None], 1e6 * (1 - p[None]), p) == pytest.approx([1])
    true = expit(0.5 + 0.8 * logit(p))
    many = 1e6 * true[None], 1e6 * (1 - true[None]), p
    gaps = np.abs(p - true)
    assert slopes(*many) == pytest.approx([0.8])
    assert calibration_errors(*many) == pytest.approx([gaps.mean()], rel=1e-6)
    assert calibration_errors(*many, percentile=50) == pytest.approx([np.quantile(gaps, 0.5, method="inverted_cdf")])
    assert calibration_errors(*many, percentile=90) == pytest.approx([np.quantile(gaps, 0.9, method="inverted_cdf")])


def test_weights_bring_an_enriched_set_back_to_the_prevalence():
    population = drawn(40_000, shift=-1.5, seed=6)
    rng = np.random.default_rng(1)
    kept = population.positive | (rng.random(40_000) < 0.1)
    share = float(population.positive.mean())
    n_positive = int(population.positive[kept].sum())
    of_positive, of_negative = class_weights(n_positive, kept.sum() - n_positive, share)

    def part(weights):
        return Forecasts(
            probabilities=population.probabilities[kept],
            positive=population.positive[kept],
            patients=np.arange(kept.sum()),
            weights=weights,
        )

    weighted = intercept(part(np.where(population.positive[kept], of_positive, of_negative)), clustered=False)
    unweighted = intercept(part(None), clustered=False)
    assert weighted.interval.low <= intercept(population, clustered=False).value <= weighted.interval.high
    assert unweighted.value > weighted.value + 1  # what enrichment does to it


def test_the_band_holds_the_curve_and_the_curve_the_truth():
    forecasts = drawn(2_000, shift=0.5, stretch=0.7, seed=3)
    found = calibration_curve(forecasts, clustered=False)
    assert ((found.low < found.observed) & (found.observed < found.high)).all()
    middle = (found.stated > 0.1) & (found.stated < 0.9)
    truth = expit(0.5 + 0.7 * logit(found.stated))
    assert ((found.low <= truth) & (truth <= found.high))[middle].mean() > 0.8
    few = calibration_curve(drawn(200, shift=0.5, stretch=0.7, seed=3), clustered=False)
    assert (few.high - few.low)[30] > (found.high - found.low)[30]


def test_bins_hold_every_unit_once_and_never_split_equal_probabilities():
    forecasts = drawn(103)
    tens = Forecasts(
        probabilities=np.round(forecasts.probabilities, 1), positive=forecasts.positive, patients=forecasts.patients
    )
    for one in (forecasts, tens):
        bins = calibration_bins(one, clustered=False)
        assert sum(part.n for part in bins) == 103
        assert sum(part.n * part.observed for part in bins) == pytest.approx(one.positive.sum())
        assert all(part.interval.low <= part.observed <= part.interval.high for part in bins)
        assert all(a.stated < b.stated for a, b in pairwise(bins))
    assert len(calibration_bins(forecasts, clustered=False)) == 10
    weighted = Forecasts(
        probabilities=forecasts.probabilities,
        positive=forecasts.positive,
        patients=forecasts.patients,
        weights=np.where(forecasts.positive, 0.4, 1.6),
    )
    assert {part.interval.method for part in calibration_bins(weighted, clustered=False)} == {"weighted-wilson-t"}


@given(st.integers(0, 10_000), st.floats(0.2, 5.0))
def test_order_and_common_weights_are_irrelevant(seed, factor):
    forecasts = drawn(40, seed=seed)
    positives, negatives, p = cells(forecasts)
    for function in (intercepts, slopes, calibration_errors):
        once = function(positives, negatives, p)
        assert function(factor * positives, factor * negatives, p) == pytest.approx(once, rel=1e-6, nan_ok=True)
    mirrored = intercepts(negatives[:, ::-1], positives[:, ::-1], 1 - p[::-1])
    assert mirrored == pytest.approx(-intercepts(positives, negatives, p), rel=1e-6, nan_ok=True)


def test_a_hard_start_still_finds_the_maximum():
    # Extreme probabilities with wrong outcomes: Newton's first step overshoots.
    p = np.array([1e-6, 0.01, 0.5, 0.99, 1 - 1e-6])
    positives, negatives = np.array([[3.0, 1, 2, 1, 2]]), np.array([[2.0, 4, 2, 4, 3]])
    found = slopes(positives, negatives, p)[0]
    design = np.stack([np.ones(5), logit(p)])[:, None, :]
    level, _ = logistic_fit(design, positives, negatives)[0]

    def likelihood(a, b):
        linear = a + b * logit(p)
        return float((-(positives + negatives) * np.logaddexp(0, -linear) - negatives * linear).sum())

    best = likelihood(level, found)
    assert all(likelihood(level + da, found + db) < best for da, db in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)))


def test_the_edges_are_absences_with_a_reason():
    def of(probabilities, positive, patients=None):
        n = len(positive)
        return Forecasts(
            probabilities=np.asarray(probabilities, dtype=float),
            positive=np.asarray(positive, dtype=bool),
            patients=np.arange(n) if patients is None else np.asarray(patients),
        )

    nothing, one_class = of([], []), of([0.2, 0.3], [True, True])
    tied, apart = of([0.4] * 4, [1, 0, 1, 0]), of([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    for function in (slope, intercept, calibration_curve):
        assert function(nothing, clustered=False).reason == "one_class"
        assert function(one_class, clustered=False).reason == "one_class"
    for forecasts in (tied, apart, of([0.1, 0.2, 0.2, 0.9], [0, 0, 1, 1]), of([0.9, 0.1], [0, 1])):
        assert slope(forecasts, clustered=False) == NotEstimable(reason="separated")
        assert calibration_curve(forecasts, clustered=False) == NotEstimable(reason="separated")
        assert np.isnan(slopes(*cells(forecasts))).all()
        assert np.isnan(calibration_errors(*cells(forecasts))).all()
        assert isinstance(intercept(forecasts, clustered=False).interval, Interval)
    same_patient = of([0.2, 0.6, 0.4, 0.8], [1, 0, 0, 1], [7] * 4)
    assert slope(same_patient, clustered=True) == NotEstimable(reason="one_patient")
    two_scores = of([0.2, 0.8] * 4, [0, 1, 1, 0, 0, 1, 0, 1])
    assert calibration_curve(two_scores, clustered=False) == NotEstimable(reason="too_few_probabilities")
    assert np.isnan(calibration_errors(*cells(two_scores))).all()
    assert brier(nothing) == NotEstimable(reason="no_denominator")
    assert math.isnan(brier(one_class).scaled)
    assert calibration_bins(nothing, clustered=False) == ()
    assert slopes(np.zeros((2, 0)), np.zeros((2, 0)), np.zeros(0)) == pytest.approx([np.nan] * 2, nan_ok=True)
    with pytest.raises(ValueError, match="clipped"):
        clipped(np.array([0.5]), 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "images"), [(100, 1), (300, 1), (80, 3)])
def test_intervals_of_the_line_cover(n, images):
    repeats, held = 1_000, np.zeros(2)
    for seed in range(repeats):
        forecasts = drawn(n, seed=seed, images=images)
        for index, (function, truth) in enumerate(((intercept, 0.0), (slope, 1.0))):
            interval = function(forecasts, clustered=images > 1).interval
            held[index] += interval.low <= truth <= interval.high
    assert (held / repeats > 0.93).all()


@pytest.mark.slow
def test_units_of_one_patient_need_the_sandwich():
    repeats, held = 600, np.zeros(2)
    shared = 1.5
    truth = intercept(drawn(60_000, images=4, shared=shared, seed=1), clustered=True).value
    for seed in range(repeats):
        forecasts = drawn(60, images=4, shared=shared, seed=seed)
        for index, clustered in enumerate((True, False)):
            interval = intercept(forecasts, clustered=clustered).interval
            held[index] += interval.low <= truth <= interval.high
    assert held[0] / repeats > 0.93
    assert held[1] / repeats < 0.88
