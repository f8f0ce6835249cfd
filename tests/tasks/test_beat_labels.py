"""What annotations mean: their classes in one pass, and the gaps a file states."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.tasks.beat_labels import CLASSES, NEVER, aami_class, beat_labels
from dmn_bench.vocabulary import Beats

LOST = 0x30
SYMBOLS = [*list("NLRBJAaSjenVrEFQ/f?+~|x![]\"*D=sTpt^'`u"), "", "NN", "\n", "Ā", "é", "¿"]


def a_file(*symbols, subtypes=(), step=100):
    return Beats(samples=np.arange(len(symbols), dtype=np.int64) * step, symbols=symbols, subtypes=subtypes)


def gaps(beats, window=54):
    return [tuple(gap) for gap in beat_labels(beats, window, "S").gaps]


@given(st.lists(st.sampled_from([s for s in SYMBOLS if s != "["]), max_size=40), st.sampled_from("SN"))
def test_the_class_of_every_symbol_is_that_of_the_symbol_alone(symbols, escape_beats):
    found = beat_labels(a_file(*symbols), 54, escape_beats)
    expected = [(100 * at, name) for at, s in enumerate(symbols) if (name := aami_class(s, escape_beats)) is not None]
    assert list(zip(found.times.tolist(), [CLASSES[k] for k in found.classes], strict=True)) == expected


def test_nothing_between_the_brackets_is_read_in_the_file_that_has_them():
    found = beat_labels(a_file("N", "[", "!", "V", "]", "N"), 54, "S")
    assert found.times.tolist() == [0, 500]
    assert [tuple(gap) for gap in found.gaps] == [("fibrillation", 100, 400, 1)]


def test_a_bracket_that_is_never_closed_lasts_to_the_end():
    found = beat_labels(a_file("N", "[", "N", "N"), 54, "S")
    assert found.times.tolist() == [0]
    assert [tuple(gap) for gap in found.gaps] == [("fibrillation", 100, NEVER, 1)]


@pytest.mark.parametrize(
    ("symbols", "subtypes", "expected"),
    [
        (("N", "~", "~", "N"), (0, LOST, 0, 0), [("shutdown", 100, 200, 1)]),
        (("N", "~", "~", "~", "N"), (0, LOST, LOST, 0, 0), [("shutdown", 100, 300, 1)]),
        (("N", "~", "~"), (0, LOST, LOST), [("shutdown", 100, NEVER, 1)]),
        (("N", "~", "N"), (0, LOST, 0), [("shutdown", 54, 146, 1)]),  # one mark for the whole stretch
        (("~", "N"), (LOST, 0), [("shutdown", 0, 46, 0)]),
        (("N", "]", "~", "N"), (0, 0, LOST, 0), [("shutdown", 54, 246, 1)]),  # a bracket that closes nothing
        (("N", "[", "]", "~", "N"), (0, 0, 0, LOST, 0), [("fibrillation", 100, 200, 1), ("shutdown", 254, 346, 1)]),
        (("N", "~", "N"), (0, 0x10, 0), []),  # one signal is still readable
        (("N", "~", "N"), (), []),
    ],
)
def test_a_shutdown_lasts_as_bxb_takes_it(symbols, subtypes, expected):
    assert gaps(a_file(*symbols, subtypes=subtypes)) == expected


def test_of_many_gaps_the_two_latest_are_remembered():
    marks = ("N", "[", "]") * 4 + ("N",)
    found = beat_labels(a_file(*marks), 54, "S")
    inside = np.array([gap.start + 50 for gap in found.gaps])
    read = np.full(len(inside), 5)
    assert found.in_gap("fibrillation", inside, read).tolist() == [False, False, True, True]
    assert found.in_gap("fibrillation", inside, np.full(4, 1)).tolist() == [False] * 4
    assert not found.in_gap("shutdown", inside, read).any()
