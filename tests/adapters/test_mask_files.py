from dataclasses import replace

import numpy as np
import pytest

from dmn_bench.adapters.mask_file_names import About, Pattern
from dmn_bench.adapters.mask_files import MaskFiles
from dmn_bench.errors import CandidateError
from dmn_bench.harness.regions import Regions
from dmn_bench.inputs.hospital_names import with_hospital_names
from dmn_bench.inputs.nifti_file import NiftiVolume
from dmn_bench.inputs.requests import case_keys
from dmn_bench.reference_set import load
from dmn_bench.reference_set.identity import read_identity

from ..inputs.factories import saved
from ..inputs.mask_factories import READERS, SHAPE, a_nifti, a_series, some_region, uid
from ..inputs.result_factories import a_segment, a_segmentation, a_structure_set
from ..set_factory import a_set
from .kit import problem_keys

REGION = some_region(5)
CASES = ("case_id,patient_id,files,sex,age_years", "c1,p1,files/one,F,40", "c2,p2,files/two,M,50")


@pytest.fixture
def at(tmp_path):
    a_set(tmp_path / "set", cases=CASES)
    (tmp_path / "set/truth.csv").write_text("case_id,finding,value\n")
    for name in ("one", "two"):
        a_series(tmp_path / "set/files" / name)
    (tmp_path / "out").mkdir()
    return tmp_path


def answers(at, **options):
    reference_set = load(at / "set")
    keys = [case_keys(case, at / "set", READERS) for case in reference_set.cases]
    found = MaskFiles(folder="out", **options).answers(keys, at)
    return {asked.answer.case_id: asked.answer for asked in found}


def region(at, answer, structure="heart"):
    reference_set = load(at / "set")
    case = next(case for case in reference_set.cases if case.case_id == answer.case_id)
    return Regions(reference_set, READERS).answered_region(case, answer, structure)


def test_a_file_for_each_case_is_its_region_and_a_case_without_one_has_failed(at):
    a_nifti(at / "out/c1.nii.gz", REGION.astype(np.uint8), axes="RAS")
    found = answers(at, structure="heart")
    assert np.array_equal(region(at, found["c1"]), REGION)
    assert (found["c2"].status, found["c2"].reason) == ("failed", "no output")


def test_a_file_for_each_structure_fails_that_structure_alone_where_it_is_missing(at):
    for case in ("c1", "c2"):
        a_nifti(at / f"out/{case}/Heart.nii.gz", REGION.astype(np.uint8))
    a_nifti(at / "out/c1/Lung_L.nii.gz", some_region(6).astype(np.uint8))
    words = {"Heart": "heart", "Lung_L": "lungs"}
    found = answers(at, pattern="{case_id}/{structure}.nii.gz", structures=words)
    assert np.array_equal(region(at, found["c1"], "lungs"), some_region(6))
    assert found["c1"].finding_statuses == {}
    assert (found["c2"].status, found["c2"].finding_statuses) == ("answered", {"lungs": "failed"})
    assert found["c2"].reason == "lungs: no output"
    assert region(at, found["c2"], "lungs") is None


def test_a_label_map_has_a_structure_for_each_value(at):
    labels = np.where(REGION, 2, 0).astype(np.uint8)
    a_nifti(at / "out/c1.nii.gz", labels)
    found = answers(at, values={1: "lung", 2: "heart"})["c1"]
    assert np.array_equal(region(at, found), REGION)
    assert not region(at, found, "lung").any()  # looked for, and not found
    with pytest.raises(CandidateError) as caught:
        answers(at, values={1: "lung"})
    assert problem_keys(caught) == {"masks.unnamed"}


def test_a_label_map_of_another_lattice_fails_before_it_is_unpacked(at, monkeypatch):
    a_nifti(at / "out/c1.nii.gz", np.ones((9, 9, 9), dtype=np.uint8))
    monkeypatch.setattr(NiftiVolume, "stored", lambda volume: pytest.fail("unpacked"))
    assert "9 x 9 x 9" in answers(at, values={1: "heart"})["c1"].reason


def test_shares_are_cut_at_the_limit(at):
    a_nifti(at / "out/c1.nii.gz", np.where(REGION, 0.7, 0.2).astype(np.float32))
    assert np.array_equal(region(at, answers(at, structure="heart", at_least=0.5)["c1"]), REGION)
    failed = answers(at, structure="heart")["c1"]
    assert failed.status == "failed"
    assert "at_least" in failed.reason


def test_segmentations_and_structure_sets_name_their_structures(at):
    labels = [a_segment(1, "Heart"), a_segment(2, "Spine")]
    made = a_segmentation(REGION[:2].astype(np.uint8), [1, 2], [uid(0), uid(1)], labels=labels)
    saved(made, at / "out/c1.dcm")
    corners = [10.5, 22, 3, 11.5, 22, 3, 11.5, 26, 3, 10.5, 26, 3]
    saved(a_structure_set(("Heart", [("CLOSED_PLANAR", corners, uid(1))]), ("Lung", [])), at / "out/c2.dcm")
    options = {
        "pattern": "{case_id}.dcm",
        "structures": {"Heart": "heart", "Lung": "lung"},
        "ignore_structures": ("Spine",),
    }
    found = answers(at, **options)
    assert np.array_equal(region(at, found["c1"])[0], REGION[0])
    assert not region(at, found["c1"])[1:].any()
    expected = np.zeros(SHAPE, dtype=bool)
    expected[1, 1:4, 1:4] = True
    assert np.array_equal(region(at, found["c2"]), expected)
    assert not region(at, found["c2"], "lung").any()
    with pytest.raises(CandidateError) as caught:
        answers(at, pattern="{case_id}.dcm", structures={"Heart": "heart"})
    assert problem_keys(caught) == {"masks.unnamed"}


def test_a_file_that_cannot_be_used_fails_its_case_with_the_reason(at):
    a_nifti(at / "out/c1.nii.gz", REGION[:2].astype(np.uint8))
    (at / "out/c2.nii.gz").write_bytes(b"\x1f\x8bnonsense")
    found = answers(at, structure="heart")
    assert [found[case].status for case in ("c1", "c2")] == ["failed", "failed"]
    assert "expected 6 x 4 x 3" in found["c1"].reason
    assert found["c2"].reason.startswith("invalid output: ")


def test_the_reason_names_the_file_with_its_folders(at):
    a_nifti(at / "out/c1/heart.nii.gz", REGION[:2].astype(np.uint8))
    a_nifti(at / "out/c2/heart.nii.gz", REGION.astype(np.uint8))
    found = answers(at, pattern="{case_id}/{structure}.nii.gz", structures={"heart": "heart"})
    assert "out/c1/heart.nii.gz: " in found["c1"].reason


def test_a_file_of_no_case_and_one_of_two_cases_are_listed(at):
    a_nifti(at / "out/c9.nii.gz", REGION.astype(np.uint8))
    with pytest.raises(CandidateError) as caught:
        answers(at, structure="heart")
    assert problem_keys(caught) == {"masks.files_unknown"}
    assert set(answers(at, structure="heart", ignore_files=("c9*",))) == {"c1", "c2"}


def test_file_names_may_be_those_of_the_images(at):
    a_nifti(at / "out/two.nii.gz", REGION.astype(np.uint8))
    found = answers(at, pattern="{file_name}.nii.gz", structure="heart")
    assert (found["c1"].status, found["c2"].status) == ("failed", "answered")


def test_a_picture_or_volume_without_any_name_is_refused(at):
    a_nifti(at / "out/c1.nii.gz", REGION.astype(np.uint8))
    with pytest.raises(CandidateError) as caught:
        answers(at)
    assert problem_keys(caught) == {"masks.unnamed"}


def test_a_missing_folder_is_said(at):
    (at / "out").rmdir()
    with pytest.raises(CandidateError) as caught:
        answers(at, structure="heart")
    assert problem_keys(caught) == {"masks.no_folder"}


def test_the_identity_is_every_file_that_is_read(at):
    a_nifti(at / "out/c1.nii.gz", REGION.astype(np.uint8))
    (at / "out/.hidden").write_text("x")
    assert list(MaskFiles(folder="out").identity(at)) == ["out/c1.nii.gz"]


@pytest.mark.parametrize(
    "options",
    [
        {"pattern": "{structure}.nii"},
        {"pattern": "{case_id}{structure}.nii"},
        {"pattern": "{case_id}_{file_name}.nii"},
        {"pattern": "{case}.nii"},
        {"values": {0: "air"}},
        {"values": {1: "heart"}, "structure": "heart"},
        {"pattern": "{case_id}_{structure}.nii", "structure": "heart"},
    ],
)
def test_options_that_contradict_each_other_are_refused(options):
    with pytest.raises(ValueError, match=r"pattern|value|structure"):
        MaskFiles(folder="out", **options)


def test_a_path_has_every_reading_that_its_pattern_allows():
    found = list(Pattern("{structure}-of-{case_id}.png").readings("a-of-b-of-c.png"))
    assert found == [About("b-of-c", "a"), About("c", "a-of-b")]
    assert list(Pattern("{case_id}_{structure}.png").readings("_heart.png")) == []


def test_objects_made_in_the_hospital_find_the_copies_by_the_hospitals_own_names(at):
    reference_set = load(at / "set")
    hospital = {uid(plane): f"9.9.{plane}" for plane in range(3)}
    keys = []
    for case in reference_set.cases:
        own = case_keys(case, at / "set", READERS)
        added = [
            replace(known, sop_instance_uid=hospital[known.sop_instance_uid], frame_of_reference_uid="9.9")
            for known in own.instances
        ]
        keys.append(replace(own, instances=(*own.instances, *added)))
    segmented = a_segmentation(REGION[1:].astype(np.uint8), [1, 1], ["9.9.1", "9.9.2"])
    segmented.FrameOfReferenceUID = "9.9"
    saved(segmented, at / "out/c1.dcm")
    corners = [10.5, 22, 3, 11.5, 22, 3, 11.5, 26, 3, 10.5, 26, 3]
    drawn = a_structure_set(("heart", [("CLOSED_PLANAR", corners, "9.9.1")]), frame_of_reference="9.9")
    saved(drawn, at / "out/c2.dcm")
    adapter = MaskFiles(folder="out", pattern="{case_id}.dcm", structure="heart")
    found = {asked.answer.case_id: asked.answer for asked in adapter.answers(keys, at)}
    assert np.array_equal(region(at, found["c1"])[1:], REGION[1:])
    assert {mask.instance for mask in found["c1"].masks} == {uid(1), uid(2)}
    assert region(at, found["c2"])[1, 1:4, 1:4].all()
    assert {contour.instance for contour in found["c2"].contours} == {uid(1)}


def test_files_named_after_what_was_imported_are_of_its_copies(at):
    """A series goes by the folder that it lay in."""
    rows = [f"c{n},,,./ct/P 4{n}.1/{slice}.dcm" for n in (1, 2) for slice in (1, 1)]
    (at / "set/identity.csv").write_text("\n".join(["case_id,file,sop_instance_uid,source_file", *rows]) + "\n")
    a_nifti(at / "out/P 41.1-heart.nii.gz", REGION.astype(np.uint8))
    reference_set, named = load(at / "set"), read_identity(at / "set")
    cases = [
        with_hospital_names(case_keys(case, at / "set", READERS), named[case.case_id]) for case in reference_set.cases
    ]
    adapter = MaskFiles(folder="out", pattern="{source_file}-{structure}.nii.gz")
    found = {asked.answer.case_id: asked.answer for asked in adapter.answers(cases, at)}
    assert np.array_equal(region(at, found["c1"]), REGION)
    assert (found["c2"].status, found["c2"].reason) == ("failed", "no output")
