"""Which mark counts for which lesion: against a plain walk, against every possible assignment, and past traps."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.tasks import mark_matching
from dmn_bench.tasks.assigning import by_score, most_hits
from dmn_bench.tasks.hit_rules import HitRule
from dmn_bench.tasks.mark_matching import (
    FALSE_POSITIVE,
    HIT,
    ON_IGNORED,
    SECOND_HIT,
    CaseMarks,
    match_cases,
    match_marks,
    matched_cases,
)
from dmn_bench.vocabulary import Lesion, Mark

from .factories import FINDING, a_box, a_case, a_lesion

TOUCHING = HitRule(iou_at_least=0.1)
scores = st.none() | st.sampled_from([0.1, 0.2, 0.5, 0.9])
boxes = st.builds(lambda x, score: a_box(x=float(x), score=score), st.integers(0, 60), scores)
lesions = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=5).map(
    lambda places: [a_lesion(f"l{n}", x=float(x), ignore=ignore) for n, (x, ignore) in enumerate(places)]
)
pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=14, unique=True)


def overlap(mark, lesion):
    shared = max(0.0, min(mark.x, lesion.x) + 10 - max(mark.x, lesion.x))
    return shared / (20 - shared)


def walked(marks, lesions, least=0.1):
    """Greedy matching as one would write it down, mark after mark: the fate of each by its place."""
    fates, taken = {}, {}
    order = [(math.inf if mark.score is None else -mark.score, mark.x, m) for m, mark in enumerate(marks)]
    for _, _, m in sorted(order):
        near = [n for n, lesion in enumerate(lesions) if not lesion.ignore and overlap(marks[m], lesion) >= least]
        free = [n for n in near if n not in taken]
        if free:
            best = max(free, key=lambda n: (overlap(marks[m], lesions[n]), -n))
            taken[best], fates[m] = m, HIT
        elif any(lesion.ignore and max(0.0, 10 - abs(marks[m].x - lesion.x)) / 10 >= least for lesion in lesions):
            fates[m] = ON_IGNORED
        else:
            fates[m] = SECOND_HIT if near else FALSE_POSITIVE
    return [taken.get(n, -1) for n in range(len(lesions))], fates


def same(found, marks, expected):
    """Marks of one place and score are interchangeable."""
    name = lambda m: None if m < 0 else (marks[m].x, marks[m].score)  # noqa: E731
    taken, fates = expected
    by_name = [
        sorted((fate, str(name(m))) for m, fate in enumerate(some))
        for some in (found.fates.tolist(), [fates[m] for m in range(len(marks))])
    ]
    return [name(m) for m in found.found_by.tolist()] == [name(m) for m in taken] and by_name[0] == by_name[1]


@settings(max_examples=120)
@given(st.lists(st.tuples(lesions, st.lists(boxes, max_size=7)), min_size=1, max_size=3))
def test_all_cases_at_once_are_matched_as_one_after_the_other(drawn):
    cases = [CaseMarks(case=a_case(f"c{n}"), lesions=some, marks=marks) for n, (some, marks) in enumerate(drawn)]
    together = matched_cases(cases, TOUCHING, "false_positive")
    for one, found in zip(cases, together, strict=True):
        assert same(match_cases([one], TOUCHING), one.marks, walked(one.marks, one.lesions))
        assert match_marks(one.case, one.lesions, one.marks, TOUCHING, "false_positive") == found


@given(st.lists(st.tuples(lesions, st.lists(boxes, max_size=6)), max_size=3))
def test_pairs_in_parts_give_the_same(drawn):
    cases = [CaseMarks(case=a_case(f"c{n}"), lesions=some, marks=marks) for n, (some, marks) in enumerate(drawn)]
    whole = match_cases(cases, TOUCHING)
    at_once, mark_matching._PAIRS_AT_ONCE = mark_matching._PAIRS_AT_ONCE, 2
    try:
        parts = match_cases(cases, TOUCHING)
    finally:
        mark_matching._PAIRS_AT_ONCE = at_once
    assert [a.tolist() for a in whole] == [a.tolist() for a in parts]


# --------------------------------------------------------------------------------------------------------- optimal


def every_assignment(hits):
    """All ways to give each mark one of its lesions or none, no lesion twice."""
    ranks = sorted({rank for rank, _ in hits})
    choices = [[None, *(lesion for rank, lesion in hits if rank == one)] for one in ranks]
    for chosen in itertools.product(*choices):
        taken = [lesion for lesion in chosen if lesion is not None]
        if len(set(taken)) == len(taken):
            yield {rank: lesion for rank, lesion in zip(ranks, chosen, strict=True) if lesion is not None}


@settings(max_examples=100)
@given(pairs, st.randoms(use_true_random=False))
def test_optimal_finds_most_then_the_best_scores_then_the_nearest(hits, random):
    near = {pair: round(random.random(), 3) for pair in hits}
    rank, lesion = (np.array([pair[n] for pair in hits], dtype=np.int64) for n in (0, 1))
    lesions, ranks = most_hits(rank, lesion, np.array([near[pair] for pair in hits]))
    found = dict(zip(ranks.tolist(), lesions.tolist(), strict=True))
    merits = [
        (len(one), [-rank for rank in sorted(one)], sum(near[pair] for pair in one.items()))
        for one in every_assignment(hits)
    ]
    merit = (len(found), [-rank for rank in sorted(found)], sum(near[pair] for pair in found.items()))
    best = max(merits)
    assert merit[:2] == best[:2]
    assert merit[2] == pytest.approx(best[2])


@given(pairs, st.randoms(use_true_random=False))
def test_no_lesion_and_no_mark_is_used_twice_and_optimal_never_finds_fewer(hits, random):
    rank, lesion = (np.array([pair[n] for pair in hits], dtype=np.int64) for n in (0, 1))
    near = np.array([random.random() for _ in hits])
    greedy, optimal = by_score(rank, lesion, near), most_hits(rank, lesion, near)
    for found in (greedy, optimal):
        assert all(len(set(side.tolist())) == len(side) for side in found)
        assert set(zip(found[1].tolist(), found[0].tolist(), strict=True)) <= set(hits)
    assert len(optimal[0]) >= len(greedy[0])


def test_optimal_gives_up_the_nearest_lesion_where_another_mark_reaches_no_other():
    near, far = a_lesion("near"), a_lesion("far", x=8)
    first, second = a_box(x=2, score=0.9), a_box(x=-5, score=0.4)
    greedy = match_marks(a_case(), [near, far], [first, second], TOUCHING, "false_positive")
    assert ([mark and mark.score for mark in greedy.hits], len(greedy.false_positives)) == ([0.9, None], 1)
    optimal = match_marks(a_case(), [near, far], [first, second], TOUCHING, "false_positive", "optimal")
    assert ([mark.score for mark in optimal.hits], optimal.false_positives) == ([0.4, 0.9], ())


def test_many_marks_on_many_lesions_are_placed_in_time():
    lesions = [a_lesion(f"l{n}", x=n / 10) for n in range(150)]
    marks = [a_box(x=n / 10, score=n / 200) for n in range(200)]
    for matching in ("by_score", "optimal"):
        found = match_marks(a_case(), lesions, marks, TOUCHING, "ignored", matching)
        assert sum(hit is not None for hit in found.hits) == 150


# ------------------------------------------------------------------------------------------ traps of other programs


def test_marks_far_from_every_lesion_are_no_hits_however_they_are_assigned():
    lesions = [a_lesion(f"l{n}", x=100.0 * n) for n in range(20)]
    marks = [a_box(x=100.0 * n, y=500.0, score=0.9) for n in range(20)]
    for rule, matching in itertools.product(
        (TOUCHING, HitRule(centre_in_region=True), HitRule(distance_px_at_most=50)), ("by_score", "optimal")
    ):
        found = match_marks(a_case(), lesions, marks, rule, "ignored", matching)
        assert found.hits == (None,) * 20
        assert len(found.false_positives) == 20


@pytest.mark.parametrize("matching", ["by_score", "optimal"])
def test_the_higher_score_counts_and_not_the_larger_overlap(matching):
    sure, close = a_box(x=4, score=0.9), a_box(x=0, score=0.3)
    found = match_marks(a_case(), [a_lesion()], [close, sure], TOUCHING, "false_positive", matching)
    assert (found.hits, found.false_positives) == ((sure,), (close,))


@pytest.mark.parametrize("width", [0.3, 1 / 3, 7.7])
def test_an_overlap_of_exactly_the_limit_hits_at_any_size_and_place(width):
    lesion = Lesion(lesion_id="l", finding=FINDING, image=None, frame=None, x=0.1, y=0.7, width=2 * width, height=width)
    mark = Mark(finding=FINDING, x=0.1, y=0.7, width=width, height=width, score=1.0)
    assert match_marks(a_case(), [lesion], [mark], HitRule(iou_at_least=0.5), "ignored").hits == (mark,)


def test_a_lesion_to_ignore_does_not_take_a_mark_that_finds_another():
    lesions = [a_lesion("i", ignore=True), a_lesion("l", x=5)]
    found = match_marks(a_case(), lesions, [a_box(x=1, score=0.9), a_box(x=2, score=0.5)], TOUCHING, "false_positive")
    assert ([hit.score for hit in found.hits], found.false_positives) == ([0.9], ())
