"""Scales, cuts and maps: as the literature has them, and refused where they make no sense."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError
from dmn_bench.tasks.grade_cuts import cut_of, grades_of, positions_on
from dmn_bench.tasks.grading import Grading
from dmn_bench.tasks.scales import MAPS, SCALES

from .factories import FINDING, ITD, a_unit, by_case, column, context, graded

# One eye, ETDRS report 12 (level 90 is "cannot grade"), and its international equivalent, Wilkinson 2003.
ETDRS = {10: 0, 20: 1, 35: 2, 43: 2, 47: 2, 53: 3, 61: 4, 65: 4, 71: 4, 75: 4, 81: 4, 85: 4}


def test_the_levels_of_the_etdrs_and_their_international_grades_are_those_of_the_literature():
    assert tuple(SCALES["etdrs"].grades) == tuple(ETDRS)
    assert dict(MAPS["etdrs", "icdr"].grades) == ETDRS


@pytest.mark.parametrize("name", list(SCALES))
def test_every_scale_ascends_has_two_languages_and_a_source(name):
    scale = SCALES[name]
    assert all(low < high for low, high in pairwise(scale.grades))
    assert min(scale.grades) >= 0
    assert len(scale.grades) >= 2
    titles = [scale.title, *scale.grades.values()]
    assert all(title.en and title.fr for title in titles)
    assert len({title.en for title in scale.grades.values()}) == len(scale.grades)
    assert len({title.fr for title in scale.grades.values()}) == len(scale.grades)
    assert scale.source


@pytest.mark.parametrize("pair", list(MAPS))
def test_a_map_leaves_no_grade_out_and_keeps_the_order(pair):
    finer, coarser = pair
    found = MAPS[pair].grades
    assert list(found) == list(SCALES[finer].grades)
    assert set(found.values()) == set(SCALES[coarser].grades)
    assert all(low <= high for low, high in pairwise(found.values()))


@given(st.lists(st.integers(0, 60), min_size=2, max_size=20, unique=True).map(sorted), st.data())
def test_a_cut_calls_exactly_the_grades_positive_that_it_names(grades, data):
    lowest = data.draw(st.sampled_from(grades[1:]))
    position = cut_of(f">= {lowest}", grades)
    assert [grade >= lowest for grade in grades] == [place >= position for place in range(len(grades))]
    assert cut_of(f"> {lowest - 1}", grades) == position


@pytest.mark.parametrize("own", [[], [0], [3, 2, 1], [0, 0, 1], [-1, 0, 1], list(range(101))])
def test_own_grades_ascend_from_the_mildest(own):
    with pytest.raises(ProtocolError, match=r"tasks\.grades_not_ascending"):
        grades_of(None, own)


@pytest.mark.parametrize(("scale", "own"), [(None, None), ("icdr", [0, 1])])
def test_a_scale_is_named_or_listed_and_not_both(scale, own):
    with pytest.raises(ProtocolError, match=r"tasks\.scale_or_grades"):
        grades_of(scale, own)


@pytest.mark.parametrize(("scale", "stated_on"), [("icdr", "dme"), ("etdrs", "icdr"), (None, "etdrs"), ("icdr", "x")])
def test_a_scale_from_which_no_map_leads_is_refused(scale, stated_on):
    with pytest.raises(ProtocolError, match=r"tasks\.scale_without_map"):
        positions_on((0, 1), scale, stated_on)


def test_own_grades_need_not_start_at_nought_nor_be_neighbours():
    task = Grading(finding=FINDING, grades=(1, 2, 5), positive_when="> 2")
    units = [a_unit("u1", "5"), a_unit("u2", "1"), a_unit("u3", "2")]
    answers = by_case(graded("u1-case", 5), graded("u2-case", 2), graded("u3-case", 3))
    found = task.judge(units, answers, context(units, ITD))
    assert column(found, "reference_grade") == [2, 0, 1]
    assert column(found, "reference_value") == [5, 1, 2]
    assert column(found, "own_grade") == [2, 1, -1]
    assert column(found, "call")[:2] == [1, 0]
    assert found.units.reasons[2] == "grade not on the scale"


def test_references_and_answers_on_the_etdrs_scale_are_judged_as_international_grades():
    task = Grading(finding=FINDING, scale="icdr", positive_when=">= 2", reference_scale="etdrs", answer_scale="etdrs")
    units = [a_unit(f"u{n}", str(level)) for n, level in enumerate(ETDRS)]
    levels = list(ETDRS)
    answers = by_case(*(graded(f"u{n}-case", level) for n, level in enumerate([*levels[1:], 85])))
    found = task.judge(units, answers, context(units, ITD))
    assert column(found, "reference_grade") == list(ETDRS.values())
    assert column(found, "own_grade") == [ETDRS[level] for level in [*levels[1:], 85]]
    assert found.units.references == tuple(str(grade) for grade in ETDRS.values())
    grades, confusion = task.tables(found)
    assert grades.rows == ("0", "1", "2", "3", "4")
    assert sum(map(sum, grades.counts)) == sum(map(sum, confusion.counts)) == len(ETDRS)


def test_scores_on_a_finer_scale_add_up_at_the_grade_they_stand_for():
    task = Grading(finding=FINDING, scale="icdr", positive_when=">= 2", answer_scale="etdrs")
    units = [a_unit("u1", "2")]
    scores = (0.0, 0.4, 0.2, 0.2, 0.2, *(0.0,) * 7)
    found = task.judge(units, by_case(graded("u1-case", None, scores)), context(units, ITD))
    assert column(found, "own_grade") == [2]
    assert column(found, "score") == pytest.approx([0.4 * 1 + 0.6 * 2])
