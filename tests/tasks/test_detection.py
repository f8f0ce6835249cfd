"""Marks and lesions: hit rules, matching, and what a non-answer counts as."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule, intersection_over_union
from dmn_bench.tasks.mark_matching import match_marks
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, Lesion, Mark

from .factories import (
    EVALUABLE,
    FINDING,
    ITD,
    a_box,
    a_case,
    a_lesion,
    a_unit,
    by_case,
    context,
    marked,
    treating,
    unanswered,
)

HALF = HitRule(iou_at_least=0.5)
TASK = Detection(finding=FINDING, hit_rule=HALF)
UNIT, LESION, FALSE_POSITIVE, SILENT_IMAGE = 2, 0, 1, 3


def judge(units, answers, analysis=ITD, task=TASK, **point):
    return task.judge(units, answers, context(units, analysis, **point))


def with_lesions(unit_id, *lesions, reference="positive"):
    return a_unit(unit_id, reference, lesions={f"{unit_id}-case": lesions})


def rows(judgements, kind, name="score"):
    return judgements.columns[name][judgements.columns["kind"] == kind].tolist()


def matched(lesions, marks, rule=HALF, second_hits="ignored", case=None):
    found = match_marks(case or a_case(), lesions, marks, rule, second_hits)
    return [mark.score if mark else None for mark in found.hits], [mark.score for mark in found.false_positives]


class TestDetectionConforms(TaskChecks):
    silence_fails = False

    def task(self):
        return TASK

    def units(self):
        views = (a_case("c1", "p1"), a_case("c2", "p1"))
        two = a_unit("u1", "positive", cases=views, lesions={"c1": (a_lesion(),), "c2": (a_lesion("l2", x=30),)})
        more = (a_lesion(f"l{n}", weight=n + 1) for n in range(4))
        return [two, *(with_lesions(f"u{n}", lesion) for n, lesion in enumerate(more, 2)), a_unit("u8", "negative")]

    def answer(self, case):
        return marked(case.case_id, a_box(score=0.8), a_box(x=100, score=0.3))


class TestHitRules:
    def test_an_overlap_exactly_at_the_limit_is_a_hit(self):
        mark = a_box(width=5, score=1)
        assert intersection_over_union(mark, a_lesion()) == 0.5
        assert matched([a_lesion()], [mark]) == ([1], [])

    def test_a_point_is_no_box(self):
        point = Mark(finding=FINDING, x=5, y=5, score=1)
        assert matched([a_lesion()], [point]) == ([None], [1])
        assert matched([a_lesion()], [point], HitRule(centre_in_region=True)) == ([1], [])

    def test_the_edge_belongs_to_the_region(self):
        edge = Mark(finding=FINDING, x=10, y=10, score=1)
        assert matched([a_lesion()], [edge], HitRule(centre_in_region=True)) == ([1], [])

    def test_pixels_are_measured_between_centres(self):
        mark = Mark(finding=FINDING, x=5, y=8, score=1)
        assert matched([a_lesion()], [mark], HitRule(distance_px_at_most=3)) == ([1], [])
        assert matched([a_lesion()], [mark], HitRule(distance_px_at_most=2.9)) == ([None], [1])

    def test_millimetres_reach_the_limit_but_the_luna16_sphere_does_not(self):
        lesion = Lesion(lesion_id="l", finding=FINDING, image=None, frame=None, x_mm=0, y_mm=0, z_mm=0, diameter_mm=8)
        mark = Mark(finding=FINDING, x_mm=0, y_mm=0, z_mm=4, score=1)
        assert matched([lesion], [mark], HitRule(distance_mm_at_most=4)) == ([1], [])
        assert matched([lesion], [mark], HitRule(centre_in_region=True)) == ([1], [])
        assert matched([lesion], [mark], HitRule(luna16=True)) == ([None], [1])

    @pytest.mark.parametrize(
        "options",
        [{}, {"iou_at_least": 0}, {"iou_at_least": 1.1}, {"iou_at_least": 0.5, "luna16": True}],
    )
    def test_exactly_one_rule_with_a_number_in_range_is_needed(self, options):
        with pytest.raises(ProtocolError, match=r"tasks\.hit_rule"):
            HitRule(**options)

    def test_lesions_without_what_the_rule_needs_are_all_named(self):
        point = Lesion(lesion_id="l9", finding=FINDING, image=None, frame=None, x=5, y=5)
        with pytest.raises(ReferenceSetError, match="u1-case: l9"):
            judge([with_lesions("u1", point)], {})


class TestMatching:
    def test_one_mark_finds_one_lesion_the_nearest(self):
        near, far = a_lesion("near", x=1), a_lesion("far", x=3)
        assert matched([far, near], [a_box(score=0.9)]) == ([None, 0.9], [])

    def test_the_higher_score_chooses_first(self):
        assert matched([a_lesion()], [a_box(score=0.2), a_box(x=2, score=0.9)]) == ([0.9], [])

    def test_a_second_hit_is_ignored_or_false_as_the_protocol_says(self):
        marks = [a_box(score=0.9), a_box(x=1, score=0.2)]
        assert matched([a_lesion()], marks) == ([0.9], [])
        assert matched([a_lesion()], marks, second_hits="false_positive") == ([0.9], [0.2])

    def test_a_mark_on_a_lesion_to_ignore_is_neither_hit_nor_false(self):
        assert matched([a_lesion(ignore=True)], [a_box(score=0.9)]) == ([], [])

    def test_a_lesion_that_counts_goes_before_one_to_ignore(self):
        assert matched([a_lesion("i", ignore=True), a_lesion("l", x=3)], [a_box(score=0.9)]) == ([0.9], [])

    @pytest.mark.parametrize("rule", [{"luna16": True}, {"distance_mm_at_most": 5}, {"centre_in_region": True}])
    def test_a_mark_far_away_is_a_miss_and_no_overflow(self, rule):
        sphere = Lesion(lesion_id="l", finding=FINDING, image=None, frame=None, x_mm=0, y_mm=0, z_mm=0, diameter_mm=8)
        mark = Mark(finding=FINDING, x_mm=-1.7e308, y_mm=1.7e308, z_mm=1e200, score=1)
        assert matched([sphere], [mark], HitRule(**rule)) == ([None], [1])

    @pytest.mark.parametrize("rule", [{"iou_at_least": 0.1}, {"distance_px_at_most": 5}, {"centre_in_region": True}])
    @pytest.mark.parametrize("place", [{"x": 1.7e308, "y": -1.7e308}, {"x": 0, "width": 1.7e308, "height": 1.7e308}])
    def test_a_box_far_away_or_endless_is_a_miss_and_no_overflow(self, rule, place):
        mark = a_box(**{"x": 1e308, "width": 1.7e308, **place}, score=1)
        assert matched([a_lesion()], [mark], HitRule(**rule)) == ([None], [1])

    def test_images_and_frames_must_agree(self):
        case = a_case(files=("a.dcm", "b.dcm"))
        lesion = a_lesion(image="a.dcm", frame=2)
        on_it, other_image = a_box(score=0.9, image="a.dcm", frame=2), a_box(score=0.8, image="b.dcm", frame=2)
        other_frame = a_box(score=0.7, image="a.dcm")
        assert matched([lesion], [on_it, other_image, other_frame], case=case) == ([0.9], [0.8, 0.7])

    def test_slices_of_a_folder_are_told_apart(self):
        case = a_case(files=("series",))
        lesion = a_lesion(image="series/1.dcm")
        here, there, nowhere = (
            a_box(score=s, image=i) for s, i in ((0.9, "series/1.dcm"), (0.8, "series/2.dcm"), (0.7, None))
        )
        assert matched([lesion], [here, there, nowhere], case=case) == ([0.9], [0.8])

    @pytest.mark.parametrize("image", [None, "1.2.840.1", "c.dcm"])
    def test_a_lesion_on_no_known_image_of_several_is_an_error_and_not_a_miss(self, image):
        case = a_case("c1", files=("a.dcm", "b.dcm"))
        unit = a_unit("u1", cases=(case,), lesions={"c1": (a_lesion(image=image),)})
        with pytest.raises(ReferenceSetError, match=r"c1: l1 tasks\.lesion_image_unknown"):
            judge([unit], {})

    def test_one_image_needs_no_name(self):
        case = a_case(files=("a.dcm",))
        assert matched([a_lesion(image="a.dcm")], [a_box(score=0.9)], case=case) == ([0.9], [])

    def test_the_order_of_marks_in_the_file_does_not_matter(self):
        lesions = [a_lesion("l1"), a_lesion("l2", x=6)]
        marks = [a_box(x=3, score=0.5), a_box(x=2, score=0.5), a_box(x=60), a_box(x=5, score=0.5)]
        found = {tuple(match_marks(a_case(), lesions, order, HALF, "ignored").hits) for order in permutations(marks)}
        assert len(found) == 1


class TestLuna16:
    def sphere(self, x, lesion_id="l", diameter=8.0, ignore=False):
        return Lesion(
            lesion_id=lesion_id, finding=FINDING, image=None, frame=None, x_mm=x, y_mm=0, z_mm=0,
            diameter_mm=diameter, ignore=ignore,
        )  # fmt: skip

    def mark(self, x, score):
        return Mark(finding=FINDING, x_mm=x, y_mm=0, z_mm=0, score=score)

    def test_one_mark_may_find_two_nodules(self):
        lesions = [self.sphere(0), self.sphere(4, "m")]
        assert matched(lesions, [self.mark(2, 0.9)], HitRule(luna16=True)) == ([0.9, 0.9], [])

    def test_an_unknown_diameter_is_ten_millimetres(self):
        assert matched([self.sphere(0, diameter=-1)], [self.mark(4.9, 0.9)], HitRule(luna16=True)) == ([0.9], [])
        assert matched([self.sphere(0, diameter=-1)], [self.mark(5, 0.9)], HitRule(luna16=True)) == ([None], [0.9])

    def test_of_more_than_a_hundred_marks_those_above_the_next_are_kept(self):
        marks = [self.mark(100 + n, 1 - n / 1000) for n in range(99)] + [self.mark(300 + n, 0.5) for n in range(5)]
        _, alarms = matched([], marks, HitRule(luna16=True))
        assert len(alarms) == 99


class TestUnits:
    def test_a_unit_gives_its_lesions_its_false_positives_and_itself(self):
        units = [with_lesions("u1", a_lesion("l1", weight=3), a_lesion("l2", x=50, weight=1)), a_unit("u2", "negative")]
        answers = by_case(
            marked("u1-case", a_box(score=0.9), a_box(x=100, score=0.4)), marked("u2-case", a_box(score=0.6))
        )
        found = judge(units, answers, score_at_least=0.5)
        assert rows(found, LESION) == [0.9, -math.inf]
        assert rows(found, LESION, "weight") == [0.75, 0.25]
        assert rows(found, LESION, "called") == [1, 0]
        assert rows(found, FALSE_POSITIVE) == [0.4, 0.6]
        assert rows(found, FALSE_POSITIVE, "called") == [0, 1]
        assert rows(found, UNIT) == [0.4, 0.6]
        assert rows(found, UNIT, "normal") == [0, 1]
        assert rows(found, UNIT, "images") == [1, 1]

    def test_unanswered_means_unmarked_lesions_and_the_worst_rank_for_the_unit(self):
        units = [with_lesions("u1", a_lesion()), a_unit("u2", "negative")]
        found = judge(units, by_case(unanswered("u1-case"), unanswered("u2-case", "abstained")))
        assert rows(found, LESION) == [-math.inf]
        assert rows(found, UNIT) == [math.inf, math.inf]
        assert rows(found, UNIT, "normal") == [0, 1]

    @pytest.mark.parametrize("treatment", ["wrong", "positive"])
    def test_each_image_without_an_answer_counts_one_false_positive_above_every_score(self, treatment):
        series = a_unit("u2", "negative", cases=(a_case("c2", files=("a.dcm", "b.dcm")),))
        units = [a_unit("u1", "negative"), series]
        found = judge(units, by_case(marked("u1-case", a_box(score=1)), unanswered("c2")), treating(treatment))
        assert rows(found, SILENT_IMAGE) == [math.inf, math.inf]
        assert rows(found, SILENT_IMAGE, "called") == [1, 1]
        assert rows(found, UNIT, "images") == [1, 2]

    def test_an_image_without_an_answer_is_no_mark_of_the_device(self):
        units = [a_unit("u1", "negative", cases=(a_case("c1"), a_case("c2"))), a_unit("u2", "negative")]
        found = judge(units, by_case(marked("c1", a_box(score=1)), unanswered("c2"), marked("u2-case")))
        assert TASK.tables(found)[0].counts[1] == (1, 1)
        assert [error.kind for error in TASK.errors(found)] == ["unanswered"]

    def test_a_non_answer_set_apart_counts_no_image(self):
        units = [a_unit("u1", "negative", cases=(a_case("c1"), a_case("c2")))]
        found = judge(units, by_case(marked("c1"), unanswered("c2")), EVALUABLE)
        assert (rows(found, UNIT), rows(found, UNIT, "images")) == ([-math.inf], [1])

    def test_read_as_negative_a_non_answer_is_a_case_without_marks(self):
        found = judge([a_unit("u1", "negative")], by_case(unanswered("u1-case")), treating("negative"))
        assert (rows(found, UNIT), rows(found, UNIT, "images")) == ([-math.inf], [1])
        assert rows(found, SILENT_IMAGE) == []

    def test_a_doubt_with_marks_keeps_their_rank_and_calls_none_of_them_right(self):
        units = [with_lesions("u1", a_lesion())]
        found = judge(units, by_case(marked("u1-case", a_box(score=0.9), status="indeterminate")))
        assert (rows(found, LESION), rows(found, LESION, "called")) == ([0.9], [0])

    def test_each_case_of_a_unit_is_treated_by_its_own_state(self):
        views = (a_case("c1", "p"), a_case("c2", "p"))
        unit = a_unit("u1", cases=views, lesions={"c1": (a_lesion("l1"),), "c2": (a_lesion("l2"),)})
        answers = by_case(marked("c1", a_box(score=0.9)), unanswered("c2"))
        assert rows(judge([unit], answers), LESION) == [0.9, -math.inf]
        assert rows(judge([unit], answers, EVALUABLE), LESION) == [0.9]

    @pytest.mark.parametrize(("no_marks", "status"), [("negative", "answered"), ("failed", "failed")])
    def test_saying_nothing_of_marks_is_read_as_the_protocol_says(self, no_marks, status):
        task = Detection(finding=FINDING, hit_rule=HALF, no_marks=no_marks)
        found = judge([a_unit("u1", "negative")], by_case(Answer(case_id="u1-case", status="answered")), task=task)
        assert found.units.statuses == (status,)

    def test_marks_of_another_finding_are_none_of_this_one(self):
        other = Mark(finding="nodule", x=0, y=0, width=10, height=10, score=0.9)
        assert rows(judge([with_lesions("u1", a_lesion())], by_case(marked("u1-case", other))), LESION) == [-math.inf]

    def test_a_mark_with_a_score_that_is_not_finite_is_a_failure(self):
        found = judge([a_unit("u1", "negative")], by_case(marked("u1-case", a_box(score=math.nan))))
        assert found.units.reasons == ("score not finite",)

    def test_unscored_marks_rank_alike_where_all_are_and_worst_where_some_are_not(self):
        units = [with_lesions("u1", a_lesion()), a_unit("u2", "negative")]
        unscored = by_case(marked("u1-case", a_box()), marked("u2-case", a_box()))
        assert (rows(judge(units, unscored), LESION), rows(judge(units, unscored), FALSE_POSITIVE)) == ([0], [0])
        mixed = by_case(marked("u1-case", a_box()), marked("u2-case", a_box(), a_box(x=50, score=0.5)))
        found = judge(units, mixed)
        assert (rows(found, LESION), sorted(rows(found, FALSE_POSITIVE))) == ([-math.inf], [0.5, math.inf])

    def test_a_unit_without_truth_counts_by_its_lesions_alone(self):
        units = [a_unit("u1", None, lesions={"u1-case": (a_lesion(),)}), a_unit("u2", None)]
        found = judge(units, by_case(marked("u1-case"), marked("u2-case")))
        assert found.units.references == ("positive", "missing")
        assert set(found.row_units.tolist()) == {0}

    def test_a_positive_unit_without_a_drawn_lesion_is_no_normal_one(self):
        assert rows(judge([a_unit("u1", "positive")], by_case(marked("u1-case"))), UNIT, "normal") == [0]

    def test_errors_list_missed_lesions_false_marks_and_non_answers(self):
        units = [with_lesions("u1", a_lesion()), a_unit("u2", "negative"), with_lesions("u3", a_lesion())]
        answers = by_case(marked("u1-case"), marked("u2-case", a_box(score=0.9)), unanswered("u3-case"))
        found = [(error.unit_id, error.kind) for error in TASK.errors(judge(units, answers))]
        assert found == [("u1", "missed_lesion"), ("u3", "unanswered"), ("u2", "false_positive_mark")]

    def test_errors_name_their_lesion_and_place_and_the_largest_lesion_and_the_highest_score_come_first(self):
        small, large = a_lesion("small", width=4.0, height=4.0), a_lesion("large", x=50.0, width=20.0, height=5.0)
        units = [with_lesions("u1", small, large), a_unit("u2", "negative")]
        answers = by_case(marked("u1-case"), marked("u2-case", a_box(score=0.6), a_box(x=7.0, score=0.9)))
        places = [error.place for error in TASK.errors(judge(units, answers))]
        assert [place.about for place in places] == ["large", "small", "", ""]
        assert [place.box for place in places[:2]] == [(50.0, 0.0, 20.0, 5.0), (0.0, 0.0, 4.0, 4.0)]
        assert [(place.case_id, place.box[0]) for place in places[2:]] == [("u2-case", 7.0), ("u2-case", 0.0)]

    def test_the_curve_ends_at_the_last_mark(self):
        units = [with_lesions("u1", a_lesion("l1"), a_lesion("l2", x=50)), a_unit("u2", "negative")]
        answers = by_case(marked("u1-case", a_box(score=0.9)), marked("u2-case", a_box(score=0.6)))
        curve, _ = TASK.curves(judge(units, answers))
        assert (curve.x, curve.y, curve.thresholds) == ((0, 0, 0.5), (0, 0.5, 0.5), (None, 0.9, 0.6))


boxes = st.builds(lambda x, score: a_box(x=float(x), score=score), st.integers(0, 60), st.none() | st.floats(0, 1))


@given(st.lists(boxes, max_size=8), st.lists(st.integers(0, 60), max_size=4))
def test_every_mark_is_used_once_at_most(marks, places):
    lesions = [a_lesion(f"l{n}", x=float(x)) for n, x in enumerate(places)]
    found = match_marks(a_case(), lesions, marks, HALF, "false_positive")
    used = [id(mark) for mark in (*found.hits, *found.false_positives) if mark is not None]
    assert len(found.hits) == len(lesions)
    assert sorted(used) == sorted(id(mark) for mark in marks)
