"""Which errors are drawn: the worst first, one of each case, equals by a draw that the seed decides."""

from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.pictures.choosing import chosen
from dmn_bench.vocabulary import ErrorPlace


def place(case_id, in_case=1.0, here=1.0, start_s=0.0, kind="beats_missed"):
    return ErrorPlace(case_id=case_id, kind=kind, in_case=in_case, here=here, start_s=start_s, end_s=start_s + 10)


def cases(places):
    return [one.case_id for one in places]


def test_the_case_with_the_most_errors_comes_first_by_its_fullest_stretch():
    found = chosen([place("a", 3, 1), place("b", 9, 2), place("b", 9, 5, 40.0)], per_kind=1, seed=1)
    assert [(one.case_id, one.here) for one in found] == [("b", 5)]


def test_a_second_stretch_of_a_case_waits_until_every_case_was_shown():
    places = [place("a", 9, 5), place("a", 9, 4, 20.0), place("b", 1, 1)]
    assert cases(chosen(places, per_kind=3, seed=1)) == ["a", "b", "a"]


def test_so_many_of_each_kind_and_no_more():
    places = [place(f"c{n}", kind=kind) for n in range(5) for kind in ("veb_missed", "beats_extra")]
    found = chosen(places, per_kind=2, seed=1)
    assert [one.kind for one in found] == ["beats_extra"] * 2 + ["veb_missed"] * 2


def test_nothing_is_chosen_from_nothing():
    assert chosen([], per_kind=3, seed=1) == ()


def test_among_equals_every_one_can_be_drawn_and_the_seed_decides():
    equal = [place(f"c{n}") for n in range(6)]
    first = [chosen(equal, per_kind=1, seed=seed)[0].case_id for seed in range(200)]
    assert set(first) == {one.case_id for one in equal}
    assert max(first.count(one) for one in set(first)) < 70


@given(st.permutations([place(f"c{n}", n % 2, n % 3, kind=kind) for n in range(5) for kind in "xy"]), st.integers(0, 9))
def test_the_order_in_which_places_come_changes_nothing(places, seed):
    assert chosen(places, per_kind=3, seed=seed) == chosen(sorted(places, key=repr), per_kind=3, seed=seed)


def in_image(at, case_id="a"):
    return ErrorPlace(
        case_id=case_id, kind="missed_lesion", in_case=1.0, here=1.0, image="x.dcm", box=(at, at, 9.0, 9.0)
    )


@given(st.permutations([in_image(float(at)) for at in range(6)]), st.integers(0, 9))
def test_equal_places_of_one_image_are_drawn_from_by_where_they_are(places, seed):
    assert chosen(places, per_kind=2, seed=seed) == chosen(sorted(places, key=repr), per_kind=2, seed=seed)


def graded(off, reference, answer, case_id="a"):
    kind = f"grade_off_by_{off}"
    return ErrorPlace(case_id=case_id, kind=kind, in_case=off, here=off, reference=reference, answer=answer)


def test_the_grades_farthest_off_come_first_too_high_and_too_low_by_themselves():
    places = [graded(1, "1", "2", f"c{n}") for n in range(3)] + [graded(1, "1", "0"), graded(10, "0", "10")]
    places += [graded(2, "2", "0"), place("a", kind="false_negative")]
    found = [(one.kind, one.answer) for one in chosen(places, per_kind=1, seed=1)]
    assert found == [
        ("false_negative", ""),
        ("grade_off_by_10", "10"),
        ("grade_off_by_2", "0"),
        ("grade_off_by_1", "2"),
        ("grade_off_by_1", "0"),
    ]


def of_structure(name, case_id, here=1.0):
    return ErrorPlace(case_id=case_id, kind="poor_overlap", in_case=here, here=here, about=name)


def test_every_structure_has_pictures_of_its_own_where_structures_are_compared():
    places = [of_structure("cord", f"c{n}", 0.9) for n in range(5)] + [of_structure("heart", "c1", 0.1)]
    found = [one.about for one in chosen(places, per_kind=2, seed=1, by_structure=True)]
    assert found == ["cord", "cord", "heart"]
    assert [one.about for one in chosen(places, per_kind=2, seed=1)] == ["cord", "cord"]
