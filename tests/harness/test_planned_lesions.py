"""Hit rules and what the set and the candidates have for them: said by the check of a protocol, not by its run."""

import json
from functools import cache

import pytest

from dmn_bench import reference_set
from dmn_bench.catalogue import build_catalogue
from dmn_bench.errors import CandidateError, DmnBenchError
from dmn_bench.harness import prepare
from dmn_bench.harness.planned_marks import check_marks
from dmn_bench.wordings import LANGUAGES, say_problem

from ..set_factory import CARD, a_set

CASES = ("case_id,patient_id,exam_id,files", "c1,p1,e1,", "c2,p1,e1,", "c3,p2,e2,")
PLACES = {
    "box": ("x,y,width,height", "1,1,5,5"),
    "point": ("x,y", "1,1"),
    "circle": ("x,y,diameter", "1,1,4"),
    "point_mm": ("x_mm,y_mm,z_mm", "1,1,1"),
    "sphere": ("x_mm,y_mm,z_mm,diameter_mm", "1,1,1,6"),
}
MARKS = {
    "box": ("x,y,width,height", "1,1,5,5"),
    "point": ("x,y", "1,1"),
    "point_mm": ("x_mm,y_mm,z_mm", "1,1,1"),
}


installed = cache(build_catalogue)


def protocol_in(
    folder, *, lesions="box", marks=None, cut="", drawn=(("c1", "l1"), ("c2", "l2"), ("c3", "l3")), **options
):
    """Three lesions in three cases of two exams, and a file with one mark of each case. ``cut``: a field of lesions."""
    columns, place = PLACES[lesions]
    columns, place = (f"{columns},{cut}", f"{place},large") if cut else (columns, place)
    rows = [f"{case},{lesion},fracture,{place}" for case, lesion in drawn]
    card = "\n".join(line for line in CARD.splitlines() if not line.startswith("strata"))
    root = a_set(folder / "set", card=card, cases=CASES, lesions=[f"case_id,lesion_id,finding,{columns}", *rows])
    reference_set.lock(root)
    named, at = MARKS[marks] if marks else ("score", "0.5")
    names = [line.partition(",")[0] for line in CASES[1:]]
    answers = [f"case_id,finding,{named}", *(f"{name},fracture,{at}" for name in names)]
    (folder / "answers.csv").write_text("\n".join(answers) + "\n", encoding="utf-8")
    written = {
        "format": "dmn-bench/protocol/1",
        "id": "p",
        "reference_set": "set",
        "candidates": [{"id": "a", "adapter": "predictions", "options": {"path": "answers.csv"}}],
        "endpoints": [
            {"name": "places", "task": "detection", "finding": "fracture", "metrics": ["lesion_sensitivity"], **options}
        ],
    }
    path = folder / "p.yaml"
    path.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return path


def said(path, *, error=DmnBenchError):
    """The problems of a check, each proved to have its sentence in every language."""
    try:
        check_marks(prepare(path, catalogue=installed()))
    except error as raised:
        for problem in raised.problems:
            assert all(say_problem(problem, language) for language in LANGUAGES)
        return raised.problems
    return ()


@pytest.mark.parametrize(
    ("rule", "fitting"),
    [
        ({"iou_at_least": 0.2}, ["box", "circle", "sphere"]),
        ({"centre_in_region": True}, ["box", "circle", "sphere"]),
        ({"distance_px_at_most": 20}, ["box", "circle", "point"]),
        ({"distance_mm_at_most": 20}, ["point_mm", "sphere"]),
        ({"luna16": True}, ["sphere"]),
    ],
)
def test_a_rule_is_held_to_the_lesions_before_the_run(tmp_path, rule, fitting):
    for lesions in PLACES:
        found = said(protocol_in(tmp_path / lesions, lesions=lesions, hit_rule=rule))
        assert [problem.key for problem in found] == [] if lesions in fitting else ["planned.lesions_unfit"]


def test_the_lesions_are_counted_and_the_first_are_named(tmp_path):
    [problem] = said(protocol_in(tmp_path, hit_rule={"distance_mm_at_most": 20}))
    assert (problem.facts["n"], problem.facts["total"]) == (3, 3)
    sentence = say_problem(problem, "en")
    assert sentence.startswith("p.yaml:22:")
    assert "needs x_mm, y_mm / x, y + PixelSpacing of every lesion, and 3 of the 3 reference lesions" in sentence
    assert "lesion l1 of case c1 is the first, then c2 (l2), c3 (l3)" in sentence
    assert sentence.endswith("fits: iou_at_least, centre_in_region, distance_px_at_most.")
    assert "la lésion l1 du cas c1 est la première" in say_problem(problem, "fr")


def test_one_lesion_is_named_alone(tmp_path):
    [problem] = said(protocol_in(tmp_path, drawn=[("c2", "x")], hit_rule={"luna16": True}))
    assert "lesion x of case c2 (1 of 1) has not" in say_problem(problem, "en")


def test_the_matching_of_the_luna16_program_cannot_be_chosen(tmp_path):
    path = protocol_in(tmp_path, lesions="sphere", hit_rule={"luna16": True}, matching="optimal")
    assert [problem.key for problem in said(path)] == ["planned.matching_of_luna16"]


@pytest.mark.parametrize("lesions", ["box", "circle", "sphere"])
def test_regions_may_be_asked_for_where_every_lesion_is_a_box_for_marks_have_regions_too(tmp_path, lesions):
    path = protocol_in(tmp_path, lesions=lesions, hit_rule={"iou_at_least": 0.2, "iou_of": "region"})
    assert not said(path)


@pytest.mark.parametrize("drawn", [(("c1", "l1"), ("c2", "l1"), ("c3", "l3")), (("c1", "l1"), ("c2", "l2")), ()])
@pytest.mark.parametrize("unit", ["case", "exam", "patient"])
def test_lesions_may_be_taken_by_id_before_any_is_on_two_views(tmp_path, unit, drawn):
    path = protocol_in(tmp_path, drawn=drawn, unit=unit, hit_rule={"iou_at_least": 0.2})
    content = json.loads(path.read_text(encoding="utf-8"))
    content["endpoints"][0]["lesions"] = "by_id"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert not said(path)


@pytest.mark.parametrize(
    ("rule", "lesions", "fitting"),
    [
        ({"iou_at_least": 0.2}, "box", ["box"]),
        ({"centre_in_region": True}, "box", ["box", "point"]),
        ({"distance_px_at_most": 20}, "point", ["box", "point"]),
        ({"distance_mm_at_most": 20}, "point_mm", ["point_mm"]),
        ({"centre_in_region": True}, "sphere", ["point_mm"]),
        ({"iou_at_least": 0.2}, "sphere", []),
        ({"luna16": True}, "sphere", ["point_mm"]),
    ],
)
def test_marks_that_no_rule_compares_with_the_lesions_are_found_in_the_files(tmp_path, rule, lesions, fitting):
    for marks in MARKS:
        found = said(protocol_in(tmp_path / marks, lesions=lesions, marks=marks, hit_rule=rule), error=CandidateError)
        assert [problem.key for problem in found] == ([] if marks in fitting else ["planned.marks_unfit"])


def test_what_marks_and_lesions_have_is_named(tmp_path):
    [problem] = said(protocol_in(tmp_path, marks="point_mm", hit_rule={"iou_at_least": 0.2}))
    sentence = say_problem(problem, "en")
    assert sentence.startswith("p.yaml:6:")
    assert "any of the 3 marks of fracture by the candidate a" in sentence
    assert "the marks have x_mm, y_mm, z_mm, the lesions x, y, width, height" in sentence


def test_without_marks_or_without_lesions_there_is_nothing_to_compare(tmp_path):
    assert said(protocol_in(tmp_path / "silent", hit_rule={"iou_at_least": 0.2})) == ()
    assert said(protocol_in(tmp_path / "normal", drawn=(), marks="point_mm", hit_rule={"iou_at_least": 0.2})) == ()


def test_what_is_wrong_with_a_file_of_marks_is_said_by_the_check(tmp_path):
    path = protocol_in(tmp_path, marks="box", hit_rule={"iou_at_least": 0.2})
    with (tmp_path / "answers.csv").open("a", encoding="utf-8") as file:
        file.write("nobody,fracture,1,1,5,5\n")
    [problem] = said(path, error=CandidateError)
    assert "nobody" in str(problem.facts)
