"""Run by run: what a run is, what finds it, and every table of the WFDB oracle cell for cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.errors import ProtocolError, ReferenceSetError
from dmn_bench.hookspecs import JudgingContext
from dmn_bench.tasks.beat_matching import Period
from dmn_bench.tasks.run_matching import LONG, Run, run_counts, run_marks
from dmn_bench.tasks.runs import FIGURES, RunByRun
from dmn_bench.testing import TaskChecks
from dmn_bench.vocabulary import Answer, Beats

from .factories import EVALUABLE, ITD, a_case, a_unit, by_case, context, unanswered

HZ = 360
WHOLE = Period(0, 1_000_000, 54, HZ)
TASK = RunByRun(learning_seconds=0)


def beats(symbols, *, first=1000, apart=300, sampling_hz=None):
    """One annotation for each word: a symbol, a rhythm note "(AFIB", or "~" for a shutdown; evenly spaced."""
    words = symbols.split() if " " in symbols else list(symbols)
    return Beats(
        samples=np.arange(len(words), dtype=np.int64) * apart + first,
        symbols=tuple("+" if word.startswith("(") else word for word in words),
        notes=tuple(word if word.startswith("(") else "" for word in words),
        subtypes=tuple(0x30 if word == "~" else 0 for word in words),
        sampling_hz=sampling_hz,
    )


def runs(symbols, origin="ve", period=WHOLE):
    return [run.length for run in run_marks(beats(symbols), origin, period, "S").runs()]


def found(reference, test, origin="ve", period=WHOLE, scoring="rxr"):
    """Cells that are not 0 of both tables: {(reference length, test length): count}."""
    sides = [run_marks(side, origin, period, "S") for side in (reference, test)]
    return tuple(
        {(int(r), int(t)): int(table[r, t]) for r, t in zip(*np.nonzero(table), strict=True)}
        for table in run_counts(*sides, period.window, scoring)
    )


def a_record(unit_id="r1", *case_ids):
    names = case_ids or (f"{unit_id}-case",)
    return a_unit(unit_id, None, cases=tuple(a_case(name, f"patient of {unit_id}") for name in names))


def lending(units, reference, analysis=ITD, n_samples=100_000):
    return context(
        units, analysis, reference_beats=lambda _: reference, sampling_hz=lambda _: HZ, n_samples=lambda _: n_samples
    )


def answered(case_id, symbols, **how):
    return Answer(case_id=case_id, status="answered", beats=beats(symbols, **how))


class TestRunsConform(TaskChecks):
    def task(self):
        return TASK

    def units(self):
        return [a_record("r1", "a", "b"), *(a_record(f"r{n}") for n in range(2, 6))]

    def answer(self, case):
        return answered(case.case_id, "NVVN" + "NVVVN" * len(case.case_id))

    def context(self, analysis):
        return lending(self.units(), beats("NVVNNVVVNSSN"), analysis)


@pytest.mark.parametrize(
    ("symbols", "lengths"),
    [
        ("NVN", [1]),
        ("NVVN", [2]),
        ("NVFVNVV", [3, 2]),
        ("VVVVVVVVV", [LONG]),
        ("VQV", [1, 1]),
        ("VSV", [1, 1]),
        ("V~V", [1, 1]),
        ("V|V", [2]),
        ("rE", [2]),
        ("N[NNN]NV", [LONG, 1]),
        ("V[VV]VN", [1, LONG]),
        ("N (VFL N", [LONG]),
        ("N (VFL (VFIB N", [LONG]),
        ("", []),
    ],
)
def test_ventricular_runs_are_counted_up_to_long(symbols, lengths):
    assert runs(symbols) == lengths


@pytest.mark.parametrize(
    ("symbols", "lengths"),
    [
        ("NAAN", [2]),
        ("NjejN", [3]),
        ("SVS", [1, 1]),
        ("N (AFIB N N V N N V N N (N N", [LONG, 2, 2]),
        ("N (AFL V N V", [LONG, 1]),
        ("A (AFIB N", [1, LONG]),
        ("(AFIB V N (AFIB N V", [LONG, 2]),
        ("(AFIB V N ~ N V", [LONG, 1, 1]),
        ("A [ A A ] A", [1, 1]),
    ],
)
def test_supraventricular_runs_hold_the_normal_beats_of_atrial_fibrillation(symbols, lengths):
    assert runs(symbols, "sve") == lengths


def test_escape_beats_make_no_run_where_they_are_normal():
    marks = run_marks(beats("NjjN"), "sve", WHOLE, "N")
    assert marks.runs() == []


def test_a_run_that_began_before_the_test_period_is_cut_there():
    assert runs("VVVVV", period=Period(1600, 9000, 54, HZ)) == [3]
    assert runs("VVVVV", period=Period(1600, 1950, 54, HZ)) == [2]


def test_a_rhythm_under_way_when_the_test_period_begins_is_a_long_run():
    marks = run_marks(beats("(AFIB N N N V N V"), "sve", Period(1700, 9000, 54, HZ), "S")
    assert marks.runs() == [Run(1700, 1900, LONG), Run(2500, 2500, 1)]


@pytest.mark.parametrize(
    ("reference", "test", "tables"),
    [
        ("NVVN", "NVVN", ({(2, 2): 1}, {(2, 2): 1})),
        ("NVVN", "NVNN", ({(2, 1): 1}, {(1, 1): 1})),
        ("NVNN", "NVVN", ({(1, 1): 1}, {(1, 2): 1})),
        ("NVVVVN", "NVNVVN", ({(4, 2): 1}, {(1, 1): 1, (2, 2): 1})),
        ("NVVN", "NNNN", ({(2, 0): 1}, {})),
        ("NNNN", "NVVN", ({}, {(0, 2): 1})),
        ("", "", ({}, {})),
    ],
)
def test_the_longest_run_of_the_other_file_is_taken_as_far_as_it_lies_in_the_window(reference, test, tables):
    assert found(beats(reference), beats(test)) == tables


@pytest.mark.parametrize(("moved", "there"), [(54, 2), (-54, 2), (55, 1), (-55, 1)])
def test_a_window_reaches_150_ms_beyond_the_run_at_both_ends(moved, there):
    of_reference, _ = found(beats("NVVN"), beats("NVVN", first=1000 + moved))
    assert of_reference == {(2, there): 1}


def test_every_run_within_atrial_fibrillation_finds_a_long_one():
    af, sinus = beats("(AFIB N V N N V N"), beats("N A V A A V A")
    assert found(af, sinus, "sve")[1] == {(LONG, 1): 2, (LONG, 2): 1}
    lost = beats("(AFIB N ~ N N V N")
    assert found(lost, sinus, "sve")[1] == {(LONG, 1): 1, (2, 2): 1, (1, 1): 1}


def test_a_first_rhythm_that_ends_in_the_window_is_found_in_the_corrected_scoring_alone():
    file, period = beats("(AFIB N N N N (NOD j N N"), Period(1700, 9000, 54, HZ)
    assert found(file, file, "sve", period) == ({(LONG, 0): 1}, {(0, LONG): 1})
    assert found(file, file, "sve", period, "corrected") == ({(LONG, LONG): 1}, {(LONG, LONG): 1})


def test_figures_count_runs_of_the_kind_or_longer():
    units = [a_record()]
    reference, said = beats("NVVNVVVNVVVVVVN"), answered("r1-case", "NVVNVVNNVVVVVVN")
    columns = TASK.judge(units, by_case(said), lending(units, reference)).columns
    shown = {
        name: tuple(columns[f"{name}_{part}"][0] for part in ("numerator", "denominator"))
        for name in FIGURES
        if name.startswith("ve")
    }
    assert shown == {
        "ve_couplet_sensitivity": (1, 1),
        "ve_couplet_positive_predictivity": (2, 2),
        "ve_short_run_sensitivity": (0, 1),
        "ve_short_run_positive_predictivity": (0, 0),
        "ve_long_run_sensitivity": (1, 1),
        "ve_long_run_positive_predictivity": (1, 1),
    }


def test_a_record_without_an_answer_has_every_run_missed():
    units = [a_record()]
    judged = TASK.judge(units, by_case(unanswered("r1-case")), lending(units, beats("NVVNSSSN")))
    assert judged.columns["ve_reference_2_0"][0] == judged.columns["sve_reference_3_0"][0] == 1
    assert sum(column.sum() for name, column in judged.columns.items() if "_device_" in name) == 0
    assert TASK.judge(units, {}, lending(units, beats("NVV"), EVALUABLE)).row_units.size == 0


@pytest.mark.parametrize(
    ("said", "reason"),
    [(None, "no beats"), (Beats(samples=np.array([9, 3]), symbols=("N", "V")), "beats not in order of time")],
)
def test_an_answer_that_cannot_be_read_as_beats_has_failed(said, reason):
    units = [a_record()]
    judged = TASK.judge(
        units, by_case(Answer(case_id="r1-case", status="answered", beats=said)), lending(units, beats("NVV"))
    )
    assert (judged.units.statuses, judged.units.reasons) == (("failed",), (reason,))


def test_answers_in_another_sampling_rate_are_brought_to_that_of_the_record():
    units = [a_record()]
    said = answered("r1-case", "NVVN", first=500, apart=150, sampling_hz=HZ / 2)
    assert TASK.judge(units, by_case(said), lending(units, beats("NVVN"))).columns["ve_reference_2_2"][0] == 1


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ProtocolError, match="option_negative"):
        RunByRun(learning_seconds=-1)
    with pytest.raises(ProtocolError, match="no_reference_beats"):
        TASK.judge([a_record()], {}, JudgingContext(analysis=ITD, patients={"patient of r1": 0}))
    unsorted = Beats(samples=np.array([9, 3]), symbols=("N", "V"))
    with pytest.raises(ReferenceSetError, match="reference_beats_not_in_order"):
        TASK.judge([a_record()], {}, lending([a_record()], unsorted))


def test_tables_are_gross_and_lines_are_gross_average_and_by_record():
    units = [a_record("r1"), a_record("r2"), a_record("r3")]
    said = by_case(answered("r1-case", "NVVNVVN"), answered("r2-case", "NVVNNNN"), answered("r3-case", "NNNNNNN"))
    tables = TASK.tables(TASK.judge(units, said, lending(units, beats("NVVNVVN"))))
    assert [table.name for table in tables[:4]] == [
        "ec57_ve_runs_sensitivity",
        "ec57_ve_runs_positive_predictivity",
        "ec57_sve_runs_sensitivity",
        "ec57_sve_runs_positive_predictivity",
    ]
    assert tables[0].counts[2] == (3, 0, 3, 0, 0, 0, 0)
    lines = [
        (t.name, t.case_id, dict(zip(t.rows, t.counts, strict=True))["ve_couplet_sensitivity"]) for t in tables[4:]
    ]
    assert lines == [
        ("ec57_lines", None, (3, 6)),
        ("ec57_average", None, (1.5, 3)),
        ("ec57_lines", "r1-case", (2, 2)),
        ("ec57_lines", "r2-case", (1, 2)),
        ("ec57_lines", "r3-case", (0, 2)),
    ]


def test_errors_and_places_name_missed_and_false_runs():
    units = [a_record("r1"), a_record("r2"), a_record("r3")]
    said = by_case(answered("r1-case", "NVVNNNN"), answered("r2-case", "NNNNVVVVVN"), unanswered("r3-case"))
    lent = lending(units, beats("NVVNVVN"))
    errors = TASK.errors(TASK.judge(units, said, lent))
    assert [(e.unit_id, e.kind, e.reference, e.answer) for e in errors] == [
        ("r3", "unanswered", "annotated", "failed"),
        ("r1", "ve_runs_missed", "2", "1"),
        ("r2", "ve_runs_false", "1", "1"),
        ("r2", "ve_runs_missed", "2", "1"),
    ]
    places = {(place.case_id, place.kind): place.moments_s for place in TASK.places(units, said, lent)}
    assert places == {
        ("r1-case", "ve_runs_missed"): (2200 / HZ,),
        ("r2-case", "ve_runs_missed"): (1300 / HZ,),
        ("r2-case", "ve_runs_false"): (2200 / HZ,),
    }


symbols = st.lists(
    st.sampled_from(["N", "V", "F", "A", "Q", "j", "~", "[", "]", "(AFIB", "(N", "(VFL", "|"]), max_size=40
)


@given(symbols, symbols, st.sampled_from(["ve", "sve"]), st.sampled_from(["rxr", "corrected"]), st.integers(0, 12_000))
def test_every_run_is_counted_once_and_turning_the_files_round_turns_the_tables(one, other, origin, scoring, start):
    period = Period(start, 12_000, 54, HZ)
    first, second = (run_marks(beats(" ".join(["N", *words])), origin, period, "S") for words in (one, other))
    of_reference, of_test = run_counts(first, second, 54, scoring)
    assert (of_reference.sum(), of_test.sum()) == (len(first.runs()), len(second.runs()))
    turned = run_counts(second, first, 54, scoring)
    assert (turned[0] == of_test.T).all()
    assert (turned[1] == of_reference.T).all()


@given(symbols, st.sampled_from(["ve", "sve"]), st.integers(0, 12_000))
def test_in_the_corrected_scoring_a_file_finds_all_its_own_runs(words, origin, start):
    marks = run_marks(beats(" ".join(["N", *words])), origin, Period(start, 12_000, 54, HZ), "S")
    of_reference, _ = run_counts(marks, marks, 54, "corrected")
    assert np.tril(of_reference, -1).sum() == 0


def test_a_week_of_beats_is_matched_in_moments():
    rng = np.random.default_rng(5)
    n = 700_000
    names = rng.choice(np.array(["N", "V", "S"]), n, p=[0.9, 0.06, 0.04])
    week = Beats(samples=np.arange(n, dtype=np.int64) * 300, symbols=tuple(names.tolist()))
    period = Period(108_000, n * 300, 54, HZ)
    marks = run_marks(week, "ve", period, "S")
    of_reference, of_test = run_counts(marks, marks, 54, "rxr")
    assert of_reference.sum() == of_test.sum() == len(marks.runs()) > 30_000
    assert not of_reference[~np.eye(7, dtype=bool)].any()
