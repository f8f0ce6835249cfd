"""Masks of lesions that are volumes or DICOM objects: on one plane of their image, the same as a picture of it."""

import io

import numpy as np
import pytest
from PIL import Image

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.errors import ReferenceSetError
from dmn_bench.harness.set_loading import load_set
from dmn_bench.vocabulary import NOT_RECORDED
from dmn_bench.wordings import LANGUAGES, say_problem

from ..inputs.factories import an_image, saved
from ..inputs.mask_factories import READERS, SHAPE, a_nifti, a_series, uid
from ..inputs.result_factories import a_segment, a_segmentation
from ..set_factory import CARD, a_set

INSIDE = np.array([[0, 1, 1, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]], dtype=np.uint8)
RUNS = (1, 2, 4, 3, 14)
MEASURED = CARD + "lesion_strata: {size: {from: equivalent_diameter_mm, edges: [2, 10]}}\n"


def a_folder(root, mask_file, *, image="ct", frame="", lesion="l1", card=MEASURED):
    a_set(
        root,
        card=card,
        cases=("case_id,patient_id,files,sex,age_years", "c1,p1,ct;a.dcm,F,40"),
        truth=("case_id,finding,value", "c1,fracture,positive"),
        lesions=(
            "case_id,lesion_id,finding,image,frame,mask_file",
            f"c1,{lesion},fracture,{image},{frame},{mask_file}",
        ),
    )
    a_series(root / "ct")
    other = an_image(np.zeros((4, 6), dtype=np.uint16), SOPInstanceUID="1.2.77", PixelSpacing=[1, 1])
    saved(other, root / "a.dcm")
    return root


def a_volume(*planes):
    found = np.zeros(SHAPE, dtype=np.uint8)
    for plane in planes:
        found[plane] = INSIDE
    return found


def the_lesion(root):
    [row] = load_set(root, build_catalogue()).lesions
    return row.lesion


@pytest.mark.parametrize("frame", ["", "2"])
def test_a_volume_gives_the_pixels_of_the_plane_that_it_is_on(tmp_path, frame):
    a_nifti(a_folder(tmp_path, "m/l.nii.gz", frame=frame) / "m/l.nii.gz", a_volume(1), axes="RAS")
    lesion = the_lesion(tmp_path)
    assert (lesion.mask.runs, lesion.frame, lesion.mask.frame) == (RUNS, 2, 2)
    assert (lesion.x, lesion.y, lesion.width, lesion.height) == (1, 0, 3, 2)
    assert lesion.strata["size"] == "[2, 10)"  # 5 pixels of 2 by 0.5 mm: 2.52 mm
    assert not check(tmp_path, READERS).errors


def test_an_object_gives_the_structure_of_the_lesion_on_the_image_that_the_row_names(tmp_path):
    labels = [a_segment(1, "L1"), a_segment(2, "l2")]
    frames = np.stack([INSIDE, np.flipud(INSIDE), np.flipud(INSIDE)])
    (tmp_path / "m").mkdir()
    saved(a_segmentation(frames, [1, 1, 2], [uid(2), "1.2.77", uid(0)], labels=labels), tmp_path / "m/l.dcm")
    found = the_lesion(a_folder(tmp_path, "m/l.dcm", image=uid(2)))
    assert (found.mask.runs, found.frame) == (RUNS, 3)
    found = the_lesion(a_folder(tmp_path, "m/l.dcm", image="a.dcm"))
    assert (found.mask.runs, found.frame) == ((13, 3, 3, 2, 3), None)


def test_it_is_the_picture_of_the_same_pixels(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(INSIDE * 255).save(stream, format="PNG")
    saved_as = {"m/l.png": None, "m/l.dcm": a_segmentation(INSIDE[None], [1], ["1.2.77"], labels=[a_segment(1, "x")])}
    (tmp_path / "m").mkdir()
    (tmp_path / "m/l.png").write_bytes(stream.getvalue())
    saved(saved_as["m/l.dcm"], tmp_path / "m/l.dcm")
    checked = [check(a_folder(tmp_path, name, image="a.dcm"), READERS) for name in saved_as]
    assert [report.errors for report in checked] == [(), ()]
    object_, picture = (the_lesion(a_folder(tmp_path, name, image="a.dcm")) for name in ("m/l.dcm", "m/l.png"))
    assert object_.mask.runs == RUNS
    assert (object_.strata["size"], picture.strata["size"]) == ("[2, 10)", NOT_RECORDED)  # a picture is opened later


@pytest.mark.parametrize(
    ("planes", "frame", "key"),
    [
        ((0, 1), "", "lesions.mask_file_planes"),
        ((1,), "1", "lesions.mask_file_planes"),
        ((), "", "lesions.mask_file_empty"),
        (None, "", "masks.other_lattice"),
    ],
)
def test_a_mask_on_no_plane_on_several_or_on_another_lattice_is_refused(tmp_path, planes, frame, key):
    volume = np.ones((2, 4, 6), dtype=np.uint8) if planes is None else a_volume(*planes)
    a_nifti(a_folder(tmp_path, "m/l.nii.gz", frame=frame) / "m/l.nii.gz", volume)
    with pytest.raises(ReferenceSetError) as caught:
        load_set(tmp_path, build_catalogue())
    errors = check(tmp_path, READERS).errors
    assert [problem.key for problem in caught.value.problems] == [problem.key for problem in errors] == [key]
    assert all(say_problem(problem, language) for problem in errors for language in LANGUAGES)


def test_a_missing_file_is_said_and_a_set_without_its_images_opens_none(tmp_path):
    a_folder(tmp_path, "m/l.nii.gz")
    assert [problem.key for problem in check(tmp_path, READERS).errors] == ["masks.file_missing"]
    assert reference_set.load(tmp_path).lesions[0].lesion.mask is None
