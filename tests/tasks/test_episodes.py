"""Episodes of a rhythm: where they are read, what overlaps, burden, delay, and hostile answers."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.hookspecs import JudgingContext
from dmn_bench.tasks.episode_matching import clipped, delays, merged, overlaps, shared
from dmn_bench.tasks.episode_reading import bracket_spans, note_spans
from dmn_bench.tasks.episodes import FIGURES, Episodes
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, Beats, Episode

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

HZ = 100
TASK = Episodes(learning_seconds=0)


def rhythms(*marks, sampling_hz=None):
    """Annotations from (second, word) pairs: a rhythm note "(AFIB", a bracket, or a beat."""
    return Beats(
        samples=np.array([round(second * (sampling_hz or HZ)) for second, _ in marks], dtype=np.int64),
        symbols=tuple("+" if word.startswith("(") else word for _, word in marks),
        notes=tuple(word if word.startswith("(") else "" for _, word in marks),
        sampling_hz=sampling_hz,
    )


AF = rhythms((0, "(N"), (10, "(AFIB"), (30, "(N"), (50, "(AFIB"), (60, "(N"))


def episodes(*spans, label="AFIB"):
    return tuple(Episode(start_s=start, end_s=end, label=label) for start, end in spans)


def answered(case_id="r1-case", said=None, beats=None):
    return Answer(case_id=case_id, status="answered", episodes=said, beats=beats)


def a_record(unit_id="r1", *case_ids):
    names = case_ids or (f"{unit_id}-case",)
    return a_unit(unit_id, None, cases=tuple(a_case(name, f"patient of {unit_id}") for name in names))


def lending(units, reference, analysis=ITD, seconds=100):
    return context(
        units, analysis, reference_beats=lambda _: reference, sampling_hz=lambda _: HZ, n_samples=lambda _: seconds * HZ
    )


def judged(said, task=TASK, reference=AF, seconds=100):
    """Columns of the one record, and the delays of its reference episodes."""
    units = [a_record()]
    found = task.judge(units, {} if said is None else by_case(said), lending(units, reference, seconds=seconds))
    row = {name: float(column[0]) for name, column in found.columns.items()}
    return row, found.columns["score"][1:].tolist()


def figures(row):
    """Numerators and denominators in the order of FIGURES."""
    return [(row[f"{name}_numerator"], row[f"{name}_denominator"]) for name in FIGURES]


class TestEpisodesConform(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        return [a_record("r1", "a", "b"), *(a_record(f"r{n}") for n in range(2, 6))]

    def answer(self, case):
        return answered(case.case_id, episodes((12, 20.0 + len(case.case_id)), (70, 75)))

    def context(self, analysis):
        return lending(self.units(), AF, analysis)


# -------------------------------------------------------------------------------------------------- where they are


@pytest.mark.parametrize(
    ("marks", "spans"),
    [
        ([], []),
        ([(5, "(AFIB")], [(5, 100)]),
        ([(5, "(AFIB"), (9, "(AFIB"), (12, "(N")], [(5, 12)]),
        ([(5, "(AFIB"), (5, "(N")], []),
        ([(5, "(AFL"), (9, "(AFIB"), (12, "(AFL")], [(9, 12)]),
        ([(5, "(AFIB)"), (9, "( afib "), (12, "(B")], [(5, 12)]),
        ([(5, "(AFIB"), (9, "(NOISE"), (12, "(N")], [(5, 12)]),
        ([(5, "(N"), (9, "(NOISE"), (12, "(AFIB"), (20, "(NOISE")], [(12, 100)]),
    ],
)
def test_a_rhythm_lasts_to_the_next_note_and_noise_is_none(marks, spans):
    assert (note_spans(rhythms(*marks), {"AFIB"}, 100 * HZ, "continue") / HZ).tolist() == [list(one) for one in spans]


def test_noise_ends_a_rhythm_where_the_protocol_says_so():
    marks = rhythms((5, "(AFIB"), (9, "(NOISE"), (12, "(N"))
    assert (note_spans(marks, {"AFIB"}, 100 * HZ, "end") / HZ).tolist() == [[5, 9]]


def test_text_that_is_no_rhythm_note_is_passed_over():
    beats = Beats(samples=np.array([5, 9, 12]), symbols=("+", '"', "N"), notes=("AFIB", "(N", "(AFIB"))
    assert note_spans(beats, {"AFIB"}, 100, "continue").tolist() == []
    assert note_spans(replace(beats, notes=()), {"AFIB"}, 100, "continue").tolist() == []


@pytest.mark.parametrize(
    ("marks", "spans"),
    [
        ([(5, "["), (9, "]")], [(5, 9)]),
        ([(5, "["), (7, "["), (9, "]"), (11, "]")], [(5, 9)]),
        ([(4, "]"), (5, "[")], [(5, 100)]),
        ([(5, "(VFIB"), (9, "(N")], []),
    ],
)
def test_fibrillation_lasts_from_bracket_to_bracket(marks, spans):
    assert (bracket_spans(rhythms(*marks), 100 * HZ) / HZ).tolist() == [list(one) for one in spans]


@pytest.mark.parametrize(("source", "seconds"), [("brackets", 4), ("notes", 30), ("both", 34)])
def test_ventricular_fibrillation_is_read_from_brackets_notes_or_both(source, seconds):
    marks = rhythms((5, "["), (9, "]"), (20, "(VF"), (30, "(VFL"), (40, "(VFIB"), (50, "(VT"))
    task = Episodes(rhythm="VF", fibrillation=source, learning_seconds=0)
    row, _ = judged(answered(beats=marks), task, marks)
    assert row["reference_burden_numerator"] == row["device_burden_numerator"] == seconds
    assert row["is_af"] == 0


def test_labels_that_count_as_one_rhythm_are_joined():
    marks = rhythms((5, "(AFIB"), (9, "(AFL"), (12, "(N"))
    row, _ = judged(answered(said=episodes((5, 12))), Episodes(rhythm=("AFIB", "AFL"), learning_seconds=0), marks)
    assert figures(row)[:3] == [(1, 1), (1, 1), (7, 7)]
    assert (row["is_af"], judged(answered(said=()))[0]["is_af"]) == (0, 1)


def test_a_device_may_call_the_rhythm_by_another_name():
    said = answered(said=episodes((10, 30), label="FIBR"))
    assert judged(said)[0]["device_episodes"] == 0
    assert judged(said, Episodes(also_called=("fibr",), learning_seconds=0))[0]["found_episodes"] == 1
    for usual in ("AF", "af", "FA", "(AFIB"):
        assert judged(answered(said=episodes((10, 30), label=usual)))[0]["found_episodes"] == 1


def test_a_label_that_is_no_code_of_a_rhythm_fails_the_record_and_is_not_passed_over():
    said = answered(said=episodes((10, 30), label="Atrial fibrillation"))
    units = [a_record()]
    found = TASK.judge(units, by_case(said), lending(units, AF))
    assert found.units.statuses == ("failed",)
    assert "ATRIAL FIBRILLATION" in found.units.reasons[0]
    named = Episodes(also_called=("Atrial fibrillation",), learning_seconds=0)
    assert judged(said, named)[0]["found_episodes"] == 1


def test_episodes_notes_and_another_sampling_rate_say_the_same():
    spans = [(12, 28), (52, 90)]
    notes = [(second, word) for start, end in spans for second, word in ((start, "(AFIB"), (end, "(N"))]
    by_episodes = judged(answered(said=episodes(*spans)))
    assert judged(answered(beats=rhythms(*notes))) == by_episodes
    assert judged(answered(beats=rhythms(*notes, sampling_hz=250))) == by_episodes
    assert judged(answered(said=episodes(*spans), beats=rhythms((0, "(AFIB")))) == by_episodes


# --------------------------------------------------------------------------------------------------- what overlaps


@pytest.mark.parametrize(
    ("spans", "counts", "seconds", "seen_after"),
    [
        ([(10, 30), (50, 60)], (2, 2, 2, 2), (30, 30, 30), [0, 0]),
        ([], (2, 0, 0, 0), (30, 0, 0), [math.inf, math.inf]),
        ([(0, 100)], (2, 2, 1, 1), (30, 100, 30), [0, 0]),
        ([(30, 50)], (2, 0, 1, 0), (30, 20, 0), [math.inf, math.inf]),
        ([(29, 51)], (2, 2, 1, 1), (30, 22, 2), [19, 0]),
        ([(55, 58), (13, 14), (20, 25)], (2, 2, 3, 3), (30, 9, 9), [3, 5]),
        ([(12, 20), (14, 16), (18, 22), (22, 24)], (2, 1, 1, 1), (30, 12, 12), [2, math.inf]),
        ([(15, 15), (70, 72)], (2, 0, 1, 0), (30, 2, 0), [math.inf, math.inf]),
        ([(-20, 12), (58, 5000)], (2, 2, 2, 2), (30, 54, 4), [0, 8]),
        ([(200, 300)], (2, 0, 0, 0), (30, 0, 0), [math.inf, math.inf]),
        ([(1e300, 1e301)], (2, 0, 0, 0), (30, 0, 0), [math.inf, math.inf]),
    ],
)
def test_any_overlap_finds_an_episode(spans, counts, seconds, seen_after):
    row, found_after = judged(answered(said=episodes(*spans)))
    names = ("reference_episodes", "found_episodes", "device_episodes", "true_episodes")
    assert tuple(row[name] for name in names) == counts
    of_sides = (
        row["reference_burden_numerator"],
        row["device_burden_numerator"],
        row["duration_sensitivity_numerator"],
    )
    assert of_sides == seconds
    assert found_after == seen_after


def test_the_test_period_begins_after_the_learning_period():
    row, found_after = judged(answered(said=episodes((0, 26), (50, 52))), Episodes(learning_seconds=25))
    assert figures(row) == [(2, 2), (2, 2), (3, 15), (3, 3), (15, 75), (3, 75)]
    assert found_after == [0, 0]
    row, found_after = judged(answered(said=episodes((0, 26))), Episodes(learning_seconds=300))
    assert (row["seconds"], row["reference_episodes"], row["burdens"], found_after) == (0, 0, 0, [])


def test_flutter_of_the_reference_excuses_device_time_in_it():
    reference = rhythms((10, "(AFIB"), (30, "(AFL"), (50, "(N"))
    said = answered(said=episodes((20, 40), (42, 48), (60, 70)))
    plain, _ = judged(said, reference=reference)
    assert figures(plain)[:4] == [(1, 1), (1, 3), (10, 20), (10, 36)]
    without, _ = judged(said, Episodes(flutter="excluded", learning_seconds=0), reference)
    assert figures(without)[:4] == [(1, 1), (1, 2), (10, 20), (10, 20)]


def test_burden_is_the_share_of_the_test_period():
    row, _ = judged(answered(said=episodes((10, 60))))
    assert (row["burdens"], row["burden_error"], row["burden_absolute_error"]) == (1, 20, 20)
    row, _ = judged(answered(said=()))
    assert (row["burdens"], row["burden_error"], row["burden_absolute_error"]) == (1, -30, 30)


def test_a_record_without_an_answer_has_every_episode_missed_and_no_burden_of_the_device():
    for said in (None, unanswered("r1-case", "abstained")):
        row, found_after = judged(said)
        assert figures(row) == [(0, 2), (0, 0), (0, 30), (0, 0), (30, 100), (0, 0)]
        assert (row["burdens"], row["seconds_analysed"], found_after) == (0, 0, [math.inf, math.inf])
    units = [a_record()]
    assert TASK.judge(units, {}, lending(units, AF, EVALUABLE)).row_units.size == 0


def test_a_record_without_episodes_is_in_the_table_and_in_no_sensitivity():
    row, found_after = judged(answered(said=()), reference=rhythms((0, "(N")))
    assert figures(row)[:4] == [(0, 0)] * 4
    assert (row["seconds_analysed"], found_after) == (100, [])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answered(), "no episodes"),
        (answered(said=episodes((math.nan, 4))), "time of an episode not finite"),
        (answered(said=episodes((3, math.inf))), "time of an episode not finite"),
        (answered(said=episodes((9, 4))), "episode ends before it begins"),
        (answered(beats=rhythms((9, "(AFIB"), (4, "(N"))), "beats not in order of time"),
    ],
)
def test_an_answer_that_cannot_be_read_as_episodes_has_failed(answer, reason):
    units = [a_record()]
    found = TASK.judge(units, by_case(answer), lending(units, AF))
    assert (found.units.statuses, found.units.reasons) == (("failed",), (reason,))
    assert found.columns["found_episodes"].sum() == 0


def test_what_cannot_be_scored_is_refused():
    for options in ({"rhythm": ()}, {"rhythm": "("}, {"rhythm": ("VT", " ")}):
        with pytest.raises(ProtocolError, match="no_rhythm"):
            Episodes(**options)
    with pytest.raises(ProtocolError, match="option_negative"):
        Episodes(learning_seconds=math.inf)
    with pytest.raises(ProtocolError, match="no_reference_beats"):
        TASK.judge([a_record()], {}, JudgingContext(analysis=ITD, patients={"patient of r1": 0}))
    with pytest.raises(ReferenceSetError, match="reference_beats_not_in_order"):
        TASK.judge([a_record()], {}, lending([a_record()], rhythms((9, "(AFIB"), (4, "(N"))))


# ---------------------------------------------------------------------------------------------- tables and errors


def test_tables_hold_both_sides_and_the_lines_of_figures():
    units = [a_record("r1"), a_record("r2")]
    said = by_case(answered("r1-case", episodes((10, 30), (70, 80))), answered("r2-case", ()))
    by_number, by_time, gross, average, *each = TASK.tables(TASK.judge(units, said, lending(units, AF)))
    assert (by_number.name, by_number.counts) == ("episodes", ((1, 3), (1, 1)))
    assert (by_time.name, by_time.counts) == ("episode_seconds", ((20, 40), (20, 10)))
    lines = [(t.name, t.case_id, dict(zip(t.rows, t.counts, strict=True))) for t in (gross, average, *each)]
    assert [(name, case, figure["episode_sensitivity"]) for name, case, figure in lines] == [
        ("ec57_lines", None, (1, 4)),
        ("ec57_average", None, (0.5, 2)),
        ("ec57_lines", "r1-case", (1, 2)),
        ("ec57_lines", "r2-case", (0, 2)),
    ]
    assert lines[0][2]["device_burden"] == (30, 200)


def test_errors_and_places_name_missed_and_false_episodes():
    units = [a_record("r1"), a_record("r2"), a_record("r3")]
    said = by_case(
        answered("r1-case", episodes((10, 30), (70, 80))), answered("r2-case", ()), unanswered("r3-case", "failed")
    )
    lent = lending(units, AF)
    errors = TASK.errors(TASK.judge(units, said, lent))
    assert [(e.unit_id, e.kind, e.reference, e.answer) for e in errors] == [
        ("r3", "unanswered", "annotated", "failed"),
        ("r2", "episodes_missed", "2", "2"),
        ("r1", "episodes_false", "2", "1"),
        ("r1", "episodes_missed", "2", "1"),
    ]
    moments = [(place.case_id, place.kind, place.moments_s) for place in TASK.places(units, said, lent)]
    assert sorted(moments) == [
        ("r1-case", "episodes_false", (70.0,)),
        ("r1-case", "episodes_missed", (50.0,)),
        ("r2-case", "episodes_missed", (10.0,)),
        ("r2-case", "episodes_missed", (50.0,)),
    ]


# -------------------------------------------------------------------------------------------------------- properties

raw = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple), max_size=8)


def filled(spans, size=70):
    """The same time as one mark for each sample: a witness without cleverness."""
    mask = np.zeros(size, dtype=bool)
    for start, end in spans:
        mask[start:end] = True
    return mask


@given(raw, raw)
def test_spans_are_what_counting_samples_gives(one, other):
    first, second = merged(one), merged(other)
    mine, theirs = filled(one), filled(other)
    assert (filled(first.tolist()) == mine).all()
    assert (first[1:, 0] > first[:-1, 1]).all()
    assert shared(first, second).tolist() == [int((mine & theirs)[a:b].sum()) for a, b in first.tolist()]
    assert overlaps(first, second).tolist() == [bool(theirs[a:b].any()) for a, b in first.tolist()]
    waits = [float(np.argmax(theirs[a:b])) if theirs[a:b].any() else math.inf for a, b in first.tolist()]
    assert delays(first, second).tolist() == waits
    assert (filled(clipped(first, 20, 40).tolist()) == (mine & filled([(20, 40)]))).all()


@given(raw)
def test_a_side_finds_all_of_itself(spans):
    row, found_after = judged(answered(said=episodes(*spans)), reference=_as_notes(spans))
    assert row["burden_error"] == 0
    assert row["reference_episodes"] == row["found_episodes"] == row["device_episodes"] == row["true_episodes"]
    assert found_after == [0.0] * int(row["reference_episodes"])


def _as_notes(spans):
    marks = [mark for start, end in merged(spans).tolist() for mark in ((start, "(AFIB"), (end, "(N"))]
    return rhythms(*marks)


def test_a_week_with_thousands_of_episodes_is_matched_in_moments():
    rng = np.random.default_rng(7)
    starts = np.sort(rng.choice(600_000, 20_000, replace=False))
    spans = np.stack((starts, starts + rng.integers(1, 20, 20_000)), axis=1)
    marks = [mark for start, end in merged(spans).tolist() for mark in ((start, "(AFIB"), (end, "(N"))]
    moved = spans + np.array([2, 3])
    said = answered(said=episodes(*moved.tolist()))
    row, found_after = judged(said, reference=rhythms(*marks), seconds=604_800)
    assert row["reference_episodes"] == len(found_after) > 10_000
    mask, other = filled(spans.tolist(), 604_800), filled(moved.tolist(), 604_800)
    assert row["duration_sensitivity_numerator"] == (mask & other).sum()
