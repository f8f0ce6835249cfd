"""Figures of a Holter report table: read strictly, in the unit of the card, for the recordings that it names."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.catalogue import build_catalogue
from dmn_bench.curation.check import check
from dmn_bench.curation.ecg_holter import number_in, read_holter, yes_or_no
from dmn_bench.curation.ecg_options import EcgOptions
from dmn_bench.errors import ReferenceSetError
from dmn_bench.reference_set import read_card
from tests.inputs.factories import a_record
from tests.set_factory import worded

from .ecg_kit import a_card, a_muse_file, imported, rows, truth, waves

FINDINGS = (
    "{name: af}",
    "{name: af_burden, unit: '%'}",
    "{name: longest_pause, unit: s}",
    "{name: runs, unit: '1'}",
    "{name: max_rate, unit: /min}",
)
COLUMNS = (
    "column,finding,unit",
    "Fichier,file,",
    "FA,af,yes_no",
    "Charge FA,af_burden,%",
    "Pause max,longest_pause,s",
    "Salves,runs,1",
    "FC max,max_rate,bpm",
)
HEADER = "Fichier;FA;Charge FA;Pause max;Salves;FC max"


def written(folder, name, *lines, encoding="utf-8"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


@pytest.fixture
def root(tmp_path):
    root = a_card(tmp_path / "set", *FINDINGS)
    for number in range(3):
        a_record(tmp_path / "holter", waves(number), name=f"H00{number}")
    imported(root, tmp_path / "holter")
    return root


def entered(root, tmp_path, *lines, columns=COLUMNS, encoding="utf-8"):
    table = written(tmp_path, "report.csv", HEADER, *lines, encoding=encoding)
    holter = read_holter(table, written(tmp_path, "columns.csv", *columns), read_card(root))
    return imported(root, None, EcgOptions(holter=holter))


def test_a_french_table_becomes_truth_in_the_units_of_the_card(root, tmp_path):
    found = entered(
        root,
        tmp_path,
        "H000.dat;Oui;12,5 %;2,4 s;3;148",
        "Export\\H001;non;0;1900 ms;-;150 bpm",
        "H002;Douteux;;0 h 0 min 3 s;0;1,5",
        encoding="cp1252",
    )
    assert (found.problems, found.n_holter) == ((), 3)
    values = {key: value for key, (value, _) in truth(root).items()}
    assert [values[f"c00000{n}", "af"] for n in (1, 2, 3)] == ["positive", "negative", "indeterminate"]
    assert [values[f"c00000{n}", "af_burden"] for n in (1, 2, 3)] == ["12.5", "0", "unverified"]
    assert [values[f"c00000{n}", "longest_pause"] for n in (1, 2, 3)] == ["2.4", "1.9", "3"]
    assert [values[f"c00000{n}", "runs"] for n in (1, 2, 3)] == ["3", "unverified", "0"]
    assert truth(root)["c000002", "runs"][1] == "not stated in the Holter report table"
    assert check(root, build_catalogue().make_all("reader")).errors == ()


def test_cells_that_say_something_else_are_listed_and_not_entered(root, tmp_path):
    found = entered(root, tmp_path, "H000;peut-être;1,234;2 mV;many;148")
    assert worded(found.problems) == [
        ("report.csv:2", "ecg_import.holter_not_yes_no"),
        ("report.csv:2", "ecg_import.holter_ambiguous"),
        ("report.csv:2", "ecg_import.holter_not_a_number"),
        ("report.csv:2", "ecg_import.holter_not_a_number"),
    ]
    assert {finding for _, finding in truth(root)} == {"max_rate"}


def test_what_cannot_be_is_listed_and_not_entered(root, tmp_path):
    found = entered(root, tmp_path, "H000;oui;150 %;-5 s;-3;-1", "H001;oui;100 %;0;0;0")
    assert worded(found.problems) == [("report.csv:2", "ecg_import.holter_impossible")] * 4
    assert {finding for case, finding in truth(root) if case == "c000001"} == {"af"}
    assert truth(root)["c000002", "af_burden"][0] == "100"


def test_a_sign_before_three_digits_is_refused_until_the_mapping_says_what_it_is(root, tmp_path):
    found = entered(root, tmp_path, "H000;;;;1.234;", "H001;;;;12,345;", "H002;;;0,125;0.125;")
    assert worded(found.problems) == [(f"report.csv:{n}", "ecg_import.holter_ambiguous") for n in (2, 3)]
    assert {(case, finding): value for (case, finding), (value, _) in truth(root).items() if value != "unverified"} == {
        ("c000003", "longest_pause"): "0.125",
        ("c000003", "runs"): "0.125",
    }


@pytest.mark.parametrize(
    ("sign", "values"), [("comma", ["1234", "12.345", "1234567.5"]), ("point", ["1.234", "12345", None])]
)
def test_with_the_sign_said_the_other_one_parts_thousands(root, tmp_path, sign, values):
    lines = ("H000;;;;1.234;", "H001;;;;12,345;", "H002;;;;1.234.567,5;")
    found = entered(root, tmp_path, *lines, columns=(*COLUMNS, f"*,decimal,{sign}"))
    stated = truth(root)
    assert [stated.get((f"c00000{n}", "runs"), (None,))[0] for n in (1, 2, 3)] == values
    assert [key for _, key in worded(found.problems)] == ["ecg_import.holter_not_a_number"] * values.count(None)


def test_rows_of_no_recording_or_of_one_twice_are_listed(root, tmp_path):
    found = entered(root, tmp_path, "H000;oui;;;;", "H009;oui;;;;", "H000;non;;;;", ";oui;;;;")
    assert worded(found.problems) == [
        ("report.csv:4", "ecg_import.holter_twice"),
        ("report.csv:5", "ecg_import.holter_names_nothing"),
        ("report.csv:3", "ecg_import.holter_no_recording"),
    ]
    assert truth(root)["c000001", "af"][0] == "positive"


def test_what_truth_states_already_stays(root, tmp_path):
    entered(root, tmp_path, "H000;oui;;;;")
    found = entered(root, tmp_path, "H000;non;;;;")
    assert truth(root)["c000001", "af"][0] == "positive"
    assert [key for _, key in worded(found.notes)] == ["ecg_import.holter_stated"]
    assert len(rows(root / "truth.csv")) == 5


def test_a_name_that_two_recordings_have_is_nobodys(root, tmp_path):
    a_record(tmp_path / "holter" / "other", waves(9), name="H000")
    imported(root, tmp_path / "holter")
    found = entered(root, tmp_path, "H000;oui;;;;")
    assert [key for _, key in worded(found.problems)] == ["ecg_import.holter_several"]


def test_rows_may_name_patients_of_several_hospitals(tmp_path):
    root = a_card(tmp_path / "set", "{name: af}")
    a_muse_file(tmp_path / "in" / "north" / "a.xml", patient="1", seed=1)
    a_muse_file(tmp_path / "in" / "south" / "a.xml", patient="2", seed=2)
    imported(root, tmp_path / "in", EcgOptions(hospitals=True))
    table = written(tmp_path, "report.csv", "IPP,FA", "2,oui")
    columns = written(tmp_path, "columns.csv", "column,finding,unit", "IPP,patient,", "FA,af,yes_no")
    found = imported(root, None, EcgOptions(holter=read_holter(table, columns, read_card(root))))
    assert found.problems == ()
    assert truth(root) == {("c000002", "af"): ("positive", "Holter report table")}


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (("Nothing,af,yes_no", "Fichier,file,"), "ecg_import.holter_no_column"),
        (("FA,gallop,yes_no", "Fichier,file,"), "ecg_import.finding_unknown"),
        (("FA,af,%", "Fichier,file,"), "ecg_import.holter_no_unit"),
        (("Pause max,longest_pause,mV", "Fichier,file,"), "ecg_import.holter_other_unit"),
        (("FA,af,yes_no", "Salves,af,yes_no", "Fichier,file,"), "ecg_import.holter_finding_twice"),
        (("FA,af,yes_no",), "ecg_import.holter_one_key"),
        (("FA,file,", "Fichier,patient,"), "ecg_import.holter_one_key"),
        (("*,decimal,;", "Fichier,file,"), "ecg_import.holter_decimal"),
        (("*,decimal,comma", "*,decimal,point", "Fichier,file,"), "ecg_import.holter_decimal"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(root, tmp_path, lines, key):
    with pytest.raises(ReferenceSetError) as refused:
        entered(root, tmp_path, "H000;oui;;;;", columns=("column,finding,unit", *lines))
    assert [found for _, found in worded(refused.value.problems)] == [key]


@pytest.mark.parametrize(
    ("text", "unit", "wanted", "value"),
    [
        ("1 h 23 min", "s", "min", 83),
        ("1h23", "s", "min", 83),
        ("1 h 23 min 5 s", "s", "s", 4985),
        ("01:23:45", "s", "s", 5025),
        ("1 j 2 h", "s", "h", 26),
        ("2,4 s", "ms", "ms", 2400),
        ("350ms", "s", "s", 0.35),
        ("1\u202f234,5", "1", "1", None),
        ("12", "%", "1", 0.12),
        ("0,5", "1", "%", 50),
        ("+3", "1", "1", 3),
        ("72 bat/min", "/min", "/min", 72),
        ("72", "/min", "/h", 4320),
        ("1 min 2 h", "s", "s", None),
        ("1 h 1 h", "s", "s", None),
        ("12:30", "s", "s", None),
        ("1e3", "s", "s", None),
        ("٣", "s", "s", None),
        ("nan", "s", "s", None),
        ("", "s", "s", None),
        ("3 s about", "s", "s", None),
        ("1,234", "s", "s", None),
        ("1.234", "s", "s", None),
        ("1 min 1.234 s", "s", "s", None),
        ("0.234", "s", "s", 0.234),
        ("1.2345", "s", "s", 1.2345),
        ("12.345", "1", "1", None),
        ("1.2.3", "1", "1", None),
        ("1,", "1", "1", None),
        ("-0.5", "mV", "mV", -0.5),
        ("-30", "deg", "deg", -30),
        ("-5", "s", "s", None),
        ("-1", "/min", "/min", None),
        ("150%", "%", "1", None),
        ("1,5", "1", "%", None),
        ("1,5", "1", "1", 1.5),
        ("1 h 23 min", "mV", "mV", None),
    ],
)
def test_numbers_and_durations(text, unit, wanted, value):
    found = number_in(text, unit, wanted)
    assert found == value if value is None else math.isclose(found, value)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_every_way_to_write_a_duration_is_the_same(hours, minutes, seconds):
    total = 3600 * hours + 60 * minutes + seconds
    for text in (f"{hours} h {minutes} min {seconds} s", f"{hours:02}:{minutes:02}:{seconds:02}", f"{total}"):
        assert number_in(text, "s", "s") == total


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text):
    assert yes_or_no(text) in ("positive", "negative", "indeterminate", None)
    found = number_in(text, "s", "s")
    assert found is None or math.isfinite(found)
