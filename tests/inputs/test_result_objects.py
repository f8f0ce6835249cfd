"""Reading result objects: kinds, references, times, and files that are damaged, hostile or huge."""

import random
import zlib

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code as OtherCode

from dmn_bench.errors import InputFileError
from dmn_bench.inputs import result_objects, result_sr
from dmn_bench.inputs.known_images import known_image, known_images
from dmn_bench.inputs.result_codes import MODERN
from dmn_bench.inputs.result_objects import is_directory, read_result

from .factories import a_dataset, saved
from .factories import an_image as an_image_file
from .result_factories import (
    DISPLAY,
    IMAGE,
    KEY_OBJECTS,
    OTHER_IMAGE,
    PARAMETRIC_MAP,
    PDF,
    RTSTRUCT,
    SC,
    SR_TEXT,
    a_cad,
    a_presentation,
    a_report,
    a_segmentation,
    an_item,
    annotation,
    box,
    container,
    files,
    graphic,
    group,
    image,
    measurements,
    number,
    reference,
    text,
)  # fmt: skip


def read(folder, dataset):
    (path,) = files(folder, dataset)
    return read_result(path)


def refused(path):
    with pytest.raises(InputFileError) as caught:
        read_result(path)
    return caught.value.problems[0].key


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda: measurements(group(number("0.5"))), "measurements"),
        (lambda: a_report(root="DCM:126000"), "measurements"),
        (lambda: a_cad(), "cad"),
        (lambda: a_cad(root="DCM:111036"), "cad"),
        (lambda: a_report(text("DCM:111412", "x"), root="LN:18748-4", sop_class=SR_TEXT), "text"),
        (lambda: a_presentation(annotation(graphic("POINT", [1, 1]))), "graphics"),
        (lambda: a_segmentation(np.zeros((1, 4, 6)), [1], [IMAGE]), "segmentation"),
        (lambda: a_dataset(RTSTRUCT), "contours"),
        (lambda: a_dataset(SC), "picture"),
        (lambda: a_dataset(PDF), "document"),
        (lambda: a_dataset(DISPLAY), "display"),
        (lambda: a_dataset(KEY_OBJECTS), "references"),
        (lambda: a_dataset(PARAMETRIC_MAP), "parametric_map"),
        (lambda: an_image_file(np.zeros((2, 2), dtype=np.uint8)), "image"),
        (lambda: a_dataset("1.2.840.10008.5.1.4.1.1.88.67"), "other"),  # a dose report is no finding
    ],
)
def test_the_kind_is_told_by_class_and_content(tmp_path, made, kind):
    assert read(tmp_path, made()).kind == kind


def test_images_and_other_results_are_told_apart_by_class(tmp_path):
    made = a_report(image(), image("9.1", sop_class="1.2.840.10008.5.1.4.1.1.66.4"))
    found = read(tmp_path, made)
    assert ([each.uid for each in found.images], [each.uid for each in found.objects]) == ([IMAGE], ["9.1"])


def test_a_display_or_key_object_gives_everything_that_it_refers_to(tmp_path):
    made, outer, series = a_dataset(DISPLAY), Dataset(), Dataset()
    series.ReferencedSOPSequence = [reference(OTHER_IMAGE)]
    outer.ReferencedImageSequence = [reference()]
    outer.ReferencedPresentationStateSequence = [series]
    made.StructuredDisplayImageBoxSequence = [outer]
    assert {each.uid for each in read(tmp_path, made).images} == {IMAGE, OTHER_IMAGE}


def test_the_moment_of_the_content_sorts_as_text(tmp_path):
    early = read(tmp_path, a_report(ContentDate="20260101", ContentTime="235959.9"))
    late = read(tmp_path, a_report(ContentDate="20260102", ContentTime="01"))
    assert early.written < late.written


def test_algorithms_are_recorded_with_their_version(tmp_path):
    mods = (text("DCM:111001", "NoduleAI"), text("DCM:111003", "3.2.1"))
    assert read(tmp_path, measurements(group(number("0.5", "1", "DCM:122157", *mods)))).algorithms == (
        "NoduleAI 3.2.1",
    )


def test_old_codes_mean_what_the_library_says_they_mean():
    wrong = {old: new for old, new in MODERN.items() if OtherCode(old, "SRT", "x") != OtherCode(new, "SCT", "x")}
    assert wrong == {}


def test_what_is_known_of_an_image_is_in_its_header(tmp_path):
    made = an_image_file(
        np.zeros((3, 4, 6), dtype=np.uint8), NumberOfFrames=3, FrameOfReferenceUID="1.7", ImageLaterality="R",
        ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[0.5, 0.25],
    )  # fmt: skip
    (known,) = known_images([saved(made, tmp_path / "a.dcm")], ["image-1"])
    assert (known.name, known.sop_instance_uid, known.rows, known.columns) == ("image-1", made.SOPInstanceUID, 4, 6)
    assert (known.n_frames, known.frame_of_reference_uid, known.laterality) == (3, "1.7", "R")
    assert (known.position_mm, known.spacing_mm) == ((1.0, 2.0, 3.0), (0.5, 0.25))
    assert known.orientation == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def test_senseless_attributes_of_an_image_are_not_known():
    known = known_image(
        "a", {"Rows": "many", "ImagePositionPatient": r"1\2", "PixelSpacing": r"nan\1", "Laterality": "U"}
    )
    assert (known.rows, known.position_mm, known.spacing_mm, known.laterality) == (None, None, None, "")


# -------------------------------------------------------------------------------------------------- hostile files


def test_a_file_that_is_no_dicom_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"\x89PNG" + bytes(1000))
    assert refused(tmp_path / "a") == "inputs.dicom_no_preamble"


@pytest.mark.parametrize("undefined", [True, False])
def test_a_report_cut_anywhere_is_refused_or_has_no_content_at_all(tmp_path, undefined):
    made = measurements(group(number("0.87"), box(10, 20, 30, 40)), group(number("0.91"), image()))
    for each in made.iterall():
        each.is_undefined_length = undefined and each.VR == "SQ"
    (path,) = files(tmp_path, made)
    content = path.read_bytes()
    refusals = 0
    for end in range(0, len(content), 7):
        path.write_bytes(content[:end])
        try:
            found = read_result(path)
        except InputFileError:
            refusals += 1
            continue
        assert (found.statements, bool(found.problems)) == ((), True)
    assert refusals > 150


def test_damaged_bytes_never_crash_the_reader(tmp_path):
    (path,) = files(tmp_path, a_cad(container("DCM:1", number("0.87"), box(10, 20, 30, 40))))
    content, rng = path.read_bytes(), random.Random(3)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(132, len(damaged))] = rng.randrange(256)
        path.write_bytes(bytes(damaged))
        try:
            outcomes.add(type(read_result(path)).__name__)
        except InputFileError:
            outcomes.add("refused")
    assert outcomes == {"ResultObject", "refused"}


def test_a_tree_deeper_than_any_report_is_refused(tmp_path):
    deep = container("DCM:126010")
    for _ in range(result_sr.MOST_DEPTH + 5):
        deep = container("DCM:126010", deep)
    (path,) = files(tmp_path, a_report(deep))
    assert refused(path) == "inputs.too_large"


def test_a_tree_that_nests_beyond_the_interpreter_is_refused(tmp_path):
    inner = b""
    for _ in range(20_000):  # items of undefined length: ContentSequence in ContentSequence
        inner += b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    (path,) = files(tmp_path, a_report())
    path.write_bytes(path.read_bytes() + inner)
    assert refused(path) == "inputs.dicom_unreadable"


def test_a_tree_with_more_items_than_any_report_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(result_sr, "MOST_ITEMS", 50)
    (path,) = files(tmp_path, a_report(*(text("DCM:1", "x") for _ in range(60))))
    assert refused(path) == "inputs.too_large"


def test_a_shape_with_more_numbers_than_any_is_unclear(tmp_path, monkeypatch):
    monkeypatch.setattr(result_sr, "MOST_NUMBERS", 8)
    (statement,) = read(tmp_path, measurements(group(box(1, 2, 3, 4)))).statements
    assert "no known form" in statement.problem


def test_a_file_larger_than_any_result_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(result_objects, "MOST_BYTES", 100)
    (path,) = files(tmp_path, a_report())
    assert refused(path) == "inputs.too_large"


def test_a_deflated_bomb_is_refused(tmp_path, monkeypatch):
    from dmn_bench.inputs import dicom_file

    monkeypatch.setattr(dicom_file, "MOST_DECODED_BYTES", 1 << 20)
    made = a_report()
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    (path,) = files(tmp_path, made)
    start = path.read_bytes()[: 132 + 12 + dcmread(path).file_meta.FileMetaInformationGroupLength]
    packer = zlib.compressobj(wbits=-15)
    path.write_bytes(start + packer.compress(bytes(8 << 20)) + packer.flush())
    assert refused(path) == "inputs.too_large"


def test_a_segmentation_that_claims_a_billion_frames_is_refused(tmp_path):
    made = a_segmentation(np.zeros((1, 4, 6)), [1], [IMAGE])
    made.NumberOfFrames = 1_000_000_000
    (path,) = files(tmp_path, made)
    assert refused(path) == "inputs.too_large"


def test_a_segmentation_without_segment_numbers_is_refused(tmp_path):
    made = a_segmentation(np.zeros((1, 4, 6)), [1], [IMAGE])
    made.PerFrameFunctionalGroupsSequence = Sequence([Dataset()])
    (path,) = files(tmp_path, made)
    assert refused(path) == "inputs.dicom_unreadable"


@pytest.mark.parametrize("value", ["", "abc", "0.5\\0.6"])
def test_a_number_without_one_value_has_none(tmp_path, value):
    item = number("0.5")
    element = item.MeasuredValueSequence[0]
    element["NumericValue"]._value = value  # as a file may hold it; the library would refuse to set it
    made = measurements(group(item))
    try:
        (statement,) = read(tmp_path, made).statements
    except InputFileError:
        return
    assert statement.numbers[0].value is None


def test_a_directory_is_told_from_results(tmp_path):
    (path,) = files(tmp_path, a_dataset("1.2.840.10008.1.3.10"))
    assert is_directory(path)
    assert not is_directory(*files(tmp_path / "other", a_report()))
    assert dcmread(path).file_meta.MediaStorageSOPClassUID == "1.2.840.10008.1.3.10"


def test_an_item_that_stands_for_itself_leads_nowhere(tmp_path):
    loop = an_item("SCOORD", "DCM:111030")
    loop.GraphicType, loop.GraphicData = "POINT", [1, 1]
    again = Dataset()
    again.RelationshipType, again.ReferencedContentItemIdentifier = "SELECTED FROM", [1, 1, 1, 2, 1]
    loop.ContentSequence = [again]
    (statement,) = read(tmp_path, measurements(group(loop))).statements
    assert "no known form" in statement.problem
