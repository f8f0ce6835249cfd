"""Segmentation: one row for each case and structure, and a lost region is the worst there is."""

import dataclasses
import math

import numpy as np
import pytest

from dmn_bench.errors import ProtocolError
from dmn_bench.tasks.segmentation import DELINEATED, Segmentation
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, Mask, RegionPair

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, column, context, treating, unanswered

SHAPE = (4, 12, 12)
SPACING = (2.0, 1.0, 1.0)
SAID = (Mask(structure="heart", rows=1, columns=1, runs=(0, 1)),)


def a_block(first=2, last=8, planes=(1, 3)):
    region = np.zeros(SHAPE, dtype=bool)
    region[slice(*planes), 2:8, first:last] = True
    return region


def nothing():
    return np.zeros(SHAPE, dtype=bool)


def a_pair(reference, answered, structure="heart", spacing=SPACING):
    return RegionPair(structure=structure, reference=reference, answered=answered, spacing_mm=spacing)


def drawn(case_id="u1-case"):
    return Answer(case_id=case_id, status="answered", masks=SAID)


def judged(task, pairs, analysis=ITD, answers=None, units=None):
    """Judge one unit for each entry of ``pairs``: case_id -> its pairs; all answered unless said otherwise."""
    units = units or [a_unit(case_id.removesuffix("-case"), None) for case_id in pairs]
    answers = by_case(*(drawn(case_id) for case_id in pairs)) if answers is None else answers

    def compared(case):
        of_case = pairs[case.case_id]
        is_answered = case.case_id in answers and answers[case.case_id].status == "answered"
        silent = [pair if is_answered else dataclasses.replace(pair, answered=None) for pair in of_case]
        return {pair.structure: task.compare(pair) for pair in silent}

    around = context(units, analysis, compared=compared)
    return task.judge(units, answers, around), units, answers, around


CONFORMING = Segmentation(tolerance_mm=1.0)
COMPARED = {
    pair.structure: CONFORMING.compare(pair)
    for pair in (
        a_pair(a_block(), a_block(last=9)),
        a_pair(a_block(), a_block(), "lung"),
        a_pair(a_block(), nothing(), "cord"),
        a_pair(nothing(), a_block(), "liver"),
        a_pair(nothing(), nothing(), "spleen"),
    )
}


class TestSegmentationConforms(TaskChecks):
    def task(self):
        return CONFORMING

    def units(self):
        views = (a_case("c1", "p1"), a_case("c2", "p1"))
        return [a_unit("u1", None, cases=views), *(a_unit(f"u{n}", None) for n in range(2, 7))]

    def answer(self, case):
        return drawn(case.case_id)

    def context(self, analysis):
        return dataclasses.replace(super().context(analysis), compared=lambda _: COMPARED)


def test_each_structure_of_each_case_has_a_row_in_the_order_of_the_endpoint():
    task = Segmentation(structures=("lung", "heart"))
    pairs = {
        "a-case": [a_pair(a_block(), a_block()), a_pair(a_block(), a_block(last=5), "lung")],
        "b-case": [a_pair(a_block(), a_block(), "lung"), a_pair(a_block(), a_block(), "spine")],
    }
    found, *_ = judged(task, pairs)
    assert found.row_strata["structure"] == ("lung", "lung", "heart")
    assert found.row_strata["case_id"] == ("a-case", "b-case", "a-case")
    assert found.row_units.tolist() == [0, 1, 0]
    assert column(found, "dice") == [pytest.approx(2 / 3), 1, 1]
    assert column(found, "missing_cases") == [0, 0, 1]
    assert found.units.references == (DELINEATED, DELINEATED)
    assert (found.questions, found.unit) == ("structure", "mm")


def test_measures_of_a_shifted_block_by_hand():
    """Blocks of 2 x 6 x 6 voxels, the second shifted by one column of 1 mm."""
    found, *_ = judged(Segmentation(tolerance_mm=0.5), {"u1-case": [a_pair(a_block(), a_block(3, 9))]})
    expected = {"dice": 60 / 72, "iou": 60 / 84, "hd95": 1.0, "hd": 1.0, "hd95_voxels": 1.0, "volume_error": 0}
    assert {name: found.columns[name][0] for name in expected} == pytest.approx(expected)
    assert found.columns["reference_volume"][0] == 2 * 6 * 6 * 2.0
    assert 0.6 < found.columns["nsd"][0] < 1


def test_one_plane_is_measured_as_an_image():
    one = np.zeros((1, 12, 12), dtype=bool)
    one[0, 2:8, 2:8] = True
    pair = a_pair(one, np.roll(one, 1, axis=2), spacing=(1.0, 0.5, 0.5))
    found, *_ = judged(Segmentation(tolerance_mm=0.1), {"u1-case": [pair]})
    assert (found.columns["reference_volume"][0], found.columns["hd95"][0]) == (36 * 0.25, 0.5)


@pytest.mark.parametrize(
    ("reference", "answered", "expected"),
    [
        (nothing(), nothing(), {"dice": 1, "nsd": 1, "is_far": 0, "hd95": 0, "is_both_empty": 1, "volume_is_far": 0}),
        (a_block(), nothing(), {"dice": 0, "nsd": 0, "is_far": 1, "is_missed": 1, "volume_error": -1}),
        (nothing(), a_block(), {"dice": 0, "nsd": 0, "is_far": 1, "is_invented": 1, "volume_is_far": 1}),
        (a_block(), None, {"dice": 0, "nsd": 0, "is_far": 1, "unanswered": 1, "volume_is_far": 1, "is_missed": 0}),
        (nothing(), None, {"dice": 0, "nsd": 0, "is_far": 1, "unanswered": 1, "volume_is_far": 1, "reference": 0}),
    ],
)
def test_empty_regions_and_regions_that_were_not_given(reference, answered, expected):
    found, *_ = judged(Segmentation(tolerance_mm=1.0), {"u1-case": [a_pair(reference, answered)]})
    assert {name: found.columns[name][0] for name in expected} == expected


def test_two_empty_regions_can_be_left_out():
    pairs = {"a-case": [a_pair(nothing(), nothing())], "b-case": [a_pair(a_block(), a_block())]}
    found, *_ = judged(Segmentation(both_empty="left_out"), pairs)
    assert found.row_strata["case_id"] == ("b-case",)
    assert column(found, "left_out_cases") == [1]


def test_a_device_that_says_nothing_cannot_be_left_out_for_it():
    pairs = {"a-case": [a_pair(nothing(), None)], "b-case": [a_pair(a_block(), a_block())]}
    found, *_ = judged(Segmentation(both_empty="left_out"), pairs)
    assert column(found, "dice") == [0, 1]


def test_a_device_that_lists_what_it_found_means_empty_by_silence():
    pairs = {"u1-case": [a_pair(nothing(), None), a_pair(a_block(), None, "lung")]}
    found, *_ = judged(Segmentation(unmentioned="empty"), pairs)
    assert column(found, "dice") == [1, 0]
    assert column(found, "unanswered") == [0, 0]
    assert column(found, "is_missed") == [0, 1]


@pytest.mark.parametrize("status", ["failed", "abstained", "rejected_input", "indeterminate"])
def test_an_unanswered_case_is_the_worst_in_every_structure_or_set_apart(status):
    pairs = {"u1-case": [a_pair(a_block(), a_block()), a_pair(nothing(), nothing(), "lung")]}
    lost = by_case(unanswered("u1-case", status))
    found, *_ = judged(Segmentation(tolerance_mm=1.0), pairs, answers=lost)
    assert found.units.statuses == (status,)
    for name, expected in {"dice": 0, "nsd": 0, "iou": 0, "is_far": 1, "volume_is_far": 1, "unanswered": 1}.items():
        assert column(found, name) == [expected] * 2
    for analysis in (EVALUABLE, treating("positive"), treating("negative")):
        apart, *_ = judged(Segmentation(tolerance_mm=1.0), pairs, analysis, answers=lost)
        assert not len(apart.row_units)


def test_an_answer_without_regions_has_failed():
    silent = by_case(Answer(case_id="u1-case", status="answered"))
    found, *_ = judged(Segmentation(), {"u1-case": [a_pair(a_block(), None)]}, answers=silent)
    assert (found.units.statuses, column(found, "unanswered")) == (("failed",), [1])


@pytest.mark.parametrize("spacing", [None, (0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, math.nan, 1.0)])
def test_without_a_usable_spacing_overlap_counts_and_distances_do_not(spacing):
    found, *_ = judged(Segmentation(tolerance_mm=1.0), {"u1-case": [a_pair(a_block(), a_block(3, 9), spacing=spacing)]})
    assert column(found, "dice") == [pytest.approx(60 / 72)]
    assert column(found, "is_measured") == [0]
    in_px, *_ = judged(
        Segmentation(distances_in="px", tolerance_px=1),
        {"u1-case": [a_pair(a_block(), a_block(3, 9), spacing=spacing)]},
    )
    assert (column(in_px, "is_measured"), column(in_px, "hd95"), in_px.unit) == ([1], [1], "px")


def test_tolerances_are_by_structure():
    task = Segmentation(tolerance_mm={"heart": 2.0})
    pairs = {"u1-case": [a_pair(a_block(), a_block(3, 9)), a_pair(a_block(), a_block(3, 9), "lung")]}
    found, *_ = judged(task, pairs)
    assert (column(found, "nsd"), column(found, "has_tolerance")) == ([1, 0], [1, 0])


@pytest.mark.parametrize(
    "options",
    [
        {"tolerance_mm": -1.0},
        {"tolerance_mm": {"heart": math.inf}},
        {"tolerance_mm": {"hart": 2.0}, "structures": ("heart",)},
        {"tolerance_px": 1.0},
        {"tolerance_mm": 1.0, "distances_in": "px"},
        {"structures": ("heart", "heart")},
    ],
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ProtocolError):
        Segmentation(**options)


def test_regions_must_be_compared_by_somebody():
    with pytest.raises(ProtocolError):
        Segmentation().judge([a_unit("u1", None)], {}, context([a_unit("u1", None)]))


def test_cases_that_the_reference_says_nothing_of_stay_in_the_flow():
    found, *_ = judged(Segmentation(), {"a-case": [], "b-case": [a_pair(a_block(), a_block())]})
    assert (found.units.references, found.units.statuses) == (("missing", DELINEATED), ("answered", "answered"))
    assert column(found, "missing_cases") == [1]


def test_the_table_tells_every_case_apart():
    pairs = {
        "a-case": [a_pair(a_block(), a_block())],
        "b-case": [a_pair(nothing(), nothing())],
        "c-case": [a_pair(a_block(), nothing())],
        "d-case": [a_pair(nothing(), a_block())],
        "e-case": [a_pair(a_block(), None)],
        "f-case": [],
    }
    task = Segmentation()
    table = task.tables(judged(task, pairs)[0])[0]
    assert (table.rows, table.counts) == (("heart",), ((1, 1, 1, 1, 1, 0, 1),))


def test_errors_are_missed_and_invented_structures_and_the_tenth_with_least_overlap():
    task = Segmentation()
    pairs = {f"u{n}-case": [a_pair(a_block(), a_block(2, 8 - n % 3))] for n in range(11)}
    pairs |= {"m-case": [a_pair(a_block(), nothing())], "i-case": [a_pair(nothing(), a_block())]}
    pairs["x-case"] = [a_pair(a_block(), a_block())]
    answers = by_case(*(drawn(name) for name in pairs if name != "x-case"), unanswered("x-case"))
    found, units, answers, around = judged(task, pairs, answers=answers)
    errors = task.errors(found)
    assert [(error.unit_id, error.kind) for error in errors] == [
        ("x", "unanswered"),
        ("m", "missed_structure"),
        ("i", "invented_structure"),
        ("u2", "poor_overlap"),
        ("u5", "poor_overlap"),
    ]
    assert errors[-1].reason == "heart"
    places = task.places(units, answers, around)
    assert [(place.case_id, place.kind) for place in places] == [
        ("m-case", "missed_structure"),
        ("i-case", "invented_structure"),
        ("u2-case", "poor_overlap"),
        ("u5-case", "poor_overlap"),
    ]
    assert (places[2].frame, places[2].box, places[2].about) == (2, (6.0, 2.0, 2.0, 6.0), "heart")


def test_a_structure_that_an_answer_leaves_out_is_listed_as_unanswered():
    task = Segmentation()
    bent = a_block(planes=(1, 2)) | a_block(last=6, planes=(2, 4))
    pairs = [a_pair(a_block(), a_block()), a_pair(bent, None, "lung"), a_pair(nothing(), None, "cord")]
    found, units, answers, around = judged(task, {"a-case": pairs})
    cord, lung = task.errors(found)
    assert (lung.unit_id, lung.kind, lung.reference, lung.reason) == ("a", "unanswered", "region", "lung")
    assert (cord.reference, cord.reason) == ("empty_region", "cord")
    (place,) = task.places(units, answers, around)  # nothing to show where the reference has nothing
    assert (place.case_id, place.kind, place.about) == ("a-case", "unanswered", "lung")
    assert (place.frame, place.box) == (2, (2.0, 2.0, 6.0, 6.0))  # the plane that shows most of it


def test_a_case_without_an_answer_has_no_place_for_each_of_its_structures():
    task, silent = Segmentation(), by_case(unanswered("a-case", "failed"))
    _, units, answers, around = judged(task, {"a-case": [a_pair(a_block(), None)]}, answers=silent)
    assert task.places(units, answers, around) == []


def test_the_spread_holds_the_quantiles_of_every_case():
    task = Segmentation()
    pairs = {f"u{n}-case": [a_pair(a_block(), a_block(2, 4 + n))] for n in range(5)}
    found, *_ = judged(task, pairs)
    (curve,) = task.curves(found)
    ordered = np.sort(found.columns["dice"])
    assert (curve.name, curve.sizes[0]) == ("dice_spread/heart", 5)
    assert dict(zip(curve.x, curve.y, strict=True))[0.5] == ordered[2]
    assert (curve.y[0], curve.y[-1]) == (ordered[0], ordered[-1])


def test_a_failure_belongs_to_its_structure_in_small_and_capital_letters():
    task, answer = Segmentation(unmentioned="empty"), dataclasses.replace(drawn("a-case"))
    answer = dataclasses.replace(answer, finding_statuses={"Heart": "failed"})
    found, *_ = judged(task, {"a-case": [a_pair(nothing(), None)]}, answers=by_case(answer))
    assert found.columns["unanswered"].tolist() == [1.0]
    assert found.columns["dice"].tolist() == [0.0]
