"""Intervals, rates, contexts and lines of figures of one record, worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.tasks.beat_contexts import CONTEXTS, contexts
from dmn_bench.tasks.beat_intervals import interval_errors, rate_errors
from dmn_bench.tasks.beat_labels import beat_labels
from dmn_bench.tasks.beat_matching import Period, match
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.vocabulary import Answer

from .factories import a_case, a_unit, by_case, unanswered
from .test_beats import a_record, beats, lending, table

HZ = 100.0
WHOLE = Period(0, 100_000, 15, HZ)


def labels(*pairs, subtypes=()):
    return beat_labels(beats(*pairs, subtypes=subtypes), WHOLE.window, "S")


def errors(reference, test, **options):
    found = interval_errors(match(reference, test, WHOLE), HZ, **options)
    return found.total, found.n


def test_errors_of_intervals_are_in_squared_milliseconds():
    reference, test = labels(100, 200, 300), labels(101, 200, 303)
    # 100 and 100 samples of 10 ms against 99 and 103
    assert errors(reference, test) == ((1 * 10) ** 2 + (3 * 10) ** 2, 2)


def test_a_missed_beat_is_compared_with_the_beat_that_stood_next():
    reference, test = labels(100, 200, 300), labels(100, 300)
    # missed at 200: 100 against 200 samples; pair at 300: 100 against 200
    assert errors(reference, test) == (2 * 1000.0**2, 2)
    assert errors(reference, test, paired_only=True) == (1000.0**2, 1)


def test_no_interval_goes_across_a_shutdown_or_fibrillation():
    shut = labels(100, 200, (300, "~"), (600, "~"), 700, 800, subtypes=(0, 0, 0x30, 0, 0, 0))
    assert errors(shut, labels(100, 200, 700, 805)) == (50.0**2, 2)
    flutter = labels(100, 200, (300, "["), (600, "]"), 700, 800)
    assert errors(labels(100, 200, 700, 805), flutter) == (50.0**2, 2)


@pytest.mark.parametrize("sides", [((), ()), ((100,), (100,)), ((), (100, 200)), ((100, 200), ()), ((5, 5, 5), (5, 5))])
def test_where_there_is_no_interval_there_is_no_error(sides):
    reference, test = (labels(*side) for side in sides)
    assert errors(reference, test)[0] == 0.0


def test_the_rate_is_counted_in_whole_minutes_without_the_reference_s_gaps():
    reference = labels(*range(50, 18_000, 100))  # 60 a minute for three minutes
    test = labels(*(t for t in range(50, 18_000, 100) if not 6_000 <= t < 7_000))  # ten lost in the second
    assert rate_errors(reference, test, Period(0, 20_000, 15, HZ)) == (10.0, 3)
    shut = labels(*range(50, 6_000, 100), (7_000, "["), (8_000, "]"), *range(12_050, 18_000, 100))
    assert rate_errors(shut, test, Period(0, 20_000, 15, HZ)) == (0.0, 2)
    assert rate_errors(reference, test, Period(0, 5_999, 15, HZ)) == (0.0, 0)


def standing(*pairs):
    side = labels(*pairs)
    found = contexts(side, WHOLE)
    return {name: side.times[found[name]].tolist() for name in CONTEXTS}


def test_ectopic_beats_stand_alone_or_in_runs_of_their_kind():
    record = [100, (200, "V"), 300, (400, "V"), (500, "F"), (600, "V"), (700, "A"), (800, "S"), 900, (1000, "A")]
    found = standing(*record)
    assert found["isolated"] == [200, 1000]
    assert found["first_of_run"] == [400, 700]
    assert found["later_in_run"] == [500, 600, 800]


def test_a_gap_ends_a_run_and_no_pause_goes_across_it():
    found = standing(100, (200, "V"), (300, "["), (400, "]"), (500, "V"), 600, 700)
    assert (found["isolated"], found["later_in_run"], found["after_pause"]) == ([200, 500], [], [])


def test_a_pause_is_half_as_long_again_as_the_mean_interval():
    # intervals 100, 100, 100, 180 and 100: mean 116, limit 174
    assert standing(100, 200, 300, 400, 580, 680)["after_pause"] == [580]
    assert standing(100, 200, 300, 400, 560, 660)["after_pause"] == []  # mean 112, limit 168


@given(st.lists(st.tuples(st.integers(0, 5_000), st.sampled_from("NVSFQA+[]")), max_size=40))
def test_every_ectopic_beat_has_one_place_in_runs(pairs):
    side = labels(*sorted(pairs))
    found = contexts(side, WHOLE)
    times = sum(found[name].astype(int) for name in ("isolated", "first_of_run", "later_in_run"))
    assert times.tolist() == np.isin(side.classes, [1, 2, 3]).astype(int).tolist()


# ------------------------------------------------------------------------------------------------- the whole task

TASK = BeatByBeat(learning_seconds=0)


def judged(reference, *answers, task=TASK, n_samples=100_000):
    """Judgements of records that all have the same reference; None for one without an answer."""
    units = [a_record(f"r{n}") for n in range(len(answers))]
    said = by_case(
        *(
            unanswered(f"r{n}-case") if one is None else Answer(case_id=f"r{n}-case", status="answered", beats=one)
            for n, one in enumerate(answers)
        )
    )
    return task.judge(units, said, lending(units, reference, n_samples=n_samples))


def figures(judgements, name="ec57_lines", case_id=None, task=TASK):
    [found] = [t for t in task.tables(judgements) if (t.name, t.case_id) == (name, case_id)]
    return dict(zip(found.rows, found.counts, strict=True))


def test_the_line_of_a_record_the_gross_line_and_the_average():
    reference = beats(100, (400, "V"), 700, (1000, "A"))
    found = judged(reference, reference, beats(100, (400, "V"), (700, "V"), 1000, 1300), beats(100), None)
    assert figures(found, case_id="r1-case")["veb_positive_predictivity"] == (1, 2)
    assert figures(found)["veb_sensitivity"] == (2, 4)
    assert figures(found, "ec57_average")["veb_sensitivity"] == (2.0, 4.0)
    assert figures(found, "ec57_average")["qrs_sensitivity"] == (1 + 1 + 0.25 + 0, 4)
    assert figures(found, "ec57_average")["veb_positive_predictivity"] == (1.5, 2)  # two records call no beat V
    assert figures(found, case_id="r2-case")["sveb_positive_predictivity"] == (0, 0)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (beats(), beats()),
        (beats(), beats(100, 400)),
        (beats(100, (400, "V")), beats()),
        (beats(100), beats(100)),
        (beats((100, "+"), (200, "~")), beats((100, "|"))),
        (beats(100, 100, 100), beats(100, 100, (100, "V"))),
        (beats(100, 400, 700), beats(100)),  # a device that stops early
        (beats((100, "["), (200, "N")), beats((50, "["), (60, "]"))),
        (beats(100), None),
    ],
)
@pytest.mark.parametrize("n_samples", [100_000, 500, 0])
def test_every_record_is_scored_and_what_is_undefined_has_no_denominator(reference, answer, n_samples):
    found = judged(reference, answer, n_samples=n_samples)
    assert len(found.row_units) == 1
    assert all(np.isfinite(column).all() and (column >= 0).all() for column in found.columns.values())
    for name in ("ec57_lines", "ec57_average"):
        assert all(of > 0 or counted == 0 for counted, of in figures(found, name).values())


def test_fibrillation_excuses_the_reference_s_side_alone_unless_either_is_asked():
    late = beats(100, (200, "["), 300, 400, (600, "]"), 700)
    early = beats(100, 200, 300, (350, "["), (500, "]"), 600, 700)
    # of the reference's beats at 200, 300, 400 those inside the device's fibrillation are missed …
    assert table(beats(100, 250, 400, 550, 700), late) == {"Nn": 2, "No": 3}
    # … or not counted; extra beats inside the reference's never are
    assert table(beats(100, 250, 400, 550, 700), late, excusing="either") == {"Nn": 2}
    for excusing in ("reference", "either"):
        assert table(late, early, excusing=excusing) == {"Nn": 2}
    assert table(beats(100, 400, 700), beats(700), excusing="either") == {"Nn": 1, "No": 2}


def test_paced_records_are_left_out_when_asked_and_stay_in_the_flow():
    units = [a_unit(name, None, cases=(a_case(name),)) for name in ("paced", "other")]
    said = by_case(*(Answer(case_id=u.unit_id, status="answered", beats=beats(100)) for u in units))
    lent = lending(units, beats(100))
    references = {"paced": beats((100, "/")), "other": beats(100)}
    lent = type(lent)(**{**lent.__dict__, "reference_beats": lambda case: references[case.case_id]})
    kept = TASK.judge(units, said, lent)
    apart = BeatByBeat(learning_seconds=0, exclude_paced=True).judge(units, said, lent)
    assert kept.row_strata["case_id"] == ("paced", "other")
    assert (apart.row_strata["case_id"], apart.units.statuses) == (("other",), ("answered", "answered"))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "ec57_beats"),
        ({"escape_beats": "N"}, "ec57_beats_escape_n"),
        ({"window_ms": 100.0}, "ec57_beats_nonstandard"),
        ({"fibrillation": "either"}, "ec57_beats_nonstandard"),
        ({"learning_seconds": 0.0, "escape_beats": "N"}, "ec57_beats_escape_n_nonstandard"),
    ],
)
def test_the_name_of_the_table_says_by_which_rules_it_was_made(options, name):
    task = BeatByBeat(**options)
    assert task.tables(judged(beats(), beats(), task=task))[0].name == name


def test_the_window_may_be_another():
    task = BeatByBeat(learning_seconds=0, window_ms=50)
    assert judged(beats(1000), beats(1018), task=task).columns["Nn"].tolist() == [1]
    assert judged(beats(1000), beats(1019), task=task).columns["No"].tolist() == [1]


@pytest.mark.parametrize(
    "options", [{"window_ms": 0}, {"learning_seconds": -1}, {"window_ms": math.nan}, {"learning_seconds": math.inf}]
)
def test_an_option_out_of_range_is_refused(options):
    with pytest.raises(ProtocolError, match="beat_option_out_of_range"):
        BeatByBeat(**options)


def test_beats_that_are_not_in_order_of_time_are_a_failure_of_the_device_and_an_error_of_the_set():
    found = judged(beats(100, 400), beats(400, 100))
    assert (found.units.statuses, found.units.reasons) == (("failed",), ("beats not in order of time",))
    assert found.columns["No"].tolist() == [2]
    with pytest.raises(ReferenceSetError, match="reference_beats_not_in_order"):
        judged(beats(400, 100), beats(100, 400))


@pytest.mark.parametrize(
    "said",
    [
        beats(100, 2**63 - 1),
        beats(100, 2**62, 2**62),
        beats(100, 2**63 - 1, sampling_hz=360.0 + 1e-9),
        beats(100, (100_055, "V")),
    ],
)
def test_beats_beyond_the_end_of_a_record_change_nothing(said):
    reference = beats(100, 400)
    found, without = judged(reference, said), judged(reference, beats(100))
    assert all(found.columns[name] == without.columns[name] for name in found.columns)


def test_beats_before_the_start_of_a_record_are_extra():
    assert judged(beats(100), beats(-(2**63), -5, 100)).columns["Nn"].tolist() == [1]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from("NVA")), max_size=8).map(sorted),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_a_lost_answer_never_raises_a_sensitivity(said, data):
    reference = beats(100, (400, "V"), 700, (1000, "A"), (1300, "V"), (1600, "F"))
    answers = [beats(*pairs) for pairs in said]
    lost = data.draw(st.integers(0, len(answers) - 1))
    before = judged(reference, *answers)
    after = judged(reference, *[None if n == lost else one for n, one in enumerate(answers)])
    for name in ("qrs_sensitivity", "veb_sensitivity", "sveb_sensitivity"):
        for table_name in ("ec57_lines", "ec57_average"):
            (first, of), (second, of_second) = (figures(each, table_name)[name] for each in (before, after))
            assert second / of_second <= first / of + 1e-12


def test_the_style_of_the_programs_differs_where_they_do():
    shut = beats(100, (200, "~"), (700, "~"), 800, (900, "A"), subtypes=(0, 0x30, 0, 0, 0))
    found = judged(beats(100, 300, (400, "A"), 800, (900, "F")), shut)
    ours = figures(found, case_id="r0-case")
    printed = figures(found, case_id="r0-case", task=BeatByBeat(learning_seconds=0, scoring="bxb"))
    assert (ours["beats_missed_in_shutdown"], printed["beats_missed_in_shutdown"]) == ((2, 5), (1, 5))
    assert ours["shutdown_seconds"] == (500 / 360, 1)
    assert printed["shutdown_seconds"] == (1, 1)
    assert ours["sveb_positive_predictivity"] == printed["sveb_positive_predictivity"] == (0, 1)
    gross = figures(found, task=BeatByBeat(learning_seconds=0, scoring="bxb"))
    assert (figures(found)["sveb_positive_predictivity"], gross["sveb_positive_predictivity"]) == ((0, 1), (0, 0))
