import contextlib
import gzip
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmn_bench.adapters.predictions import Predictions
from dmn_bench.errors import CandidateError
from dmn_bench.vocabulary import FindingAnswer, GradeAnswer, Mark, Measurement

from .kit import keys, problem_keys

LONG = "case_id,finding,score\nc1,fracture,0.5\nc2,fracture,0.25\n"
TWO = (keys("c1"), keys("c2"))


@pytest.fixture
def read(tmp_path):
    def read_them(text, cases=TWO, *, name="out.csv", encoding="utf-8", **options):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        if encoding != "utf-8":
            options["encoding"] = encoding
        found = list(Predictions(path=name, **options).answers(cases, tmp_path))
        assert [each.answer.case_id for each in found] == [each.case.case_id for each in cases]
        return {each.answer.case_id: each.answer for each in found}

    return read_them


def scores(answers, finding="fracture"):
    return {case_id: answer.findings[finding].score for case_id, answer in answers.items() if answer.findings}


# ------------------------------------------------------------------------------------------------ ways to write


def test_the_default_form_is_a_row_for_each_case_and_finding(read):
    answers = read(LONG)
    assert scores(answers) == {"c1": 0.5, "c2": 0.25}
    assert answers["c1"].status == "answered"
    assert answers["c1"].marks is None


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("case_id;finding;score\nc1;fracture;0,5\nc2;fracture;2,5e-1\n", {"delimiter": ";", "decimal": ","}),
        ('case_id,finding,score\nc1,fracture,"0,5"\nc2,fracture,",25"\n', {"decimal": ","}),
        ("\ufeffcase_id,finding,score\r\nc1,fracture,0.5\r\n\r\nc2,fracture,.25\r\n", {}),
        (" case_id , finding , score \n c1 , fracture , 0.5 \nc2,fracture,+0.25\n,,\n", {}),
        ("case_id\tfinding\tscore\nc1\tfracture\t0.5\nc2\tfracture\t0.25\n", {"name": "out.tsv"}),
        ("case_id,finding,score\nc1,fracture,0.5\nc2,fracture,0.25\n", {"encoding": "utf-16"}),
        ("Id,Befund,p\nc1,Fraktur,0.5\nc2,Fraktur,0.25\n", {
            "id": {"column": "Id"}, "columns": {"finding": "Befund", "score": "p"},
            "findings": {"Fraktur": "fracture"}}),
        ("case_id,score\nc1,0.5\nc2,0.25\n", {"finding": "fracture"}),
        ("case_id,p,q\nc1,0.5,\nc2,0.25,x\n", {"wide": {"fracture": "p"}}),
        ("case_id,p,q\nc1,0.5,0.1\nc2,0.1,0.25\n", {"wide": {"fracture": ("p", "q")}}),
        ("case_id,p_fracture,q\nc1,0.5,0.1\nc2,0.25,0.25\n", {"wide_prefix": "p_"}),
        ("case_id,p_Fr\nc1,0.5\nc2,0.25\n", {"wide_prefix": "p_", "findings": {"Fr": "fracture"}}),
        ("case_id,finding,score\nc1,fracture,-0.5\nc2,fracture,-0.25\n", {"higher_is": "negative"}),
        ("case_id,finding,score,x\nc1,fracture,0.5,\nc2,fracture,0.25,\nc1,metal,0.9,\n", {
            "columns": {"case_id": "case_id"}, "findings": {"fracture": "fracture"}, "ignore_findings": ("metal",),
            "boxes": "xyxy"}),
    ],
)  # fmt: skip
def test_the_same_scores_written_otherwise(read, text, options):
    assert scores(read(text, **options)) == {"c1": 0.5, "c2": 0.25}


def test_json_lines_keep_their_own_decimal_point(read):
    lines = [
        {"case_id": "c1", "finding": "fracture", "score": 0.5},
        {"case_id": "c2", "finding": "fracture", "score": None},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + "\n\n"
    answers = read(text, name="out.jsonl", decimal=",")
    assert answers["c1"].findings["fracture"].score == 0.5
    assert answers["c2"].status == "failed"


def test_a_packed_file_is_unpacked(read):
    assert scores(read(gzip.compress(LONG.encode()), name="out.csv.gz")) == {"c1": 0.5, "c2": 0.25}


def test_several_files_are_read_as_one(tmp_path):
    (tmp_path / "a.csv").write_text("case_id,finding,score\nc1,fracture,0.5\n")
    (tmp_path / "b.csv").write_text("score,case_id,finding\n0.25,c2,fracture\n")
    adapter = Predictions(path=("a.csv", "b.csv"))
    found = {each.answer.case_id: each.answer for each in adapter.answers(TWO, tmp_path)}
    assert scores(found) == {"c1": 0.5, "c2": 0.25}
    assert set(adapter.identity(tmp_path)) == {"a.csv", "b.csv"}


def test_a_workbook_is_read(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "results"
    for line in (["case", "fracture"], [84, 0.5], [85.0, None]):
        book.active.append(line)
    book.save(tmp_path / "out.xlsx")
    options = {"path": "out.xlsx", "id": {"column": "case", "pad": 5}, "wide": {"fracture": "fracture"}}
    cases = (keys("00084"), keys("00085"))
    found = {e.answer.case_id: e.answer for e in Predictions(**options, sheet="results").answers(cases, tmp_path)}
    assert found["00084"].findings["fracture"].score == 0.5
    assert found["00085"].status == "failed"
    with pytest.raises(CandidateError) as caught:
        Predictions(**options, sheet="other").answers(cases, tmp_path)
    assert problem_keys(caught) == {"adapters.sheet_unknown"}


# ---------------------------------------------------------------------------------------- labels and statuses

LABELS = {"positive": ("1",), "indeterminate": ("doubt",), "negative": ("0",)}


def test_labels_are_read_in_the_vendors_words(read):
    text = "case_id,finding,result\nc1,fracture,doubt\nc2,fracture,1\n"
    answers = read(text, columns={"label": "result"}, labels=LABELS)
    assert answers["c1"].findings["fracture"] == FindingAnswer(label="indeterminate")
    assert answers["c2"].findings["fracture"] == FindingAnswer(label="positive")


def test_a_label_and_a_score_stand_together(read):
    answers = read("case_id,finding,score,label\nc1,fracture,0.4,indeterminate\nc2,fracture,,negative\n")
    assert answers["c1"].findings["fracture"] == FindingAnswer(score=0.4, label="indeterminate")
    assert answers["c2"].findings["fracture"] == FindingAnswer(label="negative")


def test_a_label_may_stand_for_a_status(read):
    labels = {**LABELS, "rejected_input": ("not evaluable",)}
    answers = read("case_id,finding,label\nc1,fracture,not evaluable\nc2,fracture,1\n", labels=labels)
    assert answers["c1"].status == "rejected_input"
    assert answers["c2"].status == "answered"


def test_labels_may_be_wide(read):
    answers = read("case_id,a,b\nc1,1,0\nc2,0,doubt\n", wide={"a": "a", "b": "b"}, wide_values="label", labels=LABELS)
    assert [answers["c2"].findings[name].label for name in "ab"] == ["negative", "indeterminate"]


def test_a_status_and_its_reason_are_kept(read):
    text = "case_id,finding,score,status,reason\nc1,fracture,,QA,too dark\nc2,fracture,0.25,OK,\n"
    answers = read(text, statuses={"QA": "abstained", "OK": "answered"})
    assert (answers["c1"].status, answers["c1"].reason) == ("abstained", "too dark")
    assert answers["c2"].status == "answered"


def test_a_doubt_keeps_its_score(read):
    answers = read("case_id,score,status\nc1,0.4,indeterminate\nc2,0.1,\n", finding="fracture")
    assert answers["c1"].status == "indeterminate"
    assert answers["c1"].findings["fracture"].score == 0.4


def test_one_finding_may_be_declined_alone(read):
    text = "case_id,finding,score,status\nc1,a,0.5,\nc1,b,,abstained\nc2,a,0.5,\nc2,b,0.1,\n"
    answers = read(text)
    assert answers["c1"].status == "answered"
    assert answers["c1"].finding_statuses == {"b": "abstained"}
    assert answers["c2"].finding_statuses == {}


# --------------------------------------------------------------------------------------- silence and doubles


def test_no_row_is_no_output(read):
    answer = read("case_id,finding,score\nc1,fracture,0.5\n")["c2"]
    assert (answer.status, answer.reason) == ("failed", "no output")


def test_a_blank_score_is_no_output(read):
    answer = read("case_id,finding,score\nc1,fracture,\nc2,fracture,0.1\n")["c1"]
    assert (answer.status, answer.reason) == ("failed", "no output")


def test_a_finding_without_a_row_failed_alone(read):
    answers = read("case_id,finding,score\nc1,a,0.5\nc1,b,0.5\nc2,a,0.5\n")
    assert answers["c2"].status == "answered"
    assert answers["c2"].finding_statuses == {"b": "failed"}
    assert answers["c2"].reason == "no output"


def test_words_for_nothing_are_nothing(read):
    assert (
        read("case_id,finding,score\nc1,fracture,NA\nc2,fracture,-\n", empty_words=("NA", "-"))["c1"].status == "failed"
    )


@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-Infinity", "1e999"])
def test_a_score_that_is_no_finite_number_fails_its_case(read, word):
    answers = read(f"case_id,finding,score\nc1,fracture,{word}\nc2,fracture,0.25\n")
    assert answers["c1"].status == "failed"
    assert answers["c1"].reason.startswith("invalid output: score")
    assert "out.csv:2" in answers["c1"].reason
    assert answers["c2"].status == "answered"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("case_id,finding,score\nc1,fracture,0.5\nc1,fracture,0.5\nc2,fracture,0.25\n", {}),
        ("case_id,p\nc1,0.5\nc2,0.25\nc1,0.5\n", {"wide": {"fracture": "p"}}),
        ("case_id,grade\nc1,1\nc2,1\nc1,2\n", {"finding": "dr"}),
        ("case_id,status\nc1,abstained\nc2,failed\nc1,indeterminate\n", {}),
    ],
)
def test_two_answers_for_one_case_fail_it(read, text, options):
    answers = read(text, **options)
    assert (answers["c1"].status, answers["c1"].reason) == ("failed", "two answers")
    assert answers["c2"].reason != "two answers"


def test_an_empty_result_file_means_that_nothing_came_out(read):
    assert {answer.reason for answer in read("case_id,finding,score\n").values()} == {"no output"}


# ------------------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    ("written", "case", "options"),
    [
        ("84", keys("00084"), {"pad": 5}),
        ("c1.png", keys("c1"), {"strip_suffix": ".png"}),
        ("84.png", keys("00084"), {"pad": 5, "strip_suffix": ".png"}),
        ("1.2.3", keys("c1", files=("a.dcm",), uids={"1.2.3": "a.dcm"}), {"is": "sop_instance_uid"}),
        ("9.9", keys("c1", studies=("9.9",)), {"is": "study_instance_uid"}),
        ("A77", keys("c1", accessions=("A77",)), {"is": "accession_number"}),
        ("files/a.b.png", keys("c1", files=("files/a.b.png",)), {"is": "file_name"}),
        ("a.b.png", keys("c1", files=("files/a.b.png",)), {"is": "file_name"}),
        ("a.b", keys("c1", files=("files/a.b.png",)), {"is": "file_name"}),
    ],
)
def test_a_case_is_found_by_any_of_its_names(read, written, case, options):
    answers = read(f"case_id,score\n{written},0.5\n", (case,), finding="fracture", id=options)
    assert scores(answers) == {case.case.case_id: 0.5}


def test_ids_that_name_no_case_stop_everything_and_are_listed(read):
    rows = "".join(f"x{i},fracture,0.5\n" for i in range(100))
    with pytest.raises(CandidateError) as caught:
        read(LONG + rows)
    (problem,) = caught.value.problems
    assert problem.key == "adapters.ids_unknown"
    assert problem.facts["n"] == 100
    assert problem.facts["found"].startswith("x0, x1, x10")
    assert len(problem.facts["found"].split(", ")) == 20


def test_ids_outside_the_set_may_be_ignored_on_request(read):
    assert scores(read(LONG + "c9,fracture,0.5\n", cases_not_in_set="ignore")) == {"c1": 0.5, "c2": 0.25}


def test_an_id_that_names_two_cases_is_refused(read):
    cases = (keys("c1", files=("a/x.png",)), keys("c2", files=("b/x.png",)))
    with pytest.raises(CandidateError) as caught:
        read("case_id,score\nx.png,0.5\n", cases, finding="f", id={"is": "file_name"})
    assert problem_keys(caught) == {"adapters.id_ambiguous"}
    assert read("case_id,score\na/x.png,0.5\n", cases, finding="f", id={"is": "file_name"})["c1"].status == "answered"


def test_the_answer_for_a_study_is_that_of_each_of_its_cases(read):
    cases = (keys("c1", studies=("9",)), keys("c2", studies=("9",)))
    assert scores(read("case_id,score\n9,0.5\n", cases, finding="fracture", id={"is": "study_instance_uid"})) == {
        "c1": 0.5,
        "c2": 0.5,
    }


VIEWS = keys("c1", files=("a.dcm", "b.dcm"), uids={"1.1": "a.dcm", "1.2": "b.dcm"})


def test_rows_for_two_images_of_a_case_need_a_rule(read):
    text = "case_id,score\n1.1,0.5\n1.2,0.75\n"
    options = {"finding": "fracture", "id": {"is": "sop_instance_uid"}}
    with pytest.raises(CandidateError) as caught:
        read(text, (VIEWS,), **options)
    assert problem_keys(caught) == {"adapters.several_images"}
    assert scores(read(text, (VIEWS,), **options, combine_images="highest")) == {"c1": 0.75}
    doubled = read(text + "1.1,0.5\n", (VIEWS,), **options, combine_images="highest")
    assert doubled["c1"].reason == "two answers"


# ------------------------------------------------------------------------------------------------------ marks

ONE_IMAGE = keys("c1", files=("a.png",), sizes={"a.png": (100, 50)})


@pytest.mark.parametrize(
    ("header", "row", "options"),
    [
        ("x,y,width,height", "10,20,30,20", {}),
        ("x_min,y_min,x_max,y_max", "10,20,40,40", {"boxes": "xyxy"}),
        ("x_centre,y_centre,width,height", "25,30,30,20", {"boxes": "cxcywh"}),
        ("x,y,width,height", "0.1,0.4,0.3,0.4", {"box_unit": "normalised"}),
        ("x_centre,y_centre,width,height", "0.25,0.6,0.3,0.4", {"boxes": "cxcywh", "box_unit": "normalised"}),
        ("left,top,w,h", "10,20,30,20", {"columns": {"x": "left", "y": "top", "width": "w", "height": "h"}}),
    ],
)
def test_every_box_form_gives_the_same_mark(read, header, row, options):
    text = f"case_id,finding,score,{header}\nc1,fracture,0.5,{row}\n"
    (mark,) = read(text, (ONE_IMAGE,), **options)["c1"].marks
    assert mark == Mark(finding="fracture", x=10.0, y=20.0, width=30.0, height=pytest.approx(20.0), score=0.5)


def test_points_and_millimetres_are_marks_too(read):
    (point,) = read("case_id,x,y\nc1,5,6\n", (ONE_IMAGE,), finding="a")["c1"].marks
    assert point == Mark(finding="a", x=5.0, y=6.0)
    (sphere,) = read("case_id,x_mm,y_mm,z_mm,score\nc1,-5,6,7.5,0.9\n", (keys(),), finding="a")["c1"].marks
    assert sphere == Mark(finding="a", x_mm=-5.0, y_mm=6.0, z_mm=7.5, score=0.9)


def test_boxes_may_lie_in_one_cell(read):
    text = "case_id;score;boxes\nc1;0,5;[[1, 2, 3, 4, 0.5], [5, 6, 7, 8]]\nc2;0,1;[]\n"
    answers = read(text, delimiter=";", decimal=",", finding="a", columns={"boxes": "boxes"})
    assert [mark.score for mark in answers["c1"].marks] == [0.5, None]
    assert answers["c1"].findings["a"].score == 0.5
    assert answers["c2"].marks == ()


def test_a_case_listed_without_a_mark_was_looked_at(read):
    answers = read("case_id,finding,score,x,y\nc1,,,,\n")
    assert answers["c1"].marks == ()
    assert answers["c1"].status == "answered"
    assert answers["c2"].reason == "no output"


def test_a_case_with_ignored_marks_alone_was_looked_at(read):
    text = "case_id,finding,score,x,y\nc1,text,0.9,1,1\nc2,Fr,0.9,1,1\n"
    answers = read(text, findings={"Fr": "fracture"}, ignore_findings=("text",))
    assert answers["c1"].marks == ()
    assert len(answers["c2"].marks) == 1


def test_all_cases_may_be_declared_listed(read):
    answers = read("case_id,finding,score,x,y\nc1,fracture,0.5,1,1\n", listed_cases="all")
    assert answers["c2"].marks == ()
    assert answers["c2"].status == "answered"


def test_the_score_of_a_case_may_be_that_of_its_best_mark(read):
    text = "case_id,finding,score,x,y\nc1,fracture,0.5,1,1\nc1,fracture,0.75,3,3\nc2,,,,\n"
    answers = read(text, score_from_marks="highest")
    assert scores(answers) == {"c1": 0.75, "c2": 0.0}
    assert len(answers["c1"].marks) == 2


def test_a_stated_score_goes_before_that_of_the_marks(read):
    text = (
        "case_id,finding,score,x,y\nc1,fracture,0.5,1,1\nc1,fracture,0.9,,\nc2,fracture,0.25,,\nc3,fracture,0.5,1,1\n"
    )
    cases = (*TWO, keys("c3"))
    assert scores(read(text, cases, score_from_marks="highest")) == {"c1": 0.9, "c2": 0.25, "c3": 0.5}
    marked_alone = read(text, cases)["c3"]
    assert (marked_alone.status, marked_alone.finding_statuses) == ("answered", {})


def test_who_declined_did_not_look_and_find_none(read):
    text = "case_id,finding,score,status,x,y\nc1,fracture,,abstained,,\nc2,,,abstained,,\n"
    for answer in read(text, score_from_marks="highest").values():
        assert answer.status == "abstained"
        assert answer.marks is None
        assert answer.findings == {}


def test_normalised_boxes_without_image_sizes_serve_for_scores_alone(read):
    text = "case_id,finding,score,x,y,width,height\nc1,fracture,0.5,0.1,0.1,0.2,0.2\n"
    options = {"box_unit": "normalised", "listed_cases": "all"}
    with pytest.raises(CandidateError) as caught:
        read(text, **options)
    assert problem_keys(caught) == {"adapters.image_size_unknown"}
    answers = read(text, **options, score_from_marks="highest")
    assert scores(answers) == {"c1": 0.5, "c2": 0.0}
    assert answers["c1"].marks is None
    assert answers["c2"].marks is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("10,20,-30,20", "a mark of -30 by 20"),
        ("10,20,0,20", "a mark of 0 by 20"),
        ("10,,30,20", "a mark with a part of its numbers"),
        ("10,20,30,nan", "a mark with nan"),
        ("90,20,30,20", "a mark outside its image of 100 by 50 px"),
        ("10,20,30,20,0", "a mark on frame 0"),
    ],
)
def test_a_mark_that_cannot_be_fails_its_case(read, row, reason):
    text = f"case_id,x,y,width,height,frame\nc1,{row}{',' if row.count(',') == 3 else ''}\n"
    answer = read(text, (ONE_IMAGE,), finding="a")["c1"]
    assert answer.status == "failed"
    assert answer.reason.startswith(f"invalid output: {reason}")


def test_an_image_is_named_by_path_file_or_uid(read):
    rows = "".join(f"c1,{image},1,1\n" for image in ("b.dcm", "b", "1.2"))
    marks = read("case_id,image,x,y\n" + rows, (VIEWS,), finding="a")["c1"].marks
    assert {mark.image for mark in marks} == {"b.dcm"}


def test_a_mark_must_name_one_of_several_images(read):
    with pytest.raises(CandidateError) as caught:
        read("case_id,x,y\nc1,1,1\n", (VIEWS,), finding="a")
    assert problem_keys(caught) == {"adapters.mark_without_image"}


def test_the_id_of_an_image_names_the_image_of_its_marks(read):
    answers = read("case_id,x,y\n1.2,1,1\n1.1,2,2\n", (VIEWS,), finding="a", id={"is": "sop_instance_uid"})
    assert [mark.image for mark in answers["c1"].marks] == ["b.dcm", "a.dcm"]


# ----------------------------------------------------------------------------------------------------- grades


def test_grades_are_read_with_their_scores(read):
    text = "case_id,level,p0,p1,p2\nc1,2,0.1,0.2,0.7\nc2,,0.1,0.6,0.3\n"
    answers = read(text, finding="dr", columns={"grade": "level"}, grade_scores=("p0", "p1", "p2"))
    assert answers["c1"].grades["dr"] == GradeAnswer(grade=2, scores=(0.1, 0.2, 0.7))
    assert answers["c2"].grades["dr"].grade == 1


def test_the_listed_grades_stand_at_the_columns_of_scores(read):
    text = "case_id,p0,p1,p2\nc1,0.1,0.2,0.7\nc2,0.4,0.4,0.2\n"
    answers = read(text, finding="birads", grade_scores=("p0", "p1", "p2"), grades=(1, 2, 4))
    assert answers["c1"].grades["birads"] == GradeAnswer(grade=4, scores=(0.1, 0.2, 0.7))
    assert answers["c2"].grades["birads"].grade == 2  # the more severe of a tie


@pytest.mark.parametrize("status", ["abstained", "indeterminate", "rejected_input", "failed"])
@pytest.mark.parametrize(("words", "cell"), [({}, "1"), ({"R1": 1}, "R1")])
def test_a_word_in_place_of_a_grade_is_a_status_of_the_unit(read, status, words, cell):
    text = f"case_id,Grade RD\nc1,{cell}\nc2,illisible\n"
    options = {"finding": "dr", "columns": {"grade": "Grade RD"}}
    answers = read(text, **options, grade_words={**words, "illisible": status})
    assert answers["c1"].grades["dr"].grade == 1
    assert (answers["c2"].status, answers["c2"].reason, dict(answers["c2"].grades)) == (status, "", {})


@pytest.mark.parametrize(
    ("word", "side"),
    [("OG", "L"), ("G", "L"), ("gauche", "L"), ("OS", "L"), ("OD", "R"), ("D", "R"), ("Droit", "R"), ("ODG", "B")],
)
def test_sides_are_read_in_both_languages(read, word, side):
    case = keys("c1")
    for own, is_other in (("L", side == "R"), ("R", side == "L")):
        eye = replace(case, case=replace(case.case, laterality=own))
        answers = read(f"case_id,finding,score,laterality\nc1,dr,0.5,{word}\n", (eye,))
        assert (answers["c1"].status == "failed") == is_other


def test_a_word_that_is_no_side_is_told_once_with_its_number(read):
    text = "case_id,finding,score,oeil\nc1,dr,0.5,links\nc2,dr,0.5,links\n"
    with pytest.raises(CandidateError) as caught:
        read(text, columns={"laterality": "oeil"})
    told = [(p.key, p.where.split(":")[-1], p.facts["column"], p.facts["n"]) for p in caught.value.problems]
    assert told == [("adapters.side_unknown", "2", "oeil", 2)]


def test_words_that_are_no_grade_are_told_once_with_their_number(read):
    text = "case_id,grade\nc1,illisible\nc2,illisible\nc3,flou\n"
    with pytest.raises(CandidateError) as caught:
        read(text, (*TWO, keys("c3")), finding="dr")
    told = [(p.key, p.where.split(":")[-1], p.facts["found"], p.facts["n"]) for p in caught.value.problems]
    assert told == [
        ("adapters.grade_word_unknown", "2", "illisible", 2),
        ("adapters.grade_word_unknown", "4", "flou", 1),
    ]


@pytest.mark.parametrize("grades", [(1, 2), (3, 2, 1), (1, 1, 2), (-1, 0, 1)])
def test_grades_that_fit_no_columns_of_scores_stop_the_file(read, grades):
    with pytest.raises(CandidateError) as caught:
        read("case_id,p0,p1,p2\nc1,0,1,0\n", finding="a", grade_scores=("p0", "p1", "p2"), grades=grades)
    assert problem_keys(caught) == {"adapters.grades_of_columns"}


@pytest.mark.parametrize("word", ["2.5", "-1", "two"])
def test_a_grade_is_a_whole_number(read, word):
    with pytest.raises(CandidateError) as caught:
        read(f"case_id,grade\nc1,{word}\n", finding="dr")
    assert problem_keys(caught) <= {"adapters.number_not_whole", "adapters.grade_word_unknown"}


# ----------------------------------------------------------------------------------------- what stops a file


@pytest.mark.parametrize(
    ("text", "options", "key"),
    [
        ("", {}, "adapters.file_empty"),
        ("case_id,score\nc1\n", {"finding": "a"}, "adapters.row_width"),
        ("case_id,score,score\nc1,1,2\n", {"finding": "a"}, "adapters.header_doubled"),
        ("Case_id,score\nc1,1\n", {"finding": "a"}, "adapters.column_missing_nearest"),
        ("case_id,score\nc1,1\n", {"columns": {"score": "probability"}}, "adapters.column_missing"),
        ("case_id,score\nc1,1\n", {"columns": {"skore": "score"}}, "adapters.column_name_nearest"),
        ("case_id,score\nc1,1\n", {"wide": {"a": "skore"}}, "adapters.column_missing_nearest"),
        ("case_id,score\nc1,1\n", {"wide_prefix": "p_"}, "adapters.prefix_missing"),
        ("case_id,other\nc1,1\n", {}, "adapters.nothing_to_read"),
        ("case_id,score\nc1,1\n", {}, "adapters.no_finding"),
        ("case_id,score\n,1\n", {"finding": "a"}, "adapters.id_blank"),
        ("case_id,score\nc1,high\n", {"finding": "a"}, "adapters.number_wrong"),
        ("case_id,score\nc1,1_000\n", {"finding": "a"}, "adapters.number_wrong"),
        ('case_id,score\nc1,"1,000.5"\n', {"finding": "a"}, "adapters.number_wrong"),
        ("case_id;score\nc1;1.000,5\n", {"finding": "a", "delimiter": ";", "decimal": ","}, "adapters.number_wrong"),
        ("case_id;score\nc1;0.5\n", {"finding": "a", "delimiter": ";", "decimal": ","}, "adapters.number_wrong"),
        ("case_id,score\nc1,١\n", {"finding": "a"}, "adapters.number_wrong"),
        ("case_id,score\nc1,87%\n", {"finding": "a"}, "adapters.number_percent"),
        ("case_id,label\nc1,yes\n", {"finding": "a", "labels": LABELS}, "adapters.label_unknown"),
        ("case_id,label\nc1,posive\n", {"finding": "a"}, "adapters.label_unknown_nearest"),
        ("case_id,label\nc1,1\n", {"finding": "a", "labels": {"positive": ("1",), "negative": ("1",)}},
         "adapters.label_word_twice"),
        ("case_id,status\nc1,kaput\n", {}, "adapters.status_unknown"),
        ("case_id,status\nc1,not_sent\n", {}, "adapters.status_not_the_vendors"),
        ("case_id,finding,score\nc1,other,1\n", {"findings": {"Fr": "fracture"}}, "adapters.finding_unknown"),
        ("case_id,x,y,width\nc1,1,1,1\n", {"finding": "a"}, "adapters.box_columns"),
        ("case_id,x_mm,y_mm\nc1,1,1\n", {"finding": "a"}, "adapters.box_columns"),
        ("case_id,boxes\nc1,none\n", {"finding": "a"}, "adapters.boxes_wrong"),
        ('case_id,boxes\nc1,"[[1,2,3]]"\n', {"finding": "a"}, "adapters.boxes_wrong"),
        ("case_id,score\nc1,1\n", {"finding": "a", "listed_cases": "all"}, "adapters.needs_marks"),
        ("case_id,x,y\nc1,1,1\n", {"finding": "a", "score_from_marks": "highest"}, "adapters.marks_without_score"),
        ("case_id,score,x,y\nc1,0.5,1,1\n", {"finding": "a", "score_from_marks": "highest",
         "score_without_marks": 0.6}, "adapters.score_without_marks"),
        ("case_id,score\nc1,1\n", {"id": {"is": "uid"}}, "adapters.id_option"),
        ("case_id,score\nc1,1\n", {"id": {"kind": "case_id"}}, "adapters.id_option"),
        ("case_id,score\nc1,1\n", {"delimiter": ";;"}, "adapters.delimiter"),
        ('case_id,score\nc1,"0.5"x\n', {"finding": "a"}, "adapters.file_malformed"),
        ('case_id,score\nc1,"0.5\n', {"finding": "a"}, "adapters.file_malformed"),
        ("[1]\n", {"name": "out.jsonl"}, "adapters.file_malformed"),
        ('{"case_id": "c1", "score": 1, "score": 1}\n', {"name": "out.jsonl", "finding": "a"}, "adapters.key_doubled"),
        ('{"case_id": "c1", "m": {"a": 1, "a": 2}}\n', {"name": "out.jsonl", "wide": {"a": "m"}},
         "adapters.key_doubled"),
        ('{"case_id": "c1", "score": 1, "\\ud800": 1}\n', {"name": "out.jsonl", "finding": "a"},
         "adapters.half_character"),
        ('{"case_id": "\\ud800", "score": 1}\n', {"name": "out.jsonl", "finding": "a"}, "adapters.half_character"),
        (b"case_id,score,reason\nc1,1,+2AA-\n", {"encoding": "utf-7", "finding": "a"}, "adapters.half_character"),
        (b"case_id,score,+2AA-\nc1,1,a\n", {"encoding": "utf-7", "finding": "a"}, "adapters.half_character"),
        (b"case_id,score\nc1,1\n", {"encoding": "undefined", "finding": "a"}, "adapters.file_unreadable"),
        ('{"case_id": "c1", "grade": 1e200}\n', {"name": "out.jsonl", "finding": "a"}, "adapters.number_not_whole"),
        ('{"case_id": "c1",\n', {"name": "out.jsonl"}, "adapters.file_malformed"),
        (b"case_id,score\nc1,\xe9\n", {"finding": "a"}, "adapters.file_encoding"),
        ("case_id,score\nc1,1\n", {"file_format": "csv", "encoding_name": "klingon"}, "adapters.encoding_unknown"),
        (b"no gzip", {"name": "out.csv.gz"}, "adapters.file_unreadable"),
        (gzip.compress(LONG.encode(), mtime=0)[:-12], {"name": "out.csv.gz"}, "adapters.file_unreadable"),
        (b"no workbook", {"name": "out.xlsx"}, "adapters.file_unreadable"),
        (LONG, {"name": "out.dat"}, "adapters.file_format"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(read, tmp_path, text, options, key):
    options = dict(options)
    if "encoding_name" in options:
        (tmp_path / "out.csv").write_text(text)
        with pytest.raises(CandidateError) as caught:
            Predictions(path="out.csv", encoding=options["encoding_name"]).answers(TWO, tmp_path)
    else:
        with pytest.raises(CandidateError) as caught:
            read(text, **options)
    assert key in problem_keys(caught)


def test_the_size_of_an_image_is_no_box(read):
    assert read("case_id,finding,score,width,height\nc1,fracture,0.5,100,50\n")["c1"].marks is None


def test_a_column_can_be_left_unused(read):
    text = "case_id,finding,score,status\nc1,fracture,0.5,shipped\n"
    assert read(text, columns={"status": ""})["c1"].status == "answered"


def test_the_image_that_names_the_case_names_no_image_of_it(read):
    options = {"finding": "a", "id": {"column": "image", "strip_suffix": ".png"}}
    (mark,) = read("image,x,y\nc1.png,1,1\n", **options)["c1"].marks
    assert mark.image is None


def test_a_missing_file_is_told_by_answers_and_identity(tmp_path):
    for call in (lambda p: p.answers(TWO, tmp_path), lambda p: p.identity(tmp_path)):
        with pytest.raises(CandidateError) as caught:
            call(Predictions(path="none.csv"))
        assert problem_keys(caught) == {"adapters.file_missing"}


def test_all_bad_numbers_are_told_together_and_counted(read):
    rows = "".join(f"c1,fracture,bad{i}\n" for i in range(50))
    with pytest.raises(CandidateError) as caught:
        read("case_id,finding,score\n" + rows)
    wrong = [p for p in caught.value.problems if p.key == "adapters.number_wrong"]
    assert [p.where for p in wrong] == [f"out.csv:{line}" for line in range(2, 22)]
    assert caught.value.problems[-1].facts == {"n": 30}


rows = st.lists(
    st.sampled_from([*"c1,;\n\"'\\x0.5-e%\t", "nan", "é", "\x00", "[[1,2,3,4]]", "fracture", "c2"]), max_size=30
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(rows.map("".join), st.sampled_from(["out.csv", "out.tsv", "out.jsonl", "out.xlsx", "out.csv.gz"]))
def test_no_file_breaks_the_reader(read, body, name):
    header = "case_id,finding,score,label,status,x,y,boxes\n" if name != "out.jsonl" else ""
    with contextlib.suppress(CandidateError):
        assert set(read(header + body, name=name)) == {"c1", "c2"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.permutations(["c1,fracture,0.5", "c2,fracture,0.25", "c3,fracture,nan", "c4,fracture,1", "c4,fracture,1"]))
def test_the_order_of_rows_changes_nothing(read, lines):
    cases = tuple(keys(f"c{i}") for i in range(1, 6))
    answers = read("case_id,finding,score\n" + "\n".join(lines) + "\n", cases)
    assert [answers[f"c{i}"].status for i in range(1, 6)] == ["answered", "answered", "failed", "failed", "failed"]


def test_what_is_wrong_with_a_line_is_told_with_its_line_and_can_be_written(read):
    text = '{"case_id": "c1", "score": 1}\n{"case_id": "c2", "\\ud800": "\\ud801", "score": 0, "score": 1}\n'
    with pytest.raises(CandidateError) as caught:
        read(text, name="out.jsonl", finding="a")
    found = {(problem.key, problem.where) for problem in caught.value.problems}
    assert {("adapters.key_doubled", "out.jsonl:2"), ("adapters.half_character", "out.jsonl:2")} <= found
    assert json.dumps([dict(problem.facts) for problem in caught.value.problems], ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("case_id,finding,status,reason\nc1,a,abstained," + "A" * 100_000 + "\nc2,a,answered,\n", "out.csv"),
        ("case_id,finding,score\nc1,a," + "9" * 100_000 + "\nc2,a,1\n", "out.csv"),
        (
            '{"case_id": "c1", "finding": "a", "boxes": [[0, 0, 1, 1' + "0" * 400 + ']]}\n{"case_id": "c2"}\n',
            "out.jsonl",
        ),
    ],
)
def test_a_reason_is_cut_wherever_it_comes_from(read, text, name):
    answer = read(text, name=name)["c1"]
    assert answer.status != "answered" or answer.finding_statuses
    assert 0 < len(answer.reason) <= 2000


def test_a_damaged_sheet_is_an_error_of_the_file(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["case_id", "finding", "score"])
    book.active.append(["c1", "a", 0.5])
    book.save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "out.xlsx", "w") as damaged:
        for name in whole.namelist():
            content = whole.read(name)
            damaged.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    with pytest.raises(CandidateError) as caught:
        list(Predictions(path="out.xlsx").answers((keys("c1"),), tmp_path))
    assert problem_keys(caught) == {"adapters.file_unreadable"}


# --------------------------------------------------------------------------------------------- measured values


def values(answers, name="pr_interval"):
    return {case_id: answer.measurements[name] for case_id, answer in answers.items() if answer.measurements}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("case_id,finding,value,unit\nc1,pr_interval,160,ms\nc2,pr_interval,172.5,ms\n", {}),
        ("case_id,finding,value\nc1,pr_interval,160\nc2,pr_interval,172.5\n", {"units": {"pr_interval": "ms"}}),
        ("case_id;PR\nc1;160\nc2;172,5\n", {
            "delimiter": ";", "decimal": ",", "wide": {"pr_interval": "PR"}, "wide_values": "value",
            "units": {"pr_interval": "ms"}}),
        ("case_id,finding,value,unit\nc1,PR,160,ms\nc2,PR,172.5,ms\n", {"findings": {"PR": "pr_interval"}}),
    ],
)  # fmt: skip
def test_measured_values_come_with_their_unit(read, text, options):
    answers = read(text, **options)
    assert values(answers) == {"c1": Measurement(value=160.0, unit="ms"), "c2": Measurement(value=172.5, unit="ms")}
    assert answers["c1"].status == "answered"


def test_a_row_may_hold_a_score_and_a_value(read):
    answers = read("case_id,finding,score,value\nc1,long_qt,0.5,480\nc2,long_qt,0.1,400\n")
    assert scores(answers, "long_qt") == {"c1": 0.5, "c2": 0.1}
    assert values(answers, "long_qt")["c1"] == Measurement(value=480.0)


def test_two_values_of_one_quantity_are_two_answers_and_none_is_no_output(read):
    answers = read("case_id,finding,value\nc1,pr_interval,160\nc1,pr_interval,170\n")
    assert (answers["c1"].status, answers["c1"].reason) == ("failed", "two answers")
    assert (answers["c2"].status, answers["c2"].reason) == ("failed", "no output")
    blank = read("case_id,PR,QT\nc1,160,400\nc2,,410\n", wide={"pr": "PR", "qt": "QT"}, wide_values="value")
    assert blank["c2"].finding_statuses == {"pr": "failed"}
    assert blank["c2"].measurements == {"qt": Measurement(value=410.0)}


def test_a_value_that_is_no_number_fails_the_case_or_stops_the_reading(read):
    answers = read("case_id,finding,value\nc1,pr,nan\nc2,pr,1\n")
    assert (answers["c1"].status, answers["c2"].status) == ("failed", "answered")
    with pytest.raises(CandidateError) as caught:
        read("case_id,finding,value\nc1,pr,160 ms\nc2,pr,1\n")
    assert "adapters.number_wrong" in problem_keys(caught)


def test_a_column_called_value_may_hold_the_score(read):
    answers = read("case_id,finding,value\nc1,fracture,0.5\nc2,fracture,0.25\n", columns={"score": "value"})
    assert scores(answers) == {"c1": 0.5, "c2": 0.25}
    assert values(answers, "fracture") == {}
