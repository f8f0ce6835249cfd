"""Cases grouped into units, and the truth that each unit has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.reference_set import load, units
from dmn_bench.reference_set.units import highest

from .set_factory import a_set, card_with, problems_of

CASES = (
    "case_id,patient_id,exam_id,laterality,files",
    "c1,p1,e1,L,",
    "c2,p1,e1,R,",
    "c3,p1,e2,L,",
    "c4,p2,e3,R,",
    "c5,,,L,",
)


def references(tmp_path, unit, *truth):
    lines = ("case_id,exam_id,patient_id,finding,value", *truth)
    root = a_set(tmp_path, card=card_with(strata="{}", findings="[{name: f}, {name: g}]"), cases=CASES, truth=lines)
    return {each.unit_id: each.reference for each in units(load(root), finding="f", unit=unit)}


@pytest.mark.parametrize(
    ("unit", "ids"),
    [
        ("case", ["c1", "c2", "c3", "c4", "c5"]),
        ("record", ["c1", "c2", "c3", "c4", "c5"]),
        ("lesion", ["c1", "c2", "c3", "c4", "c5"]),
        ("exam", ["e1", "e2", "e3", "c5"]),
        ("eye", ["p1/L", "p1/R", "p2/R", "c5/L"]),
        ("patient", ["p1", "p2", "c5"]),
    ],
)
def test_every_case_is_in_exactly_one_unit_in_the_order_of_the_table(tmp_path, unit, ids):
    loaded = load(a_set(tmp_path, card=card_with(strata="{}"), cases=CASES, truth=None))
    found = units(loaded, finding="fracture", unit=unit)
    assert [each.unit_id for each in found] == ids
    assert sorted(case.case_id for each in found for case in each.cases) == ["c1", "c2", "c3", "c4", "c5"]
    assert all(case.patient_id == each.patient_id for each in found for case in each.cases)


def test_a_unit_has_the_truth_stated_at_its_level_whatever_its_cases_say(tmp_path):
    found = references(tmp_path, "exam", ",e1,,f,negative", "c1,,,f,positive", "c3,,,f,positive")
    assert found == {"e1": "negative", "e2": "positive", "e3": None, "c5": None}


def test_a_unit_without_a_statement_has_the_highest_of_its_parts(tmp_path):
    truth = (
        "c1,,,f,negative",
        "c2,,,f,positive",
        "c3,,,f,negative",
        ",e3,,f,indeterminate",
        "c5,,,f,negative",
        "c1,,,g,positive",
    )
    assert references(tmp_path, "exam", *truth) == {
        "e1": "positive",
        "e2": "negative",
        "e3": "indeterminate",
        "c5": "negative",
    }
    assert references(tmp_path, "patient", *truth) == {"p1": "positive", "p2": "indeterminate", "c5": "negative"}
    assert references(tmp_path, "eye", *truth) == {
        "p1/L": "negative",
        "p1/R": "positive",
        "p2/R": None,
        "c5/L": "negative",
    }


def test_a_negative_whole_makes_its_parts_negative_and_a_positive_one_says_nothing_of_them(tmp_path):
    truth = (",,p1,f,negative", ",e3,,f,positive")
    assert references(tmp_path, "case", *truth) == {
        "c1": "negative",
        "c2": "negative",
        "c3": "negative",
        "c4": None,
        "c5": None,
    }
    assert references(tmp_path, "exam", *truth) == {"e1": "negative", "e2": "negative", "e3": "positive", "c5": None}


def test_the_nearest_level_above_counts(tmp_path):
    found = references(tmp_path, "case", ",,p1,f,negative", ",e1,,f,positive")
    assert (found["c1"], found["c3"]) == (None, "negative")


def test_unverified_comes_down_too(tmp_path):
    assert references(tmp_path, "case", ",e1,,f,unverified")["c1"] == "unverified"


def test_a_half_stated_exam_is_not_called_negative(tmp_path):
    assert references(tmp_path, "exam", "c1,,,f,negative")["e1"] is None
    assert references(tmp_path, "exam", "c1,,,f,positive")["e1"] == "positive"


def test_an_eye_has_the_higher_grade_and_none_while_a_part_could_not_be_graded(tmp_path):
    assert references(tmp_path, "eye", "c1,,,f,2", "c3,,,f,10")["p1/L"] == "10"
    assert references(tmp_path, "eye", "c1,,,f,2", "c3,,,f,indeterminate")["p1/L"] == "indeterminate"


def test_lesions_lie_with_their_case_and_only_those_of_the_finding(tmp_path):
    lesions = ("case_id,lesion_id,finding,x,y", "c1,a,f,1,1", "c2,b,f,1,1", "c1,c,g,1,1")
    card = card_with(strata="{}", findings="[{name: f}, {name: g}]")
    loaded = load(a_set(tmp_path, card=card, cases=CASES, truth=None, lesions=lesions))
    (exam, *others) = units(loaded, finding="f", unit="exam")
    assert {case: [lesion.lesion_id for lesion in found] for case, found in exam.lesions.items()} == {
        "c1": ["a"],
        "c2": ["b"],
    }
    assert all(not each.lesions for each in others)


def test_an_eye_needs_a_side_and_every_case_without_is_named(tmp_path):
    cases = (CASES[0], "c1,p1,e1,,", "c2,p1,e1,B,", "c3,p1,e1,L,")
    loaded = load(a_set(tmp_path, card=card_with(strata="{}"), cases=cases, truth=None))
    key = "refset.eye_without_side"
    assert problems_of(lambda: units(loaded, finding="fracture", unit="eye")) == [("c1", key), ("c2", key)]


def test_an_unknown_finding_or_unit_is_told_with_the_nearest(tmp_path):
    loaded = load(a_set(tmp_path))
    assert problems_of(lambda: units(loaded, finding="fractur", unit="patients")) == [
        ("fractur", "refset.finding_unknown_nearest"),
        ("patients", "refset.unit_unknown_nearest"),
    ]


VALUES = st.sampled_from(["positive", "negative", "indeterminate", "unverified", None])


@given(st.lists(VALUES, min_size=1), st.lists(VALUES, min_size=1))
def test_the_highest_is_the_same_in_any_order_and_in_any_grouping(first, second):
    whole = highest([*first, *second])
    assert whole == highest([*second, *first])
    assert whole == highest([highest(first), highest(second)])


@given(st.lists(VALUES, min_size=1))
def test_a_unit_is_negative_only_if_every_part_is(values):
    assert (highest(values) == "negative") == (set(values) == {"negative"})
