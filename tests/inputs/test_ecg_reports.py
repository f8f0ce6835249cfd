"""Reports and headers of ECG files: signatures without signers, ages without birthdays, dates and numbers as text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmn_bench.inputs.dicom_file import age_years
from dmn_bench.inputs.ecg_reports import is_statement, measurements_of, signed
from dmn_bench.inputs.stored_ecg import dicom_age, dicom_date, dicom_sex, dicom_time, facts, number, whole


@pytest.mark.parametrize(
    "line",
    [
        "Confirmed by: Masoudi, Jane, MD 24-Dec-2008",
        "Reconfirmed by DOE (77) on 3/2/1989",
        "Electronically signed by DOE",
        "Overread by DOE",
        "Over-read by DOE",
        "ECG reviewed by DOE",
        "Confirmé par le Dr NOMTEST",
        "Tracé validé par NOMTEST",
        "Signé électroniquement par NOMTEST",
        "Interprété par NOMTEST",
    ],
)
def test_a_line_of_a_signature_is_known_and_is_no_statement(line):
    assert signed(line) is True
    assert not is_statement(line)


@pytest.mark.parametrize(
    "line",
    [
        "Unconfirmed",
        "UNCONFIRMED REPORT",
        "Unconfirmed diagnosis",
        "Diagnostic non confirmé.",
        "- Tracé non confirmé -",
    ],
)
def test_a_line_that_nobody_signed_is_known_and_is_no_statement(line):
    assert signed(line) is False
    assert not is_statement(line)


@pytest.mark.parametrize(
    "line", ["Referred by: DOE", "Adressé par NOMTEST", "Technician: DOE", "Nom : NOMTEST", "", " "]
)
def test_a_line_with_a_name_behind_it_is_no_statement(line):
    assert signed(line) is None
    assert not is_statement(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sinus rhythm",
        "Inferior infarct, not confirmed by this ECG",
        "Bloc de branche gauche non confirmé sur ce tracé",
        "Edited QT interval",
        "Nonspecific ST abnormality",
        "Pacemaker spikes: none",
        "*** Poor data quality, interpretation may be affected",
        "Prolonged QT",
    ],
)
def test_a_line_about_the_heart_is_a_statement(line):
    assert signed(line) is None
    assert is_statement(line)


def test_measurements_come_in_one_order_with_their_units_and_what_cannot_be_is_left_out():
    found = measurements_of(
        {"t_axis": -400, "qrs_axis": -90, "qt_interval": 0, "heart_rate": 60, "pr_interval": None, "qtc_interval": 9e9}
    )
    assert [(name, one.value, one.unit) for name, one in found.items()] == [
        ("heart_rate", 60, "/min"),
        ("qrs_axis", -90, "deg"),
    ]


@given(st.text(max_size=20), st.sampled_from(["ymd", "mdy", "dmy"]))
def test_any_text_is_a_date_a_time_a_number_or_nothing(text, order):
    assert re.fullmatch(r"|\d{8}", dicom_date(text, order), re.ASCII)
    assert re.fullmatch(r"|\d{4}|\d{6}", dicom_time(text), re.ASCII)
    assert re.fullmatch(r"|\d{3}[YMWD]", dicom_age(text, "years"), re.ASCII)
    assert dicom_sex(text) in ("", "F", "M")
    value = number(text)
    assert value is None or whole(text) in (None, value)


def test_an_age_is_stated_or_follows_from_the_dates_and_the_birthday_is_not_given():
    assert facts({"StudyDate": "19890302"}, born="19310507") == {
        "Modality": "ECG",
        "StudyDate": "19890302",
        "PatientAge": "057Y",
    }
    assert facts({"StudyDate": "19890302", "PatientAge": "006M"}, born="19310507")["PatientAge"] == "006M"
    assert "PatientAge" not in facts({"StudyDate": ""}, born="19310507")
    assert "PatientAge" not in facts({"StudyDate": "19890302"}, born="19990101")
    child = facts({"StudyDate": "19890302"}, born="19881202")  # 90 days: in years that would be none
    assert age_years(child) == pytest.approx(90 / 365.2425, abs=0.001)
