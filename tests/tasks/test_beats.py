"""Beat by beat: the walk, the classes, and every record of the WFDB oracle cell for cell."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError
from dmn_bench.hookspecs import JudgingContext
from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.tasks.beat_figures import CELLS
from dmn_bench.tasks.beat_labels import aami_class, beat_labels
from dmn_bench.tasks.beat_matching import COLUMNS, ROWS, Period, match
from dmn_bench.tasks.beats import BeatByBeat
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, Beats

from ..shared_data import shared_data
from .factories import EVALUABLE, FINDING, ITD, a_case, a_unit, by_case, context, unanswered

HZ = 360
WINDOW = 54
TASK = BeatByBeat(learning_seconds=0)


def beats(*pairs, subtypes=(), sampling_hz=None):
    """Beats from (sample, symbol) pairs; a bare sample is a normal beat."""
    full = [(pair, "N") if isinstance(pair, int) else pair for pair in pairs]
    samples = np.array([sample for sample, _ in full], dtype=np.int64)
    return Beats(samples=samples, symbols=tuple(name for _, name in full), subtypes=subtypes, sampling_hz=sampling_hz)


def table(reference, test, *, start=0, end=100_000, excusing="reference"):
    """Counts by cell, the zeros left out."""
    sides = (beat_labels(side, WINDOW, "S") for side in (reference, test))
    counts = match(*sides, Period(start, end, WINDOW, HZ), excusing=excusing).counts()
    return {
        row + column: int(counts[i, j])
        for i, row in enumerate(ROWS)
        for j, column in enumerate(COLUMNS)
        if counts[i, j]
    }


def lending(units, reference, analysis=ITD, n_samples=100_000):
    return context(
        units, analysis, reference_beats=lambda _: reference, sampling_hz=lambda _: HZ, n_samples=lambda _: n_samples
    )


def a_record(unit_id="r1", *case_ids):
    names = case_ids or (f"{unit_id}-case",)
    return a_unit(unit_id, None, cases=tuple(a_case(name, f"patient of {unit_id}") for name in names))


class TestBeatsConform(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        return [a_record("r1", "a", "b"), *(a_record(f"r{n}") for n in range(2, 6))]

    def answer(self, case):
        return Answer(case_id=case.case_id, status="answered", beats=beats(100, (400, "V"), 900 + len(case.case_id)))

    def context(self, analysis):
        return lending(self.units(), beats(100, 400, (800, "V")), analysis)


@pytest.mark.parametrize(
    ("symbols", "name"), [("NLRB", "N"), ("JAaSjen", "S"), ("VrE", "V"), ("F", "F"), ("Q/f?", "Q"), ('+~|x![]"', None)]
)
def test_wfdb_symbols_have_their_aami_class(symbols, name):
    assert {aami_class(symbol, "S") for symbol in symbols} == {name}


def test_escape_beats_are_normal_where_the_protocol_says_so():
    assert {aami_class(symbol, "N") for symbol in "jen"} == {"N"}


@pytest.mark.parametrize(
    ("moved", "cells"),
    [(0, {"Nn": 1}), (54, {"Nn": 1}), (-54, {"Nn": 1}), (55, {"No": 1, "On": 1}), (-55, {"No": 1, "On": 1})],
)
def test_a_pair_is_at_most_the_window_apart_the_window_included(moved, cells):
    assert table(beats(1000), beats(1000 + moved)) == cells


def test_the_nearer_of_two_candidates_is_taken():
    assert table(beats(1000), beats(960, 1010)) == {"Nn": 1, "On": 1}
    assert table(beats((1000, "V"), 1040), beats(1010, 1045)) == {"Vn": 1, "Nn": 1}


def test_no_beats_at_all_are_all_missed_and_none_is_an_error():
    assert table(beats(1000, (2000, "V")), beats()) == {"No": 1, "Vo": 1}
    assert table(beats(), beats(1000)) == {"On": 1}
    assert table(beats(), beats()) == {}


def test_the_last_beat_of_the_learning_period_may_pair_with_the_first_one_after_it():
    assert table(beats(1010), beats(990), start=1000) == {"Nn": 1}
    assert table(beats(990, 1500), beats(1010, 1500), start=1000) == {"Nn": 1}


def test_extra_beats_in_a_reference_shutdown_are_apart_and_in_fibrillation_not_counted():
    shut = beats(100, (200, "~"), (600, "~"), 700, subtypes=(0, 0x30, 0, 0))
    assert table(shut, beats(100, 400, 700)) == {"Nn": 2, "Xn": 1}
    assert table(beats(100, (200, "["), (600, "]"), 700), beats(100, 400, 700)) == {"Nn": 2}


def test_beats_missed_in_a_shutdown_of_the_device_are_apart():
    shut = beats(100, (200, "~"), (600, "~"), 700, subtypes=(0, 0x30, 0, 0))
    assert table(beats(100, 400, 700), shut) == {"Nn": 2, "Nx": 1}


def test_a_single_shutdown_mark_stands_for_the_whole_gap_round_it():
    single = beats(100, (600, "~"), 1000, subtypes=(0, 0x30, 0))
    assert table(beats(100, 200, 900, 1000), single) == {"Nn": 2, "Nx": 2}


def test_a_record_without_an_answer_has_every_beat_missed_and_no_second_analysed():
    units = [a_record()]
    reference = beats(100, (400, "V"), (500, "["), 600, (900, "]"), (1000, "j"))
    found = TASK.judge(units, by_case(unanswered("r1-case")), lending(units, reference))
    cells = {cell: found.columns[cell][0] for cell in CELLS if found.columns[cell][0]}
    assert cells == {"No": 1, "Vo": 1, "So": 1}
    assert found.columns["seconds_not_analysed"][0] == found.columns["seconds"][0] > 0


def test_evaluable_records_are_those_answered():
    units = [a_record("r1", "a", "b")]
    answers = by_case(Answer(case_id="a", status="answered", beats=beats(100)), unanswered("b"))
    found = TASK.judge(units, answers, lending(units, beats(100), EVALUABLE))
    assert found.row_strata["case_id"] == ("a",)
    assert found.units.statuses == ("failed",)


def test_an_answer_without_beats_is_a_failure():
    units = [a_record()]
    found = TASK.judge(units, by_case(Answer(case_id="r1-case", status="answered")), lending(units, beats(100)))
    assert found.units.reasons == ("no beats",)


def test_answers_in_another_sampling_rate_are_brought_to_that_of_the_record():
    units = [a_record()]
    answer = Answer(case_id="r1-case", status="answered", beats=beats(250, 500, sampling_hz=250.0))
    found = TASK.judge(units, by_case(answer), lending(units, beats(360, 720)))
    assert found.columns["Nn"][0] == 2


@pytest.mark.parametrize(("sampling_hz", "apart", "pairs"), [(200, 30, 1), (200, 31, 0), (250, 37, 1), (250, 38, 0)])
def test_the_window_is_150_ms_cut_to_whole_samples(sampling_hz, apart, pairs):
    units = [a_record()]
    lent = replace(lending(units, beats(1000)), sampling_hz=lambda _: sampling_hz)
    answer = Answer(case_id="r1-case", status="answered", beats=beats(1000 + apart))
    assert TASK.judge(units, by_case(answer), lent).columns["Nn"][0] == pairs


def test_a_record_shorter_than_the_learning_period_counts_nothing():
    units = [a_record()]
    answer = Answer(case_id="r1-case", status="answered", beats=beats(100))
    found = BeatByBeat().judge(units, by_case(answer), lending(units, beats(100), n_samples=3600))
    assert sum(found.columns[cell][0] for cell in CELLS) == found.columns["seconds"][0] == 0


def test_reference_annotations_are_needed():
    with pytest.raises(ProtocolError, match="no_reference_beats"):
        TASK.judge([], {}, JudgingContext(analysis=ITD, patients={}))


def test_tables_give_the_gross_counts_and_then_each_record():
    units = [a_record("r1"), a_record("r2")]
    answers = by_case(
        Answer(case_id="r1-case", status="answered", beats=beats(100)),
        Answer(case_id="r2-case", status="answered", beats=beats(100, 400)),
    )
    found = TASK.tables(TASK.judge(units, answers, lending(units, beats(100, 400))))
    gross, *each = [one for one in found if one.name == "ec57_beats_nonstandard"]
    assert (gross.case_id, [one.case_id for one in each]) == (None, ["r1-case", "r2-case"])
    assert gross.counts[0] == (3, 0, 0, 0, 0, 1, 0)


def test_errors_name_the_records_with_the_most_wrong_beats_first():
    units = [a_record("r1"), a_record("r2"), a_record("r3")]
    answers = by_case(
        Answer(case_id="r1-case", status="answered", beats=beats(100)),
        Answer(case_id="r2-case", status="answered", beats=beats()),
        unanswered("r3-case", "failed"),
    )
    errors = TASK.errors(TASK.judge(units, answers, lending(units, beats(100, 400))))
    assert [(e.unit_id, e.kind, e.answer) for e in errors] == [
        ("r3", "unanswered", "failed"),
        ("r2", "beats_missed", "2"),
        ("r1", "beats_missed", "1"),
    ]


times = st.lists(st.integers(0, 3000), max_size=30, unique=True).map(sorted)


@given(times, times)
def test_every_beat_is_counted_once(reference, test):
    counts = table(beats(*reference), beats(*test), end=3000)
    paired = counts.get("Nn", 0)
    assert paired + counts.get("No", 0) == len(reference)
    assert paired + counts.get("On", 0) == len(test)


# ------------------------------------------------------------------------------------------------- real records

ANNOTATORS = ("atr", "gqr", "lda", "ldb", "prt", "edg")


def printed_table(path):
    """The beat table that bxb printed, [7, 7]."""
    rows = {}
    for line in path.read_text().splitlines():
        found = re.match(r" ([NSVFQOX]) \|(.*)", line)
        if found:
            counts = [int(count) for count in found[2].split()]
            rows[found[1]] = counts + [0] * (len(COLUMNS) - len(counts))
    return np.array([rows[row] for row in ROWS], dtype=float)


@pytest.mark.parametrize("annotator", ANNOTATORS)
def test_every_record_agrees_with_bxb_cell_for_cell(annotator):
    expected = sorted(shared_data(f"ecg/oracle/wfdb/{annotator}/bxb_S").glob("*.txt"))
    records = shared_data("ecg/mitdb")
    answers = records if annotator == "atr" else shared_data("ecg/oracle/wfdb/annotators")
    units = [a_unit(path.stem, None, cases=(a_case(path.stem),)) for path in expected]
    lent = context(
        units,
        reference_beats=lambda case: read_annotations(records / case.case_id, "atr"),
        sampling_hz=lambda _: 360.0,
        n_samples=lambda _: 650_000,
    )
    said = by_case(
        *(
            Answer(case_id=path.stem, status="answered", beats=read_annotations(answers / path.stem, annotator))
            for path in expected
        )
    )
    task = BeatByBeat(finding=FINDING)
    gross, *each = [one for one in task.tables(task.judge(units, said, lent)) if one.name == "ec57_beats"]
    wanted = [printed_table(path) for path in expected]
    differing = [
        path.stem
        for path, one, want in zip(expected, each, wanted, strict=True)
        if (np.array(one.counts) != want).any()
    ]
    assert (len(expected), differing) == (23, [])
    assert np.array_equal(np.array(gross.counts), np.sum(wanted, axis=0))
