import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dmn_bench.adapters.pixel_resize import KERNELS, _windows, resized

RESAMPLING = {name: Image.Resampling[name.upper()] for name in KERNELS}


@pytest.mark.parametrize("how", KERNELS)
@pytest.mark.parametrize(
    ("before", "after"), [((40, 30), (17, 11)), ((9, 20), (9, 7)), ((20, 9), (33, 9)), ((5, 4), (12, 9))]
)
@pytest.mark.parametrize("channels", [(), (3,)])
def test_eight_bit_images_equal_those_of_pillow(how, before, after, channels):
    pixels = np.random.default_rng(7).integers(0, 256, (*before, *channels), dtype=np.uint8)
    pillow = np.asarray(Image.fromarray(pixels).resize(after[::-1], RESAMPLING[how]))
    found = resized(pixels, *after, how)
    assert found.dtype == np.uint8
    # Pillow 13 goes along the columns first where that is cheaper: one grey level then.
    assert np.abs(found.astype(int) - pillow).max() <= (before[0] != after[0] and before[1] != after[1])


@given(st.integers(1, 40), st.integers(1, 40))
def test_nearest_is_that_of_pillow(before, after):
    pixels = np.arange(before, dtype=np.uint8)[np.newaxis]
    pillow = np.asarray(Image.fromarray(pixels).resize((after, 1), Image.Resampling.NEAREST))
    assert np.array_equal(resized(pixels, 1, after, "nearest"), pillow)


@pytest.mark.parametrize("how", KERNELS)
@pytest.mark.parametrize("antialias", [True, False])
def test_a_flat_image_stays_flat(how, antialias):
    pixels = np.full((13, 17), 1000.5)
    assert np.allclose(resized(pixels, 5, 40, how, antialias=antialias), 1000.5)


def test_floating_point_images_are_not_rounded():
    assert resized(np.array([[0.0, 1.0]]), 1, 4).tolist() == [[0.0, 0.25, 0.75, 1.0]]


def test_without_antialias_shrinking_looks_at_two_pixels_only():
    ramp = np.arange(8.0)[np.newaxis]
    assert resized(ramp, 1, 2, antialias=False).tolist() == [[1.5, 5.5]]
    spike = np.array([[9.0, 0, 0, 0, 0, 0, 0, 9.0]])
    assert resized(spike, 1, 2, antialias=False).tolist() == [[0.0, 0.0]]


def test_the_same_size_is_the_same_image():
    pixels = np.random.default_rng(1).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    assert np.array_equal(resized(pixels, 6, 7), pixels)


@pytest.mark.parametrize("how", KERNELS)
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize(("before", "after"), [(41, 17), (17, 41), (8, 8), (300, 3), (1, 5)])
def test_lines_made_together_are_those_made_one_by_one(how, antialias, before, after):
    pixels = np.random.default_rng(3).integers(0, 256, (before, 6), dtype=np.uint8)
    first, last, weights = _windows(before, after, how, antialias)
    rounded = np.trunc(weights * 2**22 + np.copysign(0.5, weights)).astype(np.int64)
    one_by_one = [
        np.clip((share[: end - begin] @ pixels[begin:end].astype(np.int64) + 2**21) >> 22, 0, 255)
        for begin, end, share in zip(first, last, rounded, strict=True)
    ]
    expected = pixels if before == after else one_by_one  # the same size is not touched
    assert np.array_equal(resized(pixels, after, 6, how, antialias=antialias), expected)


@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from(sorted(KERNELS)), st.booleans())
def test_windows_only_move_forward_and_their_weights_sum_to_one(before, after, how, antialias):
    first, last, weights = _windows(before, after, how, antialias)
    assert (np.diff(first) >= 0).all()
    assert (np.diff(last) >= 0).all()
    assert np.allclose(weights.sum(axis=1), 1)
