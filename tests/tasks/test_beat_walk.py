"""The walk: its pairs are those of the same rule applied beat by beat, on anything that can stand in a file."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.tasks.beat_labels import NEVER, beat_labels
from dmn_bench.tasks.beat_walk import _first_beats, walk

from ..shared_data import shared_data


def at(times, place):
    return times[place] if place < len(times) else NEVER


def beat_by_beat(reference, test, *, start, end, window):
    """The rule of the standard, one step after the other: (pairs, missed, extra)."""
    i, j = _first_beats(np.array(reference, dtype=np.int64), np.array(test, dtype=np.int64), start, window)
    pairs, missed, extra = [], [], []
    while True:
        here, beyond, found, later = at(reference, i), at(reference, i + 1), at(test, j), at(test, j + 1)
        if min(here, found) > end:
            return pairs, missed, extra
        apart = abs(here - found)
        rival = abs(here - later) if found < here else abs(found - beyond)
        if apart <= window and (apart < rival or abs(beyond - later) < rival):
            pairs.append([i, j])
            i, j = i + 1, j + 1
        elif found < here:
            extra.append([i, j])
            j += 1
        else:
            missed.append([i, j])
            i += 1


def walked(reference, test, **period):
    found = walk(np.array(reference, dtype=np.int64), np.array(test, dtype=np.int64), **period)
    return tuple(sorted(steps.tolist()) for steps in (found.pairs, found.missed, found.extra))


def times(latest, **size):
    return st.lists(st.integers(0, latest), **size).map(sorted)


crowded = times(60, max_size=40)  # several at one time
loose = times(3000, max_size=30)
periods = st.tuples(st.integers(0, 200), st.integers(0, 3200), st.sampled_from([0, 1, 5, 54]))


@settings(max_examples=400)
@given(st.one_of(st.tuples(crowded, crowded), st.tuples(loose, loose), st.tuples(loose, crowded)), periods)
@example(([], []), (0, 10, 54))
@example(([5, 5, 5], [5, 5]), (0, 10, 0))
@example(([10], []), (10, 10, 54))
@example(([100, 130, 160], [115, 145]), (0, 3000, 54))
def test_pairs_are_those_of_the_rule_applied_beat_by_beat(sides, period):
    start, end, window = period
    given_ = {"start": start, "end": end, "window": window}
    assert walked(*sides, **given_) == beat_by_beat(*sides, **given_)


@given(crowded, crowded)
def test_every_beat_of_the_period_is_paired_missed_or_extra_once(reference, test):
    pairs, missed, extra = walked(reference, test, start=0, end=60, window=7)
    assert sorted(i for i, _ in [*pairs, *missed]) == list(range(len(reference)))
    assert sorted(j for _, j in [*pairs, *extra]) == list(range(len(test)))
    assert all(abs(reference[i] - test[j]) <= 7 for i, j in pairs)


@given(loose, st.integers(-50, 50))
def test_a_file_moved_as_a_whole_by_less_than_half_the_smallest_interval_pairs_completely(reference, moved):
    gaps = np.diff(reference)
    if len(reference) == 0 or (gaps <= 2 * abs(moved)).any():
        return
    pairs, missed, extra = walked(
        [t + 100 for t in reference], [t + 100 + moved for t in reference], start=0, end=9000, window=54
    )
    assert (len(pairs), missed, extra) == (len(reference), [], [])


@pytest.mark.parametrize("annotator", ["gqr", "prt", "edg"])
def test_on_real_records_the_walk_is_the_one_beat_by_beat(annotator):
    records, answers = shared_data("ecg/mitdb"), shared_data("ecg/oracle/wfdb/annotators")
    names = sorted(path.stem for path in answers.glob(f"*.{annotator}"))
    assert len(names) == 23
    for name in names:
        files = read_annotations(records / name, "atr"), read_annotations(answers / name, annotator)
        sides = [beat_labels(file, 54, "S").times.tolist() for file in files]
        for start in (0, 108_000):
            period = {"start": start, "end": 650_000, "window": 54}
            assert walked(*sides, **period) == beat_by_beat(*sides, **period), name
