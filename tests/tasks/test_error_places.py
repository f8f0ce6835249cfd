"""Where errors lie: full stretches first, none overlapping, and every beat that the table counts is found."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.hookspecs import LocatedErrors
from dmn_bench.tasks.beat_labels import CLASSES, beat_labels
from dmn_bench.tasks.beat_matching import Period, match
from dmn_bench.tasks.beat_places import NO_BEAT, beat_places, differences
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.tasks.error_places import STRIP_SECONDS, stretches
from dmn_bench.vocabulary import STATUSES, Answer, Beats

from .factories import ITD, a_case, a_unit, by_case, context, unanswered

HZ = 100
LENGTH_S = 300.0


def beats(*pairs):
    """Beats from (second, symbol) pairs."""
    return Beats(
        samples=np.array([round(at * HZ) for at, _ in pairs], dtype=np.int64), symbols=tuple(name for _, name in pairs)
    )


def matched(reference, test):
    sides = (beat_labels(side, 15, "S") for side in (reference, test))
    period = Period(0, int(LENGTH_S * HZ), 15, HZ)
    return match(*sides, period), period


def test_the_stretch_with_the_most_errors_comes_first():
    found = stretches("c1", "beats_missed", [5, 50, 52, 54, 200], record_s=LENGTH_S)
    assert [(one.start_s, one.here) for one in found] == [(47, 3), (0, 1), (195, 1)]
    assert {one.in_case for one in found} == {5}
    assert found[0].moments_s == (50, 52, 54)


@given(st.lists(st.floats(0, LENGTH_S), max_size=60), st.sampled_from([LENGTH_S, 300.4]))
def test_stretches_lie_in_the_recording_do_not_overlap_and_show_what_they_count(moments, record_s):
    found = stretches("c1", "x", moments, record_s=record_s)
    spans = sorted((one.start_s, one.end_s) for one in found)
    assert all(0 <= start < end <= record_s for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for one in found:
        assert one.here == len(one.moments_s) == sum(one.start_s <= at <= one.end_s for at in moments)
        assert one.end_s - one.start_s == STRIP_SECONDS
    assert bool(found) == bool(moments)


def test_a_recording_shorter_than_a_strip_is_one_stretch():
    (found,) = stretches("c1", "x", [1.0, 3.0], record_s=4.0)
    assert (found.start_s, found.end_s, found.here) == (0, 4, 2)


def test_differences_by_hand():
    reference = beats((1, "N"), (2, "V"), (3, "N"), (4, "F"))
    test = beats((1.1, "N"), (2, "N"), (3.5, "V"), (4, "V"))
    found = differences(matched(reference, test)[0]).tolist()
    n, v, f = (CLASSES.index(name) for name in "NVF")
    assert found == [[200, v, n], [300, n, NO_BEAT], [350, NO_BEAT, v], [400, f, v]]


def test_kinds_are_those_whose_beats_the_standard_counts():
    reference = beats((1, "N"), (2, "V"), (3, "S"), (4, "F"), (5, "Q"), (6, "N"))
    test = beats((1, "V"), (2, "S"), (3, "N"), (4, "V"), (5, "V"), (7, "N"))
    found = {one.kind: one.in_case for one in beat_places("c1", *matched(reference, test))}
    assert found == {
        "veb_false": 1,  # the fusion and the unclassifiable beat called V are no errors
        "veb_missed": 1,
        "sveb_false": 1,
        "sveb_missed": 1,
        "beats_missed": 1,
        "beats_extra": 1,
    }


SIDE = st.lists(st.tuples(st.integers(0, 2900), st.sampled_from("NSVFQ~[]+")), max_size=60)


@settings(max_examples=60)
@given(SIDE, SIDE)
def test_places_hold_as_many_beats_as_the_table_counts(reference, test):
    both = [beats(*sorted((at / 10, name) for at, name in side)) for side in (reference, test)]
    pair, period = matched(*both)
    counts = pair.counts()
    found = {one.kind: one.in_case for one in beat_places("c1", pair, period)}
    n, s, v, f = 0, 1, 2, 3
    assert found.get("beats_missed", 0) == counts[:5, 5:].sum()
    assert found.get("beats_extra", 0) == counts[5:].sum()
    assert found.get("veb_missed", 0) == counts[v].sum() - counts[v, v]
    assert found.get("veb_false", 0) == counts[[n, s, 5, 6], v].sum()
    assert found.get("sveb_missed", 0) == counts[s].sum() - counts[s, s]
    assert found.get("sveb_false", 0) == counts[[n, v, f, 5, 6], s].sum()


@pytest.mark.parametrize("status", STATUSES[1:])
def test_a_record_without_an_answer_has_no_place(status):
    units = [a_unit("c1", None, cases=[a_case("c1")])]
    answers = by_case(unanswered("c1", status))
    lent = context(
        units, ITD, reference_beats=lambda _: beats((1, "N")), sampling_hz=lambda _: HZ, n_samples=lambda _: 30_000
    )
    assert BeatByBeat(learning_seconds=0).places(units, answers, lent) == []


def test_the_task_says_where_its_errors_are():
    task = BeatByBeat(learning_seconds=10)
    assert isinstance(task, LocatedErrors)
    units = [a_unit("c1", None, cases=[a_case("c1")])]
    reference = beats((2, "N"), (20, "N"), (60, "V"))
    answers = by_case(Answer(case_id="c1", status="answered", beats=beats((60, "V"))))
    lent = context(
        units, ITD, reference_beats=lambda _: reference, sampling_hz=lambda _: HZ, n_samples=lambda _: 30_000
    )
    (found,) = task.places(units, answers, lent)
    assert (found.case_id, found.kind, found.moments_s) == ("c1", "beats_missed", (20.0,))
