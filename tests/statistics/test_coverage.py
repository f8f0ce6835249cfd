"""How often intervals hold the truth, by simulation: slow, seeded, and failing when a method gets worse."""

import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from dmn_bench.statistics.proportions import acceptance_interval, proportion_interval
from dmn_bench.statistics.resampling import resample
from dmn_bench.statistics.roc import roc_area_interval
from dmn_bench.vocabulary import Columns

pytestmark = pytest.mark.slow

CELLS = [(0.85, 20), (0.85, 50), (0.85, 100), (0.95, 20), (0.95, 50), (0.95, 100)]
"""Sensitivity and number of patients with 1 to 4 images each, intracluster correlation 0.5."""


def coverage(truth, draw_one, intervals, repeats, seed):
    """Share of repeats in which each interval holds the truth."""
    rng = np.random.default_rng(seed)
    held = np.zeros(len(intervals))
    for _ in range(repeats):
        data = draw_one(rng)
        for index, interval in enumerate(intervals):
            found = interval(*data)
            held[index] += found.low <= truth <= found.high
    return held / repeats


def at_least(level, share, repeats):
    """Whether the simulation is compatible with a true coverage of ``level`` (one-sided, 5 %)."""
    return share + 1.645 * math.sqrt(level * (1 - level) / repeats) >= level


@pytest.mark.parametrize(("sensitivity", "n_patients"), CELLS)
def test_clustered_proportions_cover(sensitivity, n_patients):
    def draw_one(rng):
        images = rng.integers(1, 5, n_patients)
        own = rng.beta(sensitivity, 1 - sensitivity, n_patients)  # correlation 1 / (a + b + 1) = 0.5
        return rng.binomial(images, own).astype(float), images.astype(float)

    def by(interval, clustered):
        return lambda x, m: interval(x, m, np.arange(n_patients), clustered=clustered)

    def naive(x, m):
        n, k = int(m.sum()), int(x.sum())
        return proportion_interval(np.r_[np.ones(k), np.zeros(n - k)], np.ones(n), np.arange(n), clustered=False)

    repeats = 10_000
    intervals = [by(proportion_interval, True), by(acceptance_interval, True), naive]
    display, acceptance, without = coverage(sensitivity, draw_one, intervals, repeats, seed=20261121)
    assert at_least(0.93, display, repeats)
    assert acceptance >= 0.95
    assert without < 0.91  # what the simulation must be able to tell apart


@pytest.mark.parametrize(("n", "share"), [(12, 0.9), (30, 0.85), (50, 0.95), (84, 0.95)])
def test_exact_intervals_cover_whatever_the_share(n, share):
    exact, units = {}, (np.ones(n), np.arange(n))
    for k in range(n + 1):
        found = acceptance_interval(np.r_[np.ones(k), np.zeros(n - k)], *units, clustered=False)
        exact[k] = found.low <= share <= found.high
    chance = {k: math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in exact}
    assert sum(chance[k] for k in exact if exact[k]) >= 0.95


@pytest.mark.parametrize("area", [0.9, 0.97, 0.99])
@pytest.mark.parametrize("n", [5, 10, 30])
def test_roc_areas_cover_up_to_perfect_separation(area, n):
    positive, shift = np.arange(2 * n) < n, math.sqrt(2) * ndtri(area)

    def draw_one(rng):
        return (rng.normal(size=2 * n) + shift * positive,)

    repeats = 2_000
    (held,) = coverage(area, draw_one, [lambda s: roc_area_interval(s, positive)], repeats, seed=3)
    assert at_least(0.94, held, repeats)


def test_the_bound_at_perfect_separation_keeps_its_promise():
    # The area at which 10 + 10 cases are just refuted: it may not be excluded more often than one tail.
    n, area = 10, 0.025**0.1 - 1e-9
    rng, shift = np.random.default_rng(4), math.sqrt(2) * ndtri(area)
    positive = np.arange(2 * n) < n
    excluded = sum(
        roc_area_interval(rng.normal(size=2 * n) + shift * positive, positive)[0] > area for _ in range(4_000)
    )
    assert excluded / 4_000 <= 0.025


def test_clustered_roc_areas_cover_where_independent_ones_do_not():
    n_patients, images, shared, shift = 60, 4, 1.0, 1.5
    patients = np.repeat(np.arange(n_patients), images)
    positive = patients < n_patients // 2
    truth = float(ndtr(shift / math.sqrt(2 * (shared**2 + 1))))

    def draw_one(rng):
        return (rng.normal(size=len(patients)) + shared * rng.normal(size=n_patients)[patients] + shift * positive,)

    intervals = [
        lambda s: roc_area_interval(s, positive, patients, clustered=True),
        lambda s: roc_area_interval(s, positive),
    ]
    clustered, independent = coverage(truth, draw_one, intervals, 2_000, seed=5)
    assert at_least(0.94, clustered, 2_000)
    assert independent < 0.85


def test_resampled_patients_cover_where_resampled_images_do_not():
    n_patients, images = 60, 4
    n = n_patients * images
    patients = np.repeat(np.arange(n_patients), images)
    plan = {"groups": [np.arange(n)], "resamples": 400, "seed": 1}

    def draw_one(rng):
        own = rng.normal(size=n_patients)[patients]
        return (Columns(sums={"numerator": own + rng.normal(scale=0.5, size=n), "denominator": np.ones(n)}),)

    def by(unit):
        def interval(columns):
            metric = (columns, lambda found: found.sums["numerator"] / found.sums["denominator"])
            return resample([metric], patients=unit, **plan)[0][0].interval

        return interval

    of_patients, of_images = coverage(0.0, draw_one, [by(patients), by(np.arange(n))], 300, seed=6)
    assert at_least(0.93, of_patients, 300)
    assert of_images < 0.85
