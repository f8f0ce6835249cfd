"""Boxes around shapes, and shares of a unit: what holds for all of them."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dmn_bench.adapters.dicom_places import box_of, in_patient
from dmn_bench.adapters.dicom_scores import share
from tests.inputs.result_factories import a_slice

numbers = st.floats(-1e4, 1e4, allow_nan=False).map(lambda value: round(value, 3))
points = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=20)


@given(points)
def test_a_box_holds_every_point_and_touches_the_outermost(given_points):
    xs, ys = zip(*given_points, strict=True)
    assume(max(xs) > min(xs) and max(ys) > min(ys))
    box = box_of("POLYLINE", given_points)
    assert (box["x"], box["y"]) == (min(xs), min(ys))
    assert (box["width"], box["height"]) == (max(xs) - min(xs), max(ys) - min(ys))


@given(numbers, numbers, st.floats(0.1, 1e3), st.floats(0, 2 * math.pi))
def test_a_circle_is_the_ellipse_of_equal_axes_however_it_is_turned(x, y, radius, turn):
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    ends = [(x + s * radius * a[0], y + s * radius * a[1]) for a in (along, across) for s in (-1, 1)]
    circle = box_of("CIRCLE", [(x, y), ends[0]])
    assert box_of("ELLIPSE", ends) == pytest.approx(circle, abs=1e-6)


@given(st.integers(0, 1000))
def test_a_percentage_is_the_share_that_a_person_would_write(tenths):
    assert share(tenths / 10, "%") == float(f"{tenths // 1000}.{tenths % 1000:03d}")


def test_neighbouring_pixels_lie_one_spacing_apart():
    image = a_slice(1)
    first, right, down = (in_patient(image, point) for point in ((0.5, 0.5), (1.5, 0.5), (0.5, 1.5)))
    assert first == (10.0, 20.0, 3.0)  # the position in the header is the centre of the first pixel
    assert (right, down) == ((10.5, 20.0, 3.0), (10.0, 22.0, 3.0))
