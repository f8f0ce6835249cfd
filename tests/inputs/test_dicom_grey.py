import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.dicom_grey import Window
from dmn_bench.inputs.dicom_image import DicomImageReader

from .factories import a_lut, an_image, saved

STORED = np.array([[0, 100], [2047, 4095]], dtype=np.uint16)


def read(dataset, tmp_path, **options):
    images, signals, _ = DicomImageReader(**options).read(saved(dataset, tmp_path / "c.dcm"))
    assert signals is None
    return images[0]


def test_without_any_step_the_stored_values_come_out(tmp_path):
    image = read(an_image(STORED, BitsStored=12), tmp_path)
    assert image.pixels.dtype == np.uint16
    assert image.pixels.tolist() == STORED.tolist()
    assert (image.photometric, image.n_frames, image.bits_stored) == ("grey", 1, 12)


def test_monochrome1_is_inverted_on_the_range_of_bits_stored(tmp_path):
    image = read(an_image(STORED, BitsStored=12, PhotometricInterpretation="MONOCHROME1"), tmp_path)
    assert image.pixels.tolist() == [[4095, 3995], [2048, 0]]


def test_the_window_comes_before_the_inversion_and_fills_bits_stored(tmp_path):
    dataset = an_image(
        STORED, BitsStored=12, PhotometricInterpretation="MONOCHROME1", WindowCenter=1024, WindowWidth=2048
    )
    # x <= 0 -> 0, x > 2047 -> 4095, between: ((x - 1023.5) / 2047 + 0.5) * 4095; then 4095 - y
    assert read(dataset, tmp_path).pixels.tolist() == [[4095, 4095 - 200], [0, 0]]


def test_rescale_gives_hounsfield_units_and_ct_is_not_windowed(tmp_path):
    dataset = an_image(
        STORED, BitsStored=12, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400
    )
    image = read(dataset, tmp_path)
    assert image.pixels.dtype == np.int16
    assert image.pixels.tolist() == [[-1024, -924], [1023, 3071]]


def test_ct_is_windowed_when_asked(tmp_path):
    dataset = an_image(
        STORED, BitsStored=12, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400
    )
    assert read(dataset, tmp_path, voi="applied").pixels.tolist() == [[0, 0], [4095, 4095]]


def test_a_fractional_slope_gives_float32(tmp_path):
    image = read(an_image(STORED, Modality="MR", RescaleSlope="0.5", RescaleIntercept=1), tmp_path)
    assert image.pixels.dtype == np.float32
    assert image.pixels.tolist() == [[1.0, 51.0], [1024.5, 2048.5]]


def test_a_modality_lut_goes_before_the_voi_lut(tmp_path):
    stored = np.array([[0, 1, 2, 3]], dtype=np.uint8)
    dataset = an_image(
        stored,
        ModalityLUTSequence=[a_lut([10, 20, 30, 40], bits=8)],
        VOILUTSequence=[a_lut([0, 5, 100, 255], first=20, bits=8)],
    )
    dataset.VOILUTSequence[0].LUTData = np.array([0, 5, 100, 255], dtype="<u2").tobytes()
    # 10 -> below first entry -> 0; 20 -> entry 0 -> 0; 30, 40 -> beyond the last entry (23) -> 255
    assert read(dataset, tmp_path).pixels.tolist() == [[0, 0, 255, 255]]


def test_a_lut_that_promises_more_bits_than_it_uses_is_inverted_on_what_it_uses(tmp_path):
    stored = np.array([[0, 1, 2, 3]], dtype=np.uint8)
    dataset = an_image(
        stored, PhotometricInterpretation="MONOCHROME1", VOILUTSequence=[a_lut([0, 100, 600, 1000], bits=16)]
    )
    image = read(dataset, tmp_path)
    assert image.bits_stored == 10
    assert image.pixels.tolist() == [[1023, 923, 423, 23]]


def test_signed_values_with_unused_bits_set_are_read_by_bits_stored(tmp_path):
    # 12 bits stored: 0xF801 -> 0x801 -> -2047; 0x17FF -> 0x7FF -> 2047
    stored = np.array([[0xF801, 0x17FF]], dtype=np.uint16)
    image = read(an_image(stored, BitsStored=12, PixelRepresentation=1, Modality="MR"), tmp_path)
    assert image.pixels.tolist() == [[-2047, 2047]]


@pytest.mark.parametrize(("width", "function"), [(0, "LINEAR"), (-5, "LINEAR"), (0, "SIGMOID"), (0.5, "LINEAR")])
def test_a_window_without_width_is_refused(tmp_path, width, function):
    dataset = an_image(STORED, WindowCenter=10, WindowWidth=width, VOILUTFunction=function)
    with pytest.raises(InputFileError) as caught:
        read(dataset, tmp_path)
    assert caught.value.problems[0].key == "inputs.dicom_bad_window"


@pytest.mark.parametrize(
    "attributes",
    [
        {"RescaleSlope": 0, "RescaleIntercept": 0},
        {"VOILUTSequence": [a_lut([1, 2], bits=33)]},
        {"VOILUTSequence": [a_lut([1, 300], bits=8)]},
        {"WindowCenter": 1, "WindowWidth": 5, "VOILUTFunction": "CUBIC"},
    ],
)
def test_tables_that_make_no_sense_are_refused(tmp_path, attributes):
    with pytest.raises(InputFileError) as caught:
        read(an_image(STORED, **attributes), tmp_path)
    assert caught.value.problems[0].key == "inputs.dicom_bad_lut"


def test_a_contradicting_presentation_lut_shape_is_a_problem_and_the_photometric_interpretation_counts(tmp_path):
    dataset = an_image(STORED, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="IDENTITY")
    path = saved(dataset, tmp_path / "c.dcm")
    assert DicomImageReader().problems(path) == ["inputs.dicom_polarity_contradicts"]
    assert DicomImageReader().read(path)[0][0].pixels[0, 0] == 65535


@settings(max_examples=60, deadline=None)
@given(
    centre=st.floats(-2000, 5000),
    width=st.floats(1.01, 6000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    slope=st.sampled_from([1.0, 2.0, 0.5]),
    intercept=st.sampled_from([0.0, -1024.0]),
)
def test_windows_agree_with_pydicom(tmp_path_factory, centre, width, function, slope, intercept):
    centre, width = round(centre, 3), round(width, 3)
    dataset = an_image(
        np.arange(4096, dtype=np.uint16).reshape(64, 64),
        BitsStored=12,
        Modality="DX",
        RescaleSlope=slope,
        RescaleIntercept=intercept,
        WindowCenter=centre,
        WindowWidth=width,
        VOILUTFunction=function,
    )
    image = read(dataset, tmp_path_factory.mktemp("w"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        witness = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)
    low, high = intercept, 4095 * slope + intercept  # pydicom's output range: that of the modality values
    expected = (witness - low) / (high - low) * 4095
    assert np.abs(image.pixels - expected).max() <= 0.5 + 1e-6


def test_a_width_of_one_is_a_step():
    window = Window(centre=10, width=1, function="LINEAR")
    assert window(np.array([9.0, 9.5, 9.6, 10.0])).tolist() == [0, 0, 1, 1]
