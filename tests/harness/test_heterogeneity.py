"""Tests between the levels of a field: none where fewer than two levels have the n that an estimate needs."""

import numpy as np
import pytest

from dmn_bench.harness.heterogeneity import heterogeneity_rows
from dmn_bench.protocol import Statistics

from .factories import SENSITIVITY, judged


def row_of(sexes, **of_judged):
    asked = judged(hits=len(sexes) // 2, misses=len(sexes) - len(sexes) // 2, sexes=sexes, **of_judged)
    [row] = heterogeneity_rows(asked, [SENSITIVITY], Statistics())
    return row


@pytest.mark.parametrize("sexes", [["F", "M"], ["F"] * 9 + ["M"] * 40, ["F"] * 40, ["F"] * 9 + ["M"] * 9])
def test_levels_too_small_for_an_estimate_have_no_p(sexes):
    row = row_of(sexes)
    assert (row.p, row.not_estimable) == (None, "fewer_than_two_strata")


def test_two_levels_of_enough_are_tested_and_a_small_one_takes_part():
    row = row_of(["F", "M"] * 20 + ["O"] * 3)
    assert row.p is not None
    assert row.levels == ["F", "M", "O"]


def test_sampling_weights_make_no_level_larger():
    asked = judged(hits=6, misses=6, sexes=["F", "M"] * 6)
    heavy = type(asked)(**{**vars(asked), "unit_weights": np.full(12, 10.0)})
    [row] = heterogeneity_rows(heavy, [SENSITIVITY], Statistics())
    assert row.not_estimable == "fewer_than_two_strata"
