"""What compressed frames must be before a decoder sees them."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate, generate_frames

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.codestream import FrameHeader, frame_header, is_whole
from dmn_bench.inputs.dicom_image import DicomImageReader

from .factories import an_image, saved

PIXELS = np.random.default_rng(3).integers(0, 4096, (64, 48), dtype=np.uint16)


def compressed(syntax):
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.compress(syntax, generate_instance_uid=False)
    return dataset


def key_of(dataset, frame, path):
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    with pytest.raises(InputFileError) as caught:
        DicomImageReader().read(saved(dataset, path))
    return caught.value.problems[0].key


@pytest.mark.parametrize(("syntax", "process"), [("90", "jpeg-2000"), ("80", "jpeg-ls")])
def test_a_frame_declares_its_size_and_bits(syntax, process):
    dataset = compressed(f"1.2.840.10008.1.2.4.{syntax}")
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    assert frame_header(frame) == FrameHeader(process, 64, 48, 1, 12)
    assert is_whole(frame)
    assert frame_header(b"RLE") is None


@pytest.mark.parametrize("syntax", ["80", "90"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_a_cut_frame_in_a_whole_file_is_refused(tmp_path, syntax, share):
    dataset = compressed(f"1.2.840.10008.1.2.4.{syntax}")
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    frame = frame[: int(len(frame) * share)]
    assert key_of(dataset, frame, tmp_path / "c.dcm") == "inputs.dicom_pixels_damaged"


def test_a_frame_of_another_process_than_the_transfer_syntax_is_refused(tmp_path):
    dataset = compressed("1.2.840.10008.1.2.4.80")
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.70"
    assert key_of(dataset, frame, tmp_path / "c.dcm") == "inputs.dicom_pixels_damaged"


def test_a_jpeg_2000_without_end_marker_is_whole():
    dataset = compressed("1.2.840.10008.1.2.4.90")
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    assert is_whole(frame.rstrip(b"\0").removesuffix(b"\xff\xd9"))
    assert not is_whole(frame[:-20])


def test_missing_frames_are_refused_by_reader_and_copy(tmp_path):
    dataset = compressed("1.2.840.10008.1.2.4.80")
    dataset.NumberOfFrames = 2
    path = saved(dataset, tmp_path / "c.dcm")
    for act in (DicomImageReader().read, lambda path: DicomImageReader().deidentified_copy(path, tmp_path, "x")):
        with pytest.raises(InputFileError, match="dicom_pixels_damaged"):
            act(path)
