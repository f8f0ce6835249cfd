"""Cut, altered and random files of every format: each is read or refused with a sentence, in bounded time."""

import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from dmn_bench.errors import DmnBenchError, InputFileError
from dmn_bench.inputs import dicom_file, raster
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.wfdb_record import WfdbReader, read_annotations
from dmn_bench.wordings import say_problem

from .factories import a_jpeg_lossless, a_lut, a_picture, a_record, an_ecg, an_image, saved

PIXELS = np.random.default_rng(3).integers(0, 4096, (64, 48), dtype=np.uint16)
BOUNDED = settings(
    max_examples=60, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def a_dicom(path):
    return saved(an_image(PIXELS, BitsStored=12, VOILUTSequence=[a_lut(list(range(4096)))]), path)


def a_compressed_dicom(path):
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
    return saved(dataset, path)


def a_jpeg_2000_dicom(path):
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.compress("1.2.840.10008.1.2.4.90", generate_instance_uid=False)
    return saved(dataset, path)


def a_jpeg_ls_dicom(path):
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.compress("1.2.840.10008.1.2.4.80", generate_instance_uid=False)
    return saved(dataset, path)


def a_jpeg_lossless_dicom(path):
    return a_jpeg_lossless(PIXELS, path, BitsStored=12)


def a_deflated_dicom(path):
    dataset = an_image(PIXELS, BitsStored=12)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    return saved(dataset, path)


def a_waveform(path):
    return saved(an_ecg((np.arange(400, dtype=np.int16) % 77).reshape(200, 2)), path)


def a_png(path):
    return a_picture(path.with_suffix(".png"), PIXELS)


def a_jpeg(path):
    return a_picture(path.with_suffix(".jpg"), PIXELS.astype(np.uint8))


def a_tiff(path):
    return a_picture(path.with_suffix(".tif"), PIXELS)


def a_wfdb(path):
    return a_record(path.parent, (np.arange(400, dtype=np.int16) % 77).reshape(200, 2))


FORMATS = {
    "dicom": (a_dicom, DicomImageReader()),
    "dicom rle": (a_compressed_dicom, DicomImageReader()),
    "dicom jpeg 2000": (a_jpeg_2000_dicom, DicomImageReader()),
    "dicom jpeg-ls": (a_jpeg_ls_dicom, DicomImageReader()),
    "dicom jpeg lossless": (a_jpeg_lossless_dicom, DicomImageReader()),
    "dicom deflated": (a_deflated_dicom, DicomImageReader()),
    "dicom ecg": (a_waveform, DicomEcgReader()),
    "png": (a_png, RasterReader()),
    "jpeg": (a_jpeg, RasterReader()),
    "tiff": (a_tiff, RasterReader()),
    "wfdb": (a_wfdb, WfdbReader()),
}


def outcome(reader, path):
    """Either "read" or the key of the refusal; anything else than a worded refusal fails the test."""
    try:
        reader.recognises(path)
        dict(reader.header(path))
        images, signals, _ = reader.read(path)
    except DmnBenchError as error:
        for language in ("en", "fr"):  # raises if a placeholder has no fact
            say_problem(error.problems[0], language)
        return error.problems[0].key
    assert images or signals is not None
    return "read"


@pytest.fixture(params=FORMATS, ids=list(FORMATS))
def legal(request, tmp_path):
    make, reader = FORMATS[request.param]
    return make(tmp_path / "c.dcm"), reader


def test_the_legal_file_is_read(legal):
    path, reader = legal
    assert reader.recognises(path)
    assert outcome(reader, path) == "read"
    assert not reader.problems(path)


def test_a_cut_file_is_never_filled_up(legal):
    path, reader = legal
    # A text file may lose its end and stay legal: of a record the signals are cut.
    cut = path.with_suffix(".dat") if path.suffix == ".hea" else path
    whole = cut.read_bytes()
    for share in np.linspace(0, 0.99, 60):
        cut.write_bytes(whole[: int(len(whole) * share)])
        assert outcome(reader, path) != "read", f"cut at {share:.0%}"


def test_an_empty_and_a_random_file_are_refused(legal):
    path, reader = legal
    rng = np.random.default_rng(5)
    start = path.read_bytes()[:200]
    for data in (b"", b"\0" * 4096, rng.bytes(4096), start + rng.bytes(4096)):
        path.write_bytes(data)
        assert outcome(reader, path) != "read"


@BOUNDED
@given(data=st.data())
def test_altered_bytes_never_crash(legal, data):
    path, reader = legal
    original = path.with_name(f"{path.name}.original")
    if not original.exists():  # once for each format: hypothesis runs all examples on one fixture
        original.write_bytes(path.read_bytes())
    altered = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers are small beside pixels: half of the changes go to the first part.
        end = len(altered) if data.draw(st.booleans()) else min(len(altered), 1600)
        altered[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(altered))
    outcome(reader, path)


def test_a_deflated_bomb_is_not_inflated(tmp_path, monkeypatch):
    whole = a_deflated_dicom(tmp_path / "c.dcm").read_bytes()
    begin = 132 + 12 + int.from_bytes(whole[140:144], "little")
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(packing.compress(b"\0" * (1 << 24)) for _ in range(5)) + packing.flush()
    monkeypatch.setattr(dicom_file, "MOST_DECODED_BYTES", 1 << 26)
    (tmp_path / "c.dcm").write_bytes(whole[:begin] + bomb)
    assert outcome(DicomImageReader(), tmp_path / "c.dcm") == "inputs.too_large"


def test_a_picture_that_declares_a_huge_size_is_refused(tmp_path):
    path = a_png(tmp_path / "c")
    data = bytearray(path.read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    assert outcome(RasterReader(), path) == "inputs.too_large"


def test_a_tiff_with_too_many_pages_for_memory_is_refused(tmp_path, monkeypatch):
    page = PillowImage.fromarray(PIXELS)
    page.save(tmp_path / "c.tif", save_all=True, append_images=[page] * 3)
    monkeypatch.setattr(raster, "MOST_DECODED_BYTES", 3 * PIXELS.size * 4)
    assert outcome(RasterReader(), tmp_path / "c.tif") == "inputs.too_large"


@settings(
    max_examples=150, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=st.binary(max_size=200))
def test_annotation_files_are_read_or_refused(tmp_path, content):
    hea = a_record(tmp_path, np.ones((200, 2), dtype=np.int16))
    hea.with_suffix(".atr").write_bytes(content)
    try:
        beats = read_annotations(hea, "atr")
    except InputFileError:
        return
    assert len(beats.samples) == len(beats.symbols) == len(beats.subtypes) == len(beats.notes)
    assert (np.diff(beats.samples) >= 0).all()
    assert not len(beats.samples) or beats.samples[0] >= 0


@settings(
    max_examples=150, deadline=60_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=st.text(alphabet="r01.dat 216+x:/()-mVe\n#9", max_size=120))
def test_header_texts_are_read_or_refused(tmp_path, text):
    hea = a_record(tmp_path, np.ones((200, 2), dtype=np.int16))
    hea.write_text(text)
    outcome(WfdbReader(), hea)
