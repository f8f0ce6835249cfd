"""Sheets for typists: what they ask and hide, and how they are read back."""

import datetime
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest

from dmn_bench.curation import answer_sheet, typist_agreement, workbook
from dmn_bench.curation.answer_sheet import asked_of, write_typist_sheets
from dmn_bench.curation.answer_sheet_reading import Typed, read_sheet
from dmn_bench.errors import MachineError, ProtocolError, ReferenceSetError
from dmn_bench.statistics.agreement import Kappa
from dmn_bench.vocabulary import Interval, NotEstimable
from dmn_bench.wordings import LANGUAGES, say_problem

from ..set_factory import a_set, card_with

openpyxl = pytest.importorskip("openpyxl", reason="the extra xlsx is not installed")

N = 12
CASES = (
    "case_id,patient_id,exam_id,laterality,files,sex,age_years",
    *(f"c{i:02},p{i:02},e{i:02},L,files/{i:02}.dcm,F,40" for i in range(1, N + 1)),
)


@pytest.fixture
def folder(tmp_path):
    return a_set(tmp_path / "set", cases=CASES, truth=("this is no table, and whoever opens it fails",))


@pytest.fixture
def asked(folder):
    return asked_of(folder, "vendor-x")


@pytest.fixture
def sheets(asked, tmp_path):
    return write_typist_sheets(asked, tmp_path / "sheet.xlsx", seed=1, language="en")


def fill(path, answers, *, to=None):
    """Type ``answers``: case -> {title: value}, everything else negative with 0.25."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        case = row[titles.index("case")].value
        typed = {"result": "negative", "score": 0.25, **answers.get(case, {})}
        for title, value in typed.items():
            cell = row[titles.index(title)]
            if isinstance(value, tuple):
                cell.value, cell.number_format = value
            else:
                cell.value = value
    target = to or path
    book.save(target)
    return target


def change(path, edit):
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def problems(path):
    with pytest.raises(ProtocolError) as caught:
        read_sheet(path)
    for problem in caught.value.problems:
        assert all(say_problem(problem, language) for language in LANGUAGES)
    return {(problem.key, problem.where) for problem in caught.value.problems}


def keys(path):
    return {key for key, _ in problems(path)}


# ------------------------------------------------------------------------------------------------------- writing


def column(path, title):
    sheet = openpyxl.load_workbook(path).worksheets[0]
    place = [cell.value for cell in sheet[1]].index(title) + 1
    return [sheet.cell(row=row, column=place).value for row in range(2, sheet.max_row + 1)]


def test_each_typist_is_asked_the_same_in_an_order_of_his_own(sheets, asked):
    assert [path.name for path in sheets] == ["sheet.typist-1.xlsx", "sheet.typist-2.xlsx"]
    orders = [column(path, "case") for path in sheets]
    assert sorted(orders[0]) == sorted(orders[1]) == [f"c{i:02}" for i in range(1, N + 1)]
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])
    assert column(sheets[0], "files")[0] == f"files/{orders[0][0][1:]}.dcm"


def test_the_same_seed_gives_the_same_orders_and_another_one_others(asked, tmp_path, sheets):
    again = write_typist_sheets(asked, tmp_path / "again.xlsx", seed=1, language="fr")
    other = write_typist_sheets(asked, tmp_path / "other.xlsx", seed=2, language="en")
    assert column(again[0], "cas") == column(sheets[0], "case") != column(other[0], "case")


def test_nothing_of_the_truth_is_opened_or_written(sheets, folder):
    with zipfile.ZipFile(sheets[0]) as packed:
        content = b"".join(packed.read(name) for name in packed.namelist())
    assert b"no table" not in content
    assert (folder / "truth.csv").read_text().startswith("this is no table")


def test_the_cells_to_fill_in_are_open_and_nothing_else(sheets):
    book = openpyxl.load_workbook(sheets[0])
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles == ["case", "files", "finding", "result", "score", "remark"]
    assert [cell.protection.locked for cell in sheet[2]] == [True, True, True, False, False, False]
    assert (sheet.protection.sheet, book.security.lockStructure, sheet.freeze_panes) == (True, True, "B2")
    checks = {check.type: check for check in sheet.data_validations.dataValidation}
    assert checks["list"].formula1 == '"positive,negative,indeterminate,no result shown,unreadable"'
    assert checks["custom"].formula1 == answer_sheet.IS_NUMBER.format(cell="E2")
    assert sheet["E2"].number_format == "@"
    assert [str(check.sqref) for check in checks.values()] == [f"D2:D{N + 1}", f"E2:E{N + 1}"]
    assert [each.sheet_state for each in book.worksheets] == ["visible", "visible", "veryHidden"]
    instructions = [cell.value for cell in book.worksheets[1]["A"] if cell.value]
    assert any("device vendor-x" in text for text in instructions)
    assert any("dispositif vendor-x" in text for text in instructions)


def test_hospital_identifiers_are_shown_where_the_set_has_them(folder, tmp_path):
    rows = "\n".join(f"c{i:02},=HP{i},1.2.{i},ACC{i},9.{i}" for i in range(1, N + 1))
    head = "case_id,hospital_patient_id,study_instance_uid,accession_number,sop_instance_uid\n"
    table = tmp_path / "identity.csv"
    table.write_text(head + rows.replace("=", "") + "\nc01,HP1,1.2.1,ACC1b,9.99\n")
    found = asked_of(folder, "vendor-x", identity=table)
    assert found.identifiers == ("hospital_patient_id", "study_instance_uid", "accession_number")
    assert found.questions[0].identifiers == ("HP1", "1.2.1", "ACC1; ACC1b")
    shutil.copy(table, folder / "identity.csv")
    assert asked_of(folder, "vendor-x") == found
    table.write_text(head + "c01,HP1,1.2.1,ACC1,9.1\n")
    with pytest.raises(ReferenceSetError) as caught:
        asked_of(folder, "vendor-x", identity=table)
    assert [(p.key, p.facts["n"]) for p in caught.value.problems] == [("answers.identity_incomplete", N - 1)]


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path):
    book = workbook.new_workbook()
    workbook.write_text(book.active["A1"], "=HYPERLINK(1)")
    book.save(tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A1"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_files_are_never_overwritten_and_names_must_be_xlsx(asked, sheets, tmp_path):
    with pytest.raises(ProtocolError) as caught:
        write_typist_sheets(asked, tmp_path / "sheet.xlsx", seed=1, language="en")
    assert [problem.key for problem in caught.value.problems] == ["answers.out_exists"] * 2
    with pytest.raises(ProtocolError) as caught:
        write_typist_sheets(asked, tmp_path / "sheet.csv", seed=1, language="en")
    assert [problem.key for problem in caught.value.problems] == ["answers.out_xlsx"]


def test_an_unknown_finding_is_refused(folder):
    with pytest.raises(ProtocolError) as caught:
        asked_of(folder, "vendor-x", findings=["fractur"])
    assert [problem.key for problem in caught.value.problems] == ["protocol.unknown_finding_nearest"]


def test_every_case_is_asked_about_every_finding(tmp_path):
    folder = a_set(
        tmp_path / "two", card=card_with(findings="[{name: fracture}, {name: cast}]"), cases=CASES, truth=None
    )
    found = asked_of(folder, "v").questions
    assert len(found) == 2 * N
    assert {(each.case_id, each.finding) for each in found} == {
        (f"c{i:02}", f) for i in range(1, N + 1) for f in ("fracture", "cast")
    }
    assert {each.finding for each in asked_of(folder, "v", findings=["cast"]).questions} == {"cast"}


def test_a_missing_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MachineError) as caught:
        workbook.new_workbook()
    assert caught.value.problems[0].facts == {"extra": "xlsx", "package": "openpyxl"}


# ------------------------------------------------------------------------------------------------------- reading


def test_what_was_typed_is_read_back(sheets):
    typed = {
        "c01": {"result": "Positive ", "score": 0.875},
        "c02": {"result": "positif", "score": "0,85"},
        "c03": {"result": None, "score": "0.5", "remark": " blurred "},
        "c04": {"result": "no result shown", "score": None},
        "c05": {"result": "unreadable", "score": None},
        "c06": {"result": "indeterminate", "score": None},
        "c07": {"result": "negative", "score": 1},
    }
    found = read_sheet(fill(sheets[0], typed)).typed
    assert len(found) == N
    assert found[("c01", "fracture")] == Typed(result="positive", score=0.875)
    assert found[("c02", "fracture")] == Typed(result="positive", score=0.85)
    assert found[("c03", "fracture")] == Typed(score=0.5, remark="blurred")
    assert [found[(f"c0{i}", "fracture")].result for i in (4, 5, 6)] == ["not_shown", "unreadable", "indeterminate"]
    assert found[("c07", "fracture")].score == 1.0


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ({"result": None, "score": None}, "answers.row_empty"),
        ({"result": "maybe"}, "answers.cell_result"),
        ({"score": "high"}, "answers.cell_not_a_number"),
        ({"score": True}, "answers.cell_not_a_number"),
        ({"score": "0,8,5"}, "answers.cell_not_a_number"),
        ({"score": "1.234"}, "answers.cell_outside"),
        ({"score": 1.5}, "answers.cell_outside"),
        ({"score": -0.1}, "answers.cell_outside"),
        ({"score": "85%"}, "answers.cell_percent"),
        ({"score": (0.85, "0%")}, "answers.cell_percent"),
        ({"score": (0.85, "0.00%")}, "answers.cell_percent"),
        ({"score": datetime.datetime(2026, 5, 1)}, "answers.cell_date"),
        ({"score": datetime.time(1, 2)}, "answers.cell_date"),
        ({"score": "=0.5+0.1"}, "answers.cell_formula"),
        ({"remark": "=HYPERLINK(A1)"}, "answers.cell_formula"),
        ({"score": "#N/A"}, "answers.cell_error"),
        ({"result": "unreadable", "score": 0.5}, "answers.row_contradicts"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(sheets, typed, key):
    row = column(sheets[0], "case").index("c05") + 2
    assert problems(fill(sheets[0], {"c05": typed})) == {(key, f"{sheets[0].name}:{row}")}


def test_a_number_that_reads_in_two_ways_is_refused_only_where_both_may_be_meant(asked, tmp_path):
    for unit, expected in (("any", {"answers.cell_ambiguous"}), ("percent", None)):
        one = replace(asked, typists=1, score_unit=unit)
        (path,) = write_typist_sheets(one, tmp_path / f"{unit}.xlsx", seed=1, language="en")
        fill(path, {"c05": {"score": "87,125"}})
        if expected is None:
            assert read_sheet(path).typed[("c05", "fracture")].score == 87.125
        else:
            assert keys(path) == expected


def test_a_candidate_that_no_manifest_could_name_is_refused(folder):
    with pytest.raises(ProtocolError) as caught:
        asked_of(folder, "Vendor X")
    assert [problem.key for problem in caught.value.problems] == ["answers.candidate_id"]


def test_an_empty_sheet_lists_every_row(sheets):
    assert problems(sheets[0]) == {("answers.row_empty", f"{sheets[0].name}:{row}") for row in range(2, N + 2)}


def test_marks_are_read_in_any_order(asked, tmp_path):
    (path,) = write_typist_sheets(
        replace(asked, marks=True, typists=1, score_unit="percent"), tmp_path / "m.xlsx", seed=1, language="en"
    )
    answers = {f"c{i:02}": {"score": 25} for i in range(1, N + 1)}
    answers["c01"] = {"result": "positive", "score": 85, "marks": "10 20 30 40 90; 1 2,5 3 4"}
    found = read_sheet(fill(path, answers)).typed
    assert found[("c01", "fracture")].marks == ((1.0, 2.5, 3.0, 4.0), (10.0, 20.0, 30.0, 40.0, 90.0))
    assert found[("c02", "fracture")].marks == ()
    assert "answers.cell_marks" in keys(fill(path, {**answers, "c01": {"score": 1, "marks": "10 20 30"}}))


# ------------------------------------------------------------------------------------------------- changed sheets


def first_sheet(book):
    return book.worksheets[0]


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (lambda book: first_sheet(book).delete_rows(4), "answers.rows_missing"),
        (lambda book: setattr(first_sheet(book)["A4"], "value", first_sheet(book)["A5"].value), "answers.row_doubled"),
        (lambda book: setattr(first_sheet(book)["A4"], "value", "c99"), "answers.row_not_asked"),
        (lambda book: setattr(first_sheet(book)["C4"], "value", "cast"), "answers.row_not_asked"),
        (lambda book: first_sheet(book).append(["c99", "", "fracture", "positive"]), "answers.row_not_asked"),
        (lambda book: setattr(first_sheet(book)["D1"], "value", "verdict"), "answers.sheet_titles"),
        (lambda book: setattr(first_sheet(book)["E1"], "value", "result"), "answers.sheet_titles"),
        (lambda book: first_sheet(book).delete_cols(5), "answers.sheet_titles"),
        (lambda book: book.remove(book["dmn-bench"]), "answers.not_our_sheet"),
        (lambda book: setattr(book["dmn-bench"]["A1"], "value", "{"), "answers.not_our_sheet"),
        (lambda book: setattr(book["dmn-bench"]["A1"], "value", '{"format": 1}'), "answers.not_our_sheet"),
        (lambda book: setattr(book["dmn-bench"]["A3"], "value", "c77"), "answers.sheet_changed"),
        (lambda book: book["dmn-bench"].delete_rows(3), "answers.sheet_changed"),
        (lambda book: book.remove(first_sheet(book)), "answers.no_answers_tab"),
    ],
)
def test_a_changed_workbook_is_noticed(sheets, edit, key):
    fill(sheets[0], {})
    assert key in keys(change(sheets[0], edit))


def test_renamed_tabs_sorted_rows_and_added_blank_ones_do_no_harm(sheets):
    fill(sheets[0], {"c03": {"score": 0.75}})
    before = read_sheet(sheets[0]).typed

    def edit(book):
        sheet = first_sheet(book)
        sheet.title = "Feuil1"
        rows = sorted([cell.value for cell in row] for row in sheet.iter_rows(min_row=2))
        for line, row in enumerate(rows, start=2):
            for place, value in enumerate(row, start=1):
                sheet.cell(row=line, column=place).value = value
        sheet.cell(row=N + 9, column=6).value = None

    assert read_sheet(change(sheets[0], edit)).typed == before


def test_other_files_are_refused(sheets, tmp_path, monkeypatch):
    assert keys(tmp_path / "none.xlsx") == {"answers.sheet_missing"}
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0 an old one")
    assert keys(tmp_path / "x.xlsx") == {"answers.sheet_unreadable"}
    shutil.copy(sheets[0], tmp_path / "x.xlsm")
    assert keys(tmp_path / "x.xlsm") == {"answers.sheet_macros"}
    shutil.copy(sheets[0], tmp_path / "macro.xlsx")
    with zipfile.ZipFile(tmp_path / "macro.xlsx", "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"x")
    assert keys(tmp_path / "macro.xlsx") == {"answers.sheet_macros"}
    with zipfile.ZipFile(tmp_path / "empty.xlsx", "w") as packed:
        packed.writestr("a", b"x")
    assert keys(tmp_path / "empty.xlsx") == {"answers.sheet_unreadable"}
    (tmp_path / "cut.xlsx").write_bytes(sheets[0].read_bytes()[:-300])
    assert keys(tmp_path / "cut.xlsx") == {"answers.sheet_unreadable"}
    broken = bytearray(sheets[0].read_bytes())
    at = broken.index(b"xl/worksheets/sheet1.xml") + 120  # within its packed bytes
    broken[at : at + 40] = bytes(40)
    (tmp_path / "flipped.xlsx").write_bytes(broken)
    assert keys(tmp_path / "flipped.xlsx") == {"answers.sheet_unreadable"}
    monkeypatch.setattr(workbook, "MAX_ROWS", 5)
    assert keys(sheets[0]) == {"answers.sheet_too_large"}
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 100)
    assert keys(sheets[0]) == {"answers.sheet_too_large"}


def test_a_foreign_workbook_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.save(tmp_path / "other.xlsx")
    assert keys(tmp_path / "other.xlsx") == {"answers.not_our_sheet"}


@pytest.mark.slow
def test_a_file_that_libreoffice_saved_is_read(sheets, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    fill(sheets[0], {"c01": {"result": "positive", "score": "0,85"}})
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "lo"), str(sheets[0])]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert read_sheet(tmp_path / "lo" / sheets[0].name).typed == read_sheet(sheets[0]).typed


# ------------------------------------------------------------------------------------------------- two typists


@pytest.fixture
def typed(sheets):
    def typed_as(first, second):
        return [read_sheet(fill(path, answers)) for path, answers in zip(sheets, (first, second), strict=True)]

    return typed_as


def test_agreement_is_counted_by_hand(typed):
    # 12 rows: both positive 3, both negative 6, one says positive and the other negative 2, one score differs 1
    first = {f"c{i:02}": {"result": "positive"} for i in (1, 2, 3, 4, 5)}
    second = {f"c{i:02}": {"result": "positive"} for i in (1, 2, 3)} | {"c12": {"score": 0.3}}
    found = typist_agreement.transcript(typed(first, second), None)
    agreement = found.agreement
    assert (agreement.n_rows, agreement.n_alike, agreement.n_same_result) == (12, 9, 10)
    assert found.open == agreement.differing == (("c04", "fracture"), ("c05", "fracture"), ("c12", "fracture"))
    # by hand: observed 10/12; expected (5/12)(3/12) + (7/12)(9/12) = 78/144
    assert isinstance(agreement.kappa, Kappa)
    assert agreement.kappa.value == pytest.approx((10 / 12 - 78 / 144) / (1 - 78 / 144))
    assert isinstance(agreement.interval, Interval)


def test_perfect_agreement_claims_no_certainty_and_one_word_no_kappa(typed):
    alike = typist_agreement.transcript(typed({"c01": {"result": "positive"}}, {"c01": {"result": "positive"}}), None)
    assert (alike.open, alike.agreement.share) == ((), 1.0)
    assert alike.agreement.kappa.value == pytest.approx(1.0)
    assert isinstance(alike.agreement.interval, NotEstimable)
    one_word = typist_agreement.transcript(typed({}, {}), None)
    assert isinstance(one_word.agreement.kappa, NotEstimable)


def test_a_third_person_settles_and_the_result_file_follows(typed, tmp_path):
    first = {
        "c01": {"result": "positive", "score": 0.9, "remark": "=sum"[1:]},
        "c02": {"result": "unreadable", "score": None},
    }
    second = {"c01": {"result": "positive", "score": 0.8}, "c03": {"result": "no result shown", "score": None}}
    sheets = typed(first, second)
    found = typist_agreement.transcript(sheets, None)
    assert len(found.open) == 3
    with pytest.raises(ProtocolError) as caught:
        typist_agreement.write_results(found, tmp_path / "out")
    assert caught.value.problems[0].key == "answers.still_open"
    path = typist_agreement.write_differences(found, sheets, tmp_path / "d.xlsx", "en")
    titles = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    assert titles[3:6] == ["result (typist 1)", "score (typist 1)", "remark (typist 1)"]
    assert column(path, "score (typist 1)") == ["0.9", None, "0.25"]
    assert keys(path) == {"answers.row_empty"}

    def settle(book):
        answers = {
            "c01": ("positive", 0.9, "-seen twice"),
            "c02": ("unreadable", None, None),
            "c03": ("negative", "0,3", None),
        }
        for row in first_sheet(book).iter_rows(min_row=2):
            for cell, value in zip(row[-3:], answers[row[0].value], strict=True):
                cell.value = value

    settled = read_sheet(change(path, settle))
    final = typist_agreement.transcript(sheets, settled)
    assert (final.open, final.agreement.n_alike) == ((), 9)
    results, manifest = typist_agreement.write_results(final, tmp_path / "out")
    lines = results.read_text().splitlines()
    assert lines[:4] == [
        "case_id,finding,score,label,status,reason,transcribed",
        "c01,fracture,0.9,positive,,'-seen twice,yes",
        "c02,fracture,,,failed,result unreadable,yes",
        "c03,fracture,0.3,negative,,,yes",
    ]
    said = json.loads(manifest.read_text())
    assert said["id"] == "vendor-x"
    assert said["options"]["transcribed"]["alike"] == 9
    assert said["options"]["transcribed"] | {"kappa": None} == {"typists": 2, "rows": 12, "alike": 9, "kappa": None}
    typist_agreement.write_results(final, tmp_path / "out")  # the same again is no change
    results.write_text("other")
    with pytest.raises(ProtocolError) as caught:
        typist_agreement.write_results(final, tmp_path / "out")
    assert [problem.key for problem in caught.value.problems] == ["answers.out_exists"]


def test_differences_of_a_sheet_that_was_changed_afterwards_are_refused(typed, sheets, tmp_path):
    read = typed({"c01": {"score": 0.9}}, {"c01": {"score": 0.8}})
    path = typist_agreement.write_differences(typist_agreement.transcript(read, None), read, tmp_path / "d.xlsx", "en")

    def settle(book):
        first_sheet(book)["J2"].value = "positive"

    settled = read_sheet(change(path, settle))
    fill(sheets[1], {"c01": {"score": 0.7}})
    with pytest.raises(ProtocolError) as caught:
        typist_agreement.transcript([read[0], read_sheet(sheets[1])], settled)
    assert [problem.key for problem in caught.value.problems] == ["answers.settled_of_other"]


def test_sheets_that_do_not_belong_together_are_refused(typed, asked, tmp_path):
    first, second = typed({}, {})
    for sheets in ([first], [first, first], [first, second, second]):
        with pytest.raises(ProtocolError) as caught:
            typist_agreement.transcript(sheets, None)
        assert [problem.key for problem in caught.value.problems] == ["answers.typists_missing"]
    other = write_typist_sheets(replace(asked, candidate="vendor-y"), tmp_path / "y.xlsx", seed=1, language="en")
    with pytest.raises(ProtocolError) as caught:
        typist_agreement.transcript([first, read_sheet(fill(other[1], {}))], None)
    assert [problem.key for problem in caught.value.problems] == ["answers.sheets_of_other"]


def test_one_typist_is_enough_and_said(asked, tmp_path):
    (path,) = write_typist_sheets(replace(asked, typists=1), tmp_path / "one.xlsx", seed=1, language="fr")
    found = typist_agreement.transcript([read_sheet(change(path, lambda book: typed_in_french(book)))], None)
    assert (found.agreement, found.open) == (None, ())
    _, manifest = typist_agreement.write_results(found, tmp_path / "out")
    assert json.loads(manifest.read_text())["options"]["transcribed"] == {"typists": 1, "rows": N}


def typed_in_french(book):
    sheet = first_sheet(book)
    for row in range(2, N + 2):
        sheet.cell(row=row, column=4).value = "négatif"


def test_every_word_and_title_is_told_apart_in_every_language():
    words = [word.casefold() for language in LANGUAGES for word in answer_sheet.words_of(language).values()]
    by_word = {}
    for language in LANGUAGES:
        for result, word in answer_sheet.words_of(language).items():
            assert by_word.setdefault(word.casefold(), result) == result
            assert "," not in word
    assert len(words) == 10
