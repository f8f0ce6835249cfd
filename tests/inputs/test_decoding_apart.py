"""A decoder that dies over a file costs that file and nothing else."""

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_frames

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import decoding_apart
from dmn_bench.inputs.dicom_image import DicomImageReader

from .factories import a_jpeg_lossless, an_image, saved

PIXELS = np.random.default_rng(3).integers(0, 4096, (64, 48), dtype=np.uint16)
READER = DicomImageReader()


def test_jpeg_lossless_gives_back_every_value(tmp_path):
    image, decoders = READER.read(a_jpeg_lossless(PIXELS, tmp_path / "c.dcm", BitsStored=12))[::2]
    assert np.array_equal(image[0].pixels, PIXELS)
    assert decoders[0].startswith("1.2.840.10008.1.2.4.70 python-gdcm ")


def test_several_files_share_one_helper(tmp_path):
    path = a_jpeg_lossless(PIXELS, tmp_path / "c.dcm", BitsStored=12)
    READER.read(path)
    (first,) = decoding_apart._helpers
    READER.read(path)
    assert decoding_apart._helpers == [first]


def test_a_dead_helper_costs_one_file(tmp_path, monkeypatch):
    path = a_jpeg_lossless(PIXELS, tmp_path / "c.dcm", BitsStored=12)
    while decoding_apart._helpers:
        decoding_apart._helpers.pop().stop()
    for program in ("import os; os.abort()", "import sys; sys.exit(0)", "print('no json')"):
        with monkeypatch.context() as patch:
            patch.setattr(decoding_apart, "_PROGRAM", program)
            with pytest.raises(InputFileError, match="dicom_pixels_damaged"):
                READER.read(path)
    assert np.array_equal(READER.read(path)[0][0].pixels, PIXELS)


def test_a_helper_that_hangs_is_ended(tmp_path, monkeypatch):
    path = a_jpeg_lossless(PIXELS, tmp_path / "c.dcm", BitsStored=12)
    while decoding_apart._helpers:
        decoding_apart._helpers.pop().stop()
    monkeypatch.setattr(decoding_apart, "SECONDS_PER_FILE", 0.5)
    monkeypatch.setattr(decoding_apart, "_PROGRAM", "import time; time.sleep(60)")
    with pytest.raises(InputFileError, match="dicom_pixels_damaged"):
        READER.read(path)


def test_a_frame_with_a_hole_is_refused_although_the_decoder_gives_an_image(tmp_path):
    source = pydicom.dcmread(a_jpeg_lossless(PIXELS, tmp_path / "c.dcm", BitsStored=12))
    (frame,) = generate_frames(source.PixelData, number_of_frames=1)
    middle = len(frame) // 2
    holed = frame[:middle] + frame[middle + 400 :]
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.PixelData = encapsulate([holed])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.70"
    assert READER.problems(saved(dataset, tmp_path / "holed.dcm")) == ["inputs.dicom_pixels_damaged"]
