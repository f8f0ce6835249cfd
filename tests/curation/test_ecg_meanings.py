"""What one import lists as not mapped, the next one takes as it stands there."""

import csv
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.curation.ecg_beside import CONFIDENTIAL, UNMAPPED
from dmn_bench.curation.ecg_meanings import read_meanings, spellings
from dmn_bench.curation.ecg_walk import cell
from dmn_bench.reference_set import read_card

from .ecg_kit import NEGATIVE, a_card, a_muse_file, imported, rows, truth


@pytest.mark.parametrize(
    "text",
    [
        "--- Interprétation sans connaître le sexe/l'âge du patient ---",
        "=zigzag, of the third kind",
        "+++ zigzag",
        "- zigzag \\x2d gauche",
        "@zigzag\xadwith a hyphen that is not seen",
    ],
)
def test_a_text_is_copied_from_the_list_of_those_that_nobody_has_mapped(tmp_path, text):
    a_muse_file(tmp_path / "muse" / "a.xml", "Atrial fibrillation", text)
    first = a_card(tmp_path / "first")
    assert imported(first, tmp_path / "muse").n_open == 1
    listed = [row for name in (UNMAPPED, CONFIDENTIAL) for row in beside(tmp_path / "first-import" / name)]
    (copied,) = [row["text"] for row in listed]
    with (tmp_path / "means.csv").open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([("text", "finding"), (copied, "MI")])
    second = a_card(tmp_path / "second")
    meanings = read_meanings(tmp_path / "means.csv", read_card(second))
    assert imported(second, tmp_path / "muse", dataclasses.replace(NEGATIVE, meanings=meanings)).n_open == 0
    assert truth(second)["c000001", "MI"][0] == "positive"


def beside(path):
    return rows(path) if path.exists() else []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_of_every_cell_the_text_is_among_what_it_may_have_been(text):
    stated = " ".join(text.split())  # as the list of unmapped texts has them
    if stated and "\\" not in stated:
        assert stated in spellings(cell(stated))


@pytest.mark.parametrize("text", ["plain", "=1", "\\x2", "\\Uffffffff", "a \\x41"])
def test_a_text_of_ones_own_means_itself_alone(text):
    assert spellings(text) == (text,)
