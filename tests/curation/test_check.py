"""Every problem of a set at once: each wrong thing is found, and a sound set is not accused."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pytest

from dmn_bench.curation.check import check
from dmn_bench.errors import InputFileError, MachineError, Problem
from dmn_bench.inputs.csv_ecg import CsvEcgReader
from dmn_bench.inputs.wfdb_record import WfdbReader
from dmn_bench.reference_set import lock

from ..inputs.factories import a_record
from ..set_factory import CARD, CASES, TRUTH, a_set, card_with, worded

WITH_FILES = (
    CASES[0],
    "c1,p1,e1,L,files/a.img,F,40",
    "c2,p1,e1,R,files/b.img,F,40",
    "c3,p2,e2,L,files/c.img,M,",
)
FILES = {
    "files/a.img": b"IMG Rows=100 Columns=50 SOPInstanceUID=1.2.1 StudyInstanceUID=1.1 ImageLaterality=L",
    "files/b.img": b"IMG Rows=100 Columns=50 SOPInstanceUID=1.2.2 StudyInstanceUID=1.1",
    "files/c.img": b"IMG Rows=100 Columns=50 SOPInstanceUID=1.2.3 StudyInstanceUID=1.3 NumberOfFrames=3",
}
LESIONS = "case_id,lesion_id,finding,image,frame,x,y,width,height,ignore"


@dataclass(frozen=True, kw_only=True)
class FakeReader:
    """Files that begin with IMG or ECG and then state their header; CUT in them is a refusal, ODD a remark."""

    name: ClassVar[str] = "fake"
    magic: bytes = b"IMG"
    gives: str = "images"

    def recognises(self, path):
        if path.is_dir():
            return any(self.recognises(file) for file in path.iterdir())
        return path.read_bytes().startswith(self.magic)

    def problems(self, path):
        content = b"" if path.is_dir() else path.read_bytes()
        if b"UNDECODABLE" in content:
            raise MachineError(Problem(key="files.cannot_read", where=str(path), facts={"found": "no decoder"}))
        cut = ["inputs.dicom_pixels_damaged"] if b"CUT" in content else []
        return cut + (["inputs.dicom_bad_spacing"] if b"ODD" in content else [])

    def header(self, path):
        return dict(pair.split("=") for pair in path.read_text().split() if "=" in pair)

    def read(self, path):
        if b"CUT" in path.read_bytes():
            raise InputFileError(
                Problem(key="inputs.dicom_pixels_damaged", where=str(path), facts={"found": "ValueError"})
            )
        return (), None, ()


READERS = (FakeReader(), FakeReader(magic=b"ECG", gives="signals"))


def checked(folder, **parts):
    report = check(a_set(folder, **{"cases": WITH_FILES, "files": FILES} | parts), READERS)
    return worded(report.errors), worded(report.warnings)


def test_a_sound_set_is_not_accused(tmp_path):
    lesions = (LESIONS, "c1,l1,fracture,,,0,0,50,100,", "c3,l1,fracture,,3,49,99,1,1,1")
    assert checked(tmp_path, lesions=lesions) == ([], [])


def test_a_set_for_output_files_alone_needs_no_files(tmp_path):
    lesions = (LESIONS, "c1,l1,fracture,,,0,0,5000,100,")
    assert checked(tmp_path, cases=CASES, files={}, lesions=lesions) == ([], [])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (None, "inputs.file_missing"),
        (b"what is this", "inputs.no_reader"),
        (b"IMG CUT", "inputs.dicom_pixels_damaged"),
    ],
)
def test_a_missing_unknown_or_cut_file_is_told_with_its_row(tmp_path, content, key):
    files = {name: body for name, body in FILES.items() if name != "files/b.img"}
    files |= {"files/b.img": content} if content else {}
    errors, _ = checked(tmp_path, files=files)
    assert errors == [("cases.csv:3: files/b.img", key)]


def test_what_a_reader_lives_with_and_what_the_machine_lacks_are_warnings(tmp_path):
    files = FILES | {"files/a.img": b"IMG ODD", "files/b.img": b"IMG UNDECODABLE"}
    errors, warnings = checked(tmp_path, files=files)
    assert errors == []
    assert warnings == [
        ("cases.csv:2: files/a.img", "inputs.dicom_bad_spacing"),
        ("cases.csv:3: files/b.img", "files.cannot_read"),
    ]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("c1,l1,fracture,,,45,0,6,10,", "refset.lesion_outside_image"),
        ("c1,l1,fracture,,,0,95,5,6,", "refset.lesion_outside_image"),
        ("c1,l1,fracture,,,-1,5,5,6,", "refset.lesion_outside_image"),
        ("c1,l1,fracture,,,51,5,,,", "refset.lesion_outside_image"),
        ("c1,l1,fracture,1.9.9,,5,5,,,", "refset.lesion_image_unknown"),
        ("c1,l1,fracture,,2,5,5,,,", "refset.lesion_frame_outside"),
        ("c2,l1,fracture,,,5,5,,,", "refset.lesion_of_negative_case"),
    ],
)
def test_a_lesion_that_cannot_be_where_it_is_said_to_be(tmp_path, row, key):
    errors, _ = checked(tmp_path, lesions=(LESIONS, row))
    assert errors == [("lesions.csv:2", key)]


def test_a_lesion_names_its_image_when_the_case_has_several(tmp_path):
    cases = (CASES[0], "c1,p1,e1,L,files/a.img;files/b.img,F,40", *WITH_FILES[3:])
    truth = ("case_id,finding,value", "c1,fracture,positive", "c3,fracture,negative")
    sound = (LESIONS, "c1,l1,fracture,files/b.img,,1,1,,,", "c1,l2,fracture,1.2.1,,1,1,,,")
    errors, _ = checked(tmp_path, cases=cases, truth=truth, lesions=(*sound, "c1,l3,fracture,,,1,1,,,"))
    assert errors == [("lesions.csv:4", "refset.lesion_image_missing")]


def test_a_lesion_in_a_series_names_its_slice(tmp_path):
    cases = (CASES[0], "c1,p1,e1,L,files/series,F,40")
    files = {"files/series/1.img": FILES["files/a.img"], "files/series/2.img": FILES["files/b.img"]}
    lesions = (LESIONS, "c1,l1,fracture,,,1,1,,,", "c1,l2,fracture,files/series/2.img,,1,1,,,")
    errors, warnings = checked(tmp_path, cases=cases, truth=TRUTH[:2], files=files, lesions=lesions)
    assert errors == [("lesions.csv:2", "refset.lesion_image_missing")]
    assert warnings == []


def test_a_lesion_of_a_recording_has_no_image_to_lie_in(tmp_path):
    errors, _ = checked(tmp_path, files=FILES | {"files/a.img": b"ECG"}, lesions=(LESIONS, "c1,l1,fracture,,,1,1,,,"))
    assert errors == [("lesions.csv:2", "refset.lesion_without_image")]


def test_a_negative_whole_with_a_positive_part_is_a_contradiction(tmp_path):
    truth = ("case_id,exam_id,patient_id,finding,value", "c1,,,fracture,positive", ",e1,,fracture,negative")
    truth += (",e2,,fracture,positive", ",,p2,fracture,negative")
    errors, _ = checked(tmp_path, truth=truth)
    assert errors == [("truth.csv:2", "refset.truth_contradicts"), ("truth.csv:4", "refset.truth_contradicts")]


def test_a_positive_whole_with_a_negative_part_is_none(tmp_path):
    truth = ("case_id,exam_id,finding,value", "c1,,fracture,negative", ",e1,fracture,positive", ",e2,fracture,negative")
    assert checked(tmp_path, truth=truth) == ([], [])


def test_cases_without_truth_and_positives_without_lesion_are_warned_of(tmp_path):
    truth = (*TRUTH[:2], "c3,fracture,positive")
    lesions = (LESIONS, "c3,l1,fracture,,1,1,1,,,")
    _, warnings = checked(tmp_path, truth=truth, lesions=lesions)
    assert warnings == [("truth.csv", "refset.cases_without_truth"), ("truth.csv:2", "refset.positive_without_lesion")]


def test_the_same_content_under_two_patients_is_an_error_and_within_one_a_warning(tmp_path):
    same = b"IMG Rows=1 Columns=1"
    errors, warnings = checked(tmp_path / "one", files=FILES | {"files/a.img": same, "files/c.img": same})
    assert (errors, warnings) == ([("cases.csv:4", "refset.same_content_two_patients")], [])
    errors, warnings = checked(tmp_path / "two", files=FILES | {"files/a.img": same, "files/b.img": same})
    assert (errors, warnings) == ([], [("cases.csv:3", "refset.same_content")])


def test_a_patient_in_two_ids_shows_in_the_study_or_the_hospital_identifier(tmp_path):
    study = FILES | {"files/c.img": b"IMG StudyInstanceUID=1.1"}
    assert checked(tmp_path / "study", files=study)[0] == [("cases.csv:4", "refset.patient_in_two_ids")]
    identity = ("case_id,hospital_patient_id", "c1,h1", "c3,h1")
    assert checked(tmp_path / "hospital", identity=identity)[0] == [("identity.csv:3", "refset.patient_in_two_ids")]
    pseudonym = FILES | {"files/a.img": b"IMG 1 PatientID=x", "files/c.img": b"IMG 2 PatientID=x"}
    errors, warnings = checked(tmp_path / "dicom", files=pseudonym)
    assert (errors, warnings) == ([], [("cases.csv:4", "refset.patient_in_two_ids")])


def test_hospital_identifiers_are_never_repeated_in_a_problem(tmp_path):
    root = a_set(
        tmp_path, cases=WITH_FILES, files=FILES, identity=("case_id,hospital_patient_id", "c1,h123", "c3,h123")
    )
    assert "h123" not in repr(check(root, READERS))


def test_one_image_in_two_cases_cannot_be_told_apart(tmp_path):
    files = FILES | {"files/b.img": b"IMG SOPInstanceUID=1.2.1"}
    assert checked(tmp_path, files=files)[0] == [("cases.csv:3", "refset.image_in_two_cases")]


def test_a_side_or_a_sex_that_differs_is_worth_a_look(tmp_path):
    files = FILES | {"files/a.img": b"IMG ImageLaterality=R"}
    cases = (*WITH_FILES[:2], "c2,p1,e1,R,files/b.img,M,40", WITH_FILES[3])
    errors, warnings = checked(tmp_path, files=files, cases=cases)
    assert errors == []
    assert warnings == [("cases.csv:2", "refset.side_differs"), ("cases.csv:3", "refset.patient_differs")]


@pytest.mark.parametrize("age", ["-1", "121", "1987"])
def test_an_age_out_of_range_is_an_error(tmp_path, age):
    cases = (*WITH_FILES[:3], f"c3,p2,e2,L,files/c.img,M,{age}")
    assert checked(tmp_path, cases=cases)[0] == [("cases.csv:4", "refset.age_out_of_range")]


def test_sampling_agrees_with_the_cases(tmp_path):
    sampling = ("unit_id,status,reason", "e1,drawn,", "e2,excluded,cast", "e9,drawn,")
    assert checked(tmp_path, sampling=sampling)[0] == [
        ("sampling.csv", "refset.not_drawn_in_set"),
        ("sampling.csv", "refset.drawn_not_in_set"),
    ]


def test_reference_annotations_lie_beside_each_record(tmp_path):
    card = card_with(reference_standard="{method: x, wfdb_annotator: atr}", strata="{}")
    cases = ("case_id,patient_id,files", "c1,p1,files/r1.hea", "c2,p2,files/r2.hea")
    files = {"files/r1.hea": b"ECG 1", "files/r1.atr": b"same", "files/r2.hea": b"ECG 2"}
    assert checked(tmp_path / "bad", card=card, cases=cases, truth=None, files=files)[0] == [
        ("cases.csv:3", "refset.annotations_missing")
    ]
    files["files/r2.atr"] = b"same"  # two records without a beat have the same annotations: nothing is doubled
    assert checked(tmp_path / "good", card=card, cases=cases, truth=None, files=files) == ([], [])


def test_a_set_without_any_annotation_of_that_name_says_so_once(tmp_path):
    card = card_with(reference_standard="{method: x, wfdb_annotator: atr}", strata="{}")
    cases = ("case_id,patient_id,files", *(f"c{n},p{n},files/r{n}.hea" for n in range(3)))
    files = {f"files/r{n}.hea": b"ECG %d" % n for n in range(3)} | {"files/r1.qrs": b"q", "files/r2.dat": b"d"}
    root = a_set(tmp_path, card=card, cases=cases, truth=None, files=files)
    (found,) = check(root, ()).errors[-1:]
    assert (found.where, found.key) == ("reference_set.yaml", "refset.annotations_nowhere")
    assert found.facts == {"n": 3, "annotator": "atr", "found": "qrs"}
    assert [p.key for p in check(root, ()).errors].count("refset.annotations_missing") == 0


def test_files_and_tables_that_nobody_uses_are_warned_of(tmp_path):
    _, warnings = checked(tmp_path, files=FILES | {"files/old.img": b"IMG", "case.csv": b"case_id\n"})
    assert sorted(warnings) == [("case.csv", "refset.table_unknown"), ("files/old.img", "refset.file_unused")]


def a_recording_set(folder, names):
    """A card and a row of a patient of its own for each recording; the remarks of a check of what lies in ``files``."""
    cases = ("case_id,patient_id,files", *(f"c{n},p{n},files/{name}" for n, name in enumerate(names)))
    truth = ("case_id,finding,value", *(f"c{n},fracture,negative" for n in range(len(names))))
    card = card_with(strata="{}", modality="ECG")
    report = check(a_set(folder, card=card, cases=cases, truth=truth), (WfdbReader(), CsvEcgReader()))
    return worded(report.errors), worded(report.warnings)


def test_segments_of_a_recording_belong_to_it(tmp_path):
    files = tmp_path / "files"
    for n, name in enumerate(("s0", "s1", "stray")):
        a_record(files, (np.arange(720).reshape(360, 2) % (7 + n)).astype("<i2"), name=name)
    (files / "m.hea").write_text("m/2 2 360 720\ns0 360\ns1 360\n")
    errors, warnings = a_recording_set(tmp_path, ["m.hea"])
    assert errors == []
    assert sorted(warnings) == [(f"files/stray.{end}", "refset.file_unused") for end in ("dat", "hea")]


def test_facts_beside_a_table_of_samples_belong_to_it_and_may_be_those_of_another_patient(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    for n, name in enumerate("ab"):
        (files / f"{name}.csv").write_text("I,II\n" + "".join(f"{k % (5 + n)},{k % 3}\n" for k in range(600)))
        (files / f"{name}.json").write_text('{"sampling_hz": 250, "unit": "uV"}')
    assert a_recording_set(tmp_path, ["a.csv", "b.csv"]) == ([], [])
    (files / "b.csv").write_bytes((files / "a.csv").read_bytes())
    errors, _ = a_recording_set(tmp_path, ["a.csv", "b.csv"])
    assert errors == [("cases.csv:3", "refset.same_content_two_patients")]


def test_a_changed_set_and_a_missing_mask_are_errors(tmp_path):
    root = a_set(tmp_path, cases=WITH_FILES, files=FILES)
    lock(root)
    a_set(tmp_path, cases=WITH_FILES, files=FILES, masks=("case_id,structure,file", "c1,bone,files/m.png"))
    assert worded(check(root, READERS).errors) == [
        ("masks.csv:2", "refset.mask_file_missing"),
        ("masks.csv", "refset.lock_added_file"),
    ]


def test_the_review_of_reidentification_is_asked_for_unless_the_set_is_public(tmp_path):
    private = CARD.replace("public: true\n", "")
    review = private + "reidentification_review: {date: 2026-01-15, method: x, next_due: 2027-01-15}\n"

    def warned(folder, card, today=date(2026, 6, 1)):
        return [key for _, key in worded(check(a_set(folder, card=card), READERS, today=today).warnings)]

    assert warned(tmp_path / "a", private) == ["refset.review_missing"]
    assert warned(tmp_path / "b", review) == []
    assert warned(tmp_path / "c", review, date(2027, 1, 16)) == ["refset.review_overdue"]


def test_a_broken_card_does_not_hide_the_problems_of_the_tables_and_files(tmp_path):
    root = a_set(
        tmp_path, card="id: 1\n", cases=(*WITH_FILES, WITH_FILES[1]), files=FILES | {"files/c.img": b"IMG CUT"}
    )
    keys = {key for _, key in worded(check(root, READERS).errors)}
    assert {"files.key_missing", "refset.case_doubled", "inputs.dicom_pixels_damaged"} <= keys
    assert not any(key.startswith("refset.finding_unknown") for key in keys)


def test_a_folder_that_does_not_exist_is_told(tmp_path):
    keys = [key for _, key in worded(check(tmp_path / "none", READERS).errors)]
    assert set(keys) == {"files.cannot_read"}


def test_what_every_slice_of_two_series_shares_is_said_once_with_its_number(tmp_path):
    cases = ("case_id,patient_id,files", "c1,p1,files/a", "c2,p2,files/b")
    slices = {
        f"files/{one}/{n}.img": f"IMG {one} {n} PatientID=x SOPInstanceUID=1.{n}".encode()
        for one in "ab"
        for n in range(6)
    }
    root = a_set(tmp_path, cases=cases, truth=("case_id,finding,value",), files=slices)
    report = check(root, READERS)
    told = [(problem.key, problem.facts["n"]) for problem in (*report.errors, *report.warnings) if "n" in problem.facts]
    assert ("refset.patient_in_two_ids", 1) in told  # one case of the other patient, not six slices
    assert ("refset.image_in_two_cases", 6) in told
    assert len([key for key, _ in told if key in ("refset.patient_in_two_ids", "refset.image_in_two_cases")]) == 2


def test_many_unused_files_of_a_folder_are_one_line(tmp_path):
    stray = {f"files/old/{n}.img": f"IMG {n}".encode() for n in range(30)}
    _, warnings = checked(tmp_path, files=FILES | stray)
    assert ("files/old", "refset.files_unused") in warnings
    assert not [key for _, key in warnings if key == "refset.file_unused"]
