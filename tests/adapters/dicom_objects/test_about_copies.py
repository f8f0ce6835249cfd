"""Objects about the neutral copies of a request, read into an answer in the set's own names."""

import numpy as np
import pytest

from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.dicom_answers import DicomRules, answer_from_objects
from dmn_bench.inputs.file_headers import INDEXED
from dmn_bench.inputs.known_images import known_images
from dmn_bench.inputs.requests import load_case
from dmn_bench.vocabulary import Case
from tests.inputs.factories import a_slice, an_image, saved
from tests.inputs.result_factories import a_segmentation, box, files, group, image, measurements, number


@pytest.fixture
def asked(tmp_path):
    """The answer of a device that finds a nodule on the second image."""

    def asking(*written):
        folder, scratch = tmp_path / "set", tmp_path / "request"
        scratch.mkdir()
        case = Case(case_id="c", patient_id="p", exam_id="e", laterality="", files=written, strata={})
        request, origin = load_case(case, folder, receives="dicom", readers=INDEXED, request_id="r", scratch=scratch)
        names = [path.relative_to(scratch).with_suffix("").parts[0] for path in request.files]
        known = known_images(request.files, names)
        shown = known[1]
        inside = np.zeros((1, shown.rows, shown.columns))
        inside[0, 2:4, 1:6] = 1
        segmentation = a_segmentation(inside, [1], [shown.sop_instance_uid])
        segmentation.FrameOfReferenceUID = shown.frame_of_reference_uid
        whole, part = number("0.9"), box(1, 2, 5, 2, shown.sop_instance_uid)
        report = measurements(group(whole, image(shown.sop_instance_uid)), group(number("0.8"), part))
        raw = answer_from_objects(
            files(tmp_path / "made", report, segmentation), known, DicomRules(silent_images="accepted")
        )
        return read_answer(raw, "c", origin)

    return asking


def test_two_radiographs_keep_their_names(asked, tmp_path):
    for name in ("a.dcm", "b.dcm"):
        saved(an_image(np.zeros((8, 8), dtype=np.uint8)), tmp_path / "set" / name)
    answer = asked("a.dcm", "b.dcm")
    assert (answer.status, answer.reason, answer.findings["nodule"].score) == ("answered", "", 0.9)
    (mark,) = answer.marks
    assert (mark.image, mark.x, mark.y, mark.width, mark.height, mark.score) == ("b.dcm", 1.0, 2.0, 5.0, 2.0, 0.8)
    (mask,) = answer.masks
    assert (mask.image, mask.runs) == ("b.dcm", (17, 5, 3, 5, 34))


def test_a_slice_of_a_series_is_a_place_in_the_patient(asked, tmp_path):
    for place in range(3):
        made = a_slice(np.zeros((8, 8), dtype=np.int16), 3.0 * place, "1.2.3", RescaleIntercept=0, RescaleSlope=1)
        saved(made, tmp_path / "set" / "ct" / f"{place}.dcm")
    answer = asked("ct")
    (mark,) = answer.marks
    # the box is centred on (3.5, 3) px: 3 columns of 0.25 mm and 2.5 rows of 0.5 mm from the first pixel's centre
    assert (mark.x, mark.x_mm, mark.y_mm, mark.z_mm) == (None, 0.75, 1.25, 3.0)
    (mask,) = answer.masks
    assert (mask.image, sum(mask.runs[1::2])) == (None, 10)
