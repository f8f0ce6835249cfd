"""What was opened once is given again as it was, and the oldest is let go when there is too much."""

import numpy as np
import pytest

from dmn_bench.harness.kept_regions import KeptRegions


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 5), (4, 7, 9)])
def test_a_region_comes_back_as_it_was_and_is_the_callers_own(shape):
    kept, region = KeptRegions(), np.random.default_rng(1).random(shape) < 0.5
    assert kept.region("a") is None
    kept.put("a", region)
    found = kept.region("a")
    assert found.dtype == np.bool_
    assert np.array_equal(found, region)
    found[:] = True
    assert np.array_equal(kept.region("a"), region)


def test_what_was_used_longest_ago_goes_first():
    kept, region = KeptRegions(most_bytes=2), np.ones((1, 2, 4), dtype=bool)
    for key in ("a", "b"):
        kept.put(key, region)
    kept.region("a")
    kept.put("c", region)
    assert [key for key in "abc" if kept.region(key) is not None] == ["a", "c"]


def test_a_region_larger_than_everything_is_not_kept():
    kept = KeptRegions(most_bytes=2)
    kept.put("small", np.ones((1, 1, 8), dtype=bool))
    kept.put("large", np.ones((1, 4, 8), dtype=bool))
    assert kept.region("large") is None
    assert kept.region("small") is not None


def test_a_grid_is_made_once_and_a_failure_to_make_it_every_time():
    kept, made = KeptRegions(), []
    for _ in range(2):
        kept.grid("c1", lambda: made.append("grid") or "grid")
    assert made == ["grid"]
    for _ in range(2):
        with pytest.raises(ValueError, match="no image"):
            kept.grid("c2", lambda: (_ for _ in ()).throw(ValueError("no image")))
