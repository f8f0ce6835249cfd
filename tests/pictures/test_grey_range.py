"""Which grey values are shown: windows as readers set them, and never more than what is known of an image."""

import numpy as np
import pytest

from dmn_bench.pictures.grey_range import GreyRange, Stated, grey_range

CT = np.array([[-2000, -1350, -600, 40, 150, 3000]], dtype=np.int16)


@pytest.mark.parametrize(
    ("about", "window", "limits"),
    [
        ("lung nodule", "lung", (-1350, 150)),
        ("Lungs", "lung", (-1350, 150)),
        ("nodule", "lung", (-1350, 150)),
        ("rib fracture", "bone", (-500, 1300)),
        ("heart", "file", (-100, 300)),
        ("", "file", (-100, 300)),
    ],
)
def test_ct_is_shown_in_the_window_for_what_is_looked_at(about, window, limits):
    found = grey_range(CT, Stated(modality="CT", window=(100, 400)), about)
    assert (found.window, found.stated, found.unit) == (window, limits, "HU")


def test_ct_without_a_window_and_without_a_known_structure_is_shown_for_soft_tissue():
    assert grey_range(CT, Stated(modality="CT"), "liver") == GreyRange(
        window="soft", low=-160, high=240, stated=(-160, 240), unit="HU"
    )


@pytest.mark.parametrize("name", ["heart", "SpinalCord"])
def test_a_structure_of_ct_is_shown_for_soft_tissue_whatever_the_file_says(name):
    found = [grey_range(CT, Stated(modality="CT", window=one), name, is_structure=True) for one in ((-600, 1600), None)]
    assert [(one.window, one.stated) for one in found] == [("soft", (-160, 240))] * 2
    assert grey_range(CT, Stated(modality="CT", window=(40, 400)), "Lung_L", is_structure=True).window == "lung"
    assert grey_range(CT, Stated(modality="MR", window=(40, 400)), name, is_structure=True).window == "file"


def test_black_lies_at_the_low_end_and_white_at_the_high_one():
    found = grey_range(CT, Stated(modality="CT"), "lung")
    assert found.bytes_of(CT).tolist() == [[0, 0, 128, 236, 255, 255]]


def test_bytes_are_shown_as_they_are():
    plane = np.array([[3, 200]], dtype=np.uint8)
    assert grey_range(plane, Stated(), "fracture").bytes_of(plane) is plane
    colour = np.zeros((2, 2, 3), dtype=np.uint8)
    assert grey_range(colour, Stated(window=(128, 256), bits=8), "").window == "as_stored"


def test_a_radiograph_whose_reader_applied_the_window_is_shown_whole():
    plane = np.array([[0, 512, 1023]], dtype=np.uint16)
    found = grey_range(plane, Stated(modality="DX", window=(2000, 3000), bits=10), "fracture")
    assert found.bytes_of(plane).tolist() == [[0, 128, 255]]
    assert found.stated == (500, 3500)


def test_a_window_that_was_not_applied_is():
    plane = np.array([[0, 100, 200, 300]], dtype=np.uint16)
    assert grey_range(plane, Stated(modality="MR", window=(150, 100)), "").bytes_of(plane).tolist() == [
        [0, 0, 255, 255]
    ]


def test_what_nobody_knows_how_to_show_is_spread_between_percentiles():
    values = np.r_[np.arange(1000), 1e9].reshape(1, -1)
    found = grey_range(values, Stated(), "")
    assert found.window == "spread"
    assert found.low == pytest.approx(5.0)
    assert found.high == pytest.approx(995.0)


@pytest.mark.parametrize(
    "plane",
    [
        np.full((4, 4), np.nan),
        np.full((4, 4), np.inf),
        np.full((4, 4), 7.0),
        np.array([[np.nan, 1.0], [-np.inf, 2.0]]),
        np.zeros((3, 3), dtype=np.int32),
        np.array([[0, 0, 0, 5]], dtype=np.uint16),
    ],
)
def test_values_that_say_nothing_are_drawn_without_complaint(plane):
    found = grey_range(plane, Stated(), "")
    assert found.low < found.high
    assert found.bytes_of(plane).dtype == np.uint8


def test_a_large_image_is_converted_band_by_band_alike():
    plane = np.random.default_rng(0).normal(size=(600, 7)) * 1000
    found = GreyRange(window="lung", low=-1350, high=150).bytes_of(plane)
    whole = np.floor(np.clip((plane + 1350) / 1500, 0, 1) * 255 + 0.5)
    assert np.array_equal(found, whole)
