"""Areas of closed outlines: those of their pixels, whichever way the parts of an outline run or cross."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.inputs.coco_runs import one_outline
from dmn_bench.polygons import area
from dmn_bench.reference_set.lesion_sizes import lesion_size
from dmn_bench.tasks.outlines import filled
from dmn_bench.vocabulary import Lesion

whole = st.integers(0, 12)
LEFT, RIGHT = ((0, 0), (10, 0), (10, 10), (0, 10)), ((20, 0), (30, 0), (30, 10), (20, 10))
LOW = ((2, 20), (12, 20), (12, 25), (2, 25))


@pytest.mark.parametrize("turns", [(1, 1, 1), (1, -1, 1), (-1, 1, 1), (1, 1, -1), (-1, -1, -1)])
def test_parts_of_one_outline_add_up_whichever_way_they_run(turns):
    outline = one_outline([part[::turn] for part, turn in zip((LEFT, RIGHT, LOW), turns, strict=True)])
    assert area(outline) == filled(outline, 30, 40).sum() == 250


def test_the_size_of_a_lesion_of_two_parts_is_that_of_both():
    lesion = Lesion(lesion_id="1", finding="f", image=None, frame=None, outline=one_outline([LEFT, RIGHT[::-1]]))
    assert lesion_size(lesion, "area_px") == 200
    assert lesion_size(lesion, "equivalent_diameter_px") == pytest.approx(2 * math.sqrt(200 / math.pi))


def test_a_star_is_hollow_and_an_eight_has_both_its_loops():
    star = [(math.sin(k * 4 * math.pi / 5), -math.cos(k * 4 * math.pi / 5)) for k in range(5)]
    inner = math.sin(math.pi / 10) / math.cos(math.pi / 5)  # radius of the pentagon within
    points = [((1, inner)[k % 2], k * math.pi / 5) for k in range(10)]
    ten = [(radius * math.sin(angle), -radius * math.cos(angle)) for radius, angle in points]
    assert area(star) == pytest.approx(area(ten) - area(ten[1::2]))
    assert area([(0, 0), (4, 4), (4, 0), (0, 4)]) == 8


@pytest.mark.parametrize("outline", [(), ((1, 1),), ((1, 1), (5, 5)), ((1, 1), (3, 3), (5, 5), (1, 1)), ((2, 2),) * 4])
def test_what_encloses_nothing_has_no_area(outline):
    assert area(outline) == 0


@given(st.lists(whole, min_size=4, max_size=24).filter(lambda numbers: len(numbers) % 2 == 0))
def test_an_outline_along_the_edges_of_pixels_has_exactly_their_area(numbers):
    across, down = numbers[::2], numbers[1::2]
    turns = zip(across, down, [*across[1:], across[0]], strict=True)
    outline = [corner for x, y, u in turns for corner in ((x, y), (u, y))]
    assert area(outline) == filled(outline, 12, 12).sum()


@given(st.lists(st.tuples(whole, whole), min_size=4, max_size=12), st.sampled_from((1, -1)))
def test_any_outline_has_about_the_area_of_its_finer_and_finer_pixels(corners, turn):
    scale = 40
    inside = filled([(x * scale, y * scale) for x, y in corners], 12 * scale, 12 * scale).sum() / scale**2
    length = sum(math.dist(one, other) for one, other in zip(corners, corners[1:] + corners[:1], strict=True))
    assert area(corners[::turn]) == pytest.approx(inside, abs=1e-9 + length / scale)


@given(st.lists(st.floats(1, 40), min_size=3, max_size=60), st.floats(-4000, 4000))
def test_an_outline_that_does_not_cross_itself_has_the_area_of_the_shoelace(radii, away):
    step = 2 * math.pi / len(radii)
    corners = [(away + r * math.cos(k * step), away + r * math.sin(k * step)) for k, r in enumerate(radii)]
    following = [*corners[1:], corners[0]]
    shoelace = abs(math.fsum(x * v - u * y for (x, y), (u, v) in zip(corners, following, strict=True))) / 2
    assert area(corners) == pytest.approx(shoelace, rel=1e-7)
