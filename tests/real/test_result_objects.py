"""Results as vendors deliver them: every object read as expected, and as independent programs read it."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, ResultError, TextRule, answer_from_objects
from dmn_bench.adapters.dicom_places import in_patient
from dmn_bench.adapters.dicom_results import DicomResults
from dmn_bench.errors import InputFileError
from dmn_bench.inputs.file_headers import INDEXED
from dmn_bench.inputs.requests import case_keys
from dmn_bench.inputs.result_objects import known_images, read_result
from dmn_bench.vocabulary import Case
from tests.shared_data import shared_data

OUTPUTS = "imaging/ai_outputs"
PERCENT_AS_WRITTEN = 0.0005 + 1e-9  # the reports in percent have one decimal
CAD_AS_WRITTEN = 0.005 + 1e-9  # whole percent
PX = 1e-4  # coordinates are single precision
TEXT = TextRule(score=r"Probability: ([0-9.]+)%", score_unit="%", positive="nodule suspected", negative="No nodule")


@pytest.fixture(scope="module")
def expected():
    return json.loads((shared_data(OUTPUTS) / "expected.json").read_text(encoding="utf-8"))


def said(vendor, name, **rules):
    folder = shared_data(OUTPUTS)
    known = known_images([folder / "base_images" / f"{name}.dcm"], ["image-1"])
    return answer_from_objects([folder / vendor / f"{name}.dcm"], known, DicomRules(**rules))


def boxes(answer):
    found = [[each[key] for key in ("x", "y", "width", "height")] for each in answer["marks"]]
    return np.array(found).reshape(-1, 4)


def stated(expected_boxes):
    return np.array([box[:4] for box in expected_boxes]).reshape(-1, 4)


def test_all_measurement_reports_say_what_is_expected(expected):
    for name, each in expected.items():
        answer = said("vendorA_sr_tid1500", name)
        exact = 1e-12 if each["sr_style"] == "box_fraction" else PERCENT_AS_WRITTEN
        assert answer["findings"]["nodule"]["score"] == pytest.approx(each["image_level_probability"], abs=exact)
        assert np.allclose(boxes(answer), stated(each["boxes_xywh_prob"]), atol=PX)
        scores = [mark["score"] for mark in answer["marks"]]
        assert np.allclose(scores, [box[4] for box in each["boxes_xywh_prob"]], rtol=0, atol=exact)
        positive = each["image_level_probability"] >= 0.5
        assert answer["findings"]["nodule"]["label"] == ("positive" if positive else "negative")
    assert len(expected) == 8


def test_presentation_states_give_their_boxes_and_by_a_declared_rule_their_scores(expected):
    drawn = {name: each for name, each in expected.items() if each["boxes_xywh_prob"]}
    for name, each in drawn.items():
        answer = said("vendorB_gsps", name, text={"nodule": TextRule(score=r"^Nodule ([0-9.]+)$")})
        assert np.allclose(boxes(answer), stated(each["boxes_xywh_prob"]), atol=PX)
        scores = [mark["score"] for mark in answer["marks"]]
        assert np.allclose(scores, [box[4] for box in each["boxes_xywh_prob"]], rtol=0, atol=CAD_AS_WRITTEN)
    assert len(drawn) == 7


def test_sentences_give_their_score_by_a_declared_rule_alone(expected):
    for name, each in expected.items():
        with pytest.raises(ResultError, match="needs transcription"):
            said("vendorD_text_sr", name)
        found = said("vendorD_text_sr", name, text={"nodule": TEXT})["findings"]["nodule"]
        assert found["score"] == pytest.approx(each["image_level_probability"], abs=PERCENT_AS_WRITTEN)
        assert found["label"] == ("positive" if "suspected" in each["text_sr"] else "negative")


def test_cad_reports_give_their_findings_or_an_explicit_negative(expected):
    n_clear = 0
    for name, each in expected.items():
        answer = said("vendorE_chest_cad_sr", name, reports=("nodule",))
        shown = [box for box in each["boxes_xywh_prob"] if box[4] >= 0.5]
        assert np.allclose(boxes(answer), stated(shown), atol=PX)
        scores = [mark["score"] for mark in answer["marks"]]
        assert np.allclose(scores, [box[4] for box in shown], rtol=0, atol=CAD_AS_WRITTEN)
        assert answer["findings"] == {"nodule": {"label": "positive" if shown else "negative"}}
        n_clear += not shown
    assert n_clear == 2


@pytest.mark.parametrize("vendor", ["vendorC_secondary_capture", "vendorF_encapsulated_pdf"])
def test_pictures_and_documents_are_recognised_and_not_guessed_at(vendor):
    paths = sorted((shared_data(OUTPUTS) / vendor).glob("*.dcm"))
    for path in paths:
        with pytest.raises(ResultError, match="needs transcription"):
            said(vendor, path.stem)
    assert paths


def test_a_folder_of_each_vendor_answers_for_the_whole_set(expected):
    root = shared_data(OUTPUTS)
    cases = [
        Case(case_id=name, patient_id=name, exam_id=name, laterality="", files=(f"base_images/{name}.dcm",), strata={})
        for name in expected
    ]
    keys = [case_keys(case, root, INDEXED) for case in cases]
    counts = {}
    for vendor, rules in (
        ("vendorA_sr_tid1500", {}),
        ("vendorB_gsps", {"finding": "nodule"}),
        ("vendorC_secondary_capture", {}),
        ("vendorD_text_sr", {"text": {"nodule": TEXT}}),
        ("vendorE_chest_cad_sr", {"reports": ("nodule",)}),
        ("vendorF_encapsulated_pdf", {}),
    ):
        answers = [each.answer for each in DicomResults(folder=vendor, dicom=DicomRules(**rules)).answers(keys, root)]
        assert [each.case_id for each in answers] == list(expected)
        counts[vendor[6]] = sum(each.status == "answered" for each in answers)
    assert counts == {"A": 8, "B": 7, "C": 0, "D": 8, "E": 8, "F": 0}


# ------------------------------------------------------------------------------------------- masks and lines of a CT


@pytest.fixture(scope="module")
def slices():
    return sorted(shared_data("imaging/ct_lidc/LIDC-IDRI-0001").glob("*.dcm"))


def of_ct(slices, name, **rules):
    known = known_images(slices, ["series"] * len(slices))
    path = shared_data(OUTPUTS) / "ct_LIDC-IDRI-0001" / name
    return answer_from_objects([path], known, DicomRules(**rules)), known, path


def test_the_masks_of_a_segmentation_are_those_that_highdicom_reads(slices):
    highdicom = pytest.importorskip("highdicom")
    answer, known, path = of_ct(slices, "seg_binary.dcm")
    ours = {mask["instance"]: mask["array"] for mask in answer["masks"]}
    uids = [image.sop_instance_uid for image in known]
    segmentation = highdicom.seg.segread(path)
    theirs = segmentation.get_pixels_by_source_instance(
        uids, ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    for place, uid in enumerate(uids):
        assert np.array_equal(ours.get(uid, np.zeros((512, 512))), theirs[place, :, :, 0])
    assert sum(int(mask.sum()) for mask in ours.values()) == 6282


def test_the_lines_of_a_structure_set_enclose_the_voxels_of_the_segmentation(slices):
    from PIL import Image, ImageDraw

    segmented, _, _ = of_ct(slices, "seg_binary.dcm")
    rules = {"structures": {"GTV_AI": "nodule"}, "ignore_structures": ("GTV_reader1",)}
    drawn, known, _ = of_ct(slices, "rtstruct.dcm", **rules)
    by_uid = {image.sop_instance_uid: image for image in known}
    filled = {}
    for line in drawn["contours"]:
        image = by_uid[line["instance"]]
        apart = (np.array(line["points_mm"]) - image.position_mm)[:, :2] / image.spacing_mm[::-1]
        canvas = Image.new("1", (512, 512))
        ImageDraw.Draw(canvas).polygon([tuple(map(round, point)) for point in apart], fill=1, outline=1)
        filled[line["instance"]] = filled.get(line["instance"], np.zeros((512, 512), dtype=bool)) | np.asarray(canvas)
    masks = {mask["instance"]: mask["array"] == 1 for mask in segmented["masks"]}
    assert filled.keys() == masks.keys()
    for uid, mask in masks.items():
        overlap = 2 * (mask & filled[uid]).sum() / (mask.sum() + filled[uid].sum())
        assert overlap > 0.98, uid


def test_rt_utils_reads_the_same_number_of_contours(slices):
    rt_utils = pytest.importorskip("rt_utils")
    answer, _, path = of_ct(slices, "rtstruct.dcm", structures={"GTV_AI": "a", "GTV_reader1": "b"})
    theirs = rt_utils.RTStructBuilder.create_from(str(slices[0].parent), str(path))
    voxels = theirs.get_roi_mask_by_name("GTV_AI")
    assert int(voxels.sum()) == 6282
    n_slices = int(voxels.any(axis=(0, 1)).sum())
    assert len({line["instance"] for line in answer["contours"] if line["structure"] == "a"}) == n_slices


def test_pixels_of_a_slice_lie_where_highdicom_says(slices):
    spatial = pytest.importorskip("highdicom").spatial
    (known,) = known_images(slices[3:4], ["series"])
    theirs = spatial.ImageToReferenceTransformer(known.position_mm, known.orientation, known.spacing_mm)
    points = [(0.0, 0.0), (0.5, 0.5), (511.25, 3.75), (17.0, 400.0)]
    assert np.allclose([in_patient(known, point) for point in points], theirs(np.array(points)), rtol=0, atol=1e-9)


# ------------------------------------------------------------------------------------------ read by other programs


def test_highdicom_reads_the_same_groups_from_the_measurement_reports(expected):
    sr = pytest.importorskip("highdicom").sr
    for name in expected:
        path = shared_data(OUTPUTS) / "vendorA_sr_tid1500" / f"{name}.dcm"
        content = sr.srread(path).content
        rois = content.get_planar_roi_measurement_groups()
        whole = content.get_image_measurement_groups()
        answer = said("vendorA_sr_tid1500", name)
        assert len(answer["marks"]) == len(rois)
        for mark, roi in zip(answer["marks"], rois, strict=True):
            corners = roi.roi.value
            assert (mark["x"], mark["y"]) == pytest.approx(tuple(corners.min(axis=0)))
            assert (mark["width"], mark["height"]) == pytest.approx(tuple(np.ptp(corners, axis=0)))
            (measured,) = roi.get_measurements()
            in_percent = measured.unit.value == "%"
            assert mark["score"] == pytest.approx(float(measured.value) / (100 if in_percent else 1))
        (measured,) = whole[0].get_measurements()
        in_percent = measured.unit.value == "%"
        ours = answer["findings"]["nodule"]["score"]
        assert ours == pytest.approx(float(measured.value) / (100 if in_percent else 1))


def _dumped(path: Path) -> str:
    program = shutil.which("dsrdump")
    if program is None:
        pytest.skip("dsrdump (package dcmtk) is not installed")
    ran = subprocess.run([program, "+Pl", str(path)], capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout


@pytest.mark.parametrize("vendor", ["vendorA_sr_tid1500", "vendorE_chest_cad_sr"])
def test_dcmtk_sees_as_many_regions_and_numbers(expected, vendor):
    for name in expected:
        path = shared_data(OUTPUTS) / vendor / f"{name}.dcm"
        statements = read_result(path).statements
        dumped = _dumped(path)
        assert dumped.count(" SCOORD:") == sum(len(each.regions) for each in statements)
        assert dumped.count(" NUM:") == sum(len(each.numbers) for each in statements)


def test_segmentations_of_other_software_are_read_or_refused_with_a_reason():
    folder = shared_data("imaging/dicom_zoo/files")
    found = {}
    for path in sorted(folder.glob("*")):
        if any(word in path.name for word in ("liver", "seg", "labelmap")):
            try:
                found[path.name] = len(read_result(path).structures)
            except InputFileError:
                found[path.name] = "refused"
    assert found["dcmqi__liver.dcm"] == 1
    assert found["dcmqi__sparse-labelmap-noppv.dcm"] == 1
    # run-length coding of single bits is not allowed, and the library cannot undo it
    # run-length coding of single bits is not allowed, and the library cannot undo it
    assert found["pydicom-data__liver_rle.dcm"] == "refused"


def test_measurement_reports_of_other_software_give_their_regions_and_numbers():
    folder = shared_data("imaging/dicom_zoo/files")
    (drawn,) = read_result(folder / "highdicom__sr_document.dcm").statements
    assert (drawn.problem, drawn.regions[0].form, drawn.regions[0].points) == (
        "",
        "CIRCLE",
        ((58.0, 52.0), (58.0, 41.0)),
    )
    (segmented,) = read_result(folder / "dcmqi__sr.dcm").statements
    assert [each.segments for each in segmented.segments] == [(1,)]
    numbers = {each.key: each.value for each in segmented.numbers}
    assert len(numbers) == len(segmented.numbers) > 15  # each derivation of the uptake is a number of its own
    assert 10.3814 in numbers.values()
