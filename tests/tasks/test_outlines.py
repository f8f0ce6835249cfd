"""Outlines as pixels: by hand, by a plain walk over all centres, and by another program's rasteriser."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.polygons import area
from dmn_bench.tasks import outlines
from dmn_bench.tasks.outlines import contains, filled

WITNESS = Path(__file__).parents[1] / "witnesses" / "outlines.json"
SQUARE = ((1.0, 1.0), (4.0, 1.0), (4.0, 4.0), (1.0, 4.0))
places = st.floats(-3, 12).map(lambda value: round(value, 2))
polygons = st.lists(st.tuples(places, places), min_size=3, max_size=9)


def enclosed(outline, x, y):
    """Even-odd by counting the edges to the left of a point, one after the other."""
    crossed = 0
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        (x0, y0), (x1, y1) = sorted([(x0, y0), (x1, y1)], key=lambda end: end[1])
        if y0 <= y < y1:
            crossed += x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x
    return crossed % 2 == 1


@pytest.mark.parametrize("turn", [1, -1])
def test_a_square_on_the_grid_has_its_own_pixels_in_either_direction(turn):
    wanted = np.zeros((5, 6), dtype=bool)
    wanted[1:4, 1:4] = True
    assert (filled(SQUARE[::turn], 5, 6) == wanted).all()


def test_a_pixel_is_inside_when_its_centre_is():
    assert filled([(0.6, 0), (1.4, 0), (1.4, 9), (0.6, 9)], 1, 3).tolist() == [[False, False, False]]
    assert filled([(0.6, 0), (1.6, 0), (1.6, 9), (0.6, 9)], 1, 3).tolist() == [[False, True, False]]


def test_outlines_that_share_an_edge_share_no_pixel_and_leave_none_out():
    left, right = [(0.5, 0), (3.5, 0), (5.5, 6), (0.5, 6)], [(3.5, 0), (7.5, 0), (7.5, 6), (5.5, 6)]
    both = filled(left, 6, 9).astype(int) + filled(right, 6, 9)
    assert (both == filled([(0.5, 0), (7.5, 0), (7.5, 6), (0.5, 6)], 6, 9)).all()
    upper, lower = [(0, 0.5), (4, 0.5), (4, 2.5), (0, 2.5)], [(0, 2.5), (4, 2.5), (4, 4.5), (0, 4.5)]
    assert (filled(upper, 6, 4).astype(int) + filled(lower, 6, 4)).tolist() == [[1] * 4] * 4 + [[0] * 4] * 2


def test_a_star_that_crosses_itself_is_hollow():
    points = [(50 + 40 * math.sin(k * 4 * math.pi / 5), 50 - 40 * math.cos(k * 4 * math.pi / 5)) for k in range(5)]
    found = filled(points, 100, 100)
    assert not found[50, 50]
    assert found[20, 50]


@pytest.mark.parametrize("outline", [(), ((1, 1),), ((1, 1), (5, 5)), ((1, 1), (3, 3), (5, 5)), ((2, 2),) * 4])
def test_what_encloses_nothing_has_no_pixels(outline):
    assert not filled(outline, 6, 6).any()


def test_what_lies_outside_is_cut_off():
    assert filled([(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9)], 3, 4).all()
    assert not filled([(-9, -9), (-2, -9), (-2, -2)], 3, 4).any()
    assert not filled([(9, 1), (12, 1), (12, 3), (9, 3)], 3, 4).any()
    assert filled(SQUARE, 0, 5).shape == (0, 5)


@pytest.mark.parametrize("corner", [(math.nan, 0), (0, math.inf), (1e300, 0)])
def test_a_corner_that_is_nowhere_is_refused(corner):
    with pytest.raises(ValueError, match="finite"):
        filled([*SQUARE, corner], 5, 5)


@given(polygons)
def test_every_pixel_is_as_its_centre(outline):
    wanted = [[enclosed(outline, c + 0.5, r + 0.5) for c in range(11)] for r in range(10)]
    assert filled(outline, 10, 11).tolist() == wanted


@given(polygons, st.integers(-3, 3), st.integers(-3, 3))
def test_moving_an_outline_by_whole_pixels_moves_its_pixels(outline, right, down):
    moved = filled([(x + 20 + right, y + 20 + down) for x, y in outline], 50, 50)
    there = filled([(x + 20, y + 20) for x, y in outline], 50, 50)
    differing = (np.roll(there, (down, right), (0, 1)) != moved).sum()
    assert differing <= 2  # sums of decimals are rounded: a centre on an edge may change sides


def test_many_crossings_are_counted_in_parts(monkeypatch):
    outline = [(50 + 45 * math.cos(k), 50 + 45 * math.sin(k)) for k in range(60)]
    whole = filled(outline, 100, 100)
    monkeypatch.setattr(outlines, "_CROSSINGS_AT_ONCE", 64)
    assert (filled(outline, 100, 100) == whole).all()


def test_pixels_are_those_of_another_program():
    witness = json.loads(WITNESS.read_text(encoding="utf-8"))
    assert len(witness["outlines"]) == 6
    for one in witness["outlines"]:
        found = filled(one["outline"], witness["size"], witness["size"])
        assert np.flatnonzero(found).tolist() == one["inside"]


@given(st.floats(0, 2 * math.pi), st.floats(3, 40))
def test_a_disc_of_many_corners_has_about_its_area(turn, radius):
    outline = [
        (50 + radius * math.cos(turn + k * math.pi / 60), 50 + radius * math.sin(turn + k * math.pi / 60))
        for k in range(120)
    ]
    assert filled(outline, 100, 100).sum() == pytest.approx(area(outline), abs=4 * radius + 4)


def test_the_edge_and_the_corners_belong_to_an_outline_for_a_point():
    assert all(contains(SQUARE, x, y) for x, y in [*SQUARE, (1, 2), (4, 2), (2, 1), (2, 4), (2, 2)])
    assert not any(contains(SQUARE, x, y) for x, y in [(0.99, 2), (4.01, 2), (2, 0.99), (2, 4.01), (9, 1), (0, 4)])


@given(polygons, places, places)
def test_a_point_is_inside_where_its_pixel_would_be(outline, x, y):
    if enclosed(outline, x, y):
        assert contains(outline, x, y)
