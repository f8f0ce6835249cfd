import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.encaps import encapsulate
from pydicom.tag import Tag

from dmn_bench.errors import InputFileError, MachineError
from dmn_bench.hookspecs import Reader
from dmn_bench.inputs import dicom_pixels
from dmn_bench.inputs.dicom_file import DicomHeader, age_years
from dmn_bench.inputs.dicom_image import DicomImageReader, register_readers

from .factories import a_jpeg_frame_header, a_slice, an_image, saved

READER = DicomImageReader()
GREY = np.arange(12, dtype=np.uint16).reshape(3, 4)


def key_of(path):
    with pytest.raises(InputFileError) as caught:
        READER.read(path)
    return caught.value.problems[0].key


def test_it_is_a_reader_and_registers_itself():
    reader: Reader = register_readers()[0]()
    assert (reader.name, reader.gives) == ("dicom-image", "images")


@pytest.mark.parametrize(
    ("attributes", "spacing", "source"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1), "PixelSpacing"),
        ({"ImagerPixelSpacing": [0.2, 0.1]}, (0.2, 0.1), "ImagerPixelSpacing"),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.2, 0.2]}, (0.1, 0.1), "PixelSpacing"),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "ImagerPixelSpacing"),
        ({"NominalScannedPixelSpacing": [0.3, 0.3]}, (0.3, 0.3), "NominalScannedPixelSpacing"),
        ({"PixelSpacing": [0, 0]}, None, None),
        ({}, None, None),
    ],
)
def test_the_spacing_comes_with_the_plane_it_holds_for(tmp_path, attributes, spacing, source):
    path = saved(an_image(GREY, **attributes), tmp_path / "c.dcm")
    image = READER.read(path)[0][0]
    assert (image.spacing_mm, image.spacing_source) == (spacing, source)
    expected = ["inputs.dicom_bad_spacing"] if attributes and spacing is None else []
    assert READER.problems(path) == expected


def test_colour_and_palette_become_rgb(tmp_path):
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    image = READER.read(saved(an_image(pixels, SamplesPerPixel=3), tmp_path / "c.dcm"))[0][0]
    assert (image.photometric, image.pixels.tolist()) == ("rgb", pixels.tolist())
    palette = an_image(np.array([[0, 1]], dtype=np.uint8), PhotometricInterpretation="PALETTE COLOR")
    for colour, values in (("Red", [0, 0x1200]), ("Green", [0, 0x3400]), ("Blue", [0xFF00, 0x5600])):
        palette.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [2, 0, 16])
        palette.add_new(f"{colour}PaletteColorLookupTableData", "OW", np.array(values, dtype="<u2").tobytes())
    image = READER.read(saved(palette, tmp_path / "p.dcm"))[0][0]
    assert image.pixels.tolist() == [[[0, 0, 255], [0x12, 0x34, 0x56]]]


def test_frames_keep_their_order_and_their_own_rescaling(tmp_path):
    pixels = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    dataset = an_image(pixels, NumberOfFrames=2, Modality="CT")
    dataset.PerFrameFunctionalGroupsSequence = []
    for intercept in (-10, 100):
        values, measures, group = Dataset(), Dataset(), Dataset()
        values.RescaleSlope, values.RescaleIntercept = 1, intercept
        measures.PixelSpacing = [0.5, 0.5]
        group.PixelValueTransformationSequence = [values]
        group.PixelMeasuresSequence = [measures]
        dataset.PerFrameFunctionalGroupsSequence.append(group)
    image = READER.read(saved(dataset, tmp_path / "c.dcm"))[0][0]
    assert image.n_frames == 2
    assert image.pixels.tolist() == [[[-10, -9], [-8, -7]], [[104, 105], [106, 107]]]
    assert image.spacing_mm == (0.5, 0.5)


def test_the_decoder_is_recorded(tmp_path):
    _, _, decoders = READER.read(saved(an_image(GREY), tmp_path / "c.dcm"))
    assert decoders[0].startswith("1.2.840.10008.1.2.1 pydicom 3.")


def test_a_missing_decoder_stops_and_names_the_extra(tmp_path, monkeypatch):
    dataset = an_image(GREY)
    dataset.PixelData = encapsulate([a_jpeg_frame_header(3, 4)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    absent = dicom_pixels.PlannedDecoder(plugin="absent", package="some-decoder", extra="codecs")
    monkeypatch.setattr(dicom_pixels, "DECODERS", {"1.2.840.10008.1.2.4.90": absent})
    with pytest.raises(MachineError) as caught:
        READER.read(saved(dataset, tmp_path / "c.dcm"))
    (problem,) = caught.value.problems
    assert problem.key == "inputs.decoder_not_installed"
    assert problem.facts == {"syntax": "1.2.840.10008.1.2.4.90", "package": "some-decoder", "extra": "codecs"}


def test_a_codestream_of_another_size_is_refused_before_it_is_decoded(tmp_path):
    dataset = an_image(np.zeros((3, 4), dtype=np.uint8))
    dataset.PixelData = encapsulate([a_jpeg_frame_header(60000, 60000)])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    assert key_of(saved(dataset, tmp_path / "c.dcm")) == "inputs.dicom_size_differs"


def test_more_pixels_than_memory_are_refused(tmp_path):
    dataset = an_image(GREY, NumberOfFrames=2_000_000)
    dataset.Rows, dataset.Columns = 65535, 65535
    assert key_of(saved(dataset, tmp_path / "c.dcm")) == "inputs.too_large"


@pytest.mark.parametrize(
    "attributes",
    [{"Rows": 0}, {"BitsAllocated": 12}, {"BitsStored": 17}, {"SamplesPerPixel": 2}, {"NumberOfFrames": -1}],
)
def test_a_senseless_geometry_is_refused(tmp_path, attributes):
    path = saved(an_image(GREY, **attributes), tmp_path / "c.dcm")
    assert key_of(path) == "inputs.dicom_bad_geometry"
    assert READER.problems(path) == ["inputs.dicom_bad_geometry"]


def test_bits_stored_elsewhere_than_low_are_refused(tmp_path):
    dataset = an_image(GREY, BitsStored=12)
    dataset.HighBit = 15
    assert key_of(saved(dataset, tmp_path / "c.dcm")) == "inputs.dicom_bad_geometry"


def test_files_that_are_no_image_say_what_they_lack(tmp_path):
    dataset = an_image(GREY)
    del dataset.PixelData
    assert key_of(saved(dataset, tmp_path / "nopixels.dcm")) == "inputs.dicom_no_pixels"
    whole = saved(an_image(GREY), tmp_path / "c.dcm").read_bytes()
    (tmp_path / "bare.dcm").write_bytes(whole[132:])
    assert READER.recognises(tmp_path / "bare.dcm")
    assert key_of(tmp_path / "bare.dcm") == "inputs.dicom_no_preamble"
    (tmp_path / "cut.dcm").write_bytes(whole[:-4])
    assert key_of(tmp_path / "cut.dcm") == "inputs.dicom_pixels_damaged"


def test_a_series_is_sorted_along_its_normal(tmp_path):
    for name, z in (("a", 5.0), ("b", -5.0), ("c", 0.0)):
        value = int(z) + 10
        saved(a_slice(np.full((2, 2), value, dtype=np.uint16), z, "1.2.3"), tmp_path / "s" / f"{name}.dcm")
    (tmp_path / "s" / "notes.txt").write_text("no image")
    saved(a_slice(np.full((2, 2), 9, dtype=np.uint16), 9.0, "1.2.3"), tmp_path / "s" / ".hidden.dcm")  # never locked
    assert READER.recognises(tmp_path / "s")
    image = READER.read(tmp_path / "s")[0][0]
    assert image.pixels[:, 0, 0].tolist() == [5, 10, 15]
    assert (image.n_frames, image.spacing_mm) == (3, (0.5, 0.25))
    assert READER.problems(tmp_path / "s") == []


@pytest.mark.parametrize(
    ("second", "key"),
    [
        ({"SeriesInstanceUID": "9.9"}, "inputs.series_mixed"),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, 1]}, "inputs.series_mixed"),
        ({"ImagePositionPatient": [0, 0, 0]}, "inputs.series_doubled_slice"),
        ({"ImagePositionPatient": None}, "inputs.series_no_position"),
    ],
)
def test_a_folder_that_is_no_single_series_is_refused(tmp_path, second, key):
    blank = np.zeros((2, 2), dtype=np.uint16)
    saved(a_slice(blank, 0, "1.2.3"), tmp_path / "1.dcm")
    saved(a_slice(blank, 1, "1.2.3", **second), tmp_path / "2.dcm")
    assert key_of(tmp_path) == key


def test_a_gap_in_a_series_is_a_problem(tmp_path):
    for z in (0, 1, 2, 4):
        saved(a_slice(np.zeros((2, 2), dtype=np.uint16), z, "1.2.3"), tmp_path / f"{z}.dcm")
    assert READER.problems(tmp_path) == ["inputs.series_gap"]


def test_the_header_answers_by_keyword_and_leaves_empty_attributes_out(tmp_path):
    dataset = an_image(GREY, Manufacturer="Maker", PatientSex="", ImageLaterality="L", SoftwareVersions=["1", "2"])
    code = Dataset()
    code.CodeMeaning = "Wrist"
    dataset.AnatomicRegionSequence = [code]
    header = READER.header(saved(dataset, tmp_path / "c.dcm"))
    assert header["Manufacturer"] == "Maker"
    assert header["SoftwareVersions"] == "1\\2"
    assert "PatientSex" not in header
    assert header["Laterality"] == "L"
    assert header["BodyPartExamined"] == "Wrist"
    assert "AnatomicRegionSequence" not in header
    assert dict(header)["Rows"] == "3"


def test_a_value_that_cannot_be_converted_is_not_recorded(tmp_path):
    dataset = Dataset()
    dataset.Modality = "DX"
    dataset[0x00280010] = RawDataElement(Tag(0x00280010), "US", 1, b"\x01", 0, False, True)
    header = DicomHeader(dataset, tmp_path)
    assert "Rows" not in header
    assert dict(header) == {"Modality": "DX"}


@pytest.mark.parametrize(
    ("age", "years"),
    [("052Y", 52.0), ("018M", 1.5), ("24", 24.0), ("000Y", None), ("0000", None), ("000D", 0.0), ("200Y", None)],
)
def test_ages_are_years_whatever_their_unit(age, years):
    assert age_years({"PatientAge": age}) == years


def test_an_age_may_come_from_two_dates():
    assert age_years({"PatientBirthDate": "20000301", "StudyDate": "20200229"}) == 19.0
    assert age_years({"PatientBirthDate": "20001301", "StudyDate": "20200229"}) is None
    assert age_years({"StudyDate": "20200229"}) is None
