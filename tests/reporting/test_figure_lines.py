"""Lines of figures: recordings first, gross and average last, a dash where there is no case."""

import pytest

from dmn_bench.record import TableRow
from dmn_bench.reporting.figure_lines import is_lines, lines_grids
from dmn_bench.reporting.phrases import Phrases
from dmn_bench.reporting.sections.protocol import ProtocolAsRun
from dmn_bench.tasks.beat_figures import FIGURES, RR, SHUTDOWN
from dmn_bench.wordings import words

from .records import A, a_record


def a_line(case_id=None, name="ec57_lines", **figures):
    return TableRow(
        candidate="device",
        endpoint="beats",
        name=name,
        case_id=case_id,
        rows=list(figures),
        columns=["numerator", "denominator"],
        counts=[list(pair) for pair in figures.values()],
    )


def test_recordings_come_first_then_gross_then_average():
    lines = [
        a_line(veb_sensitivity=[3, 8]),
        a_line(name="ec57_average", veb_sensitivity=[0.75, 1]),
        a_line("r1", veb_sensitivity=[3, 4]),
        a_line("r2", veb_sensitivity=[0, 0]),
    ]
    [grid] = lines_grids(lines, Phrases("en"))
    assert grid.header[0] == "Recording"
    assert grid.rows == (("r1", "75.00"), ("r2", "–"), ("Gross", "37.50"), ("Average", "75.00"))


def test_times_are_no_percentages_and_a_wide_line_is_cut():
    figures = {name: [1, 4] for name in FIGURES} | {RR: [173.164, 1], SHUTDOWN: [95.4, 1]}
    first, second = lines_grids([a_line("r1", **figures)], Phrases("fr"))
    assert first.rows[0][1] == "25,00"
    assert second.rows[0][-2:] == ("173,16", "95")
    assert first.header[0] == second.header[0] == "Enregistrement"
    assert len(first.header) + len(second.header) == len(figures) + 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_figure_has_its_words(language):
    known = words("report_ecg_lines", language)
    assert [name for name in (*FIGURES, RR, SHUTDOWN) if f"report_ecg_lines.{name}" not in known] == []


@pytest.mark.parametrize(
    ("figure", "en", "fr"),
    [
        ("qrs_sensitivity", "every beat weighs", "chaque battement pèse"),
        ("beats_missed_in_shutdown", "every beat weighs", "chaque battement pèse"),
        ("ve_couplet_sensitivity", "every run weighs", "chaque salve pèse"),
        ("sve_long_run_positive_predictivity", "every run weighs", "chaque salve pèse"),
        ("episode_sensitivity", "every episode weighs", "chaque épisode pèse"),
    ],
)
def test_the_caption_says_what_weighs_the_same(figure, en, fr):
    for language, text in (("en", en), ("fr", fr)):
        [grid] = lines_grids([a_line("r1", **{figure: [1, 2]})], Phrases(language))
        assert text in grid.caption
        assert " :" not in grid.caption  # with a space that does not break


def test_a_table_of_counts_is_no_line():
    assert is_lines(a_line("r1", veb_sensitivity=[1, 2]))
    assert not is_lines(
        TableRow(candidate="d", endpoint="e", name="t", rows=["N"], columns=["n", "o"], counts=[[1, 0]])
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "QRS sensitivity (beats after a pause)"), ("fr", "Sensibilité pour les QRS (battements après une pause)")],
)
def test_which_beats_a_figure_is_about_is_said_in_words(language, text):
    assert Phrases(language).metric("qrs_sensitivity", {"among": "after_pause"}) == text


def test_options_of_endpoints_are_printed_as_the_protocol_writes_them():
    record = a_record().model_dump()
    record["protocol"]["content"]["endpoints"].append(
        {"name": "holter", "task": "beats", "metrics": ["qrs_sensitivity"], "escape_beats": "N", "exclude_paced": True}
    )
    grids = [block for block in ProtocolAsRun().blocks(record, A, "en") if getattr(block, "rows", None)]
    [options] = [grid.rows for grid in grids if ("holter", "escape_beats", "N") in grid.rows]
    assert ("holter", "exclude_paced", "yes") in options
