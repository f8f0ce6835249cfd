"""Reader studies against the printed results of other programs, by hand and by what must not matter."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dmn_bench.statistics.mrmc import covariances, device_against_readers, reader_study
from dmn_bench.statistics.reader_values import (
    ReaderValues,
    Reading,
    afroc_reading,
    area,
    delong,
    jackknife,
    roc_reading,
)
from dmn_bench.statistics.resampling import totals
from dmn_bench.statistics.roc import roc_area
from dmn_bench.vocabulary import Columns, NotEstimable

from ..shared_data import shared_data

WITNESSES = Path(__file__).parents[1] / "witnesses"
IOWA = json.loads((WITNESSES / "mrmc_iowa.json").read_text(encoding="utf-8"))
DESIGNS = {
    "random": {},
    "fixed_readers": {"readers": "fixed"},
    "fixed_cases": {"cases": "fixed"},
}


def with_covariances(values, error, cov1, cov2, cov3, n_patients=100):
    """Reader values whose covariance has the published means."""
    i, j = np.shape(values)
    same_modality, same_reader = np.eye(i)[:, None, :, None], np.eye(j)[None, :, None, :]
    covariance = same_modality * (same_reader * np.asarray(error) + (1 - same_reader) * np.asarray(cov2))
    covariance = covariance + (1 - same_modality) * (same_reader * cov1 + (1 - same_reader) * cov3)
    return ReaderValues(values=np.asarray(values), covariance=covariance, method="jackknife", n_patients=n_patients)


def by_modality(numbers):
    return np.array(numbers)[:, None, None, None]


def published(name):
    d = IOWA[name]
    return with_covariances(
        d["values"], by_modality(d["error_by_modality"]), d["cov1"], by_modality(d["cov2_by_modality"]), d["cov3"]
    )


@pytest.mark.parametrize("name", ["van_dyke", "five_modalities"])
def test_variance_components_are_those_of_the_iowa_program(name):
    study, expected = reader_study(published(name)), IOWA[name]
    for key in ("error", "cov1", "cov2", "cov3"):
        assert getattr(study.covariances, key) == pytest.approx(expected[key], abs=2e-8)
    assert study.reader_variance == pytest.approx(expected["reader_variance"], abs=3e-8)
    assert study.interaction_variance == pytest.approx(expected["interaction_variance"], abs=3e-8)


@pytest.mark.parametrize("name", ["van_dyke", "five_modalities"])
@pytest.mark.parametrize("design", DESIGNS)
def test_tests_and_intervals_are_those_of_the_iowa_program(name, design):
    study, expected = reader_study(published(name), **DESIGNS[design]), IOWA[name][design]
    df = math.inf if expected["df"] is None else expected["df"]
    assert study.overall.statistic == pytest.approx(expected["statistic"], abs=0.006)
    assert study.overall.degrees_of_freedom[1] == pytest.approx(df, abs=0.006)
    assert study.overall.p == pytest.approx(expected["p"], abs=6e-5)
    pairs = {f"{a}-{b}": effect for a, b, effect in study.differences}
    for pair, (low, high) in expected["intervals"].items():
        assert pairs[pair].standard_error == pytest.approx(expected["error"], abs=6e-6)
        assert pairs[pair].interval[:2] == pytest.approx((low, high), abs=1.1e-5)
    for found, (mean, error, degrees, low, high) in zip(study.means, expected["means"], strict=True):
        assert (found.estimate, found.standard_error) == pytest.approx((mean, error), abs=5e-7)
        assert found.interval[:2] == pytest.approx((low, high), abs=2e-6)
        assert found.degrees_of_freedom == pytest.approx(math.inf if degrees is None else degrees, abs=0.006)


def test_delong_covariances_are_those_of_proc():
    proc = json.loads((WITNESSES / "mrmc_delong.json").read_text(encoding="utf-8"))
    found = delong(np.array(proc["scores"], dtype=float), np.array(proc["truth"]) == 1)
    np.testing.assert_allclose(found.values.ravel(), proc["areas"], atol=1e-12)
    np.testing.assert_allclose(found.covariance.reshape(6, 6), proc["covariance"], atol=1e-12)
    study = reader_study(found)
    modalities, _, interaction = proc["mean_squares"]
    spread = interaction + 3 * max(study.covariances.cov2 - study.covariances.cov3, 0)
    assert study.overall.statistic == pytest.approx(modalities / spread, rel=1e-9)
    assert study.overall.degrees_of_freedom[1] == pytest.approx(2 * spread**2 / interaction**2, rel=1e-9)


def test_two_modalities_two_readers_four_cases_by_hand():
    # Areas 1, 3/4 with the first modality and 3/4, 1/2 with the second.
    positive, patients = np.array([True, True, False, False]), np.arange(4)
    scores = np.array([[[4.0, 3, 2, 1], [4.0, 2, 3, 1]], [[4.0, 2, 3, 1], [4.0, 1, 3, 2]]])
    found = jackknife([[roc_reading(s, positive, patients) for s in modality] for modality in scores])
    np.testing.assert_allclose(found.values, [[1, 0.75], [0.75, 0.5]])
    # Left out in turn: (1, 1, 1, 1), (1, ½, 1, ½), (1, ½, 1, ½) and (1, 0, ½, ½), each with the mean of the whole.
    # Deviations squared times 3/4: 0; 3/16 twice; (¼ + ¼) · ¾ = 3/8; products of the last two (⅛ + ⅛) · ¾ = 3/16.
    expected = np.array([[0, 0, 0, 0], [0, 3, 3, 3], [0, 3, 3, 3], [0, 3, 3, 6]]) / 16
    np.testing.assert_allclose(found.covariance.reshape(4, 4), expected, atol=1e-12)
    study = reader_study(found, readers="fixed")
    # Var 3/16, Cov1 (0 + 3)/32, Cov2 (0 + 3)/32, Cov3 (0 + 3)/32: χ² = MS(T) / (3/16 − 3/32), MS(T) = 2 · 2 · (⅛)².
    assert study.covariances == pytest.approx((3 / 16, 3 / 32, 3 / 32, 3 / 32))
    assert study.overall.statistic == pytest.approx((1 / 16) / (3 / 32))


# -------------------------------------------------------------------------------------------------- by property

SCORES = st.integers(2, 3).flatmap(
    lambda i: st.integers(2, 4).flatmap(
        lambda j: arrays.arrays(np.float64, (i, j, 12), elements=st.integers(0, 6).map(float))
    )
)
POSITIVE = np.arange(12) < 5


@given(SCORES)
def test_the_jackknife_is_delong_but_for_the_known_factors(scores):
    found = delong(scores, POSITIVE)
    readings = [[roc_reading(s, POSITIVE, np.arange(12)) for s in modality] for modality in scores]
    by_jackknife = jackknife(readings)
    np.testing.assert_allclose(by_jackknife.values, found.values, atol=1e-12)
    # Leaving out a positive moves the area by its placement over m − 1: (N − 1)/N (S10/(m − 1) + S01/(n − 1)).
    flat = scores.reshape(-1, 12)
    won = flat[:, POSITIVE][:, :, None] - flat[:, ~POSITIVE][:, None, :]
    pairs = (won > 0) + 0.5 * (won == 0)
    s10, s01 = np.cov(pairs.mean(axis=2)), np.cov(pairs.mean(axis=1))
    shape = found.covariance.shape
    np.testing.assert_allclose(found.covariance, (s10 / 5 + s01 / 7).reshape(shape), atol=1e-12)
    np.testing.assert_allclose(by_jackknife.covariance, (11 / 12 * (s10 / 4 + s01 / 6)).reshape(shape), atol=1e-12)


def compared(found, **design):
    study = reader_study(found, **design)
    return None if isinstance(study.overall, NotEstimable) else study


@given(SCORES, st.randoms(use_true_random=False), st.sampled_from(sorted(DESIGNS)))
def test_the_order_of_readers_and_modalities_does_not_matter(scores, random, design):
    study = compared(delong(scores, POSITIVE), **DESIGNS[design])
    order = list(range(scores.shape[1]))
    random.shuffle(order)
    shuffled = compared(delong(scores[::-1, order], POSITIVE), **DESIGNS[design])
    if study is None or shuffled is None:
        assert study is shuffled
        return
    assert shuffled.overall.p == pytest.approx(study.overall.p, abs=1e-9)
    first, last = study.differences[0], shuffled.differences[-1]
    assert last[2].estimate == pytest.approx(-first[2].estimate, abs=1e-12)
    assert last[2].interval.low == pytest.approx(-first[2].interval.high, abs=1e-9)


@given(SCORES)
def test_a_test_of_two_modalities_agrees_with_the_interval_of_their_difference(scores):
    for design in DESIGNS.values():
        study = compared(delong(scores[:2], POSITIVE), **design)
        if study is None:
            continue
        ((_, _, effect),) = study.differences
        assert effect.p == pytest.approx(study.overall.p, abs=1e-9)
        assert effect.interval.low <= effect.estimate <= effect.interval.high
        if effect.interval.low > -1 and effect.interval.high < 1:
            assert (effect.interval.low > 0 or effect.interval.high < 0) == (effect.p < 0.05)


def test_readers_who_are_copies_add_nothing_with_fixed_readers():
    rng = np.random.default_rng(1)
    positive = np.arange(60) < 25
    one = rng.normal(size=(2, 1, 60)) + 1.2 * positive
    alone = reader_study(delong(one, positive), readers="fixed")
    copied = reader_study(delong(np.repeat(one, 4, axis=1), positive), readers="fixed")
    assert copied.overall.p == pytest.approx(alone.overall.p, abs=1e-12)
    assert copied.means[0].standard_error == pytest.approx(alone.means[0].standard_error, abs=1e-12)
    # Random readers who all agree leave the chance of the cases alone: infinite degrees of freedom.
    random = reader_study(delong(np.repeat(one, 4, axis=1), positive))
    assert random.overall.degrees_of_freedom[1] == math.inf
    assert random.overall.p == pytest.approx(alone.overall.p, abs=1e-12)


def test_one_reading_is_delong_or_obuchowski_as_elsewhere():
    rng = np.random.default_rng(2)
    positive, patients = rng.random(40) < 0.4, rng.integers(0, 25, 40)
    scores = rng.normal(size=40) + positive
    for who in (None, patients):
        found = delong(scores[None, None], positive, who)
        expected = roc_area(scores, positive, who, clustered=who is not None)
        assert found.covariance.item() == pytest.approx(expected.variance, abs=1e-12)
        assert found.method == ("delong" if who is None else "obuchowski")


def test_sensitivity_is_a_figure_of_merit_like_another():
    # 6 and 4 of 8 diseased patients found, 4 by both: leaving out one moves a share by its deviation over 7.
    hits = np.array([[1, 1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0]], dtype=float)
    readings = [[Reading(Columns(sums={"numerator": h, "denominator": np.ones(8)}), np.arange(8))] for h in hits]
    found = jackknife(readings, lambda t: t.sums["numerator"] / t.sums["denominator"])
    assert found.values.ravel().tolist() == [0.75, 0.5]
    # 7/8 Σ (x − x̄)(y − ȳ) / 49: sums of products 8 · 3/16, 8 · 1/4 and 4 − 8 · 3/8.
    np.testing.assert_allclose(found.covariance.reshape(2, 2), np.array([[1.5, 1.0], [1.0, 2.0]]) / 56)


def test_a_device_is_compared_with_the_mean_of_the_readers():
    rng = np.random.default_rng(3)
    positive = np.arange(80) < 30
    scores = rng.normal(size=(1, 6, 80)) + rng.normal(size=80) + 1.5 * positive
    found = delong(scores, positive)
    effect = device_against_readers(found)
    assert effect.estimate == pytest.approx(found.values[0, :5].mean() - found.values[0, 5])
    # By hand: the differences are five figures of merit with covariance C_jk − C_jd − C_kd + C_dd.
    c = found.covariance[0, :, 0, :]
    apart = c[:5, :5] - c[:5, 5:] - c[5:, :5] + c[5, 5]
    off = apart[~np.eye(5, dtype=bool)].mean()
    between = np.var(found.values[0, :5], ddof=1)
    assert effect.standard_error**2 == pytest.approx((between + 5 * max(off, 0)) / 5)
    assert effect.degrees_of_freedom == pytest.approx((between + 5 * off) ** 2 * 4 / between**2)
    first = device_against_readers(delong(scores[:, ::-1], positive), device=0)
    assert first.estimate == pytest.approx(effect.estimate)
    assert first.interval[:2] == pytest.approx(effect.interval[:2])
    conditional = device_against_readers(found, cases="fixed")
    assert conditional.standard_error < effect.standard_error
    assert conditional.degrees_of_freedom == 4


def test_a_device_against_one_fixed_reader_is_the_paired_delong_test():
    rng = np.random.default_rng(4)
    positive = np.arange(50) < 20
    found = delong(rng.normal(size=(1, 2, 50)) + positive, positive)
    effect = device_against_readers(found, readers="fixed")
    c = found.covariance[0, :, 0, :]
    assert effect.standard_error**2 == pytest.approx(c[0, 0] + c[1, 1] - 2 * c[0, 1])
    assert device_against_readers(found) == NotEstimable(reason="too_few", facts={"n": 1, "minimum": 2})


# ---------------------------------------------------------------------------------------------------- FROC readers


def read_froc():
    """Readings of the published FROC study: AFROC and weighted AFROC of 2 modalities and 5 readers."""

    def rows(name):
        with shared_data(f"imaging/metrics_jafroc/dataset01/{name}").open(newline="") as stream:
            return list(csv.DictReader(stream))

    truth, marks = rows("truth.csv"), rows("marks.csv")
    lesions = {
        (row["case"], lesion): float(weight)
        for row in truth
        if int(row["n_lesions"])
        for lesion, weight in zip(row["lesion_ids"].split("|"), row["lesion_weights"].split("|"), strict=True)
    }
    cases = [row["case"] for row in truth]
    normal = np.array([row["n_lesions"] == "0" for row in truth], dtype=float)

    def reading(modality, reader, weighted):
        rated, highest = dict.fromkeys(lesions, -np.inf), dict.fromkeys(cases, -np.inf)
        for mark in marks:
            if (mark["modality"], mark["reader"]) == (str(modality), str(reader)):
                rating = float(mark["rating"])
                if mark["mark_type"] == "NL":
                    highest[mark["case"]] = max(highest[mark["case"]], rating)
                else:
                    rated[mark["case"], mark["lesion"]] = rating
        weights = np.array(list(lesions.values())) if weighted else np.ones(len(lesions))
        return afroc_reading(
            (np.array(list(rated.values())), weights, np.array([int(case) for case, _ in rated])),
            (np.array(list(highest.values())), normal, np.array([int(case) for case in highest])),
        )

    return reading, json.loads(shared_data("imaging/metrics_jafroc/dataset01/oracle.json").read_text())["fom"]


@pytest.mark.parametrize("name", ["AFROC", "wAFROC"])
def test_free_response_figures_of_merit_of_a_published_study(name):
    reading, oracle = read_froc()
    readings = [[reading(i, j, weighted=name == "wAFROC") for j in range(5)] for i in range(2)]
    found = jackknife(readings)
    np.testing.assert_allclose(found.values, oracle["ours_same_code"][name], atol=1e-12)
    assert found.n_patients == 185
    study = reader_study(found)
    ((_, _, effect),) = study.differences
    assert 0 < effect.interval.low < effect.estimate < effect.interval.high
    assert effect.p == pytest.approx(study.overall.p)
    # The jackknife of one reading, taken apart by hand.
    one = readings[0][0]
    left = [area(totals(one.columns, (one.patients != case)[None].astype(float)))[0] for case in range(185)]
    assert found.covariance[0, 0, 0, 0] == pytest.approx(184 / 185 * ((left - np.mean(left)) ** 2).sum(), rel=1e-9)


# ------------------------------------------------------------------------------------------------------ the edges


def test_absences_have_a_reason():
    scores = np.arange(24.0).reshape(2, 2, 6)
    assert delong(scores, np.ones(6, dtype=bool)).reason == "one_class"
    assert delong(scores, np.arange(6) < 1).reason == "too_few"
    lone = [[roc_reading(scores[0, 0], np.arange(6) < 1, np.arange(6))]]
    assert jackknife(lone).reason == "too_few"
    none = [[roc_reading(scores[0, 0], np.zeros(6, dtype=bool), np.arange(6))]]
    assert jackknife(none).reason == "undefined"
    perfect = reader_study(delong(np.tile(np.arange(6.0)[::-1], (2, 2, 1)), np.arange(6) < 3))
    assert perfect.overall.reason == "degenerate"
    assert [mean.reason for mean in perfect.means] == ["degenerate", "degenerate"]
    one = reader_study(delong(np.random.default_rng(1).normal(size=(1, 3, 20)), np.arange(20) < 8))
    assert (one.overall.reason, one.differences) == ("fewer_than_two_strata", ())
    assert one.means[0].interval.low < one.means[0].estimate
    single = delong(np.random.default_rng(1).normal(size=(2, 1, 20)), np.arange(20) < 8)
    assert reader_study(single).reason == "too_few"
    assert reader_study(single, readers="fixed").overall.p > 0


def test_wrong_designs_are_refused():
    positive, patients = np.array([True, False]), np.arange(2)
    one = roc_reading(np.array([1.0, 0.0]), positive, patients)
    with pytest.raises(ValueError, match="same readers"):
        jackknife([[one, one], [one]])
    with pytest.raises(ValueError, match="same patients"):
        jackknife([[one, roc_reading(np.array([1.0, 0.0]), positive, patients + 1)]])
    with pytest.raises(ValueError, match="NaN"):
        delong(np.full((1, 1, 2), np.nan), positive)
    values = with_covariances([[0.8, 0.9]], 0.01, 0, 0, 0)
    with pytest.raises(ValueError, match="both be fixed"):
        reader_study(values, readers="fixed", cases="fixed")
    with pytest.raises(ValueError, match="both be fixed"):
        device_against_readers(values, readers="fixed", cases="fixed")
    with pytest.raises(ValueError, match="one modality"):
        device_against_readers(with_covariances([[0.8], [0.9]], 0.01, 0, 0, 0))


def test_covariances_without_a_pair_are_zero():
    assert covariances(np.full((1, 1, 1, 1), 0.5)) == (0.5, 0, 0, 0)


@pytest.mark.slow
def test_the_random_reader_test_keeps_its_level():
    """Roe–Metz model without a difference: 5 % of studies reject."""
    rng, positive, rejected, repeats = np.random.default_rng(6), np.arange(60) < 30, 0, 1_000
    for _ in range(repeats):
        case, of_reader = rng.normal(size=60), 0.3 * rng.normal(size=(1, 5, 1))
        with_modality, with_reader = 0.4 * rng.normal(size=(2, 1, 60)), 0.4 * rng.normal(size=(1, 5, 60))
        interaction = 0.15 * rng.normal(size=(2, 5, 1))
        noise = 0.6 * rng.normal(size=(2, 5, 60))
        scores = case + with_modality + with_reader + noise + (1.5 + of_reader + interaction) * positive
        rejected += reader_study(delong(scores, positive)).overall.p < 0.05
    assert 0.025 < rejected / repeats < 0.07
