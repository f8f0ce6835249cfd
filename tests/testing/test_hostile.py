"""What is made of a good request, for devices that receive arrays and for those that receive files."""

import sys

import numpy as np
import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import InputFileError
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.dicom_rewriting import with_pixels
from dmn_bench.testing.candidate import run_check
from dmn_bench.testing.hostile import FILES, IMAGES, NO_INPUT, SIGNALS, kinds_for, made_hostile
from dmn_bench.testing.suite import Suite
from dmn_bench.vocabulary import Image, Origin, Request, Signals

from ..inputs import factories
from .packages import a_package

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="vendor code runs on Linux only")
ORIGIN = Origin(case_id="c1", images={"image-1": "a.png"}, sop_instance_uids={}, image_sizes={"a.png": (16, 12)})


def pixels(*shape, dtype=np.uint16):
    return (np.arange(int(np.prod(shape))).reshape(shape) % 200 + 1).astype(dtype)


def a_request(values, photometric="grey"):
    return Request(request_id="r", images=(Image(name="image-1", pixels=values, photometric=photometric),))


def a_recording():
    samples = np.sin(np.arange(1000))[:, None].repeat(2, axis=1)
    return Request(request_id="r", signals=Signals(samples=samples, sampling_hz=250.0, leads=("I", "II")))


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize(
    ("values", "photometric"),
    [(pixels(12, 16), "grey"), (pixels(12, 16, 3, dtype=np.uint8), "rgb"), (pixels(4, 12, 16), "grey")],
)
def test_a_strange_image_says_of_itself_what_it_is(kind, values, photometric):
    (image,) = made_hostile(kind, a_request(values, photometric), ORIGIN)[0].images
    is_rgb = image.photometric == "rgb"
    assert (image.pixels.shape[-1] == 3) >= is_rgb
    assert image.pixels.ndim == 2 + is_rgb + (image.n_frames > 1)
    assert image.bits_stored == 8 * image.pixels.dtype.itemsize
    assert not (image.pixels.shape == values.shape and np.array_equal(image.pixels, values))


@pytest.mark.parametrize("kind", SIGNALS)
def test_a_strange_recording_is_another_one(kind):
    before = a_recording().signals
    after = made_hostile(kind, a_recording(), ORIGIN)[0].signals
    assert after.samples.shape[1] == len(after.leads)
    same = after.samples.shape == before.samples.shape and np.array_equal(after.samples, before.samples)
    assert not (same and after.leads == before.leads and after.sampling_hz == before.sampling_hz)


def test_no_input_is_empty():
    request, _ = made_hostile(NO_INPUT, a_request(pixels(4, 4)), ORIGIN)
    assert (request.images, request.signals, request.files) == ((), None, ())


def test_the_kinds_fit_what_is_received(tmp_path):
    dicom = factories.saved(factories.an_image(pixels(12, 16)), tmp_path / "image-1.dcm")
    other = factories.a_picture(tmp_path / "a.png", pixels(12, 16, dtype=np.uint8))
    assert kinds_for(a_request(pixels(4, 4))) == (*IMAGES, NO_INPUT)
    assert kinds_for(a_recording()) == (*SIGNALS, NO_INPUT)
    assert kinds_for(Request(request_id="r", files=(dicom,))) == (*FILES, *IMAGES, NO_INPUT)
    assert kinds_for(Request(request_id="r", files=(other,))) == (*FILES, NO_INPUT)


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_a_dicom_copy_holds_the_strange_pixels_and_can_be_read(tmp_path, kind, dtype):
    path = factories.saved(
        factories.an_image(pixels(13, 17, dtype=dtype), PixelSpacing=[0.5, 0.25]), tmp_path / "a.dcm"
    )
    expected = IMAGES[kind](pixels(13, 17, dtype=dtype))
    made_hostile(kind, Request(request_id="r", files=(path,)), ORIGIN)
    (image,), _, _ = DicomImageReader().read(path)
    assert image.pixels.shape == expected.shape
    assert image.spacing_mm == (0.5, 0.25)


@pytest.mark.parametrize("kind", FILES)
def test_a_spoilt_file_is_no_image_any_more(tmp_path, kind):
    path = factories.saved(factories.an_image(pixels(12, 16)), tmp_path / "a.dcm")
    made_hostile(kind, Request(request_id="r", files=(path,)), ORIGIN)
    with pytest.raises(InputFileError):
        DicomImageReader().read(path)


def test_what_is_no_image_is_not_rewritten(tmp_path):
    path = factories.saved(factories.an_ecg(np.ones((10, 2), np.int16)), tmp_path / "ecg.dcm")
    with pytest.raises(InputFileError):
        with_pixels(path, lambda values: values)


FILES_OF_REQUEST = (
    "from pathlib import Path\n"
    "files = request.get('files') or []\n"
    "if not files: return {'status': 'rejected_input', 'reason': 'no file'}\n"
)
CONTENT = "score = sum(Path([f for f in files if not f.endswith('.hea')][0]).read_bytes()[-64:]) % 97 / 97"
ANSWER = "return {'status': 'answered', 'findings': {'fracture': {'score': score}}}"


def a_file_package(folder, body, *, form="dicom"):
    """A package that is handed files: DICOM images, or WFDB records."""
    a_package(folder, instead=f"{FILES_OF_REQUEST}{body}\n{ANSWER}")
    for path in (*(folder / "cases").iterdir(), *(folder / "refuses").iterdir()):
        path.unlink()
    (folder / "refuses").rmdir()
    for number in (1, 2):
        if form == "dicom":
            image = factories.an_image(pixels(12, 16 + number), ViewPosition="PA", PatientName="Doe^Jane")
            factories.saved(image, folder / "cases" / f"case-{number}.dcm")
        else:
            factories.a_record(folder / "cases", pixels(500, 2, dtype=np.int16) * number, name=f"case{number}")
    path = folder / "candidate.yaml"
    kind = "{image: dicom}" if form == "dicom" else "{signals: wfdb}"
    path.write_text(path.read_text(encoding="utf-8").replace("{image: array}", kind), encoding="utf-8")
    return Suite(folder=folder, catalogue=build_catalogue())


CHECKED = ("answers", "same_answer_twice", "any_order", "names_unread", "tags_unread", "hostile_input", "unpoisoned")


@LINUX
@pytest.mark.parametrize("form", ["dicom", "wfdb"])
def test_a_device_that_receives_files_is_checked_on_files(tmp_path, form):
    suite = a_file_package(tmp_path / "package", CONTENT, form=form)
    results = [run_check(name, suite) for name in CHECKED]
    assert [result.outcome for result in results] == ["passed"] * len(CHECKED), results


@LINUX
@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("score = sum(Path(files[0]).name.encode()) % 97 / 97", "names_unread"),
        ("score = Path(files[0]).read_bytes().count(b'PA') / 10", "tags_unread"),
        ("import os\nif not Path(files[0]).stat().st_size: os._exit(1)\nscore = 0.5", "hostile_input"),
        ("score = sum(Path(files[0]).read_bytes()) % 97 / 97", "same_answer_twice"),  # a UID is new in every request
    ],
)
def test_a_device_that_reads_names_tags_or_uids_of_files_is_found(tmp_path, body, check):
    result = run_check(check, a_file_package(tmp_path / "package", body))
    assert result.outcome == "failed"
