"""Pooling of sites: what their number allows, and the models against other programs and by force."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_expit, logit

from dmn_bench.statistics.bivariate import fit, region
from dmn_bench.statistics.pooling import PooledShare, SiteCounts, pool, random_effects
from dmn_bench.statistics.proportions import wilson
from dmn_bench.vocabulary import NotEstimable

WITNESS = json.loads((Path(__file__).parents[1] / "witnesses" / "pooling.json").read_text(encoding="utf-8"))
SIX = [(45, 50, 90, 100), (38, 45, 66, 90), (52, 55, 60, 70), (28, 40, 92, 95), (61, 70, 66, 80), (33, 35, 52, 70)]


def sites(rows):
    return [SiteCounts(tp, n1 - tp, tn, n2 - tn) for tp, n1, tn, n2 in rows]


def many_sites():
    w = WITNESS["bivariate"]
    return list(zip(w["tp"], w["n_positive"], w["tn"], w["n_negative"], strict=True))


# ---------------------------------------------------------------------------------------------------------- the rule


def test_one_site_is_not_pooled():
    found = pool(sites(SIX[:1]))
    assert (found.rule, found.n_sites) == ("no_pooling", 1)
    assert found.sensitivity.pooled.reason == "too_few_sites"
    assert found.sensitivity.sites[0].interval == wilson(45, 50)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_two_to_four_sites_are_shown_with_their_range(k):
    found = pool(sites(SIX[:k]))
    assert found.rule == "range"
    assert found.sensitivity.pooled == NotEstimable(reason="too_few_sites", facts={"n": k, "minimum": 5})
    assert found.sensitivity.lowest == min(tp / n for tp, n, _, _ in SIX[:k])
    assert found.specificity.highest == max(tn / n for _, _, tn, n in SIX[:k])


@pytest.mark.parametrize("k", [5, 6, 9])
def test_five_to_nine_sites_have_a_mean_of_each_measure(k):
    rows = (SIX + SIX)[:k]
    found = pool(sites(rows))
    assert found.rule == "univariate"
    assert found.sensitivity.pooled == random_effects([r[0] for r in rows], [r[1] for r in rows])
    assert found.together == NotEstimable(reason="too_few_sites", facts={"n": k, "minimum": 10})


def test_ten_sites_and_more_are_fitted_together():
    found = pool(sites(many_sites()))
    assert found.rule == "bivariate"
    assert found.together.n_sites == 24
    assert found.sensitivity.pooled.value == pytest.approx(found.together.sensitivity.value, abs=0.01)


def test_a_singular_fit_falls_back_to_a_mean_of_each_and_says_so():
    found = pool(sites([(45, 50, 80, 100)] * 12))
    assert (found.rule, found.together.reason) == ("univariate", "singular_fit")
    assert isinstance(found.sensitivity.pooled, PooledShare)


def test_no_answer_counts_as_a_wrong_call():
    site = SiteCounts(40, 5, 80, 10, unanswered_positive=5, unanswered_negative=10)
    assert (site.n_positive, site.n_negative) == (50, 100)
    assert pool([site]).sensitivity.sites[0].value == 0.8


def test_a_site_without_diseased_units_is_shown_and_not_pooled():
    found = pool([*sites(SIX), SiteCounts(0, 0, 50, 5)])
    assert found.sensitivity.sites[6].value == NotEstimable(reason="no_denominator")
    assert (found.sensitivity.pooled.n_sites, found.specificity.pooled.n_sites) == (6, 7)
    none = pool([SiteCounts(0, 0, 9, 1)])
    assert none.sensitivity.lowest == NotEstimable(reason="no_denominator")


def test_nothing_and_nonsense():
    assert pool([]) == NotEstimable(reason="no_denominator")
    with pytest.raises(ValueError, match="negative"):
        pool([SiteCounts(-1, 3, 3, 3)])
    with pytest.raises(ValueError, match="count <= size"):
        random_effects([3], [2])
    with pytest.raises(ValueError, match="right calls"):
        fit(np.array([[3, 2]] * 6), np.array([[1, 2]] * 6))
    assert random_effects([3, 4], [5, 5]).reason == "too_few_sites"
    assert fit(np.ones((4, 2)), np.ones((4, 2))).reason == "too_few_sites"


# --------------------------------------------------------------------------------------------------------- one measure


@pytest.mark.parametrize("case", WITNESS["univariate"])
def test_the_mean_is_that_of_metafor(case):
    found = random_effects(case["x"], case["n"])
    assert found.value == pytest.approx(case["value"], abs=1e-9)
    assert found.between_sd == pytest.approx(case["tau"], abs=1e-9)
    assert found.interval[:2] == pytest.approx((case["low"], case["high"]), abs=1e-9)
    assert found.prediction[:2] == pytest.approx((case["predicted_low"], case["predicted_high"]), abs=1e-9)
    assert found.i_squared == pytest.approx(case["i_squared"], abs=1e-9)
    with_half = any(x in (0, n) for x, n in zip(case["x"], case["n"], strict=True))
    assert found.interval.method.endswith("-half-added") == with_half


def test_the_mean_is_that_of_statsmodels():
    pytest.importorskip("statsmodels", reason="statsmodels is a witness only")
    from statsmodels.stats.meta_analysis import combine_effects

    x, n = np.array([45.0, 38, 52, 28, 61]), np.array([50.0, 45, 55, 40, 70])
    other = combine_effects(np.log(x / (n - x)), 1 / x + 1 / (n - x), method_re="dl", use_t=True)
    found = random_effects(x, n)
    assert logit(found.value) == pytest.approx(other.mean_effect_re, abs=1e-12)
    half = found.interval
    width = (logit(half.high) - logit(half.low)) / 2
    factor = max(1.0, other.scale_hksj_re)
    assert width == pytest.approx(2.7764451052 * other.sd_eff_w_re * math.sqrt(factor), rel=1e-9)


def test_five_equal_sites_by_hand():
    # 40 of 50 five times: logit ln 4, variance 1/40 + 1/10 = 1/8 each, mean 1/40; nothing between, factor 1.
    found = random_effects([40] * 5, [50] * 5)
    assert (found.value, found.between_sd, found.i_squared) == (pytest.approx(0.8), 0, 0)
    half = 2.7764451052 * math.sqrt(1 / 40)
    assert found.interval[:2] == pytest.approx((expit(math.log(4) - half), expit(math.log(4) + half)))


COUNTS = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=9
)


@given(COUNTS, st.randoms(use_true_random=False))
def test_a_mean_lies_within_its_limits_whatever_the_order(counts, random):
    found = random_effects(*zip(*counts, strict=True))
    assert 0 < found.prediction.low <= found.interval.low <= found.value <= found.interval.high
    assert found.interval.high <= found.prediction.high <= 1
    random.shuffle(counts)
    assert random_effects(*zip(*counts, strict=True)).value == pytest.approx(found.value, abs=1e-9)
    mirrored = random_effects([n - k for k, n in counts], [n for _, n in counts])
    assert mirrored.value == pytest.approx(1 - found.value, abs=1e-9)
    assert mirrored.interval.high == pytest.approx(1 - found.interval.low, abs=1e-9)


# ------------------------------------------------------------------------------------------------------ both together


def test_with_one_point_the_fit_is_the_laplace_one_of_lme4():
    w = WITNESS["bivariate"]
    rows = np.array(many_sites())
    found = fit(rows[:, :2], rows[:, 2:], nodes=1)
    np.testing.assert_allclose(found.centre, w["centre"], atol=3e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(found.between)), w["sd"], atol=3e-4)
    assert found.correlation == pytest.approx(w["correlation"], abs=3e-4)
    # lme4 differentiates more coarsely: its standard errors agree to half a percent.
    np.testing.assert_allclose(found.covariance, w["covariance"], rtol=0.01)


def test_the_likelihood_is_that_of_a_fine_grid():
    found = fit(*(np.array(SIX)[:, 2 * m : 2 * m + 2] for m in range(2)))
    u = np.linspace(-7, 7, 281)
    normal = -0.5 * (u[:, None] ** 2 + u[None, :] ** 2) - math.log(2 * math.pi) + 2 * math.log(u[1] - u[0])
    factor = np.linalg.cholesky(found.between)
    first = found.centre[0] + factor[0, 0] * u[:, None]
    second = found.centre[1] + factor[1, 0] * u[:, None] + factor[1, 1] * u[None, :]
    total = 0.0
    for tp, n1, tn, n2 in SIX:
        inside = tp * first + n1 * log_expit(-first) + tn * second + n2 * log_expit(-second)
        total += math.log(np.exp(inside + normal).sum())
    assert found.log_likelihood == pytest.approx(total, abs=1e-4)


def test_exchanging_sensitivity_and_specificity_exchanges_the_results():
    rows = np.array(many_sites())
    found, other = fit(rows[:, :2], rows[:, 2:]), fit(rows[:, 2:], rows[:, :2])
    assert other.sensitivity.value == pytest.approx(found.specificity.value, abs=1e-4)
    assert other.correlation == pytest.approx(found.correlation, abs=1e-3)


def test_regions_surround_the_centre_and_prediction_the_confidence():
    rows = np.array(many_sites())
    found = fit(rows[:, :2], rows[:, 2:])
    assert found.sensitivity.prediction.low < found.sensitivity.interval.low < found.sensitivity.value
    se, sp = region(found)
    wide_se, wide_sp = region(found, prediction=True)
    assert se.min() < found.sensitivity.interval.low  # a joint region is wider than one interval
    assert sp.max() > found.specificity.interval.high
    assert wide_se.min() < se.min() < found.sensitivity.value < se.max() < wide_se.max()
    assert (se[0], sp[0]) == pytest.approx((se[-1], sp[-1]))
    apart = np.stack([logit(se), logit(sp)]) - found.centre[:, None]
    radius = np.einsum("ap,ab,bp->p", apart, np.linalg.inv(found.covariance), apart)
    np.testing.assert_allclose(radius, 2 * 3.443357, rtol=1e-5)  # F(2, 22) at 95 %
    assert len(wide_sp) == 100


# ------------------------------------------------------------------------------------------------------------ coverage


def held_by_simulation(k, repeats, seed):
    """Share of repeats in which summed counts, plain z and the modified Hartung–Knapp interval hold the truth."""
    rng, truth = np.random.default_rng(seed), 0.85
    held = np.zeros(3)
    for _ in range(repeats):
        n = np.full(k, 100)
        x = rng.binomial(n, expit(logit(truth) + 0.6 * rng.normal(size=k)))
        added = wilson(int(x.sum()), int(n.sum()))
        held[0] += added.low <= truth <= added.high
        if k < 3:
            continue
        found = random_effects(x, n)
        half = (logit(found.interval.high) - logit(found.interval.low)) / 2
        held[2] += abs(logit(found.value) - logit(truth)) <= half
        hits, misses = x + 0.5 * ((x == 0) | (x == n)), n - x + 0.5 * ((x == 0) | (x == n))
        plain = 1.96 / math.sqrt((1 / (1 / hits + 1 / misses + found.between_sd**2)).sum())
        held[1] += abs(logit(found.value) - logit(truth)) <= plain
    return held / repeats


@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "naive", "plain", "modified"), [(3, 0.60, 0.84, 0.99), (5, 0.60, 0.87, 0.95), (10, 0.56, 0.88, 0.94)]
)
def test_the_modified_interval_covers_where_sums_and_plain_intervals_do_not(k, naive, plain, modified):
    found = held_by_simulation(k, 4_000, seed=k)
    assert found == pytest.approx((naive, plain, modified), abs=0.05)
    assert found[2] >= 0.935


@pytest.mark.slow
def test_the_bivariate_interval_covers():
    rng, truth, held, fitted = np.random.default_rng(7), logit([0.85, 0.9]), 0, 0
    for _ in range(80):
        eta = truth + rng.normal(size=(16, 2)) * 0.6
        n = np.full((16, 2), 80)
        x = rng.binomial(n, expit(eta))
        found = fit(*(np.stack((x[:, m], n[:, m]), axis=1) for m in range(2)), nodes=5)
        if not isinstance(found, NotEstimable):
            fitted += 1
            held += found.sensitivity.interval.low <= 0.85 <= found.sensitivity.interval.high
    assert fitted > 60
    assert held / fitted > 0.90
