"""Outlines of masks: they enclose the mask again, stay apart where pixels touch at a corner, and end somewhere."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.pictures.mask_edges import EDGES_AT_MOST, edges
from dmn_bench.tasks.outlines import filled


def random_mask(seed):
    rng = np.random.default_rng(seed)
    return rng.random((rng.integers(1, 30), rng.integers(1, 30))) < rng.random()


@given(st.integers(0, 2**32 - 1))
def test_the_lines_enclose_the_mask_again(seed):
    mask = random_mask(seed)
    found = np.zeros_like(mask)
    for line in edges(mask):
        found ^= filled(line, *mask.shape)
    assert np.array_equal(found, mask)


@given(st.integers(0, 2**32 - 1))
def test_there_is_a_line_for_each_piece_and_each_hole(seed):
    ndimage = pytest.importorskip("scipy.ndimage")
    mask = random_mask(seed)
    pieces = ndimage.label(mask)[1]
    outside = ndimage.label(np.pad(~mask, 1, constant_values=True), np.ones((3, 3)))[1]
    assert len(edges(mask)) == pieces + outside - 1


def test_a_ring_has_two_lines_of_opposite_directions():
    ring = np.ones((4, 4), dtype=bool)
    ring[1:3, 1:3] = False
    outer, inner = edges(ring)
    assert outer == ((0, 0), (4, 0), (4, 4), (0, 4))
    assert set(inner) == {(1, 1), (3, 1), (3, 3), (1, 3)}
    assert [_turn(line) for line in (outer, inner)] == [16, -4]


def _turn(line):
    return sum(x * v - u * y for (x, y), (u, v) in zip(line, [*line[1:], line[0]], strict=True)) / 2


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 5)])
def test_an_empty_mask_has_no_lines(shape):
    assert edges(np.zeros(shape, dtype=bool)) == []


def test_a_mask_with_very_many_edges_is_drawn_coarser_and_quickly():
    mask = np.indices((900, 901)).sum(axis=0) % 2 == 0
    start = time.process_time()
    found = edges(mask)
    assert time.process_time() - start < 5
    assert sum(len(line) for line in found) <= EDGES_AT_MOST
    assert max(x for line in found for x, _ in line) == 901
    assert max(y for line in found for _, y in line) == 900
