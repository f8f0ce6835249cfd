"""Regions of several readers by counting votes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dmn_bench.statistics.consensus import at_least

STACKS = st.integers(1, 5).flatmap(lambda n: arrays(np.bool_, (n, 3, 4)))


@given(STACKS)
def test_one_vote_is_the_union_all_votes_the_intersection_and_each_vote_more_shrinks_the_region(stack):
    regions = [at_least(stack, k) for k in range(1, len(stack) + 2)]
    np.testing.assert_array_equal(regions[0], stack.any(axis=0))
    np.testing.assert_array_equal(regions[len(stack) - 1], stack.all(axis=0))
    assert not regions[-1].any()
    for wider, narrower in itertools.pairwise(regions):
        assert not (narrower & ~wider).any()


@given(STACKS, st.randoms(use_true_random=False))
def test_the_order_of_readers_does_not_matter(stack, chance):
    order = list(range(len(stack)))
    chance.shuffle(order)
    np.testing.assert_array_equal(at_least(stack, 2), at_least(stack[order], 2))


def test_no_reader_and_no_vote_are_our_own_mistake():
    with pytest.raises(ValueError, match="k = 0"):
        at_least(np.ones((2, 3), bool), 0)
    with pytest.raises(ValueError, match="a reader"):
        at_least(np.ones((0, 3), bool), 1)
