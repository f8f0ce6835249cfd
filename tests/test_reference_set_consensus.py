"""A reference made of single readings by the rule of the card: labels, grades, numbers and lesions."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.reference_set import ConsensusRule, load, under_rule, units
from dmn_bench.reference_set.consensus_lesions import agreed_lesions, lesion_groups, overlap
from dmn_bench.reference_set.consensus_values import agreed_value
from dmn_bench.reference_set.rows import LesionRow
from dmn_bench.reference_set.under_rule import single_readers
from dmn_bench.vocabulary import Lesion

from .set_factory import a_set, card_with, problems_of

MAJORITY, UNION = ConsensusRule(rule="majority"), ConsensusRule(rule="union")
P, N, D = "positive", "negative", "indeterminate"
LABELS = st.lists(st.sampled_from((P, N, D)), min_size=1, max_size=6)


def at_least(k, **more):
    return ConsensusRule(rule="at_least", at_least=k, **more)


@pytest.mark.parametrize(
    ("values", "rule", "expected"),
    [
        ((P, P, N), MAJORITY, P),
        ((P, N), MAJORITY, D),
        ((P, N, D), MAJORITY, D),
        ((N, N, D), MAJORITY, N),
        ((P, N, N, N), UNION, P),
        ((D, N, N), UNION, D),
        ((N, N), UNION, N),
        ((P, P, N, N), at_least(2), P),
        ((P, D, N, N), at_least(2), D),
        ((P, N, N, N), at_least(2), N),
        ((P,), at_least(2), None),
        (("unverified", "unverified"), MAJORITY, None),
        ((P, "unverified"), MAJORITY, P),
        ((), UNION, None),
        (("0", "2", "3"), MAJORITY, "2"),
        (("1", "2"), MAJORITY, "2"),
        (("2", "2", "4", "0"), MAJORITY, "2"),
        (("0", D, D), MAJORITY, D),
        (("0", "1", "3"), UNION, "3"),
        (("0", "1", "3"), at_least(2), "1"),
        (("3", D), at_least(2), D),
        ((P, N), ConsensusRule(rule="staple"), None),
    ],
)
def test_values_by_hand(values, rule, expected):
    assert agreed_value(values, rule, measured=False) == expected


def test_numbers_have_a_mean_between_the_two_in_the_middle():
    assert agreed_value(("400", "410", "390", "500"), MAJORITY, measured=True) == "405"
    assert agreed_value(("400", "410.5"), MAJORITY, measured=True) == "405.25"


@given(LABELS)
def test_no_order_of_readers_matters_and_more_votes_never_make_a_case_positive(values):
    for rule in (MAJORITY, UNION, at_least(2)):
        assert len({agreed_value(order, rule, measured=False) for order in itertools.permutations(values[:4])}) == 1
    rank = {P: 2, D: 1, N: 0}
    found = [agreed_value(values, at_least(k), measured=False) for k in range(1, len(values) + 1)]
    assert sorted((rank[one] for one in found), reverse=True) == [rank[one] for one in found]


def box(reader, x, y, width, height, name="a", **more):
    lesion = Lesion(lesion_id=name, finding="f", image=None, frame=None, x=x, y=y, width=width, height=height, **more)
    return LesionRow(case_id="c", lesion=lesion, reader=reader, line=2)


def ball(reader, x, y, z, diameter, name="a", **more):
    place = {"x_mm": x, "y_mm": y, "z_mm": z, "diameter_mm": diameter}
    lesion = Lesion(lesion_id=name, finding="f", image=None, frame=None, **place, **more)
    return LesionRow(case_id="c", lesion=lesion, reader=reader, line=2)


def test_lesions_that_overlap_are_one_and_have_the_mean_box():
    rows = [box("r1", 0, 0, 10, 10), box("r2", 2, 0, 10, 10), box("r3", 30, 30, 4, 4)]
    found = agreed_lesions(rows, MAJORITY, {("c", "f"): 3})
    assert [(r.lesion.x, r.lesion.width, r.lesion.ignore) for r in found] == [(1, 10, False), (30, 4, True)]
    around = agreed_lesions(rows, UNION, {("c", "f"): 3})
    assert [(r.lesion.x, r.lesion.width, r.lesion.ignore) for r in around] == [(0, 12, False), (30, 4, False)]
    dropped = agreed_lesions(rows, ConsensusRule(rule="majority", below="dropped"), {("c", "f"): 3})
    assert len(dropped) == 1


def test_a_lesion_over_two_of_another_reader_goes_to_the_one_it_overlaps_more():
    rows = [box("r1", 0, 0, 10, 10), box("r2", 8, 0, 10, 10, "left"), box("r2", 1, 0, 10, 10, "right")]
    groups = lesion_groups(rows, MAJORITY)
    assert [[row.lesion.lesion_id for row in group.rows] for group in groups] == [["a", "right"], ["left"]]


@given(
    st.permutations(
        [box("r1", 0, 0, 10, 10), box("r2", 3, 0, 10, 10), box("r3", 6, 0, 10, 10), box("r3", 1, 1, 9, 9, "b")]
    )
)
def test_the_order_of_rows_has_no_influence_on_lesions(rows):
    expected = agreed_lesions(sorted(rows, key=lambda r: (r.reader, r.lesion.lesion_id)), MAJORITY, {})
    assert agreed_lesions(rows, MAJORITY, {}) == expected


def test_spheres_are_the_same_within_the_sum_of_their_radii_and_points_within_the_distance_of_the_rule():
    assert overlap(ball("", 0, 0, 0, 6).lesion, ball("", 4, 0, 0, 4).lesion, MAJORITY) == pytest.approx(1 - 4 / 5)
    assert overlap(ball("", 0, 0, 0, 6).lesion, ball("", 5, 0, 0, 4).lesion, MAJORITY) is None
    near = ConsensusRule(rule="majority", same_within_mm=5)
    assert overlap(ball("", 0, 0, 0, 6).lesion, ball("", 5, 0, 0, 4).lesion, near) is not None
    point = Lesion(lesion_id="p", finding="f", image=None, frame=None, x=5, y=5)
    other = Lesion(lesion_id="q", finding="f", image=None, frame=None, x=6, y=5)
    assert overlap(point, other, MAJORITY) is None
    assert overlap(point, other, ConsensusRule(rule="majority", same_within_px=1)) is not None
    assert overlap(point, point, MAJORITY) is not None
    assert overlap(point, box("", 0, 0, 10, 10).lesion, MAJORITY) is not None
    assert overlap(point, box("", 6, 0, 10, 10).lesion, MAJORITY) is None


def test_a_reader_who_says_ignore_does_not_vote_and_other_frames_are_other_places():
    rows = [ball("r1", 0, 0, 0, 10), ball("r2", 1, 0, 0, 10), ball("r3", 0, 0, 0, 3, ignore=True)]
    [found] = agreed_lesions(rows, at_least(3), {("c", "f"): 3})
    assert found.lesion.ignore
    assert (found.lesion.x_mm, found.lesion.diameter_mm) == (0.5, 10)
    assert not agreed_lesions(rows, at_least(2), {("c", "f"): 3})[0].lesion.ignore
    first, second = (
        Lesion(lesion_id="a", finding="f", image=None, frame=n, x=0, y=0, width=5, height=5) for n in (1, 2)
    )
    assert overlap(first, second, MAJORITY) is None


CASES = ("case_id,patient_id,exam_id,laterality,files,sex,age_years", *(f"c{n},p{n},e{n},,,F,40" for n in range(1, 4)))
READINGS = (
    "case_id,reader_id,finding,value",
    *(f"c1,r{n},fracture,positive" for n in (1, 2, 3)),
    "c2,r1,fracture,positive",
    "c2,r2,fracture,negative",
    "c2,r3,fracture,negative",
)
TRUTH = ("case_id,finding,value", "c1,fracture,negative", "c2,fracture,negative", "c3,fracture,positive")


def a_card(consensus):
    return card_with(reference_standard=f"{{method: consensus, consensus: {consensus}}}")


def references(reference_set):
    return [unit.reference for unit in units(reference_set, finding="fracture", unit="case")]


def test_stated_values_win_under_the_rule_adjudicated_alone(tmp_path):
    made = {
        rule: load(a_set(tmp_path / str(n), card=a_card(rule), cases=CASES, truth=TRUTH, readings=READINGS))
        for n, rule in enumerate(
            ("{rule: adjudicated}", "{rule: majority}", "{rule: union}", "{rule: at_least, at_least: 3}")
        )
    }
    found = {rule: references(one) for rule, one in made.items()}
    assert found["{rule: adjudicated}"] == [N, N, P]
    assert found["{rule: majority}"] == [P, N, None]  # nobody read c3
    assert found["{rule: union}"] == [P, P, None]
    assert found["{rule: at_least, at_least: 3}"] == [P, N, None]
    again = under_rule(made["{rule: union}"], ConsensusRule())
    assert references(again) == [N, N, P]
    assert len({one.sha256 for one in made.values()}) == 4  # the card is part of the lock


def test_a_reader_left_out_has_no_part_in_the_reference(tmp_path):
    whole = load(
        a_set(tmp_path, card=a_card("{rule: at_least, at_least: 3}"), cases=CASES, truth=TRUTH, readings=READINGS)
    )
    assert single_readers(whole) == ("r1", "r2", "r3")
    others = under_rule(whole, whole.card.reference_standard.consensus, without="r1")
    assert others.card.reference_standard.consensus.at_least == 2
    assert references(others) == [P, N, None]
    adjudicated = under_rule(whole, ConsensusRule(), without="r2")
    assert adjudicated.card.reference_standard.consensus.rule == "majority"
    assert references(adjudicated) == [P, D, None]


LESIONS = (
    "case_id,lesion_id,finding,x,y,width,height,reader",
    "c1,1,fracture,0,0,10,10,r1",
    "c1,1,fracture,1,0,10,10,r2",
    "c2,1,fracture,0,0,10,10,r3",
)


def test_lesions_of_single_readers_need_a_rule_and_make_the_truth_where_nothing_else_does(tmp_path):
    card = a_card("{rule: at_least, at_least: 2}")
    made = load(a_set(tmp_path / "a", card=card, cases=CASES, truth=TRUTH[:1], lesions=LESIONS))
    assert references(made) == [P, N, N]
    assert [(row.case_id, row.lesion.ignore) for row in made.lesions] == [("c1", False), ("c2", True)]
    assert [row.reader for row in made.lesion_readings] == ["r1", "r2", "r3"]
    stated = a_set(tmp_path / "b", cases=CASES, truth=TRUTH[:1], lesions=LESIONS)
    assert problems_of(lambda: load(stated)) == [("lesions.csv:3", "refset.lesions_without_consensus")]


@pytest.mark.parametrize("rule", ["{rule: at_least}", "{rule: majority, at_least: 2}"])
def test_a_number_of_readers_goes_with_one_rule_alone(tmp_path, rule):
    folder = a_set(tmp_path, card=a_card(rule))
    [(_, key)] = problems_of(lambda: load(folder))
    assert key == "consensus.at_least"


@pytest.mark.parametrize("rule", ["{rule: at_least, at_least: 0}", "{rule: vote}", "{rule: union, same_within_mm: 0}"])
def test_a_rule_that_cannot_be_is_refused(tmp_path, rule):
    folder = a_set(tmp_path, card=a_card(rule))
    assert problems_of(lambda: load(folder))


def test_a_lesion_keeps_an_id_that_its_readers_share_and_nothing_else_of_the_case_has():
    places = (("r1", 0, "L1"), ("r2", 1, "L1"), ("r1", 50, "2"), ("r2", 70, "2"))
    rows = [box(reader, x, 0, 9, 9, name) for reader, x, name in places]
    assert [row.lesion.lesion_id for row in agreed_lesions(rows, UNION, {})] == ["r1/2", "L1", "r2/2"]


def test_the_size_of_an_agreed_lesion_is_that_of_its_own_geometry(tmp_path):
    card = a_card("{rule: union}") + "lesion_strata: {size: {from: area_px, edges: [110]}}\n"
    made = load(a_set(tmp_path, card=card, cases=CASES, truth=TRUTH[:1], lesions=LESIONS))
    assert [row.lesion.strata["size"] for row in made.lesion_readings] == ["<110", "<110", "<110"]
    assert [row.lesion.strata["size"] for row in made.lesions] == [">=110", "<110"]  # the box around both: 11 x 10
