"""Annotations written beside a copy: the library reads back what was marked, and no word that may be a name."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmn_bench.errors import InputFileError
from dmn_bench.inputs.annotation_copy import CODES, RHYTHMS, rhythm_note, write_annotations
from dmn_bench.inputs.wfdb_record import read_annotations
from dmn_bench.vocabulary import Beats
from tests.shared_data import shared_data

pytestmark = pytest.mark.filterwarnings("ignore:.*inplace:Warning")  # the library's own use of pandas

with warnings.catch_warnings():  # the library warns when it is imported
    warnings.simplefilter("ignore")
    import wfdb
    from wfdb.io.annotation import ann_label_table


def read_back(folder, beats, hz=360.0):
    path, n_left_out = write_annotations(beats, folder / "r.atr", sampling_hz=hz)
    return read_annotations(path.with_suffix(".hea"), "atr"), n_left_out


def test_codes_are_those_of_the_library():
    theirs = {row.symbol: row.label_store for row in ann_label_table.itertuples() if row.symbol.strip()}
    assert theirs == CODES


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3_000_000),
            st.sampled_from(sorted(CODES)),
            st.integers(-100, 100),
            st.sampled_from(["", "(AFIB", "(N", "any words"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_what_was_marked_comes_back(tmp_path_factory, marks):
    marks = sorted(marks, key=lambda mark: mark[0])
    beats = Beats(
        samples=np.array([mark[0] for mark in marks]),
        symbols=tuple(mark[1] for mark in marks),
        subtypes=tuple(mark[2] for mark in marks),
        notes=tuple(mark[3] for mark in marks),
    )
    path, n_left_out = write_annotations(beats, tmp_path_factory.mktemp("a") / "r.atr", sampling_hz=360)
    theirs = wfdb.rdann(str(path.with_suffix("")), "atr")
    assert theirs.sample.tolist() == beats.samples.tolist()
    assert tuple(theirs.symbol) == beats.symbols
    assert tuple(theirs.subtype) == beats.subtypes
    kept = [note.rstrip("\0") for note in theirs.aux_note]
    assert kept == ["" if note == "any words" else note for note in beats.notes]
    assert n_left_out == beats.notes.count("any words")


def test_no_annotation_at_all_is_a_file_that_says_so(tmp_path):
    path, _ = write_annotations(Beats(samples=np.array([], np.int64), symbols=()), tmp_path / "r.atr", sampling_hz=360)
    assert path.read_bytes() == b"\0\0"


def test_a_rate_of_their_own_is_kept(tmp_path):
    beats = Beats(samples=np.array([5, 700]), symbols=("N", "V"), sampling_hz=200.0)
    found, _ = read_back(tmp_path, beats)
    assert found.sampling_hz == 200
    assert [(s, c) for s, c in zip(found.samples.tolist(), found.symbols, strict=True) if c in "NV"] == [
        (5, "N"),
        (700, "V"),
    ]
    same, _ = read_back(tmp_path, Beats(samples=np.array([5]), symbols=("N",), sampling_hz=360.0))
    assert same.sampling_hz is None


def test_a_symbol_without_a_code_is_refused(tmp_path):
    with pytest.raises(InputFileError):
        write_annotations(Beats(samples=np.array([5]), symbols=("é",)), tmp_path / "r.atr", sampling_hz=360)
    assert not (tmp_path / "r.atr").exists()


@pytest.mark.parametrize("note", ["", "(DOE", "AFIB Dr X", "seen", "(ST Dr X)", "None", "(AFIB\nDoe", "ST Nomtest"])
def test_notes_of_any_other_kind_are_left_out(note):
    assert rhythm_note(note) == ""


def test_notes_of_rhythm_and_st_stay():
    for note in (*(f"({rhythm}" for rhythm in RHYTHMS), "(afib", "(ST0+", "AST1-150", "ST1-)", "TS"):
        assert rhythm_note(note) == note, note


@pytest.mark.parametrize("record", ["mitdb/207", "vfdb/418", "cpsc2021/data_84_1"])
def test_real_annotations_come_back(record, tmp_path):
    source = shared_data(f"ecg/{record}.hea")
    beats = read_annotations(source, "atr")
    found, n_left_out = read_back(tmp_path, beats)
    assert (found.samples.tolist(), found.symbols) == (beats.samples.tolist(), beats.symbols)
    assert (found.subtypes, found.notes, n_left_out) == (beats.subtypes, beats.notes, 0)
