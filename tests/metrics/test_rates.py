"""Rates of recordings: a weight says how many a record stands for, not how much is known."""

import numpy as np
import pytest

from dmn_bench.metrics.episodes import FalseEpisodesPerHour
from dmn_bench.vocabulary import Columns

RATE = FalseEpisodesPerHour()


def limits(events, hours, weights):
    weights = np.asarray(weights, dtype=float)
    sums = {
        "numerator": np.asarray(events, dtype=float) * weights,
        "denominator": np.asarray(hours, dtype=float) * weights,
        "records": weights,
    }
    columns = Columns(sums=sums, own_n=("records",))
    return RATE.interval(columns, np.arange(len(weights)), clustered=True, confidence=0.95)[:2]


@pytest.mark.parametrize("events", [[0, 0, 0, 0], [1, 2, 0, 1]])
def test_a_hundred_times_the_weight_of_every_record_changes_nothing(events):
    assert limits(events, [10] * 4, [100] * 4) == pytest.approx(limits(events, [10] * 4, [1] * 4))


def test_no_event_in_forty_hours_is_no_certainty():
    assert limits([0] * 4, [10] * 4, [1] * 4)[1] == pytest.approx(-np.log(0.025) / 40)
