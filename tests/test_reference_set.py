"""The folder as data: what is read, what is refused and where, and what the lock notices."""

import hashlib
import json
import os
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import ReferenceSetError
from dmn_bench.reference_set import compute_lock, hashing, load, lock, verified, verify
from dmn_bench.vocabulary import NOT_RECORDED

from .set_factory import CARD, CASES, TRUTH, a_set, card_with, problems_of, worded

ONE_LESION = ("case_id,lesion_id,finding,image,frame,x,y,width,height,place", "c1,l1,fracture,,,1,2,3,4,")


def test_a_case_has_its_groups_its_files_and_a_level_of_every_stratum(tmp_path):
    cases = (
        "case_id,patient_id,exam_id,laterality,files,sex,age_years",
        "c1,p1,e1,L,files/a;files/b,F,17.5",
        "c2,,,,,,",
    )
    loaded = load(a_set(tmp_path, cases=cases, truth=None))
    first, second = loaded.cases
    assert (first.patient_id, first.exam_id, first.laterality) == ("p1", "e1", "L")
    assert first.files == ("files/a", "files/b")
    assert first.strata == {"sex": "F", "age": "[0, 18)"}
    assert (second.patient_id, second.exam_id, second.files) == ("c2", "c2", ())
    assert second.strata == {"sex": NOT_RECORDED, "age": NOT_RECORDED}
    assert loaded.patient_codes == {"c2": 0, "p1": 1}
    assert not loaded.patients_known
    assert loaded.missing["age_years"] == 1


def test_an_absent_exam_column_makes_every_case_its_own_exam(tmp_path):
    loaded = load(
        a_set(tmp_path, card=card_with(strata="{}"), cases=("case_id,patient_id,files", "c1,p1,", "c2,p1,"), truth=None)
    )
    assert [case.exam_id for case in loaded.cases] == ["c1", "c2"]
    assert loaded.patients_known


def test_strata_from_dicom_come_from_the_header_that_is_handed_in(tmp_path):
    card = card_with(strata="{maker: {dicom: Manufacturer}, age: {dicom: PatientAge, edges: [1, 65]}}")
    cases = ("case_id,patient_id,files", "c1,p1,a.dcm", "c2,p2,b.dcm", "c3,p3,")
    headers = {"a.dcm": {"Manufacturer": "Example ", "PatientAge": "006M"}, "b.dcm": {"PatientAge": "70"}}
    root = a_set(tmp_path, card=card, cases=cases, truth=None)
    loaded = load(root, header=lambda files: headers[files[0]])
    assert [case.strata["maker"] for case in loaded.cases] == ["Example", NOT_RECORDED, NOT_RECORDED]
    # an age without its unit may be months: it is not recorded rather than guessed
    assert [case.strata["age"] for case in loaded.cases] == ["<1", NOT_RECORDED, NOT_RECORDED]
    assert {case.strata["maker"] for case in load(root).cases} == {NOT_RECORDED}


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    root = a_set(tmp_path)
    (root / "cases.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(CASES).encode())
    assert len(load(root).cases) == 3


def test_lesions_keep_their_own_strata_and_readers_stand_apart_from_the_consensus(tmp_path):
    lesions = (
        "case_id,lesion_id,finding,x,y,x_mm,y_mm,z_mm,diameter_mm,weight,ignore,reader,place",
        "c1,l1,fracture,1.5,2,,,,,,,consensus,distal",
        "c1,l1,fracture,9,9,,,,,,,r1,distal",
        "c1,l2,fracture,,,-3,4,5,6,0.5,yes,,",
    )
    loaded = load(a_set(tmp_path, lesions=lesions))
    assert [(row.lesion.lesion_id, row.reader) for row in loaded.lesions] == [("l1", "consensus"), ("l2", "")]
    assert [row.reader for row in loaded.lesion_readings] == ["r1"]
    second = loaded.lesions[1].lesion
    assert (second.x, second.x_mm, second.diameter_mm, second.weight, second.ignore) == (None, -3.0, 6.0, 0.5, True)
    assert loaded.lesion_fields == ("place",)
    assert second.strata == {"place": NOT_RECORDED}


def test_the_flow_of_cases_counts_exclusions_by_reason(tmp_path):
    sampling = (
        "unit_id,status,reason",
        "e1,drawn,",
        "e2,drawn,",
        "x1,excluded,cast",
        "x2,excluded,cast",
        "x3,not_drawn,",
    )
    loaded = load(a_set(tmp_path, sampling=sampling))
    assert loaded.exclusions == {"cast": 2}
    assert len(loaded.sampling) == 5
    assert loaded.sampled_unit == "exam"


def test_what_the_units_of_a_set_are_is_read_from_those_that_were_drawn(tmp_path):
    head = "unit_id,status,reason"
    named = {"case": ("c1,drawn,", "x1,excluded,cast"), "": ("x1,excluded,cast",)}
    for unit, rows in named.items():
        assert load(a_set(tmp_path / (unit or "none"), sampling=(head, *rows))).sampled_unit == unit
    assert load(a_set(tmp_path / "absent")).sampled_unit == ""


@pytest.mark.parametrize(
    ("table", "row", "key"),
    [
        ("cases", "c1,p9,e9,L,,F,40", "refset.case_doubled"),
        ("cases", ",p9,e9,L,,F,40", "refset.id_missing"),
        ("cases", "c\u202e9,p9,e9,L,,F,40", "refset.id_form"),
        ("cases", "c9,p9,e1,L,,F,40", "refset.exam_of_two_patients"),
        ("cases", "c9,p9,e9,left,,F,40", "refset.laterality"),
        ("cases", "c9,p9,e9,L,../x.dcm,F,40", "refset.path_outside"),
        ("cases", "c9,p9,e9,L,/x.dcm,F,40", "refset.path_outside"),
        ("cases", "c9,p9,e9,L,C:\\x.dcm,F,40", "refset.path_outside"),
        ("cases", "c9,p9,e9,L,a.dcm;a.dcm,F,40", "refset.file_named_twice"),
        ("cases", "c9,p9,e9,L,,F,forty", "refset.not_a_number"),
        ("cases", "c9,p9,e9,L,,F,nan", "refset.not_a_number"),
        ("cases", "p1,,e9,L,,F,40", "refset.case_named_like_patient"),
        ("cases", "e1,p9,,L,,F,40", "refset.case_named_like_exam"),
        ("cases", "c9,p9,e9,L,,F", "refset.csv_row_length"),
        ("cases", "c9,p9,e9,L,,=cmd(),40", "refset.csv_formula"),
        ("cases", "c9,p9,e9,L,,F\x00,40", "refset.csv_control_character"),
        ("cases", 'c9,p9,e9,L,,"F,40', "refset.csv_syntax"),
        ("cases", "c9,p9,e9,L,," + "F" * 100_001 + ",40", "refset.csv_line_too_long"),
        ("truth", "c9,fracture,positive", "refset.truth_without_case"),
        ("truth", "c1,fracture,negative", "refset.truth_doubled"),
        ("truth", "c1,fractur,negative", "refset.finding_unknown_nearest"),
        ("truth", "c1,haemorrhage,negative", "refset.finding_unknown"),
        ("truth", "c1,fracture,Positive", "refset.value_unknown_nearest"),
        ("truth", "c1,fracture,", "refset.value_unknown"),
        ("truth", "c1,fracture,inf", "refset.value_unknown"),
        ("truth", "c1,fracture,2", "refset.truth_mixes_kinds"),
        ("truth", ",fracture,negative", "refset.truth_names_one"),
        ("lesions", "c9,l2,fracture,,,1,2,3,4,", "refset.lesion_without_case"),
        ("lesions", "c1,l1,fracture,,,1,2,3,4,", "refset.lesion_doubled"),
        ("lesions", "c1,l2,fracture,files/no.dcm,,1,2,3,4,", "refset.lesion_image_unknown"),
        ("lesions", "c1,l2,fracture,,0,1,2,3,4,", "refset.lesion_frame"),
        ("lesions", "c1,l2,fracture,,1.5,1,2,3,4,", "refset.lesion_frame"),
        ("lesions", "c1,l2,fracture,,,1,2,3,,", "lesions.geometry"),
        ("lesions", "c1,l2,fracture,,,,,,,", "lesions.geometry"),
        ("lesions", "c1,l2,fracture,,,1,2,3,-4,", "refset.not_above_zero"),
        ("lesions", 'c1,l2,fracture,,,"1,5",2,3,4,', "refset.not_a_number"),
        ("readings", "c9,r1,fracture,positive", "refset.reading_without_case"),
        ("readings", "c1,r1,fracture,negative", "refset.reading_doubled"),
        ("masks", "c9,lung,files/m.png", "refset.mask_without_case"),
        ("masks", "c1,lung,../m.png", "refset.path_outside"),
        ("sampling", "e1,drawn,", "refset.sampling_doubled"),
        ("sampling", "e9,draw,", "refset.sampling_status_nearest"),
        ("sampling", "e9,excluded,", "refset.exclusion_without_reason"),
    ],
)
def test_what_no_row_may_say_is_told_with_its_line(tmp_path, table, row, key):
    tables = {
        "cases": CASES,
        "truth": TRUTH,
        "lesions": ONE_LESION,
        "readings": ("case_id,reader_id,finding,value", "c1,r1,fracture,positive"),
        "masks": ("case_id,structure,file", "c1,heart,files/h.png"),
        "sampling": ("unit_id,status,reason", "e1,drawn,"),
    }
    assert problems_of(lambda: load(a_set(tmp_path / "sound", **tables))) == []
    tables[table] = (*tables[table], row)
    assert (f"{table}.csv:{len(tables[table])}", key) in problems_of(lambda: load(a_set(tmp_path / "bad", **tables)))


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("case_id;patient_id;files", "refset.csv_semicolon"),
        ("case_id,patient_id,files,sex,sex", "refset.csv_column_doubled"),
        ("case_id,patient_id,files,", "refset.csv_column_name"),
        ("case_id,patient_id,files,=sex", "refset.csv_column_name"),
        ("case_id,patient_id", "refset.csv_column_missing"),
        ("case_id,patient_id,files,exams_id", "refset.csv_column_unknown_nearest"),
        ("", "refset.csv_empty"),
    ],
)
def test_a_wrong_header_is_told_in_the_first_line(tmp_path, header, key):
    assert ("cases.csv:1", key) in problems_of(lambda: load(a_set(tmp_path, cases=(header,), truth=None)))


def test_a_table_in_another_encoding_is_told_with_its_line(tmp_path):
    root = a_set(tmp_path)
    (root / "truth.csv").write_bytes("\n".join([*TRUTH, "c3,é,negative"]).encode("latin-1"))
    assert ("truth.csv:5", "files.not_utf8") in problems_of(lambda: load(root))


def test_all_problems_of_all_tables_come_together(tmp_path):
    root = a_set(
        tmp_path, cases=(*CASES, CASES[1]), truth=(*TRUTH, "c9,fracture,positive"), lesions=(*ONE_LESION, ONE_LESION[1])
    )
    assert {key for _, key in problems_of(lambda: load(root))} == {
        "refset.case_doubled",
        "refset.truth_without_case",
        "refset.lesion_doubled",
    }


def test_a_flood_of_problems_is_counted_not_listed(tmp_path):
    problems = problems_of(lambda: load(a_set(tmp_path, truth=(TRUTH[0], *["zz,fracture,positive"] * 5000))))
    assert len(problems) == 1001
    assert problems[-1] == ("", "refset.more_problems")


@pytest.mark.parametrize(
    ("changes", "where", "key"),
    [
        ({"strata": "{sex: {column: gender}}"}, "reference_set.yaml: sex", "refset.stratum_column_unknown"),
        ({"strata": "{sex: {column: sex, levels: [M]}}"}, "cases.csv:2", "refset.stratum_value_unknown"),
        ({"strata": "{sex: {column: sex, unit: kg}}"}, "reference_set.yaml:11", "refset.stratum_unit"),
        (
            {"strata": "{sex: {column: sex, levels: [F, M], level_titles: {X: {en: other}}}}"},
            "reference_set.yaml:11",
            "refset.stratum_level_title",
        ),
        ({"strata": "{sex: {column: sex, dicom: PatientSex}}"}, "reference_set.yaml:11", "refset.stratum_source"),
        (
            {"strata": "{age: {column: age_years, edges: [5, 2]}}"},
            "reference_set.yaml:11",
            "refset.stratum_edges_ascend",
        ),
        (
            {"local_prevalence": "[{finding: fracture, value: 0.5, low: 0.6, source: x}]"},
            "reference_set.yaml:12",
            "refset.prevalence_bounds",
        ),
        (
            {"local_prevalence": "[{finding: fracture, value: 1.5, source: x}]"},
            "reference_set.yaml:12",
            "files.must_be_below",
        ),
        (
            {"local_prevalence": "[{finding: nodule, value: 0.5, source: x}]"},
            "reference_set.yaml:1",
            "refset.prevalence_of_unknown_finding",
        ),
        (
            {
                "local_prevalence": '[{finding: fracture, positive_when: ">= 2", value: 0.5, source: x},'
                ' {finding: fracture, positive_when: "> 1", value: 0.4, source: y}]'
            },
            "reference_set.yaml:1",
            "refset.prevalence_doubled",
        ),
        ({"data_protection": "{route: mr004}"}, "reference_set.yaml:11", "refset.data_protection_decided"),
        ({"findings": "[{name: a}, {name: a}]"}, "reference_set.yaml:1", "refset.finding_doubled"),
        ({"sampling": "consecutiv"}, "reference_set.yaml:11", "files.value_not_allowed"),
        ({"samplings": "random"}, "reference_set.yaml:12", "files.key_unknown_nearest"),
    ],
)
def test_what_no_card_may_say_is_told_with_line_and_column(tmp_path, changes, where, key):
    found = problems_of(lambda: load(a_set(tmp_path, card=card_with(**changes))))
    assert (where, key) in [(place.rpartition(":")[0] if place.count(":") == 2 else place, k) for place, k in found]


def test_a_decided_date_may_be_written_without_quotation_marks(tmp_path):
    card = card_with(data_protection="{route: mr004, decided_by: DPO, date: 2026-01-10}")
    assert load(a_set(tmp_path, card=card)).card.data_protection.date.isoformat() == "2026-01-10"


# ------------------------------------------------------------------------------------------------------------ lock


def test_a_locked_set_has_the_hash_that_it_had_before(tmp_path):
    root = a_set(tmp_path, files={"files/a.dcm": b"a"})
    before = load(root)
    lock(root)
    after = load(root)
    assert (before.locked, after.locked) == (False, True)
    assert before.sha256 == after.sha256 == verify(root)


def test_every_changed_missing_and_added_file_is_named(tmp_path):
    root = a_set(tmp_path, files={"files/a": b"a", "files/b": b"b"})
    lock(root)
    (root / "files/a").write_bytes(b"A")
    (root / "files/b").unlink()
    (root / "files/sub").mkdir()
    (root / "files/sub/c").write_bytes(b"c")
    assert sorted(problems_of(lambda: verify(root))) == [
        ("files/a", "refset.lock_changed_file"),
        ("files/b", "refset.lock_missing_file"),
        ("files/sub/c", "refset.lock_added_file"),
    ]


def test_identity_looks_and_the_litter_of_file_managers_are_never_locked(tmp_path):
    root = a_set(tmp_path)
    lock(root)
    for name in ("identity.csv", "looks.jsonl", ".DS_Store", "Thumbs.db"):
        (root / name).write_text("x")
    assert verify(root)
    assert set(json.loads((root / "LOCK.json").read_text())["files"]) == {
        "reference_set.yaml",
        "cases.csv",
        "truth.csv",
    }


def test_a_set_without_a_lock_or_with_a_broken_one_is_refused(tmp_path):
    root = a_set(tmp_path)
    assert problems_of(lambda: verify(root)) == [("LOCK.json", "refset.not_locked")]
    for content in (b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b'{"format": "other"}'):
        (root / "LOCK.json").write_bytes(content)
        assert problems_of(lambda: verify(root)) == [("LOCK.json", "refset.lock_malformed")]


def test_one_version_cannot_be_locked_with_two_contents(tmp_path):
    root = a_set(tmp_path)
    lock(root)
    lock(root)
    a_set(tmp_path, truth=TRUTH[:-1])
    assert problems_of(lambda: lock(root)) == [("LOCK.json", "refset.version_locked")]
    a_set(tmp_path, truth=TRUTH[:-1], card=CARD.replace("1.0.0", "1.0.1"))
    lock(root)
    assert verify(root)


def test_a_link_out_of_the_set_is_refused(tmp_path):
    root = a_set(tmp_path / "set", files={"files/a": b"a"})
    (tmp_path / "outside").write_text("secret")
    (root / "files/link").symlink_to(tmp_path / "outside")
    (root / "files/folder").symlink_to(tmp_path)
    (root / "files/broken").symlink_to(root / "nowhere")
    assert sorted(problems_of(lambda: lock(root))) == [
        ("files/broken", "refset.not_a_file"),
        ("files/folder", "refset.link_outside"),
        ("files/link", "refset.link_outside"),
    ]


def test_links_inside_the_set_are_followed_and_circles_are_refused(tmp_path):
    root = a_set(tmp_path / "set", files={"files/a": b"a"})
    (root / "files/again").symlink_to("a")
    lock(root)
    assert json.loads((root / "LOCK.json").read_text())["files"]["files/again"] == hashlib.sha256(b"a").hexdigest()
    (root / "files/circle").symlink_to("circle")
    (tmp_path / "linked").symlink_to(root)
    for place in (root, tmp_path / "linked"):
        assert problems_of(lambda place=place: verify(place)) == [("files/circle", "refset.not_a_file")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    root = a_set(tmp_path, files={"files/a": b"a"})
    (root / "files/a").chmod(0)
    assert problems_of(lambda: lock(root)) == [("files/a", "files.cannot_read")]


def test_a_file_that_vanishes_while_it_is_hashed_is_named(tmp_path, monkeypatch):
    root = a_set(tmp_path, files={f"files/{n:03d}": b"a" for n in range(300)})
    lock_module = sys.modules["dmn_bench.reference_set.lock"]  # the package shows the function of that name
    found = lock_module.files_of_set
    gone = [lock_module.FoundFile(name, 1, 0) for name in ("files/gone", "files/gone-too")]
    monkeypatch.setattr(lock_module, "files_of_set", lambda root: [*found(root), *gone])
    assert problems_of(lambda: lock(root)) == [
        ("files/gone", "files.cannot_read"),
        ("files/gone-too", "files.cannot_read"),
    ]


def test_every_file_has_its_own_hash_however_many_and_large_they_are(tmp_path, monkeypatch):
    content = {f"files/{n // 50}/{n:04d}": bytes([n % 251]) * (n * 7) for n in range(500)}
    root = a_set(tmp_path, files=content)
    monkeypatch.setattr(hashing, "BUFFER_BYTES", 100)
    monkeypatch.setattr(hashing, "BYTES_PER_BATCH", 10_000)
    hashes = compute_lock(root)["files"]
    assert {name: hashes[name] for name in content} == {
        name: hashlib.sha256(data).hexdigest() for name, data in content.items()
    }


def test_progress_is_told_in_bytes_and_ends_with_all_of_them(tmp_path):
    root = a_set(tmp_path, files={f"files/{n}": b"x" * 1000 for n in range(200)})
    lock(root)
    told = []
    verify(root, on_bytes=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 200_000


def test_hashing_ends_at_once_when_it_is_called_off(tmp_path):
    root = a_set(tmp_path)
    with (root / "large").open("wb") as stream:
        stream.truncate(400 << 30)  # holes: many minutes of hashing

    def called_off(_done, _total):
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        compute_lock(root, on_bytes=called_off)
    assert time.monotonic() - start < 100


def test_some_files_can_be_verified_alone_with_the_tables(tmp_path):
    root = a_set(tmp_path, files={name: name.encode() for name in ("files/a", "files/b", "files/c")})
    lock(root)
    tables = {"reference_set.yaml", "cases.csv", "truth.csv"}
    assert set(verified(root).files) == tables | {"files/a", "files/b", "files/c"}
    (root / "files/b").write_bytes(b"B")
    (root / "files/c").unlink()
    assert verify(root, ["files/a"]) == load(root).sha256
    assert set(verified(root, ["files/a"]).files) == tables | {"files/a"}
    assert problems_of(lambda: verify(root, ["files/b", "files/c"])) == [
        ("files/c", "refset.lock_missing_file"),
        ("files/b", "refset.lock_changed_file"),
    ]
    (root / "files/d").write_bytes(b"d")
    (root / "truth.csv").write_text("\n".join(TRUTH[:-1]))
    assert problems_of(lambda: verify(root, [])) == [
        ("files/d", "refset.lock_added_file"),
        ("truth.csv", "refset.lock_changed_file"),
    ]


# --------------------------------------------------------------------------------------------------- hostile input

NASTY = st.one_of(
    st.binary(max_size=150),
    st.text(alphabet="c1p,;\"'\n\r=+-@.0e9\t é\u202e\x00", max_size=120).map(lambda t: t.encode()),
)


@settings(deadline=None, max_examples=120)
@given(
    st.sampled_from(["cases", "truth", "lesions", "readings", "masks", "sampling", "reference_set.yaml"]),
    NASTY,
    st.booleans(),
)
def test_no_content_of_a_table_does_anything_but_load_or_be_refused(tmp_path_factory, name, content, keep_header):
    root = a_set(tmp_path_factory.mktemp("s"), lesions=ONE_LESION, readings=("case_id,reader_id,finding,value",))
    path = root / (name if "." in name else f"{name}.csv")
    before = path.read_bytes().splitlines(keepends=True)[:1] if keep_header and path.exists() else []
    path.write_bytes(b"".join(before) + content)
    try:
        load(root)
    except ReferenceSetError as error:
        places = {where for where, _ in worded(error.problems)}
    else:
        places = set()
    assert all(".csv" in place or ".yaml" in place for place in places)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "p", "q"]), st.sampled_from(["", "x", "y"])), max_size=6
    )
)
def test_loaded_cases_are_unique_and_an_exam_has_one_patient(tmp_path_factory, rows):
    lines = ["case_id,patient_id,exam_id,files", *(f"{case},{patient},{exam}," for case, patient, exam in rows)]
    root = a_set(tmp_path_factory.mktemp("s"), card=card_with(strata="{}"), cases=lines, truth=None)
    try:
        loaded = load(root)
    except ReferenceSetError:
        return
    assert len({case.case_id for case in loaded.cases}) == len(rows)
    pairs = {(case.exam_id, case.patient_id) for case in loaded.cases}
    assert len(pairs) == len({exam for exam, _ in pairs})
