"""How judgements are cut: no row lost, none doubled, empty levels shown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench import strata
from dmn_bench.tasks.classification import Classification
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.vocabulary import NOT_RECORDED, SEVERAL_VALUES

from .tasks.factories import (
    EVALUABLE,
    FINDING,
    a_box,
    a_case,
    a_lesion,
    a_unit,
    by_case,
    context,
    marked,
    scored,
    unanswered,
)


def judged(units, analysis=None, silent=()):
    answers = [unanswered(c.case_id) if u.unit_id in silent else scored(c.case_id, 0.9) for u in units for c in u.cases]
    given = {} if analysis is None else {"analysis": analysis}
    return Classification(finding=FINDING).judge(units, by_case(*answers), context(units, score_at_least=0.5, **given))


def as_lists(cuts):
    return [(cut.stratum, cut.rows.tolist()) for cut in cuts]


def test_all_rows_come_first_then_each_level():
    units = [a_unit("u1", sex="F"), a_unit("u2", sex="M"), a_unit("u3", sex="F")]
    assert as_lists(strata.split(judged(units), units, ["sex"])) == [
        (None, [0, 1, 2]),
        ({"sex": "F"}, [0, 2]),
        ({"sex": "M"}, [1]),
    ]


def test_a_missing_value_is_a_level_and_the_last_one():
    units = [a_unit("u1", sex=NOT_RECORDED), a_unit("u2", sex="F"), a_unit("u3")]
    assert as_lists(strata.split(judged(units), units, ["sex"]))[1:] == [
        ({"sex": "F"}, [1]),
        ({"sex": NOT_RECORDED}, [0, 2]),
    ]


def test_a_unit_whose_cases_differ_has_several_values():
    two_views = (a_case("a", "p", view="front"), a_case("b", "p", view="side"))
    units = [a_unit("u1", cases=two_views), a_unit("u2", view="front")]
    assert as_lists(strata.split(judged(units), units, ["view"]))[1:] == [
        ({"view": "front"}, [1]),
        ({"view": SEVERAL_VALUES}, [0]),
    ]


def test_a_level_without_rows_is_listed_when_the_set_has_it():
    units = [a_unit("u1", sex="F"), a_unit("u2", sex="M")]
    levels = strata.levels_of(units, ["sex"])
    cuts = strata.split(judged(units, EVALUABLE, silent=["u2"]), units, ["sex"], levels)
    assert as_lists(cuts)[1:] == [({"sex": "F"}, [0]), ({"sex": "M"}, [])]


def test_an_interaction_has_every_combination_of_levels():
    units = [a_unit("u1", sex="F", age="old"), a_unit("u2", sex="M", age="young")]
    assert as_lists(strata.split(judged(units), units, [["sex", "age"]]))[1:] == [
        ({"sex": "F", "age": "old"}, [0]),
        ({"sex": "F", "age": "young"}, []),
        ({"sex": "M", "age": "old"}, []),
        ({"sex": "M", "age": "young"}, [1]),
    ]


def test_units_are_joined_by_id_and_not_by_position():
    units = [a_unit("u1", sex="F"), a_unit("u2", sex="M")]
    assert as_lists(strata.split(judged(units), units[::-1], ["sex"])) == as_lists(
        strata.split(judged(units), units, ["sex"])
    )


def test_lesions_are_cut_by_their_own_field_and_images_count_in_every_level():
    lesions = (a_lesion("l1", strata={"size": "small"}), a_lesion("l2", x=50, strata={"size": "large"}))
    units = [a_unit("u1", lesions={"u1-case": lesions})]
    task = Detection(finding=FINDING, hit_rule=HitRule(iou_at_least=0.5))
    found = task.judge(units, by_case(marked("u1-case", a_box(x=200, score=0.5))), context(units))
    kinds = found.columns["kind"]
    cuts = strata.split(found, units, ["size"])
    assert [(cut.stratum, kinds[cut.rows].tolist()) for cut in cuts] == [
        (None, [0, 0, 1, 2]),
        ({"size": "large"}, [0, 1, 2]),
        ({"size": "small"}, [0, 1, 2]),
    ]


def test_without_units_there_is_one_empty_cut():
    assert as_lists(strata.split(judged([]), [], ["sex"])) == [(None, [])]


@given(st.lists(st.sampled_from(["F", "M", "", NOT_RECORDED, "X, Y"]), max_size=20))
def test_every_row_lies_in_exactly_one_level_of_a_field(values):
    units = [a_unit(f"u{n}", sex=value) for n, value in enumerate(values)]
    cuts = strata.split(judged(units), units, ["sex"])[1:]
    together = np.concatenate([cut.rows for cut in cuts]) if cuts else np.zeros(0)
    assert sorted(together.tolist()) == list(range(len(values)))


def test_levels_worked_out_once_serve_every_judgement_of_the_same_units():
    units = [a_unit("u1", sex="F"), a_unit("u2", sex="M"), a_unit("u3", sex="F")]
    levels = strata.UnitLevels(units)
    for found in (judged(units), judged(units, EVALUABLE, silent=["u1"]), judged(units[:2])):
        assert as_lists(strata.split(found, levels, ["sex"])) == as_lists(strata.split(found, units, ["sex"]))
