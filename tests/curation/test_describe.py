"""The composition of a set, counted by hand."""

import json

from dmn_bench.curation.describe import composition_rows, describe, grids
from dmn_bench.record import CompositionRow
from dmn_bench.reference_set import load
from dmn_bench.statistics.proportions import wilson
from dmn_bench.vocabulary import NotEstimable

from ..set_factory import a_set, card_with

CASES = (
    "case_id,patient_id,exam_id,files,sex,age_years",
    "c1,p1,e1,,F,17",
    "c2,p1,e1,,F,17",
    "c3,p2,e2,,M,70",
    "c4,p3,e3,,,",
    "c5,p4,e4,,M,30",
)
TRUTH = ("exam_id,finding,value", "e1,fracture,positive", "e2,fracture,negative", "e3,fracture,indeterminate")


def test_truth_is_counted_in_the_unit_that_it_is_stated_for(tmp_path):
    found = describe(load(a_set(tmp_path, cases=CASES, truth=TRUTH)))
    assert (found.n_cases, found.n_exams, found.n_patients) == (5, 4, 4)
    assert found.units_per_patient == {"case": {1: 3, 2: 1}, "exam": {1: 4}}
    (fracture,) = found.findings
    assert fracture.unit == "exam"
    assert fracture.references == {"positive": 1, "negative": 1, "indeterminate": 1, "missing": 1}
    assert fracture.prevalence == 0.5
    assert fracture.interval == wilson(1, 2)
    assert {column: n for column, n in found.missing.items() if n} == {"files": 5, "sex": 1, "age_years": 1}


def test_levels_are_in_their_order_and_what_is_not_recorded_stays(tmp_path):
    found = describe(load(a_set(tmp_path, cases=CASES, truth=TRUTH)))
    assert [(row.field, row.level, row.n_cases, row.n_patients) for row in found.levels] == [
        ("", "", 5, 4),
        ("sex", "F", 2, 1),
        ("sex", "M", 2, 2),
        ("sex", "not recorded", 1, 1),
        ("age", "[0, 18)", 2, 1),
        ("age", "[18, 65)", 1, 1),
        ("age", ">=65", 1, 1),
        ("age", "not recorded", 1, 1),
    ]
    by_level = {(row.field, row.level): row.references["fracture"] for row in found.levels}
    assert by_level["sex", "F"] == {"positive": 2}
    assert by_level["sex", "M"] == {"negative": 1, "missing": 1}


def test_a_level_of_the_card_without_a_case_is_shown_as_empty(tmp_path):
    card = card_with(strata="{sex: {column: sex, levels: [F, M, X]}}")
    found = describe(load(a_set(tmp_path, card=card, cases=CASES, truth=TRUTH)))
    assert [(row.level, row.n_cases) for row in found.levels if row.field == "sex"][2] == ("X", 0)


def test_the_interval_is_wider_when_patients_come_several_times(tmp_path):
    cases = ("case_id,patient_id,exam_id,files,sex,age_years", *(f"c{i},p{i // 2},e{i},,F,40" for i in range(40)))
    truth = ("case_id,finding,value", *(f"c{i},fracture,{'positive' if i // 2 % 2 else 'negative'}" for i in range(40)))
    (fracture,) = describe(load(a_set(tmp_path, cases=cases, truth=truth))).findings
    alone = wilson(20, 40)
    assert fracture.prevalence == 0.5
    assert fracture.interval.high - fracture.interval.low > alone.high - alone.low


def test_grades_have_counts_but_no_prevalence(tmp_path):
    truth = ("case_id,finding,value", "c1,fracture,10", "c2,fracture,2", "c3,fracture,indeterminate")
    (grade,) = describe(load(a_set(tmp_path, cases=CASES, truth=truth))).findings
    assert list(grade.references.items()) == [("2", 1), ("10", 1), ("indeterminate", 1), ("missing", 2)]
    assert isinstance(grade.prevalence, NotEstimable)
    assert isinstance(grade.interval, NotEstimable)


def test_grades_are_told_from_their_counts_and_no_empty_table_is_shown(tmp_path):
    truth = ("case_id,finding,value", "c1,fracture,10", "c2,fracture,2", "c3,fracture,2")
    whole = (
        "case_id,patient_id,exam_id,laterality,files,sex,age_years",
        *(f"c{i},p{i},e{i},L,,F,40" for i in (1, 2, 3)),
    )
    loaded = load(a_set(tmp_path, cases=whole, truth=truth))
    found = describe(loaded)
    assert grids(found, loaded.card, "fr")[1].rows[0][2] == "2\u202f:\xa02, 10\u202f:\xa01"
    assert all(grid.rows for grid in grids(found, loaded.card, "en"))


def test_the_rows_are_what_the_record_keeps(tmp_path):
    rows = composition_rows(describe(load(a_set(tmp_path, cases=CASES, truth=TRUTH))))
    assert [CompositionRow(**row).model_dump() for row in rows] == json.loads(json.dumps(rows))


def test_the_tables_are_worded_in_both_languages(tmp_path):
    loaded = load(a_set(tmp_path, cases=CASES, truth=TRUTH))
    english, french = (grids(describe(loaded), loaded.card, language) for language in ("en", "fr"))
    assert english[0].rows == (("5", "4", "4", "1"),)
    assert french[1].rows[0][:3] == ("fracture", "examen", "positifs 1, négatifs 1, indéterminés 1, manquants 1")
    for grid in (*english, *french):
        assert all(len(row) == len(grid.header) for row in grid.rows)


def test_titles_of_the_card_stand_before_the_names_that_a_protocol_needs(tmp_path):
    strata = (
        "{sex: {column: sex, title: {fr: Sexe du patient}, level_titles: {F: {fr: femmes}}}, "
        'age: {column: age_years, edges: [18], unit: ans, level_titles: {"<18": {fr: enfants}}}}'
    )
    findings = "[{name: fracture, title: {fr: Fracture récente}}]"
    loaded = load(a_set(tmp_path / "set", card=card_with(findings=findings, strata=strata), cases=CASES, truth=TRUTH))
    _, finding, levels, *_ = grids(describe(loaded), loaded.card, "fr")
    assert finding.rows[0][0] == levels.header[4] == "Fracture récente (fracture)"
    named = [row[:2] for row in levels.rows]
    assert ("Sexe du patient (sex)", "femmes (F)") in named
    assert ("ans (age)", "enfants (<18)") in named or ("ans (age)", ">=18") in named
    assert grids(describe(loaded), loaded.card, "en")[1].rows[0][0] == "fracture"


def test_numbers_of_a_finding_with_a_unit_are_counted_together(tmp_path):
    card = card_with(findings="[{name: pr, unit: ms}, {name: grade}]")
    truth = ("case_id,finding,value", "c1,pr,150", "c2,pr,162.5", "c3,pr,unverified", "c1,grade,1", "c2,grade,2")
    found = describe(load(a_set(tmp_path / "set", card=card, truth=truth)))
    assert [dict(each.references) for each in found.findings] == [
        {"stated": 2, "unverified": 1},
        {"1": 1, "2": 1, "missing": 1},
    ]
    assert dict(found.levels[0].references["pr"]) == {"stated": 2, "unverified": 1}
