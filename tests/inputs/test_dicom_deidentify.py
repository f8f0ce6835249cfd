import re

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.encaps import encapsulate

from dmn_bench.inputs.codestream import without_comments
from dmn_bench.inputs.dicom_ecg import DicomEcgReader
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.requests import load_case
from dmn_bench.vocabulary import Case

from .factories import a_lut, a_picture, a_slice, an_ecg, an_image, saved

POISON = "POISON"
TEXT_REPRESENTATIONS = (
    "CS",
    "DA",
    "DS",
    "IS",
    "LO",
    "LT",
    "PN",
    "SH",
    "ST",
    "TM",
    "UC",
    "UI",
    "UT",
    "AS",
    "DT",
    "UR",
    "AE",
)


def poisoned(dataset):
    """Every text element of the dictionary that is not needed to decode, private blocks and nested text."""
    for tag, (representation, multiplicity, *_rest, keyword) in pydicom.datadict.DicomDictionary.items():
        if representation in TEXT_REPRESENTATIONS and keyword and keyword not in dataset and tag >> 16 not in (0, 2, 6):
            value = {"DA": "19991231", "TM": "235959", "DT": "19991231235959", "AS": "099Y", "UI": "1.2.99999"}.get(
                representation, POISON
            )
            if multiplicity == "1" and representation not in ("DS", "IS"):
                dataset.add_new(tag, representation, value)
    block = dataset.private_block(0x0011, POISON, create=True)
    block.add_new(1, "LO", POISON)
    nested, inner = Dataset(), Dataset()
    inner.CodeMeaning = inner.CodeValue = inner.CodingSchemeDesignator = POISON
    nested.TextValue, nested.ConceptNameCodeSequence = POISON, [inner]
    dataset.ContentSequence = [nested]
    dataset.ViewCodeSequence = dataset.AnatomicRegionSequence = [inner]
    dataset.add_new(0x60003000, "OW", POISON.encode() * 2)
    dataset.PatientOrientation = [POISON, "F"]
    dataset.ImageType = [POISON, "PRIMARY", POISON]
    return dataset


def assert_clean(path):
    data = path.read_bytes()
    for trace in (POISON, "19991231", "235959", "099Y", "1.2.99999"):
        assert trace.encode() not in data, trace
        assert trace.encode("utf-16-le") not in data


def test_no_text_date_private_element_or_uid_survives(tmp_path):
    pixels = np.arange(16, dtype=np.uint16).reshape(4, 4)
    lut = a_lut(list(range(16)))
    lut.LUTExplanation = POISON
    original = poisoned(an_image(pixels, VOILUTSequence=[lut], PixelSpacing=[0.2, 0.1], BurnedInAnnotation="NO"))
    original["PixelData"].value += POISON.encode()
    source = saved(original, tmp_path / "c.dcm")
    assert POISON.encode() in source.read_bytes()
    (copy,) = DicomImageReader().deidentified_copy(source, tmp_path / "out", "image-1")
    assert copy == tmp_path / "out" / "image-1.dcm"
    assert_clean(copy)
    before, after = (DicomImageReader().read(path)[0][0] for path in (source, copy))
    assert np.array_equal(before.pixels, after.pixels)
    assert (after.spacing_mm, after.modality) == ((0.2, 0.1), "DX")
    read = pydicom.dcmread(copy)
    assert read.PatientIdentityRemoved == "YES"
    assert read.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert (read.PatientBirthDate, read.PatientSex, read.StudyDate) == ("", "", "")
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert read[keyword].value != original[keyword].value
        assert read[keyword].value.startswith("2.25.")
    assert not [element for element in read.iterall() if element.tag.is_private]


@pytest.mark.parametrize(("sign", "words"), [(0, [0x0801, 0x07FF]), (1, [0xF801, 0x07FF])])
def test_overlays_in_unused_bits_do_not_survive(tmp_path, sign, words):
    stored = np.array([[0xA801, 0xB7FF]], dtype=np.uint16)
    source = saved(an_image(stored, BitsStored=12, PixelRepresentation=sign), tmp_path / "c.dcm")
    (copy,) = DicomImageReader().deidentified_copy(source, tmp_path / "out", "x")
    assert np.frombuffer(pydicom.dcmread(copy).PixelData, dtype="<u2").tolist() == words
    before, after = (DicomImageReader().read(path)[0][0].pixels for path in (source, copy))
    assert np.array_equal(before, after)


def test_two_copies_of_one_file_share_no_uid(tmp_path):
    source = saved(an_image(np.zeros((2, 2), dtype=np.uint8)), tmp_path / "c.dcm")
    copies = [DicomImageReader().deidentified_copy(source, tmp_path / name, "x")[0] for name in "ab"]
    first, second = (pydicom.dcmread(copy) for copy in copies)
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.StudyInstanceUID != second.StudyInstanceUID


def test_compressed_frames_stay_compressed_and_lose_their_comments(tmp_path):
    pixels = (np.arange(256, dtype=np.uint8).reshape(16, 16) * 7) % 251
    frame = a_picture(tmp_path / "f.jpg", pixels, quality=90, comment=POISON.encode()).read_bytes()
    frame = frame[:2] + b"\xff\xe1\x00\x08" + POISON.encode() + frame[2:] + POISON.encode()
    dataset = an_image(pixels)
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    source = saved(dataset, tmp_path / "c.dcm")
    (copy,) = DicomImageReader().deidentified_copy(source, tmp_path / "out", "x")
    assert_clean(copy)
    assert pydicom.dcmread(copy).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    before, after = (DicomImageReader().read(path)[0][0].pixels for path in (source, copy))
    assert np.array_equal(before, after)


def test_jpeg_2000_comments_are_dropped():
    main = b"\xff\x4f\xff\x51\x00\x04ab\xff\x64\x00\x08POISON\xff\x52\x00\x03c\xff\x90rest"
    assert without_comments(main) == b"\xff\x4f\xff\x51\x00\x04ab\xff\x52\x00\x03c\xff\x90rest"
    assert without_comments(b"other data") == b"other data"


def test_a_series_stays_one_series_in_slice_order(tmp_path):
    for z in (3, 1, 2):
        saved(poisoned(a_slice(np.full((2, 2), z, dtype=np.uint16), z, "1.2.3")), tmp_path / "s" / f"{z}{POISON}.dcm")
    copies = DicomImageReader().deidentified_copy(tmp_path / "s", tmp_path / "out", "image-1")
    assert [copy.relative_to(tmp_path / "out").as_posix() for copy in copies] == [
        "image-1/0001.dcm",
        "image-1/0002.dcm",
        "image-1/0003.dcm",
    ]
    for copy in copies:
        assert_clean(copy)
    assert len({str(pydicom.dcmread(copy).SeriesInstanceUID) for copy in copies}) == 1
    image = DicomImageReader().read(tmp_path / "out" / "image-1")[0][0]
    assert image.pixels[:, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_an_ecg_copy_holds_the_rhythm_and_nothing_else(tmp_path, unit):
    samples = np.array([[1, -2], [300, 4], [5, 6]], dtype=np.int16)
    original = poisoned(an_ecg(samples, unit=unit, leads=("Lead I (Einthoven)", POISON)))
    original.WaveformAnnotationSequence = [Dataset()]
    original.WaveformAnnotationSequence[0].UnformattedTextValue = POISON
    source = saved(original, tmp_path / "e.dcm")
    (copy,) = DicomEcgReader().deidentified_copy(source, tmp_path / "out", "record-1")
    assert_clean(copy)
    assert DicomEcgReader().recognises(copy)
    before, after = (DicomEcgReader().read(path)[1] for path in (source, copy))
    assert np.array_equal(before.samples, after.samples)
    assert (after.sampling_hz, after.leads) == (500.0, ("I", "lead-2"))


def copies_of_one_request(tmp_path, **originals):
    for name, dataset in originals.items():
        saved(dataset, tmp_path / f"{name}.dcm")
    case = Case(
        case_id="c",
        patient_id="p",
        exam_id="e",
        laterality="",
        files=tuple(f"{name}.dcm" for name in originals),
        strata={},
    )
    request, _ = load_case(
        case, tmp_path, receives="dicom", readers=[DicomImageReader()], request_id="r", scratch=tmp_path / "out"
    )
    return [pydicom.dcmread(path) for path in request.files]


def test_the_copies_of_one_request_are_one_study_and_share_series_and_frame_only_where_the_originals_do(tmp_path):
    pixels = np.zeros((2, 2), dtype=np.uint8)
    first, second, third = copies_of_one_request(
        tmp_path,
        a=an_image(pixels, SeriesInstanceUID="1.2.3", FrameOfReferenceUID="1.2.9", StudyInstanceUID="1.2.5"),
        b=an_image(pixels, SeriesInstanceUID="1.2.3", StudyInstanceUID="1.2.6"),
        c=an_image(pixels, SeriesInstanceUID="1.2.4", FrameOfReferenceUID="1.2.9"),
    )
    assert len({copy.StudyInstanceUID for copy in (first, second, third)}) == 1
    assert len({copy.SOPInstanceUID for copy in (first, second, third)}) == 3
    assert first.SeriesInstanceUID == second.SeriesInstanceUID != third.SeriesInstanceUID
    assert [copy.InstanceNumber for copy in (first, second, third)] == [1, 2, 1]
    assert first.FrameOfReferenceUID == third.FrameOfReferenceUID != second.FrameOfReferenceUID
    assert not any(str(value).startswith("1.2.") for copy in (first, second, third) for value in shared_uids(copy))


def shared_uids(copy):
    return copy.StudyInstanceUID, copy.SeriesInstanceUID, copy.FrameOfReferenceUID


def test_images_without_a_stated_series_or_frame_share_none(tmp_path):
    originals = {name: an_image(np.zeros((2, 2), dtype=np.uint8)) for name in "ab"}
    for dataset in originals.values():
        del dataset.SeriesInstanceUID
    first, second = copies_of_one_request(tmp_path, **originals)
    assert first.SeriesInstanceUID != second.SeriesInstanceUID
    assert first.FrameOfReferenceUID != second.FrameOfReferenceUID


def test_two_requests_for_one_case_share_no_uid(tmp_path):
    image = an_image(np.zeros((2, 2), dtype=np.uint8))
    (first,), (second,) = (copies_of_one_request(tmp_path, a=image) for _ in range(2))
    assert not {*shared_uids(first), first.SOPInstanceUID} & {*shared_uids(second), second.SOPInstanceUID}


def numbers(copy):
    return str(copy.PatientID), str(copy.PatientName).removesuffix("^"), str(copy.AccessionNumber), str(copy.StudyID)


def test_every_request_is_a_patient_and_an_examination_of_its_own_with_random_numbers(tmp_path):
    """A device that looks for earlier examinations of the patient must find none, in a set of one patient too."""
    images = {name: an_image(np.zeros((2, 2), dtype=np.uint8), PatientID="H77", AccessionNumber="A5") for name in "ab"}
    first, second = (copies_of_one_request(tmp_path, **images) for _ in range(2))
    assert len({numbers(copy) for copy in first}) == 1
    assert all(re.fullmatch("[0-9A-F]{16}", number) for number in numbers(first[0]))
    assert not set(numbers(first[0])) & set(numbers(second[0]))
    assert first[0].PatientID != first[0].AccessionNumber


def test_a_copy_of_an_ecg_has_the_numbers_of_its_request_too(tmp_path):
    source = saved(an_ecg(np.zeros((3, 2), dtype=np.int16), unit="uV"), tmp_path / "e.dcm")
    (first,), (second,) = (DicomEcgReader().deidentified_copy(source, tmp_path / name, "r") for name in "ab")
    assert all(re.fullmatch("[0-9A-F]{16}", number) for number in numbers(pydicom.dcmread(first)))
    assert not set(numbers(pydicom.dcmread(first))) & set(numbers(pydicom.dcmread(second)))
