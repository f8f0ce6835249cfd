"""Limits of mean differences never lie where no mean can: sizes below 0, angles beyond half a turn."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.metrics.measurement import HALF_TURN, Bias, MeanAbsoluteError

from . import examples


def differing(differences, unit):
    """Judgements with these differences, one of each unit and patient."""
    judged = examples.measured()[0]
    n = len(differences)
    columns = {name: np.zeros(n) for name in judged.columns}
    columns |= {"difference": np.array(differences, dtype=float), "has_value": np.ones(n)}
    return replace(judged, columns=columns, unit=unit)


def interval(metric, differences, unit):
    columns = metric.columns(differing(differences, unit))
    return metric.interval(columns, np.arange(len(differences)), clustered=False, confidence=0.95)


def test_the_mean_of_sizes_is_never_below_zero():
    found = interval(MeanAbsoluteError(), [1.0, 2.0, 25.0], "ms")
    assert found.low == 0.0
    assert found.high == pytest.approx(28 / 3 + 4.302653 * np.std([1, 2, 25], ddof=1) / np.sqrt(3), rel=1e-6)


def test_a_bias_of_angles_is_never_beyond_half_a_turn_and_one_of_times_is_not_cut():
    assert interval(Bias(), [170.0, -10.0, 8.0], "deg")[:2] == (-HALF_TURN, HALF_TURN)
    low, high = interval(Bias(), [170.0, -10.0, 8.0], "ms")[:2]
    assert low == pytest.approx(56 - 4.302653 * np.std([170, -10, 8], ddof=1) / np.sqrt(3), rel=1e-6)
    assert high > HALF_TURN


@settings(max_examples=50)
@given(st.lists(st.floats(-179, 180), min_size=2, max_size=12, unique=True))
def test_the_mean_lies_within_its_limits_and_these_within_what_is_possible(differences):
    for metric, lowest in ((Bias(), -HALF_TURN), (MeanAbsoluteError(), 0.0)):
        columns = metric.columns(differing(differences, "deg"))
        found = interval(metric, differences, "deg")
        if hasattr(found, "low"):
            mean = float(columns.sums["sum"].mean())
            assert lowest <= found.low <= mean + 1e-9
            assert mean - 1e-9 <= found.high <= HALF_TURN
