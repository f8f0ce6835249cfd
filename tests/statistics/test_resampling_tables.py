"""The tables behind the engine: in whole numbers or real ones, pieces or blocks, totals are those of the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.statistics import area_weighting, resampling, weighting
from dmn_bench.statistics.area_weighting import AreaByWeights
from dmn_bench.statistics.resampling import draw, resample, totals
from dmn_bench.statistics.roc import RankedArea, ranked_area
from dmn_bench.statistics.weighting import LARGEST_PIECE, PatientSums, Weightings
from dmn_bench.vocabulary import Columns

AREA = RankedArea("positive", "negative")


def area_of(found):
    """The same as ``AREA``, by a function that the engine does not know."""
    return ranked_area(found.ranked["positive"], found.ranked["negative"])


def ratio(found):
    return found.sums["numerator"] / found.sums["denominator"]


def ranked_columns(scores, positive, negative):
    return Columns(
        sums={},
        ranked={"positive": np.asarray(positive, float), "negative": np.asarray(negative, float)},
        scores=scores,
    )


def a_sample(seed, *, decimals=1, n=150, fractions=False):
    """Rows of 40 patients with tied scores, infinite ones among them, in two overlapping strata."""
    rng = np.random.default_rng(seed)
    positive = (rng.random(n) < 0.4).astype(float)
    scores = np.round(rng.normal(size=n) + positive, decimals)
    scores[:4] = [-np.inf, np.inf, -np.inf, np.inf]
    positive[:4] = [1, 1, 0, 0]
    weights = rng.lognormal(size=n) if fractions else np.ones(n)
    patients = np.concatenate((np.arange(40), rng.integers(0, 40, n - 40)))
    columns = ranked_columns(scores, positive * weights, (1 - positive) * weights)
    groups = [np.arange(n), np.flatnonzero(patients % 3 > 0), np.flatnonzero(scores > 0)]
    return columns, {"patients": patients, "groups": groups, "resamples": 200, "seed": seed}


def numbers(found):
    return [
        (result.value, *result.interval[:2], result.n_invalid) if hasattr(result, "interval") else result.reason
        for group in found
        for result in group
    ]


# ----------------------------------------------------------------------------------------------- areas without tables


@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_an_area_the_engine_knows_is_the_area_of_its_table(method, decimals):
    columns, plan = a_sample(3, decimals=decimals)
    found = resample([(columns, AREA), (columns, area_of)], method=method, **plan)
    for known, other in found:
        assert known.value == pytest.approx(other.value, abs=1e-14)
        assert known.interval[:2] == pytest.approx(other.interval[:2], abs=1e-14)
        assert (known.interval.method, known.n_invalid) == (other.interval.method, other.n_invalid)


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 9]), st.booleans())
@settings(max_examples=30)
def test_leaving_a_patient_out_is_an_area_without_the_rows_of_that_patient(seed, decimals, fractions):
    columns, plan = a_sample(seed, decimals=decimals, n=70, fractions=fractions)
    patients = plan["patients"]
    rows = plan["groups"][1]
    own = np.unique(patients[rows])
    found = AreaByWeights.of(columns, AREA, rows, patients, 40).without_each(own)
    for without, patient in zip(found, own, strict=True):
        kept = rows[patients[rows] != patient]
        left = ranked_columns(columns.scores[kept], *(values[kept] for values in columns.ranked.values()))
        assert without == pytest.approx(area_of(totals(left))[0], abs=1e-12, nan_ok=True)


def test_areas_of_real_weightings_are_those_of_the_table():
    columns, plan = a_sample(5, fractions=True)
    weights = np.random.default_rng(1).lognormal(size=(40, 7))
    found = AreaByWeights.of(columns, AREA, np.arange(150), plan["patients"], 40).values(Weightings(values=weights))
    np.testing.assert_allclose(found, area_of(totals(columns, weights[plan["patients"]].T)), rtol=1e-13)


def test_without_a_class_there_is_no_area():
    columns = ranked_columns(np.arange(5.0), np.ones(5), np.zeros(5))
    areas = AreaByWeights.of(columns, AREA, np.arange(5), np.arange(5), 5)
    assert np.isnan(areas.estimate())
    assert np.isnan(areas.values(Weightings.once(5))).all()
    none = AreaByWeights.of(columns, AREA, np.arange(0), np.arange(5), 5)
    assert np.isnan(none.estimate())
    assert np.isnan(none.values(Weightings.once(5))).all()


def test_without_a_row_nothing_is_estimable():
    columns = ranked_columns(np.zeros(0), np.zeros(0), np.zeros(0))
    [found] = resample(
        [(columns, AREA), (columns, area_of)], patients=np.arange(0), groups=[np.arange(0)], resamples=9, seed=1
    )
    assert [result.reason for result in found] == ["undefined", "undefined"]


def test_an_area_needs_scores():
    with pytest.raises(ValueError, match="scores"):
        resample(
            [(Columns(sums={"a": np.ones(3)}), AREA)], patients=np.arange(3), groups=[np.arange(3)], resamples=1, seed=0
        )


# ------------------------------------------------------------------------------------------------ draws and blocks


def test_the_draws_of_a_block_are_those_of_each_resample():
    drawn = resampling._weightings(37, 5, range(3, 80)).values
    assert drawn.dtype == np.int16
    np.testing.assert_array_equal(drawn.T, [draw(37, 5, number) for number in range(3, 80)])


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (resampling, "LARGEST_BLOCK"),
        (resampling, "AT_ONCE"),
        (weighting, "LARGEST_TABLE"),
        (area_weighting, "LARGEST_TILE"),
    ],
)
@pytest.mark.parametrize("size", [1, 211])
@pytest.mark.parametrize("fractions", [False, True])
def test_no_block_changes_a_bit(monkeypatch, module, name, size, fractions):
    columns, plan = a_sample(8, fractions=fractions)
    metrics = [(columns, AREA), (columns, area_of)]
    whole = resample(metrics, **plan)
    monkeypatch.setattr(module, name, size)
    assert resample(metrics, **plan) == whole


def test_counts_too_large_for_16_bits_give_the_same_numbers(monkeypatch):
    columns, plan = a_sample(9)
    share = Columns(sums={"numerator": columns.ranked["positive"], "denominator": np.ones(150)})
    metrics = [(columns, AREA), (columns, area_of), (share, ratio)]
    whole = numbers(resample(metrics, **plan))
    monkeypatch.setattr(weighting, "MOST_DRAWN", 0)
    assert numbers(resample(metrics, **plan)) == whole


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(-LARGEST_PIECE, LARGEST_PIECE)), max_size=60),
    st.sampled_from([1, 2, 1000]),
    st.booleans(),
)
def test_a_product_in_pieces_of_16_bits_is_the_product(entries, scale, fractions):
    row, patient, value = (np.array([entry[index] for entry in entries], dtype=int) for index in range(3))
    value = value / scale if fractions else (value // scale).astype(float)
    weightings = Weightings(values=np.random.default_rng(0).integers(0, 32, (6, 3)).astype(np.int16))
    dense = np.zeros((4, 6))
    np.add.at(dense, (row, patient), value)
    table = PatientSums.of(row, patient, value, (4, 6))
    np.testing.assert_allclose(table.times(weightings), dense @ weightings.values, rtol=1e-12, atol=1e-8)
    np.testing.assert_allclose(table.times(weightings, range(1, 3)), dense[1:3] @ weightings.values, atol=1e-8)


def test_many_rows_of_one_score_fit_into_16_bits():
    n = 30_000
    columns = ranked_columns(np.arange(n) % 2 * 1.0, np.arange(n) % 3 == 0, np.arange(n) % 3 > 0)
    patients = np.arange(n) // 3
    areas = AreaByWeights.of(columns, AREA, np.arange(n), patients, 10_000)
    counts = Weightings(values=np.full((10_000, 2), 31, dtype=np.int16))
    np.testing.assert_allclose(areas.values(counts), areas.estimate(), rtol=1e-14)
    runs = ranked_columns(np.arange(float(n)), np.arange(n) >= n - 9, np.arange(n) < n - 9)
    assert AreaByWeights.of(runs, AREA, np.arange(n), patients, 10_000).values(counts).tolist() == [1.0, 1.0]


# ----------------------------------------------------------------------------------------------- sampling weights


def weighted_metrics(n=60):
    rng = np.random.default_rng(4)
    positive = (rng.random(n) < 0.5).astype(float)
    ranked = ranked_columns(np.round(rng.normal(size=n) + positive, 1), positive, 1 - positive)
    share = Columns(sums={"numerator": (ranked.scores > 0) * positive, "denominator": positive})
    return [(ranked, AREA), (ranked, area_of), (share, ratio)]


def test_a_row_of_weight_three_is_three_rows_of_the_same_patient():
    weights = np.random.default_rng(5).integers(0, 4, 60)
    patients, rows = np.arange(60) // 2, np.repeat(np.arange(60), weights)
    metrics = weighted_metrics()
    plan = {"resamples": 300, "seed": 2}
    weighted = resample(metrics, patients=patients, groups=[np.arange(60)], weights=weights.astype(float), **plan)
    # Patients of whom no row is left would not be drawn: one row of each that counts for nothing keeps them.
    kept = [
        (
            Columns(
                sums={name: np.append(values[rows], np.zeros(30)) for name, values in columns.sums.items()},
                ranked={name: np.append(values[rows], np.zeros(30)) for name, values in columns.ranked.items()},
                scores=None if columns.scores is None else np.append(columns.scores[rows], np.zeros(30)),
            ),
            value,
        )
        for columns, value in metrics
    ]
    everyone = np.append(patients[rows], np.arange(30))
    repeated = resample(kept, patients=everyone, groups=[np.arange(len(everyone))], **plan)
    np.testing.assert_allclose(numbers(weighted), numbers(repeated), atol=1e-12)


def test_the_scale_of_the_weights_is_irrelevant_and_equal_weights_change_nothing():
    metrics = weighted_metrics()
    plan = {"patients": np.arange(60) // 2, "groups": [np.arange(60)], "resamples": 300, "seed": 2}
    plain = resample(metrics, **plan)
    assert resample(metrics, weights=np.ones(60), **plan) == plain
    uneven = np.random.default_rng(6).lognormal(size=60)
    np.testing.assert_allclose(numbers(resample(metrics, weights=np.full(60, 0.3), **plan)), numbers(plain), atol=1e-12)
    first, second = (resample(metrics, weights=uneven * scale, **plan) for scale in (1, 7))
    np.testing.assert_allclose(numbers(first), numbers(second), atol=1e-12)
    assert abs(first[0][0].value - plain[0][0].value) > 0.001


@pytest.mark.parametrize("weights", [np.ones(59), np.full(60, -1.0), np.full(60, np.nan), np.full(60, np.inf)])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        resample(weighted_metrics(), patients=np.arange(60), groups=[], resamples=1, seed=0, weights=weights)
