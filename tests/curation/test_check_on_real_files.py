"""Sets made of real images and recordings: what the installed readers find in them."""

import shutil

import pytest

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.reference_set import load, lock, units, verify

from ..set_factory import a_set, card_with, worded
from ..shared_data import shared_data


@pytest.fixture(scope="module")
def readers():
    return build_catalogue().make_all("reader")


def copied(root, sources):
    (root / "files").mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copy(source, root / "files" / source.name)
    return root


def test_fundus_pictures_by_eye(tmp_path, readers):
    pictures = sorted(shared_data("imaging/fundus_idrid/images").glob("*.jpg"))[:4]
    root = copied(tmp_path, pictures)
    rows = [f"c{i},p{i // 2},,{'LR'[i % 2]},files/{path.name}" for i, path in enumerate(pictures)]
    truth = ("case_id,finding,value", "c0,dr,2", "c1,dr,0", "c2,dr,4")
    a_set(
        root,
        card=card_with(strata="{}", findings="[{name: dr}]", modality="OP"),
        cases=("case_id,patient_id,exam_id,laterality,files", *rows),
        truth=truth,
        lesions=("case_id,lesion_id,finding,x,y,width,height", "c0,l1,dr,10,10,50,50", "c0,l2,dr,99999,10,5,5"),
    )
    report = check(root, readers)
    assert worded(report.errors) == [("lesions.csv:3", "refset.lesion_outside_image")]
    eyes = units(load(root), finding="dr", unit="eye")
    assert [(eye.unit_id, eye.reference) for eye in eyes] == [
        ("p0/L", "2"),
        ("p0/R", "0"),
        ("p1/L", "4"),
        ("p1/R", None),
    ]


def test_dicom_files_cut_twice_or_in_two_patients(tmp_path, readers):
    folder = shared_data("imaging/dicom_zoo/files")
    dx, mr = folder / "highdicom__dx_image.dcm", folder / "pydicom__MR_small_jpeg_ls_lossless.dcm"
    root = copied(tmp_path, [dx, mr])
    (root / "files/cut.dcm").write_bytes(mr.read_bytes()[:-1000])
    shutil.copy(dx, root / "files/again.dcm")
    names = (dx.name, mr.name, "cut.dcm", "again.dcm")
    a_set(
        root,
        card=card_with(strata="{maker: {dicom: Manufacturer}}"),
        cases=("case_id,patient_id,files", *(f"c{i},p{i},files/{name}" for i, name in enumerate(names))),
        truth=None,
    )
    errors = worded(check(root, readers).errors)
    assert [key for where, key in errors if where == "cases.csv:4: files/cut.dcm"] in (
        ["inputs.dicom_no_pixels"],
        ["inputs.dicom_pixels_damaged"],
    )
    assert ("cases.csv:4", "refset.image_in_two_cases") in errors
    assert ("cases.csv:5", "refset.same_content_two_patients") in errors
    assert ("cases.csv:5", "refset.image_in_two_cases") in errors
    assert not [where for where, _ in errors if where.startswith(("cases.csv:2", "cases.csv:3"))]


def test_recordings_of_one_person_under_two_ids_and_one_that_is_cut(tmp_path, readers):
    mitdb = shared_data("ecg/mitdb")
    records = ("201", "203", "208")
    root = copied(tmp_path, [mitdb / f"{record}.{ending}" for record in records for ending in ("hea", "dat", "atr")])
    dat = root / "files/208.dat"
    dat.write_bytes(dat.read_bytes()[:-3000])
    (root / "files/203.atr").unlink()
    a_set(
        root,
        card=card_with(
            strata="{sex: {dicom: PatientSex}}",
            modality="ECG",
            reference_standard="{method: x, wfdb_annotator: atr}",
        ),
        cases=("case_id,patient_id,files", *(f"r{record},p{record},files/{record}.hea" for record in records)),
        truth=None,
        identity=("case_id,hospital_patient_id", "r201,one", "r203,one", "r208,other"),
    )
    assert sorted(worded(check(root, readers).errors)) == [
        ("cases.csv:3", "refset.annotations_missing"),
        ("cases.csv:4: files/208.hea", "inputs.wfdb_samples_missing"),
        ("identity.csv:3", "refset.patient_in_two_ids"),
    ]


def test_a_single_changed_bit_of_a_recording_breaks_the_lock(tmp_path):
    mitdb = shared_data("ecg/mitdb")
    root = copied(tmp_path, [mitdb / "201.hea", mitdb / "201.dat"])
    a_set(root, card=card_with(strata="{}"), cases=("case_id,patient_id,files", "r201,p,files/201.hea"), truth=None)
    lock(root)
    assert verify(root) == load(root).sha256
    dat = root / "files/201.dat"
    content = bytearray(dat.read_bytes())
    content[1000] ^= 1
    dat.write_bytes(bytes(content))
    with pytest.raises(Exception, match="lock_changed_file"):
        verify(root)
