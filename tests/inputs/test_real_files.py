"""Files of many makers, as they are found: each is read as its manifest says, or refused with a reason."""

import csv
import json
import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_modality_lut

from dmn_bench.errors import InputFileError, MachineError
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.dicom_file import DicomHeader, open_dicom
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.dicom_pixels import stored_pixels
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.requests import find_reader
from dmn_bench.inputs.wfdb_record import WfdbReader, read_annotations

from ..shared_data import FOLDER, shared_data

READERS = (DicomImageReader(), RasterReader(), WfdbReader(), DicomEcgReader())
DECODED = re.compile(r"\((?P<shape>[\d, ]+)\) \S+ (?P<low>-?\d+)\.\.(?P<high>-?\d+)")
# Listed as decoded, with the GPL decoder that no other extra brings. Everything listed as failing is refused too.
HAS_GPL_DECODER = find_spec("libjpeg") is not None
REFUSED = (
    {}
    if HAS_GPL_DECODER
    else {
        "cornerstone3D__CT0012.fragmented_no_bot_jpeg_baseline.51.dcm": "inputs.decoder_not_installed",
        "pylibjpeg-data__RG2_JPLY_fixed.dcm": "inputs.decoder_not_installed",
    }
)


def zoo():
    manifest = FOLDER / "imaging" / "dicom_zoo" / "manifest.csv"
    if not manifest.exists():
        return [None]
    with manifest.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", zoo(), ids=lambda row: row["file"] if row else "absent")
def test_every_file_of_the_zoo_is_read_or_refused(row, tmp_path):
    folder = shared_data("imaging/dicom_zoo/files")
    path = folder / row["file"]
    reader = find_reader(path, READERS)
    expected = DECODED.match(row["decoded_shape_dtype_range_or_failure"])
    if expected is None or row["file"] in REFUSED:
        with pytest.raises((InputFileError, MachineError)) as caught:
            reader.read(path)
        key = REFUSED.get(row["file"])
        assert key in (None, caught.value.problems[0].key)
        return
    images, _, decoders = reader.read(path)
    shape = tuple(int(number) for number in expected["shape"].split(",") if number.strip())
    image = images[0]
    if row["PhotometricInterpretation"] == "PALETTE COLOR":
        assert (image.photometric, image.pixels.shape) == ("rgb", (*shape, 3))
    else:
        assert image.pixels.shape == shape
    dataset = open_dicom(path, pixels=True)
    stored = stored_pixels(dataset, path)
    if "COLOR" not in row["PhotometricInterpretation"]:
        assert (stored.values.min(), stored.values.max()) == (int(expected["low"]), int(expected["high"]))
    assert decoders == (stored.decoder,)
    assert row["tsuid"] in decoders[0]
    if row["PixelSpacing"] and "0.000, 0.000" not in row["PixelSpacing"]:
        assert list(image.spacing_mm) == pytest.approx(json.loads(row["PixelSpacing"]))
    # What a device would get decodes to the same values.
    copies = reader.deidentified_copy(path, tmp_path, "image-1")
    assert np.array_equal(stored_pixels(open_dicom(copies[0], pixels=True), copies[0]).values, stored.values)
    assert np.array_equal(reader.read(copies[0])[0][0].pixels, image.pixels)


def test_the_order_of_modality_lut_and_inversion_on_a_computed_radiograph():
    path = shared_data("imaging/dicom_zoo/files/fo-dicom__CR-ModalitySequenceLUT.dcm")
    image = DicomImageReader().read(path)[0][0]
    stored = stored_pixels(open_dicom(path, pixels=True), path).values[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        witness = apply_modality_lut(stored, open_dicom(path, pixels=False))
    # Its table promises 16 bits and uses 10; the photometric interpretation is MONOCHROME1.
    assert np.array_equal(image.pixels, 1023 - witness)
    assert image.spacing_source == "ImagerPixelSpacing"


def test_a_bad_value_is_not_recorded_in_the_header():
    path = shared_data("imaging/dicom_zoo/files/pydicom__badVR.dcm")
    header = DicomHeader(open_dicom(path, pixels=False), path)
    assert header["Modality"] == "RTDOSE"
    assert isinstance(dict(header), dict)


@pytest.mark.parametrize(
    ("patient", "n_slices", "spacing"), [("LIDC-IDRI-0001", 16, 0.703125), ("LIDC-IDRI-0002", 12, 0.681641)]
)
def test_a_ct_series_is_in_hounsfield_units_from_feet_to_head(patient, n_slices, spacing):
    folder = shared_data(f"imaging/ct_lidc/{patient}")
    image = DicomImageReader().read(folder)[0][0]
    assert image.pixels.shape == (n_slices, 512, 512)
    assert image.spacing_mm == (spacing, spacing)
    assert DicomImageReader().problems(folder) == []
    inside = image.pixels[image.pixels > -1100]  # without the corners outside the field of view
    air, soft_tissue = np.percentile(inside, [5, 90])
    assert -1050 < air < -900
    assert 0 < soft_tissue < 100
    lowest = min((float(path.stem), path) for path in folder.glob("*.dcm"))[1]
    assert np.array_equal(image.pixels[0], DicomImageReader().read(lowest)[0][0].pixels)


def test_the_wrapped_chest_radiographs_equal_their_sources():
    folder = shared_data("imaging/ai_outputs/base_images")
    found = 0
    for path in sorted(folder.iterdir()):
        source = folder.parents[1] / "cxr_nih" / "images" / f"{path.stem}.png"
        image = DicomImageReader().read(path)[0][0]
        assert image.pixels.shape == (1024, 1024)
        if source.exists():
            expected = RasterReader().read(source)[0][0].pixels
            expected = expected if expected.ndim == 2 else expected[..., 0]
            # Their windows (127.5, 256) are half a step off the identity.
            assert np.abs(image.pixels.astype(int) - expected).max() <= 1, path.name
            found += 1
    assert found > 0


def test_public_pictures_are_read_and_the_cut_one_is_refused():
    chests = sorted(shared_data("imaging/cxr_nih/images").glob("*.png"))
    assert {RasterReader().read(path)[0][0].pixels.shape[:2] for path in chests} == {(1024, 1024)}
    fundus = sorted(shared_data("imaging/fundus_idrid/images").glob("*.jpg"))[0]
    assert RasterReader().read(fundus)[0][0].pixels.shape == (2848, 4288, 3)
    cut = shared_data("imaging/fracture_fracatlas/images/IMG0004258.jpg")
    assert RasterReader().problems(cut) == ("inputs.raster_damaged",)
    bones = sorted(cut.parent.glob("*.jpg"))
    assert [path.name for path in bones if RasterReader().problems(path)] == ["IMG0004258.jpg"]


@pytest.mark.parametrize(
    ("folder", "count"),
    [
        ("mitdb", 23),
        ("vfdb", 4),
        ("ptbxl/records100", 258),
        ("ptbxl/records500", 24),
        ("cinc2021", 118),
        ("cpsc2021", 9),
    ],
)
def test_public_recordings_are_read_and_their_checksums_agree(folder, count):
    headers = sorted(shared_data(f"ecg/{folder}").rglob("*.hea"))
    reader = WfdbReader()
    assert {path.name: reader.problems(path) for path in headers if reader.problems(path)} == {}
    assert len(headers) == count or folder == "cinc2021"


def test_the_traps_of_public_headers_are_handled():
    raw = shared_data("ecg/cinc2021/georgia_rawheader/E00271.hea")
    signals = WfdbReader().read(raw)[1]
    assert signals.samples.shape == (5000, 12)
    assert signals.samples[0, 1] == pytest.approx(-0.073)
    assert WfdbReader().header(raw)["PatientAge"] == "083Y"
    record = shared_data("ecg/mitdb/114.hea")
    assert WfdbReader().read(record)[1].leads == ("V5", "MLII")
    beats = read_annotations(shared_data("ecg/mitdb/201.hea"), "atr")
    assert len(beats.samples) == 2039
    assert beats.notes[0] == "(AFIB"
    episodes = read_annotations(shared_data("ecg/cpsc2021/data_21_7.hea"), "atr")
    assert "None" not in episodes.notes


def test_a_public_dicom_ecg_is_read_in_millivolt():
    path = get_testdata_file("waveform_ecg.dcm")
    if path is None:
        pytest.skip("pydicom brings no waveform file here")
    signals = DicomEcgReader().read(Path(path))[1]
    assert signals.samples.shape == (10000, 12)
    assert signals.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    # Einthoven: II = I + III, within the two rounding steps of 1.25 uV
    leads = signals.samples
    assert np.abs(leads[:, 1] - leads[:, 0] - leads[:, 2]).max() <= 0.0026
