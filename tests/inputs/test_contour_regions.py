import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.contour_regions import FEW, MOST_LINES, ON_LINE_PX, Piece, enclosed, region_of_lines, with_holes
from dmn_bench.tasks.outlines import filled


def region(lines, rows=12, columns=12):
    return region_of_lines(lines, rows, columns, filled, "rt")


def square(low, high):
    """Through the centres of the outermost pixels of a square, from pixel ``low`` to pixel ``high``."""
    return [(x + 0.5, y + 0.5) for x, y in ((low, low), (high, low), (high, high), (low, high))]


def pixels(low, high):
    found = np.zeros((12, 12), dtype=bool)
    found[low : high + 1, low : high + 1] = True
    return found


def whole(inside):
    return Piece(0, 0, inside)


HOLE, IN_HOLE = square(3.5, 6.5), pixels(4, 6)


def test_the_contour_of_a_hole_and_a_keyhole_leave_the_hole_out():
    outer = [(0, 0), (7, 0), (7, 7), (0, 7)]
    inner = [(2.2, 2.2), (4.8, 2.2), (4.8, 4.8), (2.2, 4.8)]
    hole = region([outer, inner], 7, 7)
    assert hole.sum() == 49 - 9
    assert not hole[2:5, 2:5][1, 1]
    path = [(0, 0), (7, 0), (7, 7), (0, 7), (0, 0), (2.2, 2.2), (2.2, 4.8), (4.8, 4.8), (4.8, 2.2), (2.2, 2.2)]
    assert np.array_equal(filled(path, 7, 7), hole)


def test_an_outer_line_stored_twice_keeps_its_hole():
    for times, order in itertools.product((1, 2, 3), (1, -1)):
        lines = ([square(1, 9)] * times + [HOLE])[::order]
        assert np.array_equal(region(lines), pixels(1, 9) & ~IN_HOLE)


def test_a_hole_line_stored_twice_is_one_hole():
    assert np.array_equal(region([square(1, 9), HOLE, HOLE]), pixels(1, 9) & ~IN_HOLE)


def test_a_hole_in_two_overlapping_lobes_stays_one():
    for lines in itertools.permutations([square(1, 9), square(2, 10), HOLE]):
        assert np.array_equal(region(lines), (pixels(1, 9) | pixels(2, 10)) & ~IN_HOLE)


def test_a_hole_that_reaches_from_one_lobe_into_the_other_is_one():
    left, right = [(0, 0), (6, 0), (6, 9), (0, 9)], [(5, 0), (11, 0), (11, 9), (5, 9)]
    found = enclosed([left, right, [(3, 3), (8, 3), (8, 6), (3, 6)]], 9, 11, filled, "rt")
    assert found.sum() == 99 - 15


def test_an_island_in_a_hole_counts_and_overlapping_or_doubled_lines_are_taken_together():
    rings = [whole(np.pad(np.ones((size, size), dtype=bool), (9 - size) // 2)) for size in (9, 5, 1)]
    assert with_holes(rings[::-1], 9, 9).sum() == 81 - 25 + 1
    left, right = np.zeros((2, 3, 4), dtype=bool)
    left[:, :3], right[:, 1:] = True, True
    assert with_holes([whole(left), whole(right)], 3, 4).all()
    assert np.array_equal(with_holes([whole(left), whole(left)], 3, 4), left)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 2))
@settings(max_examples=60, deadline=None)
def test_lines_within_each_other_or_apart_are_the_exclusive_or_of_all_however_often_each_is_stored(seed, n, times):
    rng = np.random.default_rng(seed)
    sizes = np.sort(rng.choice(np.arange(1, 12), size=n, replace=False))[::-1]
    nested = [np.pad(np.ones((size, size), dtype=bool), ((0, 12 - size), (0, 12 - size))) for size in sizes]
    order = rng.permutation(np.repeat(np.arange(n), times))
    assert np.array_equal(with_holes([whole(nested[i]) for i in order], 12, 12), np.logical_xor.reduce(nested))


@given(
    st.lists(
        st.tuples(st.integers(-2, 30), st.integers(-2, 26)).map(lambda at: (at[0] / 2, at[1] / 2)),
        min_size=3,
        max_size=7,
    )
)
@settings(max_examples=100, deadline=None)
def test_a_line_encloses_what_it_fills_and_the_centres_near_it(line):
    rows, columns = 12, 14
    expected = filled(line, rows, columns)
    for (x0, y0), (x1, y1) in itertools.pairwise((*line, line[0])):
        for row, column in itertools.product(range(rows), range(columns)):
            x, y = column + 0.5, row + 0.5
            if not min(y0, y1) - ON_LINE_PX <= y <= max(y0, y1) + ON_LINE_PX:
                continue
            low, high = min(x0, x1), max(x0, x1)
            if y0 != y1:
                low = high = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
            expected[row, column] |= low - ON_LINE_PX <= x <= high + ON_LINE_PX
    assert np.array_equal(region([line], rows, columns), expected)


def test_lines_along_one_another_share_no_pixel_wherever_they_lie_in_the_plane():
    rng = np.random.default_rng(3)
    for _ in range(20):
        a, b, c, d = (tuple(point) for point in rng.uniform((100, 100), (140, 160), (4, 2)).tolist())
        left, right = [a, b, c], [a, c, d]
        parts = [enclosed([line], 200, 150, filled, "rt") for line in (left, right)]
        assert np.array_equal(parts[0] ^ parts[1], filled([a, b, c, d], 200, 150) ^ np.zeros((200, 150), dtype=bool))
        assert np.array_equal(parts[0], filled(left, 200, 150))


def key_of(lines, rows=12, columns=12):
    with pytest.raises(InputFileError) as caught:
        region(lines, rows, columns)
    return caught.value.problems[0].key


def test_more_lines_than_any_structure_has_are_refused():
    dot = [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0)]
    assert key_of([dot] * (MOST_LINES + 1)) == "masks.too_many_lines"
    assert region([dot] * 100)[1, 1]


def test_a_line_that_runs_to_and_fro_over_its_plane_is_refused_before_it_is_filled():
    zigzag = [(500 * (i % 2), 500 * (i // 2 % 2)) for i in range(4 * FEW // 500)]
    assert key_of([zigzag], 500, 500) == "masks.lines_too_long"
    assert region([zigzag[:200]], 500, 500).shape == (500, 500)


def test_lines_that_lie_over_each_other_very_often_are_refused():
    over = [[(0, 0), (math.nextafter(300, k), 0), (300, 300), (0, 300)] for k in range(60)]
    assert key_of(over, 300, 300) == "masks.lines_too_long"


def test_a_thousand_small_lines_of_a_plane_are_read():
    corners = itertools.product(range(0, 500, 15), repeat=2)
    small = [[(x, y), (x + 2 + x % 2, y), (x + 2 + x % 2, y + 3), (x, y + 3)] for x, y in corners]
    found = enclosed(small, 500, 500, filled, "rt")
    assert found.sum() == sum(3 * (2 + x % 2) for x in range(0, 500, 15)) * 34
