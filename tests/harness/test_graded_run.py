"""Whole runs over graded eyes answered by a file: sides, referral by two findings, what was declined, grades asked."""

import json

import pytest

from dmn_bench import reference_set
from dmn_bench.adapters.answer_reading import read_answer
from dmn_bench.adapters.predictions import Predictions
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, ProtocolError
from dmn_bench.execution.answer_json import answer_from_json, answer_to_json
from dmn_bench.harness import RunOptions, evaluate
from dmn_bench.harness.gathering import on_its_side
from dmn_bench.hookspecs import CaseKeys
from dmn_bench.vocabulary import Answer, GradeAnswer, Origin

from ..recount.tiny import as_csv
from ..tasks.factories import a_case

CARD = """\
format: dmn-bench/reference-set/1
id: eyes
version: 1.0.0
title: {en: Eyes}
modality: OP
findings: [{name: dr}, {name: dme}, {name: ungradable}]
sampling: consecutive
reference_standard: {method: drawn}
strata:
  quality: {column: quality}
data_protection: {route: not_applicable}
"""
# patient, side, retinopathy, oedema, whether the readers could grade it, quality; what the device said of dr and dme
EYES = (
    ("p1", "L", 0, 0, True, "good", 0, 0),
    ("p1", "R", 3, 0, True, "good", 2, 0),
    ("p2", "L", 1, 1, True, "good", 1, 1),
    ("p2", "R", 1, 0, True, "poor", None, None),
    ("p3", "L", None, None, False, "poor", None, None),
    ("p3", "R", 4, 2, True, "good", 4, 2),
    ("p4", "L", 0, 0, True, "good", 1, 1),
    ("p4", "R", None, None, False, "poor", 1, 0),
)
GRADE = {"name": "grade", "task": "grading", "finding": "dr", "unit": "eye", "scale": "icdr", "positive_when": ">= 2"}
ENDPOINTS = [
    {
        **GRADE,
        "metrics": [{"name": "grade_sensitivity", "grade": [0, 1, 3]}, "exact_agreement", "sensitivity", "specificity"],
    },
    {**GRADE, "name": "patient", "unit": "patient", "metrics": ["sensitivity", "specificity"]},
    {
        "name": "refer",
        "task": "referral",
        "unit": "eye",
        "positive_when": {"dr": ">= 2", "dme": ">= 1"},
        "scales": {"dr": "icdr", "dme": [0, 1, 2]},
        "metrics": ["sensitivity", "specificity", "failure_rate"],
    },
    {
        "name": "quality",
        "task": "ungradable",
        "finding": "ungradable",
        "graded": "dr",
        "unit": "eye",
        "metrics": ["sensitivity", "specificity"],
    },
]


def names(eyes=EYES):
    return [f"{eye[0]}{eye[1]}" for eye in eyes]


def run(folder, endpoints=ENDPOINTS, sides=None, card=CARD, **more):
    """The results of a run; ``sides``: what the file says of the side of each case, by name."""
    root = folder / "set"
    root.mkdir(parents=True)
    (root / "reference_set.yaml").write_text(card, encoding="utf-8")
    cases, truth, said = [], [], []
    for name, (patient, side, dr, dme, is_gradable, level, own_dr, own_dme) in zip(names(), EYES, strict=True):
        cases.append({"case_id": name, "patient_id": patient, "exam_id": patient, "laterality": side, "quality": level})
        stated = {"dr": dr, "dme": dme, "ungradable": "negative" if is_gradable else "positive"}
        truth += [
            {"case_id": name, "finding": finding, "value": "indeterminate" if value is None else value}
            for finding, value in stated.items()
        ]
        where = {"case_id": name, "laterality": (sides or {}).get(name, "")}
        if own_dr is None:
            said.append({**where, "finding": "", "grade": "", "status": "abstained"})
        else:
            said += [
                {**where, "finding": finding, "grade": grade, "status": "answered"}
                for finding, grade in (("dr", own_dr), ("dme", own_dme))
            ]
    columns = ["case_id", "patient_id", "exam_id", "laterality", "files", "quality"]
    (root / "cases.csv").write_text(as_csv(cases, columns), encoding="utf-8")
    (root / "truth.csv").write_text(as_csv(truth, ["case_id", "finding", "value"]), encoding="utf-8")
    shape = ["case_id", "laterality", "finding", "grade", "status"]
    (folder / "answers.csv").write_text(as_csv(said, shape), encoding="utf-8")
    reference_set.lock(root)
    protocol = {
        "format": "dmn-bench/protocol/1",
        "id": "eyes",
        "reference_set": "set",
        "candidates": [{"id": "file", "adapter": "predictions", "options": {"path": "answers.csv"}}],
        "endpoints": endpoints,
        "strata": ["quality"],
        "statistics": {"resamples": 200, "minimum_n": {"estimate": 1}},
        **more,
    }
    path = folder / "eyes.yaml"
    path.write_text(json.dumps(protocol), encoding="utf-8")
    return evaluate(path, RunOptions(run_dir=folder / "run"), catalogue=build_catalogue()).results


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(tmp_path_factory.mktemp("eyes"))


def counts(results, endpoint, metric, analysis="intention_to_diagnose", stratum=None, **parameters):
    [row] = [
        row
        for row in results.estimates
        if (row.endpoint, row.metric, row.analysis, row.stratum, row.parameters)
        == (endpoint, metric, analysis, stratum, parameters)
    ]
    return row.numerator, row.denominator


def test_eyes_without_a_reference_grade_are_in_the_flow_and_in_no_figure(results):
    assert counts(results, "grade", "exact_agreement") == (3, 6)
    flow = [row for row in results.flow if row.endpoint == "grade"]
    assert sum(row.eligible for row in flow) == 8
    assert sum(row.included for row in flow) == 6


def test_a_list_of_grades_is_one_figure_each(results):
    assert counts(results, "grade", "grade_sensitivity", grade=0) == (1, 2)
    assert counts(results, "grade", "grade_sensitivity", grade=1) == (1, 2)
    assert counts(results, "grade", "grade_sensitivity", grade=3) == (0, 1)
    assert counts(results, "grade", "grade_sensitivity", analysis="evaluable", grade=1) == (1, 1)


def test_a_declined_eye_is_wrong_first_and_referred_as_used(results):
    assert counts(results, "grade", "specificity") == (3, 4)
    assert counts(results, "grade", "specificity", "evaluable") == (3, 3)
    assert counts(results, "grade", "specificity", "as_used") == (3, 4)
    used = counts(results, "grade", "grade_sensitivity", "as_used", grade=1)
    assert used == (1, 2)


def test_the_worse_eye_decides_for_the_patient(results):
    # p1 and p3 R are positive; p3 and p4 have an eye without a reference grade, which leaves them without one
    assert counts(results, "patient", "sensitivity") == (1, 1)
    assert counts(results, "patient", "specificity") == (0, 1)  # p2: one eye declined


def test_oedema_refers_an_eye_whose_retinopathy_does_not(results):
    # positive by the reference: p1R, p2L (oedema alone) and p3R; p4L is called by a false oedema, p2R is declined
    assert counts(results, "refer", "sensitivity") == (3, 3)
    assert counts(results, "refer", "specificity") == (1, 3)
    assert {row.reference for row in results.flow if row.endpoint == "refer"} == {
        "positive",
        "negative",
        "indeterminate",
    }


def test_declining_the_right_eyes_is_counted_by_itself(results):
    assert counts(results, "quality", "sensitivity") == (1, 2)
    assert counts(results, "quality", "specificity") == (5, 6)
    [table] = [table for table in results.tables if (table.endpoint, table.name) == ("quality", "confusion")]
    assert [row[:2] for row in table.counts] == [[1, 1], [1, 5]]


def test_quality_of_the_picture_is_a_stratum_like_any_other(results):
    assert counts(results, "grade", "exact_agreement", stratum={"quality": "poor"}) == (0, 1)
    assert counts(results, "grade", "exact_agreement", stratum={"quality": "good"}) == (3, 5)


@pytest.mark.parametrize(
    ("declared", "reasons"),
    [
        ("", ["no_local_prevalence"] * 3),
        ('positive_when: ">= 2", unit: eye, ', [None, "prevalence_of_other_cut", "prevalence_of_other_unit"]),
        ('positive_when: ">= 2", ', [None, "prevalence_of_other_cut", None]),
        ('positive_when: "> 2", unit: eye, ', ["prevalence_of_other_cut", None, "prevalence_of_other_cut"]),
        ("unit: eye, ", ["prevalence_of_other_cut"] * 3),  # of every grade? nobody knows
    ],
)
def test_a_local_prevalence_holds_for_the_cut_and_the_unit_that_were_counted(tmp_path, declared, reasons):
    share = f"local_prevalence: [{{finding: dr, {declared}value: 0.1, source: register}}]\n" if declared else ""
    metrics = ["ppv_local", "npv_local"]
    asked = [
        {**GRADE, "metrics": metrics},
        {**GRADE, "name": "severe", "positive_when": ">= 3", "metrics": metrics},
        {**GRADE, "name": "patient", "unit": "patient", "metrics": metrics},
    ]
    found = run(tmp_path, asked, card=CARD + share)
    rows = [row for row in found.estimates if row.analysis == "as_used" and not row.stratum]
    assert [row.endpoint for row in rows[::2]] == ["grade", "severe", "patient"]
    for row, reason in zip(rows, [each for each in reasons for _ in metrics], strict=True):
        about = {"no_local_prevalence", "prevalence_of_other_cut", "prevalence_of_other_unit"}
        assert (row.not_estimable if row.not_estimable in about else None) == reason


def test_a_row_about_the_other_eye_fails_its_case(tmp_path):
    found = run(tmp_path, ENDPOINTS[:1], sides={"p1L": "OS", "p1R": "left", "p3R": "B"})
    assert sum(row.failed for row in found.flow) == 1
    assert counts(found, "grade", "sensitivity") == (1, 2)  # p1R is lost
    [error] = [row for row in found.errors if row.unit_id == "p1/R"]
    assert error.reason.startswith("invalid output: laterality L of a case that is R")


def test_a_word_that_is_no_side_stops_everything(tmp_path):
    with pytest.raises(CandidateError, match=r"adapters\.side_unknown"):
        run(tmp_path, ENDPOINTS[:1], sides={"p1L": "up"})


@pytest.mark.parametrize(
    ("stated", "own", "fails"),
    [("L", "R", True), ("R", "L", True), ("L", "L", False), ("", "R", False), ("B", "R", False), ("L", "", False)],
)
def test_an_answer_of_the_other_side_has_failed(stated, own, fails):
    case = a_case("c1")
    case = type(case)(case_id="c1", patient_id="p", exam_id="c1", laterality=own, files=(), strata={})
    answer = Answer(case_id="c1", status="answered", grades={"dr": GradeAnswer(grade=1)}, laterality=stated)
    found = on_its_side(answer, case)
    if fails:
        assert (found.status, found.grades) == ("failed", {})
        assert found.reason == f"laterality {stated} of a case that is {own}"
    else:
        assert found is answer


@pytest.mark.parametrize("where", ["endpoint", "rule"])
def test_a_grade_that_the_scale_has_not_is_refused(tmp_path, where):
    metric = {"name": "grade_sensitivity", "grade": [0, 5] if where == "endpoint" else 0}
    rule = {"id": "r", "candidate": "*", "endpoint": "grade", "at_least": 0.5}
    rule["metric"] = {"name": "grade_sensitivity", "grade": 5 if where == "rule" else 0}
    with pytest.raises(ProtocolError, match=r"tasks\.grade_unknown"):
        run(tmp_path, [{**GRADE, "metrics": [metric]}], acceptance=[rule])


def test_a_finding_that_the_card_has_not_is_refused_in_a_referral(tmp_path):
    other = {**ENDPOINTS[2], "positive_when": {"glaucoma": ">= 1"}, "scales": {"glaucoma": [0, 1]}}
    with pytest.raises(ProtocolError, match=r"protocol\.unknown_finding"):
        run(tmp_path, [other])


def test_the_side_of_an_answer_is_read_strictly_and_kept():
    origin = Origin(case_id="c1", images={}, sop_instance_uids={})
    said = {"status": "answered", "grades": {"dr": {"grade": 1}}}
    answer = read_answer({**said, "laterality": "L"}, "c1", origin)
    assert answer.laterality == "L"
    assert answer_from_json(answer_to_json(answer)) == answer
    assert read_answer(said, "c1", origin).laterality == ""
    for wrong in ("left", 1, ["L"]):
        found = read_answer({**said, "laterality": wrong}, "c1", origin)
        assert (found.status, found.laterality) == ("failed", "")
        assert found.reason.startswith("laterality: expected L | R | B")


def test_a_vendors_words_for_grades_are_translated_and_an_unknown_one_stops_everything(tmp_path):
    path = tmp_path / "answers.csv"
    cases = [CaseKeys(case=a_case(name), sop_instance_uids={}) for name in ("c1", "c2")]
    adapter = Predictions(path="answers.csv", finding="etdrs", grade_words={"53A-D": 53, "53E": 53, "R0": 10})
    path.write_text("case_id,grade\nc1,53E\nc2,R0\n", encoding="utf-8")
    assert [asked.answer.grades["etdrs"].grade for asked in adapter.answers(cases, tmp_path)] == [53, 10]
    path.write_text("case_id,grade\nc1,53E\nc2,43\n", encoding="utf-8")
    with pytest.raises(CandidateError, match=r"adapters\.grade_word_unknown"):
        list(adapter.answers(cases, tmp_path))
