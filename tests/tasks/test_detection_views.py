"""Lesions seen on several views, marks that cannot be judged, and where errors are."""

import math

import pytest

from dmn_bench.errors import ReferenceSetError
from dmn_bench.tasks.detection import Detection
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.mark_places import TOO_MUCH
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import SEVERAL_VALUES, Mark, Mask

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

STAR = tuple((250 + 200 * math.cos(2.4 * k), 250 + 200 * math.sin(2.4 * k)) for k in range(9999))
HALF = HitRule(iou_at_least=0.5)
EACH = Detection(finding=FINDING, hit_rule=HALF)
BY_ID = Detection(finding=FINDING, hit_rule=HALF, lesions="by_id")
LESION, FALSE_POSITIVE, UNIT, SECOND_HIT = 0, 1, 2, 4
VIEWS = (a_case("ap", "p1"), a_case("lat", "p1"))


def an_exam(ap=(), lat=(), reference="positive", unit_id="exam"):
    return a_unit(unit_id, reference, cases=VIEWS, lesions={"ap": tuple(ap), "lat": tuple(lat)})


def judge(units, answers, task=BY_ID, analysis=ITD, **point):
    return task.judge(units, answers, context(units, analysis, **point))


def rows(judgements, kind, name="score"):
    return judgements.columns[name][judgements.columns["kind"] == kind].tolist()


class TestDetectionOfViewsConforms(TaskChecks):
    silence_fails = False

    def task(self):
        return BY_ID

    def units(self):
        lesions = {"c1": (a_lesion("l1"), a_lesion("l2", x=50)), "c2": (a_lesion("l1", x=30),)}
        two = a_unit("u1", "positive", cases=(a_case("c1", "p1"), a_case("c2", "p1")), lesions=lesions)
        more = [a_unit(f"u{n}", "positive", lesions={f"u{n}-case": (a_lesion(weight=n),)}) for n in range(2, 5)]
        return [two, *more, a_unit("u8", "negative")]

    def answer(self, case):
        return marked(case.case_id, a_box(score=0.8), a_box(x=100, score=0.3))


class TestViews:
    def test_a_lesion_of_two_views_is_one_found_by_the_best_mark_on_either(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1", x=40)])
        answers = by_case(marked("ap", a_box(score=0.4)), marked("lat", a_box(x=40, score=0.7)))
        assert rows(judge([exam], answers), LESION) == [0.7]
        assert rows(judge([exam], answers, EACH), LESION) == [0.4, 0.7]

    def test_one_view_is_enough_and_the_other_costs_nothing(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1", x=40)])
        found = judge([exam], by_case(marked("ap", a_box(score=0.9)), marked("lat")), score_at_least=0.5)
        assert (rows(found, LESION), rows(found, LESION, "called")) == ([0.9], [1])
        assert [error.kind for error in BY_ID.errors(found)] == []

    def test_below_the_operating_point_on_every_view_it_is_missed(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1", x=40)])
        answers = by_case(marked("ap", a_box(score=0.4)), marked("lat", a_box(x=40, score=0.45)))
        assert rows(judge([exam], answers, score_at_least=0.5), LESION, "called") == [0]

    def test_false_positives_count_on_every_view_and_so_do_images(self):
        exam = an_exam(reference="negative")
        found = judge([exam], by_case(marked("ap", a_box(score=0.4)), marked("lat", a_box(score=0.7))))
        assert (rows(found, FALSE_POSITIVE), rows(found, UNIT, "images")) == ([0.4, 0.7], [2])

    def test_different_lesions_of_two_views_stay_two(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f2")])
        found = judge([exam], by_case(marked("ap", a_box(score=0.4)), marked("lat")))
        assert rows(found, LESION) == [0.4, -math.inf]

    def test_the_same_number_in_another_exam_is_another_lesion(self):
        units = [a_unit(f"u{n}", "positive", lesions={f"u{n}-case": (a_lesion("l1"),)}) for n in range(2)]
        assert len(rows(judge(units, {}), LESION)) == 2

    def test_several_images_of_one_case_are_views_too(self):
        case = a_case("c1", files=("a.dcm", "b.dcm"))
        lesions = (a_lesion("f1", image="a.dcm"), a_lesion("f1", image="b.dcm"))
        exam = a_unit("exam", cases=(case,), lesions={"c1": lesions})
        found = judge([exam], by_case(marked("c1", a_box(score=0.6, image="b.dcm"))))
        assert (rows(found, LESION), rows(found, LESION, "weight")) == ([0.6], [1])

    @pytest.mark.parametrize(("analysis", "scores"), [(ITD, [0.9, -math.inf]), (EVALUABLE, [0.9])])
    def test_a_lost_view_hides_only_the_lesions_that_it_alone_shows(self, analysis, scores):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1"), a_lesion("f2", x=40)])
        answers = by_case(marked("ap", a_box(score=0.9)), unanswered("lat"))
        assert rows(judge([exam], answers, analysis=analysis), LESION) == scores

    def test_a_lesion_to_ignore_on_one_view_counts_on_the_other(self):
        exam = an_exam(ap=[a_lesion("f1", ignore=True)], lat=[a_lesion("f1")])
        found = judge([exam], by_case(marked("ap", a_box(score=0.9)), marked("lat")))
        assert (rows(found, LESION), rows(found, FALSE_POSITIVE)) == ([-math.inf], [])

    def test_its_fields_are_those_of_its_views_and_mixed_where_they_differ(self):
        ap = a_lesion("f1", strata={"size": "small", "occult": "yes"})
        lat = a_lesion("f1", strata={"size": "large", "occult": "not recorded"})
        found = judge([an_exam(ap=[ap], lat=[lat])], {})
        levels = {name: values[0] for name, values in found.row_strata.items()}
        assert levels == {"occult": "yes", "size": SEVERAL_VALUES}

    def test_it_weighs_as_its_heaviest_view(self):
        exam = an_exam(ap=[a_lesion("f1", weight=3.0), a_lesion("f2", x=50)], lat=[a_lesion("f1", weight=2.0)])
        assert rows(judge([exam], {}), LESION, "weight") == [0.75, 0.25]


class TestSecondHits:
    def test_they_are_rows_of_their_own_where_they_are_ignored(self):
        unit = a_unit("u1", lesions={"u1-case": (a_lesion(),)})
        answers = by_case(marked("u1-case", a_box(score=0.9), a_box(x=1, score=0.5)))
        ignoring = judge([unit], answers)
        assert (rows(ignoring, SECOND_HIT), rows(ignoring, FALSE_POSITIVE)) == ([0.5], [])
        counting = judge([unit], answers, Detection(finding=FINDING, hit_rule=HALF, second_hits="false_positive"))
        assert (rows(counting, SECOND_HIT), rows(counting, FALSE_POSITIVE)) == ([], [0.5])

    def test_a_false_positive_knows_whether_its_unit_is_normal(self):
        units = [a_unit("u1", lesions={"u1-case": (a_lesion(),)}), a_unit("u2", "negative")]
        answers = by_case(marked("u1-case", a_box(x=90, score=0.9)), marked("u2-case", a_box(score=0.3)))
        assert rows(judge(units, answers), FALSE_POSITIVE, "normal") == [0, 1]


class TestMarksThatCannotBeJudged:
    @pytest.mark.parametrize(
        ("place", "reason"),
        [
            ({"x": math.nan, "y": 1.0}, "a place is not finite"),
            ({"x": 0.0, "y": 0.0, "width": -5.0, "height": 5.0}, "a size below 0 or incomplete"),
            ({"outline": ((0.0, 0.0), (1.0, 1.0))}, "an outline or mask that encloses no region"),
            ({"outline": STAR}, "an outline or mask that encloses no region"),
        ],
    )
    def test_they_fail_their_case_and_no_other(self, place, reason):
        units = [a_unit("u1", "negative"), a_unit("u2", "negative")]
        bad = Mark(finding=FINDING, score=0.5, **place)
        found = judge(units, by_case(marked("u1-case", a_box(score=0.9), bad), marked("u2-case", a_box(score=0.2))))
        assert found.units.statuses == ("failed", "answered")
        assert found.units.reasons == (reason, "")
        assert rows(found, FALSE_POSITIVE) == [0.2]

    @pytest.mark.parametrize(("n", "status"), [(30, "answered"), (40, "failed")])
    def test_an_answer_of_outlines_without_end_fails_its_case_before_they_are_drawn(self, n, status):
        unit = a_unit("u1", "negative")
        marks = [Mark(finding=FINDING, score=0.5, outline=STAR[:600]) for _ in range(n)]
        found = judge([unit], by_case(marked("u1-case", *marks)))
        assert found.units.statuses == (status,)
        assert (found.units.reasons[0] == TOO_MUCH) == (status == "failed")

    def test_a_mask_of_another_size_than_that_of_the_lesion_fails_its_case(self):
        small, large = (Mask(structure="s", rows=n, columns=n, runs=(0, n * n)) for n in (2, 3))
        lesion = a_lesion(x=None, y=None, width=None, height=None, mask=small)
        unit = a_unit("u1", lesions={"u1-case": (lesion,)})
        found = judge([unit], by_case(marked("u1-case", Mark(finding=FINDING, mask=large, score=0.5))))
        assert found.units.reasons == ("a mask of another size than the image",)
        found = judge([unit], by_case(marked("u1-case", Mark(finding=FINDING, mask=small, score=0.5))))
        assert rows(found, LESION) == [0.5]

    def test_such_a_mark_of_another_finding_fails_nothing(self):
        bad = Mark(finding="other", x=math.nan, y=0.0)
        assert judge([a_unit("u1", "negative")], by_case(marked("u1-case", bad))).units.statuses == ("answered",)

    @pytest.mark.parametrize("width", [0.0, -3.0, math.nan])
    def test_a_lesion_that_no_mark_can_hit_is_an_error_of_the_set(self, width):
        with pytest.raises(ReferenceSetError, match=r"u1-case: l1 tasks\.lesion_without_geometry"):
            judge([a_unit("u1", lesions={"u1-case": (a_lesion(width=width),)})], {})

    def test_under_luna16_too_a_place_that_is_no_number_is_an_error_but_an_unknown_diameter_is_none(self):
        task = Detection(finding=FINDING, hit_rule=HitRule(luna16=True))
        place = {"x": None, "y": None, "width": None, "height": None, "y_mm": 0.0, "z_mm": 0.0, "diameter_mm": -1.0}
        with pytest.raises(ReferenceSetError, match=r"tasks\.lesion_without_geometry"):
            judge([a_unit("u1", lesions={"u1-case": (a_lesion(x_mm=math.nan, **place),)})], {}, task)
        assert rows(judge([a_unit("u1", lesions={"u1-case": (a_lesion(x_mm=0.0, **place),)})], {}, task), LESION) == [
            -math.inf
        ]


class TestPlaces:
    def places(self, units, answers, task=EACH, analysis=ITD, **point):
        return task.places(units, answers, context(units, analysis, **point))

    def test_they_name_the_lesion_its_image_and_its_box(self):
        case = a_case("c1", files=("a.dcm", "b.dcm"))
        unit = a_unit("u1", cases=(case,), lesions={"c1": (a_lesion("l7", x=5, image="b.dcm", frame=3),)})
        [place] = self.places([unit], by_case(marked("c1")))
        assert (place.case_id, place.kind, place.about) == ("c1", "missed_lesion", "l7")
        assert (place.image, place.frame, place.box) == ("b.dcm", 3, (5, 0, 10, 10))
        assert (place.reference, place.answer, place.here) == ("positive", "negative", 10)

    def test_false_positives_rank_by_how_far_they_lie_above_the_operating_point(self):
        unit = a_unit("u1", "negative")
        marks = [a_box(score=0.6), a_box(x=50, score=0.9), a_box(x=90, score=0.4)]
        found = self.places([unit], by_case(marked("u1-case", *marks)), score_at_least=0.5)
        assert [(place.kind, place.box[0]) for place in found] == [("false_positive_mark", x) for x in (50, 0)]
        assert [(round(place.in_case, 9), round(place.here, 9)) for place in found] == [(0.4, 0.4), (0.4, 0.1)]

    def test_a_point_has_a_box_without_extent_and_a_sphere_none(self):
        marks = [
            Mark(finding=FINDING, x=5.0, y=6.0),
            Mark(finding=FINDING, x_mm=1.0, y_mm=2.0, z_mm=3.0, diameter_mm=4),
        ]
        found = self.places([a_unit("u1", "negative")], by_case(marked("u1-case", *marks)))
        assert {(place.box, place.sphere_mm) for place in found} == {((5, 6, 0, 0), None), (None, (1, 2, 3, 4))}

    def test_unanswered_and_uncounted_cases_have_none(self):
        units = [a_unit("u1", lesions={"u1-case": (a_lesion(),)}), a_unit("u2", "indeterminate")]
        answers = by_case(unanswered("u1-case"), marked("u2-case", a_box(score=0.9)))
        assert self.places(units, answers) == []
        assert self.places(units, answers, analysis=treating("positive")) == []

    def test_a_lesion_found_on_one_view_is_missed_on_none(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1", x=40)])
        answers = by_case(marked("ap", a_box(score=0.9)), marked("lat"))
        assert self.places([exam], answers, BY_ID) == []
        assert [place.case_id for place in self.places([exam], answers)] == ["lat"]

    def test_a_lesion_missed_on_every_view_is_shown_on_each(self):
        exam = an_exam(ap=[a_lesion("f1")], lat=[a_lesion("f1", x=40)])
        found = self.places([exam], by_case(marked("ap"), marked("lat")), BY_ID)
        assert [(place.case_id, place.box[0]) for place in found] == [("ap", 0), ("lat", 40)]

    def test_as_many_as_the_list_of_errors_has(self):
        units = [a_unit(f"u{n}", lesions={f"u{n}-case": (a_lesion(), a_lesion("m", x=60))}) for n in range(4)]
        answers = by_case(*(marked(f"u{n}-case", a_box(x=20.0 * n, score=0.2 * n)) for n in range(4)))
        judged = judge(units, answers, EACH, score_at_least=0.3)
        listed = sorted(error.kind for error in EACH.errors(judged))
        assert sorted(place.kind for place in self.places(units, answers, score_at_least=0.3)) == listed

    @pytest.mark.parametrize(
        ("marks", "why"),
        [
            ((), ("no_mark", None)),
            ((a_box(x=300, score=0.9),), ("no_mark", None)),
            ((a_box(x=10, score=0.9),), ("no_mark", None)),  # beside it
            ((a_box(score=0.2),), ("below_the_point", 0.2)),
            ((a_box(x=8, score=0.9),), ("misplaced", 20 / 180)),
            ((a_box(x=8, score=0.9), a_box(x=9, score=0.8)), ("misplaced", 20 / 180)),
            ((Mark(finding=FINDING, x_mm=1.0, y_mm=2.0, z_mm=3.0, diameter_mm=4, score=0.9),), ("", None)),
        ],
    )
    def test_a_missed_lesion_says_why(self, marks, why):
        unit = a_unit("u1", lesions={"u1-case": (a_lesion(),)})
        found = self.places([unit], by_case(marked("u1-case", *marks)), score_at_least=0.5)
        [missed] = [place for place in found if place.kind == "missed_lesion"]
        assert (missed.why, missed.why_value) == (why[0], pytest.approx(why[1]))

    def test_a_mark_between_two_lesions_that_counts_for_one_does_so_for_the_other(self):
        unit = a_unit("u1", lesions={"u1-case": (a_lesion("near"), a_lesion("far", x=8))})
        found = self.places([unit], by_case(marked("u1-case", a_box(score=0.9))), score_at_least=0.5)
        assert [(place.about, place.why) for place in found] == [("far", "counts_for_another")]
        assert found[0].why_value == pytest.approx(20 / 180)

    def test_a_false_mark_says_whether_a_lesion_lies_there(self):
        unit = a_unit("u1", lesions={"u1-case": (a_lesion(),)})
        marks = [a_box(x=x, score=score) for x, score in ((0, 0.9), (8, 0.8), (300, 0.7))]
        found = self.places([unit], by_case(marked("u1-case", *marks)), score_at_least=0.5)
        assert [place.why for place in found] == ["counts_for_another", "no_mark"]
        found = self.places([unit], by_case(marked("u1-case", marks[1])), score_at_least=0.5)
        false = next(place for place in found if place.kind == "false_positive_mark")
        assert (false.why, false.why_value) == ("misplaced", pytest.approx(20 / 180))
