"""Probing variations: names change and descriptions go, pixels and answers keep their places."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.execution.loading import loader
from dmn_bench.execution.variations import differences, largest_score_difference, renamed, stripped
from dmn_bench.inputs.dicom_deidentify import DESCRIPTORS
from dmn_bench.inputs.dicom_image import DicomImageReader
from dmn_bench.inputs.raster import RasterReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.vocabulary import Answer, Beats, FindingAnswer, GradeAnswer, Mark, Measurement
from tests.inputs.factories import an_image, saved

from .kit import a_case

READERS = (DicomImageReader(), RasterReader(), WfdbReader())
PIXELS = np.arange(48, dtype=np.uint16).reshape(6, 8)


@pytest.fixture
def two_views(tmp_path):
    described = {"ViewPosition": "PA", "ImageLaterality": "L", "KVP": "70", "BodyPartExamined": "CHEST"}
    for number in (1, 2):
        saved(an_image(PIXELS + number, **described, PixelSpacing=[0.2, 0.3]), tmp_path / "set" / f"{number}.dcm")
    return tmp_path / "set"


def load(root, vary, folder, *, receives, files):
    folder.mkdir()
    case = replace(a_case(), files=files)
    return vary(loader(root, receives=receives, readers=READERS))(case, folder)


def test_images_get_other_names_and_marks_on_them_find_their_way_back(two_views, tmp_path):
    request, origin = load(two_views, renamed, tmp_path / "s", receives="array", files=("1.dcm", "2.dcm"))
    first, second = (image.name for image in request.images)
    assert {first, second} & {"image-1", "image-2"} == set()
    raw = {"status": "answered", "marks": [{"finding": "fracture", "image": second, "x": 1, "y": 1}]}
    assert read_answer(raw, "c0", origin).marks[0].image == "2.dcm"
    assert np.array_equal(request.images[1].pixels.ravel(), (PIXELS + 2).ravel())


def test_copies_get_other_names_and_the_same_pixels(two_views, tmp_path):
    request, origin = load(two_views, renamed, tmp_path / "s", receives="dicom", files=("1.dcm", "2.dcm"))
    assert [path.stem in origin.images for path in request.files] == [True, True]
    assert "image" not in "".join(path.name for path in request.files)
    assert np.array_equal(pydicom.dcmread(request.files[1]).pixel_array, PIXELS + 2)
    assert sorted((tmp_path / "s").iterdir()) == sorted(request.files)


def test_the_slices_of_a_series_stay_together_in_a_folder_of_another_name(tmp_path):
    for number in (1, 2, 3):
        place = {"ImagePositionPatient": [0, 0, number], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
        slice_ = an_image(PIXELS, **place, SeriesInstanceUID="1.2.3", InstanceNumber=number, Modality="CT")
        saved(slice_, tmp_path / "set" / "ct" / f"{number}.dcm")
    request, origin = load(tmp_path / "set", renamed, tmp_path / "s", receives="dicom", files=("ct",))
    assert [path.name for path in request.files] == ["0001.dcm", "0002.dcm", "0003.dcm"]
    assert {path.parent.name for path in request.files} == set(origin.images)
    assert all(path.is_file() for path in request.files)


def test_a_record_of_another_name_is_still_a_record(tmp_path):
    (tmp_path / "set").mkdir()
    samples = np.arange(200, dtype="<i2").reshape(100, 2)
    (tmp_path / "set" / "r100.dat").write_bytes(samples.tobytes())
    lines = ["r100 2 250 100", "r100.dat 16 200 16 0 0 0 0 I", "r100.dat 16 200 16 0 1 0 0 II"]
    (tmp_path / "set" / "r100.hea").write_text("\n".join(lines) + "\n")
    same = load(tmp_path / "set", lambda plain: plain, tmp_path / "a", receives="wfdb", files=("r100",))[0]
    request, origin = load(tmp_path / "set", renamed, tmp_path / "b", receives="wfdb", files=("r100",))
    header = next(path for path in request.files if path.suffix == ".hea")
    assert [header.stem] == list(origin.images)
    assert "record-1" not in header.read_text()
    (_, before, _), (_, after, _) = (WfdbReader().read(path) for path in (same.files[0], header))
    assert np.array_equal(before.samples, after.samples)
    assert before.samples.shape == (100, 2)


def test_nothing_describes_a_stripped_image_but_its_geometry(two_views, tmp_path):
    request, _ = load(two_views, stripped, tmp_path / "s", receives="array", files=("1.dcm",))
    (image,) = request.images
    assert (image.view, image.laterality, image.modality, image.bits_stored) == ("", "", "", None)
    assert image.spacing_mm == (0.2, 0.3)
    request, _ = load(two_views, stripped, tmp_path / "t", receives="dicom", files=("1.dcm",))
    copy = pydicom.dcmread(request.files[0])
    assert [keyword for keyword in DESCRIPTORS if keyword in copy] == []
    assert copy.PixelSpacing == [0.2, 0.3]
    assert np.array_equal(copy.pixel_array, PIXELS + 1)


def test_a_copy_that_is_not_stripped_has_what_the_stripped_one_has_not(two_views, tmp_path):
    request, _ = load(two_views, lambda plain: plain, tmp_path / "s", receives="dicom", files=("1.dcm",))
    copy = pydicom.dcmread(request.files[0])
    assert {"ViewPosition", "ImageLaterality", "KVP", "BodyPartExamined"} <= set(copy.dir())


WHOLE = Answer(
    case_id="c0",
    status="answered",
    findings={"fracture": FindingAnswer(score=0.5, label="positive")},
    grades={"dr": GradeAnswer(grade=2, scores=(0.1, 0.9))},
    marks=(Mark(finding="fracture", x=1.0, y=2.0, score=0.5),),
    beats=Beats(samples=np.array([10, 20]), symbols=("N", "V")),
    measurements={"qt": Measurement(value=412.0, unit="ms")},
)
CHANGED = {
    "status": "indeterminate",
    "findings": {"fracture": FindingAnswer(score=0.5, label="negative")},
    "grades": {"dr": GradeAnswer(grade=3, scores=(0.1, 0.9))},
    "marks": (),
    "beats": Beats(samples=np.array([10, 21]), symbols=("N", "V")),
    "measurements": {"qt": Measurement(value=412.0, unit="s")},
    "masks": (),
    "finding_statuses": {"fracture": "abstained"},
}


@pytest.mark.parametrize("part", CHANGED)
def test_a_difference_of_any_part_is_seen_from_both_sides(part):
    other = replace(WHOLE, **{part: CHANGED[part]})
    assert [line.partition(":")[0].partition(".")[0].partition("[")[0] for line in differences(WHOLE, other)] == [part]
    assert len(differences(other, WHOLE)) == 1


def test_reasons_and_the_name_of_the_case_are_not_compared():
    assert differences(WHOLE, replace(WHOLE, reason="at 10:31", case_id="c1")) == ()


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1))
def test_scores_within_the_tolerance_are_the_same(first, second, tolerance):
    one, two = (replace(WHOLE, findings={"fracture": FindingAnswer(score=score)}) for score in (first, second))
    assert (differences(one, two, tolerance) == ()) == (abs(first - second) <= tolerance)
    assert largest_score_difference(one, two) == abs(first - second)


def test_no_shared_score_has_no_difference():
    assert largest_score_difference(WHOLE, replace(WHOLE, findings={})) is None
